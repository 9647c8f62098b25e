/* What a block holds, by the structure of its DER and never by its label. */
#include "der.h"
#include "parts.h"

static const struct cp_kind_row kinds[CP_NUM_BLOCK_KINDS] = {
    [CP_BLOCK_UNKNOWN] = {NULL, "nothing that is known", CP_CHECK_BLOCK_UNEXPECTED},
    [CP_BLOCK_CERTIFICATE] = {"CERTIFICATE", "a certificate", CP_CHECK_BLOCK_UNEXPECTED},
    [CP_BLOCK_PKCS8] = {"PRIVATE KEY", "a PKCS#8 private key", CP_CHECK_BLOCK_UNEXPECTED},
    [CP_BLOCK_ENCRYPTED] = {"ENCRYPTED PRIVATE KEY", "an encrypted PKCS#8 private key",
                            CP_CHECK_BLOCK_UNEXPECTED},
    [CP_BLOCK_PKCS1] = {"RSA PRIVATE KEY", "a PKCS#1 private key", CP_CHECK_BLOCK_UNEXPECTED},
    [CP_BLOCK_SEC1] = {"EC PRIVATE KEY", "a SEC1 private key", CP_CHECK_BLOCK_UNEXPECTED},
    [CP_BLOCK_DSA] = {"DSA PRIVATE KEY", "a DSA private key", CP_CHECK_BLOCK_UNEXPECTED},
    [CP_BLOCK_PKCS7] = {"PKCS7", "PKCS#7", CP_CHECK_BLOCK_UNEXPECTED},
    [CP_BLOCK_REQUEST] = {NULL, "a certificate request (CSR)", CP_CHECK_REQUEST},
    [CP_BLOCK_CRL] = {NULL, "a revocation list (CRL)", CP_CHECK_CRL},
    [CP_BLOCK_PUBLIC_KEY] = {NULL, "a public key", CP_CHECK_PUBLIC_KEY},
    [CP_BLOCK_OPENSSH] = {NULL, "a key in OpenSSH's own form", CP_CHECK_OPENSSH_KEY},
    [CP_BLOCK_PGP] = {NULL, "OpenPGP data", CP_CHECK_PGP},
    [CP_BLOCK_DH_PARAMETERS] = {NULL, "Diffie-Hellman parameters", CP_CHECK_DH_PARAMETERS},
    [CP_BLOCK_EC_PARAMETERS] = {NULL, "EC parameters", CP_CHECK_EC_PARAMETERS},
};

const struct cp_kind_row *cp_kind_get(enum cp_kind_of_block kind) {
    return &kinds[kind];
}

size_t cp_kind_der_len(const uint8_t *der, size_t len) {
    if (len < 2 || der[0] != CP_DER_SEQUENCE)
        return 0;
    if (der[1] < 0x80)
        return (size_t)der[1] + 2;
    size_t octets = der[1] & 0x7fU, value = 0;
    if (octets == 0 || octets > 4 || len < 2 + octets)
        return 0;
    for (size_t i = 0; i < octets; i++)
        value = value << 8 | der[2 + i];
    /* X.690 10.1: the shortest form */
    if (value < 0x80 || value >> (8 * (octets - 1)) == 0)
        return 0;
    return value + 2 + octets;
}

#define MAX_CHILDREN 10

struct children {
    uint8_t tags[MAX_CHILDREN];
    struct cp_der all[MAX_CHILDREN];
    size_t num;
};

/* The elements of a SEQUENCE's content; false if it is malformed. More than MAX_CHILDREN are cut.
 */
static bool list(struct children *out, struct cp_span content) {
    struct cp_der_reader reader;
    cp_der_reader_init(&reader, content);
    out->num = 0;
    while (!cp_der_at_end(&reader)) {
        struct cp_der element;
        if (cp_der_any(&reader, &element, "", NULL) != CP_OK)
            return false;
        if (out->num == MAX_CHILDREN)
            return true;
        out->tags[out->num] = element.tag;
        out->all[out->num++] = element;
    }
    return true;
}

