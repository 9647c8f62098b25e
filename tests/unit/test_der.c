/* The DER reader: what X.690 allows, and where it says no. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "der.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SPAN(text)                                                                                 \
    { (const uint8_t *)(text), sizeof(text) - 1 }

static struct cp_der_reader reader_of(struct cp_span der) {
    struct cp_der_reader reader;
    cp_der_reader_init(&reader, der);
    return reader;
}

/* ---- elements -------------------------------------------------------------------------------- */

static const struct {
    struct cp_span der;
    uint8_t tag;
    size_t header_len, content_len;
    const char *reason;
} elements[] = {
    {SPAN("\x05\x00"), 0x05, 2, 0, "no content"},
    {SPAN("\x04\x01\xff"), 0x04, 2, 1, "short form"},
    {SPAN("\x04\x01\xff\x00"), 0x04, 2, 1, "what follows is not looked at"},
    {SPAN("\x30\x02\x05\x00"), 0x30, 2, 2, "constructed"},
    {SPAN("\xa0\x00"), 0xa0, 2, 0, "context tag"},
    {SPAN("\x9e\x00"), 0x9e, 2, 0, "the highest tag of one octet"},
    {SPAN("\x00\x00"), 0x00, 2, 0, "end-of-contents is an element like any other here"},
};

static void elements_are_read(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(elements); i++) {
        struct cp_der_reader reader = reader_of(elements[i].der);
        struct cp_der out;
        if (cp_der_any(&reader, &out, "x", NULL) != CP_OK)
            fail_msg("refused: %s", elements[i].reason);
        if (out.tag != elements[i].tag || out.content.len != elements[i].content_len ||
            out.whole.len != elements[i].header_len + elements[i].content_len ||
            out.whole.data != elements[i].der.data || out.offset != 0 ||
            out.content.data != elements[i].der.data + elements[i].header_len)
            fail_msg("%s", elements[i].reason);
        assert_ptr_equal(reader.next, out.whole.data + out.whole.len);
    }
}

static const struct {
    struct cp_span der;
    const char *message, *reason;
} bad_elements[] = {
    {SPAN(""), "missing", "nothing there"},
    {SPAN("\x30"), "length is missing", "a tag alone"},
    {SPAN("\x30\x80\x00\x00"), "indefinite", "X.690 10.1"},
    {SPAN("\x30\x81\x7f"), "not minimal", "X.690 10.1: 127 in long form"},
    {SPAN("\x30\x81\x00"), "not minimal", "0 in long form"},
    {SPAN("\x30\x82\x00\x80"), "not minimal", "a leading zero octet"},
    {SPAN("\x30\x84\x00\x00\x01\x00"), "not minimal", "a leading zero octet"},
    {SPAN("\x30\x82\x01"), "cut off", "half a length"},
    {SPAN("\x30\x84\xff\xff\xff"), "cut off", "three of four"},
    {SPAN("\x30\x85\x01\x00\x00\x00\x00"), "more than 4", "five octets of length"},
    {SPAN("\x30\xff\x01"), "more than 4", "X.690 8.1.3.5: reserved"},
    {SPAN("\x30\x01"), "longer than what encloses it", "one byte short"},
    {SPAN("\x30\x84\xff\xff\xff\xff"), "longer than what encloses it", "4 GiB"},
    {SPAN("\x30\x84\x7f\xff\xff\xff\x00"), "longer than what encloses it", "2 GiB"},
    {SPAN("\x1f\x81\x00\x00"), "more than one octet", "high tag number form"},
    {SPAN("\xbf\x1f\x00"), "more than one octet", "high tag number form, context"},
};

static void bad_elements_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(bad_elements); i++) {
        struct cp_der_reader reader = reader_of(bad_elements[i].der);
        struct cp_error err = {CP_OK, 0, 9, ""};
        struct cp_der out;
        if (cp_der_any(&reader, &out, "place", &err) != CP_ERR_PARSE)
            fail_msg("accepted: %s", bad_elements[i].reason);
        if (strstr(err.message, bad_elements[i].message) == NULL || err.offset != 0 ||
            strncmp(err.message, "offset 0: place: ", 17) != 0)
            fail_msg("%s: %s", bad_elements[i].reason, err.message);
        assert_ptr_equal(reader.next, reader.origin); /* stays where it is */
    }
}

