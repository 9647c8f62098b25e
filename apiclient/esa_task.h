/* esa_task.h: from an intention to certainty. Included by nobody but those that send.
 *
 *   esa_task (pure: what to send next, how long to wait, what it came to)
 *   esa_client_run (one task, blocking)      esa_multi (many exchanges at once)
 *
 * A task never sends a creation twice blindly: after an UNKNOWN it waits for the service to settle,
 * lists (exact), compares, gets, compares the certificate, and only an absence that the service
 * stated twice, some seconds apart, leads to another creation, with a nonce of its own. Nothing
 * here sleeps, reads a clock or a random source but esa_client_run: times are given (`_ms`, any
 * monotonic origin), and so is the jitter.
 */
#ifndef ESA_TASK_H
#define ESA_TASK_H

#include "apiclient.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- retry ----------------------------------------------------------------------------------- */

/* All zero: the values in brackets. */
struct esa_retry {
    unsigned max_attempts; /* of one request [5]; 1: no retry */
    unsigned max_requests; /* of a task until its goal is waited for, look-ups included [24] */
    int64_t base_ms;       /* first wait is 0 to base (full jitter), doubling [1,000] */
    int64_t cap_ms;        /* [30,000] */
    int64_t slow_ms;       /* least wait for the slow codes: ApplyCertFailed ... [10,000] */
    int64_t deadline_ms; /* from the first step until the goal is waited for [300,000]; -1: none */
    int64_t settle_ms;   /* after an UNKNOWN, before looking; twice that between two looks that
                            are to prove an absence [3,000] */
};

/* Full jitter: 0 to min(cap, base * 2^attempt), by random in 0..UINT32_MAX; never less than what
 * the service asked for (retry_after_ms, -1: nothing). attempt counts from 0. */
ESA_EXPORT int64_t esa_retry_wait_ms(const struct esa_retry *retry, unsigned attempt,
                                     uint32_t random, int64_t retry_after_ms);

/* ---- comparing what is there with what is wanted --------------------------------------------- */

enum esa_match {
    ESA_MATCH_EQUAL,
    ESA_MATCH_DIFFERENT,
    ESA_MATCH_LOOK, /* a list's row agrees as far as it goes; Get has the certificate */
};

#define ESA_DIFFERENCE_MAX ((size_t)512)

/* Does this hostname have what the create or update request wants: RecordId, SslFlag, CertType, and
 * the leaf's SHA-256 or CasId? difference: one clause for each point ("RecordId is 3, want 4"), ""
 * if equal. is_whole: it came from Get. A row of another Hostname or SiteId is DIFFERENT and must
 * not be acted upon. */
ESA_EXPORT enum esa_match esa_hostname_match(char difference[ESA_DIFFERENCE_MAX],
                                             const struct esa_hostname *found, bool is_whole,
                                             const struct esa_request *wanted);

/* ---- following until it serves --------------------------------------------------------------- */

enum esa_goal {
    ESA_GOAL_NONE,
    ESA_GOAL_RECORDS, /* the customer's records are known */
    ESA_GOAL_ACTIVE,  /* active, and its certificate OK or Expiring, or no TLS */
};

enum esa_progress {
    ESA_PROGRESS_REACHED,
    ESA_PROGRESS_WAITING,
    ESA_PROGRESS_STOPPED, /* conflicted, offline, ApplyFailed, Expired: waiting won't help */
};

/* why: one clause of what is waited for, or why it stopped. found comes from Get. */
ESA_EXPORT enum esa_progress esa_hostname_progress(char why[ESA_REASON_MAX],
                                                   const struct esa_hostname *found,
                                                   enum esa_goal goal);

/* ---- a task ---------------------------------------------------------------------------------- */

struct esa_task;

enum esa_task_flags {
    ESA_TASK_LOOK_FIRST = 1, /* look and compare before anything that changes is sent (--ensure) */
    ESA_TASK_UPDATE = 2,     /* different: update it; without: DIFFERENT */
    ESA_TASK_VERIFY = 4,     /* with a goal ACTIVE: ask for verification while pending */
    ESA_TASK_RESUME = 8,     /* an earlier run may have sent it and did not see the end: as after an
                                UNKNOWN of this run, one absence is not enough to send it again */
};

