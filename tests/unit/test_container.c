/* PKCS#7, PKCS#12, BER and ZIP: what comes out, what is refused, and that every way into a bundle
 * gives the same certificate and key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"
#include "container/ber.h"
#include "container/container.h"
#include "cp_limits.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SPAN(text)                                                                                 \
    { (const uint8_t *)(text), sizeof(text) - 1 }
#define AT_S ((int64_t)1780272000) /* 2026-06-01 */

static const struct cp_span right = SPAN("correct horse battery staple"), none = {NULL, 0},
                            wrong = SPAN("wrong"), empty = SPAN("");

/* The caller frees data. */
static struct cp_span read_file(const char *name) {
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", CP_TESTCERTS_DIR, name);
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(65536);
    if (file == NULL || data == NULL)
        fail_msg("%s: not there", path);
    size_t len = fread(data, 1, 65536, file);
    fclose(file);
    return (struct cp_span){data, len};
}

static void release(struct cp_span span) {
    free((void *)(uintptr_t)span.data);
}

/* A copy of exactly its length, so that a read past the end is seen. */
static struct cp_span exact(struct cp_span data, size_t len) {
    uint8_t *copy = malloc(len + (len == 0));
    assert_non_null(copy);
    memcpy(copy, data.data, len);
    return (struct cp_span){copy, len};
}

/* ---- what a walk gives ----------------------------------------------------------------------- */

struct seen {
    size_t num_certs, num_keys;
    char certs[4][65]; /* SHA-256 */
    char key[65];
    size_t offsets[4];
    struct cp_span within; /* PKCS#7: where items must lie */
    size_t stop_after;     /* 0: never */
};

static enum cp_status see(void *context, enum cp_item_kind kind, struct cp_span der, size_t offset,
                          struct cp_error *err) {
    struct seen *seen = context;
    size_t total = seen->num_certs + seen->num_keys + 1;
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < der.len; i++)
        sum = (uint8_t)(sum + der.data[i]); /* all of it can be read */
    if (seen->within.data != NULL)
        assert_true(der.data == seen->within.data + offset && der.len <= seen->within.len - offset);
    if (kind == CP_ITEM_KEY) {
        assert_int_equal(cp_sha256_hex(seen->key, der, err), CP_OK);
        seen->num_keys++;
    } else {
        if (seen->num_certs < COUNT(seen->certs)) {
            seen->offsets[seen->num_certs] = offset;
            assert_int_equal(cp_sha256_hex(seen->certs[seen->num_certs], der, err), CP_OK);
        }
        seen->num_certs++;
    }
    return total == seen->stop_after ? cp_fail(err, CP_ERR_BLOCKED, "enough") : CP_OK;
}

static void file_sha256(char out[65], const char *name) {
    struct cp_span data = read_file(name);
    assert_int_equal(cp_sha256_hex(out, data, NULL), CP_OK);
    release(data);
}

/* ---- PKCS#7 ---------------------------------------------------------------------------------- */

static void test_pkcs7(void **state) {
    (void)state;
    static const char *const files[] = {"good/ec-fullchain.p7b", "good/ec-fullchain-ber.p7b"};
    char leaf[65], intermediate[65];
    file_sha256(leaf, "good/ec-leaf.der");
    file_sha256(intermediate, "good/ec-intermediate.der");
    for (size_t i = 0; i < COUNT(files); i++) {
        struct cp_span der = read_file(files[i]);
        struct seen seen = {.within = der};
        struct cp_error err = {CP_OK, 0, 0, ""};
        size_t num = 99;
        assert_int_equal(cp_pkcs7_walk(der, see, &seen, &num, &err), CP_OK);
        assert_int_equal(num, 2);
        assert_int_equal(seen.num_certs, 2);
        assert_string_equal(seen.certs[0], leaf);
        assert_string_equal(seen.certs[1], intermediate);
        assert_true(seen.offsets[0] > 20 && seen.offsets[1] > seen.offsets[0] + 500);
        seen = (struct seen){.stop_after = 1};
        assert_int_equal(cp_pkcs7_walk(der, see, &seen, &num, &err), CP_ERR_BLOCKED);
        assert_int_equal(seen.num_certs, 1);
        release(der);
    }
}

