/* Fermat: n = a^2 - b^2 = (a - b)(a + b). a starts at the root of n, rounded up; primes whose upper
 * halves are the same are found in the first round. */
#include "rsa_tests.h"

#define NUM_SIEVE 11
static const uint8_t sieve_primes[NUM_SIEVE] = {3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
#define SIEVE_PRODUCT UINT64_C(3710369067405)

/* Bit i: i is a square modulo p, which is 64 at most. */
static uint64_t squares_modulo(unsigned p) {
    uint64_t squares = 0;
    for (unsigned i = 0, square = 0; i <= p / 2; i++) {
        squares |= UINT64_C(1) << square;
        square = (square + 2 * i + 1) % p;
    }
    return squares;
}

/* Leaves out the rounds where a^2 - n is no square modulo a small number. */
static void sieve(bool possible[CP_FERMAT_ROUNDS], const struct cp_modulus *modulus,
                  uint64_t root_rest, uint64_t root_low) {
    uint64_t n_rest = cp_modulus_rest(modulus, SIEVE_PRODUCT), squares = squares_modulo(64);
    bool allowed[64];
    for (uint64_t i = 0; i < 64; i++)
        allowed[i] = (squares >> ((i * i - modulus->words[0]) & 63) & 1) != 0;
    for (size_t i = 0; i < CP_FERMAT_ROUNDS; i++)
        possible[i] = allowed[(root_low + i) & 63];
    for (size_t j = 0; j < NUM_SIEVE; j++) {
        unsigned p = sieve_primes[j], a = (unsigned)(root_rest % p);
        unsigned value = p - (unsigned)(n_rest % p); /* i^2 - n modulo p */
        squares = squares_modulo(p);
        for (unsigned i = 0; i < p; i++) {
            value = value >= p ? value - p : value;
            allowed[i] = (squares >> value & 1) != 0;
            value = (value + 2 * i + 1) % p;
        }
        for (size_t i = 0; i < CP_FERMAT_ROUNDS; i++) {
            possible[i] = possible[i] && allowed[a];
            a = a + 1 == p ? 0 : a + 1;
        }
    }
}

static bool try_rounds(bool *found, const bool possible[CP_FERMAT_ROUNDS], const BIGNUM *root,
                       const BIGNUM *n, BN_CTX *ctx) {
    BIGNUM *a = BN_CTX_get(ctx), *b = BN_CTX_get(ctx), *square = BN_CTX_get(ctx),
           *rest = BN_CTX_get(ctx);
    if (rest == NULL)
        return false;
    for (BN_ULONG i = 0; i < CP_FERMAT_ROUNDS; i++) {
        if (!possible[i])
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

bool cp_fermat_find(bool *found, const struct cp_modulus *modulus, const BIGNUM *n, BN_CTX *ctx) {
    bool possible[CP_FERMAT_ROUNDS], ok = false;
    *found = false;
    BN_CTX_start(ctx);
    BIGNUM *root = BN_CTX_get(ctx), *rest = BN_CTX_get(ctx);
    if (rest == NULL || !cp_number_sqrt(root, rest, n, ctx))
        goto out;
    *found = BN_is_zero(rest);
    ok = true;
    if (*found)
        goto out;
    BN_ULONG root_rest, root_low;
    ok = BN_add_word(root, 1) == 1 &&
         (root_rest = BN_mod_word(root, SIEVE_PRODUCT)) != (BN_ULONG)-1 &&
         (root_low = BN_mod_word(root, 64)) != (BN_ULONG)-1;
    if (!ok)
        goto out;
    sieve(possible, modulus, root_rest, root_low);
    ok = try_rounds(found, possible, root, n, ctx);
out:
    BN_CTX_end(ctx);
    return ok;
}
