/* reply: what is read of each operation's success, and what makes it worth nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_prepared.h"

#define REPLIES_JUDGE
#include "replies.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct esa_reply *judge_text(struct esa_outcome *outcome, enum esa_operation_id id,
                                    int http_status, const char *body) {
    struct esa_request *request = make_request(id);
    struct esa_reply *typed = judge_body(outcome, request, http_status, body, strlen(body), NULL);
    esa_request_free(request);
    return typed;
}

#define IDS                                                                                        \
    "\"HostnameId\":9007199254740993,\"Hostname\":\"custom.site.com\",\"SiteId\":890601022130656"
#define GET(model) "{\"RequestId\":\"R-1\",\"CustomHostnameModel\":" model "}"
#define LIST(rows)                                                                                 \
    "{\"RequestId\":\"R-1\",\"PageNumber\":1,\"PageSize\":500,\"TotalCount\":2,"                   \
    "\"Hostnames\":" rows "}"

/* As the vendor's examples have it. */
static const char whole_get[] = GET(
    "{" IDS ",\"SiteName\":\"example.com\",\"RecordId\":4042843419650112,"
    "\"RecordName\":\"origin.example.com\",\"Status\":\"active\",\"VerifyHost\":"
    "\"_esa_custom_hostname.custom.site.com\",\"VerifyCode\":\"verify_"
    "16ab7f4d389d4dff6655f995c6a997bd\",\"SslFlag\":\"on\",\"CertType\":\"free\",\"CertStatus\":"
    "\"Expiring\",\"CertNotAfter\":\"2026-04-19T11:15:20Z\",\"CertTxtKey\":"
    "\"_acme-challenge.custom.site.com\",\"CertTxtValue\":"
    "\"lcKYad3UQXgrZLvMm_6TBUYKK4xTkGmninV0Mzx4gjM\",\"CertHttpKey\":\"http:\\/\\/custom.site.com/"
    ".well-known/acme-challenge/jLmMHlEaZ3jb352Qo3ciaSoAC8KZ5Hk0F-4_1xLQtgc\",\"CertHttpValue\":"
    "\"jLmMHlEaZ3jb352Qo3ciaSoAC8KZ5Hk0F-4_1xLQtgc.GridYdfJJB5PgFEL-t89XfaFvMPB4f2-I9fwLpKl6e0\","
    "\"CertApplyCode\":2,\"CertApplyMessage\":\"canceled\",\"OfflineReason\":\"missing_icp\","
    "\"ConflictWith\":\"existing_site\",\"CreateTime\":\"2026-04-19T11:15:20Z\",\"UpdateTime\":"
    "\"2026-04-19T11:15:21Z\",\"CasId\":30000478,\"CertId\":\"baba2c9e90e840b3b55698cedf02b308\","
    "\"Certificate\":\"-----BEGIN CERTIFICATE-----\\nYWJj\\n-----END CERTIFICATE-----\\n"
    "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n\","
    "\"PrivateKey\":\"-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY-----\","
    "\"SomethingNew\":{\"a\":[1,2]}}");

