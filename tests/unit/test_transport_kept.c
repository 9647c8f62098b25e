/* transport_curl: kept connections, which libcurl sends again on by itself, and proxies. What the
 * servers saw counts, not what the client thinks it did. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "apiclient/transport.h"
#include "tls_server.h"

#define TOKEN "CAIScanaryToken0123456789"

/* Shared between the test and its servers. */
struct seen {
    int num_connections;
    int num_requests; /* read whole, answered or not */
    char connect[2048];
};

struct server {
    pid_t pid;
    int port;
    struct seen *seen;
};

/* How a server that keeps connections ends one. */
enum ending {
    STAYS,          /* answers as often as it is asked */
    DIES_ON_SECOND, /* reads the second request of the first connection, and closes */
    IDLE_CLOSES,    /* closes the first connection right behind its first answer */
};

static void answer(SSL *ssl, int connection, int request) {
    char text[256], body[32];
    int body_len = snprintf(body, sizeof(body), "%d.%d", connection, request);
    int len = snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s",
                       body_len, body);
    say(ssl, text, (size_t)len);
}

static void serve_connection(int fd, const struct identity *identity, enum ending ending,
                             int connection, struct seen *seen) {
    char request[8192];
    SSL_CTX *context = tls.p_SSL_CTX_new(tls.p_TLS_server_method());
    if (context == NULL || tls.p_SSL_CTX_use_certificate(context, identity->cert) != 1 ||
        tls.p_SSL_CTX_use_PrivateKey(context, identity->key) != 1)
        _exit(1);
    SSL *ssl = tls.p_SSL_new(context);
    if (ssl == NULL || tls.p_SSL_set_fd(ssl, fd) != 1 || tls.p_SSL_accept(ssl) != 1)
        _exit(2);
    for (int i = 1; read_request(ssl, request, sizeof(request)) > 0; i++) {
        seen->num_requests++;
        if (connection == 1 && i == 2 && ending == DIES_ON_SECOND)
            break;
        answer(ssl, connection, i);
        if (connection == 1 && ending == IDLE_CLOSES)
            break;
    }
    (void)tls.p_SSL_shutdown(ssl);
    (void)close(fd);
    _exit(0);
}

/* ---- a proxy ---- */

static void pump(int a, int b) {
    char block[16384];
    struct pollfd fds[2] = {{.fd = a, .events = POLLIN}, {.fd = b, .events = POLLIN}};
    while (poll(fds, 2, 15000) > 0)
        for (int i = 0; i < 2; i++) {
            if (fds[i].revents == 0)
                continue;
            ssize_t got = read(fds[i].fd, block, sizeof(block));
            if (got <= 0 || write(fds[1 - i].fd, block, (size_t)got) != got)
                _exit(0);
        }
    _exit(0);
}

/* Opens the tunnel to target_port, or says `refusal`. */
static void serve_proxy(int fd, int target_port, const char *refusal, struct seen *seen) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)target_port)};
    size_t len = 0;
    while (len + 1 < sizeof(seen->connect) && strstr(seen->connect, "\r\n\r\n") == NULL) {
        ssize_t got = read(fd, seen->connect + len, sizeof(seen->connect) - 1 - len);
        if (got <= 0)
            _exit(1);
        len += (size_t)got;
    }
    if (refusal != NULL) {
        (void)!write(fd, refusal, strlen(refusal));
        (void)close(fd);
        _exit(0);
    }
    int target = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (target < 0 || connect(target, (struct sockaddr *)&address, sizeof(address)) != 0)
        _exit(2);
    static const char opened[] = "HTTP/1.1 200 Connection established\r\nx-acs-retry-after: 7\r\n"
                                 "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n";
    (void)!write(fd, opened, strlen(opened));
    pump(fd, target);
}

/* ---- both, one process a connection ---- */

