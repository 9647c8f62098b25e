/* bundle: what a customer handed in: files, the certificates and keys in them, and what of them
 * could not be read. */
#ifndef CP_BUNDLE_H
#define CP_BUNDLE_H

#include "cert.h"
#include "container/format.h"
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
    enum cp_format format; /* by its content */
    struct cp_secret bytes;
    struct cp_span text;        /* the input, whatever its format */
    struct cp_secret repaired;  /* PEM text that was repaired; empty where it was canonical */
    struct cp_secret extracted; /* certificates out of a PKCS#12 */
};

/* Where a block stands. */
struct cp_place {
    size_t source; /* index of bundle->sources */
    size_t line;   /* of the BEGIN line, from 1; 0 in a binary file */
    size_t offset; /* of the first dash; in a binary file of the object, 0 if it was encrypted */
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
    struct cp_span der; /* of a certificate that can't be read: borrowed from the source */
    char *message;
    char *help; /* this case's own; NULL: the rule's */
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
    size_t num_decryptions;
    struct cp_secret passphrase;
    struct cp_secret spare;         /* wiped pages of a source that was cleared, for the next one */
    struct cp_key_cache *key_cache; /* made with the first key */
};

/* Which certificate is to be served, and with which key. */
struct cp_selection {
    size_t leaf;      /* index of bundle->certs; SIZE_MAX: there is none */
    size_t key;       /* index of bundle->keys; SIZE_MAX: there is none */
    size_t key_owner; /* certificate that the key belongs to; SIZE_MAX: none, or no key */
    bool key_matches; /* key_owner is the leaf, by the same public key */
    bool key_is_stale;
};

/* The leaf is found by the key among all certificates, or among those of --cert files where there
 * are any. With no key, or one that fits none of them, it is found by structure: not a CA, issuer
 * of no other, valid longest. A key that fits an older certificate with the leaf's names is stale:
 * the newer one is the leaf, if it is valid at at_s. */
void cp_bundle_select(const struct cp_bundle *bundle, int64_t at_s, struct cp_selection *out);

/* Empty pages of at least cap bytes: those that were kept, or new ones. */
CP_MUST_USE enum cp_status cp_bundle_pages(struct cp_bundle *bundle, struct cp_secret *out,
                                           size_t cap, struct cp_error *err);

/* What a defect may hide: then it is unread, not missing. */
enum { CP_UNREAD_CERT = 1 << 0, CP_UNREAD_KEY = 1 << 1 };
unsigned cp_bundle_unread(const struct cp_bundle *bundle);

/* Same set of SAN bytes: renewals of one certificate. */
bool cp_cert_same_names(const struct cp_cert *a, const struct cp_cert *b);

#endif
