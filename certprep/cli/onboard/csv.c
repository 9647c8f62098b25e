/* CSV, RFC 4180: a header, then records of as many fields. */
#include <string.h>

#include "manifest.h"

struct csv {
    struct manifest_reader *reader;
    struct manifest_source *source;
    struct manifest_build *build;
    char field[4097]; /* more than any column takes, so that a value that is cut is refused */
    size_t len;       /* may be over what field holds: it is counted on */
    size_t line, column;
    bool is_broken; /* the record can't be understood; reading ends */
    enum manifest_column columns[MANIFEST_MAX_CSV_COLUMNS];
    size_t num_columns;
};

enum ending { END_FIELD, END_RECORD, END_FILE };

static void put(struct csv *c, int byte) {
    if (c->len < sizeof(c->field) - 1)
        c->field[c->len] = (char)byte;
    c->len++;
}

static size_t held(const struct csv *c) {
    return c->len < sizeof(c->field) ? c->len : sizeof(c->field) - 1;
}

static void broken(struct csv *c, size_t line, size_t column, const char *clause) {
    manifest_problem_at(c->reader, line, column, "%s", clause);
    c->is_broken = true;
}

/* What ends a field, taken away: a comma, a line's end, the file's. */
static enum ending take_end(struct csv *c) {
    size_t line = c->source->line, column = c->source->column;
    int byte = manifest_take(c->source);
    if (byte == ',')
        return END_FIELD;
    if (byte == '\n')
        return END_RECORD;
    if (byte == '\r') {
        if (manifest_peek(c->source) == '\n')
            (void)manifest_take(c->source);
        else if (manifest_peek(c->source) != SOURCE_END)
            broken(c, line, column, "a carriage return without a line feed; end lines with LF");
        return END_RECORD;
    }
    if (byte >= 0)
        broken(c, line, column, "text after a closing quote; write \"\" for a quote in a value");
    return END_FILE;
}

static void read_quoted(struct csv *c) {
    size_t line = c->source->line, column = c->source->column;
    (void)manifest_take(c->source);
    for (;;) {
        int byte = manifest_take(c->source);
        if (byte < 0) {
            broken(c, line, column, "this quote is never closed");
            return;
        }
        if (byte == '"') {
            if (manifest_peek(c->source) != '"')
                break;
            (void)manifest_take(c->source);
        }
        put(c, byte);
    }
    while (manifest_peek(c->source) == ' ' || manifest_peek(c->source) == '\t')
        (void)manifest_take(c->source);
}

static void read_plain(struct csv *c) {
    for (;;) {
        int byte = manifest_peek(c->source);
        if (byte < 0 || byte == ',' || byte == '\n' || byte == '\r')
            break;
        if (byte == '"') {
            broken(c, c->source->line, c->source->column,
                   "a quote inside a value; put the value in quotes and double it");
            return;
        }
        (void)manifest_take(c->source);
        put(c, byte);
    }
    while (c->len > 0 && c->len < sizeof(c->field) &&
           (c->field[c->len - 1] == ' ' || c->field[c->len - 1] == '\t'))
        c->len--;
}

static enum ending read_field(struct csv *c) {
    c->len = 0;
    while (manifest_peek(c->source) == ' ' || manifest_peek(c->source) == '\t')
        (void)manifest_take(c->source);
    c->line = c->source->line;
    c->column = c->source->column;
    if (manifest_peek(c->source) == '"')
        read_quoted(c);
    else
        read_plain(c);
    c->field[held(c)] = '\0';
    return c->is_broken ? END_FILE : take_end(c);
}

static void read_name(struct csv *c) {
    const char *nearest = NULL;
    if (c->num_columns == MANIFEST_MAX_CSV_COLUMNS) {
        broken(c, c->line, c->column, "too many columns");
        return;
    }
    enum manifest_column column = c->len == strlen(c->field)
                                      ? manifest_column_find(c->field, &nearest)
                                      : MANIFEST_NUM_COLUMNS;
    for (size_t i = 0; i < c->num_columns && column != MANIFEST_NUM_COLUMNS; i++)
        if (c->columns[i] == column)
            manifest_problem_at(c->reader, c->line, c->column, "column '%s' is there twice",
                                c->field);
    if (column == MANIFEST_NUM_COLUMNS && strchr(c->field, ';') != NULL)
        manifest_problem_at(c->reader, c->line, c->column,
                            "semicolons between the columns; save it with commas");
    else if (column == MANIFEST_NUM_COLUMNS && nearest != NULL)
        manifest_problem_at(c->reader, c->line, c->column,
                            "unknown column '%.40s'; did you mean '%s'?", c->field, nearest);
    else if (column == MANIFEST_NUM_COLUMNS)
        manifest_problem_at(c->reader, c->line, c->column,
                            "unknown column '%.40s'; 'certprep onboard --help' lists them",
                            c->field);
    c->columns[c->num_columns++] = column;
}

static bool read_header(struct csv *c) {
    enum ending ending = END_FIELD;
    while (ending == END_FIELD && !c->is_broken) {
        ending = read_field(c);
        if (!c->is_broken)
            read_name(c);
    }
    return !c->is_broken && c->reader->num_problems == 0;
}

static bool is_blank_line(struct csv *c) {
    int byte = manifest_peek(c->source);
    if (byte != '\r' && byte != '\n')
        return false;
    (void)take_end(c);
    return true;
}

static enum cp_status read_record(struct csv *c, struct cp_error *err) {
    enum ending ending = END_FIELD;
    size_t num = 0, line = c->source->line;
    manifest_row_begin(c->build, line);
    while (ending == END_FIELD && !c->is_broken) {
        ending = read_field(c);
        if (c->is_broken)
            return CP_OK;
        if (num < c->num_columns)
            manifest_value(c->reader, c->build, c->columns[num], c->field, held(c), c->line,
                           c->column);
        num++;
    }
    if (num != c->num_columns) {
        manifest_problem_at(c->reader, line, 1, "%zu field%s, but the header has %zu columns%s",
                            num, num == 1 ? "" : "s", c->num_columns,
                            num > c->num_columns ? "; put a value with a comma in quotes" : "");
        return CP_OK;
    }
    return manifest_row_end(c->reader, c->build, err);
}

enum cp_status manifest_read_csv(struct manifest_reader *reader, struct manifest_source *source,
                                 struct manifest_build *build, struct cp_error *err) {
    struct csv c = {.reader = reader, .source = source, .build = build};
    enum cp_status status = CP_OK;
    if (manifest_peek(source) < 0 || !read_header(&c))
        return CP_OK;
    while (status == CP_OK && !c.is_broken && !manifest_is_over(reader) &&
           manifest_peek(source) >= 0)
        if (!is_blank_line(&c))
            status = read_record(&c, err);
    return status;
}
