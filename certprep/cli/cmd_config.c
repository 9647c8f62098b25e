/* certprep config: what holds here, and where each value comes from. */
#include <string.h>

#include "json.h"
#include "policy_options.h"

struct config_options {
    struct cli_policy policy;
    bool show, json;
    /* values of options, for showing that they win */
    const char *min_days, *target, *profile, *fail_on, *format;
    struct cli_list reports;
};

static const char about[] =
    "Shows the configuration of 'certprep check' and 'certprep gate' in this folder, with the\n"
    "origin of each value: a line of certprep.ini, or the default. Options of check may be given "
    "to\n"
    "see that they win.\n\n"
    "Exit codes: 0 all is well, 2 the configuration is wrong.";

struct shown {
    const char *key, *value;
    char origin[PATH_MAX + 32];
};

/* Fills out; `option` is what the command line gave for the key. */
static void look_up(struct shown *out, const struct config_options *o, enum cp_config_key key,
                    const char *option) {
    const struct cli_policy *p = &o->policy;
    const struct cp_config_value *value = &p->config.values[key];
    out->key = cp_config_key_name(key);
    out->value = cp_config_key_default(key);
    snprintf(out->origin, sizeof(out->origin), "default");
    if (value->text != NULL) {
        out->value = value->text;
        snprintf(out->origin, sizeof(out->origin), "%s:%zu", p->config_path, value->line);
    }
    if (key == CP_CONFIG_WAIVERS && value->text == NULL && p->waivers_file == NULL)
        out->value = p->waivers_path != NULL ? p->waivers_path : "";
    if (option != NULL) {
        out->value = option;
        snprintf(out->origin, sizeof(out->origin), "option --%s", out->key);
    }
}

static const char *option_of(const struct config_options *o, const char *const given[5],
                             enum cp_config_key key, char joined[CP_MAX_CONFIG_ITEM]) {
    const struct cli_policy *p = &o->policy;
    const struct cli_list *list = key == CP_CONFIG_SELECT   ? &p->select
                                  : key == CP_CONFIG_IGNORE ? &p->ignore
                                                            : NULL;
    size_t used = 0;
    switch (key) {
    case CP_CONFIG_MIN_DAYS:
        return given[0];
    case CP_CONFIG_TARGET:
        return given[1];
    case CP_CONFIG_PROFILE:
        return given[2];
    case CP_CONFIG_FAIL_ON:
        return given[3];
    case CP_CONFIG_FORMAT:
        return given[4];
    case CP_CONFIG_MIN_LEFT:
        return p->min_left;
    case CP_CONFIG_WAIVERS:
        return p->waivers_file;
    case CP_CONFIG_BASELINE:
        return p->baseline_file;
    default:
        break;
    }
    if (list == NULL || list->num_items == 0)
        return NULL;
    joined[0] = '\0';
    for (size_t i = 0; i < list->num_items && used < CP_MAX_CONFIG_ITEM - 1; i++) {
        int len = snprintf(joined + used, CP_MAX_CONFIG_ITEM - used, "%s%s", i == 0 ? "" : ", ",
                           list->items[i]);
        used += len < 0 ? 0 : (size_t)len;
    }
    return joined;
}

static void put_row(const char *key, const char *value, const char *origin) {
    printf("%-12s ", key);
    cli_put(stdout, value[0] == '\0' ? "(none)" : value);
    fputs("  <- ", stdout);
    cli_put(stdout, origin);
    fputs("\n", stdout);
}

static void show_text(const struct config_options *o, const char *const given[5]) {
    const struct cli_policy *p = &o->policy;
    char joined[CP_MAX_CONFIG_ITEM];
    struct shown row;
    printf("configuration: ");
    cli_put(stdout, p->config_path == NULL ? "(none found)" : p->config_path);
    printf("\n");
    for (int i = 0; i < CP_NUM_CONFIG_KEYS; i++) {
        enum cp_config_key key = (enum cp_config_key)i;
        look_up(&row, o, key, option_of(o, given, key, joined));
        put_row(row.key, row.value, row.origin);
    }
    for (size_t i = 0; i < p->config.num_severities; i++) {
        const struct cp_config_severity *severity = &p->config.severities[i];
        snprintf(row.origin, sizeof(row.origin), "%s:%zu", p->config_path, severity->line);
        put_row(severity->rule->id, severity->level, row.origin);
    }
    for (size_t i = 0; i < p->severity.num_items; i++)
        put_row("severity", p->severity.items[i], "option --severity");
    for (size_t i = 0; i < p->config.num_paths; i++) {
        const struct cp_config_path *path = &p->config.paths[i];
        printf("path \"");
        cli_put(stdout, path->pattern);
        printf("\" hostnames");
        for (size_t j = 0; j < path->num_hostnames; j++) {
            fputs(j == 0 ? " " : ", ", stdout);
            cli_put(stdout, path->hostnames[j]);
        }
        fputs("  <- ", stdout);
        cli_put(stdout, p->config_path);
        printf(":%zu\n", path->line);
    }
}

static bool add_row(cJSON *array, const char *key, const char *value, const char *origin) {
    cJSON *item = cJSON_CreateObject();
    if (item != NULL && cJSON_AddStringToObject(item, "key", key) != NULL &&
        cli_json_add_text(item, "value", value) &&
        cJSON_AddStringToObject(item, "origin", origin) != NULL)
        return cli_json_push(array, item);
    cJSON_Delete(item);
    return false;
}

