/* What a reply holds in secret reaches no structure that a caller gets: every operation, every
 * member, every spelling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/redact.h"
#include "fake_prepared.h"

#define REPLIES_JUDGE
#include "replies.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define BODY_MAX 16384

/* Not keys. Each has characters that percent-encoding, JSON and a form treat in their own ways. */
#define CANARY_KEY "MIIEvCANARYkeyAbCdEfGhIjKlMnOp+QrStUvWx/YzCANARY0123456789="
#define CANARY_TOKEN "CAISzCANARYtokenZyXwVuTsRqPoNm+LkJiHg/FeDcBaCANARY9876543210"
#define CANARY_AUTH "VIxuCANARYauthSecret/Key+08dy5w7"

static void percent(char *out, const char *text, int times) {
    static const char digits[] = "0123456789ABCDEF";
    char *copy = strdup(text);
    assert_non_null(copy);
    size_t len = 0;
    for (const char *at = copy; *at != '\0'; at++) {
        bool is_plain = (*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') ||
                        (*at >= 'a' && *at <= 'z') || strchr("-_.~", *at) != NULL;
        assert_true(len + 4 < BODY_MAX);
        if (is_plain) {
            out[len++] = *at;
            continue;
        }
        out[len++] = '%';
        out[len++] = digits[(uint8_t)*at >> 4];
        out[len++] = digits[*at & 15];
    }
    out[len] = '\0';
    free(copy);
    if (times > 1)
        percent(out, out, times - 1);
}

/* Of JSON's ways to write a string. */
static void json_short(char *out, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            *out++ = '\\';
            *out++ = 'n';
            continue;
        }
        if (*text == '/' || *text == '"')
            *out++ = '\\';
        *out++ = *text;
    }
    *out = '\0';
}

static void json_long(char *out, const char *text) {
    for (; *text != '\0'; text++)
        out += sprintf(out, "\\u%04x", (unsigned)(uint8_t)*text);
    *out = '\0';
}

enum spelling { PLAIN, PERCENT, PERCENT_TWICE, PEM, PARAMETER, NUM_SPELLINGS };

static void spell(char *out, enum spelling spelling, const char *canary) {
    char pem[1024];
    (void)snprintf(pem, sizeof(pem), "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n",
                   canary);
    switch (spelling) {
    case PLAIN:
        (void)snprintf(out, BODY_MAX, "%s", canary);
        break;
    case PERCENT:
        percent(out, pem, 1);
        break;
    case PERCENT_TWICE:
        percent(out, pem, 2);
        break;
    case PEM:
        (void)snprintf(out, BODY_MAX, "bad value: %s", pem);
        break;
    case PARAMETER:
        (void)snprintf(out, BODY_MAX, "server signString is [PrivateKey=%s&x-acs-security-token:%s",
                       canary, canary);
        break;
    case NUM_SPELLINGS:
        fail();
    }
}

/* Any ESA_KNOWN_WINDOW bytes of the canary, anywhere in memory. */
static void assert_absent(const void *memory, size_t len, const char *canary) {
    const char *bytes = memory;
    for (size_t i = 0; memory != NULL && i + ESA_KNOWN_WINDOW <= len; i++)
        for (size_t k = 0; k + ESA_KNOWN_WINDOW <= strlen(canary); k++)
            if (bytes[i] == canary[k] && memcmp(bytes + i, canary + k, ESA_KNOWN_WINDOW) == 0)
                fail_msg("%.40s", bytes + i);
}

static void assert_clean(const struct esa_outcome *outcome, const struct esa_reply *reply,
                         const char *canary) {
    assert_absent(outcome, sizeof(*outcome), canary);
    assert_absent(reply->hostnames, reply->num_hostnames * sizeof(struct esa_hostname), canary);
    assert_absent(reply->sites, reply->num_sites * sizeof(struct esa_site), canary);
    assert_absent(reply->records, reply->num_records * sizeof(struct esa_record), canary);
}

struct fixture {
    struct esa_credential credential;
};

static int set_up(void **state) {
    static struct fixture fixture;
    static const struct esa_credential_names names = {"id", "secret", "token"};
    *state = &fixture;
    return esa_credential_init(&fixture.credential, "testAK", "testSK", CANARY_TOKEN, &names,
                               NULL) == CP_OK
               ? 0
               : -1;
}

static int tear_down(void **state) {
    esa_credential_cleanup(&((struct fixture *)*state)->credential);
    return 0;
}

/* An error that echoes, in answer to every operation, in each member, as JSON in two ways and XML.
 */
