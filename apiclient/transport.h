/* transport: one HTTPS exchange. A function pointer (esa_transport_fn), so that tests can stand in
 * for the network; esa_transport_curl is the real one. */
#ifndef ESA_TRANSPORT_H
#define ESA_TRANSPORT_H

#include "apiclient.h"

#define ESA_MAX_HEADERS ((size_t)20)
/* A list of 500 rows, the service's maximum, each of up to 8 KiB (a record may hold a certificate):
 * just under 4 MiB. What a request may be answered with is mostly less (esa_request_max_reply_len):
 * that much is reserved, locked and wiped for each exchange. */
#define ESA_REPLY_HEAD_LEN ((size_t)64 * 1024)
#define ESA_REPLY_ROW_LEN ((size_t)8 * 1024)
#define ESA_MAX_REPLY_LEN (ESA_REPLY_HEAD_LEN + 500 * ESA_REPLY_ROW_LEN)
#define ESA_MAX_REPLY_HEADER ((size_t)127) /* longer ones are passed over */

/* How far the exchange got. Only the first two are certain that nothing was sent. */
enum esa_reach {
    ESA_REACH_NOT_CONNECTED, /* no address, no connection, or a time-out before there was one */
    ESA_REACH_TLS_FAILED,    /* connected, but no TLS, or the peer could not be verified */
    ESA_REACH_NO_REPLY,  /* the request was sent, in full or in part; nothing usable came back */
    ESA_REACH_REPLY,     /* a whole reply */
    ESA_REACH_REPLY_CUT, /* status and headers, but not the whole body, or one over the limit */
    ESA_NUM_REACH
};

const char *esa_reach_text(enum esa_reach reach);

struct esa_http_request {
    const char *method;                  /* "POST" */
    const char *host;                    /* borrowed; "127.0.0.1:8443": for messages */
    struct cp_secret url;                /* SECRET: may hold the private key; ends with a NUL */
    struct cp_secret text;               /* SECRET: what header points into */
    const char *header[ESA_MAX_HEADERS]; /* "name: value" */
    size_t num_headers;
    struct cp_secret body; /* SECRET; may be empty */
    int64_t connect_timeout_ms;
    int64_t total_timeout_ms;
    size_t max_reply_len;  /* of the body; 0: ESA_MAX_REPLY_LEN */
    bool may_reuse;        /* a connection that is kept will do; else it is a fresh one */
    bool may_resend;       /* libcurl may send it again by itself, where a kept one was dead */
    const char *ca_file;   /* borrowed; NULL: the system's */
    const char *proxy;     /* borrowed; "http://HOST:PORT"; NULL: none */
    esa_cancel_fn *cancel; /* NULL: never */
    void *cancel_context;
};

void esa_http_request_cleanup(struct esa_http_request *request);

/* All zero is a valid empty state, and the safe one to fail in: not connected. */
struct esa_http_reply {
    enum esa_reach reach;
    char cause[192]; /* one clause of ours; never a URL */
    int status;      /* 0: none */
    char date[ESA_MAX_REPLY_HEADER + 1];
    char retry_after_ms[ESA_MAX_REPLY_HEADER + 1]; /* x-acs-retry-after */
    char content_type[ESA_MAX_REPLY_HEADER + 1];
    bool has_length; /* the body's end was announced (Content-Length, chunks). Where closing ends
                      * it, libcurl does not tell an end from a cut. */
    struct cp_secret body; /* SECRET: the service may echo what it was sent */
};

void esa_http_reply_cleanup(struct esa_http_reply *reply);

/* libcurl, loaded by the first call: commands that send nothing don't pay for it. TLS 1.2 or later
 * with verification of peer and name, HTTP/1.1, no redirect, no proxy but the one that the request
 * names, no retry, no cookie. One variable still has its effect, since libcurl offers no switch:
 * SSLKEYLOGFILE writes the session's keys. The context is a struct esa_kept, or NULL: then no
 * connection is kept. */
esa_transport_fn esa_transport_curl;

/* A handle that keeps its connections for requests that may reuse one. A second thread that comes
 * while it is in use gets a handle of its own. */
struct esa_kept;
CP_MUST_USE enum cp_status esa_kept_new(struct esa_kept **out, struct cp_error *err);
void esa_kept_free(struct esa_kept *kept);

#endif
