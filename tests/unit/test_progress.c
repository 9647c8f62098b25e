/* progress: reached, waiting, or never. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/esa_task.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PENDING .status = ESA_STATUS_PENDING, .status_text = "pending"
#define ACTIVE .status = ESA_STATUS_ACTIVE, .status_text = "active"
#define OWNER .verify_host = "_esa_custom_hostname.a.example", .verify_code = "c0de"
#define FREE .ssl_flag = "on", .cert_type = "free"
#define UPLOAD .ssl_flag = "on", .cert_type = "upload"
#define TXT .cert_txt_key = "_acme-challenge.a.example", .cert_txt_value = "v"
#define HTTP .cert_http_key = "http://a.example/x", .cert_http_value = "v"

static const struct {
    struct esa_hostname found;
    enum esa_goal goal;
    enum esa_progress want;
    const char *says, *reason;
} cases[] = {
    {{PENDING}, ESA_GOAL_NONE, ESA_PROGRESS_REACHED, "", "nothing to wait for"},
    {{PENDING, UPLOAD, OWNER}, ESA_GOAL_RECORDS, ESA_PROGRESS_REACHED, "", "one record is all"},
    {{PENDING, UPLOAD}, ESA_GOAL_RECORDS, ESA_PROGRESS_WAITING, "ownership", "no record yet"},
    {{PENDING, UPLOAD, .verify_code = "c"},
     ESA_GOAL_RECORDS,
     ESA_PROGRESS_WAITING,
     "ownership",
     "a record without its name"},
    {{PENDING, FREE, OWNER},
     ESA_GOAL_RECORDS,
     ESA_PROGRESS_WAITING,
     "certification authority",
     "free: the authority's own lacks"},
    {{PENDING, FREE, OWNER, TXT}, ESA_GOAL_RECORDS, ESA_PROGRESS_REACHED, "", "free, by TXT"},
    {{PENDING, FREE, OWNER, HTTP}, ESA_GOAL_RECORDS, ESA_PROGRESS_REACHED, "", "free, by HTTP"},
    {{PENDING, FREE, TXT}, ESA_GOAL_RECORDS, ESA_PROGRESS_WAITING, "ownership", "only the other"},
    {{PENDING, .ssl_flag = "off", OWNER}, ESA_GOAL_RECORDS, ESA_PROGRESS_REACHED, "", "no TLS"},
    {{ACTIVE, FREE}, ESA_GOAL_RECORDS, ESA_PROGRESS_REACHED, "", "active: no record is needed"},
    {{.status = ESA_STATUS_CONFLICTED, UPLOAD, OWNER},
     ESA_GOAL_RECORDS,
     ESA_PROGRESS_REACHED,
     "",
     "the records were asked for, and are there"},
    {{.status = ESA_STATUS_CONFLICTED, UPLOAD},
     ESA_GOAL_RECORDS,
     ESA_PROGRESS_STOPPED,
     "conflicted",
     "none will come"},
    {{PENDING, UPLOAD, OWNER},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_WAITING,
     "_esa_custom_hostname.a",
     "says which record is waited for"},
    {{.status = ESA_STATUS_CONFIGURING, .status_text = "configuring", UPLOAD},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_WAITING,
     "configuring",
     "at work"},
    {{ACTIVE, UPLOAD, .cert_status = ESA_CERT_OK},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_REACHED,
     "",
     "an uploaded certificate may be active at once"},
    {{ACTIVE, FREE, .cert_status = ESA_CERT_EXPIRING},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_REACHED,
     "",
     "it serves while it is to be renewed"},
    {{ACTIVE, .ssl_flag = "off"},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_REACHED,
     "",
     "no TLS, no certificate"},
    {{ACTIVE, .ssl_flag = "off", .cert_status = ESA_CERT_EXPIRED},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_REACHED,
     "",
     "a certificate that is not served does not count"},
    {{ACTIVE, FREE, .cert_status = ESA_CERT_APPLYING, .cert_status_text = "Applying"},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_WAITING,
     "Applying",
     "the certificate is on its way"},
    {{ACTIVE, FREE}, ESA_GOAL_ACTIVE, ESA_PROGRESS_WAITING, "not said", "no word of a certificate"},
    {{ACTIVE, FREE, .cert_status_text = "Novel"},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_WAITING,
     "Novel",
     "an unknown value is not taken for OK"},
    {{ACTIVE, FREE, .cert_status = ESA_CERT_APPLY_FAILED, .cert_apply_code = "caa",
      .cert_apply_message = "CAA forbids"},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_STOPPED,
     "CAA forbids",
     "says why"},
    {{ACTIVE, FREE, .cert_status = ESA_CERT_EXPIRED},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_STOPPED,
     "expired",
     "expired"},
    {{.status = ESA_STATUS_CONFLICTED, UPLOAD, .conflict_with = "existing_site"},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_STOPPED,
     "existing_site",
     "says with what"},
    {{.status = ESA_STATUS_OFFLINE, UPLOAD, .offline_reason = "missing_icp"},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_STOPPED,
     "missing_icp",
     "says why"},
    {{.status = ESA_STATUS_OFFLINE, .ssl_flag = "off"},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_STOPPED,
     "not said",
     "offline without a reason"},
    {{.status = ESA_STATUS_OTHER, .status_text = "novel", UPLOAD, .cert_status = ESA_CERT_OK},
     ESA_GOAL_ACTIVE,
     ESA_PROGRESS_WAITING,
     "novel",
     "an unknown status is not taken for active"},
};

static void test_progress(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(cases); i++) {
        char why[ESA_REASON_MAX];
        print_message("%s\n", cases[i].reason);
        assert_int_equal(esa_hostname_progress(why, &cases[i].found, cases[i].goal), cases[i].want);
        assert_non_null(strstr(why, cases[i].says));
        assert_int_equal(why[0] == '\0', cases[i].want == ESA_PROGRESS_REACHED);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_progress)};
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
