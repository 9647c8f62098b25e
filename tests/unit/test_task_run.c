/* run: a task from begin to end over a transport in memory: who is told, and when it is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/esa_task.h"
#include "apiclient/transport.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define CREATED "{\"RequestId\":\"R\",\"HostnameId\":9007199254740993,\"Hostname\":\"a.example\"}"
#define ROW                                                                                        \
    "{\"HostnameId\":9007199254740993,\"Hostname\":\"a.example\",\"SiteId\":1,\"RecordId\":2,"     \
    "\"Status\":\"active\",\"SslFlag\":\"off\"}"
#define LISTED                                                                                     \
    "{\"RequestId\":\"R\",\"PageNumber\":1,\"PageSize\":500,\"TotalCount\":1,\"Hostnames\":[" ROW  \
    "]}"
#define BUSY "{\"Code\":\"Site.ServiceBusy\",\"Message\":\"busy\"}"

struct wire {
    const char *bodies[4]; /* NULL: no reply; "": not connected */
    unsigned num_calls;
    unsigned cancel_after; /* calls; UINT_MAX: never */
    char log[512];         /* what the watcher was told */
};

static enum cp_status transport(void *context, struct esa_http_reply *reply,
                                const struct esa_http_request *request, struct cp_error *err) {
    struct wire *wire = context;
    const char *body = wire->num_calls < NUM_OF(wire->bodies) ? wire->bodies[wire->num_calls] : "";
    (void)request;
    wire->num_calls++;
    *reply = (struct esa_http_reply){.reach = ESA_REACH_NO_REPLY};
    if (body == NULL)
        return CP_OK;
    reply->reach = body[0] == '\0' ? ESA_REACH_NOT_CONNECTED : ESA_REACH_REPLY;
    reply->status = strstr(body, "Code") != NULL ? 400 : 200;
    reply->has_length = true;
    enum cp_status status = cp_secret_init(&reply->body, 65536, err);
    return status == CP_OK ? cp_secret_append(&reply->body, body, strlen(body), err) : status;
}

static bool cancel(void *context) {
    const struct wire *wire = context;
    return wire->num_calls >= wire->cancel_after;
}

static void watch(void *context, const struct esa_request *request,
                  const struct esa_outcome *outcome, const struct cp_error *error,
                  int64_t wait_ms) {
    struct wire *wire = context;
    size_t len = strlen(wire->log);
    char *at = wire->log + len;
    size_t room = sizeof(wire->log) - len;
    if (request == NULL)
        (void)snprintf(at, room, "%s", wait_ms > 0 ? "wait " : "no-wait ");
    else if (outcome != NULL)
        (void)snprintf(at, room, "%s ", esa_result_name(outcome->result));
    else if (error != NULL)
        (void)snprintf(at, room, "%s ", error->status == CP_ERR_NETWORK ? "network" : "error");
    else
        (void)snprintf(at, room, "%.4s:", esa_request_operation(request)->name);
}

static const struct {
    const char *bodies[4];
    unsigned cancel_after;
    enum esa_task_end end;
    int64_t hostname_id;
    unsigned num_calls;
    const char *log; /* a wait may have length 0, by its jitter, and is not told then */
    const char *reason;
} cases[] = {
    {{CREATED}, UINT32_MAX, ESA_TASK_DONE, 9007199254740993, 1, "Crea:ACCEPTED ", "accepted"},
    {{NULL, LISTED},
     UINT32_MAX,
     ESA_TASK_DONE,
     9007199254740993,
     2,
     "Crea:UNKNOWN wait List:ACCEPTED ",
     "reconciled, after a wait"},
    {{CREATED}, 0, ESA_TASK_NOT_SENT, 0, 0, "", "cancelled before it began"},
    {{NULL, LISTED},
     1,
     ESA_TASK_UNKNOWN,
     0,
     1,
     "Crea:UNKNOWN ",
     "cancelled while the creation was out: nothing more is sent"},
    {{BUSY, CREATED}, 1, ESA_TASK_REFUSED, 0, 1, "Crea:REFUSED ", "cancelled after a refusal"},
    {{"", CREATED}, 1, ESA_TASK_NOT_SENT, 0, 1, "Crea:network ", "cancelled without a connection"},
    {{CREATED},
     1,
     ESA_TASK_DONE,
     9007199254740993,
     1,
     "Crea:ACCEPTED ",
     "cancelled too late: it is done"},
};

static void test_run(void **state) {
    struct cp_hostname *hostname = NULL;
    struct esa_request *request = NULL;
    struct esa_credential *credential = NULL;
    (void)state;
    assert_int_equal(setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "testAK", 1), 0);
    assert_int_equal(setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testSK", 1), 0);
    assert_int_equal(esa_credential_new(&credential, NULL, NULL), CP_OK);
    assert_int_equal(cp_hostname_new(&hostname, "a.example", NULL), CP_OK);
    assert_int_equal(esa_request_new_off(&request, hostname, 1, 2, NULL), CP_OK);
    for (size_t i = 0; i < NUM_OF(cases); i++) {
        struct wire wire = {.cancel_after = cases[i].cancel_after};
        const struct esa_client_options client_options = {.endpoint = "127.0.0.1:1",
                                                          .credential = credential,
                                                          .transport = transport,
                                                          .transport_context = &wire,
                                                          .cancel = cancel,
                                                          .cancel_context = &wire};
        const struct esa_task_options options = {
            .retry = {.base_ms = 1, .cap_ms = 1, .settle_ms = 2}};
        struct esa_client *client = NULL;
        struct esa_task *task = NULL;
        print_message("%s\n", cases[i].reason);
        memcpy(wire.bodies, cases[i].bodies, sizeof(wire.bodies));
        assert_int_equal(esa_client_new(&client, &client_options, NULL), CP_OK);
        assert_int_equal(esa_task_new(&task, request, &options, NULL), CP_OK);
        esa_client_run(client, task, watch, &wire);
        assert_int_equal(esa_task_result(task)->end, cases[i].end);
        assert_int_equal(esa_task_result(task)->hostname_id, cases[i].hostname_id);
        assert_int_equal(wire.num_calls, cases[i].num_calls);
        assert_string_equal(wire.log, cases[i].log);
        esa_task_free(task);
        esa_client_free(client);
    }
    esa_request_free(request);
    cp_hostname_free(hostname);
    esa_credential_free(credential);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_run)};
    return cmocka_run_group_tests_name("task_run", tests, NULL, NULL);
}
