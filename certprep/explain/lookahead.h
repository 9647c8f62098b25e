/* lookahead: when today's verdict on the path changes, and why. */
#ifndef CP_LOOKAHEAD_H
#define CP_LOOKAHEAD_H

#include "path.h"

struct cp_report;

/* The end of something: a certificate and its last good second. */
struct cp_end {
    const struct cp_cert *cert; /* NULL: it has no end */
    int64_t at_s;
};

struct cp_lookahead {
    bool revoked;   /* a certificate of the path, by the evidence: nothing else is looked for */
    bool valid_now; /* leaf and path */
    struct cp_end first;  /* of the chosen path */
    struct cp_end last;   /* behind it no path is left, or more were not looked for */
    struct cp_path other; /* takes over behind first; no certificates: none does */
    struct cp_end served; /* of what clients that go by the served certificates follow, if sooner */
    int64_t valid_from_s; /* not valid now, but from then on; INT64_MAX: never, or not looked for */
};

/* The first certificate of a path to expire; the leaf among equals. */
struct cp_end cp_path_first_end(const struct cp_path *path);

/* Costs a search only where another certificate than the leaf expires first, or, with explain,
 * where there is no valid path now. */
CP_MUST_USE enum cp_status cp_lookahead_run(struct cp_lookahead *out,
                                            const struct cp_report *report,
                                            struct cp_verifier *verifier, struct cp_error *err);

/* The certificate of other, from the leaf up, that is not on path: what tells them apart. */
const struct cp_cert *cp_path_first_other(const struct cp_path *other, const struct cp_path *path);

#endif
