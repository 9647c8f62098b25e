/* codes: the table, walked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/apiclient.h"
#include "apiclient/redact.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

static void test_each_row(void **state) {
    (void)state;
    assert_true(esa_num_codes() > 30);
    assert_null(esa_code_get(esa_num_codes()));
    for (size_t i = 0; i < esa_num_codes(); i++) {
        const struct esa_code *row = esa_code_get(i);
        assert_true(row->code[0] != '\0' && row->meaning[0] != '\0');
        assert_true(row->advice[0] != '\0' && row->source[0] != '\0');
        /* an error may come with 200 */
        assert_true(row->http_status == 0 || row->http_status == 200 ||
                    (row->http_status >= 400 && row->http_status <= 599));
        /* what is slow is repeated a few times only, and nothing else is limited by its row */
        assert_int_equal(row->max_retries, row->is_slow ? 2 : 0);
        assert_true(row->result == ESA_REFUSED || row->result == ESA_UNKNOWN);
        assert_true((unsigned)row->class_of < ESA_CLASS_UNKNOWN);
        /* what may have been done must be looked at first */
        if (row->result == ESA_UNKNOWN)
            assert_int_equal(row->class_of, ESA_CLASS_RECONCILE);
        for (size_t k = 0; k < i; k++)
            assert_true(strcmp(esa_code_get(k)->code, row->code) != 0 ||
                        esa_code_get(k)->is_prefix != row->is_prefix);
        /* a row finds itself, and its code comes through redaction whole */
        char shown[ESA_CODE_MAX];
        esa_redact(shown, sizeof(shown), row->code, strlen(row->code), NULL, 0);
        assert_string_equal(shown, row->code);
        if (!row->is_prefix)
            assert_ptr_equal(esa_code_find(row->code), row);
        else
            assert_non_null(esa_code_find(row->code));
    }
}

static const struct {
    const char *code;
    enum esa_class class_of;
    enum esa_result result;
    const char *row; /* the row's code; NULL: none */
    const char *reason;
} find_cases[] = {
    {"InvalidParameter", ESA_CLASS_FIX, ESA_REFUSED, "InvalidParameter", "documented"},
    {"InternalException", ESA_CLASS_RECONCILE, ESA_UNKNOWN, "InternalException", "may have acted"},
    {"Instance.NotOnline", ESA_CLASS_ASK, ESA_REFUSED, "Instance.NotOnline", "documented"},
    {"Site.ServiceBusy", ESA_CLASS_RETRY, ESA_REFUSED, "Site.ServiceBusy", "documented"},
    {"CustomHostname.ConflictWithExistingResource", ESA_CLASS_RECONCILE, ESA_REFUSED,
     "CustomHostname.ConflictWithExistingResource", "this request made nothing"},
    {"CustomHostname.ApplyCertFailed", ESA_CLASS_RECONCILE, ESA_UNKNOWN,
     "CustomHostname.ApplyCertFailed", "the hostname may exist without certificate"},
    {"CustomHostname.SetCertFailed", ESA_CLASS_RECONCILE, ESA_UNKNOWN,
     "CustomHostname.SetCertFailed", "the hostname may exist without certificate"},
    {"CustomHostname.CheckQuotaFailed", ESA_CLASS_RETRY, ESA_REFUSED,
     "CustomHostname.CheckQuotaFailed", "before anything is made"},
    {"CustomHostname.OfflineForMultiReason", ESA_CLASS_ASK, ESA_REFUSED,
     "CustomHostname.OfflineForMultiReason", "documented"},
    {"CustomHostname.WildcardDomainRequireEnterprisePlan", ESA_CLASS_ASK, ESA_REFUSED,
     "CustomHostname.WildcardDomainRequireEnterprisePlan", "documented"},
    {"CustomHostname.QueryCasCertFailed", ESA_CLASS_RETRY, ESA_REFUSED,
     "CustomHostname.QueryCasCertFailed", "before anything is made"},
    {"QuotaExceed.CustomHostname", ESA_CLASS_ASK, ESA_REFUSED, "QuotaExceed.CustomHostname",
     "documented"},
    {"Throttling.User", ESA_CLASS_RETRY, ESA_REFUSED, "Throttling.User", "exact before prefix"},
    {"Throttling.Api", ESA_CLASS_RETRY, ESA_REFUSED, "Throttling.", "prefix"},
    {"ThrottlingX", ESA_CLASS_UNKNOWN, ESA_UNKNOWN, NULL, "the prefix ends with a dot"},
    {"MissingSiteId", ESA_CLASS_FIX, ESA_REFUSED, "Missing", "prefix"},
    {"InternalFailure", ESA_CLASS_RECONCILE, ESA_UNKNOWN, "Internal", "prefix; may have acted"},
    {"Forbidden.RiskControl", ESA_CLASS_FIX, ESA_REFUSED, "Forbidden", "prefix"},
    {"invalidparameter", ESA_CLASS_UNKNOWN, ESA_UNKNOWN, NULL, "case counts"},
    {"InvalidParameter ", ESA_CLASS_UNKNOWN, ESA_UNKNOWN, NULL, "not trimmed"},
    {"", ESA_CLASS_UNKNOWN, ESA_UNKNOWN, NULL, "empty"},
    {"Something.New", ESA_CLASS_UNKNOWN, ESA_UNKNOWN, NULL, "not in the table"},
};

static void test_find(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(find_cases); i++) {
        const struct esa_code *row = esa_code_find(find_cases[i].code);
        if (find_cases[i].row == NULL) {
            assert_null(row);
            continue;
        }
        assert_non_null(row);
        assert_string_equal(row->code, find_cases[i].row);
        assert_int_equal(row->class_of, find_cases[i].class_of);
        assert_int_equal(row->result, find_cases[i].result);
    }
}

/* CreateCustomHostname's own table has twelve, all with HTTP 400. */
static void test_documented_twelve(void **state) {
    (void)state;
    size_t num = 0;
    for (size_t i = 0; i < esa_num_codes(); i++)
        if (strstr(esa_code_get(i)->source, "CreateCustomHostname") != NULL) {
            assert_int_equal(esa_code_get(i)->http_status, 400);
            num++;
        }
    assert_int_equal(num, 12);
}

static void test_names(void **state) {
    (void)state;
    for (unsigned i = 0; i < ESA_NUM_CLASSES; i++) {
        assert_true(esa_class_name((enum esa_class)i)[0] != '\0');
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(esa_class_name((enum esa_class)i),
                                    esa_class_name((enum esa_class)k));
    }
    for (unsigned i = 0; i < ESA_NUM_RESULTS; i++)
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(esa_result_name((enum esa_result)i),
                                    esa_result_name((enum esa_result)k));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_documented_twelve),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("codes", tests, NULL, NULL);
}
