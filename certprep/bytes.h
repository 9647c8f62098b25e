/* bytes: borrowed spans, bounded text buffers, hex. */
#ifndef CP_BYTES_H
#define CP_BYTES_H

#include "certprep.h"

/* Hands a failure on; only where nothing is owned yet. The one macro that hides a return. */
#define CP_TRY(call)                                                                               \
    do {                                                                                           \
        enum cp_status try_status = (call);                                                        \
        if (try_status != CP_OK)                                                                   \
            return try_status;                                                                     \
    } while (0)

/* Borrowed bytes; never owns. {NULL, 0} is the empty span. */
struct cp_span {
    const uint8_t *data;
    size_t len;
};

bool cp_span_equal(struct cp_span a, struct cp_span b);
struct cp_span cp_span_of(const char *text);
/* Order by bytes, then by length: for sorting and searching. */
int cp_span_compare(struct cp_span a, struct cp_span b);

/* A growing buffer for public bytes (never for secrets) with a stated maximum. The first failure
 * sticks: appending goes on without effect and cp_buf_finish reports it, so a renderer need not
 * test each line. Always NUL-terminated after the first append. */
struct cp_buf {
    char *data;
    size_t len;
    size_t cap;
    size_t max;
    enum cp_status failed;
};

void cp_buf_init(struct cp_buf *buf, size_t max);
void cp_buf_append(struct cp_buf *buf, const void *data, size_t len);
void cp_buf_puts(struct cp_buf *buf, const char *text);
void cp_buf_printf(struct cp_buf *buf, const char *format, ...) CP_PRINTF(2, 3);
/* Appends text from a certificate or a server, made safe for a terminal: control characters, bidi
 * and zero-width controls, and bytes that are not UTF-8 appear as \xNN or \u{NNNN}. */
void cp_buf_escaped(struct cp_buf *buf, struct cp_span text);
CP_MUST_USE enum cp_status cp_buf_finish(struct cp_buf *buf, struct cp_error *err);
void cp_buf_cleanup(struct cp_buf *buf);

/* Writes at most out_size - 1 bytes of the escaped form and a NUL; never half of an escape. False
 * if it was cut. */
bool cp_escape(char *out, size_t out_size, struct cp_span text);

/* An escaped copy, for free(); NULL if out of memory. */
char *cp_strdup_escaped(const char *text);

/* Is it UTF-8 throughout (RFC 3629: shortest forms, no surrogates)? */
bool cp_utf8_is_valid(struct cp_span text);

/* Lower-case hex of len bytes into out, which has room for 2 * len + 1. */
void cp_hex(char *out, const uint8_t *data, size_t len);

/* Upper bound of the decoded length of base64 text. */
size_t cp_base64_max(size_t text_len);
/* Strict RFC 4648 base64 with white space (space, tab, CR, LF) passed over: padding required, no
 * other character, no bits left over. On CP_ERR_PARSE *bad_offset is where in text. out has room
 * for cp_base64_max(text.len). */
CP_MUST_USE enum cp_status cp_base64_decode(uint8_t *out, size_t *out_len, struct cp_span text,
                                            size_t *bad_offset, const char **reason);
/* Encodes in lines of 64 columns, each ended by LF; out has room for cp_base64_lines_len(len). */
size_t cp_base64_lines_len(size_t data_len);
size_t cp_base64_encode_lines(char *out, struct cp_span data);

/* "2026-12-30T23:59:59Z" from seconds; out has room for CP_TIME_TEXT. Years 0000 to 9999. */
#define CP_TIME_TEXT 24
void cp_time_format(char out[CP_TIME_TEXT], int64_t time_s);
/* The day alone: "2026-12-30". Returns out. */
const char *cp_day_format(char out[CP_TIME_TEXT], int64_t time_s);
/* Takes "YYYY-MM-DD", "YYYY-MM-DDThh:mm:ssZ" or "@seconds". */
CP_MUST_USE enum cp_status cp_time_parse(int64_t *time_s, const char *text, struct cp_error *err);
/* Seconds of a proleptic Gregorian UTC date; false if it does not exist (RFC 5280 4.1.2.5: no leap
 * second, no 24:00). */
bool cp_time_from_civil(int64_t *time_s, int year, int month, int day, int hour, int minute,
                        int second);

#endif
