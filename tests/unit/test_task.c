/* task: what is sent after what, and what it comes to: the conversations of
 * task_conversations.def. */
#include "task_world.h"

enum said {
    ACCEPTED,
    NETWORK,    /* CP_ERR_NETWORK */
    NO_CRED,    /* CP_ERR_USAGE: this side can't send */
    LOST_REPLY, /* UNKNOWN */
    BUSY_NOW,
    CONFLICT,
    SKEW,
    NOT_FOUND,
    FORBIDDEN,
    THROTTLED, /* wait for an hour */
    NONCE,
    SET_FAILED,
    APPLY_FAILED,
    QUERY_FAILED,
    UNPASSED,
    NONE,       /* a list without it */
    MORE,       /* a page of 500 others, more to come */
    HOLLOW,     /* no row, though it says that there are some */
    FOREIGN,    /* only rows of other names and sites */
    TWO_IDS,    /* two rows of the name */
    SAME,       /* as wanted */
    OTHER,      /* another record */
    OTHER_CERT, /* another certificate, and no CertStatus */
    NO_CERT,    /* as wanted, but no certificate and no CertStatus */
    PENDING,    /* as wanted, pending */
    ALIEN,      /* a Get that answers for another id */
    RENAMED,    /* a Get whose name is another */
    OFFLINE,
    APPLYING,
    NO_APPLY, /* no CertStatus, all else as wanted */
};

struct turn {
    char op; /* C L G U D V A; 0: the end */
    enum said said;
};

enum { CREATE, UPDATE, DELETE, VERIFY, APPLY };

static const struct {
    int intent;
    unsigned flags;
    enum esa_goal goal;
    struct turn turns[12];
    enum esa_task_end end;
    const char *says; /* in why or in the difference */
    const char *reason;
} cases[] = {
#define CASE(...) {__VA_ARGS__},
#include "task_conversations.def"
};

static const char *const op_names[] = {
    ['C'] = "CreateCustomHostname",
    ['L'] = "ListCustomHostnames",
    ['G'] = "GetCustomHostname",
    ['U'] = "UpdateCustomHostname",
    ['D'] = "DeleteCustomHostname",
    ['V'] = "VerifyCustomHostname",
    ['A'] = "ApplyCustomHostnameCertificate",
};

static const char *const codes[] = {
    [BUSY_NOW] = "Site.ServiceBusy",
    [CONFLICT] = "CustomHostname.ConflictWithExistingResource",
    [SKEW] = "InvalidTimeStamp.Expired",
    [NOT_FOUND] = "CustomHostname.NotFound",
    [FORBIDDEN] = "Forbidden.RAM",
    [THROTTLED] = "Throttling.User",
    [NONCE] = "SignatureNonceUsed",
    [SET_FAILED] = "CustomHostname.SetCertFailed",
    [APPLY_FAILED] = "CustomHostname.ApplyCertFailed",
    [QUERY_FAILED] = "CustomHostname.QueryCasCertFailed",
    [UNPASSED] = "CustomHostname.VerifyUnpassed",
};

static void fill(struct esa_hostname *row, enum said said, const struct esa_request *creation) {
    *row = (struct esa_hostname){.hostname_id = 100, .site_id = 1};
    SET_TEXT(row->hostname, said == RENAMED ? "other.example" : "SHOP.example");
    fill_row(row, creation);
    SET_TEXT(row->verify_host, "_esa_custom_hostname.shop.example");
    SET_TEXT(row->verify_code, "c0de");
    if (said == OTHER)
        row->record_id = 3;
    if (said == NO_CERT)
        row->cert_sha256[0] = '\0';
    if (said == OTHER_CERT)
        SET_TEXT(row->cert_sha256, "00");
    if (said == NO_CERT || said == NO_APPLY || said == OTHER_CERT)
        row->cert_status = ESA_CERT_OTHER;
    if (said == ALIEN)
        row->hostname_id = 101;
    if (said == PENDING)
        row->status = ESA_STATUS_PENDING;
    if (said == OFFLINE)
        row->status = ESA_STATUS_OFFLINE;
    if (said == APPLYING)
        row->cert_status = ESA_CERT_APPLYING;
}

