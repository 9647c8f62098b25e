/* The options of the commands that call the service, and the opening of a client. */
#include "service.h"

#include <string.h>

#define LEAST_CONNECT_MS 10000 /* the client's default */

#define VALUE(option_name, option_argument, field, option_help)                                    \
    {                                                                                              \
        .name = option_name, .kind = CLI_VALUE, .argument = option_argument,                       \
        .value = &service->field, .help = option_help                                              \
    }

void cli_service_options(struct cli_option table[CLI_MAX_SERVICE_OPTIONS],
                         struct cli_service *service, bool owns_profile) {
    const struct cli_option rows[] = {
        VALUE("region", "cn-hangzhou|ap-southeast-1", region, "the service's region"),
        VALUE("endpoint", "HOST[:PORT]", endpoint, "the service's address, instead of a region"),
        VALUE("timeout", "SECONDS", timeout, "for one whole exchange (default: 60)"),
        VALUE("connect-timeout", "SECONDS", connect_timeout,
              "for name look-up, connection and TLS (default: 10)"),
        VALUE("params-in", "query|form", params_in,
              "where a request carries its parameters (default: query)"),
    };
    const size_t num = sizeof(rows) / sizeof(rows[0]);
    _Static_assert(sizeof(rows) / sizeof(rows[0]) + CLI_MAX_CREDENTIAL_OPTIONS <=
                       CLI_MAX_SERVICE_OPTIONS,
                   "the table's room");
    memcpy(table, rows, sizeof(rows));
    cli_credential_options(table + num, &service->credential_options, owns_profile);
}

enum cp_status cli_seconds_parse(int64_t *out_ms, const char *text, const char *name,
                                 struct cp_error *err) {
    int64_t seconds = 0;
    *out_ms = 0;
    if (text == NULL)
        return CP_OK;
    for (const char *p = text; *p >= '0' && *p <= '9' && seconds <= 3600; p++)
        seconds = seconds * 10 + (*p - '0');
    if (strspn(text, "0123456789") != strlen(text) || seconds < 1 || seconds > 3600)
        return cp_fail(err, CP_ERR_USAGE, "%s '%.20s': want 1 to 3600 seconds", name, text);
    *out_ms = seconds * 1000;
    return CP_OK;
}

static enum cp_status read_options(struct cli_service *service, struct cp_error *err) {
    const char *in = service->params_in;
    if (service->region == NULL && service->endpoint == NULL)
        return cp_fail(err, CP_ERR_USAGE,
                       "no endpoint: give --region cn-hangzhou or --region ap-southeast-1");
    if (in != NULL && strcmp(in, "query") != 0 && strcmp(in, "form") != 0)
        return cp_fail(err, CP_ERR_USAGE, "--params-in '%.20s': want query or form", in);
    service->params = in != NULL && strcmp(in, "form") == 0 ? ESA_PARAMS_FORM : ESA_PARAMS_QUERY;
    enum cp_status status =
        cli_seconds_parse(&service->total_timeout_ms, service->timeout, "--timeout", err);
    if (status == CP_OK)
        status = cli_seconds_parse(&service->connect_timeout_ms, service->connect_timeout,
                                   "--connect-timeout", err);
    if (status == CP_OK && service->connect_timeout_ms == 0 && service->total_timeout_ms != 0 &&
        service->total_timeout_ms < LEAST_CONNECT_MS)
        service->connect_timeout_ms = service->total_timeout_ms;
    return status;
}

enum cp_status cli_service_open(struct cli_service *service, enum cli_service_use use,
                                struct cp_error *err) {
    struct cp_error why = {CP_OK, 0, 0, ""};
    enum cp_status status = read_options(service, err);
    if (status != CP_OK)
        return status;
    struct esa_client_options options = {.region = service->region,
                                         .endpoint = service->endpoint,
                                         .ca_file = service->credential_options.ca_file,
                                         .proxy = service->credential_options.proxy,
                                         .connect_timeout_ms = service->connect_timeout_ms,
                                         .total_timeout_ms = service->total_timeout_ms,
                                         .cancel = cli_is_interrupted};
    /* A wrong endpoint is found before anybody is asked for a key. */
    status = esa_client_new(&service->client, &options, err);
    if (status != CP_OK)
        return status;
    status = cli_credential_open(&service->credential, &service->credential_options,
                                 use == CLI_SERVICE_SHOW, NULL, NULL, &why);
    if (status != CP_OK && use == CLI_SERVICE_CALL) {
        if (err != NULL)
            *err = why;
        return status;
    }
    if (service->credential == NULL)
        return CP_OK;
    esa_client_free(service->client);
    options.credential = service->credential;
    return esa_client_new(&service->client, &options, err);
}

void cli_service_cleanup(struct cli_service *service) {
    esa_client_free(service->client);
    esa_credential_free(service->credential);
    service->client = NULL;
    service->credential = NULL;
}

bool cli_service_is_this_machine(const struct cli_service *service) {
    static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]"};
    const char *host = esa_client_host(service->client);
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        size_t len = strlen(hosts[i]);
        if (strncmp(host, hosts[i], len) == 0 && (host[len] == '\0' || host[len] == ':'))
            return true;
    }
    return false;
}

static volatile sig_atomic_t num_interrupts;

static void on_interrupt(int number) {
    (void)number;
    if (num_interrupts < 1000)
        num_interrupts++;
}

void cli_interrupt_catch(struct cli_interrupt *saved) {
    struct sigaction action = {.sa_handler = on_interrupt};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, &saved->old_int);
    (void)sigaction(SIGTERM, &action, &saved->old_term);
}

void cli_interrupt_restore(const struct cli_interrupt *saved) {
    (void)sigaction(SIGINT, &saved->old_int, NULL);
    (void)sigaction(SIGTERM, &saved->old_term, NULL);
}

int cli_interrupt_count(void) {
    return (int)num_interrupts;
}

bool cli_is_interrupted(void *context) {
    (void)context;
    return num_interrupts != 0;
}
