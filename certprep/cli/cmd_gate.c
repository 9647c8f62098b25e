/* certprep gate: a tree of files, judged at once. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cp_limits.h"
#include "gate/gate.h"
#include "policy_options.h"
#include "report_files.h"

struct gate_options {
    struct cli_material material; /* what it names of trust, time and pass phrase */
    struct cli_reports reports;
    struct cli_policy policy;
    struct cli_list paths, includes, excludes, lists, allowed_keys;
    const char *color, *fail_on, *target, *changed_since;
    bool quiet, exit_zero;
};

struct gate_state {
    struct gate_files files;
    struct gate_unreads unreads;
    struct gate_index index;
    struct gate_units units;
    struct gate_unit of_policy; /* what is said of the policy itself; its report may be NULL */
    struct cp_run *run;
};

static const char about[] =
    "Judges every certificate and private key in files and folders (in a work tree of git: what "
    "is\n"
    "tracked, or not ignored). Keys and chains are found by key and by issuer, wherever they "
    "stand;\n"
    "PEM inside other text, and Secrets of Kubernetes, are read in place. A private key in the "
    "tree\n"
    "is itself a finding. PATH is a file, a folder, or '-'.\n\n"
    "Exit codes: 0 clean, 1 findings, 2 wrong use, 3 something could not be read or judged.";

/* ---- progress ---- */

struct bar {
    bool is_shown;
    int64_t last_ms;
};

static void show(void *context, const char *what, size_t done, size_t of) {
    struct bar *bar = context;
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return;
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (now_ms - bar->last_ms < 100)
        return;
    bar->last_ms = now_ms;
    bar->is_shown = true;
    char line[21] = "....................";
    size_t full = of == 0 ? 0 : done * 20 / of;
    memset(line, '#', full < 20 ? full : 20);
    (void)fprintf(stderr, "\r%s [%s] %zu of %zu\033[K", what, line, done, of);
    (void)fflush(stderr);
}

static void hide(const struct bar *bar) {
    if (bar->is_shown)
        (void)fprintf(stderr, "\r\033[K");
}

/* ---- the run ---- */

static enum cp_status find_files(struct gate_state *state, const struct gate_options *o,
                                 struct cp_error *err) {
    enum cp_status status = CP_OK;
    state->files.unreads = &state->unreads;
    state->files.includes = o->includes;
    state->files.excludes = o->excludes;
    state->files.changed_since = o->changed_since;
    for (size_t i = 0; status == CP_OK && i < o->paths.num_items; i++)
        status = gate_files_add(&state->files, o->paths.items[i], err);
    for (size_t i = 0; status == CP_OK && i < o->lists.num_items; i++)
        status = gate_files_add_list(&state->files, o->lists.items[i], err);
    gate_files_sort(&state->files);
    return status;
}

static enum cp_status judge(struct gate_state *state, struct gate_options *o,
                            struct cp_check_options *options, struct cp_error *err) {
    struct bar bar = {.is_shown = false};
    gate_progress_fn *progress =
        o->quiet || isatty(STDERR_FILENO) != 1 ? NULL : show; /* never into a log */
    enum cp_status status = cli_criteria_load(&o->material.criteria, options, err);
    if (status == CP_OK)
        status = cli_material_load(&o->material, err);
    if (status == CP_OK)
        status = find_files(state, o, err);
    if (status != CP_OK)
        return status;
    state->index.files = &state->files;
    state->index.unreads = &state->unreads;
    state->index.passphrase = o->material.bundle->passphrase; /* read once, used for each file */
    o->material.bundle->passphrase = (struct cp_secret){0};
    status = gate_index_read(&state->index, progress, &bar, err);
    options->pool = state->index.pool;
    const struct gate_judging judging = {.index = &state->index,
                                         .checker = o->material.checker,
                                         .options = options,
                                         .allowed_keys = &o->allowed_keys,
                                         .policy = &o->policy};
    if (status == CP_OK)
        status = gate_units_judge(&state->units, &judging, progress, &bar, err);
    hide(&bar);
    return status;
}

/* A report of its own, if there is anything to say: waivers that are over or were not needed. */
static enum cp_status judge_policy(struct gate_state *state, const struct gate_options *o,
                                   int64_t at_s, struct cp_error *err) {
    struct gate_unit *unit = &state->of_policy;
    if (o->policy.policy == NULL)
        return CP_OK;
    for (size_t i = 0; i < state->units.num; i++)
        if (state->units.items[i].report != NULL)
            cp_policy_mark(o->policy.policy, state->units.items[i].report);
    enum cp_status status = cp_bundle_new(&unit->bundle, err);
    if (status == CP_OK)
        status = cp_policy_report(&unit->report, o->policy.policy, unit->bundle, at_s, err);
    if (status == CP_OK && cp_report_num_findings(unit->report) != 0)
        status = cp_run_add(state->run, unit->report, "policy", err);
    return status;
}

