/* The life of one connection: handshake, then request after request. */
#include "emulator.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { INPUT_MAX = ESA_EMU_MAX_REQUEST_LINE + ESA_EMU_MAX_HEADER_BYTES + ESA_EMU_MAX_BODY + 32768 };

static void touch(struct esa_emu_server *server) {
    atomic_store(&server->last_activity_ms, esa_emu_monotonic_ms());
}

/* A random UUID (RFC 9562 5.4), in upper case as the service writes it. */
static bool make_request_id(char out[37]) {
    unsigned char b[16];
    if (RAND_bytes(b, sizeof b) != 1)
        return false;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    (void)snprintf(out, 37, "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X",
                   b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
                   b[13], b[14], b[15]);
    return true;
}

static bool is_form(struct esa_emu_span type) {
    static const char form[] = "application/x-www-form-urlencoded";
    size_t len = sizeof form - 1;
    return type.len >= len && strncasecmp(type.data, form, len) == 0 &&
           (type.len == len || type.data[len] == ';' || type.data[len] == ' ');
}

/* False: the parameters can't be read. */
static bool call_init(struct esa_emu_call *call, const struct esa_emu_request *request) {
    const struct esa_emu_span *host = esa_emu_http_header(request, "host");
    const struct esa_emu_span *action = esa_emu_http_header(request, "x-acs-action");
    const struct esa_emu_span *type = esa_emu_http_header(request, "content-type");
    struct esa_emu_span hostname = {"-", 1}, shown_action = {"-", 1};
    *call = (struct esa_emu_call){.request = request,
                                  .query.text.max = ESA_EMU_MAX_REQUEST_LINE,
                                  .form.text.max = ESA_EMU_MAX_BODY,
                                  .code = ESA_EMU_ACCEPTED};
    if (host == NULL || host->len >= sizeof call->host || !make_request_id(call->request_id))
        return false;
    memcpy(call->host, host->data, host->len);
    if (!esa_emu_params_parse(&call->query, request->query))
        return false;
    if (type != NULL && is_form(*type) && !esa_emu_params_parse(&call->form, request->body))
        return false;
    if (action != NULL && action->len != 0)
        shown_action = *action;
    if (esa_emu_params_find(&call->query, "Hostname", &hostname) == 0)
        (void)esa_emu_params_find(&call->form, "Hostname", &hostname);
    if (hostname.len == 0)
        hostname = (struct esa_emu_span){"-", 1};
    esa_emu_escape(call->action, sizeof call->action, shown_action);
    esa_emu_escape(call->hostname_shown, sizeof call->hostname_shown, hostname);
    return true;
}

static void call_cleanup(struct esa_emu_call *call) {
    esa_emu_params_cleanup(&call->query);
    esa_emu_params_cleanup(&call->form);
    esa_emu_buf_cleanup(&call->canonical);
}

/* Who may not ask gets the true answer and uses up no fault, so that a fault can't hide a client
 * that signs wrongly or repeats a nonce. */
static struct esa_emu_fault carry_out(struct esa_emu_server *server, struct esa_emu_call *call) {
    struct esa_emu_fault fault = {.kind = ESA_EMU_FAULT_NONE};
    esa_emu_verify(call, server->options, server->nonces);
    if (call->code == ESA_EMU_ACCEPTED && esa_emu_api_known(call)) {
        fault = esa_emu_faults_take_request(&server->options->faults);
        if (esa_emu_fault_acts(fault.kind))
            esa_emu_api_act(call, server->store);
    }
    if (call->code != ESA_EMU_ACCEPTED)
        atomic_fetch_add(&server->refused, 1);
    if (call->hostname_id != 0)
        atomic_fetch_add(&server->created, 1);
    if (fault.kind != ESA_EMU_FAULT_NONE)
        atomic_fetch_add(&server->faulted, 1);
    return fault;
}

static bool send_slowly(struct esa_emu_server *server, struct esa_emu_conn *conn,
                        const struct esa_emu_buf *bytes, unsigned ms) {
    for (size_t i = 0; i < bytes->len; i++) {
        conn->deadline_ms = esa_emu_monotonic_ms() + server->options->timeout_ms;
        touch(server);
        if (!esa_emu_conn_write(conn, bytes->data + i, 1) || !esa_emu_conn_sleep(conn, ms))
            return false;
    }
    return true;
}

