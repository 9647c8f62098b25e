/* The names of the SAN: BR 3.2.2.6, 4.2.2, 7.1.2.7.12, appendix B. What is no DNS name by its
 * characters and labels is CP0303's, a wildcard over a public suffix CP0304's. */
#include <idn2.h>
#include <libpsl.h>
#include <string.h>

#include "../../ip.h"
#include "webpki.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char lower(uint8_t c) {
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

void cp_webpki_name_read(struct cp_webpki_name *out, const struct cp_general_name *given) {
    struct cp_span value = given->value;
    out->given = *given;
    out->len = out->num_labels = 0;
    out->wildcard = false;
    out->text[0] = '\0';
    out->top = out->text;
    if (given->kind != CP_GN_DNS || cp_dns_check(value) != CP_DNS_OK)
        return;
    out->wildcard = value.data[0] == '*';
    size_t start = out->wildcard ? 2 : 0;
    out->len = value.len - start; /* cp_dns_check has seen the length */
    out->num_labels = 1;
    for (size_t i = 0; i < out->len; i++) {
        out->text[i] = lower(value.data[start + i]);
        if (out->text[i] != '.')
            continue;
        out->num_labels++;
        out->top = out->text + i + 1;
    }
    out->text[out->len] = '\0';
}

static bool is_under(const struct cp_webpki_name *name, const char *domain) {
    size_t len = strlen(domain);
    return name->len >= len && strcmp(name->text + name->len - len, domain) == 0 &&
           (name->len == len || name->text[name->len - len - 1] == '.');
}

static bool is_among(const char *label, const char *const *list, size_t num) {
    for (size_t i = 0; i < num; i++)
        if (strcmp(label, list[i]) == 0)
            return true;
    return false;
}

/* RFC 2606 2, RFC 6761 6, RFC 6762 3, RFC 9476; "internal" by ICANN. */
static bool is_reserved_top(const char *top) {
    static const char *const tops[] = {"alt",       "example", "internal", "invalid",
                                       "localhost", "local",   "test"};
    return is_among(top, tops, COUNT(tops));
}

/* Registries that sell names directly below: nothing else under them is in the list's ICANN part. A
 * look-up costs as much as all other rules, and most names end so. */
static bool is_plain_top(const char *top) {
    static const char *const tops[] = {"com", "net", "org", "app", "dev", "edu", "gov", "info"};
    return is_among(top, tops, COUNT(tops));
}

