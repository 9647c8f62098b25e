/* container: certificates and keys out of PKCS#7 and PKCS#12. */
#ifndef CP_CONTAINER_H
#define CP_CONTAINER_H

#include "bytes.h"

enum cp_item_kind { CP_ITEM_CERTIFICATE, CP_ITEM_KEY /* PKCS#8, unencrypted */ };

/* Called for each item. Out of a PKCS#7, der lies in the container itself; out of a PKCS#12 it is
 * alive only during the call, and its bytes are wiped behind it. offset is the item's place in the
 * container, 0 in a PKCS#12. Another status than CP_OK ends the walk. */
typedef enum cp_status cp_item_fn(void *context, enum cp_item_kind kind, struct cp_span der,
                                  size_t offset, struct cp_error *err);

/* SignedData with certificates (RFC 2315 9.1, RFC 5652 5.1), read by our own reader; DER and the
 * BER with indefinite lengths that Windows and Java write are both taken. *num_items counts.
 * CP_ERR_UNSUPPORTED for another type of content. */
CP_MUST_USE enum cp_status cp_pkcs7_walk(struct cp_span der, cp_item_fn *item, void *context,
                                         size_t *num_items, struct cp_error *err);

struct cp_pkcs12_facts {
    size_t num_certs, num_keys;
    bool encrypted; /* some of it was */
    bool legacy;    /* with RC2, RC4, DES or 3DES */
};

/* PFX (RFC 7292), DER or BER. The structure is read by our own reader, so that the cost of every
 * key derivation is known, and all together bounded by CP_MAX_PKCS12_ITERATIONS, before it is
 * spent; the cryptography is OpenSSL's: PBES2, and RC2, RC4, DES and 3DES through the legacy
 * provider, in a library context of its own. The MAC (RFC 7292 5.1, or PBMAC1, RFC 9579) is
 * verified before anything is decrypted. CP_ERR_PASSPHRASE for a wrong or missing pass phrase;
 * where none is given (passphrase.data is NULL) an absent and an empty one are both tried. */
CP_MUST_USE enum cp_status cp_pkcs12_walk(struct cp_span der, struct cp_span passphrase,
                                          cp_item_fn *item, void *context,
                                          struct cp_pkcs12_facts *facts, struct cp_error *err);

/* Names of the first files in a ZIP ("a.pem, b.key and 3 more"), escaped; at most out_size. */
void cp_zip_list(char *out, size_t out_size, struct cp_span zip);

#endif
