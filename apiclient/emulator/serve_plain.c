/* The listener without TLS: instance metadata, as ECS serves it, and a credentials URI. */
#include "emulator.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

enum { INPUT_MAX = 65536 + ESA_EMU_MAX_HEADER_BYTES + ESA_EMU_MAX_REQUEST_LINE };
enum { TTL_MAX_S = 21600, METADATA_LIFETIME_S = 21600 };

static const char credentials_path[] = "/latest/meta-data/ram/security-credentials/";
/* A metadata token is a temporary credential's token, too: one store for both. */
static const char token_role[] = "(metadata)";

struct answer {
    int status;
    const char *action, *reason, *content_type;
    struct esa_emu_buf body;
};

static void refuse(struct answer *answer, int status, const char *reason) {
    answer->status = status;
    answer->reason = reason;
}

static void answer_token(struct answer *answer, struct esa_emu_server *server,
                         const struct esa_emu_request *request) {
    const struct esa_emu_span *ttl =
        esa_emu_http_header(request, "x-aliyun-ecs-metadata-token-ttl-seconds");
    struct esa_emu_session session;
    int64_t ttl_s = 0;
    if (!esa_emu_span_is(request->method, "PUT")) {
        refuse(answer, 405, "want PUT");
    } else if (ttl == NULL || !esa_emu_number(&ttl_s, *ttl, TTL_MAX_S) || ttl_s < 1) {
        refuse(answer, 400, "want X-aliyun-ecs-metadata-token-ttl-seconds, 1 to 21600");
    } else if (!esa_emu_sessions_issue(server->service.sessions, &session, token_role, "",
                                       esa_emu_options_now(server->options) + ttl_s)) {
        refuse(answer, 500, "no random numbers");
    } else {
        esa_emu_buf_printf(&answer->body, "%s:%s", session.key_id, session.token);
        OPENSSL_cleanse(&session, sizeof session);
    }
}

/* Without a token it is the first version of the service, unless that is switched off. */
static bool may_ask(struct answer *answer, struct esa_emu_server *server,
                    const struct esa_emu_request *request) {
    const struct esa_emu_span *sent = esa_emu_http_header(request, "x-aliyun-ecs-metadata-token");
    struct esa_emu_session session;
    if (sent == NULL) {
        if (server->options->metadata_v2_only)
            refuse(answer, 403, "--metadata-v2-only: want a token");
        return !server->options->metadata_v2_only;
    }
    const char *colon = memchr(sent->data, ':', sent->len);
    struct esa_emu_span id = {sent->data, colon != NULL ? (size_t)(colon - sent->data) : 0};
    bool ok = esa_emu_sessions_find(server->service.sessions, &session, id) &&
              strcmp(session.role, token_role) == 0 &&
              esa_emu_options_now(server->options) < session.expires_s;
    struct esa_emu_span token = {sent->data + id.len + 1, sent->len - id.len - (colon != NULL)};
    ok = ok && token.len == strlen(session.token) &&
         CRYPTO_memcmp(token.data, session.token, token.len) == 0;
    OPENSSL_cleanse(&session, sizeof session);
    if (!ok)
        refuse(answer, 401, "the token is unknown, or its time is over");
    return ok;
}

/* The credential of the role: the last one, while half of its time is left. */
static bool current(struct esa_emu_session *out, struct esa_emu_server *server, const char *name) {
    const struct esa_emu_options *options = server->options;
    int64_t now_s = esa_emu_options_now(server->options);
    int64_t lifetime_s =
        options->sts_lifetime_s != 0 ? options->sts_lifetime_s : METADATA_LIFETIME_S;
    return esa_emu_sessions_last(server->service.sessions, out, options->metadata_role, name,
                                 now_s + lifetime_s / 2 + 1) ||
           esa_emu_sessions_issue(server->service.sessions, out, options->metadata_role, name,
                                  now_s + lifetime_s);
}

