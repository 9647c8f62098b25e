/* suite: one case of a published test suite, judged through the public interface. */
#ifndef CP_SUITE_H
#define CP_SUITE_H

#include "certprep.h"

struct suite_case {
    const char *leaf, *chain, *anchors; /* PEM; chain may be NULL or empty */
    const char *crls;     /* PEM; NULL or empty: none. If there are, no status may stay unknown */
    const char *hostname; /* NULL: none is asked for */
    int64_t at_s;
    enum cp_profile profile;
    enum cp_purpose purpose;
    const size_t *max_intermediates; /* NULL: no limit */
};

#define SUITE_WHY 300

/* True if the verdict is not BLOCKED. why gets the first error, or the status. */
bool suite_accepts(const struct suite_case *test, char why[SUITE_WHY]);

#endif
