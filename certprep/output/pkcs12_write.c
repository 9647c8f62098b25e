/* PKCS#12 (RFC 7292) by OpenSSL. Modern: PBES2 with AES-256-CBC and PBKDF2-HMAC-SHA-256, MAC with
 * HMAC-SHA-256. Legacy: pbeWithSHAAnd3-KeyTripleDES-CBC for key and certificates, MAC with
 * HMAC-SHA-1. Iterations of all: CP_PKCS12_ITERATIONS. The entry's friendlyName is "server". */
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <string.h>

#include "cp_limits.h"
#include "output.h"

static char entry_name[] = "server";

/* The pass phrase as a C string in pages of its own: OpenSSL wants the NUL. */
static enum cp_status take_passphrase(struct cp_secret *out,
                                      const struct cp_output_options *options,
                                      struct cp_error *err) {
    if (options == NULL || options->passphrase == NULL || options->passphrase_len == 0)
        return cp_fail(err, CP_ERR_USAGE,
                       "PKCS#12 needs a pass phrase: give --p12-passphrase-file FILE");
    if (options->passphrase_len > CP_MAX_PASSPHRASE_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "pass phrase of the PKCS#12: over %d bytes",
                       CP_MAX_PASSPHRASE_LEN);
    if (memchr(options->passphrase, '\0', options->passphrase_len) != NULL)
        return cp_fail(err, CP_ERR_USAGE, "pass phrase of the PKCS#12: has a NUL byte");
    if (!cp_utf8_is_valid((struct cp_span){options->passphrase, options->passphrase_len}))
        return cp_fail(err, CP_ERR_USAGE,
                       "pass phrase of the PKCS#12: not UTF-8, so that readers would disagree");
    enum cp_status status = cp_secret_init(out, options->passphrase_len + 1, err);
    if (status == CP_OK)
        status = cp_secret_append(out, options->passphrase, options->passphrase_len, err);
    return status;
}

static X509 *read_cert(struct cp_span der) {
    const unsigned char *at = der.data;
    return der.len > LONG_MAX ? NULL : d2i_X509(NULL, &at, (long)der.len);
}

static STACK_OF(X509) * read_chain(const struct cp_prepared *prepared) {
    STACK_OF(X509) *chain = sk_X509_new_null();
    for (size_t i = 1; chain != NULL && i < prepared->num_certs; i++) {
        X509 *cert = read_cert(prepared->certs[i]);
        if (cert == NULL || sk_X509_push(chain, cert) == 0) {
            X509_free(cert);
            sk_X509_pop_free(chain, X509_free);
            return NULL;
        }
    }
    return chain;
}

static enum cp_status encode(struct cp_secret *out, const PKCS12 *p12, struct cp_error *err) {
    int len = i2d_PKCS12(p12, NULL);
    if (len <= 0 || (size_t)len > CP_MAX_PKCS12_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "PKCS#12: too large");
    enum cp_status status = cp_secret_init(out, (size_t)len, err);
    if (status != CP_OK)
        return status;
    unsigned char *at = out->data;
    if (i2d_PKCS12(p12, &at) != len)
        return cp_fail(err, CP_ERR_CRYPTO, "PKCS#12: OpenSSL could not encode it");
    out->len = (size_t)len;
    return CP_OK;
}

