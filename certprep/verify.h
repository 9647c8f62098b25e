/* verify: signatures of certificates, by OpenSSL EVP.
 *
 * A verifier belongs to one thread. It keeps what OpenSSL 3.0 is slow to make: fetched digests and
 * a bounded cache of issuers' keys, found again by their SubjectPublicKeyInfo.
 */
#ifndef CP_VERIFY_H
#define CP_VERIFY_H

#include "cert.h"

enum cp_signature_result {
    CP_SIGNATURE_GOOD,
    CP_SIGNATURE_BAD,
    CP_SIGNATURE_UNSUPPORTED, /* algorithm or key that is not computed with */
};

struct cp_verifier;

CP_MUST_USE enum cp_status cp_verifier_new(struct cp_verifier **out, struct cp_error *err);
void cp_verifier_free(struct cp_verifier *verifier);

/* Did issuer's key sign subject? The inner and outer algorithm identifiers are not compared here.
 */
CP_MUST_USE enum cp_status cp_verifier_check(struct cp_verifier *verifier,
                                             enum cp_signature_result *result,
                                             const struct cp_cert *subject,
                                             const struct cp_cert *issuer, struct cp_error *err);

/* Is cert's public key one that OpenSSL takes: an EC point on its curve, an Edwards key of the
 * right length, an RSA key of a size that is computed with? */
CP_MUST_USE enum cp_status cp_verifier_can_load(struct cp_verifier *verifier, bool *loads,
                                                const struct cp_cert *cert, struct cp_error *err);

#endif
