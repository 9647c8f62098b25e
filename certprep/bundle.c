#include "bundle.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "cp_limits.h"

enum cp_status cp_bundle_new(struct cp_bundle **out, struct cp_error *err) {
    *out = calloc(1, sizeof(**out));
    return *out != NULL ? CP_OK : cp_fail(err, CP_ERR_MEMORY, "bundle: out of memory");
}

/* Only the largest is kept, and no more than a usual bundle needs. */
#define MAX_SPARE ((size_t)128 * 1024)

static void keep_pages(struct cp_bundle *bundle, struct cp_secret *secret) {
    if (secret->cap <= bundle->spare.cap || secret->cap > MAX_SPARE) {
        cp_secret_cleanup(secret);
        return;
    }
    cp_secret_cleanup(&bundle->spare);
    OPENSSL_cleanse(secret->data, secret->cap);
    bundle->spare = *secret;
    bundle->spare.len = 0;
    *secret = (struct cp_secret){0};
}

enum cp_status cp_bundle_pages(struct cp_bundle *bundle, struct cp_secret *out, size_t cap,
                               struct cp_error *err) {
    if (bundle->spare.cap < cap)
        return cp_secret_init(out, cap, err);
    *out = bundle->spare;
    bundle->spare = (struct cp_secret){0};
    return CP_OK;
}

void cp_bundle_clear(struct cp_bundle *bundle) {
    for (size_t i = 0; i < bundle->num_keys; i++)
        cp_secret_cleanup(&bundle->keys[i].decrypted);
    for (size_t i = 0; i < bundle->num_defects; i++) {
        free(bundle->defects[i].message);
        free(bundle->defects[i].help);
    }
    for (size_t i = 0; i < bundle->num_sources; i++) {
        free(bundle->sources[i].name);
        keep_pages(bundle, &bundle->sources[i].bytes);
        cp_secret_cleanup(&bundle->sources[i].repaired);
        cp_secret_cleanup(&bundle->sources[i].extracted);
    }
    cp_secret_cleanup(&bundle->passphrase);
    if (bundle->keys != NULL) /* spans and public values only, but it costs nothing */
        OPENSSL_cleanse(bundle->keys, bundle->num_keys * sizeof(*bundle->keys));
    bundle->num_sources = bundle->num_certs = bundle->num_keys = bundle->num_defects = 0;
    bundle->num_blocks = bundle->num_decryptions = 0;
}

void cp_bundle_free(struct cp_bundle *bundle) {
    if (bundle == NULL)
        return;
    cp_bundle_clear(bundle);
    cp_secret_cleanup(&bundle->spare);
    cp_key_cache_free(bundle->key_cache);
    free(bundle->sources);
    free(bundle->certs);
    free(bundle->keys);
    free(bundle->defects);
    free(bundle);
}

size_t cp_bundle_num_certs(const struct cp_bundle *bundle) {
    return bundle->num_certs;
}

size_t cp_bundle_num_keys(const struct cp_bundle *bundle) {
    return bundle->num_keys;
}

enum cp_status cp_bundle_set_passphrase(struct cp_bundle *bundle, const uint8_t *pass,
                                        size_t pass_len, struct cp_error *err) {
    if (pass_len > CP_MAX_PASSPHRASE_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "pass phrase: over %d bytes", CP_MAX_PASSPHRASE_LEN);
    cp_secret_cleanup(&bundle->passphrase);
    enum cp_status status = cp_secret_init(&bundle->passphrase, pass_len, err);
    if (status == CP_OK)
        status = cp_secret_append(&bundle->passphrase, pass, pass_len, err);
    return status;
}

bool cp_cert_same_names(const struct cp_cert *a, const struct cp_cert *b) {
    return cp_span_equal(a->subject_alt_names, b->subject_alt_names) &&
           cp_name_equal(a->subject, b->subject);
}

/* Has it issued (by name) another certificate of the bundle? */
static bool is_issuer(const struct cp_bundle *bundle, size_t index) {
    const struct cp_cert *cert = &bundle->certs[index].cert;
    for (size_t i = 0; i < bundle->num_certs; i++) {
        const struct cp_cert *other = &bundle->certs[i].cert;
        if (i != index && other->issuer_hash == cert->subject_hash &&
            cp_name_equal(other->issuer, cert->subject) && !cp_span_equal(other->der, cert->der))
            return true;
    }
    return false;
}

/* Higher is likelier the leaf. */
static int leaf_rank(const struct cp_bundle *bundle, size_t index) {
    const struct cp_bundle_cert *cert = &bundle->certs[index];
    return (bundle->sources[cert->place.source].role == CP_ROLE_CERT) * 8 + !cert->cert.is_ca * 4 +
           !is_issuer(bundle, index) * 2 +
           (bundle->sources[cert->place.source].role != CP_ROLE_CHAIN);
}

