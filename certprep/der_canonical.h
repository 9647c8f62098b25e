/* der_canonical: names what keeps a certificate from being canonical DER (X.690 10, 11).
 *
 * The strict reader (der.h) stops at the first defect; this walker reads BER as well, follows the
 * whole certificate and the values of its known extensions, and notes the first place of each kind
 * of defect. It neither allocates nor fails: where nothing more can be made out, it stops.
 */
#ifndef CP_DER_CANONICAL_H
#define CP_DER_CANONICAL_H

#include "cert.h"

/* X(name, function name, what it says) */
#define CP_DER_DEFECTS(X)                                                                          \
    X(INDEFINITE, indefinite, "a length is indefinite: this is BER")                               \
    X(LENGTH, length, "a length is written in more octets than it needs")                          \
    X(CONSTRUCTED, constructed, "a string is written in parts")                                    \
    X(BOOLEAN, boolean, "a BOOLEAN is neither 0x00 nor 0xFF")                                      \
    X(INTEGER, integer, "an INTEGER is empty or has octets that it does not need")                 \
    X(BITS, bits, "the unused bits of a BIT STRING are not zero, or miscounted")                   \
    X(NAMED_BITS, named_bits, "a list of named bits ends with zero bits")                          \
    X(SET_ORDER, set_order, "the members of a SET OF are not in ascending order")                  \
    X(OID, oid, "an OBJECT IDENTIFIER is empty, cut off or padded")                                \
    X(TIME, time, "a time is not in the form with seconds and Z, without a fraction")              \
    X(TRAILING, trailing, "bytes follow behind the end of a structure")                            \
    X(UTF8, utf8, "a UTF8String is not UTF-8")

enum cp_der_defect {
#define X(name, function, text) CP_DER_DEFECT_##name,
    CP_DER_DEFECTS(X)
#undef X
        CP_NUM_DER_DEFECTS
};

struct cp_der_canonical {
    unsigned defects;                  /* bit 1 << enum cp_der_defect */
    size_t offset[CP_NUM_DER_DEFECTS]; /* of the first; set only where the bit is */
};

/* der: one certificate, as it stands between the PEM lines. */
void cp_der_canonical(struct cp_der_canonical *out, struct cp_span der);
/* The same for a certificate that cp_cert_parse has read, so that only the places are looked at
 * where it does not look. */
void cp_der_canonical_cert(struct cp_der_canonical *out, const struct cp_cert *cert);
const char *cp_der_defect_text(enum cp_der_defect defect);

#endif
