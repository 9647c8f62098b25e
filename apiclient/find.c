/* find: names to ids, by lists that are read to their end. The service's own idea of "exact" is not
 * trusted: others took the first row of a list and hit the wrong site. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "esa_task.h"

#define PAGE_SIZE 500
#define MAX_PAGES 1000
#define MAX_PAGES_NEAR 4 /* near misses are looked for among that many pages of all names */
#define MAX_NEAR ((size_t)3)
#define MAX_DISTANCE ((size_t)2)

/* What is looked for, and what one page says of it. */
struct search {
    const struct esa_client *client;
    const struct esa_retry *retry;
    int64_t site_id;
    const char *name;
    bool is_all; /* every name, for near misses */

    size_t num_found; /* rows of that name with different ids */
    int64_t id, other_id;
    union {
        struct esa_site site;
        struct esa_record record;
        struct esa_hostname hostname;
    } found;
    char near[MAX_NEAR][ESA_NAME_MAX];
    size_t num_near;
};

/* One kind of thing that has a name: how a page of it is asked for, and how its rows are read. */
struct kind {
    const char *what;
    enum cp_status (*request)(struct esa_request **out, const struct search *search, int64_t page,
                              struct cp_error *err);
    size_t (*num_rows)(const struct esa_reply *reply);
    /* The row's name and id; copies the row to search->found if take. */
    const char *(*row)(int64_t *id, struct search *search, const struct esa_reply *reply,
                       size_t index, bool take);
};

/* ---- near misses ---- */

static size_t least(size_t a, size_t b, size_t c) {
    size_t d = a < b ? a : b;
    return d < c ? d : c;
}

static char lower(char c) {
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Levenshtein, without case. Both are shorter than ESA_NAME_MAX. */
static size_t distance(const char *a, const char *b) {
    size_t row[ESA_NAME_MAX];
    size_t len_a = strlen(a);
    size_t len_b = strlen(b);
    if (len_a >= ESA_NAME_MAX || len_b >= ESA_NAME_MAX || len_a > len_b + MAX_DISTANCE ||
        len_b > len_a + MAX_DISTANCE)
        return ESA_NAME_MAX;
    for (size_t j = 0; j <= len_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= len_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= len_b; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1,
                           diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1));
            diagonal = above;
        }
    }
    return row[len_b];
}

/* "www.example.com" is near to "example.com". */
static bool is_under(const char *name, const char *parent) {
    size_t len = strlen(name);
    size_t parent_len = strlen(parent);
    return parent_len > 0 && len > parent_len && name[len - parent_len - 1] == '.' &&
           strcasecmp(name + len - parent_len, parent) == 0;
}

static void note_near(struct search *search, const char *name) {
    if (search->num_near == MAX_NEAR)
        return;
    if (distance(name, search->name) > MAX_DISTANCE && !is_under(search->name, name) &&
        !is_under(name, search->name))
        return;
    for (size_t i = 0; i < search->num_near; i++)
        if (strcasecmp(search->near[i], name) == 0)
            return;
    (void)snprintf(search->near[search->num_near++], ESA_NAME_MAX, "%s", name);
}

/* ---- reading to the end ---- */

static void read_rows(struct search *search, const struct kind *kind,
                      const struct esa_reply *reply) {
    for (size_t i = 0; i < kind->num_rows(reply); i++) {
        int64_t id = 0;
        const char *name = kind->row(&id, search, reply, i, false);
        if (strcasecmp(name, search->name) != 0) {
            note_near(search, name);
        } else if (search->num_found == 0) {
            (void)kind->row(&id, search, reply, i, true);
            search->num_found = 1;
            search->id = id;
        } else if (id != search->id) { /* a row may come twice when pages shift */
            search->num_found = 2;
            search->other_id = id;
        }
    }
}

