/* ocsp: what each response says, the reader against OpenSSL's, and the request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ocsp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pool.h"
#include "revocation/judge.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define CLOCK_S 1780272000 /* 2026-06-01 */

static struct cp_secret load(const char *name) {
    struct cp_secret bytes = {0};
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", CP_TESTCERTS_DIR, name);
    assert_int_equal(cp_secret_read_file(&bytes, path, CP_MAX_FILE_LEN, NULL), CP_OK);
    return bytes;
}

static struct cp_pool *chain_of(const char *name) {
    struct cp_pool *pool = NULL;
    struct cp_secret bytes = load(name);
    size_t num = 0;
    assert_int_equal(cp_pool_new(&pool, NULL), CP_OK);
    assert_int_equal(cp_pool_add(pool, bytes.data, bytes.len, name, &num, NULL), CP_OK);
    cp_secret_cleanup(&bytes);
    return pool;
}

static void add(struct cp_evidence *evidence, const char *name, bool is_crl) {
    struct cp_secret bytes = load(name);
    assert_int_equal(is_crl ? cp_evidence_add_crl(evidence, bytes.data, bytes.len, name, NULL)
                            : cp_evidence_add_ocsp(evidence, bytes.data, bytes.len, name, NULL),
                     CP_OK);
    cp_secret_cleanup(&bytes);
}

static const struct {
    const char *file;
    enum cp_standing standing;
    const char *why, *note;
} rows[] = {
    {"good", CP_STANDING_GOOD, "", "signed by the issuer, CertID by SHA-1"},
    {"good-delegated", CP_STANDING_GOOD, "", "by a responder, CertID by SHA-256"},
    {"good-by-key", CP_STANDING_GOOD, "", "ResponderID by key"},
    {"good-other-serial", CP_STANDING_SILENT, "", "about another certificate"},
    {"revoked", CP_STANDING_REVOKED, "", "revoked"},
    {"unknown", CP_STANDING_UNKNOWN, "", "unknown"},
    {"stale", CP_STANDING_UNUSABLE, "stale", "a second too old"},
    {"last-second", CP_STANDING_GOOD, "", "in its last second"},
    {"no-next", CP_STANDING_GOOD, "", "9 days old"},
    {"no-next-old", CP_STANDING_UNUSABLE, "stale", "11 days old"},
    {"bad-signature", CP_STANDING_UNUSABLE, "signature", "spoiled"},
    {"not-for-signing", CP_STANDING_UNUSABLE, "OCSP signing", "no id-kp-OCSPSigning"},
    {"foreign-responder", CP_STANDING_UNUSABLE, "not from the issuer", "another CA's"},
    {"expired-responder", CP_STANDING_UNUSABLE, "not valid", "a second after its end"},
    {"try-later", CP_STANDING_SILENT, "", "no answer"},
};

static void test_standing(void **state) {
    struct cp_pool *chain = chain_of("good/ec-fullchain.pem");
    struct cp_verifier *verifier = NULL;
    (void)state;
    assert_int_equal(cp_verifier_new(&verifier, NULL), CP_OK);
    for (size_t i = 0; i < NUM_OF(rows); i++) {
        struct cp_evidence *evidence = NULL;
        struct cp_standing_result result;
        char path[128];
        assert_int_equal(cp_evidence_new(&evidence, NULL), CP_OK);
        (void)snprintf(path, sizeof(path), "status/ocsp-%s.der", rows[i].file);
        add(evidence, path, false);
        assert_int_equal(cp_standing_of(verifier, &result, evidence, &chain->certs[0]->cert,
                                        &chain->certs[1]->cert, CLOCK_S, NULL),
                         CP_OK);
        if (result.standing != rows[i].standing || strstr(result.why, rows[i].why) == NULL)
            fail_msg("%s (%s): standing %d, '%s'", rows[i].file, rows[i].note, result.standing,
                     result.why);
        assert_int_equal(result.has_ocsp, rows[i].standing == CP_STANDING_GOOD);
        cp_evidence_free(evidence);
    }
    cp_verifier_free(verifier);
    cp_pool_free(chain);
}

