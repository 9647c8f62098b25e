/* Microseconds of processor time for the tests of one key, and for batch GCD.
 *
 *   bench_weakkey [ROUNDS, default 15]
 */
#include <openssl/bn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "weakkey/batch_gcd.h"
#include "weakkey/rsa_tests.h"
#include "weakkey/small_factors.h"
#include "weakkey/weakkey.h"

#define MAX_ROUNDS 101
#define NUM_MODULI 500

static struct {
    BIGNUM *n, *e;
    BN_CTX *ctx;
    uint8_t octets[2048 / 8];
    struct cp_modulus modulus;
    struct cp_small_factors *small_factors;
    struct cp_weakkey *weakkey;
    struct cp_weak_key rsa, ec, ed25519;
    uint8_t point[65];
    uint8_t (*moduli)[2048 / 8];
    size_t num_moduli;
} w;

static void small_factors(void) {
    BENCH_NEED(cp_small_factors_find(w.small_factors, &w.modulus) == 0);
}

static void fermat(void) {
    bool found = true;
    BENCH_NEED(cp_fermat_find(&found, &w.modulus, w.n, w.ctx) && !found);
}

static void roca(void) {
    BENCH_NEED(!cp_roca_matches(&w.modulus) && !cp_pattern_matches(w.modulus.octets));
}

static void wiener(void) {
    bool found = true;
    BENCH_NEED(cp_wiener_find(&found, w.n, w.e, w.ctx) && !found);
}

/* Another digest each time: what was kept of the key before is of no use. */
static void judge(struct cp_weak_key *key) {
    struct cp_weak_facts facts;
    for (size_t i = 0; ++key->spki_sha256[i] == 0;)
        i++;
    BENCH_NEED(cp_weakkey_judge(w.weakkey, &facts, key, false, false, NULL) == CP_OK);
    BENCH_NEED(facts.defects == 0 && facts.known == NULL && facts.multiple == 0);
}

static void judge_rsa(void) {
    judge(&w.rsa);
}

static void judge_ec(void) {
    judge(&w.ec);
}

static void judge_ed25519(void) {
    judge(&w.ed25519);
}

static void judge_again(void) {
    struct cp_weak_facts facts;
    BENCH_NEED(cp_weakkey_judge(w.weakkey, &facts, &w.rsa, false, false, NULL) == CP_OK);
}

static void tables(void) {
    struct cp_small_factors *table = cp_small_factors_new();
    BENCH_NEED(table != NULL);
    cp_small_factors_free(table);
}

static void batch(void) {
    struct cp_span *moduli = calloc(w.num_moduli, sizeof(*moduli));
    size_t *partners = calloc(w.num_moduli, sizeof(*partners));
    BENCH_NEED(moduli != NULL && partners != NULL);
    for (size_t i = 0; i < w.num_moduli; i++)
        moduli[i] = (struct cp_span){w.moduli[i], sizeof(w.moduli[i])};
    BENCH_NEED(cp_batch_gcd(partners, moduli, w.num_moduli, w.ctx, NULL) == CP_OK);
    free(partners);
    free(moduli);
}

static void batch_2(void) {
    w.num_moduli = 2;
    batch();
}

static void batch_50(void) {
    w.num_moduli = 50;
    batch();
}

static void batch_all(void) {
    w.num_moduli = NUM_MODULI;
    batch();
}

static const struct {
    const char *name;
    void (*call)(void);
    size_t num; /* calls in one measurement */
} rows[] = {
    {"RSA-2048: factors below 2^16", small_factors, 200},
    {"RSA-2048: Fermat, 100 rounds", fermat, 200},
    {"RSA-2048: ROCA, patterns", roca, 1000},
    {"RSA-2048: Wiener, e = 65537", wiener, 1000},
    {"RSA-2048: all of it, a new key", judge_rsa, 200},
    {"RSA-2048: all of it, a key seen before", judge_again, 1000},
    {"P-256: all of it, a new key", judge_ec, 1000},
    {"Ed25519: all of it, a new key", judge_ed25519, 200},
    {"tables, once a process", tables, 10},
    {"shared primes of 2 moduli", batch_2, 10},
    {"shared primes of 50 moduli", batch_50, 1},
    {"shared primes of 500 moduli", batch_all, 1},
};
#define NUM_ROWS (sizeof(rows) / sizeof(rows[0]))

