/* der: a strict, allocation-free reader of DER (X.690 8, 10, 11) over borrowed bytes.
 *
 * Deviations: only single-byte tags (no X.509 or key structure has others); lengths up to 4 octets.
 * Strict: definite minimal lengths; a primitive type is never constructed; no bytes left over where
 * cp_der_end is called.
 * Caller's duties: keep the bytes alive; call cp_der_end after the last element.
 */
#ifndef CP_DER_H
#define CP_DER_H

#include "bytes.h"

enum cp_der_tag {
    CP_DER_BOOLEAN = 0x01,
    CP_DER_INTEGER = 0x02,
    CP_DER_BIT_STRING = 0x03,
    CP_DER_OCTET_STRING = 0x04,
    CP_DER_NULL = 0x05,
    CP_DER_OID = 0x06,
    CP_DER_UTF8_STRING = 0x0c,
    CP_DER_NUMERIC_STRING = 0x12,
    CP_DER_PRINTABLE_STRING = 0x13,
    CP_DER_TELETEX_STRING = 0x14,
    CP_DER_IA5_STRING = 0x16,
    CP_DER_UTC_TIME = 0x17,
    CP_DER_GENERALIZED_TIME = 0x18,
    CP_DER_UNIVERSAL_STRING = 0x1c,
    CP_DER_BMP_STRING = 0x1e,
    CP_DER_SEQUENCE = 0x30,
    CP_DER_SET = 0x31,
};
#define CP_DER_CONTEXT(n) ((uint8_t)(0x80 | (n)))             /* [n] IMPLICIT, primitive */
#define CP_DER_CONTEXT_CONSTRUCTED(n) ((uint8_t)(0xa0 | (n))) /* [n] EXPLICIT or constructed */

struct cp_der {
    uint8_t tag;
    struct cp_span content;
    struct cp_span whole; /* tag, length and content */
    size_t offset;        /* of the tag, from the start of the outermost element */
};

struct cp_der_reader {
    const uint8_t *origin; /* start of the outermost element: what offsets count from */
    const uint8_t *next;
    const uint8_t *end;
};

void cp_der_reader_init(struct cp_der_reader *reader, struct cp_span der);
/* A reader of an element's content whose offsets still count from the outermost element. */
struct cp_der_reader cp_der_inside(const struct cp_der_reader *reader,
                                   const struct cp_der *element);
bool cp_der_at_end(const struct cp_der_reader *reader);
/* True if there is a next element with this tag. */
bool cp_der_peek(const struct cp_der_reader *reader, uint8_t tag);

/* Each reads one element. `what` names it in the message, as its ASN.1 module does. On failure err
 * has the offset and a message like "offset 37: tbsCertificate.serialNumber: want INTEGER, got
 * 0x30". */
CP_MUST_USE enum cp_status cp_der_any(struct cp_der_reader *reader, struct cp_der *out,
                                      const char *what, struct cp_error *err);
CP_MUST_USE enum cp_status cp_der_expect(struct cp_der_reader *reader, struct cp_der *out,
                                         uint8_t tag, const char *what, struct cp_error *err);
/* cp_der_expect, then *inner reads its content. */
CP_MUST_USE enum cp_status cp_der_enter(struct cp_der_reader *reader, struct cp_der_reader *inner,
                                        uint8_t tag, const char *what, struct cp_error *err);
/* INTEGER in minimal two's complement; content includes the sign octet. */
CP_MUST_USE enum cp_status cp_der_integer(struct cp_der_reader *reader, struct cp_span *content,
                                          const char *what, struct cp_error *err);
/* INTEGER >= 0; magnitude without leading zero octet (zero is one 0x00 octet). */
CP_MUST_USE enum cp_status cp_der_unsigned(struct cp_der_reader *reader, struct cp_span *magnitude,
                                           const char *what, struct cp_error *err);
/* INTEGER from 0 to max. */
CP_MUST_USE enum cp_status cp_der_small(struct cp_der_reader *reader, uint32_t *value, uint32_t max,
                                        const char *what, struct cp_error *err);
/* BOOLEAN: 0x00 or 0xFF only (X.690 11.1). */
CP_MUST_USE enum cp_status cp_der_boolean(struct cp_der_reader *reader, bool *value,
                                          const char *what, struct cp_error *err);
/* BIT STRING: unused bits 0 to 7 and zero (X.690 11.2.1). */
CP_MUST_USE enum cp_status cp_der_bits(struct cp_der_reader *reader, uint8_t tag,
                                       struct cp_span *bits, unsigned *unused_bits,
                                       const char *what, struct cp_error *err);
/* OBJECT IDENTIFIER: whole, minimal subidentifiers (X.690 8.19). */
CP_MUST_USE enum cp_status cp_der_oid(struct cp_der_reader *reader, struct cp_span *content,
                                      const char *what, struct cp_error *err);
/* UTCTime or GeneralizedTime in the form of RFC 5280 4.1.2.5: seconds present, Z, no fraction. */
CP_MUST_USE enum cp_status cp_der_time(struct cp_der_reader *reader, int64_t *time_s, bool *is_utc,
                                       const char *what, struct cp_error *err);
CP_MUST_USE enum cp_status cp_der_end(const struct cp_der_reader *reader, const char *what,
                                      struct cp_error *err);

/* Fails at the reader's next element. */
enum cp_status cp_der_fail(const struct cp_der_reader *reader, struct cp_error *err,
                           const char *what, const char *why);

#endif