static bool fill(cJSON *root, const struct config_options *o, const char *const given[5]) {
    const struct cli_policy *p = &o->policy;
    char joined[CP_MAX_CONFIG_ITEM], name[CP_MAX_CONFIG_ITEM];
    struct shown row;
    cJSON *values = NULL, *paths = NULL;
    if (cJSON_AddNumberToObject(root, "schema_version", 1) == NULL ||
        !cli_json_add_text(root, "file", p->config_path == NULL ? "" : p->config_path) ||
        (values = cJSON_AddArrayToObject(root, "values")) == NULL)
        return false;
    for (int i = 0; i < CP_NUM_CONFIG_KEYS; i++) {
        enum cp_config_key key = (enum cp_config_key)i;
        look_up(&row, o, key, option_of(o, given, key, joined));
        if (!add_row(values, row.key, row.value, row.origin))
            return false;
    }
    for (size_t i = 0; i < p->config.num_severities; i++) {
        const struct cp_config_severity *severity = &p->config.severities[i];
        snprintf(name, sizeof(name), "severity.%s", severity->rule->id);
        snprintf(row.origin, sizeof(row.origin), "%s:%zu", p->config_path, severity->line);
        if (!add_row(values, name, severity->level, row.origin))
            return false;
    }
    if ((paths = cJSON_AddArrayToObject(root, "paths")) == NULL)
        return false;
    for (size_t i = 0; i < p->config.num_paths; i++) {
        const struct cp_config_path *path = &p->config.paths[i];
        cJSON *item = cJSON_CreateObject(), *hostnames = NULL;
        snprintf(row.origin, sizeof(row.origin), "%s:%zu", p->config_path, path->line);
        bool ok = item != NULL && cJSON_AddStringToObject(item, "path", path->pattern) != NULL &&
                  cJSON_AddStringToObject(item, "origin", row.origin) != NULL &&
                  (hostnames = cJSON_AddArrayToObject(item, "hostnames")) != NULL;
        for (size_t j = 0; ok && j < path->num_hostnames; j++)
            ok = cli_json_push(hostnames, cJSON_CreateString(path->hostnames[j]));
        if (!ok) {
            cJSON_Delete(item);
            return false;
        }
        if (!cli_json_push(paths, item))
            return false;
    }
    return true;
}

static int show_json(const struct config_options *o, const char *const given[5],
                     struct cp_error *err) {
    cJSON *root = cJSON_CreateObject();
    char *text = root != NULL && fill(root, o, given) ? cJSON_Print(root) : NULL;
    int exit_code = CLI_OK;
    if (text == NULL) {
        (void)cp_fail(err, CP_ERR_MEMORY, "configuration: out of memory");
        exit_code = cli_fail(err);
    } else {
        printf("%s\n", text);
        exit_code = cli_write("", 0, CLI_OK);
    }
    cJSON_free(text);
    cJSON_Delete(root);
    return exit_code;
}

static int run(struct config_options *o, struct cp_error *err) {
    const char *const given[5] = {o->min_days, o->target, o->profile, o->fail_on, o->format};
    struct cp_check_options options = {.at_s = 0};
    const struct cli_policy_uses uses = {.min_days = &o->min_days};
    if (!o->show) {
        (void)cp_fail(err, CP_ERR_USAGE, "say what: certprep config --show");
        return cli_fail(err);
    }
    if (cli_policy_load(&o->policy, &uses, &options, err) != CP_OK)
        return cli_fail(err);
    if (o->json)
        return show_json(o, given, err);
    show_text(o, given);
    return cli_write("", 0, CLI_OK);
}

int cli_config(int argc, char **argv) {
    struct config_options o = {.show = false};
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cli_option policy[CLI_NUM_POLICY_OPTIONS];
    const struct cli_option own[] = {
        {.name = "show",
         .kind = CLI_FLAG,
         .flag = &o.show,
         .help = "each value and where it comes from"},
        {.name = "json", .kind = CLI_FLAG, .flag = &o.json, .help = "the same as JSON"},
        {.name = "min-days",
         .kind = CLI_VALUE,
         .argument = "N",
         .value = &o.min_days,
         .help = "as for check"},
        {.name = "target",
         .kind = CLI_VALUE,
         .argument = "NAME",
         .value = &o.target,
         .help = "as for check"},
        {.name = "profile",
         .kind = CLI_VALUE,
         .argument = "NAME",
         .value = &o.profile,
         .help = "as for check"},
        {.name = "fail-on",
         .kind = CLI_VALUE,
         .argument = "SEVERITY",
         .value = &o.fail_on,
         .help = "as for check"},
        {.name = "format",
         .kind = CLI_VALUE,
         .argument = "FORMAT",
         .value = &o.format,
         .help = "as for check"},
        {.name = NULL},
    };
    cli_policy_options(policy, &o.policy);
    const struct cli_option *const tables[] = {own, policy, NULL};
    const struct cli_syntax syntax = {.usage = "certprep config --show [OPTION]...",
                                      .about = about,
                                      .tables = tables,
                                      .files = NULL};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1)
        exit_code = run(&o, &err);
    cli_policy_cleanup(&o.policy);
    return exit_code;
}
