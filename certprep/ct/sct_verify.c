/* Verifying an SCT: the precertificate as it was, and what the log signed. RFC 6962 3.2. */
#include <openssl/evp.h>
#include <string.h>

#include "sct.h"

#define MAX_TBS ((size_t)0xffffff) /* opaque TBSCertificate<1..2^24-1> */

/* ---- the log's key ---- */

static unsigned bits_of(struct cp_span magnitude) {
    unsigned bits = 0;
    for (unsigned top = magnitude.len == 0 ? 0 : magnitude.data[0]; top != 0; top >>= 1)
        bits++;
    return magnitude.len == 0 ? 0 : (unsigned)(magnitude.len - 1) * 8 + bits;
}

static enum cp_status read_rsa(struct cp_cert *key, struct cp_error *err) {
    struct cp_der_reader in, rsa;
    cp_der_reader_init(&in, key->public_key);
    CP_TRY(cp_der_enter(&in, &rsa, CP_DER_SEQUENCE, "RSAPublicKey", err));
    CP_TRY(cp_der_unsigned(&rsa, &key->rsa_n, "modulus", err));
    CP_TRY(cp_der_unsigned(&rsa, &key->rsa_e, "publicExponent", err));
    CP_TRY(cp_der_end(&rsa, "RSAPublicKey", err));
    key->key_bits = bits_of(key->rsa_n);
    return cp_der_end(&in, "RSAPublicKey", err);
}

enum cp_status cp_log_key_read(struct cp_cert *key, struct cp_span spki, struct cp_error *err) {
    struct cp_der_reader outer, in, algorithm;
    struct cp_span oid;
    unsigned unused;
    *key = (struct cp_cert){.spki = spki};
    cp_der_reader_init(&outer, spki);
    CP_TRY(cp_der_enter(&outer, &in, CP_DER_SEQUENCE, "SubjectPublicKeyInfo", err));
    CP_TRY(cp_der_end(&outer, "SubjectPublicKeyInfo", err));
    CP_TRY(cp_der_enter(&in, &algorithm, CP_DER_SEQUENCE, "algorithm", err));
    CP_TRY(cp_der_oid(&algorithm, &oid, "algorithm", err));
    bool is_ec = cp_span_equal(oid, cp_oid_ec_public_key);
    if (is_ec)
        CP_TRY(cp_der_oid(&algorithm, &oid, "namedCurve", err));
    CP_TRY(cp_der_bits(&in, CP_DER_BIT_STRING, &key->public_key, &unused, "subjectPublicKey", err));
    CP_TRY(cp_der_end(&in, "SubjectPublicKeyInfo", err));
    key->key_type = cp_key_type_from_oid(oid);
    key->key_bits = cp_key_algorithm_get(key->key_type)->bits;
    if (!is_ec && key->key_type == CP_KEY_RSA)
        return read_rsa(key, err);
    if (!is_ec || !cp_key_type_is_curve(key->key_type))
        return cp_fail(err, CP_ERR_UNSUPPORTED, "neither an RSA key nor one on a named curve");
    return CP_OK;
}

/* ---- the precertificate ---- */

static void put_header(struct cp_buf *buf, uint8_t tag, size_t len) {
    uint8_t header[6] = {tag}, octets = 0;
    for (size_t rest = len; len >= 0x80 && rest != 0; rest >>= 8)
        octets++;
    header[1] = len < 0x80 ? (uint8_t)len : (uint8_t)(0x80 | octets);
    for (uint8_t i = 0; i < octets; i++)
        header[2 + i] = (uint8_t)(len >> 8 * (octets - 1 - i));
    cp_buf_append(buf, header, (size_t)2 + octets);
}

static size_t element_len(size_t content_len) {
    size_t octets = 0;
    for (size_t rest = content_len; content_len >= 0x80 && rest != 0; rest >>= 8)
        octets++;
    return 2 + octets + content_len;
}

/* The extensions' list, and in it the SCT list; before is all that stands before [3]. */
static enum cp_status find_sct_list(struct cp_span *before, struct cp_span *extensions,
                                    struct cp_span *sct_list, const struct cp_cert *cert,
                                    struct cp_error *err) {
    static const struct cp_span oid_sct_list = {
        (const uint8_t *)"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02", 10};
    struct cp_der_reader outer, tbs, tagged, list, extension;
    struct cp_der field, oid;
    cp_der_reader_init(&outer, cert->tbs);
    CP_TRY(cp_der_enter(&outer, &tbs, CP_DER_SEQUENCE, "tbsCertificate", err));
    before->data = tbs.next;
    while (!cp_der_at_end(&tbs) && !cp_der_peek(&tbs, CP_DER_CONTEXT_CONSTRUCTED(3)))
        CP_TRY(cp_der_any(&tbs, &field, "tbsCertificate", err));
    before->len = (size_t)(tbs.next - before->data);
    CP_TRY(cp_der_enter(&tbs, &tagged, CP_DER_CONTEXT_CONSTRUCTED(3), "extensions", err));
    CP_TRY(cp_der_end(&tbs, "tbsCertificate", err));
    CP_TRY(cp_der_expect(&tagged, &field, CP_DER_SEQUENCE, "extensions", err));
    *extensions = field.content;
    list = cp_der_inside(&tagged, &field);
    while (!cp_der_at_end(&list)) {
        CP_TRY(cp_der_expect(&list, &field, CP_DER_SEQUENCE, "Extension", err));
        extension = cp_der_inside(&list, &field);
        CP_TRY(cp_der_any(&extension, &oid, "extnID", err));
        if (cp_span_equal(oid.content, oid_sct_list)) {
            *sct_list = field.whole;
            return CP_OK;
        }
    }
    return cp_fail(err, CP_ERR_INPUT, "the certificate has no SCT list");
}

