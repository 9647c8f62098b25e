/* inquiry: one small HTTP exchange, by libcurl. Its error buffer and verbose output are never
 * used: they may quote what is secret. */
#include "inquiry.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "apiclient/libcurl.h"

struct state {
    const struct esa_inquiry *ask;
    const struct esa_chain *chain;
    struct esa_inquiry_reply *told;
    size_t header_len;
    bool is_far; /* an address was refused */
    bool is_too_large;
    bool has_headers; /* those of the final reply are whole */
};

bool esa_address_is_near(const struct sockaddr *address, socklen_t len) {
    static const uint8_t loopback_6[16] = {[15] = 1};
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    if (address->sa_family == AF_INET && len >= sizeof(in)) {
        memcpy(&in, address, sizeof(in));
        const uint8_t *ip = (const uint8_t *)&in.sin_addr;
        return ip[0] == 127 || (ip[0] == 169 && ip[1] == 254) ||
               (ip[0] == 100 && ip[1] == 100 && ip[2] == 100 && ip[3] == 200);
    }
    if (address->sa_family == AF_INET6 && len >= sizeof(in6)) {
        memcpy(&in6, address, sizeof(in6));
        const uint8_t *ip = in6.sin6_addr.s6_addr;
        return memcmp(ip, loopback_6, 16) == 0 || (ip[0] == 0xFE && (ip[1] & 0xC0) == 0x80);
    }
    return false;
}

/* Called for each address before it is connected to: no later answer of DNS can change it. */
static curl_socket_t on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    struct state *state = context;
    if (purpose != CURLSOCKTYPE_IPCXN)
        return CURL_SOCKET_BAD;
    if (state->ask->is_plain && !esa_address_is_near(&address->addr, address->addrlen)) {
        state->is_far = true;
        return CURL_SOCKET_BAD;
    }
    return esa_libcurl_socket(address);
}

static size_t on_header(char *line, size_t size, size_t num, void *context) {
    struct state *state = context;
    size_t len = size * num;
    if (len > ESA_INQUIRY_MAX_LEN - state->header_len) {
        state->is_too_large = true;
        return 0; /* ends the transfer */
    }
    state->header_len += len;
    if (len >= 5 && memcmp(line, "HTTP/", 5) == 0)
        state->has_headers = false;
    else if (len <= 2)
        state->has_headers = true;
    return len;
}

static size_t on_body(char *data, size_t size, size_t num, void *context) {
    struct state *state = context;
    if (size * num <= ESA_INQUIRY_MAX_LEN - state->told->body.len &&
        cp_secret_append(&state->told->body, data, size * num, NULL) == CP_OK)
        return size * num;
    state->is_too_large = true;
    return 0;
}

static int on_progress(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up) {
    const struct esa_chain *chain = ((struct state *)context)->chain;
    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return esa_chain_is_cancelled(chain) ? 1 : 0;
}

static struct curl_slist *make_headers(const struct esa_inquiry *ask, bool *ok) {
    static const char *const none[] = {"Expect:", "Content-Type:"};
    struct curl_slist *list = NULL;
    *ok = true;
    for (size_t i = 0; i < ask->num_headers + 2 && *ok; i++) {
        /* libcurl would add these two by itself. */
        const char *line = i < ask->num_headers ? ask->header[i] : none[i - ask->num_headers];
        if (i == ask->num_headers + 1 && ask->body != NULL && ask->body->len != 0)
            break;
        struct curl_slist *longer = esa_libcurl.slist_append(list, line);
        *ok = longer != NULL;
        list = longer != NULL ? longer : list;
    }
    return list;
}

#define SET(option, value)                                                                         \
    (code = code == CURLE_OK ? esa_libcurl.easy_setopt(curl, option, value) : code)

static CURLcode set_method(CURL *curl, const struct esa_inquiry *ask) {
    CURLcode code = CURLE_OK;
    size_t len = ask->body == NULL ? 0 : ask->body->len;
    if (strcmp(ask->method, "GET") == 0) {
        SET(CURLOPT_HTTPGET, 1L);
        return code;
    }
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
    SET(CURLOPT_POSTFIELDS, len == 0 ? "" : (const char *)ask->body->data); /* not copied */
    if (strcmp(ask->method, "POST") != 0)
        SET(CURLOPT_CUSTOMREQUEST, ask->method);
    return code;
}

