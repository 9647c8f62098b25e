#include "format.h"

#include <string.h>

#include "der.h"

const char *cp_format_name(enum cp_format format) {
    static const char *const names[CP_NUM_FORMATS] = {
        [CP_FORMAT_TEXT] = "text",
        [CP_FORMAT_CERTIFICATE] = "a certificate in DER",
        [CP_FORMAT_KEY] = "a private key in DER",
        [CP_FORMAT_ENCRYPTED_KEY] = "an encrypted private key in DER",
        [CP_FORMAT_PKCS7] = "a PKCS#7 container",
        [CP_FORMAT_PKCS12] = "a PKCS#12 container",
        [CP_FORMAT_REQUEST] = "a certificate request (CSR) in DER",
        [CP_FORMAT_CRL] = "a certificate revocation list in DER",
        [CP_FORMAT_PUBLIC_KEY] = "a public key in DER",
        [CP_FORMAT_JKS] = "a Java keystore (JKS or JCEKS)",
        [CP_FORMAT_ZIP] = "a ZIP archive",
        [CP_FORMAT_GZIP] = "gzip-compressed data",
        [CP_FORMAT_PGP] = "a PGP key",
        [CP_FORMAT_ZEROS] = "nothing but NUL bytes",
        [CP_FORMAT_UNKNOWN] = "of no format that is known here",
    };
    return names[(unsigned)format < CP_NUM_FORMATS ? format : CP_FORMAT_UNKNOWN];
}

/* ---- ASN.1, one glance deep ------------------------------------------------------------------ */

struct part {
    uint8_t tag; /* 0: there is none */
    struct cp_span content;
};

/* Takes an element off *rest. A length that goes too far ends at the end; behind an element of
 * indefinite length nothing is looked for. */
static struct part take(struct cp_span *rest) {
    struct part part = {0, {NULL, 0}};
    if (rest->len < 2 || (rest->data[0] & 0x1f) == 0x1f)
        return part;
    size_t header = 2, len = rest->data[1];
    if (len == 0x80) {
        len = rest->len - header;
    } else if (len > 0x80) {
        size_t octets = len & 0x7f;
        if (octets > 8 || octets > rest->len - 2)
            return part;
        len = 0;
        for (size_t i = 0; i < octets; i++)
            len = len > SIZE_MAX >> 8 ? SIZE_MAX : len << 8 | rest->data[2 + i];
        header += octets;
    }
    if (len > rest->len - header)
        len = rest->len - header;
    part.tag = rest->data[0];
    part.content = (struct cp_span){rest->data + header, len};
    rest->data += header + len;
    rest->len -= header + len;
    return part;
}

static uint8_t first_tag(struct part part) {
    return part.content.len < 2 ? 0 : part.content.data[0];
}

static bool is_time(uint8_t tag) {
    return tag == CP_DER_UTC_TIME || tag == CP_DER_GENERALIZED_TIME;
}

/* An OID of PKCS#7, 1.2.840.113549.1.7.*. */
static bool is_pkcs7_type(struct part part) {
    static const uint8_t arc[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07};
    return part.tag == CP_DER_OID && part.content.len == sizeof(arc) + 1 &&
           memcmp(part.content.data, arc, sizeof(arc)) == 0;
}

/* What is signed: TBSCertificate, CertificationRequestInfo or TBSCertList. */
static enum cp_format detect_signed(struct cp_span tbs) {
    struct part first = take(&tbs);
    if (first.tag == CP_DER_CONTEXT_CONSTRUCTED(0))
        return CP_FORMAT_CERTIFICATE;
    bool has_number = first.tag == CP_DER_INTEGER; /* serial number or version */
    struct part second = has_number ? take(&tbs) : first;
    if (second.tag != CP_DER_SEQUENCE)
        return CP_FORMAT_UNKNOWN;
    if (first_tag(second) != CP_DER_OID) { /* a Name */
        bool name = second.content.len == 0 || first_tag(second) == CP_DER_SET;
        return has_number && name ? CP_FORMAT_REQUEST : CP_FORMAT_UNKNOWN;
    }
    struct part issuer = take(&tbs), next = take(&tbs);
    if (issuer.tag != CP_DER_SEQUENCE)
        return CP_FORMAT_UNKNOWN;
    if (is_time(next.tag))
        return CP_FORMAT_CRL;
    return has_number && next.tag == CP_DER_SEQUENCE ? CP_FORMAT_CERTIFICATE : CP_FORMAT_UNKNOWN;
}

