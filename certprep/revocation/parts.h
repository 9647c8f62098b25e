/* parts: what revocation lists and OCSP responses have in common. Internal to this folder. */
#ifndef CP_REVOCATION_PARTS_H
#define CP_REVOCATION_PARTS_H

#include "crl.h"

struct cp_extension_part {
    struct cp_span oid;
    bool critical;
    struct cp_der_reader in; /* of the value */
};

/* Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue }. A default that is written
 * out is taken, as in certificates. */
CP_MUST_USE enum cp_status cp_extension_read(struct cp_der_reader *list,
                                             struct cp_extension_part *out, struct cp_error *err);
/* AlgorithmIdentifier: whole, and its OID. */
CP_MUST_USE enum cp_status cp_algorithm_read(struct cp_der_reader *in, struct cp_span *whole,
                                             struct cp_span *oid, struct cp_error *err);
/* CRLReason, to the end of in. */
CP_MUST_USE enum cp_status cp_reason_read(struct cp_der_reader *in, enum cp_crl_reason *out,
                                          struct cp_error *err);

#endif
