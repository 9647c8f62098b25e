/* credentials that are fetched, from real servers on loopback: metadata and credentials URI; what
 * hostile and broken ones lead to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/credentials/inquiry.h"
#include "credential_env.h"
#include "key_server.h"

/* ---- metadata ---- */

#define ROLE_PATH "GET /latest/meta-data/ram/security-credentials/"
#define TOKEN_ROUTE                                                                                \
    { "PUT /latest/api/token", "mdtoken", KS_BODY, 0 }
#define SUCCESS "{\"Code\": \"Success\", " KEYS "}"
#define NOT_FOUND "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

static const struct {
    struct key_server_route routes[4];
    const char *role, *no_v1;
    enum cp_status status;
    const char *says, *reason;
} metadata[] = {
    {{TOKEN_ROUTE,
      {ROLE_PATH " ", "my-role\n", KS_BODY, 0},
      {ROLE_PATH "my-role ", SUCCESS, KS_BODY, 0}},
     NULL,
     NULL,
     CP_OK,
     "",
     "version 2, role asked for"},
    {{TOKEN_ROUTE, {ROLE_PATH "my-role ", SUCCESS, KS_BODY, 0}},
     "my-role",
     NULL,
     CP_OK,
     "",
     "version 2, role given"},
    {{{"PUT ", NOT_FOUND, KS_SAYS, 0}, {ROLE_PATH "my-role ", SUCCESS, KS_BODY, 0}},
     "my-role",
     NULL,
     CP_OK,
     "",
     "version 1"},
    {{{"PUT ", NOT_FOUND, KS_SAYS, 0}, {ROLE_PATH "my-role ", SUCCESS, KS_BODY, 0}},
     "my-role",
     "true",
     CP_ERR_NETWORK,
     "no token",
     "version 1 is forbidden"},
    {{TOKEN_ROUTE,
      {"metadata-token: mdtoken", NOT_FOUND, KS_SAYS, 0},
      {ROLE_PATH, SUCCESS, KS_BODY, 0}},
     "my-role",
     NULL,
     CP_OK,
     "",
     "the token is not taken: version 1"},
    {{TOKEN_ROUTE, {ROLE_PATH, NOT_FOUND, KS_SAYS, 0}},
     NULL,
     NULL,
     CP_ERR_USAGE,
     "no credential",
     "an instance without a role is none of ours"},
    {{TOKEN_ROUTE, {ROLE_PATH, NOT_FOUND, KS_SAYS, 0}},
     "my-role",
     NULL,
     CP_ERR_NETWORK,
     "HTTP status 404",
     "a role that it has not"},
    {{TOKEN_ROUTE, {ROLE_PATH " ", "a\nb", KS_BODY, 0}},
     NULL,
     NULL,
     CP_ERR_NETWORK,
     "not one role's name",
     "two roles"},
    {{TOKEN_ROUTE, {ROLE_PATH " ", "../../x", KS_BODY, 0}},
     NULL,
     NULL,
     CP_ERR_NETWORK,
     "not one role's name",
     "a role that leads elsewhere"},
    {{TOKEN_ROUTE, {ROLE_PATH " ", "<html>no</html>", KS_BODY, 0}},
     NULL,
     NULL,
     CP_ERR_NETWORK,
     "not one role's name",
     "HTML"},
    {{{"PUT ", "a\r\nX: y", KS_BODY, 0}, {ROLE_PATH, SUCCESS, KS_BODY, 0}},
     "my-role",
     "true",
     CP_ERR_NETWORK,
     "no token",
     "a token with a line end would be a header"},
    {{TOKEN_ROUTE, {ROLE_PATH, "{\"Code\": \"Failed\", " KEYS "}", KS_BODY, 0}},
     "r",
     NULL,
     CP_ERR_NETWORK,
     "Code is not Success",
     "Code is not Success"},
    {{TOKEN_ROUTE, {ROLE_PATH, "{" KEYS "}", KS_BODY, 0}},
     "r",
     NULL,
     CP_ERR_NETWORK,
     "Code is not Success",
     "no Code"},
    {{TOKEN_ROUTE, {ROLE_PATH, "{\"Code\": \"Success\", \"AccessKeyId\": \"A\"}", KS_BODY, 0}},
     "r",
     NULL,
     CP_ERR_NETWORK,
     "no AccessKeySecret",
     "half a key"},
    {{TOKEN_ROUTE,
      {ROLE_PATH,
       "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
       "Content-Length: 0\r\n\r\n",
       KS_SAYS, 0}},
     "r",
     NULL,
     CP_ERR_NETWORK,
     "HTTP status 302",
     "a redirect"},
    {{{"", "", KS_CLOSES, 0}}, "r", NULL, CP_ERR_NETWORK, "closed", "it closes"},
    {{{"", "", KS_MUTE, 0}}, "r", "true", CP_ERR_NETWORK, "time-out", "it hangs"},
    {{{"", "xxxxxxxxxxxxxxxxxxxxxxxxx", KS_DRIPS, 0}},
     "r",
     "true",
     CP_ERR_NETWORK,
     "time-out",
     "a byte now and then"},
};

