/* Certificate and TBSCertificate, RFC 5280 4.1; the extensions' values are in cert_extensions.c. */
#include "cert.h"

#include <openssl/evp.h>
#include <string.h>

#include "cert_extensions.h"
#include "cp_limits.h"

/* Number of significant bits. */
static unsigned magnitude_bits(struct cp_span m) {
    unsigned bits = 0;
    if (m.len == 0)
        return 0;
    for (unsigned top = m.data[0]; top != 0; top >>= 1)
        bits++;
    return (unsigned)(m.len - 1) * 8 + bits;
}

static enum cp_status read_algorithm(struct cp_der_reader *in, struct cp_span *whole,
                                     struct cp_span *oid, struct cp_der_reader *parameters,
                                     const char *what, struct cp_error *err) {
    struct cp_der sequence, any;
    CP_TRY(cp_der_expect(in, &sequence, CP_DER_SEQUENCE, what, err));
    *parameters = cp_der_inside(in, &sequence);
    CP_TRY(cp_der_oid(parameters, oid, what, err));
    *whole = sequence.whole;
    struct cp_der_reader rest = *parameters; /* one element or none */
    if (!cp_der_at_end(&rest))
        CP_TRY(cp_der_any(&rest, &any, what, err));
    return cp_der_end(&rest, what, err);
}

/* Code points of width octets each that exist: no surrogates, none over U+10FFFF. */
static bool are_code_points(struct cp_span text, size_t width) {
    if (text.len % width != 0)
        return false;
    for (size_t i = 0; i < text.len; i += width) {
        uint32_t code = 0;
        for (size_t j = 0; j < width; j++)
            code = code << 8 | text.data[i + j];
        if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
            return false;
    }
    return true;
}

/* Character strings whose form OpenSSL insists on: a server could not load another. */
static const char *string_defect(const struct cp_der *value) {
    switch (value->tag) {
    case CP_DER_UTF8_STRING:
        return cp_utf8_is_valid(value->content) ? NULL : "a UTF8String that is not UTF-8";
    case CP_DER_BMP_STRING:
        return are_code_points(value->content, 2) ? NULL : "a BMPString that is not UCS-2";
    case CP_DER_UNIVERSAL_STRING:
        return are_code_points(value->content, 4) ? NULL : "a UniversalString that is not UCS-4";
    case CP_DER_BIT_STRING: /* x500UniqueIdentifier */
        return value->content.len != 0 && value->content.data[0] <= 7
                   ? NULL
                   : "a BIT STRING with a wrong count of unused bits";
    case CP_DER_NUMERIC_STRING:
    case CP_DER_PRINTABLE_STRING:
    case CP_DER_TELETEX_STRING:
    case CP_DER_IA5_STRING:
        return NULL;
    default:
        return "a value that is no character string";
    }
}

enum cp_status cp_cert_read_name(struct cp_der_reader *in, struct cp_span *whole, bool *empty,
                                 struct cp_span *common_name, uint8_t *common_name_tag,
                                 const char *what, struct cp_error *err) {
    static const uint8_t oid_cn[] = {0x55, 4, 3};
    struct cp_der name, value;
    struct cp_span type;
    CP_TRY(cp_der_expect(in, &name, CP_DER_SEQUENCE, what, err));
    struct cp_der_reader rdns = cp_der_inside(in, &name), set, attribute;
    if (name.whole.len > CP_MAX_NAME_LEN)
        return cp_der_fail(&rdns, err, what, "a Name of more than 4096 octets");
    *whole = name.whole;
    *empty = cp_der_at_end(&rdns);
    for (size_t num_rdns = 0; !cp_der_at_end(&rdns); num_rdns++) {
        if (num_rdns == CP_MAX_RDNS)
            return cp_der_fail(&rdns, err, what, "more than 128 RelativeDistinguishedNames");
        CP_TRY(cp_der_enter(&rdns, &set, CP_DER_SET, what, err));
        if (cp_der_at_end(&set))
            return cp_der_fail(&set, err, what, "an empty RelativeDistinguishedName");
        for (size_t num = 0; !cp_der_at_end(&set); num++) {
            if (num == CP_MAX_ATTRIBUTES)
                return cp_der_fail(&set, err, what, "more than 16 attributes in one set");
            CP_TRY(cp_der_enter(&set, &attribute, CP_DER_SEQUENCE, what, err));
            CP_TRY(cp_der_oid(&attribute, &type, what, err));
            struct cp_der_reader at = attribute;
            CP_TRY(cp_der_any(&attribute, &value, what, err));
            if (string_defect(&value) != NULL)
                return cp_der_fail(&at, err, what, string_defect(&value));
            CP_TRY(cp_der_end(&attribute, what, err));
            if (common_name != NULL &&
                cp_span_equal(type, (struct cp_span){oid_cn, sizeof(oid_cn)})) {
                *common_name = value.content;
                *common_name_tag = value.tag;
            }
        }
    }
    return CP_OK;
}