enum cp_status cp_output_pkcs12(struct cp_secret *out, const struct cp_prepared *prepared,
                                const struct cp_output_options *options, struct cp_error *err) {
    struct cp_secret pass = {0};
    PKCS12 *p12 = NULL;
    X509 *leaf = NULL;
    EVP_PKEY *key = NULL;
    STACK_OF(X509) *chain = NULL;
    enum cp_status status = take_passphrase(&pass, options, err);
    if (status != CP_OK)
        goto out;
    const char *text = (const char *)pass.data;
    bool legacy = options->legacy;
    int nid = legacy ? NID_pbe_WithSHA1And3_Key_TripleDES_CBC : NID_aes_256_cbc;
    int iterations = legacy ? CP_PKCS12_LEGACY_ITERATIONS : CP_PKCS12_ITERATIONS;
    const unsigned char *at = prepared->key_der.data;
    leaf = read_cert(prepared->certs[0]);
    key = d2i_AutoPrivateKey(NULL, &at, (long)prepared->key_der.len);
    chain = read_chain(prepared);
    status = cp_fail(err, CP_ERR_CRYPTO, "PKCS#12: OpenSSL could not write it");
    if (leaf == NULL || key == NULL || chain == NULL)
        goto out;
    /* Without a MAC first: its digest is chosen apart. */
    p12 = PKCS12_create(text, entry_name, key, leaf, chain, nid, nid, iterations, -1, 0);
    if (p12 == NULL ||
        PKCS12_set_mac(p12, text, -1, NULL, 0, iterations, legacy ? EVP_sha1() : EVP_sha256()) != 1)
        goto out;
    status = encode(out, p12, err);
out:
    ERR_clear_error();
    PKCS12_free(p12);
    X509_free(leaf);
    EVP_PKEY_free(key);
    sk_X509_pop_free(chain, X509_free);
    cp_secret_cleanup(&pass);
    return status;
}

/* ---- comparison ---- */

struct contents {
    EVP_PKEY *key;
    X509 *leaf;
    STACK_OF(X509) * chain;
    const X509_ALGOR *mac;
    const ASN1_INTEGER *iterations;
    PKCS12 *p12;
};

static void contents_cleanup(struct contents *c) {
    EVP_PKEY_free(c->key);
    X509_free(c->leaf);
    sk_X509_pop_free(c->chain, X509_free);
    PKCS12_free(c->p12);
}

/* Only what asks for no more work than our own is opened: a foreign iteration count is a
 * difference. */
static bool open_contents(struct contents *c, struct cp_span der, const char *pass,
                          int64_t iterations) {
    const unsigned char *at = der.data;
    int64_t has = 0;
    if (der.len == 0 || der.len > CP_MAX_PKCS12_LEN)
        return false;
    c->p12 = d2i_PKCS12(NULL, &at, (long)der.len);
    if (c->p12 == NULL || at != der.data + der.len)
        return false;
    PKCS12_get0_mac(NULL, &c->mac, NULL, &c->iterations, c->p12);
    if (c->mac == NULL || c->iterations == NULL ||
        ASN1_INTEGER_get_int64(&has, c->iterations) != 1 || has != iterations)
        return false;
    return PKCS12_parse(c->p12, pass, &c->key, &c->leaf, &c->chain) == 1 && c->key != NULL &&
           c->leaf != NULL;
}

static bool same_contents(const struct contents *a, const struct contents *b) {
    const ASN1_OBJECT *mac_a = NULL, *mac_b = NULL;
    X509_ALGOR_get0(&mac_a, NULL, NULL, a->mac);
    X509_ALGOR_get0(&mac_b, NULL, NULL, b->mac);
    int num = a->chain == NULL ? 0 : sk_X509_num(a->chain);
    if (OBJ_cmp(mac_a, mac_b) != 0 || EVP_PKEY_eq(a->key, b->key) != 1 ||
        X509_cmp(a->leaf, b->leaf) != 0 || num != (b->chain == NULL ? 0 : sk_X509_num(b->chain)))
        return false;
    for (int i = 0; i < num; i++)
        if (X509_cmp(sk_X509_value(a->chain, i), sk_X509_value(b->chain, i)) != 0)
            return false;
    return true;
}

bool cp_pkcs12_same(struct cp_span a, struct cp_span b, const struct cp_output_options *options) {
    struct contents ours = {.key = NULL}, other = {.key = NULL};
    struct cp_secret pass = {0};
    bool same = false;
    if (a.len == b.len && take_passphrase(&pass, options, NULL) == CP_OK) {
        int64_t iterations = options->legacy ? CP_PKCS12_LEGACY_ITERATIONS : CP_PKCS12_ITERATIONS;
        const char *text = (const char *)pass.data;
        same = open_contents(&ours, a, text, iterations) &&
               open_contents(&other, b, text, iterations) && same_contents(&ours, &other);
    }
    contents_cleanup(&ours);
    contents_cleanup(&other);
    cp_secret_cleanup(&pass);
    ERR_clear_error();
    return same;
}
