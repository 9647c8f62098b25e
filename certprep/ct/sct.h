/* sct: signed certificate timestamps, RFC 6962 3, as a certificate carries them.
 *
 *   extension value = OCTET STRING of SignedCertificateTimestampList, 3.3
 *   list = length16 *( length16 SCT )
 *   SCT  = version8 log_id32 timestamp64 length16 extensions hash8 algorithm8 length16 signature
 */
#ifndef CP_SCT_H
#define CP_SCT_H

#include "cp_limits.h"
#include "verify.h"

#define CP_LOG_ID_LEN 32

/* Borrowed from the certificate. */
struct cp_sct {
    unsigned version; /* 0 is v1; of any other only log_id may be looked at, if at all */
    struct cp_span log_id;
    uint64_t timestamp_ms; /* since 1970, leap seconds not counted */
    struct cp_span extensions;
    unsigned hash, algorithm; /* RFC 5246 7.4.1.4.1: 4 is SHA-256; 1 RSA, 3 ECDSA */
    struct cp_span signature;
};

/* Reads the value of a certificate's extension (values[CP_EXT_SCT_LIST]). CP_ERR_PARSE where it is
 * malformed, CP_ERR_LIMIT over CP_MAX_SCTS. */
CP_MUST_USE enum cp_status cp_sct_list_read(struct cp_sct scts[CP_MAX_SCTS], size_t *num_scts,
                                            struct cp_span value, struct cp_error *err);

/* A log's public key, from a SubjectPublicKeyInfo: RSA, or EC on a named curve. The facts that
 * cp_verifier_check takes of an issuer. */
CP_MUST_USE enum cp_status cp_log_key_read(struct cp_cert *key, struct cp_span spki,
                                           struct cp_error *err);

/* What a precertificate's TBSCertificate was, RFC 6962 3.2: cert's without its SCT list. buf is
 * initialised by the caller. */
CP_MUST_USE enum cp_status cp_precert_tbs(struct cp_buf *buf, const struct cp_cert *cert,
                                          struct cp_error *err);

/* Did the log sign this SCT for cert, issued with issuer's key? precert_tbs is cp_precert_tbs. */
CP_MUST_USE enum cp_status cp_sct_verify(struct cp_verifier *verifier,
                                         enum cp_signature_result *result, const struct cp_sct *sct,
                                         const struct cp_cert *log_key, struct cp_span precert_tbs,
                                         const struct cp_cert *issuer, struct cp_error *err);

#endif
