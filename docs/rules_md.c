/* Writes docs/rules/ID.md for each check, and their index: from the tables that the program is made
 * of, so that the pages can't say something else. usage: rules_md DIR, which is there */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "certprep.h"

static const struct {
    const char *id, *command, *message;
} examples[] = {
#define EXAMPLE(id, command, message) {id, command, message},
#include "rule_examples.def"
#undef EXAMPLE
};

/* Markdown's marks and HTML's are escaped. */
static void put_text(FILE *out, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (strchr("\\`*_{}[]<>|#~&", text[i]) != NULL)
            fputc('\\', out);
        fputc(text[i], out);
    }
}

static void put(FILE *out, const char *text) {
    put_text(out, text, strlen(text));
}

/* As a sentence. */
static void put_sentence(FILE *out, const char *text) {
    fputc(toupper((unsigned char)text[0]), out);
    put(out, text + 1);
    fputs(".", out);
}

/* "RFC 5280 4.2.1.6" at text: its length, and the address of the section. 0: something else. */
static size_t rfc_link(char *address, size_t size, const char *text) {
    size_t digits = strncmp(text, "RFC ", 4) == 0 ? strspn(text + 4, "0123456789") : 0;
    if (digits == 0 || digits > 5)
        return 0;
    size_t len = 4 + digits, section = 0;
    if (text[len] == ' ' && (isdigit((unsigned char)text[len + 1]) ||
                             (isupper((unsigned char)text[len + 1]) && text[len + 2] == '.')))
        section = strspn(text + len + 1, "0123456789.ABCDEFGH");
    (void)snprintf(address, size, "https://www.rfc-editor.org/rfc/rfc%.*s%s%.*s", (int)digits,
                   text + 4,
                   section == 0                            ? ""
                   : isdigit((unsigned char)text[len + 1]) ? "#section-"
                                                           : "#appendix-",
                   (int)section, text + len + 1);
    return len + (section != 0 ? 1 + section : 0);
}

static void put_source(FILE *out, const char *source) {
    char address[160];
    for (size_t len = 0; *source != '\0'; source += len) {
        len = rfc_link(address, sizeof(address), source);
        if (len == 0) {
            put_text(out, source, len = 1);
            continue;
        }
        fputs("[", out);
        put_text(out, source, len);
        fprintf(out, "](%s)", address);
    }
}

typedef const struct cp_rule *(*others_fn)(const struct cp_rule *rule, size_t index);

static void put_others(FILE *out, const char *before, const struct cp_rule *rule, others_fn other,
                       const char *after) {
    for (size_t i = 0; other(rule, i) != NULL; i++)
        fprintf(out, "%s[%s](%s.md)", i == 0 ? before : ", ", other(rule, i)->id,
                other(rule, i)->id);
    if (other(rule, 0) != NULL)
        fprintf(out, "%s\n\n", after);
}

static void put_example(FILE *out, const struct cp_rule *rule) {
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
        if (strcmp(examples[i].id, rule->id) == 0)
            fprintf(out,
                    "## Example\n\nIn the folder `testcerts/`:\n\n"
                    "````\n$ %s\n%s[%s]: %s\n````\n\n",
                    examples[i].command, cp_severity_name(rule->severity), rule->id,
                    examples[i].message);
}

static void put_rule(FILE *out, const struct cp_rule *rule) {
    enum cp_severity strict = cp_rule_severity(rule, CP_PROFILE_WEBPKI);
    fprintf(out, "# %s ", rule->id);
    put(out, rule->name);
    fputs("\n\n", out);
    put_sentence(out, rule->meaning);
    fprintf(out, "\n\n| | |\n|-|-|\n| severity | %s", cp_severity_name(rule->severity));
    if (strict != rule->severity)
        fprintf(out, "; %s with `--profile webpki`", cp_severity_name(strict));
    fprintf(out, " |\n| group | %s |\n| source | ", rule->group);
    put_source(out, rule->source);
    fputs(" |\n\n## Repair\n\n", out);
    put_sentence(out, rule->help);
    fputs("\n\n", out);
    put_example(out, rule);
    if (cp_rule_superseded_by(rule, 0) != NULL || cp_rule_supersedes(rule, 0) != NULL)
        fputs("## One defect, one finding\n\n", out);
    put_others(out, "Of one certificate, this is not said beside ", rule, cp_rule_superseded_by,
               ", which says it more exactly.");
    put_others(out, "Of one certificate, this takes the place of ", rule, cp_rule_supersedes, ".");
    fprintf(out, "[All checks](README.md); `certprep rule %s` shows this page's text.\n", rule->id);
}

static bool is_first_of_group(size_t index) {
    for (size_t i = 0; i < index; i++)
        if (strcmp(cp_rule_get(i)->group, cp_rule_get(index)->group) == 0)
            return false;
    return true;
}

static void put_index(FILE *out) {
    fprintf(
        out,
        "# The checks\n\nAll %zu, by group. Ids are stable. These pages are written from the "
        "tables in `certprep/` (`cmake --build BUILD --target rules_pages`); don't edit them.\n",
        cp_num_rules());
    for (size_t i = 0; i < cp_num_rules(); i++) {
        const char *group = cp_rule_get(i)->group;
        if (!is_first_of_group(i))
            continue;
        fprintf(out, "\n## %s\n\n| id | severity | meaning |\n|-|-|-|\n", group);
        for (size_t j = i; j < cp_num_rules(); j++) {
            const struct cp_rule *rule = cp_rule_get(j);
            if (strcmp(rule->group, group) != 0)
                continue;
            fprintf(out, "| [%s](%s.md) | %s | ", rule->id, rule->id,
                    cp_severity_name(rule->severity));
            put(out, rule->meaning);
            fputs(" |\n", out);
        }
    }
}

static int write_page(const char *dir, const char *name, const struct cp_rule *rule) {
    char path[1024];
    if ((size_t)snprintf(path, sizeof(path), "%s/%s.md", dir, name) >= sizeof(path))
        return 1;
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        perror(path);
        return 1;
    }
    if (rule != NULL)
        put_rule(out, rule);
    else
        put_index(out);
    int failed = ferror(out);
    return fclose(out) != 0 || failed != 0;
}

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    int failed = write_page(argv[1], "README", NULL);
    for (size_t i = 0; i < cp_num_rules() && !failed; i++)
        failed = write_page(argv[1], cp_rule_get(i)->id, cp_rule_get(i));
    return failed;
}
