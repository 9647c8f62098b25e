/* certprep submit: check -> prepare -> request -> outcome, each only if the one before allows it.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "complete.h"
#include "submit.h"

struct submit_options {
    struct cli_material material;
    struct cli_complete complete;
    const char *hostname, *site_id, *record_id, *ssl, *cert_type, *cas_id, *cas_region;
    const char *region, *endpoint, *ca_file, *timeout, *format, *color;
    bool dry_run, quiet;
};

/* What one run owns. */
struct submit {
    struct submit_options *options;
    struct submit_format format;
    struct cp_hostname *hostname;
    int64_t site_id, record_id;
    enum esa_create_kind kind;
    struct esa_credential *credential;
    struct esa_client *client;
    struct cp_prepared *prepared;
    struct esa_request *request;
    char *description;
    struct esa_outcome outcome;
    bool has_outcome;
    int exit_code;
};

static const char about[] =
    "Creates a custom hostname (SaaS domain name) at Alibaba Cloud ESA. For --cert-type upload "
    "the\n"
    "material is checked for the hostname first and nothing is sent if the verdict is BLOCKED; "
    "what\n"
    "is sent is the prepared material: leaf, intermediates, key as PKCS#8. For free and cas the\n"
    "hostname and the parameters are checked.\n\n"
    "Credentials come from ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and, for\n"
    "STS, ALIBABA_CLOUD_SECURITY_TOKEN.\n\n"
    "Exit codes: 0 accepted, 1 blocked by findings, 2 wrong use, 3 nothing was sent, 4 refused,\n"
    "5 unknown: the service may have acted.";

static enum cp_status want(const char *value, const char *name, struct cp_error *err) {
    return value != NULL ? CP_OK : cp_fail(err, CP_ERR_USAGE, "--%s is missing", name);
}

/* Seconds, 1 to 3600. */
static enum cp_status parse_timeout(int64_t *out_ms, const char *text, struct cp_error *err) {
    int64_t seconds = 0;
    *out_ms = 0;
    if (text == NULL)
        return CP_OK;
    for (const char *p = text; *p >= '0' && *p <= '9' && seconds <= 3600; p++)
        seconds = seconds * 10 + (*p - '0');
    if (strspn(text, "0123456789") != strlen(text) || seconds < 1 || seconds > 3600)
        return cp_fail(err, CP_ERR_USAGE, "--timeout '%.20s': want 1 to 3600 seconds", text);
    *out_ms = seconds * 1000;
    return CP_OK;
}

static enum cp_status read_parameters(struct submit *s, struct cp_error *err) {
    const struct submit_options *o = s->options;
    const struct cli_material *m = &o->material;
    const struct esa_create_choice choice = {
        .ssl_flag = o->ssl,
        .cert_type = o->cert_type,
        .cas_id = o->cas_id,
        .cas_region = o->cas_region,
        .has_certificate = m->cert != NULL || m->chain != NULL || m->files.num_items != 0,
        .has_private_key = m->key != NULL || m->files.num_items != 0};
    enum cp_status status = want(o->hostname, "hostname", err);
    if (status == CP_OK)
        status = want(o->site_id, "site-id", err);
    if (status == CP_OK)
        status = want(o->record_id, "record-id", err);
    if (status == CP_OK)
        status = want(o->ssl, "ssl", err);
    if (status == CP_OK)
        status = esa_id_parse(&s->site_id, o->site_id, "--site-id", err);
    if (status == CP_OK)
        status = esa_id_parse(&s->record_id, o->record_id, "--record-id", err);
    if (status == CP_OK)
        status = cp_hostname_new(&s->hostname, o->hostname, err);
    if (status == CP_OK)
        status = esa_create_kind_of(&s->kind, &choice, err);
    return status;
}

/* Ctrl-C while the request is out: the service may have acted, which must be said. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int number) {
    (void)number;
    interrupted = 1;
}

static bool is_interrupted(void *context) {
    (void)context;
    return interrupted != 0;
}

/* An emulator: nothing real is submitted. */
static bool is_this_machine(const struct esa_client *client) {
    static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]"};
    const char *host = esa_client_host(client);
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        size_t len = strlen(hosts[i]);
        if (strncmp(host, hosts[i], len) == 0 && (host[len] == '\0' || host[len] == ':'))
            return true;
    }
    return false;
}

