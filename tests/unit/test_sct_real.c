/* The SCTs of real sites (x509-limbo's cases online::*), against the keys of real logs: those of
 * testcerts/ct/log_list.json, an excerpt of the list that Chromium is built with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "checks.h"
#include "ct/log_list.h"
#include "ct/sct.h"
#include "pool.h"

#define NUM_SITES 14
#define NUM_SCTS 38 /* of them all */
#define MAX_JSON ((size_t)64 * 1024 * 1024)

static struct cp_ct_logs *load_logs(void) {
    struct cp_ct_logs *logs = NULL;
    struct cp_secret json = {0};
    struct cp_error err = {CP_OK, 0, 0, ""};
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/ct/log_list.json", CP_TESTCERTS_DIR);
    assert_int_equal(cp_secret_read_file(&json, path, CP_MAX_FILE_LEN, &err), CP_OK);
    if (cp_ct_logs_new(&logs, json.data, json.len, "log_list.json", &err) != CP_OK)
        fail_msg("%s", err.message);
    cp_secret_cleanup(&json);
    return logs;
}

/* NULL: the data is absent. */
static cJSON *load_limbo(void) {
    struct cp_secret text = {0};
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/vectors/limbo/limbo.json", CP_SHARED_DIR);
    if (cp_secret_read_file(&text, path, MAX_JSON, NULL) != CP_OK)
        return NULL;
    cJSON *json = cJSON_ParseWithLength((const char *)text.data, text.len);
    cp_secret_cleanup(&text);
    assert_non_null(json);
    return json;
}

static const char *text_of(const cJSON *object, const char *key) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    assert_non_null(text);
    return text;
}

static bool is_site(const cJSON *item) {
    return strncmp(text_of(item, "id"), "online::", 8) == 0;
}

static void add_text(struct cp_bundle *bundle, const char *text) {
    assert_int_equal(
        cp_bundle_add(bundle, "limbo", CP_ROLE_ANY, (const uint8_t *)text, strlen(text), NULL),
        CP_OK);
}

static struct cp_bundle *bundle_of(const cJSON *item) {
    struct cp_bundle *bundle = NULL;
    const cJSON *more;
    assert_int_equal(cp_bundle_new(&bundle, NULL), CP_OK);
    add_text(bundle, text_of(item, "peer_certificate"));
    cJSON_ArrayForEach(more, cJSON_GetObjectItemCaseSensitive(item, "untrusted_intermediates"))
        add_text(bundle, cJSON_GetStringValue(more));
    return bundle;
}

/* The certificate of the bundle that issued the leaf. */
static const struct cp_cert *issuer_of(const struct cp_bundle *bundle, const struct cp_cert *leaf) {
    for (size_t i = 0; i < bundle->num_certs; i++)
        if (cp_span_equal(bundle->certs[i].cert.subject, leaf->issuer))
            return &bundle->certs[i].cert;
    fail_msg("no issuer");
    return NULL;
}

/* How many of the leaf's SCTs are the logs'; spoil: of a certificate that differs in one bit. */
static size_t count_good(const struct cp_bundle *bundle, const struct cp_ct_logs *logs,
                         size_t *num_scts, bool spoil) {
    const struct cp_cert *leaf = &bundle->certs[0].cert, *issuer = issuer_of(bundle, leaf);
    struct cp_verifier *verifier = NULL;
    struct cp_sct scts[CP_MAX_SCTS];
    struct cp_buf tbs;
    size_t num_good = 0;
    assert_int_equal(cp_verifier_new(&verifier, NULL), CP_OK);
    cp_buf_init(&tbs, CP_MAX_FILE_LEN);
    assert_int_equal(cp_precert_tbs(&tbs, leaf, NULL), CP_OK);
    assert_int_equal(cp_sct_list_read(scts, num_scts, leaf->values[CP_EXT_SCT_LIST], NULL), CP_OK);
    if (spoil)
        tbs.data[tbs.len - 1] ^= 1;
    for (size_t i = 0; i < *num_scts; i++) {
        enum cp_signature_result result = CP_SIGNATURE_UNSUPPORTED;
        const struct cp_log *log = cp_log_find(logs, scts[i].log_id);
        assert_non_null(log);
        assert_int_equal(cp_sct_verify(verifier, &result, &scts[i], &log->key,
                                       (struct cp_span){(const uint8_t *)tbs.data, tbs.len}, issuer,
                                       NULL),
                         CP_OK);
        num_good += result == CP_SIGNATURE_GOOD;
    }
    cp_buf_cleanup(&tbs);
    cp_verifier_free(verifier);
    return num_good;
}

static void test_signatures(void **state) {
    size_t num_sites = 0, num_all = 0;
    const cJSON *item;
    (void)state;
    cJSON *json = load_limbo();
    if (json == NULL) {
        print_message("no vectors/limbo/limbo.json: real SCTs are not verified\n");
        skip();
    }
    struct cp_ct_logs *logs = load_logs();
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "testcases")) {
        if (!is_site(item))
            continue;
        struct cp_bundle *bundle = bundle_of(item);
        size_t num = 0, num_good = count_good(bundle, logs, &num, false);
        if (num_good != num)
            fail_msg("%s: %zu of %zu SCTs are good", text_of(item, "id"), num_good, num);
        assert_int_equal(count_good(bundle, logs, &num, true), 0);
        num_sites++;
        num_all += num;
        cp_bundle_free(bundle);
    }
    assert_int_equal(num_sites, NUM_SITES);
    assert_int_equal(num_all, NUM_SCTS);
    cp_ct_logs_free(logs);
    cJSON_Delete(json);
}

/* The policy, as of the moment of the case. */
static void test_policy(void **state) {
    const cJSON *item;
    (void)state;
    cJSON *json = load_limbo();
    if (json == NULL) {
        print_message("no vectors/limbo/limbo.json: real SCTs are not judged\n");
        skip();
    }
    struct cp_ct_logs *logs = load_logs();
    struct cp_checker *checker = NULL;
    assert_int_equal(cp_checker_new(&checker, NULL, NULL), CP_OK);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "testcases")) {
        struct cp_check_options options = {.ct_logs = logs};
        struct cp_report *report = NULL;
        char time[21] = "";
        if (!is_site(item))
            continue;
        (void)snprintf(time, sizeof(time), "%.19sZ", text_of(item, "validation_time"));
        assert_int_equal(cp_time_parse(&options.at_s, time, NULL), CP_OK);
        struct cp_bundle *bundle = bundle_of(item);
        assert_int_equal(cp_checker_run(checker, &report, bundle, &options, NULL), CP_OK);
        for (size_t i = 0; i < cp_report_num_findings(report); i++)
            if (strcmp(cp_report_finding(report, i)->rule->group, "transparency") == 0)
                fail_msg("%s: %s", text_of(item, "id"), cp_report_finding(report, i)->message);
        cp_report_free(report);
        cp_bundle_free(bundle);
    }
    cp_checker_free(checker);
    cp_ct_logs_free(logs);
    cJSON_Delete(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_signatures),
                                       cmocka_unit_test(test_policy)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
