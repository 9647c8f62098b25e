/* Hostile input: each ends within the bounds on work, counted and not timed, and with a finding
 * that says what is wrong. The certificates are made here: TEST ONLY. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "pem.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define CLOCK_S 1780272000 /* 2026-06-01 */
#define MAX_CERTS 1000
#define NUM_KEYS 40
#define SERVER_NAME "DNS:shop.acme.example"

static EVP_PKEY *keys[NUM_KEYS];
static EVP_PKEY *rsa;

struct input {
    X509 *certs[MAX_CERTS];
    size_t num;
};

/* ---- making certificates ---- */

static int setup(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_KEYS; i++)
        assert_non_null(keys[i] = EVP_EC_gen("P-256"));
    assert_non_null(rsa = EVP_RSA_gen(2048));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_KEYS; i++)
        EVP_PKEY_free(keys[i]);
    EVP_PKEY_free(rsa);
    return 0;
}

static void set_name(X509_NAME *name, const char *text) {
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)text, -1, -1, 0),
                     1);
}

static void add_text(X509 *cert, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void add_octets(X509 *cert, int nid, const uint8_t *data, size_t len) {
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    assert_non_null(octets);
    assert_int_equal(ASN1_OCTET_STRING_set(octets, data, (int)len), 1);
    X509_EXTENSION *extension = X509_EXTENSION_create_by_NID(NULL, nid, 0, octets);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(octets);
}

static X509 *start(struct input *in, const char *subject, const char *issuer, EVP_PKEY *key,
                   bool is_leaf) {
    X509 *cert = X509_new();
    assert_true(cert != NULL && in->num < MAX_CERTS);
    assert_int_equal(X509_set_version(cert, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), (long)in->num + 1), 1);
    set_name(X509_get_subject_name(cert), subject);
    set_name(X509_get_issuer_name(cert), issuer);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(cert), CLOCK_S - 86400 * 100));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(cert), CLOCK_S + 86400 * 100));
    assert_int_equal(X509_set_pubkey(cert, key), 1);
    add_text(cert, NID_basic_constraints, is_leaf ? "critical,CA:FALSE" : "critical,CA:TRUE");
    in->certs[in->num++] = cert;
    return cert;
}

static void finish(X509 *cert, EVP_PKEY *signer) {
    assert_true(X509_sign(cert, signer, EVP_sha256()) > 0);
}

static void make_leaf(struct input *in, const char *issuer, EVP_PKEY *signer) {
    X509 *cert = start(in, "leaf", issuer, keys[0], true);
    add_text(cert, NID_subject_alt_name, SERVER_NAME);
    finish(cert, signer);
}

static void make_ca(struct input *in, const char *subject, const char *issuer, size_t key,
                    size_t signer) {
    finish(start(in, subject, issuer, keys[key], false), keys[signer]);
}

/* SEQUENCE around what stands from offset 4 on; two octets of length. */
static void close_sequence(uint8_t *data, uint8_t tag, size_t len) {
    data[0] = tag;
    data[1] = 0x82;
    assert_true(len >= 4 + 256 && len - 4 <= 0xffff);
    data[2] = (uint8_t)((len - 4) >> 8);
    data[3] = (uint8_t)(len - 4);
}

/* ---- the inputs; the root "R" with key 1 is trusted ---- */

static void thousand_of_one_name(struct input *in) {
    make_leaf(in, "same", keys[2]);
    for (size_t i = 1; i < MAX_CERTS; i++)
        make_ca(in, "same", "same", 2 + i % 37, 2 + i * 7 % 37);
}

static void cycle(struct input *in) {
    static const char *const names[] = {"A", "B", "C", "D"};
    make_leaf(in, "A", keys[2]);
    for (size_t i = 0; i < NUM_OF(names); i++)
        for (size_t j = 0; j < NUM_OF(names); j++)
            if (i != j)
                make_ca(in, names[i], names[j], 2 + i, 2 + j);
}

/* Each rung has two keys, both certified by both of the rung above: 2^9 paths, and no root. */
static void exponential_cross_signs(struct input *in) {
    char name[10][4];
    for (size_t i = 0; i < NUM_OF(name); i++)
        assert_true(snprintf(name[i], sizeof(name[i]), "L%zu", i) > 0);
    make_leaf(in, name[0], keys[2]);
    for (size_t i = 0; i + 1 < NUM_OF(name); i++)
        for (size_t key = 0; key < 2; key++)
            for (size_t above = 0; above < 2; above++)
                make_ca(in, name[i], name[i + 1], 2 + 2 * i + key, 4 + 2 * i + above);
}

