/* CertificateList, RFC 5280 5.1 to 5.3. */
#include "crl.h"

#include "cert_extensions.h"
#include "cp_limits.h"
#include "parts.h"

const char *cp_crl_reason_name(enum cp_crl_reason reason) {
    static const char *const names[CP_NUM_REASONS + 1] = {
        [CP_REASON_UNSPECIFIED] = "unspecified",
        [CP_REASON_KEY_COMPROMISE] = "keyCompromise",
        [CP_REASON_CA_COMPROMISE] = "cACompromise",
        [CP_REASON_AFFILIATION_CHANGED] = "affiliationChanged",
        [CP_REASON_SUPERSEDED] = "superseded",
        [CP_REASON_CESSATION_OF_OPERATION] = "cessationOfOperation",
        [CP_REASON_CERTIFICATE_HOLD] = "certificateHold",
        [CP_REASON_REMOVE_FROM_CRL] = "removeFromCRL",
        [CP_REASON_PRIVILEGE_WITHDRAWN] = "privilegeWithdrawn",
        [CP_REASON_AA_COMPROMISE] = "aACompromise",
        [CP_REASON_NONE] = "no reason is given",
    };
    const char *name = (unsigned)reason <= CP_NUM_REASONS ? names[reason] : NULL;
    return name == NULL ? "a reason that is none" : name;
}

enum cp_status cp_extension_read(struct cp_der_reader *list, struct cp_extension_part *out,
                                 struct cp_error *err) {
    struct cp_der_reader in;
    struct cp_der value;
    *out = (struct cp_extension_part){.critical = false};
    CP_TRY(cp_der_enter(list, &in, CP_DER_SEQUENCE, "Extension", err));
    CP_TRY(cp_der_oid(&in, &out->oid, "extnID", err));
    if (cp_der_peek(&in, CP_DER_BOOLEAN))
        CP_TRY(cp_der_boolean(&in, &out->critical, "critical", err));
    CP_TRY(cp_der_expect(&in, &value, CP_DER_OCTET_STRING, "extnValue", err));
    out->in = cp_der_inside(&in, &value);
    return cp_der_end(&in, "Extension", err);
}

enum cp_status cp_algorithm_read(struct cp_der_reader *in, struct cp_span *whole,
                                 struct cp_span *oid, struct cp_error *err) {
    struct cp_der algorithm;
    CP_TRY(cp_der_expect(in, &algorithm, CP_DER_SEQUENCE, "AlgorithmIdentifier", err));
    struct cp_der_reader inner = cp_der_inside(in, &algorithm);
    struct cp_der parameters; /* one element or none */
    *whole = algorithm.whole;
    CP_TRY(cp_der_oid(&inner, oid, "algorithm", err));
    if (!cp_der_at_end(&inner))
        CP_TRY(cp_der_any(&inner, &parameters, "parameters", err));
    return cp_der_end(&inner, "AlgorithmIdentifier", err);
}

static bool is_id_ce(struct cp_span oid, uint8_t arc) {
    return oid.len == 3 && oid.data[0] == 0x55 && oid.data[1] == 0x1d && oid.data[2] == arc;
}

enum { ARC_NUMBER = 20, ARC_REASON = 21, ARC_DELTA = 27, ARC_POINT = 28, ARC_AKI = 35 };

/* ---- entries ---- */

enum cp_status cp_reason_read(struct cp_der_reader *in, enum cp_crl_reason *out,
                              struct cp_error *err) {
    struct cp_der value;
    struct cp_der_reader at = *in;
    CP_TRY(cp_der_expect(in, &value, 0x0a, "reasonCode", err)); /* ENUMERATED */
    if (value.content.len != 1 || value.content.data[0] > CP_REASON_AA_COMPROMISE ||
        value.content.data[0] == 7)
        return cp_der_fail(&at, err, "reasonCode", "not one of RFC 5280 5.3.1");
    *out = (enum cp_crl_reason)value.content.data[0];
    return cp_der_end(in, "reasonCode", err);
}

static enum cp_status read_entry(struct cp_der_reader *list, struct cp_crl_entry *out,
                                 struct cp_span *unknown_critical, struct cp_error *err) {
    struct cp_der_reader entry, extensions;
    struct cp_extension_part e;
    bool is_utc;
    *out = (struct cp_crl_entry){.reason = CP_REASON_NONE};
    CP_TRY(cp_der_enter(list, &entry, CP_DER_SEQUENCE, "revokedCertificate", err));
    CP_TRY(cp_der_integer(&entry, &out->serial, "userCertificate", err));
    CP_TRY(cp_der_time(&entry, &out->date_s, &is_utc, "revocationDate", err));
    if (cp_der_at_end(&entry))
        return CP_OK;
    CP_TRY(cp_der_enter(&entry, &extensions, CP_DER_SEQUENCE, "crlEntryExtensions", err));
    while (!cp_der_at_end(&extensions)) {
        CP_TRY(cp_extension_read(&extensions, &e, err));
        if (is_id_ce(e.oid, ARC_REASON))
            CP_TRY(cp_reason_read(&e.in, &out->reason, err));
        else if (e.critical)
            *unknown_critical = e.oid;
    }
    return cp_der_end(&entry, "revokedCertificate", err);
}

