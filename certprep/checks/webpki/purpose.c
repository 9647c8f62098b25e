/* Key purposes and key usages: BR 7.1.2.1.2, 7.1.2.7.10, 7.1.2.7.11, 7.1.2.10.6, 7.1.2.10.7. */
#include "webpki.h"

#include <stdio.h>

static bool has_eku(const struct cp_webpki *w) {
    return cp_cert_has(w->cert, CP_EXT_EXTENDED_KEY_USAGE);
}

bool cp_webpki_eku_missing(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return !has_eku(w);
}

bool cp_webpki_eku_any(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return (w->purposes & CP_WEBPKI_EKU_ANY) != 0;
}

bool cp_webpki_eku_critical(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return cp_cert_is_critical(w->cert, CP_EXT_EXTENDED_KEY_USAGE);
}

/* The first of the purposes by name. */
static void name_purpose(char detail[CP_WEBPKI_DETAIL], uint32_t purposes) {
    static const char *const names[] = {
        "serverAuth",
        "clientAuth",
        "codeSigning",
        "emailProtection",
        "timeStamping",
        "OCSPSigning",
        "precertificate signing",
        "anyExtendedKeyUsage",
        "one that is not known",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if ((purposes >> i & 1) != 0) {
            snprintf(detail, CP_WEBPKI_DETAIL, "%s", names[i]);
            return;
        }
}

bool cp_webpki_eku_forbidden(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    uint32_t wrong = w->purposes & (CP_WEBPKI_EKU_CODE | CP_WEBPKI_EKU_EMAIL | CP_WEBPKI_EKU_TIME |
                                    CP_WEBPKI_EKU_OCSP | CP_WEBPKI_EKU_PRECERT);
    name_purpose(detail, wrong);
    return wrong != 0;
}

bool cp_webpki_eku_other(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return (w->purposes & CP_WEBPKI_EKU_OTHER) != 0;
}

bool cp_webpki_eku_client(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return (w->purposes & CP_WEBPKI_EKU_CLIENT) != 0;
}

bool cp_webpki_eku_root(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return has_eku(w);
}

bool cp_webpki_ca_eku_missing(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return !has_eku(w);
}

/* Alone it stands in cross-certificates without restriction, BR 7.1.2.2.4. */
bool cp_webpki_ca_eku_any(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return (w->purposes & CP_WEBPKI_EKU_ANY) != 0 && w->purposes != CP_WEBPKI_EKU_ANY;
}

bool cp_webpki_ca_eku_mixed(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    uint32_t wrong = w->purposes & (CP_WEBPKI_EKU_CODE | CP_WEBPKI_EKU_EMAIL | CP_WEBPKI_EKU_TIME |
                                    CP_WEBPKI_EKU_OCSP | CP_WEBPKI_EKU_PRECERT);
    name_purpose(detail, wrong);
    return (w->purposes & CP_WEBPKI_EKU_SERVER) != 0 && wrong != 0;
}

static bool has_key_usage(const struct cp_webpki *w) {
    return cp_cert_has(w->cert, CP_EXT_KEY_USAGE);
}

bool cp_webpki_ku_missing(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return !has_key_usage(w);
}

bool cp_webpki_ku_not_critical(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return has_key_usage(w) && !cp_cert_is_critical(w->cert, CP_EXT_KEY_USAGE);
}

static void name_usage(char detail[CP_WEBPKI_DETAIL], uint32_t usages) {
    static const char *const names[] = {
        "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
        "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if ((usages >> i & 1) != 0) {
            snprintf(detail, CP_WEBPKI_DETAIL, "%s", names[i]);
            return;
        }
}

/* What the type of the key forbids is CP0558's. */
bool cp_webpki_ku_forbidden(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    uint32_t wrong =
        w->cert->key_usage & (CP_KU_NON_REPUDIATION | CP_KU_KEY_CERT_SIGN | CP_KU_CRL_SIGN);
    name_usage(detail, wrong);
    return wrong != 0;
}

bool cp_webpki_ku_unwise(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    enum cp_key_kind kind = cp_key_algorithm_get(w->cert->key_type)->kind;
    uint32_t unwise = kind == CP_KIND_EC    ? CP_KU_KEY_AGREEMENT
                      : kind == CP_KIND_RSA ? CP_KU_DATA_ENCIPHERMENT
                                            : 0;
    name_usage(detail, w->cert->key_usage & unwise);
    return (w->cert->key_usage & unwise) != 0;
}

bool cp_webpki_ca_ku(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    uint32_t wrong = w->cert->key_usage &
                     ~(uint32_t)(CP_KU_KEY_CERT_SIGN | CP_KU_CRL_SIGN | CP_KU_DIGITAL_SIGNATURE);
    name_usage(detail, wrong);
    return wrong != 0;
}

bool cp_webpki_ca_crl_sign(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return has_key_usage(w) && (w->cert->key_usage & CP_KU_CRL_SIGN) == 0;
}
