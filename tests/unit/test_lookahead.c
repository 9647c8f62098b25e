/* lookahead: when the verdict changes, why, and what it means for clients without another path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "checks.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define NEVER INT64_MAX
#define MAY_1 1777593600  /* 2026-05-01 */
#define JUNE_1 1780272000 /* the clock of every test */
#define JUNE_11 1781136000
#define JULY_1 1782864000
#define AUGUST_1 1785542400
#define OCTOBER_1 1790812800 /* the end of every leaf */

struct checked {
    struct cp_bundle *bundle;
    struct cp_trust *trust;
    struct cp_checker *checker;
    struct cp_report *report;
};

static struct cp_secret read_testcert(const char *name) {
    char path[512];
    struct cp_secret text = {0};
    struct cp_error err;
    assert_true(snprintf(path, sizeof(path), CP_TESTCERTS_DIR "/%s", name) < (int)sizeof(path));
    assert_int_equal(cp_secret_read_file(&text, path, CP_MAX_FILE_LEN, &err), CP_OK);
    return text;
}

static void check(struct checked *out, const char *file, const char *trust, int64_t at_s,
                  int64_t min_days, bool explain) {
    struct cp_secret text = read_testcert(file), anchors = read_testcert(trust);
    const struct cp_check_options options = {
        .at_s = at_s, .min_days = min_days, .explain = explain};
    struct cp_error err = {CP_OK, 0, 0, ""};
    *out = (struct checked){0};
    assert_int_equal(cp_bundle_new(&out->bundle, &err), CP_OK);
    assert_int_equal(cp_bundle_add(out->bundle, file, CP_ROLE_ANY, text.data, text.len, &err),
                     CP_OK);
    assert_int_equal(cp_trust_new(&out->trust, anchors.data, anchors.len, "store", &err), CP_OK);
    assert_int_equal(cp_checker_new(&out->checker, out->trust, &err), CP_OK);
    assert_int_equal(cp_checker_run(out->checker, &out->report, out->bundle, &options, &err),
                     CP_OK);
    cp_secret_cleanup(&text);
    cp_secret_cleanup(&anchors);
}

static void checked_free(struct checked *checked) {
    cp_report_free(checked->report);
    cp_checker_free(checked->checker);
    cp_trust_free(checked->trust);
    cp_bundle_free(checked->bundle);
}

/* "CP0205 CP0441": the rules of this group that were found, in the order of the report. */
static void rules_found(char out[100], const struct cp_report *report) {
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < cp_report_num_findings(report); i++) {
        const char *id = cp_report_finding(report, i)->rule->id;
        if (strcmp(id, "CP0205") == 0 || strcmp(id, "CP0206") == 0 || strcmp(id, "CP0207") == 0 ||
            strcmp(id, "CP0440") == 0 || strcmp(id, "CP0441") == 0)
            used += (size_t)snprintf(out + used, 100 - used, "%s%s", used == 0 ? "" : " ", id);
        assert_true(used < 100);
    }
}

