/* weakkey: points that no private key has, or one that anybody guesses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "weakkey/ec_point.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static BN_CTX *ctx;

static int set_up(void **state) {
    (void)state;
    ctx = BN_CTX_new();
    return ctx == NULL ? -1 : 0;
}

static int tear_down(void **state) {
    (void)state;
    BN_CTX_free(ctx);
    return 0;
}

static enum cp_point_defect judge(enum cp_key_type type, const uint8_t *octets, size_t len) {
    enum cp_point_defect defect = CP_POINT_FORM;
    assert_true(cp_point_judge(&defect, type, (struct cp_span){octets, len}, ctx));
    return defect;
}

static size_t unhex(uint8_t *out, const char *hex) {
    size_t len = strlen(hex) / 2;
    for (size_t i = 0; i < len; i++) {
        unsigned value = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
        out[i] = (uint8_t)value;
    }
    return len;
}

static const struct {
    enum cp_key_type type;
    int nid;
} curves[] = {
    {CP_KEY_EC_P256, NID_X9_62_prime256v1},
    {CP_KEY_EC_P384, NID_secp384r1},
    {CP_KEY_EC_P521, NID_secp521r1},
};

/* k times the generator, computed: the table of small multiples is that, and no more. */
static void knows_small_multiples(void **state) {
    (void)state;
    for (size_t c = 0; c < COUNT(curves); c++) {
        EC_GROUP *group = EC_GROUP_new_by_curve_name(curves[c].nid);
        EC_POINT *point = EC_POINT_new(group);
        BIGNUM *k = BN_new();
        for (int i = -20; i <= 20; i++) {
            uint8_t octets[133];
            unsigned size = (unsigned)(i < 0 ? -i : i);
            if (i == 0)
                continue;
            assert_int_equal(BN_set_word(k, size), 1);
            if (i < 0)
                assert_int_equal(BN_sub(k, EC_GROUP_get0_order(group), k), 1);
            assert_int_equal(EC_POINT_mul(group, point, k, NULL, NULL, ctx), 1);
            static const point_conversion_form_t forms[] = {POINT_CONVERSION_COMPRESSED,
                                                            POINT_CONVERSION_UNCOMPRESSED};
            for (size_t f = 0; f < COUNT(forms); f++) {
                size_t len =
                    EC_POINT_point2oct(group, point, forms[f], octets, sizeof(octets), ctx);
                struct cp_span span = {octets, len};
                assert_int_equal(cp_point_small_multiple(curves[c].type, span),
                                 size <= 16 ? size : 0);
                assert_int_equal(judge(curves[c].type, octets, len),
                                 size <= 16 ? CP_POINT_TRIVIAL : CP_POINT_GOOD);
                assert_int_equal(cp_point_small_multiple(CP_KEY_ED25519, span), 0);
            }
        }
        BN_free(k);
        EC_POINT_free(point);
        EC_GROUP_free(group);
    }
}

/* Random points, whole and compressed, and the same with a wrong y. */
static void takes_good_points(void **state) {
    (void)state;
    for (size_t c = 0; c < COUNT(curves); c++) {
        EC_GROUP *group = EC_GROUP_new_by_curve_name(curves[c].nid);
        EC_POINT *point = EC_POINT_new(group);
        BIGNUM *k = BN_new();
        for (int i = 0; i < 20; i++) {
            uint8_t octets[133];
            assert_int_equal(BN_rand_range(k, EC_GROUP_get0_order(group)), 1);
            assert_int_equal(EC_POINT_mul(group, point, k, NULL, NULL, ctx), 1);
            size_t len = EC_POINT_point2oct(group, point, POINT_CONVERSION_COMPRESSED, octets,
                                            sizeof(octets), ctx);
            assert_int_equal(judge(curves[c].type, octets, len), CP_POINT_GOOD);
            len = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, octets,
                                     sizeof(octets), ctx);
            assert_int_equal(judge(curves[c].type, octets, len), CP_POINT_GOOD);
            octets[len - 1] ^= 1;
            assert_int_equal(judge(curves[c].type, octets, len), CP_POINT_OTHER_CURVE);
        }
        BN_free(k);
        EC_POINT_free(point);
        EC_GROUP_free(group);
    }
}

