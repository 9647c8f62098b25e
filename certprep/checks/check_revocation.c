/* CP0720 to CP0730: what the evidence that was given, or fetched, says of each certificate of the
 * path, and of those that the path goes round. Nothing is said where there is none. */
#include <stdlib.h>

#include "checks.h"
#include "revocation/judge.h"

static const char *kind_of(const struct cp_evidence_item *item) {
    return item->is_crl ? "revocation list" : "OCSP response";
}

static void add_revoked(struct cp_report *report, enum cp_check check, const struct cp_cert *cert,
                        const struct cp_standing_result *result) {
    char label[CP_CERT_LABEL], since[CP_TIME_TEXT];
    bool hold = result->reason == CP_REASON_CERTIFICATE_HOLD;
    cp_report_cert_label(label, report, cert);
    cp_time_format(since, result->revoked_s);
    struct cp_finding *finding =
        cp_report_add(report, check, "%s%s is %s since %s: %s",
                      check == CP_CHECK_PATH_LEFT ? "the path through it was left: " : "", label,
                      hold ? "on hold" : "revoked", since, cp_crl_reason_name(result->reason));
    cp_report_at_cert(report, finding, cert);
    cp_report_note(report, finding, "said by the %s %s", kind_of(result->item),
                   result->item->label);
}

/* What was fetched and can't be used is no better than no answer. */
static void add_unusable(struct cp_report *report, const struct cp_cert *cert,
                         const struct cp_standing_result *result) {
    char label[CP_CERT_LABEL];
    const struct cp_evidence_item *item = result->item;
    enum cp_check check = item->fetched  ? CP_CHECK_REVOCATION_UNKNOWN
                          : item->is_crl ? CP_CHECK_CRL_UNUSABLE
                                         : CP_CHECK_OCSP_UNUSABLE;
    cp_report_cert_label(label, report, cert);
    struct cp_finding *finding = cp_report_add(report, check, "%s: the %s can't be used: %s", label,
                                               kind_of(item), result->why);
    cp_report_at_cert(report, finding, cert);
    cp_report_note(report, finding, "it is %s", item->label);
}

/* True if somebody was asked about cert in vain. */
static bool add_gaps(struct cp_report *report, const struct cp_cert *cert) {
    const struct cp_evidence *evidence = report->evidence;
    struct cp_finding *finding = NULL;
    char label[CP_CERT_LABEL];
    cp_report_cert_label(label, report, cert);
    for (size_t i = 0; i < evidence->num_gaps; i++) {
        const struct cp_evidence_gap *gap = &evidence->gaps[i];
        if (!cp_span_equal((struct cp_span){gap->cert, gap->cert_len}, cert->der))
            continue;
        if (finding == NULL) {
            finding = cp_report_add(report, CP_CHECK_RESPONDER_UNREACHABLE,
                                    "%s: nobody answered whether it is revoked", label);
            cp_report_at_cert(report, finding, cert);
        }
        cp_report_note(report, finding, "%s", gap->message);
    }
    return finding != NULL;
}

static void add_silent(struct cp_report *report, const struct cp_cert *cert) {
    char label[CP_CERT_LABEL];
    if (add_gaps(report, cert))
        return;
    cp_report_cert_label(label, report, cert);
    enum cp_check check =
        cert == report->leaf ? CP_CHECK_REVOCATION_UNKNOWN : CP_CHECK_REVOCATION_UNCHECKED;
    struct cp_finding *finding = cp_report_add(
        report, check, "%s: no revocation list and no OCSP response speaks of it", label);
    cp_report_at_cert(report, finding, cert);
}

static void add_unknown(struct cp_report *report, const struct cp_cert *cert,
                        const struct cp_standing_result *result) {
    char label[CP_CERT_LABEL];
    cp_report_cert_label(label, report, cert);
    struct cp_finding *finding = cp_report_add(report, CP_CHECK_REVOCATION_UNKNOWN,
                                               "%s: the responder does not know it", label);
    cp_report_at_cert(report, finding, cert);
    cp_report_note(report, finding, "said by the OCSP response %s", result->item->label);
}