/* A broken container gives nothing at all, wherever it ends. */
static void test_pkcs7_cut(void **state) {
    (void)state;
    static const char *const files[] = {"good/ec-fullchain.p7b", "good/ec-fullchain-ber.p7b"};
    for (size_t i = 0; i < COUNT(files); i++) {
        struct cp_span der = read_file(files[i]);
        for (size_t len = 0; len < der.len; len++) {
            struct cp_span cut = exact(der, len);
            struct seen seen = {.within = cut};
            struct cp_error err = {CP_OK, 0, 0, ""};
            size_t num;
            assert_int_equal(cp_pkcs7_walk(cut, see, &seen, &num, &err), CP_ERR_PARSE);
            assert_int_equal(seen.num_certs, 0);
            assert_true(err.message[0] != '\0');
            release(cut);
        }
        release(der);
    }
}

static void test_pkcs7_altered(void **state) {
    (void)state;
    struct cp_span der = read_file("good/ec-fullchain-ber.p7b");
    for (size_t i = 0; i < der.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct cp_span copy = exact(der, der.len);
            struct seen seen = {.within = copy};
            size_t num;
            ((uint8_t *)(uintptr_t)copy.data)[i] ^= (uint8_t)(1U << bit);
            (void)!cp_pkcs7_walk(copy, see, &seen, &num, NULL);
            release(copy);
        }
    }
    release(der);
}

#define SIGNED_DATA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define DATA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"

static const struct {
    struct cp_span der;
    enum cp_status status;
    const char *message, *reason;
} pkcs7_rows[] = {
    {SPAN(""), CP_ERR_PARSE, "ContentInfo: missing", "nothing"},
    {SPAN("\x31\x00"), CP_ERR_PARSE, "want tag 0x30", "no SEQUENCE"},
    {SPAN("\x30\x0b" DATA), CP_ERR_UNSUPPORTED, "1.2.840.113549.1.7.1", "content of type data"},
    {SPAN("\x30\x0b" SIGNED_DATA), CP_ERR_PARSE, "ContentInfo.content", "no content"},
    {SPAN("\x30\x22" SIGNED_DATA "\xa0\x15\x30\x13\x02\x01\x01\x31\x00\x30\x0b" DATA), CP_ERR_PARSE,
     "longer than what encloses it", "a length that is too long"},
    {SPAN("\x30\x22" SIGNED_DATA "\xa0\x15\x30\x13\x02\x01\x01\x31\x00\x30\x0a\x06\x08\x2a\x86\x48"
          "\x86\xf7\x0d\x01\x07\x31\x00"),
     CP_OK, "", "no certificates: for the caller to judge"},
    {SPAN("\x30\x22" SIGNED_DATA "\xa0\x15\x30\x13\x02\x01\x01\x31\x00\x30\x0a\x06\x08\x2a\x86\x48"
          "\x86\xf7\x0d\x01\x07\x31\x00\x00"),
     CP_ERR_PARSE, "left over", "an octet behind it"},
    {SPAN("\x30\x80" SIGNED_DATA "\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x00\x31\x00\0\0\0\0"),
     CP_ERR_PARSE, "", "one pair of end-of-contents octets is missing"},
    {SPAN("\x30\x80" SIGNED_DATA
          "\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x00\x31\x00\0\0\0\0\0\0"),
     CP_OK, "", "three pairs for three elements"},
    {SPAN("\x30\x80\x06\x80\0\0\0\0"), CP_ERR_PARSE, "primitive of indefinite length",
     "an OID of indefinite length"},
    {SPAN("\x30\x89\0\0\0\0\0\0\0\0\0"), CP_ERR_PARSE, "more than 8 octets", "a long length"},
    {SPAN("\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff"), CP_ERR_PARSE, "longer than",
     "a length that would overflow"},
    {SPAN("\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80"
          "\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80"),
     CP_ERR_PARSE, "nested too deep", "deeper than the limit"},
};

static void test_pkcs7_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(pkcs7_rows); i++) {
        struct cp_span der = exact(pkcs7_rows[i].der, pkcs7_rows[i].der.len);
        struct seen seen = {.within = der};
        struct cp_error err = {CP_OK, 0, 0, ""};
        size_t num;
        enum cp_status status = cp_pkcs7_walk(der, see, &seen, &num, &err);
        if (status != pkcs7_rows[i].status || strstr(err.message, pkcs7_rows[i].message) == NULL)
            fail_msg("%s: status %d, '%s'", pkcs7_rows[i].reason, (int)status, err.message);
        release(der);
    }
}

