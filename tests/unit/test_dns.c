/* dns: facts into results. test_dns_parse.c has replies into answers, cli/dns.sh the asking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/dns/dns.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define ISSUER "letsencrypt.org"

/* ---- CAA ---- */

/* Up to three records: flags, tag, value. */
struct record {
    int flags;
    const char *tag, *value;
};

static const struct {
    struct record records[3];
    bool is_wildcard;
    enum esa_dns_code want;
    const char *reason;
} sets[] = {
    {{{0, "issue", "letsencrypt.org"}}, false, ESA_DNS_CAA_ALLOWED, "the issuer"},
    {{{0, "issue", "LetsEncrypt.Org"}}, false, ESA_DNS_CAA_ALLOWED, "names have no case"},
    {{{0, "ISSUE", "letsencrypt.org"}}, false, ESA_DNS_CAA_ALLOWED, "nor have tags"},
    {{{0, "issue", " \tletsencrypt.org \t"}}, false, ESA_DNS_CAA_ALLOWED, "white space around"},
    {{{0, "issue", "letsencrypt.org;"}}, false, ESA_DNS_CAA_ALLOWED, "no parameters"},
    {{{0, "issue", "letsencrypt.org ; "}}, false, ESA_DNS_CAA_ALLOWED, "the same, with spaces"},
    {{{0, "issue", "letsencrypt.org; a=b; c-d = e"}}, false, ESA_DNS_CAA_ALLOWED, "unknown ones"},
    {{{0, "issue", "letsencrypt.org; a="}}, false, ESA_DNS_CAA_ALLOWED, "an empty value"},
    {{{0, "issue", "letsencrypt.org; accounturi=https://a/1"}},
     false,
     ESA_DNS_CAA_BOUND,
     "account"},
    {{{0, "issue", "letsencrypt.org;AccountURI=x"}}, false, ESA_DNS_CAA_BOUND, "tag without case"},
    {{{0, "issue", "letsencrypt.org; validationmethods=dns-01"}},
     false,
     ESA_DNS_CAA_BOUND,
     "method"},
    {{{0, "issue", "letsencrypt.org; accounturi=x"}, {0, "issue", "letsencrypt.org"}},
     false,
     ESA_DNS_CAA_ALLOWED,
     "one without a condition is enough"},
    {{{0, "issue", ";"}}, false, ESA_DNS_CAA_NOBODY, "nobody"},
    {{{0, "issue", ""}}, false, ESA_DNS_CAA_NOBODY, "nobody, too"},
    {{{0, "issue", " ; a=b"}}, false, ESA_DNS_CAA_NOBODY, "a parameter for nobody"},
    {{{0, "issue", ";"}, {0, "issue", "letsencrypt.org"}},
     false,
     ESA_DNS_CAA_ALLOWED,
     "nobody takes nothing from others"},
    {{{0, "issue", "digicert.com"}}, false, ESA_DNS_CAA_OTHERS, "another"},
    {{{0, "issue", "letsencrypt.org.example"}}, false, ESA_DNS_CAA_OTHERS, "a longer name"},
    {{{0, "issue", "letsencrypt"}}, false, ESA_DNS_CAA_OTHERS, "a shorter one"},
    {{{0, "issue", "letsencrypt.org."}}, false, ESA_DNS_CAA_NOBODY, "a final dot is malformed"},
    {{{0, "issue", ".letsencrypt.org"}}, false, ESA_DNS_CAA_NOBODY, "an empty label"},
    {{{0, "issue", "-letsencrypt.org"}}, false, ESA_DNS_CAA_NOBODY, "a hyphen first"},
    {{{0, "issue", "lets_encrypt.org"}}, false, ESA_DNS_CAA_NOBODY, "an underscore"},
    {{{0, "issue", "\"letsencrypt.org\""}}, false, ESA_DNS_CAA_NOBODY, "quotes in the value"},
    {{{0, "issue", "letsencrypt.org a=b"}}, false, ESA_DNS_CAA_NOBODY, "no semicolon"},
    {{{0, "issue", "letsencrypt.org; a"}}, false, ESA_DNS_CAA_NOBODY, "no equals sign"},
    {{{0, "issue", "letsencrypt.org; =b"}}, false, ESA_DNS_CAA_NOBODY, "no tag"},
    {{{0, "issue", "letsencrypt.org; a=b c"}}, false, ESA_DNS_CAA_NOBODY, "a space in a value"},
    {{{0, "issue", "letsencrypt.org; a=\x80"}}, false, ESA_DNS_CAA_NOBODY, "no ASCII"},
    {{{0, "issue", "letsencrypt.org;;a=b"}}, false, ESA_DNS_CAA_NOBODY, "an empty parameter"},
    {{{0, "issue", "letsencrypt.org; a=b;"}}, false, ESA_DNS_CAA_NOBODY, "one at the end"},
    {{{0, "issue", "digicert.com"}, {0, "issue", "letsencrypt.org"}},
     false,
     ESA_DNS_CAA_ALLOWED,
     "one of two"},
    {{{0, "issuewild", ";"}}, false, ESA_DNS_CAA_ALLOWED, "issuewild is no matter"},
    {{{0, "issuewild", ";"}}, true, ESA_DNS_CAA_NOBODY, "but for a wildcard"},
    {{{0, "issue", "letsencrypt.org"}}, true, ESA_DNS_CAA_ALLOWED, "a wildcard by issue"},
    {{{0, "issue", ";"}, {0, "issuewild", "letsencrypt.org"}},
     true,
     ESA_DNS_CAA_ALLOWED,
     "issuewild goes before issue"},
    {{{0, "issue", "letsencrypt.org"}, {0, "issuewild", "digicert.com"}},
     true,
     ESA_DNS_CAA_OTHERS,
     "in both directions"},
    {{{0, "iodef", "mailto:a@b.example"}}, false, ESA_DNS_CAA_ALLOWED, "no restriction"},
    {{{128, "iodef", "mailto:a@b.example"}}, false, ESA_DNS_CAA_ALLOWED, "critical, but known"},
    {{{128, "issue", "letsencrypt.org"}}, false, ESA_DNS_CAA_ALLOWED, "the same"},
    {{{0, "tbs", "x"}, {0, "issue", "letsencrypt.org"}}, false, ESA_DNS_CAA_ALLOWED, "unknown"},
    {{{128, "tbs", "x"}, {0, "issue", "letsencrypt.org"}}, false, ESA_DNS_CAA_CRITICAL, "critical"},
    {{{1, "tbs", "x"}}, false, ESA_DNS_CAA_CRITICAL, "as many write it"},
    {{{64, "tbs", "x"}}, false, ESA_DNS_CAA_ALLOWED, "a reserved flag"},
    {{{128, "contactemail", "a@b.example"}}, false, ESA_DNS_CAA_CRITICAL, "not every CA knows it"},
    {{{128, "issuemail", ";"}}, false, ESA_DNS_CAA_ALLOWED, "RFC 9495"},
};

