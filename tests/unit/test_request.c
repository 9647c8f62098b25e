/* request: ids, the choice of a kind, the gates, the signed message, the masked description. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "apiclient/client.h"
#include "apiclient/message.h"
#include "apiclient/sign.h"
#include "fake_prepared.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *text;
    int64_t id; /* 0: refused */
    const char *reason;
} id_cases[] = {
    {"1", 1, "the least"},
    {"1234567890123", 1234567890123, "as documented"},
    {"9007199254740993", 9007199254740993, "2^53 + 1: a double would lose it"},
    {"9223372036854775807", INT64_MAX, "the largest"},
    {"9223372036854775808", 0, "one more"},
    {"99999999999999999999999", 0, "far more"},
    {"0", 0, "ids start at 1"},
    {"007", 7, "leading zeros are digits: the same number"},
    {"", 0, "empty"},
    {"-1", 0, "a sign"},
    {"+1", 0, "a sign"},
    {" 1", 0, "a space"},
    {"1 ", 0, "a space"},
    {"1\n", 0, "a line end"},
    {"12x", 0, "a letter"},
    {"0x10", 0, "hex"},
    {"1e3", 0, "a power"},
    {"1.0", 0, "a point"},
    {"\xd9\xa1", 0, "an Arabic-Indic digit"},
};

static void test_ids(void **state) {
    (void)state;
    int64_t id = 5;
    for (size_t i = 0; i < NUM_OF(id_cases); i++) {
        struct cp_error err = {0};
        enum cp_status status = esa_id_parse(&id, id_cases[i].text, "--site-id", &err);
        assert_int_equal(status, id_cases[i].id == 0 ? CP_ERR_USAGE : CP_OK);
        assert_true(id == id_cases[i].id);
        if (status != CP_OK)
            assert_non_null(strstr(err.message, "--site-id"));
    }
    assert_int_equal(esa_id_parse(&id, NULL, "--site-id", NULL), CP_ERR_USAGE);
}

