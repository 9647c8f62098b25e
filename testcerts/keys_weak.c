/* The private keys of keys.def that are weak. */
#include "keys.h"
#include "weak.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>

#define NEED(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            tc_die("weak key: %s", #condition);                                                    \
        }                                                                                          \
    } while (0)

/* p, q and e, or d where e is 0: the rest follows. */
struct recipe {
    BIGNUM *p, *q, *e, *d;
    BN_CTX *ctx;
};

static void random_prime(BIGNUM *out, int bits) {
    NEED(BN_generate_prime_ex(out, bits, 0, NULL, NULL, NULL) == 1);
}

/* The first prime from the number on. */
static void next_prime(BIGNUM *number, BN_CTX *ctx) {
    if (!BN_is_odd(number)) {
        NEED(BN_add_word(number, 1) == 1);
    }
    while (BN_check_prime(number, ctx, NULL) != 1) {
        NEED(BN_add_word(number, 2) == 1);
    }
}

static void random_primes(struct recipe *r, int p_bits, int q_bits) {
    random_prime(r->p, p_bits);
    random_prime(r->q, q_bits);
}

static int is_coprime(const BIGNUM *prime, const BIGNUM *e, BN_CTX *ctx) {
    BIGNUM *less = BN_dup(prime), *common = BN_new();
    NEED(less != NULL && common != NULL && BN_sub_word(less, 1) == 1 &&
         BN_gcd(common, less, e, ctx) == 1);
    int coprime = BN_is_one(common);
    BN_free(less);
    BN_free(common);
    return coprime;
}

/* ---- kinds ----------------------------------------------------------------------------------- */

static void with_exponent(struct recipe *r, const char *e) {
    NEED(BN_hex2bn(&r->e, e) != 0);
    do {
        random_prime(r->p, 1024);
    } while (!is_coprime(r->p, r->e, r->ctx));
    do {
        random_prime(r->q, 1024);
    } while (!is_coprime(r->q, r->e, r->ctx));
}

static void exponent_3(struct recipe *r) {
    with_exponent(r, "3");
}

static void exponent_31_bits(struct recipe *r) {
    with_exponent(r, "7fffffff");
}

static void exponent_32_bits(struct recipe *r) {
    with_exponent(r, "8000000b");
}

static void factor_65521(struct recipe *r) {
    NEED(BN_set_word(r->p, 65521) == 1);
    random_prime(r->q, 2033);
}

static void factor_65537(struct recipe *r) {
    NEED(BN_set_word(r->p, 65537) == 1 && BN_set_word(r->e, 17) == 1);
    do {
        random_prime(r->q, 2032);
    } while (!is_coprime(r->q, r->e, r->ctx));
}

/* q is the first prime from p + 2^bits on. */
static void near_primes(struct recipe *r, int bits) {
    random_prime(r->p, 1024);
    NEED(BN_one(r->q) == 1 && BN_lshift(r->q, r->q, bits) == 1 && BN_add(r->q, r->q, r->p) == 1);
    next_prime(r->q, r->ctx);
}

static void close_primes(struct recipe *r) {
    near_primes(r, 100);
}

/* Fermat's method needs (p - q)^2 / 8 sqrt(n) rounds. */
static void close_rounds(struct recipe *r, unsigned eighths) {
    BIGNUM *difference = BN_new(), *low = BN_new(), *square = BN_new();
    NEED(difference != NULL && low != NULL && square != NULL);
    random_prime(r->p, 1024);
    NEED(BN_copy(square, r->p) != NULL && BN_mul_word(square, eighths) == 1);
    /* The root, bit by bit. */
    BN_zero(difference);
    for (int bit = BN_num_bits(square) / 2; bit >= 0; bit--) {
        NEED(BN_set_bit(difference, bit) == 1 && BN_sqr(low, difference, r->ctx) == 1);
        if (BN_cmp(low, square) > 0) {
            NEED(BN_clear_bit(difference, bit) == 1);
        }
    }
    NEED(BN_add(r->q, r->p, difference) == 1);
    next_prime(r->q, r->ctx);
    BN_free(difference);
    BN_free(low);
    BN_free(square);
}

static void close_99_rounds(struct recipe *r) {
    close_rounds(r, 8 * 99 - 4);
}

static void close_101_rounds(struct recipe *r) {
    close_rounds(r, 8 * 101 - 4);
}

static void near_first_120_bits(struct recipe *r) {
    near_primes(r, 904);
}

static void near_first_90_bits(struct recipe *r) {
    near_primes(r, 934);
}

/* 5 and 7 times 2^1021, and a little: the modulus is nearly all zeros. */
static void pattern(struct recipe *r) {
    NEED(BN_set_word(r->p, 5) == 1 && BN_lshift(r->p, r->p, 1021) == 1 &&
         BN_set_word(r->q, 7) == 1 && BN_lshift(r->q, r->q, 1021) == 1);
    next_prime(r->p, r->ctx);
    next_prime(r->q, r->ctx);
}

