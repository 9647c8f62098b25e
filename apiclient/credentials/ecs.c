/* ecs: the metadata service of an ECS instance. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "apiclient/endpoint.h"
#include "files.h"
#include "inquiry.h"
#include "keys.h"
#include "sources.h"

#define METADATA "100.100.100.200"
#define ROLES "/latest/meta-data/ram/security-credentials/"
#define TOKEN_TTL "X-aliyun-ecs-metadata-token-ttl-seconds: 21600"
#define TOKEN_HEADER "x-aliyun-ecs-metadata-token: "
#define DISABLED "ALIBABA_CLOUD_ECS_METADATA_DISABLED"
#define ROLE "ALIBABA_CLOUD_ECS_METADATA"
#define MAX_TOKEN ((size_t)1024)
#define MAX_ROLE ((size_t)64)
#define CONNECT_TIMEOUT_MS 1000 /* as the official libraries */
#define TOTAL_TIMEOUT_MS 2000

struct metadata {
    const struct esa_chain *chain;
    char host[ESA_HOST_MAX];
    struct cp_secret header; /* the token's; empty: version 1 */
    bool is_there;           /* somebody took the connection */
};

static enum cp_status ask(struct metadata *m, struct esa_inquiry_reply *told, const char *method,
                          const char *path, const char *header, struct cp_error *err) {
    char url[ESA_HOST_MAX + 128];
    const struct esa_inquiry ask = {.who = "metadata",
                                    .method = method,
                                    .url = url,
                                    .is_plain = true,
                                    .header = {header},
                                    .num_headers = header == NULL ? 0 : 1,
                                    .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                    .total_timeout_ms = TOTAL_TIMEOUT_MS};
    int len = snprintf(url, sizeof(url), "http://%s%s", m->host, path);
    if (len < 0 || (size_t)len >= sizeof(url))
        return cp_fail(err, CP_ERR_LIMIT, "metadata: the role's name is too long");
    enum cp_status status = esa_inquire(told, &ask, m->chain, err);
    m->is_there = m->is_there || told->was_connected;
    return status;
}

static bool is_word(const struct cp_secret *text, size_t max) {
    for (size_t i = 0; i < text->len; i++)
        if (text->data[i] <= ' ' || text->data[i] > '~')
            return false;
    return text->len > 0 && text->len <= max;
}

/* Version 2: a token first. Without one it goes on in version 1, unless that is forbidden. */
static enum cp_status get_token(struct metadata *m, struct cp_error *err) {
    struct esa_inquiry_reply told = {0};
    struct cp_error why = {CP_OK, 0, 0, ""};
    enum cp_status status = ask(m, &told, "PUT", "/latest/api/token", TOKEN_TTL, &why);
    if (status == CP_OK) {
        esa_secret_trim(&told.body);
        if (told.status != 200 || !is_word(&told.body, MAX_TOKEN))
            status =
                cp_fail(&why, CP_ERR_NETWORK, "metadata: no token (HTTP status %d)", told.status);
    }
    if (status == CP_OK) {
        status = cp_secret_init(&m->header, sizeof(TOKEN_HEADER) + told.body.len, err);
        if (status == CP_OK)
            status = cp_secret_append(&m->header, TOKEN_HEADER, strlen(TOKEN_HEADER), err);
        if (status == CP_OK)
            status = cp_secret_append(&m->header, told.body.data, told.body.len + 1, err);
    } else if (!m->is_there || esa_chain_is_true(m->chain, "ALIBABA_CLOUD_IMDSV1_DISABLED")) {
        status = cp_fail(err, status, "%s", why.message);
    } else {
        status = CP_OK;
    }
    esa_inquiry_reply_cleanup(&told);
    return status;
}

/* With the token; once more without it where version 1 is allowed. */
static enum cp_status get(struct metadata *m, struct esa_inquiry_reply *told, const char *path,
                          struct cp_error *err) {
    bool has_token = m->header.len != 0;
    enum cp_status status =
        ask(m, told, "GET", path, has_token ? (const char *)m->header.data : NULL, err);
    bool is_good = status == CP_OK && told->status == 200;
    if (is_good || !has_token || esa_chain_is_true(m->chain, "ALIBABA_CLOUD_IMDSV1_DISABLED"))
        return status;
    esa_inquiry_reply_cleanup(told);
    return ask(m, told, "GET", path, NULL, err);
}

static enum cp_status choose_host(struct metadata *m, struct cp_error *err) {
    const char *text = m->chain->metadata_endpoint;
    if (text == NULL)
        text = METADATA;
    if (strncasecmp(text, "http://", 7) == 0)
        text += 7;
    if (esa_endpoint_parse(m->host, text, NULL) != CP_OK)
        return cp_fail(err, CP_ERR_USAGE, "metadata: the endpoint: want HOST[:PORT]");
    return CP_OK;
}

/* A role's name, as RAM allows it: it becomes a part of a path. */
static bool is_role(const char *text) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "._-";
    size_t len = strspn(text, allowed);
    return len > 0 && len <= MAX_ROLE && text[len] == '\0' && text[0] != '.';
}