static enum cp_status read_page(struct search *search, const struct kind *kind, int64_t page,
                                bool *is_end, int64_t *seen, struct cp_error *err) {
    struct esa_request *request = NULL;
    struct esa_reply *reply = NULL;
    struct esa_outcome outcome;
    enum cp_status status = kind->request(&request, search, page, err);
    if (status != CP_OK)
        return status;
    status = esa_client_read(search->client, &outcome, &reply, request, search->retry, err);
    if (status == CP_OK && outcome.result != ESA_ACCEPTED) {
        status = cp_fail(err, outcome.result == ESA_REFUSED ? CP_ERR_REFUSED : CP_ERR_NETWORK,
                         "%s: %s%s%s", esa_request_operation(request)->name, outcome.reason,
                         outcome.advice[0] == '\0' || outcome.result != ESA_REFUSED ? "" : "; ",
                         outcome.result != ESA_REFUSED ? "" : outcome.advice);
    } else if (status == CP_OK) {
        int64_t num_rows = (int64_t)kind->num_rows(reply);
        int64_t total = esa_reply_page(reply).total_count;
        *seen += num_rows;
        read_rows(search, kind, reply);
        *is_end = total >= 0 ? *seen >= total : num_rows < PAGE_SIZE;
        if (num_rows == 0 && !*is_end)
            status = cp_fail(err, CP_ERR_NETWORK,
                             "%s: page %" PRId64 " is empty, with %" PRId64 " of %" PRId64
                             " rows seen: the list is not whole; try again",
                             esa_request_operation(request)->name, page, *seen, total);
    }
    esa_reply_free(reply);
    esa_request_free(request);
    return status;
}

static enum cp_status read_pages(struct search *search, const struct kind *kind, int64_t max_pages,
                                 struct cp_error *err) {
    bool is_end = false;
    int64_t seen = 0;
    for (int64_t page = 1; page <= max_pages && !is_end; page++) {
        enum cp_status status = read_page(search, kind, page, &is_end, &seen, err);
        if (status != CP_OK)
            return status;
    }
    if (!is_end && !search->is_all)
        return cp_fail(err, CP_ERR_LIMIT, "%s %.255s: the list has over %" PRId64 " pages",
                       kind->what, search->name, max_pages);
    return CP_OK;
}

static enum cp_status say_absent(struct search *search, const struct kind *kind,
                                 struct cp_error *err) {
    char near[MAX_NEAR * (ESA_NAME_MAX + 4) + 1];
    size_t len = 0;
    search->is_all = true;
    /* What is near is a courtesy: that it can't be had is no failure. */
    (void)read_pages(search, kind, MAX_PAGES_NEAR, NULL);
    if (search->num_found != 0)
        return cp_fail(err, CP_ERR_USAGE,
                       "%s %.200s: found among all, but not when asked for by name; give its id "
                       "(%" PRId64 ")",
                       kind->what, search->name, search->id);
    near[0] = '\0';
    for (size_t i = 0; i < search->num_near; i++) {
        int more =
            snprintf(near + len, sizeof(near) - len, "%s%s", i == 0 ? "" : ", ", search->near[i]);
        if (more > 0 && (size_t)more < sizeof(near) - len)
            len += (size_t)more;
    }
    return cp_fail(err, CP_ERR_USAGE, "%s %.200s: there is none of this name%s%s", kind->what,
                   search->name, search->num_near == 0 ? "" : "; near it: ", near);
}

static enum cp_status find_one(struct search *search, const struct kind *kind,
                               struct cp_error *err) {
    if (search->name == NULL || search->name[0] == '\0' || strlen(search->name) >= ESA_NAME_MAX)
        return cp_fail(err, CP_ERR_USAGE, "%s: want a name of 1 to %zu bytes", kind->what,
                       ESA_NAME_MAX - 1);
    enum cp_status status = read_pages(search, kind, MAX_PAGES, err);
    if (status == CP_OK && search->num_found > 1)
        return cp_fail(err, CP_ERR_USAGE,
                       "%s %.200s: there is more than one (ids %" PRId64 " and %" PRId64
                       "); give the id of the right one",
                       kind->what, search->name, search->id, search->other_id);
    return status;
}