static void accept_all(int listener, const struct identity *identity, enum ending ending,
                       int target_port, const char *refusal, struct seen *seen) {
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGCHLD, SIG_IGN);
    (void)alarm(20); /* a test that fails must not leave a server behind */
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            _exit(3);
        int connection = ++seen->num_connections;
        pid_t pid = fork();
        if (pid == 0) {
            (void)alarm(20);
            if (identity == NULL)
                serve_proxy(fd, target_port, refusal, seen);
            else
                serve_connection(fd, identity, ending, connection, seen);
        }
        (void)close(fd);
    }
}

static struct server start(const struct identity *identity, enum ending ending, int target_port,
                           const char *refusal) {
    struct server server = {0};
    int listener = listen_on_loopback(&server.port);
    server.seen =
        mmap(NULL, sizeof(*server.seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(server.seen != MAP_FAILED);
    server.pid = fork();
    assert_true(server.pid >= 0);
    if (server.pid == 0)
        accept_all(listener, identity, ending, target_port, refusal, server.seen);
    (void)close(listener);
    return server;
}

static void stop(struct server *server) {
    (void)kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
    (void)munmap(server->seen, sizeof(*server->seen));
}

static void pause_ms(long ms) {
    const struct timespec pause = {0, ms * 1000000};
    (void)nanosleep(&pause, NULL);
}

/* ---- requests ---- */

static void send_over(struct esa_kept *kept, struct esa_http_reply *reply, int port,
                      const char *ca_file, const char *proxy, bool may_reuse, bool may_resend) {
    char url[128], host_line[64];
    struct esa_http_request request = {
        .method = "POST",
        .host = "127.0.0.1",
        .connect_timeout_ms = 3000,
        .total_timeout_ms = 5000,
        .max_reply_len = 4096,
        .may_reuse = may_reuse,
        .may_resend = may_resend,
        .ca_file = ca_file,
        .proxy = proxy,
    };
    struct cp_error err = {0};
    (void)snprintf(url, sizeof(url), "https://127.0.0.1:%d/?PrivateKey=MIIEcanary", port);
    (void)snprintf(host_line, sizeof(host_line), "host: 127.0.0.1:%d", port);
    fill(&request.url, url);
    request.header[request.num_headers++] = host_line;
    request.header[request.num_headers++] = "x-acs-security-token: " TOKEN;
    assert_int_equal(esa_transport_curl(kept, reply, &request, &err), CP_OK);
    assert_null(strstr(reply->cause, "canary"));
    esa_http_request_cleanup(&request);
}

static void assert_body(struct esa_http_reply *reply, const char *want) {
    assert_int_equal(reply->reach, ESA_REACH_REPLY);
    assert_int_equal(reply->body.len, strlen(want));
    assert_memory_equal(reply->body.data, want, strlen(want));
    esa_http_reply_cleanup(reply);
}

static void test_kept(void **state) {
    need_tls(state);
    const struct identity *identity = *state;
    struct esa_http_reply reply;
    struct esa_kept *kept = NULL;
    struct server server = start(identity, STAYS, 0, NULL);
    assert_int_equal(esa_kept_new(&kept, NULL), CP_OK);
    static const struct {
        bool may_reuse;
        const char *body, *reason;
    } steps[] = {
        {true, "1.1", "the first"},
        {true, "1.2", "over the same connection"},
        {false, "2.1", "one that may not be reused over a kept one has its own"},
        {true, "1.3", "which disturbs nothing"},
        {false, "3.1", "and is not kept"},
    };
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        print_message("%s\n", steps[i].reason);
        send_over(kept, &reply, server.port, identity->ca_file, NULL, steps[i].may_reuse, true);
        assert_body(&reply, steps[i].body);
    }
    /* without a keeper nothing is kept */
    send_over(NULL, &reply, server.port, identity->ca_file, NULL, true, true);
    assert_body(&reply, "4.1");
    /* other trust is another connection: what is kept was verified by another file */
    struct identity stranger;
    make_identity(&stranger, "IP:127.0.0.1");
    send_over(kept, &reply, server.port, stranger.ca_file, NULL, true, true);
    assert_int_equal(reply.reach, ESA_REACH_TLS_FAILED);
    esa_http_reply_cleanup(&reply);
    free_identity(&stranger);
    esa_kept_free(kept);
    stop(&server);
}

static int count_inherited_sockets(void) {
    int num = 0;
    for (int fd = 3; fd < 256; fd++) {
        struct sockaddr_in address;
        socklen_t len = sizeof(address);
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && (flags & FD_CLOEXEC) == 0 &&
            getpeername(fd, (struct sockaddr *)&address, &len) == 0 &&
            address.sin_family == AF_INET)
            num++;
    }
    return num;
}

