#include "blocklist.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_FILE "badkeysdata.json"
#define MAX_NAME_LEN 64
#define NUM_IDS 256
#define MAX_PROBES 65536 /* entries whose order is looked at when the file is opened */

struct cp_blocklist {
    uint8_t *entries; /* mapped, to be read only */
    size_t len;
    char *names[NUM_IDS]; /* NULL: none */
};

static const uint8_t *entry_at(const struct cp_blocklist *list, size_t index) {
    return list->entries + index * CP_BLOCKLIST_ENTRY_LEN;
}

static size_t num_entries(const struct cp_blocklist *list) {
    return list->len / CP_BLOCKLIST_ENTRY_LEN;
}

/* ---- the file -------------------------------------------------------------------------------- */

static enum cp_status map_file(struct cp_blocklist *list, const char *path, struct cp_error *err) {
    enum cp_status status = CP_OK;
    struct stat info;
    void *map;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return cp_fail(err, CP_ERR_IO, "%s: %s", path, strerror(errno));
    if (fstat(fd, &info) != 0) {
        status = cp_fail(err, CP_ERR_IO, "%s: %s", path, strerror(errno));
        goto out;
    }
    if (!S_ISREG(info.st_mode)) {
        status = cp_fail(err, CP_ERR_IO, "%s: not a regular file", path);
        goto out;
    }
    if (info.st_size == 0 || info.st_size % CP_BLOCKLIST_ENTRY_LEN != 0) {
        status = cp_fail(err, CP_ERR_PARSE,
                         "%s: not a blocklist: want entries of %d octets, got %lld octets", path,
                         CP_BLOCKLIST_ENTRY_LEN, (long long)info.st_size);
        goto out;
    }
    if ((uintmax_t)info.st_size > CP_MAX_BLOCKLIST_LEN) {
        status = cp_fail(err, CP_ERR_LIMIT, "%s: over the maximum of %zu octets", path,
                         CP_MAX_BLOCKLIST_LEN);
        goto out;
    }
    map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED) {
        status = cp_fail(err, CP_ERR_IO, "%s: %s", path, strerror(errno));
        goto out;
    }
    list->entries = map;
    list->len = (size_t)info.st_size;
out:
    close(fd);
    return status;
}

/* Of a long list a sample, so that not all of it is read; the search looks at what it passes. */
static enum cp_status check_order(const struct cp_blocklist *list, const char *path,
                                  struct cp_error *err) {
    size_t num = num_entries(list), step = num / MAX_PROBES + 1;
    for (size_t i = step; i < num; i += step)
        if (memcmp(entry_at(list, i - step), entry_at(list, i), CP_BLOCKLIST_HASH_LEN) > 0)
            return cp_fail(err, CP_ERR_PARSE, "%s: not a blocklist: entry %zu is out of order",
                           path, i + 1);
    return CP_OK;
}

/* ---- the names ------------------------------------------------------------------------------- */

/* "FOLDER/badkeysdata.json"; NULL if out of memory. */
static char *names_path(const char *path) {
    const char *slash = strrchr(path, '/');
    size_t folder_len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    char *out = malloc(folder_len + sizeof(NAMES_FILE));
    if (out != NULL) {
        memcpy(out, path, folder_len);
        memcpy(out + folder_len, NAMES_FILE, sizeof(NAMES_FILE));
    }
    return out;
}

/* *text is NULL if there is no such file. */
static enum cp_status read_names(char **text, size_t *len, const char *path, struct cp_error *err) {
    enum cp_status status = CP_OK;
    char *buffer = NULL;
    ssize_t got = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    *text = NULL;
    *len = 0;
    if (fd < 0)
        return errno == ENOENT ? CP_OK : cp_fail(err, CP_ERR_IO, "%s: %s", path, strerror(errno));
    buffer = malloc(CP_MAX_BLOCKLIST_NAMES_LEN);
    if (buffer == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "blocklist: out of memory");
        goto out;
    }
    while (got > 0 && *len < CP_MAX_BLOCKLIST_NAMES_LEN) {
        got = read(fd, buffer + *len, CP_MAX_BLOCKLIST_NAMES_LEN - *len);
        if (got > 0)
            *len += (size_t)got;
    }
    if (got < 0)
        status = cp_fail(err, CP_ERR_IO, "%s: %s", path, strerror(errno));
    else if (got > 0)
        status = cp_fail(err, CP_ERR_LIMIT, "%s: over the maximum of %zu octets", path,
                         CP_MAX_BLOCKLIST_NAMES_LEN);
    if (status == CP_OK) {
        *text = buffer;
        buffer = NULL;
    }
