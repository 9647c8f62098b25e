/* client: endpoints, options, and one attempt over a stand-in for the network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/client.h"
#include "apiclient/credentials/credential.h"
#include "apiclient/request.h"
#include "apiclient/transport.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *text;
    const char *host; /* NULL: refused */
    const char *says, *reason;
} endpoints[] = {
    {"esa.example.com", "esa.example.com", "", "a name"},
    {"ESA.Example.com", "esa.example.com", "", "lower case"},
    {"esa.example.com:8443", "esa.example.com:8443", "", "a port is a part of the host header"},
    {"esa.example.com:443", "esa.example.com", "", "the default port is not"},
    {"https://esa.example.com", "esa.example.com", "", "with scheme"},
    {"HTTPS://127.0.0.1:8443", "127.0.0.1:8443", "", "an address"},
    {"[::1]:8443", "[::1]:8443", "", "IPv6"},
    {"[2001:DB8::1]", "[2001:db8::1]", "", "IPv6 without port"},
    {"localhost:8443", "localhost:8443", "", "a single label"},
    {"http://esa.example.com", NULL, "in the clear", "not encrypted"},
    {"ftp://esa.example.com", NULL, "scheme", "another scheme"},
    {"https://https://x", NULL, "", "twice"},
    {"esa.example.com/", NULL, "HOST[:PORT]", "a path"},
    {"https://esa.example.com/v1", NULL, "HOST[:PORT]", "a path"},
    {"esa.example.com?x=1", NULL, "HOST[:PORT]", "a query"},
    {"esa.example.com#x", NULL, "HOST[:PORT]", "a fragment"},
    {"user:pw@esa.example.com", NULL, "HOST[:PORT]", "user information"},
    {"esa.example.com ", NULL, "HOST[:PORT]", "a space"},
    {"esa.example.com\r\nx: y", NULL, "HOST[:PORT]", "header injection"},
    {"", NULL, "empty", "nothing"},
    {":8443", NULL, "empty", "no host"},
    {"https://", NULL, "empty", "no host"},
    {"esa.example.com:", NULL, "port", "no port"},
    {"esa.example.com:0", NULL, "port", "port 0"},
    {"esa.example.com:65535", "esa.example.com:65535", "", "the last port"},
    {"esa.example.com:65536", NULL, "port", "one more"},
    {"esa.example.com:http", NULL, "port", "a name for a port"},
    {"esa.example.com:+443", NULL, "port", "a sign"},
    {"::1", NULL, "brackets", "IPv6 without brackets"},
    {"[::1", NULL, "IPV6", "half a bracket"},
    {"[::1]x", NULL, "IPV6", "behind the bracket"},
    {"[esa.example.com]", NULL, "one host", "a name in brackets"},
    {"*.example.com", NULL, "one host", "a wildcard"},
    {"esa..example.com", NULL, "", "not a hostname"},
};

static void test_endpoints(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(endpoints); i++) {
        struct esa_client *client = NULL;
        struct esa_client_options options = {.endpoint = endpoints[i].text};
        struct cp_error err = {0};
        print_message("%s\n", endpoints[i].reason);
        enum cp_status status = esa_client_new(&client, &options, &err);
        assert_int_equal(status == CP_OK, endpoints[i].host != NULL);
        assert_int_equal(client == NULL, status != CP_OK);
        assert_non_null(strstr(err.message, endpoints[i].says));
        assert_null(strstr(err.message, "pw@"));
        if (client != NULL)
            assert_string_equal(esa_client_host(client), endpoints[i].host);
        esa_client_free(client);
    }
}

