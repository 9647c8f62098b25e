/* CP04: is there a valid path from the leaf to a trust anchor, and is the input no more than it? */
#include <stdio.h>

#include "checks.h"

enum cp_check cp_path_rule_check(enum cp_path_rule rule) {
    static const enum cp_check checks[] = {
#define RULE(name, check, text) CP_CHECK_##check,
#include "path_rules.def"
#undef RULE
    };
    return checks[rule];
}

static void add_rule(struct cp_report *report, enum cp_path_rule rule,
                     const struct cp_cert *culprit, const struct cp_general_name *name) {
    char label[CP_CERT_LABEL], other[CP_CERT_LABEL];
    struct cp_cert issuer = {.subject = culprit->issuer};
    cp_report_cert_label(label, report, culprit);
    struct cp_finding *finding =
        cp_report_add(report, cp_path_rule_check(rule), "%s: %s", label, cp_path_rule_text(rule));
    cp_report_at_cert(report, finding, culprit);
    if (rule == CP_PATH_ISSUER_MISSING || rule == CP_PATH_ISSUER_OTHER_KEY) {
        cp_cert_subject_text(other, sizeof(other), &issuer);
        cp_report_note(report, finding, "its issuer is %s", other);
    }
    if (rule == CP_PATH_CRITICAL_EXTENSION && culprit->num_unknown_critical != 0) {
        cp_oid_format(other, sizeof(other), culprit->first_unknown_critical);
        cp_report_note(report, finding, "the extension is %s", other);
    }
    if (name != NULL && name->kind == CP_GN_DNS && name->value.len != 0) {
        cp_escape(other, sizeof(other), name->value);
        cp_report_note(report, finding, "the name is %s", other);
    }
}

static enum cp_status check_leaf(struct cp_check_context *context, bool *self_signed,
                                 struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_cert *leaf = report->leaf;
    enum cp_signature_result result = CP_SIGNATURE_BAD;
    char label[CP_CERT_LABEL];
    cp_report_cert_label(label, report, leaf);
    *self_signed = false;
    if (cp_cert_is_self_issued(leaf)) {
        enum cp_status status = cp_verifier_check(context->verifier, &result, leaf, leaf, err);
        if (status != CP_OK)
            return status;
        *self_signed = result == CP_SIGNATURE_GOOD && !report->path.path.anchored;
        if (*self_signed)
            cp_report_at_cert(
                report,
                cp_report_add(report, CP_CHECK_LEAF_SELF_SIGNED, "%s is self-signed", label), leaf);
    }
    if (leaf->is_ca && report->tree == NULL)
        cp_report_at_cert(
            report, cp_report_add(report, CP_CHECK_LEAF_IS_CA, "%s is a CA certificate", label),
            leaf);
    enum cp_path_rule rule = cp_path_check_cert(leaf, CP_PATH_LEAF, report->purpose);
    if (rule != CP_PATH_NONE)
        add_rule(report, rule, leaf, NULL);
    return CP_OK;
}

/* An earlier certificate with the same bytes; SIZE_MAX if there is none. */
static size_t first_copy(const struct cp_bundle *bundle, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (cp_span_equal(bundle->certs[i].cert.der, bundle->certs[index].cert.der))
            return i;
    return SIZE_MAX;
}

/* Marks what can be reached from the leaf by issuer names: such a certificate belongs to another
 * path to it, any other is foreign. */
static void mark_related(const struct cp_bundle *bundle, size_t leaf, bool *related) {
    size_t queue[CP_MAX_BLOCKS], num_queued = 0; /* a bundle has no more certificates than blocks */
    related[leaf] = true;
    queue[num_queued++] = leaf;
    for (size_t done = 0; done < num_queued; done++) {
        const struct cp_cert *below = &bundle->certs[queue[done]].cert;
        for (size_t i = 0; i < bundle->num_certs; i++) {
            const struct cp_cert *cert = &bundle->certs[i].cert;
            if (related[i] || below->issuer_hash != cert->subject_hash ||
                !cp_name_equal(below->issuer, cert->subject))
                continue;
            related[i] = true;
            queue[num_queued++] = i;
        }
    }
}

static void check_surplus(struct cp_report *report, bool *related) {
    const struct cp_bundle *bundle = report->bundle;
    mark_related(bundle, report->selection.leaf, related);
    for (size_t i = 0; i < bundle->num_certs; i++) {
        const struct cp_cert *cert = &bundle->certs[i].cert;
        char label[CP_CERT_LABEL];
        size_t copy = first_copy(bundle, i);
        bool on_path = cp_report_is_on_path(report, cert);
        bool root = i != report->selection.leaf && on_path && cp_cert_is_self_issued(cert);
        struct cp_finding *finding;
        if (copy == SIZE_MAX && on_path && !root)
            continue;
        cp_report_cert_label(label, report, cert);
        if (copy != SIZE_MAX)
            finding = cp_report_add(report, CP_CHECK_CERT_DUPLICATE,
                                    "%s is the same as certificate %zu", label, copy + 1);
        else if (root)
            finding = cp_report_add(report, CP_CHECK_ROOT_INCLUDED,
                                    "%s is a root; clients have their own copy", label);
        else if (related[i])
            finding = cp_report_add(report, CP_CHECK_CERT_EXTRA,
                                    "%s belongs to another path to the leaf", label);
        else
            finding = cp_report_add(report, CP_CHECK_CERT_FOREIGN,
                                    "%s does not belong to the leaf's chain", label);
        cp_report_at_cert(report, finding, cert);
    }
}

