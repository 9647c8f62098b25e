/* Stands in for libFuzzer: runs every regular file of the folders and files named, once. */
#define _GNU_SOURCE /* asprintf */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "fuzz.h"

#define MAX_SEED_LEN ((size_t)4 * 1024 * 1024)

static size_t num_run;
static const char *current = "";

/* Names the input that was running when a promise was broken. */
static void say_current(void) {
    if (current[0] != '\0')
        fprintf(stderr, "input: %s\n", current);
}

static bool run_file(const char *path) {
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(MAX_SEED_LEN);
    bool ok = file != NULL && data != NULL;
    if (ok) {
        size_t size = fread(data, 1, MAX_SEED_LEN, file);
        ok = ferror(file) == 0 && feof(file) != 0;
        current = path;
        if (ok) {
            (void)LLVMFuzzerTestOneInput(data, size);
            num_run++;
        }
        current = "";
    }
    if (!ok)
        fprintf(stderr, "%s: %s\n", path, errno != 0 ? strerror(errno) : "too large for a seed");
    if (file != NULL)
        fclose(file);
    free(data);
    return ok;
}

static bool run_path(const char *path) {
    struct stat info;
    bool ok = true;
    if (stat(path, &info) != 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    if (!S_ISDIR(info.st_mode))
        return run_file(path);
    struct dirent **entries = NULL;
    int num = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < num; i++) {
        char *child = NULL;
        if (ok && entries[i]->d_name[0] != '.') {
            ok = asprintf(&child, "%s/%s", path, entries[i]->d_name) > 0 &&
                 (stat(child, &info) != 0 || !S_ISREG(info.st_mode) || run_file(child));
            free(child);
        }
        free(entries[i]);
    }
    free(entries);
    return ok && num >= 0;
}

int main(int argc, char **argv) {
    (void)atexit(say_current);
    for (int i = 1; i < argc; i++)
        if (!run_path(argv[i]))
            return 1;
    printf("%zu inputs\n", num_run);
    return num_run != 0 ? 0 : 1; /* nothing run proves nothing */
}
