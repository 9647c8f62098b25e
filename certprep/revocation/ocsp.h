/* ocsp: one OCSP response, RFC 6960 4.2.
 *
 * Parsing proves it well formed; nothing is copied. Only id-pkix-ocsp-basic is read.
 */
#ifndef CP_OCSP_H
#define CP_OCSP_H

#include "cp_limits.h"
#include "crl.h"

/* OCSPResponseStatus; 4 is not used. */
enum cp_ocsp_status {
    CP_OCSP_SUCCESSFUL = 0,
    CP_OCSP_MALFORMED_REQUEST = 1,
    CP_OCSP_INTERNAL_ERROR = 2,
    CP_OCSP_TRY_LATER = 3,
    CP_OCSP_SIG_REQUIRED = 5,
    CP_OCSP_UNAUTHORIZED = 6,
};

/* "tryLater"; NULL for a value that is none. */
const char *cp_ocsp_status_name(unsigned status);

/* Borrowed from the DER. */
struct cp_ocsp {
    unsigned status;          /* a cp_ocsp_status; the rest only with SUCCESSFUL */
    struct cp_cert signed_by; /* tbs, signature and its algorithm alone: for cp_verifier_check */
    struct cp_span responder_name;     /* whole Name; empty if it is by key: */
    struct cp_span responder_key_hash; /* SHA-1 of the public key's octets */
    int64_t produced_s;
    struct cp_span responses; /* content of the SEQUENCE OF SingleResponse */
    struct cp_span certs[CP_MAX_OCSP_CERTS];
    size_t num_certs;
    bool has_unknown_critical;
};

enum cp_ocsp_answer { CP_OCSP_GOOD, CP_OCSP_REVOKED, CP_OCSP_UNKNOWN };

struct cp_ocsp_single {
    struct cp_span hash_oid; /* of the CertID */
    struct cp_span name_hash, key_hash;
    struct cp_span serial;
    enum cp_ocsp_answer answer;
    int64_t revoked_s;
    enum cp_crl_reason reason;
    int64_t this_update_s;
    int64_t next_update_s; /* INT64_MAX: absent */
    bool has_unknown_critical;
};

CP_MUST_USE enum cp_status cp_ocsp_parse(struct cp_ocsp *out, struct cp_span der,
                                         struct cp_error *err);
/* Walks ocsp->responses, which cp_ocsp_parse has proved well formed: false at the end. */
bool cp_ocsp_next(struct cp_span *responses, struct cp_ocsp_single *out);

/* Does the CertID speak of cert, issued by issuer? SHA-1 and SHA-256. */
bool cp_ocsp_matches(const struct cp_ocsp_single *single, const struct cp_cert *cert,
                     const struct cp_cert *issuer);

/* Was the responder's certificate made for that (id-kp-OCSPSigning, RFC 6960 4.2.2.2)? */
bool cp_ocsp_may_sign(const struct cp_cert *responder);
/* id-pkix-ocsp-nocheck, 4.2.2.2.1: its own revocation is not to be looked up. */
bool cp_ocsp_is_nocheck(const struct cp_cert *responder);
/* Is it the one that ResponderID names? */
bool cp_ocsp_is_responder(const struct cp_ocsp *ocsp, const struct cp_cert *cert);

/* An OCSPRequest for one certificate, CertID by SHA-1 (RFC 5019 2.1.1), no nonce, no signature. */
#define CP_OCSP_REQUEST_MAX 160
bool cp_ocsp_request(uint8_t out[CP_OCSP_REQUEST_MAX], size_t *out_len, const struct cp_cert *cert,
                     const struct cp_cert *issuer);

#endif
