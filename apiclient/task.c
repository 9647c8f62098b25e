/* task: what to send next, how long to wait, what it came to. */
#include "task.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "match.h"
#include "outcome.h"
#include "request.h"
#include "retry.h"

#define POLL_MS 5000
#define GOAL_MS 600000

const char *esa_task_end_name(enum esa_task_end end) {
    static const char *const names[] = {
        [ESA_TASK_OPEN] = "OPEN",           [ESA_TASK_DONE] = "DONE",
        [ESA_TASK_EQUAL] = "EQUAL",         [ESA_TASK_UPDATED] = "UPDATED",
        [ESA_TASK_DIFFERENT] = "DIFFERENT", [ESA_TASK_STOPPED] = "STOPPED",
        [ESA_TASK_REFUSED] = "REFUSED",     [ESA_TASK_UNKNOWN] = "UNKNOWN",
        [ESA_TASK_NOT_SENT] = "NOT_SENT",
    };
    return (size_t)end < sizeof(names) / sizeof(names[0]) ? names[end] : "UNKNOWN";
}

/* ---- new, free ---- */

static bool find_intent(enum esa_intent *out, const struct esa_request *intention) {
    static const char *const names[] = {
        [ESA_INTENT_CREATE] = "CreateCustomHostname",
        [ESA_INTENT_UPDATE] = "UpdateCustomHostname",
        [ESA_INTENT_DELETE] = "DeleteCustomHostname",
        [ESA_INTENT_VERIFY] = "VerifyCustomHostname",
        [ESA_INTENT_APPLY] = "ApplyCustomHostnameCertificate",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(esa_request_operation(intention)->name, names[i]) == 0) {
            *out = (enum esa_intent)i;
            return true;
        }
    return false;
}

static enum cp_status set_options(struct esa_task *task, const struct esa_task_options *options,
                                  struct cp_error *err) {
    const struct esa_task_options none = {0};
    if (options == NULL)
        options = &none;
    task->options = *options;
    enum cp_status status = esa_retry_init(&task->options.retry, &options->retry, err);
    if (status != CP_OK)
        return status;
    if (options->poll_ms < 0 || options->poll_ms > ESA_RETRY_MAX_MS || options->goal_ms < 0 ||
        options->goal_ms > ESA_RETRY_MAX_MS)
        return cp_fail(err, CP_ERR_USAGE, "task: want waits of 0 to 604800000 ms");
    if (options->poll_ms == 0)
        task->options.poll_ms = POLL_MS;
    if (options->goal_ms == 0)
        task->options.goal_ms = GOAL_MS;
    if (task->intent == ESA_INTENT_DELETE && options->goal != ESA_GOAL_NONE)
        return cp_fail(err, CP_ERR_USAGE, "task: what is deleted has no goal to wait for");
    return CP_OK;
}

enum cp_status esa_task_new(struct esa_task **out, const struct esa_request *intention,
                            const struct esa_task_options *options, struct cp_error *err) {
    struct esa_task *task = calloc(1, sizeof(*task));
    enum cp_status status = CP_OK;
    *out = NULL;
    if (task == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "task: out of memory");
    task->intention = intention;
    esa_outcome_init(&task->result.outcome);
    if (!find_intent(&task->intent, intention)) {
        status = cp_fail(err, CP_ERR_USAGE, "task: %s changes nothing; call it, or read it",
                         esa_request_operation(intention)->name);
        goto out;
    }
    status = set_options(task, options, err);
    if (status != CP_OK)
        goto out;
    task->may_verify = (task->options.flags & ESA_TASK_VERIFY) != 0;
    task->is_open = (task->options.flags & ESA_TASK_RESUME) != 0;
    task->result.hostname_id = esa_request_id(intention, "HostnameId");
    if (task->intent == ESA_INTENT_CREATE)
        esa_task_start_create(task);
    else
        esa_task_start_change(task);
    *out = task;
    task = NULL;
out:
    esa_task_free(task);
    return status;
}