unsigned cp_bundle_unread(const struct cp_bundle *bundle) {
    static const uint8_t hides[CP_NUM_CHECKS] = {
        [CP_CHECK_PEM_BROKEN] = CP_UNREAD_CERT | CP_UNREAD_KEY,
        [CP_CHECK_PEM_BASE64] = CP_UNREAD_CERT | CP_UNREAD_KEY,
        [CP_CHECK_AMBIGUOUS] = CP_UNREAD_CERT | CP_UNREAD_KEY,
        [CP_CHECK_CERT_MALFORMED] = CP_UNREAD_CERT,
        [CP_CHECK_KEY_MALFORMED] = CP_UNREAD_KEY,
        [CP_CHECK_KEY_ENCRYPTED] = CP_UNREAD_KEY,
        [CP_CHECK_KEY_UNSUPPORTED] = CP_UNREAD_KEY,
        [CP_CHECK_KEYSTORE_INPUT] = CP_UNREAD_CERT | CP_UNREAD_KEY,
        [CP_CHECK_ARCHIVE_INPUT] = CP_UNREAD_CERT | CP_UNREAD_KEY,
        [CP_CHECK_ZEROS_INPUT] = CP_UNREAD_CERT | CP_UNREAD_KEY,
        [CP_CHECK_CONTAINER_LOCKED] = CP_UNREAD_CERT | CP_UNREAD_KEY,
        [CP_CHECK_CONTAINER_UNREADABLE] = CP_UNREAD_CERT | CP_UNREAD_KEY,
    };
    unsigned unread = 0;
    for (size_t i = 0; i < bundle->num_defects; i++)
        unread |= hides[bundle->defects[i].check];
    return unread;
}

/* None if only CAs are left and a certificate was unreadable: to judge a CA as the leaf would bury
 * the real finding under consequences. */
static size_t leaf_by_structure(const struct cp_bundle *bundle) {
    size_t best = SIZE_MAX;
    int best_rank = -1;
    for (size_t i = 0; i < bundle->num_certs; i++) {
        int rank = leaf_rank(bundle, i);
        if (rank > best_rank || (rank == best_rank && bundle->certs[i].cert.not_after_s >
                                                          bundle->certs[best].cert.not_after_s)) {
            best = i;
            best_rank = rank;
        }
    }
    if (best != SIZE_MAX && bundle->certs[best].cert.is_ca &&
        (cp_bundle_unread(bundle) & CP_UNREAD_CERT) != 0)
        return SIZE_MAX;
    return best;
}

static bool is_given_as_cert(const struct cp_bundle *bundle, size_t index) {
    return bundle->sources[bundle->certs[index].place.source].role == CP_ROLE_CERT;
}

/* The certificate that key belongs to. Of several: one that was given as the certificate, then the
 * one that lasts longest. */
static size_t owner_of(const struct cp_bundle *bundle, const struct cp_key *key) {
    size_t owner = SIZE_MAX;
    for (size_t i = 0; i < bundle->num_certs; i++) {
        if (!cp_key_matches(key, &bundle->certs[i].cert))
            continue;
        bool given = is_given_as_cert(bundle, i);
        bool owner_given = owner != SIZE_MAX && is_given_as_cert(bundle, owner);
        if (owner == SIZE_MAX || (given && !owner_given) ||
            (given == owner_given &&
             bundle->certs[i].cert.not_after_s > bundle->certs[owner].cert.not_after_s))
            owner = i;
    }
    return owner;
}

/* A later certificate for the names of the one at index, with another key and in force; SIZE_MAX if
 * none. */
static size_t renewal_of(const struct cp_bundle *bundle, size_t index, int64_t at_s) {
    const struct cp_cert *old = &bundle->certs[index].cert;
    size_t best = SIZE_MAX;
    int64_t latest = old->not_before_s;
    for (size_t i = 0; i < bundle->num_certs; i++) {
        const struct cp_cert *cert = &bundle->certs[i].cert;
        if (cert->not_before_s > latest && cert->not_before_s <= at_s &&
            cert->not_after_s >= at_s && !cert->is_ca && cp_cert_same_names(cert, old) &&
            !cp_span_equal(cert->spki, old->spki)) {
            best = i;
            latest = cert->not_before_s;
        }
    }
    return best;
}

void cp_bundle_select(const struct cp_bundle *bundle, int64_t at_s, struct cp_selection *out) {
    bool cert_given = false;
    for (size_t i = 0; i < bundle->num_sources; i++)
        cert_given |= bundle->sources[i].role == CP_ROLE_CERT;
    *out = (struct cp_selection){.leaf = leaf_by_structure(bundle),
                                 .key = bundle->num_keys != 0 ? 0 : SIZE_MAX,
                                 .key_owner = SIZE_MAX};
    for (size_t i = 0; i < bundle->num_keys; i++) {
        size_t owner = owner_of(bundle, &bundle->keys[i].key);
        if (owner == SIZE_MAX)
            continue;
        size_t renewal = renewal_of(bundle, owner, at_s);
        /* Not what is to be served: an issuer, or a certificate that was not given as --cert. */
        bool is_other =
            (bundle->certs[owner].cert.is_ca && bundle->num_certs > 1 && owner != out->leaf) ||
            (cert_given && !is_given_as_cert(bundle, owner));
        /* A key of the newest leaf ends the search; any other owner is kept until one is found. */
        if (out->key_owner == SIZE_MAX || (!is_other && renewal == SIZE_MAX)) {
            out->key = i;
            out->key_owner = owner;
            out->key_is_stale = renewal != SIZE_MAX;
            if (renewal != SIZE_MAX)
                out->leaf = renewal;
            else if (!is_other)
                out->leaf = owner;
        }
        if (!is_other && renewal == SIZE_MAX)
            break;
    }
    out->key_matches =
        out->key_owner != SIZE_MAX && out->leaf != SIZE_MAX &&
        cp_span_equal(bundle->certs[out->leaf].cert.spki, bundle->certs[out->key_owner].cert.spki);
}
