#include "journal.h"

#include <stdio.h>
#include <string.h>

#include "journal_file.h"

#define COLUMNS                                                                                    \
    "hostname_id, request_id, leaf_sha256, digest, status, cert_status, verify_host, verify_code," \
    " cert_txt_key, cert_txt_value, cert_http_key, cert_http_value, record_cname, reason"

/* The state of a hostname for which something was sent, or is about to be. No row has it. */
#define OPEN "open"
#define CREATE_OPERATION "CreateCustomHostname"
#define NOT_SENT "NOT_SENT" /* beside esa_result_name's */

enum statement { FIND_BY_ID, FIND_BY_NAME, CREATIONS, OPEN_ROW, FORGET, INTEND, ANSWER, SETTLE };
_Static_assert(SETTLE + 1 == ONBOARD_JOURNAL_STATEMENTS, "one for each");

static const char *const sql[ONBOARD_JOURNAL_STATEMENTS] = {
    [FIND_BY_ID] = "SELECT state, site_id, record_id, " COLUMNS
                   " FROM hostname WHERE hostname = ?1 AND site_id = ?2",
    [FIND_BY_NAME] = "SELECT state, site_id, record_id, " COLUMNS
                     " FROM hostname WHERE hostname = ?1 AND site = ?2 ORDER BY id DESC LIMIT 1",
    [CREATIONS] = "SELECT begun_ms FROM intent WHERE operation = '" CREATE_OPERATION
                  "' AND begun_ms > ?1 AND result IS NOT '" NOT_SENT "' ORDER BY begun_ms",
    [OPEN_ROW] =
        "INSERT INTO hostname(hostname, site_id, site, record_id, tag, digest, leaf_sha256, state,"
        " changed_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, '" OPEN "', ?8)"
        " ON CONFLICT(hostname, site_id) DO UPDATE SET site = coalesce(excluded.site, site),"
        " record_id = excluded.record_id, tag = excluded.tag, digest = excluded.digest,"
        " leaf_sha256 = excluded.leaf_sha256, state = excluded.state, reason = NULL,"
        " changed_ms = excluded.changed_ms",
    [FORGET] = "UPDATE hostname SET hostname_id = NULL, request_id = NULL, status = NULL,"
               " cert_status = NULL, verify_host = NULL, verify_code = NULL, cert_txt_key = NULL,"
               " cert_txt_value = NULL, cert_http_key = NULL, cert_http_value = NULL"
               " WHERE hostname = ?1 AND site_id = ?2",
    [INTEND] = "INSERT INTO intent(hostname, run, operation, digest, begun_ms) SELECT id, ?3, ?4,"
               " ?5, ?6 FROM hostname WHERE hostname = ?1 AND site_id = ?2",
    [ANSWER] = "UPDATE intent SET ended_ms = ?2, result = ?3, code = ?4, request_id = ?5,"
               " hostname_id = ?6, reason = ?7 WHERE id = ?1",
    [SETTLE] =
        "INSERT INTO hostname(hostname, site_id, site, record_id, tag, state, changed_ms, " COLUMNS
        ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
        " ?19, ?20, ?21) ON CONFLICT(hostname, site_id) DO UPDATE SET"
        " site = coalesce(excluded.site, site), record_id = excluded.record_id,"
        " tag = excluded.tag, state = CASE WHEN excluded.state = 'unchanged' AND"
        " state IN ('created', 'updated') THEN state ELSE excluded.state END,"
        " reason = excluded.reason, changed_ms = excluded.changed_ms, digest = excluded.digest,"
        " leaf_sha256 = excluded.leaf_sha256,"
        " hostname_id = coalesce(excluded.hostname_id, hostname_id),"
        " request_id = coalesce(excluded.request_id, request_id), status = excluded.status,"
        " cert_status = excluded.cert_status,"
        " verify_host = coalesce(excluded.verify_host, verify_host),"
        " verify_code = coalesce(excluded.verify_code, verify_code),"
        " cert_txt_key = coalesce(excluded.cert_txt_key, cert_txt_key),"
        " cert_txt_value = coalesce(excluded.cert_txt_value, cert_txt_value),"
        " cert_http_key = coalesce(excluded.cert_http_key, cert_http_key),"
        " cert_http_value = coalesce(excluded.cert_http_value, cert_http_value),"
        " record_cname = coalesce(excluded.record_cname, record_cname)",
};

