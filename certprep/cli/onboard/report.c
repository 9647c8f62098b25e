/* The rows as CSV or JSON: streamed, and to a file whole or not at all. */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/save_file.h"

enum kind { TEXT, ID };

/* Once: the columns of the CSV are the members of the JSON, but for those that it nests. */
struct cell {
    const char *name;
    enum kind kind;
    const char *text; /* TEXT */
    int64_t id;       /* ID; 0: not known */
};

#define NUM_CELLS 21

static void cells_of(struct cell cells[NUM_CELLS], const struct onboard_row *row) {
    const struct cell all[NUM_CELLS] = {
        {"line", ID, NULL, row->line},
        {"hostname", TEXT, row->hostname, 0},
        {"site", TEXT, row->site, 0},
        {"site_id", ID, NULL, row->site_id},
        {"record", TEXT, row->record, 0},
        {"record_id", ID, NULL, row->record_id},
        {"tag", TEXT, row->tag, 0},
        {"outcome", TEXT, onboard_state_word(row->state), 0},
        {"reason", TEXT, row->reason, 0},
        {"hostname_id", ID, NULL, row->hostname_id},
        {"request_id", TEXT, row->request_id, 0},
        {"status", TEXT, row->status, 0},
        {"cert_status", TEXT, row->cert_status, 0},
        {"leaf_sha256", TEXT, row->leaf_sha256, 0},
        {"ownership_txt_name", TEXT, row->verify_host, 0},
        {"ownership_txt_value", TEXT, row->verify_code, 0},
        {"dcv_txt_name", TEXT, row->cert_txt_key, 0},
        {"dcv_txt_value", TEXT, row->cert_txt_value, 0},
        {"dcv_http_path", TEXT, row->cert_http_key, 0},
        {"dcv_http_body", TEXT, row->cert_http_value, 0},
        {"cname_target", TEXT, row->record_cname, 0},
    };
    memcpy(cells, all, sizeof(all));
}

/* ---- CSV, RFC 4180 ---- */

/* A spreadsheet runs what begins like a formula: an apostrophe in front makes it text. */
static void put_csv_text(FILE *out, const char *text) {
    bool is_formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
    if (!is_formula && strpbrk(text, ",\"\r\n") == NULL && text[0] != ' ') {
        fputs(text, out);
        return;
    }
    fputs(is_formula ? "\"'" : "\"", out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void put_csv_header(FILE *out) {
    static const struct onboard_row none;
    struct cell cells[NUM_CELLS];
    cells_of(cells, &none);
    for (size_t i = 0; i < NUM_CELLS; i++)
        fprintf(out, "%s%s", i == 0 ? "" : ",", cells[i].name);
    fputs("\r\n", out);
}

static void put_csv_row(FILE *out, const struct onboard_row *row) {
    struct cell cells[NUM_CELLS];
    cells_of(cells, row);
    for (size_t i = 0; i < NUM_CELLS; i++) {
        if (i != 0)
            fputc(',', out);
        if (cells[i].kind == TEXT)
            put_csv_text(out, cells[i].text);
        else if (cells[i].id != 0)
            fprintf(out, "%" PRId64, cells[i].id);
    }
    fputs("\r\n", out);
}

/* ---- JSON ---- */

void onboard_json_text(FILE *out, const char *text) {
    if (text[0] == '\0') {
        fputs("null", out);
        return;
    }
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else if (byte < 0x20 || byte == 0x7F)
            fprintf(out, "\\u%04x", byte);
        else
            fputc(byte, out);
    }
    fputc('"', out);
}

static void put_json_row(FILE *out, const struct onboard_row *row, bool is_first) {
    struct cell cells[NUM_CELLS];
    cells_of(cells, row);
    fputs(is_first ? "\n    {" : ",\n    {", out);
    for (size_t i = 0; i < NUM_CELLS; i++) {
        fprintf(out, "%s\"%s\": ", i == 0 ? "" : ", ", cells[i].name);
        if (cells[i].kind == TEXT)
            onboard_json_text(out, cells[i].text);
        else if (cells[i].id != 0)
            fprintf(out, "%" PRId64, cells[i].id); /* the digits: exact */
        else
            fputs("null", out);
    }
    fputs("}", out);
}

enum cp_status onboard_write(struct onboard *o, FILE *out, bool json, struct cp_error *err) {
    static struct onboard_row row;
    struct onboard_cursor cursor = {.order = ONBOARD_BY_LINE};
    size_t counts[ONBOARD_NUM_STATES], num = 0;
    bool found = true;
    enum cp_status status = onboard_rows_count(o->rows, counts, err);
    if (json)
        fprintf(out, "{\n  \"schema_version\": 1,\n  \"applied\": %s,\n  \"rows\": [",
                o->options.apply ? "true" : "false");
    else
        put_csv_header(out);
    while (status == CP_OK && found) {
        status = onboard_rows_next(o->rows, &cursor, &found, &row, err);
        if (status != CP_OK || !found)
            break;
        if (json)
            put_json_row(out, &row, num == 0);
        else
            put_csv_row(out, &row);
        num++;
    }
    if (json && status == CP_OK)
        onboard_json_summary(o, out, counts);
    return status;
}

/* ---- a file ---- */

static bool ends_with(const char *text, const char *ending) {
    size_t len = strlen(text), ending_len = strlen(ending);
    return len >= ending_len && strcmp(text + len - ending_len, ending) == 0;
}

enum cp_status onboard_report(struct onboard *o, const char *path, struct cp_error *err) {
    struct cli_saving saving;
    bool json = ends_with(path, ".json");
    if (cli_is_dash(path)) {
        enum cp_status status = onboard_write(o, stdout, o->json, err);
        if (status == CP_OK && (fflush(stdout) != 0 || ferror(stdout) != 0))
            status = cp_fail(err, CP_ERR_IO, "standard output: %s", strerror(errno));
        return status;
    }
    enum cp_status status = cli_save_begin(&saving, path, true, err);
    if (status != CP_OK)
        return status;
    return cli_save_end(&saving, onboard_write(o, saving.out, json, err), err);
}
