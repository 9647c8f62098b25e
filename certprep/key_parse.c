/* The structure of private keys: PKCS#8, PKCS#1, SEC1. */
#include "key_parts.h"

const char *cp_key_format_name(enum cp_key_format format) {
    static const char *const names[] = {
        [CP_KEY_PKCS8] = "PKCS#8",
        [CP_KEY_PKCS1] = "PKCS#1",
        [CP_KEY_SEC1] = "SEC1",
    };
    return (unsigned)format < sizeof(names) / sizeof(names[0]) ? names[format] : "unknown format";
}

static unsigned magnitude_bits(struct cp_span m) {
    unsigned bits = 0;
    for (unsigned top = m.data[0]; top != 0; top >>= 1)
        bits++;
    return (unsigned)(m.len - 1) * 8 + bits;
}

static enum cp_status unsupported(const struct cp_der_reader *reader, struct cp_error *err,
                                  const char *what, const char *why) {
    (void)cp_der_fail(reader, err, what, why);
    if (err != NULL)
        err->status = CP_ERR_UNSUPPORTED;
    return CP_ERR_UNSUPPORTED;
}

/* A BIT STRING that is a whole number of octets. */
static enum cp_status read_octet_bits(struct cp_der_reader *in, struct cp_span *bits, uint8_t tag,
                                      const char *what, struct cp_error *err) {
    unsigned unused = 0;
    struct cp_der_reader at = *in;
    CP_TRY(cp_der_bits(in, tag, bits, &unused, what, err));
    return unused == 0 ? CP_OK : cp_der_fail(&at, err, what, "not a whole number of octets");
}

/* RSAPrivateKey, RFC 8017 A.1.2. */
static enum cp_status read_rsa(struct cp_key *out, struct cp_der_reader *in, struct cp_error *err) {
    struct cp_der_reader rsa;
    uint32_t version = 0;
    struct cp_key_rsa *k = &out->rsa;
    CP_TRY(cp_der_enter(in, &rsa, CP_DER_SEQUENCE, "RSAPrivateKey", err));
    struct cp_der_reader at = rsa;
    CP_TRY(cp_der_small(&rsa, &version, 1, "RSAPrivateKey.version", err));
    if (version == 1)
        return unsupported(&at, err, "RSAPrivateKey.version",
                           "a key of more than two primes (RFC 8017 3.2)");
    CP_TRY(cp_der_unsigned(&rsa, &k->n, "modulus", err));
    CP_TRY(cp_der_unsigned(&rsa, &k->e, "publicExponent", err));
    CP_TRY(cp_der_unsigned(&rsa, &k->d, "privateExponent", err));
    CP_TRY(cp_der_unsigned(&rsa, &k->p, "prime1", err));
    CP_TRY(cp_der_unsigned(&rsa, &k->q, "prime2", err));
    CP_TRY(cp_der_unsigned(&rsa, &k->dp, "exponent1", err));
    CP_TRY(cp_der_unsigned(&rsa, &k->dq, "exponent2", err));
    CP_TRY(cp_der_unsigned(&rsa, &k->qinv, "coefficient", err));
    CP_TRY(cp_der_end(&rsa, "RSAPrivateKey", err));
    out->bits = magnitude_bits(k->n);
    return cp_der_end(in, "RSAPrivateKey", err);
}

enum cp_status cp_rsa_public_parse(struct cp_span *n, struct cp_span *e, struct cp_span der,
                                   struct cp_error *err) {
    struct cp_der_reader in, rsa;
    cp_der_reader_init(&in, der);
    CP_TRY(cp_der_enter(&in, &rsa, CP_DER_SEQUENCE, "RSAPublicKey", err));
    CP_TRY(cp_der_unsigned(&rsa, n, "modulus", err));
    CP_TRY(cp_der_unsigned(&rsa, e, "publicExponent", err));
    CP_TRY(cp_der_end(&rsa, "RSAPublicKey", err));
    return cp_der_end(&in, "RSAPublicKey", err);
}

