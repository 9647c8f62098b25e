/* Waivers: the file, patterns, days, and that what is written is read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/glob.h"
#include "policy/selection.h"

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define GOOD "[waiver]\nrule = CP0403\nspki = " HEX "\nreason = why\nexpires = 2026-12-01\n"

static struct cp_span span(const char *text) {
    return (struct cp_span){(const uint8_t *)text, strlen(text)};
}

static const struct file_case {
    const char *text;
    size_t num_rows;   /* if it is taken */
    const char *error; /* part of the message; NULL: it is taken */
    const char *reason;
} files[] = {
    {"", 0, NULL, "no waiver is a file of waivers"},
    {GOOD, 1, NULL, "the plain one"},
    {"\xEF\xBB\xBF" GOOD, 1, NULL, "a BOM of an editor"},
    {GOOD "\r\n" GOOD, 2, NULL, "line ends of another system between two"},
    {"# note\n; note\n" GOOD, 1, NULL, "comments"},
    {"[waiver]\nrule = CP0403\npath = sites/*.pem\nreason = a\n  b\nexpires = 2026-12-01\n", 1,
     NULL, "a reason goes on in the next line"},
    {"[waiver]\nrule = CP0403\nreason = a\nexpires = 2026-12-01\n", 0, "'spki' or 'path'",
     "one that is for everything"},
    {"[waiver]\nspki = " HEX "\nreason = a\nexpires = 2026-12-01\n", 0, "'rule'", "for every rule"},
    {"[waiver]\nrule = CP0403\npath = x\nexpires = 2026-12-01\n", 0, "'reason'", "no reason"},
    {"[waiver]\nrule = CP0403\npath = x\nreason = \nexpires = 2026-12-01\n", 0, "'reason'",
     "an empty reason is none"},
    {"[waiver]\nrule = CP0403\npath = x\nreason = a\n", 0, "'expires'", "no end"},
    {"[waiver]\nrule = CP0403\npath = x\nreason = a\nexpires = 2026-02-30\n", 0, "YYYY-MM-DD",
     "a day that is not"},
    {"[waiver]\nrule = CP0403\npath = x\nreason = a\nexpires = @99999999999\n", 0, "YYYY-MM-DD",
     "seconds are no day"},
    {"[waiver]\nrule = CP0403\npath = x\nreason = a\nexpires = never\n", 0, "YYYY-MM-DD",
     "for ever"},
    {"[waiver]\nrule = CP9999\npath = x\n", 0, "t:2: rule 'CP9999' is not known", "no such rule"},
    {"[waiver]\nrule = CP04\npath = x\n", 0, "not known", "a prefix is not a rule"},
    {"[waiver]\nrule = CP0911\npath = x\n", 0, "can't be waived", "a waiver of waivers"},
    {"[waiver]\nrule = CP0403\nspki = 0011\n", 0, "64 hexadecimal", "half a digest"},
    {"[waiver]\nrule = CP0403\nrule = CP0404\n", 0, "given twice", "two rules"},
    {"[waiver]\npaht = x\n", 0, "key 'paht' is not known", "a misspelt key"},
    {"[wavier]\n", 0, "section 'wavier' is not known", "a misspelt section, with nothing in it"},
    {"rule = CP0403\n", 0, "begins with [waiver]", "no section"},
    {"[waiver\nrule = CP0403\n", 0, "a heading is", "an open bracket"},
    {"[waiver]\nnonsense\n", 0, "t:2: want", "neither heading nor pair"},
    {"[waiver]\nreason = \xff\n", 0, "not UTF-8", "another encoding"},
};

static void test_files(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const struct file_case *c = &files[i];
        struct cp_waivers waivers = {0};
        struct cp_error err = {CP_OK, 0, 0, ""};
        enum cp_status status = cp_waivers_read(&waivers, span(c->text), "t", NULL, NULL, &err);
        if (c->error == NULL ? status != CP_OK || waivers.num_rows != c->num_rows
                             : status != CP_ERR_USAGE || strstr(err.message, c->error) == NULL)
            fail_msg("%s: status %d, %zu rows, '%s'", c->reason, (int)status, waivers.num_rows,
                     err.message);
        cp_waivers_cleanup(&waivers);
    }
}

static void test_long_lines_are_refused(void **state) {
    (void)state;
    char text[400] = "[waiver]\nreason = ";
    struct cp_waivers waivers = {0};
    struct cp_error err = {CP_OK, 0, 0, ""};
    memset(text + 18, 'x', 300);
    assert_int_equal(cp_waivers_read(&waivers, span(text), "t", NULL, NULL, &err), CP_ERR_USAGE);
    assert_non_null(strstr(err.message, "t:2: the line is longer")); /* libinih would cut it */
    cp_waivers_cleanup(&waivers);
}

