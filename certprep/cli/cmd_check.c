/* certprep check: judge the material, print the report. */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "complete.h"
#include "hostnames.h"
#include "policy_options.h"
#include "report_files.h"

struct check_options {
    struct cli_material material;
    struct cli_complete complete;
    struct cli_reports reports;
    struct cli_policy policy;
    const char *color, *fail_on;
    const char *target;
    struct cli_hostnames hostnames;
    bool quiet, exit_zero, require_key, explain;
};

static const char about[] =
    "Checks a certificate bundle: does the key belong to the certificate, is every certificate of\n"
    "the chain valid and for how long, are the hostnames covered, does the chain hold, are keys\n"
    "and signatures strong enough. FILE is PEM with certificates and a key in any order; '-' is\n"
    "standard input.\n\n"
    "Exit codes: 0 clean, 1 findings, 2 wrong use, 3 unreadable or nothing to evaluate.";

/* The input's name: what was named first. */
static const char *label_of(const struct cli_material *m) {
    const char *first = m->cert != NULL           ? m->cert
                        : m->files.num_items != 0 ? m->files.items[0]
                        : m->key != NULL          ? m->key
                                                  : m->chain;
    return cli_is_dash(first) ? "<stdin>" : first;
}

static enum cp_status probe(const struct check_options *o, struct cp_error *err) {
    const struct cli_material *m = &o->material;
    const char *const inputs[] = {m->cert, m->key, m->chain, m->passphrase.file, m->trust_name};
    enum cp_status status =
        cli_reports_probe(&o->reports, inputs, sizeof(inputs) / sizeof(inputs[0]), err);
    return status == CP_OK ? cli_reports_probe(&o->reports, m->files.items, m->files.num_items, err)
                           : status;
}

static enum cp_status judge(struct check_options *o, struct cp_check_options *options,
                            struct cp_error *err) {
    const struct cli_material *m = &o->material;
    const char *const named[] = {m->cert, m->chain, m->key};
    const char *const *files = m->files.num_items != 0 ? m->files.items : named;
    size_t num_files = m->files.num_items != 0 ? m->files.num_items : 3;
    enum cp_status status = cli_hostnames_load(&o->hostnames, options, &o->material, err);
    if (status == CP_OK)
        status = cli_policy_hostnames(&o->policy, options, files, num_files, err);
    if (status == CP_OK)
        status = cli_complete_check(&o->material, &o->complete, options, err);
    if (status == CP_OK)
        cli_policy_close(&o->policy, o->material.report);
    return status;
}

/* On standard output, text and json are of what was judged; the other formats, and files, tell also
 * of what could not be. */
static bool says_unread(const struct check_options *o) {
    const char *format = o->reports.format;
    return format != NULL && strcmp(format, "text") != 0 && strcmp(format, "json") != 0;
}

/* The report of what was judged, or of why it was not. */
static enum cp_status write_run(struct check_options *o, int *exit_code,
                                const struct cp_render_options *render, int64_t at_s,
                                enum cp_status judged, struct cp_error *err) {
    struct cp_run *run = NULL;
    struct cp_error why = {CP_OK, 0, 0, ""};
    enum cp_status status = cp_run_new(&run, at_s, &why);
    if (status == CP_OK && judged == CP_OK)
        status = cp_run_add(run, o->material.report, label_of(&o->material), &why);
    else if (status == CP_OK)
        status = cp_run_add_unread(run, label_of(&o->material), err->message, &why);
    *exit_code = judged == CP_OK ? CLI_OK : cli_fail(err);
    for (int i = 0; judged == CP_OK && i < CP_NUM_SEVERITY; i++)
        if (cp_fails_on(render->fail_on, (enum cp_severity)i) && !o->exit_zero &&
            cp_report_count(o->material.report, (enum cp_severity)i) != 0)
            *exit_code = CLI_FINDINGS;
    if (status == CP_OK)
        *exit_code = cli_reports_write(&o->reports, run, render, judged == CP_OK || says_unread(o),
                                       *exit_code);
    else
        *exit_code = cli_fail(&why);
    cp_run_free(run);
    return CP_OK;
}

