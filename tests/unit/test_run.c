/* run: one document of many inputs, also of such that could not be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "report/escape.h"
#include "report/facts.h"
#include "report/run.h"

#define AT 1780272000 /* 2026-06-01 */
#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

struct judged {
    struct cp_bundle *bundle;
    struct cp_checker *checker;
    struct cp_report *report;
};

static void judge(struct judged *j, const char *file) {
    const struct cp_check_options options = {.at_s = AT, .min_days = 14};
    struct cp_secret text = {0};
    char path[512];
    snprintf(path, sizeof(path), CP_TESTCERTS_DIR "/%s", file);
    *j = (struct judged){0};
    assert_int_equal(cp_secret_read_file(&text, path, 1 << 20, NULL), CP_OK);
    assert_int_equal(cp_bundle_new(&j->bundle, NULL), CP_OK);
    assert_int_equal(cp_bundle_add(j->bundle, file, CP_ROLE_ANY, text.data, text.len, NULL), CP_OK);
    assert_int_equal(cp_checker_new(&j->checker, NULL, NULL), CP_OK);
    assert_int_equal(cp_checker_run(j->checker, &j->report, j->bundle, &options, NULL), CP_OK);
    cp_secret_cleanup(&text);
}

static void forget(struct judged *j) {
    cp_report_free(j->report);
    cp_checker_free(j->checker);
    cp_bundle_free(j->bundle);
}

static char *render(const struct cp_run *run, const char *format) {
    const struct cp_render_options options = {.utf8 = true};
    char *text = NULL;
    size_t len = 0;
    assert_int_equal(cp_run_render(run, &text, &len, format, &options, NULL), CP_OK);
    assert_int_equal(strlen(text), len);
    return text;
}

/* What a run of a good, a bad and an unreadable input must say. */
static const struct {
    const char *format, *says, *reason;
} expected[] = {
    {"text", "== none.pem\nunreadable: none.pem: \\x1B[31m gone\n", "heading, and escaped reason"},
    {"text", "FAIL  3 inputs, 1 unreadable, 1 error\n", "last line is of all"},
    {"json", "\"inputs\":3,\"unreadable\":1", "counts of the run"},
    {"json", "\"verdict\":\"BLOCKED\"", "the worst"},
    {"ndjson", "{\"type\":\"unread\",\"input\":\"none.pem\"", "a line for it"},
    {"ndjson", "{\"type\":\"summary\"", "the last line"},
    {"sarif", "\"executionSuccessful\":false", "not all was evaluated"},
    {"junit", "errors=\"1\"", "a suite with an error"},
    {"github", "::error file=none.pem,line=1,endLine=1,title=unreadable::none.pem: \\x1B[31m gone",
     "a command for it"},
    {"gitlab", "\"check_name\":\"unreadable\"", "an issue for it"},
    {"prometheus", "certprep_inputs{state=\"unreadable\"} 1\n", "counted"},
    {"prometheus", "certprep_last_run_success 0\n", "no success"},
    {"cyclonedx", "\"name\":\"certprep:unreadable\",\"value\":\"1\"", "counted"},
};

static void test_many(void **state) {
    struct judged good, bad;
    struct cp_run *run = NULL;
    (void)state;
    judge(&good, "good/ec-bundle.pem");
    judge(&bad, "bad/leaf-expired.pem");
    assert_int_equal(cp_run_new(&run, AT, NULL), CP_OK);
    assert_int_equal(cp_run_add(run, good.report, "good.pem", NULL), CP_OK);
    assert_int_equal(cp_run_add(run, bad.report, "bad.pem", NULL), CP_OK);
    assert_int_equal(cp_run_add_unread(run, "none.pem", "none.pem: \x1b[31m gone", NULL), CP_OK);
    for (size_t i = 0; i < NUM_OF(expected); i++) {
        char *text = render(run, expected[i].format);
        if (strstr(text, expected[i].says) == NULL)
            fail_msg("%s (%s): want '%s' in\n%s", expected[i].format, expected[i].reason,
                     expected[i].says, text);
        cp_string_free(text);
    }
    char *text = render(run, "json");
    cJSON *json = cJSON_ParseWithOpts(text, NULL, 1);
    assert_non_null(json);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "reports")), 2);
    cJSON_Delete(json);
    cp_string_free(text);
    cp_run_free(run);
    forget(&good);
    forget(&bad);
}

