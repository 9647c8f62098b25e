/* doctor: the lines of 'certprep doctor', and the probes that write them. */
#ifndef CP_CLI_DOCTOR_H
#define CP_CLI_DOCTOR_H

#include "cli.h"
#include "credential_options.h"

/* One line. help: what to do; "" where nothing is to be done. */
struct doctor_line {
    const char *name;
    bool is_warning;
    char detail[400], help[400];
};

/* What the probes may look at. */
struct doctor {
    struct cli_credential_options credential_options;
};

typedef void doctor_probe_fn(const struct doctor *doctor, struct doctor_line *line);

/* Each fills detail, and help and is_warning where there is reason to. No network, no process. */
doctor_probe_fn doctor_probe_program, doctor_probe_openssl, doctor_probe_legacy,
    doctor_probe_libcurl, doctor_probe_sqlite, doctor_probe_cares, doctor_probe_trust,
    doctor_probe_clock, doctor_probe_memory, doctor_probe_dumps, doctor_probe_locale,
    doctor_probe_credential;

/* Marks the line as a warning; help as printf has it. */
void doctor_warn(struct doctor_line *line, const char *format, ...) CP_PRINTF(2, 3);
void doctor_say(struct doctor_line *line, const char *format, ...) CP_PRINTF(2, 3);

#endif
