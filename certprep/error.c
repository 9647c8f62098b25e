#include <stdarg.h>
#include <stdio.h>

#include "bytes.h"

static const struct {
    const char *text, *next;
} status_rows[CP_NUM_STATUS] = {
#define STATUS(name, text, next) [CP_##name] = {text, next},
#include "status.def"
#undef STATUS
};

static bool is_status(enum cp_status status) {
    return (unsigned)status < CP_NUM_STATUS;
}

const char *cp_status_text(enum cp_status status) {
    return is_status(status) ? status_rows[status].text : "unknown status";
}

const char *cp_status_next_step(enum cp_status status) {
    return is_status(status) ? status_rows[status].next : "";
}

const char *cp_version(void) {
    return CP_VERSION;
}

enum cp_status cp_fail(struct cp_error *err, enum cp_status status, const char *format, ...) {
    if (err == NULL)
        return status;
    char raw[CP_ERROR_MAX];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);
    err->status = status;
    err->line = 0;
    err->offset = 0;
    if (len < 0)
        len = 0;
    if ((size_t)len >= sizeof(raw))
        len = (int)sizeof(raw) - 1;
    cp_escape(err->message, sizeof(err->message),
              (struct cp_span){(const uint8_t *)raw, (size_t)len});
    return status;
}
