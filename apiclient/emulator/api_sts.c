/* Security Token Service: roles are assumed, whoever asks, and credentials come of it. */
#include "api.h"

#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

enum { DEFAULT_LIFETIME_S = 3600, ARN_MAX = 600 };

static const char account_id[] = "1234567890123456";
static const char user_id[] = "216959339000000001";
static const char role_id[] = "344584339364951186";

static bool is_name(struct esa_emu_span text, const char *more) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!plain && (c == '\0' || strchr(more, c) == NULL))
            return false;
    }
    return text.len != 0;
}

/* acs:ram::ACCOUNT:KIND/NAME; the name goes to out. */
static bool parse_arn(char out[65], struct esa_emu_span arn, const char *kind) {
    static const char start[] = "acs:ram::";
    size_t at = sizeof start - 1, digits = 0, kind_len = strlen(kind);
    if (arn.len <= at || memcmp(arn.data, start, at) != 0)
        return false;
    while (at < arn.len && arn.data[at] >= '0' && arn.data[at] <= '9') {
        at++;
        digits++;
    }
    if (digits == 0 || arn.len - at <= kind_len + 2 || arn.data[at] != ':' ||
        memcmp(arn.data + at + 1, kind, kind_len) != 0 || arn.data[at + 1 + kind_len] != '/')
        return false;
    at += kind_len + 2;
    struct esa_emu_span name = {arn.data + at, arn.len - at};
    if (name.len > 64 || !is_name(name, "-_."))
        return false;
    memcpy(out, name.data, name.len);
    out[name.len] = '\0';
    return true;
}

static bool is_policy(struct esa_emu_span text) {
    const char *end = NULL;
    cJSON *policy = cJSON_ParseWithLengthOpts(text.data, text.len, &end, 0);
    bool ok = cJSON_IsObject(policy) && end == text.data + text.len;
    cJSON_Delete(policy);
    return ok;
}

/* Of role and session name, policy and duration. False: refused. */
static bool check_common(struct esa_emu_session *wanted, struct esa_emu_call *call,
                         const struct esa_emu_values *values, struct esa_emu_service *service) {
    const struct esa_emu_options *options = service->options;
    struct esa_emu_span name = values->of[ESA_EMU_ROLE_SESSION_NAME];
    int64_t lifetime_s = DEFAULT_LIFETIME_S;
    if (!parse_arn(wanted->role, values->of[ESA_EMU_ROLE_ARN], "role"))
        return esa_emu_refuse(call, ESA_EMU_INVALID_ROLE_ARN,
                              "RoleArn: want acs:ram::ACCOUNT:role/NAME");
    if (!is_name(name, "-_.@"))
        return esa_emu_refuse(call, ESA_EMU_INVALID_ROLE_SESSION_NAME,
                              "RoleSessionName: want letters, digits, . @ - _");
    memcpy(wanted->name, name.data, name.len); /* measured when it was read */
    wanted->name[name.len] = '\0';
    if (esa_emu_values_has(values, ESA_EMU_POLICY) && !is_policy(values->of[ESA_EMU_POLICY]))
        return esa_emu_refuse(call, ESA_EMU_INVALID_POLICY, "Policy: want a JSON object");
    if (esa_emu_values_has(values, ESA_EMU_DURATION_SECONDS))
        lifetime_s = esa_emu_values_number(values, ESA_EMU_DURATION_SECONDS);
    if (options->sts_lifetime_s != 0 && options->sts_lifetime_s < lifetime_s)
        lifetime_s = options->sts_lifetime_s;
    wanted->expires_s = esa_emu_options_now(service->options) + lifetime_s;
    return true;
}

