/* pool: what is taken in which form, what is passed over, and the bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cp_limits.h"
#include "pem.h"
#include "pool.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define INPUT_LEN ((size_t)64 * 1024)

static struct cp_secret read_testcert(const char *name) {
    char path[512];
    struct cp_secret text = {0};
    struct cp_error err;
    assert_true(snprintf(path, sizeof(path), CP_TESTCERTS_DIR "/%s", name) < (int)sizeof(path));
    assert_int_equal(cp_secret_read_file(&text, path, CP_MAX_FILE_LEN, &err), CP_OK);
    return text;
}

static struct cp_pool *new_pool(void) {
    struct cp_pool *pool = NULL;
    assert_int_equal(cp_pool_new(&pool, NULL), CP_OK);
    return pool;
}

static size_t add(struct cp_pool *pool, const void *data, size_t len, const char *label) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    size_t num_added = 77;
    /* A copy of its own size: reading past the end is seen by ASan. */
    uint8_t *copy = malloc(len + (len == 0));
    assert_non_null(copy);
    memcpy(copy, data, len);
    assert_int_equal(cp_pool_add(pool, copy, len, label, &num_added, &err), CP_OK);
    free(copy);
    return num_added;
}

/* ---- forms ---- */

static X509 *load(const char *name) {
    struct cp_secret text = read_testcert(name);
    BIO *in = BIO_new_mem_buf(text.data, (int)text.len);
    X509 *cert = PEM_read_bio_X509(in, NULL, NULL, NULL);
    assert_non_null(cert);
    BIO_free(in);
    cp_secret_cleanup(&text);
    return cert;
}

static PKCS7 *make_pkcs7(void) {
    PKCS7 *p7 = PKCS7_new();
    assert_true(p7 != NULL && PKCS7_set_type(p7, NID_pkcs7_signed) == 1 &&
                PKCS7_content_new(p7, NID_pkcs7_data) == 1);
    static const char *const names[] = {"good/ec-intermediate.pem", "good/rsa-intermediate.pem"};
    for (size_t i = 0; i < 2; i++) {
        X509 *cert = load(names[i]);
        assert_int_equal(PKCS7_add_certificate(p7, cert), 1);
        X509_free(cert);
    }
    return p7;
}

enum form { PEM, DER, P7_DER, P7_PEM, OLD_LABEL, TEXT_BEFORE, DIGIT_BEFORE, CRLF, BROKEN_FIRST };

/* Writes the input into out; returns its length. */
static size_t make_input(uint8_t out[INPUT_LEN], enum form form) {
    X509 *cert = load("good/ec-intermediate.pem");
    BIO *memory = BIO_new(BIO_s_mem());
    PKCS7 *p7 = make_pkcs7();
    char *text = NULL;
    assert_non_null(memory);
    if (form == DER)
        assert_int_equal(i2d_X509_bio(memory, cert), 1);
    else if (form == P7_DER)
        assert_int_equal(i2d_PKCS7_bio(memory, p7), 1);
    else if (form == P7_PEM)
        assert_int_equal(PEM_write_bio_PKCS7(memory, p7), 1);
    else if (form == BROKEN_FIRST)
        assert_true(BIO_puts(memory, "-----BEGIN CERTIFICATE-----\nMIIB\n") > 0);
    else if (form == TEXT_BEFORE)
        assert_true(BIO_puts(memory, "subject=/CN=x\n") > 0);
    else if (form == DIGIT_BEFORE)
        assert_true(BIO_puts(memory, "0 s:CN = x\n") > 0);
    if (form != DER && form != P7_DER && form != P7_PEM)
        assert_int_equal(PEM_write_bio_X509(memory, cert), 1);
    long text_len = BIO_get_mem_data(memory, &text);
    size_t len = 0;
    assert_true(text_len > 0 && (size_t)text_len < INPUT_LEN / 2);
    for (long i = 0; i < text_len; i++) {
        if (form == CRLF && text[i] == '\n')
            out[len++] = '\r';
        if (form == OLD_LABEL && strncmp(text + i, "CERTIFICATE-----", 16) == 0) {
            memcpy(out + len, "X509 ", 5);
            len += 5;
        }
        out[len++] = (uint8_t)text[i];
    }
    BIO_free(memory);
    PKCS7_free(p7);
    X509_free(cert);
    return len;
}

static const struct {
    const char *reason;
    enum form form;
    size_t want;
} forms[] = {
    {"PEM", PEM, 1},
    {"DER", DER, 1},
    {"PKCS#7, DER: what many AIA URLs give", P7_DER, 2},
    {"PKCS#7, PEM", P7_PEM, 2},
    {"RFC 7468 5.1: an old label", OLD_LABEL, 1},
    {"text stands before the block", TEXT_BEFORE, 1},
    {"text that begins with the digit 0, which is DER's SEQUENCE", DIGIT_BEFORE, 1},
    {"CRLF", CRLF, 1},
    {"a broken block does not hide the next", BROKEN_FIRST, 1},
};

static void test_forms(void **state) {
    (void)state;
    static uint8_t input[INPUT_LEN];
    for (size_t i = 0; i < NUM_OF(forms); i++) {
        struct cp_pool *pool = new_pool();
        size_t len = make_input(input, forms[i].form);
        print_message("  %s\n", forms[i].reason);
        assert_int_equal(add(pool, input, len, "label"), forms[i].want);
        assert_int_equal(pool->num_certs, forms[i].want);
        assert_string_equal(cp_pool_label(pool, &pool->certs[0]->cert), "label");
        assert_int_equal(pool->certs[0]->cert.is_ca, true);
        cp_pool_free(pool);
    }
}

