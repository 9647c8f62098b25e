/* Which certificate a response speaks of, who may sign it, and how to ask for one. */
#include <openssl/evp.h>
#include <string.h>

#include "ocsp.h"

#define SHA1_LEN 20
#define SHA256_LEN 32

static const struct cp_span oid_sha1 = {(const uint8_t *)"\x2b\x0e\x03\x02\x1a", 5};
static const struct cp_span oid_sha256 = {(const uint8_t *)"\x60\x86\x48\x01\x65\x03\x04\x02\x01",
                                          9};

static bool hash_is(const char *name, size_t hash_len, struct cp_span data, struct cp_span hash) {
    uint8_t digest[SHA256_LEN];
    return hash.len == hash_len &&
           EVP_Q_digest(NULL, name, NULL, data.data, data.len, digest, NULL) == 1 &&
           memcmp(digest, hash.data, hash_len) == 0;
}

bool cp_ocsp_matches(const struct cp_ocsp_single *single, const struct cp_cert *cert,
                     const struct cp_cert *issuer) {
    bool sha1 = cp_span_equal(single->hash_oid, oid_sha1);
    const char *name = sha1 ? "SHA1" : "SHA256";
    size_t len = sha1 ? SHA1_LEN : SHA256_LEN;
    if (!sha1 && !cp_span_equal(single->hash_oid, oid_sha256))
        return false;
    /* The name is hashed as the CA wrote it: in the certificate or in its own. */
    return cp_span_equal(single->serial, cert->serial) &&
           hash_is(name, len, issuer->public_key, single->key_hash) &&
           (hash_is(name, len, cert->issuer, single->name_hash) ||
            hash_is(name, len, issuer->subject, single->name_hash));
}

bool cp_ocsp_is_responder(const struct cp_ocsp *ocsp, const struct cp_cert *cert) {
    if (ocsp->responder_name.len != 0)
        return cp_name_equal(ocsp->responder_name, cert->subject);
    return hash_is("SHA1", SHA1_LEN, cert->public_key, ocsp->responder_key_hash);
}

bool cp_ocsp_may_sign(const struct cp_cert *responder) {
    static const struct cp_span ocsp_signing = {(const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x03\x09",
                                                8};
    struct cp_der_reader outer, list;
    struct cp_der oid;
    if (!cp_cert_has(responder, CP_EXT_EXTENDED_KEY_USAGE) ||
        (cp_cert_has(responder, CP_EXT_KEY_USAGE) &&
         (responder->key_usage & CP_KU_DIGITAL_SIGNATURE) == 0))
        return false;
    cp_der_reader_init(&outer, responder->values[CP_EXT_EXTENDED_KEY_USAGE]);
    if (cp_der_enter(&outer, &list, CP_DER_SEQUENCE, "", NULL) != CP_OK)
        return false;
    while (!cp_der_at_end(&list)) {
        if (cp_der_any(&list, &oid, "", NULL) != CP_OK)
            return false;
        if (cp_span_equal(oid.content, ocsp_signing))
            return true;
    }
    return false;
}

bool cp_ocsp_is_nocheck(const struct cp_cert *responder) {
    /* The parsed facts do not tell this extension apart: look for it in the TBSCertificate. */
    static const struct cp_span nocheck = {(const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x30\x01\x05",
                                           9};
    struct cp_der_reader outer, tbs, tagged, list, extension;
    struct cp_der field;
    cp_der_reader_init(&outer, responder->tbs);
    if (cp_der_enter(&outer, &tbs, CP_DER_SEQUENCE, "", NULL) != CP_OK)
        return false;
    while (!cp_der_at_end(&tbs) && !cp_der_peek(&tbs, CP_DER_CONTEXT_CONSTRUCTED(3))) {
        if (cp_der_any(&tbs, &field, "", NULL) != CP_OK)
            return false;
    }
    if (cp_der_enter(&tbs, &tagged, CP_DER_CONTEXT_CONSTRUCTED(3), "", NULL) != CP_OK ||
        cp_der_enter(&tagged, &list, CP_DER_SEQUENCE, "", NULL) != CP_OK)
        return false;
    while (!cp_der_at_end(&list)) {
        if (cp_der_enter(&list, &extension, CP_DER_SEQUENCE, "", NULL) != CP_OK ||
            cp_der_any(&extension, &field, "", NULL) != CP_OK)
            return false;
        if (cp_span_equal(field.content, nocheck))
            return true;
    }
    return false;
}

/* ---- asking ---- */

/* All lengths are under 128: SHA-1 digests and a serial of at most 20 octets. */
static void put(uint8_t *out, size_t *len, const void *data, size_t data_len) {
    memcpy(out + *len, data, data_len);
    *len += data_len;
}

bool cp_ocsp_request(uint8_t out[CP_OCSP_REQUEST_MAX], size_t *out_len, const struct cp_cert *cert,
                     const struct cp_cert *issuer) {
    /* AlgorithmIdentifier of SHA-1, its NULL written out as everybody does. */
    static const uint8_t algorithm[] = {0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
                                        0x03, 0x02, 0x1a, 0x05, 0x00};
    static const uint8_t octets[] = {0x04, SHA1_LEN};
    uint8_t name[SHA1_LEN], key[SHA1_LEN];
    size_t len = 0, serial_len = cert->serial.len;
    *out_len = 0;
    if (serial_len == 0 || serial_len > 40 ||
        EVP_Q_digest(NULL, "SHA1", NULL, cert->issuer.data, cert->issuer.len, name, NULL) != 1 ||
        EVP_Q_digest(NULL, "SHA1", NULL, issuer->public_key.data, issuer->public_key.len, key,
                     NULL) != 1)
        return false;
    size_t id_len = sizeof(algorithm) + 2 * (sizeof(octets) + SHA1_LEN) + 2 + serial_len;
    /* OCSPRequest, TBSRequest, requestList, Request, CertID: each encloses the next. */
    for (size_t depth = 5; depth > 0; depth--) {
        uint8_t header[2] = {CP_DER_SEQUENCE, (uint8_t)(id_len + 2 * (depth - 1))};
        put(out, &len, header, sizeof(header));
    }
    put(out, &len, algorithm, sizeof(algorithm));
    put(out, &len, octets, sizeof(octets));
    put(out, &len, name, sizeof(name));
    put(out, &len, octets, sizeof(octets));
    put(out, &len, key, sizeof(key));
    uint8_t header[2] = {CP_DER_INTEGER, (uint8_t)serial_len};
    put(out, &len, header, sizeof(header));
    put(out, &len, cert->serial.data, serial_len);
    *out_len = len;
    return true;
}
