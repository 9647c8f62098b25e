/* keys from STS, from a real server on loopback; token files; refresh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "apiclient/credentials/keys.h"
#include "credential_env.h"
#include "key_server.h"

/* ---- STS ---- */

#define STS_OK "{\"RequestId\": \"r\", \"Credentials\": {" KEYS "}}"
#define REFUSED(code, body) "HTTP/1.1 " code "\r\nContent-Type: application/json\r\n\r\n" body

static const struct {
    const char *reply;
    enum key_server_how how;
    enum cp_status status;
    const char *says, *reason;
} sts[] = {
    {STS_OK, KS_BODY, CP_OK, "", "a key"},
    {REFUSED("403 Forbidden", "{\"Code\": \"NoPermission\", \"Message\": \"no \\u001b[31m\", "
                              "\"RequestId\": \"3C87BF47\"}"),
     KS_SAYS, CP_ERR_NETWORK,
     "NoPermission: no \\x1B[31m (HTTP 403, request 3C87BF47); allow it sts:AssumeRole",
     "refused; its text is escaped"},
    {REFUSED("400 Bad", "{\"Code\": \"SignatureDoesNotMatch\", \"Message\": \"StringToSign is: "
                        "canaryOIDCtoken\"}"),
     KS_SAYS, CP_ERR_NETWORK, "SignatureDoesNotMatch", "an echo of what was sent"},
    {REFUSED("400 Bad", "<Error><Code>X.Y</Code><Message>m</Message></Error>"), KS_SAYS,
     CP_ERR_NETWORK, "X.Y: m", "refused, in XML"},
    {REFUSED("403 Forbidden", "{\"code\": \"X.Y\", \"message\": \"m\", \"requestId\": \"r\"}"),
     KS_SAYS, CP_ERR_NETWORK, "X.Y: m (HTTP 403, request r)", "refused, in lower camel case"},
    {REFUSED("502 Bad Gateway", "<html>canary</html>"), KS_SAYS, CP_ERR_NETWORK,
     "HTTP 502, and no error reply", "a gateway's HTML"},
    {"{\"Credentials\": [" KEYS "]}", KS_BODY, CP_ERR_NETWORK, "no Credentials", "not JSON within"},
    {"{\"Credentials\": null}", KS_BODY, CP_ERR_NETWORK, "no Credentials", "null"},
    {"{" KEYS "}", KS_BODY, CP_ERR_NETWORK, "no Credentials", "one level too high"},
    {STS_OK, KS_CUT, CP_ERR_NETWORK, "closed before", "cut"},
    {STS_OK, KS_FLOODS, CP_ERR_NETWORK, "over 64 KiB", "too large"},
};

static char token_file[64];
static const char *proxy; /* NULL: none */

static void write_token(const char *text) {
    FILE *file = fopen(token_file, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(token_file, 0644), 0); /* as Kubernetes has it */
}

static int set_up(void **state) {
    (void)state;
    (void)strcpy(token_file, "test_credential_XXXXXX");
    int fd = mkstemp(token_file);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state) {
    (void)state;
    return unlink(token_file);
}

static enum cp_status ask_oidc(struct esa_credential **out, struct cp_error *err,
                               const struct key_server *server, const char *file) {
    int64_t now_s = NOW_S;
    char endpoint[64];
    struct variable variables[] = {
        {"ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/r"},
        {"ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/p"},
        {"ALIBABA_CLOUD_OIDC_TOKEN_FILE", file},
        {NULL, NULL}};
    const struct esa_credential_options options = {.lookup = look_up,
                                                   .lookup_context = variables,
                                                   .sts_endpoint = endpoint,
                                                   .ca_file = server->ca_file,
                                                   .proxy = proxy,
                                                   .clock = fixed_clock,
                                                   .clock_context = &now_s};
    (void)snprintf(endpoint, sizeof(endpoint), "127.0.0.1:%d", server->port);
    *err = (struct cp_error){CP_OK, 0, 0, ""};
    return esa_credential_new(out, &options, err);
}

