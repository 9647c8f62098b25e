#include "der_canonical.h"

#include <string.h>

#include "cp_limits.h"
#include "der.h"

/* Where an element stands, as far as a check depends on it. */
enum role {
    ROLE_ANY,
    ROLE_CERTIFICATE,
    ROLE_TBS,
    ROLE_SPKI,
    ROLE_SPKI_ALGORITHM,
    ROLE_EXTENSIONS_TAG,
    ROLE_EXTENSIONS,
    ROLE_EXTENSION,
    ROLE_NAMED_BITS,
};

struct walk {
    const uint8_t *origin;
    struct cp_der_canonical *out;
    struct cp_span oid; /* the last one: an extension's, or the key's algorithm */
};

struct element {
    uint8_t tag;
    bool indefinite;
    const uint8_t *start, *content, *end; /* indefinite: end is what encloses it, until walked */
};

static void note(struct walk *w, enum cp_der_defect defect, const uint8_t *at) {
    size_t offset = (size_t)(at - w->origin);
    if ((w->out->defects >> defect & 1) != 0 && w->out->offset[defect] <= offset)
        return;
    w->out->defects |= 1U << defect;
    w->out->offset[defect] = offset;
}

/* Tag and length, BER included. False: nothing more can be made out. */
static bool read_header(struct walk *w, struct element *out, const uint8_t *p, const uint8_t *end) {
    *out = (struct element){.start = p};
    if (end - p < 2 || (*p & 0x1f) == 0x1f)
        return false;
    out->tag = *p++;
    unsigned first = *p++;
    size_t len = first;
    if (first == 0x80) {
        note(w, CP_DER_DEFECT_INDEFINITE, out->start);
        if ((out->tag & 0x20) == 0)
            return false;
        out->indefinite = true;
        len = (size_t)(end - p);
    } else if (first > 0x80) {
        unsigned octets = first & 0x7f;
        if (octets > 8 || (size_t)(end - p) < octets)
            return false;
        bool padded = *p == 0;
        for (len = 0; octets > 0; octets--)
            len = len << 8 | *p++;
        if (padded || len < 0x80)
            note(w, CP_DER_DEFECT_LENGTH, out->start);
    }
    if (len > (size_t)(end - p))
        return false;
    out->content = p;
    out->end = p + len;
    return true;
}

/* X.690 8.19: whole, minimal subidentifiers. */
static bool is_oid(const struct element *e) {
    bool starts = true;
    for (const uint8_t *p = e->content; p < e->end; p++) {
        if (starts && *p == 0x80)
            return false;
        starts = *p < 0x80;
    }
    return e->content != e->end && starts;
}

static bool is_time(const struct element *e) {
    size_t len = (size_t)(e->end - e->content);
    if (len != (e->tag == CP_DER_UTC_TIME ? 13U : 15U) || e->end[-1] != 'Z')
        return false;
    for (const uint8_t *p = e->content; p < e->end - 1; p++)
        if (*p < '0' || *p > '9')
            return false;
    return true;
}

static void judge_bits(struct walk *w, const struct element *e, enum role role) {
    size_t len = (size_t)(e->end - e->content);
    const uint8_t *c = e->content;
    if (len == 0 || c[0] > 7 || (len == 1 && c[0] != 0) ||
        (len > 1 && (c[len - 1] & ((1U << c[0]) - 1)) != 0))
        note(w, CP_DER_DEFECT_BITS, e->start);
    else if (role == ROLE_NAMED_BITS && len > 1 && (c[len - 1] >> c[0] & 1) == 0)
        note(w, CP_DER_DEFECT_NAMED_BITS, e->start); /* X.690 11.2.2 */
}

static void judge_primitive(struct walk *w, const struct element *e, enum role role) {
    const uint8_t *c = e->content;
    size_t len = (size_t)(e->end - c);
    switch (e->tag) {
    case CP_DER_BOOLEAN:
        if (len != 1 || (c[0] != 0 && c[0] != 0xff))
            note(w, CP_DER_DEFECT_BOOLEAN, e->start);
        break;
    case CP_DER_INTEGER:
        if (len == 0 || (len > 1 && ((c[0] == 0 && c[1] < 0x80) || (c[0] == 0xff && c[1] >= 0x80))))
            note(w, CP_DER_DEFECT_INTEGER, e->start);
        break;
    case CP_DER_BIT_STRING:
        judge_bits(w, e, role);
        break;
    case CP_DER_OID:
        w->oid = (struct cp_span){c, len};
        if (!is_oid(e))
            note(w, CP_DER_DEFECT_OID, e->start);
        break;
    case CP_DER_UTC_TIME:
    case CP_DER_GENERALIZED_TIME:
        if (!is_time(e))
            note(w, CP_DER_DEFECT_TIME, e->start);
        break;
    case CP_DER_UTF8_STRING:
        if (!cp_utf8_is_valid((struct cp_span){c, len}))
            note(w, CP_DER_DEFECT_UTF8, e->start);
        break;
    default:
        break;
    }
}

