#include "keyforms.h"
#include "keys.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

/* ---- containers ------------------------------------------------------------------------------ */

/* Appends PKCS#8 with inner as the privateKey octets and the key's own AlgorithmIdentifier. */
void tc_put_pkcs8(struct tc_bytes *out, const char *key, const struct tc_bytes *inner) {
    struct tc_bytes spki = {0};
    tc_key_spki(&spki, key);
    struct tc_element algorithm = tc_der_child(&spki, 0);
    size_t seq = tc_der_open(out, 0x30);
    tc_der_small(out, 0);
    tc_put(out, spki.data + algorithm.offset, algorithm.header_len + algorithm.len);
    tc_der_put(out, 0x04, inner->data, inner->len);
    tc_der_close(out, seq);
    tc_clear(&spki);
}

void tc_make_pkcs8(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(tc_key_get0(key));
    unsigned char *der = NULL;
    int len = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    if (len <= 0) {
        tc_die("can't encode the key %s", key);
    }
    tc_put(out, der, (size_t)len);
    OPENSSL_clear_free(der, (size_t)len);
    PKCS8_PRIV_KEY_INFO_free(info);
}

static void make_public(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    tc_key_spki(out, key);
}

/* The named curve alone, as openssl ecparam writes it. */
void tc_make_parameters(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    struct tc_bytes spki = {0};
    tc_key_spki(&spki, key);
    struct tc_element algorithm = tc_der_child(&spki, 0);
    struct tc_bytes id = {0};
    tc_put(&id, spki.data + algorithm.offset, algorithm.header_len + algorithm.len);
    struct tc_element curve = tc_der_child(&id, 1);
    tc_put(out, id.data + curve.offset, curve.header_len + curve.len);
    tc_clear(&id);
    tc_clear(&spki);
}

static void make_unknown_algorithm(struct tc_bytes *out, const char *key, const char *other) {
    struct tc_bytes algorithm = {0};
    size_t seq = tc_der_open(&algorithm, 0x30);
    tc_der_oid(&algorithm, "2.999.1");
    tc_der_close(&algorithm, seq);
    tc_make_pkcs8(out, key, other);
    tc_der_replace_child(out, 1, algorithm.data, algorithm.len);
    tc_clear(&algorithm);
}

/* ML-DSA-65, RFC 9881 6: a seed of 32 octets in [0]. */
static void make_ml_dsa(struct tc_bytes *out, const char *key, const char *other) {
    uint8_t seed[32];
    (void)other;
    tc_sha256(seed, key, strlen(key));
    size_t seq = tc_der_open(out, 0x30);
    tc_der_small(out, 0);
    size_t algorithm = tc_der_open(out, 0x30);
    tc_der_oid(out, "2.16.840.1.101.3.4.3.18");
    tc_der_close(out, algorithm);
    size_t octets = tc_der_open(out, 0x04);
    tc_der_put(out, 0x80, seed, sizeof seed);
    tc_der_close(out, octets);
    tc_der_close(out, seq);
}

static void make_pkcs8_trailing(struct tc_bytes *out, const char *key, const char *other) {
    tc_make_pkcs8(out, key, other);
    tc_put(out, "\x05\x00", 2);
}

/* ---- encryption ------------------------------------------------------------------------------ */

/* Salt and IV come from the key's name, so that a rerun gives the same bytes. Never do this for a
 * key that is worth something. */
static void encrypt(struct tc_bytes *out, const char *key, int scrypt) {
    uint8_t hash[32];
    tc_sha256(hash, key, strlen(key));
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(tc_key_get0(key));
    X509_ALGOR *scheme =
        scrypt
            ? PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), hash, 16, hash + 16, 16384, 8, 1)
            : PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), 2048, hash, 16, hash + 16, NID_hmacWithSHA256);
    X509_SIG *sealed = NULL;
    unsigned char *der = NULL;
    int len = -1;
    if (info == NULL || scheme == NULL ||
        (sealed = PKCS8_set0_pbe(TC_PASSPHRASE, (int)strlen(TC_PASSPHRASE), info, scheme)) ==
            NULL ||
        (len = i2d_X509_SIG(sealed, &der)) <= 0) {
        tc_die("can't encrypt the key %s", key);
    }
    tc_put(out, der, (size_t)len);
    OPENSSL_free(der);
    X509_SIG_free(sealed); /* owns scheme */
    PKCS8_PRIV_KEY_INFO_free(info);
}

