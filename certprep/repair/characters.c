/* The pass on single characters: typographic dashes and quotes, and what is white space in some
 * alphabet. No character of base64 is touched. */
#include "parts.h"

/* Ranges in ascending order. as 0: nothing, it has no width. */
static const struct {
    uint32_t first, last;
    uint8_t as, again; /* again: a second one, for what replaces two hyphens */
    bool is_space;
} rows[] = {
    {0x85, 0x85, '\n', 0, true},       /* next line */
    {0xa0, 0xa0, ' ', 0, true},        /* no-break space */
    {0xab, 0xab, '"', 0, false},       /* guillemet */
    {0xad, 0xad, 0, 0, true},          /* soft hyphen: only shows where a line is broken */
    {0xbb, 0xbb, '"', 0, false},       /* guillemet */
    {0x1680, 0x1680, ' ', 0, true},    /* ogham space */
    {0x180e, 0x180e, 0, 0, true},      /* Mongolian vowel separator */
    {0x2000, 0x200a, ' ', 0, true},    /* en quad to hair space */
    {0x200b, 0x200f, 0, 0, true},      /* zero width, and marks of direction */
    {0x2010, 0x2013, '-', 0, false},   /* hyphen to en dash */
    {0x2014, 0x2015, '-', '-', false}, /* em dash, horizontal bar */
    {0x2018, 0x201b, '\'', 0, false},  /* single quotes */
    {0x201c, 0x201f, '"', 0, false},   /* double quotes */
    {0x2028, 0x2029, '\n', 0, true},   /* line and paragraph separator */
    {0x202a, 0x202e, 0, 0, true},      /* marks of direction */
    {0x202f, 0x202f, ' ', 0, true},    /* narrow no-break space */
    {0x205f, 0x205f, ' ', 0, true},    /* mathematical space */
    {0x2060, 0x206f, 0, 0, true},      /* word joiner and other controls without width */
    {0x2212, 0x2212, '-', 0, false},   /* minus sign */
    {0x3000, 0x3000, ' ', 0, true},    /* ideographic space */
    {0xfe58, 0xfe58, '-', '-', false}, /* small em dash */
    {0xfe63, 0xfe63, '-', 0, false},   /* small hyphen */
    {0xfeff, 0xfeff, 0, 0, true},      /* zero-width no-break space */
    {0xff0d, 0xff0d, '-', 0, false},   /* full-width hyphen */
};
#define NUM_ROWS (sizeof(rows) / sizeof(rows[0]))

/* What stands at i: its length; *row is NUM_ROWS where it is left as it is. */
static size_t look_up(const struct cp_text *text, size_t i, size_t *row) {
    /* Windows-1252, where the byte is no part of UTF-8. */
    static const uint32_t windows[] = {[0x11] = 0x2018, [0x12] = 0x2019, [0x13] = 0x201c,
                                       [0x14] = 0x201d, [0x16] = 0x2013, [0x17] = 0x2014};
    uint32_t code = 0;
    size_t len = cp_utf8_decode(&code, text->data + i, text->len - i);
    *row = NUM_ROWS;
    if (len == 0) {
        uint8_t byte = text->data[i];
        code = byte >= 0x80 && byte < 0x80 + sizeof(windows) / sizeof(windows[0])
                   ? windows[byte - 0x80]
                   : byte;
        if (code != 0xa0 && code < 0x2000)
            return 1;
        len = 1;
    }
    for (size_t j = 0; j < NUM_ROWS; j++)
        if (code >= rows[j].first && code <= rows[j].last)
            *row = j;
    return len;
}

bool cp_pass_characters(struct cp_job *job) {
    struct cp_text *text = &job->text;
    size_t used = job->window_start;
    bool changed = false;
    for (size_t i = used; i < text->len;) {
        size_t row = NUM_ROWS, len = 1;
        if (i < job->window_end && text->data[i] >= 0x80)
            len = look_up(text, i, &row);
        if (row == NUM_ROWS) {
            for (size_t j = 0; j < len; j++)
                cp_text_put(text, &used, text->data[i + j], i + j);
        } else {
            cp_job_count(job, rows[row].is_space ? CP_CHECK_UNICODE_SPACE : CP_CHECK_TYPOGRAPHIC,
                         i);
            changed = true;
            if (rows[row].as == 0 && used > 0 && text->data[used - 1] != '\n' &&
                i + len < text->len && text->data[i + len] != '\n')
                job->dropped_inside = true;
            if (rows[row].as != 0)
                cp_text_put(text, &used, rows[row].as, i);
            if (rows[row].again != 0 && len > 1)
                cp_text_put(text, &used, rows[row].again, i);
        }
        i += len;
    }
    text->len = used;
    job->needs_proof |= changed;
    return changed;
}
