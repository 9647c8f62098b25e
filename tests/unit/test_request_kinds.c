/* request: every constructor; what is recorded of the official SDK, byte for byte; --dry-run of
 * every operation. */
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

#include "replies.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct cp_hostname *host(const char *text) {
    struct cp_hostname *hostname = NULL;
    assert_int_equal(cp_hostname_new(&hostname, text, NULL), CP_OK);
    return hostname;
}

/* The query that would be sent. */
static void assert_query(const struct esa_request *request, const char *want) {
    struct esa_pair pairs[ESA_MAX_PARAMETERS];
    struct cp_secret query = {0};
    size_t num = esa_request_pairs(pairs, request);
    assert_int_equal(esa_canon_query(&query, pairs, num, NULL), CP_OK);
    assert_string_equal((const char *)query.data, want);
    cp_secret_cleanup(&query);
}

/* ---- update: the gates of create ---- */

enum kind { OFF, FREE, CAS, UPLOAD };

static const struct {
    enum kind kind;
    const char *hostname, *covers;
    int64_t hostname_id, record_id;
    enum cp_status status;
    const char *query, *reason; /* query: or what the error says */
} updates[] = {
    {OFF, "a.site.com", NULL, 7, 0, CP_OK, "HostnameId=7&SslFlag=off", "the record stays"},
    {OFF, "a.site.com", NULL, 7, 9, CP_OK, "HostnameId=7&RecordId=9&SslFlag=off", "another record"},
    {FREE, "*.site.com", NULL, INT64_MAX, 0, CP_OK,
     "CertType=free&HostnameId=9223372036854775807&SslFlag=on", "free; the largest id"},
    {CAS, "a.site.com", NULL, 7, 0, CP_OK,
     "CasId=3&CasRegion=cn-hangzhou&CertType=cas&HostnameId=7&SslFlag=on", "cas"},
    {UPLOAD, "a.site.com", "a.site.com", 7, 0, CP_OK,
     "CertType=upload&Certificate=-----BEGIN%20CERTIFICATE-----%0AMIIBfake%2Bcert%2FAA%3D%3D%0A"
     "-----END%20CERTIFICATE-----%0A&HostnameId=7&PrivateKey=-----BEGIN%20PRIVATE%20KEY-----%0A"
     "MIIEfake%2Bkey%2FBB%3D%3D%0A-----END%20PRIVATE%20KEY-----%0A&SslFlag=on",
     "upload"},
    {UPLOAD, "a.site.com", "b.site.com", 7, 0, CP_ERR_BLOCKED, "a.site.com: the prepared material",
     "material that does not cover the name"},
    {UPLOAD, "a.site.com", NULL, 7, 0, CP_ERR_BLOCKED, "a.site.com: the prepared material",
     "no material"},
    {OFF, "192.0.2.1", NULL, 7, 0, CP_ERR_USAGE, "Hostname: 192.0.2.1 is an IP", "an IP address"},
    {OFF, "co.uk", NULL, 7, 0, CP_ERR_USAGE, "Hostname: co.uk is a public", "a public suffix"},
    {OFF, "a.site.com", NULL, 0, 0, CP_ERR_USAGE, "HostnameId: want", "ids start at 1"},
    {OFF, "a.site.com", NULL, 7, -1, CP_ERR_USAGE, "RecordId: want", "negative"},
};

static enum cp_status make_update(struct esa_request **out, size_t i, struct cp_error *err) {
    struct cp_hostname *hostname = host(updates[i].hostname);
    struct cp_prepared prepared = {FAKE_CHAIN, FAKE_KEY, updates[i].covers, FAKE_SHA256, 1};
    int64_t id = updates[i].hostname_id, record = updates[i].record_id;
    enum cp_status status = CP_OK;
    switch (updates[i].kind) {
    case OFF:
        status = esa_request_new_update_off(out, hostname, id, record, err);
        break;
    case FREE:
        status = esa_request_new_update_free(out, hostname, id, record, err);
        break;
    case CAS:
        status = esa_request_new_update_cas(out, hostname, id, record, 3, "cn-hangzhou", err);
        break;
    case UPLOAD:
        status = esa_request_new_update_upload(out, hostname, id, record,
                                               updates[i].covers == NULL ? NULL : &prepared, err);
        break;
    }
    cp_hostname_free(hostname);
    return status;
}

