/* multi: many exchanges at once, over kept connections, in one thread.
 *
 * Each is begun and judged as esa_client_call's one attempt is. A creation may go over a kept
 * connection, but it is never sent a second time by libcurl (transport_curl.h). With a transport
 * that the client was given, exchanges are carried out one after the other. */
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "multi_events.h"
#include "outcome.h"
#include "request.h"
#include "run.h"
#include "transport_curl.h"

/* How long to wait at most before the client's cancel is asked again. */
#define PIECE_MS 200
/* Servers close idle connections, and a creation that meets one that is being closed is UNKNOWN:
 * after a pause a new connection is cheaper. */
#define MAX_IDLE_S 5L

enum slot_state { SLOT_FREE, SLOT_ACTIVE, SLOT_DONE };

struct slot {
    enum slot_state state;
    CURL *easy; /* kept from one exchange to the next */
    struct esa_attempt attempt;
    struct esa_exchange exchange;
    struct esa_multi_result result; /* owns a reply if DONE */
};

struct esa_multi {
    const struct esa_client *client;
    CURLM *curlm; /* NULL: the client has a transport of its own */
    struct esa_events events;
    size_t max_active;
    size_t num_active; /* under way, or done and not taken */
    struct slot *slots;
};

enum cp_status esa_multi_new(struct esa_multi **out, const struct esa_client *client,
                             size_t max_active, struct cp_error *err) {
    struct esa_multi *multi = NULL;
    enum cp_status status = CP_OK;
    *out = NULL;
    if (max_active < 1 || max_active > ESA_MULTI_MAX)
        return cp_fail(err, CP_ERR_USAGE, "concurrency: want 1 to %zu", ESA_MULTI_MAX);
    multi = calloc(1, sizeof(*multi));
    if (multi != NULL)
        multi->slots = calloc(max_active, sizeof(*multi->slots));
    if (multi == NULL || multi->slots == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "concurrency: out of memory");
        goto out;
    }
    multi->client = client;
    multi->max_active = max_active;
    if (client->transport == esa_transport_curl) {
        status = esa_libcurl_load("transport", err);
        if (status != CP_OK)
            goto out;
        multi->curlm = esa_libcurl.multi_init();
        if (multi->curlm == NULL ||
            esa_libcurl.multi_setopt(multi->curlm, CURLMOPT_MAXCONNECTS, (long)max_active) !=
                CURLM_OK ||
            esa_events_init(&multi->events, multi->curlm) != CURLM_OK) {
            status = cp_fail(err, CP_ERR_MEMORY, "concurrency: out of memory");
            goto out;
        }
    }
    *out = multi;
    multi = NULL;
out:
    esa_multi_free(multi);
    return status;
}

static void release(struct esa_multi *multi, struct slot *slot) {
    if (multi->curlm != NULL)
        (void)esa_libcurl.multi_remove_handle(multi->curlm, slot->easy);
    esa_exchange_close(&slot->exchange);
    esa_attempt_end(&slot->attempt);
}

void esa_multi_free(struct esa_multi *multi) {
    struct esa_sigpipe guard;
    if (multi == NULL)
        return;
    esa_sigpipe_block(&guard);
    for (size_t i = 0; multi->slots != NULL && i < multi->max_active; i++) {
        struct slot *slot = &multi->slots[i];
        if (slot->state == SLOT_ACTIVE)
            release(multi, slot);
        if (slot->state == SLOT_DONE)
            esa_reply_free(slot->result.reply);
        if (slot->easy != NULL)
            esa_libcurl.easy_cleanup(slot->easy);
    }
    if (multi->curlm != NULL)
        (void)esa_libcurl.multi_cleanup(multi->curlm);
    esa_sigpipe_restore(&guard);
    free(multi->slots);
    free(multi);
}

size_t esa_multi_num_active(const struct esa_multi *multi) {
    return multi->num_active;
}

/* attempt.reply is filled, or status says that nothing was tried. */
static void conclude(struct esa_multi *multi, struct slot *slot, enum cp_status status) {
    struct esa_multi_result *result = &slot->result;
    if (status == CP_OK)
        status = esa_attempt_judge(&slot->attempt, multi->client, &result->outcome, &result->reply,
                                   &result->error);
    result->status = status;
    esa_attempt_end(&slot->attempt);
    slot->state = SLOT_DONE;
}

