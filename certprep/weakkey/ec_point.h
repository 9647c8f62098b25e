/* ec_point: is a public key a point that a private key can have, and not one that anybody knows? */
#ifndef CP_WEAKKEY_EC_POINT_H
#define CP_WEAKKEY_EC_POINT_H

#include "../algorithm.h"
#include "number.h"

enum cp_point_defect {
    CP_POINT_GOOD,
    CP_POINT_INFINITY,    /* the neutral element, SEC 1 2.3.3 */
    CP_POINT_TWIST,       /* no point of the curve has this coordinate: its twist has */
    CP_POINT_OTHER_CURVE, /* the coordinate has points, but this is none of them */
    CP_POINT_FIELD,       /* a coordinate is not below the field's prime */
    CP_POINT_FORM,        /* no encoding of a point at all */
    CP_POINT_SMALL_ORDER, /* Edwards curves: its multiples are 8 points at most */
    CP_POINT_TRIVIAL,     /* +-1 to 16 times the generator */
};

/* +-1 to 16: the multiple; 0: none of them. It compares, and costs nearly nothing. */
unsigned cp_point_small_multiple(enum cp_key_type type, struct cp_span point);

/* Computes; for a key that OpenSSL does not take, and for Edwards keys, of which it takes any.
 * point is the subjectPublicKey of a curve of kind EC or EDWARDS. False if the library fails. */
CP_MUST_USE bool cp_point_judge(enum cp_point_defect *defect, enum cp_key_type type,
                                struct cp_span point, BN_CTX *ctx);

#endif
