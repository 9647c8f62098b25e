/* Revocation lists from files: mapped, since the public ones reach 50 MB. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "evidence.h"

/* Standard input, pipes, and files of no size, as in /proc. */
static enum cp_status add_stream(struct cp_evidence *evidence, const char *path,
                                 struct cp_error *err) {
    struct cp_secret bytes = {0};
    enum cp_status status = cp_secret_read_file(&bytes, path, CP_MAX_CRL_LEN, err);
    if (status == CP_OK)
        status = cp_evidence_add_crl(evidence, bytes.data, bytes.len, path, err);
    cp_secret_cleanup(&bytes);
    return status;
}

enum cp_status cp_evidence_add_crl_file(struct cp_evidence *evidence, const char *path,
                                        struct cp_error *err) {
    enum cp_status status = CP_OK;
    struct stat info;
    void *map = MAP_FAILED;
    if (strcmp(path, "-") == 0 || stat(path, &info) != 0 || !S_ISREG(info.st_mode) ||
        info.st_size == 0)
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
    map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        status = cp_fail(err, CP_ERR_IO, "%.300s: %s", path, strerror(errno));
    else
        status = cp_evidence_add_mapped_crl(evidence, map, (size_t)info.st_size, path, err);
out:
    (void)close(fd);
    return status;
}
