/* outcome: what a reply means. Pure.
 *
 * The question is never "did it look well?" but "may the service have acted?". A wrong UNKNOWN
 * costs a look-up; a wrong REFUSED or ACCEPTED costs a customer.
 *
 *   reach       status      body                                result
 *   no reply                                                    UNKNOWN
 *   reply cut   any         any (the code may be in what lacks) UNKNOWN
 *   reply       any         a code that the table has           as the row says
 *   reply       4xx         another code                        REFUSED  the service spoke, and
 * said no reply       else        another code                        UNKNOWN reply       200 each
 * required field, right hostname ACCEPTED reply       200         anything else UNKNOWN reply 408
 * 499     no code                             UNKNOWN  a gateway gave up waiting reply       other
 * 4xx   no code, not JSON or XML: a         REFUSED  it was not passed on gateway's page, plain
 * text, nothing          (RFC 9110 15.5) reply       4xx         JSON or XML without a code, or
 * UNKNOWN  InternalException comes as malformed                                    400 too, and may
 * have acted reply       1xx 2xx 3xx no code                             UNKNOWN reply       5xx no
 * code (502, 504: a gateway lost   UNKNOWN the service after it had passed the request on)
 *
 * A body with a Code is an error whatever its status: HTTP 200 can carry one. Names are read in
 * PascalCase and lowerCamelCase. A name that is there twice makes the body malformed: the two sides
 * of a disagreement must not both be right. HostnameId counts only as a JSON number of plain digits
 * from 1 to 2^63-1 (not 1e3, 1.0, -1 or "1"), taken from the text, never through a double. */
#ifndef ESA_OUTCOME_H
#define ESA_OUTCOME_H

#include "apiclient.h"
#include "credentials/credential.h"
#include "request.h"
#include "transport.h"

/* UNKNOWN, with no reply. */
void esa_outcome_init(struct esa_outcome *outcome);

/* reply->reach is not NOT_CONNECTED or TLS_FAILED: those are no outcome. sent_at_s is what the
 * request's date said; credential may be NULL. */
void esa_outcome_judge(struct esa_outcome *outcome, const struct esa_http_reply *reply,
                       const struct esa_request *request, const struct esa_credential *credential,
                       int64_t sent_at_s);

#endif