static const struct {
    struct esa_client_options options;
    const char *host; /* NULL: CP_ERR_USAGE */
    const char *says, *reason;
} option_cases[] = {
    {{.region = "cn-hangzhou"}, "esa.cn-hangzhou.aliyuncs.com", "", "China site"},
    {{.region = "ap-southeast-1"}, "esa.ap-southeast-1.aliyuncs.com", "", "international site"},
    {{.region = "cn-hangzhou", .endpoint = "127.0.0.1:1"}, "127.0.0.1:1", "", "endpoint wins"},
    {{0}, NULL, "region", "neither"},
    {{.region = ""}, NULL, "empty", "an empty region is an error"},
    {{.region = "eu-central-1"}, NULL, "cn-hangzhou", "another region"},
    {{.region = "evil.com/"}, NULL, "region", "not pasted into a name"},
    {{.region = "cn-hangzhou", .connect_timeout_ms = -1}, NULL, "connect time-out", "negative"},
    {{.region = "cn-hangzhou", .total_timeout_ms = 3600001},
     NULL,
     "total time-out",
     "over an hour"},
    {{.region = "cn-hangzhou", .proxy = "http://proxy.example:3128"},
     "esa.cn-hangzhou.aliyuncs.com",
     "",
     "a proxy"},
    {{.region = "cn-hangzhou", .proxy = "http://[2001:db8::1]:3128"},
     "esa.cn-hangzhou.aliyuncs.com",
     "",
     "an IPv6 proxy"},
    {{.region = "cn-hangzhou", .proxy = "http://user:pw@proxy.example:3128"},
     NULL,
     "password are refused",
     "a password in the proxy's URL"},
    {{.region = "cn-hangzhou", .proxy = "https://proxy.example:3128"},
     NULL,
     "want http://HOST:PORT",
     "TLS to the proxy"},
    {{.region = "cn-hangzhou", .proxy = "socks5://proxy.example:1080"},
     NULL,
     "want http://HOST:PORT",
     "SOCKS"},
    {{.region = "cn-hangzhou", .proxy = "proxy.example:3128"},
     NULL,
     "want http://HOST:PORT",
     "no scheme"},
    {{.region = "cn-hangzhou", .proxy = "http://proxy.example"}, NULL, "got no port", "no port"},
    {{.region = "cn-hangzhou", .proxy = "http://proxy.example:3128/"}, NULL, "proxy:", "a path"},
    {{.region = "cn-hangzhou", .proxy = "http://proxy.example:99999"},
     NULL,
     "port",
     "no such port"},
    {{.region = "cn-hangzhou", .proxy = ""}, NULL, "want http://HOST:PORT", "an empty proxy"},
    {{.region = "cn-hangzhou", .total_timeout_ms = 3600000},
     "esa.cn-hangzhou.aliyuncs.com",
     "",
     "an hour"},
};

static void test_options(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(option_cases); i++) {
        struct esa_client *client = NULL;
        struct cp_error err = {0};
        enum cp_status status = esa_client_new(&client, &option_cases[i].options, &err);
        assert_int_equal(status, option_cases[i].host != NULL ? CP_OK : CP_ERR_USAGE);
        assert_non_null(strstr(err.message, option_cases[i].says));
        assert_null(strstr(err.message, "pw"));
        if (client != NULL)
            assert_string_equal(esa_client_host(client), option_cases[i].host);
        esa_client_free(client);
    }
}

/* ---- a stand-in for the network ---- */

struct network {
    enum cp_status status; /* what the transport returns */
    enum esa_reach reach;
    int http_status;
    const char *body;
    size_t num_calls;
    char method[8];
    bool may_reuse, may_resend;
    size_t max_reply_len;
    char url[512];
    char nonce[2][64];
};

