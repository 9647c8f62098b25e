/* Files that are written together or not at all: every system call fails, and the process dies
 * before every system call, in turn. */
#define _GNU_SOURCE /* O_TMPFILE */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes.h"
#include "write_files.h"

/* ---- faults ---- */

enum kind { FAULT_NONE, FAULT_ERROR, FAULT_DIE };

static struct {
    enum kind kind;
    int at;     /* the call that it hits, from 1 */
    int calls;  /* so far */
    bool named; /* there is no O_TMPFILE */
    bool no_rename_flags;
    bool short_writes;
    bool interrupt; /* the next write or fsync is interrupted */
} fault;

/* True: the call is to fail with ENOSPC. */
static bool hit(void) {
    if (fault.kind == FAULT_NONE || ++fault.calls != fault.at)
        return false;
    if (fault.kind == FAULT_DIE)
        _exit(9);
    errno = ENOSPC;
    return true;
}

int __real_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...);
ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);
int __wrap_fsync(int fd);
int __real_fchmod(int fd, mode_t mode);
int __wrap_fchmod(int fd, mode_t mode);
int __real_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags);
int __wrap_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags);
int __real_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int __real_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags);

int __wrap_openat(int dir, const char *name, int flags, ...) {
    mode_t mode = 0;
    if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    bool writes = (flags & O_ACCMODE) != O_RDONLY;
    if (fault.named && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return writes && hit() ? -1 : __real_openat(dir, name, flags, mode);
}

ssize_t __wrap_write(int fd, const void *data, size_t len) {
    if (fault.interrupt) {
        fault.interrupt = false;
        errno = EINTR;
        return -1;
    }
    fault.interrupt = fault.short_writes;
    return hit() ? -1 : __real_write(fd, data, fault.short_writes && len > 7 ? 7 : len);
}

int __wrap_fsync(int fd) {
    if (fault.interrupt) {
        fault.interrupt = false;
        errno = EINTR;
        return -1;
    }
    (void)fd; /* what a power cut would leave is not seen here, and syncing takes its time */
    return hit() ? -1 : 0;
}

int __wrap_fchmod(int fd, mode_t mode) {
    return hit() ? -1 : __real_fchmod(fd, mode);
}

int __wrap_linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
    return hit() ? -1 : __real_linkat(from_dir, from, to_dir, to, flags);
}

int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to) {
    return hit() ? -1 : __real_renameat(from_dir, from, to_dir, to);
}

int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    if (fault.no_rename_flags) {
        errno = EINVAL;
        return -1;
    }
    return hit() ? -1 : __real_renameat2(from_dir, from, to_dir, to, flags);
}

int __wrap_unlinkat(int dir, const char *name, int flags) {
    return hit() ? -1 : __real_unlinkat(dir, name, flags);
}

/* ---- a directory to write to ---- */

#define NUM_FILES 3

static const char *const names[NUM_FILES] = {"fullchain.pem", "privkey.pem", "prepared.json"};
static const char *const old_texts[NUM_FILES] = {"old chain\n", "old key\n", "old manifest\n"};
static const char *const new_texts[NUM_FILES] = {"a new chain, and longer\n", "new key\n",
                                                 "new manifest\n"};

static char root[] = "/tmp/test_write_files.XXXXXX";
static char dir_path[80];

static int make_root(void **state) {
    (void)state;
    if (mkdtemp(root) == NULL)
        return -1;
    snprintf(dir_path, sizeof(dir_path), "%s/out", root);
    return 0;
}

static void in_dir(char out[200], const char *name) {
    snprintf(out, 200, "%.90s/%.100s", dir_path, name);
}

static void put_file(const char *name, const char *text) {
    char path[200];
    in_dir(path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
}

static void empty_dir(void) {
    DIR *list = opendir(dir_path);
    for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
        char path[200];
        in_dir(path, entry->d_name);
        if (entry->d_name[0] != '.' || strncmp(entry->d_name, CLI_TEMP_PREFIX, 10) == 0)
            (void)remove(path);
    }
    if (list != NULL)
        closedir(list);
    (void)rmdir(dir_path);
}

static int remove_root(void **state) {
    (void)state;
    empty_dir();
    return rmdir(root);
}

/* Which files there are of old ones before a run: one bit each. */
static void put_old(unsigned which) {
    fault.kind = FAULT_NONE;
    empty_dir();
    assert_int_equal(mkdir(dir_path, 0700), 0);
    for (size_t i = 0; i < NUM_FILES; i++)
        if ((which >> i & 1) != 0)
            put_file(names[i], old_texts[i]);
}

