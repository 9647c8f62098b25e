/* The table of files on paths, their ends and their alternatives. */
#include "files.h"

#define KEY " key:ec-leaf/pkcs8"
#define OK_KEY "accepts; key of certificate 1"
#define CA_ALONE "error 26, unsuitable certificate purpose"

extern const struct tc_file_row tc_explain_file_rows[];
extern const size_t tc_num_explain_file_rows;

const struct tc_file_row tc_explain_file_rows[] = {
    {"explain/trust-with-old-root.pem", "cert:root-ec cert:old-root", .openssl = CA_ALONE},
    {"explain/trust-with-intermediate.pem", "cert:ec-intermediate cert:root-ec",
     .openssl = CA_ALONE},
    {"explain/intermediate-ends-early.pem", "cert:ec-leaf cert:ends-early-ca" KEY,
     .wrong = "the intermediate expires on 2026-08-01, before the leaf", .openssl = OK_KEY},
    {"explain/intermediate-ends-with-leaf.pem", "cert:ec-leaf cert:ends-with-leaf-ca" KEY,
     .openssl = OK_KEY},
    {"explain/first-path-ends-early.pem",
     "cert:ec-leaf cert:ends-early-ca cert:ec-intermediate-cross" KEY,
     .wrong = "of two paths the first ends on 2026-08-01", .openssl = OK_KEY},
    {"explain/second-path-ends-early.pem",
     "cert:ec-leaf cert:ec-intermediate-cross cert:ends-early-ca" KEY, .openssl = OK_KEY},
    {"explain/cross-sign-of-old-root.pem",
     "cert:ec-leaf cert:ec-intermediate cert:old-root-cross" KEY,
     .wrong = "the root of the cross-sign expired on 2026-05-01, as DST Root X3 did",
     .openssl = OK_KEY},
    {"explain/cross-sign-ends-early.pem",
     "cert:ec-leaf cert:ec-intermediate cert:ends-early-cross" KEY,
     .wrong = "the cross-sign expires on 2026-08-01, before the leaf", .openssl = OK_KEY},
    {"explain/cross-sign-ends-with-leaf.pem",
     "cert:ec-leaf cert:ec-intermediate cert:ends-with-leaf-cross" KEY, .openssl = OK_KEY},
    {"explain/many-branches.pem",
     "cert:ec-leaf cert:expired-ca cert:not-yet-valid-ca cert:other-key-ca-no-ids cert:not-ca "
     "cert:excluding-ca cert:altered-signature-ca cert:sha1-ca cert:ends-early-ca "
     "cert:ec-intermediate-cross cert:ec-intermediate cert:root-ec-cross cert:root-ec "
     "cert:ec-intermediate" KEY,
     .wrong = "many intermediates of one name, most of them unfit",
     .openssl = "error 7, certificate signature failure; key of certificate 1"},
    {"explain/hostile-name-bundle.pem", "cert:hostile-leaf cert:hostile-ca" KEY,
     .wrong = "the intermediate's name has an escape sequence and a right-to-left override",
     .openssl = OK_KEY},
};

const size_t tc_num_explain_file_rows =
    sizeof tc_explain_file_rows / sizeof tc_explain_file_rows[0];
