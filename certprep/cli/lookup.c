/* Names to ids, for the commands that act on what is there. */
#include "lookup.h"

#include <inttypes.h>
#include <string.h>

#define VALUE(option_name, option_argument, target, option_help)                                   \
    {                                                                                              \
        .name = option_name, .kind = CLI_VALUE, .argument = option_argument, .value = &(target),   \
        .help = option_help                                                                        \
    }

void cli_site_options(struct cli_option table[CLI_NUM_SITE_OPTIONS], struct cli_site *site) {
    const struct cli_option rows[CLI_NUM_SITE_OPTIONS] = {
        VALUE("site", "NAME", site->name, "the site, by its exact name"),
        VALUE("site-id", "ID", site->id_text, "the site's id (ListSites)"),
        {.name = NULL},
    };
    memcpy(table, rows, sizeof(rows));
}

void cli_record_options(struct cli_option table[CLI_NUM_RECORD_OPTIONS],
                        struct cli_record *record) {
    const struct cli_option rows[CLI_NUM_RECORD_OPTIONS] = {
        VALUE("record", "NAME", record->name, "the record to bind, by its exact name"),
        VALUE("record-id", "ID", record->id_text, "id of the record to bind (ListRecords)"),
        {.name = NULL},
    };
    memcpy(table, rows, sizeof(rows));
}

/* A name of the service: what is looked for must be something. */
static enum cp_status read_choice(int64_t *id, const char *name, const char *id_text,
                                  const char *what, struct cp_error *err) {
    char option[24];
    *id = 0;
    if (name != NULL && id_text != NULL)
        return cp_fail(err, CP_ERR_USAGE, "--%s and --%s-id: give one of them", what, what);
    if (name != NULL && (name[0] == '\0' || strlen(name) >= ESA_NAME_MAX))
        return cp_fail(err, CP_ERR_USAGE, "--%s: want a name of 1 to %zu bytes", what,
                       ESA_NAME_MAX - 1);
    snprintf(option, sizeof(option), "--%s-id", what);
    return id_text == NULL ? CP_OK : esa_id_parse(id, id_text, option, err);
}

enum cp_status cli_site_read(struct cli_site *site, struct cp_error *err) {
    return read_choice(&site->id, site->name, site->id_text, "site", err);
}

enum cp_status cli_record_read(struct cli_record *record, struct cp_error *err) {
    return read_choice(&record->id, record->name, record->id_text, "record", err);
}

enum cp_status cli_site_find(struct cli_site *site, const struct cli_service *service,
                             const struct esa_retry *retry, struct cp_error *err) {
    struct esa_site found;
    struct cli_interrupt saved;
    if (site->id != 0 || site->name == NULL)
        return CP_OK;
    cli_interrupt_catch(&saved);
    enum cp_status status = esa_find_site(service->client, &found, site->name, retry, err);
    cli_interrupt_restore(&saved);
    if (status == CP_OK)
        site->id = found.site_id;
    return status;
}

enum cp_status cli_record_find(struct cli_record *record, int64_t site_id,
                               const struct cli_service *service, const struct esa_retry *retry,
                               struct cp_error *err) {
    struct esa_record found;
    struct cli_interrupt saved;
    if (record->id != 0 || record->name == NULL)
        return CP_OK;
    cli_interrupt_catch(&saved);
    enum cp_status status =
        esa_find_record(service->client, &found, site_id, record->name, retry, err);
    cli_interrupt_restore(&saved);
    if (status != CP_OK)
        return status;
    record->id = found.record_id;
    snprintf(record->cname, sizeof(record->cname), "%s", found.record_cname);
    return CP_OK;
}

/* ---- custom hostnames ------------------------------------------------------------------------ */

void cli_target_options(struct cli_option table[CLI_NUM_TARGET_OPTIONS],
                        struct cli_targets *targets) {
    const struct cli_option rows[CLI_NUM_TARGET_OPTIONS] = {
        {.name = "hostname-id",
         .kind = CLI_LIST,
         .argument = "ID",
         .list = &targets->ids,
         .help = "a custom hostname by its id, instead of HOSTNAME; repeatable"},
        {.name = NULL},
    };
    memcpy(table, rows, sizeof(rows));
}

size_t cli_targets_num(const struct cli_targets *targets) {
    return targets->hostnames.num_items + targets->ids.num_items;
}

static enum cp_status read_ascii(char *out, size_t size, const char *text, struct cp_error *err) {
    struct cp_hostname *hostname = NULL;
    enum cp_status status = cp_hostname_new(&hostname, text, err);
    if (status == CP_OK && cp_hostname_is_ip(hostname))
        status = cp_fail(err, CP_ERR_USAGE, "'%.100s': an IP address is no custom hostname", text);
    if (status == CP_OK)
        snprintf(out, size, "%s", cp_hostname_ascii(hostname));
    else if (err != NULL && err->status == CP_ERR_INPUT)
        err->status = status = CP_ERR_USAGE;
    cp_hostname_free(hostname);
    return status;
}

