/* number: arithmetic on public numbers: moduli, exponents, coordinates. Nothing here is made to
 * take the same time for every value, so no private value belongs here. */
#ifndef CP_WEAKKEY_NUMBER_H
#define CP_WEAKKEY_NUMBER_H

#include <openssl/bn.h>

#include "../bytes.h"
#include "../cp_limits.h"

#define CP_WORD_BITS 64
#define CP_MAX_RSA_WORDS (CP_MAX_RSA_BITS / CP_WORD_BITS)
#define CP_MAX_SQUARE_WORDS (2 * CP_MAX_RSA_WORDS)

/* An odd number over 1, least word first. */
struct cp_modulus {
    struct cp_span octets; /* borrowed, no leading zeros */
    size_t num_words;
    uint64_t words[CP_MAX_RSA_WORDS];
};

/* False for one that is even, 1, 0 or over CP_MAX_RSA_BITS. */
bool cp_modulus_init(struct cp_modulus *out, struct cp_span magnitude);
/* Rest by a divisor that is not 0; words as in words.h. */
uint64_t cp_words_rest(const uint64_t *words, size_t num, uint64_t divisor);
uint64_t cp_modulus_rest(const struct cp_modulus *modulus, uint64_t divisor);

/* root = floor(sqrt(n)), rest = n - root^2; n is not negative. False if the library fails, or if n
 * has over CP_MAX_SQUARE_WORDS. */
CP_MUST_USE bool cp_number_sqrt(BIGNUM *root, BIGNUM *rest, const BIGNUM *n, BN_CTX *ctx);

#endif
