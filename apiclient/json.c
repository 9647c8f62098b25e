/* json: a strict reader without a tree. */
#include "json.h"

#include <string.h>

struct reader {
    const char *at, *end;
};

static void skip_space(struct reader *in) {
    while (in->at < in->end &&
           (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r'))
        in->at++;
}

static bool take(struct reader *in, char c) {
    if (in->at == in->end || *in->at != c)
        return false;
    in->at++;
    return true;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static int hex_value(char c) {
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* RFC 8259 7. The opening quote has been taken. */
static bool read_string(struct reader *in, const char **raw, size_t *raw_len) {
    *raw = in->at;
    while (in->at < in->end) {
        char c = *in->at++;
        if (c == '"') {
            *raw_len = (size_t)(in->at - 1 - *raw);
            return true;
        }
        if ((unsigned char)c < 0x20)
            return false;
        if (c != '\\')
            continue;
        if (in->at == in->end)
            return false;
        c = *in->at++;
        if (c == 'u') {
            for (int i = 0; i < 4; i++)
                if (in->at == in->end || hex_value(*in->at++) < 0)
                    return false;
        } else if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL) {
            return false;
        }
    }
    return false;
}

static bool read_digits(struct reader *in) {
    const char *start = in->at;
    while (in->at < in->end && is_digit(*in->at))
        in->at++;
    return in->at > start;
}

/* RFC 8259 6: no leading zero, no leading "+", digits around the point. */
static bool read_number(struct reader *in) {
    (void)take(in, '-');
    if (!take(in, '0') && !read_digits(in))
        return false;
    if (take(in, '.') && !read_digits(in))
        return false;
    if (take(in, 'e') || take(in, 'E')) {
        if (!take(in, '+'))
            (void)take(in, '-');
        if (!read_digits(in))
            return false;
    }
    return true;
}

static bool read_word(struct reader *in, const char *word) {
    size_t len = strlen(word);
    if ((size_t)(in->end - in->at) < len || memcmp(in->at, word, len) != 0)
        return false;
    in->at += len;
    return true;
}

/* A value that is neither object nor array. */
static bool read_scalar(struct reader *in, struct esa_member *out) {
    out->raw = in->at;
    if (take(in, '"')) {
        out->kind = ESA_KIND_STRING;
        return read_string(in, &out->raw, &out->raw_len);
    }
    if (in->at < in->end && (*in->at == '-' || is_digit(*in->at))) {
        bool ok = read_number(in);
        out->kind = ESA_KIND_NUMBER;
        out->raw_len = (size_t)(in->at - out->raw);
        return ok;
    }
    static const struct {
        const char *word;
        enum esa_kind kind;
    } words[] = {{"true", ESA_KIND_TRUE}, {"false", ESA_KIND_FALSE}, {"null", ESA_KIND_NULL}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (read_word(in, words[i].word)) {
            out->kind = words[i].kind;
            out->raw_len = strlen(words[i].word);
            return true;
        }
    return false;
}

static bool read_name(struct reader *in, const char **raw, size_t *raw_len) {
    skip_space(in);
    if (!take(in, '"') || !read_string(in, raw, raw_len))
        return false;
    skip_space(in);
    return take(in, ':');
}

/* Passes over an object or array whose bracket has been taken. The stack of open brackets stands in
 * for recursion, so depth costs a byte. */
static bool skip_nested(struct reader *in, char close) {
    char open[ESA_JSON_MAX_DEPTH];
    size_t depth = 0;
    struct esa_member ignored;
    const char *name;
    size_t name_len;
    bool at_start = true; /* just behind an opening bracket */
    open[depth++] = close;
    while (depth > 0) {
        skip_space(in);
        if (take(in, open[depth - 1])) { /* at_start, or behind a value */
            depth--;
            at_start = false;
            continue;
        }
        if (!at_start && !take(in, ','))
            return false;
        if (open[depth - 1] == '}' && !read_name(in, &name, &name_len))
            return false;
        skip_space(in);
        at_start = false;
        if (in->at < in->end && (*in->at == '{' || *in->at == '[')) {
            if (depth == ESA_JSON_MAX_DEPTH)
                return false;
            open[depth++] = *in->at++ == '{' ? '}' : ']';
            at_start = true;
        } else if (!read_scalar(in, &ignored)) {
            return false;
        }
    }
    return true;
}

static bool read_value(struct reader *in, struct esa_member *out) {
    skip_space(in);
    out->raw = in->at;
    if (in->at < in->end && (*in->at == '{' || *in->at == '[')) {
        char close = *in->at++ == '{' ? '}' : ']';
        bool ok = skip_nested(in, close);
        out->kind = close == '}' ? ESA_KIND_OBJECT : ESA_KIND_ARRAY;
        out->raw_len = (size_t)(in->at - out->raw);
        return ok;
    }
    return read_scalar(in, out);
}

static void store(struct esa_member *members, size_t num_members, const char *raw, size_t raw_len,
                  const struct esa_member *value) {
    char name[128]; /* longer than any name that is asked for, even with every letter escaped */
    if (raw_len > sizeof(name))
        return;
    size_t len = esa_json_unescape(name, raw, raw_len);
    for (size_t i = 0; i < num_members; i++) {
        struct esa_member *member = &members[i];
        if (len == 0 || member->name[0] != name[0] || strlen(member->name) != len ||
            memcmp(member->name, name, len) != 0)
            continue;
        if (member->count++ == 0) {
            member->kind = value->kind;
            member->raw = value->raw;
            member->raw_len = value->raw_len;
        }
    }
}

bool esa_json_members(struct esa_member *members, size_t num_members, const char *text,
                      size_t len) {
    struct reader in = {text, text + len};
    for (size_t i = 0; i < num_members; i++)
        members[i] = (struct esa_member){.name = members[i].name};
    skip_space(&in);
    if (!take(&in, '{'))
        return false;
    skip_space(&in);
    bool is_done = take(&in, '}');
    while (!is_done) {
        const char *raw;
        size_t raw_len;
        struct esa_member value = {0};
        if (!read_name(&in, &raw, &raw_len) || !read_value(&in, &value))
            return false;
        store(members, num_members, raw, raw_len, &value);
        skip_space(&in);
        is_done = take(&in, '}');
        if (!is_done && !take(&in, ','))
            return false;
    }
    skip_space(&in);
    return in.at == in.end;
}

void esa_json_array_open(struct esa_json_array *array, const char *raw, size_t raw_len) {
    *array = (struct esa_json_array){raw, raw + raw_len, false};
}

bool esa_json_array_next(struct esa_json_array *array, struct esa_member *element) {
    struct reader in = {array->at, array->end};
    *element = (struct esa_member){0};
    skip_space(&in);
    if (!take(&in, array->is_started ? ',' : '['))
        return false;
    skip_space(&in);
    if (!array->is_started && in.at < in.end && *in.at == ']')
        return false;
    if (!read_value(&in, element))
        return false;
    array->at = in.at;
    array->is_started = true;
    return true;
}

static uint32_t hex4(const char *digits) {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 4 | (uint32_t)hex_value(digits[i]);
    return value;
}

static size_t put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

size_t esa_json_unescape(char *out, const char *raw, size_t raw_len) {
    size_t len = 0;
    for (size_t i = 0; i < raw_len;) {
        if (raw[i] != '\\') {
            out[len++] = raw[i++];
            continue;
        }
        char c = raw[i + 1]; /* the reader has seen that the escape is whole */
        i += 2;
        if (c != 'u') {
            const char *known = strchr("b\bf\fn\nr\rt\t", c);
            out[len++] = known == NULL ? c : known[1];
            continue;
        }
        uint32_t point = hex4(raw + i);
        i += 4;
        bool is_high = point >= 0xD800 && point <= 0xDBFF;
        if (is_high && raw_len - i >= 6 && raw[i] == '\\' && raw[i + 1] == 'u') {
            uint32_t low = hex4(raw + i + 2);
            if (low >= 0xDC00 && low <= 0xDFFF) {
                point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
                i += 6;
            }
        }
        if (point >= 0xD800 && point <= 0xDFFF)
            point = 0xFFFD;
        len += put_utf8(out + len, point);
    }
    return len;
}
