/* certprep.ini, and which rules a policy lets count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checks.h"
#include "policy/config.h"
#include "policy/selection.h"

static const char *nearest(const char *word, const char *const *candidates, size_t num) {
    (void)word;
    return num == 0 ? NULL : candidates[0];
}

static const struct config_case {
    const char *text;
    const char *error; /* part of the message; NULL: it is taken */
    const char *reason;
} cases[] = {
    {"", NULL, "an empty file says nothing"},
    {"[check]\nmin-days = 21\nmin-left = 33%\n", NULL, "both thresholds"},
    {"[check]\nselect = CP03, CP0403\n  CP05\nignore = CP07\nselect = CP01\n", NULL, "lists"},
    {"[check]\nreport = sarif=a.sarif, junit=b.xml\nformat = json\ntarget = esa\n", NULL,
     "reports"},
    {"[severity]\nCP0403 = error\nCP0205 = off\n", NULL, "severities"},
    {"[path \"sites/*.pem\"]\nhostnames = a.example,\n  b.example\n", NULL, "hostnames of a path"},
    {"min-days = 3\n", "above the first heading", "no section"},
    {"[chek]\n", "did you mean 'check'?", "a misspelt section"},
    {"[check]\nmin-day = 3\n", "t:2: key 'min-day' is not known; did you mean 'min-days'?",
     "a misspelt key"},
    {"[check]\nmin-days = -1\n", "want 0 to 100000", "a negative number"},
    {"[check]\nmin-days = 3\nmin-days = 4\n", "given twice", "two values"},
    {"[check]\nmin-days = 3\n  4\n", "given twice", "a value that goes on"},
    {"[check]\nmin-left = 100%\n", "want 1% to 99%", "all of its time"},
    {"[check]\nmin-left = 0\n", "want 1% to 99%", "none of its time"},
    {"[check]\nignore = CP99\n", "is not known", "a prefix of nothing"},
    {"[check]\nselect = X\n", "is not known", "no rule"},
    {"[check]\nprofile = web\n", "is not known", "no profile"},
    {"[check]\nfail-on = fatal\n", "is not known", "no severity"},
    {"[check]\nreport = sarif\n", "want FORMAT=FILE", "a report without a file"},
    {"[check]\nreport = sariff=x\n", "is not known", "a format that is not there"},
    {"[check]\nreport = text=/etc/motd\n", "without a folder", "a file elsewhere"},
    {"[check]\nreport = text=../motd\n", "without a folder", "a file above"},
    {"[check]\nwaivers =\n", "want a file's name", "an empty name"},
    {"[severity]\nCP9999 = error\n", "rule 'CP9999' is not known", "no such rule"},
    {"[severity]\nCP0403 = fatal\n", "severity 'fatal' is not known", "no such level"},
    {"[severity]\nCP0403 = error\nCP0403 = off\n", "given twice", "two levels"},
    {"[severity]\nCP0001 = off\n", "can't be switched off", "nothing was judged: that is said"},
    {"[severity]\nCP0911 = warning\n", "can't be switched off or weakened",
     "a waiver that is over"},
    {"[path]\nhostnames = a.example\n", "want [path \"PATTERN\"]", "which path?"},
    {"[path \"a\"]\nhostnames = -bad-\n", "t:2:", "no hostname"},
    {"[path \"a\"]\nhostname = a.example\n", "did you mean 'hostnames'?", "a misspelt key"},
    {"[path \"a]\nhostnames = a.example\n", "a heading is", "an open quote"},
    {"[check] x\n", "a heading is", "text behind a heading"},
    {"[check \"x\"]\n", "want [check] alone", "an argument that means nothing"},
};

static enum cp_status read_text(struct cp_config *config, const char *text, struct cp_error *err) {
    return cp_config_read(config, (struct cp_span){(const uint8_t *)text, strlen(text)}, "t",
                          nearest, err);
}

static void test_files(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct config_case *c = &cases[i];
        struct cp_config config = {0};
        struct cp_error err = {CP_OK, 0, 0, ""};
        enum cp_status status = read_text(&config, c->text, &err);
        if (c->error == NULL ? status != CP_OK
                             : status != CP_ERR_USAGE || strstr(err.message, c->error) == NULL)
            fail_msg("%s: status %d, '%s'", c->reason, (int)status, err.message);
        cp_config_cleanup(&config);
    }
}