/* A version comes first: a key or a PFX. */
static enum cp_format detect_versioned(struct part version, struct cp_span rest) {
    struct part second = take(&rest);
    if (version.content.len != 1 || version.content.data[0] > 3)
        return CP_FORMAT_UNKNOWN;
    unsigned number = version.content.data[0];
    switch (second.tag) {
    case CP_DER_SEQUENCE: {
        struct cp_span inner = second.content;
        struct part type = take(&inner);
        if (number == 3)
            return is_pkcs7_type(type) ? CP_FORMAT_PKCS12 : CP_FORMAT_UNKNOWN;
        struct part key = take(&rest);
        bool octets = key.tag == CP_DER_OCTET_STRING || (key.tag == 0 && rest.len < 2);
        return type.tag == CP_DER_OID && octets && number < 2 ? CP_FORMAT_KEY : CP_FORMAT_UNKNOWN;
    }
    case CP_DER_OCTET_STRING: /* SEC1 */
        return number == 1 ? CP_FORMAT_KEY : CP_FORMAT_UNKNOWN;
    case CP_DER_INTEGER: /* PKCS#1: the modulus */
        return number < 2 && second.content.len >= 32 ? CP_FORMAT_KEY : CP_FORMAT_UNKNOWN;
    default:
        return CP_FORMAT_UNKNOWN;
    }
}

static enum cp_format detect_der(struct cp_span data) {
    struct part outer = take(&data);
    struct cp_span rest = outer.content;
    if (outer.tag != CP_DER_SEQUENCE)
        return CP_FORMAT_UNKNOWN;
    struct part first = take(&rest);
    if (first.tag == CP_DER_INTEGER)
        return detect_versioned(first, rest);
    if (first.tag == CP_DER_OID)
        return is_pkcs7_type(first) ? CP_FORMAT_PKCS7 : CP_FORMAT_UNKNOWN;
    if (first.tag != CP_DER_SEQUENCE)
        return CP_FORMAT_UNKNOWN;
    if (first_tag(first) != CP_DER_OID)
        return detect_signed(first.content);
    uint8_t second = take(&rest).tag;
    return second == CP_DER_OCTET_STRING ? CP_FORMAT_ENCRYPTED_KEY
           : second == CP_DER_BIT_STRING ? CP_FORMAT_PUBLIC_KEY
                                         : CP_FORMAT_UNKNOWN;
}

/* ---- others ---------------------------------------------------------------------------------- */

static bool starts_with(struct cp_span data, const char *magic, size_t len) {
    return data.len >= len && memcmp(data.data, magic, len) == 0;
}

/* A secret or public key packet, RFC 9580 4.2 and 5.5: tag 5 or 6, then the version. */
static bool is_pgp(struct cp_span data) {
    if (data.len < 12)
        return false;
    uint8_t head = data.data[0];
    size_t version = 0;
    if (head == 0xc5 || head == 0xc6)
        version = data.data[1] < 192 ? 2 : data.data[1] < 224 ? 3 : 6;
    else if ((head & 0xfc) == 0x94 || (head & 0xfc) == 0x98)
        version = (head & 3) == 0 ? 2 : (head & 3) == 1 ? 3 : (head & 3) == 2 ? 5 : 1;
    return version != 0 && data.data[version] >= 3 && data.data[version] <= 6;
}

/* "BEGIN", as ASCII or with a NUL before or behind each letter (UTF-16). */
static bool has_begin(struct cp_span data) {
    static const char word[] = "BEGIN";
    size_t len = sizeof(word) - 1;
    for (size_t i = 0; i < data.len; i++) {
        const uint8_t *at = memchr(data.data + i, 'B', data.len - i);
        if (at == NULL)
            return false;
        i = (size_t)(at - data.data);
        for (size_t step = 1; step <= 2; step++) {
            size_t n = 0;
            while (n < len && i + n * step < data.len && at[n * step] == (uint8_t)word[n] &&
                   (step == 1 || n == 0 || at[n * step - 1] == 0))
                n++;
            if (n == len)
                return true;
        }
    }
    return false;
}

/* Has it a byte order mark, a BEGIN, or next to no control characters? */
static bool is_text(struct cp_span data) {
    size_t num_controls = 0;
    if (starts_with(data, "\xff\xfe", 2) || starts_with(data, "\xfe\xff", 2) || has_begin(data))
        return true;
    for (size_t i = 0; i < data.len; i++) {
        uint8_t c = data.data[i];
        num_controls += (c < 0x20 && (c < '\t' || c > '\r') && c != 0x1b) || c == 0x7f;
    }
    return num_controls <= data.len / 64;
}

enum cp_format cp_format_detect(struct cp_span data) {
    size_t zeros = 0;
    while (zeros < data.len && data.data[zeros] == 0)
        zeros++;
    if (data.len == 0)
        return CP_FORMAT_UNKNOWN;
    if (zeros == data.len)
        return CP_FORMAT_ZEROS;
    if (starts_with(data, "\xfe\xed\xfe\xed", 4) || starts_with(data, "\xce\xce\xce\xce", 4))
        return CP_FORMAT_JKS;
    if (starts_with(data, "PK\3\4", 4) || starts_with(data, "PK\5\6", 4))
        return CP_FORMAT_ZIP;
    if (starts_with(data, "\x1f\x8b", 2))
        return CP_FORMAT_GZIP;
    enum cp_format format = detect_der(data);
    if (format != CP_FORMAT_UNKNOWN)
        return format;
    if (is_pgp(data))
        return CP_FORMAT_PGP;
    return is_text(data) ? CP_FORMAT_TEXT : CP_FORMAT_UNKNOWN;
}