static void answer_credentials(struct answer *answer, struct esa_emu_server *server,
                               const char *name) {
    struct esa_emu_session session;
    struct esa_emu_buf *out = &answer->body;
    if (!current(&session, server, name)) {
        refuse(answer, 500, "no random numbers");
        return;
    }
    answer->content_type = "application/json";
    esa_emu_json_open(out, NULL, "{");
    esa_emu_json_text(out, "AccessKeyId", session.key_id);
    esa_emu_json_text(out, "AccessKeySecret", session.secret);
    esa_emu_json_time(out, "Expiration", session.expires_s);
    esa_emu_json_text(out, "SecurityToken", session.token);
    esa_emu_json_time(out, "LastUpdated", esa_emu_options_now(server->options));
    esa_emu_json_text(out, "Code", "Success");
    esa_emu_buf_text(out, "}");
    OPENSSL_cleanse(&session, sizeof session);
}

static void answer_metadata(struct answer *answer, struct esa_emu_server *server,
                            const struct esa_emu_request *request) {
    size_t start = sizeof credentials_path - 1;
    struct esa_emu_span path = request->path;
    if (!esa_emu_span_is(request->method, "GET")) {
        refuse(answer, 405, "want GET");
    } else if (may_ask(answer, server, request)) {
        struct esa_emu_span role = {path.data + start, path.len - start};
        if (role.len == 0)
            esa_emu_buf_text(&answer->body, server->options->metadata_role);
        else if (esa_emu_span_is(role, server->options->metadata_role))
            answer_credentials(answer, server, "metadata");
        else
            refuse(answer, 404, "no such role");
    }
}

static void answer_uri(struct answer *answer, struct esa_emu_server *server,
                       const struct esa_emu_request *request) {
    const char *wanted = server->options->uri_token;
    struct esa_emu_params params = {.text.max = ESA_EMU_MAX_REQUEST_LINE};
    struct esa_emu_span token = {"", 0};
    bool read = esa_emu_params_parse(&params, request->query);
    if (read)
        (void)esa_emu_params_find(&params, "token", &token);
    if (!esa_emu_span_is(request->method, "GET"))
        refuse(answer, 405, "want GET");
    else if (!read)
        refuse(answer, 400, "a malformed query");
    else if (wanted[0] != '\0' &&
             (token.len != strlen(wanted) || CRYPTO_memcmp(token.data, wanted, token.len) != 0))
        refuse(answer, 403, "want the token");
    else
        answer_credentials(answer, server, "uri");
    esa_emu_params_cleanup(&params);
}

static void find_answer(struct answer *answer, struct esa_emu_server *server,
                        const struct esa_emu_request *request) {
    size_t start = sizeof credentials_path - 1;
    if (esa_emu_span_is(request->path, "/latest/api/token")) {
        answer->action = "MetadataToken";
        answer_token(answer, server, request);
    } else if (request->path.len >= start &&
               memcmp(request->path.data, credentials_path, start) == 0) {
        answer->action = "MetadataCredentials";
        answer_metadata(answer, server, request);
    } else if (esa_emu_span_is(request->path, "/credentials")) {
        answer->action = "CredentialsUri";
        answer_uri(answer, server, request);
    } else {
        answer->action = "Metadata";
        refuse(answer, 404, "no such path");
    }
}

/* The faults that make sense here bend the answer; the rest strike as it is sent. True: nothing is
 * to be answered any more. */