/* What a certificate is, in one word. */
static const char *place_of(const struct cp_report *report, size_t index) {
    const struct cp_cert *cert = &report->bundle->certs[index].cert;
    if (index == report->selection.leaf)
        return "leaf";
    if (cp_cert_is_self_issued(cert))
        return "root";
    return cert->is_ca ? "intermediate" : "another";
}

/* The path's certificates, as they stand in the input, must rise from the leaf. */
static void check_order(struct cp_report *report) {
    const struct cp_bundle *bundle = report->bundle;
    const struct cp_path *path = &report->path.path;
    char order[200];
    size_t last = 0, used = 0;
    bool wrong = report->selection.leaf != 0;
    for (size_t i = 0; i < path->num_certs; i++) {
        size_t at = bundle->num_certs;
        for (size_t j = 0; j < bundle->num_certs && at == bundle->num_certs; j++)
            if (cp_span_equal(bundle->certs[j].cert.der, path->certs[i]->der))
                at = j;
        if (at == bundle->num_certs) /* from the trust store */
            continue;
        wrong |= at < last;
        last = at;
    }
    if (!wrong || bundle->num_certs < 2)
        return;
    order[0] = '\0';
    for (size_t i = 0; i < bundle->num_certs && used < sizeof(order) - 20; i++)
        used += (size_t)snprintf(order + used, sizeof(order) - used, "%s%s", i == 0 ? "" : ", ",
                                 place_of(report, i));
    struct cp_finding *finding =
        cp_report_add(report, CP_CHECK_CHAIN_ORDER, "chain is out of order: %s%s", order,
                      used >= sizeof(order) - 20 ? ", ..." : "");
    cp_report_at_cert(report, finding, &bundle->certs[0].cert);
}

/* The store may have a certificate that was handed in, too. */
static bool is_given(const struct cp_bundle *bundle, const struct cp_cert *cert) {
    for (size_t i = 0; i < bundle->num_certs; i++)
        if (cp_span_equal(bundle->certs[i].cert.der, cert->der))
            return true;
    return false;
}

/* What the path has from the pool or the trust store, but for its root, which clients have; and
 * whether the search for a better path came to its end. */
static void check_completion(struct cp_report *report) {
    const struct cp_path_result *result = &report->path;
    char label[CP_CERT_LABEL];
    for (size_t i = 0; result->valid && i < result->path.num_certs; i++) {
        const struct cp_cert *cert = result->path.certs[i];
        const char *from = cp_pool_label(report->pool, cert);
        if (from == NULL && report->trust != NULL && cp_trust_owns(report->trust, cert))
            from = report->trust->label;
        bool is_root = i + 1 == result->path.num_certs && cp_cert_is_self_issued(cert);
        if (from == NULL || is_root || is_given(report->bundle, cert))
            continue;
        cp_report_cert_label(label, report, cert);
        struct cp_finding *finding = cp_report_add(
            report, CP_CHECK_COMPLETED, "%s: the input lacks it; it completes the chain", label);
        cp_report_at_cert(report, finding, cert);
        cp_report_note(report, finding, "it comes from %s", from);
    }
    if (!result->valid || !result->bound_met)
        return;
    cp_report_cert_label(label, report, report->leaf);
    cp_report_at_cert(report,
                      cp_report_add(report, CP_CHECK_PREFERENCE_CUT,
                                    "%s has more paths than were looked at", label),
                      report->leaf);
}

/* The signature is good, but a client that goes by key identifiers passes the issuer over. */
static void check_key_ids(struct cp_report *report) {
    const struct cp_path *path = &report->path.path;
    for (size_t i = 0; report->path.valid && i + 1 < path->num_certs; i++) {
        const struct cp_cert *cert = path->certs[i], *issuer = path->certs[i + 1];
        char label[CP_CERT_LABEL], other[CP_CERT_LABEL];
        if (cert->authority_key_id.len == 0 || issuer->subject_key_id.len == 0 ||
            cp_span_equal(cert->authority_key_id, issuer->subject_key_id))
            continue;
        cp_report_cert_label(label, report, cert);
        cp_report_cert_label(other, report, issuer);
        cp_report_at_cert(report,
                          cp_report_add(report, CP_CHECK_KEY_ID_MISMATCH,
                                        "%s names another key identifier than its issuer %s has",
                                        label, other),
                          cert);
    }
}

static void check_trust(struct cp_report *report) {
    const struct cp_trust *trust = report->trust;
    if (trust != NULL && trust->num_unreadable != 0)
        cp_report_add(report, CP_CHECK_TRUST_UNREADABLE,
                      "%s: %zu of its certificates can't be read, %zu can", trust->label,
                      trust->num_unreadable, trust->num_anchors);
}

enum cp_status cp_check_chain(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    bool self_signed = false;
    if (report->leaf == NULL)
        return CP_OK;
    enum cp_status status = check_leaf(context, &self_signed, err);
    if (status != CP_OK)
        return status;
    const struct cp_path_result *path = &report->path;
    if (!path->valid && !self_signed)
        add_rule(report, path->rule, path->culprit, &path->name);
    check_trust(report);
    check_completion(report);
    check_key_ids(report);
    check_order(report);
    bool related[CP_MAX_BLOCKS] = {false};
    check_surplus(report, related);
    return CP_OK;
}
