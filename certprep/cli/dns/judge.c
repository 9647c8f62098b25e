/* From facts to results: ownership, traffic, challenge; judge_caa.c has CAA. Pure: asks nobody. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "dns.h"

static const struct {
    const char *word, *check;
    enum esa_dns_class class;
    enum esa_dns_severity severity;
} codes[ESA_DNS_NUM_CODES] = {
#define RESULT(name, word, check, class, severity)                                                 \
    {word, check, ESA_DNS_CLASS_##class, ESA_DNS_SEVERITY_##severity},
#include "results.def"
#undef RESULT
};

const char *esa_dns_code_word(enum esa_dns_code code) {
    return codes[code].word;
}

const char *esa_dns_code_check(enum esa_dns_code code) {
    return codes[code].check;
}

enum esa_dns_class esa_dns_code_class(enum esa_dns_code code) {
    return codes[code].class;
}

enum esa_dns_severity esa_dns_code_severity(enum esa_dns_code code) {
    return codes[code].severity;
}

void esa_dns_report_add(struct esa_dns_report *report, enum esa_dns_code code, const char *next,
                        const char *format, ...) {
    char text[ESA_DNS_TEXT_MAX];
    va_list args;
    if (report->num_results == ESA_DNS_MAX_RESULTS)
        return;
    struct esa_dns_result *result = &report->results[report->num_results++];
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    result->code = code;
    (void)cp_escape(result->detail, sizeof(result->detail), cp_span_of(text));
    (void)cp_escape(result->next, sizeof(result->next), cp_span_of(next != NULL ? next : ""));
}

static bool has_severity(const struct esa_dns_report *report, enum esa_dns_severity severity) {
    for (size_t i = 0; i < report->num_results; i++)
        if (codes[report->results[i].code].severity == severity)
            return true;
    return false;
}

bool esa_dns_report_has_error(const struct esa_dns_report *report) {
    return has_severity(report, ESA_DNS_SEVERITY_ERROR);
}

bool esa_dns_report_has_warning(const struct esa_dns_report *report) {
    return has_severity(report, ESA_DNS_SEVERITY_WARNING);
}

bool esa_dns_report_has_status(const struct esa_dns_report *report) {
    for (size_t i = 0; i < report->num_results; i++)
        if (codes[report->results[i].code].class == ESA_DNS_CLASS_STATUS)
            return true;
    return false;
}

static const char retry_help[] = "ask again later, or another server with --dns-server";
static const char nowhere_help[] = "register the domain, or correct it";

static bool is_known(const char *text) {
    return text != NULL && text[0] != '\0';
}

static bool has_value(const struct esa_dns_answer *answer, const char *want) {
    size_t len = strlen(want);
    for (size_t i = 0; i < answer->num_values; i++)
        if (!answer->values[i].is_cut && answer->values[i].len == len &&
            memcmp(answer->values[i].text, want, len) == 0)
            return true;
    return false;
}

/* "'a', 'b' and 3 more", and never longer than out: each value is shown with its first bytes. */
static void list_values(char *out, size_t size, const struct esa_dns_answer *answer) {
    size_t used = 0, shown = answer->num_values < 4 ? answer->num_values : 4;
    out[0] = '\0';
    for (size_t i = 0; i < shown && used + 1 < size; i++) {
        int len = snprintf(out + used, size - used, "%s'%.70s'%s", i == 0 ? "" : ", ",
                           answer->values[i].text, answer->values[i].len > 70 ? "..." : "");
        used += len > 0 ? (size_t)len : 0;
    }
    if (shown < answer->num_values && used + 1 < size)
        (void)snprintf(out + used, size - used, " and %zu more", answer->num_values - shown);
}

static bool is_absent(const struct esa_dns_answer *answer) {
    return answer->end == ESA_DNS_NO_DATA || answer->end == ESA_DNS_NO_NAME;
}

/* No name of the customer's own exists: that there is nothing below says nothing. Only where the
 * levels were asked. */
static bool is_nowhere(const struct esa_dns_facts *facts) {
    for (size_t i = 0; i < facts->num_own; i++)
        if (facts->caa[i].end != ESA_DNS_NO_NAME)
            return false;
    return facts->num_own != 0;
}

