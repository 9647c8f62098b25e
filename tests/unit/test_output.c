/* Every form of output, read by OpenSSL again: the same certificates in the same order, the same
 * key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "cp_limits.h"

#define AT 1780272000 /* 2026-06-01 */

static const uint8_t pass[] = {'p', 'a', 's', 's', ' ', 0xc3, 0xa9}; /* UTF-8 */
static const char pass_text[] = "pass \xc3\xa9";
static const struct cp_output_options modern = {.passphrase = pass, .passphrase_len = sizeof(pass)};
static const struct cp_output_options legacy = {
    .passphrase = pass, .passphrase_len = sizeof(pass), .legacy = true};
static const struct cp_output_options none = {.passphrase = NULL};

static struct cp_prepared *prepare(const char *file, const char *target) {
    char path[400];
    struct cp_secret text = {0};
    struct cp_bundle *bundle = NULL;
    struct cp_trust *trust = NULL;
    struct cp_checker *checker = NULL;
    struct cp_report *report = NULL;
    struct cp_prepared *prepared = NULL;
    const struct cp_check_options options = {.at_s = AT, .require_key = true, .target = target};
    snprintf(path, sizeof(path), "%s/trust/all.pem", CP_TESTCERTS_DIR);
    assert_int_equal(cp_secret_read_file(&text, path, CP_MAX_FILE_LEN, NULL), CP_OK);
    assert_int_equal(cp_trust_new(&trust, text.data, text.len, "all", NULL), CP_OK);
    cp_secret_cleanup(&text);
    snprintf(path, sizeof(path), "%s/%s", CP_TESTCERTS_DIR, file);
    assert_int_equal(cp_secret_read_file(&text, path, CP_MAX_FILE_LEN, NULL), CP_OK);
    assert_int_equal(cp_bundle_new(&bundle, NULL), CP_OK);
    assert_int_equal(cp_bundle_add(bundle, file, CP_ROLE_ANY, text.data, text.len, NULL), CP_OK);
    cp_secret_cleanup(&text);
    assert_int_equal(cp_checker_new(&checker, trust, NULL), CP_OK);
    assert_int_equal(cp_checker_run(checker, &report, bundle, &options, NULL), CP_OK);
    assert_int_equal(cp_prepare(&prepared, report, NULL), CP_OK);
    cp_report_free(report);
    cp_checker_free(checker);
    cp_trust_free(trust);
    cp_bundle_free(bundle);
    return prepared;
}

static struct cp_artifact make(const struct cp_prepared *prepared, const char *output,
                               const struct cp_output_options *options) {
    struct cp_artifact artifact;
    struct cp_error err = {CP_OK, 0, 0, ""};
    if (cp_prepared_output(&artifact, prepared, output, options, &err) != CP_OK)
        fail_msg("%s: %s", output, err.message);
    assert_string_equal(artifact.output, output);
    return artifact;
}

static BIO *bio_of(const struct cp_artifact *artifact) {
    BIO *bio = BIO_new_mem_buf(artifact->bytes.data, (int)artifact->bytes.len);
    assert_non_null(bio);
    return bio;
}

