/* bundle: what a customer handed in: files, the certificates and keys in them, and what of them
 * could not be read. */
#ifndef CP_BUNDLE_H
#define CP_BUNDLE_H

#include "cert.h"
#include "key.h"

enum cp_check {
#define CHECK(name, id, group, severity, source, meaning, help) CP_CHECK_##name,
#include "checks.def"
#undef CHECK
    CP_NUM_CHECKS
};

/* One input. Text and decoded blocks may hold key bytes, so both live in one secret. */
struct cp_source {
    char *name;
    enum cp_role role;
    struct cp_secret bytes;
    struct cp_span text;
};

/* Where a block stands. */
struct cp_place {
    size_t source; /* index of bundle->sources */
    size_t line;   /* of the BEGIN line, from 1 */
    size_t offset; /* of the first dash */
};

struct cp_bundle_cert {
    struct cp_cert cert;
    struct cp_place place;
};

struct cp_bundle_key {
    struct cp_key key;
    struct cp_place place;
    bool was_encrypted;
    struct cp_secret decrypted; /* what key borrows from if it was encrypted */
};

/* Something in the text that became neither certificate nor key: a finding in waiting. */
struct cp_input_defect {
    enum cp_check check;
    struct cp_place place;
    size_t column;
    char *message;
};

struct cp_bundle {
    struct cp_source *sources;
    size_t num_sources;
    struct cp_bundle_cert *certs;
    size_t num_certs, cap_certs;
    struct cp_bundle_key *keys;
    size_t num_keys, cap_keys;
    struct cp_input_defect *defects;
    size_t num_defects, cap_defects;
    size_t num_blocks;
    struct cp_secret passphrase;
};

/* Which certificate is to be served, and with which key. */
struct cp_selection {
    size_t leaf;      /* index of bundle->certs; SIZE_MAX: there is none */
    size_t key;       /* index of bundle->keys; SIZE_MAX: there is none */
    size_t key_owner; /* certificate that the key belongs to; SIZE_MAX: none, or no key */
    bool key_matches; /* key_owner is the leaf, by the same public key */
    bool key_is_stale;
};

/* The leaf is found by the key among all certificates. With no key, or one that fits none, by
 * structure: of the --cert file if there is one, not a CA, issuer of no other, valid longest. A key
 * that fits an older certificate with the leaf's names is stale: the newer one is the leaf. */
void cp_bundle_select(const struct cp_bundle *bundle, struct cp_selection *out);

/* Same set of SAN bytes: renewals of one certificate. */
bool cp_cert_same_names(const struct cp_cert *a, const struct cp_cert *b);

#endif