static bool starts_with(const struct children *c, const uint8_t *tags, size_t num) {
    for (size_t i = 0; i < num; i++)
        if (i >= c->num || c->tags[i] != tags[i])
            return false;
    return true;
}
#define STARTS(c, ...)                                                                             \
    starts_with(c, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))
#define IS(c, ...) ((c)->num == sizeof((const uint8_t[]){__VA_ARGS__}) && STARTS(c, __VA_ARGS__))

static unsigned small(const struct cp_der *integer) {
    return integer->content.len == 1 ? integer->content.data[0] : 255;
}

enum {
    SEQ = CP_DER_SEQUENCE,
    SET = CP_DER_SET,
    INT = CP_DER_INTEGER,
    BITS = CP_DER_BIT_STRING,
    OCTETS = CP_DER_OCTET_STRING,
    OID = CP_DER_OID,
    UTC = CP_DER_UTC_TIME,
    GENERALIZED = CP_DER_GENERALIZED_TIME
};

/* SEQUENCE { toBeSigned, algorithm, signature }: certificate, request or CRL (RFC 5280 4.1, 5.1,
 * RFC 2986 4.2). */
static enum cp_kind_of_block signed_kind(const struct cp_der *signed_part) {
    struct children c;
    if (!list(&c, signed_part->content))
        return CP_BLOCK_UNKNOWN;
    if (STARTS(&c, 0xa0, INT, SEQ, SEQ, SEQ, SEQ, SEQ) || STARTS(&c, INT, SEQ, SEQ, SEQ, SEQ, SEQ))
        return CP_BLOCK_CERTIFICATE;
    if (STARTS(&c, INT, SEQ, SEQ, 0xa0) || IS(&c, INT, SEQ, SEQ))
        return CP_BLOCK_REQUEST;
    if (STARTS(&c, INT, SEQ, SEQ, UTC) || STARTS(&c, SEQ, SEQ, UTC) ||
        STARTS(&c, INT, SEQ, SEQ, GENERALIZED) || STARTS(&c, SEQ, SEQ, GENERALIZED))
        return CP_BLOCK_CRL;
    return CP_BLOCK_UNKNOWN;
}

/* INTEGERs only, or a version first. */
static enum cp_kind_of_block integer_first(const struct children *c) {
    unsigned version = small(&c->all[0]);
    if (STARTS(c, INT, SEQ, OCTETS) && version <= 1)
        return CP_BLOCK_PKCS8;
    if (STARTS(c, INT, OCTETS) && version == 1)
        return CP_BLOCK_SEC1;
    if (STARTS(c, INT, INT, INT, INT, INT, INT, INT, INT, INT) && version <= 1)
        return CP_BLOCK_PKCS1;
    if (IS(c, INT, INT, INT, INT, INT, INT) && version == 0)
        return CP_BLOCK_DSA;
    return CP_BLOCK_UNKNOWN;
}

enum cp_kind_of_block cp_kind_of(struct cp_span der) {
    static const uint8_t signed_data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02};
    struct cp_der_reader reader;
    struct cp_der outer;
    struct children c, algorithm;
    cp_der_reader_init(&reader, der);
    if (cp_der_expect(&reader, &outer, CP_DER_SEQUENCE, "", NULL) != CP_OK ||
        !cp_der_at_end(&reader) || !list(&c, outer.content) || c.num == 0)
        return CP_BLOCK_UNKNOWN;
    if (IS(&c, SEQ, SEQ, BITS))
        return signed_kind(&c.all[0]);
    if (IS(&c, OID, 0xa0) &&
        cp_span_equal(c.all[0].content, (struct cp_span){signed_data, sizeof(signed_data)}))
        return CP_BLOCK_PKCS7;
    if (c.tags[0] == INT)
        return integer_first(&c);
    if ((IS(&c, SEQ, BITS) || IS(&c, SEQ, OCTETS)) && list(&algorithm, c.all[0].content) &&
        STARTS(&algorithm, OID))
        return c.tags[1] == BITS ? CP_BLOCK_PUBLIC_KEY : CP_BLOCK_ENCRYPTED;
    return CP_BLOCK_UNKNOWN;
}
