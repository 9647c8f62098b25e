#include "render.h"

#include <stdlib.h>
#include <string.h>

#define MAX_OUTPUT ((size_t)256 * 1024 * 1024)

static const struct {
    const char *name;
    cp_render_fn render;
} formats[] = {
#define FORMAT(name) {#name, cp_render_##name},
#include "report/formats.def"
#undef FORMAT
};

#define NUM_FORMATS (sizeof(formats) / sizeof(formats[0]))

size_t cp_num_report_formats(void) {
    return NUM_FORMATS;
}

const char *cp_report_format_name(size_t index) {
    return index < NUM_FORMATS ? formats[index].name : NULL;
}

void cp_string_free(char *string) {
    free(string);
}

enum cp_status cp_run_render(const struct cp_run *run, char **out, size_t *out_len,
                             const char *format, const struct cp_render_options *options,
                             struct cp_error *err) {
    for (size_t i = 0; i < NUM_FORMATS; i++) {
        if (strcmp(formats[i].name, format) != 0)
            continue;
        struct cp_buf buf;
        cp_buf_init(&buf, MAX_OUTPUT);
        formats[i].render(&buf, run, options);
        enum cp_status status = cp_buf_finish(&buf, err);
        if (status != CP_OK) {
            cp_buf_cleanup(&buf);
            return status;
        }
        *out = buf.data; /* the caller's now */
        *out_len = buf.len;
        return CP_OK;
    }
    return cp_fail(err, CP_ERR_USAGE, "format '%.40s' is not known", format);
}

enum cp_status cp_report_render(const struct cp_report *report, char **out, size_t *out_len,
                                const char *format, const struct cp_render_options *options,
                                struct cp_error *err) {
    char label[] = "input";
    struct cp_run_item item = {.report = report, .label = label};
    if (report->bundle->num_sources != 0)
        item.label = report->bundle->sources[0].name;
    const struct cp_run run = {
        .at_s = report->at_s, .items = &item, .num_items = 1, .cap_items = 1};
    return cp_run_render(&run, out, out_len, format, options, err);
}