static void test_get(void **state) {
    (void)state;
    struct esa_outcome outcome;
    struct esa_reply *reply = judge_text(&outcome, ESA_OP_GET, 200, whole_get);
    assert_int_equal(outcome.result, ESA_ACCEPTED);
    assert_string_equal(outcome.request_id, "R-1");
    assert_true(outcome.hostname_id == HOSTNAME_ID);
    assert_string_equal(outcome.hostname, "custom.site.com");
    assert_int_equal(esa_reply_num_hostnames(reply), 1);
    assert_null(esa_reply_hostname(reply, 1));
    const struct esa_hostname *h = esa_reply_hostname(reply, 0);
    assert_true(h->hostname_id == HOSTNAME_ID && h->site_id == SITE_ID);
    assert_true(h->record_id == RECORD_ID && h->cas_id == 30000478);
    assert_int_equal(h->status, ESA_STATUS_ACTIVE);
    assert_int_equal(h->cert_status, ESA_CERT_EXPIRING);
    const struct {
        const char *is, *want;
    } texts[] = {
        {h->hostname, "custom.site.com"},
        {h->site_name, "example.com"},
        {h->record_name, "origin.example.com"},
        {h->status_text, "active"},
        {h->cert_status_text, "Expiring"},
        {h->ssl_flag, "on"},
        {h->cert_type, "free"},
        {h->verify_host, "_esa_custom_hostname.custom.site.com"},
        {h->verify_code, "verify_16ab7f4d389d4dff6655f995c6a997bd"},
        {h->cert_txt_key, "_acme-challenge.custom.site.com"},
        {h->cert_txt_value, "lcKYad3UQXgrZLvMm_6TBUYKK4xTkGmninV0Mzx4gjM"},
        {h->cert_http_key, "http://custom.site.com/.well-known/acme-challenge/"
                           "jLmMHlEaZ3jb352Qo3ciaSoAC8KZ5Hk0F-4_1xLQtgc"},
        {h->cert_http_value, "jLmMHlEaZ3jb352Qo3ciaSoAC8KZ5Hk0F-4_1xLQtgc.GridYdfJJB5PgFEL-"
                             "t89XfaFvMPB4f2-I9fwLpKl6e0"},
        {h->cert_apply_code, "2"}, /* a number: its digits */
        {h->cert_apply_message, "canceled"},
        {h->offline_reason, "missing_icp"},
        {h->conflict_with, "existing_site"},
        {h->cert_not_after, "2026-04-19T11:15:20Z"},
        {h->create_time, "2026-04-19T11:15:20Z"},
        {h->update_time, "2026-04-19T11:15:21Z"},
        {h->cert_id, "baba2c9e90e840b3b55698cedf02b308"},
        /* SHA-256 of "abc", FIPS 180-2 B.1: the first certificate's bytes */
        {h->cert_sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    };
    for (size_t i = 0; i < NUM_OF(texts); i++)
        assert_string_equal(texts[i].is, texts[i].want);
    esa_reply_free(reply);
}

static void test_list(void **state) {
    (void)state;
    struct esa_outcome outcome;
    struct esa_reply *reply =
        judge_text(&outcome, ESA_OP_LIST, 200,
                   LIST("[{" IDS "},{\"SiteId\":890601022130656,\"Hostname\":\"b.site.com\","
                        "\"HostnameId\":9223372036854775807,\"Status\":\"brand_new\"}]"));
    assert_int_equal(outcome.result, ESA_ACCEPTED);
    assert_true(outcome.hostname_id == 0); /* of none in particular */
    assert_int_equal(esa_reply_num_hostnames(reply), 2);
    assert_int_equal(esa_reply_num_sites(reply) + esa_reply_num_records(reply), 0);
    assert_null(esa_reply_site(reply, 0));
    assert_null(esa_reply_record(reply, 0));
    assert_true(esa_reply_hostname(reply, 1)->hostname_id == INT64_MAX);
    assert_int_equal(esa_reply_hostname(reply, 1)->status, ESA_STATUS_OTHER); /* tolerated */
    assert_string_equal(esa_reply_hostname(reply, 1)->status_text, "brand_new");
    assert_string_equal(esa_reply_hostname(reply, 0)->status_text, "");
    struct esa_page page = esa_reply_page(reply);
    assert_true(page.page_number == 1 && page.page_size == 500 && page.total_count == 2);
    esa_reply_free(reply);

    reply = judge_text(&outcome, ESA_OP_LIST, 200, "{\"hostnames\":[]}"); /* in camel case */
    assert_int_equal(outcome.result, ESA_ACCEPTED);
    assert_int_equal(esa_reply_num_hostnames(reply), 0);
    assert_true(esa_reply_page(reply).total_count == -1);
    esa_reply_free(reply);
}

static void test_sites_and_records(void **state) {
    (void)state;
    static const char site[] = "{\"SiteId\":890601022130656,\"SiteName\":\"example.com\","
                               "\"Status\":\"active\",\"AccessType\":\"CNAME\",\"Coverage\":"
                               "\"overseas\",\"CnameZone\":\"example.com.cname.net\",\"PlanName\":"
                               "\"enterprise\",\"Tags\":{\"k\":\"v\"}}";
    static const char record[] =
        "{\"RecordId\":4042843419650112,\"RecordName\":\"origin.example.com\",\"SiteId\":"
        "890601022130656,\"RecordType\":\"A/AAAA\",\"RecordCname\":"
        "\"origin.example.com.cname.net\",\"Proxied\":true,\"AuthConf\":{\"SecretKey\":\"x\"}}";
    static const struct {
        enum esa_operation_id id;
        const char *before, *object, *after;
        const char *reason;
    } cases[] = {
        {ESA_OP_LIST_SITES, "{\"TotalCount\":1,\"Sites\":[", site, "]}", "a list of sites"},
        {ESA_OP_GET_SITE, "{\"SiteModel\":", site, "}", "one site"},
        {ESA_OP_LIST_RECORDS, "{\"TotalCount\":1,\"Records\":[", record, "]}", "of records"},
        {ESA_OP_GET_RECORD, "{\"RecordModel\":", record, "}", "one record"},
    };
    for (size_t i = 0; i < NUM_OF(cases); i++) {
        char body[1024];
        struct esa_outcome outcome;
        (void)snprintf(body, sizeof(body), "%s%s%s", cases[i].before, cases[i].object,
                       cases[i].after);
        struct esa_reply *reply = judge_text(&outcome, cases[i].id, 200, body);
        assert_int_equal(outcome.result, ESA_ACCEPTED);
        assert_int_equal(esa_reply_num_sites(reply), cases[i].object == site);
        assert_int_equal(esa_reply_num_records(reply), cases[i].object == record);
        const struct esa_site *s = esa_reply_site(reply, 0);
        const struct esa_record *r = esa_reply_record(reply, 0);
        if (s != NULL) {
            assert_true(s->site_id == SITE_ID);
            assert_string_equal(s->site_name, "example.com");
            assert_string_equal(s->status, "active");
            assert_string_equal(s->access_type, "CNAME");
            assert_string_equal(s->coverage, "overseas");
            assert_string_equal(s->cname_zone, "example.com.cname.net");
            assert_string_equal(s->plan_name, "enterprise");
        } else {
            assert_true(r->record_id == RECORD_ID && r->site_id == SITE_ID && r->proxied);
            assert_string_equal(r->record_name, "origin.example.com");
            assert_string_equal(r->record_type, "A/AAAA");
            assert_string_equal(r->record_cname, "origin.example.com.cname.net");
        }
        esa_reply_free(reply);
    }
}

/* ---- what confirms, and what does not ---- */

static const struct {
    enum esa_operation_id id;
    const char *body;
    enum esa_result result;
    enum esa_class class_of;
    const char *says, *reason;
} cases[] = {
    {ESA_OP_UPDATE, "{\"RequestId\":\"R\"}", ESA_ACCEPTED, ESA_CLASS_UNKNOWN, "", "as documented"},
    {ESA_OP_DELETE, "{\"requestId\":\"R\"}", ESA_ACCEPTED, ESA_CLASS_UNKNOWN, "", "camel case"},
    {ESA_OP_APPLY, "{\"RequestId\":\"R\",\"x\":1}", ESA_ACCEPTED, ESA_CLASS_UNKNOWN, "", "more"},
    {ESA_OP_UPDATE, "{}", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "RequestId: is missing", "no id"},
    {ESA_OP_DELETE, "{\"RequestId\":\"\"}", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "RequestId: is not",
     "an empty id"},
    {ESA_OP_DELETE, "{\"RequestId\":1}", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "RequestId: is not",
     "a number"},
    {ESA_OP_UPDATE, "{\"RequestId\":\"R\",\"requestId\":\"R\"}", ESA_UNKNOWN, ESA_CLASS_RECONCILE,
     "JSON", "both spellings"},
    {ESA_OP_UPDATE, "{\"RequestId\":\"R\",\"Code\":\"InvalidParameter\"}", ESA_REFUSED,
     ESA_CLASS_FIX, "InvalidParameter", "200 with a code"},
    {ESA_OP_UPDATE, "<html>", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "JSON", "a portal's page"},
    {ESA_OP_APPLY, "", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "JSON", "nothing"},
    /* verify */
    {ESA_OP_VERIFY, "{\"Passed\":true}", ESA_ACCEPTED, ESA_CLASS_UNKNOWN, "", "passed"},
    {ESA_OP_VERIFY, "{\"Passed\":false}", ESA_REFUSED, ESA_CLASS_RETRY, "ownership record",
     "not passed"},
    {ESA_OP_VERIFY, "{\"Code\":\"CustomHostname.VerifyUnpassed\"}", ESA_REFUSED, ESA_CLASS_RETRY,
     "VerifyUnpassed", "200 with the code"},
    {ESA_OP_VERIFY, "{\"Passed\":\"true\"}", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "Passed: is neither",
     "a string"},
    {ESA_OP_VERIFY, "{\"Passed\":null}", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "Passed: is neither",
     "null"},
    {ESA_OP_VERIFY, "{\"RequestId\":\"R\"}", ESA_UNKNOWN, ESA_CLASS_RECONCILE, "Passed: is missing",
     "no answer"},
    /* get */
    {ESA_OP_GET, GET("{" IDS "}"), ESA_ACCEPTED, ESA_CLASS_UNKNOWN, "", "the least"},
    {ESA_OP_GET, "{}", ESA_UNKNOWN, ESA_CLASS_RETRY, "CustomHostnameModel: is missing", "nothing"},
    {ESA_OP_GET, GET("[]"), ESA_UNKNOWN, ESA_CLASS_RETRY, "CustomHostnameModel: is not an object",
     "an array"},
    {ESA_OP_GET, GET("{\"HostnameId\":1,\"Hostname\":\"a.site.com\",\"SiteId\":1}"), ESA_UNKNOWN,
     ESA_CLASS_RETRY, "CustomHostnameModel.HostnameId: is another", "another than was asked for"},
    {ESA_OP_GET,
     GET("{" IDS ",\"PrivateKey\":1,\"Certificate\":null,\"Status\":[],\"RecordId\":"
         "null,\"CasId\":0,\"CertStatus\":{}}"),
     ESA_ACCEPTED, ESA_CLASS_UNKNOWN, "", "what is not of its type counts as not said"},
    {ESA_OP_GET, GET("{" IDS ",\"CasId\":\"1\"}"), ESA_UNKNOWN, ESA_CLASS_RETRY,
     "CustomHostnameModel.CasId: is not a whole number", "but for ids"},
    {ESA_OP_GET, GET("{" IDS ",\"CasId\":1.0}"), ESA_UNKNOWN, ESA_CLASS_RETRY,
     "CustomHostnameModel.CasId: is not a whole number", "which must be exact"},
    {ESA_OP_GET, GET("{" IDS ",\"Status\":\"active\",\"Status\":\"pending\"}"), ESA_UNKNOWN,
     ESA_CLASS_RETRY, "CustomHostnameModel.Status: is there twice", "a member twice"},
    {ESA_OP_GET_SITE, "{\"SiteModel\":{\"SiteId\":1,\"SiteName\":\"x.com\"}}", ESA_UNKNOWN,
     ESA_CLASS_RETRY, "SiteModel.SiteId: is another", "another site"},
    {ESA_OP_GET_RECORD, "{\"RecordModel\":{\"RecordId\":1,\"RecordName\":\"x.com\"}}", ESA_UNKNOWN,
     ESA_CLASS_RETRY, "RecordModel.RecordId: is another", "another record"},
    /* lists */
    {ESA_OP_LIST, LIST("[{" IDS "},{" IDS "}]"), ESA_ACCEPTED, ESA_CLASS_UNKNOWN, "", "two"},
    {ESA_OP_LIST, "{\"TotalCount\":0,\"Hostnames\":[]}", ESA_ACCEPTED, ESA_CLASS_UNKNOWN, "",
     "none, as stated"},
    {ESA_OP_LIST, LIST("[]"), ESA_UNKNOWN, ESA_CLASS_RETRY, "TotalCount",
     "an empty page that claims rows proves no absence"},
    {ESA_OP_LIST, "{\"TotalCount\":0}", ESA_UNKNOWN, ESA_CLASS_RETRY, "Hostnames: is missing",
     "no array proves no absence"},
    {ESA_OP_LIST, LIST("null"), ESA_UNKNOWN, ESA_CLASS_RETRY, "Hostnames: is not an array", "null"},
    {ESA_OP_LIST, LIST("{}"), ESA_UNKNOWN, ESA_CLASS_RETRY, "Hostnames: is not an array",
     "an object"},
    {ESA_OP_LIST, LIST("[{" IDS "},1]"), ESA_UNKNOWN, ESA_CLASS_RETRY,
     "Hostnames[1]: is not an object", "a row that is none"},
    {ESA_OP_LIST,
     LIST("[{" IDS "},{" IDS "},{" IDS "},{\"Hostname\":\"a.site.com\",\"SiteId\":1}]"),
     ESA_UNKNOWN, ESA_CLASS_RETRY, "Hostnames[3].HostnameId: is missing", "no HostnameId"},
    {ESA_OP_LIST, LIST("[{\"HostnameId\":1,\"SiteId\":890601022130656}]"), ESA_UNKNOWN,
     ESA_CLASS_RETRY, "Hostnames[0].Hostname: is missing", "no Hostname"},
    {ESA_OP_LIST, LIST("[{\"HostnameId\":1,\"Hostname\":\"a.site.com\"}]"), ESA_UNKNOWN,
     ESA_CLASS_RETRY, "Hostnames[0].SiteId: is missing", "no SiteId"},
    {ESA_OP_LIST, LIST("[{\"HostnameId\":1,\"Hostname\":\"a.site.com\",\"SiteId\":2}]"),
     ESA_UNKNOWN, ESA_CLASS_RETRY, "Hostnames[0].SiteId: is another", "another site's row"},
    {ESA_OP_LIST, "{\"Hostnames\":[],\"TotalCount\":1e0}", ESA_UNKNOWN, ESA_CLASS_RETRY,
     "TotalCount: is not a whole number", "a number that is not exact"},
    {ESA_OP_LIST, "{\"Hostnames\":[],\"hostnames\":[]}", ESA_UNKNOWN, ESA_CLASS_RETRY,
     "Hostnames: is there twice", "both spellings"},
    {ESA_OP_LIST, "{\"Hostnames\":[],\"Hostnames\":[]}", ESA_UNKNOWN, ESA_CLASS_RETRY,
     "Hostnames: is there twice", "the array twice"},
    {ESA_OP_UPDATE, "{\"RequestId\":\"r\",\"Message\":\"m\"}", ESA_UNKNOWN, ESA_CLASS_RECONCILE,
     "without a code", "an error's reply has a RequestId, too"},
    {ESA_OP_DELETE, "{\"requestId\":\"r\",\"success\":false}", ESA_UNKNOWN, ESA_CLASS_RECONCILE,
     "without a code", "not done"},
    {ESA_OP_APPLY, "{\"RequestId\":\"r\",\"Message\":\"\",\"Success\":true}", ESA_ACCEPTED,
     ESA_CLASS_UNKNOWN, "", "an empty message is none"},
    {ESA_OP_LIST, "{\"Code\":\"InternalException\"}", ESA_UNKNOWN, ESA_CLASS_RETRY,
     "InternalException", "a read that failed inside is read again"},
    {ESA_OP_LIST, "{\"Code\":\"Brand.New\"}", ESA_UNKNOWN, ESA_CLASS_RETRY, "Brand.New",
     "200 with an unknown code"},
    {ESA_OP_LIST_RECORDS,
     "{\"Records\":[{\"RecordId\":1,\"RecordName\":\"a.example.com\",\"SiteId\":2}]}", ESA_UNKNOWN,
     ESA_CLASS_RETRY, "Records[0].SiteId: is another", "another site's record"},
    {ESA_OP_LIST_RECORDS, "{\"Records\":[{\"RecordId\":1,\"RecordName\":\"a.example.com\"}]}",
     ESA_ACCEPTED, ESA_CLASS_UNKNOWN, "", "a record need not say its site"},
    {ESA_OP_LIST_SITES, "{\"Sites\":[{\"SiteId\":\"1\",\"SiteName\":\"a.com\"}]}", ESA_UNKNOWN,
     ESA_CLASS_RETRY, "Sites[0].SiteId: is not", "an id as a string"},
    {ESA_OP_LIST_SITES, "{\"Sites\":[{\"SiteId\":1,\"SiteName\":[]}]}", ESA_UNKNOWN,
     ESA_CLASS_RETRY, "Sites[0].SiteName: is missing", "a name that is none"},
};

static void test_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(cases); i++) {
        struct esa_outcome outcome;
        print_message("%s: %s\n", esa_operation_get(cases[i].id)->name, cases[i].reason);
        struct esa_reply *reply = judge_text(&outcome, cases[i].id, 200, cases[i].body);
        assert_int_equal(outcome.result, cases[i].result);
        assert_int_equal(outcome.class_of, cases[i].class_of);
        assert_non_null(strstr(outcome.reason, cases[i].says));
        assert_int_equal(outcome.advice[0] == '\0', outcome.result == ESA_ACCEPTED);
        if (outcome.result != ESA_ACCEPTED)
            assert_true(outcome.hostname_id == 0);
        esa_reply_free(reply);
    }
}

