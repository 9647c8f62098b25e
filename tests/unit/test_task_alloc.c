/* task: out of memory at every place. What a task has sent by then stays sent, so it may not say
 * less than it knows, nor more. */
#include <sys/mman.h>
#include <sys/types.h>

#include "task_world.h"

static unsigned count;
static unsigned fail_at; /* this allocation of the libraries fails; 0: none */
static bool and_later;   /* and so do all that follow */
static bool has_failed;

void *__real_calloc(size_t num, size_t size);
void *__real_mmap(void *place, size_t len, int protection, int flags, int fd, off_t offset);
void *__wrap_calloc(size_t num, size_t size);
void *__wrap_mmap(void *place, size_t len, int protection, int flags, int fd, off_t offset);

static bool fails(void) {
    count++;
    bool now = fail_at != 0 && (count == fail_at || (and_later && count > fail_at));
    has_failed = has_failed || now;
    return now;
}

void *__wrap_calloc(size_t num, size_t size) {
    return fails() ? NULL : __real_calloc(num, size);
}

void *__wrap_mmap(void *place, size_t len, int protection, int flags, int fd, off_t offset) {
    return fails() ? MAP_FAILED : __real_mmap(place, len, protection, flags, fd, offset);
}

static const struct {
    enum fault script[4];
    unsigned flags;
    enum esa_goal goal;
    bool has_other; /* something different is there */
    const char *reason;
} cases[] = {
    {{NO_FAULT}, 0, ESA_GOAL_NONE, false, "accepted"},
    {{NO_FAULT}, 0, ESA_GOAL_ACTIVE, false, "accepted and followed"},
    {{ACTED_LOST}, 0, ESA_GOAL_NONE, false, "reconciled"},
    {{LOST, NOT_CONNECTED}, 0, ESA_GOAL_NONE, false, "created again"},
    {{ACTED_SET_FAILED}, 0, ESA_GOAL_NONE, false, "mended by an update"},
    {{ACTED_APPLY_FAILED, NO_FAULT, NO_FAULT, LOST}, 0, ESA_GOAL_NONE, false, "applied for twice"},
    {{NO_FAULT}, ESA_TASK_LOOK_FIRST, ESA_GOAL_NONE, false, "looked for first"},
    {{NO_FAULT}, ESA_TASK_UPDATE, ESA_GOAL_ACTIVE, true, "updated"},
};

/* True if an allocation failed. */
static bool run_one(size_t index, struct esa_request *creation, struct esa_request *other) {
    struct world world = {.is_unique = true, .script = cases[index].script, .num_script = 4};
    const struct esa_task_options options = {
        .flags = cases[index].flags, .goal = cases[index].goal, .retry = {.settle_ms = SETTLE_MS}};
    struct esa_task *task = NULL;
    if (cases[index].has_other)
        (void)add_row(&world, other, -1000000);
    size_t num_before = world.num_rows;
    count = 0;
    has_failed = false;
    enum cp_status status = esa_task_new(&task, creation, &options, NULL);
    if (status != CP_OK) {
        assert_true(has_failed);
        assert_int_equal(status, CP_ERR_MEMORY);
        assert_null(task);
        return true;
    }
    (void)run_task(task, &world, creation);
    const struct esa_task_result *result = esa_task_result(task);
    bool is_good = result->end == ESA_TASK_DONE || result->end == ESA_TASK_UPDATED;
    bool was_made = world.num_rows > num_before;
    assert_true(world.acted <= 1);
    assert_true(is_good || has_failed);
    if (result->end == ESA_TASK_REFUSED || result->end == ESA_TASK_NOT_SENT)
        assert_false(was_made);
    if (is_good) {
        char difference[ESA_DIFFERENCE_MAX];
        assert_int_equal(esa_hostname_match(difference, &world.rows[0], true, creation),
                         ESA_MATCH_EQUAL);
    } else {
        assert_non_null(strstr(result->why, "memory"));
    }
    esa_task_free(task);
    return has_failed;
}

static void test_sweep(void **state) {
    struct esa_request *creation = new_request(false);
    struct esa_request *other = new_request(true);
    (void)state;
    for (size_t i = 0; i < 2 * NUM_OF(cases); i++) {
        bool is_hit = true;
        unsigned num_hits = 0;
        and_later = i % 2 != 0;
        print_message("%s%s\n", cases[i / 2].reason, and_later ? ", and none is left" : "");
        for (fail_at = 1; is_hit; fail_at++) {
            is_hit = run_one(i / 2, creation, other);
            num_hits += is_hit;
        }
        assert_true(num_hits >= 1); /* of the task itself, at least */
        fail_at = 0;
    }
    esa_request_free(creation);
    esa_request_free(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sweep)};
    return cmocka_run_group_tests_name("task_alloc", tests, NULL, NULL);
}
