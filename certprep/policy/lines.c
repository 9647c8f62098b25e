#include "policy/lines.h"

#include <ini.h>
#include <string.h>

#define MAX_SECTION 64

struct reading {
    struct cp_span text;
    size_t at, line;
    const char *name;
    cp_ini_fn *take;
    void *context;
    struct cp_error *err;
    enum cp_status status; /* the first failure */
    struct cp_ini_item item;
    char section[MAX_SECTION], argument[CP_MAX_INI_ARGUMENT];
    bool is_indented, has_key; /* a key stands above, in the same section */
};

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static void fail(struct reading *r, const char *what) {
    if (r->status == CP_OK)
        r->status = cp_fail(r->err, CP_ERR_USAGE, "%s:%zu: %s", r->name, r->line, what);
}

/* Takes a heading apart, since libinih would cut a long one: [section] or [section "argument"]. */
static bool split_heading(struct reading *r, const char *at, const char *end) {
    size_t len = 0;
    for (at++; at < end && is_space(*at);)
        at++;
    for (; at < end && !is_space(*at) && *at != ']' && *at != '"' && len < MAX_SECTION - 1; at++)
        r->section[len++] = *at;
    r->section[len] = '\0';
    while (at < end && is_space(*at))
        at++;
    r->item.argument = NULL;
    if (at < end && *at == '"') {
        size_t used = 0;
        for (at++; at < end && *at != '"' && used < sizeof(r->argument) - 1; at++)
            r->argument[used++] = *at;
        r->argument[used] = '\0';
        r->item.argument = r->argument;
        if (at == end || *at++ != '"')
            return false;
        while (at < end && is_space(*at))
            at++;
    }
    if (len == 0 || at == end || *at++ != ']')
        return false;
    while (at < end && is_space(*at))
        at++;
    return at == end || *at == ';' || *at == '#';
}

static void begin_section(struct reading *r, const char *at, const char *end) {
    if (!split_heading(r, at, end)) {
        fail(r, "a heading is [word] or [word \"text\"], and stands alone on its line");
        return;
    }
    r->item.section = r->section;
    r->item.section_number++;
    r->item.line = r->line;
    r->item.key = r->item.value = NULL;
    r->item.is_more = r->has_key = false;
    r->status = r->take(r->context, &r->item, r->err);
}

/* libinih's reader of lines. */
static char *next_line(char *out, int size, void *context) {
    struct reading *r = context;
    const char *at = (const char *)r->text.data + r->at, *word, *end;
    size_t left = r->text.len - r->at;
    if (left == 0 || r->status != CP_OK || size < 3)
        return NULL;
    const char *newline = memchr(at, '\n', left);
    size_t len = newline == NULL ? left : (size_t)(newline - at) + 1;
    r->line++;
    if (len > (size_t)size - 1) {
        if (r->status == CP_OK)
            r->status = cp_fail(r->err, CP_ERR_USAGE,
                                "%s:%zu: the line is longer than %d bytes: go on in the next one, "
                                "indented",
                                r->name, r->line, size - 2);
        return NULL;
    }
    r->at += len;
    memcpy(out, at, len);
    out[len] = '\0';
    end = newline == NULL ? at + len : newline;
    for (word = at; word < end && is_space(*word);)
        word++;
    r->is_indented = word > at;
    if (word < end && *word == '[') {
        if (r->is_indented)
            fail(r, "a heading starts at the beginning of its line");
        else
            begin_section(r, word, end);
    }
    return r->status == CP_OK ? out : NULL;
}

/* What libinih leaves in a value that goes on in a second line. */
static void cut_comment(char *value) {
    for (size_t i = 1; value[i] != '\0'; i++)
        if (value[i] == ';' && is_space(value[i - 1])) {
            while (i > 0 && is_space(value[i - 1]))
                i--;
            value[i] = '\0';
            return;
        }
}

static int take_pair(void *context, const char *section, const char *key, const char *value) {
    struct reading *r = context;
    char text[CP_MAX_INI_ARGUMENT];
    (void)section; /* ours is whole */
    if (r->status != CP_OK)
        return 0;
    size_t len = strlen(value);
    if (len >= sizeof(text)) {
        fail(r, "the value is too long");
        return 0;
    }
    memcpy(text, value, len + 1);
    r->item.is_more = r->is_indented && r->has_key;
    r->has_key = true;
    if (r->item.is_more)
        cut_comment(text);
    r->item.key = key;
    r->item.value = text;
    r->item.line = r->line;
    r->status = r->take(r->context, &r->item, r->err);
    return r->status == CP_OK;
}

enum cp_status cp_ini_read(struct cp_span text, const char *name, cp_ini_fn *take, void *context,
                           struct cp_error *err) {
    struct reading r = {.text = text, .name = name, .take = take, .context = context, .err = err};
    r.item.section = r.section;
    if (text.len > CP_MAX_INI_LEN)
        return cp_fail(err, CP_ERR_USAGE, "%s: over %zu bytes", name, CP_MAX_INI_LEN);
    if (text.len >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0)
        r.text = (struct cp_span){text.data + 3, text.len - 3};
    if (text.len != 0 && memchr(text.data, '\0', text.len) != NULL)
        return cp_fail(err, CP_ERR_USAGE, "%s: a NUL byte: want text", name);
    if (!cp_utf8_is_valid(text))
        return cp_fail(err, CP_ERR_USAGE, "%s: not UTF-8", name);
    int line = ini_parse_stream(next_line, &r, take_pair, &r);
    if (r.status == CP_OK && line > 0)
        return cp_fail(err, CP_ERR_USAGE, "%s:%d: want '[heading]' or 'key = value'", name, line);
    if (r.status == CP_OK && line < 0)
        return cp_fail(err, CP_ERR_MEMORY, "%s: out of memory", name);
    return r.status;
}

enum cp_status cp_ini_unknown(const char *name, size_t line, const char *what, const char *word,
                              const char *const *candidates, size_t num, cp_nearest_fn *nearest,
                              struct cp_error *err) {
    const char *near = nearest == NULL ? NULL : nearest(word, candidates, num);
    if (near == NULL)
        return cp_fail(err, CP_ERR_USAGE, "%s:%zu: %s '%.60s' is not known", name, line, what,
                       word);
    return cp_fail(err, CP_ERR_USAGE, "%s:%zu: %s '%.60s' is not known; did you mean '%s'?", name,
                   line, what, word, near);
}