static bool is_listed(const char *name) {
    const psl_ctx_t *psl = psl_builtin();
    return psl != NULL &&
           psl_is_public_suffix2(psl, name, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
}

/* Without a list nothing is known, and no name is blamed. */
static bool is_known_top(const char *top) {
    return is_plain_top(top) || psl_builtin() == NULL || is_listed(top);
}

bool cp_webpki_name_kind(const struct cp_webpki_name *name) {
    return name->given.kind != CP_GN_DNS && name->given.kind != CP_GN_IP;
}

bool cp_webpki_name_reserved_ip(const struct cp_webpki_name *name) {
    return name->given.kind == CP_GN_IP && cp_webpki_ip_is_reserved(name->given.value);
}

bool cp_webpki_name_single_label(const struct cp_webpki_name *name) {
    return name->num_labels == 1 && !name->wildcard; /* with one it stands over a public suffix */
}

bool cp_webpki_name_reserved_tld(const struct cp_webpki_name *name) {
    return name->num_labels > 1 && !is_plain_top(name->top) &&
           (is_reserved_top(name->top) || is_under(name, "home.arpa"));
}

bool cp_webpki_name_unknown_tld(const struct cp_webpki_name *name) {
    return name->num_labels > 1 && !is_reserved_top(name->top) && strcmp(name->top, "onion") != 0 &&
           !is_known_top(name->top);
}

bool cp_webpki_name_suffix(const struct cp_webpki_name *name) {
    return name->num_labels > 1 && !name->wildcard && !is_plain_top(name->top) &&
           is_listed(name->text);
}

/* Over one of the list's ICANN part it is CP0304's. */
static bool is_private_wildcard(struct cp_span presented) {
    struct cp_webpki_name name;
    struct cp_general_name given = {.kind = CP_GN_DNS, .value = presented};
    cp_webpki_name_read(&name, &given);
    return name.num_labels > 1 && name.wildcard && cp_dns_is_public_suffix(name.text) &&
           !cp_dns_is_registry_suffix(name.text);
}

/* The owner of a private suffix may have a wildcard over it, so that only whoever relies on one is
 * told. */
bool cp_webpki_private_wildcard(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    for (size_t i = 0; i < w->num_hosts; i++) {
        const struct cp_report_host *host = &w->hosts[i];
        if (!host->covered || cp_hostname_is_ip(&host->hostname) ||
            !is_private_wildcard(host->covered_by))
            continue;
        (void)cp_escape(detail, CP_WEBPKI_DETAIL, cp_span_of(cp_hostname_ascii(&host->hostname)));
        return true;
    }
    return false;
}

bool cp_webpki_name_reverse_zone(const struct cp_webpki_name *name) {
    return is_under(name, "in-addr.arpa") || is_under(name, "ip6.arpa");
}

/* BR appendix B: version 3, so 56 characters of base32 before "onion" (Tor rend-spec-v3, 6). */
bool cp_webpki_name_onion(const struct cp_webpki_name *name) {
    if (name->num_labels < 2 || strcmp(name->top, "onion") != 0)
        return false;
    const char *end = name->top - 1, *label = end;
    while (label > name->text && label[-1] != '.')
        label--;
    if (end - label != 56)
        return true;
    for (; label < end; label++)
        if (!((*label >= 'a' && *label <= 'z') || (*label >= '2' && *label <= '7')))
            return true;
    return false;
}

enum a_label { A_LABEL_SOUND, A_LABEL_BROKEN, A_LABEL_DISALLOWED };

/* Decoded, and encoded again: the same must come back. Characters that IDNA 2008 does not allow,
 * such as pictures, are no breach of the BR, which want Punycode (BR 1.6.1: P-Label). */
static enum a_label judge_a_label(const char *label, size_t len) {
    char text[64];
    char *unicode = NULL;
    uint8_t *again = NULL;
    memcpy(text, label, len); /* at most 63: cp_dns_check */
    text[len] = '\0';
    int rc = idn2_to_unicode_8z8z(text, &unicode, 0);
    if (rc == IDN2_OK)
        rc =
            idn2_lookup_u8((const uint8_t *)unicode, &again, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    bool same = rc == IDN2_OK && strcmp((const char *)again, text) == 0;
    idn2_free(unicode);
    idn2_free(again);
    if (same || rc == IDN2_MALLOC)
        return A_LABEL_SOUND;
    switch (rc) {
    case IDN2_OK: /* another label came back */
    case IDN2_ENCODING_ERROR:
    case IDN2_PUNYCODE_BAD_INPUT:
    case IDN2_PUNYCODE_BIG_OUTPUT:
    case IDN2_PUNYCODE_OVERFLOW:
    case IDN2_ALABEL_ROUNDTRIP_FAILED:
    case IDN2_INVALID_ALABEL:
        return A_LABEL_BROKEN;
    default:
        return A_LABEL_DISALLOWED;
    }
}

/* Asks is_bad for each label with hyphens in its third and fourth place, A-labels or others. */
static bool any_hyphen_label(const struct cp_webpki_name *name, bool xn,
                             bool (*is_bad)(const char *label, size_t len)) {
    const char *end = name->text + name->len;
    for (const char *label = name->text; label < end;) {
        const char *dot = memchr(label, '.', (size_t)(end - label));
        size_t len = (size_t)((dot == NULL ? end : dot) - label);
        if (len >= 4 && label[2] == '-' && label[3] == '-' &&
            (label[0] == 'x' && label[1] == 'n') == xn && is_bad(label, len))
            return true;
        label += len + 1;
    }
    return false;
}

static bool is_broken(const char *label, size_t len) {
    return judge_a_label(label, len) == A_LABEL_BROKEN;
}

static bool is_disallowed(const char *label, size_t len) {
    return judge_a_label(label, len) == A_LABEL_DISALLOWED;
}

static bool is_any(const char *label, size_t len) {
    (void)label;
    return len != 0;
}

bool cp_webpki_name_a_label(const struct cp_webpki_name *name) {
    return any_hyphen_label(name, true, is_broken);
}

bool cp_webpki_name_idna(const struct cp_webpki_name *name) {
    return any_hyphen_label(name, true, is_disallowed);
}

bool cp_webpki_name_reserved_label(const struct cp_webpki_name *name) {
    return any_hyphen_label(name, false, is_any);
}

/* ---- addresses ---- */

bool cp_webpki_ip_is_reserved(struct cp_span octets) {
    static const struct {
        uint8_t len, bits, prefix[16];
    } rows[] = {
        /* IANA IPv4 Special-Purpose Address Registry: not globally reachable */
        {4, 8, {0}},
        {4, 8, {10}},
        {4, 10, {100, 64}},
        {4, 8, {127}},
        {4, 16, {169, 254}},
        {4, 12, {172, 16}},
        {4, 24, {192, 0, 2}},
        {4, 16, {192, 168}},
        {4, 15, {198, 18}},
        {4, 24, {198, 51, 100}},
        {4, 24, {203, 0, 113}},
        {4, 4, {224}},
        {4, 4, {240}},
        /* the same for IPv6 */
        {16, 127, {0}}, /* :: and ::1 */
        {16, 96, {[10] = 0xff, [11] = 0xff}},
        {16, 48, {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}},
        {16, 64, {0x01}},
        {16, 32, {0x20, 0x01, 0x0d, 0xb8}},
        {16, 20, {0x3f, 0xff}},
        {16, 7, {0xfc}},
        {16, 10, {0xfe, 0x80}},
        {16, 8, {0xff}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t whole = rows[i].bits / 8, rest = rows[i].bits % 8;
        if (rows[i].len != octets.len || memcmp(rows[i].prefix, octets.data, whole) != 0)
            continue;
        if (rest == 0 || ((rows[i].prefix[whole] ^ octets.data[whole]) >> (8 - rest)) == 0)
            return true;
    }
    return false;
}

bool cp_webpki_host_is_internal(struct cp_span host) {
    struct cp_webpki_name name;
    uint8_t ip[16];
    if (host.len == 0)
        return false; /* no host at all: the scheme says why */
    size_t ip_len = cp_ip_parse(ip, host);
    if (ip_len != 0)
        return cp_webpki_ip_is_reserved((struct cp_span){ip, ip_len});
    struct cp_general_name given = {.kind = CP_GN_DNS, .value = host};
    cp_webpki_name_read(&name, &given);
    return name.num_labels == 1 || cp_webpki_name_reserved_tld(&name) ||
           cp_webpki_name_unknown_tld(&name);
}

/* ---- the SAN as a whole ---- */

bool cp_webpki_san_critical(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return cp_cert_is_critical(w->cert, CP_EXT_SUBJECT_ALT_NAME) && !w->cert->subject_empty;
}

/* FNV-1a over kind and folded octets. */
static uint64_t hash_name(const struct cp_general_name *name) {
    uint64_t hash = UINT64_C(14695981039346656037) ^ (uint64_t)name->kind;
    for (size_t i = 0; i < name->value.len; i++) {
        uint8_t c = name->value.data[i];
        hash ^= name->kind == CP_GN_DNS ? (uint8_t)lower(c) : c;
        hash *= UINT64_C(1099511628211);
    }
    return hash;
}

static bool same_name(const struct cp_general_name *a, const struct cp_general_name *b) {
    if (a->kind != b->kind || a->value.len != b->value.len)
        return false;
    for (size_t i = 0; i < a->value.len; i++)
        if (a->kind == CP_GN_DNS ? lower(a->value.data[i]) != lower(b->value.data[i])
                                 : a->value.data[i] != b->value.data[i])
            return false;
    return true;
}

/* The names up to the one at index: is one of them the same? */
static bool stands_before(struct cp_span names, size_t index, const struct cp_general_name *name) {
    struct cp_general_name other;
    for (size_t i = 0; i < index && cp_general_name_next(&names, &other); i++)
        if (same_name(&other, name))
            return true;
    return false;
}

/* Hashes of the names so far, in a table of the next power of two over twice their number. More
 * than MAX_COMPARED are looked at no further: no public CA issues for as many. */
#define MAX_COMPARED 1024
#define MAX_LOOKS                                                                                  \
    16 /* back, at names whose hashes are equal: by chance or design they may differ */

bool cp_webpki_san_duplicate(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    const struct cp_cert *cert = w->cert;
    struct cp_span names = cert->subject_alt_names;
    size_t num = cert->num_dns_names + cert->num_ip_names + cert->num_other_names;
    uint64_t table[2 * MAX_COMPARED];
    size_t size = 2, looks = 0;
    struct cp_general_name name;
    while (size < 2 * num && size < COUNT(table))
        size *= 2;
    memset(table, 0, size * sizeof(table[0]));
    for (size_t i = 0; i < MAX_COMPARED && cp_general_name_next(&names, &name); i++) {
        uint64_t hash = hash_name(&name) | 1; /* 0: empty */
        size_t slot = (size_t)(hash >> 32) & (size - 1);
        while (table[slot] != 0 && table[slot] != hash)
            slot = (slot + 1) & (size - 1);
        if (table[slot] == hash && looks++ < MAX_LOOKS &&
            stands_before(cert->subject_alt_names, i, &name)) {
            (void)cp_escape(detail, CP_WEBPKI_DETAIL, name.value);
            if (name.kind == CP_GN_IP)
                cp_ip_format(detail, name.value);
            return true;
        }
        table[slot] = hash;
    }
    return false;
}
