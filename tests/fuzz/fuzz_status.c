/* Revocation lists, OCSP responses, SCT lists and lists of logs: each input is tried as all of
 * them. What our readers take OpenSSL's must take, too; what they refuse has a reason that can be
 * shown; and a certificate judged by anything not signed is never "good". */
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include "access.h"
#include "ct/log_list.h"
#include "fuzz.h"
#include "revocation/judge.h"

static void check_error(enum cp_status status, const struct cp_error *err, struct cp_span der) {
    FUZZ_ASSERT(status == CP_ERR_PARSE && err->status == status && err->offset <= der.len);
    fuzz_is_shown_safely(err->message, strlen(err->message), false);
}

/* A list's own entries are found in it, and where they stand. */
static void check_entries(const struct cp_crl *crl, struct cp_span der) {
    struct cp_der_reader in, entry;
    struct cp_span serial;
    struct cp_crl_entry found;
    size_t num = 0;
    cp_der_reader_init(&in, crl->entries);
    for (; !cp_der_at_end(&in); num++) {
        FUZZ_ASSERT(cp_der_enter(&in, &entry, CP_DER_SEQUENCE, "", NULL) == CP_OK);
        FUZZ_ASSERT(cp_der_integer(&entry, &serial, "", NULL) == CP_OK);
        if (num < 64) { /* each costs a walk */
            FUZZ_ASSERT(cp_crl_find(crl, serial, &found));
            FUZZ_ASSERT(cp_span_equal(found.serial, serial));
            FUZZ_ASSERT(fuzz_is_inside(found.serial, der));
            FUZZ_ASSERT(cp_crl_reason_name(found.reason) != NULL);
        }
    }
    FUZZ_ASSERT(num == crl->num_entries);
}

static void try_crl(struct cp_span der, const struct cp_cert *cert) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_crl crl;
    const unsigned char *next = der.data;
    enum cp_status status = cp_crl_parse(&crl, der, &err);
    if (status != CP_OK) {
        check_error(status, &err, der);
        return;
    }
    FUZZ_ASSERT(fuzz_is_inside(crl.signed_by.tbs, der) && fuzz_is_inside(crl.entries, der));
    FUZZ_ASSERT(fuzz_is_inside(crl.issuer, der) && fuzz_is_inside(crl.point_names, der));
    check_entries(&crl, der);
    (void)cp_crl_covers(&crl, cert);
    X509_CRL *other = d2i_X509_CRL(NULL, &next, (long)der.len);
    FUZZ_ASSERT(other != NULL);
    X509_CRL_free(other);
}

static void try_ocsp(struct cp_span der, const struct cp_cert *cert) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_ocsp ocsp;
    struct cp_ocsp_single single;
    const unsigned char *next = der.data;
    enum cp_status status = cp_ocsp_parse(&ocsp, der, &err);
    if (status != CP_OK) {
        check_error(status, &err, der);
        return;
    }
    FUZZ_ASSERT(cp_ocsp_status_name(ocsp.status) != NULL);
    struct cp_span rest = ocsp.responses;
    int num = 0;
    for (; cp_ocsp_next(&rest, &single); num++) {
        FUZZ_ASSERT(fuzz_is_inside(single.serial, der) && fuzz_is_inside(single.key_hash, der));
        (void)cp_ocsp_matches(&single, cert, cert);
    }
    FUZZ_ASSERT(rest.len == 0);
    OCSP_RESPONSE *other = d2i_OCSP_RESPONSE(NULL, &next, (long)der.len);
    FUZZ_ASSERT(other != NULL);
    if (ocsp.status == CP_OCSP_SUCCESSFUL) {
        OCSP_BASICRESP *basic = OCSP_response_get1_basic(other);
        /* The certificates in it are read by us only when they are the responder's. */
        FUZZ_ASSERT(basic != NULL ? OCSP_resp_count(basic) == num : ocsp.num_certs != 0);
        OCSP_BASICRESP_free(basic);
    }
    OCSP_RESPONSE_free(other);
    for (size_t i = 0; i < ocsp.num_certs; i++) {
        struct cp_cert responder;
        if (cp_cert_parse(&responder, ocsp.certs[i], NULL) == CP_OK) {
            (void)cp_ocsp_may_sign(&responder);
            (void)cp_ocsp_is_nocheck(&responder);
            (void)cp_ocsp_is_responder(&ocsp, &responder);
        }
    }
}

