/* Notes: one with a count for each defect of characters or lines, one of its own for each of a
 * block. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

/* The message of counted notes; the number of places is put behind it. */
static const struct {
    enum cp_check check;
    const char *text;
} counted_rows[] = {
    {CP_CHECK_UTF8_BOM, "a byte order mark (UTF-8) stands before the text; removed"},
    {CP_CHECK_UTF16, "the text is UTF-16; read as that"},
    {CP_CHECK_NUL_BYTES, "NUL bytes in the text; removed"},
    {CP_CHECK_ZERO_FILLED, "a run of zero bytes, as a file system leaves after a crash; removed"},
    {CP_CHECK_CRLF, "lines end in CR LF; now LF"},
    {CP_CHECK_BARE_CR, "lines end in CR alone; now LF"},
    {CP_CHECK_BLANK_LINES, "blank lines inside a block; removed"},
    {CP_CHECK_WHITE_SPACE,
     "spaces or tabs in or behind lines, or line ends too many or too few; removed"},
    {CP_CHECK_UNICODE_SPACE, "spaces that are not ASCII (no-break, zero-width or such); removed"},
    {CP_CHECK_TYPOGRAPHIC, "typographic dashes or quotes; now - and \""},
    {CP_CHECK_ESCAPED_NEWLINES,
     "line ends or characters written as escapes (\\n); now what they stand for"},
    {CP_CHECK_HTML_ENTITIES, "HTML entities or tags; now what they stand for"},
    {CP_CHECK_PERCENT_ENCODED, "percent-encoded characters; now what they stand for"},
    {CP_CHECK_BASE64_WRAPPED, "a whole PEM file is wrapped in base64; unwrapped"},
    {CP_CHECK_QUOTED, "the block is a quoted string; quotes removed"},
    {CP_CHECK_LINE_PREFIX, "lines are indented or quoted with a prefix; removed"},
    {CP_CHECK_LINE_LENGTH, "lines are not of 64 columns; wrapped anew"},
    {CP_CHECK_GLUED, "a marker line is glued to other text; put on a line of its own"},
    {CP_CHECK_FLATTENED, "a block stands on one line; wrapped in lines"},
    {CP_CHECK_DASHES, "a marker line has not five dashes on either side; mended"},
    {CP_CHECK_EXPLANATORY_TEXT, "text around the blocks; left out"},
};

size_t cp_job_origin(const struct cp_job *job, size_t text_offset) {
    if (job->text.len == 0)
        return 0;
    if (text_offset >= job->text.len)
        text_offset = job->text.len - 1;
    return job->text.origin[text_offset];
}

static struct cp_repair_note *add(struct cp_job *job) {
    struct cp_repair *out = job->out;
    if (job->failed != CP_OK)
        return NULL;
    if (out->num_notes == job->cap_notes) {
        size_t cap = job->cap_notes == 0 ? 16 : 2 * job->cap_notes;
        struct cp_repair_note *grown = realloc(out->notes, cap * sizeof(*grown));
        if (grown == NULL) {
            job->failed = CP_ERR_MEMORY;
            return NULL;
        }
        out->notes = grown;
        job->cap_notes = cap;
    }
    struct cp_repair_note *note = &out->notes[out->num_notes++];
    *note = (struct cp_repair_note){.count = 1, .repaired = true};
    return note;
}

void cp_job_count(struct cp_job *job, enum cp_check check, size_t text_offset) {
    cp_job_count_many(job, check, text_offset, 1);
}

void cp_job_count_many(struct cp_job *job, enum cp_check check, size_t text_offset, size_t num) {
    if (num == 0)
        return;
    size_t offset = cp_job_origin(job, text_offset);
    if (job->counted[check] == 0) {
        struct cp_repair_note *note = add(job);
        if (note == NULL)
            return;
        note->check = check;
        note->offset = offset;
        note->count = num;
        job->counted[check] = job->out->num_notes;
        return;
    }
    struct cp_repair_note *note = &job->out->notes[job->counted[check] - 1];
    note->count += num;
    if (offset < note->offset)
        note->offset = offset;
}

void cp_job_note(struct cp_job *job, enum cp_check check, size_t text_offset, bool repaired,
                 const char *format, ...) {
    struct cp_repair_note *note = add(job);
    if (note == NULL)
        return;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(note->message, sizeof(note->message), format, args);
    va_end(args);
    note->check = check;
    note->offset = cp_job_origin(job, text_offset);
    note->repaired = repaired;
}

static int by_offset(const void *a, const void *b) {
    const struct cp_repair_note *x = a, *y = b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    if (x->check != y->check)
        return x->check < y->check ? -1 : 1;
    return strcmp(x->message, y->message);
}

/* Where no block was seen, the characters of what is no PEM at all are not worth a word. */
static void forget_characters(struct cp_job *job) {
    struct cp_repair *out = job->out;
    size_t kept = 0;
    for (size_t i = 0; i < out->num_notes; i++) {
        enum cp_check check = out->notes[i].check;
        bool counted = job->counted[check] == i + 1;
        if (counted && check != CP_CHECK_ZERO_FILLED)
            continue;
        if (counted)
            job->counted[check] = kept + 1;
        out->notes[kept++] = out->notes[i];
    }
    for (size_t i = 0; i < CP_NUM_CHECKS; i++)
        if (i != CP_CHECK_ZERO_FILLED)
            job->counted[i] = 0;
    out->num_notes = kept;
}

void cp_job_finish_notes(struct cp_job *job) {
    struct cp_repair *out = job->out;
    if (job->num_seen == 0)
        forget_characters(job);
    for (size_t i = 0; i < sizeof(counted_rows) / sizeof(counted_rows[0]); i++) {
        size_t index = job->counted[counted_rows[i].check];
        if (index == 0)
            continue;
        struct cp_repair_note *note = &out->notes[index - 1];
        if (note->count == 1)
            (void)snprintf(note->message, sizeof(note->message), "%s", counted_rows[i].text);
        else
            (void)snprintf(note->message, sizeof(note->message), "%s (%zu places)",
                           counted_rows[i].text, note->count);
    }
    if (out->num_notes != 0)
        qsort(out->notes, out->num_notes, sizeof(*out->notes), by_offset);
}
