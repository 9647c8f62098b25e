/* outcome: the table of results, exact ids, redaction, clock skew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/outcome.h"
#include "apiclient/redact.h"
#include "apiclient/text.h"
#include "fake_prepared.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

#define OK_BODY                                                                                    \
    "{\"RequestId\":\"0AEDAF20-4DDF-4165-8750-47FF9C1929C9\",\"HostnameId\":1234567890123,"        \
    "\"Hostname\":\"custom.site.com\"}"
#define SENT_AT_S 1773907200 /* Thu, 19 Mar 2026 08:00:00 GMT */

static struct esa_request *make_request(const char *name) {
    struct cp_hostname *hostname = NULL;
    struct esa_request *request = NULL;
    struct cp_prepared prepared = {FAKE_CHAIN, FAKE_KEY, NULL, FAKE_SHA256, 1};
    assert_int_equal(cp_hostname_new(&hostname, name, NULL), CP_OK);
    prepared.covers = cp_hostname_ascii(hostname);
    assert_int_equal(esa_request_new_upload(&request, hostname, 1, 2, &prepared, NULL), CP_OK);
    cp_hostname_free(hostname);
    return request;
}

static void judge(struct esa_outcome *outcome, enum esa_reach reach, int status, const char *date,
                  const void *body, size_t len, const char *hostname) {
    struct esa_http_reply reply = {
        .reach = reach, .status = status, .cause = "the test's cause", .has_length = true};
    struct esa_request *request = make_request(hostname);
    (void)snprintf(reply.date, sizeof(reply.date), "%s", date);
    assert_int_equal(cp_secret_init(&reply.body, len + 1, NULL), CP_OK);
    assert_int_equal(cp_secret_append(&reply.body, body, len, NULL), CP_OK);
    struct esa_reply *typed = NULL;
    assert_int_equal(esa_reply_new(&typed, NULL), CP_OK);
    esa_outcome_judge(outcome, typed, &reply, request, NULL, SENT_AT_S);
    esa_reply_free(typed);
    esa_http_reply_cleanup(&reply);
    esa_request_free(request);
}

