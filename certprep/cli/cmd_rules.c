/* certprep rules: the table of checks. */
#include <string.h>

#include "rules.h"

static bool is_group(const char *name) {
    for (size_t i = 0; i < cp_num_rules(); i++)
        if (strcmp(cp_rule_get(i)->group, name) == 0)
            return true;
    return false;
}

static bool is_listed(const struct cp_rule *rule, const struct cli_list *groups) {
    for (size_t i = 0; i < groups->num_items; i++)
        if (strcmp(rule->group, groups->items[i]) == 0)
            return true;
    return groups->num_items == 0;
}

static enum cp_status run(const char *format, const struct cli_list *groups, int *exit_code,
                          struct cp_error *err) {
    struct cli_rule_output out = {0};
    enum cp_status status = cli_rule_output_init(&out, format, err);
    for (size_t i = 0; status == CP_OK && i < groups->num_items; i++)
        if (!is_group(groups->items[i]))
            status =
                cp_fail(err, CP_ERR_USAGE, "--group '%.20s': no check is in it", groups->items[i]);
    for (size_t i = 0; status == CP_OK && i < cp_num_rules(); i++) {
        const struct cp_rule *rule = cp_rule_get(i);
        if (!is_listed(rule, groups))
            continue;
        if (out.array != NULL)
            status = cli_rule_output_add(&out, rule, err);
        else
            printf("%s  %-7s  %s\n", rule->id, cp_severity_name(rule->severity), rule->meaning);
    }
    if (status == CP_OK)
        status = cli_rule_output_finish(&out, exit_code, err);
    cli_rule_output_cleanup(&out);
    return status;
}

int cli_rules(int argc, char **argv) {
    const char *format = NULL;
    struct cli_list ids = {0}, groups = {0};
    struct cp_error err = {CP_OK, 0, 0, ""};
    const struct cli_option own[] = {
        {.name = "group",
         .kind = CLI_LIST,
         .argument = "NAME",
         .list = &groups,
         .help = "only the checks of this group; may be repeated"},
        {.name = "format",
         .letter = 'f',
         .kind = CLI_VALUE,
         .argument = "text|json",
         .value = &format,
         .help = "form of the list (default: text)"},
        {.name = NULL},
    };
    const struct cli_option *const tables[] = {own, NULL};
    const struct cli_syntax syntax = {
        .usage = "certprep rules [OPTION]... [ID]...",
        .about =
            "Lists every check with its id, severity and meaning; with IDs, explains those as\n"
            "'certprep rule' does.",
        .tables = tables,
        .files = &ids};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1) {
        enum cp_status status = ids.num_items != 0
                                    ? cli_rules_explain(&ids, format, &exit_code, &err)
                                    : run(format, &groups, &exit_code, &err);
        if (status != CP_OK)
            exit_code = cli_fail(&err);
    }
    cli_list_free(&ids);
    cli_list_free(&groups);
    return exit_code;
}
