/* task, changes of what exists: update, delete, verify (twice is as good as once) and apply (looked
 * at before it is repeated). */
#include "match.h"
#include "task.h"

#define LOOKS_AT_APPLY 2

void esa_task_start_change(struct esa_task *task) {
    bool looks_first = (task->options.flags & (ESA_TASK_LOOK_FIRST | ESA_TASK_RESUME)) != 0;
    if (!looks_first || task->intent == ESA_INTENT_VERIFY)
        esa_task_go(task, ESA_PHASE_CHANGE, NULL);
    else
        (void)esa_task_look(task, task->intent == ESA_INTENT_APPLY ? ESA_PHASE_APPLY_LOOK
                                                                   : ESA_PHASE_LOOK);
}

static const char *name_of(const struct esa_task *task) {
    switch (task->intent) {
    case ESA_INTENT_UPDATE:
        return "the update";
    case ESA_INTENT_DELETE:
        return "the deletion";
    case ESA_INTENT_VERIFY:
        return "the verification";
    case ESA_INTENT_CREATE:
    case ESA_INTENT_APPLY:
        break;
    }
    return "applying for the certificate";
}

static void look_at_change(struct esa_task *task, const struct esa_event *event,
                           enum esa_phase phase) {
    if (esa_task_look(task, phase))
        esa_task_wait(task, event->now_ms, task->options.retry.settle_ms);
}

static void again_or_stop(struct esa_task *task, const struct esa_event *event) {
    if (!esa_task_again(task, event, &task->change_tries))
        esa_task_stop_by(task, event, name_of(task));
}

/* VerifyCustomHostname says that the record is not there (yet). */
static bool is_unpassed(const struct esa_task *task, const struct esa_event *event) {
    return task->intent == ESA_INTENT_VERIFY && event->outcome != NULL &&
           event->outcome->result == ESA_REFUSED &&
           (event->outcome->code_text[0] == '\0' || esa_event_has_code(event, ESA_CODE_UNPASSED));
}

void esa_task_fed_change(struct esa_task *task, const struct esa_event *event) {
    if (is_unpassed(task, event)) {
        /* No wait of seconds changes DNS: said at once, unless the goal is to be waited for. */
        if (task->options.goal == ESA_GOAL_NONE)
            esa_task_stop_by(task, event, "the verification");
        else
            esa_task_succeed(task, ESA_TASK_DONE, event->now_ms);
        return;
    }
    switch (event->kind) {
    case ESA_EVENT_ACCEPTED:
        esa_task_succeed(task, ESA_TASK_DONE, event->now_ms);
        break;
    case ESA_EVENT_UNKNOWN:
        task->is_open = true;
        if (task->intent == ESA_INTENT_DELETE) {
            task->change_tries++;
            look_at_change(task, event, ESA_PHASE_LOOK);
        } else {
            again_or_stop(task, event);
        }
        break;
    case ESA_EVENT_AGAIN:
        again_or_stop(task, event);
        break;
    case ESA_EVENT_REFUSED:
        if (task->intent == ESA_INTENT_DELETE && task->is_open &&
            esa_event_has_code(event, ESA_CODE_NOT_FOUND))
            esa_task_succeed(task, ESA_TASK_DONE, event->now_ms); /* an earlier try did it */
        else
            esa_task_stop_by(task, event, name_of(task));
        break;
    case ESA_EVENT_FAILED:
        esa_task_stop_by(task, event, name_of(task));
        break;
    }
}

/* Sends the change (again), after a wait if it was sent before. */
static void change(struct esa_task *task, const struct esa_event *event) {
    const struct esa_outcome *last = task->result.has_outcome ? &task->result.outcome : NULL;
    if (task->change_tries != 0 && esa_task_was_last_try(task, task->change_tries, last)) {
        esa_task_stop_undecided(task, "%s: not seen to be done after %u tries", name_of(task),
                                task->change_tries);
        return;
    }
    if (task->intent == ESA_INTENT_CREATE)
        esa_task_start_apply(task);
    else
        esa_task_go(task, ESA_PHASE_CHANGE, NULL);
    if (task->change_tries != 0)
        esa_task_back_off(task, event->now_ms, task->change_tries, last);
}

