/* batch_gcd: which moduli share a prime? D. J. Bernstein, "How to find smooth parts of integers",
 * 2004, as Heninger and others used it: a tree of products, and the product's rests on the way
 * back, so that many moduli cost far less than all pairs. */
#ifndef CP_WEAKKEY_BATCH_GCD_H
#define CP_WEAKKEY_BATCH_GCD_H

#include "number.h"

/* Of one call: 512 keys of 2048 bits. The work grows with its square, to about a second. */
#define CP_MAX_SHARED_OCTETS ((size_t)512 * 2048 / 8)
#define CP_MAX_SHARED_MODULI 4096
#define CP_MAX_SHARED_PAIRS 4096 /* that are tried to name partners */

/* Have they no factor in common? */
bool cp_number_coprime(const struct cp_modulus *a, const struct cp_modulus *b);

/* Is it too much for one call? */
bool cp_batch_gcd_is_over(const struct cp_span *moduli, size_t num);
/* partners[i] is the index of another modulus that has a prime in common with moduli[i]; i itself
 * if there is one, but finding which would be too much; SIZE_MAX if there is none. The moduli must
 * differ from each other, and be such that cp_modulus_init takes. CP_ERR_LIMIT over the limits. */
CP_MUST_USE enum cp_status cp_batch_gcd(size_t *partners, const struct cp_span *moduli, size_t num,
                                        BN_CTX *ctx, struct cp_error *err);

#endif
