/* Where more is to be had: RFC 5280 4.2.1.13, 4.2.1.15, 4.2.2.1, 4.2.2.2, and what else MUST NOT be
 * critical. */
#include "profile.h"

static bool is_fetchable(const struct cp_der *name) {
    return name->tag == CP_DER_CONTEXT(CP_GN_URI) && cp_profile_is_fetchable(name->content) &&
           cp_profile_uri_defect(name->content) == NULL;
}

/* ---- authorityInfoAccess ---- */

void cp_profile_scan_aia(struct cp_aia_facts *out, const struct cp_cert *cert) {
    struct cp_der_reader list;
    struct cp_access access;
    *out = (struct cp_aia_facts){.malformed = false};
    if (!cp_cert_has(cert, CP_EXT_AUTHORITY_INFO))
        return;
    out->malformed = !cp_access_open(&list, cert->values[CP_EXT_AUTHORITY_INFO]);
    while (!out->malformed && !cp_der_at_end(&list)) {
        out->malformed =
            !cp_access_next(&list, &access) || !cp_profile_is_general_name(&access.location);
        if (out->malformed)
            return;
        out->has_ocsp = out->has_ocsp || access.method == CP_ACCESS_OCSP;
        if (access.method == CP_ACCESS_OTHER) {
            out->unknown_method = access.oid;
        } else if (out->bad_method == CP_ACCESS_OTHER && !is_fetchable(&access.location)) {
            out->bad_method = access.method;
            out->bad_location = access.location.content;
        }
    }
}

bool cp_profile_aia_malformed(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->aia.malformed && cp_profile_say(why, "its authorityInfoAccess is empty or malformed");
}

bool cp_profile_aia_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return cp_cert_is_critical(p->cert, CP_EXT_AUTHORITY_INFO) &&
           cp_profile_say(why, "its authorityInfoAccess is critical");
}

bool cp_profile_aia_location(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    char text[CP_PROFILE_TEXT];
    if (p->aia.bad_method == CP_ACCESS_OTHER)
        return false;
    cp_profile_text(text, p->aia.bad_location);
    return cp_profile_say(why, "its %s location '%s' is no HTTP or LDAP URI",
                          p->aia.bad_method == CP_ACCESS_OCSP ? "OCSP" : "caIssuers", text);
}

bool cp_profile_aia_method(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    char oid[64];
    if (p->aia.unknown_method.len == 0)
        return false;
    cp_oid_format(oid, sizeof(oid), p->aia.unknown_method);
    return cp_profile_say(why, "its authorityInfoAccess has the unknown method %s", oid);
}

/* ---- CRL distribution points ---- */

struct point {
    bool has_name, has_reasons, has_issuer;
    bool has_uri; /* that is fetchable */
};

static bool read_point_name(struct cp_der_reader in, struct point *out) {
    struct cp_der_reader names;
    struct cp_der name;
    if (cp_der_peek(&in, CP_DER_CONTEXT_CONSTRUCTED(1))) /* nameRelativeToCRLIssuer */
        return cp_der_any(&in, &name, "nameRelativeToCRLIssuer", NULL) == CP_OK &&
               name.content.len != 0 && cp_der_at_end(&in);
    if (cp_der_enter(&in, &names, CP_DER_CONTEXT_CONSTRUCTED(0), "fullName", NULL) != CP_OK ||
        !cp_der_at_end(&in) || cp_der_at_end(&names))
        return false;
    while (!cp_der_at_end(&names)) {
        if (!cp_profile_general_name(&names, &name))
            return false;
        out->has_uri = out->has_uri || is_fetchable(&name);
    }
    return true;
}

