/* The base64 of one block: what stands between its marker lines, taken apart in one walk. */
#include <string.h>

#include "parts.h"

struct walk {
    struct cp_job *job;
    struct cp_body *body;
    size_t i;
    bool first_line;    /* the rest of the BEGIN line */
    bool inside;        /* of a quoted string, where there are any */
    bool prefix;        /* the line starts with a sign of quoting */
    bool other;         /* the line has quotes, so it is not blank */
    size_t column;      /* characters of this line */
    size_t lead, gap;   /* blanks before the first character, and behind the last one */
    size_t line_at;     /* where the line's characters start */
    size_t last_column; /* of the last line that had characters */
    size_t last_at;
    size_t segment, last_segment, first_segment; /* lengths between white space */
    size_t first_blanks;                         /* before the first segment */
    size_t first_length;                         /* of the first line that had characters */
    size_t needed;                               /* characters of the whole DER, by its header */
};

static void first_place(size_t *first, size_t *num, size_t at) {
    if ((*num)++ == 0)
        *first = at;
}

static void end_segment(struct walk *w) {
    if (w->segment == 0)
        return;
    if (w->first_segment == 0)
        w->first_segment = w->segment;
    w->last_segment = w->segment;
    w->segment = 0;
}

/* A character of base64 or padding. */
static void put(struct walk *w, uint8_t c) {
    struct cp_body *body = w->body;
    if (w->column == 0) {
        if (w->last_column != 0 && w->last_column != 64 && body->uneven_line == SIZE_MAX)
            body->uneven_line = w->last_at;
        w->line_at = w->i;
        if (w->lead != 0 && !w->first_line && !w->prefix)
            first_place(&body->indent, &body->num_indent, w->i);
    } else if (w->gap != 0) {
        first_place(&body->inner_space, &body->num_spaces, w->i - 1);
    }
    if (w->segment == 0) {
        size_t blanks = w->column == 0 ? w->lead : w->gap;
        body->num_blanks += blanks;
        if (w->first_segment == 0)
            w->first_blanks = blanks;
        else if (blanks != w->first_blanks)
            body->even_blanks = false;
    }
    /* All segments but the last are as long as the first. */
    if (w->segment++ == 0 && w->last_segment != w->first_segment)
        body->even_segments = false;
    w->gap = 0;
    w->column++;
    if (c == '=') {
        if (body->num_pads++ == 0)
            body->first_pad = w->i;
        return;
    }
    if (body->num_pads != 0 && body->behind_pad == SIZE_MAX)
        body->behind_pad = w->i;
    body->chars[body->num_chars++] = c;
    if (body->num_chars == 8) {
        uint8_t head[6];
        for (size_t j = 0; j < 2; j++) {
            uint32_t group = 0;
            for (size_t k = 0; k < 4; k++)
                group = group << 6 | cp_base64_value(body->chars[4 * j + k]);
            head[3 * j] = (uint8_t)(group >> 16);
            head[3 * j + 1] = (uint8_t)(group >> 8);
            head[3 * j + 2] = (uint8_t)group;
        }
        size_t len = cp_kind_der_len(head, sizeof(head));
        if (len != 0)
            w->needed = len / 3 * 4 + (len % 3 != 0 ? len % 3 + 1 : 0);
    }
}

/* At a line end, and once at the end of the block. */
static void end_line(struct walk *w, bool last) {
    struct cp_body *body = w->body;
    if (w->prefix)
        first_place(&body->prefix, &body->num_prefix, w->i == 0 ? 0 : w->i - 1);
    if (w->column != 0) {
        /* A line behind one that was shorter or longer than the first. */
        if (w->first_length == 0)
            w->first_length = w->column;
        else if (w->last_column != w->first_length || w->first_length % 4 != 0)
            body->even_lines = false;
        w->last_column = w->column;
        w->last_at = w->line_at;
        if (w->gap != 0 && !last)
            first_place(&body->trailing, &body->num_trailing, w->i - 1);
    } else if (w->first_line) {
        if (w->lead != 0 && !last)
            first_place(&body->trailing, &body->num_trailing, w->i - 1);
    } else if (last) {
        if (w->lead != 0 && !w->prefix)
            first_place(&body->indent, &body->num_indent, w->i);
    } else if (!w->prefix && !w->other) {
        first_place(&body->blank, &body->num_blank, w->i);
    }
    if (w->first_line)
        body->first_column = w->column;
    if (last)
        body->last_column = w->column;
    w->first_line = w->prefix = w->other = false;
    w->column = w->lead = w->gap = 0;
}

static void illegal(struct walk *w) {
    if (w->body->num_illegal++ == 0)
        w->body->illegal = w->i;
}

/* Between two strings that are joined: '" +', '",' and such. */
static void outside_string(struct walk *w, uint8_t c) {
    w->other = true;
    if (!cp_is_blank(c) && strchr(",+;.&\\()[]", c) == NULL)
        illegal(w);
}

