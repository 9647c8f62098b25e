/* config: what certprep.ini says. Bytes in; nothing is opened here.
 *
 *   [check]
 *   min-days = 21
 *   [severity]
 *   CP0403 = error
 *   [path "sites/x.pem"]
 *   hostnames = a.example, b.example
 */
#ifndef CP_POLICY_CONFIG_H
#define CP_POLICY_CONFIG_H

#include "policy/lines.h"

#define CP_MAX_CONFIG_VALUE ((size_t)32 * 1024)
#define CP_MAX_CONFIG_PATHS 1000
#define CP_MAX_CONFIG_SEVERITIES 1000
#define CP_MAX_CONFIG_HOSTNAMES 1000 /* of one path */

enum cp_config_key {
#define KEY(name, key, kind, default_text, help) CP_CONFIG_##name,
#include "policy/config.def"
#undef KEY
    CP_NUM_CONFIG_KEYS
};

struct cp_config_value {
    char *text;  /* NULL: not given; the items of a list with ", " between */
    size_t line; /* counts from 1 */
};

struct cp_config_severity {
    const struct cp_rule *rule;
    char level[8];
    size_t line;
};

struct cp_config_path {
    char *pattern; /* see glob.h */
    char **hostnames;
    size_t num_hostnames, line;
};

struct cp_config {
    struct cp_config_value values[CP_NUM_CONFIG_KEYS];
    struct cp_config_severity *severities;
    size_t num_severities;
    struct cp_config_path *paths;
    size_t num_paths;
};

/* "min-days", its default ("" for none) and what it is. */
const char *cp_config_key_name(enum cp_config_key key);
const char *cp_config_key_default(enum cp_config_key key);
const char *cp_config_key_help(enum cp_config_key key);

/* Reads the text into *config, which is zero. Every value is checked, also those that an option
 * will take the place of. CP_ERR_USAGE for what is unknown or malformed. */
CP_MUST_USE enum cp_status cp_config_read(struct cp_config *config, struct cp_span text,
                                          const char *name, cp_nearest_fn *nearest,
                                          struct cp_error *err);
void cp_config_cleanup(struct cp_config *config);

/* "33%" or "33": 1 to 99. */
bool cp_config_percent(unsigned *percent, const char *text);
/* The next item of a list with commas between, trimmed; false behind the last. *at moves on.
 * CP_ERR_USAGE is not raised here: an item too long for out comes out cut to "". */
#define CP_MAX_CONFIG_ITEM 512
bool cp_config_next(char out[CP_MAX_CONFIG_ITEM], const char **at);

#endif
