/* How the material is judged: the options that check, prepare and submit have in common, and the
 * files that they name. */
#include <string.h>

#include "cli.h"

void cli_criteria_options(struct cli_option table[CLI_MAX_CRITERIA_OPTIONS],
                          struct cli_criteria *c) {
    const struct cli_option rows[] = {
        {.name = "profile",
         .kind = CLI_VALUE,
         .argument = "auto|rfc5280|webpki",
         .value = &c->profile,
         .help = "how strictly RFC 5280 and the Baseline Requirements are held (default: auto)"},
        {.name = NULL},
    };
    _Static_assert(sizeof(rows) / sizeof(rows[0]) <= CLI_MAX_CRITERIA_OPTIONS, "the table's room");
    memcpy(table, rows, sizeof(rows));
}

static enum cp_status parse_profile(enum cp_profile *out, const char *name, struct cp_error *err) {
    *out = CP_PROFILE_AUTO;
    for (int i = 0; name != NULL && i < CP_NUM_PROFILES; i++) {
        *out = (enum cp_profile)i;
        if (strcmp(cp_profile_name(*out), name) == 0)
            return CP_OK;
    }
    return name == NULL ? CP_OK
                        : cp_fail(err, CP_ERR_USAGE,
                                  "--profile '%.20s': want auto, rfc5280 or webpki", name);
}

enum cp_status cli_criteria_load(struct cli_criteria *c, struct cp_check_options *options,
                                 struct cp_error *err) {
    return parse_profile(&options->profile, c->profile, err);
}

void cli_criteria_cleanup(struct cli_criteria *c) {
    *c = (struct cli_criteria){0};
}
