/* Weak keys: bundles with the private key where there is one. */
#include "files.h"

#define OK "accepts"
#define BAD_KEY "error 1, unspecified certificate verification error"
#define OK_KEY "accepts; key of certificate 1"

#define RSA(row_name, row_wrong)                                                                   \
    "weak/" row_name ".pem",                                                                       \
        "cert:weak-" row_name " cert:rsa-intermediate key:weak-" row_name "/pkcs8",                \
        .wrong = (row_wrong), .openssl = OK_KEY
#define RSA_CERT(row_name, row_wrong)                                                              \
    "weak/" row_name ".pem", "cert:weak-" row_name " cert:rsa-intermediate", .wrong = (row_wrong), \
                                                                             .openssl = OK
#define EC(row_name, row_wrong)                                                                    \
    "weak/" row_name ".pem",                                                                       \
        "cert:weak-" row_name " cert:ec-intermediate key:weak-" row_name "/pkcs8",                 \
        .wrong = (row_wrong), .openssl = OK_KEY
#define EC_CERT(row_name, row_wrong)                                                               \
    "weak/" row_name ".pem", "cert:weak-" row_name " cert:ec-intermediate", .wrong = (row_wrong),  \
                                                                            .openssl = OK

extern const struct tc_file_row tc_weak_file_rows[];
extern const size_t tc_num_weak_file_rows;

const struct tc_file_row tc_weak_file_rows[] = {
    {RSA("exponent-3", "e is 3")},
    {RSA("exponent-31-bits", "e is 2^31 - 1, as large as most programs take")},
    {RSA("exponent-32-bits", "e is 2^31 + 11")},
    {RSA("factor-65521", "p is 65521")},
    {RSA_CERT("factor-65537", "p is 65537: the first that is not looked for")},
    {RSA("close", "q is the first prime behind p + 2^100")},
    {RSA("close-99-rounds", "Fermat's method takes 99 rounds")},
    {RSA_CERT("close-101-rounds", "Fermat's method takes 101 rounds")},
    {RSA("near-first-120-bits", "the first 120 bits of p and q are the same, about")},
    {RSA("near-first-90-bits", "the first 90 bits of p and q are the same, about")},
    {RSA("pattern", "p and q are nearly all zeros")},
    {RSA("roca", "p and q as Infineon's library made them")},
    {"weak/shared.pem",
     "cert:weak-shared-a cert:weak-shared-b cert:rsa-intermediate key:weak-shared-a/pkcs8",
     .wrong = "the second leaf's p is the first one's", .openssl = OK_KEY},
    {"weak/shared-key.pem",
     "cert:weak-shared-a cert:rsa-intermediate key:weak-shared-a/pkcs8 key:weak-shared-b/pkcs8",
     .wrong = "the second key's p is the first one's", .openssl = OK_KEY},
    {"weak/same-modulus.pem",
     "cert:rsa-leaf cert:weak-same-modulus cert:rsa-intermediate key:rsa-leaf/pkcs8",
     .wrong = "two leaves with the same key", .openssl = OK_KEY},
    {RSA("d-500-bits", "d has 500 bits: Wiener's attack finds it")},
    {RSA("d-1024-bits", "d has 1024 bits, half of the modulus'")},
    {RSA("d-1025-bits", "d has 1025 bits, just enough")},
    {RSA("unbalanced-3-bits", "p is 3 bits shorter than q")},
    {RSA("unbalanced-2-bits", "p is 2 bits shorter than q")},
    {"weak/composite.pem", "cert:weak-composite cert:rsa-intermediate key:weak-composite/pkcs8",
     .wrong = "p is the product of two primes",
     .openssl = "accepts; inconsistent key of certificate 1"},
    {"weak/other-exponent.pem", "cert:rsa-leaf cert:rsa-intermediate key:weak-other-exponent/pkcs8",
     .wrong = "the key has the certificate's n, but another e",
     .openssl = "accepts; key of no certificate here"},
    {EC("scalar-7", "the private value is 7")},
    {EC("scalar-minus-16", "the private value is the order less 16")},
    {EC_CERT("scalar-17", "the private value is 17: the first that is not looked for")},
    {EC("scalar-64-bits", "the private value has 64 bits")},
    {EC("scalar-65-bits", "the private value has 65 bits")},
    {"weak/listed-rsa.pem", "cert:weak-listed-rsa cert:rsa-intermediate key:rsa-foreign/pkcs8",
     .wrong = "nothing; weak/blocklist.dat has it", .openssl = OK_KEY},
    {"weak/listed-ec.pem", "cert:weak-listed-ec cert:ec-intermediate key:ec-foreign/pkcs8",
     .wrong = "nothing; weak/blocklist.dat has it", .openssl = OK_KEY},
    {"weak/known-rsa.pem", "cert:weak-known-rsa cert:rsa-intermediate key:rfc9500-rsa2048/pkcs8",
     .wrong = "the key is testRSA2048 of RFC 9500", .openssl = OK_KEY},
    {"weak/known-ec.pem", "cert:weak-known-ec cert:ec-intermediate key:rfc9500-p256/pkcs8",
     .wrong = "the key is testECCP256 of RFC 9500", .openssl = OK_KEY},
    {EC_CERT("infinity", "the public key is the point at infinity")},
    {"weak/twist.pem", "cert:weak-twist cert:ec-intermediate",
     .wrong = "x is 1, which is on the curve's twist", .openssl = BAD_KEY},
    {"weak/twist-compressed.pem", "cert:weak-twist-compressed cert:ec-intermediate",
     .wrong = "x is 1, which is on the curve's twist; compressed", .openssl = BAD_KEY},
    {EC_CERT("ed25519-order-8", "the public key is a point of order 8")},
    {EC_CERT("ed25519-twist", "y is 2, which is on the curve's twist")},
    {EC_CERT("ed448-order-4", "the public key is a point of order 4")},
    {RSA_CERT("modulus-prime", "the modulus is a prime")},
    {RSA_CERT("modulus-10240-bits", "nothing; the modulus has 10240 bits")},
    {"weak/blocklist.dat", "raw:blocklist", .openssl = "no certificate"},
    {"weak/badkeysdata.json", "raw:blocklist-names", .openssl = "no certificate"},
    {"weak/blocklist-unsorted.dat", "raw:blocklist-unsorted", .wrong = "the order",
     .openssl = "no certificate"},
};

const size_t tc_num_weak_file_rows = sizeof tc_weak_file_rows / sizeof tc_weak_file_rows[0];
