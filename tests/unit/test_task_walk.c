/* task: walked through every short sequence of faults. Whatever happens on the way, one hostname is
 * made once, and what the task says of it is true. */
#include "task_world.h"

/* What stands before the task begins. */
enum before { NOTHING, EQUAL_ROW, OTHER_ROW, NUM_BEFORE };

struct setting {
    bool is_unique;
    int64_t late_ms, lag_ms;
    enum before before;
    unsigned flags;
    size_t depth;
    const char *reason;
};

/* Where nothing but the task itself guards against a second creation, the service's delays are
 * bounded by what the task waits: 3 s to settle and 6 s between two looks. */
static const struct setting settings[] = {
    {false, 0, 0, NOTHING, 0, 4, "a service that takes the same name twice"},
    {false, 4000, 4000, NOTHING, 0, 4, "the same, with acting late and showing late"},
    {false, 8900, 0, NOTHING, 0, 3, "acting as late as can be waited for"},
    {false, 0, 8900, NOTHING, 0, 3, "showing as late as can be waited for"},
    {false, 4000, 4000, NOTHING, ESA_TASK_LOOK_FIRST, 3, "looking first"},
    {false, 4000, 4000, NOTHING, ESA_TASK_RESUME, 3, "after an earlier run"},
    {true, 60000, 2000, NOTHING, 0, 4, "names are unique, acting a minute late"},
    {true, 60000, 2000, NOTHING, ESA_TASK_UPDATE, 3, "the same, with leave to update"},
    {true, 0, 0, EQUAL_ROW, 0, 3, "it is there already"},
    {true, 0, 0, EQUAL_ROW, ESA_TASK_LOOK_FIRST, 3, "it is there already, looking first"},
    {true, 0, 0, EQUAL_ROW, ESA_TASK_RESUME, 3, "an earlier run made it"},
    {true, 0, 0, OTHER_ROW, 0, 3, "something different is there"},
    {true, 0, 0, OTHER_ROW, ESA_TASK_UPDATE, 3, "something different is there, to be updated"},
    {true, 0, 0, OTHER_ROW, ESA_TASK_LOOK_FIRST | ESA_TASK_UPDATE, 3, "the same, looking first"},
};

struct requests {
    struct esa_request *creation, *other;
};

static size_t num_equal(const struct world *world, const struct esa_request *creation) {
    size_t num = 0;
    for (size_t i = 0; i < world->num_rows; i++) {
        char difference[ESA_DIFFERENCE_MAX];
        num += esa_hostname_match(difference, &world->rows[i], true, creation) == ESA_MATCH_EQUAL;
    }
    return num;
}

static bool is_due(const struct world *world) {
    for (size_t i = 0; i < world->num_due; i++)
        if (world->due_ms[i] >= 0)
            return true;
    return false;
}

/* With fewer faults in a row than there are tries, and all the time there is, it must come to a
 * good end: that the invariants hold is no merit if it always gives up. */
static void check(const struct setting *setting, const struct world *world,
                  const struct esa_task_result *result, const struct requests *requests) {
    bool is_good = result->end == ESA_TASK_DONE || result->end == ESA_TASK_EQUAL ||
                   result->end == ESA_TASK_UPDATED;
    bool may_update = (setting->flags & ESA_TASK_UPDATE) != 0;
    assert_true(world->acted <= 1);
    assert_int_equal(result->num_creations, world->sent);
    assert_true(result->num_requests <= world->num_requests);
    if (is_good) {
        assert_int_equal(num_equal(world, requests->creation), 1);
        assert_int_equal(result->hostname_id, world->rows[0].hostname_id);
    }
    if (result->end == ESA_TASK_REFUSED || result->end == ESA_TASK_NOT_SENT)
        assert_true(world->acted == 0 && !is_due(world));
    if (setting->before == NOTHING)
        assert_int_equal(result->end, ESA_TASK_DONE);
    if (setting->before == EQUAL_ROW) {
        assert_int_equal(world->acted, 0);
        assert_true(is_good && result->end != ESA_TASK_UPDATED);
    }
    if (setting->before == OTHER_ROW) {
        assert_int_equal(world->acted, 0);
        assert_int_equal(result->end, may_update ? ESA_TASK_UPDATED : ESA_TASK_DIFFERENT);
        assert_int_equal(num_equal(world, requests->creation), may_update ? 1 : 0);
        assert_non_null(strstr(result->difference, "RecordId is 3, want 2"));
    }
}