enum cp_status cli_targets_read(const struct cli_targets *targets, struct cp_error *err) {
    char name[ESA_NAME_MAX];
    enum cp_status status = CP_OK;
    if (cli_targets_num(targets) == 0)
        return cp_fail(err, CP_ERR_USAGE,
                       "which custom hostname? Give HOSTNAME with --site, or --hostname-id");
    if (targets->hostnames.num_items != 0 && targets->ids.num_items != 0)
        return cp_fail(err, CP_ERR_USAGE, "give HOSTNAME or --hostname-id, not both");
    if (targets->hostnames.num_items != 0 && targets->site.name == NULL &&
        targets->site.id_text == NULL)
        return cp_fail(err, CP_ERR_USAGE,
                       "a hostname is looked for in one site: give --site or --site-id");
    for (size_t i = 0; i < cli_targets_num(targets) && status == CP_OK; i++)
        status = cli_target_name(name, sizeof(name), targets, i, err);
    return status;
}

enum cp_status cli_target_name(char *out, size_t size, const struct cli_targets *targets,
                               size_t index, struct cp_error *err) {
    int64_t id = 0;
    if (index < targets->hostnames.num_items)
        return read_ascii(out, size, targets->hostnames.items[index], err);
    enum cp_status status = esa_id_parse(
        &id, targets->ids.items[index - targets->hostnames.num_items], "--hostname-id", err);
    snprintf(out, size, "HostnameId %" PRId64, id);
    return status;
}

enum cp_status cli_read_status(const struct esa_outcome *outcome, const char *what,
                               struct cp_error *err) {
    bool is_refused = outcome->result == ESA_REFUSED;
    if (outcome->result == ESA_ACCEPTED)
        return CP_OK;
    return cp_fail(err, is_refused ? CP_ERR_REFUSED : CP_ERR_NETWORK, "%s: %s%s%s%s%s", what,
                   outcome->reason, outcome->message[0] != '\0' ? "; the service says: " : "",
                   outcome->message,
                   outcome->advice != NULL && outcome->advice[0] != '\0' ? "; " : "",
                   outcome->advice != NULL ? outcome->advice : "");
}

enum cp_status cli_hostname_get(struct esa_hostname *out, bool *found, int64_t hostname_id,
                                const struct cli_service *service, const struct esa_retry *retry,
                                struct cp_error *err) {
    struct esa_request *request = NULL;
    struct esa_reply *reply = NULL;
    struct esa_outcome outcome;
    struct cli_interrupt saved;
    char what[ESA_NAME_MAX];
    memset(&outcome, 0, sizeof(outcome));
    *found = false;
    snprintf(what, sizeof(what), "HostnameId %" PRId64, hostname_id);
    enum cp_status status = esa_request_new_get(&request, hostname_id, err);
    if (status != CP_OK)
        return status;
    esa_request_set_params_in(request, service->params);
    cli_interrupt_catch(&saved);
    status = esa_client_read(service->client, &outcome, &reply, request, retry, err);
    cli_interrupt_restore(&saved);
    if (status == CP_OK && outcome.result == ESA_ACCEPTED && reply != NULL &&
        esa_reply_num_hostnames(reply) == 1) {
        *out = *esa_reply_hostname(reply, 0);
        *found = true;
    } else if (status == CP_OK && strcmp(outcome.code_text, "CustomHostname.NotFound") != 0) {
        status = cli_read_status(&outcome, what, err);
    }
    esa_reply_free(reply);
    esa_request_free(request);
    return status;
}

enum cp_status cli_target_get(struct esa_hostname *out, bool *found,
                              const struct cli_targets *targets, size_t index, enum cli_look look,
                              const struct cli_service *service, const struct esa_retry *retry,
                              struct cp_error *err) {
    char name[ESA_NAME_MAX];
    int64_t id = 0;
    struct cli_interrupt saved;
    memset(out, 0, sizeof(*out));
    *found = false;
    enum cp_status status = cli_target_name(name, sizeof(name), targets, index, err);
    if (status != CP_OK)
        return status;
    if (index >= targets->hostnames.num_items) {
        status = esa_id_parse(&id, targets->ids.items[index - targets->hostnames.num_items],
                              "--hostname-id", err);
        out->hostname_id = id;
        *found = status == CP_OK;
        return status == CP_OK && look != CLI_LOOK_ID
                   ? cli_hostname_get(out, found, id, service, retry, err)
                   : status;
    }
    cli_interrupt_catch(&saved);
    status = esa_find_hostname(service->client, out, found, targets->site.id, name, retry, err);
    cli_interrupt_restore(&saved);
    if (status == CP_OK && *found && look == CLI_LOOK_WHOLE) {
        struct esa_hostname row = *out;
        status = cli_hostname_get(out, found, row.hostname_id, service, retry, err);
        if (status == CP_OK && *found && strcmp(out->hostname, row.hostname) != 0)
            status = cp_fail(err, CP_ERR_NETWORK,
                             "%.200s: the service answers with another hostname for its id", name);
    }
    return status;
}
