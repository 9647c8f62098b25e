/* credential_options: the options that say whose credential is used, shared by all commands that
 * ask the service. A key or a secret is never an option: the command line is visible to everybody.
 */
#ifndef CP_CLI_CREDENTIAL_OPTIONS_H
#define CP_CLI_CREDENTIAL_OPTIONS_H

#include "apiclient/apiclient.h"
#include "cli.h"

/* All zero is a valid set. */
struct cli_credential_options {
    const char *profile, *sts_endpoint, *metadata_endpoint, *ca_file, *proxy;
};

#define CLI_MAX_CREDENTIAL_OPTIONS 8
/* Fills a table; a row without a name ends it. The profile is --credential-profile everywhere, and
 * --profile too where owns_profile says that no rule profile has that name. */
void cli_credential_options(struct cli_option table[CLI_MAX_CREDENTIAL_OPTIONS],
                            struct cli_credential_options *options, bool owns_profile);

/* Asks the chain. local_only: no network and no process; a provider that needs one fails. watch may
 * be NULL. */
CP_MUST_USE enum cp_status cli_credential_open(struct esa_credential **out,
                                               const struct cli_credential_options *options,
                                               bool local_only, esa_provider_watch_fn *watch,
                                               void *watch_context, struct cp_error *err);

#endif
