/* What becomes of one block: taken as it is, mended because its DER proves it, left out, or
 * refused. */
#include "cp_limits.h"
#include "parts.h"
#include "pem.h"

struct taken {
    struct cp_job *job;
    const struct cp_found_block *found;
    size_t at; /* of text: the block's first byte */
    struct cp_headers headers;
    struct cp_body body;
    uint8_t *der;
    size_t der_len;
    bool leftover;
    size_t pads_wanted;
    bool readable; /* base64, padding aside */
    bool whole;    /* one DER element and nothing behind it */
    bool has_aux;  /* OpenSSL's trust settings were behind the certificate */
    enum cp_kind_of_block kind;
};

static const struct cp_marker *any_marker(const struct taken *t) {
    return t->found->begin != NULL ? t->found->begin : t->found->end;
}

static enum cp_kind_of_block kind_by_label(const struct taken *t) {
    const struct cp_marker *marker = any_marker(t);
    return marker != NULL && marker->known ? marker->kind : CP_BLOCK_UNKNOWN;
}

static void show(char out[64], const struct cp_marker *marker) {
    out[0] = '\0';
    if (marker != NULL && marker->known)
        (void)cp_escape(out, 64,
                        marker->label); /* spelt as in the table, but for case and spaces */
    else if (marker != NULL)
        cp_pem_label_text(out, marker->label);
}

static void shown_label(char out[64], const struct taken *t) {
    show(out, any_marker(t));
}

static void leave_out(const struct taken *t, enum cp_kind_of_block kind) {
    cp_job_note(t->job, cp_kind_get(kind)->left_out, t->at, false,
                "left out: %s; neither certificate nor private key", cp_kind_get(kind)->name);
}

static bool is_left_out(enum cp_kind_of_block kind) {
    return kind != CP_BLOCK_UNKNOWN && cp_kind_get(kind)->label == NULL;
}

/* ---- what is refused ---- */

/* Spaces that are not needed for anything may stand for "+", which a web form turns into a space.
 */
static bool is_ambiguous(struct taken *t) {
    struct cp_body other = t->body;
    struct taken reading = *t;
    if (t->body.num_spaces == 0 || t->body.num_illegal != 0)
        return false;
    other = (struct cp_body){.start = t->body.start,
                             .end = t->body.end,
                             .quote = t->body.quote,
                             .stop_when_whole = t->body.stop_when_whole,
                             .no_begin = t->body.no_begin,
                             .spaces_are_plus = true};
    cp_body_read(t->job, &other);
    if (other.num_illegal != 0 || other.behind_pad != SIZE_MAX || other.num_chars % 4 == 1)
        return false;
    size_t len = cp_body_decode(t->job, &other, &reading.der, &reading.leftover);
    if (cp_kind_der_len(reading.der, len) != len || len == 0)
        return false;
    enum cp_kind_of_block kind = cp_kind_of((struct cp_span){reading.der, len});
    size_t short_by = len > t->der_len ? len - t->der_len : 0;
    cp_job_note(t->job, CP_CHECK_AMBIGUOUS, t->body.inner_space, false,
                "spaces in the base64: read as nothing, the content is %zu bytes short; read as "
                "'+', as a web "
                "form turns it into a space, it is %s",
                short_by, cp_kind_get(kind)->name);
    return true;
}

static void refuse_base64(const struct taken *t) {
    const struct cp_body *body = &t->body;
    size_t at = body->stop;
    const char *why = "padding or characters are missing";
    if (body->num_illegal != 0) {
        at = body->illegal;
        why = "a character that is not base64";
    } else if (body->behind_pad != SIZE_MAX) {
        at = body->behind_pad;
        why = "data after the padding";
    } else if (body->num_chars == 0) {
        at = t->at;
        why = "the block is empty";
    }
    cp_job_note(t->job, CP_CHECK_PEM_BASE64, at, false, "%s", why);
}