static enum cp_status run(struct check_options *o, int *exit_code, struct cp_error *err) {
    struct cp_check_options options = {.hostnames = o->material.hostnames.items,
                                       .num_hostnames = o->material.hostnames.num_items,
                                       .target = o->target,
                                       .explain = o->explain,
                                       .require_key = o->require_key || o->material.key != NULL};
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
    if (!cli_material_is_given(&o->material))
        return cp_fail(err, CP_ERR_USAGE,
                       "nothing to check: name a file, '-', or --cert and --key");
    status = probe(o, err);
    if (status == CP_OK)
        status = cli_material_times(&o->material, &options, err);
    if (status != CP_OK)
        return status;
    status = judge(o, &options, err);
    if (status == CP_ERR_USAGE)
        return status;
    return write_run(o, exit_code, &render, options.at_s, status, err);
}

int cli_check(int argc, char **argv) {
    struct check_options o = {.quiet = false};
    struct cp_error err = {CP_OK, 0, 0, ""};
    char formats[CLI_FORMAT_LIST], format_help[CLI_FORMAT_LIST + 32];
    struct cli_option criteria[CLI_MAX_CRITERIA_OPTIONS];
    struct cli_option material[CLI_NUM_MATERIAL_OPTIONS];
    struct cli_option complete[CLI_NUM_COMPLETE_OPTIONS];
    struct cli_option policy[CLI_NUM_POLICY_OPTIONS];
    snprintf(format_help, sizeof(format_help), "%s (default: text)", cli_format_list(formats));
    const struct cli_option own[] = {
        {.name = "hostname",
         .kind = CLI_LIST,
         .argument = "NAME",
         .list = &o.material.hostnames,
         .help = "must be covered by the certificate; may be repeated"},
        {.name = "hostnames",
         .kind = CLI_VALUE,
         .argument = "FILE",
         .value = &o.hostnames.file,
         .help = "as many as stand in FILE, one a line; # begins a comment"},
        {.name = "target",
         .kind = CLI_VALUE,
         .argument = "NAME",
         .value = &o.target,
         .help = "check its rules too: esa, cdn, clb, cas, cloudflare, acm, gcp, ..."},
        {.name = "require-key",
         .kind = CLI_FLAG,
         .flag = &o.require_key,
         .help = "a missing private key is an error"},
        {.name = "explain",
         .kind = CLI_FLAG,
         .flag = &o.explain,
         .help = "draw every path that was looked at, and say when the verdict will change"},
        {.name = "format",
         .letter = 'f',
         .kind = CLI_VALUE,
         .argument = "FORMAT",
         .value = &o.reports.format,
         .help = format_help},
        {.name = "report",
         .kind = CLI_LIST,
         .argument = "FORMAT=FILE",
         .list = &o.reports.files,
         .help = "write FILE in FORMAT, too; may be repeated"},
        {.name = "fail-on",
         .kind = CLI_VALUE,
         .argument = "error|warning|note|never",
         .value = &o.fail_on,
         .help = "exit 1 from this severity on (default: error)"},
        {.name = "exit-zero",
         .kind = CLI_FLAG,
         .flag = &o.exit_zero,
         .help = "exit 0 also with findings"},
        {.name = "quiet",
         .letter = 'q',
         .kind = CLI_FLAG,
         .flag = &o.quiet,
         .help = "findings and the verdict only"},
        {.name = "color",
         .kind = CLI_VALUE,
         .argument = "auto|always|never",
         .value = &o.color,
         .help = "colour of the text report (default: auto)"},
        {.name = NULL},
    };
    cli_material_options(material, &o.material);
    cli_criteria_options(criteria, &o.material.criteria);
    cli_complete_options(complete, &o.complete);
    cli_policy_options(policy, &o.policy);
    const struct cli_option *const tables[] = {material, complete, criteria, own, policy, NULL};
    const struct cli_syntax syntax = {.usage = "certprep check [OPTION]... [FILE]...",
                                      .about = about,
                                      .tables = tables,
                                      .files = &o.material.files};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1 && run(&o, &exit_code, &err) != CP_OK)
        exit_code = cli_fail(&err);
    cli_material_cleanup(&o.material);
    cli_hostnames_cleanup(&o.hostnames);
    cli_reports_cleanup(&o.reports);
    cli_policy_cleanup(&o.policy);
    return exit_code;
}
