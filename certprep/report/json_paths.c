#include "report/json_paths.h"

static bool add_text(cJSON *object, const char *key, const char *text) {
    return (text == NULL ? cJSON_AddNullToObject(object, key)
                         : cJSON_AddStringToObject(object, key, text)) != NULL;
}

static bool add_time(cJSON *object, const char *key, int64_t time_s) {
    char text[CP_TIME_TEXT];
    cp_time_format(text, time_s);
    return add_text(object, key, time_s == INT64_MAX ? NULL : text);
}

static bool add_number(cJSON *object, const char *key, size_t value) {
    return cJSON_AddNumberToObject(object, key, (double)value) != NULL;
}

static cJSON *append_object(cJSON *array) {
    cJSON *item = cJSON_CreateObject();
    if (item == NULL || cJSON_AddItemToArray(array, item))
        return item;
    cJSON_Delete(item);
    return NULL;
}

static bool add_outlook(cJSON *root, const struct cp_report *report) {
    struct cp_outlook outlook;
    cJSON *item = NULL;
    if (report->leaf == NULL)
        return cJSON_AddNullToObject(root, "outlook") != NULL;
    cp_report_outlook(report, &outlook);
    return (item = cJSON_AddObjectToObject(root, "outlook")) != NULL &&
           cJSON_AddBoolToObject(item, "valid", outlook.valid_now) != NULL &&
           add_time(item, "path_breaks", outlook.path_breaks_s) &&
           add_time(item, "changes", outlook.changes_s) && add_text(item, "text", outlook.text);
}

static bool add_cert(cJSON *array, const struct cp_branch_cert *cert) {
    cJSON *item = append_object(array);
    return item != NULL && add_text(item, "subject", cert->subject) &&
           add_text(item, "origin", cp_origin_name(cert->origin)) &&
           add_text(item, "from", cert->from) && add_number(item, "line", cert->line) &&
           add_number(item, "certificate", cert->certificate) &&
           add_time(item, "not_before", cert->not_before_s) &&
           add_time(item, "not_after", cert->not_after_s) &&
           cJSON_AddBoolToObject(item, "anchor", cert->is_anchor) != NULL;
}

static bool add_failure(cJSON *item, const struct cp_branch *branch) {
    cJSON *failure = NULL;
    if (branch->is_valid)
        return cJSON_AddNullToObject(item, "failure") != NULL;
    return (failure = cJSON_AddObjectToObject(item, "failure")) != NULL &&
           add_text(failure, "rule", branch->rule->id) &&
           add_text(failure, "name", branch->rule->name) &&
           add_text(failure, "source", branch->rule->source) &&
           add_number(failure, "at", branch->culprit) &&
           add_text(failure, "subject", branch->certs[branch->culprit].subject) &&
           add_text(failure, "reason", branch->reason);
}

static bool add_branch(cJSON *array, const struct cp_branch *branch) {
    cJSON *item = append_object(array), *certs = NULL;
    if (item == NULL || cJSON_AddBoolToObject(item, "valid", branch->is_valid) == NULL ||
        cJSON_AddBoolToObject(item, "chosen", branch->is_chosen) == NULL ||
        cJSON_AddBoolToObject(item, "anchored", branch->is_anchored) == NULL ||
        !add_failure(item, branch) ||
        (certs = cJSON_AddArrayToObject(item, "certificates")) == NULL)
        return false;
    for (size_t i = 0; i < branch->num_certs; i++)
        if (!add_cert(certs, &branch->certs[i]))
            return false;
    return true;
}

bool cp_json_add_paths(cJSON *root, const struct cp_report *report) {
    cJSON *array = NULL;
    if (!add_outlook(root, report))
        return false;
    if (report->explanation == NULL)
        return true;
    if (cJSON_AddBoolToObject(root, "paths_cut", cp_report_branches_are_cut(report)) == NULL ||
        (array = cJSON_AddArrayToObject(root, "paths")) == NULL)
        return false;
    for (size_t i = 0; i < cp_report_num_branches(report); i++)
        if (!add_branch(array, cp_report_branch(report, i)))
            return false;
    return true;
}
