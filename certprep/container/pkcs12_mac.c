#include "pkcs12_mac.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <stdio.h>
#include <string.h>

#include "key_parts.h"

static enum cp_status unsupported(const struct cp_der *oid, struct cp_error *err) {
    char dotted[80];
    cp_oid_format(dotted, sizeof(dotted), oid->content);
    return cp_fail(err, CP_ERR_UNSUPPORTED, "PKCS#12: MAC: algorithm %s is not supported", dotted);
}

/* AlgorithmIdentifier of a digest, or of an HMAC where prf is set; NULL or nothing as parameters.
 */
static enum cp_status read_digest(char out[CP_MAX_MAC_NAME], struct cp_der_reader *algorithm,
                                  bool prf, struct cp_error *err) {
    struct cp_der oid, null;
    int nid, digest = NID_undef;
    CP_TRY(cp_der_expect(algorithm, &oid, CP_DER_OID, "MacData.mac.digestAlgorithm", err));
    nid = cp_key_oid_nid(&oid);
    if (prf && EVP_PBE_find(EVP_PBE_TYPE_PRF, nid, NULL, &digest, NULL) == 1)
        nid = digest;
    else if (prf)
        return unsupported(&oid, err);
    EVP_MD *md = nid == NID_undef ? NULL : EVP_MD_fetch(NULL, OBJ_nid2sn(nid), NULL);
    bool usable = md != NULL && EVP_MD_get_size(md) > 0 && EVP_MD_get_size(md) <= CP_MAX_MAC_LEN &&
                  (EVP_MD_get_flags(md) & EVP_MD_FLAG_XOF) == 0;
    EVP_MD_free(md);
    if (!usable)
        return unsupported(&oid, err);
    snprintf(out, CP_MAX_MAC_NAME, "%s", OBJ_nid2sn(nid));
    if (!cp_der_at_end(algorithm))
        CP_TRY(cp_der_expect(algorithm, &null, CP_DER_NULL, "MacData.mac.digestAlgorithm", err));
    return cp_der_end(algorithm, "MacData.mac.digestAlgorithm", err);
}

/* PBMAC1-params, RFC 8018 A.5 with RFC 9579 4: PBKDF2 with its key length, and an HMAC. */
static enum cp_status read_pbmac1(struct cp_pkcs12_mac *out, struct cp_der_reader *algorithm,
                                  struct cp_error *err) {
    struct cp_der_reader params, kdf, pbkdf2, prf, scheme;
    struct cp_der oid, salt;
    uint32_t key_len;
    CP_TRY(cp_der_enter(algorithm, &params, CP_DER_SEQUENCE, "PBMAC1-params", err));
    CP_TRY(cp_der_enter(&params, &kdf, CP_DER_SEQUENCE, "keyDerivationFunc", err));
    CP_TRY(cp_der_expect(&kdf, &oid, CP_DER_OID, "keyDerivationFunc.algorithm", err));
    if (cp_key_oid_nid(&oid) != NID_id_pbkdf2)
        return unsupported(&oid, err);
    CP_TRY(cp_der_enter(&kdf, &pbkdf2, CP_DER_SEQUENCE, "PBKDF2-params", err));
    CP_TRY(cp_der_expect(&pbkdf2, &salt, CP_DER_OCTET_STRING, "salt", err));
    CP_TRY(cp_key_iterations(&out->iterations, &pbkdf2, err));
    CP_TRY(cp_der_small(&pbkdf2, &key_len, CP_MAX_MAC_LEN, "keyLength", err));
    snprintf(out->prf, sizeof(out->prf), "SHA1"); /* RFC 8018 A.2: the default */
    if (!cp_der_at_end(&pbkdf2)) {
        CP_TRY(cp_der_enter(&pbkdf2, &prf, CP_DER_SEQUENCE, "prf", err));
        CP_TRY(read_digest(out->prf, &prf, true, err));
    }
    CP_TRY(cp_der_end(&pbkdf2, "PBKDF2-params", err));
    CP_TRY(cp_der_end(&kdf, "keyDerivationFunc", err));
    CP_TRY(cp_der_enter(&params, &scheme, CP_DER_SEQUENCE, "messageAuthScheme", err));
    CP_TRY(read_digest(out->digest, &scheme, true, err));
    CP_TRY(cp_der_end(&params, "PBMAC1-params", err));
    if (key_len < 20) /* RFC 9579 5 */
        return cp_fail(err, CP_ERR_PARSE, "RFC 9579 5: keyLength: want at least 20 octets, got %u",
                       (unsigned)key_len);
    out->salt = salt.content;
    out->key_len = key_len;
    return cp_der_end(algorithm, "MacData.mac.digestAlgorithm", err);
}

