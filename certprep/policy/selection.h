/* selection: the policy of a run: which rules count and how much, waivers, baseline. What it does
 * to a report is in apply.c. */
#ifndef CP_POLICY_SELECTION_H
#define CP_POLICY_SELECTION_H

#include "bundle.h"
#include "policy/baseline.h"
#include "policy/waiver.h"

struct cp_report;

struct cp_policy {
    struct {
        uint8_t selected, ignored; /* length of the longest prefix that names it; 0: none does */
        bool has_level, is_off;
        enum cp_severity level;
    } rules[CP_NUM_CHECKS];
    bool selects; /* only what is selected counts */
    char *folder; /* absolute: what relative names of inputs are relative to; NULL: none */
    struct cp_waivers waivers;
    struct cp_baseline baseline;
};

/* CP0911 to CP0913: what is said of the policy itself. */
bool cp_policy_is_own_rule(const struct cp_rule *rule);
/* Rules that stay what they are: nothing was evaluated, or the policy itself is at fault. */
bool cp_policy_is_fixed(const struct cp_rule *rule);

/* By its id. name and line, of where it stands, lead the message; line 0: name alone. */
CP_MUST_USE enum cp_status cp_policy_find_rule(const struct cp_rule **out, const char *name,
                                               size_t line, const char *id, cp_nearest_fn *nearest,
                                               struct cp_error *err);
/* "CP03", "CP0403": does it name any rule? */
bool cp_policy_is_prefix(const char *text);
/* "note", "warning", "error", "off". */
bool cp_policy_level(enum cp_severity *level, bool *is_off, const char *word);

/* Changes *severity as the policy has it; false: the rule does not count. */
bool cp_policy_severity(const struct cp_policy *policy, enum cp_check check,
                        enum cp_severity *severity);

/* ---- apply.c ---- */

/* Lower-case hex SHA-256 of the public key that a finding is about: its certificate's, its key's,
 * or else the leaf's. "" if there is none. */
void cp_finding_spki(char out[65], const struct cp_report *report,
                     const struct cp_finding *finding);

/* Puts the report's waived findings apart, so that they are not counted. After all checks. */
CP_MUST_USE enum cp_status cp_policy_apply(struct cp_report *report, struct cp_error *err);

#endif
