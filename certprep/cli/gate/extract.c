/* From a file to the parts of it that may hold certificates or keys. Almost every file of a tree
 * holds none, so the first look is quick. */
#define _GNU_SOURCE /* memmem */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "container/format.h"
#include "cp_limits.h"
#include "gate.h"

#define HEAD ((size_t)8192)
#define OVERLAP ((size_t)64)
#define MARKER "-----BEGIN "
#define MARKER_BASE64 "LS0tLS1CRUdJTi" /* the marker, at the start of what was encoded */

void gate_parts_cleanup(struct gate_parts *parts) {
    for (size_t i = 0; i < parts->num; i++) {
        cp_secret_cleanup(&parts->items[i].text);
        free(parts->items[i].spots);
    }
    free(parts->items);
    *parts = (struct gate_parts){0};
}

enum cp_status gate_parts_new(struct gate_parts *parts, struct gate_part **out, size_t cap,
                              struct cp_error *err) {
    if (!gate_grow((void **)&parts->items, &parts->cap, parts->num, sizeof(*parts->items),
                   CP_MAX_BLOCKS))
        return cp_fail(err, CP_ERR_LIMIT, "more than %d inputs in it", CP_MAX_BLOCKS);
    struct gate_part *part = &parts->items[parts->num];
    *part = (struct gate_part){.is_secret = false};
    enum cp_status status = cp_secret_init(&part->text, cap, err);
    if (status != CP_OK)
        return status;
    parts->num++;
    *out = part;
    return CP_OK;
}

/* ---- what it is ---- */

