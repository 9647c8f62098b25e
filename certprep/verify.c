#include "verify.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "cp_limits.h"

#define CACHE_SLOTS 64
#define MAX_DIGEST 64

struct slot {
    uint8_t *spki; /* owned copy; NULL: free */
    size_t spki_len;
    EVP_PKEY *key; /* NULL in a used slot: a key that OpenSSL refuses */
    EVP_PKEY_CTX *ctx;
    const EVP_MD *digest; /* what ctx is set to */
};

#define MEMO_SLOTS 64
#define MEMO_MAX_LEN ((size_t)8192) /* of SPKI and certificate; longer ones are verified anew */

/* An issuer's SPKI and the certificate behind it, whose signature was good. */
struct memo {
    uint8_t *data; /* owned; NULL: free */
    size_t spki_len, len;
};

struct cp_verifier {
    /* Of CA certificates: from bundle to bundle the leaf is new and its issuers are the same. */
    struct memo memos[MEMO_SLOTS];
    EVP_MD *digests[CP_NUM_SIGNATURE_TYPES]; /* fetched on first use */
    EVP_MD_CTX *md_ctx;
    struct slot slots[CACHE_SLOTS];
};

enum cp_status cp_verifier_new(struct cp_verifier **out, struct cp_error *err) {
    struct cp_verifier *verifier = calloc(1, sizeof(*verifier));
    if (verifier != NULL)
        verifier->md_ctx = EVP_MD_CTX_new();
    if (verifier == NULL || verifier->md_ctx == NULL) {
        free(verifier);
        return cp_fail(err, CP_ERR_MEMORY, "verifier: out of memory");
    }
    *out = verifier;
    return CP_OK;
}

static void slot_clear(struct slot *slot) {
    EVP_PKEY_CTX_free(slot->ctx);
    EVP_PKEY_free(slot->key);
    free(slot->spki);
    *slot = (struct slot){0};
}

void cp_verifier_free(struct cp_verifier *verifier) {
    if (verifier == NULL)
        return;
    for (size_t i = 0; i < CP_NUM_SIGNATURE_TYPES; i++)
        EVP_MD_free(verifier->digests[i]);
    for (size_t i = 0; i < CACHE_SLOTS; i++)
        slot_clear(&verifier->slots[i]);
    for (size_t i = 0; i < MEMO_SLOTS; i++)
        free(verifier->memos[i].data);
    EVP_MD_CTX_free(verifier->md_ctx);
    free(verifier);
}

static EVP_PKEY *key_from_params(const char *algorithm, OSSL_PARAM_BLD *build) {
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
    EVP_PKEY *key = NULL;
    if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return key;
}

static EVP_PKEY *rsa_key(const struct cp_cert *cert) {
    EVP_PKEY *key = NULL;
    BIGNUM *n = NULL, *e = NULL;
    OSSL_PARAM_BLD *build = NULL;
    /* A huge modulus or exponent costs time; nobody signs with one, and clients refuse it. */
    if (cert->key_bits > CP_MAX_ISSUER_RSA_BITS || cert->rsa_e.len > 4)
        return NULL;
    n = BN_bin2bn(cert->rsa_n.data, (int)cert->rsa_n.len, NULL);
    e = BN_bin2bn(cert->rsa_e.data, (int)cert->rsa_e.len, NULL);
    build = OSSL_PARAM_BLD_new();
    if (n != NULL && e != NULL && build != NULL &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        key = key_from_params("RSA", build);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
    return key;
}

static EVP_PKEY *ec_key(const struct cp_cert *cert) {
    const char *group = cert->key_type == CP_KEY_EC_P256   ? "P-256"
                        : cert->key_type == CP_KEY_EC_P384 ? "P-384"
                                                           : "P-521";
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (build != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, cert->public_key.data,
                                         cert->public_key.len) == 1)
        key = key_from_params("EC", build);
    OSSL_PARAM_BLD_free(build);
    return key;
}