static void judge_owner(struct esa_dns_report *report, const struct esa_dns_facts *facts,
                        const struct esa_dns_expect *expect) {
    const struct esa_dns_answer *owner = &facts->owner;
    char next[ESA_DNS_TEXT_MAX], list[400];
    list_values(list, sizeof(list), owner);
    if (is_known(expect->verify_code))
        (void)snprintf(next, sizeof(next), "publish the TXT record %s \"%s\"", owner->name,
                       expect->verify_code);
    if (is_nowhere(facts) || (!is_absent(owner) && owner->end != ESA_DNS_FOUND))
        esa_dns_report_add(report, ESA_DNS_OWNER_UNKNOWN,
                           is_nowhere(facts) ? nowhere_help : retry_help,
                           "%s TXT could not be evaluated: %s", owner->name,
                           is_nowhere(facts) ? "the domain does not exist (NXDOMAIN)" : owner->why);
    else if (is_known(expect->verify_code) && has_value(owner, expect->verify_code))
        esa_dns_report_add(report, ESA_DNS_OWNER_FOUND, NULL,
                           "%s TXT has the service's verification code", owner->name);
    else if (is_known(expect->verify_code) && is_absent(owner))
        esa_dns_report_add(report, ESA_DNS_OWNER_ABSENT, next, "%s TXT is not published",
                           owner->name);
    else if (is_known(expect->verify_code))
        esa_dns_report_add(report, ESA_DNS_OWNER_OTHER, next,
                           "%s TXT is %s, not the service's verification code", owner->name, list);
    else if (is_absent(owner))
        esa_dns_report_add(report, ESA_DNS_OWNER_CLEAN, NULL,
                           "%s TXT is not published; the service gives its value on creation",
                           owner->name);
    else
        esa_dns_report_add(
            report, ESA_DNS_OWNER_OTHER,
            "compare it with the code that 'certprep status' shows once the hostname is created",
            "%s TXT is %s: of an earlier verification, unless it was told beforehand", owner->name,
            list);
}

/* "192.0.2.1, 2001:db8::1"; "no address" ... */
static void list_addresses(char *out, size_t size, const struct esa_dns_facts *facts) {
    const struct esa_dns_answer *const both[] = {&facts->a, &facts->aaaa};
    size_t used = 0, total = 0;
    (void)snprintf(out, size, "no address");
    for (size_t b = 0; b < 2; b++)
        for (size_t i = 0; i < both[b]->num_values; i++, total++) {
            if (total >= 6 || used + ESA_DNS_WHY_MAX >= size)
                continue;
            int len = snprintf(out + used, size - used, "%s%.45s", used == 0 ? "" : ", ",
                               both[b]->values[i].text);
            used += len > 0 ? (size_t)len : 0;
        }
    if (total > 6)
        (void)snprintf(out + used, size - used, " and %zu more", total - 6);
    if (total == 0 && (facts->a.end == ESA_DNS_FAILED || facts->aaaa.end == ESA_DNS_FAILED))
        (void)snprintf(out, size, "addresses unknown (%s)",
                       facts->a.end == ESA_DNS_FAILED ? facts->a.why : facts->aaaa.why);
}

static bool leads_to(const struct esa_dns_chain *chain, const char *name) {
    for (size_t i = 1; i < chain->num_names; i++)
        if (esa_dns_name_equal(chain->names[i], name))
            return true;
    return false;
}

/* "a -> b -> c", from its second name on. */
static void list_chain(char *out, size_t size, const struct esa_dns_chain *chain) {
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 1; i < chain->num_names && used + 1 < size; i++) {
        int len = snprintf(out + used, size - used, "%s%s", i == 1 ? "" : " -> ", chain->names[i]);
        used += len > 0 ? (size_t)len : 0;
    }
    if (used >= size && size > 4) /* it was cut */
        memcpy(out + size - 4, "...", 4);
}

static void judge_absent_cname(struct esa_dns_report *report, const struct esa_dns_facts *facts,
                               const char *next, const char *addresses) {
    if (facts->ns.end == ESA_DNS_FOUND)
        esa_dns_report_add(
            report, ESA_DNS_CNAME_APEX,
            "use a name below it, or the DNS provider's way to give a zone's top a CNAME's effect "
            "(ALIAS, ANAME, flattening)",
            "%s is the top of a zone, where no CNAME can stand; it has %s", facts->hostname,
            addresses);
    else
        esa_dns_report_add(report, ESA_DNS_CNAME_ABSENT, next, "%s has no CNAME; %s",
                           facts->hostname, addresses);
}

