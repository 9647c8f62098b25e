/* The checks of bench_loop's naive loop with GnuTLS: read certificates and key, compare the key's
 * id with the leaf's, verify against one shared trust list with hostname and time.
 *
 *   peer_gnutls FOLDER SECONDS     FOLDER has 0.pem, 1.pem, ... and root.pem; prints bundles a
 * second
 */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AT_S 1780272000 /* 2026-06-01 */
#define HOST "shop.acme.example"
#define MAX_BUNDLES 256
#define MAX_CHAIN 8
#define MAX_LEN 65536

#define NEED(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "peer_gnutls.c:%d: does not hold: %s\n", __LINE__, #condition);        \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static gnutls_x509_trust_list_t roots;
static gnutls_datum_t bundles[MAX_BUNDLES];

/* The verification's clock. */
static time_t at(time_t *out) {
    if (out != NULL)
        *out = AT_S;
    return AT_S;
}

static gnutls_datum_t load(const char *folder, const char *name) {
    char path[512];
    gnutls_datum_t data = {NULL, 0};
    NEED(snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path));
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return data;
    data.data = malloc(MAX_LEN);
    NEED(data.data != NULL);
    data.size = (unsigned)fread(data.data, 1, MAX_LEN, file);
    NEED(data.size > 0 && data.size < MAX_LEN && fclose(file) == 0);
    return data;
}

static void check(const gnutls_datum_t *pem) {
    static const gnutls_x509_privkey_t no_key;
    gnutls_x509_crt_t chain[MAX_CHAIN];
    gnutls_x509_privkey_t key = no_key;
    gnutls_typed_vdata_st host = {
        .type = GNUTLS_DT_DNS_HOSTNAME, .data = (unsigned char *)(uintptr_t)HOST, .size = 0};
    unsigned char leaf_id[64], key_id[64];
    size_t leaf_len = sizeof(leaf_id), key_len = sizeof(key_id);
    unsigned num = MAX_CHAIN, status = 0;
    NEED(gnutls_x509_crt_list_import(chain, &num, pem, GNUTLS_X509_FMT_PEM, 0) > 0);
    NEED(gnutls_x509_privkey_init(&key) == 0);
    NEED(gnutls_x509_privkey_import(key, pem, GNUTLS_X509_FMT_PEM) == 0);
    NEED(gnutls_x509_crt_get_key_id(chain[0], GNUTLS_KEYID_USE_SHA256, leaf_id, &leaf_len) == 0);
    NEED(gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, key_id, &key_len) == 0);
    NEED(leaf_len == key_len && memcmp(leaf_id, key_id, leaf_len) == 0);
    NEED(gnutls_x509_trust_list_verify_crt2(roots, chain, num, &host, 1, 0, &status, NULL) == 0);
    NEED(status == 0);
    gnutls_x509_privkey_deinit(key);
    for (unsigned i = 0; i < num; i++)
        gnutls_x509_crt_deinit(chain[i]);
}

static double now(void) {
    struct timespec time;
    NEED(clock_gettime(CLOCK_MONOTONIC, &time) == 0);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    size_t num = 0, num_done = 0;
    double seconds = argc == 3 ? atof(argv[2]) : 0;
    if (seconds <= 0) {
        fprintf(stderr, "usage: peer_gnutls FOLDER SECONDS\n");
        return 2;
    }
    gnutls_global_set_time_function(at);
    gnutls_datum_t root = load(argv[1], "root.pem");
    NEED(root.data != NULL && gnutls_x509_trust_list_init(&roots, 0) == 0);
    NEED(gnutls_x509_trust_list_add_trust_mem(roots, &root, NULL, GNUTLS_X509_FMT_PEM, 0, 0) == 1);
    for (char name[32]; num < MAX_BUNDLES; num++) {
        snprintf(name, sizeof(name), "%zu.pem", num);
        bundles[num] = load(argv[1], name);
        if (bundles[num].data == NULL)
            break;
    }
    NEED(num > 0);
    double start = now();
    do
        for (int i = 0; i < 8; i++)
            check(&bundles[num_done++ % num]);
    while (now() - start < seconds);
    printf("%.0f\n", (double)num_done / (now() - start));
    for (size_t i = 0; i < num; i++)
        free(bundles[i].data);
    free(root.data);
    gnutls_x509_trust_list_deinit(roots, 1);
    return 0;
}