enum esa_task_end {
    ESA_TASK_OPEN,      /* not at its end */
    ESA_TASK_DONE,      /* accepted, or found to have been accepted */
    ESA_TASK_EQUAL,     /* was there already, as wanted; nothing was changed */
    ESA_TASK_UPDATED,   /* was there, different, and was updated */
    ESA_TASK_DIFFERENT, /* is there, different; nothing was changed */
    ESA_TASK_STOPPED, /* it exists (of a creation: made, or perhaps made, by this task), but waiting
                         for the goal won't help, its time is over, or its certificate could not
                         be set or applied for */
    ESA_TASK_REFUSED,
    ESA_TASK_UNKNOWN,  /* it may have been done; the deadline, the budget or a cancel ended it */
    ESA_TASK_NOT_SENT, /* nothing that changes anything was sent (no connection, no credential) */
};
ESA_EXPORT const char *esa_task_end_name(enum esa_task_end end);

struct esa_task_options {
    struct esa_retry retry;
    unsigned flags;
    enum esa_goal goal;
    int64_t poll_ms; /* between two looks while waiting for the goal [5,000] */
    int64_t goal_ms; /* how long to wait for the goal, after the creation [600,000] */
};

/* What a task came to. Owns nothing. */
struct esa_task_result {
    enum esa_task_end end;
    struct esa_outcome outcome; /* of the last request that changes something, or of the look that
                                   ended the task; result UNKNOWN if there was none */
    bool has_outcome;
    int64_t hostname_id;       /* 0: not known */
    struct esa_hostname found; /* as last seen; has_found */
    bool has_found;
    char difference[ESA_DIFFERENCE_MAX];
    char why[ESA_REASON_MAX]; /* one clause */
    unsigned num_requests;    /* sent, of all operations */
    unsigned num_creations;   /* CreateCustomHostname sent: what the quota counts */
    struct cp_error error;    /* NOT_SENT: why */
};

/* intention: a request of CreateCustomHostname, UpdateCustomHostname, DeleteCustomHostname,
 * VerifyCustomHostname or ApplyCustomHostnameCertificate; borrowed until the task is freed. For a
 * create request with ESA_TASK_UPDATE, update is made from the same parts with the found id by the
 * task itself. */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_task_new(struct esa_task **out,
                                                    const struct esa_request *intention,
                                                    const struct esa_task_options *options,
                                                    struct cp_error *err);
ESA_EXPORT void esa_task_free(struct esa_task *task);

enum esa_step {
    ESA_STEP_SEND, /* *request is to be sent now, and its result fed */
    ESA_STEP_WAIT, /* call again at *wait_until_ms, not before */
    ESA_STEP_END,
};

/* Does not change the task but for the deadline's sake: asked again it answers the same until it is
 * fed. *request is borrowed until the next feed. A caller writes its journal between next and the
 * sending. random: for the jitter. */
ESA_EXPORT enum esa_step esa_task_next(struct esa_task *task, const struct esa_request **request,
                                       int64_t *wait_until_ms, int64_t now_ms, uint32_t random);
/* What became of the request that next gave. status is esa_client_call's (or CP_OK); outcome and
 * reply count if it is CP_OK. reply may be NULL. */
ESA_EXPORT void esa_task_feed(struct esa_task *task, enum cp_status status,
                              const struct esa_outcome *outcome, const struct esa_reply *reply,
                              const struct cp_error *error, int64_t now_ms);
/* Ends it where it stands: UNKNOWN if a creation is out or undecided, NOT_SENT if none was. */
ESA_EXPORT void esa_task_cancel(struct esa_task *task, const char *why);
ESA_EXPORT const struct esa_task_result *esa_task_result(const struct esa_task *task);

/* Told before each request is sent (outcome NULL) and after its outcome or failure, and before each
 * wait (request NULL, wait_ms). For progress lines and journals. May be NULL. */
typedef void esa_task_watch_fn(void *context, const struct esa_request *request,
                               const struct esa_outcome *outcome, const struct cp_error *error,
                               int64_t wait_ms);

/* Carries one task out, blocking; sleeps between, in pieces that the client's cancel interrupts. */
ESA_EXPORT void esa_client_run(const struct esa_client *client, struct esa_task *task,
                               esa_task_watch_fn *watch, void *watch_context);

