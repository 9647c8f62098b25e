/* The certificates that break one clause each of RFC 5280 and its kin, and their nearest good
 * neighbours. Values of extensions are DER in hexadecimal: the comment says what they hold. */
#include "certs.h"
#include "defects_profile.h"

#define SHOP "CN=shop.acme.example"
#define SHOP_SAN "DNS:shop.acme.example,DNS:www.acme.example"
#define LEAF(row_name)                                                                             \
    .name = "profile-" row_name, .subject = SHOP, .key = "ec-leaf", .issuer = "ec-intermediate",   \
    .san = SHOP_SAN
#define RSA_LEAF(row_name)                                                                         \
    .name = "profile-" row_name, .subject = SHOP, .key = "rsa-leaf", .issuer = "rsa-intermediate", \
    .san = SHOP_SAN
/* In the place of the EC intermediate: same name and key. */
#define CA(row_name)                                                                               \
    .name = "profile-" row_name, .subject = "C=CN/O=certprep tests/CN=certprep Test CA E1",        \
    .key = "ec-intermediate", .issuer = "root-ec", .profile = TC_INTERMEDIATE
#define ED_LEAF(row_name)                                                                          \
    .name = "profile-" row_name, .subject = SHOP, .key = "ec-leaf", .issuer = "profile-ed-ca",     \
    .san = SHOP_SAN

extern const struct tc_cert_row tc_profile_cert_rows[];
extern const size_t tc_num_profile_cert_rows;

