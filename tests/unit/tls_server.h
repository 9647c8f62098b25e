/* Servers with TLS on loopback, for tests of the transport: what they need but for their behaviour.
 * libssl is loaded at run time, as libcurl is. Include it in one file of a test. */
#ifndef TEST_TLS_SERVER_H
#define TEST_TLS_SERVER_H

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apiclient/canon.h"

#define TLS_FUNCTIONS(ROW)                                                                         \
    ROW(TLS_server_method)                                                                         \
    ROW(SSL_CTX_new)                                                                               \
    ROW(SSL_CTX_use_certificate)                                                                   \
    ROW(SSL_CTX_use_PrivateKey)                                                                    \
    ROW(SSL_new)                                                                                   \
    ROW(SSL_set_fd)                                                                                \
    ROW(SSL_accept)                                                                                \
    ROW(SSL_read)                                                                                  \
    ROW(SSL_write)                                                                                 \
    ROW(SSL_shutdown)

static struct {
#define ROW(name) __typeof__(name) *p_##name;
    TLS_FUNCTIONS(ROW)
#undef ROW
} tls;

static bool load_tls(void) {
    void *library = dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return false;
#define ROW(name)                                                                                  \
    {                                                                                              \
        void *found = dlsym(library, #name);                                                       \
        if (found == NULL)                                                                         \
            return false;                                                                          \
        memcpy(&tls.p_##name, &found, sizeof(found));                                              \
    }
    TLS_FUNCTIONS(ROW)
#undef ROW
    return true;
}

/* ---- a certificate for the loopback address, made for this run ---- */

struct identity {
    EVP_PKEY *key;
    X509 *cert;
    char ca_file[64]; /* in the working directory */
};

static void add_extension(X509 *cert, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void make_identity(struct identity *out, const char *names) {
    *out = (struct identity){.ca_file = "test_tls_server_XXXXXX"};
    out->key = EVP_EC_gen("P-256");
    out->cert = X509_new();
    assert_true(out->key != NULL && out->cert != NULL);
    assert_int_equal(X509_set_version(out->cert, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(out->cert), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(out->cert), -3600));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(out->cert), 3600));
    X509_NAME *name = X509_get_subject_name(out->cert);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                (const unsigned char *)"TEST ONLY", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(out->cert, name), 1);
    assert_int_equal(X509_set_pubkey(out->cert, out->key), 1);
    add_extension(out->cert, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(out->cert, NID_subject_alt_name, names);
    assert_true(X509_sign(out->cert, out->key, EVP_sha256()) > 0);
    int fd = mkstemp(out->ca_file);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, out->cert), 1);
    assert_int_equal(fclose(file), 0);
}

static void free_identity(struct identity *identity) {
    (void)unlink(identity->ca_file);
    X509_free(identity->cert);
    EVP_PKEY_free(identity->key);
}

static int listen_on_loopback(int *port) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

/* Reads up to the blank line; requests here are small and have no body, but for the form. */
static size_t read_request(SSL *ssl, char *request, size_t size) {
    size_t len = 0;
    while (len + 1 < size) {
        int got = tls.p_SSL_read(ssl, request + len, (int)(size - 1 - len));
        if (got <= 0)
            break;
        len += (size_t)got;
        request[len] = '\0';
        const char *end = strstr(request, "\r\n\r\n");
        if (end != NULL && (strstr(request, "content-type") == NULL || end[4] != '\0'))
            break;
    }
    return len;
}

static void say(SSL *ssl, const char *text, size_t len) {
    if (len != 0)
        (void)tls.p_SSL_write(ssl, text, (int)len);
}

static void fill(struct cp_secret *out, const char *text) {
    assert_int_equal(cp_secret_init(out, strlen(text) + 1, NULL), CP_OK);
    assert_int_equal(esa_secret_puts(out, text, NULL), CP_OK);
    assert_int_equal(esa_secret_end(out, NULL), CP_OK);
}

static int set_up(void **state) {
    static struct identity identity;
    if (!load_tls())
        return 0; /* *state stays NULL: the tests skip */
    make_identity(&identity, "IP:127.0.0.1,DNS:localhost");
    *state = &identity;
    return 0;
}

static int tear_down(void **state) {
    if (*state != NULL)
        free_identity(*state);
    return 0;
}

static void need_tls(void **state) {
    if (*state == NULL) {
        print_message("SKIPPED: libssl.so.3 is not at hand\n");
        skip();
    }
}

#endif