static const struct {
    enum esa_reach reach;
    int status;
    const char *body;
    enum esa_result result;
    enum esa_class class_of;
    const char *says; /* part of the reason */
    const char *reason;
} table[] = {
    /* no whole reply */
    {ESA_REACH_NO_REPLY, 0, "", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "the test's cause", "no reply"},
    {ESA_REACH_REPLY_CUT, 200, OK_BODY, ESA_UNKNOWN, ESA_CLASS_RECONCILE, "cut",
     "cut, though whole"},
    {ESA_REACH_REPLY_CUT, 400, "{\"Code\":\"Site.ServiceBusy\"}", ESA_UNKNOWN, ESA_CLASS_RECONCILE,
     "cut", "cut: more may have followed"},
    /* success */
    {ESA_REACH_REPLY, 200, OK_BODY, ESA_ACCEPTED, ESA_CLASS_UNKNOWN, "confirmed", "as documented"},
    {ESA_REACH_REPLY, 200, "{\"hostnameId\":1,\"hostname\":\"CUSTOM.site.com\"}", ESA_ACCEPTED,
     ESA_CLASS_UNKNOWN, "", "camel case; names compare without case"},
    {ESA_REACH_REPLY, 200, "\xEF\xBB\xBF " OK_BODY "\n", ESA_ACCEPTED, ESA_CLASS_UNKNOWN, "",
     "a byte order mark"},
    {ESA_REACH_REPLY, 200, "{\"HostnameId\":1,\"Hostname\":\"other.site.com\"}", ESA_UNKNOWN,
     ESA_CLASS_RECONCILE, "another hostname", "for another hostname"},
    {ESA_REACH_REPLY, 200, "{\"HostnameId\":1,\"Hostname\":\"custom.site.com\\u0000.x\"}",
     ESA_UNKNOWN, ESA_CLASS_RECONCILE, "another hostname", "a NUL in the name"},
    {ESA_REACH_REPLY, 200, "{\"HostnameId\":1}", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "which hostname",
     "no Hostname"},
    {ESA_REACH_REPLY, 200, "{\"HostnameId\":1,\"Hostname\":null}", ESA_UNKNOWN, ESA_CLASS_RECONCILE,
     "hostname", "Hostname null"},
    {ESA_REACH_REPLY, 200, "{\"Hostname\":\"custom.site.com\"}", ESA_UNKNOWN, ESA_CLASS_RECONCILE,
     "no HostnameId", "no HostnameId"},
    {ESA_REACH_REPLY, 200, "{}", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "no HostnameId", "empty object"},
    {ESA_REACH_REPLY, 200, "", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "one whole JSON", "empty"},
    {ESA_REACH_REPLY, 200, "<html>ok</html>", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "one whole JSON",
     "a portal's page"},
    {ESA_REACH_REPLY, 200, "{\"HostnameId\":1,\"Hostname\":\"custom.site", ESA_UNKNOWN,
     ESA_CLASS_RECONCILE, "one whole JSON", "cut JSON"},
    {ESA_REACH_REPLY, 200, OK_BODY "x", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "one whole JSON",
     "trailing bytes"},
    {ESA_REACH_REPLY, 200, "[" OK_BODY "]", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "one whole JSON",
     "in an array"},
    {ESA_REACH_REPLY, 200, "{\"HostnameId\":1,\"HostnameId\":2,\"Hostname\":\"custom.site.com\"}",
     ESA_UNKNOWN, ESA_CLASS_RECONCILE, "one whole JSON", "the id twice"},
    {ESA_REACH_REPLY, 200, "{\"HostnameId\":1,\"hostnameId\":1,\"Hostname\":\"custom.site.com\"}",
     ESA_UNKNOWN, ESA_CLASS_RECONCILE, "one whole JSON", "the id in both spellings"},
    {ESA_REACH_REPLY, 201, OK_BODY, ESA_UNKNOWN, ESA_CLASS_RECONCILE, "HTTP 201", "not documented"},
    {ESA_REACH_REPLY, 204, "", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "HTTP 204", "not documented"},
    {ESA_REACH_REPLY, 302, "", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "HTTP 302", "redirect"},
    /* an error with a code */
    {ESA_REACH_REPLY, 400, "{\"Code\":\"Site.ServiceBusy\",\"Message\":\"busy\"}", ESA_REFUSED,
     ESA_CLASS_RETRY, "being configured", "a documented code"},
    {ESA_REACH_REPLY, 200, "{\"Code\":\"Site.ServiceBusy\"}", ESA_REFUSED, ESA_CLASS_RETRY, "",
     "HTTP 200 can carry an error"},
    {ESA_REACH_REPLY, 200,
     "{\"Code\":\"InvalidParameter\",\"HostnameId\":1,\"Hostname\":\"custom.site.com\"}",
     ESA_REFUSED, ESA_CLASS_FIX, "", "a code wins over everything else"},
    {ESA_REACH_REPLY, 400, "{\"code\":\"InvalidParameter\",\"message\":\"m\"}", ESA_REFUSED,
     ESA_CLASS_FIX, "", "camel case"},
    {ESA_REACH_REPLY, 503, "{\"Code\":\"ServiceUnavailable\"}", ESA_REFUSED, ESA_CLASS_RETRY, "",
     "a code tells more than the status"},
    {ESA_REACH_REPLY, 400, "{\"Code\":\"InternalException\"}", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "",
     "it may have acted"},
    {ESA_REACH_REPLY, 500, "{\"Code\":\"InternalError\"}", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "",
     "it may have acted"},
    {ESA_REACH_REPLY, 400, "{\"Code\":\"CustomHostname.ConflictWithExistingResource\"}",
     ESA_REFUSED, ESA_CLASS_RECONCILE, "in use", "refused, but look"},
    {ESA_REACH_REPLY, 403, "<Error><Code>Forbidden.RAM</Code></Error>", ESA_REFUSED, ESA_CLASS_FIX,
     "", "XML"},
    {ESA_REACH_REPLY, 400, "{\"Code\":\"Brand.New\"}", ESA_REFUSED, ESA_CLASS_RECONCILE,
     "unknown here: Brand.New", "an unknown code with 4xx: a failure halfway comes so, too"},
    {ESA_REACH_REPLY, 403, "{\"Code\":\"Brand.New\"}", ESA_REFUSED, ESA_CLASS_UNKNOWN,
     "unknown here: Brand.New", "an unknown code of one who was turned away"},
    {ESA_REACH_REPLY, 500, "{\"Code\":\"Brand.New\"}", ESA_UNKNOWN, ESA_CLASS_UNKNOWN, "Brand.New",
     "an unknown code with 5xx"},
    {ESA_REACH_REPLY, 200, "{\"Code\":\"Success\"}", ESA_UNKNOWN, ESA_CLASS_UNKNOWN, "Success",
     "an unknown code with 200"},
    {ESA_REACH_REPLY, 200, "{\"Code\":200,\"HostnameId\":1,\"Hostname\":\"custom.site.com\"}",
     ESA_UNKNOWN, ESA_CLASS_UNKNOWN, "200", "a code that is a number"},
    {ESA_REACH_REPLY, 400, "{\"Code\":\"\"}", ESA_UNKNOWN, ESA_CLASS_UNKNOWN, "empty code",
     "an empty code"},
    {ESA_REACH_REPLY, 400, "{\"Code\":null}", ESA_UNKNOWN, ESA_CLASS_UNKNOWN, "null",
     "a code that is null says no more than none"},
    {ESA_REACH_REPLY, 400, "{\"code\":400,\"message\":\"m\"}", ESA_UNKNOWN, ESA_CLASS_UNKNOWN,
     "400", "a number that repeats the status"},
    {ESA_REACH_REPLY, 400, "{\"Code\":{\"Code\":\"InvalidParameter\"}}", ESA_UNKNOWN,
     ESA_CLASS_UNKNOWN, "unknown here", "a code within a code"},
    {ESA_REACH_REPLY, 200, "{\"Success\":false,\"HostnameId\":1,\"Hostname\":\"custom.site.com\"}",
     ESA_UNKNOWN, ESA_CLASS_RECONCILE, "without a code", "it says yes and no"},
    {ESA_REACH_REPLY, 400, "{\"Code\":\"InvalidParameter\",\"Code\":\"InternalException\"}",
     ESA_UNKNOWN, ESA_CLASS_RECONCILE, "HTTP 400", "two codes"},
    /* no code, not 200 */
    {ESA_REACH_REPLY, 400, "{\"error\":\"x\"}", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "HTTP 400",
     "JSON without a code may be the service"},
    {ESA_REACH_REPLY, 400, "{\"Code\":\"InvalidPar", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "HTTP 400",
     "cut JSON: InternalException is 400 too"},
    {ESA_REACH_REPLY, 403, "<Error><Code>Forbidden", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "HTTP 403",
     "cut XML"},
    {ESA_REACH_REPLY, 400, "<html>Bad Request</html>", ESA_REFUSED, ESA_CLASS_FIX, "gateway",
     "a gateway's page"},
    {ESA_REACH_REPLY, 403, "<!DOCTYPE html>", ESA_REFUSED, ESA_CLASS_FIX, "gateway", "a firewall"},
    {ESA_REACH_REPLY, 404, "", ESA_REFUSED, ESA_CLASS_FIX, "gateway", "nothing"},
    {ESA_REACH_REPLY, 407, "proxy", ESA_REFUSED, ESA_CLASS_FIX, "gateway", "plain text"},
    {ESA_REACH_REPLY, 414, "<html/>", ESA_REFUSED, ESA_CLASS_FIX, "HTTP 414", "too long a target"},
    {ESA_REACH_REPLY, 408, "<html/>", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "HTTP 408",
     "a gateway's time-out"},
    {ESA_REACH_REPLY, 499, "", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "HTTP 499", "a gateway gave up"},
    {ESA_REACH_REPLY, 500, "", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "HTTP 500", "nothing"},
    {ESA_REACH_REPLY, 502, "<html>502</html>", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "HTTP 502",
     "the service was lost after the request went on"},
    {ESA_REACH_REPLY, 504, "<html>504</html>", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "HTTP 504",
     "the service was lost after the request went on"},
    {ESA_REACH_REPLY, 503, "busy", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "HTTP 503", "who said so?"},
};

