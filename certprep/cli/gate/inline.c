/* PEM inside text of another kind: program source, JSON, HCL, .env, YAML that is no Secret. The
 * blocks are freed from what that kind does to them, and keep the places they have in the file.
 *
 * A block that has no base64 in it (an example in a manual: "...") is none. */
#define _GNU_SOURCE /* memmem */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "cp_limits.h"
#include "gate.h"

#define MARKER "-----BEGIN "
#define MARKER_LEN ((size_t)11)
#define MARKER_BASE64 "LS0tLS1CRUdJTi"
#define MARKER_BASE64_LEN ((size_t)14)
#define MAX_LABEL ((size_t)40)
#define MIN_BASE64                                                                                 \
    ((size_t)40) /* characters of the shortest body that is taken: a key of 32 bytes */

/* Where the text that is searched begins, and whether its lines are the file's. */
struct origin {
    size_t line, offset;
    bool has_lines;
};

static bool is_base64(uint8_t c) {
    return isalnum(c) || c == '+' || c == '/';
}

static size_t count_lines(struct cp_span text, size_t from, size_t to) {
    size_t num = 0;
    for (size_t i = from; i < to; i++)
        num += text.data[i] == '\n';
    return num;
}

enum cp_status gate_part_spot(struct gate_part *part, size_t line, size_t offset,
                              struct cp_error *err) {
    /* Grows at powers of two. */
    if ((part->num_spots & (part->num_spots - 1)) == 0) {
        size_t cap = part->num_spots == 0 ? 1 : part->num_spots * 2;
        struct gate_spot *grown = realloc(part->spots, cap * sizeof(*grown));
        if (grown == NULL)
            return cp_fail(err, CP_ERR_MEMORY, "out of memory");
        part->spots = grown;
    }
    part->spots[part->num_spots++] = (struct gate_spot){part->text.len, line, offset};
    return CP_OK;
}

/* ---- undoing what the other kind did ---- */

/* Behind a closing quote: where the next string of a joined literal goes on, or the same place. */
static size_t join(struct cp_span in, size_t at, uint8_t quote) {
    size_t i = at;
    while (i < in.len && strchr(" \t\r\n+.,\\;()", in.data[i]) != NULL && in.data[i] != '\0')
        i++;
    return i < in.len && in.data[i] == quote ? i + 1 : at;
}

/* At a backslash: what it stands for goes to out; returns where to go on. */
static size_t unescape(struct cp_secret *out, struct cp_span in, size_t at) {
    while (at < in.len && in.data[at] == '\\')
        at++;
    if (at == in.len)
        return at;
    uint8_t c = in.data[at];
    if (c == 'n')
        out->data[out->len++] = '\n';
    else if (c == '/')
        out->data[out->len++] = '/';
    else if (c == 'u' && in.len - at >= 5) {
        unsigned value = 0;
        for (size_t i = 1; i < 5; i++) {
            uint8_t digit = in.data[at + i];
            if (!isxdigit(digit))
                return at + 1;
            value = value * 16 + (unsigned)(isdigit(digit) ? digit - '0' : (digit | 32) - 'a' + 10);
        }
        if (value < 0x80)
            out->data[out->len++] = (uint8_t)value;
        return at + 5;
    } else if (c != 'r' && c != 't' && c != '\n' && c != '\r')
        return at; /* a quote, or nothing that is known */
    return at + 1;
}

/* Writes no more than it reads, so out has room for in.len bytes. */
static void clean(struct cp_secret *out, struct cp_span in, bool slashes) {
    bool at_start = true;
    size_t at = 0;
    while (at < in.len) {
        uint8_t c = in.data[at];
        if (at_start && slashes && c == '/' && at + 1 < in.len && in.data[at + 1] == '/') {
            at += 2;
        } else if (c == '\r' || (at_start && strchr(" \t#*;>|", c) != NULL && c != '\0')) {
            at++;
        } else if (c == '"' || c == '\'' || c == '`') {
            at = join(in, at + 1, c);
        } else if (c == '\\') {
            at = unescape(out, in, at);
            at_start = out->len != 0 && out->data[out->len - 1] == '\n';
        } else {
            at_start = c == '\n';
            out->data[out->len++] = c;
            at++;
        }
    }
}

/* ---- a block ---- */

static bool is_wanted(struct cp_span label) {
    static const char *const words[] = {"CERTIFICATE", "PRIVATE KEY", "PKCS7", "CMS"};
    for (size_t i = 0; i < label.len; i++)
        if (!isupper(label.data[i]) && !isdigit(label.data[i]) && label.data[i] != ' ')
            return false;
    if (memmem(label.data, label.len, "REQUEST", 7) != NULL)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (memmem(label.data, label.len, words[i], strlen(words[i])) != NULL)
            return true;
    return false;
}