static enum cp_status say(struct world *world, struct esa_hostname *rows, enum said said, char op,
                          const struct esa_request *creation) {
    esa_outcome_init(&world->outcome);
    SET_TEXT(world->outcome.reason, "no reply");
    world->reply = (struct esa_reply){.hostnames = rows, .page = {.total_count = -1}};
    if (said == NETWORK || said == NO_CRED || said == LOST_REPLY)
        return said == NETWORK ? CP_ERR_NETWORK : said == NO_CRED ? CP_ERR_USAGE : CP_OK;
    if ((size_t)said < NUM_OF(codes) && codes[said] != NULL) {
        say_code(world, codes[said], said == THROTTLED ? 3600000 : -1);
        if (said == SKEW)
            SET_TEXT(world->outcome.reason, "this machine's clock is 1 h behind the service's");
        return CP_OK;
    }
    world->outcome.result = ESA_ACCEPTED;
    world->outcome.hostname_id = op == 'C' ? 100 : 0;
    if (said == NONE || said == ACCEPTED || said == HOLLOW) {
        world->reply.page.total_count = said == HOLLOW ? 3 : -1;
        return CP_OK;
    }
    for (size_t i = 0; i < 500; i++) {
        fill(&rows[i], SAME, creation);
        rows[i].hostname_id = 1000 + (int64_t)i;
        SET_TEXT(rows[i].hostname, i % 2 == 0 ? "a.example" : "shop.example");
        rows[i].site_id = i % 2 == 0 ? 1 : 2; /* each is wrong in one point */
    }
    world->reply.num_hostnames = said == MORE ? 500 : said == FOREIGN ? 2 : op == 'L' ? 3 : 1;
    if (said == MORE || said == FOREIGN)
        return CP_OK;
    fill(&rows[world->reply.num_hostnames - 1], said, creation);
    if (op == 'L')
        rows[world->reply.num_hostnames - 1].cert_sha256[0] = '\0'; /* only Get has it */
    if (said == TWO_IDS) {
        rows[0] = rows[2];
        rows[0].hostname_id = 99;
    }
    return CP_OK;
}

static struct esa_request *new_intention(int intent) {
    static const struct cp_prepared prepared = {FAKE_CHAIN, FAKE_KEY, "shop.example", FAKE_SHA256,
                                                1};
    struct cp_hostname *hostname = NULL;
    struct esa_request *request = NULL;
    enum cp_status status = CP_OK;
    if (intent == CREATE)
        return new_request(false);
    assert_int_equal(cp_hostname_new(&hostname, "shop.example", NULL), CP_OK);
    if (intent == UPDATE)
        status = esa_request_new_update_upload(&request, hostname, 100, 2, &prepared, NULL);
    else if (intent == DELETE)
        status = esa_request_new_delete(&request, 100, NULL);
    else if (intent == VERIFY)
        status = esa_request_new_verify(&request, 100, NULL);
    else
        status = esa_request_new_apply(&request, 100, NULL);
    assert_int_equal(status, CP_OK);
    cp_hostname_free(hostname);
    return request;
}

static void test_conversations(void **state) {
    static struct esa_hostname rows[500];
    struct esa_request *creation = new_request(false);
    (void)state;
    for (size_t i = 0; i < NUM_OF(cases); i++) {
        struct esa_request *intention = new_intention(cases[i].intent);
        const struct esa_task_options options = {.flags = cases[i].flags, .goal = cases[i].goal};
        struct esa_task *task = NULL;
        size_t at = 0;
        int64_t now_ms = 5;
        print_message("%s\n", cases[i].reason);
        assert_int_equal(esa_task_new(&task, intention, &options, NULL), CP_OK);
        for (;;) {
            struct world world = {0};
            const struct esa_request *request = NULL;
            enum esa_step step = esa_task_next(task, &request, &now_ms, now_ms, 0x80000000);
            const struct turn *turn = &cases[i].turns[at];
            if (step == ESA_STEP_END)
                break;
            if (step == ESA_STEP_WAIT)
                continue; /* now_ms is the time that it is waited for */
            assert_true(turn->op != 0);
            assert_string_equal(esa_request_operation(request)->name, op_names[(size_t)turn->op]);
            enum cp_status status = say(&world, rows, turn->said, turn->op, creation);
            const struct cp_error error = {.status = status,
                                           .message = "no connection, no credential"};
            esa_task_feed(task, status, &world.outcome, &world.reply, &error, now_ms);
            at++;
        }
        const struct esa_task_result *result = esa_task_result(task);
        if (result->end != cases[i].end)
            print_message("    %s: %s\n", esa_task_end_name(result->end), result->why);
        assert_int_equal(cases[i].turns[at].op, 0); /* all of it was said */
        assert_int_equal(result->end, cases[i].end);
        assert_true(strstr(result->why, cases[i].says) != NULL ||
                    strstr(result->difference, cases[i].says) != NULL);
        esa_task_free(task);
        esa_request_free(intention);
    }
    esa_request_free(creation);
}

