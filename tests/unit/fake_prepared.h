/* A stand-in for prepared material, so that requests can be tested with the texts of the signature
 * vectors. It defines every cp_prepared function, so the linker does not take the real ones from
 * the library; include it in one file of a test. */
#ifndef FAKE_PREPARED_H
#define FAKE_PREPARED_H

#include <string.h>

#include "certprep.h"

struct cp_prepared {
    const char *chain, *key, *covers, *leaf_sha256;
    size_t num_certs;
};

enum cp_status cp_prepare(struct cp_prepared **out, const struct cp_report *report,
                          struct cp_error *err) {
    (void)report;
    *out = NULL;
    return cp_fail(err, CP_ERR_UNSUPPORTED, "stand-in");
}

void cp_prepared_free(struct cp_prepared *prepared) {
    (void)prepared;
}

const char *cp_prepared_chain_pem(const struct cp_prepared *prepared, size_t *len) {
    *len = strlen(prepared->chain);
    return prepared->chain;
}

const char *cp_prepared_key_pem(const struct cp_prepared *prepared, size_t *len) {
    *len = strlen(prepared->key);
    return prepared->key;
}

size_t cp_prepared_num_certs(const struct cp_prepared *prepared) {
    return prepared->num_certs;
}

size_t cp_prepared_num_changes(const struct cp_prepared *prepared) {
    (void)prepared;
    return 0;
}

const char *cp_prepared_change(const struct cp_prepared *prepared, size_t index) {
    (void)prepared;
    (void)index;
    return NULL;
}

bool cp_prepared_covers(const struct cp_prepared *prepared, const struct cp_hostname *hostname) {
    return strcmp(prepared->covers, cp_hostname_ascii(hostname)) == 0;
}

const char *cp_prepared_leaf_sha256(const struct cp_prepared *prepared) {
    return prepared->leaf_sha256;
}

/* As in the vectors upload_query and upload_form; not a key. */
#define FAKE_CHAIN "-----BEGIN CERTIFICATE-----\nMIIBfake+cert/AA==\n-----END CERTIFICATE-----\n"
#define FAKE_KEY "-----BEGIN PRIVATE KEY-----\nMIIEfake+key/BB==\n-----END PRIVATE KEY-----\n"
#define FAKE_SHA256 "9f3c00000000000000000000000000000000000000000000000000000000ab71"

#endif
