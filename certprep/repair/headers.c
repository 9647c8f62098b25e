/* RFC 1421 4.6 headers at the start of a block. Those of an encrypted key are kept exactly. */
#include <stdio.h>
#include <string.h>

#include "parts.h"

static bool is_space(uint8_t c) {
    return cp_is_blank(c) || c == '\n' || c == '>' || c == '|';
}

static size_t skip_space(struct cp_span text, size_t i, size_t stop) {
    while (i < stop && is_space(text.data[i]))
        i++;
    return i;
}

static bool take(struct cp_span text, size_t *i, size_t stop, const char *word) {
    size_t len = strlen(word);
    if (stop - *i < len || memcmp(text.data + *i, word, len) != 0)
        return false;
    *i += len;
    return true;
}

/* The blank line behind headers belongs to them. */
static size_t first_line_end(struct cp_span text, size_t i, size_t stop) {
    return stop - i >= 2 && text.data[i] == '\n' && text.data[i + 1] == '\n' ? i + 1 : i;
}

/* "Proc-Type: 4,ENCRYPTED", white space, "DEK-Info: NAME,HEX", white space. */
static bool read_encrypted(struct cp_headers *out, struct cp_span text, size_t start, size_t stop) {
    size_t i = start, from;
    if (!take(text, &i, stop, "Proc-Type:"))
        return false;
    i = skip_space(text, i, stop);
    if (!take(text, &i, stop, "4,ENCRYPTED") || i == stop || !is_space(text.data[i]))
        return false;
    i = skip_space(text, i, stop);
    if (!take(text, &i, stop, "DEK-Info:"))
        return false;
    from = i = skip_space(text, i, stop);
    while (i < stop &&
           (cp_is_letter(text.data[i]) || cp_is_digit(text.data[i]) || text.data[i] == '-'))
        i++;
    if (i == from || i == stop || text.data[i] != ',')
        return false;
    size_t hex = ++i;
    while (i < stop && cp_hex_value(text.data[i]) >= 0)
        i++;
    if (i == hex || i - from >= sizeof(out->dek_info) || i == stop || !is_space(text.data[i]))
        return false;
    memcpy(out->dek_info, text.data + from, i - from);
    out->dek_info[i - from] = '\0';
    out->end = first_line_end(text, i, stop);
    return true;
}

void cp_headers_read(struct cp_headers *out, struct cp_span text, size_t start, size_t stop) {
    *out = (struct cp_headers){.end = start};
    size_t i = skip_space(text, start, stop);
    if (read_encrypted(out, text, i, stop)) {
        out->present = out->encrypted = true;
        return;
    }
    /* Other headers mean nothing to TLS: lines with a colon, up to a blank line or one without. */
    while (i < stop) {
        size_t end = i;
        bool colon = false;
        for (; end < stop && text.data[end] != '\n'; end++)
            colon |= text.data[end] == ':';
        if (!colon || end == stop)
            return;
        out->present = true;
        out->end = first_line_end(text, end, stop);
        i = skip_space(text, end, stop);
    }
}

size_t cp_headers_write(char out[CP_MAX_HEADERS], const struct cp_headers *headers) {
    int len = snprintf(out, CP_MAX_HEADERS, "Proc-Type: 4,ENCRYPTED\nDEK-Info: %s\n\n",
                       headers->dek_info);
    return len > 0 && len < CP_MAX_HEADERS ? (size_t)len : 0;
}
