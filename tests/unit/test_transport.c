/* transport_curl, against servers on loopback that the test starts: how far did the exchange get,
 * and what exactly went over the wire? libssl, which the servers need, is there wherever libcurl
 * with OpenSSL is; it is loaded at run time, as libcurl is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "apiclient/transport.h"
#include "apiclient/wiping.h"
#include "tls_server.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

/* ---- servers ---- */

enum behaviour {
    PLAIN_TEXT,  /* speaks before TLS, and not TLS */
    CLOSES,      /* accepts and closes */
    SILENT,      /* accepts, and says nothing to the TLS greeting */
    SAYS,        /* TLS; reads the request, says `reply`, closes well */
    SAYS_RUDELY, /* the same, without TLS's end */
    RESETS,      /* TLS; reads the request, resets the connection */
    MUTE,        /* TLS; reads the request, says nothing */
    ECHOES,      /* TLS; answers with the request as the body */
    FLOODS,      /* TLS; a body over the limit */
};

struct server {
    pid_t pid;
    int port;
};

static void reset(int fd) {
    const struct linger hard = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    (void)close(fd);
}

static void flood(SSL *ssl) {
    static char block[16384];
    char head[128];
    memset(block, 'x', sizeof(block));
    int len = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                       ESA_MAX_REPLY_LEN + 1);
    say(ssl, head, (size_t)len);
    for (size_t sent = 0; sent < ESA_MAX_REPLY_LEN + 1; sent += sizeof(block))
        say(ssl, block, sizeof(block));
}

static void serve_tls(int fd, const struct identity *identity, enum behaviour behaviour,
                      const char *reply) {
    char request[8192];
    char head[128];
    SSL_CTX *context = tls.p_SSL_CTX_new(tls.p_TLS_server_method());
    if (identity == NULL || context == NULL ||
        tls.p_SSL_CTX_use_certificate(context, identity->cert) != 1 ||
        tls.p_SSL_CTX_use_PrivateKey(context, identity->key) != 1)
        _exit(1);
    SSL *ssl = tls.p_SSL_new(context);
    if (ssl == NULL || tls.p_SSL_set_fd(ssl, fd) != 1 || tls.p_SSL_accept(ssl) != 1)
        _exit(2);
    size_t len = read_request(ssl, request, sizeof(request));
    if (behaviour == RESETS) {
        reset(fd);
        return;
    }
    if (behaviour == MUTE)
        (void)pause();
    if (behaviour == FLOODS)
        flood(ssl);
    if (behaviour == ECHOES) {
        int head_len =
            snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", len);
        say(ssl, head, (size_t)head_len);
        say(ssl, request, len);
    }
    if (behaviour == SAYS || behaviour == SAYS_RUDELY)
        say(ssl, reply, strlen(reply));
    if (behaviour != SAYS_RUDELY)
        (void)tls.p_SSL_shutdown(ssl);
    (void)close(fd);
}

