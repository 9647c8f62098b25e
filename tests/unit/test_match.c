/* match: is what is there what is wanted? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/esa_task.h"

#include "fake_prepared.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

enum want { OFF, FREE, CAS, UPLOAD, UPDATE_UPLOAD, UPDATE_FREE, NUM_WANTS };

static struct esa_request *make(enum want want) {
    static const struct cp_prepared prepared = {FAKE_CHAIN, FAKE_KEY, "xn--bcher-kva.example",
                                                FAKE_SHA256, 1};
    struct cp_hostname *hostname = NULL;
    struct esa_request *request = NULL;
    enum cp_status status = cp_hostname_new(&hostname,
                                            "b\xC3\xBC"
                                            "cher.example",
                                            NULL);
    assert_int_equal(status, CP_OK);
    if (want == OFF)
        status = esa_request_new_off(&request, hostname, 1, 2, NULL);
    else if (want == FREE)
        status = esa_request_new_free(&request, hostname, 1, 2, NULL);
    else if (want == CAS)
        status =
            esa_request_new_cas(&request, hostname, 1, 2, 9007199254740993, "cn-hangzhou", NULL);
    else if (want == UPLOAD)
        status = esa_request_new_upload(&request, hostname, 1, 2, &prepared, NULL);
    else if (want == UPDATE_UPLOAD)
        status = esa_request_new_update_upload(&request, hostname, 5, 0, &prepared, NULL);
    else
        status = esa_request_new_update_free(&request, hostname, 5, 2, NULL);
    assert_int_equal(status, CP_OK);
    cp_hostname_free(hostname);
    return request;
}

#define HERE .hostname_id = 5, .hostname = "xn--bcher-kva.example", .site_id = 1, .record_id = 2

static const struct {
    enum want want;
    bool is_whole;
    struct esa_hostname found;
    enum esa_match match;
    const char *says, *reason;
} cases[] = {
    {OFF, false, {HERE, .ssl_flag = "off"}, ESA_MATCH_EQUAL, "", "a row says it all"},
    {OFF, false, {HERE, .ssl_flag = "OFF"}, ESA_MATCH_EQUAL, "", "case does not count"},
    {OFF, false, {HERE, .ssl_flag = "on"}, ESA_MATCH_DIFFERENT, "SslFlag is on, want off", "TLS"},
    {OFF, false, {HERE}, ESA_MATCH_LOOK, "", "the row does not say SslFlag"},
    {OFF, true, {HERE}, ESA_MATCH_DIFFERENT, "does not say", "nor does Get"},
    {OFF,
     true,
     {HERE, .ssl_flag = "off", .cert_type = "free"},
     ESA_MATCH_EQUAL,
     "",
     "a certificate that is not served does not count"},
    {FREE, false, {HERE, .ssl_flag = "on", .cert_type = "free"}, ESA_MATCH_EQUAL, "", "free"},
    {FREE,
     false,
     {HERE, .ssl_flag = "on", .cert_type = "cas"},
     ESA_MATCH_DIFFERENT,
     "CertType is cas, want free",
     "another kind"},
    {FREE, false, {HERE, .ssl_flag = "on"}, ESA_MATCH_LOOK, "", "no CertType"},
    {CAS,
     false,
     {HERE, .ssl_flag = "on", .cert_type = "cas"},
     ESA_MATCH_LOOK,
     "",
     "only Get has the CasId"},
    {CAS,
     true,
     {HERE, .ssl_flag = "on", .cert_type = "cas", .cas_id = 9007199254740993},
     ESA_MATCH_EQUAL,
     "",
     "exact beyond 2^53"},
    {CAS,
     true,
     {HERE, .ssl_flag = "on", .cert_type = "cas", .cas_id = 9007199254740992},
     ESA_MATCH_DIFFERENT,
     "CasId is 9007199254740992, want 9007199254740993",
     "off by one"},
    {UPLOAD,
     false,
     {HERE, .ssl_flag = "on", .cert_type = "upload"},
     ESA_MATCH_LOOK,
     "",
     "only Get has the certificate"},
    {UPLOAD,
     true,
     {HERE, .ssl_flag = "on", .cert_type = "upload", .cert_sha256 = FAKE_SHA256},
     ESA_MATCH_EQUAL,
     "",
     "the same leaf"},
    {UPLOAD,
     true,
     {HERE, .ssl_flag = "on", .cert_type = "upload", .cert_sha256 = "00"},
     ESA_MATCH_DIFFERENT,
     "SHA-256 is 00, want 9f3c",
     "another leaf"},
    {UPLOAD,
     true,
     {HERE, .ssl_flag = "on", .cert_type = "upload"},
     ESA_MATCH_DIFFERENT,
     "does not say",
     "a Get without certificate proves nothing"},
    {OFF,
     false,
     {.hostname_id = 5,
      .hostname = "b\xC3\xBC"
                  "cher.example",
      .site_id = 1,
      .record_id = 2,
      .ssl_flag = "off"},
     ESA_MATCH_EQUAL,
     "",
     "the service may answer in Unicode"},
    {OFF,
     false,
     {.hostname = "XN--BCHER-KVA.Example", .site_id = 1, .record_id = 2, .ssl_flag = "off"},
     ESA_MATCH_EQUAL,
     "",
     "names are compared without case"},
    {OFF,
     true,
     {.hostname = "www.xn--bcher-kva.example", .site_id = 1, .record_id = 2, .ssl_flag = "off"},
     ESA_MATCH_DIFFERENT,
     "www.xn--bcher",
     "another name"},
    {OFF,
     true,
     {.hostname = "xn--bcher-kva.example", .site_id = 3, .record_id = 2, .ssl_flag = "off"},
     ESA_MATCH_DIFFERENT,
     "of site 3",
     "another site"},
    {OFF,
     true,
     {.site_id = 1, .record_id = 2, .ssl_flag = "off"},
     ESA_MATCH_DIFFERENT,
     "",
     "no name is not the name"},
    {OFF,
     false,
     {.hostname = "xn--bcher-kva.example", .site_id = 1, .record_id = 4, .ssl_flag = "on"},
     ESA_MATCH_DIFFERENT,
     "RecordId is 4, want 2; SslFlag is on, want off",
     "each point is named"},
    {UPDATE_UPLOAD,
     true,
     {HERE, .ssl_flag = "on", .cert_type = "upload", .cert_sha256 = FAKE_SHA256},
     ESA_MATCH_EQUAL,
     "",
     "an update that is done; its site and record are not asked for"},
    {UPDATE_FREE,
     true,
     {.hostname_id = 6,
      .hostname = "xn--bcher-kva.example",
      .record_id = 2,
      .ssl_flag = "on",
      .cert_type = "free"},
     ESA_MATCH_DIFFERENT,
     "HostnameId is 6, want 5",
     "another id"},
};

static void test_match(void **state) {
    struct esa_request *requests[NUM_WANTS];
    (void)state;
    for (size_t i = 0; i < NUM_WANTS; i++)
        requests[i] = make((enum want)i);
    for (size_t i = 0; i < NUM_OF(cases); i++) {
        char difference[ESA_DIFFERENCE_MAX];
        print_message("%s\n", cases[i].reason);
        assert_int_equal(esa_hostname_match(difference, &cases[i].found, cases[i].is_whole,
                                            requests[cases[i].want]),
                         cases[i].match);
        assert_non_null(strstr(difference, cases[i].says));
        assert_int_equal(difference[0] == '\0', cases[i].match != ESA_MATCH_DIFFERENT);
    }
    for (size_t i = 0; i < NUM_WANTS; i++)
        esa_request_free(requests[i]);
}

/* The longest texts of a service: cut, never over the end. */
static void test_long(void **state) {
    struct esa_request *request = make(UPLOAD);
    struct esa_hostname found = {.site_id = 1, .record_id = INT64_MAX};
    char difference[ESA_DIFFERENCE_MAX];
    (void)state;
    (void)snprintf(found.hostname, sizeof(found.hostname), "xn--bcher-kva.example");
    memset(found.ssl_flag, 'x', sizeof(found.ssl_flag) - 1);
    memset(found.cert_type, 'x', sizeof(found.cert_type) - 1);
    memset(found.cert_sha256, 'f', sizeof(found.cert_sha256) - 1);
    assert_int_equal(esa_hostname_match(difference, &found, true, request), ESA_MATCH_DIFFERENT);
    assert_true(strlen(difference) < ESA_DIFFERENCE_MAX);
    memset(found.hostname, 'x', sizeof(found.hostname) - 1);
    assert_int_equal(esa_hostname_match(difference, &found, true, request), ESA_MATCH_DIFFERENT);
    assert_true(strlen(difference) < ESA_DIFFERENCE_MAX);
    esa_request_free(request);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_match), cmocka_unit_test(test_long)};
    return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