enum cp_status onboard_journal_prepare(struct onboard_journal *j, struct cp_error *err) {
    enum cp_status status = CP_OK;
    for (size_t i = 0; status == CP_OK && i < ONBOARD_JOURNAL_STATEMENTS; i++)
        if (j->for_writing || i <= CREATIONS)
            status = onboard_db_prepare(&j->base, &j->statements[i], sql[i], err);
    return status;
}

/* ---- what earlier runs left ---- */

static void read_past(sqlite3_stmt *s, struct onboard_past *past) {
    struct onboard_row *row = &past->row;
    const struct {
        char *out;
        size_t size;
    } texts[] = {
        {row->request_id, sizeof(row->request_id)},
        {row->leaf_sha256, sizeof(row->leaf_sha256)},
        {row->digest, sizeof(row->digest)},
        {row->status, sizeof(row->status)},
        {row->cert_status, sizeof(row->cert_status)},
        {row->verify_host, sizeof(row->verify_host)},
        {row->verify_code, sizeof(row->verify_code)},
        {row->cert_txt_key, sizeof(row->cert_txt_key)},
        {row->cert_txt_value, sizeof(row->cert_txt_value)},
        {row->cert_http_key, sizeof(row->cert_http_key)},
        {row->cert_http_value, sizeof(row->cert_http_value)},
        {row->record_cname, sizeof(row->record_cname)},
        {row->reason, sizeof(row->reason)},
    };
    char state[ESA_WORD_MAX];
    onboard_column_text(s, 0, state, sizeof(state));
    row->site_id = onboard_sqlite.column_int64(s, 1);
    row->record_id = onboard_sqlite.column_int64(s, 2);
    row->hostname_id = onboard_sqlite.column_int64(s, 3);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        onboard_column_text(s, 4 + (int)i, texts[i].out, texts[i].size);
    past->state = onboard_state_find(state);
    /* A word that this version does not know may mean anything: look. */
    past->is_open = past->state == ONBOARD_NUM_STATES || past->state == ONBOARD_UNKNOWN;
    if (past->state == ONBOARD_NUM_STATES)
        past->state = ONBOARD_UNKNOWN;
}

enum cp_status onboard_journal_find(struct onboard_journal *j, bool *found,
                                    struct onboard_past *past, const struct onboard_row *row,
                                    struct cp_error *err) {
    *found = false;
    if (j->is_empty)
        return CP_OK;
    sqlite3_stmt *s = j->statements[row->site_id != 0 ? FIND_BY_ID : FIND_BY_NAME];
    (void)onboard_sqlite.bind_text(s, 1, row->hostname, -1, SQLITE_STATIC);
    if (row->site_id != 0)
        (void)onboard_sqlite.bind_int64(s, 2, row->site_id);
    else
        (void)onboard_sqlite.bind_text(s, 2, row->site, -1, SQLITE_STATIC);
    enum cp_status status = onboard_db_step(&j->base, s, found, err);
    if (status == CP_OK && *found)
        read_past(s, past);
    onboard_db_reset(s);
    return status;
}

enum cp_status onboard_journal_creations(struct onboard_journal *j, int64_t since_ms,
                                         onboard_taken_fn *taken, void *context,
                                         struct cp_error *err) {
    enum cp_status status = CP_OK;
    bool found = true;
    if (j->is_empty)
        return CP_OK;
    sqlite3_stmt *s = j->statements[CREATIONS];
    (void)onboard_sqlite.bind_int64(s, 1, since_ms);
    while (status == CP_OK && found) {
        status = onboard_db_step(&j->base, s, &found, err);
        if (status == CP_OK && found)
            taken(context, onboard_sqlite.column_int64(s, 0));
    }
    onboard_db_reset(s);
    return status;
}

/* ---- what this run does ---- */

