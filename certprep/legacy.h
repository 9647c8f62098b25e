/* legacy: old ciphers (RC2, DES, RC4) in an OpenSSL library context of their own, so that the
 * default one stays as it is. All zero is a valid closed state. */
#ifndef CP_LEGACY_H
#define CP_LEGACY_H

#include <openssl/types.h>

#include "bytes.h"

struct cp_legacy {
    OSSL_LIB_CTX *library;
    OSSL_PROVIDER *base, *old; /* old is NULL where OpenSSL was installed without it */
};

CP_MUST_USE enum cp_status cp_legacy_open(struct cp_legacy *legacy, struct cp_error *err);
void cp_legacy_close(struct cp_legacy *legacy);

#endif
