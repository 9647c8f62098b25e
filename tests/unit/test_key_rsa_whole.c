/* The quick proof that the parts of an RSA key belong together: against the definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "key_parts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_LEN 256

enum { N, E, D, P, Q, DP, DQ, QINV, NUM_PARTS };

/* Magnitudes as the reader gives them: 0 is one octet. */
struct octets {
    uint8_t data[NUM_PARTS][MAX_LEN];
    size_t len[NUM_PARTS];
};

static void write_parts(struct octets *out, BIGNUM *k[NUM_PARTS]) {
    for (int i = 0; i < NUM_PARTS; i++) {
        int len = BN_is_zero(k[i]) ? 1 : BN_num_bytes(k[i]);
        assert_true(len <= MAX_LEN);
        assert_int_equal(BN_bn2binpad(k[i], out->data[i], len), len);
        out->len[i] = (size_t)len;
    }
}

static bool is_proven(const struct octets *octets) {
    struct cp_span spans[NUM_PARTS];
    for (int i = 0; i < NUM_PARTS; i++)
        spans[i] = (struct cp_span){octets->data[i], octets->len[i]};
    const struct cp_key_rsa rsa = {.n = spans[N],
                                   .e = spans[E],
                                   .d = spans[D],
                                   .p = spans[P],
                                   .q = spans[Q],
                                   .dp = spans[DP],
                                   .dq = spans[DQ],
                                   .qinv = spans[QINV]};
    return cp_key_rsa_is_whole(&rsa);
}

/* It works in words: sizes on their borders and between, and every part altered in each of its
 * octets. */
static void proves_what_openssl_makes(void **state) {
    (void)state;
    static const unsigned sizes[] = {512, 520, 1000, 1026, 2048};
    static const char *const names[NUM_PARTS] = {"n",
                                                 "e",
                                                 "d",
                                                 "rsa-factor1",
                                                 "rsa-factor2",
                                                 "rsa-exponent1",
                                                 "rsa-exponent2",
                                                 "rsa-coefficient1"};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        static struct octets octets;
        BIGNUM *k[NUM_PARTS] = {NULL};
        EVP_PKEY *key = EVP_RSA_gen(sizes[i]);
        assert_non_null(key);
        for (int part = 0; part < NUM_PARTS; part++)
            assert_int_equal(EVP_PKEY_get_bn_param(key, names[part], &k[part]), 1);
        write_parts(&octets, k);
        assert_true(is_proven(&octets));
        for (int part = 0; part < NUM_PARTS; part++)
            for (size_t at = 0; at < octets.len[part]; at++) {
                octets.data[part][at] ^= 0x11;
                if (is_proven(&octets))
                    fail_msg("%u bits: %s, octet %zu", sizes[i], names[part], at);
                octets.data[part][at] ^= 0x11;
            }
        for (int part = 0; part < NUM_PARTS; part++)
            BN_free(k[part]);
        EVP_PKEY_free(key);
    }
}

/* What the proof is to say, by the definition. */
static bool is_whole(BIGNUM *k[NUM_PARTS], BN_CTX *ctx) {
    BIGNUM *p1 = BN_dup(k[P]), *q1 = BN_dup(k[Q]), *t = BN_new();
    bool whole = BN_mul(t, k[P], k[Q], ctx) == 1 && BN_cmp(t, k[N]) == 0 &&
                 BN_cmp(k[P], k[Q]) != 0 && BN_is_odd(k[P]) && BN_is_odd(k[Q]) && BN_is_odd(k[E]) &&
                 !BN_is_one(k[E]) && BN_cmp(k[E], k[N]) < 0 && BN_cmp(k[D], k[N]) < 0 &&
                 BN_sub_word(p1, 1) == 1 && BN_sub_word(q1, 1) == 1;
    whole = whole && BN_mod_mul(t, k[D], k[E], p1, ctx) == 1 && BN_is_one(t) &&
            BN_mod_mul(t, k[D], k[E], q1, ctx) == 1 && BN_is_one(t);
    whole = whole && BN_mod(t, k[D], p1, ctx) == 1 && BN_cmp(t, k[DP]) == 0 &&
            BN_mod(t, k[D], q1, ctx) == 1 && BN_cmp(t, k[DQ]) == 0;
    whole = whole && BN_mod_mul(t, k[QINV], k[Q], k[P], ctx) == 1 && BN_is_one(t) &&
            BN_cmp(k[QINV], k[P]) < 0;
    BN_free(p1), BN_free(q1), BN_free(t);
    return whole;
}

