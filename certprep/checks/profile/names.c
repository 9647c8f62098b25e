/* Names: RFC 5280 4.1.2.4, 4.1.2.6, 4.2.1.6, appendix A.1. */
#include "profile.h"

/* Upper bounds in characters, A.1; attributes of 2.5.4 by their last number. */
static size_t bound_of(struct cp_span type) {
    static const uint8_t email[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1};
    if (cp_span_equal(type, (struct cp_span){email, sizeof(email)}))
        return 255;
    if (type.len != 3 || type.data[0] != 0x55 || type.data[1] != 4)
        return 0;
    switch (type.data[2]) {
    case 3:  /* commonName */
    case 5:  /* serialNumber */
    case 10: /* organizationName */
    case 11: /* organizationalUnitName */
    case 12: /* title */
        return 64;
    case 7:  /* localityName */
    case 8:  /* stateOrProvinceName */
    case 65: /* pseudonym */
        return 128;
    default:
        return 0;
    }
}

static size_t count_characters(const struct cp_der *value) {
    size_t num = 0;
    if (value->tag == CP_DER_BMP_STRING)
        return value->content.len / 2;
    if (value->tag == CP_DER_UNIVERSAL_STRING)
        return value->content.len / 4;
    if (value->tag != CP_DER_UTF8_STRING)
        return value->content.len;
    for (size_t i = 0; i < value->content.len; i++)
        num += (value->content.data[i] & 0xc0) != 0x80;
    return num;
}

/* X.680 41.4 */
static bool is_printable(struct cp_span text) {
    static const uint64_t set[2] = {0xa7fffb8100000000,
                                    0x07fffffe07fffffe}; /* letters, digits, " '()+,-./:=?" */
    for (size_t i = 0; i < text.len; i++)
        if (!cp_profile_is_in(set, text.data[i]))
            return false;
    return true;
}

/* U+0000 to U+001F, U+007F: in two- and four-octet strings only a whole one counts. */
static bool has_control(const struct cp_der *value) {
    if (value->tag != CP_DER_BMP_STRING && value->tag != CP_DER_UNIVERSAL_STRING) {
        for (size_t i = 0; i < value->content.len; i++)
            if (value->content.data[i] < 0x20 || value->content.data[i] == 0x7f)
                return true;
        return false;
    }
    size_t width = value->tag == CP_DER_BMP_STRING ? 2 : 4;
    for (size_t i = 0; i + width <= value->content.len; i += width) {
        uint32_t c = 0;
        for (size_t j = 0; j < width; j++)
            c = c << 8 | value->content.data[i + j];
        if (c < 0x20 || c == 0x7f)
            return true;
    }
    return false;
}

static bool wants_ia5(struct cp_span type) {
    static const uint8_t email[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1};
    static const uint8_t dc[] = {9, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 0x19};
    return cp_span_equal(type, (struct cp_span){email, sizeof(email)}) ||
           cp_span_equal(type, (struct cp_span){dc, sizeof(dc)});
}

/* 2.5.4.5 serialNumber, 2.5.4.46 dnQualifier */
static bool wants_printable(struct cp_span type) {
    return type.len == 3 && type.data[0] == 0x55 && type.data[1] == 4 &&
           (type.data[2] == 5 || type.data[2] == 46);
}

static bool is_country(struct cp_span type) {
    return type.len == 3 && type.data[0] == 0x55 && type.data[1] == 4 && type.data[2] == 6;
}

static void note(struct cp_name_facts *out, enum cp_name_defect defect, struct cp_span type,
                 struct cp_span value) {
    if ((out->defects >> defect & 1) != 0)
        return;
    out->defects |= 1U << defect;
    out->at[defect].type = type;
    out->at[defect].value = value;
}

static bool is_letter_pair(struct cp_span text) {
    for (size_t i = 0; i < text.len; i++)
        if (!((text.data[i] >= 'A' && text.data[i] <= 'Z') ||
              (text.data[i] >= 'a' && text.data[i] <= 'z')))
            return false;
    return text.len == 2;
}

static void judge_attribute(struct cp_name_facts *out, struct cp_span type,
                            const struct cp_der *value) {
    struct cp_span text = value->content;
    size_t max = bound_of(type), num = max < text.len ? count_characters(value) : 0;
    if (max != 0 && num > max && (out->defects >> CP_NAME_TOO_LONG & 1) == 0) {
        note(out, CP_NAME_TOO_LONG, type, text);
        out->at[CP_NAME_TOO_LONG].num = num;
        out->at[CP_NAME_TOO_LONG].max = max;
    }
    if (text.len == 0)
        note(out, CP_NAME_EMPTY, type, text);
    else if (is_country(type) && (value->tag != CP_DER_PRINTABLE_STRING || !is_letter_pair(text)))
        note(out, CP_NAME_COUNTRY, type, text);
    if (value->tag == CP_DER_TELETEX_STRING || value->tag == CP_DER_BMP_STRING ||
        value->tag == CP_DER_UNIVERSAL_STRING)
        note(out, CP_NAME_OLD_TYPE, type, text);
    if (value->tag != CP_DER_BIT_STRING && has_control(value))
        note(out, CP_NAME_CONTROL, type, text);
    else if (value->tag == CP_DER_PRINTABLE_STRING && !is_printable(text))
        note(out, CP_NAME_PRINTABLE, type, text);
    if (wants_ia5(type) && (value->tag != CP_DER_IA5_STRING || !cp_profile_is_ia5(text)))
        note(out, CP_NAME_IA5_TYPE, type, text);
    if (wants_printable(type) && value->tag != CP_DER_PRINTABLE_STRING)
        note(out, CP_NAME_PRINTABLE_TYPE, type, text);
}

