/* sink: one description, two forms. What describes a thing says each fact once; the sink writes it
 * as an indented line of text or as a JSON member.
 *
 * Text:  label from the key ("not_before" -> "not before"), value; a list has a line an item, of
 *        which the first CP_SINK_MAX_ITEMS are shown and the rest counted; what is absent or empty
 *        has no line.
 * JSON:  what is absent is null, what is empty is [] or "".
 *
 * Every string is escaped here (cp_buf_escaped), so a caller can't forget it; escaping twice
 * changes nothing. Failure sticks in the buffer, as cp_buf has it.
 */
#ifndef CP_SINK_H
#define CP_SINK_H

#include "bytes.h"

#define CP_SINK_MAX_ITEMS 20

enum cp_colour { CP_PLAIN, CP_BOLD, CP_RED, CP_YELLOW, CP_GREEN };

struct cp_sink {
    struct cp_buf *out;
    struct cp_buf scratch;
    bool json, color, utf8;
    /* JSON */
    unsigned depth; /* of objects and arrays */
    unsigned flat;  /* depth from which on all stands on one line; 0: none */
    bool first;     /* nothing stands in the innermost object or array yet */
    /* text */
    unsigned indent;
    const char *list; /* label of the open list */
    size_t num_items; /* in it */
};

void cp_sink_init(struct cp_sink *sink, struct cp_buf *out, bool json,
                  const struct cp_render_options *options);
void cp_sink_cleanup(struct cp_sink *sink);

/* ---- both forms; key is NULL inside an array ---- */

void cp_sink_span(struct cp_sink *sink, const char *key, struct cp_span value);
/* NULL is absent. */
void cp_sink_text(struct cp_sink *sink, const char *key, const char *value);
void cp_sink_hex(struct cp_sink *sink, const char *key, struct cp_span octets);
void cp_sink_number(struct cp_sink *sink, const char *key, int64_t value);
void cp_sink_bool(struct cp_sink *sink, const char *key, bool value);
void cp_sink_null(struct cp_sink *sink, const char *key);

/* A list of values. Lists do not nest. */
void cp_sink_list(struct cp_sink *sink, const char *key);
void cp_sink_item(struct cp_sink *sink, struct cp_span value);
/* Text "type:value", JSON {"type": ..., "value": ...}. */
void cp_sink_item_typed(struct cp_sink *sink, const char *type, struct cp_span value);
void cp_sink_list_end(struct cp_sink *sink);

/* ---- JSON alone: no effect on text ---- */

void cp_sink_open(struct cp_sink *sink, const char *key, char bracket);
/* The whole object on one line. */
void cp_sink_open_flat(struct cp_sink *sink, const char *key);
void cp_sink_close(struct cp_sink *sink, char bracket);

/* ---- text alone: no effect on JSON ---- */

void cp_sink_line(struct cp_sink *sink, enum cp_colour colour, const char *format, ...)
    CP_PRINTF(3, 4);
/* Pieces of a line; the caller ends it with cp_sink_put(sink, CP_PLAIN, "\n"), which is the one
 * control character that passes. */
void cp_sink_put(struct cp_sink *sink, enum cp_colour colour, const char *text);
void cp_sink_put_indent(struct cp_sink *sink);

#endif
