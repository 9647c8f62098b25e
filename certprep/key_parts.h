/* key_parts: what the key_*.c files share. Internal to them. */
#ifndef CP_KEY_PARTS_H
#define CP_KEY_PARTS_H

#include "key.h"

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

/* Octets of an Edwards seed, which is also the length of the public key; 0 for other types. */
size_t cp_edwards_len(enum cp_key_type type);

/* True if an encoded public key has the value of key's own (key->has_public must be set). */
bool cp_key_public_equals(const struct cp_key *key, struct cp_span encoded);

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
/* Reads the content of an encryptionAlgorithm: CP_ERR_UNSUPPORTED for what this OpenSSL can't do,
 * CP_ERR_LIMIT for a key derivation that costs more than CP_MAX_KDF_*. */
CP_MUST_USE enum cp_status cp_key_scheme_check(struct cp_der_reader *in, struct cp_error *err);

#endif
