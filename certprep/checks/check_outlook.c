/* CP02 and CP04: does the path hold as long as the leaf, and does it hold for clients that have
 * nothing but what is served? Then what --explain shows. */
#include "checks.h"

#include <stdlib.h>

#define DAY_S 86400

/* ---- the future ---- */

/* CP0203 has said it already. */
static bool is_reported(const struct cp_report *report, const struct cp_end *end) {
    return (end->at_s - report->at_s) / DAY_S < report->min_days &&
           cp_report_is_on_path(report, end->cert);
}

/* Only of a leaf that has an end: what expires first does so before it. */
static struct cp_finding *add_end(struct cp_report *report, enum cp_check check,
                                  const struct cp_end *end) {
    char label[CP_CERT_LABEL], day[CP_TIME_TEXT];
    cp_report_cert_label(label, report, end->cert);
    struct cp_finding *finding = cp_report_add(report, check, "%s expires on %s, before the leaf",
                                               label, cp_day_format(day, end->at_s));
    cp_report_at_cert(report, finding, end->cert);
    if (report->leaf->not_after_s != INT64_MAX)
        cp_report_note(report, finding, "the leaf expires on %s",
                       cp_day_format(day, report->leaf->not_after_s));
    return finding;
}

static void check_future(struct cp_report *report) {
    const struct cp_lookahead *ahead = &report->lookahead;
    char label[CP_CERT_LABEL], day[CP_TIME_TEXT];
    if (!ahead->valid_now || ahead->first.cert == NULL || ahead->first.cert == report->leaf)
        return;
    bool holds = ahead->last.cert == NULL || ahead->last.cert == report->leaf;
    const struct cp_end *end = holds ? &ahead->first : &ahead->last;
    if (!holds && is_reported(report, end))
        return;
    struct cp_finding *finding =
        add_end(report, holds ? CP_CHECK_PATH_CHANGES : CP_CHECK_PATH_BREAKS, end);
    if (ahead->other.num_certs == 0) {
        cp_report_note(report, finding, "no other path is left then");
        return;
    }
    cp_report_cert_label(label, report, cp_path_first_other(&ahead->other, &report->path.path));
    if (holds)
        cp_report_note(report, finding, "the other path through %s lasts as long as the leaf",
                       label);
    else
        cp_report_note(report, finding, "until then there is the other path through %s, from %s on",
                       label, cp_day_format(day, ahead->first.at_s));
}

/* ---- clients that go by what is served ---- */

static bool differ(struct cp_span a, struct cp_span b) {
    return a.len != 0 && b.len != 0 && !cp_span_equal(a, b);
}

static bool may_issue(const struct cp_cert *issuer, const struct cp_cert *cert) {
    return issuer->subject_hash == cert->issuer_hash &&
           !differ(cert->authority_key_id, issuer->subject_key_id) &&
           cp_name_equal(issuer->subject, cert->issuer);
}

static bool is_in(const struct cp_path *path, const struct cp_cert *cert) {
    for (size_t i = 0; i < path->num_certs; i++)
        if (cp_span_equal(path->certs[i]->der, cert->der))
            return true;
    return false;
}

static const struct cp_cert *next_served(const struct cp_report *report,
                                         const struct cp_path *walk) {
    const struct cp_bundle *bundle = report->bundle;
    const struct cp_cert *top = walk->certs[walk->num_certs - 1];
    for (size_t i = 0; i < bundle->num_certs; i++) {
        const struct cp_cert *cert = &bundle->certs[i].cert;
        if (cert->is_ca && may_issue(cert, top) && !is_in(walk, cert))
            return cert;
    }
    return NULL;
}

/* The anchor above top that lasts longest. */
static const struct cp_cert *anchor_above(const struct cp_report *report,
                                          const struct cp_cert *top) {
    const struct cp_cert *anchor, *best = NULL;
    size_t index = 0;
    while ((anchor = cp_trust_next(report->trust, &index, top->issuer, top->issuer_hash)) != NULL)
        if (may_issue(anchor, top) && (best == NULL || anchor->not_after_s > best->not_after_s))
            best = anchor;
    return best;
}

/* As OpenSSL did before 1.1.0, and some embedded clients do: up through the served certificates as
 * far as they go, in their order, then to the trust store, and no other way. False if that is the
 * chosen path, or ends nowhere. */
static bool walk_served(const struct cp_report *report, struct cp_path *walk) {
    const struct cp_cert *next = NULL;
    bool is_other = false;
    *walk = (struct cp_path){.num_certs = 1};
    walk->certs[0] = report->leaf;
    while (walk->num_certs < CP_MAX_PATH_CERTS - 1 &&
           !cp_cert_is_self_issued(walk->certs[walk->num_certs - 1]) &&
           (next = next_served(report, walk)) != NULL) {
        is_other |= !cp_report_is_on_path(report, next);
        walk->certs[walk->num_certs++] = next;
    }
    if (!is_other || cp_cert_is_self_issued(walk->certs[walk->num_certs - 1]))
        return false;
    next = anchor_above(report, walk->certs[walk->num_certs - 1]);
    if (next == NULL)
        return false;
    walk->certs[walk->num_certs++] = next;
    return true;
}

