/* dns: replies into answers, through c-ares; servers' and hosts' names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/dns/cares.h"
#include "cli/dns/dns.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

/* ---- replies ---- */

/* A header of one question and num answers; the question is for "a.test". Class and TTL of an
 * answer whose owner is the question's name: */
#define HEAD(flags2, flags3, num) "\x12\x34" flags2 flags3 "\0\x01\0" num "\0\0\0\0"
#define QUESTION(type)                                                                             \
    "\x01"                                                                                         \
    "a"                                                                                            \
    "\x04"                                                                                         \
    "test"                                                                                         \
    "\0" type "\0\x01"
#define OWNER "\xC0\x0C"
#define REST "\0\x01\0\0\0\x3c"
#define T_A "\0\x01"
#define T_NS "\0\x02"
#define T_CNAME "\0\x05"
#define T_TXT "\0\x10"
#define T_AAAA "\0\x1c"
#define T_CAA "\x01\x01"
#define OK(num) HEAD("\x81", "\x80", num)
#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1
#define ALIAS                                                                                      \
    OWNER T_CNAME REST "\0\x08"                                                                    \
                       "\x01"                                                                      \
                       "b"                                                                         \
                       "\x04"                                                                      \
                       "test"                                                                      \
                       "\0"

static const struct {
    const uint8_t *reply;
    size_t len;
    enum esa_dns_type type;
    enum esa_dns_end want;
    size_t num;
    const char *value; /* the last one's */
    const char *reason;
} replies[] = {
    {BYTES(OK("\x01") QUESTION(T_A) OWNER T_A REST "\0\x04\xC0\0\x02\x01"), ESA_DNS_A,
     ESA_DNS_FOUND, 1, "192.0.2.1", "A"},
    {BYTES(OK("\x01") QUESTION(T_AAAA) OWNER T_AAAA REST
           "\0\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"),
     ESA_DNS_AAAA, ESA_DNS_FOUND, 1, "2001:db8::1", "AAAA"},
    {BYTES(OK("\x01") QUESTION(T_CNAME) ALIAS), ESA_DNS_CNAME, ESA_DNS_FOUND, 1, "b.test", "CNAME"},
    {BYTES(OK("\x01") QUESTION(T_NS) OWNER T_NS REST "\0\x02\xC0\x0C"), ESA_DNS_NS, ESA_DNS_FOUND,
     1, "a.test", "NS, compressed"},
    {BYTES(OK("\x02") QUESTION(T_TXT) OWNER T_TXT REST "\0\x02\x01x" OWNER T_TXT REST "\0\x06\x02"
                                                       "ab"
                                                       "\x02"
                                                       "cd"),
     ESA_DNS_TXT, ESA_DNS_FOUND, 2, "abcd", "two TXT, the second of two strings"},
    {BYTES(OK("\x01") QUESTION(T_CAA) OWNER T_CAA REST "\0\x0d\x80\x05"
                                                       "issueca.org"),
     ESA_DNS_CAA, ESA_DNS_FOUND, 1, "ca.org", "CAA"},
    {BYTES(OK("\x01") QUESTION(T_CAA) ALIAS), ESA_DNS_CAA, ESA_DNS_ALIAS, 0, "", "an alias alone"},
    {BYTES(OK("\x01") QUESTION(T_TXT) ALIAS), ESA_DNS_TXT, ESA_DNS_ALIAS, 0, "", "the same, TXT"},
    {BYTES(OK("\x01") QUESTION(T_A) ALIAS), ESA_DNS_A, ESA_DNS_ALIAS, 0, "", "the same, A"},
    {BYTES(OK("\x02") QUESTION(T_CAA) ALIAS "\x01"
                                            "b"
                                            "\x04"
                                            "test"
                                            "\0" T_CAA REST "\0\x08\0\x05"
                                            "issue;"),
     ESA_DNS_CAA, ESA_DNS_FOUND, 1, ";", "an alias, and what is at its end"},
    {BYTES(OK("\0") QUESTION(T_A)), ESA_DNS_A, ESA_DNS_NO_DATA, 0, "", "no record"},
    {BYTES(HEAD("\x81", "\x83", "\0") QUESTION(T_A)), ESA_DNS_A, ESA_DNS_NO_NAME, 0, "",
     "NXDOMAIN"},
    {BYTES(HEAD("\x85", "\x03", "\0") QUESTION(T_A)), ESA_DNS_A, ESA_DNS_NO_NAME, 0, "",
     "NXDOMAIN, by one who knows"},
    {BYTES(HEAD("\x81", "\x82", "\0") QUESTION(T_A)), ESA_DNS_A, ESA_DNS_FAILED, 0, "", "SERVFAIL"},
    {BYTES(HEAD("\x81", "\x85", "\0") QUESTION(T_A)), ESA_DNS_A, ESA_DNS_FAILED, 0, "", "REFUSED"},
    {BYTES(HEAD("\x81", "\x8f", "\0") QUESTION(T_A)), ESA_DNS_A, ESA_DNS_FAILED, 0, "", "code 15"},
    {BYTES(HEAD("\x81", "\0", "\0") QUESTION(T_A)), ESA_DNS_A, ESA_DNS_FAILED, 0, "", "a referral"},
    {BYTES(HEAD("\x83", "\x80", "\0") QUESTION(T_A)), ESA_DNS_A, ESA_DNS_FAILED, 0, "", "cut off"},
    {BYTES(OK("\x01") QUESTION(T_CAA) OWNER T_CAA REST "\0\x07\0\x05"
                                                       "issue"),
     ESA_DNS_CAA, ESA_DNS_FAILED, 0, "", "an empty value, which c-ares refuses"},
    {BYTES(OK("\x01") QUESTION(T_CAA) OWNER T_CAA REST "\0\x08\0\x7f"
                                                       "issue;"),
     ESA_DNS_CAA, ESA_DNS_FAILED, 0, "", "a tag that is longer than the record"},
    {BYTES(OK("\x01") QUESTION(T_TXT) OWNER T_TXT REST "\0\x02\x7fx"), ESA_DNS_TXT, ESA_DNS_FAILED,
     0, "", "a string that is longer than the record"},
    {BYTES(OK("\x01") QUESTION(T_A) "\xC0\x18" T_A REST "\0\x04\xC0\0\x02\x01"), ESA_DNS_A,
     ESA_DNS_FAILED, 0, "", "a name that points to itself"},
    {BYTES("\x12\x34\x81\x80"), ESA_DNS_A, ESA_DNS_FAILED, 0, "", "no header"},
    {BYTES(""), ESA_DNS_A, ESA_DNS_FAILED, 0, "", "nothing"},
};