/* Cut at every byte: no crash, no error, and no more than is there. */
static void test_cut(void **state) {
    (void)state;
    static const enum form cut[] = {DER, P7_DER, PEM};
    static uint8_t input[INPUT_LEN];
    for (size_t i = 0; i < NUM_OF(cut); i++) {
        size_t len = make_input(input, cut[i]);
        for (size_t at = 0; at + 2 < len; at++) { /* the last may be a line end */
            struct cp_pool *pool = new_pool();
            assert_int_equal(add(pool, input, at, "cut"), 0);
            cp_pool_free(pool);
        }
    }
}

static const struct {
    const char *reason, *file;
    size_t want;
} files[] = {
    {"a key alone", "good/ec-key-pkcs8.pem", 0},
    {"certificates and a key: the key is passed over", "good/ec-bundle.pem", 2},
    {"a certificate that can't be parsed", "bad/der-trailing-bytes.pem", 1},
    {"no PEM at all", "bad/text-only.txt", 0},
    {"an empty file", "bad/empty.pem", 0},
    {"zeros", "bad/zeros.bin", 0},
    {"random bytes", "bad/binary.bin", 0},
    {"a request is no certificate", "bad/pem-csr-only.pem", 0},
    {"twice the same", "bad/duplicate-intermediate.pem", 2},
    {"a DER file", "bad/certificate.der", 1},
};

static void test_files(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(files); i++) {
        struct cp_pool *pool = new_pool();
        struct cp_secret text = read_testcert(files[i].file);
        print_message("  %s: %s\n", files[i].file, files[i].reason);
        assert_int_equal(
            add(pool, text.data == NULL ? (const uint8_t *)"" : text.data, text.len, files[i].file),
            files[i].want);
        assert_int_equal(pool->num_certs, files[i].want);
        cp_secret_cleanup(&text);
        cp_pool_free(pool);
    }
}

static void test_duplicates_keep_the_first_label(void **state) {
    (void)state;
    static uint8_t input[INPUT_LEN];
    struct cp_pool *pool = new_pool();
    size_t len = make_input(input, PEM);
    assert_int_equal(add(pool, input, len, "first"), 1);
    assert_int_equal(add(pool, input, len, "second"), 0);
    len = make_input(input, DER);
    assert_int_equal(add(pool, input, len, "third"), 0);
    len = make_input(input, P7_DER);
    assert_int_equal(add(pool, input, len, "fourth"), 1);
    assert_int_equal(pool->num_certs, 2);
    assert_int_equal(pool->num_labels, 2); /* labels of what brought nothing are not kept */
    size_t num_first = 0, num_fourth = 0;
    for (size_t i = 0; i < 2; i++) {
        num_first += strcmp(pool->certs[i]->label, "first") == 0;
        num_fourth += strcmp(pool->certs[i]->label, "fourth") == 0;
    }
    assert_true(num_first == 1 && num_fourth == 1);
    struct cp_cert stranger = pool->certs[0]->cert;
    assert_null(cp_pool_label(pool, &stranger));
    assert_null(cp_pool_label(NULL, &stranger));
    cp_pool_free(pool);
    cp_pool_free(NULL);
}

static void test_too_long(void **state) {
    (void)state;
    struct cp_pool *pool = new_pool();
    struct cp_error err = {CP_OK, 0, 0, ""};
    uint8_t *zeros = calloc(1, CP_MAX_FILE_LEN + 1);
    assert_non_null(zeros);
    assert_int_equal(cp_pool_add(pool, zeros, CP_MAX_FILE_LEN, "at", NULL, &err), CP_OK);
    assert_int_equal(cp_pool_add(pool, zeros, CP_MAX_FILE_LEN + 1, "over", NULL, &err),
                     CP_ERR_LIMIT);
    assert_non_null(strstr(err.message, "over"));
    free(zeros);
    cp_pool_free(pool);
}

/* The same certificate with another serial number is another one: 1,001 of them. */
static void test_too_many(void **state) {
    (void)state;
    struct cp_pool *pool = new_pool();
    struct cp_error err = {CP_OK, 0, 0, ""};
    X509 *cert = load("good/ec-intermediate.pem");
    uint8_t *der = NULL;
    int len = i2d_X509(cert, &der);
    X509_free(cert);
    assert_true(len > 32);
    struct cp_cert facts;
    assert_int_equal(cp_cert_parse(&facts, (struct cp_span){der, (size_t)len}, &err), CP_OK);
    assert_true(facts.serial.len >= 3);
    uint8_t *serial = der + (facts.serial.data - der);
    for (size_t i = 0; i < CP_MAX_POOL_CERTS; i++) {
        serial[1] = (uint8_t)(i >> 8);
        serial[2] = (uint8_t)i;
        assert_int_equal(add(pool, der, (size_t)len, "many"), 1);
    }
    serial[1] = 0xee;
    size_t num_added = 0;
    assert_int_equal(cp_pool_add(pool, der, (size_t)len, "one more", &num_added, &err),
                     CP_ERR_LIMIT);
    assert_int_equal(num_added, 0);
    assert_int_equal(pool->num_certs, CP_MAX_POOL_CERTS);
    assert_string_equal(pool->certs[0]->label, "many");
    OPENSSL_free(der);
    cp_pool_free(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),    cmocka_unit_test(test_cut),
        cmocka_unit_test(test_files),    cmocka_unit_test(test_duplicates_keep_the_first_label),
        cmocka_unit_test(test_too_long), cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
