/* sct: OpenSSL's CT functions as an independent judge, malformed lists, lists of logs, and the real
 * certificates of limbo. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <openssl/ct.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ct/log_list.h"
#include "pem.h"
#include "pool.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

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

static X509 *x509_of(const struct cp_cert *cert) {
    const unsigned char *next = cert->der.data;
    X509 *x509 = d2i_X509(NULL, &next, (long)cert->der.len);
    assert_non_null(x509);
    return x509;
}

/* OpenSSL's own store of the logs, from their keys. */
static CTLOG_STORE *store_of(const struct cp_ct_logs *logs, const char *path) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("enabled_logs = ", file);
    for (size_t i = 0; i < logs->num_logs; i++)
        (void)fprintf(file, "%slog%zu", i == 0 ? "" : ",", i);
    (void)fputs("\n", file);
    for (size_t i = 0; i < logs->num_logs; i++) {
        char base64[1024];
        (void)EVP_EncodeBlock((unsigned char *)base64, logs->logs[i].spki,
                              (int)logs->logs[i].key.spki.len);
        (void)fprintf(file, "[log%zu]\ndescription = log %zu\nkey = %s\n", i, i, base64);
    }
    assert_int_equal(fclose(file), 0);
    CTLOG_STORE *store = CTLOG_STORE_new();
    assert_non_null(store);
    assert_int_equal(CTLOG_STORE_load_file(store, path), 1);
    return store;
}

static enum cp_signature_result our_verdict(struct cp_verifier *verifier, const struct cp_sct *sct,
                                            const struct cp_ct_logs *logs, struct cp_span tbs,
                                            const struct cp_cert *issuer) {
    enum cp_signature_result result = CP_SIGNATURE_UNSUPPORTED;
    const struct cp_log *log = cp_log_find(logs, sct->log_id);
    if (log != NULL)
        assert_int_equal(cp_sct_verify(verifier, &result, sct, &log->key, tbs, issuer, NULL),
                         CP_OK);
    return result;
}

/* Every SCT of the file, judged by both. */
static size_t compare(const char *name, const struct cp_ct_logs *logs, CTLOG_STORE *store) {
    struct cp_pool *chain = chain_of(name);
    const struct cp_cert *cert = &chain->certs[0]->cert, *issuer = &chain->certs[1]->cert;
    struct cp_verifier *verifier = NULL;
    struct cp_sct scts[CP_MAX_SCTS];
    struct cp_buf tbs;
    size_t num = 0, num_good = 0;
    assert_int_equal(cp_verifier_new(&verifier, NULL), CP_OK);
    cp_buf_init(&tbs, CP_MAX_FILE_LEN);
    assert_int_equal(cp_precert_tbs(&tbs, cert, NULL), CP_OK);
    assert_int_equal(cp_sct_list_read(scts, &num, cert->values[CP_EXT_SCT_LIST], NULL), CP_OK);
    X509 *x509 = x509_of(cert), *x509_issuer = x509_of(issuer);
    STACK_OF(SCT) *list = X509_get_ext_d2i(x509, NID_ct_precert_scts, NULL, NULL);
    assert_int_equal(sk_SCT_num(list), num);
    CT_POLICY_EVAL_CTX *policy = CT_POLICY_EVAL_CTX_new();
    assert_int_equal(CT_POLICY_EVAL_CTX_set1_cert(policy, x509), 1);
    assert_int_equal(CT_POLICY_EVAL_CTX_set1_issuer(policy, x509_issuer), 1);
    CT_POLICY_EVAL_CTX_set_shared_CTLOG_STORE(policy, store);
    CT_POLICY_EVAL_CTX_set_time(policy, UINT64_C(1900000000000));
    for (size_t i = 0; i < num; i++) {
        SCT *sct = sk_SCT_value(list, (int)i);
        bool good = SCT_validate(sct, policy) == 1;
        assert_int_equal(SCT_get_timestamp(sct), scts[i].timestamp_ms);
        enum cp_signature_result result = our_verdict(
            verifier, &scts[i], logs, (struct cp_span){(const uint8_t *)tbs.data, tbs.len}, issuer);
        if (good != (result == CP_SIGNATURE_GOOD))
            fail_msg("%s, SCT %zu: OpenSSL says %d, we say %d", name, i + 1, good, result);
        num_good += good;
    }
    CT_POLICY_EVAL_CTX_free(policy);
    SCT_LIST_free(list);
    X509_free(x509);
    X509_free(x509_issuer);
    cp_buf_cleanup(&tbs);
    cp_verifier_free(verifier);
    cp_pool_free(chain);
    return num_good;
}

static struct cp_ct_logs *load_logs(void) {
    struct cp_ct_logs *logs = NULL;
    struct cp_secret json = load("status/ct-logs.json");
    assert_int_equal(cp_ct_logs_new(&logs, json.data, json.len, "ct-logs.json", NULL), CP_OK);
    cp_secret_cleanup(&json);
    return logs;
}

