#include "trust.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cp_limits.h"
#include "pem.h"

/* Counts the blocks first, so that one allocation of each kind is enough. */
static enum cp_status read_anchors(struct cp_trust *trust, struct cp_span text,
                                   struct cp_error *err) {
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    bool found = true;
    size_t num_blocks = 0, used = 0;
    cp_pem_reader_init(&reader, text);
    reader.line = 0;
    while (reader.offset < text.len) {
        enum cp_status status = cp_pem_next(&reader, &block, &found, NULL);
        num_blocks += status != CP_OK || found;
    }
    trust->der = malloc(cp_base64_max(text.len));
    trust->anchors = calloc(num_blocks + 1, sizeof(*trust->anchors));
    if (trust->der == NULL || trust->anchors == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "%s: out of memory", trust->label);
    cp_pem_reader_init(&reader, text);
    reader.line = 0;
    while (reader.offset < text.len) {
        size_t len = 0, bad;
        const char *reason;
        if (cp_pem_next(&reader, &block, &found, NULL) != CP_OK) {
            trust->num_unreadable++;
            continue;
        }
        if (!found || block.kind != CP_PEM_CERTIFICATE)
            continue;
        struct cp_cert *anchor = &trust->anchors[trust->num_anchors];
        if (cp_base64_decode(trust->der + used, &len, block.body, &bad, &reason) != CP_OK ||
            cp_cert_parse(anchor, (struct cp_span){trust->der + used, len}, NULL) != CP_OK) {
            trust->num_unreadable++;
            continue;
        }
        used += len;
        trust->num_anchors++;
    }
    if (trust->num_anchors == 0)
        return cp_fail(err, CP_ERR_INPUT, "%s: no certificate that can be a trust anchor",
                       trust->label);
    return CP_OK;
}

enum cp_status cp_trust_new(struct cp_trust **out, const uint8_t *pem, size_t pem_len,
                            const char *label, struct cp_error *err) {
    struct cp_trust *trust = NULL;
    enum cp_status status;
    if (pem_len > CP_MAX_TRUST_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "%s: larger than the maximum of %zu bytes", label,
                       CP_MAX_TRUST_LEN);
    trust = calloc(1, sizeof(*trust));
    if (trust != NULL)
        trust->label = cp_strdup_escaped(label);
    if (trust == NULL || trust->label == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "%s: out of memory", label);
        goto out;
    }
    status = read_anchors(trust, (struct cp_span){pem, pem_len}, err);
    if (status == CP_OK) {
        *out = trust;
        trust = NULL;
    }
out:
    cp_trust_free(trust);
    return status;
}

const char *cp_trust_system_file(void) {
    static const char *const places[] = {
        "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Arch, Gentoo */
        "/etc/pki/tls/certs/ca-bundle.crt",                  /* Fedora, RHEL */
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora, RHEL */
        "/etc/ssl/ca-bundle.pem",                            /* openSUSE */
        "/etc/ssl/cert.pem",                                 /* Alpine, BSD, macOS */
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (access(places[i], R_OK) == 0)
            return places[i];
    return NULL;
}

enum cp_status cp_trust_new_system_file(struct cp_trust **out, struct cp_error *err) {
    const char *path = cp_trust_system_file();
    struct cp_secret text = {0};
    if (path == NULL)
        return cp_fail(err, CP_ERR_IO,
                       "system store: no bundle of trust anchors found; install ca-certificates, "
                       "or name one with --trust FILE");
    enum cp_status status = cp_secret_read_file(&text, path, CP_MAX_TRUST_LEN, err);
    if (status == CP_OK)
        status = cp_trust_new(out, text.data, text.len, "system store", err);
    if (status == CP_OK)
        (*out)->is_system = true;
    cp_secret_cleanup(&text);
    return status;
}

size_t cp_trust_num_anchors(const struct cp_trust *trust) {
    return trust->num_anchors;
}

const char *cp_trust_label(const struct cp_trust *trust) {
    return trust->label;
}

void cp_trust_free(struct cp_trust *trust) {
    if (trust == NULL)
        return;
    free(trust->der);
    free(trust->anchors);
    free(trust->label);
    free(trust);
}

const struct cp_cert *cp_trust_next(const struct cp_trust *trust, size_t *index,
                                    struct cp_span name, uint64_t name_hash) {
    while (*index < trust->num_anchors) {
        const struct cp_cert *anchor = &trust->anchors[(*index)++];
        if (anchor->subject_hash == name_hash && cp_name_equal(anchor->subject, name))
            return anchor;
    }
    return NULL;
}

bool cp_trust_has(const struct cp_trust *trust, const struct cp_cert *cert) {
    for (size_t i = 0; i < trust->num_anchors; i++)
        if (trust->anchors[i].subject_hash == cert->subject_hash &&
            cp_span_equal(trust->anchors[i].der, cert->der))
            return true;
    return false;
}
