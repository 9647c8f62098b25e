/* Wiener, "Cryptanalysis of Short RSA Secret Exponents", 1990: e/n is near to k/(d*g), a convergent
 * of its continued fraction if d is below about n^(1/4). */
#include "rsa_tests.h"

/* Below this e no private exponent can be that small: e*d is over n / gcd(p-1, q-1). */
#define SLACK_BITS 32

struct fraction {
    BIGNUM *a, *b;                         /* the rest of Euclid's algorithm */
    BIGNUM *k, *k_before, *dg, *dg_before; /* the convergent k/dg, and the one before */
    BIGNUM *quotient, *t, *u;
};

static bool fraction_init(struct fraction *f, const BIGNUM *n, const BIGNUM *e, BN_CTX *ctx) {
    f->a = BN_CTX_get(ctx), f->b = BN_CTX_get(ctx);
    f->k = BN_CTX_get(ctx), f->k_before = BN_CTX_get(ctx);
    f->dg = BN_CTX_get(ctx), f->dg_before = BN_CTX_get(ctx);
    f->quotient = BN_CTX_get(ctx), f->t = BN_CTX_get(ctx), f->u = BN_CTX_get(ctx);
    if (f->u == NULL || BN_copy(f->a, e) == NULL || BN_copy(f->b, n) == NULL)
        return false;
    BN_one(f->k);
    BN_zero(f->k_before);
    BN_zero(f->dg);
    BN_one(f->dg_before);
    return true;
}

/* x, x_before = quotient * x + x_before, x */
static bool advance(BIGNUM **x, BIGNUM **x_before, BIGNUM **spare, const BIGNUM *quotient,
                    BN_CTX *ctx) {
    BIGNUM *next = *spare;
    if (BN_mul(next, quotient, *x, ctx) != 1 || BN_add(next, next, *x_before) != 1)
        return false;
    *spare = *x_before;
    *x_before = *x;
    *x = next;
    return true;
}

static bool fraction_step(struct fraction *f, BN_CTX *ctx) {
    if (BN_div(f->quotient, f->t, f->a, f->b, ctx) != 1)
        return false;
    BIGNUM *rest = f->t;
    f->t = f->a;
    f->a = f->b;
    f->b = rest;
    return advance(&f->k, &f->k_before, &f->t, f->quotient, ctx) &&
           advance(&f->dg, &f->dg_before, &f->t, f->quotient, ctx);
}

/* With the right convergent e*dg is k*phi + g, so floor((e*dg - 1) / k) is phi, n - phi + 1 is p +
 * q, and (p+q)^2 - 4n is (p-q)^2. */
static bool try_convergent(bool *found, struct fraction *f, const BIGNUM *n, const BIGNUM *e,
                           BN_CTX *ctx) {
    BIGNUM *sum = f->u;
    if (BN_is_zero(f->k) || BN_is_zero(f->dg))
        return true;
    if (BN_mul(f->t, e, f->dg, ctx) != 1 || BN_sub_word(f->t, 1) != 1 ||
        BN_div(sum, NULL, f->t, f->k, ctx) != 1 || BN_sub(sum, n, sum) != 1 ||
        BN_add_word(sum, 1) != 1)
        return false;
    /* 2 * sqrt(n) <= p + q; one far over it is no sum of primes of about the same length. */
    if (BN_is_negative(sum) || BN_is_odd(sum) || BN_num_bits(sum) > BN_num_bits(n) * 3 / 4)
        return true;
    if (BN_sqr(f->t, sum, ctx) != 1 || BN_lshift(f->quotient, n, 2) != 1 ||
        BN_sub(f->t, f->t, f->quotient) != 1)
        return false;
    if (BN_is_negative(f->t))
        return true;
    if (!cp_number_sqrt(f->quotient, f->u, f->t, ctx))
        return false;
    *found = BN_is_zero(f->u);
    return true;
}

bool cp_wiener_find(bool *found, const BIGNUM *n, const BIGNUM *e, BN_CTX *ctx) {
    struct fraction f;
    int n_bits = BN_num_bits(n), e_bits = BN_num_bits(e);
    bool ok;
    *found = false;
    if (e_bits > n_bits || e_bits + n_bits / 4 + SLACK_BITS < n_bits)
        return true;
    BN_CTX_start(ctx);
    ok = fraction_init(&f, n, e, ctx);
    while (ok && !*found && !BN_is_zero(f.b) && BN_num_bits(f.dg) <= n_bits / 4 + SLACK_BITS) {
        ok = fraction_step(&f, ctx);
        if (ok)
            ok = try_convergent(found, &f, n, e, ctx);
    }
    BN_CTX_end(ctx);
    return ok;
}
