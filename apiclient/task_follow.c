/* task, waiting for the goal: what was done stands; nothing here can undo it. */
#include "task.h"

#include <string.h>

/* How often in a row Get may not find what was just made. */
#define MAX_NOT_FOUND 5

static void poll(struct esa_task *task, const struct esa_event *event) {
    int64_t wait_ms = task->options.poll_ms;
    if (event->outcome != NULL && event->outcome->retry_after_ms > wait_ms)
        wait_ms = event->outcome->retry_after_ms;
    if (esa_task_look(task, ESA_PHASE_FOLLOW))
        esa_task_wait(task, event->now_ms, wait_ms);
}

/* While it is pending, the service looks for the ownership record only if it is asked to. */
static void verify(struct esa_task *task) {
    struct esa_request *request = NULL;
    struct cp_error error = {0};
    if (esa_request_new_verify(&request, task->result.hostname_id, &error) != CP_OK)
        esa_task_stop_undecided(task, "can't ask for verification: %.180s", error.message);
    else
        esa_task_go(task, ESA_PHASE_VERIFY, request);
}

void esa_task_fed_follow(struct esa_task *task, const struct esa_event *event) {
    const struct esa_hostname *found = esa_event_hostname(task, event);
    if (event->kind == ESA_EVENT_FAILED || event->kind == ESA_EVENT_REFUSED) {
        bool is_not_found = esa_event_has_code(event, ESA_CODE_NOT_FOUND);
        if (!is_not_found || ++task->vanishings > MAX_NOT_FOUND)
            esa_task_stop_by(task, event, "looking how far it is");
        else
            poll(task, event);
        return;
    }
    if (event->kind != ESA_EVENT_ACCEPTED || found == NULL) {
        poll(task, event); /* the goal's time bounds it */
        return;
    }
    task->vanishings = 0;
    esa_task_saw(task, found);
    switch (esa_hostname_progress(task->result.why, found, task->options.goal)) {
    case ESA_PROGRESS_REACHED:
        esa_task_stop(task, task->success, "%s", "");
        break;
    case ESA_PROGRESS_STOPPED: {
        char why[ESA_REASON_MAX];
        memcpy(why, task->result.why, sizeof(why));
        esa_task_stop(task, ESA_TASK_STOPPED, "%s", why);
        break;
    }
    case ESA_PROGRESS_WAITING:
        if (task->may_verify && task->options.goal == ESA_GOAL_ACTIVE &&
            found->status == ESA_STATUS_PENDING)
            verify(task);
        else
            poll(task, event);
        break;
    }
}

void esa_task_fed_verify(struct esa_task *task, const struct esa_event *event) {
    /* Not passed is no error: the record may come. Any other refusal would come again. */
    bool is_unpassed = event->outcome != NULL && (event->outcome->code_text[0] == '\0' ||
                                                  esa_event_has_code(event, ESA_CODE_UNPASSED));
    if (event->kind == ESA_EVENT_REFUSED && !is_unpassed)
        task->may_verify = false;
    poll(task, event);
}
