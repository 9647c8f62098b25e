/* The options of policy_options.h. */
#include <string.h>

#include "policy_options.h"

void cli_policy_options(struct cli_option table[CLI_NUM_POLICY_OPTIONS], struct cli_policy *p) {
    const struct cli_option rows[CLI_NUM_POLICY_OPTIONS] = {
        {.name = "config",
         .kind = CLI_VALUE,
         .argument = "FILE",
         .value = &p->config_file,
         .help = "in place of the certprep.ini that is found upward from here"},
        {.name = "no-config",
         .kind = CLI_FLAG,
         .flag = &p->no_config,
         .help = "look for neither certprep.ini nor certprep-waivers.ini"},
        {.name = "select",
         .kind = CLI_LIST,
         .argument = "RULES",
         .list = &p->select,
         .help = "only these rules count: ids, or how they begin (CP03,CP0403)"},
        {.name = "ignore",
         .kind = CLI_LIST,
         .argument = "RULES",
         .list = &p->ignore,
         .help = "these rules do not count"},
        {.name = "severity",
         .kind = CLI_LIST,
         .argument = "RULE=LEVEL",
         .list = &p->severity,
         .help = "error, warning, note or off for one rule; may be repeated"},
        {.name = "min-left",
         .kind = CLI_VALUE,
         .argument = "PERCENT",
         .value = &p->min_left,
         .help = "warn of a leaf with less of its time left (33%), in place of --min-days"},
        {.name = "waivers",
         .kind = CLI_VALUE,
         .argument = "FILE",
         .value = &p->waivers_file,
         .help = "what is waived, until when and why (default: certprep-waivers.ini)"},
        {.name = "show-waived",
         .kind = CLI_FLAG,
         .flag = &p->show_waived,
         .help = "list what is waived, with reason and last day"},
        {.name = "baseline",
         .kind = CLI_VALUE,
         .argument = "FILE",
         .value = &p->baseline_file,
         .help = "an earlier JSON report: what it has is not counted"},
        {.name = NULL},
    };
    memcpy(table, rows, sizeof(rows));
}