static enum cp_status judge_cert(struct cp_check_context *context, bool *has_ocsp,
                                 const struct cp_cert *cert, const struct cp_cert *issuer,
                                 struct cp_error *err) {
    struct cp_report *report = context->report;
    struct cp_standing_result result;
    enum cp_status status = cp_standing_of(context->verifier, &result, report->evidence, cert,
                                           issuer, report->at_s, err);
    if (status != CP_OK)
        return status;
    *has_ocsp = result.has_ocsp;
    switch (result.standing) {
    case CP_STANDING_SILENT:
        add_silent(report, cert);
        break;
    case CP_STANDING_UNUSABLE:
        add_unusable(report, cert, &result);
        break;
    case CP_STANDING_UNKNOWN:
        add_unknown(report, cert, &result);
        break;
    case CP_STANDING_GOOD:
        break;
    case CP_STANDING_REVOKED:
        add_revoked(report, CP_CHECK_REVOKED, cert, &result);
        break;
    }
    return CP_OK;
}

/* RFC 5280 5.2.3, of the lists that speak of a certificate of the path. */
static void judge_number(struct cp_report *report, const struct cp_evidence_item *item) {
    const struct cp_path *path = &report->path.path;
    const struct cp_crl *crl = &item->crl;
    if (crl->has_number && !crl->number_is_critical)
        return;
    for (size_t i = 0; i + 1 < path->num_certs; i++) {
        const struct cp_cert *cert = path->certs[i];
        if (crl->issuer_hash != cert->issuer_hash || !cp_name_equal(crl->issuer, cert->issuer))
            continue;
        cp_report_add(report, CP_CHECK_CRL_NUMBER, "revocation list %s: its cRLNumber is %s",
                      item->label, crl->has_number ? "critical" : "missing");
        return;
    }
}

static void judge_items(struct cp_report *report) {
    for (size_t i = 0; i < report->evidence->num_items; i++) {
        const struct cp_evidence_item *item = &report->evidence->items[i];
        if (item->is_crl)
            judge_number(report, item);
        else if (item->ocsp.status != CP_OCSP_SUCCESSFUL)
            cp_report_add(report, CP_CHECK_OCSP_NO_ANSWER,
                          "OCSP response %s: the responder answered %s", item->label,
                          cp_ocsp_status_name(item->ocsp.status));
    }
}

/* ---- off the path ---- */

struct extras {
    struct cp_check_context *context;
    const struct cp_cert **candidates; /* issuers that are no anchors */
    size_t num_candidates;
    size_t num_judged;
};

/* Says it if issuer signed cert and the evidence calls it revoked. */
static enum cp_status ask_extra(struct extras *extras, bool *revoked, const struct cp_cert *cert,
                                const struct cp_cert *issuer, struct cp_error *err) {
    struct cp_report *report = extras->context->report;
    enum cp_signature_result signature = CP_SIGNATURE_BAD;
    struct cp_standing_result result;
    if (*revoked || issuer->subject_hash != cert->issuer_hash ||
        !cp_name_equal(issuer->subject, cert->issuer) ||
        extras->num_judged == CP_MAX_PATH_STANDINGS)
        return CP_OK;
    extras->num_judged++;
    enum cp_status status =
        cp_verifier_check(extras->context->verifier, &signature, cert, issuer, err);
    if (status != CP_OK || signature != CP_SIGNATURE_GOOD)
        return status;
    status = cp_standing_of(extras->context->verifier, &result, report->evidence, cert, issuer,
                            report->at_s, err);
    if (status != CP_OK || result.standing != CP_STANDING_REVOKED)
        return status;
    *revoked = true;
    add_revoked(report, CP_CHECK_EXTRA_REVOKED, cert, &result);
    return CP_OK;
}

