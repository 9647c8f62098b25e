/* CAA, RFC 8659: may this issuer issue for the hostname? */
#include <stdio.h>
#include <string.h>

#include "dns.h"

#define CRITICAL 0x80 /* RFC 8659 4.1: bit 0, the most significant one */
/* Many zones have 1 for it, and Boulder takes it as that. */
#define CRITICAL_MEANT 0x01

struct issue {
    char issuer[ESA_DNS_NAME_MAX]; /* "": nobody, or malformed, which counts as nobody */
    char bound[ESA_DNS_VALUE_MAX]; /* its accounturi and validationmethods (RFC 8657), if any */
    bool is_malformed;
};

static bool is_space(char c) {
    return c == ' ' || c == '\t';
}

static bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* label = (ALPHA / DIGIT) *( *("-") (ALPHA / DIGIT)), as for parameters' tags. */
static bool is_label(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (!is_alnum(text[i]) && text[i] != '-')
            return false;
    return len != 0 && text[0] != '-' && text[len - 1] != '-';
}

static bool is_domain(const char *text, size_t len) {
    size_t begin = 0;
    if (len >= ESA_DNS_NAME_MAX)
        return false;
    for (size_t i = 0; i <= len; i++) {
        if (i != len && text[i] != '.')
            continue;
        if (!is_label(text + begin, i - begin))
            return false;
        begin = i + 1;
    }
    return true;
}

static bool tag_is(const char *tag, size_t len, const char *want) {
    char copy[ESA_DNS_TAG_MAX];
    if (len >= sizeof(copy))
        return false;
    memcpy(copy, tag, len);
    copy[len] = '\0';
    return esa_dns_name_equal(copy, want); /* ASCII, without case */
}

/* One "tag=value" of the text between semicolons. */
static bool read_parameter(struct issue *issue, const char *text, size_t len) {
    const char *equals = memchr(text, '=', len);
    if (equals == NULL)
        return false;
    size_t tag_len = (size_t)(equals - text), at = tag_len + 1;
    while (tag_len != 0 && is_space(text[tag_len - 1]))
        tag_len--;
    while (at < len && is_space(text[at]))
        at++;
    if (!is_label(text, tag_len))
        return false;
    for (size_t i = at; i < len; i++)
        if (text[i] < 0x21 || text[i] > 0x7E)
            return false;
    if (tag_is(text, tag_len, "accounturi") || tag_is(text, tag_len, "validationmethods")) {
        size_t used = strlen(issue->bound);
        (void)snprintf(issue->bound + used, sizeof(issue->bound) - used, "%s%.*s=%.*s",
                       used == 0 ? "" : "; ", (int)tag_len, text, (int)(len - at), text + at);
    }
    return true;
}

/* The grammar of RFC 8659 4.2; what breaks it is malformed, and then nobody is meant. */
static bool read_issue(struct issue *issue, const struct esa_dns_value *value) {
    const char *text = value->text;
    size_t len = value->len, at = 0;
    memset(issue, 0, sizeof(*issue));
    for (size_t part = 0; at <= len; part++) {
        const char *semicolon = at < len ? memchr(text + at, ';', len - at) : NULL;
        size_t end = semicolon != NULL ? (size_t)(semicolon - text) : len, next = end + 1;
        while (at < end && is_space(text[at]))
            at++;
        while (end > at && is_space(text[end - 1]))
            end--;
        if (part == 0 && end != at) {
            if (!is_domain(text + at, end - at))
                return false;
            memcpy(issue->issuer, text + at, end - at);
        } else if (part != 0 && end == at) {
            /* ";" alone is allowed once, at the end */
            if (part > 1 || semicolon != NULL)
                return false;
        } else if (part != 0 && !read_parameter(issue, text + at, end - at)) {
            return false;
        }
        at = next;
    }
    return true;
}

static bool is_tag(const struct esa_dns_value *value, const char *tag) {
    return esa_dns_name_equal(value->tag, tag);
}

/* RFC 8659 and RFC 9495. There are more (contactemail, issuevmc ...), but not every CA knows them,
 * and Let's Encrypt's software, Boulder, knows these. */
static bool is_known_tag(const struct esa_dns_value *value) {
    static const char *const tags[] = {"issue", "issuewild", "iodef", "issuemail"};
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        if (is_tag(value, tags[i]))
            return true;
    return false;
}

static bool has_tag(const struct esa_dns_answer *set, const char *tag) {
    for (size_t i = 0; i < set->num_values; i++)
        if (is_tag(&set->values[i], tag))
            return true;
    return false;
}

/* What the records of one set amount to, for one issuer. */
struct outcome {
    bool is_allowed, is_free; /* free: allowed without a condition */
    char bound[ESA_DNS_VALUE_MAX];
    char others[300]; /* issuers that may, each once or more */
    size_t num_malformed;
};