/* Base64 enough to be more than an example. */
static bool is_substance(const struct cp_secret *body) {
    size_t good = 0, bad = 0;
    for (size_t i = 0; i < body->len; i++) {
        good += is_base64(body->data[i]) || body->data[i] == '=';
        bad += !is_base64(body->data[i]) && strchr("=\n \t", body->data[i]) == NULL;
    }
    return good >= MIN_BASE64 && bad * 8 < good;
}

/* Sound base64 becomes lines of 64 columns, so that nothing is said of its layout, which is the
 * other kind's; what is not sound is left for the reader to say. */
static enum cp_status put_body(struct gate_part *part, const struct cp_secret *body,
                               struct cp_error *err) {
    struct cp_secret der = {0};
    struct cp_span text = {body->data, body->len};
    size_t len = 0, bad = 0;
    const char *reason = "";
    enum cp_status status = cp_secret_init(&der, cp_base64_max(body->len) + 1, err);
    if (status != CP_OK)
        return status;
    bool sound = cp_base64_decode(der.data, &len, text, &bad, &reason) == CP_OK && len != 0;
    size_t need = sound ? cp_base64_lines_len(len) : body->len + 1;
    if (need >= part->text.cap - part->text.len) {
        status = cp_fail(err, CP_ERR_LIMIT, "more PEM in it than there is text");
    } else if (sound) {
        part->text.len += cp_base64_encode_lines((char *)part->text.data + part->text.len,
                                                 (struct cp_span){der.data, len});
    } else {
        status = cp_secret_append(&part->text, body->data, body->len, err);
        if (status == CP_OK && body->len != 0 && body->data[body->len - 1] != '\n')
            status = cp_secret_append(&part->text, "\n", 1, err);
    }
    cp_secret_cleanup(&der);
    return status;
}

static enum cp_status put_marker(struct gate_part *part, const char *word, struct cp_span label,
                                 struct cp_error *err) {
    char line[MAX_LABEL + 32];
    int len = snprintf(line, sizeof(line), "-----%s %.*s-----\n", word, (int)label.len,
                       (const char *)label.data);
    return cp_secret_append(&part->text, line, (size_t)len, err);
}

static enum cp_status put_block(struct gate_part *part, bool *added, struct cp_span label,
                                struct cp_span raw, bool slashes, size_t line, size_t offset,
                                struct cp_error *err) {
    struct cp_secret body = {0};
    enum cp_status status = cp_secret_init(&body, raw.len + 1, err);
    if (status != CP_OK)
        return status;
    clean(&body, raw, slashes);
    *added = is_substance(&body);
    if (*added) {
        status = gate_part_spot(part, line, offset, err);
        if (status == CP_OK)
            status = put_marker(part, "BEGIN", label, err);
        if (status == CP_OK)
            status = put_body(part, &body, err);
        if (status == CP_OK)
            status = put_marker(part, "END", label, err);
    }
    cp_secret_cleanup(&body);
    return status;
}

/* ---- the search ---- */

static size_t find(struct cp_span text, size_t from, const char *word, size_t len) {
    const uint8_t *found =
        from >= text.len ? NULL : memmem(text.data + from, text.len - from, word, len);
    return found == NULL ? text.len : (size_t)(found - text.data);
}

static bool is_skipped(const struct gate_lines *skip, size_t num_skip, size_t line) {
    for (size_t i = 0; i < num_skip; i++)
        if (line >= skip[i].from && line <= skip[i].to)
            return true;
    return false;
}

/* The block whose BEGIN is at `at`, before `limit`. *added counts up. */
static enum cp_status take_block(struct gate_part *part, size_t *num_added, struct cp_span text,
                                 size_t at, size_t limit, size_t line, size_t offset,
                                 struct cp_error *err) {
    char end_marker[MAX_LABEL + 32];
    struct cp_span label = {text.data + at + MARKER_LEN, 0};
    size_t most = limit - at - MARKER_LEN;
    while (label.len < most && label.len <= MAX_LABEL && label.data[label.len] != '-')
        label.len++;
    size_t body = at + MARKER_LEN + label.len + 5;
    if (label.len > MAX_LABEL || body > limit || memcmp(text.data + body - 5, "-----", 5) != 0 ||
        !is_wanted(label))
        return CP_OK;
    int len = snprintf(end_marker, sizeof(end_marker), "-----END %.*s-----", (int)label.len,
                       (const char *)label.data);
    const uint8_t *end = memmem(text.data + body, limit - body, end_marker, (size_t)len);
    if (end == NULL)
        return CP_OK;
    size_t start = at;
    while (start != 0 && (text.data[start - 1] == ' ' || text.data[start - 1] == '\t'))
        start--;
    bool slashes = start >= 2 && memcmp(text.data + start - 2, "//", 2) == 0, added = false;
    struct cp_span raw = {text.data + body, (size_t)(end - text.data) - body};
    enum cp_status status = put_block(part, &added, label, raw, slashes, line, offset, err);
    *num_added += added;
    return status;
}

