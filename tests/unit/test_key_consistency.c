/* Corrupted private keys: every defect by name, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "cp_limits.h"
#include "key_parts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- DER, written backwards ------------------------------------------------------------------ */

struct der {
    uint8_t data[16384];
    size_t start; /* what is written stands from here to the end */
};

static void der_init(struct der *der) {
    der->start = sizeof(der->data);
}

static void der_prepend(struct der *der, const void *data, size_t len) {
    assert_true(der->start >= len);
    der->start -= len;
    if (len != 0)
        memcpy(der->data + der->start, data, len);
}

/* Tag and length for all that was written after `mark` (a former start). */
static void der_wrap(struct der *der, uint8_t tag, size_t mark) {
    size_t len = mark - der->start;
    uint8_t header[4] = {tag, 0x82, (uint8_t)(len >> 8), (uint8_t)len};
    if (len >= 256) {
        der_prepend(der, header, 4);
    } else {
        uint8_t length[2] = {0x81, (uint8_t)len};
        der_prepend(der, len < 128 ? length + 1 : length, len < 128 ? 1 : 2);
        der_prepend(der, &tag, 1);
    }
}

static void der_element(struct der *der, uint8_t tag, const void *data, size_t len) {
    size_t mark = der->start;
    der_prepend(der, data, len);
    der_wrap(der, tag, mark);
}

static void der_number(struct der *der, const BIGNUM *number) {
    uint8_t octets[4096] = {0};
    int len = BN_num_bytes(number);
    assert_true(len < (int)sizeof(octets));
    BN_bn2bin(number, octets + 1);
    bool padded = len == 0 || octets[1] >= 0x80;
    der_element(der, CP_DER_INTEGER, octets + !padded, (size_t)len + padded);
}

static struct cp_span der_span(const struct der *der) {
    return (struct cp_span){der->data + der->start, sizeof(der->data) - der->start};
}

/* ---- RSA ------------------------------------------------------------------------------------- */

enum { N, E, D, P, Q, DP, DQ, QINV, NUM_PARTS };

