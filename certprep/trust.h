/* trust: trust anchors, read once and shared between threads. */
#ifndef CP_TRUST_H
#define CP_TRUST_H

#include "cert.h"

struct cp_trust {
    uint8_t *der; /* every anchor's bytes, one allocation */
    struct cp_cert *anchors;
    size_t num_anchors;
    size_t num_unreadable;
    bool is_system;
    char *label; /* "system store", a file's name */
};

/* Where this system keeps its bundle of anchors; NULL if it is at none of the known places. */
const char *cp_trust_system_file(void);
/* The next anchor from *index on whose subject is name; NULL at the end. */
const struct cp_cert *cp_trust_next(const struct cp_trust *trust, size_t *index,
                                    struct cp_span name, uint64_t name_hash);
/* Is it one of the store's own objects, not just equal to one? */
static inline bool cp_trust_owns(const struct cp_trust *trust, const struct cp_cert *cert) {
    return cert >= trust->anchors && cert < trust->anchors + trust->num_anchors;
}
/* Is this very certificate an anchor? */
bool cp_trust_has(const struct cp_trust *trust, const struct cp_cert *cert);

#endif
