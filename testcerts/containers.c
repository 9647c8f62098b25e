#include "containers.h"
#include "certs.h"
#include "keys.h"

#include <string.h>

/* ---- BER ------------------------------------------------------------------------------------- */

#define PIECE 100

void tc_put_ber(struct tc_bytes *out, const struct tc_bytes *der, unsigned depth) {
    if (der->len == 0) {
        return;
    }
    uint8_t tag = der->data[0];
    size_t header_len = der->data[1] < 0x80 ? 2 : 2 + (der->data[1] & 0x7fU);
    struct tc_bytes content = {0};
    tc_put(&content, der->data + header_len, der->len - header_len);
    if (depth == 0 || ((tag & 0x20) == 0 && (tag != 0x04 || content.len <= PIECE))) {
        tc_put(out, der->data, der->len);
    } else if (tag == 0x04) {
        tc_put(out, "\x24\x80", 2);
        for (size_t at = 0; at < content.len; at += PIECE) {
            size_t len = content.len - at < PIECE ? content.len - at : PIECE;
            tc_der_put(out, 0x04, content.data + at, len);
        }
        tc_put(out, "\0\0", 2);
    } else {
        tc_put_byte(out, tag);
        tc_put_byte(out, 0x80);
        size_t at = 0;
        for (unsigned i = 0; at < content.len; i++) {
            struct tc_element child = tc_der_child(der, i);
            struct tc_bytes whole = {0};
            tc_put(&whole, der->data + child.offset, child.header_len + child.len);
            tc_put_ber(out, &whole, depth - 1);
            at += whole.len;
            tc_clear(&whole);
        }
        tc_put(out, "\0\0", 2);
    }
    tc_clear(&content);
}

/* ---- PKCS#7 ---------------------------------------------------------------------------------- */

void tc_make_pkcs7(struct tc_bytes *out, const char *certs, int ber) {
    struct tc_bytes der = {0};
    size_t info = tc_der_open(&der, 0x30);
    tc_der_oid(&der, "1.2.840.113549.1.7.2");
    size_t explicit = tc_der_open(&der, 0xa0);
    size_t data = tc_der_open(&der, 0x30);
    tc_der_small(&der, 1);
    tc_der_put(&der, 0x31, "", 0);
    size_t content = tc_der_open(&der, 0x30);
    tc_der_oid(&der, "1.2.840.113549.1.7.1");
    tc_der_close(&der, content);
    size_t set = tc_der_open(&der, 0xa0);
    while (*certs != '\0') {
        char name[64];
        size_t len = strcspn(certs, ",");
        if (len >= sizeof name) {
            tc_die("name too long: %s", certs);
        }
        memcpy(name, certs, len);
        name[len] = '\0';
        tc_cert_issue(&der, tc_cert_row_get(name));
        certs += len + (certs[len] == ',');
    }
    tc_der_close(&der, set);
    tc_der_put(&der, 0x31, "", 0);
    tc_der_close(&der, data);
    tc_der_close(&der, explicit);
    tc_der_close(&der, info);
    if (ber) {
        tc_put_ber(out, &der, 4); /* ContentInfo, [0], SignedData, [0]: not the certificates */
    } else {
        tc_put(out, der.data, der.len);
    }
    tc_clear(&der);
}

/* ---- CRL ------------------------------------------------------------------------------------- */

void tc_make_crl(struct tc_bytes *out) {
    struct tc_bytes tbs = {0}, cert = {0}, inner = {0}, signature = {0};
    tc_cert_issue(&cert, tc_cert_row_get("ec-intermediate"));
    struct tc_element at = tc_der_child(&cert, 0);
    tc_put(&inner, cert.data + at.offset, at.header_len + at.len);
    struct tc_element subject = tc_der_child(&inner, 5);
    size_t seq = tc_der_open(&tbs, 0x30);
    tc_der_small(&tbs, 1);
    size_t algorithm = tc_der_open(&tbs, 0x30);
    tc_der_oid(&tbs, "1.2.840.10045.4.3.2");
    tc_der_close(&tbs, algorithm);
    tc_put(&tbs, inner.data + subject.offset, subject.header_len + subject.len);
    tc_der_put(&tbs, 0x17, "260501000000Z", 13);
    tc_der_put(&tbs, 0x17, "260701000000Z", 13);
    tc_der_close(&tbs, seq);
    tc_sign(&signature, "ec-intermediate", "SHA256", 0, &tbs);
    size_t whole = tc_der_open(out, 0x30);
    tc_put(out, tbs.data, tbs.len);
    algorithm = tc_der_open(out, 0x30);
    tc_der_oid(out, "1.2.840.10045.4.3.2");
    tc_der_close(out, algorithm);
    size_t bits = tc_der_open(out, 0x03);
    tc_put_byte(out, 0);
    tc_put(out, signature.data, signature.len);
    tc_der_close(out, bits);
    tc_der_close(out, whole);
    tc_clear(&tbs);
    tc_clear(&cert);
    tc_clear(&inner);
    tc_clear(&signature);
}

