/* AlgorithmIdentifiers, keys and signatures: RFC 3279, 4055, 5480, 5758, 8410. */
#include "profile.h"

static const char *describe(const struct cp_der *parameters) {
    return parameters->tag == 0             ? "absent"
           : parameters->tag == CP_DER_NULL ? "NULL"
                                            : "something else";
}

/* Both of signature and signatureAlgorithm are the same by a rule of path validation. */
static bool signature_parameters(const struct cp_profile_cert *p, enum cp_key_kind kind,
                                 struct cp_der *out) {
    const struct cp_signature_algorithm *row = cp_signature_algorithm_get(p->cert->signature_type);
    if (row->kind != kind || p->cert->signature_type == CP_SIGNATURE_UNKNOWN)
        return false;
    *out = cp_profile_parameters(p->cert->signature_algorithm);
    return true;
}

bool cp_profile_signature_rsa_parameters(const struct cp_profile_cert *p,
                                         char why[CP_PROFILE_WHY]) {
    struct cp_der parameters;
    return p->cert->signature_type != CP_SIGNATURE_RSA_PSS &&
           signature_parameters(p, CP_KIND_RSA, &parameters) &&
           !(parameters.tag == CP_DER_NULL && parameters.content.len == 0) &&
           cp_profile_say(why, "the parameters of its signature algorithm are %s, want NULL",
                          describe(&parameters));
}

bool cp_profile_signature_ecdsa_parameters(const struct cp_profile_cert *p,
                                           char why[CP_PROFILE_WHY]) {
    struct cp_der parameters;
    return signature_parameters(p, CP_KIND_EC, &parameters) && parameters.tag != 0 &&
           cp_profile_say(why, "the parameters of its ECDSA algorithm are %s, want none",
                          describe(&parameters));
}

bool cp_profile_signature_eddsa_parameters(const struct cp_profile_cert *p,
                                           char why[CP_PROFILE_WHY]) {
    struct cp_der parameters;
    return signature_parameters(p, CP_KIND_EDWARDS, &parameters) && parameters.tag != 0 &&
           cp_profile_say(why, "the parameters of its EdDSA algorithm are %s, want none",
                          describe(&parameters));
}

/* ---- RSASSA-PSS-params, RFC 4055 3.1; defaults are SHA-1, MGF1 with SHA-1, 20, 1 ---- */

struct pss {
    struct cp_span hash, mgf, mgf_hash; /* OIDs; empty: the default */
    uint32_t salt_len, trailer;
};

static bool read_algorithm(struct cp_der_reader *in, struct cp_span *oid,
                           struct cp_der_reader *parameters) {
    return cp_der_enter(in, parameters, CP_DER_SEQUENCE, "algorithm", NULL) == CP_OK &&
           cp_der_oid(parameters, oid, "algorithm", NULL) == CP_OK;
}

static bool read_pss(struct pss *out, struct cp_span algorithm) {
    struct cp_der whole = cp_profile_parameters(algorithm);
    struct cp_der_reader outer, in, field, parameters, rest;
    *out = (struct pss){.salt_len = 20, .trailer = 1};
    if (whole.tag != CP_DER_SEQUENCE)
        return false;
    cp_der_reader_init(&outer, whole.whole);
    if (cp_der_enter(&outer, &in, CP_DER_SEQUENCE, "params", NULL) != CP_OK)
        return false;
    for (uint8_t n = 0; n < 4; n++) {
        if (!cp_der_peek(&in, CP_DER_CONTEXT_CONSTRUCTED(n)))
            continue;
        if (cp_der_enter(&in, &field, CP_DER_CONTEXT_CONSTRUCTED(n), "params", NULL) != CP_OK)
            return false;
        bool good = n == 0   ? read_algorithm(&field, &out->hash, &parameters)
                    : n == 1 ? read_algorithm(&field, &out->mgf, &parameters) &&
                                   read_algorithm(&parameters, &out->mgf_hash, &rest)
                    : n == 2 ? cp_der_small(&field, &out->salt_len, 1024, "salt", NULL) == CP_OK
                             : cp_der_small(&field, &out->trailer, 255, "trailer", NULL) == CP_OK;
        if (!good || !cp_der_at_end(&field))
            return false;
    }
    return cp_der_at_end(&in);
}

/* Octets of SHA-1 and the SHA-2 and SHA-3 families; 0: another. */
static uint32_t digest_len(struct cp_span oid) {
    static const uint8_t nist[] = {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2};
    static const uint8_t lens[] = {0, 32, 48, 64, 28, 28, 32, 28, 32, 48, 64};
    if (oid.len == 0)
        return 20;
    struct cp_span prefix = {oid.data, oid.len - 1};
    if (oid.len != 9 || !cp_span_equal(prefix, (struct cp_span){nist, sizeof(nist)}) ||
        oid.data[8] >= sizeof(lens))
        return 0;
    return lens[oid.data[8]];
}