static void try_scts(struct cp_span der) {
    struct cp_sct scts[CP_MAX_SCTS];
    struct cp_error err = {CP_OK, 0, 0, ""};
    size_t num = 0;
    enum cp_status status = cp_sct_list_read(scts, &num, der, &err);
    FUZZ_ASSERT(status == CP_OK || status == CP_ERR_PARSE || status == CP_ERR_LIMIT);
    if (status != CP_OK)
        fuzz_is_shown_safely(err.message, strlen(err.message), false);
    for (size_t i = 0; i < num; i++)
        FUZZ_ASSERT(fuzz_is_inside(scts[i].signature, der) && fuzz_is_inside(scts[i].log_id, der) &&
                    fuzz_is_inside(scts[i].extensions, der));
}

/* Certificates: pointers, and the precertificate, which OpenSSL can read as long as there is one.
 */
static void try_cert(struct cp_span der, struct cp_cert *cert) {
    struct cp_span uris[4];
    struct cp_buf tbs;
    uint8_t request[CP_OCSP_REQUEST_MAX];
    size_t len = 0;
    if (cp_cert_parse(cert, der, NULL) != CP_OK) {
        *cert = (struct cp_cert){.version = 0};
        return;
    }
    for (size_t i = cp_cert_crl_uris(uris, 4, cert); i > 0; i--)
        FUZZ_ASSERT(fuzz_is_inside(uris[i - 1], der));
    for (size_t i = cp_access_uris(uris, 4, cert, CP_ACCESS_OCSP); i > 0; i--)
        FUZZ_ASSERT(fuzz_is_inside(uris[i - 1], der));
    FUZZ_ASSERT(!cp_ocsp_request(request, &len, cert, cert) || len <= sizeof(request));
    if (cp_cert_has(cert, CP_EXT_SCT_LIST)) {
        struct cp_der_reader in;
        struct cp_der whole;
        try_scts(cert->values[CP_EXT_SCT_LIST]);
        cp_buf_init(&tbs, cert->tbs.len + 16);
        FUZZ_ASSERT(cp_precert_tbs(&tbs, cert, NULL) == CP_OK && tbs.len < cert->tbs.len);
        cp_der_reader_init(&in, (struct cp_span){(const uint8_t *)tbs.data, tbs.len});
        FUZZ_ASSERT(cp_der_expect(&in, &whole, CP_DER_SEQUENCE, "", NULL) == CP_OK);
        FUZZ_ASSERT(cp_der_at_end(&in));
        cp_buf_cleanup(&tbs);
    }
}

static void take(struct cp_span der) {
    struct cp_cert cert;
    struct cp_cert key;
    try_cert(der, &cert);
    try_crl(der, &cert);
    try_ocsp(der, &cert);
    try_scts(der);
    if (cp_log_key_read(&key, der, NULL) == CP_OK)
        FUZZ_ASSERT(key.spki.len != 0);
    ERR_clear_error();
}

/* Whatever is taken in has no signature that the seeds' issuer made for this certificate. */
static void judge(const uint8_t *data, size_t size) {
    const struct cp_cert nobody = {.path_len = -1};
    struct cp_standing_result result;
    struct cp_evidence *evidence = NULL;
    struct cp_verifier *verifier = NULL;
    struct cp_ct_logs *logs = NULL;
    struct cp_error err = {CP_OK, 0, 0, ""};
    FUZZ_ASSERT(cp_evidence_new(&evidence, NULL) == CP_OK);
    FUZZ_ASSERT(cp_verifier_new(&verifier, NULL) == CP_OK);
    if (cp_evidence_add_crl(evidence, data, size, "input", &err) != CP_OK)
        fuzz_is_shown_safely(err.message, strlen(err.message), false);
    if (cp_evidence_add_ocsp(evidence, data, size, "input", &err) != CP_OK)
        fuzz_is_shown_safely(err.message, strlen(err.message), false);
    FUZZ_ASSERT(cp_standing_of(verifier, &result, evidence, &nobody, &nobody, 1780272000, NULL) ==
                CP_OK);
    FUZZ_ASSERT(result.standing != CP_STANDING_GOOD && result.standing != CP_STANDING_REVOKED);
    if (cp_ct_logs_new(&logs, data, size, "input", &err) != CP_OK)
        fuzz_is_shown_safely(err.message, strlen(err.message), false);
    cp_ct_logs_free(logs);
    cp_verifier_free(verifier);
    cp_evidence_free(evidence);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = fuzz_copy(data, size);
    fuzz_each_der(data, size, take);
    judge(copy, size);
    free(copy);
    return 0;
}
