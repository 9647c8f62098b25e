/* multi: bookkeeping, over a transport in memory; the wire is walked by cli/faults_walk.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/esa_task.h"
#include "apiclient/transport.h"

struct wire {
    enum cp_status status;
    enum esa_reach reach;
    const char *body;
    unsigned num_calls;
};

static enum cp_status transport(void *context, struct esa_http_reply *reply,
                                const struct esa_http_request *request, struct cp_error *err) {
    struct wire *wire = context;
    (void)request;
    wire->num_calls++;
    *reply = (struct esa_http_reply){.reach = wire->reach, .status = 200, .has_length = true};
    if (wire->status != CP_OK)
        return cp_fail(err, wire->status, "stand-in");
    enum cp_status status = cp_secret_init(&reply->body, 4096, err);
    if (status != CP_OK)
        return status;
    return cp_secret_append(&reply->body, wire->body, strlen(wire->body), err);
}

struct fixture {
    struct wire wire;
    struct esa_credential *credential;
    struct esa_client *client;
    struct esa_request *request;
};

static int set_up(void **state) {
    static struct fixture fixture;
    fixture = (struct fixture){
        .wire = {.reach = ESA_REACH_REPLY,
                 .body =
                     "{\"RequestId\":\"R\",\"Sites\":[{\"SiteId\":5,\"SiteName\":\"a.example\"}],"
                     "\"PageNumber\":1,\"PageSize\":500,\"TotalCount\":1}"}};
    assert_int_equal(setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "testAK", 1), 0);
    assert_int_equal(setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testSK", 1), 0);
    assert_int_equal(esa_credential_new(&fixture.credential, NULL, NULL), CP_OK);
    const struct esa_client_options options = {.endpoint = "127.0.0.1:1",
                                               .credential = fixture.credential,
                                               .transport = transport,
                                               .transport_context = &fixture.wire};
    assert_int_equal(esa_client_new(&fixture.client, &options, NULL), CP_OK);
    assert_int_equal(esa_request_new_list_sites(&fixture.request, NULL, NULL, 1, 500, NULL), CP_OK);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    esa_request_free(fixture->request);
    esa_client_free(fixture->client);
    esa_credential_free(fixture->credential);
    return 0;
}

static void test_bounds(void **state) {
    struct fixture *fixture = *state;
    struct esa_multi *multi = NULL;
    assert_int_equal(esa_multi_new(&multi, fixture->client, 0, NULL), CP_ERR_USAGE);
    assert_int_equal(esa_multi_new(&multi, fixture->client, ESA_MULTI_MAX + 1, NULL), CP_ERR_USAGE);
    assert_null(multi);
    assert_int_equal(esa_multi_new(&multi, fixture->client, ESA_MULTI_MAX, NULL), CP_OK);
    esa_multi_free(multi);
    esa_multi_free(NULL);
}

/* Each result comes once, with its user; a slot is taken until its result is. */
static void test_slots(void **state) {
    struct fixture *fixture = *state;
    struct esa_multi *multi = NULL;
    struct esa_multi_result result;
    struct cp_error err = {0};
    int users[3] = {0, 0, 0};
    bool has_result = true;
    assert_int_equal(esa_multi_new(&multi, fixture->client, 3, NULL), CP_OK);
    assert_int_equal(esa_multi_wait(multi, &has_result, &result, 60000, NULL), CP_OK);
    assert_false(has_result); /* nothing under way: at once, not after a minute */
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(esa_multi_start(multi, fixture->request, &users[i], NULL), CP_OK);
    assert_int_equal(esa_multi_num_active(multi), 3);
    assert_int_equal(esa_multi_start(multi, fixture->request, NULL, &err), CP_ERR_LIMIT);
    assert_int_equal(fixture->wire.num_calls, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(esa_multi_wait(multi, &has_result, &result, 0, NULL), CP_OK);
        assert_true(has_result);
        assert_int_equal(result.status, CP_OK);
        assert_int_equal(result.outcome.result, ESA_ACCEPTED);
        assert_int_equal(esa_reply_site(result.reply, 0)->site_id, 5);
        ++*(int *)result.user;
        esa_reply_free(result.reply);
        assert_int_equal(esa_multi_num_active(multi), 2 - i);
    }
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(users[i], 1);
    /* What is not taken is freed with it. */
    assert_int_equal(esa_multi_start(multi, fixture->request, NULL, NULL), CP_OK);
    esa_multi_free(multi);
}

static const struct {
    enum cp_status status;
    enum esa_reach reach;
    const char *body;
    enum cp_status want;
    enum esa_result result;
    const char *reason;
} ends[] = {
    {CP_OK, ESA_REACH_NOT_CONNECTED, "", CP_ERR_NETWORK, ESA_UNKNOWN, "nothing was sent"},
    {CP_OK, ESA_REACH_NO_REPLY, "", CP_OK, ESA_UNKNOWN, "sent, no reply"},
    {CP_OK, ESA_REACH_REPLY_CUT, "{", CP_OK, ESA_UNKNOWN, "cut"},
    {CP_OK, ESA_REACH_REPLY, "{\"Code\":\"Site.ServiceBusy\"}", CP_OK, ESA_REFUSED, "refused"},
    {CP_ERR_MEMORY, ESA_REACH_NOT_CONNECTED, "", CP_ERR_MEMORY, ESA_UNKNOWN, "nothing was tried"},
};

static void test_ends(void **state) {
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct esa_multi *multi = NULL;
        struct esa_multi_result result;
        bool has_result = false;
        print_message("%s\n", ends[i].reason);
        fixture->wire = (struct wire){ends[i].status, ends[i].reach, ends[i].body, 0};
        assert_int_equal(esa_multi_new(&multi, fixture->client, 1, NULL), CP_OK);
        assert_int_equal(esa_multi_start(multi, fixture->request, NULL, NULL), CP_OK);
        assert_int_equal(esa_multi_wait(multi, &has_result, &result, 0, NULL), CP_OK);
        assert_true(has_result);
        assert_int_equal(result.status, ends[i].want);
        assert_int_equal(result.outcome.result, ends[i].result);
        assert_null(result.reply);
        assert_int_equal(result.error.message[0] != '\0', ends[i].want != CP_OK);
        assert_int_equal(fixture->wire.num_calls, 1);
        esa_multi_free(multi);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bounds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_slots, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ends, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("multi", tests, NULL, NULL);
}
