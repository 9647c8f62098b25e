/* fetch: which URLs and which addresses are refused. The exchange itself is in tests/cli/aia.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

#include "apiclient/fetch.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *reason, *url, *refusal; /* NULL: fetched */
    bool allow_private;
} urls[] = {
    {"plain", "http://ca.example/i.crt", NULL, false},
    {"scheme in capitals", "HTTP://ca.example/i.crt", NULL, false},
    {"no path", "http://ca.example", NULL, false},
    {"query", "http://ca.example?a=b@c:1", NULL, false},
    {"an @ in the path is no user name", "http://ca.example/a@b", NULL, false},
    {"port 80 written out", "http://ca.example:80/i.crt", NULL, false},
    {"an empty port is the default one", "http://ca.example:/i.crt", NULL, false},
    {"IPv4: judged when it is connected to", "http://192.0.2.1/i.crt", NULL, false},
    {"IPv6", "http://[2001:db8::1]/i.crt", NULL, false},
    {"another port", "http://ca.example:8080/i.crt", "port is not 80", false},
    {"another port, allowed", "http://ca.example:8080/i.crt", NULL, true},
    {"port 080 is not written so", "http://ca.example:080/", "port is not 80", false},
    {"port of IPv6", "http://[::1]:8080/i.crt", "port is not 80", false},
    {"https: no bootstrapping", "https://ca.example/i.crt", "https", false},
    {"https is refused also where private is allowed", "https://ca.example/", "https", true},
    {"ldap", "ldap:///CN=ca?cACertificate", "ldap", false},
    {"ldap in capitals", "LDAP:///CN=ca", "ldap", false},
    {"ftp", "ftp://ca.example/i.crt", "ftp", false},
    {"file", "file:///etc/passwd", "files", false},
    {"gopher", "gopher://127.0.0.1:25/_x", "no http URL", true},
    {"relative", "/i.crt", "no http URL", false},
    {"one slash", "http:/ca.example/", "no http URL", false},
    {"empty", "", "no http URL", false},
    {"user name", "http://user@ca.example/", "user name", false},
    {"user name and password", "http://a:b@ca.example/", "user name", false},
    {"user name that looks like a host", "http://ca.example@127.0.0.1/", "user name", true},
    {"no host", "http:///i.crt", "no host", false},
    {"no host but a port", "http://:80/", "no host", false},
    {"port of letters", "http://ca.example:80a/", "malformed", true},
    {"port too long", "http://ca.example:000080/", "malformed", true},
    {"two ports", "http://ca.example:80:80/", "malformed", true},
    {"backslash: a slash to some", "http://ca.example\\@127.0.0.1/", "character", true},
    {"space", "http://ca.example/a b", "character", false},
    {"line end: a header of its own", "http://ca.example/\r\nX: y", "character", false},
    {"escape", "http://ca.example/\x1b[31m", "character", false},
    {"not ASCII",
     "http://b\xc3\xbc"
     "cher.example/",
     "character", false},
    {"percent in the host", "http://127%2e0.0.1/", "malformed", true},
    {"IPv6 zone", "http://[fe80::1%25eth0]/", "no host", true},
    {"IPv6 not closed", "http://[::1/", "no host", true},
    {"empty brackets", "http://[]/", "no host", true},
    {"text behind IPv6", "http://[::1]x/", "malformed", true},
};

static void test_urls(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(urls); i++) {
        const char *refusal = esa_fetch_refusal(urls[i].url, urls[i].allow_private);
        print_message("  %s: %s\n", urls[i].reason, refusal == NULL ? "fetched" : refusal);
        if (urls[i].refusal == NULL) {
            assert_null(refusal);
        } else {
            assert_non_null(refusal);
            assert_non_null(strstr(refusal, urls[i].refusal));
        }
    }
}

static void test_long_url(void **state) {
    (void)state;
    char url[ESA_MAX_FETCH_URL + 2];
    memset(url, 'a', sizeof(url));
    memcpy(url, "http://a/", 9);
    url[ESA_MAX_FETCH_URL + 1] = '\0';
    assert_non_null(esa_fetch_refusal(url, true));
    url[ESA_MAX_FETCH_URL] = '\0';
    assert_null(esa_fetch_refusal(url, true));
}

