/* Custom hostnames, sites and records as tables, lines and JSON. */
#include "hostname_output.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ID_TEXT 24

enum cli_colour cli_hostname_colour(const struct esa_hostname *found) {
    char why[ESA_REASON_MAX];
    enum esa_progress progress = esa_hostname_progress(why, found, ESA_GOAL_ACTIVE);
    return progress == ESA_PROGRESS_REACHED   ? CLI_GOOD
           : progress == ESA_PROGRESS_STOPPED ? CLI_BAD
                                              : CLI_OPEN;
}

static const char *or_dash(const char *text) {
    return text[0] != '\0' ? text : "-";
}

void cli_hostname_put_block(struct cp_buf *out, const struct esa_hostname *found) {
    char why[ESA_REASON_MAX];
    if (found->site_id != 0)
        cp_buf_printf(out, "  site         %s (SiteId %" PRId64 ")\n", or_dash(found->site_name),
                      found->site_id);
    if (found->record_id != 0)
        cp_buf_printf(out, "  bound to     %s (RecordId %" PRId64 ")\n",
                      or_dash(found->record_name), found->record_id);
    if (strcmp(found->ssl_flag, "off") == 0) {
        cp_buf_puts(out, "  TLS          off\n");
    } else if (found->ssl_flag[0] != '\0') {
        cp_buf_printf(out, "  TLS          %s, %s certificate: %s", found->ssl_flag,
                      or_dash(found->cert_type), or_dash(found->cert_status_text));
        if (found->cert_not_after[0] != '\0')
            cp_buf_printf(out, ", ends %s", found->cert_not_after);
        cp_buf_puts(out, "\n");
    }
    if (found->cas_id != 0)
        cp_buf_printf(out, "  CasId        %" PRId64 "\n", found->cas_id);
    if (found->cert_sha256[0] != '\0')
        cp_buf_printf(out, "  leaf sha256  %s\n", found->cert_sha256);
    if (found->offline_reason[0] != '\0')
        cp_buf_printf(out, "  offline      %s\n", found->offline_reason);
    if (found->conflict_with[0] != '\0')
        cp_buf_printf(out, "  conflict     %s\n", found->conflict_with);
    if (found->cert_apply_code[0] != '\0' || found->cert_apply_message[0] != '\0')
        cp_buf_printf(out, "  CA's answer  %s %s\n", found->cert_apply_code,
                      found->cert_apply_message);
    if (esa_hostname_progress(why, found, ESA_GOAL_ACTIVE) != ESA_PROGRESS_REACHED)
        cp_buf_printf(out, "  open         %s\n", why);
}

bool cli_hostname_add_json(cJSON *object, const struct esa_hostname *found) {
    static const char *const words[] = {[ESA_PROGRESS_REACHED] = "active",
                                        [ESA_PROGRESS_WAITING] = "waiting",
                                        [ESA_PROGRESS_STOPPED] = "stopped"};
    char why[ESA_REASON_MAX] = "";
    enum esa_progress progress = esa_hostname_progress(why, found, ESA_GOAL_ACTIVE);
    return cli_json_add_id(object, "hostname_id", found->hostname_id) &&
           cli_json_add_text(object, "hostname", found->hostname) &&
           cli_json_add_id(object, "site_id", found->site_id) &&
           cli_json_add_text(object, "site_name", found->site_name) &&
           cli_json_add_id(object, "record_id", found->record_id) &&
           cli_json_add_text(object, "record_name", found->record_name) &&
           cli_json_add_text(object, "status", found->status_text) &&
           cli_json_add_text(object, "ssl_flag", found->ssl_flag) &&
           cli_json_add_text(object, "cert_type", found->cert_type) &&
           cli_json_add_text(object, "cert_status", found->cert_status_text) &&
           cli_json_add_text(object, "cert_not_after", found->cert_not_after) &&
           cli_json_add_text(object, "cert_id", found->cert_id) &&
           cli_json_add_text(object, "cert_sha256", found->cert_sha256) &&
           cli_json_add_id(object, "cas_id", found->cas_id) &&
           cli_json_add_text(object, "cert_apply_code", found->cert_apply_code) &&
           cli_json_add_text(object, "cert_apply_message", found->cert_apply_message) &&
           cli_json_add_text(object, "offline_reason", found->offline_reason) &&
           cli_json_add_text(object, "conflict_with", found->conflict_with) &&
           cli_json_add_text(object, "create_time", found->create_time) &&
           cli_json_add_text(object, "update_time", found->update_time) &&
           cli_json_add_text(object, "progress", words[progress]) &&
           cli_json_add_text(object, "why", progress == ESA_PROGRESS_REACHED ? "" : why);
}

