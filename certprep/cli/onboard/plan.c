/* Every row into one of the states of a plan: what is there, what earlier runs left, and whether
 * the row passes the checks. */
#include <stdio.h>
#include <string.h>

#include "onboard.h"

static const struct esa_retry retry = {.max_attempts = 5};

static bool is_done(enum onboard_state state) {
    return state == ONBOARD_CREATED || state == ONBOARD_UPDATED || state == ONBOARD_UNCHANGED;
}

static void keep(char *out, size_t out_size, const char *text) {
    if (out[0] == '\0')
        (void)snprintf(out, out_size, "%s", text);
}

/* What an earlier run knew and this one does not: records vanish once they were validated. */
static void take_past(struct onboard_row *row, const struct onboard_row *past) {
    if (row->hostname_id == 0)
        row->hostname_id = past->hostname_id;
    keep(row->request_id, sizeof(row->request_id), past->request_id);
    keep(row->status, sizeof(row->status), past->status);
    keep(row->cert_status, sizeof(row->cert_status), past->cert_status);
    keep(row->verify_host, sizeof(row->verify_host), past->verify_host);
    keep(row->verify_code, sizeof(row->verify_code), past->verify_code);
    keep(row->cert_txt_key, sizeof(row->cert_txt_key), past->cert_txt_key);
    keep(row->cert_txt_value, sizeof(row->cert_txt_value), past->cert_txt_value);
    keep(row->cert_http_key, sizeof(row->cert_http_key), past->cert_http_key);
    keep(row->cert_http_value, sizeof(row->cert_http_value), past->cert_http_value);
    keep(row->record_cname, sizeof(row->record_cname), past->record_cname);
}

/* ---- against the service ---- */

/* A whole look at it; static, since it is large and one is done at a time. */
static enum cp_status look(struct onboard *o, struct esa_hostname *found, int64_t hostname_id,
                           struct cp_error *err) {
    struct esa_request *request = NULL;
    struct esa_reply *reply = NULL;
    enum cp_status status = esa_request_new_get(&request, hostname_id, err);
    if (status == CP_OK)
        status = onboard_read(o, &reply, request, "the custom hostname", err);
    if (status == CP_OK && esa_reply_hostname(reply, 0) == NULL)
        status = cp_fail(err, CP_ERR_NETWORK, "the custom hostname: an empty reply");
    if (status == CP_OK)
        *found = *esa_reply_hostname(reply, 0);
    esa_reply_free(reply);
    esa_request_free(request);
    return status;
}

/* A journal that says "done", for the very same intention, and a list that agrees with it need no
 * look at the certificate. */
static bool is_known(const struct onboard *o, const struct onboard_row *row,
                     const struct onboard_past *past) {
    char wanted[ONBOARD_SEEN_MAX];
    onboard_row_wanted(wanted, row);
    return past != NULL && is_done(past->state) && past->row.hostname_id == row->hostname_id &&
           strcmp(past->row.digest, row->digest) == 0 && strcmp(row->seen, wanted) == 0 &&
           (o->goal != ESA_GOAL_ACTIVE || strcmp(row->status, "active") == 0);
}

static enum cp_status compare(struct onboard *o, struct onboard_row *row,
                              const struct esa_request *request, struct cp_error *err) {
    static struct esa_hostname found;
    static char difference[ESA_DIFFERENCE_MAX], why[ESA_REASON_MAX];
    enum cp_status status = look(o, &found, row->hostname_id, err);
    if (status != CP_OK)
        return status;
    onboard_row_take(row, &found);
    if (esa_hostname_match(difference, &found, true, request) == ESA_MATCH_DIFFERENT) {
        row->state = o->options.update ? ONBOARD_UPDATE : ONBOARD_DIFFERENT;
        onboard_row_reason(row, "%s%s", difference,
                           o->options.update ? "" : "; --update would change it");
        return CP_OK;
    }
    why[0] = '\0';
    enum esa_progress progress = esa_hostname_progress(why, &found, o->goal);
    row->state = o->goal == ESA_GOAL_NONE || progress == ESA_PROGRESS_REACHED ? ONBOARD_UNCHANGED
                 : progress == ESA_PROGRESS_STOPPED                           ? ONBOARD_STOPPED
                                                                              : ONBOARD_RESUME;
    if (row->state != ONBOARD_UNCHANGED)
        onboard_row_reason(row, "%s", why);
    return CP_OK;
}

/* The site has more pages than there are rows: each by itself. */
static enum cp_status look_up(struct onboard *o, struct onboard_row *row, struct cp_error *err) {
    static struct esa_hostname found;
    bool is_there = false;
    if (strcmp(row->seen, ONBOARD_SEEN_UNKNOWN) != 0)
        return CP_OK;
    enum cp_status status =
        esa_find_hostname(o->client, &found, &is_there, row->site_id, row->hostname, &retry, err);
    o->num_reads++;
    row->seen[0] = '\0';
    if (status == CP_OK && is_there) {
        onboard_row_take(row, &found);
        onboard_row_see(row, &found);
    }
    return status;
}

