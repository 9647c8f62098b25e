/* Prepared material: the gate, the order, the root, the key's form, the change log, and that
 * preparing it again changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "cp_limits.h"

#define AT 1780272000 /* 2026-06-01 */
#define MAX_INPUTS 3

struct run {
    struct cp_bundle *bundle;
    struct cp_trust *trust;
    struct cp_checker *checker;
    struct cp_report *report;
    struct cp_prepared *prepared;
};

static void run_cleanup(struct run *run) {
    cp_prepared_free(run->prepared);
    cp_report_free(run->report);
    cp_checker_free(run->checker);
    cp_trust_free(run->trust);
    cp_bundle_free(run->bundle);
    *run = (struct run){0};
}

static void read_file(struct cp_secret *out, const char *name) {
    char path[400];
    struct cp_error err = {CP_OK, 0, 0, ""};
    snprintf(path, sizeof(path), "%s/%s", CP_TESTCERTS_DIR, name);
    if (cp_secret_read_file(out, path, CP_MAX_TRUST_LEN, &err) != CP_OK)
        fail_msg("%s", err.message);
}

static void run_start(struct run *run) {
    struct cp_secret text = {0};
    *run = (struct run){0};
    read_file(&text, "trust/all.pem");
    assert_int_equal(cp_trust_new(&run->trust, text.data, text.len, "all", NULL), CP_OK);
    cp_secret_cleanup(&text);
    assert_int_equal(cp_checker_new(&run->checker, run->trust, NULL), CP_OK);
    assert_int_equal(cp_bundle_new(&run->bundle, NULL), CP_OK);
}

static enum cp_status run_end(struct run *run, const char *target, struct cp_error *err) {
    const char *hostname = "shop.acme.example";
    struct cp_check_options options = {.at_s = AT,
                                       .hostnames = &hostname,
                                       .num_hostnames = 1,
                                       .require_key = true,
                                       .target = target};
    enum cp_status status = cp_checker_run(run->checker, &run->report, run->bundle, &options, err);
    return status != CP_OK ? status : cp_prepare(&run->prepared, run->report, err);
}

static enum cp_status run_files(struct run *run, const char *const *files, const char *target,
                                struct cp_error *err) {
    run_start(run);
    for (size_t i = 0; i < MAX_INPUTS && files[i] != NULL; i++) {
        struct cp_secret text = {0};
        read_file(&text, files[i]);
        assert_int_equal(
            cp_bundle_add(run->bundle, files[i], CP_ROLE_ANY, text.data, text.len, NULL), CP_OK);
        cp_secret_cleanup(&text);
    }
    return run_end(run, target, err);
}

/* ---- what comes out ---- */

struct prepare_case {
    const char *reason;
    const char *files[MAX_INPUTS];
    const char *target;
    size_t num_certs;
    const char *key_label;
    const char *changes[4]; /* parts of the lines of the log, in order; all of them */
};

