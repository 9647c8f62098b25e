/* certprep status: where custom hostnames stand, and what their customers still have to publish. */
#include <stdlib.h>
#include <string.h>

#include "dns_options.h"
#include "hostname_output.h"
#include "lookup.h"
#include "save_file.h"

struct status_options {
    struct cli_service service;
    struct cli_view view;
    struct cli_follow follow; /* --retry, --records, --records-file */
    struct cli_targets targets;
    struct cli_dns dns;
    bool certificate;
    size_t num_rows;
    struct status_row *rows;
};

/* What came to be known of one. */
struct status_row {
    char name[ESA_NAME_MAX];
    struct esa_hostname found;
    bool has_found;
    struct cli_records records;
    struct cp_error error;      /* status CP_OK: none */
    struct esa_dns_report *dns; /* --dns */
    struct cp_error dns_error;
    int exit_code;
};

static const char about[] =
    "Shows where custom hostnames at Alibaba Cloud ESA stand: status, certificate, what is waited "
    "for,\nand what the customer has to publish. It changes nothing.\n\n"
    "Exit codes: 0 all exist and none has stopped, 1 one is conflicted, offline, or without a "
    "valid\n"
    "certificate, 2 wrong use, 3 not found, or could not be read, 4 refused.";

static const char *status_of(const struct status_row *row) {
    return row->has_found ? row->found.status_text : "not found";
}

static void look(struct status_row *row, struct status_options *o, size_t index) {
    char why[ESA_REASON_MAX];
    enum cli_look how = o->certificate ? CLI_LOOK_WHOLE : CLI_LOOK_ROW;
    row->exit_code = CLI_UNREADABLE;
    row->error.status =
        cli_target_name(row->name, sizeof(row->name), &o->targets, index, &row->error);
    if (row->error.status == CP_OK)
        row->error.status = cli_target_get(&row->found, &row->has_found, &o->targets, index, how,
                                           &o->service, &o->follow.task.retry, &row->error);
    if (row->error.status != CP_OK) {
        row->has_found = false;
        row->exit_code = row->error.status == CP_ERR_REFUSED ? CLI_REFUSED
                         : row->error.status == CP_ERR_USAGE ? CLI_USAGE
                                                             : CLI_UNREADABLE;
        return;
    }
    if (!row->has_found)
        return;
    snprintf(row->name, sizeof(row->name), "%s", row->found.hostname);
    row->exit_code =
        esa_hostname_progress(why, &row->found, ESA_GOAL_ACTIVE) == ESA_PROGRESS_STOPPED
            ? CLI_FINDINGS
            : CLI_OK;
    (void)cli_records_see(&row->records, &row->found);
}

/* Hostnames are bound to few records: each is asked for once. */
static void find_cname(struct status_row *row, struct status_options *o, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (o->rows[i].has_found && o->rows[i].found.record_id == row->found.record_id) {
            memcpy(row->records.cname, o->rows[i].records.cname, sizeof(row->records.cname));
            return;
        }
    if (row->found.record_id != 0)
        cli_follow_cname(&o->follow, &o->service, row->found.record_id, &row->records);
}

static void look_at_dns(struct status_row *row, struct status_options *o) {
    int exit_code = CLI_OK;
    row->dns = calloc(1, sizeof(*row->dns));
    row->dns_error.status = row->dns == NULL
                                ? cp_fail(&row->dns_error, CP_ERR_MEMORY, "out of memory")
                                : cli_dns_preflight_found(&o->dns, row->dns, &row->found,
                                                          row->records.cname, &row->dns_error);
    if (row->dns_error.status != CP_OK || esa_dns_report_has_status(row->dns))
        exit_code = CLI_UNREADABLE;
    else if (esa_dns_report_has_error(row->dns))
        exit_code = CLI_FINDINGS;
    if (exit_code > row->exit_code)
        row->exit_code = exit_code;
}

