/* fetch: the exchange, by libcurl. */
#include <stdio.h>
#include <string.h>

#include "fetch.h"
#include "libcurl.h"

struct fetch {
    struct cp_secret *body;
    size_t max_len;
    bool allow_private;
    bool is_private; /* an address was refused */
    bool is_too_large;
    size_t header_len;
    const struct esa_post *post; /* NULL: GET */
    struct curl_slist *to_send;  /* headers, with a post */
};

/* Called for each address before it is connected to: no later answer of DNS can change it. */
static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    struct fetch *fetch = context;
    if (purpose != CURLSOCKTYPE_IPCXN)
        return CURL_SOCKET_BAD;
    if (!fetch->allow_private && !esa_address_is_public(&address->addr, address->addrlen)) {
        fetch->is_private = true;
        return CURL_SOCKET_BAD;
    }
    return esa_libcurl_socket(address);
}

static size_t on_header(char *line, size_t size, size_t num, void *context) {
    struct fetch *fetch = context;
    (void)line;
    if (size * num > ESA_MAX_FETCH_LEN - fetch->header_len) {
        fetch->is_too_large = true;
        return 0; /* ends the transfer */
    }
    fetch->header_len += size * num;
    return size * num;
}

static size_t on_body(char *data, size_t size, size_t num, void *context) {
    struct fetch *fetch = context;
    if (cp_secret_append(fetch->body, data, size * num, NULL) == CP_OK)
        return size * num;
    fetch->is_too_large = true;
    return 0;
}

/* The content type alone; no "Expect: 100-continue", which old responders do not know. */
static bool make_headers(struct fetch *fetch) {
    char line[128];
    (void)snprintf(line, sizeof(line), "Content-Type: %.100s", fetch->post->content_type);
    fetch->to_send = esa_libcurl.slist_append(NULL, line);
    struct curl_slist *longer =
        fetch->to_send == NULL ? NULL : esa_libcurl.slist_append(fetch->to_send, "Expect:");
    if (longer != NULL)
        fetch->to_send = longer;
    return longer != NULL;
}

static CURLcode set_options(CURL *curl, struct fetch *fetch, const char *url) {
    CURLcode code = esa_libcurl_set_common(curl);
#define SET(option, value)                                                                         \
    (code = code == CURLE_OK ? esa_libcurl.easy_setopt(curl, option, value) : code)
    SET(CURLOPT_PROTOCOLS_STR, "http");
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROXY, ""); /* "": the proxy variables are not read either */
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_TIMEOUT_MS, (long)ESA_MAX_FETCH_MS);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)ESA_MAX_FETCH_MS);
    SET(CURLOPT_MAXFILESIZE, (long)fetch->max_len);
    if (fetch->post == NULL) {
        SET(CURLOPT_HTTPGET, 1L);
    } else {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE, (long)fetch->post->data_len);
        SET(CURLOPT_POSTFIELDS, (const char *)fetch->post->data);
        SET(CURLOPT_HTTPHEADER, fetch->to_send);
    }
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_OPENSOCKETDATA, (void *)fetch);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, (void *)fetch);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, (void *)fetch);
#undef SET
    return code;
}

static const char *cause_of(CURLcode code, const struct fetch *fetch) {
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return "the host's name has no address";
    case CURLE_COULDNT_CONNECT:
        return fetch->is_private ? "the host's address is not a public one"
                                 : "the connection was refused, or no route";
    case CURLE_OPERATION_TIMEDOUT:
        return "not done within 10 seconds";
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
        return "the connection closed before the reply's end";
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return "the reply is not HTTP/1.1";
    default:
        return "the transfer failed";
    }
}

static enum cp_status settle(CURL *curl, CURLcode code, const struct fetch *fetch,
                             struct cp_error *err) {
    long http_status = 0;
    if (code == CURLE_OUT_OF_MEMORY)
        return cp_fail(err, CP_ERR_MEMORY, "fetch: out of memory");
    if (fetch->is_too_large || code == CURLE_FILESIZE_EXCEEDED)
        return cp_fail(err, CP_ERR_NETWORK, "the reply is over %zu KiB", fetch->max_len / 1024);
    if (code != CURLE_OK)
        return cp_fail(err, CP_ERR_NETWORK, "%s", cause_of(code, fetch));
    code = esa_libcurl.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http_status);
    if (code == CURLE_OK && http_status >= 300 && http_status < 400)
        return cp_fail(err, CP_ERR_NETWORK, "HTTP status %ld: redirects are not followed",
                       http_status);
    if (code != CURLE_OK || http_status != 200)
        return cp_fail(err, CP_ERR_NETWORK, "HTTP status %ld", http_status);
    if (fetch->body->len == 0)
        return cp_fail(err, CP_ERR_NETWORK, "the reply is empty");
    return CP_OK;
}

/* *body is empty unless this succeeds. */
static enum cp_status exchange(struct fetch *fetch, const char *url, struct cp_error *err) {
    CURL *curl = NULL;
    const char *refusal = esa_fetch_refusal(url, fetch->allow_private);
    if (refusal != NULL)
        return cp_fail(err, CP_ERR_NETWORK, "%s", refusal);
    enum cp_status status = esa_libcurl_load("fetch", err);
    if (status == CP_OK)
        status = cp_secret_init(fetch->body, fetch->max_len, err);
    if (status != CP_OK)
        return status;
    curl = esa_libcurl.easy_init();
    if (curl == NULL || (fetch->post != NULL && !make_headers(fetch))) {
        status = cp_fail(err, CP_ERR_MEMORY, "fetch: out of memory");
        goto out;
    }
    CURLcode code = set_options(curl, fetch, url);
    if (code != CURLE_OK) {
        status = cp_fail(err, CP_ERR_UNSUPPORTED,
                         "fetch: " ESA_LIBCURL " refused an option (libcurl error %d)", (int)code);
        goto out;
    }
    status = settle(curl, esa_libcurl_perform(curl), fetch, err);
out:
    if (curl != NULL)
        esa_libcurl.easy_cleanup(curl);
    if (fetch->to_send != NULL)
        esa_libcurl.slist_free_all(fetch->to_send);
    if (status != CP_OK)
        cp_secret_cleanup(fetch->body);
    return status;
}

enum cp_status esa_fetch(struct cp_secret *body, const char *url, bool allow_private,
                         struct cp_error *err) {
    return esa_fetch_up_to(body, ESA_MAX_FETCH_LEN, url, allow_private, err);
}

enum cp_status esa_fetch_up_to(struct cp_secret *body, size_t max_len, const char *url,
                               bool allow_private, struct cp_error *err) {
    struct fetch fetch = {.body = body, .max_len = max_len, .allow_private = allow_private};
    return exchange(&fetch, url, err);
}

enum cp_status esa_fetch_by_post(struct cp_secret *body, size_t max_len, const char *url,
                                 const struct esa_post *post, bool allow_private,
                                 struct cp_error *err) {
    struct fetch fetch = {
        .body = body, .max_len = max_len, .allow_private = allow_private, .post = post};
    return exchange(&fetch, url, err);
}