static void knows_bad_points(void **state) {
    (void)state;
    static const struct {
        enum cp_key_type type;
        const char *hex;
        enum cp_point_defect defect;
        const char *reason;
    } rows[] = {
        {CP_KEY_EC_P256, "00", CP_POINT_INFINITY, "the point at infinity"},
        {CP_KEY_EC_P256, "", CP_POINT_FORM, "nothing"},
        {CP_KEY_EC_P256, "04", CP_POINT_FORM, "an uncompressed point without coordinates"},
        {CP_KEY_EC_P256, "0000", CP_POINT_FORM, "infinity, and more"},
        {CP_KEY_EC_P256, "020000000000000000000000000000000000000000000000000000000000000001",
         CP_POINT_TWIST, "x = 1"},
        {CP_KEY_EC_P256, "02ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
         CP_POINT_FIELD, "x is the field's prime"},
        {CP_KEY_EC_P256, "02ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
         CP_POINT_FIELD, "x is over it"},
        {CP_KEY_EC_P256, "050000000000000000000000000000000000000000000000000000000000000005",
         CP_POINT_FORM, "no form of a point"},
        /* RFC 8032 5.1: encodings of the 8 points whose order divides 8, and of y over p. */
        {CP_KEY_ED25519, "0100000000000000000000000000000000000000000000000000000000000000",
         CP_POINT_SMALL_ORDER, "1: the neutral element"},
        {CP_KEY_ED25519, "0100000000000000000000000000000000000000000000000000000000000080",
         CP_POINT_SMALL_ORDER, "1, x = -0"},
        {CP_KEY_ED25519, "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
         CP_POINT_SMALL_ORDER, "-1: order 2"},
        {CP_KEY_ED25519, "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
         CP_POINT_SMALL_ORDER, "-1, x = -0"},
        {CP_KEY_ED25519, "0000000000000000000000000000000000000000000000000000000000000000",
         CP_POINT_SMALL_ORDER, "0: order 4"},
        {CP_KEY_ED25519, "0000000000000000000000000000000000000000000000000000000000000080",
         CP_POINT_SMALL_ORDER, "0, the other x"},
        {CP_KEY_ED25519, "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
         CP_POINT_SMALL_ORDER, "order 8"},
        {CP_KEY_ED25519, "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
         CP_POINT_SMALL_ORDER, "order 8, the other x"},
        {CP_KEY_ED25519, "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
         CP_POINT_SMALL_ORDER, "order 8, -y"},
        {CP_KEY_ED25519, "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
         CP_POINT_SMALL_ORDER, "order 8, -y, the other x"},
        {CP_KEY_ED25519, "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
         CP_POINT_SMALL_ORDER, "p: 0 again"},
        {CP_KEY_ED25519, "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
         CP_POINT_SMALL_ORDER, "p + 1: 1 again"},
        {CP_KEY_ED25519, "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
         CP_POINT_FIELD, "p + 3"},
        {CP_KEY_ED25519, "0200000000000000000000000000000000000000000000000000000000000000",
         CP_POINT_TWIST, "2"},
        {CP_KEY_ED25519, "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1",
         CP_POINT_GOOD, "RFC 8410 10.1"},
        {CP_KEY_ED25519, "01", CP_POINT_FORM, "too short"},
        {CP_KEY_ED448,
         "0100000000000000000000000000000000000000000000000000000000"
         "00000000000000000000000000000000000000000000000000000000",
         CP_POINT_SMALL_ORDER, "1: the neutral element"},
        {CP_KEY_ED448,
         "0000000000000000000000000000000000000000000000000000000000"
         "00000000000000000000000000000000000000000000000000000080",
         CP_POINT_SMALL_ORDER, "0: order 4"},
        {CP_KEY_ED448,
         "fefffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
         "ffffffffffffffffffffffffffffffffffffffffffffffffffffff00",
         CP_POINT_SMALL_ORDER, "-1: order 2"},
        {CP_KEY_ED448,
         "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
         "ffffffffffffffffffffffffffffffffffffffffffffffffffffff00",
         CP_POINT_FIELD, "2^448 - 1"},
        {CP_KEY_ED448, "00", CP_POINT_FORM, "too short"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t octets[133];
        size_t len = unhex(octets, rows[i].hex);
        enum cp_point_defect defect = judge(rows[i].type, octets, len);
        if (defect != rows[i].defect)
            fail_msg("%s: got %d, want %d", rows[i].reason, (int)defect, (int)rows[i].defect);
    }
}

/* Keys that OpenSSL makes are points; of octets at random about half are. */
static void tells_edwards_points(void **state) {
    (void)state;
    static const struct {
        enum cp_key_type type;
        const char *name;
        size_t len;
    } rows[] = {{CP_KEY_ED25519, "ED25519", 32}, {CP_KEY_ED448, "ED448", 57}};
    for (size_t r = 0; r < COUNT(rows); r++) {
        size_t num_twist = 0;
        for (int i = 0; i < 200; i++) {
            uint8_t octets[57];
            size_t len = sizeof(octets);
            EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, rows[r].name);
            assert_int_equal(EVP_PKEY_get_raw_public_key(key, octets, &len), 1);
            EVP_PKEY_free(key);
            assert_int_equal(len, rows[r].len);
            assert_int_equal(judge(rows[r].type, octets, len), CP_POINT_GOOD);
            assert_int_equal(RAND_bytes(octets, (int)(rows[r].len == 57 ? 56 : 32)), 1);
            enum cp_point_defect defect = judge(rows[r].type, octets, len);
            assert_true(defect == CP_POINT_GOOD || defect == CP_POINT_TWIST);
            num_twist += defect == CP_POINT_TWIST;
        }
        assert_true(num_twist > 50 && num_twist < 150);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_small_multiples),
        cmocka_unit_test(takes_good_points),
        cmocka_unit_test(knows_bad_points),
        cmocka_unit_test(tells_edwards_points),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