static bool is_pss(const struct cp_profile_cert *p) {
    return p->cert->signature_type == CP_SIGNATURE_RSA_PSS;
}

bool cp_profile_pss_malformed(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    struct pss pss;
    if (!is_pss(p))
        return false;
    if (!read_pss(&pss, p->cert->signature_algorithm))
        return cp_profile_say(why, "its RSASSA-PSS parameters are missing or malformed");
    return pss.trailer != 1 &&
           cp_profile_say(why, "the trailerField of its RSASSA-PSS parameters is %u, want 1",
                          pss.trailer);
}

bool cp_profile_pss_hashes(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    struct pss pss;
    return is_pss(p) && read_pss(&pss, p->cert->signature_algorithm) &&
           !cp_span_equal(pss.hash, pss.mgf_hash) &&
           cp_profile_say(why, "its RSASSA-PSS hash and the hash of MGF1 differ");
}

bool cp_profile_pss_salt(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    struct pss pss;
    uint32_t len;
    return is_pss(p) && read_pss(&pss, p->cert->signature_algorithm) &&
           (len = digest_len(pss.hash)) != 0 && pss.salt_len != len &&
           cp_profile_say(why, "its RSASSA-PSS salt has %u octets, its hash %u", pss.salt_len, len);
}

/* ---- the key ---- */

static bool key_algorithm_is(const struct cp_der *algorithm, const struct cp_span oid) {
    struct cp_der_reader in, inside;
    struct cp_span own;
    cp_der_reader_init(&in, algorithm->whole);
    return cp_der_enter(&in, &inside, CP_DER_SEQUENCE, "algorithm", NULL) == CP_OK &&
           cp_der_oid(&inside, &own, "algorithm", NULL) == CP_OK && cp_span_equal(own, oid);
}

bool cp_profile_key_rsa_parameters(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    if (p->cert->key_type != CP_KEY_RSA)
        return false;
    struct cp_der parameters = cp_profile_parameters(cp_profile_key_algorithm(p->cert));
    return !(parameters.tag == CP_DER_NULL && parameters.content.len == 0) &&
           cp_profile_say(why, "the parameters of rsaEncryption are %s, want NULL",
                          describe(&parameters));
}

bool cp_profile_key_ec_parameters(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    struct cp_der algorithm = {.whole = cp_profile_key_algorithm(p->cert)};
    if (p->cert->key_type != CP_KEY_UNKNOWN || !key_algorithm_is(&algorithm, cp_oid_ec_public_key))
        return false;
    struct cp_der parameters = cp_profile_parameters(algorithm.whole);
    return parameters.tag != CP_DER_OID &&
           cp_profile_say(why, "its EC key %s, want a named curve",
                          parameters.tag == 0             ? "has no parameters"
                          : parameters.tag == CP_DER_NULL ? "inherits its curve (implicitCurve)"
                          : parameters.tag == CP_DER_SEQUENCE
                              ? "writes its curve out (specifiedCurve)"
                              : "has unknown parameters");
}

bool cp_profile_key_eddsa_parameters(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    if (cp_key_algorithm_get(p->cert->key_type)->kind != CP_KIND_EDWARDS)
        return false;
    struct cp_der parameters = cp_profile_parameters(cp_profile_key_algorithm(p->cert));
    return parameters.tag != 0 &&
           cp_profile_say(why, "the parameters of its Edwards key are %s, want none",
                          describe(&parameters));
}

/* RFC 5480 2.2: uncompressed, or compressed; the hybrid form is of X9.62 and forbidden. */
bool cp_profile_key_ec_hybrid(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    struct cp_span key = p->cert->public_key;
    return cp_key_algorithm_get(p->cert->key_type)->kind == CP_KIND_EC && key.len != 0 &&
           (key.data[0] == 6 || key.data[0] == 7) &&
           cp_profile_say(why, "its EC point is in hybrid form");
}

/* ---- the signature ---- */

bool cp_profile_signature_ecdsa_der(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    struct cp_der_reader in, values;
    struct cp_span r, s;
    struct cp_error err = {CP_OK, 0, 0, ""};
    if (cp_signature_algorithm_get(p->cert->signature_type)->kind != CP_KIND_EC ||
        p->cert->signature_type == CP_SIGNATURE_UNKNOWN)
        return false;
    cp_der_reader_init(&in, p->cert->signature);
    return !(cp_der_enter(&in, &values, CP_DER_SEQUENCE, "ECDSA-Sig-Value", &err) == CP_OK &&
             cp_der_unsigned(&values, &r, "r", &err) == CP_OK &&
             cp_der_unsigned(&values, &s, "s", &err) == CP_OK &&
             cp_der_end(&values, "ECDSA-Sig-Value", &err) == CP_OK &&
             cp_der_end(&in, "ECDSA-Sig-Value", &err) == CP_OK) &&
           cp_profile_say(why, "its ECDSA signature is not DER: %.200s", err.message);
}
