/* report_files: a run as --format and --report want it. */
#ifndef CP_CLI_REPORT_FILES_H
#define CP_CLI_REPORT_FILES_H

#include "cli.h"

#define CLI_FORMAT_LIST 160

struct cli_reports {
    const char *format;    /* of standard output; NULL: text */
    struct cli_list files; /* "FORMAT=FILE" */
};

/* --fail-on; NULL: "error". */
CP_MUST_USE enum cp_status cli_fail_on_parse(enum cp_fail_on *out, const char *word,
                                             struct cp_error *err);

/* "text, json, sarif or junit", of all that there are. Returns out. */
const char *cli_format_list(char out[CLI_FORMAT_LIST]);

/* Before anything is read: are the formats known, and can each file be put where it is to be? None
 * of inputs, which may hold NULL, is replaced. */
CP_MUST_USE enum cp_status cli_reports_probe(const struct cli_reports *reports,
                                             const char *const *inputs, size_t num_inputs,
                                             struct cp_error *err);
/* Writes the files, then, if to_stdout, standard output. Each file is whole or not there; all are
 * tried. Returns exit_code, or what a failure makes of it. */
int cli_reports_write(const struct cli_reports *reports, const struct cp_run *run,
                      const struct cp_render_options *options, bool to_stdout, int exit_code);
void cli_reports_cleanup(struct cli_reports *reports);

#endif
