/* Password-based encryption schemes (RFC 8018, RFC 7292 C): can this OpenSSL do it, at what cost?
 */
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "cp_limits.h"
#include "key_parts.h"

/* ---- names and availability of algorithms ---------------------------------------------------- */

int cp_key_oid_nid(const struct cp_der *oid) {
    const uint8_t *next = oid->whole.data;
    ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &next, (long)oid->whole.len);
    int nid = object == NULL ? NID_undef : OBJ_obj2nid(object);
    ASN1_OBJECT_free(object);
    return nid;
}

static enum cp_status unknown_oid(const char *what, const struct cp_der *oid,
                                  struct cp_error *err) {
    char dotted[CP_ALGORITHM_NAME_MAX];
    cp_oid_format(dotted, sizeof(dotted), oid->content);
    int nid = cp_key_oid_nid(oid);
    if (nid != NID_undef)
        return cp_fail(err, CP_ERR_UNSUPPORTED, "encrypted key: %s: %s is not supported", what,
                       OBJ_nid2ln(nid));
    return cp_fail(err, CP_ERR_UNSUPPORTED, "encrypted key: %s: %s is not supported", what, dotted);
}

/* AEAD modes have a tag, which RFC 8018 B.2 has no place for. */
static bool has_cipher(OSSL_LIB_CTX *library, const char *name) {
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(library, name, NULL);
    bool usable = cipher != NULL && (EVP_CIPHER_get_flags(cipher) & EVP_CIPH_FLAG_AEAD_CIPHER) == 0;
    EVP_CIPHER_free(cipher);
    return usable;
}

static bool has_digest(OSSL_LIB_CTX *library, const char *name) {
    EVP_MD *digest = EVP_MD_fetch(library, name, NULL);
    EVP_MD_free(digest);
    return digest != NULL;
}

enum cp_status cp_not_provided(const char *name, struct cp_error *err) {
    return cp_fail(err, CP_ERR_UNSUPPORTED,
                   "encrypted key: %s: this OpenSSL does not provide it (old algorithms are in its "
                   "legacy provider)",
                   name);
}

static enum cp_status need_cipher(OSSL_LIB_CTX *library, int nid, const char *scheme,
                                  struct cp_error *err) {
    if (nid != NID_undef && has_cipher(library, OBJ_nid2sn(nid)))
        return CP_OK;
    return cp_not_provided(scheme, err);
}

/* ---- cost of the key derivation, read before it is spent ------------------------------------- */

/* A positive INTEGER; more than 8 octets count as UINT64_MAX. */
static enum cp_status read_cost(struct cp_der_reader *in, uint64_t *value, const char *what,
                                struct cp_error *err) {
    struct cp_span magnitude;
    struct cp_der_reader at = *in;
    CP_TRY(cp_der_unsigned(in, &magnitude, what, err));
    *value = 0;
    for (size_t i = 0; i < magnitude.len; i++)
        *value = magnitude.len > 8 ? UINT64_MAX : *value << 8 | magnitude.data[i];
    if (*value != 0)
        return CP_OK;
    (void)cp_der_fail(&at, err, what, "want at least 1, got 0");
    return CP_ERR_PARSE;
}

enum cp_status cp_key_iterations(uint64_t *iterations, struct cp_der_reader *in,
                                 struct cp_error *err) {
    CP_TRY(read_cost(in, iterations, "iterationCount", err));
    if (*iterations > CP_MAX_KDF_ITERATIONS)
        return cp_fail(err, CP_ERR_LIMIT,
                       "key derivation: iterationCount: over the maximum of %d iterations",
                       CP_MAX_KDF_ITERATIONS);
    return CP_OK;
}

/* PBKDF2-params, RFC 8018 A.2. */
static enum cp_status check_pbkdf2(uint64_t *cost, struct cp_der_reader *in, OSSL_LIB_CTX *library,
                                   struct cp_error *err) {
    struct cp_der_reader params, prf;
    struct cp_der ignored, oid;
    uint32_t key_len;
    int digest = NID_undef;
    CP_TRY(cp_der_enter(in, &params, CP_DER_SEQUENCE, "PBKDF2-params", err));
    if (cp_der_peek(&params, CP_DER_SEQUENCE))
        return cp_fail(err, CP_ERR_UNSUPPORTED,
                       "encrypted key: PBKDF2 with another source of salt than an OCTET STRING");
    CP_TRY(cp_der_expect(&params, &ignored, CP_DER_OCTET_STRING, "salt", err));
    CP_TRY(cp_key_iterations(cost, &params, err));
    if (cp_der_peek(&params, CP_DER_INTEGER))
        CP_TRY(cp_der_small(&params, &key_len, EVP_MAX_KEY_LENGTH, "keyLength", err));
    if (!cp_der_at_end(&params)) {
        CP_TRY(cp_der_enter(&params, &prf, CP_DER_SEQUENCE, "prf", err));
        CP_TRY(cp_der_expect(&prf, &oid, CP_DER_OID, "prf.algorithm", err));
        if (EVP_PBE_find(EVP_PBE_TYPE_PRF, cp_key_oid_nid(&oid), NULL, &digest, NULL) != 1)
            return unknown_oid("prf", &oid, err);
        if (!has_digest(library, OBJ_nid2sn(digest)))
            return cp_not_provided(OBJ_nid2ln(cp_key_oid_nid(&oid)), err);
    }
    return cp_der_end(&params, "PBKDF2-params", err);
}

