#include "progress_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_COLUMNS 80
#define LEAST_COLUMNS 20

void cli_progress_init(struct cli_progress *progress, bool is_silent) {
    const char *term = getenv("TERM");
    *progress = (struct cli_progress){
        .is_silent = is_silent,
        .is_terminal = isatty(STDERR_FILENO) == 1 && term != NULL && strcmp(term, "dumb") != 0,
    };
}

static size_t columns(void) {
    struct winsize size = {.ws_col = 0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < LEAST_COLUMNS)
        return DEFAULT_COLUMNS;
    return size.ws_col;
}

/* At most so many characters: a line that wraps could not be rewritten. */
static void cut(char *text, size_t max) {
    size_t num = 0;
    for (char *p = text; *p != '\0'; p++) {
        if (((unsigned char)*p & 0xC0) == 0x80)
            continue;
        if (num++ == max) {
            *p = '\0';
            return;
        }
    }
}

void cli_progress_show(struct cli_progress *progress, const char *hostname, const char *what,
                       int64_t wait_ms) {
    char line[CLI_PROGRESS_MAX], shown[CLI_PROGRESS_MAX + 40];
    if (progress->is_silent)
        return;
    snprintf(line, sizeof(line), "%s%s%s", hostname, hostname[0] != '\0' ? ": " : "", what);
    if (progress->is_terminal) {
        char wait[40] = " ...";
        if (wait_ms >= 0)
            snprintf(wait, sizeof(wait), " (again in %lld s)", (long long)((wait_ms + 999) / 1000));
        size_t room = columns() - 1, wait_len = strlen(wait);
        cut(line, room > wait_len + LEAST_COLUMNS ? room - wait_len : room);
        snprintf(shown, sizeof(shown), "%s%s", line, wait);
        cut(shown, room);
        fputs("\r\x1b[K", stderr);
        cli_put(stderr, shown);
        (void)fflush(stderr);
        progress->has_line = true;
        return;
    }
    /* The waits alone are no change, and what is being asked is over before anybody reads it. */
    if (wait_ms < 0 || strcmp(line, progress->last) == 0)
        return;
    memcpy(progress->last, line, sizeof(line));
    fputs("certprep: ", stderr);
    cli_put(stderr, line);
    fputs("\n", stderr);
}

void cli_progress_end(struct cli_progress *progress) {
    if (progress->has_line)
        fputs("\r\x1b[K", stderr);
    progress->has_line = false;
}