static enum cp_status collect(struct gate_state *state, const struct gate_options *o, int64_t at_s,
                              struct cp_error *err) {
    enum cp_status status = cp_run_new(&state->run, at_s, err);
    for (size_t i = 0; status == CP_OK && i < state->units.num; i++)
        if (state->units.items[i].report != NULL)
            status = cp_run_add(state->run, state->units.items[i].report,
                                state->units.items[i].label, err);
    for (size_t i = 0; status == CP_OK && i < state->unreads.num; i++)
        status = cp_run_add_unread(state->run, state->unreads.items[i].file,
                                   state->unreads.items[i].message, err);
    if (status == CP_OK)
        status = judge_policy(state, o, at_s, err);
    return status;
}

static int exit_code_of(const struct gate_state *state, const struct gate_options *o,
                        enum cp_fail_on fail_on) {
    /* No file at all is a mistake in the command; that nothing changed is not. */
    if (state->unreads.num != 0 || (state->files.num == 0 && o->changed_since == NULL))
        return CLI_UNREADABLE;
    for (size_t i = 0; !o->exit_zero && i < state->units.num; i++)
        for (int j = 0; state->units.items[i].report != NULL && j < CP_NUM_SEVERITY; j++)
            if (cp_fails_on(fail_on, (enum cp_severity)j) &&
                cp_report_count(state->units.items[i].report, (enum cp_severity)j) != 0)
                return CLI_FINDINGS;
    for (int j = 0; !o->exit_zero && state->of_policy.report != NULL && j < CP_NUM_SEVERITY; j++)
        if (cp_fails_on(fail_on, (enum cp_severity)j) &&
            cp_report_count(state->of_policy.report, (enum cp_severity)j) != 0)
            return CLI_FINDINGS;
    return CLI_OK;
}

/* On standard error: standard output is the report's. */
static void say_what_was_read(const struct gate_state *state) {
    if (state->files.num == 0)
        (void)fprintf(stderr, "certprep: no file to look at\n");
    else
        (void)fprintf(stderr, "certprep: %zu file%s looked at: %zu certificate%s, %zu key%s\n",
                      state->files.num, state->files.num == 1 ? "" : "s", state->index.num_certs,
                      state->index.num_certs == 1 ? "" : "s", state->index.num_keys,
                      state->index.num_keys == 1 ? "" : "s");
}

static size_t stdin_uses(const struct gate_options *o) {
    const struct cli_list *const lists[] = {&o->paths, &o->lists};
    size_t num = cli_material_stdin_uses(&o->material);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        for (size_t j = 0; j < lists[i]->num_items; j++)
            num += cli_is_dash(lists[i]->items[j]);
    return num;
}

static enum cp_status run(struct gate_options *o, struct gate_state *state, int *exit_code,
                          struct cp_error *err) {
    struct cp_check_options options = {.target = o->target};
    struct cp_render_options render = {.quiet = o->quiet, .utf8 = cli_locale_is_utf8()};
    const struct cli_policy_uses uses = {.min_days = &o->material.min_days,
                                         .target = &o->target,
                                         .profile = &o->material.criteria.profile,
                                         .fail_on = &o->fail_on,
                                         .format = &o->reports.format,
                                         .reports = &o->reports.files};
    char base[PATH_MAX];
    render.base = getcwd(base, sizeof(base));
    render.show_waived = o->policy.show_waived;
    enum cp_status status = cli_policy_load(&o->policy, &uses, &options, err);
    if (status != CP_OK)
        return status;
    status = cli_fail_on_parse(&render.fail_on, o->fail_on, err);
    if (status != CP_OK)
        return status;
    if (!cli_use_color(&render.color, o->color, stdout))
        return cp_fail(err, CP_ERR_USAGE, "--color '%.20s': want auto, always or never", o->color);
    if (o->paths.num_items == 0 && o->lists.num_items == 0)
        return cp_fail(err, CP_ERR_USAGE, "nothing to look at: name a folder ('.'), a file or '-'");
    if (stdin_uses(o) > 1)
        return cp_fail(err, CP_ERR_USAGE, "standard input is named twice; it can be read once");
    status = cli_reports_probe(&o->reports, o->paths.items, o->paths.num_items, err);
    if (status == CP_OK)
        status = cli_material_times(&o->material, &options, err);
    if (status == CP_OK)
        status = judge(state, o, &options, err);
    if (status == CP_OK)
        status = collect(state, o, options.at_s, err);
    if (status != CP_OK)
        return status;
    bool is_text = o->reports.format == NULL || strcmp(o->reports.format, "text") == 0;
    *exit_code = cli_reports_write(&o->reports, state->run, &render, true,
                                   exit_code_of(state, o, render.fail_on));
    if (is_text && !o->quiet)
        say_what_was_read(state);
    return CP_OK;
}

/* ---- the command line ---- */

#define MAX_OWN_OPTIONS 24

