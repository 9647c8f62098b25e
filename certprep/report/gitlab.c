/* gitlab: Code Quality, an array of what was found. */
#include <stdio.h>

#include "report/escape.h"
#include "report/facts.h"
#include "report/json_writer.h"
#include "report/render.h"

static void put_issue(struct cp_json *json, const char *description, const char *name,
                      const char *fingerprint, const char *severity, const char *path,
                      size_t line) {
    cp_json_line(json);
    cp_json_open(json, NULL, '{');
    cp_json_string(json, "description", description);
    cp_json_string(json, "check_name", name);
    cp_json_string(json, "fingerprint", fingerprint);
    cp_json_string(json, "severity", severity);
    cp_json_open(json, "location", '{');
    cp_json_string(json, "path", path);
    cp_json_open(json, "lines", '{');
    cp_json_size(json, "begin", line);
    cp_json_close(json, '}');
    cp_json_close(json, '}');
    cp_json_close(json, '}');
}

static bool put_finding(struct cp_json *json, struct cp_seen *seen, const struct cp_run_item *item,
                        const struct cp_finding *finding, const struct cp_render_options *options) {
    static const char *const severities[CP_NUM_SEVERITY] = {"info", "minor", "critical"};
    char fingerprint[CP_FINGERPRINT_TEXT], name[80];
    struct cp_region region;
    struct cp_buf text;
    cp_region_of(&region, item, finding);
    if (!cp_fingerprint(fingerprint, seen, item, finding, options))
        return false;
    cp_buf_init(&text, (size_t)64 * 1024);
    cp_buf_printf(&text, "%s: %s", finding->rule->id, finding->message);
    if (finding->subject != NULL)
        cp_buf_printf(&text, " (%s)", finding->subject);
    bool ok = cp_buf_finish(&text, NULL) == CP_OK;
    snprintf(name, sizeof(name), "%s-%s", finding->rule->id, finding->rule->name);
    if (ok)
        put_issue(json, text.data, name, fingerprint, severities[finding->severity],
                  cp_render_relative(region.file, options->base), region.start_line);
    cp_buf_cleanup(&text);
    return ok;
}

/* Of an input as a whole, under no rule. */
static bool put_other(struct cp_json *json, struct cp_seen *seen, const struct cp_run_item *item,
                      const char *name, const char *severity, const char *description,
                      const struct cp_render_options *options) {
    char fingerprint[CP_FINGERPRINT_TEXT], hex[65];
    const char *path = cp_render_relative(item->label, options->base);
    struct cp_buf text;
    cp_buf_init(&text, (size_t)64 * 1024);
    cp_buf_printf(&text, "%s\n%s", name, path);
    bool ok = cp_buf_finish(&text, NULL) == CP_OK;
    if (ok) {
        const struct cp_span span = {(const uint8_t *)text.data, text.len};
        size_t count = cp_seen_count(seen, span);
        ok = count != 0 && cp_sha256_hex(hex, span, NULL) == CP_OK;
        if (ok)
            snprintf(fingerprint, sizeof(fingerprint), "%s:%zu", hex, count);
    }
    if (ok)
        put_issue(json, description, name, fingerprint, severity, path, 1);
    cp_buf_cleanup(&text);
    return ok;
}

void cp_render_gitlab(struct cp_buf *out, const struct cp_run *run,
                      const struct cp_render_options *options) {
    struct cp_json json = {.out = out};
    struct cp_seen *seen = cp_seen_new();
    bool ok = seen != NULL;
    cp_json_open(&json, NULL, '[');
    for (size_t i = 0; ok && i < run->num_items; i++) {
        const struct cp_run_item *item = &run->items[i];
        if (item->report == NULL)
            ok = put_other(&json, seen, item, "unreadable", "blocker", item->message, options);
        for (size_t j = 0; ok && item->report != NULL && j < item->report->num_findings; j++)
            ok = put_finding(&json, seen, item, &item->report->findings[j], options);
        if (ok && item->report != NULL && cp_report_num_cut(item->report) != 0)
            ok = put_other(&json, seen, item, "cut", "info",
                           "there are more findings than are shown", options);
    }
    cp_json_close(&json, ']');
    cp_buf_puts(out, "\n");
    if (!ok)
        out->failed = CP_ERR_MEMORY;
    cp_seen_free(seen);
}
