/* retry: how long to wait, and what may be asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/retry.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    struct esa_retry retry;
    unsigned attempt;
    uint32_t random;
    int64_t retry_after_ms;
    int64_t want_ms;
    const char *reason;
} waits[] = {
    {{0}, 0, UINT32_MAX, -1, 1000, "the standard first wait, at most"},
    {{0}, 0, 0, -1, 0, "full jitter begins at nothing"},
    {{0}, 0, UINT32_MAX / 2, -1, 500, "the middle"},
    {{0}, 1, UINT32_MAX, -1, 2000, "doubles"},
    {{0}, 4, UINT32_MAX, -1, 16000, "doubles again"},
    {{0}, 5, UINT32_MAX, -1, 30000, "the cap"},
    {{0}, 4000000000, UINT32_MAX, -1, 30000, "the cap, however often"},
    {{0}, 0, UINT32_MAX, 5000, 5000, "the service asks for more"},
    {{0}, 0, 0, 5000, 5000, "never less than the service asks for"},
    {{0}, 3, UINT32_MAX, 5000, 8000, "more than the service asks for"},
    {{0}, 0, 0, 86400000, 86400000, "over the cap, if the service asks for it"},
    {{.base_ms = 7, .cap_ms = 10}, 0, UINT32_MAX, -1, 7, "one's own base"},
    {{.base_ms = 7, .cap_ms = 10}, 1, UINT32_MAX, -1, 10, "one's own cap"},
    {{.base_ms = 100, .cap_ms = 10}, 0, UINT32_MAX, -1, 10, "a cap under the base"},
    {{.base_ms = 604800000, .cap_ms = 604800000}, 9, UINT32_MAX, -1, 604800000, "the greatest"},
    {{.base_ms = -5}, 0, UINT32_MAX, -1, 1000, "not a time: the standard"},
    {{.base_ms = INT64_MAX, .cap_ms = INT64_MAX}, 9, UINT32_MAX, -1, 30000, "too great a time"},
};

static void test_waits(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(waits); i++) {
        print_message("%s\n", waits[i].reason);
        assert_int_equal(esa_retry_wait_ms(&waits[i].retry, waits[i].attempt, waits[i].random,
                                           waits[i].retry_after_ms),
                         waits[i].want_ms);
    }
}

/* Whatever is drawn: within 0 and the limit, and not the same for neighbours far apart. */
static void test_spread(void **state) {
    const struct esa_retry retry = {.base_ms = 64, .cap_ms = 64};
    bool seen[65] = {false};
    (void)state;
    for (uint64_t random = 0; random <= UINT32_MAX; random += 0x01000001) {
        int64_t wait = esa_retry_wait_ms(&retry, 0, (uint32_t)random, -1);
        assert_in_range(wait, 0, 64);
        seen[wait] = true;
    }
    for (size_t i = 0; i < 64; i++)
        assert_true(seen[i]);
}

static const struct {
    struct esa_retry retry;
    bool ok;
    const char *reason;
} bounds[] = {
    {{0}, true, "standard values"},
    {{.max_attempts = 1}, true, "no retry"},
    {{.max_attempts = 1001}, false, "too many attempts"},
    {{.max_requests = 100001}, false, "too many requests"},
    {{.deadline_ms = -1}, true, "no deadline"},
    {{.deadline_ms = -2}, false, "not a deadline"},
    {{.cap_ms = 604800000}, true, "a week"},
    {{.cap_ms = 604800001}, false, "over a week"},
    {{.slow_ms = -1}, false, "negative"},
    {{.settle_ms = INT64_MIN}, false, "negative"},
    {{.base_ms = INT64_MAX, .deadline_ms = -1}, false, "a bad time beside a good one"},
};

static void test_bounds(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(bounds); i++) {
        struct esa_retry out;
        struct cp_error err = {0};
        print_message("%s\n", bounds[i].reason);
        assert_int_equal(esa_retry_init(&out, &bounds[i].retry, &err),
                         bounds[i].ok ? CP_OK : CP_ERR_USAGE);
        assert_int_equal(err.message[0] == '\0', bounds[i].ok);
    }
}

static void test_standard(void **state) {
    struct esa_retry out;
    (void)state;
    assert_int_equal(esa_retry_init(&out, NULL, NULL), CP_OK);
    assert_int_equal(out.max_attempts, 5);
    assert_int_equal(out.max_requests, 24);
    assert_int_equal(out.base_ms, 1000);
    assert_int_equal(out.cap_ms, 30000);
    assert_int_equal(out.slow_ms, 10000);
    assert_int_equal(out.deadline_ms, 300000);
    assert_int_equal(out.settle_ms, 3000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_standard),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
