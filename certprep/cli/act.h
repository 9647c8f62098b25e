/* act: what verify, delete and apply have in common: one request for each custom hostname that is
 * named, each carried out as a task. */
#ifndef CP_CLI_ACT_H
#define CP_CLI_ACT_H

#include "hostname_output.h"
#include "lookup.h"
#include "task_output.h"

struct cli_act {
    const char *name;  /* "verify": of the command */
    const char *done;  /* "VERIFIED": the headline's word */
    const char *usage; /* as of cli_syntax */
    const char *about;
    const char *question; /* asked before it is done, unless --yes; NULL: not asked */
    bool can_wait;        /* --wait */
    enum cp_status (*make)(struct esa_request **out, int64_t hostname_id, struct cp_error *err);
};

int cli_act(int argc, char **argv, const struct cli_act *act);

#endif
