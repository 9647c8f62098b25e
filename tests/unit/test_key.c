/* Private keys: structure, public half, consistency, match, PKCS#8. libcrypto is the oracle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"
#include "key.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SPAN(text)                                                                                 \
    { (const uint8_t *)(text), sizeof(text) - 1 }

/* OIDs and small parts as DER */
#define D_P256 "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
#define D_K256 "\x06\x05\x2b\x81\x04\x00\x0a"
#define D_P384 "\x06\x05\x2b\x81\x04\x00\x22"
#define D_EC "\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"
#define D_RSA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define D_DSA "\x06\x07\x2a\x86\x48\xce\x38\x04\x01"
#define D_ED25519 "\x06\x03\x2b\x65\x70"
#define SEED                                                                                       \
    "\xd4\xee\x72\xdb\xf9\x13\x58\x4a\xd5\xb6\xd8\xf1\xf7\x69\xf8\xad\x3a\xfe\x7c\x28\xcb\xf1"     \
    "\xd4\xfb\xe0\x97\xa8\x8f\x44\x75\x58\x42"
#define ED_PUBLIC                                                                                  \
    "\x19\xbf\x44\x09\x69\x84\xcd\xfe\x85\x41\xba\xc1\x67\xdc\x3b\x96\xc8\x50\x86\xaa\x30\xb6"     \
    "\xb6\xcb\x0c\x5c\x38\xad\x70\x31\x66\xe1"
#define ED_BODY "\x30\x05" D_ED25519 "\x04\x22\x04\x20" SEED
#define ED_V1 "\x30\x2e\x02\x01\x00" ED_BODY

/* ---- generated keys -------------------------------------------------------------------------- */

enum {
    RSA_A,
    RSA_B,
    PSS,
    P256_A,
    P256_B,
    P256_COMPRESSED,
    P256_BARE,
    P384,
    P521,
    ED25519,
    ED448,
    NUM_KEYS
};

static const struct {
    const char *name, *curve;
    enum cp_key_type type;
    unsigned bits;
    enum cp_key_format format; /* of traditional */
} specs[NUM_KEYS] = {
    [RSA_A] = {"RSA", NULL, CP_KEY_RSA, 2048, CP_KEY_PKCS1},
    [RSA_B] = {"RSA", NULL, CP_KEY_RSA, 1024, CP_KEY_PKCS1},
    [PSS] = {"RSA-PSS", NULL, CP_KEY_RSA_PSS, 1024, CP_KEY_PKCS8},
    [P256_A] = {"EC", "P-256", CP_KEY_EC_P256, 256, CP_KEY_SEC1},
    [P256_B] = {"EC", "P-256", CP_KEY_EC_P256, 256, CP_KEY_SEC1},
    [P256_COMPRESSED] = {"EC", "P-256", CP_KEY_EC_P256, 256, CP_KEY_SEC1},
    [P256_BARE] = {"EC", "P-256", CP_KEY_EC_P256, 256, CP_KEY_SEC1},
    [P384] = {"EC", "P-384", CP_KEY_EC_P384, 384, CP_KEY_SEC1},
    [P521] = {"EC", "P-521", CP_KEY_EC_P521, 521, CP_KEY_SEC1},
    [ED25519] = {"ED25519", NULL, CP_KEY_ED25519, 256, CP_KEY_PKCS8},
    [ED448] = {"ED448", NULL, CP_KEY_ED448, 456, CP_KEY_PKCS8},
};

static struct {
    EVP_PKEY *pkey;
    uint8_t *traditional, *pkcs8, *cert;
    struct cp_span traditional_der, pkcs8_der, cert_der;
} keys[NUM_KEYS];

/* What `openssl pkcs8 -topk8 -nocrypt -outform DER` does. The caller frees with OPENSSL_free. */
static uint8_t *openssl_pkcs8(struct cp_span der, int *len) {
    const uint8_t *next = der.data;
    uint8_t *out = NULL;
    EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &next, (long)der.len);
    PKCS8_PRIV_KEY_INFO *info = pkey == NULL ? NULL : EVP_PKEY2PKCS8(pkey);
    *len = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &out);
    PKCS8_PRIV_KEY_INFO_free(info);
    EVP_PKEY_free(pkey);
    ERR_clear_error();
    return out;
}

