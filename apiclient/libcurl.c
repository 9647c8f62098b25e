#include "libcurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "wiping.h"

#ifndef SOCK_CLOEXEC
#define SOCK_CLOEXEC 0
#endif

#define MIN_VERSION 0x075500 /* 7.85.0: CURLOPT_PROTOCOLS_STR */

struct esa_libcurl esa_libcurl;

static void load(void) {
    struct esa_libcurl *api = &esa_libcurl;
    void *library = dlopen(ESA_LIBCURL, RTLD_NOW | RTLD_LOCAL);
    api->status = CP_ERR_UNSUPPORTED;
    if (library == NULL) {
        (void)snprintf(api->reason, sizeof(api->reason),
                       ESA_LIBCURL
                       " can't be loaded; install libcurl 7.85.0 or later (Debian package "
                       "libcurl4); only sending and fetching need it");
        return;
    }
    /* POSIX lets dlsym's result stand for a function; ISO C has no cast for it, hence the copy. */
#define ROW(field, symbol)                                                                         \
    {                                                                                              \
        void *found = dlsym(library, #symbol);                                                     \
        if (found == NULL) {                                                                       \
            (void)snprintf(api->reason, sizeof(api->reason), ESA_LIBCURL " lacks " #symbol);       \
            return;                                                                                \
        }                                                                                          \
        memcpy(&api->field, &found, sizeof(found));                                                \
    }
    ESA_LIBCURL_FUNCTIONS(ROW)
#undef ROW
    curl_version_info_data *info = api->version_info(CURLVERSION_NOW);
    if (info->version_num < MIN_VERSION || (info->features & CURL_VERSION_SSL) == 0) {
        (void)snprintf(api->reason, sizeof(api->reason),
                       ESA_LIBCURL " is version %.32s; want 7.85.0 or later, with TLS",
                       info->version);
        return;
    }
    if (info->ssl_version != NULL && strncmp(info->ssl_version, "OpenSSL/3.", 10) == 0) {
        void *found = dlsym(library, "SSL_CTX_set_options"); /* of the libssl that libcurl uses */
        memcpy(&api->ssl_ctx_set_options, &found, sizeof(found));
    }
    if (api->global_init_mem(CURL_GLOBAL_DEFAULT, esa_wiping_malloc, esa_wiping_free,
                             esa_wiping_realloc, esa_wiping_strdup,
                             esa_wiping_calloc) != CURLE_OK) {
        (void)snprintf(api->reason, sizeof(api->reason), ESA_LIBCURL " can't be initialised");
        return;
    }
    api->status = CP_OK;
}

enum cp_status esa_libcurl_load(const char *who, struct cp_error *err) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, load);
    if (esa_libcurl.status != CP_OK)
        return cp_fail(err, esa_libcurl.status, "%s: %s", who, esa_libcurl.reason);
    return CP_OK;
}

void esa_sigpipe_block(struct esa_sigpipe *guard) {
    sigset_t pipe_only;
    sigset_t pending;
    (void)sigemptyset(&pipe_only);
    (void)sigaddset(&pipe_only, SIGPIPE);
    (void)sigpending(&pending);
    guard->was_pending = sigismember(&pending, SIGPIPE) == 1;
    guard->is_blocked = pthread_sigmask(SIG_BLOCK, &pipe_only, &guard->before) == 0;
}

void esa_sigpipe_restore(const struct esa_sigpipe *guard) {
    const struct timespec no_wait = {0};
    sigset_t pipe_only;
    (void)sigemptyset(&pipe_only);
    (void)sigaddset(&pipe_only, SIGPIPE);
    if (guard->is_blocked && !guard->was_pending)
        (void)sigtimedwait(&pipe_only, NULL, &no_wait);
    if (guard->is_blocked)
        (void)pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
}

CURLcode esa_libcurl_perform(CURL *curl) {
    struct esa_sigpipe guard;
    esa_sigpipe_block(&guard);
    CURLcode code = esa_libcurl.easy_perform(curl);
    esa_sigpipe_restore(&guard);
    return code;
}

CURLcode esa_libcurl_set_common(CURL *curl) {
    static const struct {
        CURLoption option;
        long value;
    } rows[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_VERBOSE, 0},
        {CURLOPT_NETRC, CURL_NETRC_IGNORED},
        {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
        {CURLOPT_HTTP09_ALLOWED, 0},
        {CURLOPT_SSL_SESSIONID_CACHE, 0}, /* nothing to resume; 7.88's frees twice out of memory */
        {CURLOPT_SSL_VERIFYPEER, 1},
        {CURLOPT_SSL_VERIFYHOST, 2},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    };
    CURLcode code = esa_libcurl.easy_setopt(curl, CURLOPT_NOPROXY, ""); /* else no_proxy is read */
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && code == CURLE_OK; i++)
        code = esa_libcurl.easy_setopt(curl, rows[i].option, rows[i].value);
    return code;
}

curl_socket_t esa_libcurl_socket(const struct curl_sockaddr *address) {
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static CURLcode on_ssl_context(CURL *curl, void *ssl_context, void *context) {
    (void)curl;
    (void)context;
    (void)esa_libcurl.ssl_ctx_set_options(ssl_context, SSL_OP_CLEANSE_PLAINTEXT);
    return CURLE_OK;
}

CURLcode esa_libcurl_wipe_decrypted(CURL *curl) {
    if (esa_libcurl.ssl_ctx_set_options == NULL)
        return CURLE_OK;
    return esa_libcurl.easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, on_ssl_context);
}
