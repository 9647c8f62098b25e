/* completion for bash: one function, without the bash-completion package. */
#include "completion.h"

#include <string.h>

static const char head[] = "# bash completion of certprep, written by 'certprep completion bash'.\n"
                           "_certprep() {\n"
                           "    local cur=${COMP_WORDS[COMP_CWORD]} "
                           "prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}\n"
                           "    local words= paths= options= i\n"
                           "    # '--name=value' comes as three words, the middle one '='.\n"
                           "    if [[ $cur == '=' ]]; then\n"
                           "        cur=\n"
                           "    elif [[ $prev == '=' ]]; then\n"
                           "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
                           "    elif [[ $prev == --* ]]; then\n"
                           "        prev=\" $prev\" # an optional value needs the '='\n"
                           "    fi\n"
                           "    COMPREPLY=()\n";

static void begin(struct cp_buf *out, const struct cli_command *commands, size_t num) {
    cp_buf_puts(out, head);
    cp_buf_puts(out,
                "    if ((COMP_CWORD < 2)); then\n        mapfile -t COMPREPLY < <(compgen -W '");
    for (size_t i = 0; i < num; i++)
        cp_buf_printf(out, "%s ", commands[i].name);
    cp_buf_puts(out,
                "--help --version' -- \"$cur\")\n        return\n    fi\n    case $command in\n");
}

/* The pattern of an option's names before its value. */
static void put_pattern(struct cp_buf *out, const struct cli_option *option) {
    cp_buf_printf(out, "        --%s", option->name);
    if (option->kind != CLI_OPTIONAL)
        cp_buf_printf(out, "|' --%s'", option->name);
    if (option->letter != '\0')
        cp_buf_printf(out, "|-%c", option->letter);
    cp_buf_puts(out, ")");
}

static void put_values(struct cp_buf *out, const char *argument) {
    if (cli_value_has_words(argument)) {
        cp_buf_puts(out, " words='");
        cli_put_words(out, argument);
        cp_buf_puts(out, "'");
    }
    if (cli_value_path(argument) != CLI_VALUE_NO_PATH)
        cp_buf_printf(out, " paths=-%c",
                      cli_value_path(argument) == CLI_VALUE_DIRECTORY ? 'd' : 'f');
}

static void command(struct cp_buf *out, const struct cli_command *command,
                    const struct cli_syntax *syntax) {
    const struct cli_operand operand = cli_operand(syntax);
    cp_buf_printf(out, "    %s)\n        case $prev in\n", command->name);
    for (size_t t = 0; syntax->tables[t] != NULL; t++)
        for (const struct cli_option *o = syntax->tables[t]; o->name != NULL; o++) {
            if (o->kind == CLI_FLAG)
                continue;
            put_pattern(out, o);
            put_values(out, o->argument);
            cp_buf_puts(out, " ;;\n");
        }
    cp_buf_puts(out, "        *)\n            options='");
    for (size_t t = 0; syntax->tables[t] != NULL; t++)
        for (const struct cli_option *o = syntax->tables[t]; o->name != NULL; o++)
            cp_buf_printf(out, "--%s ", o->name);
    cp_buf_printf(out, "--%s'", cli_completion_help.name);
    put_values(out, operand.text);
    if (cli_operand_is_rule(&operand)) {
        cp_buf_puts(out, " words='");
        cli_put_rule_ids(out);
        cp_buf_puts(out, "'");
    }
    cp_buf_puts(out, " ;;\n        esac\n        ;;\n");
}

static const char tail[] =
    "    esac\n"
    "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "        [[ ${COMP_WORDS[i]} != -- ]] || options=\n"
    "    done\n"
    "    [[ $cur == -* ]] && words=$options\n"
    "    [[ -z $words ]] || mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
    "    if [[ -n $paths && ( $cur != -* || -z $options ) ]]; then\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        while IFS= read -r i; do COMPREPLY+=(\"$i\"); done < <(compgen \"$paths\" -- "
    "\"$cur\")\n"
    "    fi\n"
    "}\n"
    "complete -F _certprep certprep\n";

static void end(struct cp_buf *out) {
    cp_buf_puts(out, tail);
}

const struct cli_shell cli_shell_bash = {begin, command, end};
