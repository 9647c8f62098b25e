/* canon: percent-encoding, canonical query, canonical headers, canonical request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/canon.h"
#include "apiclient/sign.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *text, *encoded, *reason;
} encode_cases[] = {
    {"", "", "empty"},
    {"AZaz09-_.~", "AZaz09-_.~", "RFC 3986 2.3: unreserved stays"},
    {" ", "%20", "not the plus of forms"},
    {"+", "%2B", "base64 has it"},
    {"/", "%2F", "base64 has it"},
    {"=", "%3D", "base64 has it"},
    {"*", "%2A", "wildcards; many encoders leave it"},
    {"!'()", "%21%27%28%29", "encodeURIComponent leaves them"},
    {"&?%#", "%26%3F%25%23", "delimiters"},
    {"\n\r\t", "%0A%0D%09", "PEM has line ends"},
    {"\xe6\xb5\x8b", "%E6%B5%8B", "UTF-8 by bytes, upper-case hex"},
    {"\xff\x01", "%FF%01", "bytes that are not text"},
};

static void test_percent(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(encode_cases); i++) {
        struct cp_secret out = {0};
        struct esa_pair pair = {"k", encode_cases[i].text, strlen(encode_cases[i].text)};
        assert_int_equal(esa_canon_query(&out, &pair, 1, NULL), CP_OK);
        assert_string_equal((const char *)out.data + 2, encode_cases[i].encoded);
        assert_int_equal(out.len, 2 + strlen(encode_cases[i].encoded));
        assert_int_equal(esa_percent_len(pair.value, pair.value_len), out.len - 2);
        cp_secret_cleanup(&out);
    }
}

static void test_query_order(void **state) {
    (void)state;
    static const struct esa_pair pairs[] = {
        {"b", "2", 1}, {"a", "", 0}, {"B", "x y", 3}, {"b", "1", 1}, {"ab", "z", 1}, {"a-", "", 0},
    };
    struct cp_secret out = {0};
    assert_int_equal(esa_canon_query(&out, pairs, NUM_OF(pairs), NULL), CP_OK);
    /* by bytes: capitals first, a shorter name before a longer one, equal names by value */
    assert_string_equal((const char *)out.data, "B=x%20y&a=&a-=&ab=z&b=1&b=2");
    assert_int_equal(out.len, esa_canon_query_len(pairs, NUM_OF(pairs)));
    cp_secret_cleanup(&out);

    assert_int_equal(esa_canon_query(&out, NULL, 0, NULL), CP_OK);
    assert_int_equal(out.len, 0);
    assert_string_equal((const char *)out.data, "");
    cp_secret_cleanup(&out);
}

static void test_query_limits(void **state) {
    (void)state;
    struct cp_secret out = {0};
    struct cp_error err = {0};
    struct esa_pair many[ESA_MAX_PAIRS + 1];
    for (size_t i = 0; i < NUM_OF(many); i++)
        many[i] = (struct esa_pair){"k", "v", 1};
    assert_int_equal(esa_canon_query(&out, many, NUM_OF(many), &err), CP_ERR_LIMIT);
    assert_null(out.data);
    assert_int_equal(esa_canon_query(&out, many, ESA_MAX_PAIRS, &err), CP_OK);
    cp_secret_cleanup(&out);

    char *big = test_malloc(ESA_MAX_QUERY_LEN + 1);
    memset(big, 'a', ESA_MAX_QUERY_LEN + 1);
    struct esa_pair pair = {"k", big, ESA_MAX_QUERY_LEN + 1};
    assert_int_equal(esa_canon_query(&out, &pair, 1, &err), CP_ERR_LIMIT);
    pair.value_len = ESA_MAX_QUERY_LEN - 1; /* with "k=" one byte over */
    assert_int_equal(esa_canon_query(&out, &pair, 1, &err), CP_ERR_LIMIT);
    pair.value_len = ESA_MAX_QUERY_LEN - 2;
    assert_int_equal(esa_canon_query(&out, &pair, 1, &err), CP_OK);
    assert_int_equal(out.len, ESA_MAX_QUERY_LEN);
    cp_secret_cleanup(&out);
    memset(big, '+', ESA_MAX_QUERY_LEN); /* threefold once encoded */
    assert_int_equal(esa_canon_query(&out, &pair, 1, &err), CP_ERR_LIMIT);
    test_free(big);
}

static const struct {
    const char *name;
    bool is_signed;
    const char *reason;
} signed_cases[] = {
    {"host", true, "by name"},
    {"Host", true, "in any case"},
    {"content-type", true, "if it is sent"},
    {"x-acs-date", true, "by prefix"},
    {"X-Acs-Security-Token", true, "by prefix, in any case"},
    {"accept", false, "not signed"},
    {"user-agent", false, "not signed"},
    {"x-ac", false, "shorter than the prefix"},
    {"x-acsdate", false, "the prefix has a hyphen"},
    {"", false, "empty"},
};

static void test_signed_headers(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(signed_cases); i++)
        assert_int_equal(esa_canon_is_signed(signed_cases[i].name), signed_cases[i].is_signed);
}

static void test_request_text(void **state) {
    (void)state;
    static const struct esa_pair headers[] = {
        {"X-Acs-Date", " 2026 \t", 7},
        {"accept", "a/b", 3},
        {"Host", "h:1", 3},
        {"content-type", "", 0},
    };
    char names[ESA_MAX_SIGNED_HEADERS];
    struct cp_secret query = {0};
    struct cp_secret out = {0};
    struct esa_pair pair = {"a", "b", 1};
    assert_int_equal(esa_canon_query(&query, &pair, 1, NULL), CP_OK);
    assert_int_equal(
        esa_canon_request(&out, names, "POST", &query, headers, NUM_OF(headers), "HASH", NULL),
        CP_OK);
    assert_string_equal((const char *)out.data,
                        "POST\n/\na=b\ncontent-type:\nhost:h:1\nx-acs-date:2026\n\n"
                        "content-type;host;x-acs-date\nHASH");
    assert_string_equal(names, "content-type;host;x-acs-date");
    assert_int_equal(out.len, strlen((const char *)out.data));
    cp_secret_cleanup(&out);
    cp_secret_cleanup(&query);
}

