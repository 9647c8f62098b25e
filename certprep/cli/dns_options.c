#include "dns_options.h"

#include <stdlib.h>
#include <string.h>

#include "service.h"

void cli_dns_options(struct cli_option table[CLI_MAX_DNS_OPTIONS], struct cli_dns *dns,
                     bool has_flag) {
    const struct cli_option rows[CLI_MAX_DNS_OPTIONS] = {
        {.name = "dns",
         .kind = CLI_FLAG,
         .flag = &dns->wanted,
         .help = "judge the DNS, too: CAA, ownership TXT, CNAME, challenge"},
        {.name = "dns-server",
         .kind = CLI_LIST,
         .argument = "ADDR[:PORT]",
         .list = &dns->servers,
         .help = "ask this server (repeatable; default: the system's)"},
        {.name = "dns-timeout",
         .kind = CLI_VALUE,
         .argument = "SECONDS",
         .value = &dns->timeout,
         .help = "how long a server is waited for (default: 5)"},
        {.name = "caa-issuer",
         .kind = CLI_VALUE,
         .argument = "DOMAIN",
         .value = &dns->caa_issuer,
         .help = "the CA that CAA must allow (default: " CLI_DNS_CAA_ISSUER ")"},
        {.name = NULL},
    };
    memset(table, 0, sizeof(rows));
    memcpy(table, rows + !has_flag, sizeof(rows) - (has_flag ? 0 : sizeof(rows[0])));
    dns->wanted = !has_flag;
}

static enum cp_status read_options(const struct cli_dns *dns, struct esa_dns_options *options,
                                   struct cp_error *err) {
    int64_t timeout_ms = 0;
    if (!dns->wanted &&
        (dns->servers.num_items != 0 || dns->timeout != NULL || dns->caa_issuer != NULL))
        return cp_fail(err, CP_ERR_USAGE,
                       "--dns-server, --dns-timeout and --caa-issuer go with --dns");
    if (dns->caa_issuer != NULL &&
        (!esa_dns_name_is_plain(dns->caa_issuer) || dns->caa_issuer[0] == '*'))
        return cp_fail(err, CP_ERR_USAGE,
                       "--caa-issuer '%.60s': want a CA's domain name, as in " CLI_DNS_CAA_ISSUER,
                       dns->caa_issuer);
    if (dns->servers.num_items > ESA_DNS_MAX_SERVERS)
        return cp_fail(err, CP_ERR_USAGE, "--dns-server: at most %d of them", ESA_DNS_MAX_SERVERS);
    CP_TRY(cli_seconds_parse(&timeout_ms, dns->timeout, "--dns-timeout", err));
    options->timeout_ms = timeout_ms;
    for (; options->num_servers < dns->servers.num_items; options->num_servers++)
        CP_TRY(esa_dns_server_parse(&options->servers[options->num_servers],
                                    dns->servers.items[options->num_servers], err));
    return CP_OK;
}

enum cp_status cli_dns_open(struct cli_dns *dns, struct cp_error *err) {
    struct esa_dns_options options = {.cancel = cli_is_interrupted};
    enum cp_status status = read_options(dns, &options, err);
    if (status != CP_OK || !dns->wanted)
        return status;
    dns->facts = calloc(1, sizeof(*dns->facts));
    if (dns->facts == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "out of memory");
    return esa_dns_client_new(&dns->client, &options, err);
}

void cli_dns_cleanup(struct cli_dns *dns) {
    esa_dns_client_free(dns->client);
    free(dns->facts);
    cli_list_free(&dns->servers);
    dns->client = NULL;
    dns->facts = NULL;
}

enum cp_status cli_dns_preflight(struct cli_dns *dns, struct esa_dns_report *report,
                                 const struct cp_hostname *hostname, struct esa_dns_expect *expect,
                                 bool is_free, struct cp_error *err) {
    const char *issuer = dns->caa_issuer != NULL ? dns->caa_issuer : CLI_DNS_CAA_ISSUER;
    expect->caa_issuer = is_free ? issuer : NULL;
    enum cp_status status = esa_dns_gather(dns->client, dns->facts, hostname, expect, err);
    if (status == CP_OK)
        esa_dns_judge(report, dns->facts, expect);
    return status;
}

