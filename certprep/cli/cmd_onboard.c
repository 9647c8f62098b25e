/* certprep onboard: manifest -> rows -> plan -> (journal, service) -> report. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dns_onboard.h"
#include "onboard/onboard.h"

#define MAX_WAIT_TIMEOUT_S 86400

static const char about[] =
    "Onboards the custom hostnames of a manifest (CSV with a header row, a JSON array or NDJSON;\n"
    "'-' is standard input) at Alibaba Cloud ESA. Without --apply it plans: every row is checked\n"
    "here, what the service has is read, and nothing is changed. --apply carries the plan out, "
    "with\n"
    "each intention in the journal before it is sent: killed at any moment, a rerun goes on "
    "without\n"
    "a second creation. docs/onboard.md has the journal's schema.\n\n"
    "Columns: hostname; site or site_id; record or record_id; cert_type (upload, free, cas, off);\n"
    "for upload cert, key, chain (files, relative to the manifest); for cas cas_id, cas_region; "
    "tag.\n\n"
    "Exit codes: 0 all done or as wanted, 1 rows are blocked, different or stopped, 2 wrong use,\n"
    "3 not sent, 4 refused, 5 unknown: the service may have acted, and a rerun looks first.";

/* ---- options ---- */

static enum cp_status parse_count(size_t *out, const char *text, const char *name, size_t least,
                                  size_t most, struct cp_error *err) {
    size_t len = strspn(text, "0123456789");
    unsigned long value = len > 0 && len <= 9 ? strtoul(text, NULL, 10) : 0;
    if (len == 0 || len > 9 || text[len] != '\0' || value < least || value > most)
        return cp_fail(err, CP_ERR_USAGE, "%s '%.20s': want %zu to %zu", name, text, least, most);
    *out = value;
    return CP_OK;
}

/* "100", "100/hour", "10/minute", "1000/day". */
static enum cp_status parse_rate(struct onboard *o, struct cp_error *err) {
    static const struct {
        const char *word;
        int64_t ms;
    } periods[] = {{"hour", 3600000}, {"day", 86400000}, {"minute", 60000}, {"second", 1000}};
    const char *text = o->options.rate == NULL ? "100/hour" : o->options.rate;
    const char *slash = strchr(text, '/');
    char number[12] = "";
    size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);
    if (len < sizeof(number))
        (void)snprintf(number, sizeof(number), "%.*s", (int)len, text);
    o->period_ms = slash == NULL ? ONBOARD_PERIOD_MS : 0;
    for (size_t i = 0; slash != NULL && i < sizeof(periods) / sizeof(periods[0]); i++)
        if (strcmp(slash + 1, periods[i].word) == 0)
            o->period_ms = periods[i].ms;
    if (o->period_ms == 0)
        return cp_fail(err, CP_ERR_USAGE, "--rate '%.30s': want N/hour, /day, /minute or /second",
                       text);
    return parse_count(&o->rate, number, "--rate", 1, ESA_BUCKET_MAX, err);
}

static enum cp_status parse_goal(struct onboard *o, struct cp_error *err) {
    static const char *const words[] = {"none", "records", "active"};
    static const enum esa_goal goals[] = {ESA_GOAL_NONE, ESA_GOAL_RECORDS, ESA_GOAL_ACTIVE};
    const char *wait = o->options.wait == NULL ? "records" : o->options.wait;
    size_t i = 0, seconds = 0;
    while (i < 3 && strcmp(words[i], wait) != 0)
        i++;
    if (i == 3)
        return cp_fail(err, CP_ERR_USAGE, "--wait '%.20s': want none, records or active", wait);
    o->goal = goals[i];
    if (o->options.wait_timeout == NULL)
        return CP_OK;
    enum cp_status status = parse_count(&seconds, o->options.wait_timeout, "--wait-timeout", 1,
                                        MAX_WAIT_TIMEOUT_S, err);
    o->goal_ms = (int64_t)seconds * 1000;
    return status;
}

