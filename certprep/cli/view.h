/* view: the form of what the commands print about the service's objects: text or JSON, colours,
 * aligned tables. */
#ifndef CP_CLI_VIEW_H
#define CP_CLI_VIEW_H

#include "bytes.h"
#include "cli.h"

struct cli_view {
    /* options */
    const char *format, *color;
    bool wants_json, quiet;
    /* read */
    bool json;
    struct cp_render_options render;
};

#define CLI_NUM_VIEW_OPTIONS 5
/* --format, --json, --quiet, --color; the last row ends the table. */
void cli_view_options(struct cli_option table[CLI_NUM_VIEW_OPTIONS], struct cli_view *view);
CP_MUST_USE enum cp_status cli_view_read(struct cli_view *view, struct cp_error *err);

/* The escape sequences that begin and end a colour; "" without colours. */
enum cli_colour { CLI_PLAIN, CLI_GOOD, CLI_BAD, CLI_OPEN, CLI_BOLD };
const char *cli_colour_on(const struct cli_view *view, enum cli_colour colour);
const char *cli_colour_off(const struct cli_view *view, enum cli_colour colour);

/* Finishes the buffer, writes it on standard output (as ASCII where the locale is not UTF-8) and
 * empties it for the next part. Returns exit_code, or what a failed write means. */
int cli_view_write(const struct cli_view *view, struct cp_buf *buf, int exit_code);
/* The same on standard error, where failures are nobody's to hear of. */
void cli_view_note(const struct cli_view *view, struct cp_buf *buf);

#define CLI_MAX_VIEW ((size_t)16 * 1024 * 1024)

/* ---- tables ---------------------------------------------------------------------------------- */

#define CLI_MAX_COLUMNS 8

/* A table that is printed page by page: a column only ever grows wider. */
struct cli_table {
    const char *const *heads;
    size_t num_columns;
    size_t painted; /* the column that gets a colour */
    size_t widths[CLI_MAX_COLUMNS];
    bool has_head; /* it was printed */
};

/* cells: num_rows times num_columns, row by row. colours: one for each row; may be NULL. */
void cli_table_put(struct cli_table *table, struct cp_buf *out, const struct cli_view *view,
                   const char *const *cells, const enum cli_colour *colours, size_t num_rows);

#endif
