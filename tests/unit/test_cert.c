/* Certificates: what the parser takes and refuses, part by part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <string.h>

#include "cert.h"
#include "cp_limits.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SPAN(text)                                                                                 \
    { (const uint8_t *)(text), sizeof(text) - 1 }

/* ---- a certificate put together from parts --------------------------------------------------- */

enum {
    VERSION,
    SERIAL,
    INNER_ALGORITHM,
    ISSUER,
    VALIDITY,
    SUBJECT,
    SPKI,
    UNIQUE_IDS,
    EXTENSIONS, /* content of the SEQUENCE; NULL data: the field is left out */
    OUTER_ALGORITHM,
    SIGNATURE,
    NUM_PARTS
};

#define OID_ECDSA "\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"
#define OID_EC "\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"
#define OID_P256 "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
#define OID_RSA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define OID_CN "\x06\x03\x55\x04\x03"
#define NAME_A                                                                                     \
    "\x30\x0c\x31\x0a\x30\x08" OID_CN "\x0c\x01"                                                   \
    "A"
#define NAME_B                                                                                     \
    "\x30\x0c\x31\x0a\x30\x08" OID_CN "\x0c\x01"                                                   \
    "B"
#define FROM                                                                                       \
    "\x17\x0d"                                                                                     \
    "260101000000Z"
#define TO                                                                                         \
    "\x17\x0d"                                                                                     \
    "270101000000Z"
#define SAN_EXT                                                                                    \
    "\x30\x0c\x06\x03\x55\x1d\x11\x04\x05\x30\x03\x82\x01"                                         \
    "a"

static const struct cp_span parts[NUM_PARTS] = {
    [VERSION] = SPAN("\xa0\x03\x02\x01\x02"),
    [SERIAL] = SPAN("\x02\x01\x07"),
    [INNER_ALGORITHM] = SPAN("\x30\x0a" OID_ECDSA),
    [ISSUER] = SPAN(NAME_A),
    [VALIDITY] = SPAN("\x30\x1e" FROM TO),
    [SUBJECT] = SPAN(NAME_B),
    [SPKI] = SPAN("\x30\x18\x30\x13" OID_EC OID_P256 "\x03\x01\x00"),
    [UNIQUE_IDS] = SPAN(""),
    [EXTENSIONS] = SPAN(SAN_EXT),
    [OUTER_ALGORITHM] = SPAN("\x30\x0a" OID_ECDSA),
    [SIGNATURE] = SPAN("\x03\x02\x00\x55"),
};

struct built {
    uint8_t data[2048];
    size_t len;
};

/* Appends tag, length and content. */
static void put(struct built *out, uint8_t tag, const void *content, size_t len) {
    assert_true(out->len + len + 4 <= sizeof(out->data));
    out->data[out->len++] = tag;
    if (len >= 256)
        out->data[out->len++] = 0x82;
    else if (len >= 128)
        out->data[out->len++] = 0x81;
    if (len >= 256)
        out->data[out->len++] = (uint8_t)(len >> 8);
    out->data[out->len++] = (uint8_t)len;
    memcpy(out->data + out->len, content, len);
    out->len += len;
}

static void put_part(struct built *out, struct cp_span part) {
    assert_true(out->len + part.len <= sizeof(out->data));
    if (part.len != 0)
        memcpy(out->data + out->len, part.data, part.len);
    out->len += part.len;
}

static struct cp_span build(struct built *out, const struct cp_span use[NUM_PARTS]) {
    static struct built fields, whole, extensions;
    fields.len = whole.len = extensions.len = out->len = 0;
    for (int i = VERSION; i < EXTENSIONS; i++)
        put_part(&fields, use[i]);
    if (use[EXTENSIONS].data != NULL) {
        put(&extensions, 0x30, use[EXTENSIONS].data, use[EXTENSIONS].len);
        put(&fields, 0xa3, extensions.data, extensions.len);
    }
    put(&whole, 0x30, fields.data, fields.len);
    put_part(&whole, use[OUTER_ALGORITHM]);
    put_part(&whole, use[SIGNATURE]);
    put(out, 0x30, whole.data, whole.len);
    return (struct cp_span){out->data, out->len};
}

/* The usual parts, one of them replaced. */
static struct cp_span build_with(struct built *out, int part, struct cp_span value) {
    struct cp_span use[NUM_PARTS];
    memcpy(use, parts, sizeof(use));
    use[part] = value;
    return build(out, use);
}

