#include "job.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "cp_limits.h"

/* ---- inline PEM: it may hold a key, so it is taken out of the line before cJSON sees it ---- */

static size_t hex4(const uint8_t *at) {
    size_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        if (!isxdigit(at[i]))
            return 0xFFFD;
        value = value * 16 + (size_t)(isdigit(at[i]) ? at[i] - '0' : (at[i] | 32) - 'a' + 10);
    }
    return value;
}

/* The end of the string whose opening quote is at `at`: its closing quote; SIZE_MAX: it has none.
 */
static size_t string_end(const struct cp_secret *line, size_t at) {
    for (size_t i = at + 1; i < line->len; i++) {
        if (line->data[i] == '\\')
            i++;
        else if (line->data[i] == '"')
            return i;
    }
    return SIZE_MAX;
}

/* Moves a string's characters to out and leaves spaces in the line. PEM is ASCII: what is not is
 * put as a question mark, for the reader to complain of. */
static void move_string(struct cp_secret *out, struct cp_secret *line, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        uint8_t c = line->data[i];
        if (c == '\\' && i + 1 < to) {
            c = line->data[++i];
            if (c == 'u' && to - i > 4) {
                size_t code = hex4(line->data + i + 1);
                c = code < 0x80 ? (uint8_t)code : '?';
                i += 4;
            } else {
                c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
            }
        }
        out->data[out->len++] = c; /* no more than was read */
    }
    memset(line->data + from, ' ', to - from);
}

static size_t skip_space(const struct cp_secret *line, size_t at) {
    while (at < line->len && strchr(" \t\r\n", line->data[at]) != NULL && line->data[at] != '\0')
        at++;
    return at;
}

/* Every member of that name, at whatever depth: none of them may stay. */
static enum cp_status take_pem(struct cp_secret *out, struct cp_secret *line,
                               struct cp_error *err) {
    enum cp_status status = cp_secret_init(out, line->len + 1, err);
    for (size_t at = 0; status == CP_OK && at < line->len; at++) {
        if (line->data[at] != '"')
            continue;
        size_t end = string_end(line, at);
        if (end == SIZE_MAX)
            break;
        bool is_pem = end - at == 4 && memcmp(line->data + at + 1, "pem", 3) == 0;
        at = end;
        size_t next = skip_space(line, end + 1);
        if (!is_pem || next >= line->len || line->data[next] != ':')
            continue;
        next = skip_space(line, next + 1);
        if (next >= line->len || line->data[next] != '"')
            continue;
        end = string_end(line, next);
        if (end == SIZE_MAX)
            break;
        move_string(out, line, next + 1, end);
        at = end;
    }
    return status;
}

/* ---- the answer ---- */

static enum cp_status finish(char **answer, const cJSON *id, size_t number, const char *member,
                             const char *json, size_t json_len, struct cp_error *err) {
    struct cp_buf out;
    char *text = id == NULL ? NULL : cJSON_PrintUnformatted(id);
    cp_buf_init(&out, json_len + AUDIT_MAX_ID * 8 + 200);
    if (text != NULL)
        cp_buf_printf(&out, "{\"id\":%s,\"line\":%zu,\"%s\":", text, number, member);
    else
        cp_buf_printf(&out, "{\"id\":null,\"line\":%zu,\"%s\":", number, member);
    cp_buf_append(&out, json, json_len);
    cp_buf_puts(&out, "}\n");
    cJSON_free(text);
    enum cp_status status = cp_buf_finish(&out, err);
    if (status != CP_OK) {
        cp_buf_cleanup(&out);
        return status;
    }
    *answer = out.data;
    return CP_OK;
}

static enum cp_status answer_error(char **answer, const cJSON *id, size_t number,
                                   const struct cp_error *why, struct cp_error *err) {
    cJSON *object = cJSON_CreateObject();
    char *text = NULL;
    enum cp_status status = CP_ERR_MEMORY;
    if (object != NULL &&
        cJSON_AddStringToObject(object, "status", cp_status_text(why->status)) != NULL &&
        cJSON_AddStringToObject(object, "message", why->message) != NULL &&
        cJSON_AddStringToObject(object, "next", cp_status_next_step(why->status)) != NULL &&
        (text = cJSON_PrintUnformatted(object)) != NULL)
        status = finish(answer, id, number, "error", text, strlen(text), err);
    else
        status = cp_fail(err, status, "out of memory");
    cJSON_free(text);
    cJSON_Delete(object);
    return status;
}

