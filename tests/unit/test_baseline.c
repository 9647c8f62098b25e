/* The baseline: an earlier report, or what only looks like one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/baseline.h"

#define HEAD "{\"schema_version\":1,\"tool\":\"certprep\","
#define FOUND(rule, spki, file, host)                                                              \
    "{\"rule\":\"" rule "\",\"spki_sha256\":" spki ",\"file\":" file ",\"hostname\":" host "}"

static const struct base_case {
    const char *text;
    size_t num_rows;
    bool taken;
    const char *reason;
} cases[] = {
    {HEAD "\"findings\":[]}", 0, true, "a clean report"},
    {HEAD "\"findings\":[" FOUND("CP0403", "\"ab\"", "\"f\"", "null") "]}\n", 1, true,
     "one finding"},
    {HEAD "\"findings\":[" FOUND("CP0403", "\"ab\"", "\"f\"",
                                 "null") "," FOUND("CP0403", "\"ab\"", "\"g\"", "null") "]}",
     1, true, "the same of one key in two files"},
    {HEAD "\"findings\":[" FOUND("CP0301", "\"ab\"", "\"f\"", "\"a.example\"") "," FOUND(
         "CP0301", "\"ab\"", "\"f\"", "\"b.example\"") "]}",
     2, true, "two hostnames are two findings"},
    {HEAD "\"reports\":[{\"findings\":[" FOUND(
         "CP0403", "\"ab\"", "\"f\"", "null") "]},"
                                              "{\"findings\":[" FOUND("CP0003", "null", "\"g\"",
                                                                      "null") "]}]}",
     2, true, "a run of two"},
    {HEAD "\"findings\":[" FOUND("CP9999", "\"ab\"", "\"f\"", "null") "]}", 0, true,
     "a rule that is gone"},
    {HEAD "\"findings\":[" FOUND("CP0911", "null", "\"f\"", "null") "]}", 0, true,
     "what is said of waivers is never known from before"},
    {HEAD "\"findings\":[{\"rule\":\"CP0403\"}]}", 0, false, "a report without keys"},
    {HEAD "\"findings\":[1]}", 0, false, "a number is no finding"},
    {HEAD "\"findings\":{}}", 0, false, "no list"},
    {HEAD "\"reports\":[1]}", 0, false, "a number is no report"},
    {"{\"schema_version\":2,\"tool\":\"certprep\",\"findings\":[]}", 0, false, "another version"},
    {"{\"schema_version\":1,\"tool\":\"other\",\"findings\":[]}", 0, false, "another tool"},
    {HEAD "\"findings\":[]} x", 0, false, "text behind it"},
    {"[]", 0, false, "no object"},
    {"{", 0, false, "cut off"},
    {"", 0, false, "empty"},
};

static void test_files(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct base_case *c = &cases[i];
        struct cp_baseline baseline = {0};
        struct cp_error err = {CP_OK, 0, 0, ""};
        const struct cp_span text = {(const uint8_t *)c->text, strlen(c->text)};
        enum cp_status status = cp_baseline_read(&baseline, text, "base.json", &err);
        if (status != (c->taken ? CP_OK : CP_ERR_USAGE) ||
            (c->taken && baseline.num_rows != c->num_rows))
            fail_msg("%s: status %d, %zu rows, '%s'", c->reason, (int)status, baseline.num_rows,
                     err.message);
        cp_baseline_cleanup(&baseline);
    }
}

static void test_what_is_the_same(void **state) {
    (void)state;
    static const char text[] =
        HEAD "\"findings\":[" FOUND("CP0403", "\"ab\"", "\"f\"", "null") "," FOUND(
            "CP0003", "null", "\"f\"", "null") "," FOUND("CP0301", "\"ab\"", "\"f\"",
                                                         "\"a.example\"") "]}";
    char key[CP_MAX_BASELINE_KEY];
    struct cp_baseline baseline = {0};
    const struct cp_span span = {(const uint8_t *)text, sizeof(text) - 1};
    assert_int_equal(cp_baseline_read(&baseline, span, "base.json", NULL), CP_OK);
    assert_true(cp_baseline_key(key, "CP0403", "ab", "moved", NULL)); /* the key is what counts */
    assert_non_null(cp_baseline_find(&baseline, key));
    assert_true(cp_baseline_find(&baseline, key)->waiver.is_baseline);
    assert_true(cp_baseline_key(key, "CP0403", "cd", "f", NULL)); /* another key */
    assert_null(cp_baseline_find(&baseline, key));
    assert_true(cp_baseline_key(key, "CP0404", "ab", "f", NULL)); /* another rule */
    assert_null(cp_baseline_find(&baseline, key));
    assert_true(cp_baseline_key(key, "CP0003", "", "f", NULL)); /* no key: the file */
    assert_non_null(cp_baseline_find(&baseline, key));
    assert_true(cp_baseline_key(key, "CP0301", "ab", "f", "b.example")); /* another hostname */
    assert_null(cp_baseline_find(&baseline, key));
    cp_baseline_cleanup(&baseline);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_what_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
