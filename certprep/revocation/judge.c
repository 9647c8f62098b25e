#include "judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DAY_S 86400

/* Why a list or a response can't be used; the first reason stays. */
static void refuse(struct cp_standing_result *out, const struct cp_evidence_item *item,
                   const char *format, ...) CP_PRINTF(3, 4);
static void refuse(struct cp_standing_result *out, const struct cp_evidence_item *item,
                   const char *format, ...) {
    va_list args;
    if (out->standing != CP_STANDING_SILENT)
        return;
    out->standing = CP_STANDING_UNUSABLE;
    out->item = item;
    va_start(args, format);
    (void)vsnprintf(out->why, sizeof(out->why), format, args);
    va_end(args);
}

/* A stronger word takes the place of a weaker one: the order of enum cp_standing. */
static void settle(struct cp_standing_result *out, const struct cp_evidence_item *item,
                   enum cp_standing standing) {
    if (standing <= out->standing)
        return;
    out->standing = standing;
    out->item = item;
}

static void revoke(struct cp_standing_result *out, const struct cp_evidence_item *item,
                   enum cp_crl_reason reason, int64_t revoked_s) {
    if (out->standing == CP_STANDING_REVOKED)
        return;
    settle(out, item, CP_STANDING_REVOKED);
    out->reason = reason;
    out->revoked_s = revoked_s;
}

/* Is the moment within? Else says why not. */
static bool is_in_time(struct cp_standing_result *out, const struct cp_evidence_item *item,
                       int64_t this_s, int64_t next_s, int64_t at_s) {
    char text[CP_TIME_TEXT];
    if (at_s < this_s) {
        cp_time_format(text, this_s);
        refuse(out, item, "it is made only on %s", text);
        return false;
    }
    if (at_s > next_s) {
        cp_time_format(text, next_s);
        refuse(out, item, "it is stale: its next update was due on %s", text);
        return false;
    }
    return true;
}

/* ---- lists ---- */

/* What is not about signature and time. */
static bool is_usable(struct cp_standing_result *out, const struct cp_evidence_item *item,
                      const struct cp_cert *issuer) {
    const struct cp_crl *crl = &item->crl;
    char oid[64];
    if (crl->has_unknown_critical) {
        cp_oid_format(oid, sizeof(oid), crl->unknown_critical);
        refuse(out, item, "it has the critical extension %s, which is not processed", oid);
    } else if (crl->is_delta) {
        refuse(out, item, "it is a delta list: the whole one is needed");
    } else if (crl->is_indirect) {
        refuse(out, item, "it is an indirect list, which is not processed");
    } else if (crl->has_other_point) {
        refuse(out, item, "its distribution point is named relative to the issuer");
    } else if (crl->algorithms_differ) {
        refuse(out, item, "its two signature algorithms differ");
    } else if (cp_cert_has(issuer, CP_EXT_KEY_USAGE) && (issuer->key_usage & CP_KU_CRL_SIGN) == 0) {
        refuse(out, item, "the issuer's key usage lacks cRLSign");
    } else if (crl->authority_key_id.len != 0 && issuer->subject_key_id.len != 0 &&
               !cp_span_equal(crl->authority_key_id, issuer->subject_key_id)) {
        refuse(out, item, "it names another key of the issuer");
    } else {
        return true;
    }
    return false;
}

static void refuse_signature(struct cp_standing_result *out, const struct cp_evidence_item *item,
                             enum cp_signature_result result) {
    if (result == CP_SIGNATURE_BAD)
        refuse(out, item, "its signature is not the issuer's");
    else
        refuse(out, item, "its signature algorithm is not verified");
}

