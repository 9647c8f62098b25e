/* A raw reply into an answer. The records are read by c-ares' parsers; of the header alone, which
 * c-ares does not hand on, the flags are read here. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "cares.h"
#include "dns.h"

#define HEADER_LEN 12 /* RFC 1035 4.1.1 */
#define FLAG_AA 0x04  /* of octet 2 */
#define FLAG_TC 0x02
#define FLAG_RA 0x80 /* of octet 3 */

bool esa_dns_name_is_plain(const char *name) {
    size_t label = 0, len = strlen(name);
    if (len == 0 || len > 253)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        if (c == '.') {
            if (label == 0)
                return false;
            label = 0;
            continue;
        }
        bool is_star = c == '*' && i == 0 && name[1] == '.';
        if (!is_star && c != '-' && c != '_' && !(c >= '0' && c <= '9') &&
            !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z'))
            return false;
        if (++label > 63)
            return false;
    }
    return label != 0;
}

/* tolower follows the locale, which the DNS does not. */
static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool esa_dns_name_equal(const char *a, const char *b) {
    size_t len_a = strlen(a), len_b = strlen(b);
    len_a -= len_a != 0 && a[len_a - 1] == '.';
    len_b -= len_b != 0 && b[len_b - 1] == '.';
    for (size_t i = 0; i < len_a && len_a == len_b; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return len_a == len_b;
}

static void fail(struct esa_dns_answer *answer, const char *why) {
    answer->end = ESA_DNS_FAILED;
    answer->num_values = 0;
    (void)snprintf(answer->why, sizeof(answer->why), "%s", why);
}

/* False: there is no room, and the answer has failed. */
static struct esa_dns_value *add(struct esa_dns_answer *answer) {
    if (answer->num_values == ESA_DNS_MAX_VALUES) {
        fail(answer, "more records than are looked at");
        return NULL;
    }
    struct esa_dns_value *value = &answer->values[answer->num_values++];
    *value = (struct esa_dns_value){.len = 0};
    return value;
}

static void append(struct esa_dns_value *value, const unsigned char *data, size_t len) {
    size_t room = sizeof(value->text) - 1 - value->len;
    if (len > room) {
        value->is_cut = true;
        len = room;
    }
    if (len != 0)
        memcpy(value->text + value->len, data, len);
    value->len += len;
    value->text[value->len] = '\0';
}

static bool add_text(struct esa_dns_answer *answer, const char *text) {
    struct esa_dns_value *value = add(answer);
    if (value != NULL)
        append(value, (const unsigned char *)text, strlen(text));
    return value != NULL;
}

static int parse_a(struct esa_dns_answer *answer, const uint8_t *reply, int len) {
    struct ares_addrttl rows[ESA_DNS_MAX_VALUES + 1];
    int num = ESA_DNS_MAX_VALUES + 1;
    char text[INET_ADDRSTRLEN];
    int status = esa_cares.parse_a_reply(reply, len, NULL, rows, &num);
    for (int i = 0; status == ARES_SUCCESS && i < num; i++)
        if (inet_ntop(AF_INET, &rows[i].ipaddr, text, sizeof(text)) == NULL ||
            !add_text(answer, text))
            break;
    return status;
}

static int parse_aaaa(struct esa_dns_answer *answer, const uint8_t *reply, int len) {
    struct ares_addr6ttl rows[ESA_DNS_MAX_VALUES + 1];
    int num = ESA_DNS_MAX_VALUES + 1;
    char text[INET6_ADDRSTRLEN];
    int status = esa_cares.parse_aaaa_reply(reply, len, NULL, rows, &num);
    for (int i = 0; status == ARES_SUCCESS && i < num; i++)
        if (inet_ntop(AF_INET6, &rows[i].ip6addr, text, sizeof(text)) == NULL ||
            !add_text(answer, text))
            break;
    return status;
}

/* c-ares has no parser for an answer of CNAME alone, but its parser of A replies collects them: the
 * aliases are the names that are left behind, h_name is where the first one leads. */
static int parse_cname(struct esa_dns_answer *answer, const uint8_t *reply, int len) {
    struct hostent *host = NULL;
    int status = esa_cares.parse_a_reply(reply, len, &host, NULL, NULL);
    if (status == ARES_SUCCESS && host->h_aliases != NULL && host->h_aliases[0] != NULL) {
        if (!esa_dns_name_equal(host->h_aliases[0], answer->name))
            status = ARES_EBADRESP;
        else
            (void)add_text(answer, host->h_name);
    }
    if (host != NULL)
        esa_cares.free_hostent(host);
    return status;
}

static int parse_ns(struct esa_dns_answer *answer, const uint8_t *reply, int len) {
    struct hostent *host = NULL;
    int status = esa_cares.parse_ns_reply(reply, len, &host);
    for (size_t i = 0; status == ARES_SUCCESS && host->h_aliases[i] != NULL; i++)
        if (!add_text(answer, host->h_aliases[i]))
            break;
    if (host != NULL)
        esa_cares.free_hostent(host);
    return status;
}

/* A record's strings are one value (RFC 7208 3.3, as validation records are read, too). */
static int parse_txt(struct esa_dns_answer *answer, const uint8_t *reply, int len) {
    struct ares_txt_ext *first = NULL;
    struct esa_dns_value *value = NULL;
    int status = esa_cares.parse_txt_reply_ext(reply, len, &first);
    for (const struct ares_txt_ext *t = first; status == ARES_SUCCESS && t != NULL; t = t->next) {
        if ((t->record_start || value == NULL) && (value = add(answer)) == NULL)
            break;
        append(value, t->txt, t->length);
    }
    if (first != NULL)
        esa_cares.free_data(first);
    return status;
}

static int parse_caa(struct esa_dns_answer *answer, const uint8_t *reply, int len) {
    struct ares_caa_reply *first = NULL;
    int status = esa_cares.parse_caa_reply(reply, len, &first);
    for (const struct ares_caa_reply *c = first; status == ARES_SUCCESS && c != NULL; c = c->next) {
        struct esa_dns_value *value = add(answer);
        if (value == NULL)
            break;
        size_t tag_len = c->plength < sizeof(value->tag) ? c->plength : sizeof(value->tag) - 1;
        append(value, c->value, c->length);
        memcpy(value->tag, c->property, tag_len);
        value->flags = (uint8_t)(c->critical & 0xFF);
    }
    if (first != NULL)
        esa_cares.free_data(first);
    return status;
}

static int parse_records(struct esa_dns_answer *answer, const uint8_t *reply, int len) {
    switch (answer->type) {
    case ESA_DNS_A:
        return parse_a(answer, reply, len);
    case ESA_DNS_AAAA:
        return parse_aaaa(answer, reply, len);
    case ESA_DNS_CNAME:
        return parse_cname(answer, reply, len);
    case ESA_DNS_NS:
        return parse_ns(answer, reply, len);
    case ESA_DNS_TXT:
        return parse_txt(answer, reply, len);
    case ESA_DNS_CAA:
        return parse_caa(answer, reply, len);
    }
    return ARES_EBADQUERY;
}

/* What the response code alone decides; true if it does. */
static bool is_decided(struct esa_dns_answer *answer, const uint8_t *reply) {
    static const char *const codes[16] = {
        [1] = "FORMERR", [2] = "SERVFAIL", [4] = "NOTIMP", [5] = "REFUSED"};
    unsigned code = reply[3] & 0x0F;
    bool is_empty = reply[6] == 0 && reply[7] == 0;
    char why[40];
    if ((reply[2] & FLAG_TC) != 0) {
        fail(answer, "a reply that was cut off");
    } else if (code != 0 && code != 3) {
        (void)snprintf(why, sizeof(why), "response code %u", code);
        fail(answer, codes[code] != NULL ? codes[code] : why);
    } else if (is_empty && (reply[2] & FLAG_AA) == 0 && (reply[3] & FLAG_RA) == 0) {
        /* A referral: its emptiness says nothing of the name. */
        fail(answer, "the server neither answers for this name nor looks it up elsewhere");
    } else if (code == 3) {
        answer->end = ESA_DNS_NO_NAME;
    } else if (is_empty) {
        answer->end = ESA_DNS_NO_DATA;
    } else {
        return false;
    }
    return true;
}

void esa_dns_parse(struct esa_dns_answer *answer, const uint8_t *reply, size_t len) {
    answer->num_values = 0;
    answer->why[0] = '\0';
    answer->code = 0;
    answer->end = ESA_DNS_UNASKED;
    if (len < HEADER_LEN || len > 65535) {
        fail(answer, "a reply of an impossible length");
        return;
    }
    answer->code = reply[3] & 0x0F;
    if (is_decided(answer, reply))
        return;
    int status = parse_records(answer, reply, (int)len);
    if (answer->end == ESA_DNS_FAILED)
        return;
    if (status == ARES_ENOMEM)
        fail(answer, "out of memory");
    else if (status != ARES_SUCCESS && status != ARES_ENODATA)
        fail(answer, answer->type == ESA_DNS_CAA
                         ? "a malformed reply, or a CAA record with an empty value, which c-ares "
                           "does not read"
                         : "a malformed reply");
    else if (answer->num_values != 0)
        answer->end = ESA_DNS_FOUND;
    else
        answer->end = answer->type == ESA_DNS_CNAME ? ESA_DNS_NO_DATA : ESA_DNS_ALIAS;
}
