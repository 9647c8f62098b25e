/* Certificate policies: BR 7.1.2.7.9, 7.1.2.10.5, 7.1.6.1. */
#include "webpki.h"

#include <string.h>

#include "locations.h"

static const uint8_t br_arc[] = {0x67, 0x81, 0x0c, 1}; /* 2.23.140.1 */
static const uint8_t any_policy[] = {0x55, 0x1d, 0x20, 0};
static const uint8_t qualifier_cps[] = {0x2b, 6, 1, 5, 5, 7, 2, 1};

static unsigned reserved_of(struct cp_span oid) {
    if (oid.len < sizeof(br_arc) + 1 || memcmp(oid.data, br_arc, sizeof(br_arc)) != 0)
        return 0;
    const uint8_t *rest = oid.data + sizeof(br_arc);
    if (oid.len == sizeof(br_arc) + 1)
        return rest[0] == 1 ? CP_WEBPKI_EV : 0;
    if (oid.len != sizeof(br_arc) + 2 || rest[0] != 2)
        return 0;
    return rest[1] == 1   ? CP_WEBPKI_DV
           : rest[1] == 2 ? CP_WEBPKI_OV
           : rest[1] == 3 ? CP_WEBPKI_IV
                          : 0;
}

/* policyQualifiers ::= SEQUENCE OF SEQUENCE { policyQualifierId, qualifier ANY } */
static enum cp_status read_qualifiers(struct cp_webpki_policies *out, struct cp_der_reader *in) {
    struct cp_der_reader list, one;
    struct cp_span id;
    struct cp_der value;
    CP_TRY(cp_der_enter(in, &list, CP_DER_SEQUENCE, "policyQualifiers", NULL));
    while (!cp_der_at_end(&list)) {
        CP_TRY(cp_der_enter(&list, &one, CP_DER_SEQUENCE, "policyQualifier", NULL));
        CP_TRY(cp_der_oid(&one, &id, "policyQualifierId", NULL));
        CP_TRY(cp_der_any(&one, &value, "qualifier", NULL));
        if (!cp_span_equal(id, (struct cp_span){qualifier_cps, sizeof(qualifier_cps)}))
            out->foreign_qualifier = true;
        else if (out->cps_scheme.data == NULL && !cp_uri_has_scheme(value.content, "http") &&
                 !cp_uri_has_scheme(value.content, "https"))
            out->cps_scheme = value.content;
    }
    return CP_OK;
}

static enum cp_status read_all(struct cp_webpki_policies *out, struct cp_span value) {
    struct cp_der_reader in, list, one;
    struct cp_span id;
    cp_der_reader_init(&in, value);
    CP_TRY(cp_der_enter(&in, &list, CP_DER_SEQUENCE, "certificatePolicies", NULL));
    while (!cp_der_at_end(&list)) {
        CP_TRY(cp_der_enter(&list, &one, CP_DER_SEQUENCE, "policyInformation", NULL));
        CP_TRY(cp_der_oid(&one, &id, "policyIdentifier", NULL));
        out->reserved |= reserved_of(id);
        out->any |= cp_span_equal(id, (struct cp_span){any_policy, sizeof(any_policy)});
        if (!cp_der_at_end(&one))
            CP_TRY(read_qualifiers(out, &one));
    }
    return cp_der_end(&in, "certificatePolicies", NULL);
}

void cp_webpki_read_policies(struct cp_webpki_policies *out, struct cp_span value) {
    *out = (struct cp_webpki_policies){0};
    out->readable = read_all(out, value) == CP_OK;
}

bool cp_webpki_policies_missing(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return !cp_cert_has(w->cert, CP_EXT_POLICIES);
}

bool cp_webpki_ca_policies_missing(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return !cp_cert_has(w->cert, CP_EXT_POLICIES);
}

bool cp_webpki_policy_reserved(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return w->policies.readable && w->policies.reserved == 0;
}

bool cp_webpki_policy_several(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    unsigned reserved = w->policies.reserved;
    (void)detail;
    return (reserved & (reserved - 1)) != 0;
}

bool cp_webpki_policy_any(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return w->policies.any;
}

bool cp_webpki_policy_qualifier(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return w->policies.foreign_qualifier;
}

bool cp_webpki_policy_cps(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    if (w->policies.cps_scheme.data == NULL)
        return false;
    (void)cp_escape(detail, CP_WEBPKI_DETAIL, w->policies.cps_scheme);
    return true;
}

bool cp_webpki_policy_critical(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return cp_cert_is_critical(w->cert, CP_EXT_POLICIES);
}
