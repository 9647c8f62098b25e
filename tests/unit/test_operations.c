/* operations: the table, walked, and the rules that its rows state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/model.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

/* As the vendor documents them; the table must say the same. */
static const struct {
    enum esa_operation_id id;
    const char *name, *method;
    enum esa_effect effect;
    size_t num_parameters, num_fields;
    const char *first, *last; /* parameters */
    const char *reason;
} documented[] = {
    {ESA_OP_CREATE, "CreateCustomHostname", "POST", ESA_EFFECT_ONCE, 9, 3, "Hostname", "CasRegion",
     "a second one is another hostname, or a conflict"},
    {ESA_OP_UPDATE, "UpdateCustomHostname", "POST", ESA_EFFECT_SAME, 8, 1, "HostnameId",
     "CasRegion", "twice is the same state"},
    {ESA_OP_GET, "GetCustomHostname", "POST", ESA_EFFECT_NONE, 1, 2, "HostnameId", "HostnameId",
     "reads"},
    {ESA_OP_LIST, "ListCustomHostnames", "POST", ESA_EFFECT_NONE, 7, 5, "SiteId", "PageSize",
     "reads"},
    {ESA_OP_VERIFY, "VerifyCustomHostname", "POST", ESA_EFFECT_SAME, 1, 2, "HostnameId",
     "HostnameId", "looks the record up again"},
    {ESA_OP_DELETE, "DeleteCustomHostname", "POST", ESA_EFFECT_SAME, 1, 1, "HostnameId",
     "HostnameId", "gone is gone"},
    {ESA_OP_APPLY, "ApplyCustomHostnameCertificate", "POST", ESA_EFFECT_ONCE, 1, 1, "HostnameId",
     "HostnameId", "a second order at the CA"},
    {ESA_OP_LIST_SITES, "ListSites", "GET", ESA_EFFECT_NONE, 4, 5, "SiteName", "PageSize", "reads"},
    {ESA_OP_LIST_RECORDS, "ListRecords", "GET", ESA_EFFECT_NONE, 6, 5, "SiteId", "PageSize",
     "reads"},
    {ESA_OP_GET_SITE, "GetSite", "GET", ESA_EFFECT_NONE, 1, 2, "SiteId", "SiteId", "reads"},
    {ESA_OP_GET_RECORD, "GetRecord", "GET", ESA_EFFECT_NONE, 1, 2, "RecordId", "RecordId", "reads"},
};

static void test_documented(void **state) {
    (void)state;
    assert_int_equal(NUM_OF(documented), esa_num_operations());
    for (size_t i = 0; i < NUM_OF(documented); i++) {
        const struct esa_operation *operation = esa_operation_get(documented[i].id);
        assert_int_equal(documented[i].id, i);
        assert_int_equal(esa_operation_id_of(operation), i);
        assert_string_equal(operation->name, documented[i].name);
        assert_string_equal(operation->method, documented[i].method);
        assert_int_equal(operation->effect, documented[i].effect);
        assert_int_equal(operation->num_parameters, documented[i].num_parameters);
        assert_int_equal(operation->num_fields, documented[i].num_fields);
        assert_string_equal(operation->parameters[0].name, documented[i].first);
        assert_string_equal(operation->parameters[operation->num_parameters - 1].name,
                            documented[i].last);
        assert_string_equal(operation->fields[0].name, "RequestId");
    }
    const struct esa_operation *create = esa_operation_get(ESA_OP_CREATE);
    assert_int_equal(create->parameters[ESA_CREATE_PRIVATE_KEY].type, ESA_TYPE_SECRET);
    const struct esa_operation *update = esa_operation_get(ESA_OP_UPDATE);
    assert_int_equal(update->parameters[ESA_UPDATE_PRIVATE_KEY].type, ESA_TYPE_SECRET);
}

