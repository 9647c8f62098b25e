/* Marker lines: "-----BEGIN label-----", with any number of dashes on either side (one side may
 * have none), letters of any case, spaces lost or too many. */
#include <string.h>

#include "parts.h"

#define MAX_LABEL 64
#define MAX_SKIP                                                                                   \
    16 /* spaces between dashes and word; also how far a line's start is looked for                \
        */

/* Does a word stand at i? Its length, or 0. */
static size_t word_at(const struct cp_text *text, size_t i, const char *upper) {
    size_t len = strlen(upper);
    if (len > text->len || i > text->len - len)
        return 0;
    for (size_t j = 0; j < len; j++)
        if ((text->data[i + j] & 0xdf) != (uint8_t)upper[j] || !cp_is_letter(text->data[i + j]))
            return 0;
    return len;
}

static size_t keyword_at(const struct cp_text *text, size_t i, bool *is_end) {
    size_t len = word_at(text, i, "BEGIN");
    *is_end = len == 0;
    return len != 0 ? len : word_at(text, i, "END");
}

static bool is_label_char(uint8_t c) {
    return cp_is_letter(c) || cp_is_digit(c) || cp_is_blank(c) || c == CP_GAP ||
           (c != 0 && strchr("#./_()+:,", c) != NULL);
}

static size_t dash_run(const struct cp_text *text, size_t i) {
    size_t run = 0;
    while (i + run < text->len && text->data[i + run] == '-')
        run++;
    return run;
}

static struct cp_span trimmed(const struct cp_text *text, size_t start, size_t stop) {
    while (start < stop && cp_is_blank(text->data[start]))
        start++;
    while (stop > start && cp_is_blank(text->data[stop - 1]))
        stop--;
    return (struct cp_span){text->data + start, stop - start};
}

/* The label from i on and the dashes behind it. */
static bool read_rest(const struct cp_text *text, size_t i, struct cp_marker *out) {
    size_t stop = i;
    while (stop < text->len && stop - i < MAX_LABEL + MAX_SKIP && is_label_char(text->data[stop]))
        stop++;
    size_t run = dash_run(text, stop);
    if (run == 0 && stop < text->len && text->data[stop] != '\n') {
        /* no dashes, and the base64 goes on behind the label */
        size_t start = i;
        while (start < stop && cp_is_blank(text->data[start]))
            start++;
        stop = start + cp_label_prefix((struct cp_span){text->data + start, stop - start});
        if (stop == start)
            return false;
    }
    out->label = trimmed(text, i, stop);
    out->spaced |=
        stop - i != out->label.len + 1 || text->data[i] != ' ' || text->data[i + 1] == ' ';
    if (out->label.len == 0 || out->label.len > MAX_LABEL)
        return false;
    bool unused;
    size_t after = run;
    if (run >= 2 && keyword_at(text, stop + run, &unused) != 0)
        after = run / 2; /* shared with the next marker, which is glued to this one */
    out->dashes_after = after;
    out->end = stop + after;
    return true;
}

/* Prose between dashes ("--- End of message ---") is no marker. */
static bool is_meant(struct cp_marker *out) {
    struct cp_label_match match;
    cp_label_match(&match, out->label);
    out->kind = match.kind;
    out->known = match.known;
    out->exact = match.exact;
    if (out->dashes_before < 2 && out->dashes_after < 2)
        return false;
    bool strict = out->dashes_before == 5 && out->dashes_after == 5;
    for (size_t i = 0; i < out->label.len; i++)
        strict = strict && (out->label.data[i] < 'a' || out->label.data[i] > 'z');
    return match.plausible || strict;
}

/* A marker whose first dashes are missing: "BEGIN CERTIFICATE-----" at the start of a line; i is
 * the first dash. */
static bool read_backward(const struct cp_text *text, size_t from, size_t i,
                          struct cp_marker *out) {
    size_t start = i;
    while (start > from && i - start < MAX_LABEL + MAX_SKIP && text->data[start - 1] != '\n' &&
           text->data[start - 1] != '-')
        start--;
    if (start > from && text->data[start - 1] != '\n')
        return false;
    while (start < i && !cp_is_letter(text->data[start]))
        start++;
    size_t len = keyword_at(text, start, &out->is_end);
    if (len == 0)
        return false;
    out->start = start;
    out->dashes_before = 0;
    return read_rest(text, start + len, out) && out->end > i && is_meant(out);
}

bool cp_marker_next(const struct cp_text *text, size_t from, struct cp_marker *out) {
    for (size_t at = from; at < text->len;) {
        const uint8_t *dash = memchr(text->data + at, '-', text->len - at);
        if (dash == NULL)
            return false;
        size_t start = (size_t)(dash - text->data), run = dash_run(text, start), i = start + run;
        while (i < text->len && i - start - run < MAX_SKIP && cp_is_blank(text->data[i]))
            i++;
        *out = (struct cp_marker){.start = start, .dashes_before = run, .spaced = i != start + run};
        size_t len = keyword_at(text, i, &out->is_end);
        if (len != 0 && read_rest(text, i + len, out) && is_meant(out))
            return true;
        if (len == 0 && run >= 2) {
            *out = (struct cp_marker){0};
            if (read_backward(text, from, start, out))
                return true;
        }
        at = start + run;
    }
    return false;
}
