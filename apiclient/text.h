/* text: bounded public text, escaping, times.
 *
 * libesaclient uses only certprep.h of libcertprep, so it has its own few helpers for text. */
#ifndef ESA_TEXT_H
#define ESA_TEXT_H

#include "apiclient.h"

/* A growing buffer for public text (never for secrets) with a stated maximum. The first failure
 * sticks; esa_buf_finish reports it. */
struct esa_buf {
    char *data;
    size_t len;
    size_t cap;
    size_t max;
    enum cp_status failed;
};

void esa_buf_init(struct esa_buf *buf, size_t max);
void esa_buf_puts(struct esa_buf *buf, const char *text);
void esa_buf_printf(struct esa_buf *buf, const char *format, ...) CP_PRINTF(2, 3);
CP_MUST_USE enum cp_status esa_buf_finish(struct esa_buf *buf, struct cp_error *err);
void esa_buf_cleanup(struct esa_buf *buf);

/* Makes len bytes safe for a terminal and a log: control, bidi and zero-width characters and bytes
 * that are not UTF-8 become \xNN or \u{NNNN}, a backslash becomes \\, line ends become a space. At
 * most out_size - 1 bytes and a NUL are written, never half of a character or an escape. Returns
 * false if it was cut. */
bool esa_escape(char *out, size_t out_size, const void *text, size_t len);

/* Lower-case hex of len bytes into out, which has room for 2 * len + 1. */
void esa_hex(char *out, const uint8_t *data, size_t len);

/* "2026-03-19T08:00:00Z" (ISO 8601, as x-acs-date); false outside the years 1970 to 9999. */
#define ESA_DATE_LEN ((size_t)20)
bool esa_date_format(char out[ESA_DATE_LEN + 1], int64_t time_s);

/* "Thu, 19 Mar 2026 08:00:00 GMT": IMF-fixdate of RFC 9110 5.6.7, the one form that senders may
 * use. The weekday is not judged. */
bool esa_http_date_parse(int64_t *time_s, const char *text);

/* Decimal digits only, least to INT64_MAX. */
bool esa_decimal_parse(int64_t *out, const char *text, size_t len, int64_t least);

#endif
