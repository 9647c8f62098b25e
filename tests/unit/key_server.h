/* A real server on loopback that hands out keys, for test_credential*.c: plain HTTP or TLS, one
 * process, one connection after the other. What it is asked goes to a file. */
#ifndef KEY_SERVER_H
#define KEY_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum key_server_how {
    KS_SAYS,   /* the reply as it stands */
    KS_BODY,   /* 200 and the reply as the body */
    KS_MUTE,   /* reads, and says nothing */
    KS_CLOSES, /* reads, and closes */
    KS_DRIPS,  /* 200, and a byte of the body each 200 ms */
    KS_CUT,    /* announces twice the body */
    KS_FLOODS, /* a body over any limit */
    KS_HEADS,  /* headers over any limit */
};

/* The first route whose match is in the request is taken; its turn counts how often it was: with
 * turns > 0 it is passed over after so many. */
struct key_server_route {
    const char *match, *reply;
    enum key_server_how how;
    int turns;
};

struct key_server {
    pid_t pid;
    int port;
    char log[64];     /* in the working directory */
    char ca_file[64]; /* TLS only */
};

static void ks_put(int fd, SSL *ssl, const char *data, size_t len) {
    while (len > 0) {
        ssize_t sent = ssl != NULL ? SSL_write(ssl, data, (int)(len > 16384 ? 16384 : len))
                                   : send(fd, data, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        data += sent;
        len -= (size_t)sent;
    }
}

/* Head and body; text ends with a NUL. */
static void ks_read(int fd, SSL *ssl, char *text, size_t size) {
    size_t len = 0, whole = 0;
    text[0] = '\0';
    while (len + 1 < size && (whole == 0 || len < whole)) {
        ssize_t got = ssl != NULL ? SSL_read(ssl, text + len, (int)(size - 1 - len))
                                  : recv(fd, text + len, size - 1 - len, 0);
        if (got <= 0)
            return;
        len += (size_t)got;
        text[len] = '\0';
        const char *end = strstr(text, "\r\n\r\n"), *announced = strstr(text, "Content-Length: ");
        if (end != NULL)
            whole = (size_t)(end + 4 - text) +
                    (announced != NULL ? strtoul(announced + 16, NULL, 10) : 0);
    }
}

static void ks_answer(int fd, SSL *ssl, const struct key_server_route *route) {
    static char block[70000];
    char head[128];
    const struct timespec drip = {.tv_nsec = 200 * 1000000L};
    size_t len = strlen(route->reply);
    int head_len = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                            route->how == KS_CUT ? len * 2 : len);
    memset(block, 'x', sizeof(block));
    switch (route->how) {
    case KS_SAYS:
        ks_put(fd, ssl, route->reply, len);
        return;
    case KS_BODY:
    case KS_CUT:
        ks_put(fd, ssl, head, (size_t)head_len);
        ks_put(fd, ssl, route->reply, len);
        return;
    case KS_MUTE:
        (void)sleep(4);
        return;
    case KS_CLOSES:
        return;
    case KS_DRIPS:
        ks_put(fd, ssl, head, (size_t)head_len);
        for (size_t i = 0; i < len && i < 20; i++) {
            ks_put(fd, ssl, route->reply + i, 1);
            (void)nanosleep(&drip, NULL);
        }
        return;
    case KS_FLOODS:
        ks_put(fd, ssl, "HTTP/1.1 200 OK\r\n\r\n", 19);
        ks_put(fd, ssl, block, sizeof(block));
        return;
    case KS_HEADS:
        for (size_t i = 0; i + 100 < sizeof(block); i += 100)
            memcpy(block + i, "\r\nX: ", 5);
        ks_put(fd, ssl, "HTTP/1.1 200 OK", 15);
        ks_put(fd, ssl, block, sizeof(block));
        return;
    }
}

static void ks_serve(int listener, SSL_CTX *context, const char *log,
                     const struct key_server_route *routes, size_t num) {
    static char text[65536];
    int turns[32] = {0};
    (void)signal(SIGPIPE, SIG_IGN);
    (void)alarm(60); /* a test that fails must not leave a server behind */
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        SSL *ssl = context == NULL ? NULL : SSL_new(context);
        if (fd >= 0 && (ssl == NULL || (SSL_set_fd(ssl, fd) == 1 && SSL_accept(ssl) == 1))) {
            ks_read(fd, ssl, text, sizeof(text));
            FILE *file = fopen(log, "a");
            if (file != NULL) {
                fprintf(file, "%s\n", text);
                (void)fclose(file);
            }
            for (size_t i = 0; i < num && i < 32; i++) {
                if (strstr(text, routes[i].match) == NULL ||
                    (routes[i].turns > 0 && turns[i] == routes[i].turns))
                    continue;
                turns[i]++;
                ks_answer(fd, ssl, &routes[i]);
                break;
            }
            if (ssl != NULL)
                (void)SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        (void)close(fd);
    }
}

static void ks_add_extension(X509 *cert, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* A certificate for the loopback address, made for this run. */
static SSL_CTX *ks_make_context(char ca_file[64]) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    assert_true(key != NULL && cert != NULL && context != NULL);
    assert_int_equal(X509_set_version(cert, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(cert), -3600));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(cert), 3600));
    X509_NAME *name = X509_get_subject_name(cert);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                (const unsigned char *)"TEST ONLY", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(cert, name), 1);
    assert_int_equal(X509_set_pubkey(cert, key), 1);
    ks_add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
    ks_add_extension(cert, NID_subject_alt_name, "IP:127.0.0.1");
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    (void)strcpy(ca_file, "test_credential_XXXXXX");
    int fd = mkstemp(ca_file);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, cert), 1);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(SSL_CTX_use_certificate(context, cert), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    X509_free(cert);
    EVP_PKEY_free(key);
    return context;
}

static struct key_server ks_start(bool is_tls, const struct key_server_route *routes, size_t num) {
    struct key_server server = {.log = "test_credential_XXXXXX"};
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    SSL_CTX *context = is_tls ? ks_make_context(server.ca_file) : NULL;
    int log = mkstemp(server.log), listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(log >= 0 && listener >= 0);
    (void)close(log);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    server.port = ntohs(address.sin_port);
    server.pid = fork();
    assert_true(server.pid >= 0);
    if (server.pid == 0)
        ks_serve(listener, context, server.log, routes, num);
    (void)close(listener);
    SSL_CTX_free(context);
    return server;
}

/* How often was text asked for? */
static int ks_count(const struct key_server *server, const char *text) {
    static char log[1 << 20];
    int num = 0;
    FILE *file = fopen(server->log, "r");
    assert_non_null(file);
    size_t len = fread(log, 1, sizeof(log) - 1, file);
    (void)fclose(file);
    log[len] = '\0';
    for (const char *at = log; (at = strstr(at, text)) != NULL; at++)
        num++;
    return num;
}

static void ks_stop(struct key_server *server) {
    (void)kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
    (void)unlink(server->log);
    if (server->ca_file[0] != '\0')
        (void)unlink(server->ca_file);
}

#endif
