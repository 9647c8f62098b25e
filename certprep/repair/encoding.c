/* Passes on the encoding of the text: UTF-16, byte order mark, NUL bytes, line ends. */
#include <string.h>

#include "parts.h"

#define MIN_ZERO_RUN 8 /* so many NUL bytes in a row are no slip of an encoder */

size_t cp_utf8_encode(uint8_t out[4], uint32_t code) {
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        code = 0xfffd;
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len; i-- > 1; code >>= 6)
        out[i] = (uint8_t)(0x80 | (code & 0x3f));
    out[0] = (uint8_t)(lead[len] | code);
    return len;
}

size_t cp_utf8_decode(uint32_t *code, const uint8_t *data, size_t len) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t want = data[0] < 0x80       ? 1
                  : data[0] >> 5 == 6  ? 2
                  : data[0] >> 4 == 14 ? 3
                  : data[0] >> 3 == 30 ? 4
                                       : 0;
    if (want == 0 || want > len)
        return 0;
    uint32_t value = want == 1 ? data[0] : data[0] & (0x7fU >> want);
    for (size_t i = 1; i < want; i++) {
        if ((data[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (data[i] & 0x3f);
    }
    if (value < least[want] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *code = value;
    return want;
}

void cp_text_put_code(struct cp_text *text, size_t *used, uint32_t code, size_t from) {
    uint8_t bytes[4];
    size_t len = cp_utf8_encode(bytes, code);
    for (size_t i = 0; i < len; i++)
        cp_text_put(text, used, bytes[i], from);
}

/* 0: no UTF-16; 1: little endian; 2: big endian. Without a mark, ASCII shows by its zero bytes. */
static int utf16_order(const struct cp_text *text) {
    if (text->len < 2)
        return 0;
    if (text->data[0] == 0xff && text->data[1] == 0xfe)
        return 1;
    if (text->data[0] == 0xfe && text->data[1] == 0xff)
        return 2;
    size_t seen = text->len < 512 ? text->len / 2 : 256, zeros[2] = {0, 0};
    for (size_t i = 0; i < 2 * seen; i++)
        zeros[i % 2] += text->data[i] == 0;
    if (zeros[1] * 10 >= seen * 9 && zeros[0] == 0)
        return 1;
    return zeros[0] * 10 >= seen * 9 && zeros[1] == 0 ? 2 : 0;
}

/* The one pass that may lengthen the text (two bytes to three), so it writes to a new one. */
bool cp_pass_utf16(struct cp_job *job) {
    int order = utf16_order(&job->text);
    if (order == 0)
        return false;
    struct cp_text old = job->text, wide = {0};
    job->failed = cp_text_init(&wide, old.len / 2 * 3 + 4, NULL);
    if (job->failed != CP_OK)
        return false;
    cp_job_count(job, CP_CHECK_UTF16, 0);
    size_t low = order == 1 ? 0 : 1, used = 0;
    for (size_t i = 0; old.len - i >= 2;) {
        uint32_t code = (uint32_t)old.data[i + 1 - low] << 8 | old.data[i + low];
        size_t from = i, taken = 2;
        if (code >= 0xd800 && code < 0xdc00 && old.len - i >= 4) {
            uint32_t next = (uint32_t)old.data[i + 3 - low] << 8 | old.data[i + 2 + low];
            if (next >= 0xdc00 && next < 0xe000) {
                code = 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
                taken = 4;
            }
        }
        i += taken;
        if (code == 0xfeff && from == 0)
            continue;
        uint8_t bytes[4];
        size_t len = cp_utf8_encode(bytes, code);
        for (size_t j = 0; j < len; j++) {
            wide.origin[used] = old.origin[from];
            wide.data[used++] = bytes[j];
        }
    }
    wide.len = used;
    cp_text_cleanup(&job->text);
    job->text = wide;
    return true;
}

/* Removes len bytes at the front. */
static void drop_front(struct cp_text *text, size_t len) {
    text->len -= len;
    memmove(text->data, text->data + len, text->len);
    memmove(text->origin, text->origin + len, text->len * sizeof(*text->origin));
}

bool cp_pass_bom(struct cp_job *job) {
    struct cp_text *text = &job->text;
    if (text->len < 3 || memcmp(text->data, "\xef\xbb\xbf", 3) != 0)
        return false;
    cp_job_count(job, CP_CHECK_UTF8_BOM, 0);
    drop_front(text, 3);
    return true;
}

static size_t count_nul(const struct cp_text *text) {
    size_t num = 0;
    for (size_t i = 0; i < text->len; i++)
        num += text->data[i] == 0;
    return num;
}

bool cp_pass_nul(struct cp_job *job) {
    struct cp_text *text = &job->text;
    const uint8_t *first = text->len == 0 ? NULL : memchr(text->data, 0, text->len);
    if (first == NULL)
        return false;
    /* So many are what is left of a wider encoding. */
    bool wide = count_nul(text) >= text->len / 4;
    size_t used = (size_t)(first - text->data);
    for (size_t i = used; i < text->len;) {
        if (text->data[i] != 0) {
            cp_text_put(text, &used, text->data[i], i);
            i++;
            continue;
        }
        size_t run = 1;
        while (run < text->len - i && text->data[i + run] == 0)
            run++;
        bool inside = used > 0 && text->data[used - 1] != '\n' && i + run < text->len &&
                      text->data[i + run] != '\n';
        cp_job_count(job, run < MIN_ZERO_RUN ? CP_CHECK_NUL_BYTES : CP_CHECK_ZERO_FILLED, i);
        job->dropped_inside |= inside;
        if (inside && !wide)
            cp_text_put(text, &used, CP_GAP, i);
        i += run;
    }
    text->len = used;
    job->needs_proof = true;
    return true;
}

bool cp_pass_line_ends(struct cp_job *job) {
    struct cp_text *text = &job->text;
    const uint8_t *first = text->len == 0 ? NULL : memchr(text->data, '\r', text->len);
    if (first == NULL)
        return false;
    size_t used = (size_t)(first - text->data);
    for (size_t i = used; i < text->len; i++) {
        if (text->data[i] != '\r') {
            cp_text_put(text, &used, text->data[i], i);
        } else if (i + 1 < text->len && text->data[i + 1] == '\n') {
            cp_job_count(job, CP_CHECK_CRLF, i);
        } else {
            cp_job_count(job, CP_CHECK_BARE_CR, i);
            cp_text_put(text, &used, '\n', i);
        }
    }
    text->len = used;
    return true;
}
