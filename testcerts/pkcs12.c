/* PKCS#12 for the test material, written field by field, with salts from the name: never do this
 * for a key that is worth something. */
#include "certs.h"
#include "containers.h"
#include "keyforms.h"
#include "keys.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#define ITERATIONS 2048

struct form {
    const char *name;
    const char *pass;      /* NULL: an absent one */
    int cert_nid, key_nid; /* PKCS#12 schemes; 0: PBES2; -1: not encrypted */
    const char *mac;       /* digest; NULL: none */
    int pbmac1, ber, costly;
};

static const struct form forms[] = {
    {.name = "modern", .pass = TC_PASSPHRASE, .mac = "SHA256"},
    {.name = "legacy",
     .pass = TC_PASSPHRASE,
     .mac = "SHA1",
     .cert_nid = NID_pbe_WithSHA1And40BitRC2_CBC,
     .key_nid = NID_pbe_WithSHA1And3_Key_TripleDES_CBC},
    {.name = "absent", .mac = "SHA256"},
    {.name = "empty", .pass = "", .mac = "SHA256"},
    {.name = "plain", .cert_nid = -1, .key_nid = -1},
    {.name = "ber", .pass = TC_PASSPHRASE, .mac = "SHA256", .ber = 1},
    {.name = "pbmac1", .pass = TC_PASSPHRASE, .mac = "SHA256", .pbmac1 = 1},
    {.name = "costly", .pass = TC_PASSPHRASE, .mac = "SHA256", .costly = 1},
};

static void put_hash(uint8_t out[32], const char *what, const char *text) {
    struct tc_bytes all = {0};
    tc_printf(&all, "%s|%s", what, text);
    tc_sha256(out, all.data, all.len);
    tc_clear(&all);
}

/* Appends AlgorithmIdentifier, then the ciphertext with this tag. */
static void encrypt(struct tc_bytes *out, uint8_t tag, const struct form *form, int nid,
                    const struct tc_bytes *plain, const uint8_t hash[32]) {
    OSSL_LIB_CTX *library = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *base = OSSL_PROVIDER_load(library, "default");
    OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(library, "legacy");
    X509_ALGOR *scheme = NULL;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t *room = OPENSSL_malloc(plain->len + 32), *der = NULL;
    uint8_t salt[16], iv[16];
    int len = 0, last = 0;
    memcpy(salt, hash, sizeof salt);
    memcpy(iv, hash + 16, sizeof iv);
    scheme = nid == 0 ? PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), ITERATIONS, salt, 16, iv,
                                          NID_hmacWithSHA256)
                      : PKCS5_pbe_set(nid, ITERATIONS, salt, 8);
    if (base == NULL || legacy == NULL || ctx == NULL || room == NULL || scheme == NULL ||
        EVP_PBE_CipherInit_ex(scheme->algorithm, form->pass,
                              form->pass == NULL ? 0 : (int)strlen(form->pass), scheme->parameter,
                              ctx, 1, library, NULL) != 1 ||
        EVP_EncryptUpdate(ctx, room, &len, plain->data, (int)plain->len) != 1 ||
        EVP_EncryptFinal_ex(ctx, room + len, &last) != 1) {
        tc_die("can't encrypt for PKCS#12 (is OpenSSL's legacy provider installed?)");
    }
    int der_len = i2d_X509_ALGOR(scheme, &der);
    if (der_len <= 0) {
        tc_die("can't encode an AlgorithmIdentifier");
    }
    tc_put(out, der, (size_t)der_len);
    tc_der_put(out, tag, room, (size_t)len + (size_t)last);
    OPENSSL_free(der);
    OPENSSL_free(room);
    EVP_CIPHER_CTX_free(ctx);
    X509_ALGOR_free(scheme);
    OSSL_PROVIDER_unload(legacy);
    OSSL_PROVIDER_unload(base);
    OSSL_LIB_CTX_free(library);
}

/* A SafeBag around one element. */
static void put_bag(struct tc_bytes *out, const char *oid, const struct tc_bytes *value) {
    size_t bag = tc_der_open(out, 0x30);
    tc_der_oid(out, oid);
    tc_der_put(out, 0xa0, value->data, value->len);
    tc_der_close(out, bag);
}

