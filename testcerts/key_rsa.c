/* RSA private keys, RFC 8017 A.1.2: right, and with one value that does not fit the others. */
#include "keyforms.h"
#include "keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

enum rsa_part { N, E, D, P, Q, DP, DQ, QINV, NUM_PARTS };

static void rsa_load(BIGNUM *parts[NUM_PARTS], const char *key) {
    static const char *const names[NUM_PARTS] = {
        OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
        OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
        OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
    for (int i = 0; i < NUM_PARTS; i++) {
        parts[i] = tc_key_bn(key, names[i]);
    }
}

static void rsa_put(struct tc_bytes *out, BIGNUM *parts[NUM_PARTS]) {
    size_t seq = tc_der_open(out, 0x30);
    tc_der_small(out, 0);
    for (int i = 0; i < NUM_PARTS; i++) {
        tc_der_integer(out, parts[i]);
        BN_clear_free(parts[i]);
        parts[i] = NULL;
    }
    tc_der_close(out, seq);
}

void tc_make_pkcs1(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    BIGNUM *parts[NUM_PARTS];
    rsa_load(parts, key);
    rsa_put(out, parts);
}

/* PKCS#8 with one value greater by 2, so that an odd one stays odd. */
static void rsa_altered(struct tc_bytes *out, const char *key, enum rsa_part part) {
    BIGNUM *parts[NUM_PARTS];
    struct tc_bytes inner = {0};
    rsa_load(parts, key);
    if (BN_add_word(parts[part], 2) != 1) {
        tc_die("out of memory");
    }
    rsa_put(&inner, parts);
    tc_put_pkcs8(out, key, &inner);
    tc_clear(&inner);
}

void tc_make_rsa_bad_dp(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    rsa_altered(out, key, DP);
}

void tc_make_rsa_bad_dq(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    rsa_altered(out, key, DQ);
}

void tc_make_rsa_bad_qinv(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    rsa_altered(out, key, QINV);
}

/* d is greater by 2, and dP and dQ belong to it: only d*e = 1 fails. */
void tc_make_rsa_bad_d(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    BIGNUM *parts[NUM_PARTS];
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *minus_one = BN_new();
    struct tc_bytes inner = {0};
    rsa_load(parts, key);
    if (ctx == NULL || minus_one == NULL || BN_add_word(parts[D], 2) != 1 ||
        BN_sub(minus_one, parts[P], BN_value_one()) != 1 ||
        BN_nnmod(parts[DP], parts[D], minus_one, ctx) != 1 ||
        BN_sub(minus_one, parts[Q], BN_value_one()) != 1 ||
        BN_nnmod(parts[DQ], parts[D], minus_one, ctx) != 1) {
        tc_die("can't alter the key %s", key);
    }
    rsa_put(&inner, parts);
    tc_put_pkcs8(out, key, &inner);
    BN_clear_free(minus_one);
    BN_CTX_free(ctx);
    tc_clear(&inner);
}

/* n and e of this key, all private values of another: only p*q = n fails. */
void tc_make_rsa_bad_n(struct tc_bytes *out, const char *key, const char *other) {
    BIGNUM *mine[NUM_PARTS], *theirs[NUM_PARTS];
    struct tc_bytes inner = {0};
    rsa_load(mine, key);
    rsa_load(theirs, other);
    BN_clear_free(theirs[N]);
    theirs[N] = BN_dup(mine[N]);
    if (theirs[N] == NULL) {
        tc_die("out of memory");
    }
    rsa_put(&inner, theirs);
    tc_put_pkcs8(out, key, &inner);
    for (int i = 0; i < NUM_PARTS; i++) {
        BN_clear_free(mine[i]);
    }
    tc_clear(&inner);
}
