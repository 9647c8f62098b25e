/* The life of one TLS connection: handshake, then request after request. */
#include "emulator.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { INPUT_MAX = ESA_EMU_MAX_REQUEST_LINE + ESA_EMU_MAX_HEADER_BYTES + ESA_EMU_MAX_BODY + 32768 };

void esa_emu_server_touch(struct esa_emu_server *server) {
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

/* The first that is there; empty if neither is. */
static struct esa_emu_span param_of(const struct esa_emu_call *call, const char *name) {
    struct esa_emu_span value = {"", 0};
    if (esa_emu_params_find(&call->query, name, &value) == 0)
        (void)esa_emu_params_find(&call->form, name, &value);
    return value;
}

/* Whom the call is about, for the log and for fault scripts: by name or by id. */
static void identify(struct esa_emu_call *call, struct esa_emu_server *server) {
    const struct esa_emu_span *action = esa_emu_http_header(call->request, "x-acs-action");
    struct esa_emu_span shown = action != NULL ? *action : param_of(call, "Action");
    struct esa_emu_span hostname = param_of(call, "Hostname");
    if (esa_emu_number(&call->hostname_id, param_of(call, "HostnameId"), INT64_MAX)) {
        esa_emu_store_name(server->service.store, call->hostname, call->hostname_id);
        hostname = (struct esa_emu_span){call->hostname, strlen(call->hostname)};
    } else if (!esa_emu_lower(call->hostname, sizeof call->hostname, hostname)) {
        call->hostname[0] = '\0';
    }
    if (hostname.len == 0)
        hostname = (struct esa_emu_span){"-", 1};
    if (shown.len == 0)
        shown = (struct esa_emu_span){"-", 1};
    esa_emu_escape(call->action, sizeof call->action, shown);
    esa_emu_escape(call->hostname_shown, sizeof call->hostname_shown, hostname);
}

/* False: the parameters can't be read. */
static bool call_init(struct esa_emu_call *call, const struct esa_emu_request *request,
                      struct esa_emu_server *server) {
    const struct esa_emu_span *host = esa_emu_http_header(request, "host");
    const struct esa_emu_span *type = esa_emu_http_header(request, "content-type");
    *call = (struct esa_emu_call){.request = request,
                                  .query.text.max = ESA_EMU_MAX_REQUEST_LINE,
                                  .form.text.max = ESA_EMU_MAX_BODY,
                                  .result.max = ESA_EMU_MAX_REPLY / 2,
                                  .bend = ESA_EMU_FAULT_NONE,
                                  .code = ESA_EMU_ACCEPTED};
    if (host == NULL || host->len >= sizeof call->host || !make_request_id(call->request_id))
        return false;
    memcpy(call->host, host->data, host->len);
    if (!esa_emu_params_parse(&call->query, request->query))
        return false;
    if (type != NULL && is_form(*type) && !esa_emu_params_parse(&call->form, request->body))
        return false;
    identify(call, server);
    return true;
}

static void call_cleanup(struct esa_emu_call *call) {
    esa_emu_params_cleanup(&call->query);
    esa_emu_params_cleanup(&call->form);
    esa_emu_buf_cleanup(&call->canonical);
    esa_emu_buf_cleanup(&call->result);
}

/* Who may not ask gets the true answer and uses up no fault of a call, so that a fault can't hide a
 * client that signs wrongly or repeats a nonce. *fault may hold one that struck already. */
static void carry_out(struct esa_emu_server *server, struct esa_emu_call *call,
                      struct esa_emu_fault *fault) {
    bool known = esa_emu_api_find(call);
    enum esa_emu_code unknown_code = call->code;
    const char *unknown_reason = call->reason;
    esa_emu_verify(call, &server->service);
    if (call->code == ESA_EMU_ACCEPTED && !known)
        (void)esa_emu_refuse(call, unknown_code, unknown_reason);
    if (call->code == ESA_EMU_ACCEPTED) {
        if (fault->kind == ESA_EMU_FAULT_NONE)
            *fault = esa_emu_faults_take(&server->options->faults, ESA_EMU_AT_CALL,
                                         call->operation->action, call->hostname);
        call->bend = fault->kind;
        if (esa_emu_fault_acts(fault->kind))
            esa_emu_api_act(call, &server->service);
    }
    if (call->code != ESA_EMU_ACCEPTED)
        atomic_fetch_add(&server->refused, 1);
    if (call->created)
        atomic_fetch_add(&server->created, 1);
    if (fault->kind != ESA_EMU_FAULT_NONE)
        atomic_fetch_add(&server->faulted, 1);
}

static int64_t deadline(const struct esa_emu_server *server) {
    return esa_emu_monotonic_ms() + server->options->timeout_s * 1000;
}

static bool send_slowly(struct esa_emu_server *server, struct esa_emu_conn *conn,
                        const struct esa_emu_buf *bytes, unsigned ms) {
    for (size_t i = 0; i < bytes->len; i++) {
        conn->deadline_ms = deadline(server);
        esa_emu_server_touch(server);
        if (!esa_emu_conn_write(conn, bytes->data + i, 1) || !esa_emu_conn_sleep(conn, ms))
            return false;
    }
    return true;
}

bool esa_emu_send(struct esa_emu_server *server, struct esa_emu_conn *conn,
                  const struct esa_emu_buf *bytes, const struct esa_emu_fault *fault) {
    size_t part = fault->number < bytes->len ? fault->number : bytes->len;
    conn->deadline_ms = deadline(server);
    switch (fault->kind) {
    case ESA_EMU_FAULT_SLOW:
        return send_slowly(server, conn, bytes, fault->number);
    case ESA_EMU_FAULT_CUT_REPLY:
        (void)esa_emu_conn_write(conn, bytes->data, part);
        esa_emu_conn_reset(conn);
        return false;
    case ESA_EMU_FAULT_HANG_MID:
        if (esa_emu_conn_write(conn, bytes->data, part))
            esa_emu_conn_hang(conn);
        return false;
    case ESA_EMU_FAULT_DUPLICATE_REPLY: {
        bool once = esa_emu_conn_write(conn, bytes->data, bytes->len);
        return once && esa_emu_conn_write(conn, bytes->data, bytes->len);
    }
    default:
        return esa_emu_conn_write(conn, bytes->data, bytes->len);
    }
}

static bool send_reply(struct esa_emu_server *server, struct esa_emu_conn *conn,
                       const struct esa_emu_reply *reply, const struct esa_emu_fault *fault) {
    struct esa_emu_buf bytes = {.max = ESA_EMU_MAX_REPLY + 8192};
    bool ok = false;
    esa_emu_reply_head(&bytes, reply);
    if (reply->body.len != 0)
        esa_emu_buf_add(&bytes, reply->body.data, reply->body.len);
    if (!bytes.failed && !reply->body.failed && !reply->headers.failed)
        ok = esa_emu_send(server, conn, &bytes, fault);
    esa_emu_buf_cleanup(&bytes);
    esa_emu_server_touch(server);
    return ok;
}

/* The faults that answer nothing. True if fault was one of them. */
static bool strike_silently(struct esa_emu_server *server, struct esa_emu_conn *conn,
                            const struct esa_emu_call *call, const struct esa_emu_fault *fault) {
    bool hang = fault->kind == ESA_EMU_FAULT_HANG_BEFORE || fault->kind == ESA_EMU_FAULT_HANG_AFTER;
    bool reset =
        fault->kind == ESA_EMU_FAULT_RESET_BEFORE || fault->kind == ESA_EMU_FAULT_RESET_AFTER;
    bool drop = fault->kind == ESA_EMU_FAULT_CUT_REQUEST;
    if (!reset && !hang && !drop)
        return false;
    esa_emu_log_call(&server->log, esa_emu_options_now(server->options), call, 0, "-",
                     esa_emu_fault_name(fault->kind));
    if (reset)
        esa_emu_conn_reset(conn);
    else if (drop)
        esa_emu_conn_drop(conn);
    else
        esa_emu_conn_hang(conn);
    return true;
}

/* False: the connection is over. */
static bool answer(struct esa_emu_server *server, struct esa_emu_conn *conn,
                   struct esa_emu_call *call, struct esa_emu_fault fault) {
    struct esa_emu_reply reply;
    bool was_slow = fault.kind == ESA_EMU_FAULT_SLOW_REQUEST;
    carry_out(server, call, &fault);
    /* A slow reader that was meant for this call only was not slow yet. */
    if (fault.kind == ESA_EMU_FAULT_SLOW_REQUEST && !was_slow) {
        uint64_t ms =
            (uint64_t)fault.number * (call->request->head_len + call->request->content_length);
        if (!esa_emu_conn_sleep(conn, ms < INT_MAX ? (unsigned)ms : INT_MAX))
            return false;
    }
    if (strike_silently(server, conn, call, &fault))
        return false;
    if (server->options->latency_ms != 0 &&
        !esa_emu_conn_sleep(conn, (unsigned)server->options->latency_ms))
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
    esa_emu_log_bare(&server->log, now_s, "-", status, "-", "malformed HTTP request");
    (void)send_reply(server, conn, &reply, &none);
}

/* Closes once the request's first N bytes are read. */
static void cut_request(struct esa_emu_server *server, struct esa_emu_conn *conn) {
    atomic_fetch_add(&server->requests, 1);
    atomic_fetch_add(&server->faulted, 1);
    esa_emu_log_bare(&server->log, esa_emu_options_now(server->options), "-", 0,
                     esa_emu_fault_name(ESA_EMU_FAULT_CUT_REQUEST), "");
    esa_emu_conn_drop(conn);
}

/* False: the connection is over. */
static bool serve_one(struct esa_emu_server *server, struct esa_emu_conn *conn,
                      struct esa_emu_buf *in) {
    struct esa_emu_request request;
    struct esa_emu_call call;
    conn->deadline_ms = deadline(server);
    if (in->len == 0 && !esa_emu_conn_wait(conn))
        return false;
    struct esa_emu_fault fault =
        esa_emu_faults_take(&server->options->faults, ESA_EMU_AT_REQUEST, "", "");
    bool cut = fault.kind == ESA_EMU_FAULT_CUT_REQUEST;
    conn->has_budget = cut;
    conn->budget = fault.number;
    conn->pause_ms = fault.kind == ESA_EMU_FAULT_SLOW_REQUEST ? fault.number : 0;
    int status = esa_emu_http_read(&request, in, conn, server->options->timeout_s * 1000);
    conn->has_budget = false;
    conn->pause_ms = 0;
    esa_emu_server_touch(server);
    if (cut) {
        cut_request(server, conn);
        return false;
    }
    if (status < 0)
        return false;
    if (status == 0 && esa_emu_span_is(request.method, "PUT"))
        status = 501;
    atomic_fetch_add(&server->requests, 1);
    if (status != 0) {
        refuse_http(server, conn, status);
        return false;
    }
    bool go_on = false;
    if (call_init(&call, &request, server))
        go_on = answer(server, conn, &call, fault);
    else
        refuse_http(server, conn, 400);
    call_cleanup(&call);
    esa_emu_buf_consume(in, request.head_len + request.content_length);
    return go_on;
}

void esa_emu_serve(struct esa_emu_server *server, int fd) {
    struct esa_emu_conn conn = {.fd = fd, .stop_fd = server->stop_fds[0]};
    struct esa_emu_buf in = {.max = INPUT_MAX};
    conn.deadline_ms = deadline(server);
    esa_emu_server_touch(server);
    struct esa_emu_fault fault =
        esa_emu_faults_take(&server->options->faults, ESA_EMU_AT_CONNECTION, "", "");
    if (fault.kind != ESA_EMU_FAULT_NONE) {
        atomic_fetch_add(&server->faulted, 1);
        esa_emu_log_bare(&server->log, esa_emu_options_now(server->options), "-", 0,
                         esa_emu_fault_name(fault.kind), "");
        esa_emu_conn_abort_handshake(&conn, fault.kind == ESA_EMU_FAULT_TLS_ALERT);
        return;
    }
    if (esa_emu_conn_handshake(&conn, server->tls)) {
        while (serve_one(server, &conn, &in))
            continue;
    }
    if (conn.fd >= 0)
        esa_emu_conn_close(&conn);
    esa_emu_buf_cleanup(&in);
}
