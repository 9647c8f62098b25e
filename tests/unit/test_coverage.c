/* Coverage: which names cover which hostnames, and the fewest names that are missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_ROW 8
#define DNS 0x82
#define IP 0x87

/* A leaf with these names only: what cp_cert_parse would have found. */
struct leaf {
    struct cp_cert cert;
    uint8_t *names;
    size_t len, size;
};

static void add_name(struct leaf *leaf, uint8_t tag, const void *value, size_t len) {
    assert_true(len < 0x80);
    if (leaf->size - leaf->len < len + 2) {
        leaf->size = leaf->size * 2 + 256;
        leaf->names = realloc(leaf->names, leaf->size);
        assert_non_null(leaf->names);
    }
    leaf->names[leaf->len] = tag;
    leaf->names[leaf->len + 1] = (uint8_t)len;
    memcpy(leaf->names + leaf->len + 2, value, len);
    leaf->len += len + 2;
    leaf->cert.num_dns_names += tag == DNS;
    leaf->cert.num_ip_names += tag == IP;
    leaf->cert.subject_alt_names = (struct cp_span){leaf->names, leaf->len};
}

static struct cp_report_host *ask(const char *const *texts, size_t num) {
    struct cp_report_host *hosts = calloc(num + 1, sizeof(*hosts));
    assert_non_null(hosts);
    for (size_t i = 0; i < num; i++)
        assert_int_equal(cp_hostname_init(&hosts[i].hostname, texts[i], NULL), CP_OK);
    return hosts;
}

static void forget(struct cp_report_host *hosts, size_t num) {
    for (size_t i = 0; i < num; i++)
        cp_hostname_cleanup(&hosts[i].hostname);
    free(hosts);
}

static const struct {
    const char *names[MAX_ROW]; /* of the certificate */
    const char *hosts[MAX_ROW];
    const char *covered; /* a digit for each host: 1 is covered */
    const char *missing[MAX_ROW];
    size_t num_impossible;
    const char *reason;
} rows[] = {
    {{"a.example"}, {"a.example"}, "1", {NULL}, 0, "the name itself"},
    {{"A.Example"}, {"a.EXAMPLE."}, "1", {NULL}, 0, "case and the root's dot do not count"},
    {{"*.a.example"}, {"x.a.example", "y.a.example"}, "11", {NULL}, 0, "one wildcard for two"},
    {{"*.a.example"}, {"a.example"}, "0", {"a.example"}, 0, "the parent itself is not under it"},
    {{"*.a.example"}, {"x.y.a.example"}, "0", {"x.y.a.example"}, 0, "one label, not two"},
    {{"x.a.example"}, {"*.a.example"}, "0", {"*.a.example"}, 0, "asked for: the wildcard itself"},
    {{"*.a.example"}, {"*.a.example"}, "1", {NULL}, 0, "the same wildcard"},
    {{"f*.a.example"},
     {"foo.a.example"},
     "0",
     {"foo.a.example"},
     0,
     "a partial one covers nothing"},
    {{"*.co.uk"}, {"shop.co.uk"}, "0", {"shop.co.uk"}, 0, "over a public suffix: covers nothing"},
    {{NULL},
     {"a.co.uk", "b.co.uk"},
     "00",
     {"a.co.uk", "b.co.uk"},
     0,
     "no wildcard is proposed over a public suffix"},
    {{NULL}, {"*.co.uk"}, "0", {NULL}, 1, "nobody may have it"},
    {{"*.github.io"}, {"shop.github.io"}, "1", {NULL}, 0, "over a private suffix: its owner's"},
    {{NULL}, {"*.github.io"}, "0", {"*.github.io"}, 0, "its owner may have it"},
    {{NULL},
     {"a.x.example", "b.x.example", "c.y.example"},
     "000",
     {"*.x.example", "c.y.example"},
     0,
     "a wildcard for siblings, a single one by its name"},
    {{NULL},
     {"*.x.example", "b.x.example"},
     "00",
     {"*.x.example"},
     0,
     "the wildcard that was asked for covers its sibling"},
    {{NULL},
     {"a.x.example", "A.X.example"},
     "00",
     {"a.x.example"},
     0,
     "the same name twice is no pair of siblings"},
    {{"a.x.example"},
     {"a.x.example", "b.x.example"},
     "10",
     {"b.x.example"},
     0,
     "a sibling that is covered does not ask for a wildcard"},
    {{NULL},
     {"x.example", "a.x.example", "b.x.example"},
     "000",
     {"x.example", "*.x.example"},
     0,
     "the apex is not in its own wildcard"},
    {{NULL}, {"one", "two"}, "00", {"one", "two"}, 0, "single labels have no parent"},
    {{NULL},
     {"192.0.2.1", "192.0.2.2"},
     "00",
     {"192.0.2.1", "192.0.2.2"},
     0,
     "addresses take no wildcard"},
    {{"*.0.2.1"}, {"192.0.2.1"}, "0", {"192.0.2.1"}, 0, "nor does a wildcard cover one"},
    {{"192.0.2.1"}, {"192.0.2.1"}, "0", {"192.0.2.1"}, 0, "nor a dNSName that looks like it"},
};

