/* journal: what was meant to be sent, written and synced before it is sent, and what came of it.
 *
 *   onboard_journal_intend   the request is about to leave: on the disk when this returns
 *   (the request is sent)
 *   onboard_journal_answer   what the service said to it
 *   onboard_journal_settle   what the row came to
 *
 * A kill between any two of them leaves the row open, and a rerun looks before it sends. The schema
 * is in docs/onboard.md. Of material there are digests only; nothing in it is secret.
 */
#ifndef CP_ONBOARD_JOURNAL_H
#define CP_ONBOARD_JOURNAL_H

#include "rows.h"

struct onboard_journal;

enum onboard_journal_use {
    ONBOARD_JOURNAL_READ,  /* for a plan; one that is not there is empty */
    ONBOARD_JOURNAL_WRITE, /* made where there is none; one run at a time */
};

/* CP_ERR_USAGE if another run holds it (and which) or it is no journal of certprep, CP_ERR_PARSE if
 * it is damaged, CP_ERR_IO if it can't be read or written. */
CP_MUST_USE enum cp_status onboard_journal_open(struct onboard_journal **out, const char *path,
                                                enum onboard_journal_use use, int64_t now_ms,
                                                struct cp_error *err);
/* Says that the run ended by itself; a journal without that tells who holds it. */
void onboard_journal_close(struct onboard_journal *journal, int64_t now_ms);

/* What earlier runs left of a hostname. */
struct onboard_past {
    bool is_open; /* something was sent, or was to be, whose outcome is not known */
    enum onboard_state state;
    struct onboard_row row; /* ids, digest, records, reason */
};
/* By hostname and site: its id or, where that is 0, its name. */
CP_MUST_USE enum cp_status onboard_journal_find(struct onboard_journal *journal, bool *found,
                                                struct onboard_past *past,
                                                const struct onboard_row *row,
                                                struct cp_error *err);

/* When creations were sent after since_ms that may have counted for the quota, oldest first. */
typedef void onboard_taken_fn(void *context, int64_t taken_ms);
CP_MUST_USE enum cp_status onboard_journal_creations(struct onboard_journal *journal,
                                                     int64_t since_ms, onboard_taken_fn *taken,
                                                     void *context, struct cp_error *err);

/* Nothing may be sent unless this returns CP_OK. *intent names it for the answer. */
CP_MUST_USE enum cp_status onboard_journal_intend(struct onboard_journal *journal, int64_t *intent,
                                                  const struct onboard_row *row,
                                                  const char *operation, int64_t now_ms,
                                                  struct cp_error *err);
/* outcome NULL: nothing was sent, for the reason. */
CP_MUST_USE enum cp_status onboard_journal_answer(struct onboard_journal *journal, int64_t intent,
                                                  const struct esa_outcome *outcome,
                                                  const char *reason, int64_t now_ms,
                                                  struct cp_error *err);
/* The row's state and all that is known of it. */
CP_MUST_USE enum cp_status onboard_journal_settle(struct onboard_journal *journal,
                                                  const struct onboard_row *row, int64_t now_ms,
                                                  struct cp_error *err);
/* Many settled rows in one transaction. */
CP_MUST_USE enum cp_status onboard_journal_begin(struct onboard_journal *journal,
                                                 struct cp_error *err);
CP_MUST_USE enum cp_status onboard_journal_commit(struct onboard_journal *journal,
                                                  struct cp_error *err);

#endif
