/* certprep submit, certprep update: their options. submit_run.c has what they do. */
#include "submit.h"

static const char about_submit[] =
    "Creates a custom hostname (SaaS domain name) at Alibaba Cloud ESA. For --cert-type upload "
    "the\n"
    "material is checked for the hostname first and nothing is sent if the verdict is BLOCKED; "
    "what\n"
    "is sent is the prepared material: leaf, intermediates, key as PKCS#8. For free and cas the\n"
    "hostname and the parameters are checked.\n\n"
    "A creation whose outcome is not known is looked for before it is sent again. Credentials:\n"
    "'certprep whoami --explain' shows where they come from.\n\n"
    "Exit codes: 0 accepted, 1 blocked by findings, or created and then stopped, 2 wrong use,\n"
    "3 nothing was sent, 4 refused, or there and different, 5 unknown: the service may have "
    "acted,\n"
    "or --wait ended before its goal.";

static const char about_update[] =
    "Changes a custom hostname at Alibaba Cloud ESA: its certificate, TLS, the record it is bound "
    "to.\nThe material passes the same gates as with submit.\n\n"
    "Exit codes: 0 accepted, 1 blocked by findings, or changed and then stopped, 2 wrong use,\n"
    "3 nothing was sent, 4 refused, or there is none, 5 unknown: the service may have acted, or\n"
    "--wait ended before its goal.";

#define VALUE(option_name, option_argument, field, option_help)                                    \
    {                                                                                              \
        .name = option_name, .kind = CLI_VALUE, .argument = option_argument, .value = &o->field,   \
        .help = option_help                                                                        \
    }
#define FLAG(option_name, option_letter, field, option_help)                                       \
    {                                                                                              \
        .name = option_name, .letter = option_letter, .kind = CLI_FLAG, .flag = &o->field,         \
        .help = option_help                                                                        \
    }

/* own: the rows that only one of the two has. */
static int run_command(int argc, char **argv, struct submit_options *o, const char *usage,
                       const char *about, const struct cli_option *own) {
    struct cli_option criteria[CLI_MAX_CRITERIA_OPTIONS];
    struct cli_option material[CLI_NUM_MATERIAL_OPTIONS];
    struct cli_option complete[CLI_NUM_COMPLETE_OPTIONS];
    struct cli_option service[CLI_MAX_SERVICE_OPTIONS], view[CLI_NUM_VIEW_OPTIONS];
    struct cli_option retry[CLI_NUM_RETRY_OPTIONS], site[CLI_NUM_SITE_OPTIONS];
    struct cli_option record[CLI_NUM_RECORD_OPTIONS], wait[CLI_NUM_FOLLOW_OPTIONS];
    struct cli_option dns[CLI_MAX_DNS_OPTIONS];
    const struct cli_option common[] = {
        VALUE("ssl", "on|off", ssl, "serve HTTPS for it"),
        VALUE("cert-type", "upload|free|cas", cert_type, "where its certificate comes from"),
        VALUE("cas-id", "ID", cas_id, "id of a certificate in Certificate Management Service"),
        VALUE("cas-region", "cn-hangzhou|ap-southeast-1", cas_region,
              "the China or the international site's"),
        FLAG("dry-run", 'n', dry_run, "show the request, key and signature masked; send nothing"),
        {.name = NULL},
    };
    cli_material_options(material, &o->material);
    cli_criteria_options(criteria, &o->material.criteria);
    cli_complete_options(complete, &o->complete);
    cli_service_options(service, &o->service, false);
    cli_view_options(view, &o->view);
    cli_retry_options(retry, &o->follow);
    cli_site_options(site, &o->site);
    cli_record_options(record, &o->record);
    cli_follow_options(wait, &o->follow);
    cli_dns_options(dns, &o->dns, true);
    const struct cli_option *const tables[] = {own,      site,     record, common, wait,
                                               service,  retry,    view,   dns,    material,
                                               complete, criteria, NULL};
    const struct cli_syntax syntax = {
        .usage = usage, .about = about, .tables = tables, .files = &o->material.files};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1)
        exit_code = submit_run(o);
    cli_service_cleanup(&o->service);
    cli_dns_cleanup(&o->dns);
    cli_material_cleanup(&o->material);
    return exit_code;
}

int cli_submit(int argc, char **argv) {
    struct submit_options options = {.is_update = false}, *o = &options;
    const struct cli_option own[] = {
        VALUE("hostname", "NAME", hostname, "the custom hostname to create"),
        FLAG("ensure", 0, ensure, "look first: what is there already as wanted is done"),
        FLAG("update", 0, update, "with --ensure: change what is there and different"),
        {.name = NULL},
    };
    return run_command(argc, argv, o,
                       "certprep submit --hostname NAME --site NAME --record NAME --ssl on|off "
                       "[OPTION]... [FILE]...",
                       about_submit, own);
}

int cli_update(int argc, char **argv) {
    struct submit_options options = {.is_update = true}, *o = &options;
    const struct cli_option own[] = {
        VALUE("hostname", "NAME", hostname, "the custom hostname to change"),
        VALUE("hostname-id", "ID", hostname_id, "the same by its id"),
        {.name = NULL},
    };
    return run_command(argc, argv, o,
                       "certprep update --hostname NAME --site NAME --ssl on|off [OPTION]... "
                       "[FILE]...",
                       about_update, own);
}