static void ask_for(struct esa_dns_answer *answer, enum esa_dns_type type) {
    memset(answer, 0x5A, sizeof(*answer));
    snprintf(answer->name, sizeof(answer->name), "a.test");
    answer->type = type;
}

/* What holds for any answer. */
static void check_answer(const struct esa_dns_answer *answer) {
    assert_true(answer->end != ESA_DNS_UNASKED);
    assert_true(answer->num_values <= ESA_DNS_MAX_VALUES);
    assert_int_equal(answer->end == ESA_DNS_FOUND, answer->num_values != 0);
    assert_non_null(memchr(answer->why, '\0', sizeof(answer->why)));
    assert_true(answer->end != ESA_DNS_FAILED || answer->why[0] != '\0');
    for (size_t i = 0; i < answer->num_values; i++) {
        assert_true(answer->values[i].len < ESA_DNS_VALUE_MAX);
        assert_int_equal(answer->values[i].text[answer->values[i].len], '\0');
        assert_non_null(memchr(answer->values[i].tag, '\0', ESA_DNS_TAG_MAX));
    }
}

static void test_replies(void **state) {
    static struct esa_dns_answer answer;
    (void)state;
    for (size_t i = 0; i < NUM_OF(replies); i++) {
        ask_for(&answer, replies[i].type);
        esa_dns_parse(&answer, replies[i].reply, replies[i].len);
        check_answer(&answer);
        if (answer.end != replies[i].want)
            print_error("%s: %d %s\n", replies[i].reason, (int)answer.end, answer.why);
        assert_int_equal(answer.end, replies[i].want);
        assert_int_equal(answer.num_values, replies[i].num);
        if (replies[i].num != 0)
            assert_string_equal(answer.values[replies[i].num - 1].text, replies[i].value);
        if (replies[i].type == ESA_DNS_CAA && replies[i].num != 0)
            assert_string_equal(answer.values[0].tag, "issue");
    }
}

/* Every reply cut at every byte, and with every byte changed to every other: an exact copy on the
 * heap, so that a read past its end is seen. */
