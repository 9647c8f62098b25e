/* explain: every path that was looked at is kept, in order, once, and no more than the maximum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "checks.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define CLOCK_S 1780272000 /* 2026-06-01 */

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

static void check(struct checked *out, const void *pem, size_t len, struct cp_span anchors,
                  const struct cp_check_options *options) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    *out = (struct checked){0};
    assert_int_equal(cp_bundle_new(&out->bundle, &err), CP_OK);
    assert_int_equal(cp_bundle_add(out->bundle, "in.pem", CP_ROLE_ANY, pem, len, &err), CP_OK);
    if (anchors.len != 0)
        assert_int_equal(cp_trust_new(&out->trust, anchors.data, anchors.len, "store", &err),
                         CP_OK);
    assert_int_equal(cp_checker_new(&out->checker, out->trust, &err), CP_OK);
    assert_int_equal(cp_checker_run(out->checker, &out->report, out->bundle, options, &err), CP_OK);
}

static void check_file(struct checked *out, const char *file, const char *trust,
                       const struct cp_check_options *options) {
    struct cp_secret text = read_testcert(file), anchors = {0};
    if (trust != NULL)
        anchors = read_testcert(trust);
    check(out, text.data, text.len, (struct cp_span){anchors.data, anchors.len}, options);
    cp_secret_cleanup(&text);
    cp_secret_cleanup(&anchors);
}

static void checked_free(struct checked *checked) {
    cp_report_free(checked->report);
    cp_checker_free(checked->checker);
    cp_trust_free(checked->trust);
    cp_bundle_free(checked->bundle);
}

static size_t count(const struct cp_report *report, bool valid) {
    size_t num = 0;
    for (size_t i = 0; i < cp_report_num_branches(report); i++)
        num += cp_report_branch(report, i)->is_valid == valid;
    return num;
}

static const struct {
    const char *reason, *file, *trust;
    size_t num_valid, num_failed;
    const char *rule; /* of the first failed branch; NULL: there is none */
} rows[] = {
    {"one path", "good/ec-bundle.pem", "trust/all.pem", 1, 0, NULL},
    {"the root that was handed in is the store's", "good/root-included-bundle.pem", "trust/all.pem",
     1, 0, NULL},
    {"two paths", "good/cross-signed-bundle.pem", "trust/all.pem", 2, 0, NULL},
    {"only one leads to this root", "good/cross-signed-bundle.pem", "trust/root-rsa.pem", 1, 1,
     "CP0401"},
    {"a path over the root's cross-sign", "good/cross-signed-root-bundle.pem", "trust/all.pem", 2,
     0, NULL},
    {"expired", "bad/expired-cross-sign.pem", "trust/all.pem", 1, 1, "CP0201"},
    {"not valid yet is another rule than expired", "bad/intermediate-not-yet-valid.pem",
     "trust/all.pem", 0, 1, "CP0202"},
    {"nothing above the leaf", "good/ec-leaf.pem", "trust/all.pem", 0, 1, "CP0401"},
    {"a copy is no further path", "bad/duplicate-intermediate.pem", "trust/all.pem", 1, 0, NULL},
    {"no root is judged", "good/ec-bundle.pem", NULL, 1, 0, NULL},
    {"an anchor that is no root", "good/ec-bundle.pem", "good/ec-intermediate.pem", 1, 0, NULL},
    {"thirteen certificates have their place", "bad/path-too-deep.pem", "trust/all.pem", 0, 1,
     "CP0416"},
};

static void test_rows(void **state) {
    (void)state;
    const struct cp_check_options options = {.at_s = CLOCK_S, .explain = true};
    for (size_t i = 0; i < NUM_OF(rows); i++) {
        struct checked c;
        const char *rule = NULL;
        print_message("  %s: %s\n", rows[i].file, rows[i].reason);
        check_file(&c, rows[i].file, rows[i].trust, &options);
        assert_int_equal(count(c.report, true), rows[i].num_valid);
        assert_int_equal(count(c.report, false), rows[i].num_failed);
        assert_false(cp_report_branches_are_cut(c.report));
        for (size_t j = cp_report_num_branches(c.report); j > 0; j--)
            if (!cp_report_branch(c.report, j - 1)->is_valid)
                rule = cp_report_branch(c.report, j - 1)->rule->id;
        if (rows[i].rule == NULL)
            assert_null(rule);
        else
            assert_string_equal(rule, rows[i].rule);
        checked_free(&c);
    }
}

/* What holds of every branch of every report. */
static void check_branches(const struct cp_report *report) {
    size_t num_chosen = 0;
    for (size_t i = 0; i < cp_report_num_branches(report); i++) {
        const struct cp_branch *branch = cp_report_branch(report, i);
        assert_true(branch->num_certs >= 1 && branch->num_certs <= CP_MAX_BRANCH_CERTS);
        assert_ptr_equal(branch->keys[0], report->leaf);
        assert_int_equal(branch->is_valid, branch->rule == NULL);
        assert_int_equal(branch->is_valid, branch->reason == NULL);
        assert_true(branch->culprit < branch->num_certs);
        num_chosen += branch->is_chosen;
        for (size_t j = 0; j < branch->num_certs; j++) {
            const struct cp_branch_cert *cert = &branch->certs[j];
            assert_true(cert->subject[0] != '\0' && cert->from[0] != '\0');
            assert_int_equal(cert->origin == CP_ORIGIN_INPUT, cert->certificate != 0);
            assert_false(cert->is_anchor && j + 1 != branch->num_certs);
        }
        for (size_t j = 0; j < i; j++) /* no branch twice */
            assert_false(
                cp_report_branch(report, j)->num_certs == branch->num_certs &&
                cp_report_branch(report, j)->is_valid == branch->is_valid &&
                memcmp(cp_report_branch(report, j)->keys, branch->keys, sizeof(branch->keys)) == 0);
    }
    assert_int_equal(num_chosen, report->path.valid && !report->path_is_soft ? 1 : 0);
    assert_null(cp_report_branch(report, cp_report_num_branches(report)));
}

