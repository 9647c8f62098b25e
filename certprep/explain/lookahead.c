#include "explain/lookahead.h"

#include <stdlib.h>

#include "checks.h"

struct cp_end cp_path_first_end(const struct cp_path *path) {
    struct cp_end end = {NULL, INT64_MAX};
    for (size_t i = 0; i < path->num_certs; i++)
        if (path->certs[i]->not_after_s < end.at_s)
            end = (struct cp_end){path->certs[i], path->certs[i]->not_after_s};
    return end;
}

const struct cp_cert *cp_path_first_other(const struct cp_path *other, const struct cp_path *path) {
    for (size_t i = 0; i < other->num_certs; i++) {
        bool found = false;
        for (size_t j = 0; j < path->num_certs; j++)
            found |= cp_span_equal(other->certs[i]->der, path->certs[j]->der);
        if (!found)
            return other->certs[i];
    }
    return other->num_certs == 0 ? NULL : other->certs[other->num_certs - 1];
}

/* Goes from the end of one path to the next that is valid behind it: a path that is valid at one
 * moment stays so until its first certificate expires, so no other moment needs a look. */
static enum cp_status follow_ends(struct cp_lookahead *out, struct cp_path_query *query,
                                  struct cp_verifier *verifier, struct cp_error *err) {
    struct cp_path_result result;
    for (int round = 0; round < CP_MAX_OUTLOOK_SEARCHES; round++) {
        if (out->last.cert == NULL || out->last.cert == query->leaf)
            return CP_OK;
        query->at_s = out->last.at_s + 1; /* before the leaf's end, so it can't overflow */
        enum cp_status status = cp_path_find(verifier, &result, query, err);
        if (status != CP_OK || !result.valid)
            return status;
        if (out->other.num_certs == 0)
            out->other = result.path;
        out->last = cp_path_first_end(&result.path);
    }
    return CP_OK;
}

static int compare_moments(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct moments {
    int64_t at_s[CP_MAX_OUTLOOK_MOMENTS];
    size_t num;
};

static void add_moment(struct moments *moments, int64_t moment_s, int64_t after_s) {
    if (moment_s <= after_s)
        return;
    for (size_t i = 0; i < moments->num; i++)
        if (moments->at_s[i] == moment_s)
            return;
    if (moments->num < CP_MAX_OUTLOOK_MOMENTS)
        moments->at_s[moments->num++] = moment_s;
}

/* A path can begin to be valid only when one of its certificates does. */
static enum cp_status find_beginning(struct cp_lookahead *out, struct cp_path_query *query,
                                     struct cp_verifier *verifier, struct cp_error *err) {
    struct moments moments = {.num = 0};
    const struct cp_cert *leaf = query->leaf;
    int64_t now_s = query->at_s;
    add_moment(&moments, leaf->not_before_s, now_s);
    for (size_t i = 0; i < query->num_pool; i++)
        add_moment(&moments, query->pool[i]->not_before_s, now_s);
    for (size_t i = 0; query->trust != NULL && i < query->trust->num_anchors; i++)
        add_moment(&moments, query->trust->anchors[i].not_before_s, now_s);
    qsort(moments.at_s, moments.num, sizeof(moments.at_s[0]), compare_moments);
    for (size_t i = 0; i < moments.num; i++) {
        struct cp_path_result result;
        query->at_s = moments.at_s[i];
        if (!cp_path_is_in_time(leaf, query->at_s))
            continue;
        enum cp_status status = cp_path_find(verifier, &result, query, err);
        if (status != CP_OK)
            return status;
        if (!result.valid)
            continue;
        out->valid_from_s = query->at_s;
        out->other = result.path;
        return CP_OK;
    }
    return CP_OK;
}

/* By the evidence: the revocation checks have said so. */
static bool is_revoked(const struct cp_report *report) {
    for (size_t i = 0; i < report->num_findings; i++)
        if (report->findings[i].rule == cp_rule_get(CP_CHECK_REVOKED))
            return true;
    return false;
}

enum cp_status cp_lookahead_run(struct cp_lookahead *out, const struct cp_report *report,
                                struct cp_verifier *verifier, struct cp_error *err) {
    const struct cp_path *path = &report->path.path;
    const struct cp_cert **candidates = NULL;
    size_t num = 0;
    *out = (struct cp_lookahead){.valid_from_s = INT64_MAX, .revoked = is_revoked(report)};
    if (out->revoked) /* waiting does not help */
        return CP_OK;
    out->valid_now =
        report->path.valid && !report->path_is_soft &&
        cp_path_is_in_time(report->leaf, report->at_s) &&
        cp_path_check_cert(report->leaf, CP_PATH_LEAF, report->purpose) == CP_PATH_NONE;
    if (out->valid_now) {
        out->first = out->last = cp_path_first_end(path);
        if (out->first.cert == NULL || out->first.cert == report->leaf)
            return CP_OK;
    } else if (!report->explain) {
        return CP_OK;
    }
    enum cp_status status = cp_report_candidates(&candidates, &num, report, err);
    if (status != CP_OK)
        return status;
    struct cp_path_query query = cp_report_query(report, candidates, num);
    query.prefer = CP_PREFER_LONGEST_LIVED;
    status = out->valid_now ? follow_ends(out, &query, verifier, err)
                            : find_beginning(out, &query, verifier, err);
    free(candidates);
    return status;
}