/* Files whose name says that key material is in them: read as a whole, whatever state it is in. */
static bool is_named_so(const char *path) {
    static const char *const endings[] = {".pem", ".crt", ".cer",  ".der",      ".p12",
                                          ".pfx", ".p7b", ".p7c",  ".p8",       ".pk8",
                                          ".jks", ".ppk", ".cert", ".ca-bundle"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof(endings) / sizeof(endings[0]); i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}

static bool has(struct cp_span text, const char *word) {
    return text.len != 0 && memmem(text.data, text.len, word, strlen(word)) != NULL;
}

static bool has_marker(struct cp_span text) {
    return has(text, MARKER) || has(text, MARKER_BASE64);
}

/* Does it begin as PEM, and hold nothing else around the blocks? */
static bool is_pem_alone(struct cp_span text) {
    size_t at = 0;
    bool inside = false;
    if (text.len >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0)
        at = 3;
    while (at < text.len) {
        const uint8_t *line = text.data + at;
        const uint8_t *end = memchr(line, '\n', text.len - at);
        size_t len = end == NULL ? text.len - at : (size_t)(end - line);
        at += len + 1;
        while (len != 0 && (line[len - 1] == '\r' || line[len - 1] == ' '))
            len--;
        if (len >= 11 && memcmp(line, MARKER, 11) == 0)
            inside = true;
        else if (len >= 9 && memcmp(line, "-----END ", 9) == 0)
            inside = false;
        else if (!inside && len != 0)
            return false;
    }
    return true;
}

static bool is_utf16(struct cp_span head) {
    return head.len >= 2 && ((head.data[0] == 0xFF && head.data[1] == 0xFE) ||
                             (head.data[0] == 0xFE && head.data[1] == 0xFF));
}

enum look { LOOK_PASS, LOOK_WHOLE, LOOK_INSIDE };

static enum look look_at(const char *path, struct cp_span data) {
    struct cp_span head = {data.data, data.len < HEAD ? data.len : HEAD};
    bool named = is_named_so(path);
    if (data.len == 0)
        return named ? LOOK_WHOLE : LOOK_PASS;
    bool has_nul = memchr(head.data, '\0', head.len) != NULL;
    if (has_nul || head.data[0] == 0x30 || head.data[0] == 0xFE || head.data[0] == 0xCE) {
        switch (cp_format_detect(data)) {
        case CP_FORMAT_CERTIFICATE:
        case CP_FORMAT_KEY:
        case CP_FORMAT_ENCRYPTED_KEY:
        case CP_FORMAT_PKCS7:
        case CP_FORMAT_PKCS12:
        case CP_FORMAT_JKS:
            return LOOK_WHOLE;
        case CP_FORMAT_TEXT:
            break;
        default:
            return LOOK_PASS;
        }
    }
    if (is_utf16(head))
        return named ? LOOK_WHOLE : LOOK_PASS;
    if (named)
        return LOOK_WHOLE;
    if (!has_marker(data))
        return LOOK_PASS;
    return is_pem_alone(data) ? LOOK_WHOLE : LOOK_INSIDE;
}

/* ---- reading ---- */

/* A larger file: what is not text is passed over, as is text without PEM. */
static enum cp_status search_large(int fd, const char *path, off_t size, struct cp_error *err) {
    static const size_t chunk_len = (size_t)256 * 1024;
    struct cp_secret chunk = {0};
    off_t done = 0;
    size_t kept = 0;
    enum cp_status status = cp_secret_init(&chunk, OVERLAP + chunk_len, err);
    while (status == CP_OK) {
        ssize_t got = read(fd, chunk.data + kept, chunk_len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = cp_fail(err, CP_ERR_IO, "%s", strerror(errno));
        if (got <= 0)
            break;
        struct cp_span text = {chunk.data, kept + (size_t)got};
        if (done == 0 && memchr(text.data, '\0', text.len < HEAD ? text.len : HEAD) != NULL &&
            !is_named_so(path))
            break;
        if (has_marker(text) || is_named_so(path))
            status =
                cp_fail(err, CP_ERR_LIMIT, "larger than the maximum of %zu bytes, and PEM is in it",
                        CP_MAX_FILE_LEN);
        done += got;
        if (status == CP_OK && done > (off_t)GATE_MAX_SEARCH && size > (off_t)GATE_MAX_SEARCH)
            status = cp_fail(err, CP_ERR_LIMIT, "text of more than %zu bytes, not searched further",
                             GATE_MAX_SEARCH);
        kept = text.len < OVERLAP ? text.len : OVERLAP;
        memmove(chunk.data, text.data + text.len - kept, kept);
    }
    cp_secret_cleanup(&chunk);
    return status;
}

static enum cp_status read_rest(struct cp_secret *out, int fd, size_t cap, struct cp_error *err) {
    enum cp_status status = cp_secret_init(out, cap, err);
    while (status == CP_OK) {
        if (out->len == out->cap)
            return out->cap > CP_MAX_FILE_LEN
                       ? cp_fail(err, CP_ERR_LIMIT, "larger than the maximum of %zu bytes",
                                 CP_MAX_FILE_LEN)
                       : cp_fail(err, CP_ERR_IO, "it grew while it was read");
        ssize_t got = read(fd, out->data + out->len, out->cap - out->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cp_fail(err, CP_ERR_IO, "%s", strerror(errno));
        if (got == 0)
            break;
        out->len += (size_t)got;
    }
    return status;
}

/* *is_there is false for what is no file, and for a large one that holds nothing. */
static enum cp_status read_file(struct cp_secret *out, bool *is_there, const struct gate_file *file,
                                struct cp_error *err) {
    struct stat info;
    enum cp_status status = CP_OK;
    int fd = cli_is_dash(file->path) ? STDIN_FILENO : gate_open(file);
    *is_there = false;
    if (fd < 0 && !file->named && (errno == ELOOP || errno == ENXIO))
        return CP_OK; /* a link or a socket that took the file's place */
    if (fd < 0)
        return cp_fail(err, CP_ERR_IO, "%s", strerror(errno));
    if (fstat(fd, &info) != 0) {
        status = cp_fail(err, CP_ERR_IO, "%s", strerror(errno));
    } else if (S_ISREG(info.st_mode) && info.st_size > (off_t)CP_MAX_FILE_LEN) {
        status = search_large(fd, file->path, info.st_size, err);
    } else if (S_ISREG(info.st_mode) || (file->named && !S_ISDIR(info.st_mode))) {
        size_t cap = S_ISREG(info.st_mode) ? (size_t)info.st_size : CP_MAX_FILE_LEN;
        status = read_rest(out, fd, cap + 1, err);
        *is_there = status == CP_OK;
    }
    if (fd != STDIN_FILENO)
        (void)close(fd);
    if (status != CP_OK)
        cp_secret_cleanup(out);
    return status;
}

static enum cp_status take_inside(struct gate_parts *out, struct cp_span text,
                                  struct cp_error *err) {
    struct gate_lines *skip = NULL;
    size_t num_skip = 0;
    enum cp_status status = CP_OK;
    if (has(text, "Secret"))
        status = gate_secrets(out, &skip, &num_skip, text, err);
    if (status == CP_OK)
        status = gate_inline(out, text, skip, num_skip, err);
    free(skip);
    return status;
}

enum cp_status gate_extract(struct gate_parts *out, const struct gate_file *file,
                            struct cp_error *err) {
    struct cp_secret data = {0};
    struct gate_part *part = NULL;
    bool is_there = false;
    enum cp_status status = read_file(&data, &is_there, file, err);
    if (status != CP_OK || !is_there)
        return status;
    struct cp_span text = {data.data, data.len};
    switch (look_at(file->path, text)) {
    case LOOK_WHOLE:
        status = gate_parts_new(out, &part, data.len + 1, err);
        if (status == CP_OK)
            status = cp_secret_append(&part->text, data.data, data.len, err);
        break;
    case LOOK_INSIDE:
        status = take_inside(out, text, err);
        break;
    case LOOK_PASS:
        break;
    }
    cp_secret_cleanup(&data);
    return status;
}