static void test_updates(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(updates); i++) {
        struct esa_request *request = NULL;
        struct cp_error err = {0};
        print_message("%s\n", updates[i].reason);
        assert_int_equal(make_update(&request, i, &err), updates[i].status);
        assert_int_equal(request == NULL, updates[i].status != CP_OK);
        if (request == NULL) {
            assert_memory_equal(err.message, updates[i].query, strlen(updates[i].query));
            continue;
        }
        assert_query(request, updates[i].query);
        assert_int_equal(esa_request_num_notes(request), 0); /* it exists: no plan is needed */
        assert_string_equal(request->hostname, updates[i].hostname);
        assert_string_equal(request->leaf_sha256, updates[i].kind == UPLOAD ? FAKE_SHA256 : "");
        assert_int_equal(esa_request_operation(request)->effect, ESA_EFFECT_SAME);
        esa_request_free(request);
    }
}

static void test_update_from(void **state) {
    (void)state;
    struct esa_request *create = make_request(ESA_OP_CREATE);
    struct esa_request *update = NULL;
    struct esa_request *get = make_request(ESA_OP_GET);
    esa_request_set_params_in(create, ESA_PARAMS_FORM);
    assert_int_equal(esa_request_new_update_from(&update, create, 7, NULL), CP_OK);
    esa_request_free(create); /* nothing is borrowed */
    assert_query(update, "CertType=upload&Certificate=-----BEGIN%20CERTIFICATE-----%0AMIIBfake%2B"
                         "cert%2FAA%3D%3D%0A-----END%20CERTIFICATE-----%0A&HostnameId=7&PrivateKey="
                         "-----BEGIN%20PRIVATE%20KEY-----%0AMIIEfake%2Bkey%2FBB%3D%3D%0A-----END"
                         "%20PRIVATE%20KEY-----%0A&RecordId=4042843419650112&SslFlag=on");
    assert_string_equal(update->leaf_sha256, FAKE_SHA256);
    assert_int_equal(update->num_certs, 1);
    assert_string_equal(update->hostname, "custom.site.com");
    assert_true(esa_request_is_form(update));
    esa_request_free(update);
    assert_int_equal(esa_request_new_update_from(&update, get, 7, NULL), CP_ERR_USAGE);
    assert_null(update);
    esa_request_free(get);
    create = make_request(ESA_OP_CREATE);
    assert_int_equal(esa_request_new_update_from(&update, create, 0, NULL), CP_ERR_USAGE);
    assert_null(update);
    esa_request_free(create);
}

/* ---- those that name an id ---- */

static void test_ids(void **state) {
    (void)state;
    static const struct {
        enum cp_status (*make)(struct esa_request **out, int64_t id, struct cp_error *err);
        const char *name, *parameter;
    } rows[] = {
        {esa_request_new_get, "GetCustomHostname", "HostnameId"},
        {esa_request_new_verify, "VerifyCustomHostname", "HostnameId"},
        {esa_request_new_delete, "DeleteCustomHostname", "HostnameId"},
        {esa_request_new_apply, "ApplyCustomHostnameCertificate", "HostnameId"},
        {esa_request_new_get_site, "GetSite", "SiteId"},
        {esa_request_new_get_record, "GetRecord", "RecordId"},
    };
    for (size_t i = 0; i < NUM_OF(rows); i++) {
        char query[64];
        struct cp_error err = {0};
        struct esa_request *request = NULL;
        assert_int_equal(rows[i].make(&request, HOSTNAME_ID, NULL), CP_OK);
        (void)snprintf(query, sizeof(query), "%s=9007199254740993", rows[i].parameter);
        assert_query(request, query);
        assert_string_equal(esa_request_operation(request)->name, rows[i].name);
        assert_true(esa_request_id(request, rows[i].parameter) == HOSTNAME_ID);
        assert_true(esa_request_id(request, "CasId") == 0); /* not its parameter */
        assert_null(esa_request_text(request, "SslFlag"));
        esa_request_free(request);
        for (int64_t bad = -1; bad <= 0; bad++) {
            assert_int_equal(rows[i].make(&request, bad, &err), CP_ERR_USAGE);
            assert_null(request);
            assert_non_null(strstr(err.message, rows[i].parameter));
        }
    }
}