/* Each length of the long form, at its bounds. */
static void long_lengths(void **state) {
    static const size_t lens[] = {127, 128, 255, 256, 65535, 65536, 70000};
    (void)state;
    for (size_t i = 0; i < COUNT(lens); i++) {
        size_t len = lens[i], octets = len < 128 ? 0 : len < 256 ? 1 : len < 65536 ? 2 : 3;
        size_t whole = 2 + octets + len;
        uint8_t *der = calloc(1, whole);
        struct cp_der out;
        assert_non_null(der);
        der[0] = 0x04;
        der[1] = (uint8_t)(octets == 0 ? len : 0x80 | octets);
        for (size_t j = 0; j < octets; j++)
            der[2 + j] = (uint8_t)(len >> 8 * (octets - 1 - j));
        struct cp_der_reader reader = reader_of((struct cp_span){der, whole});
        assert_int_equal(cp_der_any(&reader, &out, "x", NULL), CP_OK);
        assert_int_equal(out.content.len, len);
        assert_int_equal(cp_der_end(&reader, "x", NULL), CP_OK);
        for (size_t cut = whole - 1; cut<whole; cut = cut> 8 ? cut / 2 : cut - 1) {
            uint8_t *part = malloc(cut + 1);
            assert_non_null(part);
            memcpy(part + 1, der, cut);
            reader = reader_of((struct cp_span){part + 1, cut});
            assert_int_equal(cp_der_any(&reader, &out, "x", NULL), CP_ERR_PARSE);
            free(part);
        }
        free(der);
    }
}

static void readers_nest(void **state) {
    static const struct cp_span der = SPAN("\x30\x08\x31\x03\x02\x01\x05\x04\x01\x07");
    struct cp_der_reader outer = reader_of(der), sequence, set;
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_der element;
    uint32_t value = 0;
    (void)state;
    assert_int_equal(cp_der_enter(&outer, &sequence, CP_DER_SEQUENCE, "a", &err), CP_OK);
    assert_true(cp_der_at_end(&outer));
    assert_int_equal(cp_der_enter(&sequence, &set, CP_DER_SET, "b", &err), CP_OK);
    assert_int_equal(cp_der_small(&set, &value, 5, "c", &err), CP_OK);
    assert_int_equal(value, 5);
    assert_int_equal(cp_der_end(&set, "b", &err), CP_OK);
    assert_int_equal(cp_der_any(&set, &element, "c", &err), CP_ERR_PARSE); /* its own end */
    assert_int_equal(cp_der_end(&sequence, "a", &err), CP_ERR_PARSE);
    assert_string_equal(err.message, "offset 7: a: 3 bytes left over");
    assert_true(cp_der_peek(&sequence, CP_DER_OCTET_STRING));
    assert_false(cp_der_peek(&sequence, CP_DER_INTEGER));
    assert_int_equal(cp_der_expect(&sequence, &element, CP_DER_INTEGER, "d", &err), CP_ERR_PARSE);
    assert_string_equal(err.message, "offset 7: d: want tag 0x02, got 0x04");
    assert_int_equal(err.offset, 7);
    assert_int_equal(cp_der_expect(&sequence, &element, CP_DER_OCTET_STRING, "d", &err), CP_OK);
    assert_int_equal(element.offset, 7);
    assert_int_equal(cp_der_end(&sequence, "a", &err), CP_OK);
    assert_false(cp_der_peek(&sequence, CP_DER_OCTET_STRING));
    /* No bytes at all. */
    outer = reader_of((struct cp_span){NULL, 0});
    assert_true(cp_der_at_end(&outer));
    assert_int_equal(cp_der_any(&outer, &element, "x", NULL), CP_ERR_PARSE);
    assert_int_equal(cp_der_end(&outer, "x", NULL), CP_OK);
}

/* ---- INTEGER --------------------------------------------------------------------------------- */

enum { NO = -1 };

