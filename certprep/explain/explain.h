/* explain: every path that the search looked at, with what became of it. */
#ifndef CP_EXPLAIN_H
#define CP_EXPLAIN_H

#include "explain/lookahead.h"

/* The branches in the order of the search, which goes deep first: those that have certificates in
 * common stand together. */
struct cp_explanation {
    struct cp_branch *branches;
    size_t num_branches;
    size_t num_valid,
        num_failed; /* that were met; more than CP_MAX_BRANCHES of a kind are not kept */
    bool bound_met; /* the search ended early */
};

/* Searches once more, for all paths at the moment that is judged, and keeps them in report. */
CP_MUST_USE enum cp_status cp_explain_run(struct cp_report *report, struct cp_verifier *verifier,
                                          struct cp_error *err);
void cp_explanation_free(struct cp_explanation *explanation);

/* One sentence on what cp_lookahead found. */
const char *cp_explain_outlook(struct cp_report *report);

#endif
