/* journal and rows: what is written before a request is there after a kill, what is settled stays,
 * and no name in the manifest can break a statement. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "journal.h"

#define NOW 1800000000000
#define HOUR 3600000

static char folder[] = "/tmp/certprep-test-journal-XXXXXX";
static char path[64];

static const struct onboard_row shop = {.line = 2,
                                        .hostname = "shop.acme.example",
                                        .site = "acme.example",
                                        .record = "o'rigin; DROP TABLE row",
                                        .kind = ESA_CREATE_FREE,
                                        .tag = "it's \"quoted\""};

static int set_up(void **state) {
    (void)state;
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof(path), "%s/j", folder);
    return 0;
}

static int tear_down(void **state) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char name[80];
        (void)snprintf(name, sizeof(name), "%s%s", path, endings[i]);
        (void)unlink(name);
    }
    return rmdir(folder);
}

static struct onboard_journal *open_journal(enum onboard_journal_use use) {
    struct onboard_journal *journal = NULL;
    struct cp_error err = {CP_OK, 0, 0, ""};
    if (onboard_journal_open(&journal, path, use, NOW, &err) != CP_OK)
        fail_msg("%s", err.message);
    return journal;
}

static struct onboard_row row_of(const char *hostname) {
    struct onboard_row row = shop;
    (void)snprintf(row.hostname, sizeof(row.hostname), "%s", hostname);
    row.site_id = 9007199254740993;
    row.record_id = 4042843419650112;
    assert_int_equal(onboard_digest(&row, NULL), CP_OK);
    return row;
}

static struct onboard_past find(struct onboard_journal *journal, const struct onboard_row *row,
                                bool want) {
    struct onboard_past past = {.is_open = false};
    bool found = false;
    assert_int_equal(onboard_journal_find(journal, &found, &past, row, NULL), CP_OK);
    assert_int_equal(found, want);
    return past;
}

static void test_intent_and_outcome(void **state) {
    struct onboard_journal *journal = open_journal(ONBOARD_JOURNAL_WRITE);
    struct onboard_row row = row_of("a.example");
    struct esa_outcome outcome = {.result = ESA_ACCEPTED, .hostname_id = 9007199254740995};
    struct stat info;
    int64_t intent = 0;
    (void)state;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    (void)find(journal, &row, false);
    assert_int_equal(
        onboard_journal_intend(journal, &intent, &row, "CreateCustomHostname", NOW, NULL), CP_OK);
    assert_true(intent > 0);
    struct onboard_past past = find(journal, &row, true);
    assert_true(past.is_open);
    assert_string_equal(past.row.digest, row.digest);
    assert_int_equal(onboard_journal_answer(journal, intent, &outcome, NULL, NOW + 5, NULL), CP_OK);
    assert_true(find(journal, &row, true).is_open); /* until it is settled */
    row.state = ONBOARD_CREATED;
    row.hostname_id = outcome.hostname_id;
    (void)snprintf(row.verify_code, sizeof(row.verify_code), "code");
    assert_int_equal(onboard_journal_settle(journal, &row, NOW + 6, NULL), CP_OK);
    past = find(journal, &row, true);
    assert_false(past.is_open);
    assert_int_equal(past.state, ONBOARD_CREATED);
    assert_true(past.row.hostname_id == 9007199254740995);
    /* Seen again: it stays what this journal made, and a record that has vanished is kept. */
    row.state = ONBOARD_UNCHANGED;
    row.verify_code[0] = '\0';
    assert_int_equal(onboard_journal_settle(journal, &row, NOW + 7, NULL), CP_OK);
    past = find(journal, &row, true);
    assert_int_equal(past.state, ONBOARD_CREATED);
    assert_string_equal(past.row.verify_code, "code");
    /* By the site's name, too; another site is another hostname. */
    struct onboard_row by_name = row;
    by_name.site_id = 0;
    assert_int_equal(find(journal, &by_name, true).row.site_id, row.site_id);
    by_name.site_id = 7;
    (void)find(journal, &by_name, false);
    onboard_journal_close(journal, NOW);
}

/* A process that dies right after intend returned has left its intention. */
static void test_kill_after_intent(void **state) {
    struct onboard_row row = row_of("a.example");
    int status = 0;
    (void)state;
    for (int i = 0; i < 20; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "h%d.example", i);
        row = row_of(name);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            struct onboard_journal *journal = NULL;
            int64_t intent = 0;
            if (onboard_journal_open(&journal, path, ONBOARD_JOURNAL_WRITE, NOW, NULL) == CP_OK &&
                onboard_journal_intend(journal, &intent, &row, "CreateCustomHostname", NOW, NULL) ==
                    CP_OK)
                (void)raise(SIGKILL);
            _exit(1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        struct onboard_journal *journal = open_journal(ONBOARD_JOURNAL_WRITE); /* not locked */
        assert_true(find(journal, &row, true).is_open);
        onboard_journal_close(journal, NOW);
    }
}