/* ---- PKCS#12 --------------------------------------------------------------------------------- */

static const struct {
    const char *file;
    const struct cp_span *pass;
    enum cp_status status;
    bool encrypted, legacy;
    const char *reason;
} pkcs12_rows[] = {
    {"good/ec-bundle.p12", &right, CP_OK, true, false, "PBES2"},
    {"good/ec-bundle.p12", &wrong, CP_ERR_PASSPHRASE, false, false, "the MAC tells"},
    {"good/ec-bundle.p12", &none, CP_ERR_PASSPHRASE, false, false, "none given"},
    {"good/ec-bundle.p12", &empty, CP_ERR_PASSPHRASE, false, false, "an empty one given"},
    {"good/ec-bundle-legacy.p12", &right, CP_OK, true, true, "RC2-40 and 3DES"},
    {"good/ec-bundle-legacy.p12", &wrong, CP_ERR_PASSPHRASE, false, false, "the MAC tells"},
    {"good/ec-bundle-ber.p12", &right, CP_OK, true, false, "BER, strings in pieces"},
    {"good/ec-bundle-pbmac1.p12", &right, CP_OK, true, false, "RFC 9579"},
    {"good/ec-bundle-pbmac1.p12", &wrong, CP_ERR_PASSPHRASE, false, false, "RFC 9579"},
    {"good/ec-bundle-absent-passphrase.p12", &none, CP_OK, true, false, "absent"},
    {"good/ec-bundle-empty-passphrase.p12", &none, CP_OK, true, false, "empty, none given"},
    {"good/ec-bundle-empty-passphrase.p12", &empty, CP_OK, true, false, "empty"},
    {"good/ec-bundle-plain.p12", &none, CP_OK, false, false, "nothing to decrypt"},
    {"good/ec-bundle-plain.p12", &wrong, CP_OK, false, false, "no use for a pass phrase"},
    {"bad/container-costly.p12", &right, CP_ERR_LIMIT, false, false, "10,000,001 iterations"},
    {"bad/container-cut.p12", &right, CP_ERR_PARSE, false, false, "cut off"},
};

static void test_pkcs12(void **state) {
    (void)state;
    char leaf[65], key[65];
    file_sha256(leaf, "good/ec-leaf.der");
    file_sha256(key, "good/ec-key-pkcs8.der");
    for (size_t i = 0; i < COUNT(pkcs12_rows); i++) {
        struct cp_span der = read_file(pkcs12_rows[i].file);
        struct seen seen = {.num_certs = 0};
        struct cp_pkcs12_facts facts;
        struct cp_error err = {CP_OK, 0, 0, ""};
        enum cp_status status = cp_pkcs12_walk(der, *pkcs12_rows[i].pass, see, &seen, &facts, &err);
        if (status != pkcs12_rows[i].status)
            fail_msg("%s, %s: status %d, '%s'", pkcs12_rows[i].file, pkcs12_rows[i].reason,
                     (int)status, err.message);
        if (status == CP_OK) {
            assert_int_equal(facts.num_certs, 2);
            assert_int_equal(facts.num_keys, 1);
            assert_int_equal(seen.num_certs, 2);
            assert_string_equal(seen.certs[0], leaf);
            assert_string_equal(seen.key, key);
            assert_int_equal(facts.encrypted, pkcs12_rows[i].encrypted);
            assert_int_equal(facts.legacy, pkcs12_rows[i].legacy);
        } else {
            assert_int_equal(seen.num_certs + seen.num_keys, 0);
        }
        release(der);
    }
}

static void test_pkcs12_cut_and_altered(void **state) {
    (void)state;
    static const char *const files[] = {"good/ec-bundle-plain.p12", "good/ec-bundle.p12",
                                        "good/ec-bundle-ber.p12"};
    for (size_t i = 0; i < COUNT(files); i++) {
        struct cp_span der = read_file(files[i]);
        for (size_t at = 0; at < der.len; at++) {
            struct cp_span copy = exact(der, at);
            struct seen seen = {.num_certs = 0};
            struct cp_pkcs12_facts facts;
            assert_int_equal(cp_pkcs12_walk(copy, right, see, &seen, &facts, NULL), CP_ERR_PARSE);
            assert_int_equal(seen.num_certs + seen.num_keys, 0);
            release(copy);
        }
        /* With a MAC nothing that was altered gives an item. */
        for (size_t at = 0; at < der.len; at += i == 0 ? 1 : 7) {
            struct cp_span copy = exact(der, der.len);
            struct seen seen = {.num_certs = 0};
            struct cp_pkcs12_facts facts;
            ((uint8_t *)(uintptr_t)copy.data)[at] ^= (uint8_t)(1U << at % 8);
            enum cp_status status = cp_pkcs12_walk(copy, right, see, &seen, &facts, NULL);
            if (i == 1)
                assert_true(status != CP_OK && seen.num_certs + seen.num_keys == 0);
            release(copy);
        }
        release(der);
    }
}

