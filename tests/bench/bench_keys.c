/* Keys of which none comes twice, since certprep knows again what it has seen: EC keys are made one
 * by one; RSA-2048 keys, which take long, are the products of a few primes. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>

#include "bench.h"
#include "bench_keys.h"

#define EXPONENT 65537

struct bench_keys {
    bool rsa;
    BIGNUM **primes;
    size_t num_primes;
    size_t i, j; /* the next pair: i < j */
};

/* 1024 bits, the first two of them set, so that products have 2048; no factor of e in p - 1. */
static BIGNUM *make_prime(void) {
    BIGNUM *p = BN_new();
    BENCH_NEED(p != NULL);
    do
        BENCH_NEED(BN_generate_prime_ex(p, 1024, 0, NULL, NULL, NULL) == 1);
    while (BN_mod_word(p, EXPONENT) == 1);
    return p;
}

struct bench_keys *bench_keys_new(bool rsa, size_t num) {
    struct bench_keys *keys = calloc(1, sizeof(*keys));
    BENCH_NEED(keys != NULL);
    *keys = (struct bench_keys){.rsa = rsa, .i = 0, .j = 1};
    while (rsa && keys->num_primes * (keys->num_primes - 1) / 2 < num)
        keys->num_primes++;
    keys->primes = calloc(keys->num_primes + 1, sizeof(*keys->primes));
    BENCH_NEED(keys->primes != NULL);
    for (size_t i = 0; i < keys->num_primes; i++)
        keys->primes[i] = make_prime();
    return keys;
}

void bench_keys_free(struct bench_keys *keys) {
    for (size_t i = 0; i < keys->num_primes; i++)
        BN_free(keys->primes[i]);
    free(keys->primes);
    free(keys);
}

static EVP_PKEY *rsa_of(const BIGNUM *p, const BIGNUM *q) {
    BN_CTX *ctx = BN_CTX_new();
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *from = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *key = NULL;
    BENCH_NEED(ctx != NULL && build != NULL && from != NULL);
    BN_CTX_start(ctx);
    BIGNUM *n = BN_CTX_get(ctx), *e = BN_CTX_get(ctx), *d = BN_CTX_get(ctx);
    BIGNUM *p1 = BN_CTX_get(ctx), *q1 = BN_CTX_get(ctx), *phi = BN_CTX_get(ctx);
    BIGNUM *dp = BN_CTX_get(ctx), *dq = BN_CTX_get(ctx), *qinv = BN_CTX_get(ctx);
    BENCH_NEED(qinv != NULL && BN_mul(n, p, q, ctx) == 1 && BN_set_word(e, EXPONENT) == 1);
    BENCH_NEED(BN_sub(p1, p, BN_value_one()) == 1 && BN_sub(q1, q, BN_value_one()) == 1);
    BENCH_NEED(BN_mul(phi, p1, q1, ctx) == 1 && BN_mod_inverse(d, e, phi, ctx) != NULL);
    BENCH_NEED(BN_mod(dp, d, p1, ctx) == 1 && BN_mod(dq, d, q1, ctx) == 1);
    BENCH_NEED(BN_mod_inverse(qinv, q, p, ctx) != NULL);
    BENCH_NEED(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
               OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1 &&
               OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, d) == 1 &&
               OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR1, p) == 1 &&
               OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR2, q) == 1 &&
               OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT1, dp) == 1 &&
               OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT2, dq) == 1 &&
               OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, qinv) == 1);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    BENCH_NEED(params != NULL && EVP_PKEY_fromdata_init(from) == 1 &&
               EVP_PKEY_fromdata(from, &key, EVP_PKEY_KEYPAIR, params) == 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(from);
    BN_CTX_end(ctx);
    BN_CTX_free(ctx);
    return key;
}

EVP_PKEY *bench_keys_next(struct bench_keys *keys) {
    if (!keys->rsa) {
        EVP_PKEY *key = EVP_EC_gen("P-256");
        BENCH_NEED(key != NULL);
        return key;
    }
    BENCH_NEED(keys->j < keys->num_primes);
    EVP_PKEY *key = rsa_of(keys->primes[keys->i], keys->primes[keys->j]);
    if (++keys->i == keys->j) {
        keys->i = 0;
        keys->j++;
    }
    return key;
}