/* An answer that never came, by what a repetition would do. */
static void test_no_reply(void **state) {
    (void)state;
    for (unsigned id = 0; id < ESA_NUM_OPERATIONS; id++) {
        struct esa_request *request = make_request((enum esa_operation_id)id);
        const struct esa_http_reply reply = {.reach = ESA_REACH_NO_REPLY};
        bool is_read = request->operation->effect == ESA_EFFECT_NONE;
        struct esa_outcome outcome;
        esa_outcome_judge(&outcome, NULL, &reply, request, NULL, SENT_AT_S);
        assert_int_equal(outcome.result, ESA_UNKNOWN);
        assert_int_equal(outcome.class_of, is_read ? ESA_CLASS_RETRY : ESA_CLASS_RECONCILE);
        assert_true(outcome.advice[0] != '\0');
        esa_request_free(request);
    }
}

/* The service's maximum of rows, and one more. */
static void test_many_rows(void **state) {
    (void)state;
    static const char row[] = "{\"SiteId\":1,\"SiteName\":\"a.com\"},";
    char *body = malloc(64 + 501 * sizeof(row));
    assert_non_null(body);
    for (size_t num = 500; num <= 501; num++) {
        struct esa_outcome outcome;
        char *at = body + sprintf(body, "{\"Sites\":[");
        for (size_t i = 0; i < num; i++)
            at += sprintf(at, "%s", row);
        memcpy(at - 1, "]}", 3);
        struct esa_reply *reply = judge_text(&outcome, ESA_OP_LIST_SITES, 200, body);
        assert_int_equal(outcome.result, num == 500 ? ESA_ACCEPTED : ESA_UNKNOWN);
        if (num == 500)
            assert_true(esa_reply_site(reply, 499)->site_id == 1);
        else
            assert_non_null(strstr(outcome.reason, "more than 500 rows"));
        esa_reply_free(reply);
    }
    free(body);
}

