/* transport_curl: the only file that knows libcurl.
 *
 * libcurl is loaded by the first call, so that commands that send nothing don't pay for it. What it
 * copies of the URL and of the headers holds the private key, so it is given an allocator that
 * wipes on free (without effect where the process has already initialised libcurl by itself), and
 * OpenSSL is told to wipe what it has decrypted, since a reply may echo the key. libcurl's error
 * buffer and its verbose output are never used: they quote the URL. */
#include <curl/curl.h>
#include <dlfcn.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "transport.h"
#include "wiping.h"

#define LIBRARY "libcurl.so.4"
#define MIN_VERSION 0x075500 /* 7.85.0: CURLOPT_PROTOCOLS_STR */

/* One row for each function that is used: field, symbol. */
#define FUNCTIONS(ROW)                                                                             \
    ROW(global_init_mem, curl_global_init_mem)                                                     \
    ROW(version_info, curl_version_info)                                                           \
    ROW(easy_init, curl_easy_init)                                                                 \
    ROW(easy_setopt, curl_easy_setopt)                                                             \
    ROW(easy_perform, curl_easy_perform)                                                           \
    ROW(easy_getinfo, curl_easy_getinfo)                                                           \
    ROW(easy_cleanup, curl_easy_cleanup)                                                           \
    ROW(slist_append, curl_slist_append)                                                           \
    ROW(slist_free_all, curl_slist_free_all)

/* Filled once, then only read. */
static struct {
    enum cp_status status;
    char reason[256];
#define ROW(field, symbol) __typeof__(symbol) *field; /* NOLINT(bugprone-macro-parentheses) */
    FUNCTIONS(ROW)
#undef ROW
    __typeof__(SSL_CTX_set_options) *ssl_ctx_set_options; /* NULL: not this OpenSSL's TLS */
} api;

/* ---- loading ---- */

static void load(void) {
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    api.status = CP_ERR_UNSUPPORTED;
    if (library == NULL) {
        (void)snprintf(api.reason, sizeof(api.reason),
                       LIBRARY " can't be loaded; install libcurl 7.85.0 or later (Debian package "
                               "libcurl4); only sending needs it");
        return;
    }
    /* POSIX lets dlsym's result stand for a function; ISO C has no cast for it, hence the copy. */
#define ROW(field, symbol)                                                                         \
    {                                                                                              \
        void *found = dlsym(library, #symbol);                                                     \
        if (found == NULL) {                                                                       \
            (void)snprintf(api.reason, sizeof(api.reason), LIBRARY " lacks " #symbol);             \
            return;                                                                                \
        }                                                                                          \
        memcpy(&api.field, &found, sizeof(found));                                                 \
    }
    FUNCTIONS(ROW)
#undef ROW
    curl_version_info_data *info = api.version_info(CURLVERSION_NOW);
    if (info->version_num < MIN_VERSION || (info->features & CURL_VERSION_SSL) == 0) {
        (void)snprintf(api.reason, sizeof(api.reason),
                       LIBRARY " is version %.32s; want 7.85.0 or later, with TLS", info->version);
        return;
    }
    if (info->ssl_version != NULL && strncmp(info->ssl_version, "OpenSSL/3.", 10) == 0) {
        void *found = dlsym(library, "SSL_CTX_set_options"); /* of the libssl that libcurl uses */
        memcpy(&api.ssl_ctx_set_options, &found, sizeof(found));
    }
    if (api.global_init_mem(CURL_GLOBAL_DEFAULT, esa_wiping_malloc, esa_wiping_free,
                            esa_wiping_realloc, esa_wiping_strdup, esa_wiping_calloc) != CURLE_OK) {
        (void)snprintf(api.reason, sizeof(api.reason), LIBRARY " can't be initialised");
        return;
    }
    api.status = CP_OK;
}

static enum cp_status ensure_loaded(struct cp_error *err) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, load);
    if (api.status != CP_OK)
        return cp_fail(err, api.status, "transport: %s", api.reason);
    return CP_OK;
}

/* ---- one exchange ---- */

struct exchange {
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
    (void)api.ssl_ctx_set_options(ssl_context, SSL_OP_CLEANSE_PLAINTEXT);
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

static struct curl_slist *append(struct curl_slist *list, const char *line, bool *ok) {
    struct curl_slist *longer = api.slist_append(list, line);
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
#define SET(option, value) (code = code == CURLE_OK ? api.easy_setopt(curl, option, value) : code)
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
    if (api.ssl_ctx_set_options != NULL)
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
        if (api.easy_getinfo(curl, CURLINFO_PRIMARY_IP, &peer_ip) == CURLE_OK && peer_ip != NULL &&
            peer_ip[0] != '\0' && code != CURLE_COULDNT_CONNECT)
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
        api.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        reply->status = (int)status;
    if (code == CURLE_OK)
        return;
    (void)snprintf(reply->cause, sizeof(reply->cause), "%s (libcurl error %d)",
                   cause_of(code, exchange), (int)code);
}

/* A peer that closes early must not end the process: with NOSIGNAL libcurl leaves SIGPIPE alone. */
static CURLcode perform_without_sigpipe(CURL *curl) {
    const struct timespec no_wait = {0};
    sigset_t pipe_only;
    sigset_t before;
    sigset_t pending;
    (void)sigemptyset(&pipe_only);
    (void)sigaddset(&pipe_only, SIGPIPE);
    (void)sigpending(&pending);
    bool was_pending = sigismember(&pending, SIGPIPE) == 1;
    bool is_blocked = pthread_sigmask(SIG_BLOCK, &pipe_only, &before) == 0;
    CURLcode code = api.easy_perform(curl);
    if (is_blocked && !was_pending)
        (void)sigtimedwait(&pipe_only, NULL, &no_wait);
    if (is_blocked)
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

enum cp_status esa_transport_curl(void *context, struct esa_http_reply *reply,
                                  const struct esa_http_request *request, struct cp_error *err) {
    struct exchange exchange = {.reply = reply};
    struct curl_slist *headers = NULL;
    CURL *curl = NULL;
    CURLcode code = CURLE_OK;
    bool ok = false;
    (void)context;
    *reply = (struct esa_http_reply){0};
    enum cp_status status = ensure_loaded(err);
    if (status != CP_OK)
        return status;
    /* All memory of ours is there before anything is sent: no failure of ours can lose a reply. */
    status = cp_secret_init(&reply->body, ESA_MAX_REPLY_LEN, err);
    if (status != CP_OK)
        return status;
    headers = make_headers(request, &ok);
    curl = api.easy_init();
    if (!ok || curl == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "transport: out of memory");
        goto out;
    }
    code = set_options(curl, &exchange, headers, request);
    if (code != CURLE_OK) {
        status =
            code == CURLE_OUT_OF_MEMORY
                ? cp_fail(err, CP_ERR_MEMORY, "transport: out of memory")
                : cp_fail(err, CP_ERR_UNSUPPORTED,
                          "transport: " LIBRARY " refused an option (libcurl error %d)", (int)code);
        goto out;
    }
    settle(curl, perform_without_sigpipe(curl), &exchange);
out:
    if (curl != NULL)
        api.easy_cleanup(curl);
    api.slist_free_all(headers);
    if (status != CP_OK)
        esa_http_reply_cleanup(reply);
    return status;
}