const struct tc_cert_row tc_profile_cert_rows[] = {
    {.name = "profile-ed-ca",
     .subject = "C=CN/O=certprep tests/CN=certprep Test CA D1",
     .key = "ed25519-foreign",
     .issuer = "root-ec",
     .profile = TC_INTERMEDIATE},
    /* fields */
    {LEAF("unique-id"), .patch_tbs = add_unique_id},
    {LEAF("year-2050"), .not_after = "20500101000000Z"},
    /* algorithms, keys and signatures; inside and outside say the same */
    {RSA_LEAF("rsa-signature-no-null"), .patch_tbs = rsa_without_null,
     .patch_cert = rsa_without_null_outside},
    {LEAF("ecdsa-signature-null"), .patch_tbs = ecdsa_with_null,
     .patch_cert = ecdsa_with_null_outside},
    {ED_LEAF("ed25519-signature")},
    {ED_LEAF("ed25519-signature-null"), .patch_tbs = ed25519_with_null,
     .patch_cert = ed25519_with_null_outside},
    {RSA_LEAF("pss-no-parameters"), .flags = TC_PSS, .patch_tbs = pss_without_parameters,
     .patch_cert = pss_without_parameters_outside},
    {RSA_LEAF("pss-two-hashes"), .flags = TC_PSS, .patch_tbs = pss_two_hashes,
     .patch_cert = pss_two_hashes_outside},
    {RSA_LEAF("pss-short-salt"), .flags = TC_PSS, .patch_tbs = pss_short_salt,
     .patch_cert = pss_short_salt_outside},
    {RSA_LEAF("rsa-key-no-null"), .patch_tbs = rsa_key_without_null},
    {LEAF("ec-key-implicit-curve"), .patch_tbs = ec_key_implicit_curve},
    {.name = "profile-ed25519-key-null",
     .subject = SHOP,
     .key = "ed25519-leaf",
     .issuer = "ec-intermediate",
     .san = SHOP_SAN,
     .patch_tbs = ed25519_key_with_null},
    {LEAF("ec-key-hybrid"), .patch_tbs = ec_key_hybrid},
    {LEAF("ecdsa-signature-padded"), .patch_cert = pad_ecdsa_signature},
    /* names */
    {.name = "profile-empty-name-ca",
     .subject = "",
     .key = "ec-intermediate-2",
     .issuer = "root-ec",
     .profile = TC_INTERMEDIATE},
    {.name = "profile-empty-issuer",
     .subject = SHOP,
     .key = "ec-leaf",
     .issuer = "profile-empty-name-ca",
     .san = SHOP_SAN},
    {.name = "profile-no-name",
     .subject = "",
     .key = "ec-leaf",
     .issuer = "ec-intermediate",
     .san = SHOP_SAN,
     .flags = TC_NO_SAN},
    {LEAF("name-65-characters"), .patch_tbs = name_65_characters},
    {LEAF("name-64-characters"), .patch_tbs = name_64_characters},
    {LEAF("name-empty-attribute"), .patch_tbs = name_empty_attribute},
    {LEAF("name-country-3"), .patch_tbs = name_country_3},
    {LEAF("name-country-utf8"), .patch_tbs = name_country_utf8},
    {LEAF("name-teletex"), .patch_tbs = name_teletex},
    {LEAF("name-printable"), .patch_tbs = name_printable},
    {LEAF("name-printable-all"), .patch_tbs = name_printable_all},
    {LEAF("name-nul"), .patch_tbs = name_nul},
    {LEAF("name-mail-utf8"), .patch_tbs = name_mail_utf8},
    {LEAF("name-mail-ia5"), .patch_tbs = name_mail_ia5},
    {LEAF("name-serial-utf8"), .patch_tbs = name_serial_utf8},
    {LEAF("name-serial-printable"), .patch_tbs = name_serial_printable},
    {LEAF("name-twice"), .patch_tbs = name_twice},
    {LEAF("name-two-sets"), .patch_tbs = name_two_sets},
    {LEAF("name-set-order"), .patch_tbs = name_set_order},
    {LEAF("name-set-ascending"), .patch_tbs = name_set_ascending},
    {LEAF("name-constructed"), .patch_tbs = name_constructed},
    {LEAF("name-oid-padded"), .patch_tbs = name_oid_padded},
    {LEAF("name-not-utf8"), .patch_tbs = name_not_utf8},
    /* subjectAltName, issuerAltName */
    {.name = "profile-san-not-critical",
     .subject = "",
     .key = "ec-leaf",
     .issuer = "ec-intermediate",
     .san = SHOP_SAN,
     .set = "2.5.29.17=3013821173686f702e61636d652e6578616d706c65"},
    {LEAF("san-critical"), .set = "2.5.29.17!=3013821173686f702e61636d652e6578616d706c65"},
    {LEAF("san-empty-mail"), .set = "2.5.29.17=3015821173686f702e61636d652e6578616d706c658100"},
    {LEAF("san-latin-1-mail"),
     .set = "2.5.29.17=3026821173686f702e61636d652e6578616d706c6581116afc72674061636d652e6578"
            "616d706c65"},
    {LEAF("san-relative-uri"),
     .set = "2.5.29.17=3028821173686f702e61636d652e6578616d706c6586132f2f61636d652e6578616d70"
            "6c652f73686f70"},
    {LEAF("san-mail-no-at"),
     .set = "2.5.29.17=3021821173686f702e61636d652e6578616d706c65810c61636d652e6578616d706c65"},
    {LEAF("san-kinds"),
     .set = "2.5.29.17=3074821173686f702e61636d652e6578616d706c65861f68747470733a2f2f73686f70"
            "2e61636d652e6578616d706c652f783f79237a861075726e3a6578616d706c653a73686f70811873"
            "686f702b6f72646572734061636d652e6578616d706c65811222612062224061636d652e6578616d"
            "706c65"},
    {LEAF("ian-empty"), .set = "2.5.29.18=3000"},
    {LEAF("ian-critical"), .set = "2.5.29.18!=30148612687474703a2f2f63612e6578616d706c652f"},
    {LEAF("ian"),
     .set = "2.5.29.18=30238612687474703a2f2f63612e6578616d706c652f810d63614063612e6578616d70"
            "6c65"},
    /* key identifiers */
    {LEAF("aki-none"), .set = "2.5.29.35=-"},
    {LEAF("aki-empty"), .set = "2.5.29.35=3000"},
    {LEAF("aki-critical"), .patch_tbs = aki_critical},
    {LEAF("aki-serial-only"), .patch_tbs = aki_serial},
    {LEAF("aki-pair"), .patch_tbs = aki_issuer_and_serial},
    {CA("ski-none-ca"), .set = "2.5.29.14=-"},
    {LEAF("ski-critical"), .patch_tbs = ski_critical},
    {LEAF("ski-empty"), .set = "2.5.29.14=0400"},
    {LEAF("ski-none"), .set = "2.5.29.14=-"},
    /* basic constraints, key usage, extended key usage */
    {CA("ca-not-critical"), .set = "2.5.29.19=30060101ff020100"},
    {LEAF("bc-not-critical"), .set = "2.5.29.19=3000"},
    {LEAF("path-len-leaf"), .set = "2.5.29.19!=3003020100"},
    {CA("usage-none-ca"), .set = "2.5.29.15=-"},
    {LEAF("usage-none"), .set = "2.5.29.15=-"},
    {LEAF("usage-not-critical"), .set = "2.5.29.15=03020780"},
    {LEAF("usage-empty"), .set = "2.5.29.15!=030100"},
    {LEAF("usage-encipherment-ec"), .set = "2.5.29.15!=030205a0"},
    {LEAF("usage-agreement-ec"), .set = "2.5.29.15!=03020388"},
    {RSA_LEAF("usage-agreement-rsa"), .set = "2.5.29.15!=030203a8"},
    {LEAF("usage-decipher-only"), .set = "2.5.29.15!=0303078080"},
    {LEAF("usage-agreement-decipher-only"), .set = "2.5.29.15!=0303078880"},
    {LEAF("usage-zero-bits"), .set = "2.5.29.15!=03020080"},
    {LEAF("purpose-twice"), .set = "2.5.29.37=301406082b0601050507030106082b06010505070301"},
    {LEAF("any-purpose-critical"), .set = "2.5.29.37!=301006082b060105050703010604551d2500"},
    {LEAF("purpose-critical"), .set = "2.5.29.37!=301406082b0601050507030106082b06010505070302"},
    /* name constraints */
    {LEAF("nc-leaf"), .set = "2.5.29.30!=3012a010300e820c61636d652e6578616d706c65"},
    {CA("nc-not-critical-ca"), .set = "2.5.29.30=3012a010300e820c61636d652e6578616d706c65"},
    {CA("nc-empty-ca"), .set = "2.5.29.30!=3000"},
    /* a leading dot: shop.acme.example has a label more, and so has none of the two others */
    {CA("nc-dot-ca"), .permitted = ".acme.example"},
    {CA("nc-dot-other-ca"), .permitted = ".shop.acme.example"},
    {CA("nc-dot-excluding-ca"), .excluded = ".acme.example"},
    /* with a second defect, by which the path fails first */
    {CA("nc-empty-no-sign"), .key_usage = "cRLSign", .set = "2.5.29.30!=3000"},
    {CA("nc-minimum-no-sign"), .key_usage = "cRLSign",
     .set = "2.5.29.30!=3015a0133011820c61636d652e6578616d706c65800101"},
    {CA("nc-minimum-ca"), .set = "2.5.29.30!=3015a0133011820c61636d652e6578616d706c65800101"},
    /* policies */
    {LEAF("policy-twice"), .set = "2.5.29.32=30143008060667810c0102013008060667810c010201"},
    {LEAF("policy-two"), .set = "2.5.29.32=30113008060667810c01020130050603883702"},
    {LEAF("policy-cps-utf8"),
     .set = "2.5.29.32=302d302b060667810c0102013021301f06082b060105050702010c13687474703a2f2f"
            "6370732e6578616d706c652f"},
    {LEAF("policy-cps-relative"),
     .set = "2.5.29.32=30293027060667810c010201301d301b06082b06010505070201160f6370732e657861"
            "6d706c652f637073"},
    {LEAF("policy-cps"),
     .set = "2.5.29.32=302d302b060667810c0102013021301f06082b060105050702011613687474703a2f2f"
            "6370732e6578616d706c652f"},
    {LEAF("notice-bmp"),
     .set = "2.5.29.32=302e302c060667810c0102013022302006082b0601050507020230141e120074006500"
            "7300740020006f006e006c0079"},
    {LEAF("notice-201"),
     .set = "2.5.29.32=3081ea3081e7060667810c0102013081dc3081d906082b060105050702023081cc0c81"
            "c96e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e"
            "6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e"
            "6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e"
            "6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e"
            "6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e"
            "6e6e"},
    {LEAF("notice-200"),
     .set = "2.5.29.32=308201b6308201b2060667810c010201308201a6308201a206082b0601050507020230"
            "8201940c820190c3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3"
            "bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3"
            "bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3"
            "bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3"
            "bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3"
            "bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3"
            "bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3"
            "bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3"
            "bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3"
            "bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3bcc3"
            "bcc3bcc3bcc3bc"},
    {LEAF("any-policy-qualifier"), .set = "2.5.29.32=301330110604551d20003009300706038837010500"},
    {LEAF("any-policy-cps"),
     .set = "2.5.29.32=302b30290604551d20003021301f06082b060105050702011613687474703a2f2f6370"
            "732e6578616d706c652f"},
    {CA("mappings-not-critical-ca"), .set = "2.5.29.32=30113008060667810c01020130050603883702 "
                                            "2.5.29.33=300c300a06038837020603883703"},
    {CA("mappings-ca"), .set = "2.5.29.32=30113008060667810c01020130050603883702 "
                               "2.5.29.33!=300c300a06038837020603883703"},
    {CA("pc-not-critical-ca"), .set = "2.5.29.36=3003810100"},
    {CA("inhibit-not-critical-ca"), .set = "2.5.29.54=020100"},
    {CA("pc-and-inhibit-ca"), .set = "2.5.29.36!=3003810100 "
                                     "2.5.29.54!=020100"},
    {LEAF("inhibit-leaf"), .set = "2.5.29.54!=020100"},
    /* pointers */
    {LEAF("aia-empty"), .set = "1.3.6.1.5.5.7.1.1=3000"},
    {LEAF("aia-critical"),
     .set = "1.3.6.1.5.5.7.1.1!=3056302006082b060105050730018614687474703a2f2f6f6373702e65786"
            "16d706c652f303206082b060105050730028626687474703a2f2f6169612e6578616d706c652f656"
            "32d696e7465726d6564696174652e637274"},
    {LEAF("aia-dns"),
     .set = "1.3.6.1.5.5.7.1.1=303b302006082b060105050730018614687474703a2f2f6f6373702e657861"
            "6d706c652f301706082b06010505073002820b6169612e6578616d706c65"},
    {LEAF("aia-method"),
     .set = "1.3.6.1.5.5.7.1.1=303e302006082b060105050730018614687474703a2f2f6f6373702e657861"
            "6d706c652f301a06038837018613687474703a2f2f6169612e6578616d706c652f"},
    {LEAF("aia-ldap"),
     .set = "1.3.6.1.5.5.7.1.1=305e302006082b060105050730018614687474703a2f2f6f6373702e657861"
            "6d706c652f303a06082b06010505073002862e6c6461703a2f2f6c6461702e6578616d706c652f63"
            "6e3d63613f634143657274696669636174653b62696e617279"},
    {LEAF("crl-empty"), .set = "2.5.29.31=3000"},
    {LEAF("crl-reasons"), .set = "2.5.29.31=3006300481020640"},
    {LEAF("crl-directory"),
     .set = "2.5.29.31=301a3018a016a014a4123010310e300c06035504030c0543524c2031"},
    {LEAF("crl-critical"),
     .set = "2.5.29.31!=3020301ea01ca01a8618687474703a2f2f63726c2e6578616d706c652f312e63726c"},
    {LEAF("crl-two"),
     .set = "2.5.29.31=30583032a030a02ea4123010310e300c06035504030c0543524c20318618687474703a"
            "2f2f63726c2e6578616d706c652f312e63726c3022a01ca01a8618687474703a2f2f63726c2e6578"
            "616d706c652f322e63726c81020640"},
    {LEAF("sia-critical"),
     .set = "1.3.6.1.5.5.7.1.11!=3022302006082b060105050730058614687474703a2f2f7265706f2e6578"
            "616d706c652f"},
    {LEAF("sia"),
     .set = "1.3.6.1.5.5.7.1.11=3022302006082b060105050730058614687474703a2f2f7265706f2e65786"
            "16d706c652f"},
    /* stapling and transparency */
    {LEAF("feature-empty"), .set = "1.3.6.1.5.5.7.1.24=3000"},
    {LEAF("staple-no-ocsp"),
     .set = "1.3.6.1.5.5.7.1.24=3003020105 "
            "1.3.6.1.5.5.7.1.1=3034303206082b060105050730028626687474703a2f2f6169612e6578616d"
            "706c652f65632d696e7465726d6564696174652e637274"},
    {LEAF("staple"), .set = "1.3.6.1.5.5.7.1.24=3003020105"},
    {LEAF("sct-cut"),
     .set = "1.3.6.1.4.1.11129.2.4.2=043b0039003800000102030405060708090a0b0c0d0e0f1011121314"
            "15161718191a1b1c1d1e1f0000019d0aa3cc000000040300083006020101020101"},
    {LEAF("sct"),
     .set = "1.3.6.1.4.1.11129.2.4.2=043b0039003700000102030405060708090a0b0c0d0e0f1011121314"
            "15161718191a1b1c1d1e1f0000019d0aa3cc000000040300083006020101020101"},
    {LEAF("poison"), .set = "1.3.6.1.4.1.11129.2.4.3!=0500"},
};

const size_t tc_num_profile_cert_rows =
    sizeof tc_profile_cert_rows / sizeof tc_profile_cert_rows[0];
