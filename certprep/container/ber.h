/* ber: what PKCS#7 and PKCS#12 need of BER (X.690 8), for containers that other programs write with
 * indefinite lengths and strings in pieces. Certificates and keys themselves are read by der.h.
 *
 * Taken beyond DER: indefinite lengths, lengths that are not minimal, OCTET STRINGs in pieces.
 * Nesting is followed to CP_MAX_DER_DEPTH; work is linear in the input for a fixed depth.
 */
#ifndef CP_BER_H
#define CP_BER_H

#include "bytes.h"

struct cp_ber {
    uint8_t tag;
    struct cp_span content; /* without end-of-contents octets */
    struct cp_span whole;
};

/* What is left of an element's content, and where it all starts, for messages. */
struct cp_ber_reader {
    struct cp_span rest;
    const uint8_t *origin;
};

CP_MUST_USE enum cp_status cp_ber_next(struct cp_ber_reader *reader, struct cp_ber *out,
                                       const char *what, struct cp_error *err);
/* cp_ber_next, and the tag must be the wanted one. */
CP_MUST_USE enum cp_status cp_ber_expect(struct cp_ber_reader *reader, struct cp_ber *out,
                                         uint8_t tag, const char *what, struct cp_error *err);
/* cp_ber_expect, then *inner reads its content. */
CP_MUST_USE enum cp_status cp_ber_enter(struct cp_ber_reader *reader, struct cp_ber_reader *inner,
                                        uint8_t tag, const char *what, struct cp_error *err);
enum cp_status cp_ber_fail(const struct cp_ber_reader *reader, const char *what, const char *why,
                           struct cp_error *err);

/* The same with definite, minimal lengths and OCTET STRINGs in one piece: DER as far as structure
 * goes. One element and nothing behind it. *out must be empty. What primitives hold is not touched.
 */
CP_MUST_USE enum cp_status cp_ber_to_der(struct cp_secret *out, struct cp_span ber,
                                         const char *what, struct cp_error *err);

#endif
