/* Hostnames that are asked for: what people type, brought into one form or refused with the reason.
 */
#include "hostname.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idn.h"
#include "ip.h"

#define TEXT_MAX 1024 /* of the text given: U-labels take more bytes than A-labels */

static enum cp_status refuse(const char *text, const char *why, struct cp_error *err) {
    return cp_fail(err, CP_ERR_USAGE, "hostname '%.80s': %s", text, why);
}

/* ---- what is not a hostname at all ----------------------------------------------------------- */

/* The one colon of "host:443", or NULL. */
static const char *find_port(const char *text) {
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || colon[1] == '\0' ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return NULL;
    bool bracketed = colon > text && colon[-1] == ']';
    return bracketed || strchr(text, ':') == colon ? colon : NULL;
}

static const char *foreign_syntax(const char *text) {
    if (strstr(text, "://") != NULL)
        return "it is a URL: give the hostname alone, without https:// and path";
    for (const char *p = text; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return "a control character";
        if (*p == ' ')
            return "a space";
        if (*p == '@')
            return "give the hostname alone, without what stands before '@'";
        if (*p == '/' || *p == '\\' || *p == '?' || *p == '#')
            return "give the hostname alone, without a path";
        if (*p == ',' || *p == ';')
            return "give one hostname, not a list";
    }
    return NULL;
}

/* ---- IP addresses ---------------------------------------------------------------------------- */

static enum cp_status set_ip(struct cp_hostname *out, const char *text, size_t len) {
    out->ip_len = cp_ip_parse(out->ip, (struct cp_span){(const uint8_t *)text, len});
    if (out->ip_len != 0)
        cp_ip_format(out->ascii, (struct cp_span){out->ip, out->ip_len});
    return out->ip_len != 0 ? CP_OK : CP_ERR_USAGE;
}

