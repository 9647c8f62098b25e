#include "path.h"

#include <string.h>

struct search {
    struct cp_verifier *verifier;
    const struct cp_path_query *query;
    struct cp_path_result *result;
    struct cp_path path; /* from the leaf to where the search stands */
    size_t name_work;
    int best_failure; /* how close the kept failure came; -1: none yet */
    bool bound_met;
    struct cp_error *err;
};

/* Keeps the failure that came closest to a valid path: one at an anchor before others, then the
 * longest, then the first, since the likeliest is tried first. last may be NULL. */
static void note_failure(struct search *s, enum cp_path_rule rule, const struct cp_cert *culprit,
                         const struct cp_cert *last, bool is_anchor,
                         const struct cp_general_name *name) {
    int closeness = (int)s->path.num_certs * 2 + (last != NULL) + (is_anchor ? 1000 : 0);
    if (rule == CP_PATH_SEARCH_BOUND)
        closeness = 10000;
    if (closeness <= s->best_failure)
        return;
    s->best_failure = closeness;
    s->result->rule = rule;
    s->result->culprit = culprit;
    s->result->name = name != NULL ? *name : (struct cp_general_name){.kind = CP_GN_OTHER};
    s->result->path = s->path;
    if (last != NULL && s->path.num_certs < CP_MAX_PATH_CERTS)
        s->result->path.certs[s->result->path.num_certs++] = last;
    s->result->path.anchored = is_anchor;
}

/* Same name and key: going through it again can't lead anywhere new. */
static bool is_in_path(const struct cp_path *path, const struct cp_cert *cert) {
    for (size_t i = 0; i < path->num_certs; i++)
        if (path->certs[i]->subject_hash == cert->subject_hash &&
            cp_span_equal(path->certs[i]->spki, cert->spki) &&
            cp_name_equal(path->certs[i]->subject, cert->subject))
            return true;
    return false;
}

enum { NUM_RANKS = 6 };

/* 0 is best: key identifiers that agree (RFC 4158 3.5.12), unknown, that differ; each in time
 * first. */
static int rank_of(const struct cp_cert *subject, const struct cp_cert *issuer, int64_t at_s) {
    int rank = 2;
    if (subject->authority_key_id.len != 0 && issuer->subject_key_id.len != 0)
        rank = cp_span_equal(subject->authority_key_id, issuer->subject_key_id) ? 0 : 4;
    return rank + !cp_path_is_in_time(issuer, at_s);
}

static enum cp_status check_signature(struct search *s, enum cp_path_rule *rule,
                                      const struct cp_cert *subject, const struct cp_cert *issuer) {
    enum cp_signature_result result = CP_SIGNATURE_BAD;
    *rule = CP_PATH_NONE;
    if (!cp_span_equal(subject->signature_algorithm, subject->tbs_signature_algorithm)) {
        *rule = CP_PATH_ALGORITHM_MISMATCH;
        return CP_OK;
    }
    if (s->result->num_signatures++ >= CP_MAX_PATH_SIGNATURES) {
        s->bound_met = true;
        *rule = CP_PATH_SEARCH_BOUND;
        return CP_OK;
    }
    enum cp_status status = cp_verifier_check(s->verifier, &result, subject, issuer, s->err);
    if (result == CP_SIGNATURE_UNSUPPORTED)
        *rule = CP_PATH_SIGNATURE_UNSUPPORTED;
    else if (result == CP_SIGNATURE_BAD)
        *rule = rank_of(subject, issuer, s->query->at_s) >= 4 ? CP_PATH_ISSUER_OTHER_KEY
                                                              : CP_PATH_SIGNATURE;
    return status;
}

/* What another path may avoid and the checks report by themselves. How an anchor was signed does
 * not matter. */
static enum cp_path_rule check_soft(const struct cp_cert *issuer, bool is_anchor, int64_t at_s) {
    if (!cp_path_is_in_time(issuer, at_s))
        return CP_PATH_TIME;
    if (!is_anchor && cp_signature_algorithm_get(issuer->signature_type)->weak)
        return CP_PATH_WEAK_SIGNATURE;
    if (cp_cert_has_weak_key(issuer))
        return CP_PATH_WEAK_KEY;
    return CP_PATH_NONE;
}

