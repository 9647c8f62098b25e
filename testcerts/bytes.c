#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

void tc_die(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("testcerts_generate: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static void reserve(struct tc_bytes *b, size_t more) {
    if (more > TC_MAX_LEN || b->len > TC_MAX_LEN - more) {
        tc_die("a buffer would grow over %zu bytes", TC_MAX_LEN);
    }
    size_t need = b->len + more;
    if (need <= b->cap) {
        return;
    }
    size_t cap = b->cap == 0 ? 256 : b->cap;
    while (cap < need) {
        cap *= 2;
    }
    uint8_t *data = OPENSSL_clear_realloc(b->data, b->cap, cap);
    if (data == NULL) {
        tc_die("out of memory");
    }
    b->data = data;
    b->cap = cap;
}

void tc_put(struct tc_bytes *b, const void *data, size_t len) {
    reserve(b, len);
    if (len > 0) {
        memcpy(b->data + b->len, data, len);
    }
    b->len += len;
}

void tc_put_byte(struct tc_bytes *b, uint8_t byte) {
    tc_put(b, &byte, 1);
}

void tc_puts(struct tc_bytes *b, const char *text) {
    tc_put(b, text, strlen(text));
}

void tc_printf(struct tc_bytes *b, const char *format, ...) {
    char line[2048];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof line) {
        tc_die("a line is too long");
    }
    tc_put(b, line, (size_t)n);
}

void tc_splice(struct tc_bytes *b, size_t offset, size_t old_len, const void *data, size_t len) {
    if (offset > b->len || old_len > b->len - offset) {
        tc_die("splice outside of the buffer");
    }
    reserve(b, len);
    size_t tail = b->len - offset - old_len;
    memmove(b->data + offset + len, b->data + offset + old_len, tail);
    if (len > 0) {
        memcpy(b->data + offset, data, len);
    }
    b->len = offset + len + tail;
}

size_t tc_find(const struct tc_bytes *b, size_t from, const void *data, size_t len) {
    for (size_t i = from; i < b->len && len <= b->len - i; i++) {
        if (memcmp(b->data + i, data, len) == 0) {
            return i;
        }
    }
    tc_die("the bytes to patch are not there");
}

void tc_clear(struct tc_bytes *b) {
    OPENSSL_clear_free(b->data, b->cap);
    *b = (struct tc_bytes){0};
}

void tc_hex(struct tc_bytes *b, const uint8_t *data, size_t len) {
    for (size_t i = 0; i < len; i++) {
        tc_printf(b, "%02x", data[i]);
    }
}

