/* Leaves with weak keys. */
#include "certs.h"
#include "weak.h"

#define WEAK(row_name, row_issuer)                                                                 \
    .name = "weak-" row_name, .subject = "CN=shop.acme.example", .key = "weak-" row_name,          \
    .issuer = (row_issuer), .san = "DNS:shop.acme.example,DNS:www.acme.example"
#define WEAK_RSA(row_name) WEAK(row_name, "rsa-intermediate")
#define WEAK_EC(row_name) WEAK(row_name, "ec-intermediate")
/* With the key of another row of keys.def, and then mostly without its public half. */
#define LEAF(row_name, row_key, row_issuer)                                                        \
    .name = "weak-" row_name, .subject = "CN=shop.acme.example", .key = (row_key),                 \
    .issuer = (row_issuer), .san = "DNS:shop.acme.example,DNS:www.acme.example"

extern const struct tc_cert_row tc_weak_cert_rows[];
extern const size_t tc_num_weak_cert_rows;

const struct tc_cert_row tc_weak_cert_rows[] = {
    {WEAK_RSA("exponent-3")},
    {WEAK_RSA("exponent-31-bits")},
    {WEAK_RSA("exponent-32-bits")},
    {WEAK_RSA("factor-65521")},
    {WEAK_RSA("factor-65537")},
    {WEAK_RSA("close")},
    {WEAK_RSA("close-99-rounds")},
    {WEAK_RSA("close-101-rounds")},
    {WEAK_RSA("near-first-120-bits")},
    {WEAK_RSA("near-first-90-bits")},
    {WEAK_RSA("pattern")},
    {WEAK_RSA("roca")},
    {WEAK_RSA("shared-a")},
    {WEAK_RSA("shared-b")},
    {WEAK_RSA("d-500-bits")},
    {WEAK_RSA("d-1024-bits")},
    {WEAK_RSA("d-1025-bits")},
    {WEAK_RSA("unbalanced-3-bits")},
    {WEAK_RSA("unbalanced-2-bits")},
    {WEAK_RSA("composite")},
    {WEAK_EC("scalar-7")},
    {WEAK_EC("scalar-minus-16")},
    {WEAK_EC("scalar-17")},
    {WEAK_EC("scalar-64-bits")},
    {WEAK_EC("scalar-65-bits")},
    {LEAF("listed-rsa", "rsa-foreign", "rsa-intermediate")},
    {LEAF("listed-ec", "ec-foreign", "ec-intermediate")},
    {LEAF("known-rsa", "rfc9500-rsa2048", "rsa-intermediate")},
    {LEAF("known-ec", "rfc9500-p256", "ec-intermediate")},
    {LEAF("same-modulus", "rsa-leaf", "rsa-intermediate"), .serial = "4d0f2a7c5b3e91a6"},
    {LEAF("infinity", "ec-leaf", "ec-intermediate"), .patch_tbs = tc_patch_point_infinity},
    {LEAF("twist", "ec-leaf", "ec-intermediate"), .patch_tbs = tc_patch_point_twist},
    {LEAF("twist-compressed", "ec-leaf", "ec-intermediate"),
     .patch_tbs = tc_patch_point_twist_compressed},
    {LEAF("ed25519-order-8", "ed25519-leaf", "ec-intermediate"),
     .patch_tbs = tc_patch_ed25519_order_8},
    {LEAF("ed25519-twist", "ed25519-leaf", "ec-intermediate"), .patch_tbs = tc_patch_ed25519_twist},
    {LEAF("ed448-order-4", "ed448-leaf", "ec-intermediate"), .patch_tbs = tc_patch_ed448_order_4},
    {LEAF("modulus-prime", "rsa-leaf", "rsa-intermediate"), .patch_tbs = tc_patch_modulus_prime},
    {LEAF("modulus-10240-bits", "rsa-leaf", "rsa-intermediate"),
     .patch_tbs = tc_patch_modulus_long},
};

const size_t tc_num_weak_cert_rows = sizeof tc_weak_cert_rows / sizeof tc_weak_cert_rows[0];