/* Small numbers, which need not be primes: an alteration is right by chance now and then. */
static bool make_small(BIGNUM *k[NUM_PARTS], int p_bits, int q_bits, BN_CTX *ctx) {
    BIGNUM *p1 = BN_new(), *q1 = BN_new(), *gcd = BN_new(), *lcm = BN_new();
    assert_int_equal(BN_rand(k[P], p_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
    assert_int_equal(BN_rand(k[Q], q_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
    assert_int_equal(BN_rand(k[E], 2 + q_bits % 15, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
    assert_int_equal(BN_sub(p1, k[P], BN_value_one()) & BN_sub(q1, k[Q], BN_value_one()) &
                         BN_mul(k[N], k[P], k[Q], ctx) & BN_gcd(gcd, p1, q1, ctx) &
                         BN_mul(lcm, p1, q1, ctx) & BN_div(lcm, NULL, lcm, gcd, ctx),
                     1);
    bool made = BN_mod_inverse(k[D], k[E], lcm, ctx) != NULL &&
                BN_mod_inverse(k[QINV], k[Q], k[P], ctx) != NULL &&
                BN_mod(k[DP], k[D], p1, ctx) == 1 && BN_mod(k[DQ], k[D], q1, ctx) == 1;
    BN_free(p1), BN_free(q1), BN_free(gcd), BN_free(lcm);
    return made;
}

static void judge_small(BIGNUM *k[NUM_PARTS], size_t *num_whole, BN_CTX *ctx) {
    static struct octets octets;
    write_parts(&octets, k);
    bool proven = is_proven(&octets), whole = is_whole(k, ctx);
    if (proven && !whole)
        fail_msg("proof of what is not so");
    /* Only what is out of the ordinary goes without. */
    if (whole && !proven && octets.len[P] >= 2 && octets.len[Q] >= 2 && octets.len[E] <= 4 &&
        octets.len[N] > octets.len[E])
        fail_msg("no proof");
    *num_whole += proven;
}

static void proves_what_is_so_by_chance(void **state) {
    (void)state;
    BIGNUM *k[NUM_PARTS], *right = BN_new();
    BN_CTX *ctx = BN_CTX_new();
    size_t num_whole = 0, num_made = 0;
    for (int i = 0; i < NUM_PARTS; i++)
        assert_non_null(k[i] = BN_new());
    for (int round = 0; round < 3000; round++) {
        if (!make_small(k, 9 + round % 130, 9 + round / 7 % 130, ctx))
            continue;
        num_made++;
        judge_small(k, &num_whole, ctx);
        for (int part = 0; part < NUM_PARTS; part++) {
            assert_non_null(BN_copy(right, k[part]));
            assert_int_equal(round % 2 == 0 ? BN_add_word(k[part], 2 + (BN_ULONG)round % 7)
                                            : BN_rshift1(k[part], right),
                             1);
            judge_small(k, &num_whole, ctx);
            BN_swap(right, k[part]);
        }
    }
    assert_in_range(num_made, 500, 3000);
    assert_true(num_whole >= num_made * 9 / 10);
    for (int i = 0; i < NUM_PARTS; i++)
        BN_free(k[i]);
    BN_free(right);
    BN_CTX_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proves_what_openssl_makes),
        cmocka_unit_test(proves_what_is_so_by_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
