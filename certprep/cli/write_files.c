#define _GNU_SOURCE /* O_TMPFILE, renameat2 */
#include "write_files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cert.h"

static enum cp_status io_error(const struct cli_dir *dir, const char *name, struct cp_error *err) {
    int code = errno;
    return cp_fail(err, CP_ERR_IO, "%s/%s: %s", dir->path, name, strerror(code));
}

int cli_fsync(int fd) {
    int result;
    do
        result = fsync(fd);
    while (result != 0 && errno == EINTR);
    return result;
}

/* ---- the directory ---- */

enum cp_status cli_dir_open(struct cli_dir *dir, const char *path, bool for_writing,
                            struct cp_error *err) {
    *dir = (struct cli_dir){.path = path, .fd = -1};
    if (for_writing && mkdir(path, 0700) == 0)
        dir->created = true;
    else if (for_writing && errno != EEXIST)
        return cp_fail(err, CP_ERR_IO, "%s: can't make the directory: %s", path, strerror(errno));
    dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir->fd < 0 && errno == ENOENT && !for_writing)
        return CP_OK;
    if (dir->fd < 0)
        return cp_fail(err, CP_ERR_IO, "%s: %s", path, strerror(errno));
    if (!for_writing)
        return CP_OK;
    if (flock(dir->fd, LOCK_EX | LOCK_NB) != 0)
        return cp_fail(err, CP_ERR_IO, "%s: %s", path,
                       errno == EWOULDBLOCK ? "another run is writing there" : strerror(errno));
    return cli_recover(dir, &dir->recovered, err);
}

void cli_dir_close(struct cli_dir *dir) {
    if (dir->fd >= 0)
        (void)close(dir->fd);
    if (dir->created)
        (void)rmdir(dir->path); /* only if it is empty */
    *dir = (struct cli_dir){.fd = -1};
}

/* ---- what is there ---- */

