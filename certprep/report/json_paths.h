/* json_paths: the keys "outlook" and "paths" of the JSON report. */
#ifndef CP_REPORT_JSON_PATHS_H
#define CP_REPORT_JSON_PATHS_H

#include <cjson/cJSON.h>

#include "render.h"

/* False if out of memory. */
bool cp_json_add_paths(cJSON *root, const struct cp_report *report);

#endif
