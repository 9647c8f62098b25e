/* canon: percent-encoding and the canonical request of ACS3-HMAC-SHA256. Pure: bytes in, bytes out.
 *
 *   CanonicalRequest = METHOD LF "/" LF CanonicalQuery LF CanonicalHeaders LF SignedHeaders LF
 *                      hex(sha256(body))
 *
 * The query of an upload holds the private key, so encoded text lives in a cp_secret whose length
 * is computed before the first byte is written. What is signed is what is sent: the request target
 * is the canonical query itself. */
#ifndef ESA_CANON_H
#define ESA_CANON_H

#include "apiclient.h"

/* Borrowed name and value; used for parameters and for headers. */
struct esa_pair {
    const char *name;
    const char *value; /* need not end with NUL */
    size_t value_len;
};

#define ESA_MAX_PAIRS ((size_t)32)
#define ESA_MAX_QUERY_LEN                                                                          \
    ((size_t)4 * 1024 * 1024)                /* encoded; 1 MiB of PEM fits at three for one */
#define ESA_MAX_SIGNED_HEADERS ((size_t)512) /* the list of names and its NUL */
#define ESA_MAX_HEADER_VALUE ((size_t)16 * 1024)

/* Length of the encoded form: RFC 3986 2.1, all but A-Z a-z 0-9 "-" "_" "." "~" as %XX. */
size_t esa_percent_len(const char *text, size_t len);

/* Encoded length of the query of these pairs, "&" and "=" included. */
size_t esa_canon_query_len(const struct esa_pair *pairs, size_t num_pairs);

/* Sorted by the bytes of the name, then of the value; "name=value" joined with "&"; an empty value
 * keeps its "=". *out must be empty and is initialised here; a NUL follows, not counted. */
CP_MUST_USE enum cp_status esa_canon_query(struct cp_secret *out, const struct esa_pair *pairs,
                                           size_t num_pairs, struct cp_error *err);

/* True for the headers that are signed: host, content-type, x-acs-*; in any case. */
bool esa_canon_is_signed(const char *name);

/* headers are all that are sent; those that are not signed are passed over. Names are made lower
 * case, values trimmed, lines sorted. A header given twice or one with a control character in it is
 * CP_ERR_USAGE: it could be read differently by the two sides. */
CP_MUST_USE enum cp_status esa_canon_request(struct cp_secret *out,
                                             char signed_headers[ESA_MAX_SIGNED_HEADERS],
                                             const char *method, const struct cp_secret *query,
                                             const struct esa_pair *headers, size_t num_headers,
                                             const char *body_sha256, struct cp_error *err);

/* Appends text up to its NUL. */
CP_MUST_USE enum cp_status esa_secret_puts(struct cp_secret *out, const char *text,
                                           struct cp_error *err);
/* Appends a NUL that len does not count. The capacity must have room for it. */
CP_MUST_USE enum cp_status esa_secret_end(struct cp_secret *out, struct cp_error *err);

#endif
