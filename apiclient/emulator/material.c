/* An uploaded certificate and its key, judged by OpenSSL. */
#include "api.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

/* Never a prompt: an encrypted key is refused. */
static int no_passphrase(char *out, int size, int writing, void *arg) {
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

/* Whether a PEM reader stopped for want of another block. Clears the error queue. */
static bool at_end(void) {
    unsigned long error = ERR_peek_last_error();
    ERR_clear_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

/* The leaf; every block must be a whole certificate. */
static const char *read_chain(X509 **leaf, char sha256[65], BIO *bio) {
    for (size_t num = 0;; num++) {
        char *name = NULL, *header = NULL;
        unsigned char *der = NULL;
        long der_len = 0;
        if (PEM_read_bio(bio, &name, &header, &der, &der_len) != 1)
            return at_end() && num > 0 ? NULL : "Certificate: not PEM, or a block is broken";
        const unsigned char *next = der;
        bool right_name = strcmp(name, "CERTIFICATE") == 0 && header[0] == '\0';
        X509 *cert = right_name ? d2i_X509(NULL, &next, der_len) : NULL;
        bool whole = cert != NULL && next == der + der_len;
        if (whole && num == 0) {
            esa_emu_sha256_hex(sha256, der, (size_t)der_len);
            *leaf = cert;
            cert = NULL;
        }
        X509_free(cert);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(der, (size_t)der_len); /* a misplaced key, for all we know */
        ERR_clear_error();
        if (!right_name)
            return "Certificate: holds a PEM block that is no certificate";
        if (!whole)
            return "Certificate: a block is no X.509 certificate";
        if (num == ESA_EMU_MAX_CERTIFICATES)
            return "Certificate: too many certificates";
    }
}

/* Seconds since the epoch; -1 if the time is malformed. */
static int64_t not_after(const X509 *cert) {
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    bool ok =
        epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(cert)) == 1;
    ASN1_TIME_free(epoch);
    return ok ? (int64_t)days * 86400 + seconds : -1;
}

const char *esa_emu_material_check(char sha256[65], int64_t *not_after_s,
                                   struct esa_emu_span certificate,
                                   struct esa_emu_span private_key) {
    const char *reason = "out of memory";
    BIO *cert_bio = NULL, *key_bio = NULL;
    X509 *leaf = NULL;
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = NULL;
    if (certificate.len > INT_MAX || private_key.len > INT_MAX)
        goto out;
    cert_bio = BIO_new_mem_buf(certificate.data, (int)certificate.len);
    key_bio = BIO_new_mem_buf(private_key.data, (int)private_key.len);
    if (cert_bio == NULL || key_bio == NULL)
        goto out;
    reason = read_chain(&leaf, sha256, cert_bio);
    if (reason != NULL)
        goto out;
    key = PEM_read_bio_PrivateKey(key_bio, NULL, no_passphrase, NULL);
    if (key == NULL) {
        reason = "PrivateKey: no unencrypted private key in PEM";
        goto out;
    }
    context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    if (X509_check_private_key(leaf, key) != 1)
        reason = "PrivateKey: does not match the first certificate";
    else if (context == NULL || EVP_PKEY_pairwise_check(context) != 1)
        reason = "PrivateKey: its private and public parts do not belong together";
    *not_after_s = not_after(leaf);
    if (reason == NULL && *not_after_s < 0)
        reason = "Certificate: notAfter is malformed, or before 1970";
out:
    if (reason != NULL)
        sha256[0] = '\0';
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    X509_free(leaf);
    BIO_free(key_bio);
    BIO_free(cert_bio);
    ERR_clear_error();
    return reason;
}
