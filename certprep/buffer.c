/* The growing text buffer, and the escaping that makes foreign text safe to show. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

void cp_buf_init(struct cp_buf *buf, size_t max) {
    *buf = (struct cp_buf){.max = max};
}

void cp_buf_cleanup(struct cp_buf *buf) {
    free(buf->data);
    *buf = (struct cp_buf){0};
}

/* Makes room for len more bytes and the NUL. */
static bool reserve(struct cp_buf *buf, size_t len) {
    if (buf->failed != CP_OK)
        return false;
    if (len >= buf->max || buf->len > buf->max - len - 1) {
        buf->failed = CP_ERR_LIMIT;
        return false;
    }
    size_t want = buf->len + len + 1;
    if (want <= buf->cap)
        return true;
    size_t cap = buf->cap == 0 ? 256 : buf->cap;
    while (cap < want)
        cap = cap > buf->max / 2 ? buf->max : cap * 2;
    char *data = realloc(buf->data, cap);
    if (data == NULL) {
        buf->failed = CP_ERR_MEMORY;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

void cp_buf_append(struct cp_buf *buf, const void *data, size_t len) {
    if (!reserve(buf, len))
        return;
    if (len != 0)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void cp_buf_puts(struct cp_buf *buf, const char *text) {
    cp_buf_append(buf, text, strlen(text));
}

void cp_buf_printf(struct cp_buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0 || !reserve(buf, (size_t)len))
        return;
    va_start(args, format);
    vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
}

enum cp_status cp_buf_finish(struct cp_buf *buf, struct cp_error *err) {
    if (buf->failed == CP_OK && buf->data == NULL)
        cp_buf_append(buf, "", 0);
    if (buf->failed == CP_ERR_LIMIT)
        return cp_fail(err, CP_ERR_LIMIT, "output: over %zu bytes", buf->max);
    if (buf->failed != CP_OK)
        return cp_fail(err, buf->failed, "output: out of memory");
    return CP_OK;
}

/* Length of the UTF-8 sequence at text and its code point; 0 if it is none (RFC 3629 4). */
static size_t utf8_next(struct cp_span text, uint32_t *code) {
    const uint8_t *s = text.data;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = s[0] < 0x80       ? 1
                 : s[0] >> 5 == 6  ? 2
                 : s[0] >> 4 == 14 ? 3
                 : s[0] >> 3 == 30 ? 4
                                   : 0;
    if (len == 0 || len > text.len)
        return 0;
    uint32_t value = len == 1 ? s[0] : s[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (s[i] & 0x3f);
    }
    if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *code = value;
    return len;
}

bool cp_utf8_is_valid(struct cp_span text) {
    uint32_t code;
    while (text.len != 0) {
        size_t used = utf8_next(text, &code);
        if (used == 0)
            return false;
        text.data += used;
        text.len -= used;
    }
    return true;
}

/* Code points that would change what a terminal or a reader sees around them. */
static bool is_harmful(uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x61c ||
           (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
           (code >= 0xfff9 && code <= 0xfffb) || (code >= 0xe0000 && code <= 0xe0fff);
}

/* One step of escaping: writes at most 16 bytes to piece, moves *text on. */
static size_t escape_step(char piece[16], struct cp_span *text) {
    uint32_t code = 0;
    size_t used = utf8_next(*text, &code);
    int len;
    if (used == 0 || (used == 1 && is_harmful(code))) {
        len = snprintf(piece, 16, "\\x%02X", text->data[0]);
        used = 1;
    } else if (is_harmful(code)) {
        len = snprintf(piece, 16, "\\u{%04X}", (unsigned)code);
    } else {
        memcpy(piece, text->data, used);
        len = (int)used;
    }
    text->data += used;
    text->len -= used;
    return (size_t)len;
}

void cp_buf_escaped(struct cp_buf *buf, struct cp_span text) {
    char piece[16];
    while (text.len != 0) {
        size_t len = escape_step(piece, &text);
        cp_buf_append(buf, piece, len);
    }
}

char *cp_strdup_escaped(const char *text) {
    size_t size = strlen(text) * 4 + 1; /* the longest escape of an octet is \\xNN */
    char *copy = malloc(size);
    if (copy != NULL)
        (void)cp_escape(copy, size, cp_span_of(text));
    return copy;
}

bool cp_escape(char *out, size_t out_size, struct cp_span text) {
    char piece[16];
    size_t used = 0;
    bool whole = true;
    while (text.len != 0) {
        size_t len = escape_step(piece, &text);
        if (used + len + 1 > out_size) {
            whole = false;
            break;
        }
        memcpy(out + used, piece, len);
        used += len;
    }
    if (out_size != 0)
        out[used] = '\0';
    return whole;
}
