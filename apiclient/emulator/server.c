/* The listener: loopback only, a thread for each connection. */
#include "emulator.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 128, THREAD_STACK = 1024 * 1024, STOP_WAIT_S = 5, TICK_MS = 200, PAUSE_MS = 50 };

struct job {
    struct esa_emu_server *server;
    int fd;
    bool plain;
};

static bool set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

static int listen_on(const struct sockaddr *address, socklen_t len) {
    const int on = 1;
    int fd = socket(address->sa_family, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->sa_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, address, len) != 0 || listen(fd, BACKLOG) != 0 || !set_nonblocking(fd)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void keep(struct esa_emu_server *server, int fd, bool plain) {
    server->listeners[server->num_listeners].fd = fd;
    server->listeners[server->num_listeners++].plain = plain;
}

/* 127.0.0.1; *port may be 0 for any free one, and is the one that it became. */
static bool listen_on_four(struct esa_emu_server *server, uint16_t *port, bool plain) {
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t len = sizeof four;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = listen_on((const struct sockaddr *)&four, sizeof four);
    if (fd < 0)
        return false;
    keep(server, fd, plain);
    if (getsockname(fd, (struct sockaddr *)&four, &len) != 0)
        return false;
    *port = ntohs(four.sin_port);
    return true;
}

/* 127.0.0.1 must work; ::1 with the same port is welcome, for clients that try it first. */
static bool start_listening(struct esa_emu_server *server) {
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    server->port = (uint16_t)server->options->port;
    if (!listen_on_four(server, &server->port, false))
        return false;
    six.sin6_port = htons(server->port);
    int fd = listen_on((const struct sockaddr *)&six, sizeof six);
    if (fd >= 0)
        keep(server, fd, false);
    return !server->options->metadata || listen_on_four(server, &server->plain_port, true);
}

static bool open_log(struct esa_emu_log *log, const char *path) {
    log->fd = -1;
    if (pthread_mutex_init(&log->lock, NULL) != 0)
        return false;
    if (path != NULL)
        log->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return path == NULL || log->fd >= 0;
}

static bool init_waiting(struct esa_emu_server *server) {
    pthread_condattr_t attributes;
    if (pthread_mutex_init(&server->lock, NULL) != 0 || pthread_condattr_init(&attributes) != 0)
        return false;
    bool ok = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
              pthread_cond_init(&server->ended, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return ok && pipe(server->stop_fds) == 0;
}

/* A reason with the file that it is about. */
static const char *about(const char *path, const char *reason) {
    static char text[ESA_EMU_PATH_MAX];
    (void)snprintf(text, sizeof text, "%s: %s", path, reason);
    return text;
}

static const char *init_service(struct esa_emu_service *service, struct esa_emu_options *options) {
    service->options = options;
    service->sessions = esa_emu_sessions_new();
    service->nonces = esa_emu_nonces_new();
    if (service->sessions == NULL || service->nonces == NULL)
        return "out of memory";
    const char *reason = esa_emu_fixture_init(&service->fixture, options->fixture_file);
    if (reason != NULL)
        return about(options->fixture_file != NULL ? options->fixture_file : "fixture", reason);
    reason = esa_emu_store_new(&service->store, options);
    if (reason != NULL)
        return about(options->state_file != NULL ? options->state_file : "store", reason);
    return NULL;
}

const char *esa_emu_server_init(struct esa_emu_server *server, struct esa_emu_options *options,
                                const struct esa_emu_ca *ca) {
    server->options = options;
    server->stop_fds[0] = server->stop_fds[1] = -1;
    if (!open_log(&server->log, options->log_file))
        return "can't open the log file";
    server->tls = esa_emu_tls_new(ca);
    if (server->tls == NULL || !init_waiting(server))
        return "out of memory or descriptors";
    const char *reason = init_service(&server->service, options);
    if (reason != NULL)
        return reason;
    atomic_store(&server->last_activity_ms, esa_emu_monotonic_ms());
    return start_listening(server) ? NULL : "can't listen on 127.0.0.1; is the port in use?";
}

static void leave(struct esa_emu_server *server) {
    pthread_mutex_lock(&server->lock);
    server->num_active--;
    pthread_cond_signal(&server->ended);
    pthread_mutex_unlock(&server->lock);
}

static void *run_job(void *arg) {
    struct job *job = arg;
    struct esa_emu_server *server = job->server;
    if (job->plain)
        esa_emu_serve_plain(server, job->fd);
    else
        esa_emu_serve(server, job->fd);
    free(job);
    OPENSSL_thread_stop(); /* before the count says that we are gone */
    leave(server);
    return NULL;
}

static bool enter(struct esa_emu_server *server) {
    pthread_mutex_lock(&server->lock);
    bool room = server->num_active < ESA_EMU_MAX_CONNECTIONS;
    server->num_active += room;
    pthread_mutex_unlock(&server->lock);
    return room;
}

/* Hands fd to a thread of its own, or closes it if there is no room. */
static void start_job(struct esa_emu_server *server, int fd, bool plain) {
    const int on = 1;
    struct job *job = NULL;
    pthread_attr_t attributes;
    pthread_t thread;
    bool started = false;
    if (!set_nonblocking(fd) || !enter(server)) {
        (void)close(fd);
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    job = malloc(sizeof *job);
    if (job != NULL && pthread_attr_init(&attributes) == 0) {
        *job = (struct job){server, fd, plain};
        started = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
                  pthread_attr_setstacksize(&attributes, THREAD_STACK) == 0 &&
                  pthread_create(&thread, &attributes, run_job, job) == 0;
        pthread_attr_destroy(&attributes);
    }
    if (!started) {
        free(job);
        (void)close(fd);
        leave(server);
    }
}

static void accept_all(struct esa_emu_server *server, int listen_fd, bool plain) {
    for (;;) {
        int fd = accept(listen_fd, NULL, NULL);
        if (fd >= 0) {
            start_job(server, fd, plain);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            /* The connection stays in the queue: don't spin on it. */
            (void)poll(NULL, 0, PAUSE_MS);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

void esa_emu_server_run(struct esa_emu_server *server, int signal_fd) {
    const int64_t idle_ms = server->options->exit_after_idle_s * 1000;
    for (;;) {
        struct pollfd fds[ESA_EMU_MAX_LISTENERS + 1] = {{.fd = signal_fd, .events = POLLIN}};
        for (size_t i = 0; i < ESA_EMU_MAX_LISTENERS; i++)
            fds[i + 1] = (struct pollfd){
                .fd = i < server->num_listeners ? server->listeners[i].fd : -1, .events = POLLIN};
        int ready = poll(fds, ESA_EMU_MAX_LISTENERS + 1, idle_ms > 0 ? TICK_MS : -1);
        if (ready < 0 && errno != EINTR)
            return;
        if (ready > 0 && fds[0].revents != 0)
            return;
        for (size_t i = 0; ready > 0 && i < server->num_listeners; i++) {
            if (fds[i + 1].revents != 0)
                accept_all(server, server->listeners[i].fd, server->listeners[i].plain);
        }
        if (idle_ms > 0 &&
            esa_emu_monotonic_ms() - atomic_load(&server->last_activity_ms) >= idle_ms)
            return;
    }
}

bool esa_emu_server_stop(struct esa_emu_server *server) {
    struct timespec deadline = {0};
    int waited = 0;
    for (size_t i = 0; i < server->num_listeners; i++)
        (void)close(server->listeners[i].fd);
    server->num_listeners = 0;
    (void)close(server->stop_fds[1]);
    server->stop_fds[1] = -1;
    (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += STOP_WAIT_S;
    pthread_mutex_lock(&server->lock);
    while (server->num_active > 0 && waited == 0)
        waited = pthread_cond_timedwait(&server->ended, &server->lock, &deadline);
    bool all_gone = server->num_active == 0;
    pthread_mutex_unlock(&server->lock);
    return all_gone;
}

void esa_emu_server_cleanup(struct esa_emu_server *server) {
    for (size_t i = 0; i < server->num_listeners; i++)
        (void)close(server->listeners[i].fd);
    for (size_t i = 0; i < 2; i++) {
        if (server->stop_fds[i] >= 0)
            (void)close(server->stop_fds[i]);
    }
    if (server->log.fd >= 0)
        (void)close(server->log.fd);
    SSL_CTX_free(server->tls);
    esa_emu_store_free(server->service.store);
    esa_emu_fixture_cleanup(&server->service.fixture);
    esa_emu_sessions_free(server->service.sessions);
    esa_emu_nonces_free(server->service.nonces);
}