static const struct {
    struct esa_create_choice choice;
    enum cp_status status;
    enum esa_create_kind kind;
    const char *says, *reason;
} kind_cases[] = {
    {{.ssl_flag = "off"}, CP_OK, ESA_CREATE_OFF, "", "off alone"},
    {{.ssl_flag = "on", .cert_type = "free"}, CP_OK, ESA_CREATE_FREE, "", "free"},
    {{.ssl_flag = "on", .cert_type = "upload", .has_certificate = true, .has_private_key = true},
     CP_OK,
     ESA_CREATE_UPLOAD,
     "",
     "upload"},
    {{.ssl_flag = "on",
      .cert_type = "cas",
      .cas_id = "9007199254740993",
      .cas_region = "cn-hangzhou"},
     CP_OK,
     ESA_CREATE_CAS,
     "",
     "cas, China"},
    {{.ssl_flag = "on", .cert_type = "cas", .cas_id = "1", .cas_region = "ap-southeast-1"},
     CP_OK,
     ESA_CREATE_CAS,
     "",
     "cas, international"},
    {{0}, CP_ERR_USAGE, 0, "SslFlag", "SslFlag is always required"},
    {{.ssl_flag = "ON", .cert_type = "free"}, CP_ERR_USAGE, 0, "SslFlag", "case counts"},
    {{.ssl_flag = ""}, CP_ERR_USAGE, 0, "SslFlag", "empty"},
    {{.ssl_flag = "on"}, CP_ERR_USAGE, 0, "CertType: is required", "on needs a type"},
    {{.ssl_flag = "on", .cert_type = "acme"}, CP_ERR_USAGE, 0, "CertType", "unknown type"},
    {{.ssl_flag = "off", .cert_type = "free"},
     CP_ERR_USAGE,
     0,
     "CertType: goes with SslFlag=on",
     "off takes no type"},
    {{.ssl_flag = "off", .has_certificate = true},
     CP_ERR_USAGE,
     0,
     "Certificate",
     "off takes no certificate"},
    {{.ssl_flag = "off", .has_private_key = true},
     CP_ERR_USAGE,
     0,
     "PrivateKey",
     "off takes no key"},
    {{.ssl_flag = "off", .cas_id = "1"}, CP_ERR_USAGE, 0, "CasId", "off takes no CasId"},
    {{.ssl_flag = "off", .cas_region = "cn-hangzhou"},
     CP_ERR_USAGE,
     0,
     "CasRegion",
     "off takes no CasRegion"},
    {{.ssl_flag = "on", .cert_type = "free", .has_private_key = true},
     CP_ERR_USAGE,
     0,
     "PrivateKey: goes with CertType=upload",
     "free takes no key"},
    {{.ssl_flag = "on", .cert_type = "free", .has_certificate = true},
     CP_ERR_USAGE,
     0,
     "Certificate: goes with",
     "free takes no certificate"},
    {{.ssl_flag = "on", .cert_type = "upload", .has_certificate = true},
     CP_ERR_USAGE,
     0,
     "PrivateKey: is required",
     "upload needs the key"},
    {{.ssl_flag = "on", .cert_type = "upload", .has_private_key = true},
     CP_ERR_USAGE,
     0,
     "Certificate: is required",
     "upload needs the certificate"},
    {{.ssl_flag = "on",
      .cert_type = "upload",
      .has_certificate = true,
      .has_private_key = true,
      .cas_id = "1"},
     CP_ERR_USAGE,
     0,
     "CasId: goes with CertType=cas",
     "upload takes no CasId"},
    {{.ssl_flag = "on", .cert_type = "cas", .cas_id = "1"},
     CP_ERR_USAGE,
     0,
     "CasRegion: is required",
     "cas needs the region"},
    {{.ssl_flag = "on", .cert_type = "cas", .cas_region = "cn-hangzhou"},
     CP_ERR_USAGE,
     0,
     "CasId: is required",
     "cas needs the id"},
    {{.ssl_flag = "on", .cert_type = "cas", .cas_id = "1", .cas_region = "cn-beijing"},
     CP_ERR_USAGE,
     0,
     "CasRegion: want one of",
     "another region"},
    {{.ssl_flag = "on", .cert_type = "cas", .cas_id = "0", .cas_region = "cn-hangzhou"},
     CP_ERR_USAGE,
     0,
     "CasId: want decimal",
     "not an id"},
    {{.ssl_flag = "on",
      .cert_type = "cas",
      .cas_id = "1",
      .cas_region = "cn-hangzhou",
      .has_certificate = true},
     CP_ERR_USAGE,
     0,
     "Certificate: goes with",
     "cas takes no certificate"},
};

static void test_kinds(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(kind_cases); i++) {
        enum esa_create_kind kind = ESA_CREATE_OFF;
        struct cp_error err = {0};
        print_message("%s\n", kind_cases[i].reason);
        assert_int_equal(esa_create_kind_of(&kind, &kind_cases[i].choice, &err),
                         kind_cases[i].status);
        assert_non_null(strstr(err.message, kind_cases[i].says));
        if (kind_cases[i].status == CP_OK)
            assert_int_equal(kind, kind_cases[i].kind);
    }
}

static struct cp_hostname *host(const char *text) {
    struct cp_hostname *hostname = NULL;
    assert_int_equal(cp_hostname_new(&hostname, text, NULL), CP_OK);
    return hostname;
}

static const struct {
    const char *hostname;
    int64_t site_id, record_id;
    enum cp_status status;
    size_t num_notes;
    const char *says, *reason;
} gate_cases[] = {
    {"custom.site.com", 1, 1, CP_OK, 0, "", "plain"},
    {"Custom.Site.COM.", 1, INT64_MAX, CP_OK, 0, "", "other spellings of the same name"},
    {"*.site.com", 1, 1, CP_OK, 1, "", "a wildcard comes with a note"},
    {"192.0.2.1", 1, 1, CP_ERR_USAGE, 0, "IP address", "IPv4"},
    {"2001:db8::1", 1, 1, CP_ERR_USAGE, 0, "IP address", "IPv6"},
    {"co.uk", 1, 1, CP_ERR_USAGE, 0, "public suffix", "a public suffix"},
    {"com", 1, 1, CP_ERR_USAGE, 0, "public suffix", "a top-level domain"},
    {"*.co.uk", 1, 1, CP_ERR_USAGE, 0, "public suffix", "a wildcard over a public suffix"},
    {"custom.site.com", 0, 1, CP_ERR_USAGE, 0, "SiteId", "ids start at 1"},
    {"custom.site.com", -1, 1, CP_ERR_USAGE, 0, "SiteId", "negative"},
    {"custom.site.com", 1, 0, CP_ERR_USAGE, 0, "RecordId", "ids start at 1"},
    {"custom.site.com", 1, INT64_MIN, CP_ERR_USAGE, 0, "RecordId", "negative"},
};