static bool file_is(const char *name, const char *text) {
    char path[200], got[100] = "";
    in_dir(path, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return text == NULL;
    size_t len = fread(got, 1, sizeof(got) - 1, file);
    fclose(file);
    got[len] = '\0';
    return text != NULL && strcmp(got, text) == 0;
}

static bool all_old(unsigned which) {
    for (size_t i = 0; i < NUM_FILES; i++)
        if (!file_is(names[i], (which >> i & 1) != 0 ? old_texts[i] : NULL))
            return false;
    return true;
}

static bool all_new(void) {
    for (size_t i = 0; i < NUM_FILES; i++)
        if (!file_is(names[i], new_texts[i]))
            return false;
    return true;
}

static size_t num_temps(void) {
    size_t num = 0;
    DIR *list = opendir(dir_path);
    for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;)
        num += strncmp(entry->d_name, CLI_TEMP_PREFIX, strlen(CLI_TEMP_PREFIX)) == 0;
    if (list != NULL)
        closedir(list);
    return num;
}

static void set_files(struct cli_file files[NUM_FILES]) {
    for (size_t i = 0; i < NUM_FILES; i++)
        files[i] = (struct cli_file){
            .name = names[i], .data = (const uint8_t *)new_texts[i], .len = strlen(new_texts[i])};
}

/* One run of what prepare does. */
static enum cp_status write_new(struct cp_error *err) {
    struct cli_file files[NUM_FILES];
    struct cli_dir dir;
    set_files(files);
    enum cp_status status = cli_dir_open(&dir, dir_path, true, err);
    if (status == CP_OK)
        status = cli_files_look(&dir, files, NUM_FILES, err);
    if (status == CP_OK)
        status = cli_files_write_here(&dir, files, NUM_FILES, err);
    cli_files_cleanup(files, NUM_FILES);
    cli_dir_close(&dir);
    return status;
}

/* ---- tests ---- */

static const struct {
    const char *reason;
    unsigned old;
    bool named;
} starts[] = {
    {"nothing there", 0, false},
    {"all there", 7, false},
    {"the chain there, the rest new", 1, false},
    {"the key there, the rest new", 2, false},
    {"nothing there, no O_TMPFILE", 0, true},
    {"all there, no O_TMPFILE", 7, true},
    {"the manifest there, no O_TMPFILE", 4, true},
};
#define NUM_STARTS (sizeof(starts) / sizeof(starts[0]))

static void test_writes(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_STARTS; i++) {
        struct cp_error err = {CP_OK, 0, 0, ""};
        struct stat info;
        char path[200];
        print_message("%s\n", starts[i].reason);
        put_old(starts[i].old);
        fault.named = starts[i].named;
        mode_t mask = umask(0777); /* the mode is ours all the same */
        enum cp_status status = write_new(&err);
        umask(mask);
        assert_string_equal(err.message, "");
        assert_int_equal(status, CP_OK);
        assert_true(all_new());
        assert_int_equal(num_temps(), 0);
        in_dir(path, "privkey.pem");
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 07777, 0600);
    }
}

static void test_short_and_interrupted_writes(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_STARTS; i++) {
        put_old(starts[i].old);
        fault.named = starts[i].named;
        fault.short_writes = true;
        enum cp_status status = write_new(NULL);
        fault.short_writes = fault.interrupt = false;
        assert_int_equal(status, CP_OK);
        assert_true(all_new());
        assert_int_equal(num_temps(), 0);
    }
}

/* A file system that knows no flags of renameat2: new files by a hard link, no exchange. */
static void test_without_rename_flags(void **state) {
    (void)state;
    struct cp_error err = {CP_OK, 0, 0, ""};
    fault.named = fault.no_rename_flags = true;
    put_old(0);
    assert_int_equal(write_new(&err), CP_OK);
    assert_true(all_new());
    assert_int_equal(num_temps(), 0);
    put_old(7);
    assert_int_equal(write_new(&err), CP_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "can't exchange files"));
    assert_true(all_old(7));
    assert_int_equal(num_temps(), 0);
    fault.named = fault.no_rename_flags = false;
}

/* Each call fails in turn: all old, nothing left over; once the new set counts, a failed tidying
 * does not take it back, and the next run tidies. */
static void test_every_call_fails(void **state) {
    (void)state;
    size_t num_failed = 0;
    for (size_t i = 0; i < NUM_STARTS; i++) {
        print_message("%s\n", starts[i].reason);
        for (int at = 1;; at++) {
            struct cp_error err = {CP_OK, 0, 0, ""};
            put_old(starts[i].old);
            fault.named = starts[i].named;
            fault.kind = FAULT_ERROR;
            fault.at = at;
            fault.calls = 0;
            enum cp_status status = write_new(&err);
            fault.kind = FAULT_NONE;
            if (status != CP_OK) {
                num_failed++;
                assert_true(all_old(starts[i].old));
                assert_int_equal(num_temps(), 0);
                assert_true(err.message[0] != '\0');
            } else {
                assert_true(all_new());
                assert_int_equal(write_new(NULL), CP_OK);
                assert_int_equal(num_temps(), 0);
            }
            if (fault.calls < at)
                break;
        }
    }
    assert_true(num_failed > 100);
}