static void make_pbkdf2(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    encrypt(out, key, 0);
}

static void make_scrypt(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    encrypt(out, key, 1);
}

void tc_put_dek_pem(struct tc_bytes *out, const struct tc_key_form *form, const char *key) {
    struct tc_bytes plain = {0}, sealed = {0}, headers = {0};
    uint8_t hash[32], secret[32];
    int len = 0, last = 0;
    form->make(&plain, key, form->other);
    tc_sha256(hash, key, strlen(key));
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t *room = OPENSSL_malloc(plain.len + 16);
    if (ctx == NULL || room == NULL ||
        EVP_BytesToKey(EVP_aes_256_cbc(), EVP_md5(), hash, (const unsigned char *)TC_PASSPHRASE,
                       (int)strlen(TC_PASSPHRASE), 1, secret, NULL) != 32 ||
        EVP_EncryptInit_ex(ctx, EVP_aes_256_cbc(), NULL, secret, hash) != 1 ||
        EVP_EncryptUpdate(ctx, room, &len, plain.data, (int)plain.len) != 1 ||
        EVP_EncryptFinal_ex(ctx, room + len, &last) != 1) {
        tc_die("can't encrypt the key %s", key);
    }
    tc_put(&sealed, room, (size_t)len + (size_t)last);
    tc_puts(&headers, "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,");
    for (size_t i = 0; i < 16; i++) {
        tc_printf(&headers, "%02X", hash[i]);
    }
    tc_put(&headers, "\n\n\0", 4);
    tc_pem(out, form->label, (const char *)headers.data, &sealed);
    OPENSSL_free(room);
    EVP_CIPHER_CTX_free(ctx);
    OPENSSL_cleanse(secret, sizeof secret);
    tc_clear(&plain);
    tc_clear(&sealed);
    tc_clear(&headers);
}

/* ---- OpenSSH, PROTOCOL.key; Ed25519 only ------------------------------------------------------
 */

static void put_ssh_string(struct tc_bytes *out, const void *data, size_t len) {
    uint8_t head[4] = {0, 0, (uint8_t)(len >> 8), (uint8_t)len};
    tc_put(out, head, sizeof head);
    tc_put(out, data, len);
}

static void make_openssh(struct tc_bytes *out, const char *key, const char *other) {
    (void)other;
    struct tc_bytes public = {0}, blob = {0}, private = {0};
    uint8_t pair[64];
    size_t seed_len = 32;
    tc_key_public(&public, key);
    if (EVP_PKEY_get_raw_private_key(tc_key_get0(key), pair, &seed_len) != 1 || seed_len != 32 ||
        public.len != 32) {
        tc_die("not an Ed25519 key: %s", key);
    }
    memcpy(pair + 32, public.data, 32);
    put_ssh_string(&blob, "ssh-ed25519", 11);
    put_ssh_string(&blob, public.data, public.len);
    tc_put(&private, "certcert", 8); /* the same check value twice */
    tc_put(&private, blob.data, blob.len);
    put_ssh_string(&private, pair, sizeof pair);
    put_ssh_string(&private, "certprep test", 13);
    for (uint8_t pad = 1; private.len % 8 != 0; pad++) {
        tc_put_byte(&private, pad);
    }
    tc_put(out, "openssh-key-v1\0", 15);
    put_ssh_string(out, "none", 4);
    put_ssh_string(out, "none", 4);
    put_ssh_string(out, "", 0);
    tc_put(out, "\0\0\0\1", 4);
    put_ssh_string(out, blob.data, blob.len);
    put_ssh_string(out, private.data, private.len);
    OPENSSL_cleanse(pair, sizeof pair);
    tc_clear(&public);
    tc_clear(&blob);
    tc_clear(&private);
}