/* Beside the manifest, unless --journal names it. */
static enum cp_status choose_journal(struct onboard *o, struct cp_error *err) {
    const struct onboard_options *options = &o->options;
    int len = 0;
    if (options->journal != NULL)
        len = snprintf(o->journal_path, sizeof(o->journal_path), "%s", options->journal);
    else if (!cli_is_dash(options->manifest))
        len = snprintf(o->journal_path, sizeof(o->journal_path), "%s.journal", options->manifest);
    else if (options->apply)
        return cp_fail(err, CP_ERR_USAGE,
                       "--apply of a manifest from standard input needs --journal FILE");
    if (len < 0 || (size_t)len >= sizeof(o->journal_path))
        return cp_fail(err, CP_ERR_LIMIT, "the journal's path is too long");
    return CP_OK;
}

static enum cp_status read_options(struct onboard *o, struct cp_error *err) {
    struct onboard_options *options = &o->options;
    bool json = options->format != NULL && strcmp(options->format, "json") == 0;
    if (options->format != NULL && !json && strcmp(options->format, "text") != 0)
        return cp_fail(err, CP_ERR_USAGE, "--format '%.20s': want text or json", options->format);
    if (!cli_use_color(&o->render.color, options->color, stdout))
        return cp_fail(err, CP_ERR_USAGE, "--color '%.20s': want auto, always or never",
                       options->color);
    if (options->plan && options->apply)
        return cp_fail(err, CP_ERR_USAGE, "--plan and --apply exclude each other");
    if (options->offline && options->apply)
        return cp_fail(err, CP_ERR_USAGE, "--offline goes with a plan, not with --apply");
    if (cli_material_stdin_uses(&o->judge.material) != 0)
        return cp_fail(err, CP_ERR_USAGE,
                       "only the manifest may come from standard input ('-'): other files may be "
                       "read again");
    o->json = o->json || json;
    o->concurrency = 4;
    o->stop_after = ONBOARD_STOP_AFTER;
    enum cp_status status = parse_rate(o, err);
    if (status == CP_OK)
        status = parse_goal(o, err);
    if (status == CP_OK && options->concurrency != NULL)
        status = parse_count(&o->concurrency, options->concurrency, "--concurrency", 1, 32, err);
    if (status == CP_OK && options->stop_after != NULL)
        status = parse_count(&o->stop_after, options->stop_after, "--stop-after", 0, 1000000, err);
    return status == CP_OK ? choose_journal(o, err) : status;
}

/* ---- the run ---- */

/* While rows are carried out, the first Ctrl-C lets calls that are out come to their end. */
static bool is_cut(void *context) {
    const struct onboard *o = context;
    return cli_interrupt_count() > (o->is_applying ? 1 : 0);
}

static enum cp_status open_client(struct onboard *o, struct cp_error *err) {
    struct cli_service *s = &o->service;
    enum cp_status status = cli_service_open(s, CLI_SERVICE_CALL, err);
    if (status != CP_OK)
        return status;
    if (o->judge.material.at != NULL && o->options.apply && !cli_service_is_this_machine(s))
        return cp_fail(err, CP_ERR_USAGE,
                       "--at goes with a plan or an endpoint on this machine: the service judges "
                       "the material by its own clock");
    o->judge.params = s->params;
    const struct esa_client_options options = {.region = s->region,
                                               .endpoint = s->endpoint,
                                               .credential = s->credential,
                                               .ca_file = s->credential_options.ca_file,
                                               .proxy = s->credential_options.proxy,
                                               .connect_timeout_ms = s->connect_timeout_ms,
                                               .total_timeout_ms = s->total_timeout_ms,
                                               .cancel = is_cut,
                                               .cancel_context = o};
    return esa_client_new(&o->client, &options, err);
}

static void count_used(void *context, int64_t taken_ms) {
    struct onboard *o = context;
    (void)taken_ms;
    o->num_used++;
}

