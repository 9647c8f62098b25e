/* redact: a service's text, made fit to be shown and stored.
 *
 * SignatureDoesNotMatch and IncompleteSignature answer with the string to sign or the canonical
 * request, which hold the private key. What to cut is decided by what text looks like, so it does
 * not matter under which code it comes. */
#ifndef ESA_REDACT_H
#define ESA_REDACT_H

#include "apiclient.h"

/* Bytes that must not appear, not even a part of ESA_KNOWN_WINDOW bytes of them. */
struct esa_known {
    const void *data;
    size_t len;
};

#define ESA_KNOWN_WINDOW ((size_t)12)
#define ESA_REDACT_RUN ((size_t)40)

/* The text is cut at the first of
 *   - a PEM boundary ("-----", plain or percent-encoded), or "PRIVATE" in capitals;
 *   - PrivateKey, SecurityToken, security-token or bearer-token followed by "=" or ":";
 *   - the words that start an echo of what was signed;
 *   - a run of 40 or more characters of base64, base64url, hex or percent-encoding (a request id
 * has 36); and says so. If a part of what is known is still in it, nothing of it is shown. The
 * result is escaped (esa_escape) and fits in out_size, which is 64 at least. */
void esa_redact(char *out, size_t out_size, const char *text, size_t len,
                const struct esa_known *known, size_t num_known);

/* The same for a name or a record to be published, which may well be a run of base64: it is there
 * whole, or *out is "" and false is returned. */
bool esa_redact_value(char *out, size_t out_size, const char *text, size_t len,
                      const struct esa_known *known, size_t num_known);

#endif