static uint8_t nibble(char c) {
    if (c >= '0' && c <= '9') {
        return (uint8_t)(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return (uint8_t)(c - 'a' + 10);
    }
    tc_die("not a hex digit");
}

void tc_unhex(struct tc_bytes *b, const char *hex, size_t hex_len) {
    if (hex_len % 2 != 0) {
        tc_die("hex of odd length");
    }
    for (size_t i = 0; i < hex_len; i += 2) {
        tc_put_byte(b, (uint8_t)(nibble(hex[i]) << 4 | nibble(hex[i + 1])));
    }
}

void tc_pem(struct tc_bytes *b, const char *label, const char *headers,
            const struct tc_bytes *der) {
    tc_printf(b, "-----BEGIN %s-----\n", label);
    if (headers != NULL) {
        tc_puts(b, headers);
    }
    for (size_t at = 0; at < der->len; at += 48) {
        unsigned char line[65];
        size_t n = der->len - at < 48 ? der->len - at : 48;
        int encoded = EVP_EncodeBlock(line, der->data + at, (int)n);
        tc_put(b, line, (size_t)encoded);
        tc_puts(b, "\n");
        OPENSSL_cleanse(line, sizeof line);
    }
    tc_printf(b, "-----END %s-----\n", label);
}

/* Length octets in the shortest form, X.690 10.1. */
static size_t length_octets(uint8_t out[4], size_t len) {
    if (len < 0x80) {
        out[0] = (uint8_t)len;
        return 1;
    }
    size_t num = len <= 0xff ? 1 : len <= 0xffff ? 2 : 3; /* TC_MAX_LEN fits three */
    out[0] = (uint8_t)(0x80 | num);
    for (size_t i = 0; i < num; i++) {
        out[num - i] = (uint8_t)(len >> (8 * i));
    }
    return 1 + num;
}

size_t tc_der_open(struct tc_bytes *b, uint8_t tag) {
    tc_put_byte(b, tag);
    return b->len;
}

void tc_der_close(struct tc_bytes *b, size_t mark) {
    uint8_t octets[4];
    size_t num = length_octets(octets, b->len - mark);
    tc_splice(b, mark, 0, octets, num);
}

void tc_der_put(struct tc_bytes *b, uint8_t tag, const void *data, size_t len) {
    size_t mark = tc_der_open(b, tag);
    tc_put(b, data, len);
    tc_der_close(b, mark);
}

void tc_der_oid(struct tc_bytes *b, const char *dotted) {
    unsigned char content[64];
    int n = a2d_ASN1_OBJECT(content, (int)sizeof content, dotted, -1);
    if (n <= 0) {
        tc_die("not an object identifier: %s", dotted);
    }
    tc_der_put(b, 0x06, content, (size_t)n);
}

void tc_der_small(struct tc_bytes *b, uint8_t value) {
    tc_der_put(b, 0x02, &value, 1);
}

void tc_der_integer(struct tc_bytes *b, const struct bignum_st *value) {
    uint8_t octets[1 + 2048] = {0}; /* a leading zero, then the magnitude */
    int n = BN_num_bytes(value);
    if (n < 0 || (size_t)n > sizeof octets - 1 || BN_is_negative(value)) {
        tc_die("an integer is out of range");
    }
    BN_bn2bin(value, octets + 1);
    size_t skip = n > 0 && octets[1] < 0x80 ? 1 : 0;
    tc_der_put(b, 0x02, octets + skip, (size_t)n + 1 - skip);
    OPENSSL_cleanse(octets, sizeof octets);
}

/* Reads the header at offset; what is read was written here or by libcrypto, so it is DER. */
static struct tc_element element_at(const struct tc_bytes *der, size_t offset) {
    struct tc_element e = {.offset = offset, .header_len = 2};
    if (offset > der->len || der->len - offset < 2) {
        tc_die("no such DER element");
    }
    uint8_t first = der->data[offset + 1];
    e.len = first;
    if (first >= 0x80) {
        size_t num = first & 0x7fu;
        if (num == 0 || num > 3 || der->len - offset - 2 < num) {
            tc_die("a DER length can't be read");
        }
        e.len = 0;
        for (size_t i = 0; i < num; i++) {
            e.len = e.len << 8 | der->data[offset + 2 + i];
        }
        e.header_len += num;
    }
    if (e.len > der->len - offset - e.header_len) {
        tc_die("a DER element is cut");
    }
    return e;
}

struct tc_element tc_der_child(const struct tc_bytes *der, unsigned index) {
    struct tc_element outer = element_at(der, 0);
    struct tc_element child = element_at(der, outer.header_len);
    for (unsigned i = 0; i < index; i++) {
        child = element_at(der, child.offset + child.header_len + child.len);
    }
    return child;
}

void tc_der_replace_child(struct tc_bytes *der, unsigned index, const void *data, size_t len) {
    struct tc_element outer = element_at(der, 0);
    struct tc_element child = tc_der_child(der, index);
    size_t old_len = child.header_len + child.len;
    tc_splice(der, child.offset, old_len, data, len);
    uint8_t octets[4];
    size_t num = length_octets(octets, outer.len - old_len + len);
    tc_splice(der, 1, outer.header_len - 1, octets, num);
}