enum cp_status cli_dns_preflight_found(struct cli_dns *dns, struct esa_dns_report *report,
                                       const struct esa_hostname *found, const char *cname,
                                       struct cp_error *err) {
    struct cp_hostname *hostname = NULL;
    struct esa_dns_expect expect = {.verify_host = found->verify_host,
                                    .verify_code = found->verify_code,
                                    .cname = cname,
                                    .cert_txt_key = found->cert_txt_key,
                                    .cert_txt_value = found->cert_txt_value};
    bool is_free = strcmp(found->ssl_flag, "on") == 0 && strcmp(found->cert_type, "free") == 0;
    enum cp_status status = cp_hostname_new(&hostname, found->hostname, err);
    if (status == CP_OK)
        status = cli_dns_preflight(dns, report, hostname, &expect, is_free, err);
    cp_hostname_free(hostname);
    return status;
}

/* ---- output ---- */

const char *cli_dns_verdict(const struct esa_dns_report *report) {
    if (esa_dns_report_has_error(report) || esa_dns_report_has_warning(report))
        return "findings";
    return esa_dns_report_has_status(report) ? "unknown" : "ready";
}

/* What a result is called: a status is not a finding, whatever its severity. */
static const char *word_of(enum esa_dns_code code) {
    static const char *const words[] = {
        [ESA_DNS_SEVERITY_OK] = "ok",
        [ESA_DNS_SEVERITY_WARNING] = "warning",
        [ESA_DNS_SEVERITY_ERROR] = "error",
    };
    return esa_dns_code_class(code) == ESA_DNS_CLASS_STATUS ? "unknown"
                                                            : words[esa_dns_code_severity(code)];
}

static enum cli_colour colour_of(enum esa_dns_code code) {
    if (esa_dns_code_class(code) == ESA_DNS_CLASS_STATUS ||
        esa_dns_code_severity(code) == ESA_DNS_SEVERITY_WARNING)
        return CLI_OPEN;
    return esa_dns_code_severity(code) == ESA_DNS_SEVERITY_ERROR ? CLI_BAD : CLI_GOOD;
}

void cli_dns_put_text(struct cp_buf *out, const struct cli_view *view,
                      const struct esa_dns_report *report, const char *indent) {
    for (size_t i = 0; i < report->num_results; i++) {
        const struct esa_dns_result *result = &report->results[i];
        const char *word = word_of(result->code);
        enum cli_colour colour = colour_of(result->code);
        if (view->quiet && strcmp(word, "ok") == 0)
            continue;
        cp_buf_printf(out, "%s%-10s %s%-8s%s %s\n", indent, esa_dns_code_check(result->code),
                      cli_colour_on(view, colour), word, cli_colour_off(view, colour),
                      result->detail);
        if (result->next[0] != '\0')
            cp_buf_printf(out, "%s%20snext: %s\n", indent, "", result->next);
    }
}

bool cli_dns_add_json(cJSON *object, const char *key, const struct esa_dns_report *report) {
    cJSON *item = key != NULL ? cJSON_AddObjectToObject(object, key) : object, *array = NULL;
    bool ok = item != NULL && cli_json_add_text(item, "verdict", cli_dns_verdict(report)) &&
              (array = cJSON_AddArrayToObject(item, "results")) != NULL;
    for (size_t i = 0; ok && i < report->num_results; i++) {
        const struct esa_dns_result *result = &report->results[i];
        bool is_status = esa_dns_code_class(result->code) == ESA_DNS_CLASS_STATUS;
        cJSON *row = cJSON_CreateObject();
        ok = cli_json_push(array, row) &&
             cli_json_add_text(row, "check", esa_dns_code_check(result->code)) &&
             cli_json_add_text(row, "code", esa_dns_code_word(result->code)) &&
             cli_json_add_text(row, "class", is_status ? "status" : "finding") &&
             cli_json_add_text(row, "severity", is_status ? "" : word_of(result->code)) &&
             cli_json_add_text(row, "detail", result->detail) &&
             cli_json_add_text(row, "next", result->next);
    }
    return ok;
}

void cli_dns_note(const struct cli_view *view, const struct esa_dns_report *report) {
    struct cp_buf out;
    cp_buf_init(&out, CLI_MAX_VIEW);
    cp_buf_printf(&out, "DNS of %s\n", report->hostname);
    cli_dns_put_text(&out, view, report, "  ");
    cli_view_note(view, &out);
    cp_buf_cleanup(&out);
}
