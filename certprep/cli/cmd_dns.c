/* certprep dns: what the DNS says of hostnames before they are submitted. It calls no service. */
#include <stdlib.h>

#include "dns_options.h"
#include "service.h"

struct dns_row {
    struct esa_dns_report report;
    struct cp_error error; /* status CP_OK: none */
};

struct dns_options {
    struct cli_dns dns;
    struct cli_view view;
    struct cli_list hostnames;
    const char *cname, *verify_code;
    bool no_caa;
    struct cp_hostname **names;
    size_t num_names;
    struct dns_row *rows;
};

static const char about[] =
    "Judges by the DNS whether hostnames are ready to be custom hostnames: CAA lets the free\n"
    "certificate's CA issue, the ownership TXT and the CNAME are in place or what they should be,\n"
    "and no _acme-challenge is left over. What the DNS does not answer (SERVFAIL, no reply, no\n"
    "such name) is 'unknown', never a finding. It calls no service and changes nothing.\n\n"
    "Exit codes: 0 nothing worse than a warning, 1 an error, 2 wrong use, 3 something could not be "
    "evaluated.";

/* All names before any question: a mistyped one costs no wait. */
static enum cp_status read_names(struct dns_options *o, struct cp_error *err) {
    if (o->hostnames.num_items == 0)
        return cp_fail(err, CP_ERR_USAGE, "dns: want a hostname");
    if (o->hostnames.num_items > 1 && (o->cname != NULL || o->verify_code != NULL))
        return cp_fail(err, CP_ERR_USAGE, "--cname and --verify-code go with one hostname");
    if (o->cname != NULL && !esa_dns_name_is_plain(o->cname))
        return cp_fail(err, CP_ERR_USAGE, "--cname '%.60s': want a hostname", o->cname);
    o->names = calloc(o->hostnames.num_items, sizeof(struct cp_hostname *));
    o->rows = calloc(o->hostnames.num_items, sizeof(*o->rows));
    if (o->names == NULL || o->rows == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "out of memory");
    for (; o->num_names < o->hostnames.num_items; o->num_names++) {
        CP_TRY(cp_hostname_new(&o->names[o->num_names], o->hostnames.items[o->num_names], err));
        if (cp_hostname_is_ip(o->names[o->num_names])) {
            enum cp_status status =
                cp_fail(err, CP_ERR_USAGE, "dns: %.60s is an address, not a name",
                        o->hostnames.items[o->num_names]);
            cp_hostname_free(o->names[o->num_names]);
            return status;
        }
    }
    return CP_OK;
}

static int exit_of(const struct dns_row *row) {
    if (row->error.status != CP_OK)
        return row->error.status == CP_ERR_USAGE ? CLI_USAGE : CLI_UNREADABLE;
    if (esa_dns_report_has_error(&row->report))
        return CLI_FINDINGS;
    return esa_dns_report_has_status(&row->report) ? CLI_UNREADABLE : CLI_OK;
}

static void put_row(struct cp_buf *out, const struct dns_options *o, size_t index) {
    const struct dns_row *row = &o->rows[index];
    const char *ascii = cp_hostname_ascii(o->names[index]);
    if (row->error.status != CP_OK) {
        cp_buf_printf(out, "%s  could not be asked for: %s\n", ascii, row->error.message);
        return;
    }
    cp_buf_printf(out, "%s  %s\n", ascii, cli_dns_verdict(&row->report));
    cli_dns_put_text(out, &o->view, &row->report, "  ");
}

