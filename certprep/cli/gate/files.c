/* The files that a command line names: operands, lists, patterns. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "cp_limits.h"
#include "gate.h"

bool gate_grow(void **items, size_t *cap, size_t num, size_t size, size_t max) {
    if (num < *cap)
        return true;
    if (num >= max)
        return false;
    size_t grown_cap = *cap == 0 ? 16 : *cap * 2;
    if (grown_cap > SIZE_MAX / size)
        return false;
    void *grown = realloc(*items, grown_cap * size);
    if (grown == NULL)
        return false;
    *items = grown;
    *cap = grown_cap;
    return true;
}

bool gate_unread_add(struct gate_unreads *unreads, const char *file, const char *message) {
    char *copy = cp_strdup_escaped(file), *text = strdup(message);
    if (copy == NULL || text == NULL ||
        !gate_grow((void **)&unreads->items, &unreads->cap, unreads->num, sizeof(*unreads->items),
                   GATE_MAX_FILES)) {
        free(copy);
        free(text);
        return false;
    }
    unreads->items[unreads->num].file = copy;
    unreads->items[unreads->num++].message = text;
    return true;
}

void gate_unreads_cleanup(struct gate_unreads *unreads) {
    for (size_t i = 0; i < unreads->num; i++) {
        free(unreads->items[i].file);
        free(unreads->items[i].message);
    }
    free(unreads->items);
    *unreads = (struct gate_unreads){0};
}

/* ---- patterns ---- */

/* A pattern is held against the path, against each of its folders, and against each name in it, so
 * that "vendor", "*.pem" and "test/fixtures" all mean what they seem to. */
static bool matches(const char *pattern, const char *path, size_t root_len) {
    char part[GATE_MAX_PATH];
    const char *inner = path + root_len;
    while (*inner == '/')
        inner++;
    const char *name = inner;
    if (fnmatch(pattern, path, 0) == 0)
        return true;
    for (const char *at = inner;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        size_t len = (size_t)(at - inner), name_len = (size_t)(at - name);
        if (len >= sizeof(part))
            return false;
        memcpy(part, inner, len);
        part[len] = '\0';
        if (fnmatch(pattern, part, 0) == 0 || fnmatch(pattern, part + len - name_len, 0) == 0)
            return true;
        if (*at == '\0')
            return false;
        name = at + 1;
    }
}

bool gate_files_wants(const struct gate_files *files, const char *path, size_t root_len) {
    bool wanted = files->includes.num_items == 0;
    for (size_t i = 0; !wanted && i < files->includes.num_items; i++)
        wanted = matches(files->includes.items[i], path, root_len);
    for (size_t i = 0; wanted && i < files->excludes.num_items; i++)
        wanted = !matches(files->excludes.items[i], path, root_len);
    return wanted;
}

/* ---- the list ---- */

enum cp_status gate_files_put(struct gate_files *files, const char *path, size_t root_len,
                              bool named, struct cp_error *err) {
    if (!gate_files_wants(files, path, root_len)) {
        files->num_passed_over++;
        return CP_OK;
    }
    if (files->num >= GATE_MAX_FILES)
        return cp_fail(err, CP_ERR_LIMIT, "more than %zu files", GATE_MAX_FILES);
    char *copy = strdup(path);
    if (copy == NULL || !gate_grow((void **)&files->items, &files->cap, files->num,
                                   sizeof(*files->items), GATE_MAX_FILES)) {
        free(copy);
        return cp_fail(err, CP_ERR_MEMORY, "out of memory");
    }
    struct gate_file *file = &files->items[files->num++];
    file->path = copy;
    file->root_len = root_len;
    file->named = named;
    return CP_OK;
}

enum cp_status gate_files_add(struct gate_files *files, const char *operand, struct cp_error *err) {
    struct stat info;
    size_t len = strlen(operand);
    if (cli_is_dash(operand))
        return gate_files_put(files, operand, len, true, err);
    if (len >= GATE_MAX_PATH)
        return cp_fail(err, CP_ERR_LIMIT, "a path is longer than %d bytes", GATE_MAX_PATH - 1);
    if (stat(operand, &info) != 0) {
        char message[CP_ERROR_MAX];
        (void)snprintf(message, sizeof(message), "%s", strerror(errno));
        return gate_unread_add(files->unreads, operand, message)
                   ? CP_OK
                   : cp_fail(err, CP_ERR_MEMORY, "out of memory");
    }
    if (!S_ISDIR(info.st_mode))
        return gate_files_put(files, operand, len, true, err);
    while (len > 1 && operand[len - 1] == '/')
        len--;
    char folder[GATE_MAX_PATH];
    memcpy(folder, operand, len);
    folder[len] = '\0';
    bool listed = false;
    enum cp_status status = gate_git_list(files, &listed, folder, len, err);
    if (status == CP_OK && !listed)
        status = gate_walk(files, folder, len, err);
    return status;
}

enum cp_status gate_files_add_list(struct gate_files *files, const char *list,
                                   struct cp_error *err) {
    struct cp_secret text = {0};
    enum cp_status status = cp_secret_read_file(&text, list, GATE_MAX_LIST, err);
    if (status != CP_OK)
        return status;
    char separator = text.len != 0 && memchr(text.data, '\0', text.len) != NULL ? '\0' : '\n';
    char *at = (char *)text.data, *end = at + text.len;
    while (status == CP_OK && at < end) {
        char *stop = memchr(at, separator, (size_t)(end - at));
        if (stop == NULL)
            stop = end; /* a NUL stands behind the contents */
        *stop = '\0';
        if (separator == '\n' && stop > at && stop[-1] == '\r')
            stop[-1] = '\0';
        if (*at != '\0' && cli_is_dash(at))
            status = cp_fail(err, CP_ERR_USAGE, "--files-from: '-' can't stand in the list");
        else if (*at != '\0')
            status = gate_files_add(files, at, err);
        at = stop + 1;
    }
    cp_secret_cleanup(&text);
    return status;
}

static int compare_files(const void *a, const void *b) {
    const struct gate_file *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    return order != 0 ? order : (int)y->named - (int)x->named;
}

/* The order of the file system must not decide the order of the report. */
void gate_files_sort(struct gate_files *files) {
    size_t num = 0;
    if (files->num != 0)
        qsort(files->items, files->num, sizeof(*files->items), compare_files);
    for (size_t i = 0; i < files->num; i++) {
        if (num != 0 && strcmp(files->items[num - 1].path, files->items[i].path) == 0)
            free(files->items[i].path);
        else
            files->items[num++] = files->items[i];
    }
    files->num = num;
}

void gate_files_cleanup(struct gate_files *files) {
    for (size_t i = 0; i < files->num; i++)
        free(files->items[i].path);
    free(files->items);
    cli_list_free(&files->includes);
    cli_list_free(&files->excludes);
}