/* Texts with a colon or a bracket: IPv6, or nothing. */
static enum cp_status init_ipv6(struct cp_hostname *out, const char *text, struct cp_error *err) {
    size_t len = strlen(text);
    if (find_port(text) != NULL)
        return refuse(text, "give the hostname alone, without a port", err);
    if (strchr(text, '%') != NULL)
        return refuse(text, "an IPv6 zone means something on one machine only; give none", err);
    if (text[0] == '[' && text[len - 1] == ']') {
        if (set_ip(out, text + 1, len - 2) == CP_OK && out->ip_len == 16)
            return CP_OK;
    } else if (set_ip(out, text, len) == CP_OK) {
        return CP_OK;
    }
    *out = (struct cp_hostname){0};
    return refuse(text, "not an IPv6 address (RFC 4291 2.2)", err);
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static const char *bad_label(const char *label, size_t len) {
    if (len == 0)
        return "an empty label: a dot at the start, or two in a row";
    for (size_t i = 0; i < len; i++) {
        if (label[i] == '_')
            return "an underscore: a hostname has letters, digits and hyphens (RFC 1123 2.1)";
        if (label[i] == '*')
            return "'*' has to be the whole left-most label, and a name right of it (RFC 9525 6.3)";
        if (label[i] != '-' && !is_letter_or_digit(label[i]))
            return "a character that is not a letter, digit or hyphen (RFC 1123 2.1)";
    }
    if (label[0] == '-' || label[len - 1] == '-')
        return "a hyphen at the start or end of a label (RFC 1123 2.1)";
    return len > 63 ? "a label of more than 63 characters (RFC 1035 2.3.4)" : NULL;
}

/* Decimal, or hexadecimal as inet_aton reads it: such a name is taken for an IPv4 address. */
static bool is_number(const char *label) {
    bool hex = label[0] == '0' && label[1] == 'x';
    const char *digits = hex ? "0123456789abcdef" : "0123456789";
    label += hex ? 2 : 0;
    return strspn(label, digits) == strlen(label);
}

/* name is lower-case and without a wildcard; room is what is left of CP_HOSTNAME_MAX. */
static const char *bad_name(const char *name, size_t room) {
    const char *label = name;
    for (;;) {
        size_t len = strcspn(label, ".");
        const char *why = bad_label(label, len);
        if (why != NULL)
            return why;
        if (label[len] == '\0')
            break;
        label += len + 1;
    }
    if (strlen(name) > room)
        return "more than 253 characters (RFC 1035 2.3.4)";
    if (is_number(label))
        return "the last label is a number, so it is not a hostname; and it is not an IPv4 address "
               "of four decimal numbers";
    return NULL;
}

static void lower(char *text) {
    for (; *text != '\0'; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
}

static void strip_dot(char *text) {
    size_t len = strlen(text);
    if (len > 1 && text[len - 1] == '.')
        text[len - 1] = '\0';
}

/* The U-label form, where it differs. */
static enum cp_status set_unicode(struct cp_hostname *out, const char *unicode,
                                  struct cp_error *err) {
    const char *prefix = out->wildcard ? "*." : "";
    if (strcmp(unicode, out->ascii + strlen(prefix)) == 0)
        return CP_OK;
    size_t size = strlen(prefix) + strlen(unicode) + 1;
    out->unicode = malloc(size);
    if (out->unicode == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "hostname: out of memory");
    (void)snprintf(out->unicode, size, "%s%s", prefix, unicode);
    return CP_OK;
}

static enum cp_status init_name(struct cp_hostname *out, const char *text, struct cp_error *err) {
    enum cp_status status = CP_OK;
    char *ascii = NULL, *unicode = NULL;
    const char *why = NULL;
    out->wildcard = strncmp(text, "*.", 2) == 0;
    size_t prefix_len = out->wildcard ? 2 : 0;
    const char *name = text + prefix_len;
    if (*name == '\0')
        return refuse(text, "nothing right of '*.'", err);
    if (cp_idn_is_needed(name))
        status = cp_idn_to_ascii(&ascii, &unicode, name, err);
    else
        ascii = strdup(name);
    if (status != CP_OK)
        goto out;
    if (ascii == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "hostname: out of memory");
        goto out;
    }
    lower(ascii);
    strip_dot(ascii);
    why = bad_name(ascii, CP_HOSTNAME_MAX - prefix_len);
    if (why != NULL) {
        status = refuse(text, why, err);
        goto out;
    }
    memcpy(out->ascii, text, prefix_len);
    memcpy(out->ascii + prefix_len, ascii, strlen(ascii) + 1); /* bad_name has seen the length */
    if (unicode != NULL) {
        strip_dot(unicode);
        status = set_unicode(out, unicode, err);
    }
out:
    free(ascii);
    free(unicode);
    return status;
}

enum cp_status cp_hostname_init(struct cp_hostname *out, const char *text, struct cp_error *err) {
    *out = (struct cp_hostname){0};
    size_t len = strnlen(text, TEXT_MAX + 1);
    if (len == 0)
        return cp_fail(err, CP_ERR_USAGE, "hostname: empty");
    if (len > TEXT_MAX)
        return refuse(text, "more than 253 characters (RFC 1035 2.3.4)", err);
    const char *why = foreign_syntax(text);
    if (why != NULL)
        return refuse(text, why, err);
    if (text[0] == '[' || strchr(text, ':') != NULL)
        return init_ipv6(out, text, err);
    if (set_ip(out, text, len) == CP_OK)
        return CP_OK;
    enum cp_status status = init_name(out, text, err);
    if (status != CP_OK)
        cp_hostname_cleanup(out);
    return status;
}

void cp_hostname_cleanup(struct cp_hostname *hostname) {
    if (hostname == NULL)
        return;
    free(hostname->unicode);
    *hostname = (struct cp_hostname){0};
}

/* ---- public interface ------------------------------------------------------------------------ */

enum cp_status cp_hostname_new(struct cp_hostname **out, const char *text, struct cp_error *err) {
    *out = NULL;
    struct cp_hostname *hostname = malloc(sizeof(*hostname));
    if (hostname == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "hostname: out of memory");
    enum cp_status status = cp_hostname_init(hostname, text, err);
    if (status != CP_OK) {
        free(hostname);
        return status;
    }
    *out = hostname;
    return CP_OK;
}

void cp_hostname_free(struct cp_hostname *hostname) {
    cp_hostname_cleanup(hostname);
    free(hostname);
}

const char *cp_hostname_ascii(const struct cp_hostname *hostname) {
    return hostname->ascii;
}

const char *cp_hostname_unicode(const struct cp_hostname *hostname) {
    return hostname->unicode != NULL ? hostname->unicode : hostname->ascii;
}

bool cp_hostname_is_ip(const struct cp_hostname *hostname) {
    return hostname->ip_len != 0;
}

bool cp_hostname_is_wildcard(const struct cp_hostname *hostname) {
    return hostname->wildcard;
}

bool cp_hostname_is_public_suffix(const struct cp_hostname *hostname) {
    return hostname->ip_len == 0 &&
           cp_dns_is_public_suffix(hostname->ascii + (hostname->wildcard ? 2 : 0));
}
