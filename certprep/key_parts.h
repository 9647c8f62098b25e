/* key_parts: what the key_*.c files share, and of it what container/ needs too. */
#ifndef CP_KEY_PARTS_H
#define CP_KEY_PARTS_H

#include <openssl/types.h>

#include "key.h"
#include "legacy.h"

#define CP_MAX_SCALAR_LEN 66 /* P-521 */

struct cp_curve {
    enum cp_key_type type;
    int nid;
    size_t len; /* of the order and of a coordinate, in octets */
    uint8_t order[CP_MAX_SCALAR_LEN];
};

/* NULL if type is no curve. */
const struct cp_curve *cp_curve_get(enum cp_key_type type);
/* SECRET. The scalar without leading zeros. */
struct cp_span cp_scalar_trimmed(struct cp_span scalar);
/* True if 1 <= scalar < order. Time depends on the scalar's length only. */
bool cp_curve_scalar_in_range(const struct cp_curve *curve, struct cp_span scalar);

/* Reads explicit parameters (SpecifiedECDomain, SEC 1 C.2). *type is the curve whose field,
 * coefficients, generator and order they all are, else CP_KEY_UNKNOWN: one that differs in any is
 * another curve, whatever its seed or name. */
CP_MUST_USE enum cp_status cp_explicit_curve_read(enum cp_key_type *type, struct cp_der_reader *in,
                                                  struct cp_error *err);

/* Octets of an Edwards seed, which is also the length of the public key; 0 for other types. */
size_t cp_edwards_len(enum cp_key_type type);

/* True if an encoded public key has the value of key's own (key->has_public must be set). */
bool cp_key_public_equals(const struct cp_key *key, struct cp_span encoded);

/* True: all that cp_key_check_consistency asks of an RSA key holds. False says nothing. */
bool cp_key_rsa_is_whole(const struct cp_key_rsa *rsa);

/* RSAPublicKey, RFC 8017 A.1.1. */
CP_MUST_USE enum cp_status cp_rsa_public_parse(struct cp_span *n, struct cp_span *e,
                                               struct cp_span der, struct cp_error *err);

#define CP_DER_HEADER_MAX 6 /* tag, and a length of up to 4 octets with its count */
/* Tag and length of an element with len content octets; returns the octets written. */
size_t cp_der_header(uint8_t out[CP_DER_HEADER_MAX], uint8_t tag, size_t len);

#define CP_ALGORITHM_MAX 32
/* AlgorithmIdentifier of a key whose kind is known. Points into scratch or into the key. */
struct cp_span cp_key_algorithm_der(const struct cp_key *key, uint8_t scratch[CP_ALGORITHM_MAX]);

#define CP_ALGORITHM_NAME_MAX 80
enum cp_status cp_not_provided(const char *name, struct cp_error *err);

struct cp_scheme {
    uint64_t cost; /* of its key derivation: iterations, or scrypt's blocks */
    bool legacy;   /* not PBES2: a scheme of PKCS#5 1.5 or PKCS#12, with DES, 3DES, RC2 or RC4 */
};
/* Reads the content of an encryptionAlgorithm: CP_ERR_UNSUPPORTED for what this OpenSSL can't do,
 * CP_ERR_LIMIT for a key derivation that costs more than CP_MAX_KDF_*. Opens *legacy, which the
 * caller closes, for what the default context can't do: legacy->library is what to decrypt with. */
CP_MUST_USE enum cp_status cp_key_scheme_check(struct cp_scheme *out, struct cp_der_reader *in,
                                               struct cp_legacy *legacy, struct cp_error *err);
/* A positive INTEGER of at most CP_MAX_KDF_ITERATIONS; CP_ERR_LIMIT over it. */
CP_MUST_USE enum cp_status cp_key_iterations(uint64_t *iterations, struct cp_der_reader *in,
                                             struct cp_error *err);
/* Decrypts by a whole encryptionAlgorithm that cp_key_scheme_check has passed, straight into *out.
 * CP_ERR_PASSPHRASE if the padding is wrong, which one wrong pass phrase in 256 does not show: the
 * caller looks at the result. */
CP_MUST_USE enum cp_status cp_key_scheme_decrypt(struct cp_secret *out, struct cp_span algorithm,
                                                 struct cp_span ciphertext,
                                                 struct cp_span passphrase, OSSL_LIB_CTX *library,
                                                 struct cp_error *err);

/* OpenSSL's number of an OID; NID_undef if it has none. */
int cp_key_oid_nid(const struct cp_der *oid);

#endif
