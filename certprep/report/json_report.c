/* json_report: one report as a tree. schema_version 1; fields are added, never renamed, within a
 * version. */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "report/escape.h"
#include "report/json_paths.h"
#include "report/json_report.h"

/* Adds text, or null. Findings' strings are escaped, and so valid UTF-8. */
static bool add(cJSON *object, const char *key, const char *text) {
    return (text == NULL ? cJSON_AddNullToObject(object, key)
                         : cJSON_AddStringToObject(object, key, text)) != NULL;
}

static bool add_number(cJSON *object, const char *key, size_t value) {
    return cJSON_AddNumberToObject(object, key, (double)value) != NULL;
}

/* Takes over item, also where it fails. */
static bool add_item(cJSON *parent, const char *key, cJSON *item) {
    if (item != NULL && (key == NULL ? cJSON_AddItemToArray(parent, item)
                                     : cJSON_AddItemToObject(parent, key, item)))
        return true;
    cJSON_Delete(item);
    return false;
}

static bool add_time(cJSON *object, const char *key, int64_t time_s) {
    char text[CP_TIME_TEXT];
    cp_time_format(text, time_s);
    return add(object, key, time_s == INT64_MAX ? NULL : text);
}

/* What the target's service answers; null where no page says so, or no target was named. */
static bool add_answer(cJSON *item, const struct cp_report *report,
                       const struct cp_finding *finding) {
    const struct cp_target_answer *answer =
        report->target == NULL ? NULL : cp_target_answer(report->target, finding->rule->name);
    cJSON *object = NULL;
    if (answer == NULL)
        return cJSON_AddNullToObject(item, "target_answer") != NULL;
    return (object = cJSON_AddObjectToObject(item, "target_answer")) != NULL &&
           add(object, "code", answer->code) && add(object, "text", answer->text) &&
           add(object, "source", answer->source) && add(object, "date", answer->date);
}

/* The target, and the errors to which its service publishes no answer. */
static bool add_target(cJSON *root, const struct cp_report *report) {
    const struct cp_rule *rules[CP_MAX_FINDINGS];
    const struct cp_target_service *service =
        report->target == NULL ? NULL : cp_target_service(report->target);
    cJSON *object = NULL, *array = NULL;
    if (report->target == NULL)
        return cJSON_AddNullToObject(root, "target") != NULL;
    if ((object = cJSON_AddObjectToObject(root, "target")) == NULL ||
        !add(object, "name", report->target->name) || !add(object, "text", report->target->text) ||
        !add(object, "answers_source", service == NULL ? NULL : service->source) ||
        !add(object, "answers_date", service == NULL ? NULL : service->date) ||
        (array = cJSON_AddArrayToObject(object, "no_answer_published")) == NULL)
        return false;
    size_t num = cp_target_unanswered(report, rules, CP_MAX_FINDINGS);
    for (size_t i = 0; i < num; i++)
        if (!add_item(array, NULL, cJSON_CreateString(rules[i]->id)))
            return false;
    return true;
}

/* Only what is waived has one. */
static bool add_waiver(cJSON *item, const struct cp_waiver *waiver) {
    cJSON *object = NULL;
    char day[CP_TIME_TEXT];
    if (waiver == NULL)
        return true;
    bool has_end = waiver->expires_s != INT64_MAX;
    return (object = cJSON_AddObjectToObject(item, "waiver")) != NULL &&
           add(object, "reason", waiver->reason) &&
           add(object, "expires", has_end ? cp_day_format(day, waiver->expires_s - 86400) : NULL) &&
           add(object, "file", waiver->file) && add_number(object, "line", waiver->line) &&
           cJSON_AddBoolToObject(object, "baseline", waiver->is_baseline) != NULL;
}