static void test_a_nul_is_refused(void **state) {
    (void)state;
    static const char text[] = GOOD "\0";
    struct cp_waivers waivers = {0};
    const struct cp_span whole = {(const uint8_t *)text, sizeof(text)};
    assert_int_equal(cp_waivers_read(&waivers, whole, "t", NULL, NULL, NULL), CP_ERR_USAGE);
    cp_waivers_cleanup(&waivers);
}

static void test_the_last_day_counts(void **state) {
    (void)state;
    struct cp_waivers waivers = {0};
    int64_t day_s = 0;
    assert_int_equal(cp_waivers_read(&waivers, span(GOOD), "t", NULL, NULL, NULL), CP_OK);
    assert_int_equal(cp_time_parse(&day_s, "2026-12-01T23:59:59Z", NULL), CP_OK);
    assert_false(cp_waiver_is_expired(&waivers.rows[0].waiver, day_s));
    assert_true(cp_waiver_is_expired(&waivers.rows[0].waiver, day_s + 1));
    cp_waivers_cleanup(&waivers);
}

static const struct write_case {
    const char *path, *text, *reason;
    bool taken;
} writes[] = {
    {"a.pem", "plain", "the plain one", true},
    {"a.pem", "a; b", "a semicolon at a word's end is none of a comment", true},
    {"a.pem", "a ;b", "the rest would be a comment", false},
    {"a.pem", "a\nrule = CP0101", "a line end would make another key", false},
    {"a.pem", "", "no reason", false},
    {"a ;b", "x", "the path would be cut", false},
    {"a\n[waiver]", "x", "a path that makes a section", false},
};

static void test_what_is_written_is_read(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
        const struct write_case *c = &writes[i];
        struct cp_waivers waivers = {0};
        struct cp_buf out;
        cp_buf_init(&out, 8192);
        enum cp_status status =
            cp_waiver_write(&out, "CP0403", NULL, c->path, c->text, "2026-12-01", NULL);
        if ((status == CP_OK) != c->taken)
            fail_msg("%s", c->reason);
        if (c->taken) {
            assert_int_equal(cp_waivers_read(&waivers, span(out.data), "t", NULL, NULL, NULL),
                             CP_OK);
            assert_int_equal(waivers.num_rows, 1);
            assert_string_equal(waivers.rows[0].path, c->path);
            assert_string_equal(waivers.rows[0].waiver.reason, c->text);
        }
        cp_waivers_cleanup(&waivers);
        cp_buf_cleanup(&out);
    }
}

static const struct glob_case {
    const char *pattern, *path;
    bool matches;
    const char *reason;
} globs[] = {
    {"*.pem", "a.pem", true, "a name"},
    {"*.pem", "x/y/a.pem", true, "a name in any folder"},
    {"x/*.pem", "x/a.pem", true, "in that folder"},
    {"x/*.pem", "x/y/a.pem", false, "a star does not cross a slash"},
    {"x/**/a.pem", "x/a.pem", true, "no folder between"},
    {"x/**/a.pem", "x/y/z/a.pem", true, "two between"},
    {"x/**/a.pem", "x/ba.pem", false, "a name's end is not the name"},
    {"x/**", "x/y/z", true, "all below"},
    {"x/?.pem", "x/a.pem", true, "one character"},
    {"x/?.pem", "x//.pem", false, "which is no slash"},
    {"", "a", false, "nothing"},
    {"*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false,
     "no blow-up where it fails"},
};

static void test_globs(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(globs) / sizeof(globs[0]); i++)
        if (cp_glob_match(globs[i].pattern, globs[i].path) != globs[i].matches)
            fail_msg("%s: %s and %s", globs[i].reason, globs[i].pattern, globs[i].path);
    assert_true(cp_glob_match_below("x/a.pem", "/r", "/r/x", "a.pem"));
    assert_true(cp_glob_match_below("x/a.pem", "/r", "/r/x/y", "../a.pem"));
    assert_true(cp_glob_match_below("x/a.pem", "/r", "/elsewhere", "/r/./x//a.pem"));
    assert_false(cp_glob_match_below("x/a.pem", "/r", "/rr", "x/a.pem")); /* /rr is not below /r */
    assert_true(cp_glob_match_below("/r/x/*", "/q", "/r", "x/a.pem"));    /* absolute */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_long_lines_are_refused),
        cmocka_unit_test(test_a_nul_is_refused),
        cmocka_unit_test(test_the_last_day_counts),
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_globs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
