/* webpki: the parts that rules are made of, dates, and that every rule of the group is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <string.h>

#include "checks/webpki/locations.h"
#include "checks/webpki/webpki.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- dates ---- */

static void dates_are_what_they_are_called(void **state) {
    static const struct {
        int64_t got;
        const char *date, *why;
    } rows[] = {
        {CP_BR_2012_07_01, "2012-07-01", "BR 1.1: they apply from here"},
        {CP_BR_2016_09_30, "2016-09-30", "ballot 164: 64 bits of serial number"},
        {CP_BR_2018_03_01, "2018-03-01", "ballot 193: 825 days"},
        {CP_BR_2020_09_01, "2020-09-01", "BR 6.3.2: 398 days"},
        {CP_BR_2022_09_01, "2022-09-01", "ballot SC47: no organizational units"},
        {CP_BR_2023_09_15, "2023-09-15", "ballot SC62: certificate profiles"},
        {CP_BR_2026_03_15, "2026-03-15", "ballots SC81, SC86: 200 days, no reverse zones"},
        {CP_BR_2026_06_15, "2026-06-15", "Chrome Root Program"},
        {CP_BR_2027_03_15, "2027-03-15", "ballot SC81: 100 days"},
        {CP_BR_2029_03_15, "2029-03-15", "ballot SC81: 47 days"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t want = 0;
        struct cp_error err;
        assert_int_equal(cp_time_parse(&want, rows[i].date, &err), CP_OK);
        if (want != rows[i].got)
            fail_msg("%s (%s)", rows[i].date, rows[i].why);
    }
}

static void validity_counts_both_ends(void **state) {
    static const struct {
        const char *from;
        int64_t days, seconds; /* notAfter - notBefore */
        bool is_broken, is_refused;
        const char *why;
    } rows[] = {
        {"2018-03-01", 825, -1, false, false, "825 days to the second"},
        {"2018-03-01", 825, 0, false, true, "a second more"},
        {"2020-08-31", 825, -1, false, false, "the day before 398 days"},
        {"2020-09-01", 398, -1, false, false, "398 days to the second"},
        {"2020-09-01", 398, 0, false, true, "a second more"},
        {"2026-03-14", 398, -1, false, false, "the day before 200 days"},
        {"2026-03-15", 200, -1, false, false, "200 days to the second"},
        {"2026-03-15", 200, 0, true, false, "a second more, which clients take"},
        {"2026-03-15", 398, 0, false, true, "one finding, not two"},
        {"2027-03-15", 100, -1, false, false, "100 days to the second"},
        {"2027-03-15", 100, 0, true, false, "a second more"},
        {"2029-03-15", 47, -1, false, false, "47 days to the second"},
        {"2029-03-15", 47, 0, true, false, "a second more"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp_cert cert = {.path_len = -1};
        struct cp_webpki w = {.cert = &cert};
        struct cp_error err;
        char detail[CP_WEBPKI_DETAIL];
        assert_int_equal(cp_time_parse(&cert.not_before_s, rows[i].from, &err), CP_OK);
        cert.not_after_s = cert.not_before_s + rows[i].days * 86400 + rows[i].seconds;
        bool bound = cert.not_before_s >= CP_BR_2026_03_15;
        if ((bound && cp_webpki_validity(&w, detail)) != rows[i].is_broken ||
            cp_webpki_validity_clients(&w, detail) != rows[i].is_refused)
            fail_msg("%s + %d days: %s", rows[i].from, (int)rows[i].days, rows[i].why);
    }
}

/* ---- places ---- */

static void hosts_of_uris(void **state) {
    static const struct {
        const char *uri, *host, *why;
    } rows[] = {
        {"http://crl.example.com/a.crl", "crl.example.com", "a path"},
        {"http://crl.example.com", "crl.example.com", "no path"},
        {"http://crl.example.com:8080/", "crl.example.com", "a port"},
        {"http://a:b@crl.example.com/", "crl.example.com", "a user"},
        {"http://[2001:db8::1]:80/", "2001:db8::1", "an IPv6 address"},
        {"http://[2001:db8::1", "2001:db8::1", "a bracket that is not closed"},
        {"http://crl.example.com?a@b", "crl.example.com", "@ in a query"},
        {"http://crl.example.com#a:b", "crl.example.com", "a fragment"},
        {"ldap:///cn=ca", "", "LDAP without a host"},
        {"http:/crl.example.com", "", "one slash"},
        {"crl.example.com", "", "no scheme"},
        {"http://", "", "nothing behind"},
        {":", "", "a colon alone"},
        {"", "", "nothing"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp_span host = cp_uri_host(cp_span_of(rows[i].uri));
        if (!cp_span_equal(host, cp_span_of(rows[i].host)))
            fail_msg("%s: %.*s (%s)", rows[i].uri, (int)host.len, (const char *)host.data,
                     rows[i].why);
    }
}

static void schemes_of_uris(void **state) {
    (void)state;
    assert_true(cp_uri_has_scheme(cp_span_of("http://a"), "http"));
    assert_true(cp_uri_has_scheme(cp_span_of("HTTP://a"), "http")); /* RFC 3986 3.1 */
    assert_false(cp_uri_has_scheme(cp_span_of("https://a"), "http"));
    assert_false(cp_uri_has_scheme(cp_span_of("http:/a"), "http"));
    assert_false(cp_uri_has_scheme(cp_span_of("http://"), "http")); /* no host */
    assert_false(cp_uri_has_scheme(cp_span_of(""), "http"));
}

static void internal_hosts(void **state) {
    static const struct {
        const char *host;
        bool is_internal;
        const char *why;
    } rows[] = {
        {"crl.example.com", false, "a public name"},
        {"CRL.EXAMPLE.COM", false, "in upper case"},
        {"crl", true, "one label"},
        {"crl.local", true, "RFC 6762"},
        {"crl.corp", true, "no such top-level domain"},
        {"10.0.0.1", true, "RFC 1918"},
        {"9.255.255.255", false, "before it"},
        {"11.0.0.0", false, "behind it"},
        {"100.63.255.255", false, "before RFC 6598"},
        {"100.64.0.0", true, "RFC 6598"},
        {"100.127.255.255", true, "its last"},
        {"100.128.0.0", false, "behind it"},
        {"172.15.255.255", false, "before RFC 1918"},
        {"172.16.0.0", true, "RFC 1918"},
        {"172.31.255.255", true, "its last"},
        {"172.32.0.0", false, "behind it"},
        {"192.168.1.1", true, "RFC 1918"},
        {"192.0.2.1", true, "RFC 5737"},
        {"198.17.255.255", false, "before RFC 2544"},
        {"198.19.255.255", true, "RFC 2544"},
        {"224.0.0.1", true, "multicast"},
        {"255.255.255.255", true, "broadcast"},
        {"8.8.8.8", false, "a public address"},
        {"::1", true, "loopback"},
        {"::2", false, "not special"},
        {"::ffff:8.8.8.8", true, "IPv4-mapped"},
        {"64:ff9b::808:808", false, "RFC 6052 is global"},
        {"64:ff9b:1::1", true, "RFC 8215"},
        {"2001:db8::1", true, "RFC 3849"},
        {"2001:db9::1", false, "behind it"},
        {"3fff:0fff::1", true, "RFC 9637"},
        {"3fff:1000::1", false, "behind it"},
        {"fc00::1", true, "RFC 4193"},
        {"fe00::1", false, "behind it"},
        {"fe80::1", true, "link-local"},
        {"2606:4700:4700::1111", false, "a public address"},
        {"", false, "no host is another rule's"},
        {"a_b.example.com", false, "what is no name is not judged"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (cp_webpki_host_is_internal(cp_span_of(rows[i].host)) != rows[i].is_internal)
            fail_msg("%s: %s", rows[i].host, rows[i].why);
}

/* ---- names ---- */

typedef bool name_fn(const struct cp_webpki_name *name);

static void names(void **state) {
    static const struct {
        const char *name;
        name_fn *is_broken;
        bool want;
        const char *why;
    } rows[] = {
        {"example.com", cp_webpki_name_unknown_tld, false, "com"},
        {"example.COM", cp_webpki_name_unknown_tld, false, "upper case"},
        {"*.example.com", cp_webpki_name_unknown_tld, false, "a wildcard"},
        {"a.corp", cp_webpki_name_unknown_tld, true, "no such domain"},
        {"a.test", cp_webpki_name_unknown_tld, false, "reserved, so another rule's"},
        {"a.onion", cp_webpki_name_unknown_tld, false, "another rule's"},
        {"a.test", cp_webpki_name_reserved_tld, true, "RFC 6761"},
        {"a.home.arpa", cp_webpki_name_reserved_tld, true, "RFC 8375"},
        {"ahome.arpa", cp_webpki_name_reserved_tld, false, "only its ending"},
        {"localhost", cp_webpki_name_reserved_tld, false, "one label: another rule's"},
        {"localhost", cp_webpki_name_single_label, true, "one label"},
        {"*.com", cp_webpki_name_single_label, false, "CP0304's"},
        {"1.in-addr.arpa", cp_webpki_name_reverse_zone, true, "IPv4"},
        {"in-addr.arpa", cp_webpki_name_reverse_zone, true, "the zone itself"},
        {"1.IP6.arpa", cp_webpki_name_reverse_zone, true, "IPv6, upper case"},
        {"1.in-addr.arpa.com", cp_webpki_name_reverse_zone, false, "not at the end"},
        {"co.uk", cp_webpki_name_suffix, true, "a registry's"},
        {"github.io", cp_webpki_name_suffix, false, "a company's"},
        {"*.co.uk", cp_webpki_name_suffix, false, "CP0304's"},
        {"xn--bcher-kva.example.com", cp_webpki_name_a_label, false, "u umlaut"},
        {"XN--BCHER-KVA.example.com", cp_webpki_name_a_label, false, "upper case"},
        {"xn--fa-hia.example.com", cp_webpki_name_a_label, false, "sharp s, IDNA 2008"},
        {"xn--zz.example.com", cp_webpki_name_a_label, true, "no Punycode"},
        {"a.xn--zz", cp_webpki_name_a_label, true, "in the last label"},
        {"xn--628h.example.com", cp_webpki_name_a_label, false, "good Punycode"},
        {"xn--628h.example.com", cp_webpki_name_idna, true, "a picture"},
        {"xn--bcher-kva.example.com", cp_webpki_name_idna, false, "a letter"},
        {"ab--c.example.com", cp_webpki_name_reserved_label, true, "third and fourth"},
        {"abc--d.example.com", cp_webpki_name_reserved_label, false, "fourth and fifth"},
        {"xn--bcher-kva.com", cp_webpki_name_reserved_label, false, "an A-label"},
        {"abcdefghij234567.onion", cp_webpki_name_onion, true, "version 2"},
        {"abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwx.onion", cp_webpki_name_onion,
         false, "version 3"},
        {"abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuv1x.onion", cp_webpki_name_onion,
         true, "1 is not in base32"},
        {"onion", cp_webpki_name_onion, false, "one label"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp_general_name given = {CP_GN_DNS, cp_span_of(rows[i].name)};
        struct cp_webpki_name name;
        cp_webpki_name_read(&name, &given);
        if (rows[i].is_broken(&name) != rows[i].want)
            fail_msg("%s: %s", rows[i].name, rows[i].why);
    }
}

/* What is no DNS name is CP0303's: every rule for names is silent. */
static void names_that_are_none(void **state) {
    static const struct cp_span rows[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"a\0b.test", 8},
        {(const uint8_t *)"a.test.", 7},
        {(const uint8_t *)".test", 5},
        {(const uint8_t *)"\xc3\xbc.test", 7},
        {(const uint8_t *)"a_b.test", 8},
    };
    static name_fn *const rules[] = {
#define NAME_RULE(check, function, since, text) cp_webpki_name_##function,
#include "checks/webpki/name_rules.def"
#undef NAME_RULE
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t j = 0; j < COUNT(rules); j++) {
            struct cp_general_name given = {CP_GN_DNS, rows[i]};
            struct cp_webpki_name name;
            cp_webpki_name_read(&name, &given);
            if (rules[j](&name))
                fail_msg("row %zu, rule %zu", i, j);
        }
}

/* ---- readers ---- */

static const uint8_t aia[] = {
    0x30, 0x1e, 0x30, 0x1c, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02, 0x86, 0x10,
    'l',  'd',  'a',  'p',  ':',  '/',  '/',  '1',  '0',  '.',  '0',  '.',  '0',  '.',  '1',  '/',
};
static const uint8_t crl[] = {
    0x30, 0x12, 0x30, 0x10, 0xa0, 0x0e, 0xa0, 0x0c, 0x86, 0x0a,
    'h',  't',  't',  'p',  ':',  '/',  '/',  'c',  'r',  'l',
};
static const uint8_t policies[] = {
    0x30, 0x1d, 0x30, 0x1b, 0x06, 0x06, 0x67, 0x81, 0x0c, 0x01, 0x02, 0x02, 0x30, 0x11, 0x30, 0x0f,
    0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x02, 0x01, 0x16, 0x03, 'a',  ':',  'b',
};

static void readers_take_the_whole_only(void **state) {
    struct cp_webpki_locations places;
    struct cp_webpki_policies found;
    (void)state;
    for (size_t len = 0; len <= sizeof(aia); len++) {
        cp_webpki_read_aia(&places, (struct cp_span){aia, len});
        assert_int_equal(places.readable, len == sizeof(aia));
    }
    assert_int_equal(places.num_issuers, 1);
    assert_int_equal(places.scheme.len, 16);
    assert_int_equal(places.internal.len, 16);
    for (size_t len = 0; len <= sizeof(crl); len++) {
        cp_webpki_read_crl(&places, (struct cp_span){crl, len});
        assert_int_equal(places.readable, len == sizeof(crl));
    }
    assert_null(places.scheme.data);
    assert_int_equal(places.internal.len, 10); /* one label */
    for (size_t len = 0; len <= sizeof(policies); len++) {
        cp_webpki_read_policies(&found, (struct cp_span){policies, len});
        assert_int_equal(found.readable, len == sizeof(policies));
    }
    assert_int_equal(found.reserved, CP_WEBPKI_OV);
    assert_int_equal(found.cps_scheme.len, 3);
}

/* Every octet to every value: nothing is read outside, whatever comes out (for the sanitizers). */
static void readers_bear_any_octet(void **state) {
    struct cp_webpki_locations places;
    struct cp_webpki_policies found;
    uint8_t copy[sizeof(aia)];
    size_t num_readable = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(aia); i++)
        for (unsigned value = 0; value < 256; value++) {
            memcpy(copy, aia, sizeof(aia));
            copy[i] = (uint8_t)value;
            cp_webpki_read_aia(&places, (struct cp_span){copy, sizeof(aia)});
            num_readable += places.readable;
            cp_webpki_read_crl(&places, (struct cp_span){copy, sizeof(aia)});
            cp_webpki_read_policies(&found, (struct cp_span){copy, sizeof(aia)});
        }
    assert_true(num_readable > 16 * 256); /* at least the characters of the URI may vary */
}

/* ---- the tables ---- */

static void every_rule_is_found(void **state) {
    static const enum cp_check found[] = {
#define RULE(check, function, where, since, text) CP_CHECK_##check,
#include "checks/webpki/rules.def"
#undef RULE
#define NAME_RULE(check, function, since, text) CP_CHECK_##check,
#include "checks/webpki/name_rules.def"
#undef NAME_RULE
    };
    size_t num = 0;
    (void)state;
    for (size_t i = 0; i < cp_num_rules(); i++) {
        const struct cp_rule *rule = cp_rule_get(i);
        size_t times = 0;
        if (strcmp(rule->group, "webpki") != 0)
            continue;
        for (size_t j = 0; j < COUNT(found); j++)
            times += (size_t)found[j] == i;
        if (times != 1 || strncmp(rule->id, "CP10", 4) != 0)
            fail_msg("%s %s stands in the tables %zu times", rule->id, rule->name, times);
        num++;
    }
    assert_int_equal(num, COUNT(found));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_what_they_are_called),
        cmocka_unit_test(validity_counts_both_ends),
        cmocka_unit_test(hosts_of_uris),
        cmocka_unit_test(schemes_of_uris),
        cmocka_unit_test(internal_hosts),
        cmocka_unit_test(names),
        cmocka_unit_test(names_that_are_none),
        cmocka_unit_test(readers_take_the_whole_only),
        cmocka_unit_test(readers_bear_any_octet),
        cmocka_unit_test(every_rule_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