static void test_table(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(table); i++) {
        struct esa_outcome outcome;
        print_message("%d %s\n", table[i].status, table[i].reason);
        judge(&outcome, table[i].reach, table[i].status, "", table[i].body, strlen(table[i].body),
              "custom.site.com");
        assert_int_equal(outcome.result, table[i].result);
        assert_int_equal(outcome.class_of, table[i].class_of);
        assert_int_equal(outcome.http_status, table[i].status);
        assert_non_null(strstr(outcome.reason, table[i].says));
        assert_int_equal(outcome.advice[0] == '\0', outcome.result == ESA_ACCEPTED);
        assert_int_equal(outcome.hostname_id > 0, outcome.result == ESA_ACCEPTED);
        assert_int_equal(outcome.retry_after_ms, -1);
        assert_false(outcome.has_clock_skew);
        if (table[i].status == 414)
            assert_non_null(strstr(outcome.advice, "form"));
    }
}

/* A page that ends where the connection closes may be the start of something else. */
static void test_no_length(void **state) {
    (void)state;
    static const struct {
        const char *body;
        enum esa_result result;
        const char *reason;
    } cases[] = {
        {"", ESA_UNKNOWN, "nothing came, or was cut before the first byte"},
        {"<html>", ESA_UNKNOWN, "a page, or the start of one"},
        {"{\"Code\":\"InvalidParameter\"}", ESA_REFUSED, "JSON has an end of its own"},
    };
    struct esa_request *request = make_request("custom.site.com");
    for (size_t i = 0; i < NUM_OF(cases); i++) {
        struct esa_outcome outcome;
        struct esa_http_reply reply = {.reach = ESA_REACH_REPLY, .status = 400};
        assert_int_equal(cp_secret_init(&reply.body, 64, NULL), CP_OK);
        assert_int_equal(cp_secret_append(&reply.body, cases[i].body, strlen(cases[i].body), NULL),
                         CP_OK);
        esa_outcome_judge(&outcome, NULL, &reply, request, NULL, SENT_AT_S);
        assert_int_equal(outcome.result, cases[i].result);
        esa_http_reply_cleanup(&reply);
    }
    esa_request_free(request);
}

