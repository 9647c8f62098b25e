/* certprep prepare: check -> prepare -> files, each only if the one before allows it. */
#include <string.h>

#include "complete.h"
#include "cp_limits.h"
#include "prepare.h"

struct prepare_options {
    struct cli_material material;
    struct cli_complete complete;
    const char *target, *directory, *formats, *p12_passphrase_file, *format, *color;
    bool legacy, force, dry_run, diff, quiet;
};

/* What one run owns. */
struct prepare {
    struct prepare_options *options;
    struct prepare_format format;
    struct cp_output_options output;
    struct cp_secret p12_passphrase;
    struct cp_prepared *prepared;
    struct cli_dir dir;
    struct prepare_result result;
    int exit_code;
};

static const char about[] =
    "Checks a certificate bundle and writes it as a target wants it: leaf first, each certificate\n"
    "followed by its issuer, no root, the key converted; fullchain.pem and privkey.pem if nothing\n"
    "else is asked for, and prepared.json, which says how they were made. All files appear\n"
    "together or not at all, with mode 0600. Nothing is written if the verdict is BLOCKED; files\n"
    "that hold something else are kept unless --force is given.\n\n"
    "Exit codes: 0 written or unchanged, 1 blocked by findings, 2 wrong use, 3 nothing was "
    "written.";

const struct cp_artifact *prepare_artifact(const struct prepare_result *r, size_t index) {
    return index + 1 < r->num_files ? &r->artifacts[index] : NULL;
}

size_t prepare_num_changed(const struct prepare_result *r) {
    size_t num = 0;
    for (size_t i = 0; i < r->num_files; i++)
        num += r->files[i].state != CLI_FILE_SAME;
    return num;
}

static enum cp_status read_format(struct prepare *p, struct cp_error *err) {
    const struct prepare_options *o = p->options;
    p->format.json = o->format != NULL && strcmp(o->format, "json") == 0;
    if (o->format != NULL && !p->format.json && strcmp(o->format, "text") != 0)
        return cp_fail(err, CP_ERR_USAGE, "--format '%.20s': want text or json", o->format);
    if (!cli_use_color(&p->format.render.color, o->color, stdout))
        return cp_fail(err, CP_ERR_USAGE, "--color '%.20s': want auto, always or never", o->color);
    p->format.render.quiet = o->quiet;
    p->format.render.utf8 = cli_locale_is_utf8();
    if (o->directory == NULL || o->directory[0] == '\0')
        return cp_fail(err, CP_ERR_USAGE, "no directory to write to: give --output DIR");
    if (!cli_material_is_given(&o->material))
        return cp_fail(err, CP_ERR_USAGE,
                       "nothing to prepare: name a file, '-', or --cert and --key");
    return CP_OK;
}

/* The first line, without its end, as for --passphrase-file. */
static enum cp_status read_passphrase(struct prepare *p, struct cp_error *err) {
    const char *path = p->options->p12_passphrase_file;
    size_t len = 0;
    if (path == NULL)
        return CP_OK;
    enum cp_status status =
        cp_secret_read_file(&p->p12_passphrase, path, CP_MAX_PASSPHRASE_LEN, err);
    if (status != CP_OK)
        return status;
    while (len < p->p12_passphrase.len && p->p12_passphrase.data[len] != '\n' &&
           p->p12_passphrase.data[len] != '\r')
        len++;
    p->output.passphrase = p->p12_passphrase.data;
    p->output.passphrase_len = len;
    return CP_OK;
}