static void own_options(struct cli_option table[MAX_OWN_OPTIONS], struct gate_options *o,
                        const char *format_help) {
    struct cli_material *m = &o->material;
    const struct cli_option rows[] = {
        {"files-from", 0, CLI_LIST, "FILE|-", "also the files that FILE lists, by NUL or by line",
         .list = &o->lists},
        {"include", 0, CLI_LIST, "GLOB", "only files whose path, folder or name matches",
         .list = &o->includes},
        {"exclude", 0, CLI_LIST, "GLOB", "no files whose path, folder or name matches",
         .list = &o->excludes},
        {"changed-since", 0, CLI_VALUE, "REF",
         "only what git says has changed since REF, or is not committed",
         .value = &o->changed_since},
        {"allow-key", 0, CLI_LIST, "PATH|sha256:HEX",
         "a private key that may stand there: its file, or its public key's digest",
         .list = &o->allowed_keys},
        {"target", 0, CLI_VALUE, "NAME", "check its rules too, for every certificate",
         .value = &o->target},
        {"passphrase-file", 0, CLI_VALUE, "FILE", "pass phrase of encrypted keys: its first line",
         .value = &m->passphrase.file},
        {"passphrase-fd", 0, CLI_VALUE, "N", "the same, as one line from file descriptor N",
         .value = &m->passphrase.fd},
        {"ask-passphrase", 0, CLI_FLAG, NULL, "ask for it on the terminal",
         .flag = &m->passphrase.ask},
        {"trust", 0, CLI_VALUE, "FILE|system|none",
         "trust anchors (default: system); none judges no root", .value = &m->trust_name},
        {"at", 0, CLI_VALUE, "TIME",
         "judge as of TIME: YYYY-MM-DD[Thh:mm:ssZ] or @SECONDS (default: now)", .value = &m->at},
        {"min-days", 0, CLI_VALUE, "N",
         "warn of certificates that expire in fewer days (default: 14)", .value = &m->min_days},
        {"format", 'f', CLI_VALUE, "FORMAT", format_help, .value = &o->reports.format},
        {"report", 0, CLI_LIST, "FORMAT=FILE", "also write the report to FILE; may be repeated",
         .list = &o->reports.files},
        {"fail-on", 0, CLI_VALUE, "error|warning|note|never",
         "exit 1 from this severity on (default: error)", .value = &o->fail_on},
        {"exit-zero", 0, CLI_FLAG, NULL, "exit 0 also with findings", .flag = &o->exit_zero},
        {"quiet", 'q', CLI_FLAG, NULL, "findings and the verdict only", .flag = &o->quiet},
        {"color", 0, CLI_VALUE, "auto|always|never", "colour of the text report (default: auto)",
         .value = &o->color},
        {.name = NULL},
    };
    _Static_assert(sizeof(rows) <= MAX_OWN_OPTIONS * sizeof(rows[0]), "the table is too short");
    memcpy(table, rows, sizeof(rows));
}

/* Without what asks the network about one certificate at a time. */
static void criteria_options(struct cli_option table[CLI_MAX_CRITERIA_OPTIONS],
                             struct cli_criteria *criteria) {
    struct cli_option all[CLI_MAX_CRITERIA_OPTIONS];
    size_t num = 0;
    cli_criteria_options(all, criteria);
    for (size_t i = 0; all[i].name != NULL; i++)
        if (strncmp(all[i].name, "online", 6) != 0)
            table[num++] = all[i];
    table[num] = (struct cli_option){.name = NULL};
}

int cli_gate(int argc, char **argv) {
    struct gate_options o = {.quiet = false};
    struct gate_state state = {.run = NULL};
    struct cp_error err = {CP_OK, 0, 0, ""};
    char formats[CLI_FORMAT_LIST], format_help[CLI_FORMAT_LIST + 32];
    struct cli_option own[MAX_OWN_OPTIONS], criteria[CLI_MAX_CRITERIA_OPTIONS];
    struct cli_option policy[CLI_NUM_POLICY_OPTIONS];
    (void)snprintf(format_help, sizeof(format_help), "%s (default: text)",
                   cli_format_list(formats));
    own_options(own, &o, format_help);
    criteria_options(criteria, &o.material.criteria);
    cli_policy_options(policy, &o.policy);
    const struct cli_option *const tables[] = {own, criteria, policy, NULL};
    const struct cli_syntax syntax = {.usage = "certprep gate [OPTION]... PATH...",
                                      .about = about,
                                      .tables = tables,
                                      .files = &o.paths};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1 && run(&o, &state, &exit_code, &err) != CP_OK)
        exit_code = cli_fail(&err);
    cp_run_free(state.run);
    gate_units_cleanup(&state.units);
    cp_report_free(state.of_policy.report);
    cp_bundle_free(state.of_policy.bundle);
    gate_index_cleanup(&state.index);
    state.files.includes = state.files.excludes = (struct cli_list){0}; /* borrowed */
    gate_files_cleanup(&state.files);
    gate_unreads_cleanup(&state.unreads);
    cli_material_cleanup(&o.material);
    cli_reports_cleanup(&o.reports);
    cli_policy_cleanup(&o.policy);
    cli_list_free(&o.paths);
    cli_list_free(&o.lists);
    cli_list_free(&o.includes);
    cli_list_free(&o.excludes);
    cli_list_free(&o.allowed_keys);
    return exit_code;
}
