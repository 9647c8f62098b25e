#include "log_list.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {
    [CP_LOG_UNSTATED] = "unstated",   [CP_LOG_PENDING] = "pending",
    [CP_LOG_QUALIFIED] = "qualified", [CP_LOG_USABLE] = "usable",
    [CP_LOG_READONLY] = "readonly",   [CP_LOG_RETIRED] = "retired",
    [CP_LOG_REJECTED] = "rejected",
};

const char *cp_log_state_name(enum cp_log_state state) {
    return (unsigned)state <= CP_LOG_REJECTED ? state_names[state] : "?";
}

const struct cp_log *cp_log_find(const struct cp_ct_logs *logs, struct cp_span id) {
    for (size_t i = 0; id.len == CP_LOG_ID_LEN && i < logs->num_logs; i++)
        if (memcmp(logs->logs[i].id, id.data, CP_LOG_ID_LEN) == 0)
            return &logs->logs[i];
    return NULL;
}

size_t cp_log_operator(const struct cp_log *log, int64_t at_s) {
    int64_t end_s = INT64_MAX;
    size_t owner = log->owner;
    for (size_t i = 0; i < log->num_previous; i++) {
        if (at_s >= log->previous[i].end_s || log->previous[i].end_s >= end_s)
            continue;
        end_s = log->previous[i].end_s;
        owner = log->previous[i].owner;
    }
    return owner;
}

static const char *string_of(const cJSON *object, const char *name) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static enum cp_status intern_operator(struct cp_ct_logs *logs, size_t *out, const char *name,
                                      struct cp_error *err) {
    char *copy = cp_strdup_escaped(name);
    if (copy == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "log list: out of memory");
    for (*out = 0; *out < logs->num_operators; (*out)++) {
        if (strcmp(logs->operators[*out], copy) == 0) {
            free(copy);
            return CP_OK;
        }
    }
    char **grown = realloc(logs->operators, (logs->num_operators + 1) * sizeof(*grown));
    if (grown == NULL) {
        free(copy);
        return cp_fail(err, CP_ERR_MEMORY, "log list: out of memory");
    }
    logs->operators = grown;
    grown[logs->num_operators++] = copy;
    return CP_OK;
}

/* "state": {"usable": {"timestamp": "2022-11-01T18:54:00Z"}} */
static enum cp_status read_state(struct cp_log *log, const cJSON *item, struct cp_error *err) {
    const cJSON *state = cJSON_GetObjectItemCaseSensitive(item, "state");
    for (unsigned i = CP_LOG_PENDING; i <= CP_LOG_REJECTED; i++) {
        const cJSON *one = cJSON_GetObjectItemCaseSensitive(state, state_names[i]);
        if (one == NULL)
            continue;
        const char *time = string_of(one, "timestamp");
        log->state = (enum cp_log_state)i;
        if (time == NULL)
            return cp_fail(err, CP_ERR_PARSE, "%s: its state has no timestamp", log->description);
        return cp_time_parse(&log->state_s, time, err);
    }
    return CP_OK;
}

static enum cp_status read_previous(struct cp_ct_logs *logs, struct cp_log *log, const cJSON *item,
                                    struct cp_error *err) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(item, "previous_operators")) {
        const char *name = string_of(one, "name"), *end = string_of(one, "end_time");
        if (name == NULL || end == NULL || log->num_previous == CP_MAX_LOG_OWNERS)
            return cp_fail(err, CP_ERR_PARSE, "%s: its previous_operators", log->description);
        CP_TRY(intern_operator(logs, &log->previous[log->num_previous].owner, name, err));
        CP_TRY(cp_time_parse(&log->previous[log->num_previous].end_s, end, err));
        log->num_previous++;
    }
    return CP_OK;
}

static enum cp_status read_key(struct cp_log *log, const cJSON *item, struct cp_error *err) {
    const char *key = string_of(item, "key"), *id = string_of(item, "log_id"), *reason = NULL;
    uint8_t stated[64];
    size_t len = 0, bad = 0;
    if (key == NULL || id == NULL)
        return cp_fail(err, CP_ERR_PARSE, "%s: it has no key or no log_id", log->description);
    log->spki = malloc(cp_base64_max(strlen(key)) + 1);
    if (log->spki == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "log list: out of memory");
    if (cp_base64_decode(log->spki, &len, cp_span_of(key), &bad, &reason) != CP_OK)
        return cp_fail(err, CP_ERR_PARSE, "%s: its key is not base64: %s", log->description,
                       reason);
    struct cp_error why = {CP_OK, 0, 0, ""};
    enum cp_status status = cp_log_key_read(&log->key, (struct cp_span){log->spki, len}, &why);
    if (status != CP_OK)
        return cp_fail(err, status, "%s: its key: %s", log->description, why.message);
    if (EVP_Q_digest(NULL, "SHA256", NULL, log->spki, len, log->id, NULL) != 1)
        return cp_fail(err, CP_ERR_CRYPTO, "SHA-256 failed");
    if (cp_base64_max(strlen(id)) > sizeof(stated) ||
        cp_base64_decode(stated, &len, cp_span_of(id), &bad, &reason) != CP_OK ||
        len != CP_LOG_ID_LEN || memcmp(stated, log->id, CP_LOG_ID_LEN) != 0)
        return cp_fail(err, CP_ERR_PARSE, "%s: its log_id is not the SHA-256 of its key",
                       log->description);
    return CP_OK;
}

