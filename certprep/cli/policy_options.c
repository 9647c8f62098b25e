#include "policy_options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/baseline.h"
#include "policy/glob.h"

static enum cp_status no_memory(struct cp_error *err) {
    return cp_fail(err, CP_ERR_MEMORY, "configuration: out of memory");
}

static char *join(const char *folder, const char *name) {
    size_t folder_len = strlen(folder), size = folder_len + strlen(name) + 2;
    bool ends_in_slash = folder_len != 0 && folder[folder_len - 1] == '/';
    if (name[0] == '/')
        return strdup(name);
    char *path = malloc(size);
    if (path != NULL)
        (void)snprintf(path, size, "%s%s%s", folder, ends_in_slash ? "" : "/", name);
    return path;
}

static bool is_there(const char *path, bool want_file) {
    struct stat info;
    return stat(path, &info) == 0 && (!want_file || S_ISREG(info.st_mode));
}

/* In a folder like /tmp anyone could put one in the way of everyone's. */
static bool is_planted(const char *folder, const char *path) {
    struct stat of_folder, of_file;
    return path != NULL && stat(folder, &of_folder) == 0 && stat(path, &of_file) == 0 &&
           (of_folder.st_mode & S_IWOTH) != 0 && of_file.st_uid != geteuid() && of_file.st_uid != 0;
}

/* Takes what a folder has; true where the search ends. */
static bool look_in(struct cli_policy *p, const char *folder, bool *failed) {
    char *config = join(folder, CLI_CONFIG_FILE), *waivers = join(folder, CLI_WAIVERS_FILE);
    char *git = join(folder, ".git");
    bool ends = git != NULL && is_there(git, false);
    *failed = config == NULL || waivers == NULL || git == NULL;
    if (!*failed && is_there(config, true)) {
        p->config_path = config;
        config = NULL;
    }
    if (!*failed && is_there(waivers, true)) {
        p->waivers_path = waivers;
        waivers = NULL;
    }
    free(config);
    free(waivers);
    free(git);
    return ends || p->config_path != NULL || p->waivers_path != NULL || folder[1] == '\0';
}

enum cp_status cli_policy_find(struct cli_policy *p, struct cp_error *err) {
    char folder[PATH_MAX];
    bool failed = false;
    if (getcwd(p->cwd, sizeof(p->cwd)) == NULL || p->cwd[0] != '/') {
        p->cwd[0] = '\0'; /* a folder that is gone: nothing is found upward from it */
        return CP_OK;
    }
    memcpy(folder, p->cwd, strlen(p->cwd) + 1);
    while (!look_in(p, folder, &failed) && !failed) {
        char *slash = strrchr(folder, '/');
        slash[slash == folder ? 1 : 0] = '\0';
    }
    if (!failed && (p->config_path != NULL || p->waivers_path != NULL))
        failed = (p->folder = strdup(folder)) == NULL;
    if (is_planted(folder, p->config_path) || is_planted(folder, p->waivers_path))
        return cp_fail(err, CP_ERR_USAGE,
                       "%.200s: anyone can write there, and a file of the configuration is another "
                       "user's: name it by --config, or use --no-config",
                       folder);
    return failed ? no_memory(err) : CP_OK;
}

/* Folder of a file that was named, absolute. */
static char *folder_of(const struct cli_policy *p, const char *file) {
    char *path = join(p->cwd[0] == '\0' ? "/" : p->cwd, file);
    char *slash = path == NULL ? NULL : strrchr(path, '/');
    if (slash != NULL)
        slash[slash == path ? 1 : 0] = '\0';
    return path;
}

/* How a found file is called in messages and reports: below the working directory, by the rest. */
static const char *shown(const struct cli_policy *p, const char *path) {
    size_t len = strlen(p->cwd);
    return len > 1 && strncmp(path, p->cwd, len) == 0 && path[len] == '/' ? path + len + 1 : path;
}

