/* cli: what the commands share. This floor alone prints, exits and reads the clock. */
#ifndef CP_CLI_H
#define CP_CLI_H

#include <stdio.h>

#include "certprep.h"

/* Exit codes are API; the same in every format. */
enum cli_exit {
    CLI_OK = 0,
    CLI_FINDINGS = 1,   /* findings at or over --fail-on; an upload that was blocked */
    CLI_USAGE = 2,      /* wrong use or configuration */
    CLI_UNREADABLE = 3, /* input unreadable, nothing to evaluate, or could not evaluate */
    CLI_REFUSED = 4,    /* the service refused */
    CLI_UNKNOWN = 5,    /* the service may have acted: look before sending again */
};

struct cli_command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};
const struct cli_command *cli_commands(size_t *num);

int cli_check(int argc, char **argv);
int cli_submit(int argc, char **argv);
int cli_update(int argc, char **argv);
int cli_status(int argc, char **argv);
int cli_list(int argc, char **argv);
int cli_sites(int argc, char **argv);
int cli_records(int argc, char **argv);
int cli_verify(int argc, char **argv);
int cli_apply(int argc, char **argv);
int cli_delete(int argc, char **argv);
int cli_onboard(int argc, char **argv);
int cli_rules(int argc, char **argv);
int cli_rule(int argc, char **argv);
int cli_prepare(int argc, char **argv);
int cli_inspect(int argc, char **argv);
int cli_whoami(int argc, char **argv);
int cli_dns(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_completion(int argc, char **argv);
int cli_config(int argc, char **argv);
int cli_waive(int argc, char **argv);
int cli_gate(int argc, char **argv);
int cli_audit(int argc, char **argv);

/* Standard input's name among files. NULL is none. */
bool cli_is_dash(const char *path);

/* Writes text; outside a UTF-8 locale other bytes than ASCII as \xNN. */
void cli_put(FILE *out, const char *text);

/* Prints "certprep: message" and the next step on stderr; returns the exit code for the status. */
int cli_fail(const struct cp_error *err);

/* ---- options ---- */

enum cli_kind { CLI_FLAG, CLI_VALUE, CLI_LIST, CLI_OPTIONAL };

/* One row an option; help and parsing are driven from it. A VALUE may be given once, a LIST many
 * times. An OPTIONAL's value is what follows the equals sign (--wait=active), never the next
 * argument; --wait alone means its `bare`. */
struct cli_option {
    const char *name; /* without dashes; NULL ends the table */
    char letter;      /* 0: none */
    enum cli_kind kind;
    const char *argument; /* what the help calls the value: "FILE", "on|off" */
    const char *help;
    bool *flag;            /* FLAG */
    const char **value;    /* VALUE, OPTIONAL */
    struct cli_list *list; /* LIST */
    const char *bare;      /* OPTIONAL */
};

#define CLI_MAX_LIST 1000

struct cli_list {
    const char **items;
    size_t num_items;
};

struct cli_syntax {
    const char *usage;                      /* "certprep check [OPTION]... [FILE]..." */
    const char *about;                      /* what it does, in a few lines */
    const struct cli_option *const *tables; /* NULL-terminated list of option tables */
    struct cli_list *files;                 /* operands; NULL: none are taken */
};

/* Parses argv[1..]. Returns -1 to go on, else the exit code (help was asked for, or an error was
 * printed). */
int cli_parse(const struct cli_syntax *syntax, int argc, char **argv);
/* From now on cli_parse shows its syntax to see, parses nothing and returns CLI_OK; NULL ends it.
 * So the completions are written from the tables that parse. */
typedef void cli_parse_watch_fn(void *context, const struct cli_syntax *syntax);
void cli_parse_watch(cli_parse_watch_fn *see, void *context);
void cli_list_free(struct cli_list *list);
/* The candidate nearest to word, or NULL if none is near. */
const char *cli_nearest(const char *word, const char *const *candidates, size_t num);

/* ---- the pass phrase ---- */

/* What the options say; at most one of them is allowed. */
struct cli_passphrase {
    const char *file; /* its first line */
    const char *fd;   /* a number; one line is read from it */
    bool ask;         /* on the terminal, and never without being told to */
};

/* Reads it and gives it to the bundle; does nothing if none was named. */
CP_MUST_USE enum cp_status cli_passphrase_give(struct cp_bundle *bundle,
                                               const struct cli_passphrase *passphrase,
                                               struct cp_error *err);

/* ---- how the material is judged ---- */

/* The options of criteria.c, and what they name, once it is loaded. */
struct cli_criteria {
    const char *profile;
    const char *max_intermediates_text;
    const char *blocklist_path;
    bool deep;
    size_t max_intermediates;
    struct cli_list crls, ocsps; /* files */
    const char *ct_logs_name;
    bool online, online_allow_private;
    struct cp_blocklist *blocklist;
    struct cp_evidence *evidence;
    struct cp_ct_logs *ct_logs;
};

#define CLI_MAX_CRITERIA_OPTIONS 16
/* Fills a table; a row without a name ends it. */
void cli_criteria_options(struct cli_option table[CLI_MAX_CRITERIA_OPTIONS],
                          struct cli_criteria *criteria);
/* Reads what the options name and sets *options, which borrows it. */
CP_MUST_USE enum cp_status cli_criteria_load(struct cli_criteria *criteria,
                                             struct cp_check_options *options,
                                             struct cp_error *err);
void cli_criteria_cleanup(struct cli_criteria *criteria);

/* ---- the material on the command line, for every command that reads certificates ---- */

struct cli_material {
    /* options */
    const char *cert, *key, *chain, *trust_name, *at, *min_days;
    struct cli_passphrase passphrase;
    struct cli_list files, hostnames;
    struct cli_criteria criteria;
    /* loaded */
    struct cp_bundle *bundle;
    struct cp_pool *pool; /* complete.c's; NULL: nothing completes the chain */
    struct cp_trust *trust;
    struct cp_checker *checker;
    struct cp_report *report;
};

#define CLI_NUM_MATERIAL_OPTIONS 10
/* Fills a table of CLI_NUM_MATERIAL_OPTIONS rows (the last one ends it). */
void cli_material_options(struct cli_option table[CLI_NUM_MATERIAL_OPTIONS],
                          struct cli_material *material);
bool cli_material_is_given(const struct cli_material *material);
/* How many of the options and operands name standard input: it can be read once. */
size_t cli_material_stdin_uses(const struct cli_material *material);
/* Reads the files and runs the checks. */
CP_MUST_USE enum cp_status cli_material_check(struct cli_material *material,
                                              const struct cp_check_options *options,
                                              struct cp_error *err);
/* Its two halves; the second replaces a report that is there. */
CP_MUST_USE enum cp_status cli_material_load(struct cli_material *material, struct cp_error *err);
CP_MUST_USE enum cp_status cli_material_judge(struct cli_material *material,
                                              const struct cp_check_options *options,
                                              struct cp_error *err);
/* --at and --min-days; the clock where --at is not given. */
CP_MUST_USE enum cp_status cli_material_times(const struct cli_material *material,
                                              struct cp_check_options *options,
                                              struct cp_error *err);
void cli_material_cleanup(struct cli_material *material);

/* ---- output ---- */

/* when: "auto", "always", "never"; NULL is auto. False if it is none of them. */
bool cli_use_color(bool *use, const char *when, FILE *stream);
bool cli_locale_is_utf8(void);
/* Writes all of it and flushes; a failure (full disk, closed pipe) is printed and returned. */
int cli_write(const char *text, size_t len, int exit_code);

#endif