/* {"", ...} matches anything, so the first route without a reply and a match of NULL ends the list.
 */
static size_t num_routes(const struct key_server_route *routes, size_t max) {
    size_t num = 0;
    while (num < max && routes[num].match != NULL)
        num++;
    return num;
}

static void test_metadata(void **state) {
    int64_t now_s = NOW_S;
    (void)state;
    for (size_t i = 0; i < NUM_OF(metadata); i++) {
        struct key_server server =
            ks_start(false, metadata[i].routes, num_routes(metadata[i].routes, 4));
        char endpoint[64];
        struct variable variables[] = {{"ALIBABA_CLOUD_ECS_METADATA", metadata[i].role},
                                       {"ALIBABA_CLOUD_IMDSV1_DISABLED", metadata[i].no_v1},
                                       {NULL, NULL}};
        const struct esa_credential_options options = {.lookup = look_up,
                                                       .lookup_context = variables,
                                                       .metadata_endpoint = endpoint,
                                                       .clock = fixed_clock,
                                                       .clock_context = &now_s};
        struct esa_credential *credential = NULL;
        struct cp_error err = {0};
        print_message("%s\n", metadata[i].reason);
        (void)snprintf(endpoint, sizeof(endpoint), "127.0.0.1:%d", server.port);
        enum cp_status status = esa_credential_new(&credential, &options, &err);
        expect(status, &err, metadata[i].status, metadata[i].says);
        if (status == CP_OK) {
            assert_string_equal(credential->key_id, "STS.AK");
            assert_string_equal((const char *)credential->token.data, "canaryT");
            assert_int_equal(esa_credential_expires_s(credential), NOW_S + 3600);
            assert_string_equal(esa_credential_source(credential), "ecs-metadata");
            assert_int_equal(ks_count(&server, "x-aliyun-ecs-metadata-token: mdtoken") > 0,
                             metadata[i].routes[0].how == KS_BODY);
        }
        assert_int_equal(ks_count(&server, "PUT /latest/api/token"), 1);
        esa_credential_free(credential);
        ks_stop(&server);
    }
}

/* Nobody there: no instance of ours, unless a role was named. */
static void test_no_metadata(void **state) {
    struct variable variables[] = {{"ALIBABA_CLOUD_ECS_METADATA", NULL}, {NULL, NULL}};
    struct watched watched = {.text = ""};
    struct esa_credential_options options = {.lookup = look_up,
                                             .lookup_context = variables,
                                             .metadata_endpoint = "127.0.0.1:1",
                                             .watch = on_watch,
                                             .watch_context = &watched};
    struct esa_credential *credential = NULL;
    struct cp_error err = {0};
    (void)state;
    assert_int_equal(esa_credential_new(&credential, &options, &err), CP_ERR_USAGE);
    assert_non_null(strstr(watched.text, "ecs-metadata: absent"));
    variables[0].value = "my-role";
    assert_int_equal(esa_credential_new(&credential, &options, &err), CP_ERR_NETWORK);
    options.metadata_endpoint = "a b";
    assert_int_equal(esa_credential_new(&credential, &options, &err), CP_ERR_USAGE);
    options.metadata_endpoint = "192.0.2.1:80"; /* no near address: not even connected to */
    assert_int_equal(esa_credential_new(&credential, &options, &err), CP_ERR_NETWORK);
    assert_non_null(strstr(err.message, "link-local"));
}

