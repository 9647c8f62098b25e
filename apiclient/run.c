/* run: one task, or one read, from begin to end, blocking. */
#include "run.h"

#include <inttypes.h>
#include <openssl/rand.h>
#include <time.h>

#include "client.h"
#include "outcome.h"
#include "retry.h"

#define PIECE_MS 200

int64_t esa_now_ms(void) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint32_t esa_random(void) {
    uint8_t bytes[4];
    if (RAND_bytes(bytes, (int)sizeof(bytes)) != 1)
        return UINT32_MAX; /* the longest wait */
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

bool esa_client_is_cancelled(const struct esa_client *client) {
    return client->cancel != NULL && client->cancel(client->cancel_context);
}

bool esa_client_sleep(const struct esa_client *client, int64_t wait_ms) {
    int64_t until_ms = esa_now_ms() + wait_ms;
    for (;;) {
        int64_t left_ms = until_ms - esa_now_ms();
        if (esa_client_is_cancelled(client))
            return false;
        if (left_ms <= 0)
            return true;
        if (left_ms > PIECE_MS)
            left_ms = PIECE_MS;
        const struct timespec piece = {.tv_sec = 0, .tv_nsec = (long)left_ms * 1000000};
        (void)nanosleep(&piece, NULL); /* a signal ends it early: cancel may have been meant */
    }
}

static void call(const struct esa_client *client, struct esa_task *task,
                 const struct esa_request *request, esa_task_watch_fn *watch, void *context) {
    struct esa_outcome outcome;
    struct esa_reply *reply = NULL;
    struct cp_error error = {0};
    if (watch != NULL)
        watch(context, request, NULL, NULL, 0);
    enum cp_status status = esa_client_call(client, &outcome, &reply, request, &error);
    if (watch != NULL)
        watch(context, request, status == CP_OK ? &outcome : NULL, status == CP_OK ? NULL : &error,
              0);
    esa_task_feed(task, status, &outcome, reply, &error, esa_now_ms());
    esa_reply_free(reply);
}

void esa_client_run(const struct esa_client *client, struct esa_task *task,
                    esa_task_watch_fn *watch, void *watch_context) {
    for (;;) {
        const struct esa_request *request = NULL;
        int64_t until_ms = 0;
        if (esa_client_is_cancelled(client)) {
            esa_task_cancel(task, "cancelled");
            return;
        }
        int64_t now_ms = esa_now_ms();
        switch (esa_task_next(task, &request, &until_ms, now_ms, esa_random())) {
        case ESA_STEP_END:
            return;
        case ESA_STEP_SEND:
            call(client, task, request, watch, watch_context);
            break;
        case ESA_STEP_WAIT:
            if (watch != NULL)
                watch(watch_context, NULL, NULL, NULL, until_ms - now_ms);
            (void)esa_client_sleep(client, until_ms - now_ms);
            break;
        }
    }
}

enum cp_status esa_client_read(const struct esa_client *client, struct esa_outcome *outcome,
                               struct esa_reply **reply, const struct esa_request *request,
                               const struct esa_retry *retry, struct cp_error *err) {
    struct esa_retry limits;
    int64_t start_ms = esa_now_ms();
    enum cp_status status = esa_retry_init(&limits, retry, err);
    esa_outcome_init(outcome);
    *reply = NULL;
    if (status != CP_OK)
        return status;
    if (esa_request_operation(request)->effect != ESA_EFFECT_NONE)
        return cp_fail(err, CP_ERR_USAGE, "%s: not a read: it is not repeated blindly",
                       esa_request_operation(request)->name);
    for (unsigned tries = 1;; tries++) {
        if (esa_client_is_cancelled(client))
            return cp_fail(err, CP_ERR_NETWORK, "%s: cancelled",
                           esa_request_operation(request)->name);
        status = esa_client_call(client, outcome, reply, request, err);
        bool is_over = status == CP_OK ? outcome->result == ESA_ACCEPTED ||
                                             (outcome->result == ESA_REFUSED &&
                                              outcome->class_of != ESA_CLASS_RETRY)
                                       : status != CP_ERR_NETWORK;
        if (is_over || tries >= limits.max_attempts || tries >= limits.max_requests)
            return status;
        int64_t wait_ms = esa_retry_wait_ms(&limits, tries - 1, esa_random(),
                                            status == CP_OK ? outcome->retry_after_ms : -1);
        if (limits.deadline_ms >= 0 && esa_now_ms() - start_ms + wait_ms >= limits.deadline_ms)
            return status;
        if (!esa_client_sleep(client, wait_ms))
            return status; /* what was learnt last */
    }
}