static void test_two_runs(void **state) {
    struct onboard_journal *first = open_journal(ONBOARD_JOURNAL_WRITE), *second = NULL;
    struct cp_error err = {CP_OK, 0, 0, ""};
    char want[64];
    (void)state;
    assert_int_equal(onboard_journal_open(&second, path, ONBOARD_JOURNAL_WRITE, NOW, &err),
                     CP_ERR_USAGE);
    (void)snprintf(want, sizeof(want), "process %ld on ", (long)getpid());
    assert_non_null(strstr(err.message, want));
    second = open_journal(ONBOARD_JOURNAL_READ); /* a plan may read */
    onboard_journal_close(second, NOW);
    onboard_journal_close(first, NOW);
    onboard_journal_close(open_journal(ONBOARD_JOURNAL_WRITE), NOW);
}

static void count(void *context, int64_t taken_ms) {
    int64_t *times = context; /* [0] is the number */
    times[++times[0]] = taken_ms;
}

static void test_creations(void **state) {
    struct onboard_journal *journal = open_journal(ONBOARD_JOURNAL_WRITE);
    struct esa_outcome outcome = {.result = ESA_REFUSED};
    int64_t times[10] = {0}, intent = 0;
    const struct {
        int64_t at;
        const char *operation;
        bool was_sent;
        const char *reason;
    } rows[] = {
        {NOW - HOUR - 1, "CreateCustomHostname", true, "too long ago"},
        {NOW - HOUR + 1, "CreateCustomHostname", true, "counts"},
        {NOW - 20, "UpdateCustomHostname", true, "no creation"},
        {NOW - 10, "CreateCustomHostname", false, "was never sent"},
        {NOW - 5, "CreateCustomHostname", true, "counts, though refused"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct onboard_row row = row_of("a.example");
        assert_int_equal(
            onboard_journal_intend(journal, &intent, &row, rows[i].operation, rows[i].at, NULL),
            CP_OK);
        assert_int_equal(onboard_journal_answer(journal, intent, rows[i].was_sent ? &outcome : NULL,
                                                rows[i].reason, NOW, NULL),
                         CP_OK);
    }
    struct onboard_row open = row_of("b.example");
    assert_int_equal(
        onboard_journal_intend(journal, &intent, &open, "CreateCustomHostname", NOW - 1, NULL),
        CP_OK); /* no answer: it may have counted */
    assert_int_equal(onboard_journal_creations(journal, NOW - HOUR, count, times, NULL), CP_OK);
    assert_int_equal(times[0], 3);
    assert_true(times[1] == NOW - HOUR + 1 && times[2] == NOW - 5 && times[3] == NOW - 1);
    onboard_journal_close(journal, NOW);
}

static void put_file(const char *text, size_t len, mode_t mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_true(write(fd, text, len) == (ssize_t)len);
    assert_int_equal(close(fd), 0);
}

static void test_refused_files(void **state) {
    static const struct {
        const char *text;
        size_t len;
        mode_t mode;
        enum cp_status status;
        const char *reason;
    } rows[] = {
        {"this is no database, but long enough to look at", 47, 0600, CP_ERR_PARSE, "text"},
        {"SQLite format 3\0\x10\0\x01\x01\0", 21, 0600, CP_ERR_PARSE, "half a header"},
        {"", 0, 0660, CP_ERR_USAGE, "the group may write"},
        {"", 0, 0606, CP_ERR_USAGE, "everybody may write"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct onboard_journal *journal = NULL;
        struct cp_error err = {CP_OK, 0, 0, ""};
        put_file(rows[i].text, rows[i].len, rows[i].mode);
        enum cp_status status =
            onboard_journal_open(&journal, path, ONBOARD_JOURNAL_WRITE, NOW, &err);
        if (status != rows[i].status)
            fail_msg("%s: status %d, %s", rows[i].reason, status, err.message);
        assert_null(journal);
    }
    put_file("", 0, 0600); /* an empty file becomes a journal */
    onboard_journal_close(open_journal(ONBOARD_JOURNAL_WRITE), NOW);
}

static void test_missing_reads_empty(void **state) {
    struct onboard_journal *journal = open_journal(ONBOARD_JOURNAL_READ);
    struct onboard_row row = row_of("a.example");
    struct stat info;
    (void)state;
    (void)find(journal, &row, false);
    assert_int_not_equal(stat(path, &info), 0); /* and none was made */
    onboard_journal_close(journal, NOW);
}

static void test_digest(void **state) {
    struct onboard_row a = row_of("a.example"), b = a;
    (void)state;
    b.line = 99;
    (void)snprintf(b.tag, sizeof(b.tag), "other");
    assert_int_equal(onboard_digest(&b, NULL), CP_OK);
    assert_string_equal(a.digest, b.digest); /* neither changes what is wanted */
    b.record_id++;
    assert_int_equal(onboard_digest(&b, NULL), CP_OK);
    assert_string_not_equal(a.digest, b.digest);
    b = a;
    b.kind = ESA_CREATE_UPLOAD;
    (void)snprintf(b.leaf_sha256, sizeof(b.leaf_sha256), "%064d", 1);
    assert_int_equal(onboard_digest(&b, NULL), CP_OK);
    char first[ESA_SHA256_HEX_MAX];
    memcpy(first, b.digest, sizeof(first));
    (void)snprintf(b.leaf_sha256, sizeof(b.leaf_sha256), "%064d", 2);
    assert_int_equal(onboard_digest(&b, NULL), CP_OK);
    assert_string_not_equal(first, b.digest);
}

static void test_rows(void **state) {
    struct onboard_rows *rows = NULL;
    struct onboard_row row = shop, read;
    struct onboard_cursor cursor = {.order = ONBOARD_BY_LINE};
    struct onboard_name name;
    const struct onboard_files files = {.cert = "a'.pem", .key = "k"};
    int64_t first_line = 0;
    bool found = false;
    (void)state;
    assert_int_equal(onboard_rows_new(&rows, NULL), CP_OK);
    assert_int_equal(onboard_rows_add(rows, &row, &first_line, &files, NULL), CP_OK);
    assert_int_equal(first_line, 0);
    row.line = 3;
    assert_int_equal(onboard_rows_add(rows, &row, &first_line, &files, NULL), CP_OK);
    assert_int_equal(first_line, 2); /* the same hostname and site */
    (void)snprintf(row.site, sizeof(row.site), "%s", "");
    row.site_id = 5; /* the same site, by id: found out once the name is resolved */
    assert_int_equal(onboard_rows_add(rows, &row, &first_line, NULL, NULL), CP_OK);
    assert_int_equal(first_line, 0);
    assert_int_equal(onboard_rows_unnamed(rows, &found, &name, NULL), CP_OK);
    assert_true(found);
    assert_string_equal(name.site, "acme.example");
    assert_int_equal(onboard_rows_resolve(rows, &name, 5, NULL, NULL, NULL), CP_OK);
    assert_int_equal(onboard_rows_unnamed(rows, &found, &name, NULL), CP_OK);
    assert_true(found && name.site_id == 5);
    assert_string_equal(name.record, shop.record);
    assert_int_equal(onboard_rows_resolve(rows, &name, 0, NULL, "there is none", NULL), CP_OK);
    assert_int_equal(onboard_rows_unnamed(rows, &found, &name, NULL), CP_OK);
    assert_false(found);
    assert_int_equal(onboard_rows_block_twins(rows, NULL), CP_OK);
    assert_int_equal(onboard_rows_next(rows, &cursor, &found, &read, NULL), CP_OK);
    assert_true(found && read.state == ONBOARD_BLOCKED && read.line == 2);
    assert_string_equal(read.tag, shop.tag);
    assert_string_equal(read.reason, "there is none");
    assert_int_equal(onboard_rows_next(rows, &cursor, &found, &read, NULL), CP_OK);
    assert_true(found && read.state == ONBOARD_BLOCKED && read.line == 3);
    assert_int_equal(onboard_rows_next(rows, &cursor, &found, &read, NULL), CP_OK);
    assert_false(found);
    onboard_rows_free(rows);
}

static void test_states(void **state) {
    (void)state;
    for (int i = 0; i < ONBOARD_NUM_STATES; i++) {
        enum onboard_state one = (enum onboard_state)i;
        assert_int_equal(onboard_state_find(onboard_state_word(one)), one);
        assert_true(strlen(onboard_state_meaning(one)) > 3);
        assert_true(onboard_state_exit(one) >= 0 && onboard_state_exit(one) <= 5);
        assert_false(onboard_state_is_failure(one) && onboard_state_is_open(one));
    }
    assert_int_equal(onboard_state_find("open"), ONBOARD_NUM_STATES); /* the journal's own word */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_intent_and_outcome, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_kill_after_intent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_two_runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_creations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_reads_empty, set_up, tear_down),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