static void test_gates(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(gate_cases); i++) {
        struct cp_hostname *hostname = host(gate_cases[i].hostname);
        struct cp_prepared prepared = {FAKE_CHAIN, FAKE_KEY, cp_hostname_ascii(hostname),
                                       FAKE_SHA256, 1};
        print_message("%s\n", gate_cases[i].reason);
        for (int kind = 0; kind < 4; kind++) { /* the gate is the same for every kind */
            struct esa_request *request = NULL;
            struct cp_error err = {0};
            int64_t site = gate_cases[i].site_id;
            int64_t record = gate_cases[i].record_id;
            enum cp_status status =
                kind == ESA_CREATE_OFF ? esa_request_new_off(&request, hostname, site, record, &err)
                : kind == ESA_CREATE_FREE
                    ? esa_request_new_free(&request, hostname, site, record, &err)
                : kind == ESA_CREATE_CAS
                    ? esa_request_new_cas(&request, hostname, site, record, 7, "cn-hangzhou", &err)
                    : esa_request_new_upload(&request, hostname, site, record, &prepared, &err);
            assert_int_equal(status, gate_cases[i].status);
            assert_int_equal(request == NULL, status != CP_OK);
            assert_non_null(strstr(err.message, gate_cases[i].says));
            if (request != NULL) {
                assert_int_equal(esa_request_num_notes(request), gate_cases[i].num_notes);
                assert_null(esa_request_note(request, gate_cases[i].num_notes));
            }
            if (gate_cases[i].num_notes != 0)
                assert_non_null(strstr(esa_request_note(request, 0), "Enterprise"));
            esa_request_free(request);
        }
        cp_hostname_free(hostname);
    }
}

static void test_upload_gate(void **state) {
    (void)state;
    struct cp_hostname *hostname = host("custom.site.com");
    struct cp_prepared other = {FAKE_CHAIN, FAKE_KEY, "other.site.com", FAKE_SHA256, 1};
    struct cp_prepared no_key = {FAKE_CHAIN, "", "custom.site.com", FAKE_SHA256, 1};
    struct esa_request *request = NULL;
    struct cp_error err = {0};
    assert_int_equal(esa_request_new_upload(&request, hostname, 1, 1, &other, &err),
                     CP_ERR_BLOCKED);
    assert_null(request);
    assert_non_null(strstr(err.message, "custom.site.com"));
    assert_int_equal(esa_request_new_upload(&request, hostname, 1, 1, NULL, &err), CP_ERR_BLOCKED);
    assert_int_equal(esa_request_new_upload(&request, hostname, 1, 1, &no_key, &err), CP_ERR_USAGE);
    assert_null(request);
    cp_hostname_free(hostname);
}

static const struct {
    int64_t cas_id;
    const char *region;
    enum cp_status status;
    const char *reason;
} cas_cases[] = {
    {30000478, "cn-hangzhou", CP_OK, "as documented"},
    {9007199254740993, "ap-southeast-1", CP_OK, "over 2^53"},
    {0, "cn-hangzhou", CP_ERR_USAGE, "no id"},
    {-5, "cn-hangzhou", CP_ERR_USAGE, "negative"},
    {1, "cn-beijing", CP_ERR_USAGE, "another region"},
    {1, "", CP_ERR_USAGE, "an empty region"},
    {1, NULL, CP_ERR_USAGE, "no region"},
};

static void test_cas(void **state) {
    (void)state;
    struct cp_hostname *hostname = host("custom.site.com");
    for (size_t i = 0; i < NUM_OF(cas_cases); i++) {
        struct esa_request *request = NULL;
        assert_int_equal(esa_request_new_cas(&request, hostname, 1, 1, cas_cases[i].cas_id,
                                             cas_cases[i].region, NULL),
                         cas_cases[i].status);
        assert_int_equal(request == NULL, cas_cases[i].status != CP_OK);
        esa_request_free(request);
    }
    cp_hostname_free(hostname);
}

