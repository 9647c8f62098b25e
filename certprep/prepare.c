/* prepare: the second gate. Material leaves this library for a target only as a cp_prepared. */
#include "prepare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "pem.h"

void cp_prepared_free(struct cp_prepared *prepared) {
    if (prepared == NULL)
        return;
    for (size_t i = 0; i < prepared->num_inputs; i++)
        free(prepared->inputs[i].name);
    cp_secret_cleanup(&prepared->chain);
    cp_secret_cleanup(&prepared->key_der);
    cp_secret_cleanup(&prepared->key);
    free(prepared->der);
    free(prepared->certs);
    free(prepared->changes);
    free(prepared->hostnames);
    free(prepared->inputs);
    free(prepared);
}

/* All but the root. An anchor that is not self-issued is served: clients have the root above it. */
size_t cp_num_served(const struct cp_report *report) {
    const struct cp_path *path = &report->path.path;
    size_t num = path->num_certs;
    if (report->target != NULL && report->target->keep_root)
        return num;
    if (num > 1 && cp_cert_is_self_issued(path->certs[num - 1]))
        num--;
    return num;
}

static enum cp_status take_certs(struct cp_prepared *prepared, const struct cp_report *report,
                                 struct cp_error *err) {
    const struct cp_path *path = &report->path.path;
    size_t num = cp_num_served(report), len = 0, pem_len = 0, used = 0;
    for (size_t i = 0; i < num; i++) {
        len += path->certs[i]->der.len;
        pem_len += cp_pem_encoded_len("CERTIFICATE", path->certs[i]->der.len);
    }
    prepared->der = malloc(len + 1);
    prepared->certs = calloc(num + 1, sizeof(*prepared->certs));
    if (prepared->der == NULL || prepared->certs == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "prepare: out of memory");
    enum cp_status status = cp_secret_init(&prepared->chain, pem_len, err);
    for (size_t i = 0; status == CP_OK && i < num; i++) {
        struct cp_span der = path->certs[i]->der;
        memcpy(prepared->der + used, der.data, der.len);
        prepared->certs[prepared->num_certs++] = (struct cp_span){prepared->der + used, der.len};
        used += der.len;
        status = cp_pem_append(&prepared->chain, "CERTIFICATE", der, err);
    }
    return status;
}

static enum cp_status take_key(struct cp_prepared *prepared, const struct cp_key *key,
                               struct cp_error *err) {
    bool pkcs8 = prepared->target->key_form == CP_FORM_PKCS8;
    const char *label = pkcs8 ? "PRIVATE KEY" : "RSA PRIVATE KEY";
    enum cp_status status;
    if (pkcs8) {
        status = cp_key_to_pkcs8(&prepared->key_der, key, err);
    } else if (key->type != CP_KEY_RSA) {
        status = cp_fail(err, CP_ERR_UNSUPPORTED, "private key: %s: can't be written as PKCS#1",
                         cp_key_algorithm_get(key->type)->text);
    } else { /* RSAPrivateKey, strictly read: inside PKCS#8, or all there is */
        status = cp_secret_init(&prepared->key_der, key->inner.len, err);
        if (status == CP_OK)
            status = cp_secret_append(&prepared->key_der, key->inner.data, key->inner.len, err);
    }
    if (status != CP_OK)
        return status;
    struct cp_span der = {prepared->key_der.data, prepared->key_der.len};
    status = cp_secret_init(&prepared->key, cp_pem_encoded_len(label, der.len), err);
    if (status == CP_OK)
        status = cp_pem_append(&prepared->key, label, der, err);
    return status;
}

/* What material was checked for, and what it was made from. */
static enum cp_status take_origin(struct cp_prepared *prepared, const struct cp_report *report,
                                  struct cp_error *err) {
    const struct cp_bundle *bundle = report->bundle;
    prepared->hostnames = calloc(report->num_hosts + 1, sizeof(*prepared->hostnames));
    prepared->changes = calloc(CP_MAX_CHANGES, sizeof(*prepared->changes));
    prepared->inputs = calloc(bundle->num_sources + 1, sizeof(*prepared->inputs));
    if (prepared->hostnames == NULL || prepared->changes == NULL || prepared->inputs == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "prepare: out of memory");
    for (size_t i = 0; i < report->num_hosts; i++) {
        if (!report->hosts[i].covered)
            continue;
        struct cp_hostname *hostname = &prepared->hostnames[prepared->num_hostnames++];
        memcpy(hostname->ascii, report->hosts[i].hostname.ascii, sizeof(hostname->ascii));
    }
    for (size_t i = 0; i < bundle->num_sources; i++) {
        const struct cp_source *source = &bundle->sources[i];
        struct cp_prepared_input *input = &prepared->inputs[prepared->num_inputs++];
        struct cp_buf name;
        cp_buf_init(&name, (size_t)64 * 1024);
        cp_buf_escaped(&name, cp_span_of(source->name));
        enum cp_status status = cp_buf_finish(&name, err);
        if (status == CP_OK)
            status = cp_sha256_hex(input->sha256, source->text, err);
        if (status != CP_OK) {
            cp_buf_cleanup(&name);
            return status;
        }
        input->name = name.data;
    }
    return cp_sha256_hex(prepared->leaf_sha256, report->leaf->der, err);
}

enum cp_status cp_prepare(struct cp_prepared **out, const struct cp_report *report,
                          struct cp_error *err) {
    const struct cp_selection *selection = &report->selection;
    if (report->policy != NULL) /* a waiver is no key to an upload */
        return cp_fail(err, CP_ERR_USAGE, "prepare: the report was judged by a policy");
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
    prepared->target = report->target != NULL ? report->target : cp_target_default();
    prepared->verdict = cp_report_verdict(report);
    enum cp_status status = take_origin(prepared, report, err);
    if (status == CP_OK)
        status = take_certs(prepared, report, err);
    if (status == CP_OK)
        status = take_key(prepared, &key->key, err);
    if (status != CP_OK) {
        cp_prepared_free(prepared);
        return status;
    }
    cp_prepare_log(prepared, report, key);
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

const char *cp_prepared_target(const struct cp_prepared *prepared) {
    return prepared->target->name;
}

enum cp_verdict cp_prepared_verdict(const struct cp_prepared *prepared) {
    return prepared->verdict;
}

size_t cp_prepared_num_hostnames(const struct cp_prepared *prepared) {
    return prepared->num_hostnames;
}

const char *cp_prepared_hostname(const struct cp_prepared *prepared, size_t index) {
    return index < prepared->num_hostnames ? prepared->hostnames[index].ascii : "";
}

size_t cp_prepared_num_inputs(const struct cp_prepared *prepared) {
    return prepared->num_inputs;
}

const char *cp_prepared_input_name(const struct cp_prepared *prepared, size_t index) {
    return index < prepared->num_inputs ? prepared->inputs[index].name : "";
}

const char *cp_prepared_input_sha256(const struct cp_prepared *prepared, size_t index) {
    return index < prepared->num_inputs ? prepared->inputs[index].sha256 : "";
}
