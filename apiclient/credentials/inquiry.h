/* inquiry: one small HTTP exchange with whoever hands out keys. What comes back is a secret.
 *
 * TLS with verification of peer and name; or plain HTTP, to near addresses only (loopback,
 * link-local, the metadata address), judged at the moment of connecting. HTTP/1.1, no redirect, no
 * proxy variable, no cookie, no compression, no retry. */
#ifndef ESA_INQUIRY_H
#define ESA_INQUIRY_H

#include <sys/socket.h>

#include "chain.h"

#define ESA_INQUIRY_MAX_LEN ((size_t)64 * 1024) /* of the body, and of all headers together */
#define ESA_INQUIRY_MAX_HEADERS ((size_t)16)

struct esa_inquiry {
    const char *who;                             /* leads messages: "STS" */
    const char *method;                          /* "GET", "POST", "PUT" */
    const char *url;                             /* never shown */
    bool is_plain;                               /* http; else https */
    const char *header[ESA_INQUIRY_MAX_HEADERS]; /* "name: value" */
    size_t num_headers;
    const struct cp_secret *body; /* POST; NULL: empty */
    int64_t connect_timeout_ms, total_timeout_ms;
    const char *proxy; /* for https; NULL: none */
};

/* All zero is a valid empty state. */
struct esa_inquiry_reply {
    int status; /* 0: no whole reply */
    bool was_connected;
    struct cp_secret body; /* ends with a NUL that is not counted */
};
void esa_inquiry_reply_cleanup(struct esa_inquiry_reply *told);

/* CP_OK for a whole reply, whatever its status. CP_ERR_NETWORK says why there is none, in one
 * clause. */
CP_MUST_USE enum cp_status esa_inquire(struct esa_inquiry_reply *told,
                                       const struct esa_inquiry *ask, const struct esa_chain *chain,
                                       struct cp_error *err);

/* May a key travel there in the clear? Loopback (RFC 1122, RFC 4291), link-local (RFC 3927, RFC
 * 4291) and 100.100.100.200. */
bool esa_address_is_near(const struct sockaddr *address, socklen_t len);

#endif
