/* Parameters: decoding of a query or form, and the canonical query of ACS3. */
#include "http.h"

#include <stdlib.h>
#include <string.h>

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* Decodes into the room that was reserved; a plus sign is a space, as forms have it. */
static bool decode(struct esa_emu_span *out, struct esa_emu_buf *text, struct esa_emu_span in) {
    char *start = text->data + text->len, *next = start;
    for (size_t i = 0; i < in.len; i++) {
        char c = in.data[i];
        if (c == '%') {
            int high = in.len - i >= 3 ? hex_value(in.data[i + 1]) : -1;
            int low = high >= 0 ? hex_value(in.data[i + 2]) : -1;
            if (low < 0)
                return false;
            c = (char)(unsigned char)(high << 4 | low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        *next++ = c;
    }
    *out = (struct esa_emu_span){start, (size_t)(next - start)};
    text->len += out->len;
    return true;
}

bool esa_emu_params_parse(struct esa_emu_params *params, struct esa_emu_span encoded) {
    /* Decoding never grows, so one block holds everything and spans into it stay valid. */
    if (!esa_emu_buf_reserve(&params->text, encoded.len))
        return false;
    const char *at = encoded.data, *end = encoded.data + encoded.len;
    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        if (stop > at) {
            const char *equals = memchr(at, '=', (size_t)(stop - at));
            const char *name_end = equals != NULL ? equals : stop;
            struct esa_emu_span name = {at, (size_t)(name_end - at)};
            struct esa_emu_span value = {stop, 0};
            if (equals != NULL)
                value = (struct esa_emu_span){equals + 1, (size_t)(stop - equals - 1)};
            if (params->num == ESA_EMU_MAX_PARAMS)
                return false;
            struct esa_emu_param *param = &params->items[params->num];
            if (!decode(&param->name, &params->text, name) ||
                !decode(&param->value, &params->text, value))
                return false;
            params->num++;
        }
        at = stop + 1;
    }
    return true;
}

size_t esa_emu_params_find(const struct esa_emu_params *params, const char *name,
                           struct esa_emu_span *out) {
    size_t found = 0;
    for (size_t i = 0; i < params->num; i++) {
        if (esa_emu_span_is(params->items[i].name, name)) {
            *out = params->items[i].value;
            found++;
        }
    }
    return found;
}

static int compare_spans(struct esa_emu_span a, struct esa_emu_span b) {
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.data, b.data, len);
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

static int compare_params(const void *left, const void *right) {
    const struct esa_emu_param *a = left, *b = right;
    int order = compare_spans(a->name, b->name);
    return order != 0 ? order : compare_spans(a->value, b->value);
}

void esa_emu_params_encode(struct esa_emu_buf *out, struct esa_emu_span text) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        char triplet[3] = {'%', digits[c >> 4], digits[c & 15]};
        if (plain)
            esa_emu_buf_add(out, &text.data[i], 1);
        else
            esa_emu_buf_add(out, triplet, sizeof triplet);
    }
}

void esa_emu_params_canonical(struct esa_emu_buf *out, struct esa_emu_params *params) {
    qsort(params->items, params->num, sizeof params->items[0], compare_params);
    for (size_t i = 0; i < params->num; i++) {
        if (i != 0)
            esa_emu_buf_text(out, "&");
        esa_emu_params_encode(out, params->items[i].name);
        esa_emu_buf_text(out, "=");
        esa_emu_params_encode(out, params->items[i].value);
    }
}

void esa_emu_params_cleanup(struct esa_emu_params *params) {
    esa_emu_buf_cleanup(&params->text);
    params->num = 0;
}
