#include "weakkey.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "../cert.h"
#include "../key_parts.h"
#include "blocklist.h"
#include "rsa_tests.h"
#include "small_factors.h"

#define CACHE_SLOTS 64

struct slot {
    bool used, deep, judge_point;
    uint8_t spki_sha256[32];
    struct cp_weak_facts facts;
};

struct cp_weakkey {
    BN_CTX *numbers;
    struct cp_small_factors *small_factors; /* made on first use */
    EVP_MD *sha256;                         /* fetched on first use */
    struct cp_modulus modulus;
    struct slot slots[CACHE_SLOTS];
};

enum cp_status cp_weakkey_new(struct cp_weakkey **out, struct cp_error *err) {
    struct cp_weakkey *weakkey = calloc(1, sizeof(*weakkey));
    if (weakkey != NULL)
        weakkey->numbers = BN_CTX_new();
    if (weakkey == NULL || weakkey->numbers == NULL) {
        free(weakkey);
        return cp_fail(err, CP_ERR_MEMORY, "weak keys: out of memory");
    }
    *out = weakkey;
    return CP_OK;
}

void cp_weakkey_free(struct cp_weakkey *weakkey) {
    if (weakkey == NULL)
        return;
    BN_CTX_free(weakkey->numbers);
    cp_small_factors_free(weakkey->small_factors);
    EVP_MD_free(weakkey->sha256);
    free(weakkey);
}

BN_CTX *cp_weakkey_numbers(struct cp_weakkey *weakkey) {
    return weakkey->numbers;
}

static enum cp_status hash(struct cp_weakkey *weakkey, uint8_t out[32], struct cp_span data,
                           struct cp_error *err) {
    if (weakkey->sha256 == NULL)
        weakkey->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (weakkey->sha256 == NULL ||
        EVP_Digest(data.data, data.len, out, NULL, weakkey->sha256, NULL) != 1)
        return cp_fail(err, CP_ERR_CRYPTO, "weak keys: SHA-256 failed");
    return CP_OK;
}

enum cp_status cp_weak_key_of_cert(struct cp_weakkey *weakkey, struct cp_weak_key *out, bool *known,
                                   const struct cp_cert *cert, struct cp_error *err) {
    *known = cp_key_algorithm_get(cert->key_type)->kind != CP_KIND_OTHER;
    *out = (struct cp_weak_key){
        .type = cert->key_type, .n = cert->rsa_n, .e = cert->rsa_e, .point = cert->public_key};
    return *known ? hash(weakkey, out->spki_sha256, cert->spki, err) : CP_OK;
}

bool cp_weak_key_of_private(struct cp_weak_key *out, const struct cp_key *key) {
    *out = (struct cp_weak_key){.type = key->type,
                                .n = key->rsa.n,
                                .e = key->rsa.e,
                                .point = {key->public_point, key->public_point_len}};
    memcpy(out->spki_sha256, key->spki_sha256, sizeof(out->spki_sha256));
    return key->has_public && cp_key_algorithm_get(key->type)->kind != CP_KIND_OTHER;
}

/* ---- RSA ------------------------------------------------------------------------------------- */

/* n is prime if 2^(n-1) = 1 modulo n: one power, and no number that was not made for it is wrong.
 * The costly proof is for those alone. */
static bool find_prime(bool *found, const BIGNUM *n, BN_CTX *ctx) {
    BIGNUM *two = BN_CTX_get(ctx), *exponent = BN_CTX_get(ctx), *power = BN_CTX_get(ctx);
    *found = false;
    if (power == NULL || BN_set_word(two, 2) != 1 || BN_sub(exponent, n, BN_value_one()) != 1 ||
        BN_mod_exp(power, two, exponent, n, ctx) != 1)
        return false;
    if (!BN_is_one(power))
        return true;
    int result = BN_check_prime(n, ctx, NULL);
    *found = result == 1;
    return result >= 0;
}

/* Cheapest first; a key that is broken is not looked at any further. */
static bool judge_numbers(struct cp_weakkey *weakkey, struct cp_weak_facts *facts,
                          const struct cp_weak_key *key, bool deep) {
    const struct cp_modulus *modulus = &weakkey->modulus;
    BN_CTX *ctx = weakkey->numbers;
    BIGNUM *n = BN_CTX_get(ctx), *e = BN_CTX_get(ctx);
    bool found = false;
    if (e == NULL || BN_bin2bn(modulus->octets.data, (int)modulus->octets.len, n) == NULL ||
        !cp_fermat_find(&found, modulus, n, ctx))
        return false;
    if (found) {
        facts->defects |= CP_WEAK_CLOSE_PRIMES;
        return true;
    }
    if (key->e.len <= modulus->octets.len) {
        if (BN_bin2bn(key->e.data, (int)key->e.len, e) == NULL ||
            !cp_wiener_find(&found, n, e, ctx))
            return false;
        if (found)
            facts->defects |= CP_WEAK_SMALL_D;
    }
    if (!deep)
        return true;
    if (BN_num_bits(n) > CP_MAX_DEEP_BITS) {
        facts->defects |= CP_WEAK_NOT_TRIED;
        return true;
    }
    if (!find_prime(&found, n, ctx))
        return false;
    if (found)
        facts->defects |= CP_WEAK_PRIME_MODULUS;
    return true;
}