static void refuse_der(const struct taken *t, const char *what) {
    char label[64];
    size_t want = t->der == NULL ? 0 : cp_kind_der_len(t->der, t->der_len);
    shown_label(label, t);
    if (want == 0)
        cp_job_note(t->job, CP_CHECK_PEM_BROKEN, t->at, false,
                    "block '%s': %s, and its content is not one DER element", label, what);
    else
        cp_job_note(t->job, CP_CHECK_PEM_BROKEN, t->at, false,
                    "block '%s': %s, and its content is %zu bytes where its DER says %zu", label,
                    what, t->der_len, want);
}

/* ---- labels ---- */

/* True if a marker says what the content is not, or says it in an unusual way. */
static void judge_labels(const struct taken *t, bool *wrong, bool *unusual) {
    const struct cp_marker *markers[2] = {t->found->begin, t->found->end};
    *wrong = *unusual = false;
    for (size_t i = 0; i < 2; i++) {
        if (markers[i] == NULL)
            continue;
        *unusual |= !markers[i]->exact;
        *wrong |= markers[i]->known && t->kind != CP_BLOCK_UNKNOWN && markers[i]->kind != t->kind;
    }
    if (markers[0] != NULL && markers[1] != NULL &&
        !cp_span_equal(markers[0]->label, markers[1]->label)) {
        *wrong |= markers[0]->known && markers[1]->known && markers[0]->kind != markers[1]->kind;
        *unusual = true;
    }
}

/* An unknown label is kept if both lines have it and it is written as a label is. */
static bool is_label_of_its_own(const struct taken *t) {
    const struct cp_marker *begin = t->found->begin, *end = t->found->end;
    if (begin == NULL || end == NULL || !cp_span_equal(begin->label, end->label))
        return false;
    if (begin->known)
        return begin->exact;
    for (size_t i = 0; i < begin->label.len; i++) {
        uint8_t c = begin->label.data[i];
        if (!(c >= 'A' && c <= 'Z') && !cp_is_digit(c) && c != ' ')
            return false;
        if (c == ' ' && begin->label.data[i + 1] == ' ')
            return false;
    }
    return true;
}

/* ---- notes on a block that is kept ---- */

/* What stands before the first marker on its line. */
static void note_before_begin(const struct taken *t) {
    const struct cp_text *text = &t->job->text;
    size_t start = t->found->begin->start, i = start;
    bool blanks = false, prefix = false;
    while (i > 0 && (cp_is_blank(text->data[i - 1]) || text->data[i - 1] == '>' ||
                     text->data[i - 1] == '|')) {
        i--;
        prefix |= !cp_is_blank(text->data[i]);
        blanks = true;
    }
    bool line_start = i == 0 || text->data[i - 1] == '\n';
    if (t->body.quote != 0)
        cp_job_count(t->job, CP_CHECK_QUOTED, start - 1);
    else if (line_start && (blanks || prefix))
        cp_job_count(t->job, CP_CHECK_LINE_PREFIX, i);
    else if (!line_start && t->body.num_lines != 0)
        cp_job_count(t->job, CP_CHECK_GLUED, start);
}

/* Five dashes on either side, and one space. */
static void note_dashes(const struct taken *t) {
    const struct cp_marker *markers[2] = {t->found->begin, t->found->end};
    char label[64];
    for (size_t i = 0; i < 2; i++) {
        if (markers[i] == NULL)
            continue;
        /* a word processor's dashes have been said already */
        if (t->job->counted[CP_CHECK_TYPOGRAPHIC] == 0 &&
            (markers[i]->dashes_before != 5 || markers[i]->dashes_after != 5))
            cp_job_count(t->job, CP_CHECK_DASHES, markers[i]->start);
        show(label, markers[i]);
        if (markers[i]->spaced && markers[i]->exact)
            cp_job_note(t->job, CP_CHECK_LABEL_UNUSUAL, markers[i]->start, true,
                        "the marker line of '%s' has spaces too many or too few", label);
    }
}

