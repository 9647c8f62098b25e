#include "rows.h"

#include <stdio.h>
#include <string.h>

#include "rows_file.h"

/* ---- adding ---- */

static void bind_whole(sqlite3_stmt *s, int index, const char *text) {
    (void)onboard_sqlite.bind_text(s, index, text, -1, SQLITE_STATIC);
}

static enum cp_status find_material(struct onboard_rows *rows, int64_t *id,
                                    const struct onboard_files *files, struct cp_error *err) {
    static const enum statement steps[] = {MATERIAL_FIND, MATERIAL_ADD};
    enum cp_status status = CP_OK;
    *id = 0;
    for (size_t i = 0; status == CP_OK && *id == 0 && i < 2; i++) {
        sqlite3_stmt *s = rows->statements[steps[i]];
        bool found = false;
        bind_whole(s, 1, files->cert);
        bind_whole(s, 2, files->key);
        bind_whole(s, 3, files->chain);
        status = onboard_db_step(&rows->base, s, &found, err);
        if (status == CP_OK && found)
            *id = onboard_sqlite.column_int64(s, 0);
        else if (status == CP_OK && steps[i] == MATERIAL_ADD)
            *id = onboard_sqlite.last_insert_rowid(rows->base.db);
        onboard_db_reset(s);
    }
    return status;
}

static enum cp_status find_twin(struct onboard_rows *rows, int64_t *line, const char *hostname,
                                const char *site_key, struct cp_error *err) {
    sqlite3_stmt *s = rows->statements[ROW_TWIN];
    bool found = false;
    bind_whole(s, 1, hostname);
    bind_whole(s, 2, site_key);
    enum cp_status status = onboard_db_step(&rows->base, s, &found, err);
    *line = status == CP_OK && found ? onboard_sqlite.column_int64(s, 0) : 1;
    onboard_db_reset(s);
    return status;
}

enum cp_status onboard_rows_add(struct onboard_rows *rows, struct onboard_row *row,
                                int64_t *first_line, const struct onboard_files *files,
                                struct cp_error *err) {
    sqlite3_stmt *s = rows->statements[ROW_ADD];
    char site_key[ESA_NAME_MAX];
    enum cp_status status = CP_OK;
    *first_line = 0;
    if (row->site_id != 0)
        (void)snprintf(site_key, sizeof(site_key), "#%lld", (long long)row->site_id);
    else
        (void)snprintf(site_key, sizeof(site_key), "%s", row->site);
    row->material = 0;
    if (files != NULL)
        status = find_material(rows, &row->material, files, err);
    if (status != CP_OK)
        return status;
    (void)onboard_sqlite.bind_int64(s, 1, row->line);
    (void)onboard_sqlite.bind_int64(s, 2, row->material);
    bind_whole(s, 3, row->hostname);
    bind_whole(s, 4, site_key);
    onboard_bind_text(s, 5, row->site);
    onboard_bind_text(s, 6, row->record);
    onboard_bind_id(s, 7, row->site_id);
    onboard_bind_id(s, 8, row->record_id);
    (void)onboard_sqlite.bind_int64(s, 9, row->kind);
    onboard_bind_id(s, 10, row->cas_id);
    onboard_bind_text(s, 11, row->cas_region);
    onboard_bind_text(s, 12, row->tag);
    (void)onboard_sqlite.bind_int64(s, 13, row->state);
    onboard_bind_text(s, 14, row->reason);
    status = onboard_db_run(&rows->base, s, err);
    if (status != CP_OK)
        return status;
    if (onboard_sqlite.changes(rows->base.db) == 0)
        return find_twin(rows, first_line, row->hostname, site_key, err);
    row->id = onboard_sqlite.last_insert_rowid(rows->base.db);
    return CP_OK;
}

