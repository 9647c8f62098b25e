/* client: endpoint, credential, transport, clock and nonce, and the one attempt. client.c waits for
 * its attempt; multi.c has many under way. */
#ifndef ESA_CLIENT_H
#define ESA_CLIENT_H

#include "apiclient.h"
#include "endpoint.h"
#include "transport.h"

struct esa_client {
    char host[ESA_HOST_MAX];
    struct esa_credential *credential; /* borrowed; may be NULL */
    char *ca_file;                     /* owned; may be NULL */
    char *proxy;                       /* owned; may be NULL */
    struct esa_kept *kept;             /* owned; NULL with a transport that was given */
    int64_t connect_timeout_ms;
    int64_t total_timeout_ms;
    esa_transport_fn *transport;
    void *transport_context;
    esa_clock_fn *clock;
    void *clock_context;
    esa_nonce_fn *nonce;
    void *nonce_context;
    esa_cancel_fn *cancel;
    void *cancel_context;
};

/* What one request needs from its signing to its outcome. Must not be moved between begin and end:
 * the message is lent to the transport. */
struct esa_attempt {
    const struct esa_request *request; /* borrowed */
    struct esa_http_request message;
    struct esa_http_reply reply; /* for the transport to fill */
    struct esa_reply *typed;     /* owned */
    int64_t now_s;
};

/* Refreshes the credential, signs, and puts by what the judging needs. On failure nothing is held.
 */
CP_MUST_USE enum cp_status esa_attempt_begin(struct esa_attempt *attempt,
                                             const struct esa_client *client,
                                             const struct esa_request *request,
                                             struct cp_error *err);
/* After the transport has filled attempt->reply. CP_ERR_NETWORK: nothing was sent; else *outcome
 * is judged and, if it is ACCEPTED and typed is not NULL, *typed handed over. */
CP_MUST_USE enum cp_status esa_attempt_judge(struct esa_attempt *attempt,
                                             const struct esa_client *client,
                                             struct esa_outcome *outcome, struct esa_reply **typed,
                                             struct cp_error *err);
/* May be called for an attempt that is all zero. */
void esa_attempt_end(struct esa_attempt *attempt);

#define ESA_CONNECT_TIMEOUT_MS 10000
#define ESA_TOTAL_TIMEOUT_MS 60000
#define ESA_TIMEOUT_MAX_MS 3600000

#endif