/* ---- limits ---- */

static void test_waits(void **state) {
    static struct esa_hostname rows[500];
    struct esa_request *creation = new_request(false);
    const struct esa_task_options options = {.retry = {.settle_ms = 700, .slow_ms = 9000}};
    /* What was said, and how long it must be waited at least and at most before the next. */
    static const struct {
        enum said said;
        char op;
        int64_t least_ms, most_ms;
    } turns[] = {
        {BUSY_NOW, 'C', 0, 1000}, {BUSY_NOW, 'C', 0, 2000}, {SET_FAILED, 'C', 700, 700},
        {NONE, 'L', 1400, 1400},  {NONE, 'L', 9000, 30000}, {LOST_REPLY, 'C', 700, 700},
        {NONE, 'L', 1400, 1400},  {SAME, 'L', 0, 0},        {SAME, 'G', 0, 0},
    };
    struct esa_task *task = NULL;
    int64_t now_ms = 0;
    (void)state;
    assert_int_equal(esa_task_new(&task, creation, &options, NULL), CP_OK);
    for (size_t i = 0; i < NUM_OF(turns); i++) {
        struct world world = {0};
        const struct esa_request *request = NULL;
        int64_t until_ms = 0;
        assert_int_equal(esa_task_next(task, &request, &until_ms, now_ms, UINT32_MAX),
                         ESA_STEP_SEND);
        assert_string_equal(esa_request_operation(request)->name, op_names[(size_t)turns[i].op]);
        (void)say(&world, rows, turns[i].said, turns[i].op, creation);
        esa_task_feed(task, CP_OK, &world.outcome, &world.reply, NULL, now_ms);
        until_ms = now_ms;
        if (esa_task_next(task, &request, &until_ms, now_ms, UINT32_MAX) == ESA_STEP_END)
            break;
        assert_in_range(until_ms - now_ms, turns[i].least_ms, turns[i].most_ms);
        now_ms = until_ms;
    }
    assert_int_equal(esa_task_result(task)->end, ESA_TASK_DONE);
    esa_task_free(task);
    esa_request_free(creation);
}