/* scrypt-params, RFC 7914 7. Memory is 128*N*r octets, work N*r*p blocks (RFC 7914 5 and 6). */
static enum cp_status check_scrypt(uint64_t *cost, struct cp_der_reader *in, struct cp_error *err) {
    struct cp_der_reader params;
    struct cp_der ignored;
    uint64_t n, r, p;
    uint32_t key_len;
    CP_TRY(cp_der_enter(in, &params, CP_DER_SEQUENCE, "scrypt-params", err));
    CP_TRY(cp_der_expect(&params, &ignored, CP_DER_OCTET_STRING, "salt", err));
    CP_TRY(read_cost(&params, &n, "costParameter", err));
    CP_TRY(read_cost(&params, &r, "blockSize", err));
    CP_TRY(read_cost(&params, &p, "parallelizationParameter", err));
    if (!cp_der_at_end(&params))
        CP_TRY(cp_der_small(&params, &key_len, EVP_MAX_KEY_LENGTH, "keyLength", err));
    CP_TRY(cp_der_end(&params, "scrypt-params", err));
    if (n > CP_MAX_KDF_MEMORY / 128 / r)
        return cp_fail(err, CP_ERR_LIMIT, "encrypted key: scrypt: over the maximum of %llu octets",
                       (unsigned long long)CP_MAX_KDF_MEMORY);
    if (p > (uint64_t)CP_MAX_KDF_ITERATIONS / (n * r))
        return cp_fail(err, CP_ERR_LIMIT, "encrypted key: scrypt: over the maximum of %d blocks",
                       CP_MAX_KDF_ITERATIONS);
    *cost = n * r * p;
    /* Without a password this only looks at the parameters; 0 is OpenSSL's own memory limit, which
     * decryption is under. */
    if (EVP_PBE_scrypt(NULL, 0, NULL, 0, n, r, p, 0, NULL, 0) != 1)
        return cp_fail(err, CP_ERR_LIMIT,
                       "encrypted key: scrypt: N, r, p are invalid or over OpenSSL's memory limit");
    return CP_OK;
}

/* PBES2-params, RFC 8018 A.4. */
static enum cp_status check_pbes2(uint64_t *cost, struct cp_der_reader *in, OSSL_LIB_CTX *library,
                                  struct cp_error *err) {
    struct cp_der_reader params, kdf, scheme;
    struct cp_der kdf_oid, scheme_oid;
    CP_TRY(cp_der_enter(in, &params, CP_DER_SEQUENCE, "PBES2-params", err));
    CP_TRY(cp_der_enter(&params, &kdf, CP_DER_SEQUENCE, "keyDerivationFunc", err));
    CP_TRY(cp_der_expect(&kdf, &kdf_oid, CP_DER_OID, "keyDerivationFunc.algorithm", err));
    switch (cp_key_oid_nid(&kdf_oid)) {
    case NID_id_pbkdf2:
        CP_TRY(check_pbkdf2(cost, &kdf, library, err));
        break;
    case NID_id_scrypt:
        CP_TRY(check_scrypt(cost, &kdf, err));
        break;
    default:
        return unknown_oid("keyDerivationFunc", &kdf_oid, err);
    }
    CP_TRY(cp_der_end(&kdf, "keyDerivationFunc", err));
    CP_TRY(cp_der_enter(&params, &scheme, CP_DER_SEQUENCE, "encryptionScheme", err));
    CP_TRY(cp_der_expect(&scheme, &scheme_oid, CP_DER_OID, "encryptionScheme.algorithm", err));
    CP_TRY(cp_der_end(&params, "PBES2-params", err));
    int nid = cp_key_oid_nid(&scheme_oid);
    if (nid == NID_undef)
        return unknown_oid("encryptionScheme", &scheme_oid, err);
    return need_cipher(library, nid, OBJ_nid2ln(nid), err);
}

/* PBES1 (RFC 8018 A.3) and PKCS#12 schemes (RFC 7292 C): salt and iterationCount. */
static enum cp_status check_in(struct cp_scheme *out, struct cp_der_reader *in,
                               OSSL_LIB_CTX *library, struct cp_error *err) {
    struct cp_der oid, ignored;
    struct cp_der_reader params;
    int cipher = -1, digest = -1;
    CP_TRY(cp_der_expect(in, &oid, CP_DER_OID, "encryptionAlgorithm.algorithm", err));
    int nid = cp_key_oid_nid(&oid);
    *out = (struct cp_scheme){.legacy = nid != NID_pbes2};
    if (nid == NID_pbes2)
        CP_TRY(check_pbes2(&out->cost, in, library, err));
    else if (EVP_PBE_find(EVP_PBE_TYPE_OUTER, nid, &cipher, &digest, NULL) != 1 || cipher <= 0)
        return unknown_oid("encryptionAlgorithm", &oid, err);
    else {
        CP_TRY(cp_der_enter(in, &params, CP_DER_SEQUENCE, "PBEParameter", err));
        CP_TRY(cp_der_expect(&params, &ignored, CP_DER_OCTET_STRING, "salt", err));
        CP_TRY(cp_key_iterations(&out->cost, &params, err));
        CP_TRY(cp_der_end(&params, "PBEParameter", err));
        CP_TRY(need_cipher(library, cipher, OBJ_nid2ln(nid), err));
        if (digest > 0 && !has_digest(library, OBJ_nid2sn(digest)))
            return cp_not_provided(OBJ_nid2ln(nid), err);
    }
    return cp_der_end(in, "encryptionAlgorithm", err);
}

enum cp_status cp_key_scheme_check(struct cp_scheme *out, struct cp_der_reader *in,
                                   struct cp_legacy *legacy, struct cp_error *err) {
    struct cp_der_reader again = *in;
    enum cp_status status = check_in(out, in, legacy->library, err);
    if (status != CP_ERR_UNSUPPORTED || legacy->library != NULL)
        return status;
    CP_TRY(cp_legacy_open(legacy, err));
    *in = again;
    return check_in(out, in, legacy->library, err);
}
