/* Strings of wide characters, X.690 8.23: BMPString, UniversalString. */
#include "cert.h"

static size_t utf8_encode(uint8_t out[4], uint32_t code) {
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xc0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xe0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (code & 0x3f));
    return 4;
}

static uint32_t big_endian(const uint8_t *p, size_t len) {
    uint32_t value = 0;
    for (size_t i = 0; i < len; i++)
        value = value << 8 | p[i];
    return value;
}

bool cp_wide_next(struct cp_span *text, size_t width, uint32_t *code, uint8_t utf8[4],
                  size_t *utf8_len) {
    uint32_t low = 0;
    size_t used = width;
    if (text->len < width)
        return false;
    *code = big_endian(text->data, width);
    if (width == 2 && *code >> 10 == 0x36 && text->len >= 4)
        low = big_endian(text->data + 2, 2);
    if (low >> 10 == 0x37) {
        *code = 0x10000 + ((*code & 0x3ff) << 10) + (low & 0x3ff);
        used = 4;
    }
    bool is_none = *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff);
    *utf8_len = is_none ? 0 : utf8_encode(utf8, *code);
    *text = (struct cp_span){text->data + used, text->len - used};
    return true;
}
