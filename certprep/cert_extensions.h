/* cert_extensions: the Extensions of a certificate, RFC 5280 4.2. Internal to cert.c. */
#ifndef CP_CERT_EXTENSIONS_H
#define CP_CERT_EXTENSIONS_H

#include "cert.h"

CP_MUST_USE enum cp_status cp_cert_read_extensions(struct cp_cert *out, struct cp_der_reader *in,
                                                   struct cp_error *err);

/* Counts a lenient input at the reader's place; text is static. */
void cp_cert_note_lenient(struct cp_cert *out, const struct cp_der_reader *at, const char *text);

/* Name ::= SEQUENCE OF SET OF SEQUENCE { type, value }: proved well formed and within the limits,
 * so that comparing and showing it later can't fail. common_name may be NULL. In cert.c. */
CP_MUST_USE enum cp_status cp_cert_read_name(struct cp_der_reader *in, struct cp_span *whole,
                                             bool *empty, struct cp_span *common_name,
                                             uint8_t *common_name_tag, const char *what,
                                             struct cp_error *err);

#endif