/* What can't be read is wrong configuration, not unreadable input. */
static enum cp_status read_file(struct cp_secret *text, const char *path, size_t max,
                                struct cp_error *err) {
    struct cp_error why = {CP_OK, 0, 0, ""};
    enum cp_status status = cli_is_dash(path)
                                ? cp_fail(&why, CP_ERR_USAGE, "a file is wanted, not '-'")
                                : cp_secret_read_file(text, path, max, &why);
    return status == CP_OK ? CP_OK : cp_fail(err, CP_ERR_USAGE, "%s", why.message);
}

static enum cp_status read_config(struct cli_policy *p, struct cp_error *err) {
    struct cp_secret text = {0};
    if (p->config_file != NULL && p->no_config)
        return cp_fail(err, CP_ERR_USAGE, "--config and --no-config exclude each other");
    if (p->config_file != NULL) {
        char *waivers = NULL;
        free(p->config_path);
        free(p->folder);
        free(p->waivers_path);
        p->waivers_path = NULL;
        p->config_path = strdup(p->config_file);
        p->folder = folder_of(p, p->config_file);
        if (p->config_path == NULL || p->folder == NULL)
            return no_memory(err);
        waivers = join(p->folder, CLI_WAIVERS_FILE);
        if (waivers == NULL)
            return no_memory(err);
        if (is_there(waivers, true))
            p->waivers_path = waivers;
        else
            free(waivers);
    }
    if (p->config_path == NULL)
        return CP_OK;
    enum cp_status status = read_file(&text, p->config_path, CP_MAX_INI_LEN, err);
    if (status == CP_OK)
        status = cp_config_read(&p->config, (struct cp_span){text.data, text.len},
                                shown(p, p->config_path), cli_nearest, err);
    cp_secret_cleanup(&text);
    return status;
}

/* The file that an option, or else certprep.ini, names; else it stays as it was. */
static enum cp_status name_file(struct cli_policy *p, char **path, const char *option,
                                enum cp_config_key key, struct cp_error *err) {
    const char *text = p->config.values[key].text;
    if (option == NULL && text == NULL)
        return CP_OK;
    free(*path);
    *path = option != NULL ? strdup(option) : join(p->folder, text);
    return *path == NULL ? no_memory(err) : CP_OK;
}

static enum cp_status need_policy(struct cli_policy *p, struct cp_error *err) {
    return p->policy != NULL ? CP_OK
                             : cp_policy_new(&p->policy, p->cwd[0] == '\0' ? NULL : p->cwd, err);
}

static enum cp_status read_waivers(struct cli_policy *p, struct cp_error *err) {
    struct cp_secret text = {0};
    char *folder = NULL;
    enum cp_status status = name_file(p, &p->waivers_path, p->waivers_file, CP_CONFIG_WAIVERS, err);
    if (status != CP_OK || p->waivers_path == NULL)
        return status;
    folder = folder_of(p, p->waivers_path);
    status = folder == NULL ? no_memory(err) : need_policy(p, err);
    if (status == CP_OK)
        status = read_file(&text, p->waivers_path, CP_MAX_INI_LEN, err);
    if (status == CP_OK)
        status = cp_policy_read_waivers(p->policy, text.data, text.len, shown(p, p->waivers_path),
                                        folder, cli_nearest, err);
    cp_secret_cleanup(&text);
    free(folder);
    return status;
}

static enum cp_status read_baseline(struct cli_policy *p, struct cp_error *err) {
    struct cp_secret text = {0};
    enum cp_status status =
        name_file(p, &p->baseline_path, p->baseline_file, CP_CONFIG_BASELINE, err);
    if (status != CP_OK || p->baseline_path == NULL)
        return status;
    status = need_policy(p, err);
    if (status == CP_OK)
        status = read_file(&text, p->baseline_path, CP_MAX_BASELINE_LEN, err);
    if (status == CP_OK)
        status = cp_policy_read_baseline(p->policy, text.data, text.len, shown(p, p->baseline_path),
                                         err);
    cp_secret_cleanup(&text);
    return status;
}

typedef enum cp_status rule_fn(struct cp_policy *policy, const char *prefix, struct cp_error *err);

