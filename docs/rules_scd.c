/* Writes the man page's section on the checks from the table, into the place of @RULES@: the page
 * can't drift from what the program does. usage: rules_scd TEMPLATE > PAGE */
#include <stdio.h>
#include <string.h>

#include "certprep.h"

/* scdoc's own marks are escaped. */
static void put(const char *text) {
    for (; *text != '\0'; text++) {
        if (strchr("_*\\#`", *text) != NULL)
            putchar('\\');
        putchar(*text);
    }
}

static void put_rules(void) {
    for (size_t i = 0; i < cp_num_rules(); i++) {
        const struct cp_rule *rule = cp_rule_get(i);
        printf("*%s* %s (", rule->id, cp_severity_name(rule->severity));
        put(rule->source);
        printf(")\n\t");
        put(rule->meaning);
        printf(". Help: ");
        put(rule->help);
        printf(".");
        for (size_t j = 0; cp_rule_superseded_by(rule, j) != NULL; j++)
            printf("%s%s", j == 0 ? " Not said beside " : " or ",
                   cp_rule_superseded_by(rule, j)->id);
        printf("%s\n\n", cp_rule_superseded_by(rule, 0) != NULL ? "." : "");
    }
}

int main(int argc, char **argv) {
    char line[1024];
    FILE *in = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (in == NULL)
        return 2;
    while (fgets(line, sizeof(line), in) != NULL) {
        if (strcmp(line, "@RULES@\n") == 0)
            put_rules();
        else
            fputs(line, stdout);
    }
    fclose(in);
    return ferror(stdout) != 0;
}
