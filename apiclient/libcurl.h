/* libcurl: loaded by the first call, so that commands that send nothing don't pay for it. Only this
 * and the *_curl.c files know it.
 *
 * It is given an allocator that wipes on free (without effect where the process has already
 * initialised libcurl by itself): what it copies of a URL and of headers may hold a private key. */
#ifndef ESA_LIBCURL_H
#define ESA_LIBCURL_H

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <signal.h>

#include "apiclient.h"

#define ESA_LIBCURL "libcurl.so.4"

/* One row for each function that is used: field, symbol. */
#define ESA_LIBCURL_FUNCTIONS(ROW)                                                                 \
    ROW(global_init_mem, curl_global_init_mem)                                                     \
    ROW(version_info, curl_version_info)                                                           \
    ROW(easy_init, curl_easy_init)                                                                 \
    ROW(easy_setopt, curl_easy_setopt)                                                             \
    ROW(easy_perform, curl_easy_perform)                                                           \
    ROW(easy_getinfo, curl_easy_getinfo)                                                           \
    ROW(easy_reset, curl_easy_reset)                                                               \
    ROW(easy_cleanup, curl_easy_cleanup)                                                           \
    ROW(multi_init, curl_multi_init)                                                               \
    ROW(multi_setopt, curl_multi_setopt)                                                           \
    ROW(multi_add_handle, curl_multi_add_handle)                                                   \
    ROW(multi_remove_handle, curl_multi_remove_handle)                                             \
    ROW(multi_socket_action, curl_multi_socket_action)                                             \
    ROW(multi_info_read, curl_multi_info_read)                                                     \
    ROW(multi_cleanup, curl_multi_cleanup)                                                         \
    ROW(slist_append, curl_slist_append)                                                           \
    ROW(slist_free_all, curl_slist_free_all)

/* Filled once, then only read. */
struct esa_libcurl {
    enum cp_status status;
    char reason[256];
#define ROW(field, symbol) __typeof__(symbol) *field; /* NOLINT(bugprone-macro-parentheses) */
    ESA_LIBCURL_FUNCTIONS(ROW)
#undef ROW
    __typeof__(SSL_CTX_set_options) *ssl_ctx_set_options; /* NULL: not this OpenSSL's TLS */
};
extern struct esa_libcurl esa_libcurl;

/* To be called before any use. CP_ERR_UNSUPPORTED without a usable libcurl; who leads the message.
 */
CP_MUST_USE enum cp_status esa_libcurl_load(const char *who, struct cp_error *err);

/* Around what may write to a connection (to close one is to write, too): SIGPIPE is kept from the
 * process and its handlers. Not to be nested. */
struct esa_sigpipe {
    sigset_t before;
    bool is_blocked, was_pending;
};
void esa_sigpipe_block(struct esa_sigpipe *guard);
void esa_sigpipe_restore(const struct esa_sigpipe *guard);

/* curl_easy_perform, but a peer that closes early does not end the process: with NOSIGNAL libcurl
 * leaves SIGPIPE alone. */
CURLcode esa_libcurl_perform(CURL *curl);

/* What every exchange is to be like: HTTP/1.1, no redirect, no .netrc, no user name in the URL, no
 * exception from a proxy, TLS 1.2 or later with verification of peer and name. Nothing is traced:
 * verbose output would quote what is secret. */
CURLcode esa_libcurl_set_common(CURL *curl);

/* For CURLOPT_OPENSOCKETFUNCTION: a socket that no child process inherits, as libcurl's own are. */
curl_socket_t esa_libcurl_socket(const struct curl_sockaddr *address);

/* Has libssl wipe what it decrypts. */
CURLcode esa_libcurl_wipe_decrypted(CURL *curl);

#endif
