/* Text or JSON, colours and tables for the commands that show the service's objects. */
#include "view.h"

#include <stdio.h>
#include <string.h>

void cli_view_options(struct cli_option table[CLI_NUM_VIEW_OPTIONS], struct cli_view *view) {
    const struct cli_option rows[CLI_NUM_VIEW_OPTIONS] = {
        {.name = "format",
         .kind = CLI_VALUE,
         .argument = "text|json",
         .value = &view->format,
         .help = "form of the output (default: text)"},
        {.name = "json",
         .kind = CLI_FLAG,
         .flag = &view->wants_json,
         .help = "short for --format json"},
        {.name = "quiet",
         .letter = 'q',
         .kind = CLI_FLAG,
         .flag = &view->quiet,
         .help = "findings and the outcome only; no progress"},
        {.name = "color",
         .kind = CLI_VALUE,
         .argument = "auto|always|never",
         .value = &view->color,
         .help = "colour of the text (default: auto)"},
        {.name = NULL},
    };
    memcpy(table, rows, sizeof(rows));
}

enum cp_status cli_view_read(struct cli_view *view, struct cp_error *err) {
    const char *format = view->format;
    view->json = view->wants_json || (format != NULL && strcmp(format, "json") == 0);
    if (format != NULL && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
        return cp_fail(err, CP_ERR_USAGE, "--format '%.20s': want text or json", format);
    if (view->wants_json && format != NULL && strcmp(format, "json") != 0)
        return cp_fail(err, CP_ERR_USAGE, "--json and --format %.20s: give one of them", format);
    if (!cli_use_color(&view->render.color, view->color, stdout))
        return cp_fail(err, CP_ERR_USAGE, "--color '%.20s': want auto, always or never",
                       view->color);
    view->render.quiet = view->quiet;
    view->render.utf8 = cli_locale_is_utf8();
    return CP_OK;
}

const char *cli_colour_on(const struct cli_view *view, enum cli_colour colour) {
    static const char *const on[] = {[CLI_PLAIN] = "",
                                     [CLI_GOOD] = "\x1b[1;32m",
                                     [CLI_BAD] = "\x1b[1;31m",
                                     [CLI_OPEN] = "\x1b[1;33m",
                                     [CLI_BOLD] = "\x1b[1m"};
    return view->render.color ? on[colour] : "";
}

const char *cli_colour_off(const struct cli_view *view, enum cli_colour colour) {
    return view->render.color && colour != CLI_PLAIN ? "\x1b[0m" : "";
}

/* For a terminal that is not UTF-8. JSON has an escape of its own for that, but needs none: it is
 * UTF-8 by definition. */
static void make_ascii(struct cp_buf *buf) {
    struct cp_buf ascii;
    cp_buf_init(&ascii, buf->max);
    for (size_t i = 0; i < buf->len; i++) {
        if ((unsigned char)buf->data[i] < 0x80)
            cp_buf_append(&ascii, buf->data + i, 1);
        else
            cp_buf_printf(&ascii, "\\x%02X", (unsigned)(unsigned char)buf->data[i]);
    }
    ascii.failed = ascii.failed != CP_OK ? ascii.failed : buf->failed;
    cp_buf_cleanup(buf);
    *buf = ascii;
}

int cli_view_write(const struct cli_view *view, struct cp_buf *buf, int exit_code) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    if (!view->json && !view->render.utf8)
        make_ascii(buf);
    exit_code = cp_buf_finish(buf, &err) == CP_OK ? cli_write(buf->data, buf->len, exit_code)
                                                  : cli_fail(&err);
    cp_buf_cleanup(buf);
    cp_buf_init(buf, CLI_MAX_VIEW);
    return exit_code;
}

void cli_view_note(const struct cli_view *view, struct cp_buf *buf) {
    if (!view->render.utf8)
        make_ascii(buf);
    if (cp_buf_finish(buf, NULL) == CP_OK && buf->len != 0)
        (void)fwrite(buf->data, 1, buf->len, stderr);
    cp_buf_cleanup(buf);
    cp_buf_init(buf, CLI_MAX_VIEW);
}

/* Characters, for alignment: continuation bytes take no room. */
static size_t width(const char *text) {
    size_t num = 0;
    for (; *text != '\0'; text++)
        num += ((unsigned char)*text & 0xC0) != 0x80;
    return num;
}

static void put_row(const struct cli_table *table, struct cp_buf *out, const struct cli_view *view,
                    const char *const *cells, enum cli_colour colour) {
    for (size_t c = 0; c < table->num_columns; c++) {
        enum cli_colour now = c == table->painted ? colour : CLI_PLAIN;
        cp_buf_printf(out, "%s%s%s", cli_colour_on(view, now), cells[c], cli_colour_off(view, now));
        if (c + 1 < table->num_columns)
            cp_buf_printf(out, "%*s", (int)(table->widths[c] - width(cells[c]) + 2), "");
    }
    cp_buf_puts(out, "\n");
}

void cli_table_put(struct cli_table *table, struct cp_buf *out, const struct cli_view *view,
                   const char *const *cells, const enum cli_colour *colours, size_t num_rows) {
    for (size_t c = 0; c < table->num_columns; c++) {
        if (width(table->heads[c]) > table->widths[c])
            table->widths[c] = width(table->heads[c]);
        for (size_t r = 0; r < num_rows; r++)
            if (width(cells[r * table->num_columns + c]) > table->widths[c])
                table->widths[c] = width(cells[r * table->num_columns + c]);
    }
    if (!table->has_head && !view->quiet)
        put_row(table, out, view, table->heads, CLI_PLAIN);
    table->has_head = true;
    for (size_t r = 0; r < num_rows; r++)
        put_row(table, out, view, cells + r * table->num_columns,
                colours != NULL ? colours[r] : CLI_PLAIN);
}
