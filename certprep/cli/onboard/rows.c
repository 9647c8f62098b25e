#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite.h"

/* What is read of a row, in the order of read_row. */
#define ALL                                                                                        \
    "id, line, material, hostname, site, record, site_id, record_id, kind, cas_id, cas_region, "   \
    "tag, state, reason, hostname_id, request_id, leaf_sha256, digest, status, cert_status, "      \
    "verify_host, verify_code, cert_txt_key, cert_txt_value, cert_http_key, cert_http_value, "     \
    "record_cname, seen"

/* No journal and no sync: what is in here is of no use to anybody but this run. */
static const char schema[] =
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -6144;"
    "CREATE TABLE material(id INTEGER PRIMARY KEY, cert TEXT NOT NULL, key TEXT NOT NULL,"
    " chain TEXT NOT NULL, UNIQUE(cert, key, chain)) STRICT;"
    "CREATE TABLE row(id INTEGER PRIMARY KEY, line INTEGER NOT NULL, material INTEGER NOT NULL,"
    " hostname TEXT NOT NULL, site_key TEXT NOT NULL, site TEXT, record TEXT, site_id INTEGER,"
    " record_id INTEGER, kind INTEGER NOT NULL, cas_id INTEGER, cas_region TEXT, tag TEXT,"
    " state INTEGER NOT NULL, reason TEXT, hostname_id INTEGER, request_id TEXT, leaf_sha256 TEXT,"
    " digest TEXT, status TEXT, cert_status TEXT, verify_host TEXT, verify_code TEXT,"
    " cert_txt_key TEXT, cert_txt_value TEXT, cert_http_key TEXT, cert_http_value TEXT,"
    " record_cname TEXT, seen TEXT) STRICT;"
    "CREATE UNIQUE INDEX row_once ON row(hostname, site_key);"
    "CREATE INDEX row_material ON row(material, id);"
    "CREATE INDEX row_site_id ON row(site_id);"
    "CREATE INDEX row_record_id ON row(record_id);"
    "CREATE INDEX row_site ON row(site) WHERE site_id IS NULL;"
    "CREATE INDEX row_record ON row(site_id, record) WHERE record_id IS NULL;";

enum statement {
    MATERIAL_FIND,
    MATERIAL_ADD,
    MATERIAL_GET,
    ROW_ADD,
    ROW_TWIN,
    ROW_SAVE,
    NEXT_BY_LINE, /* one for each filter, in its order */
    NEXT_THERE_BY_LINE,
    NEXT_NEW_BY_LINE,
    NEXT_BY_MATERIAL,
    NEXT_THERE_BY_MATERIAL,
    NEXT_NEW_BY_MATERIAL,
    HOSTNAMES,
    FIND,
    COUNT,
    UNNAMED_SITE,
    UNNAMED_RECORD,
    RESOLVE_SITE,
    RESOLVE_RECORD,
    BLOCK_SITE,
    BLOCK_RECORD,
    BLOCK_TWINS,
    NEXT_SITE,
    NO_CNAME,
    SET_CNAME,
    LOOK_SINGLY,
    NUM_STATEMENTS
};

#define BY_LINE(condition) "SELECT " ALL " FROM row WHERE id > ?2" condition " ORDER BY id LIMIT 1"
#define BY_MATERIAL(condition)                                                                     \
    "SELECT " ALL " FROM row WHERE (material, id) > (?1, ?2)" condition                            \
    " ORDER BY material, id LIMIT 1"
#define THERE " AND state IN (1, 2)"
#define NEW " AND state = 0"
#define NOT_BLOCKED "state <> 4"
_Static_assert(ONBOARD_CREATE == 0 && ONBOARD_UPDATE == 1 && ONBOARD_RESUME == 2 &&
                   ONBOARD_BLOCKED == 4,
               "the statements name them by number");