static enum cp_status ask_crl(struct cp_verifier *verifier, struct cp_standing_result *out,
                              const struct cp_evidence_item *item, const struct cp_cert *cert,
                              const struct cp_cert *issuer, int64_t at_s, struct cp_error *err) {
    const struct cp_crl *crl = &item->crl;
    enum cp_signature_result result = CP_SIGNATURE_BAD;
    struct cp_crl_entry entry = {.reason = CP_REASON_NONE};
    if (crl->issuer_hash != cert->issuer_hash || !cp_name_equal(crl->issuer, cert->issuer) ||
        !cp_crl_covers(crl, cert) || !is_usable(out, item, issuer))
        return CP_OK;
    enum cp_status status = cp_verifier_check(verifier, &result, &crl->signed_by, issuer, err);
    if (status != CP_OK)
        return status;
    if (result != CP_SIGNATURE_GOOD) {
        refuse_signature(out, item, result);
        return CP_OK;
    }
    bool in_time = is_in_time(out, item, crl->this_update_s, crl->next_update_s, at_s);
    bool found =
        cp_crl_find(crl, cert->serial, &entry) && entry.reason != CP_REASON_REMOVE_FROM_CRL;
    /* What is revoked stays so, but for a hold: a stale list can still say it. */
    bool lasts = crl->this_update_s <= at_s && entry.reason != CP_REASON_CERTIFICATE_HOLD;
    if (found && (in_time || lasts))
        revoke(out, item, entry.reason, entry.date_s);
    else if (in_time && crl->only_some_reasons)
        refuse(out, item, "it is for some reasons only");
    else if (in_time)
        settle(out, item, CP_STANDING_GOOD);
    return CP_OK;
}

/* ---- responses ---- */

/* A responder whose certificate does not forbid it is looked up in the issuer's lists. */
static enum cp_status is_responder_revoked(bool *out, struct cp_verifier *verifier,
                                           const struct cp_evidence *evidence,
                                           const struct cp_cert *responder,
                                           const struct cp_cert *issuer, int64_t at_s,
                                           struct cp_error *err) {
    struct cp_standing_result result = {.standing = CP_STANDING_SILENT};
    enum cp_status status = CP_OK;
    *out = false;
    if (cp_ocsp_is_nocheck(responder))
        return CP_OK;
    for (size_t i = 0; status == CP_OK && i < evidence->num_items; i++)
        if (evidence->items[i].is_crl)
            status = ask_crl(verifier, &result, &evidence->items[i], responder, issuer, at_s, err);
    *out = result.standing == CP_STANDING_REVOKED;
    return status;
}

/* One certificate of the response: did the issuer make it a responder, and did it sign? *why is set
 * where it is the responder but may not be. */
static enum cp_status try_delegate(bool *good, const char **why, struct cp_verifier *verifier,
                                   const struct cp_evidence *evidence, const struct cp_ocsp *ocsp,
                                   const struct cp_cert *responder, const struct cp_cert *issuer,
                                   int64_t at_s, struct cp_error *err) {
    enum cp_signature_result result = CP_SIGNATURE_BAD;
    bool revoked = false;
    *good = false;
    if (!cp_ocsp_may_sign(responder)) {
        *why = "the responder's certificate is not for OCSP signing";
        return CP_OK;
    }
    if (at_s < responder->not_before_s || at_s > responder->not_after_s) {
        *why = "the responder's certificate is not valid at that time";
        return CP_OK;
    }
    *why = "the responder's certificate is not from the issuer";
    if (!cp_name_equal(responder->issuer, issuer->subject))
        return CP_OK;
    enum cp_status status = cp_verifier_check(verifier, &result, responder, issuer, err);
    if (status != CP_OK || result != CP_SIGNATURE_GOOD)
        return status;
    status = is_responder_revoked(&revoked, verifier, evidence, responder, issuer, at_s, err);
    if (status != CP_OK || revoked) {
        *why = "the responder's certificate is revoked";
        return status;
    }
    *why = "its signature is not the responder's";
    status = cp_verifier_check(verifier, &result, &ocsp->signed_by, responder, err);
    *good = status == CP_OK && result == CP_SIGNATURE_GOOD;
    return status;
}