/* One call that changes nothing (a list, a get), repeated by class as retry says. Fills *reply only
 * if ACCEPTED. */
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_client_read(const struct esa_client *client, struct esa_outcome *outcome,
                struct esa_reply **reply, const struct esa_request *request,
                const struct esa_retry *retry, struct cp_error *err);

/* ---- names to ids ---------------------------------------------------------------------------- */

/* Exactly one site of this name (compared without case, all pages read); CP_ERR_USAGE says that
 * there is none (with what comes near) or more than one. */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_find_site(const struct esa_client *client,
                                                     struct esa_site *out, const char *site_name,
                                                     const struct esa_retry *retry,
                                                     struct cp_error *err);
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_find_record(const struct esa_client *client, struct esa_record *out, int64_t site_id,
                const char *record_name, const struct esa_retry *retry, struct cp_error *err);
/* The custom hostname of exactly this name and site; *found false if the service has none. */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_find_hostname(const struct esa_client *client,
                                                         struct esa_hostname *out, bool *found,
                                                         int64_t site_id, const char *hostname,
                                                         const struct esa_retry *retry,
                                                         struct cp_error *err);

/* ---- many at once ---------------------------------------------------------------------------- */

struct esa_multi;

#define ESA_MULTI_MAX ((size_t)64)

struct esa_multi_result {
    void *user;
    enum cp_status status; /* as of esa_client_call */
    struct esa_outcome outcome;
    struct esa_reply *reply; /* owned by the caller now; may be NULL */
    struct cp_error error;
};

/* At most max_active (1 to ESA_MULTI_MAX) exchanges at once, over kept connections. The client is
 * borrowed. */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_multi_new(struct esa_multi **out,
                                                     const struct esa_client *client,
                                                     size_t max_active, struct cp_error *err);
/* Unfinished exchanges are cut; the service may have acted on them. */
ESA_EXPORT void esa_multi_free(struct esa_multi *multi);
ESA_EXPORT size_t esa_multi_num_active(const struct esa_multi *multi);
/* Signs now; esa_multi_wait does the sending. The request is borrowed until its result was taken.
 * CP_ERR_LIMIT if max_active are under way (ended ones count until they are taken); any failure
 * means that nothing was sent. */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_multi_start(struct esa_multi *multi,
                                                       const struct esa_request *request,
                                                       void *user, struct cp_error *err);
/* Lets all exchanges go on until one ends, but no longer than timeout_ms; at once if one has ended
 * or none is under way. *has_result false: none has. A result may come in any order. */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_multi_wait(struct esa_multi *multi, bool *has_result,
                                                      struct esa_multi_result *result,
                                                      int64_t timeout_ms, struct cp_error *err);

/* ---- the hourly budget ----------------------------------------------------------------------- */

/* Tokens that come back one period after each was taken, so that no window of that length ever sees
 * more than the capacity (a bucket that refills evenly allows nearly twice as many in its first
 * period). Times are wall-clock ms, since the service counts across runs: a journal restores what
 * earlier runs took. A clock that goes back gives nothing back. */
#define ESA_BUCKET_MAX ((size_t)10000)
struct esa_bucket {
    size_t capacity;   /* 1 to ESA_BUCKET_MAX */
    int64_t period_ms; /* 100 creations in 3,600,000 ms */
    int64_t *taken_ms; /* a ring of capacity times, oldest at first */
    size_t first, num_taken;
    int64_t latest_ms;        /* the latest time seen */
    int64_t drained_until_ms; /* none before, by the service's word */
};
ESA_EXPORT ESA_MUST_USE enum cp_status esa_bucket_init(struct esa_bucket *bucket, size_t capacity,
                                                       int64_t period_ms, struct cp_error *err);
ESA_EXPORT void esa_bucket_cleanup(struct esa_bucket *bucket);
/* One was taken at that time, by an earlier run; oldest first. */
ESA_EXPORT void esa_bucket_restore(struct esa_bucket *bucket, int64_t taken_ms);
/* 0: a token was taken; else how many ms until there is one. */
ESA_EXPORT int64_t esa_bucket_take(struct esa_bucket *bucket, int64_t now_ms);
/* The service says that there is none: none before now_ms + retry_after_ms (-1: it did not say:
 * a tenth of the period). */
ESA_EXPORT void esa_bucket_drain(struct esa_bucket *bucket, int64_t now_ms, int64_t retry_after_ms);

#ifdef __cplusplus
}
#endif

#endif