/* ECParameters, RFC 5480 2.1.1: namedCurve is the only form that a certificate may have. Explicit
 * parameters are taken where they are those of a curve with a name. */
static enum cp_status read_curve(struct cp_key *out, struct cp_der_reader *in, struct cp_span *oid,
                                 const char *what, struct cp_error *err) {
    struct cp_der curve;
    struct cp_der_reader at = *in;
    if (cp_der_peek(in, CP_DER_SEQUENCE)) {
        enum cp_key_type type = CP_KEY_UNKNOWN;
        CP_TRY(cp_explicit_curve_read(&type, in, err));
        if (type == CP_KEY_UNKNOWN)
            return unsupported(
                &at, err, what,
                "want a named curve, got explicit parameters of a curve that is none "
                "of P-256, P-384, P-521 (RFC 5480 2.1.1)");
        out->has_explicit_curve = true;
        *oid = cp_key_algorithm_get(type)->oid;
        return cp_der_end(in, what, err);
    }
    if (cp_der_peek(in, CP_DER_NULL))
        return unsupported(in, err, what,
                           "want a named curve, got an implicit one (RFC 5480 2.1.1)");
    CP_TRY(cp_der_expect(in, &curve, CP_DER_OID, what, err));
    *oid = curve.content;
    return cp_der_end(in, what, err);
}

static void set_curve(struct cp_key *out, struct cp_span oid) {
    enum cp_key_type type = cp_key_type_from_oid(oid);
    const struct cp_key_algorithm *row = cp_key_algorithm_get(type);
    out->algorithm_oid = oid;
    out->type = cp_key_type_is_curve(type) ? type : CP_KEY_UNKNOWN;
    out->bits = cp_key_type_is_curve(type) ? row->bits : 0;
}

/* ECPrivateKey, RFC 5915 3. outer_curve is what PKCS#8 says; empty for SEC1, which says it inside.
 */
static enum cp_status read_ec(struct cp_key *out, struct cp_der_reader *in,
                              struct cp_span outer_curve, struct cp_error *err) {
    struct cp_der_reader ec, inner;
    struct cp_der scalar;
    struct cp_span curve = outer_curve;
    uint32_t version = 0;
    CP_TRY(cp_der_enter(in, &ec, CP_DER_SEQUENCE, "ECPrivateKey", err));
    struct cp_der_reader at = ec;
    CP_TRY(cp_der_small(&ec, &version, 1, "ECPrivateKey.version", err));
    if (version != 1)
        return cp_der_fail(&at, err, "ECPrivateKey.version", "want 1");
    CP_TRY(cp_der_expect(&ec, &scalar, CP_DER_OCTET_STRING, "ECPrivateKey.privateKey", err));
    out->scalar = scalar.content;
    at = ec;
    if (cp_der_peek(&ec, CP_DER_CONTEXT_CONSTRUCTED(0))) {
        CP_TRY(cp_der_enter(&ec, &inner, CP_DER_CONTEXT_CONSTRUCTED(0), "ECPrivateKey.parameters",
                            err));
        CP_TRY(read_curve(out, &inner, &curve, "ECPrivateKey.parameters", err));
    } else if (outer_curve.len == 0) {
        return cp_der_fail(&at, err, "ECPrivateKey.parameters",
                           "missing, so that nothing says which curve it is");
    }
    if (outer_curve.len != 0 && !cp_span_equal(curve, outer_curve))
        return cp_der_fail(&at, err, "ECPrivateKey.parameters",
                           "another curve than privateKeyAlgorithm says");
    if (cp_der_peek(&ec, CP_DER_CONTEXT_CONSTRUCTED(1))) {
        CP_TRY(cp_der_enter(&ec, &inner, CP_DER_CONTEXT_CONSTRUCTED(1), "ECPrivateKey.publicKey",
                            err));
        CP_TRY(read_octet_bits(&inner, &out->embedded_public, CP_DER_BIT_STRING,
                               "ECPrivateKey.publicKey", err));
        CP_TRY(cp_der_end(&inner, "ECPrivateKey.publicKey", err));
    }
    CP_TRY(cp_der_end(&ec, "ECPrivateKey", err));
    set_curve(out, curve);
    return cp_der_end(in, "ECPrivateKey", err);
}