static enum cp_status judge_extra(struct extras *extras, const struct cp_cert *cert,
                                  struct cp_error *err) {
    const struct cp_trust *trust = extras->context->report->trust;
    const struct cp_cert *issuer;
    enum cp_status status = CP_OK;
    bool revoked = false;
    size_t index = 0;
    while (trust != NULL && status == CP_OK &&
           (issuer = cp_trust_next(trust, &index, cert->issuer, cert->issuer_hash)) != NULL)
        status = ask_extra(extras, &revoked, cert, issuer, err);
    for (size_t i = 0; status == CP_OK && i < extras->num_candidates; i++)
        status = ask_extra(extras, &revoked, cert, extras->candidates[i], err);
    return status;
}

/* The CAs of the input that the path goes round: clients may not. */
static enum cp_status judge_extras(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_bundle *bundle = report->bundle;
    struct extras extras = {.context = context};
    enum cp_status status =
        cp_report_candidates(&extras.candidates, &extras.num_candidates, report, err);
    for (size_t i = 0; status == CP_OK && i < bundle->num_certs; i++) {
        const struct cp_cert *cert = &bundle->certs[i].cert;
        if (cert->is_ca && !cp_cert_is_self_issued(cert) && !cp_report_is_on_path(report, cert))
            status = judge_extra(&extras, cert, err);
    }
    free(extras.candidates);
    return status;
}

/* What the search went round, and was not handed in. */
static enum cp_status judge_left(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    enum cp_status status = CP_OK;
    for (size_t i = 0; status == CP_OK && i < report->path.num_revoked; i++) {
        const struct cp_cert *cert = report->path.revoked[i].cert;
        struct cp_standing_result result;
        if (cp_report_cert_index(report, cert) != SIZE_MAX)
            continue;
        status = cp_standing_of(context->verifier, &result, report->evidence, cert,
                                report->path.revoked[i].issuer, report->at_s, err);
        if (status == CP_OK)
            add_revoked(report, CP_CHECK_PATH_LEFT, cert, &result);
    }
    return status;
}

/* TLS feature status_request (5), RFC 7633 4.2.3: Features ::= SEQUENCE OF INTEGER. */
static bool must_staple(const struct cp_cert *cert) {
    enum { STATUS_REQUEST = 5 };
    struct cp_der_reader outer, list;
    uint32_t feature;
    if (!cp_cert_has(cert, CP_EXT_TLS_FEATURE))
        return false;
    cp_der_reader_init(&outer, cert->values[CP_EXT_TLS_FEATURE]);
    if (cp_der_enter(&outer, &list, CP_DER_SEQUENCE, "", NULL) != CP_OK)
        return false;
    while (!cp_der_at_end(&list) &&
           cp_der_small(&list, &feature, UINT16_MAX, "feature", NULL) == CP_OK)
        if (feature == STATUS_REQUEST)
            return true;
    return false;
}

enum cp_status cp_check_revocation(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_path *path = &report->path.path;
    bool leaf_has_ocsp = false;
    char label[CP_CERT_LABEL];
    if (report->leaf == NULL)
        return CP_OK;
    if (report->evidence != NULL) {
        if (path->num_certs == 1 && !path->anchored)
            add_silent(report, report->leaf); /* its issuer is missing: nothing can be verified */
        for (size_t i = 0; i + 1 < path->num_certs; i++) {
            bool has_ocsp = false;
            enum cp_status status =
                judge_cert(context, &has_ocsp, path->certs[i], path->certs[i + 1], err);
            if (status != CP_OK)
                return status;
            leaf_has_ocsp |= i == 0 && has_ocsp;
        }
        judge_items(report);
        enum cp_status status = judge_extras(context, err);
        if (status == CP_OK)
            status = judge_left(context, err);
        if (status != CP_OK)
            return status;
    }
    if (!leaf_has_ocsp && must_staple(report->leaf)) {
        cp_report_cert_label(label, report, report->leaf);
        cp_report_at_cert(report,
                          cp_report_add(report, CP_CHECK_MUST_STAPLE,
                                        "%s makes clients insist on a stapled OCSP response",
                                        label),
                          report->leaf);
    }
    return CP_OK;
}
