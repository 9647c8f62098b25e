/* recipe: what a file is made of.
 *
 *   recipe = token *( " " token )
 *   token  = "cert:" certificate            a CERTIFICATE block
 *          / "x509:" certificate            the same with the old label X509 CERTIFICATE
 *          / "der:" certificate             its DER, bare
 *          / "p7:" certificates             a PKCS#7 container of "a,b", bare
 *          / "p7ber:" certificates          the same in BER
 *          / "p7pem:" certificates          the same as a PKCS7 block; "cms:" as a CMS block
 *          / "p12:" form/certificates/key   a PKCS#12 container (containers.h)
 *          / "keyder:" key "/" form         a private key in bare DER
 *          / "csrder:" certificate          a request in bare DER
 *          / "csr:" certificate             a request for its subject and key
 *          / "bag:" certificate             the text that openssl pkcs12 puts before a block
 *          / "key:" key "/" form            a private key (keyforms.c)
 *          / "key:" key "/" form "+dek"     the same with traditional encryption
 *          / "crl:" name                   a revocation list (status.c); "crlder:" in bare DER
 *          / "ocsp:" name                  an OCSP response in DER (status.c)
 *          / "ctlogs:" name                a list of logs in JSON (status.c)
 *          / "raw:" word                    other bytes (recipe.c)
 */
#ifndef TC_RECIPE_H
#define TC_RECIPE_H

#include "bytes.h"

void tc_recipe_make(struct tc_bytes *out, const char *recipe);
/* For people, as Markdown. */
void tc_recipe_describe(struct tc_bytes *out, const char *recipe);

/* Changes the text of a whole file. */
struct tc_shape {
    const char *name;
    void (*apply)(struct tc_bytes *text);
};
const struct tc_shape *tc_shape_get(const char *name);

#endif
