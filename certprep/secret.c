/* cp_secret: pages for key material, and reading files into them. */
#define _GNU_SOURCE /* MADV_DONTDUMP */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"

/* Whole pages, so that the lock and the dump exclusion hold no neighbour; a power of two of them up
 * to SPARE_MAX_LEN, so that a mapping fits another buffer. At least one byte more than cap, for a
 * NUL. */
#define SPARE_MAX_LEN ((size_t)256 * 1024)
static size_t mapped_len(size_t cap) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t len = page;
    while (len <= cap && len < SPARE_MAX_LEN)
        len *= 2;
    return len > cap ? len : (cap + page) / page * page;
}

/* ---- mappings that were wiped and wait for another use ---- */

/* To map, lock and unmap pages would be nearly half of the CPU time of a signed request. Not under
 * AddressSanitizer, where a use after cleanup is to be seen. */
#if defined(__SANITIZE_ADDRESS__)
#define HAS_SPARES false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SPARES false
#endif
#endif
#ifndef HAS_SPARES
#define HAS_SPARES true
#endif
#define MAX_SPARES ((size_t)32)
#define MAX_SPARE_BYTES ((size_t)1024 * 1024)

static pthread_mutex_t spare_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
    void *data;
    size_t len;
} spares[MAX_SPARES];
static size_t num_spares;
static size_t spare_bytes;

static void *take_spare(size_t len) {
    void *data = NULL;
    (void)pthread_mutex_lock(&spare_mutex);
    for (size_t i = num_spares; i > 0 && data == NULL; i--)
        if (spares[i - 1].len == len) {
            data = spares[i - 1].data;
            spares[i - 1] = spares[--num_spares];
            spare_bytes -= len;
        }
    (void)pthread_mutex_unlock(&spare_mutex);
    return data;
}

/* False: there are enough. */
static bool keep_spare(void *data, size_t len) {
    (void)pthread_mutex_lock(&spare_mutex);
    bool is_kept = HAS_SPARES && len <= SPARE_MAX_LEN && num_spares < MAX_SPARES &&
                   len <= MAX_SPARE_BYTES - spare_bytes;
    if (is_kept) {
        spares[num_spares].data = data;
        spares[num_spares++].len = len;
        spare_bytes += len;
    }
    (void)pthread_mutex_unlock(&spare_mutex);
    return is_kept;
}

enum cp_status cp_secret_init(struct cp_secret *secret, size_t cap, struct cp_error *err) {
    *secret = (struct cp_secret){0};
    if (cap > SIZE_MAX / 4)
        return cp_fail(err, CP_ERR_LIMIT, "secret buffer: %zu bytes are too many", cap);
    size_t len = mapped_len(cap);
    void *data = take_spare(len);
    if (data == NULL) {
        data = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (data == MAP_FAILED)
            return cp_fail(err, CP_ERR_MEMORY, "secret buffer: out of memory");
#ifdef MADV_DONTDUMP
        (void)madvise(data, len, MADV_DONTDUMP);
#endif
        (void)mlock(data, len); /* best effort: RLIMIT_MEMLOCK may be small */
    }
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
    size_t len = mapped_len(secret->cap);
    OPENSSL_cleanse(secret->data, secret->cap + 1); /* with the place for a NUL */
    if (!keep_spare(secret->data, len))
        (void)munmap(secret->data, len); /* unlocks too */
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
