/* What an input is, by its content. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/format.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SPAN(text)                                                                                 \
    { (const uint8_t *)(text), sizeof(text) - 1 }

static struct cp_span read_file(const char *name) {
    static uint8_t buffer[65536];
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", CP_TESTCERTS_DIR, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s: not there", path);
    size_t len = fread(buffer, 1, sizeof(buffer), file);
    fclose(file);
    return (struct cp_span){buffer, len};
}

static const struct {
    const char *file;
    enum cp_format format;
    bool from_any_prefix; /* half of it and more is still told */
    const char *reason;
} files[] = {
    {"good/ec-bundle.pem", CP_FORMAT_TEXT, true, "PEM"},
    {"good/cr-bundle.pem", CP_FORMAT_TEXT, true, "lines that end in CR"},
    {"bad/pem-bom.pem", CP_FORMAT_TEXT, true, "UTF-8 byte order mark"},
    {"bad/pem-utf-16.pem", CP_FORMAT_TEXT, true, "UTF-16"},
    {"bad/pem-nul.pem", CP_FORMAT_TEXT, true, "a NUL in PEM"},
    {"bad/pem-typographic-dashes.pem", CP_FORMAT_TEXT, true, "dashes that are none"},
    {"bad/text-only.txt", CP_FORMAT_TEXT, true, "words"},
    {"bad/pgp-key.asc", CP_FORMAT_TEXT, true, "armour is text"},
    {"good/ec-leaf.der", CP_FORMAT_CERTIFICATE, true, "version 3"},
    {"good/ec-intermediate.der", CP_FORMAT_CERTIFICATE, true, "a CA's"},
    {"bad/certificate-cut.der", CP_FORMAT_CERTIFICATE, true, "cut off"},
    {"good/ec-key-pkcs8.der", CP_FORMAT_KEY, true, "PKCS#8"},
    {"good/ec-key-sec1.der", CP_FORMAT_KEY, true, "SEC1"},
    {"good/rsa-key-pkcs1.der", CP_FORMAT_KEY, true, "PKCS#1"},
    {"good/ec-key-pkcs8-pbkdf2.der", CP_FORMAT_ENCRYPTED_KEY, false, "PBES2"},
    {"good/ec-fullchain.p7b", CP_FORMAT_PKCS7, true, "DER"},
    {"good/ec-fullchain-ber.p7b", CP_FORMAT_PKCS7, true, "BER"},
    {"good/ec-bundle.p12", CP_FORMAT_PKCS12, true, "DER"},
    {"good/ec-bundle-ber.p12", CP_FORMAT_PKCS12, true, "BER"},
    {"good/ec-bundle-plain.p12", CP_FORMAT_PKCS12, true, "not encrypted"},
    {"bad/request.der", CP_FORMAT_REQUEST, true, "a CSR"},
    {"bad/crl.der", CP_FORMAT_CRL, true, "version 2"},
    {"bad/public-key.der", CP_FORMAT_PUBLIC_KEY, false, "SubjectPublicKeyInfo"},
    {"bad/keystore.jks", CP_FORMAT_JKS, true, "JKS"},
    {"bad/keystore.jceks", CP_FORMAT_JKS, true, "JCEKS"},
    {"bad/archive.zip", CP_FORMAT_ZIP, true, "ZIP"},
    {"bad/certificate.der.gz", CP_FORMAT_GZIP, true, "gzip"},
    {"bad/pgp-key.bin", CP_FORMAT_PGP, true, "a packet"},
    {"bad/zeros.bin", CP_FORMAT_ZEROS, true, "zeros"},
    {"bad/binary.bin", CP_FORMAT_UNKNOWN, true, "noise"},
};

static void test_files(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        struct cp_span data = read_file(files[i].file);
        enum cp_format got = cp_format_detect(data);
        if (got != files[i].format)
            fail_msg("%s (%s): got %s", files[i].file, files[i].reason, cp_format_name(got));
    }
}

/* On the heap in its own size, so that a read past the end is seen. */
static enum cp_format detect_copy(struct cp_span data) {
    uint8_t *copy = malloc(data.len + (data.len == 0));
    assert_non_null(copy);
    memcpy(copy, data.data, data.len);
    enum cp_format format = cp_format_detect((struct cp_span){copy, data.len});
    free(copy);
    return format;
}

