/* message: a signed HTTP request from a request, a credential, a time and a nonce. Pure. */
#ifndef ESA_MESSAGE_H
#define ESA_MESSAGE_H

#include "apiclient.h"
#include "canon.h"
#include "credentials/credential.h"
#include "request.h"
#include "transport.h"

struct esa_message_input {
    const struct esa_request *request;
    const struct esa_credential *credential; /* NULL: headers only, nothing can be signed */
    const char *host;                        /* with the port unless it is 443 */
    int64_t now_s;
    const char *nonce;
};

/* The headers that are sent, but for authorization. Values are borrowed from the input or held in
 * the struct; the struct must not be moved. */
struct esa_message_headers {
    struct esa_pair pairs[ESA_MAX_HEADERS];
    size_t num;
    char date[24];
    char body_sha256[65];
    char user_agent[64];
};

/* Fills *out (of which only the messages' own fields are touched: url, text, header, body, method,
 * host). On failure everything in it is wiped. */
CP_MUST_USE enum cp_status esa_message_build(struct esa_http_request *out,
                                             const struct esa_message_input *input,
                                             struct cp_error *err);

/* *query and *body must be empty; both are initialised here and may hold the private key. */
CP_MUST_USE enum cp_status esa_message_parameters(struct cp_secret *query, struct cp_secret *body,
                                                  const struct esa_message_input *input,
                                                  struct cp_error *err);
CP_MUST_USE enum cp_status esa_message_headers(struct esa_message_headers *out,
                                               const struct esa_message_input *input,
                                               const struct cp_secret *body, struct cp_error *err);

#endif