static uint8_t *self_signed(EVP_PKEY *pkey, bool edwards, int *len) {
    uint8_t *out = NULL;
    X509 *cert = X509_new();
    assert_non_null(cert);
    assert_int_equal(X509_set_version(cert, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), 1), 1);
    assert_int_equal(ASN1_TIME_set_string_X509(X509_getm_notBefore(cert), "20250101000000Z"), 1);
    assert_int_equal(ASN1_TIME_set_string_X509(X509_getm_notAfter(cert), "20350101000000Z"), 1);
    assert_int_equal(X509_set_pubkey(cert, pkey), 1);
    assert_true(X509_sign(cert, pkey, edwards ? NULL : EVP_sha256()) > 0);
    *len = i2d_X509(cert, &out);
    X509_free(cert);
    assert_true(*len > 0);
    return out;
}

static EVP_PKEY *generate(int i) {
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, specs[i].name, NULL);
    EVP_PKEY *pkey = NULL;
    assert_true(ctx != NULL && EVP_PKEY_keygen_init(ctx) > 0);
    if (specs[i].format == CP_KEY_PKCS1 || i == PSS)
        assert_true(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)specs[i].bits) > 0);
    if (specs[i].curve != NULL)
        assert_true(EVP_PKEY_CTX_set_group_name(ctx, specs[i].curve) > 0);
    assert_true(EVP_PKEY_generate(ctx, &pkey) > 0);
    EVP_PKEY_CTX_free(ctx);
    if (i == P256_COMPRESSED)
        assert_true(EVP_PKEY_set_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                                   "compressed") > 0);
    if (i == P256_BARE)
        assert_true(EVP_PKEY_set_int_param(pkey, OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, 0) > 0);
    return pkey;
}

static int setup(void **state) {
    (void)state;
    for (int i = 0; i < NUM_KEYS; i++) {
        int len;
        keys[i].pkey = generate(i);
        if (specs[i].format == CP_KEY_PKCS8) {
            PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(keys[i].pkey);
            len = i2d_PKCS8_PRIV_KEY_INFO(info, &keys[i].traditional);
            PKCS8_PRIV_KEY_INFO_free(info);
        } else {
            len = i2d_PrivateKey(keys[i].pkey, &keys[i].traditional);
        }
        assert_true(len > 0);
        keys[i].traditional_der = (struct cp_span){keys[i].traditional, (size_t)len};
        keys[i].pkcs8 = openssl_pkcs8(keys[i].traditional_der, &len);
        assert_true(len > 0);
        keys[i].pkcs8_der = (struct cp_span){keys[i].pkcs8, (size_t)len};
        keys[i].cert = self_signed(keys[i].pkey, i == ED25519 || i == ED448, &len);
        keys[i].cert_der = (struct cp_span){keys[i].cert, (size_t)len};
    }
    return 0;
}

static int teardown(void **state) {
    (void)state;
    for (int i = 0; i < NUM_KEYS; i++) {
        EVP_PKEY_free(keys[i].pkey);
        OPENSSL_free(keys[i].traditional);
        OPENSSL_free(keys[i].pkcs8);
        OPENSSL_free(keys[i].cert);
    }
    return 0;
}

static void parse(struct cp_key *key, struct cp_span der, enum cp_key_format format) {
    struct cp_error err = {0};
    if (cp_key_parse(key, der, format, &err) != CP_OK)
        fail_msg("%s", err.message);
}

static void derive(struct cp_key *key) {
    struct cp_error err = {0};
    if (cp_key_derive_public(key, &err) != CP_OK)
        fail_msg("%s", err.message);
}

/* ---- every type, both forms ------------------------------------------------------------------ */