static void test_oidc(void **state) {
    (void)state;
    write_token("canaryOIDCtoken\n");
    for (size_t i = 0; i < NUM_OF(sts); i++) {
        const struct key_server_route route = {"POST /", sts[i].reply, sts[i].how, 0};
        struct key_server server = ks_start(true, &route, 1);
        struct esa_credential *credential = NULL;
        struct cp_error err;
        print_message("%s\n", sts[i].reason);
        expect(ask_oidc(&credential, &err, &server, token_file), &err, sts[i].status, sts[i].says);
        if (sts[i].status == CP_OK) {
            static const char *const sent[] = {
                "Action=AssumeRoleWithOIDC",
                "Version=2015-04-01",
                "Format=JSON",
                "Timestamp=2026-03-20T09%3A46%3A40Z",
                "RoleArn=acs%3Aram%3A%3A1%3Arole%2Fr",
                "OIDCToken=canaryOIDCtoken",
                "DurationSeconds=3600",
                "RoleSessionName=certprep-1774000000",
                "OIDCProviderArn=acs%3Aram%3A%3A1%3Aoidc-provider%2Fp",
                "content-type: application/x-www-form-urlencoded"};
            for (size_t k = 0; k < NUM_OF(sent); k++)
                assert_int_equal(ks_count(&server, sent[k]), 1);
            assert_int_equal(ks_count(&server, "uthorization"), 0);
            assert_string_equal(esa_credential_source(credential), "oidc");
        }
        assert_int_equal(ks_count(&server, "POST /"), 1);
        esa_credential_free(credential);
        ks_stop(&server);
    }
}

/* A proxy that was asked for is used, whatever the environment says of proxies. */
static void test_no_proxy_variable(void **state) {
    static const struct key_server_route route = {"POST /", STS_OK, KS_BODY, 0};
    struct key_server server = ks_start(true, &route, 1);
    struct esa_credential *credential = NULL;
    struct cp_error err;
    (void)state;
    write_token("canaryOIDCtoken\n");
    assert_int_equal(setenv("no_proxy", "*", 1), 0);
    proxy = "http://127.0.0.1:1"; /* nobody is there */
    expect(ask_oidc(&credential, &err, &server, token_file), &err, CP_ERR_NETWORK, "refused");
    proxy = NULL;
    assert_int_equal(unsetenv("no_proxy"), 0);
    assert_int_equal(ks_count(&server, "POST /"), 0);
    ks_stop(&server);
}

static void test_token_files(void **state) {
    const struct key_server_route route = {"POST /", STS_OK, KS_BODY, 0};
    struct key_server server = ks_start(true, &route, 1);
    struct esa_credential *credential = NULL;
    struct cp_error err;
    char path[64] = "test_credential_link";
    static char large[20003];
    (void)state;
    write_token("canary\nX: y");
    expect(ask_oidc(&credential, &err, &server, token_file), &err, CP_ERR_USAGE, "is no token");
    write_token("");
    expect(ask_oidc(&credential, &err, &server, token_file), &err, CP_ERR_USAGE, "is no token");
    memset(large, 'a', sizeof(large) - 1);
    write_token(large);
    expect(ask_oidc(&credential, &err, &server, token_file), &err, CP_ERR_LIMIT, "over 20000");
    expect(ask_oidc(&credential, &err, &server, "no-such-file"), &err, CP_ERR_IO, "no such file");
    expect(ask_oidc(&credential, &err, &server, "."), &err, CP_ERR_IO, "no regular file");
    (void)unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0); /* to open it would wait for ever */
    expect(ask_oidc(&credential, &err, &server, path), &err, CP_ERR_IO, "no regular file");
    assert_int_equal(unlink(path), 0);
    write_token("canaryT");
    assert_int_equal(chmod(token_file, 0646), 0);
    expect(ask_oidc(&credential, &err, &server, token_file), &err, CP_ERR_USAGE, "chmod o-w");
    assert_int_equal(chmod(token_file, 0644), 0);
    assert_int_equal(ks_count(&server, "POST /"), 0); /* nothing of this was sent */
    assert_int_equal(symlink(token_file, path), 0);   /* as Kubernetes has it */
    expect(ask_oidc(&credential, &err, &server, path), &err, CP_OK, "");
    esa_credential_free(credential);
    assert_int_equal(unlink(path), 0);
    ks_stop(&server);
}

/* ---- refresh ---- */

#define KEYS_UNTIL(id, end)                                                                        \
    "{\"AccessKeyId\": \"" id "\", \"AccessKeySecret\": \"canarySK\", \"SecurityToken\": "         \
    "\"canaryT\", \"Expiration\": \"" end "\"}"

