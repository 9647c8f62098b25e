#include "json.h"

#include <inttypes.h>
#include <stdio.h>

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

bool cli_json_add_id(cJSON *object, const char *key, int64_t id) {
    char digits[24];
    snprintf(digits, sizeof(digits), "%" PRId64, id);
    return (id == 0 ? cJSON_AddNullToObject(object, key)
                    : cJSON_AddRawToObject(object, key, digits)) != NULL;
}

bool cli_json_add_text(cJSON *object, const char *key, const char *text) {
    return (text[0] == '\0' ? cJSON_AddNullToObject(object, key)
                            : cJSON_AddStringToObject(object, key, text)) != NULL;
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
