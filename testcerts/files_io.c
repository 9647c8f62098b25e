/* Reading and writing whole files for the generator. */
#include "keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void tc_read_file(struct tc_bytes *out, const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        if (errno == ENOENT) {
            return; /* not made yet */
        }
        tc_die("%s: %s", path, strerror(errno));
    }
    uint8_t chunk[4096];
    size_t n = 0;
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        tc_put(out, chunk, n);
    }
    if (ferror(file)) {
        tc_die("%s: can't read", path);
    }
    fclose(file);
}

void tc_write_file(const char *path, const struct tc_bytes *contents) {
    struct tc_bytes old = {0};
    struct stat st;
    int same = 0;
    if (stat(path, &st) == 0) {
        tc_read_file(&old, path);
        same = old.len == contents->len &&
               (old.len == 0 || memcmp(old.data, contents->data, old.len) == 0);
    }
    tc_clear(&old);
    if (same) {
        return;
    }
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        tc_die("%s: %s", path, strerror(errno));
    }
    size_t written = contents->len == 0 ? 0 : fwrite(contents->data, 1, contents->len, file);
    if (fclose(file) != 0 || written != contents->len) {
        tc_die("%s: can't write", path);
    }
}

void tc_make_directory(const char *path) {
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        tc_die("%s: %s", path, strerror(errno));
    }
}
