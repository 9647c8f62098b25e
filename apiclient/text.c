/* text: bounded public text, escaping, times. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void esa_buf_init(struct esa_buf *buf, size_t max) {
    *buf = (struct esa_buf){.max = max};
}

/* Room for len more bytes and a NUL. */
static bool reserve(struct esa_buf *buf, size_t len) {
    if (buf->failed != CP_OK)
        return false;
    if (len > buf->max - buf->len) {
        buf->failed = CP_ERR_LIMIT;
        return false;
    }
    size_t need = buf->len + len + 1;
    if (need <= buf->cap)
        return true;
    size_t cap = buf->cap < 256 ? 256 : buf->cap;
    while (cap < need)
        cap *= 2; /* need is at most max + 1, far below overflow */
    char *data = realloc(buf->data, cap);
    if (data == NULL) {
        buf->failed = CP_ERR_MEMORY;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

void esa_buf_puts(struct esa_buf *buf, const char *text) {
    size_t len = strlen(text);
    if (!reserve(buf, len))
        return;
    memcpy(buf->data + buf->len, text, len + 1);
    buf->len += len;
}

void esa_buf_printf(struct esa_buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        buf->failed = CP_ERR_MEMORY;
        return;
    }
    if (!reserve(buf, (size_t)len))
        return;
    va_start(args, format);
    (void)vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
}

enum cp_status esa_buf_finish(struct esa_buf *buf, struct cp_error *err) {
    (void)reserve(buf, 0); /* an empty text is "" */
    if (buf->failed == CP_ERR_LIMIT)
        return cp_fail(err, CP_ERR_LIMIT, "text: over its %zu bytes", buf->max);
    if (buf->failed != CP_OK)
        return cp_fail(err, buf->failed, "text: out of memory");
    buf->data[buf->len] = '\0';
    return CP_OK;
}

void esa_buf_cleanup(struct esa_buf *buf) {
    free(buf->data);
    *buf = (struct esa_buf){0};
}

void esa_string_free(char *string) {
    free(string);
}

/* Length of the UTF-8 sequence at text (RFC 3629: no overlong form, no surrogate, at most
 * U+10FFFF), 0 if it is none. */
static size_t utf8_next(uint32_t *code_point, const uint8_t *text, size_t len) {
    uint8_t lead = text[0];
    if (lead < 0x80) {
        *code_point = lead;
        return 1;
    }
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || need > len)
        return 0;
    uint32_t value = lead & (0x7FU >> need);
    for (size_t i = 1; i < need; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (text[i] & 0x3FU);
    }
    bool overlong = (need == 3 && value < 0x800) || (need == 4 && value < 0x10000);
    if (overlong || (value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF)
        return 0;
    *code_point = value;
    return need;
}

/* Characters that change how a terminal or a reader sees the rest of the line. */
static bool is_deceptive(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x61C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
           (c >= 0xE0000 && c <= 0xE007F);
}

bool esa_escape(char *out, size_t out_size, const void *text, size_t len) {
    const uint8_t *data = text;
    size_t used = 0;
    if (out_size == 0)
        return len == 0;
    for (size_t at = 0; at < len;) {
        char piece[16];
        uint32_t c = 0;
        size_t step = utf8_next(&c, data + at, len - at);
        if (step == 0) {
            step = 1;
            (void)snprintf(piece, sizeof(piece), "\\x%02X", data[at]);
        } else if (c == '\n' || c == '\r' || c == '\t') {
            (void)snprintf(piece, sizeof(piece), " ");
        } else if (c == '\\') {
            (void)snprintf(piece, sizeof(piece), "\\\\");
        } else if (is_deceptive(c)) {
            (void)snprintf(piece, sizeof(piece), c < 0x80 ? "\\x%02X" : "\\u{%04X}", (unsigned)c);
        } else {
            memcpy(piece, data + at, step);
            piece[step] = '\0';
        }
        size_t piece_len = strlen(piece);
        if (piece_len > out_size - 1 - used) {
            out[used] = '\0';
            return false;
        }
        memcpy(out + used, piece, piece_len);
        used += piece_len;
        at += step;
    }
    out[used] = '\0';
    return true;
}

void esa_hex(char *out, const uint8_t *data, size_t len) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * len] = '\0';
}

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar, counting years from March so
 * that the leap day is the last of its year. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day) {
    if (month <= 2)
        year--;
    int64_t era = year / 400; /* years before 0 don't come here */
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static int64_t days_in_month(int64_t year, int64_t month) {
    int64_t next =
        month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
    return next - days_from_civil(year, month, 1);
}

bool esa_date_format(char out[ESA_DATE_LEN + 1], int64_t time_s) {
    if (time_s < 0 || time_s >= days_from_civil(10000, 1, 1) * 86400)
        return false;
    int64_t days = time_s / 86400;
    int64_t rest = time_s % 86400;
    int64_t year = 1970 + days / 366; /* never too late; at most some years too early */
    while (days_from_civil(year + 1, 1, 1) <= days)
        year++;
    int64_t month = 1;
    days -= days_from_civil(year, 1, 1);
    while (days >= days_in_month(year, month))
        days -= days_in_month(year, month++);
    char text[64]; /* more than is needed, so that compilers need not know the ranges */
    (void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, (int)month,
                   (int)days + 1, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
    memcpy(out, text, ESA_DATE_LEN);
    out[ESA_DATE_LEN] = '\0';
    return true;
}

static bool two_digits(int64_t *out, const char *text) {
    return esa_decimal_parse(out, text, 2, 0);
}

bool esa_http_date_parse(int64_t *time_s, const char *text) {
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static const char form[] = "???, ?? ??? ???? ??:??:?? GMT";
    int64_t day, year, hour, minute, second;
    if (strlen(text) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; form[i] != '\0'; i++)
        if (form[i] != '?' && form[i] != text[i])
            return false;
    int64_t month = 0;
    for (int64_t m = 0; m < 12; m++)
        if (memcmp(text + 8, months + 3 * m, 3) == 0)
            month = m + 1;
    if (month == 0 || !two_digits(&day, text + 5) ||
        !esa_decimal_parse(&year, text + 12, 4, 1970) || !two_digits(&hour, text + 17) ||
        !two_digits(&minute, text + 20) || !two_digits(&second, text + 23))
        return false;
    /* second 60 is a leap second (RFC 9110 5.6.7) */
    if (day < 1 || day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 60)
        return false;
    *time_s = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

bool esa_decimal_parse(int64_t *out, const char *text, size_t len, int64_t least) {
    int64_t value = 0;
    if (len == 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        int digit = text[i] - '0';
        if (value > (INT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (value < least)
        return false;
    *out = value;
    return true;
}
