/* What prepare prints: text for people, one JSON object for programs. */
#include <cjson/cJSON.h>
#include <string.h>

#include "cert.h"
#include "json.h"
#include "prepare.h"
#include "target.h"

#define MAX_OUTPUT ((size_t)96 * 1024 * 1024)

static const char *state_of(const struct prepare_result *r, size_t index) {
    static const char *const names[] = {"new", "same", "different"};
    return names[r->files[index].state];
}

static struct cp_span span_of(const struct cp_secret *secret) {
    return (struct cp_span){secret->data, secret->len};
}

/* The diff of one file, if it can be shown: never of a file with a key in it, neither the new one
 * nor what may be an old one. */
static void put_diff(struct cp_buf *out, const struct prepare_result *r, size_t index) {
    const struct cli_file *file = &r->files[index];
    const struct cp_artifact *artifact = prepare_artifact(r, index);
    struct cp_span old = span_of(&file->old);
    if (!r->show_diff || file->state != CLI_FILE_DIFFERENT)
        return;
    if (artifact == NULL ? !manifest_is(old)
                         : artifact->has_key || !artifact->is_text || !diff_is_certificates(old))
        return;
    diff_text(out, file->name, old, (struct cp_span){file->data, file->len});
}

static void put_files(struct cp_buf *out, const struct prepare_result *r) {
    for (size_t i = 0; i < r->num_files; i++) {
        const struct cli_file *file = &r->files[i];
        const struct cp_artifact *artifact = prepare_artifact(r, i);
        cp_buf_printf(out, "  %-14s %s%s\n", file->name, state_of(r, i),
                      artifact != NULL && artifact->has_key ? " (holds the key)" : "");
        size_t before = out->len;
        put_diff(out, r, i);
        if (!r->show_diff || file->state != CLI_FILE_DIFFERENT || out->len != before)
            continue;
        bool same = cp_span_equal(span_of(&file->old), (struct cp_span){file->data, file->len});
        cp_buf_printf(out, "    %s\n",
                      same ? "only its mode, which lets others read it"
                           : "not shown: there is a key in it, or may be in what stands there");
    }
}

static void put_result(struct cp_buf *out, const struct prepare_result *r) {
    size_t changed = prepare_num_changed(r);
    char directory[512];
    cp_escape(directory, sizeof(directory), cp_span_of(r->directory));
    if (r->prepared == NULL)
        cp_buf_puts(out, "BLOCKED  nothing was written\n");
    else if (changed == 0)
        cp_buf_printf(out, "UNCHANGED  %s holds this already\n", directory);
    else if (r->written)
        cp_buf_printf(out, "WRITTEN  %s: %zu file%s\n", directory, changed,
                      changed == 1 ? "" : "s");
    else
        cp_buf_printf(out, "DRY RUN  %zu file%s would be written to %s\n", changed,
                      changed == 1 ? "" : "s", directory);
}

static enum cp_status print_text(struct cp_buf *out, const struct prepare_result *r,
                                 const struct prepare_format *format, struct cp_error *err) {
    char *text = NULL;
    size_t len = 0;
    enum cp_status status = cp_report_render(r->report, &text, &len, "text", &format->render, err);
    if (status != CP_OK)
        return status;
    cp_buf_append(out, text, len);
    cp_string_free(text);
    if (r->prepared != NULL && (!format->render.quiet || r->show_diff)) {
        const struct cp_target *target = cp_target_find(cp_prepared_target(r->prepared));
        size_t num = cp_prepared_num_certs(r->prepared);
        cp_buf_printf(out, "prepared for %s: %zu certificate%s, key as %s\n", target->text, num,
                      num == 1 ? "" : "s", cp_key_form_name(target->key_form));
        for (size_t i = 0; i < cp_prepared_num_changes(r->prepared); i++)
            cp_buf_printf(out, "  %s\n", cp_prepared_change(r->prepared, i));
        if (cp_prepared_num_changes(r->prepared) == 0)
            cp_buf_puts(out, "  nothing had to be changed\n");
        cp_buf_puts(out, "files:\n");
        put_files(out, r);
    }
    put_result(out, r);
    return CP_OK;
}

static bool add(cJSON *object, const char *key, const char *text) {
    return cJSON_AddStringToObject(object, key, text) != NULL;
}

static cJSON *file_item(const struct prepare_result *r, size_t index) {
    const struct cp_artifact *artifact = prepare_artifact(r, index);
    cJSON *item = cJSON_CreateObject();
    struct cp_buf diff;
    cp_buf_init(&diff, MAX_OUTPUT);
    put_diff(&diff, r, index);
    bool ok =
        item != NULL && add(item, "file", r->files[index].name) &&
        add(item, "output", artifact == NULL ? "manifest" : artifact->output) &&
        add(item, "state", state_of(r, index)) &&
        cJSON_AddBoolToObject(item, "has_key", artifact != NULL && artifact->has_key) != NULL &&
        diff.failed == CP_OK && (diff.data == NULL || add(item, "diff", diff.data));
    cp_buf_cleanup(&diff);
    if (ok)
        return item;
    cJSON_Delete(item);
    return NULL;
}

static bool add_prepared(cJSON *root, const struct prepare_result *r) {
    cJSON *array = NULL;
    bool ok = add(root, "target", cp_prepared_target(r->prepared)) &&
              add(root, "leaf_sha256", cp_prepared_leaf_sha256(r->prepared)) &&
              cJSON_AddNumberToObject(root, "certificates",
                                      (double)cp_prepared_num_certs(r->prepared)) != NULL &&
              (array = cJSON_AddArrayToObject(root, "changes")) != NULL;
    for (size_t i = 0; ok && i < cp_prepared_num_changes(r->prepared); i++)
        ok = cli_json_push(array, cJSON_CreateString(cp_prepared_change(r->prepared, i)));
    ok = ok && (array = cJSON_AddArrayToObject(root, "files")) != NULL;
    for (size_t i = 0; ok && i < r->num_files; i++)
        ok = cli_json_push(array, file_item(r, i));
    return ok;
}

static void print_json(struct cp_buf *out, const struct prepare_result *r, struct cp_error *err) {
    char directory[4096];
    cJSON *root = cJSON_CreateObject();
    char *text = NULL;
    cp_escape(directory, sizeof(directory), cp_span_of(r->directory));
    if (root != NULL && cJSON_AddNumberToObject(root, "schema_version", 1) != NULL &&
        add(root, "directory", directory) &&
        cJSON_AddBoolToObject(root, "written", r->written) != NULL &&
        cJSON_AddBoolToObject(root, "unchanged",
                              r->prepared != NULL && prepare_num_changed(r) == 0) != NULL &&
        cli_json_add_report(root, r->report, err) && (r->prepared == NULL || add_prepared(root, r)))
        text = cJSON_Print(root);
    if (text != NULL)
        cp_buf_printf(out, "%s\n", text);
    else
        out->failed = CP_ERR_MEMORY;
    cJSON_free(text);
    cJSON_Delete(root);
}

int prepare_print(const struct prepare_result *result, const struct prepare_format *format,
                  int exit_code) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_buf out;
    enum cp_status status = CP_OK;
    cp_buf_init(&out, MAX_OUTPUT);
    if (format->json)
        print_json(&out, result, &err);
    else
        status = print_text(&out, result, format, &err);
    if (status == CP_OK)
        status = cp_buf_finish(&out, &err);
    exit_code = status != CP_OK ? cli_fail(&err) : cli_write(out.data, out.len, exit_code);
    cp_buf_cleanup(&out);
    return exit_code;
}
