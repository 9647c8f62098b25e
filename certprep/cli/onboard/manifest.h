/* manifest: rows of a file, one after the other, in memory that does not grow with their number.
 *
 * Grammar
 *   CSV      RFC 4180 with a header row. Fields end at a comma; lines at LF or CRLF. Accepted, too:
 *            a UTF-8 byte order mark, empty lines, space and tabs around a field without quotes.
 *   JSON     an array of objects, or objects one after the other (NDJSON). An object's members are
 *            columns; a value is a string, a number (for ids) or null, which is no value.
 *   Both     UTF-8; no control characters in values. What the first character is decides which.
 *
 * Caller's duties: a problem is told and reading goes on; the rows are of no use if there was one.
 */
#ifndef CP_ONBOARD_MANIFEST_H
#define CP_ONBOARD_MANIFEST_H

#include "certprep.h"

enum manifest_column {
#define COLUMN(name, text, max, meaning) MANIFEST_##name,
#include "columns.def"
#undef COLUMN
    MANIFEST_NUM_COLUMNS
};

#define MANIFEST_MAX_ROWS ((size_t)1000000)
#define MANIFEST_MAX_ROW_LEN ((size_t)32768) /* all values of a row together */
#define MANIFEST_MAX_PROBLEMS 20             /* after which reading stops */
#define MANIFEST_MAX_CSV_COLUMNS 64          /* of a header, the unknown ones included */

const char *manifest_column_name(enum manifest_column column);
const char *manifest_column_meaning(enum manifest_column column);
size_t manifest_column_max(enum manifest_column column);
/* MANIFEST_NUM_COLUMNS if it is none; *nearest is what was meant, or NULL. */
enum manifest_column manifest_column_find(const char *name, const char **nearest);

/* NULL: no value, or an empty one. Values and places as they stand in the file. */
struct manifest_row {
    size_t line; /* counts from 1 */
    const char *values[MANIFEST_NUM_COLUMNS];
    size_t lines[MANIFEST_NUM_COLUMNS], columns[MANIFEST_NUM_COLUMNS]; /* from 1; 0: no value */
};

struct manifest_reader {
    /* A status ends the reading. A row with a problem is not handed over. */
    enum cp_status (*row)(void *context, const struct manifest_row *row, struct cp_error *err);
    /* message: "hosts.csv:7:13: clause". */
    void (*problem)(void *context, const struct cp_error *problem);
    void *context;
    const char *name; /* of the file, for messages */
    /* counted */
    size_t num_rows, num_problems;
};

/* Reads fd to its end. CP_ERR_USAGE if there was a problem (they were told), CP_ERR_LIMIT over a
 * maximum, CP_ERR_IO, or what row returned. */
CP_MUST_USE enum cp_status manifest_read(struct manifest_reader *reader, int fd,
                                         struct cp_error *err);
/* Tells a problem of a row that was handed over, at the column's value. */
void manifest_problem(struct manifest_reader *reader, const struct manifest_row *row,
                      enum manifest_column column, const char *format, ...) CP_PRINTF(4, 5);

/* ---- between source.c, manifest.c, csv.c and json_rows.c ---- */

#define SOURCE_END (-1)    /* of the file */
#define SOURCE_FAILED (-2) /* can't be read: source->status */

/* Bytes with their place. */
struct manifest_source {
    int fd;
    uint8_t buffer[65536];
    size_t pos, len;
    size_t line, column; /* of the next byte, from 1 */
    bool at_end;
    enum cp_status status;
    int saved_errno;
};

void manifest_source_init(struct manifest_source *source, int fd);
int manifest_peek(struct manifest_source *source);
int manifest_take(struct manifest_source *source);

/* The row that is being read. */
struct manifest_build {
    struct manifest_row row;
    char text[MANIFEST_MAX_ROW_LEN];
    size_t used;
    bool has_problem;
};

/* Where a problem is, and which. */
void manifest_problem_at(struct manifest_reader *reader, size_t line, size_t column,
                         const char *format, ...) CP_PRINTF(4, 5);
/* Takes one value of the row; checks its length and its characters. */
void manifest_value(struct manifest_reader *reader, struct manifest_build *build,
                    enum manifest_column column, const char *value, size_t len, size_t line,
                    size_t at_column);
void manifest_row_begin(struct manifest_build *build, size_t line);
CP_MUST_USE enum cp_status manifest_row_end(struct manifest_reader *reader,
                                            struct manifest_build *build, struct cp_error *err);
bool manifest_is_over(const struct manifest_reader *reader); /* too many problems */

CP_MUST_USE enum cp_status manifest_read_csv(struct manifest_reader *reader,
                                             struct manifest_source *source,
                                             struct manifest_build *build, struct cp_error *err);
CP_MUST_USE enum cp_status manifest_read_json(struct manifest_reader *reader,
                                              struct manifest_source *source,
                                              struct manifest_build *build, struct cp_error *err);

#endif