/* One thing is said again and again, to the creation at first and then to whatever is sent. */
static const struct {
    struct esa_task_options options;
    enum said first, then;
    enum esa_task_end end;
    int64_t most_ms; /* that it may take */
    unsigned most_requests;
    const char *says, *reason;
} limits[] = {
    {{.retry = {.deadline_ms = 5000}},
     LOST_REPLY,
     NONE,
     ESA_TASK_UNKNOWN,
     5000,
     2,
     "shorter than the wait",
     "a deadline before the second look"},
    {{.retry = {.deadline_ms = 1}},
     LOST_REPLY,
     NONE,
     ESA_TASK_UNKNOWN,
     1,
     1,
     "look again later",
     "no time for any look"},
    {{.retry = {.max_requests = 2}},
     LOST_REPLY,
     NONE,
     ESA_TASK_UNKNOWN,
     5000,
     2,
     "2 requests were sent",
     "no more requests"},
    {{.retry = {.max_attempts = 1}},
     LOST_REPLY,
     NONE,
     ESA_TASK_UNKNOWN,
     60000,
     3,
     "does not show it after 1",
     "no retry: two looks, and no second creation"},
    {{.retry = {.max_attempts = 1}},
     BUSY_NOW,
     NONE,
     ESA_TASK_REFUSED,
     0,
     1,
     "Site.ServiceBusy",
     "no retry of a refusal"},
    {{.retry = {.deadline_ms = -1, .max_requests = 90}},
     LOST_REPLY,
     LOST_REPLY,
     ESA_TASK_UNKNOWN,
     200000,
     6,
     "looking for it",
     "no deadline: the number of tries ends it"},
    {{.goal = ESA_GOAL_ACTIVE, .goal_ms = 12000},
     ACCEPTED,
     PENDING,
     ESA_TASK_STOPPED,
     12000,
     4,
     "pending",
     "never active: it says what was waited for"},
    {{.goal = ESA_GOAL_ACTIVE, .goal_ms = 12000},
     ACCEPTED,
     NETWORK,
     ESA_TASK_STOPPED,
     12000,
     4,
     "",
     "never a look"},
    {{.goal = ESA_GOAL_ACTIVE,
      .goal_ms = 400000,
      .retry = {.deadline_ms = 5000, .max_requests = 3}},
     ACCEPTED,
     PENDING,
     ESA_TASK_STOPPED,
     400000,
     82,
     "pending",
     "the goal has its own time, and its looks don't count"},
    {{.goal = ESA_GOAL_ACTIVE},
     ACCEPTED,
     NOT_FOUND,
     ESA_TASK_STOPPED,
     60000,
     8,
     "NotFound",
     "gone after it was made"},
};

static void test_limits(void **state) {
    static struct esa_hostname rows[500];
    struct esa_request *creation = new_request(false);
    (void)state;
    for (size_t i = 0; i < NUM_OF(limits); i++) {
        const struct esa_request *request = NULL;
        struct esa_task *task = NULL;
        unsigned num_requests = 0;
        int64_t now_ms = 0;
        print_message("%s\n", limits[i].reason);
        assert_int_equal(esa_task_new(&task, creation, &limits[i].options, NULL), CP_OK);
        for (;;) {
            struct world world = {0};
            const struct cp_error error = {.status = CP_ERR_NETWORK, .message = "no connection"};
            enum esa_step step = esa_task_next(task, &request, &now_ms, now_ms, UINT32_MAX);
            if (step == ESA_STEP_END)
                break;
            if (step == ESA_STEP_WAIT)
                continue;
            bool is_first = num_requests++ == 0;
            char op = is_op(request, "CreateCustomHostname") ? 'C' : 'G';
            enum cp_status status =
                say(&world, rows, is_first ? limits[i].first : limits[i].then, op, creation);
            esa_task_feed(task, status, &world.outcome, &world.reply, &error, now_ms);
        }
        const struct esa_task_result *result = esa_task_result(task);
        if (result->end != limits[i].end || now_ms > limits[i].most_ms)
            print_message("    %s after %d ms, %u requests: %s\n", esa_task_end_name(result->end),
                          (int)now_ms, num_requests, result->why);
        assert_int_equal(result->end, limits[i].end);
        assert_true(now_ms <= limits[i].most_ms);
        assert_true(num_requests <= limits[i].most_requests);
        assert_non_null(strstr(result->why, limits[i].says));
        esa_task_free(task);
    }
    esa_request_free(creation);
}

/* ---- cancel ---- */

static const struct {
    struct turn turns[3];
    bool is_out; /* cancelled while a request is out */
    enum esa_goal goal;
    enum esa_task_end end;
    const char *reason;
} cancels[] = {
    {{{0}}, false, 0, ESA_TASK_NOT_SENT, "before anything was sent"},
    {{{0}}, true, 0, ESA_TASK_UNKNOWN, "while the creation is out"},
    {{{'C', BUSY_NOW}}, false, 0, ESA_TASK_REFUSED, "while waiting after a refusal"},
    {{{'C', NETWORK}}, false, 0, ESA_TASK_NOT_SENT, "while waiting for a connection"},
    {{{'C', LOST_REPLY}}, false, 0, ESA_TASK_UNKNOWN, "before the look"},
    {{{'C', LOST_REPLY}}, true, 0, ESA_TASK_UNKNOWN, "while the look is out"},
    {{{'C', LOST_REPLY}, {'L', NONE}}, false, 0, ESA_TASK_UNKNOWN, "after one absence"},
    {{{'C', CONFLICT}}, true, 0, ESA_TASK_REFUSED, "while the look at a conflict is out"},
    {{{'C', ACCEPTED}}, true, ESA_GOAL_ACTIVE, ESA_TASK_STOPPED, "while following"},
    {{{'C', ACCEPTED}, {'G', PENDING}},
     true,
     ESA_GOAL_ACTIVE,
     ESA_TASK_STOPPED,
     "while a verification is out"},
    {{{'C', ACCEPTED}}, false, 0, ESA_TASK_DONE, "after the end: no effect"},
};

