/* algorithm: public key and signature algorithms, from algorithms.def. */
#ifndef CP_ALGORITHM_H
#define CP_ALGORITHM_H

#include "bytes.h"

enum cp_key_kind { CP_KIND_OTHER, CP_KIND_RSA, CP_KIND_EC, CP_KIND_EDWARDS };

enum cp_key_type {
    CP_KEY_UNKNOWN, /* an algorithm or curve that is not in the table */
#define KEY(name, text, kind, bits, oid) CP_KEY_##name,
#include "algorithms.def"
#undef KEY
    CP_NUM_KEY_TYPES
};

enum cp_signature_type {
    CP_SIGNATURE_UNKNOWN,
#define SIGNATURE(name, text, kind, digest, weak, oid) CP_SIGNATURE_##name,
#include "algorithms.def"
#undef SIGNATURE
    CP_NUM_SIGNATURE_TYPES
};

struct cp_key_algorithm {
    const char *text;
    enum cp_key_kind kind;
    unsigned bits; /* 0: it varies */
    struct cp_span oid;
};

struct cp_signature_algorithm {
    const char *text;
    enum cp_key_kind kind;
    const char *digest; /* name for EVP_MD_fetch; "" if the scheme says it itself */
    bool weak;
    struct cp_span oid;
};

/* Never NULL; the row of *_UNKNOWN has the text "unknown algorithm". */
const struct cp_key_algorithm *cp_key_algorithm_get(enum cp_key_type type);
const struct cp_signature_algorithm *cp_signature_algorithm_get(enum cp_signature_type type);
enum cp_key_type cp_key_type_from_oid(struct cp_span oid);
/* Does the type's OID name a curve, which stands in the parameters of id-ecPublicKey? */
bool cp_key_type_is_curve(enum cp_key_type type);
enum cp_signature_type cp_signature_type_from_oid(struct cp_span oid);

/* The content octets of id-ecPublicKey, RFC 5480 2.1.1: says EC, the curve is in the parameters. */
extern const struct cp_span cp_oid_ec_public_key;

/* Dotted form of OID content octets, for messages. */
void cp_oid_format(char *out, size_t out_size, struct cp_span oid);

#endif
