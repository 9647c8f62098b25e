/* CP08: does the target take this? Says nothing where no target was asked for. */
#include <inttypes.h>
#include <string.h>

#include "checks.h"
#include "prepare.h"

#define SECONDS_PER_DAY 86400

static struct cp_finding *add_source(struct cp_report *report, struct cp_finding *finding) {
    cp_report_note(report, finding, "%s, as of %s", report->target->source, report->target->date);
    return finding;
}

static void check_rsa_size(struct cp_report *report, const struct cp_target *target) {
    struct cp_finding *finding = NULL;
    unsigned bits = report->leaf->key_bits, step = target->rsa_step_bits;
    bool small = target->rsa_min_bits != 0 && bits < target->rsa_min_bits;
    bool large = target->rsa_max_bits != 0 && bits > target->rsa_max_bits;
    if (small || large)
        finding = cp_report_add(report, CP_CHECK_TARGET_KEY_SIZE,
                                "%s takes RSA keys of %s %u bits, this one has %u", target->text,
                                small ? "at least" : "at most",
                                small ? target->rsa_min_bits : target->rsa_max_bits, bits);
    else if (step != 0 && bits % step != 0)
        finding =
            cp_report_add(report, CP_CHECK_TARGET_KEY_SIZE,
                          "%s takes RSA keys of %u to %u bits in steps of %u, this one has %u",
                          target->text, target->rsa_min_bits, target->rsa_max_bits, step, bits);
    else
        return;
    cp_report_at_cert(report, add_source(report, finding), report->leaf);
}

/* False: of a type that it does not take. */
static bool check_key_type(struct cp_report *report, const struct cp_target *target) {
    const struct cp_cert *leaf = report->leaf;
    const char *text = cp_key_algorithm_get(leaf->key_type)->text;
    if ((target->key_types >> leaf->key_type & 1) == 0) {
        struct cp_finding *finding = cp_report_add(
            report, CP_CHECK_TARGET_KEY_TYPE, "%s does not take a key of %s", target->text, text);
        cp_report_at_cert(report, add_source(report, finding), leaf);
        return false;
    }
    if (leaf->key_type == CP_KEY_RSA)
        check_rsa_size(report, target);
    return true;
}

static void check_chain_length(struct cp_report *report, const struct cp_target *target) {
    size_t num = cp_num_served(report);
    if (target->max_certs == 0 || num <= target->max_certs)
        return;
    struct cp_finding *finding =
        cp_report_add(report, CP_CHECK_TARGET_CHAIN_LENGTH,
                      "%s takes at most %zu certificates, the chain has %zu", target->text,
                      target->max_certs, num);
    cp_report_at_cert(report, add_source(report, finding), report->leaf);
}

static void check_days(struct cp_report *report, const struct cp_target *target) {
    const struct cp_cert *leaf = report->leaf;
    if (target->min_days == 0 || leaf->not_after_s < report->at_s) /* CP0201 says that one */
        return;
    int64_t days = (leaf->not_after_s - report->at_s) / SECONDS_PER_DAY;
    if (days >= target->min_days)
        return;
    struct cp_finding *finding =
        cp_report_add(report, CP_CHECK_TARGET_DAYS_LEFT,
                      "%s wants at least %" PRId64 " days left, the leaf certificate has %" PRId64,
                      target->text, target->min_days, days);
    cp_report_at_cert(report, add_source(report, finding), leaf);
}

/* What is public is known of the system's store only. */
static void check_root(struct cp_report *report, const struct cp_target *target) {
    const struct cp_path *path = &report->path.path;
    if (!target->public_root || !report->path.valid)
        return;
    if (report->trust != NULL && report->trust->is_system && path->anchored)
        return;
    struct cp_finding *finding = cp_report_add(
        report, CP_CHECK_TARGET_ROOT,
        "%s takes only certificates under a public root; whether this one is was not judged",
        target->text);
    cp_report_at_cert(report, add_source(report, finding), report->leaf);
}

static void check_key_form(struct cp_report *report, const struct cp_target *target) {
    const struct cp_selection *selection = &report->selection;
    if (selection->key == SIZE_MAX || !selection->key_matches)
        return;
    const struct cp_bundle_key *key = &report->bundle->keys[selection->key];
    enum cp_key_format want = target->key_form == CP_FORM_PKCS1 ? CP_KEY_PKCS1 : CP_KEY_PKCS8;
    if (key->key.format == want)
        return;
    struct cp_finding *finding =
        cp_report_add(report, CP_CHECK_TARGET_KEY_FORM, "%s wants the key as %s, it is %s",
                      target->text, cp_key_format_name(want), cp_key_format_name(key->key.format));
    cp_report_at(report, finding, &key->place);
}

void cp_target_predict(struct cp_report *report) {
    for (size_t i = 0; report->target != NULL && i < report->num_findings; i++) {
        struct cp_finding *finding = &report->findings[i];
        const struct cp_target_answer *answer =
            cp_target_answer(report->target, finding->rule->name);
        if (answer == NULL)
            continue;
        if (finding->num_notes == CP_MAX_NOTES) /* what the service says counts most */
            finding->num_notes--;
        cp_report_note(report, finding, "%s would answer%s%s: %s (%s, as of %s)",
                       report->target->text, answer->code[0] != '\0' ? " " : "", answer->code,
                       answer->text, answer->source, answer->date);
    }
}

size_t cp_target_unanswered(const struct cp_report *report, const struct cp_rule **out,
                            size_t max) {
    size_t num = 0;
    if (report->target == NULL || cp_target_service(report->target) == NULL)
        return 0;
    for (size_t i = 0; i < report->num_findings; i++) {
        const struct cp_finding *finding = &report->findings[i];
        bool seen = false;
        for (size_t j = 0; j < i; j++)
            seen |= report->findings[j].rule == finding->rule;
        if (seen || finding->severity != CP_ERROR ||
            cp_target_answer(report->target, finding->rule->name) != NULL)
            continue;
        if (num < max)
            out[num] = finding->rule;
        num++;
    }
    return num;
}

enum cp_status cp_check_target(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_target *target = report->target;
    (void)err;
    if (target == NULL || report->leaf == NULL)
        return CP_OK;
    bool type_fits = check_key_type(report, target);
    check_chain_length(report, target);
    check_days(report, target);
    check_root(report, target);
    if (type_fits) /* else there is nothing to convert */
        check_key_form(report, target);
    return CP_OK;
}