static enum cp_status get_role(struct metadata *m, char role[MAX_ROLE + 1], bool *has_role,
                               struct cp_error *err) {
    struct esa_inquiry_reply told = {0};
    enum cp_status status = get(m, &told, ROLES, err);
    if (status == CP_OK && told.status == 404) {
        *has_role = false;
        status = cp_fail(err, CP_ERR_NETWORK, "metadata: this instance has no role");
    } else if (status == CP_OK && told.status != 200) {
        status = cp_fail(err, CP_ERR_NETWORK, "metadata: no name of a role (HTTP status %d)",
                         told.status);
    } else if (status == CP_OK) {
        esa_secret_trim(&told.body);
        if (!is_word(&told.body, MAX_ROLE) || !is_role((const char *)told.body.data))
            status = cp_fail(err, CP_ERR_NETWORK, "metadata: the reply is not one role's name");
        else
            memcpy(role, told.body.data, told.body.len + 1);
    }
    esa_inquiry_reply_cleanup(&told);
    return status;
}

static enum cp_status get_keys(struct metadata *m, struct esa_credential *out, const char *role,
                               struct cp_error *err) {
    char path[sizeof(ROLES) + MAX_ROLE];
    struct esa_inquiry_reply told = {0};
    struct esa_member code = {.name = "Code"};
    struct esa_keys_form form = esa_keys_service;
    form.who = "metadata";
    (void)snprintf(path, sizeof(path), ROLES "%s", role);
    enum cp_status status = get(m, &told, path, err);
    if (status != CP_OK)
        goto out;
    if (told.status != 200)
        status = cp_fail(err, CP_ERR_NETWORK, "metadata: no key for the role (HTTP status %d)",
                         told.status);
    else if (!esa_json_members(&code, 1, (const char *)told.body.data, told.body.len))
        status = cp_fail(err, CP_ERR_NETWORK, "metadata: the reply is no JSON object");
    else if (code.kind != ESA_KIND_STRING || code.count != 1 || code.raw_len != 7 ||
             memcmp(code.raw, "Success", 7) != 0)
        status = cp_fail(err, CP_ERR_NETWORK, "metadata: the reply's Code is not Success");
    else
        status = esa_keys_read(out, &form, (const char *)told.body.data, told.body.len, err);
out:
    esa_inquiry_reply_cleanup(&told);
    return status;
}

enum cp_status esa_ecs_fetch(struct esa_credential *out, bool *is_ecs, const char *role,
                             const struct esa_chain *chain, struct cp_error *err) {
    struct metadata m = {.chain = chain};
    char found[MAX_ROLE + 1] = "";
    bool has_role = true;
    *is_ecs = true;
    /* As in the official libraries both variables count for a profile, too. */
    if (esa_chain_is_true(chain, DISABLED))
        return cp_fail(err, CP_ERR_USAGE, "metadata: " DISABLED " is true");
    if (role[0] == '\0')
        role = esa_chain_get(chain, ROLE);
    if (role[0] != '\0' && !is_role(role))
        return cp_fail(err, CP_ERR_USAGE,
                       "metadata: the role's name: want 1 to 64 of letters, "
                       "digits and ._-");
    enum cp_status status = esa_chain_may_ask(chain, "the instance's metadata", err);
    if (status == CP_OK)
        status = choose_host(&m, err);
    if (status != CP_OK)
        return status;
    status = get_token(&m, err);
    if (status == CP_OK && role[0] == '\0')
        status = get_role(&m, found, &has_role, err);
    if (status == CP_OK)
        status = get_keys(&m, out, role[0] != '\0' ? role : found, err);
    *is_ecs = m.is_there && has_role;
    cp_secret_cleanup(&m.header);
    return status;
}

enum cp_status esa_provider_ecs(struct esa_credential *out, struct esa_provider_answer *answer,
                                const struct esa_chain *chain, struct cp_error *err) {
    const char *role = esa_chain_get(chain, ROLE);
    struct cp_error why = {CP_OK, 0, 0, ""};
    bool is_ecs = false;
    if (esa_chain_is_true(chain, DISABLED)) {
        esa_answer(answer, ESA_PROVIDER_SKIPPED, DISABLED " is true");
        return CP_OK;
    }
    if (role[0] == '\0' && chain->local_only) {
        esa_answer(answer, ESA_PROVIDER_SKIPPED, "nobody is to be asked");
        return CP_OK;
    }
    esa_answer(answer, ESA_PROVIDER_ANSWERED, "%s", "");
    enum cp_status status = esa_ecs_fetch(out, &is_ecs, role, chain, &why);
    if (status == CP_OK)
        return CP_OK;
    if (is_ecs || role[0] != '\0' || status != CP_ERR_NETWORK || esa_chain_is_cancelled(chain))
        return cp_fail(err, status, "%s", why.message);
    esa_answer(answer, ESA_PROVIDER_ABSENT, "%s; on an ECS instance, give it a RAM role",
               why.message);
    return CP_OK;
}