static void note_padding(const struct taken *t) {
    const struct cp_body *body = &t->body;
    if (body->num_pads < t->pads_wanted)
        cp_job_note(
            t->job, CP_CHECK_PADDING_MISSING, body->stop, true,
            "%zu of %zu padding characters are missing; the DER length shows that nothing else "
            "is",
            t->pads_wanted - body->num_pads, t->pads_wanted);
    else if (body->num_pads > t->pads_wanted)
        cp_job_note(t->job, CP_CHECK_PADDING_EXCESS, body->first_pad, true,
                    "%zu padding characters where %zu belong", body->num_pads, t->pads_wanted);
    if (t->leftover)
        cp_job_note(t->job, CP_CHECK_TRAILING_BITS, body->stop, true,
                    "the last base64 character has bits set that must be 0; cleared");
}

static void note_markers(const struct taken *t) {
    const char *name = cp_kind_get(t->kind)->name;
    char label[64];
    bool wrong, unusual;
    judge_labels(t, &wrong, &unusual);
    shown_label(label, t);
    if (t->found->begin == NULL)
        cp_job_note(t->job, CP_CHECK_BEGIN_MISSING, t->at, true,
                    "the BEGIN line is missing; the content is %s, whole to its last byte", name);
    if (t->found->end == NULL)
        cp_job_note(t->job, CP_CHECK_END_MISSING, t->body.stop, true,
                    "the END line is missing; the content is %s, whole to its last byte", name);
    if (wrong && t->found->begin != NULL && t->found->end != NULL) {
        char other[64];
        show(other, t->found->end);
        cp_job_note(t->job, CP_CHECK_LABEL_MISMATCH, t->at, true,
                    "BEGIN says '%s', END says '%s', and the content is %s", label, other, name);
    } else if (wrong)
        cp_job_note(t->job, CP_CHECK_LABEL_MISMATCH, t->at, true,
                    "the marker line says '%s', and the content is %s", label, name);
    else if (unusual && t->has_aux)
        cp_job_note(t->job, CP_CHECK_LABEL_UNUSUAL, t->at, true,
                    "the label '%s', now CERTIFICATE; OpenSSL's trust settings left out", label);
    else if (unusual && t->kind != CP_BLOCK_UNKNOWN) /* else it stays, as a label of its own */
        cp_job_note(t->job, CP_CHECK_LABEL_UNUSUAL, t->at, true,
                    "the label '%s'; the content is %s", label, name);
}

static void note_all(const struct taken *t) {
    if (t->found->begin != NULL)
        note_before_begin(t);
    if (t->headers.present && !t->headers.encrypted)
        cp_job_count(t->job, CP_CHECK_EXPLANATORY_TEXT, t->found->start);
    note_dashes(t);
    cp_body_note_lines(t->job, &t->body, t->found->begin != NULL, t->found->end != NULL);
    note_padding(t);
    note_markers(t);
}

/* ---- the block ---- */