static void judge_traffic(struct esa_dns_report *report, const struct esa_dns_facts *facts,
                          const struct esa_dns_expect *expect) {
    const struct esa_dns_chain *chain = &facts->chain;
    char next[ESA_DNS_TEXT_MAX], way[600], addresses[400];
    list_chain(way, sizeof(way), chain);
    list_addresses(addresses, sizeof(addresses), facts);
    if (is_known(expect->cname))
        (void)snprintf(next, sizeof(next), "publish the CNAME record %s -> %s", facts->hostname,
                       expect->cname);
    else
        (void)snprintf(next, sizeof(next),
                       "publish a CNAME to the record's target; 'certprep records' shows it");
    if (is_known(expect->cname) && leads_to(chain, expect->cname))
        esa_dns_report_add(report, ESA_DNS_CNAME_FOUND, NULL, "%s points to %s (%s)",
                           facts->hostname, way, addresses);
    else if (chain->end == ESA_DNS_FAILED)
        esa_dns_report_add(report, ESA_DNS_CNAME_UNKNOWN, retry_help,
                           "where %s points could not be evaluated: %s%s%s%s", facts->hostname,
                           chain->why, way[0] != '\0' ? " (after " : "", way,
                           way[0] != '\0' ? ")" : "");
    else if (chain->end == ESA_DNS_NO_NAME && chain->num_names == 1)
        esa_dns_report_add(report, ESA_DNS_CNAME_UNKNOWN, next,
                           "where %s points could not be evaluated: the name does not exist "
                           "(NXDOMAIN)",
                           facts->hostname);
    else if (chain->num_names == 1)
        judge_absent_cname(report, facts, next, addresses);
    else if (is_known(expect->cname))
        esa_dns_report_add(report, ESA_DNS_CNAME_OTHER, next, "%s points to %s, not to %s (%s)",
                           facts->hostname, way, expect->cname, addresses);
    else if (chain->end == ESA_DNS_NO_NAME)
        esa_dns_report_add(report, ESA_DNS_CNAME_OTHER, next,
                           "%s points to %s, which does not exist", facts->hostname, way);
    else
        esa_dns_report_add(report, ESA_DNS_CNAME_NOW, NULL, "%s points to %s (%s)", facts->hostname,
                           way, addresses);
}

static void judge_challenge(struct esa_dns_report *report, const struct esa_dns_facts *facts,
                            const struct esa_dns_expect *expect) {
    const struct esa_dns_answer *acme = &facts->acme;
    const struct esa_dns_chain *chain = &facts->acme_chain;
    bool is_wanted = is_known(expect->cert_txt_value);
    bool is_alias = chain->num_names > 1;
    char next[ESA_DNS_TEXT_MAX], list[400], way[600];
    list_values(list, sizeof(list), acme);
    list_chain(way, sizeof(way), chain);
    if (is_wanted)
        (void)snprintf(next, sizeof(next), "publish the TXT record %s \"%s\"%s", acme->name,
                       expect->cert_txt_value,
                       is_alias ? " after removing the CNAME, or where it leads" : "");
    if (is_wanted && has_value(acme, expect->cert_txt_value)) {
        esa_dns_report_add(report, ESA_DNS_ACME_FOUND, NULL, "%s TXT has the certificate's value%s",
                           acme->name, acme->num_values > 1 ? ", among others" : "");
        return;
    }
    if (is_nowhere(facts) || (!is_alias && !is_absent(acme) && acme->end != ESA_DNS_FOUND)) {
        esa_dns_report_add(report, ESA_DNS_ACME_UNKNOWN,
                           is_nowhere(facts) ? nowhere_help : retry_help,
                           "%s could not be evaluated: %s", acme->name,
                           is_nowhere(facts) ? "the domain does not exist (NXDOMAIN)" : acme->why);
        return;
    }
    if (is_alias)
        esa_dns_report_add(report, ESA_DNS_ACME_ALIAS,
                           is_wanted
                               ? next
                               : "remove it, unless it is wanted: no TXT can stand beside it, "
                                 "and a challenge is answered where it leads",
                           "%s is a CNAME to %s", acme->name, way);
    if (acme->end == ESA_DNS_FOUND)
        esa_dns_report_add(report, ESA_DNS_ACME_STALE,
                           is_wanted ? next
                                     : "remove it: it is of an earlier challenge, or of another "
                                       "service's",
                           "%s TXT is %s", acme->name, list);
    else if (is_wanted && !is_alias)
        esa_dns_report_add(report, ESA_DNS_ACME_ABSENT, next, "%s TXT is not published",
                           acme->name);
    else if (!is_alias)
        esa_dns_report_add(report, ESA_DNS_ACME_CLEAN, NULL, "%s has neither TXT nor CNAME",
                           acme->name);
}

void esa_dns_judge(struct esa_dns_report *report, const struct esa_dns_facts *facts,
                   const struct esa_dns_expect *expect) {
    memset(report, 0, sizeof(*report));
    (void)snprintf(report->hostname, sizeof(report->hostname), "%s", facts->hostname);
    if (expect->caa_issuer != NULL) {
        if (is_nowhere(facts))
            esa_dns_report_add(report, ESA_DNS_CAA_UNKNOWN, nowhere_help,
                               "CAA could not be evaluated: neither %s nor a name above it that is "
                               "the customer's exists (NXDOMAIN)",
                               facts->base);
        else
            esa_dns_judge_caa(report, facts, expect->caa_issuer);
    }
    judge_owner(report, facts, expect);
    judge_traffic(report, facts, expect);
    judge_challenge(report, facts, expect);
}
