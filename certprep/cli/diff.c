#include <string.h>

#include "pem.h"
#include "prepare.h"

#define CONTEXT 3

/* The line at *offset with its LF; moves on. */
static struct cp_span next_line(struct cp_span text, size_t *offset) {
    const uint8_t *at = text.data + *offset;
    size_t left = text.len - *offset;
    const uint8_t *end = left == 0 ? NULL : memchr(at, '\n', left);
    size_t len = end == NULL ? left : (size_t)(end - at) + 1;
    *offset += len;
    return (struct cp_span){at, len};
}

static size_t count_lines(struct cp_span text) {
    size_t num = 0;
    for (size_t offset = 0; offset < text.len; num++)
        (void)next_line(text, &offset);
    return num;
}

/* Whole lines that both begin with. */
static size_t common_head(struct cp_span a, struct cp_span b) {
    size_t num = 0;
    for (size_t i = 0, j = 0; i < a.len && j < b.len; num++)
        if (!cp_span_equal(next_line(a, &i), next_line(b, &j)))
            break;
    return num;
}

/* The line that ends at *end; moves *end to its start. */
static struct cp_span last_line(struct cp_span text, size_t *end) {
    size_t start = *end == 0 ? 0 : *end - 1;
    while (start > 0 && text.data[start - 1] != '\n')
        start--;
    struct cp_span line = {text.data + start, *end - start};
    *end = start;
    return line;
}

static size_t common_tail(struct cp_span a, struct cp_span b, size_t most) {
    size_t num = 0, i = a.len, j = b.len;
    while (num < most && cp_span_equal(last_line(a, &i), last_line(b, &j)))
        num++;
    return num;
}

/* Lines from .. to (not included), each behind mark. */
static void put_lines(struct cp_buf *out, struct cp_span text, size_t from, size_t to, char mark) {
    size_t offset = 0;
    for (size_t i = 0; i < to && offset < text.len; i++) {
        struct cp_span line = next_line(text, &offset);
        if (i < from)
            continue;
        bool ended = line.data[line.len - 1] == '\n';
        cp_buf_append(out, &mark, 1);
        cp_buf_escaped(out, (struct cp_span){line.data, line.len - ended});
        cp_buf_puts(out, ended ? "\n" : "\n\\ No newline at end of file\n");
    }
}

void diff_text(struct cp_buf *out, const char *name, struct cp_span old, struct cp_span now) {
    size_t num_old = count_lines(old), num_now = count_lines(now);
    size_t head = common_head(old, now);
    size_t most = (num_old < num_now ? num_old : num_now) - head;
    size_t tail = common_tail(old, now, most);
    if (head == num_old && head == num_now)
        return;
    size_t before = head < CONTEXT ? head : CONTEXT, after = tail < CONTEXT ? tail : CONTEXT;
    size_t from = head - before;
    size_t len_old = num_old - tail + after - from, len_now = num_now - tail + after - from;
    cp_buf_printf(out, "--- %s\n+++ %s (prepared)\n", name, name);
    /* An empty side starts at the line before it. */
    cp_buf_printf(out, "@@ -%zu,%zu +%zu,%zu @@\n", from + (len_old != 0), len_old,
                  from + (len_now != 0), len_now);
    put_lines(out, old, from, head, ' ');
    put_lines(out, old, head, num_old - tail, '-');
    put_lines(out, now, head, num_now - tail, '+');
    put_lines(out, now, num_now - tail, num_now - tail + after, ' ');
}

static bool is_blank(struct cp_span text, size_t from, size_t to) {
    for (size_t i = from; i < to; i++)
        if (strchr(" \t\r\n", text.data[i]) == NULL || text.data[i] == '\0')
            return false;
    return true;
}

bool diff_is_certificates(struct cp_span text) {
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    bool found = true;
    size_t at = 0;
    cp_pem_reader_init(&reader, text);
    while (cp_pem_next(&reader, &block, &found, NULL) == CP_OK) {
        if (!found)
            return is_blank(text, at, text.len);
        if ((block.kind != CP_PEM_CERTIFICATE &&
             !cp_span_equal(block.label, cp_span_of("PKCS7"))) ||
            block.headers.len != 0 || !is_blank(text, at, block.begin_offset))
            return false;
        at = block.end_offset;
    }
    return false;
}
