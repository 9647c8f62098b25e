#include "json.h"

bool cli_json_push(cJSON *array, cJSON *item) {
    if (item != NULL && cJSON_AddItemToArray(array, item))
        return true;
    cJSON_Delete(item);
    return false;
}

bool cli_json_add(cJSON *object, const char *key, const char *json) {
    cJSON *item = cJSON_Parse(json);
    if (item != NULL && cJSON_AddItemToObject(object, key, item))
        return true;
    cJSON_Delete(item);
    return false;
}

bool cli_json_add_report(cJSON *object, const struct cp_report *report, struct cp_error *err) {
    const struct cp_render_options options = {.quiet = false};
    char *text = NULL;
    size_t len = 0;
    if (cp_report_render(report, &text, &len, "json", &options, err) != CP_OK)
        return false;
    bool ok = cli_json_add(object, "check", text);
    cp_string_free(text);
    return ok;
}