/* Can issuer stand above the path? If not, the failure is noted. */
static enum cp_status try_issuer(struct search *s, bool *fits, const struct cp_cert *issuer,
                                 bool is_anchor) {
    const struct cp_cert *top = s->path.certs[s->path.num_certs - 1];
    struct cp_general_name bad_name = {.kind = CP_GN_OTHER};
    const struct cp_cert *culprit = issuer;
    enum cp_status status = CP_OK;
    enum cp_path_rule rule = CP_PATH_NONE;
    *fits = false;
    if (s->result->num_steps++ >= CP_MAX_PATH_STEPS) {
        s->bound_met = true;
        rule = CP_PATH_SEARCH_BOUND;
    } else if (s->path.num_certs == CP_MAX_PATH_CERTS) {
        rule = CP_PATH_TOO_LONG;
    } else if (!s->query->only_hard_rules) {
        rule = check_soft(issuer, is_anchor, s->query->at_s);
    }
    if (rule == CP_PATH_NONE)
        rule = cp_path_check_cert(issuer, true);
    if (rule == CP_PATH_NONE) {
        rule = cp_path_check_above(issuer, &s->path, &s->name_work, &bad_name);
        s->bound_met |= rule == CP_PATH_SEARCH_BOUND;
    }
    if (rule == CP_PATH_NONE) {
        culprit = top;
        status = check_signature(s, &rule, top, issuer);
    }
    if (rule != CP_PATH_NONE)
        note_failure(s, rule, culprit, issuer, is_anchor, &bad_name);
    *fits = rule == CP_PATH_NONE;
    return status;
}

static enum cp_status extend(struct search *s);

/* Tries one candidate; on a fit goes on above it, or ends at an anchor. */
static enum cp_status try_candidate(struct search *s, const struct cp_cert *issuer,
                                    bool is_anchor) {
    bool fits = false;
    if (is_in_path(&s->path, issuer))
        return CP_OK;
    enum cp_status status = try_issuer(s, &fits, issuer, is_anchor);
    if (status != CP_OK || !fits)
        return status;
    s->path.certs[s->path.num_certs++] = issuer;
    if (is_anchor) {
        s->path.anchored = true;
        s->result->path = s->path;
        s->result->valid = true;
        return CP_OK;
    }
    status = extend(s);
    s->path.num_certs--;
    return status;
}

/* Each candidate of one kind, best rank first. *found: there was one by the name. */
static enum cp_status try_all(struct search *s, bool *found, bool anchors) {
    const struct cp_cert *top = s->path.certs[s->path.num_certs - 1];
    const struct cp_path_query *q = s->query;
    for (int rank = 0; rank < NUM_RANKS; rank++) {
        size_t index = 0;
        for (;;) {
            const struct cp_cert *issuer = NULL;
            if (anchors) {
                issuer = cp_trust_next(q->trust, &index, top->issuer, top->issuer_hash);
            } else {
                while (issuer == NULL && index < q->num_pool) {
                    const struct cp_cert *cert = q->pool[index++];
                    if (cert->subject_hash == top->issuer_hash &&
                        cp_name_equal(cert->subject, top->issuer))
                        issuer = cert;
                }
            }
            if (issuer == NULL)
                break;
            if (rank_of(top, issuer, q->at_s) != rank)
                continue;
            *found |= !is_in_path(&s->path, issuer);
            enum cp_status status = try_candidate(s, issuer, anchors);
            if (status != CP_OK || s->result->valid || s->bound_met)
                return status;
        }
    }
    return CP_OK;
}

/* The path can't go on: is it good as it is (no trust asked for), or why not? */
static enum cp_status end_here(struct search *s) {
    const struct cp_cert *top = s->path.certs[s->path.num_certs - 1];
    bool self_issued = cp_cert_is_self_issued(top);
    enum cp_path_rule rule = CP_PATH_NONE;
    if (s->query->trust != NULL) {
        note_failure(s, self_issued ? CP_PATH_UNTRUSTED : CP_PATH_ISSUER_MISSING, top, NULL, false,
                     NULL);
        return CP_OK;
    }
    if (self_issued) {
        enum cp_status status = check_signature(s, &rule, top, top);
        if (status != CP_OK)
            return status;
    }
    if (rule != CP_PATH_NONE) {
        note_failure(s, rule, top, NULL, false, NULL);
        return CP_OK;
    }
    s->result->path = s->path;
    s->result->valid = true;
    return CP_OK;
}

static enum cp_status extend(struct search *s) {
    const struct cp_cert *top = s->path.certs[s->path.num_certs - 1];
    bool found = false;
    enum cp_status status = CP_OK;
    if (s->query->trust != NULL && cp_trust_has(s->query->trust, top)) {
        s->path.anchored = true;
        s->result->path = s->path;
        s->result->valid = true;
        return CP_OK;
    }
    if (s->query->trust != NULL)
        status = try_all(s, &found, true);
    if (status == CP_OK && !s->result->valid && !s->bound_met)
        status = try_all(s, &found, false);
    if (status != CP_OK || s->result->valid || s->bound_met || found)
        return status;
    return end_here(s);
}

enum cp_status cp_path_find(struct cp_verifier *verifier, struct cp_path_result *result,
                            const struct cp_path_query *query, struct cp_error *err) {
    struct search s = {.verifier = verifier,
                       .query = query,
                       .result = result,
                       .name_work = CP_MAX_NAME_COMPARISONS,
                       .best_failure = -1,
                       .err = err};
    *result = (struct cp_path_result){.valid = false};
    s.path.certs[s.path.num_certs++] = query->leaf;
    result->path = s.path;
    return extend(&s);
}