static bool strike(struct answer *answer, struct esa_emu_server *server, struct esa_emu_conn *conn,
                   const struct esa_emu_fault *fault) {
    bool reset = fault->kind == ESA_EMU_FAULT_RESET_BEFORE;
    bool hang = fault->kind == ESA_EMU_FAULT_HANG_BEFORE;
    if (fault->kind != ESA_EMU_FAULT_NONE)
        atomic_fetch_add(&server->faulted, 1);
    if (reset || hang) {
        esa_emu_log_bare(&server->log, esa_emu_options_now(server->options), answer->action, 0,
                         esa_emu_fault_name(fault->kind), "");
        if (reset)
            esa_emu_conn_reset(conn);
        else
            esa_emu_conn_hang(conn);
    } else if (fault->kind == ESA_EMU_FAULT_ERROR) {
        refuse(answer, esa_emu_error_get(fault->code)->status, "a fault");
    } else if (fault->kind == ESA_EMU_FAULT_HTML502) {
        refuse(answer, 502, "a fault");
    } else if (fault->kind == ESA_EMU_FAULT_EMPTY_200) {
        answer->body.len = 0;
    } else if (fault->kind == ESA_EMU_FAULT_BAD_JSON) {
        answer->body.len /= 2;
    }
    return reset || hang;
}

/* False: the connection is over. */
static bool send_answer(struct answer *answer, struct esa_emu_server *server,
                        struct esa_emu_conn *conn, const struct esa_emu_fault *fault, bool close) {
    struct esa_emu_buf bytes = {.max = 16384};
    int64_t now_s = esa_emu_options_now(server->options);
    if (answer->status != 200) {
        atomic_fetch_add(&server->refused, 1);
        answer->content_type = "text/plain";
        answer->body.len = 0;
        esa_emu_buf_printf(&answer->body, "%d - %s\n", answer->status,
                           esa_emu_http_reason(answer->status));
    }
    struct esa_emu_reply reply = {.status = answer->status,
                                  .content_type = answer->content_type,
                                  .claimed_len = answer->body.len,
                                  .date_s = now_s,
                                  .close = close};
    esa_emu_log_bare(&server->log, now_s, answer->action, answer->status,
                     esa_emu_fault_name(fault->kind), answer->reason);
    esa_emu_reply_head(&bytes, &reply);
    if (answer->body.len != 0)
        esa_emu_buf_add(&bytes, answer->body.data, answer->body.len);
    bool go_on = server->options->latency_ms == 0 ||
                 esa_emu_conn_sleep(conn, (unsigned)server->options->latency_ms);
    go_on = go_on && !bytes.failed && !answer->body.failed &&
            esa_emu_send(server, conn, &bytes, fault) && !close;
    esa_emu_buf_cleanup(&bytes);
    return go_on;
}

/* False: the connection is over. */
static bool serve_one(struct esa_emu_server *server, struct esa_emu_conn *conn,
                      struct esa_emu_buf *in) {
    struct esa_emu_request request;
    struct esa_emu_fault fault = {.kind = ESA_EMU_FAULT_NONE};
    struct answer answer = {
        .status = 200, .action = "-", .reason = "", .content_type = "text/plain", .body.max = 4096};
    int status = esa_emu_http_read(&request, in, conn, server->options->timeout_s * 1000);
    if (status < 0)
        return false;
    esa_emu_server_touch(server);
    atomic_fetch_add(&server->requests, 1);
    if (status != 0) {
        refuse(&answer, status, "malformed HTTP request");
    } else {
        find_answer(&answer, server, &request);
        fault = esa_emu_faults_take_named(&server->options->faults, answer.action);
    }
    bool go_on = !strike(&answer, server, conn, &fault) &&
                 send_answer(&answer, server, conn, &fault, status != 0 || request.close);
    if (status == 0)
        esa_emu_buf_consume(in, request.head_len + request.content_length);
    esa_emu_buf_cleanup(&answer.body);
    return go_on;
}

void esa_emu_serve_plain(struct esa_emu_server *server, int fd) {
    struct esa_emu_conn conn = {.fd = fd, .stop_fd = server->stop_fds[0]};
    struct esa_emu_buf in = {.max = INPUT_MAX};
    esa_emu_server_touch(server);
    while (serve_one(server, &conn, &in))
        continue;
    esa_emu_conn_close(&conn);
    esa_emu_buf_cleanup(&in);
}
