/* EC private keys, RFC 5915 3, and Edwards keys, RFC 8410 7 and RFC 5958 2: right and wrong. */
#include "keyforms.h"
#include "keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

static void put_scalar(struct tc_bytes *out, const BIGNUM *d, size_t len) {
    uint8_t octets[66];
    if (len > sizeof octets || BN_bn2binpad(d, octets, (int)len) < 0) {
        tc_die("a scalar does not fit");
    }
    tc_der_put(out, 0x04, octets, len);
    OPENSSL_cleanse(octets, sizeof octets);
}

/* ECPrivateKey; the curve is left out inside PKCS#8. */
static void put_sec1(struct tc_bytes *out, const char *key, const BIGNUM *d, size_t scalar_len,
                     int with_curve, const char *public_of) {
    struct tc_bytes point = {0}, curve = {0};
    size_t seq = tc_der_open(out, 0x30);
    tc_der_small(out, 1);
    put_scalar(out, d, scalar_len);
    if (with_curve) {
        tc_make_parameters(&curve, key, NULL);
        tc_der_put(out, 0xa0, curve.data, curve.len);
    }
    if (public_of != NULL) {
        size_t tagged = tc_der_open(out, 0xa1);
        tc_put_byte(&point, 0);
        tc_key_public(&point, public_of);
        tc_der_put(out, 0x03, point.data, point.len);
        tc_der_close(out, tagged);
    }
    tc_der_close(out, seq);
    tc_clear(&curve);
    tc_clear(&point);
}

static size_t order_len(const char *key) {
    BIGNUM *order = tc_key_bn(key, OSSL_PKEY_PARAM_EC_ORDER);
    size_t len = (size_t)BN_num_bytes(order);
    BN_free(order);
    return len;
}

void tc_make_sec1(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    BIGNUM *d = tc_key_bn(key, OSSL_PKEY_PARAM_PRIV_KEY);
    put_sec1(out, key, d, order_len(key), 1, key);
    BN_clear_free(d);
}

/* RFC 5915 3: parameters are optional, then the EC PARAMETERS block before tells the curve. */
void tc_make_sec1_no_curve(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    BIGNUM *d = tc_key_bn(key, OSSL_PKEY_PARAM_PRIV_KEY);
    put_sec1(out, key, d, order_len(key), 0, key);
    BN_clear_free(d);
}

/* Takes over d. */
static void ec_altered(struct tc_bytes *out, const char *key, BIGNUM *d, size_t scalar_len,
                       const char *public_of) {
    struct tc_bytes inner = {0};
    put_sec1(&inner, key, d, scalar_len, 0, public_of);
    tc_put_pkcs8(out, key, &inner);
    BN_clear_free(d);
    tc_clear(&inner);
}

void tc_make_ec_no_public(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    ec_altered(out, key, tc_key_bn(key, OSSL_PKEY_PARAM_PRIV_KEY), order_len(key), NULL);
}

/* The public point is this key's, the scalar another's: it looks as if it matched. */
void tc_make_ec_bad_scalar(struct tc_bytes *out, const char *key, const char *other) {
    ec_altered(out, key, tc_key_bn(other, OSSL_PKEY_PARAM_PRIV_KEY), order_len(key), key);
}

void tc_make_ec_bad_public(struct tc_bytes *out, const char *key, const char *other) {
    ec_altered(out, key, tc_key_bn(key, OSSL_PKEY_PARAM_PRIV_KEY), order_len(key), other);
}

void tc_make_ec_zero(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    BIGNUM *zero = BN_new();
    if (zero == NULL) {
        tc_die("out of memory");
    }
    ec_altered(out, key, zero, order_len(key), key);
}

void tc_make_ec_order(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    ec_altered(out, key, tc_key_bn(key, OSSL_PKEY_PARAM_EC_ORDER), order_len(key), key);
}

/* d + order: the same point, but not below the order. Only where it still fits. */
void tc_make_ec_above_order(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    BIGNUM *d = tc_key_bn(key, OSSL_PKEY_PARAM_PRIV_KEY);
    BIGNUM *order = tc_key_bn(key, OSSL_PKEY_PARAM_EC_ORDER);
    if (BN_add(d, d, order) != 1) {
        tc_die("out of memory");
    }
    BN_free(order);
    ec_altered(out, key, d, order_len(key) + 1, key);
}

void tc_make_ec_short(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    BIGNUM *d = tc_key_bn(key, OSSL_PKEY_PARAM_PRIV_KEY);
    ec_altered(out, key, d, (size_t)BN_num_bytes(d), key);
}

static void put_edwards_v2(struct tc_bytes *out, const char *key, const char *public_of) {
    struct tc_bytes point = {0};
    tc_make_pkcs8(out, key, NULL);
    tc_put_byte(&point, 0);
    tc_key_public(&point, public_of);
    tc_der_replace_child(out, 0, "\x02\x01\x01", 3);
    struct tc_bytes whole = {0};
    struct tc_element first = tc_der_child(out, 0);
    size_t seq = tc_der_open(&whole, 0x30);
    tc_put(&whole, out->data + first.offset, out->len - first.offset);
    tc_der_put(&whole, 0x81, point.data, point.len);
    tc_der_close(&whole, seq);
    tc_clear(out);
    *out = whole;
    tc_clear(&point);
}

void tc_make_edwards_v2(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    put_edwards_v2(out, key, key);
}

void tc_make_edwards_v2_bad(struct tc_bytes *out, const char *key, const char *other) {
    put_edwards_v2(out, key, other);
}
