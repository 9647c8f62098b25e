/* Between apply.c (the loop) and slot.c (one row in it). */
#ifndef CP_ONBOARD_APPLY_H
#define CP_ONBOARD_APPLY_H

#include "progress.h"

#define ONBOARD_MAX_CONCURRENCY ((size_t)32)
/* Rows under way for each exchange that may be out: most of them wait, for a poll or a retry. */
#define ONBOARD_SLOTS_EACH ((size_t)4)

struct onboard_slot {
    bool is_used, is_out; /* a request of it is out */
    bool is_handed;       /* its task gave a request that is not sent yet */
    bool has_token;       /* of the bucket, for its next creation */
    bool was_open;        /* an earlier run had sent something for it */
    bool has_intent;      /* this run wrote one */
    bool was_creation;
    int64_t intent;  /* of the request that is out; 0: it changes nothing */
    int64_t wake_ms; /* monotonic: nothing is to be done before */
    struct onboard_row row;
    struct esa_request *request;
    struct esa_task *task;
};

struct onboard_engine {
    struct onboard *onboard;
    struct esa_multi *multi;
    struct esa_bucket bucket;
    struct onboard_progress progress;
    struct onboard_slot *slots;
    size_t num_slots, num_used;
    struct onboard_cursor cursor;
    bool is_exhausted; /* no row is left to begin with */
    bool has_token;    /* of the bucket, for the next row that begins */
    bool is_closing;   /* none is begun any more */
    size_t num_failures;
    int64_t token_ms;      /* wall clock: when the bucket has one again; 0: now */
    enum cp_status failed; /* the first failure on this side; nothing is sent after it */
    struct cp_error error;
};

/* Begins with the row in slot->row. If it is blocked now, it is settled, and the slot stays free.
 */
CP_MUST_USE enum cp_status onboard_slot_begin(struct onboard_engine *engine,
                                              struct onboard_slot *slot, struct cp_error *err);
/* Sends what is to be sent, if it may; ends the slot where its task ended. */
CP_MUST_USE enum cp_status onboard_slot_step(struct onboard_engine *engine,
                                             struct onboard_slot *slot, struct cp_error *err);
CP_MUST_USE enum cp_status onboard_slot_result(struct onboard_engine *engine,
                                               struct esa_multi_result *result,
                                               struct cp_error *err);
/* Ends it where it stands. */
CP_MUST_USE enum cp_status onboard_slot_cancel(struct onboard_engine *engine,
                                               struct onboard_slot *slot, const char *why,
                                               struct cp_error *err);
void onboard_slot_free(struct onboard_slot *slot);

#endif
