/* One row that is carried out: its task, and the journal around each request of it. */
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "apply.h"

#define DRAIN_MS 30000 /* where the service says "throttled" and not for how long */

/* A cancelled intention that was never sent leaves the row as the plan had it. */
static bool is_untouched(const struct onboard_slot *slot, const struct esa_task_result *result) {
    return result->end == ESA_TASK_NOT_SENT && !slot->has_intent;
}

void onboard_slot_free(struct onboard_slot *slot) {
    esa_task_free(slot->task);
    esa_request_free(slot->request);
    memset(slot, 0, sizeof(*slot));
}

/* ---- the end of a row ---- */

static enum onboard_state state_of(const struct onboard_slot *slot, enum esa_task_end end) {
    switch (end) {
    case ESA_TASK_DONE:
        return ONBOARD_CREATED;
    case ESA_TASK_EQUAL:
        return slot->was_open ? ONBOARD_CREATED : ONBOARD_UNCHANGED;
    case ESA_TASK_UPDATED:
        return ONBOARD_UPDATED;
    case ESA_TASK_DIFFERENT:
        return ONBOARD_DIFFERENT;
    case ESA_TASK_STOPPED:
        return ONBOARD_STOPPED;
    case ESA_TASK_REFUSED:
        return ONBOARD_REFUSED;
    case ESA_TASK_NOT_SENT:
        /* Nothing of this run; but what an earlier one sent is still undecided. */
        return slot->was_open ? ONBOARD_UNKNOWN : ONBOARD_NOT_SENT;
    case ESA_TASK_OPEN:
    case ESA_TASK_UNKNOWN:
        break;
    }
    return ONBOARD_UNKNOWN;
}

static void take_result(struct onboard_slot *slot, const struct esa_task_result *result) {
    struct onboard_row *row = &slot->row;
    const struct esa_outcome *outcome = &result->outcome;
    row->state = state_of(slot, result->end);
    if (result->has_found)
        onboard_row_take(row, &result->found);
    if (result->hostname_id != 0)
        row->hostname_id = result->hostname_id;
    if (result->has_outcome && outcome->request_id[0] != '\0' && row->request_id[0] == '\0')
        (void)snprintf(row->request_id, sizeof(row->request_id), "%s", outcome->request_id);
    row->reason[0] = '\0';
    if (row->state == ONBOARD_CREATED && result->end == ESA_TASK_EQUAL)
        onboard_row_reason(row, "by an earlier run");
    else if (row->state == ONBOARD_DIFFERENT)
        onboard_row_reason(row, "%s; --update would change it", result->difference);
    else if (row->state == ONBOARD_UPDATED)
        onboard_row_reason(row, "%s", result->difference);
    else if (onboard_state_is_failure(row->state) && result->end == ESA_TASK_NOT_SENT)
        onboard_row_reason(row, "%s",
                           result->error.message[0] != '\0' ? result->error.message : result->why);
    else if (onboard_state_is_failure(row->state))
        onboard_row_reason(
            row, "%s%s%s", result->why,
            result->has_outcome && outcome->advice != NULL && outcome->advice[0] != '\0' ? "; "
                                                                                         : "",
            result->has_outcome && outcome->advice != NULL ? outcome->advice : "");
}

static enum cp_status end_slot(struct onboard_engine *e, struct onboard_slot *slot,
                               struct cp_error *err) {
    struct onboard *o = e->onboard;
    const struct esa_task_result *result = esa_task_result(slot->task);
    enum cp_status status = CP_OK;
    if (!is_untouched(slot, result) || !e->is_closing) {
        take_result(slot, result);
        status = onboard_journal_settle(o->journal, &slot->row, onboard_now_ms(), err);
        enum cp_status saved = onboard_rows_save(o->rows, &slot->row, status == CP_OK ? err : NULL);
        status = status == CP_OK ? saved : status;
        e->num_failures += onboard_state_is_failure(slot->row.state);
        onboard_progress_row(&e->progress, &slot->row, slot->was_creation);
    }
    onboard_slot_free(slot);
    e->num_used--;
    return status;
}