static enum cp_status answer_report(char **answer, const cJSON *id, size_t number,
                                    const struct cp_report *report, const char *label, int64_t at_s,
                                    struct cp_error *err) {
    const struct cp_render_options options = {.quiet = false};
    struct cp_run *run = NULL;
    char *text = NULL;
    size_t len = 0;
    enum cp_status status = cp_run_new(&run, at_s, err);
    if (status == CP_OK)
        status = cp_run_add(run, report, label, err);
    if (status == CP_OK)
        status = cp_run_render(run, &text, &len, "ndjson", &options, err);
    if (status == CP_OK) /* its first line; the second is the summary */
        status = finish(answer, id, number, "report", text, strcspn(text, "\n"), err);
    cp_string_free(text);
    cp_run_free(run);
    return status;
}

/* ---- the job ---- */

static enum cp_status take_strings(const char ***out, size_t *num, const cJSON *array,
                                   const char *name, size_t max, struct cp_error *err) {
    const cJSON *item = NULL;
    *out = NULL;
    *num = 0;
    if (array == NULL)
        return CP_OK;
    if (!cJSON_IsArray(array) || (size_t)cJSON_GetArraySize(array) > max)
        return cp_fail(err, CP_ERR_INPUT, "%s: want an array of at most %zu strings", name, max);
    *out = calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof(**out));
    if (*out == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "out of memory");
    cJSON_ArrayForEach(item, array) {
        if (!cJSON_IsString(item))
            return cp_fail(err, CP_ERR_INPUT, "%s: want strings", name);
        (*out)[(*num)++] = item->valuestring;
    }
    return CP_OK;
}

static enum cp_status add_files(struct cp_bundle *bundle, const char *const *files, size_t num,
                                struct cp_error *err) {
    enum cp_status status = CP_OK;
    for (size_t i = 0; status == CP_OK && i < num; i++) {
        struct cp_secret text = {0};
        if (cli_is_dash(files[i]))
            return cp_fail(err, CP_ERR_INPUT, "files: '-' can't be read: the jobs come from there");
        status = cp_secret_read_file(&text, files[i], CP_MAX_FILE_LEN, err);
        if (status == CP_OK)
            status = cp_bundle_add(bundle, files[i], CP_ROLE_ANY, text.data, text.len, err);
        cp_secret_cleanup(&text);
    }
    return status;
}

/* Members that are not known are an error: a mistyped one would be a check that is not made. */
static enum cp_status check_members(const cJSON *job, struct cp_error *err) {
    static const char *const known[] = {"id", "files",  "pem",         "hostnames",
                                        "at", "target", "require_key", NULL};
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, job) {
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], item->string) != 0)
            i++;
        if (known[i] == NULL)
            return cp_fail(err, CP_ERR_INPUT, "member '%.40s' is not known", item->string);
    }
    return CP_OK;
}

static enum cp_status take_options(struct cp_check_options *options, const cJSON *job,
                                   struct cp_error *err) {
    const cJSON *at = cJSON_GetObjectItemCaseSensitive(job, "at");
    const cJSON *target = cJSON_GetObjectItemCaseSensitive(job, "target");
    const cJSON *require = cJSON_GetObjectItemCaseSensitive(job, "require_key");
    if ((at != NULL && !cJSON_IsString(at)) || (target != NULL && !cJSON_IsString(target)) ||
        (require != NULL && !cJSON_IsBool(require)))
        return cp_fail(err, CP_ERR_INPUT,
                       "at and target: want strings; require_key: true or false");
    if (target != NULL)
        options->target = target->valuestring;
    if (require != NULL)
        options->require_key = cJSON_IsTrue(require);
    return at == NULL ? CP_OK : cp_time_parse(&options->at_s, at->valuestring, err);
}