static void test_refresh(void **state) {
    const struct key_server_route routes[] = {
        {"GET /", KEYS_UNTIL("FIRST", "2026-03-20T10:46:40Z"), KS_BODY, 1},
        {"GET /", "", KS_CLOSES, 1},
        {"GET /", KEYS_UNTIL("SECOND", "2026-03-20T11:46:40Z"), KS_BODY, 1},
        {"GET /", "", KS_CLOSES, 0}};
    struct key_server server = ks_start(false, routes, NUM_OF(routes));
    struct variable variables[] = {{"ALIBABA_CLOUD_CREDENTIALS_URI", NULL},
                                   {"ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"},
                                   {NULL, NULL}};
    int64_t now_s = NOW_S;
    const struct esa_credential_options options = {.lookup = look_up,
                                                   .lookup_context = variables,
                                                   .clock = fixed_clock,
                                                   .clock_context = &now_s};
    const struct {
        int64_t after_s;
        enum cp_status status;
        const char *key_id;
        int num_asked;
        const char *reason;
    } steps[] = {
        {0, CP_OK, "FIRST", 1, "just fetched"},
        {2700, CP_OK, "FIRST", 1, "15 minutes are left"},
        {2701, CP_OK, "FIRST", 2, "less: nobody answers, the present one stays"},
        {2760, CP_OK, "FIRST", 2, "not tried again at once"},
        {2761, CP_OK, "SECOND", 3, "a minute later it is"},
        {6300, CP_OK, "SECOND", 3, "15 minutes are left"},
        {7199, CP_OK, "SECOND", 4, "a second is left: nobody answers"},
        {7200, CP_ERR_NETWORK, "SECOND", 5, "expired, and nobody answers"},
    };
    struct esa_credential *credential = NULL;
    char uri[64];
    (void)state;
    (void)snprintf(uri, sizeof(uri), "http://127.0.0.1:%d/", server.port);
    variables[0].value = uri;
    assert_int_equal(esa_credential_new(&credential, &options, NULL), CP_OK);
    for (size_t i = 0; i < NUM_OF(steps); i++) {
        struct cp_error err = {0};
        print_message("%s\n", steps[i].reason);
        now_s = NOW_S + steps[i].after_s;
        expect(esa_credential_refresh(credential, &err), &err, steps[i].status, "expired, and no");
        assert_string_equal(esa_credential_key_id(credential), steps[i].key_id);
        assert_int_equal(ks_count(&server, "GET /"), steps[i].num_asked);
    }
    esa_credential_free(credential);
    ks_stop(&server);
}

/* A key that does not expire is never fetched again. */
static void test_no_refresh(void **state) {
    struct variable variables[] = {
        {ESA_ENV_KEY_ID, "AK"}, {ESA_ENV_KEY_SECRET, "SK"}, {NULL, NULL}};
    const struct esa_credential_options options = {.lookup = look_up, .lookup_context = variables};
    struct esa_credential *credential = NULL;
    (void)state;
    assert_int_equal(esa_credential_new(&credential, &options, NULL), CP_OK);
    assert_int_equal(esa_credential_expires_s(credential), 0);
    variables[0].value = "OTHER";
    assert_int_equal(esa_credential_refresh(credential, NULL), CP_OK);
    assert_string_equal(esa_credential_key_id(credential), "AK");
    esa_credential_free(credential);
}

/* ---- times ---- */

static const struct {
    const char *text;
    int64_t time_s; /* -1: refused */
    const char *reason;
} times[] = {
    {"1970-01-01T00:00:00Z", 0, "the epoch"},
    {"2026-03-20T09:46:40Z", NOW_S, "now"},
    {"2028-02-29T00:00:00Z", 1835395200, "a leap day"},
    {"2027-02-29T00:00:00Z", -1, "no leap day"},
    {"2026-13-01T00:00:00Z", -1, "no month"},
    {"2026-00-01T00:00:00Z", -1, "no month"},
    {"2026-01-01T24:00:00Z", -1, "no hour"},
    {"2026-01-01 00:00:00Z", -1, "no T"},
    {"2026-01-01T00:00:00", -1, "no Z"},
    {"2026-01-01T00:00:00.0Z", -1, "a fraction"},
    {"2026-1-1T00:00:00Z", -1, "no two digits"},
    {"20a6-01-01T00:00:00Z", -1, "a letter"},
    {"", -1, "nothing"},
};

static void test_times(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(times); i++) {
        int64_t time_s = -1;
        print_message("%s\n", times[i].reason);
        assert_int_equal(esa_utc_parse(&time_s, times[i].text, strlen(times[i].text)),
                         times[i].time_s >= 0);
        assert_true(times[i].time_s < 0 || time_s == times[i].time_s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oidc),    cmocka_unit_test(test_token_files),
        cmocka_unit_test(test_refresh), cmocka_unit_test(test_no_refresh),
        cmocka_unit_test(test_times),   cmocka_unit_test(test_no_proxy_variable),
    };
    return cmocka_run_group_tests_name("credential_sts", tests, set_up, tear_down);
}