static bool is_missing(const struct cp_coverage *coverage, const struct cp_report_host *hosts,
                       const char *want) {
    char text[CP_HOSTNAME_MAX + 3];
    for (size_t i = 0; i < coverage->num_missing; i++) {
        cp_missing_name_text(text, coverage, &coverage->missing[i], hosts);
        if (strcmp(text, want) == 0)
            return true;
    }
    return false;
}

static void smallest_set(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct leaf leaf = {0};
        struct cp_coverage coverage;
        size_t num_hosts = 0, num_missing = 0;
        for (size_t j = 0; j < MAX_ROW && rows[i].names[j] != NULL; j++)
            add_name(&leaf, DNS, rows[i].names[j], strlen(rows[i].names[j]));
        while (num_hosts < MAX_ROW && rows[i].hosts[num_hosts] != NULL)
            num_hosts++;
        struct cp_report_host *hosts = ask(rows[i].hosts, num_hosts);
        assert_int_equal(cp_coverage_find(&coverage, hosts, num_hosts, &leaf.cert, NULL), CP_OK);
        for (size_t j = 0; j < num_hosts; j++)
            if (hosts[j].covered != (rows[i].covered[j] == '1'))
                fail_msg("%s: %s", rows[i].reason, rows[i].hosts[j]);
        for (; num_missing < MAX_ROW && rows[i].missing[num_missing] != NULL; num_missing++)
            if (!is_missing(&coverage, hosts, rows[i].missing[num_missing]))
                fail_msg("%s: %s is not missed", rows[i].reason, rows[i].missing[num_missing]);
        if (coverage.num_missing != num_missing ||
            coverage.num_impossible != rows[i].num_impossible)
            fail_msg("%s: %zu missing, %zu impossible", rows[i].reason, coverage.num_missing,
                     coverage.num_impossible);
        cp_coverage_cleanup(&coverage);
        forget(hosts, num_hosts);
        free(leaf.names);
    }
}

static void addresses(void **state) {
    (void)state;
    static const char *const asked[] = {"192.0.2.1", "2001:db8::1", "192.0.2.2"};
    static const uint8_t v4[] = {192, 0, 2, 1}, v6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};
    struct leaf leaf = {0};
    struct cp_coverage coverage;
    char text[64];
    add_name(&leaf, IP, v6, sizeof(v6));
    add_name(&leaf, DNS, "a.example", 9);
    add_name(&leaf, IP, v4, sizeof(v4));
    struct cp_report_host *hosts = ask(asked, COUNT(asked));
    assert_int_equal(cp_coverage_find(&coverage, hosts, COUNT(asked), &leaf.cert, NULL), CP_OK);
    assert_true(hosts[0].covered && hosts[1].covered && !hosts[2].covered);
    assert_int_equal(coverage.num_covered, 2);
    cp_coverage_by_text(text, sizeof(text), &hosts[1]);
    assert_string_equal(text, asked[1]);
    cp_coverage_cleanup(&coverage);
    forget(hosts, COUNT(asked));
    free(leaf.names);
}

