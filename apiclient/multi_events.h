/* multi_events: what libcurl's multi handle waits for. One event costs the work of its own
 * exchange, where curl_multi_perform would go through all of them. */
#ifndef ESA_MULTI_EVENTS_H
#define ESA_MULTI_EVENTS_H

#include <poll.h>

#include "libcurl.h"

/* Two addresses that are tried at once and a resolver's wake-up for each exchange, and as many kept
 * connections. */
#define ESA_EVENTS_MAX ((size_t)256)

/* Must not be moved once esa_events_init was called: libcurl's callbacks point to it. */
struct esa_events {
    CURLM *curlm; /* borrowed */
    struct pollfd fds[ESA_EVENTS_MAX];
    size_t num_fds;
    bool has_timer;
    int64_t timer_at_ms; /* monotonic */
};

CURLMcode esa_events_init(struct esa_events *events, CURLM *curlm);
/* Waits up to timeout_ms for one event or more, and lets libcurl deal with them. A signal ends the
 * waiting early. */
CURLMcode esa_events_wait(struct esa_events *events, int64_t timeout_ms);

#endif