/* A command that hands out keys may be run while a connection is kept. */
static void test_not_inherited(void **state) {
    need_tls(state);
    const struct identity *identity = *state;
    struct esa_http_reply reply;
    struct esa_kept *kept = NULL;
    struct server server = start(identity, STAYS, 0, NULL);
    int before = count_inherited_sockets();
    assert_int_equal(esa_kept_new(&kept, NULL), CP_OK);
    send_over(kept, &reply, server.port, identity->ca_file, NULL, true, true);
    assert_body(&reply, "1.1");
    assert_int_equal(count_inherited_sockets(), before);
    esa_kept_free(kept);
    stop(&server);
}

/* A kept connection on which the server reads the request and closes: it may have acted. */
static void test_no_second_sending(void **state) {
    need_tls(state);
    const struct identity *identity = *state;
    for (int may_resend = 0; may_resend <= 1; may_resend++) {
        struct esa_http_reply reply;
        struct esa_kept *kept = NULL;
        struct server server = start(identity, DIES_ON_SECOND, 0, NULL);
        assert_int_equal(esa_kept_new(&kept, NULL), CP_OK);
        send_over(kept, &reply, server.port, identity->ca_file, NULL, true, may_resend != 0);
        assert_body(&reply, "1.1");
        send_over(kept, &reply, server.port, identity->ca_file, NULL, true, may_resend != 0);
        pause_ms(100);
        if (may_resend) {
            assert_body(&reply, "2.1");
            assert_int_equal(server.seen->num_requests, 3); /* libcurl did it, as it was allowed */
        } else {
            assert_int_equal(reply.reach, ESA_REACH_NO_REPLY);
            assert_non_null(strstr(reply.cause, "not sent twice"));
            assert_int_equal(server.seen->num_requests, 2);
            esa_http_reply_cleanup(&reply);
        }
        esa_kept_free(kept);
        stop(&server);
    }
}

/* A kept connection that was closed while it was idle. libcurl does not always see that beforehand;
 * where it does not and may not send again, it is not known whether the server read anything. */
static void test_idle_close(void **state) {
    need_tls(state);
    const struct identity *identity = *state;
    for (int may_resend = 0; may_resend <= 1; may_resend++) {
        struct esa_http_reply reply;
        struct esa_kept *kept = NULL;
        struct server server = start(identity, IDLE_CLOSES, 0, NULL);
        assert_int_equal(esa_kept_new(&kept, NULL), CP_OK);
        send_over(kept, &reply, server.port, identity->ca_file, NULL, true, may_resend != 0);
        assert_body(&reply, "1.1");
        pause_ms(100);
        send_over(kept, &reply, server.port, identity->ca_file, NULL, true, may_resend != 0);
        pause_ms(100);
        if (may_resend || reply.reach == ESA_REACH_REPLY) {
            assert_body(&reply, "2.1");
            assert_int_equal(server.seen->num_requests, 2);
        } else {
            assert_int_equal(reply.reach, ESA_REACH_NO_REPLY);
            assert_int_equal(server.seen->num_requests, 1);
            esa_http_reply_cleanup(&reply);
        }
        /* what was dead is not kept: the next one is answered */
        send_over(kept, &reply, server.port, identity->ca_file, NULL, true, may_resend != 0);
        assert_int_equal(reply.reach, ESA_REACH_REPLY);
        esa_http_reply_cleanup(&reply);
        esa_kept_free(kept);
        stop(&server);
    }
}

