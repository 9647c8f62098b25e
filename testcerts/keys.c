#include "keys.h"
#include "weak.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static const struct {
    const char *name, *algorithm, *param;
} key_rows[] = {
#define KEY(name, algorithm, param) {name, algorithm, param},
#include "keys.def"
#undef KEY
};

#define NUM_KEYS (sizeof key_rows / sizeof key_rows[0])

static EVP_PKEY *keys[NUM_KEYS];

static EVP_PKEY *make_dsa(int bits) {
    EVP_PKEY *params = NULL, *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
    EVP_PKEY_CTX *key_ctx = NULL;
    if (ctx == NULL || EVP_PKEY_paramgen_init(ctx) <= 0 ||
        EVP_PKEY_CTX_set_dsa_paramgen_bits(ctx, bits) <= 0 ||
        EVP_PKEY_paramgen(ctx, &params) <= 0 ||
        (key_ctx = EVP_PKEY_CTX_new_from_pkey(NULL, params, NULL)) == NULL ||
        EVP_PKEY_keygen_init(key_ctx) <= 0 || EVP_PKEY_keygen(key_ctx, &key) <= 0) {
        tc_die("can't make a DSA key");
    }
    EVP_PKEY_CTX_free(key_ctx);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(params);
    return key;
}

static EVP_PKEY *make_key(const char *algorithm, const char *param) {
    if (strcmp(algorithm, "RSA") == 0) {
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)strtoul(param, NULL, 10));
    }
    if (strcmp(algorithm, "EC") == 0) {
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", param);
    }
    if (strcmp(algorithm, "DSA") == 0) {
        return make_dsa((int)strtol(param, NULL, 10));
    }
    if (strcmp(algorithm, "WEAK") == 0) {
        return tc_weak_key_make(param);
    }
    if (strcmp(algorithm, "RFC") == 0) {
        tc_die("the keys of RFC %s are not made: put them back", param);
    }
    return EVP_PKEY_Q_keygen(NULL, NULL, algorithm);
}

/* A scalar that begins with a zero octet shows whether its length is kept; 1 key in 256 has one. */
static EVP_PKEY *make_named_key(size_t row) {
    for (;;) {
        EVP_PKEY *key = make_key(key_rows[row].algorithm, key_rows[row].param);
        if (key == NULL) {
            tc_die("can't make the key %s", key_rows[row].name);
        }
        if (strcmp(key_rows[row].name, "ec-leading-zero") != 0) {
            return key;
        }
        BIGNUM *d = NULL;
        if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d) != 1) {
            tc_die("can't read a scalar");
        }
        int bits = BN_num_bits(d);
        BN_clear_free(d);
        if (bits <= 248) {
            return key;
        }
        EVP_PKEY_free(key);
    }
}

static EVP_PKEY *load_or_make(size_t row, const char *outdir) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/keys/%s.pem", outdir, key_rows[row].name) >=
        (int)sizeof path) {
        tc_die("path too long");
    }
    BIO *bio = BIO_new_file(path, "rb");
    if (bio != NULL) {
        EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
        BIO_free(bio);
        if (key == NULL) {
            tc_die("%s: not a private key; delete it to have a new one made", path);
        }
        return key;
    }
    EVP_PKEY *key = make_named_key(row);
    bio = BIO_new_file(path, "wb");
    if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1 ||
        BIO_flush(bio) != 1) {
        tc_die("%s: can't write", path);
    }
    BIO_free(bio);
    return key;
}

static void signatures_open(const char *outdir);
static void signatures_close(void);

void tc_keys_open(const char *outdir) {
    for (size_t i = 0; i < NUM_KEYS; i++) {
        keys[i] = load_or_make(i, outdir);
    }
    signatures_open(outdir);
}

void tc_keys_close(void) {
    signatures_close();
    for (size_t i = 0; i < NUM_KEYS; i++) {
        EVP_PKEY_free(keys[i]);
        keys[i] = NULL;
    }
}

EVP_PKEY *tc_key_get0(const char *name) {
    for (size_t i = 0; i < NUM_KEYS; i++) {
        if (strcmp(key_rows[i].name, name) == 0) {
            return keys[i];
        }
    }
    tc_die("no such key: %s", name);
}

BIGNUM *tc_key_bn(const char *name, const char *param) {
    BIGNUM *value = NULL;
    if (EVP_PKEY_get_bn_param(tc_key_get0(name), param, &value) != 1) {
        tc_die("%s has no parameter %s", name, param);
    }
    return value;
}