static void test_pkcs12_stops(void **state) {
    (void)state;
    struct cp_span der = read_file("good/ec-bundle.p12");
    for (size_t i = 1; i <= 3; i++) {
        struct seen seen = {.stop_after = i};
        struct cp_pkcs12_facts facts;
        assert_int_equal(cp_pkcs12_walk(der, right, see, &seen, &facts, NULL), CP_ERR_BLOCKED);
        assert_int_equal(seen.num_certs + seen.num_keys, i);
    }
    uint8_t *long_pass = calloc(1, CP_MAX_PASSPHRASE_LEN + 1);
    struct seen seen = {.num_certs = 0};
    struct cp_pkcs12_facts facts;
    assert_non_null(long_pass);
    assert_int_equal(cp_pkcs12_walk(der, (struct cp_span){long_pass, CP_MAX_PASSPHRASE_LEN + 1},
                                    see, &seen, &facts, NULL),
                     CP_ERR_LIMIT);
    free(long_pass);
    release(der);
}

/* ---- BER ------------------------------------------------------------------------------------- */

static const struct {
    struct cp_span ber, der; /* der.data NULL: refused */
    const char *reason;
} ber_rows[] = {
    {SPAN("\x30\x00"), SPAN("\x30\x00"), "DER stays as it is"},
    {SPAN("\x30\x80\0\0"), SPAN("\x30\x00"), "indefinite and empty"},
    {SPAN("\x30\x80\x02\x01\x05\0\0"), SPAN("\x30\x03\x02\x01\x05"), "indefinite"},
    {SPAN("\x30\x83\0\0\x03\x02\x01\x05"), SPAN("\x30\x03\x02\x01\x05"), "a length not minimal"},
    {SPAN("\x24\x80\x04\x02hi\x04\x01!\0\0"), SPAN("\x04\x03hi!"), "pieces"},
    {SPAN("\x24\x07\x04\x02hi\x04\x01!"), SPAN("\x04\x03hi!"), "pieces, definite"},
    {SPAN("\x24\x80\x24\x80\x04\x01h\0\0\x24\x03\x04\x01i\0\0"), SPAN("\x04\x02hi"),
     "pieces of pieces"},
    {SPAN("\x24\x80\0\0"), SPAN("\x04\x00"), "no piece"},
    {SPAN("\x24\x80\x02\x01\x05\0\0"), {NULL, 0}, "a piece that is an INTEGER"},
    {SPAN("\x24\x80\x04\x01h"), {NULL, 0}, "the end is missing"},
    {SPAN("\x30\x80\x02\x01\x05"), {NULL, 0}, "the end is missing"},
    {SPAN("\x30\x80\x02\x01\x05\0"), {NULL, 0}, "half of the end"},
    {SPAN("\x30\x02\0\0"), {NULL, 0}, "an end where there is none"},
    {SPAN("\x30\x00\x30\x00"), {NULL, 0}, "two elements"},
    {SPAN("\x30\x03\x1f\x01\x00"), {NULL, 0}, "a tag of more than one octet"},
    {SPAN("\x04\x80\x00\x00"), {NULL, 0}, "a primitive of indefinite length"},
    {SPAN(""), {NULL, 0}, "nothing"},
};

static void test_ber(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(ber_rows); i++) {
        struct cp_span ber = exact(ber_rows[i].ber, ber_rows[i].ber.len);
        struct cp_secret out;
        struct cp_error err = {CP_OK, 0, 0, ""};
        enum cp_status status = cp_ber_to_der(&out, ber, "test", &err);
        if (ber_rows[i].der.data == NULL
                ? status != CP_ERR_PARSE || out.data != NULL
                : status != CP_OK ||
                      !cp_span_equal((struct cp_span){out.data, out.len}, ber_rows[i].der))
            fail_msg("%s: status %d, %zu bytes, '%s'", ber_rows[i].reason, (int)status, out.len,
                     err.message);
        cp_secret_cleanup(&out);
        release(ber);
    }
}