/* "fullchain,p12" into a flag for each row of the outputs' table. */
static enum cp_status read_outputs(bool wanted[CLI_MAX_SET - 1], const char *list,
                                   struct cp_error *err) {
    const char *names[CLI_MAX_SET - 1];
    size_t num = 0;
    for (; num < CLI_MAX_SET - 1 && cp_output_name(num) != NULL; num++)
        names[num] = cp_output_name(num);
    for (const char *at = list;; at++) {
        char word[20] = "";
        size_t len = strcspn(at, ","), i = 0;
        if (len < sizeof(word))
            memcpy(word, at, len);
        while (i < num && strcmp(names[i], word) != 0)
            i++;
        if (i == num) {
            const char *nearest = cli_nearest(word, names, num);
            return cp_fail(err, CP_ERR_USAGE,
                           "--formats '%.*s': want fullchain, privkey, leaf, chain, p12, p7b, der, "
                           "key-der or haproxy%s%s%s",
                           len < 20 ? (int)len : 20, at, nearest != NULL ? "; did you mean " : "",
                           nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
        }
        wanted[i] = true;
        at += len;
        if (*at == '\0')
            return CP_OK;
    }
}

/* All checks for the target; p->prepared stays NULL if the verdict is BLOCKED. */
static enum cp_status check_and_prepare(struct prepare *p, struct cp_error *err) {
    struct prepare_options *o = p->options;
    struct cp_check_options options = {.hostnames = o->material.hostnames.items,
                                       .num_hostnames = o->material.hostnames.num_items,
                                       .require_key = true,
                                       .target = o->target};
    enum cp_status status = cli_material_times(&o->material, &options, err);
    if (status == CP_OK)
        status = cli_complete_check(&o->material, &o->complete, &options, err);
    if (status != CP_OK)
        return status;
    p->result.report = o->material.report;
    p->result.at = o->material.at;
    if (o->material.at != NULL)
        fprintf(stderr, "certprep: note: the material is judged as of --at %s, not as of now\n",
                o->material.at);
    if (cp_report_verdict(o->material.report) == CP_BLOCKED)
        return CP_OK;
    status = cp_prepare(&p->prepared, o->material.report, err);
    p->result.prepared = p->prepared;
    return status;
}

/* An output that there is nothing for must not stand there from an earlier chain. */
static enum cp_status check_absent(const struct prepare *p, const struct cp_artifact *artifact,
                                   struct cp_error *err) {
    struct cp_secret old = {0};
    bool found = false;
    unsigned mode;
    enum cp_status status = cli_read_at(&p->dir, artifact->file, &old, &found, &mode, err);
    cp_secret_cleanup(&old);
    if (status == CP_OK && found)
        return cp_fail(err, CP_ERR_USAGE,
                       "%s/%s: this chain has no intermediates, so the file is of another one: "
                       "remove it first",
                       p->dir.path, artifact->file);
    if (status == CP_OK)
        fprintf(stderr, "certprep: note: no %s: the chain has no intermediates\n", artifact->file);
    return status;
}

static enum cp_status make_artifacts(struct prepare *p, const bool *wanted, struct cp_error *err) {
    struct prepare_result *r = &p->result;
    size_t num = 0;
    for (size_t i = 0; i < CLI_MAX_SET - 1 && cp_output_name(i) != NULL; i++) {
        struct cp_artifact *artifact = &r->artifacts[num];
        if (!wanted[i])
            continue;
        enum cp_status status =
            cp_prepared_output(artifact, p->prepared, cp_output_name(i), &p->output, err);
        if (status == CP_OK && artifact->bytes.len == 0) {
            status = check_absent(p, artifact, err);
            cp_artifact_cleanup(artifact);
        } else if (status == CP_OK) {
            r->files[num++] = (struct cli_file){
                .name = artifact->file, .data = artifact->bytes.data, .len = artifact->bytes.len};
        }
        if (status != CP_OK)
            return status;
    }
    r->num_files = num + 1;
    r->files[num].name = CLI_MANIFEST;
    return CP_OK;
}

/* Compares with what stands there. Files that others can read are written anew with --force. */
static enum cp_status compare(struct prepare *p, struct cp_error *err) {
    struct prepare_result *r = &p->result;
    struct cli_file *manifest = &r->files[r->num_files - 1];
    enum cp_status status = cli_files_look(&p->dir, r->files, r->num_files, err);
    if (status != CP_OK)
        return status;
    for (size_t i = 0; prepare_artifact(r, i) != NULL; i++) {
        struct cli_file *file = &r->files[i];
        if (file->state == CLI_FILE_DIFFERENT &&
            cp_artifact_matches(&r->artifacts[i], file->old.data, file->old.len, &p->output))
            file->state = CLI_FILE_SAME;
        if (file->state != CLI_FILE_SAME || (file->old_mode & 077) == 0)
            continue;
        if (p->options->force)
            file->state = CLI_FILE_DIFFERENT;
        else if (r->artifacts[i].has_key)
            fprintf(stderr,
                    "certprep: warning: %s/%s: mode %04o lets others read the key: chmod 600\n",
                    p->dir.path, file->name, file->old_mode);
    }
    status = manifest_make(&r->manifest, r, err);
    if (status != CP_OK)
        return status;
    manifest->data = (const uint8_t *)r->manifest.data;
    manifest->len = r->manifest.len;
    if (manifest->state == CLI_FILE_NEW)
        return CP_OK;
    manifest->state = CLI_FILE_DIFFERENT;
    struct cp_span old = {manifest->old.data, manifest->old.len};
    struct cp_span made = {manifest->data, manifest->len};
    if (cp_span_equal(old, made) || (prepare_num_changed(r) == 1 && manifest_describes(old, made)))
        manifest->state = CLI_FILE_SAME;
    return CP_OK;
}

static enum cp_status write_or_show(struct prepare *p, struct cp_error *err) {
    struct prepare_result *r = &p->result;
    if (r->dry_run || prepare_num_changed(r) == 0)
        return CP_OK;
    for (size_t i = 0; i < r->num_files; i++)
        if (r->files[i].state == CLI_FILE_DIFFERENT && !p->options->force)
            return cp_fail(err, CP_ERR_USAGE,
                           "%s/%s: is there already and holds something else; --diff shows it, "
                           "--force replaces it; nothing was written",
                           p->dir.path, r->files[i].name);
    enum cp_status status = cli_files_write(&p->dir, r->files, r->num_files, err);
    r->written = status == CP_OK;
    return status;
}

static enum cp_status run(struct prepare *p, struct cp_error *err) {
    struct prepare_options *o = p->options;
    bool wanted[CLI_MAX_SET - 1] = {false};
    enum cp_status status = read_format(p, err);
    if (status != CP_OK)
        return status;
    if (o->target == NULL)
        o->target = cp_target_name(0);
    const char *outputs = o->formats != NULL ? o->formats : cp_target_outputs(o->target);
    if (outputs != NULL) /* else the checks say that the target is not known */
        status = read_outputs(wanted, outputs, err);
    if (status == CP_OK)
        status = read_passphrase(p, err);
    if (status == CP_OK)
        status = check_and_prepare(p, err);
    if (status != CP_OK)
        return status;
    if (p->prepared == NULL) {
        p->exit_code = CLI_FINDINGS;
        return CP_OK;
    }
    status = cli_dir_open(&p->dir, o->directory, !p->result.dry_run, err);
    if (status == CP_OK && p->dir.recovered)
        fprintf(stderr, "certprep: note: %s: put in order behind an interrupted run\n",
                p->dir.path);
    if (status == CP_OK)
        status = make_artifacts(p, wanted, err);
    if (status == CP_OK)
        status = compare(p, err);
    if (status == CP_OK)
        status = write_or_show(p, err);
    return status;
}

static int finish(struct prepare *p) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct prepare_result *r = &p->result;
    int exit_code =
        run(p, &err) != CP_OK ? cli_fail(&err) : prepare_print(r, &p->format, p->exit_code);
    cli_dir_close(&p->dir);
    cli_files_cleanup(r->files, CLI_MAX_SET);
    for (size_t i = 0; i < CLI_MAX_SET - 1; i++)
        cp_artifact_cleanup(&r->artifacts[i]);
    cp_buf_cleanup(&r->manifest);
    cp_prepared_free(p->prepared);
    cp_secret_cleanup(&p->p12_passphrase);
    return exit_code;
}

