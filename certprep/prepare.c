/* prepare: the second gate. Material leaves this library for a target only as a cp_prepared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "pem.h"

#define MAX_CHANGES 64
#define CHANGE_LEN 200

struct cp_prepared {
    struct cp_secret chain; /* public, but it shares the writer with the key */
    struct cp_secret key;
    size_t num_certs;
    char (*changes)[CHANGE_LEN];
    size_t num_changes;
    struct cp_hostname *hostnames; /* checked and covered; only their ascii form is kept */
    size_t num_hostnames;
    char leaf_sha256[65];
};

void cp_prepared_free(struct cp_prepared *prepared) {
    if (prepared == NULL)
        return;
    cp_secret_cleanup(&prepared->chain);
    cp_secret_cleanup(&prepared->key);
    free(prepared->changes);
    free(prepared->hostnames);
    free(prepared);
}

static void change(struct cp_prepared *prepared, const char *what, const char *which) {
    if (prepared->num_changes == MAX_CHANGES)
        return;
    snprintf(prepared->changes[prepared->num_changes++], CHANGE_LEN, "%s%s%s", what,
             which[0] != '\0' ? ": " : "", which);
}

/* The part of the path that is sent: all but the root, which clients have. */
static size_t served_len(const struct cp_path *path) {
    size_t num = path->num_certs;
    if (num > 1 && (path->anchored || cp_cert_is_self_issued(path->certs[num - 1])))
        num--;
    return num;
}

/* An anchor from the input that is not self-issued (a cross-signed one in the trust store) still
 * has to be left out: the client ends its path there. */
static enum cp_status write_chain(struct cp_prepared *prepared, const struct cp_report *report,
                                  struct cp_error *err) {
    const struct cp_path *path = &report->path.path;
    size_t len = 0, num = served_len(path);
    for (size_t i = 0; i < num; i++)
        len += cp_pem_encoded_len("CERTIFICATE", path->certs[i]->der.len);
    enum cp_status status = cp_secret_init(&prepared->chain, len, err);
    for (size_t i = 0; status == CP_OK && i < num; i++)
        status = cp_pem_append(&prepared->chain, "CERTIFICATE", path->certs[i]->der, err);
    prepared->num_certs = num;
    return status;
}

static enum cp_status write_key(struct cp_prepared *prepared, const struct cp_bundle_key *key,
                                struct cp_error *err) {
    struct cp_secret der = {0};
    enum cp_status status = cp_key_to_pkcs8(&der, &key->key, err);
    if (status == CP_OK)
        status = cp_secret_init(&prepared->key, cp_pem_encoded_len("PRIVATE KEY", der.len), err);
    if (status == CP_OK)
        status =
            cp_pem_append(&prepared->key, "PRIVATE KEY", (struct cp_span){der.data, der.len}, err);
    cp_secret_cleanup(&der);
    return status;
}

/* Position in the served part of the path; SIZE_MAX: not sent. */
static size_t served_index(const struct cp_path *path, const struct cp_cert *cert) {
    for (size_t i = 0; i < served_len(path); i++)
        if (cp_span_equal(path->certs[i]->der, cert->der))
            return i;
    return SIZE_MAX;
}

static void log_changes(struct cp_prepared *prepared, const struct cp_report *report,
                        const struct cp_bundle_key *key) {
    const struct cp_bundle *bundle = report->bundle;
    const struct cp_path *path = &report->path.path;
    char label[CP_CERT_LABEL];
    size_t next = 0;
    bool reordered = false;
    for (size_t i = 0; i < bundle->num_certs; i++) {
        const struct cp_cert *cert = &bundle->certs[i].cert;
        size_t at = served_index(path, cert);
        bool copy = false;
        for (size_t j = 0; j < i && !copy; j++)
            copy = cp_span_equal(bundle->certs[j].cert.der, cert->der);
        cp_report_cert_label(label, report, cert);
        if (copy)
            change(prepared, "duplicate dropped", label);
        else if (at == SIZE_MAX)
            change(prepared,
                   cp_report_is_on_path(report, cert) || cp_cert_is_self_issued(cert)
                       ? "root dropped"
                       : "certificate outside the chain dropped",
                   label);
        else
            reordered |= at != next++;
    }
    if (reordered)
        change(prepared, "certificates put in order: leaf first, each followed by its issuer", "");
    if (key->was_encrypted)
        change(prepared, "private key decrypted", "");
    if (key->key.format == CP_KEY_PKCS8)
        return;
    snprintf(label, sizeof(label), "private key converted from %s to PKCS#8",
             cp_key_format_name(key->key.format));
    change(prepared, label, "");
}

