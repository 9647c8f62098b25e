/* Distinguished names (RFC 5280 4.1.2.4, as text by RFC 4514) and general names (4.2.1.6). */
#include <stdio.h>
#include <string.h>

#include "inspect.h"
#include "ip.h"
#include "oids.h"

#define MAX_HEX 64 /* octets of a value that is no string */

/* ---- strings --------------------------------------------------------------------------------- */

/* A string of characters of width octets. */
static void put_wide(struct cp_buf *out, struct cp_span text, size_t width) {
    uint8_t utf8[4];
    size_t utf8_len;
    uint32_t code;
    while (cp_wide_next(&text, width, &code, utf8, &utf8_len)) {
        if (utf8_len == 0)
            cp_buf_printf(out, "\\u{%04lX}", (unsigned long)code);
        else if (code < 0x80 && strchr(",+\"\\<>;", (int)code) != NULL && code != 0)
            cp_buf_printf(out, "\\%c", (char)code);
        else
            cp_buf_escaped(out, (struct cp_span){utf8, utf8_len});
    }
}

/* RFC 4514 2.4. */
static void put_narrow(struct cp_buf *out, struct cp_span text) {
    size_t done = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        bool at_end = i == 0 || i + 1 == text.len;
        if ((c == 0 || strchr(",+\"\\<>;", c) == NULL) && !(c == ' ' && at_end) &&
            !(c == '#' && i == 0))
            continue;
        cp_buf_escaped(out, (struct cp_span){text.data + done, i - done});
        cp_buf_printf(out, "\\%c", c);
        done = i + 1;
    }
    cp_buf_escaped(out, (struct cp_span){text.data + done, text.len - done});
}

static void put_hex(struct cp_buf *out, struct cp_span octets) {
    for (size_t i = 0; i < octets.len && i < MAX_HEX; i++)
        cp_buf_printf(out, "%02x", octets.data[i]);
    if (octets.len > MAX_HEX)
        cp_buf_puts(out, "...");
}

static void put_value(struct cp_buf *out, const struct cp_der *value) {
    switch (value->tag) {
    case CP_DER_UTF8_STRING:
    case CP_DER_PRINTABLE_STRING:
    case CP_DER_TELETEX_STRING: /* its sets of characters are nobody's: octets over ASCII stay \xNN
                                 */
    case CP_DER_IA5_STRING:
    case 0x12: /* NumericString */
    case 0x1a: /* VisibleString */
        put_narrow(out, value->content);
        break;
    case CP_DER_BMP_STRING:
        put_wide(out, value->content, 2);
        break;
    case CP_DER_UNIVERSAL_STRING:
        put_wide(out, value->content, 4);
        break;
    default:
        cp_buf_puts(out, "#");
        put_hex(out, value->whole);
        break;
    }
}

/* ---- names ----------------------------------------------------------------------------------- */

static void put_attribute_type(struct cp_buf *out, struct cp_span oid) {
    char dotted[CP_OID_TEXT];
    cp_oid_dotted(dotted, oid);
    const struct cp_oid_row *row = cp_oid_find(dotted);
    cp_buf_puts(out, row != NULL && row->attribute[0] != '\0' ? row->attribute : dotted);
}

void cp_inspect_name(struct cp_buf *out, struct cp_span name) {
    struct cp_der_reader outer, rdns, set, attribute;
    struct cp_der type, value;
    const char *separator = "";
    cp_der_reader_init(&outer, name);
    if (cp_der_enter(&outer, &rdns, CP_DER_SEQUENCE, "Name", NULL) != CP_OK)
        goto malformed;
    while (!cp_der_at_end(&rdns)) {
        if (cp_der_enter(&rdns, &set, CP_DER_SET, "RDN", NULL) != CP_OK)
            goto malformed;
        while (!cp_der_at_end(&set)) {
            if (cp_der_enter(&set, &attribute, CP_DER_SEQUENCE, "attribute", NULL) != CP_OK ||
                cp_der_expect(&attribute, &type, CP_DER_OID, "type", NULL) != CP_OK ||
                cp_der_any(&attribute, &value, "value", NULL) != CP_OK)
                goto malformed;
            cp_buf_puts(out, separator);
            put_attribute_type(out, type.content);
            cp_buf_puts(out, "=");
            put_value(out, &value);
            separator = "+";
        }
        separator = ",";
    }
    return;
malformed: /* only a directoryName: subject and issuer are proved by cp_cert_parse */
    cp_buf_puts(out, "(malformed)");
}

