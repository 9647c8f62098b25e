/* Hostnames: what is accepted and refused, and what a presented name covers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostname.h"
#include "ip.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SPAN(text)                                                                                 \
    { (const uint8_t *)(text), sizeof(text) - 1 }

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* ---- accepted -------------------------------------------------------------------------------- */

static const struct {
    const char *text, *ascii, *unicode;
    bool ip, wildcard;
    const char *reason;
} accepted[] = {
    {"shop.acme.example", "shop.acme.example", NULL, false, false, "plain"},
    {"Shop.ACME.Example", "shop.acme.example", NULL, false, false, "lenient: upper case"},
    {"shop.acme.example.", "shop.acme.example", NULL, false, false, "lenient: the root's dot"},
    {"*.acme.example", "*.acme.example", NULL, false, true, "wildcard"},
    {"*.acme.example.", "*.acme.example", NULL, false, true, "lenient: wildcard, root's dot"},
    {"*.com", "*.com", NULL, false, true, "it parses; the public suffix is another test"},
    {"localhost", "localhost", NULL, false, false, "one label"},
    {"a", "a", NULL, false, false, "one letter"},
    {"3com.example", "3com.example", NULL, false, false, "RFC 1123 2.1: a digit may come first"},
    {"1.2.3.4.example", "1.2.3.4.example", NULL, false, false, "numbers, but not at the end"},
    {"a.b1", "a.b1", NULL, false, false, "last label ends in a digit but is no number"},
    {"r3---sn.example", "r3---sn.example", NULL, false, false,
     "lenient: hyphens in places 3 and 4, which real hosts have (RFC 5890 2.3.1 reserves them)"},
    {L63 ".example", L63 ".example", NULL, false, false, "a label of 63"},
    {L63 "." L63 "." L63 "." L61, L63 "." L63 "." L63 "." L61, NULL, false, false, "253 in all"},
    {L63 "." L63 "." L63 "." L61 ".", L63 "." L63 "." L63 "." L61, NULL, false, false,
     "253 and the root's dot"},
    {"b\xc3\xbc"
     "cher.example",
     "xn--bcher-kva.example",
     "b\xc3\xbc"
     "cher.example",
     false, false, "U-label"},
    {"B\xc3\x9c"
     "CHER.Example.",
     "xn--bcher-kva.example",
     "b\xc3\xbc"
     "cher.example",
     false, false, "UTS 46: upper case is mapped"},
    {"bu\xcc\x88"
     "cher.example",
     "xn--bcher-kva.example",
     "b\xc3\xbc"
     "cher.example",
     false, false, "UTS 46: decomposed letters are composed"},
    {"xn--bcher-kva.example", "xn--bcher-kva.example",
     "b\xc3\xbc"
     "cher.example",
     false, false, "A-label"},
    {"XN--BCHER-KVA.example", "xn--bcher-kva.example",
     "b\xc3\xbc"
     "cher.example",
     false, false, "A-label in upper case"},
    {"*.b\xc3\xbc"
     "cher.example",
     "*.xn--bcher-kva.example",
     "*.b\xc3\xbc"
     "cher.example",
     false, true, "wildcard and U-label"},
    {"fa\xc3\x9f.example", "xn--fa-hia.example", "fa\xc3\x9f.example", false, false,
     "non-transitional: sharp s stays"},
    {"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x80\x82jp", "xn--wgv71a119e.jp",
     "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.jp", false, false, "ideographic full stop"},
    {"\xe2\x93\x90.example", "a.example", NULL, false, false, "UTS 46: circled a becomes a"},
    {"192.0.2.1", "192.0.2.1", NULL, true, false, "IPv4"},
    {"0.0.0.0", "0.0.0.0", NULL, true, false, "zero is no leading zero"},
    {"255.255.255.255", "255.255.255.255", NULL, true, false, "the largest"},
    {"::", "::", NULL, true, false, "IPv6, all zeros"},
    {"::1", "::1", NULL, true, false, "IPv6"},
    {"[::1]", "::1", NULL, true, false, "lenient: in brackets, as in a URL"},
    {"2001:DB8:0:0:0:0:0:1", "2001:db8::1", NULL, true, false, "RFC 5952 4.2.1, 4.3"},
    {"2001:0db8::0001", "2001:db8::1", NULL, true, false, "RFC 5952 4.1: no leading zeros"},
    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", NULL, true, false,
     "RFC 5952 4.2.2: one group is not shortened"},
    {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1", NULL, true, false, "same, written shortened"},
    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1", NULL, true, false, "RFC 5952 4.2.3: longest run"},
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", NULL, true, false, "first of equal runs"},
    {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", NULL, true, false, "nothing to shorten"},
    {"1:2:3:4:5:6::", "1:2:3:4:5:6::", NULL, true, false, "run at the end"},
    {"::ffff:192.0.2.1", "::ffff:192.0.2.1", NULL, true, false, "RFC 5952 5: mapped"},
    {"::FFFF:c000:0201", "::ffff:192.0.2.1", NULL, true, false, "mapped, written in hex"},
    {"64:ff9b::192.0.2.33", "64:ff9b::c000:221", NULL, true, false, "dotted end in any address"},
};

static void test_accepted(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(accepted); i++) {
        struct cp_hostname *name = NULL;
        struct cp_error err = {0};
        const char *unicode = accepted[i].unicode != NULL ? accepted[i].unicode : accepted[i].ascii;
        if (cp_hostname_new(&name, accepted[i].text, &err) != CP_OK)
            fail_msg("%s (%s): %s", accepted[i].text, accepted[i].reason, err.message);
        if (strcmp(cp_hostname_ascii(name), accepted[i].ascii) != 0)
            fail_msg("%s: got %s", accepted[i].reason, cp_hostname_ascii(name));
        if (strcmp(cp_hostname_unicode(name), unicode) != 0)
            fail_msg("%s: got %s", accepted[i].reason, cp_hostname_unicode(name));
        assert_int_equal(cp_hostname_is_ip(name), accepted[i].ip);
        assert_int_equal(cp_hostname_is_wildcard(name), accepted[i].wildcard);
        cp_hostname_free(name);
    }
    cp_hostname_free(NULL);
    cp_hostname_cleanup(NULL);
}

