/* Revocation lists from files. The public ones reach 50 MB, so that a copy is made on disk and
 * mapped. A copy, since the file itself may be written while it is used: what its signature was
 * verified over would not be what is looked up, and one that is cut short would end the process. */
#define _GNU_SOURCE /* O_TMPFILE, memfd_create */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "evidence.h"

#define MAX_IN_MEMORY ((off_t)1024 * 1024)

/* Standard input, pipes, files of no size, as in /proc, and small ones. */
static enum cp_status add_stream(struct cp_evidence *evidence, const char *path,
                                 struct cp_error *err) {
    struct cp_secret bytes = {0};
    enum cp_status status = cp_secret_read_file(&bytes, path, CP_MAX_CRL_LEN, err);
    if (status == CP_OK)
        status = cp_evidence_add_crl(evidence, bytes.data, bytes.len, path, err);
    cp_secret_cleanup(&bytes);
    return status;
}

/* A file without a name, which nobody else can open: on disk, or in memory where that can't be. */
static int make_nameless(bool in_memory) {
    return in_memory ? memfd_create("crl", MFD_CLOEXEC)
                     : open("/var/tmp", O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
}

static bool write_all(int fd, const uint8_t *data, size_t len) {
    while (len > 0) {
        ssize_t num = write(fd, data, len);
        if (num == 0 || (num < 0 && errno != EINTR))
            return false;
        data += num < 0 ? 0 : num;
        len -= num < 0 ? 0 : (size_t)num;
    }
    return true;
}

/* *fits: all that was read could be written. */
static enum cp_status copy(bool *fits, int to, int from, size_t len, const char *path,
                           struct cp_error *err) {
    uint8_t piece[16384];
    off_t at = 0;
    *fits = true;
    while ((size_t)at < len && *fits) {
        size_t left = len - (size_t)at;
        ssize_t num = pread(from, piece, left < sizeof(piece) ? left : sizeof(piece), at);
        if (num < 0 && errno == EINTR)
            continue;
        if (num < 0)
            return cp_fail(err, CP_ERR_IO, "%.300s: %s", path, strerror(errno));
        if (num == 0)
            return cp_fail(err, CP_ERR_IO, "%.300s: it changed while it was read", path);
        *fits = write_all(to, piece, (size_t)num);
        at += num;
    }
    return CP_OK;
}

/* *map stays MAP_FAILED where there is no room for a copy. */
static enum cp_status map_copy(void **map, int from, size_t len, const char *path,
                               struct cp_error *err) {
    enum cp_status status = CP_OK;
    for (int in_memory = 0; in_memory < 2 && status == CP_OK && *map == MAP_FAILED; in_memory++) {
        bool fits = false;
        int to = make_nameless(in_memory != 0);
        if (to < 0)
            continue;
        status = copy(&fits, to, from, len, path, err);
        if (status == CP_OK && fits)
            *map = mmap(NULL, len, PROT_READ, MAP_PRIVATE, to, 0);
        (void)close(to);
    }
    return status;
}

enum cp_status cp_evidence_add_crl_file(struct cp_evidence *evidence, const char *path,
                                        struct cp_error *err) {
    enum cp_status status = CP_OK;
    struct stat info;
    void *map = MAP_FAILED;
    if (strcmp(path, "-") == 0 || stat(path, &info) != 0 || !S_ISREG(info.st_mode) ||
        info.st_size <= MAX_IN_MEMORY)
        return add_stream(evidence, path, err);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return cp_fail(err, CP_ERR_IO, "%.300s: %s", path, strerror(errno));
    if (fstat(fd, &info) != 0)
        status = cp_fail(err, CP_ERR_IO, "%.300s: %s", path, strerror(errno));
    else if (!S_ISREG(info.st_mode) || info.st_size <= 0)
        status = cp_fail(err, CP_ERR_IO, "%.300s: it changed while it was read", path);
    else if ((uintmax_t)info.st_size > CP_MAX_CRL_LEN)
        status = cp_fail(err, CP_ERR_LIMIT, "%.300s: larger than the maximum of %zu bytes", path,
                         CP_MAX_CRL_LEN);
    if (status != CP_OK)
        goto out;
    status = map_copy(&map, fd, (size_t)info.st_size, path, err);
    if (status == CP_OK && map != MAP_FAILED)
        status = cp_evidence_add_mapped_crl(evidence, map, (size_t)info.st_size, path, err);
    else if (status == CP_OK)
        status = add_stream(evidence, path, err);
out:
    (void)close(fd);
    return status;
}