static void serve(int listener, const struct identity *identity, enum behaviour behaviour,
                  const char *reply) {
    (void)signal(SIGPIPE, SIG_IGN);
    (void)alarm(20); /* a test that fails must not leave a server behind */
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        _exit(3);
    if (behaviour == PLAIN_TEXT) {
        static const char text[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
        (void)!write(fd, text, strlen(text));
        (void)!read(fd, (char[4096]){0}, 4096);
        (void)close(fd);
    } else if (behaviour == CLOSES) {
        (void)close(fd);
    } else if (behaviour == SILENT) {
        (void)pause();
    } else {
        serve_tls(fd, identity, behaviour, reply);
    }
    _exit(0);
}

static struct server start(const struct identity *identity, enum behaviour behaviour,
                           const char *reply) {
    struct server server = {0};
    int listener = listen_on_loopback(&server.port);
    server.pid = fork();
    assert_true(server.pid >= 0);
    if (server.pid == 0)
        serve(listener, identity, behaviour, reply);
    (void)close(listener);
    return server;
}

static void stop(struct server *server) {
    (void)kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
}

/* ---- requests ---- */

#define SECRET "MIIEfakekey"

static void send_method(struct esa_http_reply *reply, const char *method, const char *host,
                        int port, const char *ca_file, const char *body) {
    char url[256];
    char host_line[128];
    struct esa_http_request request = {
        .method = method,
        .host = host,
        .connect_timeout_ms = 700,
        .total_timeout_ms = 1200,
        .ca_file = ca_file,
    };
    struct cp_error err = {0};
    (void)snprintf(url, sizeof(url), "https://%s:%d/?PrivateKey=%s&b=%%2A~", host, port, SECRET);
    (void)snprintf(host_line, sizeof(host_line), "host: %s:%d", host, port);
    fill(&request.url, url);
    request.header[request.num_headers++] = host_line;
    request.header[request.num_headers++] = "x-acs-action: Test";
    request.header[request.num_headers++] = "accept: application/json";
    request.header[request.num_headers++] = "user-agent: certprep/test";
    if (body != NULL) {
        fill(&request.body, body);
        request.header[request.num_headers++] = "content-type: application/x-www-form-urlencoded";
    }
    assert_int_equal(esa_transport_curl(NULL, reply, &request, &err), CP_OK);
    assert_null(strstr(reply->cause, SECRET));
    assert_null(strstr(reply->cause, "https:"));
    esa_http_request_cleanup(&request);
}

static void send_to(struct esa_http_reply *reply, const char *host, int port, const char *ca_file,
                    const char *body) {
    send_method(reply, "POST", host, port, ca_file, body);
}

#define HEAD_200 "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"

static const struct {
    enum behaviour behaviour;
    const char *reply;
    enum esa_reach reach;
    int status;
    const char *body; /* NULL: not looked at */
    const char *reason;
} exchanges[] = {
    {PLAIN_TEXT, NULL, ESA_REACH_TLS_FAILED, 0, NULL, "not an HTTPS port"},
    {CLOSES, NULL, ESA_REACH_TLS_FAILED, 0, NULL, "closed before TLS"},
    {SILENT, NULL, ESA_REACH_TLS_FAILED, 0, NULL, "silent before TLS: a time-out, nothing sent"},
    {SAYS, HEAD_200 "{\"a\"", ESA_REACH_REPLY, 200, "{\"a\"", "a whole reply"},
    {SAYS, "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n", ESA_REACH_REPLY, 400, "", "an error"},
    {SAYS, "HTTP/1.1 100 Continue\r\n\r\n" HEAD_200 "abcd", ESA_REACH_REPLY, 200, "abcd",
     "an interim reply first"},
    {SAYS, "HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
     ESA_REACH_REPLY, 302, "", "a redirect is not followed"},
    {SAYS, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
     ESA_REACH_REPLY, 200, "abc", "chunks"},
    {SAYS, "HTTP/1.1 200 OK\r\n\r\nabc", ESA_REACH_REPLY, 200, "abc", "the end by closing well"},
    {SAYS_RUDELY, "HTTP/1.1 200 OK\r\n\r\nabc", ESA_REACH_REPLY, 200, "abc",
     "the end by a broken TLS: libcurl calls it whole, has_length does not"},
    {SAYS, HEAD_200 "ab", ESA_REACH_REPLY_CUT, 200, NULL, "half the body"},
    {SAYS, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", ESA_REACH_REPLY_CUT,
     200, NULL, "half a chunk"},
    {FLOODS, NULL, ESA_REACH_REPLY_CUT, 200, NULL, "over the limit"},
    {SAYS, "HTTP/1.1 200 OK\r\nContent-Le", ESA_REACH_NO_REPLY, 0, NULL, "half the headers"},
    {SAYS, "garbage\r\n\r\n", ESA_REACH_NO_REPLY, 0, NULL, "not HTTP"},
    {SAYS, "", ESA_REACH_NO_REPLY, 0, NULL, "closed after the request"},
    {RESETS, NULL, ESA_REACH_NO_REPLY, 0, NULL, "reset after the request"},
    {MUTE, NULL, ESA_REACH_NO_REPLY, 0, NULL, "silent after the request: a time-out"},
    {SAYS, "HTTP/1.1 100 Continue\r\n\r\n", ESA_REACH_NO_REPLY, 0, NULL, "only an interim reply"},
};

static void test_exchanges(void **state) {
    need_tls(state);
    const struct identity *identity = *state;
    for (size_t i = 0; i < NUM_OF(exchanges); i++) {
        struct esa_http_reply reply;
        struct server server = start(identity, exchanges[i].behaviour, exchanges[i].reply);
        print_message("%s\n", exchanges[i].reason);
        send_to(&reply, "127.0.0.1", server.port, identity->ca_file, NULL);
        assert_int_equal(reply.reach, exchanges[i].reach);
        assert_int_equal(reply.status, exchanges[i].status);
        assert_int_equal(reply.cause[0] == '\0', reply.reach == ESA_REACH_REPLY);
        if (exchanges[i].reach == ESA_REACH_REPLY)
            assert_int_equal(reply.has_length, strstr(exchanges[i].reply, "-Length:") != NULL ||
                                                   strstr(exchanges[i].reply, "chunked") != NULL);
        if (exchanges[i].body != NULL) {
            assert_int_equal(reply.body.len, strlen(exchanges[i].body));
            assert_memory_equal(reply.body.data, exchanges[i].body, reply.body.len);
        }
        assert_true(reply.body.len <= ESA_MAX_REPLY_LEN);
        esa_http_reply_cleanup(&reply);
        stop(&server);
    }
}

static void test_not_connected(void **state) {
    (void)state;
    struct esa_http_reply reply;
    int port = 0;
    int listener = listen_on_loopback(&port);
    (void)close(listener); /* nobody listens there now */
    send_to(&reply, "127.0.0.1", port, NULL, NULL);
    assert_int_equal(reply.reach, ESA_REACH_NOT_CONNECTED);
    assert_non_null(strstr(reply.cause, "refused"));
    esa_http_reply_cleanup(&reply);
    send_to(&reply, "nowhere.invalid", 443, NULL, NULL); /* RFC 6761 6.4: never resolves */
    assert_int_equal(reply.reach, ESA_REACH_NOT_CONNECTED);
    esa_http_reply_cleanup(&reply);
}

/* The peer must be the one that was asked for, and vouched for by the given CA file alone. */
static void test_peer(void **state) {
    need_tls(state);
    const struct identity *identity = *state;
    struct identity stranger;
    make_identity(&stranger, "DNS:other.example");
    struct {
        const struct identity *served;
        const char *ca_file;
        enum esa_reach reach;
        const char *reason;
    } cases[] = {
        {identity, identity->ca_file, ESA_REACH_REPLY, "the right one"},
        {identity, stranger.ca_file, ESA_REACH_TLS_FAILED, "another issuer"},
        {identity, NULL, ESA_REACH_TLS_FAILED, "the system's store does not know it"},
        {&stranger, stranger.ca_file, ESA_REACH_TLS_FAILED, "trusted, but for another name"},
        {identity, "no-such-file.pem", ESA_REACH_TLS_FAILED, "no CA file"},
    };
    for (size_t i = 0; i < NUM_OF(cases); i++) {
        struct esa_http_reply reply;
        struct server server = start(cases[i].served, SAYS, HEAD_200 "abcd");
        print_message("%s\n", cases[i].reason);
        send_to(&reply, "127.0.0.1", server.port, cases[i].ca_file, NULL);
        assert_int_equal(reply.reach, cases[i].reach);
        assert_int_equal(reply.body.len, cases[i].reach == ESA_REACH_REPLY ? 4 : 0);
        esa_http_reply_cleanup(&reply);
        stop(&server);
    }
    free_identity(&stranger);
}

/* Byte by byte: the signed headers, in one version of HTTP, and nothing of libcurl's own. */
static void test_wire(void **state) {
    need_tls(state);
    const struct identity *identity = *state;
    char want[512];
    for (int with_body = 0; with_body < 2; with_body++) {
        struct esa_http_reply reply;
        struct server server = start(identity, ECHOES, NULL);
        send_to(&reply, "127.0.0.1", server.port, identity->ca_file, with_body ? "a=b" : NULL);
        assert_int_equal(reply.reach, ESA_REACH_REPLY);
        int len = snprintf(want, sizeof(want),
                           "POST /?PrivateKey=" SECRET "&b=%%2A~ HTTP/1.1\r\n"
                           "Host: 127.0.0.1:%d\r\n"
                           "x-acs-action: Test\r\n"
                           "accept: application/json\r\n"
                           "user-agent: certprep/test\r\n"
                           "%sContent-Length: %d\r\n\r\n%s",
                           server.port,
                           with_body ? "content-type: application/x-www-form-urlencoded\r\n" : "",
                           with_body ? 3 : 0, with_body ? "a=b" : "");
        assert_int_equal(reply.body.len, len);
        assert_memory_equal(reply.body.data, want, reply.body.len);
        esa_http_reply_cleanup(&reply);
        stop(&server);
    }
}

static void test_wire_get(void **state) {
    need_tls(state);
    const struct identity *identity = *state;
    char want[512];
    struct esa_http_reply reply;
    struct server server = start(identity, ECHOES, NULL);
    send_method(&reply, "GET", "127.0.0.1", server.port, identity->ca_file, NULL);
    assert_int_equal(reply.reach, ESA_REACH_REPLY);
    int len = snprintf(want, sizeof(want),
                       "GET /?PrivateKey=" SECRET "&b=%%2A~ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                       "x-acs-action: Test\r\naccept: application/json\r\n"
                       "user-agent: certprep/test\r\n\r\n",
                       server.port);
    assert_int_equal(reply.body.len, len);
    assert_memory_equal(reply.body.data, want, reply.body.len);
    esa_http_reply_cleanup(&reply);
    stop(&server);
}

static void test_headers(void **state) {
    need_tls(state);
    const struct identity *identity = *state;
    char text[1024];
    char long_value[300];
    memset(long_value, 'a', sizeof(long_value) - 1);
    long_value[sizeof(long_value) - 1] = '\0';
    (void)snprintf(text, sizeof(text),
                   "HTTP/1.1 103 Early Hints\r\nDate: early\r\n\r\n"
                   "HTTP/1.1 429 Slow\r\nDATE:  Thu, 19 Mar 2026 08:00:00 GMT \r\n"
                   "X-Acs-Retry-After: 1500\r\nContent-Type: %s\r\nDate-Of: x\r\n"
                   "Content-Length: 0\r\n\r\n",
                   long_value);
    struct esa_http_reply reply;
    struct server server = start(identity, SAYS, text);
    send_to(&reply, "127.0.0.1", server.port, identity->ca_file, NULL);
    assert_int_equal(reply.status, 429);
    assert_string_equal(reply.date, "Thu, 19 Mar 2026 08:00:00 GMT");
    assert_string_equal(reply.retry_after_ms, "1500");
    assert_string_equal(reply.content_type, ""); /* too long to be kept */
    esa_http_reply_cleanup(&reply);
    stop(&server);
}

/* The proxy variables would carry the request to whoever set them. */
static void test_no_proxy_from_environment(void **state) {
    need_tls(state);
    const struct identity *identity = *state;
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < NUM_OF(names); i++)
        assert_int_equal(setenv(names[i], "http://127.0.0.1:1", 1), 0);
    struct esa_http_reply reply;
    struct server server = start(identity, SAYS, HEAD_200 "abcd");
    send_to(&reply, "127.0.0.1", server.port, identity->ca_file, NULL);
    assert_int_equal(reply.reach, ESA_REACH_REPLY);
    esa_http_reply_cleanup(&reply);
    stop(&server);
    for (size_t i = 0; i < NUM_OF(names); i++)
        assert_int_equal(unsetenv(names[i]), 0);
}