/* Every row of codes.def, as the service would send it. */
static void test_every_code(void **state) {
    (void)state;
    for (size_t i = 0; i < esa_num_codes(); i++) {
        const struct esa_code *row = esa_code_get(i);
        struct esa_outcome outcome;
        char body[256];
        if (row->is_prefix)
            continue;
        (void)snprintf(body, sizeof(body), "{\"Code\":\"%s\",\"RequestId\":\"R-1\"}", row->code);
        judge(&outcome, ESA_REACH_REPLY, 400, "", body, strlen(body), "custom.site.com");
        assert_ptr_equal(outcome.code, row);
        assert_int_equal(outcome.result, row->result);
        assert_string_equal(outcome.code_text, row->code);
        assert_string_equal(outcome.advice, row->advice);
        assert_string_equal(outcome.request_id, "R-1");
    }
}

static const struct {
    const char *id;
    int64_t want; /* 0: UNKNOWN */
    const char *reason;
} ids[] = {
    {"1", 1, "the least"},
    {"9007199254740993", 9007199254740993, "2^53 + 1"},
    {"9223372036854775807", INT64_MAX, "the largest"},
    {"9223372036854775808", 0, "one more"},
    {"0", 0, "none"},
    {"-1", 0, "negative"},
    {"1e3", 0, "a power"},
    {"1.0", 0, "a point"},
    {"12.5", 0, "a part"},
    {"\"1234\"", 0, "a string"},
    {"null", 0, "null"},
    {"true", 0, "a word"},
    {"[1]", 0, "an array"},
    {"01", 0, "a leading zero is no JSON"},
};

