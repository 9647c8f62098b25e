#define _GNU_SOURCE /* mkostemp */
#include "save_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP_NAME ".certprep-XXXXXX"

static enum cp_status failed(struct cp_error *err, const char *path, int number) {
    return cp_fail(err, CP_ERR_IO, "%.200s: %s", path, strerror(number));
}

/* The permissions of what stands there, or those of a new file. */
static enum cp_status look(mode_t *mode, const char *path, struct cp_error *err) {
    struct stat st;
    if (path[0] == '\0')
        return cp_fail(err, CP_ERR_USAGE, "the file's name is empty");
    if (lstat(path, &st) == 0) {
        *mode = st.st_mode & 0777;
        return S_ISREG(st.st_mode)
                   ? CP_OK
                   : cp_fail(err, CP_ERR_IO, "%.200s: not a regular file; it is not replaced",
                             path);
    }
    if (errno != ENOENT)
        return failed(err, path, errno);
    mode_t mask = umask(0);
    (void)umask(mask);
    *mode = 0666 & ~mask;
    return CP_OK;
}

/* Beside the file, since a rename does not cross file systems. */
static enum cp_status open_temp(int *fd, char temp[PATH_MAX], const char *path,
                                struct cp_error *err) {
    const char *slash = strrchr(path, '/');
    int dir_len = slash == NULL ? 0 : (int)(slash - path + 1);
    if (dir_len > PATH_MAX - 32 || snprintf(temp, PATH_MAX, "%.*s" TEMP_NAME, dir_len, path) < 0)
        return failed(err, path, ENAMETOOLONG);
    *fd = mkostemp(temp, O_CLOEXEC);
    return *fd >= 0 ? CP_OK : failed(err, path, errno);
}

enum cp_status cli_save_probe(const char *path, struct cp_error *err) {
    char temp[PATH_MAX];
    mode_t mode = 0600;
    int fd = -1;
    enum cp_status status = look(&mode, path, err);
    if (status == CP_OK)
        status = open_temp(&fd, temp, path, err);
    if (fd >= 0) {
        (void)close(fd);
        (void)unlink(temp);
    }
    return status;
}

enum cp_status cli_save_begin(struct cli_saving *saving, const char *path, bool is_private,
                              struct cp_error *err) {
    int fd = -1;
    *saving = (struct cli_saving){.path = path};
    enum cp_status status = look(&saving->mode, path, err);
    if (status == CP_OK)
        status = open_temp(&fd, saving->temp, path, err);
    if (status != CP_OK)
        return status;
    if (is_private)
        saving->mode = 0600;
    saving->out = fdopen(fd, "w");
    if (saving->out != NULL)
        return CP_OK;
    int number = errno;
    (void)close(fd);
    (void)unlink(saving->temp);
    return failed(err, path, number);
}

/* 0, or errno. A file system that can't sync is no reason to lose the file. */
static int settle(const struct cli_saving *saving) {
    int fd = fileno(saving->out);
    if (ferror(saving->out) != 0)
        return EIO;
    if (fflush(saving->out) != 0)
        return errno;
    if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
        return errno;
    return fchmod(fd, saving->mode) == 0 ? 0 : errno;
}

enum cp_status cli_save_end(struct cli_saving *saving, enum cp_status status,
                            struct cp_error *err) {
    int number = settle(saving);
    if (fclose(saving->out) != 0 && number == 0)
        number = errno;
    if (status == CP_OK && number == 0 && rename(saving->temp, saving->path) != 0)
        number = errno;
    if (status == CP_OK && number == 0)
        return CP_OK;
    (void)unlink(saving->temp);
    return status != CP_OK ? status : failed(err, saving->path, number);
}

enum cp_status cli_save(const char *path, const char *data, size_t len, struct cp_error *err) {
    struct cli_saving saving;
    enum cp_status status = cli_save_begin(&saving, path, false, err);
    if (status != CP_OK)
        return status;
    if (fwrite(data, 1, len, saving.out) != len)
        status = failed(err, path, errno);
    return cli_save_end(&saving, status, err);
}