void esa_task_free(struct esa_task *task) {
    if (task == NULL)
        return;
    esa_request_free(task->made);
    free(task);
}

const struct esa_task_result *esa_task_result(const struct esa_task *task) {
    return &task->result;
}

/* ---- going on ---- */

void esa_task_wait(struct esa_task *task, int64_t now_ms, int64_t wait_ms) {
    task->not_before_ms = now_ms + wait_ms;
}

void esa_task_go(struct esa_task *task, enum esa_phase phase, struct esa_request *request) {
    esa_request_free(task->made);
    task->made = request;
    task->current = request == NULL ? task->intention : request;
    task->phase = phase;
    task->tries = 0;
}

bool esa_task_look(struct esa_task *task, enum esa_phase phase) {
    struct esa_request *request = NULL;
    struct cp_error error = {0};
    if (esa_request_new_get(&request, task->result.hostname_id, &error) != CP_OK) {
        esa_task_stop_undecided(task, "can't look: %.200s", error.message);
        return false;
    }
    esa_task_go(task, phase, request);
    return true;
}

bool esa_task_was_last_try(const struct esa_task *task, unsigned tries,
                           const struct esa_outcome *outcome) {
    const struct esa_code *code = outcome == NULL ? NULL : outcome->code;
    return tries >= task->options.retry.max_attempts ||
           (code != NULL && code->max_retries != 0 && task->limited_tries > code->max_retries);
}

void esa_task_back_off(struct esa_task *task, int64_t now_ms, unsigned tries,
                       const struct esa_outcome *outcome) {
    const struct esa_retry *retry = &task->options.retry;
    task->has_jitter = true;
    task->jitter_from_ms = now_ms;
    task->jitter_attempt = tries - 1;
    task->jitter_floor_ms = outcome == NULL ? -1 : outcome->retry_after_ms;
    if (outcome != NULL && outcome->code != NULL && outcome->code->is_slow &&
        task->jitter_floor_ms < retry->slow_ms)
        task->jitter_floor_ms = retry->slow_ms;
}

bool esa_task_again(struct esa_task *task, const struct esa_event *event, unsigned *tries) {
    bool is_read = esa_request_operation(task->current)->effect == ESA_EFFECT_NONE;
    if (esa_task_was_last_try(task, ++*tries, is_read ? NULL : event->outcome))
        return false;
    esa_task_back_off(task, event->now_ms, *tries, event->outcome);
    return true;
}

/* ---- ends ---- */

static void end_with(struct esa_task *task, enum esa_task_end end, const char *format,
                     va_list arguments) {
    esa_task_go(task, ESA_PHASE_END, NULL);
    task->current = NULL;
    task->result.end = end;
    task->is_handed = false;
    (void)vsnprintf(task->result.why, sizeof(task->result.why), format, arguments);
    if (end == ESA_TASK_NOT_SENT && task->result.error.status == CP_OK)
        (void)cp_fail(&task->result.error, CP_ERR_NETWORK, "%s", task->result.why);
}

void esa_task_stop(struct esa_task *task, enum esa_task_end end, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    end_with(task, end, format, arguments);
    va_end(arguments);
}

void esa_task_stop_undecided(struct esa_task *task, const char *format, ...) {
    enum esa_task_end end = ESA_TASK_NOT_SENT;
    va_list arguments;
    if (task->is_open)
        end = ESA_TASK_UNKNOWN;
    else if (task->is_following || task->was_ours)
        end = ESA_TASK_STOPPED;
    else if (task->was_refused)
        end = ESA_TASK_REFUSED;
    va_start(arguments, format);
    end_with(task, end, format, arguments);
    va_end(arguments);
}