static enum cp_status read_validity(struct cp_cert *out, struct cp_der_reader *in,
                                    struct cp_error *err) {
    struct cp_der_reader validity;
    bool is_utc;
    CP_TRY(cp_der_enter(in, &validity, CP_DER_SEQUENCE, "validity", err));
    CP_TRY(cp_der_time(&validity, &out->not_before_s, &is_utc, "notBefore", err));
    CP_TRY(cp_der_time(&validity, &out->not_after_s, &is_utc, "notAfter", err));
    int64_t no_end;
    if (cp_time_from_civil(&no_end, 9999, 12, 31, 23, 59, 59) && out->not_after_s == no_end)
        out->not_after_s = INT64_MAX;
    return cp_der_end(&validity, "validity", err);
}

/* RSAPublicKey, RFC 8017 A.1.1. */
static enum cp_status read_rsa(struct cp_cert *out, const struct cp_der_reader *spki,
                               struct cp_error *err) {
    struct cp_der_reader bits = {spki->origin, out->public_key.data,
                                 out->public_key.data + out->public_key.len};
    struct cp_der_reader rsa;
    CP_TRY(cp_der_enter(&bits, &rsa, CP_DER_SEQUENCE, "RSAPublicKey", err));
    CP_TRY(cp_der_unsigned(&rsa, &out->rsa_n, "modulus", err));
    CP_TRY(cp_der_unsigned(&rsa, &out->rsa_e, "publicExponent", err));
    CP_TRY(cp_der_end(&rsa, "RSAPublicKey", err));
    CP_TRY(cp_der_end(&bits, "subjectPublicKey", err));
    out->key_bits = magnitude_bits(out->rsa_n);
    return CP_OK;
}

/* SubjectPublicKeyInfo, RFC 5280 4.1.2.7. A type that is not in the table stays UNKNOWN. */
static enum cp_status read_spki(struct cp_cert *out, struct cp_der_reader *in,
                                struct cp_error *err) {
    struct cp_der spki;
    struct cp_span algorithm, oid, curve;
    struct cp_der_reader parameters;
    unsigned unused;
    CP_TRY(cp_der_expect(in, &spki, CP_DER_SEQUENCE, "subjectPublicKeyInfo", err));
    struct cp_der_reader inner = cp_der_inside(in, &spki);
    CP_TRY(read_algorithm(&inner, &algorithm, &oid, &parameters, "subjectPublicKeyInfo.algorithm",
                          err));
    CP_TRY(
        cp_der_bits(&inner, CP_DER_BIT_STRING, &out->public_key, &unused, "subjectPublicKey", err));
    if (unused != 0)
        return cp_der_fail(&inner, err, "subjectPublicKey", "not a whole number of octets");
    CP_TRY(cp_der_end(&inner, "subjectPublicKeyInfo", err));
    out->spki = spki.whole;
    out->key_algorithm_oid = oid;
    out->key_type = cp_key_type_from_oid(oid);
    if (cp_span_equal(oid, cp_oid_ec_public_key)) {
        /* Explicit parameters (RFC 5480 2.1.1 forbids them) leave the type UNKNOWN. */
        if (cp_der_peek(&parameters, CP_DER_OID)) {
            CP_TRY(cp_der_oid(&parameters, &curve, "namedCurve", err));
            out->key_algorithm_oid = curve;
            out->key_type = cp_key_type_from_oid(curve);
        }
        if (!cp_key_type_is_curve(out->key_type))
            out->key_type = CP_KEY_UNKNOWN;
    } else if (cp_key_type_is_curve(out->key_type)) {
        out->key_type = CP_KEY_UNKNOWN; /* a curve's OID where an algorithm's belongs */
    }
    const struct cp_key_algorithm *row = cp_key_algorithm_get(out->key_type);
    out->key_bits = row->bits;
    return row->kind == CP_KIND_RSA ? read_rsa(out, &inner, err) : CP_OK;
}