/* ---- its beginning ---- */

enum cp_status onboard_slot_begin(struct onboard_engine *e, struct onboard_slot *slot,
                                  struct cp_error *err) {
    struct onboard *o = e->onboard;
    struct onboard_past past; /* a few KiB */
    bool has_past = false;
    struct esa_task_options options = {
        .retry = {.deadline_ms = -1}, .goal = o->goal, .goal_ms = o->goal_ms};
    enum onboard_state planned = slot->row.state;
    enum cp_status status =
        onboard_judge_request(&o->judge, &slot->request, &slot->row, o->rows, err);
    if (status != CP_OK)
        return status;
    if (slot->request == NULL) { /* files that changed since the plan */
        slot->row.state = ONBOARD_BLOCKED;
        status = onboard_rows_save(o->rows, &slot->row, err);
        onboard_progress_row(&e->progress, &slot->row, false);
        onboard_slot_free(slot);
        return status;
    }
    status = onboard_journal_find(o->journal, &has_past, &past, &slot->row, err);
    if (status != CP_OK)
        return status;
    slot->was_open = has_past && past.is_open;
    if (slot->was_open)
        options.flags |= ESA_TASK_RESUME;
    else if (planned != ONBOARD_CREATE)
        options.flags |= ESA_TASK_LOOK_FIRST;
    if (o->options.update)
        options.flags |= ESA_TASK_UPDATE;
    if (o->goal == ESA_GOAL_ACTIVE)
        options.flags |= ESA_TASK_VERIFY;
    status = esa_task_new(&slot->task, slot->request, &options, err);
    if (status != CP_OK)
        return status;
    slot->is_used = true;
    e->num_used++;
    return CP_OK;
}

/* ---- a request ---- */

static bool is_creation(const struct esa_operation *operation) {
    return strcmp(operation->name, "CreateCustomHostname") == 0;
}

/* A verification only has the service look; polls of it are not worth a sync each. */
static bool is_journaled(const struct esa_operation *operation) {
    return operation->effect != ESA_EFFECT_NONE &&
           strcmp(operation->name, "VerifyCustomHostname") != 0;
}

static enum cp_status send(struct onboard_engine *e, struct onboard_slot *slot,
                           const struct esa_request *request, struct cp_error *err) {
    struct onboard *o = e->onboard;
    const struct esa_operation *operation = esa_request_operation(request);
    struct cp_error why = {CP_OK, 0, 0, ""};
    enum cp_status status = CP_OK;
    slot->intent = 0;
    if (is_journaled(operation)) {
        status = onboard_journal_intend(o->journal, &slot->intent, &slot->row, operation->name,
                                        onboard_now_ms(), err);
        if (status != CP_OK) { /* not on the disk: not sent */
            (void)cp_fail(&why, CP_ERR_IO, "the journal could not be written");
            esa_task_feed(slot->task, CP_ERR_IO, NULL, NULL, &why, onboard_monotonic_ms());
            return status;
        }
        slot->has_intent = true;
    }
    slot->was_creation = slot->was_creation || is_creation(operation);
    status = esa_multi_start(e->multi, request, slot, &why);
    if (status == CP_OK) {
        slot->is_out = true;
        return CP_OK;
    }
    esa_task_feed(slot->task, status, NULL, NULL, &why, onboard_monotonic_ms());
    if (slot->intent != 0)
        status = onboard_journal_answer(o->journal, slot->intent, NULL, why.message,
                                        onboard_now_ms(), err);
    else
        status = CP_OK;
    slot->intent = 0;
    return status;
}