static bool add_site(cJSON *object, const struct esa_site *site) {
    return cli_json_add_id(object, "site_id", site->site_id) &&
           cli_json_add_text(object, "site_name", site->site_name) &&
           cli_json_add_text(object, "status", site->status) &&
           cli_json_add_text(object, "access_type", site->access_type) &&
           cli_json_add_text(object, "coverage", site->coverage) &&
           cli_json_add_text(object, "cname_zone", site->cname_zone) &&
           cli_json_add_text(object, "plan_name", site->plan_name);
}

static bool add_record(cJSON *object, const struct esa_record *record) {
    return cli_json_add_id(object, "record_id", record->record_id) &&
           cli_json_add_id(object, "site_id", record->site_id) &&
           cli_json_add_text(object, "record_name", record->record_name) &&
           cli_json_add_text(object, "record_type", record->record_type) &&
           cli_json_add_text(object, "record_cname", record->record_cname) &&
           cJSON_AddBoolToObject(object, "proxied", record->proxied) != NULL;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static const char *const hostname_heads[] = {"HOSTNAME", "STATUS", "TLS",       "CERTIFICATE",
                                             "ENDS",     "RECORD", "HOSTNAMEID"};
static const char *const site_heads[] = {"SITE", "STATUS", "ACCESS", "COVERAGE", "PLAN", "SITEID"};
static const char *const record_heads[] = {"RECORD", "TYPE", "PROXIED", "CNAME", "RECORDID"};

void cli_list_output_init(struct cli_list_output *list, enum cli_list_of of,
                          const struct cli_view *view) {
    static const struct {
        const char *const *heads;
        size_t num, painted;
    } shapes[] = {
        [CLI_LIST_HOSTNAMES] = {hostname_heads, sizeof(hostname_heads) / sizeof(char *), 1},
        [CLI_LIST_SITES] = {site_heads, sizeof(site_heads) / sizeof(char *), 1},
        [CLI_LIST_RECORDS] = {record_heads, sizeof(record_heads) / sizeof(char *), 2},
    };
    *list = (struct cli_list_output){.of = of,
                                     .view = view,
                                     .table = {.heads = shapes[of].heads,
                                               .num_columns = shapes[of].num,
                                               .painted = shapes[of].painted}};
}

size_t cli_list_output_rows(enum cli_list_of of, const struct esa_reply *reply) {
    return of == CLI_LIST_HOSTNAMES ? esa_reply_num_hostnames(reply)
           : of == CLI_LIST_SITES   ? esa_reply_num_sites(reply)
                                    : esa_reply_num_records(reply);
}

/* What a row shows and a model does not hold in one piece. */
struct row_text {
    char id[MAX_ID_TEXT], certificate[2 * ESA_WORD_MAX + 4], day[16];
};

static void hostname_cells(const char **cells, enum cli_colour *colour, struct row_text *text,
                           const struct esa_hostname *found) {
    bool has_tls = strcmp(found->ssl_flag, "off") != 0;
    *colour = cli_hostname_colour(found);
    snprintf(text->id, sizeof(text->id), "%" PRId64, found->hostname_id);
    snprintf(text->certificate, sizeof(text->certificate), "%s%s%s", found->cert_type,
             found->cert_type[0] != '\0' && found->cert_status_text[0] != '\0' ? ", " : "",
             found->cert_status_text);
    snprintf(text->day, sizeof(text->day), "%.10s", found->cert_not_after);
    const char *const values[] = {found->hostname,
                                  found->status_text,
                                  found->ssl_flag,
                                  has_tls ? text->certificate : "",
                                  has_tls ? text->day : "",
                                  found->record_name,
                                  text->id};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        cells[i] = or_dash(values[i]);
}

static void site_cells(const char **cells, enum cli_colour *colour, struct row_text *text,
                       const struct esa_site *site) {
    *colour = strcmp(site->status, "active") == 0 ? CLI_GOOD : CLI_OPEN;
    snprintf(text->id, sizeof(text->id), "%" PRId64, site->site_id);
    const char *const values[] = {site->site_name, site->status,    site->access_type,
                                  site->coverage,  site->plan_name, text->id};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        cells[i] = or_dash(values[i]);
}

static void record_cells(const char **cells, enum cli_colour *colour, struct row_text *text,
                         const struct esa_record *record) {
    *colour = CLI_PLAIN;
    snprintf(text->id, sizeof(text->id), "%" PRId64, record->record_id);
    const char *const values[] = {record->record_name, record->record_type,
                                  record->proxied ? "yes" : "no", record->record_cname, text->id};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        cells[i] = or_dash(values[i]);
}

static void put_table_page(struct cli_list_output *list, struct cp_buf *out,
                           const struct esa_reply *reply, size_t num) {
    size_t columns = list->table.num_columns;
    const char **cells = calloc(num * columns + 1, sizeof(*cells));
    enum cli_colour *colours = calloc(num + 1, sizeof(*colours));
    struct row_text *texts = calloc(num + 1, sizeof(*texts));
    if (cells == NULL || colours == NULL || texts == NULL) {
        out->failed = CP_ERR_MEMORY;
    } else {
        for (size_t i = 0; i < num; i++) {
            const char **row = cells + i * columns;
            if (list->of == CLI_LIST_HOSTNAMES)
                hostname_cells(row, &colours[i], &texts[i], esa_reply_hostname(reply, i));
            else if (list->of == CLI_LIST_SITES)
                site_cells(row, &colours[i], &texts[i], esa_reply_site(reply, i));
            else
                record_cells(row, &colours[i], &texts[i], esa_reply_record(reply, i));
        }
        cli_table_put(&list->table, out, list->view, cells, colours, num);
    }
    free(cells);
    free(colours);
    free(texts);
}

static void put_json_row(struct cp_buf *out, enum cli_list_of of, const struct esa_reply *reply,
                         size_t index) {
    cJSON *item = cJSON_CreateObject();
    bool ok =
        item != NULL &&
        (of == CLI_LIST_HOSTNAMES ? cli_hostname_add_json(item, esa_reply_hostname(reply, index))
         : of == CLI_LIST_SITES   ? add_site(item, esa_reply_site(reply, index))
                                  : add_record(item, esa_reply_record(reply, index)));
    if (ok && of == CLI_LIST_HOSTNAMES) {
        struct cli_records set = {.hostname = ""};
        (void)cli_records_see(&set, esa_reply_hostname(reply, index));
        ok = cli_records_add_json(item, "records", &set);
    }
    char *text = ok ? cJSON_PrintUnformatted(item) : NULL;
    if (text != NULL)
        cp_buf_puts(out, text);
    else
        out->failed = CP_ERR_MEMORY;
    cJSON_free(text);
    cJSON_Delete(item);
}

static void begin(struct cli_list_output *list, struct cp_buf *out) {
    static const char *const names[] = {[CLI_LIST_HOSTNAMES] = "hostnames",
                                        [CLI_LIST_SITES] = "sites",
                                        [CLI_LIST_RECORDS] = "records"};
    if (!list->has_begun && list->view->json)
        cp_buf_printf(out, "{\"schema_version\": 1, \"%s\": [", names[list->of]);
    list->has_begun = true;
}

int cli_list_output_page(struct cli_list_output *list, const struct esa_reply *reply) {
    size_t num = cli_list_output_rows(list->of, reply);
    struct cp_buf out;
    cp_buf_init(&out, CLI_MAX_VIEW);
    begin(list, &out);
    for (size_t i = 0; i < num && list->view->json; i++) {
        cp_buf_puts(&out, list->num_shown + i == 0 ? "\n  " : ",\n  ");
        put_json_row(&out, list->of, reply, i);
    }
    if (!list->view->json)
        put_table_page(list, &out, reply, num);
    list->num_shown += num;
    int exit_code = cli_view_write(list->view, &out, CLI_OK);
    cp_buf_cleanup(&out);
    return exit_code;
}

int cli_list_output_end(struct cli_list_output *list, int64_t total_count, const char *why,
                        int exit_code) {
    struct cp_buf out;
    cp_buf_init(&out, CLI_MAX_VIEW);
    begin(list, &out);
    if (list->view->json) {
        cJSON *text = cJSON_CreateString(why != NULL ? why : "");
        char *quoted = text != NULL ? cJSON_PrintUnformatted(text) : NULL;
        cp_buf_printf(&out, "\n], \"num\": %zu, \"total_count\": ", list->num_shown);
        if (total_count >= 0)
            cp_buf_printf(&out, "%" PRId64, total_count);
        else
            cp_buf_puts(&out, "null");
        cp_buf_printf(&out, ", \"complete\": %s, \"error\": %s}\n", why == NULL ? "true" : "false",
                      why == NULL      ? "null"
                      : quoted != NULL ? quoted
                                       : "\"out of memory\"");
        cJSON_free(quoted);
        cJSON_Delete(text);
    }
    int printed = cli_view_write(list->view, &out, exit_code);
    cp_buf_cleanup(&out);
    return printed;
}
