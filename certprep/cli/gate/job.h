/* job: one line of certprep audit, and its answer. */
#ifndef CP_CLI_JOB_H
#define CP_CLI_JOB_H

#include "../cli.h"

#define AUDIT_MAX_LINE ((size_t)4 * 1024 * 1024)
#define AUDIT_MAX_ID 256

/* What one thread keeps from job to job. */
struct audit_worker {
    struct cp_bundle *bundle;
    struct cp_checker *checker;
    const struct cp_check_options
        *options; /* what the command line says; a job may say otherwise */
    enum cp_fail_on fail_on;
};

struct audit_shard {
    uint64_t index, of; /* of: 0, all */
};

/* line is worked on in place, and wiped by its owner. *answer, for free(), is one line with its
 * end; NULL if the job is another shard's. *exit_code is that of a run with this job alone. Only
 * out of memory is a status. */
CP_MUST_USE enum cp_status audit_answer(struct audit_worker *worker, char **answer, int *exit_code,
                                        struct cp_secret *line, size_t number,
                                        const struct audit_shard *shard, struct cp_error *err);

#endif