static enum cp_status each_rule(struct cli_policy *p, const char *list, rule_fn *use,
                                struct cp_error *err) {
    char word[CP_MAX_CONFIG_ITEM];
    enum cp_status status = need_policy(p, err);
    while (status == CP_OK && list != NULL && cp_config_next(word, &list))
        status = use(p->policy, word, err);
    return status;
}

/* On the command line, --select takes the place of both lists of the file, --ignore that of its
 * own. */
static enum cp_status select_rules(struct cli_policy *p, struct cp_error *err) {
    const char *select = p->config.values[CP_CONFIG_SELECT].text;
    const char *ignore = p->config.values[CP_CONFIG_IGNORE].text;
    enum cp_status status = CP_OK;
    if (p->select.num_items == 0 && select != NULL)
        status = each_rule(p, select, cp_policy_select, err);
    if (status == CP_OK && p->select.num_items == 0 && p->ignore.num_items == 0 && ignore != NULL)
        status = each_rule(p, ignore, cp_policy_ignore, err);
    for (size_t i = 0; status == CP_OK && i < p->select.num_items; i++)
        status = each_rule(p, p->select.items[i], cp_policy_select, err);
    for (size_t i = 0; status == CP_OK && i < p->ignore.num_items; i++)
        status = each_rule(p, p->ignore.items[i], cp_policy_ignore, err);
    return status;
}

static enum cp_status set_severities(struct cli_policy *p, struct cp_error *err) {
    enum cp_status status = CP_OK;
    for (size_t i = 0; status == CP_OK && i < p->config.num_severities; i++) {
        const struct cp_config_severity *row = &p->config.severities[i];
        status = need_policy(p, err);
        if (status == CP_OK)
            status = cp_policy_set_severity(p->policy, row->rule->id, row->level, err);
    }
    for (size_t i = 0; status == CP_OK && i < p->severity.num_items; i++) {
        const char *item = p->severity.items[i], *equals = strchr(item, '=');
        char id[16] = "";
        if (equals == NULL || (size_t)(equals - item) >= sizeof(id))
            return cp_fail(err, CP_ERR_USAGE, "--severity '%.30s': want RULE=LEVEL: CP0403=error",
                           item);
        memcpy(id, item, (size_t)(equals - item));
        status = need_policy(p, err);
        if (status == CP_OK)
            status = cp_policy_set_severity(p->policy, id, equals + 1, err);
    }
    return status;
}

static void use_value(struct cli_policy *p, const char **out, enum cp_config_key key) {
    if (out != NULL && *out == NULL)
        *out = p->config.values[key].text;
}

/* Files that reports are written to: those of the command line take the place of the file's. */
static enum cp_status use_reports(struct cli_policy *p, struct cli_list *reports,
                                  struct cp_error *err) {
    const char *at = p->config.values[CP_CONFIG_REPORT].text;
    char word[CP_MAX_CONFIG_ITEM];
    if (reports == NULL || at == NULL || reports->num_items != 0)
        return CP_OK;
    if (reports->items == NULL)
        reports->items = calloc(CLI_MAX_LIST, sizeof(*reports->items));
    p->items = calloc(CLI_MAX_LIST, sizeof(*p->items));
    if (reports->items == NULL || p->items == NULL)
        return no_memory(err);
    while (cp_config_next(word, &at)) {
        if (p->num_items == CLI_MAX_LIST)
            return cp_fail(err, CP_ERR_USAGE, "report: too many in %s", CLI_CONFIG_FILE);
        p->items[p->num_items] = strdup(word);
        if (p->items[p->num_items] == NULL)
            return no_memory(err);
        reports->items[reports->num_items++] = p->items[p->num_items++];
    }
    return CP_OK;
}

