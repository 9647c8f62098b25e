/* config_profile: ~/.aliyun/config.json, the official CLI's configuration. */
#include <string.h>

#include "files.h"
#include "keys.h"
#include "profile.h"

#define DEFAULT_PATH ".aliyun/config.json"
#define PATH_VARIABLE "ALIBABA_CLOUD_CONFIG_FILE"
#define DISABLED_VARIABLE "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"

struct config {
    const char *path;
    struct cp_secret text;
    struct esa_member current, profiles;
};

static enum cp_status fail_form(const struct config *config, struct cp_error *err) {
    return cp_fail(err, CP_ERR_USAGE,
                   "%.200s: want {\"current\": NAME, \"profiles\": [{\"name\": NAME, \"mode\": "
                   "MODE, ...}]}",
                   config->path);
}

/* Strings as they are; a number or a truth value as its text. */
static enum cp_status copy_value(struct esa_profile *out, enum esa_profile_field field,
                                 const struct esa_member *member, const struct config *config,
                                 struct cp_error *err) {
    char *to = (char *)out->text.data + out->text.len;
    size_t len = 0;
    switch (member->kind) {
    case ESA_KIND_ABSENT:
    case ESA_KIND_NULL:
        return CP_OK;
    case ESA_KIND_STRING:
        len = esa_json_unescape(to, member->raw, member->raw_len);
        break;
    case ESA_KIND_NUMBER:
    case ESA_KIND_TRUE:
    case ESA_KIND_FALSE:
        len = member->raw_len;
        memcpy(to, member->raw, len);
        break;
    case ESA_KIND_OBJECT:
    case ESA_KIND_ARRAY:
        break;
    }
    if (member->kind == ESA_KIND_OBJECT || member->kind == ESA_KIND_ARRAY || member->count > 1 ||
        memchr(to, '\0', len) != NULL)
        return cp_fail(err, CP_ERR_USAGE, "%.200s: profile '%s': %s is not one word", config->path,
                       out->name, member->name);
    to[len] = '\0';
    out->text.len += len + 1;
    out->value[field] = to;
    return CP_OK;
}

static enum cp_status copy_profile(struct esa_profile *out, const struct esa_member *object,
                                   const struct config *config, struct cp_error *err) {
    struct esa_member members[ESA_NUM_PROFILE_FIELDS];
    for (unsigned i = 0; i < ESA_NUM_PROFILE_FIELDS; i++)
        members[i].name = esa_profile_field_name(ESA_PROFILE_CONFIG, i);
    if (!esa_json_members(members, ESA_NUM_PROFILE_FIELDS, object->raw, object->raw_len))
        return fail_form(config, err);
    /* No value is longer than its text, and its NUL takes the place of a colon. */
    enum cp_status status = cp_secret_init(&out->text, object->raw_len, err);
    for (unsigned i = 0; i < ESA_NUM_PROFILE_FIELDS && status == CP_OK; i++)
        status = copy_value(out, i, &members[i], config, err);
    return status;
}

static enum cp_status fail_memory(struct cp_error *err) {
    return cp_fail(err, CP_ERR_MEMORY, "credential: out of memory");
}

/* Is the object's "name" this one? */
static enum cp_status has_name(bool *out, const struct esa_member *object, const char *name,
                               struct cp_error *err) {
    struct esa_member member = {.name = "name"};
    struct cp_secret text = {0};
    *out = false;
    if (!esa_json_members(&member, 1, object->raw, object->raw_len) ||
        member.kind != ESA_KIND_STRING)
        return CP_OK;
    enum cp_status status = esa_json_secret(&text, &member);
    *out = status == CP_OK && strcmp((const char *)text.data, name) == 0;
    cp_secret_cleanup(&text);
    return status == CP_ERR_MEMORY ? fail_memory(err) : CP_OK;
}

