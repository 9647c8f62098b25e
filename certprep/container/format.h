/* format: what an input is, by its content and never by its name.
 *
 * Structure is looked at only as deep as it takes to tell the formats apart, and a file that is cut
 * off is still told: its reader then says where it ends. */
#ifndef CP_FORMAT_H
#define CP_FORMAT_H

#include "bytes.h"

enum cp_format {
    CP_FORMAT_TEXT,        /* text in any encoding: PEM, mangled PEM, or something else in words */
    CP_FORMAT_CERTIFICATE, /* DER */
    CP_FORMAT_KEY,         /* DER: PKCS#8, PKCS#1, SEC1 */
    CP_FORMAT_ENCRYPTED_KEY, /* DER: EncryptedPrivateKeyInfo */
    CP_FORMAT_PKCS7,         /* DER or BER: ContentInfo, RFC 2315, RFC 5652 */
    CP_FORMAT_PKCS12,        /* DER or BER: PFX, RFC 7292 */
    CP_FORMAT_REQUEST,       /* DER: PKCS#10 */
    CP_FORMAT_CRL,           /* DER */
    CP_FORMAT_PUBLIC_KEY,    /* DER: SubjectPublicKeyInfo */
    CP_FORMAT_JKS,           /* Java keystore, magic feedfeed; JCEKS cececece */
    CP_FORMAT_ZIP,
    CP_FORMAT_GZIP,
    CP_FORMAT_PGP,   /* OpenPGP packets: a key, not armoured */
    CP_FORMAT_ZEROS, /* nothing but NUL bytes */
    CP_FORMAT_UNKNOWN,
    CP_NUM_FORMATS,
};

const char *cp_format_name(enum cp_format format);
enum cp_format cp_format_detect(struct cp_span data);

#endif
