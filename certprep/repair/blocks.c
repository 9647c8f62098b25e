/* From marker lines to blocks, with what stands around them. */
#include <stdlib.h>
#include <string.h>

#include "cp_limits.h"
#include "parts.h"
#include "pem.h"

struct finder {
    struct cp_job *job;
    struct cp_marker *markers;
    size_t num, cap;
};

static void collect(struct finder *f) {
    struct cp_job *job = f->job;
    struct cp_marker marker;
    for (size_t at = 0; cp_marker_next(&job->text, at, &marker); at = marker.end) {
        if (f->num > (size_t)2 * CP_MAX_BLOCKS) {
            job->failed = CP_ERR_LIMIT;
            return;
        }
        if (f->num == f->cap) {
            size_t cap = f->cap == 0 ? 16 : 2 * f->cap;
            struct cp_marker *grown = realloc(f->markers, cap * sizeof(*grown));
            if (grown == NULL) {
                job->failed = CP_ERR_MEMORY;
                return;
            }
            f->markers = grown;
            f->cap = cap;
        }
        f->markers[f->num++] = marker;
    }
}

/* A key that is no PEM at all, by its first words. */
static bool is_other_key(struct cp_job *job, size_t start, size_t stop) {
    static const struct {
        const char *word;
        enum cp_check check;
    } rows[] = {{"PUTTY-USER-KEY-FILE-", CP_CHECK_PUTTY_KEY},
                {"SSH-RSA AAAA", CP_CHECK_OPENSSH_KEY},
                {"SSH-ED25519 AAAA", CP_CHECK_OPENSSH_KEY},
                {"ECDSA-SHA2-NISTP", CP_CHECK_OPENSSH_KEY}};
    bool found = false;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t at = cp_find_word((struct cp_span){job->text.data, stop}, start, rows[i].word);
        if (at == SIZE_MAX)
            continue;
        found = true;
        cp_job_note(job, rows[i].check, at, false, "left out: a key in %s form is no PEM",
                    rows[i].check == CP_CHECK_PUTTY_KEY ? "PuTTY's own" : "OpenSSH's own");
    }
    return found;
}

/* What stands around blocks: text is noted once a place, blank lines and spaces are only tidied
 * away. */
static void around(struct cp_job *job, size_t start, size_t stop) {
    const struct cp_text *text = &job->text;
    size_t lines = 0, blanks = 0, first_text = SIZE_MAX, blank_at = start;
    bool line_start = start == 0;
    size_t lead = 0;
    for (size_t i = start; i < stop; i++) {
        uint8_t c = text->data[i];
        if (c == '\n') {
            lines++;
            lead = 0;
            line_start = true;
        } else if (cp_is_blank(c) || c == '>' || c == '|' || c == CP_GAP) {
            lead += line_start;
            if (blanks++ == 0)
                blank_at = i;
        } else {
            /* quotes are said with the block that stands in them */
            if (first_text == SIZE_MAX && c != '"' && c != '\'' && c != '`' &&
                (c != CP_SEAM || job->counted[CP_CHECK_BASE64_WRAPPED] == 0))
                first_text = i;
            line_start = false;
        }
    }
    if (first_text != SIZE_MAX) {
        if (!is_other_key(job, start, stop))
            cp_job_count(job, CP_CHECK_EXPLANATORY_TEXT, first_text);
        return;
    }
    if (lines == 0 && stop < text->len)
        return; /* blocks on one line: glued or flattened, and said to be */
    /* Blanks right before a marker are its indentation, which is noted with the block. */
    if (blanks > (stop < text->len ? lead : 0))
        cp_job_count(job, CP_CHECK_WHITE_SPACE, blank_at);
    else if (lines > (size_t)(start != 0))
        cp_job_count(job, CP_CHECK_WHITE_SPACE, start);
}

/* A line of base64, backward from stop: where it starts, how many characters it has; false if it
 * has anything else. */
static bool line_before(const struct cp_text *text, size_t from, size_t stop, size_t *start,
                        size_t *num) {
    size_t i = stop;
    *num = 0;
    while (i > from && text->data[i - 1] != '\n')
        i--;
    *start = i;
    while (i < stop && (cp_is_blank(text->data[i]) || text->data[i] == '>' || text->data[i] == '|'))
        i++;
    for (; i < stop; i++) {
        uint8_t c = text->data[i];
        if (cp_is_base64(c))
            (*num)++;
        else if (!cp_is_blank(c) && c != '=')
            return false;
    }
    return true;
}

/* Length of the DER that would start on the line at i, by its header; 0 if none does. */
static size_t der_at(const struct cp_text *text, size_t i, size_t stop) {
    uint32_t bits = 0;
    unsigned filled = 0;
    uint8_t head[6];
    size_t used = 0;
    for (; i < stop && used < sizeof(head); i++) {
        if (!cp_is_base64(text->data[i]))
            continue;
        bits = (bits << 6 | cp_base64_value(text->data[i])) & 0xffff;
        filled += 6;
        if (filled >= 8) {
            filled -= 8;
            head[used++] = (uint8_t)(bits >> filled);
        }
    }
    return cp_kind_der_len(head, used);
}

