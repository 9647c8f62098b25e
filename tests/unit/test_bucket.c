/* bucket: no window of a period sees more than the capacity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/esa_task.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

enum act { TAKE, DRAIN, RESTORE };

struct step {
    enum act act;
    int64_t now_ms;
    int64_t value; /* TAKE: what comes back; DRAIN: retry-after; RESTORE: unused */
};

/* Capacity 2, period 1,000. */
static const struct {
    struct step steps[8];
    const char *reason;
} scripts[] = {
    {{{TAKE, 10, 0}, {TAKE, 20, 0}, {TAKE, 20, 990}, {TAKE, 1009, 1}, {TAKE, 1010, 0}},
     "a token comes back a period after it was taken"},
    {{{TAKE, 10, 0}, {TAKE, 20, 0}, {TAKE, 1010, 0}, {TAKE, 1011, 9}, {TAKE, 1020, 0}},
     "each in its turn"},
    {{{TAKE, 0, 0}, {TAKE, 0, 0}, {TAKE, 5000, 0}, {TAKE, 5000, 0}, {TAKE, 5000, 1000}},
     "a long rest saves nothing up"},
    {{{RESTORE, 10, 0}, {RESTORE, 500, 0}, {TAKE, 600, 410}, {TAKE, 1010, 0}},
     "what an earlier run took counts"},
    {{{RESTORE, 10, 0}, {RESTORE, 20, 0}, {RESTORE, 30, 0}, {TAKE, 40, 980}},
     "more than the capacity restored: the latest count"},
    {{{RESTORE, 500, 0}, {RESTORE, 10, 0}, {TAKE, 600, 900}},
     "restored out of order: the later time is the safe one"},
    {{{TAKE, 5000, 0}, {TAKE, 5000, 0}, {TAKE, 4000, 1000}, {TAKE, 4999, 1}, {TAKE, 5000, 0}},
     "a clock that goes back gives nothing back, and takes no more than a period"},
    {{{RESTORE, 9000000, 0}, {RESTORE, 9000000, 0}, {TAKE, 100, 1000}, {TAKE, 1100, 0}},
     "restored from a clock that was far ahead: as if taken now"},
    {{{TAKE, 5000, 0}, {TAKE, 100, 0}, {TAKE, 100, 1000}}, "back with a token left"},
    {{{DRAIN, 100, 300},
      {TAKE, 100, 300},
      {TAKE, 399, 1},
      {TAKE, 400, 0},
      {TAKE, 400, 0},
      {TAKE, 400, 1000}},
     "drained until the service said"},
    {{{DRAIN, 100, -1}, {TAKE, 100, 100}, {TAKE, 200, 0}}, "it did not say: a tenth of the period"},
    {{{DRAIN, 100, 300}, {DRAIN, 100, 100}, {TAKE, 100, 300}}, "a shorter word does not shorten"},
    {{{TAKE, 0, 0}, {TAKE, 0, 0}, {DRAIN, 0, 10}, {TAKE, 0, 10}, {TAKE, 10, 990}},
     "drained and full"},
    {{{DRAIN, 1000, 500}, {TAKE, 400, 500}, {TAKE, 900, 0}}, "the clock goes back while drained"},
    {{{TAKE, -5, 0},
      {TAKE, INT64_MIN, 0},
      {TAKE, INT64_MAX, 0},
      {TAKE, INT64_MIN, 0},
      {TAKE, INT64_MIN, 1000}},
     "times without sense do no harm"},
};

static void test_scripts(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(scripts); i++) {
        struct esa_bucket bucket;
        print_message("%s\n", scripts[i].reason);
        assert_int_equal(esa_bucket_init(&bucket, 2, 1000, NULL), CP_OK);
        for (size_t j = 0; j < NUM_OF(scripts[i].steps); j++) {
            const struct step *step = &scripts[i].steps[j];
            if (step->act == TAKE && step->now_ms == 0 && step->value == 0 && j > 1)
                break; /* the row's end */
            if (step->act == TAKE)
                assert_int_equal(esa_bucket_take(&bucket, step->now_ms), step->value);
            else if (step->act == DRAIN)
                esa_bucket_drain(&bucket, step->now_ms, step->value);
            else
                esa_bucket_restore(&bucket, step->now_ms);
        }
        esa_bucket_cleanup(&bucket);
    }
}

/* A greedy taker over three periods, its clock stepping unevenly: every window is looked at. */
static void test_no_window_over_capacity(void **state) {
    enum { CAPACITY = 100, PERIOD = 3600000, MAX_TAKEN = 400 };
    static int64_t taken[MAX_TAKEN];
    size_t num_taken = 0;
    struct esa_bucket bucket;
    uint32_t seed = 1;
    (void)state;
    assert_int_equal(esa_bucket_init(&bucket, CAPACITY, PERIOD, NULL), CP_OK);
    for (int64_t now = 0; now < (int64_t)3 * PERIOD;) {
        int64_t wait = esa_bucket_take(&bucket, now);
        assert_in_range(wait, 0, PERIOD);
        if (wait == 0) {
            assert_true(num_taken < MAX_TAKEN);
            taken[num_taken++] = now;
        }
        seed = seed * 1664525 + 1013904223;
        now += wait != 0 && seed % 2 == 0 ? wait : (int64_t)(seed >> 20);
    }
    assert_true(num_taken >= 3 * CAPACITY - 10); /* and none is lost */
    for (size_t i = CAPACITY; i < num_taken; i++)
        assert_true(taken[i] - taken[i - CAPACITY] >= PERIOD);
    esa_bucket_cleanup(&bucket);
}

static const struct {
    size_t capacity;
    int64_t period_ms;
    bool ok;
    const char *reason;
} bounds[] = {
    {1, 1, true, "the least"},         {ESA_BUCKET_MAX, 3600000, true, "the most"},
    {0, 1000, false, "no token"},      {ESA_BUCKET_MAX + 1, 1000, false, "too many"},
    {1, 0, false, "no period"},        {1, -1, false, "a negative period"},
    {1, INT64_MAX, false, "for ever"},
};

static void test_bounds(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(bounds); i++) {
        struct esa_bucket bucket;
        print_message("%s\n", bounds[i].reason);
        assert_int_equal(esa_bucket_init(&bucket, bounds[i].capacity, bounds[i].period_ms, NULL),
                         bounds[i].ok ? CP_OK : CP_ERR_USAGE);
        esa_bucket_cleanup(&bucket);
        esa_bucket_cleanup(&bucket); /* twice does no harm */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_no_window_over_capacity),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests_name("bucket", tests, NULL, NULL);
}
