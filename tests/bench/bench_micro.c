/* Nanoseconds of each stage, and of OpenSSL's counterpart where there is one.
 *
 *   bench_micro [ROUNDS, default 15]
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "cert.h"
#include "certprep.h"
#include "key.h"
#include "pem.h"
#include "verify.h"

#define MAX_ROUNDS 101
#define SYSTEM_STORE "/etc/ssl/certs/ca-certificates.crt"

/* One bundle, taken apart once. */
static struct {
    struct bench_bundles bundles;
    struct cp_span text;
    uint8_t *room;
    struct cp_span der[3]; /* leaf, issuer, key */
    struct cp_cert leaf, issuer;
    struct cp_key key;
    struct cp_key_cache *key_cache;
    struct cp_verifier *verifier;
    X509 *x_leaf, *x_issuer;
    EVP_PKEY *x_key;
} m;

static void pem_ours(void) {
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    bool found = false;
    uint8_t *out = m.room;
    cp_pem_reader_init(&reader, m.text);
    for (int i = 0; i < 3; i++) {
        size_t len = 0, bad = 0;
        const char *reason = NULL;
        BENCH_NEED(cp_pem_next(&reader, &block, &found, NULL) == CP_OK && found);
        BENCH_NEED(cp_base64_decode(out, &len, block.body, &bad, &reason) == CP_OK);
        out += len;
    }
}

static void pem_openssl(void) {
    BIO *bio = BIO_new_mem_buf(m.text.data, (int)m.text.len);
    for (int i = 0; i < 3; i++) {
        char *name = NULL, *header = NULL;
        unsigned char *data = NULL;
        long len = 0;
        BENCH_NEED(PEM_read_bio(bio, &name, &header, &data, &len) == 1);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
    BIO_free(bio);
}

static void leaf_ours(void) {
    struct cp_cert cert;
    BENCH_NEED(cp_cert_parse(&cert, m.der[0], NULL) == CP_OK);
}

static void leaf_openssl(void) {
    const unsigned char *next = m.der[0].data;
    X509 *x = d2i_X509(NULL, &next, (long)m.der[0].len);
    BENCH_NEED(x != NULL);
    X509_free(x);
}

static void key_parse_ours(void) {
    struct cp_key key;
    BENCH_NEED(cp_key_parse(&key, m.der[2], CP_KEY_PKCS8, NULL) == CP_OK);
}

static void key_derive_ours(void) {
    struct cp_key key;
    BENCH_NEED(cp_key_parse(&key, m.der[2], CP_KEY_PKCS8, NULL) == CP_OK);
    BENCH_NEED(cp_key_derive_public(&key, NULL) == CP_OK && key.has_public);
}

static void key_derive_cached(void) {
    struct cp_key key;
    BENCH_NEED(cp_key_parse(&key, m.der[2], CP_KEY_PKCS8, NULL) == CP_OK);
    BENCH_NEED(cp_key_derive_public_cached(&key, m.key_cache, NULL) == CP_OK && key.has_public);
}

static void key_openssl(void) {
    const unsigned char *next = m.der[2].data;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &next, (long)m.der[2].len);
    BENCH_NEED(key != NULL);
    EVP_PKEY_free(key);
}

static void match_ours(void) {
    BENCH_NEED(cp_key_matches(&m.key, &m.leaf));
}

static void match_openssl(void) {
    BENCH_NEED(X509_check_private_key(m.x_leaf, m.x_key) == 1);
}

static void consistent_ours(void) {
    enum cp_key_defect defect = CP_KEY_BAD_SCALAR;
    BENCH_NEED(cp_key_check_consistency(&m.key, &defect, NULL) == CP_OK);
    BENCH_NEED(defect == CP_KEY_CONSISTENT);
}

static void verify_ours(void) {
    enum cp_signature_result result = CP_SIGNATURE_BAD;
    BENCH_NEED(cp_verifier_check(m.verifier, &result, &m.leaf, &m.issuer, NULL) == CP_OK);
    BENCH_NEED(result == CP_SIGNATURE_GOOD);
}

static void verify_openssl(void) {
    BENCH_NEED(X509_verify(m.x_leaf, X509_get0_pubkey(m.x_issuer)) == 1);
}

static void store_ours(void) {
    struct cp_trust *trust = NULL;
    BENCH_NEED(cp_trust_new_system_file(&trust, NULL) == CP_OK);
    cp_trust_free(trust);
}

static void store_openssl(void) {
    X509_STORE *store = X509_STORE_new();
    BENCH_NEED(store != NULL && X509_STORE_load_file(store, SYSTEM_STORE) == 1);
    X509_STORE_free(store);
}

static void secret_pages(void) {
    struct cp_secret secret;
    BENCH_NEED(cp_secret_init(&secret, 4000, NULL) == CP_OK);
    secret.data[0] = 1;
    cp_secret_cleanup(&secret);
}

static void bundle_only(void) {
    struct cp_bundle *bundle = NULL;
    BENCH_NEED(cp_bundle_new(&bundle, NULL) == CP_OK);
    BENCH_NEED(cp_bundle_add(bundle, "x", CP_ROLE_ANY, m.text.data, m.text.len, NULL) == CP_OK);
    cp_bundle_free(bundle);
}

typedef void bench_fn(void);