/* ---- the signed message, against the official signer's vectors ---- */

#define AT_S 1773907200 /* 2026-03-19T08:00:00Z */
#define NONCE "3156853299f313e23d1673dc12e1703d"
#define SITE 1234567890123

static struct esa_request *make(const char *vector) {
    struct cp_hostname *hostname = host("custom.site.com");
    struct cp_prepared prepared = {FAKE_CHAIN, FAKE_KEY, "custom.site.com", FAKE_SHA256, 1};
    struct esa_request *request = NULL;
    enum cp_status status;
    if (strncmp(vector, "upload", 6) == 0)
        status = esa_request_new_upload(&request, hostname, SITE, SITE, &prepared, NULL);
    else if (strcmp(vector, "cas") == 0)
        status = esa_request_new_cas(&request, hostname, SITE, SITE, 30000478, "cn-hangzhou", NULL);
    else
        status = esa_request_new_free(&request, hostname, SITE, SITE, NULL);
    assert_int_equal(status, CP_OK);
    cp_hostname_free(hostname);
    return request;
}

static const char *header_of(const struct esa_http_request *message, const char *name) {
    size_t len = strlen(name);
    for (size_t i = 0; i < message->num_headers; i++)
        if (strncmp(message->header[i], name, len) == 0 && message->header[i][len] == ':')
            return message->header[i] + len + 2;
    return NULL;
}

static const struct {
    const char *vector, *token, *signature, *reason;
} message_cases[] = {
    {"free", NULL, "005a449aef9edfde39c734d84f4615ec3ea190597c5d216c544feed694993527", "free"},
    {"upload_query", NULL, "63b043420d91799093768d3971c90b60d0d8ab9bd656b8648c6ee7ede0e77fd4",
     "the key in the query"},
    {"cas", NULL, "08dcdc1339825c0de9d04304cbbb8b866c32d2c85ab7d987b486e6c0064da112", "cas"},
    {"sts", "testSTS+/=token", "d64c8f580030dd58f43c95c48c09522a5a65369282dde0a57b288abc56a02c97",
     "a temporary credential"},
};

static void test_message(void **state) {
    (void)state;
    static const struct esa_credential_names names = {"id", "secret", "token"};
    for (size_t i = 0; i < NUM_OF(message_cases); i++) {
        struct esa_http_request message = {0};
        struct esa_credential credential;
        struct esa_request *request = make(message_cases[i].vector);
        assert_int_equal(esa_credential_init(&credential, "testAK", "testSK",
                                             message_cases[i].token, &names, NULL),
                         CP_OK);
        struct esa_message_input input = {request, &credential, "esa.cn-hangzhou.aliyuncs.com",
                                          AT_S, NONCE};
        assert_int_equal(esa_message_build(&message, &input, NULL), CP_OK);
        const char *authorization = header_of(&message, "authorization");
        assert_non_null(authorization);
        assert_non_null(strstr(authorization, message_cases[i].signature));
        assert_string_equal(header_of(&message, "x-acs-date"), "2026-03-19T08:00:00Z");
        assert_string_equal(header_of(&message, "accept"), "application/json");
        assert_string_equal(header_of(&message, "user-agent") + strlen("certprep/"), cp_version());
        assert_null(header_of(&message, "content-type"));
        assert_int_equal(message.body.len, 0);
        assert_int_equal(
            strncmp((const char *)message.url.data, "https://esa.cn-hangzhou.aliyuncs.com/?", 38),
            0);
        assert_int_equal(message.url.len, strlen("https://esa.cn-hangzhou.aliyuncs.com") +
                                              esa_request_target_len(request));
        if (message_cases[i].token != NULL)
            assert_string_equal(header_of(&message, "x-acs-security-token"),
                                message_cases[i].token);
        esa_http_request_cleanup(&message);
        esa_credential_cleanup(&credential);
        esa_request_free(request);
    }
}

