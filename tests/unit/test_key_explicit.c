/* EC keys that write out their curve: which one it is, and that any other value makes it another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/x509.h>
#include <string.h>

#include "key_parts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    int nid;
    enum cp_key_type type;
    const char *reason;
} curves[] = {
    {NID_X9_62_prime256v1, CP_KEY_EC_P256, "P-256"},
    {NID_secp384r1, CP_KEY_EC_P384, "P-384"},
    {NID_secp521r1, CP_KEY_EC_P521, "P-521"},
    {NID_secp256k1, CP_KEY_UNKNOWN, "no curve of ours: a and b are short there"},
    {NID_secp224r1, CP_KEY_UNKNOWN, "P-224"},
    {NID_brainpoolP256r1, CP_KEY_UNKNOWN, "brainpool"},
    {NID_sect283k1, CP_KEY_UNKNOWN, "a binary field"},
};

static const point_conversion_form_t forms[] = {
    POINT_CONVERSION_UNCOMPRESSED, POINT_CONVERSION_COMPRESSED, POINT_CONVERSION_HYBRID};

static size_t explicit_der(uint8_t out[1024], int nid, point_conversion_form_t form) {
    EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
    assert_non_null(group);
    EC_GROUP_set_asn1_flag(group, OPENSSL_EC_EXPLICIT_CURVE);
    EC_GROUP_set_point_conversion_form(group, form);
    int len = i2d_ECPKParameters(group, NULL);
    assert_true(len > 0 && len <= 1024);
    assert_int_equal(i2d_ECPKParameters(group, &out), len);
    EC_GROUP_free(group);
    return (size_t)len;
}

static enum cp_status read_curve(enum cp_key_type *type, const uint8_t *der, size_t len) {
    struct cp_der_reader reader;
    struct cp_error err = {CP_OK, 0, 0, ""};
    cp_der_reader_init(&reader, (struct cp_span){der, len});
    enum cp_status status = cp_explicit_curve_read(type, &reader, &err);
    assert_true((status == CP_OK) == (err.message[0] == '\0'));
    return status;
}

static void test_curves(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(curves); i++) {
        for (size_t f = 0; f < COUNT(forms); f++) {
            uint8_t der[1024];
            enum cp_key_type type = CP_KEY_DSA;
            size_t len = explicit_der(der, curves[i].nid, forms[f]);
            if (read_curve(&type, der, len) != CP_OK || type != curves[i].type)
                fail_msg("%s, form %d: got %s", curves[i].reason, (int)forms[f],
                         cp_key_algorithm_get(type)->text);
        }
    }
}

/* The seed is the only part that may differ: CVE-2020-0601 was about the generator. */
static void test_every_octet_counts(void **state) {
    (void)state;
    uint8_t der[1024];
    static const uint8_t seed[] = {0xc4, 0x9d, 0x36, 0x08, 0x86, 0xe7, 0x04, 0x93};
    size_t len = explicit_der(der, NID_X9_62_prime256v1, POINT_CONVERSION_UNCOMPRESSED);
    size_t seed_at = 0, num_refused = 0;
    while (seed_at < len && memcmp(der + seed_at, seed, sizeof(seed)) != 0)
        seed_at++;
    assert_true(seed_at < len);
    for (size_t i = 0; i < len; i++) {
        if (i + 1 >= seed_at && i < seed_at + 20) /* with its count of unused bits */
            continue;
        for (unsigned bit = 0; bit < 8; bit++) {
            enum cp_key_type type = CP_KEY_DSA;
            der[i] ^= (uint8_t)(1U << bit);
            enum cp_status status = read_curve(&type, der, len);
            bool version = der[3] == CP_DER_INTEGER && i == 5; /* 1 to 3 are all right */
            if (status == CP_OK && type != CP_KEY_UNKNOWN && !version)
                fail_msg("octet %zu, bit %u: still %s", i, bit, cp_key_algorithm_get(type)->text);
            num_refused += status != CP_OK || type == CP_KEY_UNKNOWN;
            der[i] ^= (uint8_t)(1U << bit);
        }
    }
    assert_true(num_refused > 1500);
}

static void test_cut(void **state) {
    (void)state;
    uint8_t der[1024];
    enum cp_key_type type;
    size_t len = explicit_der(der, NID_X9_62_prime256v1, POINT_CONVERSION_UNCOMPRESSED);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(read_curve(&type, der, i), CP_ERR_PARSE);
}

/* A whole key as OpenSSL writes it: named in what we write, and the same key. */
static void test_named_in_the_output(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", OBJ_nid2sn(curves[i].nid));
        assert_non_null(pkey);
        PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
        uint8_t *named = NULL, *explicit = NULL;
        int named_len = i2d_PKCS8_PRIV_KEY_INFO(info, &named);
        PKCS8_PRIV_KEY_INFO_free(info);
        assert_int_equal(EVP_PKEY_set_utf8_string_param(pkey, "encoding", "explicit"), 1);
        info = EVP_PKEY2PKCS8(pkey);
        int explicit_len = i2d_PKCS8_PRIV_KEY_INFO(info, &explicit);
        PKCS8_PRIV_KEY_INFO_free(info);
        assert_true(named_len > 0 && explicit_len > named_len + 100);
        struct cp_key key;
        struct cp_secret out;
        struct cp_error err = {CP_OK, 0, 0, ""};
        enum cp_key_defect defect;
        assert_int_equal(cp_key_parse(&key, (struct cp_span){explicit, (size_t)explicit_len},
                                      CP_KEY_PKCS8, &err),
                         CP_OK);
        assert_true(key.has_explicit_curve);
        assert_int_equal(key.type, curves[i].type);
        assert_int_equal(cp_key_derive_public(&key, &err), CP_OK);
        assert_int_equal(cp_key_check_consistency(&key, &defect, &err), CP_OK);
        assert_int_equal(defect, CP_KEY_CONSISTENT);
        assert_int_equal(cp_key_to_pkcs8(&out, &key, &err), CP_OK);
        assert_int_equal(out.len, named_len);
        assert_memory_equal(out.data, named, out.len);
        assert_int_equal(
            cp_key_parse(&key, (struct cp_span){out.data, out.len}, CP_KEY_PKCS8, &err), CP_OK);
        assert_false(key.has_explicit_curve);
        cp_secret_cleanup(&out);
        OPENSSL_free(named);
        OPENSSL_free(explicit);
        EVP_PKEY_free(pkey);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curves),
        cmocka_unit_test(test_every_octet_counts),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_named_in_the_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
