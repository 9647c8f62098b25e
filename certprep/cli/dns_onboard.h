/* dns_onboard: the DNS pre-flight of a manifest's rows. */
#ifndef CP_CLI_DNS_ONBOARD_H
#define CP_CLI_DNS_ONBOARD_H

#include "onboard/onboard.h"

/* For each row that something is still to be sent of: says on standard error what is not as it
 * should be, notes it as the row's reason, and blocks it where CAA forbids the certificate. */
CP_MUST_USE enum cp_status cli_dns_onboard(struct onboard *o, struct cp_error *err);

#endif
