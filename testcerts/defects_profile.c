#include "defects_profile.h"

#include <string.h>

/* Children of a TBSCertificate of version 3, and of a Certificate. */
enum { TBS_ALGORITHM = 2, TBS_SUBJECT = 5, TBS_SPKI = 6, TBS_EXTENSIONS = 7, CERT_ALGORITHM = 1 };

void add_unique_id(struct tc_bytes *der) {
    struct tc_bytes both = {0};
    struct tc_element last = tc_der_child(der, TBS_EXTENSIONS);
    tc_der_put(&both, 0x82, "\x00\xaa", 2); /* subjectUniqueID */
    tc_put(&both, der->data + last.offset, der->len - last.offset);
    tc_der_replace_child(der, TBS_EXTENSIONS, both.data, both.len);
    tc_clear(&both);
}

/* ---- algorithms ---- */

static void set_hex(struct tc_bytes *der, unsigned child, const char *hex) {
    struct tc_bytes value = {0};
    tc_unhex(&value, hex, strlen(hex));
    tc_der_replace_child(der, child, value.data, value.len);
    tc_clear(&value);
}

/* The same inside and outside, RFC 5280 4.1.1.2. */
#define ALGORITHM(name, hex)                                                                       \
    void name(struct tc_bytes *der) {                                                              \
        set_hex(der, TBS_ALGORITHM, hex);                                                          \
    }                                                                                              \
    void name##_outside(struct tc_bytes *der) {                                                    \
        set_hex(der, CERT_ALGORITHM, hex);                                                         \
    }
#define SHA256 "300d06096086480165030402010500"
#define SHA1 "300906052b0e03021a0500"
#define MGF1 "06092a864886f70d010108"
#define PSS "06092a864886f70d01010a"
ALGORITHM(rsa_without_null, "300b06092a864886f70d01010b")
ALGORITHM(ecdsa_with_null, "300c06082a8648ce3d0403020500")
ALGORITHM(ed25519_with_null, "300706032b65700500")
ALGORITHM(pss_without_parameters, "300b" PSS)
ALGORITHM(pss_two_hashes, "303d" PSS "3030a00f" SHA256 "a1183016" MGF1 SHA1 "a203020120")
ALGORITHM(pss_short_salt, "3041" PSS "3034a00f" SHA256 "a11c301a" MGF1 SHA256 "a203020114")

static void set_key_algorithm(struct tc_bytes *der, const char *hex) {
    struct tc_bytes spki = {0};
    struct tc_element e = tc_der_child(der, TBS_SPKI);
    tc_put(&spki, der->data + e.offset, e.header_len + e.len);
    set_hex(&spki, 0, hex);
    tc_der_replace_child(der, TBS_SPKI, spki.data, spki.len);
    tc_clear(&spki);
}

void rsa_key_without_null(struct tc_bytes *der) {
    set_key_algorithm(der, "300b06092a864886f70d010101");
}

void ec_key_implicit_curve(struct tc_bytes *der) {
    set_key_algorithm(der, "300b06072a8648ce3d02010500");
}

void ed25519_key_with_null(struct tc_bytes *der) {
    set_key_algorithm(der, "300706032b65700500");
}

/* X9.62 4.3.6: 06 or 07 by the last bit of y, then x and y. */
void ec_key_hybrid(struct tc_bytes *der) {
    struct tc_element spki = tc_der_child(der, TBS_SPKI);
    uint8_t *end = der->data + spki.offset + spki.header_len + spki.len;
    end[-65] = (uint8_t)(6 | (end[-1] & 1));
}

/* ECDSA-Sig-Value: a zero octet before r. */
void pad_ecdsa_signature(struct tc_bytes *der) {
    struct tc_bytes value = {0}, padded = {0}, bits = {0};
    struct tc_element e = tc_der_child(der, 2);
    tc_put(&value, der->data + e.offset + e.header_len + 1, e.len - 1);
    struct tc_element r = tc_der_child(&value, 0);
    size_t integer = tc_der_open(&padded, 0x02);
    tc_put_byte(&padded, 0);
    if (value.data[r.offset + r.header_len] >= 0x80) {
        tc_die("a negative r");
    }
    if (value.data[r.offset + r.header_len] == 0) {
        tc_put_byte(&padded, 0);
        tc_put(&padded, value.data + r.offset + r.header_len + 1, r.len - 1);
    } else {
        tc_put(&padded, value.data + r.offset + r.header_len, r.len);
    }
    tc_der_close(&padded, integer);
    tc_der_replace_child(&value, 0, padded.data, padded.len);
    size_t string = tc_der_open(&bits, 0x03);
    tc_put_byte(&bits, 0);
    tc_put(&bits, value.data, value.len);
    tc_der_close(&bits, string);
    tc_der_replace_child(der, 2, bits.data, bits.len);
    tc_clear(&value);
    tc_clear(&padded);
    tc_clear(&bits);
}

/* ---- names ---- */

