/* IP addresses, RFC 4291 2.2 and RFC 5952 4. */
#include "ip.h"

#include <stdio.h>
#include <string.h>

/* Four decimal numbers without leading zeros; the octal and short forms of inet_aton are a way
 * round checks, so they are no addresses here. */
static bool parse_v4(uint8_t out[4], struct cp_span text) {
    size_t i = 0;
    for (int part = 0; part < 4; part++) {
        unsigned value = 0;
        if (part > 0 && (i == text.len || text.data[i++] != '.'))
            return false;
        size_t start = i;
        while (i < text.len && text.data[i] >= '0' && text.data[i] <= '9' && i - start < 3)
            value = value * 10 + (text.data[i++] - (unsigned)'0');
        if (i == start || value > 255 || (i - start > 1 && text.data[start] == '0'))
            return false;
        out[part] = (uint8_t)value;
    }
    return i == text.len;
}

static int hex_value(uint8_t c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Up to eight groups of one to four hex digits; "::" once, for at least one group of zeros (RFC
 * 5952 4.2.2 only advises on writing, so exactly one is taken); the last 32 bits may be dotted. */
static bool parse_v6(uint8_t out[16], struct cp_span text) {
    uint8_t octets[16] = {0};
    size_t used = 0, gap = SIZE_MAX, i = 0;
    if (text.len < 2 || (text.data[0] == ':' && text.data[1] != ':'))
        return false;
    while (i < text.len) {
        if (text.data[i] == ':') { /* the second of "::", or the first of a leading one */
            i += i == 0 ? 2 : 1;
            if (gap != SIZE_MAX)
                return false;
            gap = used;
            continue;
        }
        if (used == 16)
            return false;
        if (used <= 12 && parse_v4(octets + used, (struct cp_span){text.data + i, text.len - i})) {
            used += 4;
            break;
        }
        unsigned value = 0;
        size_t start = i;
        while (i < text.len && i - start < 4 && hex_value(text.data[i]) >= 0)
            value = value << 4 | (unsigned)hex_value(text.data[i++]);
        if (i == start)
            return false;
        octets[used++] = (uint8_t)(value >> 8);
        octets[used++] = (uint8_t)value;
        if (i == text.len)
            break;
        if (text.data[i++] != ':' || i == text.len)
            return false;
    }
    if (gap == SIZE_MAX ? used != 16 : used > 14)
        return false;
    memset(out, 0, 16);
    size_t head = gap == SIZE_MAX ? used : gap;
    memcpy(out, octets, head);
    memcpy(out + 16 - (used - head), octets + head, used - head);
    return true;
}

size_t cp_ip_parse(uint8_t out[16], struct cp_span text) {
    if (parse_v4(out, text))
        return 4;
    return parse_v6(out, text) ? 16 : 0;
}

/* The longest run of two or more zero groups, the first of equals: RFC 5952 4.2. */
static void longest_zeros(const unsigned groups[8], size_t *start, size_t *len) {
    *start = 8;
    *len = 1;
    for (size_t i = 0; i < 8;) {
        size_t end = i;
        while (end < 8 && groups[end] == 0)
            end++;
        if (end - i > *len) {
            *start = i;
            *len = end - i;
        }
        i = end + 1;
    }
}

void cp_ip_format(char out[CP_IP_TEXT], struct cp_span octets) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const uint8_t *o = octets.data;
    out[0] = '\0';
    if (octets.len == 4)
        snprintf(out, CP_IP_TEXT, "%u.%u.%u.%u", o[0], o[1], o[2], o[3]);
    if (octets.len != 16)
        return;
    if (memcmp(o, mapped, sizeof(mapped)) == 0) { /* RFC 5952 5 */
        snprintf(out, CP_IP_TEXT, "::ffff:%u.%u.%u.%u", o[12], o[13], o[14], o[15]);
        return;
    }
    unsigned groups[8];
    size_t start, len, used = 0;
    for (size_t i = 0; i < 8; i++)
        groups[i] = (unsigned)o[2 * i] << 8 | o[2 * i + 1];
    longest_zeros(groups, &start, &len);
    for (size_t i = 0; i < 8; i++) {
        if (i == start) {
            used += (size_t)snprintf(out + used, CP_IP_TEXT - used, "::");
            i += len - 1;
            continue;
        }
        bool colon = i != 0 && i != start + len;
        used += (size_t)snprintf(out + used, CP_IP_TEXT - used, colon ? ":%x" : "%x", groups[i]);
    }
}
