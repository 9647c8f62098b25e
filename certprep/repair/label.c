/* Labels as they should be, as they are met, and what is no label at all. */
#include <string.h>

#include "parts.h"

/* Written without spaces, which are lost as often as not. exact: RFC 7468's and OpenSSL's own form.
 */
static const struct {
    const char *squeezed, *exact;
    enum cp_kind_of_block kind;
} rows[] = {
    {"CERTIFICATE", "CERTIFICATE", CP_BLOCK_CERTIFICATE},
    {"X509CERTIFICATE", NULL, CP_BLOCK_CERTIFICATE},
    {"X.509CERTIFICATE", NULL, CP_BLOCK_CERTIFICATE},
    {"TRUSTEDCERTIFICATE", NULL, CP_BLOCK_CERTIFICATE},
    {"PRIVATEKEY", "PRIVATE KEY", CP_BLOCK_PKCS8},
    {"ENCRYPTEDPRIVATEKEY", "ENCRYPTED PRIVATE KEY", CP_BLOCK_ENCRYPTED},
    {"RSAPRIVATEKEY", "RSA PRIVATE KEY", CP_BLOCK_PKCS1},
    {"ECPRIVATEKEY", "EC PRIVATE KEY", CP_BLOCK_SEC1},
    {"DSAPRIVATEKEY", "DSA PRIVATE KEY", CP_BLOCK_DSA},
    {"PKCS7", "PKCS7", CP_BLOCK_PKCS7},
    {"CMS", NULL, CP_BLOCK_PKCS7},
    {"PKCS#7SIGNEDDATA", NULL, CP_BLOCK_PKCS7},
    {"CERTIFICATEREQUEST", "CERTIFICATE REQUEST", CP_BLOCK_REQUEST},
    {"NEWCERTIFICATEREQUEST", "NEW CERTIFICATE REQUEST", CP_BLOCK_REQUEST},
    {"X509CRL", "X509 CRL", CP_BLOCK_CRL},
    {"CRL", NULL, CP_BLOCK_CRL},
    {"PUBLICKEY", "PUBLIC KEY", CP_BLOCK_PUBLIC_KEY},
    {"RSAPUBLICKEY", "RSA PUBLIC KEY", CP_BLOCK_PUBLIC_KEY},
    {"OPENSSHPRIVATEKEY", "OPENSSH PRIVATE KEY", CP_BLOCK_OPENSSH},
    {"SSH2PUBLICKEY", "SSH2 PUBLIC KEY", CP_BLOCK_OPENSSH},
    {"SSH2ENCRYPTEDPRIVATEKEY", "SSH2 ENCRYPTED PRIVATE KEY", CP_BLOCK_OPENSSH},
    {"DHPARAMETERS", "DH PARAMETERS", CP_BLOCK_DH_PARAMETERS},
    {"X9.42DHPARAMETERS", "X9.42 DH PARAMETERS", CP_BLOCK_DH_PARAMETERS},
    {"ECPARAMETERS", "EC PARAMETERS", CP_BLOCK_EC_PARAMETERS},
};
#define NUM_ROWS (sizeof(rows) / sizeof(rows[0]))

/* Upper case, without spaces and underscores; cut to size - 1. */
static void squeeze(char *out, size_t size, struct cp_span label) {
    size_t used = 0;
    for (size_t i = 0; i < label.len && used + 1 < size; i++) {
        uint8_t c = label.data[i];
        if (!cp_is_blank(c) && c != '_' && c != CP_GAP)
            out[used++] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
    }
    out[used] = '\0';
}

void cp_label_match(struct cp_label_match *out, struct cp_span label) {
    static const char *const words[] = {"CERT", "KEY",  "CRL", "X509",    "PKCS",
                                        "CMS",  "SSH2", "PGP", "PARAMET", "PRIV"};
    char squeezed[80];
    squeeze(squeezed, sizeof(squeezed), label);
    *out = (struct cp_label_match){.kind = CP_BLOCK_UNKNOWN};
    if (strncmp(squeezed, "PGP", 3) == 0) {
        *out = (struct cp_label_match){CP_BLOCK_PGP, true, true, true};
        return;
    }
    for (size_t i = 0; i < NUM_ROWS; i++)
        if (strcmp(rows[i].squeezed, squeezed) == 0) {
            out->kind = rows[i].kind;
            out->known = out->plausible = true;
            out->exact = rows[i].exact != NULL && cp_span_equal(cp_span_of(rows[i].exact), label);
            return;
        }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        out->plausible |= strstr(squeezed, words[i]) != NULL;
}

size_t cp_label_prefix(struct cp_span text) {
    size_t best = 0;
    for (size_t i = 0; i < NUM_ROWS; i++) {
        const char *want = rows[i].squeezed;
        size_t j = 0;
        while (*want != '\0' && j < text.len) {
            uint8_t c = text.data[j];
            if (!cp_is_blank(c)) {
                if ((cp_is_letter(c) ? c & 0xdf : c) != (uint8_t)*want)
                    break;
                want++;
            }
            j++;
        }
        if (*want == '\0' && j > best && (j == text.len || cp_is_blank(text.data[j])))
            best = j;
    }
    return best;
}