static enum cp_status start_curl(struct esa_multi *multi, struct slot *slot, struct cp_error *err) {
    if (slot->easy == NULL)
        slot->easy = esa_libcurl.easy_init();
    if (slot->easy == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "transport: out of memory");
    /* Of what changes something, only a creation's reply names what it is about, so that no other's
     * reply, sent twice, can be taken for it. */
    if (esa_request_operation_id(slot->attempt.request) == ESA_OP_CREATE)
        slot->attempt.message.may_reuse = true;
    enum cp_status status = esa_exchange_open(&slot->exchange, &slot->attempt.reply,
                                              &slot->attempt.message, slot->easy, err);
    if (status != CP_OK)
        return status;
    if ((!slot->attempt.message.may_resend &&
         esa_libcurl.easy_setopt(slot->easy, CURLOPT_MAXAGE_CONN, MAX_IDLE_S) != CURLE_OK) ||
        esa_libcurl.multi_add_handle(multi->curlm, slot->easy) != CURLM_OK) {
        esa_exchange_close(&slot->exchange);
        return cp_fail(err, CP_ERR_MEMORY, "transport: out of memory");
    }
    return CP_OK;
}

enum cp_status esa_multi_start(struct esa_multi *multi, const struct esa_request *request,
                               void *user, struct cp_error *err) {
    struct slot *slot = NULL;
    for (size_t i = 0; i < multi->max_active && slot == NULL; i++)
        if (multi->slots[i].state == SLOT_FREE)
            slot = &multi->slots[i];
    if (slot == NULL)
        return cp_fail(err, CP_ERR_LIMIT, "concurrency: %zu exchanges are under way",
                       multi->max_active);
    slot->result = (struct esa_multi_result){.user = user};
    esa_outcome_init(&slot->result.outcome);
    enum cp_status status = esa_attempt_begin(&slot->attempt, multi->client, request, err);
    if (status != CP_OK)
        return status;
    if (multi->curlm != NULL) {
        status = start_curl(multi, slot, err);
        if (status != CP_OK) {
            esa_attempt_end(&slot->attempt);
            return status;
        }
        slot->state = SLOT_ACTIVE;
    } else {
        status = multi->client->transport(multi->client->transport_context, &slot->attempt.reply,
                                          &slot->attempt.message, &slot->result.error);
        conclude(multi, slot, status);
    }
    multi->num_active++;
    return CP_OK;
}

/* The exchange has ended, by itself or because it is cut. */
static void settle(struct esa_multi *multi, struct slot *slot, CURLcode code) {
    (void)esa_libcurl.multi_remove_handle(multi->curlm, slot->easy);
    esa_exchange_settle(&slot->exchange, code);
    esa_exchange_close(&slot->exchange);
    conclude(multi, slot, CP_OK);
}

/* Lets libcurl work, and judges what has ended. */
static enum cp_status go_on(struct esa_multi *multi, int64_t timeout_ms, struct cp_error *err) {
    int num_left = 0;
    CURLMsg *message;
    struct esa_sigpipe guard;
    esa_sigpipe_block(&guard);
    CURLMcode code = esa_events_wait(&multi->events, timeout_ms);
    while ((message = esa_libcurl.multi_info_read(multi->curlm, &num_left)) != NULL) {
        CURLcode result = message->data.result; /* the message is gone with its handle */
        CURL *easy = message->easy_handle;
        if (message->msg != CURLMSG_DONE)
            continue;
        for (size_t i = 0; i < multi->max_active; i++)
            if (multi->slots[i].state == SLOT_ACTIVE && multi->slots[i].easy == easy)
                settle(multi, &multi->slots[i], result);
    }
    if (code == CURLM_OK && esa_client_is_cancelled(multi->client))
        for (size_t i = 0; i < multi->max_active; i++)
            if (multi->slots[i].state == SLOT_ACTIVE)
                settle(multi, &multi->slots[i], CURLE_ABORTED_BY_CALLBACK);
    esa_sigpipe_restore(&guard);
    if (code != CURLM_OK)
        return cp_fail(err, code == CURLM_OUT_OF_MEMORY ? CP_ERR_MEMORY : CP_ERR_NETWORK,
                       "transport: libcurl's multi error %d", (int)code);
    return CP_OK;
}

static bool take(struct esa_multi *multi, struct esa_multi_result *result) {
    for (size_t i = 0; i < multi->max_active; i++) {
        struct slot *slot = &multi->slots[i];
        if (slot->state != SLOT_DONE)
            continue;
        *result = slot->result;
        slot->result = (struct esa_multi_result){0};
        slot->state = SLOT_FREE;
        multi->num_active--;
        return true;
    }
    return false;
}

enum cp_status esa_multi_wait(struct esa_multi *multi, bool *has_result,
                              struct esa_multi_result *result, int64_t timeout_ms,
                              struct cp_error *err) {
    int64_t until_ms = esa_now_ms() + (timeout_ms > 0 ? timeout_ms : 0);
    *has_result = take(multi, result);
    while (!*has_result && multi->num_active > 0) {
        int64_t left_ms = until_ms - esa_now_ms();
        int64_t piece_ms = left_ms < PIECE_MS ? left_ms : PIECE_MS;
        enum cp_status status = go_on(multi, piece_ms > 0 ? piece_ms : 0, err);
        if (status != CP_OK)
            return status;
        *has_result = take(multi, result);
        if (left_ms <= 0)
            break;
    }
    return CP_OK;
}