static enum cp_status write_intent(struct onboard_journal *j, const struct onboard_row *row,
                                   const char *operation, int64_t now_ms, struct cp_error *err) {
    sqlite3_stmt *s = j->statements[OPEN_ROW];
    (void)onboard_sqlite.bind_text(s, 1, row->hostname, -1, SQLITE_STATIC);
    (void)onboard_sqlite.bind_int64(s, 2, row->site_id);
    onboard_bind_text(s, 3, row->site);
    onboard_bind_id(s, 4, row->record_id);
    onboard_bind_text(s, 5, row->tag);
    (void)onboard_sqlite.bind_text(s, 6, row->digest, -1, SQLITE_STATIC);
    onboard_bind_text(s, 7, row->leaf_sha256);
    (void)onboard_sqlite.bind_int64(s, 8, now_ms);
    enum cp_status status = onboard_db_run(&j->base, s, err);
    if (status == CP_OK && strcmp(operation, CREATE_OPERATION) == 0) {
        /* It is not there: what an earlier one of that name had is of no use any more. */
        s = j->statements[FORGET];
        (void)onboard_sqlite.bind_text(s, 1, row->hostname, -1, SQLITE_STATIC);
        (void)onboard_sqlite.bind_int64(s, 2, row->site_id);
        status = onboard_db_run(&j->base, s, err);
    }
    if (status != CP_OK)
        return status;
    s = j->statements[INTEND];
    (void)onboard_sqlite.bind_text(s, 1, row->hostname, -1, SQLITE_STATIC);
    (void)onboard_sqlite.bind_int64(s, 2, row->site_id);
    onboard_bind_id(s, 3, j->run);
    onboard_bind_text(s, 4, operation);
    (void)onboard_sqlite.bind_text(s, 5, row->digest, -1, SQLITE_STATIC);
    (void)onboard_sqlite.bind_int64(s, 6, now_ms);
    return onboard_db_run(&j->base, s, err);
}

enum cp_status onboard_journal_intend(struct onboard_journal *j, int64_t *intent,
                                      const struct onboard_row *row, const char *operation,
                                      int64_t now_ms, struct cp_error *err) {
    *intent = 0;
    enum cp_status status = onboard_db_exec(&j->base, "BEGIN IMMEDIATE", err);
    if (status != CP_OK)
        return status;
    status = write_intent(j, row, operation, now_ms, err);
    int64_t id = onboard_sqlite.last_insert_rowid(j->base.db);
    if (status == CP_OK)
        status = onboard_db_exec(&j->base, "COMMIT", err); /* synced: synchronous = FULL */
    if (status == CP_OK)
        *intent = id;
    else if (onboard_sqlite.get_autocommit(j->base.db) == 0)
        (void)onboard_sqlite.exec(j->base.db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

enum cp_status onboard_journal_answer(struct onboard_journal *j, int64_t intent,
                                      const struct esa_outcome *outcome, const char *reason,
                                      int64_t now_ms, struct cp_error *err) {
    sqlite3_stmt *s = j->statements[ANSWER];
    (void)onboard_sqlite.bind_int64(s, 1, intent);
    (void)onboard_sqlite.bind_int64(s, 2, now_ms);
    onboard_bind_text(s, 3, outcome == NULL ? NOT_SENT : esa_result_name(outcome->result));
    onboard_bind_text(s, 4, outcome == NULL ? NULL : outcome->code_text);
    onboard_bind_text(s, 5, outcome == NULL ? NULL : outcome->request_id);
    onboard_bind_id(s, 6, outcome == NULL ? 0 : outcome->hostname_id);
    onboard_bind_text(s, 7, reason);
    return onboard_db_run(&j->base, s, err);
}

enum cp_status onboard_journal_settle(struct onboard_journal *j, const struct onboard_row *row,
                                      int64_t now_ms, struct cp_error *err) {
    sqlite3_stmt *s = j->statements[SETTLE];
    const char *const texts[] = {row->status,        row->cert_status,     row->verify_host,
                                 row->verify_code,   row->cert_txt_key,    row->cert_txt_value,
                                 row->cert_http_key, row->cert_http_value, row->record_cname,
                                 row->reason};
    (void)onboard_sqlite.bind_text(s, 1, row->hostname, -1, SQLITE_STATIC);
    (void)onboard_sqlite.bind_int64(s, 2, row->site_id);
    onboard_bind_text(s, 3, row->site);
    onboard_bind_id(s, 4, row->record_id);
    onboard_bind_text(s, 5, row->tag);
    onboard_bind_text(s, 6, onboard_state_word(row->state));
    (void)onboard_sqlite.bind_int64(s, 7, now_ms);
    onboard_bind_id(s, 8, row->hostname_id);
    onboard_bind_text(s, 9, row->request_id);
    onboard_bind_text(s, 10, row->leaf_sha256);
    (void)onboard_sqlite.bind_text(s, 11, row->digest, -1, SQLITE_STATIC);
    for (int i = 0; i < (int)(sizeof(texts) / sizeof(texts[0])); i++)
        onboard_bind_text(s, 12 + i, texts[i]);
    return onboard_db_run(&j->base, s, err);
}

enum cp_status onboard_journal_begin(struct onboard_journal *j, struct cp_error *err) {
    return onboard_db_exec(&j->base, "BEGIN IMMEDIATE", err);
}

enum cp_status onboard_journal_commit(struct onboard_journal *j, struct cp_error *err) {
    return onboard_db_exec(&j->base, "COMMIT", err);
}