/* Nested to the limit and over it, large enough that every header grows by an octet. */
static void test_ber_depth(void **state) {
    (void)state;
    static const uint8_t head[] = {0x04, 0x83, 0x01, 0x11, 0x70}; /* 70000 octets */
    for (size_t depth = 0; depth < 40; depth++) {
        size_t inner = sizeof(head) + 70000, len = 4 * depth + inner;
        uint8_t *ber = calloc(1, len);
        struct cp_secret out;
        assert_non_null(ber);
        for (size_t i = 0; i < depth; i++)
            memcpy(ber + 2 * i, "\x30\x80", 2);
        memcpy(ber + 2 * depth, head, sizeof(head));
        enum cp_status status = cp_ber_to_der(&out, (struct cp_span){ber, len}, "test", NULL);
        assert_int_equal(status, depth <= CP_MAX_DER_DEPTH ? CP_OK : CP_ERR_PARSE);
        if (status == CP_OK) {
            assert_int_equal(out.len, inner + 5 * depth);
            assert_memory_equal(out.data + 5 * depth, head, sizeof(head));
        }
        cp_secret_cleanup(&out);
        free(ber);
    }
}

/* ---- ZIP ------------------------------------------------------------------------------------- */

static void test_zip(void **state) {
    (void)state;
    struct cp_span zip = read_file("bad/archive.zip");
    char out[300];
    cp_zip_list(out, sizeof(out), zip);
    assert_string_equal(out, "shop/fullchain.pem, shop/privkey.pem, shop/\\x1B[31mREADME");
    for (size_t size = 1; size < 80; size++) {
        char *small = malloc(size);
        assert_non_null(small);
        cp_zip_list(small, size, zip);
        assert_true(strlen(small) < size);
        free(small);
    }
    for (size_t len = 0; len < zip.len; len++) {
        struct cp_span cut = exact(zip, len);
        cp_zip_list(out, sizeof(out), cut);
        assert_string_equal(out, "nothing that can be listed");
        release(cut);
    }
    for (size_t i = 0; i < zip.len; i++) {
        for (unsigned value = 0; value < 256; value += 15) {
            struct cp_span copy = exact(zip, zip.len);
            ((uint8_t *)(uintptr_t)copy.data)[i] = (uint8_t)value;
            cp_zip_list(out, sizeof(out), copy);
            for (const char *c = out; *c != '\0'; c++)
                assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
            release(copy);
        }
    }
    release(zip);
}

