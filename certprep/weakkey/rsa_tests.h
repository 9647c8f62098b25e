/* rsa_tests: what an RSA public key gives away. Each works on public values, is bounded for a
 * modulus of CP_MAX_RSA_BITS, and finds nothing in a key that was made well. */
#ifndef CP_WEAKKEY_RSA_TESTS_H
#define CP_WEAKKEY_RSA_TESTS_H

#include "number.h"

#define CP_FERMAT_ROUNDS 100

/* Are the primes so near to each other that Fermat's method finds them in 100 rounds? The same
 * prime twice is found, too. False if the library fails. */
CP_MUST_USE bool cp_fermat_find(bool *found, const struct cp_modulus *modulus, const BIGNUM *n,
                                BN_CTX *ctx);

/* Was it made by Infineon's library (CVE-2017-15361)? Then each prime is a power of 65537 modulo
 * the product of the primes up to 167, and so is the modulus. */
bool cp_roca_matches(const struct cp_modulus *modulus);

/* Is the private exponent so small that the continued fraction of e/n gives it away (Wiener)? */
CP_MUST_USE bool cp_wiener_find(bool *found, const BIGNUM *n, const BIGNUM *e, BN_CTX *ctx);

/* Is an octet repeated 16 times in a row, at any half octet? It comes from primes with a repeated
 * pattern; chance does it once in 2^109 keys of 2048 bits. */
bool cp_pattern_matches(struct cp_span magnitude);

#endif