#define VALUE(option_name, option_argument, field, option_help)                                    \
    {                                                                                              \
        .name = option_name, .kind = CLI_VALUE, .argument = option_argument, .value = &o.field,    \
        .help = option_help                                                                        \
    }
#define FLAG(option_name, field, option_help)                                                      \
    { .name = option_name, .kind = CLI_FLAG, .flag = &o.field, .help = option_help }

int cli_prepare(int argc, char **argv) {
    struct prepare_options o = {.force = false};
    struct cli_option criteria[CLI_MAX_CRITERIA_OPTIONS];
    struct cli_option material[CLI_NUM_MATERIAL_OPTIONS], complete[CLI_NUM_COMPLETE_OPTIONS];
    const struct cli_option own[] = {
        {.name = "output",
         .letter = 'o',
         .kind = CLI_VALUE,
         .argument = "DIR",
         .value = &o.directory,
         .help = "where to write; made (0700) if it does not exist"},
        VALUE("target", "NAME", target,
              "esa, cdn, clb, cloudflare, acm, gcp, azure-fd, nginx, haproxy, java (default: esa)"),
        {.name = "hostname",
         .kind = CLI_LIST,
         .argument = "NAME",
         .list = &o.material.hostnames,
         .help = "must be covered by the certificate; may be repeated"},
        VALUE("formats", "LIST", formats,
              "instead of the target's: fullchain,privkey,leaf,chain,p12,p7b,der,key-der,haproxy"),
        VALUE("p12-passphrase-file", "FILE", p12_passphrase_file,
              "pass phrase of the PKCS#12: its first line"),
        FLAG("legacy", legacy, "PKCS#12 with 3DES and SHA-1, for old readers"),
        FLAG("force", force, "replace files that hold something else"),
        {.name = "dry-run",
         .letter = 'n',
         .kind = CLI_FLAG,
         .flag = &o.dry_run,
         .help = "show what would be written; write nothing"},
        FLAG("diff", diff, "the same, with the differences to the files there; never of a key"),
        VALUE("format", "text|json", format, "form of the output (default: text)"),
        {.name = "quiet",
         .letter = 'q',
         .kind = CLI_FLAG,
         .flag = &o.quiet,
         .help = "findings and the result only"},
        VALUE("color", "auto|always|never", color, "colour of the text (default: auto)"),
        {.name = NULL},
    };
    cli_material_options(material, &o.material);
    cli_criteria_options(criteria, &o.material.criteria);
    cli_complete_options(complete, &o.complete);
    const struct cli_option *const tables[] = {own, material, complete, criteria, NULL};
    const struct cli_syntax syntax = {.usage = "certprep prepare -o DIR [OPTION]... [FILE]...",
                                      .about = about,
                                      .tables = tables,
                                      .files = &o.material.files};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1) {
        struct prepare p = {.options = &o, .dir = {.fd = -1}};
        p.output.legacy = o.legacy;
        p.result.directory = o.directory;
        p.result.dry_run = o.dry_run || o.diff;
        p.result.show_diff = o.diff;
        exit_code = finish(&p);
    }
    cli_material_cleanup(&o.material);
    return exit_code;
}