/* False: not now. */
static bool may_send(struct onboard_engine *e, struct onboard_slot *slot,
                     const struct esa_request *request) {
    if (esa_multi_num_active(e->multi) >= e->onboard->concurrency)
        return false;
    if (!is_creation(esa_request_operation(request)))
        return true;
    if (!slot->has_token) {
        int64_t now_ms = onboard_now_ms(), wait_ms = esa_bucket_take(&e->bucket, now_ms);
        if (wait_ms > 0) {
            slot->wake_ms = onboard_monotonic_ms() + wait_ms;
            e->token_ms = now_ms + wait_ms;
            return false;
        }
    }
    slot->has_token = false;
    return true;
}

enum cp_status onboard_slot_step(struct onboard_engine *e, struct onboard_slot *slot,
                                 struct cp_error *err) {
    const struct esa_request *request = NULL;
    int64_t until_ms = 0, now_ms = onboard_monotonic_ms();
    uint32_t random = 0;
    if (!slot->is_used || slot->is_out || slot->wake_ms > now_ms)
        return CP_OK;
    if (RAND_bytes((unsigned char *)&random, sizeof(random)) != 1)
        return cp_fail(err, CP_ERR_CRYPTO, "onboard: no random numbers");
    switch (esa_task_next(slot->task, &request, &until_ms, now_ms, random)) {
    case ESA_STEP_SEND:
        slot->is_handed = !may_send(e, slot, request);
        if (!slot->is_handed)
            return send(e, slot, request, err);
        if (e->is_closing && slot->wake_ms > now_ms) /* the quota may open hours later */
            return onboard_slot_cancel(e, slot, "the run ends before the quota allows it", err);
        return CP_OK;
    case ESA_STEP_WAIT:
        slot->wake_ms = until_ms;
        return CP_OK;
    case ESA_STEP_END:
        break;
    }
    return end_slot(e, slot, err);
}

static bool is_throttled(const struct esa_outcome *outcome) {
    return outcome->result == ESA_REFUSED &&
           (outcome->retry_after_ms >= 0 || strcmp(outcome->code_text, "Throttling.User") == 0);
}

enum cp_status onboard_slot_result(struct onboard_engine *e, struct esa_multi_result *result,
                                   struct cp_error *err) {
    struct onboard_slot *slot = result->user;
    struct onboard *o = e->onboard;
    const struct esa_outcome *outcome = result->status == CP_OK ? &result->outcome : NULL;
    enum cp_status status = CP_OK;
    int64_t now_ms = onboard_now_ms();
    if (slot->intent != 0) {
        status = onboard_journal_answer(o->journal, slot->intent, outcome,
                                        outcome == NULL                   ? result->error.message
                                        : outcome->result == ESA_ACCEPTED ? NULL
                                                                          : outcome->reason,
                                        now_ms, err);
        if (outcome != NULL && outcome->request_id[0] != '\0')
            (void)snprintf(slot->row.request_id, sizeof(slot->row.request_id), "%s",
                           outcome->request_id);
        if (outcome != NULL && is_throttled(outcome)) {
            int64_t wait_ms = outcome->retry_after_ms >= 0 ? outcome->retry_after_ms : DRAIN_MS;
            esa_bucket_drain(&e->bucket, now_ms, wait_ms);
        }
    }
    slot->intent = 0;
    slot->is_out = false;
    slot->wake_ms = 0;
    esa_task_feed(slot->task, result->status, outcome, result->reply, &result->error,
                  onboard_monotonic_ms());
    esa_reply_free(result->reply);
    result->reply = NULL;
    return status;
}

enum cp_status onboard_slot_cancel(struct onboard_engine *e, struct onboard_slot *slot,
                                   const char *why, struct cp_error *err) {
    struct cp_error unsent = {CP_OK, 0, 0, ""};
    if (slot->is_handed) { /* its task believes that it is out, and must not call it unknown */
        (void)cp_fail(&unsent, CP_ERR_IO, "%s", why);
        esa_task_feed(slot->task, CP_ERR_IO, NULL, NULL, &unsent, onboard_monotonic_ms());
    }
    if (esa_task_result(slot->task)->end == ESA_TASK_OPEN)
        esa_task_cancel(slot->task, why);
    return end_slot(e, slot, err);
}
