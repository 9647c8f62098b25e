/* checks: the report that is filled, and the groups that fill it.
 *
 * To add a check: a row in checks.def, a few lines in the group's file, a case that fails and one
 * that passes (tests/cases). A check reads facts and adds findings. What keeps it from evaluating
 * is a status: it returns that and does not guess.
 */
#ifndef CP_CHECKS_H
#define CP_CHECKS_H

#include "bundle.h"
#include "coverage.h"
#include "explain/explain.h"
#include "hostname.h"
#include "path.h"
#include "policy/selection.h"
#include "pool.h"
#include "target.h"
#include "weakkey/weakkey.h"

struct cp_arena_block;

struct cp_report {
    const struct cp_bundle *bundle;
    const struct cp_trust *trust; /* NULL: no root is judged */
    const struct cp_pool *pool;   /* what may complete the chain; may be NULL */
    int64_t at_s;
    int64_t min_days;
    unsigned min_left_percent;
    enum cp_profile profile;
    enum cp_purpose purpose;
    size_t limit_of_intermediates;
    const size_t *max_intermediates; /* it, or NULL: no limit */
    bool require_key;
    const struct cp_evidence *evidence;   /* NULL: none was asked for */
    const struct cp_ct_logs *ct_logs;     /* NULL: SCTs are only read */
    const struct cp_blocklist *blocklist; /* NULL: no key is looked up */
    bool deep;
    const struct cp_tree_policy *tree; /* NULL: not from a tree */
    const struct cp_target *target;    /* NULL: no target's rules */
    const struct cp_policy *policy;    /* NULL: none */
    struct cp_report_host *hosts;
    size_t num_hosts;
    struct cp_coverage coverage; /* of them all */
    struct cp_selection selection;
    const struct cp_cert *leaf; /* NULL: there is none */
    struct cp_path_result path; /* of the leaf */
    bool path_is_soft;          /* found by the hard rules alone: see cp_path_query */
    struct cp_lookahead lookahead;
    bool explain;                       /* was asked for: */
    struct cp_explanation *explanation; /* NULL: nothing is explained */
    const char *outlook_text;           /* the same */
    struct cp_finding *findings;
    size_t num_findings, cap_findings;
    struct cp_finding *waived; /* taken out of findings */
    size_t num_waived;
    size_t counts[CP_NUM_SEVERITY];
    struct cp_arena_block *arena; /* the findings' strings */
    enum cp_status failed;        /* the first failure to store a finding; sticks */
};

/* What a group works with. */
struct cp_check_context {
    struct cp_report *report;
    struct cp_verifier *verifier;
    struct cp_weakkey *weakkey;
};

/* cp_verifier_can_load, but for a leaf whose private key is there: its public key was computed from
 * that one, and need not be loaded, which costs as much as a signature. */
CP_MUST_USE enum cp_status cp_check_key_loads(struct cp_check_context *context, bool *loads,
                                              const struct cp_cert *cert, struct cp_error *err);

#define GROUP(name)                                                                                \
    CP_MUST_USE enum cp_status cp_check_##name(struct cp_check_context *context,                   \
                                               struct cp_error *err);
#include "checks.def"
#undef GROUP

/* Adds a finding and returns it, or a dummy if there is no room (the report then says so). Help is
 * the rule's, and so is the severity, but that a strict profile makes errors of the warnings of the
 * groups profile and webpki, and RFC 5280's a warning of what only TLS asks for. message is
 * escaped.
 */
struct cp_finding *cp_report_add(struct cp_report *report, enum cp_check check, const char *format,
                                 ...) CP_PRINTF(3, 4);
/* Places a finding at a certificate of the bundle; nothing for one that is not in it (an anchor).
 */
void cp_report_at_cert(struct cp_report *report, struct cp_finding *finding,
                       const struct cp_cert *cert);
void cp_report_at(struct cp_report *report, struct cp_finding *finding,
                  const struct cp_place *place);
void cp_report_note(struct cp_report *report, struct cp_finding *finding, const char *format, ...)
    CP_PRINTF(3, 4);
void cp_report_help(struct cp_report *report, struct cp_finding *finding, const char *format, ...)
    CP_PRINTF(3, 4);
/* An escaped copy that lives as long as the report; "" if out of memory. */
const char *cp_report_text(struct cp_report *report, const char *format, ...) CP_PRINTF(2, 3);

/* What a path may be built from: the input's certificates, then those of the pool that are not
 * among them. The list is the caller's, for free(). */
CP_MUST_USE enum cp_status cp_report_candidates(const struct cp_cert ***out, size_t *num_out,
                                                const struct cp_report *report,
                                                struct cp_error *err);

/* The search for the leaf's paths as the options want it; the caller may add to it. */
struct cp_path_query cp_report_query(const struct cp_report *report,
                                     const struct cp_cert *const *pool, size_t num_pool);

/* The check that reports a rule of path validation. */
enum cp_check cp_path_rule_check(enum cp_path_rule rule);

/* Does what could not be read stand for a private key: one that is encrypted, or of another
 * program? */
bool cp_policy_is_key(const struct cp_input_defect *defect);

/* Takes out what another finding says of the same certificate (supersedes.def). After all groups.
 */
void cp_report_supersede(struct cp_report *report);

/* Adds to each finding what the target's service would answer, where that is known. After all
 * groups. */
void cp_target_predict(struct cp_report *report);
/* The errors, each rule once, to which the target's service publishes no answer: how many there
 * are; at most max are put into out. 0 without a target, or where it is no service. */
size_t cp_target_unanswered(const struct cp_report *report, const struct cp_rule **out, size_t max);

/* Index in the bundle; SIZE_MAX for one that is not in it. */
size_t cp_report_cert_index(const struct cp_report *report, const struct cp_cert *cert);
/* Is a certificate with the same bytes part of the path? */
bool cp_report_is_on_path(const struct cp_report *report, const struct cp_cert *cert);

/* "CN=... (certificate 2)" for messages. out has room for CP_CERT_LABEL. */
#define CP_CERT_LABEL 160
void cp_report_cert_label(char out[CP_CERT_LABEL], const struct cp_report *report,
                          const struct cp_cert *cert);

#endif
