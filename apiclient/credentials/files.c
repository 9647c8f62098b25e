/* files: reading the files that credentials stand in. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum cp_status check(const struct stat *info, const char *path, enum esa_file_rule rule,
                            size_t max_len, struct cp_error *err) {
    mode_t refused = rule == ESA_FILE_PRIVATE   ? S_IRWXG | S_IRWXO
                     : rule == ESA_FILE_MANAGED ? S_IWGRP | S_IRWXO
                                                : S_IWOTH;
    if (!S_ISREG(info->st_mode))
        return cp_fail(err, CP_ERR_IO, "%.200s: is no regular file", path);
    if ((info->st_mode & refused) != 0)
        return cp_fail(err, CP_ERR_USAGE,
                       "%.200s: others may %s it (mode %04o); it is not used: chmod %s it", path,
                       (info->st_mode & refused & (S_IWGRP | S_IWOTH)) != 0 ? "write" : "read",
                       (unsigned)(info->st_mode & 07777), rule == ESA_FILE_TOKEN ? "o-w" : "0600");
    if (rule != ESA_FILE_TOKEN && info->st_uid != 0 && info->st_uid != geteuid())
        return cp_fail(
            err, CP_ERR_USAGE,
            "%.200s: belongs to another user (%lu), who could put another identity there", path,
            (unsigned long)info->st_uid);
    if (info->st_size < 0 || (uint64_t)info->st_size > max_len)
        return cp_fail(err, CP_ERR_LIMIT, "%.200s: over %zu bytes", path, max_len);
    return CP_OK;
}

static enum cp_status read_all(struct cp_secret *out, int fd, const char *path, size_t max_len,
                               struct cp_error *err) {
    while (out->len <= max_len) {
        ssize_t got = read(fd, out->data + out->len, max_len + 1 - out->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cp_fail(err, CP_ERR_IO, "%.200s: %s", path, strerror(errno));
        if (got == 0) {
            out->data[out->len] = '\0';
            return CP_OK;
        }
        out->len += (size_t)got;
    }
    return cp_fail(err, CP_ERR_LIMIT, "%.200s: over %zu bytes", path, max_len);
}

enum cp_status esa_file_read(struct cp_secret *out, bool *found, const char *path,
                             enum esa_file_rule rule, size_t max_len, struct cp_error *err) {
    struct stat info;
    *found = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return CP_OK;
    if (fd < 0)
        return cp_fail(err, CP_ERR_IO, "%.200s: %s", path, strerror(errno));
    enum cp_status status = fstat(fd, &info) != 0
                                ? cp_fail(err, CP_ERR_IO, "%.200s: %s", path, strerror(errno))
                                : check(&info, path, rule, max_len, err);
    if (status == CP_OK)
        status = cp_secret_init(out, max_len + 2, err);
    if (status == CP_OK)
        status = read_all(out, fd, path, max_len, err);
    (void)close(fd);
    if (status != CP_OK)
        cp_secret_cleanup(out);
    *found = status == CP_OK;
    return status;
}

bool esa_file_at_home(char out[ESA_PATH_MAX], const struct esa_chain *chain, const char *path) {
    const char *home = esa_chain_get(chain, "HOME");
    if (home[0] == '\0')
        return false;
    int len = snprintf(out, ESA_PATH_MAX, "%s/%s", home, path);
    return len > 0 && (size_t)len < ESA_PATH_MAX;
}

void esa_secret_trim(struct cp_secret *text) {
    while (text->len > 0 && strchr(" \t\r\n", text->data[text->len - 1]) != NULL &&
           text->data[text->len - 1] != '\0')
        text->len--;
    text->data[text->len] = '\0';
}