static CURLcode set_options(CURL *curl, struct state *state, struct curl_slist *headers) {
    const struct esa_inquiry *ask = state->ask;
    CURLcode code = esa_libcurl_set_common(curl);
    SET(CURLOPT_PROTOCOLS_STR, ask->is_plain ? "http" : "https");
    SET(CURLOPT_URL, ask->url);
    /* "": the proxy variables are not read either */
    SET(CURLOPT_PROXY, ask->proxy == NULL || ask->is_plain ? "" : ask->proxy);
    SET(CURLOPT_HTTPPROXYTUNNEL, 1L);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    if (state->chain->ca_file != NULL) {
        SET(CURLOPT_CAINFO, (const char *)state->chain->ca_file);
        SET(CURLOPT_CAPATH, (const char *)NULL); /* else the system's directory is trusted too */
    }
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)ask->connect_timeout_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)ask->total_timeout_ms);
    SET(CURLOPT_MAXFILESIZE, (long)ESA_INQUIRY_MAX_LEN);
    SET(CURLOPT_HTTPHEADER, headers);
    if (state->chain->cancel != NULL) {
        SET(CURLOPT_NOPROGRESS, 0L);
        SET(CURLOPT_XFERINFOFUNCTION, on_progress);
        SET(CURLOPT_XFERINFODATA, (void *)state);
    }
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_OPENSOCKETDATA, (void *)state);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, (void *)state);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, (void *)state);
    if (code == CURLE_OK)
        code = esa_libcurl_wipe_decrypted(curl);
    return code == CURLE_OK ? set_method(curl, ask) : code;
}
#undef SET

static const char *cause_of(CURLcode code, const struct state *state) {
    if (state->is_too_large || code == CURLE_FILESIZE_EXCEEDED)
        return "the reply is over 64 KiB";
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
        return "the proxy's name has no address";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "the host's name has no address";
    case CURLE_COULDNT_CONNECT:
        return state->is_far ? "plain HTTP goes to loopback, link-local and 100.100.100.200 only; "
                               "use https"
                             : "the connection was refused, or no route";
    case CURLE_OPERATION_TIMEDOUT:
        return "time-out";
    case CURLE_PEER_FAILED_VERIFICATION:
        return "the peer's certificate did not verify (issuer, name or date)";
    case CURLE_SSL_CACERT_BADFILE:
        return "the CA file can't be read, or holds no certificate";
    case CURLE_SSL_CONNECT_ERROR:
        return "the TLS handshake failed; is it an HTTPS port?";
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
        return "the connection closed before the reply's end";
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return "the reply is not HTTP/1.1";
    case CURLE_ABORTED_BY_CALLBACK:
        return "cancelled";
    case CURLE_URL_MALFORMAT:
        return "the URL is malformed";
    default:
        return "the transfer failed";
    }
}

static enum cp_status settle(CURL *curl, CURLcode code, struct state *state, struct cp_error *err) {
    struct esa_inquiry_reply *told = state->told;
    const char *peer_ip = NULL;
    long status = 0;
    if (code == CURLE_OUT_OF_MEMORY)
        return cp_fail(err, CP_ERR_MEMORY, "%s: out of memory", state->ask->who);
    told->was_connected =
        code != CURLE_COULDNT_CONNECT &&
        esa_libcurl.easy_getinfo(curl, CURLINFO_PRIMARY_IP, &peer_ip) == CURLE_OK &&
        peer_ip != NULL && peer_ip[0] != '\0';
    if (code == CURLE_OK && !state->has_headers)
        code = CURLE_GOT_NOTHING; /* libcurl takes a close within the headers for an end */
    if (code == CURLE_OK)
        code = esa_libcurl.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK)
        return cp_fail(err, CP_ERR_NETWORK, "%s: %s", state->ask->who, cause_of(code, state));
    told->status = (int)status;
    told->body.data[told->body.len] = '\0';
    return CP_OK;
}

void esa_inquiry_reply_cleanup(struct esa_inquiry_reply *told) {
    cp_secret_cleanup(&told->body);
    *told = (struct esa_inquiry_reply){0};
}

enum cp_status esa_inquire(struct esa_inquiry_reply *told, const struct esa_inquiry *ask,
                           const struct esa_chain *chain, struct cp_error *err) {
    struct state state = {.ask = ask, .chain = chain, .told = told};
    struct curl_slist *headers = NULL;
    CURL *curl = NULL;
    bool ok = false;
    *told = (struct esa_inquiry_reply){0};
    enum cp_status status = esa_libcurl_load(ask->who, err);
    if (status == CP_OK)
        status = cp_secret_init(&told->body, ESA_INQUIRY_MAX_LEN + 1, err);
    if (status != CP_OK)
        return status;
    headers = make_headers(ask, &ok);
    curl = esa_libcurl.easy_init();
    if (!ok || curl == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "%s: out of memory", ask->who);
        goto out;
    }
    CURLcode code = set_options(curl, &state, headers);
    if (code != CURLE_OK) {
        status = cp_fail(err, CP_ERR_UNSUPPORTED,
                         "%s: " ESA_LIBCURL " refused an option (libcurl error %d)", ask->who,
                         (int)code);
        goto out;
    }
    status = settle(curl, esa_libcurl_perform(curl), &state, err);
out:
    if (curl != NULL)
        esa_libcurl.easy_cleanup(curl);
    esa_libcurl.slist_free_all(headers);
    if (status != CP_OK)
        cp_secret_cleanup(&told->body);
    return status;
}