/* Many against many: the answer is right, and the cost is not their product. */
#define NUM_NAMES 1000
#define NUM_HOSTS 10000
static void many(void **state) {
    (void)state;
    struct leaf leaf = {0};
    struct cp_coverage coverage;
    char text[64];
    struct cp_report_host *hosts = calloc(NUM_HOSTS, sizeof(*hosts));
    assert_non_null(hosts);
    for (size_t i = 0; i < NUM_NAMES; i++) /* every other a wildcard */
        add_name(&leaf, DNS, text,
                 (size_t)snprintf(text, sizeof(text), "%s.d%zu.example", i % 2 ? "*" : "www", i));
    for (size_t i = 0; i < NUM_HOSTS; i++) { /* ten under each parent; www covers one of them */
        snprintf(text, sizeof(text), "%s%.0zu.d%zu.example", i % 10 ? "h" : "www", i % 10, i / 10);
        assert_int_equal(cp_hostname_init(&hosts[i].hostname, text, NULL), CP_OK);
    }
    assert_int_equal(cp_coverage_find(&coverage, hosts, NUM_HOSTS, &leaf.cert, NULL), CP_OK);
    assert_int_equal(coverage.num_covered, NUM_NAMES / 2 * 10 + NUM_NAMES / 2);
    assert_int_equal(coverage.num_missing, NUM_NAMES / 2);
    for (size_t i = 0; i < coverage.num_missing; i++) {
        assert_true(coverage.missing[i].wildcard);
        assert_int_equal(coverage.missing[i].num_hosts, 9);
    }
    /* at most 10 * (names to sort) and 2 searches of 10 a host; the product would be 10,000,000 */
    assert_in_range(coverage.num_comparisons, NUM_HOSTS, 10 * NUM_NAMES + 2 * 11 * NUM_HOSTS);
    cp_coverage_cleanup(&coverage);
    forget(hosts, NUM_HOSTS);
    free(leaf.names);
}

/* A certificate's names may all be one name, and the hostnames too. */
static void all_alike(void **state) {
    (void)state;
    struct leaf leaf = {0};
    struct cp_coverage coverage;
    struct cp_report_host *hosts = calloc(NUM_HOSTS, sizeof(*hosts));
    assert_non_null(hosts);
    for (size_t i = 0; i < NUM_NAMES; i++)
        add_name(&leaf, DNS, "a.example", 9);
    for (size_t i = 0; i < NUM_HOSTS; i++)
        assert_int_equal(cp_hostname_init(&hosts[i].hostname, "b.c.example", NULL), CP_OK);
    assert_int_equal(cp_coverage_find(&coverage, hosts, NUM_HOSTS, &leaf.cert, NULL), CP_OK);
    assert_int_equal(coverage.num_covered, 0);
    assert_int_equal(coverage.num_order, 1);
    assert_int_equal(coverage.num_missing, 1);
    assert_false(coverage.missing[0].wildcard);
    cp_coverage_cleanup(&coverage);
    forget(hosts, NUM_HOSTS);
    free(leaf.names);
}

static void nothing(void **state) {
    (void)state;
    struct leaf leaf = {0};
    struct cp_coverage coverage;
    assert_int_equal(cp_coverage_find(&coverage, NULL, 0, &leaf.cert, NULL), CP_OK);
    assert_int_equal(coverage.num_covered + coverage.num_missing + coverage.num_order, 0);
    cp_coverage_cleanup(&coverage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smallest_set), cmocka_unit_test(addresses), cmocka_unit_test(many),
        cmocka_unit_test(all_alike),    cmocka_unit_test(nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
