/* From a manifest's values to what a row wants; what is wrong with it is said with its place. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "manifest.h"
#include "onboard.h"

struct intake {
    struct onboard *onboard;
    struct manifest_reader reader;
    struct onboard_files files; /* of the row at hand: large, so not on the stack */
    char folder[4096];          /* of the manifest, with a slash; "" */
};

static void tell(void *context, const struct cp_error *problem) {
    (void)context;
    fputs("certprep: ", stderr);
    cli_put(stderr, problem->message);
    fputs("\n", stderr);
}

static bool read_hostname(struct intake *in, struct onboard_row *row,
                          const struct manifest_row *values) {
    struct cp_hostname *hostname = NULL;
    struct cp_error why = {CP_OK, 0, 0, ""};
    const char *text = values->values[MANIFEST_HOSTNAME];
    if (text == NULL) {
        manifest_problem(&in->reader, values, MANIFEST_HOSTNAME, "hostname is missing");
        return false;
    }
    if (cp_hostname_new(&hostname, text, &why) != CP_OK)
        manifest_problem(&in->reader, values, MANIFEST_HOSTNAME, "%s", why.message);
    else if (cp_hostname_is_ip(hostname))
        manifest_problem(&in->reader, values, MANIFEST_HOSTNAME,
                         "%s is an IP address; want a hostname", text);
    else if (cp_hostname_is_public_suffix(hostname))
        manifest_problem(&in->reader, values, MANIFEST_HOSTNAME, "%s is a public suffix", text);
    else
        (void)snprintf(row->hostname, sizeof(row->hostname), "%s", cp_hostname_ascii(hostname));
    cp_hostname_free(hostname);
    return row->hostname[0] != '\0';
}

static bool read_id(struct intake *in, int64_t *out, const struct manifest_row *values,
                    enum manifest_column column) {
    struct cp_error why = {CP_OK, 0, 0, ""};
    *out = 0;
    if (values->values[column] == NULL ||
        esa_id_parse(out, values->values[column], manifest_column_name(column), &why) == CP_OK)
        return true;
    manifest_problem(&in->reader, values, column, "%s", why.message);
    return false;
}

/* A name, or an id: one of the two. Names are compared without case. */
static bool read_name_or_id(struct intake *in, char name[ESA_NAME_MAX], int64_t *id,
                            const struct manifest_row *values, enum manifest_column name_column,
                            enum manifest_column id_column) {
    const char *text = values->values[name_column];
    if (!read_id(in, id, values, id_column))
        return false;
    if (text == NULL && *id == 0) {
        manifest_problem(&in->reader, values, name_column, "%s is missing, and so is %s",
                         manifest_column_name(name_column), manifest_column_name(id_column));
        return false;
    }
    if (text != NULL && *id != 0) {
        manifest_problem(&in->reader, values, id_column, "give %s or %s, not both",
                         manifest_column_name(name_column), manifest_column_name(id_column));
        return false;
    }
    size_t i = 0;
    for (; text != NULL && text[i] != '\0' && i < ESA_NAME_MAX - 1; i++)
        name[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
    name[i] = '\0';
    return true;
}

/* Relative paths count from the manifest's folder. */
static bool read_path(struct intake *in, char *out, size_t out_size,
                      const struct manifest_row *values, enum manifest_column column) {
    const char *text = values->values[column];
    out[0] = '\0';
    if (text == NULL)
        return true;
    if (cli_is_dash(text)) {
        manifest_problem(&in->reader, values, column, "%s: want a file, not standard input",
                         manifest_column_name(column));
        return false;
    }
    int len = snprintf(out, out_size, "%s%s", text[0] == '/' ? "" : in->folder, text);
    if (len >= 0 && (size_t)len < out_size)
        return true;
    manifest_problem(&in->reader, values, column, "%s: the path is longer than %zu bytes",
                     manifest_column_name(column), out_size - 1);
    return false;
}

static bool read_kind(struct intake *in, struct onboard_row *row,
                      const struct manifest_row *values) {
    static const char *const words[] = {"off", "free", "upload", "cas"};
    const char *text = values->values[MANIFEST_CERT_TYPE];
    if (text == NULL && values->values[MANIFEST_CERT] != NULL)
        text = "upload";
    if (text == NULL) {
        manifest_problem(&in->reader, values, MANIFEST_CERT_TYPE,
                         "cert_type is missing: want upload, free, cas or off");
        return false;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i], text) == 0) {
            row->kind = (enum esa_create_kind)i;
            return true;
        }
    }
    const char *nearest = cli_nearest(text, words, sizeof(words) / sizeof(words[0]));
    manifest_problem(&in->reader, values, MANIFEST_CERT_TYPE,
                     "cert_type '%s': want upload, free, cas or off%s%s%s", text,
                     nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest,
                     nearest == NULL ? "" : "'?");
    return false;
}

