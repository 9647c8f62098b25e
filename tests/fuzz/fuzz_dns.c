/* A DNS reply through c-ares' parsers into an answer, and that answer into every place that the
 * judge looks at. The first byte is the type that was asked for and what is expected, the rest the
 * reply. */
#include "cli/dns/cares.h"
#include "cli/dns/dns.h"
#include "fuzz.h"

static const enum esa_dns_type types[] = {ESA_DNS_A,   ESA_DNS_NS,   ESA_DNS_CNAME,
                                          ESA_DNS_TXT, ESA_DNS_AAAA, ESA_DNS_CAA};

static void check_answer(const struct esa_dns_answer *answer) {
    FUZZ_ASSERT(answer->end != ESA_DNS_UNASKED && answer->num_values <= ESA_DNS_MAX_VALUES);
    FUZZ_ASSERT((answer->end == ESA_DNS_FOUND) == (answer->num_values != 0));
    FUZZ_ASSERT((answer->end == ESA_DNS_FAILED) == (answer->why[0] != '\0'));
    for (size_t i = 0; i < answer->num_values; i++) {
        FUZZ_ASSERT(answer->values[i].len < ESA_DNS_VALUE_MAX);
        FUZZ_ASSERT(answer->values[i].text[answer->values[i].len] == '\0');
        FUZZ_ASSERT(memchr(answer->values[i].tag, '\0', ESA_DNS_TAG_MAX) != NULL);
    }
}

/* A reply that can't be read leads to no finding. */
static void check_report(const struct esa_dns_report *report, const struct esa_dns_answer *answer) {
    FUZZ_ASSERT(report->num_results >= 3 && report->num_results <= ESA_DNS_MAX_RESULTS);
    for (size_t i = 0; i < report->num_results; i++) {
        const struct esa_dns_result *result = &report->results[i];
        FUZZ_ASSERT(result->detail[0] != '\0');
        fuzz_is_shown_safely(result->detail, strlen(result->detail), false);
        fuzz_is_shown_safely(result->next, strlen(result->next), false);
        if (answer->end == ESA_DNS_FAILED &&
            esa_dns_code_class(result->code) == ESA_DNS_CLASS_FINDING)
            FUZZ_ASSERT(esa_dns_code_severity(result->code) != ESA_DNS_SEVERITY_ERROR);
    }
}

static void set_chain(struct esa_dns_chain *chain, const struct esa_dns_answer *answer,
                      const char *name) {
    memset(chain, 0, sizeof(*chain));
    chain->num_names = 1;
    snprintf(chain->names[0], ESA_DNS_NAME_MAX, "%s", name);
    chain->end = answer->end == ESA_DNS_FOUND ? ESA_DNS_NO_DATA : answer->end;
    memcpy(chain->why, answer->why, sizeof(chain->why));
    for (size_t i = 0; i < answer->num_values && chain->num_names <= ESA_DNS_MAX_CNAMES; i++)
        if (esa_dns_name_is_plain(answer->values[i].text))
            snprintf(chain->names[chain->num_names++], ESA_DNS_NAME_MAX, "%.253s",
                     answer->values[i].text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct esa_dns_facts facts;
    static struct esa_dns_report report;
    static struct esa_dns_answer answer;
    if (size == 0 || esa_cares_load(NULL) != CP_OK)
        return 0;
    unsigned choice = data[0];
    uint8_t *reply = fuzz_copy(data + 1, size - 1);
    memset(&facts, 0, sizeof(facts));
    memset(&answer, 0, sizeof(answer));
    answer.type = types[choice % (sizeof(types) / sizeof(types[0]))];
    snprintf(answer.name, sizeof(answer.name), "a.test");
    esa_dns_parse(&answer, reply, size - 1);
    free(reply);
    check_answer(&answer);
    snprintf(facts.hostname, sizeof(facts.hostname), (choice & 0x80) != 0 ? "*.a.test" : "a.test");
    snprintf(facts.base, sizeof(facts.base), "a.test");
    facts.a = facts.aaaa = facts.ns = facts.owner = facts.acme = facts.caa[0] = answer;
    facts.caa[1] = answer;
    facts.caa[1].end = ESA_DNS_NO_DATA;
    facts.num_levels = facts.num_own = 2;
    set_chain(&facts.chain, &answer, facts.hostname);
    set_chain(&facts.acme_chain, &answer, "_acme-challenge.a.test");
    const struct esa_dns_expect expect = {.caa_issuer = "ca.test",
                                          .verify_code = (choice & 0x40) != 0 ? "code" : NULL,
                                          .cname = (choice & 0x20) != 0 ? "b.test" : NULL,
                                          .cert_txt_value = (choice & 0x10) != 0 ? "v" : NULL};
    esa_dns_judge(&report, &facts, &expect);
    check_report(&report, &answer);
    return 0;
}