static void step(struct walk *w, uint8_t c) {
    struct cp_body *body = w->body;
    if (body->quote != 0 && c == body->quote) {
        end_segment(w);
        w->inside = !w->inside;
        w->other = true;
        body->num_quotes++;
    } else if (!w->inside) {
        outside_string(w, c);
    } else if (body->spaces_are_plus && c == ' ' && w->column < 64) {
        put(w, '+');
    } else if (cp_is_blank(c)) {
        end_segment(w);
        if (w->column == 0)
            w->lead++;
        else
            w->gap++;
        if (body->spaces_are_plus)
            w->column = 0;
    } else if (cp_is_base64(c) || c == '=') {
        put(w, c);
    } else if ((c == '>' || c == '|') && w->column == 0 && !w->first_line) {
        w->prefix = true;
        w->lead = 0;
    } else if (c != CP_GAP ||
               w->job->counted[CP_CHECK_NUL_BYTES] + w->job->counted[CP_CHECK_ZERO_FILLED] == 0) {
        illegal(w);
    }
}

void cp_body_read(struct cp_job *job, struct cp_body *body) {
    struct walk w = {.job = job,
                     .body = body,
                     .i = body->start,
                     .first_line = !body->no_begin,
                     .inside = true,
                     .needed = SIZE_MAX};
    body->chars = job->scratch.data;
    body->illegal = body->behind_pad = body->uneven_line = SIZE_MAX;
    body->even_segments = body->even_lines = body->even_blanks = true;
    for (; w.i < body->end; w.i++) {
        uint8_t c = job->text.data[w.i];
        if (c == '\n') {
            end_segment(&w);
            if (body->stop_when_whole && body->num_chars >= w.needed)
                break;
            end_line(&w, false);
            body->num_lines++;
        } else {
            step(&w, c);
        }
    }
    end_segment(&w);
    if (w.last_segment > w.first_segment ||
        (w.last_segment != w.first_segment && w.first_segment % 4 != 0))
        body->even_segments = false;
    end_line(&w, true);
    if (w.last_column > w.first_length)
        body->even_lines = false;
    body->stop = w.i;
    body->first_segment = w.first_segment;
    if (w.last_column > 64 && body->uneven_line == SIZE_MAX)
        body->uneven_line = w.last_at;
}

size_t cp_body_decode(struct cp_job *job, const struct cp_body *body, uint8_t **der,
                      bool *leftover) {
    const uint8_t *in = body->chars;
    uint8_t *out = job->scratch.data + body->num_chars;
    size_t used = 0, i = 0;
    *der = out;
    *leftover = false;
    for (; body->num_chars - i >= 4; i += 4) {
        uint32_t group = cp_base64_value(in[i]) << 18 | cp_base64_value(in[i + 1]) << 12 |
                         cp_base64_value(in[i + 2]) << 6 | cp_base64_value(in[i + 3]);
        out[used++] = (uint8_t)(group >> 16);
        out[used++] = (uint8_t)(group >> 8);
        out[used++] = (uint8_t)group;
    }
    size_t left = body->num_chars - i;
    if (left >= 2) {
        uint32_t group = cp_base64_value(in[i]) << 18 | cp_base64_value(in[i + 1]) << 12;
        if (left == 3)
            group |= cp_base64_value(in[i + 2]) << 6;
        out[used++] = (uint8_t)(group >> 16);
        if (left == 3)
            out[used++] = (uint8_t)(group >> 8);
        *leftover = (group & (left == 3 ? 0xffU : 0xffffU)) != 0;
    }
    return used;
}

void cp_body_note_lines(struct cp_job *job, const struct cp_body *body, bool has_begin,
                        bool has_end) {
    if (body->num_lines == 0) {
        cp_job_count_many(job, CP_CHECK_FLATTENED, body->start, has_begin || has_end);
    } else {
        cp_job_count_many(job, CP_CHECK_GLUED, body->start, has_begin && body->first_column != 0);
        cp_job_count_many(job, CP_CHECK_GLUED, body->stop, has_end && body->last_column != 0);
        cp_job_count_many(job, CP_CHECK_WHITE_SPACE, body->inner_space, body->num_spaces);
        if (body->uneven_line != SIZE_MAX)
            cp_job_count(job, CP_CHECK_LINE_LENGTH, body->uneven_line);
    }
    cp_job_count_many(job, CP_CHECK_WHITE_SPACE, body->trailing, body->num_trailing);
    cp_job_count_many(job, CP_CHECK_BLANK_LINES, body->blank, body->num_blank);
    cp_job_count_many(job, CP_CHECK_LINE_PREFIX, body->indent, body->num_indent);
    cp_job_count_many(job, CP_CHECK_LINE_PREFIX, body->prefix, body->num_prefix);
}
