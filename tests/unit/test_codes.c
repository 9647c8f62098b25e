/* codes and operations: both tables, walked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/operations.h"
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
        assert_true(row->http_status == 0 || (row->http_status >= 400 && row->http_status <= 599));
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

static void test_operations(void **state) {
    (void)state;
    assert_null(esa_operation_get(esa_num_operations()));
    for (size_t i = 0; i < esa_num_operations(); i++) {
        const struct esa_operation *operation = esa_operation_get(i);
        assert_true(operation->name[0] != '\0' && operation->source[0] != '\0');
        assert_string_equal(operation->version, "2024-09-10");
        for (size_t k = 0; k < operation->num_parameters; k++) {
            const struct esa_parameter *parameter = &operation->parameters[k];
            bool is_known = parameter->when_name == NULL;
            assert_true(parameter->name[0] != '\0' && parameter->meaning[0] != '\0');
            assert_int_equal(parameter->type == ESA_TYPE_WORD, parameter->words != NULL);
            assert_int_equal(parameter->when_name == NULL, parameter->when_value == NULL);
            assert_string_not_equal(esa_type_name(parameter->type), "unknown");
            /* a condition names an earlier parameter, and a value that it can have */
            const char *value = parameter->when_value == NULL ? "" : parameter->when_value;
            for (size_t m = 0; m < k && !is_known; m++)
                is_known = strcmp(operation->parameters[m].name, parameter->when_name) == 0 &&
                           esa_word_in(operation->parameters[m].words, value, strlen(value));
            assert_true(is_known);
        }
        for (size_t k = 0; k < operation->num_fields; k++)
            assert_true(operation->fields[k].name[0] != '\0');
    }
    const struct esa_operation *create = esa_operation_get(ESA_OP_CREATE);
    assert_string_equal(create->name, "CreateCustomHostname");
    assert_string_equal(create->method, "POST");
    assert_int_equal(create->num_parameters, 9);
    assert_int_equal(create->num_fields, 3);
    assert_int_equal(create->parameters[ESA_CREATE_PRIVATE_KEY].type, ESA_TYPE_SECRET);
}

static const struct {
    const char *words, *word;
    bool is_in;
    const char *reason;
} word_cases[] = {
    {"on|off", "on", true, "first"},        {"on|off", "off", true, "last"},
    {"on|off", "o", false, "a part"},       {"on|off", "on|off", false, "the whole list"},
    {"on|off", "ON", false, "case counts"}, {"on|off", "", false, "empty"},
    {"on", "on", true, "one word"},         {"on|off", "|", false, "the bar"},
};

static void test_words(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(word_cases); i++)
        assert_int_equal(
            esa_word_in(word_cases[i].words, word_cases[i].word, strlen(word_cases[i].word)),
            word_cases[i].is_in);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row),          cmocka_unit_test(test_find),
        cmocka_unit_test(test_documented_twelve), cmocka_unit_test(test_names),
        cmocka_unit_test(test_operations),        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests_name("codes", tests, NULL, NULL);
}
