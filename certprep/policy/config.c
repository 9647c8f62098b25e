#include "policy/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/glob.h"
#include "policy/selection.h"

enum kind { DAYS, PERCENT, RULES, TARGET, PROFILE, FAIL_ON, FORMAT, REPORTS, FILE_NAME };
#define KIND_DAYS DAYS
#define KIND_PERCENT PERCENT
#define KIND_RULES RULES
#define KIND_TARGET TARGET
#define KIND_PROFILE PROFILE
#define KIND_FAIL_ON FAIL_ON
#define KIND_FORMAT FORMAT
#define KIND_REPORTS REPORTS
#define KIND_FILE FILE_NAME

static const struct key {
    const char *name, *default_text, *help;
    enum kind kind;
} keys[CP_NUM_CONFIG_KEYS] = {
#define KEY(name, key, kind, default_text, help)                                                   \
    [CP_CONFIG_##name] = {key, default_text, help, KIND_##kind},
#include "policy/config.def"
#undef KEY
};

const char *cp_config_key_name(enum cp_config_key key) {
    return keys[key].name;
}

const char *cp_config_key_default(enum cp_config_key key) {
    return keys[key].default_text;
}

const char *cp_config_key_help(enum cp_config_key key) {
    return keys[key].help;
}

struct reading {
    struct cp_config *config;
    const char *name;
    cp_nearest_fn *nearest;
};

static enum cp_status no_memory(struct cp_error *err) {
    return cp_fail(err, CP_ERR_MEMORY, "configuration: out of memory");
}

bool cp_config_percent(unsigned *percent, const char *text) {
    unsigned value = 0;
    size_t i = 0;
    for (; i < 2 && text[i] >= '0' && text[i] <= '9'; i++)
        value = value * 10 + (unsigned)(text[i] - '0');
    *percent = value;
    return value != 0 && (text[i] == '\0' || (text[i] == '%' && text[i + 1] == '\0'));
}

bool cp_config_next(char out[CP_MAX_CONFIG_ITEM], const char **at) {
    while (**at != '\0' && strchr(", \t", **at) != NULL)
        (*at)++;
    size_t len = strcspn(*at, ",");
    const char *from = *at;
    *at += len;
    while (len > 0 && (from[len - 1] == ' ' || from[len - 1] == '\t'))
        len--;
    if (len >= CP_MAX_CONFIG_ITEM)
        len = 0;
    else if (len == 0)
        return false;
    memcpy(out, from, len);
    out[len] = '\0';
    return true;
}

static bool is_days(const char *text) {
    size_t len = strspn(text, "0123456789");
    return len >= 1 && len <= 6 && text[len] == '\0' && strtol(text, NULL, 10) <= 100000;
}

/* The names that a value may have. Returns how many. */
static size_t names_of(const char *names[64], enum kind kind) {
    static const char *const fail_on[] = {"error", "warning", "note", "never"};
    size_t num = kind == TARGET    ? cp_num_targets()
                 : kind == PROFILE ? CP_NUM_PROFILES
                 : kind == FAIL_ON ? 4
                                   : cp_num_report_formats();
    for (size_t i = 0; i < num && i < 64; i++)
        names[i] = kind == TARGET    ? cp_target_name(i)
                   : kind == PROFILE ? cp_profile_name((enum cp_profile)i)
                   : kind == FAIL_ON ? fail_on[i]
                                     : cp_report_format_name(i);
    return num < 64 ? num : 64;
}

static enum cp_status check_name(const struct reading *r, const struct cp_ini_item *item,
                                 enum kind kind, const char *word, struct cp_error *err) {
    const char *names[64];
    size_t num = names_of(names, kind);
    for (size_t i = 0; i < num; i++)
        if (strcmp(names[i], word) == 0)
            return CP_OK;
    return cp_ini_unknown(r->name, item->line, item->key, word, names, num, r->nearest, err);
}

static enum cp_status check_item(const struct reading *r, const struct cp_ini_item *item,
                                 enum kind kind, char *word, struct cp_error *err) {
    const struct cp_rule *rule = NULL;
    char *equals = strchr(word, '=');
    if (kind == RULES)
        return cp_policy_is_prefix(word)
                   ? CP_OK
                   : cp_policy_find_rule(&rule, r->name, item->line, word, r->nearest, err);
    if (equals == NULL || equals[1] == '\0')
        return cp_fail(err, CP_ERR_USAGE, "%s:%zu: report: want FORMAT=FILE", r->name, item->line);
    /* A file that is found must not say what else of the user's is written over. */
    if (strchr(equals + 1, '/') != NULL)
        return cp_fail(err, CP_ERR_USAGE,
                       "%s:%zu: report: want a file's name without a folder; --report takes any",
                       r->name, item->line);
    *equals = '\0';
    return check_name(r, item, FORMAT, word, err);
}

static enum cp_status check_value(const struct reading *r, const struct cp_ini_item *item,
                                  enum kind kind, struct cp_error *err) {
    char word[CP_MAX_CONFIG_ITEM];
    const char *at = item->value;
    unsigned percent = 0;
    enum cp_status status = CP_OK;
    switch (kind) {
    case DAYS:
        return is_days(item->value) ? CP_OK
                                    : cp_fail(err, CP_ERR_USAGE, "%s:%zu: %s: want 0 to 100000",
                                              r->name, item->line, item->key);
    case PERCENT:
        return cp_config_percent(&percent, item->value)
                   ? CP_OK
                   : cp_fail(err, CP_ERR_USAGE, "%s:%zu: %s: want 1%% to 99%%", r->name, item->line,
                             item->key);
    case FILE_NAME:
        return item->value[0] != '\0' ? CP_OK
                                      : cp_fail(err, CP_ERR_USAGE, "%s:%zu: %s: want a file's name",
                                                r->name, item->line, item->key);
    case RULES:
    case REPORTS:
        while (status == CP_OK && cp_config_next(word, &at))
            status = check_item(r, item, kind, word, err);
        return status;
    default:
        return check_name(r, item, kind, item->value, err);
    }
}

static enum cp_status take_check(struct reading *r, const struct cp_ini_item *item,
                                 struct cp_error *err) {
    const char *names[CP_NUM_CONFIG_KEYS];
    size_t which = 0, used = 0, len = strlen(item->value);
    for (size_t i = 0; i < CP_NUM_CONFIG_KEYS; i++)
        names[i] = keys[i].name;
    while (which < CP_NUM_CONFIG_KEYS && strcmp(names[which], item->key) != 0)
        which++;
    if (which == CP_NUM_CONFIG_KEYS)
        return cp_ini_unknown(r->name, item->line, "key", item->key, names, CP_NUM_CONFIG_KEYS,
                              r->nearest, err);
    struct cp_config_value *value = &r->config->values[which];
    bool is_list = keys[which].kind == RULES || keys[which].kind == REPORTS;
    if (value->text != NULL && !is_list)
        return cp_fail(err, CP_ERR_USAGE, "%s:%zu: '%s' is given twice", r->name, item->line,
                       item->key);
    enum cp_status status = check_value(r, item, keys[which].kind, err);
    if (status != CP_OK)
        return status;
    if (value->text != NULL)
        used = strlen(value->text);
    if (used + len + 3 > CP_MAX_CONFIG_VALUE)
        return cp_fail(err, CP_ERR_USAGE, "%s:%zu: the list is too long", r->name, item->line);
    char *grown = realloc(value->text, used + len + 3);
    if (grown == NULL)
        return no_memory(err);
    (void)snprintf(grown + used, len + 3, "%s%s", used == 0 ? "" : ", ", item->value);
    if (used == 0)
        value->line = item->line;
    value->text = grown;
    return CP_OK;
}

static enum cp_status take_severity(struct reading *r, const struct cp_ini_item *item,
                                    struct cp_error *err) {
    static const char *const levels[] = {"error", "warning", "note", "off"};
    struct cp_config *config = r->config;
    const struct cp_rule *rule = NULL;
    enum cp_severity level;
    bool is_off = false;
    enum cp_status status =
        cp_policy_find_rule(&rule, r->name, item->line, item->key, r->nearest, err);
    if (status != CP_OK)
        return status;
    if (!cp_policy_level(&level, &is_off, item->value))
        return cp_ini_unknown(r->name, item->line, "severity", item->value, levels, 4, r->nearest,
                              err);
    if (cp_policy_is_fixed(rule) && (is_off || level != CP_ERROR))
        return cp_fail(err, CP_ERR_USAGE, "%s:%zu: %s can't be switched off or weakened", r->name,
                       item->line, rule->id);
    for (size_t i = 0; i < config->num_severities; i++)
        if (config->severities[i].rule == rule)
            return cp_fail(err, CP_ERR_USAGE, "%s:%zu: '%s' is given twice", r->name, item->line,
                           item->key);
    if (config->severities == NULL)
        config->severities = calloc(CP_MAX_CONFIG_SEVERITIES, sizeof(*config->severities));
    if (config->severities == NULL || config->num_severities == CP_MAX_CONFIG_SEVERITIES)
        return no_memory(err);
    struct cp_config_severity *row = &config->severities[config->num_severities++];
    row->rule = rule;
    row->line = item->line;
    memcpy(row->level, item->value, strlen(item->value) + 1); /* it is one of the four */
    return CP_OK;
}

static enum cp_status open_path(struct reading *r, const struct cp_ini_item *item,
                                struct cp_error *err) {
    struct cp_config *config = r->config;
    if (item->argument == NULL || item->argument[0] == '\0')
        return cp_fail(err, CP_ERR_USAGE, "%s:%zu: want [path \"PATTERN\"]", r->name, item->line);
    if (config->paths == NULL)
        config->paths = calloc(CP_MAX_CONFIG_PATHS, sizeof(*config->paths));
    if (config->paths == NULL)
        return no_memory(err);
    if (config->num_paths == CP_MAX_CONFIG_PATHS)
        return cp_fail(err, CP_ERR_USAGE, "%s:%zu: too many paths", r->name, item->line);
    struct cp_config_path *path = &config->paths[config->num_paths];
    path->pattern = strdup(item->argument);
    path->hostnames = calloc(CP_MAX_CONFIG_HOSTNAMES, sizeof(*path->hostnames));
    path->line = item->line;
    config->num_paths++;
    return path->pattern == NULL || path->hostnames == NULL ? no_memory(err) : CP_OK;
}

static enum cp_status take_path(struct reading *r, const struct cp_ini_item *item,
                                struct cp_error *err) {
    static const char *const names[] = {"hostnames"};
    struct cp_config_path *path = &r->config->paths[r->config->num_paths - 1];
    struct cp_hostname *hostname = NULL;
    struct cp_error why = {CP_OK, 0, 0, ""};
    char word[CP_MAX_CONFIG_ITEM];
    const char *at = item->value;
    if (strcmp(item->key, "hostnames") != 0)
        return cp_ini_unknown(r->name, item->line, "key", item->key, names, 1, r->nearest, err);
    while (cp_config_next(word, &at)) {
        enum cp_status status = cp_hostname_new(&hostname, word, &why);
        cp_hostname_free(hostname);
        hostname = NULL;
        if (status != CP_OK)
            return cp_fail(err, CP_ERR_USAGE, "%s:%zu: %s", r->name, item->line, why.message);
        if (path->num_hostnames == CP_MAX_CONFIG_HOSTNAMES)
            return cp_fail(err, CP_ERR_USAGE, "%s:%zu: too many hostnames", r->name, item->line);
        path->hostnames[path->num_hostnames] = strdup(word);
        if (path->hostnames[path->num_hostnames++] == NULL)
            return no_memory(err);
    }
    return CP_OK;
}

static enum cp_status take(void *context, const struct cp_ini_item *item, struct cp_error *err) {
    static const char *const sections[] = {"check", "severity", "path"};
    struct reading *r = context;
    size_t which = 0;
    if (item->section_number == 0)
        return cp_fail(err, CP_ERR_USAGE, "%s:%zu: '%.40s' stands above the first heading: [check]",
                       r->name, item->line, item->key);
    while (which < 3 && strcmp(sections[which], item->section) != 0)
        which++;
    if (which == 3)
        return cp_ini_unknown(r->name, item->line, "section", item->section, sections, 3,
                              r->nearest, err);
    if (item->key == NULL && which != 2)
        return item->argument == NULL ? CP_OK
                                      : cp_fail(err, CP_ERR_USAGE, "%s:%zu: want [%s] alone",
                                                r->name, item->line, item->section);
    if (item->key == NULL)
        return open_path(r, item, err);
    return which == 0   ? take_check(r, item, err)
           : which == 1 ? take_severity(r, item, err)
                        : take_path(r, item, err);
}

enum cp_status cp_config_read(struct cp_config *config, struct cp_span text, const char *name,
                              cp_nearest_fn *nearest, struct cp_error *err) {
    struct reading r = {config, name, nearest};
    return cp_ini_read(text, name, take, &r, err);
}

void cp_config_cleanup(struct cp_config *config) {
    for (size_t i = 0; i < CP_NUM_CONFIG_KEYS; i++)
        free(config->values[i].text);
    for (size_t i = 0; i < config->num_paths; i++) {
        for (size_t j = 0; j < config->paths[i].num_hostnames; j++)
            free(config->paths[i].hostnames[j]);
        free(config->paths[i].hostnames);
        free(config->paths[i].pattern);
    }
    free(config->paths);
    free(config->severities);
    *config = (struct cp_config){0};
}