static enum cp_status read_tbs(struct cp_cert *out, struct cp_der_reader *tbs,
                               struct cp_error *err) {
    struct cp_der_reader inner;
    struct cp_span oid, ignored;
    struct cp_der unique;
    uint32_t version = 0;
    if (cp_der_peek(tbs, CP_DER_CONTEXT_CONSTRUCTED(0))) {
        CP_TRY(cp_der_enter(tbs, &inner, CP_DER_CONTEXT_CONSTRUCTED(0), "version", err));
        CP_TRY(cp_der_small(&inner, &version, 2, "version", err));
        if (version == 0)
            cp_cert_note_lenient(out, &inner, "version: the default v1 is written out");
        CP_TRY(cp_der_end(&inner, "version", err));
    }
    out->version = version + 1;
    CP_TRY(cp_der_integer(tbs, &out->serial, "serialNumber", err));
    CP_TRY(read_algorithm(tbs, &out->tbs_signature_algorithm, &oid, &inner, "signature", err));
    CP_TRY(cp_cert_read_name(tbs, &out->issuer, &out->issuer_empty, NULL, NULL, "issuer", err));
    CP_TRY(read_validity(out, tbs, err));
    CP_TRY(cp_cert_read_name(tbs, &out->subject, &out->subject_empty, &out->common_name,
                             &out->common_name_tag, "subject", err));
    out->issuer_hash = cp_name_hash(out->issuer);
    out->subject_hash = cp_name_hash(out->subject);
    CP_TRY(read_spki(out, tbs, err));
    for (uint8_t n = 1; n <= 2; n++) { /* issuerUniqueID, subjectUniqueID */
        unsigned unused;
        if (!cp_der_peek(tbs, CP_DER_CONTEXT(n)))
            continue;
        if (out->version < 2)
            return cp_der_fail(tbs, err, "uniqueID", "not in a version 1 certificate");
        CP_TRY(cp_der_bits(tbs, CP_DER_CONTEXT(n), &ignored, &unused, "uniqueID", err));
    }
    if (cp_der_peek(tbs, CP_DER_CONTEXT_CONSTRUCTED(3))) {
        if (out->version != 3)
            return cp_der_fail(tbs, err, "extensions", "only a version 3 certificate has them");
        CP_TRY(cp_der_any(tbs, &unique, "extensions", err));
        inner = cp_der_inside(tbs, &unique);
        CP_TRY(cp_cert_read_extensions(out, &inner, err));
    }
    return cp_der_end(tbs, "tbsCertificate", err);
}

enum cp_status cp_cert_parse(struct cp_cert *out, struct cp_span der, struct cp_error *err) {
    struct cp_der_reader in, certificate, inner;
    struct cp_der tbs;
    struct cp_span oid;
    unsigned unused;
    *out = (struct cp_cert){.der = der, .path_len = -1};
    cp_der_reader_init(&in, der);
    CP_TRY(cp_der_enter(&in, &certificate, CP_DER_SEQUENCE, "Certificate", err));
    CP_TRY(cp_der_end(&in, "Certificate", err));
    CP_TRY(cp_der_expect(&certificate, &tbs, CP_DER_SEQUENCE, "tbsCertificate", err));
    out->tbs = tbs.whole;
    inner = cp_der_inside(&certificate, &tbs);
    CP_TRY(read_tbs(out, &inner, err));
    CP_TRY(read_algorithm(&certificate, &out->signature_algorithm, &oid, &inner,
                          "signatureAlgorithm", err));
    out->signature_type = cp_signature_type_from_oid(oid);
    CP_TRY(cp_der_bits(&certificate, CP_DER_BIT_STRING, &out->signature, &unused, "signatureValue",
                       err));
    if (unused != 0)
        return cp_der_fail(&certificate, err, "signatureValue", "not a whole number of octets");
    return cp_der_end(&certificate, "Certificate", err);
}

enum cp_status cp_sha256_hex(char out[65], struct cp_span data, struct cp_error *err) {
    uint8_t digest[32];
    if (EVP_Q_digest(NULL, "SHA256", NULL, data.data, data.len, digest, NULL) != 1)
        return cp_fail(err, CP_ERR_CRYPTO, "SHA-256 failed");
    cp_hex(out, digest, sizeof(digest));
    return CP_OK;
}