/* Traditional encryption: the content is no DER, so nothing can be proven and little is mended. */
static void take_encrypted(struct taken *t) {
    const struct cp_found_block *found = t->found;
    struct cp_job *job = t->job;
    char label[64];
    shown_label(label, t);
    bool pair = found->begin != NULL && found->end != NULL &&
                cp_span_equal(found->begin->label, found->end->label) && found->begin->exact;
    if (!pair || cp_kind_get(found->begin->kind)->label == NULL) {
        cp_job_note(
            job, CP_CHECK_PEM_BROKEN, t->at, false,
            "block '%s': the marker lines of an encrypted key are damaged, and nothing can prove "
            "what is missing",
            label);
        return;
    }
    t->body.start = t->headers.end;
    cp_body_read(job, &t->body);
    size_t left = t->body.num_chars % 4;
    t->pads_wanted = left == 0 ? 0 : 4 - left;
    if (t->body.num_illegal != 0 || t->body.behind_pad != SIZE_MAX || left == 1 ||
        t->body.num_chars == 0 || t->body.num_pads != t->pads_wanted) {
        refuse_base64(t);
        return;
    }
    t->der_len = cp_body_decode(job, &t->body, &t->der, &t->leftover);
    bool rewritten = job->needs_proof || t->body.num_lines == 0 || t->body.num_spaces != 0;
    if (rewritten && !t->body.even_segments) {
        cp_job_note(
            job, CP_CHECK_AMBIGUOUS, t->body.num_spaces != 0 ? t->body.inner_space : t->at, false,
            "lines of an encrypted key are of different lengths: spaces in them may be nothing or "
            "a lost '+', and nothing can prove which");
        return;
    }
    if (t->leftover || t->der_len % 8 != 0) { /* block ciphers with padding: DES, AES, Camellia */
        cp_job_note(
            job, CP_CHECK_PEM_BASE64, t->body.stop, false,
            "%zu bytes of an encrypted key are no whole cipher blocks: something is missing",
            t->der_len);
        return;
    }
    note_before_begin(t);
    note_dashes(t);
    cp_body_note_lines(job, &t->body, true, true);
    char lines[CP_MAX_HEADERS];
    size_t len = cp_headers_write(lines, &t->headers), start = found->start + 1;
    struct cp_span written = {job->text.data + start, len};
    if (t->body.num_lines != 0 &&
        (len + start > job->text.len ||
         !cp_span_equal(written, (struct cp_span){(uint8_t *)lines, len})))
        cp_job_count(job, CP_CHECK_WHITE_SPACE, start);
    cp_emit(job, t->at, found->begin->label, &t->headers, (struct cp_span){t->der, t->der_len});
}

/* Decodes, and finds out what it is. OpenSSL's TRUSTED CERTIFICATE has settings behind the
 * certificate, which are no part of it. */
static void examine(struct taken *t) {
    t->der_len = cp_body_decode(t->job, &t->body, &t->der, &t->leftover);
    size_t first = cp_kind_der_len(t->der, t->der_len);
    if (first != 0 && first < t->der_len && any_marker(t) != NULL &&
        cp_find_word(any_marker(t)->label, 0, "TRUSTED") != SIZE_MAX &&
        cp_kind_of((struct cp_span){t->der, first}) == CP_BLOCK_CERTIFICATE &&
        cp_kind_der_len(t->der + first, t->der_len - first) == t->der_len - first) {
        t->has_aux = true;
        t->der_len = first;
    }
    t->whole = first != 0 && first == t->der_len;
    t->kind = t->whole ? cp_kind_of((struct cp_span){t->der, t->der_len}) : CP_BLOCK_UNKNOWN;
}

/* The DER length proves a block as long as nothing can have made up for a loss: a lost backslash
 * leaves an "n" behind, a lost "%" two digits. Then the lines must be regular as well. */
static bool is_regular(const struct taken *t) {
    const struct cp_body *body = &t->body;
    /* "%20" that has lost its last character takes the next one instead. */
    if (t->job->counted[CP_CHECK_PERCENT_ENCODED] != 0 &&
        (!body->even_blanks ||
         (body->num_lines == 0 && body->num_blanks != 0 && body->first_segment > 76)))
        return false;
    if (body->num_spaces == 0)
        return body->even_lines;
    return body->even_segments || (body->even_lines && body->num_lines != 0);
}

