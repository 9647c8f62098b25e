#include "policy/baseline.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/selection.h"

bool cp_baseline_key(char out[CP_MAX_BASELINE_KEY], const char *rule, const char *spki,
                     const char *file, const char *hostname) {
    bool has_spki = spki != NULL && spki[0] != '\0';
    int len = snprintf(out, CP_MAX_BASELINE_KEY, "%s\n%s%s\n%s", rule, has_spki ? "" : "file ",
                       has_spki       ? spki
                       : file == NULL ? ""
                                      : file,
                       hostname == NULL ? "" : hostname);
    return len > 0 && len < CP_MAX_BASELINE_KEY;
}

static int compare(const void *a, const void *b) {
    const struct cp_baseline_row *left = a, *right = b;
    return strcmp(left->key, right->key);
}

struct cp_baseline_row *cp_baseline_find(const struct cp_baseline *baseline, const char *key) {
    struct cp_baseline_row wanted = {.key = NULL};
    char copy[CP_MAX_BASELINE_KEY];
    if (baseline->num_rows == 0 || strlen(key) >= sizeof(copy))
        return NULL;
    memcpy(copy, key, strlen(key) + 1);
    wanted.key = copy;
    return bsearch(&wanted, baseline->rows, baseline->num_rows, sizeof(*baseline->rows), compare);
}

static const char *text_of(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

static enum cp_status take_finding(struct cp_baseline *baseline, size_t *cap, const cJSON *finding,
                                   const char *name, struct cp_error *err) {
    char key[CP_MAX_BASELINE_KEY];
    const char *id = text_of(finding, "rule");
    const struct cp_rule *rule = id == NULL ? NULL : cp_rule_find(id);
    if (id == NULL || cJSON_GetObjectItemCaseSensitive(finding, "spki_sha256") == NULL)
        return cp_fail(err, CP_ERR_USAGE,
                       "%s: a finding in it has no rule or no spki_sha256: write the report again "
                       "with this version",
                       name);
    if (rule == NULL || cp_policy_is_own_rule(rule))
        return CP_OK; /* a rule that is gone finds nothing */
    if (!cp_baseline_key(key, id, text_of(finding, "spki_sha256"), text_of(finding, "file"),
                         text_of(finding, "hostname")))
        return cp_fail(err, CP_ERR_USAGE, "%s: a name in it is too long", name);
    if (baseline->num_rows == CP_MAX_BASELINE_ROWS)
        return cp_fail(err, CP_ERR_USAGE, "%s: more than %d findings", name, CP_MAX_BASELINE_ROWS);
    if (baseline->num_rows == *cap) {
        size_t more = *cap == 0 ? 64 : *cap * 2;
        struct cp_baseline_row *grown = realloc(baseline->rows, more * sizeof(*grown));
        if (grown == NULL)
            return cp_fail(err, CP_ERR_MEMORY, "baseline: out of memory");
        baseline->rows = grown;
        *cap = more;
    }
    struct cp_baseline_row *row = &baseline->rows[baseline->num_rows];
    *row = (struct cp_baseline_row){.waiver = {.reason = baseline->reason,
                                               .file = baseline->name,
                                               .expires_s = INT64_MAX,
                                               .is_baseline = true},
                                    .key = strdup(key)};
    if (row->key == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "baseline: out of memory");
    baseline->num_rows++;
    return CP_OK;
}

static enum cp_status take_report(struct cp_baseline *baseline, size_t *cap, const cJSON *report,
                                  const char *name, struct cp_error *err) {
    const cJSON *findings = cJSON_GetObjectItemCaseSensitive(report, "findings"), *finding = NULL;
    enum cp_status status = CP_OK;
    if (!cJSON_IsArray(findings))
        return cp_fail(err, CP_ERR_USAGE, "%s: not a JSON report of certprep", name);
    cJSON_ArrayForEach(finding, findings) {
        if (status == CP_OK)
            status = take_finding(baseline, cap, finding, name, err);
    }
    return status;
}

static void sort(struct cp_baseline *baseline) {
    size_t num = 0;
    if (baseline->num_rows != 0)
        qsort(baseline->rows, baseline->num_rows, sizeof(*baseline->rows), compare);
    for (size_t i = 0; i < baseline->num_rows; i++) {
        if (num != 0 && strcmp(baseline->rows[num - 1].key, baseline->rows[i].key) == 0)
            free(baseline->rows[i].key);
        else
            baseline->rows[num++] = baseline->rows[i];
    }
    baseline->num_rows = num;
}

static enum cp_status take_root(struct cp_baseline *baseline, const cJSON *root, const char *name,
                                struct cp_error *err) {
    const cJSON *reports = cJSON_GetObjectItemCaseSensitive(root, "reports"), *report = NULL;
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(root, "schema_version");
    const char *tool = text_of(root, "tool");
    enum cp_status status = CP_OK;
    size_t cap = 0;
    if (tool == NULL || strcmp(tool, "certprep") != 0 || !cJSON_IsNumber(version) ||
        version->valueint != 1)
        return cp_fail(err, CP_ERR_USAGE, "%s: not a JSON report of certprep", name);
    if (reports == NULL)
        status = take_report(baseline, &cap, root, name, err);
    cJSON_ArrayForEach(report, reports) {
        if (status == CP_OK)
            status = take_report(baseline, &cap, report, name, err);
    }
    sort(baseline);
    return status;
}

enum cp_status cp_baseline_read(struct cp_baseline *baseline, struct cp_span text, const char *name,
                                struct cp_error *err) {
    enum cp_status status = CP_OK;
    const char *end = NULL;
    char reason[CP_ERROR_MAX];
    cJSON *root = NULL;
    if (text.len > CP_MAX_BASELINE_LEN)
        return cp_fail(err, CP_ERR_USAGE, "%s: over %zu bytes", name, CP_MAX_BASELINE_LEN);
    snprintf(reason, sizeof(reason), "in the baseline %s", name);
    baseline->name = cp_strdup_escaped(name);
    baseline->reason = cp_strdup_escaped(reason);
    if (baseline->name == NULL || baseline->reason == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "baseline: out of memory");
    root = text.len == 0
               ? NULL
               : cJSON_ParseWithLengthOpts((const char *)text.data, text.len, &end, false);
    while (root != NULL && end < (const char *)text.data + text.len && *end != '\0' &&
           strchr(" \t\r\n", *end) != NULL)
        end++;
    if (root == NULL || end != (const char *)text.data + text.len)
        status = cp_fail(err, CP_ERR_USAGE, "%s: not JSON, or not to its end", name);
    else
        status = take_root(baseline, root, name, err);
    cJSON_Delete(root);
    return status;
}

void cp_baseline_cleanup(struct cp_baseline *baseline) {
    for (size_t i = 0; i < baseline->num_rows; i++)
        free(baseline->rows[i].key);
    free(baseline->rows);
    free(baseline->name);
    free(baseline->reason);
    *baseline = (struct cp_baseline){0};
}