/* CurvePrivateKey, RFC 8410 7. */
static enum cp_status read_edwards(struct cp_key *out, struct cp_der_reader *in,
                                   struct cp_error *err) {
    struct cp_der seed;
    CP_TRY(cp_der_expect(in, &seed, CP_DER_OCTET_STRING, "CurvePrivateKey", err));
    out->scalar = seed.content;
    return cp_der_end(in, "CurvePrivateKey", err);
}

struct pkcs8_parts {
    struct cp_der_reader parameters;  /* of privateKeyAlgorithm */
    struct cp_der_reader private_key; /* inside the OCTET STRING */
    struct cp_der_reader public_key;  /* where [1] stands, for messages */
    struct cp_span public_bits;
};

/* Attributes, RFC 5958 2: SET OF SEQUENCE { type, values }; walked and dropped. */
static enum cp_status skip_attributes(struct cp_der_reader *in, struct cp_error *err) {
    struct cp_der_reader attributes, attribute;
    struct cp_der ignored;
    CP_TRY(cp_der_enter(in, &attributes, CP_DER_CONTEXT_CONSTRUCTED(0), "attributes", err));
    while (!cp_der_at_end(&attributes)) {
        CP_TRY(cp_der_enter(&attributes, &attribute, CP_DER_SEQUENCE, "attribute", err));
        CP_TRY(cp_der_expect(&attribute, &ignored, CP_DER_OID, "attribute.type", err));
        CP_TRY(cp_der_expect(&attribute, &ignored, CP_DER_SET, "attribute.values", err));
        CP_TRY(cp_der_end(&attribute, "attribute", err));
    }
    return CP_OK;
}

/* OneAsymmetricKey, RFC 5958 2, as far as it is the same for every algorithm. */
static enum cp_status read_pkcs8(struct cp_key *out, struct pkcs8_parts *parts,
                                 struct cp_der_reader *in, struct cp_error *err) {
    struct cp_der_reader key;
    struct cp_der algorithm, oid, octets;
    uint32_t version = 0;
    CP_TRY(cp_der_enter(in, &key, CP_DER_SEQUENCE, "PrivateKeyInfo", err));
    struct cp_der_reader version_at = key;
    CP_TRY(cp_der_small(&key, &version, 1, "version", err));
    CP_TRY(cp_der_expect(&key, &algorithm, CP_DER_SEQUENCE, "privateKeyAlgorithm", err));
    parts->parameters = cp_der_inside(&key, &algorithm);
    CP_TRY(
        cp_der_expect(&parts->parameters, &oid, CP_DER_OID, "privateKeyAlgorithm.algorithm", err));
    CP_TRY(cp_der_expect(&key, &octets, CP_DER_OCTET_STRING, "privateKey", err));
    parts->private_key = cp_der_inside(&key, &octets);
    if (cp_der_peek(&key, CP_DER_CONTEXT_CONSTRUCTED(0)))
        CP_TRY(skip_attributes(&key, err));
    parts->public_key = key;
    bool has_public = cp_der_peek(&key, CP_DER_CONTEXT(1));
    if (has_public)
        CP_TRY(read_octet_bits(&key, &parts->public_bits, CP_DER_CONTEXT(1), "publicKey", err));
    if (has_public != (version == 1))
        return cp_der_fail(&version_at, err, "version",
                           has_public ? "want 1, since there is a publicKey"
                                      : "want 0, since there is no publicKey");
    CP_TRY(cp_der_end(&key, "PrivateKeyInfo", err));
    out->algorithm_oid = oid.content;
    out->algorithm = algorithm.whole;
    out->inner = octets.content;
    return cp_der_end(in, "PrivateKeyInfo", err);
}