/* Runs write_new in a child that dies before call number at; true if it came to an end. */
static bool run_and_die(int at) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        fault.kind = FAULT_DIE;
        fault.at = at;
        fault.calls = 0;
        _exit(write_new(NULL) == CP_OK ? 0 : 1);
    }
    int result = 0;
    assert_int_equal(waitpid(pid, &result, 0), pid);
    assert_true(WIFEXITED(result) && (WEXITSTATUS(result) == 0 || WEXITSTATUS(result) == 9));
    return WEXITSTATUS(result) == 0;
}

/* Every name holds a whole file, old or new. */
static void assert_no_torn_file(unsigned old) {
    for (size_t i = 0; i < NUM_FILES; i++)
        assert_true(file_is(names[i], new_texts[i]) ||
                    file_is(names[i], (old >> i & 1) != 0 ? old_texts[i] : NULL));
}

static void recover(void) {
    struct cli_dir dir;
    assert_int_equal(cli_dir_open(&dir, dir_path, true, NULL), CP_OK);
    cli_dir_close(&dir);
}

static void test_dies_before_every_call(void **state) {
    (void)state;
    size_t num_deaths = 0, num_new = 0;
    for (size_t i = 0; i < NUM_STARTS; i++) {
        unsigned old = starts[i].old;
        bool done = false;
        print_message("%s\n", starts[i].reason);
        for (int at = 1; !done; at++) {
            put_old(old);
            fault.named = starts[i].named;
            done = run_and_die(at);
            num_deaths += !done;
            assert_no_torn_file(old);
            if (old == 0 && !starts[i].named) /* no file with a key under a hidden name, ever */
                assert_true(file_is(CLI_TEMP_PREFIX "privkey.pem", NULL));
            recover();
            assert_true(all_old(old) || all_new());
            assert_int_equal(num_temps(), 0);
            num_new += all_new() && !done;
        }
    }
    assert_true(num_deaths > 100);
    assert_true(num_new > 0);
}

/* The same for a recovery. */
static bool recover_and_die(int at) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        fault.kind = FAULT_DIE;
        fault.at = at;
        fault.calls = 0;
        recover();
        _exit(0);
    }
    int result = 0;
    assert_int_equal(waitpid(pid, &result, 0), pid);
    assert_true(WIFEXITED(result) && (WEXITSTATUS(result) == 0 || WEXITSTATUS(result) == 9));
    return WEXITSTATUS(result) == 0;
}

/* It dies once more while the next run puts things in order. */
static void test_dies_in_recovery(void **state) {
    (void)state;
    size_t num_deaths = 0;
    for (size_t i = 0; i < NUM_STARTS; i++) {
        bool done = false;
        for (int first = 1; !done; first++) {
            bool recovered = false;
            for (int second = 1; !recovered; second++) {
                put_old(starts[i].old);
                fault.named = starts[i].named;
                done = run_and_die(first);
                if (num_temps() == 0) /* nothing to put in order */
                    break;
                recovered = recover_and_die(second);
                num_deaths += !recovered;
                assert_no_torn_file(starts[i].old);
                recover();
                assert_true(all_old(starts[i].old) || all_new());
                assert_int_equal(num_temps(), 0);
            }
        }
    }
    assert_true(num_deaths > 100);
}

/* What somebody put there since the interrupted run is nobody's to undo. */
static void test_recovery_leaves_other_files(void **state) {
    (void)state;
    int at = 1;
    do { /* until the new chain stands there beside the journal */
        put_old(7);
        fault.named = false;
        assert_false(run_and_die(at++));
    } while (!file_is("fullchain.pem", new_texts[0]) || file_is(CLI_JOURNAL, NULL));
    put_file("fullchain.pem", "mine\n");
    recover();
    assert_true(file_is("fullchain.pem", "mine\n"));
    assert_true(file_is("privkey.pem", old_texts[1]));
    assert_int_equal(num_temps(), 0);
}

static const struct {
    const char *reason, *journal;
} bad_journals[] = {
    {"no line end", "0000000000000000000000000000000000000000000000000000000000000000  a"},
    {"short", "abc\n"},
    {"no name", "0000000000000000000000000000000000000000000000000000000000000000  \n"},
    {"a path", "0000000000000000000000000000000000000000000000000000000000000000  ../a\n"},
    {"a slash", "0000000000000000000000000000000000000000000000000000000000000000  a/b\n"},
    {"a hidden name", "0000000000000000000000000000000000000000000000000000000000000000  .a\n"},
    {"one space", "0000000000000000000000000000000000000000000000000000000000000000 ab\n"},
};

