/* What git says belongs to a work tree: tracked files, and untracked ones that are not ignored.
 *
 * git is run without a shell, and so that nothing in the tree's own configuration is run by it:
 * only commands that read no file's content, no fsmonitor, no external diff. Whose tree it is, is
 * git's own judgement (safe.directory): where it refuses, the folder is walked. */
#define _GNU_SOURCE /* pipe2, execvpe */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "gate.h"

#define MAX_SECONDS 120
#define CHUNK ((size_t)65536)
#define MAX_NESTED 8
#define MAX_ARGUMENTS 32
#define MAX_FILTER_NAMES ((size_t)16384)
#define MAX_FILTERS 64 /* settings of filters that a configuration may have */

/* .git in the folder or in one above it. */
static bool is_in_work_tree(const char *folder) {
    char path[GATE_MAX_PATH + 8];
    struct stat info;
    char *real = realpath(folder, NULL);
    bool found = false;
    size_t len = real == NULL ? 0 : strlen(real);
    while (!found && len != 0 && len < GATE_MAX_PATH) {
        (void)snprintf(path, sizeof(path), "%.*s/.git", (int)len, real);
        found = stat(path, &info) == 0;
        while (len != 0 && real[len - 1] != '/')
            len--;
        while (len != 0 && real[len - 1] == '/')
            len--;
    }
    if (!found && real != NULL)
        found = stat("/.git", &info) == 0;
    free(real);
    return found;
}

static void free_environment(char **environment) {
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
        free(environment[i]);
    free(environment);
}

static bool add_line(char **out, size_t *num, const char *before, size_t index, const char *value) {
    size_t len = strlen(before) + strlen(value) + 32;
    out[*num] = malloc(len);
    if (out[*num] == NULL)
        return false;
    (void)snprintf(out[(*num)++], len, "%s%zu=%s", before, index, value);
    return true;
}

/* Each setting of a filter is made empty, which is none; through the environment, since a name on
 * the command line may have an equals sign in it. */
static bool add_filters(char **out, const struct cp_buf *filters) {
    size_t num = 0, count = 0;
    char total[48];
    for (size_t at = 0; at < filters->len; count++) {
        const char *name = filters->data + at;
        size_t len = strlen(name);
        at += len + 1;
        bool is_required = len > 9 && strcmp(name + len - 9, ".required") == 0;
        if (count == MAX_FILTERS || !add_line(out, &num, "GIT_CONFIG_KEY_", count, name) ||
            !add_line(out, &num, "GIT_CONFIG_VALUE_", count, is_required ? "false" : ""))
            return false;
    }
    (void)snprintf(total, sizeof(total), "GIT_CONFIG_COUNT=%zu", count);
    out[num] = strdup(total);
    return out[num] != NULL;
}

/* No GIT_* of the caller's; what a hook sets (GIT_DIR, GIT_INDEX_FILE) would mean another tree. */
static char **make_environment(const struct cp_buf *filters) {
    static const char *const kept[] = {"PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR"};
    static const char *const set[] = {"LC_ALL=C",
                                      "GIT_OPTIONAL_LOCKS=0",
                                      "GIT_TERMINAL_PROMPT=0",
                                      "GIT_LITERAL_PATHSPECS=1",
                                      "GIT_NO_LAZY_FETCH=1",
                                      "GIT_NO_REPLACE_OBJECTS=1",
                                      "GIT_ALLOW_PROTOCOL="};
    const size_t num_kept = sizeof(kept) / sizeof(kept[0]), num_set = sizeof(set) / sizeof(set[0]);
    char **out = calloc(num_kept + num_set + 2 * MAX_FILTERS + 2, sizeof(*out));
    size_t num = 0;
    for (size_t i = 0; out != NULL && i < num_kept; i++) {
        const char *value = getenv(kept[i]);
        size_t len = value == NULL ? 0 : strlen(kept[i]) + strlen(value) + 2;
        if (value == NULL || (out[num] = malloc(len)) == NULL)
            continue;
        (void)snprintf(out[num++], len, "%s=%s", kept[i], value);
    }
    for (size_t i = 0; out != NULL && i < num_set; i++)
        if ((out[num] = strdup(set[i])) != NULL)
            num++;
    if (out != NULL && filters != NULL && !add_filters(out + num, filters)) {
        free_environment(out);
        return NULL;
    }
    return out;
}

