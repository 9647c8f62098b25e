/* sts: the operations. */
#include "sts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apiclient/canon.h"
#include "apiclient/text.h"
#include "files.h"
#include "inquiry.h"
#include "keys.h"

#define MIN_DURATION_S 900
#define MAX_DURATION_S 43200
#define MAX_ARN ((size_t)512)
#define MAX_POLICY ((size_t)2048)
#define MAX_OIDC_TOKEN ((size_t)20000)

/* Both operations' parameters; texts are borrowed or stand here. */
struct parameters {
    char session_name[65], duration[24];
    struct esa_pair pairs[ESA_STS_MAX_PARAMETERS];
    size_t num;
};

static void add(struct parameters *p, const char *name, const char *value) {
    if (value[0] != '\0')
        p->pairs[p->num++] = (struct esa_pair){name, value, strlen(value)};
}

static bool is_printable(const char *text, size_t max) {
    size_t len = strnlen(text, max + 1);
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    return len > 0 && len <= max;
}

static enum cp_status name_session(struct parameters *p, const struct esa_sts_role *role,
                                   const struct esa_chain *chain, struct cp_error *err) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  ".@-_";
    const char *name = role->session_name;
    int64_t now_s = 0;
    if (name[0] == '\0')
        name = esa_chain_get(chain, "ALIBABA_CLOUD_ROLE_SESSION_NAME");
    if (name[0] == '\0') {
        enum cp_status status = chain->clock(chain->clock_context, &now_s, err);
        (void)snprintf(p->session_name, sizeof(p->session_name), "certprep-%" PRId64, now_s);
        return status;
    }
    size_t len = strspn(name, allowed);
    if (name[len] != '\0' || len < 2 || len >= sizeof(p->session_name))
        return cp_fail(err, CP_ERR_USAGE,
                       "the role session name: want 2 to 64 of letters, digits and .@-_");
    memcpy(p->session_name, name, len + 1);
    return CP_OK;
}

static enum cp_status fill(struct parameters *p, const struct esa_sts_role *role,
                           const struct esa_chain *chain, struct cp_error *err) {
    int64_t duration_s = role->duration_s == 0 ? 3600 : role->duration_s;
    *p = (struct parameters){.num = 0};
    if (!is_printable(role->role_arn, MAX_ARN))
        return cp_fail(err, CP_ERR_USAGE, "the role's ARN: want acs:ram::ACCOUNT:role/NAME");
    if (duration_s < MIN_DURATION_S || duration_s > MAX_DURATION_S)
        return cp_fail(err, CP_ERR_USAGE, "the session's duration: want %d to %d seconds",
                       MIN_DURATION_S, MAX_DURATION_S);
    if (strlen(role->policy) > MAX_POLICY)
        return cp_fail(err, CP_ERR_USAGE, "the session's policy: over %zu bytes", MAX_POLICY);
    if (strlen(role->external_id) > MAX_ARN)
        return cp_fail(err, CP_ERR_USAGE, "the external id: over %zu bytes", MAX_ARN);
    enum cp_status status = name_session(p, role, chain, err);
    (void)snprintf(p->duration, sizeof(p->duration), "%" PRId64, duration_s);
    add(p, "RoleArn", role->role_arn);
    add(p, "RoleSessionName", p->session_name);
    add(p, "DurationSeconds", p->duration);
    add(p, "Policy", role->policy);
    return status;
}

/* The Credentials of a reply, or the refusal. */
static enum cp_status read_reply(struct esa_credential *out, const struct esa_inquiry_reply *told,
                                 const char *action, const struct cp_secret *known,
                                 size_t num_known, struct cp_error *err) {
    struct esa_member credentials = {.name = "Credentials"};
    struct esa_keys_form form = esa_keys_service;
    char refusal[ESA_SERVER_TEXT_MAX];
    form.who = "STS";
    if (told->status != 200) {
        esa_refusal_text(refusal, told->status, &told->body, known, num_known);
        return cp_fail(err, CP_ERR_NETWORK, "STS refused %s: %s", action, refusal);
    }
    if (!esa_json_members(&credentials, 1, (const char *)told->body.data, told->body.len) ||
        credentials.count != 1 || credentials.kind != ESA_KIND_OBJECT)
        return cp_fail(err, CP_ERR_NETWORK, "STS: the reply to %s has no Credentials", action);
    return esa_keys_read(out, &form, credentials.raw, credentials.raw_len, err);
}