/* The canonical form is a fixed point. */
static void test_idempotent(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(accepted); i++) {
        struct cp_hostname first, again;
        assert_int_equal(cp_hostname_init(&first, accepted[i].text, NULL), CP_OK);
        assert_int_equal(cp_hostname_init(&again, first.ascii, NULL), CP_OK);
        assert_string_equal(first.ascii, again.ascii);
        assert_string_equal(cp_hostname_unicode(&first), cp_hostname_unicode(&again));
        cp_hostname_cleanup(&first);
        cp_hostname_cleanup(&again);
    }
}

/* ---- refused --------------------------------------------------------------------------------- */

static const struct {
    const char *text, *said, *reason;
} refused[] = {
    {"", "empty", "nothing"},
    {".", "empty label", "the root"},
    {".example", "empty label", "a dot first"},
    {"a..example", "empty label", "two dots"},
    {"a.example..", "empty label", "two dots at the end"},
    {"a_b.example", "underscore", "the usual mistake gets its own words"},
    {"_acme-challenge.example", "underscore", "a DNS name, but no hostname"},
    {"-a.example", "hyphen", "a hyphen first"},
    {"a-.example", "hyphen", "a hyphen last"},
    {"a.-", "hyphen", "a hyphen alone"},
    {"a!b.example", "letter, digit or hyphen", "another character"},
    {"a%b.example", "letter, digit or hyphen", "a per cent sign"},
    {"a b.example", "space", "a space inside"},
    {" a.example", "space", "a space first"},
    {"a.example\n", "control", "a line end left over"},
    {"a\tb.example", "control", "a tab"},
    {"a\x7f.example", "control", "DEL"},
    {"https://a.example", "without https://", "a URL"},
    {"https://a.example/x", "without https://", "a URL with a path"},
    {"https://[::1]/", "without https://", "a URL with an address"},
    {"a.example/", "without a path", "a path"},
    {"a.example?x", "without a path", "a query"},
    {"user@a.example", "'@'", "a mailbox"},
    {"a.example:443", "without a port", "a port"},
    {"192.0.2.1:443", "without a port", "an address and a port"},
    {"[::1]:443", "without a port", "an IPv6 address and a port"},
    {"a.example:", "IPv6", "a colon and nothing"},
    {"a.example,b.example", "not a list", "a list"},
    {"fe80::1%eth0", "zone", "a zone id"},
    {"[fe80::1%25eth0]", "zone", "a zone id as in RFC 6874"},
    {"*", "left-most label", "a wildcard alone"},
    {"*.", "nothing right", "a wildcard and nothing"},
    {"a.*.example", "left-most label", "a wildcard inside"},
    {"f*.example", "left-most label", "a wildcard in part of a label"},
    {"*f.example", "left-most label", "a wildcard in part of a label"},
    {"*.*.example", "left-most label", "two wildcards"},
    {"**.example", "left-most label", "two stars"},
    {"*.1.2.3.4", "last label is a number", "a wildcard over an address"},
    {"*.::1", "IPv6", "a wildcard over an IPv6 address"},
    {"1.2.3", "last label is a number", "inet_aton takes it for 1.2.0.3"},
    {"0x7f.1", "last label is a number", "inet_aton takes it for 127.0.0.1"},
    {"127.0.0.0x1", "last label is a number", "hexadecimal at the end"},
    {"0x7f000001", "last label is a number", "hexadecimal alone"},
    {"2130706433", "last label is a number", "decimal alone"},
    {"192.168.1.01", "last label is a number", "a leading zero: octal for inet_aton"},
    {"192.168.1.256", "last label is a number", "over 255"},
    {"1.2.3.4.5", "last label is a number", "five numbers"},
    {"192.0.2.1.", "last label is a number", "an address with a root's dot"},
    {"\xef\xbc\x91.2.3.4", "last label is a number", "UTS 46 makes an address of it"},
    {"a.example.123", "last label is a number", "a top level that is a number"},
    {L63 "a.example", "63", "a label of 64"},
    {L63 "." L63 "." L63 "." L61 "a", "253", "254 in all"},
    {"*." L63 "." L63 "." L63 "." L61, "253", "255 with the wildcard"},
    {":::", "IPv6", "three colons"},
    {":1", "IPv6", "one colon first"},
    {"1:", "IPv6", "one colon last"},
    {"1::2::3", "IPv6", "two gaps"},
    {"1:2:3:4:5:6:7:8:9", "IPv6", "nine groups"},
    {"1:2:3:4:5:6:7", "IPv6", "seven groups and no gap"},
    {"1:2:3:4:5:6:7:8::", "IPv6", "a gap for nothing"},
    {"12345::", "IPv6", "five digits"},
    {"::192.0.2.01", "IPv6", "dotted end with a leading zero"},
    {"::192.0.2.1:1", "IPv6", "dotted part that is not the end"},
    {"1:2:3:4:5:6:7:192.0.2.1", "IPv6", "too long with the dotted end"},
    {"::g", "IPv6", "not a hex digit"},
    {"[::1", "IPv6", "no closing bracket"},
    {"[192.0.2.1]", "IPv6", "brackets are for IPv6"},
    {"[]", "IPv6", "empty brackets"},
    {"[", "IPv6", "half of brackets"},
    {"xn--a.example", "IDNA2008", "decodes to a control character"},
    {"xn--.example", "IDNA2008", "an A-label of nothing"},
    {"xn--abc-.example", "IDNA2008", "a fake A-label: ASCII only"},
    {"xn--u-ccb.example", "IDNA2008", "decodes to something that is not NFC"},
    {"xn--99999999.example", "IDNA2008", "punycode overflow"},
    {"xn--n3h.example", "IDNA2008", "a snowman: a symbol, disallowed"},
    {"\xe2\x98\x83.example", "IDNA2008", "the same as a U-label"},
    {"\xff.example", "IDNA2008", "not UTF-8"},
    {"1\xd7\x90.example", "IDNA2008", "RFC 5893: a digit first in a right-to-left label"},
    {"a_\xc3\xbc.example", "underscore", "an underscore beside a letter outside ASCII"},
    {"a_b.\xc3\xbc.example", "underscore", "libidn2's STD3 rule would drop it and go on"},
    {"ex\xe2\x84\x80.example", "letter, digit or hyphen", "UTS 46 makes 'a/c' of one character"},
    {"\xe2\x84\x80.example", "letter, digit or hyphen", "the same alone"},
};