/* A form: nothing in the target, the body hashed as it is sent. */
static void test_form_message(void **state) {
    (void)state;
    static const struct esa_credential_names names = {"id", "secret", "token"};
    static const char body[] =
        "CertType=upload&Certificate=-----BEGIN%20CERTIFICATE-----%0AMIIBfake%2Bcert%2FAA%3D%3D%0A"
        "-----END%20CERTIFICATE-----%0A&Hostname=custom.site.com&PrivateKey=-----BEGIN%20PRIVATE"
        "%20KEY-----%0AMIIEfake%2Bkey%2FBB%3D%3D%0A-----END%20PRIVATE%20KEY-----%0A&RecordId="
        "1234567890123&SiteId=1234567890123&SslFlag=on";
    char hash[ESA_HEX_LEN + 1];
    struct esa_http_request message = {0};
    struct esa_credential credential;
    struct esa_request *request = make("upload");
    esa_request_set_params_in(request, ESA_PARAMS_FORM);
    assert_int_equal(esa_request_target_len(request), 1);
    assert_int_equal(esa_credential_init(&credential, "testAK", "testSK", NULL, &names, NULL),
                     CP_OK);
    struct esa_message_input input = {request, &credential, "127.0.0.1:8443", AT_S, NONCE};
    assert_int_equal(esa_message_build(&message, &input, NULL), CP_OK);
    assert_string_equal((const char *)message.url.data, "https://127.0.0.1:8443/");
    assert_string_equal((const char *)message.body.data, body);
    assert_int_equal(message.body.len, strlen(body));
    assert_int_equal(esa_sign_sha256(hash, body, strlen(body), NULL), CP_OK);
    assert_string_equal(header_of(&message, "x-acs-content-sha256"), hash);
    assert_string_equal(header_of(&message, "host"), "127.0.0.1:8443");
    assert_string_equal(header_of(&message, "content-type"), "application/x-www-form-urlencoded");
    assert_non_null(
        strstr(header_of(&message, "authorization"), "SignedHeaders=content-type;host;"));
    esa_http_request_cleanup(&message);
    esa_credential_cleanup(&credential);
    esa_request_free(request);
}

static void test_bearer_message(void **state) {
    (void)state;
    struct esa_http_request message = {0};
    struct esa_credential credential;
    struct esa_request *request = make("free");
    assert_int_equal(esa_credential_init_bearer(&credential, "testBearer", "bearer", NULL), CP_OK);
    struct esa_message_input input = {request, &credential, "h", AT_S, NONCE};
    assert_int_equal(esa_message_build(&message, &input, NULL), CP_OK);
    assert_non_null(strstr((const char *)message.url.data, "&SignatureType=BEARERTOKEN&"));
    assert_string_equal(header_of(&message, "x-acs-bearer-token"), "testBearer");
    assert_null(header_of(&message, "authorization"));
    esa_http_request_cleanup(&message);
    esa_request_set_params_in(request, ESA_PARAMS_FORM);
    assert_int_equal(esa_message_build(&message, &input, NULL), CP_OK);
    assert_string_equal((const char *)message.url.data, "https://h/?SignatureType=BEARERTOKEN");
    assert_null(strstr((const char *)message.body.data, "SignatureType"));
    esa_http_request_cleanup(&message);
    esa_credential_cleanup(&credential);
    esa_request_free(request);
}

static void test_message_failures(void **state) {
    (void)state;
    static const struct esa_credential_names names = {"id", "secret", "token"};
    struct esa_http_request message = {0};
    struct esa_credential credential;
    struct esa_request *request = make("upload");
    assert_int_equal(esa_credential_init(&credential, "testAK", "testSK", NULL, &names, NULL),
                     CP_OK);
    struct esa_message_input input = {request, NULL, "h", AT_S, NONCE};
    assert_int_equal(esa_message_build(&message, &input, NULL), CP_ERR_USAGE); /* no credential */
    input.credential = &credential;
    input.now_s = -1; /* a clock before 1970 */
    assert_int_equal(esa_message_build(&message, &input, NULL), CP_ERR_USAGE);
    assert_null(message.url.data);
    assert_null(message.text.data);
    input.now_s = AT_S;
    input.nonce = "a\r\nb"; /* a nonce function gone wrong can't inject a header */
    assert_int_equal(esa_message_build(&message, &input, NULL), CP_ERR_USAGE);
    assert_null(message.body.data);
    esa_credential_cleanup(&credential);
    esa_request_free(request);
}

