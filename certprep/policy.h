/* policy: certificate policies along a path, RFC 5280 6.1 as RFC 9618 mends it.
 *
 * The initial policy set is any-policy and an explicit policy is not asked for, as TLS clients have
 * it. So nobody asks which policies are valid at the end, only whether there is one: of each level
 * of RFC 9618's graph the set of expected policies is kept, and no edge. It grows by what each
 * certificate lists, never by products.
 * Bounds: CP_MAX_POLICIES for one certificate and for one level; *work for a search.
 * Deviations: an anchor's policies do not count (RFC 5280 6.1 has them as inputs of the caller).
 */
#ifndef CP_POLICY_H
#define CP_POLICY_H

#include "cert.h"

enum cp_policy_result {
    CP_POLICY_OK,
    CP_POLICY_REQUIRED,   /* an explicit policy is required, and none is valid */
    CP_POLICY_MALFORMED,  /* one of the four extensions */
    CP_POLICY_MAPPED_ANY, /* anyPolicy is mapped, or mapped to: 6.1.4 (a) */
    CP_POLICY_TOO_MANY,   /* over CP_MAX_POLICIES */
    CP_POLICY_TOO_MUCH,   /* *work is used up */
};

/* Judges the certificates below an anchor, leaf first. *work counts policies down; *culprit is the
 * certificate at which it fails. */
enum cp_policy_result cp_policies_check(const struct cp_cert *const *certs, size_t num_certs,
                                        size_t *work, const struct cp_cert **culprit);

#endif
