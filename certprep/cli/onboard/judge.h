/* judge: from a row to the request that it means, through the same gates as submit.
 *
 * Rows that share their files are judged together: the files are read and checked once for up to
 * ONBOARD_JUDGE_MAX hostnames, and what is prepared is kept for the rows that follow. */
#ifndef CP_ONBOARD_JUDGE_H
#define CP_ONBOARD_JUDGE_H

#include "cli/cli.h"
#include "cli/complete.h"
#include "rows.h"

#define ONBOARD_JUDGE_MAX ((size_t)10000)

/* A set of files and its hostnames: what the plan shows. */
struct onboard_matrix {
    const struct onboard_files *files;
    const struct cp_report *report; /* with the covered hostnames; NULL: the files can't be read */
    size_t num_hosts, num_covered;
    const char *missing; /* the names that would cover the rest; "" */
    const char *reason;  /* why nothing of it can be sent; "" */
};
typedef void onboard_matrix_fn(void *context, const struct onboard_matrix *matrix);

struct onboard_judge {
    struct cli_material material; /* options: trust, at, min_days, passphrase.file, criteria */
    struct cli_complete complete;
    onboard_matrix_fn *matrix; /* may be NULL */
    void *matrix_context;
    enum esa_params_in params;
    /* loaded */
    struct cp_check_options options;
    struct cp_prepared *prepared; /* NULL: blocked, or nothing was judged */
    int64_t current;              /* the files' id; 0: none */
    int64_t judged_s;
    struct onboard_files files;
    char (*names)[ESA_NAME_MAX]; /* ONBOARD_JUDGE_MAX */
    const char **wanted;
    int64_t *ids; /* ascending */
    bool *covered;
    size_t num;
    char reason[ONBOARD_REASON_MAX];
};

/* Reads what the options name. To be cleaned up whatever it returns. */
CP_MUST_USE enum cp_status onboard_judge_load(struct onboard_judge *judge, struct cp_error *err);
void onboard_judge_cleanup(struct onboard_judge *judge);

/* The CreateCustomHostname request of the row, whose site_id and record_id must be known. *out
 * NULL: it is blocked, and row->reason says why. Sets row->leaf_sha256 and row->digest. */
CP_MUST_USE enum cp_status onboard_judge_request(struct onboard_judge *judge,
                                                 struct esa_request **out, struct onboard_row *row,
                                                 struct onboard_rows *rows, struct cp_error *err);
/* The same, where ids are not known (offline): only what is checked here. *ready false: blocked. */
CP_MUST_USE enum cp_status onboard_judge_row(struct onboard_judge *judge, bool *ready,
                                             struct onboard_row *row, struct onboard_rows *rows,
                                             struct cp_error *err);

#endif