/* A run of one report is that report. */
static void test_one(void **state) {
    const struct cp_render_options options = {.utf8 = true};
    struct judged bad;
    struct cp_run *run = NULL;
    (void)state;
    judge(&bad, "bad/leaf-expired.pem");
    assert_int_equal(cp_run_new(&run, AT, NULL), CP_OK);
    assert_int_equal(cp_run_add(run, bad.report, "bad/leaf-expired.pem", NULL), CP_OK);
    for (size_t i = 0; i < cp_num_report_formats(); i++) {
        char *of_run = render(run, cp_report_format_name(i)), *of_report = NULL;
        size_t len = 0;
        assert_int_equal(cp_report_render(bad.report, &of_report, &len, cp_report_format_name(i),
                                          &options, NULL),
                         CP_OK);
        assert_string_equal(of_run, of_report);
        cp_string_free(of_run);
        cp_string_free(of_report);
    }
    cp_run_free(run);
    forget(&bad);
}

/* A run over the limit of SARIF's readers: cut, and said. */
static void test_sarif_is_cut(void **state) {
    struct judged bad;
    struct cp_run *run = NULL;
    (void)state;
    judge(&bad, "bad/leaf-expired.pem");
    size_t num = cp_report_num_findings(bad.report), inputs = 25000 / num + 1;
    assert_int_equal(cp_run_new(&run, AT, NULL), CP_OK);
    for (size_t i = 0; i < inputs; i++)
        assert_int_equal(cp_run_add(run, bad.report, "bad.pem", NULL), CP_OK);
    char *text = render(run, "sarif");
    cJSON *json = cJSON_ParseWithOpts(text, NULL, 1);
    const cJSON *runs = cJSON_GetObjectItemCaseSensitive(json, "runs");
    const cJSON *results = cJSON_GetObjectItemCaseSensitive(runs->child, "results");
    assert_int_equal(cJSON_GetArraySize(results), 25000);
    assert_non_null(strstr(text, "Only the first 25000 results are here"));
    cJSON_Delete(json);
    cp_string_free(text);
    cp_run_free(run);
    forget(&bad);
}

static const struct {
    const char *path, *base, *uri, *reason;
} uris[] = {
    {"a/b.pem", "/w", "a/b.pem", "relative as it is"},
    {"./a.pem", NULL, "a.pem", "no leading dot"},
    {"/w/a.pem", "/w", "a.pem", "below the base"},
    {"/wa/a.pem", "/w", "file:///wa/a.pem", "not below it, though it begins alike"},
    {"/a.pem", "/", "file:///a.pem", "the root is no base"},
    {"a b%:#?.pem", NULL, "a%20b%25%3A%23%3F.pem", "no scheme, query or fragment"},
    {"<stdin>", NULL, "%3Cstdin%3E", "standard input"},
    {"\xc3\xbc.pem", NULL, "%C3%BC.pem", "octets of UTF-8"},
};

static void test_uris(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(uris); i++) {
        struct cp_buf out;
        cp_buf_init(&out, 1000);
        cp_render_uri(&out, uris[i].path, uris[i].base);
        if (strcmp(out.data, uris[i].uri) != 0)
            fail_msg("%s: want %s, got %s", uris[i].reason, uris[i].uri, out.data);
        cp_buf_cleanup(&out);
    }
}

static const struct {
    const char *text, *safe, *reason;
} commands[] = {
    {"a\n::error::x", "a\n\\x3A:error::x", "at a line's start"},
    {"a\n \t::error::x", "a\n \t\\x3A:error::x", "behind white space, which is passed over"},
    {"a ::error::x", "a ::error::x", "not at a line's start"},
    {"x ##[error]y", "x \\x23#[error]y", "anywhere"},
    {"###", "\\x23\\x23#", "no two stay together"},
    {":", ":", "one is none"},
    {"#", "#", "one is none"},
};

static void test_defuse(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(commands); i++) {
        struct cp_buf out;
        cp_buf_init(&out, 1000);
        cp_buf_puts(&out, commands[i].text);
        cp_render_defuse(&out, 0, "\\x23", "\\x3A");
        if (strcmp(out.data, commands[i].safe) != 0)
            fail_msg("%s: want %s, got %s", commands[i].reason, commands[i].safe, out.data);
        cp_buf_cleanup(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many),         cmocka_unit_test(test_one),
        cmocka_unit_test(test_sarif_is_cut), cmocka_unit_test(test_uris),
        cmocka_unit_test(test_defuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
