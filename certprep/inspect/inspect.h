/* inspect: what is in a bundle, shown and not judged. Internal; the way in is cp_bundle_inspect.
 *
 *   inspect.c      files, and their blocks in order
 *   certificate.c  the facts of one certificate
 *   extensions.c   those of its extensions that cp_cert_parse does not keep
 *   names.c        distinguished and general names as text
 *   der_tree.c     the DER, element by element
 *   relations.c    who issued whom, which key belongs to which certificate, what is there twice
 *
 * Never a byte of a private key: keys are shown by the hash of their public half, and no DER tree
 * is made of a block that is or may be a private key.
 */
#ifndef CP_INSPECT_H
#define CP_INSPECT_H

#include "bundle.h"
#include "sink.h"

#define CP_MAX_INSPECT_OUTPUT ((size_t)64 * 1024 * 1024)
#define CP_MAX_INSPECT_ELEMENTS 200000 /* DER elements shown in one run */
#define CP_MAX_INSPECT_VALUE 256       /* octets of a string shown in the DER tree */
#define CP_MAX_INSPECT_SIGNATURES 2000 /* verified in one run */
#define CP_MAX_INSPECT_LINKS 4000      /* issuer and subject pairs */

/* ---- names ---- */

/* RFC 4514 escapes, but in the order of the encoding: "C=XX,O=Acme,CN=a". Strings of every type as
 * UTF-8; other values as "#" and hex. */
void cp_inspect_name(struct cp_buf *out, struct cp_span name);
/* Value of a GeneralName; in name constraints an iPAddress has its mask. */
void cp_inspect_general_name(struct cp_buf *out, const struct cp_general_name *name);
const char *cp_inspect_general_name_type(enum cp_general_name_kind kind);
/* "name (1.2.3)", or the dotted form alone where there is no name. */
void cp_inspect_oid(struct cp_buf *out, struct cp_span oid);

/* ---- one certificate ---- */

/* Members of the certificate's object, or lines. */
CP_MUST_USE enum cp_status cp_inspect_certificate(struct cp_sink *sink, const struct cp_cert *cert,
                                                  int64_t at_s, struct cp_error *err);
/* "EC P-256", "RSA 2048", or name and OID of what certprep does not compute with. */
void cp_inspect_key_type(struct cp_sink *sink, enum cp_key_type type, unsigned bits,
                         struct cp_span oid);
void cp_inspect_extensions(struct cp_sink *sink, const struct cp_cert *cert);

/* ---- DER ---- */

/* As far as it can be read. INTEGERs of more octets than max_integer, and OCTET STRINGs, are shown
 * by their length alone. *budget counts elements down. */
void cp_inspect_der_tree(struct cp_sink *sink, struct cp_span der, size_t max_integer,
                         size_t *budget);

/* ---- relations ---- */

CP_MUST_USE enum cp_status
cp_inspect_relations(struct cp_sink *sink, const struct cp_bundle *bundle, struct cp_error *err);

#endif
