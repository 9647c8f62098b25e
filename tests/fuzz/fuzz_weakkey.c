/* The tests of public keys, on any numbers: they end, and what they say of factors is so.
 *
 * Input: octet 0 the kind (RSA, P-256, P-384, P-521, Ed25519, Ed448), octet 1 how many 256ths of
 * the rest are the modulus; then modulus and exponent, or the point. */
#include <openssl/bn.h>

#include "fuzz.h"
#include "weakkey/batch_gcd.h"
#include "weakkey/rsa_tests.h"
#include "weakkey/weakkey.h"

#define MAX_LEN 1024 /* of a number: longer ones only take longer */

static void check_factor(const struct cp_weak_key *key, uint32_t factor) {
    BIGNUM *n = BN_bin2bn(key->n.data, (int)key->n.len, NULL);
    FUZZ_ASSERT(n != NULL && factor >= 3 && factor < 65536 && BN_mod_word(n, factor) == 0);
    BN_free(n);
}

/* A number and its exponent as two moduli: the tree and the pair must say the same. */
static void check_shared(const struct cp_weak_key *key, BN_CTX *ctx) {
    struct cp_modulus a, b;
    size_t partners[2];
    if (!cp_modulus_init(&a, key->n) || !cp_modulus_init(&b, key->e) ||
        cp_span_equal(a.octets, b.octets))
        return;
    struct cp_span moduli[2] = {a.octets, b.octets};
    FUZZ_ASSERT(cp_batch_gcd(partners, moduli, 2, ctx, NULL) == CP_OK);
    FUZZ_ASSERT((partners[0] == 1) == !cp_number_coprime(&a, &b));
    FUZZ_ASSERT((partners[0] == 1) == (partners[1] == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum cp_key_type types[] = {CP_KEY_RSA,     CP_KEY_EC_P256, CP_KEY_EC_P384,
                                             CP_KEY_EC_P521, CP_KEY_ED25519, CP_KEY_ED448};
    struct cp_weakkey *weakkey = NULL;
    struct cp_weak_facts facts, again;
    if (size < 2 || size > 2 + 2 * MAX_LEN)
        return 0;
    struct cp_weak_key key = {.type = types[data[0] % (sizeof(types) / sizeof(types[0]))]};
    size_t n_len = (size - 2) * data[1] / 255;
    if (key.type == CP_KEY_RSA) {
        key.n = (struct cp_span){data + 2, n_len};
        key.e = (struct cp_span){data + 2 + n_len, size - 2 - n_len};
        if (key.n.len > MAX_LEN || key.e.len > MAX_LEN)
            return 0;
    } else {
        key.point = (struct cp_span){data + 2, size - 2};
    }
    FUZZ_ASSERT(cp_weakkey_new(&weakkey, NULL) == CP_OK);
    FUZZ_ASSERT(cp_weakkey_judge(weakkey, &facts, &key, true, false, NULL) == CP_OK);
    FUZZ_ASSERT(cp_weakkey_judge(weakkey, &again, &key, true, false, NULL) == CP_OK);
    FUZZ_ASSERT(facts.defects == again.defects && facts.point == again.point);
    if ((facts.defects & CP_WEAK_SMALL_FACTOR) != 0)
        check_factor(&key, facts.small_factor);
    if (key.type == CP_KEY_RSA)
        check_shared(&key, cp_weakkey_numbers(weakkey));
    cp_weakkey_free(weakkey);
    return 0;
}