static cJSON *finding_item(const struct cp_report *report, const struct cp_finding *finding) {
    cJSON *item = cJSON_CreateObject();
    cJSON *notes = cJSON_CreateArray();
    char spki[65];
    bool ok = item != NULL && notes != NULL;
    ok = ok && add(item, "rule", finding->rule->id) && add(item, "name", finding->rule->name) &&
         add(item, "severity", cp_severity_name(finding->severity)) &&
         add(item, "message", finding->message) && add(item, "file", finding->file) &&
         add_number(item, "line", finding->line) && add_number(item, "column", finding->column) &&
         add_number(item, "offset", finding->offset) &&
         add_number(item, "certificate", finding->certificate) &&
         add(item, "subject", finding->subject) && add(item, "hostname", finding->hostname);
    if (ok) {
        cp_finding_spki(spki, report, finding);
        ok = add(item, "spki_sha256", spki[0] == '\0' ? NULL : spki);
    }
    for (size_t i = 0; ok && i < finding->num_notes; i++)
        ok = add_item(notes, NULL, cJSON_CreateString(finding->notes[i]));
    if (ok) {
        ok = add_item(item, "notes", notes);
        notes = NULL;
    }
    ok = ok && add(item, "help", finding->help) && add(item, "source", finding->rule->source) &&
         add_answer(item, report, finding) && add_waiver(item, finding->waiver);
    if (ok)
        return item;
    cJSON_Delete(notes);
    cJSON_Delete(item);
    return NULL;
}

static cJSON *certificate_item(const struct cp_report *report, const struct cp_cert *cert) {
    char subject[CP_CERT_LABEL], spki[65], der[65];
    cJSON *item = cJSON_CreateObject();
    size_t index = cp_report_cert_index(report, cert);
    cp_cert_subject_text(subject, sizeof(subject), cert);
    bool ok =
        item != NULL && cp_sha256_hex(spki, cert->spki, NULL) == CP_OK &&
        cp_sha256_hex(der, cert->der, NULL) == CP_OK && add(item, "subject", subject) &&
        add_number(item, "certificate", index == SIZE_MAX ? 0 : index + 1) &&
        add(item, "file",
            index == SIZE_MAX
                ? NULL
                : report->bundle->sources[report->bundle->certs[index].place.source].name) &&
        add_number(item, "line", index == SIZE_MAX ? 0 : report->bundle->certs[index].place.line) &&
        add_time(item, "not_before", cert->not_before_s) &&
        add_time(item, "not_after", cert->not_after_s) &&
        add(item, "key", cp_key_algorithm_get(cert->key_type)->text) &&
        add_number(item, "key_bits", cert->key_bits) &&
        add(item, "signature_algorithm", cp_signature_algorithm_get(cert->signature_type)->text) &&
        add(item, "sha256", der) && add(item, "spki_sha256", spki);
    if (ok)
        return item;
    cJSON_Delete(item);
    return NULL;
}

static cJSON *path_item(const struct cp_report *report) {
    cJSON *item = cJSON_CreateObject(), *certs = cJSON_CreateArray();
    const struct cp_path *path = &report->path.path;
    bool ok = item != NULL && certs != NULL;
    for (size_t i = 0; ok && i < path->num_certs; i++)
        ok = add_item(certs, NULL, certificate_item(report, path->certs[i]));
    ok =
        ok &&
        cJSON_AddBoolToObject(item, "valid", report->path.valid && !report->path_is_soft) != NULL &&
        cJSON_AddBoolToObject(item, "anchored", path->anchored) != NULL &&
        add(item, "trust", report->trust == NULL ? NULL : report->trust->label);
    if (ok) {
        ok = add_item(item, "certificates", certs);
        certs = NULL;
    }
    if (ok)
        return item;
    cJSON_Delete(certs);
    cJSON_Delete(item);
    return NULL;
}

#define CP_COVERED_BY 512

static const char *covering_name(char out[CP_COVERED_BY], const struct cp_report_host *host) {
    cp_coverage_by_text(out, CP_COVERED_BY, host);
    return out;
}

static cJSON *host_item(const struct cp_report_host *host) {
    char covered_by[CP_COVERED_BY];
    cJSON *item = cJSON_CreateObject();
    if (item != NULL && add(item, "hostname", cp_hostname_ascii(&host->hostname)) &&
        add(item, "unicode", cp_hostname_unicode(&host->hostname)) &&
        cJSON_AddBoolToObject(item, "covered", host->covered) != NULL &&
        add(item, "covered_by", host->covered ? covering_name(covered_by, host) : NULL))
        return item;
    cJSON_Delete(item);
    return NULL;
}

