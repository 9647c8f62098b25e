/* Options from tables: parsing, help, and what was meant. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define MAX_WORD 64
#define MAX_OPTIONS 128 /* of one command, among which a mistyped one is looked for */

/* Edits (insert, delete, replace, swap neighbours) between two words of at most MAX_WORD. */
static size_t distance(const char *a, const char *b) {
    size_t rows[3][MAX_WORD + 1], la = strlen(a), lb = strlen(b);
    if (la > MAX_WORD || lb > MAX_WORD)
        return MAX_WORD;
    for (size_t j = 0; j <= lb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *older = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t best = before[j - 1] + (a[i - 1] != b[j - 1]);
            if (before[j] + 1 < best)
                best = before[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                older[j - 2] + 1 < best)
                best = older[j - 2] + 1;
            now[j] = best;
        }
    }
    return rows[la % 3][lb];
}

const char *cli_nearest(const char *word, const char *const *candidates, size_t num) {
    const char *best = NULL;
    size_t least = strlen(word) / 3 + 2;
    for (size_t i = 0; i < num; i++) {
        size_t d = distance(word, candidates[i]);
        if (d < least) {
            least = d;
            best = candidates[i];
        }
    }
    return best;
}

static void print_help(const struct cli_syntax *syntax) {
    printf("Usage: %s\n\n%s\n\nOptions:\n", syntax->usage, syntax->about);
    for (size_t t = 0; syntax->tables[t] != NULL; t++) {
        for (const struct cli_option *o = syntax->tables[t]; o->name != NULL; o++) {
            char head[80];
            char letter[8] = "    ";
            if (o->letter != '\0')
                snprintf(letter, sizeof(letter), "-%c, ", o->letter);
            const char *before = o->argument == NULL ? "" : o->kind == CLI_OPTIONAL ? "[=" : " ";
            snprintf(head, sizeof(head), "  %s--%s%s%s%s", letter, o->name, before,
                     o->argument != NULL ? o->argument : "", o->kind == CLI_OPTIONAL ? "]" : "");
            if (strlen(head) > 34)
                printf("%s\n%36s%s\n", head, "", o->help);
            else
                printf("%-36s%s\n", head, o->help);
        }
    }
    printf("  -h, --help                        show this help\n");
}

static int wrong(const struct cli_syntax *syntax, const char *format, const char *word,
                 const char *nearest) {
    char message[200];
    struct cp_error err = {CP_OK, 0, 0, ""};
    const char *end = strchr(syntax->usage, ' '); /* "certprep check" */
    end = end == NULL ? NULL : strchr(end + 1, ' ');
    int command_len = end == NULL ? (int)strlen(syntax->usage) : (int)(end - syntax->usage);
    snprintf(message, sizeof(message), format, word);
    (void)cp_fail(&err, CP_ERR_USAGE, "%s", message);
    fputs("certprep: ", stderr);
    cli_put(stderr, err.message);
    fputs("\n", stderr);
    if (nearest != NULL)
        fprintf(stderr, "  help: did you mean '--%s'?\n", nearest);
    else
        fprintf(stderr, "  help: '%.*s --help' lists the options\n", command_len, syntax->usage);
    return CLI_USAGE;
}

static int unknown(const struct cli_syntax *syntax, const char *name) {
    const char *names[MAX_OPTIONS];
    size_t num = 0;
    for (size_t t = 0; syntax->tables[t] != NULL; t++)
        for (const struct cli_option *o = syntax->tables[t]; o->name != NULL && num < MAX_OPTIONS;
             o++)
            names[num++] = o->name;
    /* Without its value: that may be a secret which went the wrong way. */
    char shown[MAX_WORD];
    snprintf(shown, sizeof(shown), "%.*s", (int)(strcspn(name, "=") % MAX_WORD), name);
    return wrong(syntax, "unknown option '--%.60s'", shown, cli_nearest(shown, names, num));
}

static bool append(struct cli_list *list, const char *item) {
    if (list->items == NULL)
        list->items = calloc(CLI_MAX_LIST, sizeof(*list->items));
    if (list->items == NULL || list->num_items == CLI_MAX_LIST)
        return false;
    list->items[list->num_items++] = item;
    return true;
}

void cli_list_free(struct cli_list *list) {
    free(list->items);
    *list = (struct cli_list){0};
}

