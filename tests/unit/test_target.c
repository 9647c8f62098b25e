/* The table of targets is whole, and its rules judge at their bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "target.h"

static bool is_output(const char *name, size_t len) {
    for (size_t i = 0; i < cp_num_outputs(); i++)
        if (strlen(cp_output_name(i)) == len && memcmp(cp_output_name(i), name, len) == 0)
            return true;
    return false;
}

static void test_table(void **state) {
    (void)state;
    char list[CP_TARGET_LIST];
    cp_target_list(list);
    assert_int_equal(cp_num_targets(), 13);
    assert_null(cp_target_name(cp_num_targets()));
    assert_null(cp_target_get(cp_num_targets()));
    assert_null(cp_target_find("ESA"));
    assert_null(cp_target_outputs("esa "));
    assert_string_equal(cp_target_default()->name, "esa");
    for (size_t i = 0; i < cp_num_targets(); i++) {
        const struct cp_target *target = cp_target_get(i);
        assert_ptr_equal(cp_target_find(cp_target_name(i)), target);
        assert_non_null(strstr(list, target->name));
        assert_true(target->text[0] != '\0' && target->source[0] != '\0');
        assert_int_equal(strlen(target->date), 10);
        assert_true(target->key_types != 0);
        if (target->key_form == CP_FORM_PKCS1) /* nothing else can be written so */
            assert_int_equal(target->key_types, 1U << CP_KEY_RSA);
        if (target->rsa_step_bits != 0) /* the message names all three */
            assert_true(target->rsa_min_bits != 0 && target->rsa_max_bits != 0);
        assert_true(target->rsa_max_bits == 0 || target->rsa_max_bits >= target->rsa_min_bits);
        for (const char *at = cp_target_outputs(target->name); *at != '\0';) {
            size_t len = strcspn(at, ",");
            assert_true(is_output(at, len));
            at += len + (at[len] == ',');
        }
    }
}

/* ---- the rules, on a report made by hand ---- */

#define DAY 86400

struct rule_case {
    const char *reason;
    const char *target;
    enum cp_key_type type;
    unsigned bits;
    size_t num_certs; /* of the path, anchor included */
    int64_t seconds_left;
    const char *trust; /* "system", "file", "none" */
    const char *rule;  /* the one finding that is wanted; NULL: none */
};

static const struct rule_case rule_cases[] = {
    {"ESA publishes no rule", "esa", CP_KEY_ED25519, 256, 3, DAY, "file", NULL},
    {"an unknown type where there is no rule", "nginx", CP_KEY_UNKNOWN, 0, 3, DAY, "file", NULL},
    {"CLB takes RSA", "clb", CP_KEY_RSA, 2048, 3, DAY, "file", NULL},
    {"CLB takes no EC", "clb", CP_KEY_EC_P256, 256, 3, DAY, "file", "CP0801"},
    {"CLB takes no RSA-PSS", "clb", CP_KEY_RSA_PSS, 2048, 3, DAY, "file", "CP0801"},
    {"Cloudflare takes no unknown type", "cloudflare", CP_KEY_UNKNOWN, 0, 3, 20 * DAY, "file",
     "CP0801"},
    {"Cloudflare's least", "cloudflare", CP_KEY_RSA, 2048, 3, 20 * DAY, "file", NULL},
    {"one bit less", "cloudflare", CP_KEY_RSA, 2047, 3, 20 * DAY, "file", "CP0802"},
    {"Cloudflare has no most", "cloudflare", CP_KEY_RSA, 16384, 3, 20 * DAY, "file", NULL},
    {"ACM's least", "acm", CP_KEY_RSA, 1024, 3, DAY, "file", NULL},
    {"below it", "acm", CP_KEY_RSA, 1023, 3, DAY, "file", "CP0802"},
    {"ACM's most", "acm", CP_KEY_RSA, 4096, 3, DAY, "file", NULL},
    {"above it", "acm", CP_KEY_RSA, 4097, 3, DAY, "file", "CP0802"},
    {"ACM's step", "acm", CP_KEY_RSA, 3072, 3, DAY, "file", NULL},
    {"between its steps", "acm", CP_KEY_RSA, 3071, 3, DAY, "file", "CP0802"},
    {"Cloudflare has no steps", "cloudflare", CP_KEY_RSA, 3071, 3, 20 * DAY, "file", NULL},
    {"GCP's most: five are sent, the anchor is not", "gcp", CP_KEY_RSA, 2048, 6, DAY, "file", NULL},
    {"one more", "gcp", CP_KEY_RSA, 2048, 7, DAY, "file", "CP0803"},
    {"Cloudflare's 14 days", "cloudflare", CP_KEY_EC_P384, 384, 3, 14 * DAY, "file", NULL},
    {"one second less", "cloudflare", CP_KEY_EC_P384, 384, 3, 14 * DAY - 1, "file", "CP0804"},
    {"expired: CP0201 says so", "cloudflare", CP_KEY_EC_P384, 384, 3, -1, "file", NULL},
    {"Azure under the system's store", "azure-fd", CP_KEY_RSA, 2048, 3, DAY, "system", NULL},
    {"Azure under a file's anchor", "azure-fd", CP_KEY_RSA, 2048, 3, DAY, "file", "CP0805"},
    {"Azure, no root judged", "azure-fd", CP_KEY_RSA, 2048, 3, DAY, "none", "CP0805"},
    {"no target, no rule", NULL, CP_KEY_UNKNOWN, 0, 12, -1, "none", NULL},
};