static void flip_n(BIGNUM **k) {
    BN_add_word(k[N], 2);
}
static void flip_p(BIGNUM **k) {
    BN_add_word(k[P], 2);
}
static void equal_factors(BIGNUM **k) {
    BN_CTX *ctx = BN_CTX_new();
    BN_copy(k[Q], k[P]);
    BN_sqr(k[N], k[P], ctx);
    BN_CTX_free(ctx);
}
static void factor_one(BIGNUM **k) {
    BN_one(k[P]);
    BN_copy(k[Q], k[N]);
}
static void other_factor_one(BIGNUM **k) {
    BN_one(k[Q]);
    BN_copy(k[P], k[N]);
}
static void even_factor(BIGNUM **k) {
    BN_lshift1(k[N], k[Q]);
    BN_set_word(k[P], 2);
}
static void zero_factor(BIGNUM **k) {
    BN_zero(k[P]);
    BN_zero(k[N]);
}
static void long_factor(BIGNUM **k) {
    BN_lshift(k[P], k[P], 2000);
}
static void even_e(BIGNUM **k) {
    BN_sub_word(k[E], 1);
}
static void other_e(BIGNUM **k) {
    BN_add_word(k[E], 2);
}
static void e_one(BIGNUM **k) {
    BN_one(k[E]);
    BN_one(k[D]);
    BN_one(k[DP]);
    BN_one(k[DQ]);
}
static void e_zero(BIGNUM **k) {
    BN_zero(k[E]);
}
static void long_e(BIGNUM **k) {
    BN_lshift(k[E], k[E], 2000);
}
static void absurd_e(BIGNUM **k) {
    BN_lshift(k[E], k[E], CP_MAX_RSA_BITS);
}
static void absurd_d(BIGNUM **k) {
    BN_lshift(k[D], k[D], CP_MAX_RSA_BITS);
}
static void absurd_dp(BIGNUM **k) {
    BN_lshift(k[DP], k[DP], CP_MAX_RSA_BITS);
}
static void absurd_dq(BIGNUM **k) {
    BN_lshift(k[DQ], k[DQ], CP_MAX_RSA_BITS);
}
static void absurd_qinv(BIGNUM **k) {
    BN_lshift(k[QINV], k[QINV], CP_MAX_RSA_BITS);
}
static void other_d(BIGNUM **k) {
    BN_add_word(k[D], 2);
}
static void zero_d(BIGNUM **k) {
    BN_zero(k[D]);
}
/* d right for p-1 and wrong for q-1: d + (p-1). */
static void half_d(BIGNUM **k) {
    BN_add(k[D], k[D], k[P]);
    BN_sub_word(k[D], 1);
}
/* Right modulo both, but not below n: d + (p-1)(q-1) * m. */
static void large_d(BIGNUM **k) {
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *phi = BN_new(), *q1 = BN_dup(k[Q]);
    BN_copy(phi, k[P]);
    BN_sub_word(phi, 1);
    BN_sub_word(q1, 1);
    BN_mul(phi, phi, q1, ctx);
    while (BN_cmp(k[D], k[N]) < 0)
        BN_add(k[D], k[D], phi);
    BN_free(phi);
    BN_free(q1);
    BN_CTX_free(ctx);
}
static void other_dp(BIGNUM **k) {
    BN_add_word(k[DP], 1);
}
static void other_dq(BIGNUM **k) {
    BN_add_word(k[DQ], 1);
}
static void dp_not_reduced(BIGNUM **k) {
    BN_add(k[DP], k[DP], k[P]);
    BN_sub_word(k[DP], 1);
}
static void other_qinv(BIGNUM **k) {
    BN_add_word(k[QINV], 1);
}
static void zero_qinv(BIGNUM **k) {
    BN_zero(k[QINV]);
}
static void qinv_not_reduced(BIGNUM **k) {
    BN_add(k[QINV], k[QINV], k[P]);
}
static void swapped_factors(BIGNUM **k) {
    BN_swap(k[P], k[Q]);
}
static void all_swapped(BIGNUM **k) {
    BN_CTX *ctx = BN_CTX_new();
    BN_swap(k[P], k[Q]);
    BN_swap(k[DP], k[DQ]);
    BN_mod_inverse(k[QINV], k[Q], k[P], ctx);
    BN_CTX_free(ctx);
}
/* Any d that is right modulo lcm(p-1, q-1) and below n will do: RFC 8017 3.2. */
static void other_right_d(BIGNUM **k) {
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *p1 = BN_dup(k[P]), *q1 = BN_dup(k[Q]), *gcd = BN_new(), *lcm = BN_new();
    BN_sub_word(p1, 1);
    BN_sub_word(q1, 1);
    BN_gcd(gcd, p1, q1, ctx);
    BN_mul(lcm, p1, q1, ctx);
    BN_div(lcm, NULL, lcm, gcd, ctx);
    BN_mod(k[D], k[D], lcm, ctx);
    BN_add(k[D], k[D], lcm); /* still below n: p-1 and q-1 are even, so lcm is below n/2 */
    BN_free(p1);
    BN_free(q1);
    BN_free(gcd);
    BN_free(lcm);
    BN_CTX_free(ctx);
}
static void nothing(BIGNUM **k) {
    (void)k;
}

