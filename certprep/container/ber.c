#include "ber.h"

#include <stdio.h>
#include <string.h>

#include "cp_limits.h"
#include "der.h"
#include "key_parts.h"

#define CONSTRUCTED 0x20
#define OCTET_STRING_IN_PIECES (CP_DER_OCTET_STRING | CONSTRUCTED)

static const char too_deep[] = "nested too deep";

struct header {
    uint8_t tag;
    size_t len; /* of tag and length octets */
    size_t content_len;
    bool indefinite;
};

static void advance(struct cp_span *rest, size_t len) {
    rest->data += len;
    rest->len -= len;
}

static bool is_end_of_contents(struct cp_span rest) {
    return rest.len >= 2 && rest.data[0] == 0 && rest.data[1] == 0;
}

/* NULL, or what is wrong. The content of a definite element lies within in. */
static const char *read_header(struct header *out, struct cp_span in) {
    if (in.len < 2)
        return "missing, or cut off";
    *out = (struct header){.tag = in.data[0], .len = 2};
    if ((out->tag & 0x1f) == 0x1f)
        return "a tag of more than one octet";
    if (out->tag == 0)
        return "end-of-contents octets out of place";
    unsigned first = in.data[1];
    if (first == 0x80) {
        out->indefinite = true;
        return (out->tag & CONSTRUCTED) == 0 ? "a primitive of indefinite length" : NULL;
    }
    if (first < 0x80) {
        out->content_len = first;
    } else {
        size_t octets = first & 0x7f, value = 0;
        if (octets > 8 || octets > in.len - 2)
            return octets > 8 ? "a length of more than 8 octets" : "the length is cut off";
        for (size_t i = 0; i < octets; i++) {
            if (value > CP_MAX_FILE_LEN)
                return "the content is longer than what encloses it";
            value = value << 8 | in.data[2 + i];
        }
        out->len += octets;
        out->content_len = value;
    }
    return out->content_len > in.len - out->len ? "the content is longer than what encloses it"
                                                : NULL;
}

/* Length of the content of an indefinite element that in starts with; without recursion. */
static const char *measure_indefinite(size_t *content_len, struct cp_span in) {
    struct cp_span rest = in;
    unsigned depth = 1;
    while (depth != 0) {
        struct header header;
        if (is_end_of_contents(rest)) {
            depth--;
            *content_len = (size_t)(rest.data - in.data);
            advance(&rest, 2);
            continue;
        }
        const char *why = read_header(&header, rest);
        if (why != NULL)
            return why;
        if (header.indefinite && ++depth > CP_MAX_DER_DEPTH)
            return too_deep;
        advance(&rest, header.len + header.content_len);
    }
    return NULL;
}

enum cp_status cp_ber_fail(const struct cp_ber_reader *reader, const char *what, const char *why,
                           struct cp_error *err) {
    size_t offset = reader->rest.data == NULL ? 0 : (size_t)(reader->rest.data - reader->origin);
    (void)cp_fail(err, CP_ERR_PARSE, "offset %zu: %s: %s", offset, what, why);
    if (err != NULL)
        err->offset = offset;
    return CP_ERR_PARSE;
}

enum cp_status cp_ber_next(struct cp_ber_reader *reader, struct cp_ber *out, const char *what,
                           struct cp_error *err) {
    struct header header;
    struct cp_span in = reader->rest;
    const char *why = read_header(&header, in);
    if (why != NULL)
        return cp_ber_fail(reader, what, why, err);
    size_t whole_len = header.len + header.content_len;
    if (header.indefinite) {
        advance(&in, header.len);
        why = measure_indefinite(&header.content_len, in);
        if (why != NULL)
            return cp_ber_fail(reader, what, why, err);
        whole_len = header.len + header.content_len + 2;
    }
    out->tag = header.tag;
    out->content = (struct cp_span){reader->rest.data + header.len, header.content_len};
    out->whole = (struct cp_span){reader->rest.data, whole_len};
    advance(&reader->rest, whole_len);
    return CP_OK;
}

enum cp_status cp_ber_expect(struct cp_ber_reader *reader, struct cp_ber *out, uint8_t tag,
                             const char *what, struct cp_error *err) {
    if (reader->rest.len != 0 && reader->rest.data[0] != tag) {
        char why[48];
        snprintf(why, sizeof(why), "want tag 0x%02x, got 0x%02x", tag, reader->rest.data[0]);
        return cp_ber_fail(reader, what, why, err);
    }
    return cp_ber_next(reader, out, what, err);
}

