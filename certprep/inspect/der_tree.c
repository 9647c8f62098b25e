/* The DER of one block, element by element, as it stands: offset, header and content length, tag,
 * and the values that help. OCTET STRINGs are not followed, as in openssl asn1parse. */
#include <stdio.h>
#include <string.h>

#include "cp_limits.h"
#include "inspect.h"
#include "oids.h"

struct walk {
    struct cp_sink *sink;
    size_t max_integer;
    size_t *budget;
    bool cut;
};

static void tag_name(char out[24], uint8_t tag) {
    static const char *const universal[31] = {
        [1] = "BOOLEAN",          [2] = "INTEGER",        [3] = "BIT STRING",
        [4] = "OCTET STRING",     [5] = "NULL",           [6] = "OBJECT IDENTIFIER",
        [7] = "ObjectDescriptor", [8] = "EXTERNAL",       [9] = "REAL",
        [10] = "ENUMERATED",      [12] = "UTF8String",    [13] = "RELATIVE-OID",
        [16] = "SEQUENCE",        [17] = "SET",           [18] = "NumericString",
        [19] = "PrintableString", [20] = "TeletexString", [21] = "VideotexString",
        [22] = "IA5String",       [23] = "UTCTime",       [24] = "GeneralizedTime",
        [25] = "GraphicString",   [26] = "VisibleString", [27] = "GeneralString",
        [28] = "UniversalString", [30] = "BMPString"};
    static const char *const classes[] = {"UNIVERSAL ", "APPLICATION ", "", "PRIVATE "};
    unsigned number = tag & 0x1f;
    if (tag >> 6 == 0 && universal[number] != NULL)
        snprintf(out, 24, "%s", universal[number]);
    else
        snprintf(out, 24, "[%s%u]", classes[tag >> 6], number);
}

/* Appends what of the content is to be seen; nothing for most. */
static void put_value(const struct walk *walk, struct cp_buf *out, const struct cp_der *element) {
    struct cp_span c = element->content;
    switch (element->tag) {
    case CP_DER_BOOLEAN:
        if (c.len == 1)
            cp_buf_puts(out, c.data[0] == 0xff ? "TRUE" : c.data[0] == 0 ? "FALSE" : "not DER");
        break;
    case CP_DER_INTEGER:
    case 0x0a: /* ENUMERATED */
        for (size_t i = 0; i < c.len && c.len <= walk->max_integer; i++)
            cp_buf_printf(out, "%02x", c.data[i]);
        break;
    case CP_DER_BIT_STRING:
        if (c.len != 0)
            cp_buf_printf(out, "%u unused bits", c.data[0]);
        break;
    case CP_DER_OID:
        cp_inspect_oid(out, c);
        break;
    case CP_DER_UTF8_STRING:
    case CP_DER_PRINTABLE_STRING:
    case CP_DER_TELETEX_STRING:
    case CP_DER_IA5_STRING:
    case CP_DER_UTC_TIME:
    case CP_DER_GENERALIZED_TIME:
    case 0x12: /* NumericString */
    case 0x1a: /* VisibleString */
        cp_buf_escaped(
            out,
            (struct cp_span){c.data, c.len < CP_MAX_INSPECT_VALUE ? c.len : CP_MAX_INSPECT_VALUE});
        if (c.len > CP_MAX_INSPECT_VALUE)
            cp_buf_puts(out, "...");
        break;
    default:
        break;
    }
}

static void put_element(const struct walk *walk, const struct cp_der *element, unsigned depth) {
    struct cp_sink *sink = walk->sink;
    struct cp_buf value;
    char tag[24];
    size_t header_len = element->whole.len - element->content.len;
    cp_buf_init(&value, 8192); /* CP_MAX_INSPECT_VALUE escaped, or an OID */
    put_value(walk, &value, element);
    tag_name(tag, element->tag);
    if (sink->json) {
        cp_sink_open_flat(sink, NULL);
        cp_sink_number(sink, "offset", (int64_t)element->offset);
        cp_sink_number(sink, "header_length", (int64_t)header_len);
        cp_sink_number(sink, "length", (int64_t)element->content.len);
        cp_sink_number(sink, "depth", (int64_t)depth);
        cp_sink_text(sink, "tag", tag);
        cp_sink_text(sink, "value", value.data);
        cp_sink_close(sink, '}');
    } else {
        cp_sink_put_indent(sink);
        cp_buf_printf(sink->out, "%6zu  %zu+%-6zu %*s%s", element->offset, header_len,
                      element->content.len, (int)depth * 2, "", tag);
        if (value.len != 0) {
            cp_buf_puts(sink->out, " ");
            cp_sink_put(sink, CP_PLAIN, value.data);
        }
        cp_buf_puts(sink->out, "\n");
    }
    if (value.failed != CP_OK && sink->out->failed == CP_OK)
        sink->out->failed = value.failed;
    cp_buf_cleanup(&value);
}

/* What ends the walk of one level. */
static void put_stop(const struct walk *walk, size_t offset, unsigned depth, const char *why) {
    struct cp_sink *sink = walk->sink;
    if (sink->json) {
        cp_sink_open_flat(sink, NULL);
        cp_sink_number(sink, "offset", (int64_t)offset);
        cp_sink_number(sink, "depth", (int64_t)depth);
        cp_sink_text(sink, "stopped", why);
        cp_sink_close(sink, '}');
        return;
    }
    cp_sink_put_indent(sink);
    cp_buf_printf(sink->out, "%6zu  %*s", offset, 9 + (int)depth * 2, "");
    cp_sink_put(sink, CP_RED, why);
    cp_buf_puts(sink->out, "\n");
}

/* One level; the depth is bounded by CP_MAX_DER_DEPTH. */
static void walk_level(struct walk *walk, struct cp_der_reader *in, unsigned depth) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_der element;
    while (!cp_der_at_end(in) && !walk->cut) {
        struct cp_der_reader at = *in;
        size_t offset = (size_t)(in->next - in->origin);
        if (*walk->budget == 0) {
            put_stop(walk, offset, depth, "too many elements: the rest is not shown");
            walk->cut = true;
            return;
        }
        --*walk->budget;
        if (cp_der_any(in, &element, "element", &err) != CP_OK) {
            const char *why = strstr(err.message, "element: ");
            put_stop(walk, offset, depth, why != NULL ? why + strlen("element: ") : err.message);
            return;
        }
        put_element(walk, &element, depth);
        if ((element.tag & 0x20) == 0)
            continue;
        struct cp_der_reader inner = cp_der_inside(&at, &element);
        if (depth + 1 < CP_MAX_DER_DEPTH)
            walk_level(walk, &inner, depth + 1);
        else if (!cp_der_at_end(&inner))
            put_stop(walk, (size_t)(inner.next - inner.origin), depth + 1,
                     "nested too deep: not followed");
    }
}

void cp_inspect_der_tree(struct cp_sink *sink, struct cp_span der, size_t max_integer,
                         size_t *budget) {
    struct walk walk = {.sink = sink, .max_integer = max_integer, .budget = budget};
    struct cp_der_reader in;
    cp_der_reader_init(&in, der);
    cp_sink_open(sink, "elements", '[');
    cp_sink_line(sink, CP_PLAIN, "DER: offset, header+content length, tag");
    walk_level(&walk, &in, 0);
    cp_sink_close(sink, ']');
}
