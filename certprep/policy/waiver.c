#include "policy/waiver.h"

#include <stdlib.h>
#include <string.h>

#include "policy/glob.h"
#include "policy/selection.h"

#define DAY_S 86400

struct reading {
    struct cp_waivers *waivers;
    const char *name;
    cp_nearest_fn *nearest;
    size_t cap;
    char reason[CP_MAX_WAIVER_REASON];
    bool has_expires;
};

static enum cp_status wrong(const struct reading *r, size_t line, const char *what,
                            struct cp_error *err) {
    return cp_fail(err, CP_ERR_USAGE, "%s:%zu: %s", r->name, line, what);
}

/* Is the row that was read last complete? */
static enum cp_status close_row(struct reading *r, struct cp_error *err) {
    if (r->waivers->num_rows == 0)
        return CP_OK;
    struct cp_waiver_row *row = &r->waivers->rows[r->waivers->num_rows - 1];
    size_t line = row->waiver.line;
    if (row->rule == NULL)
        return wrong(r, line, "a waiver needs 'rule'", err);
    if (row->spki[0] == '\0' && row->path == NULL)
        return wrong(r, line, "a waiver needs 'spki' or 'path': it is for one thing", err);
    if (r->reason[0] == '\0')
        return wrong(r, line, "a waiver needs 'reason'", err);
    if (!r->has_expires)
        return wrong(r, line, "a waiver needs 'expires', the last day on which it holds", err);
    row->reason = cp_strdup_escaped(r->reason);
    row->file = cp_strdup_escaped(r->name);
    if (row->reason == NULL || row->file == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "waivers: out of memory");
    row->waiver.reason = row->reason;
    row->waiver.file = row->file;
    return CP_OK;
}

static enum cp_status open_row(struct reading *r, size_t line, struct cp_error *err) {
    struct cp_waivers *waivers = r->waivers;
    if (waivers->num_rows == CP_MAX_WAIVERS)
        return wrong(r, line, "too many waivers in one file", err);
    if (waivers->num_rows == r->cap) {
        size_t cap = r->cap == 0 ? 16 : r->cap * 2;
        struct cp_waiver_row *grown = realloc(waivers->rows, cap * sizeof(*grown));
        if (grown == NULL)
            return cp_fail(err, CP_ERR_MEMORY, "waivers: out of memory");
        waivers->rows = grown;
        r->cap = cap;
    }
    waivers->rows[waivers->num_rows++] = (struct cp_waiver_row){.waiver = {.line = line}};
    r->reason[0] = '\0';
    r->has_expires = false;
    return CP_OK;
}

static bool take_spki(char out[65], const char *value) {
    if (strncmp(value, "sha256:", 7) == 0)
        value += 7;
    if (strlen(value) != 64 || strspn(value, "0123456789abcdefABCDEF") != 64)
        return false;
    for (size_t i = 0; i <= 64; i++)
        out[i] = (char)(value[i] >= 'A' && value[i] <= 'F' ? value[i] - 'A' + 'a' : value[i]);
    return true;
}

/* The moment at which the day is over. */
static bool take_expires(int64_t *expires_s, const char *value) {
    static const char form[] = "dddd-dd-dd";
    int64_t day_s = 0;
    for (size_t i = 0; i < sizeof(form); i++)
        if (form[i] == 'd' ? value[i] < '0' || value[i] > '9' : value[i] != form[i])
            return false;
    if (cp_time_parse(&day_s, value, NULL) != CP_OK)
        return false;
    *expires_s = day_s + DAY_S;
    return true;
}

static enum cp_status take_rule(struct reading *r, struct cp_waiver_row *row,
                                const struct cp_ini_item *item, struct cp_error *err) {
    enum cp_status status =
        cp_policy_find_rule(&row->rule, r->name, item->line, item->value, r->nearest, err);
    if (status == CP_OK && cp_policy_is_own_rule(row->rule))
        return cp_fail(err, CP_ERR_USAGE, "%s:%zu: %s is about waivers: it can't be waived",
                       r->name, item->line, row->rule->id);
    return status;
}

/* A reason may go on in more lines; a space joins them. */
static enum cp_status take_reason(struct reading *r, const struct cp_ini_item *item,
                                  struct cp_error *err) {
    size_t used = strlen(r->reason), len = strlen(item->value);
    if (used + len + 2 > sizeof(r->reason))
        return wrong(r, item->line, "the reason is too long", err);
    if (used != 0)
        r->reason[used++] = ' ';
    memcpy(r->reason + used, item->value, len + 1);
    return CP_OK;
}

static enum cp_status take_key(struct reading *r, const struct cp_ini_item *item,
                               struct cp_error *err) {
    static const char *const keys[] = {"rule", "spki", "path", "reason", "expires"};
    struct cp_waiver_row *row = &r->waivers->rows[r->waivers->num_rows - 1];
    size_t which = 0;
    while (which < 5 && strcmp(keys[which], item->key) != 0)
        which++;
    const bool there[] = {row->rule != NULL, row->spki[0] != '\0', row->path != NULL,
                          r->reason[0] != '\0', r->has_expires};
    if (which == 5)
        return cp_ini_unknown(r->name, item->line, "key", item->key, keys, 5, r->nearest, err);
    if (there[which] && !(which == 3 && item->is_more))
        return cp_fail(err, CP_ERR_USAGE, "%s:%zu: '%s' is given twice", r->name, item->line,
                       item->key);
    switch (which) {
    case 0:
        return take_rule(r, row, item, err);
    case 1:
        return take_spki(row->spki, item->value)
                   ? CP_OK
                   : wrong(r, item->line,
                           "'spki' is a SHA-256 in 64 hexadecimal digits, as reports show it", err);
    case 2:
        if (item->value[0] == '\0')
            return wrong(r, item->line, "'path' is empty", err);
        row->path = strdup(item->value);
        return row->path != NULL ? CP_OK : cp_fail(err, CP_ERR_MEMORY, "waivers: out of memory");
    case 3:
        return take_reason(r, item, err);
    default:
        r->has_expires = take_expires(&row->waiver.expires_s, item->value);
        return r->has_expires ? CP_OK : wrong(r, item->line, "'expires' is a day: YYYY-MM-DD", err);
    }
}

