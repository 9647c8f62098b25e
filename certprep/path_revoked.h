/* path_revoked: which certificates a search for a path goes round, since the evidence calls them
 * revoked. Each pair of certificate and issuer is judged once. */
#ifndef CP_PATH_REVOKED_H
#define CP_PATH_REVOKED_H

#include "cp_limits.h"
#include "verify.h"

struct cp_evidence;

struct cp_path_standings {
    const struct cp_evidence *evidence; /* NULL: none is revoked */
    int64_t at_s;
    struct {
        const struct cp_cert *cert, *issuer;
        bool revoked;
    } judged[CP_MAX_PATH_STANDINGS];
    size_t num_judged;
};

/* Is cert, which issuer signed, revoked? *bound_met: CP_MAX_PATH_STANDINGS pairs were judged. */
CP_MUST_USE enum cp_status cp_path_ask_revoked(struct cp_path_standings *standings, bool *revoked,
                                               bool *bound_met, struct cp_verifier *verifier,
                                               const struct cp_cert *cert,
                                               const struct cp_cert *issuer, struct cp_error *err);

#endif
