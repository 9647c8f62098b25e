/* Spans, hex, base64, the text buffer, escaping, times, secrets, errors. */
#define _GNU_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SPAN(text)                                                                                 \
    { (const uint8_t *)(text), sizeof(text) - 1 }

/* ---- spans and hex --------------------------------------------------------------------------- */

static void spans_compare(void **state) {
    static const struct {
        struct cp_span a, b;
        int order;
        const char *reason;
    } rows[] = {
        {SPAN(""), SPAN(""), 0, "empty"},
        {{NULL, 0}, SPAN(""), 0, "no address and no length is empty too"},
        {SPAN("a"), SPAN("b"), -1, "by bytes"},
        {SPAN("ab"), SPAN("a"), 1, "a longer one comes after its beginning"},
        {SPAN("\xff"), SPAN("\x01"), 1, "bytes are unsigned"},
        {SPAN("a\0b"), SPAN("a\0c"), -1, "NUL ends nothing"},
        {{NULL, 0}, SPAN("a"), -1, "empty comes first"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int order = cp_span_compare(rows[i].a, rows[i].b);
        int back = cp_span_compare(rows[i].b, rows[i].a);
        if ((order > 0) - (order < 0) != rows[i].order || (back > 0) - (back < 0) != -rows[i].order)
            fail_msg("%s", rows[i].reason);
        if (cp_span_equal(rows[i].a, rows[i].b) != (rows[i].order == 0))
            fail_msg("%s", rows[i].reason);
    }
}

static void hex_is_lower_case(void **state) {
    char out[9];
    (void)state;
    cp_hex(out, (const uint8_t *)"\x00\x9f\xA5\xff", 4);
    assert_string_equal(out, "009fa5ff");
    cp_hex(out, NULL, 0);
    assert_string_equal(out, "");
}

/* ---- base64 ---------------------------------------------------------------------------------- */

static const struct {
    struct cp_span text, want;
    const char *reason;
} base64_good[] = {
    {SPAN(""), SPAN(""), "nothing"},
    {SPAN("Zg=="), SPAN("f"), "RFC 4648 10"},
    {SPAN("Zm8="), SPAN("fo"), "RFC 4648 10"},
    {SPAN("Zm9v"), SPAN("foo"), "RFC 4648 10"},
    {SPAN("Zm9vYg=="), SPAN("foob"), "RFC 4648 10"},
    {SPAN("Zm9vYmE="), SPAN("fooba"), "RFC 4648 10"},
    {SPAN("Zm9vYmFy"), SPAN("foobar"), "RFC 4648 10"},
    {SPAN("+/+/"), SPAN("\xfb\xff\xbf"), "the last two digits"},
    {SPAN("AAAA"), SPAN("\0\0\0"), "zeros"},
    /* lenient */
    {SPAN(" Z\tm\r9\nv "), SPAN("foo"), "lenient: white space anywhere"},
    {SPAN("Zg=\n="), SPAN("f"), "lenient: white space in the padding"},
    {SPAN("Zm9v\r\nYmFy\r\n"), SPAN("foobar"), "lenient: lines of any length"},
    {SPAN("Zg==\n \n"), SPAN("f"), "lenient: white space behind the padding"},
    {SPAN("\n\n\t "), SPAN(""), "lenient: white space alone is nothing"},
};

static void base64_takes(void **state) {
    uint8_t out[64];
    (void)state;
    for (size_t i = 0; i < COUNT(base64_good); i++) {
        size_t len = 99, bad = 0;
        const char *reason = NULL;
        assert_true(cp_base64_max(base64_good[i].text.len) <= sizeof(out));
        if (cp_base64_decode(out, &len, base64_good[i].text, &bad, &reason) != CP_OK ||
            !cp_span_equal((struct cp_span){out, len}, base64_good[i].want))
            fail_msg("'%s': %s", base64_good[i].text.data, base64_good[i].reason);
    }
}

static const struct {
    struct cp_span text;
    size_t offset;
    const char *reason;
} base64_bad[] = {
    {SPAN("Zg"), 2, "padding left out"},
    {SPAN("Zg="), 3, "half of the padding"},
    {SPAN("Zm9vY"), 5, "a single character over"},
    {SPAN("Z"), 1, "a single character"},
    {SPAN("="), 0, "padding alone"},
    {SPAN("===="), 0, "a group of padding"},
    {SPAN("Z==="), 1, "three of padding"},
    {SPAN("Zg==="), 4, "more padding than the group has room for"},
    {SPAN("Zm8=="), 4, "more padding than the group has room for"},
    {SPAN("Zm9v="), 4, "padding behind a whole group"},
    {SPAN("Zg==Zg=="), 4, "data behind the padding"},
    {SPAN("Zg=g"), 3, "data inside the padding"},
    {SPAN("Zh=="), 4, "RFC 4648 3.5: bits left over"},
    {SPAN("Zm9="), 4, "RFC 4648 3.5: bits left over"},
    {SPAN("Zm9v-_=="), 4, "base64url is another alphabet"},
    {SPAN("Zm9v*"), 4, "a character of no alphabet"},
    {SPAN("Zm\0v"), 2, "NUL"},
    {SPAN("Zm9v\vYmFy"), 4, "vertical tab is not white space here"},
    {SPAN("Zm9v\fYmFy"), 4, "form feed is not white space here"},
    {SPAN("Zm9v\xc2\xa0"), 4, "nor is a no-break space"},
    {SPAN("Z\xff\xff\xff"), 1, "high bytes"},
};

static void base64_refuses(void **state) {
    uint8_t out[64];
    (void)state;
    for (size_t i = 0; i < COUNT(base64_bad); i++) {
        size_t len = 0, bad = 99;
        const char *reason = NULL;
        if (cp_base64_decode(out, &len, base64_bad[i].text, &bad, &reason) != CP_ERR_PARSE)
            fail_msg("accepted: %s", base64_bad[i].reason);
        if (bad != base64_bad[i].offset || reason == NULL)
            fail_msg("%s: offset %zu", base64_bad[i].reason, bad);
    }
}

static void base64_agrees_with_openssl(void **state) {
    uint8_t data[260], back[300];
    char ours[400], theirs[400], dense[400];
    (void)state;
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 167 + 13);
    for (size_t len = 0; len <= sizeof(data); len++) {
        size_t written = cp_base64_encode_lines(ours, (struct cp_span){data, len});
        size_t used = 0, decoded = 0, bad = 0;
        const char *reason = NULL;
        assert_int_equal(written, cp_base64_lines_len(len));
        for (size_t i = 0, column = 0; i < written; i++) {
            if (ours[i] != '\n') {
                dense[used++] = ours[i];
                column++;
            } else { /* 64 columns but for the last line, and each ends in LF */
                assert_true(column == 64 || (i + 1 == written && column > 0 && column < 64));
                column = 0;
            }
        }
        assert_true(written == 0 || ours[written - 1] == '\n');
        assert_int_equal(EVP_EncodeBlock((unsigned char *)theirs, data, (int)len), used);
        assert_memory_equal(dense, theirs, used);
        assert_int_equal(cp_base64_decode(back, &decoded,
                                          (struct cp_span){(const uint8_t *)ours, written}, &bad,
                                          &reason),
                         CP_OK);
        assert_int_equal(decoded, len);
        assert_memory_equal(back, data, len);
    }
}

