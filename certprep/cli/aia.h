/* aia: issuers' certificates from where certificates say they are (authorityInfoAccess, RFC 5280
 * 4.2.2.1). */
#ifndef CP_CLI_AIA_H
#define CP_CLI_AIA_H

#include "cli.h"

#define CLI_MAX_FETCHES 4 /* of one run; so no chain grows by more than 4 either */
#define CLI_MAX_AIA_URLS 16

struct cli_aia {
    bool allow_private;
    size_t num_fetches;
    char *seen[CLI_MAX_AIA_URLS]; /* fetched or refused: each once */
    size_t num_seen;
};

/* Fetches for what the report's path lacks until a certificate came that issued one of the path;
 * *added says so, and the pool has it. Says on stderr what did not go well; an error is only what
 * ends the run. */
CP_MUST_USE enum cp_status cli_aia_step(struct cli_aia *aia, bool *added, struct cp_pool *pool,
                                        const struct cp_report *report, struct cp_error *err);
void cli_aia_cleanup(struct cli_aia *aia);

#endif
