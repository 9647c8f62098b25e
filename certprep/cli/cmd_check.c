/* certprep check: judge the material, print the report. */
#include <string.h>

#include "complete.h"
#include "hostnames.h"

struct check_options {
    struct cli_material material;
    struct cli_complete complete;
    const char *format, *color, *fail_on;
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

static bool is_format(const char *name) {
    for (size_t i = 0; i < cp_num_report_formats(); i++)
        if (strcmp(cp_report_format_name(i), name) == 0)
            return true;
    return false;
}

/* The severity that --fail-on names; CP_NUM_SEVERITY is "never". */
static bool parse_fail_on(enum cp_severity *out, const char *word) {
    *out = CP_ERROR;
    if (word == NULL)
        return true;
    for (int i = 0; i < CP_NUM_SEVERITY; i++) {
        *out = (enum cp_severity)i;
        if (strcmp(cp_severity_name(*out), word) == 0)
            return true;
    }
    *out = CP_NUM_SEVERITY;
    return strcmp(word, "never") == 0;
}

static enum cp_status run(struct check_options *o, int *exit_code, struct cp_error *err) {
    struct cp_check_options options = {.hostnames = o->material.hostnames.items,
                                       .num_hostnames = o->material.hostnames.num_items,
                                       .target = o->target,
                                       .explain = o->explain,
                                       .require_key = o->require_key || o->material.key != NULL};
    struct cp_render_options render = {.quiet = o->quiet, .utf8 = cli_locale_is_utf8()};
    const char *format = o->format == NULL ? "text" : o->format;
    enum cp_severity fail_on;
    char *text = NULL;
    size_t len = 0;
    if (!is_format(format))
        return cp_fail(err, CP_ERR_USAGE, "--format '%.20s': want text or json", format);
    if (!parse_fail_on(&fail_on, o->fail_on))
        return cp_fail(err, CP_ERR_USAGE, "--fail-on '%.20s': want error, warning, note or never",
                       o->fail_on);
    if (!cli_use_color(&render.color, o->color, stdout))
        return cp_fail(err, CP_ERR_USAGE, "--color '%.20s': want auto, always or never", o->color);
    if (!cli_material_is_given(&o->material))
        return cp_fail(err, CP_ERR_USAGE,
                       "nothing to check: name a file, '-', or --cert and --key");
    enum cp_status status = cli_material_times(&o->material, &options, err);
    if (status == CP_OK)
        status = cli_hostnames_load(&o->hostnames, &options, &o->material, err);
    if (status == CP_OK)
        status = cli_complete_check(&o->material, &o->complete, &options, err);
    if (status == CP_OK)
        status = cp_report_render(o->material.report, &text, &len, format, &render, err);
    if (status != CP_OK)
        return status;
    *exit_code = CLI_OK;
    for (int i = (int)fail_on; i < CP_NUM_SEVERITY; i++)
        if (cp_report_count(o->material.report, (enum cp_severity)i) != 0 && !o->exit_zero)
            *exit_code = CLI_FINDINGS;
    *exit_code = cli_write(text, len, *exit_code);
    cp_string_free(text);
    return CP_OK;
}

int cli_check(int argc, char **argv) {
    struct check_options o = {.quiet = false};
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cli_option criteria[CLI_MAX_CRITERIA_OPTIONS];
    struct cli_option material[CLI_NUM_MATERIAL_OPTIONS];
    struct cli_option complete[CLI_NUM_COMPLETE_OPTIONS];
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
         .argument = "text|json",
         .value = &o.format,
         .help = "form of the report (default: text)"},
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
    const struct cli_option *const tables[] = {material, complete, criteria, own, NULL};
    const struct cli_syntax syntax = {.usage = "certprep check [OPTION]... [FILE]...",
                                      .about = about,
                                      .tables = tables,
                                      .files = &o.material.files};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1 && run(&o, &exit_code, &err) != CP_OK)
        exit_code = cli_fail(&err);
    cli_material_cleanup(&o.material);
    cli_hostnames_cleanup(&o.hostnames);
    return exit_code;
}