/* The bulk loop and the careful one must meet at every place. */
static void base64_takes_space_at_any_place(void **state) {
    static const char text[] = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=";
    char spaced[sizeof(text) + 1];
    uint8_t out[64];
    (void)state;
    for (size_t at = 0; at < sizeof(text); at++) {
        size_t len = 0, bad = 0;
        const char *reason = NULL;
        memcpy(spaced, text, at);
        spaced[at] = '\n';
        memcpy(spaced + at + 1, text + at, sizeof(text) - at);
        assert_int_equal(cp_base64_decode(out, &len, cp_span_of(spaced), &bad, &reason), CP_OK);
        assert_int_equal(len, 26);
        assert_memory_equal(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 26);
    }
}

/* ---- escaping -------------------------------------------------------------------------------- */

static const struct {
    struct cp_span text;
    const char *want;
    const char *reason;
} escapes[] = {
    {SPAN("plain text ~"), "plain text ~", "ASCII stays"},
    {SPAN("b\xc3\xbc"
          "cher"),
     "b\xc3\xbc"
     "cher",
     "UTF-8 stays"},
    {SPAN("\xe2\x82\xac \xf0\x9f\x94\x92"), "\xe2\x82\xac \xf0\x9f\x94\x92", "3 and 4 octets stay"},
    {SPAN("a\x1b[31mb"), "a\\x1B[31mb", "terminal escape"},
    {SPAN("a\0b"), "a\\x00b", "NUL"},
    {SPAN("a\r\nb\tc"), "a\\x0D\\x0Ab\\x09c", "line ends and tabs"},
    {SPAN("a\x7f"), "a\\x7F", "DEL"},
    {SPAN("\xc2\x85\xc2\x9b"), "\\u{0085}\\u{009B}", "C1 controls"},
    {SPAN("\xe2\x80\xae"), "\\u{202E}", "right-to-left override"},
    {SPAN("\xe2\x81\xa6\xe2\x81\xa9"), "\\u{2066}\\u{2069}", "bidi isolates"},
    {SPAN("\xe2\x80\x8b\xef\xbb\xbf"), "\\u{200B}\\u{FEFF}", "zero-width"},
    {SPAN("\xe2\x80\xa8"), "\\u{2028}", "line separator"},
    {SPAN("\xd8\x9c"), "\\u{061C}", "Arabic letter mark"},
    {SPAN("\xf3\xa0\x81\x81"), "\\u{E0041}", "tag characters"},
    {SPAN("\xff\xfe"), "\\xFF\\xFE", "never in UTF-8"},
    {SPAN("\xc3"), "\\xC3", "cut off"},
    {SPAN("\xc3("), "\\xC3(", "no continuation"},
    {SPAN("\xc0\x80"), "\\xC0\\x80", "overlong NUL"},
    {SPAN("\xe0\x80\xaf"), "\\xE0\\x80\\xAF", "overlong slash"},
    {SPAN("\xed\xa0\x80"), "\\xED\\xA0\\x80", "surrogate"},
    {SPAN("\xf4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80", "over U+10FFFF"},
    {SPAN("\xf8\x88\x80\x80\x80"), "\\xF8\\x88\\x80\\x80\\x80", "five octets"},
};

static void escape_makes_text_safe(void **state) {
    char out[128], small[8];
    (void)state;
    for (size_t i = 0; i < COUNT(escapes); i++) {
        struct cp_buf buf;
        bool whole = cp_escape(out, sizeof(out), escapes[i].text);
        if (!whole || strcmp(out, escapes[i].want) != 0)
            fail_msg("%s: '%s'", escapes[i].reason, out);
        cp_buf_init(&buf, 1000);
        cp_buf_escaped(&buf, escapes[i].text);
        assert_int_equal(cp_buf_finish(&buf, NULL), CP_OK);
        assert_string_equal(buf.data, escapes[i].want);
        cp_buf_cleanup(&buf);
        /* Every size: terminated, a prefix, and no half of an escape. */
        for (size_t size = 1; size <= sizeof(small); size++) {
            whole = cp_escape(small, size, escapes[i].text);
            size_t len = strlen(small);
            assert_int_equal(whole, len == strlen(escapes[i].want));
            assert_true(len < size && strncmp(small, escapes[i].want, len) == 0);
            const char *last = strrchr(small, '\\');
            if (last != NULL)
                assert_true(last[1] == 'x' ? strlen(last) >= 4 : strchr(last, '}') != NULL);
        }
    }
    assert_false(cp_escape(small, 0, escapes[0].text)); /* writes nothing */
    char *copy = cp_strdup_escaped("a\x1b\nb");
    assert_string_equal(copy, "a\\x1B\\x0Ab");
    free(copy);
}

static void utf8_is_strict(void **state) {
    static const struct {
        struct cp_span text;
        bool valid;
        const char *reason;
    } rows[] = {
        {SPAN(""), true, "nothing"},
        {SPAN("a\0\x1b"), true, "controls are characters"},
        {SPAN("\xc2\x80\xdf\xbf"), true, "the first and last of 2 octets"},
        {SPAN("\xe0\xa0\x80\xef\xbf\xbf"), true, "of 3"},
        {SPAN("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), true, "of 4"},
        {SPAN("\xed\x9f\xbf\xee\x80\x80"), true, "around the surrogates"},
        {SPAN("\xed\xa0\x80"), false, "a surrogate"},
        {SPAN("\xc1\xbf"), false, "overlong"},
        {SPAN("\xe0\x9f\xbf"), false, "overlong"},
        {SPAN("\xf0\x8f\xbf\xbf"), false, "overlong"},
        {SPAN("\xf4\x90\x80\x80"), false, "over U+10FFFF"},
        {SPAN("a\xe2\x82"), false, "cut off at the end"},
        {SPAN("\x80"), false, "a continuation alone"},
        {SPAN("\xfe"), false, "no octet of UTF-8"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (cp_utf8_is_valid(rows[i].text) != rows[i].valid)
            fail_msg("%s", rows[i].reason);
}

/* ---- buffer ---------------------------------------------------------------------------------- */

static void buffer_grows_to_its_maximum(void **state) {
    struct cp_buf buf;
    struct cp_error err;
    (void)state;
    cp_buf_init(&buf, 1001);
    for (int i = 0; i < 100; i++)
        cp_buf_printf(&buf, "%s%03d,%s", "", i, "......");
    assert_int_equal(buf.len, 1000); /* and the NUL */
    assert_int_equal(cp_buf_finish(&buf, &err), CP_OK);
    assert_int_equal(strlen(buf.data), 1000);
    cp_buf_puts(&buf, "");
    assert_int_equal(cp_buf_finish(&buf, &err), CP_OK);
    cp_buf_puts(&buf, "x");
    assert_int_equal(cp_buf_finish(&buf, &err), CP_ERR_LIMIT);
    cp_buf_append(&buf, "", 0); /* the failure sticks */
    assert_int_equal(cp_buf_finish(&buf, &err), CP_ERR_LIMIT);
    assert_int_equal(err.status, CP_ERR_LIMIT);
    assert_int_equal(buf.len, 1000);
    cp_buf_cleanup(&buf);
    cp_buf_cleanup(&buf); /* twice is fine */
    cp_buf_init(&buf, 10);
    cp_buf_append(&buf, "x", SIZE_MAX); /* no overflow of the sum */
    assert_int_equal(cp_buf_finish(&buf, NULL), CP_ERR_LIMIT);
    cp_buf_cleanup(&buf);
    cp_buf_init(&buf, 10);
    assert_int_equal(cp_buf_finish(&buf, NULL), CP_OK);
    assert_string_equal(buf.data, ""); /* empty is a string too */
    cp_buf_cleanup(&buf);
}

/* ---- times ----------------------------------------------------------------------------------- */

static const struct {
    int year, month, day, hour, minute, second;
    int64_t time_s;
    const char *text, *reason;
} times[] = {
    {1970, 1, 1, 0, 0, 0, 0, "1970-01-01T00:00:00Z", "the epoch"},
    {1969, 12, 31, 23, 59, 59, -1, "1969-12-31T23:59:59Z", "before it"},
    {2026, 6, 1, 0, 0, 0, 1780272000, "2026-06-01T00:00:00Z", "the tests' clock"},
    {2000, 2, 29, 12, 0, 0, 951825600, "2000-02-29T12:00:00Z", "leap by 400"},
    {2038, 1, 19, 3, 14, 8, 2147483648, "2038-01-19T03:14:08Z", "one over 31 bits"},
    {2049, 12, 31, 23, 59, 59, 2524607999, "2049-12-31T23:59:59Z", "the last UTCTime"},
    {9999, 12, 31, 23, 59, 59, 253402300799, "9999-12-31T23:59:59Z", "the last of all"},
    {0, 1, 1, 0, 0, 0, -62167219200, "0000-01-01T00:00:00Z", "the first of all"},
};

static void times_convert_both_ways(void **state) {
    char text[CP_TIME_TEXT];
    (void)state;
    for (size_t i = 0; i < COUNT(times); i++) {
        int64_t time_s = 1, parsed = 2;
        if (!cp_time_from_civil(&time_s, times[i].year, times[i].month, times[i].day, times[i].hour,
                                times[i].minute, times[i].second) ||
            time_s != times[i].time_s)
            fail_msg("%s: %lld", times[i].reason, (long long)time_s);
        cp_time_format(text, time_s);
        assert_string_equal(text, times[i].text);
        assert_int_equal(cp_time_parse(&parsed, text, NULL), CP_OK);
        assert_int_equal(parsed, time_s);
    }
    /* Days of some 5,000 years, against the C library. */
    for (int64_t day = -30000; day < 1800000; day += 97) {
        time_t seconds = (time_t)(day * 86400 + 45296);
        struct tm tm;
        char want[CP_TIME_TEXT + 40];
        assert_non_null(gmtime_r(&seconds, &tm));
        snprintf(want, sizeof(want), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        cp_time_format(text, seconds);
        assert_string_equal(text, want);
    }
    cp_time_format(text, INT64_MAX);
    assert_string_equal(text, "no end");
    cp_time_format(text, INT64_MIN);
    assert_string_equal(text, "before year 0");
}

static const struct {
    int year, month, day, hour, minute, second;
    const char *reason;
} no_times[] = {
    {2026, 2, 29, 0, 0, 0, "no leap year"},    {1900, 2, 29, 0, 0, 0, "not leap by 100"},
    {2026, 4, 31, 0, 0, 0, "30 days"},         {2026, 0, 1, 0, 0, 0, "month 0"},
    {2026, 13, 1, 0, 0, 0, "month 13"},        {2026, 1, 0, 0, 0, 0, "day 0"},
    {2026, 1, 32, 0, 0, 0, "day 32"},          {2026, 1, 1, 24, 0, 0, "24:00"},
    {2026, 1, 1, 0, 60, 0, "minute 60"},       {2026, 1, 1, 0, 0, 60, "a leap second"},
    {10000, 1, 1, 0, 0, 0, "five digits"},     {-1, 1, 1, 0, 0, 0, "before year 0"},
    {2026, 1, 1, -1, 0, 0, "a negative hour"},
};

static const struct {
    const char *text;
    int64_t time_s;
    const char *reason;
} time_texts[] = {
    {"2026-06-01", 1780272000, "a date is its midnight"},
    {"2026-06-01T00:00:01Z", 1780272001, "date and time"},
    {"@0", 0, "seconds"},
    {"@1780272000", 1780272000, "seconds"},
    {"@253402300798", 253402300798, "the last second but one of year 9999"},
    {"@999999999999", -1, "beyond year 9999"},
    {"", -1, "empty"},
    {"@", -1, "no digits"},
    {"@-1", -1, "a sign"},
    {"@12x", -1, "something behind"},
    {"@9999999999999", -1, "thirteen digits"},
    {"2026-6-1", -1, "single digits"},
    {"2026-02-30", -1, "no such day"},
    {"2026-06-01T00:00:00", -1, "no zone"},
    {"2026-06-01T00:00:00z", -1, "small z"},
    {"2026-06-01 00:00:00Z", -1, "no T"},
    {"2026-06-01T00:00:00+0", -1, "another zone"},
    {"2026-06-01T24:00:00Z", -1, "24:00"},
    {"2026/06/01", -1, "slashes"},
    {"+026-06-01", -1, "a sign in the year"},
    {"now", -1, "a word"},
};

static void times_that_do_not_exist(void **state) {
    int64_t time_s;
    (void)state;
    for (size_t i = 0; i < COUNT(no_times); i++)
        if (cp_time_from_civil(&time_s, no_times[i].year, no_times[i].month, no_times[i].day,
                               no_times[i].hour, no_times[i].minute, no_times[i].second))
            fail_msg("%s", no_times[i].reason);
    for (size_t i = 0; i < COUNT(time_texts); i++) {
        struct cp_error err = {CP_OK, 0, 0, ""};
        time_s = -1;
        enum cp_status status = cp_time_parse(&time_s, time_texts[i].text, &err);
        if (status != (time_texts[i].time_s < 0 ? CP_ERR_USAGE : CP_OK) || err.status != status ||
            (status == CP_OK && time_s != time_texts[i].time_s))
            fail_msg("'%s': %s", time_texts[i].text, time_texts[i].reason);
    }
}

/* ---- secrets --------------------------------------------------------------------------------- */

static void secret_has_a_fixed_size(void **state) {
    struct cp_secret secret = {0};
    struct cp_error err;
    (void)state;
    cp_secret_cleanup(NULL);
    cp_secret_cleanup(&secret); /* the empty state is valid */
    assert_int_equal(cp_secret_append(&secret, "", 0, &err), CP_OK);
    assert_int_equal(cp_secret_append(&secret, "x", 1, &err), CP_ERR_LIMIT);
    assert_int_equal(cp_secret_init(&secret, 4, &err), CP_OK);
    const uint8_t *place = secret.data;
    assert_int_equal(cp_secret_append(&secret, "abc", 3, &err), CP_OK);
    assert_int_equal(cp_secret_append(&secret, "de", 2, &err), CP_ERR_LIMIT);
    assert_null(strstr(err.message, "de")); /* never quoted */
    assert_int_equal(secret.len, 3);
    assert_int_equal(cp_secret_append(&secret, "d", 1, &err), CP_OK);
    assert_ptr_equal(secret.data, place);        /* never moved */
    assert_memory_equal(secret.data, "abcd", 5); /* a NUL is behind a full one */
    cp_secret_cleanup(&secret);
    assert_null(secret.data);
    assert_int_equal(secret.len + secret.cap, 0);
    assert_int_equal(cp_secret_init(&secret, SIZE_MAX, &err), CP_ERR_LIMIT);
    assert_null(secret.data);
    /* A whole page, to its last byte. */
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    assert_int_equal(cp_secret_init(&secret, page, &err), CP_OK);
    memset(secret.data, 'x', page);
    assert_int_equal(secret.data[page], 0);
    cp_secret_cleanup(&secret);
}

static void secret_reads_files(void **state) {
    char folder[] = "/tmp/certprep-test-XXXXXX", path[64];
    struct cp_secret secret = {0};
    struct cp_error err;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/file", folder);
    assert_int_equal(cp_secret_read_file(&secret, path, 100, &err), CP_ERR_IO);
    assert_non_null(strstr(err.message, path)); /* it is not there, and says which */
    assert_int_equal(cp_secret_read_file(&secret, folder, 100, &err), CP_ERR_IO);
    assert_non_null(strstr(err.message, "directory"));
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(cp_secret_read_file(&secret, path, 100, &err), CP_OK);
    assert_int_equal(secret.len, 0);
    assert_int_equal(secret.data[0], 0);
    cp_secret_cleanup(&secret);
    file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 100; i++)
        assert_int_equal(fputc('k', file), 'k');
    assert_int_equal(fclose(file), 0);
    assert_int_equal(cp_secret_read_file(&secret, path, 100, &err), CP_OK); /* just fits */
    assert_int_equal(secret.len, 100);
    assert_int_equal(secret.data[100], 0);
    cp_secret_cleanup(&secret);
    assert_int_equal(cp_secret_read_file(&secret, path, 99, &err), CP_ERR_LIMIT);
    assert_null(secret.data);
    assert_null(strstr(err.message, "kk"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    /* No end: stops at the maximum. */
    assert_int_equal(cp_secret_read_file(&secret, "/dev/zero", 1000, &err), CP_ERR_LIMIT);
    assert_null(secret.data);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void errors_are_filled_and_cut(void **state) {
    struct cp_error err;
    char text[2 * CP_ERROR_MAX];
    (void)state;
    assert_int_equal(cp_fail(NULL, CP_ERR_IO, "%s", "x"), CP_ERR_IO);
    assert_int_equal(cp_fail(&err, CP_ERR_PARSE, "place:%d: %s", 7, "\x1b[2J"), CP_ERR_PARSE);
    assert_string_equal(err.message, "place:7: \\x1B[2J");
    assert_int_equal(err.status, CP_ERR_PARSE);
    memset(text, 'y', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(cp_fail(&err, CP_ERR_IO, "%s", text), CP_ERR_IO);
    assert_int_equal(strlen(err.message), CP_ERROR_MAX - 1);
    for (int i = 0; i < CP_NUM_STATUS; i++) {
        assert_true(cp_status_text((enum cp_status)i)[0] != '\0');
        assert_true(i == CP_OK || cp_status_next_step((enum cp_status)i)[0] != '\0');
    }
    assert_non_null(cp_status_text((enum cp_status)999));
    assert_non_null(cp_status_next_step((enum cp_status) - 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_compare),
        cmocka_unit_test(hex_is_lower_case),
        cmocka_unit_test(base64_takes),
        cmocka_unit_test(base64_refuses),
        cmocka_unit_test(base64_agrees_with_openssl),
        cmocka_unit_test(base64_takes_space_at_any_place),
        cmocka_unit_test(escape_makes_text_safe),
        cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(buffer_grows_to_its_maximum),
        cmocka_unit_test(times_convert_both_ways),
        cmocka_unit_test(times_that_do_not_exist),
        cmocka_unit_test(secret_has_a_fixed_size),
        cmocka_unit_test(secret_reads_files),
        cmocka_unit_test(errors_are_filled_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
