/* Distinguished names: RFC 5280 4.1.2.4 and the comparison of 7.1. */
#include <string.h>

#include "cert.h"

/* Value of an attribute as characters, for folding; false where bytes must be compared as they are.
 */
static bool is_foldable(uint8_t tag) {
    return tag == CP_DER_PRINTABLE_STRING || tag == CP_DER_UTF8_STRING || tag == CP_DER_IA5_STRING;
}

static uint8_t fold(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* Drops spaces at both ends. */
static struct cp_span trim(struct cp_span s) {
    while (s.len != 0 && s.data[0] == ' ') {
        s.data++;
        s.len--;
    }
    while (s.len != 0 && s.data[s.len - 1] == ' ')
        s.len--;
    return s;
}

/* RFC 4518 as RFC 5280 7.1 asks for it, for ASCII: case and runs of spaces are folded. Other
 * characters compare by their bytes. */
static bool text_equal(struct cp_span a, struct cp_span b) {
    a = trim(a);
    b = trim(b);
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        if (a.data[i] == ' ' && b.data[j] == ' ') {
            while (a.data[i] == ' ') /* trimmed: a space is never the last */
                i++;
            while (b.data[j] == ' ')
                j++;
            continue;
        }
        if (fold(a.data[i]) != fold(b.data[j]))
            return false;
        i++;
        j++;
    }
    return i == a.len && j == b.len;
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
    if (is_foldable(value_a.tag) && is_foldable(value_b.tag))
        return text_equal(value_a.content, value_b.content);
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
            for (size_t i = 0; i < value.content.len; i++)
                if (value.content.data[i] != ' ')
                    part = (part ^ fold(value.content.data[i])) * 0x100000001b3;
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
        while (!cp_der_at_end(&set) &&
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
            put(out, out_size, &used, value.content);
        }
    }
}

void cp_cert_subject_text(char *out, size_t out_size, const struct cp_cert *cert) {
    size_t used = 0;
    out[0] = '\0';
    if (cert->common_name.len != 0) {
        put(out, out_size, &used, cp_span_of("CN="));
        put(out, out_size, &used, cert->common_name);
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
