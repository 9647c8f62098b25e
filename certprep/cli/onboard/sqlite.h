/* sqlite: libsqlite3, loaded by the first command that needs it, so that the others do not pay for
 * it; and the few steps that rows.c and journal.c have in common. */
#ifndef CP_ONBOARD_SQLITE_H
#define CP_ONBOARD_SQLITE_H

#include <sqlite3.h>

#include "certprep.h"

#define ONBOARD_SQLITE "libsqlite3.so.0"

/* X(member, symbol) */
#define ONBOARD_SQLITE_FUNCTIONS(X)                                                                \
    X(libversion_number, sqlite3_libversion_number)                                                \
    X(open_v2, sqlite3_open_v2)                                                                    \
    X(close, sqlite3_close)                                                                        \
    X(exec, sqlite3_exec)                                                                          \
    X(prepare_v2, sqlite3_prepare_v2)                                                              \
    X(step, sqlite3_step)                                                                          \
    X(reset, sqlite3_reset)                                                                        \
    X(clear_bindings, sqlite3_clear_bindings)                                                      \
    X(finalize, sqlite3_finalize)                                                                  \
    X(bind_int64, sqlite3_bind_int64)                                                              \
    X(bind_text, sqlite3_bind_text)                                                                \
    X(bind_null, sqlite3_bind_null)                                                                \
    X(column_int64, sqlite3_column_int64)                                                          \
    X(column_text, sqlite3_column_text)                                                            \
    X(column_type, sqlite3_column_type)                                                            \
    X(column_bytes, sqlite3_column_bytes)                                                          \
    X(last_insert_rowid, sqlite3_last_insert_rowid)                                                \
    X(changes, sqlite3_changes)                                                                    \
    X(errmsg, sqlite3_errmsg)                                                                      \
    X(extended_errcode, sqlite3_extended_errcode)                                                  \
    X(busy_timeout, sqlite3_busy_timeout)                                                          \
    X(get_autocommit, sqlite3_get_autocommit)                                                      \
    X(db_readonly, sqlite3_db_readonly)

struct onboard_sqlite {
#define ROW(field, symbol) __typeof__(symbol) *field;
    ONBOARD_SQLITE_FUNCTIONS(ROW)
#undef ROW
    enum cp_status status;
    char reason[200];
};
extern struct onboard_sqlite onboard_sqlite;

CP_MUST_USE enum cp_status onboard_sqlite_load(struct cp_error *err);

/* A database and what it is called in messages. */
struct onboard_db {
    sqlite3 *db;
    const char *name; /* borrowed */
};

/* The message names the database and says what SQLite says. Full disk and the like are CP_ERR_IO,
 * no memory CP_ERR_MEMORY, a damaged file CP_ERR_PARSE. */
enum cp_status onboard_db_fail(const struct onboard_db *db, struct cp_error *err);
CP_MUST_USE enum cp_status onboard_db_exec(const struct onboard_db *db, const char *sql,
                                           struct cp_error *err);
CP_MUST_USE enum cp_status onboard_db_prepare(const struct onboard_db *db, sqlite3_stmt **out,
                                              const char *sql, struct cp_error *err);
/* *row false: there is none (any more). */
CP_MUST_USE enum cp_status onboard_db_step(const struct onboard_db *db, sqlite3_stmt *statement,
                                           bool *row, struct cp_error *err);
/* A statement without rows: steps it once and makes it ready for the next time. */
CP_MUST_USE enum cp_status onboard_db_run(const struct onboard_db *db, sqlite3_stmt *statement,
                                          struct cp_error *err);
void onboard_db_reset(sqlite3_stmt *statement);
void onboard_db_close(struct onboard_db *db);

/* Index from 1. The text must live until the statement was run. "" and 0 are bound as NULL. */
void onboard_bind_text(sqlite3_stmt *statement, int index, const char *text);
void onboard_bind_id(sqlite3_stmt *statement, int index, int64_t value);
/* Column from 0; NULL gives "". Cut at out_size - 1: what was stored had passed its limit. */
void onboard_column_text(sqlite3_stmt *statement, int column, char *out, size_t out_size);

#endif
