/* json: what the commands' JSON outputs share. */
#ifndef CP_CLI_JSON_H
#define CP_CLI_JSON_H

#include <cjson/cJSON.h>

#include "certprep.h"

/* Takes over item, also where it fails. */
bool cli_json_push(cJSON *array, cJSON *item);
/* JSON that another renderer wrote; it must have no number that a double would not hold. */
bool cli_json_add(cJSON *object, const char *key, const char *json);
/* An id as its digits: a double would not hold it. 0, which is no id, is null. */
bool cli_json_add_id(cJSON *object, const char *key, int64_t id);
/* "" is null. */
bool cli_json_add_text(cJSON *object, const char *key, const char *text);
/* The report of a check, as "check". */
bool cli_json_add_report(cJSON *object, const struct cp_report *report, struct cp_error *err);

#endif