/* Refuses a block that would need a guess; true if it did. */
static bool refused(struct taken *t) {
    const struct cp_found_block *found = t->found;
    bool wrong, unusual, missing = found->begin == NULL || found->end == NULL;
    judge_labels(t, &wrong, &unusual);
    bool touched = t->job->needs_proof || t->body.quote != 0 || t->headers.present || missing ||
                   t->body.num_pads != t->pads_wanted || t->leftover || wrong || unusual;
    if (!t->readable) {
        if (!is_ambiguous(t)) {
            if (found->end == NULL && t->body.num_illegal == 0)
                refuse_der(t, "no END line");
            else
                refuse_base64(t);
        }
        return true;
    }
    if (!t->whole && is_ambiguous(t))
        return true;
    if (t->whole && !is_regular(t) &&
        (t->job->num_layers != 0 || t->job->dropped_inside || t->body.num_spaces != 0 || missing)) {
        cp_job_note(
            t->job, CP_CHECK_AMBIGUOUS, t->at, false,
            "the content is as long as its DER says, but the lines are not of one length: a "
            "character may be lost and another made up for it");
        return true;
    }
    if (t->whole && t->kind == CP_BLOCK_UNKNOWN && touched &&
        (any_marker(t) == NULL || any_marker(t)->known || !is_label_of_its_own(t))) {
        refuse_der(t, wrong || unusual || missing
                          ? "the marker lines do not fit, and the content does not show what it is"
                          : "mended, the content would be nothing that is known");
        return true;
    }
    if (t->whole || !touched)
        return false;
    if (t->body.num_pads != t->pads_wanted && !missing)
        refuse_base64(t);
    else
        refuse_der(t, found->end == NULL     ? "no END line"
                      : found->begin == NULL ? "no BEGIN line"
                      : wrong || unusual     ? "the label is not one, or BEGIN and END differ"
                                             : "something is lost");
    return true;
}

/* The label that the block is written under. */
static struct cp_span final_label(const struct taken *t) {
    const char *label = cp_kind_get(t->kind)->label;
    return label != NULL ? cp_span_of(label) : any_marker(t)->label;
}

size_t cp_block_take(struct cp_job *job, const struct cp_found_block *found) {
    struct taken t = {.job = job, .found = found};
    t.at = found->begin != NULL ? found->begin->start : found->start;
    size_t done = found->stop;
    if (++job->num_seen > CP_MAX_BLOCKS)
        job->failed = CP_ERR_LIMIT;
    if (job->failed != CP_OK)
        return done;
    enum cp_kind_of_block labelled = kind_by_label(&t);
    if (labelled == CP_BLOCK_PGP || labelled == CP_BLOCK_OPENSSH) {
        leave_out(&t, labelled);
        return done;
    }
    cp_headers_read(&t.headers, (struct cp_span){job->text.data, job->text.len}, found->start,
                    found->stop);
    t.body = (struct cp_body){.start = found->start,
                              .end = found->stop,
                              .stop_when_whole = found->end == NULL,
                              .no_begin = found->begin == NULL};
    if (found->begin != NULL && t.at > 0) {
        uint8_t before = job->text.data[t.at - 1];
        if (before == '"' || before == '\'' || before == '`')
            t.body.quote = before;
    }
    if (t.headers.encrypted) {
        take_encrypted(&t);
        return done;
    }
    t.body.start = t.headers.end;
    cp_body_read(job, &t.body);
    done = t.body.stop;
    size_t left = t.body.num_chars % 4;
    t.pads_wanted = left == 0 ? 0 : 4 - left;
    t.readable = t.body.num_illegal == 0 && t.body.behind_pad == SIZE_MAX && left != 1 &&
                 t.body.num_chars != 0;
    if (t.readable)
        examine(&t);
    else if (t.body.num_illegal == 0) /* for the message: how much of it is there */
        t.der_len = cp_body_decode(job, &t.body, &t.der, &t.leftover);
    if (is_left_out(t.kind) || (t.kind == CP_BLOCK_UNKNOWN && is_left_out(labelled))) {
        leave_out(&t, is_left_out(t.kind) ? t.kind : labelled);
        return done;
    }
    if (refused(&t))
        return done;
    note_all(&t);
    cp_emit(job, t.at, final_label(&t), NULL, (struct cp_span){t.der, t.der_len});
    return done;
}
