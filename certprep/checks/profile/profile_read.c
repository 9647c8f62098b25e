/* What the rules share: reading values, and saying why. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "profile.h"

bool cp_profile_say(char why[CP_PROFILE_WHY], const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(why, CP_PROFILE_WHY, format, args);
    va_end(args);
    return true;
}

void cp_profile_text(char out[CP_PROFILE_TEXT], struct cp_span value) {
    char text[CP_PROFILE_TEXT - 4];
    bool whole = cp_escape(text, sizeof(text), value);
    snprintf(out, CP_PROFILE_TEXT, "%s%s", text, whole ? "" : "...");
}

bool cp_profile_sequence(struct cp_der_reader *inside, struct cp_span value) {
    struct cp_der_reader in;
    cp_der_reader_init(&in, value);
    return cp_der_enter(&in, inside, CP_DER_SEQUENCE, "extnValue", NULL) == CP_OK &&
           cp_der_at_end(&in) && !cp_der_at_end(inside);
}

bool cp_profile_is_general_name(const struct cp_der *out) {
    if ((out->tag & 0xc0) != 0x80)
        return false;
    bool constructed = (out->tag & 0x20) != 0;
    struct cp_der_reader inner;
    struct cp_der name;
    cp_der_reader_init(&inner, out->content);
    switch (out->tag & 0x1f) {
    case CP_GN_OTHER:
    case CP_GN_X400:
    case CP_GN_EDI:
        return constructed;
    case CP_GN_DIRECTORY: /* Name is a CHOICE: its tag is explicit */
        return constructed &&
               cp_der_expect(&inner, &name, CP_DER_SEQUENCE, "directoryName", NULL) == CP_OK &&
               cp_der_at_end(&inner);
    case CP_GN_EMAIL:
    case CP_GN_DNS:
    case CP_GN_URI:
        return !constructed && cp_profile_is_ia5(out->content);
    case CP_GN_IP:
        return !constructed && (out->content.len == 4 || out->content.len == 16);
    case CP_GN_REGISTERED_ID:
        return !constructed && out->content.len != 0;
    default:
        return false;
    }
}

bool cp_profile_general_name(struct cp_der_reader *in, struct cp_der *out) {
    return cp_der_any(in, out, "GeneralName", NULL) == CP_OK && cp_profile_is_general_name(out);
}

bool cp_profile_general_names(struct cp_der_reader in) {
    struct cp_der name;
    if (cp_der_at_end(&in))
        return false;
    while (!cp_der_at_end(&in))
        if (!cp_profile_general_name(&in, &name))
            return false;
    return true;
}

bool cp_profile_is_ia5(struct cp_span text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] >= 0x80)
            return false;
    return true;
}

static bool is_letter(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

const char *cp_profile_uri_defect(struct cp_span uri) {
    static const uint64_t scheme[2] = {0x03ff680000000000,
                                       0x07fffffe07fffffe}; /* letters, digits, "+-." */
    static const uint64_t other[2] = {
        0xaffffffa00000000, 0x47fffffeafffffff}; /* printable but for "<>\^`{|} and the quote */
    size_t i = 0;
    while (i < uri.len && cp_profile_is_in(scheme, uri.data[i]))
        i++;
    if (i == 0 || !is_letter(uri.data[0]) || i == uri.len || uri.data[i] != ':')
        return "it is relative: it has no scheme";
    if (++i == uri.len)
        return "nothing follows the scheme";
    for (size_t j = i; j < uri.len; j++)
        if (!cp_profile_is_in(other, uri.data[j]))
            return "it has a character that a URI can't have";
    bool has_authority = uri.len - i >= 2 && uri.data[i] == '/' && uri.data[i + 1] == '/';
    if (has_authority && (uri.len - i == 2 || uri.data[i + 2] == '/' || uri.data[i + 2] == ':') &&
        (i != 5 || memcmp(uri.data, "ldap:", 5) != 0)) /* RFC 4516 2: its host may be absent */
        return "its host is empty";
    return NULL;
}

/* Is text, in any case, the start of the value and more behind it? */
static bool starts_with(struct cp_span value, const char *text, size_t len) {
    if (value.len <= len)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((is_letter(value.data[i]) ? value.data[i] | 0x20 : value.data[i]) != (uint8_t)text[i])
            return false;
    return true;
}

bool cp_profile_is_fetchable(struct cp_span uri) {
    return starts_with(uri, "http://", 7) || starts_with(uri, "ldap://", 7) ||
           starts_with(uri, "https://", 8) || starts_with(uri, "ldaps://", 8);
}

struct cp_der cp_profile_parameters(struct cp_span algorithm) {
    struct cp_der_reader in, inside;
    struct cp_der oid, parameters = {0};
    cp_der_reader_init(&in, algorithm);
    if (cp_der_enter(&in, &inside, CP_DER_SEQUENCE, "algorithm", NULL) == CP_OK &&
        cp_der_any(&inside, &oid, "algorithm", NULL) == CP_OK && !cp_der_at_end(&inside) &&
        cp_der_any(&inside, &parameters, "parameters", NULL) != CP_OK)
        parameters.tag = 0;
    return parameters;
}

struct cp_span cp_profile_key_algorithm(const struct cp_cert *cert) {
    struct cp_der_reader in, inside;
    struct cp_der algorithm = {0};
    cp_der_reader_init(&in, cert->spki);
    if (cp_der_enter(&in, &inside, CP_DER_SEQUENCE, "spki", NULL) != CP_OK ||
        cp_der_any(&inside, &algorithm, "algorithm", NULL) != CP_OK)
        return (struct cp_span){NULL, 0};
    return algorithm.whole;
}

/* Behind version, serial, signature, issuer, validity, subject, SPKI: the tags 0x81, 0x82, 0xa3. */
static bool find_extensions(struct cp_der_reader *list, struct cp_span tbs) {
    struct cp_der_reader in, inside, tagged;
    struct cp_der element;
    cp_der_reader_init(&in, tbs);
    if (cp_der_enter(&in, &inside, CP_DER_SEQUENCE, "tbs", NULL) != CP_OK)
        return false;
    while (!cp_der_at_end(&inside) && !cp_der_peek(&inside, CP_DER_CONTEXT_CONSTRUCTED(3)))
        if (cp_der_any(&inside, &element, "tbs", NULL) != CP_OK)
            return false;
    return !cp_der_at_end(&inside) &&
           cp_der_enter(&inside, &tagged, CP_DER_CONTEXT_CONSTRUCTED(3), "extensions", NULL) ==
               CP_OK &&
           cp_der_enter(&tagged, list, CP_DER_SEQUENCE, "extensions", NULL) == CP_OK;
}

bool cp_profile_extension(const struct cp_cert *cert, struct cp_span oid, bool *critical) {
    struct cp_der_reader list, extension;
    struct cp_span other;
    if (cert->num_extensions == 0 || !find_extensions(&list, cert->tbs))
        return false;
    while (!cp_der_at_end(&list)) {
        *critical = false;
        if (cp_der_enter(&list, &extension, CP_DER_SEQUENCE, "extension", NULL) != CP_OK ||
            cp_der_oid(&extension, &other, "extnID", NULL) != CP_OK)
            return false;
        if (!cp_span_equal(oid, other))
            continue;
        return !cp_der_peek(&extension, CP_DER_BOOLEAN) ||
               cp_der_boolean(&extension, critical, "critical", NULL) == CP_OK;
    }
    return false;
}