/* k * M + (65537^a mod M), M the product of the first 126 primes, as for keys of 2048 bits. */
static void roca_prime(BIGNUM *out, BN_CTX *ctx) {
    BIGNUM *product = BN_new(), *generator = BN_new(), *a = BN_new(), *k = BN_new();
    unsigned num = 0;
    NEED(product != NULL && generator != NULL && a != NULL && k != NULL && BN_one(product) == 1 &&
         BN_set_word(generator, 65537) == 1);
    for (unsigned candidate = 2; num < 126; candidate++) {
        unsigned divisor = 2;
        while (candidate % divisor != 0) {
            divisor++;
        }
        if (divisor == candidate) {
            NEED(BN_mul_word(product, candidate) == 1);
            num++;
        }
    }
    do {
        NEED(BN_rand(a, 62, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
             BN_rand(k, 1024 - BN_num_bits(product), BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ANY) == 1 &&
             BN_mod_exp(out, generator, a, product, ctx) == 1 && BN_mul(k, k, product, ctx) == 1 &&
             BN_add(out, out, k) == 1);
    } while (BN_num_bits(out) != 1024 || BN_check_prime(out, ctx, NULL) != 1);
    BN_free(product);
    BN_free(generator);
    BN_free(a);
    BN_free(k);
}

static void roca(struct recipe *r) {
    roca_prime(r->p, r->ctx);
    roca_prime(r->q, r->ctx);
}

static void shared(struct recipe *r) {
    BIGNUM *p = tc_key_bn("weak-shared-a", OSSL_PKEY_PARAM_RSA_FACTOR1);
    NEED(BN_copy(r->p, p) != NULL);
    random_prime(r->q, 1024);
    BN_clear_free(p);
}

static void small_d(struct recipe *r, int bits) {
    BN_zero(r->e);
    random_primes(r, 1024, 1024);
    random_prime(r->d, bits);
}

static void d_500_bits(struct recipe *r) {
    small_d(r, 500);
}

static void d_1024_bits(struct recipe *r) {
    small_d(r, 1024);
}

static void d_1025_bits(struct recipe *r) {
    small_d(r, 1025);
}

static void unbalanced_3_bits(struct recipe *r) {
    random_primes(r, 1023, 1026);
}

static void unbalanced_2_bits(struct recipe *r) {
    random_primes(r, 1023, 1025);
}

static void composite(struct recipe *r) {
    BIGNUM *a = BN_new(), *b = BN_new();
    NEED(a != NULL && b != NULL);
    do {
        random_prime(a, 512);
        random_prime(b, 512);
        NEED(BN_mul(r->p, a, b, r->ctx) == 1);
    } while (!is_coprime(r->p, r->e, r->ctx));
    random_prime(r->q, 1024);
    BN_free(a);
    BN_free(b);
}

/* The modulus of rsa-leaf with another exponent. */
static void other_exponent(struct recipe *r) {
    BIGNUM *p = tc_key_bn("rsa-leaf", OSSL_PKEY_PARAM_RSA_FACTOR1);
    BIGNUM *q = tc_key_bn("rsa-leaf", OSSL_PKEY_PARAM_RSA_FACTOR2);
    NEED(BN_copy(r->p, p) != NULL && BN_copy(r->q, q) != NULL);
    do {
        NEED(BN_add_word(r->e, 2) == 1);
    } while (!is_coprime(r->p, r->e, r->ctx) || !is_coprime(r->q, r->e, r->ctx));
    BN_clear_free(p);
    BN_clear_free(q);
}

static void plain(struct recipe *r) {
    random_primes(r, 1024, 1024);
}

/* ---- RSA ------------------------------------------------------------------------------------- */

/* d is the inverse of e modulo (p-1)(q-1), or the other way round. */
static void complete(struct recipe *r, BIGNUM *n, BIGNUM *dp, BIGNUM *dq, BIGNUM *qinv) {
    BIGNUM *p1 = BN_dup(r->p), *q1 = BN_dup(r->q), *phi = BN_new();
    NEED(p1 != NULL && q1 != NULL && phi != NULL && BN_sub_word(p1, 1) == 1 &&
         BN_sub_word(q1, 1) == 1 && BN_mul(phi, p1, q1, r->ctx) == 1 &&
         BN_mul(n, r->p, r->q, r->ctx) == 1);
    NEED(BN_is_zero(r->e) ? BN_mod_inverse(r->e, r->d, phi, r->ctx) != NULL
                          : BN_mod_inverse(r->d, r->e, phi, r->ctx) != NULL);
    NEED(BN_mod(dp, r->d, p1, r->ctx) == 1 && BN_mod(dq, r->d, q1, r->ctx) == 1 &&
         BN_mod_inverse(qinv, r->q, r->p, r->ctx) != NULL);
    BN_free(p1);
    BN_free(q1);
    BN_free(phi);
}

static EVP_PKEY *key_of(const char *algorithm, OSSL_PARAM_BLD *build) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
    NEED(params != NULL && ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
         EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) == 1);
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    return key;
}

