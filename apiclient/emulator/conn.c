/* Bytes over TLS on a non-blocking socket. Every wait has a deadline and ends with the server. */
#include "emulator.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINGER_MS = 500, LINGER_READS = 64, SCRATCH = 4096 };

int64_t esa_emu_monotonic_ms(void) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* HTTP/1.1 is all we speak; a client that offers ALPN without it is refused by TLS. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *offered, unsigned offered_len, void *arg) {
    static const unsigned char name[] = "http/1.1";
    (void)ssl;
    (void)arg;
    for (unsigned i = 0; i < offered_len;) {
        unsigned len = offered[i++];
        if (len > offered_len - i)
            break;
        if (len == sizeof name - 1 && memcmp(offered + i, name, len) == 0) {
            *out = offered + i;
            *out_len = (unsigned char)len;
            return SSL_TLSEXT_ERR_OK;
        }
        i += len;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

SSL_CTX *esa_emu_tls_new(const struct esa_emu_ca *ca) {
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (tls == NULL || SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) != 1 ||
        SSL_CTX_use_certificate(tls, ca->server) != 1 ||
        SSL_CTX_use_PrivateKey(tls, ca->server_key) != 1) {
        SSL_CTX_free(tls);
        return NULL;
    }
    /* Requests carry private keys: what TLS decrypted is wiped as it is read. */
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(tls, choose_protocol, NULL);
    return tls;
}

/* False on a time-out, when the server ends and on failure. events 0: a mere sleep, which is true
 * when its time is over. */
static bool wait_for(const struct esa_emu_conn *conn, short events, int64_t deadline_ms) {
    for (;;) {
        int64_t left = deadline_ms - esa_emu_monotonic_ms();
        if (left <= 0)
            return events == 0;
        struct pollfd fds[2] = {{.fd = conn->stop_fd, .events = POLLIN},
                                {.fd = events == 0 ? -1 : conn->fd, .events = events}};
        int ready = poll(fds, 2, left > INT_MAX ? INT_MAX : (int)left);
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready <= 0)
            continue;
        if (fds[0].revents != 0)
            return false;
        if (fds[1].revents != 0)
            return true;
    }
}