static void test_prefixes(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        struct cp_span data = read_file(files[i].file);
        for (size_t len = 0; len < data.len; len++) {
            enum cp_format got = detect_copy((struct cp_span){data.data, len});
            if (files[i].from_any_prefix && len > data.len / 2 && got != files[i].format)
                fail_msg("%s: %zu of %zu bytes are %s", files[i].file, len, data.len,
                         cp_format_name(got));
        }
    }
}

static const struct {
    struct cp_span data;
    enum cp_format format;
    const char *reason;
} rows[] = {
    {SPAN(""), CP_FORMAT_UNKNOWN, "nothing"},
    {SPAN("\0"), CP_FORMAT_ZEROS, "one NUL"},
    {SPAN("x"), CP_FORMAT_TEXT, "one letter"},
    {SPAN("0123456789"), CP_FORMAT_TEXT, "the digit 0 is the tag of SEQUENCE"},
    {SPAN("\x30\x04\x04\x02\x00\x01"), CP_FORMAT_UNKNOWN, "a SEQUENCE of something else"},
    {SPAN("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"), CP_FORMAT_TEXT, "base64 of a PEM file"},
    {SPAN("# \xd6\xa4\xca\xe9\n-----BEGIN CERTIFICATE-----"), CP_FORMAT_TEXT, "GBK before PEM"},
    {SPAN("\xfe\xff\0B"), CP_FORMAT_TEXT, "UTF-16, big endian, by its mark"},
    {SPAN("\0-\0-\0B\0E\0G\0I\0N\0 "), CP_FORMAT_TEXT, "UTF-16, big endian, without a mark"},
    {SPAN("-\0-\0B\0E\0G\0I\0N\0 \0"), CP_FORMAT_TEXT, "UTF-16, little endian, without a mark"},
    {SPAN("B\0E\0G\0I\0"), CP_FORMAT_UNKNOWN, "half a BEGIN"},
    {SPAN("\xfe\xed\xfe"), CP_FORMAT_TEXT, "three octets of a magic number of four: Latin-1"},
    {SPAN("PK\5\6"), CP_FORMAT_ZIP, "an empty archive"},
    {SPAN("PK are two letters"), CP_FORMAT_TEXT, "text that begins like a ZIP"},
    {SPAN("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), CP_FORMAT_PKCS7,
     "the first octets of a PKCS#7"},
    {SPAN("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"), CP_FORMAT_PKCS7,
     "another content type: its reader names it"},
    {SPAN("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x02"), CP_FORMAT_UNKNOWN,
     "an OID that is none of PKCS#7"},
    {SPAN("\x30\x14\x30\x12\x02\x01\x01\x30\x03\x06\x01\x2a\x30\x00\x30\x04\x17\x00\x17\x00\x02"
          "\x00"),
     CP_FORMAT_CERTIFICATE, "version 1: a serial number first"},
    {SPAN("\x30\x0b\x30\x09\x30\x03\x06\x01\x2a\x30\x00\x17\x00"), CP_FORMAT_CRL,
     "version 1: no version"},
    {SPAN("\x30\x09\x30\x07\x02\x01\x00\x30\x00\x30\x00"), CP_FORMAT_REQUEST,
     "a request with an empty subject"},
    {SPAN("\x30\x84\xff\xff\xff\xff\x30\x84\xff\xff\xff\xff\xa0\x00"), CP_FORMAT_CERTIFICATE,
     "lengths far behind the end"},
    {SPAN("\x30\x89\x01\x01\x01\x01\x01\x01\x01\x01\x01\xa0"), CP_FORMAT_UNKNOWN,
     "a length of nine octets"},
    {SPAN("\x30\x06\x02\x01\x00\x02\x01\x05"), CP_FORMAT_UNKNOWN, "no modulus is that short"},
    {SPAN("\x30\x05\x02\x01\x03\x04\x00"), CP_FORMAT_UNKNOWN, "no key has version 3"},
};

static void test_bytes(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum cp_format got = detect_copy(rows[i].data);
        if (got != rows[i].format)
            fail_msg("%s: got %s", rows[i].reason, cp_format_name(got));
    }
}

static void test_names(void **state) {
    (void)state;
    for (unsigned i = 0; i < CP_NUM_FORMATS; i++) {
        assert_non_null(cp_format_name((enum cp_format)i));
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(cp_format_name((enum cp_format)i),
                                    cp_format_name((enum cp_format)j));
    }
    assert_string_equal(cp_format_name(CP_NUM_FORMATS), cp_format_name(CP_FORMAT_UNKNOWN));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