static const struct {
    struct cp_span der;
    int content_len;   /* of cp_der_integer; NO: refused */
    int magnitude_len; /* of cp_der_unsigned */
    int64_t small;     /* of cp_der_small with the maximum 70000 */
    const char *reason;
} integers[] = {
    {SPAN("\x02\x01\x00"), 1, 1, 0, "zero"},
    {SPAN("\x02\x01\x7f"), 1, 1, 127, "the largest of one octet"},
    {SPAN("\x02\x02\x00\x80"), 2, 1, 128, "a sign octet"},
    {SPAN("\x02\x03\x01\x11\x70"), 3, 3, 70000, "the maximum"},
    {SPAN("\x02\x03\x01\x11\x71"), 3, 3, NO, "one over it"},
    {SPAN("\x02\x05\x00\xff\xff\xff\xff"), 5, 4, NO, "2^32 - 1"},
    {SPAN("\x02\x05\x01\x00\x00\x00\x00"), 5, 5, NO, "2^32: must not wrap to 0"},
    {SPAN("\x02\x09\x01\x00\x00\x00\x00\x00\x00\x00\x01"), 9, 9, NO, "2^64 + 1: nor to 1"},
    {SPAN("\x02\x01\xff"), 1, NO, NO, "-1"},
    {SPAN("\x02\x01\x80"), 1, NO, NO, "-128"},
    {SPAN("\x02\x02\xff\x7f"), 2, NO, NO, "-129"},
    {SPAN("\x02\x00"), NO, NO, NO, "X.690 8.3.1: no content"},
    {SPAN("\x02\x02\x00\x7f"), NO, NO, NO, "X.690 8.3.2: nine zero bits"},
    {SPAN("\x02\x02\x00\x00"), NO, NO, NO, "X.690 8.3.2: zero in two octets"},
    {SPAN("\x02\x02\xff\x80"), NO, NO, NO, "X.690 8.3.2: nine one bits"},
    {SPAN("\x02\x03\x00\x00\x80"), NO, NO, NO, "X.690 8.3.2: two sign octets"},
    {SPAN("\x22\x03\x02\x01\x05"), NO, NO, NO, "X.690 8.3.1: constructed"},
    {SPAN("\x0a\x01\x05"), NO, NO, NO, "ENUMERATED"},
};

static void integers_are_minimal(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(integers); i++) {
        struct cp_der_reader a = reader_of(integers[i].der), b = a, c = a;
        struct cp_error err;
        struct cp_span content = {NULL, 0}, magnitude = {NULL, 0};
        uint32_t small = 7;
        enum cp_status status = cp_der_integer(&a, &content, "x", &err);
        if (status != (integers[i].content_len == NO ? CP_ERR_PARSE : CP_OK) ||
            (status == CP_OK && content.len != (size_t)integers[i].content_len))
            fail_msg("cp_der_integer: %s", integers[i].reason);
        status = cp_der_unsigned(&b, &magnitude, "x", &err);
        if (status != (integers[i].magnitude_len == NO ? CP_ERR_PARSE : CP_OK) ||
            (status == CP_OK && magnitude.len != (size_t)integers[i].magnitude_len))
            fail_msg("cp_der_unsigned: %s", integers[i].reason);
        status = cp_der_small(&c, &small, 70000, "x", &err);
        if (status != (integers[i].small == NO ? CP_ERR_PARSE : CP_OK) ||
            (status == CP_OK && small != (uint32_t)integers[i].small))
            fail_msg("cp_der_small: %s", integers[i].reason);
        if (status != CP_OK)
            assert_int_equal(err.offset, 0); /* at the element, not behind it */
    }
}

/* ---- BOOLEAN, BIT STRING --------------------------------------------------------------------- */

static const struct {
    struct cp_span der;
    int value; /* NO: refused */
    const char *reason;
} booleans[] = {
    {SPAN("\x01\x01\x00"), 0, "FALSE"},
    {SPAN("\x01\x01\xff"), 1, "TRUE"},
    {SPAN("\x01\x01\x01"), NO, "X.690 11.1: TRUE is 0xFF"},
    {SPAN("\x01\x01\x7f"), NO, "X.690 11.1"},
    {SPAN("\x01\x00"), NO, "X.690 8.2.1: one octet"},
    {SPAN("\x01\x02\xff\xff"), NO, "X.690 8.2.1: one octet"},
    {SPAN("\x21\x03\x01\x01\xff"), NO, "constructed"},
};

