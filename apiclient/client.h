/* client: endpoint, credential, transport, clock and nonce, and the one attempt. */
#ifndef ESA_CLIENT_H
#define ESA_CLIENT_H

#include "apiclient.h"
#include "endpoint.h"

struct esa_client {
    char host[ESA_HOST_MAX];
    struct esa_credential *credential; /* borrowed; may be NULL */
    char *ca_file;                     /* owned; may be NULL */
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

#define ESA_CONNECT_TIMEOUT_MS 10000
#define ESA_TOTAL_TIMEOUT_MS 60000
#define ESA_TIMEOUT_MAX_MS 3600000

#endif
