/* Certificates of the area webpki: one defect each by the Baseline Requirements, else as a public
 * CA issues them. The values of extensions are DER, as certs.h says. */
#include "certs.h"

/* Public places of OCSP responder, issuer and CRL (example.com), and three SCTs of no log. */
#define AIA                                                                                        \
    "1.3.6.1.5.5.7.1.1="                                                                           \
    "3058302406082b060105050730018618687474703a2f2f6f6373702e6578616d706c652e636f6d2f303006082b06" \
    "0105050730028624687474703a2f2f6169612e6578616d706c652e636f6d2f776562706b692d63612e637274"
#define CRL                                                                                        \
    "2.5.29.31="                                                                                   \
    "302c302aa028a0268624687474703a2f2f63726c2e6578616d706c652e636f6d2f776562706b692d63612e63726c"
#define SCTS                                                                                       \
    "1.3.6.1.4.1.11129.2.4.2="                                                                     \
    "0481ad00ab00370001010101010101010101010101010101010101010101010101010101010101010000019d4130" \
    "a4000000040300083006020101020101003700020202020202020202020202020202020202020202020202020202" \
    "02020202020000019d4130a400000004030008300602010102010100370003030303030303030303030303030303" \
    "030303030303030303030303030303030000019d4130a4000000040300083006020101020101"
#define CA_AIA                                                                                     \
    "1.3.6.1.5.5.7.1.1="                                                                           \
    "3030302e06082b060105050730028622687474703a2f2f6169612e6578616d706c652e636f6d2f726f6f742d6563" \
    "2e637274"
#define CA_CRL                                                                                     \
    "2.5.29.31="                                                                                   \
    "302a3028a026a0248622687474703a2f2f63726c2e6578616d706c652e636f6d2f726f6f742d65632e63726c"
#define WEB_CA "C=CN/O=certprep tests/CN=certprep Test Web CA W1"
#define WEB_ROOT "C=CN/O=certprep tests/CN=certprep Test Web Root"

#define PUBLIC AIA " " CRL " " SCTS
#define SHOP_SAN "DNS:shop.example.com,DNS:www.example.com"

#define NAMED(row_name, row_subject, row_san)                                                      \
    .name = (row_name), .subject = (row_subject), .key = "ec-leaf", .issuer = "webpki-ca",         \
    .san = (row_san)
#define LEAF(row_name) NAMED(row_name, "CN=shop.example.com", SHOP_SAN)
#define CA(row_name, row_subject, row_key, row_issuer)                                             \
    .name = (row_name), .subject = (row_subject), .key = (row_key), .issuer = (row_issuer),        \
    .profile = TC_INTERMEDIATE
#define ROOT(row_name)                                                                             \
    .name = (row_name), .subject = WEB_ROOT, .key = "root-private", .profile = TC_ROOT

extern const struct tc_cert_row tc_webpki_cert_rows[];
extern const size_t tc_num_webpki_cert_rows;