static enum cp_status open_journal(struct onboard *o, struct cp_error *err) {
    int64_t now_ms = onboard_now_ms();
    if (o->journal_path[0] == '\0')
        return CP_OK;
    enum cp_status status = onboard_journal_open(
        &o->journal, o->journal_path,
        o->options.apply ? ONBOARD_JOURNAL_WRITE : ONBOARD_JOURNAL_READ, now_ms, err);
    if (status == CP_OK)
        status = onboard_journal_creations(o->journal, now_ms - o->period_ms, count_used, o, err);
    return status;
}

static enum cp_status prepare(struct onboard *o, struct cp_error *err) {
    enum cp_status status = read_options(o, err);
    if (status == CP_OK)
        status = cli_dns_open(&o->dns, err);
    if (status == CP_OK)
        status = onboard_rows_new(&o->rows, err);
    if (status == CP_OK)
        status = onboard_intake(o, err);
    if (status == CP_OK)
        status = onboard_judge_load(&o->judge, err);
    if (status == CP_OK && !o->options.offline)
        status = open_client(o, err);
    if (status == CP_OK)
        status = open_journal(o, err);
    return status;
}

/* How to go on, where rows are left open. */
static void say_open(struct onboard *o, bool interrupted) {
    size_t counts[ONBOARD_NUM_STATES], open = 0;
    struct cp_error err = {CP_OK, 0, 0, ""};
    if (onboard_rows_count(o->rows, counts, &err) != CP_OK)
        return;
    for (int i = 0; i < ONBOARD_NUM_STATES; i++)
        if (onboard_state_is_open((enum onboard_state)i) || i == ONBOARD_UNKNOWN)
            open += counts[i];
    if (open != 0)
        fprintf(stderr,
                "certprep: %s%zu row%s open, %zu of them unknown; the same command goes on\n",
                interrupted ? "interrupted: " : "", open, open == 1 ? " is" : "s are",
                counts[ONBOARD_UNKNOWN]);
}

static int run(struct onboard *o) {
    struct cp_error err = {CP_OK, 0, 0, ""}, why = {CP_OK, 0, 0, ""};
    bool interrupted = false;
    int exit_code = CLI_OK;
    enum cp_status status = prepare(o, &err);
    if (status == CP_OK) {
        o->judge.matrix = onboard_print_matrix;
        o->judge.matrix_context = o;
        status = onboard_plan(o, &err);
        o->judge.matrix = NULL;
    }
    if (status == CP_OK && o->dns.wanted)
        status = cli_dns_onboard(o, &err);
    if (status != CP_OK) {
        exit_code = cli_fail(&err);
        return o->failed_exit != 0 ? o->failed_exit : exit_code;
    }
    if (o->options.apply) {
        o->is_applying = true;
        status = onboard_apply(o, &interrupted, &err);
        if (status != CP_OK)
            exit_code = cli_fail(&err);
        say_open(o, interrupted);
    }
    status = onboard_exit(o, &exit_code, &why);
    /* The report comes first: it is what a lost standard output must not take away. */
    if (status == CP_OK && o->options.report != NULL)
        status = onboard_report(o, o->options.report, &why);
    if (status == CP_OK && !cli_is_dash(o->options.report))
        status = onboard_print(o, &why);
    if (status == CP_OK)
        return exit_code;
    int failed = cli_fail(&why);
    return exit_code == CLI_OK || exit_code == CLI_FINDINGS ? failed : exit_code;
}

#define VALUE(option_name, option_argument, field, option_help)                                    \
    {                                                                                              \
        .name = option_name, .kind = CLI_VALUE, .argument = option_argument, .value = &field,      \
        .help = option_help                                                                        \
    }
#define FLAG(option_name, option_letter, field, option_help)                                       \
    {                                                                                              \
        .name = option_name, .letter = option_letter, .kind = CLI_FLAG, .flag = &field,            \
        .help = option_help                                                                        \
    }

