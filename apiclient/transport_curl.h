/* transport_curl: one exchange, for those that run it (transport_curl.c one at a time, multi.c many
 * at once). Only the *_curl.c files and multi know libcurl.
 *
 *   open    sets every option and puts the reply's memory by; nothing is sent yet
 *   (curl_easy_perform, or curl_multi_add_handle ... CURLMSG_DONE, curl_multi_remove_handle)
 *   settle  says how far it got
 *   close   gives the handle back
 *
 * Connections are kept by the handle that open is given (easy) or by the multi handle. libcurl
 * sends a request again by itself if a kept connection turns out to be dead: that is let through
 * only if the request may be resent, else the exchange ends there, as sent without a reply. */
#ifndef ESA_TRANSPORT_CURL_H
#define ESA_TRANSPORT_CURL_H

#include "libcurl.h"
#include "transport.h"

/* Must not be moved between open and close: libcurl's callbacks point to it. */
struct esa_exchange {
    const struct esa_http_request *request; /* borrowed until close */
    struct esa_http_reply *reply;           /* borrowed until close */
    CURL *easy;
    bool is_own; /* easy is cleaned up by close; else it is reset, and keeps its connections */
    struct curl_slist *headers;
    unsigned num_sent; /* how often TLS was done, the peer verified, and sending about to begin */
    bool is_resend;    /* it was ended because it would have been sent again */
    bool is_final;     /* the status line that was read last is not 1xx */
    bool has_headers;  /* the headers of the final reply are whole */
    bool is_too_large; /* the body is over its limit */
};

/* easy NULL: a handle of its own. On failure nothing is held; *reply is empty. */
CP_MUST_USE enum cp_status esa_exchange_open(struct esa_exchange *exchange,
                                             struct esa_http_reply *reply,
                                             const struct esa_http_request *request, CURL *easy,
                                             struct cp_error *err);
/* Fills reply's reach, cause and status; code is what libcurl ended the transfer with. */
void esa_exchange_settle(struct esa_exchange *exchange, CURLcode code);
/* May be called for an exchange that is all zero. The reply stays. */
void esa_exchange_close(struct esa_exchange *exchange);

#endif