static enum cp_status take_hostnames(struct cp_prepared *prepared, const struct cp_report *report,
                                     struct cp_error *err) {
    prepared->hostnames = calloc(report->num_hosts + 1, sizeof(*prepared->hostnames));
    prepared->changes = calloc(MAX_CHANGES, sizeof(*prepared->changes));
    if (prepared->hostnames == NULL || prepared->changes == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "prepare: out of memory");
    for (size_t i = 0; i < report->num_hosts; i++) {
        if (!report->hosts[i].covered)
            continue;
        struct cp_hostname *hostname = &prepared->hostnames[prepared->num_hostnames++];
        memcpy(hostname->ascii, report->hosts[i].hostname.ascii, sizeof(hostname->ascii));
    }
    return CP_OK;
}

enum cp_status cp_prepare(struct cp_prepared **out, const struct cp_report *report,
                          struct cp_error *err) {
    const struct cp_selection *selection = &report->selection;
    if (cp_report_verdict(report) == CP_BLOCKED)
        return cp_fail(err, CP_ERR_BLOCKED, "prepare: the verdict is BLOCKED (%zu errors)",
                       report->counts[CP_ERROR]);
    if (report->leaf == NULL || selection->key == SIZE_MAX || !selection->key_matches)
        return cp_fail(err, CP_ERR_BLOCKED,
                       "prepare: a certificate and its private key are both needed");
    const struct cp_bundle_key *key = &report->bundle->keys[selection->key];
    struct cp_prepared *prepared = calloc(1, sizeof(*prepared));
    if (prepared == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "prepare: out of memory");
    enum cp_status status = take_hostnames(prepared, report, err);
    if (status == CP_OK)
        status = cp_sha256_hex(prepared->leaf_sha256, report->leaf->der, err);
    if (status == CP_OK)
        status = write_chain(prepared, report, err);
    if (status == CP_OK)
        status = write_key(prepared, key, err);
    if (status != CP_OK) {
        cp_prepared_free(prepared);
        return status;
    }
    log_changes(prepared, report, key);
    *out = prepared;
    return CP_OK;
}

const char *cp_prepared_chain_pem(const struct cp_prepared *prepared, size_t *len) {
    *len = prepared->chain.len;
    return (const char *)prepared->chain.data; /* its pages end in zeros: NUL-terminated */
}

const char *cp_prepared_key_pem(const struct cp_prepared *prepared, size_t *len) {
    *len = prepared->key.len;
    return (const char *)prepared->key.data;
}

size_t cp_prepared_num_certs(const struct cp_prepared *prepared) {
    return prepared->num_certs;
}

size_t cp_prepared_num_changes(const struct cp_prepared *prepared) {
    return prepared->num_changes;
}

const char *cp_prepared_change(const struct cp_prepared *prepared, size_t index) {
    return index < prepared->num_changes ? prepared->changes[index] : "";
}

bool cp_prepared_covers(const struct cp_prepared *prepared, const struct cp_hostname *hostname) {
    for (size_t i = 0; i < prepared->num_hostnames; i++)
        if (strcmp(prepared->hostnames[i].ascii, cp_hostname_ascii(hostname)) == 0)
            return true;
    return false;
}

const char *cp_prepared_leaf_sha256(const struct cp_prepared *prepared) {
    return prepared->leaf_sha256;
}