static void weigh(struct outcome *out, const struct esa_dns_answer *set, const char *tag,
                  const char *issuer) {
    struct issue issue;
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < set->num_values; i++) {
        const struct esa_dns_value *value = &set->values[i];
        if (!is_tag(value, tag))
            continue;
        if (!read_issue(&issue, value)) {
            out->num_malformed++;
        } else if (issue.issuer[0] != '\0' && esa_dns_name_equal(issue.issuer, issuer)) {
            out->is_allowed = true;
            if (issue.bound[0] == '\0')
                out->is_free = true;
            else
                memcpy(out->bound, issue.bound, sizeof(out->bound));
        } else if (issue.issuer[0] != '\0') {
            size_t used = strlen(out->others);
            (void)snprintf(out->others + used, sizeof(out->others) - used, "%s%s",
                           used == 0 ? "" : ", ", issue.issuer);
        }
    }
}

static void judge_set(struct esa_dns_report *report, const struct esa_dns_facts *facts,
                      const struct esa_dns_answer *set, const char *issuer) {
    bool is_wildcard = strcmp(facts->hostname, facts->base) != 0;
    const char *tag = is_wildcard && has_tag(set, "issuewild") ? "issuewild" : "issue";
    char next[ESA_DNS_TEXT_MAX];
    struct outcome out;
    (void)snprintf(next, sizeof(next), "add at %s: CAA 0 %s \"%s\"", set->name, tag, issuer);
    for (size_t i = 0; i < set->num_values; i++) {
        const struct esa_dns_value *value = &set->values[i];
        if ((value->flags & (CRITICAL | CRITICAL_MEANT)) != 0 && !is_known_tag(value)) {
            esa_dns_report_add(report, ESA_DNS_CAA_CRITICAL,
                               "remove that record, or clear its critical flag",
                               "CAA of %s: a CA that does not know the critical property '%s' may "
                               "not issue, and few or none does",
                               set->name, value->tag);
            return;
        }
        if (value->is_cut && is_tag(value, tag)) {
            esa_dns_report_add(report, ESA_DNS_CAA_UNKNOWN, "shorten that record",
                               "CAA of %s could not be evaluated: a value of over %zu bytes",
                               set->name, ESA_DNS_VALUE_MAX - 1);
            return;
        }
    }
    if (!has_tag(set, tag)) {
        esa_dns_report_add(report, ESA_DNS_CAA_ALLOWED, NULL,
                           "CAA of %s has no '%s': any CA may issue", set->name, tag);
        return;
    }
    weigh(&out, set, tag, issuer);
    if (out.is_allowed && out.is_free)
        esa_dns_report_add(report, ESA_DNS_CAA_ALLOWED, NULL, "CAA of %s (%s) lets %s issue",
                           set->name, tag, issuer);
    else if (out.is_allowed)
        esa_dns_report_add(report, ESA_DNS_CAA_BOUND,
                           "take the condition out, unless it is known to be the service's",
                           "CAA of %s (%s) lets %s issue on a condition which can't be evaluated "
                           "here: %s",
                           set->name, tag, issuer, out.bound);
    else if (out.others[0] != '\0')
        esa_dns_report_add(report, ESA_DNS_CAA_OTHERS, next,
                           "CAA of %s (%s) lets only %s issue, not %s", set->name, tag, out.others,
                           issuer);
    else
        esa_dns_report_add(report, ESA_DNS_CAA_NOBODY, next, "CAA of %s (%s) lets nobody issue%s",
                           set->name, tag,
                           out.num_malformed != 0 ? ": a malformed value counts as nobody" : "");
}

/* RFC 8659 section 3: the set of the lowest name that has one. What can't be asked below it could
 * be that one. */
void esa_dns_judge_caa(struct esa_dns_report *report, const struct esa_dns_facts *facts,
                       const char *issuer) {
    for (size_t i = 0; i < facts->num_levels; i++) {
        const struct esa_dns_answer *set = &facts->caa[i];
        if (set->end == ESA_DNS_NO_DATA || set->end == ESA_DNS_NO_NAME)
            continue;
        if (set->end == ESA_DNS_FOUND)
            judge_set(report, facts, set, issuer);
        else
            esa_dns_report_add(
                report, ESA_DNS_CAA_UNKNOWN,
                "repair the zone, or ask another server with --dns-server: a CA that "
                "can't look CAA up does not issue",
                "CAA of %s could not be evaluated: %s", set->name, set->why);
        return;
    }
    esa_dns_report_add(report, ESA_DNS_CAA_NONE, NULL,
                       "no CAA record from %s upwards: any CA may issue", facts->base);
}