/* ---- the three kinds ---- */

static enum cp_status request_sites(struct esa_request **out, const struct search *search,
                                    int64_t page, struct cp_error *err) {
    return esa_request_new_list_sites(out, search->is_all ? NULL : search->name,
                                      search->is_all ? NULL : "exact", page, PAGE_SIZE, err);
}

static const char *site_row(int64_t *id, struct search *search, const struct esa_reply *reply,
                            size_t index, bool take) {
    const struct esa_site *row = esa_reply_site(reply, index);
    *id = row->site_id;
    if (take)
        search->found.site = *row;
    return row->site_name;
}

static enum cp_status request_records(struct esa_request **out, const struct search *search,
                                      int64_t page, struct cp_error *err) {
    return esa_request_new_list_records(out, search->site_id, search->is_all ? NULL : search->name,
                                        search->is_all ? NULL : "exact", NULL, page, PAGE_SIZE,
                                        err);
}

static const char *record_row(int64_t *id, struct search *search, const struct esa_reply *reply,
                              size_t index, bool take) {
    const struct esa_record *row = esa_reply_record(reply, index);
    *id = row->record_id;
    if (take)
        search->found.record = *row;
    return row->record_name;
}

static enum cp_status request_hostnames(struct esa_request **out, const struct search *search,
                                        int64_t page, struct cp_error *err) {
    const struct esa_list list = {.site_id = search->site_id,
                                  .hostname = search->name,
                                  .name_match_type = "exact",
                                  .page_number = page,
                                  .page_size = PAGE_SIZE};
    return esa_request_new_list(out, &list, err);
}

static const char *hostname_row(int64_t *id, struct search *search, const struct esa_reply *reply,
                                size_t index, bool take) {
    const struct esa_hostname *row = esa_reply_hostname(reply, index);
    *id = row->hostname_id;
    if (take)
        search->found.hostname = *row;
    return row->site_id == search->site_id ? row->hostname : "";
}

static const struct kind site_kind = {"site", request_sites, esa_reply_num_sites, site_row};
static const struct kind record_kind = {"record", request_records, esa_reply_num_records,
                                        record_row};
static const struct kind hostname_kind = {"custom hostname", request_hostnames,
                                          esa_reply_num_hostnames, hostname_row};

enum cp_status esa_find_site(const struct esa_client *client, struct esa_site *out,
                             const char *site_name, const struct esa_retry *retry,
                             struct cp_error *err) {
    struct search search = {.client = client, .retry = retry, .name = site_name};
    *out = (struct esa_site){0};
    enum cp_status status = find_one(&search, &site_kind, err);
    if (status == CP_OK && search.num_found == 0)
        return say_absent(&search, &site_kind, err);
    if (status == CP_OK)
        *out = search.found.site;
    return status;
}

enum cp_status esa_find_record(const struct esa_client *client, struct esa_record *out,
                               int64_t site_id, const char *record_name,
                               const struct esa_retry *retry, struct cp_error *err) {
    struct search search = {
        .client = client, .retry = retry, .site_id = site_id, .name = record_name};
    *out = (struct esa_record){0};
    enum cp_status status = find_one(&search, &record_kind, err);
    if (status == CP_OK && search.num_found == 0)
        return say_absent(&search, &record_kind, err);
    if (status == CP_OK)
        *out = search.found.record;
    return status;
}

enum cp_status esa_find_hostname(const struct esa_client *client, struct esa_hostname *out,
                                 bool *found, int64_t site_id, const char *hostname,
                                 const struct esa_retry *retry, struct cp_error *err) {
    struct search search = {.client = client, .retry = retry, .site_id = site_id, .name = hostname};
    *out = (struct esa_hostname){0};
    *found = false;
    enum cp_status status = find_one(&search, &hostname_kind, err);
    if (status != CP_OK || search.num_found == 0)
        return status;
    *out = search.found.hostname;
    *found = true;
    return CP_OK;
}