static void put_json(struct cp_buf *out, const struct dns_options *o) {
    cJSON *root = cJSON_CreateObject(), *array = NULL;
    bool ok = root != NULL && cJSON_AddNumberToObject(root, "schema_version", 1) != NULL &&
              (array = cJSON_AddArrayToObject(root, "hostnames")) != NULL;
    for (size_t i = 0; ok && i < o->num_names; i++) {
        const struct dns_row *row = &o->rows[i];
        cJSON *item = cJSON_CreateObject();
        ok = cli_json_push(array, item) &&
             cli_json_add_text(item, "hostname", cp_hostname_ascii(o->names[i])) &&
             cli_json_add_text(item, "error",
                               row->error.status != CP_OK ? row->error.message : "") &&
             (row->error.status != CP_OK || cli_dns_add_json(item, NULL, &row->report));
    }
    char *text = ok ? cJSON_Print(root) : NULL;
    if (text != NULL)
        cp_buf_printf(out, "%s\n", text);
    else
        out->failed = CP_ERR_MEMORY;
    cJSON_free(text);
    cJSON_Delete(root);
}

/* An error outweighs what could not be evaluated. */
static int worse(int a, int b) {
    if (a == CLI_FINDINGS || b == CLI_FINDINGS)
        return CLI_FINDINGS;
    return a > b ? a : b;
}

static int run(struct dns_options *o) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cli_interrupt saved;
    struct cp_buf out;
    int exit_code = CLI_OK;
    enum cp_status status = cli_view_read(&o->view, &err);
    if (status == CP_OK)
        status = read_names(o, &err);
    if (status == CP_OK)
        status = cli_dns_open(&o->dns, &err);
    if (status != CP_OK)
        return cli_fail(&err);
    cli_interrupt_catch(&saved);
    for (size_t i = 0; i < o->num_names; i++) {
        struct esa_dns_expect expect = {.cname = o->cname, .verify_code = o->verify_code};
        struct dns_row *row = &o->rows[i];
        if (cli_is_interrupted(NULL))
            row->error.status = cp_fail(&row->error, CP_ERR_NETWORK, "interrupted");
        else
            row->error.status = cli_dns_preflight(&o->dns, &row->report, o->names[i], &expect,
                                                  !o->no_caa, &row->error);
        exit_code = i == 0 ? exit_of(row) : worse(exit_code, exit_of(row));
    }
    cli_interrupt_restore(&saved);
    cp_buf_init(&out, CLI_MAX_VIEW);
    for (size_t i = 0; i < o->num_names && !o->view.json; i++)
        put_row(&out, o, i);
    if (o->view.json)
        put_json(&out, o);
    exit_code = cli_view_write(&o->view, &out, exit_code);
    cp_buf_cleanup(&out);
    return exit_code;
}

int cli_dns(int argc, char **argv) {
    struct dns_options o = {.no_caa = false};
    struct cli_option dns[CLI_MAX_DNS_OPTIONS], view[CLI_NUM_VIEW_OPTIONS];
    const struct cli_option own[] = {
        {.name = "cname",
         .kind = CLI_VALUE,
         .argument = "NAME",
         .value = &o.cname,
         .help = "where it must point: the record's target, as 'certprep records' shows it"},
        {.name = "verify-code",
         .kind = CLI_VALUE,
         .argument = "CODE",
         .value = &o.verify_code,
         .help = "what the ownership TXT must be, as 'certprep status' shows it"},
        {.name = "no-caa",
         .kind = CLI_FLAG,
         .flag = &o.no_caa,
         .help = "leave CAA out: no certificate is to be applied for"},
        {.name = NULL},
    };
    cli_dns_options(dns, &o.dns, false);
    cli_view_options(view, &o.view);
    const struct cli_option *const tables[] = {own, dns, view, NULL};
    const struct cli_syntax syntax = {.usage = "certprep dns [OPTION]... HOSTNAME...",
                                      .about = about,
                                      .tables = tables,
                                      .files = &o.hostnames};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1)
        exit_code = run(&o);
    for (size_t i = 0; i < o.num_names; i++)
        cp_hostname_free(o.names[i]);
    free(o.names);
    free(o.rows);
    cli_dns_cleanup(&o.dns);
    cli_list_free(&o.hostnames);
    return exit_code;
}
