/* Passes that take off what the text was wrapped in on its way: percent-encoding, HTML, escapes of
 * JSON, YAML, C and the shell. wrapped.c has the one for base64. Each writes in place, since what
 * is unwrapped is never longer. Outside the window (prose before the first and behind the last
 * block) nothing is touched. */
#include <string.h>

#include "parts.h"

int cp_hex_value(uint8_t c) {
    if (cp_is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t cp_find_word(struct cp_span text, size_t from, const char *upper) {
    size_t len = strlen(upper);
    for (size_t i = from; i < text.len && len <= text.len - i; i++) {
        size_t j = 0;
        while (j < len && (cp_is_letter(text.data[i + j]) ? text.data[i + j] & 0xdf
                                                          : text.data[i + j]) == upper[j])
            j++;
        if (j == len)
            return i;
    }
    return SIZE_MAX;
}

/* Value of num hex digits at i, or -1. */
static long hex_at(const struct cp_text *text, size_t i, size_t num) {
    long value = 0;
    if (num > text->len || i > text->len - num)
        return -1;
    for (size_t j = 0; j < num; j++) {
        int digit = cp_hex_value(text->data[i + j]);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* ---- percent-encoding ---- */

/* In a form (application/x-www-form-urlencoded) a space is "+". The marker lines tell, since they
 * have spaces; and who writes "%2B" for a plus leaves no "+" that is one. */
static bool is_form(const struct cp_job *job) {
    struct cp_span window = {job->text.data, job->window_end};
    size_t start = job->window_start;
    return cp_find_word(window, start, "BEGIN+") != SIZE_MAX ||
           cp_find_word(window, start, "-END+") != SIZE_MAX ||
           (cp_find_word(window, start, "%2B") != SIZE_MAX &&
            memchr(window.data + start, '+', window.len - start) != NULL);
}

bool cp_pass_percent(struct cp_job *job) {
    struct cp_text *text = &job->text;
    bool form = is_form(job), any = form;
    for (size_t i = job->window_start; !any && i < job->window_end; i++)
        any = text->data[i] == '%' && hex_at(text, i + 1, 2) >= 0;
    if (!any)
        return false;
    size_t used = job->window_start;
    for (size_t i = used; i < text->len;) {
        long value = -1;
        if (i < job->window_end && text->data[i] == '%')
            value = hex_at(text, i + 1, 2);
        if (value >= 0) {
            cp_job_count(job, CP_CHECK_PERCENT_ENCODED, i);
            cp_text_put(text, &used, (uint8_t)value, i);
            i += 3;
        } else {
            bool space = form && i < job->window_end && text->data[i] == '+';
            if (space)
                cp_job_count(job, CP_CHECK_PERCENT_ENCODED, i);
            cp_text_put(text, &used, space ? ' ' : text->data[i], i);
            i++;
        }
    }
    text->len = used;
    job->needs_proof = true;
    return true;
}

/* ---- HTML ---- */

static const struct {
    const char *name;
    uint32_t code;
} entities[] = {
    {"amp", '&'},       {"lt", '<'},       {"gt", '>'},       {"quot", '"'},     {"apos", '\''},
    {"nbsp", 0xa0},     {"shy", 0xad},     {"ndash", 0x2013}, {"mdash", 0x2014}, {"hyphen", 0x2010},
    {"dash", 0x2010},   {"minus", 0x2212}, {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201c},
    {"rdquo", 0x201d},  {"equals", '='},   {"plus", '+'},     {"sol", '/'},      {"colon", ':'},
    {"comma", ','},     {"NewLine", '\n'}, {"Tab", '\t'},     {"ensp", 0x2002},  {"emsp", 0x2003},
    {"thinsp", 0x2009}, {"zwnj", 0x200c},  {"zwj", 0x200d},
};

/* Length of the entity at i, or 0. */
static size_t entity_at(const struct cp_text *text, size_t i, uint32_t *code) {
    size_t start = i + 1, stop = start;
    while (stop < text->len && stop - start < 10 && text->data[stop] != ';')
        stop++;
    if (stop >= text->len || text->data[stop] != ';' || stop == start)
        return 0;
    struct cp_span name = {text->data + start, stop - start};
    for (size_t j = 0; j < sizeof(entities) / sizeof(entities[0]); j++)
        if (cp_span_equal(name, cp_span_of(entities[j].name))) {
            *code = entities[j].code;
            return stop + 1 - i;
        }
    if (name.data[0] != '#' || name.len < 2)
        return 0;
    bool hex = (name.data[1] | 0x20) == 'x';
    size_t j = hex ? 2 : 1;
    uint32_t value = 0;
    if (j == name.len)
        return 0;
    for (; j < name.len; j++) {
        int digit = cp_hex_value(name.data[j]);
        if (digit < 0 || (!hex && digit > 9))
            return 0;
        value = value * (hex ? 16U : 10U) + (uint32_t)digit;
        if (value > 0x10ffff)
            return 0;
    }
    *code = value;
    return stop + 1 - i;
}

/* Length of a tag that lays text out, or 0. */
static size_t tag_at(const struct cp_text *text, size_t i) {
    static const char *const names[] = {"br", "p",  "div",  "span", "pre", "code",
                                        "td", "tr", "wbr",  "b",    "i",   "a",
                                        "li", "tt", "font", "html", "body"};
    size_t start = i + 1;
    if (start < text->len && text->data[start] == '/')
        start++;
    size_t end = start;
    while (end < text->len && end - start < 5 && cp_is_letter(text->data[end]))
        end++;
    size_t stop = end;
    while (stop < text->len && stop - end < 80 && text->data[stop] != '>' &&
           text->data[stop] != '<' && text->data[stop] != '\n')
        stop++;
    if (stop >= text->len || text->data[stop] != '>' ||
        (stop != end && text->data[end] != ' ' && text->data[end] != '/'))
        return 0;
    for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
        size_t len = strlen(names[j]), k = 0;
        while (k < len && end - start == len && (text->data[start + k] | 0x20) == names[j][k])
            k++;
        if (k == len)
            return stop + 1 - i;
    }
    return 0;
}

bool cp_pass_entities(struct cp_job *job) {
    struct cp_text *text = &job->text;
    size_t used = job->window_start;
    bool changed = false;
    for (size_t i = used; i < text->len;) {
        uint32_t code = '\n';
        size_t len = 0;
        if (i < job->window_end && text->data[i] == '&')
            len = entity_at(text, i, &code);
        else if (i < job->window_end && text->data[i] == '<')
            len = tag_at(text, i);
        if (len == 0) {
            cp_text_put(text, &used, text->data[i], i);
            i++;
            continue;
        }
        cp_job_count(job, CP_CHECK_HTML_ENTITIES, i);
        cp_text_put_code(text, &used, code, i);
        i += len;
        changed = true;
    }
    text->len = used;
    job->needs_proof |= changed;
    return changed;
}

/* ---- escapes ---- */

/* Backslashes from i on, however often they were doubled. */
static size_t backslashes(const struct cp_text *text, size_t i) {
    size_t run = 0;
    while (i + run < text->len && text->data[i + run] == '\\')
        run++;
    return run;
}

/* Length of the escape at i (a backslash) and what it stands for; 0 if it is none. */
static size_t escape_at(const struct cp_text *text, size_t i, uint32_t *code) {
    size_t run = backslashes(text, i), at = i + run;
    if (at >= text->len)
        return 0;
    size_t len = run + 1;
    uint8_t c = text->data[at];
    if (c == 'r' || c == 'n') {
        *code = '\n';
        if (c == 'r') { /* \r\n is one line end */
            size_t more = backslashes(text, at + 1);
            if (more != 0 && at + 1 + more < text->len && text->data[at + 1 + more] == 'n')
                len += more + 1;
        }
        return len;
    }
    long value = -1;
    if (c == 't' || c == '/' || c == '"' || c == '\'' || c == '`' || c == '\n') {
        *code = c == 't' ? '\t' : c;
        return len;
    }
    if (c == 'u')
        value = hex_at(text, at + 1, 4);
    else if (c == 'x')
        value = hex_at(text, at + 1, 2);
    if (value < 0)
        return 0;
    *code = (uint32_t)value;
    return len + (c == 'u' ? 4 : 2);
}

bool cp_pass_escapes(struct cp_job *job) {
    struct cp_text *text = &job->text;
    size_t used = job->window_start;
    bool changed = false;
    for (size_t i = used; i < text->len;) {
        uint32_t code = 0;
        size_t len = 0;
        if (i < job->window_end && text->data[i] == '\\') {
            len = escape_at(text, i, &code);
            if (len == 0) { /* step over the run, so that a long one costs no more */
                size_t run = backslashes(text, i);
                for (size_t j = 0; j < run; j++)
                    cp_text_put(text, &used, '\\', i + j);
                i += run;
                continue;
            }
        }
        if (len == 0) {
            cp_text_put(text, &used, text->data[i], i);
            i++;
            continue;
        }
        cp_job_count(job, CP_CHECK_ESCAPED_NEWLINES, i);
        /* "\n" at the end of a line: the line end that follows is the same one. */
        if (code != '\n' || i + len >= text->len || text->data[i + len] != '\n')
            cp_text_put_code(text, &used, code, i);
        i += len;
        changed = true;
    }
    text->len = used;
    job->needs_proof |= changed;
    return changed;
}
