#include "render.h"

#include <stdlib.h>
#include <string.h>

#define MAX_OUTPUT ((size_t)64 * 1024 * 1024)

static const struct {
    const char *name;
    cp_render_fn render;
} formats[] = {
    {"text", cp_render_text},
    {"json", cp_render_json},
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

enum cp_status cp_report_render(const struct cp_report *report, char **out, size_t *out_len,
                                const char *format, const struct cp_render_options *options,
                                struct cp_error *err) {
    for (size_t i = 0; i < NUM_FORMATS; i++) {
        if (strcmp(formats[i].name, format) != 0)
            continue;
        struct cp_buf buf;
        cp_buf_init(&buf, MAX_OUTPUT);
        formats[i].render(&buf, report, options);
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