static enum cp_status read_entries(struct cp_crl *out, struct cp_der_reader *tbs,
                                   struct cp_error *err) {
    struct cp_der list;
    struct cp_crl_entry entry;
    struct cp_span unknown = {NULL, 0};
    CP_TRY(cp_der_expect(tbs, &list, CP_DER_SEQUENCE, "revokedCertificates", err));
    struct cp_der_reader in = cp_der_inside(tbs, &list);
    for (; !cp_der_at_end(&in); out->num_entries++)
        CP_TRY(read_entry(&in, &entry, &unknown, err));
    out->entries = list.content;
    if (unknown.len != 0) {
        out->has_unknown_critical = true;
        out->unknown_critical = unknown;
    }
    return CP_OK;
}

bool cp_crl_find(const struct cp_crl *crl, struct cp_span serial, struct cp_crl_entry *out) {
    struct cp_der_reader in;
    struct cp_span unknown;
    cp_der_reader_init(&in, crl->entries);
    while (!cp_der_at_end(&in)) {
        struct cp_der entry, number;
        struct cp_der_reader at = in, inner;
        if (cp_der_any(&in, &entry, "", NULL) != CP_OK)
            return false;
        inner = cp_der_inside(&in, &entry);
        if (cp_der_any(&inner, &number, "", NULL) == CP_OK && cp_span_equal(number.content, serial))
            return read_entry(&at, out, &unknown, NULL) == CP_OK;
    }
    return false;
}

/* ---- extensions of the list ---- */

/* IssuingDistributionPoint, 5.2.5: [0] to [5], all optional. */
static enum cp_status read_point(struct cp_crl *out, struct cp_der_reader *value,
                                 struct cp_error *err) {
    static const char *const what = "issuingDistributionPoint";
    struct cp_der_reader in, name;
    struct cp_der field;
    CP_TRY(cp_der_enter(value, &in, CP_DER_SEQUENCE, what, err));
    CP_TRY(cp_der_end(value, what, err));
    if (cp_der_peek(&in, CP_DER_CONTEXT_CONSTRUCTED(0))) {
        CP_TRY(cp_der_any(&in, &field, what, err));
        name = cp_der_inside(&in, &field);
        CP_TRY(cp_der_any(&name, &field, what, err));
        if (field.tag == CP_DER_CONTEXT_CONSTRUCTED(0))
            out->point_names = field.content;
        else
            out->has_other_point = true;
        struct cp_der_reader names = cp_der_inside(&name, &field);
        while (!cp_der_at_end(&names))
            CP_TRY(cp_der_any(&names, &field, what, err));
        CP_TRY(cp_der_end(&name, what, err));
    }
    while (!cp_der_at_end(&in)) {
        struct cp_der_reader at = in;
        CP_TRY(cp_der_any(&in, &field, what, err));
        bool set = field.content.len == 1 && field.content.data[0] == 0xff;
        if (field.tag != CP_DER_CONTEXT(3) && (field.content.len != 1 || !set))
            return cp_der_fail(&at, err, what, "a field that is neither absent nor TRUE");
        if (field.tag == CP_DER_CONTEXT(1))
            out->only_user = true;
        else if (field.tag == CP_DER_CONTEXT(2))
            out->only_ca = true;
        else if (field.tag == CP_DER_CONTEXT(3))
            out->only_some_reasons = true;
        else if (field.tag == CP_DER_CONTEXT(4))
            out->is_indirect = true;
        else if (field.tag == CP_DER_CONTEXT(5))
            out->only_attribute = true;
        else
            return cp_der_fail(&at, err, what, "a field that there is not");
    }
    return CP_OK;
}

/* AuthorityKeyIdentifier: of it only [0] keyIdentifier. */
static enum cp_status read_key_id(struct cp_crl *out, struct cp_der_reader *value,
                                  struct cp_error *err) {
    struct cp_der_reader in;
    struct cp_der field;
    CP_TRY(cp_der_enter(value, &in, CP_DER_SEQUENCE, "authorityKeyIdentifier", err));
    CP_TRY(cp_der_end(value, "authorityKeyIdentifier", err));
    while (!cp_der_at_end(&in)) {
        CP_TRY(cp_der_any(&in, &field, "authorityKeyIdentifier", err));
        if (field.tag == CP_DER_CONTEXT(0))
            out->authority_key_id = field.content;
    }
    return CP_OK;
}

