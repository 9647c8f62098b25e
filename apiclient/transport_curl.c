/* transport_curl: requests to the service. libcurl's error buffer and its verbose output are never
 * used: they quote the URL. What it decrypts is wiped, since a reply may echo the key. */
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "libcurl.h"
#include "transport.h"

/* ---- one exchange ---- */

struct exchange {
    const struct esa_http_request *request;
    struct esa_http_reply *reply;
    bool is_ready;     /* TLS is done and the peer verified; from here on something may be sent */
    bool is_final;     /* the status line that was read last is not 1xx */
    bool has_headers;  /* the headers of the final reply are whole */
    bool is_too_large; /* body over ESA_MAX_REPLY_LEN */
};

static int on_ready(void *context, char *peer_ip, char *local_ip, int peer_port, int local_port) {
    (void)peer_ip;
    (void)local_ip;
    (void)peer_port;
    (void)local_port;
    ((struct exchange *)context)->is_ready = true;
    return CURL_PREREQFUNC_OK;
}

static CURLcode on_ssl_context(CURL *curl, void *ssl_context, void *context) {
    (void)curl;
    (void)context;
    (void)esa_libcurl.ssl_ctx_set_options(ssl_context, SSL_OP_CLEANSE_PLAINTEXT);
    return CURLE_OK;
}

/* Copies the value of "name: value" if line has that name; too long a value is passed over. */
static void keep_header(char out[ESA_MAX_REPLY_HEADER + 1], const char *name, const char *line,
                        size_t len) {
    size_t name_len = strlen(name);
    if (len <= name_len || line[name_len] != ':' || strncasecmp(line, name, name_len) != 0)
        return;
    line += name_len + 1;
    len -= name_len + 1;
    while (len > 0 && (*line == ' ' || *line == '\t')) {
        line++;
        len--;
    }
    while (len > 0 && strchr(" \t\r\n", line[len - 1]) != NULL)
        len--;
    if (len > ESA_MAX_REPLY_HEADER || memchr(line, '\0', len) != NULL)
        return;
    memcpy(out, line, len);
    out[len] = '\0';
}

static size_t on_header(char *line, size_t size, size_t num, void *context) {
    struct exchange *exchange = context;
    struct esa_http_reply *reply = exchange->reply;
    char length[ESA_MAX_REPLY_HEADER + 1] = "";
    size_t len = size * num;
    if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        const char *space = memchr(line, ' ', len);
        size_t at = space == NULL ? len : (size_t)(space - line) + 1;
        exchange->is_final = at < len && line[at] != '1';
        exchange->has_headers = false;
        reply->has_length = false;
        reply->date[0] = reply->retry_after_ms[0] = reply->content_type[0] = '\0';
    } else if (len <= 2 && exchange->is_final) {
        exchange->has_headers = true;
    }
    keep_header(length, "content-length", line, len);
    keep_header(length, "transfer-encoding", line, len);
    reply->has_length = reply->has_length || length[0] != '\0';
    keep_header(reply->date, "date", line, len);
    keep_header(reply->retry_after_ms, "x-acs-retry-after", line, len);
    keep_header(reply->content_type, "content-type", line, len);
    return len;
}

static size_t on_body(char *data, size_t size, size_t num, void *context) {
    struct exchange *exchange = context;
    size_t len = size * num;
    if (cp_secret_append(&exchange->reply->body, data, len, NULL) == CP_OK)
        return len;
    exchange->is_too_large = true;
    return 0; /* ends the transfer */
}

static int on_progress(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up) {
    const struct esa_http_request *request = ((struct exchange *)context)->request;
    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return request->cancel(request->cancel_context) ? 1 : 0;
}

static struct curl_slist *append(struct curl_slist *list, const char *line, bool *ok) {
    struct curl_slist *longer = esa_libcurl.slist_append(list, line);
    *ok = *ok && longer != NULL;
    return longer != NULL ? longer : list;
}

/* The headers that were signed, and switches for those that libcurl would add by itself. */
static struct curl_slist *make_headers(const struct esa_http_request *request, bool *ok) {
    struct curl_slist *list = NULL;
    bool has_type = false;
    *ok = true;
    for (size_t i = 0; i < request->num_headers; i++) {
        has_type = has_type || strncasecmp(request->header[i], "content-type:", 13) == 0;
        list = append(list, request->header[i], ok);
    }
    list = append(list, "Expect:", ok);
    if (!has_type)
        list = append(list, "Content-Type:", ok);
    return list;
}

static CURLcode set_options(CURL *curl, struct exchange *exchange, struct curl_slist *headers,
                            const struct esa_http_request *request) {
    CURLcode code = CURLE_OK;
#define SET(option, value)                                                                         \
    (code = code == CURLE_OK ? esa_libcurl.easy_setopt(curl, option, value) : code)
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_VERBOSE, 0L);
    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_URL, (const char *)request->url.data);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_PROXY, ""); /* "": the proxy variables are not read either */
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_FRESH_CONNECT, 1L); /* libcurl sends again by itself on a reused connection only */
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L); /* nothing to resume; 7.88's frees twice out of memory */
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (request->ca_file != NULL) {
        SET(CURLOPT_CAINFO, request->ca_file);
        SET(CURLOPT_CAPATH, (const char *)NULL); /* else the system's directory is trusted too */
    }
    if (esa_libcurl.ssl_ctx_set_options != NULL)
        SET(CURLOPT_SSL_CTX_FUNCTION, on_ssl_context);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)request->total_timeout_ms);
    SET(CURLOPT_HTTPHEADER, headers);
    if (strcmp(request->method, "POST") == 0) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        SET(CURLOPT_POSTFIELDS,
            request->body.len == 0 ? "" : (const char *)request->body.data); /* not copied */
    } else {
        SET(CURLOPT_HTTPGET, 1L);
    }
    if (request->cancel != NULL) {
        SET(CURLOPT_NOPROGRESS, 0L);
        SET(CURLOPT_XFERINFOFUNCTION, on_progress);
        SET(CURLOPT_XFERINFODATA, (void *)exchange);
    }
    SET(CURLOPT_PREREQFUNCTION, on_ready);
    SET(CURLOPT_PREREQDATA, (void *)exchange);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, (void *)exchange);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, (void *)exchange);