static enum cp_status stand_in(void *context, struct esa_http_reply *reply,
                               const struct esa_http_request *request, struct cp_error *err) {
    struct network *network = context;
    (void)snprintf(network->url, sizeof(network->url), "%s", (const char *)request->url.data);
    for (size_t i = 0; i < request->num_headers; i++)
        if (strncmp(request->header[i], "x-acs-signature-nonce: ", 23) == 0)
            (void)snprintf(network->nonce[network->num_calls % 2], 64, "%s",
                           request->header[i] + 23);
    network->num_calls++;
    (void)snprintf(network->method, sizeof(network->method), "%s", request->method);
    network->may_reuse = request->may_reuse;
    network->may_resend = request->may_resend;
    network->max_reply_len = request->max_reply_len;
    assert_string_equal(request->proxy, "http://127.0.0.1:3128");
    assert_int_equal(request->connect_timeout_ms, 10000);
    assert_int_equal(request->total_timeout_ms, 5000);
    assert_string_equal(request->ca_file, "ca.pem");
    if (network->status != CP_OK)
        return cp_fail(err, network->status, "stand-in");
    reply->reach = network->reach;
    reply->status = network->http_status;
    (void)snprintf(reply->cause, sizeof(reply->cause), "stand-in");
    assert_int_equal(cp_secret_init(&reply->body, strlen(network->body) + 1, NULL), CP_OK);
    return cp_secret_append(&reply->body, network->body, strlen(network->body), err);
}

static const struct {
    enum cp_status transport_status;
    enum esa_reach reach;
    int http_status;
    const char *body;
    enum cp_status status;
    enum esa_result result;
    const char *reason;
} call_cases[] = {
    {CP_OK, ESA_REACH_REPLY, 200, "{\"HostnameId\":5,\"Hostname\":\"custom.site.com\"}", CP_OK,
     ESA_ACCEPTED, "accepted"},
    {CP_OK, ESA_REACH_REPLY, 400, "{\"Code\":\"Site.ServiceBusy\"}", CP_OK, ESA_REFUSED, "refused"},
    {CP_OK, ESA_REACH_NO_REPLY, 0, "", CP_OK, ESA_UNKNOWN, "sent, no reply"},
    {CP_OK, ESA_REACH_REPLY_CUT, 200, "{", CP_OK, ESA_UNKNOWN, "cut"},
    {CP_OK, ESA_REACH_NOT_CONNECTED, 0, "", CP_ERR_NETWORK, ESA_UNKNOWN, "nothing was sent"},
    {CP_OK, ESA_REACH_TLS_FAILED, 0, "", CP_ERR_NETWORK, ESA_UNKNOWN, "nothing was sent"},
    {CP_ERR_UNSUPPORTED, 0, 0, "", CP_ERR_UNSUPPORTED, ESA_UNKNOWN, "no libcurl"},
};

static enum cp_status fixed_clock(void *context, int64_t *now_s, struct cp_error *err) {
    (void)err;
    *now_s = *(const int64_t *)context;
    return CP_OK;
}

static enum cp_status broken(void *context, int64_t *now_s, struct cp_error *err) {
    (void)context;
    *now_s = 0;
    return cp_fail(err, CP_ERR_IO, "broken clock");
}

static enum cp_status broken_nonce(void *context, char out[ESA_NONCE_LEN + 1],
                                   struct cp_error *err) {
    (void)context;
    out[0] = '\0';
    return cp_fail(err, CP_ERR_CRYPTO, "broken nonce");
}

struct fixture {
    struct network network;
    int64_t now_s;
    struct esa_credential credential;
    struct cp_hostname *hostname;
    struct esa_request *request;
    struct esa_client_options options;
};

static int set_up(void **state) {
    static struct fixture fixture;
    static const struct esa_credential_names names = {"id", "secret", "token"};
    fixture = (struct fixture){.now_s = 1773907200};
    assert_int_equal(
        esa_credential_init(&fixture.credential, "testAK", "testSK", NULL, &names, NULL), CP_OK);
    assert_int_equal(cp_hostname_new(&fixture.hostname, "custom.site.com", NULL), CP_OK);
    assert_int_equal(esa_request_new_free(&fixture.request, fixture.hostname, 1, 2, NULL), CP_OK);
    fixture.options = (struct esa_client_options){
        .endpoint = "127.0.0.1:8443",
        .credential = &fixture.credential,
        .ca_file = "ca.pem",
        .proxy = "http://127.0.0.1:3128",
        .total_timeout_ms = 5000,
        .transport = stand_in,
        .transport_context = &fixture.network,
        .clock = fixed_clock,
        .clock_context = &fixture.now_s,
    };
    *state = &fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    esa_request_free(fixture->request);
    cp_hostname_free(fixture->hostname);
    esa_credential_cleanup(&fixture->credential);
    return 0;
}