/* By our own facts, not by OpenSSL's SPKI decoder: 90 us less, and named curves only. */
static EVP_PKEY *key_of(const struct cp_cert *cert) {
    switch (cp_key_algorithm_get(cert->key_type)->kind) {
    case CP_KIND_RSA:
        return cert->key_type == CP_KEY_RSA ? rsa_key(cert) : NULL;
    case CP_KIND_EC:
        return ec_key(cert);
    case CP_KIND_EDWARDS:
        return EVP_PKEY_new_raw_public_key(cert->key_type == CP_KEY_ED25519 ? EVP_PKEY_ED25519
                                                                            : EVP_PKEY_ED448,
                                           NULL, cert->public_key.data, cert->public_key.len);
    case CP_KIND_OTHER:
        break;
    }
    return NULL;
}

/* A failure inside OpenSSL is no verdict on a key or a signature. Empties the error queue. */
static bool ran_out_of_memory(void) {
    unsigned long code;
    bool found = false;
    while ((code = ERR_get_error()) != 0)
        found |= ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
    return found;
}

#define HASH_START UINT64_C(0xcbf29ce484222325)

/* The end of a certificate is its signature; that of an SPKI is where keys differ. */
static uint64_t hash_end(uint64_t hash, struct cp_span der) {
    for (size_t i = der.len > 48 ? der.len - 48 : 0; i < der.len; i++)
        hash = (hash ^ der.data[i]) * 0x100000001b3;
    return hash;
}

static size_t slot_of(uint64_t hash, size_t num_slots) {
    return (size_t)((hash ^ hash >> 32) % num_slots);
}

static enum cp_status slot_for(struct cp_verifier *verifier, struct slot **out,
                               const struct cp_cert *issuer, struct cp_error *err) {
    struct cp_span spki = issuer->spki;
    struct slot *slot = &verifier->slots[slot_of(hash_end(HASH_START, spki), CACHE_SLOTS)];
    *out = slot;
    if (slot->spki != NULL && slot->spki_len == spki.len &&
        memcmp(slot->spki, spki.data, spki.len) == 0)
        return CP_OK;
    slot_clear(slot);
    slot->spki = malloc(spki.len + 1);
    if (slot->spki == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "verifier: out of memory");
    memcpy(slot->spki, spki.data, spki.len);
    slot->spki_len = spki.len;
    ERR_clear_error();
    slot->key = key_of(issuer);
    return CP_OK;
}

