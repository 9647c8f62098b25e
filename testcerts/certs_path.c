/* Certificates of the area path: certificate policies along a chain. */
#include "certs.h"

#define CA(row_name)                                                                               \
    .name = (row_name), .subject = "C=CN/O=certprep tests/CN=certprep Test CA E1",                 \
    .key = "ec-intermediate", .issuer = "root-ec", .profile = TC_INTERMEDIATE
#define LEAF(row_name)                                                                             \
    .name = (row_name), .subject = "CN=shop.acme.example", .key = "ec-leaf",                       \
    .issuer = "ec-intermediate", .san = "DNS:shop.acme.example,DNS:www.acme.example"

#define DOMAIN_VALIDATED "060667810c010201" /* 2.23.140.1.2.1 */
#define ORGANIZATION_VALIDATED "300a3008060667810c010202"
#define OWN_POLICY "0603883701" /* 2.999.1 */
#define ANY_POLICY "0604551d2000"
#define REQUIRE_EXPLICIT "2.5.29.36!=3003800100"

extern const struct tc_cert_row tc_path_cert_rows[];
extern const size_t tc_num_path_cert_rows;

/* Leaves have the policy 2.23.140.1.2.1, and so have CAs where nothing else is set. */
const struct tc_cert_row tc_path_cert_rows[] = {
    {CA("policy-explicit-ca"), .set = REQUIRE_EXPLICIT},
    {CA("policy-other-ca"), .set = REQUIRE_EXPLICIT " 2.5.29.32=" ORGANIZATION_VALIDATED},
    {CA("policy-mapping-ca"),
     .set = REQUIRE_EXPLICIT " 2.5.29.33!=300f300d" DOMAIN_VALIDATED OWN_POLICY},
    {CA("policy-mapping-any-ca"), .set = "2.5.29.33!=3010300e" DOMAIN_VALIDATED ANY_POLICY},
    {CA("policy-inhibit-any-ca"), .set = "2.5.29.54!=020100"},
    {CA("policy-malformed-ca"), .set = "2.5.29.54!=0201ff"},
    {LEAF("policy-own-leaf"), .set = "2.5.29.32=30073005" OWN_POLICY},
};
const size_t tc_num_path_cert_rows = sizeof tc_path_cert_rows / sizeof tc_path_cert_rows[0];