/* The one line from which the base64 up to stop is exactly one DER element; SIZE_MAX if there is
 * none. *num_candidates counts them. */
static size_t find_start(const struct cp_text *text, size_t from, size_t stop,
                         size_t *num_candidates) {
    size_t total = 0, line, num, at = stop, found = SIZE_MAX;
    *num_candidates = 0;
    while (at > from && line_before(text, from, at, &line, &num)) {
        total += num;
        size_t len = num == 0 ? 0 : der_at(text, line, stop);
        if (len != 0 && len / 3 * 4 + (len % 3 != 0 ? len % 3 + 1 : 0) == total) {
            found = line;
            (*num_candidates)++;
        }
        at = line == 0 ? 0 : line - 1;
        if (line <= from)
            break;
    }
    return found;
}

/* An END line without its BEGIN. Returns where the block starts, or stop if there is none. */
static size_t stray_end(struct cp_job *job, const struct cp_marker *end, size_t from) {
    size_t num = 0, start = find_start(&job->text, from, end->start, &num);
    char label[CP_PEM_LABEL_TEXT];
    if (num > 1) {
        job->num_seen++;
        cp_job_note(job, CP_CHECK_AMBIGUOUS, end->start, false,
                    "the BEGIN line is missing, and whole DER could start on %zu lines", num);
        return end->start;
    }
    if (num == 1) {
        struct cp_found_block found = {.end = end, .start = start, .stop = end->start};
        around(job, from, start);
        (void)cp_block_take(job, &found);
        return start;
    }
    if (end->known || end->dashes_before == 5) {
        job->num_seen++;
        cp_pem_label_text(label, end->label);
        cp_job_note(
            job, CP_CHECK_PEM_BROKEN, end->start, false,
            "RFC 7468 3: block '%s': an END line without a BEGIN line, and what stands before "
            "it is not whole",
            label);
    }
    return end->start;
}

/* No marker at all: base64 of one DER element, copied without its marker lines, is still certain.
 */
static void bare(struct cp_job *job) {
    const struct cp_text *text = &job->text;
    size_t num = 0;
    for (size_t i = 0; i < text->len; i++) {
        uint8_t c = text->data[i];
        if (cp_is_base64(c))
            num++;
        else if (!cp_is_blank(c) && c != '=' && c != '\n')
            num = SIZE_MAX / 2;
    }
    size_t len = num < SIZE_MAX / 4 && job->num_layers == 0 ? der_at(text, 0, text->len) : 0;
    if (len != 0 && len / 3 * 4 + (len % 3 != 0 ? len % 3 + 1 : 0) == num) {
        struct cp_found_block found = {.start = 0, .stop = text->len};
        (void)cp_block_take(job, &found);
    } else {
        (void)is_other_key(job, 0, text->len);
    }
}

static void pair(struct finder *f) {
    struct cp_job *job = f->job;
    const struct cp_marker *open = NULL;
    size_t done = 0; /* text up to here is accounted for */
    for (size_t i = 0; i < f->num && job->failed == CP_OK; i++) {
        const struct cp_marker *m = &f->markers[i];
        if (!m->is_end) {
            if (open != NULL) {
                struct cp_found_block found = {.begin = open, .start = open->end, .stop = m->start};
                done = cp_block_take(job, &found);
            }
            around(job, done, m->start);
            open = m;
            /* A signed message has its text between two markers that are no pair. */
            if (m->kind == CP_BLOCK_PGP && m->label.len >= 18 &&
                memcmp(m->label.data, "PGP SIGNED MESSAGE", 18) == 0) {
                cp_job_note(job, CP_CHECK_PGP, m->start, false,
                            "left out: an OpenPGP signature; it is not verified");
                open = NULL;
            }
            done = m->end;
        } else if (open != NULL) {
            struct cp_found_block found = {
                .begin = open, .end = m, .start = open->end, .stop = m->start};
            (void)cp_block_take(job, &found);
            open = NULL;
            done = m->end;
        } else {
            if (stray_end(job, m, done) == m->start)
                around(job, done, m->start);
            done = m->end;
        }
    }
    if (open != NULL && job->failed == CP_OK) {
        struct cp_found_block found = {.begin = open, .start = open->end, .stop = job->text.len};
        done = cp_block_take(job, &found);
    }
    if (job->failed == CP_OK && done < job->text.len)
        around(job, done, job->text.len);
}

void cp_blocks_find(struct cp_job *job) {
    struct finder f = {.job = job};
    collect(&f);
    /* Room for every block, and for the marker lines and line ends that are added. */
    size_t cap = job->text.len + job->text.len / 16 + 256 * (f.num + 1);
    if (job->failed == CP_OK)
        job->failed = cp_secret_init(&job->out->text, cap, NULL);
    if (job->failed == CP_OK && f.num == 0)
        bare(job);
    else if (job->failed == CP_OK)
        pair(&f);
    free(f.markers);
}