/* 3,000 exclusions times 3,000 names: 9 million comparisons. */
static void name_constraints_bomb(struct input *in) {
    static uint8_t names[4 + 3000 * 8], trees[8 + 3000 * 10];
    for (size_t i = 0; i < 3000; i++) {
        char text[8];
        assert_int_equal(snprintf(text, sizeof(text), "a%05zu", i), 6);
        memcpy(names + 4 + i * 8, "\x82\x06", 2);
        memcpy(names + 6 + i * 8, text, 6);
        text[0] = 'b';
        memcpy(trees + 8 + i * 10, "\x30\x08\x82\x06", 4);
        memcpy(trees + 12 + i * 10, text, 6);
    }
    close_sequence(names, 0x30, sizeof(names));
    close_sequence(trees + 4, 0xa1, sizeof(trees) - 4);
    close_sequence(trees, 0x30, sizeof(trees));
    X509 *leaf = start(in, "leaf", "A", keys[0], true);
    add_octets(leaf, NID_subject_alt_name, names, sizeof(names));
    finish(leaf, keys[2]);
    X509 *ca = start(in, "A", "R", keys[2], false);
    add_octets(ca, NID_name_constraints, trees, sizeof(trees));
    finish(ca, keys[1]);
}

/* 513 policies. */
static void policies_bomb(struct input *in) {
    static uint8_t policies[4 + 513 * 8];
    for (size_t i = 0; i < 513; i++) {
        const uint8_t info[8] = {
            0x30, 6, 6, 4, 0x88, 0x37, (uint8_t)(0x81 + i / 128), (uint8_t)(i % 128)};
        memcpy(policies + 4 + i * 8, info, sizeof(info));
    }
    close_sequence(policies, 0x30, sizeof(policies));
    make_leaf(in, "A", keys[2]);
    X509 *ca = start(in, "A", "R", keys[2], false);
    add_octets(ca, NID_certificate_policies, policies, sizeof(policies));
    finish(ca, keys[1]);
}

/* An issuer's RSA key, of which only the size matters: all ones. */
static void below_rsa(struct input *in, int modulus_bits, int exponent_bits) {
    BIGNUM *n = BN_new(), *e = BN_new();
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *key = NULL;
    assert_true(n != NULL && e != NULL && build != NULL && ctx != NULL);
    assert_true(BN_set_bit(n, modulus_bits) == 1 && BN_sub_word(n, 1) == 1);
    assert_true(BN_set_bit(e, exponent_bits) == 1 && BN_sub_word(e, 1) == 1);
    assert_true(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
                OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    make_leaf(in, "A", rsa);
    finish(start(in, "A", "R", key, false), keys[1]);
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
}

static void huge_modulus(struct input *in) {
    below_rsa(in, 16384, 17);
}

static void huge_exponent(struct input *in) {
    below_rsa(in, 2048, 2047);
}

static void explicit_curve(struct input *in) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    assert_non_null(key);
    assert_int_equal(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING,
                                                    OSSL_PKEY_EC_ENCODING_EXPLICIT),
                     1);
    make_leaf(in, "A", key);
    finish(start(in, "A", "R", key, false), keys[1]);
    EVP_PKEY_free(key);
}

/* ---- judging ---- */

static const struct {
    const char *reason;
    void (*make)(struct input *in);
    const char *rule; /* an error that must be found */
    size_t max_steps, max_signatures, max_names, max_policies;
} cases[] = {
    {"1,000 certificates of one name: signatures are bounded", thousand_of_one_name, "CP0416",
     CP_MAX_PATH_STEPS + 1, CP_MAX_PATH_SIGNATURES + 1, 0, 0},
    {"a cycle is walked once: 4 names, 16 ways", cycle, "CP0401", 64, 64, 0, 0},
    {"2^9 paths: signatures are bounded", exponential_cross_signs, "CP0416", CP_MAX_PATH_STEPS + 1,
     CP_MAX_PATH_SIGNATURES + 1, 0, 0},
    {"9 million comparisons of names are not done", name_constraints_bomb, "CP0416", 4, 2,
     CP_MAX_NAME_COMPARISONS, 0},
    {"more policies than are followed", policies_bomb, "CP0416", 4, 2, 0, 1000},
    {"a modulus of 16,384 bits is not computed with", huge_modulus, "CP0417", 4, 2, 0, 0},
    {"an exponent of 2,047 bits is not computed with", huge_exponent, "CP0417", 4, 2, 0, 0},
    {"a curve that is written out is not computed with", explicit_curve, "CP0603", 4, 2, 0, 0},
};

static struct cp_secret pem_of(X509 *const *certs, size_t num) {
    struct cp_secret pem = {0};
    assert_int_equal(cp_secret_init(&pem, CP_MAX_FILE_LEN, NULL), CP_OK);
    for (size_t i = 0; i < num; i++) {
        uint8_t *der = NULL;
        int len = i2d_X509(certs[i], &der);
        assert_true(len > 0);
        assert_int_equal(
            cp_pem_append(&pem, "CERTIFICATE", (struct cp_span){der, (size_t)len}, NULL), CP_OK);
        OPENSSL_free(der);
    }
    return pem;
}

