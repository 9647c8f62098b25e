/* The temporary database: its tables and its statements. */
#include <stdlib.h>

#include "rows_file.h"

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

#define BY_LINE(condition) "SELECT " ALL " FROM row WHERE id > ?2" condition " ORDER BY id LIMIT 1"
#define BY_MATERIAL(condition)                                                                     \
    "SELECT " ALL " FROM row WHERE material = ?1 AND id > ?2" condition " ORDER BY id LIMIT 1"
#define OF_NEXT_MATERIAL(condition)                                                                \
    "SELECT " ALL " FROM row WHERE material > ?1" condition " ORDER BY material, id LIMIT 1"
#define THERE " AND state IN (1, 2)"
#define NEW " AND state = 0"
#define NOT_BLOCKED "state <> 4"
_Static_assert(ONBOARD_CREATE == 0 && ONBOARD_UPDATE == 1 && ONBOARD_RESUME == 2 &&
                   ONBOARD_BLOCKED == 4,
               "the statements name them by number");

/* A plus keeps a term from SQLite's choice of an index: a hostname has few rows, a site may have
 * all of them. */
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
    [NEXT_MATERIAL] = OF_NEXT_MATERIAL(""),
    [NEXT_THERE_MATERIAL] = OF_NEXT_MATERIAL(THERE),
    [NEXT_NEW_MATERIAL] = OF_NEXT_MATERIAL(NEW),
    [HOSTNAMES] = "SELECT id, hostname FROM row WHERE material = ?1 AND id > ?2"
                  " ORDER BY id LIMIT ?3",
    [FIND] = "SELECT " ALL " FROM row WHERE hostname = ?1 AND +site_id = ?2 ORDER BY +id LIMIT 1",
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
        " (SELECT e.line FROM row e WHERE e.hostname = row.hostname AND +e.site_id = row.site_id"
        " ORDER BY +e.id LIMIT 1) WHERE EXISTS (SELECT 1 FROM row e WHERE e.hostname ="
        " row.hostname AND +e.site_id = row.site_id AND +e.id < row.id)",
    [NEXT_SITE] = "SELECT site_id, count(*) FROM row WHERE site_id > ?1 AND " NOT_BLOCKED
                  " GROUP BY site_id ORDER BY site_id LIMIT 1",
    [NO_CNAME] =
        "SELECT record_id FROM row WHERE record_id > ?1 AND record IS NULL AND " NOT_BLOCKED
        " ORDER BY record_id LIMIT 1",
    [LOOK_SINGLY] = "UPDATE row SET seen = '" ONBOARD_SEEN_UNKNOWN "' WHERE site_id = ?1",
    [SET_CNAME] = "UPDATE row SET record_cname = ?2 WHERE record_id = ?1",
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