static void test_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct cp_hostname *name = NULL;
        struct cp_error err = {0};
        if (cp_hostname_new(&name, refused[i].text, &err) != CP_ERR_USAGE)
            fail_msg("%s (%s) was not refused", refused[i].text, refused[i].reason);
        assert_null(name);
        if (strstr(err.message, refused[i].said) == NULL)
            fail_msg("%s (%s): the message is '%s'", refused[i].text, refused[i].reason,
                     err.message);
        assert_int_equal(cp_hostname_new(&name, refused[i].text, NULL), CP_ERR_USAGE);
    }
}

static void test_refused_long(void **state) {
    (void)state;
    static char text[100000];
    struct cp_hostname name;
    struct cp_error err = {0};
    memset(text, 'a', sizeof(text) - 1);
    assert_int_equal(cp_hostname_init(&name, text, &err), CP_ERR_USAGE);
    assert_non_null(strstr(err.message, "253"));
}

/* What the text has in it can't reach a terminal as it is. */
static void test_messages_are_escaped(void **state) {
    (void)state;
    struct cp_hostname name;
    struct cp_error err = {0};
    assert_int_equal(cp_hostname_init(&name, "a\x1b[31m.example", &err), CP_ERR_USAGE);
    assert_null(strchr(err.message, 0x1b));
    /* RIGHT-TO-LEFT OVERRIDE */
    const char override[] = {(char)0xe2, (char)0x80, (char)0xae, '/', '\0'};
    assert_int_equal(cp_hostname_init(&name, override, &err), CP_ERR_USAGE);
    assert_null(strchr(err.message, override[0]));
}