/* Get, before an update or a deletion (LOOK_FIRST), or after a deletion of unknown end. */
void esa_task_fed_change_look(struct esa_task *task, const struct esa_event *event) {
    const struct esa_hostname *found = esa_event_hostname(task, event);
    bool is_delete = task->intent == ESA_INTENT_DELETE;
    if (event->kind == ESA_EVENT_REFUSED && is_delete &&
        esa_event_has_code(event, ESA_CODE_NOT_FOUND)) {
        task->result.has_found = false;
        esa_task_succeed(task, task->is_open ? ESA_TASK_DONE : ESA_TASK_EQUAL, event->now_ms);
    } else if (event->kind == ESA_EVENT_ACCEPTED && found != NULL) {
        esa_task_saw(task, found);
        if (!is_delete && esa_hostname_match(task->result.difference, found, true,
                                             task->intention) == ESA_MATCH_EQUAL) {
            esa_task_succeed(task, task->is_open ? ESA_TASK_DONE : ESA_TASK_EQUAL, event->now_ms);
            return;
        }
        if (!is_delete && !esa_hostname_is_same(found, task->intention)) {
            esa_task_stop_undecided(task, "the id is another hostname's: %.150s",
                                    task->result.difference);
            return;
        }
        change(task, event);
    } else if (event->kind == ESA_EVENT_REFUSED || event->kind == ESA_EVENT_FAILED ||
               !esa_task_again(task, event, &task->tries)) {
        esa_task_stop_by(task, event, "looking at what exists");
    }
}

/* ---- apply ---- */

void esa_task_start_apply(struct esa_task *task) {
    struct esa_request *request = NULL;
    struct cp_error error = {0};
    task->looks = 0;
    if (esa_request_new_apply(&request, task->result.hostname_id, &error) != CP_OK)
        esa_task_stop_undecided(task, "can't apply for the certificate: %.180s", error.message);
    else
        esa_task_go(task, ESA_PHASE_APPLY, request);
}

void esa_task_fed_apply(struct esa_task *task, const struct esa_event *event) {
    switch (event->kind) {
    case ESA_EVENT_ACCEPTED:
        esa_task_succeed(task, ESA_TASK_DONE, event->now_ms);
        break;
    case ESA_EVENT_AGAIN:
        again_or_stop(task, event);
        break;
    case ESA_EVENT_UNKNOWN:
        task->is_open = true;
        task->change_tries++;
        task->looks = 0;
        look_at_change(task, event, ESA_PHASE_APPLY_LOOK);
        break;
    case ESA_EVENT_REFUSED:
    case ESA_EVENT_FAILED:
        esa_task_stop_by(task, event, "applying for the certificate");
        break;
    }
}

void esa_task_fed_apply_look(struct esa_task *task, const struct esa_event *event) {
    const struct esa_hostname *found = esa_event_hostname(task, event);
    if (event->kind == ESA_EVENT_ACCEPTED && found != NULL) {
        esa_task_saw(task, found);
        if (found->cert_status == ESA_CERT_APPLYING || found->cert_status == ESA_CERT_OK ||
            found->cert_status == ESA_CERT_EXPIRING)
            esa_task_succeed(task, task->is_open ? ESA_TASK_DONE : ESA_TASK_EQUAL, event->now_ms);
        else if (task->is_open && ++task->looks < LOOKS_AT_APPLY)
            esa_task_wait(task, event->now_ms, 2 * task->options.retry.settle_ms);
        else
            change(task, event);
    } else if (event->kind == ESA_EVENT_REFUSED || event->kind == ESA_EVENT_FAILED ||
               !esa_task_again(task, event, &task->tries)) {
        esa_task_stop_by(task, event, "looking at its certificate");
    }
}
