/* completion for zsh: specifications for its _arguments. */
#include "completion.h"

#include <string.h>

/* Text between single quotes, in which _arguments and _describe read brackets, colons and
 * backslashes. */
static void put_text(struct cp_buf *out, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            cp_buf_puts(out, "'\\''");
        else if (strchr("[]:\\", *text) != NULL)
            cp_buf_printf(out, "\\%c", *text);
        else
            cp_buf_append(out, text, 1);
    }
}

static void begin(struct cp_buf *out, const struct cli_command *commands, size_t num) {
    cp_buf_puts(out, "#compdef certprep\n"
                     "# zsh completion of certprep, written by 'certprep completion zsh'.\n"
                     "_certprep() {\n"
                     "  local -a commands\n"
                     "  commands=(\n");
    for (size_t i = 0; i < num; i++) {
        cp_buf_printf(out, "    '%s:", commands[i].name);
        put_text(out, commands[i].summary);
        cp_buf_puts(out, "'\n");
    }
    cp_buf_puts(out, "  )\n"
                     "  if (( CURRENT == 2 )); then\n"
                     "    if [[ $PREFIX == -* ]]; then\n"
                     "      compadd -- --help --version\n"
                     "    else\n"
                     "      _describe -t commands 'certprep command' commands\n"
                     "    fi\n"
                     "    return\n"
                     "  fi\n"
                     "  shift words\n"
                     "  (( CURRENT-- ))\n"
                     "  case $words[1] in\n");
}

/* ":message:action" of a value or an operand. */
static void put_action(struct cp_buf *out, const char *argument) {
    enum cli_value_path path = cli_value_path(argument);
    bool has_words = cli_value_has_words(argument);
    cp_buf_puts(out, ":");
    put_text(out, argument);
    cp_buf_puts(out, ":");
    if (has_words && path != CLI_VALUE_NO_PATH) {
        cp_buf_puts(out, "{_files; compadd -- ");
        cli_put_words(out, argument);
        cp_buf_puts(out, "}");
    } else if (has_words) {
        cp_buf_puts(out, "(");
        cli_put_words(out, argument);
        cp_buf_puts(out, ")");
    } else if (path != CLI_VALUE_NO_PATH) {
        cp_buf_puts(out, path == CLI_VALUE_DIRECTORY ? "_files -/" : "_files");
    } else {
        cp_buf_puts(out, " "); /* a message alone */
    }
}

static void put_option(struct cp_buf *out, const struct cli_option *option, bool is_short) {
    cp_buf_printf(out, " \\\n      '%s", option->kind == CLI_LIST ? "*" : "");
    if (option->kind != CLI_LIST && option->letter != '\0')
        cp_buf_printf(out, "(-%c --%s)", option->letter, option->name);
    if (is_short)
        cp_buf_printf(out, "-%c%s", option->letter, option->kind == CLI_FLAG ? "" : "+");
    else
        cp_buf_printf(out, "--%s%s", option->name,
                      option->kind == CLI_FLAG       ? ""
                      : option->kind == CLI_OPTIONAL ? "=-"
                                                     : "=");
    cp_buf_puts(out, "[");
    put_text(out, option->help);
    cp_buf_puts(out, "]");
    if (option->kind == CLI_OPTIONAL)
        cp_buf_puts(out, ":");
    if (option->kind != CLI_FLAG)
        put_action(out, option->argument != NULL ? option->argument : "VALUE");
    cp_buf_puts(out, "'");
}

static void put_both(struct cp_buf *out, const struct cli_option *option) {
    put_option(out, option, false);
    if (option->letter != '\0')
        put_option(out, option, true);
}

static void command(struct cp_buf *out, const struct cli_command *command,
                    const struct cli_syntax *syntax) {
    const struct cli_operand operand = cli_operand(syntax);
    cp_buf_printf(out, "  %s)\n    _arguments -S", command->name);
    for (size_t t = 0; syntax->tables[t] != NULL; t++)
        for (const struct cli_option *o = syntax->tables[t]; o->name != NULL; o++)
            put_both(out, o);
    put_both(out, &cli_completion_help);
    if (cli_operand_is_rule(&operand)) {
        cp_buf_puts(out, " \\\n      '*:check:(");
        cli_put_rule_ids(out);
        cp_buf_puts(out, ")'");
    } else if (operand.text[0] != '\0') {
        cp_buf_puts(out, " \\\n      '*");
        put_action(out, operand.text);
        cp_buf_puts(out, "'");
    }
    cp_buf_puts(out, "\n    ;;\n");
}

/* As a file of fpath it is the function's own body and has to call it. */
static void end(struct cp_buf *out) {
    cp_buf_puts(out, "  esac\n"
                     "}\n"
                     "if [[ $funcstack[1] == _certprep ]]; then\n"
                     "  _certprep \"$@\"\n"
                     "else\n"
                     "  compdef _certprep certprep\n"
                     "fi\n");
}

const struct cli_shell cli_shell_zsh = {begin, command, end};