void esa_task_stop_by(struct esa_task *task, const struct esa_event *event, const char *what) {
    const char *reason = event->outcome != NULL ? event->outcome->reason
                         : event->error != NULL ? event->error->message
                                                : "not sent";
    if (event->status != CP_OK && event->error != NULL)
        task->result.error = *event->error;
    if (!task->result.has_outcome || event->kind == ESA_EVENT_REFUSED)
        esa_task_keep_outcome(task, event);
    if (event->kind == ESA_EVENT_REFUSED && !task->is_open)
        task->was_refused = true; /* of a look before anything was sent, too: it said no */
    esa_task_stop_undecided(task, "%s: %.150s%s", what, reason,
                            task->is_open ? "; look again later before it is sent again" : "");
}

void esa_task_keep_outcome(struct esa_task *task, const struct esa_event *event) {
    if (event->outcome == NULL)
        return;
    task->result.outcome = *event->outcome;
    task->result.has_outcome = true;
}

void esa_task_saw(struct esa_task *task, const struct esa_hostname *found) {
    task->result.found = *found;
    task->result.has_found = true;
    task->result.hostname_id = found->hostname_id;
}

void esa_task_succeed(struct esa_task *task, enum esa_task_end end, int64_t now_ms) {
    task->is_open = false;
    task->was_refused = false;
    task->vanishings = 0;
    task->success = end;
    if (task->options.goal == ESA_GOAL_NONE) {
        esa_task_stop(task, end, "%s", "");
        return;
    }
    task->is_following = true;
    task->goal_until_ms = now_ms + task->options.goal_ms;
    task->not_before_ms = now_ms;
    (void)esa_task_look(task, ESA_PHASE_FOLLOW);
}

void esa_task_cancel(struct esa_task *task, const char *why) {
    if (task->phase == ESA_PHASE_END)
        return;
    /* What was handed out may have been sent. */
    if (task->is_handed && !task->is_following &&
        esa_request_operation(task->current)->effect != ESA_EFFECT_NONE)
        task->is_open = true;
    esa_task_stop_undecided(task, "%.100s%s", why,
                            task->is_open ? "; look before it is sent again" : "");
}

/* ---- next ---- */

/* True if the time or the number of requests that the task may have is used up; it has ended then.
 */
static bool is_over(struct esa_task *task, int64_t now_ms) {
    const struct esa_retry *retry = &task->options.retry;
    const char *next = task->is_open ? "; look again later before it is sent again" : "";
    char waited_for[ESA_REASON_MAX];
    int64_t until_ms = INT64_MAX;
    if (task->is_following)
        until_ms = task->goal_until_ms;
    else if (retry->deadline_ms >= 0)
        until_ms = task->start_ms + retry->deadline_ms;
    if (!task->is_following && task->num_steps >= retry->max_requests) {
        esa_task_stop_undecided(task, "%u requests were sent, as many as may be%s", task->num_steps,
                                next);
        return true;
    }
    if (now_ms < until_ms && task->not_before_ms < until_ms)
        return false;
    memcpy(waited_for, task->result.why, sizeof(waited_for));
    if (task->is_following)
        esa_task_stop_undecided(task, "not there yet after %" PRId64 " s: %.180s",
                                task->options.goal_ms / 1000, waited_for);
    else
        esa_task_stop_undecided(
            task, "the time for it (%" PRId64 " s) %s%s", retry->deadline_ms / 1000,
            now_ms >= until_ms ? "is over" : "is shorter than the wait that is needed", next);
    return true;
}

enum esa_step esa_task_next(struct esa_task *task, const struct esa_request **request,
                            int64_t *wait_until_ms, int64_t now_ms, uint32_t random) {
    *request = NULL;
    *wait_until_ms = now_ms;
    if (task->phase == ESA_PHASE_END)
        return ESA_STEP_END;
    if (!task->has_started) {
        task->has_started = true;
        task->start_ms = now_ms;
        task->not_before_ms = now_ms;
    }
    if (task->has_jitter) {
        task->has_jitter = false;
        task->not_before_ms =
            task->jitter_from_ms + esa_retry_wait_ms(&task->options.retry, task->jitter_attempt,
                                                     random, task->jitter_floor_ms);
    }
    if (!task->is_handed && is_over(task, now_ms))
        return ESA_STEP_END;
    if (!task->is_handed && now_ms < task->not_before_ms) {
        *wait_until_ms = task->not_before_ms;
        return ESA_STEP_WAIT;
    }
    task->is_handed = true;
    *request = task->current;
    return ESA_STEP_SEND;
}

