/* client: one attempt. */
#include "client.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "message.h"
#include "outcome.h"
#include "text.h"

enum cp_status esa_clock_system(void *context, int64_t *now_s, struct cp_error *err) {
    struct timespec now;
    (void)context;
    *now_s = 0;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return cp_fail(err, CP_ERR_IO, "clock: can't be read");
    *now_s = now.tv_sec;
    return CP_OK;
}

enum cp_status esa_nonce_random(void *context, char out[ESA_NONCE_LEN + 1], struct cp_error *err) {
    uint8_t bytes[ESA_NONCE_LEN / 2];
    (void)context;
    out[0] = '\0';
    if (RAND_bytes(bytes, (int)sizeof(bytes)) != 1)
        return cp_fail(err, CP_ERR_CRYPTO, "nonce: the random generator failed");
    esa_hex(out, bytes, sizeof(bytes));
    return CP_OK;
}

static enum cp_status check_timeout(int64_t *out, int64_t given_ms, int64_t standard_ms,
                                    const char *what, struct cp_error *err) {
    if (given_ms < 0 || given_ms > ESA_TIMEOUT_MAX_MS)
        return cp_fail(err, CP_ERR_USAGE, "%s time-out: want 1 to %d ms", what, ESA_TIMEOUT_MAX_MS);
    *out = given_ms == 0 ? standard_ms : given_ms;
    return CP_OK;
}

enum cp_status esa_client_new(struct esa_client **out, const struct esa_client_options *options,
                              struct cp_error *err) {
    enum cp_status status;
    *out = NULL;
    struct esa_client *client = calloc(1, sizeof(*client));
    if (client == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "client: out of memory");
    if (options->endpoint != NULL)
        status = esa_endpoint_parse(client->host, options->endpoint, err);
    else
        status = esa_endpoint_from_region(client->host, options->region, err);
    if (status == CP_OK)
        status = check_timeout(&client->connect_timeout_ms, options->connect_timeout_ms,
                               ESA_CONNECT_TIMEOUT_MS, "connect", err);
    if (status == CP_OK)
        status = check_timeout(&client->total_timeout_ms, options->total_timeout_ms,
                               ESA_TOTAL_TIMEOUT_MS, "total", err);
    if (status != CP_OK)
        goto out;
    if (options->ca_file != NULL) {
        client->ca_file = strdup(options->ca_file);
        if (client->ca_file == NULL) {
            status = cp_fail(err, CP_ERR_MEMORY, "client: out of memory");
            goto out;
        }
    }
    client->credential = options->credential;
    client->transport = options->transport != NULL ? options->transport : esa_transport_curl;
    client->transport_context = options->transport_context;
    client->clock = options->clock != NULL ? options->clock : esa_clock_system;
    client->clock_context = options->clock_context;
    client->nonce = options->nonce != NULL ? options->nonce : esa_nonce_random;
    client->nonce_context = options->nonce_context;
    client->cancel = options->cancel;
    client->cancel_context = options->cancel_context;
    *out = client;
    client = NULL;
out:
    esa_client_free(client);
    return status;
}

void esa_client_free(struct esa_client *client) {
    if (client == NULL)
        return;
    free(client->ca_file);
    free(client);
}

const char *esa_client_host(const struct esa_client *client) {
    return client->host;
}

enum cp_status esa_client_call(const struct esa_client *client, struct esa_outcome *outcome,
                               struct esa_reply **typed, const struct esa_request *request,
                               struct cp_error *err) {
    char nonce[ESA_NONCE_LEN + 1];
    struct esa_http_reply reply = {0};
    struct esa_http_request message = {
        .connect_timeout_ms = client->connect_timeout_ms,
        .total_timeout_ms = client->total_timeout_ms,
        .cancel = client->cancel,
        .cancel_context = client->cancel_context,
        .ca_file = client->ca_file,
    };
    struct esa_message_input input = {
        .request = request, .credential = client->credential, .host = client->host};
    enum cp_status status = client->clock(client->clock_context, &input.now_s, err);
    esa_outcome_init(outcome);
    if (typed != NULL)
        *typed = NULL;
    if (status != CP_OK)
        return status;
    status = client->nonce(client->nonce_context, nonce, err);
    input.nonce = nonce;
    if (status != CP_OK)
        return status;
    status = esa_message_build(&message, &input, err);
    if (status != CP_OK)
        goto out;
    status = client->transport(client->transport_context, &reply, &message, err);
    if (status != CP_OK)
        goto out;
    /* From here on a failure on this side is part of the outcome: something may have been sent. */
    if (reply.reach == ESA_REACH_NOT_CONNECTED || reply.reach == ESA_REACH_TLS_FAILED)
        status = cp_fail(err, CP_ERR_NETWORK, "%s: %s: %s; nothing was sent", client->host,
                         esa_reach_text(reply.reach), reply.cause);
    else
        esa_outcome_judge(outcome, &reply, request, client->credential, input.now_s);
out:
    esa_http_reply_cleanup(&reply);
    esa_http_request_cleanup(&message);
    return status;
}