enum cp_status cp_precert_tbs(struct cp_buf *buf, const struct cp_cert *cert,
                              struct cp_error *err) {
    struct cp_span before = {NULL, 0}, extensions = {NULL, 0}, sct_list = {NULL, 0};
    CP_TRY(find_sct_list(&before, &extensions, &sct_list, cert, err));
    size_t list_len = extensions.len - sct_list.len;
    size_t tagged_len = element_len(list_len);
    size_t head_len = (size_t)(sct_list.data - extensions.data);
    put_header(buf, CP_DER_SEQUENCE, before.len + (list_len == 0 ? 0 : element_len(tagged_len)));
    cp_buf_append(buf, before.data, before.len);
    if (list_len != 0) { /* RFC 5280 4.1: SIZE (1..MAX) */
        put_header(buf, CP_DER_CONTEXT_CONSTRUCTED(3), tagged_len);
        put_header(buf, CP_DER_SEQUENCE, list_len);
        cp_buf_append(buf, extensions.data, head_len);
        cp_buf_append(buf, sct_list.data + sct_list.len, list_len - head_len);
    }
    return cp_buf_finish(buf, err);
}

/* ---- the signature ---- */

static void put_number(struct cp_buf *buf, uint64_t value, unsigned octets) {
    for (unsigned i = octets; i > 0; i--) {
        uint8_t octet = (uint8_t)(value >> 8 * (i - 1));
        cp_buf_append(buf, &octet, 1);
    }
}

/* The digitally-signed struct for a precert_entry. */
static enum cp_status put_signed(struct cp_buf *buf, const struct cp_sct *sct,
                                 struct cp_span precert_tbs, const struct cp_cert *issuer,
                                 struct cp_error *err) {
    uint8_t issuer_key_hash[32];
    if (EVP_Q_digest(NULL, "SHA256", NULL, issuer->spki.data, issuer->spki.len, issuer_key_hash,
                     NULL) != 1)
        return cp_fail(err, CP_ERR_CRYPTO, "SHA-256 failed");
    if (precert_tbs.len > MAX_TBS)
        return cp_fail(err, CP_ERR_LIMIT, "a certificate that is too long for an SCT");
    put_number(buf, 0, 1); /* v1 */
    put_number(buf, 0, 1); /* certificate_timestamp */
    put_number(buf, sct->timestamp_ms, 8);
    put_number(buf, 1, 2); /* precert_entry */
    cp_buf_append(buf, issuer_key_hash, sizeof(issuer_key_hash));
    put_number(buf, precert_tbs.len, 3);
    cp_buf_append(buf, precert_tbs.data, precert_tbs.len);
    put_number(buf, sct->extensions.len, 2);
    cp_buf_append(buf, sct->extensions.data, sct->extensions.len);
    return cp_buf_finish(buf, err);
}

enum cp_status cp_sct_verify(struct cp_verifier *verifier, enum cp_signature_result *result,
                             const struct cp_sct *sct, const struct cp_cert *log_key,
                             struct cp_span precert_tbs, const struct cp_cert *issuer,
                             struct cp_error *err) {
    enum { SHA256 = 4, RSA = 1, ECDSA = 3 };
    struct cp_cert by = {.signature = sct->signature};
    struct cp_buf buf;
    *result = CP_SIGNATURE_UNSUPPORTED;
    if (sct->version != 0 || sct->hash != SHA256 ||
        (sct->algorithm != RSA && sct->algorithm != ECDSA))
        return CP_OK;
    cp_buf_init(&buf, MAX_TBS + 0x10000 + 64);
    enum cp_status status = put_signed(&buf, sct, precert_tbs, issuer, err);
    if (status == CP_OK) {
        by.tbs = (struct cp_span){(const uint8_t *)buf.data, buf.len};
        by.signature_type =
            sct->algorithm == RSA ? CP_SIGNATURE_RSA_SHA256 : CP_SIGNATURE_ECDSA_SHA256;
        status = cp_verifier_check(verifier, result, &by, log_key, err);
    }
    cp_buf_cleanup(&buf);
    return status;
}
