#include "explain/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "checks.h"

struct collector {
    struct cp_report *report;
    struct cp_explanation *explanation;
};

void cp_explanation_free(struct cp_explanation *explanation) {
    if (explanation == NULL)
        return;
    free(explanation->branches);
    free(explanation);
}

/* ---- one branch ---- */

static void describe_cert(struct cp_report *report, struct cp_branch_cert *out,
                          const struct cp_cert *cert, bool is_anchor) {
    char subject[CP_CERT_LABEL];
    size_t index = cp_report_cert_index(report, cert);
    const char *added = cp_pool_label(report->pool, cert);
    cp_cert_subject_text(subject, sizeof(subject), cert);
    *out = (struct cp_branch_cert){.subject = cp_report_text(report, "%s", subject),
                                   .origin = CP_ORIGIN_TRUST,
                                   .from = "",
                                   .not_before_s = cert->not_before_s,
                                   .not_after_s = cert->not_after_s,
                                   .is_anchor = is_anchor};
    if (index != SIZE_MAX) {
        const struct cp_place *place = &report->bundle->certs[index].place;
        out->origin = CP_ORIGIN_INPUT;
        out->from = cp_report_text(report, "%s", report->bundle->sources[place->source].name);
        out->line = place->line;
        out->certificate = index + 1;
    } else if (added != NULL) {
        out->origin = CP_ORIGIN_ADDED;
        out->from = cp_report_text(report, "%s", added);
    } else if (report->trust != NULL) {
        out->from = cp_report_text(report, "%s", report->trust->label);
    }
}

/* The same certificate is described alike in every branch, so the one before has it ready. */
static void describe_certs(struct cp_report *report, struct cp_branch *branch,
                           const struct cp_branch *before) {
    bool same = before != NULL;
    for (size_t i = 0; i < branch->num_certs; i++) {
        bool is_anchor = branch->is_anchored && i + 1 == branch->num_certs;
        same = same && i < before->num_certs && before->keys[i] == branch->keys[i];
        if (same) {
            branch->certs[i] = before->certs[i];
            branch->certs[i].is_anchor = is_anchor;
        } else {
            describe_cert(report, &branch->certs[i], branch->keys[i], is_anchor);
        }
    }
}

static bool is_chosen(const struct cp_report *report, const struct cp_path *path) {
    const struct cp_path *chosen = &report->path.path;
    if (!report->path.valid || chosen->num_certs != path->num_certs)
        return false;
    for (size_t i = 0; i < path->num_certs; i++)
        if (!cp_span_equal(chosen->certs[i]->der, path->certs[i]->der))
            return false;
    return true;
}

/* Expiry and beginning are one rule of the search, and two of the checks. */
static void describe_failure(struct cp_report *report, struct cp_branch *branch,
                             const struct cp_path_event *event) {
    char time[CP_TIME_TEXT], name[CP_CERT_LABEL];
    const struct cp_cert *culprit = event->culprit;
    bool early = event->rule == CP_PATH_TIME && report->at_s < culprit->not_before_s;
    enum cp_check check = early ? CP_CHECK_NOT_YET_VALID : cp_path_rule_check(event->rule);
    branch->rule = cp_rule_get((size_t)check);
    for (size_t i = 0; i < branch->num_certs; i++)
        if (branch->keys[i] == culprit)
            branch->culprit = i;
    if (event->rule == CP_PATH_TIME) {
        cp_time_format(time, early ? culprit->not_before_s : culprit->not_after_s);
        branch->reason =
            cp_report_text(report, early ? "is not valid before %.10s" : "expired on %.10s", time);
    } else if (event->name != NULL && event->name->kind == CP_GN_DNS &&
               event->name->value.len != 0) {
        cp_escape(name, sizeof(name), event->name->value);
        branch->reason = cp_report_text(report, "%s: %s", cp_path_rule_text(event->rule), name);
    } else {
        branch->reason = cp_path_rule_text(event->rule);
    }
}

/* Is the branch's chain longer than there is room? Then the last place is the candidate's. */
static void collect(void *observer, const struct cp_path_event *event) {
    struct collector *collector = observer;
    struct cp_explanation *explanation = collector->explanation;
    size_t *num = event->rule == CP_PATH_NONE ? &explanation->num_valid : &explanation->num_failed;
    if ((*num)++ >= CP_MAX_BRANCHES)
        return;
    struct cp_branch *branch = &explanation->branches[explanation->num_branches];
    const struct cp_branch *before = explanation->num_branches == 0 ? NULL : branch - 1;
    *branch = (struct cp_branch){.is_valid = event->rule == CP_PATH_NONE,
                                 .is_anchored = event->is_anchor};
    for (size_t i = 0; i < event->path->num_certs; i++)
        branch->keys[branch->num_certs++] = event->path->certs[i];
    if (event->candidate != NULL)
        branch->keys[branch->num_certs++] = event->candidate;
    describe_certs(collector->report, branch, before);
    if (branch->is_valid)
        branch->is_chosen = is_chosen(collector->report, event->path);
    else
        describe_failure(collector->report, branch, event);
    explanation->num_branches++;
}

/* ---- the search ---- */