/* ---- presented names ------------------------------------------------------------------------- */

static const struct {
    struct cp_span presented;
    enum cp_dns_defect defect;
    const char *reason;
} presented[] = {
    {SPAN("a.example"), CP_DNS_OK, "plain"},
    {SPAN("A.EXAMPLE"), CP_DNS_OK, "upper case"},
    {SPAN("*.a.example"), CP_DNS_OK, "wildcard"},
    {SPAN("*.com"), CP_DNS_OK, "the public suffix is another test"},
    {SPAN("localhost"), CP_DNS_OK, "one label"},
    {SPAN("xn--zz.example"), CP_DNS_OK, "A-labels' validity is not judged here"},
    {SPAN("1.2.3"), CP_DNS_OK, "no address, though no hostname ends so"},
    {SPAN(L63 "." L63 "." L63 "." L61), CP_DNS_OK, "253 octets"},
    {SPAN(""), CP_DNS_EMPTY, "nothing"},
    {SPAN(L63 "." L63 "." L63 "." L61 "a"), CP_DNS_TOO_LONG, "254 octets"},
    {SPAN("a.example\0.evil.example"), CP_DNS_NUL, "NUL inside"},
    {SPAN("a.example\0"), CP_DNS_NUL, "NUL at the end"},
    {SPAN("a_b.example"), CP_DNS_BAD_CHARACTER, "underscore"},
    {SPAN(" "), CP_DNS_BAD_CHARACTER, "RFC 5280 4.2.1.6 forbids ' ' by name"},
    {SPAN("b\xc3\xbc.example"), CP_DNS_BAD_CHARACTER, "a U-label: IA5String has A-labels"},
    {SPAN("https://a.example"), CP_DNS_BAD_CHARACTER, "a URL"},
    {SPAN("a.example:443"), CP_DNS_BAD_CHARACTER, "a port"},
    {SPAN("a..example"), CP_DNS_BAD_LABEL, "empty label"},
    {SPAN(".example"), CP_DNS_BAD_LABEL, "a dot first: a name constraint, not a name"},
    {SPAN("."), CP_DNS_BAD_LABEL, "the root"},
    {SPAN("-a.example"), CP_DNS_BAD_LABEL, "a hyphen first"},
    {SPAN("a-.example"), CP_DNS_BAD_LABEL, "a hyphen last"},
    {SPAN(L63 "a.example"), CP_DNS_BAD_LABEL, "a label of 64"},
    {SPAN("*"), CP_DNS_BAD_WILDCARD, "a wildcard alone"},
    {SPAN("*."), CP_DNS_BAD_WILDCARD, "a wildcard and nothing"},
    {SPAN("a.*.example"), CP_DNS_BAD_WILDCARD, "a wildcard inside"},
    {SPAN("f*.example"), CP_DNS_BAD_WILDCARD, "part of a label"},
    {SPAN("*f.example"), CP_DNS_BAD_WILDCARD, "part of a label"},
    {SPAN("xn--*.example"), CP_DNS_BAD_WILDCARD, "inside an A-label"},
    {SPAN("*.*.example"), CP_DNS_BAD_WILDCARD, "two wildcards"},
    {SPAN("a.example."), CP_DNS_TRAILING_DOT, "the root's dot"},
    {SPAN("a."), CP_DNS_TRAILING_DOT, "the root's dot, short"},
    {SPAN("*.a.example."), CP_DNS_TRAILING_DOT, "the root's dot, wildcard"},
    {SPAN("192.0.2.1"), CP_DNS_IP_ADDRESS, "IPv4"},
    {SPAN("2001:db8::1"), CP_DNS_IP_ADDRESS, "IPv6"},
};

