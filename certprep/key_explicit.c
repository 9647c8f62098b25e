/* Explicit EC parameters: which named curve are they? SEC 1 C.2, RFC 3279 2.3.5. */
#include <openssl/ec.h>
#include <openssl/err.h>
#include <string.h>

#include "key_parts.h"

#define MAX_POINT_LEN (1 + 2 * CP_MAX_SCALAR_LEN)

/* Magnitudes without leading zeros, but the generator, which is an encoded point. */
struct domain {
    struct cp_span p, a, b, generator, order, cofactor;
};

/* Curve, SEC 1 C.2. The seed proves how a and b were chosen; it does not change the curve. */
static enum cp_status read_coefficients(struct domain *out, struct cp_der_reader *in,
                                        struct cp_error *err) {
    static const char what[] = "ECParameters.curve";
    struct cp_der_reader curve;
    struct cp_der a, b;
    struct cp_span seed;
    unsigned unused;
    CP_TRY(cp_der_enter(in, &curve, CP_DER_SEQUENCE, what, err));
    CP_TRY(cp_der_expect(&curve, &a, CP_DER_OCTET_STRING, "ECParameters.curve.a", err));
    CP_TRY(cp_der_expect(&curve, &b, CP_DER_OCTET_STRING, "ECParameters.curve.b", err));
    if (!cp_der_at_end(&curve))
        CP_TRY(
            cp_der_bits(&curve, CP_DER_BIT_STRING, &seed, &unused, "ECParameters.curve.seed", err));
    out->a = cp_scalar_trimmed(a.content);
    out->b = cp_scalar_trimmed(b.content);
    return cp_der_end(&curve, what, err);
}

/* False in *prime for a field of another kind, which no curve of the table is over. */
static enum cp_status read_domain(struct domain *out, bool *prime, struct cp_der_reader *in,
                                  struct cp_error *err) {
    static const uint8_t prime_field[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x01, 0x01};
    struct cp_der_reader params, field;
    struct cp_der base, hash;
    struct cp_span oid;
    uint32_t version;
    *prime = false;
    CP_TRY(cp_der_enter(in, &params, CP_DER_SEQUENCE, "ECParameters", err));
    CP_TRY(cp_der_small(&params, &version, 3, "ECParameters.version", err));
    CP_TRY(cp_der_enter(&params, &field, CP_DER_SEQUENCE, "ECParameters.fieldID", err));
    CP_TRY(cp_der_oid(&field, &oid, "ECParameters.fieldID.fieldType", err));
    if (!cp_span_equal(oid, (struct cp_span){prime_field, sizeof(prime_field)}))
        return CP_OK;
    CP_TRY(cp_der_unsigned(&field, &out->p, "ECParameters.fieldID.parameters", err));
    CP_TRY(cp_der_end(&field, "ECParameters.fieldID", err));
    CP_TRY(read_coefficients(out, &params, err));
    CP_TRY(cp_der_expect(&params, &base, CP_DER_OCTET_STRING, "ECParameters.base", err));
    out->generator = base.content;
    CP_TRY(cp_der_unsigned(&params, &out->order, "ECParameters.order", err));
    if (cp_der_peek(&params, CP_DER_INTEGER))
        CP_TRY(cp_der_unsigned(&params, &out->cofactor, "ECParameters.cofactor", err));
    if (cp_der_peek(&params, CP_DER_SEQUENCE)) /* the hash that belongs to the seed */
        CP_TRY(cp_der_any(&params, &hash, "ECParameters.hash", err));
    *prime = true;
    return cp_der_end(&params, "ECParameters", err);
}

static bool number_equals(const BIGNUM *number, struct cp_span magnitude) {
    uint8_t octets[CP_MAX_SCALAR_LEN];
    int len = BN_num_bytes(number);
    return (size_t)len == magnitude.len && (size_t)len <= sizeof(octets) &&
           BN_bn2bin(number, octets) == len && memcmp(octets, magnitude.data, (size_t)len) == 0;
}

static bool generator_equals(const EC_GROUP *group, struct cp_span encoded) {
    uint8_t octets[MAX_POINT_LEN];
    const EC_POINT *generator = EC_GROUP_get0_generator(group);
    if (encoded.len == 0)
        return false;
    point_conversion_form_t form = encoded.data[0] == 4  ? POINT_CONVERSION_UNCOMPRESSED
                                   : encoded.data[0] < 4 ? POINT_CONVERSION_COMPRESSED
                                                         : POINT_CONVERSION_HYBRID;
    size_t len = EC_POINT_point2oct(group, generator, form, octets, sizeof(octets), NULL);
    return len != 0 && cp_span_equal(encoded, (struct cp_span){octets, len});
}

/* CVE-2020-0601: a generator of one's own makes a private key for any public one, so every value
 * has to be the named curve's. */
static enum cp_status compare(bool *same, int nid, const struct domain *domain,
                              struct cp_error *err) {
    static const uint8_t one[] = {1};
    EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
    BIGNUM *p = BN_new(), *a = BN_new(), *b = BN_new();
    bool ok = group != NULL && p != NULL && a != NULL && b != NULL &&
              EC_GROUP_get_curve(group, p, a, b, NULL) == 1;
    *same = ok && number_equals(p, domain->p) && number_equals(a, domain->a) &&
            number_equals(b, domain->b) &&
            number_equals(EC_GROUP_get0_order(group), domain->order) &&
            generator_equals(group, domain->generator) &&
            (domain->cofactor.data == NULL ||
             cp_span_equal(domain->cofactor, (struct cp_span){one, sizeof(one)}));
    BN_free(p);
    BN_free(a);
    BN_free(b);
    EC_GROUP_free(group);
    return ok ? CP_OK : cp_fail(err, CP_ERR_MEMORY, "ECParameters: out of memory");
}

enum cp_status cp_explicit_curve_read(enum cp_key_type *type, struct cp_der_reader *in,
                                      struct cp_error *err) {
    static const enum cp_key_type types[] = {CP_KEY_EC_P256, CP_KEY_EC_P384, CP_KEY_EC_P521};
    struct domain domain = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
    bool same = false, prime = false;
    *type = CP_KEY_UNKNOWN;
    CP_TRY(read_domain(&domain, &prime, in, err));
    if (!prime)
        return CP_OK;
    ERR_set_mark();
    enum cp_status status = CP_OK;
    for (size_t i = 0; status == CP_OK && !same && i < sizeof(types) / sizeof(types[0]); i++) {
        status = compare(&same, cp_curve_get(types[i])->nid, &domain, err);
        if (same)
            *type = types[i];
    }
    ERR_pop_to_mark();
    return status;
}