/* What the child number `index` of an element with this role is; version is not counted. */
static enum role role_of_child(enum role parent, unsigned index, uint8_t tag) {
    switch (parent) {
    case ROLE_CERTIFICATE:
        return index == 0 ? ROLE_TBS : ROLE_ANY;
    case ROLE_TBS:
        return tag == 0xa3 ? ROLE_EXTENSIONS_TAG : index == 5 ? ROLE_SPKI : ROLE_ANY;
    case ROLE_SPKI:
        return index == 0 ? ROLE_SPKI_ALGORITHM : ROLE_ANY;
    case ROLE_EXTENSIONS_TAG:
        return ROLE_EXTENSIONS;
    case ROLE_EXTENSIONS:
        return ROLE_EXTENSION;
    default:
        return ROLE_ANY;
    }
}

/* X.690 11.6: octet strings in ascending order, the shorter one as if padded with zeros. */
static bool is_ascending(const struct element *a, const struct element *b) {
    size_t a_len = (size_t)(a->end - a->start), b_len = (size_t)(b->end - b->start);
    int order = memcmp(a->start, b->start, a_len < b_len ? a_len : b_len);
    return order < 0 || (order == 0 && a_len <= b_len);
}

static bool walk_one(struct walk *w, struct element *e, enum role role, const uint8_t *p,
                     const uint8_t *end, unsigned depth);

/* An element that stands alone inside an OCTET STRING or BIT STRING. */
static void walk_inside(struct walk *w, const uint8_t *p, const uint8_t *end, enum role role,
                        unsigned depth) {
    struct element e;
    if (walk_one(w, &e, role, p, end, depth + 1) && e.end != end)
        note(w, CP_DER_DEFECT_TRAILING, e.end);
}

/* Extensions of RFC 5280 and its kin, whose values are DER for certain. */
static bool is_known_extension(struct cp_span oid) {
    static const uint8_t pe[] = {0x2b, 6, 1, 5, 5, 7, 1};
    return (oid.len == 3 && oid.data[0] == 0x55 && oid.data[1] == 0x1d) ||
           (oid.len == 8 && memcmp(oid.data, pe, sizeof(pe)) == 0);
}

static void walk_string(struct walk *w, const struct element *e, enum role parent, unsigned index,
                        unsigned depth) {
    static const uint8_t rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1};
    struct cp_span oid = w->oid;
    if (parent == ROLE_EXTENSION && e->tag == CP_DER_OCTET_STRING && is_known_extension(oid))
        walk_inside(w, e->content, e->end,
                    oid.len == 3 && oid.data[2] == 0x0f ? ROLE_NAMED_BITS : ROLE_ANY, depth);
    else if (parent == ROLE_SPKI && index == 1 && e->tag == CP_DER_BIT_STRING &&
             e->content != e->end && cp_span_equal(oid, (struct cp_span){rsa, sizeof(rsa)}))
        walk_inside(w, e->content + 1, e->end, ROLE_ANY, depth);
}

/* The elements in parent; on return parent->end is behind the content, if it was indefinite. */
static bool walk_children(struct walk *w, struct element *parent, enum role role, unsigned depth) {
    const uint8_t *p = parent->content;
    struct element e, before = {0};
    unsigned index = 0;
    for (;;) {
        if (parent->indefinite && parent->end - p >= 2 && p[0] == 0 && p[1] == 0) {
            parent->end = p + 2;
            return true;
        }
        if (p == parent->end)
            return !parent->indefinite;
        if (role == ROLE_CERTIFICATE && index == 3)
            note(w, CP_DER_DEFECT_TRAILING, p);
        if (!walk_one(w, &e, role_of_child(role, index, *p), p, parent->end, depth + 1))
            return false;
        walk_string(w, &e, role, index, depth);
        if (parent->tag == CP_DER_SET && before.start != NULL && !is_ascending(&before, &e))
            note(w, CP_DER_DEFECT_SET_ORDER, e.start);
        before = e;
        p = e.end;
        index += !(role == ROLE_TBS && e.tag == 0xa0 && index == 0);
    }
}