static void walk(const struct setting *setting, const enum fault *script,
                 const struct requests *requests) {
    struct world world = {.is_unique = setting->is_unique,
                          .late_ms = setting->late_ms,
                          .lag_ms = setting->lag_ms,
                          .script = script,
                          .num_script = setting->depth};
    const struct esa_task_options options = {
        .retry = {.deadline_ms = -1, .max_requests = 200, .settle_ms = SETTLE_MS},
        .flags = setting->flags,
    };
    struct esa_task *task = NULL;
    if (setting->before == EQUAL_ROW)
        (void)add_row(&world, requests->creation, -1000000);
    else if (setting->before == OTHER_ROW)
        (void)add_row(&world, requests->other, -1000000);
    assert_int_equal(esa_task_new(&task, requests->creation, &options, NULL), CP_OK);
    (void)run_task(task, &world, requests->creation);
    check(setting, &world, esa_task_result(task), requests);
    esa_task_free(task);
}

static void test_walk(void **state) {
    struct requests requests = {new_request(false), new_request(true)};
    (void)state;
    for (size_t i = 0; i < NUM_OF(settings); i++) {
        enum fault script[4] = {NO_FAULT};
        size_t num_walks = 0;
        bool is_over = false;
        print_message("%s\n", settings[i].reason);
        while (!is_over) {
            walk(&settings[i], script, &requests);
            num_walks++;
            size_t place = 0;
            while (place < settings[i].depth && script[place] == NUM_FAULTS - 1)
                script[place++] = NO_FAULT;
            is_over = place == settings[i].depth;
            if (!is_over)
                script[place]++;
        }
        assert_int_equal(num_walks, settings[i].depth == 4 ? 10000 : 1000);
    }
    esa_request_free(requests.creation);
    esa_request_free(requests.other);
}

/* Faults without end: it gives up, within its limits, and says no more than it knows. */
static void test_endless_faults(void **state) {
    struct requests requests = {new_request(false), new_request(true)};
    (void)state;
    for (enum fault fault = NOT_CONNECTED; fault < NUM_FAULTS; fault++) {
        enum fault script[100];
        struct world world = {.script = script, .num_script = 100, .late_ms = 4000};
        const struct esa_task_options options = {.retry = {.settle_ms = SETTLE_MS}};
        struct esa_task *task = NULL;
        for (size_t i = 0; i < 100; i++)
            script[i] = fault;
        assert_int_equal(esa_task_new(&task, requests.creation, &options, NULL), CP_OK);
        int64_t end_ms = run_task(task, &world, requests.creation);
        const struct esa_task_result *result = esa_task_result(task);
        print_message("fault %d: %s after %d s: %s\n", (int)fault, esa_task_end_name(result->end),
                      (int)((end_ms - 1000000) / 1000), result->why);
        assert_true(world.acted <= 1);
        assert_true(end_ms - 1000000 <= 310000);
        assert_true(world.num_requests <= 24);
        assert_true(world.sent <= 5);
        assert_int_equal(result->end, fault == NOT_CONNECTED ? ESA_TASK_NOT_SENT
                                      : fault == BUSY        ? ESA_TASK_REFUSED
                                                             : ESA_TASK_UNKNOWN);
        assert_true(result->why[0] != '\0');
        assert_int_equal(result->error.status,
                         fault == NOT_CONNECTED ? CP_ERR_NETWORK : result->error.status);
        esa_task_free(task);
    }
    esa_request_free(requests.creation);
    esa_request_free(requests.other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_endless_faults),
    };
    return cmocka_run_group_tests_name("task_walk", tests, NULL, NULL);
}
