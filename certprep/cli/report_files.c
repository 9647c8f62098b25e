#include "report_files.h"

#include <string.h>
#include <sys/stat.h>

#include "save_file.h"

#define MAX_FORMATS 32

const char *cli_format_list(char out[CLI_FORMAT_LIST]) {
    size_t used = 0, num = cp_num_report_formats();
    out[0] = '\0';
    for (size_t i = 0; i < num; i++) {
        int len = snprintf(out + used, CLI_FORMAT_LIST - used, "%s%s",
                           i == 0         ? ""
                           : i + 1 == num ? " or "
                                          : ", ",
                           cp_report_format_name(i));
        if (len < 0 || (size_t)len >= CLI_FORMAT_LIST - used)
            break;
        used += (size_t)len;
    }
    return out;
}

static bool is_format(const char *name, size_t len) {
    for (size_t i = 0; i < cp_num_report_formats(); i++) {
        const char *known = cp_report_format_name(i);
        if (strlen(known) == len && memcmp(known, name, len) == 0)
            return true;
    }
    return false;
}

static enum cp_status unknown_format(const char *option, const char *name, struct cp_error *err) {
    const char *names[MAX_FORMATS];
    char list[CLI_FORMAT_LIST];
    size_t num = 0;
    for (; num < MAX_FORMATS && num < cp_num_report_formats(); num++)
        names[num] = cp_report_format_name(num);
    const char *near = cli_nearest(name, names, num);
    if (near != NULL)
        return cp_fail(err, CP_ERR_USAGE, "%s '%.20s': did you mean '%s'? (want %s)", option, name,
                       near, cli_format_list(list));
    return cp_fail(err, CP_ERR_USAGE, "%s '%.20s': want %s", option, name, cli_format_list(list));
}

enum cp_status cli_fail_on_parse(enum cp_fail_on *out, const char *word, struct cp_error *err) {
    static const char *const words[] = {"error", "warning", "note", "never"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        *out = (enum cp_fail_on)i;
        if (strcmp(words[i], word == NULL ? words[0] : word) == 0)
            return CP_OK;
    }
    return cp_fail(err, CP_ERR_USAGE, "--fail-on '%.20s': want error, warning, note or never",
                   word);
}

static bool is_same_file(const char *a, const char *b) {
    struct stat left, right;
    return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev &&
           left.st_ino == right.st_ino;
}

/* Splits FORMAT=FILE. */
static enum cp_status split(char format[24], const char **file, const char *item,
                            struct cp_error *err) {
    const char *equals = strchr(item, '=');
    if (equals == NULL || equals[1] == '\0')
        return cp_fail(err, CP_ERR_USAGE, "--report '%.60s': want FORMAT=FILE", item);
    snprintf(format, 24, "%.*s", equals - item < 20 ? (int)(equals - item) : 20, item);
    if (!is_format(item, (size_t)(equals - item)))
        return unknown_format("--report", format, err);
    *file = equals + 1;
    if (strcmp(*file, "-") == 0)
        return cp_fail(err, CP_ERR_USAGE,
                       "--report '%.60s': a report is written to a file; standard output has what "
                       "--format names",
                       item);
    return CP_OK;
}

enum cp_status cli_reports_probe(const struct cli_reports *reports, const char *const *inputs,
                                 size_t num_inputs, struct cp_error *err) {
    char format[24];
    const char *file = "", *other = "";
    if (reports->format != NULL && !is_format(reports->format, strlen(reports->format)))
        return unknown_format("--format", reports->format, err);
    for (size_t i = 0; i < reports->files.num_items; i++) {
        enum cp_status status = split(format, &file, reports->files.items[i], err);
        for (size_t j = 0; status == CP_OK && j < i; j++) {
            status = split(format, &other, reports->files.items[j], err);
            if (status == CP_OK && (strcmp(file, other) == 0 || is_same_file(file, other)))
                return cp_fail(err, CP_ERR_USAGE, "--report: %.200s is named twice", file);
        }
        for (size_t j = 0; status == CP_OK && j < num_inputs; j++)
            if (inputs[j] != NULL && is_same_file(file, inputs[j]))
                return cp_fail(err, CP_ERR_USAGE,
                               "--report: %.200s is read in this run; name another file", file);
        if (status == CP_OK)
            status = cli_save_probe(file, err);
        if (status != CP_OK)
            return status;
    }
    return CP_OK;
}

static enum cp_status write_file(const char *item, const struct cp_run *run,
                                 const struct cp_render_options *options, struct cp_error *err) {
    struct cp_render_options plain = *options;
    char format[24], *text = NULL;
    const char *file = NULL;
    size_t len = 0;
    plain.color = false; /* a file is no terminal, and is read elsewhere: */
    plain.utf8 = true;
    enum cp_status status = split(format, &file, item, err);
    if (status == CP_OK)
        status = cp_run_render(run, &text, &len, format, &plain, err);
    if (status == CP_OK)
        status = cli_save(file, text, len, err);
    cp_string_free(text);
    return status;
}

int cli_reports_write(const struct cli_reports *reports, const struct cp_run *run,
                      const struct cp_render_options *options, bool to_stdout, int exit_code) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    char *text = NULL;
    size_t len = 0;
    for (size_t i = 0; i < reports->files.num_items; i++)
        if (write_file(reports->files.items[i], run, options, &err) != CP_OK)
            exit_code = cli_fail(&err);
    if (!to_stdout)
        return exit_code;
    if (cp_run_render(run, &text, &len, reports->format == NULL ? "text" : reports->format, options,
                      &err) != CP_OK)
        return cli_fail(&err);
    exit_code = cli_write(text, len, exit_code);
    cp_string_free(text);
    return exit_code;
}

void cli_reports_cleanup(struct cli_reports *reports) {
    cli_list_free(&reports->files);
}
