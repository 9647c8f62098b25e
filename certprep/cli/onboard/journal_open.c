/* Opening a journal: whose file it is, who holds it, and is it whole. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "journal_file.h"

#define APPLICATION_ID 1668311649 /* "cpja": docs/onboard.md */
#define USER_VERSION 1
#define TEXT_OF(number) TEXT_OF_THAT(number)
#define TEXT_OF_THAT(number) #number

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE run(id INTEGER PRIMARY KEY, pid INTEGER NOT NULL, host TEXT NOT NULL,"
    " begun_ms INTEGER NOT NULL, ended_ms INTEGER) STRICT;"
    "CREATE TABLE hostname(id INTEGER PRIMARY KEY, hostname TEXT NOT NULL, site_id INTEGER NOT"
    " NULL, site TEXT, record_id INTEGER, tag TEXT, digest TEXT NOT NULL, leaf_sha256 TEXT,"
    " state TEXT NOT NULL, reason TEXT, changed_ms INTEGER NOT NULL, hostname_id INTEGER,"
    " request_id TEXT, status TEXT, cert_status TEXT, verify_host TEXT, verify_code TEXT,"
    " cert_txt_key TEXT, cert_txt_value TEXT, cert_http_key TEXT, cert_http_value TEXT,"
    " record_cname TEXT, UNIQUE(hostname, site_id)) STRICT;"
    "CREATE TABLE intent(id INTEGER PRIMARY KEY, hostname INTEGER NOT NULL REFERENCES hostname,"
    " run INTEGER REFERENCES run, operation TEXT NOT NULL, digest TEXT NOT NULL, begun_ms INTEGER"
    " NOT NULL, ended_ms INTEGER, result TEXT, code TEXT, request_id TEXT, hostname_id INTEGER,"
    " reason TEXT) STRICT;"
    "CREATE INDEX intent_hostname ON intent(hostname);"
    "CREATE INDEX intent_operation ON intent(operation, begun_ms);"
    "PRAGMA application_id = " TEXT_OF(APPLICATION_ID) ";"
                                                       "PRAGMA user_version = " TEXT_OF(
                                                           USER_VERSION) ";"
                                                                         "COMMIT";

static enum cp_status query_number(const struct onboard_db *base, int64_t *out, const char *sql,
                                   struct cp_error *err) {
    sqlite3_stmt *s = NULL;
    bool row = false;
    enum cp_status status = onboard_db_prepare(base, &s, sql, err);
    if (status == CP_OK)
        status = onboard_db_step(base, s, &row, err);
    *out = status == CP_OK && row ? onboard_sqlite.column_int64(s, 0) : 0;
    (void)onboard_sqlite.finalize(s);
    return status;
}

/* SQLite's own look at every page. */
static enum cp_status check_whole(const struct onboard_db *base, struct cp_error *err) {
    sqlite3_stmt *s = NULL;
    bool row = false;
    char text[200] = "";
    enum cp_status status = onboard_db_prepare(base, &s, "PRAGMA quick_check(1)", err);
    if (status == CP_OK)
        status = onboard_db_step(base, s, &row, err);
    if (status == CP_OK && row)
        onboard_column_text(s, 0, text, sizeof(text));
    if (status == CP_OK && strcmp(text, "ok") != 0)
        status = cp_fail(err, CP_ERR_PARSE,
                         "%s: the journal is damaged (%s); keep it, and begin a new one with "
                         "'certprep list' as the truth",
                         base->name, text);
    (void)onboard_sqlite.finalize(s);
    return status;
}

/* An empty file becomes a journal; anything else that is none is left alone. */
static enum cp_status check_schema(const struct onboard_db *base, bool for_writing, bool *is_empty,
                                   struct cp_error *err) {
    int64_t id = 0, version = 0, num = 0;
    enum cp_status status = query_number(base, &id, "PRAGMA application_id", err);
    if (status == CP_OK)
        status = query_number(base, &version, "PRAGMA user_version", err);
    if (status == CP_OK)
        status = query_number(base, &num, "SELECT count(*) FROM sqlite_schema", err);
    if (status != CP_OK)
        return status;
    *is_empty = id == 0 && num == 0;
    if (*is_empty)
        return for_writing ? onboard_db_exec(base, schema, err) : CP_OK;
    if (id != APPLICATION_ID)
        return cp_fail(err, CP_ERR_USAGE, "%s: this is no journal of certprep onboard", base->name);
    if (version != USER_VERSION)
        return cp_fail(err, CP_ERR_USAGE,
                       "%s: a journal of version %" PRId64 "; this certprep knows version %d",
                       base->name, version, USER_VERSION);
    return check_whole(base, err);
}

static enum cp_status say_holder(const struct onboard_db *base, struct cp_error *err) {
    sqlite3_stmt *s = NULL;
    bool row = false;
    char host[256] = "", since[CP_TIME_TEXT] = "";
    int64_t pid = 0;
    if (onboard_db_prepare(base, &s, "SELECT pid, host, begun_ms FROM run ORDER BY id DESC LIMIT 1",
                           NULL) == CP_OK &&
        onboard_db_step(base, s, &row, NULL) == CP_OK && row) {
        pid = onboard_sqlite.column_int64(s, 0);
        onboard_column_text(s, 1, host, sizeof(host));
        cp_time_format(since, onboard_sqlite.column_int64(s, 2) / 1000);
    }
    (void)onboard_sqlite.finalize(s);
    if (pid == 0)
        return cp_fail(err, CP_ERR_USAGE, "%s: another run holds this journal", base->name);
    return cp_fail(err, CP_ERR_USAGE,
                   "%s: another run holds this journal: process %" PRId64 " on %s, since %s",
                   base->name, pid, host, since);
}

/* The lock is flock's, on a descriptor of its own: the kernel lets go of it however the run ends.
 * It must stay open until SQLite has closed the file: closing any descriptor of a file drops the
 * POSIX locks that SQLite has on it. */
static enum cp_status open_file(struct onboard_journal *j, bool *is_missing, bool *is_held,
                                struct cp_error *err) {
    int flags = j->for_writing ? O_RDWR | O_CREAT : O_RDONLY;
    struct stat info;
    j->fd = open(j->base.name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    *is_missing = j->fd < 0 && errno == ENOENT && !j->for_writing;
    if (*is_missing)
        return CP_OK;
    if (j->fd < 0)
        return cp_fail(err, CP_ERR_IO, "%s: the journal can't be %s: %s", j->base.name,
                       j->for_writing ? "written" : "read",
                       errno == ELOOP ? "it is a symbolic link" : strerror(errno));
    if (fstat(j->fd, &info) != 0 || !S_ISREG(info.st_mode))
        return cp_fail(err, CP_ERR_IO, "%s: the journal is no regular file", j->base.name);
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return cp_fail(err, CP_ERR_USAGE,
                       "%s: others may write this journal; chmod 600 it if it is yours",
                       j->base.name);
    *is_held = j->for_writing && flock(j->fd, LOCK_EX | LOCK_NB) != 0;
    if (*is_held && errno != EWOULDBLOCK)
        return cp_fail(err, CP_ERR_IO, "%s: can't be locked: %s", j->base.name, strerror(errno));
    return CP_OK;
}

static enum cp_status open_database(struct onboard_journal *j, bool to_write,
                                    struct cp_error *err) {
    int flags = to_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    enum cp_status status = CP_OK;
    if (onboard_sqlite.open_v2(j->base.name, &j->base.db, flags, NULL) != SQLITE_OK)
        return j->base.db == NULL ? cp_fail(err, CP_ERR_MEMORY, "onboard: out of memory")
                                  : onboard_db_fail(&j->base, err);
    (void)onboard_sqlite.busy_timeout(j->base.db, 5000); /* a plan that reads, a checkpoint */
    if (to_write)
        status = onboard_db_exec(&j->base,
                                 "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                 "PRAGMA cache_size = -4096; PRAGMA foreign_keys = ON;"
                                 "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON",
                                 err);
    if (status == CP_OK && to_write && onboard_sqlite.db_readonly(j->base.db, "main") != 0)
        status = cp_fail(err, CP_ERR_IO, "%s: the journal can't be written", j->base.name);
    return status;
}

static enum cp_status note_run(struct onboard_journal *j, int64_t now_ms, struct cp_error *err) {
    sqlite3_stmt *s = NULL;
    char host[256] = "";
    if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0')
        (void)snprintf(host, sizeof(host), "this machine");
    enum cp_status status = onboard_db_prepare(
        &j->base, &s, "INSERT INTO run(pid, host, begun_ms) VALUES(?1, ?2, ?3)", err);
    if (status == CP_OK) {
        (void)onboard_sqlite.bind_int64(s, 1, (int64_t)getpid());
        onboard_bind_text(s, 2, host);
        (void)onboard_sqlite.bind_int64(s, 3, now_ms);
        status = onboard_db_run(&j->base, s, err);
        j->run = onboard_sqlite.last_insert_rowid(j->base.db);
    }
    (void)onboard_sqlite.finalize(s);
    return status;
}

enum cp_status onboard_journal_open(struct onboard_journal **out, const char *path,
                                    enum onboard_journal_use use, int64_t now_ms,
                                    struct cp_error *err) {
    struct onboard_journal *j = NULL;
    bool is_missing = false, is_held = false, is_empty = false;
    enum cp_status status = onboard_sqlite_load(err);
    if (status != CP_OK)
        return status;
    j = calloc(1, sizeof(*j));
    char *name = strdup(path);
    if (j == NULL || name == NULL) {
        free(j);
        free(name);
        return cp_fail(err, CP_ERR_MEMORY, "onboard: out of memory");
    }
    j->fd = -1;
    j->name = name;
    j->base.name = name;
    j->for_writing = use == ONBOARD_JOURNAL_WRITE;
    status = open_file(j, &is_missing, &is_held, err);
    if (status == CP_OK && !is_missing)
        status = open_database(j, j->for_writing && !is_held, err);
    if (status == CP_OK && is_held)
        status = say_holder(&j->base, err);
    if (status == CP_OK && !is_missing)
        status = check_schema(&j->base, j->for_writing, &is_empty, err);
    j->is_empty = is_missing || (is_empty && !j->for_writing);
    if (status == CP_OK && !j->is_empty)
        status = onboard_journal_prepare(j, err);
    if (status == CP_OK && j->for_writing)
        status = note_run(j, now_ms, err);
    if (status == CP_OK) {
        *out = j;
        return CP_OK;
    }
    onboard_journal_close(j, now_ms);
    return status;
}

void onboard_journal_close(struct onboard_journal *j, int64_t now_ms) {
    if (j == NULL)
        return;
    for (size_t i = 0; i < ONBOARD_JOURNAL_STATEMENTS; i++)
        (void)onboard_sqlite.finalize(j->statements[i]);
    if (j->run != 0) {
        char sql[120];
        (void)snprintf(sql, sizeof(sql),
                       "UPDATE run SET ended_ms = %" PRId64 " WHERE id = %" PRId64, now_ms, j->run);
        (void)onboard_sqlite.exec(j->base.db, sql, NULL, NULL, NULL);
    }
    onboard_db_close(&j->base);
    if (j->fd >= 0)
        (void)close(j->fd);
    free(j->name);
    free(j);
}