static void test_ids(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(ids); i++) {
        struct esa_outcome outcome;
        char body[256];
        (void)snprintf(body, sizeof(body), "{\"HostnameId\":%s,\"Hostname\":\"custom.site.com\"}",
                       ids[i].id);
        judge(&outcome, ESA_REACH_REPLY, 200, "", body, strlen(body), "custom.site.com");
        assert_int_equal(outcome.result, ids[i].want == 0 ? ESA_UNKNOWN : ESA_ACCEPTED);
        assert_true(outcome.hostname_id == ids[i].want);
    }
}

static void test_success_fields(void **state) {
    (void)state;
    struct esa_outcome outcome;
    judge(&outcome, ESA_REACH_REPLY, 200, "", OK_BODY, strlen(OK_BODY), "custom.site.com");
    assert_string_equal(outcome.request_id, "0AEDAF20-4DDF-4165-8750-47FF9C1929C9");
    assert_string_equal(outcome.hostname, "custom.site.com");
    assert_true(outcome.hostname_id == 1234567890123);
    /* asked in A-labels, answered in U-labels */
    static const char idn[] = "{\"HostnameId\":1,\"Hostname\":\"b\\u00fccher.site.com\"}";
    judge(&outcome, ESA_REACH_REPLY, 200, "", idn, strlen(idn), "xn--bcher-kva.site.com");
    assert_int_equal(outcome.result, ESA_ACCEPTED);
    assert_string_equal(outcome.hostname, "xn--bcher-kva.site.com");
}

/* ---- redaction ---- */

