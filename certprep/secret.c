/* cp_secret: pages for key material, and reading files into them. */
#define _GNU_SOURCE /* MADV_DONTDUMP */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"

/* Whole pages, so that the lock and the dump exclusion hold no neighbour. */
static size_t mapped_len(size_t cap) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (cap + page) / page * page; /* at least one byte more than cap, for a NUL */
}

enum cp_status cp_secret_init(struct cp_secret *secret, size_t cap, struct cp_error *err) {
    *secret = (struct cp_secret){0};
    if (cap > SIZE_MAX / 4)
        return cp_fail(err, CP_ERR_LIMIT, "secret buffer: %zu bytes are too many", cap);
    void *data =
        mmap(NULL, mapped_len(cap), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED)
        return cp_fail(err, CP_ERR_MEMORY, "secret buffer: out of memory");
#ifdef MADV_DONTDUMP
    (void)madvise(data, mapped_len(cap), MADV_DONTDUMP);
#endif
    (void)mlock(data, mapped_len(cap)); /* best effort: RLIMIT_MEMLOCK may be small */
    secret->data = data;
    secret->cap = cap;
    return CP_OK;
}

enum cp_status cp_secret_append(struct cp_secret *secret, const void *data, size_t len,
                                struct cp_error *err) {
    if (len > secret->cap - secret->len)
        return cp_fail(err, CP_ERR_LIMIT, "secret buffer: over its %zu bytes", secret->cap);
    if (len != 0)
        memcpy(secret->data + secret->len, data, len);
    secret->len += len;
    return CP_OK;
}

void cp_secret_cleanup(struct cp_secret *secret) {
    if (secret == NULL || secret->data == NULL)
        return;
    OPENSSL_cleanse(secret->data, secret->cap);
    (void)munmap(secret->data, mapped_len(secret->cap)); /* unlocks too */
    *secret = (struct cp_secret){0};
}

/* Reads to the end of fd; one byte over max_len is enough to know that it is over. */
static enum cp_status read_all(struct cp_secret *secret, int fd, const char *path, size_t max_len,
                               struct cp_error *err) {
    for (;;) {
        if (secret->len > max_len)
            return cp_fail(err, CP_ERR_LIMIT, "%.300s: larger than the maximum of %zu bytes", path,
                           max_len);
        if (secret->len == secret->cap)
            return cp_fail(err, CP_ERR_IO, "%.300s: it grew while it was read", path);
        ssize_t got = read(fd, secret->data + secret->len, secret->cap - secret->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cp_fail(err, CP_ERR_IO, "%.300s: %s", path, strerror(errno));
        if (got == 0)
            return CP_OK;
        secret->len += (size_t)got;
    }
}

enum cp_status cp_secret_read_file(struct cp_secret *secret, const char *path, size_t max_len,
                                   struct cp_error *err) {
    bool is_stdin = strcmp(path, "-") == 0;
    const char *shown = is_stdin ? "<stdin>" : path;
    enum cp_status status;
    struct stat info;
    *secret = (struct cp_secret){0};
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return cp_fail(err, CP_ERR_IO, "%.300s: %s", shown, strerror(errno));
    size_t cap = max_len + 1;
    if (fstat(fd, &info) != 0) {
        status = cp_fail(err, CP_ERR_IO, "%.300s: %s", shown, strerror(errno));
        goto out;
    }
    if (S_ISDIR(info.st_mode)) {
        status = cp_fail(err, CP_ERR_IO, "%.300s: is a directory; name the files in it", shown);
        goto out;
    }
    /* Size 0 is an empty file, or one of /proc, which has no size. */
    if (S_ISREG(info.st_mode) && info.st_size != 0) {
        if (info.st_size < 0 || (uint64_t)info.st_size > max_len) {
            status = cp_fail(err, CP_ERR_LIMIT, "%.300s: larger than the maximum of %zu bytes",
                             shown, max_len);
            goto out;
        }
        cap = (size_t)info.st_size + 1; /* the byte more shows that it grew meanwhile */
    }
    status = cp_secret_init(secret, cap, err);
    if (status == CP_OK)
        status = read_all(secret, fd, shown, max_len, err);
    if (status == CP_OK)
        secret->data[secret->len] = '\0';
out:
    if (!is_stdin)
        (void)close(fd);
    if (status != CP_OK)
        cp_secret_cleanup(secret);
    return status;
}
