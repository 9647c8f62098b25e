/* The table of certificates whose paths end at different times. */
#include "certs.h"

#define SHOP "CN=shop.acme.example"
#define SHOP_SAN "DNS:shop.acme.example,DNS:www.acme.example"
#define HOSTILE                                                                                    \
    "CN=\x1b[31mCA \xe2\x80\xae\xe6\x9d\xad\xe5\xb7\x9e\xe9\x98\xbf\xe9\x87\x8c "                  \
    "with a very long name that goes on"
/* Another certificate for the EC intermediate: same name and key, so that every leaf fits. */
#define CA(row_name, row_not_after)                                                                \
    .name = (row_name), .subject = "C=CN/O=certprep tests/CN=certprep Test CA E1",                 \
    .key = "ec-intermediate", .issuer = "root-ec", .profile = TC_INTERMEDIATE,                     \
    .not_after = (row_not_after)
/* The root X1 certified by an older root. */
#define CROSS(row_name, row_not_after)                                                             \
    .name = (row_name), .subject = "C=CN/O=certprep tests/CN=certprep Test Root X1",               \
    .key = "root-ec", .issuer = "old-root", .profile = TC_INTERMEDIATE, .path_len = 1,             \
    .not_after = (row_not_after)

extern const struct tc_cert_row tc_explain_cert_rows[];
extern const size_t tc_num_explain_cert_rows;

const struct tc_cert_row tc_explain_cert_rows[] = {
    {CA("ends-early-ca", "20260801000000Z")},
    {CA("ends-with-leaf-ca", "20261001000000Z")},
    {.name = "old-root",
     .subject = "C=CN/O=certprep tests/CN=certprep Test Old Root",
     .key = "ec-foreign",
     .profile = TC_ROOT,
     .not_before = "20100101000000Z",
     .not_after = "20260501000000Z"},
    {CROSS("old-root-cross", NULL)},
    {.name = "ends-early-cross",
     .subject = "C=CN/O=certprep tests/CN=certprep Test Root X1",
     .key = "root-ec",
     .issuer = "root-rsa",
     .profile = TC_INTERMEDIATE,
     .path_len = 1,
     .not_after = "20260801000000Z"},
    {.name = "ends-with-leaf-cross",
     .subject = "C=CN/O=certprep tests/CN=certprep Test Root X1",
     .key = "root-ec",
     .issuer = "root-rsa",
     .profile = TC_INTERMEDIATE,
     .path_len = 1,
     .not_after = "20261001000000Z"},
    {.name = "hostile-ca",
     .subject = HOSTILE,
     .key = "ec-intermediate-2",
     .issuer = "root-ec",
     .profile = TC_INTERMEDIATE},
    {.name = "hostile-leaf",
     .subject = SHOP,
     .key = "ec-leaf",
     .issuer = "hostile-ca",
     .san = SHOP_SAN},
};

const size_t tc_num_explain_cert_rows =
    sizeof tc_explain_cert_rows / sizeof tc_explain_cert_rows[0];
