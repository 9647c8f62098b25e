/* lookup: which site, record and custom hostname a command is about, by name or by id. */
#ifndef CP_CLI_LOOKUP_H
#define CP_CLI_LOOKUP_H

#include "follow.h"
#include "service.h"

/* All zero is a valid set. */
struct cli_site {
    const char *name, *id_text; /* options */
    int64_t id;                 /* found; 0: neither was given */
};

#define CLI_NUM_SITE_OPTIONS 3
void cli_site_options(struct cli_option table[CLI_NUM_SITE_OPTIONS], struct cli_site *site);
/* Reads the options: id is filled where it was given as such. At most one of them. */
CP_MUST_USE enum cp_status cli_site_read(struct cli_site *site, struct cp_error *err);
/* Asks the service for the id of the name; does nothing where the id is known. */
CP_MUST_USE enum cp_status cli_site_find(struct cli_site *site, const struct cli_service *service,
                                         const struct esa_retry *retry, struct cp_error *err);

/* The record to bind to: --record NAME, --record-id ID. */
struct cli_record {
    const char *name, *id_text;
    int64_t id;
    char cname[ESA_NAME_MAX]; /* as the look-up by name shows it; "" */
};

#define CLI_NUM_RECORD_OPTIONS 3
void cli_record_options(struct cli_option table[CLI_NUM_RECORD_OPTIONS], struct cli_record *record);
CP_MUST_USE enum cp_status cli_record_read(struct cli_record *record, struct cp_error *err);
CP_MUST_USE enum cp_status cli_record_find(struct cli_record *record, int64_t site_id,
                                           const struct cli_service *service,
                                           const struct esa_retry *retry, struct cp_error *err);

/* The custom hostnames of a command: operands with --site or --site-id, or --hostname-id. */
struct cli_targets {
    struct cli_list hostnames, ids;
    struct cli_site site;
};

#define CLI_NUM_TARGET_OPTIONS 2
/* --hostname-id; the site's table comes beside it. */
void cli_target_options(struct cli_option table[CLI_NUM_TARGET_OPTIONS],
                        struct cli_targets *targets);
/* At least one; hostnames with a site; not both kinds, for who gives both means one of them. All
 * names and ids are well formed after that. */
CP_MUST_USE enum cp_status cli_targets_read(const struct cli_targets *targets,
                                            struct cp_error *err);
size_t cli_targets_num(const struct cli_targets *targets);
/* "shop.acme.example" (A-labels), "HostnameId 4711"; size at least ESA_NAME_MAX. */
CP_MUST_USE enum cp_status cli_target_name(char *out, size_t size,
                                           const struct cli_targets *targets, size_t index,
                                           struct cp_error *err);

enum cli_look {
    CLI_LOOK_ID,   /* an id is taken as it is: nothing is asked, and only hostname_id is filled */
    CLI_LOOK_ROW,  /* what a list shows; an id is asked for with Get */
    CLI_LOOK_WHOLE /* Get, always: certificate and CasId, too */
};
/* *found false: the service has none. outcome: of a Get that was not accepted. */
CP_MUST_USE enum cp_status cli_target_get(struct esa_hostname *out, bool *found,
                                          const struct cli_targets *targets, size_t index,
                                          enum cli_look look, const struct cli_service *service,
                                          const struct esa_retry *retry, struct cp_error *err);
/* Get alone. */
CP_MUST_USE enum cp_status cli_hostname_get(struct esa_hostname *out, bool *found,
                                            int64_t hostname_id, const struct cli_service *service,
                                            const struct esa_retry *retry, struct cp_error *err);

/* A read that was not accepted as a status: CP_ERR_REFUSED ... with the service's code, its words
 * and the advice as message. */
CP_MUST_USE enum cp_status cli_read_status(const struct esa_outcome *outcome, const char *what,
                                           struct cp_error *err);

#endif
