/* weakkey: no false alarm on 10,000 good RSA keys, 10,000 of P-256, 1,000 of Ed25519.
 *
 * To make 10,000 RSA keys takes hours. So the moduli are products of two of 150 primes: each is
 * what a key generator makes, and only among each other they share primes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <string.h>

#include "weakkey/batch_gcd.h"
#include "weakkey/weakkey.h"

#define NUM_PRIMES 150
#define NUM_MODULI 10000
#define BITS 2048

static struct cp_weakkey *weakkey;
static BIGNUM *primes[NUM_PRIMES];
static size_t num_judged;

static int set_up(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_PRIMES; i++) {
        primes[i] = BN_new();
        /* The first two bits set: the product has all its bits, as RSA keys have. */
        if (primes[i] == NULL ||
            BN_generate_prime_ex(primes[i], BITS / 2, 0, NULL, NULL, NULL) != 1)
            return -1;
    }
    return cp_weakkey_new(&weakkey, NULL) == CP_OK ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_PRIMES; i++)
        BN_free(primes[i]);
    cp_weakkey_free(weakkey);
    return 0;
}

static void must_be_good(struct cp_weak_key *key, bool judge_point) {
    struct cp_weak_facts facts;
    num_judged++;
    memset(key->spki_sha256, 0, sizeof(key->spki_sha256)); /* the cache must not know it */
    memcpy(key->spki_sha256, &num_judged, sizeof(num_judged));
    assert_int_equal(cp_weakkey_judge(weakkey, &facts, key, judge_point, false, NULL), CP_OK);
    assert_int_equal(facts.defects, 0);
    assert_int_equal(facts.multiple, 0);
    assert_int_equal(facts.point, CP_POINT_GOOD);
    assert_null(facts.known);
}

static void rsa_keys_are_good(void **state) {
    (void)state;
    static const uint8_t e[] = {1, 0, 1};
    uint8_t n[BITS / 8];
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *product = BN_new();
    size_t num = 0;
    for (size_t i = 0; i < NUM_PRIMES; i++)
        for (size_t j = i + 1; j < NUM_PRIMES && num < NUM_MODULI; j++, num++) {
            assert_int_equal(BN_mul(product, primes[i], primes[j], ctx), 1);
            assert_true(BN_bn2binpad(product, n, sizeof(n)) == (int)sizeof(n));
            struct cp_weak_key key = {.type = CP_KEY_RSA, .n = {n, sizeof(n)}, .e = {e, sizeof(e)}};
            must_be_good(&key, false);
        }
    assert_int_equal(num, NUM_MODULI);
    BN_free(product);
    BN_CTX_free(ctx);
}

static void pairs_share_nothing(void **state) {
    (void)state;
    static uint8_t n[NUM_PRIMES / 2][BITS / 8];
    struct cp_span moduli[NUM_PRIMES / 2];
    size_t partners[NUM_PRIMES / 2];
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *product = BN_new();
    for (size_t i = 0; i < NUM_PRIMES / 2; i++) {
        assert_int_equal(BN_mul(product, primes[2 * i], primes[2 * i + 1], ctx), 1);
        assert_true(BN_bn2binpad(product, n[i], sizeof(n[i])) > 0);
        moduli[i] = (struct cp_span){n[i], sizeof(n[i])};
    }
    assert_int_equal(cp_batch_gcd(partners, moduli, NUM_PRIMES / 2, ctx, NULL), CP_OK);
    for (size_t i = 0; i < NUM_PRIMES / 2; i++)
        assert_true(partners[i] == SIZE_MAX);
    BN_free(product);
    BN_CTX_free(ctx);
}

/* dG, (d+1)G, ...: from a random d. */
static void ec_keys_are_good(void **state) {
    (void)state;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = EC_POINT_new(group);
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *d = BN_new();
    uint8_t octets[65];
    assert_int_equal(BN_rand_range(d, EC_GROUP_get0_order(group)), 1);
    assert_int_equal(EC_POINT_mul(group, point, d, NULL, NULL, ctx), 1);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(EC_POINT_add(group, point, point, EC_GROUP_get0_generator(group), ctx), 1);
        assert_true(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, octets,
                                       sizeof(octets), ctx) == sizeof(octets));
        struct cp_weak_key key = {.type = CP_KEY_EC_P256, .point = {octets, sizeof(octets)}};
        must_be_good(&key, i % 10 == 0);
    }
    BN_free(d);
    BN_CTX_free(ctx);
    EC_POINT_free(point);
    EC_GROUP_free(group);
}

static void ed25519_keys_are_good(void **state) {
    (void)state;
    for (int i = 0; i < 1000; i++) {
        uint8_t octets[32];
        size_t len = sizeof(octets);
        EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        assert_int_equal(EVP_PKEY_get_raw_public_key(pkey, octets, &len), 1);
        EVP_PKEY_free(pkey);
        struct cp_weak_key key = {.type = CP_KEY_ED25519, .point = {octets, len}};
        must_be_good(&key, false);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rsa_keys_are_good),
        cmocka_unit_test(pairs_share_nothing),
        cmocka_unit_test(ec_keys_are_good),
        cmocka_unit_test(ed25519_keys_are_good),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