static const struct {
    int part;
    struct cp_span value;
    size_t num_lenient;
    const char *reason;
} accepted[] = {
    {SERIAL, SPAN("\x02\x01\x07"), 0, "nothing replaced"},
    {SERIAL, SPAN("\x02\x01\xff"), 0, "lenient: a negative serial number is a finding's matter"},
    {SERIAL, SPAN("\x02\x01\x00"), 0, "lenient: so is zero"},
    {SERIAL,
     SPAN("\x02\x15\x01"
          "aaaaaaaaaaaaaaaaaaaa"),
     0, "lenient: and more than 20 octets"},
    {OUTER_ALGORITHM, SPAN("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), 0,
     "lenient: another algorithm outside than inside is a finding's matter"},
    {ISSUER, SPAN("\x30\x00"), 0, "lenient: an empty issuer"},
    {SUBJECT, SPAN("\x30\x00"), 0, "an empty subject"},
    {SUBJECT,
     SPAN("\x30\x16\x31\x14\x30\x08" OID_CN "\x0c\x01"
          "A\x30\x08" OID_CN "\x0c\x01"
          "C"),
     0, "two attributes in one RDN"},
    {VALIDITY, SPAN("\x30\x1e" TO FROM), 0, "lenient: notAfter before notBefore"},
    {VALIDITY,
     SPAN("\x30\x20" FROM "\x18\x0f"
          "20490101000000Z"),
     0, "lenient: GeneralizedTime before 2050"},
    {SPKI, SPAN("\x30\x0f\x30\x0a\x06\x03\x55\x04\x03\x06\x03\x55\x04\x04\x03\x01\x00"), 0,
     "an unknown algorithm of the key"},
    {SPKI, SPAN("\x30\x13\x30\x0e" OID_EC "\x06\x03\x55\x04\x03\x03\x01\x00"), 0,
     "an unknown curve"},
    {UNIQUE_IDS, SPAN("\x81\x02\x00\x01\x82\x02\x00\x02"), 0, "unique ids"},
    {EXTENSIONS, {NULL, 0}, 0, "no extensions"},
    /* BER with one meaning */
    {VERSION, SPAN("\xa0\x03\x02\x01\x00"), 1, "lenient: the default version 1 written out"},
    {EXTENSIONS,
     SPAN("\x30\x0f\x06\x03\x55\x1d\x11\x01\x01\x00\x04\x05\x30\x03\x82\x01"
          "a"),
     1, "lenient: the default critical FALSE written out"},
};

static void parts_are_accepted(void **state) {
    struct built der;
    (void)state;
    for (size_t i = 0; i < COUNT(accepted); i++) {
        struct cp_cert cert;
        struct cp_error err = {CP_OK, 0, 0, ""};
        struct cp_span use[NUM_PARTS];
        memcpy(use, parts, sizeof(use));
        use[accepted[i].part] = accepted[i].value;
        if (accepted[i].part == VERSION) /* version 1 has no extensions */
            use[EXTENSIONS] = (struct cp_span){NULL, 0};
        if (cp_cert_parse(&cert, build(&der, use), &err) != CP_OK)
            fail_msg("%s: %s", accepted[i].reason, err.message);
        if (cert.num_lenient != accepted[i].num_lenient)
            fail_msg("%s: %zu lenient", accepted[i].reason, cert.num_lenient);
        assert_true(cert.num_lenient == 0 || cert.first_lenient_offset < cert.der.len);
    }
}

static const struct {
    int part;
    struct cp_span value;
    const char *message, *reason;
} refused[] = {
    {VERSION, SPAN("\xa0\x03\x02\x01\x03"), "version", "version 4"},
    {VERSION, SPAN("\xa0\x03\x02\x01\xff"), "version", "a negative version"},
    {VERSION, SPAN("\xa0\x00"), "version", "no version in the tag"},
    {VERSION, SPAN("\xa0\x06\x02\x01\x02\x02\x01\x02"), "version", "two versions"},
    {VERSION, SPAN(""), "only a version 3", "extensions in version 1"},
    {VERSION, SPAN("\xa0\x03\x02\x01\x01"), "only a version 3", "extensions in version 2"},
    {SERIAL, SPAN(""), "serialNumber", "no serial number"},
    {SERIAL, SPAN("\x02\x00"), "serialNumber", "an empty one"},
    {SERIAL, SPAN("\x02\x02\x00\x07"), "serialNumber", "not minimal"},
    {SERIAL, SPAN("\x04\x01\x07"), "serialNumber", "another type"},
    {INNER_ALGORITHM, SPAN("\x30\x00"), "signature", "no OID"},
    {INNER_ALGORITHM, SPAN("\x05\x00"), "signature", "no SEQUENCE"},
    {INNER_ALGORITHM, SPAN("\x30\x0e" OID_ECDSA "\x05\x00\x05\x00"), "signature", "two parameters"},
    {INNER_ALGORITHM, SPAN("\x30\x0b" OID_ECDSA "\x05"), "signature",
     "a parameter that is cut off"},
    {INNER_ALGORITHM, SPAN("\x30\x03\x06\x01\x80"), "signature", "no whole OID"},
    {ISSUER, SPAN("\x31\x00"), "issuer", "a SET"},
    {ISSUER, SPAN("\x30\x0c\x31\x0a\x30\x08" OID_CN "\x0c\x01\xff"), "UTF-8", "not UTF-8"},
    {ISSUER, SPAN("\x30\x0c\x31\x0a\x30\x08" OID_CN "\x1e\x01\x41"), "UCS-2", "half a BMPString"},
    {ISSUER, SPAN("\x30\x0d\x31\x0b\x30\x09" OID_CN "\x1c\x02\x00\x41"), "UCS-4",
     "half a UniversalString"},
    {ISSUER, SPAN("\x30\x02\x31\x00"), "empty RelativeDistinguishedName", "an empty RDN"},
    {ISSUER, SPAN("\x30\x02\x30\x00"), "issuer", "an RDN that is a SEQUENCE"},
    {ISSUER, SPAN("\x30\x04\x31\x02\x30\x00"), "issuer", "an attribute without a type"},
    {ISSUER, SPAN("\x30\x09\x31\x07\x30\x05" OID_CN), "issuer", "an attribute without a value"},
    {ISSUER, SPAN("\x30\x0d\x31\x0b\x30\x09" OID_CN "\x05\x00\x05\x00"), "issuer", "two values"},
    {SUBJECT,
     SPAN("\x30\x0c\x31\x0a\x30\x08\x0c\x03"
          "abc\x0c\x01"
          "A"),
     "subject", "a type that is no OID"},
    {VALIDITY, SPAN("\x30\x0f" FROM), "notAfter", "one date"},
    {VALIDITY, SPAN("\x30\x2d" FROM TO TO), "validity", "three dates"},
    {VALIDITY,
     SPAN("\x30\x1e" FROM "\x17\x0d"
          "270230000000Z"),
     "notAfter", "30 February"},
    {VALIDITY,
     SPAN("\x30\x1c\x17\x0b"
          "2601010000Z" TO),
     "notBefore", "no seconds"},
    {SPKI, SPAN("\x30\x00"), "subjectPublicKeyInfo", "empty"},
    {SPKI, SPAN("\x30\x0e\x30\x09" OID_EC "\x03\x01"), "subjectPublicKey", "cut off inside"},
    {SPKI, SPAN("\x30\x19\x30\x13" OID_EC OID_P256 "\x03\x02\x01\x02"), "subjectPublicKey",
     "seven bits"},
    {SPKI, SPAN("\x30\x1a\x30\x13" OID_EC OID_P256 "\x03\x01\x00\x05\x00"), "subjectPublicKeyInfo",
     "something behind the key"},
    {SPKI, SPAN("\x30\x12\x30\x0d" OID_RSA "\x05\x00\x03\x01\x00"), "RSAPublicKey",
     "RSA without a key"},
    {SPKI, SPAN("\x30\x1a\x30\x0d" OID_RSA "\x05\x00\x03\x09\x00\x30\x06\x02\x01\xff\x02\x01\x03"),
     "modulus", "a negative modulus"},
    {SPKI,
     SPAN("\x30\x1c\x30\x0d" OID_RSA
          "\x05\x00\x03\x0b\x00\x30\x06\x02\x01\x05\x02\x01\x03\x05\x00"),
     "subjectPublicKey", "something behind RSAPublicKey"},
    {UNIQUE_IDS, SPAN("\x82\x02\x00\x02\x81\x02\x00\x01"), "tbsCertificate", "in the wrong order"},
    {UNIQUE_IDS, SPAN("\x81\x00"), "uniqueID", "without content"},
    {UNIQUE_IDS, SPAN("\xa4\x00"), "tbsCertificate", "a field that there is not"},
    {EXTENSIONS, SPAN(""), "empty sequence", "RFC 5280 4.1: SIZE (1..MAX)"},
    {EXTENSIONS, SPAN(SAN_EXT SAN_EXT), "twice", "RFC 5280 4.2: one of each"},
    {EXTENSIONS,
     SPAN("\x30\x09\x06\x03\x2a\x03\x04\x04\x02\x05\x00" SAN_EXT
          "\x30\x09\x06\x03\x2a\x03\x04\x04\x02\x05\x00"),
     "twice", "RFC 5280 4.2: of an unknown one too"},
    {EXTENSIONS, SPAN("\x30\x05\x06\x03\x55\x1d\x11"), "extnValue", "no value"},
    {EXTENSIONS,
     SPAN("\x30\x0f\x06\x03\x55\x1d\x11\x01\x01\x01\x04\x05\x30\x03\x82\x01"
          "a"),
     "critical", "TRUE as 0x01"},
    {EXTENSIONS,
     SPAN("\x30\x0e\x06\x03\x55\x1d\x11\x04\x05\x30\x03\x82\x01"
          "a\x05\x00"),
     "extension", "something behind the value"},
    {EXTENSIONS,
     SPAN("\x30\x0c\x06\x03\x55\x1d\x11\x03\x05\x30\x03\x82\x01"
          "a"),
     "extnValue", "a BIT STRING"},
    {OUTER_ALGORITHM, SPAN(""), "signatureAlgorithm", "missing"},
    {SIGNATURE, SPAN(""), "signatureValue", "missing"},
    {SIGNATURE, SPAN("\x03\x00"), "signatureValue", "empty"},
    {SIGNATURE, SPAN("\x03\x02\x01\x54"), "signatureValue", "seven bits"},
    {SIGNATURE, SPAN("\x04\x01\x55"), "signatureValue", "an OCTET STRING"},
    {SIGNATURE, SPAN("\x03\x02\x00\x55\x05\x00"), "Certificate", "something behind it"},
};

static void parts_are_refused(void **state) {
    struct built der;
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct cp_cert cert;
        struct cp_error err = {CP_OK, 0, 0, ""};
        struct cp_span whole = build_with(&der, refused[i].part, refused[i].value);
        if (cp_cert_parse(&cert, whole, &err) != CP_ERR_PARSE)
            fail_msg("accepted: part %d: %s", refused[i].part, refused[i].reason);
        if (strstr(err.message, refused[i].message) == NULL || err.offset > whole.len)
            fail_msg("part %d: %s: %s", refused[i].part, refused[i].reason, err.message);
    }
}

