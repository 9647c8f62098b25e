/* Names to ids, the sites of the rows, and what is looked up by them. */
#include "rows_file.h"

static enum cp_status run(struct onboard_rows *rows, enum statement which, struct cp_error *err) {
    return onboard_db_run(&rows->base, rows->statements[which], err);
}

enum cp_status onboard_rows_unnamed(struct onboard_rows *rows, bool *found,
                                    struct onboard_name *name, struct cp_error *err) {
    enum cp_status status = CP_OK;
    *found = false;
    for (enum statement which = UNNAMED_SITE; which <= UNNAMED_RECORD && !*found; which++) {
        sqlite3_stmt *s = rows->statements[which];
        status = onboard_db_step(&rows->base, s, found, err);
        if (status == CP_OK && *found) {
            onboard_column_text(s, 0, name->site, sizeof(name->site));
            onboard_column_text(s, 1, name->record, sizeof(name->record));
            name->site_id = onboard_sqlite.column_int64(s, 2);
        }
        onboard_db_reset(s);
        if (status != CP_OK)
            return status;
    }
    return CP_OK;
}

enum cp_status onboard_rows_resolve(struct onboard_rows *rows, const struct onboard_name *name,
                                    int64_t id, const char *cname, const char *reason,
                                    struct cp_error *err) {
    bool is_site = name->record[0] == '\0';
    enum statement which =
        id == 0 ? (is_site ? BLOCK_SITE : BLOCK_RECORD) : (is_site ? RESOLVE_SITE : RESOLVE_RECORD);
    sqlite3_stmt *s = rows->statements[which];
    if (is_site) {
        (void)onboard_sqlite.bind_text(s, 1, name->site, -1, SQLITE_STATIC);
    } else {
        (void)onboard_sqlite.bind_text(s, 2, name->record, -1, SQLITE_STATIC);
        (void)onboard_sqlite.bind_int64(s, 3, name->site_id);
    }
    if (id == 0)
        onboard_bind_text(s, 4, reason);
    else
        (void)onboard_sqlite.bind_int64(s, 4, id);
    if (which == RESOLVE_RECORD)
        onboard_bind_text(s, 5, cname);
    return onboard_db_run(&rows->base, s, err);
}

enum cp_status onboard_rows_block_twins(struct onboard_rows *rows, struct cp_error *err) {
    return run(rows, BLOCK_TWINS, err);
}

enum cp_status onboard_rows_site(struct onboard_rows *rows, int64_t after, int64_t *site_id,
                                 size_t *num_rows, struct cp_error *err) {
    sqlite3_stmt *s = rows->statements[NEXT_SITE];
    bool found = false;
    (void)onboard_sqlite.bind_int64(s, 1, after);
    enum cp_status status = onboard_db_step(&rows->base, s, &found, err);
    *site_id = status == CP_OK && found ? onboard_sqlite.column_int64(s, 0) : 0;
    *num_rows = status == CP_OK && found ? (size_t)onboard_sqlite.column_int64(s, 1) : 0;
    onboard_db_reset(s);
    return status;
}

enum cp_status onboard_rows_no_cname(struct onboard_rows *rows, int64_t after, int64_t *record_id,
                                     struct cp_error *err) {
    sqlite3_stmt *s = rows->statements[NO_CNAME];
    bool found = false;
    (void)onboard_sqlite.bind_int64(s, 1, after);
    enum cp_status status = onboard_db_step(&rows->base, s, &found, err);
    *record_id = status == CP_OK && found ? onboard_sqlite.column_int64(s, 0) : 0;
    onboard_db_reset(s);
    return status;
}

enum cp_status onboard_rows_set_cname(struct onboard_rows *rows, int64_t record_id,
                                      const char *cname, struct cp_error *err) {
    sqlite3_stmt *s = rows->statements[SET_CNAME];
    (void)onboard_sqlite.bind_int64(s, 1, record_id);
    onboard_bind_text(s, 2, cname);
    return run(rows, SET_CNAME, err);
}

enum cp_status onboard_rows_look_singly(struct onboard_rows *rows, int64_t site_id,
                                        struct cp_error *err) {
    (void)onboard_sqlite.bind_int64(rows->statements[LOOK_SINGLY], 1, site_id);
    return run(rows, LOOK_SINGLY, err);
}