static enum cp_status take(void *context, const struct cp_ini_item *item, struct cp_error *err) {
    static const char *const sections[] = {"waiver"};
    struct reading *r = context;
    if (item->section_number == 0)
        return wrong(r, item->line, "a waiver begins with [waiver]", err);
    if (item->key != NULL)
        return take_key(r, item, err);
    if (strcmp(item->section, "waiver") != 0)
        return cp_ini_unknown(r->name, item->line, "section", item->section, sections, 1,
                              r->nearest, err);
    if (item->argument != NULL)
        return wrong(r, item->line, "want [waiver] alone", err);
    enum cp_status status = close_row(r, err);
    return status == CP_OK ? open_row(r, item->line, err) : status;
}

enum cp_status cp_waivers_read(struct cp_waivers *waivers, struct cp_span text, const char *name,
                               const char *base, cp_nearest_fn *nearest, struct cp_error *err) {
    struct reading r = {.waivers = waivers, .name = name, .nearest = nearest};
    if (base != NULL && (waivers->base = strdup(base)) == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "waivers: out of memory");
    enum cp_status status = cp_ini_read(text, name, take, &r, err);
    return status == CP_OK ? close_row(&r, err) : status;
}

void cp_waivers_cleanup(struct cp_waivers *waivers) {
    for (size_t i = 0; i < waivers->num_rows; i++) {
        free(waivers->rows[i].path);
        free(waivers->rows[i].reason);
        free(waivers->rows[i].file);
    }
    free(waivers->rows);
    free(waivers->base);
    *waivers = (struct cp_waivers){0};
}

bool cp_waiver_is_expired(const struct cp_waiver *waiver, int64_t at_s) {
    return at_s >= waiver->expires_s;
}

#define MAX_REASON_LINE 120 /* bytes, far enough from what a line may have */

/* A reason as libinih reads it back: no line ends, no comment in it, and in lines that are not too
 * long. */
static enum cp_status put_reason(struct cp_buf *out, const char *reason, struct cp_error *err) {
    size_t column = 0;
    cp_buf_puts(out, "reason =");
    for (const char *at = reason; *at != '\0';) {
        size_t len = strcspn(at, " ");
        if (len == 0) {
            at++;
            continue;
        }
        if (len > MAX_REASON_LINE)
            return cp_fail(err, CP_ERR_USAGE, "the reason has a word of over %d bytes",
                           MAX_REASON_LINE);
        if (at[0] == ';' || (column + len > MAX_REASON_LINE && (at[0] == '#' || at[0] == '[')))
            return cp_fail(err, CP_ERR_USAGE,
                           "the reason has a '%c' at the start of a word: it would begin a comment",
                           at[0]);
        if (column != 0 && column + len > MAX_REASON_LINE) {
            cp_buf_puts(out, "\n   ");
            column = 0;
        }
        cp_buf_puts(out, " ");
        cp_buf_append(out, at, len);
        column += len + 1;
        at += len;
    }
    cp_buf_puts(out, "\n");
    return CP_OK;
}

enum cp_status cp_waiver_write(struct cp_buf *out, const char *rule, const char *spki,
                               const char *path, const char *reason, const char *expires,
                               struct cp_error *err) {
    struct cp_waivers back = {0};
    const char *const texts[] = {rule, spki, path, reason, expires};
    for (size_t i = 0; i < 5; i++)
        for (const char *at = texts[i]; at != NULL && *at != '\0'; at++)
            if ((unsigned char)*at < 0x20 || *at == 0x7f)
                return cp_fail(err, CP_ERR_USAGE, "a waiver has no line ends or controls in it");
    if (path != NULL && (strlen(path) > 180 || strstr(path, " ;") != NULL))
        return cp_fail(err, CP_ERR_USAGE, "--path: over 180 bytes, or with ' ;' in it");
    size_t from = out->len;
    cp_buf_printf(out, "[waiver]\nrule = %s\n", rule);
    if (spki != NULL)
        cp_buf_printf(out, "spki = %s\n", spki);
    if (path != NULL)
        cp_buf_printf(out, "path = %s\n", path);
    enum cp_status status = put_reason(out, reason, err);
    if (status != CP_OK)
        return status;
    cp_buf_printf(out, "expires = %s\n", expires);
    status = cp_buf_finish(out, err);
    if (status == CP_OK) /* what can't be read is not written */
        status = cp_waivers_read(
            &back, (struct cp_span){(const uint8_t *)out->data + from, out->len - from}, "waiver",
            NULL, NULL, err);
    cp_waivers_cleanup(&back);
    return status;
}
