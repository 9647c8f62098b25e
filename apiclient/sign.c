/* sign: ACS3-HMAC-SHA256. */
#include "sign.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum cp_status esa_sign_sha256(char out[ESA_HEX_LEN + 1], const void *data, size_t len,
                               struct cp_error *err) {
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;
    out[0] = '\0';
    if (EVP_Digest(data == NULL ? "" : data, len, digest, &digest_len, EVP_sha256(), NULL) != 1 ||
        (size_t)digest_len * 2 != ESA_HEX_LEN)
        return cp_fail(err, CP_ERR_CRYPTO, "SHA-256 failed");
    esa_hex(out, digest, digest_len);
    return CP_OK;
}

enum cp_status esa_sign_string_to_sign(char out[ESA_STRING_TO_SIGN_LEN + 1],
                                       const struct cp_secret *canonical, struct cp_error *err) {
    char hash[ESA_HEX_LEN + 1];
    out[0] = '\0';
    enum cp_status status = esa_sign_sha256(hash, canonical->data, canonical->len, err);
    if (status == CP_OK)
        (void)snprintf(out, ESA_STRING_TO_SIGN_LEN + 1, ESA_SIGN_ALGORITHM "\n%s", hash);
    return status;
}

enum cp_status esa_sign_signature(char out[ESA_HEX_LEN + 1], const struct cp_secret *key_secret,
                                  const char *string_to_sign, struct cp_error *err) {
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;
    enum cp_status status = CP_OK;
    out[0] = '\0';
    if (key_secret->len == 0 || key_secret->len > INT_MAX)
        return cp_fail(err, CP_ERR_USAGE, "credential: the access key secret is empty");
    if (HMAC(EVP_sha256(), key_secret->data, (int)key_secret->len, (const uint8_t *)string_to_sign,
             strlen(string_to_sign), mac, &mac_len) == NULL ||
        (size_t)mac_len * 2 != ESA_HEX_LEN)
        status = cp_fail(err, CP_ERR_CRYPTO, "HMAC-SHA-256 failed");
    else
        esa_hex(out, mac, mac_len);
    OPENSSL_cleanse(mac, sizeof(mac));
    return status;
}

enum cp_status esa_sign_authorization(char out[ESA_MAX_AUTHORIZATION], const char *key_id,
                                      const char *signed_headers, const char *signature,
                                      struct cp_error *err) {
    int len = snprintf(out, ESA_MAX_AUTHORIZATION,
                       ESA_SIGN_ALGORITHM " Credential=%s,SignedHeaders=%s,Signature=%s", key_id,
                       signed_headers, signature);
    if (len < 0 || (size_t)len >= ESA_MAX_AUTHORIZATION) {
        out[0] = '\0';
        return cp_fail(err, CP_ERR_LIMIT, "credential: the access key id is over %zu bytes",
                       ESA_MAX_KEY_ID);
    }
    return CP_OK;
}