static const struct {
    struct cp_span der;
    int len; /* NO: refused */
    unsigned unused;
    const char *reason;
} bit_strings[] = {
    {SPAN("\x03\x01\x00"), 0, 0, "empty"},
    {SPAN("\x03\x02\x00\xff"), 1, 0, "eight bits"},
    {SPAN("\x03\x02\x07\x80"), 1, 7, "one bit"},
    {SPAN("\x03\x03\x04\xff\xf0"), 2, 4, "twelve bits"},
    {SPAN("\x03\x02\x07\x00"), 1, 7, "a zero bit (that named lists drop trailing ones is theirs)"},
    {SPAN("\x03\x00"), NO, 0, "X.690 8.6.2.2: no count of unused bits"},
    {SPAN("\x03\x02\x08\x00"), NO, 0, "eight unused bits"},
    {SPAN("\x03\x02\xff\x00"), NO, 0, "255 unused bits"},
    {SPAN("\x03\x01\x01"), NO, 0, "X.690 8.6.2.3: unused bits of nothing"},
    {SPAN("\x03\x02\x01\x01"), NO, 0, "X.690 11.2.1: an unused bit is set"},
    {SPAN("\x03\x02\x07\xc0"), NO, 0, "X.690 11.2.1"},
    {SPAN("\x23\x04\x03\x02\x00\xff"), NO, 0, "X.690 10.2: constructed"},
};

static void booleans_and_bits(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(booleans); i++) {
        struct cp_der_reader reader = reader_of(booleans[i].der);
        bool value = booleans[i].value != 1;
        enum cp_status status = cp_der_boolean(&reader, &value, "x", NULL);
        if (status != (booleans[i].value == NO ? CP_ERR_PARSE : CP_OK) ||
            (status == CP_OK && value != (booleans[i].value == 1)))
            fail_msg("BOOLEAN: %s", booleans[i].reason);
    }
    for (size_t i = 0; i < COUNT(bit_strings); i++) {
        struct cp_der_reader reader = reader_of(bit_strings[i].der);
        struct cp_span bits = {NULL, 0};
        unsigned unused = 99;
        enum cp_status status = cp_der_bits(&reader, CP_DER_BIT_STRING, &bits, &unused, "x", NULL);
        if (status != (bit_strings[i].len == NO ? CP_ERR_PARSE : CP_OK) ||
            (status == CP_OK &&
             (bits.len != (size_t)bit_strings[i].len || unused != bit_strings[i].unused)))
            fail_msg("BIT STRING: %s", bit_strings[i].reason);
    }
}

/* ---- OBJECT IDENTIFIER ----------------------------------------------------------------------- */

static const struct {
    struct cp_span der;
    bool good;
    const char *reason;
} oids[] = {
    {SPAN("\x06\x03\x55\x04\x03"), true, "2.5.4.3"},
    {SPAN("\x06\x01\x00"), true, "0.0"},
    {SPAN("\x06\x02\x88\x37"), true, "2.999"},
    {SPAN("\x06\x03\x2a\x81\x00"), true, "0x80 as the last part of an arc of two octets is 0x00"},
    {SPAN("\x06\x00"), false, "X.690 8.19.2: no arc"},
    {SPAN("\x06\x01\x80"), false, "X.690 8.19.2: the arc goes on, and there is no more"},
    {SPAN("\x06\x03\x55\x04\x83"), false, "X.690 8.19.2: the last arc is cut off"},
    {SPAN("\x06\x03\x80\x55\x04"), false, "X.690 8.19.2: an arc with leading zero bits"},
    {SPAN("\x06\x03\x55\x80\x04"), false, "X.690 8.19.2: in the middle too"},
    {SPAN("\x26\x03\x06\x01\x55"), false, "constructed"},
    {SPAN("\x0d\x01\x55"), false, "a relative one"},
};

static void oids_are_whole(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(oids); i++) {
        struct cp_der_reader reader = reader_of(oids[i].der);
        struct cp_error err = {CP_OK, 0, 9, ""};
        struct cp_span content = {NULL, 0};
        enum cp_status status = cp_der_oid(&reader, &content, "x", &err);
        if (status != (oids[i].good ? CP_OK : CP_ERR_PARSE))
            fail_msg("%s", oids[i].reason);
        assert_true(status == CP_OK ? content.len == oids[i].der.len - 2 : err.offset == 0);
    }
}

/* ---- times ----------------------------------------------------------------------------------- */