static void test_branches(void **state) {
    (void)state;
    static const char *const files[] = {
        "explain/many-branches.pem", "explain/first-path-ends-early.pem", "bad/path-too-deep.pem",
        "explain/cross-sign-of-old-root.pem", "good/two-intermediates-bundle.pem"};
    for (size_t i = 0; i < NUM_OF(files); i++) {
        for (int prefer = CP_PREFER_FIRST; prefer <= CP_PREFER_MOST_COMPATIBLE; prefer++) {
            const struct cp_check_options options = {
                .at_s = CLOCK_S, .explain = true, .prefer = (enum cp_preference)prefer};
            struct checked c;
            check_file(&c, files[i], "trust/all.pem", &options);
            check_branches(c.report);
            checked_free(&c);
        }
    }
}

/* It costs a search and changes nothing else. */
static void test_not_asked_for(void **state) {
    (void)state;
    struct checked with, without;
    const struct cp_check_options asked = {.at_s = CLOCK_S, .explain = true};
    const struct cp_check_options not_asked = {.at_s = CLOCK_S};
    struct cp_outlook outlook;
    check_file(&with, "explain/many-branches.pem", "trust/all.pem", &asked);
    check_file(&without, "explain/many-branches.pem", "trust/all.pem", &not_asked);
    assert_int_equal(cp_report_num_branches(without.report), 0);
    assert_null(cp_report_branch(without.report, 0));
    assert_false(cp_report_branches_are_cut(without.report));
    cp_report_outlook(without.report, &outlook);
    assert_null(outlook.text);
    assert_int_equal(cp_report_num_findings(with.report), cp_report_num_findings(without.report));
    for (size_t i = 0; i < cp_report_num_findings(with.report); i++)
        assert_string_equal(cp_report_finding(with.report, i)->message,
                            cp_report_finding(without.report, i)->message);
    checked_free(&with);
    checked_free(&without);
}

/* ---- more than are kept: made here, TEST ONLY ---- */

static void put_cert(BIO *out, const char *subject, const char *issuer, EVP_PKEY *key,
                     EVP_PKEY *issuer_key, long serial, const char *constraints) {
    X509 *cert = X509_new();
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    assert_non_null(cert);
    assert_int_equal(X509_set_version(cert, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), serial), 1);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                               (const unsigned char *)subject, -1, -1, 0);
    X509_NAME_add_entry_by_txt(X509_get_issuer_name(cert), "CN", MBSTRING_UTF8,
                               (const unsigned char *)issuer, -1, -1, 0);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(cert), CLOCK_S - 86400));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(cert), CLOCK_S + 86400 * 90));
    assert_int_equal(X509_set_pubkey(cert, key), 1);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension =
        X509V3_EXT_conf_nid(NULL, &context, NID_basic_constraints, constraints);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
    assert_true(X509_sign(cert, issuer_key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_X509(out, cert), 1);
    X509_free(cert);
}

static const struct {
    const char *reason;
    long num_good, num_bad; /* intermediates of one name: of the right key, of another */
    bool cut;
} many[] = {
    {"as many as are kept", CP_MAX_BRANCHES, CP_MAX_BRANCHES, false},
    {"one valid path too many", CP_MAX_BRANCHES + 1, 1, true},
    {"one failed path too many", 1, CP_MAX_BRANCHES + 1, true},
};

static void test_many(void **state) {
    (void)state;
    EVP_PKEY *leaf = EVP_EC_gen("P-256"), *ca = EVP_EC_gen("P-256"), *root = EVP_EC_gen("P-256");
    const struct cp_check_options options = {.at_s = CLOCK_S, .explain = true};
    BIO *store = BIO_new(BIO_s_mem());
    char *anchor = NULL;
    put_cert(store, "R", "R", root, root, 1, "critical,CA:TRUE");
    size_t anchor_len = (size_t)BIO_get_mem_data(store, &anchor);
    for (size_t i = 0; i < NUM_OF(many); i++) {
        struct checked c;
        BIO *bio = BIO_new(BIO_s_mem());
        char *pem = NULL;
        print_message("  %s\n", many[i].reason);
        put_cert(bio, "leaf", "I", leaf, ca, 1, "critical,CA:FALSE");
        for (long j = 0; j < many[i].num_good; j++)
            put_cert(bio, "I", "R", ca, root, j + 1, "critical,CA:TRUE");
        for (long j = 0; j < many[i].num_bad; j++)
            put_cert(bio, "I", "R", ca, root, j + 1000, "critical,CA:FALSE");
        size_t len = (size_t)BIO_get_mem_data(bio, &pem);
        check(&c, pem, len, (struct cp_span){(const uint8_t *)anchor, anchor_len}, &options);
        assert_int_equal(cp_report_branches_are_cut(c.report), many[i].cut);
        assert_true(count(c.report, true) <= CP_MAX_BRANCHES);
        assert_true(count(c.report, false) <= CP_MAX_BRANCHES);
        assert_int_equal(c.report->explanation->num_valid, (size_t)many[i].num_good);
        assert_int_equal(c.report->explanation->num_failed, (size_t)many[i].num_bad);
        check_branches(c.report);
        checked_free(&c);
        BIO_free(bio);
    }
    BIO_free(store);
    EVP_PKEY_free(leaf);
    EVP_PKEY_free(ca);
    EVP_PKEY_free(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_branches),
        cmocka_unit_test(test_not_asked_for),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
