/* small_factors: does an odd modulus have a prime factor below 2^16?
 *
 * The primes are multiplied into words of four, a small one with a large one each. The modulus is
 * reduced by each word from the least of its own up (Hensel's division), and the word's primes are
 * tried on what is left: this needs no table but the primes. Where many keys come and the processor
 * has wide registers, a table that costs as much as ten keys makes it three times as quick.
 */
#ifndef CP_WEAKKEY_SMALL_FACTORS_H
#define CP_WEAKKEY_SMALL_FACTORS_H

#include "number.h"

#define CP_SMALL_PRIME_LIMIT 65536
#define CP_SMALL_FACTORS_MANY 16 /* keys, from which on the other table pays */

struct cp_small_factors; /* the tables, and how many keys there were; no key stays in it */

/* NULL if out of memory. */
struct cp_small_factors *cp_small_factors_new(void);
void cp_small_factors_free(struct cp_small_factors *table);
/* The least prime below 2^16 that divides the modulus; 0 if there is none. */
uint32_t cp_small_factors_find(struct cp_small_factors *table, const struct cp_modulus *modulus);

#endif
