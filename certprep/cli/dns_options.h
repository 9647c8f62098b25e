/* dns_options: the DNS before a submission, for every command that offers --dns, and for certprep
 * dns itself.
 *
 *   struct cli_dns dns = {0};
 *   struct cli_option table[CLI_MAX_DNS_OPTIONS];
 *   cli_dns_options(table, &dns, true);
 *   ... cli_parse ...
 *   cli_dns_open(&dns, &err);                       does nothing without --dns
 *   cli_dns_preflight(&dns, &report, hostname, &expect, &err);
 *   cli_dns_put_text(&out, &view, &report); cli_dns_add_json(object, "dns", &report);
 *   cli_dns_cleanup(&dns);
 */
#ifndef CP_CLI_DNS_OPTIONS_H
#define CP_CLI_DNS_OPTIONS_H

#include "apiclient/apiclient.h"
#include "dns/dns.h"
#include "json.h"
#include "view.h"

/* Who issues ESA's free certificates for custom hostnames: Let's Encrypt, by Alibaba Cloud's page
 * "SaaS Manager"; its name in CAA is published by Let's Encrypt. */
#define CLI_DNS_CAA_ISSUER "letsencrypt.org"

/* All zero is a valid set. */
struct cli_dns {
    /* options */
    bool wanted; /* --dns */
    const char *caa_issuer, *timeout;
    struct cli_list servers;
    /* opened */
    struct esa_dns_client *client; /* NULL: it was not asked for */
    struct esa_dns_facts *facts;   /* of the last hostname */
};

#define CLI_MAX_DNS_OPTIONS 5
/* Fills a table; a row without a name ends it. has_flag: with --dns. */
void cli_dns_options(struct cli_option table[CLI_MAX_DNS_OPTIONS], struct cli_dns *dns,
                     bool has_flag);
/* Reads the options, and opens the client if --dns was given. To be cleaned up whatever it returns.
 */
CP_MUST_USE enum cp_status cli_dns_open(struct cli_dns *dns, struct cp_error *err);
void cli_dns_cleanup(struct cli_dns *dns);

/* Asks and judges. expect->caa_issuer is set here: to what the options say where is_free, else to
 * NULL. What the DNS does not answer is a result; an error means that nothing was asked. */
CP_MUST_USE enum cp_status cli_dns_preflight(struct cli_dns *dns, struct esa_dns_report *report,
                                             const struct cp_hostname *hostname,
                                             struct esa_dns_expect *expect, bool is_free,
                                             struct cp_error *err);
/* The same for a name as text, with what the service shows of the hostname and the target of its
 * record ("": not known). */
CP_MUST_USE enum cp_status cli_dns_preflight_found(struct cli_dns *dns,
                                                   struct esa_dns_report *report,
                                                   const struct esa_hostname *found,
                                                   const char *cname, struct cp_error *err);

/* "ready", "findings" or "unknown": no finding worse than OK; some; or something could not be
 * evaluated and nothing is worse. */
const char *cli_dns_verdict(const struct esa_dns_report *report);
/* Lines, each after indent. */
void cli_dns_put_text(struct cp_buf *out, const struct cli_view *view,
                      const struct esa_dns_report *report, const char *indent);
/* Adds it as a member; key NULL: object gets the members themselves. */
bool cli_dns_add_json(cJSON *object, const char *key, const struct esa_dns_report *report);
/* On standard error, for commands whose standard output is something else. */
void cli_dns_note(const struct cli_view *view, const struct esa_dns_report *report);

#endif