/* ---- values of extensions -------------------------------------------------------------------- */

#define ID_KP "\x06\x08\x2b\x06\x01\x05\x05\x07\x03"

static const struct {
    uint8_t last; /* of 2.5.29.x */
    struct cp_span value;
    bool good;
    size_t num_lenient;
    const char *reason;
} values[] = {
    {14,
     SPAN("\x04\x02"
          "id"),
     true, 0, "subjectKeyIdentifier"},
    {14, SPAN("\x04\x00"), true, 0, "an empty one"},
    {14, SPAN("id"), false, 0, "without its OCTET STRING"},
    {15, SPAN("\x03\x02\x05\xa0"), true, 0, "keyUsage"},
    {15, SPAN("\x03\x03\x07\x00\x80"), true, 0, "decipherOnly"},
    {15, SPAN("\x03\x02\x00\xa0"), true, 0, "lenient: trailing zero bits (X.690 11.2.2)"},
    {15, SPAN("\x03\x02\x05\xa1"), false, 0, "unused bits that are set"},
    {15, SPAN("\x03\x00"), false, 0, "no count"},
    {15, SPAN("\x03\x02\x05\xa0\x05\x00"), false, 0, "something behind it"},
    {17, SPAN("\x30\x00"), false, 0, "RFC 5280 4.2.1.6: at least one name"},
    {17, SPAN("\x30\x02\x82\x00"), true, 0, "an empty dNSName is a finding's matter"},
    {17,
     SPAN("\x30\x05\x82\x03"
          "a\0b"),
     true, 0, "so is a NUL in it"},
    {17, SPAN("\x30\x06\x87\x04\xc0\x00\x02\x01"), true, 0, "IPv4"},
    {17, SPAN("\x30\x05\x87\x03\xc0\x00\x02"), false, 0, "three octets"},
    {17, SPAN("\x30\x0a\x87\x08\xc0\x00\x02\x01\xff\xff\xff\xff"), false, 0, "address and mask"},
    {17, SPAN("\x30\x03\xa2\x01\x00"), false, 0, "a constructed dNSName"},
    {17, SPAN("\x30\x03\x84\x01\x00"), false, 0, "a primitive directoryName"},
    {17, SPAN("\x30\x04\xa4\x02\x30\x00"), true, 0, "directoryName"},
    {17, SPAN("\x30\x06\xa4\x04\x30\x00\x05\x00"), false, 0, "two in one directoryName"},
    {17,
     SPAN("\x30\x03\x89\x01"
          "a"),
     false, 0, "a kind that there is not"},
    {17,
     SPAN("\x30\x03\x0c\x01"
          "a"),
     false, 0, "a UTF8String"},
    {17,
     SPAN("\x30\x03\x82\x02"
          "a"),
     false, 0, "longer than what encloses it"},
    {19, SPAN("\x30\x00"), true, 0, "basicConstraints, all default"},
    {19, SPAN("\x30\x03\x01\x01\xff"), true, 0, "a CA"},
    {19, SPAN("\x30\x06\x01\x01\xff\x02\x01\x00"), true, 0, "with a path length"},
    {19, SPAN("\x30\x03\x01\x01\x00"), true, 1, "lenient: the default cA FALSE written out"},
    {19, SPAN("\x30\x03\x02\x01\x00"), true, 0, "a path length without cA is a finding's matter"},
    {19, SPAN("\x30\x06\x01\x01\xff\x02\x01\xff"), false, 0, "a negative path length"},
    {19, SPAN("\x30\x0a\x01\x01\xff\x02\x05\x01\x00\x00\x00\x00"), false, 0, "2^32: not 0"},
    {19, SPAN("\x30\x06\x02\x01\x00\x01\x01\xff"), false, 0, "in the wrong order"},
    {35, SPAN("\x30\x00"), true, 0, "authorityKeyIdentifier, empty"},
    {35,
     SPAN("\x30\x04\x80\x02"
          "id"),
     true, 0, "key identifier"},
    {35, SPAN("\x30\x07\xa1\x02\x82\x00\x82\x01\x07"), true, 0, "issuer and serial number"},
    {35,
     SPAN("\x30\x07\x82\x01\x07\x80\x02"
          "id"),
     false, 0, "in the wrong order"},
    {35,
     SPAN("\x80\x02"
          "id"),
     false, 0, "without its SEQUENCE"},
    {37, SPAN("\x30\x0a" ID_KP "\x01"), true, 0, "serverAuth"},
    {37, SPAN("\x30\x06\x06\x04\x55\x1d\x25\x00"), true, 0, "anyExtendedKeyUsage"},
    {37, SPAN("\x30\x00"), false, 0, "RFC 5280 4.2.1.12: at least one"},
    {37, SPAN("\x30\x02\x05\x00"), false, 0, "no OID"},
};

