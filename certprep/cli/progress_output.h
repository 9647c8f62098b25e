/* progress_output: what a command waits for, on standard error: one line that is rewritten on a
 * terminal, elsewhere a line for each change. */
#ifndef CP_CLI_PROGRESS_OUTPUT_H
#define CP_CLI_PROGRESS_OUTPUT_H

#include "apiclient/esa_task.h"
#include "view.h"

#define CLI_PROGRESS_MAX ((size_t)640)

struct cli_progress {
    bool is_silent, is_terminal;
    bool has_line; /* on the terminal, to be rewritten */
    char last[CLI_PROGRESS_MAX];
};

void cli_progress_init(struct cli_progress *progress, bool is_silent);
/* wait_ms: how long until the next look; -1: it is being asked now. */
void cli_progress_show(struct cli_progress *progress, const char *hostname, const char *what,
                       int64_t wait_ms);
/* Takes the line away: something else is printed now. */
void cli_progress_end(struct cli_progress *progress);

#endif
