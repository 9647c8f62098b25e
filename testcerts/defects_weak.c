/* Public keys that no private key has, put into a TBSCertificate; and blocklists. */
#include "keys.h"
#include "weak.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#define SPKI_INDEX 6 /* of a TBSCertificate with a version */

/* ---- points ---------------------------------------------------------------------------------- */

/* Keeps the algorithm; point is the subjectPublicKey. */
static void set_point(struct tc_bytes *der, const void *point, size_t len) {
    struct tc_bytes spki = {0}, bits = {0}, element = {0};
    struct tc_element old = tc_der_child(der, SPKI_INDEX);
    tc_put(&spki, der->data + old.offset, old.header_len + old.len);
    tc_put_byte(&bits, 0); /* no unused bits */
    tc_put(&bits, point, len);
    tc_der_put(&element, 0x03, bits.data, bits.len);
    tc_der_replace_child(&spki, 1, element.data, element.len);
    tc_der_replace_child(der, SPKI_INDEX, spki.data, spki.len);
    tc_clear(&spki);
    tc_clear(&bits);
    tc_clear(&element);
}

void tc_patch_point_infinity(struct tc_bytes *der) {
    set_point(der, "\x00", 1);
}

/* P-256 has no point with x = 1: 1 - 3 + b is no square. */
void tc_patch_point_twist(struct tc_bytes *der) {
    uint8_t point[65] = {4};
    point[32] = 1;
    point[64] = 5;
    set_point(der, point, sizeof point);
}

void tc_patch_point_twist_compressed(struct tc_bytes *der) {
    uint8_t point[33] = {2};
    point[32] = 1;
    set_point(der, point, sizeof point);
}

/* The root of d*y^4 + 2*y^2 - 1, RFC 8032 5.1: eight times it is the neutral element. */
void tc_patch_ed25519_order_8(struct tc_bytes *der) {
    static const char hex[] = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
    struct tc_bytes point = {0};
    tc_unhex(&point, hex, sizeof hex - 1);
    set_point(der, point.data, point.len);
    tc_clear(&point);
}

/* No point has y = 2. */
void tc_patch_ed25519_twist(struct tc_bytes *der) {
    uint8_t point[32] = {2};
    set_point(der, point, sizeof point);
}

/* y = 0: four times it is the neutral element. */
void tc_patch_ed448_order_4(struct tc_bytes *der) {
    uint8_t point[57] = {0};
    set_point(der, point, sizeof point);
}

/* ---- moduli ---------------------------------------------------------------------------------- */

static void set_modulus(struct tc_bytes *der, const BIGNUM *n) {
    struct tc_bytes key = {0};
    BIGNUM *e = BN_new();
    if (e == NULL || BN_set_word(e, 65537) != 1) {
        tc_die("out of memory");
    }
    size_t seq = tc_der_open(&key, 0x30);
    tc_der_integer(&key, n);
    tc_der_integer(&key, e);
    tc_der_close(&key, seq);
    set_point(der, key.data, key.len);
    tc_clear(&key);
    BN_free(e);
}

/* 2048 bits of SHA-256, the first two and the last set, and the distance to the next prime. */
void tc_patch_modulus_prime(struct tc_bytes *der) {
    uint8_t octets[256];
    for (size_t i = 0; i < sizeof octets / 32; i++) {
        struct tc_bytes text = {0};
        tc_printf(&text, "certprep prime modulus %zu", i);
        tc_sha256(octets + 32 * i, text.data, text.len);
        tc_clear(&text);
    }
    octets[0] |= 0xc0;
    octets[sizeof octets - 1] |= 1;
    BIGNUM *n = BN_bin2bn(octets, sizeof octets, NULL);
    if (n == NULL || BN_add_word(n, 2716) != 1 || BN_check_prime(n, NULL, NULL) != 1) {
        tc_die("the modulus is no prime");
    }
    set_modulus(der, n);
    BN_free(n);
}

/* 10240 bits: four moduli, one times the other. */
void tc_patch_modulus_long(struct tc_bytes *der) {
    static const char *const names[] = {"rsa-leaf-4096", "rsa-leaf", "rsa-foreign",
                                        "weak-exponent-3"};
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *n = BN_new();
    if (ctx == NULL || n == NULL || BN_one(n) != 1) {
        tc_die("out of memory");
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        BIGNUM *factor = tc_key_bn(names[i], OSSL_PKEY_PARAM_RSA_N);
        if (BN_mul(n, n, factor, ctx) != 1) {
            tc_die("out of memory");
        }
        BN_free(factor);
    }
    set_modulus(der, n);
    BN_free(n);
    BN_CTX_free(ctx);
}

/* ---- blocklists ------------------------------------------------------------------------------ */

#define ENTRY_LEN 16

/* SHA-256 of the modulus or of the x coordinate, cut to 15 octets; then the list's number. */
static void make_entry(uint8_t out[ENTRY_LEN], const char *key, uint8_t list) {
    uint8_t octets[512], hash[32];
    EVP_PKEY *pkey = tc_key_get0(key);
    const char *param =
        EVP_PKEY_is_a(pkey, "RSA") ? OSSL_PKEY_PARAM_RSA_N : OSSL_PKEY_PARAM_EC_PUB_X;
    BIGNUM *number = tc_key_bn(key, param);
    int len = BN_bn2bin(number, octets);
    tc_sha256(hash, octets, (size_t)len);
    memcpy(out, hash, ENTRY_LEN - 1);
    out[ENTRY_LEN - 1] = list;
    BN_free(number);
}

static void put_entries(struct tc_bytes *out, int reverse) {
    uint8_t entries[2][ENTRY_LEN];
    make_entry(entries[0], "rsa-foreign", 1);
    make_entry(entries[1], "ec-foreign", 7);
    size_t first = memcmp(entries[0], entries[1], ENTRY_LEN) < 0 ? 0 : 1;
    first = reverse ? 1 - first : first;
    tc_put(out, entries[first], ENTRY_LEN);
    tc_put(out, entries[1 - first], ENTRY_LEN);
}

void tc_put_blocklist(struct tc_bytes *out) {
    put_entries(out, 0);
}

void tc_put_blocklist_unsorted(struct tc_bytes *out) {
    put_entries(out, 1);
}

void tc_put_blocklist_names(struct tc_bytes *out) {
    tc_puts(out, "{\"bkformat\": 0, \"blocklists\": [{\"id\": 1, \"name\": \"testkeys\"}]}\n");
}