static bool next_point(struct cp_der_reader *list, struct point *out) {
    struct cp_der_reader fields, inner;
    struct cp_der field;
    *out = (struct point){false, false, false, false};
    if (cp_der_enter(list, &fields, CP_DER_SEQUENCE, "DistributionPoint", NULL) != CP_OK)
        return false;
    if (cp_der_peek(&fields, CP_DER_CONTEXT_CONSTRUCTED(0))) {
        if (cp_der_enter(&fields, &inner, CP_DER_CONTEXT_CONSTRUCTED(0), "name", NULL) != CP_OK ||
            !read_point_name(inner, out))
            return false;
        out->has_name = true;
    }
    if (cp_der_peek(&fields, CP_DER_CONTEXT(1))) {
        struct cp_span bits;
        unsigned unused;
        if (cp_der_bits(&fields, CP_DER_CONTEXT(1), &bits, &unused, "reasons", NULL) != CP_OK)
            return false;
        out->has_reasons = true;
    }
    if (cp_der_peek(&fields, CP_DER_CONTEXT_CONSTRUCTED(2))) {
        if (cp_der_any(&fields, &field, "cRLIssuer", NULL) != CP_OK ||
            !cp_profile_general_names(cp_der_inside(&fields, &field)))
            return false;
        out->has_issuer = true;
    }
    return cp_der_at_end(&fields);
}

void cp_profile_scan_crl(struct cp_crl_facts *out, const struct cp_cert *cert) {
    struct cp_der_reader list;
    struct point point;
    *out = (struct cp_crl_facts){.malformed = false};
    if (!cp_cert_has(cert, CP_EXT_CRL_DISTRIBUTION))
        return;
    out->malformed = !cp_profile_sequence(&list, cert->values[CP_EXT_CRL_DISTRIBUTION]);
    while (!out->malformed && !cp_der_at_end(&list)) {
        out->malformed = !next_point(&list, &point);
        if (out->malformed)
            return;
        out->has_uri = out->has_uri || point.has_uri;
        out->has_name = out->has_name || point.has_name;
        if (!point.has_name && !point.has_issuer) {
            out->nameless = true;
            out->only_reasons = point.has_reasons;
        }
    }
}

bool cp_profile_crl_malformed(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->crl.malformed &&
           cp_profile_say(why, "its cRLDistributionPoints are empty or malformed");
}

/* "either distributionPoint or cRLIssuer MUST be present" */
bool cp_profile_crl_nameless(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->crl.nameless &&
           cp_profile_say(why, "a CRL distribution point of it has %s",
                          p->crl.only_reasons ? "nothing but reasons" : "nothing in it");
}

bool cp_profile_crl_no_uri(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->crl.has_name && !p->crl.has_uri &&
           cp_profile_say(why, "none of its CRL distribution points has an HTTP or LDAP URI");
}

bool cp_profile_crl_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return cp_cert_is_critical(p->cert, CP_EXT_CRL_DISTRIBUTION) &&
           cp_profile_say(why, "its cRLDistributionPoints are critical");
}

/* ---- others that MUST be non-critical ---- */

bool cp_profile_not_to_be_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    static const struct {
        struct cp_span oid;
        const char *name;
    } rows[] = {
        {{(const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x01\x0b", 8}, "subjectInfoAccess"},
        {{(const uint8_t *)"\x55\x1d\x2e", 3}, "freshestCRL"},
        {{(const uint8_t *)"\x55\x1d\x09", 3}, "subjectDirectoryAttributes"},
    };
    bool critical;
    if (p->cert->num_unknown_critical == 0)
        return false;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (cp_profile_extension(p->cert, rows[i].oid, &critical) && critical)
            return cp_profile_say(why, "its %s is critical", rows[i].name);
    return false;
}

/* ---- TLS feature, RFC 7633 ---- */

/* Features ::= SEQUENCE OF INTEGER; *staple: status_request (5) is one. */
static bool read_features(const struct cp_cert *cert, bool *staple) {
    struct cp_der_reader list;
    uint32_t feature;
    *staple = false;
    if (!cp_profile_sequence(&list, cert->values[CP_EXT_TLS_FEATURE]))
        return false;
    while (!cp_der_at_end(&list)) {
        if (cp_der_small(&list, &feature, 65535, "feature", NULL) != CP_OK)
            return false;
        *staple = *staple || feature == 5;
    }
    return true;
}

bool cp_profile_feature_malformed(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    bool staple;
    return !read_features(p->cert, &staple) &&
           cp_profile_say(why, "its TLS feature extension is no list of extension numbers");
}

bool cp_profile_staple_no_ocsp(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    bool staple;
    return read_features(p->cert, &staple) && staple && !p->aia.has_ocsp &&
           cp_profile_say(why, "it demands a stapled OCSP response and names no OCSP responder");
}