/* Before anything else is done: a missing credential or a bad endpoint costs no check. */
static enum cp_status open_client(struct submit *s, struct cp_error *err) {
    const struct submit_options *o = s->options;
    struct esa_client_options options = {.region = o->region,
                                         .endpoint = o->endpoint,
                                         .ca_file = o->ca_file,
                                         .cancel = is_interrupted};
    enum cp_status status = parse_timeout(&options.total_timeout_ms, o->timeout, err);
    if (status != CP_OK)
        return status;
    if (options.total_timeout_ms != 0 && options.total_timeout_ms < 10000)
        options.connect_timeout_ms = options.total_timeout_ms;
    if (o->region == NULL && o->endpoint == NULL)
        return cp_fail(err, CP_ERR_USAGE,
                       "no endpoint: give --region cn-hangzhou or --region ap-southeast-1");
    struct cp_error why = {CP_OK, 0, 0, ""};
    status = esa_credential_new(&s->credential, NULL, &why);
    if (status != CP_OK && !o->dry_run) /* a dry run shows what would be sent all the same */
        return cp_fail(err, status, "%s", why.message);
    options.credential = s->credential;
    status = esa_client_new(&s->client, &options, err);
    if (status == CP_OK && o->material.at != NULL && !o->dry_run && !is_this_machine(s->client))
        status = cp_fail(err, CP_ERR_USAGE,
                         "--at goes with --dry-run or an endpoint on this machine: the service "
                         "judges the material by its own clock");
    return status;
}

/* All checks for this hostname; s->prepared stays NULL if the verdict is BLOCKED. */
static enum cp_status check_and_prepare(struct submit *s, struct cp_error *err) {
    struct submit_options *o = s->options;
    const char *hostname = cp_hostname_ascii(s->hostname);
    struct cp_check_options options = {
        .hostnames = &hostname, .num_hostnames = 1, .require_key = true, .target = "esa"};
    enum cp_status status = cli_material_times(&o->material, &options, err);
    if (status == CP_OK)
        status = cli_complete_check(&o->material, &o->complete, &options, err);
    if (status != CP_OK)
        return status;
    if (o->material.at != NULL)
        fprintf(stderr, "certprep: note: the material is judged as of --at %s, not as of now\n",
                o->material.at);
    if (o->material.trust_name != NULL && strcmp(o->material.trust_name, "none") == 0)
        fprintf(stderr, "certprep: note: --trust none: neither the root nor whether the chain is "
                        "complete was judged\n");
    if (cp_report_verdict(o->material.report) == CP_BLOCKED)
        return CP_OK;
    return cp_prepare(&s->prepared, o->material.report, err);
}

static enum cp_status make_request(struct submit *s, struct cp_error *err) {
    int64_t cas_id = 0;
    enum cp_status status;
    switch (s->kind) {
    case ESA_CREATE_OFF:
        return esa_request_new_off(&s->request, s->hostname, s->site_id, s->record_id, err);
    case ESA_CREATE_FREE:
        return esa_request_new_free(&s->request, s->hostname, s->site_id, s->record_id, err);
    case ESA_CREATE_CAS:
        status = esa_id_parse(&cas_id, s->options->cas_id, "--cas-id", err);
        if (status != CP_OK)
            return status;
        return esa_request_new_cas(&s->request, s->hostname, s->site_id, s->record_id, cas_id,
                                   s->options->cas_region, err);
    case ESA_CREATE_UPLOAD:
        break;
    }
    return esa_request_new_upload(&s->request, s->hostname, s->site_id, s->record_id, s->prepared,
                                  err);
}

/* One attempt, with the signals that would end it turned into an outcome. */
static enum cp_status call(struct submit *s, struct cp_error *err) {
    struct sigaction action = {.sa_handler = on_interrupt}, old_int, old_term;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, &old_int);
    (void)sigaction(SIGTERM, &action, &old_term);
    enum cp_status status = esa_client_call(s->client, &s->outcome, NULL, s->request, err);
    (void)sigaction(SIGINT, &old_int, NULL);
    (void)sigaction(SIGTERM, &old_term, NULL);
    return status;
}

static enum cp_status send_or_show(struct submit *s, struct cp_error *err) {
    if (s->options->dry_run) {
        s->exit_code = CLI_OK;
        return esa_request_describe(s->client, &s->description, NULL, s->request,
                                    s->format.json ? ESA_DESCRIBE_JSON : ESA_DESCRIBE_TEXT, err);
    }
    if (isatty(STDERR_FILENO) == 1)
        fprintf(stderr, "submitting %s to %s ...\n", cp_hostname_ascii(s->hostname),
                esa_client_host(s->client));
    enum cp_status status = call(s, err);
    if (status != CP_OK)
        return status;
    s->has_outcome = true;
    s->exit_code = s->outcome.result == ESA_ACCEPTED  ? CLI_OK
                   : s->outcome.result == ESA_REFUSED ? CLI_REFUSED
                                                      : CLI_UNKNOWN;
    return CP_OK;
}

