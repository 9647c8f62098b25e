/* emulator.h: the map of certprep-esa-emulator.
 *
 *   main -> server (listener, one thread a connection) -> serve (one connection's life)
 *   serve: conn (TLS bytes) -> http (request) -> verify (ACS3) -> fault -> api -> reply -> conn
 *
 * Nothing here is shared with the client: the decoding, the canonical request and the signature are
 * written anew from the specification, so that each side proves the other.
 */
#ifndef ESA_EMULATOR_H
#define ESA_EMULATOR_H

#include <openssl/types.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- limits ---------------------------------------------------------------------------------- */

#define ESA_EMU_MAX_REQUEST_LINE 65536
#define ESA_EMU_MAX_HEADER_BYTES 32768 /* all header lines together */
#define ESA_EMU_MAX_HEADERS 100
#define ESA_EMU_MAX_BODY 1048576
#define ESA_EMU_MAX_PARAMS 64
#define ESA_EMU_MAX_REPLY 3145728
#define ESA_EMU_MAX_CONNECTIONS 256
#define ESA_EMU_MAX_HOSTNAMES 1000000
#define ESA_EMU_MAX_NONCES 1000000
#define ESA_EMU_MAX_FAULTS 256
#define ESA_EMU_MAX_FAULT_COUNT 1000000
#define ESA_EMU_MAX_CERTIFICATES 10
#define ESA_EMU_HOSTNAME_MAX 253
#define ESA_EMU_KEY_ID_MAX 128
#define ESA_EMU_SECRET_MAX 256
#define ESA_EMU_PATH_MAX 4096

/* ---- buffers (buf.c) ------------------------------------------------------------------------- */

/* Bytes that are looked at, not owned. */
struct esa_emu_span {
    const char *data;
    size_t len;
};

/* A growing buffer that never leaves a copy behind: growth wipes the old block, cleanup wipes all.
 * Going over max or out of memory sets failed, and nothing more is added; look at it once, at the
 * end. A NUL follows the contents, not counted in len. All zero with a max is a valid empty state.
 */
struct esa_emu_buf {
    char *data;
    size_t len;
    size_t cap;
    size_t max;
    bool failed;
};