static enum cp_status plan_online(struct onboard *o, struct onboard_row *row,
                                  const struct onboard_past *past, struct cp_error *err) {
    struct esa_request *request = NULL;
    enum cp_status status = onboard_judge_request(&o->judge, &request, row, o->rows, err);
    if (status == CP_OK && request != NULL)
        status = look_up(o, row, err);
    if (status != CP_OK)
        goto out;
    bool exists = row->hostname_id != 0;
    if (request == NULL) {
        row->state = ONBOARD_BLOCKED;
    } else if (past != NULL && past->is_open) {
        row->state = ONBOARD_RESUME;
        onboard_row_reason(row, "what an earlier run sent has no known outcome");
    } else if (!exists) {
        row->state = ONBOARD_CREATE;
        if (past != NULL && is_done(past->state))
            onboard_row_reason(row, "an earlier run created it, and it is gone");
    } else if (is_known(o, row, past)) {
        row->state = ONBOARD_UNCHANGED;
    } else {
        status = compare(o, row, request, err);
    }
out:
    esa_request_free(request);
    return status;
}

/* ---- by the journal alone ---- */

static enum cp_status plan_offline(struct onboard *o, struct onboard_row *row,
                                   const struct onboard_past *past, struct cp_error *err) {
    bool ready = false;
    if (past != NULL) { /* the digest needs the ids that names stood for */
        row->site_id = past->row.site_id;
        if (row->record_id == 0)
            row->record_id = past->row.record_id;
    }
    enum cp_status status = onboard_judge_row(&o->judge, &ready, row, o->rows, err);
    if (status != CP_OK)
        return status;
    if (!ready) {
        row->state = ONBOARD_BLOCKED;
    } else if (past == NULL) {
        row->state = ONBOARD_CREATE;
    } else if (past->is_open) {
        row->state = ONBOARD_RESUME;
        onboard_row_reason(row, "what an earlier run sent has no known outcome");
    } else if (!is_done(past->state)) {
        row->state = ONBOARD_CREATE;
        onboard_row_reason(row, "an earlier run: %s", onboard_state_word(past->state));
    } else if (strcmp(past->row.digest, row->digest) == 0) {
        row->state = ONBOARD_UNCHANGED;
        onboard_row_reason(row, "by the journal");
    } else {
        row->state = o->options.update ? ONBOARD_UPDATE : ONBOARD_DIFFERENT;
        onboard_row_reason(row, "the manifest has changed since an earlier run%s",
                           o->options.update ? "" : "; --update would carry it over");
    }
    return CP_OK;
}

static enum cp_status plan_row(struct onboard *o, struct onboard_row *row, struct cp_error *err) {
    static struct onboard_past past;
    bool has_past = false;
    enum cp_status status = CP_OK;
    if (row->state == ONBOARD_BLOCKED)
        return CP_OK;
    row->reason[0] = '\0';
    if (o->journal != NULL)
        status = onboard_journal_find(o->journal, &has_past, &past, row, err);
    if (status != CP_OK)
        return status;
    if (has_past && row->site_id != 0 && past.row.site_id != row->site_id)
        has_past = false;
    if (o->options.only_failed &&
        !(has_past && (past.is_open || onboard_state_is_failure(past.state)))) {
        row->state = ONBOARD_LEFT_OUT;
        return CP_OK;
    }
    status = o->client != NULL ? plan_online(o, row, has_past ? &past : NULL, err)
                               : plan_offline(o, row, has_past ? &past : NULL, err);
    /* What is to be created has nothing in common with one that was there before. */
    if (status == CP_OK && has_past && row->state != ONBOARD_CREATE &&
        (row->hostname_id == 0 || row->hostname_id == past.row.hostname_id))
        take_past(row, &past.row);
    return status;
}

enum cp_status onboard_plan(struct onboard *o, struct cp_error *err) {
    static struct onboard_row row;
    struct onboard_cursor cursor = {.order = ONBOARD_BY_MATERIAL};
    bool found = true;
    enum cp_status status = CP_OK;
    if (o->client != NULL)
        status = onboard_resolve(o, err);
    if (status == CP_OK)
        status = onboard_rows_begin(o->rows, err);
    while (status == CP_OK && found) {
        if (cli_interrupt_count() != 0)
            return cp_fail(err, CP_ERR_NETWORK, "interrupted; nothing was sent");
        status = onboard_rows_next(o->rows, &cursor, &found, &row, err);
        if (status == CP_OK && found)
            status = plan_row(o, &row, err);
        if (status == CP_OK && found)
            status = onboard_rows_save(o->rows, &row, err);
    }
    return status == CP_OK ? onboard_rows_commit(o->rows, err) : status;
}

/* Tokens come back one period after they were taken: the first ones go out at once, the rest in
 * waves. */
int64_t onboard_duration_ms(size_t creations, size_t num_used, size_t rate, int64_t period_ms) {
    size_t at_once = num_used < rate ? rate - num_used : 0;
    if (creations <= at_once)
        return 0;
    size_t waves = (creations - at_once + rate - 1) / rate;
    return (int64_t)waves * period_ms;
}