/* For a profile both variables count, too. */
static void test_profile_of_instance(void **state) {
    static const struct {
        const char *disabled, *role;
        enum cp_status status;
        const char *says;
        int num_named; /* how often a key of the role was asked for */
    } cases[] = {
        {"true", "", CP_ERR_USAGE, "ALIBABA_CLOUD_ECS_METADATA_DISABLED is true", 0},
        {"", "named", CP_OK, "", 1},
    };
    static const struct key_server_route routes[] = {
        {"PUT /latest/api/token", "mdtoken", KS_BODY, 0},
        {"security-credentials/named", "{\"Code\": \"Success\", " KEYS "}", KS_BODY, 0}};
    char file[] = "test_credential_XXXXXX";
    static const char text[] = "[default]\ntype = ecs_ram_role\n";
    int fd = mkstemp(file);
    int64_t now_s = NOW_S;
    (void)state;
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
    for (size_t i = 0; i < NUM_OF(cases); i++) {
        struct key_server server = ks_start(false, routes, NUM_OF(routes));
        char endpoint[64];
        struct variable variables[] = {{"ALIBABA_CLOUD_CREDENTIALS_FILE", file},
                                       {"ALIBABA_CLOUD_ECS_METADATA_DISABLED", cases[i].disabled},
                                       {"ALIBABA_CLOUD_ECS_METADATA", cases[i].role},
                                       {NULL, NULL}};
        const struct esa_credential_options options = {.lookup = look_up,
                                                       .lookup_context = variables,
                                                       .metadata_endpoint = endpoint,
                                                       .clock = fixed_clock,
                                                       .clock_context = &now_s};
        struct esa_credential *credential = NULL;
        struct cp_error err = {0};
        (void)snprintf(endpoint, sizeof(endpoint), "127.0.0.1:%d", server.port);
        expect(esa_credential_new(&credential, &options, &err), &err, cases[i].status,
               cases[i].says);
        assert_int_equal(ks_count(&server, "GET /latest/meta-data"), cases[i].num_named);
        esa_credential_free(credential);
        ks_stop(&server);
    }
    (void)unlink(file);
}

static const struct {
    const char *address;
    bool is_near;
} near[] = {
    {"127.0.0.1", true},         {"127.9.9.9", true},    {"169.254.1.2", true},
    {"100.100.100.200", true},   {"::1", true},          {"fe80::1", true},
    {"febf::1", true},           {"fec0::1", false},     {"100.100.100.201", false},
    {"10.0.0.1", false},         {"192.168.0.1", false}, {"172.17.0.1", false},
    {"8.8.8.8", false},          {"128.0.0.1", false},   {"169.253.0.1", false},
    {"::ffff:127.0.0.1", false}, {"::", false},          {"0.0.0.0", false},
};

static void test_near(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(near); i++) {
        struct sockaddr_in in = {.sin_family = AF_INET};
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
        bool is_6 = strchr(near[i].address, ':') != NULL;
        assert_int_equal(inet_pton(is_6 ? AF_INET6 : AF_INET, near[i].address,
                                   is_6 ? (void *)&in6.sin6_addr : (void *)&in.sin_addr),
                         1);
        print_message("%s\n", near[i].address);
        assert_int_equal(
            esa_address_is_near(is_6 ? (const struct sockaddr *)&in6 : (const struct sockaddr *)&in,
                                is_6 ? sizeof(in6) : sizeof(in)),
            near[i].is_near);
    }
}

/* ---- credentials URI ---- */