static void issue(struct esa_emu_call *call, const struct esa_emu_session *wanted,
                  struct esa_emu_service *service) {
    struct esa_emu_session session;
    struct esa_emu_buf *out = &call->result;
    char text[ARN_MAX];
    if (!esa_emu_sessions_issue(service->sessions, &session, wanted->role, wanted->name,
                                wanted->expires_s)) {
        (void)esa_emu_refuse(call, ESA_EMU_INTERNAL_ERROR, "no random numbers");
        return;
    }
    esa_emu_json_open(out, "AssumedRoleUser", "{");
    (void)snprintf(text, sizeof text, "%s:%s", role_id, session.name);
    esa_emu_json_text(out, "AssumedRoleId", text);
    (void)snprintf(text, sizeof text, "acs:ram::%s:role/%s/%s", account_id, session.role,
                   session.name);
    esa_emu_json_text(out, "Arn", text);
    esa_emu_buf_text(out, "}");
    esa_emu_json_open(out, "Credentials", "{");
    esa_emu_json_text(out, "AccessKeyId", session.key_id);
    esa_emu_json_text(out, "AccessKeySecret", session.secret);
    esa_emu_json_text(out, "SecurityToken", session.token);
    esa_emu_json_time(out, "Expiration", session.expires_s);
    esa_emu_buf_text(out, "}");
    OPENSSL_cleanse(&session, sizeof session);
}

void esa_emu_assume_role(struct esa_emu_call *call, const struct esa_emu_values *values,
                         struct esa_emu_service *service) {
    struct esa_emu_session wanted = {0};
    if (check_common(&wanted, call, values, service))
        issue(call, &wanted, service);
}

void esa_emu_assume_role_oidc(struct esa_emu_call *call, const struct esa_emu_values *values,
                              struct esa_emu_service *service) {
    const char *demanded = service->options->oidc_token;
    struct esa_emu_span token = values->of[ESA_EMU_OIDC_TOKEN];
    struct esa_emu_session wanted = {0};
    char provider[65];
    if (!check_common(&wanted, call, values, service))
        return;
    if (!parse_arn(provider, values->of[ESA_EMU_OIDC_PROVIDER_ARN], "oidc-provider")) {
        (void)esa_emu_refuse(call, ESA_EMU_INVALID_OIDC_PROVIDER_ARN,
                             "OIDCProviderArn: want acs:ram::ACCOUNT:oidc-provider/NAME");
        return;
    }
    if (demanded[0] != '\0' &&
        (token.len != strlen(demanded) || CRYPTO_memcmp(token.data, demanded, token.len) != 0)) {
        (void)esa_emu_refuse(call, ESA_EMU_INVALID_OIDC_TOKEN, "OIDCToken is another one");
        return;
    }
    issue(call, &wanted, service);
    if (call->code != ESA_EMU_ACCEPTED)
        return;
    esa_emu_json_open(&call->result, "OIDCTokenInfo", "{");
    esa_emu_json_text(&call->result, "Issuer", "https://issuer.example");
    esa_emu_json_text(&call->result, "ClientIds", "emulator");
    esa_emu_json_text(&call->result, "Subject", "emulator");
    esa_emu_buf_text(&call->result, "}");
}

void esa_emu_caller_identity(struct esa_emu_call *call, const struct esa_emu_values *values,
                             struct esa_emu_service *service) {
    struct esa_emu_session session;
    struct esa_emu_buf *out = &call->result;
    char text[ARN_MAX];
    (void)values;
    esa_emu_json_text(out, "AccountId", account_id);
    if (!esa_emu_sessions_find(service->sessions, &session,
                               (struct esa_emu_span){call->key_id, strlen(call->key_id)})) {
        esa_emu_json_text(out, "IdentityType", "RAMUser");
        esa_emu_json_text(out, "UserId", user_id);
        esa_emu_json_text(out, "PrincipalId", user_id);
        (void)snprintf(text, sizeof text, "acs:ram::%s:user/emulator", account_id);
        esa_emu_json_text(out, "Arn", text);
        return;
    }
    esa_emu_json_text(out, "IdentityType", "AssumedRoleUser");
    esa_emu_json_text(out, "RoleId", role_id);
    (void)snprintf(text, sizeof text, "%s:%s", role_id, session.name);
    esa_emu_json_text(out, "PrincipalId", text);
    (void)snprintf(text, sizeof text, "acs:ram::%s:assumed-role/%s/%s", account_id, session.role,
                   session.name);
    esa_emu_json_text(out, "Arn", text);
    OPENSSL_cleanse(&session, sizeof session);
}