/* Which columns a kind needs, and which it refuses. */
static bool check_columns(struct intake *in, const struct onboard_row *row,
                          const struct manifest_row *values) {
    static const struct {
        enum manifest_column column;
        enum esa_create_kind kind;
        bool is_needed;
    } rules[] = {
        {MANIFEST_CERT, ESA_CREATE_UPLOAD, true},    {MANIFEST_KEY, ESA_CREATE_UPLOAD, false},
        {MANIFEST_CHAIN, ESA_CREATE_UPLOAD, false},  {MANIFEST_CAS_ID, ESA_CREATE_CAS, true},
        {MANIFEST_CAS_REGION, ESA_CREATE_CAS, true},
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        bool is_there = values->values[rules[i].column] != NULL;
        const char *name = manifest_column_name(rules[i].column);
        const char *kind = rules[i].kind == ESA_CREATE_UPLOAD ? "upload" : "cas";
        if (is_there && row->kind != rules[i].kind) {
            manifest_problem(&in->reader, values, rules[i].column, "%s goes with cert_type %s",
                             name, kind);
            return false;
        }
        if (!is_there && rules[i].is_needed && row->kind == rules[i].kind) {
            manifest_problem(&in->reader, values, rules[i].column,
                             "%s is missing: cert_type %s needs it", name, kind);
            return false;
        }
    }
    return true;
}

static bool read_cas(struct intake *in, struct onboard_row *row,
                     const struct manifest_row *values) {
    const char *region = values->values[MANIFEST_CAS_REGION];
    if (row->kind != ESA_CREATE_CAS)
        return true;
    if (strcmp(region, "cn-hangzhou") != 0 && strcmp(region, "ap-southeast-1") != 0) {
        manifest_problem(&in->reader, values, MANIFEST_CAS_REGION,
                         "cas_region '%s': want cn-hangzhou or ap-southeast-1", region);
        return false;
    }
    (void)snprintf(row->cas_region, sizeof(row->cas_region), "%s", region);
    return read_id(in, &row->cas_id, values, MANIFEST_CAS_ID);
}

static enum cp_status take_row(void *context, const struct manifest_row *values,
                               struct cp_error *err) {
    struct intake *in = context;
    struct onboard_row row = {.line = (int64_t)values->line};
    struct onboard_files *files = &in->files;
    int64_t first_line = 0;
    bool ok =
        read_hostname(in, &row, values) &&
        read_name_or_id(in, row.site, &row.site_id, values, MANIFEST_SITE, MANIFEST_SITE_ID) &&
        read_name_or_id(in, row.record, &row.record_id, values, MANIFEST_RECORD,
                        MANIFEST_RECORD_ID) &&
        read_kind(in, &row, values) && check_columns(in, &row, values) &&
        read_cas(in, &row, values) &&
        read_path(in, files->cert, sizeof(files->cert), values, MANIFEST_CERT) &&
        read_path(in, files->key, sizeof(files->key), values, MANIFEST_KEY) &&
        read_path(in, files->chain, sizeof(files->chain), values, MANIFEST_CHAIN);
    if (!ok)
        return CP_OK;
    if (values->values[MANIFEST_TAG] != NULL)
        (void)snprintf(row.tag, sizeof(row.tag), "%s", values->values[MANIFEST_TAG]);
    enum cp_status status = onboard_rows_add(in->onboard->rows, &row, &first_line,
                                             row.kind == ESA_CREATE_UPLOAD ? files : NULL, err);
    if (status == CP_OK && first_line != 0)
        manifest_problem(&in->reader, values, MANIFEST_HOSTNAME,
                         "%s of this site is in line %lld already", row.hostname,
                         (long long)first_line);
    return status;
}

enum cp_status onboard_intake(struct onboard *o, struct cp_error *err) {
    static struct intake in; /* 16 KiB of paths; one manifest is read in a run */
    const char *path = o->options.manifest;
    bool is_stdin = cli_is_dash(path);
    in = (struct intake){.onboard = o};
    in.reader = (struct manifest_reader){
        .row = take_row, .problem = tell, .context = &in, .name = is_stdin ? "<stdin>" : path};
    const char *slash = is_stdin ? NULL : strrchr(path, '/');
    size_t folder_len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (folder_len >= sizeof(in.folder))
        return cp_fail(err, CP_ERR_LIMIT, "the manifest's path is too long");
    memcpy(in.folder, path, folder_len);
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cp_fail(err, CP_ERR_IO, "%s: %s", path, strerror(errno));
    enum cp_status status = onboard_rows_begin(o->rows, err);
    if (status == CP_OK)
        status = manifest_read(&in.reader, fd, err);
    if (!is_stdin)
        (void)close(fd);
    if (status == CP_OK)
        status = onboard_rows_commit(o->rows, err);
    o->num_rows = in.reader.num_rows;
    return status;
}