/* True if the operation that returned result is to be tried again. */
static bool wait_for_tls(const struct esa_emu_conn *conn, int result) {
    switch (SSL_get_error(conn->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return wait_for(conn, POLLIN, conn->deadline_ms);
    case SSL_ERROR_WANT_WRITE:
        return wait_for(conn, POLLOUT, conn->deadline_ms);
    default:
        return false;
    }
}

bool esa_emu_conn_handshake(struct esa_emu_conn *conn, SSL_CTX *tls) {
    int result = 0;
    conn->ssl = SSL_new(tls);
    if (conn->ssl == NULL || SSL_set_fd(conn->ssl, conn->fd) != 1)
        return false;
    do {
        ERR_clear_error();
        result = SSL_accept(conn->ssl);
    } while (result != 1 && wait_for_tls(conn, result));
    return result == 1;
}

/* recv and send, as SSL_read and SSL_write do it. */
static size_t read_plain(struct esa_emu_conn *conn, void *out, size_t len) {
    for (;;) {
        ssize_t got = recv(conn->fd, out, len, 0);
        if (got >= 0)
            return (size_t)got;
        if (errno != EINTR && (errno != EAGAIN || !wait_for(conn, POLLIN, conn->deadline_ms)))
            return 0;
    }
}

static bool write_plain(struct esa_emu_conn *conn, const char *data, size_t len) {
    while (len > 0) {
        ssize_t sent = send(conn->fd, data, len, MSG_NOSIGNAL);
        if (sent >= 0) {
            data += sent;
            len -= (size_t)sent;
        } else if (errno != EINTR &&
                   (errno != EAGAIN || !wait_for(conn, POLLOUT, conn->deadline_ms))) {
            return false;
        }
    }
    return true;
}

bool esa_emu_conn_wait(struct esa_emu_conn *conn) {
    char byte = '\0';
    int result = 0;
    if (conn->ssl == NULL)
        return wait_for(conn, POLLIN, conn->deadline_ms);
    do {
        ERR_clear_error();
        result = SSL_peek(conn->ssl, &byte, 1);
    } while (result <= 0 && wait_for_tls(conn, result));
    return result > 0;
}

size_t esa_emu_conn_read(struct esa_emu_conn *conn, void *out, size_t len) {
    int result = 0;
    if (conn->pause_ms != 0) {
        if (!esa_emu_conn_sleep(conn, conn->pause_ms))
            return 0;
        len = len < 1 ? len : 1;
    }
    if (conn->has_budget && len > conn->budget)
        len = conn->budget;
    if (len == 0)
        return 0;
    if (conn->ssl == NULL)
        return read_plain(conn, out, len);
    int want = len > INT_MAX ? INT_MAX : (int)len;
    do {
        ERR_clear_error();
        result = SSL_read(conn->ssl, out, want);
    } while (result <= 0 && wait_for_tls(conn, result));
    if (result > 0 && conn->has_budget)
        conn->budget -= (size_t)result;
    return result > 0 ? (size_t)result : 0;
}

bool esa_emu_conn_write(struct esa_emu_conn *conn, const void *data, size_t len) {
    const char *next = data;
    if (conn->ssl == NULL)
        return write_plain(conn, data, len);
    while (len > 0) {
        int chunk = len > INT_MAX ? INT_MAX : (int)len, result = 0;
        do {
            ERR_clear_error();
            result = SSL_write(conn->ssl, next, chunk);
        } while (result <= 0 && wait_for_tls(conn, result));
        if (result <= 0)
            return false;
        next += result;
        len -= (size_t)result;
    }
    return true;
}

bool esa_emu_conn_sleep(struct esa_emu_conn *conn, unsigned ms) {
    return wait_for(conn, 0, esa_emu_monotonic_ms() + (int64_t)ms);
}

void esa_emu_conn_hang(struct esa_emu_conn *conn) {
    char scratch[SCRATCH];
    conn->deadline_ms = INT64_MAX;
    while (esa_emu_conn_read(conn, scratch, sizeof scratch) > 0)
        continue;
    OPENSSL_cleanse(scratch, sizeof scratch);
}

/* Without the wait, bytes of the client that are still under way would make the kernel answer with
 * a reset, which can swallow our reply. */
static void linger(const struct esa_emu_conn *conn) {
    char scratch[SCRATCH];
    int64_t deadline_ms = esa_emu_monotonic_ms() + LINGER_MS;
    if (shutdown(conn->fd, SHUT_WR) != 0)
        return;
    for (int i = 0; i < LINGER_READS && wait_for(conn, POLLIN, deadline_ms); i++) {
        if (recv(conn->fd, scratch, sizeof scratch, 0) <= 0)
            break;
    }
}

void esa_emu_conn_abort_handshake(struct esa_emu_conn *conn, bool alert) {
    static const unsigned char record[] = {21, 3, 3, 0, 2, 2, 80}; /* fatal, internal_error */
    char scratch[SCRATCH];
    if (wait_for(conn, POLLIN, conn->deadline_ms))
        (void)recv(conn->fd, scratch, sizeof scratch, 0);
    if (alert && send(conn->fd, record, sizeof record, MSG_NOSIGNAL) > 0)
        linger(conn);
    (void)close(conn->fd);
    conn->fd = -1;
}

void esa_emu_conn_close(struct esa_emu_conn *conn) {
    if (conn->ssl != NULL) {
        ERR_clear_error();
        if (SSL_is_init_finished(conn->ssl) && SSL_shutdown(conn->ssl) >= 0)
            linger(conn);
        SSL_free(conn->ssl);
        conn->ssl = NULL;
    } else if (conn->fd >= 0) {
        linger(conn);
    }
    if (conn->fd >= 0)
        (void)close(conn->fd);
    conn->fd = -1;
    ERR_clear_error();
}

void esa_emu_conn_drop(struct esa_emu_conn *conn) {
    (void)close(conn->fd);
    conn->fd = -1;
    SSL_free(conn->ssl);
    conn->ssl = NULL;
}

void esa_emu_conn_reset(struct esa_emu_conn *conn) {
    const struct linger hard = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    (void)close(conn->fd);
    conn->fd = -1;
    SSL_free(conn->ssl);
    conn->ssl = NULL;
}