const struct tc_cert_row tc_webpki_cert_rows[] = {
    {CA("webpki-ca", WEB_CA, "ec-intermediate", "root-ec"), .set = CA_AIA " " CA_CRL},
    {CA("webpki-ca-under-other-root", WEB_CA, "ec-intermediate", "webpki-root"),
     .set = CA_AIA " " CA_CRL},
    {LEAF("webpki-good"), .set = PUBLIC},
    {LEAF("webpki-validity-398-days"), .not_before = "20250601000000Z",
     .not_after = "20260703235959Z", .set = PUBLIC},
    {LEAF("webpki-validity-398-days-and-a-second"), .not_before = "20250601000000Z",
     .not_after = "20260704000000Z", .set = PUBLIC},
    {LEAF("webpki-validity-200-days"), .not_before = "20260401000000Z",
     .not_after = "20261017235959Z", .set = PUBLIC},
    {LEAF("webpki-validity-200-days-and-a-second"), .not_before = "20260401000000Z",
     .not_after = "20261018000000Z", .set = PUBLIC},
    {LEAF("webpki-serial-8-octets"), .serial = "0102030405060708", .set = PUBLIC},
    {LEAF("webpki-serial-7-octets"), .serial = "01020304050607", .set = PUBLIC},
    {LEAF("webpki-sct-two-for-180-days"), .not_after = "20260927235959Z",
     .set = AIA " " CRL " 1.3.6.1.4.1.11129.2.4.2="
                "0474007200370001010101010101010101010101010101010101010101010101010101010101010000"
                "019d4130a4000000040300083006020101020101003700020202020202020202020202020202020202"
                "02020202020202020202020202020000019d4130a4000000040300083006020101020101"},
    {LEAF("webpki-sct-two-for-181-days"), .not_after = "20260928000000Z",
     .set = AIA " " CRL " 1.3.6.1.4.1.11129.2.4.2="
                "0474007200370001010101010101010101010101010101010101010101010101010101010101010000"
                "019d4130a4000000040300083006020101020101003700020202020202020202020202020202020202"
                "02020202020202020202020202020000019d4130a4000000040300083006020101020101"},
    {LEAF("webpki-eku-missing"), .set = PUBLIC " 2.5.29.37=-"},
    {LEAF("webpki-eku-any"), .set = PUBLIC " 2.5.29.37=301006082b060105050703010604551d2500"},
    {LEAF("webpki-eku-critical"), .set = PUBLIC " 2.5.29.37!=300a06082b06010505070301"},
    {LEAF("webpki-eku-server-and-client"),
     .set = PUBLIC " 2.5.29.37=301406082b0601050507030106082b06010505070302"},
    {LEAF("webpki-eku-code-signing"),
     .set = PUBLIC " 2.5.29.37=301406082b0601050507030106082b06010505070303"},
    {LEAF("webpki-eku-kdc"), .set = PUBLIC " 2.5.29.37=301306082b0601050507030106072b060105020305"},
    {LEAF("webpki-eku-client-before-june-15"), .not_before = "20260614235959Z",
     .not_after = "20261201000000Z",
     .set = PUBLIC " 2.5.29.37=301406082b0601050507030106082b06010505070302"},
    {LEAF("webpki-eku-client-since-june-15"), .not_before = "20260615000000Z",
     .not_after = "20261201000000Z",
     .set = PUBLIC " 2.5.29.37=301406082b0601050507030106082b06010505070302"},
    {ROOT("webpki-root")},
    {ROOT("webpki-root-eku"), .set = "2.5.29.37=300a06082b06010505070301"},
    {CA("webpki-ca-eku-missing-before-2023-09-15", WEB_CA, "ec-intermediate", "root-ec"),
     .not_before = "20230914235959Z", .set = CA_AIA " " CA_CRL " 2.5.29.37=-"},
    {CA("webpki-ca-eku-missing", WEB_CA, "ec-intermediate", "root-ec"),
     .set = CA_AIA " " CA_CRL " 2.5.29.37=-"},
    {CA("webpki-ca-eku-any-alone", WEB_CA, "ec-intermediate", "root-ec"),
     .set = CA_AIA " " CA_CRL " 2.5.29.37=30060604551d2500"},
    {CA("webpki-ca-eku-any", WEB_CA, "ec-intermediate", "root-ec"),
     .set = CA_AIA " " CA_CRL " 2.5.29.37=301006082b060105050703010604551d2500"},
    {CA("webpki-ca-eku-server-and-client", WEB_CA, "ec-intermediate", "root-ec"),
     .set = CA_AIA " " CA_CRL " 2.5.29.37=301406082b0601050507030106082b06010505070302"},
    {CA("webpki-ca-eku-mail", WEB_CA, "ec-intermediate", "root-ec"),
     .set = CA_AIA " " CA_CRL " 2.5.29.37=301406082b0601050507030106082b06010505070304"},
    {LEAF("webpki-ku-missing"), .set = PUBLIC " 2.5.29.15=-"},
    {LEAF("webpki-ku-not-critical"), .set = PUBLIC " 2.5.29.15=03020780"},
    {LEAF("webpki-ku-non-repudiation"), .set = PUBLIC " 2.5.29.15!=030206c0"},
    {LEAF("webpki-ku-key-agreement"), .set = PUBLIC " 2.5.29.15!=03020388"},
    {CA("webpki-ca-ku-digital-signature", WEB_CA, "ec-intermediate", "root-ec"),
     .set = CA_AIA " " CA_CRL " 2.5.29.15!=03020186"},
    {CA("webpki-ca-ku-non-repudiation", WEB_CA, "ec-intermediate", "root-ec"),
     .set = CA_AIA " " CA_CRL " 2.5.29.15!=03020146"},
    {CA("webpki-ca-ku-no-crl-sign", WEB_CA, "ec-intermediate", "root-ec"),
     .set = CA_AIA " " CA_CRL " 2.5.29.15!=03020204"},
    {NAMED("webpki-cn-ipv6", "CN=2606:4700:4700::1111",
           "DNS:shop.example.com,IP:2606:4700:4700::1111"),
     .set = PUBLIC},
    {NAMED("webpki-cn-other-case", "CN=Shop.example.com", SHOP_SAN), .set = PUBLIC},
    {NAMED("webpki-cn-ipv6-long", "CN=2606:4700:4700:0:0:0:0:1111",
           "DNS:shop.example.com,IP:2606:4700:4700::1111"),
     .set = PUBLIC},
    {NAMED("webpki-cn-two", "CN=shop.example.com/CN=www.example.com", SHOP_SAN), .set = PUBLIC},
    {NAMED("webpki-cn-a-label", "CN=xn--bcher-kva.example.com",
           "DNS:shop.example.com,DNS:xn--bcher-kva.example.com"),
     .set = PUBLIC},
    {NAMED("webpki-cn-unicode", "CN=b\u00fccher.example.com",
           "DNS:shop.example.com,DNS:xn--bcher-kva.example.com"),
     .set = PUBLIC},
    {NAMED("webpki-cn-wildcard", "CN=*.example.com", "DNS:*.example.com"), .set = PUBLIC},
    {NAMED("webpki-cn-of-wildcard", "CN=example.com", "DNS:*.example.com"), .set = PUBLIC},
    {NAMED("webpki-san-critical-empty-subject", "", SHOP_SAN), .set = PUBLIC},
    {LEAF("webpki-san-critical"),
     .set = PUBLIC " 2.5.29.17!=3012821073686f702e6578616d706c652e636f6d"},
    {NAMED("webpki-san-wildcard-and-apex", "CN=example.com", "DNS:example.com,DNS:*.example.com"),
     .set = PUBLIC},
    {NAMED("webpki-san-duplicate", "CN=shop.example.com",
           "DNS:shop.example.com,DNS:www.example.com,DNS:SHOP.example.com"),
     .set = PUBLIC},
    {LEAF("webpki-san-mail"),
     .set = PUBLIC
     " 2.5.29.17=3024821073686f702e6578616d706c652e636f6d811073686f70406578616d706c652e636f6d"},
    {NAMED("webpki-san-public-ip", "CN=shop.example.com",
           "DNS:shop.example.com,IP:172.32.0.1,IP:2606:4700:4700::1111"),
     .set = PUBLIC},
    {NAMED("webpki-san-private-ip", "CN=shop.example.com",
           "DNS:shop.example.com,IP:172.31.255.255"),
     .set = PUBLIC},
    {NAMED("webpki-san-one-label", "CN=shop.example.com", "DNS:shop.example.com,DNS:mail"),
     .set = PUBLIC},
    {NAMED("webpki-san-test-example-com", "CN=shop.example.com",
           "DNS:shop.example.com,DNS:test.example.com"),
     .set = PUBLIC},
    {NAMED("webpki-san-test", "CN=shop.example.com", "DNS:shop.example.com,DNS:shop.test"),
     .set = PUBLIC},
    {NAMED("webpki-san-idn-tld", "CN=shop.example.com", "DNS:shop.example.com,DNS:shop.xn--p1ai"),
     .set = PUBLIC},
    {NAMED("webpki-san-corp", "CN=shop.example.com", "DNS:shop.example.com,DNS:shop.corp"),
     .set = PUBLIC},
    {NAMED("webpki-san-private-suffix", "CN=shop.example.com",
           "DNS:shop.example.com,DNS:github.io"),
     .set = PUBLIC},
    {NAMED("webpki-san-private-wildcard", "CN=shop.example.com",
           "DNS:shop.example.com,DNS:*.github.io"),
     .set = PUBLIC},
    {NAMED("webpki-san-suffix", "CN=shop.example.com", "DNS:shop.example.com,DNS:co.uk"),
     .set = PUBLIC},
    {NAMED("webpki-san-reverse-zone-before-2026-03-15", "CN=shop.example.com",
           "DNS:shop.example.com,DNS:1.0.32.172.in-addr.arpa"),
     .not_before = "20260314235959Z", .not_after = "20260930000000Z", .set = PUBLIC},
    {NAMED("webpki-san-reverse-zone", "CN=shop.example.com",
           "DNS:shop.example.com,DNS:1.0.32.172.in-addr.arpa"),
     .set = PUBLIC},
    {NAMED("webpki-san-onion-3", "CN=shop.example.com",
           "DNS:shop.example.com,DNS:www.abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwx."
           "onion"),
     .set = PUBLIC},
    {NAMED("webpki-san-onion-2", "CN=shop.example.com",
           "DNS:shop.example.com,DNS:abcdefghij234567.onion"),
     .set = PUBLIC},
    {NAMED("webpki-san-a-label-broken", "CN=shop.example.com",
           "DNS:shop.example.com,DNS:xn--zz.example.com"),
     .set = PUBLIC},
    {NAMED("webpki-san-emoji", "CN=shop.example.com",
           "DNS:shop.example.com,DNS:xn--628h.example.com"),
     .set = PUBLIC},
    {NAMED("webpki-san-double-hyphen", "CN=shop.example.com",
           "DNS:shop.example.com,DNS:a--b.example.com,DNS:abc--d.example.com"),
     .set = PUBLIC},
    {NAMED("webpki-san-reserved-label", "CN=shop.example.com",
           "DNS:shop.example.com,DNS:ab--c.example.com"),
     .set = PUBLIC},
    {NAMED("webpki-dv-country", "C=CN/CN=shop.example.com", SHOP_SAN), .set = PUBLIC},
    {NAMED("webpki-dv-organization", "O=Acme/CN=shop.example.com", SHOP_SAN), .set = PUBLIC},
    {NAMED("webpki-ov", "C=CN/2.5.4.8=Zhejiang/2.5.4.7=Hangzhou/O=Acme/CN=shop.example.com",
           SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010202"},
    {NAMED("webpki-ov-no-organization", "C=CN/2.5.4.7=Hangzhou/CN=shop.example.com", SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010202"},
    {NAMED("webpki-ov-no-country", "2.5.4.7=Hangzhou/O=Acme/CN=shop.example.com", SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010202"},
    {NAMED("webpki-ov-no-state", "C=CN/2.5.4.7=Hangzhou/O=Acme/CN=shop.example.com", SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010202"},
    {NAMED("webpki-ov-no-place", "C=CN/O=Acme/CN=shop.example.com", SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010202"},
    {NAMED("webpki-iv", "C=CN/2.5.4.7=Hangzhou/2.5.4.4=Li/2.5.4.42=Lei/CN=shop.example.com",
           SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010203"},
    {NAMED("webpki-iv-no-given-name", "C=CN/2.5.4.7=Hangzhou/2.5.4.4=Li/CN=shop.example.com",
           SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010203"},
    {NAMED("webpki-ev",
           "C=CN/2.5.4.7=Hangzhou/O=Acme/CN=shop.example.com/2.5.4.5=9133/2.5.4.15=Private "
           "Organization/1.3.6.1.4.1.311.60.2.1.3=CN",
           SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=30093007060567810c0101"},
    {NAMED("webpki-ev-no-serial-number",
           "C=CN/2.5.4.7=Hangzhou/O=Acme/CN=shop.example.com/2.5.4.15=Private "
           "Organization/1.3.6.1.4.1.311.60.2.1.3=CN",
           SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=30093007060567810c0101"},
    {NAMED("webpki-subject-unit", "C=CN/2.5.4.7=Hangzhou/O=Acme/2.5.4.11=Shop/CN=shop.example.com",
           SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010202"},
    {NAMED("webpki-subject-one-letter",
           "C=CN/2.5.4.8=-A/2.5.4.7=Hangzhou/O=Acme/CN=shop.example.com", SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010202"},
    {NAMED("webpki-subject-dash", "C=CN/2.5.4.8=-/2.5.4.7=Hangzhou/O=Acme/CN=shop.example.com",
           SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010202"},
    {NAMED("webpki-subject-mail",
           "C=CN/2.5.4.8=Zhejiang/2.5.4.7=Hangzhou/O=Acme/CN=shop.example.com/"
           "1.2.840.113549.1.9.1=shop@example.com",
           SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010202"},
    {NAMED("webpki-subject-two-streets",
           "C=CN/2.5.4.7=Hangzhou/2.5.4.9=West Gate/2.5.4.9=Lake Road 1/O=Acme/CN=shop.example.com",
           SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010202"},
    {NAMED("webpki-subject-two-localities",
           "C=CN/2.5.4.7=Hangzhou/2.5.4.7=Ningbo/O=Acme/CN=shop.example.com", SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010202"},
    {NAMED("webpki-subject-multi-valued", "C=CN/+2.5.4.7=Hangzhou/O=Acme/CN=shop.example.com",
           SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010202"},
    {NAMED("webpki-subject-order", "O=Acme/2.5.4.7=Hangzhou/C=CN/CN=shop.example.com", SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=300a3008060667810c010202"},
    {CA("webpki-ca-no-organization", "C=CN/CN=certprep Test Web CA W2", "ec-intermediate",
        "root-ec"),
     .set = CA_AIA " " CA_CRL},
    {.name = "webpki-ca-subject",
     .subject = "CN=shop.example.com",
     .key = "ec-leaf",
     .issuer = "webpki-ca-no-organization",
     .san = SHOP_SAN,
     .set = PUBLIC},
    {LEAF("webpki-policies-missing"), .set = PUBLIC " 2.5.29.32=-"},
    {LEAF("webpki-policy-own-and-dv"),
     .set = PUBLIC " 2.5.29.32=30173008060667810c010201300b06092b0601040183b20301"},
    {LEAF("webpki-policy-own"), .set = PUBLIC " 2.5.29.32=300d300b06092b0601040183b20301"},
    {NAMED("webpki-policy-ov-and-iv",
           "C=CN/2.5.4.8=Zhejiang/2.5.4.7=Hangzhou/O=Acme/CN=shop.example.com", SHOP_SAN),
     .set = PUBLIC " 2.5.29.32=30143008060667810c0102023008060667810c010203"},
    {LEAF("webpki-policy-any"),
     .set = PUBLIC " 2.5.29.32=30123008060667810c01020130060604551d2000"},
    {LEAF("webpki-policy-cps-https"),
     .set = PUBLIC " 2.5.29.32="
                   "30323030060667810c0102013026302406082b06010505070201161868747470733a2f2f6370732"
                   "e6578616d706c652e636f6d2f"},
    {LEAF("webpki-policy-notice"),
     .set = PUBLIC
     " 2.5.29.32="
     "30273025060667810c010201301b301906082b06010505070202300d0c0b7365652074686520435053"},
    {LEAF("webpki-policy-cps-ftp"),
     .set = PUBLIC " 2.5.29.32="
                   "3030302e060667810c0102013024302206082b0601050507020116166674703a2f2f6370732e657"
                   "8616d706c652e636f6d2f"},
    {LEAF("webpki-policy-critical"), .set = PUBLIC " 2.5.29.32!=300a3008060667810c010201"},
    {CA("webpki-ca-policies-missing", WEB_CA, "ec-intermediate", "root-ec"),
     .set = CA_AIA " " CA_CRL " 2.5.29.32=-"},
    {LEAF("webpki-aia-missing"), .set = "1.3.6.1.5.5.7.1.1=-"
                                        " " CRL " " SCTS},
    {LEAF("webpki-aia-issuer-only"), .set = "1.3.6.1.5.5.7.1.1="
                                            "3032303006082b060105050730028624687474703a2f2f6169612e"
                                            "6578616d706c652e636f6d2f776562706b692d63612e637274"
                                            " " CRL " " SCTS},
    {LEAF("webpki-aia-ocsp-only"),
     .set = "1.3.6.1.5.5.7.1.1="
            "3026302406082b060105050730018618687474703a2f2f6f6373702e6578616d706c652e636f6d2f"
            " " CRL " " SCTS},
    {LEAF("webpki-aia-method"), .set =
                                    "1.3.6.1.5.5.7.1.1="
                                    "3058303006082b060105050730028624687474703a2f2f6169612e6578616d"
                                    "706c652e636f6d2f776562706b692d63612e637274302406082b0601050507"
                                    "30038618687474703a2f2f6f6373702e6578616d706c652e636f6d2f"
                                    " " CRL " " SCTS},
    {LEAF("webpki-aia-dns"),
     .set = "1.3.6.1.5.5.7.1.1="
            "3050303006082b060105050730028624687474703a2f2f6169612e6578616d706c652e636f6d2f77656270"
            "6b692d63612e637274301c06082b0601050507300182106f6373702e6578616d706c652e636f6d"
            " " CRL " " SCTS},
    {LEAF("webpki-aia-https"), .set =
                                   "1.3.6.1.5.5.7.1.1="
                                   "3059303106082b06010505073002862568747470733a2f2f6169612e6578616"
                                   "d706c652e636f6d2f776562706b692d63612e637274302406082b0601050507"
                                   "30018618687474703a2f2f6f6373702e6578616d706c652e636f6d2f"
                                   " " CRL " " SCTS},
    {LEAF("webpki-aia-public-ip"),
     .set = "1.3.6.1.5.5.7.1.1="
            "305c302b06082b06010505073002861f687474703a2f2f3137322e33322e302e312f776562706b692d6361"
            "2e637274302d06082b060105050730018621687474703a2f2f5b323630363a343730303a343730303a3a31"
            "3131315d3a38302f"
            " " CRL " " SCTS},
    {LEAF("webpki-aia-private-ip"),
     .set = "1.3.6.1.5.5.7.1.1="
            "3058303006082b060105050730028624687474703a2f2f3137322e31362e302e313a383038302f77656270"
            "6b692d63612e637274302406082b060105050730018618687474703a2f2f6f6373702e6578616d706c652e"
            "636f6d2f"
            " " CRL " " SCTS},
    {LEAF("webpki-crl-missing-7-days"), .not_before = "20260530000000Z",
     .not_after = "20260605235959Z",
     .set = "1.3.6.1.5.5.7.1.1="
            "3032303006082b060105050730028624687474703a2f2f6169612e6578616d706c652e636f6d2f77656270"
            "6b692d63612e637274"
            " 2.5.29.31=-"
            " 1.3.6.1.4.1.11129.2.4.2="
            "0474007200370001010101010101010101010101010101010101010101010101010101010101010000019d"
            "4130a400000004030008300602010102010100370002020202020202020202020202020202020202020202"
            "020202020202020202020000019d4130a4000000040300083006020101020101"},
    {LEAF("webpki-crl-missing-7-days-and-a-second"), .not_before = "20260530000000Z",
     .not_after = "20260606000000Z",
     .set = "1.3.6.1.5.5.7.1.1="
            "3032303006082b060105050730028624687474703a2f2f6169612e6578616d706c652e636f6d2f77656270"
            "6b692d63612e637274"
            " 2.5.29.31=-"
            " 1.3.6.1.4.1.11129.2.4.2="
            "0474007200370001010101010101010101010101010101010101010101010101010101010101010000019d"
            "4130a400000004030008300602010102010100370002020202020202020202020202020202020202020202"
            "020202020202020202020000019d4130a4000000040300083006020101020101"},
    {LEAF("webpki-crl-ldap"),
     .set = AIA " 2.5.29.31="
                "30453043a041a03f863d6c6461703a2f2f63726c2e6578616d706c652e636f6d2f636e3d776562706b"
                "692d63613f63657274696669636174655265766f636174696f6e4c697374"
                " " SCTS},
    {LEAF("webpki-crl-local"),
     .set = AIA
     " 2.5.29.31=30263024a022a020861e687474703a2f2f63726c2e6c6f63616c2f776562706b692d63612e63726c"
     " " SCTS},
    {LEAF("webpki-crl-reasons"), .set = AIA " 2.5.29.31="
                                            "3030302ea028a0268624687474703a2f2f63726c2e6578616d706c"
                                            "652e636f6d2f776562706b692d63612e63726c81020560"
                                            " " SCTS},
    {LEAF("webpki-crl-critical"),
     .set = AIA
     " 2.5.29.31!="
     "302c302aa028a0268624687474703a2f2f63726c2e6578616d706c652e636f6d2f776562706b692d63612e63726c"
     " " SCTS},
    {CA("webpki-ca-crl-missing", WEB_CA, "ec-intermediate", "root-ec"),
     .set = CA_AIA " 2.5.29.31=-"},
    {ROOT("webpki-root-aki-empty"), .set = "2.5.29.35=3000"},
    {ROOT("webpki-root-aki"), .set = "2.5.29.35=3016801418c4abc4bb443c02ba6ba7e5a073daf780b19b73"},
    {ROOT("webpki-root-aki-other"),
     .set = "2.5.29.35=30168014000102030405060708090a0b0c0d0e0f10111213"},
    {LEAF("webpki-aki-issuer-and-serial"),
     .set = PUBLIC " 2.5.29.35="
                   "306780144152f65e0a0ca0b32ad88b358d6230dfa5bbcffda14aa4483046310b300906035504061"
                   "302434e31173015060355040a0c0e6365727470726570207465737473311e301c06035504030c15"
                   "6365727470726570205465737420526f6f742058318203010203"},
    {ROOT("webpki-root-path-length"), .set = "2.5.29.19!=30060101ff020101"},
    {ROOT("webpki-root-8-years"), .not_before = "20240101000000Z", .not_after = "20311231235959Z"},
    {ROOT("webpki-root-less-than-8-years"), .not_before = "20240101000000Z",
     .not_after = "20311231235958Z"},
    {.name = "webpki-rsa-2056",
     .subject = "CN=shop.example.com",
     .key = "rsa-leaf-2056",
     .issuer = "webpki-ca",
     .san = SHOP_SAN,
     .set = PUBLIC},
    {.name = "webpki-rsa-2052",
     .subject = "CN=shop.example.com",
     .key = "rsa-leaf-2052",
     .issuer = "webpki-ca",
     .san = SHOP_SAN,
     .set = PUBLIC},
    {CA("webpki-ca-ed25519", "C=CN/O=certprep tests/CN=certprep Test Web CA W3", "ed25519-foreign",
        "root-ec"),
     .set = CA_AIA " " CA_CRL},
    {.name = "webpki-signature-ed25519",
     .subject = "CN=shop.example.com",
     .key = "ec-leaf",
     .issuer = "webpki-ca-ed25519",
     .san = SHOP_SAN,
     .set = PUBLIC},
    {LEAF("webpki-signature-p256-sha384"), .digest = "SHA384", .set = PUBLIC},
};
const size_t tc_num_webpki_cert_rows = sizeof tc_webpki_cert_rows / sizeof tc_webpki_cert_rows[0];