static void test_long_target(void **state) {
    (void)state;
    size_t chain_len = 9000;
    char *chain = test_calloc(1, chain_len + 1);
    memset(chain, 'A', chain_len);
    struct cp_hostname *hostname = host("*.site.com");
    struct cp_prepared prepared = {chain, FAKE_KEY, "*.site.com", FAKE_SHA256, 3};
    struct esa_request *request = NULL;
    assert_int_equal(esa_request_new_upload(&request, hostname, 1, 1, &prepared, NULL), CP_OK);
    assert_true(esa_request_target_len(request) > ESA_TARGET_WARN_LEN);
    assert_int_equal(esa_request_num_notes(request), 2); /* wildcard, length */
    assert_non_null(strstr(esa_request_note(request, 1), "8190"));
    esa_request_set_params_in(request, ESA_PARAMS_FORM);
    assert_int_equal(esa_request_num_notes(request), 1);
    esa_request_set_params_in(request, ESA_PARAMS_QUERY);
    size_t over = esa_request_target_len(request) - ESA_TARGET_WARN_LEN;
    esa_request_free(request);
    chain[chain_len - over] = '\0'; /* exactly at the limit: no note */
    assert_int_equal(esa_request_new_upload(&request, hostname, 1, 1, &prepared, NULL), CP_OK);
    assert_int_equal(esa_request_target_len(request), ESA_TARGET_WARN_LEN);
    assert_int_equal(esa_request_num_notes(request), 1);
    esa_request_free(request);
    cp_hostname_free(hostname);
    test_free(chain);
}

/* ---- the description ---- */

static enum cp_status fixed_clock(void *context, int64_t *now_s, struct cp_error *err) {
    (void)context;
    (void)err;
    *now_s = AT_S;
    return CP_OK;
}

static struct esa_client *make_client(struct esa_credential *credential) {
    struct esa_client *client = NULL;
    struct esa_client_options options = {
        .region = "cn-hangzhou", .credential = credential, .clock = fixed_clock};
    assert_int_equal(esa_client_new(&client, &options, NULL), CP_OK);
    return client;
}

static void test_describe_text(void **state) {
    (void)state;
    static const char want[] =
        "POST https://esa.cn-hangzhou.aliyuncs.com/\n"
        "CreateCustomHostname, API version 2024-09-10, parameters in the query\n"
        "headers\n"
        "  host: esa.cn-hangzhou.aliyuncs.com\n"
        "  x-acs-action: CreateCustomHostname\n"
        "  x-acs-version: 2024-09-10\n"
        "  x-acs-date: 2026-03-19T08:00:00Z\n"
        "  x-acs-signature-nonce: [new for each attempt]\n"
        "  x-acs-content-sha256: "
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
        "  x-acs-accesskey-id: testAK\n"
        "  x-acs-security-token: [masked, 9 bytes]\n"
        "  accept: application/json\n"
        "  user-agent: certprep/%s\n"
        "  authorization: ACS3-HMAC-SHA256 Credential=testAK,SignedHeaders=host;x-acs-accesskey-id;"
        "x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-security-token;x-acs-signature-nonce;"
        "x-acs-version,Signature=[masked]\n"
        "parameters\n"
        "  Hostname: custom.site.com\n"
        "  SiteId: 1234567890123\n"
        "  RecordId: 1234567890123\n"
        "  SslFlag: on\n"
        "  CertType: upload\n"
        "  Certificate: [1 certificate, 73 bytes, leaf sha256 " FAKE_SHA256 "]\n"
        "  PrivateKey: [masked, 72 bytes]\n"
        "nothing was sent\n";
    static const struct esa_credential_names names = {"id", "secret", "token"};
    char expected[2048];
    struct esa_credential credential;
    char *text = NULL;
    size_t len = 0;
    assert_int_equal(
        esa_credential_init(&credential, "testAK", "testSK", "testToken", &names, NULL), CP_OK);
    struct esa_client *client = make_client(&credential);
    struct esa_request *request = make("upload");
    (void)snprintf(expected, sizeof(expected), want, cp_version());
    assert_int_equal(esa_request_describe(client, &text, &len, request, ESA_DESCRIBE_TEXT, NULL),
                     CP_OK);
    assert_string_equal(text, expected);
    assert_int_equal(len, strlen(text));
    esa_string_free(text);
    esa_request_free(request);
    esa_client_free(client);
    esa_credential_cleanup(&credential);
}