static void test_presented(void **state) {
    (void)state;
    unsigned seen = 0;
    for (size_t i = 0; i < COUNT(presented); i++) {
        enum cp_dns_defect defect = cp_dns_check(presented[i].presented);
        if (defect != presented[i].defect)
            fail_msg("%s: got '%s'", presented[i].reason, cp_dns_defect_text(defect));
        seen |= 1U << defect;
    }
    assert_int_equal(seen, (1U << (CP_DNS_IP_ADDRESS + 1)) - 1); /* every row of the enum */
    for (unsigned d = 0; d <= CP_DNS_IP_ADDRESS; d++)
        assert_string_not_equal(cp_dns_defect_text((enum cp_dns_defect)d), "unknown defect");
    assert_string_equal(cp_dns_defect_text((enum cp_dns_defect)99), "unknown defect");
}

/* ---- matching -------------------------------------------------------------------------------- */

/* openssl: what X509_check_host says with X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS and
 * X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, or X509_check_ip for an address. */
static const struct {
    const char *hostname;
    struct cp_span presented;
    bool covers, openssl;
    const char *reason;
} matches[] = {
    {"a.example", SPAN("a.example"), true, true, "equal"},
    {"A.Example", SPAN("a.eXAMPLE"), true, true, "case"},
    {"a.example.", SPAN("a.example"), true, true, "the root's dot in what is asked for"},
    {"a.example", SPAN("a.example."), false, false, "presented with the root's dot"},
    {"a.example", SPAN("b.example"), false, false, "another"},
    {"a.example", SPAN("example"), false, false, "its parent"},
    {"example.com", SPAN("a.example.com"), false, false, "its child"},
    {"a.example", SPAN("aa.example"), false, false, "a suffix without a label's border"},
    {"a.example", SPAN(""), false, false, "empty"},
    {"a.example.com", SPAN(".example.com"), false, false, "a dot first"},
    {"a.example.com", SPAN("*.example.com"), true, true, "wildcard"},
    {"a.example.com", SPAN("*.EXAMPLE.com"), true, true, "wildcard, case"},
    {"example.com", SPAN("*.example.com"), false, false, "wildcard stands for no empty label"},
    {"x.a.example.com", SPAN("*.example.com"), false, false, "wildcard stands for one label"},
    {"aexample.com", SPAN("*.example.com"), false, false, "wildcard ends at a dot"},
    {"a.example.com", SPAN("*.example.org"), false, false, "another domain"},
    {"xn--bcher-kva.example.com", SPAN("*.example.com"), true, true,
     "RFC 9525 6.3: an A-label is one label like any"},
    {"b\xc3\xbc"
     "cher.example.com",
     SPAN("xn--bcher-kva.example.com"), true, true, "U-label asked for, A-label presented"},
    {"xn--bcher-kva.example.com", SPAN("XN--bcher-KVA.example.com"), true, true,
     "A-labels compare as ASCII"},
    {"xn--bcher-kva.example.com", SPAN("xn--*.example.com"), false, false, "part of an A-label"},
    {"foo.example.com", SPAN("f*.example.com"), false, false, "part of a label"},
    {"foo.example.com", SPAN("*o.example.com"), false, false, "part of a label"},
    {"foo.bar.example.com", SPAN("foo.*.example.com"), false, false, "not left-most"},
    {"foo.bar.example.com", SPAN("*.*.example.com"), false, false, "two"},
    {"example.com", SPAN("*"), false, false, "alone"},
    {"localhost", SPAN("*"), false, false, "alone, one label"},
    {"foo.localhost", SPAN("*.localhost"), false, false, "a single label is a public suffix"},
    {"example.com", SPAN("*.com"), false, false, "public suffix"},
    {"example.co.uk", SPAN("*.co.uk"), false, true,
     "public suffix of two labels; openssl has no list and counts labels"},
    {"b.s3.amazonaws.com", SPAN("*.s3.amazonaws.com"), true, true,
     "private part of the list: its owner's, and browsers take it"},
    {"a.b.s3.amazonaws.com", SPAN("*.b.s3.amazonaws.com"), true, true, "below the private part"},
    {"me.github.io", SPAN("*.github.io"), true, true, "private part of the list; as above"},
    {"*.github.io", SPAN("*.github.io"), true, true, "the same, asked for"},
    {"a.foo.ck", SPAN("*.foo.ck"), false, true, "rule *.ck of the list; as above"},
    {"a.www.ck", SPAN("*.www.ck"), true, true, "its exception !www.ck"},
    {"me.github.io", SPAN("me.github.io"), true, true, "no wildcard, so the list is not asked"},
    {"a.unlisted.zzz", SPAN("*.unlisted.zzz"), true, true, "under no rule, two labels"},
    {"*.example.com", SPAN("*.example.com"), true, true, "the wildcard itself is asked for"},
    {"*.example.com", SPAN("a.example.com"), false, false, "one host is not the wildcard"},
    {"*.a.example.com", SPAN("*.example.com"), false, false, "another wildcard"},
    {"*.com", SPAN("*.com"), false, true,
     "wildcard over a public suffix covers nothing; openssl compares equal strings first"},
    {"a.example.com", SPAN("a.example.com\0.evil.example"), false, false, "NUL"},
    {"a.example.com", SPAN("a.example.com\0"), false, false, "NUL at the end"},
    {"192.0.2.1", SPAN("192.0.2.1"), false, false, "RFC 9525 6.5: an address is no dNSName"},
    {"::1", SPAN("::1"), false, false, "the same, IPv6"},
};

