/* bytes: growing buffers and a small DER writer, for the test material only.
 *
 * The generator is a tool that is run by hand: whatever fails ends it with a message (tc_die). */
#ifndef TC_BYTES_H
#define TC_BYTES_H

#include <stddef.h>
#include <stdint.h>

#define TC_MAX_LEN ((size_t)1024 * 1024) /* of any buffer, file or certificate */

struct bignum_st;

struct tc_bytes {
    uint8_t *data;
    size_t len;
    size_t cap;
};

_Noreturn void tc_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

void tc_put(struct tc_bytes *b, const void *data, size_t len);
void tc_put_byte(struct tc_bytes *b, uint8_t byte);
void tc_puts(struct tc_bytes *b, const char *text);
void tc_printf(struct tc_bytes *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Replaces old_len bytes at offset. data must not point into b. */
void tc_splice(struct tc_bytes *b, size_t offset, size_t old_len, const void *data, size_t len);
/* Offset of the first occurrence at or after from; dies if there is none. */
size_t tc_find(const struct tc_bytes *b, size_t from, const void *data, size_t len);
void tc_clear(struct tc_bytes *b); /* wipes and frees */

void tc_hex(struct tc_bytes *b, const uint8_t *data, size_t len);
/* Takes lower-case hex; dies on anything else. */
void tc_unhex(struct tc_bytes *b, const char *hex, size_t hex_len);
void tc_pem(struct tc_bytes *b, const char *label, const char *headers, const struct tc_bytes *der);

/* Writing DER: open puts the tag and returns a mark; close puts the length where the mark is. */
size_t tc_der_open(struct tc_bytes *b, uint8_t tag);
void tc_der_close(struct tc_bytes *b, size_t mark);
void tc_der_put(struct tc_bytes *b, uint8_t tag, const void *data, size_t len);
void tc_der_oid(struct tc_bytes *b, const char *dotted);
void tc_der_small(struct tc_bytes *b, uint8_t value); /* INTEGER 0 to 127 */
void tc_der_integer(struct tc_bytes *b, const struct bignum_st *value);

/* Patching DER: one element of a constructed one, found by its index. */
struct tc_element {
    size_t offset; /* of the tag */
    size_t header_len;
    size_t len; /* of the content */
};

struct tc_element tc_der_child(const struct tc_bytes *der, unsigned index);
/* Puts any bytes in the place of a child and corrects the outer length. */
void tc_der_replace_child(struct tc_bytes *der, unsigned index, const void *data, size_t len);

#endif
