/* transport_curl: requests to the service. libcurl's error buffer and its verbose output are never
 * used: they quote the URL. What it decrypts is wiped, since a reply may echo the key. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "transport_curl.h"

/* ---- one exchange ---- */

/* Called when TLS is done and the peer verified, just before the request is sent; so is a second
 * sending. */
static int on_ready(void *context, char *peer_ip, char *local_ip, int peer_port, int local_port) {
    struct esa_exchange *exchange = context;
    (void)peer_ip;
    (void)local_ip;
    (void)peer_port;
    (void)local_port;
    if (exchange->num_sent != 0 && !exchange->request->may_resend) {
        exchange->is_resend = true;
        return CURL_PREREQFUNC_ABORT;
    }
    exchange->num_sent++;
    return CURL_PREREQFUNC_OK;
}

static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)context;
    return purpose == CURLSOCKTYPE_IPCXN ? esa_libcurl_socket(address) : CURL_SOCKET_BAD;
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
    struct esa_exchange *exchange = context;
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
    struct esa_exchange *exchange = context;
    size_t len = size * num;
    if (cp_secret_append(&exchange->reply->body, data, len, NULL) == CP_OK)
        return len;
    exchange->is_too_large = true;
    return 0; /* ends the transfer */
}

static int on_progress(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up) {
    const struct esa_http_request *request = ((struct esa_exchange *)context)->request;
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

#define SET(option, value)                                                                         \
    (code = code == CURLE_OK ? esa_libcurl.easy_setopt(curl, option, value) : code)

/* Who is talked to, and how it is made sure. */
static CURLcode set_connection(CURL *curl, const struct esa_http_request *request) {
    CURLcode code = esa_libcurl_set_common(curl);
    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_URL, (const char *)request->url.data);
    SET(CURLOPT_PROXY, request->proxy == NULL ? "" : request->proxy); /* "": no variable either */
    if (request->proxy != NULL) {
        SET(CURLOPT_HTTPPROXYTUNNEL, 1L);
        SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE); /* a token is not for the proxy */
        SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);         /* nor is its reply the service's */
    }
    SET(CURLOPT_FRESH_CONNECT, request->may_reuse ? 0L : 1L);
    SET(CURLOPT_FORBID_REUSE, request->may_reuse ? 0L : 1L);
    SET(CURLOPT_MAXAGE_CONN, 30L); /* idle ones; servers close them after a minute or so */
    if (request->ca_file != NULL) {
        SET(CURLOPT_CAINFO, request->ca_file);
        SET(CURLOPT_CAPATH, (const char *)NULL); /* else the system's directory is trusted too */
    }
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)request->total_timeout_ms);
    return code == CURLE_OK ? esa_libcurl_wipe_decrypted(curl) : code;
}

/* What is sent, and who is told of what comes back. */
static CURLcode set_exchange(CURL *curl, struct esa_exchange *exchange) {
    const struct esa_http_request *request = exchange->request;
    CURLcode code = CURLE_OK;
    SET(CURLOPT_HTTPHEADER, exchange->headers);
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
    return code;
}
#undef SET

