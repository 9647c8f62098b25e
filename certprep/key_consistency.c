/* Do the parts of a private key belong together? Simple arithmetic only: no primality tests. */
#include <openssl/bn.h>
#include <openssl/err.h>

#include "cp_limits.h"
#include "key_parts.h"

const char *cp_key_defect_text(enum cp_key_defect defect) {
    static const char *const texts[] = {
        [CP_KEY_CONSISTENT] = "its parts belong together",
        [CP_KEY_BAD_MODULUS] = "p*q is not n, or p and q are equal, even or 1",
        [CP_KEY_BAD_EXPONENT] = "d is not the inverse of e, or e is even or below 3",
        [CP_KEY_BAD_CRT] = "dP, dQ or qInv do not belong to p, q and d",
        [CP_KEY_BAD_SCALAR] = "the private value is 0, too large or of a wrong length",
        [CP_KEY_BAD_PUBLIC] = "the public key that came along does not belong to it",
    };
    return (unsigned)defect < sizeof(texts) / sizeof(texts[0]) ? texts[defect] : "unknown defect";
}

/* All from one BN_CTX of the secure heap, which wipes what it lent. */
struct rsa_numbers {
    BIGNUM *n, *e, *d, *p, *q, *dp, *dq, *qinv;
    BIGNUM *p1, *q1; /* p-1, q-1 */
    BIGNUM *t, *u;
};

static BIGNUM *load(BN_CTX *ctx, struct cp_span magnitude) {
    BIGNUM *number = BN_CTX_get(ctx);
    if (number == NULL || BN_bin2bn(magnitude.data, (int)magnitude.len, number) == NULL)
        return NULL;
    BN_set_flags(number, BN_FLG_CONSTTIME);
    return number;
}

static bool rsa_load(struct rsa_numbers *k, const struct cp_key_rsa *rsa, BN_CTX *ctx) {
    return (k->n = load(ctx, rsa->n)) != NULL && (k->e = load(ctx, rsa->e)) != NULL &&
           (k->d = load(ctx, rsa->d)) != NULL && (k->p = load(ctx, rsa->p)) != NULL &&
           (k->q = load(ctx, rsa->q)) != NULL && (k->dp = load(ctx, rsa->dp)) != NULL &&
           (k->dq = load(ctx, rsa->dq)) != NULL && (k->qinv = load(ctx, rsa->qinv)) != NULL &&
           (k->p1 = load(ctx, rsa->p)) != NULL && (k->q1 = load(ctx, rsa->q)) != NULL &&
           (k->t = BN_CTX_get(ctx)) != NULL && (k->u = BN_CTX_get(ctx)) != NULL;
}

/* One prime: is d*e 1 modulo prime-1, and is the CRT exponent d modulo prime-1? False if the
 * library fails. */
static bool check_exponent(enum cp_key_defect *defect, const struct rsa_numbers *k,
                           const BIGNUM *prime1, const BIGNUM *crt, BN_CTX *ctx) {
    /* t = d mod prime-1; u = t*e mod prime-1 */
    if (BN_mod(k->t, k->d, prime1, ctx) != 1 || BN_mod_mul(k->u, k->t, k->e, prime1, ctx) != 1)
        return false;
    if (!BN_is_one(k->u))
        *defect = CP_KEY_BAD_EXPONENT;
    else if (*defect == CP_KEY_CONSISTENT && BN_cmp(k->t, crt) != 0)
        *defect = CP_KEY_BAD_CRT;
    return true;
}

/* RFC 8017 3.2. The factors are odd and over 1 here, so no modulus is 0. */
static bool check_exponents(enum cp_key_defect *defect, const struct rsa_numbers *k, BN_CTX *ctx) {
    if (!BN_is_odd(k->e) || BN_is_one(k->e)) {
        *defect = CP_KEY_BAD_EXPONENT;
        return true;
    }
    if (BN_sub_word(k->p1, 1) != 1 || BN_sub_word(k->q1, 1) != 1 ||
        !check_exponent(defect, k, k->p1, k->dp, ctx) ||
        !check_exponent(defect, k, k->q1, k->dq, ctx))
        return false;
    if (*defect != CP_KEY_CONSISTENT)
        return true;
    if (BN_mod_mul(k->t, k->qinv, k->q, k->p, ctx) != 1)
        return false;
    if (!BN_is_one(k->t) || BN_cmp(k->qinv, k->p) >= 0)
        *defect = CP_KEY_BAD_CRT;
    return true;
}