static const char *const sql[NUM_STATEMENTS] = {
    [MATERIAL_FIND] = "SELECT id FROM material WHERE cert = ?1 AND key = ?2 AND chain = ?3",
    [MATERIAL_ADD] = "INSERT INTO material(cert, key, chain) VALUES(?1, ?2, ?3)",
    [MATERIAL_GET] = "SELECT cert, key, chain FROM material WHERE id = ?1",
    [ROW_ADD] = "INSERT OR IGNORE INTO row(line, material, hostname, site_key, site, record,"
                " site_id, record_id, kind, cas_id, cas_region, tag, state, reason)"
                " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    [ROW_TWIN] = "SELECT line FROM row WHERE hostname = ?1 AND site_key = ?2",
    [ROW_SAVE] = "UPDATE row SET site_id = ?2, record_id = ?3, state = ?4, reason = ?5,"
                 " hostname_id = ?6, request_id = ?7, leaf_sha256 = ?8, digest = ?9, status = ?10,"
                 " cert_status = ?11, verify_host = ?12, verify_code = ?13, cert_txt_key = ?14,"
                 " cert_txt_value = ?15, cert_http_key = ?16, cert_http_value = ?17,"
                 " record_cname = ?18, seen = ?19 WHERE id = ?1",
    [NEXT_BY_LINE] = BY_LINE(""),
    [NEXT_THERE_BY_LINE] = BY_LINE(THERE),
    [NEXT_NEW_BY_LINE] = BY_LINE(NEW),
    [NEXT_BY_MATERIAL] = BY_MATERIAL(""),
    [NEXT_THERE_BY_MATERIAL] = BY_MATERIAL(THERE),
    [NEXT_NEW_BY_MATERIAL] = BY_MATERIAL(NEW),
    [HOSTNAMES] = "SELECT id, hostname FROM row WHERE material = ?1 AND id > ?2"
                  " ORDER BY id LIMIT ?3",
    [FIND] = "SELECT " ALL " FROM row WHERE hostname = ?1 AND site_id = ?2 ORDER BY id LIMIT 1",
    [COUNT] = "SELECT state, count(*) FROM row GROUP BY state",
    [UNNAMED_SITE] = "SELECT site, NULL, NULL FROM row WHERE site IS NOT NULL AND site_id IS NULL"
                     " AND " NOT_BLOCKED " LIMIT 1",
    [UNNAMED_RECORD] = "SELECT site, record, site_id FROM row WHERE site_id IS NOT NULL AND record"
                       " IS NOT NULL AND record_id IS NULL AND " NOT_BLOCKED " LIMIT 1",
    [RESOLVE_SITE] = "UPDATE row SET site_id = ?4 WHERE site = ?1 AND site_id IS NULL",
    [RESOLVE_RECORD] = "UPDATE row SET record_id = ?4, record_cname = ?5 WHERE site_id = ?3 AND"
                       " record = ?2 AND record_id IS NULL",
    [BLOCK_SITE] = "UPDATE row SET state = 4, reason = ?4 WHERE site = ?1 AND site_id IS NULL",
    [BLOCK_RECORD] = "UPDATE row SET state = 4, reason = ?4 WHERE site_id = ?3 AND record = ?2"
                     " AND record_id IS NULL",
    [BLOCK_TWINS] =
        "UPDATE row SET state = 4, reason = 'the same hostname and site as in line ' ||"
        " (SELECT e.line FROM row e WHERE e.hostname = row.hostname AND e.site_id = row.site_id"
        " ORDER BY e.id LIMIT 1) WHERE EXISTS (SELECT 1 FROM row e WHERE e.hostname ="
        " row.hostname AND e.site_id = row.site_id AND e.id < row.id)",
    [NEXT_SITE] = "SELECT site_id, count(*) FROM row WHERE site_id > ?1 AND " NOT_BLOCKED
                  " GROUP BY site_id ORDER BY site_id LIMIT 1",
    [NO_CNAME] =
        "SELECT record_id FROM row WHERE record_id > ?1 AND record IS NULL AND " NOT_BLOCKED
        " ORDER BY record_id LIMIT 1",
    [LOOK_SINGLY] = "UPDATE row SET seen = '" ONBOARD_SEEN_UNKNOWN "' WHERE site_id = ?1",
    [SET_CNAME] = "UPDATE row SET record_cname = ?2 WHERE record_id = ?1",
};

struct onboard_rows {
    struct onboard_db base;
    sqlite3_stmt *statements[NUM_STATEMENTS];
};

enum cp_status onboard_rows_new(struct onboard_rows **out, struct cp_error *err) {
    enum cp_status status = onboard_sqlite_load(err);
    struct onboard_rows *rows = NULL;
    if (status != CP_OK)
        return status;
    rows = calloc(1, sizeof(*rows));
    if (rows == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "onboard: out of memory");
    rows->base.name = "the temporary list of rows";
    /* A database without a name is a temporary file, removed as soon as it is open. */
    if (onboard_sqlite.open_v2("", &rows->base.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                               NULL) != SQLITE_OK)
        status = cp_fail(err, CP_ERR_IO, "%s: can't be made", rows->base.name);
    if (status == CP_OK)
        status = onboard_db_exec(&rows->base, schema, err);
    for (size_t i = 0; status == CP_OK && i < NUM_STATEMENTS; i++)
        status = onboard_db_prepare(&rows->base, &rows->statements[i], sql[i], err);
    if (status == CP_OK) {
        *out = rows;
        return CP_OK;
    }
    onboard_rows_free(rows);
    return status;
}

void onboard_rows_free(struct onboard_rows *rows) {
    if (rows == NULL)
        return;
    for (size_t i = 0; i < NUM_STATEMENTS; i++)
        (void)onboard_sqlite.finalize(rows->statements[i]);
    onboard_db_close(&rows->base);
    free(rows);
}

static enum cp_status run(struct onboard_rows *rows, enum statement which, struct cp_error *err) {
    return onboard_db_run(&rows->base, rows->statements[which], err);
}

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

enum cp_status onboard_rows_next(struct onboard_rows *rows, struct onboard_cursor *cursor,
                                 bool *found, struct onboard_row *row, struct cp_error *err) {
    enum statement first = cursor->order == ONBOARD_BY_LINE ? NEXT_BY_LINE : NEXT_BY_MATERIAL;
    enum statement which = (enum statement)((int)first + (int)cursor->filter);
    sqlite3_stmt *s = rows->statements[which];
    if (cursor->order == ONBOARD_BY_MATERIAL)
        (void)onboard_sqlite.bind_int64(s, 1, cursor->material);
    (void)onboard_sqlite.bind_int64(s, 2, cursor->id);
    enum cp_status status = get_row(rows, s, found, row, err);
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

/* ---- names and ids ---- */

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
        bind_whole(s, 1, name->site);
    } else {
        bind_whole(s, 2, name->record);
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