static enum cp_status find(struct esa_profile *out, bool *found, void *context, const char *name,
                           struct cp_error *err) {
    const struct config *config = context;
    struct esa_json_array array;
    struct esa_member element = {.name = NULL}, mine = {.name = NULL};
    size_t len = strnlen(name, ESA_PROFILE_NAME_MAX + 1), num = 0;
    *found = false;
    if (len > ESA_PROFILE_NAME_MAX)
        return cp_fail(err, CP_ERR_USAGE, "a profile's name is over %zu bytes",
                       ESA_PROFILE_NAME_MAX);
    esa_json_array_open(&array, config->profiles.raw, config->profiles.raw_len);
    while (esa_json_array_next(&array, &element)) {
        if (element.kind != ESA_KIND_OBJECT)
            return fail_form(config, err);
        bool is_it = false;
        enum cp_status status = has_name(&is_it, &element, name, err);
        if (status != CP_OK)
            return status;
        if (is_it && num++ == 0)
            mine = element;
    }
    if (num > 1)
        return cp_fail(err, CP_ERR_USAGE, "%.200s: %zu profiles are named '%s'", config->path, num,
                       name);
    *found = num == 1;
    if (!*found)
        return CP_OK;
    memcpy(out->name, name, len + 1);
    return copy_profile(out, &mine, config, err);
}

static enum cp_status read_current(struct cp_secret *out, const struct config *config,
                                   struct cp_error *err) {
    enum cp_status status = esa_json_secret(out, &config->current);
    return status == CP_OK           ? CP_OK
           : status == CP_ERR_MEMORY ? fail_memory(err)
                                     : fail_form(config, err);
}

static enum cp_status parse(struct config *config, struct cp_error *err) {
    struct esa_member members[] = {{.name = "current"}, {.name = "profiles"}};
    if (!esa_json_members(members, 2, (const char *)config->text.data, config->text.len))
        return cp_fail(err, CP_ERR_USAGE, "%.200s: is not one JSON object", config->path);
    config->current = members[0];
    config->profiles = members[1];
    if (config->profiles.kind != ESA_KIND_ARRAY || config->profiles.count != 1)
        return fail_form(config, err);
    return CP_OK;
}

/* Where it is; NULL: nowhere, and the answer says so. */
static const char *choose_path(char home[ESA_PATH_MAX], struct esa_provider_answer *answer,
                               const struct esa_chain *chain) {
    const char *path = esa_chain_get(chain, PATH_VARIABLE);
    if (path[0] != '\0')
        return path;
    if (esa_file_at_home(home, chain, DEFAULT_PATH))
        return home;
    esa_answer(answer, ESA_PROVIDER_ABSENT, "neither " PATH_VARIABLE " nor HOME is set");
    return NULL;
}

enum cp_status esa_provider_config(struct esa_credential *out, struct esa_provider_answer *answer,
                                   const struct esa_chain *chain, struct cp_error *err) {
    char home[ESA_PATH_MAX];
    struct cp_secret current = {0};
    struct config config = {.path = NULL};
    bool found = false;
    if (esa_chain_is_true(chain, DISABLED_VARIABLE)) {
        esa_answer(answer, ESA_PROVIDER_SKIPPED, DISABLED_VARIABLE " is true");
        return CP_OK;
    }
    config.path = choose_path(home, answer, chain);
    if (config.path == NULL)
        return CP_OK;
    enum cp_status status = esa_file_read(&config.text, &found, config.path, ESA_FILE_PRIVATE,
                                          ESA_PROFILE_FILE_MAX, err);
    if (status == CP_OK && !found) {
        esa_answer(answer, ESA_PROVIDER_ABSENT, "%.150s: there is no such file", config.path);
        return CP_OK;
    }
    if (status == CP_OK)
        status = parse(&config, err);
    if (status == CP_OK)
        status = read_current(&current, &config, err);
    if (status != CP_OK)
        goto out;
    const struct esa_profile_file file = {.form = ESA_PROFILE_CONFIG,
                                          .path = config.path,
                                          .find = find,
                                          .context = &config,
                                          .chain = chain};
    const char *name = esa_profile_asked_for(chain);
    bool is_asked_for = name != NULL;
    if (!is_asked_for)
        name = current.len != 0 ? (const char *)current.data : "default";
    status = esa_profile_provide(out, answer, &found, &file, name, err);
    if (status == CP_OK && !found && !is_asked_for && current.len != 0)
        status = cp_fail(err, CP_ERR_USAGE, "%.200s: current names '%.64s', which is not there",
                         config.path, name);
    else if (status == CP_OK && !found) /* the other file may have it */
        esa_answer(answer, ESA_PROVIDER_ABSENT, "%.150s: has no profile '%.64s'", config.path,
                   name);
out:
    cp_secret_cleanup(&current);
    cp_secret_cleanup(&config.text);
    return status;
}