/* ---- others ---------------------------------------------------------------------------------- */

static uint32_t crc32_of(const struct tc_bytes *data) {
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < data->len; i++) {
        crc ^= data->data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (0xedb88320U & (0U - (crc & 1)));
        }
    }
    return ~crc;
}

static void put_le(struct tc_bytes *out, uint32_t value, unsigned octets) {
    for (unsigned i = 0; i < octets; i++) {
        tc_put_byte(out, (uint8_t)(value >> 8 * i));
    }
}

/* What the local and the central header have in common, from the version on. */
static void put_zip_fields(struct tc_bytes *out, const char *name, const struct tc_bytes *data) {
    put_le(out, 20, 2);
    put_le(out, 0, 2);          /* flags */
    put_le(out, 0, 2);          /* stored */
    put_le(out, 0x5cc10000, 4); /* 2026-06-01 */
    put_le(out, crc32_of(data), 4);
    put_le(out, (uint32_t)data->len, 4);
    put_le(out, (uint32_t)data->len, 4);
    put_le(out, (uint32_t)strlen(name), 2);
    put_le(out, 0, 2); /* extra field */
}

void tc_make_zip(struct tc_bytes *out) {
    static const char *const names[] = {"shop/fullchain.pem", "shop/privkey.pem",
                                        "shop/\x1b[31mREADME"};
    struct tc_bytes directory = {0}, data = {0};
    uint32_t num = 0;
    tc_puts(&data, "the files of an archive are not looked into\n");
    for (; num < sizeof names / sizeof names[0]; num++) {
        uint32_t offset = (uint32_t)out->len;
        tc_puts(out, "PK\3\4");
        put_zip_fields(out, names[num], &data);
        tc_puts(out, names[num]);
        tc_put(out, data.data, data.len);
        tc_puts(&directory, "PK\1\2");
        put_le(&directory, 20, 2);
        put_zip_fields(&directory, names[num], &data);
        put_le(&directory, 0, 2); /* comment */
        put_le(&directory, 0, 2); /* disk */
        put_le(&directory, 0, 2); /* internal attributes */
        put_le(&directory, 0, 4); /* external attributes */
        put_le(&directory, offset, 4);
        tc_puts(&directory, names[num]);
    }
    uint32_t offset = (uint32_t)out->len;
    tc_put(out, directory.data, directory.len);
    tc_puts(out, "PK\5\6");
    put_le(out, 0, 4);
    put_le(out, num, 2);
    put_le(out, num, 2);
    put_le(out, (uint32_t)directory.len, 4);
    put_le(out, offset, 4);
    put_le(out, 0, 2);
    tc_clear(&directory);
    tc_clear(&data);
}

void tc_make_gzip(struct tc_bytes *out) {
    struct tc_bytes data = {0};
    tc_cert_issue(&data, tc_cert_row_get("ec-leaf"));
    tc_put(out, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    tc_put_byte(out, 1); /* the last block, stored */
    put_le(out, (uint32_t)data.len, 2);
    put_le(out, (uint32_t)~data.len & 0xffff, 2);
    tc_put(out, data.data, data.len);
    put_le(out, crc32_of(&data), 4);
    put_le(out, (uint32_t)data.len, 4);
    tc_clear(&data);
}

/* Version 2, no entries; the digest is not right, since no one here reads it. */
static void put_keystore(struct tc_bytes *out, const char *magic) {
    static const uint8_t digest[20] = {1};
    tc_put(out, magic, 4);
    tc_put(out, "\0\0\0\2\0\0\0\0", 8);
    tc_put(out, digest, sizeof digest);
}

void tc_make_jks(struct tc_bytes *out) {
    put_keystore(out, "\xfe\xed\xfe\xed");
}

void tc_make_jceks(struct tc_bytes *out) {
    put_keystore(out, "\xce\xce\xce\xce");
}

/* A version 4 public key packet (RFC 9580 5.5.2.2): Ed25519, with nothing behind it. */
void tc_make_pgp(struct tc_bytes *out) {
    tc_put(out,
           "\x98\x33\x04\x69\xc0\x00\x00\x16\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01\x01\x07"
           "\x40",
           21);
    tc_key_public(out, "ed25519-foreign");
}
