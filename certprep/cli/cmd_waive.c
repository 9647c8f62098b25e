/* certprep waive: add a waiver to the waivers' file. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "policy/selection.h"
#include "policy_options.h"
#include "save_file.h"

struct waive_options {
    struct cli_policy policy; /* only for where files are */
    struct cli_list rules;
    const char *spki, *path, *reason, *expires, *file, *at;
};

static const char about[] =
    "Adds a waiver: findings of RULE for one public key, or for the files of a path, are not\n"
    "counted by 'certprep check' and 'certprep gate' until the end of a day. What is uploaded is\n"
    "judged without waivers.\n\n"
    "Exit codes: 0 written, 2 wrong use, 3 the file can't be read or written.";

static enum cp_status check_day(const struct waive_options *o, struct cp_error *err) {
    int64_t now_s = (int64_t)time(NULL), end_s = 0;
    enum cp_status status = o->at == NULL ? CP_OK : cp_time_parse(&now_s, o->at, err);
    if (status == CP_OK)
        status = cp_time_parse(&end_s, o->expires, err);
    if (status == CP_OK && end_s + 86400 <= now_s)
        status = cp_fail(err, CP_ERR_USAGE, "--expires %.20s: that day is over", o->expires);
    return status;
}

/* The file with the waiver behind what is there. */
static enum cp_status compose(struct cp_buf *out, const char *file, const struct waive_options *o,
                              struct cp_error *err) {
    struct cp_secret old = {0};
    struct cp_waivers waivers = {0};
    struct stat info;
    struct cp_buf section;
    enum cp_status status = CP_OK;
    cp_buf_init(&section, (size_t)16 * 1024);
    if (stat(file, &info) == 0)
        status = cp_secret_read_file(&old, file, CP_MAX_INI_LEN, err);
    else if (errno != ENOENT)
        status = cp_fail(err, CP_ERR_IO, "%.200s: %s", file, strerror(errno));
    if (status == CP_OK)
        status = cp_waiver_write(&section, o->rules.items[0], o->spki, o->path, o->reason,
                                 o->expires, err);
    if (status == CP_OK && old.len != 0) {
        cp_buf_append(out, old.data, old.len);
        cp_buf_puts(out, old.data[old.len - 1] == '\n' ? "\n" : "\n\n");
    }
    if (status == CP_OK) {
        cp_buf_append(out, section.data, section.len);
        status = cp_buf_finish(out, err);
    }
    if (status == CP_OK) /* also what stood there must be a file of waivers */
        status = cp_waivers_read(&waivers, (struct cp_span){(const uint8_t *)out->data, out->len},
                                 file, NULL, cli_nearest, err);
    cp_waivers_cleanup(&waivers);
    cp_buf_cleanup(&section);
    cp_secret_cleanup(&old);
    return status;
}

static enum cp_status run(struct waive_options *o, struct cp_error *err) {
    const char *file = o->file;
    char path[PATH_MAX];
    struct cp_buf text;
    const struct cp_rule *rule = NULL;
    if (o->rules.num_items != 1)
        return cp_fail(err, CP_ERR_USAGE, "name one rule: certprep waive CP0403 ...");
    if (o->spki == NULL && o->path == NULL)
        return cp_fail(err, CP_ERR_USAGE, "say what for: --spki HEX or --path PATTERN");
    if (o->reason == NULL || o->expires == NULL)
        return cp_fail(err, CP_ERR_USAGE, "a waiver needs --reason and --expires");
    enum cp_status status =
        cp_policy_find_rule(&rule, "waive", 0, o->rules.items[0], cli_nearest, err);
    if (status == CP_OK)
        status = check_day(o, err);
    if (status == CP_OK && file == NULL)
        status = cli_policy_find(&o->policy, err);
    if (status != CP_OK)
        return status;
    if (file == NULL && o->policy.waivers_path != NULL) {
        file = o->policy.waivers_path;
    } else if (file == NULL) {
        int len = snprintf(path, sizeof(path), "%s%s" CLI_WAIVERS_FILE,
                           o->policy.folder == NULL ? "" : o->policy.folder,
                           o->policy.folder == NULL ? "" : "/");
        if (len < 0 || (size_t)len >= sizeof(path))
            return cp_fail(err, CP_ERR_IO, "the folder's name is too long");
        file = path;
    }
    cp_buf_init(&text, CP_MAX_INI_LEN);
    status = compose(&text, file, o, err);
    if (status == CP_OK)
        status = cli_save(file, text.data, text.len, err);
    cp_buf_cleanup(&text);
    if (status != CP_OK)
        return status;
    cli_put(stdout, file);
    printf(": %s is waived until %.10s\n", rule->id, o->expires);
    return CP_OK;
}

int cli_waive(int argc, char **argv) {
    struct waive_options o = {.file = NULL};
    struct cp_error err = {CP_OK, 0, 0, ""};
    const struct cli_option own[] = {
        {.name = "spki",
         .kind = CLI_VALUE,
         .argument = "HEX",
         .value = &o.spki,
         .help = "SHA-256 of the public key, as reports show it"},
        {.name = "path",
         .kind = CLI_VALUE,
         .argument = "PATTERN",
         .value = &o.path,
         .help = "files, relative to the waivers' file: sites/*.pem"},
        {.name = "reason",
         .kind = CLI_VALUE,
         .argument = "TEXT",
         .value = &o.reason,
         .help = "why"},
        {.name = "expires",
         .kind = CLI_VALUE,
         .argument = "DATE",
         .value = &o.expires,
         .help = "the last day on which it holds: YYYY-MM-DD"},
        {.name = "file",
         .kind = CLI_VALUE,
         .argument = "FILE",
         .value = &o.file,
         .help = "the waivers' file (default: the certprep-waivers.ini that is found)"},
        {.name = "at",
         .kind = CLI_VALUE,
         .argument = "TIME",
         .value = &o.at,
         .help = "today, for whether the day is over: YYYY-MM-DD (default: now)"},
        {.name = NULL},
    };
    const struct cli_option *const tables[] = {own, NULL};
    const struct cli_syntax syntax = {.usage = "certprep waive RULE [OPTION]...",
                                      .about = about,
                                      .tables = tables,
                                      .files = &o.rules};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1)
        exit_code = run(&o, &err) == CP_OK ? cli_write("", 0, CLI_OK) : cli_fail(&err);
    cli_policy_cleanup(&o.policy);
    cli_list_free(&o.rules);
    return exit_code;
}