/* All certificates of a PEM text. */
static STACK_OF(X509) * read_pem(const struct cp_artifact *artifact) {
    BIO *bio = bio_of(artifact);
    STACK_OF(X509) *certs = sk_X509_new_null();
    for (X509 *cert; (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL;)
        assert_true(sk_X509_push(certs, cert) > 0);
    ERR_clear_error();
    BIO_free(bio);
    return certs;
}

static EVP_PKEY *read_key(const struct cp_artifact *artifact) {
    BIO *bio = bio_of(artifact);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    assert_non_null(key);
    BIO_free(bio);
    return key;
}

static void assert_same_certs(STACK_OF(X509) * certs, X509 *leaf, STACK_OF(X509) * chain) {
    int num = chain == NULL ? 0 : sk_X509_num(chain), skip = leaf != NULL;
    assert_int_equal(sk_X509_num(certs), num + skip);
    if (leaf != NULL)
        assert_int_equal(X509_cmp(sk_X509_value(certs, 0), leaf), 0);
    for (int i = 0; i < num; i++)
        assert_int_equal(X509_cmp(sk_X509_value(certs, i + skip), sk_X509_value(chain, i)), 0);
}

static const struct {
    const char *reason, *file, *target;
} materials[] = {
    {"EC", "good/ec-bundle.pem", "esa"},
    {"RSA", "good/rsa-bundle.pem", "nginx"},
    {"RSA as PKCS#1", "good/rsa-bundle.pem", "clb"},
    {"with the root", "good/ec-bundle.pem", "java"},
    {"Ed25519", "good/ed25519-bundle.pem", "nginx"},
    {"two intermediates", "good/two-intermediates-bundle.pem", "gcp"},
};

static void test_p12(const struct cp_prepared *prepared, STACK_OF(X509) * certs, EVP_PKEY *key,
                     const struct cp_output_options *options) {
    struct cp_artifact p12 = make(prepared, "p12", options);
    struct cp_artifact other = make(prepared, "p12", options);
    const unsigned char *at = p12.bytes.data;
    const X509_ALGOR *mac = NULL;
    const ASN1_OBJECT *digest = NULL;
    const ASN1_INTEGER *iterations = NULL;
    EVP_PKEY *read_back = NULL;
    X509 *leaf = NULL;
    STACK_OF(X509) *chain = NULL;
    PKCS12 *parsed = d2i_PKCS12(NULL, &at, (long)p12.bytes.len);
    assert_non_null(parsed);
    assert_ptr_equal(at, p12.bytes.data + p12.bytes.len);
    PKCS12_get0_mac(NULL, &mac, NULL, &iterations, parsed);
    X509_ALGOR_get0(&digest, NULL, NULL, mac);
    assert_int_equal(OBJ_obj2nid(digest), options->legacy ? NID_sha1 : NID_sha256);
    assert_int_equal(ASN1_INTEGER_get(iterations), options->legacy ? 10000 : 100000);
    assert_int_equal(PKCS12_parse(parsed, pass_text, &read_back, &leaf, &chain), 1);
    assert_same_certs(certs, leaf, chain);
    assert_int_equal(EVP_PKEY_eq(read_back, key), 1);
    assert_int_equal(PKCS12_verify_mac(parsed, "other", -1), 0);
    ERR_clear_error();

    /* Salts differ, and still it is the same; not so with another pass phrase, or damaged. */
    static const uint8_t wrong[] = "other";
    const struct cp_output_options other_pass = {
        .passphrase = wrong, .passphrase_len = 5, .legacy = options->legacy};
    assert_int_equal(p12.bytes.len, other.bytes.len);
    assert_true(memcmp(p12.bytes.data, other.bytes.data, p12.bytes.len) != 0);
    assert_true(cp_artifact_matches(&p12, other.bytes.data, other.bytes.len, options));
    assert_false(cp_artifact_matches(&p12, other.bytes.data, other.bytes.len, &other_pass));
    assert_false(cp_artifact_matches(&p12, other.bytes.data, other.bytes.len, &none));
    assert_false(cp_artifact_matches(&p12, other.bytes.data, other.bytes.len - 1, options));
    assert_false(cp_artifact_matches(&p12, NULL, 0, options));
    other.bytes.data[other.bytes.len / 2] ^= 1;
    assert_false(cp_artifact_matches(&p12, other.bytes.data, other.bytes.len, options));
    cp_artifact_cleanup(&p12);
    cp_artifact_cleanup(&other);
    EVP_PKEY_free(read_back);
    X509_free(leaf);
    sk_X509_pop_free(chain, X509_free);
    PKCS12_free(parsed);
}

static void test_binary(const struct cp_prepared *prepared, STACK_OF(X509) * certs, EVP_PKEY *key) {
    struct cp_artifact der = make(prepared, "der", &none);
    struct cp_artifact key_der = make(prepared, "key-der", &none);
    const unsigned char *at = der.bytes.data;
    X509 *leaf = d2i_X509(NULL, &at, (long)der.bytes.len);
    assert_ptr_equal(at, der.bytes.data + der.bytes.len);
    assert_int_equal(X509_cmp(leaf, sk_X509_value(certs, 0)), 0);
    at = key_der.bytes.data;
    EVP_PKEY *read_back = d2i_AutoPrivateKey(NULL, &at, (long)key_der.bytes.len);
    assert_ptr_equal(at, key_der.bytes.data + key_der.bytes.len);
    assert_int_equal(EVP_PKEY_eq(read_back, key), 1);
    assert_true(key_der.has_key && !key_der.is_text && !der.has_key);
    X509_free(leaf);
    EVP_PKEY_free(read_back);
    cp_artifact_cleanup(&der);
    cp_artifact_cleanup(&key_der);
}

static void test_pkcs7(const struct cp_prepared *prepared, STACK_OF(X509) * certs) {
    struct cp_artifact p7b = make(prepared, "p7b", &none);
    BIO *bio = bio_of(&p7b);
    PKCS7 *parsed = PEM_read_bio_PKCS7(bio, NULL, NULL, NULL);
    assert_non_null(parsed);
    assert_true(PKCS7_type_is_signed(parsed));
    assert_same_certs(certs, NULL, parsed->d.sign->cert);
    PKCS7_free(parsed);
    BIO_free(bio);
    cp_artifact_cleanup(&p7b);
}

static void test_round_trips(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(materials) / sizeof(materials[0]); i++) {
        print_message("%s\n", materials[i].reason);
        struct cp_prepared *prepared = prepare(materials[i].file, materials[i].target);
        struct cp_artifact fullchain = make(prepared, "fullchain", &none);
        struct cp_artifact leaf = make(prepared, "leaf", &none);
        struct cp_artifact chain = make(prepared, "chain", &none);
        struct cp_artifact privkey = make(prepared, "privkey", &none);
        struct cp_artifact haproxy = make(prepared, "haproxy", &none);
        STACK_OF(X509) *certs = read_pem(&fullchain);
        EVP_PKEY *key = read_key(&privkey);
        assert_int_equal(sk_X509_num(certs), cp_prepared_num_certs(prepared));

        /* leaf and chain are fullchain, haproxy is fullchain and privkey: byte for byte */
        assert_int_equal(leaf.bytes.len + chain.bytes.len, fullchain.bytes.len);
        assert_memory_equal(leaf.bytes.data, fullchain.bytes.data, leaf.bytes.len);
        assert_memory_equal(chain.bytes.data, fullchain.bytes.data + leaf.bytes.len,
                            chain.bytes.len);
        assert_int_equal(haproxy.bytes.len, fullchain.bytes.len + privkey.bytes.len);
        assert_memory_equal(haproxy.bytes.data, fullchain.bytes.data, fullchain.bytes.len);
        assert_memory_equal(haproxy.bytes.data + fullchain.bytes.len, privkey.bytes.data,
                            privkey.bytes.len);
        test_binary(prepared, certs, key);
        test_pkcs7(prepared, certs);
        test_p12(prepared, certs, key, &modern);
        test_p12(prepared, certs, key, &legacy);
        sk_X509_pop_free(certs, X509_free);
        EVP_PKEY_free(key);
        cp_artifact_cleanup(&fullchain);
        cp_artifact_cleanup(&leaf);
        cp_artifact_cleanup(&chain);
        cp_artifact_cleanup(&privkey);
        cp_artifact_cleanup(&haproxy);
        cp_prepared_free(prepared);
    }
}