#define CN "2.5.4.3"
#define COUNTRY "2.5.4.6"
#define ORGANIZATION "2.5.4.10"
#define UNIT "2.5.4.11"
#define SERIAL "2.5.4.5"
#define MAIL "1.2.840.113549.1.9.1"

static void put_attribute(struct tc_bytes *out, const char *oid, uint8_t tag, const void *value,
                          size_t len) {
    size_t sequence = tc_der_open(out, 0x30);
    tc_der_oid(out, oid);
    tc_der_put(out, tag, value, len);
    tc_der_close(out, sequence);
}

/* The sets stand before the common name. */
static void set_subject(struct tc_bytes *der, const struct tc_bytes *sets) {
    struct tc_bytes name = {0};
    size_t sequence = tc_der_open(&name, 0x30);
    tc_put(&name, sets->data, sets->len);
    size_t set = tc_der_open(&name, 0x31);
    put_attribute(&name, CN, 0x0c, "shop.acme.example", 17);
    tc_der_close(&name, set);
    tc_der_close(&name, sequence);
    tc_der_replace_child(der, TBS_SUBJECT, name.data, name.len);
    tc_clear(&name);
}

static void add_attribute(struct tc_bytes *der, const char *oid, uint8_t tag, const void *value,
                          size_t len) {
    struct tc_bytes sets = {0};
    size_t set = tc_der_open(&sets, 0x31);
    put_attribute(&sets, oid, tag, value, len);
    tc_der_close(&sets, set);
    set_subject(der, &sets);
    tc_clear(&sets);
}

void name_65_characters(struct tc_bytes *der) {
    char text[65];
    memset(text, 'a', sizeof text);
    add_attribute(der, ORGANIZATION, 0x0c, text, sizeof text);
}

/* 64 characters of two octets each: the bound counts characters. */
void name_64_characters(struct tc_bytes *der) {
    char text[128];
    for (size_t i = 0; i < sizeof text; i += 2) {
        memcpy(text + i, "\xc3\xbc", 2);
    }
    add_attribute(der, ORGANIZATION, 0x0c, text, sizeof text);
}

#define ATTRIBUTE(name, oid, tag, value)                                                           \
    void name(struct tc_bytes *der) {                                                              \
        add_attribute(der, oid, tag, value, sizeof(value) - 1);                                    \
    }
ATTRIBUTE(name_empty_attribute, ORGANIZATION, 0x0c, "")
ATTRIBUTE(name_country_3, COUNTRY, 0x13, "CHN")
ATTRIBUTE(name_country_utf8, COUNTRY, 0x0c, "CN")
ATTRIBUTE(name_teletex, ORGANIZATION, 0x14, "acme tests")
ATTRIBUTE(name_printable, ORGANIZATION, 0x13, "acme & tests")
ATTRIBUTE(name_printable_all, ORGANIZATION, 0x13, "A-Z a.z 0/9 '(acme)' +,-./:=?")
ATTRIBUTE(name_nul, ORGANIZATION, 0x0c, "acme\0tests")
ATTRIBUTE(name_mail_utf8, MAIL, 0x0c, "shop@acme.example")
ATTRIBUTE(name_mail_ia5, MAIL, 0x16, "shop@acme.example")
ATTRIBUTE(name_serial_utf8, SERIAL, 0x0c, "4711")
ATTRIBUTE(name_serial_printable, SERIAL, 0x13, "4711")
ATTRIBUTE(name_constructed, ORGANIZATION, 0x2c,
          "\x0c\x05"
          "acme \x0c\x05"
          "tests")
ATTRIBUTE(name_not_utf8, ORGANIZATION, 0x0c,
          "b\xfc"
          "cher")

/* Two attributes, in one set or in two. */
static void add_two(struct tc_bytes *der, const char *first, const char *second, int together) {
    struct tc_bytes sets = {0};
    size_t set = tc_der_open(&sets, 0x31);
    put_attribute(&sets, first, 0x0c, "tests A", 7);
    if (!together) {
        tc_der_close(&sets, set);
        set = tc_der_open(&sets, 0x31);
    }
    put_attribute(&sets, second, 0x0c, "tests B", 7);
    tc_der_close(&sets, set);
    set_subject(der, &sets);
    tc_clear(&sets);
}

void name_twice(struct tc_bytes *der) {
    add_two(der, UNIT, UNIT, 1);
}

void name_two_sets(struct tc_bytes *der) {
    add_two(der, UNIT, UNIT, 0);
}

void name_set_order(struct tc_bytes *der) {
    add_two(der, UNIT, ORGANIZATION, 1);
}

void name_set_ascending(struct tc_bytes *der) {
    add_two(der, ORGANIZATION, UNIT, 1);
}

