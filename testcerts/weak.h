/* weak: keys that are valid and no secret, each with one weakness. */
#ifndef TC_WEAK_H
#define TC_WEAK_H

#include "bytes.h"

#include <openssl/types.h>

/* Makes the key of one kind: "close", "roca", ... Kinds that belong together (the same prime, the
 * same modulus) take what they need from keys that stand before them in keys.def. */
EVP_PKEY *tc_weak_key_make(const char *kind);

/* Blocklists in badkeys' form. */
void tc_put_blocklist(struct tc_bytes *out);
void tc_put_blocklist_unsorted(struct tc_bytes *out);
void tc_put_blocklist_names(struct tc_bytes *out);

/* Patches of a TBSCertificate: another public key. */
void tc_patch_point_infinity(struct tc_bytes *der);
void tc_patch_point_twist(struct tc_bytes *der);
void tc_patch_point_twist_compressed(struct tc_bytes *der);
void tc_patch_ed25519_order_8(struct tc_bytes *der);
void tc_patch_ed25519_twist(struct tc_bytes *der);
void tc_patch_ed448_order_4(struct tc_bytes *der);
void tc_patch_modulus_prime(struct tc_bytes *der);
void tc_patch_modulus_long(struct tc_bytes *der);

#endif