static void test_calls(void **state) {
    struct fixture *fixture = *state;
    for (size_t i = 0; i < NUM_OF(call_cases); i++) {
        struct esa_client *client = NULL;
        struct esa_outcome outcome;
        struct cp_error err = {0};
        fixture->network = (struct network){
            .status = call_cases[i].transport_status,
            .reach = call_cases[i].reach,
            .http_status = call_cases[i].http_status,
            .body = call_cases[i].body,
        };
        print_message("%s\n", call_cases[i].reason);
        assert_int_equal(esa_client_new(&client, &fixture->options, NULL), CP_OK);
        assert_int_equal(esa_client_call(client, &outcome, NULL, fixture->request, &err),
                         call_cases[i].status);
        assert_int_equal(outcome.result, call_cases[i].result);
        assert_string_equal(fixture->network.method, "POST");
        assert_false(fixture->network.may_reuse || fixture->network.may_resend); /* a creation */
        assert_int_equal(fixture->network.num_calls, 1); /* one attempt, whatever comes of it */
        assert_string_equal(fixture->network.url,
                            "https://127.0.0.1:8443/?CertType=free&Hostname=custom.site.com&"
                            "RecordId=2&SiteId=1&SslFlag=on");
        assert_null(strstr(err.message, "?"));
        if (call_cases[i].status == CP_ERR_NETWORK) {
            assert_non_null(strstr(err.message, "nothing was sent"));
            assert_non_null(strstr(err.message, "127.0.0.1:8443"));
        }
        esa_client_free(client);
    }
}

/* Each operation by the stand-in: the method, what may be repeated beneath, and who owns the reply.
 */
static void test_operations(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        enum cp_status (*make)(struct esa_request **out, int64_t id, struct cp_error *err);
        const char *method, *url, *body;
        bool is_read;
        size_t num_hostnames, num_sites;
    } rows[] = {
        {esa_request_new_get, "POST", "https://127.0.0.1:8443/?HostnameId=7",
         "{\"CustomHostnameModel\":{\"HostnameId\":7,\"Hostname\":\"a.site.com\",\"SiteId\":1}}",
         true, 1, 0},
        {esa_request_new_get_site, "GET", "https://127.0.0.1:8443/?SiteId=7",
         "{\"SiteModel\":{\"SiteId\":7,\"SiteName\":\"site.com\"}}", true, 0, 1},
        {esa_request_new_delete, "POST", "https://127.0.0.1:8443/?HostnameId=7",
         "{\"RequestId\":\"R\"}", false, 0, 0},
        {esa_request_new_apply, "POST", "https://127.0.0.1:8443/?HostnameId=7",
         "{\"RequestId\":\"R\"}", false, 0, 0},
    };
    for (size_t i = 0; i < NUM_OF(rows) * 2; i++) {
        size_t row = i / 2;
        struct esa_client *client = NULL;
        struct esa_request *request = NULL;
        struct esa_reply *reply = NULL;
        struct esa_outcome outcome;
        fixture->network =
            (struct network){.reach = ESA_REACH_REPLY, .http_status = 200, .body = rows[row].body};
        assert_int_equal(esa_client_new(&client, &fixture->options, NULL), CP_OK);
        assert_int_equal(rows[row].make(&request, 7, NULL), CP_OK);
        esa_request_set_params_in(request, ESA_PARAMS_QUERY);
        assert_int_equal(
            esa_client_call(client, &outcome, i % 2 == 0 ? &reply : NULL, request, NULL), CP_OK);
        assert_int_equal(outcome.result, ESA_ACCEPTED);
        assert_string_equal(fixture->network.method, rows[row].method);
        assert_string_equal(fixture->network.url, rows[row].url);
        assert_int_equal(fixture->network.may_reuse, rows[row].is_read);
        assert_int_equal(fixture->network.may_resend, rows[row].is_read);
        assert_int_equal(fixture->network.max_reply_len, esa_request_max_reply_len(request));
        esa_request_free(request); /* the reply stands by itself */
        esa_client_free(client);
        assert_int_equal(reply != NULL, i % 2 == 0);
        if (reply != NULL) {
            assert_int_equal(esa_reply_num_hostnames(reply), rows[row].num_hostnames);
            assert_int_equal(esa_reply_num_sites(reply), rows[row].num_sites);
        }
        esa_reply_free(reply);
    }
}

