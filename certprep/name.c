/* Distinguished names: RFC 5280 4.1.2.4 and the comparison of 7.1. */
#include <string.h>

#include "cert.h"

/* A string value as it is compared, whatever its type: RFC 5280 7.1 for ASCII. Case is folded,
 * spaces at the ends are dropped and runs of them are one. Characters beyond ASCII compare by their
 * encoding, so they are equal only to themselves. */
struct folded {
    struct cp_span rest;
    size_t width; /* octets of a character: 1, or 2 for BMPString, 4 for UniversalString */
};

#define NO_MORE UINT32_MAX

static bool is_string(uint8_t tag) {
    return tag == CP_DER_PRINTABLE_STRING || tag == CP_DER_UTF8_STRING ||
           tag == CP_DER_IA5_STRING || tag == CP_DER_TELETEX_STRING || tag == CP_DER_BMP_STRING ||
           tag == CP_DER_UNIVERSAL_STRING;
}

static uint32_t next_raw(struct folded *f) {
    uint32_t c = 0;
    if (f->rest.len < f->width)
        return NO_MORE;
    for (size_t i = 0; i < f->width; i++)
        c = c << 8 | f->rest.data[i];
    f->rest.data += f->width;
    f->rest.len -= f->width;
    if (f->width > 1 && c > 0x7f)
        c |= 0x80000000; /* not to be taken for an octet of UTF-8 */
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static struct folded fold_start(const struct cp_der *value) {
    struct folded f = {value->content, value->tag == CP_DER_BMP_STRING         ? 2
                                       : value->tag == CP_DER_UNIVERSAL_STRING ? 4
                                                                               : 1};
    struct folded ahead = f;
    while (next_raw(&ahead) == ' ')
        f = ahead;
    return f;
}

/* The next character, a run of spaces as one, none at the end. */
static uint32_t fold_next(struct folded *f) {
    uint32_t c = next_raw(f);
    if (c != ' ')
        return c;
    struct folded ahead = *f;
    while ((c = next_raw(&ahead)) == ' ')
        *f = ahead;
    return c == NO_MORE ? NO_MORE : ' ';
}

static bool text_equal(const struct cp_der *a, const struct cp_der *b) {
    struct folded fa = fold_start(a), fb = fold_start(b);
    for (;;) {
        uint32_t c = fold_next(&fa);
        if (c != fold_next(&fb))
            return false;
        if (c == NO_MORE)
            return true;
    }
}

static bool attribute_equal(struct cp_span a, struct cp_span b) {
    struct cp_der_reader ra, rb;
    struct cp_der type_a, type_b, value_a, value_b;
    cp_der_reader_init(&ra, a);
    cp_der_reader_init(&rb, b);
    if (cp_der_any(&ra, &type_a, "type", NULL) != CP_OK ||
        cp_der_any(&ra, &value_a, "value", NULL) != CP_OK ||
        cp_der_any(&rb, &type_b, "type", NULL) != CP_OK ||
        cp_der_any(&rb, &value_b, "value", NULL) != CP_OK)
        return false;
    if (!cp_span_equal(type_a.whole, type_b.whole))
        return false;
    if (is_string(value_a.tag) && is_string(value_b.tag))
        return text_equal(&value_a, &value_b);
    return cp_span_equal(value_a.whole, value_b.whole);
}

/* RelativeDistinguishedName: a SET, so each attribute of one must stand in the other. */
static bool rdn_equal(const struct cp_der *a, const struct cp_der *b) {
    if (cp_span_equal(a->whole, b->whole))
        return true;
    struct cp_der_reader ra, rb;
    size_t num_a = 0, num_b = 0;
    struct cp_der x, y;
    cp_der_reader_init(&rb, b->content);
    while (!cp_der_at_end(&rb) && cp_der_any(&rb, &y, "attribute", NULL) == CP_OK)
        num_b++;
    cp_der_reader_init(&ra, a->content);
    while (!cp_der_at_end(&ra)) {
        bool found = false;
        if (cp_der_any(&ra, &x, "attribute", NULL) != CP_OK)
            return false;
        num_a++;
        cp_der_reader_init(&rb, b->content);
        while (!found && !cp_der_at_end(&rb) && cp_der_any(&rb, &y, "attribute", NULL) == CP_OK)
            found = attribute_equal(x.content, y.content);
        if (!found)
            return false;
    }
    return num_a == num_b;
}

/* Compares RDN by RDN; *rest is true if name has more of them than base. */
static bool starts_with(struct cp_span name, struct cp_span base, bool *rest) {
    struct cp_der_reader rn, rb, outer;
    struct cp_der x, y;
    cp_der_reader_init(&outer, name);
    if (cp_der_enter(&outer, &rn, CP_DER_SEQUENCE, "Name", NULL) != CP_OK)
        return false;
    cp_der_reader_init(&outer, base);
    if (cp_der_enter(&outer, &rb, CP_DER_SEQUENCE, "Name", NULL) != CP_OK)
        return false;
    while (!cp_der_at_end(&rb)) {
        if (cp_der_at_end(&rn) || cp_der_any(&rn, &x, "RDN", NULL) != CP_OK ||
            cp_der_any(&rb, &y, "RDN", NULL) != CP_OK || !rdn_equal(&x, &y))
            return false;
    }
    *rest = !cp_der_at_end(&rn);
    return true;
}

bool cp_name_equal(struct cp_span a, struct cp_span b) {
    bool rest = false;
    return cp_span_equal(a, b) || (starts_with(a, b, &rest) && !rest);
}

uint64_t cp_name_hash(struct cp_span name) {
    uint64_t hash = 0xcbf29ce484222325; /* FNV-1a over what a comparison can't ignore */
    struct cp_der_reader outer, rdns, set, attribute;
    struct cp_der type, value;
    cp_der_reader_init(&outer, name);
    if (cp_der_enter(&outer, &rdns, CP_DER_SEQUENCE, "Name", NULL) != CP_OK)
        return hash;
    while (!cp_der_at_end(&rdns) && cp_der_enter(&rdns, &set, CP_DER_SET, "RDN", NULL) == CP_OK) {
        uint64_t sum = 0; /* the attributes of one RDN are a set: their order must not matter */
        while (!cp_der_at_end(&set) &&
               cp_der_enter(&set, &attribute, CP_DER_SEQUENCE, "attribute", NULL) == CP_OK &&
               cp_der_any(&attribute, &type, "type", NULL) == CP_OK &&
               cp_der_any(&attribute, &value, "value", NULL) == CP_OK) {
            uint64_t part = 0xcbf29ce484222325;
            struct folded f = fold_start(&value);
            for (uint32_t c; (c = next_raw(&f)) != NO_MORE;)
                if (c != ' ')
                    part = (part ^ c) * 0x100000001b3;
            sum += part;
        }
        hash = (hash ^ sum) * 0x100000001b3;
    }
    return hash;
}

bool cp_name_is_within(struct cp_span name, struct cp_span base) {
    bool rest;
    return starts_with(name, base, &rest);
}

bool cp_cert_is_self_issued(const struct cp_cert *cert) {
    return cp_name_equal(cert->subject, cert->issuer);
}

#define FULL SIZE_MAX /* of *used: a piece was cut, so nothing may follow it */

/* Escapes into out from *used on. */
static void put(char *out, size_t out_size, size_t *used, struct cp_span text) {
    if (*used == FULL)
        return;
    if (cp_escape(out + *used, out_size - *used, text))
        *used += strlen(out + *used);
    else
        *used = FULL;
}

/* A string as text: wide characters as UTF-8, what is none of them as octets. */
static void put_string(char *out, size_t out_size, size_t *used, uint8_t tag,
                       struct cp_span value) {
    size_t width = tag == CP_DER_BMP_STRING ? 2 : tag == CP_DER_UNIVERSAL_STRING ? 4 : 1;
    struct cp_span rest = value;
    uint8_t utf8[4];
    size_t utf8_len;
    uint32_t code;
    if (width == 1) {
        put(out, out_size, used, value);
        return;
    }
    while (*used != FULL && cp_wide_next(&rest, width, &code, utf8, &utf8_len)) {
        struct cp_span octets = {rest.data - width, width};
        put(out, out_size, used, utf8_len == 0 ? octets : (struct cp_span){utf8, utf8_len});
    }
}

static void put_name(char *out, size_t out_size, struct cp_span name) {
    static const struct {
        uint8_t last; /* of 2.5.4.x */
        const char *text;
    } types[] = {{3, "CN"}, {6, "C"},   {7, "L"},           {8, "ST"},
                 {10, "O"}, {11, "OU"}, {5, "serialNumber"}};
    struct cp_der_reader outer, rdns, set, attribute;
    struct cp_der type, value;
    size_t used = 0;
    cp_der_reader_init(&outer, name);
    if (cp_der_enter(&outer, &rdns, CP_DER_SEQUENCE, "Name", NULL) != CP_OK)
        return;
    while (!cp_der_at_end(&rdns) && cp_der_enter(&rdns, &set, CP_DER_SET, "RDN", NULL) == CP_OK) {
        while (used != FULL && !cp_der_at_end(&set) &&
               cp_der_enter(&set, &attribute, CP_DER_SEQUENCE, "attribute", NULL) == CP_OK) {
            char oid[32] = "";
            if (cp_der_expect(&attribute, &type, CP_DER_OID, "type", NULL) != CP_OK ||
                cp_der_any(&attribute, &value, "value", NULL) != CP_OK)
                return;
            const char *label = oid;
            for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
                if (type.content.len == 3 && type.content.data[0] == 0x55 &&
                    type.content.data[1] == 4 && type.content.data[2] == types[i].last)
                    label = types[i].text;
            if (label == oid)
                cp_oid_format(oid, sizeof(oid), type.content);
            if (used != 0)
                put(out, out_size, &used, cp_span_of(","));
            put(out, out_size, &used, cp_span_of(label));
            put(out, out_size, &used, cp_span_of("="));
            put_string(out, out_size, &used, value.tag, value.content);
        }
    }
}

void cp_cert_subject_text(char *out, size_t out_size, const struct cp_cert *cert) {
    size_t used = 0;
    out[0] = '\0';
    if (cert->common_name.len != 0) {
        put(out, out_size, &used, cp_span_of("CN="));
        put_string(out, out_size, &used, cert->common_name_tag, cert->common_name);
        return;
    }
    if (!cert->subject_empty) {
        put_name(out, out_size, cert->subject);
        return;
    }
    struct cp_span names = cert->subject_alt_names;
    struct cp_general_name name;
    while (cp_general_name_next(&names, &name)) {
        if (name.kind == CP_GN_DNS) {
            put(out, out_size, &used, cp_span_of("SAN="));
            put(out, out_size, &used, name.value);
            return;
        }
    }
    put(out, out_size, &used, cp_span_of("no subject"));
}
