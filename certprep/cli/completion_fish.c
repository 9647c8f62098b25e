/* completion for fish: a line an option. */
#include "completion.h"

#include <string.h>

/* Within single quotes fish reads \\ and \' only. */
static void put_quoted(struct cp_buf *out, const char *text) {
    cp_buf_puts(out, "'");
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            cp_buf_puts(out, "\\");
        cp_buf_append(out, text, 1);
    }
    cp_buf_puts(out, "'");
}

static void begin(struct cp_buf *out, const struct cli_command *commands, size_t num) {
    cp_buf_puts(out, "# fish completion of certprep, written by 'certprep completion fish'.\n"
                     "function __certprep_in\n"
                     "    set -l words (commandline -opc)\n"
                     "    test (count $words) -ge 2; and test \"$words[2]\" = \"$argv[1]\"\n"
                     "end\n"
                     "function __certprep_none\n"
                     "    test (count (commandline -opc)) -lt 2\n"
                     "end\n"
                     "complete -c certprep -f\n"
                     "complete -c certprep -n __certprep_none -l help -d 'list the commands'\n"
                     "complete -c certprep -n __certprep_none -l version -d 'show the version'\n");
    for (size_t i = 0; i < num; i++) {
        cp_buf_printf(out, "complete -c certprep -n __certprep_none -a %s -d ", commands[i].name);
        put_quoted(out, commands[i].summary);
        cp_buf_puts(out, "\n");
    }
}

/* What the words are completed with, as -a's argument. */
static void put_values(struct cp_buf *out, const char *argument) {
    enum cli_value_path path = cli_value_path(argument);
    if (path == CLI_VALUE_DIRECTORY)
        cp_buf_puts(out, " -a '(__fish_complete_directories)'");
    if (path == CLI_VALUE_FILE)
        cp_buf_puts(out, " -F");
    if (cli_value_has_words(argument)) {
        cp_buf_puts(out, " -a '");
        cli_put_words(out, argument);
        cp_buf_puts(out, "'");
    }
}

static void put_option(struct cp_buf *out, const char *name, const struct cli_option *option) {
    cp_buf_printf(out, "complete -c certprep -n '__certprep_in %s' -l %s", name, option->name);
    if (option->letter != '\0')
        cp_buf_printf(out, " -s %c", option->letter);
    if (option->kind == CLI_VALUE || option->kind == CLI_LIST)
        cp_buf_puts(out, cli_value_path(option->argument) == CLI_VALUE_FILE ? " -r" : " -x");
    if (option->kind != CLI_FLAG)
        put_values(out, option->argument);
    cp_buf_puts(out, " -d ");
    put_quoted(out, option->help);
    cp_buf_puts(out, "\n");
}

static void command(struct cp_buf *out, const struct cli_command *command,
                    const struct cli_syntax *syntax) {
    const struct cli_operand operand = cli_operand(syntax);
    for (size_t t = 0; syntax->tables[t] != NULL; t++)
        for (const struct cli_option *o = syntax->tables[t]; o->name != NULL; o++)
            put_option(out, command->name, o);
    put_option(out, command->name, &cli_completion_help);
    bool is_rule = cli_operand_is_rule(&operand);
    if (!is_rule && cli_value_path(operand.text) == CLI_VALUE_NO_PATH &&
        !cli_value_has_words(operand.text))
        return;
    cp_buf_printf(out, "complete -c certprep -n '__certprep_in %s'", command->name);
    if (is_rule) {
        cp_buf_puts(out, " -a '");
        cli_put_rule_ids(out);
        cp_buf_puts(out, "'");
    } else {
        put_values(out, operand.text);
    }
    cp_buf_puts(out, "\n");
}

static void end(struct cp_buf *out) {
    (void)out;
}

const struct cli_shell cli_shell_fish = {begin, command, end};