/* RFC 6960 4.2.2.2: by the issuer, or by one whom it has made a responder. */
static enum cp_status is_signed(bool *out, const char **why, struct cp_verifier *verifier,
                                const struct cp_evidence *evidence, const struct cp_ocsp *ocsp,
                                const struct cp_cert *issuer, int64_t at_s, struct cp_error *err) {
    enum cp_signature_result result = CP_SIGNATURE_BAD;
    enum cp_status status = CP_OK;
    *why = "the responder's certificate is missing";
    *out = false;
    if (cp_ocsp_is_responder(ocsp, issuer)) {
        status = cp_verifier_check(verifier, &result, &ocsp->signed_by, issuer, err);
        *out = result == CP_SIGNATURE_GOOD;
        *why = result == CP_SIGNATURE_UNSUPPORTED ? "its signature algorithm is not verified"
                                                  : "its signature is not the issuer's";
    }
    for (size_t i = 0; status == CP_OK && !*out && i < ocsp->num_certs; i++) {
        struct cp_cert responder;
        if (cp_cert_parse(&responder, ocsp->certs[i], NULL) == CP_OK &&
            cp_ocsp_is_responder(ocsp, &responder) && !cp_span_equal(responder.spki, issuer->spki))
            status =
                try_delegate(out, why, verifier, evidence, ocsp, &responder, issuer, at_s, err);
    }
    return status;
}

static void take_single(struct cp_standing_result *out, const struct cp_evidence_item *item,
                        const struct cp_ocsp_single *single, int64_t at_s) {
    int64_t next_s = single->next_update_s;
    if (next_s == INT64_MAX)
        next_s = single->this_update_s + (int64_t)CP_MAX_OCSP_AGE_DAYS * DAY_S;
    if (single->has_unknown_critical) {
        refuse(out, item, "it has a critical extension that is not processed");
        return;
    }
    bool in_time = is_in_time(out, item, single->this_update_s, next_s, at_s);
    bool lasts = single->this_update_s <= at_s && single->reason != CP_REASON_CERTIFICATE_HOLD;
    if (single->answer == CP_OCSP_REVOKED && (in_time || lasts)) {
        revoke(out, item, single->reason, single->revoked_s);
    } else if (in_time && single->answer == CP_OCSP_GOOD) {
        out->has_ocsp = true;
        settle(out, item, CP_STANDING_GOOD);
    } else if (in_time) {
        settle(out, item, CP_STANDING_UNKNOWN);
    }
}

static enum cp_status ask_ocsp(struct cp_verifier *verifier, struct cp_standing_result *out,
                               const struct cp_evidence *evidence,
                               const struct cp_evidence_item *item, const struct cp_cert *cert,
                               const struct cp_cert *issuer, int64_t at_s, struct cp_error *err) {
    const struct cp_ocsp *ocsp = &item->ocsp;
    struct cp_span rest = ocsp->responses;
    struct cp_ocsp_single single;
    bool is_good = false, verified = false;
    const char *why = NULL;
    while (ocsp->status == CP_OCSP_SUCCESSFUL && cp_ocsp_next(&rest, &single)) {
        if (!cp_ocsp_matches(&single, cert, issuer))
            continue;
        if (!verified) { /* once: a response may have many answers */
            enum cp_status status =
                is_signed(&is_good, &why, verifier, evidence, ocsp, issuer, at_s, err);
            if (status != CP_OK)
                return status;
            verified = true;
        }
        if (!is_good)
            refuse(out, item, "%s", why);
        else if (ocsp->has_unknown_critical)
            refuse(out, item, "it has a critical extension that is not processed");
        else if (ocsp->produced_s > at_s)
            refuse(out, item, "it is made only later");
        else
            take_single(out, item, &single, at_s);
    }
    return CP_OK;
}

enum cp_status cp_standing_of(struct cp_verifier *verifier, struct cp_standing_result *out,
                              const struct cp_evidence *evidence, const struct cp_cert *cert,
                              const struct cp_cert *issuer, int64_t at_s, struct cp_error *err) {
    enum cp_status status = CP_OK;
    *out = (struct cp_standing_result){.standing = CP_STANDING_SILENT, .reason = CP_REASON_NONE};
    for (size_t i = 0; status == CP_OK && i < evidence->num_items; i++) {
        const struct cp_evidence_item *item = &evidence->items[i];
        status = item->is_crl ? ask_crl(verifier, out, item, cert, issuer, at_s, err)
                              : ask_ocsp(verifier, out, evidence, item, cert, issuer, at_s, err);
    }
    return status;
}
