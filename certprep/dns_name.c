/* Names that a certificate presents, and whether they cover a hostname: RFC 9525 6. */
#include <libpsl.h>
#include <string.h>

#include "hostname.h"
#include "ip.h"

static bool is_letter_or_digit(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static uint8_t lower(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* a is lower-case already. */
static bool equal_folded(const char *a, const uint8_t *b, size_t len) {
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)a[i] != lower(b[i]))
            return false;
    return true;
}

bool cp_dns_is_public_suffix(const char *name) {
    if (name[0] == '\0')
        return false;
    if (strchr(name, '.') == NULL)
        return true;
    const psl_ctx_t *psl = psl_builtin(); /* static data: nothing is loaded */
    return psl != NULL && psl_is_public_suffix(psl, name) == 1;
}

bool cp_dns_is_registry_suffix(const char *name) {
    if (name[0] == '\0')
        return false;
    if (strchr(name, '.') == NULL)
        return true;
    const psl_ctx_t *psl = psl_builtin();
    return psl != NULL && psl_is_public_suffix2(psl, name, PSL_TYPE_ICANN) == 1;
}

/* Equality with a hostname that passed cp_hostname_init proves the presented name well formed, so
 * none of this needs cp_dns_check. The list is asked last: it costs the most. Of the list only its
 * ICANN part, as in browsers: a wildcard over a private suffix is its owner's, and serves. */
bool cp_hostname_matches_dns(const struct cp_hostname *hostname, struct cp_span presented) {
    const char *name = hostname->ascii;
    size_t name_len = strlen(name);
    if (hostname->ip_len != 0)
        return false;
    if (presented.len == name_len && equal_folded(name, presented.data, name_len))
        return !hostname->wildcard || !cp_dns_is_registry_suffix(name + 2);
    if (hostname->wildcard || presented.len < 3 || presented.data[0] != '*' ||
        presented.data[1] != '.')
        return false;
    const char *dot = strchr(name, '.');
    if (dot == NULL)
        return false;
    const char *rest = dot + 1;
    size_t rest_len = name_len - (size_t)(rest - name);
    return presented.len == rest_len + 2 && equal_folded(rest, presented.data + 2, rest_len) &&
           !cp_dns_is_registry_suffix(rest);
}

bool cp_hostname_matches_ip(const struct cp_hostname *hostname, struct cp_span octets) {
    return hostname->ip_len != 0 && octets.len == hostname->ip_len &&
           memcmp(octets.data, hostname->ip, octets.len) == 0;
}

static enum cp_dns_defect check_label(const uint8_t *label, size_t len) {
    if (len == 0 || len > 63 || label[0] == '-' || label[len - 1] == '-')
        return CP_DNS_BAD_LABEL;
    for (size_t i = 0; i < len; i++)
        if (label[i] != '-' && !is_letter_or_digit(label[i]))
            return label[i] == '*' ? CP_DNS_BAD_WILDCARD : CP_DNS_BAD_CHARACTER;
    return CP_DNS_OK;
}

enum cp_dns_defect cp_dns_check(struct cp_span presented) {
    uint8_t ip[16];
    if (presented.len == 0)
        return CP_DNS_EMPTY;
    if (memchr(presented.data, '\0', presented.len) != NULL)
        return CP_DNS_NUL;
    if (presented.len > CP_HOSTNAME_MAX + 1 ||
        (presented.len > CP_HOSTNAME_MAX && presented.data[presented.len - 1] != '.'))
        return CP_DNS_TOO_LONG;
    if (cp_ip_parse(ip, presented) != 0)
        return CP_DNS_IP_ADDRESS;
    const uint8_t *label = presented.data, *end = presented.data + presented.len;
    if (label[0] == '*' && (presented.len == 1 || label[1] == '.')) {
        if (presented.len <= 2)
            return CP_DNS_BAD_WILDCARD;
        label += 2;
    }
    if (end[-1] == '.' && presented.len > 1)
        return CP_DNS_TRAILING_DOT;
    for (;;) {
        const uint8_t *dot = memchr(label, '.', (size_t)(end - label));
        enum cp_dns_defect defect = check_label(label, (size_t)((dot == NULL ? end : dot) - label));
        if (defect != CP_DNS_OK || dot == NULL)
            return defect;
        label = dot + 1;
    }
}

const char *cp_dns_defect_text(enum cp_dns_defect defect) {
    static const char *const texts[] = {
        [CP_DNS_OK] = "well formed",
        [CP_DNS_EMPTY] = "an empty name",
        [CP_DNS_TOO_LONG] = "over 253 octets",
        [CP_DNS_NUL] = "a NUL octet",
        [CP_DNS_BAD_CHARACTER] = "a character that is not a letter, digit or hyphen",
        [CP_DNS_BAD_LABEL] = "a label that is empty, over 63 octets, or has a hyphen at an end",
        [CP_DNS_BAD_WILDCARD] = "'*' that is not the whole left-most label with a name right of it",
        [CP_DNS_TRAILING_DOT] = "a dot at the end",
        [CP_DNS_IP_ADDRESS] = "an IP address, which belongs in an iPAddress entry",
    };
    return (unsigned)defect < sizeof(texts) / sizeof(texts[0]) ? texts[defect] : "unknown defect";
}