/* One extension 2.5.29.last. */
static void put_extension(struct built *out, uint8_t last, struct cp_span value) {
    struct built inner = {.len = 0};
    const uint8_t oid[] = {0x55, 0x1d, last};
    put(&inner, 0x06, oid, sizeof(oid));
    put(&inner, 0x04, value.data, value.len);
    put(out, 0x30, inner.data, inner.len);
}

static void values_of_extensions(void **state) {
    struct built der;
    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        struct built extension = {.len = 0};
        struct cp_cert cert;
        struct cp_error err = {CP_OK, 0, 0, ""};
        put_extension(&extension, values[i].last, values[i].value);
        enum cp_status status = cp_cert_parse(
            &cert, build_with(&der, EXTENSIONS, (struct cp_span){extension.data, extension.len}),
            &err);
        if (status != (values[i].good ? CP_OK : CP_ERR_PARSE))
            fail_msg("2.5.29.%d: %s: %s", values[i].last, values[i].reason, err.message);
        if (status == CP_OK && cert.num_lenient != values[i].num_lenient)
            fail_msg("2.5.29.%d: %s", values[i].last, values[i].reason);
    }
}

static void facts_of_built_certificates(void **state) {
    static const struct cp_span unknown = /* 2.5.29.99 and 2.5.29.98, critical */
        SPAN("\x30\x0c\x06\x03\x55\x1d\x63\x01\x01\xff\x04\x02\x05\x00"
             "\x30\x0c\x06\x03\x55\x1d\x62\x01\x01\xff\x04\x02\x05\x00");
    struct built der;
    struct cp_cert cert;
    char text[80];
    (void)state;
    assert_int_equal(cp_cert_parse(&cert, build_with(&der, EXTENSIONS, unknown), NULL), CP_OK);
    assert_int_equal(cert.num_unknown_critical, 2);
    assert_int_equal(cert.num_extensions, 2);
    cp_oid_format(text, sizeof(text), cert.first_unknown_critical);
    assert_string_equal(text, "2.5.29.99");
    assert_int_equal(cert.path_len, -1);

    assert_int_equal(cp_cert_parse(&cert, build(&der, parts), NULL), CP_OK);
    assert_int_equal(cert.version, 3);
    assert_int_equal(cert.key_type, CP_KEY_EC_P256);
    assert_int_equal(cert.signature_type, CP_SIGNATURE_ECDSA_SHA256);
    assert_int_equal(cert.not_before_s, 1767225600);
    assert_int_equal(cert.not_after_s, 1798761600);
    assert_int_equal(cert.num_dns_names, 1);
    assert_false(cp_cert_is_self_issued(&cert));
    cp_cert_subject_text(text, sizeof(text), &cert);
    assert_string_equal(text, "CN=B");

    assert_int_equal(cp_cert_parse(&cert,
                                   build_with(&der, VALIDITY,
                                              (struct cp_span)SPAN("\x30\x20" FROM "\x18\x0f"
                                                                   "99991231235959Z")),
                                   NULL),
                     CP_OK);
    assert_true(cert.not_after_s == INT64_MAX); /* RFC 5280 4.1.2.5: no well-defined end */

    assert_int_equal(
        cp_cert_parse(&cert, build_with(&der, SUBJECT, (struct cp_span)SPAN("\x30\x00")), NULL),
        CP_OK);
    assert_true(cert.subject_empty && !cert.issuer_empty);
    cp_cert_subject_text(text, sizeof(text), &cert);
    assert_string_equal(text, "SAN=a");
}