static void test_cancel(void **state) {
    static struct esa_hostname rows[500];
    struct esa_request *creation = new_request(false);
    (void)state;
    for (size_t i = 0; i < NUM_OF(cancels); i++) {
        const struct esa_task_options options = {.flags = ESA_TASK_VERIFY, .goal = cancels[i].goal};
        const struct esa_request *request = NULL;
        struct esa_task *task = NULL;
        struct world world = {0};
        int64_t now_ms = 5;
        print_message("%s\n", cancels[i].reason);
        assert_int_equal(esa_task_new(&task, creation, &options, NULL), CP_OK);
        for (size_t at = 0; at < NUM_OF(cancels[i].turns) && cancels[i].turns[at].op != 0; at++) {
            const struct cp_error error = {.status = CP_ERR_NETWORK, .message = "no connection"};
            while (esa_task_next(task, &request, &now_ms, now_ms, 0) == ESA_STEP_WAIT) {
            }
            enum cp_status status =
                say(&world, rows, cancels[i].turns[at].said, cancels[i].turns[at].op, creation);
            esa_task_feed(task, status, &world.outcome, &world.reply, &error, now_ms);
        }
        if (cancels[i].is_out)
            while (esa_task_next(task, &request, &now_ms, now_ms, 0) == ESA_STEP_WAIT) {
            }
        esa_task_cancel(task, "cancelled");
        assert_int_equal(esa_task_result(task)->end, cancels[i].end);
        /* What comes in afterwards changes nothing. */
        (void)say(&world, rows, ACCEPTED, 'C', creation);
        esa_task_feed(task, CP_OK, &world.outcome, &world.reply, NULL, now_ms);
        esa_task_cancel(task, "again");
        assert_int_equal(esa_task_result(task)->end, cancels[i].end);
        assert_int_equal(esa_task_next(task, &request, &now_ms, now_ms, 0), ESA_STEP_END);
        esa_task_free(task);
    }
    esa_request_free(creation);
}

static void test_new(void **state) {
    struct esa_request *get = NULL;
    struct esa_request *deletion = new_intention(DELETE);
    struct esa_task *task = NULL;
    const struct esa_task_options active = {.goal = ESA_GOAL_ACTIVE};
    const struct esa_task_options bad = {.poll_ms = -1};
    const struct esa_task_options bad_retry = {.retry = {.max_attempts = 5000}};
    (void)state;
    assert_int_equal(esa_request_new_get(&get, 5, NULL), CP_OK);
    assert_int_equal(esa_task_new(&task, get, NULL, NULL), CP_ERR_USAGE);
    assert_int_equal(esa_task_new(&task, deletion, &active, NULL), CP_ERR_USAGE);
    assert_int_equal(esa_task_new(&task, deletion, &bad, NULL), CP_ERR_USAGE);
    assert_int_equal(esa_task_new(&task, deletion, &bad_retry, NULL), CP_ERR_USAGE);
    assert_null(task);
    assert_int_equal(esa_task_new(&task, deletion, NULL, NULL), CP_OK);
    esa_task_free(task);
    esa_task_free(NULL);
    for (int end = ESA_TASK_OPEN; end <= ESA_TASK_NOT_SENT; end++)
        for (int other = ESA_TASK_OPEN; other < end; other++)
            assert_string_not_equal(esa_task_end_name((enum esa_task_end)end),
                                    esa_task_end_name((enum esa_task_end)other));
    esa_request_free(get);
    esa_request_free(deletion);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations), cmocka_unit_test(test_waits),
        cmocka_unit_test(test_limits),        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_new),
    };
    return cmocka_run_group_tests_name("task", tests, NULL, NULL);
}
