#include "manifest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "cli/cli.h"

static const struct {
    const char *name;
    size_t max;
    const char *meaning;
} columns[MANIFEST_NUM_COLUMNS] = {
#define COLUMN(name, text, max, meaning) {text, max, meaning},
#include "columns.def"
#undef COLUMN
};

const char *manifest_column_name(enum manifest_column column) {
    return columns[column].name;
}

const char *manifest_column_meaning(enum manifest_column column) {
    return columns[column].meaning;
}

size_t manifest_column_max(enum manifest_column column) {
    return columns[column].max;
}

enum manifest_column manifest_column_find(const char *name, const char **nearest) {
    const char *names[MANIFEST_NUM_COLUMNS];
    for (size_t i = 0; i < MANIFEST_NUM_COLUMNS; i++) {
        names[i] = columns[i].name;
        if (strcmp(name, names[i]) == 0)
            return (enum manifest_column)i;
    }
    *nearest = cli_nearest(name, names, MANIFEST_NUM_COLUMNS);
    return MANIFEST_NUM_COLUMNS;
}

static void tell(struct manifest_reader *reader, size_t line, size_t column, const char *clause) {
    struct cp_error problem = {CP_OK, 0, 0, ""};
    reader->num_problems++;
    if (reader->num_problems > MANIFEST_MAX_PROBLEMS)
        return;
    (void)cp_fail(&problem, CP_ERR_INPUT, "%s:%zu:%zu: %s", reader->name, line, column, clause);
    problem.line = line;
    reader->problem(reader->context, &problem);
}

void manifest_problem_at(struct manifest_reader *reader, size_t line, size_t column,
                         const char *format, ...) {
    char clause[CP_ERROR_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(clause, sizeof(clause), format, args);
    va_end(args);
    tell(reader, line, column, clause);
}

void manifest_problem(struct manifest_reader *reader, const struct manifest_row *row,
                      enum manifest_column column, const char *format, ...) {
    char clause[CP_ERROR_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(clause, sizeof(clause), format, args);
    va_end(args);
    bool has_value = row->columns[column] != 0;
    tell(reader, has_value ? row->lines[column] : row->line, has_value ? row->columns[column] : 1,
         clause);
}

bool manifest_is_over(const struct manifest_reader *reader) {
    return reader->num_problems >= MANIFEST_MAX_PROBLEMS;
}

void manifest_row_begin(struct manifest_build *build, size_t line) {
    memset(&build->row, 0, sizeof(build->row));
    build->row.line = line;
    build->used = 0;
    build->has_problem = false;
}

/* Offset of the first control character; len if there is none. */
static size_t find_control(const char *value, size_t len) {
    size_t i = 0;
    while (i < len && (unsigned char)value[i] >= 0x20 && value[i] != 0x7F)
        i++;
    return i;
}

void manifest_value(struct manifest_reader *reader, struct manifest_build *build,
                    enum manifest_column column, const char *value, size_t len, size_t line,
                    size_t at_column) {
    size_t before = reader->num_problems, control = find_control(value, len);
    const char *name = columns[column].name;
    if (len > columns[column].max)
        manifest_problem_at(reader, line, at_column, "%s: longer than %zu bytes", name,
                            columns[column].max);
    else if (control < len)
        manifest_problem_at(reader, line, at_column, "%s: a control character (0x%02X) in it", name,
                            (unsigned)(unsigned char)value[control]);
    else if (!cp_utf8_is_valid((struct cp_span){(const uint8_t *)value, len}))
        manifest_problem_at(reader, line, at_column, "%s: not UTF-8; save the manifest as UTF-8",
                            name);
    else if (len >= sizeof(build->text) - build->used)
        manifest_problem_at(reader, line, at_column, "the row is longer than %zu bytes",
                            MANIFEST_MAX_ROW_LEN);
    if (reader->num_problems != before) {
        build->has_problem = true;
        return;
    }
    build->row.lines[column] = line;
    build->row.columns[column] = at_column;
    if (len == 0)
        return;
    char *copy = build->text + build->used;
    memcpy(copy, value, len);
    copy[len] = '\0';
    build->used += len + 1;
    build->row.values[column] = copy;
}

enum cp_status manifest_row_end(struct manifest_reader *reader, struct manifest_build *build,
                                struct cp_error *err) {
    if (build->has_problem)
        return CP_OK;
    if (reader->num_rows == MANIFEST_MAX_ROWS)
        return cp_fail(err, CP_ERR_LIMIT, "%s:%zu: more than %zu rows", reader->name,
                       build->row.line, MANIFEST_MAX_ROWS);
    reader->num_rows++;
    return reader->row(reader->context, &build->row, err);
}

/* What a text editor may have put in front; false if it says that this is no UTF-8. */
static bool skip_mark(struct manifest_reader *reader, struct manifest_source *source) {
    int first = manifest_peek(source);
    if (first == 0xFE || first == 0xFF) {
        manifest_problem_at(reader, 1, 1, "UTF-16; save the manifest as UTF-8");
        return false;
    }
    if (first != 0xEF)
        return true;
    static const int mark[] = {0xEF, 0xBB, 0xBF};
    for (size_t i = 0; i < 3; i++) {
        if (manifest_peek(source) != mark[i]) {
            manifest_problem_at(reader, 1, i + 1, "not UTF-8; save the manifest as UTF-8");
            return false;
        }
        (void)manifest_take(source);
    }
    source->column = 1;
    return true;
}

enum cp_status manifest_read(struct manifest_reader *reader, int fd, struct cp_error *err) {
    enum cp_status status = CP_OK;
    struct manifest_source *source = malloc(sizeof(*source));
    struct manifest_build *build = malloc(sizeof(*build));
    reader->num_rows = 0;
    reader->num_problems = 0;
    if (source == NULL || build == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "%s: out of memory", reader->name);
        goto out;
    }
    manifest_source_init(source, fd);
    if (skip_mark(reader, source)) {
        int first = manifest_peek(source);
        while (first == ' ' || first == '\t' || first == '\r' || first == '\n') {
            (void)manifest_take(source);
            first = manifest_peek(source);
        }
        status = first == '[' || first == '{' ? manifest_read_json(reader, source, build, err)
                                              : manifest_read_csv(reader, source, build, err);
    }
    if (status == CP_OK && source->status != CP_OK)
        status = cp_fail(err, CP_ERR_IO, "%s: %s", reader->name, strerror(source->saved_errno));
    if (status == CP_OK && reader->num_problems != 0)
        status = cp_fail(err, CP_ERR_USAGE, "%s: %s%zu problem%s in the manifest: nothing was done",
                         reader->name, manifest_is_over(reader) ? "at least " : "",
                         reader->num_problems, reader->num_problems == 1 ? "" : "s");
    if (status == CP_OK && reader->num_rows == 0)
        status = cp_fail(err, CP_ERR_USAGE, "%s: no row in it", reader->name);
out:
    free(source);
    free(build);
    return status;
}