static const char *cause_of(CURLcode code, const struct esa_exchange *exchange) {
    if (exchange->is_too_large)
        return "the reply is longer than any that makes sense";
    if (exchange->is_resend)
        return "the connection was kept from an earlier request and broke; it is not sent twice";
    switch (code) {
    case CURLE_OK:
        return "done";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "the host's name has no address";
    case CURLE_COULDNT_RESOLVE_PROXY:
        return "the proxy's name has no address";
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

/* A proxy that does not open the tunnel. */
static bool is_refused_by_proxy(const struct esa_exchange *exchange) {
    long status = 0;
    return exchange->request->proxy != NULL && exchange->num_sent == 0 &&
           esa_libcurl.easy_getinfo(exchange->easy, CURLINFO_HTTP_CONNECTCODE, &status) ==
               CURLE_OK &&
           status != 0 && status / 100 != 2;
}

void esa_exchange_settle(struct esa_exchange *exchange, CURLcode code) {
    struct esa_http_reply *reply = exchange->reply;
    long status = 0;
    if (code == CURLE_OK && !exchange->has_headers)
        code = CURLE_GOT_NOTHING; /* libcurl takes a close within the headers for an end */
    if (code == CURLE_OK)
        reply->reach = ESA_REACH_REPLY;
    else if (is_refused_by_proxy(exchange))
        reply->reach = ESA_REACH_NOT_CONNECTED;
    else if (exchange->num_sent == 0)
        reply->reach = before_sending(exchange->easy, code);
    else
        reply->reach = exchange->has_headers ? ESA_REACH_REPLY_CUT : ESA_REACH_NO_REPLY;
    if (exchange->has_headers &&
        esa_libcurl.easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        reply->status = (int)status;
    if (code == CURLE_OK)
        return;
    if (is_refused_by_proxy(exchange) &&
        esa_libcurl.easy_getinfo(exchange->easy, CURLINFO_HTTP_CONNECTCODE, &status) == CURLE_OK)
        (void)snprintf(reply->cause, sizeof(reply->cause),
                       "the proxy does not connect to the endpoint (its status is %ld%s)", status,
                       status == 407 ? ": it wants a name and a password, which are not given here"
                                     : "");
    else
        (void)snprintf(reply->cause, sizeof(reply->cause), "%s (libcurl error %d)",
                       cause_of(code, exchange), (int)code);
}

enum cp_status esa_exchange_open(struct esa_exchange *exchange, struct esa_http_reply *reply,
                                 const struct esa_http_request *request, CURL *easy,
                                 struct cp_error *err) {
    size_t max_len = request->max_reply_len == 0 ? ESA_MAX_REPLY_LEN : request->max_reply_len;
    bool ok = false;
    CURLcode code = CURLE_OK;
    *exchange = (struct esa_exchange){.request = request, .reply = reply, .easy = easy};
    *reply = (struct esa_http_reply){0};
    enum cp_status status = esa_libcurl_load("transport", err);
    if (status != CP_OK)
        goto out;
    /* All memory of ours is there before anything is sent: no failure of ours can lose a reply. */
    status = cp_secret_init(&reply->body, max_len, err);
    if (status != CP_OK)
        goto out;
    exchange->headers = make_headers(request, &ok);
    if (exchange->easy == NULL) {
        exchange->easy = esa_libcurl.easy_init();
        exchange->is_own = true;
    }
    if (!ok || exchange->easy == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "transport: out of memory");
        goto out;
    }
    code = set_connection(exchange->easy, request);
    if (code == CURLE_OK)
        code = set_exchange(exchange->easy, exchange);
    if (code == CURLE_OUT_OF_MEMORY)
        status = cp_fail(err, CP_ERR_MEMORY, "transport: out of memory");
    else if (code != CURLE_OK)
        status =
            cp_fail(err, CP_ERR_UNSUPPORTED,
                    "transport: " ESA_LIBCURL " refused an option (libcurl error %d)", (int)code);
out:
    if (status != CP_OK) {
        esa_exchange_close(exchange);
        esa_http_reply_cleanup(reply);
    }
    return status;
}

void esa_exchange_close(struct esa_exchange *exchange) {
    if (exchange->easy != NULL && exchange->is_own)
        esa_libcurl.easy_cleanup(exchange->easy);
    else if (exchange->easy != NULL)
        esa_libcurl.easy_reset(exchange->easy); /* URL and headers go, connections stay */
    if (exchange->headers != NULL)
        esa_libcurl.slist_free_all(exchange->headers);
    *exchange = (struct esa_exchange){0};
}

/* ---- one at a time ---- */

struct esa_kept {
    pthread_mutex_t mutex;
    CURL *easy; /* made by the first request that may use it */
};

enum cp_status esa_kept_new(struct esa_kept **out, struct cp_error *err) {
    *out = NULL;
    struct esa_kept *kept = calloc(1, sizeof(*kept));
    if (kept == NULL || pthread_mutex_init(&kept->mutex, NULL) != 0) {
        free(kept);
        return cp_fail(err, CP_ERR_MEMORY, "client: out of memory");
    }
    *out = kept;
    return CP_OK;
}

void esa_kept_free(struct esa_kept *kept) {
    if (kept == NULL)
        return;
    if (kept->easy != NULL) {
        struct esa_sigpipe guard; /* to close a connection is to write to it */
        esa_sigpipe_block(&guard);
        esa_libcurl.easy_cleanup(kept->easy);
        esa_sigpipe_restore(&guard);
    }
    (void)pthread_mutex_destroy(&kept->mutex);
    free(kept);
}

enum cp_status esa_transport_curl(void *context, struct esa_http_reply *reply,
                                  const struct esa_http_request *request, struct cp_error *err) {
    struct esa_kept *kept = request->may_reuse ? context : NULL;
    struct esa_exchange exchange = {0};
    *reply = (struct esa_http_reply){0};
    enum cp_status status = esa_libcurl_load("transport", err);
    if (status != CP_OK)
        return status;
    if (kept != NULL && pthread_mutex_trylock(&kept->mutex) != 0)
        kept = NULL;
    if (kept != NULL && kept->easy == NULL)
        kept->easy = esa_libcurl.easy_init(); /* NULL: this exchange has one of its own, or none */
    status = esa_exchange_open(&exchange, reply, request, kept == NULL ? NULL : kept->easy, err);
    if (status == CP_OK)
        esa_exchange_settle(&exchange, esa_libcurl_perform(exchange.easy));
    esa_exchange_close(&exchange);
    if (kept != NULL)
        (void)pthread_mutex_unlock(&kept->mutex);
    return status;
}