/* Nothing is computed with a part of an absurd length. */
static enum cp_key_defect rsa_sizes(const struct cp_key_rsa *rsa) {
    const size_t max = CP_MAX_RSA_BITS / 8;
    if (rsa->p.len > rsa->n.len || rsa->q.len > rsa->n.len)
        return CP_KEY_BAD_MODULUS;
    if (rsa->e.len > max || rsa->d.len > max)
        return CP_KEY_BAD_EXPONENT;
    if (rsa->dp.len > max || rsa->dq.len > max || rsa->qinv.len > max)
        return CP_KEY_BAD_CRT;
    return CP_KEY_CONSISTENT;
}

static bool is_factor(const BIGNUM *factor) {
    return BN_is_odd(factor) && !BN_is_one(factor);
}

static enum cp_status check_rsa(const struct cp_key *key, enum cp_key_defect *defect,
                                struct cp_error *err) {
    enum cp_status status = CP_OK;
    BN_CTX *ctx = NULL;
    struct rsa_numbers k = {0};
    if (key->bits > CP_MAX_RSA_BITS)
        return cp_fail(err, CP_ERR_LIMIT, "RSA modulus of %u bits: over the maximum of %d",
                       key->bits, CP_MAX_RSA_BITS);
    *defect = rsa_sizes(&key->rsa);
    if (*defect != CP_KEY_CONSISTENT || cp_key_rsa_is_whole(&key->rsa))
        return CP_OK;
    ctx = BN_CTX_secure_new(); /* which of them do not, BN says */
    if (ctx == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "RSA key: out of memory");
    BN_CTX_start(ctx);
    if (!rsa_load(&k, &key->rsa, ctx) || BN_mul(k.t, k.p, k.q, ctx) != 1) {
        status = cp_fail(err, CP_ERR_CRYPTO, "RSA key: the arithmetic failed");
        goto out;
    }
    if (BN_cmp(k.t, k.n) != 0 || BN_cmp(k.p, k.q) == 0 || !is_factor(k.p) || !is_factor(k.q)) {
        *defect = CP_KEY_BAD_MODULUS;
        goto out;
    }
    if (BN_cmp(k.d, k.n) >= 0 || BN_cmp(k.e, k.n) >= 0) {
        *defect = CP_KEY_BAD_EXPONENT;
        goto out;
    }
    if (!check_exponents(defect, &k, ctx))
        status = cp_fail(err, CP_ERR_CRYPTO, "RSA key: the arithmetic failed");
out:
    BN_CTX_end(ctx);
    BN_CTX_free(ctx);
    return status;
}

enum cp_status cp_key_check_consistency(const struct cp_key *key, enum cp_key_defect *defect,
                                        struct cp_error *err) {
    struct cp_key computed = *key; /* spans and public values: no key byte is copied */
    enum cp_status status = CP_OK;
    *defect = CP_KEY_CONSISTENT;
    if (cp_key_algorithm_get(key->type)->kind == CP_KIND_RSA) {
        ERR_set_mark();
        status = check_rsa(key, defect, err);
        ERR_pop_to_mark();
        if (status != CP_OK || *defect != CP_KEY_CONSISTENT || key->embedded_public.data == NULL)
            return status;
    }
    if (!computed.has_public)
        status = cp_key_derive_public(&computed, err);
    if (status != CP_OK)
        return status;
    if (!computed.has_public)
        *defect = CP_KEY_BAD_SCALAR;
    else if (key->embedded_public.data != NULL &&
             !cp_key_public_equals(&computed, key->embedded_public))
        *defect = CP_KEY_BAD_PUBLIC;
    return CP_OK;
}