/* One more than the limit, and the limit itself. */
static void number_of_extensions(void **state) {
    static uint8_t whole[8192];
    (void)state;
    for (int num = CP_MAX_EXTENSIONS; num <= CP_MAX_EXTENSIONS + 1; num++) {
        struct built head = {.len = 0};
        struct cp_cert cert;
        size_t len = 0, each = 11, content = (size_t)num * each;
        for (int i = VERSION; i < EXTENSIONS; i++)
            put_part(&head, parts[i]);
        size_t wrapped = content + 8; /* [3] and SEQUENCE, each with two octets of length */
        size_t tbs = head.len + wrapped;
        size_t all = tbs + 4 + parts[OUTER_ALGORITHM].len + parts[SIGNATURE].len;
        const size_t lens[] = {all, tbs, content + 4, content};
        const uint8_t tags[] = {0x30, 0x30, 0xa3, 0x30};
        for (int i = 0; i < 4; i++) {
            if (i == 2) {
                memcpy(whole + len, head.data, head.len);
                len += head.len;
            }
            whole[len++] = tags[i];
            whole[len++] = 0x82;
            whole[len++] = (uint8_t)(lens[i] >> 8);
            whole[len++] = (uint8_t)lens[i];
        }
        for (int i = 0; i < num; i++, len += each) { /* 1.2.n.1 or 1.2.n.2 */
            memcpy(whole + len, "\x30\x09\x06\x03\x2a\x00\x01\x04\x02\x05\x00", each);
            whole[len + 5] = (uint8_t)(i % 128);
            whole[len + 6] = (uint8_t)(i / 128 + 1);
        }
        memcpy(whole + len, parts[OUTER_ALGORITHM].data, parts[OUTER_ALGORITHM].len);
        len += parts[OUTER_ALGORITHM].len;
        memcpy(whole + len, parts[SIGNATURE].data, parts[SIGNATURE].len);
        len += parts[SIGNATURE].len;
        assert_int_equal(cp_cert_parse(&cert, (struct cp_span){whole, len}, NULL),
                         num > CP_MAX_EXTENSIONS ? CP_ERR_LIMIT : CP_OK);
    }
}