enum cp_status onboard_rows_save(struct onboard_rows *rows, const struct onboard_row *row,
                                 struct cp_error *err) {
    sqlite3_stmt *s = rows->statements[ROW_SAVE];
    const char *const texts[] = {row->leaf_sha256,     row->digest,         row->status,
                                 row->cert_status,     row->verify_host,    row->verify_code,
                                 row->cert_txt_key,    row->cert_txt_value, row->cert_http_key,
                                 row->cert_http_value, row->record_cname,   row->seen};
    (void)onboard_sqlite.bind_int64(s, 1, row->id);
    onboard_bind_id(s, 2, row->site_id);
    onboard_bind_id(s, 3, row->record_id);
    (void)onboard_sqlite.bind_int64(s, 4, row->state);
    onboard_bind_text(s, 5, row->reason);
    onboard_bind_id(s, 6, row->hostname_id);
    onboard_bind_text(s, 7, row->request_id);
    for (int i = 0; i < (int)(sizeof(texts) / sizeof(texts[0])); i++)
        onboard_bind_text(s, 8 + i, texts[i]);
    return onboard_db_run(&rows->base, s, err);
}

/* ---- reading ---- */

static void read_row(sqlite3_stmt *s, struct onboard_row *row) {
    const struct {
        int column;
        char *out;
        size_t size;
    } texts[] = {
        {3, row->hostname, sizeof(row->hostname)},
        {4, row->site, sizeof(row->site)},
        {5, row->record, sizeof(row->record)},
        {10, row->cas_region, sizeof(row->cas_region)},
        {11, row->tag, sizeof(row->tag)},
        {13, row->reason, sizeof(row->reason)},
        {15, row->request_id, sizeof(row->request_id)},
        {16, row->leaf_sha256, sizeof(row->leaf_sha256)},
        {17, row->digest, sizeof(row->digest)},
        {18, row->status, sizeof(row->status)},
        {19, row->cert_status, sizeof(row->cert_status)},
        {20, row->verify_host, sizeof(row->verify_host)},
        {21, row->verify_code, sizeof(row->verify_code)},
        {22, row->cert_txt_key, sizeof(row->cert_txt_key)},
        {23, row->cert_txt_value, sizeof(row->cert_txt_value)},
        {24, row->cert_http_key, sizeof(row->cert_http_key)},
        {25, row->cert_http_value, sizeof(row->cert_http_value)},
        {26, row->record_cname, sizeof(row->record_cname)},
        {27, row->seen, sizeof(row->seen)},
    };
    row->id = onboard_sqlite.column_int64(s, 0);
    row->line = onboard_sqlite.column_int64(s, 1);
    row->material = onboard_sqlite.column_int64(s, 2);
    row->site_id = onboard_sqlite.column_int64(s, 6);
    row->record_id = onboard_sqlite.column_int64(s, 7);
    row->kind = (enum esa_create_kind)onboard_sqlite.column_int64(s, 8);
    row->cas_id = onboard_sqlite.column_int64(s, 9);
    row->state = (enum onboard_state)onboard_sqlite.column_int64(s, 12);
    row->hostname_id = onboard_sqlite.column_int64(s, 14);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        onboard_column_text(s, texts[i].column, texts[i].out, texts[i].size);
}

/* Steps a statement that was bound, and reads the row, if there is one. */
static enum cp_status get_row(struct onboard_rows *rows, sqlite3_stmt *s, bool *found,
                              struct onboard_row *row, struct cp_error *err) {
    enum cp_status status = onboard_db_step(&rows->base, s, found, err);
    if (status == CP_OK && *found)
        read_row(s, row);
    onboard_db_reset(s);
    return status;
}

/* One of the three statements that begin at first, by the cursor's filter. */
static enum cp_status next_of(struct onboard_rows *rows, enum statement first,
                              const struct onboard_cursor *cursor, bool *found,
                              struct onboard_row *row, struct cp_error *err) {
    sqlite3_stmt *s = rows->statements[(int)first + (int)cursor->filter];
    if (first != NEXT_BY_LINE)
        (void)onboard_sqlite.bind_int64(s, 1, cursor->material);
    if (first != NEXT_MATERIAL)
        (void)onboard_sqlite.bind_int64(s, 2, cursor->id);
    return get_row(rows, s, found, row, err);
}

/* By material in two steps, the same one and then the next: SQLite has no index for a comparison of
 * pairs, and would walk through all rows of a material each time. */
