/* crl: one certificate revocation list, RFC 5280 5.
 *
 * Parsing proves the whole list well formed, entry by entry; looking up walks it again. Nothing is
 * copied: a list may have a million entries. Strict on structure, silent on meaning.
 */
#ifndef CP_CRL_H
#define CP_CRL_H

#include "cert.h"

/* CRLReason, RFC 5280 5.3.1; 7 is not used. */
enum cp_crl_reason {
    CP_REASON_UNSPECIFIED = 0,
    CP_REASON_KEY_COMPROMISE = 1,
    CP_REASON_CA_COMPROMISE = 2,
    CP_REASON_AFFILIATION_CHANGED = 3,
    CP_REASON_SUPERSEDED = 4,
    CP_REASON_CESSATION_OF_OPERATION = 5,
    CP_REASON_CERTIFICATE_HOLD = 6,
    CP_REASON_REMOVE_FROM_CRL = 8,
    CP_REASON_PRIVILEGE_WITHDRAWN = 9,
    CP_REASON_AA_COMPROMISE = 10,
    CP_NUM_REASONS,
    CP_REASON_NONE = CP_NUM_REASONS, /* none is given */
};

/* "keyCompromise"; "no reason is given". */
const char *cp_crl_reason_name(enum cp_crl_reason reason);

/* Borrowed from the DER. */
struct cp_crl {
    struct cp_cert signed_by; /* tbs, signature and its algorithm alone: for cp_verifier_check */
    bool algorithms_differ;   /* inside and outside, RFC 5280 5.1.1.2 */
    unsigned version;         /* 1 or 2 */
    struct cp_span issuer;    /* whole Name */
    uint64_t issuer_hash;
    int64_t this_update_s;
    int64_t next_update_s;  /* INT64_MAX: absent, though RFC 5280 5.1.2.5 wants it */
    struct cp_span entries; /* content of revokedCertificates */
    size_t num_entries;
    struct cp_span authority_key_id; /* may be empty */
    bool has_number, number_is_critical;
    bool is_delta;
    bool has_unknown_critical;
    struct cp_span unknown_critical; /* OID of the first, of the list or of an entry */
    /* issuingDistributionPoint, 5.2.5 */
    struct cp_span point_names; /* content of fullName; empty: it has none */
    bool has_other_point;       /* nameRelativeToCRLIssuer */
    bool only_user, only_ca, only_attribute, is_indirect, only_some_reasons;
};

struct cp_crl_entry {
    struct cp_span serial;
    int64_t date_s;
    enum cp_crl_reason reason;
};

CP_MUST_USE enum cp_status cp_crl_parse(struct cp_crl *out, struct cp_span der,
                                        struct cp_error *err);

/* The entry of a serial number (INTEGER content). False if there is none. */
bool cp_crl_find(const struct cp_crl *crl, struct cp_span serial, struct cp_crl_entry *out);

/* Does the list's scope (5.2.5) take this certificate in? A list for other distribution points
 * than the certificate names does not. */
bool cp_crl_covers(const struct cp_crl *crl, const struct cp_cert *cert);

/* cRLDistributionPoints, RFC 5280 4.2.1.13: the URIs of full names, in their order, at most max.
 * What stands behind a defect is passed over. */
size_t cp_cert_crl_uris(struct cp_span *uris, size_t max, const struct cp_cert *cert);

#endif
