/* Names to ids, and what is there already. Reads only, each name and each page once. */
#include <stdio.h>
#include <string.h>

#include "onboard.h"

#define PAGE_SIZE 500
#define MAX_PAGES 10000 /* of one site: five million hostnames */

static const struct esa_retry retry = {.max_attempts = 5};

enum cp_status onboard_read(struct onboard *o, struct esa_reply **reply,
                            const struct esa_request *request, const char *what,
                            struct cp_error *err) {
    static struct esa_outcome outcome; /* one call at a time */
    *reply = NULL;
    enum cp_status status = esa_client_read(o->client, &outcome, reply, request, &retry, err);
    o->num_reads++;
    if (status != CP_OK)
        return status;
    if (outcome.result == ESA_ACCEPTED && *reply != NULL)
        return CP_OK;
    esa_reply_free(*reply);
    *reply = NULL;
    o->failed_exit = outcome.result == ESA_REFUSED ? CLI_REFUSED : CLI_UNREADABLE;
    return cp_fail(err, CP_ERR_NETWORK, "%s: %s%s%s; %s", what, outcome.code_text,
                   outcome.code_text[0] == '\0' ? "" : ": ", outcome.reason, outcome.advice);
}

/* ---- names ---- */

static enum cp_status resolve_name(struct onboard *o, const struct onboard_name *name,
                                   struct cp_error *err) {
    static struct esa_site site;
    static struct esa_record record;
    struct cp_error why = {CP_OK, 0, 0, ""};
    bool is_site = name->record[0] == '\0';
    enum cp_status status =
        is_site ? esa_find_site(o->client, &site, name->site, &retry, &why)
                : esa_find_record(o->client, &record, name->site_id, name->record, &retry, &why);
    o->num_reads++;
    if (status == CP_ERR_USAGE) /* there is none, or more than one: the rows' fault alone */
        return onboard_rows_resolve(o->rows, name, 0, NULL, why.message, err);
    if (status != CP_OK)
        return cp_fail(err, status, "%s", why.message);
    return onboard_rows_resolve(o->rows, name, is_site ? site.site_id : record.record_id,
                                record.record_cname, NULL, err);
}

/* Where a customer's CNAME points to, for records that are named by id. One that can't be had is no
 * fault of the row: the creation will tell. */
static enum cp_status resolve_cnames(struct onboard *o, struct cp_error *err) {
    int64_t record_id = 0;
    enum cp_status status = onboard_rows_no_cname(o->rows, 0, &record_id, err);
    while (status == CP_OK && record_id != 0 && cli_interrupt_count() == 0) {
        struct esa_request *request = NULL;
        struct esa_reply *reply = NULL;
        struct cp_error why = {CP_OK, 0, 0, ""};
        status = esa_request_new_get_record(&request, record_id, err);
        if (status == CP_OK && onboard_read(o, &reply, request, "the record", &why) == CP_OK &&
            esa_reply_record(reply, 0) != NULL)
            status = onboard_rows_set_cname(o->rows, record_id,
                                            esa_reply_record(reply, 0)->record_cname, err);
        o->failed_exit = 0;
        esa_reply_free(reply);
        esa_request_free(request);
        if (status == CP_OK)
            status = onboard_rows_no_cname(o->rows, record_id, &record_id, err);
    }
    return status;
}

/* ---- what is there ---- */

static enum cp_status note_listed(struct onboard *o, int64_t site_id,
                                  const struct esa_hostname *listed, struct cp_error *err) {
    static struct onboard_row row;
    struct cp_hostname *hostname = NULL;
    bool found = false;
    if (listed == NULL || listed->site_id != site_id ||
        cp_hostname_new(&hostname, listed->hostname, NULL) != CP_OK)
        return CP_OK; /* no hostname of ours */
    enum cp_status status =
        onboard_rows_find(o->rows, &found, &row, cp_hostname_ascii(hostname), site_id, err);
    cp_hostname_free(hostname);
    if (status != CP_OK || !found)
        return status;
    onboard_row_take(&row, listed);
    onboard_row_see(&row, listed);
    return onboard_rows_save(o->rows, &row, err);
}

/* All of a site, page by page; or each row by itself, if that takes fewer calls. */
static enum cp_status list_site(struct onboard *o, int64_t site_id, size_t num_rows,
                                struct cp_error *err) {
    enum cp_status status = CP_OK;
    bool is_last = false;
    for (int64_t page = 1; status == CP_OK && !is_last && page <= MAX_PAGES; page++) {
        const struct esa_list list = {
            .site_id = site_id, .page_number = page, .page_size = PAGE_SIZE};
        struct esa_request *request = NULL;
        struct esa_reply *reply = NULL;
        if (cli_interrupt_count() != 0)
            return cp_fail(err, CP_ERR_NETWORK, "interrupted; nothing was sent");
        status = esa_request_new_list(&request, &list, err);
        if (status == CP_OK)
            status = onboard_read(o, &reply, request, "the list of custom hostnames", err);
        size_t num = status == CP_OK ? esa_reply_num_hostnames(reply) : 0;
        int64_t total = status == CP_OK ? esa_reply_page(reply).total_count : -1;
        if (status == CP_OK && total > PAGE_SIZE &&
            (uint64_t)total / PAGE_SIZE > (uint64_t)num_rows) {
            status = onboard_rows_look_singly(o->rows, site_id, err);
            is_last = true;
            num = 0;
        }
        for (size_t i = 0; status == CP_OK && i < num; i++)
            status = note_listed(o, site_id, esa_reply_hostname(reply, i), err);
        is_last = is_last || num == 0 || (total >= 0 && page * PAGE_SIZE >= total) ||
                  (total < 0 && num < PAGE_SIZE);
        esa_reply_free(reply);
        esa_request_free(request);
    }
    return status;
}

static enum cp_status resolve_all(struct onboard *o, struct cp_error *err) {
    struct onboard_name name = {.site_id = 0};
    bool found = true;
    enum cp_status status = CP_OK;
    while (status == CP_OK && found) {
        if (cli_interrupt_count() != 0)
            return cp_fail(err, CP_ERR_NETWORK, "interrupted; nothing was sent");
        status = onboard_rows_unnamed(o->rows, &found, &name, err);
        if (status == CP_OK && found)
            status = resolve_name(o, &name, err);
    }
    if (status == CP_OK)
        status = onboard_rows_block_twins(o->rows, err);
    if (status == CP_OK)
        status = resolve_cnames(o, err);
    int64_t site_id = 0;
    size_t num_rows = 0;
    if (status == CP_OK)
        status = onboard_rows_site(o->rows, 0, &site_id, &num_rows, err);
    while (status == CP_OK && site_id != 0) {
        status = list_site(o, site_id, num_rows, err);
        if (status == CP_OK)
            status = onboard_rows_site(o->rows, site_id, &site_id, &num_rows, err);
    }
    return status;
}

enum cp_status onboard_resolve(struct onboard *o, struct cp_error *err) {
    enum cp_status status = onboard_rows_begin(o->rows, err);
    if (status == CP_OK)
        status = resolve_all(o, err);
    return status == CP_OK ? onboard_rows_commit(o->rows, err) : status;
}
