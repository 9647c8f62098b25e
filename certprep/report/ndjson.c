/* ndjson: a line for each input, in the order of the run, then one for the run. */
#include "report/json_report.h"

static cJSON *unread_item(const struct cp_run_item *item) {
    cJSON *root = cJSON_CreateObject();
    if (root != NULL && cJSON_AddStringToObject(root, "type", "unread") != NULL &&
        cJSON_AddStringToObject(root, "input", item->label) != NULL &&
        cJSON_AddStringToObject(root, "message", item->message) != NULL)
        return root;
    cJSON_Delete(root);
    return NULL;
}

static cJSON *summary_item(const struct cp_run *run) {
    cJSON *root = cJSON_CreateObject();
    if (root != NULL && cJSON_AddStringToObject(root, "type", "summary") != NULL &&
        cp_json_add_run_head(root, run))
        return root;
    cJSON_Delete(root);
    return NULL;
}

void cp_render_ndjson(struct cp_buf *out, const struct cp_run *run,
                      const struct cp_render_options *options) {
    (void)options;
    for (size_t i = 0; i < run->num_items && out->failed == CP_OK; i++) {
        const struct cp_run_item *item = &run->items[i];
        cp_json_print(out,
                      item->report == NULL ? unread_item(item)
                                           : cp_json_report(item->report, "report", item->label),
                      true);
    }
    if (out->failed == CP_OK)
        cp_json_print(out, summary_item(run), true);
}
