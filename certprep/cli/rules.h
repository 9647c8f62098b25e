/* rules: what the commands rules and rule share. */
#ifndef CP_CLI_RULES_H
#define CP_CLI_RULES_H

#include "cli.h"
#include "json.h"

struct cli_rule_output {
    cJSON *root, *array; /* NULL: text */
};

CP_MUST_USE enum cp_status cli_rule_output_init(struct cli_rule_output *out, const char *format,
                                                struct cp_error *err);
CP_MUST_USE enum cp_status cli_rule_output_add(struct cli_rule_output *out,
                                               const struct cp_rule *rule, struct cp_error *err);
/* Prints what was added, and flushes. */
CP_MUST_USE enum cp_status cli_rule_output_finish(struct cli_rule_output *out, int *exit_code,
                                                  struct cp_error *err);
void cli_rule_output_cleanup(struct cli_rule_output *out);

/* Explains each of ids; one that is unknown is an error with what was meant, and nothing is
 * printed. */
CP_MUST_USE enum cp_status cli_rules_explain(const struct cli_list *ids, const char *format,
                                             int *exit_code, struct cp_error *err);

#endif
