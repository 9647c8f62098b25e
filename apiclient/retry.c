/* retry: how long to wait. Pure. */
#include "retry.h"

static enum cp_status set_time(int64_t *out, int64_t given_ms, int64_t standard_ms,
                               const char *what, struct cp_error *err) {
    if (given_ms < 0 || given_ms > ESA_RETRY_MAX_MS)
        return cp_fail(err, CP_ERR_USAGE, "retry: %s: want 0 to 604800000 ms", what);
    *out = given_ms == 0 ? standard_ms : given_ms;
    return CP_OK;
}

static const struct esa_retry standard = {.max_attempts = 5,
                                          .max_requests = 24,
                                          .base_ms = 1000,
                                          .cap_ms = 30000,
                                          .slow_ms = 10000,
                                          .deadline_ms = 300000,
                                          .settle_ms = 3000};

enum cp_status esa_retry_init(struct esa_retry *out, const struct esa_retry *given,
                              struct cp_error *err) {
    enum cp_status status;
    *out = standard;
    if (given == NULL)
        return CP_OK;
    if (given->max_attempts > ESA_RETRY_MAX_ATTEMPTS ||
        given->max_requests > ESA_RETRY_MAX_REQUESTS)
        return cp_fail(err, CP_ERR_USAGE, "retry: want at most %u attempts and %u requests",
                       ESA_RETRY_MAX_ATTEMPTS, ESA_RETRY_MAX_REQUESTS);
    if (given->max_attempts != 0)
        out->max_attempts = given->max_attempts;
    if (given->max_requests != 0)
        out->max_requests = given->max_requests;
    status = set_time(&out->base_ms, given->base_ms, standard.base_ms, "first wait", err);
    if (status == CP_OK)
        status = set_time(&out->cap_ms, given->cap_ms, standard.cap_ms, "longest wait", err);
    if (status == CP_OK)
        status = set_time(&out->slow_ms, given->slow_ms, standard.slow_ms, "slow wait", err);
    if (status == CP_OK)
        status = set_time(&out->settle_ms, given->settle_ms, standard.settle_ms, "settling", err);
    if (given->deadline_ms == -1)
        out->deadline_ms = -1;
    else if (status == CP_OK)
        status =
            set_time(&out->deadline_ms, given->deadline_ms, standard.deadline_ms, "deadline", err);
    return status;
}

int64_t esa_retry_wait_ms(const struct esa_retry *retry, unsigned attempt, uint32_t random,
                          int64_t retry_after_ms) {
    struct esa_retry checked;
    if (esa_retry_init(&checked, retry, NULL) != CP_OK)
        checked = standard;
    int64_t limit = checked.base_ms < checked.cap_ms ? checked.base_ms : checked.cap_ms;
    for (unsigned i = 0; i < attempt && limit < checked.cap_ms; i++)
        limit = limit > checked.cap_ms / 2 ? checked.cap_ms : limit * 2;
    /* limit is under 2^30, so the product fits; the whole of it is reached by UINT32_MAX. */
    int64_t wait = (int64_t)(((uint64_t)limit * ((uint64_t)random + 1)) >> 32);
    return wait > retry_after_ms ? wait : retry_after_ms;
}
