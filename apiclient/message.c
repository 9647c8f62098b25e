/* message: a signed HTTP request. */
#include "message.h"

#include <stdio.h>
#include <string.h>

#include "text.h"
#include "wire.h"

void esa_http_request_cleanup(struct esa_http_request *request) {
    cp_secret_cleanup(&request->url);
    cp_secret_cleanup(&request->text);
    cp_secret_cleanup(&request->body);
    request->num_headers = 0;
}

void esa_http_reply_cleanup(struct esa_http_reply *reply) {
    cp_secret_cleanup(&reply->body);
    *reply = (struct esa_http_reply){0};
}

const char *esa_reach_text(enum esa_reach reach) {
    static const char *const texts[ESA_NUM_REACH] = {
        [ESA_REACH_NOT_CONNECTED] = "no connection",
        [ESA_REACH_TLS_FAILED] = "no TLS with a verified peer",
        [ESA_REACH_NO_REPLY] = "sent, no reply",
        [ESA_REACH_REPLY] = "a whole reply",
        [ESA_REACH_REPLY_CUT] = "a reply that was cut off",
    };
    return (unsigned)reach < ESA_NUM_REACH ? texts[reach] : "unknown";
}

static bool is_bearer(const struct esa_message_input *input) {
    return input->credential != NULL && input->credential->kind == ESA_CREDENTIAL_BEARER;
}

enum cp_status esa_message_parameters(struct cp_secret *query, struct cp_secret *body,
                                      const struct esa_message_input *input, struct cp_error *err) {
    struct esa_pair pairs[ESA_MAX_PARAMETERS + 1];
    struct esa_pair signature_type = {"SignatureType", "BEARERTOKEN", strlen("BEARERTOKEN")};
    size_t num = esa_request_pairs(pairs, input->request);
    bool is_form = esa_request_is_form(input->request);
    enum cp_status status = CP_OK;
    *query = *body = (struct cp_secret){0};
    if (is_form)
        status = esa_canon_query(body, pairs, num, err);
    else if (is_bearer(input))
        pairs[num++] = signature_type;
    if (status == CP_OK && !is_form)
        status = esa_canon_query(query, pairs, num, err);
    else if (status == CP_OK)
        status = esa_canon_query(query, &signature_type, is_bearer(input) ? 1 : 0, err);
    if (status != CP_OK)
        cp_secret_cleanup(body);
    return status;
}

static void add_header(struct esa_message_headers *out, const char *name, const char *value,
                       size_t value_len) {
    out->pairs[out->num++] = (struct esa_pair){name, value, value_len};
}

static void add_text(struct esa_message_headers *out, const char *name, const char *value) {
    add_header(out, name, value, strlen(value));
}

enum cp_status esa_message_headers(struct esa_message_headers *out,
                                   const struct esa_message_input *input,
                                   const struct cp_secret *body, struct cp_error *err) {
    const struct esa_credential *credential = input->credential;
    *out = (struct esa_message_headers){0};
    enum cp_status status = esa_sign_sha256(out->body_sha256, body->data, body->len, err);
    if (status != CP_OK)
        return status;
    if (!esa_date_format(out->date, input->now_s))
        return cp_fail(err, CP_ERR_USAGE, "clock: the time is outside the years 1970 to 9999");
    (void)snprintf(out->user_agent, sizeof(out->user_agent), "certprep/%s", cp_version());
    /* at most 13 of ESA_MAX_HEADERS, with authorization */
    add_text(out, "host", input->host);
    add_text(out, "x-acs-action", input->request->operation->name);
    add_text(out, "x-acs-version", input->request->operation->version);
    add_text(out, "x-acs-date", out->date);
    add_text(out, "x-acs-signature-nonce", input->nonce);
    add_text(out, "x-acs-content-sha256", out->body_sha256);
    if (credential != NULL && credential->kind == ESA_CREDENTIAL_STS) {
        add_text(out, "x-acs-accesskey-id", credential->key_id);
        add_header(out, "x-acs-security-token", (const char *)credential->token.data,
                   credential->token.len);
    }
    if (is_bearer(input))
        add_header(out, "x-acs-bearer-token", (const char *)credential->token.data,
                   credential->token.len);
    if (body->len != 0)
        add_text(out, "content-type", "application/x-www-form-urlencoded");
    add_text(out, "accept", "application/json");
    add_text(out, "user-agent", out->user_agent);
    return CP_OK;
}

enum cp_status esa_message_build(struct esa_http_request *out,
                                 const struct esa_message_input *input, struct cp_error *err) {
    char authorization[ESA_MAX_AUTHORIZATION] = "";
    struct esa_message_headers headers;
    struct cp_secret query = {0};
    enum cp_status status = CP_OK;
    out->method = input->request->operation->method;
    out->host = input->host;
    out->num_headers = 0;
    if (input->credential == NULL)
        return cp_fail(err, CP_ERR_USAGE, "request: no credential to sign it with");
    status = esa_message_parameters(&query, &out->body, input, err);
    if (status != CP_OK)
        goto out;
    status = esa_message_headers(&headers, input, &out->body, err);
    if (status == CP_OK && !is_bearer(input)) {
        status = esa_wire_authorization(authorization, input->credential, out->method, &query,
                                        headers.pairs, headers.num, headers.body_sha256, err);
        add_text(&headers, "authorization", authorization);
    }
    if (status == CP_OK)
        status = esa_wire_lines(&out->text, out->header, headers.pairs, headers.num, err);
    if (status == CP_OK)
        status = esa_wire_url(&out->url, input->host, &query, err);
    out->num_headers = headers.num;
out:
    cp_secret_cleanup(&query);
    if (status != CP_OK)
        esa_http_request_cleanup(out);
    return status;
}