static void log_cleanup(struct cp_log *log) {
    free(log->spki);
    free(log->description);
}

static enum cp_status add_log(struct cp_ct_logs *logs, size_t owner, const cJSON *item,
                              struct cp_error *err) {
    const char *description = string_of(item, "description");
    struct cp_log log = {.owner = owner};
    if (logs->num_logs == CP_MAX_CT_LOGS)
        return cp_fail(err, CP_ERR_LIMIT, "more than %d logs", CP_MAX_CT_LOGS);
    if (logs->num_logs == logs->cap_logs) {
        size_t cap = logs->cap_logs == 0 ? 64 : logs->cap_logs * 2;
        struct cp_log *grown = realloc(logs->logs, cap * sizeof(*grown));
        if (grown == NULL)
            return cp_fail(err, CP_ERR_MEMORY, "log list: out of memory");
        logs->logs = grown;
        logs->cap_logs = cap;
    }
    log.description = cp_strdup_escaped(description == NULL ? "a log without a name" : description);
    if (log.description == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "log list: out of memory");
    enum cp_status status = read_key(&log, item, err);
    if (status == CP_OK)
        status = read_state(&log, item, err);
    if (status == CP_OK)
        status = read_previous(logs, &log, item, err);
    if (status != CP_OK)
        log_cleanup(&log);
    else
        logs->logs[logs->num_logs++] = log;
    return status;
}

static enum cp_status add_operator(struct cp_ct_logs *logs, const cJSON *item,
                                   struct cp_error *err) {
    static const char *const lists[] = {"logs", "tiled_logs"};
    const char *name = string_of(item, "name");
    const cJSON *log = NULL;
    size_t owner = 0;
    if (name == NULL)
        return cp_fail(err, CP_ERR_PARSE, "an operator without a name");
    CP_TRY(intern_operator(logs, &owner, name, err));
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        cJSON_ArrayForEach(log, cJSON_GetObjectItemCaseSensitive(item, lists[i]))
            CP_TRY(add_log(logs, owner, log, err));
    return CP_OK;
}

static enum cp_status read_list(struct cp_ct_logs *logs, const cJSON *root, struct cp_error *err) {
    const cJSON *operators = cJSON_GetObjectItemCaseSensitive(root, "operators"), *item = NULL;
    if (!cJSON_IsArray(operators))
        return cp_fail(err, CP_ERR_PARSE, "not a list of logs: there is no array 'operators'");
    cJSON_ArrayForEach(item, operators) CP_TRY(add_operator(logs, item, err));
    return logs->num_logs != 0 ? CP_OK : cp_fail(err, CP_ERR_INPUT, "there is no log in it");
}

/* Nothing but white space behind the object, which cJSON would pass over. */
static bool is_whole(const char *end, const char *limit) {
    while (end < limit && (*end == ' ' || *end == '\t' || *end == '\r' || *end == '\n'))
        end++;
    return end == limit;
}

enum cp_status cp_ct_logs_new(struct cp_ct_logs **out, const uint8_t *json, size_t json_len,
                              const char *label, struct cp_error *err) {
    struct cp_error why = {CP_OK, 0, 0, ""};
    const char *text = (const char *)json, *end = NULL;
    cJSON *root = NULL;
    enum cp_status status = CP_OK;
    struct cp_ct_logs *logs = calloc(1, sizeof(*logs));
    if (logs != NULL)
        logs->label = cp_strdup_escaped(label);
    if (logs == NULL || logs->label == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "log list: out of memory");
        goto out;
    }
    if (json_len > CP_MAX_FILE_LEN) {
        status = cp_fail(err, CP_ERR_LIMIT, "%s: larger than the maximum of %zu bytes", logs->label,
                         CP_MAX_FILE_LEN);
        goto out;
    }
    root = json_len == 0 ? NULL : cJSON_ParseWithLengthOpts(text, json_len, &end, false);
    if (root == NULL || !is_whole(end, text + json_len)) {
        status = cp_fail(err, CP_ERR_PARSE, "%s: not JSON", logs->label);
        goto out;
    }
    status = read_list(logs, root, &why);
    if (status != CP_OK) {
        status = cp_fail(err, status, "%s: %s", logs->label, why.message);
        goto out;
    }
    *out = logs;
    logs = NULL;
out:
    cJSON_Delete(root);
    cp_ct_logs_free(logs);
    return status;
}

size_t cp_ct_logs_num(const struct cp_ct_logs *logs) {
    return logs->num_logs;
}

void cp_ct_logs_free(struct cp_ct_logs *logs) {
    if (logs == NULL)
        return;
    for (size_t i = 0; i < logs->num_logs; i++)
        log_cleanup(&logs->logs[i]);
    for (size_t i = 0; i < logs->num_operators; i++)
        free(logs->operators[i]);
    free(logs->logs);
    free(logs->operators);
    free(logs->label);
    free(logs);
}