static enum cp_status read_all(const struct cli_dir *dir, const char *name, struct cp_secret *out,
                               int fd, struct cp_error *err) {
    while (out->len < out->cap) {
        ssize_t got = read(fd, out->data + out->len, out->cap - out->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return io_error(dir, name, err);
        if (got == 0)
            break;
        out->len += (size_t)got;
    }
    return CP_OK;
}

enum cp_status cli_read_at(const struct cli_dir *dir, const char *name, struct cp_secret *out,
                           bool *found, unsigned *mode, struct cp_error *err) {
    struct stat info;
    enum cp_status status = CP_OK;
    *out = (struct cp_secret){0};
    *mode = 0;
    *found = false;
    if (dir->fd < 0)
        return CP_OK;
    int fd = openat(dir->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return CP_OK;
    if (fd < 0 && errno == ELOOP)
        return cp_fail(err, CP_ERR_IO,
                       "%s/%s: is a symbolic link; certprep neither follows nor replaces it",
                       dir->path, name);
    if (fd < 0)
        return io_error(dir, name, err);
    if (fstat(fd, &info) != 0)
        status = io_error(dir, name, err);
    else if (!S_ISREG(info.st_mode))
        status = cp_fail(err, CP_ERR_IO, "%s/%s: is no regular file", dir->path, name);
    else if (info.st_size < 0 || (uint64_t)info.st_size > CLI_MAX_OLD_FILE)
        status = cp_fail(err, CP_ERR_LIMIT, "%s/%s: larger than anything certprep writes",
                         dir->path, name);
    if (status == CP_OK) {
        *found = true;
        *mode = info.st_mode & 07777;
        status = cp_secret_init(out, (size_t)info.st_size, err);
    }
    if (status == CP_OK)
        status = read_all(dir, name, out, fd, err);
    (void)close(fd);
    if (status != CP_OK)
        cp_secret_cleanup(out);
    return status;
}

enum cp_status cli_files_look(const struct cli_dir *dir, struct cli_file *files, size_t num,
                              struct cp_error *err) {
    enum cp_status status = CP_OK;
    for (size_t i = 0; status == CP_OK && i < num; i++) {
        struct cli_file *file = &files[i];
        bool found = false;
        cp_secret_cleanup(&file->old);
        status = cli_read_at(dir, file->name, &file->old, &found, &file->old_mode, err);
        file->state = !found ? CLI_FILE_NEW
                      : file->old.len == file->len &&
                              (file->len == 0 || memcmp(file->old.data, file->data, file->len) == 0)
                          ? CLI_FILE_SAME
                          : CLI_FILE_DIFFERENT;
    }
    return status;
}

void cli_files_cleanup(struct cli_file *files, size_t num) {
    for (size_t i = 0; i < num; i++)
        cp_secret_cleanup(&files[i].old);
}

/* ---- writing ---- */

/* A file on its way to its name. */
struct pending {
    const char *name;
    bool replaces;
    int fd;
    bool has_temp; /* stands under temp; after an exchange that is the old file */
    bool placed;
    char temp[sizeof(CLI_TEMP_PREFIX) + CLI_MAX_NAME];
};

struct set {
    struct cli_dir *dir;
    struct pending files[CLI_MAX_SET + 1]; /* the last place is the journal's */
    size_t num;
    bool named; /* no O_TMPFILE here: temporary files have names from the start */
    struct cp_error *err;
};

static enum cp_status fail_at(struct set *set, const char *name) {
    return io_error(set->dir, name, set->err);
}

static enum cp_status write_all(struct set *set, struct pending *p, const uint8_t *data,
                                size_t len) {
    while (len != 0) {
        ssize_t done = write(p->fd, data, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done == 0)
            errno = EIO;
        if (done <= 0)
            return fail_at(set, p->name);
        data += done;
        len -= (size_t)done;
    }
    /* The mode given at creation is cut by the umask. */
    return fchmod(p->fd, 0600) == 0 && cli_fsync(p->fd) == 0 ? CP_OK : fail_at(set, p->name);
}

static enum cp_status make_file(struct set *set, struct pending *p, const char *name,
                                const uint8_t *data, size_t len) {
    *p = (struct pending){.name = name, .fd = -1};
    if (strlen(name) > CLI_MAX_NAME || strchr(name, '/') != NULL || name[0] == '\0')
        return cp_fail(set->err, CP_ERR_USAGE, "%s: '%s' can't be a file's name", set->dir->path,
                       name);
    if (strncmp(name, CLI_TEMP_PREFIX, sizeof(CLI_TEMP_PREFIX) - 1) == 0)
        snprintf(p->temp, sizeof(p->temp), "%s.new", name);
    else
        snprintf(p->temp, sizeof(p->temp), CLI_TEMP_PREFIX "%s", name);
    if (!set->named) {
        p->fd = openat(set->dir->fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
        set->named = p->fd < 0 &&
                     (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL);
    }
    if (set->named) {
        p->fd = openat(set->dir->fd, p->temp, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC,
                       0600);
        p->has_temp = p->fd >= 0;
    }
    if (p->fd < 0)
        return fail_at(set, name);
    return write_all(set, p, data, len);
}

/* Gives a nameless file a name that must be free. */
static int link_fd(const struct set *set, const struct pending *p, const char *name) {
    char self[40];
    snprintf(self, sizeof(self), "/proc/self/fd/%d", p->fd);
    return linkat(AT_FDCWD, self, set->dir->fd, name, AT_SYMLINK_FOLLOW);
}

static int place_new(const struct set *set, struct pending *p) {
    int dir = set->dir->fd;
    if (!p->has_temp)
        return link_fd(set, p, p->name);
    int result = renameat2(dir, p->temp, dir, p->name, RENAME_NOREPLACE);
    if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
        result = linkat(dir, p->temp, dir, p->name, 0);
        if (result == 0)
            (void)unlinkat(dir, p->temp, 0);
    }
    p->has_temp = result != 0;
    return result;
}

static enum cp_status place(struct set *set, struct pending *p) {
    int dir = set->dir->fd;
    if (!p->replaces) {
        if (place_new(set, p) != 0)
            return fail_at(set, p->name);
        p->placed = true;
        return CP_OK;
    }
    if (!p->has_temp && link_fd(set, p, p->temp) != 0)
        return fail_at(set, p->name);
    p->has_temp = true;
    if (renameat2(dir, p->temp, dir, p->name, RENAME_EXCHANGE) != 0)
        return errno == EINVAL || errno == ENOSYS
                   ? cp_fail(set->err, CP_ERR_UNSUPPORTED,
                             "%s/%s: this file system can't exchange files; write into a new "
                             "directory",
                             set->dir->path, p->name)
                   : fail_at(set, p->name);
    p->placed = true;
    return CP_OK;
}

/* Takes back what has been placed; the old file stands under temp. */
static void undo(struct set *set) {
    int dir = set->dir->fd;
    for (size_t i = set->num; i > 0; i--) {
        struct pending *p = &set->files[i - 1];
        if (!p->placed)
            continue;
        if (p->replaces && renameat(dir, p->temp, dir, p->name) == 0)
            p->has_temp = false;
        else if (!p->replaces)
            (void)unlinkat(dir, p->name, 0);
        p->placed = false;
    }
}

/* Digest and name of each file: what cli_recover needs to know old from new. */
static enum cp_status make_journal(struct set *set, const struct cli_file *const *files) {
    struct cp_buf text;
    char sha256[65];
    enum cp_status status = CP_OK;
    cp_buf_init(&text, (size_t)CLI_MAX_SET * (CLI_MAX_NAME + 70));
    for (size_t i = 0; status == CP_OK && i < set->num; i++) {
        status = cp_sha256_hex(sha256, (struct cp_span){files[i]->data, files[i]->len}, set->err);
        cp_buf_printf(&text, "%s  %s\n", sha256, files[i]->name);
    }
    if (status == CP_OK)
        status = cp_buf_finish(&text, set->err);
    if (status == CP_OK)
        status = make_file(set, &set->files[CLI_MAX_SET], CLI_JOURNAL, (const uint8_t *)text.data,
                           text.len);
    cp_buf_cleanup(&text);
    return status;
}

/* The names, all or none. Removing the journal is the moment from which the new set counts. */
static enum cp_status switch_names(struct set *set) {
    int dir = set->dir->fd;
    struct pending *journal = &set->files[CLI_MAX_SET];
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, &before);
    enum cp_status status = place(set, journal);
    if (status == CP_OK && cli_fsync(dir) != 0)
        status = fail_at(set, ".");
    for (size_t i = 0; status == CP_OK && i < set->num; i++)
        status = place(set, &set->files[i]);
    if (status == CP_OK && cli_fsync(dir) != 0)
        status = fail_at(set, ".");
    if (status == CP_OK && unlinkat(dir, CLI_JOURNAL, 0) != 0)
        status = fail_at(set, CLI_JOURNAL);
    if (status == CP_OK)
        journal->placed = false;
    else
        undo(set);
    for (size_t i = 0; i < set->num; i++)
        if (set->files[i].has_temp && unlinkat(dir, set->files[i].temp, 0) == 0)
            set->files[i].has_temp = false;
    if (journal->placed && unlinkat(dir, CLI_JOURNAL, 0) == 0)
        journal->placed = false;
    (void)cli_fsync(dir);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}

enum cp_status cli_files_write_here(struct cli_dir *dir, const struct cli_file *files, size_t num,
                                    struct cp_error *err) {
    struct set set = {.dir = dir, .err = err};
    const struct cli_file *to_write[CLI_MAX_SET];
    enum cp_status status = CP_OK;
    set.named = access("/proc/self/fd", X_OK) != 0;
    for (size_t i = 0; i <= CLI_MAX_SET; i++)
        set.files[i].fd = -1;
    for (size_t i = 0; status == CP_OK && i < num; i++) {
        if (files[i].state == CLI_FILE_SAME)
            continue;
        if (set.num == CLI_MAX_SET)
            return cp_fail(err, CP_ERR_LIMIT, "%s: more than %d files", dir->path, CLI_MAX_SET);
        struct pending *p = &set.files[set.num];
        to_write[set.num++] = &files[i];
        status = make_file(&set, p, files[i].name, files[i].data, files[i].len);
        p->replaces = files[i].state == CLI_FILE_DIFFERENT;
    }
    if (status == CP_OK && set.num != 0)
        status = make_journal(&set, to_write);
    if (status == CP_OK && set.num != 0)
        status = switch_names(&set);
    if (status == CP_OK && set.num != 0)
        dir->created = false; /* it stays */
    for (size_t i = 0; i <= CLI_MAX_SET; i++) {
        struct pending *p = &set.files[i];
        if (p->has_temp && !p->placed)
            (void)unlinkat(dir->fd, p->temp, 0);
        if (p->fd >= 0)
            (void)close(p->fd);
    }
    return status;
}