static enum cp_status use_min_left(struct cli_policy *p, bool has_min_days,
                                   struct cp_check_options *options, struct cp_error *err) {
    const char *text = p->min_left != NULL ? p->min_left
                       : has_min_days      ? NULL
                                           : p->config.values[CP_CONFIG_MIN_LEFT].text;
    if (text != NULL && !cp_config_percent(&options->min_left_percent, text))
        return cp_fail(err, CP_ERR_USAGE, "--min-left '%.20s': want 1%% to 99%%", text);
    return CP_OK;
}

enum cp_status cli_policy_load(struct cli_policy *p, const struct cli_policy_uses *uses,
                               struct cp_check_options *options, struct cp_error *err) {
    enum cp_status status = CP_OK;
    bool has_min_days = uses->min_days != NULL && *uses->min_days != NULL;
    if (p->no_config || p->config_file != NULL) {
        if (getcwd(p->cwd, sizeof(p->cwd)) == NULL)
            p->cwd[0] = '\0';
    } else {
        status = cli_policy_find(p, err);
    }
    if (status == CP_OK)
        status = read_config(p, err);
    if (status == CP_OK)
        status = read_waivers(p, err);
    if (status == CP_OK)
        status = read_baseline(p, err);
    if (status == CP_OK)
        status = select_rules(p, err);
    if (status == CP_OK)
        status = set_severities(p, err);
    if (status == CP_OK)
        status = use_min_left(p, has_min_days, options, err);
    if (status == CP_OK)
        status = use_reports(p, uses->reports, err);
    if (status != CP_OK)
        return status;
    use_value(p, uses->min_days, CP_CONFIG_MIN_DAYS);
    use_value(p, uses->target, CP_CONFIG_TARGET);
    use_value(p, uses->profile, CP_CONFIG_PROFILE);
    use_value(p, uses->fail_on, CP_CONFIG_FAIL_ON);
    use_value(p, uses->format, CP_CONFIG_FORMAT);
    options->policy = p->policy;
    options->target = uses->target == NULL ? options->target : *uses->target;
    return CP_OK;
}

static bool is_meant(const struct cli_policy *p, const struct cp_config_path *path,
                     const char *const *files, size_t num_files) {
    for (size_t i = 0; i < num_files; i++)
        if (files[i] != NULL && cp_glob_match_below(path->pattern, p->folder, p->cwd, files[i]))
            return true;
    return false;
}

enum cp_status cli_policy_hostnames(struct cli_policy *p, struct cp_check_options *options,
                                    const char *const *files, size_t num_files,
                                    struct cp_error *err) {
    size_t num = options->num_hostnames;
    free(p->names);
    p->names = NULL;
    for (size_t i = 0; i < p->config.num_paths; i++)
        if (is_meant(p, &p->config.paths[i], files, num_files))
            num += p->config.paths[i].num_hostnames;
    if (num == options->num_hostnames)
        return CP_OK;
    p->names = calloc(num, sizeof(*p->names));
    if (p->names == NULL)
        return no_memory(err);
    num = 0;
    for (size_t i = 0; i < options->num_hostnames; i++)
        p->names[num++] = options->hostnames[i];
    for (size_t i = 0; i < p->config.num_paths; i++) {
        const struct cp_config_path *path = &p->config.paths[i];
        for (size_t j = 0; is_meant(p, path, files, num_files) && j < path->num_hostnames; j++)
            p->names[num++] = path->hostnames[j];
    }
    options->hostnames = p->names;
    options->num_hostnames = num;
    return CP_OK;
}

void cli_policy_close(struct cli_policy *p, struct cp_report *report) {
    if (p->policy == NULL || report == NULL)
        return;
    cp_policy_mark(p->policy, report);
    cp_policy_close(p->policy, report);
}

void cli_policy_cleanup(struct cli_policy *p) {
    for (size_t i = 0; i < p->num_items; i++)
        free(p->items[i]);
    free(p->items);
    free(p->names);
    free(p->folder);
    free(p->config_path);
    free(p->waivers_path);
    free(p->baseline_path);
    cp_config_cleanup(&p->config);
    cp_policy_free(p->policy);
    cli_list_free(&p->select);
    cli_list_free(&p->ignore);
    cli_list_free(&p->severity);
}
