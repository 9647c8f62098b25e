/* access: authorityInfoAccess, RFC 5280 4.2.2.1: a list of methods and where each is. */
#ifndef CP_ACCESS_H
#define CP_ACCESS_H

#include "cert.h"

enum cp_access_method { CP_ACCESS_OTHER, CP_ACCESS_OCSP, CP_ACCESS_CA_ISSUERS };

struct cp_access {
    enum cp_access_method method;
    struct cp_span oid;     /* of the method, content octets */
    struct cp_der location; /* a GeneralName by its tag; not proved to be one */
};

/* Reads the extension's value. False: it is empty, or no SEQUENCE of one or more. */
bool cp_access_open(struct cp_der_reader *list, struct cp_span value);
/* The next one, to be called until cp_der_at_end(list). False: it is malformed. */
bool cp_access_next(struct cp_der_reader *list, struct cp_access *out);
/* The URIs of a method, in their order. Ends at a defect; what stands before it counts. */
size_t cp_access_uris(struct cp_span *uris, size_t max, const struct cp_cert *cert,
                      enum cp_access_method method);

#endif
