/* weakkey: is a key weak in itself? What one public key tells, kept from bundle to bundle, and what
 * only its private half tells. */
#ifndef CP_WEAKKEY_H
#define CP_WEAKKEY_H

#include "../algorithm.h"
#include "../key.h"
#include "ec_point.h"
#include "known_keys.h"

struct cp_weakkey; /* what one thread keeps: tables, keys that it has seen */

CP_MUST_USE enum cp_status cp_weakkey_new(struct cp_weakkey **out, struct cp_error *err);
void cp_weakkey_free(struct cp_weakkey *weakkey);
/* Borrowed; for the functions here that take one. */
BN_CTX *cp_weakkey_numbers(struct cp_weakkey *weakkey);

struct cp_cert;

/* A public key, of a certificate or derived from a private key. Of kind RSA, EC or EDWARDS. */
struct cp_weak_key {
    enum cp_key_type type;
    struct cp_span n, e;  /* RSA: magnitudes */
    struct cp_span point; /* else: the subjectPublicKey octets */
    uint8_t spki_sha256[32];
};

/* Borrows from cert. False for a kind that is known by name only. */
CP_MUST_USE enum cp_status cp_weak_key_of_cert(struct cp_weakkey *weakkey, struct cp_weak_key *out,
                                               bool *known, const struct cp_cert *cert,
                                               struct cp_error *err);
/* Borrows from key, whose public half must have been derived. */
bool cp_weak_key_of_private(struct cp_weak_key *out, const struct cp_key *key);

/* Bits of cp_weak_facts.defects. */
enum {
    CP_WEAK_SMALL_FACTOR = 1 << 0,
    CP_WEAK_CLOSE_PRIMES = 1 << 1,
    CP_WEAK_PATTERN = 1 << 2,
    CP_WEAK_ROCA = 1 << 3,
    CP_WEAK_SMALL_D = 1 << 4,
    CP_WEAK_PRIME_MODULUS = 1 << 5, /* deep only */
    CP_WEAK_NOT_TRIED = 1 << 6,     /* deep only: over CP_MAX_DEEP_BITS */
};

struct cp_weak_facts {
    unsigned defects;
    uint32_t small_factor;
    unsigned multiple; /* of the generator, +-; 0: none that is small */
    enum cp_point_defect point;
    const struct cp_known_key *known; /* NULL: none */
};

#define CP_MAX_DEEP_BITS 8192 /* RSA modulus whose primality, and whose primes', is tried */

/* judge_point: compute whether the point is one (Edwards keys always are computed with). A modulus
 * that is even, 1, 0 or over CP_MAX_RSA_BITS is not judged: that is CP0604's. */
CP_MUST_USE enum cp_status cp_weakkey_judge(struct cp_weakkey *weakkey, struct cp_weak_facts *facts,
                                            const struct cp_weak_key *key, bool judge_point,
                                            bool deep, struct cp_error *err);
/* Looks the key up by the number that the list hashes. */
CP_MUST_USE enum cp_status cp_weakkey_look_up(struct cp_weakkey *weakkey, bool *found, uint8_t *id,
                                              const struct cp_blocklist *list,
                                              const struct cp_weak_key *key, struct cp_error *err);

/* ---- private keys ---------------------------------------------------------------------------- */

enum {
    CP_PRIVATE_UNBALANCED = 1 << 0, /* lengths of p and q differ by more than 2 bits */
    CP_PRIVATE_SMALL_D = 1 << 1,    /* RSA: d, or the order's difference to it, is too small */
    CP_PRIVATE_CLOSE = 1 << 2,      /* |p - q| <= 2^(bits/2 - 100) */
    CP_PRIVATE_SMALL_SCALAR = 1 << 3,
    CP_PRIVATE_P_COMPOSITE = 1 << 4, /* deep only */
    CP_PRIVATE_Q_COMPOSITE = 1 << 5, /* deep only */
    CP_PRIVATE_NOT_TRIED = 1 << 6,   /* deep only: over CP_MAX_DEEP_BITS */
};

/* Says something only of a key whose parts belong together (cp_key_check_consistency). deep is for
 * such a key alone: what it costs depends on p and q. */
CP_MUST_USE enum cp_status cp_private_judge(unsigned *defects, const struct cp_key *key, bool deep,
                                            struct cp_error *err);

#endif
