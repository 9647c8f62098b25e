#include "sink.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LABEL_WIDTH 21
#define MAX_SCRATCH ((size_t)16 * 1024 * 1024) /* one value, escaped */
#define MAX_LINE 1024

void cp_sink_init(struct cp_sink *sink, struct cp_buf *out, bool json,
                  const struct cp_render_options *options) {
    *sink = (struct cp_sink){
        .out = out, .json = json, .color = options->color, .utf8 = options->utf8, .first = true};
    cp_buf_init(&sink->scratch, MAX_SCRATCH);
}

void cp_sink_cleanup(struct cp_sink *sink) {
    cp_buf_cleanup(&sink->scratch);
}

/* The escaped form of value, alive until the next call. */
static struct cp_span escaped(struct cp_sink *sink, struct cp_span value) {
    sink->scratch.len = 0;
    cp_buf_escaped(&sink->scratch, value);
    if (sink->scratch.failed != CP_OK && sink->out->failed == CP_OK)
        sink->out->failed = sink->scratch.failed;
    return (struct cp_span){(const uint8_t *)sink->scratch.data, sink->scratch.len};
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void json_string(struct cp_sink *sink, struct cp_span value) {
    struct cp_span text = escaped(sink, value);
    size_t done = 0;
    cp_buf_puts(sink->out, "\"");
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '"' && text.data[i] != '\\')
            continue;
        cp_buf_append(sink->out, text.data + done, i - done);
        cp_buf_puts(sink->out, "\\");
        done = i;
    }
    if (text.len != done)
        cp_buf_append(sink->out, text.data + done, text.len - done);
    cp_buf_puts(sink->out, "\"");
}

static void json_newline(struct cp_sink *sink) {
    cp_buf_puts(sink->out, "\n");
    for (unsigned i = 0; i < sink->depth; i++)
        cp_buf_puts(sink->out, "  ");
}

/* Comma, new line and key before a value. */
static void json_start(struct cp_sink *sink, const char *key) {
    bool flat = sink->flat != 0 && sink->depth >= sink->flat;
    if (!sink->first)
        cp_buf_puts(sink->out, flat ? ", " : ",");
    if (!flat && sink->depth != 0)
        json_newline(sink);
    sink->first = false;
    if (key != NULL)
        cp_buf_printf(sink->out, "\"%s\": ", key);
}

void cp_sink_open(struct cp_sink *sink, const char *key, char bracket) {
    if (!sink->json)
        return;
    json_start(sink, key);
    cp_buf_append(sink->out, &bracket, 1);
    sink->depth++;
    sink->first = true;
}

void cp_sink_open_flat(struct cp_sink *sink, const char *key) {
    if (!sink->json)
        return;
    cp_sink_open(sink, key, '{');
    if (sink->flat == 0)
        sink->flat = sink->depth;
}

void cp_sink_close(struct cp_sink *sink, char bracket) {
    if (!sink->json)
        return;
    bool flat = sink->flat != 0 && sink->depth >= sink->flat;
    if (sink->flat == sink->depth)
        sink->flat = 0;
    sink->depth--;
    if (!flat && !sink->first)
        json_newline(sink);
    sink->first = false;
    cp_buf_append(sink->out, &bracket, 1);
}

/* ---- text ------------------------------------------------------------------------------------ */

static void colour(struct cp_sink *sink, enum cp_colour c) {
    static const char *const codes[] = {"\x1b[0m", "\x1b[1m", "\x1b[1;31m", "\x1b[1;33m",
                                        "\x1b[1;32m"};
    if (sink->color)
        cp_buf_puts(sink->out, codes[c]);
}

/* Escaped; outside a UTF-8 locale other bytes than ASCII are shown as \xNN. */
static void text_span(struct cp_sink *sink, struct cp_span value) {
    struct cp_span text = escaped(sink, value);
    if (sink->utf8) {
        cp_buf_append(sink->out, text.data, text.len);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < 0x80)
            cp_buf_append(sink->out, text.data + i, 1);
        else
            cp_buf_printf(sink->out, "\\x%02X", text.data[i]);
    }
}

void cp_sink_put_indent(struct cp_sink *sink) {
    if (!sink->json)
        cp_buf_printf(sink->out, "%*s", (int)sink->indent, "");
}

void cp_sink_put(struct cp_sink *sink, enum cp_colour c, const char *text) {
    if (sink->json)
        return;
    if (strcmp(text, "\n") == 0) {
        cp_buf_puts(sink->out, text);
        return;
    }
    if (c != CP_PLAIN)
        colour(sink, c);
    text_span(sink, cp_span_of(text));
    if (c != CP_PLAIN)
        colour(sink, CP_PLAIN);
}