static const struct {
    const char *reply;
    enum key_server_how how;
    enum cp_status status;
    const char *says, *reason;
} uris[] = {
    {"{" KEYS "}", KS_BODY, CP_OK, "", "plain HTTP, on this machine"},
    {"{\"x\": [{}], " KEYS "}", KS_BODY, CP_OK, "", "other members are passed over"},
    {"<html>canarySK</html>", KS_BODY, CP_ERR_NETWORK, "not the JSON object", "HTML"},
    {"", KS_BODY, CP_ERR_NETWORK, "not the JSON object", "nothing"},
    {"{" KEYS, KS_BODY, CP_ERR_NETWORK, "not the JSON object", "half a reply, whole by its length"},
    {"{" KEYS "} x", KS_BODY, CP_ERR_NETWORK, "not the JSON object", "text behind it"},
    {"[{" KEYS "}]", KS_BODY, CP_ERR_NETWORK, "not the JSON object", "an array"},
    {"{" KEYS "}", KS_CUT, CP_ERR_NETWORK, "closed before", "cut"},
    {"{" KEYS "}", KS_FLOODS, CP_ERR_NETWORK, "over 64 KiB", "too large"},
    {"{" KEYS "}", KS_HEADS, CP_ERR_NETWORK, "over 64 KiB", "headers too large"},
    {"", KS_CLOSES, CP_ERR_NETWORK, "closed before", "it closes"},
    {"not HTTP\r\n\r\n{" KEYS "}", KS_SAYS, CP_ERR_NETWORK, "", "not HTTP"},
    {"HTTP/1.1 200 OK\r\n", KS_SAYS, CP_ERR_NETWORK, "closed before", "half a head"},
    {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", KS_SAYS,
     CP_ERR_NETWORK, "redirects are not followed", "a redirect"},
    {"HTTP/1.1 500 Oops\r\nContent-Length: 8\r\n\r\ncanarySK", KS_SAYS, CP_ERR_NETWORK,
     "HTTP status 500", "an error"},
    {"{\"AccessKeyId\": \"AK\", " KEYS "}", KS_BODY, CP_ERR_NETWORK, "AccessKeyId in the reply",
     "a member twice"},
    {"{\"AccessKeyId\": 1, \"AccessKeySecret\": \"s\", \"SecurityToken\": \"t\", \"Expiration\": "
     "\"" LATER "\"}",
     KS_BODY, CP_ERR_NETWORK, "AccessKeyId in the reply", "a number"},
    {"{\"AccessKeyId\": \"A\\r\\nx: y\", \"AccessKeySecret\": \"s\", \"SecurityToken\": \"t\", "
     "\"Expiration\": \"" LATER "\"}",
     KS_BODY, CP_ERR_NETWORK, "line end", "CR LF in the key id"},
    {"{\"AccessKeyId\": \"A\", \"AccessKeySecret\": \"s\", \"SecurityToken\": "
     "\"t\\nx-acs-action: DeleteSite\", \"Expiration\": \"" LATER "\"}",
     KS_BODY, CP_ERR_NETWORK, "line end", "LF in the token"},
    {"{\"AccessKeyId\": \"A\\u0000\", \"AccessKeySecret\": \"s\", \"SecurityToken\": \"t\", "
     "\"Expiration\": \"" LATER "\"}",
     KS_BODY, CP_ERR_NETWORK, "AccessKeyId in the reply", "NUL in the key id"},
    {"{\"AccessKeyId\": \"A\", \"AccessKeySecret\": \"s\", \"Expiration\": \"" LATER "\"}", KS_BODY,
     CP_ERR_NETWORK, "no SecurityToken", "no token"},
    {"{\"AccessKeyId\": \"A\", \"AccessKeySecret\": \"s\", \"SecurityToken\": \"t\"}", KS_BODY,
     CP_ERR_NETWORK, "no Expiration", "no end"},
    {"{\"AccessKeyId\": \"A\", \"AccessKeySecret\": \"s\", \"SecurityToken\": \"t\", "
     "\"Expiration\": \"2026-03-20T09:46:40Z\"}",
     KS_BODY, CP_ERR_NETWORK, "had expired", "it has expired this second"},
    {"{\"AccessKeyId\": \"A\", \"AccessKeySecret\": \"s\", \"SecurityToken\": \"t\", "
     "\"Expiration\": \"2026-03-20T10:46:40+08:00\"}",
     KS_BODY, CP_ERR_NETWORK, "no time like", "another form of time"},
};

static enum cp_status ask_uri(struct esa_credential **out, struct cp_error *err, const char *uri,
                              const char *ca_file, int64_t *now_s) {
    struct variable variables[] = {{"ALIBABA_CLOUD_CREDENTIALS_URI", uri},
                                   {"ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"},
                                   {NULL, NULL}};
    const struct esa_credential_options options = {.lookup = look_up,
                                                   .lookup_context = variables,
                                                   .ca_file = ca_file,
                                                   .clock = fixed_clock,
                                                   .clock_context = now_s};
    *err = (struct cp_error){CP_OK, 0, 0, ""};
    return esa_credential_new(out, &options, err);
}

