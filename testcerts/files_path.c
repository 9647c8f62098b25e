/* Files of the area path: certificate policies along a chain. */
#include "files.h"

#define FULL(leaf, ca) "cert:" leaf " cert:" ca " key:ec-leaf/pkcs8"
#define OK_KEY "accepts; key of certificate 1"

extern const struct tc_file_row tc_path_file_rows[];
extern const size_t tc_num_path_file_rows;

const struct tc_file_row tc_path_file_rows[] = {
    {"path/policy-required-and-valid.pem", FULL("ec-leaf", "policy-explicit-ca"),
     .openssl = OK_KEY},
    {"path/policy-required-and-mapped.pem", FULL("policy-own-leaf", "policy-mapping-ca"),
     .openssl = OK_KEY},
    {"path/policy-required-not-valid.pem", FULL("ec-leaf", "policy-other-ca"),
     .wrong = "the CA requires an explicit policy and has another than the leaf",
     .openssl = OK_KEY},
    {"path/policy-required-mapped-away.pem", FULL("ec-leaf", "policy-mapping-ca"),
     .wrong = "the CA requires an explicit policy and maps the leaf's to another",
     .openssl = OK_KEY},
    {"path/policy-inhibit-any.pem", FULL("ec-leaf", "policy-inhibit-any-ca"), .openssl = OK_KEY},
    {"path/policy-malformed.pem", FULL("ec-leaf", "policy-malformed-ca"),
     .wrong = "inhibitAnyPolicy of the CA is -1", .openssl = OK_KEY},
    {"path/policy-mapped-to-any.pem", FULL("ec-leaf", "policy-mapping-any-ca"),
     .wrong = "the CA maps a policy to anyPolicy", .openssl = OK_KEY},
};
const size_t tc_num_path_file_rows = sizeof tc_path_file_rows / sizeof tc_path_file_rows[0];
