/* One pass over what several rules ask for. The certificate is parsed already; what is not, such as
 * policies, may be malformed. */
#include "webpki.h"

#define SPAN(text)                                                                                 \
    { (const uint8_t *)(text), sizeof(text) - 1 }

static const struct cp_span attribute_types[CP_ATTR_OTHER] = {
    [CP_ATTR_DOMAIN_COMPONENT] = SPAN("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19"),
    [CP_ATTR_COUNTRY] = SPAN("\x55\x04\x06"),
    [CP_ATTR_STATE] = SPAN("\x55\x04\x08"),
    [CP_ATTR_LOCALITY] = SPAN("\x55\x04\x07"),
    [CP_ATTR_POSTAL_CODE] = SPAN("\x55\x04\x11"),
    [CP_ATTR_STREET] = SPAN("\x55\x04\x09"),
    [CP_ATTR_ORGANIZATION] = SPAN("\x55\x04\x0a"),
    [CP_ATTR_SURNAME] = SPAN("\x55\x04\x04"),
    [CP_ATTR_GIVEN_NAME] = SPAN("\x55\x04\x2a"),
    [CP_ATTR_UNIT] = SPAN("\x55\x04\x0b"),
    [CP_ATTR_COMMON_NAME] = SPAN("\x55\x04\x03"),
    [CP_ATTR_SERIAL_NUMBER] = SPAN("\x55\x04\x05"),
    [CP_ATTR_BUSINESS_CATEGORY] = SPAN("\x55\x04\x0f"),
    [CP_ATTR_JURISDICTION_COUNTRY] = SPAN("\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x03"),
    [CP_ATTR_JURISDICTION_STATE] = SPAN("\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x02"),
    [CP_ATTR_JURISDICTION_LOCALITY] = SPAN("\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x01"),
    [CP_ATTR_ORGANIZATION_ID] = SPAN("\x55\x04\x61"),
    [CP_ATTR_EMAIL] = SPAN("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"),
};

static enum cp_webpki_attribute attribute_of(struct cp_span type) {
    for (unsigned i = 0; i < CP_ATTR_OTHER; i++)
        if (cp_span_equal(attribute_types[i], type))
            return (enum cp_webpki_attribute)i;
    return CP_ATTR_OTHER;
}

/* BR 7.1.4.2: "such as '.', '-' and ' ' (i.e. space) characters". Octets over 0x7f may be letters.
 */
static bool is_metadata(struct cp_span value) {
    if (value.len == 0) /* CP0529 */
        return false;
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.data[i];
        if (c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
            return false;
    }
    return true;
}

static void take_attribute(struct cp_webpki_subject *out, struct cp_span type,
                           const struct cp_der *value, unsigned *last) {
    enum cp_webpki_attribute kind = attribute_of(type);
    if (out->counts[kind]++ == 0)
        out->first[kind] = value->content;
    if ((unsigned)kind < CP_NUM_ORDERED_ATTRIBUTES) {
        out->out_of_order |= (unsigned)kind < *last;
        *last = (unsigned)kind;
    }
    if (out->metadata.data == NULL && is_metadata(value->content) &&
        value->tag != CP_DER_BIT_STRING)
        out->metadata = value->content;
}

void cp_webpki_read_subject(struct cp_webpki_subject *out, struct cp_span name) {
    struct cp_der_reader in, rdns, set, attribute;
    struct cp_span type;
    struct cp_der value;
    unsigned last = 0;
    *out = (struct cp_webpki_subject){0};
    cp_der_reader_init(&in, name);
    if (cp_der_enter(&in, &rdns, CP_DER_SEQUENCE, "subject", NULL) != CP_OK)
        return;
    while (!cp_der_at_end(&rdns)) {
        if (cp_der_enter(&rdns, &set, CP_DER_SET, "subject", NULL) != CP_OK)
            return;
        for (unsigned num = 0; !cp_der_at_end(&set); num++) {
            if (cp_der_enter(&set, &attribute, CP_DER_SEQUENCE, "subject", NULL) != CP_OK ||
                cp_der_oid(&attribute, &type, "subject", NULL) != CP_OK ||
                cp_der_any(&attribute, &value, "subject", NULL) != CP_OK)
                return;
            out->multi_valued |= num != 0;
            take_attribute(out, type, &value, &last);
        }
    }
}

static uint32_t purpose_of(struct cp_span id) {
    static const struct {
        struct cp_span oid;
        uint32_t purpose;
    } rows[] = {
        {SPAN("\x2b\x06\x01\x05\x05\x07\x03\x01"), CP_WEBPKI_EKU_SERVER},
        {SPAN("\x2b\x06\x01\x05\x05\x07\x03\x02"), CP_WEBPKI_EKU_CLIENT},
        {SPAN("\x2b\x06\x01\x05\x05\x07\x03\x03"), CP_WEBPKI_EKU_CODE},
        {SPAN("\x2b\x06\x01\x05\x05\x07\x03\x04"), CP_WEBPKI_EKU_EMAIL},
        {SPAN("\x2b\x06\x01\x05\x05\x07\x03\x08"), CP_WEBPKI_EKU_TIME},
        {SPAN("\x2b\x06\x01\x05\x05\x07\x03\x09"), CP_WEBPKI_EKU_OCSP},
        {SPAN("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x04"), CP_WEBPKI_EKU_PRECERT},
        {SPAN("\x55\x1d\x25\x00"), CP_WEBPKI_EKU_ANY},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (cp_span_equal(rows[i].oid, id))
            return rows[i].purpose;
    return CP_WEBPKI_EKU_OTHER;
}

static uint32_t read_purposes(const struct cp_cert *cert) {
    struct cp_der_reader in, ids;
    struct cp_span id;
    uint32_t purposes = 0;
    cp_der_reader_init(&in, cert->values[CP_EXT_EXTENDED_KEY_USAGE]);
    if (cp_der_enter(&in, &ids, CP_DER_SEQUENCE, "extKeyUsage", NULL) != CP_OK)
        return 0;
    while (!cp_der_at_end(&ids) && cp_der_oid(&ids, &id, "extKeyUsage", NULL) == CP_OK)
        purposes |= purpose_of(id);
    return purposes;
}

void cp_webpki_read(struct cp_webpki *out, const struct cp_cert *cert, const struct cp_cert *issuer,
                    unsigned place) {
    *out = (struct cp_webpki){.cert = cert, .issuer = issuer, .place = place};
    cp_webpki_read_subject(&out->subject, cert->subject);
    if (cp_cert_has(cert, CP_EXT_EXTENDED_KEY_USAGE))
        out->purposes = read_purposes(cert);
    if (cp_cert_has(cert, CP_EXT_POLICIES))
        cp_webpki_read_policies(&out->policies, cert->values[CP_EXT_POLICIES]);
    if (cp_cert_has(cert, CP_EXT_AUTHORITY_INFO))
        cp_webpki_read_aia(&out->aia, cert->values[CP_EXT_AUTHORITY_INFO]);
    if (cp_cert_has(cert, CP_EXT_CRL_DISTRIBUTION))
        cp_webpki_read_crl(&out->crl, cert->values[CP_EXT_CRL_DISTRIBUTION]);
}
