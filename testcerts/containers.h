/* containers: PKCS#7, PKCS#12 and what is no container of ours, the same bytes each time. */
#ifndef TC_CONTAINERS_H
#define TC_CONTAINERS_H

#include "bytes.h"

/* SignedData without signatures; certs is a list "a,b" of rows of certs.c. ber: with indefinite
 * lengths down to the certificates. */
void tc_make_pkcs7(struct tc_bytes *out, const char *certs, int ber);

/* "modern/a,b/key" and such: form, certificates, key (each may be empty). Forms:
 *   modern  PBES2 with AES-256, MAC with SHA-256
 *   legacy  RC2-40 and 3DES, MAC with SHA-1
 *   absent  as modern, with an absent pass phrase; empty: with an empty one
 *   plain   neither encryption nor MAC
 *   ber     as modern, indefinite lengths and strings in pieces
 *   pbmac1  as modern, MAC by RFC 9579
 *   costly  as modern, MAC with 10,000,001 iterations (and so wrong) */
void tc_make_pkcs12(struct tc_bytes *out, const char *text);

/* DER as BER: constructed elements down to depth with indefinite lengths, long OCTET STRINGs in
 * pieces. */
void tc_put_ber(struct tc_bytes *out, const struct tc_bytes *der, unsigned depth);

/* A CRL of the intermediate ec-intermediate. */
void tc_make_crl(struct tc_bytes *out);

void tc_make_zip(struct tc_bytes *out);
void tc_make_gzip(struct tc_bytes *out);
void tc_make_jks(struct tc_bytes *out);
void tc_make_jceks(struct tc_bytes *out);
void tc_make_pgp(struct tc_bytes *out);

#endif
