/* certprep list, sites, records: what is there, page by page. */
#include <stdlib.h>
#include <string.h>

#include "follow.h"
#include "hostname_output.h"
#include "lookup.h"

#define PAGE_SIZE 500 /* the service's maximum: as few calls as can be */
#define MAX_PAGES 1000

struct list_options {
    struct cli_service service;
    struct cli_view view;
    struct cli_follow follow;
    struct cli_site site;
    struct cli_record record;
    const char *match, *status, *name, *type;
    const char *match_type, *match_text; /* read from match or name; NULL: all */
};

/* What one page asks for. */
typedef enum cp_status make_fn(struct esa_request **out, const struct list_options *o,
                               int64_t page_number, struct cp_error *err);

struct list_command {
    enum cli_list_of of;
    const char *what; /* "custom hostname" */
    bool needs_site;
    make_fn *make;
};

static const char *const match_types[] = {"exact", "prefix", "suffix", "fuzzy"};

/* "fuzzy:shop": how, and what; without a colon exact. */
static enum cp_status split_match(const char **type, const char **text, const char *match,
                                  struct cp_error *err) {
    *type = NULL;
    *text = NULL;
    if (match == NULL)
        return CP_OK;
    const char *colon = strchr(match, ':');
    *type = match_types[0];
    *text = colon == NULL ? match : colon + 1;
    if (colon != NULL)
        *type = NULL;
    for (size_t i = 0; colon != NULL && i < sizeof(match_types) / sizeof(match_types[0]); i++)
        if (strlen(match_types[i]) == (size_t)(colon - match) &&
            strncmp(match_types[i], match, (size_t)(colon - match)) == 0)
            *type = match_types[i];
    if (*type == NULL || (*text)[0] == '\0' || strlen(*text) >= ESA_NAME_MAX)
        return cp_fail(err, CP_ERR_USAGE,
                       "--match '%.60s': want exact:TEXT, prefix:TEXT, suffix:TEXT or fuzzy:TEXT",
                       match);
    return CP_OK;
}

static enum cp_status make_hostnames(struct esa_request **out, const struct list_options *o,
                                     int64_t page_number, struct cp_error *err) {
    const struct esa_list list = {.site_id = o->site.id,
                                  .record_id = o->record.id,
                                  .hostname = o->match_text,
                                  .name_match_type = o->match_type,
                                  .status = o->status,
                                  .page_number = page_number,
                                  .page_size = PAGE_SIZE};
    return esa_request_new_list(out, &list, err);
}

static enum cp_status make_sites(struct esa_request **out, const struct list_options *o,
                                 int64_t page_number, struct cp_error *err) {
    return esa_request_new_list_sites(out, o->match_text, o->match_type, page_number, PAGE_SIZE,
                                      err);
}

static enum cp_status make_records(struct esa_request **out, const struct list_options *o,
                                   int64_t page_number, struct cp_error *err) {
    return esa_request_new_list_records(out, o->site.id, o->match_text, o->match_type, o->type,
                                        page_number, PAGE_SIZE, err);
}

/* One page. */
static enum cp_status read_page(struct esa_reply **reply, const struct list_options *o,
                                const struct list_command *command, int64_t page_number,
                                struct cp_error *err) {
    struct esa_request *request = NULL;
    struct esa_outcome outcome;
    struct cli_interrupt saved;
    memset(&outcome, 0, sizeof(outcome));
    enum cp_status status = command->make(&request, o, page_number, err);
    if (status != CP_OK)
        return status;
    esa_request_set_params_in(request, o->service.params);
    cli_interrupt_catch(&saved);
    status =
        esa_client_read(o->service.client, &outcome, reply, request, &o->follow.task.retry, err);
    cli_interrupt_restore(&saved);
    if (status == CP_OK)
        status = cli_read_status(&outcome, esa_request_operation(request)->name, err);
    if (status == CP_OK && *reply == NULL)
        status = cp_fail(err, CP_ERR_NETWORK, "the reply has no list");
    esa_request_free(request);
    return status;
}

