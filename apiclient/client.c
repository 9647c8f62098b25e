/* client: one attempt. */
#include "client.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "message.h"
#include "outcome.h"
#include "reply.h"
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

/* NULL stays NULL. */
static enum cp_status copy_text(char **out, const char *text, struct cp_error *err) {
    *out = text == NULL ? NULL : strdup(text);
    if (text != NULL && *out == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "client: out of memory");
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
    if (status == CP_OK && options->proxy != NULL)
        status = esa_proxy_check(options->proxy, err);
    if (status == CP_OK)
        status = copy_text(&client->proxy, options->proxy, err);
    if (status == CP_OK)
        status = copy_text(&client->ca_file, options->ca_file, err);
    if (status == CP_OK && options->transport == NULL)
        status = esa_kept_new(&client->kept, err);
    if (status != CP_OK)
        goto out;
    client->credential = options->credential;
    client->transport = options->transport != NULL ? options->transport : esa_transport_curl;
    client->transport_context =
        options->transport != NULL ? options->transport_context : (void *)client->kept;
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
    esa_kept_free(client->kept);
    free(client->ca_file);
    free(client->proxy);
    free(client);
}

const char *esa_client_host(const struct esa_client *client) {
    return client->host;
}

enum cp_status esa_attempt_begin(struct esa_attempt *attempt, const struct esa_client *client,
                                 const struct esa_request *request, struct cp_error *err) {
    char nonce[ESA_NONCE_LEN + 1];
    bool is_read = request->operation->effect == ESA_EFFECT_NONE;
    struct esa_message_input input = {
        .request = request, .credential = client->credential, .host = client->host};
    enum cp_status status = CP_OK;
    *attempt = (struct esa_attempt){
        .request = request,
        .message =
            {
                .connect_timeout_ms = client->connect_timeout_ms,
                .total_timeout_ms = client->total_timeout_ms,
                .max_reply_len = esa_request_max_reply_len(request),
                /* A peer that sends a reply twice shifts all that follow on a kept connection. Most
                 * replies name what they are about; an empty list does not, and an absence that it
                 * states may be acted upon. */
                .may_reuse = is_read && esa_request_operation_id(request) != ESA_OP_LIST,
                .may_resend = is_read,
                .cancel = client->cancel,
                .cancel_context = client->cancel_context,
                .ca_file = client->ca_file,
                .proxy = client->proxy,
            },
    };
    if (client->credential != NULL)
        status = esa_credential_refresh(client->credential, err);
    if (status == CP_OK)
        status = client->clock(client->clock_context, &input.now_s, err);
    if (status == CP_OK)
        status = client->nonce(client->nonce_context, nonce, err);
    input.nonce = nonce;
    if (status == CP_OK)
        status = esa_reply_new(&attempt->typed, err);
    if (status == CP_OK)
        status = esa_message_build(&attempt->message, &input, err);
    attempt->now_s = input.now_s;
    if (status != CP_OK)
        esa_attempt_end(attempt);
    return status;
}

enum cp_status esa_attempt_judge(struct esa_attempt *attempt, const struct esa_client *client,
                                 struct esa_outcome *outcome, struct esa_reply **typed,
                                 struct cp_error *err) {
    const struct esa_http_reply *reply = &attempt->reply;
    esa_outcome_init(outcome);
    if (reply->reach == ESA_REACH_NOT_CONNECTED || reply->reach == ESA_REACH_TLS_FAILED)
        return cp_fail(err, CP_ERR_NETWORK, "%s: %s: %s; nothing was sent", client->host,
                       esa_reach_text(reply->reach), reply->cause);
    esa_outcome_judge(outcome, attempt->typed, reply, attempt->request, client->credential,
                      attempt->now_s);
    if (typed != NULL && outcome->result == ESA_ACCEPTED) {
        *typed = attempt->typed;
        attempt->typed = NULL;
    }
    return CP_OK;
}

void esa_attempt_end(struct esa_attempt *attempt) {
    esa_http_reply_cleanup(&attempt->reply);
    esa_http_request_cleanup(&attempt->message);
    esa_reply_free(attempt->typed);
    *attempt = (struct esa_attempt){0};
}

enum cp_status esa_client_call(const struct esa_client *client, struct esa_outcome *outcome,
                               struct esa_reply **typed, const struct esa_request *request,
                               struct cp_error *err) {
    struct esa_attempt attempt;
    esa_outcome_init(outcome);
    if (typed != NULL)
        *typed = NULL;
    enum cp_status status = esa_attempt_begin(&attempt, client, request, err);
    if (status != CP_OK)
        return status;
    status = client->transport(client->transport_context, &attempt.reply, &attempt.message, err);
    /* From here on a failure on this side is part of the outcome: something may have been sent. */
    if (status == CP_OK)
        status = esa_attempt_judge(&attempt, client, outcome, typed, err);
    esa_attempt_end(&attempt);
    return status;
}