static const struct prepare_case cases[] = {
    {"good as it is", {"good/ec-bundle.pem"}, "esa", 2, "PRIVATE KEY", {NULL}},
    {"no target: as for the first", {"good/ec-bundle.pem"}, NULL, 2, "PRIVATE KEY", {NULL}},
    {"key first: only the order of blocks",
     {"good/key-first-bundle.pem"},
     "esa",
     2,
     "PRIVATE KEY",
     {NULL}},
    {"root included",
     {"good/root-included-bundle.pem"},
     "esa",
     2,
     "PRIVATE KEY",
     {"root dropped: CN=certprep Test Root"}},
    {"root first",
     {"bad/order-root-first.pem"},
     "nginx",
     2,
     "PRIVATE KEY",
     {"root dropped: CN=certprep Test Root X1 (certificate 1)", "put in order"}},
    {"root kept where the target wants it",
     {"good/root-included-bundle.pem"},
     "java",
     3,
     "PRIVATE KEY",
     {NULL}},
    {"root added where the target wants it",
     {"good/ec-bundle.pem"},
     "java",
     3,
     "PRIVATE KEY",
     {"root added: CN=certprep Test Root X1, from the trust store"}},
    {"intermediates swapped",
     {"bad/order-intermediates-swapped.pem"},
     "esa",
     3,
     "PRIVATE KEY",
     {"put in order"}},
    {"duplicate in a file",
     {"bad/duplicate-intermediate.pem"},
     "esa",
     2,
     "PRIVATE KEY",
     {"is in the text already; left out"}},
    {"duplicate in another file",
     {"good/ec-bundle.pem", "good/ec-intermediate.pem"},
     "esa",
     2,
     "PRIVATE KEY",
     {"duplicate dropped: CN=certprep Test CA E1 (certificate 3)"}},
    {"byte order mark",
     {"bad/pem-bom.pem"},
     "esa",
     2,
     "PRIVATE KEY",
     {"bad/pem-bom.pem:1: a byte order mark (UTF-8) stands before the text; removed"}},
    {"EC PARAMETERS",
     {"good/ec-fullchain.pem", "good/ec-key-sec1-parameters.pem"},
     "esa",
     2,
     "PRIVATE KEY",
     {"EC parameters", "private key converted from SEC1 to PKCS#8"}},
    {"foreign certificate",
     {"bad/foreign-certificate.pem"},
     "esa",
     2,
     "PRIVATE KEY",
     {"certificate outside the chain dropped"}},
    {"PKCS#1 for ESA",
     {"good/rsa-fullchain.pem", "good/rsa-key-pkcs1.pem"},
     "esa",
     2,
     "PRIVATE KEY",
     {"private key converted from PKCS#1 to PKCS#8"}},
    {"SEC1 for ESA",
     {"good/ec-fullchain.pem", "good/ec-key-sec1.pem"},
     "esa",
     2,
     "PRIVATE KEY",
     {"private key converted from SEC1 to PKCS#8"}},
    {"PKCS#8 for CLB",
     {"good/rsa-bundle.pem"},
     "clb",
     2,
     "RSA PRIVATE KEY",
     {"private key converted from PKCS#8 to PKCS#1"}},
    {"PKCS#1 for CLB",
     {"good/rsa-fullchain.pem", "good/rsa-key-pkcs1.pem"},
     "clb",
     2,
     "RSA PRIVATE KEY",
     {NULL}},
    {"PKCS#8 version 2, with the public key outside",
     {"good/ed25519-leaf.pem", "good/ec-intermediate.pem", "good/ed25519-key-pkcs8-v2.pem"},
     "esa",
     2,
     "PRIVATE KEY",
     {"private key rewritten as plain PKCS#8"}},
};

static void assert_changes(const struct cp_prepared *prepared, const char *const changes[4]) {
    size_t num = 0;
    for (; num < 4 && changes[num] != NULL; num++) {
        if (strstr(cp_prepared_change(prepared, num), changes[num]) == NULL)
            fail_msg("change %zu is '%s', want '%s'", num, cp_prepared_change(prepared, num),
                     changes[num]);
    }
    if (cp_prepared_num_changes(prepared) != num)
        fail_msg("one change more: '%s'", cp_prepared_change(prepared, num));
}

static size_t count(const char *text, const char *what) {
    size_t num = 0;
    while ((text = strstr(text, what)) != NULL) {
        num++;
        text += strlen(what);
    }
    return num;
}

static void test_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct prepare_case *c = &cases[i];
        struct cp_error err = {CP_OK, 0, 0, ""};
        struct run run, again;
        char begin[64];
        size_t chain_len = 0, key_len = 0, len = 0;
        print_message("%s\n", c->reason);
        if (run_files(&run, c->files, c->target, &err) != CP_OK)
            fail_msg("%s", err.message);
        const char *chain = cp_prepared_chain_pem(run.prepared, &chain_len);
        const char *key = cp_prepared_key_pem(run.prepared, &key_len);
        snprintf(begin, sizeof(begin), "-----BEGIN %s-----\n", c->key_label);
        assert_int_equal(strlen(chain), chain_len);
        assert_int_equal(strlen(key), key_len);
        assert_int_equal(cp_prepared_num_certs(run.prepared), c->num_certs);
        assert_int_equal(count(chain, "-----BEGIN CERTIFICATE-----\n"), c->num_certs);
        assert_int_equal(strncmp(key, begin, strlen(begin)), 0);
        assert_int_equal(count(key, "-----BEGIN"), 1);
        assert_changes(run.prepared, c->changes);
        assert_string_equal(cp_prepared_target(run.prepared), c->target ? c->target : "esa");
        assert_int_equal(cp_prepared_num_hostnames(run.prepared), 1);
        assert_string_equal(cp_prepared_hostname(run.prepared, 0), "shop.acme.example");

        /* once more, from what came out: the same bytes, an empty log */
        run_start(&again);
        assert_int_equal(cp_bundle_add(again.bundle, "fullchain.pem", CP_ROLE_CERT,
                                       (const uint8_t *)chain, chain_len, NULL),
                         CP_OK);
        assert_int_equal(cp_bundle_add(again.bundle, "privkey.pem", CP_ROLE_KEY,
                                       (const uint8_t *)key, key_len, NULL),
                         CP_OK);
        assert_int_equal(run_end(&again, c->target, &err), CP_OK);
        assert_int_equal(cp_prepared_num_changes(again.prepared), 0);
        assert_string_equal(cp_prepared_chain_pem(again.prepared, &len), chain);
        assert_int_equal(len, chain_len);
        assert_true(strcmp(cp_prepared_key_pem(again.prepared, &len), key) == 0);
        assert_int_equal(len, key_len);
        run_cleanup(&again);
        run_cleanup(&run);
    }
}

