/* The material that a command line names: files into a bundle, a trust store, and the checks. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bytes.h"
#include "cli.h"
#include "cp_limits.h"

#define DEFAULT_MIN_DAYS 14

void cli_material_options(struct cli_option table[CLI_NUM_MATERIAL_OPTIONS],
                          struct cli_material *m) {
    const struct cli_option rows[CLI_NUM_MATERIAL_OPTIONS] = {
        {.name = "cert",
         .kind = CLI_VALUE,
         .argument = "FILE",
         .value = &m->cert,
         .help = "the leaf certificate; more certificates may follow it"},
        {.name = "key",
         .kind = CLI_VALUE,
         .argument = "FILE",
         .value = &m->key,
         .help = "its private key"},
        {.name = "chain",
         .kind = CLI_VALUE,
         .argument = "FILE",
         .value = &m->chain,
         .help = "the intermediates"},
        {.name = "passphrase-file",
         .kind = CLI_VALUE,
         .argument = "FILE",
         .value = &m->passphrase.file,
         .help = "pass phrase of an encrypted key or container: its first line"},
        {.name = "passphrase-fd",
         .kind = CLI_VALUE,
         .argument = "N",
         .value = &m->passphrase.fd,
         .help = "the same, as one line from file descriptor N"},
        {.name = "ask-passphrase",
         .kind = CLI_FLAG,
         .flag = &m->passphrase.ask,
         .help = "ask for it on the terminal"},
        {.name = "trust",
         .kind = CLI_VALUE,
         .argument = "FILE|system|none",
         .value = &m->trust_name,
         .help = "trust anchors (default: system); none judges no root"},
        {.name = "at",
         .kind = CLI_VALUE,
         .argument = "TIME",
         .value = &m->at,
         .help = "judge as of TIME: YYYY-MM-DD[Thh:mm:ssZ] or @SECONDS (default: now)"},
        {.name = "min-days",
         .kind = CLI_VALUE,
         .argument = "N",
         .value = &m->min_days,
         .help = "warn of certificates that expire in fewer days (default: 14)"},
        {.name = NULL},
    };
    memcpy(table, rows, sizeof(rows));
}

bool cli_material_is_given(const struct cli_material *m) {
    return m->cert != NULL || m->key != NULL || m->chain != NULL || m->files.num_items != 0;
}

static size_t dashes_in(const struct cli_list *list) {
    size_t num = 0;
    for (size_t i = 0; i < list->num_items; i++)
        num += cli_is_dash(list->items[i]);
    return num;
}

size_t cli_material_stdin_uses(const struct cli_material *m) {
    const char *const files[] = {
        m->cert, m->key, m->chain, m->passphrase.file, m->trust_name, m->criteria.ct_logs_name};
    size_t num = m->passphrase.fd != NULL && strcmp(m->passphrase.fd, "0") == 0;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        num += cli_is_dash(files[i]);
    return num + dashes_in(&m->files) + dashes_in(&m->criteria.crls) +
           dashes_in(&m->criteria.ocsps);
}

static enum cp_status add_file(struct cli_material *m, const char *path, enum cp_role role,
                               struct cp_error *err) {
    struct cp_secret text = {0};
    enum cp_status status = cp_secret_read_file(&text, path, CP_MAX_FILE_LEN, err);
    if (status == CP_OK)
        status = cp_bundle_add(m->bundle, cli_is_dash(path) ? "<stdin>" : path, role, text.data,
                               text.len, err);
    cp_secret_cleanup(&text);
    return status;
}

static enum cp_status load_files(struct cli_material *m, struct cp_error *err) {
    enum cp_status status = CP_OK;
    cp_report_free(m->report);
    m->report = NULL;
    if (m->bundle == NULL)
        status = cp_bundle_new(&m->bundle, err);
    else
        cp_bundle_clear(m->bundle);
    if (status == CP_OK)
        status = cli_passphrase_give(m->bundle, &m->passphrase, err);
    if (status == CP_OK && m->cert != NULL)
        status = add_file(m, m->cert, CP_ROLE_CERT, err);
    if (status == CP_OK && m->chain != NULL)
        status = add_file(m, m->chain, CP_ROLE_CHAIN, err);
    for (size_t i = 0; status == CP_OK && i < m->files.num_items; i++)
        status = add_file(m, m->files.items[i], CP_ROLE_ANY, err);
    if (status == CP_OK && m->key != NULL)
        status = add_file(m, m->key, CP_ROLE_KEY, err);
    return status;
}

static enum cp_status load_trust(struct cli_material *m, struct cp_error *err) {
    struct cp_secret text = {0};
    const char *name = m->trust_name == NULL ? "system" : m->trust_name;
    if (m->trust != NULL || strcmp(name, "none") == 0)
        return CP_OK;
    if (strcmp(name, "system") == 0)
        return cp_trust_new_system_file(&m->trust, err);
    enum cp_status status = cp_secret_read_file(&text, name, CP_MAX_TRUST_LEN, err);
    if (status == CP_OK)
        status = cp_trust_new(&m->trust, text.data, text.len, name, err);
    cp_secret_cleanup(&text);
    return status;
}

enum cp_status cli_material_times(const struct cli_material *m, struct cp_check_options *options,
                                  struct cp_error *err) {
    options->min_days = DEFAULT_MIN_DAYS;
    if (m->min_days != NULL) {
        char *end = NULL;
        long days = strtol(m->min_days, &end, 10);
        if (m->min_days[0] < '0' || m->min_days[0] > '9' || *end != '\0' || days > 100000)
            return cp_fail(err, CP_ERR_USAGE, "--min-days '%.20s': want 0 to 100000 days",
                           m->min_days);
        options->min_days = days;
    }
    if (m->at != NULL)
        return cp_time_parse(&options->at_s, m->at, err);
    options->at_s = (int64_t)time(NULL);
    return CP_OK;
}

enum cp_status cli_material_load(struct cli_material *m, struct cp_error *err) {
    enum cp_status status = load_files(m, err);
    if (status == CP_OK)
        status = load_trust(m, err);
    if (status == CP_OK && m->checker == NULL)
        status = cp_checker_new(&m->checker, m->trust, err);
    return status;
}

enum cp_status cli_material_judge(struct cli_material *m, const struct cp_check_options *options,
                                  struct cp_error *err) {
    cp_report_free(m->report);
    m->report = NULL;
    return cp_checker_run(m->checker, &m->report, m->bundle, options, err);
}

enum cp_status cli_material_check(struct cli_material *m, const struct cp_check_options *options,
                                  struct cp_error *err) {
    enum cp_status status = cli_material_load(m, err);
    return status == CP_OK ? cli_material_judge(m, options, err) : status;
}

void cli_material_cleanup(struct cli_material *m) {
    cp_report_free(m->report);
    cp_checker_free(m->checker);
    cli_criteria_cleanup(&m->criteria);
    cp_trust_free(m->trust);
    cp_pool_free(m->pool);
    cp_bundle_free(m->bundle);
    cli_list_free(&m->files);
    cli_list_free(&m->hostnames);
}
