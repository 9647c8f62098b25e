/* The runner: facts first (leaf, key, path), then every group of the table in order. */
#include "checks.h"

#include <stdlib.h>

struct cp_checker {
    const struct cp_trust *trust;
    struct cp_verifier *verifier;
    struct cp_weakkey *weakkey;
};

enum cp_status cp_checker_new(struct cp_checker **out, const struct cp_trust *trust,
                              struct cp_error *err) {
    struct cp_checker *checker = calloc(1, sizeof(*checker));
    if (checker == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "checker: out of memory");
    checker->trust = trust;
    enum cp_status status = cp_verifier_new(&checker->verifier, err);
    if (status == CP_OK)
        status = cp_weakkey_new(&checker->weakkey, err);
    if (status != CP_OK) {
        cp_checker_free(checker);
        return status;
    }
    *out = checker;
    return CP_OK;
}

void cp_checker_free(struct cp_checker *checker) {
    if (checker == NULL)
        return;
    cp_verifier_free(checker->verifier);
    cp_weakkey_free(checker->weakkey);
    free(checker);
}

static enum cp_status take_hostnames(struct cp_report *report,
                                     const struct cp_check_options *options, struct cp_error *err) {
    if (options->num_hostnames > CP_MAX_HOSTNAMES)
        return cp_fail(err, CP_ERR_LIMIT, "more than %d hostnames", CP_MAX_HOSTNAMES);
    report->hosts = calloc(options->num_hostnames + 1, sizeof(*report->hosts));
    if (report->hosts == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "report: out of memory");
    for (size_t i = 0; i < options->num_hostnames; i++) {
        enum cp_status status =
            cp_hostname_init(&report->hosts[i].hostname, options->hostnames[i], err);
        if (status != CP_OK)
            return status;
        report->num_hosts++;
    }
    return CP_OK;
}

static enum cp_status take_target(struct cp_report *report, const struct cp_check_options *options,
                                  struct cp_error *err) {
    char list[CP_TARGET_LIST];
    if (options->target == NULL)
        return CP_OK;
    report->target = cp_target_find(options->target);
    if (report->target != NULL)
        return CP_OK;
    cp_target_list(list);
    return cp_fail(err, CP_ERR_USAGE, "target '%.20s' is not known: want %s", options->target,
                   list);
}

static bool is_in_bundle(const struct cp_bundle *bundle, struct cp_span der) {
    for (size_t i = 0; i < bundle->num_certs; i++)
        if (cp_span_equal(bundle->certs[i].cert.der, der))
            return true;
    return false;
}

enum cp_status cp_report_candidates(const struct cp_cert ***out, size_t *num_out,
                                    const struct cp_report *report, struct cp_error *err) {
    const struct cp_bundle *bundle = report->bundle;
    const struct cp_pool *pool = report->pool;
    size_t num_more = pool == NULL ? 0 : pool->num_certs, num = 0;
    const struct cp_cert **list = calloc(bundle->num_certs + num_more, sizeof(*list));
    if (list == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "report: out of memory");
    for (size_t i = 0; i < bundle->num_certs; i++)
        list[num++] = &bundle->certs[i].cert;
    for (size_t i = 0; i < num_more; i++)
        if (!is_in_bundle(bundle, pool->certs[i]->cert.der))
            list[num++] = &pool->certs[i]->cert;
    *out = list;
    *num_out = num;
    return CP_OK;
}

struct cp_path_query cp_report_query(const struct cp_report *report,
                                     const struct cp_cert *const *pool, size_t num_pool) {
    return (struct cp_path_query){.leaf = report->leaf,
                                  .pool = pool,
                                  .num_pool = num_pool,
                                  .trust = report->trust,
                                  .at_s = report->at_s,
                                  .purpose = report->purpose,
                                  .evidence = report->evidence,
                                  .dots = report->profile == CP_PROFILE_AUTO,
                                  .max_intermediates = report->max_intermediates};
}

/* Searches in the input, then with what may complete it; with a preference at once among all. */
static enum cp_status find_in(struct cp_report *report, struct cp_verifier *verifier,
                              struct cp_path_query *query, size_t num_all, struct cp_error *err) {
    enum cp_status status = CP_OK;
    query->num_pool = query->prefer == CP_PREFER_FIRST ? report->bundle->num_certs : num_all;
    status = cp_path_find(verifier, &report->path, query, err);
    if (status != CP_OK || report->path.valid || query->num_pool == num_all)
        return status;
    query->num_pool = num_all;
    return cp_path_find(verifier, &report->path, query, err);
}