static X509 *cert_with_dns_name(struct cp_span name) {
    X509 *cert = X509_new();
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *entry = GENERAL_NAME_new();
    ASN1_IA5STRING *value = ASN1_IA5STRING_new();
    assert_true(cert != NULL && names != NULL && entry != NULL && value != NULL);
    assert_int_equal(ASN1_STRING_set(value, name.data, (int)name.len), 1);
    GENERAL_NAME_set0_value(entry, GEN_DNS, value);
    assert_true(sk_GENERAL_NAME_push(names, entry) > 0);
    assert_int_equal(X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, 0), 1);
    GENERAL_NAMES_free(names);
    return cert;
}

static void test_matches(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(matches); i++) {
        struct cp_hostname name;
        assert_int_equal(cp_hostname_init(&name, matches[i].hostname, NULL), CP_OK);
        bool covers = cp_hostname_matches_dns(&name, matches[i].presented);
        if (covers != matches[i].covers)
            fail_msg("%s: %s: covers %d", matches[i].hostname, matches[i].reason, covers);
        if (covers) /* what covers is well formed */
            assert_int_equal(cp_dns_check(matches[i].presented), CP_DNS_OK);
        X509 *cert = cert_with_dns_name(matches[i].presented);
        int openssl = name.ip_len != 0 ? X509_check_ip(cert, name.ip, name.ip_len, 0)
                                       : X509_check_host(cert, name.ascii, 0,
                                                         X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                                             X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
                                                         NULL);
        if ((openssl == 1) != matches[i].openssl)
            fail_msg("%s: %s: openssl says %d", matches[i].hostname, matches[i].reason, openssl);
        X509_free(cert);
        cp_hostname_cleanup(&name);
    }
}

static const struct {
    const char *hostname;
    struct cp_span octets;
    bool covers;
    const char *reason;
} ip_matches[] = {
    {"192.0.2.1", SPAN("\xc0\x00\x02\x01"), true, "equal"},
    {"192.0.2.1", SPAN("\xc0\x00\x02\x02"), false, "another"},
    {"192.0.2.1", SPAN("\xc0\x00\x02\x01\xff\xff\xff\xff"), false, "a name constraint's form"},
    {"192.0.2.1", SPAN("192.0.2.1"), false, "text in an iPAddress"},
    {"::ffff:192.0.2.1", SPAN("\xc0\x00\x02\x01"), false, "mapped is not the same address"},
    {"2001:db8::1", SPAN("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"), true, "equal, IPv6"},
    {"2001:db8::1", SPAN(""), false, "empty"},
    {"a.example", SPAN(""), false, "a name is no address"},
};

