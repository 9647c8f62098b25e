#define _GNU_SOURCE /* memrchr */
#include "pem.h"

#include <string.h>

static const char begin_mark[] = "-----BEGIN ";
static const char end_mark[] = "-----END ";
static const char dashes[] = "-----";
#define BEGIN_LEN (sizeof(begin_mark) - 1)
#define END_LEN (sizeof(end_mark) - 1)
#define DASHES_LEN (sizeof(dashes) - 1)

static const struct {
    enum cp_pem_label kind;
    const char *text;
} labels[] = {
    {CP_PEM_CERTIFICATE, "CERTIFICATE"},
    {CP_PEM_PRIVATE_KEY, "PRIVATE KEY"},
    {CP_PEM_ENCRYPTED_PRIVATE_KEY, "ENCRYPTED PRIVATE KEY"},
    {CP_PEM_RSA_PRIVATE_KEY, "RSA PRIVATE KEY"},
    {CP_PEM_EC_PRIVATE_KEY, "EC PRIVATE KEY"},
    {CP_PEM_EC_PARAMETERS, "EC PARAMETERS"},
};

void cp_pem_reader_init(struct cp_pem_reader *reader, struct cp_span text) {
    *reader = (struct cp_pem_reader){.text = text, .offset = 0, .line = 1};
}

/* Finds needle in text from offset; SIZE_MAX if it is not there. memchr first: dashes are rare. */
static size_t find(struct cp_span text, size_t offset, const char *needle, size_t needle_len) {
    while (text.len - offset >= needle_len) {
        const uint8_t *at =
            memchr(text.data + offset, needle[0], text.len - offset - needle_len + 1);
        if (at == NULL)
            return SIZE_MAX;
        if (memcmp(at, needle, needle_len) == 0)
            return (size_t)(at - text.data);
        offset = (size_t)(at - text.data) + 1;
    }
    return SIZE_MAX;
}

/* Line ends: LF, CRLF, or a CR alone. */
static size_t count_lines(struct cp_span text, size_t from, size_t to) {
    size_t lines = 0;
    bool has_cr = from < to && memchr(text.data + from, '\r', to - from) != NULL;
    for (size_t i = from; i < to;) {
        const uint8_t *lf = memchr(text.data + i, '\n', to - i);
        size_t stop = lf == NULL ? to : (size_t)(lf - text.data);
        const uint8_t *cr = text.data + i;
        while (has_cr && (cr = memchr(cr, '\r', (size_t)(text.data + stop - cr))) != NULL) {
            lines += (size_t)(cr - text.data) + 1 != stop || lf == NULL;
            cr++;
        }
        lines += lf != NULL;
        i = stop + 1;
    }
    return lines;
}

void cp_pem_position(struct cp_span text, size_t from, size_t from_line, size_t offset,
                     size_t *line, size_t *column) {
    if (offset > text.len)
        offset = text.len;
    const uint8_t *lf = offset == 0 ? NULL : memrchr(text.data, '\n', offset);
    const uint8_t *cr = offset == 0 ? NULL : memrchr(text.data, '\r', offset);
    const uint8_t *end = cr == NULL || (lf != NULL && lf > cr) ? lf : cr;
    *line = from_line + count_lines(text, from, offset);
    *column = offset - (end == NULL ? 0 : (size_t)(end + 1 - text.data)) + 1;
}

/* Moves the reader on to offset, counting the lines that it passes. */
static void advance(struct cp_pem_reader *reader, size_t offset) {
    if (reader->line != 0)
        reader->line += count_lines(reader->text, reader->offset, offset);
    reader->offset = offset;
}

void cp_pem_label_text(char out[CP_PEM_LABEL_TEXT], struct cp_span label) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 #-";
    size_t word = 0; /* letters and digits without a break: no label has many */
    bool fits = label.len < 40;
    for (size_t i = 0; i < label.len && fits; i++) {
        word = label.data[i] == ' ' || label.data[i] == '-' ? 0 : word + 1;
        fits = memchr(allowed, label.data[i], sizeof(allowed) - 1) != NULL && word <= 16;
    }
    if (fits)
        (void)cp_escape(out, CP_PEM_LABEL_TEXT, label);
    else
        (void)cp_escape(out, CP_PEM_LABEL_TEXT, cp_span_of("(not a label)"));
}

static enum cp_status broken(struct cp_pem_reader *reader, size_t go_on, size_t begin_line,
                             size_t begin, const char *why, struct cp_span label,
                             struct cp_error *err) {
    char shown[CP_PEM_LABEL_TEXT];
    cp_pem_label_text(shown, label);
    advance(reader, go_on);
    (void)cp_fail(err, CP_ERR_PARSE, "RFC 7468 3: block '%s': %s", shown, why);
    if (err != NULL) {
        err->line = begin_line;
        err->offset = begin;
    }
    return CP_ERR_PARSE;
}

/* RFC 1421 4.6 headers: lines with a colon up to a blank line, straight behind the BEGIN line.
 * Base64 has no colon, so one in the first line decides. */
