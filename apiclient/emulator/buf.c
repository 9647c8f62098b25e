/* Buffers that wipe themselves, and small text helpers. */
#include "buf.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 1024, PRINTF_MAX = 4096 };

bool esa_emu_buf_reserve(struct esa_emu_buf *buf, size_t more) {
    if (buf->failed || more > buf->max || buf->len > buf->max - more) {
        buf->failed = true;
        return false;
    }
    size_t want = buf->len + more + 1; /* the NUL */
    if (want <= buf->cap)
        return true;
    size_t cap = buf->cap == 0 ? FIRST_CAPACITY : buf->cap;
    while (cap < want)
        cap *= 2; /* max is far below SIZE_MAX / 2 */
    char *data = malloc(cap);
    if (data == NULL) {
        buf->failed = true;
        return false;
    }
    if (buf->len != 0)
        memcpy(data, buf->data, buf->len);
    data[buf->len] = '\0';
    if (buf->data != NULL) {
        OPENSSL_cleanse(buf->data, buf->cap);
        free(buf->data);
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

void esa_emu_buf_add(struct esa_emu_buf *buf, const void *data, size_t len) {
    if (!esa_emu_buf_reserve(buf, len))
        return;
    if (len != 0)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void esa_emu_buf_text(struct esa_emu_buf *buf, const char *text) {
    esa_emu_buf_add(buf, text, strlen(text));
}

void esa_emu_buf_printf(struct esa_emu_buf *buf, const char *format, ...) {
    char text[PRINTF_MAX];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof text)
        buf->failed = true;
    else
        esa_emu_buf_add(buf, text, (size_t)len);
}

void esa_emu_buf_json(struct esa_emu_buf *buf, const char *data, size_t len) {
    esa_emu_buf_text(buf, "\"");
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c == '"' || c == '\\')
            esa_emu_buf_printf(buf, "\\%c", c);
        else if (c == '\n')
            esa_emu_buf_text(buf, "\\n");
        else if (c < 0x20 || c > 0x7e)
            esa_emu_buf_printf(buf, "\\u%04x", c);
        else
            esa_emu_buf_add(buf, &data[i], 1);
    }
    esa_emu_buf_text(buf, "\"");
}

void esa_emu_buf_consume(struct esa_emu_buf *buf, size_t len) {
    if (len > buf->len)
        len = buf->len;
    if (len == 0)
        return;
    size_t rest = buf->len - len;
    memmove(buf->data, buf->data + len, rest);
    OPENSSL_cleanse(buf->data + rest, buf->cap - rest);
    buf->len = rest;
}

void esa_emu_buf_cleanup(struct esa_emu_buf *buf) {
    if (buf->data != NULL) {
        OPENSSL_cleanse(buf->data, buf->cap);
        free(buf->data);
    }
    buf->data = NULL;
    buf->len = buf->cap = 0;
    buf->failed = false;
}

bool esa_emu_span_is(struct esa_emu_span span, const char *text) {
    return span.len == strlen(text) && memcmp(span.data, text, span.len) == 0;
}

void esa_emu_sha256_hex(char out[65], const void *data, size_t len) {
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[EVP_MAX_MD_SIZE] = {0};
    unsigned hash_len = 0;
    /* Fails only without memory; all zeros then match nothing that anyone sent. */
    if (EVP_Digest(data, len, hash, &hash_len, EVP_sha256(), NULL) != 1)
        memset(hash, 0, sizeof hash);
    for (size_t i = 0; i < 32; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[64] = '\0';
}
