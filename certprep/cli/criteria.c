/* How the material is judged: the options that check, prepare and submit have in common, and the
 * files that they name. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "online.h"

void cli_criteria_options(struct cli_option table[CLI_MAX_CRITERIA_OPTIONS],
                          struct cli_criteria *c) {
    const struct cli_option rows[] = {
        {.name = "profile",
         .kind = CLI_VALUE,
         .argument = "auto|rfc5280|webpki",
         .value = &c->profile,
         .help = "how strictly RFC 5280 and the Baseline Requirements are held (default: auto)"},
        {.name = "max-intermediates",
         .kind = CLI_VALUE,
         .argument = "N",
         .value = &c->max_intermediates_text,
         .help = "allow a chain no more intermediates; self-issued ones are not counted"},
        {.name = "crl",
         .kind = CLI_LIST,
         .argument = "FILE",
         .list = &c->crls,
         .help = "a revocation list (PEM or DER); may be repeated"},
        {.name = "ocsp",
         .kind = CLI_LIST,
         .argument = "FILE",
         .list = &c->ocsps,
         .help = "an OCSP response (DER); may be repeated"},
        {.name = "online",
         .kind = CLI_FLAG,
         .flag = &c->online,
         .help = "ask the responders and lists that certificates name whether they are revoked"},
        {.name = "online-allow-private",
         .kind = CLI_FLAG,
         .flag = &c->online_allow_private,
         .help = "with --online: also at private addresses, and other ports than 80"},
        {.name = "ct-logs",
         .kind = CLI_VALUE,
         .argument = "FILE",
         .value = &c->ct_logs_name,
         .help = "verify SCTs with this list of logs (log_list.json, version 3)"},
        {.name = "blocklist",
         .kind = CLI_VALUE,
         .argument = "FILE",
         .value = &c->blocklist_path,
         .help = "compromised keys, in badkeys' form: a key that is listed is an error"},
        {.name = "deep",
         .kind = CLI_FLAG,
         .flag = &c->deep,
         .help = "tests of keys that take seconds, too: are p and q primes; CAs' keys"},
        {.name = NULL},
    };
    _Static_assert(sizeof(rows) / sizeof(rows[0]) <= CLI_MAX_CRITERIA_OPTIONS, "the table's room");
    memcpy(table, rows, sizeof(rows));
}

static enum cp_status parse_profile(enum cp_profile *out, const char *name, struct cp_error *err) {
    *out = CP_PROFILE_AUTO;
    for (int i = 0; name != NULL && i < CP_NUM_PROFILES; i++) {
        *out = (enum cp_profile)i;
        if (strcmp(cp_profile_name(*out), name) == 0)
            return CP_OK;
    }
    return name == NULL ? CP_OK
                        : cp_fail(err, CP_ERR_USAGE,
                                  "--profile '%.20s': want auto, rfc5280 or webpki", name);
}

static enum cp_status parse_max_intermediates(struct cli_criteria *c,
                                              struct cp_check_options *options,
                                              struct cp_error *err) {
    const char *text = c->max_intermediates_text;
    if (text == NULL)
        return CP_OK;
    size_t len = strspn(text, "0123456789");
    if (len == 0 || len > 4 || text[len] != '\0')
        return cp_fail(err, CP_ERR_USAGE, "--max-intermediates '%.20s': want a number up to 9999",
                       text);
    c->max_intermediates = strtoul(text, NULL, 10);
    options->max_intermediates = &c->max_intermediates;
    return CP_OK;
}

enum cp_status cli_criteria_load(struct cli_criteria *c, struct cp_check_options *options,
                                 struct cp_error *err) {
    enum cp_status status = parse_profile(&options->profile, c->profile, err);
    if (status == CP_OK)
        status = parse_max_intermediates(c, options, err);
    if (status == CP_OK && c->blocklist_path != NULL)
        status = cp_blocklist_open(&c->blocklist, c->blocklist_path, err);
    options->blocklist = c->blocklist;
    options->deep = c->deep;
    return status == CP_OK ? cli_evidence_load(c, options, err) : status;
}

void cli_criteria_cleanup(struct cli_criteria *c) {
    cli_evidence_cleanup(c);
    cp_blocklist_free(c->blocklist);
    *c = (struct cli_criteria){0};
}