static void put_cert_bag(struct tc_bytes *out, const char *name) {
    struct tc_bytes cert = {0}, value = {0};
    tc_cert_issue(&cert, tc_cert_row_get(name));
    size_t bag = tc_der_open(&value, 0x30);
    tc_der_oid(&value, "1.2.840.113549.1.9.22.1");
    size_t explicit = tc_der_open(&value, 0xa0);
    tc_der_put(&value, 0x04, cert.data, cert.len);
    tc_der_close(&value, explicit);
    tc_der_close(&value, bag);
    put_bag(out, "1.2.840.113549.1.12.10.1.3", &value);
    tc_clear(&cert);
    tc_clear(&value);
}

static void put_key_bag(struct tc_bytes *out, const struct form *form, const char *key) {
    struct tc_bytes pkcs8 = {0}, value = {0};
    uint8_t hash[32];
    tc_make_pkcs8(&pkcs8, key, NULL);
    put_hash(hash, "key", key);
    if (form->key_nid == -1) {
        put_bag(out, "1.2.840.113549.1.12.10.1.1", &pkcs8);
    } else {
        size_t info = tc_der_open(&value, 0x30);
        encrypt(&value, 0x04, form, form->key_nid, &pkcs8, hash);
        tc_der_close(&value, info);
        put_bag(out, "1.2.840.113549.1.12.10.1.2", &value);
    }
    tc_clear(&pkcs8);
    tc_clear(&value);
}

/* ContentInfo of type data around SafeContents. */
static void put_plain_safe(struct tc_bytes *out, const struct tc_bytes *safe) {
    size_t info = tc_der_open(out, 0x30);
    tc_der_oid(out, "1.2.840.113549.1.7.1");
    size_t explicit = tc_der_open(out, 0xa0);
    tc_der_put(out, 0x04, safe->data, safe->len);
    tc_der_close(out, explicit);
    tc_der_close(out, info);
}

static void put_encrypted_safe(struct tc_bytes *out, const struct form *form,
                               const struct tc_bytes *safe) {
    uint8_t hash[32];
    put_hash(hash, "safe", form->name);
    size_t info = tc_der_open(out, 0x30);
    tc_der_oid(out, "1.2.840.113549.1.7.6");
    size_t explicit = tc_der_open(out, 0xa0);
    size_t data = tc_der_open(out, 0x30);
    tc_der_small(out, 0);
    size_t content = tc_der_open(out, 0x30);
    tc_der_oid(out, "1.2.840.113549.1.7.1");
    encrypt(out, 0x80, form, form->cert_nid, safe, hash);
    tc_der_close(out, content);
    tc_der_close(out, data);
    tc_der_close(out, explicit);
    tc_der_close(out, info);
}

/* ---- integrity ------------------------------------------------------------------------------- */

static void put_pbmac1(struct tc_bytes *out, const uint8_t salt[8]) {
    size_t algorithm = tc_der_open(out, 0x30);
    tc_der_oid(out, "1.2.840.113549.1.5.14");
    size_t params = tc_der_open(out, 0x30);
    size_t kdf = tc_der_open(out, 0x30);
    tc_der_oid(out, "1.2.840.113549.1.5.12");
    size_t pbkdf2 = tc_der_open(out, 0x30);
    tc_der_put(out, 0x04, salt, 8);
    tc_der_put(out, 0x02, "\x08\x00", 2);
    tc_der_small(out, 32);
    size_t prf = tc_der_open(out, 0x30);
    tc_der_oid(out, "1.2.840.113549.2.9");
    tc_der_put(out, 0x05, "", 0);
    tc_der_close(out, prf);
    tc_der_close(out, pbkdf2);
    tc_der_close(out, kdf);
    size_t scheme = tc_der_open(out, 0x30);
    tc_der_oid(out, "1.2.840.113549.2.9");
    tc_der_put(out, 0x05, "", 0);
    tc_der_close(out, scheme);
    tc_der_close(out, params);
    tc_der_close(out, algorithm);
}