static bool send_reply(struct esa_emu_server *server, struct esa_emu_conn *conn,
                       const struct esa_emu_reply *reply, const struct esa_emu_fault *fault) {
    struct esa_emu_buf bytes = {.max = ESA_EMU_MAX_REPLY + 8192};
    bool ok = false;
    esa_emu_reply_head(&bytes, reply);
    if (reply->body.len != 0)
        esa_emu_buf_add(&bytes, reply->body.data, reply->body.len);
    conn->deadline_ms = esa_emu_monotonic_ms() + server->options->timeout_ms;
    if (bytes.failed || reply->body.failed || reply->headers.failed)
        ok = false;
    else if (fault->kind == ESA_EMU_FAULT_SLOW)
        ok = send_slowly(server, conn, &bytes, fault->ms);
    else
        ok = esa_emu_conn_write(conn, bytes.data, bytes.len);
    esa_emu_buf_cleanup(&bytes);
    touch(server);
    return ok;
}

/* The faults that answer nothing. True if fault was one of them. */
static bool strike_silently(struct esa_emu_server *server, struct esa_emu_conn *conn,
                            const struct esa_emu_call *call, const struct esa_emu_fault *fault) {
    bool reset =
        fault->kind == ESA_EMU_FAULT_RESET_BEFORE || fault->kind == ESA_EMU_FAULT_RESET_AFTER;
    bool hang = fault->kind == ESA_EMU_FAULT_HANG_BEFORE || fault->kind == ESA_EMU_FAULT_HANG_AFTER;
    if (!reset && !hang)
        return false;
    esa_emu_log_call(&server->log, esa_emu_options_now(server->options), call, 0, "-",
                     esa_emu_fault_name(fault->kind));
    if (reset)
        esa_emu_conn_reset(conn);
    else
        esa_emu_conn_hang(conn);
    return true;
}

/* False: the connection is over. */
static bool answer(struct esa_emu_server *server, struct esa_emu_conn *conn,
                   struct esa_emu_call *call) {
    struct esa_emu_reply reply;
    struct esa_emu_fault fault = carry_out(server, call);
    if (strike_silently(server, conn, call, &fault))
        return false;
    int64_t now_s = esa_emu_options_now(server->options);
    esa_emu_reply_build(&reply, call, &fault, now_s);
    if (call->request->close || esa_emu_faults_want_connection(&server->options->faults))
        reply.close = true;
    esa_emu_log_call(&server->log, now_s, call, reply.status, reply.code,
                     esa_emu_fault_name(fault.kind));
    bool go_on = send_reply(server, conn, &reply, &fault) && !reply.close;
    esa_emu_reply_cleanup(&reply);
    return go_on;
}

static void refuse_http(struct esa_emu_server *server, struct esa_emu_conn *conn, int status) {
    const struct esa_emu_fault none = {.kind = ESA_EMU_FAULT_NONE};
    int64_t now_s = esa_emu_options_now(server->options);
    struct esa_emu_reply reply = {.status = status, .date_s = now_s, .close = true};
    atomic_fetch_add(&server->refused, 1);
    esa_emu_log_bare(&server->log, now_s, status, "-");
    (void)send_reply(server, conn, &reply, &none);
}

/* False: the connection is over. */
static bool serve_one(struct esa_emu_server *server, struct esa_emu_conn *conn,
                      struct esa_emu_buf *in) {
    struct esa_emu_request request;
    struct esa_emu_call call;
    int status = esa_emu_http_read(&request, in, conn, server->options->timeout_ms);
    touch(server);
    if (status < 0)
        return false;
    atomic_fetch_add(&server->requests, 1);
    if (status != 0) {
        refuse_http(server, conn, status);
        return false;
    }
    bool go_on = false;
    if (call_init(&call, &request))
        go_on = answer(server, conn, &call);
    else
        refuse_http(server, conn, 400);
    call_cleanup(&call);
    esa_emu_buf_consume(in, request.head_len + request.content_length);
    return go_on;
}

void esa_emu_serve(struct esa_emu_server *server, int fd) {
    struct esa_emu_conn conn = {.fd = fd, .stop_fd = server->stop_fds[0]};
    struct esa_emu_buf in = {.max = INPUT_MAX};
    conn.deadline_ms = esa_emu_monotonic_ms() + server->options->timeout_ms;
    touch(server);
    if (esa_emu_faults_take_connection(&server->options->faults)) {
        atomic_fetch_add(&server->faulted, 1);
        esa_emu_log_bare(&server->log, esa_emu_options_now(server->options), 0,
                         esa_emu_fault_name(ESA_EMU_FAULT_TLS_CLOSE));
        esa_emu_conn_abort_handshake(&conn);
        return;
    }
    if (esa_emu_conn_handshake(&conn, server->tls)) {
        while (serve_one(server, &conn, &in))
            continue;
    }
    esa_emu_conn_close(&conn);
    esa_emu_buf_cleanup(&in);
}