/* A product of two primes, and for batch GCD numbers of the same length, whose factors do not
 * matter. */
static void set_up(void) {
    static const uint8_t ed25519[32] = {0x19, 0xbf, 0x44, 0x09, 0x69, 0x84, 0xcd, 0xfe,
                                        0x85, 0x41, 0xba, 0xc1, 0x67, 0xdc, 0x3b, 0x96,
                                        0xc8, 0x50, 0x86, 0xaa, 0x30, 0xb6, 0xb6, 0xcb,
                                        0x0c, 0x5c, 0x38, 0xad, 0x70, 0x31, 0x66, 0xe2};
    BIGNUM *p = BN_new(), *q = BN_new();
    w.n = BN_new();
    w.e = BN_new();
    w.ctx = BN_CTX_new();
    w.moduli = calloc(NUM_MODULI, sizeof(*w.moduli));
    w.small_factors = cp_small_factors_new();
    BENCH_NEED(p != NULL && q != NULL && w.n != NULL && w.e != NULL && w.ctx != NULL &&
               w.moduli != NULL && w.small_factors != NULL);
    BENCH_NEED(BN_generate_prime_ex(p, 1024, 0, NULL, NULL, NULL) == 1 &&
               BN_generate_prime_ex(q, 1024, 0, NULL, NULL, NULL) == 1 &&
               BN_mul(w.n, p, q, w.ctx) == 1 && BN_set_word(w.e, 65537) == 1 &&
               BN_bn2binpad(w.n, w.octets, sizeof(w.octets)) == (int)sizeof(w.octets));
    BENCH_NEED(cp_modulus_init(&w.modulus, (struct cp_span){w.octets, sizeof(w.octets)}));
    BENCH_NEED(cp_weakkey_new(&w.weakkey, NULL) == CP_OK);
    for (size_t i = 0; i < NUM_MODULI; i++)
        BENCH_NEED(BN_rand(p, 2048, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD) == 1 &&
                   BN_bn2binpad(p, w.moduli[i], sizeof(w.moduli[i])) > 0);
    w.rsa = (struct cp_weak_key){.type = CP_KEY_RSA, .n = {w.octets, sizeof(w.octets)}};
    w.rsa.e = (struct cp_span){(const uint8_t *)"\x01\x00\x01", 3};
    w.point[0] = 4;
    memcpy(w.point + 1, w.octets, sizeof(w.point) - 1);
    w.ec = (struct cp_weak_key){.type = CP_KEY_EC_P256, .point = {w.point, sizeof(w.point)}};
    w.ed25519 = (struct cp_weak_key){.type = CP_KEY_ED25519, .point = {ed25519, sizeof(ed25519)}};
    BN_free(p);
    BN_free(q);
}

static void tear_down(void) {
    cp_weakkey_free(w.weakkey);
    cp_small_factors_free(w.small_factors);
    free(w.moduli);
    BN_CTX_free(w.ctx);
    BN_free(w.n);
    BN_free(w.e);
}

static double now_us(void) {
    struct timespec now;
    BENCH_NEED(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
    static double times[NUM_ROWS][MAX_ROUNDS];
    size_t num_rounds = argc > 1 ? (size_t)atoi(argv[1]) : 15;
    BENCH_NEED(num_rounds >= 1 && num_rounds <= MAX_ROUNDS);
    set_up();
    for (size_t round = 0; round < num_rounds; round++)
        for (size_t i = 0; i < NUM_ROWS; i++) {
            double start = now_us();
            for (size_t j = 0; j < rows[i].num; j++)
                rows[i].call();
            times[i][round] = (now_us() - start) / (double)rows[i].num;
        }
    for (size_t i = 0; i < NUM_ROWS; i++)
        printf("%-44s %12.2f us\n", rows[i].name, bench_median(times[i], num_rounds));
    tear_down();
    return 0;
}