static struct esa_dns_facts *new_facts(const char *hostname) {
    struct esa_dns_facts *facts = calloc(1, sizeof(*facts));
    assert_non_null(facts);
    snprintf(facts->hostname, sizeof(facts->hostname), "%s", hostname);
    snprintf(facts->base, sizeof(facts->base), "%s", hostname[0] == '*' ? hostname + 2 : hostname);
    facts->num_levels = facts->num_own = 3;
    for (size_t i = 0; i < 3; i++)
        facts->caa[i] = (struct esa_dns_answer){.type = ESA_DNS_CAA, .end = ESA_DNS_NO_DATA};
    snprintf(facts->caa[0].name, ESA_DNS_NAME_MAX, "%s", facts->base);
    facts->chain.num_names = facts->acme_chain.num_names = 1;
    facts->chain.end = facts->acme_chain.end = ESA_DNS_NO_DATA;
    snprintf(facts->chain.names[0], ESA_DNS_NAME_MAX, "%s", hostname);
    facts->a.end = facts->aaaa.end = facts->ns.end = ESA_DNS_NO_DATA;
    facts->owner.end = facts->acme.end = ESA_DNS_NO_DATA;
    snprintf(facts->owner.name, ESA_DNS_NAME_MAX, "_esa_custom_hostname.%.200s", facts->base);
    snprintf(facts->acme.name, ESA_DNS_NAME_MAX, "_acme-challenge.%.200s", facts->base);
    return facts;
}

