/* outcome: what a reply means. Pure.
 *
 * The question is never "did it look well?" but "may the service have acted?". A wrong UNKNOWN
 * costs a look-up; a wrong REFUSED or ACCEPTED costs a customer.
 *
 *   reach, status   body                                       result
 *   no reply        -                                          UNKNOWN
 *   reply cut       any: the code may be in what lacks         UNKNOWN
 *   reply, any      a code that the table has                  as the row says
 *   reply, 4xx      another code: the service spoke            REFUSED; what must not be made
 *                                                              twice is looked for all the same,
 *                                                              but for 401, 403, 404 and the like
 *   reply, else     another code, or one that is no string     UNKNOWN
 *   reply, 200      "Success": false; a Message where only     UNKNOWN
 *                   RequestId confirms
 *   reply, 200      each required field, as it was asked for   ACCEPTED
 *   reply, 200      anything else                              UNKNOWN
 *   reply, 408 499  no code: a gateway gave up waiting         UNKNOWN
 *   reply, 4xx      no code, not JSON or XML: a gateway's      REFUSED
 *                   page; it was not passed on (RFC 9110 15.5)
 *   reply, 4xx      JSON or XML without a code, or malformed:  UNKNOWN
 *                   InternalException comes as 400, too
 *   reply, 1xx-3xx  no code                                    UNKNOWN
 *   reply, 5xx      no code: 502 and 504 lose the service      UNKNOWN
 *                   after the request has been passed on
 *
 * Where an operation only reads, UNKNOWN means that it is not known what it says: class RETRY.
 * VerifyCustomHostname is REFUSED if Passed is false.
 *
 * A body with a Code is an error whatever its status: HTTP 200 can carry one. Names are read in
 * PascalCase and lowerCamelCase. A name that is there twice makes the body malformed: the two sides
 * of a disagreement must not both be right. HostnameId counts only as a JSON number of plain digits
 * from 1 to 2^63-1 (not 1e3, 1.0, -1 or "1"), taken from the text, never through a double. */
#ifndef ESA_OUTCOME_H
#define ESA_OUTCOME_H

#include "apiclient.h"
#include "credentials/credential.h"
#include "reply.h"
#include "transport.h"

/* UNKNOWN, with no reply. */
void esa_outcome_init(struct esa_outcome *outcome);

/* reply->reach is not NOT_CONNECTED or TLS_FAILED: those are no outcome. typed is as esa_reply_new
 * left it, and whole afterwards only if the outcome is ACCEPTED. sent_at_s is what the request's
 * date said; credential may be NULL. */
void esa_outcome_judge(struct esa_outcome *outcome, struct esa_reply *typed,
                       const struct esa_http_reply *reply, const struct esa_request *request,
                       const struct esa_credential *credential, int64_t sent_at_s);

#endif
