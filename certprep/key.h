/* key: private keys, read where they stand.
 *
 *   PKCS#8  OneAsymmetricKey, RFC 5958 2        (PRIVATE KEY)
 *   PKCS#1  RSAPrivateKey, RFC 8017 A.1.2       (RSA PRIVATE KEY)
 *   SEC1    ECPrivateKey, RFC 5915 3            (EC PRIVATE KEY)
 *
 * Every span is borrowed from the DER, which the caller holds in a cp_secret. Nothing here copies
 * key bytes anywhere but into OpenSSL's own secure or clearing allocations and into a cp_secret.
 */
#ifndef CP_KEY_H
#define CP_KEY_H

#include "algorithm.h"
#include "der.h"

struct cp_cert;

enum cp_key_format { CP_KEY_PKCS8, CP_KEY_PKCS1, CP_KEY_SEC1 };

const char *cp_key_format_name(enum cp_key_format format);

/* RSA integers are magnitudes without leading zeros. */
struct cp_key_rsa {
    struct cp_span n, e, d, p, q, dp, dq, qinv;
};

struct cp_key {
    enum cp_key_format format;
    enum cp_key_type type; /* of kind OTHER: read as far as the algorithm's name */
    unsigned bits;
    struct cp_span der;           /* the whole structure */
    struct cp_span algorithm_oid; /* content octets, of the curve for EC; names an unknown type */
    struct cp_span algorithm;     /* PKCS#8: whole AlgorithmIdentifier; else empty */
    struct cp_span inner;         /* PKCS#8: privateKey octets; else the whole structure */
    struct cp_key_rsa rsa;
    bool has_explicit_curve; /* EC: the curve was written out, and is the one that type says */
    struct cp_span scalar;   /* EC: privateKey octets; Edwards: seed */
    struct cp_span embedded_public; /* public key that came along: EC point, Edwards key,
                                     * RSAPublicKey; may be empty */
    /* Public half as it stands in a certificate: the subjectPublicKey content (EC point,
     * Edwards key; for RSA empty: n and e are compared). Derived by cp_key_derive_public. */
    uint8_t public_point[133]; /* uncompressed, P-521 at most */
    size_t public_point_len;
    uint8_t spki_sha256[32]; /* of the SubjectPublicKeyInfo that belongs to it */
    bool has_public;         /* spki_sha256 (and public_point) are set */
};

/* Reads the structure; never fails on the values' meaning. A SEC1 key must name its curve itself:
 * an EC PARAMETERS block before it is not taken for it, as OpenSSL does not either. */
CP_MUST_USE enum cp_status cp_key_parse(struct cp_key *out, struct cp_span der,
                                        enum cp_key_format format, struct cp_error *err);

/* Computes the public half from the private one: Q = dG, A from the seed, (n, e) taken as they are.
 * CP_ERR_UNSUPPORTED for a type that can't be computed with. A scalar or seed that belongs to no
 * public key is CP_OK with has_public false; cp_key_check_consistency then names the defect. */
CP_MUST_USE enum cp_status cp_key_derive_public(struct cp_key *key, struct cp_error *err);

/* What one thread reuses from key to key: groups of the curves, the digest. No secret stays in it.
 */
struct cp_key_cache;

CP_MUST_USE enum cp_status cp_key_cache_new(struct cp_key_cache **out, struct cp_error *err);
void cp_key_cache_free(struct cp_key_cache *cache);
/* cp_key_derive_public in about half the time for P-256. */
CP_MUST_USE enum cp_status
cp_key_derive_public_cached(struct cp_key *key, struct cp_key_cache *cache, struct cp_error *err);

enum cp_key_defect {
    CP_KEY_CONSISTENT,
    CP_KEY_BAD_MODULUS,  /* p*q != n, or p and q are equal, even or 1 */
    CP_KEY_BAD_EXPONENT, /* d*e != 1 modulo p-1 or q-1, or e even or below 3 */
    CP_KEY_BAD_CRT,      /* dP, dQ or qInv do not belong to p, q, d */
    CP_KEY_BAD_SCALAR,   /* d is 0 or not below the group's order, or of a wrong length */
    CP_KEY_BAD_PUBLIC,   /* the public key that came along is not dG, or not on the curve */
};

/* One clause, without values: "p*q is not n". */
const char *cp_key_defect_text(enum cp_key_defect defect);

/* Inner consistency without primality tests. Sizes over CP_MAX_RSA_BITS are CP_ERR_LIMIT. Uses the
 * public half if cp_key_derive_public has set it, and computes it otherwise. */
CP_MUST_USE enum cp_status cp_key_check_consistency(const struct cp_key *key,
                                                    enum cp_key_defect *defect,
                                                    struct cp_error *err);

/* True if cert's SubjectPublicKeyInfo is the public half of key (compares values, not encodings, so
 * a compressed point matches too). False unless cp_key_derive_public has set has_public. */
bool cp_key_matches(const struct cp_key *key, const struct cp_cert *cert);

/* PKCS#8, version 0, no attributes, no public key outside: byte for byte what
 * `openssl pkcs8 -topk8 -nocrypt -outform DER` writes. Inside, an ECPrivateKey has no parameters,
 * and a public key if and as one came along. *out must be empty. */
CP_MUST_USE enum cp_status cp_key_to_pkcs8(struct cp_secret *out, const struct cp_key *key,
                                           struct cp_error *err);

/* Decrypts "ENCRYPTED PRIVATE KEY" (RFC 5958 3; PBES2 with PBKDF2 or scrypt, PBES1) into PKCS#8
 * DER. The KDF's cost is read first and refused with CP_ERR_LIMIT over CP_MAX_KDF_*.
 * CP_ERR_PASSPHRASE if passphrase.data is NULL (none was given) or it is wrong. Never prompts. *out
 * must be empty. */
CP_MUST_USE enum cp_status cp_key_decrypt_pkcs8(struct cp_secret *out, struct cp_span der,
                                                struct cp_span passphrase, struct cp_error *err);
/* Decrypts traditional "Proc-Type: 4,ENCRYPTED" PEM (RFC 1421 4.6.1.1; OpenSSL's EVP_BytesToKey)
 * into the DER that the label names. text is the whole block. Pass phrase and *out as above. */
CP_MUST_USE enum cp_status cp_key_decrypt_traditional(struct cp_secret *out, struct cp_span text,
                                                      struct cp_span passphrase,
                                                      struct cp_error *err);

#endif