static void add_value(struct esa_dns_answer *answer, const char *text) {
    struct esa_dns_value *value = &answer->values[answer->num_values++];
    value->len = strlen(text);
    memcpy(value->text, text, value->len + 1);
    answer->end = ESA_DNS_FOUND;
}

static void add_caa(struct esa_dns_answer *answer, const struct record *record) {
    struct esa_dns_value *value = &answer->values[answer->num_values];
    add_value(answer, record->value);
    value->flags = (uint8_t)record->flags;
    snprintf(value->tag, sizeof(value->tag), "%s", record->tag);
}

static void test_caa(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(sets); i++) {
        struct esa_dns_facts *facts =
            new_facts(sets[i].is_wildcard ? "*.acme.example" : "acme.example");
        struct esa_dns_report *report = calloc(1, sizeof(*report));
        assert_non_null(report);
        for (size_t r = 0; r < 3 && sets[i].records[r].tag != NULL; r++)
            add_caa(&facts->caa[0], &sets[i].records[r]);
        esa_dns_judge_caa(report, facts, ISSUER);
        if (report->num_results != 1 || report->results[0].code != sets[i].want)
            print_error("%s: '%s' is %s: %s\n", sets[i].reason, sets[i].records[0].value,
                        esa_dns_code_word(report->results[0].code), report->results[0].detail);
        assert_int_equal(report->num_results, 1);
        assert_int_equal(report->results[0].code, sets[i].want);
        free(report);
        free(facts);
    }
}

/* Which level decides (RFC 8659 section 3). 'n' no data, 'x' no such name, 'f' failed, 'a' allows,
 * 'o' others. */
static const struct {
    const char *levels;
    enum esa_dns_code want;
    const char *reason;
} climbs[] = {
    {"nnn", ESA_DNS_CAA_NONE, "nothing up to the top"},
    {"xnn", ESA_DNS_CAA_NONE, "the hostname need not exist"},
    {"xxn", ESA_DNS_CAA_NONE, "nor need its parent, if another is there"},
    {"xxx", ESA_DNS_CAA_UNKNOWN, "but one must"},
    {"ann", ESA_DNS_CAA_ALLOWED, "at the name"},
    {"nna", ESA_DNS_CAA_ALLOWED, "at the top"},
    {"oan", ESA_DNS_CAA_OTHERS, "the lowest decides"},
    {"aon", ESA_DNS_CAA_ALLOWED, "in both directions"},
    {"afn", ESA_DNS_CAA_ALLOWED, "a failure above it is no matter"},
    {"fan", ESA_DNS_CAA_UNKNOWN, "one below it could hide another set"},
    {"nfn", ESA_DNS_CAA_UNKNOWN, "on the way"},
    {"nnf", ESA_DNS_CAA_UNKNOWN, "at the top"},
    {"xan", ESA_DNS_CAA_ALLOWED, "a parent's"},
};

static void test_climb(void **state) {
    static const struct record allows = {0, "issue", ISSUER}, others = {0, "issue", "ca.test"};
    const struct esa_dns_expect expect = {.caa_issuer = ISSUER};
    (void)state;
    for (size_t i = 0; i < NUM_OF(climbs); i++) {
        struct esa_dns_facts *facts = new_facts("a.acme.example");
        struct esa_dns_report *report = calloc(1, sizeof(*report));
        assert_non_null(report);
        for (size_t l = 0; l < 3; l++) {
            char c = climbs[i].levels[l];
            facts->caa[l].end = c == 'x'   ? ESA_DNS_NO_NAME
                                : c == 'f' ? ESA_DNS_FAILED
                                           : ESA_DNS_NO_DATA;
            if (c == 'a' || c == 'o')
                add_caa(&facts->caa[l], c == 'a' ? &allows : &others);
        }
        esa_dns_judge(report, facts, &expect);
        if (report->results[0].code != climbs[i].want)
            print_error("%s: %s is %s\n", climbs[i].reason, climbs[i].levels,
                        esa_dns_code_word(report->results[0].code));
        assert_int_equal(report->results[0].code, climbs[i].want);
        assert_true((climbs[i].want == ESA_DNS_CAA_UNKNOWN) == esa_dns_report_has_status(report));
        free(report);
        free(facts);
    }
}