static void test_mangled(void **state) {
    static struct esa_dns_answer answer;
    (void)state;
    for (size_t i = 0; i < NUM_OF(replies); i++) {
        for (size_t len = 0; len <= replies[i].len; len++) {
            uint8_t *copy = malloc(len + (len == 0));
            assert_non_null(copy);
            memcpy(copy, replies[i].reply, len);
            ask_for(&answer, replies[i].type);
            esa_dns_parse(&answer, copy, len);
            check_answer(&answer);
            /* what is whole in the header but not in its records is no answer */
            if (len < replies[i].len && len >= 12 && replies[i].want == ESA_DNS_FOUND)
                assert_int_equal(answer.end, ESA_DNS_FAILED);
            for (unsigned byte = 0; len == replies[i].len && byte < 256 * len; byte++) {
                uint8_t before = copy[byte / 256];
                copy[byte / 256] = (uint8_t)byte;
                ask_for(&answer, replies[i].type);
                esa_dns_parse(&answer, copy, len);
                check_answer(&answer);
                copy[byte / 256] = before;
            }
            free(copy);
        }
    }
}

static int load(void **state) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    (void)state;
    if (esa_cares_load(&err) == CP_OK)
        return 0;
    print_error("%s\n", err.message);
    return 1;
}

/* ---- servers and names ---- */

static const struct {
    const char *text;
    bool ok, is_v6;
    unsigned port;
    const char *reason;
} servers[] = {
    {"192.0.2.1", true, false, 53, "IPv4"},
    {"192.0.2.1:5353", true, false, 5353, "with a port"},
    {"192.0.2.1:65535", true, false, 65535, "the last port"},
    {"2001:db8::1", true, true, 53, "IPv6"},
    {"[2001:db8::1]", true, true, 53, "in brackets"},
    {"[::1]:5353", true, true, 5353, "with a port"},
    {"", false, false, 0, "nothing"},
    {":53", false, false, 0, "no address"},
    {"192.0.2.1:", false, false, 0, "no port"},
    {"192.0.2.1:0", false, false, 0, "port 0"},
    {"192.0.2.1:65536", false, false, 0, "over the last"},
    {"192.0.2.1:5a", false, false, 0, "no number"},
    {"192.0.2.1:000053", false, false, 0, "too long a number"},
    {"192.0.2", false, false, 0, "three parts"},
    {"[192.0.2.1]:53", false, false, 0, "IPv4 in brackets"},
    {"[::1", false, false, 0, "an open bracket"},
    {"[::1]53", false, false, 0, "no colon"},
    {"[]:53", false, false, 0, "empty brackets"},
    {"ns.acme.example", false, false, 0, "a name would need a server itself"},
    {"fe80::1%eth0", false, false, 0, "a zone index"},
    {"1111111111111111111111111111111111111111111111111111111111111", false, false, 0, "long"},
};

static void test_servers(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(servers); i++) {
        struct esa_dns_server server;
        struct cp_error err = {CP_OK, 0, 0, ""};
        bool ok = esa_dns_server_parse(&server, servers[i].text, &err) == CP_OK;
        if (ok != servers[i].ok)
            print_error("%s: '%s'\n", servers[i].reason, servers[i].text);
        assert_int_equal(ok, servers[i].ok);
        assert_true(ok || err.status == CP_ERR_USAGE);
        if (ok) {
            assert_int_equal(server.is_v6, servers[i].is_v6);
            assert_int_equal(server.port, servers[i].port);
        }
    }
}

static void test_names(void **state) {
    static const char *const good[] = {"a",     "a.b",    "*.a.b", "_acme-challenge.a",
                                       "A-1.b", "xn--a.b"};
    static const char *const bad[] = {"",  ".",  "a.",   ".a",    "a..b", "a b",   "a*b", "b.*.a",
                                      "*", "*a", "a\\b", "a\x80", "a/b",  "a.b\n", "\x01"};
    char label[70];
    (void)state;
    for (size_t i = 0; i < NUM_OF(good); i++)
        assert_true(esa_dns_name_is_plain(good[i]));
    for (size_t i = 0; i < NUM_OF(bad); i++)
        assert_false(esa_dns_name_is_plain(bad[i]));
    memset(label, 'a', sizeof(label));
    label[63] = '\0';
    assert_true(esa_dns_name_is_plain(label));
    label[63] = 'a', label[64] = '\0';
    assert_false(esa_dns_name_is_plain(label));
    assert_true(esa_dns_name_equal("A.b.", "a.B"));
    assert_false(esa_dns_name_equal("a.b", "a.bc"));
    assert_false(esa_dns_name_equal("a.b..", "a.b"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_mangled),
        cmocka_unit_test(test_servers),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