static cJSON *missing_item(const struct cp_report *report, const struct cp_missing_name *missing) {
    char name[CP_HOSTNAME_MAX + 3];
    cJSON *item = cJSON_CreateObject(), *hosts = cJSON_CreateArray();
    const size_t *order = report->coverage.order;
    cp_missing_name_text(name, &report->coverage, missing, report->hosts);
    bool ok = item != NULL && hosts != NULL && add(item, "name", name) &&
              cJSON_AddBoolToObject(item, "wildcard", missing->wildcard) != NULL;
    for (size_t i = missing->first; ok && i < missing->first + missing->num_hosts; i++)
        ok = add_item(hosts, NULL, cJSON_CreateString(report->hosts[order[i]].hostname.ascii));
    if (ok) {
        ok = add_item(item, "hostnames", hosts);
        hosts = NULL;
    }
    if (ok)
        return item;
    cJSON_Delete(hosts);
    cJSON_Delete(item);
    return NULL;
}

/* The smallest set of names to add, and what each would cover. */
static bool add_coverage(cJSON *root, const struct cp_report *report) {
    const struct cp_coverage *coverage = &report->coverage;
    cJSON *item = cJSON_AddObjectToObject(root, "coverage"), *array = NULL;
    if (item == NULL || !add_number(item, "hostnames", report->num_hosts) ||
        !add_number(item, "covered", coverage->num_covered) ||
        (array = cJSON_AddArrayToObject(item, "missing")) == NULL)
        return false;
    for (size_t i = 0; i < coverage->num_missing; i++)
        if (!add_item(array, NULL, missing_item(report, &coverage->missing[i])))
            return false;
    if ((array = cJSON_AddArrayToObject(item, "impossible")) == NULL)
        return false;
    for (size_t i = coverage->num_order - coverage->num_impossible; i < coverage->num_order; i++)
        if (!add_item(array, NULL,
                      cJSON_CreateString(report->hosts[coverage->order[i]].hostname.ascii)))
            return false;
    return true;
}

bool cp_json_add_counts(cJSON *root, const size_t counts[CP_NUM_SEVERITY]) {
    static const char *const plural[CP_NUM_SEVERITY] = {"notes", "warnings", "errors"};
    cJSON *object = cJSON_AddObjectToObject(root, "counts");
    bool ok = object != NULL;
    for (size_t i = CP_NUM_SEVERITY; ok && i > 0; i--)
        ok = add_number(object, plural[i - 1], counts[i - 1]);
    return ok;
}

static bool fill(cJSON *root, const struct cp_report *report) {
    cJSON *array = NULL;
    if (!add_number(root, "schema_version", CP_JSON_SCHEMA_VERSION) ||
        !add(root, "tool", "certprep") || !add(root, "version", cp_version()) ||
        !add(root, "verdict", cp_verdict_name(cp_report_verdict(report))) ||
        !add_time(root, "at", report->at_s) || !cp_json_add_counts(root, report->counts))
        return false;
    if ((array = cJSON_AddArrayToObject(root, "hostnames")) == NULL)
        return false;
    for (size_t i = 0; i < report->num_hosts; i++)
        if (!add_item(array, NULL, host_item(&report->hosts[i])))
            return false;
    if (report->num_hosts != 0 && !add_coverage(root, report))
        return false;
    if (report->leaf == NULL ? cJSON_AddNullToObject(root, "path") == NULL
                             : !add_item(root, "path", path_item(report)))
        return false;
    if (!cp_json_add_paths(root, report) || !add_target(root, report))
        return false;
    size_t total = report->counts[CP_ERROR] + report->counts[CP_WARNING] + report->counts[CP_NOTE];
    if (cJSON_AddBoolToObject(root, "findings_cut", total > report->num_findings) == NULL ||
        !add_number(root, "findings_total", total))
        return false;
    if ((array = cJSON_AddArrayToObject(root, "findings")) == NULL)
        return false;
    for (size_t i = 0; i < report->num_findings; i++)
        if (!add_item(array, NULL, finding_item(report, &report->findings[i])))
            return false;
    if ((array = cJSON_AddArrayToObject(root, "waived")) == NULL)
        return false;
    for (size_t i = 0; i < report->num_waived; i++)
        if (!add_item(array, NULL, finding_item(report, &report->waived[i])))
            return false;
    return true;
}

cJSON *cp_json_report(const struct cp_report *report, const char *type, const char *input) {
    cJSON *root = cJSON_CreateObject();
    if (root != NULL && (type == NULL || add(root, "type", type)) &&
        (input == NULL || add(root, "input", input)) && fill(root, report))
        return root;
    cJSON_Delete(root);
    return NULL;
}