static int with_tables(struct onboard *o, int argc, char **argv) {
    struct onboard_options *own_options = &o->options;
    struct cli_material *m = &o->judge.material;
    struct cli_option criteria[CLI_MAX_CRITERIA_OPTIONS], complete[CLI_NUM_COMPLETE_OPTIONS];
    struct cli_option service[CLI_MAX_SERVICE_OPTIONS], dns[CLI_MAX_DNS_OPTIONS];
    const struct cli_option own[] = {
        FLAG("plan", 0, own_options->plan, "show what would be done (the default)"),
        FLAG("apply", 0, own_options->apply, "do it"),
        FLAG("offline", 0, own_options->offline, "plan without asking the service"),
        VALUE("journal", "FILE", own_options->journal,
              "where it is kept (default: MANIFEST.journal)"),
        VALUE("report", "FILE", own_options->report,
              "write every row's outcome: CSV, or JSON where FILE ends in .json; '-' as --format"),
        FLAG("update", 0, own_options->update, "change what is there and different"),
        FLAG("only-failed", 0, own_options->only_failed, "only rows that failed or are open"),
        {.name = "wait",
         .kind = CLI_OPTIONAL,
         .argument = "none|records|active",
         .value = &own_options->wait,
         .bare = "active",
         .help = "until when a row is followed (default: records; --wait alone: active)"},
        VALUE("wait-timeout", "SECONDS", own_options->wait_timeout,
              "how long a row is followed (default: 600)"),
        VALUE("rate", "N/hour", own_options->rate,
              "creations within the quota (default: 100/hour); also /day, /minute, /second"),
        VALUE("concurrency", "N", own_options->concurrency,
              "calls out at the same time, 1 to 32 (default: 4)"),
        VALUE("stop-after", "N", own_options->stop_after,
              "begin no row after N failures (default: 20); 0: never stop"),
        VALUE("trust", "FILE|system|none", m->trust_name,
              "trust anchors (default: system); none judges no root"),
        VALUE("at", "TIME", m->at,
              "judge as of TIME: YYYY-MM-DD[Thh:mm:ssZ] or @SECONDS (default: now)"),
        VALUE("min-days", "N", m->min_days,
              "warn of certificates that expire in fewer days (default: 14)"),
        VALUE("passphrase-file", "FILE", m->passphrase.file,
              "pass phrase of encrypted keys: its first line"),
        VALUE("format", "text|json", own_options->format, "form of the output (default: text)"),
        FLAG("json", 0, o->json, "the same as --format json"),
        FLAG("quiet", 'q', own_options->quiet, "counts and failures only"),
        VALUE("color", "auto|always|never", own_options->color,
              "colour of the text (default: auto)"),
        {.name = NULL},
    };
    struct cli_list operands = {0};
    cli_criteria_options(criteria, &m->criteria);
    cli_complete_options(complete, &o->judge.complete);
    cli_service_options(service, &o->service, false);
    cli_dns_options(dns, &o->dns, true);
    const struct cli_option *const tables[] = {own, service, dns, complete, criteria, NULL};
    const struct cli_syntax syntax = {.usage = "certprep onboard MANIFEST [--apply] [OPTION]...",
                                      .about = about,
                                      .tables = tables,
                                      .files = &operands};
    struct cli_interrupt saved;
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1 && operands.num_items != 1) {
        struct cp_error err = {CP_OK, 0, 0, ""};
        (void)cp_fail(&err, CP_ERR_USAGE, "onboard: want one manifest, got %zu",
                      operands.num_items);
        exit_code = cli_fail(&err);
    }
    if (exit_code == -1) {
        own_options->manifest = operands.items[0];
        cli_interrupt_catch(&saved);
        exit_code = run(o);
        cli_interrupt_restore(&saved);
    }
    cli_list_free(&operands);
    return exit_code;
}

int cli_onboard(int argc, char **argv) {
    struct onboard *o = calloc(1, sizeof(*o));
    if (o == NULL) {
        fprintf(stderr, "certprep: out of memory\n");
        return CLI_UNREADABLE;
    }
    o->render.utf8 = cli_locale_is_utf8();
    int exit_code = with_tables(o, argc, argv);
    onboard_journal_close(o->journal, onboard_now_ms());
    onboard_rows_free(o->rows);
    onboard_judge_cleanup(&o->judge);
    esa_client_free(o->client);
    cli_service_cleanup(&o->service);
    cli_dns_cleanup(&o->dns);
    free(o);
    return exit_code;
}
