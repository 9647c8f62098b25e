/* sts_message: one signed or unsigned exchange with STS. */
#include <stdio.h>
#include <string.h>

#include "apiclient/canon.h"
#include "apiclient/endpoint.h"
#include "apiclient/text.h"
#include "apiclient/wire.h"
#include "inquiry.h"
#include "sts.h"

#define STS_VERSION "2015-04-01"
#define CONNECT_TIMEOUT_MS 5000 /* as the official libraries */
#define TOTAL_TIMEOUT_MS 15000

/* Everything that one exchange needs; the struct must not be moved. */
struct message {
    char host[ESA_HOST_MAX];
    char date[ESA_DATE_LEN + 1], nonce[ESA_NONCE_LEN + 1], body_sha256[ESA_HEX_LEN + 1];
    char user_agent[64], authorization[ESA_MAX_AUTHORIZATION];
    struct cp_secret query, body, url, text;
    struct esa_pair headers[ESA_INQUIRY_MAX_HEADERS];
    size_t num_headers;
};

static bool is_region(const char *text) {
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return len > 0 && len <= 40 && text[len] == '\0';
}

/* sts.aliyuncs.com, or sts.REGION.aliyuncs.com, or sts-vpc.REGION.aliyuncs.com. */
static enum cp_status choose_host(struct message *m, const struct esa_sts_call *call,
                                  const struct esa_chain *chain, struct cp_error *err) {
    bool vpc = call->vpc || esa_chain_is_true(chain, "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED");
    const char *region = call->region;
    if (chain->sts_endpoint != NULL)
        return esa_endpoint_parse(m->host, chain->sts_endpoint, err);
    if (region[0] == '\0')
        region = esa_chain_get(chain, "ALIBABA_CLOUD_STS_REGION");
    if (region[0] == '\0')
        return esa_endpoint_parse(m->host, "sts.aliyuncs.com", err);
    if (!is_region(region))
        return cp_fail(err, CP_ERR_USAGE,
                       "STS: the region is no region id like cn-hangzhou; it comes from the "
                       "profile's sts_region or from ALIBABA_CLOUD_STS_REGION");
    (void)snprintf(m->host, sizeof(m->host), "sts%s.%s.aliyuncs.com", vpc ? "-vpc" : "", region);
    return CP_OK;
}

static void add(struct message *m, const char *name, const char *value, size_t value_len) {
    m->headers[m->num_headers++] = (struct esa_pair){name, value, value_len}; /* at most 12 */
}

static void add_text(struct message *m, const char *name, const char *value) {
    add(m, name, value, strlen(value));
}

static enum cp_status add_headers(struct message *m, const struct esa_sts_call *call,
                                  struct cp_error *err) {
    const struct esa_credential *credential = call->credential;
    enum cp_status status = esa_sign_sha256(m->body_sha256, m->body.data, m->body.len, err);
    if (status == CP_OK && credential != NULL)
        status = esa_nonce_random(NULL, m->nonce, err);
    if (status != CP_OK)
        return status;
    (void)snprintf(m->user_agent, sizeof(m->user_agent), "certprep/%s", cp_version());
    add_text(m, "host", m->host);
    add_text(m, "accept", "application/json");
    add_text(m, "user-agent", m->user_agent);
    if (m->body.len != 0)
        add_text(m, "content-type", "application/x-www-form-urlencoded");
    if (credential == NULL)
        return CP_OK;
    add_text(m, "x-acs-action", call->action);
    add_text(m, "x-acs-version", STS_VERSION);
    add_text(m, "x-acs-date", m->date);
    add_text(m, "x-acs-signature-nonce", m->nonce);
    add_text(m, "x-acs-content-sha256", m->body_sha256);
    if (credential->token.len != 0) {
        add_text(m, "x-acs-accesskey-id", credential->key_id);
        add(m, "x-acs-security-token", (const char *)credential->token.data, credential->token.len);
    }
    return CP_OK;
}

static enum cp_status sign(struct message *m, const struct esa_sts_call *call,
                           struct cp_error *err) {
    if (call->credential == NULL)
        return CP_OK;
    enum cp_status status =
        esa_wire_authorization(m->authorization, call->credential, "POST", &m->query, m->headers,
                               m->num_headers, m->body_sha256, err);
    if (status == CP_OK)
        add_text(m, "authorization", m->authorization);
    return status;
}

/* An unsigned request says in the query what a signed one says in headers. */
static enum cp_status make_parameters(struct message *m, const struct esa_sts_call *call,
                                      struct cp_error *err) {
    struct esa_pair query[ESA_STS_MAX_PARAMETERS + 4];
    size_t num = 0;
    for (; num < call->num_query && num < ESA_STS_MAX_PARAMETERS; num++)
        query[num] = call->query[num];
    if (call->credential == NULL) {
        query[num++] = (struct esa_pair){"Action", call->action, strlen(call->action)};
        query[num++] = (struct esa_pair){"Version", STS_VERSION, strlen(STS_VERSION)};
        query[num++] = (struct esa_pair){"Format", "JSON", 4};
        query[num++] = (struct esa_pair){"Timestamp", m->date, strlen(m->date)};
    }
    enum cp_status status = esa_canon_query(&m->query, query, num, err);
    return status == CP_OK ? esa_canon_query(&m->body, call->form, call->num_form, err) : status;
}

enum cp_status esa_sts_call(struct esa_inquiry_reply *told, const struct esa_sts_call *call,
                            const struct esa_chain *chain, struct cp_error *err) {
    struct message m = {.num_headers = 0};
    struct esa_inquiry ask = {.who = "STS",
                              .method = "POST",
                              .body = &m.body,
                              .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                              .total_timeout_ms = TOTAL_TIMEOUT_MS,
                              .proxy = chain->proxy};
    int64_t now_s = 0;
    enum cp_status status = esa_chain_may_ask(chain, "STS", err);
    if (status == CP_OK)
        status = choose_host(&m, call, chain, err);
    if (status == CP_OK && chain->proxy != NULL)
        status = esa_proxy_check(chain->proxy, err);
    if (status == CP_OK)
        status = chain->clock(chain->clock_context, &now_s, err);
    if (status == CP_OK && !esa_date_format(m.date, now_s))
        status = cp_fail(err, CP_ERR_USAGE, "clock: the time is outside the years 1970 to 9999");
    if (status == CP_OK)
        status = make_parameters(&m, call, err);
    if (status == CP_OK)
        status = add_headers(&m, call, err);
    if (status == CP_OK)
        status = sign(&m, call, err);
    if (status == CP_OK)
        status = esa_wire_lines(&m.text, ask.header, m.headers, m.num_headers, err);
    ask.num_headers = m.num_headers;
    if (status == CP_OK)
        status = esa_wire_url(&m.url, m.host, &m.query, err);
    ask.url = (const char *)m.url.data;
    if (status == CP_OK)
        status = esa_inquire(told, &ask, chain, err);
    cp_secret_cleanup(&m.query);
    cp_secret_cleanup(&m.body);
    cp_secret_cleanup(&m.url);
    cp_secret_cleanup(&m.text);
    return status;
}