static void test_reach_texts(void **state) {
    (void)state;
    for (unsigned i = 0; i < ESA_NUM_REACH; i++)
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(esa_reach_text((enum esa_reach)i),
                                    esa_reach_text((enum esa_reach)k));
}

/* The allocator that libcurl is given. */
static void test_wiping(void **state) {
    (void)state;
    char *text = esa_wiping_strdup("secret");
    assert_non_null(text);
    text = esa_wiping_realloc(text, 100);
    assert_non_null(text);
    assert_string_equal(text, "secret");
    text = esa_wiping_realloc(text, 3);
    assert_non_null(text);
    assert_memory_equal(text, "sec", 3);
    assert_int_equal((uintptr_t)text % _Alignof(max_align_t), 0);
    esa_wiping_free(text);
    esa_wiping_free(NULL);
    char *zeros = esa_wiping_calloc(3, 5);
    assert_non_null(zeros);
    for (int i = 0; i < 15; i++)
        assert_int_equal(zeros[i], 0);
    esa_wiping_free(zeros);
    volatile size_t huge = SIZE_MAX / 2; /* volatile: compilers warn of what is meant here */
    assert_null(esa_wiping_calloc(huge, 3));
    assert_null(esa_wiping_malloc(SIZE_MAX - huge + huge));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_connected), cmocka_unit_test(test_exchanges),
        cmocka_unit_test(test_peer),          cmocka_unit_test(test_wire),
        cmocka_unit_test(test_wire_get),      cmocka_unit_test(test_headers),
        cmocka_unit_test(test_wiping),        cmocka_unit_test(test_no_proxy_from_environment),
        cmocka_unit_test(test_reach_texts),
    };
    return cmocka_run_group_tests_name("transport", tests, set_up, tear_down);
}
