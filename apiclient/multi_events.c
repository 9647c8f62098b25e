/* multi_events: poll for libcurl's multi handle. */
#include "multi_events.h"

#include "run.h"

/* libcurl wants to be told of this socket. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socket_context) {
    struct esa_events *events = context;
    size_t at = 0;
    (void)easy;
    (void)socket_context;
    while (at < events->num_fds && events->fds[at].fd != fd)
        at++;
    if (what == CURL_POLL_REMOVE) {
        if (at < events->num_fds)
            events->fds[at] = events->fds[--events->num_fds];
        return 0;
    }
    if (at == ESA_EVENTS_MAX)
        return -1;
    if (at == events->num_fds)
        events->num_fds++;
    events->fds[at] = (struct pollfd){
        .fd = fd,
        .events =
            (short)((what != CURL_POLL_OUT ? POLLIN : 0) | (what != CURL_POLL_IN ? POLLOUT : 0)),
    };
    return 0;
}

static int on_timer(CURLM *curlm, long timeout_ms, void *context) {
    struct esa_events *events = context;
    (void)curlm;
    events->has_timer = timeout_ms >= 0;
    events->timer_at_ms = esa_now_ms() + timeout_ms;
    return 0;
}

CURLMcode esa_events_init(struct esa_events *events, CURLM *curlm) {
    CURLMcode code = CURLM_OK;
    *events = (struct esa_events){.curlm = curlm};
#define SET(option, value)                                                                         \
    (code = code == CURLM_OK ? esa_libcurl.multi_setopt(curlm, option, value) : code)
    SET(CURLMOPT_SOCKETFUNCTION, on_socket);
    SET(CURLMOPT_SOCKETDATA, (void *)events);
    SET(CURLMOPT_TIMERFUNCTION, on_timer);
    SET(CURLMOPT_TIMERDATA, (void *)events);
#undef SET
    return code;
}

static int mask_of(short revents) {
    return ((revents & (POLLIN | POLLHUP)) != 0 ? CURL_CSELECT_IN : 0) |
           ((revents & POLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
           ((revents & (POLLERR | POLLNVAL)) != 0 ? CURL_CSELECT_ERR : 0);
}

CURLMcode esa_events_wait(struct esa_events *events, int64_t timeout_ms) {
    struct pollfd ready[ESA_EVENTS_MAX]; /* what libcurl does changes events->fds */
    size_t num_ready = 0;
    int num_running = 0;
    CURLMcode code = CURLM_OK;
    int64_t left_ms = events->has_timer ? events->timer_at_ms - esa_now_ms() : timeout_ms;
    if (left_ms > timeout_ms)
        left_ms = timeout_ms;
    int num = poll(events->fds, (nfds_t)events->num_fds, left_ms > 0 ? (int)left_ms : 0);
    for (size_t i = 0; num > 0 && i < events->num_fds; i++)
        if (events->fds[i].revents != 0)
            ready[num_ready++] = events->fds[i];
    for (size_t i = 0; i < num_ready && code == CURLM_OK; i++)
        code = esa_libcurl.multi_socket_action(events->curlm, ready[i].fd,
                                               mask_of(ready[i].revents), &num_running);
    if (code == CURLM_OK && events->has_timer && esa_now_ms() >= events->timer_at_ms) {
        events->has_timer = false;
        code = esa_libcurl.multi_socket_action(events->curlm, CURL_SOCKET_TIMEOUT, 0, &num_running);
    }
    return code;
}