/* A responder without id-pkix-ocsp-nocheck is looked up in the issuer's list. */
static void test_revoked_responder(void **state) {
    struct cp_pool *chain = chain_of("good/ec-fullchain.pem");
    (void)state;
    for (int with_list = 0; with_list < 2; with_list++) {
        struct cp_evidence *evidence = NULL;
        struct cp_verifier *verifier = NULL;
        struct cp_standing_result result;
        assert_int_equal(cp_verifier_new(&verifier, NULL), CP_OK);
        assert_int_equal(cp_evidence_new(&evidence, NULL), CP_OK);
        add(evidence, "status/ocsp-good-by-key.der", false);
        if (with_list)
            add(evidence, "status/crl-responder-revoked.pem", true);
        assert_int_equal(cp_standing_of(verifier, &result, evidence, &chain->certs[0]->cert,
                                        &chain->certs[1]->cert, CLOCK_S, NULL),
                         CP_OK);
        assert_int_equal(result.has_ocsp, !with_list);
        cp_evidence_free(evidence);
        cp_verifier_free(verifier);
    }
    cp_pool_free(chain);
}

/* Each octet changed in two ways: what we read OpenSSL reads, too. */
static void test_against_openssl(void **state) {
    struct cp_secret bytes = load("status/ocsp-good-delegated.der");
    size_t num_read = 0;
    (void)state;
    for (size_t i = 0; i < 3 * bytes.len; i++) {
        size_t len = i < bytes.len ? i : bytes.len, at = i % bytes.len;
        uint8_t *copy = malloc(len + 1);
        struct cp_ocsp ocsp;
        assert_non_null(copy);
        memcpy(copy, bytes.data, len);
        if (i >= bytes.len)
            copy[at] ^= i < 2 * bytes.len ? 1 : 0x80;
        const unsigned char *next = copy;
        OCSP_RESPONSE *other = d2i_OCSP_RESPONSE(NULL, &next, (long)len);
        if (cp_ocsp_parse(&ocsp, (struct cp_span){copy, len}, NULL) == CP_OK) {
            assert_non_null(other);
            num_read++;
            assert_int_equal(ocsp.status, OCSP_response_status(other));
        }
        OCSP_RESPONSE_free(other);
        free(copy);
    }
    assert_true(num_read > bytes.len / 2);
    cp_secret_cleanup(&bytes);
}

/* The same octets as OpenSSL's. */
static void test_request(void **state) {
    struct cp_pool *chain = chain_of("good/ec-fullchain.pem");
    const struct cp_cert *cert = &chain->certs[0]->cert, *issuer = &chain->certs[1]->cert;
    uint8_t request[CP_OCSP_REQUEST_MAX];
    size_t len = 0;
    (void)state;
    assert_true(cp_ocsp_request(request, &len, cert, issuer));
    const unsigned char *next = cert->der.data;
    X509 *x509 = d2i_X509(NULL, &next, (long)cert->der.len);
    next = issuer->der.data;
    X509 *x509_issuer = d2i_X509(NULL, &next, (long)issuer->der.len);
    OCSP_REQUEST *other = OCSP_REQUEST_new();
    unsigned char *der = NULL;
    assert_non_null(OCSP_request_add0_id(other, OCSP_cert_to_id(NULL, x509, x509_issuer)));
    int other_len = i2d_OCSP_REQUEST(other, &der);
    assert_int_equal(other_len, len);
    assert_memory_equal(der, request, len);
    OPENSSL_free(der);
    OCSP_REQUEST_free(other);
    X509_free(x509);
    X509_free(x509_issuer);
    cp_pool_free(chain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standing),
        cmocka_unit_test(test_revoked_responder),
        cmocka_unit_test(test_against_openssl),
        cmocka_unit_test(test_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
