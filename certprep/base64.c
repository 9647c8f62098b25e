/* Base64, RFC 4648 4, over text with white space in it. */
#include "base64_simd.h"

enum { SPACE = 64, PAD = 65, BAD = 255 };

/* One table look-up a character: 0 to 63, or one of the classes above. */
#define B BAD
static const uint8_t values[256] = {
    B,  B,  B,  B,  B,  B,  B,  B,  B,  64, 64, B,  B,  64, B,  B,  B,  B,  B,  B,  B,  B,  B,  B,
    B,  B,  B,  B,  B,  B,  B,  B,  64, B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  62, B,  B,  B,  63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, B,  B,  B,  65, B,  B,  B,  0,  1,  2,  3,  4,  5,  6,
    7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, B,  B,  B,  B,  B,
    B,  26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48,
    49, 50, 51, B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,
    B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,
    B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,
    B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,
    B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,
    B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B,  B};
#undef B

size_t cp_base64_max(size_t text_len) {
    return text_len / 4 * 3 + 3;
}

/* Whole groups of four without white space, the bulk of every line. Returns the characters used. */
static size_t decode_run(uint8_t *out, const uint8_t *in, size_t len) {
    size_t i = 0;
    for (; len - i >= 4; i += 4, out += 3) {
        uint32_t a = values[in[i]], b = values[in[i + 1]], c = values[in[i + 2]],
                 d = values[in[i + 3]];
        if ((a | b | c | d) > 63)
            break;
        uint32_t group = a << 18 | b << 12 | c << 6 | d;
        out[0] = (uint8_t)(group >> 16);
        out[1] = (uint8_t)(group >> 8);
        out[2] = (uint8_t)group;
    }
    return i;
}

enum cp_status cp_base64_decode(uint8_t *out, size_t *out_len, struct cp_span text,
                                size_t *bad_offset, const char **reason) {
    const uint8_t *in = text.data;
    size_t len = text.len, used = 0;
    uint32_t group = 0;
    unsigned filled = 0, pads = 0;
    for (size_t i = 0; i < len;) {
        if (filled == 0 && pads == 0) {
            size_t written = 0;
            if (cp_has_avx2())
                i += cp_base64_run_avx2(out + used, &written, in + i, len - i);
            used += written;
            size_t run = decode_run(out + used, in + i, len - i);
            i += run;
            used += run / 4 * 3;
            if (i >= len)
                break;
        }
        uint8_t value = values[in[i]];
        *bad_offset = i;
        if (value == SPACE) {
            i++;
            continue;
        }
        if (value == BAD) {
            *reason = "a character that is not base64";
            return CP_ERR_PARSE;
        }
        if (value == PAD) {
            if (filled < 2 || filled + ++pads > 4) {
                *reason = "padding in the wrong place";
                return CP_ERR_PARSE;
            }
            i++;
            continue;
        }
        if (pads != 0) {
            *reason = "data after the padding";
            return CP_ERR_PARSE;
        }
        group = group << 6 | value;
        if (++filled == 4) {
            out[used++] = (uint8_t)(group >> 16);
            out[used++] = (uint8_t)(group >> 8);
            out[used++] = (uint8_t)group;
            filled = 0;
            group = 0;
        }
        i++;
    }
    if (filled != 0) {
        *bad_offset = len;
        if (filled + pads != 4) {
            *reason = "padding or characters are missing";
            return CP_ERR_PARSE;
        }
        group <<= 6 * pads;
        if ((group & (pads == 2 ? 0xffffU : 0xffU)) != 0) {
            *reason = "bits are left over in the last character";
            return CP_ERR_PARSE;
        }
        out[used++] = (uint8_t)(group >> 16);
        if (pads == 1)
            out[used++] = (uint8_t)(group >> 8);
    }
    *out_len = used;
    return CP_OK;
}

size_t cp_base64_lines_len(size_t data_len) {
    size_t chars = (data_len + 2) / 3 * 4;
    return chars + (chars + 63) / 64;
}

size_t cp_base64_encode_lines(char *out, struct cp_span data) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t used = 0, column = 0;
    for (size_t i = 0; i < data.len; i += 3) {
        size_t left = data.len - i;
        uint32_t group = (uint32_t)data.data[i] << 16;
        if (left > 1)
            group |= (uint32_t)data.data[i + 1] << 8;
        if (left > 2)
            group |= data.data[i + 2];
        out[used++] = digits[group >> 18];
        out[used++] = digits[group >> 12 & 63];
        out[used++] = left > 1 ? digits[group >> 6 & 63] : '=';
        out[used++] = left > 2 ? digits[group & 63] : '=';
        column += 4;
        if (column == 64 || left <= 3) {
            out[used++] = '\n';
            column = 0;
        }
    }
    return used;
}
