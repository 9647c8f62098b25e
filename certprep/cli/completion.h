/* completion: what the three shells' writers share. */
#ifndef CP_CLI_COMPLETION_H
#define CP_CLI_COMPLETION_H

#include "bytes.h"
#include "cli.h"

/* How a shell's script is written: one call at the beginning and the end, one for each command. */
struct cli_shell {
    void (*begin)(struct cp_buf *out, const struct cli_command *commands, size_t num);
    void (*command)(struct cp_buf *out, const struct cli_command *command,
                    const struct cli_syntax *syntax);
    void (*end)(struct cp_buf *out);
};
extern const struct cli_shell cli_shell_bash, cli_shell_zsh, cli_shell_fish;

/* A value, by what the help calls it: "text|json" are words, "FILE|system|none" a file or one of
 * two words. NULL is none. */
enum cli_value_path { CLI_VALUE_NO_PATH, CLI_VALUE_FILE, CLI_VALUE_DIRECTORY };
enum cli_value_path cli_value_path(const char *argument);
bool cli_value_has_words(const char *argument);
/* With blanks between them. */
void cli_put_words(struct cp_buf *out, const char *argument);

/* What the usage calls the operands; empty where none are taken. */
struct cli_operand {
    char text[80];
};
struct cli_operand cli_operand(const struct cli_syntax *syntax);
bool cli_operand_is_rule(const struct cli_operand *operand);
void cli_put_rule_ids(struct cp_buf *out);

/* The row that cli_parse knows without a table. */
extern const struct cli_option cli_completion_help;

#endif
