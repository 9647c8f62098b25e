/* online: what the options say of revocation and transparency: files, and with --online what the
 * certificates themselves name (authorityInfoAccess, cRLDistributionPoints). */
#ifndef CP_CLI_ONLINE_H
#define CP_CLI_ONLINE_H

#include "cli.h"

#define CLI_MAX_ONLINE_FETCHES 12 /* of one run */

/* Reads the files of --crl, --ocsp and --ct-logs and sets *options, which borrows them. */
CP_MUST_USE enum cp_status cli_evidence_load(struct cli_criteria *criteria,
                                             struct cp_check_options *options,
                                             struct cp_error *err);
void cli_evidence_cleanup(struct cli_criteria *criteria);

/* Asks about each certificate of the report's path that the evidence does not settle: its OCSP
 * responders, then its revocation lists. Then judges again. Whoever can't be reached is no error:
 * the report says so. */
CP_MUST_USE enum cp_status cli_online_check(struct cli_material *material,
                                            const struct cp_check_options *options,
                                            struct cp_error *err);

#endif