static void test_matches_ip(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(ip_matches); i++) {
        struct cp_hostname name;
        assert_int_equal(cp_hostname_init(&name, ip_matches[i].hostname, NULL), CP_OK);
        if (cp_hostname_matches_ip(&name, ip_matches[i].octets) != ip_matches[i].covers)
            fail_msg("%s: %s", ip_matches[i].hostname, ip_matches[i].reason);
        cp_hostname_cleanup(&name);
    }
}

/* ---- public suffixes, addresses -------------------------------------------------------------- */

static const struct {
    const char *hostname;
    bool is_suffix;
    const char *reason;
} suffixes[] = {
    {"com", true, "ICANN part"},
    {"co.uk", true, "ICANN part, two labels"},
    {"*.co.uk", true, "what is right of the wildcard"},
    {"github.io", true, "private part"},
    {"xn--55qx5d.cn", true, "an A-label in the list"},
    {"localhost", true, "a single label"},
    {"anything.ck", true, "rule *.ck"},
    {"www.ck", false, "exception"},
    {"example.com", false, "below"},
    {"*.example.com", false, "below, wildcard"},
    {"unlisted.zzz", false, "under no rule"},
    {"192.0.2.1", false, "an address"},
};

static void test_public_suffix(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(suffixes); i++) {
        struct cp_hostname *name = NULL;
        assert_int_equal(cp_hostname_new(&name, suffixes[i].hostname, NULL), CP_OK);
        if (cp_hostname_is_public_suffix(name) != suffixes[i].is_suffix)
            fail_msg("%s: %s", suffixes[i].hostname, suffixes[i].reason);
        cp_hostname_free(name);
    }
    assert_false(cp_dns_is_public_suffix(""));
}

/* Every text that a random address is written as reads back as the same octets. */
static void test_ip_round_trip(void **state) {
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        uint8_t octets[16], back[16];
        char text[CP_IP_TEXT];
        size_t len = round % 4 == 0 ? 4 : 16;
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525U + 1013904223U;
            octets[i] = (seed >> 28) < 9 ? 0 : (uint8_t)(seed >> 20); /* many zeros */
        }
        cp_ip_format(text, (struct cp_span){octets, len});
        assert_int_equal(cp_ip_parse(back, cp_span_of(text)), len);
        assert_memory_equal(octets, back, len);
    }
    char text[CP_IP_TEXT] = "x";
    cp_ip_format(text, (struct cp_span)SPAN("\x01\x02\x03"));
    assert_string_equal(text, "");
}

/* No input crashes; what is accepted keeps the promises of the header. */
static void test_random_texts(void **state) {
    (void)state;
    static const char alphabet[] = "aZ09.-_*:[]%x@/ \xc3\xbc\xe3\x80\x82nN-.";
    uint32_t seed = 7;
    for (int round = 0; round < 50000; round++) {
        char text[24];
        size_t len = 0;
        if (round % 3 == 0)
            len = (size_t)snprintf(text, sizeof(text), "xn--");
        for (size_t end = len + (size_t)round % 16; len < end; len++) {
            seed = seed * 1664525U + 1013904223U;
            text[len] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
        }
        text[len] = '\0';
        struct cp_hostname name;
        if (cp_hostname_init(&name, text, NULL) != CP_OK)
            continue;
        if (name.ip_len == 0) {
            struct cp_span ascii = cp_span_of(name.ascii);
            assert_int_equal(cp_dns_check(ascii), CP_DNS_OK);
            assert_int_equal(cp_hostname_matches_dns(&name, ascii),
                             !name.wildcard || !cp_dns_is_public_suffix(name.ascii + 2));
        }
        cp_hostname_cleanup(&name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_idempotent),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_refused_long),
        cmocka_unit_test(test_messages_are_escaped),
        cmocka_unit_test(test_presented),
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_matches_ip),
        cmocka_unit_test(test_public_suffix),
        cmocka_unit_test(test_ip_round_trip),
        cmocka_unit_test(test_random_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
