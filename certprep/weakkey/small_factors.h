/* small_factors: does an odd modulus have a prime factor below 2^16?
 *
 * The primes are multiplied into words of four, a small one with a large one each. The modulus is
 * reduced by each word, and the word's primes are tried on what is left. One key is reduced without
 * any table, from the least word up (Hensel's division). Where many come, the powers of the base
 * modulo each word are worth computing once: then it is a scalar product, at half a multiplication
 * for each digit (S. Winograd, "A new algorithm for inner product", 1968).
 */
#ifndef CP_WEAKKEY_SMALL_FACTORS_H
#define CP_WEAKKEY_SMALL_FACTORS_H

#include "number.h"

#define CP_SMALL_PRIME_LIMIT 65536
#define CP_SMALL_FACTORS_MANY 64 /* keys, from which on the powers pay */

struct cp_small_factors; /* the tables, and how many keys there were; no key stays in it */

/* NULL if out of memory. */
struct cp_small_factors *cp_small_factors_new(void);
void cp_small_factors_free(struct cp_small_factors *table);
/* The least prime below 2^16 that divides the modulus; 0 if there is none. */
uint32_t cp_small_factors_find(struct cp_small_factors *table, const struct cp_modulus *modulus);

#endif