/* cp_cert_parse has proved the form and the limits: a set has at most CP_MAX_ATTRIBUTES. */
static void judge_set(struct cp_name_facts *out, struct cp_der_reader set) {
    const struct cp_der_reader first = set;
    struct cp_der_reader attribute;
    struct cp_span type, other;
    struct cp_der value;
    while (!cp_der_at_end(&set)) {
        const uint8_t *here = set.next;
        if (cp_der_enter(&set, &attribute, CP_DER_SEQUENCE, "attribute", NULL) != CP_OK ||
            cp_der_oid(&attribute, &type, "type", NULL) != CP_OK ||
            cp_der_any(&attribute, &value, "value", NULL) != CP_OK)
            return;
        judge_attribute(out, type, &value);
        struct cp_der_reader before = first;
        while (before.next < here &&
               cp_der_enter(&before, &attribute, CP_DER_SEQUENCE, "attribute", NULL) == CP_OK &&
               cp_der_oid(&attribute, &other, "type", NULL) == CP_OK)
            if (cp_span_equal(type, other)) /* X.501 9.3 */
                note(out, CP_NAME_DUPLICATE, type, value.content);
    }
}

void cp_profile_scan_name(struct cp_name_facts *out, struct cp_span name) {
    struct cp_der_reader in, rdns, set;
    out->defects = 0;
    cp_der_reader_init(&in, name);
    if (cp_der_enter(&in, &rdns, CP_DER_SEQUENCE, "Name", NULL) != CP_OK)
        return;
    while (!cp_der_at_end(&rdns) && cp_der_enter(&rdns, &set, CP_DER_SET, "RDN", NULL) == CP_OK)
        judge_set(out, set);
}

/* ---- rules ---- */

bool cp_profile_issuer_empty(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->cert->issuer_empty && cp_profile_say(why, "its issuer is an empty name");
}

bool cp_profile_ca_subject_empty(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->cert->is_ca && p->cert->subject_empty &&
           cp_profile_say(why, "it is a CA and its subject is an empty name");
}

bool cp_profile_no_name(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return !p->cert->is_ca && p->cert->subject_empty &&
           !cp_cert_has(p->cert, CP_EXT_SUBJECT_ALT_NAME) &&
           cp_profile_say(why, "its subject is empty and it has no subjectAltName");
}

/* The attribute's type and value, or false. */
static bool say_attribute(const struct cp_profile_cert *p, enum cp_name_defect defect, char *why,
                          const char *text) {
    char oid[64], value[CP_PROFILE_TEXT];
    if ((p->subject.defects >> defect & 1) == 0)
        return false;
    cp_oid_format(oid, sizeof(oid), p->subject.at[defect].type);
    cp_profile_text(value, p->subject.at[defect].value);
    return cp_profile_say(why, "subject attribute %s '%s' %s", oid, value, text);
}

bool cp_profile_name_too_long(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    char oid[64];
    if ((p->subject.defects >> CP_NAME_TOO_LONG & 1) == 0)
        return false;
    cp_oid_format(oid, sizeof(oid), p->subject.at[CP_NAME_TOO_LONG].type);
    return cp_profile_say(why, "subject attribute %s has %zu characters, at most %zu are allowed",
                          oid, p->subject.at[CP_NAME_TOO_LONG].num,
                          p->subject.at[CP_NAME_TOO_LONG].max);
}

bool cp_profile_name_attribute_empty(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return say_attribute(p, CP_NAME_EMPTY, why, "has no value");
}

bool cp_profile_name_country(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return say_attribute(p, CP_NAME_COUNTRY, why, "is not two letters in a PrintableString");
}

bool cp_profile_name_old_type(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return say_attribute(p, CP_NAME_OLD_TYPE, why,
                         "is a TeletexString, BMPString or UniversalString");
}

bool cp_profile_name_printable(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return say_attribute(p, CP_NAME_PRINTABLE, why,
                         "has a character that a PrintableString can't have");
}

bool cp_profile_name_control(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return say_attribute(p, CP_NAME_CONTROL, why, "has a NUL or another control character");
}

bool cp_profile_name_duplicate(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return say_attribute(p, CP_NAME_DUPLICATE, why, "is there twice in one set");
}

bool cp_profile_name_ia5_type(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return say_attribute(p, CP_NAME_IA5_TYPE, why, "is not an IA5String");
}

bool cp_profile_name_printable_type(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return say_attribute(p, CP_NAME_PRINTABLE_TYPE, why, "is not a PrintableString");
}