/* 300 entries: the first few by name, the others as a number. */
static void test_zip_many(void **state) {
    (void)state;
    struct cp_buf buf;
    char out[300];
    cp_buf_init(&buf, 65536);
    for (unsigned i = 0; i < 300; i++) {
        char name[16];
        uint8_t head[46] = {'P', 'K', 1, 2};
        snprintf(name, sizeof(name), "%03u.pem", i);
        head[28] = (uint8_t)strlen(name);
        cp_buf_append(&buf, head, sizeof(head));
        cp_buf_puts(&buf, name);
    }
    cp_buf_append(&buf, "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);
    assert_int_equal(cp_buf_finish(&buf, NULL), CP_OK);
    cp_zip_list(out, sizeof(out), (struct cp_span){(const uint8_t *)buf.data, buf.len});
    assert_string_equal(out, "000.pem, 001.pem, 002.pem, 003.pem and 296 more");
    cp_zip_list(out, 30, (struct cp_span){(const uint8_t *)buf.data, buf.len});
    assert_string_equal(out, "000.pem and 299 more");
    cp_buf_cleanup(&buf);
}

/* ---- into a bundle, and out again ------------------------------------------------------------ */

static struct cp_trust *trust;

static int setup(void **state) {
    (void)state;
    struct cp_span pem = read_file("trust/all.pem");
    enum cp_status status = cp_trust_new(&trust, pem.data, pem.len, "test", NULL);
    release(pem);
    return status != CP_OK;
}

static int teardown(void **state) {
    (void)state;
    cp_trust_free(trust);
    return 0;
}

#define MAX_FILES 4

static const struct {
    const char *files[MAX_FILES];
    const char *reason;
} ways[] = {
    {{"good/ec-bundle.pem"}, "PEM"},
    {{"good/ec-leaf.der", "good/ec-intermediate.der", "good/ec-key-pkcs8.der"}, "DER"},
    {{"good/ec-leaf.der", "good/ec-intermediate.der", "good/ec-key-sec1.der"}, "SEC1 in DER"},
    {{"good/ec-key-pkcs8-pbkdf2.der", "good/ec-fullchain.pem"}, "an encrypted key in DER"},
    {{"good/ec-fullchain.p7b", "good/ec-key-pkcs8.pem"}, "PKCS#7"},
    {{"good/ec-fullchain-ber.p7b", "good/ec-key-pkcs8.pem"}, "PKCS#7 in BER"},
    {{"good/ec-fullchain-p7.pem", "good/ec-key-pkcs8.pem"}, "PKCS#7 in PEM"},
    {{"good/ec-fullchain-cms.pem", "good/ec-key-pkcs8.pem"}, "CMS in PEM"},
    {{"good/ec-bundle.p12"}, "PKCS#12"},
    {{"good/ec-bundle-legacy.p12"}, "PKCS#12 with RC2 and 3DES"},
    {{"good/ec-bundle-ber.p12"}, "PKCS#12 in BER"},
    {{"good/ec-bundle-pbmac1.p12"}, "PKCS#12 with PBMAC1"},
    {{"good/ec-bundle-plain.p12"}, "PKCS#12 in the clear"},
    {{"good/ec-bundle-key-explicit.pem"}, "a key with its curve written out"},
    {{"good/ec-fullchain.pem", "good/ec-key-sec1-explicit.pem"}, "the same in SEC1"},
};

/* Same bytes of chain and key come out of all of them. */
static void test_ways_in(void **state) {
    (void)state;
    char *first_chain = NULL, *first_key = NULL;
    struct cp_checker *checker = NULL;
    assert_int_equal(cp_checker_new(&checker, trust, NULL), CP_OK);
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct cp_bundle *bundle = NULL;
        struct cp_report *report = NULL;
        struct cp_prepared *prepared = NULL;
        struct cp_error err = {CP_OK, 0, 0, ""};
        const char *const hostname = "shop.acme.example";
        const struct cp_check_options options = {
            .at_s = AT_S, .hostnames = &hostname, .num_hostnames = 1, .require_key = true};
        assert_int_equal(cp_bundle_new(&bundle, &err), CP_OK);
        assert_int_equal(cp_bundle_set_passphrase(bundle, right.data, right.len, &err), CP_OK);
        for (size_t f = 0; f < MAX_FILES && ways[i].files[f] != NULL; f++) {
            struct cp_span data = read_file(ways[i].files[f]);
            if (cp_bundle_add(bundle, ways[i].files[f], CP_ROLE_ANY, data.data, data.len, &err) !=
                CP_OK)
                fail_msg("%s: %s", ways[i].reason, err.message);
            release(data); /* the bundle keeps its own */
        }
        assert_int_equal(cp_checker_run(checker, &report, bundle, &options, &err), CP_OK);
        if (cp_prepare(&prepared, report, &err) != CP_OK)
            fail_msg("%s: %s", ways[i].reason, err.message);
        size_t chain_len, key_len;
        const char *chain = cp_prepared_chain_pem(prepared, &chain_len);
        const char *key = cp_prepared_key_pem(prepared, &key_len);
        assert_true(chain_len > 1000 && key_len > 200);
        if (i == 0) {
            first_chain = strdup(chain);
            first_key = strdup(key);
        }
        if (strcmp(chain, first_chain) != 0 || strcmp(key, first_key) != 0)
            fail_msg("%s: other bytes come out", ways[i].reason);
        cp_prepared_free(prepared);
        cp_report_free(report);
        cp_bundle_free(bundle);
    }
    cp_checker_free(checker);
    free(first_chain);
    free(first_key);
}

/* ---- what is left in memory ------------------------------------------------------------------ */

#define SCALAR_LEN 32

/* Occurrences of the octets whose complement is in inverted, in all writable memory of the process.
 */