/* Searches by the clock and the evidence. If that fails, once more through what is revoked, which
 * the revocation checks then report; if that fails, too, without the clock, so that an expired
 * certificate does not hide what else is wrong, and the validity checks know which certificates are
 * needed. */
static enum cp_status find_path(struct cp_report *report, struct cp_verifier *verifier,
                                enum cp_preference prefer, struct cp_error *err) {
    const struct cp_cert **candidates = NULL;
    size_t num_all = 0;
    enum cp_status status = cp_report_candidates(&candidates, &num_all, report, err);
    if (status != CP_OK)
        return status;
    struct cp_path_query query = cp_report_query(report, candidates, num_all);
    query.prefer = prefer;
    status = find_in(report, verifier, &query, num_all, err);
    query.evidence = NULL;
    if (status == CP_OK && !report->path.valid && report->evidence != NULL)
        status = find_in(report, verifier, &query, num_all, err);
    if (status == CP_OK && !report->path.valid) {
        query.only_hard_rules = true;
        query.prefer = CP_PREFER_FIRST;
        report->path_is_soft = true;
        status = find_in(report, verifier, &query, num_all, err);
    }
    free(candidates);
    return status;
}

enum cp_status cp_check_key_loads(struct cp_check_context *context, bool *loads,
                                  const struct cp_cert *cert, struct cp_error *err) {
    const struct cp_report *report = context->report;
    *loads = true;
    if (cert == report->leaf && report->selection.key_matches)
        return CP_OK;
    return cp_verifier_can_load(context->verifier, loads, cert, err);
}

typedef enum cp_status (*group_fn)(struct cp_check_context *context, struct cp_error *err);

enum cp_status cp_checker_run(struct cp_checker *checker, struct cp_report **out,
                              const struct cp_bundle *bundle,
                              const struct cp_check_options *options, struct cp_error *err) {
    static const group_fn groups[] = {
#define GROUP(name) cp_check_##name,
#include "checks.def"
#undef GROUP
    };
    struct cp_report *report = calloc(1, sizeof(*report));
    struct cp_check_context context = {
        .report = report, .verifier = checker->verifier, .weakkey = checker->weakkey};
    enum cp_status status;
    if (report == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "report: out of memory");
    report->bundle = bundle;
    report->trust = checker->trust;
    report->pool = options->pool;
    report->at_s = options->at_s;
    report->min_days = options->min_days;
    report->profile = options->profile;
    report->purpose = options->purpose;
    if (options->max_intermediates != NULL) {
        report->limit_of_intermediates = *options->max_intermediates;
        report->max_intermediates = &report->limit_of_intermediates;
    }
    report->require_key = options->require_key;
    report->evidence = options->evidence;
    report->ct_logs = options->ct_logs;
    report->blocklist = options->blocklist;
    report->deep = options->deep;
    report->tree = options->tree;
    report->policy = options->policy;
    report->min_left_percent = options->min_left_percent;
    report->explain = options->explain;
    status = take_target(report, options, err);
    if (status == CP_OK)
        status = take_hostnames(report, options, err);
    if (status != CP_OK)
        goto out;
    cp_bundle_select(bundle, options->at_s, &report->selection);
    if (report->selection.leaf != SIZE_MAX) {
        report->leaf = &bundle->certs[report->selection.leaf].cert;
        status = find_path(report, checker->verifier, options->prefer, err);
    }
    for (size_t i = 0; status == CP_OK && i < sizeof(groups) / sizeof(groups[0]); i++)
        status = groups[i](&context, err);
    if (status == CP_OK)
        cp_report_supersede(report);
    if (status == CP_OK)
        cp_target_predict(report);
    if (status == CP_OK)
        status = cp_policy_apply(report, err);
    if (status == CP_OK && report->failed != CP_OK)
        status = cp_fail(err, report->failed, "report: out of memory");
    if (status == CP_OK) {
        *out = report;
        report = NULL;
    }
out:
    cp_report_free(report);
    return status;
}