static const struct {
    const char *address;
    bool is_public;
    const char *reason;
} addresses[] = {
    {"8.8.8.8", true, "public"},
    {"1.1.1.1", true, "public"},
    {"9.255.255.255", true, "below 10/8"},
    {"11.0.0.0", true, "above 10/8"},
    {"100.63.255.255", true, "below 100.64/10"},
    {"100.128.0.0", true, "above 100.64/10"},
    {"126.255.255.255", true, "below loopback"},
    {"128.0.0.1", true, "above loopback"},
    {"172.15.255.255", true, "below 172.16/12"},
    {"172.32.0.0", true, "above 172.16/12"},
    {"192.167.255.255", true, "below 192.168/16"},
    {"198.17.255.255", true, "below 198.18/15"},
    {"198.20.0.0", true, "above 198.18/15"},
    {"223.255.255.255", true, "below multicast"},
    {"0.0.0.0", false, "this host: Linux connects to itself"},
    {"0.1.2.3", false, "this network"},
    {"10.0.0.1", false, "private"},
    {"10.255.255.255", false, "private"},
    {"100.64.0.1", false, "CGNAT"},
    {"100.127.255.255", false, "CGNAT"},
    {"127.0.0.1", false, "loopback"},
    {"127.255.255.254", false, "loopback"},
    {"169.254.169.254", false, "link-local: cloud metadata"},
    {"172.16.0.1", false, "private"},
    {"172.31.255.255", false, "private"},
    {"192.0.0.1", false, "IETF protocols"},
    {"192.0.2.1", false, "documentation"},
    {"192.88.99.1", false, "6to4 relay"},
    {"192.168.0.1", false, "private"},
    {"198.18.0.1", false, "benchmarks"},
    {"198.19.255.255", false, "benchmarks"},
    {"198.51.100.1", false, "documentation"},
    {"203.0.113.1", false, "documentation"},
    {"224.0.0.1", false, "multicast"},
    {"239.255.255.255", false, "multicast"},
    {"240.0.0.1", false, "reserved"},
    {"255.255.255.255", false, "broadcast"},
    {"2606:4700:4700::1111", true, "public"},
    {"2001:4860:4860::8888", true, "public"},
    {"2001:200::1", true, "above 2001::/23"},
    {"3ffe::1", true, "below 3fff::/20"},
    {"64:ff9b::8.8.8.8", true, "NAT64 of a public address"},
    {"64:ff9b::127.0.0.1", false, "NAT64 of loopback"},
    {"64:ff9b::10.0.0.1", false, "NAT64 of a private address"},
    {"64:ff9b:1::8.8.8.8", false, "local NAT64"},
    {"::", false, "unspecified"},
    {"::1", false, "loopback"},
    {"::ffff:127.0.0.1", false, "IPv4-mapped loopback"},
    {"::ffff:8.8.8.8", false, "IPv4-mapped: never on the wire"},
    {"::8.8.8.8", false, "IPv4-compatible"},
    {"100::1", false, "discard-only"},
    {"2001::1", false, "Teredo"},
    {"2001:1ff::1", false, "IETF protocols"},
    {"2001:db8::1", false, "documentation"},
    {"2002:7f00:1::", false, "6to4 of loopback"},
    {"2002:808:808::", false, "6to4"},
    {"3fff::1", false, "documentation"},
    {"4000::1", false, "not global unicast"},
    {"fc00::1", false, "unique local"},
    {"fd12:3456::1", false, "unique local"},
    {"fe80::1", false, "link-local"},
    {"fec0::1", false, "site-local"},
    {"ff02::1", false, "multicast"},
};

static void test_addresses(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(addresses); i++) {
        struct sockaddr_in in = {.sin_family = AF_INET};
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
        bool is_public;
        if (strchr(addresses[i].address, ':') == NULL) {
            assert_int_equal(inet_pton(AF_INET, addresses[i].address, &in.sin_addr), 1);
            is_public = esa_address_is_public((const struct sockaddr *)&in, sizeof(in));
        } else {
            assert_int_equal(inet_pton(AF_INET6, addresses[i].address, &in6.sin6_addr), 1);
            is_public = esa_address_is_public((const struct sockaddr *)&in6, sizeof(in6));
        }
        if (is_public != addresses[i].is_public)
            print_message("  %s: %s\n", addresses[i].address, addresses[i].reason);
        assert_int_equal(is_public, addresses[i].is_public);
    }
}

static void test_other_families(void **state) {
    (void)state;
    struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "socket"};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)};
    assert_false(esa_address_is_public((const struct sockaddr *)&local, sizeof(local)));
    assert_true(esa_address_is_public((const struct sockaddr *)&in, sizeof(in)));
    assert_false(esa_address_is_public((const struct sockaddr *)&in, sizeof(in) - 1));
}

/* By the address, whatever the URL calls it; nothing is connected to. */
static void test_refused_by_address(void **state) {
    (void)state;
    static const char *const private_urls[] = {
        "http://127.0.0.1/",  "http://127.1/",    "http://0x7f000001/",
        "http://2130706433/", "http://[::1]/",    "http://0/",
        "http://localhost/",  "http://10.1.2.3/", "http://169.254.169.254/latest/meta-data/",
    };
    for (size_t i = 0; i < NUM_OF(private_urls); i++) {
        struct cp_secret body = {0};
        struct cp_error err = {CP_OK, 0, 0, ""};
        enum cp_status status = esa_fetch(&body, private_urls[i], false, &err);
        if (status == CP_ERR_UNSUPPORTED) {
            print_message("  %s\n", err.message);
            skip();
        }
        print_message("  %s: %s\n", private_urls[i], err.message);
        assert_int_equal(status, CP_ERR_NETWORK);
        if (private_urls[i][7] != '[' ||
            strstr(err.message, "no address") == NULL) /* no IPv6 here */
            assert_string_equal(err.message, "the host's address is not a public one");
        assert_null(body.data);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_long_url),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_other_families),
        cmocka_unit_test(test_refused_by_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