/* 2.999.10 with 0x80 before the last subidentifier. */
void name_oid_padded(struct tc_bytes *der) {
    add_attribute(der, "2.999.10", 0x0c, "acme tests", 10);
    size_t at = tc_find(der, 0, "\x06\x03\x88\x37\x0a", 5);
    struct tc_bytes subject = {0};
    struct tc_element e = tc_der_child(der, TBS_SUBJECT);
    tc_put(&subject, der->data + e.offset, e.header_len + e.len);
    at -= e.offset;
    tc_splice(&subject, at, 5, "\x06\x04\x88\x37\x80\x0a", 6);
    subject.data[at - 1]++; /* the lengths of attribute, set and name are one octet each */
    subject.data[at - 3]++;
    subject.data[1]++;
    tc_der_replace_child(der, TBS_SUBJECT, subject.data, subject.len);
    tc_clear(&subject);
}

/* ---- key identifiers ---- */

/* Replaces the extension 2.5.29.last by what change makes of it. */
static void change_extension(struct tc_bytes *der, uint8_t last,
                             void (*change)(struct tc_bytes *extension)) {
    const uint8_t oid[] = {0x06, 0x03, 0x55, 0x1d, last};
    struct tc_bytes list = {0}, extension = {0}, tagged = {0};
    struct tc_element e = tc_der_child(der, TBS_EXTENSIONS);
    tc_put(&list, der->data + e.offset + e.header_len, e.len);
    for (unsigned i = 0;; i++) { /* it is there, or tc_der_child ends the run */
        e = tc_der_child(&list, i);
        if (memcmp(list.data + e.offset + e.header_len, oid, sizeof oid) != 0) {
            continue;
        }
        tc_put(&extension, list.data + e.offset, e.header_len + e.len);
        change(&extension);
        tc_der_replace_child(&list, i, extension.data, extension.len);
        break;
    }
    tc_der_put(&tagged, 0xa3, list.data, list.len);
    tc_der_replace_child(der, TBS_EXTENSIONS, tagged.data, tagged.len);
    tc_clear(&list);
    tc_clear(&extension);
    tc_clear(&tagged);
}

static void make_critical(struct tc_bytes *extension) {
    struct tc_bytes with = {0};
    struct tc_element oid = tc_der_child(extension, 0);
    tc_put(&with, extension->data + oid.offset, oid.header_len + oid.len);
    tc_der_put(&with, 0x01, "\xff", 1);
    tc_der_replace_child(extension, 0, with.data, with.len);
    tc_clear(&with);
}

void aki_critical(struct tc_bytes *der) {
    change_extension(der, 0x23, make_critical);
}

void ski_critical(struct tc_bytes *der) {
    change_extension(der, 0x0e, make_critical);
}

static void append_to_value(struct tc_bytes *extension, const struct tc_bytes *more) {
    struct tc_bytes value = {0};
    struct tc_element octets = tc_der_child(extension, 1);
    struct tc_element id; /* keyIdentifier */
    tc_put(&value, extension->data + octets.offset + octets.header_len, octets.len);
    id = tc_der_child(&value, 0);
    struct tc_bytes all = {0}, string = {0};
    tc_put(&all, value.data + id.offset, id.header_len + id.len);
    tc_put(&all, more->data, more->len);
    tc_der_replace_child(&value, 0, all.data, all.len);
    tc_der_put(&string, 0x04, value.data, value.len);
    tc_der_replace_child(extension, 1, string.data, string.len);
    tc_clear(&value);
    tc_clear(&all);
    tc_clear(&string);
}

static void append_serial(struct tc_bytes *extension) {
    struct tc_bytes more = {0};
    tc_der_put(&more, 0x82, "\x47\x11", 2);
    append_to_value(extension, &more);
    tc_clear(&more);
}

/* authorityCertIssuer is the issuer of the issuer. */
static void append_issuer_and_serial(struct tc_bytes *extension) {
    struct tc_bytes more = {0}, serial = {0};
    const struct tc_cert_row *ca = tc_cert_row_get("ec-intermediate");
    struct tc_bytes der = {0}, tbs = {0};
    tc_cert_issue(&der, ca);
    struct tc_element e = tc_der_child(&der, 0);
    tc_put(&tbs, der.data + e.offset, e.header_len + e.len);
    size_t names = tc_der_open(&more, 0xa1);
    size_t directory = tc_der_open(&more, 0xa4);
    e = tc_der_child(&tbs, 3);
    tc_put(&more, tbs.data + e.offset, e.header_len + e.len);
    tc_der_close(&more, directory);
    tc_der_close(&more, names);
    e = tc_der_child(&tbs, 1);
    tc_der_put(&more, 0x82, tbs.data + e.offset + e.header_len, e.len);
    append_to_value(extension, &more);
    tc_clear(&more);
    tc_clear(&serial);
    tc_clear(&der);
    tc_clear(&tbs);
}

void aki_serial(struct tc_bytes *der) {
    change_extension(der, 0x23, append_serial);
}

void aki_issuer_and_serial(struct tc_bytes *der) {
    change_extension(der, 0x23, append_issuer_and_serial);
}
