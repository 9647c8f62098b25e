/* JSON, RFC 8259: an array of flat objects, or flat objects one after the other. A reader of its
 * own: a tree of a million rows would not be flat, and each problem has its place. */
#include <string.h>

#include "manifest.h"

struct json {
    struct manifest_reader *reader;
    struct manifest_source *source;
    struct manifest_build *build;
    char text[4097]; /* a string or a number; more than any column takes */
    size_t len;      /* may be over what text holds */
    size_t line, column;
    bool is_broken;
};

static bool broken(struct json *j, const char *clause) {
    if (!j->is_broken)
        manifest_problem_at(j->reader, j->source->line, j->source->column, "%s", clause);
    j->is_broken = true;
    return false;
}

static int skip_space(struct json *j) {
    int byte = manifest_peek(j->source);
    while (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
        (void)manifest_take(j->source);
        byte = manifest_peek(j->source);
    }
    return byte;
}

static void put(struct json *j, unsigned byte) {
    if (j->len < sizeof(j->text) - 1)
        j->text[j->len] = (char)byte;
    j->len++;
}

static size_t held(const struct json *j) {
    return j->len < sizeof(j->text) ? j->len : sizeof(j->text) - 1;
}

static bool read_hex(struct json *j, unsigned *out) {
    *out = 0;
    for (int i = 0; i < 4; i++) {
        int byte = manifest_peek(j->source);
        unsigned digit = byte >= '0' && byte <= '9'   ? (unsigned)(byte - '0')
                         : byte >= 'a' && byte <= 'f' ? (unsigned)(byte - 'a' + 10)
                         : byte >= 'A' && byte <= 'F' ? (unsigned)(byte - 'A' + 10)
                                                      : 16;
        if (digit == 16)
            return broken(j, "want four hex digits after \\u");
        *out = *out * 16 + digit;
        (void)manifest_take(j->source);
    }
    return true;
}

