/* Certificates with SCTs, of OCSP responders, and for what else revocation is about. */
#include "certs.h"
#include "status.h"

#define CA_E1 "C=CN/O=certprep tests/CN=certprep Test CA E1"
#define RESPONDER "C=CN/O=certprep tests/CN=certprep Test OCSP Responder"
#define LEAF(row_name)                                                                             \
    .name = (row_name), .subject = "CN=shop.acme.example", .key = "ec-leaf",                       \
    .issuer = "ec-intermediate", .san = "DNS:shop.acme.example,DNS:www.acme.example"
#define RESPONDER_OF(row_name, row_issuer)                                                         \
    .name = (row_name), .subject = RESPONDER, .key = "ocsp-responder", .issuer = (row_issuer),     \
    .san = "DNS:ocsp.example"
/* id-kp-OCSPSigning; with and without id-pkix-ocsp-nocheck */
#define SIGNING "2.5.29.37=300a06082b06010505070309"
#define SIGNING_NOCHECK SIGNING " 1.3.6.1.5.5.7.48.1.5=0500"

#define A "ct-log-a@1774915200000" /* 2026-03-31T00:00:00Z, and a second later for each: */
#define A2 "ct-log-a2@1774915201000"
#define B "ct-log-b@1774915202000"
#define C "ct-log-c@1774915203000"
#define SCTS(name, list)                                                                           \
    static void name(struct tc_bytes *tbs) {                                                       \
        tc_put_scts(tbs, list);                                                                    \
    }
SCTS(two, A " " B)
SCTS(three, A " " B " " C)
SCTS(one_operator, A " " A2 " " A)
SCTS(spoiled, A " " B " " C " " A2 "!")
SCTS(unlisted, A " " B " " C " ct-log-unlisted@1774915204000")
SCTS(future, A " " B " " C " ct-log-a2@1780272001000")         /* 2026-06-01T00:00:01Z */
SCTS(now, A " " B " " C " ct-log-a2@1780272000999")            /* the same second as the clock */
SCTS(after_end, A " " B " " C " ct-log-retired@1776211200000") /* 2026-04-15T00:00:00Z */
SCTS(before_end, A " " C " ct-log-retired@1776211199000")      /* a second before it retired */

extern const struct tc_cert_row tc_status_cert_rows[];
extern const size_t tc_num_status_cert_rows;

const struct tc_cert_row tc_status_cert_rows[] = {
    /* 180 days, and a second more */
    {LEAF("sct-two-180"), .not_after = "20260928000000Z", .patch_tbs = two},
    {LEAF("sct-two-over-180"), .not_after = "20260928000001Z", .patch_tbs = two},
    {LEAF("sct-three"), .patch_tbs = three},
    {LEAF("sct-one-operator"), .patch_tbs = one_operator},
    {LEAF("sct-bad-signature"), .patch_tbs = spoiled},
    {LEAF("sct-unlisted-log"), .patch_tbs = unlisted},
    {LEAF("sct-future"), .patch_tbs = future},
    {LEAF("sct-now"), .patch_tbs = now},
    {LEAF("sct-after-retirement"), .patch_tbs = after_end},
    {LEAF("sct-before-retirement"), .patch_tbs = before_end},
    /* revocation */
    {LEAF("status-staple"), .set = "1.3.6.1.5.5.7.1.24=3003020105"},
    {.name = "status-ca-no-crl-sign",
     .subject = CA_E1,
     .key = "ec-intermediate",
     .issuer = "root-ec",
     .profile = TC_INTERMEDIATE,
     .key_usage = "keyCertSign"},
    /* Its responder is this machine, which is never asked unless that is allowed. */
    {.name = "status-loopback",
     .subject = "CN=shop.acme.example",
     .key = "ec-leaf",
     .issuer = "root-ec",
     .san = "DNS:shop.acme.example,DNS:www.acme.example",
     .set = "2.5.29.31=- 1.3.6.1.5.5.7.1.1="
            "301f301d06082b060105050730018611687474703a2f2f3132372e302e302e312f"},
    {RESPONDER_OF("status-responder", "ec-intermediate"), .set = SIGNING_NOCHECK},
    {RESPONDER_OF("status-responder-checked", "ec-intermediate"), .set = SIGNING},
    {RESPONDER_OF("status-responder-no-purpose", "ec-intermediate")},
    {RESPONDER_OF("status-responder-foreign", "private-intermediate"), .set = SIGNING_NOCHECK},
    {RESPONDER_OF("status-responder-expired", "ec-intermediate"), .set = SIGNING_NOCHECK,
     .not_after = "20260531235959Z"},
};
const size_t tc_num_status_cert_rows = sizeof tc_status_cert_rows / sizeof tc_status_cert_rows[0];