static enum cp_status scan(struct gate_part *part, size_t *num_added, struct cp_span text,
                           const struct origin *origin, const struct gate_lines *skip,
                           size_t num_skip, struct cp_error *err) {
    size_t line = origin->line, counted = 0;
    size_t at = find(text, 0, MARKER, MARKER_LEN);
    while (at < text.len) {
        size_t next = find(text, at + MARKER_LEN, MARKER, MARKER_LEN);
        if (origin->has_lines)
            line += count_lines(text, counted, at);
        counted = at;
        if (!is_skipped(skip, num_skip, line)) {
            size_t offset = origin->offset + (origin->has_lines ? at : 0);
            enum cp_status status = take_block(part, num_added, text, at, next, line, offset, err);
            if (status != CP_OK)
                return status;
        }
        at = next;
    }
    return CP_OK;
}

/* Base64 of PEM, which stands in one place whatever lines it has inside. */
static enum cp_status scan_encoded(struct gate_part *part, size_t *num_added, struct cp_span token,
                                   size_t line, size_t offset, struct cp_error *err) {
    struct cp_secret inner = {0};
    const struct origin origin = {line, offset, false};
    size_t len = 0, bad = 0, before = *num_added;
    const char *reason = "";
    enum cp_status status = cp_secret_init(&inner, cp_base64_max(token.len) + 1, err);
    if (status == CP_OK && cp_base64_decode(inner.data, &len, token, &bad, &reason) == CP_OK) {
        struct cp_span text = {inner.data, len};
        status = scan(part, num_added, text, &origin, NULL, 0, err);
        /* A block that is cut off or mangled: for the reader to say. */
        if (status == CP_OK && *num_added == before && len < part->text.cap - part->text.len &&
            len >= MIN_BASE64 && memmem(inner.data, len, MARKER, MARKER_LEN) != NULL) {
            status = gate_part_spot(part, line, offset, err);
            if (status == CP_OK)
                status = cp_secret_append(&part->text, inner.data, len, err);
            *num_added += 1;
        }
    }
    cp_secret_cleanup(&inner);
    return status;
}

static enum cp_status scan_tokens(struct gate_part *part, size_t *num_added, struct cp_span text,
                                  const struct gate_lines *skip, size_t num_skip,
                                  struct cp_error *err) {
    size_t line = 1, counted = 0, end = 0;
    for (size_t at = find(text, 0, MARKER_BASE64, MARKER_BASE64_LEN); at < text.len;
         at = find(text, end, MARKER_BASE64, MARKER_BASE64_LEN)) {
        end = at;
        while (end < text.len && is_base64(text.data[end]))
            end++;
        while (end < text.len && text.data[end] == '=')
            end++;
        line += count_lines(text, counted, at);
        counted = at;
        if ((at != 0 && is_base64(text.data[at - 1])) || is_skipped(skip, num_skip, line))
            continue;
        struct cp_span token = {text.data + at, end - at};
        enum cp_status status = scan_encoded(part, num_added, token, line, at, err);
        if (status != CP_OK)
            return status;
    }
    return CP_OK;
}

enum cp_status gate_inline(struct gate_parts *parts, struct cp_span text,
                           const struct gate_lines *skip, size_t num_skip, struct cp_error *err) {
    const struct origin origin = {1, 0, true};
    struct gate_part *part = NULL;
    size_t num_added = 0;
    enum cp_status status = gate_parts_new(parts, &part, text.len * 2 + 1024, err);
    if (status == CP_OK)
        status = scan(part, &num_added, text, &origin, skip, num_skip, err);
    if (status == CP_OK)
        status = scan_tokens(part, &num_added, text, skip, num_skip, err);
    if (part != NULL && (status != CP_OK || num_added == 0)) {
        cp_secret_cleanup(&part->text);
        free(part->spots);
        parts->num--;
    }
    return status;
}

enum cp_status gate_part_add_value(struct gate_part *part, struct cp_span value, bool is_encoded,
                                   bool is_block, size_t line, size_t offset,
                                   struct cp_error *err) {
    const struct origin origin = {line + (is_block ? 1 : 0), offset, is_block};
    size_t num_added = 0;
    return is_encoded ? scan_encoded(part, &num_added, value, line, offset, err)
                      : scan(part, &num_added, value, &origin, NULL, 0, err);
}
