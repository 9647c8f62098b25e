/* weakkey: tests of RSA numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/evp.h>

#include "weakkey/rsa_tests.h"
#include "weakkey/small_factors.h"
#include "weakkey/weakkey.h"

#define MAX_OCTETS (CP_MAX_RSA_BITS / 8 + 8)

static BN_CTX *ctx;

static int set_up(void **state) {
    (void)state;
    ctx = BN_CTX_new();
    return ctx == NULL ? -1 : 0;
}

static int tear_down(void **state) {
    (void)state;
    BN_CTX_free(ctx);
    return 0;
}

/* A modulus that borrows from room. */
static struct cp_modulus modulus_of(uint8_t room[MAX_OCTETS], const BIGNUM *n) {
    struct cp_modulus modulus;
    int len = BN_bn2bin(n, room);
    assert_true(len >= 0 && len <= MAX_OCTETS);
    assert_true(cp_modulus_init(&modulus, (struct cp_span){room, (size_t)len}));
    return modulus;
}

static BIGNUM *number(const char *decimal) {
    BIGNUM *out = NULL;
    assert_true(BN_dec2bn(&out, decimal) > 0);
    return out;
}

static BIGNUM *prime(int bits) {
    BIGNUM *out = BN_new();
    assert_non_null(out);
    assert_int_equal(BN_generate_prime_ex(out, bits, 0, NULL, NULL, NULL), 1);
    return out;
}