static const struct {
    void (*alter)(BIGNUM **);
    enum cp_key_defect defect;
    const char *reason;
} rsa_rows[] = {
    {nothing, CP_KEY_CONSISTENT, "as generated"},
    {all_swapped, CP_KEY_CONSISTENT, "p below q: the order is free"},
    {other_right_d, CP_KEY_CONSISTENT, "another d of the same key"},
    {flip_n, CP_KEY_BAD_MODULUS, "n altered"},
    {flip_p, CP_KEY_BAD_MODULUS, "p altered"},
    {equal_factors, CP_KEY_BAD_MODULUS, "p equals q"},
    {factor_one, CP_KEY_BAD_MODULUS, "p is 1"},
    {other_factor_one, CP_KEY_BAD_MODULUS, "q is 1: p-1 and q-1 must not become a modulus of 0"},
    {even_factor, CP_KEY_BAD_MODULUS, "p is 2"},
    {zero_factor, CP_KEY_BAD_MODULUS, "p and n are 0"},
    {long_factor, CP_KEY_BAD_MODULUS, "p longer than n"},
    {even_e, CP_KEY_BAD_EXPONENT, "e even"},
    {other_e, CP_KEY_BAD_EXPONENT, "e of another key"},
    {e_one, CP_KEY_BAD_EXPONENT, "e and d are 1: inverse to each other, and no encryption"},
    {e_zero, CP_KEY_BAD_EXPONENT, "e is 0"},
    {long_e, CP_KEY_BAD_EXPONENT, "e longer than n"},
    {other_d, CP_KEY_BAD_EXPONENT, "d altered"},
    {zero_d, CP_KEY_BAD_EXPONENT, "d is 0"},
    {half_d, CP_KEY_BAD_EXPONENT, "d right modulo p-1 only"},
    {large_d, CP_KEY_BAD_EXPONENT, "d not below n"},
    {absurd_e, CP_KEY_BAD_EXPONENT, "e longer than any modulus"},
    {absurd_d, CP_KEY_BAD_EXPONENT, "d longer than any modulus"},
    {absurd_dp, CP_KEY_BAD_CRT, "dP longer than any modulus"},
    {absurd_dq, CP_KEY_BAD_CRT, "dQ longer than any modulus"},
    {absurd_qinv, CP_KEY_BAD_CRT, "qInv longer than any modulus"},
    {other_dp, CP_KEY_BAD_CRT, "dP altered"},
    {other_dq, CP_KEY_BAD_CRT, "dQ altered"},
    {dp_not_reduced, CP_KEY_BAD_CRT, "dP not below p-1"},
    {other_qinv, CP_KEY_BAD_CRT, "qInv altered"},
    {zero_qinv, CP_KEY_BAD_CRT, "qInv is 0"},
    {qinv_not_reduced, CP_KEY_BAD_CRT, "qInv not below p"},
    {swapped_factors, CP_KEY_BAD_CRT, "p and q swapped, the rest not"},
};

static EVP_PKEY *rsa_pkey;

static int setup(void **state) {
    (void)state;
    rsa_pkey = EVP_RSA_gen(1024);
    return rsa_pkey == NULL;
}

static int teardown(void **state) {
    (void)state;
    EVP_PKEY_free(rsa_pkey);
    return 0;
}

static void rsa_parts(BIGNUM *parts[NUM_PARTS]) {
    static const char *const names[NUM_PARTS] = {"n",
                                                 "e",
                                                 "d",
                                                 "rsa-factor1",
                                                 "rsa-factor2",
                                                 "rsa-exponent1",
                                                 "rsa-exponent2",
                                                 "rsa-coefficient1"};
    for (int i = 0; i < NUM_PARTS; i++) {
        parts[i] = NULL;
        assert_int_equal(EVP_PKEY_get_bn_param(rsa_pkey, names[i], &parts[i]), 1);
    }
}

static void rsa_der(struct der *der, BIGNUM *parts[NUM_PARTS]) {
    der_init(der);
    for (int i = NUM_PARTS - 1; i >= 0; i--)
        der_number(der, parts[i]);
    der_element(der, CP_DER_INTEGER, "", 1);
    der_wrap(der, CP_DER_SEQUENCE, sizeof(der->data));
}

static void expect(const struct cp_key *key, enum cp_key_defect want, const char *reason) {
    enum cp_key_defect defect = CP_KEY_CONSISTENT;
    struct cp_error err = {0};
    if (cp_key_check_consistency(key, &defect, &err) != CP_OK)
        fail_msg("%s: %s", reason, err.message);
    if (defect != want)
        fail_msg("%s: got '%s'", reason, cp_key_defect_text(defect));
}

static void test_rsa(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rsa_rows); i++) {
        static struct der der;
        struct cp_key key;
        BIGNUM *parts[NUM_PARTS];
        rsa_parts(parts);
        rsa_rows[i].alter(parts);
        rsa_der(&der, parts);
        assert_int_equal(cp_key_parse(&key, der_span(&der), CP_KEY_PKCS1, NULL), CP_OK);
        expect(&key, rsa_rows[i].defect, rsa_rows[i].reason);
        /* The quick proof holds for each of these keys that is whole, and for no other. */
        if (cp_key_rsa_is_whole(&key.rsa) != (rsa_rows[i].defect == CP_KEY_CONSISTENT))
            fail_msg("proof: %s", rsa_rows[i].reason);
        for (int p = 0; p < NUM_PARTS; p++)
            BN_free(parts[p]);
    }
}