/* All pages, each printed as it comes. *printed: what a failed write means. */
static enum cp_status read_pages(struct cli_list_output *list, int64_t *total_count, int *printed,
                                 const struct list_options *o, const struct list_command *command,
                                 struct cp_error *err) {
    for (int64_t page = 1; page <= MAX_PAGES; page++) {
        struct esa_reply *reply = NULL;
        enum cp_status status = read_page(&reply, o, command, page, err);
        if (status != CP_OK)
            return status;
        size_t num_rows = cli_list_output_rows(command->of, reply);
        *total_count = esa_reply_page(reply).total_count;
        *printed = cli_list_output_page(list, reply);
        esa_reply_free(reply);
        bool is_last =
            *total_count >= 0 ? (int64_t)list->num_shown >= *total_count : num_rows < PAGE_SIZE;
        if (*printed != CLI_OK || is_last)
            return CP_OK;
        /* Rows that went away while the pages were read are no reason to ask without end. */
        if (num_rows == 0)
            return CP_OK;
    }
    return cp_fail(err, CP_ERR_LIMIT, "more than %d pages; narrow it with --match or --status",
                   MAX_PAGES);
}

static enum cp_status prepare(struct list_options *o, const struct list_command *command,
                              struct cp_error *err) {
    enum cp_status status = cli_view_read(&o->view, err);
    if (status == CP_OK)
        status = cli_follow_read(&o->follow, &o->view, err);
    if (status == CP_OK)
        status = cli_site_read(&o->site, err);
    if (status == CP_OK)
        status = cli_record_read(&o->record, err);
    if (status == CP_OK && command->needs_site && o->site.name == NULL && o->site.id == 0)
        status = cp_fail(err, CP_ERR_USAGE, "which site? Give --site or --site-id");
    if (status == CP_OK && o->match != NULL && o->name != NULL)
        status = cp_fail(err, CP_ERR_USAGE, "--name and --match: give one of them");
    if (status == CP_OK && o->name == NULL)
        status = split_match(&o->match_type, &o->match_text, o->match, err);
    if (status == CP_OK && o->name != NULL) {
        o->match_type = match_types[0];
        o->match_text = o->name;
    }
    if (status == CP_OK)
        status = cli_service_open(&o->service, CLI_SERVICE_CALL, err);
    if (status == CP_OK)
        status = cli_site_find(&o->site, &o->service, &o->follow.task.retry, err);
    if (status == CP_OK)
        status = cli_record_find(&o->record, o->site.id, &o->service, &o->follow.task.retry, err);
    return status;
}

static int run(struct list_options *o, const struct list_command *command) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cli_list_output list;
    int64_t total_count = -1;
    int printed = CLI_OK;
    if (prepare(o, command, &err) != CP_OK) {
        cli_service_cleanup(&o->service);
        return cli_fail(&err);
    }
    cli_list_output_init(&list, command->of, &o->view);
    enum cp_status status = read_pages(&list, &total_count, &printed, o, command, &err);
    cli_service_cleanup(&o->service);
    int exit_code = status == CP_OK ? printed : cli_fail(&err);
    if (printed != CLI_OK)
        return printed;
    exit_code =
        cli_list_output_end(&list, total_count, status == CP_OK ? NULL : err.message, exit_code);
    if (!o->view.quiet && !o->view.json)
        fprintf(stderr, "%zu %s%s\n", list.num_shown, command->what,
                list.num_shown == 1 ? "" : "s");
    if (status == CP_OK && total_count >= 0 && (int64_t)list.num_shown != total_count)
        fprintf(stderr,
                "certprep: note: the service counts %lld; the list changed while it was read\n",
                (long long)total_count);
    return exit_code;
}