static bool walk_one(struct walk *w, struct element *e, enum role role, const uint8_t *p,
                     const uint8_t *end, unsigned depth) {
    if (depth > CP_MAX_DER_DEPTH || !read_header(w, e, p, end))
        return false;
    bool universal = (e->tag & 0xc0) == 0, constructed = (e->tag & 0x20) != 0;
    bool is_list = (e->tag & 0x1f) == 0x10 || (e->tag & 0x1f) == 0x11;
    if (universal && constructed && !is_list)
        note(w, CP_DER_DEFECT_CONSTRUCTED, e->start);
    if (constructed)
        return walk_children(w, e, role, depth);
    if (universal)
        judge_primitive(w, e, role);
    return true;
}

void cp_der_canonical(struct cp_der_canonical *out, struct cp_span der) {
    struct walk w = {.origin = der.data, .out = out};
    struct element e;
    out->defects = 0;
    if (der.len == 0)
        return;
    if (walk_one(&w, &e, ROLE_CERTIFICATE, der.data, der.data + der.len, 0) &&
        e.end != der.data + der.len)
        note(&w, CP_DER_DEFECT_TRAILING, e.end);
}

static void walk_span(struct walk *w, struct cp_span whole) {
    struct element e;
    (void)walk_one(w, &e, ROLE_ANY, whole.data, whole.data + whole.len, 0);
}

/* The parameters of algorithms are not looked into. */
static void judge_algorithms(struct walk *w, const struct cp_cert *cert) {
    struct cp_der_reader in, spki;
    struct cp_der algorithm;
    walk_span(w, cert->tbs_signature_algorithm);
    if (!cp_span_equal(cert->tbs_signature_algorithm, cert->signature_algorithm))
        walk_span(w, cert->signature_algorithm);
    cp_der_reader_init(&in, cert->spki);
    if (cp_der_enter(&in, &spki, CP_DER_SEQUENCE, "spki", NULL) == CP_OK &&
        cp_der_any(&spki, &algorithm, "algorithm", NULL) == CP_OK)
        walk_span(w, algorithm.whole);
}

/* RDNs of more than one attribute. */
static void judge_name(struct walk *w, struct cp_span name) {
    struct cp_der_reader in, rdns;
    struct cp_der set, first;
    cp_der_reader_init(&in, name);
    if (cp_der_enter(&in, &rdns, CP_DER_SEQUENCE, "Name", NULL) != CP_OK)
        return;
    while (!cp_der_at_end(&rdns) && cp_der_any(&rdns, &set, "RDN", NULL) == CP_OK) {
        struct cp_der_reader inside = cp_der_inside(&rdns, &set);
        if (cp_der_any(&inside, &first, "attribute", NULL) == CP_OK && !cp_der_at_end(&inside))
            walk_span(w, set.whole);
    }
}

void cp_der_canonical_cert(struct cp_der_canonical *out, const struct cp_cert *cert) {
    /* Those that cp_cert_parse reads to their last octet have no defect but in a list of bits. */
    static const uint32_t read_whole =
        1U << CP_EXT_SUBJECT_KEY_ID | 1U << CP_EXT_BASIC_CONSTRAINTS |
        1U << CP_EXT_EXTENDED_KEY_USAGE | 1U << CP_EXT_SCT_LIST | 1U << CP_EXT_CT_POISON;
    struct walk w = {.origin = cert->der.data, .out = out};
    uint32_t rest = cert->extensions & ~read_whole;
    out->defects = 0;
    if (cert->num_other_names == 0)
        rest &= ~(1U << CP_EXT_SUBJECT_ALT_NAME);
    for (unsigned i = 0; rest >> i != 0; i++)
        if ((rest >> i & 1) != 0)
            walk_inside(&w, cert->values[i].data, cert->values[i].data + cert->values[i].len,
                        i == CP_EXT_KEY_USAGE ? ROLE_NAMED_BITS : ROLE_ANY, 0);
    judge_algorithms(&w, cert);
    judge_name(&w, cert->issuer);
    judge_name(&w, cert->subject);
}

const char *cp_der_defect_text(enum cp_der_defect defect) {
    static const char *const texts[CP_NUM_DER_DEFECTS] = {
#define X(name, function, text) [CP_DER_DEFECT_##name] = text,
        CP_DER_DEFECTS(X)
#undef X
    };
    return texts[defect];
}