static void put_mac(struct tc_bytes *out, const struct form *form, const struct tc_bytes *content) {
    const EVP_MD *md = EVP_get_digestbyname(form->mac);
    uint8_t hash[32], key[32], mac[EVP_MAX_MD_SIZE];
    size_t mac_len = 0, key_len = md == NULL ? 0 : (size_t)EVP_MD_get_size(md);
    int pass_len = form->pass == NULL ? 0 : (int)strlen(form->pass);
    put_hash(hash, "mac", form->name);
    int ok = md != NULL && key_len <= sizeof key;
    if (ok && form->pbmac1) {
        ok = PKCS5_PBKDF2_HMAC(form->pass, pass_len, hash, 8, ITERATIONS, md, 32, key);
    } else if (ok) {
        ok = PKCS12_key_gen_utf8_ex(form->pass, pass_len, hash, 8, PKCS12_MAC_ID, ITERATIONS,
                                    (int)key_len, key, md, NULL, NULL);
    }
    if (ok != 1 || EVP_Q_mac(NULL, "HMAC", NULL, form->mac, NULL, key, key_len, content->data,
                             content->len, mac, sizeof mac, &mac_len) == NULL) {
        tc_die("can't make the MAC of a PKCS#12");
    }
    size_t data = tc_der_open(out, 0x30);
    size_t info = tc_der_open(out, 0x30);
    if (form->pbmac1) {
        put_pbmac1(out, hash);
    } else {
        size_t algorithm = tc_der_open(out, 0x30);
        tc_der_oid(out,
                   strcmp(form->mac, "SHA1") == 0 ? "1.3.14.3.2.26" : "2.16.840.1.101.3.4.2.1");
        tc_der_put(out, 0x05, "", 0);
        tc_der_close(out, algorithm);
    }
    tc_der_put(out, 0x04, mac, mac_len);
    tc_der_close(out, info);
    tc_der_put(out, 0x04, hash, 8);
    if (form->costly) {
        tc_der_put(out, 0x02, "\x00\x98\x96\x81", 4);
    } else {
        tc_der_put(out, 0x02, "\x08\x00", 2);
    }
    tc_der_close(out, data);
}

/* ---- whole ----------------------------------------------------------------------------------- */

static const struct form *form_get(const char *name, size_t len) {
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strlen(forms[i].name) == len && memcmp(forms[i].name, name, len) == 0) {
            return &forms[i];
        }
    }
    tc_die("no such form of PKCS#12: %s", name);
}

static void put_certs(struct tc_bytes *safe, const char *list, size_t len) {
    size_t seq = tc_der_open(safe, 0x30);
    for (size_t at = 0; at < len;) {
        char name[64];
        size_t n = strcspn(list + at, ",/");
        if (n >= sizeof name) {
            tc_die("name too long: %s", list);
        }
        memcpy(name, list + at, n);
        name[n] = '\0';
        put_cert_bag(safe, name);
        at += n + 1;
    }
    tc_der_close(safe, seq);
}

void tc_make_pkcs12(struct tc_bytes *out, const char *text) {
    struct tc_bytes certs = {0}, keys = {0}, safes = {0}, content = {0}, pfx = {0};
    const char *list = strchr(text, '/'), *key = list == NULL ? NULL : strchr(list + 1, '/');
    if (key == NULL) {
        tc_die("PKCS#12 not understood: %s", text);
    }
    const struct form *form = form_get(text, (size_t)(list - text));
    size_t seq = tc_der_open(&safes, 0x30);
    if (key > list + 1) {
        put_certs(&certs, list + 1, (size_t)(key - list - 1));
        if (form->cert_nid == -1) {
            put_plain_safe(&safes, &certs);
        } else {
            put_encrypted_safe(&safes, form, &certs);
        }
    }
    if (key[1] != '\0') {
        size_t safe = tc_der_open(&keys, 0x30);
        put_key_bag(&keys, form, key + 1);
        tc_der_close(&keys, safe);
        put_plain_safe(&safes, &keys);
    }
    tc_der_close(&safes, seq);
    if (form->ber) {
        tc_put_ber(&content, &safes, 8);
    } else {
        tc_put(&content, safes.data, safes.len);
    }
    size_t whole = tc_der_open(&pfx, 0x30);
    tc_der_small(&pfx, 3);
    put_plain_safe(&pfx, &content);
    if (form->mac != NULL) {
        put_mac(&pfx, form, &content);
    }
    tc_der_close(&pfx, whole);
    if (form->ber) {
        tc_put_ber(out, &pfx, 8);
    } else {
        tc_put(out, pfx.data, pfx.len);
    }
    tc_clear(&certs);
    tc_clear(&keys);
    tc_clear(&safes);
    tc_clear(&content);
    tc_clear(&pfx);
}