static void test_error_echoes(void **state) {
    const struct fixture *fixture = *state;
    static const char *const members[] = {"Code", "Message", "Recommend", "RequestId", "Hostname"};
    static const char *const canaries[] = {CANARY_TOKEN, CANARY_KEY};
    static char spelled[BODY_MAX], escaped[8 * BODY_MAX], body[9 * BODY_MAX];
    size_t num = (size_t)ESA_NUM_OPERATIONS * NUM_SPELLINGS * NUM_OF(members) * 2 * 3;
    for (size_t i = 0; i < num; i++) {
        size_t form = i % 3, canary = i / 3 % 2, member = i / 6 % NUM_OF(members);
        size_t spelling = i / 6 / NUM_OF(members) % NUM_SPELLINGS;
        size_t operation = i / 6 / NUM_OF(members) / NUM_SPELLINGS;
        struct esa_outcome outcome;
        struct esa_request *request = make_request((enum esa_operation_id)operation);
        spell(spelled, (enum spelling)spelling, canaries[canary]);
        if (form == 0)
            json_short(escaped, spelled);
        else if (form == 1)
            json_long(escaped, spelled);
        if (form == 2)
            (void)snprintf(body, sizeof(body), "<Error><%s>%s</%s><X>y</X></Error>",
                           members[member], spelled, members[member]);
        else
            (void)snprintf(body, sizeof(body), "{\"%s\":\"%s\",\"X\":\"y\"}", members[member],
                           escaped);
        struct esa_reply *reply =
            judge_body(&outcome, request, 400, body, strlen(body), &fixture->credential);
        assert_clean(&outcome, reply, canaries[canary]);
        assert_int_not_equal(outcome.result, ESA_ACCEPTED);
        esa_reply_free(reply);
        esa_request_free(request);
    }
}

/* Every text of a hostname that a Get may bring. */
static const char *const hostname_texts[] = {
    "Hostname",      "SiteName",         "RecordName",  "Status",        "VerifyHost",
    "VerifyCode",    "SslFlag",          "CertType",    "CertStatus",    "CertNotAfter",
    "CertTxtKey",    "CertTxtValue",     "CertHttpKey", "CertHttpValue", "CertApplyCode",
    "OfflineReason", "ConflictWith",     "CreateTime",  "UpdateTime",    "CertId",
    "Certificate",   "CertApplyMessage",
};

/* GetCustomHostname's PrivateKey, alone and with a part of it in each other text. */
static void test_get_private_key(void **state) {
    const struct fixture *fixture = *state;
    char spelled[BODY_MAX], escaped[BODY_MAX], key[BODY_MAX], body[4 * BODY_MAX];
    struct esa_request *request = make_request(ESA_OP_GET);
    for (size_t i = 0; i < NUM_OF(hostname_texts) * NUM_SPELLINGS * 2; i++) {
        size_t name = i % NUM_OF(hostname_texts);
        size_t spelling = i / NUM_OF(hostname_texts) % NUM_SPELLINGS;
        bool is_long = i >= NUM_OF(hostname_texts) * NUM_SPELLINGS;
        bool has_host = strcmp(hostname_texts[name], "Hostname") == 0;
        struct esa_outcome outcome;
        spell(spelled, PEM, CANARY_KEY);
        (is_long ? json_long : json_short)(key, spelled);
        spell(spelled, (enum spelling)spelling, CANARY_KEY);
        (is_long ? json_long : json_short)(escaped, spelled);
        (void)snprintf(body, sizeof(body),
                       "{\"CustomHostnameModel\":{\"HostnameId\":9007199254740993,%s\"SiteId\":"
                       "890601022130656,\"%s\":\"%s\",\"PrivateKey\":\"%s\"}}",
                       has_host ? "" : "\"Hostname\":\"custom.site.com\",", hostname_texts[name],
                       escaped, key);
        struct esa_reply *reply =
            judge_body(&outcome, request, 200, body, strlen(body), &fixture->credential);
        assert_clean(&outcome, reply, CANARY_KEY);
        /* one text less makes the reply no worse, but for the name itself */
        assert_int_equal(outcome.result, has_host ? ESA_UNKNOWN : ESA_ACCEPTED);
        esa_reply_free(reply);
    }
    esa_request_free(request);
}

/* And beside the object, where a success has texts. */
static void test_get_beside(void **state) {
    const struct fixture *fixture = *state;
    static const char *const names[] = {"RequestId", "Message", "Recommend", "Hostname"};
    static const char part[] = "YzCANARY0123456789="; /* too short to be seen as a key by itself */
    struct esa_request *request = make_request(ESA_OP_GET);
    for (size_t i = 0; i < NUM_OF(names) * 2; i++) {
        char body[1024];
        struct esa_outcome outcome;
        bool is_whole = i < NUM_OF(names);
        (void)snprintf(body, sizeof(body),
                       "{\"%s\":\"%s\",\"CustomHostnameModel\":{\"HostnameId\":9007199254740993,"
                       "\"Hostname\":\"custom.site.com\",%s\"PrivateKey\":\"%s\"}}",
                       names[i % NUM_OF(names)], part,
                       is_whole ? "\"SiteId\":890601022130656," : "", CANARY_KEY);
        struct esa_reply *reply =
            judge_body(&outcome, request, 200, body, strlen(body), &fixture->credential);
        assert_clean(&outcome, reply, CANARY_KEY);
        assert_int_equal(outcome.result, is_whole ? ESA_ACCEPTED : ESA_UNKNOWN);
        esa_reply_free(reply);
    }
    esa_request_free(request);
}