enum cp_status esa_sts_assume_role(struct esa_credential *out, const struct esa_credential *base,
                                   const struct esa_sts_role *role, const struct esa_chain *chain,
                                   struct cp_error *err) {
    struct parameters p;
    struct esa_inquiry_reply told = {0};
    const struct cp_secret known[] = {base->secret, base->token};
    enum cp_status status = fill(&p, role, chain, err);
    add(&p, "ExternalId", role->external_id);
    const struct esa_sts_call call = {.action = "AssumeRole",
                                      .credential = base,
                                      .query = p.pairs,
                                      .num_query = p.num,
                                      .region = role->region,
                                      .vpc = role->vpc};
    if (status == CP_OK)
        status = esa_sts_call(&told, &call, chain, err);
    if (status == CP_OK)
        status = read_reply(out, &told, call.action, known, 2, err);
    esa_inquiry_reply_cleanup(&told);
    return status;
}

enum cp_status esa_sts_assume_role_with_oidc(struct esa_credential *out, const char *provider_arn,
                                             const char *token_file,
                                             const struct esa_sts_role *role,
                                             const struct esa_chain *chain, struct cp_error *err) {
    struct parameters p;
    struct esa_inquiry_reply told = {0};
    struct cp_secret token = {0};
    bool found = false;
    if (!is_printable(provider_arn, MAX_ARN))
        return cp_fail(err, CP_ERR_USAGE,
                       "the OIDC provider's ARN: want acs:ram::ACCOUNT:oidc-provider/NAME");
    enum cp_status status = fill(&p, role, chain, err);
    if (status == CP_OK)
        status = esa_file_read(&token, &found, token_file, ESA_FILE_TOKEN, MAX_OIDC_TOKEN, err);
    if (status == CP_OK && !found)
        status = cp_fail(err, CP_ERR_IO, "%.200s: there is no such file", token_file);
    if (status != CP_OK)
        goto out;
    esa_secret_trim(&token);
    if (strlen((const char *)token.data) != token.len ||
        !is_printable((const char *)token.data, MAX_OIDC_TOKEN)) {
        status = cp_fail(err, CP_ERR_USAGE, "%.200s: is no token (one word of printable ASCII)",
                         token_file);
        goto out;
    }
    add(&p, "OIDCProviderArn", provider_arn);
    add(&p, "OIDCToken", (const char *)token.data);
    const struct esa_sts_call call = {.action = "AssumeRoleWithOIDC",
                                      .form = p.pairs,
                                      .num_form = p.num,
                                      .region = role->region,
                                      .vpc = role->vpc};
    status = esa_sts_call(&told, &call, chain, err);
    if (status == CP_OK)
        status = read_reply(out, &told, call.action, &token, 1, err);
out:
    cp_secret_cleanup(&token);
    esa_inquiry_reply_cleanup(&told);
    return status;
}

/* ---- who am I ---- */

static void show(char *out, size_t out_size, const struct esa_member *member) {
    struct cp_secret text = {0};
    out[0] = '\0';
    if (member->kind == ESA_KIND_STRING && esa_json_secret(&text, member) == CP_OK)
        (void)esa_escape(out, out_size, text.data, text.len);
    cp_secret_cleanup(&text);
}

enum cp_status esa_credential_identity(const struct esa_credential *credential,
                                       struct esa_identity *out, struct cp_error *err) {
    struct esa_member members[] = {{.name = "AccountId"},
                                   {.name = "Arn"},
                                   {.name = "IdentityType"},
                                   {.name = "PrincipalId"},
                                   {.name = "RequestId"}};
    const struct cp_secret known[] = {credential->secret, credential->token};
    const struct esa_sts_call call = {
        .action = "GetCallerIdentity", .credential = credential, .region = ""};
    struct esa_inquiry_reply told = {0};
    *out = (struct esa_identity){.is_refused = false};
    if (credential->chain == NULL || credential->kind == ESA_CREDENTIAL_BEARER)
        return cp_fail(err, CP_ERR_USAGE, "STS: only an access key can be asked about");
    enum cp_status status = esa_sts_call(&told, &call, credential->chain, err);
    if (status != CP_OK)
        goto out;
    if (told.status != 200) {
        out->is_refused = told.status >= 400 && told.status < 500;
        esa_refusal_text(out->refusal, told.status, &told.body, known, 2);
        if (!out->is_refused)
            status = cp_fail(err, CP_ERR_NETWORK, "STS: %s", out->refusal);
        goto out;
    }
    if (!esa_json_members(members, 5, (const char *)told.body.data, told.body.len) ||
        members[0].count != 1 || members[1].count != 1) {
        status = cp_fail(err, CP_ERR_NETWORK,
                         "STS: the reply to GetCallerIdentity has no AccountId and Arn");
        goto out;
    }
    show(out->account_id, sizeof(out->account_id), &members[0]);
    show(out->arn, sizeof(out->arn), &members[1]);
    show(out->type, sizeof(out->type), &members[2]);
    show(out->principal_id, sizeof(out->principal_id), &members[3]);
    show(out->request_id, sizeof(out->request_id), &members[4]);
out:
    esa_inquiry_reply_cleanup(&told);
    return status;
}
