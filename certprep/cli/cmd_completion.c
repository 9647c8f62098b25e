/* certprep completion: what bash, zsh and fish need to complete our command lines. It is written
 * from the very tables that parse them: each command is called as usual, and cli_parse hands its
 * syntax over instead of parsing. */
#include "completion.h"

#include <string.h>

#define MAX_SCRIPT ((size_t)4 * 1024 * 1024)

const struct cli_option cli_completion_help = {
    .name = "help", .letter = 'h', .kind = CLI_FLAG, .help = "show this help"};

static const struct {
    const char *name;
    const struct cli_shell *shell;
} shells[] = {{"bash", &cli_shell_bash}, {"zsh", &cli_shell_zsh}, {"fish", &cli_shell_fish}};

#define NUM_SHELLS (sizeof(shells) / sizeof(shells[0]))

/* Is it typed as it stands? What a person fills in is in capitals. */
static bool is_literal(const char *word, size_t len) {
    return len != 0 && strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-_.") >= len;
}

bool cli_value_has_words(const char *argument) {
    if (argument == NULL || strchr(argument, '|') == NULL)
        return false;
    for (const char *p = argument; *p != '\0'; p += strcspn(p, "|"), p += *p == '|')
        if (is_literal(p, strcspn(p, "|")))
            return true;
    return false;
}

void cli_put_words(struct cp_buf *out, const char *argument) {
    const char *before = "";
    for (const char *p = argument; *p != '\0'; p += strcspn(p, "|"), p += *p == '|') {
        size_t len = strcspn(p, "|");
        if (!is_literal(p, len))
            continue;
        cp_buf_printf(out, "%s%.*s", before, (int)len, p);
        before = " ";
    }
}

enum cli_value_path cli_value_path(const char *argument) {
    if (argument == NULL)
        return CLI_VALUE_NO_PATH;
    if (strstr(argument, "FILE") != NULL || strstr(argument, "MANIFEST") != NULL ||
        strstr(argument, "PATH") != NULL)
        return CLI_VALUE_FILE;
    return strstr(argument, "DIR") != NULL ? CLI_VALUE_DIRECTORY : CLI_VALUE_NO_PATH;
}

/* The last word of the usage's first line, "certprep check [OPTION]... [FILE]...", or the one
 * behind the command: "certprep onboard MANIFEST [OPTION]...". */
struct cli_operand cli_operand(const struct cli_syntax *syntax) {
    struct cli_operand operand = {""};
    const char *line = syntax->usage, *word = line;
    size_t len = strcspn(line, "\n");
    if (syntax->files == NULL)
        return operand;
    for (size_t i = 0; i < len; i++)
        if (line[i] == ' ')
            word = line + i + 1;
    if (strncmp(word, "[OPTION]", 8) == 0) {
        word = line + strcspn(line, " ");
        word += *word == ' ';
        word += strcspn(word, " ");
        word += *word == ' ';
    }
    (void)snprintf(operand.text, sizeof(operand.text), "%.*s", (int)strcspn(word, " \n"), word);
    return operand;
}

bool cli_operand_is_rule(const struct cli_operand *operand) {
    return strcmp(operand->text, "ID...") == 0 || strcmp(operand->text, "[ID]...") == 0;
}

void cli_put_rule_ids(struct cp_buf *out) {
    for (size_t i = 0; i < cp_num_rules(); i++)
        cp_buf_printf(out, "%s%s", i == 0 ? "" : " ", cp_rule_get(i)->id);
}

struct writer {
    const struct cli_shell *shell;
    const struct cli_command *command;
    struct cp_buf out;
};

static void on_syntax(void *context, const struct cli_syntax *syntax) {
    struct writer *writer = context;
    writer->shell->command(&writer->out, writer->command, syntax);
}

static int write_script(const struct cli_shell *shell, struct cp_error *err) {
    struct writer writer = {.shell = shell};
    size_t num = 0;
    const struct cli_command *commands = cli_commands(&num);
    cp_buf_init(&writer.out, MAX_SCRIPT);
    shell->begin(&writer.out, commands, num);
    cli_parse_watch(on_syntax, &writer);
    for (size_t i = 0; i < num; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "%s", commands[i].name);
        char *argv[] = {name, NULL};
        writer.command = &commands[i];
        (void)commands[i].run(1, argv);
    }
    cli_parse_watch(NULL, NULL);
    shell->end(&writer.out);
    int exit_code = CLI_UNREADABLE;
    if (cp_buf_finish(&writer.out, err) == CP_OK)
        exit_code = cli_write(writer.out.data, writer.out.len, CLI_OK);
    else
        exit_code = cli_fail(err);
    cp_buf_cleanup(&writer.out);
    return exit_code;
}

int cli_completion(int argc, char **argv) {
    struct cli_list names = {0};
    struct cp_error err = {CP_OK, 0, 0, ""};
    const struct cli_option *const tables[] = {NULL};
    const struct cli_syntax syntax = {
        .usage = "certprep completion bash|zsh|fish",
        .about = "Writes the script by which the shell completes certprep's commands, options and\n"
                 "values. The packages install it; by hand:\n"
                 "  bash: certprep completion bash > ~/.local/share/bash-completion/completions/"
                 "certprep\n"
                 "  zsh:  certprep completion zsh > DIR/_certprep, with DIR in $fpath\n"
                 "  fish: certprep completion fish > ~/.config/fish/completions/certprep.fish",
        .tables = tables,
        .files = &names};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1 && names.num_items != 1) {
        (void)cp_fail(&err, CP_ERR_USAGE, "name one shell: bash, zsh or fish");
        exit_code = cli_fail(&err);
    }
    for (size_t i = 0; i < NUM_SHELLS && exit_code == -1; i++)
        if (strcmp(names.items[0], shells[i].name) == 0)
            exit_code = write_script(shells[i].shell, &err);
    if (exit_code == -1) {
        (void)cp_fail(&err, CP_ERR_USAGE, "unknown shell '%.40s': want bash, zsh or fish",
                      names.items[0]);
        exit_code = cli_fail(&err);
    }
    cli_list_free(&names);
    return exit_code;
}