/* ---- the rest ---- */

static bool has_code(const struct esa_dns_report *report, enum esa_dns_code code) {
    for (size_t i = 0; i < report->num_results; i++)
        if (report->results[i].code == code)
            return true;
    return false;
}

static const struct {
    const char *chain, *target; /* chain: the second name; NULL: none */
    enum esa_dns_end chain_end;
    const char *owner, *verify_code, *acme, *cert_txt_value;
    bool is_top, acme_is_alias;
    enum esa_dns_code traffic, ownership, challenge;
    const char *reason;
} worlds[] = {
    {NULL, NULL, ESA_DNS_NO_DATA, NULL, NULL, NULL, NULL, false, false, ESA_DNS_CNAME_ABSENT,
     ESA_DNS_OWNER_CLEAN, ESA_DNS_ACME_CLEAN, "nothing is there, nothing is known"},
    {NULL, "t.test", ESA_DNS_NO_DATA, "code", "code", "v", "v", false, false, ESA_DNS_CNAME_ABSENT,
     ESA_DNS_OWNER_FOUND, ESA_DNS_ACME_FOUND, "both values are there"},
    {"t.test", "T.TEST", ESA_DNS_NO_DATA, "Code", "code", "V", "v", false, false,
     ESA_DNS_CNAME_FOUND, ESA_DNS_OWNER_OTHER, ESA_DNS_ACME_STALE, "case counts in values only"},
    {"t.test", "t.test", ESA_DNS_NO_NAME, "code2", "code", NULL, "v", false, false,
     ESA_DNS_CNAME_FOUND, ESA_DNS_OWNER_OTHER, ESA_DNS_ACME_ABSENT, "a longer code is another"},
    {"u.test", "t.test", ESA_DNS_NO_DATA, NULL, "code", "v", NULL, false, false,
     ESA_DNS_CNAME_OTHER, ESA_DNS_OWNER_ABSENT, ESA_DNS_ACME_STALE, "another target"},
    {"u.test", NULL, ESA_DNS_NO_DATA, "code", NULL, NULL, NULL, false, true, ESA_DNS_CNAME_NOW,
     ESA_DNS_OWNER_OTHER, ESA_DNS_ACME_ALIAS, "no target is known"},
    {"u.test", NULL, ESA_DNS_NO_NAME, NULL, NULL, "v", "v", false, true, ESA_DNS_CNAME_OTHER,
     ESA_DNS_OWNER_CLEAN, ESA_DNS_ACME_FOUND, "the value is at the alias' end"},
    {"u.test", "t.test", ESA_DNS_FAILED, NULL, NULL, NULL, NULL, false, false,
     ESA_DNS_CNAME_UNKNOWN, ESA_DNS_OWNER_CLEAN, ESA_DNS_ACME_CLEAN, "where it ends is unknown"},
    {NULL, "t.test", ESA_DNS_NO_NAME, NULL, NULL, NULL, NULL, false, false, ESA_DNS_CNAME_UNKNOWN,
     ESA_DNS_OWNER_CLEAN, ESA_DNS_ACME_CLEAN, "no such name"},
    {NULL, "t.test", ESA_DNS_NO_DATA, NULL, NULL, NULL, NULL, true, false, ESA_DNS_CNAME_APEX,
     ESA_DNS_OWNER_CLEAN, ESA_DNS_ACME_CLEAN, "the top of a zone"},
};

