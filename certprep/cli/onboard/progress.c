#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BAR 24
#define REDRAW_MS 200
#define TIME_TEXT 32

/* "2 d 03:04:05", "03:04:05" */
static const char *duration(char out[TIME_TEXT], int64_t ms) {
    int64_t s = (ms + 999) / 1000;
    if (s >= 86400)
        (void)snprintf(out, TIME_TEXT, "%" PRId64 " d %02d:%02d:%02d", s / 86400,
                       (int)(s / 3600 % 24), (int)(s / 60 % 60), (int)(s % 60));
    else
        (void)snprintf(out, TIME_TEXT, "%02d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60),
                       (int)(s % 60));
    return out;
}

void onboard_progress_begin(struct onboard_progress *p, const struct onboard *o, size_t total,
                            size_t creations) {
    const char *term = getenv("TERM");
    *p = (struct onboard_progress){.quiet = o->options.quiet,
                                   .total = total,
                                   .begun_ms = onboard_monotonic_ms(),
                                   .rate = o->rate,
                                   .num_used = o->num_used,
                                   .period_ms = o->period_ms,
                                   .creations_left = creations};
    p->is_terminal =
        !p->quiet && isatty(STDERR_FILENO) == 1 && term != NULL && strcmp(term, "dumb") != 0;
}

static void clear(const struct onboard_progress *p) {
    if (p->is_terminal)
        fputs("\r\x1b[K", stderr);
}

void onboard_progress_row(struct onboard_progress *p, const struct onboard_row *row,
                          bool was_creation) {
    bool is_failure = onboard_state_is_failure(row->state);
    p->done++;
    p->failed += is_failure;
    if (was_creation) {
        p->num_used++;
        if (p->creations_left > 0)
            p->creations_left--;
    }
    if (p->quiet || (p->is_terminal && !is_failure))
        return;
    clear(p);
    fprintf(stderr, "certprep: %zu/%zu %s: %s", p->done, p->total, row->hostname,
            onboard_state_word(row->state));
    if (row->hostname_id != 0)
        fprintf(stderr, ", HostnameId %" PRId64, row->hostname_id);
    if (row->reason[0] != '\0') {
        fputs(": ", stderr);
        cli_put(stderr, row->reason);
    }
    fputs("\n", stderr);
    p->drawn_ms = 0;
}

/* By the quota where that is what takes the time, else by how quick it went so far. */
static int64_t remaining_ms(const struct onboard_progress *p, int64_t token_ms) {
    int64_t elapsed = onboard_monotonic_ms() - p->begun_ms;
    int64_t by_pace = p->done == 0 ? 0 : elapsed / (int64_t)p->done * (int64_t)(p->total - p->done);
    size_t waves = p->creations_left == 0 ? 0 : (p->creations_left - 1) / p->rate;
    int64_t by_quota = token_ms + (int64_t)waves * p->period_ms;
    if (token_ms == 0)
        by_quota = onboard_duration_ms(p->creations_left, p->num_used, p->rate, p->period_ms);
    return by_quota > by_pace ? by_quota : by_pace;
}

void onboard_progress_tick(struct onboard_progress *p, size_t num_active, int64_t token_ms) {
    char bar[BAR + 1], eta[TIME_TEXT], wait[TIME_TEXT];
    int64_t now = onboard_monotonic_ms();
    if (!p->is_terminal || now - p->drawn_ms < REDRAW_MS)
        return;
    p->drawn_ms = now;
    size_t filled = p->total == 0 ? BAR : p->done * BAR / p->total;
    memset(bar, '.', BAR);
    memset(bar, '#', filled);
    bar[BAR] = '\0';
    fprintf(stderr, "\r\x1b[K[%s] %zu/%zu", bar, p->done, p->total);
    if (p->failed != 0)
        fprintf(stderr, ", %zu failed", p->failed);
    if (p->done != 0 || token_ms > 0)
        fprintf(stderr, ", ETA %s", duration(eta, remaining_ms(p, token_ms)));
    if (token_ms > 0)
        fprintf(stderr, ", quota: next in %s", duration(wait, token_ms));
    else
        fprintf(stderr, ", %zu call%s out", num_active, num_active == 1 ? "" : "s");
    (void)fflush(stderr);
}

void onboard_progress_note(struct onboard_progress *p, const char *text) {
    clear(p);
    fputs("certprep: ", stderr);
    cli_put(stderr, text);
    fputs("\n", stderr);
    p->drawn_ms = 0;
}

void onboard_progress_end(struct onboard_progress *p) {
    clear(p);
    (void)fflush(stderr);
}
