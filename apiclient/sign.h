/* sign: ACS3-HMAC-SHA256. Pure: credential, date and nonce are inputs (the date and the nonce are
 * headers of the canonical request). All cryptography is OpenSSL's.
 *
 *   StringToSign  = "ACS3-HMAC-SHA256" LF hex(sha256(CanonicalRequest))
 *   Signature     = hex(HMAC-SHA256(AccessKeySecret, StringToSign))
 *   Authorization: ACS3-HMAC-SHA256 Credential=AK,SignedHeaders=a;b,Signature=hex */
#ifndef ESA_SIGN_H
#define ESA_SIGN_H

#include "apiclient.h"
#include "canon.h"

#define ESA_SIGN_ALGORITHM "ACS3-HMAC-SHA256"
#define ESA_HEX_LEN ((size_t)64)
#define ESA_STRING_TO_SIGN_LEN (sizeof(ESA_SIGN_ALGORITHM "\n") - 1 + ESA_HEX_LEN)

CP_MUST_USE enum cp_status esa_sign_sha256(char out[ESA_HEX_LEN + 1], const void *data, size_t len,
                                           struct cp_error *err);
CP_MUST_USE enum cp_status esa_sign_string_to_sign(char out[ESA_STRING_TO_SIGN_LEN + 1],
                                                   const struct cp_secret *canonical,
                                                   struct cp_error *err);
CP_MUST_USE enum cp_status esa_sign_signature(char out[ESA_HEX_LEN + 1],
                                              const struct cp_secret *key_secret,
                                              const char *string_to_sign, struct cp_error *err);

/* The value of the Authorization header. */
#define ESA_MAX_KEY_ID ((size_t)128)
#define ESA_MAX_AUTHORIZATION (ESA_MAX_KEY_ID + ESA_MAX_SIGNED_HEADERS + 128)
CP_MUST_USE enum cp_status esa_sign_authorization(char out[ESA_MAX_AUTHORIZATION],
                                                  const char *key_id, const char *signed_headers,
                                                  const char *signature, struct cp_error *err);

#endif