/* ListRecords' and GetRecord's AuthConf, alone and with its keys in other texts. */
static void test_auth_conf(void **state) {
    const struct fixture *fixture = *state;
    static const char *const names[] = {"RecordName", "RecordType", "RecordCname", "Comment"};
    static const char *const keys[] = {"SecretKey", "AccessKey"};
    static const struct {
        enum esa_operation_id id;
        const char *before, *after;
    } places[] = {{ESA_OP_LIST_RECORDS, "{\"Records\":[", "]}"},
                  {ESA_OP_GET_RECORD, "{\"RecordModel\":", "}"}};
    char escaped[BODY_MAX], body[4 * BODY_MAX];
    for (size_t i = 0; i < NUM_OF(names) * NUM_OF(keys) * NUM_OF(places) * 2; i++) {
        size_t name = i % 4, key = i / 4 % 2, place = i / 8 % 2;
        struct esa_outcome outcome;
        struct esa_request *request = make_request(places[place].id);
        (i < 16 ? json_short : json_long)(escaped, CANARY_AUTH);
        (void)snprintf(
            body, sizeof(body),
            "%s{\"RecordId\":4042843419650112,%s\"%s\":\"%s\",\"AuthConf\":{\"AuthType\":"
            "\"private\",\"Region\":\"us-east-1-and-more\",\"%s\":\"%s\"}}%s",
            places[place].before,
            name == 0 ? "" : "\"RecordName\":\"a.us-east-1-and-more.example.com\",", names[name],
            escaped, keys[key], escaped, places[place].after);
        struct esa_reply *reply =
            judge_body(&outcome, request, 200, body, strlen(body), &fixture->credential);
        assert_clean(&outcome, reply, CANARY_AUTH);
        assert_int_equal(outcome.result, name == 0 ? ESA_UNKNOWN : ESA_ACCEPTED);
        if (name != 0) /* a region is no secret */
            assert_string_equal(reply->records[0].record_name, "a.us-east-1-and-more.example.com");
        esa_reply_free(reply);
        esa_request_free(request);
    }
}

/* The token that the request was sent with, in a record that is to be published. */
static void test_token_in_value(void **state) {
    const struct fixture *fixture = *state;
    static const char body[] =
        "{\"CustomHostnameModel\":{\"HostnameId\":9007199254740993,"
        "\"Hostname\":\"custom.site.com\",\"SiteId\":890601022130656,"
        "\"CertTxtValue\":\"" CANARY_TOKEN "\",\"VerifyCode\":\"" CANARY_KEY "\"}}";
    struct esa_request *request = make_request(ESA_OP_GET);
    struct esa_outcome outcome;
    struct esa_reply *reply =
        judge_body(&outcome, request, 200, body, strlen(body), &fixture->credential);
    assert_int_equal(outcome.result, ESA_ACCEPTED);
    assert_string_equal(reply->hostnames[0].cert_txt_value, "");
    assert_string_equal(reply->hostnames[0].verify_code, CANARY_KEY); /* nobody's secret here */
    esa_reply_free(reply);
    esa_request_free(request);
}

static const struct {
    const char *text;
    bool is_whole;
    const char *reason;
} values[] = {
    {"lcKYad3UQXgrZLvMm_6TBUYKK4xTkGmninV0Mzx4gjM", true, "a challenge is a run of base64"},
    {"-----BEGIN CERTIFICATE-----", false, "PEM is no value"},
    {"x PrivateKey=y", false, "an echo is no value"},
    {"a\nb", true, "escaped as everything is"},
    {"", true, "nothing"},
    {"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopq", true, "fits just so"},
    {"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqr", false, "one too long"},
    {"has KNOWN-secret in it", false, "a part of what is known"},
    {"has KNOWN-secre in it", true, "shorter than what is looked for"},
};

static void test_values(void **state) {
    (void)state;
    const struct esa_known known = {"xxKNOWN-secretxx", 16};
    for (size_t i = 0; i < NUM_OF(values); i++) {
        char out[64];
        assert_int_equal(
            esa_redact_value(out, sizeof(out), values[i].text, strlen(values[i].text), &known, 1),
            values[i].is_whole);
        assert_int_equal(strlen(out), values[i].is_whole ? strlen(values[i].text) : 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_error_echoes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_get_private_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_get_beside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_auth_conf, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_token_in_value, set_up, tear_down),
        cmocka_unit_test(test_values),
    };
    return cmocka_run_group_tests_name("reply_secrets", tests, NULL, NULL);
}
