#include "der.h"

#include <stdio.h>
#include <string.h>

void cp_der_reader_init(struct cp_der_reader *reader, struct cp_span der) {
    static const uint8_t nothing[1];
    const uint8_t *start = der.data == NULL ? nothing : der.data;
    *reader = (struct cp_der_reader){.origin = start, .next = start, .end = start + der.len};
}

struct cp_der_reader cp_der_inside(const struct cp_der_reader *reader,
                                   const struct cp_der *element) {
    return (struct cp_der_reader){.origin = reader->origin,
                                  .next = element->content.data,
                                  .end = element->content.data + element->content.len};
}

bool cp_der_at_end(const struct cp_der_reader *reader) {
    return reader->next == reader->end;
}

bool cp_der_peek(const struct cp_der_reader *reader, uint8_t tag) {
    return reader->next != reader->end && *reader->next == tag;
}

static enum cp_status fail_at(const struct cp_der_reader *reader, const uint8_t *at,
                              struct cp_error *err, const char *what, const char *why) {
    if (err == NULL)
        return CP_ERR_PARSE;
    size_t offset = (size_t)(at - reader->origin);
    (void)cp_fail(err, CP_ERR_PARSE, "offset %zu: %s: %s", offset, what, why);
    err->offset = offset;
    return CP_ERR_PARSE;
}

enum cp_status cp_der_fail(const struct cp_der_reader *reader, struct cp_error *err,
                           const char *what, const char *why) {
    return fail_at(reader, reader->next, err, what, why);
}

/* X.690 8.1.3 and 10.1: definite, minimal. */
static const char *read_length(const uint8_t **next, const uint8_t *end, size_t *len) {
    const uint8_t *p = *next;
    if (p == end)
        return "the length is missing";
    unsigned first = *p++;
    if (first < 0x80) {
        *len = first;
    } else if (first == 0x80) {
        return "indefinite length: this is BER, not DER";
    } else {
        unsigned octets = first & 0x7f;
        if (octets > 4)
            return "a length of more than 4 octets";
        if ((size_t)(end - p) < octets)
            return "the length is cut off";
        if (*p == 0)
            return "the length is not minimal";
        size_t value = 0;
        for (unsigned i = 0; i < octets; i++)
            value = value << 8 | *p++;
        if (value < 0x80)
            return "the length is not minimal";
        *len = value;
    }
    if (*len > (size_t)(end - p))
        return "the content is longer than what encloses it";
    *next = p;
    return NULL;
}

enum cp_status cp_der_any(struct cp_der_reader *reader, struct cp_der *out, const char *what,
                          struct cp_error *err) {
    const uint8_t *start = reader->next, *p = start;
    if (p == reader->end)
        return cp_der_fail(reader, err, what, "missing");
    uint8_t tag = *p++;
    if ((tag & 0x1f) == 0x1f)
        return cp_der_fail(reader, err, what, "a tag of more than one octet");
    bool universal = (tag & 0xc0) == 0, constructed = (tag & 0x20) != 0;
    bool is_list = (tag & 0x1f) == 0x10 || (tag & 0x1f) == 0x11; /* SEQUENCE, SET */
    if (universal && constructed != is_list)
        return cp_der_fail(reader, err, what,
                           is_list ? "a primitive SEQUENCE or SET"
                                   : "a constructed primitive type");
    size_t len = 0;
    const char *why = read_length(&p, reader->end, &len);
    if (why != NULL)
        return cp_der_fail(reader, err, what, why);
    out->tag = tag;
    out->content = (struct cp_span){p, len};
    out->whole = (struct cp_span){start, (size_t)(p - start) + len};
    out->offset = (size_t)(start - reader->origin);
    reader->next = p + len;
    return CP_OK;
}

enum cp_status cp_der_expect(struct cp_der_reader *reader, struct cp_der *out, uint8_t tag,
                             const char *what, struct cp_error *err) {
    if (!cp_der_at_end(reader) && *reader->next != tag) {
        char why[48];
        snprintf(why, sizeof(why), "want tag 0x%02x, got 0x%02x", tag, *reader->next);
        return cp_der_fail(reader, err, what, why);
    }
    return cp_der_any(reader, out, what, err);
}

enum cp_status cp_der_enter(struct cp_der_reader *reader, struct cp_der_reader *inner, uint8_t tag,
                            const char *what, struct cp_error *err) {
    struct cp_der element;
    enum cp_status status = cp_der_expect(reader, &element, tag, what, err);
    if (status == CP_OK)
        *inner = cp_der_inside(reader, &element);
    return status;
}

enum cp_status cp_der_integer(struct cp_der_reader *reader, struct cp_span *content,
                              const char *what, struct cp_error *err) {
    struct cp_der element = {0};
    struct cp_der_reader at = *reader;
    enum cp_status status = cp_der_expect(reader, &element, CP_DER_INTEGER, what, err);
    if (status != CP_OK)
        return status;
    struct cp_span c = element.content;
    if (c.len == 0)
        return cp_der_fail(&at, err, what, "an INTEGER without content");
    if (c.len > 1 &&
        ((c.data[0] == 0 && c.data[1] < 0x80) || (c.data[0] == 0xff && c.data[1] >= 0x80)))
        return cp_der_fail(&at, err, what, "the INTEGER is not minimal"); /* X.690 8.3.2 */
    *content = c;
    return CP_OK;
}