/* At most one element of any type: parameters that are not looked into. */
static enum cp_status skip_parameters(struct cp_der_reader *parameters, struct cp_error *err) {
    struct cp_der ignored;
    if (!cp_der_at_end(parameters))
        CP_TRY(cp_der_any(parameters, &ignored, "privateKeyAlgorithm.parameters", err));
    return cp_der_end(parameters, "privateKeyAlgorithm.parameters", err);
}

static enum cp_status read_pkcs8_key(struct cp_key *out, struct pkcs8_parts *parts,
                                     struct cp_error *err) {
    static const char what[] = "privateKeyAlgorithm.parameters";
    struct cp_der element;
    struct cp_span curve;
    if (cp_span_equal(out->algorithm_oid, cp_oid_ec_public_key)) {
        CP_TRY(read_curve(out, &parts->parameters, &curve, what, err));
        return read_ec(out, &parts->private_key, curve, err);
    }
    enum cp_key_type type = cp_key_type_from_oid(out->algorithm_oid);
    const struct cp_key_algorithm *row = cp_key_algorithm_get(type);
    switch (row->kind) {
    case CP_KIND_RSA:
        if (type == CP_KEY_RSA_PSS) { /* RFC 4055 3.1: absent or RSASSA-PSS-params */
            CP_TRY(skip_parameters(&parts->parameters, err));
        } else { /* RFC 3279 2.3.1 */
            CP_TRY(cp_der_expect(&parts->parameters, &element, CP_DER_NULL, what, err));
            if (element.content.len != 0)
                return cp_der_fail(&parts->parameters, err, what, "a NULL with content");
            CP_TRY(cp_der_end(&parts->parameters, what, err));
        }
        out->type = type;
        return read_rsa(out, &parts->private_key, err);
    case CP_KIND_EDWARDS: /* RFC 8410 3: absent */
        CP_TRY(cp_der_end(&parts->parameters, what, err));
        out->type = type;
        out->bits = row->bits;
        return read_edwards(out, &parts->private_key, err);
    case CP_KIND_EC: /* a curve's OID where an algorithm's belongs */
    case CP_KIND_OTHER:
        break;
    }
    out->type = cp_key_type_is_curve(type) ? CP_KEY_UNKNOWN : type;
    return skip_parameters(&parts->parameters, err);
}

static enum cp_status parse_pkcs8(struct cp_key *out, struct cp_der_reader *in,
                                  struct cp_error *err) {
    struct pkcs8_parts parts = {0};
    CP_TRY(read_pkcs8(out, &parts, in, err));
    CP_TRY(read_pkcs8_key(out, &parts, err));
    if (parts.public_bits.data == NULL)
        return CP_OK;
    if (out->embedded_public.data != NULL &&
        !cp_span_equal(out->embedded_public, parts.public_bits))
        return cp_der_fail(&parts.public_key, err, "publicKey",
                           "another one than in ECPrivateKey.publicKey");
    out->embedded_public = parts.public_bits;
    return CP_OK;
}

enum cp_status cp_key_parse(struct cp_key *out, struct cp_span der, enum cp_key_format format,
                            struct cp_error *err) {
    struct cp_der_reader reader;
    enum cp_status status = CP_ERR_UNSUPPORTED;
    *out = (struct cp_key){.format = format, .der = der, .inner = der};
    cp_der_reader_init(&reader, der);
    switch (format) {
    case CP_KEY_PKCS8:
        status = parse_pkcs8(out, &reader, err);
        break;
    case CP_KEY_PKCS1:
        out->type = CP_KEY_RSA;
        out->algorithm_oid = cp_key_algorithm_get(CP_KEY_RSA)->oid;
        status = read_rsa(out, &reader, err);
        break;
    case CP_KEY_SEC1:
        status = read_ec(out, &reader, (struct cp_span){NULL, 0}, err);
        break;
    }
    if (status != CP_OK)
        *out = (struct cp_key){.format = format};
    return status;
}
