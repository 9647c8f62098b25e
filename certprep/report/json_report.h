/* json_report: the tree of one report, for json and ndjson. */
#ifndef CP_REPORT_JSON_REPORT_H
#define CP_REPORT_JSON_REPORT_H

#include <cjson/cJSON.h>

#include "report/render.h"

#define CP_JSON_SCHEMA_VERSION 1

/* type and input come first; NULL leaves them out. NULL if out of memory. */
cJSON *cp_json_report(const struct cp_report *report, const char *type, const char *input);

/* Members that every form of a run begins with. */
bool cp_json_add_run_head(cJSON *root, const struct cp_run *run);
bool cp_json_add_counts(cJSON *root, const size_t counts[CP_NUM_SEVERITY]);

/* The text of the tree, which may be NULL, and a line feed; the tree is freed. */
void cp_json_print(struct cp_buf *out, cJSON *root, bool on_one_line);

#endif