/* A Name of num_rdns sets with num_attributes each; both limits, and one more. */
static void number_of_names(void **state) {
    static const struct {
        size_t num_rdns, num_attributes;
        bool good;
        const char *reason;
    } rows[] = {
        {CP_MAX_RDNS, 1, true, "as many RDNs as there may be"},
        {CP_MAX_RDNS + 1, 1, false, "one more"},
        {1, CP_MAX_ATTRIBUTES, true, "as many attributes in one RDN as there may be"},
        {1, CP_MAX_ATTRIBUTES + 1, false, "one more: they are compared all with all"},
    };
    static struct built name, whole;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp_cert cert;
        struct built rdns = {.len = 0}, set = {.len = 0};
        struct cp_span use[NUM_PARTS];
        name.len = 0;
        for (size_t j = 0; j < rows[i].num_attributes; j++) /* 2.3 = "" */
            put(&set, 0x30, "\x06\x01\x53\x0c\x00", 5);
        for (size_t j = 0; j < rows[i].num_rdns; j++)
            put(&rdns, 0x31, set.data, set.len);
        put(&name, 0x30, rdns.data, rdns.len);
        memcpy(use, parts, sizeof(use));
        use[SUBJECT] = (struct cp_span){name.data, name.len};
        if ((cp_cert_parse(&cert, build(&whole, use), NULL) == CP_OK) != rows[i].good)
            fail_msg("%s", rows[i].reason);
    }
}