#define VALUE(option_name, option_argument, field, option_help)                                    \
    {                                                                                              \
        .name = option_name, .kind = CLI_VALUE, .argument = option_argument, .value = &o.field,    \
        .help = option_help                                                                        \
    }

static int run_command(int argc, char **argv, struct list_options *o,
                       const struct list_command *command, const char *usage, const char *about,
                       const struct cli_option *own, const struct cli_option *place) {
    struct cli_option service[CLI_MAX_SERVICE_OPTIONS], view[CLI_NUM_VIEW_OPTIONS];
    struct cli_option retry[CLI_NUM_RETRY_OPTIONS];
    cli_service_options(service, &o->service, true);
    cli_view_options(view, &o->view);
    cli_retry_options(retry, &o->follow);
    const struct cli_option *const tables[] = {place, own, service, retry, view, NULL};
    const struct cli_syntax syntax = {.usage = usage, .about = about, .tables = tables};
    int exit_code = cli_parse(&syntax, argc, argv);
    return exit_code == -1 ? run(o, command) : exit_code;
}

int cli_list(int argc, char **argv) {
    static const struct list_command command = {CLI_LIST_HOSTNAMES, "custom hostname", true,
                                                make_hostnames};
    struct list_options o = {.match = NULL};
    struct cli_option place[CLI_NUM_SITE_OPTIONS + CLI_NUM_RECORD_OPTIONS];
    const struct cli_option own[] = {
        VALUE("status", "WORD", status,
              "only those: pending, active, conflicted, offline, configuring"),
        VALUE("match", "HOW:TEXT", match, "only hostnames: exact:, prefix:, suffix:, fuzzy:TEXT"),
        {.name = NULL},
    };
    cli_site_options(place, &o.site);
    cli_record_options(place + CLI_NUM_SITE_OPTIONS - 1, &o.record);
    return run_command(argc, argv, &o, &command, "certprep list --site NAME [OPTION]...",
                       "Lists the custom hostnames of a site at Alibaba Cloud ESA.\n\n"
                       "Exit codes: 0 listed, 2 wrong use, 3 could not be read, 4 refused.",
                       own, place);
}

int cli_sites(int argc, char **argv) {
    static const struct list_command command = {CLI_LIST_SITES, "site", false, make_sites};
    struct list_options o = {.match = NULL};
    const struct cli_option place[] = {
        VALUE("name", "NAME", name, "only the site of this name"),
        VALUE("match", "HOW:TEXT", match, "only names: exact:, prefix:, suffix:, fuzzy:TEXT"),
        {.name = NULL},
    };
    const struct cli_option own[] = {{.name = NULL}};
    return run_command(argc, argv, &o, &command, "certprep sites [OPTION]...",
                       "Lists the sites of the account at Alibaba Cloud ESA.\n\n"
                       "Exit codes: 0 listed, 2 wrong use, 3 could not be read, 4 refused.",
                       own, place);
}

int cli_records(int argc, char **argv) {
    static const struct list_command command = {CLI_LIST_RECORDS, "record", true, make_records};
    struct list_options o = {.match = NULL};
    struct cli_option place[CLI_NUM_SITE_OPTIONS];
    const struct cli_option own[] = {
        VALUE("name", "NAME", name, "only the record of this name"),
        VALUE("match", "HOW:TEXT", match, "only names: exact:, prefix:, suffix:, fuzzy:TEXT"),
        VALUE("type", "TYPE", type, "only records of this type: CNAME, A/AAAA, ..."),
        {.name = NULL},
    };
    cli_site_options(place, &o.site);
    return run_command(argc, argv, &o, &command, "certprep records --site NAME [OPTION]...",
                       "Lists the records of a site at Alibaba Cloud ESA: what custom hostnames "
                       "are bound to,\nand the CNAME target of each.\n\n"
                       "Exit codes: 0 listed, 2 wrong use, 3 could not be read, 4 refused.",
                       own, place);
}