static const struct {
    const char *reason, *file, *trust;
    int64_t at_s, min_days;
    bool valid_now;
    int64_t path_breaks_s, changes_s;
    const char *rules; /* of this group */
    const char *text;  /* is in the sentence */
} rows[] = {
    {"the leaf is the first to expire", "good/ec-bundle.pem", "trust/all.pem", JUNE_1, 14, true,
     OCTOBER_1 + 1, OCTOBER_1 + 1, "", "breaks on 2026-10-01: the leaf expires"},
    {"both on one day: that is the leaf's matter", "explain/intermediate-ends-with-leaf.pem",
     "trust/all.pem", JUNE_1, 14, true, OCTOBER_1 + 1, OCTOBER_1 + 1, "", "the leaf expires"},
    {"the intermediate is the first", "explain/intermediate-ends-early.pem", "trust/all.pem",
     JUNE_1, 14, true, AUGUST_1 + 1, AUGUST_1 + 1, "CP0205",
     "breaks on 2026-08-01: CN=certprep Test CA E1 (certificate 2) expires"},
    {"in its last second it is still good", "explain/intermediate-ends-early.pem", "trust/all.pem",
     AUGUST_1, 0, true, AUGUST_1 + 1, AUGUST_1 + 1, "CP0205", "breaks on 2026-08-01"},
    {"a second later it is not", "explain/intermediate-ends-early.pem", "trust/all.pem",
     AUGUST_1 + 1, 0, false, NEVER, NEVER, "", "no path becomes valid by waiting"},
    {"within the minimum of days CP0203 says it", "bad/intermediate-expires-in-10-days.pem",
     "trust/all.pem", JUNE_1, 14, true, JUNE_11 + 1, JUNE_11 + 1, "", "breaks on 2026-06-11"},
    {"with no minimum this does", "bad/intermediate-expires-in-10-days.pem", "trust/all.pem",
     JUNE_1, 0, true, JUNE_11 + 1, JUNE_11 + 1, "CP0205", "breaks on 2026-06-11"},
    {"another path takes over", "explain/first-path-ends-early.pem", "trust/all.pem", JUNE_1, 14,
     true, AUGUST_1 + 1, OCTOBER_1 + 1, "CP0206",
     "the other path through CN=certprep Test CA E1 (certificate 3) lasts to 2026-10-01"},
    {"but not where its root is not trusted", "explain/first-path-ends-early.pem",
     "trust/root-ec.pem", JUNE_1, 14, true, AUGUST_1 + 1, AUGUST_1 + 1, "CP0205",
     "breaks on 2026-08-01"},
    {"the lasting path stands first", "explain/second-path-ends-early.pem", "trust/all.pem", JUNE_1,
     14, true, OCTOBER_1 + 1, OCTOBER_1 + 1, "", "the leaf expires"},
    {"the leaf itself has expired", "bad/leaf-expired.pem", "trust/all.pem", JUNE_1, 14, false,
     NEVER, NEVER, "", "no path becomes valid by waiting"},
    {"the intermediate is not valid yet", "bad/intermediate-not-yet-valid.pem", "trust/all.pem",
     JUNE_1, 14, false, NEVER, JULY_1, "", "valid from 2026-07-01 on"},
    {"nothing leads to this root", "good/ec-bundle.pem", "trust/root-private.pem", JUNE_1, 14,
     false, NEVER, NEVER, "", "no path becomes valid by waiting"},
    {"DST Root X3, the day before", "explain/cross-sign-of-old-root.pem",
     "explain/trust-with-old-root.pem", MAY_1, 14, true, OCTOBER_1 + 1, OCTOBER_1 + 1, "CP0207",
     "the leaf expires"},
    {"DST Root X3, the day after", "explain/cross-sign-of-old-root.pem",
     "explain/trust-with-old-root.pem", MAY_1 + 1, 14, true, OCTOBER_1 + 1, OCTOBER_1 + 1, "CP0441",
     "the leaf expires"},
    {"a store without it: clients turn to the other path", "explain/cross-sign-of-old-root.pem",
     "trust/root-ec.pem", JUNE_1, 14, true, OCTOBER_1 + 1, OCTOBER_1 + 1, "", "the leaf expires"},
    {"the cross-sign ends first", "explain/cross-sign-ends-early.pem", "trust/all.pem", JUNE_1, 14,
     true, OCTOBER_1 + 1, OCTOBER_1 + 1, "CP0207", "the leaf expires"},
    {"it ends with the leaf", "explain/cross-sign-ends-with-leaf.pem", "trust/all.pem", JUNE_1, 14,
     true, OCTOBER_1 + 1, OCTOBER_1 + 1, "", "the leaf expires"},
    {"an expired one is CP0204's", "bad/expired-cross-sign.pem", "trust/all.pem", JUNE_1, 14, true,
     OCTOBER_1 + 1, OCTOBER_1 + 1, "", "the leaf expires"},
    {"an intermediate is the only anchor", "good/ec-bundle.pem", "good/ec-intermediate.pem", JUNE_1,
     14, true, OCTOBER_1 + 1, OCTOBER_1 + 1, "CP0440", "the leaf expires"},
    {"beside its root it does no harm", "good/ec-bundle.pem", "explain/trust-with-intermediate.pem",
     JUNE_1, 14, true, OCTOBER_1 + 1, OCTOBER_1 + 1, "", "the leaf expires"},
    {"it is not served either: CP0418 says so", "good/ec-leaf.pem",
     "explain/trust-with-intermediate.pem", JUNE_1, 14, true, OCTOBER_1 + 1, OCTOBER_1 + 1, "",
     "the leaf expires"},
};

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(rows); i++) {
        struct checked c;
        struct cp_outlook outlook;
        char rules[100];
        print_message("  %s: %s\n", rows[i].file, rows[i].reason);
        check(&c, rows[i].file, rows[i].trust, rows[i].at_s, rows[i].min_days, true);
        cp_report_outlook(c.report, &outlook);
        assert_int_equal(outlook.valid_now, rows[i].valid_now);
        assert_int_equal(outlook.path_breaks_s, rows[i].path_breaks_s);
        assert_int_equal(outlook.changes_s, rows[i].changes_s);
        assert_non_null(strstr(outlook.text, rows[i].text));
        rules_found(rules, c.report);
        assert_string_equal(rules, rows[i].rules);
        checked_free(&c);
    }
}

/* The outlook is what the checks say at the moments that it names. */
static void test_moments(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(rows); i++) {
        struct checked c;
        struct cp_outlook outlook, then;
        check(&c, rows[i].file, rows[i].trust, rows[i].at_s, 0, true);
        cp_report_outlook(c.report, &outlook);
        checked_free(&c);
        if (outlook.changes_s == NEVER)
            continue;
        check(&c, rows[i].file, rows[i].trust, outlook.changes_s, 0, false);
        cp_report_outlook(c.report, &then);
        assert_int_equal(then.valid_now, !outlook.valid_now);
        checked_free(&c);
        check(&c, rows[i].file, rows[i].trust, outlook.changes_s - 1, 0, false);
        cp_report_outlook(c.report, &then);
        assert_int_equal(then.valid_now, outlook.valid_now);
        checked_free(&c);
    }
}

/* Of a bundle with no leaf there is nothing to say, and nothing breaks. */
static void test_no_leaf(void **state) {
    (void)state;
    struct checked c;
    struct cp_outlook outlook;
    check(&c, "good/ec-key-sec1.pem", "trust/all.pem", JUNE_1, 14, true);
    cp_report_outlook(c.report, &outlook);
    assert_false(outlook.valid_now);
    assert_null(outlook.text);
    assert_int_equal(outlook.changes_s, NEVER);
    checked_free(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_no_leaf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