static void test_rules(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rule_cases) / sizeof(rule_cases[0]); i++) {
        const struct rule_case *c = &rule_cases[i];
        struct cp_trust trust = {.is_system = strcmp(c->trust, "system") == 0};
        struct cp_cert certs[CP_MAX_PATH_CERTS];
        struct cp_bundle bundle = {.certs = NULL};
        struct cp_report *report = calloc(1, sizeof(*report));
        struct cp_check_context context = {.report = report};
        print_message("%s\n", c->reason);
        assert_non_null(report);
        memset(certs, 0, sizeof(certs));
        certs[0].key_type = c->type;
        certs[0].key_bits = c->bits;
        report->bundle = &bundle;
        report->target = c->target == NULL ? NULL : cp_target_find(c->target);
        report->at_s = 1000 * DAY;
        certs[0].not_after_s = report->at_s + c->seconds_left;
        report->trust = strcmp(c->trust, "none") == 0 ? NULL : &trust;
        report->leaf = &certs[0];
        report->selection.key = SIZE_MAX;
        report->path.valid = true;
        report->path.path.anchored = report->trust != NULL;
        for (size_t j = 0; j < c->num_certs; j++)
            report->path.path.certs[report->path.path.num_certs++] = &certs[j];
        assert_int_equal(cp_check_target(&context, NULL), CP_OK);
        assert_int_equal(report->num_findings, c->rule == NULL ? 0 : 1);
        if (c->rule != NULL)
            assert_string_equal(report->findings[0].rule->id, c->rule);
        cp_report_free(report);
    }
}

/* Who answers is a service whose pages were read; every answer is of a check that there is. */
static void test_services(void **state) {
    static const char *const programs[] = {"generic", "nginx", "haproxy", "java"};
    size_t num_services = 0;
    (void)state;
    for (size_t i = 0; i < cp_num_targets(); i++) {
        const struct cp_target_service *service = cp_target_service(cp_target_get(i));
        bool is_program = false;
        for (size_t j = 0; j < sizeof(programs) / sizeof(programs[0]); j++)
            is_program |= strcmp(programs[j], cp_target_get(i)->name) == 0;
        if (is_program != (service == NULL))
            fail_msg("%s: is it a service?", cp_target_get(i)->name);
        num_services += service != NULL;
    }
    assert_int_equal(num_services, 9);
    for (size_t i = 0; i < cp_num_target_answers(); i++) {
        const struct cp_target_answer *answer = cp_target_answer_get(i);
        const struct cp_target *target = cp_target_find(answer->target);
        bool found = false;
        assert_non_null(target);
        assert_non_null(cp_target_service(target));
        assert_true(answer->text[0] != '\0' && answer->source[0] != '\0' &&
                    strlen(answer->date) == 10);
        for (size_t j = 0; j < cp_num_rules(); j++)
            found |= strcmp(cp_rule_get(j)->name, answer->check) == 0;
        if (!found)
            fail_msg("%s is no check", answer->check);
        if (cp_target_answer(target, answer->check) != answer)
            fail_msg("%s %s stands there twice", answer->target, answer->check);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_services),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