static BIGNUM *product(const BIGNUM *a, const BIGNUM *b) {
    BIGNUM *out = BN_new();
    assert_non_null(out);
    assert_int_equal(BN_mul(out, a, b, ctx), 1);
    return out;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static void takes_odd_moduli(void **state) {
    (void)state;
    static uint8_t longest[CP_MAX_RSA_BITS / 8 + 1];
    memset(longest, 0xff, sizeof(longest));
    static const uint8_t three[] = {3}, even[] = {1, 0}, one[] = {1}, zero[] = {0},
                         padded[] = {0, 0, 5}, nine[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const struct {
        struct cp_span octets;
        bool taken;
        size_t num_words;
        const char *reason;
    } rows[] = {
        {{three, 1}, true, 1, "the least one"},
        {{even, 2}, false, 0, "even"},
        {{one, 1}, false, 0, "1 has no factors"},
        {{zero, 1}, false, 0, "0"},
        {{NULL, 0}, false, 0, "nothing"},
        {{padded, 3}, true, 1, "leading zeros do not count"},
        {{nine, 9}, true, 2, "a word and an octet"},
        {{longest, sizeof(longest) - 1}, true, CP_MAX_RSA_WORDS, "the longest"},
        {{longest, sizeof(longest)}, false, 0, "longer than the longest"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cp_modulus modulus;
        print_message("  %s\n", rows[i].reason);
        assert_int_equal(cp_modulus_init(&modulus, rows[i].octets), rows[i].taken);
        if (rows[i].taken)
            assert_int_equal(modulus.num_words, rows[i].num_words);
    }
    struct cp_modulus modulus;
    assert_true(cp_modulus_init(&modulus, (struct cp_span){nine, 9}));
    assert_true(modulus.words[0] == UINT64_C(0x0203040506070809) && modulus.words[1] == 1);
}

static void check_sqrt(const BIGNUM *n) {
    BIGNUM *root = BN_new(), *rest = BN_new(), *again = BN_new();
    assert_true(cp_number_sqrt(root, rest, n, ctx));
    assert_false(BN_is_negative(rest));
    assert_int_equal(BN_sqr(again, root, ctx), 1);
    assert_int_equal(BN_add(again, again, rest), 1);
    assert_int_equal(BN_cmp(again, n), 0);
    assert_int_equal(BN_lshift1(root, root), 1);
    assert_true(BN_cmp(rest, root) <= 0);
    BN_free(root);
    BN_free(rest);
    BN_free(again);
}

/* n = root^2 + rest with rest <= 2 root has one solution: the test proves it. */
static void takes_square_roots(void **state) {
    (void)state;
    static const int sizes[] = {1,   2,   3,   30,  31,   32,   61,   62,   63,   64,   65,
                                100, 124, 127, 128, 1000, 1024, 2047, 2048, 4096, 16384};
    BIGNUM *n = BN_new();
    BN_zero(n);
    check_sqrt(n);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (int round = 0; round < 20; round++) {
            assert_int_equal(BN_rand(n, sizes[i], BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY), 1);
            check_sqrt(n);
            BIGNUM *square = product(n, n); /* the edges: k^2 - 1, k^2, k^2 + 1 */
            check_sqrt(square);
            assert_int_equal(BN_add_word(square, 1), 1);
            check_sqrt(square);
            assert_int_equal(BN_sub_word(square, 2), 1);
            check_sqrt(square);
            BN_free(square);
        }
    for (int bits = 1; bits < 600; bits++) { /* 2^bits - 1: the longest carries */
        BN_zero(n);
        assert_int_equal(BN_set_bit(n, bits), 1);
        assert_int_equal(BN_sub_word(n, 1), 1);
        check_sqrt(n);
    }
    BN_free(n);
}

/* ---- small factors --------------------------------------------------------------------------- */

/* Every odd prime below 2^16, by both ways: as one of few keys, and as one of many. */
static void finds_each_small_factor(void **state) {
    (void)state;
    uint8_t room[MAX_OCTETS];
    BIGNUM *large = prime(2000), *n = BN_new();
    size_t num = 0;
    struct cp_small_factors *few = NULL, *many = cp_small_factors_new();
    assert_non_null(many);
    struct cp_modulus modulus = modulus_of(room, large);
    for (int i = 0; i < CP_SMALL_FACTORS_MANY; i++)
        assert_int_equal(cp_small_factors_find(many, &modulus), 0);
    for (uint32_t p = 3; p < CP_SMALL_PRIME_LIMIT; p += 2) {
        bool is_prime = true;
        for (uint32_t d = 3; is_prime && d * d <= p; d += 2)
            is_prime = p % d != 0;
        if (!is_prime)
            continue;
        if (num++ % (CP_SMALL_FACTORS_MANY - 1) == 0) {
            cp_small_factors_free(few);
            few = cp_small_factors_new();
            assert_non_null(few);
        }
        assert_non_null(BN_copy(n, large));
        assert_int_equal(BN_mul_word(n, p), 1);
        modulus = modulus_of(room, n);
        assert_int_equal(cp_small_factors_find(few, &modulus), p);
        assert_int_equal(cp_small_factors_find(many, &modulus), p);
    }
    assert_int_equal(num, 6541);
    cp_small_factors_free(few);
    cp_small_factors_free(many);
    BN_free(large);
    BN_free(n);
}

static void finds_the_least_factor(void **state) {
    (void)state;
    static const struct {
        const char *n;
        uint32_t factor;
        const char *reason;
    } rows[] = {
        {"3", 3, "a prime itself"},
        {"65521", 65521, "the largest prime below the limit"},
        {"65537", 0, "the least prime above it"},
        {"4295098369", 0, "65537 squared"},
        {"4292870399", 65519, "the two largest, one times the other"},
        {"18446744073709551615", 3, "all bits of a word"},
        {"340282366920938463463374607431768211455", 3, "all bits of two words"},
        {"340282366920938463463374607431768211297", 0, "a prime of two words"},
    };
    uint8_t room[MAX_OCTETS];
    struct cp_small_factors *table = cp_small_factors_new();
    assert_non_null(table);
    for (int round = 0; round < 2 * CP_SMALL_FACTORS_MANY; round++)
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            BIGNUM *n = number(rows[i].n);
            struct cp_modulus modulus = modulus_of(room, n);
            if (cp_small_factors_find(table, &modulus) != rows[i].factor)
                fail_msg("%s: want %u", rows[i].reason, (unsigned)rows[i].factor);
            BN_free(n);
        }
    cp_small_factors_free(table);
}

/* ---- Fermat ---------------------------------------------------------------------------------- */

static void finds_close_primes(void **state) {
    (void)state;
    static const struct {
        const char *p, *q;
        bool found;
        const char *reason;
    } rows[] = {
        {"1000003", "1000003", true, "the same prime twice"},
        {"1000003", "1000033", true, "neighbours"},
        {"1000003", "1028023", true, "(q-p)^2 / 8 sqrt(n) is 97"},
        {"1000003", "1029001", false, "it is 104"},
        {"65537", "1000003", false, "far apart"},
        {"3", "340282366920938463463374607431768211297", false, "far, far apart"},
        {"1", "1000003", false, "a prime: n is n times 1"},
        {"1", "13", false, "a prime so small that its only factors are within the rounds"},
    };
    uint8_t room[MAX_OCTETS];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        BIGNUM *p = number(rows[i].p), *q = number(rows[i].q), *n = product(p, q);
        struct cp_modulus modulus = modulus_of(room, n);
        bool found = !rows[i].found;
        print_message("  %s\n", rows[i].reason);
        assert_true(cp_fermat_find(&found, &modulus, n, ctx));
        assert_int_equal(found, rows[i].found);
        BN_free(p);
        BN_free(q);
        BN_free(n);
    }
}

/* The sieve leaves no round out that matters: all pairs of primes in a range, by definition. */
static void leaves_no_round_out(void **state) {
    (void)state;
    uint8_t room[MAX_OCTETS];
    for (uint64_t p = 100003; p < 100600; p += 2)
        for (uint64_t q = p; q < p + 12000; q += 222) {
            uint64_t n = p * q, root = 1, rounds;
            while (root * root < n)
                root += root * root + 200000 < n && root < 100000 ? 100 : 1;
            rounds = (p + q) / 2 - root;
            BIGNUM *number_n = BN_new();
            bool found = false;
            assert_int_equal(BN_set_word(number_n, n), 1);
            struct cp_modulus modulus = modulus_of(room, number_n);
            assert_true(cp_fermat_find(&found, &modulus, number_n, ctx));
            if (rounds < CP_FERMAT_ROUNDS)
                assert_true(found);
            BN_free(number_n);
        }
}

/* ---- ROCA, patterns -------------------------------------------------------------------------- */

/* A public key of an affected device, as badkeys' tests have it: made by others, unlike our own. */
static void knows_a_published_roca_key(void **state) {
    (void)state;
    static const char body[] = "MIIBCgKCAQEAkTKtIR/MDftNrkgyashkwifks5Swm9HEkw4ZcCijyQdpTStInk9p"
                               "dUrq4zjG6tk5xX9AaYXLu47fmiBVzClGvAXTZbpn6JbG1IERUs+i0pBRT5CzUu7v"
                               "J/63L72NzVvJFaT0SUE5zByhCjJE+pflMnX1e1UptOdnN5AHeY4RKkugVse3XO2x"
                               "Ms3yH3vTyZdtnaOIFRU0d6E7PrsgRtEAqFHcAGmPUw0ZOW8A++8sS/FlnrxMf9lV"
                               "a1/8k/A8otPfrNIipfAoq0MKJ+oxE2wML1DDxIGTGmNaN3gPANJyeuca7ptA+NGq"
                               "5oU1x3pWMXgSvrVSXUooNk8xIkrKxSz3LQIDAQAB";
    uint8_t der[300];
    int len = EVP_DecodeBlock(der, (const unsigned char *)body, (int)sizeof(body) - 1);
    assert_true(len >= 270);
    struct cp_modulus modulus;
    assert_true(cp_modulus_init(&modulus, (struct cp_span){der + 9, 256}));
    assert_true(cp_roca_matches(&modulus));
    der[9 + 255] ^= 4;
    assert_true(cp_modulus_init(&modulus, (struct cp_span){der + 9, 256}));
    assert_false(cp_roca_matches(&modulus));
}

/* Residues that are powers of 65537 modulo each prime, but not the same power: only the logarithms
 * tell it apart. Built by the Chinese remainder theorem from random powers. */
static void wants_one_logarithm(void **state) {
    (void)state;
    static const unsigned primes[] = {
        3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
        73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
    uint8_t room[MAX_OCTETS];
    for (unsigned same = 0; same < 2; same++) {
        BIGNUM *n = BN_new(), *all = BN_new();
        assert_int_equal(BN_one(n), 1);
        assert_int_equal(BN_set_word(all, 2), 1); /* odd */
        for (size_t i = 0; i < sizeof(primes) / sizeof(primes[0]); i++) {
            unsigned p = primes[i], want = 1;
            size_t exponent = same ? 1234567 : 1234567 + i * i * 7919;
            for (size_t j = 0; j < exponent; j++)
                want = want * (65537 % p) % p;
            while (BN_mod_word(n, p) != want)
                assert_int_equal(BN_add(n, n, all), 1);
            assert_int_equal(BN_mul_word(all, p), 1);
        }
        struct cp_modulus modulus = modulus_of(room, n);
        assert_int_equal(cp_roca_matches(&modulus), same);
        BN_free(n);
        BN_free(all);
    }
}

static void knows_patterns(void **state) {
    (void)state;
    static const struct {
        uint8_t octets[20];
        size_t len;
        bool found;
        const char *reason;
    } rows[] = {
        {{0x12, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0x13}, 18, true, "16 octets"},
        {{0x12, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0x13}, 17, false, "15 octets"},
        {{0x10, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21,
          0x21, 0x21, 0x21, 0x13},
         19,
         true,
         "17 octets"},
        {{0x13, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21,
          0x21, 0x23},
         17,
         false,
         "15 octets and a half"},
        {{0x12, 0x12, 0x12, 0x12, 0x12, 0x12, 0x12, 0x12, 0x12, 0x12, 0x12, 0x12, 0x12, 0x12, 0x12,
          0x13},
         16,
         false,
         "15 octets from the start"},
        {{0x31, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21, 0x21,
          0x21, 0x23},
         17,
         true,
         "16 at half an octet: 12 12 ..."},
        {{1}, 1, false, "too short"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (cp_pattern_matches((struct cp_span){rows[i].octets, rows[i].len}) != rows[i].found)
            fail_msg("%s", rows[i].reason);
    assert_false(cp_pattern_matches((struct cp_span){NULL, 0}));
}

/* ---- Wiener ---------------------------------------------------------------------------------- */

static void finds_small_exponents(void **state) {
    (void)state;
    static const struct {
        const char *n, *e;
        bool found;
        const char *reason;
    } rows[] = {
        {"90581", "17993", true, "239 * 379, d = 5"}, {"64741", "42667", true, "101 * 641, d = 3"},
        {"90581", "3", false, "d is large"},          {"90581", "90581", false, "e is n"},
        {"90581", "1", false, "no exponent at all"},  {"3", "2", false, "no modulus at all"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        BIGNUM *n = number(rows[i].n), *e = number(rows[i].e);
        bool found = !rows[i].found;
        print_message("  %s\n", rows[i].reason);
        assert_true(cp_wiener_find(&found, n, e, ctx));
        assert_int_equal(found, rows[i].found);
        BN_free(n);
        BN_free(e);
    }
}

/* d of a quarter of the bits less 2 is found, modulo (p-1)(q-1) as modulo their common multiple;
 * one of 8 bits more is not. */
static void finds_what_wiener_proves(void **state) {
    (void)state;
    BIGNUM *p = prime(512), *q = prime(512), *n = product(p, q), *p1 = BN_dup(p), *q1 = BN_dup(q);
    BIGNUM *common = BN_new(), *order = BN_new(), *e = BN_new();
    assert_int_equal(BN_sub_word(p1, 1), 1);
    assert_int_equal(BN_sub_word(q1, 1), 1);
    for (int lcm = 0; lcm < 2; lcm++)
        for (int bits = 40; bits <= 264; bits += 14) {
            bool found = false;
            assert_int_equal(BN_mul(order, p1, q1, ctx), 1);
            assert_int_equal(BN_gcd(common, p1, q1, ctx), 1);
            if (lcm)
                assert_int_equal(BN_div(order, NULL, order, common, ctx), 1);
            BIGNUM *d = prime(bits);
            if (BN_mod_inverse(e, d, order, ctx) != NULL) {
                assert_true(cp_wiener_find(&found, n, e, ctx));
                if (bits <= 254 - (lcm ? BN_num_bits(common) : 0))
                    assert_true(found);
                if (bits >= 264)
                    assert_false(found);
            }
            BN_free(d);
        }
    BIGNUM *const all[] = {p, q, n, p1, q1, common, order, e};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        BN_free(all[i]);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Hostile numbers of the longest kind end, and soon. */
static void bears_hostile_moduli(void **state) {
    (void)state;
    static uint8_t n[CP_MAX_RSA_BITS / 8 + 1], e[CP_MAX_RSA_BITS / 8 + 1];
    struct cp_weakkey *weakkey = NULL;
    assert_int_equal(cp_weakkey_new(&weakkey, NULL), CP_OK);
    for (unsigned round = 0; round < 40; round++) {
        struct cp_weak_facts facts;
        struct cp_weak_key key = {.type = CP_KEY_RSA};
        memset(n, round % 4 == 0 ? 0xff : round % 4 == 1 ? 0 : (int)(round * 37), sizeof(n));
        memset(e, round % 3 == 0 ? 0xff : (int)(round * 91), sizeof(e));
        n[sizeof(n) - 1] |= 1;
        if (round % 5 == 4) { /* nothing is cheap about this one: no small factor, a large e */
            BIGNUM *p = prime(512), *q = prime(512), *both = product(p, q);
            memset(n, 0, sizeof(n));
            assert_true(BN_bn2binpad(both, n, 128) == 128);
            key.n.len = 128;
            BN_free(p);
            BN_free(q);
            BN_free(both);
        } else {
            key.n.len = sizeof(n) - round % 3;
        }
        key.n.data = n;
        if (key.n.len != 128)
            n[key.n.len - 1] |= 1;
        key.e = (struct cp_span){e, round % 7 == 0 ? 0 : sizeof(e) - 128 * (round % 9)};
        key.spki_sha256[0] = (uint8_t)round;
        key.spki_sha256[1] = 1;
        assert_int_equal(cp_weakkey_judge(weakkey, &facts, &key, false, false, NULL), CP_OK);
        if (key.n.len == CP_MAX_RSA_BITS / 8 && round % 4 == 0)
            assert_true((facts.defects & CP_WEAK_SMALL_FACTOR) != 0); /* 2^k - 1 */
        if (key.n.len > CP_MAX_RSA_BITS / 8)
            assert_int_equal(facts.defects, 0);
    }
    cp_weakkey_free(weakkey);
}

/* A product of two large primes with the largest e that is not over it: all tests run to the end.
 */
static void bears_the_longest_modulus(void **state) {
    (void)state;
    static uint8_t n[CP_MAX_RSA_BITS / 8], e[CP_MAX_RSA_BITS / 8];
    struct cp_weakkey *weakkey = NULL;
    struct cp_small_factors *table = cp_small_factors_new();
    struct cp_weak_facts facts;
    struct cp_modulus modulus;
    BIGNUM *number_n = BN_new();
    assert_non_null(table);
    assert_int_equal(cp_weakkey_new(&weakkey, NULL), CP_OK);
    do { /* a number without small factors: one in ten */
        assert_int_equal(BN_rand(number_n, CP_MAX_RSA_BITS, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD),
                         1);
        assert_true(BN_bn2binpad(number_n, n, sizeof(n)) == (int)sizeof(n));
        assert_true(cp_modulus_init(&modulus, (struct cp_span){n, sizeof(n)}));
    } while (cp_small_factors_find(table, &modulus) != 0);
    memcpy(e, n, sizeof(e));
    e[0] ^= 0x40;
    struct cp_weak_key key = {
        .type = CP_KEY_RSA, .n = {n, sizeof(n)}, .e = {e, sizeof(e)}, .spki_sha256 = {9}};
    assert_int_equal(cp_weakkey_judge(weakkey, &facts, &key, false, true, NULL), CP_OK);
    assert_int_equal(facts.defects, CP_WEAK_NOT_TRIED);
    BN_free(number_n);
    cp_small_factors_free(table);
    cp_weakkey_free(weakkey);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_odd_moduli),
        cmocka_unit_test(takes_square_roots),
        cmocka_unit_test(finds_each_small_factor),
        cmocka_unit_test(finds_the_least_factor),
        cmocka_unit_test(finds_close_primes),
        cmocka_unit_test(leaves_no_round_out),
        cmocka_unit_test(knows_a_published_roca_key),
        cmocka_unit_test(wants_one_logarithm),
        cmocka_unit_test(knows_patterns),
        cmocka_unit_test(finds_small_exponents),
        cmocka_unit_test(finds_what_wiener_proves),
        cmocka_unit_test(bears_hostile_moduli),
        cmocka_unit_test(bears_the_longest_modulus),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
