/* pkcs12_mac: the integrity of a PFX, RFC 7292 4 and 5.1, RFC 9579. */
#ifndef CP_PKCS12_MAC_H
#define CP_PKCS12_MAC_H

#include <openssl/types.h>

#include "der.h"

#define CP_MAX_MAC_LEN 64
#define CP_MAX_MAC_NAME 50

struct cp_pkcs12_mac {
    char digest[CP_MAX_MAC_NAME]; /* of the HMAC, by OpenSSL's name */
    char prf[CP_MAX_MAC_NAME];    /* PBMAC1: of PBKDF2; empty: the derivation of RFC 7292 B */
    struct cp_span salt;
    uint64_t iterations;
    size_t key_len; /* PBMAC1 */
    struct cp_span expected;
};

/* Reads MacData. CP_ERR_UNSUPPORTED for an algorithm that is not known, CP_ERR_LIMIT for a
 * derivation over CP_MAX_KDF_ITERATIONS. Nothing is computed. */
CP_MUST_USE enum cp_status cp_pkcs12_mac_read(struct cp_pkcs12_mac *out, struct cp_der_reader *in,
                                              struct cp_error *err);
/* passphrase.data may be NULL: an absent one, which is not the empty one here. */
CP_MUST_USE enum cp_status cp_pkcs12_mac_check(bool *good, const struct cp_pkcs12_mac *mac,
                                               struct cp_span content, struct cp_span passphrase,
                                               struct cp_error *err);

#endif
