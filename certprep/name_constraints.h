/* name_constraints: RFC 5280 4.2.1.10 and 6.1.3 (b), (c).
 *
 * Supported: dNSName, iPAddress, rfc822Name, uniformResourceIdentifier, directoryName. A constraint
 * of another kind fails a certificate that has a name of that kind, as the RFC demands of what
 * can't be processed. The subject's DN counts as a directoryName, its emailAddress as an rfc822Name
 * where there is no SAN; a CN is never taken for a hostname. A dNSName constraint that starts with
 * a dot is malformed, as RFC 5280 has it; private CAs write it, and OpenSSL, NSS and Go take it for
 * names with one label more at least: so it is taken here, too, if dots.
 */
#ifndef CP_NAME_CONSTRAINTS_H
#define CP_NAME_CONSTRAINTS_H

#include "cert.h"

enum cp_constraint_result {
    CP_CONSTRAINT_OK,
    CP_CONSTRAINT_NOT_PERMITTED,
    CP_CONSTRAINT_EXCLUDED,
    CP_CONSTRAINT_UNSUPPORTED, /* a name of a kind that can't be compared */
    CP_CONSTRAINT_BAD_NAME,    /* a malformed name meets a constraint of its kind */
    CP_CONSTRAINT_MALFORMED,   /* the extension itself */
    CP_CONSTRAINT_TOO_MUCH,    /* *work is used up */
};

/* Judges subject's names by ca's nameConstraints (which must be there). *work counts down with each
 * comparison. *bad is the name that failed, where it is one. */
enum cp_constraint_result cp_name_constraints_check(const struct cp_cert *ca,
                                                    const struct cp_cert *subject, bool dots,
                                                    size_t *work, struct cp_general_name *bad);

#endif
