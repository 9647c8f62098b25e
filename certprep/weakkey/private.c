/* What only the private half tells. Numbers are loaded as constant-time ones and wiped; what is
 * told is one bit each. */
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "../cp_limits.h"
#include "../key_parts.h"
#include "../words.h"
#include "weakkey.h"

#define MAX_LENGTH_DIFFERENCE 2
#define SMALL_SCALAR_BITS 64
#define CLOSE_BITS 100 /* FIPS 186-5 A.1.3 5.4: |p - q| > 2^(bits/2 - 100) */

static BIGNUM *load(BN_CTX *ctx, struct cp_span magnitude) {
    BIGNUM *number = BN_CTX_get(ctx);
    if (number == NULL || BN_bin2bn(magnitude.data, (int)magnitude.len, number) == NULL)
        return NULL;
    BN_set_flags(number, BN_FLG_CONSTTIME);
    return number;
}

static bool try_primes(unsigned *defects, const BIGNUM *p, const BIGNUM *q, BN_CTX *ctx) {
    int p_result = BN_check_prime(p, ctx, NULL), q_result = BN_check_prime(q, ctx, NULL);
    if (p_result == 0)
        *defects |= CP_PRIVATE_P_COMPOSITE;
    if (q_result == 0)
        *defects |= CP_PRIVATE_Q_COMPOSITE;
    return p_result >= 0 && q_result >= 0;
}

/* Of a difference that is given with its borrow. Tells how long it is, and no more. */
static int difference_bits(uint64_t *difference, size_t num, uint64_t borrow) {
    const uint64_t negative = 0 - borrow;
    uint64_t carry = borrow;
    int bits = 0;
    for (size_t i = 0; i < num; i++) { /* the negative of all words, if it is below 0 */
        uint64_t word = difference[i] ^ negative;
        difference[i] = word + carry;
        carry = carry & (uint64_t)(word == UINT64_MAX);
    }
    for (size_t i = 0; i < num; i++)
        if (difference[i] != 0)
            bits = (int)(64 * (i + 1)) - __builtin_clzll(difference[i]);
    return bits;
}

/* No leading zeros, but for 0 itself. */
static int magnitude_bits(struct cp_span magnitude) {
    if (magnitude.len == 0 || magnitude.data[0] == 0)
        return 0;
    int unused = __builtin_clz(magnitude.data[0]) - 8 * (int)(sizeof(unsigned) - 1);
    return 8 * (int)magnitude.len - unused;
}

/* No arithmetic but one subtraction. */
static void judge_lengths(unsigned *defects, const struct cp_key *key) {
    const struct cp_key_rsa *rsa = &key->rsa;
    int half = (int)key->bits / 2, p_bits = magnitude_bits(rsa->p), q_bits = magnitude_bits(rsa->q);
    if (p_bits - q_bits > MAX_LENGTH_DIFFERENCE || q_bits - p_bits > MAX_LENGTH_DIFFERENCE) {
        *defects |= CP_PRIVATE_UNBALANCED;
    } else if (rsa->p.len <= CP_MAX_RSA_BITS / 8 && rsa->q.len <= CP_MAX_RSA_BITS / 8) {
        uint64_t p[CP_MAX_RSA_BITS / 64], q[CP_MAX_RSA_BITS / 64];
        size_t num = ((rsa->p.len > rsa->q.len ? rsa->p.len : rsa->q.len) + 7) / 8;
        cp_words_load(p, num, rsa->p);
        cp_words_load(q, num, rsa->q);
        uint64_t borrow = cp_words_subtract(p, p, q, num);
        if (difference_bits(p, num, borrow) <= half - CLOSE_BITS)
            *defects |= CP_PRIVATE_CLOSE;
        OPENSSL_cleanse(p, num * sizeof(*p));
        OPENSSL_cleanse(q, num * sizeof(*q));
    }
    if (magnitude_bits(rsa->d) <= half)
        *defects |= CP_PRIVATE_SMALL_D;
}

static bool judge_primes(unsigned *defects, const struct cp_key *key, BN_CTX *ctx) {
    BIGNUM *p = load(ctx, key->rsa.p), *q = load(ctx, key->rsa.q);
    if (p == NULL || q == NULL)
        return false;
    if (key->bits > CP_MAX_DEEP_BITS) {
        *defects |= CP_PRIVATE_NOT_TRIED;
        return true;
    }
    return try_primes(defects, p, q, ctx);
}

/* d or order - d has 64 bits at most. */
static bool judge_scalar(unsigned *defects, const struct cp_key *key, BN_CTX *ctx) {
    const struct cp_curve *curve = cp_curve_get(key->type);
    BIGNUM *d = load(ctx, key->scalar), *order = BN_CTX_get(ctx);
    if (d == NULL || order == NULL || BN_bin2bn(curve->order, (int)curve->len, order) == NULL)
        return false;
    BN_set_flags(order, BN_FLG_CONSTTIME);
    int bits = BN_num_bits(d);
    if (BN_sub(order, order, d) != 1)
        return false;
    if (bits <= SMALL_SCALAR_BITS || BN_num_bits(order) <= SMALL_SCALAR_BITS)
        *defects |= CP_PRIVATE_SMALL_SCALAR;
    return true;
}

enum cp_status cp_private_judge(unsigned *defects, const struct cp_key *key, bool deep,
                                struct cp_error *err) {
    bool is_rsa = cp_key_algorithm_get(key->type)->kind == CP_KIND_RSA, ok = true;
    *defects = 0;
    if (!is_rsa && cp_curve_get(key->type) == NULL)
        return CP_OK; /* an Edwards seed is hashed: no value of it is small */
    if (is_rsa && key->bits > CP_MAX_RSA_BITS)
        return CP_OK; /* cp_key_check_consistency has refused it */
    if (is_rsa)
        judge_lengths(defects, key);
    if (is_rsa && !deep)
        return CP_OK;
    BN_CTX *ctx = BN_CTX_secure_new();
    if (ctx == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "private key: out of memory");
    ERR_set_mark();
    BN_CTX_start(ctx);
    ok = is_rsa ? judge_primes(defects, key, ctx) : judge_scalar(defects, key, ctx);
    BN_CTX_end(ctx);
    BN_CTX_free(ctx);
    ERR_pop_to_mark();
    return ok ? CP_OK : cp_fail(err, CP_ERR_CRYPTO, "private key: the arithmetic failed");
}