bool esa_emu_buf_reserve(struct esa_emu_buf *buf, size_t more);
void esa_emu_buf_add(struct esa_emu_buf *buf, const void *data, size_t len);
void esa_emu_buf_text(struct esa_emu_buf *buf, const char *text);
void esa_emu_buf_printf(struct esa_emu_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A quoted JSON string; bytes over 0x7f are taken for Latin-1, so that the result is always valid.
 */
void esa_emu_buf_json(struct esa_emu_buf *buf, const char *data, size_t len);
/* Drops len bytes from the front. */
void esa_emu_buf_consume(struct esa_emu_buf *buf, size_t len);
void esa_emu_buf_cleanup(struct esa_emu_buf *buf);

/* Makes OpenSSL wipe what it frees. Before any other use of OpenSSL. */
bool esa_emu_memory_init(void);

bool esa_emu_span_is(struct esa_emu_span span, const char *text);
/* 64 digits and a NUL. */
void esa_emu_sha256_hex(char out[65], const void *data, size_t len);

/* ---- errors the service answers with (errors.def) -------------------------------------------- */

enum esa_emu_code {
#define ERROR(name, code, status, message) ESA_EMU_##name,
#include "errors.def"
#undef ERROR
    ESA_EMU_NUM_CODES,
    ESA_EMU_ACCEPTED = ESA_EMU_NUM_CODES
};

struct esa_emu_error_row {
    const char *code;
    int status;
    const char *message;
};

const struct esa_emu_error_row *esa_emu_error_get(enum esa_emu_code code);
bool esa_emu_error_find(enum esa_emu_code *out, const char *code);

/* ---- faults (fault.c, faults.def) ------------------------------------------------------------ */

enum esa_emu_fault_kind {
#define FAULT(name, text, arg, acts, meaning) ESA_EMU_FAULT_##name,
#include "faults.def"
#undef FAULT
    ESA_EMU_NUM_FAULTS,
    ESA_EMU_FAULT_NONE = ESA_EMU_NUM_FAULTS
};

struct esa_emu_fault {
    enum esa_emu_fault_kind kind;
    enum esa_emu_code code; /* for the kinds that answer an error */
    unsigned ms;            /* for slow and throttled */
    unsigned remaining;
};

struct esa_emu_faults {
    pthread_mutex_t lock;
    struct esa_emu_fault items[ESA_EMU_MAX_FAULTS];
    size_t num;
    size_t next;
};

/* Reads NAME[=ARG][*COUNT] and puts it at the end. NULL, or the reason why not. */
const char *esa_emu_faults_add(struct esa_emu_faults *faults, const char *text);
/* The fault of the request that was just read; kind is ESA_EMU_FAULT_NONE when there is none. One
 * that strikes the handshake is left for the next connection. */
struct esa_emu_fault esa_emu_faults_take_request(struct esa_emu_faults *faults);
/* True if this connection is to be closed in its handshake. */
bool esa_emu_faults_take_connection(struct esa_emu_faults *faults);
/* True if the next fault needs a new connection, so that the present one has to end. */
bool esa_emu_faults_want_connection(struct esa_emu_faults *faults);
const char *esa_emu_fault_name(enum esa_emu_fault_kind kind);
/* True if the operation is carried out before the fault strikes. */
bool esa_emu_fault_acts(enum esa_emu_fault_kind kind);
void esa_emu_faults_list(void);

/* ---- options (options.c) --------------------------------------------------------------------- */

struct esa_emu_options {
    uint16_t port; /* 0: the system's choice */
    const char *ca_out;
    const char *ready_file;
    const char *log_file;
    char key_id[ESA_EMU_KEY_ID_MAX + 1];
    char secret[ESA_EMU_SECRET_MAX + 1];
    char security_token[ESA_EMU_SECRET_MAX + 1]; /* empty: any or none */
    int64_t clock_s;                             /* -1: the system's */
    int64_t exit_after_idle_s;                   /* 0: never */
    int64_t timeout_ms;
    size_t quota;
    struct esa_emu_faults faults;
};

enum esa_emu_parsed { ESA_EMU_RUN, ESA_EMU_DONE, ESA_EMU_USAGE };
/* Prints help, version and complaints itself. */
enum esa_emu_parsed esa_emu_options_parse(struct esa_emu_options *options, int argc, char **argv);
/* The service's clock, seconds since the epoch, UTC. */
int64_t esa_emu_options_now(const struct esa_emu_options *options);

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

/* ---- one TLS connection (conn.c) ------------------------------------------------------------- */

struct esa_emu_conn {
    int fd;
    int stop_fd; /* becomes readable when the server ends */
    SSL *ssl;
    int64_t deadline_ms; /* of the monotonic clock */
};

int64_t esa_emu_monotonic_ms(void);
SSL_CTX *esa_emu_tls_new(const struct esa_emu_ca *ca);
bool esa_emu_conn_handshake(struct esa_emu_conn *conn, SSL_CTX *tls);
/* Bytes read, 0 at the end, on failure, on a time-out and when the server ends. */
size_t esa_emu_conn_read(struct esa_emu_conn *conn, void *out, size_t len);
bool esa_emu_conn_write(struct esa_emu_conn *conn, const void *data, size_t len);
/* False if the server ends meanwhile. */
bool esa_emu_conn_sleep(struct esa_emu_conn *conn, unsigned ms);
/* Swallows what comes, answers nothing, until the client leaves or the server ends. */
void esa_emu_conn_hang(struct esa_emu_conn *conn);
/* Waits for the client's first bytes and closes without a handshake. */
void esa_emu_conn_abort_handshake(struct esa_emu_conn *conn);
/* close_notify, then a short wait for the client to read what was sent. */
void esa_emu_conn_close(struct esa_emu_conn *conn);
/* TCP RST. */
void esa_emu_conn_reset(struct esa_emu_conn *conn);

/* ---- HTTP/1.1 (http.c, http_head.c) ---------------------------------------------------------- */

struct esa_emu_header {
    struct esa_emu_span name; /* lower case */
    struct esa_emu_span value;
};

/* Spans point into the connection's input buffer. */
struct esa_emu_request {
    struct esa_emu_span method;
    struct esa_emu_span path;
    struct esa_emu_span query; /* without "?" */
    struct esa_emu_header headers[ESA_EMU_MAX_HEADERS];
    size_t num_headers;
    size_t head_len; /* with the empty line */
    struct esa_emu_span body;
    size_t content_length;
    bool expect_continue;
    bool close;
};

/* Parses a complete head, which ends in an empty line, in place. 0, or the HTTP status to refuse it
 * with. */
int esa_emu_http_parse_head(struct esa_emu_request *request, char *head, size_t head_len);
/* Reads the next request into in, which may hold the start of it. 0; an HTTP status to refuse it
 * with; -1 if the client has left. */
int esa_emu_http_read(struct esa_emu_request *request, struct esa_emu_buf *in,
                      struct esa_emu_conn *conn, int64_t timeout_ms);
/* NULL if it was not sent. */
const struct esa_emu_span *esa_emu_http_header(const struct esa_emu_request *request,
                                               const char *name);
const char *esa_emu_http_reason(int status);

/* ---- parameters (params.c) ------------------------------------------------------------------- */

struct esa_emu_param {
    struct esa_emu_span name;
    struct esa_emu_span value;
};

/* Decoded parameters of the query or the form, in a wiped block of their own. */
struct esa_emu_params {
    struct esa_emu_buf text;
    struct esa_emu_param items[ESA_EMU_MAX_PARAMS];
    size_t num;
};

/* False on a bad percent sign and on too many parameters. */
bool esa_emu_params_parse(struct esa_emu_params *params, struct esa_emu_span encoded);
/* How often name occurs; *out is the last of them. */
size_t esa_emu_params_find(const struct esa_emu_params *params, const char *name,
                           struct esa_emu_span *out);
/* Adds the canonical query: sorted, encoded by RFC 3986. Sorts params. */
void esa_emu_params_canonical(struct esa_emu_buf *out, struct esa_emu_params *params);
void esa_emu_params_cleanup(struct esa_emu_params *params);

/* ---- one call: what is known of it, and how it ended ----------------------------------------- */

struct esa_emu_call {
    const struct esa_emu_request *request;
    struct esa_emu_params query;
    struct esa_emu_params form;
    char request_id[37];
    char host[ESA_EMU_HOSTNAME_MAX + 8];
    char action[65];                                   /* escaped */
    char hostname_shown[4 * ESA_EMU_HOSTNAME_MAX + 1]; /* escaped */
    enum esa_emu_code code;                            /* ESA_EMU_ACCEPTED if all went well */
    const char *reason;                                /* for the log; NULL */
    struct esa_emu_buf canonical;                      /* the server's canonical request */
    char string_to_sign[96];
    bool echo; /* the reply quotes canonical and string_to_sign */
    char hostname[ESA_EMU_HOSTNAME_MAX + 1];
    int64_t hostname_id;
    char cert_sha256[65]; /* of an uploaded leaf; else empty */
};

/* ---- signature (verify.c) -------------------------------------------------------------------- */

struct esa_emu_nonces;

struct esa_emu_nonces *esa_emu_nonces_new(void);
/* False if it was seen within the window, or if there is no room (*full is set then). */
bool esa_emu_nonces_use(struct esa_emu_nonces *nonces, bool *full, struct esa_emu_span nonce,
                        int64_t now_s);
void esa_emu_nonces_free(struct esa_emu_nonces *nonces);

/* Sets call->code, reason, canonical, string_to_sign. */
void esa_emu_verify(struct esa_emu_call *call, const struct esa_emu_options *options,
                    struct esa_emu_nonces *nonces);

/* ---- operations (api.c), kept hostnames (store.c), certificates (material.c) ------------------
 */

struct esa_emu_store;

struct esa_emu_store *esa_emu_store_new(size_t quota);
/* ESA_EMU_ACCEPTED and an id, or the refusal. cert_sha256 may be empty. */
enum esa_emu_code esa_emu_store_create(struct esa_emu_store *store, int64_t *hostname_id,
                                       const char *hostname, const char *cert_sha256);
void esa_emu_store_free(struct esa_emu_store *store);

/* NULL, or the reason why the pair is refused. Keeps nothing but the leaf's SHA-256. */
const char *esa_emu_material_check(char sha256[65], struct esa_emu_span certificate,
                                   struct esa_emu_span private_key);

/* True if the action, method and version are served; else sets call->code. */
bool esa_emu_api_known(struct esa_emu_call *call);
/* Carries the operation out. */
void esa_emu_api_act(struct esa_emu_call *call, struct esa_emu_store *store);

/* ---- replies (reply.c) ----------------------------------------------------------------------- */

struct esa_emu_reply {
    int status;
    const char *content_type;
    struct esa_emu_buf headers; /* extra header lines, with CRLF */
    struct esa_emu_buf body;
    size_t claimed_len; /* Content-Length */
    const char *code;   /* the Code in the body; "-" if there is none */
    int64_t date_s;
    bool close;
};

/* The service's answer to call, changed as fault says. */
void esa_emu_reply_build(struct esa_emu_reply *reply, const struct esa_emu_call *call,
                         const struct esa_emu_fault *fault, int64_t now_s);
/* The status line and header lines. */
void esa_emu_reply_head(struct esa_emu_buf *out, const struct esa_emu_reply *reply);
void esa_emu_reply_cleanup(struct esa_emu_reply *reply);

/* ---- log (log.c) ----------------------------------------------------------------------------- */

struct esa_emu_log {
    int fd; /* -1: none */
    pthread_mutex_t lock;
};

/* One line. status 0: nothing was or will be answered. No query, certificate, key or signature. */
void esa_emu_log_call(struct esa_emu_log *log, int64_t now_s, const struct esa_emu_call *call,
                      int status, const char *code, const char *fault);
/* A request that never became a call: malformed HTTP, or a handshake that was cut. */
void esa_emu_log_bare(struct esa_emu_log *log, int64_t now_s, int status, const char *fault);
/* Printable ASCII other than space, quote and backslash stays; the rest becomes \xNN. */
void esa_emu_escape(char *out, size_t out_size, struct esa_emu_span text);
/* 2026-03-19T08:00:00Z */
void esa_emu_time_text(char out[32], int64_t time_s);

/* ---- the server (server.c) and a connection's life (serve.c) ----------------------------------
 */

struct esa_emu_server {
    struct esa_emu_options *options;
    SSL_CTX *tls;
    struct esa_emu_store *store;
    struct esa_emu_nonces *nonces;
    struct esa_emu_log log;
    int stop_fds[2]; /* a pipe; closing the second end wakes everyone who polls the first */
    int listen_fds[2];
    size_t num_listen;
    uint16_t port;
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

/* Takes fd over. */
void esa_emu_serve(struct esa_emu_server *server, int fd);

#endif