enum cp_status onboard_rows_next(struct onboard_rows *rows, struct onboard_cursor *cursor,
                                 bool *found, struct onboard_row *row, struct cp_error *err) {
    bool by_line = cursor->order == ONBOARD_BY_LINE;
    enum cp_status status =
        next_of(rows, by_line ? NEXT_BY_LINE : NEXT_BY_MATERIAL, cursor, found, row, err);
    if (status == CP_OK && !*found && !by_line)
        status = next_of(rows, NEXT_MATERIAL, cursor, found, row, err);
    if (status == CP_OK && *found) {
        cursor->material = row->material;
        cursor->id = row->id;
    }
    return status;
}

enum cp_status onboard_rows_hostnames(struct onboard_rows *rows, char (*names)[ESA_NAME_MAX],
                                      int64_t *ids, size_t *num, size_t max, int64_t material,
                                      int64_t after, struct cp_error *err) {
    sqlite3_stmt *s = rows->statements[HOSTNAMES];
    bool found = true;
    enum cp_status status = CP_OK;
    *num = 0;
    (void)onboard_sqlite.bind_int64(s, 1, material);
    (void)onboard_sqlite.bind_int64(s, 2, after);
    (void)onboard_sqlite.bind_int64(s, 3, (int64_t)max);
    while (status == CP_OK && found && *num < max) {
        status = onboard_db_step(&rows->base, s, &found, err);
        if (status != CP_OK || !found)
            break;
        ids[*num] = onboard_sqlite.column_int64(s, 0);
        onboard_column_text(s, 1, names[*num], ESA_NAME_MAX);
        (*num)++;
    }
    onboard_db_reset(s);
    return status;
}

enum cp_status onboard_rows_files(struct onboard_rows *rows, struct onboard_files *out,
                                  int64_t material, struct cp_error *err) {
    sqlite3_stmt *s = rows->statements[MATERIAL_GET];
    bool found = false;
    *out = (struct onboard_files){.cert = ""};
    (void)onboard_sqlite.bind_int64(s, 1, material);
    enum cp_status status = onboard_db_step(&rows->base, s, &found, err);
    if (status == CP_OK && found) {
        onboard_column_text(s, 0, out->cert, sizeof(out->cert));
        onboard_column_text(s, 1, out->key, sizeof(out->key));
        onboard_column_text(s, 2, out->chain, sizeof(out->chain));
    }
    onboard_db_reset(s);
    return status;
}

enum cp_status onboard_rows_find(struct onboard_rows *rows, bool *found, struct onboard_row *row,
                                 const char *hostname, int64_t site_id, struct cp_error *err) {
    sqlite3_stmt *s = rows->statements[FIND];
    bind_whole(s, 1, hostname);
    (void)onboard_sqlite.bind_int64(s, 2, site_id);
    return get_row(rows, s, found, row, err);
}

enum cp_status onboard_rows_count(struct onboard_rows *rows, size_t counts[ONBOARD_NUM_STATES],
                                  struct cp_error *err) {
    sqlite3_stmt *s = rows->statements[COUNT];
    bool found = true;
    enum cp_status status = CP_OK;
    memset(counts, 0, ONBOARD_NUM_STATES * sizeof(counts[0]));
    while (status == CP_OK && found) {
        status = onboard_db_step(&rows->base, s, &found, err);
        int64_t state = found ? onboard_sqlite.column_int64(s, 0) : ONBOARD_NUM_STATES;
        if (status == CP_OK && state >= 0 && state < ONBOARD_NUM_STATES)
            counts[state] = (size_t)onboard_sqlite.column_int64(s, 1);
    }
    onboard_db_reset(s);
    return status;
}

enum cp_status onboard_rows_begin(struct onboard_rows *rows, struct cp_error *err) {
    return onboard_db_exec(&rows->base, "BEGIN", err);
}

enum cp_status onboard_rows_commit(struct onboard_rows *rows, struct cp_error *err) {
    if (onboard_sqlite.get_autocommit(rows->base.db) != 0)
        return CP_OK;
    return onboard_db_exec(&rows->base, "COMMIT", err);
}
