/* Code for wider registers gives what the portable code gives. Where the processor has none, both
 * are the same code, and the test says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base64_simd.h"
#include "weakkey/small_factors.h"
#include "weakkey/small_factors_wide.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_there(void) {
    if (!cp_has_avx2())
        print_message("[  SKIPPED ] no AVX2 on this processor\n");
    return cp_has_avx2();
}

/* ---- base64 ---------------------------------------------------------------------------------- */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Each character at each of 32 places: taken if it is a digit, with its own value, and only then.
 */
static void knows_every_character(void **state) {
    (void)state;
    if (!is_there())
        skip();
    for (unsigned c = 0; c < 256; c++)
        for (size_t at = 0; at < 32; at++) {
            uint8_t text[32], out[24 + 1], want[24] = {0};
            const char *digit = c == 0 ? NULL : strchr(digits, (int)c);
            memset(text, 'A', sizeof(text));
            memset(out, 0xee, sizeof(out));
            text[at] = (uint8_t)c;
            size_t written = 7, used = cp_base64_run_avx2(out, &written, text, sizeof(text));
            assert_int_equal(used, digit != NULL ? 32 : c == '\n' && at == 0 ? 1 : 0);
            assert_int_equal(written, digit != NULL ? 24 : 0);
            assert_int_equal(out[24], 0xee);
            if (digit == NULL)
                continue;
            uint32_t group = (uint32_t)(digit - digits) << (6 * (3 - at % 4));
            for (size_t i = 0; i < 3; i++)
                want[at / 4 * 3 + i] = (uint8_t)(group >> (8 * (2 - i)));
            assert_memory_equal(out, want, sizeof(want));
        }
}

/* Lines shorter than 32 characters are decoded without it: the same octets in lines of every
 * length, and no octet behind them touched. */
static void decodes_lines_of_any_length(void **state) {
    (void)state;
    uint8_t data[300];
    char text[2 * sizeof(data)];
    assert_int_equal(RAND_bytes(data, sizeof(data)), 1);
    for (size_t len = 1; len <= sizeof(data); len += 1 + len / 8)
        for (size_t width = 1; width <= 140; width++) {
            char plain[2 * sizeof(data)];
            size_t num = cp_base64_encode_lines(plain, (struct cp_span){data, len}), used = 0;
            for (size_t i = 0, column = 0; i < num; i++) {
                if (plain[i] == '\n')
                    continue;
                text[used++] = plain[i];
                if (++column == width) {
                    text[used++] = '\n';
                    column = 0;
                }
                if (used + 2 >= sizeof(text)) /* narrow lines of long data do not fit */
                    break;
            }
            if (used + 2 >= sizeof(text))
                continue;
            struct cp_span span = {(const uint8_t *)text, used};
            uint8_t *out = malloc(cp_base64_max(used)); /* its end is the allocator's to watch */
            size_t out_len = 0, bad = 0;
            const char *reason = NULL;
            assert_non_null(out);
            assert_int_equal(cp_base64_decode(out, &out_len, span, &bad, &reason), CP_OK);
            assert_int_equal(out_len, len);
            assert_memory_equal(out, data, len);
            free(out);
        }
}

/* A wrong character is found where it is, wherever it stands. */
static void says_where(void **state) {
    (void)state;
    for (size_t len = 4; len <= 200; len += 4)
        for (size_t at = 0; at < len; at++) {
            uint8_t text[200], out[200];
            size_t out_len = 0, bad = 0;
            const char *reason = NULL;
            memset(text, 'z', len);
            text[at] = at % 2 == 0 ? '-' : 0xc3;
            assert_int_equal(
                cp_base64_decode(out, &out_len, (struct cp_span){text, len}, &bad, &reason),
                CP_ERR_PARSE);
            assert_int_equal(bad, at);
        }
}

/* ---- small factors --------------------------------------------------------------------------- */

/* A factor now and then, by random numbers of every length, all ones, and few bits. */
static void agrees_on_small_factors(void **state) {
    (void)state;
    static struct cp_modulus modulus;
    static uint8_t octets[CP_MAX_RSA_BITS / 8];
    static const size_t lens[] = {1,   2,   8,   9,   64,  65,   66,   128,  129,  255, 256,
                                  257, 260, 261, 384, 512, 1024, 1040, 1041, 2047, 2048};
    size_t num_found = 0, num = 0;
    struct cp_small_factors *few = NULL, *many = cp_small_factors_new();
    assert_non_null(many);
    for (size_t round = 0; round < 40; round++)
        for (size_t i = 0; i < COUNT(lens); i++) {
            size_t len = lens[i];
            assert_int_equal(RAND_bytes(octets, (int)len), 1);
            if (round % 5 == 1)
                memset(octets, 0xff, len);
            if (round % 5 == 2)
                memset(octets + len / 4, 0, len - len / 4);
            octets[len - 1] |= 1;
            if (!cp_modulus_init(&modulus, (struct cp_span){octets, len}))
                continue;
            if (num++ % (CP_SMALL_FACTORS_MANY - 1) == 0) { /* never so many that it changes over */
                cp_small_factors_free(few);
                few = cp_small_factors_new();
                assert_non_null(few);
            }
            uint32_t factor = cp_small_factors_find(few, &modulus);
            if (cp_small_factors_find(many, &modulus) != factor)
                fail_msg("%zu octets: want %u", len, (unsigned)factor);
            num_found += factor != 0;
        }
    assert_in_range(num_found, num / 2, num - 1); /* 19 of 20 random numbers, and not all of them */
    cp_small_factors_free(few);
    cp_small_factors_free(many);
}

/* It says of itself what it found: no other test is behind it. */
static void finds_by_itself(void **state) {
    (void)state;
    static const struct {
        uint16_t primes[3];
        uint8_t octets[3];
        bool found;
        const char *reason;
    } rows[] = {
        {{3, 5, 7}, {0, 0, 9}, true, "9 by 3"},
        {{3, 5, 7}, {0, 0, 7}, true, "7 by 7, which has no partner"},
        {{3, 5, 7}, {0, 0, 11}, false, "11 by none"},
        {{3, 5, 65521}, {0xff, 0xe2, 0x01}, false, "no multiple of 65521"},
        {{3, 5, 65521}, {0x06, 0xff, 0x97}, true, "7 * 65521"},
    };
    if (!is_there())
        skip();
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct cp_modulus modulus;
        struct cp_wide_factors *table = cp_wide_factors_new(rows[i].primes, 3);
        assert_non_null(table);
        assert_true(cp_modulus_init(&modulus, (struct cp_span){rows[i].octets, 3}));
        if (cp_wide_factors_find(table, &modulus) != rows[i].found)
            fail_msg("%s", rows[i].reason);
        cp_wide_factors_free(table);
    }
    cp_wide_factors_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_character),
        cmocka_unit_test(decodes_lines_of_any_length),
        cmocka_unit_test(says_where),
        cmocka_unit_test(agrees_on_small_factors),
        cmocka_unit_test(finds_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
