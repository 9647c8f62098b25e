#include "path.h"

#include <stdlib.h>

#include "policy.h"

struct search {
    struct cp_verifier *verifier;
    const struct cp_path_query *query;
    struct cp_path_result *result;
    struct cp_path path; /* from the leaf to where the search stands */
    uint8_t *ranks; /* room for a rank of each certificate of the pool, at each length of path */
    size_t name_work;
    size_t policy_work;
    struct cp_path_standings standings;
    size_t num_taken; /* valid paths that were found */
    int best_failure; /* how close the kept failure came; -1: none yet */
    bool is_over;     /* found what was asked for, or met a bound */
    struct cp_error *err;
};

static void observe(const struct search *s, const struct cp_path_event *event) {
    if (s->query->observe != NULL)
        s->query->observe(s->query->observer, event);
}

/* Keeps the failure that came closest to a valid path: one at an anchor before others, then the
 * longest, then the first, since the likeliest is tried first. last may be NULL. */
static void note_failure(struct search *s, enum cp_path_rule rule, const struct cp_cert *culprit,
                         const struct cp_cert *last, bool is_anchor,
                         const struct cp_general_name *name) {
    observe(s, &(struct cp_path_event){.rule = rule,
                                       .path = &s->path,
                                       .candidate = last,
                                       .culprit = culprit,
                                       .name = name,
                                       .is_anchor = is_anchor});
    int closeness = (int)s->path.num_certs * 2 + (last != NULL) + (is_anchor ? 1000 : 0);
    if (rule == CP_PATH_SEARCH_BOUND)
        closeness = 10000;
    if (s->result->valid || closeness <= s->best_failure)
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

static void meet_bound(struct search *s) {
    s->result->bound_met = s->is_over = true;
}

static int64_t first_expiry(const struct cp_path *path) {
    int64_t first_s = INT64_MAX;
    for (size_t i = 0; i < path->num_certs; i++)
        if (path->certs[i]->not_after_s < first_s)
            first_s = path->certs[i]->not_after_s;
    return first_s;
}

static int compare_times(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

/* Less than 0: a is better. */
static int compare_paths(const struct cp_path *a, const struct cp_path *b,
                         enum cp_preference prefer) {
    int by_length = (a->num_certs > b->num_certs) - (a->num_certs < b->num_certs);
    int by_expiry = compare_times(first_expiry(b), first_expiry(a));
    int order = 0;
    if (prefer == CP_PREFER_LONGEST_LIVED)
        order = by_expiry;
    else if (prefer == CP_PREFER_MOST_COMPATIBLE)
        order = compare_times(a->certs[a->num_certs - 1]->not_before_s,
                              b->certs[b->num_certs - 1]->not_before_s);
    if (order == 0)
        order = by_length;
    return order != 0 ? order : by_expiry;
}

/* Than the one that was found before. With no preference the first one stays. */
static bool is_better(const struct search *s) {
    enum cp_preference prefer = s->query->prefer;
    return prefer != CP_PREFER_FIRST && compare_paths(&s->path, &s->result->path, prefer) < 0;
}

static bool is_too_deep(const struct search *s, bool anchored) {
    size_t num = 0;
    for (size_t i = 1; i < s->path.num_certs - anchored; i++)
        num += !cp_cert_is_self_issued(s->path.certs[i]);
    return s->query->max_intermediates != NULL && num > *s->query->max_intermediates;
}

/* The rules for a path as a whole. What stands at its top as a root is taken as an anchor. */
static enum cp_path_rule check_whole(struct search *s, bool anchored,
                                     const struct cp_cert **culprit) {
    static const enum cp_path_rule rules[] = {
        [CP_POLICY_OK] = CP_PATH_NONE,
        [CP_POLICY_REQUIRED] = CP_PATH_POLICY_REQUIRED,
        [CP_POLICY_MALFORMED] = CP_PATH_POLICY_MALFORMED,
        [CP_POLICY_MAPPED_ANY] = CP_PATH_POLICY_MAPPED_ANY,
        [CP_POLICY_TOO_MANY] = CP_PATH_POLICY_TOO_MANY,
        [CP_POLICY_TOO_MUCH] = CP_PATH_SEARCH_BOUND,
    };
    const struct cp_cert *top = s->path.certs[s->path.num_certs - 1];
    size_t num = s->path.num_certs - (anchored || cp_cert_is_self_issued(top));
    *culprit = s->path.certs[0];
    if (is_too_deep(s, anchored))
        return CP_PATH_TOO_DEEP;
    enum cp_path_rule rule = rules[cp_policies_check(s->path.certs, num, &s->policy_work, culprit)];
    if (rule == CP_PATH_SEARCH_BOUND)
        meet_bound(s);
    return rule;
}

/* The path as it stands is valid, if it is so as a whole. */
static void take_path(struct search *s, bool anchored) {
    const struct cp_cert *culprit = NULL;
    enum cp_path_rule rule = check_whole(s, anchored, &culprit);
    if (rule != CP_PATH_NONE) {
        note_failure(s, rule, culprit, NULL, anchored, NULL);
        return;
    }
    s->path.anchored = anchored;
    observe(s, &(struct cp_path_event){.path = &s->path, .is_anchor = anchored});
    if (!s->result->valid || is_better(s))
        s->result->path = s->path;
    s->result->valid = true;
    s->num_taken++;
    s->is_over |= s->query->prefer == CP_PREFER_FIRST && !s->query->all;
    s->path.anchored = false;
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
        meet_bound(s);
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

/* What another path may avoid and the checks report by themselves. How an anchor or another root
 * was signed does not matter; of a self-issued one in between the checks take care. */
static enum cp_path_rule check_soft(const struct cp_cert *issuer, bool is_anchor, int64_t at_s) {
    if (!cp_path_is_in_time(issuer, at_s))
        return CP_PATH_TIME;
    if (!is_anchor && !cp_cert_is_self_issued(issuer) &&
        cp_signature_algorithm_get(issuer->signature_type)->weak)
        return CP_PATH_WEAK_SIGNATURE;
    if (cp_cert_has_weak_key(issuer))
        return CP_PATH_WEAK_KEY;
    return CP_PATH_NONE;
}

static void note_revoked(struct cp_path_result *result, const struct cp_cert *cert,
                         const struct cp_cert *issuer) {
    for (size_t i = 0; i < result->num_revoked; i++)
        if (result->revoked[i].cert == cert)
            return;
    if (result->num_revoked == CP_MAX_REVOKED_LEFT)
        return;
    result->revoked[result->num_revoked].cert = cert;
    result->revoked[result->num_revoked++].issuer = issuer;
}

/* A CA that is revoked; of the leaf, which every path has, the checks take care. */
static enum cp_status check_revoked(struct search *s, enum cp_path_rule *rule,
                                    const struct cp_cert *subject, const struct cp_cert *issuer) {
    bool revoked = false, bound_met = false;
    *rule = CP_PATH_NONE;
    if (s->path.num_certs == 1)
        return CP_OK;
    enum cp_status status = cp_path_ask_revoked(&s->standings, &revoked, &bound_met, s->verifier,
                                                subject, issuer, s->err);
    if (bound_met) {
        meet_bound(s);
        *rule = CP_PATH_SEARCH_BOUND;
    } else if (revoked) {
        note_revoked(s->result, subject, issuer);
        *rule = CP_PATH_REVOKED;
    }
    return status;
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
        meet_bound(s);
        rule = CP_PATH_SEARCH_BOUND;
    } else if (s->path.num_certs == CP_MAX_PATH_CERTS) {
        rule = CP_PATH_TOO_LONG;
    } else if (!s->query->only_hard_rules) {
        rule = check_soft(issuer, is_anchor, s->query->at_s);
    }
    if (rule == CP_PATH_NONE)
        rule = cp_path_check_cert(issuer, is_anchor ? CP_PATH_ANCHOR : CP_PATH_ISSUER,
                                  s->query->purpose);
    if (rule == CP_PATH_NONE) {
        rule = cp_path_check_above(issuer, &s->path, s->query->dots, &s->name_work, &bad_name);
        if (rule == CP_PATH_SEARCH_BOUND)
            meet_bound(s);
    }
    if (rule == CP_PATH_NONE) {
        culprit = top;
        status = check_signature(s, &rule, top, issuer);
    }
    if (rule == CP_PATH_NONE && status == CP_OK)
        status = check_revoked(s, &rule, top, issuer);
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
    if (is_anchor && cp_cert_is_self_issued(issuer))
        take_path(s, true);
    else
        status = extend(s);
    s->path.num_certs--;
    return status;
}

static enum cp_status try_anchors(struct search *s, bool *found) {
    const struct cp_cert *top = s->path.certs[s->path.num_certs - 1];
    const struct cp_path_query *q = s->query;
    for (int rank = 0; q->trust != NULL && rank < NUM_RANKS; rank++) {
        const struct cp_cert *issuer;
        size_t index = 0;
        while ((issuer = cp_trust_next(q->trust, &index, top->issuer, top->issuer_hash)) != NULL) {
            if (rank_of(top, issuer, q->at_s) != rank ||
                (q->only_roots && !cp_cert_is_self_issued(issuer)))
                continue;
            *found |= !is_in_path(&s->path, issuer);
            enum cp_status status = try_candidate(s, issuer, true);
            if (status != CP_OK || s->is_over)
                return status;
        }
    }
    return CP_OK;
}

/* Names are compared once for all ranks: equal ones that differ in bytes are slow to compare. */
static enum cp_status try_pool(struct search *s, bool *found) {
    const struct cp_cert *top = s->path.certs[s->path.num_certs - 1];
    const struct cp_path_query *q = s->query;
    uint8_t *ranks = s->ranks + (s->path.num_certs - 1) * q->num_pool;
    for (size_t i = 0; i < q->num_pool; i++) {
        const struct cp_cert *cert = q->pool[i];
        bool fits = cert->subject_hash == top->issuer_hash &&
                    cp_name_equal(cert->subject, top->issuer) && !is_in_path(&s->path, cert);
        ranks[i] = fits ? (uint8_t)rank_of(top, cert, q->at_s) : NUM_RANKS;
        *found |= fits;
    }
    for (int rank = 0; rank < NUM_RANKS; rank++) {
        for (size_t i = 0; i < q->num_pool; i++) {
            if (ranks[i] != rank)
                continue;
            enum cp_status status = try_candidate(s, q->pool[i], false);
            if (status != CP_OK || s->is_over)
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
    take_path(s, false);
    return CP_OK;
}

static enum cp_status extend(struct search *s) {
    const struct cp_cert *top = s->path.certs[s->path.num_certs - 1];
    bool found = false;
    bool is_anchor = s->query->trust != NULL && cp_trust_has(s->query->trust, top);
    size_t num_taken = s->num_taken;
    if (is_anchor && cp_cert_is_self_issued(top)) {
        take_path(s, true);
        return CP_OK;
    }
    enum cp_status status = try_anchors(s, &found);
    if (status == CP_OK && !s->is_over)
        status = try_pool(s, &found);
    if (status != CP_OK || s->num_taken != num_taken)
        return status;
    /* An intermediate in the trust store is the end only where nothing goes on. */
    if (is_anchor && !s->query->only_roots)
        take_path(s, true);
    else if (!s->is_over && !found)
        status = end_here(s);
    return status;
}

enum cp_status cp_path_find(struct cp_verifier *verifier, struct cp_path_result *result,
                            const struct cp_path_query *query, struct cp_error *err) {
    struct search s = {.verifier = verifier,
                       .query = query,
                       .result = result,
                       .name_work = CP_MAX_NAME_COMPARISONS,
                       .policy_work = CP_MAX_POLICY_WORK,
                       .standings = {.evidence = query->evidence, .at_s = query->at_s},
                       .best_failure = -1,
                       .err = err};
    *result = (struct cp_path_result){.valid = false};
    s.ranks = malloc(CP_MAX_PATH_CERTS * query->num_pool + 1);
    if (s.ranks == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "path: out of memory");
    s.path.certs[s.path.num_certs++] = query->leaf;
    result->path = s.path;
    enum cp_status status = extend(&s);
    result->num_name_comparisons = CP_MAX_NAME_COMPARISONS - s.name_work;
    result->num_policies = CP_MAX_POLICY_WORK - s.policy_work;
    free(s.ranks);
    return status;
}