static const struct {
    struct esa_pair headers[2];
    enum cp_status status;
    const char *reason;
} bad_headers[] = {
    {{{"x-acs-a", "1", 1}, {"X-ACS-A", "2", 1}}, CP_ERR_USAGE, "the same name twice"},
    {{{"x-acs-a", "1\r\nx: y", 7}, {"host", "h", 1}}, CP_ERR_USAGE, "a line end in a value"},
    {{{"x-acs-a", "1\0", 2}, {"host", "h", 1}}, CP_ERR_USAGE, "a NUL in a value"},
    {{{"x-acs-a:", "1", 1}, {"host", "h", 1}}, CP_ERR_USAGE, "a colon in a name"},
    {{{"", "1", 1}, {"host", "h", 1}}, CP_ERR_USAGE, "no name"},
    {{{"accept", "\x7f", 1}, {"host", "h", 1}}, CP_ERR_USAGE, "unsigned headers are judged too"},
    {{{"x-acs-a", "1", 1}, {"host", "h", 1}}, CP_OK, "sound"},
};

static void test_bad_headers(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(bad_headers); i++) {
        char names[ESA_MAX_SIGNED_HEADERS];
        struct cp_secret query = {0};
        struct cp_secret out = {0};
        struct cp_error err = {0};
        assert_int_equal(
            esa_canon_request(&out, names, "POST", &query, bad_headers[i].headers, 2, "h", &err),
            bad_headers[i].status);
        assert_true(bad_headers[i].status == CP_OK || out.data == NULL);
        cp_secret_cleanup(&out);
    }
}

static void test_header_limits(void **state) {
    (void)state;
    struct cp_secret query = {0};
    struct cp_secret out = {0};
    char names[ESA_MAX_SIGNED_HEADERS];
    char long_name[ESA_MAX_SIGNED_HEADERS] = "x-acs-";
    struct esa_pair headers[ESA_MAX_PAIRS + 1];
    for (size_t i = 0; i < NUM_OF(headers); i++)
        headers[i] = (struct esa_pair){"accept", "", 0};
    assert_int_equal(
        esa_canon_request(&out, names, "POST", &query, headers, NUM_OF(headers), "h", NULL),
        CP_ERR_LIMIT);
    memset(long_name + 6, 'a', sizeof(long_name) - 7);
    headers[0] = (struct esa_pair){long_name, "", 0};
    assert_int_equal(esa_canon_request(&out, names, "POST", &query, headers, 1, "h", NULL),
                     CP_ERR_LIMIT);
    long_name[sizeof(long_name) - 3] = '\0'; /* the longest that fits */
    assert_int_equal(esa_canon_request(&out, names, "POST", &query, headers, 1, "h", NULL), CP_OK);
    cp_secret_cleanup(&out);
}

/* The documentation's own example of the algorithm. */
static void test_documented_example(void **state) {
    (void)state;
    static const char image[] = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd";
    static const char key[] = "YourAccessKeySecret";
    char names[ESA_MAX_SIGNED_HEADERS];
    char hash[ESA_HEX_LEN + 1];
    char sts[ESA_STRING_TO_SIGN_LEN + 1];
    char signature[ESA_HEX_LEN + 1];
    struct cp_secret query = {0};
    struct cp_secret canonical = {0};
    struct cp_secret secret = {0};
    struct esa_pair pairs[] = {{"RegionId", "cn-shanghai", 11}, {"ImageId", image, strlen(image)}};
    assert_int_equal(esa_sign_sha256(hash, NULL, 0, NULL), CP_OK);
    struct esa_pair headers[] = {
        {"host", "ecs.cn-shanghai.aliyuncs.com", 28},
        {"x-acs-action", "RunInstances", 12},
        {"x-acs-content-sha256", hash, ESA_HEX_LEN},
        {"x-acs-date", "2023-10-26T10:22:32Z", 20},
        {"x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d", 32},
        {"x-acs-version", "2014-05-26", 10},
    };
    assert_int_equal(esa_canon_query(&query, pairs, NUM_OF(pairs), NULL), CP_OK);
    assert_int_equal(
        esa_canon_request(&canonical, names, "POST", &query, headers, NUM_OF(headers), hash, NULL),
        CP_OK);
    assert_int_equal(esa_sign_string_to_sign(sts, &canonical, NULL), CP_OK);
    assert_int_equal(cp_secret_init(&secret, sizeof(key), NULL), CP_OK);
    assert_int_equal(cp_secret_append(&secret, key, strlen(key), NULL), CP_OK);
    assert_int_equal(esa_sign_signature(signature, &secret, sts, NULL), CP_OK);
    assert_string_equal(signature,
                        "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0");
    cp_secret_cleanup(&secret);
    cp_secret_cleanup(&canonical);
    cp_secret_cleanup(&query);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percent),       cmocka_unit_test(test_query_order),
        cmocka_unit_test(test_query_limits),  cmocka_unit_test(test_signed_headers),
        cmocka_unit_test(test_request_text),  cmocka_unit_test(test_bad_headers),
        cmocka_unit_test(test_header_limits), cmocka_unit_test(test_documented_example),
    };
    return cmocka_run_group_tests_name("canon", tests, NULL, NULL);
}