enum cp_status cp_pkcs12_mac_read(struct cp_pkcs12_mac *out, struct cp_der_reader *in,
                                  struct cp_error *err) {
    struct cp_der_reader data, info, algorithm;
    struct cp_der oid, digest, salt;
    uint64_t iterations = 1; /* DEFAULT 1 */
    *out = (struct cp_pkcs12_mac){.iterations = 0};
    CP_TRY(cp_der_enter(in, &data, CP_DER_SEQUENCE, "MacData", err));
    CP_TRY(cp_der_enter(&data, &info, CP_DER_SEQUENCE, "MacData.mac", err));
    CP_TRY(cp_der_enter(&info, &algorithm, CP_DER_SEQUENCE, "MacData.mac.digestAlgorithm", err));
    struct cp_der_reader peek = algorithm;
    CP_TRY(cp_der_expect(&peek, &oid, CP_DER_OID, "MacData.mac.digestAlgorithm", err));
    bool pbmac1 = cp_key_oid_nid(&oid) == NID_pbmac1;
    if (pbmac1)
        CP_TRY(read_pbmac1(out, &peek, err));
    else
        CP_TRY(read_digest(out->digest, &algorithm, false, err));
    CP_TRY(cp_der_expect(&info, &digest, CP_DER_OCTET_STRING, "MacData.mac.digest", err));
    CP_TRY(cp_der_end(&info, "MacData.mac", err));
    CP_TRY(cp_der_expect(&data, &salt, CP_DER_OCTET_STRING, "MacData.macSalt", err));
    if (!cp_der_at_end(&data))
        CP_TRY(cp_key_iterations(&iterations, &data, err));
    CP_TRY(cp_der_end(&data, "MacData", err));
    out->expected = digest.content;
    if (pbmac1) /* salt and count of MacData itself mean nothing then, RFC 9579 5 */
        return CP_OK;
    out->salt = salt.content;
    out->iterations = iterations;
    return CP_OK;
}

/* Writes *key_len octets. */
static bool derive(uint8_t key[CP_MAX_MAC_LEN], size_t *key_len, const struct cp_pkcs12_mac *mac,
                   const EVP_MD *digest, struct cp_span passphrase) {
    const char *pass = (const char *)passphrase.data;
    int pass_len = (int)passphrase.len, salt_len = (int)mac->salt.len;
    int iterations = (int)mac->iterations;
    unsigned char salt[1024]; /* the call wants it writable */
    if (mac->salt.len > sizeof(salt))
        return false;
    if (mac->salt.len != 0)
        memcpy(salt, mac->salt.data, mac->salt.len);
    if (mac->prf[0] == '\0') {
        *key_len = (size_t)EVP_MD_get_size(digest);
        return PKCS12_key_gen_utf8_ex(pass, pass_len, salt, salt_len, PKCS12_MAC_ID, iterations,
                                      (int)*key_len, key, digest, NULL, NULL) == 1;
    }
    EVP_MD *prf = EVP_MD_fetch(NULL, mac->prf, NULL);
    *key_len = mac->key_len;
    bool ok = prf != NULL && PKCS5_PBKDF2_HMAC(pass == NULL ? "" : pass, pass_len, mac->salt.data,
                                               salt_len, iterations, prf, (int)*key_len, key) == 1;
    EVP_MD_free(prf);
    return ok;
}

enum cp_status cp_pkcs12_mac_check(bool *good, const struct cp_pkcs12_mac *mac,
                                   struct cp_span content, struct cp_span passphrase,
                                   struct cp_error *err) {
    uint8_t key[CP_MAX_MAC_LEN], got[EVP_MAX_MD_SIZE];
    size_t key_len = 0, got_len = 0;
    ERR_set_mark();
    EVP_MD *digest = EVP_MD_fetch(NULL, mac->digest, NULL);
    bool ok = digest != NULL && derive(key, &key_len, mac, digest, passphrase) &&
              EVP_Q_mac(NULL, "HMAC", NULL, mac->digest, NULL, key, key_len, content.data,
                        content.len, got, sizeof(got), &got_len) != NULL;
    *good =
        ok && got_len == mac->expected.len && CRYPTO_memcmp(got, mac->expected.data, got_len) == 0;
    EVP_MD_free(digest);
    ERR_pop_to_mark();
    OPENSSL_cleanse(key, sizeof(key));
    return ok ? CP_OK : cp_fail(err, CP_ERR_CRYPTO, "PKCS#12: MAC: OpenSSL can't compute it");
}
