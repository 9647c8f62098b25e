/* What only the private half tells. Numbers are loaded as constant-time ones and wiped; what is
 * told is one bit each. */
#include <openssl/bn.h>
#include <openssl/err.h>

#include "../cp_limits.h"
#include "../key_parts.h"
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

static bool judge_rsa(unsigned *defects, const struct cp_key *key, bool deep, BN_CTX *ctx) {
    BIGNUM *p = load(ctx, key->rsa.p), *q = load(ctx, key->rsa.q), *d = load(ctx, key->rsa.d);
    BIGNUM *t = BN_CTX_get(ctx);
    if (p == NULL || q == NULL || d == NULL || t == NULL || BN_sub(t, p, q) != 1)
        return false;
    int half = (int)key->bits / 2, difference = BN_num_bits(p) - BN_num_bits(q);
    if (difference > MAX_LENGTH_DIFFERENCE || difference < -MAX_LENGTH_DIFFERENCE)
        *defects |= CP_PRIVATE_UNBALANCED;
    else if (BN_num_bits(t) <= half - CLOSE_BITS)
        *defects |= CP_PRIVATE_CLOSE;
    if (BN_num_bits(d) <= half)
        *defects |= CP_PRIVATE_SMALL_D;
    if (!deep)
        return true;
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
    BN_CTX *ctx = BN_CTX_secure_new();
    if (ctx == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "private key: out of memory");
    ERR_set_mark();
    BN_CTX_start(ctx);
    ok = is_rsa ? judge_rsa(defects, key, deep, ctx) : judge_scalar(defects, key, ctx);
    BN_CTX_end(ctx);
    BN_CTX_free(ctx);
    ERR_pop_to_mark();
    return ok ? CP_OK : cp_fail(err, CP_ERR_CRYPTO, "private key: the arithmetic failed");
}