static const struct {
    const char *file;
    size_t num_good;
    const char *note;
} files[] = {
    {"status/sct-two-180.pem", 2, "ECDSA and RSA"},
    {"status/sct-three.pem", 3, "three"},
    {"status/sct-one-operator.pem", 3, "one log twice"},
    {"status/sct-bad-signature.pem", 3, "the fourth is spoiled"},
    {"status/sct-unlisted-log.pem", 3, "the fourth is of an unknown log"},
    {"status/sct-before-retirement.pem", 3, "retired is not a matter of signatures"},
};

static void test_against_openssl(void **state) {
    struct cp_ct_logs *logs = load_logs();
    char path[] = "/tmp/certprep-test-sct-XXXXXX";
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    CTLOG_STORE *store = store_of(logs, path);
    for (size_t i = 0; i < NUM_OF(files); i++) {
        size_t num_good = compare(files[i].file, logs, store);
        if (num_good != files[i].num_good)
            fail_msg("%s (%s): %zu good", files[i].file, files[i].note, num_good);
    }
    CTLOG_STORE_free(store);
    cp_ct_logs_free(logs);
    (void)remove(path);
}

static const struct {
    const char *hex, *why, *note;
} lists[] = {
    {"", "missing", "nothing"},
    {"0500", "want tag 0x04", "no OCTET STRING"},
    {"0400", "length", "no length"},
    {"04020000", "empty", "no SCT"},
    {"0403000100", "longer than the list", "half a length"},
    {"04020001", "length", "a list longer than the string"},
    {"040400020000", "without content", "an empty SCT"},
    {"04050003000100", "cut off", "a version alone"},
    {"0405000300010000", "left over", "octets behind"},
};

static void test_malformed(void **state) {
    struct cp_sct scts[CP_MAX_SCTS];
    (void)state;
    for (size_t i = 0; i < NUM_OF(lists); i++) {
        uint8_t der[64];
        size_t len = strlen(lists[i].hex) / 2, num = 0;
        struct cp_error err = {CP_OK, 0, 0, ""};
        for (size_t j = 0; j < len; j++) {
            unsigned octet = 0;
            assert_int_equal(sscanf(lists[i].hex + 2 * j, "%2x", &octet), 1);
            der[j] = (uint8_t)octet;
        }
        assert_int_equal(cp_sct_list_read(scts, &num, (struct cp_span){der, len}, &err),
                         CP_ERR_PARSE);
        if (strstr(err.message, lists[i].why) == NULL)
            fail_msg("%s: '%s'", lists[i].note, err.message);
    }
}

static void test_too_many(void **state) {
    uint8_t der[4 + 4 + 3 * (CP_MAX_SCTS + 1)];
    struct cp_sct scts[CP_MAX_SCTS];
    size_t num = 0, list_len = 3 * (CP_MAX_SCTS + 1);
    (void)state;
    const uint8_t head[] = {0x04, (uint8_t)(list_len + 2), 0, (uint8_t)list_len};
    memcpy(der, head, sizeof(head));
    for (size_t i = 0; i < CP_MAX_SCTS + 1; i++) /* of a later version: not looked into */
        memcpy(der + sizeof(head) + 3 * i, "\x00\x01\x01", 3);
    struct cp_span value = {der, sizeof(head) + list_len};
    assert_int_equal(cp_sct_list_read(scts, &num, value, NULL), CP_ERR_LIMIT);
    der[1] = (uint8_t)(der[1] - 3);
    der[3] = (uint8_t)(der[3] - 3);
    value.len -= 3;
    assert_int_equal(cp_sct_list_read(scts, &num, value, NULL), CP_OK);
    assert_int_equal(num, CP_MAX_SCTS);
    assert_int_equal(scts[0].version, 1);
}

#define KEY                                                                                        \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE4mKNvCCGDAcg42AJgjBhh8XI68Hu3AGk+Wnxi1vBNHEm+"            \
    "U2WRHBpU3ZEiMpr"                                                                              \
    "h8fFLWMGN3P+pJ4DXYi2gYDK0w=="
