/* Folders, read without following a link, and files opened the same way. */
#define _GNU_SOURCE /* O_PATH */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "gate.h"

/* Opens what stands at path + root_len, name by name from the root that the user named. */
static int open_below(const char *path, size_t root_len, int flags) {
    char root[GATE_MAX_PATH], name[GATE_MAX_PATH];
    if (root_len >= sizeof(root)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(root, path, root_len);
    root[root_len] = '\0';
    int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const char *at = path + root_len;
    while (fd >= 0) {
        while (*at == '/')
            at++;
        size_t len = strcspn(at, "/");
        if (len >= sizeof(name)) {
            (void)close(fd);
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(name, at, len);
        name[len] = '\0';
        at += len;
        bool last = *at == '\0';
        int next = openat(fd, len == 0 ? "." : name,
                          last ? flags | O_NOFOLLOW | O_CLOEXEC
                               : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int why = errno;
        (void)close(fd);
        errno = why;
        fd = next;
        if (last)
            break;
    }
    return fd;
}

int gate_open(const struct gate_file *file) {
    const int flags = O_RDONLY | O_NOCTTY | O_CLOEXEC;
    if (file->named)
        return open(file->path, flags);
    return open_below(file->path, file->root_len, flags | O_NONBLOCK);
}

static enum cp_status unread(struct gate_files *files, const char *path, struct cp_error *err) {
    char message[CP_ERROR_MAX];
    (void)snprintf(message, sizeof(message), "%s", strerror(errno));
    return gate_unread_add(files->unreads, path, message)
               ? CP_OK
               : cp_fail(err, CP_ERR_MEMORY, "out of memory");
}

static bool is_folder(int dir_fd, const struct dirent *entry, bool *is_file) {
    struct stat info;
    unsigned char type = entry->d_type;
    if (type == DT_UNKNOWN && fstatat(dir_fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0)
        type = S_ISDIR(info.st_mode) ? DT_DIR : S_ISREG(info.st_mode) ? DT_REG : DT_LNK;
    *is_file = type == DT_REG;
    return type == DT_DIR;
}

static enum cp_status walk(struct gate_files *files, const char *folder, size_t root_len,
                           unsigned depth, struct cp_error *err);

/* One entry; path is folder's with the entry's name behind it. */
static enum cp_status visit(struct gate_files *files, int dir_fd, const struct dirent *entry,
                            const char *path, size_t root_len, unsigned depth,
                            struct cp_error *err) {
    bool is_file = false;
    if (is_folder(dir_fd, entry, &is_file)) {
        if (strcmp(entry->d_name, ".git") == 0)
            return CP_OK;
        for (size_t i = 0; i < files->excludes.num_items; i++) {
            struct gate_files only = {.excludes = files->excludes};
            if (!gate_files_wants(&only, path, root_len)) {
                files->num_passed_over++;
                return CP_OK;
            }
        }
        return walk(files, path, root_len, depth + 1, err);
    }
    if (is_file)
        return gate_files_put(files, path, root_len, false, err);
    files->num_passed_over++; /* a link, a pipe, a device: what a link leads to has its own name */
    return CP_OK;
}

static enum cp_status walk(struct gate_files *files, const char *folder, size_t root_len,
                           unsigned depth, struct cp_error *err) {
    enum cp_status status = CP_OK;
    const struct dirent *entry = NULL;
    char path[GATE_MAX_PATH];
    DIR *dir = NULL;
    int fd = -1;
    if (depth > GATE_MAX_DEPTH)
        return gate_unread_add(files->unreads, folder, "folders are nested too deep")
                   ? CP_OK
                   : cp_fail(err, CP_ERR_MEMORY, "out of memory");
    fd = open_below(folder, root_len, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return unread(files, folder, err);
    dir = fdopendir(fd);
    if (dir == NULL) {
        (void)close(fd);
        return unread(files, folder, err);
    }
    while (status == CP_OK && (errno = 0, entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int len = snprintf(path, sizeof(path), "%s%s%s", folder,
                           folder[strlen(folder) - 1] == '/' ? "" : "/", entry->d_name);
        if (len < 0 || (size_t)len >= sizeof(path))
            status = gate_unread_add(files->unreads, folder, "a path in it is too long")
                         ? CP_OK
                         : cp_fail(err, CP_ERR_MEMORY, "out of memory");
        else
            status = visit(files, fd, entry, path, root_len, depth, err);
    }
    if (status == CP_OK && errno != 0)
        status = unread(files, folder, err);
    (void)closedir(dir);
    return status;
}

enum cp_status gate_walk(struct gate_files *files, const char *folder, size_t root_len,
                         struct cp_error *err) {
    return walk(files, folder, root_len, 0, err);
}