static void test_uri(void **state) {
    int64_t now_s = NOW_S;
    (void)state;
    for (size_t i = 0; i < NUM_OF(uris); i++) {
        const struct key_server_route route = {"GET /keys?canaryQ", uris[i].reply, uris[i].how, 0};
        struct key_server server = ks_start(false, &route, 1);
        struct esa_credential *credential = NULL;
        struct cp_error err;
        char uri[128];
        print_message("%s\n", uris[i].reason);
        (void)snprintf(uri, sizeof(uri), "http://127.0.0.1:%d/keys?canaryQ", server.port);
        enum cp_status status = ask_uri(&credential, &err, uri, NULL, &now_s);
        expect(status, &err, uris[i].status, uris[i].says);
        assert_int_equal(ks_count(&server, "GET /"), 1);
        if (status == CP_OK)
            assert_string_equal(esa_credential_source(credential), "credentials-uri");
        esa_credential_free(credential);
        ks_stop(&server);
    }
}

static const struct {
    const char *uri, *says, *reason;
    enum cp_status status;
} bad_uris[] = {
    {"ftp://127.0.0.1/", "no http or https", "another scheme", CP_ERR_USAGE},
    {"file:///etc/passwd", "no http or https", "a file", CP_ERR_USAGE},
    {"http://", "no host", "no host", CP_ERR_USAGE},
    {"http://u:canary@127.0.0.1/", "user name", "a user name", CP_ERR_USAGE},
    {"http://127.0.0.1/ x", "character", "a space", CP_ERR_USAGE},
    {"http://127.0.0.1/\r\nx: y", "character", "a line end", CP_ERR_USAGE},
    {"http://192.0.2.1/", "use https", "plain HTTP to far away", CP_ERR_NETWORK},
    {"http://10.0.0.1/", "use https", "plain HTTP over a network of one's own", CP_ERR_NETWORK},
    {"http://[::ffff:192.0.2.1]/", "use https", "IPv4 in IPv6", CP_ERR_NETWORK},
    {"http://127.0.0.1:1/", "refused", "nobody listens", CP_ERR_NETWORK},
};

static void test_bad_uris(void **state) {
    int64_t now_s = NOW_S;
    (void)state;
    for (size_t i = 0; i < NUM_OF(bad_uris); i++) {
        struct esa_credential *credential = NULL;
        struct cp_error err;
        print_message("%s\n", bad_uris[i].reason);
        expect(ask_uri(&credential, &err, bad_uris[i].uri, NULL, &now_s), &err, bad_uris[i].status,
               bad_uris[i].says);
    }
}

/* https is verified, wherever it is. */
static void test_uri_tls(void **state) {
    const struct key_server_route route = {"GET /", "{" KEYS "}", KS_BODY, 0};
    struct key_server server = ks_start(true, &route, 1);
    struct esa_credential *credential = NULL;
    struct cp_error err;
    int64_t now_s = NOW_S;
    char uri[128];
    (void)state;
    (void)snprintf(uri, sizeof(uri), "https://127.0.0.1:%d/", server.port);
    expect(ask_uri(&credential, &err, uri, server.ca_file, &now_s), &err, CP_OK, "");
    esa_credential_free(credential);
    expect(ask_uri(&credential, &err, uri, NULL, &now_s), &err, CP_ERR_NETWORK, "did not verify");
    (void)snprintf(uri, sizeof(uri), "https://localhost:%d/", server.port);
    expect(ask_uri(&credential, &err, uri, server.ca_file, &now_s), &err, CP_ERR_NETWORK,
           "did not verify");
    (void)snprintf(uri, sizeof(uri), "http://127.0.0.1:%d/", server.port);
    expect(ask_uri(&credential, &err, uri, server.ca_file, &now_s), &err, CP_ERR_NETWORK, "");
    assert_int_equal(ks_count(&server, "GET /"), 1);
    ks_stop(&server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_no_metadata),
        cmocka_unit_test(test_near),
        cmocka_unit_test(test_uri),
        cmocka_unit_test(test_bad_uris),
        cmocka_unit_test(test_uri_tls),
        cmocka_unit_test(test_profile_of_instance),
    };
    return cmocka_run_group_tests_name("credential_net", tests, NULL, NULL);
}
