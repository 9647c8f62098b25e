/* submit: what cmd_submit.c hands to submit_output.c. */
#ifndef CP_CLI_SUBMIT_H
#define CP_CLI_SUBMIT_H

#include "apiclient/apiclient.h"
#include "cli.h"

/* What a run of submit came to know; each may be NULL. */
struct submit_result {
    const struct cp_hostname *hostname;
    const struct cp_report *report;
    const struct cp_prepared *prepared;
    const struct esa_request *request;
    const char *description; /* --dry-run: the masked request, in the format that was asked for */
    const struct esa_outcome *outcome;
};

struct submit_format {
    bool json;
    struct cp_render_options render;
};

/* Prints all of it on standard output; returns exit_code, or what a failed write means. */
int submit_print(const struct submit_result *result, const struct submit_format *format,
                 int exit_code);

#endif
