/* What a policy does to a report once every check has run, and what is said of the policy. */
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "policy/glob.h"
#include "policy/selection.h"

#define DAY_S 86400

/* The key block that a finding points at. */
static const struct cp_bundle_key *key_at(const struct cp_report *report,
                                          const struct cp_finding *finding) {
    const struct cp_bundle *bundle = report->bundle;
    for (size_t i = 0; finding->file != NULL && i < bundle->num_keys; i++) {
        const struct cp_place *place = &bundle->keys[i].place;
        if (place->offset == finding->offset && place->line == finding->line &&
            strcmp(bundle->sources[place->source].name, finding->file) == 0)
            return &bundle->keys[i];
    }
    return NULL;
}

void cp_finding_spki(char out[65], const struct cp_report *report,
                     const struct cp_finding *finding) {
    const struct cp_bundle *bundle = report->bundle;
    const struct cp_bundle_key *key = finding->certificate == 0 ? key_at(report, finding) : NULL;
    const struct cp_cert *cert = report->leaf;
    out[0] = '\0';
    if (key != NULL && key->key.has_public) {
        cp_hex(out, key->key.spki_sha256, sizeof(key->key.spki_sha256));
        return;
    }
    if (finding->certificate != 0 && finding->certificate <= bundle->num_certs)
        cert = &bundle->certs[finding->certificate - 1].cert;
    if (cert != NULL && cp_sha256_hex(out, cert->spki, NULL) != CP_OK)
        out[0] = '\0';
}

static const char *file_of(const struct cp_report *report, const struct cp_finding *finding) {
    return finding->file != NULL              ? finding->file
           : report->bundle->num_sources != 0 ? report->bundle->sources[0].name
                                              : "";
}

static const struct cp_waiver *find_waiver(const struct cp_report *report,
                                           const struct cp_finding *finding) {
    const struct cp_policy *policy = report->policy;
    const struct cp_baseline_row *known = NULL;
    char spki[65], key[CP_MAX_BASELINE_KEY];
    const char *file = file_of(report, finding);
    bool has_spki = false;
    for (size_t i = 0; i < policy->waivers.num_rows; i++) {
        const struct cp_waiver_row *row = &policy->waivers.rows[i];
        if (row->rule != finding->rule || cp_waiver_is_expired(&row->waiver, report->at_s))
            continue;
        if (!has_spki)
            cp_finding_spki(spki, report, finding);
        has_spki = true;
        if ((row->spki[0] == '\0' || strcmp(row->spki, spki) == 0) &&
            (row->path == NULL ||
             cp_glob_match_below(row->path, policy->waivers.base, policy->folder, file)))
            return &row->waiver;
    }
    if (policy->baseline.num_rows == 0)
        return NULL;
    if (!has_spki)
        cp_finding_spki(spki, report, finding);
    if (cp_baseline_key(key, finding->rule->id, spki, file, finding->hostname))
        known = cp_baseline_find(&policy->baseline, key);
    return known == NULL ? NULL : &known->waiver;
}

enum cp_status cp_policy_apply(struct cp_report *report, struct cp_error *err) {
    const struct cp_policy *policy = report->policy;
    size_t kept = 0;
    if (policy == NULL || report->num_findings == 0 ||
        (policy->waivers.num_rows == 0 && policy->baseline.num_rows == 0))
        return CP_OK;
    report->waived = calloc(report->num_findings, sizeof(*report->waived));
    if (report->waived == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "report: out of memory");
    for (size_t i = 0; i < report->num_findings; i++) {
        struct cp_finding *finding = &report->findings[i];
        finding->waiver = find_waiver(report, finding);
        if (finding->waiver == NULL) {
            report->findings[kept++] = *finding;
            continue;
        }
        report->counts[finding->severity]--;
        report->waived[report->num_waived++] = *finding;
    }
    report->num_findings = kept;
    return CP_OK;
}

size_t cp_report_num_waived(const struct cp_report *report) {
    return report->num_waived;
}

const struct cp_finding *cp_report_waived(const struct cp_report *report, size_t index) {
    return index < report->num_waived ? &report->waived[index] : NULL;
}

void cp_policy_mark(struct cp_policy *policy, const struct cp_report *report) {
    for (size_t i = 0; i < report->num_waived; i++) {
        const struct cp_waiver *waiver = report->waived[i].waiver;
        char key[CP_MAX_BASELINE_KEY], spki[65];
        for (size_t j = 0; !waiver->is_baseline && j < policy->waivers.num_rows; j++)
            if (&policy->waivers.rows[j].waiver == waiver)
                policy->waivers.rows[j].used = true;
        if (!waiver->is_baseline)
            continue;
        cp_finding_spki(spki, report, &report->waived[i]);
        if (!cp_baseline_key(key, report->waived[i].rule->id, spki,
                             file_of(report, &report->waived[i]), report->waived[i].hostname))
            continue;
        struct cp_baseline_row *row = cp_baseline_find(&policy->baseline, key);
        if (row != NULL)
            row->used = true;
    }
}

/* ---- what is said of the policy ---- */

static void at_waiver(struct cp_report *report, struct cp_finding *finding,
                      const struct cp_waiver_row *row) {
    const char *what = row->path != NULL ? row->path : row->spki;
    finding->file = row->waiver.file;
    finding->line = row->waiver.line;
    cp_report_note(report, finding, "%s, for %s %s: %s", row->rule->id,
                   row->path != NULL ? "path" : "public key", what, row->waiver.reason);
}

static void judge_waiver(struct cp_report *report, const struct cp_waiver_row *row) {
    char day[CP_TIME_TEXT];
    if (cp_waiver_is_expired(&row->waiver, report->at_s))
        at_waiver(report,
                  cp_report_add(report, CP_CHECK_WAIVER_EXPIRED, "the waiver of %s ended on %s",
                                row->rule->id, cp_day_format(day, row->waiver.expires_s - DAY_S)),
                  row);
    else if (!row->used)
        at_waiver(report,
                  cp_report_add(report, CP_CHECK_WAIVER_UNUSED,
                                "the waiver of %s was not needed in this run", row->rule->id),
                  row);
}

void cp_policy_close(const struct cp_policy *policy, struct cp_report *report) {
    size_t num_stale = 0;
    for (size_t i = 0; i < policy->waivers.num_rows; i++)
        judge_waiver(report, &policy->waivers.rows[i]);
    for (size_t i = 0; i < policy->baseline.num_rows; i++)
        num_stale += !policy->baseline.rows[i].used;
    if (num_stale == 0)
        return;
    struct cp_finding *finding = cp_report_add(
        report, CP_CHECK_BASELINE_STALE, "%zu of the baseline's %zu findings were not found again",
        num_stale, policy->baseline.num_rows);
    finding->file = policy->baseline.name;
}

enum cp_status cp_policy_report(struct cp_report **out, const struct cp_policy *policy,
                                const struct cp_bundle *bundle, int64_t at_s,
                                struct cp_error *err) {
    struct cp_report *report = calloc(1, sizeof(*report));
    if (report == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "report: out of memory");
    report->bundle = bundle;
    report->at_s = at_s;
    report->policy = policy;
    report->selection.leaf = report->selection.key = SIZE_MAX;
    cp_policy_close(policy, report);
    if (report->failed != CP_OK) {
        cp_report_free(report);
        return cp_fail(err, CP_ERR_MEMORY, "report: out of memory");
    }
    *out = report;
    return CP_OK;
}
