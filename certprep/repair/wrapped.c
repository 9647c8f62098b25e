/* The pass that unwraps base64 of a whole PEM file, as a Kubernetes secret has it. */
#include <string.h>

#include "parts.h"

#define MIN_TOKEN 24 /* characters; base64 of the shortest BEGIN line is longer */
#define MIN_FULL_LINE                                                                              \
    60 /* a token goes on behind a line end only if the line was full: 64 or 76                    \
        */

unsigned cp_base64_value(uint8_t c) {
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (cp_is_digit(c))
        return (unsigned)(c - '0') + 52;
    return c == '+' ? 62 : 63;
}

/* If the line from i on is base64 and nothing else, where its characters start; else SIZE_MAX. */
static size_t whole_line(const struct cp_text *text, size_t i) {
    while (i < text->len && cp_is_blank(text->data[i]))
        i++;
    size_t start = i;
    while (i < text->len && cp_is_base64(text->data[i]))
        i++;
    if (i == start)
        return SIZE_MAX;
    while (i < text->len && text->data[i] == '=')
        i++;
    while (i < text->len &&
           (cp_is_blank(text->data[i]) || text->data[i] == '"' || text->data[i] == '\''))
        i++;
    return i == text->len || text->data[i] == '\n' ? start : SIZE_MAX;
}

/* End of the token that starts at i, its padding included. */
static size_t token_end(const struct cp_text *text, size_t i) {
    for (;;) {
        size_t start = i;
        while (i < text->len && cp_is_base64(text->data[i]))
            i++;
        if (i >= text->len || text->data[i] != '\n' || i - start < MIN_FULL_LINE)
            break;
        size_t next = whole_line(text, i + 1);
        if (next == SIZE_MAX)
            break;
        i = next;
    }
    for (size_t pads = 0; pads < 2 && i < text->len && text->data[i] == '='; pads++)
        i++;
    return i;
}

struct decoder {
    uint32_t bits;
    unsigned filled;
};

/* The next byte of the token from *i on; -1 at its end. */
static int next_byte(const struct cp_text *text, size_t *i, size_t end, struct decoder *d) {
    while (d->filled < 8) {
        if (*i >= end)
            return -1;
        uint8_t c = text->data[(*i)++];
        if (!cp_is_base64(c))
            continue;
        d->bits = (d->bits << 6 | cp_base64_value(c)) & 0xffff;
        d->filled += 6;
    }
    d->filled -= 8;
    return (int)(d->bits >> d->filled & 0xff);
}

/* Is it text with "BEGIN" (alone it may be UTF-16, with zero bytes between)? DER fails within a few
 * bytes. */
static bool holds_pem(const struct cp_text *text, size_t start, size_t end, bool alone) {
    static const char word[] = "BEGIN";
    struct decoder d = {0, 0};
    size_t matched = 0, i = start, bytes = 0, zeros = 0;
    bool found = false;
    for (int c; (c = next_byte(text, &i, end, &d)) >= 0;) {
        if (c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != 0)
            return false;
        bytes++;
        if (c == 0) {
            zeros++;
            continue;
        }
        if (c == word[matched])
            matched++;
        else
            matched = c == word[0];
        if (matched == sizeof(word) - 1) {
            found = true;
            matched = 0;
        }
    }
    return found && (alone || zeros < bytes / 4);
}

/* Does anything but white space follow? */
static bool has_more(const struct cp_text *text, size_t i) {
    while (i < text->len && (cp_is_blank(text->data[i]) || text->data[i] == '\n'))
        i++;
    return i < text->len;
}

bool cp_pass_base64(struct cp_job *job) {
    struct cp_text *text = &job->text;
    size_t used = 0;
    bool changed = false;
    for (size_t i = 0; i < text->len;) {
        if (!cp_is_base64(text->data[i])) {
            cp_text_put(text, &used, text->data[i], i);
            i++;
            continue;
        }
        size_t end = token_end(text, i);
        if (end - i < MIN_TOKEN || !holds_pem(text, i, end, used == 0)) {
            for (; i < end; i++)
                cp_text_put(text, &used, text->data[i], i);
            continue;
        }
        cp_job_count(job, CP_CHECK_BASE64_WRAPPED, i);
        changed = true;
        /* Seams around it: no block may cross one. What is written must not pass what is still to
         * be read, so that the first bytes are read before. */
        struct decoder d = {0, 0};
        uint8_t first[8];
        size_t start = i, num = 0;
        for (int c; num < sizeof(first) && (c = next_byte(text, &i, end, &d)) >= 0;)
            first[num++] = (uint8_t)c;
        if (used != 0) {
            cp_text_put(text, &used, CP_SEAM, start);
            cp_text_put(text, &used, '\n', start);
        }
        for (size_t j = 0; j < num; j++)
            cp_text_put(text, &used, first[j], start + j);
        for (int c; (c = next_byte(text, &i, end, &d)) >= 0;)
            cp_text_put(text, &used, (uint8_t)c, i - 1);
        if (has_more(text, end)) {
            cp_text_put(text, &used, '\n', end - 1);
            cp_text_put(text, &used, CP_SEAM, end - 1);
        }
        i = end;
    }
    text->len = used;
    job->needs_proof |= changed;
    return changed;
}
