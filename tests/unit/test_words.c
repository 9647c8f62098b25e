/* Numbers as words, against OpenSSL's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <openssl/bn.h>
#include <string.h>

#include "weakkey/square_root.h"
#include "words.h"

#define MAX_WORDS 40
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static BIGNUM *a, *b, *c, *d;
static BN_CTX *ctx;

static int setup(void **state) {
    (void)state;
    a = BN_new(), b = BN_new(), c = BN_new(), d = BN_new();
    ctx = BN_CTX_new();
    return a == NULL || b == NULL || c == NULL || d == NULL || ctx == NULL;
}

static int teardown(void **state) {
    (void)state;
    BN_free(a), BN_free(b), BN_free(c), BN_free(d);
    BN_CTX_free(ctx);
    return 0;
}

static void load(uint64_t *out, size_t num, const BIGNUM *number) {
    uint8_t octets[8 * 2 * MAX_WORDS];
    assert_true(BN_num_bytes(number) <= (int)(8 * num) && 8 * num <= sizeof(octets));
    assert_int_equal(BN_bn2bin(number, octets), BN_num_bytes(number));
    cp_words_load(out, num, (struct cp_span){octets, (size_t)BN_num_bytes(number)});
}

static void expect(const uint64_t *words, size_t num, const BIGNUM *want, const char *reason) {
    uint64_t wanted[2 * MAX_WORDS];
    load(wanted, num, want);
    if (memcmp(words, wanted, num * sizeof(*words)) != 0)
        fail_msg("%s", reason);
}

static void loads_octets(void **state) {
    (void)state;
    static const struct {
        const char *octets;
        size_t len, num;
        uint64_t want[3];
        const char *reason;
    } rows[] = {
        {"", 0, 2, {0, 0}, "nothing is 0"},
        {"\x01", 1, 1, {1}, "one octet"},
        {"\x01\x02\x03\x04\x05\x06\x07\x08", 8, 1, {0x0102030405060708}, "a whole word"},
        {"\x01\x02\x03\x04\x05\x06\x07\x08", 8, 2, {0x0102030405060708, 0}, "and 0 above it"},
        {"\xff\x01\x02\x03\x04\x05\x06\x07\x08", 9, 2, {0x0102030405060708, 0xff}, "an octet more"},
        {"\xff\x01\x02\x03\x04\x05\x06\x07\x08", 9, 3, {0x0102030405060708, 0xff, 0}, "and 0"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t words[3] = {7, 7, 7};
        cp_words_load(words, rows[i].num,
                      (struct cp_span){(const uint8_t *)rows[i].octets, rows[i].len});
        if (memcmp(words, rows[i].want, rows[i].num * sizeof(*words)) != 0)
            fail_msg("%s", rows[i].reason);
    }
}

/* All ones are where carries are longest. */
static void make(BIGNUM *out, size_t num, int round) {
    BN_zero(out);
    if (round % 4 == 0) {
        assert_int_equal(BN_set_bit(out, (int)(64 * num)), 1);
        assert_int_equal(BN_sub_word(out, 1 + (BN_ULONG)round), 1);
    } else {
        assert_int_equal(
            BN_rand(out, (int)(64 * num) - round % 3, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY), 1);
    }
}

static void multiplies_and_subtracts(void **state) {
    (void)state;
    for (int round = 0; round < 400; round++) {
        size_t a_num = 1 + (size_t)round % MAX_WORDS, b_num = 1 + (size_t)round / 4 % MAX_WORDS;
        uint64_t x[MAX_WORDS], y[MAX_WORDS], product[2 * MAX_WORDS];
        make(a, a_num, round);
        make(b, b_num, round + 1);
        load(x, a_num, a);
        load(y, b_num, b);
        cp_words_multiply(product, x, a_num, y, b_num);
        assert_int_equal(BN_mul(c, a, b, ctx), 1);
        expect(product, a_num + b_num, c, "product");

        make(b, a_num, round + 1);
        load(y, a_num, b);
        bool below = BN_cmp(a, b) < 0;
        assert_int_equal(cp_words_differ(x, y, a_num) != 0, BN_cmp(a, b) != 0);
        assert_int_equal(cp_words_subtract(x, x, y, a_num), below);
        assert_int_equal(BN_sub(c, a, b), 1);
        if (below) { /* modulo 2^(64 a_num) */
            BN_zero(d);
            assert_int_equal(BN_set_bit(d, (int)(64 * a_num)), 1);
            assert_int_equal(BN_add(c, c, d), 1);
        }
        expect(x, a_num, c, "difference");
    }
}

/* A multiple, one less, and one more. */
static void knows_multiples(void **state) {
    (void)state;
    for (int round = 0; round < 400; round++) {
        size_t num = 1 + (size_t)round % 20, more = (size_t)round / 20 % 20;
        uint64_t odd[MAX_WORDS], x[MAX_WORDS + 2];
        make(a, num, round);
        assert_int_equal(BN_set_bit(a, 0), 1);
        assert_int_equal(BN_set_bit(a, (int)(64 * num) - 1 - round % 64), 1);
        load(odd, num, a);
        make(b, more + (more == 0), round + 1);
        if (more == 0 || BN_is_zero(b))
            assert_int_equal(BN_one(b), 1);
        assert_int_equal(BN_mul(c, a, b, ctx), 1);
        for (int add = -1; add <= 1; add++) {
            assert_non_null(BN_copy(d, c));
            assert_int_equal(add < 0 ? BN_sub_word(d, 1) : BN_add_word(d, (BN_ULONG)add), 1);
            if (BN_is_zero(d) || BN_num_bytes(d) > (int)(8 * (num + more)))
                continue;
            bool want = BN_is_one(a) || add == 0;
            load(x, num + more, d);
            if (cp_words_is_multiple(x, num + more, odd, num) != want)
                fail_msg("%zu words and %zu, %+d", num, more, add);
        }
    }
}

static void inverts_words(void **state) {
    (void)state;
    for (uint64_t odd = 1, i = 0; i < 1000; i++, odd = odd * 6364136223846793005U + 2)
        assert_true(odd * cp_word_inverse(odd) == 1);
}

/* The root of k^2 - 1, k^2, k^2 + 1 and k^2 + 2k, for every number of words. */
static void takes_roots_on_the_edges(void **state) {
    (void)state;
    for (int round = 0; round < 400; round++) {
        size_t num = 1 + (size_t)round % MAX_WORDS;
        uint64_t n[2 * MAX_WORDS], root[MAX_WORDS];
        make(a, num, round);
        if (BN_is_zero(a))
            continue;
        assert_int_equal(BN_sqr(b, a, ctx), 1);
        for (int edge = 0; edge < 4; edge++) {
            assert_non_null(BN_copy(c, b));
            assert_non_null(BN_copy(d, a));
            if (edge == 0)
                assert_int_equal(BN_sub_word(c, 1) & BN_sub_word(d, 1), 1);
            if (edge == 2)
                assert_int_equal(BN_add_word(c, 1), 1);
            if (edge == 3)
                assert_int_equal(BN_add(c, c, a) & BN_add(c, c, a), 1);
            load(n, 2 * num, c);
            cp_square_root(root, n, 2 * num);
            expect(root, num, d, "root");
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_octets),
        cmocka_unit_test(multiplies_and_subtracts),
        cmocka_unit_test(knows_multiples),
        cmocka_unit_test(inverts_words),
        cmocka_unit_test(takes_roots_on_the_edges),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