static EVP_PKEY *make_rsa(void (*fill)(struct recipe *r)) {
    struct recipe r = {BN_new(), BN_new(), BN_new(), BN_new(), BN_CTX_new()};
    BIGNUM *n = BN_new(), *dp = BN_new(), *dq = BN_new(), *qinv = BN_new();
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    NEED(r.p != NULL && r.q != NULL && r.e != NULL && r.d != NULL && r.ctx != NULL && n != NULL &&
         dp != NULL && dq != NULL && qinv != NULL && build != NULL);
    NEED(BN_set_word(r.e, 65537) == 1);
    fill(&r);
    complete(&r, n, dp, dq, qinv);
    NEED(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
         OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, r.e) == 1 &&
         OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, r.d) == 1 &&
         OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR1, r.p) == 1 &&
         OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR2, r.q) == 1 &&
         OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT1, dp) == 1 &&
         OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT2, dq) == 1 &&
         OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, qinv) == 1);
    EVP_PKEY *key = key_of("RSA", build);
    BIGNUM *const all[] = {r.p, r.q, r.e, r.d, n, dp, dq, qinv};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        BN_clear_free(all[i]);
    }
    BN_CTX_free(r.ctx);
    return key;
}

/* ---- EC -------------------------------------------------------------------------------------- */

/* The key of P-256 whose private value is this, or the order less it. */
static EVP_PKEY *make_ec(const char *scalar_hex, int negative) {
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = EC_POINT_new(group);
    BIGNUM *d = NULL;
    BN_CTX *ctx = BN_CTX_new();
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    uint8_t octets[65];
    NEED(point != NULL && ctx != NULL && build != NULL && BN_hex2bn(&d, scalar_hex) != 0);
    if (negative) {
        NEED(BN_sub(d, EC_GROUP_get0_order(group), d) == 1);
    }
    NEED(EC_POINT_mul(group, point, d, NULL, NULL, ctx) == 1 &&
         EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, octets, sizeof octets,
                            ctx) == sizeof octets);
    NEED(OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
         OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, octets, sizeof octets) ==
             1 &&
         OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, d) == 1);
    EVP_PKEY *key = key_of("EC", build);
    BN_clear_free(d);
    BN_CTX_free(ctx);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    return key;
}

EVP_PKEY *tc_weak_key_make(const char *kind) {
    static const struct {
        const char *kind;
        void (*fill)(struct recipe *r); /* RSA */
        const char *scalar;             /* EC */
        int negative;
    } rows[] = {
        {"exponent-3", exponent_3, NULL, 0},
        {"exponent-31-bits", exponent_31_bits, NULL, 0},
        {"exponent-32-bits", exponent_32_bits, NULL, 0},
        {"factor-65521", factor_65521, NULL, 0},
        {"factor-65537", factor_65537, NULL, 0},
        {"close", close_primes, NULL, 0},
        {"close-99-rounds", close_99_rounds, NULL, 0},
        {"close-101-rounds", close_101_rounds, NULL, 0},
        {"near-first-120-bits", near_first_120_bits, NULL, 0},
        {"near-first-90-bits", near_first_90_bits, NULL, 0},
        {"pattern", pattern, NULL, 0},
        {"roca", roca, NULL, 0},
        {"plain", plain, NULL, 0},
        {"shared", shared, NULL, 0},
        {"d-500-bits", d_500_bits, NULL, 0},
        {"d-1024-bits", d_1024_bits, NULL, 0},
        {"d-1025-bits", d_1025_bits, NULL, 0},
        {"unbalanced-3-bits", unbalanced_3_bits, NULL, 0},
        {"unbalanced-2-bits", unbalanced_2_bits, NULL, 0},
        {"composite", composite, NULL, 0},
        {"other-exponent", other_exponent, NULL, 0},
        {"scalar-7", NULL, "7", 0},
        {"scalar-minus-16", NULL, "10", 1},
        {"scalar-17", NULL, "11", 0},
        {"scalar-64-bits", NULL, "fedcba9876543210", 0},
        {"scalar-65-bits", NULL, "1fedcba9876543210", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].kind, kind) == 0) {
            return rows[i].fill != NULL ? make_rsa(rows[i].fill)
                                        : make_ec(rows[i].scalar, rows[i].negative);
        }
    }
    tc_die("no such kind of weak key: %s", kind);
}