/* RSASSA-PSS-params, RFC 4055 3.1: hash, MGF1 with a hash, salt length. Only the SHA-2 hashes. */
static bool read_pss(struct cp_span algorithm, const char **hash, const char **mgf_hash,
                     uint32_t *salt_len) {
    static const struct {
        const char *name;
        struct cp_span oid;
    } hashes[] = {
        {"SHA256", {(const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x02\x01", 9}},
        {"SHA384", {(const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x02\x02", 9}},
        {"SHA512", {(const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x02\x03", 9}},
    };
    struct cp_der_reader outer, in, params, field, hash_in;
    struct cp_der oid;
    cp_der_reader_init(&outer, algorithm);
    *hash = *mgf_hash = NULL;
    if (cp_der_enter(&outer, &in, CP_DER_SEQUENCE, "", NULL) != CP_OK ||
        cp_der_any(&in, &oid, "", NULL) != CP_OK ||
        cp_der_enter(&in, &params, CP_DER_SEQUENCE, "", NULL) != CP_OK)
        return false;
    if (cp_der_enter(&params, &field, CP_DER_CONTEXT_CONSTRUCTED(0), "", NULL) != CP_OK ||
        cp_der_enter(&field, &hash_in, CP_DER_SEQUENCE, "", NULL) != CP_OK ||
        cp_der_expect(&hash_in, &oid, CP_DER_OID, "", NULL) != CP_OK)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (cp_span_equal(oid.content, hashes[i].oid))
            *hash = hashes[i].name;
    if (cp_der_enter(&params, &field, CP_DER_CONTEXT_CONSTRUCTED(1), "", NULL) != CP_OK ||
        cp_der_enter(&field, &in, CP_DER_SEQUENCE, "", NULL) != CP_OK ||
        cp_der_expect(&in, &oid, CP_DER_OID, "", NULL) != CP_OK || /* MGF1 */
        oid.content.len != 9 ||
        memcmp(oid.content.data, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08", 9) != 0 ||
        cp_der_enter(&in, &hash_in, CP_DER_SEQUENCE, "", NULL) != CP_OK ||
        cp_der_expect(&hash_in, &oid, CP_DER_OID, "", NULL) != CP_OK)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (cp_span_equal(oid.content, hashes[i].oid))
            *mgf_hash = hashes[i].name;
    if (cp_der_enter(&params, &field, CP_DER_CONTEXT_CONSTRUCTED(2), "", NULL) != CP_OK ||
        cp_der_small(&field, salt_len, MAX_DIGEST, "", NULL) != CP_OK)
        return false;
    return *hash != NULL && *mgf_hash != NULL && cp_der_at_end(&params);
}

/* Schemes whose parameters stand in the signature, or that take the message whole. */
static enum cp_signature_result verify_message(const struct slot *slot,
                                               const struct cp_cert *subject) {
    const char *hash = NULL, *mgf_hash = NULL;
    uint32_t salt_len = 0;
    EVP_PKEY_CTX *ctx = NULL; /* owned by md_ctx */
    enum cp_signature_result result = CP_SIGNATURE_UNSUPPORTED;
    bool pss = subject->signature_type == CP_SIGNATURE_RSA_PSS;
    if (pss && !read_pss(subject->signature_algorithm, &hash, &mgf_hash, &salt_len))
        return CP_SIGNATURE_UNSUPPORTED;
    /* A context of its own: OpenSSL 3.0 does not let one go back to plain digests. */
    EVP_MD_CTX *md_ctx = EVP_MD_CTX_new();
    if (md_ctx == NULL ||
        EVP_DigestVerifyInit_ex(md_ctx, &ctx, hash, NULL, NULL, slot->key, NULL) != 1)
        goto out;
    if (pss && (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) != 1 ||
                EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, mgf_hash, NULL) != 1 ||
                EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)salt_len) != 1))
        goto out;
    result = EVP_DigestVerify(md_ctx, subject->signature.data, subject->signature.len,
                              subject->tbs.data, subject->tbs.len) == 1
                 ? CP_SIGNATURE_GOOD
                 : CP_SIGNATURE_BAD;
out:
    EVP_MD_CTX_free(md_ctx);
    return result;
}

static EVP_MD *digest_of(struct cp_verifier *verifier, enum cp_signature_type type) {
    EVP_MD **digest = &verifier->digests[type];
    if (*digest == NULL)
        *digest = EVP_MD_fetch(NULL, cp_signature_algorithm_get(type)->digest, NULL);
    return *digest;
}

/* Digest first, then the kept context of this issuer's key. */
static enum cp_signature_result verify_digest(struct cp_verifier *verifier, struct slot *slot,
                                              const struct cp_cert *subject) {
    const struct cp_signature_algorithm *row = cp_signature_algorithm_get(subject->signature_type);
    EVP_MD *digest = digest_of(verifier, subject->signature_type);
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned hash_len = 0;
    if (digest == NULL)
        return CP_SIGNATURE_UNSUPPORTED;
    if (slot->ctx == NULL) {
        slot->ctx = EVP_PKEY_CTX_new_from_pkey(NULL, slot->key, NULL);
        slot->digest = NULL;
        if (slot->ctx == NULL || EVP_PKEY_verify_init(slot->ctx) != 1 ||
            (row->kind == CP_KIND_RSA &&
             EVP_PKEY_CTX_set_rsa_padding(slot->ctx, RSA_PKCS1_PADDING) != 1)) {
            EVP_PKEY_CTX_free(slot->ctx);
            slot->ctx = NULL;
            return CP_SIGNATURE_UNSUPPORTED;
        }
    }
    if (slot->digest != digest) {
        if (EVP_PKEY_CTX_set_signature_md(slot->ctx, digest) != 1)
            return CP_SIGNATURE_UNSUPPORTED;
        slot->digest = digest;
    }
    if (EVP_DigestInit_ex2(verifier->md_ctx, digest, NULL) != 1 ||
        EVP_DigestUpdate(verifier->md_ctx, subject->tbs.data, subject->tbs.len) != 1 ||
        EVP_DigestFinal_ex(verifier->md_ctx, hash, &hash_len) != 1)
        return CP_SIGNATURE_UNSUPPORTED;
    return EVP_PKEY_verify(slot->ctx, subject->signature.data, subject->signature.len, hash,
                           hash_len) == 1
               ? CP_SIGNATURE_GOOD
               : CP_SIGNATURE_BAD;
}

static bool is_memo_of(const struct memo *memo, struct cp_span spki, struct cp_span der) {
    return memo->data != NULL && memo->spki_len == spki.len && memo->len == spki.len + der.len &&
           memcmp(memo->data, spki.data, spki.len) == 0 &&
           memcmp(memo->data + spki.len, der.data, der.len) == 0;
}

static enum cp_status remember(struct memo *memo, struct cp_span spki, struct cp_span der,
                               struct cp_error *err) {
    size_t len = spki.len + der.len;
    if (len > MEMO_MAX_LEN)
        return CP_OK;
    free(memo->data);
    *memo = (struct memo){.data = malloc(len), .spki_len = spki.len, .len = len};
    if (memo->data == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "verifier: out of memory");
    memcpy(memo->data, spki.data, spki.len);
    memcpy(memo->data + spki.len, der.data, der.len);
    return CP_OK;
}

/* Without the memo. */
static enum cp_status verify(struct cp_verifier *verifier, enum cp_signature_result *result,
                             const struct cp_cert *subject, const struct cp_cert *issuer,
                             struct cp_error *err) {
    enum cp_key_kind kind = cp_signature_algorithm_get(subject->signature_type)->kind;
    struct slot *slot = NULL;
    enum cp_status status = slot_for(verifier, &slot, issuer, err);
    if (status != CP_OK)
        return status;
    if (slot->key == NULL)
        *result = CP_SIGNATURE_UNSUPPORTED;
    else if (kind == CP_KIND_EDWARDS || subject->signature_type == CP_SIGNATURE_RSA_PSS)
        *result = verify_message(slot, subject);
    else
        *result = verify_digest(verifier, slot, subject);
    if (*result != CP_SIGNATURE_GOOD && ran_out_of_memory()) {
        slot_clear(slot);
        return cp_fail(err, CP_ERR_MEMORY, "verifier: out of memory");
    }
    ERR_clear_error();
    return CP_OK;
}

enum cp_status cp_verifier_check(struct cp_verifier *verifier, enum cp_signature_result *result,
                                 const struct cp_cert *subject, const struct cp_cert *issuer,
                                 struct cp_error *err) {
    enum cp_key_kind kind = cp_signature_algorithm_get(subject->signature_type)->kind;
    if (kind == CP_KIND_OTHER) {
        *result = CP_SIGNATURE_UNSUPPORTED;
        return CP_OK;
    }
    if (kind != cp_key_algorithm_get(issuer->key_type)->kind) {
        *result = CP_SIGNATURE_BAD;
        return CP_OK;
    }
    if (!subject->is_ca)
        return verify(verifier, result, subject, issuer, err);
    uint64_t hash = hash_end(hash_end(HASH_START, issuer->spki), subject->der);
    struct memo *memo = &verifier->memos[slot_of(hash, MEMO_SLOTS)];
    if (is_memo_of(memo, issuer->spki, subject->der)) {
        *result = CP_SIGNATURE_GOOD;
        return CP_OK;
    }
    enum cp_status status = verify(verifier, result, subject, issuer, err);
    if (status == CP_OK && *result == CP_SIGNATURE_GOOD)
        status = remember(memo, issuer->spki, subject->der, err);
    return status;
}

enum cp_status cp_verifier_can_load(struct cp_verifier *verifier, bool *loads,
                                    const struct cp_cert *cert, struct cp_error *err) {
    struct slot *slot = NULL;
    enum cp_status status = slot_for(verifier, &slot, cert, err);
    if (status != CP_OK)
        return status;
    *loads = slot->key != NULL;
    if (!*loads && ran_out_of_memory()) {
        slot_clear(slot);
        return cp_fail(err, CP_ERR_MEMORY, "verifier: out of memory");
    }
    ERR_clear_error();
    return CP_OK;
}