/* By name (name_len characters) or, with name NULL, by letter. */
static const struct cli_option *find(const struct cli_syntax *syntax, const char *name,
                                     size_t name_len, char letter) {
    for (size_t t = 0; syntax->tables[t] != NULL; t++)
        for (const struct cli_option *o = syntax->tables[t]; o->name != NULL; o++)
            if (name != NULL ? strlen(o->name) == name_len && memcmp(o->name, name, name_len) == 0
                             : o->letter == letter && letter != '\0')
                return o;
    return NULL;
}

/* Stores a value; -1 if all is well. */
static int store(const struct cli_syntax *syntax, const struct cli_option *option,
                 const char *value) {
    if (option->kind == CLI_LIST)
        return append(option->list, value)
                   ? -1
                   : wrong(syntax, "option '--%s' is given too often", option->name, NULL);
    if (*option->value != NULL)
        return wrong(syntax, "option '--%s' is given twice", option->name, NULL);
    *option->value = value;
    return -1;
}

/* One argument that starts with a dash; *index moves on past a value. */
static int parse_option(const struct cli_syntax *syntax, int argc, char **argv, int *index) {
    const char *arg = argv[*index];
    bool is_long = arg[1] == '-';
    const char *name = is_long ? arg + 2 : NULL;
    size_t name_len = is_long ? strcspn(name, "=") : 0;
    const char *value = is_long && name[name_len] == '=' ? name + name_len + 1 : NULL;
    if ((is_long && strcmp(name, "help") == 0) || strcmp(arg, "-h") == 0) {
        print_help(syntax);
        return cli_write("", 0, CLI_OK);
    }
    const struct cli_option *option = find(syntax, name, name_len, arg[1]);
    if (option == NULL)
        return is_long ? unknown(syntax, name) : wrong(syntax, "unknown option '%.2s'", arg, NULL);
    if (!is_long && arg[2] != '\0') {
        if (option->kind == CLI_FLAG)
            return wrong(syntax, "give the options of '%.20s' apart", arg, NULL);
        value = arg + 2;
    }
    if (option->kind == CLI_FLAG) {
        if (value != NULL)
            return wrong(syntax, "option '--%s' takes no value", option->name, NULL);
        *option->flag = true;
        return -1;
    }
    if (value == NULL && option->kind == CLI_OPTIONAL) {
        value = option->bare;
    } else if (value == NULL) {
        if (*index + 1 >= argc)
            return wrong(syntax, "option '--%s' needs a value", option->name, NULL);
        value = argv[++*index];
    }
    return store(syntax, option, value);
}

/* Key text where a file's name belongs: it must not be echoed. PEM, several lines, or a run of
 * base64 longer than any digest in a file's name. */
static bool is_material(const char *arg) {
    size_t run = 0;
    if (strstr(arg, "-----BEGIN") != NULL || strchr(arg, '\n') != NULL)
        return true;
    for (; *arg != '\0' && run < 150; arg++)
        run = strchr("+=", *arg) != NULL || (*arg >= '0' && *arg <= '9') ||
                      (*arg >= 'A' && *arg <= 'Z') || (*arg >= 'a' && *arg <= 'z')
                  ? run + 1
                  : 0;
    return run >= 150;
}

static cli_parse_watch_fn *watch;
static void *watch_context;

void cli_parse_watch(cli_parse_watch_fn *see, void *context) {
    watch = see;
    watch_context = context;
}

int cli_parse(const struct cli_syntax *syntax, int argc, char **argv) {
    bool options_end = false;
    if (watch != NULL) {
        watch(watch_context, syntax);
        return CLI_OK;
    }
    for (int i = 1; i < argc; i++) {
        if (!is_material(argv[i]))
            continue;
        fprintf(stderr,
                "certprep: argument %d is text, not the name of a file\n"
                "  help: name a file, or use '-' and standard input: the command line is "
                "visible to every user of this machine\n",
                i);
        return CLI_USAGE;
    }
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        int code = -1;
        if (!options_end && strcmp(arg, "--") == 0)
            options_end = true;
        else if (!options_end && arg[0] == '-' && arg[1] != '\0')
            code = parse_option(syntax, argc, argv, &i);
        else if (syntax->files == NULL)
            code = wrong(syntax, "unexpected argument '%.60s'", arg, NULL);
        else if (!append(syntax->files, arg))
            code = wrong(syntax, "too many files: '%.60s'", arg, NULL);
        if (code != -1)
            return code;
    }
    return -1;
}

bool cli_is_dash(const char *path) {
    return path != NULL && strcmp(path, "-") == 0;
}