/* ---- names ----------------------------------------------------------------------------------- */

#define ATTR(len1, len2, len3, tag, len, text)                                                     \
    "\x30" len1 "\x31" len2 "\x30" len3 OID_CN tag len text

static const struct {
    struct cp_span a, b;
    bool equal;
    const char *reason;
} names[] = {
    {SPAN(NAME_A), SPAN(NAME_A), true, "the same"},
    {SPAN(NAME_A), SPAN(NAME_B), false, "another letter"},
    {SPAN(NAME_A), SPAN(ATTR("\x0c", "\x0a", "\x08", "\x13", "\x01", "a")), true,
     "RFC 5280 7.1: case and string type fold"},
    {SPAN(NAME_A), SPAN(ATTR("\x0e", "\x0c", "\x0a", "\x0c", "\x03", " A ")), true,
     "spaces at the ends"},
    {SPAN(ATTR("\x0e", "\x0c", "\x0a", "\x0c", "\x03", "A B")),
     SPAN(ATTR("\x0f", "\x0d", "\x0b", "\x0c", "\x04", "a  b")), true, "runs of spaces"},
    {SPAN(ATTR("\x0e", "\x0c", "\x0a", "\x0c", "\x03", "A B")),
     SPAN(ATTR("\x0d", "\x0b", "\x09", "\x0c", "\x02", "AB")), false, "no space is not a space"},
    {SPAN(NAME_A),
     SPAN(ATTR("\x0d", "\x0b", "\x09", "\x1e", "\x02",
               "\x00"
               "a")),
     true, "BMPString"},
    {SPAN(NAME_A),
     SPAN(ATTR("\x0f", "\x0d", "\x0b", "\x1c", "\x04",
               "\x00\x00\x00"
               "A")),
     true, "UniversalString"},
    {SPAN(NAME_A),
     SPAN(ATTR("\x0d", "\x0b", "\x09", "\x1e", "\x02",
               "\x01"
               "A")),
     false, "U+0141 is not A"},
    {SPAN(ATTR("\x0c", "\x0a", "\x08", "\x14", "\x01", "\xc3")),
     SPAN(ATTR("\x0d", "\x0b", "\x09", "\x1e", "\x02", "\x00\xc3")), false,
     "beyond ASCII two encodings are not compared"},
    {SPAN(ATTR("\x0c", "\x0a", "\x08", "\x14", "\x01", "A")),
     SPAN(ATTR("\x0c", "\x0a", "\x08", "\x14", "\x01", "a")), true, "TeletexString"},
    {SPAN(ATTR("\x0c", "\x0a", "\x08", "\x03", "\x01", "A")),
     SPAN(ATTR("\x0c", "\x0a", "\x08", "\x03", "\x01", "a")), false, "a BIT STRING is no text"},
    {SPAN(NAME_A), SPAN("\x30\x00"), false, "one has nothing"},
    {SPAN("\x30\x00"), SPAN("\x30\x00"), true, "both have nothing"},
    {SPAN(NAME_A),
     SPAN("\x30\x18\x31\x0a\x30\x08" OID_CN "\x0c\x01"
          "A\x31\x0a\x30\x08" OID_CN "\x0c\x01"
          "A"),
     false, "one has more"},
    {SPAN("\x30\x16\x31\x14\x30\x08" OID_CN "\x0c\x01"
          "A\x30\x08\x06\x03\x55\x04\x0a\x0c\x01"
          "B"),
     SPAN("\x30\x16\x31\x14\x30\x08\x06\x03\x55\x04\x0a\x0c\x01"
          "B\x30\x08" OID_CN "\x0c\x01"
          "A"),
     true, "the attributes of one RDN are a set"},
    {SPAN("\x30\x16\x31\x14\x30\x08" OID_CN "\x0c\x01"
          "A\x30\x08\x06\x03\x55\x04\x0a\x0c\x01"
          "B"),
     SPAN("\x30\x18\x31\x0a\x30\x08" OID_CN "\x0c\x01"
          "A\x31\x0a\x30\x08\x06\x03\x55\x04\x0a\x0c"
          "\x01"
          "B"),
     false, "but two RDNs are not one"},
    {SPAN(NAME_A),
     SPAN("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x0a\x0c\x01"
          "A"),
     false, "another type of attribute"},
};

