/* The plan's open rows, many at a time: within the quota, in the journal before on the wire. */
#include "apply.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TICK_MS 500

int64_t onboard_now_ms(void) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t onboard_monotonic_ms(void) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The first failure on this side stays; from then on nothing is begun and nothing sent. */
static void note_failure(struct onboard_engine *e, enum cp_status status,
                         const struct cp_error *why) {
    if (status == CP_OK || e->failed != CP_OK)
        return;
    e->failed = status;
    e->error = *why;
    e->is_closing = true;
    onboard_progress_note(&e->progress, why->message);
}

/* For the next row that begins; false: none is to be had now. */
static bool take_token(struct onboard_engine *e) {
    if (!e->has_token) {
        int64_t now_ms = onboard_now_ms(), wait_ms = esa_bucket_take(&e->bucket, now_ms);
        e->token_ms = wait_ms > 0 ? now_ms + wait_ms : 0;
        e->has_token = wait_ms <= 0;
    }
    return e->has_token;
}

/* Fills free slots. A row that will be created takes its token before it begins: a task has a
 * deadline, which an empty bucket must not eat up. */
static void begin_rows(struct onboard_engine *e) {
    for (size_t i = 0; i < e->num_slots && !e->is_closing && !e->is_exhausted;) {
        struct onboard_slot *slot = &e->slots[i];
        struct cp_error why = {CP_OK, 0, 0, ""};
        bool found = false, is_new = e->cursor.filter == ONBOARD_NEW_ROWS;
        if (slot->is_used) {
            i++;
            continue;
        }
        if (is_new && !take_token(e))
            return;
        enum cp_status status =
            onboard_rows_next(e->onboard->rows, &e->cursor, &found, &slot->row, &why);
        if (status == CP_OK && found)
            status = onboard_slot_begin(e, slot, &why);
        else if (status == CP_OK && is_new)
            e->is_exhausted = true;
        else if (status == CP_OK) /* rows that need no creation came first */
            e->cursor =
                (struct onboard_cursor){.order = ONBOARD_BY_MATERIAL, .filter = ONBOARD_NEW_ROWS};
        note_failure(e, status, &why);
        if (slot->is_used && is_new) {
            slot->has_token = true;
            e->has_token = false;
        }
    }
}

static void step_rows(struct onboard_engine *e) {
    for (size_t i = 0; i < e->num_slots && e->failed == CP_OK; i++) {
        struct cp_error why = {CP_OK, 0, 0, ""};
        note_failure(e, onboard_slot_step(e, &e->slots[i], &why), &why);
    }
    size_t most = e->onboard->stop_after;
    if (most != 0 && e->num_failures >= most && !e->is_closing) {
        e->is_closing = true;
        onboard_progress_note(&e->progress,
                              "stopped after as many failures as --stop-after allows; "
                              "what is under way ends");
    }
}

/* Rows between two requests end at once; those whose request is out wait for its outcome. */
static void cancel_idle(struct onboard_engine *e, bool all, const char *why_cancelled) {
    for (size_t i = 0; i < e->num_slots; i++) {
        struct cp_error why = {CP_OK, 0, 0, ""};
        struct onboard_slot *slot = &e->slots[i];
        if (slot->is_used && (all || !slot->is_out))
            note_failure(e, onboard_slot_cancel(e, slot, why_cancelled, &why), &why);
    }
}

static int64_t next_wake_ms(const struct onboard_engine *e) {
    int64_t now = onboard_monotonic_ms(), least = now + TICK_MS;
    bool may_start = esa_multi_num_active(e->multi) < e->onboard->concurrency;
    for (size_t i = 0; i < e->num_slots; i++) {
        const struct onboard_slot *slot = &e->slots[i];
        if (slot->is_used && !slot->is_out && slot->wake_ms < least &&
            (may_start || slot->wake_ms > now))
            least = slot->wake_ms;
    }
    return least > now ? least - now : 0;
}

static void nap(int64_t ms) {
    const struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)nanosleep(&wait, NULL); /* a signal ends it, as it should */
}

/* Takes results, waiting for the first one. */
static void take_results(struct onboard_engine *e) {
    static struct esa_multi_result result; /* large, and one at a time */
    int64_t wait_ms = next_wake_ms(e);
    bool has_result = true;
    if (esa_multi_num_active(e->multi) == 0) {
        if (wait_ms > 0)
            nap(wait_ms);
        return;
    }
    while (has_result) {
        struct cp_error why = {CP_OK, 0, 0, ""};
        memset(&result, 0, sizeof(result));
        enum cp_status status = esa_multi_wait(e->multi, &has_result, &result, wait_ms, &why);
        if (status == CP_OK && has_result)
            status = onboard_slot_result(e, &result, &why);
        else if (status != CP_OK)
            has_result = false;
        note_failure(e, status, &why);
        wait_ms = 0;
    }
}