/* The same input gives the same bytes, but for the salts. */
static void test_deterministic(void **state) {
    (void)state;
    struct cp_prepared *a = prepare("good/rsa-bundle.pem", "esa");
    struct cp_prepared *b = prepare("good/rsa-bundle.pem", "esa");
    for (size_t i = 0; i < cp_num_outputs(); i++) {
        if (strcmp(cp_output_name(i), "p12") == 0)
            continue;
        struct cp_artifact one = make(a, cp_output_name(i), &none);
        struct cp_artifact two = make(b, cp_output_name(i), &none);
        assert_int_equal(one.bytes.len, two.bytes.len);
        assert_memory_equal(one.bytes.data, two.bytes.data, one.bytes.len);
        assert_true(cp_artifact_matches(&one, two.bytes.data, two.bytes.len, &none));
        two.bytes.data[0] ^= 1;
        assert_false(cp_artifact_matches(&one, two.bytes.data, two.bytes.len, &none));
        cp_artifact_cleanup(&one);
        cp_artifact_cleanup(&two);
    }
    cp_prepared_free(a);
    cp_prepared_free(b);
}

/* What one PKCS#12 protects otherwise, or holds otherwise, is not the same. */
static void test_p12_differs(void **state) {
    (void)state;
    struct cp_prepared *a = prepare("good/ec-bundle.pem", "esa");
    struct cp_prepared *with_root = prepare("good/ec-bundle.pem", "java");
    struct cp_artifact one = make(a, "p12", &modern);
    struct cp_artifact old = make(a, "p12", &legacy);
    struct cp_artifact other = make(with_root, "p12", &modern);
    assert_false(cp_artifact_matches(&one, old.bytes.data, old.bytes.len, &modern));
    assert_false(cp_artifact_matches(&old, one.bytes.data, one.bytes.len, &legacy));
    assert_false(cp_artifact_matches(&one, other.bytes.data, other.bytes.len, &modern));
    cp_artifact_cleanup(&one);
    cp_artifact_cleanup(&old);
    cp_artifact_cleanup(&other);
    cp_prepared_free(a);
    cp_prepared_free(with_root);
}