static const struct {
    const char *json;
    enum cp_status status;
    const char *why, *note;
} log_lists[] = {
    {"", CP_ERR_PARSE, "not JSON", "nothing"},
    {"{", CP_ERR_PARSE, "not JSON", "cut off"},
    {"{} x", CP_ERR_PARSE, "not JSON", "more behind it"},
    {"[]", CP_ERR_PARSE, "operators", "no object"},
    {"{\"operators\": {}}", CP_ERR_PARSE, "operators", "no array"},
    {"{\"operators\": []}", CP_ERR_INPUT, "no log", "no log"},
    {"{\"operators\": [{\"logs\": []}]}", CP_ERR_PARSE, "name", "no name"},
    {"{\"operators\": [1]}", CP_ERR_PARSE, "name", "a number"},
    {"{\"operators\": [{\"name\": \"A\", \"logs\": [{}]}]}", CP_ERR_PARSE, "no key", "no key"},
    {"{\"operators\": [{\"name\": \"A\", \"logs\": [{\"key\": \"?\", \"log_id\": \"\"}]}]}",
     CP_ERR_PARSE, "base64", "no base64"},
    {"{\"operators\": [{\"name\": \"A\", \"logs\": [{\"key\": \"AAAA\", \"log_id\": \"\"}]}]}",
     CP_ERR_PARSE, "SubjectPublicKeyInfo", "no key in it"},
    {"{\"operators\": [{\"name\": \"A\", \"logs\": [{\"key\": \"" KEY
     "\", \"log_id\": \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}]}]}",
     CP_ERR_PARSE, "log_id", "another key's identifier"},
};

static void test_log_lists(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(log_lists); i++) {
        struct cp_ct_logs *logs = NULL;
        struct cp_error err = {CP_OK, 0, 0, ""};
        const char *json = log_lists[i].json;
        enum cp_status status =
            cp_ct_logs_new(&logs, (const uint8_t *)json, strlen(json), "list", &err);
        if (status != log_lists[i].status || strstr(err.message, log_lists[i].why) == NULL)
            fail_msg("%s: status %d, '%s'", log_lists[i].note, status, err.message);
        assert_null(logs);
    }
}

static void test_operators(void **state) {
    const struct cp_log log = {.owner = 3, .previous = {{1, 200}, {0, 100}}, .num_previous = 2};
    (void)state;
    assert_int_equal(cp_log_operator(&log, 99), 0);  /* the first owner's last second */
    assert_int_equal(cp_log_operator(&log, 100), 1); /* the second's first */
    assert_int_equal(cp_log_operator(&log, 199), 1);
    assert_int_equal(cp_log_operator(&log, 200), 3);
}

/* ---- real certificates ---- */

static size_t read_scts(const char *pem, size_t *num_certs) {
    struct cp_pool *pool = NULL;
    size_t num = 0, total = 0;
    assert_int_equal(cp_pool_new(&pool, NULL), CP_OK);
    assert_int_equal(cp_pool_add(pool, (const uint8_t *)pem, strlen(pem), "limbo", &num, NULL),
                     CP_OK);
    for (size_t i = 0; i < num; i++) {
        const struct cp_cert *cert = &pool->certs[i]->cert;
        struct cp_sct scts[CP_MAX_SCTS];
        struct cp_buf tbs;
        size_t num_scts = 0;
        if (!cp_cert_has(cert, CP_EXT_SCT_LIST))
            continue;
        assert_int_equal(cp_sct_list_read(scts, &num_scts, cert->values[CP_EXT_SCT_LIST], NULL),
                         CP_OK);
        /* The precertificate is OpenSSL's: the same certificate with the extension taken out. */
        cp_buf_init(&tbs, CP_MAX_FILE_LEN);
        assert_int_equal(cp_precert_tbs(&tbs, cert, NULL), CP_OK);
        X509 *x509 = x509_of(cert);
        unsigned char *der = NULL;
        X509_EXTENSION_free(
            X509_delete_ext(x509, X509_get_ext_by_NID(x509, NID_ct_precert_scts, -1)));
        int len = i2d_re_X509_tbs(x509, &der);
        assert_int_equal(len, tbs.len);
        assert_memory_equal(der, tbs.data, tbs.len);
        OPENSSL_free(der);
        X509_free(x509);
        cp_buf_cleanup(&tbs);
        total += num_scts;
        (*num_certs)++;
    }
    cp_pool_free(pool);
    return total;
}

static void test_real(void **state) {
    struct cp_secret json = {0};
    size_t num_certs = 0, num_scts = 0;
    (void)state;
    if (cp_secret_read_file(&json, CP_SHARED_DIR "/vectors/limbo/limbo.json", (size_t)1 << 28,
                            NULL) != CP_OK) {
        print_message("SKIPPED: limbo.json is not there\n");
        skip();
    }
    cJSON *root = cJSON_ParseWithLength((const char *)json.data, json.len);
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(root, "testcases")) {
        const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "id"));
        const char *pem =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "peer_certificate"));
        if (id != NULL && pem != NULL && strncmp(id, "online::", 8) == 0)
            num_scts += read_scts(pem, &num_certs);
    }
    print_message("%zu SCTs of %zu real certificates\n", num_scts, num_certs);
    assert_true(num_certs != 0);
    cJSON_Delete(root);
    cp_secret_cleanup(&json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_openssl), cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_too_many),        cmocka_unit_test(test_log_lists),
        cmocka_unit_test(test_operators),       cmocka_unit_test(test_real),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