static void put_row(struct cp_buf *out, const struct status_row *row,
                    const struct status_options *o) {
    struct cli_record_row rows[CLI_MAX_RECORD_ROWS];
    enum cli_colour colour = row->has_found ? cli_hostname_colour(&row->found) : CLI_BAD;
    cp_buf_printf(out, "%s  %s%s%s", row->name, cli_colour_on(&o->view, colour), status_of(row),
                  cli_colour_off(&o->view, colour));
    if (row->has_found)
        cp_buf_printf(out, "  HostnameId %lld", (long long)row->found.hostname_id);
    cp_buf_puts(out, "\n");
    if (row->error.status != CP_OK)
        cp_buf_printf(out, "  could not be read: %s\n", row->error.message);
    if (!row->has_found)
        return;
    cli_hostname_put_block(out, &row->found);
    if (row->found.status != ESA_STATUS_ACTIVE || row->found.cert_txt_value[0] != '\0' ||
        o->follow.form == CLI_RECORDS_TEXT) {
        if (cli_records_rows(rows, &row->records) != 0)
            cp_buf_puts(out, "  records to publish\n");
        cli_records_put_text(out, &row->records, "    ");
    }
    if (row->dns_error.status != CP_OK)
        cp_buf_printf(out, "  DNS could not be asked: %s\n", row->dns_error.message);
    else if (row->dns != NULL) {
        cp_buf_printf(out, "  DNS: %s\n", cli_dns_verdict(row->dns));
        cli_dns_put_text(out, &o->view, row->dns, "    ");
    }
}

static bool add_row(cJSON *array, const struct status_row *row) {
    cJSON *item = cJSON_CreateObject();
    bool ok =
        cli_json_push(array, item) && cli_json_add_text(item, "asked", row->name) &&
        cJSON_AddBoolToObject(item, "found", row->has_found) != NULL &&
        cli_json_add_text(item, "error", row->error.status != CP_OK ? row->error.message : "");
    if (ok && row->has_found)
        ok = cli_hostname_add_json(item, &row->found) &&
             cli_records_add_json(item, "records", &row->records);
    if (ok && row->dns_error.status != CP_OK)
        ok = cli_json_add_text(item, "dns_error", row->dns_error.message);
    else if (ok && row->dns != NULL)
        ok = cli_dns_add_json(item, "dns", row->dns);
    return ok;
}

static void put_json(struct cp_buf *out, const struct status_options *o) {
    cJSON *root = cJSON_CreateObject(), *array = NULL;
    bool ok = root != NULL && cJSON_AddNumberToObject(root, "schema_version", 1) != NULL &&
              (array = cJSON_AddArrayToObject(root, "hostnames")) != NULL;
    for (size_t i = 0; ok && i < o->num_rows; i++)
        ok = add_row(array, &o->rows[i]);
    char *text = ok ? cJSON_Print(root) : NULL;
    if (text != NULL)
        cp_buf_printf(out, "%s\n", text);
    else
        out->failed = CP_ERR_MEMORY;
    cJSON_free(text);
    cJSON_Delete(root);
}

/* The records of those that were found. */
static void put_records(struct cp_buf *out, const struct status_options *o) {
    struct cli_records *sets = calloc(o->num_rows + 1, sizeof(*sets)); /* there may be none */
    size_t num = 0;
    if (sets == NULL) {
        out->failed = CP_ERR_MEMORY;
        return;
    }
    for (size_t i = 0; i < o->num_rows; i++)
        if (o->rows[i].has_found)
            sets[num++] = o->rows[i].records;
    cli_records_put(out, sets, num, o->follow.form);
    free(sets);
}

static int print_all(struct status_options *o, int exit_code) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_buf out, records;
    int printed = CLI_OK;
    cp_buf_init(&out, CLI_MAX_VIEW);
    cp_buf_init(&records, CLI_MAX_VIEW);
    for (size_t i = 0; i < o->num_rows && !o->view.json; i++)
        put_row(&out, &o->rows[i], o);
    if (o->view.json)
        put_json(&out, o);
    if (o->follow.form != CLI_RECORDS_NONE)
        put_records(&records, o);
    if (cli_follow_owns_stdout(&o->follow)) {
        cli_view_note(&o->view, &out);
        printed = cli_view_write(&o->view, &records, exit_code);
    } else {
        printed = cli_view_write(&o->view, &out, exit_code);
    }
    if (o->follow.records_file != NULL) {
        enum cp_status status = cp_buf_finish(&records, &err);
        if (status == CP_OK)
            status = cli_save(o->follow.records_file, records.data, records.len, &err);
        if (status != CP_OK)
            printed = cli_fail(&err);
    }
    cp_buf_cleanup(&records);
    cp_buf_cleanup(&out);
    return printed;
}

