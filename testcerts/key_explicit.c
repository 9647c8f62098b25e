/* EC keys that write out the parameters of their curve. */
#include "keyforms.h"
#include "keys.h"

#include <string.h>

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

/* SpecifiedECDomain; generator: an encoded point to put in the place of the curve's, or NULL. */
static void put_domain(struct tc_bytes *out, int nid, point_conversion_form_t form,
                       const struct tc_bytes *generator) {
    EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
    unsigned char *der = NULL;
    if (group == NULL) {
        tc_die("no such curve");
    }
    EC_GROUP_set_asn1_flag(group, OPENSSL_EC_EXPLICIT_CURVE);
    EC_GROUP_set_point_conversion_form(group, form);
    int len = i2d_ECPKParameters(group, &der);
    if (len <= 0) {
        tc_die("can't write explicit parameters");
    }
    size_t start = out->len;
    tc_put(out, der, (size_t)len);
    if (generator != NULL) {
        struct tc_bytes domain = {0}, base = {0};
        tc_put(&domain, out->data + start, (size_t)len);
        tc_der_put(&base, 0x04, generator->data, generator->len);
        tc_der_replace_child(&domain, 3, base.data, base.len);
        out->len = start;
        tc_put(out, domain.data, domain.len);
        tc_clear(&domain);
        tc_clear(&base);
    }
    OPENSSL_free(der);
    EC_GROUP_free(group);
}

static void make_pkcs8(struct tc_bytes *out, const char *key, int nid, point_conversion_form_t form,
                       const struct tc_bytes *generator) {
    struct tc_bytes algorithm = {0};
    size_t seq = tc_der_open(&algorithm, 0x30);
    tc_der_oid(&algorithm, "1.2.840.10045.2.1");
    put_domain(&algorithm, nid, form, generator);
    tc_der_close(&algorithm, seq);
    tc_make_pkcs8(out, key, NULL);
    tc_der_replace_child(out, 1, algorithm.data, algorithm.len);
    tc_clear(&algorithm);
}

void tc_make_pkcs8_explicit(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    make_pkcs8(out, key, NID_X9_62_prime256v1, POINT_CONVERSION_UNCOMPRESSED, NULL);
}

void tc_make_explicit_compressed(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    make_pkcs8(out, key, NID_X9_62_prime256v1, POINT_CONVERSION_COMPRESSED, NULL);
}

void tc_make_explicit_secp256k1(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    make_pkcs8(out, key, NID_secp256k1, POINT_CONVERSION_UNCOMPRESSED, NULL);
}

/* CVE-2020-0601: the other key's public point as generator. */
void tc_make_explicit_generator(struct tc_bytes *out, const char *key, const char *other) {
    struct tc_bytes point = {0};
    tc_key_public(&point, other);
    make_pkcs8(out, key, NID_X9_62_prime256v1, POINT_CONVERSION_UNCOMPRESSED, &point);
    tc_clear(&point);
}

/* ECPrivateKey: version, privateKey, [0] parameters, [1] publicKey. */
void tc_make_sec1_explicit(struct tc_bytes *out, const char *key, const char *other) {
    struct tc_bytes params = {0};
    (void)other;
    size_t mark = tc_der_open(&params, 0xa0);
    put_domain(&params, NID_X9_62_prime256v1, POINT_CONVERSION_UNCOMPRESSED, NULL);
    tc_der_close(&params, mark);
    tc_make_sec1(out, key, NULL);
    tc_der_replace_child(out, 2, params.data, params.len);
    tc_clear(&params);
}