static const struct tc_key_form forms[] = {
    {"pkcs8", "PRIVATE KEY", "PKCS#8", tc_make_pkcs8, NULL},
    {"pkcs1", "RSA PRIVATE KEY", "PKCS#1", tc_make_pkcs1, NULL},
    {"sec1", "EC PRIVATE KEY", "SEC1", tc_make_sec1, NULL},
    {"sec1-no-curve", "EC PRIVATE KEY", "SEC1, curve left out", tc_make_sec1_no_curve, NULL},
    {"parameters", "EC PARAMETERS", "the curve only", tc_make_parameters, NULL},
    {"public", "PUBLIC KEY", "public half only", make_public, NULL},
    {"pbkdf2", "ENCRYPTED PRIVATE KEY", "PKCS#8, PBES2 with PBKDF2", make_pbkdf2, NULL},
    {"scrypt", "ENCRYPTED PRIVATE KEY", "PKCS#8, PBES2 with scrypt", make_scrypt, NULL},
    {"no-public", "PRIVATE KEY", "PKCS#8 without public point", tc_make_ec_no_public, NULL},
    {"v2", "PRIVATE KEY", "PKCS#8 version 2, public key inside", tc_make_edwards_v2, NULL},
    {"openssh", "OPENSSH PRIVATE KEY", "OpenSSH", make_openssh, NULL},
    {"unknown", "PRIVATE KEY", "PKCS#8, algorithm 2.999.1", make_unknown_algorithm, NULL},
    {"trailing", "PRIVATE KEY", "PKCS#8, then NULL", make_pkcs8_trailing, NULL},
    {"bad-n", "PRIVATE KEY", "PKCS#8, altered", tc_make_rsa_bad_n, "rsa-foreign"},
    {"bad-d", "PRIVATE KEY", "PKCS#8, altered", tc_make_rsa_bad_d, NULL},
    {"bad-dp", "PRIVATE KEY", "PKCS#8, altered", tc_make_rsa_bad_dp, NULL},
    {"bad-dq", "PRIVATE KEY", "PKCS#8, altered", tc_make_rsa_bad_dq, NULL},
    {"bad-qinv", "PRIVATE KEY", "PKCS#8, altered", tc_make_rsa_bad_qinv, NULL},
    {"bad-scalar", "PRIVATE KEY", "PKCS#8, altered", tc_make_ec_bad_scalar, "ec-foreign"},
    {"bad-public", "PRIVATE KEY", "PKCS#8, altered", tc_make_ec_bad_public, "ec-foreign"},
    {"zero", "PRIVATE KEY", "PKCS#8, altered", tc_make_ec_zero, NULL},
    {"order", "PRIVATE KEY", "PKCS#8, altered", tc_make_ec_order, NULL},
    {"above-order", "PRIVATE KEY", "PKCS#8, altered", tc_make_ec_above_order, NULL},
    {"short", "PRIVATE KEY", "PKCS#8, altered", tc_make_ec_short, NULL},
    {"explicit", "PRIVATE KEY", "PKCS#8, explicit curve", tc_make_pkcs8_explicit, NULL},
    {"sec1-explicit", "EC PRIVATE KEY", "SEC1, explicit curve", tc_make_sec1_explicit, NULL},
    {"explicit-compressed", "PRIVATE KEY", "PKCS#8, explicit curve, generator compressed",
     tc_make_explicit_compressed, NULL},
    {"explicit-generator", "PRIVATE KEY", "PKCS#8, explicit curve, another generator",
     tc_make_explicit_generator, "ec-foreign"},
    {"explicit-secp256k1", "PRIVATE KEY", "PKCS#8, explicit secp256k1", tc_make_explicit_secp256k1,
     NULL},
    {"ml-dsa", "PRIVATE KEY", "PKCS#8, ML-DSA-65", make_ml_dsa, NULL},
    {"v2-bad", "PRIVATE KEY", "PKCS#8 version 2, altered", tc_make_edwards_v2_bad,
     "ed25519-foreign"},
};

const struct tc_key_form *tc_key_form_get(const char *name) {
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(forms[i].name, name) == 0) {
            return &forms[i];
        }
    }
    tc_die("no such key form: %s", name);
}
