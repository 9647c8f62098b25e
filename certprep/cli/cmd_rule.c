/* certprep rule: what one check means, where it comes from, an example, and how to repair it. */
#include <stdlib.h>
#include <string.h>

#include "rules.h"

#define MAX_RULES 1000

struct example {
    const char *id, *command, *message;
};

static const struct example examples[] = {
#define EXAMPLE(id, command, message) {id, command, message},
#include "rule_examples.def"
#undef EXAMPLE
};

static const struct example *find_example(const char *id) {
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
        if (strcmp(examples[i].id, id) == 0)
            return &examples[i];
    return NULL;
}

typedef const struct cp_rule *(*others_fn)(const struct cp_rule *rule, size_t index);

static void print_others(const char *label, const char *text, const struct cp_rule *rule,
                         others_fn other) {
    for (size_t i = 0; other(rule, i) != NULL; i++)
        printf(i == 0 ? "  %s %s" : ", %s%s", i == 0 ? label : "", other(rule, i)->id);
    if (other(rule, 0) != NULL)
        printf(", %s\n", text);
}

static bool add_others(cJSON *object, const char *key, const struct cp_rule *rule,
                       others_fn other) {
    cJSON *array = cJSON_AddArrayToObject(object, key);
    for (size_t i = 0; array != NULL && other(rule, i) != NULL; i++)
        if (!cli_json_push(array, cJSON_CreateString(other(rule, i)->id)))
            return false;
    return array != NULL;
}

static void print_rule(const struct cp_rule *rule) {
    const struct example *example = find_example(rule->id);
    printf("%s %s\n  %s.\n\n", rule->id, rule->name, rule->meaning);
    printf("  group:    %s\n  severity: %s", rule->group, cp_severity_name(rule->severity));
    if (cp_rule_severity(rule, CP_PROFILE_WEBPKI) != rule->severity)
        printf("; %s with a strict --profile",
               cp_severity_name(cp_rule_severity(rule, CP_PROFILE_WEBPKI)));
    printf("\n  source:   %s\n  repair:   %s\n  page:     docs/rules/%s.md\n", rule->source,
           rule->help, rule->id);
    print_others("said by: ", "in its place, where both are found of a certificate", rule,
                 cp_rule_superseded_by);
    print_others("replaces:", "where both are found of a certificate", rule, cp_rule_supersedes);
    if (example != NULL) {
        printf("\n  example, in testcerts/:\n    ");
        cli_put(stdout, example->command);
        printf("\n    %s[%s]: ", cp_severity_name(rule->severity), rule->id);
        cli_put(stdout, example->message);
        printf("\n");
    }
}

static bool add(cJSON *object, const char *key, const char *text) {
    return (text == NULL ? cJSON_AddNullToObject(object, key)
                         : cJSON_AddStringToObject(object, key, text)) != NULL;
}

static bool fill(cJSON *item, const struct cp_rule *rule) {
    const struct example *example = find_example(rule->id);
    char page[32];
    (void)snprintf(page, sizeof(page), "docs/rules/%.8s.md", rule->id);
    bool ok =
        add(item, "id", rule->id) && add(item, "name", rule->name) &&
        add(item, "group", rule->group) &&
        add(item, "severity", cp_severity_name(rule->severity)) &&
        add(item, "strict_severity", cp_severity_name(cp_rule_severity(rule, CP_PROFILE_WEBPKI))) &&
        add(item, "source", rule->source) && add(item, "meaning", rule->meaning) &&
        add(item, "help", rule->help) && add(item, "page", page) &&
        add_others(item, "superseded_by", rule, cp_rule_superseded_by) &&
        add_others(item, "supersedes", rule, cp_rule_supersedes);
    if (!ok || example == NULL)
        return ok && add(item, "example", NULL);
    cJSON *object = cJSON_AddObjectToObject(item, "example");
    return object != NULL && add(object, "command", example->command) &&
           add(object, "message", example->message);
}

enum cp_status cli_rule_output_init(struct cli_rule_output *out, const char *format,
                                    struct cp_error *err) {
    if (format == NULL || strcmp(format, "text") == 0)
        return CP_OK;
    if (strcmp(format, "json") != 0)
        return cp_fail(err, CP_ERR_USAGE, "--format '%.20s': want text or json", format);
    out->root = cJSON_CreateObject();
    if (out->root == NULL || cJSON_AddNumberToObject(out->root, "schema_version", 1) == NULL ||
        (out->array = cJSON_AddArrayToObject(out->root, "rules")) == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "rules: out of memory");
    return CP_OK;
}