/* ---- lists ---- */

static const struct {
    struct esa_list list;
    const char *query; /* or, with an error, what it says */
    enum cp_status status;
    const char *reason;
} lists[] = {
    {{.site_id = 1}, "SiteId=1", CP_OK, "the least"},
    {{.site_id = 1,
      .record_id = 2,
      .hostname = "a.site.com",
      .name_match_type = "exact",
      .status = "active",
      .page_number = 3,
      .page_size = 500},
     "Hostname=a.site.com&NameMatchType=exact&PageNumber=3&PageSize=500&RecordId=2&SiteId=1&Status="
     "active",
     CP_OK,
     "the most"},
    {{.site_id = 1, .hostname = "*.site.com", .name_match_type = "suffix"},
     "Hostname=%2A.site.com&NameMatchType=suffix&SiteId=1",
     CP_OK,
     "a star is encoded"},
    {{0}, "SiteId: is required", CP_ERR_USAGE, "no site"},
    {{.site_id = -1}, "SiteId: want", CP_ERR_USAGE, "negative"},
    {{.site_id = 1, .page_size = 501}, "PageSize: want", CP_ERR_USAGE, "too large a page"},
    {{.site_id = 1, .page_size = -1}, "PageSize: want", CP_ERR_USAGE, "negative"},
    {{.site_id = 1, .page_number = 2147483648}, "PageNumber: want", CP_ERR_USAGE, "over 31 bits"},
    {{.site_id = 1, .name_match_type = "regex"}, "NameMatchType: want", CP_ERR_USAGE, "no such"},
    {{.site_id = 1, .status = "gone"}, "Status: want one of", CP_ERR_USAGE, "no such status"},
    {{.site_id = 1, .hostname = ""}, "Hostname: is empty", CP_ERR_USAGE, "empty"},
};

