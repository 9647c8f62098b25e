/* policy_options: certprep.ini, waivers and baseline, found, read and laid under the options. Only
 * for commands that judge: what is uploaded is judged without. */
#ifndef CP_CLI_POLICY_OPTIONS_H
#define CP_CLI_POLICY_OPTIONS_H

#include <limits.h>

#include "cli.h"
#include "policy/config.h"

#define CLI_CONFIG_FILE "certprep.ini"
#define CLI_WAIVERS_FILE "certprep-waivers.ini"

/* The options that certprep.ini may give in place of the command line: where each is kept, or NULL
 * if the command does not have it. */
struct cli_policy_uses {
    const char **min_days, **target, **profile, **fail_on, **format;
    struct cli_list *reports; /* FORMAT=FILE */
};

struct cli_policy {
    /* options */
    const char *config_file, *waivers_file, *baseline_file, *min_left;
    bool no_config, show_waived;
    struct cli_list select, ignore, severity;
    /* loaded */
    char cwd[PATH_MAX];
    char *folder;        /* of certprep.ini, or else of the waivers: absolute; NULL: none */
    char *config_path;   /* that was read; NULL: none */
    char *waivers_path;  /* the same */
    char *baseline_path; /* the same */
    char **items;        /* words that lists borrow */
    size_t num_items;
    const char **names; /* hostnames with those of certprep.ini */
    struct cp_config config;
    struct cp_policy *policy; /* NULL: nothing is asked of it */
};

#define CLI_NUM_POLICY_OPTIONS 10
/* Fills a table of CLI_NUM_POLICY_OPTIONS rows (the last one ends it). */
void cli_policy_options(struct cli_option table[CLI_NUM_POLICY_OPTIONS], struct cli_policy *policy);

/* Where the file is, upward from the working directory: the first folder with certprep.ini or
 * certprep-waivers.ini; not above a folder with .git in it. Sets folder, config_path, waivers_path.
 */
CP_MUST_USE enum cp_status cli_policy_find(struct cli_policy *policy, struct cp_error *err);

/* Finds, reads, and sets what no option has set, in `uses` and *options. A malformed or unreadable
 * file is CP_ERR_USAGE. */
CP_MUST_USE enum cp_status cli_policy_load(struct cli_policy *policy,
                                           const struct cli_policy_uses *uses,
                                           struct cp_check_options *options, struct cp_error *err);

/* Adds to *options the hostnames that certprep.ini expects of a file; may be called again for each
 * input, with options as they were before. The names live until the next call. */
CP_MUST_USE enum cp_status cli_policy_hostnames(struct cli_policy *policy,
                                                struct cp_check_options *options,
                                                const char *const *files, size_t num_files,
                                                struct cp_error *err);

/* For one report: marks and adds what is to be said of the policy itself. */
void cli_policy_close(struct cli_policy *policy, struct cp_report *report);
void cli_policy_cleanup(struct cli_policy *policy);

#endif