void tc_key_spki(struct tc_bytes *out, const char *name) {
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(tc_key_get0(name), &der);
    if (len <= 0) {
        tc_die("%s has no public key", name);
    }
    tc_put(out, der, (size_t)len);
    OPENSSL_free(der);
}

void tc_key_public(struct tc_bytes *out, const char *name) {
    struct tc_bytes spki = {0};
    tc_key_spki(&spki, name);
    struct tc_element bits = tc_der_child(&spki, 1);
    tc_put(out, spki.data + bits.offset + bits.header_len + 1, bits.len - 1);
    tc_clear(&spki);
}

void tc_sha256(uint8_t out[32], const void *data, size_t len) {
    if (EVP_Q_digest(NULL, "SHA256", NULL, data, len, out, NULL) != 1) {
        tc_die("SHA-256 failed");
    }
}

/* ---- signatures ------------------------------------------------------------------------------ */

#define SIGNATURE_ID_LEN 64

static struct {
    char path[4096];
    struct tc_bytes known; /* lines "id signature", as read */
    struct tc_bytes used;  /* those of this run: what is no longer used is dropped */
} signatures;

static void signatures_open(const char *outdir) {
    if (snprintf(signatures.path, sizeof signatures.path, "%s/keys/signatures.txt", outdir) >=
        (int)sizeof signatures.path) {
        tc_die("path too long");
    }
    tc_read_file(&signatures.known, signatures.path);
}

static void signatures_close(void) {
    tc_write_file(signatures.path, &signatures.used);
    tc_clear(&signatures.known);
    tc_clear(&signatures.used);
}

/* What a signature depends on: the public key, the scheme, the bytes. */
static void signature_id(char out[SIGNATURE_ID_LEN + 1], const char *key_name, const char *digest,
                         int pss, const struct tc_bytes *message) {
    struct tc_bytes all = {0};
    uint8_t hash[32];
    tc_key_spki(&all, key_name);
    tc_printf(&all, "|%s|%d|", digest == NULL ? "" : digest, pss);
    tc_put(&all, message->data, message->len);
    tc_sha256(hash, all.data, all.len);
    for (size_t i = 0; i < sizeof hash; i++) {
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
    }
    tc_clear(&all);
}

static int signature_recall(struct tc_bytes *out, const struct tc_bytes *known, const char *id) {
    for (size_t at = 0; at < known->len;) {
        const uint8_t *line = known->data + at;
        const uint8_t *end = memchr(line, '\n', known->len - at);
        size_t len = end == NULL ? known->len - at : (size_t)(end - line);
        if (len > SIGNATURE_ID_LEN + 1 && memcmp(line, id, SIGNATURE_ID_LEN) == 0) {
            tc_unhex(out, (const char *)line + SIGNATURE_ID_LEN + 1, len - SIGNATURE_ID_LEN - 1);
            return 1;
        }
        at += len + 1;
    }
    return 0;
}

static void sign_now(struct tc_bytes *out, EVP_PKEY *key, const char *digest, int pss,
                     const struct tc_bytes *message) {
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pkey_ctx = NULL; /* owned by ctx */
    uint8_t signature[1024];
    size_t len = sizeof signature;
    if (ctx == NULL || EVP_DigestSignInit_ex(ctx, &pkey_ctx, digest, NULL, NULL, key, NULL) != 1 ||
        (pss && (EVP_PKEY_CTX_set_rsa_padding(pkey_ctx, RSA_PKCS1_PSS_PADDING) <= 0 ||
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey_ctx, RSA_PSS_SALTLEN_DIGEST) <= 0)) ||
        EVP_DigestSign(ctx, signature, &len, message->data, message->len) != 1) {
        tc_die("can't sign");
    }
    tc_put(out, signature, len);
    EVP_MD_CTX_free(ctx);
}

void tc_sign(struct tc_bytes *out, const char *key_name, const char *digest, int pss,
             const struct tc_bytes *message) {
    char id[SIGNATURE_ID_LEN + 1];
    struct tc_bytes signature = {0};
    signature_id(id, key_name, digest, pss, message);
    if (!signature_recall(&signature, &signatures.used, id)) {
        if (!signature_recall(&signature, &signatures.known, id)) {
            sign_now(&signature, tc_key_get0(key_name), digest, pss, message);
        }
        tc_printf(&signatures.used, "%s ", id);
        tc_hex(&signatures.used, signature.data, signature.len);
        tc_puts(&signatures.used, "\n");
    }
    tc_put(out, signature.data, signature.len);
    tc_clear(&signature);
}
