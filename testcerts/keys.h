/* keys: the test keys by name, made once and kept in OUTDIR/keys/. */
#ifndef TC_KEYS_H
#define TC_KEYS_H

#include "bytes.h"

#include <openssl/types.h>

void tc_keys_open(const char *outdir); /* loads every key of keys.def, makes what is missing */
void tc_keys_close(void);

EVP_PKEY *tc_key_get0(const char *name);
/* BIGNUM parameter of a key; the caller frees it with BN_clear_free. */
BIGNUM *tc_key_bn(const char *name, const char *param);
/* EC: the uncompressed point; Edwards: the public octets. Appended. */
void tc_key_public(struct tc_bytes *out, const char *name);
void tc_key_spki(struct tc_bytes *out, const char *name);

/* Signs; digest is "SHA256" or such, or NULL for Edwards keys. pss: RSASSA-PSS with a salt as long
 * as the digest. A signature that was made for the same bytes before is taken from
 * OUTDIR/keys/signatures.txt, so that a rerun gives the same files although ECDSA is randomised. */
void tc_sign(struct tc_bytes *out, const char *key_name, const char *digest, int pss,
             const struct tc_bytes *message);

void tc_read_file(struct tc_bytes *out, const char *path);
/* Writes only if the contents differ from what is there. */
void tc_write_file(const char *path, const struct tc_bytes *contents);
void tc_make_directory(const char *path);
void tc_sha256(uint8_t out[32], const void *data, size_t len);

#endif
