/* fetch: one plain HTTP GET of a public file, for the issuers' certificates that a certificate
 * names (RFC 5280 4.2.2.1); or POST, for questions to its OCSP responder (RFC 6960 A.1). The URL is
 * the certificate's, so whoever made that chose it: nothing is fetched but from a public address,
 * judged at the moment of connecting.
 *
 * http only (https would need a verified chain, which is what is being looked for), no user name in
 * the URL, port 80, no redirect, no proxy and no proxy variable, no credential, no cookie, no
 * compression. */
#ifndef ESA_FETCH_H
#define ESA_FETCH_H

#include <sys/socket.h>

#include "apiclient.h"

#define ESA_MAX_FETCH_LEN ((size_t)64 * 1024) /* of the body, and of all headers together */
#define ESA_MAX_FETCH_MS 10000                /* for the whole exchange */
#define ESA_MAX_FETCH_URL ((size_t)2048)

/* Why a URL is not fetched, one clause; NULL: it may be. Judges the text only: not where the host's
 * name leads. allow_private allows other ports than 80. */
const char *esa_fetch_refusal(const char *url, bool allow_private);

/* Is it an address that anyone on the Internet may be sent to? False for every special-purpose one
 * (RFC 6890): loopback, private, link-local, shared, multicast, documentation, IPv4 in IPv6. An
 * address of NAT64's well-known prefix (RFC 6052) is what the address within is. */
bool esa_address_is_public(const struct sockaddr *address, socklen_t len);

/* Fetches url into *body, which must be empty. CP_ERR_NETWORK says why in one clause, without the
 * URL. allow_private allows addresses that are not public. */
CP_MUST_USE enum cp_status esa_fetch(struct cp_secret *body, const char *url, bool allow_private,
                                     struct cp_error *err);
/* The same for a reply of up to max_len octets (revocation lists); headers as before. */
CP_MUST_USE enum cp_status esa_fetch_up_to(struct cp_secret *body, size_t max_len, const char *url,
                                           bool allow_private, struct cp_error *err);
/* The same, as an answer to what is posted; data is borrowed for the call. */
struct esa_post {
    const char *content_type; /* "application/ocsp-request" */
    const uint8_t *data;
    size_t data_len;
};
CP_MUST_USE enum cp_status esa_fetch_by_post(struct cp_secret *body, size_t max_len,
                                             const char *url, const struct esa_post *post,
                                             bool allow_private, struct cp_error *err);

#endif