enum cp_status cli_rule_output_add(struct cli_rule_output *out, const struct cp_rule *rule,
                                   struct cp_error *err) {
    cJSON *item = cJSON_CreateObject();
    if (item != NULL && fill(item, rule) && cli_json_push(out->array, item))
        return CP_OK;
    return cp_fail(err, CP_ERR_MEMORY, "rules: out of memory");
}

enum cp_status cli_rule_output_finish(struct cli_rule_output *out, int *exit_code,
                                      struct cp_error *err) {
    char *text = NULL;
    if (out->root == NULL) {
        *exit_code = cli_write("", 0, CLI_OK);
        return CP_OK;
    }
    text = cJSON_Print(out->root);
    if (text == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "rules: out of memory");
    printf("%s\n", text);
    cJSON_free(text);
    *exit_code = cli_write("", 0, CLI_OK);
    return CP_OK;
}

void cli_rule_output_cleanup(struct cli_rule_output *out) {
    cJSON_Delete(out->root);
    *out = (struct cli_rule_output){0};
}

/* By id or by name. */
static const struct cp_rule *find_rule(const char *word) {
    for (size_t i = 0; i < cp_num_rules(); i++)
        if (strcmp(cp_rule_get(i)->name, word) == 0)
            return cp_rule_get(i);
    return cp_rule_find(word);
}

static enum cp_status fail_unknown(const char *word, struct cp_error *err) {
    const char *words[2 * MAX_RULES];
    size_t num = 0;
    for (size_t i = 0; i < cp_num_rules() && num + 2 <= 2 * MAX_RULES; i++) {
        words[num++] = cp_rule_get(i)->id;
        words[num++] = cp_rule_get(i)->name;
    }
    const char *nearest = cli_nearest(word, words, num);
    return cp_fail(err, CP_ERR_USAGE, "no check has the id or name '%.40s'%s%s%s", word,
                   nearest != NULL ? ": did you mean " : "; 'certprep rules' lists them",
                   nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

enum cp_status cli_rules_explain(const struct cli_list *ids, const char *format, int *exit_code,
                                 struct cp_error *err) {
    struct cli_rule_output out = {0};
    enum cp_status status = cli_rule_output_init(&out, format, err);
    for (size_t i = 0; status == CP_OK && i < ids->num_items; i++)
        if (find_rule(ids->items[i]) == NULL)
            status = fail_unknown(ids->items[i], err);
    for (size_t i = 0; status == CP_OK && i < ids->num_items; i++) {
        const struct cp_rule *rule = find_rule(ids->items[i]);
        if (out.array != NULL) {
            status = cli_rule_output_add(&out, rule, err);
        } else {
            printf("%s", i == 0 ? "" : "\n");
            print_rule(rule);
        }
    }
    if (status == CP_OK)
        status = cli_rule_output_finish(&out, exit_code, err);
    cli_rule_output_cleanup(&out);
    return status;
}

int cli_rule(int argc, char **argv) {
    const char *format = NULL;
    struct cli_list ids = {0};
    struct cp_error err = {CP_OK, 0, 0, ""};
    const struct cli_option own[] = {
        {.name = "format",
         .letter = 'f',
         .kind = CLI_VALUE,
         .argument = "text|json",
         .value = &format,
         .help = "form of the explanation (default: text)"},
        {.name = NULL},
    };
    const struct cli_option *const tables[] = {own, NULL};
    const struct cli_syntax syntax = {
        .usage = "certprep rule [OPTION]... ID...",
        .about =
            "Explains checks: meaning, severity, source, an example and the repair. ID is as in\n"
            "CP0301, or the check's name.",
        .tables = tables,
        .files = &ids};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1) {
        enum cp_status status =
            ids.num_items == 0
                ? cp_fail(&err, CP_ERR_USAGE, "name a check; 'certprep rules' lists them")
                : cli_rules_explain(&ids, format, &exit_code, &err);
        if (status != CP_OK)
            exit_code = cli_fail(&err);
    }
    cli_list_free(&ids);
    return exit_code;
}
