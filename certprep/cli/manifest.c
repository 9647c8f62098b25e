/* prepared.json: how a set of files came to be. */
#include <cjson/cJSON.h>
#include <string.h>

#include "cert.h"
#include "json.h"
#include "prepare.h"
#include "target.h"

#define MAX_MANIFEST ((size_t)1024 * 1024)
#define SCHEMA_VERSION 1

static bool add(cJSON *object, const char *key, const char *text) {
    return (text == NULL ? cJSON_AddNullToObject(object, key)
                         : cJSON_AddStringToObject(object, key, text)) != NULL;
}

/* Both tables of rules, as one digest: it changes with every change of a rule. */
static enum cp_status rules_sha256(char out[65], struct cp_error *err) {
    struct cp_buf text;
    cp_buf_init(&text, (size_t)1024 * 1024);
    for (size_t i = 0; i < cp_num_rules(); i++) {
        const struct cp_rule *rule = cp_rule_get(i);
        cp_buf_printf(&text, "%s %s %s %s\n", rule->id, rule->name,
                      cp_severity_name(rule->severity), rule->source);
    }
    for (size_t i = 0; i < cp_num_targets(); i++) {
        const struct cp_target *t = cp_target_get(i);
        cp_buf_printf(&text, "%s %d %d %x %u %u %u %zu %d %d %s\n", t->name, (int)t->key_form,
                      t->keep_root, (unsigned)t->key_types, t->rsa_min_bits, t->rsa_max_bits,
                      t->rsa_step_bits, t->max_certs, (int)t->min_days, t->public_root, t->date);
    }
    enum cp_status status = cp_buf_finish(&text, err);
    if (status == CP_OK)
        status = cp_sha256_hex(out, (struct cp_span){(const uint8_t *)text.data, text.len}, err);
    cp_buf_cleanup(&text);
    return status;
}

static bool add_origin(cJSON *root, const struct prepare_result *r, const char *rules) {
    const struct cp_prepared *prepared = r->prepared;
    cJSON *item = NULL, *array = NULL;
    bool ok = cJSON_AddNumberToObject(root, "schema_version", SCHEMA_VERSION) != NULL &&
              add(root, "tool", "certprep") && add(root, "version", cp_version()) &&
              (item = cJSON_AddObjectToObject(root, "rules")) != NULL &&
              cJSON_AddNumberToObject(item, "count", (double)cp_num_rules()) != NULL &&
              add(item, "sha256", rules) && add(root, "target", cp_prepared_target(prepared)) &&
              add(root, "verdict", cp_verdict_name(cp_prepared_verdict(prepared))) &&
              add(root, "at", r->at) && (array = cJSON_AddArrayToObject(root, "hostnames")) != NULL;
    for (size_t i = 0; ok && i < cp_prepared_num_hostnames(prepared); i++)
        ok = cli_json_push(array, cJSON_CreateString(cp_prepared_hostname(prepared, i)));
    ok = ok && add(root, "leaf_sha256", cp_prepared_leaf_sha256(prepared)) &&
         cJSON_AddNumberToObject(root, "certificates", (double)cp_prepared_num_certs(prepared)) !=
             NULL &&
         (array = cJSON_AddArrayToObject(root, "inputs")) != NULL;
    for (size_t i = 0; ok && i < cp_prepared_num_inputs(prepared); i++) {
        item = cJSON_CreateObject();
        ok = item != NULL && add(item, "name", cp_prepared_input_name(prepared, i)) &&
             add(item, "sha256", cp_prepared_input_sha256(prepared, i));
        ok = cli_json_push(array, item) && ok;
    }
    ok = ok && (array = cJSON_AddArrayToObject(root, "changes")) != NULL;
    for (size_t i = 0; ok && i < cp_prepared_num_changes(prepared); i++)
        ok = cli_json_push(array, cJSON_CreateString(cp_prepared_change(prepared, i)));
    return ok;
}

/* A PKCS#12 that stays has the digest of what stands there. */
static struct cp_span bytes_of(const struct cli_file *file) {
    return file->state == CLI_FILE_SAME ? (struct cp_span){file->old.data, file->old.len}
                                        : (struct cp_span){file->data, file->len};
}

static enum cp_status add_outputs(cJSON *root, const struct prepare_result *r,
                                  struct cp_error *err) {
    char sha256[65];
    cJSON *array = cJSON_AddArrayToObject(root, "outputs");
    bool ok = array != NULL;
    for (size_t i = 0; ok && prepare_artifact(r, i) != NULL; i++) {
        cJSON *item = cJSON_CreateObject();
        enum cp_status status = cp_sha256_hex(sha256, bytes_of(&r->files[i]), err);
        if (status != CP_OK) {
            cJSON_Delete(item);
            return status;
        }
        ok = item != NULL && add(item, "file", r->files[i].name) && add(item, "sha256", sha256);
        ok = cli_json_push(array, item) && ok;
    }
    return ok ? CP_OK : cp_fail(err, CP_ERR_MEMORY, "manifest: out of memory");
}

enum cp_status manifest_make(struct cp_buf *out, const struct prepare_result *r,
                             struct cp_error *err) {
    char rules[65];
    cJSON *root = cJSON_CreateObject();
    char *text = NULL;
    enum cp_status status = rules_sha256(rules, err);
    if (status == CP_OK && (root == NULL || !add_origin(root, r, rules)))
        status = cp_fail(err, CP_ERR_MEMORY, "manifest: out of memory");
    if (status == CP_OK)
        status = add_outputs(root, r, err);
    if (status == CP_OK && (text = cJSON_Print(root)) == NULL)
        status = cp_fail(err, CP_ERR_MEMORY, "manifest: out of memory");
    cp_buf_cleanup(out);
    cp_buf_init(out, MAX_MANIFEST);
    if (status == CP_OK) {
        cp_buf_printf(out, "%s\n", text);
        status = cp_buf_finish(out, err);
    }
    cJSON_free(text);
    cJSON_Delete(root);
    return status;
}

/* NULL if it is none. */
static cJSON *read_manifest(struct cp_span text) {
    const char *end = NULL;
    if (text.len == 0 || text.len > MAX_MANIFEST)
        return NULL;
    cJSON *root = cJSON_ParseWithLengthOpts((const char *)text.data, text.len, &end, 0);
    const cJSON *tool = cJSON_GetObjectItemCaseSensitive(root, "tool");
    if (cJSON_IsString(tool) && strcmp(tool->valuestring, "certprep") == 0)
        return root;
    cJSON_Delete(root);
    return NULL;
}

bool manifest_is(struct cp_span old) {
    cJSON *root = read_manifest(old);
    cJSON_Delete(root);
    return root != NULL;
}

bool manifest_describes(struct cp_span old, struct cp_span made) {
    static const char *const keys[] = {"schema_version", "target", "leaf_sha256", "outputs"};
    cJSON *a = read_manifest(old), *b = read_manifest(made);
    bool same = a != NULL && b != NULL;
    for (size_t i = 0; same && i < sizeof(keys) / sizeof(keys[0]); i++)
        same = cJSON_Compare(cJSON_GetObjectItemCaseSensitive(a, keys[i]),
                             cJSON_GetObjectItemCaseSensitive(b, keys[i]), 1) != 0;
    cJSON_Delete(a);
    cJSON_Delete(b);
    return same;
}
