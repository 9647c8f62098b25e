/* certprep doctor: what it finds on this machine, and what to do where that is not enough. */
#include "doctor.h"

#include <stdarg.h>
#include <string.h>

#include "json.h"
#include "view.h"

static const struct {
    const char *name;
    doctor_probe_fn *probe;
} probes[] = {
    {"certprep", doctor_probe_program},       {"openssl", doctor_probe_openssl},
    {"legacy-provider", doctor_probe_legacy}, {"libcurl", doctor_probe_libcurl},
    {"sqlite", doctor_probe_sqlite},          {"c-ares", doctor_probe_cares},
    {"trust-store", doctor_probe_trust},      {"clock", doctor_probe_clock},
    {"locked-memory", doctor_probe_memory},   {"core-dumps", doctor_probe_dumps},
    {"locale", doctor_probe_locale},          {"credential", doctor_probe_credential},
};

#define NUM_PROBES (sizeof(probes) / sizeof(probes[0]))

static const char about[] =
    "Examines what certprep finds on this machine: its libraries, the trust store, the clock, the\n"
    "protection of memory, the locale, and which credential would be used. It asks nobody: no\n"
    "network, no command, and no secret is shown.\n\n"
    "Exit codes: 0 all is well, 1 a line says WARN, 2 wrong use.";

void doctor_say(struct doctor_line *line, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line->detail, sizeof(line->detail), format, args);
    va_end(args);
}

void doctor_warn(struct doctor_line *line, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line->help, sizeof(line->help), format, args);
    va_end(args);
    line->is_warning = true;
}

static void put_text(struct cp_buf *out, const struct cli_view *view,
                     const struct doctor_line *lines) {
    for (size_t i = 0; i < NUM_PROBES; i++) {
        enum cli_colour colour = lines[i].is_warning ? CLI_OPEN : CLI_GOOD;
        if (view->quiet && !lines[i].is_warning)
            continue;
        cp_buf_printf(out, "%s%-4s%s  %-15s  ", cli_colour_on(view, colour),
                      lines[i].is_warning ? "WARN" : "OK", cli_colour_off(view, colour),
                      lines[i].name);
        cp_buf_escaped(out, cp_span_of(lines[i].detail));
        cp_buf_puts(out, "\n");
        if (lines[i].help[0] != '\0') {
            cp_buf_printf(out, "%23shelp: ", "");
            cp_buf_escaped(out, cp_span_of(lines[i].help));
            cp_buf_puts(out, "\n");
        }
    }
}

static bool add_line(cJSON *array, const struct doctor_line *line) {
    cJSON *item = cJSON_CreateObject();
    char detail[2 * sizeof(line->detail)], help[2 * sizeof(line->help)];
    (void)cp_escape(detail, sizeof(detail), cp_span_of(line->detail));
    (void)cp_escape(help, sizeof(help), cp_span_of(line->help));
    bool ok = item != NULL && cli_json_add_text(item, "name", line->name) &&
              cli_json_add_text(item, "result", line->is_warning ? "warn" : "ok") &&
              cli_json_add_text(item, "detail", detail) && cli_json_add_text(item, "help", help);
    return cli_json_push(array, item) && ok;
}

static bool put_json(struct cp_buf *out, const struct doctor_line *lines, size_t num_warnings) {
    cJSON *root = cJSON_CreateObject();
    cJSON *array = NULL;
    bool ok = root != NULL && cJSON_AddNumberToObject(root, "schema_version", 1) != NULL &&
              cJSON_AddNumberToObject(root, "warnings", (double)num_warnings) != NULL &&
              (array = cJSON_AddArrayToObject(root, "checks")) != NULL;
    for (size_t i = 0; ok && i < NUM_PROBES; i++)
        ok = add_line(array, &lines[i]);
    char *text = ok ? cJSON_Print(root) : NULL;
    if (text != NULL)
        cp_buf_printf(out, "%s\n", text);
    cJSON_free(text);
    cJSON_Delete(root);
    return text != NULL;
}

static int run(const struct doctor *doctor, struct cli_view *view) {
    static struct doctor_line lines[NUM_PROBES]; /* larger than a stack frame should be */
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_buf out;
    size_t num_warnings = 0;
    if (cli_view_read(view, &err) != CP_OK)
        return cli_fail(&err);
    for (size_t i = 0; i < NUM_PROBES; i++) {
        lines[i].name = probes[i].name;
        probes[i].probe(doctor, &lines[i]);
        num_warnings += lines[i].is_warning;
    }
    cp_buf_init(&out, CLI_MAX_VIEW);
    int exit_code = num_warnings != 0 ? CLI_FINDINGS : CLI_OK;
    if (!view->json)
        put_text(&out, view, lines);
    if (view->json && !put_json(&out, lines, num_warnings)) {
        (void)cp_fail(&err, CP_ERR_MEMORY, "out of memory");
        exit_code = cli_fail(&err);
    } else {
        exit_code = cli_view_write(view, &out, exit_code);
    }
    cp_buf_cleanup(&out);
    return exit_code;
}

int cli_doctor(int argc, char **argv) {
    struct doctor doctor = {0};
    struct cli_view view = {0};
    struct cli_option credential[CLI_MAX_CREDENTIAL_OPTIONS], form[CLI_NUM_VIEW_OPTIONS];
    cli_credential_options(credential, &doctor.credential_options, true);
    cli_view_options(form, &view);
    /* Of the credential's options only those that mean something without a network. */
    struct cli_option own[2] = {{.name = NULL}, {.name = NULL}};
    for (size_t i = 0; credential[i].name != NULL; i++)
        if (strcmp(credential[i].name, "credential-profile") == 0)
            own[0] = credential[i];
    const struct cli_option *const tables[] = {own, form, NULL};
    const struct cli_syntax syntax = {
        .usage = "certprep doctor [OPTION]...", .about = about, .tables = tables};
    int exit_code = cli_parse(&syntax, argc, argv);
    return exit_code == -1 ? run(&doctor, &view) : exit_code;
}
