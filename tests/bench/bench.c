#include "bench.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "bench_keys.h"

void bench_die(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    exit(1);
}

uint64_t bench_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

double bench_median(double *values, size_t num) {
    qsort(values, num, sizeof(*values), compare);
    return num % 2 != 0 ? values[num / 2] : (values[num / 2 - 1] + values[num / 2]) / 2;
}

long bench_peak_kib(void) {
    struct rusage usage;
    BENCH_NEED(getrusage(RUSAGE_SELF, &usage) == 0);
    return usage.ru_maxrss;
}

/* ---- bundles --------------------------------------------------------------------------------- */

static void add_extension(X509 *cert, X509 *issuer, int nid, const char *value) {
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    BENCH_NEED(extension != NULL && X509_add_ext(cert, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* issuer NULL: self-signed. */
static X509 *make_cert(const char *name, long serial, bool ca, EVP_PKEY *key, X509 *issuer,
                       EVP_PKEY *issuer_key) {
    X509 *cert = X509_new();
    BENCH_NEED(cert != NULL && X509_set_version(cert, 2) == 1);
    BENCH_NEED(ASN1_INTEGER_set(X509_get_serialNumber(cert), serial) == 1);
    BENCH_NEED(ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)BENCH_AT_S - 30 * 86400) != NULL);
    BENCH_NEED(ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)BENCH_AT_S + 90 * 86400) != NULL);
    BENCH_NEED(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                                          (const unsigned char *)name, -1, -1, 0) == 1);
    if (issuer == NULL)
        issuer = cert;
    BENCH_NEED(X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1);
    BENCH_NEED(X509_set_pubkey(cert, key) == 1);
    add_extension(cert, issuer, NID_basic_constraints,
                  ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add_extension(cert, issuer, NID_key_usage,
                  ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    add_extension(cert, issuer, NID_subject_key_identifier, "hash");
    add_extension(cert, issuer, NID_authority_key_identifier, "keyid");
    if (!ca) {
        add_extension(cert, issuer, NID_ext_key_usage, "serverAuth");
        add_extension(cert, issuer, NID_subject_alt_name,
                      "DNS:" BENCH_HOST ",DNS:www.acme.example,DNS:api.acme.example,"
                      "DNS:cdn.acme.example,DNS:img.acme.example");
    }
    BENCH_NEED(X509_sign(cert, issuer_key, EVP_sha256()) > 0);
    return cert;
}

/* Copies what bio holds. */
static char *take_text(BIO *bio, size_t *len) {
    char *data = NULL;
    long size = BIO_get_mem_data(bio, &data);
    BENCH_NEED(size > 0);
    char *copy = malloc((size_t)size + 1);
    BENCH_NEED(copy != NULL);
    memcpy(copy, data, (size_t)size);
    copy[size] = '\0';
    *len = (size_t)size;
    BIO_free(bio);
    return copy;
}

void bench_bundles_make(struct bench_bundles *out, size_t num, bool rsa) {
    struct bench_keys *keys = bench_keys_new(rsa, num + 2);
    EVP_PKEY *root_key = bench_keys_next(keys), *ca_key = bench_keys_next(keys);
    X509 *root = make_cert("Bench Root", 1, true, root_key, NULL, root_key);
    X509 *ca = make_cert("Bench CA", 2, true, ca_key, root, root_key);
    BIO *bio = BIO_new(BIO_s_mem());
    BENCH_NEED(bio != NULL && PEM_write_bio_X509(bio, root) == 1);
    out->root_pem = take_text(bio, &out->root_len);
    out->num = num;
    out->pem = calloc(num, sizeof(*out->pem));
    out->len = calloc(num, sizeof(*out->len));
    BENCH_NEED(out->pem != NULL && out->len != NULL);
    for (size_t i = 0; i < num; i++) {
        EVP_PKEY *key = bench_keys_next(keys);
        X509 *leaf = make_cert(BENCH_HOST, 1000 + (long)i, false, key, ca, ca_key);
        bio = BIO_new(BIO_s_mem());
        BENCH_NEED(bio != NULL && PEM_write_bio_X509(bio, leaf) == 1);
        BENCH_NEED(PEM_write_bio_X509(bio, ca) == 1);
        BENCH_NEED(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
        out->pem[i] = take_text(bio, &out->len[i]);
        X509_free(leaf);
        EVP_PKEY_free(key);
    }
    bench_keys_free(keys);
    X509_free(ca);
    X509_free(root);
    EVP_PKEY_free(ca_key);
    EVP_PKEY_free(root_key);
}

void bench_bundles_free(struct bench_bundles *bundles) {
    for (size_t i = 0; i < bundles->num; i++)
        free(bundles->pem[i]);
    free(bundles->pem);
    free(bundles->len);
    free(bundles->root_pem);
}
