/* supersedes.def: what takes another's place never weighs less, and has a place of its own; and
 * that a report says one thing once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checks.h"

static void test_rows(void **state) {
    (void)state;
    size_t num = 0;
    for (size_t i = 0; i < cp_num_rules(); i++) {
        const struct cp_rule *what = cp_rule_get(i), *by;
        for (size_t j = 0; (by = cp_rule_superseded_by(what, j)) != NULL; j++, num++) {
            bool listed = false;
            for (size_t k = 0; cp_rule_supersedes(by, k) != NULL; k++)
                listed |= cp_rule_supersedes(by, k) == what;
            if (!listed)
                fail_msg("%s does not say that it supersedes %s", by->id, what->id);
            if (cp_rule_superseded_by(by, 0) != NULL)
                fail_msg("%s supersedes %s, and is superseded itself", by->id, what->id);
            for (int p = 0; p < CP_NUM_PROFILES; p++)
                if (cp_rule_severity(by, (enum cp_profile)p) <
                    cp_rule_severity(what, (enum cp_profile)p))
                    fail_msg("%s weighs less than %s, whose place it takes (profile %s)", by->id,
                             what->id, cp_profile_name((enum cp_profile)p));
        }
    }
    assert_true(num >= 10);
    assert_null(cp_rule_superseded_by(cp_rule_find("CP0301"), 0));
    assert_null(cp_rule_supersedes(cp_rule_find("CP0301"), 0));
}

/* What a report holds before, and what is to be left. */
static const struct {
    enum cp_check by, what;
    size_t by_cert, what_cert;
    const char *by_subject, *what_subject;
    enum cp_path_rule path_rule;
    size_t left;
    const char *note;
    size_t num_on_path; /* certificates of the path that are not in the input, all of the name a */
    bool is_lighter;    /* what would take the other's place is a note, the other an error */
} cases[] = {
    {CP_CHECK_BR_SAN_CRITICAL, CP_CHECK_SAN_CRITICAL, 1, 1, "a", "a", CP_PATH_NONE, 1,
     "of one certificate", 0, false},
    {CP_CHECK_BR_SAN_CRITICAL, CP_CHECK_SAN_CRITICAL, 1, 2, "a", "a", CP_PATH_NONE, 2,
     "of two certificates of one name", 0, false},
    {CP_CHECK_BR_CRL_CRITICAL, CP_CHECK_CRL_CRITICAL, 0, 0, "a", "a", CP_PATH_NONE, 1,
     "of an anchor, which has no number", 0, false},
    {CP_CHECK_BR_CRL_CRITICAL, CP_CHECK_CRL_CRITICAL, 0, 0, "a", "b", CP_PATH_NONE, 2,
     "of two anchors", 0, false},
    {CP_CHECK_BR_CRL_CRITICAL, CP_CHECK_CRL_CRITICAL, 0, 0, "CN=a", "CN=a", CP_PATH_NONE, 1,
     "of the one anchor of the path", 1, false},
    {CP_CHECK_BR_CRL_CRITICAL, CP_CHECK_CRL_CRITICAL, 0, 0, "CN=a", "CN=a", CP_PATH_NONE, 2,
     "of an anchor, or of the CA below it, which has the same name", 2, false},
    {CP_CHECK_BR_SAN_CRITICAL, CP_CHECK_SAN_CRITICAL, 1, 1, "a", "a", CP_PATH_NONE, 2,
     "an error gives no place to a note", 0, true},
    {CP_CHECK_BR_CRL_CRITICAL, CP_CHECK_CRL_CRITICAL, 0, 0, NULL, NULL, CP_PATH_NONE, 2,
     "of no certificate: nothing says that it is the same", 0, false},
    {CP_CHECK_BR_SAN_CRITICAL, CP_CHECK_CRL_CRITICAL, 1, 1, "a", "a", CP_PATH_NONE, 2,
     "another defect", 0, false},
    {CP_CHECK_NAME_CONSTRAINTS, CP_CHECK_NC_DISTANCE, 2, 2, "a", "a", CP_PATH_CONSTRAINT_MALFORMED,
     1, "the path failed by it", 0, false},
    {CP_CHECK_NAME_CONSTRAINTS, CP_CHECK_NC_DISTANCE, 2, 2, "a", "a", CP_PATH_EXCLUDED, 2,
     "the path failed by something else", 0, false},
};

static void test_report(void **state) {
    (void)state;
    const struct cp_bundle nothing = {.num_certs = 0};
    const struct cp_cert named_a = {.common_name = {(const uint8_t *)"a", 1}};
    const struct cp_cert of_a[] = {named_a, named_a};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int order = 0; order < 2; order++) { /* both may stand first */
            struct cp_finding findings[2] = {
                {.rule = cp_rule_get((size_t)cases[i].by),
                 .severity = cases[i].is_lighter ? CP_NOTE : CP_ERROR,
                 .message = "by",
                 .certificate = cases[i].by_cert,
                 .subject = cases[i].by_subject},
                {.rule = cp_rule_get((size_t)cases[i].what),
                 .severity = cases[i].is_lighter ? CP_ERROR : CP_NOTE,
                 .message = "what",
                 .certificate = cases[i].what_cert,
                 .subject = cases[i].what_subject},
            };
            struct cp_report *report = calloc(1, sizeof(*report));
            assert_non_null(report);
            report->findings = calloc(2, sizeof(findings[0]));
            assert_non_null(report->findings);
            report->findings[order] = findings[0];
            report->findings[1 - order] = findings[1];
            report->num_findings = report->cap_findings = 2;
            report->counts[CP_ERROR] = report->counts[CP_NOTE] = 1;
            report->path.rule = cases[i].path_rule;
            report->bundle = &nothing;
            for (size_t j = 0; j < cases[i].num_on_path; j++)
                report->path.path.certs[report->path.path.num_certs++] = &of_a[j];
            cp_report_supersede(report);
            if (report->num_findings != cases[i].left)
                fail_msg("%s: %zu findings are left", cases[i].note, report->num_findings);
            assert_int_equal(report->counts[CP_ERROR], 1);
            assert_int_equal(report->counts[CP_NOTE], cases[i].left - 1);
            if (cases[i].left == 1) {
                assert_string_equal(report->findings[0].message, "by");
                assert_int_equal(report->findings[0].num_notes, 1);
                assert_non_null(strstr(report->findings[0].notes[0], ", too: "));
            }
            cp_report_free(report);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_report)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
