/* service: the options of every command that calls Alibaba Cloud ESA, and the opening of a client
 * from them.
 *
 *   struct cli_service service = {0};
 *   struct cli_option table[CLI_MAX_SERVICE_OPTIONS];
 *   cli_service_options(table, &service, true);
 *   ... cli_parse ...
 *   cli_service_open(&service, CLI_SERVICE_CALL, &err);
 *   esa_request_set_params_in(request, service.params);
 *   cli_interrupt_catch(&saved); esa_client_call(service.client, ...);
 * cli_interrupt_restore(&saved); cli_service_cleanup(&service);
 */
#ifndef CP_CLI_SERVICE_H
#define CP_CLI_SERVICE_H

#include <signal.h>

#include "credential_options.h"

/* All zero is a valid set. */
struct cli_service {
    /* options */
    const char *region, *endpoint, *timeout, *connect_timeout, *params_in;
    struct cli_credential_options credential_options;
    /* opened */
    enum esa_params_in params;
    int64_t total_timeout_ms, connect_timeout_ms; /* 0: the client's defaults */
    struct esa_credential *credential;            /* NULL: none was found (SHOW) */
    struct esa_client *client;
};

#define CLI_MAX_SERVICE_OPTIONS (CLI_MAX_CREDENTIAL_OPTIONS + 8)
/* Fills a table; a row without a name ends it. owns_profile: see cli_credential_options. */
void cli_service_options(struct cli_option table[CLI_MAX_SERVICE_OPTIONS],
                         struct cli_service *service, bool owns_profile);

enum cli_service_use {
    CLI_SERVICE_CALL, /* needs a credential */
    CLI_SERVICE_SHOW, /* --dry-run: nothing is asked of anybody, and no credential is needed */
};
/* Fills params, time-outs, credential and client. Before anything else is done: a missing
 * credential or a bad endpoint costs no check. To be cleaned up whatever it returns. */
CP_MUST_USE enum cp_status cli_service_open(struct cli_service *service, enum cli_service_use use,
                                            struct cp_error *err);
void cli_service_cleanup(struct cli_service *service);

/* An emulator: nothing real is done there. */
bool cli_service_is_this_machine(const struct cli_service *service);

/* Whole seconds, 1 to 3600, as ms; *out_ms 0 for NULL. name: "--timeout", for the message. */
CP_MUST_USE enum cp_status cli_seconds_parse(int64_t *out_ms, const char *text, const char *name,
                                             struct cp_error *err);

/* ---- Ctrl-C ---- */

/* While a request is out the service may have acted, which must be said: SIGINT and SIGTERM are
 * counted instead of ending the program. What cli_service_open opened is cancelled by the first
 * one. */
struct cli_interrupt {
    struct sigaction old_int, old_term;
};
void cli_interrupt_catch(struct cli_interrupt *saved);
void cli_interrupt_restore(const struct cli_interrupt *saved);
/* How many came. */
int cli_interrupt_count(void);
/* An esa_cancel_fn: did one come? */
bool cli_is_interrupted(void *context);

#endif
