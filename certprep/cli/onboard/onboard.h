/* onboard: a manifest of hostnames, planned and carried out.
 *
 *   manifest -> intake -> rows -> plan (resolve, look, judge) -> apply -> report
 *
 *   manifest, csv, json_rows, source   the file's rows, with places
 *   intake       a row's values into what is wanted
 *   rows, row    the rows of this run, in a temporary database
 *   judge        the checks of check and submit, and the request that a row means
 *   resolve      names to ids; what is there already
 *   plan         create, update, resume, unchanged, blocked
 *   journal      intentions before they are sent, outcomes after
 *   apply        many tasks at once, within the quota
 *   report, progress, summary          what people and programs see
 */
#ifndef CP_ONBOARD_H
#define CP_ONBOARD_H

#include "apiclient/esa_task.h"
#include "cli/dns_options.h"
#include "cli/service.h"
#include "journal.h"
#include "judge.h"

#define ONBOARD_QUOTA 100 /* creations a user has an hour (ESA's documentation) */
#define ONBOARD_PERIOD_MS ((int64_t)3600000)
#define ONBOARD_STOP_AFTER 20 /* failures, unless --stop-after says otherwise */

struct onboard_options {
    const char *manifest;
    bool plan, apply, offline, update, only_failed, quiet;
    const char *journal, *rate, *concurrency, *stop_after, *report, *wait, *wait_timeout, *format;
    const char *color;
};

struct onboard {
    struct onboard_options options;
    /* read from them */
    char journal_path[4096]; /* "": none */
    size_t rate;             /* creations in a period */
    int64_t period_ms;
    size_t concurrency, stop_after; /* stop_after 0: never */
    enum esa_goal goal;
    int64_t goal_ms;
    bool json, is_applying;
    struct cp_render_options render;

    struct cli_service service;
    struct cli_dns dns;
    struct esa_client *client; /* ends an exchange only at the second Ctrl-C; NULL: offline */
    struct onboard_judge judge;
    struct onboard_rows *rows;
    struct onboard_journal *journal; /* NULL: none */
    size_t num_rows;
    size_t num_used;  /* creations of the period that is running, by the journal */
    int failed_exit;  /* what a failure's exit code is, if its status does not decide it; 0 */
    size_t num_reads; /* calls of the plan that only read */
};

int64_t onboard_now_ms(void);       /* of the wall clock */
int64_t onboard_monotonic_ms(void); /* for waits */

/* Reads the manifest into o->rows. Problems are told on stderr. */
CP_MUST_USE enum cp_status onboard_intake(struct onboard *o, struct cp_error *err);

/* Names to ids, and what the service has of the rows: row->hostname_id and row->seen. */
CP_MUST_USE enum cp_status onboard_resolve(struct onboard *o, struct cp_error *err);
/* A read call, repeated by class; *reply is there on CP_OK. what: "the list of hostnames". */
CP_MUST_USE enum cp_status onboard_read(struct onboard *o, struct esa_reply **reply,
                                        const struct esa_request *request, const char *what,
                                        struct cp_error *err);
/* Brings every row into one of the states of a plan. */
CP_MUST_USE enum cp_status onboard_plan(struct onboard *o, struct cp_error *err);
/* How long creations take that come after num_used others in the present period. */
int64_t onboard_duration_ms(size_t creations, size_t num_used, size_t rate, int64_t period_ms);

/* Carries the open rows out. *interrupted: Ctrl-C came, and rows are left open. */
CP_MUST_USE enum cp_status onboard_apply(struct onboard *o, bool *interrupted,
                                         struct cp_error *err);

/* The rows as CSV or JSON into the file (whole or not at all), or "-". */
CP_MUST_USE enum cp_status onboard_report(struct onboard *o, const char *path,
                                          struct cp_error *err);
/* Text for people, or JSON, on standard output. */
CP_MUST_USE enum cp_status onboard_print(struct onboard *o, struct cp_error *err);
void onboard_print_matrix(void *context, const struct onboard_matrix *matrix);
/* The worst of the rows. In a plan, what is to be sent is no fault. */
CP_MUST_USE enum cp_status onboard_exit(struct onboard *o, int *exit_code, struct cp_error *err);

#endif