static const struct {
    const char *text, *shown, *reason;
} redactions[] = {
    {"The specified parameter is invalid.", "The specified parameter is invalid.", "plain"},
    {"", "", "empty"},
    {"PrivateKey does not match Certificate", "PrivateKey does not match Certificate",
     "a parameter's name alone is no secret"},
    {"see https://api.aliyun.com/troubleshoot?q=InvalidTimeStamp.Expired&product=ESA",
     "see https://api.aliyun.com/troubleshoot?q=InvalidTimeStamp.Expired&product=ESA", "a link"},
    {"id 0AEDAF20-4DDF-4165-8750-47FF9C1929C9", "id 0AEDAF20-4DDF-4165-8750-47FF9C1929C9",
     "a request id is no key"},
    {"see https://api.aliyun.com/x?q=A&requestId=0AEDAF20-4DDF-4165-8750-47FF9C1929C9",
     "see https://api.aliyun.com/x?q=A&requestId=0AEDAF20-4DDF-4165-8750-47FF9C1929C9",
     "a link with a request id"},
    {"k=0123456789012345678901234567890123456789", "k=", "a long value behind a name"},
    {"0123456789012345678901234567890123456789==", "", "base64 with its padding"},
    {"bad: -----BEGIN PRIVATE KEY-----\nMII", "bad: ", "a PEM boundary"},
    {"bad: %2D%2D%2D%2D%2DBEGIN", "bad: ", "an encoded boundary"},
    {"bad: %2d%2d%2dBEGIN", "bad: ", "in lower case"},
    {"bad: %252D%252D%252DBEGIN", "bad: ", "encoded twice"},
    {"a PRIVATE%20KEY", "a ", "the label alone"},
    {"got PrivateKey=MIIE", "got ", "a parameter with its value"},
    {"got privatekey : x", "got ", "in another spelling"},
    {"got PrivateKey%3Dx", "got ", "encoded"},
    {"x-acs-security-token:abc", "x-acs-", "a token"},
    {"SecurityToken=abc", "", "a token"},
    {"server signString is [x]", "server ", "an echo"},
    {"server StringToSign is", "server ", "an echo"},
    {"server string to sign is: POST&%2F", "server ", "an echo"},
    {"server CanonicalRequest is [POST", "server ", "an echo"},
    {"x 0123456789abcdef0123456789abcdef01234567 y", "x ", "forty characters of hex"},
    {"x 0123456789abcdef0123456789abcdef0123456 y", "x 0123456789abcdef0123456789abcdef0123456 y",
     "thirty-nine"},
    {"x MIIEfake/key+AA%3D%0AMIIEfake/key-_BB%3D%0A", "x ", "base64, percent-encoded"},
    {"a\r\nb\tc", "a  b c", "one line"},
    {"a\x1b[31mb", "a\\x1B[31mb", "a terminal's escape"},
    /* NOLINTNEXTLINE(misc-misleading-bidirectional): that is what is tested */
    {"a\xe2\x80\xae"
     "b",
     "a\\u{202E}b", "right-to-left override"},
    {"a\xc3(", "a\\xC3(", "not UTF-8"},
    {"\xe6\xb5\x8b\xe8\xaf\x95", "\xe6\xb5\x8b\xe8\xaf\x95", "other scripts stay"},
};

static void test_redact(void **state) {
    (void)state;
    static const char note[] = "[rest not shown: it may hold secrets]";
    for (size_t i = 0; i < NUM_OF(redactions); i++) {
        char shown[256];
        const char *want = redactions[i].shown;
        size_t text_len = strlen(redactions[i].text);
        char *copy = malloc(text_len == 0 ? 1 : text_len);
        assert_non_null(copy);
        memcpy(copy, redactions[i].text, text_len);
        esa_redact(shown, sizeof(shown), copy, text_len, NULL, 0);
        free(copy);
        assert_memory_equal(shown, want, strlen(want));
        const char *rest = shown + strlen(want);
        if (strcmp(rest, "") != 0)
            assert_non_null(strstr(rest, note));
    }
}

static void test_redact_known(void **state) {
    (void)state;
    /* A key cut in pieces too short for a run is still seen. */
    static const char key[] = "-----BEGIN PRIVATE KEY-----\nQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo\n";
    const struct esa_known known = {key, strlen(key)};
    char shown[256];
    esa_redact(shown, sizeof(shown), "x QUJDREVGR0hJ x", 16, &known, 1);
    assert_string_equal(shown, "[not shown: it holds a part of a secret]");
    esa_redact(shown, sizeof(shown), "x QUJDREVGR0h x", 15, &known, 1);
    assert_string_equal(shown, "x QUJDREVGR0h x"); /* shorter than what is looked for */
}

/* At every size of the output: it fits, ends, and is never half an escape. */
static void test_redact_sizes(void **state) {
    (void)state;
    /* NOLINTNEXTLINE(misc-misleading-bidirectional): that is what is tested */
    static const char text[] = "ab\x01\xe2\x80\xae\xe6\xb5\x8b cd ef gh ij kl mn op qr st uv wx "
                               "yz ab cd ef gh ij kl -----BEGIN";
    for (size_t size = 64; size < 160; size++) {
        char *shown = malloc(size);
        assert_non_null(shown);
        esa_redact(shown, size, text, strlen(text), NULL, 0);
        assert_true(strlen(shown) < size);
        assert_null(strstr(shown, "BEGIN"));
        esa_redact(shown, size, text, strlen(text) - 10, NULL, 0);
        assert_true(strlen(shown) < size);
        free(shown);
    }
    char long_text[2000];
    char shown[ESA_SERVER_TEXT_MAX];
    for (size_t i = 0; i < sizeof(long_text); i++)
        long_text[i] = i % 8 == 7 ? ' ' : 'a';
    esa_redact(shown, sizeof(shown), long_text, sizeof(long_text), NULL, 0);
    assert_int_equal(strlen(shown), sizeof(shown) - 1);
    assert_string_equal(shown + sizeof(shown) - 4, "...");
}