static enum cp_status read_extensions(struct cp_crl *out, struct cp_der_reader *tbs,
                                      struct cp_error *err) {
    struct cp_der_reader tagged, list;
    struct cp_extension_part e;
    struct cp_span number;
    uint32_t seen = 0;
    CP_TRY(cp_der_enter(tbs, &tagged, CP_DER_CONTEXT_CONSTRUCTED(0), "crlExtensions", err));
    CP_TRY(cp_der_enter(&tagged, &list, CP_DER_SEQUENCE, "crlExtensions", err));
    CP_TRY(cp_der_end(&tagged, "crlExtensions", err));
    for (size_t num = 0; !cp_der_at_end(&list); num++) {
        struct cp_der_reader at = list;
        if (num == CP_MAX_EXTENSIONS)
            return cp_der_fail(&at, err, "crlExtensions", "more than 128");
        CP_TRY(cp_extension_read(&list, &e, err));
        uint8_t arc = e.oid.len == 3 && is_id_ce(e.oid, e.oid.data[2]) ? e.oid.data[2] : 0;
        uint32_t bit = arc == ARC_NUMBER  ? 1
                       : arc == ARC_DELTA ? 2
                       : arc == ARC_POINT ? 4
                       : arc == ARC_AKI   ? 8
                                          : 0;
        if ((seen & bit) != 0)
            return cp_der_fail(&at, err, "crlExtensions", "an extension stands there twice");
        seen |= bit;
        if (arc == ARC_NUMBER) {
            CP_TRY(cp_der_unsigned(&e.in, &number, "cRLNumber", err));
            CP_TRY(cp_der_end(&e.in, "cRLNumber", err));
            out->has_number = true;
            out->number_is_critical = e.critical;
        } else if (arc == ARC_DELTA) {
            out->is_delta = true;
        } else if (arc == ARC_POINT) {
            CP_TRY(read_point(out, &e.in, err));
        } else if (arc == ARC_AKI) {
            CP_TRY(read_key_id(out, &e.in, err));
        } else if (e.critical && !out->has_unknown_critical) {
            out->has_unknown_critical = true;
            out->unknown_critical = e.oid;
        }
    }
    return CP_OK;
}

/* ---- the list ---- */

static enum cp_status read_tbs(struct cp_crl *out, struct cp_der_reader *tbs,
                               struct cp_error *err) {
    struct cp_span oid;
    uint32_t version = 0;
    bool is_utc, empty;
    if (cp_der_peek(tbs, CP_DER_INTEGER))
        CP_TRY(cp_der_small(tbs, &version, 1, "version", err));
    out->version = version + 1;
    CP_TRY(cp_algorithm_read(tbs, &out->signed_by.tbs_signature_algorithm, &oid, err));
    CP_TRY(cp_cert_read_name(tbs, &out->issuer, &empty, NULL, NULL, "issuer", err));
    out->issuer_hash = cp_name_hash(out->issuer);
    CP_TRY(cp_der_time(tbs, &out->this_update_s, &is_utc, "thisUpdate", err));
    if (cp_der_peek(tbs, CP_DER_UTC_TIME) || cp_der_peek(tbs, CP_DER_GENERALIZED_TIME))
        CP_TRY(cp_der_time(tbs, &out->next_update_s, &is_utc, "nextUpdate", err));
    if (cp_der_peek(tbs, CP_DER_SEQUENCE))
        CP_TRY(read_entries(out, tbs, err));
    if (cp_der_peek(tbs, CP_DER_CONTEXT_CONSTRUCTED(0)))
        CP_TRY(read_extensions(out, tbs, err));
    return cp_der_end(tbs, "tbsCertList", err);
}

enum cp_status cp_crl_parse(struct cp_crl *out, struct cp_span der, struct cp_error *err) {
    struct cp_der_reader in, list, inner;
    struct cp_der tbs;
    struct cp_span oid;
    unsigned unused;
    *out = (struct cp_crl){.next_update_s = INT64_MAX};
    struct cp_cert *by = &out->signed_by;
    cp_der_reader_init(&in, der);
    CP_TRY(cp_der_enter(&in, &list, CP_DER_SEQUENCE, "CertificateList", err));
    CP_TRY(cp_der_end(&in, "CertificateList", err));
    CP_TRY(cp_der_expect(&list, &tbs, CP_DER_SEQUENCE, "tbsCertList", err));
    by->tbs = tbs.whole;
    inner = cp_der_inside(&list, &tbs);
    CP_TRY(read_tbs(out, &inner, err));
    CP_TRY(cp_algorithm_read(&list, &by->signature_algorithm, &oid, err));
    by->signature_type = cp_signature_type_from_oid(oid);
    out->algorithms_differ = !cp_span_equal(by->signature_algorithm, by->tbs_signature_algorithm);
    CP_TRY(cp_der_bits(&list, CP_DER_BIT_STRING, &by->signature, &unused, "signatureValue", err));
    if (unused != 0)
        return cp_der_fail(&list, err, "signatureValue", "not a whole number of octets");
    return cp_der_end(&list, "CertificateList", err);
}