static void check_parameter(const struct esa_operation *operation, size_t k) {
    const struct esa_parameter *parameter = &operation->parameters[k];
    bool is_when = parameter->needed == ESA_NEEDED_WHEN;
    bool is_known = !is_when;
    assert_true(parameter->name[0] != '\0' && parameter->meaning[0] != '\0');
    assert_int_equal(parameter->type == ESA_TYPE_WORD, parameter->words != NULL);
    assert_int_equal(is_when, parameter->when_name != NULL);
    assert_int_equal(is_when, parameter->when_value != NULL);
    assert_true(parameter->type <= ESA_TYPE_SECRET); /* the rest is for replies */
    assert_true(parameter->maximum >= 1);
    assert_string_not_equal(esa_type_name(parameter->type), "unknown");
    assert_int_equal(esa_operation_index(operation, parameter->name), k); /* no name twice */
    /* a condition names an earlier parameter, and a value that it can have */
    const char *name = parameter->when_name == NULL ? "" : parameter->when_name;
    const char *value = is_when ? parameter->when_value : "";
    for (size_t m = 0; m < k && !is_known; m++)
        is_known = strcmp(operation->parameters[m].name, name) == 0 &&
                   operation->parameters[m].words != NULL &&
                   esa_word_in(operation->parameters[m].words, value, strlen(value));
    assert_true(is_known);
}

static void test_rows(void **state) {
    (void)state;
    assert_null(esa_operation_get(esa_num_operations()));
    for (size_t i = 0; i < esa_num_operations(); i++) {
        const struct esa_operation *operation = esa_operation_get(i);
        bool has_required = false;
        assert_true(operation->source[0] != '\0');
        assert_string_equal(operation->version, "2024-09-10");
        for (size_t k = 0; k < operation->num_parameters; k++)
            check_parameter(operation, k);
        assert_int_equal(esa_operation_index(operation, "Nothing"), operation->num_parameters);
        for (size_t k = 0; k < operation->num_fields; k++) {
            const struct esa_field *field = &operation->fields[k];
            bool has_model = field->type == ESA_TYPE_OBJECT || field->type == ESA_TYPE_ARRAY;
            assert_true(field->name[0] >= 'A' && field->name[0] <= 'Z');
            assert_true(strlen(field->name) < 64);
            assert_int_equal(has_model, field->model != ESA_MODEL_NONE);
            if (has_model)
                assert_true(esa_model_size(field->model) > 0);
            has_required = has_required || field->required;
        }
        assert_true(has_required); /* else anything would confirm it */
    }
    for (int type = 0; type <= ESA_TYPE_ARRAY; type++)
        assert_string_not_equal(esa_type_name((enum esa_type)type), "unknown");
}

/* ---- the rules, by the values of a list: one of each kind of need and type ---- */

static const struct {
    const char *site_id, *record_id, *match, *page_size;
    const char *says; /* NULL: fine */
    const char *reason;
} list_cases[] = {
    {"1", NULL, NULL, NULL, NULL, "what is always needed"},
    {"1", "2", "exact", "500", NULL, "and what may be left out"},
    {NULL, "2", NULL, NULL, "SiteId: is required", "what is always needed is missing"},
    {"0", NULL, NULL, NULL, "SiteId: want decimal digits from 1 to 9223372036854775807", "too low"},
    {"1", "x", NULL, NULL, "RecordId: want decimal digits", "what may be left out is checked"},
    {"1", NULL, "Exact", NULL, "NameMatchType: want one of prefix|", "words are strict here"},
    {"1", NULL, "", NULL, "NameMatchType: is empty", "empty is not left out"},
    {"1", NULL, NULL, "0", "PageSize: want decimal digits from 1 to 500", "below its row's least"},
    {"1", NULL, NULL, "501", "PageSize: want decimal digits from 1 to 500", "over its maximum"},
};

static struct esa_value value_of(const char *text) {
    return (struct esa_value){text, text == NULL ? 0 : strlen(text)};
}

static void test_check(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(list_cases); i++) {
        struct cp_error err = {0};
        const struct esa_value values[ESA_MAX_PARAMETERS] = {
            [ESA_LIST_SITE_ID] = value_of(list_cases[i].site_id),
            [ESA_LIST_RECORD_ID] = value_of(list_cases[i].record_id),
            [ESA_LIST_NAME_MATCH_TYPE] = value_of(list_cases[i].match),
            [ESA_LIST_PAGE_SIZE] = value_of(list_cases[i].page_size),
        };
        enum cp_status status = esa_operation_check(esa_operation_get(ESA_OP_LIST), values, &err);
        assert_int_equal(status, list_cases[i].says == NULL ? CP_OK : CP_ERR_USAGE);
        if (list_cases[i].says != NULL)
            assert_memory_equal(err.message, list_cases[i].says, strlen(list_cases[i].says));
    }
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
        cmocka_unit_test(test_documented),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests_name("operations", tests, NULL, NULL);
}
