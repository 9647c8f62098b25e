#include "report/json_writer.h"

#include <string.h>

static void put_quoted(struct cp_buf *out, struct cp_span text) {
    cp_buf_puts(out, "\"");
    for (size_t i = 0, done = 0; i <= text.len; i++) {
        uint8_t c = i < text.len ? text.data[i] : 0;
        bool is_command = c == '#' && i + 1 < text.len && text.data[i + 1] == '#'; /* escape.h */
        if (i < text.len && c >= 0x20 && c != '"' && c != '\\' && c != 0x7f && !is_command)
            continue;
        cp_buf_append(out, text.data + done, i - done);
        done = i + 1;
        if (i == text.len)
            break;
        if (c == '"' || c == '\\')
            cp_buf_printf(out, "\\%c", c);
        else
            cp_buf_printf(out, "\\u%04X", c);
    }
    cp_buf_puts(out, "\"");
}

static void put_key(struct cp_json *json, const char *key) {
    if (json->need_comma)
        cp_buf_puts(json->out, ",");
    json->need_comma = true;
    if (key == NULL)
        return;
    put_quoted(json->out, cp_span_of(key));
    cp_buf_puts(json->out, ":");
}

void cp_json_open(struct cp_json *json, const char *key, char open) {
    put_key(json, key);
    cp_buf_append(json->out, &open, 1);
    json->need_comma = false;
}

void cp_json_close(struct cp_json *json, char close) {
    cp_buf_append(json->out, &close, 1);
    json->need_comma = true;
}

void cp_json_span(struct cp_json *json, const char *key, struct cp_span text) {
    put_key(json, key);
    put_quoted(json->out, text);
}

void cp_json_string(struct cp_json *json, const char *key, const char *text) {
    put_key(json, key);
    if (text == NULL)
        cp_buf_puts(json->out, "null");
    else
        put_quoted(json->out, cp_span_of(text));
}

void cp_json_size(struct cp_json *json, const char *key, size_t value) {
    put_key(json, key);
    cp_buf_printf(json->out, "%zu", value);
}

void cp_json_bool(struct cp_json *json, const char *key, bool value) {
    put_key(json, key);
    cp_buf_puts(json->out, value ? "true" : "false");
}

void cp_json_line(struct cp_json *json) {
    if (json->need_comma)
        cp_buf_puts(json->out, ",");
    json->need_comma = false;
    cp_buf_puts(json->out, "\n");
}