static const struct {
    const char *name;
    bench_fn *ours, *openssl;
    size_t num; /* calls in one measurement */
} rows[] = {
    {"PEM split and base64 of a bundle", pem_ours, pem_openssl, 2000},
    {"DER walk of a leaf, all facts / d2i_X509", leaf_ours, leaf_openssl, 1000},
    {"key: parse only", key_parse_ours, NULL, 5000},
    {"key: parse and derive public / d2i_AutoPrivateKey", key_derive_ours, key_openssl, 200},
    {"key: the same, cached", key_derive_cached, key_openssl, 200},
    {"key belongs to certificate", match_ours, match_openssl, 5000},
    {"key consistency", consistent_ours, NULL, 300},
    {"one signature / X509_verify", verify_ours, verify_openssl, 300},
    {"cp_bundle_add and free, whole", bundle_only, NULL, 300},
    {"cp_secret of a page: map, lock, wipe, unmap", secret_pages, NULL, 1000},
    {"system trust store", store_ours, store_openssl, 3},
};
#define NUM_ROWS (sizeof(rows) / sizeof(rows[0]))

static double time_one(bench_fn *call, size_t num) {
    uint64_t start = bench_now_ns();
    for (size_t i = 0; i < num; i++)
        call();
    return (double)(bench_now_ns() - start) / (double)num;
}

static void set_up(bool rsa) {
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    bool found = false;
    const unsigned char *next;
    bench_bundles_make(&m.bundles, 1, rsa);
    m.text = (struct cp_span){(const uint8_t *)m.bundles.pem[0], m.bundles.len[0]};
    m.room = malloc(cp_base64_max(m.text.len));
    BENCH_NEED(m.room != NULL);
    pem_ours(); /* leaves the three decoded blocks in room */
    cp_pem_reader_init(&reader, m.text);
    uint8_t *at = m.room;
    for (int i = 0; i < 3; i++) {
        size_t bad = 0;
        const char *reason = NULL;
        BENCH_NEED(cp_pem_next(&reader, &block, &found, NULL) == CP_OK && found);
        m.der[i].data = at;
        BENCH_NEED(cp_base64_decode(at, &m.der[i].len, block.body, &bad, &reason) == CP_OK);
        at += m.der[i].len;
    }
    BENCH_NEED(cp_cert_parse(&m.leaf, m.der[0], NULL) == CP_OK);
    BENCH_NEED(cp_cert_parse(&m.issuer, m.der[1], NULL) == CP_OK);
    BENCH_NEED(cp_key_parse(&m.key, m.der[2], CP_KEY_PKCS8, NULL) == CP_OK);
    BENCH_NEED(cp_key_derive_public(&m.key, NULL) == CP_OK);
    BENCH_NEED(cp_key_cache_new(&m.key_cache, NULL) == CP_OK);
    BENCH_NEED(cp_verifier_new(&m.verifier, NULL) == CP_OK);
    next = m.der[0].data;
    m.x_leaf = d2i_X509(NULL, &next, (long)m.der[0].len);
    next = m.der[1].data;
    m.x_issuer = d2i_X509(NULL, &next, (long)m.der[1].len);
    next = m.der[2].data;
    m.x_key = d2i_AutoPrivateKey(NULL, &next, (long)m.der[2].len);
    BENCH_NEED(m.x_leaf != NULL && m.x_issuer != NULL && m.x_key != NULL);
}

static void tear_down(void) {
    EVP_PKEY_free(m.x_key);
    X509_free(m.x_issuer);
    X509_free(m.x_leaf);
    cp_verifier_free(m.verifier);
    cp_key_cache_free(m.key_cache);
    free(m.room);
    bench_bundles_free(&m.bundles);
}

static void run(bool rsa, size_t num_rounds) {
    static double ours[NUM_ROWS][MAX_ROUNDS], openssl[NUM_ROWS][MAX_ROUNDS];
    FILE *store = fopen(SYSTEM_STORE, "rb");
    size_t num_rows = store != NULL ? NUM_ROWS : NUM_ROWS - 1;
    if (store != NULL)
        fclose(store);
    set_up(rsa);
    for (size_t round = 0; round < num_rounds; round++)
        for (size_t i = 0; i < num_rows; i++) {
            ours[i][round] = time_one(rows[i].ours, rows[i].num);
            if (rows[i].openssl != NULL)
                openssl[i][round] = time_one(rows[i].openssl, rows[i].num);
        }
    printf("%-52s %12s %12s\n", rsa ? "RSA-2048" : "EC P-256", "certprep ns", "OpenSSL ns");
    for (size_t i = 0; i < num_rows; i++) {
        double a = bench_median(ours[i], num_rounds);
        printf("  %-50s %12.0f", rows[i].name, a);
        if (rows[i].openssl != NULL) {
            double b = bench_median(openssl[i], num_rounds);
            printf(" %12.0f   1/%.1f", b, b / a);
        }
        printf("\n");
    }
    if (num_rows != NUM_ROWS)
        printf("  no system trust store here: not measured\n");
    tear_down();
}

int main(int argc, char **argv) {
    size_t num_rounds = argc > 1 ? (size_t)atoi(argv[1]) : 15;
    BENCH_NEED(num_rounds >= 1 && num_rounds <= MAX_ROUNDS);
    run(false, num_rounds);
    run(true, num_rounds);
    return 0;
}