void cp_sink_line(struct cp_sink *sink, enum cp_colour c, const char *format, ...) {
    char line[MAX_LINE];
    va_list args;
    if (sink->json)
        return;
    va_start(args, format);
    int len = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (len < 0)
        return;
    cp_sink_put_indent(sink);
    cp_sink_put(sink, c, line);
    cp_buf_puts(sink->out, "\n");
}

/* Label of a line; NULL continues the one above. */
static void text_label(struct cp_sink *sink, const char *key) {
    char label[LABEL_WIDTH + 1];
    size_t i = 0;
    for (; key != NULL && key[i] != '\0' && i < LABEL_WIDTH; i++)
        label[i] = key[i];
    for (char *p = label; p < label + i; p++)
        if (*p == '_')
            *p = ' ';
    label[i] = '\0';
    cp_sink_put_indent(sink);
    cp_buf_printf(sink->out, "%-*s ", LABEL_WIDTH, label);
}

/* ---- both ------------------------------------------------------------------------------------ */

void cp_sink_span(struct cp_sink *sink, const char *key, struct cp_span value) {
    if (sink->json) {
        json_start(sink, key);
        json_string(sink, value);
        return;
    }
    text_label(sink, key);
    if (value.len == 0)
        cp_buf_puts(sink->out, "(empty)");
    text_span(sink, value);
    cp_buf_puts(sink->out, "\n");
}

void cp_sink_text(struct cp_sink *sink, const char *key, const char *value) {
    if (value == NULL)
        cp_sink_null(sink, key);
    else
        cp_sink_span(sink, key, cp_span_of(value));
}

void cp_sink_hex(struct cp_sink *sink, const char *key, struct cp_span octets) {
    struct cp_buf hex;
    cp_buf_init(&hex, MAX_SCRATCH);
    for (size_t i = 0; i < octets.len; i++)
        cp_buf_printf(&hex, "%02x", octets.data[i]);
    if (hex.failed != CP_OK && sink->out->failed == CP_OK)
        sink->out->failed = hex.failed;
    cp_sink_span(sink, key, (struct cp_span){(const uint8_t *)hex.data, hex.len});
    cp_buf_cleanup(&hex);
}

void cp_sink_number(struct cp_sink *sink, const char *key, int64_t value) {
    if (sink->json)
        json_start(sink, key);
    else
        text_label(sink, key);
    cp_buf_printf(sink->out, "%" PRId64 "%s", value, sink->json ? "" : "\n");
}

void cp_sink_bool(struct cp_sink *sink, const char *key, bool value) {
    if (sink->json) {
        json_start(sink, key);
        cp_buf_puts(sink->out, value ? "true" : "false");
        return;
    }
    text_label(sink, key);
    cp_buf_puts(sink->out, value ? "yes\n" : "no\n");
}

void cp_sink_null(struct cp_sink *sink, const char *key) {
    if (!sink->json)
        return;
    json_start(sink, key);
    cp_buf_puts(sink->out, "null");
}

void cp_sink_list(struct cp_sink *sink, const char *key) {
    cp_sink_open(sink, key, '[');
    sink->list = key;
    sink->num_items = 0;
}

/* Is the item to be shown? Then its label is. */
static bool text_item(struct cp_sink *sink) {
    if (sink->num_items++ >= CP_SINK_MAX_ITEMS)
        return false;
    text_label(sink, sink->num_items == 1 ? sink->list : NULL);
    return true;
}

void cp_sink_item(struct cp_sink *sink, struct cp_span value) {
    if (sink->json) {
        cp_sink_span(sink, NULL, value);
    } else if (text_item(sink)) {
        text_span(sink, value);
        cp_buf_puts(sink->out, "\n");
    }
}

void cp_sink_item_typed(struct cp_sink *sink, const char *type, struct cp_span value) {
    if (sink->json) {
        cp_sink_open_flat(sink, NULL);
        cp_sink_text(sink, "type", type);
        cp_sink_span(sink, "value", value);
        cp_sink_close(sink, '}');
    } else if (text_item(sink)) {
        cp_buf_printf(sink->out, "%s:", type);
        text_span(sink, value);
        cp_buf_puts(sink->out, "\n");
    }
}

void cp_sink_list_end(struct cp_sink *sink) {
    if (!sink->json && sink->num_items > CP_SINK_MAX_ITEMS) {
        text_label(sink, NULL);
        cp_buf_printf(sink->out, "and %zu more\n", sink->num_items - CP_SINK_MAX_ITEMS);
    }
    cp_sink_close(sink, ']');
}