static void check_one(int i, struct cp_span der, enum cp_key_format format,
                      struct cp_key_cache *cache) {
    struct cp_key key;
    enum cp_key_defect defect = CP_KEY_BAD_SCALAR;
    uint8_t *spki = NULL, digest[32];
    parse(&key, der, format);
    assert_int_equal(key.type, specs[i].type);
    assert_int_equal(key.bits, specs[i].bits);
    assert_int_equal(key.format, format);
    assert_true(cp_span_equal(key.der, der));
    assert_true(cp_span_equal(key.algorithm_oid, cp_key_algorithm_get(key.type)->oid));
    assert_int_equal(cp_key_check_consistency(&key, &defect, NULL), CP_OK); /* before derive */
    assert_int_equal(defect, CP_KEY_CONSISTENT);
    assert_false(key.has_public);
    if (cache == NULL)
        derive(&key);
    else
        assert_int_equal(cp_key_derive_public_cached(&key, cache, NULL), CP_OK);
    assert_true(key.has_public);
    assert_int_equal(cp_key_check_consistency(&key, &defect, NULL), CP_OK); /* after it */
    assert_int_equal(defect, CP_KEY_CONSISTENT);

    EVP_PKEY *plain = keys[i].pkey;
    if (i == P256_COMPRESSED) /* the canonical SubjectPublicKeyInfo is uncompressed */
        assert_true(EVP_PKEY_set_utf8_string_param(
                        plain, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") > 0);
    int len = i2d_PUBKEY(plain, &spki);
    assert_true(len > 0);
    assert_int_equal(EVP_Digest(spki, (size_t)len, digest, NULL, EVP_sha256(), NULL), 1);
    assert_memory_equal(digest, key.spki_sha256, sizeof(digest));
    OPENSSL_free(spki);
}

static void test_every_type(void **state) {
    (void)state;
    struct cp_key_cache *cache = NULL;
    assert_int_equal(cp_key_cache_new(&cache, NULL), CP_OK);
    for (int i = 0; i < NUM_KEYS; i++) {
        check_one(i, keys[i].traditional_der, specs[i].format, NULL);
        check_one(i, keys[i].pkcs8_der, CP_KEY_PKCS8, NULL);
        check_one(i, keys[i].traditional_der, specs[i].format, cache);
        check_one(i, keys[i].pkcs8_der, CP_KEY_PKCS8, cache);
    }
    cp_key_cache_free(cache);
    cp_key_cache_free(NULL);
}

static void expect_pkcs8(struct cp_span der, enum cp_key_format format, struct cp_span want) {
    struct cp_key key;
    struct cp_secret out;
    parse(&key, der, format);
    assert_int_equal(cp_key_to_pkcs8(&out, &key, NULL), CP_OK);
    assert_int_equal(out.len, out.cap); /* measured exactly */
    assert_int_equal(out.len, want.len);
    assert_memory_equal(out.data, want.data, want.len);
    cp_secret_cleanup(&out);
    assert_null(out.data);
}

static void test_to_pkcs8(void **state) {
    (void)state;
    for (int i = 0; i < NUM_KEYS; i++) {
        expect_pkcs8(keys[i].traditional_der, specs[i].format, keys[i].pkcs8_der);
        expect_pkcs8(keys[i].pkcs8_der, CP_KEY_PKCS8, keys[i].pkcs8_der); /* a fixed point */
    }
}

/* Only its own certificates match a key, in whichever form the point is written. */
static void test_matches(void **state) {
    (void)state;
    for (int i = 0; i < NUM_KEYS; i++) {
        struct cp_key key;
        parse(&key, keys[i].pkcs8_der, CP_KEY_PKCS8);
        for (int j = 0; j < NUM_KEYS; j++) {
            struct cp_cert cert;
            assert_int_equal(cp_cert_parse(&cert, keys[j].cert_der, NULL), CP_OK);
            key.has_public = false;
            assert_false(cp_key_matches(&key, &cert));
            derive(&key);
            assert_int_equal(cp_key_matches(&key, &cert), i == j);
        }
    }
    struct cp_cert cert;
    assert_int_equal(cp_cert_parse(&cert, keys[P256_COMPRESSED].cert_der, NULL), CP_OK);
    assert_int_equal(cert.public_key.len, 33); /* so the row above did meet a compressed point */
}

static void test_matches_point_forms(void **state) {
    (void)state;
    struct cp_key key;
    uint8_t point[66];
    parse(&key, keys[P256_A].traditional_der, CP_KEY_SEC1);
    derive(&key);
    memcpy(point, key.public_point, key.public_point_len);
    uint8_t parity = point[64] & 1;
    const struct {
        size_t len;
        uint8_t form;
        bool match;
        const char *reason;
    } rows[] = {
        {65, 4, true, "uncompressed"},
        {33, (uint8_t)(2 + parity), true, "compressed"},
        {33, (uint8_t)(3 - parity), false, "compressed, the other y"},
        {65, (uint8_t)(6 + parity), true, "lenient: hybrid"},
        {65, (uint8_t)(7 - parity), false, "hybrid, wrong parity"},
        {64, 4, false, "cut off"},
        {66, 4, false, "too long"},
        {65, (uint8_t)(2 + parity), false, "compressed form, uncompressed length"},
        {32, (uint8_t)(2 + parity), false, "compressed, cut off"},
        {1, 0, false, "the point at infinity"},
        {65, 5, false, "no such form"},
        {0, 4, false, "nothing"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp_cert cert = {.key_type = CP_KEY_EC_P256, .public_key = {point, rows[i].len}};
        point[0] = rows[i].form;
        if (cp_key_matches(&key, &cert) != rows[i].match)
            fail_msg("%s", rows[i].reason);
        cert.key_type = CP_KEY_EC_P384;
        assert_false(cp_key_matches(&key, &cert));
    }
}

/* ---- structure ------------------------------------------------------------------------------- */

static const struct {
    struct cp_span der;
    enum cp_key_format format;
    enum cp_status status;
    const char *said; /* in the message */
    const char *reason;
} structures[] = {
    {SPAN(ED_V1), CP_KEY_PKCS8, CP_OK, "", "RFC 8410 10.3, first example"},
    {SPAN("\x30\x72\x02\x01\x01" ED_BODY "\xa0\x1f\x30\x1d\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x09"
          "\x09\x14\x31\x0f\x0c\x0d\x43\x75\x72\x64\x6c\x65\x20\x43\x68\x61\x69\x72\x73\x81\x21"
          "\x00" ED_PUBLIC),
     CP_KEY_PKCS8, CP_OK, "", "RFC 8410 10.3, second example: attributes and public key"},
    {SPAN("\x30\x2e\x02\x01\x01" ED_BODY), CP_KEY_PKCS8, CP_ERR_PARSE, "version: want 0",
     "version 1 without public key; openssl reads any version"},
    {SPAN("\x30\x51\x02\x01\x00" ED_BODY "\x81\x21\x00" ED_PUBLIC), CP_KEY_PKCS8, CP_ERR_PARSE,
     "version: want 1", "version 0 with public key"},
    {SPAN("\x30\x2e\x02\x01\x02" ED_BODY), CP_KEY_PKCS8, CP_ERR_PARSE, "version", "version 2"},
    {SPAN("\x30\x51\x02\x01\x01" ED_BODY "\x81\x21\x01" ED_PUBLIC), CP_KEY_PKCS8, CP_ERR_PARSE,
     "publicKey", "unused bits in the public key"},
    {SPAN(ED_V1 "\x00"), CP_KEY_PKCS8, CP_ERR_PARSE, "left over", "an octet behind the key"},
    {SPAN("\x30\x30\x02\x01\x00" ED_BODY "\x05\x00"), CP_KEY_PKCS8, CP_ERR_PARSE, "left over",
     "an element behind the last"},
    {SPAN("\x30\x30\x02\x01\x00\x30\x07" D_ED25519 "\x05\x00\x04\x22\x04\x20" SEED), CP_KEY_PKCS8,
     CP_ERR_PARSE, "parameters", "RFC 8410 3: Edwards parameters are absent"},
    {SPAN("\x30\x30\x02\x01\x00\x30\x05" D_ED25519 "\x04\x24\x04\x20" SEED "\x05\x00"),
     CP_KEY_PKCS8, CP_ERR_PARSE, "CurvePrivateKey", "something behind the seed"},
    {SPAN("\x30\x32\x02\x01\x00" ED_BODY "\xa0\x02\x05\x00"), CP_KEY_PKCS8, CP_ERR_PARSE,
     "attribute", "attributes that are none"},
    {SPAN("\x30\x17\x02\x01\x00\x30\x0b" D_RSA "\x04\x05\x30\x03\x02\x01\x00"), CP_KEY_PKCS8,
     CP_ERR_PARSE, "parameters", "RFC 3279 2.3.1: RSA parameters are NULL; openssl ignores them"},
    {SPAN("\x30\x19\x02\x01\x00\x30\x0d" D_RSA "\x04\x00\x04\x05\x30\x03\x02\x01\x00"),
     CP_KEY_PKCS8, CP_ERR_PARSE, "parameters", "RSA with other parameters"},
    {SPAN("\x30\x03\x02\x01\x01"), CP_KEY_PKCS1, CP_ERR_UNSUPPORTED, "more than two primes",
     "multi-prime RSA"},
    {SPAN("\x30\x1b\x02\x01\x00\x02\x01\x21\x02\x01\x03\x02\x01\x07\x02\x01\x03\x02\x01\x0b\x02\x01"
          "\x01\x02\x01\x07\x02\x01\x02"),
     CP_KEY_PKCS1, CP_OK, "", "RSA with toy numbers: their meaning is not judged"},
    {SPAN("\x30\x1d\x02\x01\x00\x02\x01\x21\x02\x01\x03\x02\x01\x07\x02\x01\x03\x02\x01\x0b\x02\x01"
          "\x01\x02\x01\x07\x02\x01\x02\x05\x00"),
     CP_KEY_PKCS1, CP_ERR_PARSE, "left over", "something behind the coefficient"},
    {SPAN("\x30\x1b\x02\x01\x00\x02\x01\x81\x02\x01\x03\x02\x01\x07\x02\x01\x03\x02\x01\x0b\x02\x01"
          "\x01\x02\x01\x07\x02\x01\x02"),
     CP_KEY_PKCS1, CP_ERR_PARSE, "modulus", "a negative modulus"},
    {SPAN("\x30\x12\x02\x01\x01\x04\x01\x05\xa0\x0a" D_P256), CP_KEY_SEC1, CP_OK, "",
     "lenient: a short scalar"},
    {SPAN("\x30\x06\x02\x01\x01\x04\x01\x05"), CP_KEY_SEC1, CP_ERR_PARSE, "which curve",
     "SEC1 without parameters"},
    {SPAN("\x30\x12\x02\x01\x00\x04\x01\x05\xa0\x0a" D_P256), CP_KEY_SEC1, CP_ERR_PARSE, "want 1",
     "ECPrivateKey version 0"},
    {SPAN("\x30\x12\x02\x01\x01\x04\x01\x05\xa0\x0a\x30\x08\x02\x01\x01\x02\x01\x01\x02\x00"),
     CP_KEY_SEC1, CP_ERR_PARSE, "ECParameters.fieldID", "explicit parameters that are none"},
    {SPAN("\x30\x0a\x02\x01\x01\x04\x01\x05\xa0\x02\x05\x00"), CP_KEY_SEC1, CP_ERR_UNSUPPORTED,
     "implicit", "implicit parameters"},
    {SPAN("\x30\x0f\x02\x01\x01\x04\x01\x05\xa0\x07" D_K256), CP_KEY_SEC1, CP_OK, "",
     "a curve that is not in the table"},
    {SPAN("\x30\x20\x02\x01\x00\x30\x13" D_EC D_P256 "\x04\x06\x30\x04\x02\x01\x01\x04\x00"),
     CP_KEY_PKCS8, CP_ERR_PARSE, "", "lengths that do not fit"},
    {SPAN("\x30\x23\x02\x01\x00\x30\x13" D_EC D_P256
          "\x04\x09\x30\x07\x02\x01\x01\x04\x02\x05\x06"),
     CP_KEY_PKCS8, CP_OK, "", "EC in PKCS#8 without inner parameters"},
    {SPAN("\x30\x2b\x02\x01\x00\x30\x13" D_EC D_P256
          "\x04\x11\x30\x0f\x02\x01\x01\x04\x01\x05\xa0\x07" D_P384),
     CP_KEY_PKCS8, CP_ERR_PARSE, "another curve", "two curves"},
    {SPAN("\x30\x20\x02\x01\x00\x30\x10" D_EC D_K256
          "\x04\x09\x30\x07\x02\x01\x01\x04\x02\x05\x06"),
     CP_KEY_PKCS8, CP_OK, "", "secp256k1: not in the table"},
    {SPAN("\x30\x19\x02\x01\x00\x30\x0b" D_EC "\x05\x00\x04\x07\x30\x05\x02\x01\x01\x04\x00"),
     CP_KEY_PKCS8, CP_ERR_UNSUPPORTED, "implicit", "EC with NULL parameters"},
    {SPAN("\x30\x17\x02\x01\x00\x30\x09" D_EC "\x04\x07\x30\x05\x02\x01\x01\x04\x00"), CP_KEY_PKCS8,
     CP_ERR_PARSE, "parameters", "EC without parameters"},
    {SPAN("\x30\x15\x02\x01\x00\x30\x0b" D_DSA "\x30\x00\x04\x03\x02\x01\x05"), CP_KEY_PKCS8, CP_OK,
     "", "DSA is read as far as its name"},
    {SPAN("\x30\x0c\x02\x01\x00\x30\x05" D_P384 "\x04\x00"), CP_KEY_PKCS8, CP_ERR_PARSE, "",
     "lengths that do not fit"},
    {SPAN("\x30\x0e\x02\x01\x00\x30\x07" D_P384 "\x04\x00"), CP_KEY_PKCS8, CP_OK, "",
     "a curve's OID where an algorithm's belongs: unknown"},
    {SPAN(""), CP_KEY_PKCS8, CP_ERR_PARSE, "missing", "nothing"},
    {SPAN("\x30\x00"), CP_KEY_SEC1, CP_ERR_PARSE, "version", "an empty SEQUENCE"},
    {SPAN("\x30\x80\x02\x01\x00\x00\x00"), CP_KEY_PKCS8, CP_ERR_PARSE, "BER", "indefinite length"},
};

static void test_structure(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(structures); i++) {
        struct cp_key key;
        struct cp_error err = {0};
        enum cp_status status = cp_key_parse(&key, structures[i].der, structures[i].format, &err);
        if (status != structures[i].status)
            fail_msg("%s: status %d, '%s'", structures[i].reason, (int)status, err.message);
        if (strstr(err.message, structures[i].said) == NULL)
            fail_msg("%s: the message is '%s'", structures[i].reason, err.message);
        if (status != CP_OK) {
            assert_int_equal(err.status, status);
            assert_null(key.der.data);
        }
        assert_int_equal(cp_key_parse(&key, structures[i].der, structures[i].format, NULL), status);
    }
}

static void test_unknown_types(void **state) {
    (void)state;
    static const struct {
        struct cp_span der;
        enum cp_key_format format;
        enum cp_key_type type;
        struct cp_span oid;
        const char *dotted;
    } rows[] = {
        {SPAN("\x30\x0f\x02\x01\x01\x04\x01\x05\xa0\x07" D_K256), CP_KEY_SEC1, CP_KEY_SECP256K1,
         SPAN("\x2b\x81\x04\x00\x0a"), "1.3.132.0.10"},
        {SPAN("\x30\x20\x02\x01\x00\x30\x10" D_EC D_K256
              "\x04\x09\x30\x07\x02\x01\x01\x04\x02\x05\x06"),
         CP_KEY_PKCS8, CP_KEY_SECP256K1, SPAN("\x2b\x81\x04\x00\x0a"), "1.3.132.0.10"},
        {SPAN("\x30\x15\x02\x01\x00\x30\x0b" D_DSA "\x30\x00\x04\x03\x02\x01\x05"), CP_KEY_PKCS8,
         CP_KEY_DSA, SPAN("\x2a\x86\x48\xce\x38\x04\x01"), "1.2.840.10040.4.1"},
        {SPAN("\x30\x0e\x02\x01\x00\x30\x07" D_P384 "\x04\x00"), CP_KEY_PKCS8, CP_KEY_UNKNOWN,
         SPAN("\x2b\x81\x04\x00\x22"), "1.3.132.0.34"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp_key key;
        struct cp_secret out;
        enum cp_key_defect defect;
        struct cp_error err = {0};
        parse(&key, rows[i].der, rows[i].format);
        assert_int_equal(key.type, rows[i].type);
        assert_true(cp_span_equal(key.algorithm_oid, rows[i].oid));
        assert_int_equal(cp_key_derive_public(&key, &err), CP_ERR_UNSUPPORTED);
        assert_non_null(strstr(err.message, rows[i].dotted));
        assert_int_equal(cp_key_check_consistency(&key, &defect, NULL), CP_ERR_UNSUPPORTED);
        assert_int_equal(cp_key_to_pkcs8(&out, &key, NULL), CP_ERR_UNSUPPORTED);
        assert_null(out.data);
    }
}

/* RFC 8410 10.3: the second example's key is the first's. */
static void test_normalising(void **state) {
    (void)state;
    static const struct cp_span plain = SPAN(ED_V1);
    struct cp_key key;
    enum cp_key_defect defect;
    expect_pkcs8(structures[1].der, CP_KEY_PKCS8, plain);
    parse(&key, structures[1].der, CP_KEY_PKCS8);
    assert_int_equal(key.embedded_public.len, 32);
    assert_int_equal(cp_key_check_consistency(&key, &defect, NULL), CP_OK);
    assert_int_equal(defect, CP_KEY_CONSISTENT);
}

/* What openssl makes of scalars of other lengths is what we make of them. */
static void test_scalar_lengths(void **state) {
    (void)state;
    static const struct {
        struct cp_span der;
        const char *reason;
    } rows[] = {
        {SPAN("\x30\x12\x02\x01\x01\x04\x01\x05\xa0\x0a" D_P256), "one octet"},
        {SPAN("\x30\x33\x02\x01\x01\x04\x22\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"
              "\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x20"
              "\xa0\x0a" D_P256),
         "two zeros more"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int len = 0;
        uint8_t *want = openssl_pkcs8(rows[i].der, &len);
        if (len <= 0)
            fail_msg("%s: openssl refuses it", rows[i].reason);
        expect_pkcs8(rows[i].der, CP_KEY_SEC1, (struct cp_span){want, (size_t)len});
        OPENSSL_free(want);
    }
}

/* A copy of exactly len octets: one read too far is seen by the sanitizer. */
static struct cp_span exact_copy(struct cp_span der, size_t len) {
    uint8_t *copy = malloc(len + (len == 0));
    assert_non_null(copy);
    if (len != 0)
        memcpy(copy, der.data, len);
    return (struct cp_span){copy, len};
}

static void test_truncation(void **state) {
    (void)state;
    for (int i = 0; i < NUM_KEYS; i++) {
        for (int form = 0; form < 2; form++) {
            struct cp_span der = form == 0 ? keys[i].traditional_der : keys[i].pkcs8_der;
            for (size_t len = 0; len < der.len; len++) {
                struct cp_key key;
                struct cp_span cut = exact_copy(der, len);
                assert_int_equal(
                    cp_key_parse(&key, cut, form == 0 ? specs[i].format : CP_KEY_PKCS8, NULL),
                    CP_ERR_PARSE);
                free((void *)cut.data);
            }
        }
    }
}

/* Every octet altered: nothing crashes, and what is called consistent is so for openssl too. */
static void test_altered_octets(void **state) {
    (void)state;
    static const int which[] = {RSA_B, P256_A, P256_COMPRESSED, ED25519};
    struct cp_key_cache *cache = NULL;
    assert_int_equal(cp_key_cache_new(&cache, NULL), CP_OK);
    for (size_t w = 0; w < COUNT(which); w++) {
        struct cp_span der = keys[which[w]].pkcs8_der;
        for (size_t at = 0; at < der.len; at++) {
            struct cp_key key;
            enum cp_key_defect defect = CP_KEY_BAD_CRT;
            struct cp_secret out = {0};
            struct cp_span copy = exact_copy(der, der.len);
            ((uint8_t *)copy.data)[at] ^= (uint8_t)(1U << at % 8);
            if (cp_key_parse(&key, copy, CP_KEY_PKCS8, NULL) == CP_OK &&
                cp_key_derive_public_cached(&key, cache, NULL) == CP_OK &&
                cp_key_check_consistency(&key, &defect, NULL) == CP_OK &&
                defect == CP_KEY_CONSISTENT && cp_key_to_pkcs8(&out, &key, NULL) == CP_OK) {
                int len = 0;
                uint8_t *again = openssl_pkcs8((struct cp_span){out.data, out.len}, &len);
                assert_int_equal(len, out.len);
                OPENSSL_free(again);
                /* An RSA integer altered is never consistent. */
                assert_int_not_equal(which[w], RSA_B);
            }
            cp_secret_cleanup(&out);
            free((void *)copy.data);
        }
    }
    cp_key_cache_free(cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type),  cmocka_unit_test(test_to_pkcs8),
        cmocka_unit_test(test_matches),     cmocka_unit_test(test_matches_point_forms),
        cmocka_unit_test(test_structure),   cmocka_unit_test(test_unknown_types),
        cmocka_unit_test(test_normalising), cmocka_unit_test(test_scalar_lengths),
        cmocka_unit_test(test_truncation),  cmocka_unit_test(test_altered_octets),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