/* NULL if there is none. */
static const char *error_of(const struct cp_report *report, const char *rule) {
    for (size_t i = 0; i < cp_report_num_findings(report); i++) {
        const struct cp_finding *finding = cp_report_finding(report, i);
        if (strcmp(finding->rule->id, rule) == 0 && finding->severity == CP_ERROR)
            return finding->message;
    }
    return NULL;
}

struct judged {
    struct cp_bundle *bundle;
    struct cp_trust *trust;
    struct cp_checker *checker;
    struct cp_report *report;
};

/* Status of the whole; the report is there if it is CP_OK. */
static enum cp_status judge(struct judged *out, const uint8_t *data, size_t len,
                            struct cp_error *err) {
    struct input root = {.num = 0};
    const struct cp_check_options options = {.at_s = CLOCK_S};
    make_ca(&root, "R", "R", 1, 1);
    struct cp_secret anchors = pem_of(root.certs, 1);
    *out = (struct judged){0};
    assert_int_equal(cp_bundle_new(&out->bundle, err), CP_OK);
    assert_int_equal(cp_trust_new(&out->trust, anchors.data, anchors.len, "test", err), CP_OK);
    assert_int_equal(cp_checker_new(&out->checker, out->trust, err), CP_OK);
    enum cp_status status = cp_bundle_add(out->bundle, "hostile", CP_ROLE_ANY, data, len, err);
    if (status == CP_OK)
        status = cp_checker_run(out->checker, &out->report, out->bundle, &options, err);
    cp_secret_cleanup(&anchors);
    X509_free(root.certs[0]);
    return status;
}

static void judged_free(struct judged *judged) {
    cp_report_free(judged->report);
    cp_checker_free(judged->checker);
    cp_trust_free(judged->trust);
    cp_bundle_free(judged->bundle);
}

static void test_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(cases); i++) {
        struct input *in = calloc(1, sizeof(*in));
        struct cp_error err = {CP_OK, 0, 0, ""};
        struct judged judged;
        assert_non_null(in);
        cases[i].make(in);
        struct cp_secret pem = pem_of(in->certs, in->num);
        assert_int_equal(judge(&judged, pem.data, pem.len, &err), CP_OK);
        const struct cp_path_result *path = &judged.report->path;
        print_message("  %s: %zu steps, %zu signatures, %zu names, %zu policies\n", cases[i].reason,
                      path->num_steps, path->num_signatures, path->num_name_comparisons,
                      path->num_policies);
        assert_true(!path->valid);
        assert_non_null(error_of(judged.report, cases[i].rule));
        assert_true(path->num_steps > 0 && path->num_steps <= cases[i].max_steps);
        assert_true(path->num_signatures <= cases[i].max_signatures);
        assert_true(path->num_name_comparisons <= cases[i].max_names);
        assert_true(path->num_policies <= cases[i].max_policies);
        judged_free(&judged);
        cp_secret_cleanup(&pem);
        for (size_t j = 0; j < in->num; j++)
            X509_free(in->certs[j]);
        free(in);
    }
}

/* ---- 100,000 names ---- */

/* A leaf under the root with so many dNSNames, as DER; the caller frees it with OPENSSL_free. */
static size_t make_many_names(uint8_t **der, size_t num) {
    struct input in = {.num = 0};
    size_t len = num * 8;
    uint8_t *names = malloc(len + 5);
    assert_non_null(names);
    const uint8_t header[5] = {0x30, 0x83, (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    memcpy(names, header, sizeof(header));
    for (size_t i = 0; i < num; i++) {
        char text[8];
        assert_int_equal(snprintf(text, sizeof(text), "%06zu", i), 6);
        memcpy(names + 5 + i * 8, "\x82\x06", 2);
        memcpy(names + 7 + i * 8, text, 6);
        names[7 + i * 8] = 'a';
    }
    X509 *leaf = start(&in, "leaf", "R", keys[0], true);
    add_octets(leaf, NID_subject_alt_name, names, len + 5);
    finish(leaf, keys[1]);
    int der_len = i2d_X509(leaf, der);
    assert_true(der_len > 0);
    X509_free(leaf);
    free(names);
    return (size_t)der_len;
}

static void test_many_names(void **state) {
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct cp_error err = {CP_OK, 0, 0, ""};
        struct judged judged;
        uint8_t *der = NULL;
        size_t len = make_many_names(&der, CP_MAX_NAMES + more);
        enum cp_status status = judge(&judged, der, len, &err);
        assert_int_equal(status, CP_OK);
        if (more == 0) {
            assert_true(judged.report->path.valid);
            assert_int_equal(judged.report->leaf->num_dns_names, CP_MAX_NAMES);
            assert_true(cp_report_num_findings(judged.report) <= CP_MAX_FINDINGS + 1);
        } else {
            const char *message = error_of(judged.report, "CP0004");
            assert_non_null(message);
            print_message("  %s\n", message);
            assert_non_null(strstr(message, "more than 100000 names"));
        }
        judged_free(&judged);
        OPENSSL_free(der);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_many_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