static const struct {
    const char *vector;
    bool has_credential;
    enum esa_params_in params_in;
    const char *reason;
} describe_cases[] = {
    {"upload", true, ESA_PARAMS_QUERY, "key in the query"},
    {"upload", true, ESA_PARAMS_FORM, "key in the form"},
    {"upload", false, ESA_PARAMS_QUERY, "without a credential"},
    {"free", true, ESA_PARAMS_QUERY, "no key"},
    {"cas", true, ESA_PARAMS_FORM, "cas"},
};

/* In both formats: JSON is whole, and no byte of a secret is shown. */
static void test_describe_masks(void **state) {
    (void)state;
    static const char *const secrets[] = {"MIIEfake",  "fake+key",  "BEGIN",        "testSK",
                                          "testToken", "?CertType", "PRIVATE%20KEY"};
    static const struct esa_credential_names names = {"id", "secret", "token"};
    struct esa_credential credential;
    assert_int_equal(
        esa_credential_init(&credential, "testAK", "testSK", "testToken", &names, NULL), CP_OK);
    for (size_t i = 0; i < NUM_OF(describe_cases); i++) {
        struct esa_client *client =
            make_client(describe_cases[i].has_credential ? &credential : NULL);
        struct esa_request *request = make(describe_cases[i].vector);
        esa_request_set_params_in(request, describe_cases[i].params_in);
        for (int format = ESA_DESCRIBE_TEXT; format <= ESA_DESCRIBE_JSON; format++) {
            char *text = NULL;
            assert_int_equal(esa_request_describe(client, &text, NULL, request,
                                                  (enum esa_describe_format)format, NULL),
                             CP_OK);
            for (size_t k = 0; k < NUM_OF(secrets); k++)
                assert_null(strstr(text, secrets[k]));
            assert_non_null(strstr(text, "Signature=[masked]"));
            assert_int_equal(strstr(text, "[no credential]") == NULL,
                             describe_cases[i].has_credential);
            esa_string_free(text);
        }
        esa_request_free(request);
        esa_client_free(client);
    }
    esa_credential_cleanup(&credential);
}

static void test_describe_json(void **state) {
    (void)state;
    char *text = NULL;
    struct esa_client *client = make_client(NULL);
    struct esa_request *request = make("upload");
    esa_request_set_params_in(request, ESA_PARAMS_FORM);
    assert_int_equal(esa_request_describe(client, &text, NULL, request, ESA_DESCRIBE_JSON, NULL),
                     CP_OK);
    cJSON *root = cJSON_ParseWithOpts(text, NULL, 1);
    assert_non_null(root);
    const cJSON *parameters = cJSON_GetObjectItemCaseSensitive(root, "parameters");
    const cJSON *headers = cJSON_GetObjectItemCaseSensitive(root, "headers");
    assert_int_equal(cJSON_GetArraySize(parameters), 7);
    assert_string_equal(
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(parameters, "SiteId")),
        "1234567890123");
    assert_string_equal(
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(parameters, "PrivateKey")),
        "[masked, 72 bytes]");
    assert_string_equal(
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "parameters_in")), "form");
    assert_string_equal(
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(headers, "content-type")),
        "application/x-www-form-urlencoded");
    assert_true(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(root, "sent")));
    cJSON_Delete(root);
    esa_string_free(text);
    esa_request_free(request);
    esa_client_free(client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_gates),
        cmocka_unit_test(test_upload_gate),
        cmocka_unit_test(test_cas),
        cmocka_unit_test(test_message),
        cmocka_unit_test(test_form_message),
        cmocka_unit_test(test_bearer_message),
        cmocka_unit_test(test_message_failures),
        cmocka_unit_test(test_long_target),
        cmocka_unit_test(test_describe_text),
        cmocka_unit_test(test_describe_masks),
        cmocka_unit_test(test_describe_json),
    };
    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