static enum cp_status read_format(struct submit *s, struct cp_error *err) {
    const struct submit_options *o = s->options;
    s->format.json = o->format != NULL && strcmp(o->format, "json") == 0;
    if (o->format != NULL && !s->format.json && strcmp(o->format, "text") != 0)
        return cp_fail(err, CP_ERR_USAGE, "--format '%.20s': want text or json", o->format);
    if (!cli_use_color(&s->format.render.color, o->color, stdout))
        return cp_fail(err, CP_ERR_USAGE, "--color '%.20s': want auto, always or never", o->color);
    s->format.render.quiet = o->quiet;
    s->format.render.utf8 = cli_locale_is_utf8();
    return CP_OK;
}

static enum cp_status run(struct submit *s, struct cp_error *err) {
    enum cp_status status = read_format(s, err);
    if (status == CP_OK)
        status = read_parameters(s, err);
    if (status == CP_OK)
        status = open_client(s, err);
    if (status == CP_OK && s->kind == ESA_CREATE_UPLOAD) {
        status = check_and_prepare(s, err);
        if (status == CP_OK && s->prepared == NULL) {
            s->exit_code = CLI_FINDINGS;
            return CP_OK;
        }
    }
    if (status == CP_OK)
        status = make_request(s, err);
    if (status == CP_OK)
        status = send_or_show(s, err);
    return status;
}

static int finish(struct submit *s) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    int exit_code;
    if (run(s, &err) != CP_OK) {
        exit_code = cli_fail(&err);
        if (s->request != NULL && !s->options->dry_run)
            fprintf(stderr, "  nothing was sent\n");
    } else {
        const struct submit_result result = {.hostname = s->hostname,
                                             .report = s->options->material.report,
                                             .prepared = s->prepared,
                                             .request = s->request,
                                             .description = s->description,
                                             .outcome = s->has_outcome ? &s->outcome : NULL};
        exit_code = submit_print(&result, &s->format, s->exit_code);
    }
    esa_string_free(s->description);
    esa_request_free(s->request);
    esa_client_free(s->client);
    esa_credential_free(s->credential);
    cp_prepared_free(s->prepared);
    cp_hostname_free(s->hostname);
    return exit_code;
}

#define VALUE(option_name, option_argument, field, option_help)                                    \
    {                                                                                              \
        .name = option_name, .kind = CLI_VALUE, .argument = option_argument, .value = &o.field,    \
        .help = option_help                                                                        \
    }

int cli_submit(int argc, char **argv) {
    struct submit_options o = {.dry_run = false};
    struct cli_option criteria[CLI_MAX_CRITERIA_OPTIONS];
    struct cli_option material[CLI_NUM_MATERIAL_OPTIONS];
    struct cli_option complete[CLI_NUM_COMPLETE_OPTIONS];
    const struct cli_option own[] = {
        VALUE("hostname", "NAME", hostname, "the custom hostname to create"),
        VALUE("site-id", "ID", site_id, "the site's id (ListSites)"),
        VALUE("record-id", "ID", record_id, "id of the record to bind (ListRecords)"),
        VALUE("ssl", "on|off", ssl, "serve HTTPS for it"),
        VALUE("cert-type", "upload|free|cas", cert_type, "where its certificate comes from"),
        VALUE("cas-id", "ID", cas_id, "id of a certificate in Certificate Management Service"),
        VALUE("cas-region", "cn-hangzhou|ap-southeast-1", cas_region,
              "the China or the international site's"),
        VALUE("region", "cn-hangzhou|ap-southeast-1", region, "the service's region"),
        VALUE("endpoint", "HOST[:PORT]", endpoint, "the service's address, instead of a region"),
        VALUE("ca-file", "FILE", ca_file, "trust only these CAs for the service's TLS"),
        VALUE("timeout", "SECONDS", timeout, "for the whole exchange (default: 60)"),
        VALUE("format", "text|json", format, "form of the output (default: text)"),
        {.name = "dry-run",
         .letter = 'n',
         .kind = CLI_FLAG,
         .flag = &o.dry_run,
         .help = "show the request, key and signature masked; send nothing"},
        {.name = "quiet",
         .letter = 'q',
         .kind = CLI_FLAG,
         .flag = &o.quiet,
         .help = "findings and the outcome only"},
        VALUE("color", "auto|always|never", color, "colour of the text (default: auto)"),
        {.name = NULL},
    };
    cli_material_options(material, &o.material);
    cli_criteria_options(criteria, &o.material.criteria);
    cli_complete_options(complete, &o.complete);
    const struct cli_option *const tables[] = {own, material, complete, criteria, NULL};
    const struct cli_syntax syntax = {
        .usage = "certprep submit --hostname NAME --site-id ID --record-id ID --ssl on|off "
                 "[OPTION]... [FILE]...",
        .about = about,
        .tables = tables,
        .files = &o.material.files};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1) {
        struct submit s = {.options = &o};
        exit_code = finish(&s);
    }
    cli_material_cleanup(&o.material);
    return exit_code;
}
