/* progress: what a run says on stderr while it goes on. On a terminal one line with a bar, which is
 * rewritten; elsewhere a line for each row. */
#ifndef CP_ONBOARD_PROGRESS_H
#define CP_ONBOARD_PROGRESS_H

#include "onboard.h"

struct onboard_progress {
    bool is_terminal, quiet;
    size_t total, done, failed;
    int64_t begun_ms, drawn_ms;
    size_t rate, num_used;
    int64_t period_ms;
    size_t creations_left;
};

void onboard_progress_begin(struct onboard_progress *progress, const struct onboard *onboard,
                            size_t total, size_t creations);
void onboard_progress_row(struct onboard_progress *progress, const struct onboard_row *row,
                          bool was_creation);
/* num_active exchanges are out; token_ms: until the quota lets the next creation go, 0: now. */
void onboard_progress_tick(struct onboard_progress *progress, size_t num_active, int64_t token_ms);
/* A line of its own, whatever the form. */
void onboard_progress_note(struct onboard_progress *progress, const char *text);
void onboard_progress_end(struct onboard_progress *progress);

#endif