static void run_child(int out_fd, char *const *argv, char *const *environment) {
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 || dup2(out_fd, STDOUT_FILENO) < 0 ||
        dup2(null_fd, STDERR_FILENO) < 0)
        _exit(127);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)execvpe("git", argv, environment);
    _exit(127);
}

static int64_t now_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Everything the child writes, up to GATE_MAX_LIST and MAX_SECONDS; false if it was not all. */
static bool read_output(struct cp_buf *out, int fd) {
    char chunk[CHUNK];
    int64_t end_ms = now_ms() + (int64_t)MAX_SECONDS * 1000;
    for (;;) {
        int64_t left_ms = end_ms - now_ms();
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        if (left_ms <= 0 || out->failed != CP_OK)
            return false;
        int ready = poll(&poll_fd, 1, (int)left_ms);
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready <= 0)
            continue;
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno != EINTR)
            return false;
        if (got == 0)
            return out->failed == CP_OK;
        if (got > 0)
            cp_buf_append(out, chunk, (size_t)got);
    }
}

/* Runs git in folder; *worked is false if it is not there or ended badly. */
static enum cp_status run_git(struct cp_buf *out, bool *worked, const char *folder,
                              const char *const *words, const struct cp_buf *filters,
                              struct cp_error *err) {
    static const char *const before[] = {
        "git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager", "-C"};
    const char *argv[MAX_ARGUMENTS] = {NULL};
    size_t num = 0;
    int fds[2] = {-1, -1}, how = 0;
    enum cp_status status = CP_OK;
    char **environment = make_environment(filters);
    *worked = false;
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
        argv[num++] = before[i];
    argv[num++] = folder;
    for (size_t i = 0; words[i] != NULL && num < MAX_ARGUMENTS - 1; i++)
        argv[num++] = words[i];
    if (environment == NULL || pipe2(fds, O_CLOEXEC) != 0) {
        status = cp_fail(err, CP_ERR_IO, "git: %s", strerror(errno));
        goto out;
    }
    pid_t child = fork();
    if (child < 0) {
        status = cp_fail(err, CP_ERR_IO, "git: %s", strerror(errno));
        goto out;
    }
    if (child == 0) {
        /* exec takes char *const *, and changes nothing. */
        char *writable[MAX_ARGUMENTS];
        memcpy(writable, argv, sizeof(writable));
        run_child(fds[1], writable, environment);
    }
    (void)close(fds[1]);
    fds[1] = -1;
    bool all = read_output(out, fds[0]);
    if (!all)
        (void)kill(child, SIGKILL);
    pid_t ended;
    while ((ended = waitpid(child, &how, 0)) < 0 && errno == EINTR) {
    }
    *worked = all && ended == child && WIFEXITED(how) && WEXITSTATUS(how) == 0;
out:
    if (fds[0] >= 0)
        (void)close(fds[0]);
    if (fds[1] >= 0)
        (void)close(fds[1]);
    free_environment(environment);
    return status;
}

static enum cp_status list(struct gate_files *files, bool *listed, const char *folder,
                           size_t root_len, unsigned depth, struct cp_error *err);