/* ---- feed ---- */

static enum esa_event_kind kind_of(enum cp_status status, const struct esa_outcome *outcome) {
    if (status == CP_ERR_NETWORK)
        return ESA_EVENT_AGAIN;
    if (status != CP_OK)
        return ESA_EVENT_FAILED;
    if (outcome->result == ESA_ACCEPTED)
        return ESA_EVENT_ACCEPTED;
    if (outcome->result != ESA_REFUSED)
        return ESA_EVENT_UNKNOWN;
    return outcome->class_of == ESA_CLASS_RETRY ? ESA_EVENT_AGAIN : ESA_EVENT_REFUSED;
}

bool esa_event_has_code(const struct esa_event *event, const char *code) {
    return event->outcome != NULL && strcmp(event->outcome->code_text, code) == 0;
}

const struct esa_hostname *esa_event_hostname(const struct esa_task *task,
                                              const struct esa_event *event) {
    const struct esa_hostname *found =
        event->reply == NULL ? NULL : esa_reply_hostname(event->reply, 0);
    if (found == NULL || found->hostname_id != task->result.hostname_id)
        return NULL;
    return found;
}

static void feed_phase(struct esa_task *task, const struct esa_event *event) {
    bool is_create = task->intent == ESA_INTENT_CREATE;
    switch (task->phase) {
    case ESA_PHASE_CHANGE:
        if (is_create)
            esa_task_fed_create(task, event);
        else if (task->intent == ESA_INTENT_APPLY)
            esa_task_fed_apply(task, event);
        else
            esa_task_fed_change(task, event);
        break;
    case ESA_PHASE_LIST:
        esa_task_fed_list(task, event);
        break;
    case ESA_PHASE_LOOK:
        if (is_create)
            esa_task_fed_compare(task, event);
        else
            esa_task_fed_change_look(task, event);
        break;
    case ESA_PHASE_UPDATE:
        esa_task_fed_update(task, event);
        break;
    case ESA_PHASE_APPLY:
        esa_task_fed_apply(task, event);
        break;
    case ESA_PHASE_APPLY_LOOK:
        esa_task_fed_apply_look(task, event);
        break;
    case ESA_PHASE_FOLLOW:
        esa_task_fed_follow(task, event);
        break;
    case ESA_PHASE_VERIFY:
        esa_task_fed_verify(task, event);
        break;
    case ESA_PHASE_END:
        break;
    }
}

void esa_task_feed(struct esa_task *task, enum cp_status status, const struct esa_outcome *outcome,
                   const struct esa_reply *reply, const struct cp_error *error, int64_t now_ms) {
    struct esa_event event = {.status = status, .now_ms = now_ms};
    if (task->phase == ESA_PHASE_END || !task->is_handed)
        return;
    event.kind = kind_of(status, outcome);
    event.outcome = status == CP_OK ? outcome : NULL;
    event.reply = status == CP_OK ? reply : NULL;
    event.error = status == CP_OK ? NULL : error;
    task->is_handed = false;
    if (!task->is_following)
        task->num_steps++;
    if (status == CP_OK) {
        task->result.num_requests++;
        if (task->phase == ESA_PHASE_CHANGE && task->intent == ESA_INTENT_CREATE)
            task->result.num_creations++;
    }
    task->not_before_ms = now_ms;
    if (esa_request_operation(task->current)->effect != ESA_EFFECT_NONE && !task->is_following) {
        esa_task_keep_outcome(task, &event);
        if (status == CP_OK && outcome->code != NULL && outcome->code->max_retries != 0)
            task->limited_tries++;
        task->was_refused = status == CP_OK ? outcome->result == ESA_REFUSED : task->was_refused;
    }
    feed_phase(task, &event);
}
