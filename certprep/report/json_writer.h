/* json_writer: JSON written as it comes, so that a report of many thousand findings needs no tree.
 * Strings must be UTF-8, as cp_escape leaves them. */
#ifndef CP_REPORT_JSON_WRITER_H
#define CP_REPORT_JSON_WRITER_H

#include "bytes.h"

struct cp_json {
    struct cp_buf *out;
    bool need_comma;
};

/* key is NULL inside an array, and for the outermost value. open is '{' or '['; close is '}' or
 * ']'. */
void cp_json_open(struct cp_json *json, const char *key, char open);
void cp_json_close(struct cp_json *json, char close);
/* NULL is null. */
void cp_json_string(struct cp_json *json, const char *key, const char *text);
void cp_json_span(struct cp_json *json, const char *key, struct cp_span text);
void cp_json_size(struct cp_json *json, const char *key, size_t value);
void cp_json_bool(struct cp_json *json, const char *key, bool value);
/* A line break behind the next comma, for people and for diff. */
void cp_json_line(struct cp_json *json);

#endif