enum cp_status cp_ber_enter(struct cp_ber_reader *reader, struct cp_ber_reader *inner, uint8_t tag,
                            const char *what, struct cp_error *err) {
    struct cp_ber element;
    enum cp_status status = cp_ber_expect(reader, &element, tag, what, err);
    if (status == CP_OK)
        *inner = (struct cp_ber_reader){element.content, reader->origin};
    return status;
}

/* ---- conversion ------------------------------------------------------------------------------ */

static const char *append(struct cp_secret *out, struct cp_span data) {
    return cp_secret_append(out, data.data, data.len, NULL) == CP_OK ? NULL : "too large";
}

static const char *convert(struct cp_secret *out, struct cp_span *in, unsigned depth);

/* The elements up to the end of *in, or to the end-of-contents octets, which are taken too. */
static const char *convert_content(struct cp_secret *out, struct cp_span *in, bool indefinite,
                                   unsigned depth) {
    for (;;) {
        if (in->len == 0)
            return indefinite ? "the end-of-contents octets are missing" : NULL;
        if (indefinite && is_end_of_contents(*in)) {
            advance(in, 2);
            return NULL;
        }
        const char *why = convert(out, in, depth);
        if (why != NULL)
            return why;
    }
}

/* Joins the pieces of an OCTET STRING, X.690 8.7.3. */
static const char *join(struct cp_secret *out, struct cp_span *in, bool indefinite,
                        unsigned depth) {
    if (depth > CP_MAX_DER_DEPTH)
        return too_deep;
    for (;;) {
        struct header header;
        if (in->len == 0)
            return indefinite ? "the end-of-contents octets are missing" : NULL;
        if (indefinite && is_end_of_contents(*in)) {
            advance(in, 2);
            return NULL;
        }
        const char *why = read_header(&header, *in);
        if (why != NULL)
            return why;
        advance(in, header.len);
        struct cp_span content = {in->data, header.indefinite ? in->len : header.content_len};
        if (header.tag == CP_DER_OCTET_STRING)
            why = append(out, content);
        else if (header.tag == OCTET_STRING_IN_PIECES)
            why = join(out, header.indefinite ? in : &content, header.indefinite, depth + 1);
        else
            why = "a piece of an OCTET STRING that is none";
        if (why != NULL)
            return why;
        if (!header.indefinite)
            advance(in, header.content_len);
    }
}

/* One element: written with room for the largest header, then moved up to its real one. */
static const char *convert(struct cp_secret *out, struct cp_span *in, unsigned depth) {
    static const uint8_t room[CP_DER_HEADER_MAX];
    uint8_t encoded[CP_DER_HEADER_MAX];
    struct header header;
    const char *why = depth > CP_MAX_DER_DEPTH ? too_deep : read_header(&header, *in);
    size_t start = out->len;
    if (why == NULL)
        why = append(out, (struct cp_span){room, sizeof(room)});
    if (why != NULL)
        return why;
    advance(in, header.len);
    struct cp_span content = {in->data, header.content_len};
    struct cp_span *from = header.indefinite ? in : &content;
    uint8_t tag = header.tag;
    if (tag == OCTET_STRING_IN_PIECES) {
        why = join(out, from, header.indefinite, depth + 1);
        tag = CP_DER_OCTET_STRING;
    } else if ((tag & CONSTRUCTED) != 0) {
        why = convert_content(out, from, header.indefinite, depth + 1);
    } else {
        why = append(out, content);
    }
    if (why != NULL)
        return why;
    if (!header.indefinite)
        advance(in, header.content_len);
    size_t written = out->len - start - sizeof(room);
    size_t encoded_len = cp_der_header(encoded, tag, written);
    memmove(out->data + start + encoded_len, out->data + start + sizeof(room), written);
    memcpy(out->data + start, encoded, encoded_len);
    out->len = start + encoded_len + written;
    return NULL;
}

enum cp_status cp_ber_to_der(struct cp_secret *out, struct cp_span ber, const char *what,
                             struct cp_error *err) {
    struct cp_span rest = ber;
    *out = (struct cp_secret){0};
    if (ber.len > CP_MAX_FILE_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "%s: over the maximum of %zu bytes", what,
                       CP_MAX_FILE_LEN);
    /* An indefinite element's 4 octets of header and end become 6 at most. */
    size_t cap = ber.len + ber.len / 2 + CP_DER_HEADER_MAX * (CP_MAX_DER_DEPTH + 2);
    enum cp_status status = cp_secret_init(out, cap, err);
    if (status != CP_OK)
        return status;
    const char *why = convert(out, &rest, 0);
    if (why == NULL && rest.len != 0)
        why = "bytes left over";
    if (why == NULL)
        return CP_OK;
    cp_secret_cleanup(out);
    struct cp_ber_reader at = {rest, ber.data};
    return cp_ber_fail(&at, what, why, err);
}
