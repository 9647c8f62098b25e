/* certprep rules: the table of checks, for people. */
#include <string.h>

#include "cli.h"

int cli_rules(int argc, char **argv) {
    const struct cli_option *const tables[] = {NULL};
    struct cli_list ids = {0};
    const struct cli_syntax syntax = {
        .usage = "certprep rules [ID]...",
        .about = "Lists every check with its id, severity and meaning; with IDs, explains those.",
        .tables = tables,
        .files = &ids};
    int exit_code = cli_parse(&syntax, argc, argv);
    for (size_t i = 0; exit_code == -1 && ids.num_items == 0 && i < cp_num_rules(); i++) {
        const struct cp_rule *rule = cp_rule_get(i);
        printf("%s  %-7s  %s\n", rule->id, cp_severity_name(rule->severity), rule->meaning);
    }
    for (size_t i = 0; exit_code == -1 && i < ids.num_items; i++) {
        const struct cp_rule *rule = cp_rule_find(ids.items[i]);
        struct cp_error err = {CP_OK, 0, 0, ""};
        if (rule == NULL) {
            (void)cp_fail(&err, CP_ERR_USAGE, "no check has the id '%.20s'", ids.items[i]);
            fprintf(stderr, "certprep: %s\n  help: 'certprep rules' lists them\n", err.message);
            exit_code = CLI_USAGE;
            break;
        }
        printf("%s %s (%s)\n  %s.\n  source: %s\n  help: %s\n", rule->id, rule->name,
               cp_severity_name(rule->severity), rule->meaning, rule->source, rule->help);
    }
    cli_list_free(&ids);
    return exit_code == -1 ? cli_write("", 0, CLI_OK) : exit_code;
}
