/* What a run that was killed while it switched names left behind: see write_files.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cert.h"
#include "write_files.h"

static enum cp_status fail_at(const struct cli_dir *dir, const char *name, struct cp_error *err) {
    int code = errno;
    return cp_fail(err, CP_ERR_IO, "%s/%s: tidying up behind an interrupted run: %s", dir->path,
                   name, strerror(code));
}

static bool exists(const struct cli_dir *dir, const char *name) {
    return faccessat(dir->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Puts one file back if it is the one that the interrupted run put there; anything else is the old
 * one, or somebody else's since then. */
static enum cp_status restore(const struct cli_dir *dir, const char *sha256, const char *name,
                              struct cp_error *err) {
    char temp[sizeof(CLI_TEMP_PREFIX) + CLI_MAX_NAME], now[65] = "";
    struct cp_secret bytes = {0};
    bool found = false;
    unsigned mode;
    snprintf(temp, sizeof(temp), CLI_TEMP_PREFIX "%s", name);
    enum cp_status status = cli_read_at(dir, name, &bytes, &found, &mode, err);
    if (status == CP_OK && found)
        status = cp_sha256_hex(now, (struct cp_span){bytes.data, bytes.len}, err);
    cp_secret_cleanup(&bytes);
    if (status != CP_OK || !found || strcmp(now, sha256) != 0)
        return status;
    int result =
        exists(dir, temp) ? renameat(dir->fd, temp, dir->fd, name) : unlinkat(dir->fd, name, 0);
    return result == 0 ? CP_OK : fail_at(dir, name, err);
}

/* "SHA256  NAME" a line. A journal that is not ours to read stops the run: nothing is guessed. */
static enum cp_status roll_back(const struct cli_dir *dir, struct cp_span journal,
                                struct cp_error *err) {
    const char *at = (const char *)journal.data;
    size_t left = journal.len;
    while (left != 0) {
        const char *end = memchr(at, '\n', left);
        size_t len = end == NULL ? 0 : (size_t)(end - at);
        char sha256[65], name[CLI_MAX_NAME + 1];
        if (len <= 66 || len - 66 > CLI_MAX_NAME || memcmp(at + 64, "  ", 2) != 0 ||
            memchr(at + 66, '/', len - 66) != NULL || at[66] == '.')
            return cp_fail(err, CP_ERR_IO,
                           "%s/" CLI_JOURNAL ": not as certprep writes it; look at "
                           "the files and remove it",
                           dir->path);
        memcpy(sha256, at, 64);
        sha256[64] = '\0';
        memcpy(name, at + 66, len - 66);
        name[len - 66] = '\0';
        enum cp_status status = restore(dir, sha256, name, err);
        if (status != CP_OK)
            return status;
        at += len + 1;
        left -= len + 1;
    }
    return CP_OK;
}

/* Removes every temporary name; the journal last, so that a kill here leaves a state that can be
 * recovered as well. */
static enum cp_status remove_temps(const struct cli_dir *dir, bool *any, struct cp_error *err) {
    enum cp_status status = CP_OK;
    int fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    if (list == NULL) {
        status = fail_at(dir, ".", err);
        if (fd >= 0)
            (void)close(fd);
        return status;
    }
    for (struct dirent *entry; status == CP_OK && (entry = readdir(list)) != NULL;) {
        if (strncmp(entry->d_name, CLI_TEMP_PREFIX, sizeof(CLI_TEMP_PREFIX) - 1) != 0 ||
            strcmp(entry->d_name, CLI_JOURNAL) == 0)
            continue;
        *any = true;
        if (unlinkat(dir->fd, entry->d_name, 0) != 0)
            status = fail_at(dir, entry->d_name, err);
    }
    (void)closedir(list);
    return status;
}

enum cp_status cli_recover(const struct cli_dir *dir, bool *recovered, struct cp_error *err) {
    struct cp_secret journal = {0};
    unsigned mode;
    *recovered = false;
    enum cp_status status = cli_read_at(dir, CLI_JOURNAL, &journal, recovered, &mode, err);
    bool has_journal = *recovered;
    if (status == CP_OK && has_journal)
        status = roll_back(dir, (struct cp_span){journal.data, journal.len}, err);
    if (status == CP_OK && has_journal && cli_fsync(dir->fd) != 0)
        status = fail_at(dir, ".", err);
    if (status == CP_OK)
        status = remove_temps(dir, recovered, err);
    if (status == CP_OK && has_journal && unlinkat(dir->fd, CLI_JOURNAL, 0) != 0)
        status = fail_at(dir, CLI_JOURNAL, err);
    if (status == CP_OK && *recovered && cli_fsync(dir->fd) != 0)
        status = fail_at(dir, ".", err);
    cp_secret_cleanup(&journal);
    return status;
}