static void split_headers(struct cp_pem_block *block) {
    struct cp_span body = block->body;
    size_t start = 0;
    while (start < body.len && (body.data[start] == '\r' || body.data[start] == '\n' ||
                                body.data[start] == ' ' || body.data[start] == '\t'))
        start++;
    size_t i = start;
    bool colon = false;
    for (; i < body.len && body.data[i] != '\n' && body.data[i] != '\r'; i++)
        colon |= body.data[i] == ':';
    if (!colon)
        return;
    /* The blank line: two line ends with nothing but white space between. */
    size_t ends = 0;
    for (; i < body.len; i++) {
        uint8_t c = body.data[i];
        if (c == '\n' || (c == '\r' && (i + 1 == body.len || body.data[i + 1] != '\n'))) {
            if (++ends == 2)
                break;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            ends = 0;
        }
    }
    if (i > start && i < body.len && body.data[i] == '\n' && body.data[i - 1] == '\r')
        i--; /* the line end is both of them */
    block->headers = (struct cp_span){body.data + start, i - start};
    block->body = (struct cp_span){body.data + i, body.len - i};
}

enum cp_status cp_pem_next(struct cp_pem_reader *reader, struct cp_pem_block *block, bool *found,
                           struct cp_error *err) {
    struct cp_span text = reader->text;
    *block = (struct cp_pem_block){.kind = CP_PEM_OTHER};
    *found = false;
    size_t begin = find(text, reader->offset, begin_mark, BEGIN_LEN);
    if (begin == SIZE_MAX) {
        advance(reader, text.len);
        return CP_OK;
    }
    advance(reader, begin);
    size_t begin_line = reader->line;

    /* The label ends at dashes on the same line. */
    size_t label_start = begin + BEGIN_LEN, label_end = label_start;
    while (label_end < text.len && text.data[label_end] != '-' && text.data[label_end] != '\n' &&
           text.data[label_end] != '\r')
        label_end++;
    block->label = (struct cp_span){text.data + label_start, label_end - label_start};
    if (text.len - label_end < DASHES_LEN || memcmp(text.data + label_end, dashes, DASHES_LEN) != 0)
        return broken(reader, label_end, begin_line, begin,
                      "the BEGIN line does not end in five dashes", block->label, err);
    size_t body = label_end + DASHES_LEN;

    /* A new BEGIN ends the search, so that many BEGINs without an END cost no more than one. */
    size_t next = find(text, body, begin_mark, BEGIN_LEN);
    struct cp_span until = {text.data, next != SIZE_MAX ? next : text.len};
    size_t end = find(until, body, end_mark, END_LEN);
    if (end == SIZE_MAX)
        return broken(reader, until.len, begin_line, begin, "no END line: the block is cut off",
                      block->label, err);
    size_t tail = end + END_LEN, len = block->label.len;
    if (text.len - tail < len + DASHES_LEN ||
        memcmp(text.data + tail, block->label.data, len) != 0 ||
        memcmp(text.data + tail + len, dashes, DASHES_LEN) != 0)
        return broken(reader, tail, begin_line, begin, "the END line has another label",
                      block->label, err);

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (cp_span_equal(block->label, cp_span_of(labels[i].text)))
            block->kind = labels[i].kind;
    block->body = (struct cp_span){text.data + body, end - body};
    block->begin_offset = begin;
    block->end_offset = tail + len + DASHES_LEN;
    block->begin_line = begin_line;
    split_headers(block);
    if (begin_line != 0)
        block->body_line =
            begin_line + count_lines(text, begin, (size_t)(block->body.data - text.data));
    advance(reader, block->end_offset);
    *found = true;
    return CP_OK;
}

size_t cp_pem_encoded_len(const char *label, size_t der_len) {
    return BEGIN_LEN + END_LEN + 2 * (strlen(label) + DASHES_LEN + 1) +
           cp_base64_lines_len(der_len);
}

enum cp_status cp_pem_append(struct cp_secret *out, const char *label, struct cp_span der,
                             struct cp_error *err) {
    if (cp_pem_encoded_len(label, der.len) > out->cap - out->len)
        return cp_fail(err, CP_ERR_LIMIT, "PEM: the buffer of %zu bytes is too small", out->cap);
    uint8_t *at = out->data + out->len;
    size_t label_len = strlen(label);
#define PUT(bytes, count)                                                                          \
    do {                                                                                           \
        memcpy(at, bytes, count);                                                                  \
        at += (count);                                                                             \
    } while (0)
    PUT(begin_mark, BEGIN_LEN);
    PUT(label, label_len);
    PUT("-----\n", DASHES_LEN + 1);
    at += cp_base64_encode_lines((char *)at, der);
    PUT(end_mark, END_LEN);
    PUT(label, label_len);
    PUT("-----\n", DASHES_LEN + 1);
#undef PUT
    out->len = (size_t)(at - out->data);
    return CP_OK;
}