/* The proxy learns host and port, and nothing else; its own headers are not the service's. */
static void test_proxy(void **state) {
    need_tls(state);
    const struct identity *identity = *state;
    char proxy_url[64], line[64];
    struct esa_http_reply reply;
    struct server server = start(identity, STAYS, 0, NULL);
    struct server proxy = start(NULL, STAYS, server.port, NULL);
    (void)snprintf(proxy_url, sizeof(proxy_url), "http://127.0.0.1:%d", proxy.port);
    (void)snprintf(line, sizeof(line), "CONNECT 127.0.0.1:%d HTTP/1.1\r\n", server.port);
    assert_int_equal(setenv("no_proxy", "127.0.0.1", 1), 0); /* no variable has a say */
    send_over(NULL, &reply, server.port, identity->ca_file, proxy_url, false, false);
    assert_int_equal(unsetenv("no_proxy"), 0);
    assert_string_equal(reply.retry_after_ms, "");
    assert_string_equal(reply.date, "");
    assert_int_equal(reply.status, 200);
    assert_body(&reply, "1.1");
    assert_int_equal(proxy.seen->num_connections, 1);
    assert_memory_equal(proxy.seen->connect, line, strlen(line));
    assert_null(strstr(proxy.seen->connect, "x-acs"));
    assert_null(strstr(proxy.seen->connect, TOKEN));
    assert_null(strstr(proxy.seen->connect, "PrivateKey"));
    stop(&proxy);
    stop(&server);
}

static const struct {
    const char *refusal; /* NULL: nobody listens */
    const char *says, *reason;
} refusals[] = {
    {"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n"
     "Content-Length: 0\r\n\r\n",
     "407: it wants a name", "wants a password"},
    {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "status is 403", "does not let it out"},
    {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno", "status is 502", "can't reach it"},
    {"SSH-2.0-x\r\n", "", "is no proxy"},
    {"", "", "closes"},
    {NULL, "refused", "is not there"},
};

/* Whatever a proxy does instead of opening the tunnel: nothing was sent. */
static void test_proxy_refuses(void **state) {
    need_tls(state);
    const struct identity *identity = *state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        char proxy_url[64];
        struct esa_http_reply reply;
        int port = 0;
        struct server proxy = {0};
        print_message("%s\n", refusals[i].reason);
        if (refusals[i].refusal != NULL) {
            proxy = start(NULL, STAYS, 0, refusals[i].refusal);
            port = proxy.port;
        } else {
            (void)close(listen_on_loopback(&port));
        }
        (void)snprintf(proxy_url, sizeof(proxy_url), "http://127.0.0.1:%d", port);
        send_over(NULL, &reply, 1, identity->ca_file, proxy_url, false, false);
        assert_true(reply.reach == ESA_REACH_NOT_CONNECTED || reply.reach == ESA_REACH_TLS_FAILED);
        assert_int_equal(reply.status, 0);
        assert_non_null(strstr(reply.cause, refusals[i].says));
        assert_null(strstr(reply.cause, "TLS"));
        esa_http_reply_cleanup(&reply);
        if (refusals[i].refusal != NULL)
            stop(&proxy);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),          cmocka_unit_test(test_no_second_sending),
        cmocka_unit_test(test_idle_close),    cmocka_unit_test(test_proxy),
        cmocka_unit_test(test_proxy_refuses), cmocka_unit_test(test_not_inherited),
    };
    return cmocka_run_group_tests_name("transport_kept", tests, set_up, tear_down);
}