#undef SET
    return code;
}

static const char *cause_of(CURLcode code, const struct exchange *exchange) {
    if (exchange->is_too_large)
        return "the reply is over 1 MiB";
    switch (code) {
    case CURLE_OK:
        return "done";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "the host's name has no address";
    case CURLE_COULDNT_CONNECT:
        return "the connection was refused, or no route";
    case CURLE_OPERATION_TIMEDOUT:
        return "time-out";
    case CURLE_PEER_FAILED_VERIFICATION:
        return "the peer's certificate did not verify (issuer, name or date); for a private issuer "
               "give its certificate as CA file";
    case CURLE_SSL_CACERT_BADFILE:
        return "the CA file can't be read, or holds no certificate";
    case CURLE_SSL_CONNECT_ERROR:
        return "the TLS handshake failed; is it an HTTPS port?";
    case CURLE_GOT_NOTHING:
        return "the peer closed the connection without a whole reply";
    case CURLE_SEND_ERROR:
        return "the connection broke while sending";
    case CURLE_RECV_ERROR:
        return "the connection broke while receiving";
    case CURLE_PARTIAL_FILE:
        return "the connection closed before the reply's end";
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_HTTP2:
        return "the reply is not HTTP/1.1";
    case CURLE_ABORTED_BY_CALLBACK:
        return "cancelled";
    case CURLE_OUT_OF_MEMORY:
        return "out of memory";
    default:
        return "the transfer failed";
    }
}

/* Nothing was sent; did a connection stand? What libcurl notes of it depends on its version, so the
 * error comes first. Only the words of the message hang on this. */
static enum esa_reach before_sending(CURL *curl, CURLcode code) {
    const char *peer_ip = NULL;
    switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_INITFAILED:
        return ESA_REACH_TLS_FAILED;
    default:
        if (esa_libcurl.easy_getinfo(curl, CURLINFO_PRIMARY_IP, &peer_ip) == CURLE_OK &&
            peer_ip != NULL && peer_ip[0] != '\0' && code != CURLE_COULDNT_CONNECT)
            return ESA_REACH_TLS_FAILED;
        return ESA_REACH_NOT_CONNECTED;
    }
}

static void settle(CURL *curl, CURLcode code, const struct exchange *exchange) {
    struct esa_http_reply *reply = exchange->reply;
    long status = 0;
    if (code == CURLE_OK && !exchange->has_headers)
        code = CURLE_GOT_NOTHING; /* libcurl takes a close within the headers for an end */
    if (code == CURLE_OK)
        reply->reach = ESA_REACH_REPLY;
    else if (!exchange->is_ready)
        reply->reach = before_sending(curl, code);
    else
        reply->reach = exchange->has_headers ? ESA_REACH_REPLY_CUT : ESA_REACH_NO_REPLY;
    if (exchange->has_headers &&
        esa_libcurl.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        reply->status = (int)status;
    if (code == CURLE_OK)
        return;
    (void)snprintf(reply->cause, sizeof(reply->cause), "%s (libcurl error %d)",
                   cause_of(code, exchange), (int)code);
}

enum cp_status esa_transport_curl(void *context, struct esa_http_reply *reply,
                                  const struct esa_http_request *request, struct cp_error *err) {
    struct exchange exchange = {.request = request, .reply = reply};
    struct curl_slist *headers = NULL;
    CURL *curl = NULL;
    CURLcode code = CURLE_OK;
    bool ok = false;
    (void)context;
    *reply = (struct esa_http_reply){0};
    enum cp_status status = esa_libcurl_load("transport", err);
    if (status != CP_OK)
        return status;
    /* All memory of ours is there before anything is sent: no failure of ours can lose a reply. */
    status = cp_secret_init(&reply->body, ESA_MAX_REPLY_LEN, err);
    if (status != CP_OK)
        return status;
    headers = make_headers(request, &ok);
    curl = esa_libcurl.easy_init();
    if (!ok || curl == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "transport: out of memory");
        goto out;
    }
    code = set_options(curl, &exchange, headers, request);
    if (code != CURLE_OK) {
        status = code == CURLE_OUT_OF_MEMORY
                     ? cp_fail(err, CP_ERR_MEMORY, "transport: out of memory")
                     : cp_fail(err, CP_ERR_UNSUPPORTED,
                               "transport: " ESA_LIBCURL " refused an option (libcurl error %d)",
                               (int)code);
        goto out;
    }
    settle(curl, esa_libcurl_perform(curl), &exchange);
out:
    if (curl != NULL)
        esa_libcurl.easy_cleanup(curl);
    esa_libcurl.slist_free_all(headers);
    if (status != CP_OK)
        esa_http_reply_cleanup(reply);
    return status;
}