static enum cp_status judge_rsa(struct cp_weakkey *weakkey, struct cp_weak_facts *facts,
                                const struct cp_weak_key *key, bool deep, struct cp_error *err) {
    if (!cp_modulus_init(&weakkey->modulus, key->n))
        return CP_OK;
    if (weakkey->small_factors == NULL)
        weakkey->small_factors = cp_small_factors_new();
    if (weakkey->small_factors == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "weak keys: out of memory");
    facts->small_factor = cp_small_factors_find(weakkey->small_factors, &weakkey->modulus);
    if (facts->small_factor != 0) {
        facts->defects |= CP_WEAK_SMALL_FACTOR;
        return CP_OK;
    }
    if (cp_pattern_matches(weakkey->modulus.octets))
        facts->defects |= CP_WEAK_PATTERN;
    if (cp_roca_matches(&weakkey->modulus))
        facts->defects |= CP_WEAK_ROCA;
    BN_CTX_start(weakkey->numbers);
    bool ok = judge_numbers(weakkey, facts, key, deep);
    BN_CTX_end(weakkey->numbers);
    return ok ? CP_OK : cp_fail(err, CP_ERR_CRYPTO, "weak keys: the arithmetic failed");
}

/* ---- any key --------------------------------------------------------------------------------- */

static enum cp_status judge(struct cp_weakkey *weakkey, struct cp_weak_facts *facts,
                            const struct cp_weak_key *key, bool judge_point, bool deep,
                            struct cp_error *err) {
    enum cp_key_kind kind = cp_key_algorithm_get(key->type)->kind;
    *facts = (struct cp_weak_facts){.known = cp_known_key_find(key->spki_sha256)};
    if (kind == CP_KIND_RSA)
        return judge_rsa(weakkey, facts, key, deep, err);
    facts->multiple = cp_point_small_multiple(key->type, key->point);
    if ((judge_point || kind == CP_KIND_EDWARDS) &&
        !cp_point_judge(&facts->point, key->type, key->point, weakkey->numbers))
        return cp_fail(err, CP_ERR_CRYPTO, "weak keys: the arithmetic failed");
    return CP_OK;
}

enum cp_status cp_weakkey_judge(struct cp_weakkey *weakkey, struct cp_weak_facts *facts,
                                const struct cp_weak_key *key, bool judge_point, bool deep,
                                struct cp_error *err) {
    struct slot *slot = &weakkey->slots[key->spki_sha256[0] % CACHE_SLOTS];
    if (slot->used && slot->deep == deep && slot->judge_point == judge_point &&
        memcmp(slot->spki_sha256, key->spki_sha256, sizeof(slot->spki_sha256)) == 0) {
        *facts = slot->facts;
        return CP_OK;
    }
    ERR_set_mark();
    enum cp_status status = judge(weakkey, facts, key, judge_point, deep, err);
    ERR_pop_to_mark();
    if (status == CP_OK) {
        *slot =
            (struct slot){.used = true, .deep = deep, .judge_point = judge_point, .facts = *facts};
        memcpy(slot->spki_sha256, key->spki_sha256, sizeof(slot->spki_sha256));
    }
    return status;
}

/* ---- blocklist ------------------------------------------------------------------------------- */

/* The number that is hashed, without leading zeros. */
static struct cp_span listed_number(const struct cp_weak_key *key) {
    struct cp_span number = key->point;
    const struct cp_curve *curve = cp_curve_get(key->type);
    if (cp_key_algorithm_get(key->type)->kind == CP_KIND_RSA)
        number = key->n;
    else if (curve != NULL && number.len > curve->len)
        number = (struct cp_span){number.data + 1, curve->len};
    while (number.len > 0 && number.data[0] == 0) {
        number.data++;
        number.len--;
    }
    return number;
}

enum cp_status cp_weakkey_look_up(struct cp_weakkey *weakkey, bool *found, uint8_t *id,
                                  const struct cp_blocklist *list, const struct cp_weak_key *key,
                                  struct cp_error *err) {
    uint8_t digest[32];
    CP_TRY(hash(weakkey, digest, listed_number(key), err));
    return cp_blocklist_find(list, found, id, digest, err);
}