static void test_values_and_lines(void **state) {
    (void)state;
    struct cp_config config = {0};
    char item[CP_MAX_CONFIG_ITEM];
    assert_int_equal(read_text(&config,
                               "[check]\nselect = CP03 ; note\n  CP04\n[path \"x]y\"]\n"
                               "hostnames = a.example\n",
                               NULL),
                     CP_OK);
    assert_string_equal(config.values[CP_CONFIG_SELECT].text, "CP03, CP04");
    assert_int_equal(config.values[CP_CONFIG_SELECT].line, 2);
    assert_null(config.values[CP_CONFIG_IGNORE].text);
    assert_int_equal(config.num_paths, 1);
    assert_string_equal(config.paths[0].pattern, "x]y"); /* libinih would end it at the bracket */
    assert_int_equal(config.paths[0].line, 4);
    const char *at = " , a ,,b, ";
    assert_true(cp_config_next(item, &at));
    assert_string_equal(item, "a");
    assert_true(cp_config_next(item, &at));
    assert_string_equal(item, "b");
    assert_false(cp_config_next(item, &at));
    cp_config_cleanup(&config);
}

static const struct rule_case {
    const char *select, *ignore, *severity; /* severity of CP0403; NULL: none is given */
    bool counts;                            /* CP0403 */
    enum cp_severity level;
    const char *reason;
} rules[] = {
    {NULL, NULL, NULL, true, CP_WARNING, "by default as the table has it"},
    {"CP04", NULL, NULL, true, CP_WARNING, "selected by prefix"},
    {"CP03", NULL, NULL, false, CP_WARNING, "another is selected"},
    {NULL, "CP04", NULL, false, CP_WARNING, "ignored by prefix"},
    {"CP0403", "CP04", NULL, true, CP_WARNING, "the longer prefix has it"},
    {"CP04", "CP0403", NULL, false, CP_WARNING, "the longer prefix has it, the other way round"},
    {"CP0403", "CP0403", NULL, false, CP_WARNING, "of equals the one that ignores"},
    {NULL, NULL, "error", true, CP_ERROR, "raised"},
    {NULL, NULL, "note", true, CP_NOTE, "lowered"},
    {NULL, NULL, "off", false, CP_WARNING, "off"},
    {"CP0403", NULL, "off", false, CP_WARNING, "off, though it is selected"},
};

static void test_which_rules_count(void **state) {
    (void)state;
    enum cp_check check = CP_NUM_CHECKS;
    for (size_t i = 0; i < CP_NUM_CHECKS; i++)
        if (strcmp(cp_rule_get(i)->id, "CP0403") == 0)
            check = (enum cp_check)i;
    assert_int_not_equal(check, CP_NUM_CHECKS);
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const struct rule_case *c = &rules[i];
        struct cp_policy *policy = NULL;
        enum cp_severity severity = CP_WARNING;
        assert_int_equal(cp_policy_new(&policy, NULL, NULL), CP_OK);
        if (c->select != NULL)
            assert_int_equal(cp_policy_select(policy, c->select, NULL), CP_OK);
        if (c->ignore != NULL)
            assert_int_equal(cp_policy_ignore(policy, c->ignore, NULL), CP_OK);
        if (c->severity != NULL)
            assert_int_equal(cp_policy_set_severity(policy, "CP0403", c->severity, NULL), CP_OK);
        bool counts = cp_policy_severity(policy, check, &severity);
        if (counts != c->counts || (counts && severity != c->level))
            fail_msg("%s", c->reason);
        severity = CP_ERROR;
        assert_true(cp_policy_severity(policy, CP_CHECK_NO_CERTIFICATE, &severity));
        assert_true(cp_policy_severity(policy, CP_CHECK_WAIVER_EXPIRED, &severity));
        assert_int_equal(severity, CP_ERROR);
        cp_policy_free(policy);
    }
}

static void test_what_stays(void **state) {
    (void)state;
    struct cp_policy *policy = NULL;
    assert_int_equal(cp_policy_new(&policy, NULL, NULL), CP_OK);
    assert_int_equal(cp_policy_ignore(policy, "CP0911", NULL), CP_ERR_USAGE);
    assert_int_equal(cp_policy_ignore(policy, "CP0001", NULL), CP_ERR_USAGE);
    assert_int_equal(cp_policy_ignore(policy, "", NULL), CP_ERR_USAGE); /* would be all */
    assert_int_equal(cp_policy_set_severity(policy, "CP0911", "note", NULL), CP_ERR_USAGE);
    assert_int_equal(cp_policy_set_severity(policy, "CP0912", "off", NULL), CP_OK);
    const struct cp_report report = {.policy = policy}; /* not BLOCKED, but not prepared, either */
    struct cp_prepared *prepared = NULL;
    assert_int_equal(cp_prepare(&prepared, &report, NULL), CP_ERR_USAGE);
    assert_null(prepared);
    cp_policy_free(policy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_values_and_lines),
        cmocka_unit_test(test_which_rules_count),
        cmocka_unit_test(test_what_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
