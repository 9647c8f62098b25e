/* path: builds and validates certification paths, RFC 5280 6.1.
 *
 * The search goes from the leaf up: at each certificate it tries every anchor, then every
 * certificate of the pool, whose subject is the issuer's name; best first (key identifiers that
 * agree, then validity). A candidate is validated as it is tried, the signature last since it costs
 * most, so a path that is found is a valid one. Bounds: CP_MAX_PATH_* and CP_MAX_NAME_COMPARISONS;
 * a search that meets one ends and says so.
 * A path ends at a self-issued anchor. One that is not (an intermediate or a cross-signed root in
 * the trust store) is the end only where nothing goes on: most clients do not have it. With a
 * preference the search goes on behind a path that it found and keeps the best. Paths that are
 * equal by it are told apart by length, then by the first expiry, then by the order of trying: what
 * stands earlier in the pool wins.
 *
 * Deviations from RFC 5280 6.1: an anchor's own validity and extensions count, as in browsers and
 * OpenSSL, but for its policies; a critical extension that is read but not acted on counts as not
 * processed. Of policies policy.h speaks.
 * Caller's duties: check the leaf itself: its validity, names and cp_path_check_cert.
 */
#ifndef CP_PATH_H
#define CP_PATH_H

#include "cp_limits.h"
#include "path_revoked.h"
#include "trust.h"
#include "verify.h"

enum cp_path_rule {
#define RULE(name, check, text) CP_PATH_##name,
#include "path_rules.def"
#undef RULE
    CP_NUM_PATH_RULES
};

const char *cp_path_rule_text(enum cp_path_rule rule);

/* Leaf first. Borrowed from pool and trust. */
struct cp_path {
    const struct cp_cert *certs[CP_MAX_PATH_CERTS];
    size_t num_certs;
    bool anchored; /* the last one is a trust anchor */
};

/* What a search met: a valid path, or why one does not go on. All is borrowed for the call. */
struct cp_path_event {
    enum cp_path_rule rule;             /* CP_PATH_NONE: the path is valid */
    const struct cp_path *path;         /* up to where the search stands */
    const struct cp_cert *candidate;    /* that can't stand above it; NULL: nothing can, or valid */
    const struct cp_cert *culprit;      /* the certificate that rule speaks of; NULL if valid */
    const struct cp_general_name *name; /* as in the result; NULL: none */
    bool is_anchor;                     /* the candidate, or the end of a valid path */
};

struct cp_path_query {
    const struct cp_cert *leaf;
    const struct cp_cert *const *pool;
    size_t num_pool;
    const struct cp_trust *trust; /* NULL: any path of good links will do */
    int64_t at_s;
    bool only_hard_rules; /* passes over time and weak algorithms, to see what else is wrong */
    enum cp_preference prefer;
    enum cp_purpose purpose;
    const size_t *max_intermediates; /* self-issued ones are not counted; NULL: no limit */
    bool all;                        /* go on behind a path that is found, as a preference does */
    const struct cp_evidence
        *evidence;   /* a path through a CA that it calls revoked is none; NULL */
    bool dots;       /* dNSName constraints may begin with one */
    bool only_roots; /* an anchor that is not self-issued is none */
    void (*observe)(void *observer, const struct cp_path_event *event); /* may be NULL */
    void *observer;
};

struct cp_path_result {
    bool valid;
    bool bound_met; /* the search ended early; if valid: there may be a path that is preferred */
    struct cp_path path; /* the valid one; else the one that came closest */
    enum cp_path_rule rule;
    const struct cp_cert *culprit; /* the certificate that rule speaks of */
    struct cp_general_name name;   /* for name constraints: the name that failed; else empty */
    /* Revoked CAs that the search went round, each once, and who issued them. The leaf is not among
     * them: no other path would help it. */
    struct {
        const struct cp_cert *cert, *issuer;
    } revoked[CP_MAX_REVOKED_LEFT];
    size_t num_revoked;
    size_t num_steps, num_signatures;
    size_t num_name_comparisons, num_policies; /* as the bounds count them */
};

CP_MUST_USE enum cp_status cp_path_find(struct cp_verifier *verifier, struct cp_path_result *result,
                                        const struct cp_path_query *query, struct cp_error *err);

/* Extensions that may be critical since they are acted on. */
#define CP_PROCESSED_EXTENSIONS                                                                    \
    (1U << CP_EXT_KEY_USAGE | 1U << CP_EXT_SUBJECT_ALT_NAME | 1U << CP_EXT_BASIC_CONSTRAINTS |     \
     1U << CP_EXT_NAME_CONSTRAINTS | 1U << CP_EXT_POLICIES | 1U << CP_EXT_POLICY_MAPPINGS |        \
     1U << CP_EXT_POLICY_CONSTRAINTS | 1U << CP_EXT_INHIBIT_ANY_POLICY |                           \
     1U << CP_EXT_EXTENDED_KEY_USAGE)

static inline bool cp_path_is_in_time(const struct cp_cert *cert, int64_t at_s) {
    return cert->not_before_s <= at_s && at_s <= cert->not_after_s;
}

/* Is it what the path is trusted by: an anchor, or where none is asked for, a self-issued top? */
static inline bool cp_path_is_root(const struct cp_path *path, size_t index) {
    if (index + 1 != path->num_certs)
        return false;
    return path->anchored || (index != 0 && cp_cert_is_self_issued(path->certs[index]));
}

enum cp_path_place { CP_PATH_LEAF, CP_PATH_ISSUER, CP_PATH_ANCHOR };

/* The rules for a certificate at its place in a path, whoever issued it. */
enum cp_path_rule cp_path_check_cert(const struct cp_cert *cert, enum cp_path_place place,
                                     enum cp_purpose purpose);
/* The rules for issuer above the certificates below (leaf first). dots: as in the query. *work
 * counts name comparisons down. */
enum cp_path_rule cp_path_check_above(const struct cp_cert *issuer, const struct cp_path *below,
                                      bool dots, size_t *work, struct cp_general_name *bad_name);

#endif