/* ---- the gate ---- */

static const struct {
    const char *reason;
    const char *files[MAX_INPUTS];
    const char *target;
    enum cp_status status;
} refused[] = {
    {"another certificate's key", {"bad/key-of-another-certificate.pem"}, "esa", CP_ERR_BLOCKED},
    {"no key", {"good/ec-fullchain.pem"}, "esa", CP_ERR_BLOCKED},
    {"no certificate", {"bad/key-only.pem"}, "esa", CP_ERR_BLOCKED},
    {"expired", {"bad/leaf-expired.pem"}, "esa", CP_ERR_BLOCKED},
    {"another hostname", {"good/idn-bundle.pem"}, "esa", CP_ERR_BLOCKED},
    {"a key that the target does not take", {"good/ec-bundle.pem"}, "clb", CP_ERR_BLOCKED},
    {"the same", {"good/ec-bundle.pem"}, "azure-fd", CP_ERR_BLOCKED},
    {"no such target", {"good/ec-bundle.pem"}, "iis", CP_ERR_USAGE},
    {"no name of a target", {"good/ec-bundle.pem"}, "", CP_ERR_USAGE},
};

static void test_gate(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct cp_error err = {CP_OK, 0, 0, ""};
        struct run run;
        print_message("%s\n", refused[i].reason);
        assert_int_equal(run_files(&run, refused[i].files, refused[i].target, &err),
                         refused[i].status);
        assert_null(run.prepared);
        assert_true(err.message[0] != '\0');
        run_cleanup(&run);
    }
}

/* It owns its bytes: everything that it was made from is gone. */
static void test_outlives(void **state) {
    (void)state;
    const char *const files[MAX_INPUTS] = {"good/rsa-bundle.pem"};
    struct run run;
    size_t len = 0;
    assert_int_equal(run_files(&run, files, "haproxy", NULL), CP_OK);
    struct cp_prepared *prepared = run.prepared;
    run.prepared = NULL;
    run_cleanup(&run);
    assert_non_null(strstr(cp_prepared_chain_pem(prepared, &len), "END CERTIFICATE"));
    assert_int_equal(cp_prepared_num_inputs(prepared), 1);
    assert_string_equal(cp_prepared_input_name(prepared, 0), "good/rsa-bundle.pem");
    assert_int_equal(strlen(cp_prepared_input_sha256(prepared, 0)), 64);
    assert_int_equal(strlen(cp_prepared_leaf_sha256(prepared)), 64);
    assert_int_equal(cp_prepared_verdict(prepared), CP_READY);
    assert_string_equal(cp_prepared_input_name(prepared, 1), "");
    assert_string_equal(cp_prepared_input_sha256(prepared, 1), "");
    assert_string_equal(cp_prepared_hostname(prepared, 1), "");
    assert_string_equal(cp_prepared_change(prepared, 99), "");
    cp_prepared_free(prepared);
}

/* A log of more changes than it holds says so in its last line. */
static void test_long_log(void **state) {
    (void)state;
    struct cp_secret text = {0};
    struct run run;
    run_start(&run);
    read_file(&text, "good/ec-bundle.pem");
    for (int i = 0; i < 40; i++)
        assert_int_equal(cp_bundle_add(run.bundle, "a.pem", CP_ROLE_ANY, text.data, text.len, NULL),
                         CP_OK);
    cp_secret_cleanup(&text);
    assert_int_equal(run_end(&run, "esa", NULL), CP_OK);
    assert_int_equal(cp_prepared_num_changes(run.prepared), 64);
    assert_non_null(strstr(cp_prepared_change(run.prepared, 63), "and more"));
    run_cleanup(&run);
}

/* A file's name is the customer's: it is shown escaped. */
static void test_hostile_name(void **state) {
    (void)state;
    struct cp_secret text = {0};
    struct run run;
    run_start(&run);
    read_file(&text, "good/ec-bundle.pem");
    assert_int_equal(
        cp_bundle_add(run.bundle, "\x1b[2J\n.pem", CP_ROLE_ANY, text.data, text.len, NULL), CP_OK);
    cp_secret_cleanup(&text);
    assert_int_equal(run_end(&run, "esa", NULL), CP_OK);
    assert_string_equal(cp_prepared_input_name(run.prepared, 0), "\\x1B[2J\\x0A.pem");
    run_cleanup(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),        cmocka_unit_test(test_gate),
        cmocka_unit_test(test_outlives),     cmocka_unit_test(test_long_log),
        cmocka_unit_test(test_hostile_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