/* What the gateway really does: it echoes the canonical request, key and all. */
static const struct {
    const char *body, *reason;
} echoes[] = {
    {"{\"Code\":\"SignatureDoesNotMatch\",\"Message\":\"Specified signature is not matched with "
     "our "
     "calculation. server string to sign is:POST&PrivateKey%3D-----BEGIN%2520PRIVATE%2520KEY"
     "-----%250AMIIEfake%252Bkey%252FBB%253D%253D\"}",
     "the older form"},
    {"{\"Code\":\"IncompleteSignature\",\"Message\":\"The request signature does not conform to "
     "Aliyun standards. server signString is [ACS3-HMAC-SHA256\\n00] , server CanonicalRequest is "
     "[POST\\n/\\nPrivateKey=-----BEGIN%20PRIVATE%20KEY-----%0AMIIEfake%2Bkey%2FBB%3D%3D]\"}",
     "the newer form"},
    {"{\"Code\":\"InvalidParameter\",\"Message\":\"bad value MIIEfake+key/BB==\"}",
     "only the bytes"},
    {"{\"Code\":\"MIIEfake+key/BB==\",\"Message\":\"m\",\"RequestId\":\"MIIEfake+key/BB==\","
     "\"Recommend\":\"-----BEGIN PRIVATE KEY-----\\nMIIEfake+key/BB==\"}",
     "in every field"},
    {"{\"HostnameId\":1,\"Hostname\":\"MIIEfake+key/BB==\"}", "as the hostname"},
    {"<Error><Code>InvalidParameter</Code><Message>-----BEGIN PRIVATE KEY-----\nMIIEfake+key/BB=="
     "</Message></Error>",
     "in XML"},
    {"{\"Code\":\"InvalidParameter\",\"Message\":\"\\u004dIIEfake\\u002bkey\\/BB==\"}",
     "behind escapes"},
};

static void test_echoes(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(echoes); i++) {
        for (int status = 200; status <= 400; status += 200) {
            struct esa_outcome outcome;
            judge(&outcome, ESA_REACH_REPLY, status, "", echoes[i].body, strlen(echoes[i].body),
                  "custom.site.com");
            const char *const shown[] = {outcome.code_text, outcome.request_id, outcome.hostname,
                                         outcome.message,   outcome.recommend,  outcome.reason,
                                         outcome.advice};
            for (size_t k = 0; k < NUM_OF(shown); k++) {
                assert_null(strstr(shown[k], "MIIEfake"));
                assert_null(strstr(shown[k], "fake"));
                assert_null(strstr(shown[k], "BEGIN"));
            }
        }
    }
}

/* ---- headers ---- */

static const struct {
    const char *date;
    bool has_skew;
    int64_t skew_s;
    const char *says, *reason;
} skews[] = {
    {"Thu, 19 Mar 2026 08:00:00 GMT", true, 0, "0 h 0 min 0 s", "none"},
    {"Thu, 19 Mar 2026 04:57:55 GMT", true, 10925, "3 h 2 min 5 s ahead of", "ahead"},
    {"Thu, 19 Mar 2026 08:20:00 GMT", true, -1200, "0 h 20 min 0 s behind", "behind"},
    {"", false, 0, "15 minutes", "no Date header"},
    {"Thursday, 19-Mar-26 08:00:00 GMT", false, 0, "15 minutes", "an obsolete form"},
    {"Thu, 31 Feb 2026 08:00:00 GMT", false, 0, "15 minutes", "no such day"},
    {"Thu, 19 Mar 2026 24:00:00 GMT", false, 0, "15 minutes", "no such hour"},
    {"Thu, 19 Mar 2026 08:00:00 CET", false, 0, "15 minutes", "not GMT"},
};

