/* follow: carrying one task out as the options say: how often to retry, how far to follow it, what
 * becomes of the customer's records on the way, and what is said of the progress. */
#ifndef CP_CLI_FOLLOW_H
#define CP_CLI_FOLLOW_H

#include "apiclient/esa_task.h"
#include "records_output.h"
#include "service.h"
#include "view.h"

/* All zero is a valid set. */
struct cli_follow {
    /* options */
    const char *retry, *wait, *wait_timeout, *poll, *records, *records_file;
    /* read */
    struct esa_task_options task;
    enum cli_records_form form; /* NONE: no records were asked for */
};

#define CLI_NUM_RETRY_OPTIONS 2
/* --retry, for every command that calls the service. */
void cli_retry_options(struct cli_option table[CLI_NUM_RETRY_OPTIONS], struct cli_follow *follow);
#define CLI_NUM_FOLLOW_OPTIONS 6
/* --wait and what goes with it, for those that make or change a custom hostname. */
void cli_follow_options(struct cli_option table[CLI_NUM_FOLLOW_OPTIONS], struct cli_follow *follow);
/* Reads them all, and probes the file for the records. */
CP_MUST_USE enum cp_status cli_follow_read(struct cli_follow *follow, const struct cli_view *view,
                                           struct cp_error *err);
/* The records go to standard output in a form of their own, so nothing else may. */
bool cli_follow_owns_stdout(const struct cli_follow *follow);

/* What a followed task left behind beside its result. */
struct cli_followed {
    struct cli_records seen;    /* hostname and cname as far as known before */
    struct cp_error save_error; /* status CP_OK: the file has what was seen, or none was named */
};

/* Runs it to its end; SIGINT and SIGTERM end it where it stands. Records go to the file each time
 * that more of them are seen. */
void cli_follow_run(const struct cli_follow *follow, const struct cli_service *service,
                    const struct cli_view *view, struct esa_task *task,
                    struct cli_followed *followed);

/* The CNAME's target: one call, to the record. Not fatal: it says on standard error why it is not
 * known. */
void cli_follow_cname(const struct cli_follow *follow, const struct cli_service *service,
                      int64_t record_id, struct cli_records *seen);

#endif
