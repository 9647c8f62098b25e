/* Defects of the encoding: patches of a TBSCertificate before it is signed, or of the certificate
 * after. A TBS patch leaves the signature good, so that the defect stands alone. */
#include "certs.h"

/* One bit of the last octet of the signature. */
void tc_patch_signature(struct tc_bytes *der) {
    der->data[der->len - 1] ^= 0x01;
}

void tc_patch_trailing(struct tc_bytes *der) {
    tc_put(der, "\x05\x00", 2);
}

static void make_indefinite(struct tc_bytes *out, const uint8_t *content, size_t len) {
    tc_put(out, "\x30\x80", 2);
    tc_put(out, content, len);
    tc_put(out, "\x00\x00", 2);
}

/* X.690 8.1.3.6: BER allows it, DER (10.1) does not. */
void tc_patch_indefinite(struct tc_bytes *der) {
    struct tc_bytes out = {0};
    struct tc_element first = tc_der_child(der, 0);
    make_indefinite(&out, der->data + first.offset, der->len - first.offset);
    tc_clear(der);
    *der = out;
}

void tc_patch_indefinite_validity(struct tc_bytes *der) {
    struct tc_bytes out = {0};
    struct tc_element validity = tc_der_child(der, 4);
    make_indefinite(&out, der->data + validity.offset + validity.header_len, validity.len);
    tc_der_replace_child(der, 4, out.data, out.len);
    tc_clear(&out);
}

/* The validity's length in two octets where one is enough. */
void tc_patch_long_length(struct tc_bytes *der) {
    struct tc_bytes out = {0};
    struct tc_element validity = tc_der_child(der, 4);
    tc_put(&out, "\x30\x81", 2);
    tc_put_byte(&out, (uint8_t)validity.len);
    tc_put(&out, der->data + validity.offset + validity.header_len, validity.len);
    tc_der_replace_child(der, 4, out.data, out.len);
    tc_clear(&out);
}

/* The first BOOLEAN TRUE of the extensions becomes 0x01; X.690 11.1 wants 0xff. */
void tc_patch_boolean(struct tc_bytes *der) {
    size_t extensions = tc_der_child(der, 7).offset;
    der->data[tc_find(der, extensions, "\x01\x01\xff", 3) + 2] = 0x01;
}

/* The inner algorithm says ecdsa-with-SHA384, the outer one and the signature are SHA-256. */
void tc_patch_inner_algorithm(struct tc_bytes *der) {
    struct tc_bytes algorithm = {0};
    size_t seq = tc_der_open(&algorithm, 0x30);
    tc_der_oid(&algorithm, "1.2.840.10045.4.3.3");
    tc_der_close(&algorithm, seq);
    tc_der_replace_child(der, 2, algorithm.data, algorithm.len);
    tc_clear(&algorithm);
}

/* keyUsage digitalSignature with a bit set among the seven unused ones; X.690 11.2.1. */
void tc_patch_key_usage_bits(struct tc_bytes *der) {
    der->data[tc_find(der, 0, "\x03\x02\x07\x80", 4) + 3] = 0x81;
}