/* One name of git's list. A folder is a work tree of its own (a submodule, a clone in it). */
static enum cp_status put(struct gate_files *files, const char *folder, const char *name,
                          size_t root_len, unsigned depth, struct cp_error *err) {
    char path[GATE_MAX_PATH];
    struct stat info;
    size_t name_len = strlen(name);
    while (name_len != 0 && name[name_len - 1] == '/')
        name_len--;
    int len = snprintf(path, sizeof(path), "%s%s%.*s", folder,
                       folder[strlen(folder) - 1] == '/' ? "" : "/",
                       (int)(name_len < GATE_MAX_PATH ? name_len : GATE_MAX_PATH), name);
    if (len < 0 || (size_t)len >= sizeof(path))
        return gate_unread_add(files->unreads, folder, "a path in it is too long")
                   ? CP_OK
                   : cp_fail(err, CP_ERR_MEMORY, "out of memory");
    if (lstat(path, &info) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return CP_OK; /* tracked, but deleted */
    if (!S_ISDIR(info.st_mode)) {
        if (S_ISREG(info.st_mode))
            return gate_files_put(files, path, root_len, false, err);
        files->num_passed_over++;
        return CP_OK;
    }
    bool listed = false;
    enum cp_status status = CP_OK;
    if (depth < MAX_NESTED)
        status = list(files, &listed, path, root_len, depth + 1, err);
    if (status == CP_OK && !listed)
        status = gate_walk(files, path, root_len, err);
    return status;
}

static enum cp_status take(struct gate_files *files, bool *worked, const char *folder,
                           size_t root_len, unsigned depth, const char *const *words,
                           const struct cp_buf *filters, struct cp_error *err) {
    struct cp_buf out;
    cp_buf_init(&out, GATE_MAX_LIST);
    enum cp_status status = run_git(&out, worked, folder, words, filters, err);
    for (size_t at = 0; status == CP_OK && *worked && at < out.len;) {
        const char *name = out.data + at;
        at += strlen(name) + 1;
        if (*name != '\0')
            status = put(files, folder, name, root_len, depth, err);
    }
    cp_buf_cleanup(&out);
    return status;
}

static enum cp_status list(struct gate_files *files, bool *listed, const char *folder,
                           size_t root_len, unsigned depth, struct cp_error *err) {
    static const char *const all[] = {"ls-files", "-c", "-o", "--exclude-standard", "-z", NULL};
    if (is_in_work_tree(folder))
        return take(files, listed, folder, root_len, depth, all, NULL, err);
    *listed = false;
    return CP_OK;
}

/* What the commits since REF's branching changed, what is changed and not committed, and what is
 * not tracked. */
static enum cp_status list_changed(struct gate_files *files, const char *folder, size_t root_len,
                                   struct cp_error *err) {
    char range[300];
    const char *const since[] = {"diff",
                                 "--name-only",
                                 "-z",
                                 "--diff-filter=d",
                                 "--relative",
                                 "--no-renames",
                                 "--no-ext-diff",
                                 "--no-textconv",
                                 "--ignore-submodules=all",
                                 "--end-of-options",
                                 range,
                                 "--",
                                 NULL};
    static const char *const uncommitted[] = {"diff-index",
                                              "--name-only",
                                              "-z",
                                              "--diff-filter=d",
                                              "--relative",
                                              "--no-renames",
                                              "--ignore-submodules=all",
                                              "HEAD",
                                              "--",
                                              NULL};
    static const char *const untracked[] = {"ls-files", "-o", "--exclude-standard", "-z", NULL};
    static const char *const list_filters[] = {"config",
                                               "-z",
                                               "--name-only",
                                               "--get-regexp",
                                               "^filter\\..*\\.(clean|smudge|process|required)$",
                                               NULL};
    const char *const *const steps[] = {since, uncommitted, untracked};
    struct cp_buf filters;
    enum cp_status status;
    bool found = false;
    int len = snprintf(range, sizeof(range), "%s...", files->changed_since);
    if (files->changed_since[0] == '-' || files->changed_since[0] == '\0' ||
        strstr(files->changed_since, "..") != NULL || len < 0 || (size_t)len >= sizeof(range))
        return cp_fail(err, CP_ERR_USAGE, "--changed-since '%.40s': want one revision",
                       files->changed_since);
    /* To compare a changed file, git would run the filters that the configuration names. It ends
     * with 1 where there is none. */
    cp_buf_init(&filters, MAX_FILTER_NAMES);
    status = run_git(&filters, &found, folder, list_filters, NULL, err);
    if (status == CP_OK && filters.failed != CP_OK)
        status = cp_fail(err, CP_ERR_LIMIT, "git's configuration names too many filters");
    for (size_t i = 0; status == CP_OK && i < sizeof(steps) / sizeof(steps[0]); i++) {
        bool worked = false;
        status = take(files, &worked, folder, root_len, 0, steps[i], &filters, err);
        if (status == CP_OK && !worked)
            status = cp_fail(err, CP_ERR_USAGE,
                             "--changed-since %.40s: git can't tell what changed in %.300s",
                             files->changed_since, folder);
    }
    cp_buf_cleanup(&filters);
    return status;
}

enum cp_status gate_git_list(struct gate_files *files, bool *listed, const char *folder,
                             size_t root_len, struct cp_error *err) {
    *listed = false;
    if (files->changed_since == NULL)
        return list(files, listed, folder, root_len, 0, err);
    *listed = true;
    if (!is_in_work_tree(folder))
        return cp_fail(err, CP_ERR_USAGE, "--changed-since: %.300s is in no work tree of git",
                       folder);
    return list_changed(files, folder, root_len, err);
}