static void test_lists(void **state) {
    (void)state;
    char long_name[300];
    struct esa_request *request = NULL;
    for (size_t i = 0; i < NUM_OF(lists); i++) {
        struct cp_error err = {0};
        print_message("%s\n", lists[i].reason);
        assert_int_equal(esa_request_new_list(&request, &lists[i].list, &err), lists[i].status);
        assert_int_equal(request == NULL, lists[i].status != CP_OK);
        if (request == NULL) {
            assert_memory_equal(err.message, lists[i].query, strlen(lists[i].query));
            continue;
        }
        assert_query(request, lists[i].query);
        esa_request_free(request);
    }
    assert_int_equal(esa_request_new_list_sites(&request, "x.com", "exact", 1, 500, NULL), CP_OK);
    assert_query(request, "PageNumber=1&PageSize=500&SiteName=x.com&SiteSearchType=exact");
    esa_request_free(request);
    assert_int_equal(esa_request_new_list_sites(&request, NULL, NULL, 0, 0, NULL), CP_OK);
    assert_query(request, "");
    esa_request_free(request);
    assert_int_equal(
        esa_request_new_list_records(&request, 1, "a.x.com", "exact", "A/AAAA", 2, 100, NULL),
        CP_OK);
    assert_query(request, "PageNumber=2&PageSize=100&RecordMatchType=exact&RecordName=a.x.com&"
                          "SiteId=1&Type=A%2FAAAA");
    esa_request_free(request);

    memset(long_name, 'a', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    const struct esa_list long_list = {.site_id = 1, .hostname = long_name};
    assert_int_equal(esa_request_new_list(&request, &long_list, NULL), CP_ERR_LIMIT);
    assert_int_equal(esa_request_new_list_sites(&request, long_name, NULL, 0, 0, NULL),
                     CP_ERR_LIMIT);
    assert_int_equal(esa_request_new_list_records(&request, 1, long_name, NULL, NULL, 0, 0, NULL),
                     CP_ERR_LIMIT);
    assert_int_equal(esa_request_new_list_records(&request, 1, NULL, NULL, long_name, 0, 0, NULL),
                     CP_ERR_LIMIT);
    assert_null(request);
}

/* What is read with GET has its parameters in the query, whatever is asked for; memory for a reply
 * is put by according to what can come. */
static void test_places(void **state) {
    (void)state;
    for (unsigned id = 0; id < ESA_NUM_OPERATIONS; id++) {
        struct esa_request *request = make_request((enum esa_operation_id)id);
        bool is_get = strcmp(request->operation->method, "GET") == 0;
        esa_request_set_params_in(request, ESA_PARAMS_FORM);
        assert_int_equal(esa_request_is_form(request), !is_get);
        assert_int_equal(esa_request_target_len(request) > 1, is_get);
        size_t max_len = esa_request_max_reply_len(request);
        bool is_list = strstr(request->operation->name, "List") != NULL;
        assert_int_equal(max_len == ESA_MAX_REPLY_LEN, is_list); /* 500 rows were asked for */
        assert_true(max_len >= (size_t)64 * 1024);
        if (id == ESA_OP_GET) /* a chain and a key */
            assert_int_equal(max_len, (size_t)256 * 1024);
        esa_request_free(request);
    }
    const struct esa_list list = {.site_id = 1, .page_size = 10};
    struct esa_request *request = NULL;
    assert_int_equal(esa_request_new_list(&request, &list, NULL), CP_OK);
    assert_int_equal(esa_request_max_reply_len(request), (64 + 10 * 8) * 1024);
    esa_request_free(request);
}

/* ---- as the official SDK sent them ---- */

#define AT_S 1773907200 /* 2026-03-19T08:00:00Z */
#define NONCE "3156853299f313e23d1673dc12e1703d"
#define DOCUMENTED_ID 1234567890123
#define TWO_CERTS                                                                                  \
    FAKE_CHAIN "-----BEGIN CERTIFICATE-----\r\nMIICinter+/AB=\r\n-----END CERTIFICATE-----\r\n"

static struct esa_request *make_recorded(const char *name) {
    const struct esa_list list = {.site_id = 1,
                                  .hostname = "custom.site.com",
                                  .name_match_type = "exact",
                                  .page_number = 1,
                                  .page_size = 500};
    struct cp_prepared prepared = {TWO_CERTS, FAKE_KEY, "custom.site.com", FAKE_SHA256, 2};
    struct cp_hostname *hostname = host("custom.site.com"), *wildcard = host("*.site.com");
    struct esa_request *request = NULL;
    enum cp_status status;
    if (strcmp(name, "free") == 0)
        status = esa_request_new_free(&request, hostname, DOCUMENTED_ID, DOCUMENTED_ID, NULL);
    else if (strcmp(name, "off") == 0)
        status = esa_request_new_off(&request, wildcard, 1, 2, NULL);
    else if (strcmp(name, "upload") == 0)
        status = esa_request_new_upload(&request, hostname, DOCUMENTED_ID, DOCUMENTED_ID, &prepared,
                                        NULL);
    else if (strcmp(name, "cas") == 0)
        status = esa_request_new_cas(&request, hostname, DOCUMENTED_ID, DOCUMENTED_ID, 30000478,
                                     "cn-hangzhou", NULL);
    else if (strcmp(name, "getch") == 0)
        status = esa_request_new_get(&request, DOCUMENTED_ID, NULL);
    else if (strcmp(name, "listch") == 0)
        status = esa_request_new_list(&request, &list, NULL);
    else if (strcmp(name, "listsites") == 0)
        status = esa_request_new_list_sites(&request, "example.com", "exact", 1, 500, NULL);
    else
        status = esa_request_new_free(&request, hostname, 1, 2, NULL);
    assert_int_equal(status, CP_OK);
    cp_hostname_free(hostname);
    cp_hostname_free(wildcard);
    return request;
}

static const struct {
    const char *name, *token;
    bool is_bearer;
    struct esa_pair extra_parameter, extra_header; /* that the SDK sent, and we don't */
} recorded[] = {
#define TAG_FILTER "[{\"Key\":\"k\",\"Value\":\"v\"}]"
#define PROVIDER(value)                                                                            \
    { "x-acs-credentials-provider", value, sizeof(value) - 1 }
    {"free", NULL, false, {0}, PROVIDER("static_ak")},
    {"off", NULL, false, {0}, PROVIDER("static_ak")},
    {"upload", NULL, false, {0}, PROVIDER("static_ak")},
    {"cas", NULL, false, {0}, PROVIDER("static_ak")},
    {"sts", "testSTS+/=token", false, {0}, PROVIDER("static_sts")},
    {"bearer", "testBearer", true, {0}, {0}},
    {"getch", NULL, false, {0}, PROVIDER("static_ak")},
    {"listch", NULL, false, {0}, PROVIDER("static_ak")},
    {"listsites",
     NULL,
     false,
     {"TagFilter", TAG_FILTER, sizeof(TAG_FILTER) - 1},
     PROVIDER("static_ak")},
};

/* NULL if there is no such file; the caller frees. */
static char *read_recorded(const char *name, const char *part) {
    char path[512];
    char *text = calloc(1, 65536);
    (void)snprintf(path, sizeof(path), "%s/vectors/acs3-recorded/%s.%s", CP_SHARED_DIR, name, part);
    FILE *file = fopen(path, "rb");
    if (file == NULL || text == NULL) {
        free(text);
        return NULL;
    }
    text[fread(text, 1, 65535, file)] = '\0';
    (void)fclose(file);
    return text;
}

static void check_recorded(size_t i, const char *canonical, const char *signature) {
    static const struct esa_credential_names names = {"id", "secret", "token"};
    char signed_names[ESA_MAX_SIGNED_HEADERS];
    char string_to_sign[ESA_STRING_TO_SIGN_LEN + 1], got[ESA_HEX_LEN + 1];
    struct esa_credential credential = {0};
    struct esa_request *request = make_recorded(recorded[i].name);
    struct esa_message_headers headers;
    struct cp_secret query = {0}, body = {0}, text = {0};
    enum cp_status status =
        recorded[i].is_bearer
            ? esa_credential_init_bearer(&credential, recorded[i].token, "token", NULL)
            : esa_credential_init(&credential, "testAK", "testSK", recorded[i].token, &names, NULL);
    assert_int_equal(status, CP_OK);
    struct esa_message_input input = {request, &credential, "127.0.0.1:18080", AT_S, NONCE};
    if (recorded[i].extra_parameter.name == NULL) {
        assert_int_equal(esa_message_parameters(&query, &body, &input, NULL), CP_OK);
    } else {
        struct esa_pair pairs[ESA_MAX_PARAMETERS + 1];
        size_t num = esa_request_pairs(pairs, request);
        pairs[num++] = recorded[i].extra_parameter;
        assert_int_equal(esa_canon_query(&query, pairs, num, NULL), CP_OK);
    }
    assert_int_equal(esa_message_headers(&headers, &input, &body, NULL), CP_OK);
    if (recorded[i].extra_header.name != NULL)
        headers.pairs[headers.num++] = recorded[i].extra_header;
    assert_int_equal(esa_canon_request(&text, signed_names, request->operation->method, &query,
                                       headers.pairs, headers.num, headers.body_sha256, NULL),
                     CP_OK);
    assert_string_equal((const char *)text.data, canonical);
    if (!recorded[i].is_bearer) {
        assert_int_equal(esa_sign_string_to_sign(string_to_sign, &text, NULL), CP_OK);
        assert_int_equal(esa_sign_signature(got, &credential.secret, string_to_sign, NULL), CP_OK);
        assert_memory_equal(got, signature, ESA_HEX_LEN);
    }
    cp_secret_cleanup(&text);
    cp_secret_cleanup(&query);
    cp_secret_cleanup(&body);
    esa_credential_cleanup(&credential);
    esa_request_free(request);
}

static void test_recorded(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(recorded); i++) {
        char *canonical = read_recorded(recorded[i].name, "canonical.txt");
        char *signature = read_recorded(recorded[i].name, "signature.txt");
        if (canonical == NULL || signature == NULL) {
            assert_int_equal(i, 0); /* all of them or none */
            print_message("SKIPPED: no recorded requests at hand\n");
            free(canonical);
            free(signature);
            skip();
            return;
        }
        print_message("%s\n", recorded[i].name);
        check_recorded(i, canonical, signature);
        free(canonical);
        free(signature);
    }
}