const char *cp_inspect_general_name_type(enum cp_general_name_kind kind) {
    static const char *const types[] = {[CP_GN_OTHER] = "other",
                                        [CP_GN_EMAIL] = "email",
                                        [CP_GN_DNS] = "DNS",
                                        [CP_GN_X400] = "X400",
                                        [CP_GN_DIRECTORY] = "directory",
                                        [CP_GN_EDI] = "EDI",
                                        [CP_GN_URI] = "URI",
                                        [CP_GN_IP] = "IP",
                                        [CP_GN_REGISTERED_ID] = "OID"};
    return (unsigned)kind < sizeof(types) / sizeof(types[0]) ? types[kind] : "unknown";
}

/* An address, or address and mask as name constraints have it (RFC 5280 4.2.1.10). */
static void put_ip(struct cp_buf *out, struct cp_span octets) {
    char text[CP_IP_TEXT];
    size_t half = octets.len / 2;
    if (octets.len == 4 || octets.len == 16) {
        cp_ip_format(text, octets);
        cp_buf_puts(out, text);
        return;
    }
    if (octets.len != 8 && octets.len != 32) {
        put_hex(out, octets);
        return;
    }
    unsigned bits = 0;
    bool prefix = true, ended = false;
    for (size_t i = 0; i < half * 8; i++) {
        bool set = (octets.data[half + i / 8] >> (7 - i % 8) & 1) != 0;
        prefix = prefix && !(set && ended);
        ended = ended || !set;
        bits += set;
    }
    cp_ip_format(text, (struct cp_span){octets.data, half});
    cp_buf_printf(out, "%s/", text);
    if (prefix) {
        cp_buf_printf(out, "%u", bits);
        return;
    }
    cp_ip_format(text, (struct cp_span){octets.data + half, half});
    cp_buf_puts(out, text);
}

void cp_inspect_general_name(struct cp_buf *out, const struct cp_general_name *name) {
    struct cp_der_reader in;
    struct cp_der type;
    char dotted[CP_OID_TEXT];
    switch (name->kind) {
    case CP_GN_EMAIL:
    case CP_GN_DNS:
    case CP_GN_URI:
        cp_buf_escaped(out, name->value);
        return;
    case CP_GN_IP:
        put_ip(out, name->value);
        return;
    case CP_GN_DIRECTORY:
        cp_inspect_name(out, name->value);
        return;
    case CP_GN_REGISTERED_ID:
        cp_oid_dotted(dotted, name->value);
        cp_buf_puts(out, dotted);
        return;
    case CP_GN_OTHER:
        cp_der_reader_init(&in, name->value);
        if (cp_der_expect(&in, &type, CP_DER_OID, "type-id", NULL) == CP_OK) {
            cp_inspect_oid(out, type.content);
            cp_buf_puts(out, ", ");
        }
        break;
    case CP_GN_X400:
    case CP_GN_EDI:
        break;
    }
    cp_buf_printf(out, "%zu bytes", name->value.len);
}

void cp_inspect_oid(struct cp_buf *out, struct cp_span oid) {
    char dotted[CP_OID_TEXT];
    cp_oid_dotted(dotted, oid);
    const struct cp_oid_row *row = cp_oid_find(dotted);
    if (row != NULL)
        cp_buf_printf(out, "%s (%s)", row->name, dotted);
    else
        cp_buf_puts(out, dotted);
}