static void test_worlds(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(worlds); i++) {
        struct esa_dns_facts *facts = new_facts("shop.acme.example");
        struct esa_dns_report *report = calloc(1, sizeof(*report));
        const struct esa_dns_expect expect = {.verify_code = worlds[i].verify_code,
                                              .cname = worlds[i].target,
                                              .cert_txt_value = worlds[i].cert_txt_value};
        assert_non_null(report);
        facts->chain.end = worlds[i].chain_end;
        if (worlds[i].chain != NULL)
            snprintf(facts->chain.names[facts->chain.num_names++], ESA_DNS_NAME_MAX, "%s",
                     worlds[i].chain);
        if (worlds[i].acme_is_alias)
            snprintf(facts->acme_chain.names[facts->acme_chain.num_names++], ESA_DNS_NAME_MAX,
                     "dcv.test");
        if (worlds[i].owner != NULL)
            add_value(&facts->owner, worlds[i].owner);
        if (worlds[i].acme != NULL)
            add_value(&facts->acme, worlds[i].acme);
        if (worlds[i].is_top)
            facts->ns.end = ESA_DNS_FOUND;
        esa_dns_judge(report, facts, &expect);
        if (!has_code(report, worlds[i].traffic) || !has_code(report, worlds[i].ownership) ||
            !has_code(report, worlds[i].challenge))
            for (size_t r = 0; r < report->num_results; r++)
                print_error("%s: %s: %s\n", worlds[i].reason,
                            esa_dns_code_word(report->results[r].code), report->results[r].detail);
        assert_true(has_code(report, worlds[i].traffic));
        assert_true(has_code(report, worlds[i].ownership));
        assert_true(has_code(report, worlds[i].challenge));
        assert_false(esa_dns_report_has_error(report));
        for (size_t r = 0; r < report->num_results; r++) {
            enum esa_dns_code code = report->results[r].code;
            assert_true(report->results[r].detail[0] != '\0');
            /* whatever is not well has a next step */
            if (esa_dns_code_severity(code) != ESA_DNS_SEVERITY_OK ||
                esa_dns_code_class(code) == ESA_DNS_CLASS_STATUS)
                assert_true(report->results[r].next[0] != '\0');
        }
        free(report);
        free(facts);
    }
}

/* The longest of everything: no text grows over its buffer, and none is left unescaped. */
static void test_large(void **state) {
    struct esa_dns_facts *facts = new_facts("shop.acme.example");
    struct esa_dns_report *report = calloc(1, sizeof(*report));
    char text[ESA_DNS_VALUE_MAX], name[ESA_DNS_NAME_MAX];
    const struct esa_dns_expect expect = {
        .caa_issuer = name, .verify_code = text, .cname = name, .cert_txt_value = text};
    (void)state;
    assert_non_null(report);
    memset(text, '\x1b', sizeof(text) - 1);
    memset(name, 'n', sizeof(name) - 1);
    text[sizeof(text) - 1] = name[sizeof(name) - 1] = '\0';
    while (facts->owner.num_values < ESA_DNS_MAX_VALUES) {
        add_value(&facts->owner, text);
        add_value(&facts->acme, text);
        add_caa(&facts->caa[0], &(struct record){0, "issue", "a.long.issuer.of.test"});
        add_value(&facts->a, "255.255.255.255");
        add_value(&facts->aaaa, "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255");
    }
    facts->owner.values[31].is_cut = true;
    while (facts->chain.num_names <= ESA_DNS_MAX_CNAMES) {
        memcpy(facts->chain.names[facts->chain.num_names++], name, sizeof(name));
        memcpy(facts->acme_chain.names[facts->acme_chain.num_names++], name, sizeof(name));
    }
    for (int round = 0; round < 2; round++) {
        esa_dns_judge(report, facts, &expect);
        for (size_t r = 0; r < report->num_results; r++) {
            assert_non_null(memchr(report->results[r].detail, '\0', ESA_DNS_TEXT_MAX));
            assert_non_null(memchr(report->results[r].next, '\0', ESA_DNS_TEXT_MAX));
            assert_null(strchr(report->results[r].detail, '\x1b'));
            assert_null(strchr(report->results[r].next, '\x1b'));
        }
        name[0] = 'm'; /* now nothing leads there */
    }
    free(report);
    free(facts);
}

static void test_codes(void **state) {
    (void)state;
    for (int i = 0; i < ESA_DNS_NUM_CODES; i++) {
        enum esa_dns_code code = (enum esa_dns_code)i;
        assert_true(esa_dns_code_word(code)[0] != '\0');
        for (int k = 0; k < i; k++)
            assert_string_not_equal(esa_dns_code_word(code),
                                    esa_dns_code_word((enum esa_dns_code)k));
        if (esa_dns_code_class(code) == ESA_DNS_CLASS_STATUS)
            assert_int_equal(esa_dns_code_severity(code), ESA_DNS_SEVERITY_OK);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_caa),   cmocka_unit_test(test_climb), cmocka_unit_test(test_worlds),
        cmocka_unit_test(test_large), cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