/* Names and identifiers alone make no path. */
static enum cp_status is_signed(bool *out, const struct cp_path *walk, struct cp_verifier *verifier,
                                struct cp_error *err) {
    *out = true;
    for (size_t i = 0; *out && i + 1 < walk->num_certs; i++) {
        enum cp_signature_result result = CP_SIGNATURE_BAD;
        CP_TRY(cp_verifier_check(verifier, &result, walk->certs[i], walk->certs[i + 1], err));
        *out = result == CP_SIGNATURE_GOOD;
    }
    return CP_OK;
}

/* The root of a cross-sign that is served expires before the rest does: Let's Encrypt's chain over
 * DST Root X3, on 2021-09-30. An expired certificate of the input is CP0204's. */
static enum cp_status check_served_order(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    struct cp_path walk;
    char label[CP_CERT_LABEL], day[CP_TIME_TEXT];
    bool good = false;
    if (report->trust == NULL || report->bundle->num_certs < 3 || !walk_served(report, &walk))
        return CP_OK;
    const struct cp_cert *root = walk.certs[walk.num_certs - 1];
    for (size_t i = 0; i + 1 < walk.num_certs; i++)
        if (!cp_path_is_in_time(walk.certs[i], report->at_s))
            return CP_OK;
    struct cp_end end = cp_path_first_end(&walk);
    bool is_over = report->at_s > root->not_after_s;
    if (end.cert == NULL || end.cert == report->leaf || is_in(&report->path.path, end.cert))
        return CP_OK;
    CP_TRY(is_signed(&good, &walk, context->verifier, err));
    if (!good)
        return CP_OK;
    if (!is_over) {
        report->lookahead.served = end;
        cp_report_note(report, add_end(report, CP_CHECK_SERVED_BREAKS, &end),
                       "clients that go by the served certificates end there; others have the "
                       "chosen path");
        return CP_OK;
    }
    cp_report_cert_label(label, report, walk.certs[walk.num_certs - 2]);
    struct cp_finding *finding = cp_report_add(report, CP_CHECK_SERVED_EXPIRED,
                                               "%s leads to a root that has expired", label);
    cp_report_at_cert(report, finding, walk.certs[walk.num_certs - 2]);
    cp_report_cert_label(label, report, root);
    cp_report_note(report, finding, "%s expired on %s", label,
                   cp_day_format(day, root->not_after_s));
    return CP_OK;
}

/* ---- clients that have only what is served, and roots ---- */

static struct cp_finding *find_finding(struct cp_report *report, enum cp_check check) {
    const struct cp_rule *rule = cp_rule_get((size_t)check);
    for (size_t i = 0; i < report->num_findings; i++)
        if (report->findings[i].rule == rule)
            return &report->findings[i];
    return NULL;
}

/* The input's own copy of a certificate, if it has one: that has a place. */
static const struct cp_cert *in_input(const struct cp_bundle *bundle, const struct cp_cert *cert) {
    for (size_t i = 0; i < bundle->num_certs; i++)
        if (cp_span_equal(bundle->certs[i].cert.der, cert->der))
            return &bundle->certs[i].cert;
    return cert;
}

/* What completed the path has its finding, CP0418: this adds what it means. */
static enum cp_status check_served_alone(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_bundle *bundle = report->bundle;
    const struct cp_path *path = &report->path.path;
    const struct cp_cert *top = path->certs[path->num_certs - 1];
    struct cp_finding *finding = find_finding(report, CP_CHECK_COMPLETED);
    struct cp_path_result result;
    char label[CP_CERT_LABEL];
    if (report->trust == NULL || (finding == NULL && cp_cert_is_self_issued(top)))
        return CP_OK;
    const struct cp_cert **served = calloc(bundle->num_certs, sizeof(*served));
    if (served == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "report: out of memory");
    for (size_t i = 0; i < bundle->num_certs; i++)
        served[i] = &bundle->certs[i].cert;
    struct cp_path_query query = cp_report_query(report, served, bundle->num_certs);
    query.only_roots = true;
    enum cp_status status = cp_path_find(context->verifier, &result, &query, err);
    free(served);
    if (status != CP_OK)
        return status;
    if (result.valid) {
        if (finding != NULL)
            cp_report_note(report, finding, "what is served leads to a root without it, too");
        return CP_OK;
    }
    if (finding == NULL) {
        top = in_input(bundle, top);
        cp_report_cert_label(label, report, top);
        finding =
            cp_report_add(report, CP_CHECK_SERVED_ALONE, "%s ends the path, and is no root", label);
        cp_report_at_cert(report, finding, top);
    }
    cp_report_cert_label(label, report, result.culprit);
    cp_report_note(report, finding,
                   "clients that have only what is served, and roots, fail: %s: %s", label,
                   cp_path_rule_text(result.rule));
    return CP_OK;
}

enum cp_status cp_check_outlook(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    report->lookahead.valid_from_s = INT64_MAX;
    if (report->leaf == NULL)
        return CP_OK;
    enum cp_status status = cp_lookahead_run(&report->lookahead, report, context->verifier, err);
    if (status == CP_OK && report->lookahead.valid_now) {
        check_future(report);
        status = check_served_order(context, err);
        if (status == CP_OK)
            status = check_served_alone(context, err);
    }
    if (status != CP_OK || !report->explain)
        return status;
    report->outlook_text = cp_explain_outlook(report);
    return cp_explain_run(report, context->verifier, err);
}