static void test_bad_journal(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(bad_journals) / sizeof(bad_journals[0]); i++) {
        struct cp_error err = {CP_OK, 0, 0, ""};
        struct cli_dir dir;
        print_message("%s\n", bad_journals[i].reason);
        put_old(7);
        put_file(CLI_JOURNAL, bad_journals[i].journal);
        assert_int_equal(cli_dir_open(&dir, dir_path, true, &err), CP_ERR_IO);
        cli_dir_close(&dir);
        assert_non_null(strstr(err.message, "not as certprep writes it"));
        assert_true(all_old(7));
    }
}

static void make_link(const char *path) {
    assert_int_equal(symlink("/dev/null", path), 0);
}
static void make_pipe(const char *path) {
    assert_int_equal(mkfifo(path, 0600), 0);
}
static void make_dir(const char *path) {
    assert_int_equal(mkdir(path, 0700), 0);
}

static const struct {
    const char *reason;
    void (*make)(const char *path);
    const char *says;
} obstacles[] = {
    {"a symbolic link", make_link, "is a symbolic link"},
    {"a pipe, which must not be waited for", make_pipe, "is no regular file"},
    {"a directory", make_dir, "is no regular file"},
};

static void test_other_than_files(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(obstacles) / sizeof(obstacles[0]); i++) {
        struct cp_error err = {CP_OK, 0, 0, ""};
        char path[200];
        print_message("%s\n", obstacles[i].reason);
        put_old(1);
        fault.named = false;
        in_dir(path, "privkey.pem");
        obstacles[i].make(path);
        assert_int_equal(write_new(&err), CP_ERR_IO);
        assert_non_null(strstr(err.message, obstacles[i].says));
        assert_true(file_is("fullchain.pem", old_texts[0]));
        assert_int_equal(remove(path), 0);
    }
}

/* Between the look and the writing somebody makes the file: it is not overwritten. */
static void test_race(void **state) {
    (void)state;
    struct cli_file files[NUM_FILES];
    struct cli_dir dir;
    struct cp_error err = {CP_OK, 0, 0, ""};
    put_old(0);
    set_files(files);
    assert_int_equal(cli_dir_open(&dir, dir_path, true, &err), CP_OK);
    assert_int_equal(cli_files_look(&dir, files, NUM_FILES, &err), CP_OK);
    put_file("privkey.pem", "mine\n");
    assert_int_equal(cli_files_write_here(&dir, files, NUM_FILES, &err), CP_ERR_IO);
    cli_files_cleanup(files, NUM_FILES);
    cli_dir_close(&dir);
    assert_true(file_is("privkey.pem", "mine\n"));
    assert_true(file_is("fullchain.pem", NULL));
    assert_int_equal(num_temps(), 0);
}

static void test_lock(void **state) {
    (void)state;
    struct cli_dir one, two;
    struct cp_error err = {CP_OK, 0, 0, ""};
    put_old(0);
    assert_int_equal(cli_dir_open(&one, dir_path, true, &err), CP_OK);
    assert_int_equal(cli_dir_open(&two, dir_path, true, &err), CP_ERR_IO);
    assert_non_null(strstr(err.message, "another run"));
    cli_dir_close(&two);
    cli_dir_close(&one);
}

static void test_directory(void **state) {
    (void)state;
    struct cli_dir dir;
    struct stat info;
    fault.kind = FAULT_NONE;
    empty_dir();
    assert_int_equal(cli_dir_open(&dir, dir_path, false, NULL), CP_OK);
    assert_int_equal(dir.fd, -1);
    cli_dir_close(&dir);
    assert_int_equal(stat(dir_path, &info), -1); /* looking makes nothing */
    assert_int_equal(cli_dir_open(&dir, dir_path, true, NULL), CP_OK);
    assert_int_equal(stat(dir_path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    cli_dir_close(&dir);
    assert_int_equal(stat(dir_path, &info), -1); /* nothing was written */
    assert_int_equal(cli_dir_open(&dir, "/tmp/no such/directory", true, NULL), CP_ERR_IO);
    cli_dir_close(&dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes),
        cmocka_unit_test(test_short_and_interrupted_writes),
        cmocka_unit_test(test_without_rename_flags),
        cmocka_unit_test(test_every_call_fails),
        cmocka_unit_test(test_dies_before_every_call),
        cmocka_unit_test(test_dies_in_recovery),
        cmocka_unit_test(test_recovery_leaves_other_files),
        cmocka_unit_test(test_bad_journal),
        cmocka_unit_test(test_other_than_files),
        cmocka_unit_test(test_race),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_directory),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