/* Sets *report, or says why there is none. */
static enum cp_status judge(struct audit_worker *worker, struct cp_report **report,
                            struct cp_check_options *options, const cJSON *job,
                            const struct cp_secret *pem, struct cp_error *err) {
    const char **files = NULL, **hostnames = NULL;
    size_t num_files = 0, num_hostnames = 0;
    cp_bundle_clear(worker->bundle);
    enum cp_status status = check_members(job, err);
    if (status == CP_OK)
        status = take_options(options, job, err);
    if (status == CP_OK)
        status = take_strings(&files, &num_files, cJSON_GetObjectItemCaseSensitive(job, "files"),
                              "files", CP_MAX_FILES - 1, err);
    if (status == CP_OK)
        status = take_strings(&hostnames, &num_hostnames,
                              cJSON_GetObjectItemCaseSensitive(job, "hostnames"), "hostnames",
                              CP_MAX_HOSTNAMES, err);
    if (status == CP_OK && num_files == 0 && pem->len == 0)
        status = cp_fail(err, CP_ERR_INPUT, "nothing to judge: want files or pem");
    if (status == CP_OK && pem->len != 0)
        status = cp_bundle_add(worker->bundle, "<pem>", CP_ROLE_ANY, pem->data, pem->len, err);
    if (status == CP_OK)
        status = add_files(worker->bundle, files, num_files, err);
    options->hostnames = hostnames;
    options->num_hostnames = num_hostnames;
    if (status == CP_OK)
        status = cp_checker_run(worker->checker, report, worker->bundle, options, err);
    free(files);
    free(hostnames);
    return status;
}

static int exit_code_of(const struct cp_report *report, enum cp_fail_on fail_on) {
    for (int i = 0; i < CP_NUM_SEVERITY; i++)
        if (cp_fails_on(fail_on, (enum cp_severity)i) &&
            cp_report_count(report, (enum cp_severity)i) != 0)
            return CLI_FINDINGS;
    return CLI_OK;
}

/* An id is a string, or a number that a double holds exactly. */
static bool take_id(char out[AUDIT_MAX_ID], const cJSON *id) {
    if (cJSON_IsString(id) && strlen(id->valuestring) < AUDIT_MAX_ID)
        return snprintf(out, AUDIT_MAX_ID, "%s", id->valuestring) >= 0;
    if (!cJSON_IsNumber(id) || id->valuedouble < -9007199254740991.0 ||
        id->valuedouble > 9007199254740991.0)
        return false;
    return snprintf(out, AUDIT_MAX_ID, "%.17g", id->valuedouble) > 0;
}

/* FNV-1a, then mixed: the same on every machine, today and later. */
static uint64_t hash_of(const char *id) {
    uint64_t hash = 0xcbf29ce484222325;
    for (; *id != '\0'; id++)
        hash = (hash ^ (unsigned char)*id) * 0x100000001b3;
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccd;
    return hash ^ hash >> 33;
}

enum cp_status audit_answer(struct audit_worker *worker, char **answer, int *exit_code,
                            struct cp_secret *line, size_t number, const struct audit_shard *shard,
                            struct cp_error *err) {
    struct cp_check_options options = *worker->options;
    struct cp_error why = {CP_OK, 0, 0, ""};
    struct cp_report *report = NULL;
    struct cp_secret pem = {0};
    const char *end = NULL;
    char id_text[AUDIT_MAX_ID] = "";
    const cJSON *id = NULL;
    *answer = NULL;
    *exit_code = CLI_OK;
    enum cp_status status = take_pem(&pem, line, err);
    if (status != CP_OK)
        return status;
    cJSON *job = cJSON_ParseWithLengthOpts((const char *)line->data, line->len, &end, false);
    if (job != NULL) {
        while (end < (const char *)line->data + line->len && strchr(" \t\r", *end) != NULL)
            end++;
        id = cJSON_GetObjectItemCaseSensitive(job, "id");
    }
    if (job == NULL || !cJSON_IsObject(job) || end != (const char *)line->data + line->len)
        status = cp_fail(&why, CP_ERR_INPUT, "want one JSON object a line");
    else if (!take_id(id_text, id))
        status = cp_fail(&why, CP_ERR_INPUT, "id: want a string of less than %d bytes, or a number",
                         AUDIT_MAX_ID);
    /* What has no id is the first shard's. */
    uint64_t place = status == CP_OK && shard->of != 0 ? hash_of(id_text) % shard->of : 0;
    if (shard->of != 0 && place != shard->index) {
        status = CP_OK;
        goto out;
    }
    if (status == CP_OK)
        status = judge(worker, &report, &options, job, &pem, &why);
    *exit_code = status == CP_OK ? exit_code_of(report, worker->fail_on) : CLI_UNREADABLE;
    if (status == CP_OK)
        status = answer_report(answer, id, number, report, id_text, options.at_s, err);
    else
        status = answer_error(answer, id_text[0] != '\0' ? id : NULL, number, &why, err);
out:
    cp_report_free(report);
    cp_secret_cleanup(&pem);
    cJSON_Delete(job);
    return status;
}