static void test_clock_skew(void **state) {
    (void)state;
    static const char body[] = "{\"Code\":\"InvalidTimeStamp.Expired\",\"Message\":\"m\"}";
    for (size_t i = 0; i < NUM_OF(skews); i++) {
        struct esa_outcome outcome;
        judge(&outcome, ESA_REACH_REPLY, 400, skews[i].date, body, strlen(body), "custom.site.com");
        assert_int_equal(outcome.result, ESA_REFUSED);
        assert_int_equal(outcome.has_clock_skew, skews[i].has_skew);
        assert_true(outcome.clock_skew_s == skews[i].skew_s);
        assert_non_null(strstr(outcome.reason, skews[i].says));
    }
}

static const struct {
    const char *text;
    int64_t want;
    const char *reason;
} waits[] = {
    {"1500", 1500, "milliseconds"},
    {"0", 0, "at once"},
    {"99999999999", 86400000, "a day at most"},
    {"", -1, "not said"},
    {"-5", -1, "negative"},
    {"1.5", -1, "not whole"},
    {"99999999999999999999", -1, "too large a number"},
};

static void test_retry_after(void **state) {
    (void)state;
    struct esa_request *request = make_request("custom.site.com");
    for (size_t i = 0; i < NUM_OF(waits); i++) {
        struct esa_outcome outcome;
        struct esa_http_reply reply = {.reach = ESA_REACH_REPLY, .status = 429};
        (void)snprintf(reply.retry_after_ms, sizeof(reply.retry_after_ms), "%s", waits[i].text);
        esa_outcome_judge(&outcome, NULL, &reply, request, NULL, SENT_AT_S);
        assert_true(outcome.retry_after_ms == waits[i].want);
    }
    esa_request_free(request);
}

static const struct {
    int64_t time_s;
    const char *text; /* NULL: refused */
    const char *reason;
} dates[] = {
    {0, "1970-01-01T00:00:00Z", "the epoch"},
    {SENT_AT_S, "2026-03-19T08:00:00Z", "as in the vectors"},
    {951782399, "2000-02-28T23:59:59Z", "before a leap day of a century"},
    {951782400, "2000-02-29T00:00:00Z", "that leap day"},
    {1709251199, "2024-02-29T23:59:59Z", "a leap day's end"},
    {4107542400, "2100-03-01T00:00:00Z", "a century without one"},
    {253402300799, "9999-12-31T23:59:59Z", "the last"},
    {253402300800, NULL, "five digits"},
    {-1, NULL, "before 1970"},
    {INT64_MIN, NULL, "far before"},
    {INT64_MAX, NULL, "far after"},
};

static void test_dates(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(dates); i++) {
        char text[ESA_DATE_LEN + 1];
        bool ok = esa_date_format(text, dates[i].time_s);
        assert_int_equal(ok, dates[i].text != NULL);
        if (ok)
            assert_string_equal(text, dates[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),          cmocka_unit_test(test_no_length),
        cmocka_unit_test(test_every_code),     cmocka_unit_test(test_ids),
        cmocka_unit_test(test_success_fields), cmocka_unit_test(test_redact),
        cmocka_unit_test(test_redact_known),   cmocka_unit_test(test_redact_sizes),
        cmocka_unit_test(test_echoes),         cmocka_unit_test(test_clock_skew),
        cmocka_unit_test(test_retry_after),    cmocka_unit_test(test_dates),
    };
    return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
