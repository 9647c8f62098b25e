/* http.h: bytes over TLS or plain TCP, HTTP/1.1 requests, and their parameters. */
#ifndef ESA_EMULATOR_HTTP_H
#define ESA_EMULATOR_HTTP_H

#include "buf.h"

#include <openssl/types.h>

struct esa_emu_ca;

/* ---- one connection (conn.c) ----------------------------------------------------------------- */

struct esa_emu_conn {
    int fd;
    int stop_fd;         /* becomes readable when the server ends */
    SSL *ssl;            /* NULL: plain TCP */
    int64_t deadline_ms; /* of the monotonic clock */
    /* What faults do to reading. */
    bool has_budget; /* only so many bytes are read; then the connection counts as ended */
    size_t budget;
    unsigned pause_ms; /* before each byte */
};

int64_t esa_emu_monotonic_ms(void);
SSL_CTX *esa_emu_tls_new(const struct esa_emu_ca *ca);
bool esa_emu_conn_handshake(struct esa_emu_conn *conn, SSL_CTX *tls);
/* True once a byte can be read; false at the end, on a time-out and when the server ends. */
bool esa_emu_conn_wait(struct esa_emu_conn *conn);
/* Bytes read, 0 at the end, on failure, on a time-out and when the server ends. */
size_t esa_emu_conn_read(struct esa_emu_conn *conn, void *out, size_t len);
bool esa_emu_conn_write(struct esa_emu_conn *conn, const void *data, size_t len);
/* False if the server ends meanwhile. */
bool esa_emu_conn_sleep(struct esa_emu_conn *conn, unsigned ms);
/* Swallows what comes, answers nothing, until the client leaves or the server ends. */
void esa_emu_conn_hang(struct esa_emu_conn *conn);
/* Waits for the client's first bytes and closes without a handshake; with a fatal alert if told. */
void esa_emu_conn_abort_handshake(struct esa_emu_conn *conn, bool alert);
/* close_notify, then a short wait for the client to read what was sent. */
void esa_emu_conn_close(struct esa_emu_conn *conn);
/* TCP FIN (or RST, if something lies unread), without close_notify. */
void esa_emu_conn_drop(struct esa_emu_conn *conn);
/* TCP RST. */
void esa_emu_conn_reset(struct esa_emu_conn *conn);

/* ---- HTTP/1.1 (http.c, http_head.c) ---------------------------------------------------------- */

struct esa_emu_header {
    struct esa_emu_span name; /* lower case */
    struct esa_emu_span value;
};

/* Spans point into the connection's input buffer. */
struct esa_emu_request {
    struct esa_emu_span method; /* GET, POST or PUT */
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
/* Adds text, encoded by RFC 3986. */
void esa_emu_params_encode(struct esa_emu_buf *out, struct esa_emu_span text);
void esa_emu_params_cleanup(struct esa_emu_params *params);

#endif