static const uint8_t long_pass[CP_MAX_PASSPHRASE_LEN + 1] = {0};

static const struct {
    const char *reason, *output;
    const uint8_t *pass;
    size_t pass_len;
    enum cp_status status;
} refused[] = {
    {"no such output", "jks", pass, sizeof(pass), CP_ERR_USAGE},
    {"no name", "", pass, sizeof(pass), CP_ERR_USAGE},
    {"no pass phrase", "p12", NULL, 0, CP_ERR_USAGE},
    {"an empty one", "p12", pass, 0, CP_ERR_USAGE},
    {"a NUL in it", "p12", (const uint8_t *)"a\0b", 3, CP_ERR_USAGE},
    {"not UTF-8", "p12", (const uint8_t *)"a\xff", 2, CP_ERR_USAGE},
    {"too long", "p12", long_pass, sizeof(long_pass), CP_ERR_LIMIT},
};

static void test_refused(void **state) {
    (void)state;
    struct cp_prepared *prepared = prepare("good/ec-bundle.pem", "esa");
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const struct cp_output_options options = {.passphrase = refused[i].pass,
                                                  .passphrase_len = refused[i].pass_len};
        struct cp_error err = {CP_OK, 0, 0, ""};
        struct cp_artifact artifact;
        print_message("%s\n", refused[i].reason);
        assert_int_equal(cp_prepared_output(&artifact, prepared, refused[i].output, &options, &err),
                         refused[i].status);
        assert_null(artifact.bytes.data);
        assert_true(err.message[0] != '\0');
        cp_artifact_cleanup(&artifact);
    }
    cp_prepared_free(prepared);
}

static void test_table(void **state) {
    (void)state;
    assert_null(cp_output_name(cp_num_outputs()));
    for (size_t i = 0; i < cp_num_outputs(); i++)
        for (size_t j = 0; j < i; j++)
            assert_true(strcmp(cp_output_name(i), cp_output_name(j)) != 0);
    cp_artifact_cleanup(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips), cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_p12_differs), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