/* Leaves out copies, and anchors that were handed in: the store's own are tried anyway. */
static size_t without_copies(const struct cp_cert **certs, size_t num,
                             const struct cp_trust *trust) {
    size_t kept = 0;
    for (size_t i = 0; i < num; i++) {
        bool copy = trust != NULL && cp_trust_has(trust, certs[i]);
        for (size_t j = 0; j < kept && !copy; j++)
            copy = cp_span_equal(certs[j]->der, certs[i]->der);
        if (!copy)
            certs[kept++] = certs[i];
    }
    return kept;
}

enum cp_status cp_explain_run(struct cp_report *report, struct cp_verifier *verifier,
                              struct cp_error *err) {
    struct cp_explanation *explanation = calloc(1, sizeof(*explanation));
    struct collector collector = {report, explanation};
    const struct cp_cert **candidates = NULL;
    struct cp_path_result result;
    size_t num = 0;
    if (explanation == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "explain: out of memory");
    report->explanation = explanation;
    explanation->branches = calloc(2 * CP_MAX_BRANCHES, sizeof(*explanation->branches));
    if (explanation->branches == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "explain: out of memory");
    enum cp_status status = cp_report_candidates(&candidates, &num, report, err);
    if (status != CP_OK)
        return status;
    struct cp_path_query query =
        cp_report_query(report, candidates, without_copies(candidates, num, report->trust));
    query.all = true;
    query.observe = collect;
    query.observer = &collector;
    status = cp_path_find(verifier, &result, &query, err);
    explanation->bound_met = result.bound_met;
    free(candidates);
    return status;
}

/* ---- the outlook ---- */

static const char *label_of(char out[CP_CERT_LABEL], const struct cp_report *report,
                            const struct cp_cert *cert) {
    cp_report_cert_label(out, report, cert);
    return out;
}

static const char *invalid_outlook(struct cp_report *report) {
    const struct cp_lookahead *ahead = &report->lookahead;
    char label[CP_CERT_LABEL], day[CP_TIME_TEXT];
    if (ahead->revoked)
        return "not valid now: a certificate of the path is revoked";
    if (ahead->valid_from_s == INT64_MAX)
        return "not valid now, and no path becomes valid by waiting";
    const struct cp_cert *begins = report->leaf;
    for (size_t i = 0; i < ahead->other.num_certs; i++)
        if (ahead->other.certs[i]->not_before_s == ahead->valid_from_s)
            begins = ahead->other.certs[i];
    return cp_report_text(report, "not valid now; valid from %s on: %s begins then",
                          cp_day_format(day, ahead->valid_from_s), label_of(label, report, begins));
}

const char *cp_explain_outlook(struct cp_report *report) {
    const struct cp_lookahead *ahead = &report->lookahead;
    char label[CP_CERT_LABEL], other[CP_CERT_LABEL], day[CP_TIME_TEXT], end[CP_TIME_TEXT];
    if (!ahead->valid_now)
        return invalid_outlook(report);
    if (ahead->first.cert == NULL)
        return "valid now; nothing of the path has an end";
    if (ahead->first.cert == report->leaf)
        snprintf(label, sizeof(label), "the leaf");
    else
        label_of(label, report, ahead->first.cert);
    cp_day_format(day, ahead->first.at_s);
    if (ahead->other.num_certs == 0)
        return cp_report_text(report, "valid now; breaks on %s: %s expires", day, label);
    const struct cp_cert *differs = cp_path_first_other(&ahead->other, &report->path.path);
    if (ahead->last.cert == NULL)
        return cp_report_text(
            report, "valid now; breaks on %s: %s expires; the other path through %s has no end",
            day, label, label_of(other, report, differs));
    return cp_report_text(
        report, "valid now; breaks on %s: %s expires; the other path through %s lasts to %s", day,
        label, label_of(other, report, differs), cp_day_format(end, ahead->last.at_s));
}

/* ---- accessors ---- */

const char *cp_origin_name(enum cp_origin origin) {
    static const char *const names[CP_NUM_ORIGINS] = {"input", "trust", "added"};
    return (unsigned)origin < CP_NUM_ORIGINS ? names[origin] : "";
}

size_t cp_report_num_branches(const struct cp_report *report) {
    return report->explanation == NULL ? 0 : report->explanation->num_branches;
}

const struct cp_branch *cp_report_branch(const struct cp_report *report, size_t index) {
    return index < cp_report_num_branches(report) ? &report->explanation->branches[index] : NULL;
}

bool cp_report_branches_are_cut(const struct cp_report *report) {
    const struct cp_explanation *explanation = report->explanation;
    return explanation != NULL &&
           (explanation->bound_met || explanation->num_valid > CP_MAX_BRANCHES ||
            explanation->num_failed > CP_MAX_BRANCHES);
}

void cp_report_outlook(const struct cp_report *report, struct cp_outlook *out) {
    const struct cp_lookahead *ahead = &report->lookahead;
    *out = (struct cp_outlook){.valid_now = ahead->valid_now,
                               .path_breaks_s = INT64_MAX,
                               .changes_s = ahead->valid_from_s,
                               .text = report->outlook_text};
    if (ahead->valid_now) {
        out->path_breaks_s = ahead->first.at_s;
        out->changes_s = ahead->last.at_s;
    }
    if (out->changes_s != INT64_MAX && ahead->valid_now)
        out->changes_s++; /* the last good second is still good */
    if (out->path_breaks_s != INT64_MAX)
        out->path_breaks_s++;
}