/* ---- --dry-run ---- */

static void check_description(const char *text, bool is_json, const struct esa_request *request) {
    const struct esa_operation *operation = request->operation;
    assert_non_null(strstr(text, operation->name));
    assert_null(strstr(text, "MIIE"));
    assert_null(strstr(text, "BEGIN"));
    assert_null(strstr(text, "HostnameId=")); /* no URL with a query */
    for (size_t i = 0; i < operation->num_parameters; i++) {
        char name[64];
        (void)snprintf(name, sizeof(name),
                       is_json ? "\"%s\":" : "  %s: ", operation->parameters[i].name);
        assert_int_equal(strstr(text, name) != NULL, request->values[i].text != NULL);
    }
    if (!is_json) {
        assert_memory_equal(text, operation->method, strlen(operation->method));
        assert_non_null(strstr(text, "nothing was sent\n"));
        return;
    }
    cJSON *root = cJSON_ParseWithOpts(text, NULL, 1);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "method")),
                        operation->method);
    assert_string_equal(
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "parameters_in")),
        esa_request_is_form(request) ? "form" : "query");
    assert_true(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(root, "sent")));
    cJSON_Delete(root);
}

static void test_describe(void **state) {
    (void)state;
    const struct esa_client_options options = {.region = "cn-hangzhou"};
    struct esa_client *client = NULL;
    assert_int_equal(esa_client_new(&client, &options, NULL), CP_OK);
    for (unsigned i = 0; i < 4 * ESA_NUM_OPERATIONS; i++) {
        bool is_json = i % 2 == 1;
        char *text = NULL;
        struct esa_request *request = make_request((enum esa_operation_id)(i / 4));
        esa_request_set_params_in(request, i % 4 < 2 ? ESA_PARAMS_QUERY : ESA_PARAMS_FORM);
        assert_int_equal(esa_request_describe(client, &text, NULL, request,
                                              is_json ? ESA_DESCRIBE_JSON : ESA_DESCRIBE_TEXT,
                                              NULL),
                         CP_OK);
        check_description(text, is_json, request);
        esa_string_free(text);
        esa_request_free(request);
    }
    esa_client_free(client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_updates),  cmocka_unit_test(test_update_from),
        cmocka_unit_test(test_ids),      cmocka_unit_test(test_lists),
        cmocka_unit_test(test_places),   cmocka_unit_test(test_recorded),
        cmocka_unit_test(test_describe),
    };
    return cmocka_run_group_tests_name("request_kinds", tests, NULL, NULL);
}