#define UTC "\x17\x0d"
#define GEN "\x18\x0f"

static const struct {
    struct cp_span der;
    int64_t time_s; /* INT64_MIN: refused */
    bool is_utc;
    const char *reason;
} times[] = {
    {SPAN(UTC "260601000000Z"), 1780272000, true, "UTCTime"},
    {SPAN(UTC "491231235959Z"), 2524607999, true, "RFC 5280 4.1.2.5.1: 49 is 2049"},
    {SPAN(UTC "500101000000Z"), -631152000, true, "RFC 5280 4.1.2.5.1: 50 is 1950"},
    {SPAN(UTC "000229000000Z"), 951782400, true, "2000 is a leap year"},
    {SPAN(GEN "20500101000000Z"), 2524608000, false, "GeneralizedTime"},
    {SPAN(GEN "99991231235959Z"), 253402300799, false, "RFC 5280 4.1.2.5: no end"},
    {SPAN(GEN "00000101000000Z"), -62167219200, false, "year 0"},
    {SPAN(GEN "20260601000000Z"), 1780272000, false,
     "lenient: before 2050 RFC 5280 4.1.2.5 wants UTCTime"},
    {SPAN("\x17\x0b"
          "2606010000Z"),
     INT64_MIN, true, "no seconds"},
    {SPAN("\x17\x11"
          "260601000000+0100"),
     INT64_MIN, true, "an offset"},
    {SPAN(UTC "2606010000000"), INT64_MIN, true, "no Z"},
    {SPAN(UTC "26060100000 Z"), INT64_MIN, true, "a space"},
    {SPAN(UTC "2606010000-1Z"), INT64_MIN, true, "a sign"},
    {SPAN(UTC "260601000060Z"), INT64_MIN, true, "a leap second"},
    {SPAN(UTC "260601240000Z"), INT64_MIN, true, "24:00"},
    {SPAN(UTC "260229000000Z"), INT64_MIN, true, "no such day"},
    {SPAN(UTC "261301000000Z"), INT64_MIN, true, "no such month"},
    {SPAN(UTC "260600000000Z"), INT64_MIN, true, "day 0"},
    {SPAN("\x18\x11"
          "20500101000000.5Z"),
     INT64_MIN, false, "a fraction"},
    {SPAN("\x18\x10"
          "100000101000000Z"),
     INT64_MIN, false, "year 10000"},
    {SPAN("\x18\x0e"
          "20500101000000"),
     INT64_MIN, false, "local time"},
    {SPAN("\x18\x0d"
          "500101000000Z"),
     INT64_MIN, false, "two digits of a year"},
    {SPAN("\x17\x0f"
          "20500101000000Z"),
     INT64_MIN, true, "four digits in a UTCTime"},
    {SPAN("\x17\x00"), INT64_MIN, true, "empty"},
    {SPAN("\x18\x00"), INT64_MIN, false, "empty"},
    {SPAN("\x16\x0d"
          "260601000000Z"),
     INT64_MIN, false, "a string"},
    {SPAN("\x37\x0f\x17\x0d"
          "260601000000Z"),
     INT64_MIN, false, "constructed"},
};

static void times_are_of_one_form(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(times); i++) {
        struct cp_der_reader reader = reader_of(times[i].der);
        struct cp_error err = {CP_OK, 0, 0, ""};
        int64_t time_s = 0;
        bool is_utc = !times[i].is_utc;
        enum cp_status status = cp_der_time(&reader, &time_s, &is_utc, "notAfter", &err);
        if (status != (times[i].time_s == INT64_MIN ? CP_ERR_PARSE : CP_OK) ||
            (status == CP_OK && (time_s != times[i].time_s || is_utc != times[i].is_utc)))
            fail_msg("%s: %lld", times[i].reason, (long long)time_s);
        if (status != CP_OK && (err.offset != 0 || strstr(err.message, "notAfter") == NULL))
            fail_msg("%s: %s", times[i].reason, err.message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_read),    cmocka_unit_test(bad_elements_are_refused),
        cmocka_unit_test(long_lengths),         cmocka_unit_test(readers_nest),
        cmocka_unit_test(integers_are_minimal), cmocka_unit_test(booleans_and_bits),
        cmocka_unit_test(oids_are_whole),       cmocka_unit_test(times_are_of_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
