/* PKCS#8, written into a secret of exactly the right size. */
#include <string.h>

#include "der_write.h"
#include "key_parts.h"

size_t cp_der_header(uint8_t out[CP_DER_HEADER_MAX], uint8_t tag, size_t len) {
    size_t octets = 0, used = 0;
    out[used++] = tag;
    if (len < 0x80) {
        out[used++] = (uint8_t)len;
        return used;
    }
    for (size_t rest = len; rest != 0; rest >>= 8)
        octets++;
    out[used++] = (uint8_t)(0x80 | octets);
    while (octets-- > 0)
        out[used++] = (uint8_t)(len >> 8 * octets);
    return used;
}

/* The same in SubjectPublicKeyInfo and in PKCS#8: RFC 3279 2.3.1, 4055 3.1, 5480 2.1.1, 8410 3. */
struct cp_span cp_key_algorithm_der(const struct cp_key *key, uint8_t scratch[CP_ALGORITHM_MAX]) {
    static const uint8_t null[] = {CP_DER_NULL, 0};
    struct cp_span oid = cp_key_algorithm_get(key->type)->oid, curve = {NULL, 0};
    size_t parameters_len = 0, used = 0;
    if (key->type == CP_KEY_RSA_PSS)
        return key->algorithm; /* its parameters restrict what the key may be used for */
    if (cp_curve_get(key->type) != NULL) {
        curve = oid;
        oid = cp_oid_ec_public_key;
        parameters_len = 2 + curve.len;
    } else if (key->type == CP_KEY_RSA) {
        parameters_len = sizeof(null);
    }
    used += cp_der_header(scratch, CP_DER_SEQUENCE, 2 + oid.len + parameters_len);
    used += cp_der_header(scratch + used, CP_DER_OID, oid.len);
    memcpy(scratch + used, oid.data, oid.len);
    used += oid.len;
    if (curve.len != 0) {
        used += cp_der_header(scratch + used, CP_DER_OID, curve.len);
        memcpy(scratch + used, curve.data, curve.len);
    } else if (parameters_len != 0) {
        memcpy(scratch + used, null, sizeof(null));
    }
    return (struct cp_span){scratch, used + (curve.len != 0 ? curve.len : parameters_len)};
}

static void put_small_integer(struct cp_der_writer *w, uint8_t value) {
    cp_der_put_element(w, CP_DER_INTEGER, (struct cp_span){&value, 1});
}
#define SMALL_INTEGER_LEN 3

/* ECPrivateKey, RFC 5915 3, without parameters: PKCS#8 says the curve. */
struct ec_parts {
    const struct cp_curve *curve;
    struct cp_span scalar; /* without leading zeros */
    struct cp_span point;
    size_t bits_len;  /* content of the BIT STRING */
    size_t point_len; /* [1] publicKey, whole; 0 if there is none */
    size_t content_len;
};

static struct ec_parts measure_ec(const struct cp_key *key, const struct cp_curve *curve) {
    struct ec_parts parts = {
        .curve = curve, .scalar = cp_scalar_trimmed(key->scalar), .point = key->embedded_public};
    if (parts.point.data != NULL) {
        parts.bits_len = 1 + parts.point.len;
        parts.point_len = cp_der_element_len(cp_der_element_len(parts.bits_len));
    }
    parts.content_len = SMALL_INTEGER_LEN + cp_der_element_len(curve->len) + parts.point_len;
    return parts;
}

static void put_ec(struct cp_der_writer *w, const struct ec_parts *parts) {
    static const uint8_t zeros[CP_MAX_SCALAR_LEN];
    cp_der_put_header(w, CP_DER_SEQUENCE, parts->content_len);
    put_small_integer(w, 1);
    cp_der_put_header(w, CP_DER_OCTET_STRING, parts->curve->len);
    cp_der_put(w, zeros, parts->curve->len - parts->scalar.len);
    cp_der_put(w, parts->scalar.data, parts->scalar.len);
    if (parts->point_len == 0)
        return;
    cp_der_put_header(w, CP_DER_CONTEXT_CONSTRUCTED(1), cp_der_element_len(parts->bits_len));
    cp_der_put_header(w, CP_DER_BIT_STRING, parts->bits_len);
    cp_der_put(w, zeros, 1); /* unused bits */
    cp_der_put(w, parts->point.data, parts->point.len);
}

enum cp_status cp_key_to_pkcs8(struct cp_secret *out, const struct cp_key *key,
                               struct cp_error *err) {
    const struct cp_key_algorithm *row = cp_key_algorithm_get(key->type);
    const struct cp_curve *curve = cp_curve_get(key->type);
    uint8_t scratch[CP_ALGORITHM_MAX];
    struct ec_parts ec = {.curve = NULL};
    *out = (struct cp_secret){0};
    if (row->kind == CP_KIND_OTHER)
        return cp_fail(err, CP_ERR_UNSUPPORTED, "private key: %s: can't be written as PKCS#8",
                       row->text);
    struct cp_span algorithm = cp_key_algorithm_der(key, scratch);
    size_t octets_len = key->inner.len; /* RSA and Edwards: strictly read, so it is canonical */
    if (curve != NULL) {
        ec = measure_ec(key, curve);
        octets_len = cp_der_element_len(ec.content_len);
        if (ec.scalar.len > curve->len)
            return cp_fail(err, CP_ERR_PARSE, "private key: longer than its curve's order");
    }
    size_t content_len = SMALL_INTEGER_LEN + algorithm.len + cp_der_element_len(octets_len);
    enum cp_status status = cp_secret_init(out, cp_der_element_len(content_len), err);
    if (status != CP_OK)
        return status;
    struct cp_der_writer w = {.out = out, .status = CP_OK, .err = err};
    cp_der_put_header(&w, CP_DER_SEQUENCE, content_len);
    put_small_integer(&w, 0);
    cp_der_put(&w, algorithm.data, algorithm.len);
    cp_der_put_header(&w, CP_DER_OCTET_STRING, octets_len);
    if (curve != NULL)
        put_ec(&w, &ec);
    else
        cp_der_put(&w, key->inner.data, key->inner.len);
    if (w.status != CP_OK)
        cp_secret_cleanup(out);
    return w.status;
}
