/* json: for programs. A run of one report is that report; any other an object of reports and of
 * what could not be read, written one by one. */
#include <string.h>

#include "report/escape.h"
#include "report/json_report.h"
#include "report/json_writer.h"

void cp_json_print(struct cp_buf *out, cJSON *root, bool on_one_line) {
    char *text = root == NULL  ? NULL
                 : on_one_line ? cJSON_PrintUnformatted(root)
                               : cJSON_Print(root);
    size_t from = out->len;
    if (text == NULL) {
        out->failed = CP_ERR_MEMORY;
    } else {
        cp_buf_puts(out, text);
        cp_buf_puts(out, "\n");
        cp_render_defuse(out, from, "\\u0023", NULL);
    }
    cJSON_free(text);
    cJSON_Delete(root);
}

bool cp_json_add_run_head(cJSON *root, const struct cp_run *run) {
    char at[CP_TIME_TEXT];
    size_t counts[CP_NUM_SEVERITY];
    cp_time_format(at, run->at_s);
    for (int i = 0; i < CP_NUM_SEVERITY; i++)
        counts[i] = cp_run_count(run, (enum cp_severity)i);
    return cJSON_AddNumberToObject(root, "schema_version", CP_JSON_SCHEMA_VERSION) != NULL &&
           cJSON_AddStringToObject(root, "tool", "certprep") != NULL &&
           cJSON_AddStringToObject(root, "version", cp_version()) != NULL &&
           cJSON_AddStringToObject(root, "verdict", cp_verdict_name(cp_run_verdict(run))) != NULL &&
           cJSON_AddStringToObject(root, "at", at) != NULL && cp_json_add_counts(root, counts) &&
           cJSON_AddNumberToObject(root, "inputs", (double)run->num_items) != NULL &&
           cJSON_AddNumberToObject(root, "unreadable", (double)run->num_unread) != NULL;
}

static void put_run(struct cp_buf *out, const struct cp_run *run) {
    cJSON *head = cJSON_CreateObject();
    struct cp_json json = {.out = out, .need_comma = true};
    if (head == NULL || !cp_json_add_run_head(head, run)) {
        cJSON_Delete(head);
        out->failed = CP_ERR_MEMORY;
        return;
    }
    cp_json_print(out, head, true);
    if (out->failed != CP_OK)
        return;
    out->len -= 2; /* the closing brace, and the line feed: more members follow */
    cp_json_line(&json);
    cp_json_open(&json, "unread", '[');
    for (size_t i = 0; i < run->num_items; i++) {
        if (run->items[i].report != NULL)
            continue;
        cp_json_line(&json);
        cp_json_open(&json, NULL, '{');
        cp_json_string(&json, "input", run->items[i].label);
        cp_json_string(&json, "message", run->items[i].message);
        cp_json_close(&json, '}');
    }
    cp_json_close(&json, ']');
    cp_json_line(&json);
    cp_json_open(&json, "reports", '[');
    for (size_t i = 0; i < run->num_items && out->failed == CP_OK; i++) {
        if (run->items[i].report == NULL)
            continue;
        cp_json_line(&json);
        cp_json_print(out, cp_json_report(run->items[i].report, NULL, run->items[i].label), true);
        json.need_comma = true;
    }
    cp_json_close(&json, ']');
    cp_json_close(&json, '}');
    cp_buf_puts(out, "\n");
}

void cp_render_json(struct cp_buf *out, const struct cp_run *run,
                    const struct cp_render_options *options) {
    (void)options;
    if (run->num_items == 1 && run->items[0].report != NULL)
        cp_json_print(out, cp_json_report(run->items[0].report, NULL, NULL), false);
    else
        put_run(out, run);
}
