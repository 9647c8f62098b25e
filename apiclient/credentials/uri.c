/* uri: a server of one's own that hands out keys. */
#include <string.h>
#include <strings.h>

#include "inquiry.h"
#include "keys.h"
#include "sources.h"

#define VARIABLE "ALIBABA_CLOUD_CREDENTIALS_URI"
#define MAX_URI ((size_t)2048)
#define CONNECT_TIMEOUT_MS 5000 /* as the official libraries */
#define TOTAL_TIMEOUT_MS 15000

static const char *defect_of(const char *uri, bool *is_plain) {
    size_t len = strnlen(uri, MAX_URI + 1);
    *is_plain = strncasecmp(uri, "http://", 7) == 0;
    if (!*is_plain && strncasecmp(uri, "https://", 8) != 0)
        return "it is no http or https URL";
    if (len > MAX_URI)
        return "it is over 2,048 characters";
    for (size_t i = 0; i < len; i++)
        if (uri[i] <= ' ' || uri[i] > '~' || uri[i] == '\\')
            return "it has a character that no URL has";
    const char *host = uri + (*is_plain ? 7 : 8);
    size_t host_len = strcspn(host, "/?#");
    if (host_len == 0)
        return "it has no host";
    return memchr(host, '@', host_len) != NULL ? "it has a user name" : NULL;
}

enum cp_status esa_uri_fetch(struct esa_credential *out, const char *uri,
                             const struct esa_chain *chain, struct cp_error *err) {
    struct esa_inquiry ask = {.who = "credentials URI",
                              .method = "GET",
                              .url = uri,
                              .header = {"accept: application/json"},
                              .num_headers = 1,
                              .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                              .total_timeout_ms = TOTAL_TIMEOUT_MS};
    struct esa_keys_form form = esa_keys_service;
    struct esa_inquiry_reply told = {0};
    form.who = ask.who;
    const char *defect = defect_of(uri, &ask.is_plain);
    if (defect != NULL)
        return cp_fail(err, CP_ERR_USAGE, "credentials URI: %s", defect);
    enum cp_status status = esa_chain_may_ask(chain, "the credentials URI", err);
    if (status == CP_OK)
        status = esa_inquire(&told, &ask, chain, err);
    if (status == CP_OK && told.status >= 300 && told.status < 400)
        status =
            cp_fail(err, CP_ERR_NETWORK,
                    "credentials URI: HTTP status %d: redirects are not followed", told.status);
    else if (status == CP_OK && told.status != 200)
        status = cp_fail(err, CP_ERR_NETWORK, "credentials URI: HTTP status %d", told.status);
    if (status == CP_OK)
        status = esa_keys_read(out, &form, (const char *)told.body.data, told.body.len, err);
    esa_inquiry_reply_cleanup(&told);
    return status;
}

enum cp_status esa_provider_uri(struct esa_credential *out, struct esa_provider_answer *answer,
                                const struct esa_chain *chain, struct cp_error *err) {
    const char *uri = esa_chain_get(chain, VARIABLE);
    if (uri[0] == '\0') {
        esa_answer(answer, ESA_PROVIDER_ABSENT, VARIABLE " is not set");
        return CP_OK;
    }
    esa_answer(answer, ESA_PROVIDER_ANSWERED, "%s", "");
    return esa_uri_fetch(out, uri, chain, err);
}