/* One bit over the maximum is refused before anything is computed. */
static void test_rsa_limit(void **state) {
    (void)state;
    for (int over = 0; over < 2; over++) {
        static struct der der;
        struct cp_key key;
        enum cp_key_defect defect;
        BIGNUM *parts[NUM_PARTS];
        rsa_parts(parts);
        assert_int_equal(BN_set_bit(parts[N], CP_MAX_RSA_BITS - 1 + over), 1);
        rsa_der(&der, parts);
        assert_int_equal(cp_key_parse(&key, der_span(&der), CP_KEY_PKCS1, NULL), CP_OK);
        assert_int_equal(key.bits, CP_MAX_RSA_BITS + over);
        assert_int_equal(cp_key_check_consistency(&key, &defect, NULL),
                         over ? CP_ERR_LIMIT : CP_OK);
        for (int p = 0; p < NUM_PARTS; p++)
            BN_free(parts[p]);
    }
}

/* PKCS#8 version 1 with an RSAPublicKey (RFC 5958 2). */
static void test_rsa_embedded_public(void **state) {
    (void)state;
    static const uint8_t algorithm[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                        0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
    for (int wrong = 0; wrong < 3; wrong++) {
        static struct der der, inner;
        struct cp_key key;
        BIGNUM *parts[NUM_PARTS];
        rsa_parts(parts);
        rsa_der(&inner, parts);
        der_init(&der);
        if (wrong == 1)
            BN_add_word(parts[E], 2);
        if (wrong == 2) {
            der_prepend(&der, "no key", 6);
        } else {
            der_number(&der, parts[E]);
            der_number(&der, parts[N]);
            der_wrap(&der, CP_DER_SEQUENCE, sizeof(der.data));
        }
        der_prepend(&der, "", 1);
        der_wrap(&der, CP_DER_CONTEXT(1), sizeof(der.data));
        der_element(&der, CP_DER_OCTET_STRING, der_span(&inner).data, der_span(&inner).len);
        der_prepend(&der, algorithm, sizeof(algorithm));
        der_element(&der, CP_DER_INTEGER, "\1", 1);
        der_wrap(&der, CP_DER_SEQUENCE, sizeof(der.data));
        assert_int_equal(cp_key_parse(&key, der_span(&der), CP_KEY_PKCS8, NULL), CP_OK);
        expect(&key, wrong == 0 ? CP_KEY_CONSISTENT : CP_KEY_BAD_PUBLIC, "RSA public key");
        for (int p = 0; p < NUM_PARTS; p++)
            BN_free(parts[p]);
    }
}

/* ---- EC and Edwards -------------------------------------------------------------------------- */

/* P-256: order, and 2G (SEC 2 2.4.2; NIST's point multiplication samples). */
#define ORDER                                                                                      \
    "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e" \
    "\x84\xf3\xb9\xca\xc2\xfc\x63\x25"
#define X2                                                                                         \
    "\x7c\xf2\x7b\x18\x8d\x03\x4f\x7e\x8a\x52\x38\x03\x04\xb5\x1a\xc3\xc0\x89\x69\xe2\x77\xf2\x1b" \
    "\x35\xa6\x0b\x48\xfc\x47\x66\x99\x78"
#define Y2                                                                                         \
    "\x07\x77\x55\x10\xdb\x8e\xd0\x40\x29\x3d\x9a\xc6\x9f\x74\x30\xdb\xba\x7d\xad\xe6\x3c\xe9\x82" \
    "\x29\x9e\x04\xb7\x9d\x22\x78\x73"
#define SPAN(text)                                                                                 \
    { (const uint8_t *)(text), sizeof(text) - 1 }
#define NONE                                                                                       \
    { NULL, 0 }

static const struct {
    struct cp_span scalar, point;
    enum cp_key_defect defect;
    const char *reason;
} ec_rows[] = {
    {SPAN("\x02"), SPAN("\x04" X2 Y2 "\xd1"), CP_KEY_CONSISTENT, "2 and 2G"},
    {SPAN("\x02"), NONE, CP_KEY_CONSISTENT, "2 alone"},
    {SPAN("\x02"), SPAN("\x03" X2), CP_KEY_CONSISTENT, "2 and 2G compressed"},
    {SPAN("\x02"), SPAN("\x07" X2 Y2 "\xd1"), CP_KEY_CONSISTENT, "lenient: 2 and 2G hybrid"},
    {SPAN("\x02"), SPAN("\x02" X2), CP_KEY_BAD_PUBLIC, "2 and -2G compressed"},
    {SPAN("\x03"), SPAN("\x04" X2 Y2 "\xd1"), CP_KEY_BAD_PUBLIC, "3 and 2G"},
    {SPAN("\x02"), SPAN("\x04" X2 Y2 "\xd0"), CP_KEY_BAD_PUBLIC, "a point off the curve"},
    {SPAN("\x02"), SPAN("\x04" X2), CP_KEY_BAD_PUBLIC, "half a point"},
    {SPAN("\x02"), SPAN("\x00"), CP_KEY_BAD_PUBLIC, "the point at infinity"},
    {SPAN("\x02"), SPAN(""), CP_KEY_BAD_PUBLIC, "an empty BIT STRING"},
    {SPAN("\x01"), NONE, CP_KEY_CONSISTENT, "1: the smallest"},
    {SPAN(ORDER "\x50"), NONE, CP_KEY_CONSISTENT, "order - 1: the largest"},
    {SPAN("\x00" ORDER "\x50"), NONE, CP_KEY_CONSISTENT, "lenient: a leading zero"},
    {SPAN(ORDER "\x51"), NONE, CP_KEY_BAD_SCALAR, "the order"},
    {SPAN(ORDER "\x52"), NONE, CP_KEY_BAD_SCALAR, "order + 1, which is 1 for the group"},
    {SPAN(ORDER "\x53"), SPAN("\x04" X2 Y2 "\xd1"), CP_KEY_BAD_SCALAR, "order + 2 and 2G"},
    {SPAN("\x01" ORDER "\x50"), NONE, CP_KEY_BAD_SCALAR, "33 octets"},
    {SPAN("\x00"), NONE, CP_KEY_BAD_SCALAR, "0"},
    {SPAN(""), NONE, CP_KEY_BAD_SCALAR, "an empty OCTET STRING"},
};

static void test_ec(void **state) {
    (void)state;
    static const uint8_t parameters[] = {0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                         0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    for (size_t i = 0; i < COUNT(ec_rows); i++) {
        static struct der der;
        struct cp_key key;
        der_init(&der);
        if (ec_rows[i].point.data != NULL) {
            der_prepend(&der, ec_rows[i].point.data, ec_rows[i].point.len);
            der_prepend(&der, "", 1);
            der_wrap(&der, CP_DER_BIT_STRING, sizeof(der.data));
            der_wrap(&der, CP_DER_CONTEXT_CONSTRUCTED(1), sizeof(der.data));
        }
        der_prepend(&der, parameters, sizeof(parameters));
        der_element(&der, CP_DER_OCTET_STRING, ec_rows[i].scalar.data, ec_rows[i].scalar.len);
        der_element(&der, CP_DER_INTEGER, "\1", 1);
        der_wrap(&der, CP_DER_SEQUENCE, sizeof(der.data));
        assert_int_equal(cp_key_parse(&key, der_span(&der), CP_KEY_SEC1, NULL), CP_OK);
        expect(&key, ec_rows[i].defect, ec_rows[i].reason);
        assert_int_equal(cp_key_derive_public(&key, NULL), CP_OK);
        assert_int_equal(key.has_public, ec_rows[i].defect != CP_KEY_BAD_SCALAR);
        expect(&key, ec_rows[i].defect, ec_rows[i].reason);
    }
}

/* The largest scalar of every curve is in range and the next is not. */
static void test_orders(void **state) {
    (void)state;
    static const struct {
        const char *group;
        uint8_t oid[10];
        uint8_t oid_len;
    } curves[] = {
        {"P-256", {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, 10},
        {"P-384", {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}, 7},
        {"P-521", {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23}, 7},
    };
    for (size_t i = 0; i < COUNT(curves); i++) {
        EVP_PKEY *pkey = EVP_EC_gen(curves[i].group);
        BIGNUM *order = NULL;
        uint8_t octets[66];
        assert_int_equal(EVP_PKEY_get_bn_param(pkey, "order", &order), 1);
        BN_sub_word(order, 1);
        for (int over = 0; over < 2; over++) {
            static struct der der;
            struct cp_key key;
            int len = BN_bn2bin(order, octets);
            der_init(&der);
            der_prepend(&der, curves[i].oid, curves[i].oid_len);
            der_wrap(&der, CP_DER_CONTEXT_CONSTRUCTED(0), sizeof(der.data));
            der_element(&der, CP_DER_OCTET_STRING, octets, (size_t)len);
            der_element(&der, CP_DER_INTEGER, "\1", 1);
            der_wrap(&der, CP_DER_SEQUENCE, sizeof(der.data));
            assert_int_equal(cp_key_parse(&key, der_span(&der), CP_KEY_SEC1, NULL), CP_OK);
            expect(&key, over ? CP_KEY_BAD_SCALAR : CP_KEY_CONSISTENT, curves[i].group);
            BN_add_word(order, 1);
        }
        BN_free(order);
        EVP_PKEY_free(pkey);
    }
}

static void test_edwards(void **state) {
    (void)state;
    static const uint8_t algorithm[] = {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70};
    uint8_t seed[33] = {1}, public_key[32];
    size_t len = sizeof(public_key);
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
    assert_int_equal(EVP_PKEY_get_raw_public_key(pkey, public_key, &len), 1);
    EVP_PKEY_free(pkey);
    const struct {
        size_t seed_len, public_len;
        uint8_t flip;
        enum cp_key_defect defect;
        const char *reason;
    } rows[] = {
        {32, 32, 0, CP_KEY_CONSISTENT, "seed and public key"},
        {32, 32, 1, CP_KEY_BAD_PUBLIC, "public key altered"},
        {32, 31, 0, CP_KEY_BAD_PUBLIC, "public key cut off"},
        {31, 32, 0, CP_KEY_BAD_SCALAR, "seed cut off"},
        {33, 32, 0, CP_KEY_BAD_SCALAR, "seed too long"},
        {0, 32, 0, CP_KEY_BAD_SCALAR, "no seed"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct der der;
        struct cp_key key;
        size_t mark;
        der_init(&der);
        public_key[5] ^= rows[i].flip;
        der_prepend(&der, public_key, rows[i].public_len);
        public_key[5] ^= rows[i].flip;
        der_prepend(&der, "", 1);
        der_wrap(&der, CP_DER_CONTEXT(1), sizeof(der.data));
        mark = der.start;
        der_element(&der, CP_DER_OCTET_STRING, seed, rows[i].seed_len);
        der_wrap(&der, CP_DER_OCTET_STRING, mark);
        der_prepend(&der, algorithm, sizeof(algorithm));
        der_element(&der, CP_DER_INTEGER, "\1", 1);
        der_wrap(&der, CP_DER_SEQUENCE, sizeof(der.data));
        assert_int_equal(cp_key_parse(&key, der_span(&der), CP_KEY_PKCS8, NULL), CP_OK);
        expect(&key, rows[i].defect, rows[i].reason);
    }
}

/* Every value of the enums has a text of its own. */
static void test_texts(void **state) {
    (void)state;
    for (unsigned a = 0; a <= CP_KEY_BAD_PUBLIC; a++) {
        const char *text = cp_key_defect_text((enum cp_key_defect)a);
        assert_string_not_equal(text, "unknown defect");
        for (unsigned b = 0; b < a; b++)
            assert_string_not_equal(text, cp_key_defect_text((enum cp_key_defect)b));
    }
    assert_string_equal(cp_key_defect_text((enum cp_key_defect)99), "unknown defect");
    assert_string_equal(cp_key_format_name(CP_KEY_PKCS8), "PKCS#8");
    assert_string_equal(cp_key_format_name(CP_KEY_PKCS1), "PKCS#1");
    assert_string_equal(cp_key_format_name(CP_KEY_SEC1), "SEC1");
    assert_string_equal(cp_key_format_name((enum cp_key_format)99), "unknown format");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rsa),
        cmocka_unit_test(test_rsa_limit),
        cmocka_unit_test(test_rsa_embedded_public),
        cmocka_unit_test(test_ec),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_edwards),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