/* Nothing typed is handed over unless it is ACCEPTED. */
static void test_no_reply_unless_accepted(void **state) {
    struct fixture *fixture = *state;
    static const char *const bodies[] = {
        "", "{\"Code\":\"NoPermission\"}",
        "{\"CustomHostnameModel\":{\"HostnameId\":8,\"Hostname\":\"a.site.com\",\"SiteId\":1}}"};
    for (size_t i = 0; i < NUM_OF(bodies); i++) {
        struct esa_client *client = NULL;
        struct esa_request *request = NULL;
        struct esa_reply *reply = (struct esa_reply *)fixture; /* overwritten by any call */
        struct esa_outcome outcome;
        fixture->network =
            (struct network){.reach = ESA_REACH_REPLY, .http_status = 200, .body = bodies[i]};
        assert_int_equal(esa_client_new(&client, &fixture->options, NULL), CP_OK);
        assert_int_equal(esa_request_new_get(&request, 7, NULL), CP_OK);
        assert_int_equal(esa_client_call(client, &outcome, &reply, request, NULL), CP_OK);
        assert_int_not_equal(outcome.result, ESA_ACCEPTED);
        assert_null(reply);
        esa_request_free(request);
        esa_client_free(client);
    }
}

static void test_fresh_nonce(void **state) {
    struct fixture *fixture = *state;
    struct esa_client *client = NULL;
    struct esa_outcome outcome;
    fixture->network = (struct network){.reach = ESA_REACH_REPLY, .http_status = 400, .body = "x"};
    assert_int_equal(esa_client_new(&client, &fixture->options, NULL), CP_OK);
    assert_int_equal(esa_client_call(client, &outcome, NULL, fixture->request, NULL), CP_OK);
    assert_int_equal(esa_client_call(client, &outcome, NULL, fixture->request, NULL), CP_OK);
    assert_int_equal(strlen(fixture->network.nonce[0]), ESA_NONCE_LEN);
    assert_string_not_equal(fixture->network.nonce[0], fixture->network.nonce[1]);
    esa_client_free(client);
}

/* What fails before sending is an error, and nothing goes out. */
static void test_failures_before_sending(void **state) {
    struct fixture *fixture = *state;
    struct esa_outcome outcome;
    for (int i = 0; i < 3; i++) {
        struct esa_client *client = NULL;
        struct esa_client_options options = fixture->options;
        static const enum cp_status want[] = {CP_ERR_IO, CP_ERR_CRYPTO, CP_ERR_USAGE};
        if (i == 0)
            options.clock = broken;
        else if (i == 1)
            options.nonce = broken_nonce;
        else
            options.credential = NULL;
        assert_int_equal(esa_client_new(&client, &options, NULL), CP_OK);
        assert_int_equal(esa_client_call(client, &outcome, NULL, fixture->request, NULL), want[i]);
        assert_int_equal(fixture->network.num_calls, 0);
        esa_client_free(client);
    }
}

static void test_system_clock(void **state) {
    (void)state;
    int64_t now_s = 0;
    assert_int_equal(esa_clock_system(NULL, &now_s, NULL), CP_OK);
    assert_true(now_s > 1700000000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints),
        cmocka_unit_test(test_options),
        cmocka_unit_test_setup_teardown(test_calls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_operations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_reply_unless_accepted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fresh_nonce, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failures_before_sending, set_up, tear_down),
        cmocka_unit_test(test_system_clock),
    };
    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