static void names_compare(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        if (cp_name_equal(names[i].a, names[i].b) != names[i].equal ||
            cp_name_equal(names[i].b, names[i].a) != names[i].equal)
            fail_msg("%s", names[i].reason);
        if (names[i].equal && cp_name_hash(names[i].a) != cp_name_hash(names[i].b))
            fail_msg("hash: %s", names[i].reason);
    }
    assert_true(cp_name_is_within((struct cp_span)SPAN(NAME_A), (struct cp_span)SPAN("\x30\x00")));
    assert_false(cp_name_is_within((struct cp_span)SPAN("\x30\x00"), (struct cp_span)SPAN(NAME_A)));
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i].reason, "one has more") == 0) {
            assert_true(cp_name_is_within(names[i].b, names[i].a));
            assert_false(cp_name_is_within(names[i].a, names[i].b));
        }
}

static void digests_are_sha256(void **state) {
    char hex[65];
    (void)state;
    assert_int_equal(cp_sha256_hex(hex, (struct cp_span)SPAN("abc"), NULL), CP_OK); /* FIPS 180-4 */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(cp_sha256_hex(hex, (struct cp_span){NULL, 0}, NULL), CP_OK);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* ---- a subject as text ----------------------------------------------------------------------- */

static const struct {
    uint8_t tag;
    struct cp_span value;
    const char *text, *reason;
} subjects[] = {
    {0x0c, SPAN("B\xc3\xbc"), "CN=B\xc3\xbc", "UTF8String"},
    {0x1e,
     SPAN("\x00"
          "B\x00\xfc\x67\x6d"),
     "CN=B\xc3\xbc\xe6\x9d\xad", "BMPString"},
    {0x1e, SPAN("\xd8\x3d\xde\x00"), "CN=\xf0\x9f\x98\x80", "two halves of one character"},
    {0x1e,
     SPAN("\x00"
          "A\xd8\x3d"),
     "CN=A\\xD8=", "half a character stays octets"},
    {0x1e, SPAN("\x00\x1b\x20\x2e"), "CN=\\x1B\\u{202E}", "control and override are escaped"},
    {0x1c, SPAN("\x00\x00\x67\x6d"), "CN=\xe6\x9d\xad", "UniversalString"},
    {0x1c, SPAN("\x00\x11\x00\x00"), "CN=\\x00\\x11\\x00\\x00", "beyond Unicode"},
};

static void subjects_are_text(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        struct cp_cert cert = {.common_name = subjects[i].value,
                               .common_name_tag = subjects[i].tag};
        char text[64], cut[5];
        cp_cert_subject_text(text, sizeof(text), &cert);
        if (strcmp(text, subjects[i].text) != 0)
            fail_msg("%s: %s", subjects[i].reason, text);
        cp_cert_subject_text(cut, sizeof(cut), &cert);
        assert_true(strlen(cut) < sizeof(cut));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_accepted),   cmocka_unit_test(parts_are_refused),
        cmocka_unit_test(values_of_extensions), cmocka_unit_test(facts_of_built_certificates),
        cmocka_unit_test(number_of_extensions), cmocka_unit_test(number_of_names),
        cmocka_unit_test(names_compare),        cmocka_unit_test(digests_are_sha256),
        cmocka_unit_test(subjects_are_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
