/* The options that say whose credential is used. */
#include "credential_options.h"

#include <string.h>

#include "service.h"

#define VALUE(option_name, option_argument, field, option_help)                                    \
    {                                                                                              \
        .name = option_name, .kind = CLI_VALUE, .argument = option_argument,                       \
        .value = &options->field, .help = option_help                                              \
    }

void cli_credential_options(struct cli_option table[CLI_MAX_CREDENTIAL_OPTIONS],
                            struct cli_credential_options *options, bool owns_profile) {
    const struct cli_option rows[] = {
        VALUE("credential-profile", "NAME", profile,
              "a profile of ~/.aliyun/config.json or ~/.alibabacloud/credentials"),
        VALUE("sts-endpoint", "HOST[:PORT]", sts_endpoint,
              "where temporary keys come from (default: sts.aliyuncs.com)"),
        VALUE("metadata-endpoint", "HOST[:PORT]", metadata_endpoint,
              "the instance's metadata, plain HTTP (default: 100.100.100.200)"),
        VALUE("ca-file", "FILE", ca_file, "trust only these CAs for the service's TLS"),
        VALUE("proxy", "URL", proxy,
              "http://HOST:PORT, a tunnel; TLS stays with the service (default: none)"),
        VALUE("profile", "NAME", profile, "the same as --credential-profile"),
        {.name = NULL},
    };
    const size_t num = sizeof(rows) / sizeof(rows[0]);
    _Static_assert(sizeof(rows) / sizeof(rows[0]) <= CLI_MAX_CREDENTIAL_OPTIONS, "table's room");
    memcpy(table, rows, sizeof(rows));
    if (!owns_profile)
        table[num - 2] = table[num - 1];
}

enum cp_status cli_credential_open(struct esa_credential **out,
                                   const struct cli_credential_options *options, bool local_only,
                                   esa_provider_watch_fn *watch, void *watch_context,
                                   struct cp_error *err) {
    const struct esa_credential_options chain = {.profile = options->profile,
                                                 .sts_endpoint = options->sts_endpoint,
                                                 .metadata_endpoint = options->metadata_endpoint,
                                                 .ca_file = options->ca_file,
                                                 .proxy = options->proxy,
                                                 .local_only = local_only,
                                                 .cancel = cli_is_interrupted,
                                                 .watch = watch,
                                                 .watch_context = watch_context};
    /* An external command stands in a group of its own: Ctrl-C ends it through us. */
    struct cli_interrupt saved;
    cli_interrupt_catch(&saved);
    enum cp_status status = esa_credential_new(out, &chain, err);
    cli_interrupt_restore(&saved);
    return status;
}
