/* bucket: no more than capacity in any window of one period. Pure. */
#include <stdlib.h>

#include "esa_task.h"

#define MAX_TIME_MS (INT64_MAX / 4)
#define MAX_PERIOD_MS ((int64_t)366 * 24 * 3600 * 1000)

enum cp_status esa_bucket_init(struct esa_bucket *bucket, size_t capacity, int64_t period_ms,
                               struct cp_error *err) {
    *bucket = (struct esa_bucket){0};
    if (capacity < 1 || capacity > ESA_BUCKET_MAX || period_ms < 1 || period_ms > MAX_PERIOD_MS)
        return cp_fail(err, CP_ERR_USAGE, "rate: want 1 to %zu, in 1 ms to 366 days",
                       ESA_BUCKET_MAX);
    bucket->taken_ms = calloc(capacity, sizeof(*bucket->taken_ms));
    if (bucket->taken_ms == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "rate: out of memory");
    bucket->capacity = capacity;
    bucket->period_ms = period_ms;
    return CP_OK;
}

void esa_bucket_cleanup(struct esa_bucket *bucket) {
    free(bucket->taken_ms);
    *bucket = (struct esa_bucket){0};
}

static int64_t clamp(int64_t time_ms) {
    if (time_ms < 0)
        return 0;
    return time_ms > MAX_TIME_MS ? MAX_TIME_MS : time_ms;
}

static int64_t *at(struct esa_bucket *bucket, size_t index) {
    return &bucket->taken_ms[(bucket->first + index) % bucket->capacity];
}

static void drop_oldest(struct esa_bucket *bucket) {
    bucket->first = (bucket->first + 1) % bucket->capacity;
    bucket->num_taken--;
}

static void drop_expired(struct esa_bucket *bucket, int64_t now_ms) {
    while (bucket->num_taken > 0 && now_ms - *at(bucket, 0) >= bucket->period_ms)
        drop_oldest(bucket);
}

/* A clock that went back by some time: everything moves back with it, so that what was taken is as
 * old as it was when last looked at. Nothing is given back, and no wait grows beyond a period. */
static void see_time(struct esa_bucket *bucket, int64_t now_ms) {
    drop_expired(bucket, bucket->latest_ms);
    if (now_ms < bucket->latest_ms) {
        int64_t back = bucket->latest_ms - now_ms;
        for (size_t i = 0; i < bucket->num_taken; i++)
            *at(bucket, i) -= back;
        if (bucket->drained_until_ms > bucket->latest_ms)
            bucket->drained_until_ms -= back;
    }
    bucket->latest_ms = now_ms;
    drop_expired(bucket, now_ms);
}

static void push(struct esa_bucket *bucket, int64_t taken_ms) {
    if (bucket->num_taken == bucket->capacity)
        drop_oldest(bucket);
    *at(bucket, bucket->num_taken) = taken_ms;
    bucket->num_taken++;
}

void esa_bucket_restore(struct esa_bucket *bucket, int64_t taken_ms) {
    int64_t time_ms = clamp(taken_ms);
    if (time_ms < bucket->latest_ms)
        time_ms = bucket->latest_ms; /* not the oldest first: later is the safe side */
    push(bucket, time_ms);
    bucket->latest_ms = time_ms;
}

int64_t esa_bucket_take(struct esa_bucket *bucket, int64_t now_ms) {
    int64_t now = clamp(now_ms);
    see_time(bucket, now);
    if (bucket->drained_until_ms > now)
        return bucket->drained_until_ms - now;
    if (bucket->num_taken == bucket->capacity)
        return bucket->period_ms - (now - *at(bucket, 0));
    push(bucket, now);
    return 0;
}

void esa_bucket_drain(struct esa_bucket *bucket, int64_t now_ms, int64_t retry_after_ms) {
    int64_t now = clamp(now_ms);
    int64_t wait = retry_after_ms < 0 ? bucket->period_ms / 10 : retry_after_ms;
    if (wait > MAX_PERIOD_MS)
        wait = MAX_PERIOD_MS;
    see_time(bucket, now);
    if (now + wait > bucket->drained_until_ms)
        bucket->drained_until_ms = now + wait;
}
