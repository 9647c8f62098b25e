/* The limit of creations: the times of the last `max` of them, in a ring. */
#include "model.h"

#include <stdlib.h>

bool esa_emu_rate_init(struct esa_emu_rate *rate, int64_t max, int64_t window_s) {
    *rate = (struct esa_emu_rate){.max = (size_t)max, .window_ms = window_s * 1000};
    if (max == 0)
        return true;
    rate->times_ms = calloc(rate->max, sizeof *rate->times_ms);
    return rate->times_ms != NULL;
}

bool esa_emu_rate_take(struct esa_emu_rate *rate, int64_t *retry_after_ms, int64_t now_ms) {
    if (rate->max == 0)
        return true;
    while (rate->num > 0 && rate->times_ms[rate->first] <= now_ms - rate->window_ms) {
        rate->first = (rate->first + 1) % rate->max;
        rate->num--;
    }
    if (rate->num == rate->max) {
        int64_t until_ms = rate->times_ms[rate->first] + rate->window_ms - now_ms;
        /* A clock that was set back must not make anyone wait longer than a window. */
        *retry_after_ms = until_ms < rate->window_ms ? until_ms : rate->window_ms;
        return false;
    }
    rate->times_ms[(rate->first + rate->num++) % rate->max] = now_ms;
    return true;
}

void esa_emu_rate_cleanup(struct esa_emu_rate *rate) {
    free(rate->times_ms);
    *rate = (struct esa_emu_rate){0};
}
