#include "sqlite.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define MIN_VERSION 3037000 /* STRICT tables */

struct onboard_sqlite onboard_sqlite;

static void load(void) {
    struct onboard_sqlite *api = &onboard_sqlite;
    void *library = dlopen(ONBOARD_SQLITE, RTLD_NOW | RTLD_LOCAL);
    api->status = CP_ERR_UNSUPPORTED;
    if (library == NULL) {
        (void)snprintf(api->reason, sizeof(api->reason),
                       ONBOARD_SQLITE " can't be loaded; install SQLite 3.37 or later (Debian "
                                      "package libsqlite3-0); only onboard needs it");
        return;
    }
    /* POSIX lets dlsym's result stand for a function; ISO C has no cast for it, hence the copy. */
#define ROW(field, symbol)                                                                         \
    {                                                                                              \
        void *found = dlsym(library, #symbol);                                                     \
        if (found == NULL) {                                                                       \
            (void)snprintf(api->reason, sizeof(api->reason), ONBOARD_SQLITE " lacks " #symbol);    \
            return;                                                                                \
        }                                                                                          \
        memcpy(&api->field, &found, sizeof(found));                                                \
    }
    ONBOARD_SQLITE_FUNCTIONS(ROW)
#undef ROW
    if (api->libversion_number() < MIN_VERSION) {
        (void)snprintf(api->reason, sizeof(api->reason),
                       ONBOARD_SQLITE " is version %d; want 3.37 or later",
                       api->libversion_number());
        return;
    }
    api->status = CP_OK;
}

/* The command line has one thread. */
enum cp_status onboard_sqlite_load(struct cp_error *err) {
    static bool loaded;
    if (!loaded)
        load();
    loaded = true;
    if (onboard_sqlite.status != CP_OK)
        return cp_fail(err, onboard_sqlite.status, "onboard: %s", onboard_sqlite.reason);
    return CP_OK;
}

enum cp_status onboard_db_fail(const struct onboard_db *db, struct cp_error *err) {
    int code = onboard_sqlite.extended_errcode(db->db) & 0xFF;
    enum cp_status status = code == SQLITE_NOMEM                              ? CP_ERR_MEMORY
                            : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? CP_ERR_PARSE
                                                                              : CP_ERR_IO;
    return cp_fail(err, status, "%s: %s", db->name, onboard_sqlite.errmsg(db->db));
}

enum cp_status onboard_db_exec(const struct onboard_db *db, const char *sql, struct cp_error *err) {
    return onboard_sqlite.exec(db->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? CP_OK
               : onboard_db_fail(db, err);
}

enum cp_status onboard_db_prepare(const struct onboard_db *db, sqlite3_stmt **out, const char *sql,
                                  struct cp_error *err) {
    return onboard_sqlite.prepare_v2(db->db, sql, -1, out, NULL) == SQLITE_OK
               ? CP_OK
               : onboard_db_fail(db, err);
}

enum cp_status onboard_db_step(const struct onboard_db *db, sqlite3_stmt *statement, bool *row,
                               struct cp_error *err) {
    int code = onboard_sqlite.step(statement);
    *row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? CP_OK : onboard_db_fail(db, err);
}

enum cp_status onboard_db_run(const struct onboard_db *db, sqlite3_stmt *statement,
                              struct cp_error *err) {
    bool row = false;
    enum cp_status status = onboard_db_step(db, statement, &row, err);
    onboard_db_reset(statement);
    return status;
}

void onboard_db_reset(sqlite3_stmt *statement) {
    (void)onboard_sqlite.reset(statement);
    (void)onboard_sqlite.clear_bindings(statement);
}

void onboard_db_close(struct onboard_db *db) {
    if (db->db != NULL)
        (void)onboard_sqlite.close(db->db);
    db->db = NULL;
}

void onboard_bind_text(sqlite3_stmt *statement, int index, const char *text) {
    if (text == NULL || text[0] == '\0')
        (void)onboard_sqlite.bind_null(statement, index);
    else
        (void)onboard_sqlite.bind_text(statement, index, text, -1, SQLITE_STATIC);
}

void onboard_bind_id(sqlite3_stmt *statement, int index, int64_t value) {
    if (value == 0)
        (void)onboard_sqlite.bind_null(statement, index);
    else
        (void)onboard_sqlite.bind_int64(statement, index, value);
}

void onboard_column_text(sqlite3_stmt *statement, int column, char *out, size_t out_size) {
    const unsigned char *text = onboard_sqlite.column_text(statement, column);
    (void)snprintf(out, out_size, "%s", text == NULL ? "" : (const char *)text);
}