static int run(struct status_options *o) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    int exit_code = CLI_OK;
    enum cp_status status = cli_view_read(&o->view, &err);
    if (status == CP_OK)
        status = cli_follow_read(&o->follow, &o->view, &err);
    if (status == CP_OK)
        status = cli_site_read(&o->targets.site, &err);
    if (status == CP_OK)
        status = cli_targets_read(&o->targets, &err);
    if (status == CP_OK)
        status = cli_dns_open(&o->dns, &err);
    if (status == CP_OK)
        status = cli_service_open(&o->service, CLI_SERVICE_CALL, &err);
    if (status == CP_OK)
        status = cli_site_find(&o->targets.site, &o->service, &o->follow.task.retry, &err);
    o->num_rows = cli_targets_num(&o->targets);
    if (status != CP_OK)
        return cli_fail(&err);
    o->rows = calloc(o->num_rows, sizeof(*o->rows));
    if (o->rows == NULL) {
        (void)cp_fail(&err, CP_ERR_MEMORY, "out of memory");
        return cli_fail(&err);
    }
    for (size_t i = 0; i < o->num_rows; i++) {
        look(&o->rows[i], o, i);
        if (o->rows[i].has_found &&
            (o->view.json || o->dns.wanted || o->follow.form != CLI_RECORDS_NONE ||
             o->rows[i].found.status != ESA_STATUS_ACTIVE))
            find_cname(&o->rows[i], o, i);
        if (o->rows[i].has_found && o->dns.wanted)
            look_at_dns(&o->rows[i], o);
        if (o->rows[i].exit_code > exit_code)
            exit_code = o->rows[i].exit_code;
    }
    return print_all(o, exit_code);
}

int cli_status(int argc, char **argv) {
    struct status_options o = {.certificate = false};
    struct cli_option service[CLI_MAX_SERVICE_OPTIONS], view[CLI_NUM_VIEW_OPTIONS];
    struct cli_option retry[CLI_NUM_RETRY_OPTIONS], site[CLI_NUM_SITE_OPTIONS];
    struct cli_option target[CLI_NUM_TARGET_OPTIONS], dns[CLI_MAX_DNS_OPTIONS];
    const struct cli_option own[] = {
        {.name = "certificate",
         .kind = CLI_FLAG,
         .flag = &o.certificate,
         .help = "ask for the certificate's digest and CasId, too (the reply holds the key)"},
        {.name = "records",
         .kind = CLI_VALUE,
         .argument = "text|json|zone",
         .value = &o.follow.records,
         .help = "print what the customers have to publish in this form"},
        {.name = "records-file",
         .kind = CLI_VALUE,
         .argument = "FILE",
         .value = &o.follow.records_file,
         .help = "write it to FILE, whole or not at all"},
        {.name = NULL},
    };
    cli_service_options(service, &o.service, true);
    cli_view_options(view, &o.view);
    cli_retry_options(retry, &o.follow);
    cli_site_options(site, &o.targets.site);
    cli_target_options(target, &o.targets);
    cli_dns_options(dns, &o.dns, true);
    const struct cli_option *const tables[] = {site, target, own, service, retry, view, dns, NULL};
    const struct cli_syntax syntax = {.usage =
                                          "certprep status --site NAME [OPTION]... HOSTNAME...\n"
                                          "       certprep status --hostname-id ID [OPTION]...",
                                      .about = about,
                                      .tables = tables,
                                      .files = &o.targets.hostnames};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1)
        exit_code = run(&o);
    cli_service_cleanup(&o.service);
    cli_dns_cleanup(&o.dns);
    cli_list_free(&o.targets.hostnames);
    cli_list_free(&o.targets.ids);
    for (size_t i = 0; o.rows != NULL && i < o.num_rows; i++)
        free(o.rows[i].dns);
    free(o.rows);
    return exit_code;
}
