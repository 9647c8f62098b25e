/* complete: the options that complete a chain and choose among its paths, and a check with them. */
#ifndef CP_CLI_COMPLETE_H
#define CP_CLI_COMPLETE_H

#include "cli.h"

struct cli_complete {
    const char *intermediates, *prefer;
    bool aia, aia_allow_private;
};

#define CLI_NUM_COMPLETE_OPTIONS 5
/* Fills a table of CLI_NUM_COMPLETE_OPTIONS rows (the last one ends it). */
void cli_complete_options(struct cli_option table[CLI_NUM_COMPLETE_OPTIONS],
                          struct cli_complete *complete);

/* cli_material_check with them. Sets options->pool, which the material owns, and options->prefer.
 * With --aia, fetches while certificates are missing and checks again. What can't be read or
 * fetched is named on stderr and is no error: the report says what is missing then. */
CP_MUST_USE enum cp_status cli_complete_check(struct cli_material *material,
                                              struct cli_complete *complete,
                                              struct cp_check_options *options,
                                              struct cp_error *err);
/* Its two halves. The second may be called again, with other files in the material: the trust
 * store, the pool and what the criteria named stay. */
CP_MUST_USE enum cp_status cli_complete_load(struct cli_material *material,
                                             const struct cli_complete *complete,
                                             struct cp_check_options *options,
                                             struct cp_error *err);
CP_MUST_USE enum cp_status cli_complete_judge(struct cli_material *material,
                                              const struct cli_complete *complete,
                                              const struct cp_check_options *options,
                                              struct cp_error *err);

#endif