static void put_code_point(struct json *j, unsigned code) {
    if (code < 0x80) {
        put(j, code);
    } else if (code < 0x800) {
        put(j, 0xC0 | code >> 6);
        put(j, 0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        put(j, 0xE0 | code >> 12);
        put(j, 0x80 | (code >> 6 & 0x3F));
        put(j, 0x80 | (code & 0x3F));
    } else {
        put(j, 0xF0 | code >> 18);
        put(j, 0x80 | (code >> 12 & 0x3F));
        put(j, 0x80 | (code >> 6 & 0x3F));
        put(j, 0x80 | (code & 0x3F));
    }
}

static bool read_unicode(struct json *j) {
    unsigned code = 0, low = 0;
    if (!read_hex(j, &code))
        return false;
    if (code >= 0xDC00 && code <= 0xDFFF)
        return broken(j, "a low surrogate without a high one before it");
    if (code >= 0xD800 && code <= 0xDBFF) {
        int backslash = manifest_take(j->source);
        int letter = backslash == '\\' ? manifest_take(j->source) : 0;
        if (letter != 'u' || !read_hex(j, &low) || low < 0xDC00 || low > 0xDFFF)
            return broken(j, "a high surrogate without a low one behind it");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    put_code_point(j, code);
    return true;
}

static bool read_escape(struct json *j) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int byte = manifest_peek(j->source);
    if (byte == 'u') {
        (void)manifest_take(j->source);
        return read_unicode(j);
    }
    const char *found = byte > 0 ? strchr(from, byte) : NULL;
    if (found == NULL)
        return broken(j, "this is no escape of JSON");
    (void)manifest_take(j->source);
    put(j, (unsigned char)to[found - from]);
    return true;
}

static bool read_string(struct json *j) {
    j->len = 0;
    (void)skip_space(j);
    j->line = j->source->line;
    j->column = j->source->column;
    if (manifest_peek(j->source) != '"')
        return broken(j, "want a string in quotes");
    (void)manifest_take(j->source);
    for (;;) {
        int byte = manifest_peek(j->source);
        if (byte < 0x20)
            return broken(j, byte < 0 ? "a string is never closed"
                                      : "a control character inside a string");
        (void)manifest_take(j->source);
        if (byte == '"')
            break;
        if (byte != '\\')
            put(j, (unsigned)byte);
        else if (!read_escape(j))
            return false;
    }
    j->text[held(j)] = '\0';
    return true;
}

/* A number's characters as they stand, or a word. */
static void read_bare(struct json *j) {
    j->len = 0;
    j->line = j->source->line;
    j->column = j->source->column;
    for (;;) {
        int byte = manifest_peek(j->source);
        bool is_part = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                       (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '+' || byte == '.';
        if (!is_part)
            break;
        put(j, (unsigned)byte);
        (void)manifest_take(j->source);
    }
    j->text[held(j)] = '\0';
}

static bool is_id(enum manifest_column column) {
    return column == MANIFEST_SITE_ID || column == MANIFEST_RECORD_ID || column == MANIFEST_CAS_ID;
}

static bool read_value(struct json *j, enum manifest_column column) {
    int byte = skip_space(j);
    if (byte == '"') {
        if (!read_string(j))
            return false;
    } else if (byte == '{' || byte == '[') {
        return broken(j, "want a string, a number or null, not a list or an object");
    } else {
        read_bare(j);
        if (strcmp(j->text, "null") == 0)
            return true;
        if (j->text[0] == '\0')
            return broken(j, "want a value");
        if (!is_id(column) || j->text[strspn(j->text, "0123456789")] != '\0') {
            manifest_problem_at(j->reader, j->line, j->column, "%s: want %s, got %.20s",
                                manifest_column_name(column),
                                is_id(column) ? "digits" : "a string in quotes", j->text);
            j->build->has_problem = true;
            return true;
        }
    }
    manifest_value(j->reader, j->build, column, j->text, held(j), j->line, j->column);
    return true;
}

static bool read_member(struct json *j) {
    const char *nearest = NULL;
    if (!read_string(j))
        return false;
    enum manifest_column column =
        j->len == strlen(j->text) ? manifest_column_find(j->text, &nearest) : MANIFEST_NUM_COLUMNS;
    if (column == MANIFEST_NUM_COLUMNS || j->build->row.columns[column] != 0) {
        if (column != MANIFEST_NUM_COLUMNS)
            manifest_problem_at(j->reader, j->line, j->column, "'%s' is there twice", j->text);
        else
            manifest_problem_at(j->reader, j->line, j->column, "unknown column '%.40s'%s%s%s",
                                j->text, nearest == NULL ? "" : "; did you mean '",
                                nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
        j->build->has_problem = true;
        column = MANIFEST_TAG; /* the value is read, and the row not used */
    }
    if (skip_space(j) != ':')
        return broken(j, "want ':'");
    (void)manifest_take(j->source);
    return read_value(j, column);
}

static bool read_object(struct json *j) {
    manifest_row_begin(j->build, j->source->line);
    (void)manifest_take(j->source);
    if (skip_space(j) == '}') {
        (void)manifest_take(j->source);
        return true;
    }
    for (;;) {
        if (!read_member(j))
            return false;
        int byte = skip_space(j);
        if (byte != ',' && byte != '}')
            return broken(j, "want ',' or '}'");
        (void)manifest_take(j->source);
        if (byte == '}')
            return true;
    }
}

enum cp_status manifest_read_json(struct manifest_reader *reader, struct manifest_source *source,
                                  struct manifest_build *build, struct cp_error *err) {
    struct json j = {.reader = reader, .source = source, .build = build};
    bool is_array = manifest_peek(source) == '[';
    enum cp_status status = CP_OK;
    if (is_array)
        (void)manifest_take(source);
    bool is_first = true;
    while (status == CP_OK && !manifest_is_over(reader)) {
        int byte = skip_space(&j);
        if (byte == (is_array ? ']' : SOURCE_END) && (is_first || !is_array || byte == ']'))
            break;
        if (is_array && !is_first) {
            if (byte != ',') {
                (void)broken(&j, "want ',' or ']' after an object");
                return CP_OK;
            }
            (void)manifest_take(source);
            byte = skip_space(&j);
        }
        if (byte == SOURCE_FAILED)
            return CP_OK;
        if (byte != '{') {
            (void)broken(&j, "want an object: {\"hostname\": ...}");
            return CP_OK;
        }
        if (!read_object(&j))
            return CP_OK;
        status = manifest_row_end(reader, build, err);
        is_first = false;
    }
    if (status == CP_OK && is_array && !manifest_is_over(reader)) {
        (void)manifest_take(source);
        if (skip_space(&j) != SOURCE_END)
            (void)broken(&j, "something behind the array");
    }
    return status;
}