enum cp_status cp_der_unsigned(struct cp_der_reader *reader, struct cp_span *magnitude,
                               const char *what, struct cp_error *err) {
    struct cp_der_reader at = *reader;
    struct cp_span content = {NULL, 0};
    enum cp_status status = cp_der_integer(reader, &content, what, err);
    if (status != CP_OK)
        return status;
    if (content.data[0] >= 0x80)
        return cp_der_fail(&at, err, what, "a negative INTEGER");
    if (content.data[0] == 0 && content.len > 1) {
        content.data++;
        content.len--;
    }
    *magnitude = content;
    return CP_OK;
}

enum cp_status cp_der_small(struct cp_der_reader *reader, uint32_t *value, uint32_t max,
                            const char *what, struct cp_error *err) {
    struct cp_der_reader at = *reader;
    struct cp_span magnitude = {NULL, 0};
    enum cp_status status = cp_der_unsigned(reader, &magnitude, what, err);
    if (status != CP_OK)
        return status;
    uint64_t sum = 0;
    for (size_t i = 0; i < magnitude.len && i < 5; i++)
        sum = sum << 8 | magnitude.data[i];
    if (magnitude.len > 4 || sum > max)
        return cp_der_fail(&at, err, what, "the INTEGER is too large");
    *value = (uint32_t)sum;
    return CP_OK;
}

enum cp_status cp_der_boolean(struct cp_der_reader *reader, bool *value, const char *what,
                              struct cp_error *err) {
    struct cp_der element;
    struct cp_der_reader at = *reader;
    enum cp_status status = cp_der_expect(reader, &element, CP_DER_BOOLEAN, what, err);
    if (status != CP_OK)
        return status;
    if (element.content.len != 1 ||
        (element.content.data[0] != 0 && element.content.data[0] != 0xff))
        return cp_der_fail(&at, err, what, "a BOOLEAN is 0x00 or 0xFF in DER");
    *value = element.content.data[0] != 0;
    return CP_OK;
}

enum cp_status cp_der_bits(struct cp_der_reader *reader, uint8_t tag, struct cp_span *bits,
                           unsigned *unused_bits, const char *what, struct cp_error *err) {
    struct cp_der element;
    struct cp_der_reader at = *reader;
    enum cp_status status = cp_der_expect(reader, &element, tag, what, err);
    if (status != CP_OK)
        return status;
    struct cp_span c = element.content;
    if (c.len == 0 || c.data[0] > 7 || (c.len == 1 && c.data[0] != 0))
        return cp_der_fail(&at, err, what, "a BIT STRING with a wrong count of unused bits");
    unsigned unused = c.data[0];
    if (unused != 0 && (c.data[c.len - 1] & ((1U << unused) - 1)) != 0)
        return cp_der_fail(&at, err, what, "unused bits of a BIT STRING are not zero");
    *bits = (struct cp_span){c.data + 1, c.len - 1};
    *unused_bits = unused;
    return CP_OK;
}

enum cp_status cp_der_oid(struct cp_der_reader *reader, struct cp_span *content, const char *what,
                          struct cp_error *err) {
    struct cp_der element;
    struct cp_der_reader at = *reader;
    enum cp_status status = cp_der_expect(reader, &element, CP_DER_OID, what, err);
    if (status != CP_OK)
        return status;
    struct cp_span c = element.content;
    bool starts = true; /* a subidentifier starts here */
    for (size_t i = 0; i < c.len; i++) {
        if (starts && c.data[i] == 0x80)
            return cp_der_fail(&at, err, what, "the OBJECT IDENTIFIER is not minimal");
        starts = c.data[i] < 0x80;
    }
    if (c.len == 0 || !starts)
        return cp_der_fail(&at, err, what, "the OBJECT IDENTIFIER is cut off");
    *content = c;
    return CP_OK;
}

static int two_digits(const uint8_t *p) {
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
        return -1;
    return (p[0] - '0') * 10 + (p[1] - '0');
}

enum cp_status cp_der_time(struct cp_der_reader *reader, int64_t *time_s, bool *is_utc,
                           const char *what, struct cp_error *err) {
    struct cp_der element;
    struct cp_der_reader at = *reader;
    bool utc = cp_der_peek(reader, CP_DER_UTC_TIME);
    enum cp_status status =
        cp_der_expect(reader, &element, utc ? CP_DER_UTC_TIME : CP_DER_GENERALIZED_TIME, what, err);
    if (status != CP_OK)
        return status;
    struct cp_span c = element.content;
    if (c.len != (utc ? 13U : 15U) || c.data[c.len - 1] != 'Z')
        return cp_der_fail(&at, err, what,
                           utc ? "want UTCTime YYMMDDhhmmssZ"
                               : "want GeneralizedTime YYYYMMDDhhmmssZ");
    int part[7] = {0};
    unsigned parts = (unsigned)(c.len - 1) / 2;
    for (unsigned i = 0; i < parts; i++)
        if ((part[i] = two_digits(c.data + 2 * i)) < 0)
            return cp_der_fail(&at, err, what, "a date with something else than digits");
    const int *rest = utc ? part + 1 : part + 2;
    int year = utc ? part[0] + (part[0] < 50 ? 2000 : 1900) : part[0] * 100 + part[1];
    if (!cp_time_from_civil(time_s, year, rest[0], rest[1], rest[2], rest[3], rest[4]))
        return cp_der_fail(&at, err, what, "a date that does not exist");
    *is_utc = utc;
    return CP_OK;
}

enum cp_status cp_der_end(const struct cp_der_reader *reader, const char *what,
                          struct cp_error *err) {
    if (cp_der_at_end(reader))
        return CP_OK;
    char why[48];
    snprintf(why, sizeof(why), "%zu bytes left over", (size_t)(reader->end - reader->next));
    return cp_der_fail(reader, err, what, why);
}
