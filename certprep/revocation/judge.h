/* judge: what the evidence says of one certificate, at a moment. RFC 5280 6.3, RFC 6960 3.2.
 *
 * Evidence speaks of a certificate if it names its issuer and takes it in; it counts if the
 * issuer's key (or a responder that it authorised) signed it and it is in time. One that says
 * "revoked" decides, whatever others say; else one that says "good".
 *
 * Deviations: a list is verified with the issuer's key of the path alone, so neither indirect lists
 * nor one signed by another key of the same name counts; neither does a delta list. A list for some
 * reasons only can say "revoked" but not "good".
 */
#ifndef CP_REVOCATION_JUDGE_H
#define CP_REVOCATION_JUDGE_H

#include "evidence.h"
#include "verify.h"

enum cp_standing {
    CP_STANDING_SILENT,   /* nothing speaks of it */
    CP_STANDING_UNUSABLE, /* what does can't be used: why says the reason */
    CP_STANDING_UNKNOWN,  /* the responder does not know it */
    CP_STANDING_GOOD,
    CP_STANDING_REVOKED,
};

#define CP_STANDING_WHY 200

struct cp_standing_result {
    enum cp_standing standing;
    const struct cp_evidence_item *item; /* that says so; NULL if silent */
    enum cp_crl_reason reason;
    int64_t revoked_s;
    char why[CP_STANDING_WHY];
    bool has_ocsp; /* a response that can be used says "good" */
};

CP_MUST_USE enum cp_status cp_standing_of(struct cp_verifier *verifier,
                                          struct cp_standing_result *out,
                                          const struct cp_evidence *evidence,
                                          const struct cp_cert *cert, const struct cp_cert *issuer,
                                          int64_t at_s, struct cp_error *err);

#endif
