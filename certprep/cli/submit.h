/* submit: what cmd_submit.c, submit_run.c and submit_output.c share. Creating and updating a custom
 * hostname go through the same gates; they differ in what is asked of the service before. */
#ifndef CP_CLI_SUBMIT_H
#define CP_CLI_SUBMIT_H

#include "complete.h"
#include "dns_options.h"
#include "follow.h"
#include "lookup.h"
#include "service.h"
#include "task_output.h"
#include "view.h"

struct submit_options {
    bool is_update; /* certprep update: of one that exists */
    struct cli_material material;
    struct cli_complete complete;
    struct cli_service service;
    struct cli_view view;
    struct cli_follow follow;
    struct cli_site site;
    struct cli_record record;
    struct cli_dns dns;
    const char *hostname, *hostname_id, *ssl, *cert_type, *cas_id, *cas_region;
    bool ensure, update, dry_run;
};

/* What one run owns and came to know; what is NULL or false was not reached. */
struct submit {
    struct submit_options *options;
    struct cp_hostname *hostname;
    int64_t hostname_id; /* update: of what exists */
    enum esa_create_kind kind;
    struct cp_prepared *prepared;
    struct esa_request *request;
    char *description; /* --dry-run: the masked request, in the format that was asked for */
    struct esa_dns_report *dns; /* --dns */
    struct esa_task *task;
    struct cli_followed followed;
    int exit_code;
};

/* The whole flow; prints failures on standard error and everything else with submit_print. */
int submit_run(struct submit_options *options);

/* Prints all of it on standard output; returns s->exit_code, or what a failed write means. */
int submit_print(struct submit *s);

#endif
