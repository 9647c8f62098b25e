/* emulator.h: the map of certprep-esa-emulator.
 *
 *   main -> server (listeners, one thread a connection) -> serve (one connection's life)
 *   serve: conn (TLS bytes) -> http (request) -> verify (who asks) -> fault -> api -> reply -> conn
 *   serve_plain: the metadata service and the credentials URI, on a listener without TLS
 *
 *   buf.h      spans, wiped buffers, limits, text      http.h     connections, requests, parameters
 *   faults.h   error codes, faults and their script    options.h  command line, clock
 *   model.h    sites, records, hostnames, ledger       api.h      calls, operations, signatures
 *
 * Nothing here is shared with the client: the decoding, the canonical request and the signature are
 * written anew from the specification, so that each side proves the other.
 */
#ifndef ESA_EMULATOR_H
#define ESA_EMULATOR_H

#include "api.h"

/* ---- throw-away CA (ca.c) -------------------------------------------------------------------- */

struct esa_emu_ca {
    EVP_PKEY *server_key;
    X509 *server;
    X509 *root;
    char path[ESA_EMU_PATH_MAX];   /* the root's file */
    char folder[ESA_EMU_PATH_MAX]; /* the temporary folder around it; empty if --ca-out was given */
};

/* NULL, or the reason why not. The root's key is gone when this returns. */
const char *esa_emu_ca_init(struct esa_emu_ca *ca, const char *ca_out);
/* Also removes the root's file if it lies in a temporary folder. */
void esa_emu_ca_cleanup(struct esa_emu_ca *ca);
/* Writes by a temporary neighbour and rename; the reader sees all or nothing. */
bool esa_emu_write_file(const char *path, const void *data, size_t len);

/* ---- log (log.c) ----------------------------------------------------------------------------- */

struct esa_emu_log {
    int fd; /* -1: none */
    pthread_mutex_t lock;
};

/* One line. status 0: nothing was or will be answered. No query, certificate, key or signature. */
void esa_emu_log_call(struct esa_emu_log *log, int64_t now_s, const struct esa_emu_call *call,
                      int status, const char *code, const char *fault);
/* A request that never became a call: malformed HTTP, a handshake that was cut, metadata. */
void esa_emu_log_bare(struct esa_emu_log *log, int64_t now_s, const char *action, int status,
                      const char *fault, const char *reason);

/* ---- the server (server.c) and a connection's life (serve.c, serve_plain.c) ------------------ */

enum { ESA_EMU_MAX_LISTENERS = 3 };

struct esa_emu_server {
    struct esa_emu_options *options;
    struct esa_emu_service service;
    SSL_CTX *tls;
    struct esa_emu_log log;
    int stop_fds[2]; /* a pipe; closing the second end wakes everyone who polls the first */
    struct {
        int fd;
        bool plain;
    } listeners[ESA_EMU_MAX_LISTENERS];
    size_t num_listeners;
    uint16_t port;
    uint16_t plain_port;  /* 0: none */
    pthread_mutex_t lock; /* of num_active */
    pthread_cond_t ended;
    unsigned num_active;
    atomic_int_least64_t last_activity_ms;
    atomic_ullong requests, created, refused, faulted;
};

/* NULL, or the reason why not. */
const char *esa_emu_server_init(struct esa_emu_server *server, struct esa_emu_options *options,
                                const struct esa_emu_ca *ca);
/* Accepts until signal_fd is readable or the idle time is over. */
void esa_emu_server_run(struct esa_emu_server *server, int signal_fd);
/* Ends all connections. False if some would not end: then the server must be left as it is. */
bool esa_emu_server_stop(struct esa_emu_server *server);
void esa_emu_server_cleanup(struct esa_emu_server *server);

/* Take fd over. */
void esa_emu_serve(struct esa_emu_server *server, int fd);
void esa_emu_serve_plain(struct esa_emu_server *server, int fd);
void esa_emu_server_touch(struct esa_emu_server *server);
/* Sends a whole reply, or what fault leaves of it. False: the connection is over. */
bool esa_emu_send(struct esa_emu_server *server, struct esa_emu_conn *conn,
                  const struct esa_emu_buf *bytes, const struct esa_emu_fault *fault);

#endif