static size_t count_in_memory(const uint8_t inverted[SCALAR_LEN]) {
    FILE *maps = fopen("/proc/self/maps", "r");
    FILE *memory = fopen("/proc/self/mem", "rb");
    char line[512];
    size_t count = 0;
    static uint8_t chunk[65536 + SCALAR_LEN];
    if (maps == NULL || memory == NULL)
        skip(); /* no /proc */
    setvbuf(memory, NULL, _IONBF, 0);
    while (fgets(line, sizeof(line), maps) != NULL) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx rw", &from, &to) != 2 || strstr(line, " rw") == NULL ||
            to - from > 64UL * 1024 * 1024)
            continue; /* larger ones are the sanitizer's shadow */
        for (unsigned long at = from; at < to; at += 65536) {
            size_t want = to - at < sizeof(chunk) ? to - at : sizeof(chunk);
            if (fseek(memory, (long)at, SEEK_SET) != 0)
                break;
            size_t got = fread(chunk, 1, want, memory);
            for (size_t i = 0; i + SCALAR_LEN <= got; i++) {
                size_t n = 0;
                while (n < SCALAR_LEN && (chunk[i + n] ^ inverted[n]) == 0xff)
                    n++;
                /* not what the chunk itself shows of itself */
                count +=
                    n == SCALAR_LEN && (at + i < (unsigned long)(uintptr_t)chunk ||
                                        at + i >= (unsigned long)(uintptr_t)chunk + sizeof(chunk));
            }
            memset(chunk, 0, sizeof(chunk));
        }
    }
    fclose(maps);
    fclose(memory);
    return count;
}

/* The scalar of ec-leaf, inverted, with no copy of it left. */
static void read_scalar(uint8_t inverted[SCALAR_LEN]) {
    uint8_t der[39]; /* SEQUENCE, version, OCTET STRING of 32 */
    char path[512];
    snprintf(path, sizeof(path), "%s/good/ec-key-sec1.der", CP_TESTCERTS_DIR);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    setvbuf(file, NULL, _IONBF, 0);
    assert_int_equal(fread(der, 1, sizeof(der), file), sizeof(der));
    fclose(file);
    assert_memory_equal(der + 5, "\x04\x20", 2);
    for (size_t i = 0; i < SCALAR_LEN; i++)
        inverted[i] = (uint8_t)~der[7 + i];
    OPENSSL_cleanse(der, sizeof(der));
}

static const struct {
    const char *file;
    const char *reason;
} secret_rows[] = {
    {"good/ec-bundle.p12", "PBES2"},
    {"good/ec-bundle-legacy.p12", "3DES"},
    {"good/ec-bundle-ber.p12", "BER"},
    {"good/ec-key-pkcs8-pbkdf2.der", "an encrypted key"},
};

/* While the bundle lives the key is where it belongs; behind it nothing is left, on no heap and no
 * stack. */
static void test_nothing_is_left(void **state) {
    (void)state;
    uint8_t inverted[SCALAR_LEN];
    read_scalar(inverted);
    assert_int_equal(count_in_memory(inverted), 0);
    for (size_t i = 0; i < COUNT(secret_rows); i++) {
        struct cp_bundle *bundle = NULL;
        struct cp_span data = read_file(secret_rows[i].file);
        assert_int_equal(cp_bundle_new(&bundle, NULL), CP_OK);
        assert_int_equal(cp_bundle_set_passphrase(bundle, right.data, right.len, NULL), CP_OK);
        assert_int_equal(cp_bundle_add(bundle, "x", CP_ROLE_ANY, data.data, data.len, NULL), CP_OK);
        release(data);
        assert_int_equal(cp_bundle_num_keys(bundle), 1);
        size_t alive = count_in_memory(inverted);
        cp_bundle_free(bundle);
        size_t left = count_in_memory(inverted);
        if (alive != 1 || left != 0)
            fail_msg("%s: %zu copies while it is in use, %zu behind", secret_rows[i].reason, alive,
                     left);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_left),
        cmocka_unit_test(test_pkcs7),
        cmocka_unit_test(test_pkcs7_cut),
        cmocka_unit_test(test_pkcs7_altered),
        cmocka_unit_test(test_pkcs7_rows),
        cmocka_unit_test(test_pkcs12),
        cmocka_unit_test(test_pkcs12_cut_and_altered),
        cmocka_unit_test(test_pkcs12_stops),
        cmocka_unit_test(test_ber),
        cmocka_unit_test(test_ber_depth),
        cmocka_unit_test(test_zip),
        cmocka_unit_test(test_zip_many),
        cmocka_unit_test(test_ways_in),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
