/* small_factors_wide: the same question for many keys, by wider registers.
 *
 * Two primes are multiplied into a word. A modulus is cut into parts, these into digits; with the
 * powers of the base modulo each word computed once, each part is a scalar product, at half a
 * multiplication for each digit (S. Winograd, "A new algorithm for inner product", 1968). The parts
 * are then put together by Horner's rule, so that one short table serves for every length.
 */
#ifndef CP_WEAKKEY_SMALL_FACTORS_WIDE_H
#define CP_WEAKKEY_SMALL_FACTORS_WIDE_H

#include "../simd.h"
#include "number.h"

struct cp_wide_factors; /* no key stays in it */

/* primes are odd and in order. NULL if out of memory. Only where cp_has_avx2. */
struct cp_wide_factors *cp_wide_factors_new(const uint16_t *primes, size_t num_primes);
void cp_wide_factors_free(struct cp_wide_factors *table);
/* Does one of the primes divide the modulus? */
bool cp_wide_factors_find(const struct cp_wide_factors *table, const struct cp_modulus *modulus);

#endif
