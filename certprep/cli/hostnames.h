/* hostnames: --hostnames FILE, one a line. */
#ifndef CP_CLI_HOSTNAMES_H
#define CP_CLI_HOSTNAMES_H

#include "cli.h"

struct cli_hostnames {
    const char *file; /* "-": standard input; NULL: none */
    /* loaded */
    struct cp_secret text; /* no secret: the one reader of files there is */
    const char **names;
    size_t num_names;
};

/* Adds the file's to those of --hostname and sets options->hostnames, which borrows both. A line
 * that is no hostname is an error that names it. At most CP_MAX_HOSTNAMES in all. */
CP_MUST_USE enum cp_status cli_hostnames_load(struct cli_hostnames *hostnames,
                                              struct cp_check_options *options,
                                              const struct cli_material *material,
                                              struct cp_error *err);
void cli_hostnames_cleanup(struct cli_hostnames *hostnames);

#endif
