/* units: internal to units.c and match.c. */
#ifndef CP_CLI_GATE_UNITS_H
#define CP_CLI_GATE_UNITS_H

#include "gate.h"

#define GATE_MAX_ABOVE 12 /* issuers that are looked for above a leaf */

/* Orders of the index: what is looked for is found by halving. */
struct gate_work {
    struct gate_index *index;
    const struct gate_judging *judging;
    struct gate_units *units;
    size_t *leaves; /* certificates that are no CA's, by digest, then by place */
    size_t num_leaves;
    size_t *issuers; /* CA certificates, by subject, then by folder */
    size_t num_issuers;
    size_t *owners; /* all certificates, by public key */
    size_t *keys;   /* all keys, by public key */
};

bool gate_is_cert(const struct cp_cert *cert, const uint8_t sha256[32]);
/* A CA certificate of that name in the source, else in the source's folder; SIZE_MAX: none. */
size_t gate_find_issuer(const struct gate_work *work, uint64_t name, size_t source);
/* The key for a leaf: of the same public key, nearest first; else the one that was plainly meant
 * for it (same folder, and same name but for the ending, or the only two without a partner there);
 * SIZE_MAX: none. */
size_t gate_find_key(const struct gate_work *work, size_t leaf);
bool gate_has_owner(const struct gate_work *work, const struct gate_key *key);

CP_MUST_USE enum cp_status gate_judge_leaf(struct gate_work *work, size_t leaf,
                                           const char *const *copies, size_t num_copies,
                                           struct cp_error *err);
CP_MUST_USE enum cp_status gate_judge_rest(struct gate_work *work, struct cp_error *err);

#endif
