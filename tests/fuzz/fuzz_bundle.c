/* The main way: a bundle, every check, both formats, prepared material; with and without trust. */
#include <cjson/cJSON.h>

#include "certprep.h"
#include "fuzz.h"

#define AT_S ((int64_t)1780272000) /* 2026-06-01, the clock of the test certificates */

static struct cp_checker *with_trust, *without_trust;

static void set_up(void) {
    struct cp_secret text = {0};
    struct cp_trust *trust = NULL; /* lives as long as the process */
    if (with_trust != NULL)
        return;
    FUZZ_ASSERT(cp_secret_read_file(&text, CP_TESTCERTS_DIR "/trust/all.pem", 1 << 20, NULL) ==
                CP_OK);
    FUZZ_ASSERT(cp_trust_new(&trust, text.data, text.len, "all.pem", NULL) == CP_OK);
    cp_secret_cleanup(&text);
    FUZZ_ASSERT(cp_checker_new(&with_trust, trust, NULL) == CP_OK);
    FUZZ_ASSERT(cp_checker_new(&without_trust, NULL, NULL) == CP_OK);
}

static void check_findings(const struct cp_report *report, size_t data_len) {
    size_t counts[CP_NUM_SEVERITY] = {0};
    for (size_t i = 0; i < cp_report_num_findings(report); i++) {
        const struct cp_finding *f = cp_report_finding(report, i);
        FUZZ_ASSERT(f->rule != NULL && f->message != NULL && f->help != NULL);
        FUZZ_ASSERT((unsigned)f->severity < CP_NUM_SEVERITY && f->num_notes <= CP_MAX_NOTES);
        FUZZ_ASSERT(f->offset <= data_len && f->line <= data_len + 1);
        fuzz_is_shown_safely(f->message, strlen(f->message), false);
        for (size_t j = 0; j < f->num_notes; j++)
            fuzz_is_shown_safely(f->notes[j], strlen(f->notes[j]), false);
        if (f->subject != NULL)
            fuzz_is_shown_safely(f->subject, strlen(f->subject), false);
        counts[f->severity]++;
    }
    for (int i = 0; i < CP_NUM_SEVERITY; i++)
        FUZZ_ASSERT(counts[i] <= cp_report_count(report, (enum cp_severity)i));
    FUZZ_ASSERT((cp_report_verdict(report) == CP_BLOCKED) ==
                (cp_report_count(report, CP_ERROR) != 0));
}

static void check_rendering(const struct cp_report *report) {
    const struct cp_render_options options = {.color = false, .utf8 = true, .quiet = false};
    for (size_t i = 0; i < cp_num_report_formats(); i++) {
        char *text = NULL;
        size_t len = 0;
        const char *format = cp_report_format_name(i);
        FUZZ_ASSERT(cp_report_render(report, &text, &len, format, &options, NULL) == CP_OK);
        FUZZ_ASSERT(text != NULL && strlen(text) == len);
        fuzz_is_shown_safely(text, len, true);
        FUZZ_ASSERT(strstr(text, "PRIVATE KEY-----") == NULL);
        if (strcmp(format, "json") == 0) {
            cJSON *root = cJSON_ParseWithLength(text, len);
            FUZZ_ASSERT(cJSON_GetObjectItemCaseSensitive(root, "schema_version") != NULL);
            cJSON_Delete(root);
        }
        cp_string_free(text);
    }
}

/* What may be sent reads as one key and a chain that starts with the leaf, and passes again. */
static void check_prepared(const struct cp_report *report, struct cp_checker *checker,
                           const struct cp_check_options *options) {
    struct cp_prepared *prepared = NULL;
    struct cp_bundle *bundle = NULL;
    struct cp_report *again = NULL;
    enum cp_status status = cp_prepare(&prepared, report, NULL);
    FUZZ_ASSERT(status == CP_OK || status == CP_ERR_BLOCKED);
    if (cp_report_verdict(report) == CP_BLOCKED)
        FUZZ_ASSERT(status == CP_ERR_BLOCKED);
    if (status != CP_OK)
        return;
    size_t chain_len = 0, key_len = 0;
    const char *chain = cp_prepared_chain_pem(prepared, &chain_len);
    const char *key = cp_prepared_key_pem(prepared, &key_len);
    FUZZ_ASSERT(strlen(chain) == chain_len && strlen(key) == key_len);
    FUZZ_ASSERT(strncmp(chain, "-----BEGIN CERTIFICATE-----\n", 28) == 0);
    FUZZ_ASSERT(strncmp(key, "-----BEGIN PRIVATE KEY-----\n", 28) == 0);
    FUZZ_ASSERT(cp_bundle_new(&bundle, NULL) == CP_OK);
    FUZZ_ASSERT(cp_bundle_add(bundle, "chain", CP_ROLE_CERT, (const uint8_t *)chain, chain_len,
                              NULL) == CP_OK);
    FUZZ_ASSERT(cp_bundle_add(bundle, "key", CP_ROLE_KEY, (const uint8_t *)key, key_len, NULL) ==
                CP_OK);
    FUZZ_ASSERT(cp_bundle_num_keys(bundle) == 1);
    FUZZ_ASSERT(cp_bundle_num_certs(bundle) == cp_prepared_num_certs(prepared));
    FUZZ_ASSERT(cp_checker_run(checker, &again, bundle, options, NULL) == CP_OK);
    FUZZ_ASSERT(cp_report_verdict(again) != CP_BLOCKED);
    for (size_t i = 0; i < cp_prepared_num_changes(prepared); i++)
        fuzz_is_shown_safely(cp_prepared_change(prepared, i),
                             strlen(cp_prepared_change(prepared, i)), false);
    cp_report_free(again);
    cp_bundle_free(bundle);
    cp_prepared_free(prepared);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const hostnames[] = {"shop.acme.example", "192.0.2.10"};
    struct cp_bundle *bundle = NULL;
    struct cp_error err = {CP_OK, 0, 0, ""};
    set_up();
    FUZZ_ASSERT(cp_bundle_new(&bundle, NULL) == CP_OK);
    uint8_t *copy = fuzz_copy(data, size);
    enum cp_status status = cp_bundle_add(bundle, "input.pem", CP_ROLE_ANY, copy, size, &err);
    free(copy); /* the bundle keeps its own */
    if (status != CP_OK) {
        FUZZ_ASSERT(err.status == status && status != CP_ERR_MEMORY && status != CP_ERR_CRYPTO);
        fuzz_is_shown_safely(err.message, strlen(err.message), false);
    }
    for (size_t i = 0; status == CP_OK && i < 4; i++) {
        struct cp_report *report = NULL;
        struct cp_checker *checker = i % 2 == 0 ? with_trust : without_trust;
        const struct cp_check_options options = {.at_s = AT_S,
                                                 .min_days = 14,
                                                 .hostnames = hostnames,
                                                 .num_hostnames = i / 2 * 2,
                                                 .require_key = true};
        FUZZ_ASSERT(cp_checker_run(checker, &report, bundle, &options, &err) == CP_OK);
        check_findings(report, size);
        check_rendering(report);
        check_prepared(report, checker, &options);
        cp_report_free(report);
    }
    cp_bundle_free(bundle);
    return 0;
}
