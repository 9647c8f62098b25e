/* task: the state that the parts of a task share.
 *
 *   task.c         new, next, feed, cancel; waits, limits, ends
 *   task_create.c  CreateCustomHostname: reconciling what is not known
 *   task_change.c  update, delete, verify, apply
 *   task_follow.c  waiting for the goal
 *
 * A phase is what is being sent. feed hands what became of it to the phase's function, which ends
 * the task or goes to a phase, now or after a wait. No clock, no sleep, no network. */
#ifndef ESA_TASK_INTERNAL_H
#define ESA_TASK_INTERNAL_H

#include "esa_task.h"

enum esa_phase {
    ESA_PHASE_CHANGE,     /* the intention */
    ESA_PHASE_LIST,       /* is there a custom hostname of this name? */
    ESA_PHASE_LOOK,       /* Get, to compare */
    ESA_PHASE_UPDATE,     /* made from a create request */
    ESA_PHASE_APPLY,      /* for the certificate that a creation could not get */
    ESA_PHASE_APPLY_LOOK, /* Get: is it applied for? */
    ESA_PHASE_FOLLOW,     /* Get, while waiting for the goal */
    ESA_PHASE_VERIFY,     /* between two of those */
    ESA_PHASE_END,
};

/* What became of one request. */
enum esa_event_kind {
    ESA_EVENT_ACCEPTED,
    ESA_EVENT_AGAIN,   /* nothing was done, and the same may do another time */
    ESA_EVENT_REFUSED, /* nothing was done, and repeating won't help */
    ESA_EVENT_UNKNOWN, /* it may have been done; of a read: nothing was learnt */
    ESA_EVENT_FAILED,  /* nothing was sent, for a reason on this side that stays */
};

struct esa_event {
    enum esa_event_kind kind;
    enum cp_status status;
    const struct esa_outcome *outcome; /* if status is CP_OK */
    const struct esa_reply *reply;     /* may be NULL */
    const struct cp_error *error;      /* if status is not CP_OK; may be NULL */
    int64_t now_ms;
};

/* What the intention is. */
enum esa_intent {
    ESA_INTENT_CREATE,
    ESA_INTENT_UPDATE,
    ESA_INTENT_DELETE,
    ESA_INTENT_VERIFY,
    ESA_INTENT_APPLY,
};

/* What a creation whose work began and failed still needs, once it is found. */
enum esa_mend { ESA_MEND_NONE, ESA_MEND_APPLY, ESA_MEND_UPDATE };

struct esa_task {
    const struct esa_request *intention; /* borrowed */
    struct esa_task_options options;     /* zeros replaced */
    enum esa_intent intent;
    enum esa_phase phase;
    struct esa_request *made;          /* the phase's request, unless it is the intention; owned */
    const struct esa_request *current; /* one of the two */
    bool is_handed;                    /* given out by next, not fed */

    bool has_started;
    int64_t start_ms;
    int64_t not_before_ms;
    bool has_jitter; /* next has still to draw a wait, which begins at jitter_from_ms */
    int64_t jitter_from_ms;
    int64_t jitter_floor_ms;
    unsigned jitter_attempt;

    unsigned num_steps; /* requests handed out before the goal's waiting */
    unsigned tries;     /* of the phase's request */

    unsigned create_tries;
    unsigned change_tries;  /* of update, delete, verify, apply */
    unsigned limited_tries; /* that ended with a code that allows only some */
    unsigned looks;         /* that showed no certificate applied for */
    bool is_open;           /* a change of ours was sent, and whether it was done is not known */
    bool was_refused;       /* the last reply to a change was a refusal */
    bool is_conflict;       /* the service says that something has the name */
    bool is_final;          /* a last look before saying that it was refused */
    unsigned absences, absences_wanted;
    unsigned vanishings;
    unsigned list_tries; /* lists that were not whole */
    int64_t page_number;
    int64_t rows_seen;
    enum esa_mend mend;
    bool was_ours; /* what was found is what an open creation of ours made */

    enum esa_task_end success;
    int64_t goal_until_ms; /* if following */
    bool is_following;
    bool may_verify;
    struct esa_task_result result;
};

/* ---- task.c, for the other parts ---- */

/* The wait that an absence, a settling or a poll asks for. */
void esa_task_wait(struct esa_task *task, int64_t now_ms, int64_t wait_ms);
/* To the phase, with a request that the task owns from now on, or (NULL) with the intention. */
void esa_task_go(struct esa_task *task, enum esa_phase phase, struct esa_request *request);
/* After so many tries: are there no more? Some codes allow fewer. outcome may be NULL. */
bool esa_task_was_last_try(const struct esa_task *task, unsigned tries,
                           const struct esa_outcome *outcome);
/* A wait with jitter before the next try, as long as the code and the service want it. */
void esa_task_back_off(struct esa_task *task, int64_t now_ms, unsigned tries,
                       const struct esa_outcome *outcome);
/* Counts a try; false if it was the last one, else the next one comes after a wait. */
CP_MUST_USE bool esa_task_again(struct esa_task *task, const struct esa_event *event,
                                unsigned *tries);
void esa_task_stop(struct esa_task *task, enum esa_task_end end, const char *format, ...)
    CP_PRINTF(3, 4);
/* Where it stands: UNKNOWN if a change is open, STOPPED if it was done and only the goal was not
 * reached, REFUSED if the service said so, else NOT_SENT. */
void esa_task_stop_undecided(struct esa_task *task, const char *format, ...) CP_PRINTF(2, 3);
/* Undecided, by what became of this request. what: "the list". */
void esa_task_stop_by(struct esa_task *task, const struct esa_event *event, const char *what);
/* Done; now the goal. */
void esa_task_succeed(struct esa_task *task, enum esa_task_end end, int64_t now_ms);
/* The outcome of a change, or of what ended the task. */
void esa_task_keep_outcome(struct esa_task *task, const struct esa_event *event);
void esa_task_saw(struct esa_task *task, const struct esa_hostname *found);
/* Get of result.hostname_id. False: the task has ended, out of memory. */
bool esa_task_look(struct esa_task *task, enum esa_phase phase);
bool esa_event_has_code(const struct esa_event *event, const char *code);
/* The hostname of a Get, or NULL if it is not that of the id asked for. */
const struct esa_hostname *esa_event_hostname(const struct esa_task *task,
                                              const struct esa_event *event);

/* ---- the other parts ---- */

void esa_task_start_create(struct esa_task *task);
void esa_task_start_change(struct esa_task *task);
void esa_task_start_apply(struct esa_task *task);
void esa_task_fed_create(struct esa_task *task, const struct esa_event *event);
void esa_task_fed_list(struct esa_task *task, const struct esa_event *event);
void esa_task_fed_compare(struct esa_task *task, const struct esa_event *event);
void esa_task_fed_update(struct esa_task *task, const struct esa_event *event);
void esa_task_fed_change(struct esa_task *task, const struct esa_event *event);
void esa_task_fed_change_look(struct esa_task *task, const struct esa_event *event);
void esa_task_fed_apply(struct esa_task *task, const struct esa_event *event);
void esa_task_fed_apply_look(struct esa_task *task, const struct esa_event *event);
void esa_task_fed_follow(struct esa_task *task, const struct esa_event *event);
void esa_task_fed_verify(struct esa_task *task, const struct esa_event *event);

#define ESA_CODE_NOT_FOUND "CustomHostname.NotFound"
#define ESA_CODE_UNPASSED "CustomHostname.VerifyUnpassed"

#endif