out:
    free(buffer);
    close(fd);
    return status;
}

static enum cp_status take_names(struct cp_blocklist *list, const cJSON *json, const char *path,
                                 struct cp_error *err) {
    const cJSON *lists = cJSON_GetObjectItemCaseSensitive(json, "blocklists"), *row;
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(json, "bkformat");
    if (!cJSON_IsArray(lists) ||
        (format != NULL && !(cJSON_IsNumber(format) && format->valuedouble == 0)))
        return cp_fail(err, CP_ERR_PARSE, "%s: not in the form bkformat 0 with blocklists", path);
    cJSON_ArrayForEach(row, lists) {
        const cJSON *id = cJSON_GetObjectItemCaseSensitive(row, "id");
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(row, "name");
        if (!cJSON_IsNumber(id) || !cJSON_IsString(name) || !(id->valuedouble >= 0) ||
            id->valuedouble >= NUM_IDS || strlen(name->valuestring) > MAX_NAME_LEN)
            return cp_fail(err, CP_ERR_PARSE, "%s: a list without id or name", path);
        char **slot = &list->names[(size_t)id->valuedouble];
        free(*slot);
        *slot = strdup(name->valuestring);
        if (*slot == NULL)
            return cp_fail(err, CP_ERR_MEMORY, "blocklist: out of memory");
    }
    return CP_OK;
}

static enum cp_status load_names(struct cp_blocklist *list, const char *path,
                                 struct cp_error *err) {
    char *text = NULL, *json_path = names_path(path);
    const char *end = NULL;
    size_t len = 0;
    cJSON *json = NULL;
    enum cp_status status;
    if (json_path == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "blocklist: out of memory");
    status = read_names(&text, &len, json_path, err);
    if (status != CP_OK || text == NULL)
        goto out;
    json = cJSON_ParseWithLengthOpts(text, len, &end, false);
    while (json != NULL && end < text + len && strchr(" \t\r\n", *end) != NULL && *end != '\0')
        end++;
    status = json == NULL || end != text + len
                 ? cp_fail(err, CP_ERR_PARSE, "%s: not JSON", json_path)
                 : take_names(list, json, json_path, err);
out:
    cJSON_Delete(json);
    free(text);
    free(json_path);
    return status;
}

/* ---- public ---------------------------------------------------------------------------------- */

enum cp_status cp_blocklist_open(struct cp_blocklist **out, const char *path,
                                 struct cp_error *err) {
    struct cp_blocklist *list = calloc(1, sizeof(*list));
    if (list == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "blocklist: out of memory");
    enum cp_status status = map_file(list, path, err);
    if (status == CP_OK)
        status = check_order(list, path, err);
    if (status == CP_OK)
        status = load_names(list, path, err);
    if (status == CP_OK) {
        *out = list;
        list = NULL;
    }
    cp_blocklist_free(list);
    return status;
}

void cp_blocklist_free(struct cp_blocklist *list) {
    if (list == NULL)
        return;
    if (list->entries != NULL)
        munmap(list->entries, list->len);
    for (size_t i = 0; i < NUM_IDS; i++)
        free(list->names[i]);
    free(list);
}

enum cp_status cp_blocklist_find(const struct cp_blocklist *list, bool *found, uint8_t *id,
                                 const uint8_t hash[CP_BLOCKLIST_HASH_LEN], struct cp_error *err) {
    size_t low = 0, high = num_entries(list);
    const uint8_t *below = NULL, *above = NULL; /* the entries around what is left */
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const uint8_t *entry = entry_at(list, middle);
        if ((below != NULL && memcmp(below, entry, CP_BLOCKLIST_HASH_LEN) > 0) ||
            (above != NULL && memcmp(entry, above, CP_BLOCKLIST_HASH_LEN) > 0))
            return cp_fail(err, CP_ERR_PARSE, "blocklist: entry %zu is out of order", middle + 1);
        int order = memcmp(hash, entry, CP_BLOCKLIST_HASH_LEN);
        if (order == 0) {
            *found = true;
            *id = entry[CP_BLOCKLIST_HASH_LEN];
            return CP_OK;
        }
        if (order < 0) {
            high = middle;
            above = entry;
        } else {
            low = middle + 1;
            below = entry;
        }
    }
    return CP_OK;
}

const char *cp_blocklist_name(const struct cp_blocklist *list, uint8_t id) {
    return list->names[id];
}
