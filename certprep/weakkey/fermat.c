/* Fermat: n = a^2 - b^2 = (a - b)(a + b). a starts at the root of n, rounded up; primes whose upper
 * halves are the same are found in the first round. */
#include "rsa_tests.h"
#include "square_root.h"

/* Rounds where a^2 - n is no square modulo a small number are left out. */
#define SQUARE(i, m) (UINT64_C(1) << ((i) * (i) % (m)))
#define SQUARES_4(i, m) (SQUARE(i, m) | SQUARE(i + 1, m) | SQUARE(i + 2, m) | SQUARE(i + 3, m))
#define SQUARES_16(i, m)                                                                           \
    (SQUARES_4(i, m) | SQUARES_4(i + 4, m) | SQUARES_4(i + 8, m) | SQUARES_4(i + 12, m))
#define ROW(m)                                                                                     \
    { m, SQUARES_16(0, m) | SQUARES_16(16, m) | SQUARE(32, m) }

static const struct {
    unsigned modulus;
    uint64_t squares; /* bit i: i is a square; i^2 is (modulus - i)^2, so that 32 are enough */
} sieve_rows[] = {ROW(64), ROW(3),  ROW(5),  ROW(7),  ROW(11), ROW(13),
                  ROW(17), ROW(19), ROW(23), ROW(29), ROW(31), ROW(37)};
#define SIEVE_PRODUCT UINT64_C(3710369067405) /* of the odd ones */

_Static_assert(CP_FERMAT_ROUNDS <= 128, "a bit for each round");

/* Bit i is for round i, where a is root + i; root_rest and n_rest are by SIEVE_PRODUCT. */
static cp_uint128 sieve(uint64_t root_rest, uint64_t root_low, uint64_t n_rest, uint64_t n_low) {
    cp_uint128 possible = ~(cp_uint128)0 >> (128 - CP_FERMAT_ROUNDS);
    for (size_t j = 0; possible != 0 && j < sizeof(sieve_rows) / sizeof(sieve_rows[0]); j++) {
        unsigned m = sieve_rows[j].modulus;
        unsigned a = (unsigned)((j == 0 ? root_low : root_rest) % m);
        unsigned value = (a * a + m - (unsigned)((j == 0 ? n_low : n_rest) % m)) % m;
        unsigned step = (2 * a + 1) % m; /* from a^2 to (a + 1)^2 */
        cp_uint128 period = 0;
        for (unsigned i = 0; i < m; i++) {
            period |= (cp_uint128)(sieve_rows[j].squares >> value & 1) << i;
            value = value + step >= m ? value + step - m : value + step;
            step = step + 2 >= m ? step + 2 - m : step + 2;
        }
        for (unsigned len = m; len < CP_FERMAT_ROUNDS; len *= 2)
            period |= period << len;
        possible &= period;
    }
    return possible;
}

static bool try_rounds(bool *found, cp_uint128 possible, const BIGNUM *root, const BIGNUM *n,
                       BN_CTX *ctx) {
    BIGNUM *a = BN_CTX_get(ctx), *b = BN_CTX_get(ctx), *square = BN_CTX_get(ctx),
           *rest = BN_CTX_get(ctx);
    if (rest == NULL)
        return false;
    for (BN_ULONG i = 0; i < CP_FERMAT_ROUNDS; i++) {
        if ((possible >> i & 1) == 0)
            continue;
        if (BN_copy(a, root) == NULL || BN_add_word(a, i) != 1 || BN_sqr(square, a, ctx) != 1 ||
            BN_sub(square, square, n) != 1 || !cp_number_sqrt(b, rest, square, ctx))
            return false;
        /* a - b = 1 would be n = n * 1. */
        if (BN_is_zero(rest) && BN_sub(rest, a, b) == 1 && !BN_is_one(rest)) {
            *found = true;
            return true;
        }
    }
    return true;
}

static bool is_square_of(const struct cp_modulus *modulus, const uint64_t *root, size_t num) {
    uint64_t square[CP_MAX_RSA_WORDS + 1];
    if (root[0] * root[0] != modulus->words[0])
        return false;
    cp_words_multiply(square, root, num, root, num); /* a word may be 0 above those of n */
    return cp_words_differ(square, modulus->words, modulus->num_words) == 0;
}

/* The root is rounded up: n is no square here. */
static bool try_from(bool *found, const struct cp_modulus *modulus, const uint64_t *root,
                     size_t num, const BIGNUM *n, BN_CTX *ctx) {
    uint64_t root_rest = cp_words_rest(root, num, SIEVE_PRODUCT) + 1;
    cp_uint128 possible =
        sieve(root_rest, root[0] + 1, cp_modulus_rest(modulus, SIEVE_PRODUCT), modulus->words[0]);
    if (possible == 0)
        return true;
    BN_CTX_start(ctx);
    BIGNUM *start = BN_CTX_get(ctx), *rest = BN_CTX_get(ctx);
    bool ok = rest != NULL && cp_number_sqrt(start, rest, n, ctx) && BN_add_word(start, 1) == 1 &&
              try_rounds(found, possible, start, n, ctx);
    BN_CTX_end(ctx);
    return ok;
}

bool cp_fermat_find(bool *found, const struct cp_modulus *modulus, const BIGNUM *n, BN_CTX *ctx) {
    uint64_t root[CP_MAX_RSA_WORDS / 2];
    size_t num = (modulus->num_words + 1) / 2;
    cp_square_root(root, modulus->words, modulus->num_words);
    *found = is_square_of(modulus, root, num);
    return *found || try_from(found, modulus, root, num, n, ctx);
}
