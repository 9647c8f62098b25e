/* cert_extensions: the Extensions of a certificate, RFC 5280 4.2. Internal to cert.c. */
#ifndef CP_CERT_EXTENSIONS_H
#define CP_CERT_EXTENSIONS_H

#include "cert.h"

CP_MUST_USE enum cp_status cp_cert_read_extensions(struct cp_cert *out, struct cp_der_reader *in,
                                                   struct cp_error *err);

/* Counts a lenient input at the reader's place; text is static. */
void cp_cert_note_lenient(struct cp_cert *out, const struct cp_der_reader *at, const char *text);

#endif
