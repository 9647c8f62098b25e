/* baseline: the findings of an earlier JSON report of ours, which are known and not counted. */
#ifndef CP_POLICY_BASELINE_H
#define CP_POLICY_BASELINE_H

#include "bytes.h"

#define CP_MAX_BASELINE_LEN ((size_t)64 * 1024 * 1024)
#define CP_MAX_BASELINE_ROWS 1000000
#define CP_MAX_BASELINE_KEY 6144

struct cp_baseline_row {
    struct cp_waiver waiver;
    char *key;
    bool used;
};

struct cp_baseline {
    struct cp_baseline_row *rows; /* sorted by key, each once */
    size_t num_rows;
    char *name, *reason; /* escaped */
};

/* Takes the report of one input, or of many. CP_ERR_USAGE for what is neither. */
CP_MUST_USE enum cp_status cp_baseline_read(struct cp_baseline *baseline, struct cp_span text,
                                            const char *name, struct cp_error *err);
void cp_baseline_cleanup(struct cp_baseline *baseline);

/* What makes two findings the same: the rule, the public key (or, without one, the file) and the
 * hostname that was asked for. Each may be NULL but the rule. False: too long to be in one. */
bool cp_baseline_key(char out[CP_MAX_BASELINE_KEY], const char *rule, const char *spki,
                     const char *file, const char *hostname);
/* NULL: it is not in it. */
struct cp_baseline_row *cp_baseline_find(const struct cp_baseline *baseline, const char *key);

#endif