static void run(struct onboard_engine *e) {
    bool was_told = false;
    while (e->num_used != 0 || (!e->is_closing && !e->is_exhausted)) {
        int interrupts = cli_interrupt_count();
        if (interrupts != 0) {
            e->is_closing = true;
            if (!was_told && e->num_used != 0)
                onboard_progress_note(&e->progress, "interrupted: calls that are out are waited "
                                                    "for; Ctrl-C again cuts them");
            was_told = true;
        }
        if (interrupts > 1 || (e->failed != CP_OK && esa_multi_num_active(e->multi) == 0)) {
            /* Cutting first: a result must not come in for a slot that is gone. */
            esa_multi_free(e->multi);
            e->multi = NULL;
            cancel_idle(e, true, interrupts > 1 ? "cut by Ctrl-C" : "the run could not go on");
            return;
        }
        if (interrupts != 0)
            cancel_idle(e, false, "interrupted");
        begin_rows(e);
        if (interrupts == 0)
            step_rows(e);
        int64_t token_ms = e->token_ms == 0 ? 0 : e->token_ms - onboard_now_ms();
        onboard_progress_tick(&e->progress, esa_multi_num_active(e->multi),
                              token_ms > 0 && !e->is_exhausted ? token_ms : 0);
        if (e->num_used != 0 || (!e->is_closing && !e->is_exhausted))
            take_results(e);
    }
}

static void restore_token(void *context, int64_t taken_ms) {
    esa_bucket_restore(context, taken_ms);
}

/* What the plan found to be there is noted, too: the next plan need not look at it again. */
static enum cp_status note_planned(struct onboard *o, struct cp_error *err) {
    static struct onboard_row row;
    struct onboard_cursor cursor = {.order = ONBOARD_BY_LINE};
    bool found = true;
    enum cp_status status = onboard_journal_begin(o->journal, err);
    while (status == CP_OK && found) {
        status = onboard_rows_next(o->rows, &cursor, &found, &row, err);
        if (status == CP_OK && found && row.hostname_id != 0 && row.digest[0] != '\0' &&
            (row.state == ONBOARD_UNCHANGED || row.state == ONBOARD_DIFFERENT ||
             row.state == ONBOARD_STOPPED))
            status = onboard_journal_settle(o->journal, &row, onboard_now_ms(), err);
    }
    return status == CP_OK ? onboard_journal_commit(o->journal, err) : status;
}

static enum cp_status open_engine(struct onboard_engine *e, struct cp_error *err) {
    struct onboard *o = e->onboard;
    size_t counts[ONBOARD_NUM_STATES];
    enum cp_status status = note_planned(o, err);
    if (status == CP_OK)
        status = onboard_rows_count(o->rows, counts, err);
    if (status == CP_OK)
        status = esa_bucket_init(&e->bucket, o->rate, o->period_ms, err);
    if (status == CP_OK)
        status = onboard_journal_creations(o->journal, onboard_now_ms() - o->period_ms,
                                           restore_token, &e->bucket, err);
    if (status == CP_OK)
        status = esa_multi_new(&e->multi, o->client, o->concurrency, err);
    if (status != CP_OK)
        return status;
    e->num_slots = o->concurrency * ONBOARD_SLOTS_EACH;
    e->slots = calloc(e->num_slots, sizeof(*e->slots));
    if (e->slots == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "onboard: out of memory");
    e->cursor = (struct onboard_cursor){.order = ONBOARD_BY_MATERIAL, .filter = ONBOARD_THERE_ROWS};
    onboard_progress_begin(&e->progress, o,
                           counts[ONBOARD_CREATE] + counts[ONBOARD_UPDATE] + counts[ONBOARD_RESUME],
                           counts[ONBOARD_CREATE]);
    return CP_OK;
}

enum cp_status onboard_apply(struct onboard *o, bool *interrupted, struct cp_error *err) {
    struct onboard_engine e = {.onboard = o};
    enum cp_status status = open_engine(&e, err);
    if (status == CP_OK) {
        run(&e);
        onboard_progress_end(&e.progress);
        status = e.failed;
        if (status != CP_OK && err != NULL)
            *err = e.error;
    }
    *interrupted = cli_interrupt_count() != 0;
    for (size_t i = 0; e.slots != NULL && i < e.num_slots; i++)
        onboard_slot_free(&e.slots[i]);
    free(e.slots);
    esa_multi_free(e.multi);
    esa_bucket_cleanup(&e.bucket);
    return status;
}