/* A name or a record is there whole or not at all; a message may be cut. */
static void test_long_texts(void **state) {
    (void)state;
    char body[4096], value[1024];
    for (size_t len = 500; len <= 520; len++) {
        struct esa_outcome outcome;
        memset(value, 'a', len);
        value[len] = '\0';
        (void)snprintf(body, sizeof(body), GET("{" IDS ",\"VerifyCode\":\"%s\"}"), value);
        struct esa_reply *reply = judge_text(&outcome, ESA_OP_GET, 200, body);
        assert_int_equal(outcome.result, ESA_ACCEPTED);
        assert_int_equal(strlen(reply->hostnames[0].verify_code), len < 512 ? len : 0);
        esa_reply_free(reply);
        for (size_t i = 7; i < len; i += 8)
            value[i] = ' ';
        (void)snprintf(body, sizeof(body), GET("{" IDS ",\"CertApplyMessage\":\"%s\"}"), value);
        reply = judge_text(&outcome, ESA_OP_GET, 200, body);
        assert_int_equal(outcome.result, ESA_ACCEPTED);
        assert_true(strlen(reply->hostnames[0].cert_apply_message) >= 500);
        esa_reply_free(reply);
    }
}

/* A whole reply, cut at every byte: never accepted, never read beyond its end. */
static void test_every_cut(void **state) {
    (void)state;
    struct esa_request *request = make_request(ESA_OP_GET);
    for (size_t len = 0; len < sizeof(whole_get) - 1; len++) {
        struct esa_outcome outcome;
        struct esa_reply *reply = judge_body(&outcome, request, 200, whole_get, len, NULL);
        assert_int_equal(outcome.result, ESA_UNKNOWN);
        esa_reply_free(reply);
    }
    esa_request_free(request);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_sites_and_records),
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_no_reply),
        cmocka_unit_test(test_many_rows),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_every_cut),
    };
    return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
