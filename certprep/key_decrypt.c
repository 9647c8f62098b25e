/* Encrypted private keys: PKCS#8 (RFC 5958 3, RFC 8018) and traditional PEM (RFC 1421 4.6). */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "cp_limits.h"
#include "key_parts.h"
#include "pem.h"

static enum cp_status check_passphrase(struct cp_span passphrase, struct cp_error *err) {
    if (passphrase.data == NULL)
        return cp_fail(err, CP_ERR_PASSPHRASE, "encrypted key: it needs a pass phrase");
    if (passphrase.len > CP_MAX_PASSPHRASE_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "pass phrase: over the maximum of %d bytes",
                       CP_MAX_PASSPHRASE_LEN);
    return CP_OK;
}

static enum cp_status wrong_passphrase(struct cp_secret *out, struct cp_error *err) {
    cp_secret_cleanup(out);
    return cp_fail(err, CP_ERR_PASSPHRASE,
                   "encrypted key: the pass phrase is wrong, or the data is damaged");
}

/* Decrypts straight into *out. */
static enum cp_status run_cipher(struct cp_secret *out, EVP_CIPHER_CTX *ctx,
                                 struct cp_span ciphertext, struct cp_error *err) {
    int got = 0, rest = 0;
    if (ciphertext.len == 0 || ciphertext.len > CP_MAX_FILE_LEN)
        return cp_fail(err, CP_ERR_PARSE, "encrypted key: %zu bytes of encrypted data",
                       ciphertext.len);
    CP_TRY(cp_secret_init(out, ciphertext.len + EVP_MAX_BLOCK_LENGTH, err));
    if (EVP_DecryptUpdate(ctx, out->data, &got, ciphertext.data, (int)ciphertext.len) != 1 ||
        EVP_DecryptFinal_ex(ctx, out->data + got, &rest) != 1)
        return wrong_passphrase(out, err);
    out->len = (size_t)got + (size_t)rest;
    return CP_OK;
}

/* The padding of a wrong key is right once in 256 times, so the result must also be one DER
 * SEQUENCE. */
static enum cp_status need_sequence(struct cp_secret *out, struct cp_error *err) {
    struct cp_der_reader reader;
    struct cp_der whole;
    cp_der_reader_init(&reader, (struct cp_span){out->data, out->len});
    if (cp_der_expect(&reader, &whole, CP_DER_SEQUENCE, "", NULL) == CP_OK &&
        cp_der_at_end(&reader))
        return CP_OK;
    return wrong_passphrase(out, err);
}

enum cp_status cp_key_scheme_decrypt(struct cp_secret *out, struct cp_span algorithm,
                                     struct cp_span ciphertext, struct cp_span passphrase,
                                     OSSL_LIB_CTX *library, struct cp_error *err) {
    enum cp_status status = CP_ERR_CRYPTO;
    const uint8_t *next = algorithm.data;
    X509_ALGOR *scheme = d2i_X509_ALGOR(NULL, &next, (long)algorithm.len);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    *out = (struct cp_secret){0};
    if (ctx == NULL)
        status = cp_fail(err, CP_ERR_MEMORY, "encrypted key: out of memory");
    else if (scheme == NULL)
        status = cp_fail(err, CP_ERR_PARSE, "encrypted key: encryptionAlgorithm: malformed");
    else if (EVP_PBE_CipherInit_ex(scheme->algorithm, (const char *)passphrase.data,
                                   (int)passphrase.len, scheme->parameter, ctx, 0, library,
                                   NULL) != 1)
        status = cp_fail(err, CP_ERR_UNSUPPORTED,
                         "encrypted key: OpenSSL does not take the parameters of the encryption");
    else
        status = run_cipher(out, ctx, ciphertext, err);
    EVP_CIPHER_CTX_free(ctx);
    X509_ALGOR_free(scheme);
    return status;
}

/* EncryptedPrivateKeyInfo, RFC 5958 3. */
static enum cp_status read_encrypted(struct cp_span der, struct cp_der *algorithm,
                                     struct cp_der *data, struct cp_legacy *legacy,
                                     struct cp_error *err) {
    struct cp_der_reader reader, info;
    cp_der_reader_init(&reader, der);
    CP_TRY(cp_der_enter(&reader, &info, CP_DER_SEQUENCE, "EncryptedPrivateKeyInfo", err));
    CP_TRY(cp_der_expect(&info, algorithm, CP_DER_SEQUENCE, "encryptionAlgorithm", err));
    CP_TRY(cp_der_expect(&info, data, CP_DER_OCTET_STRING, "encryptedData", err));
    CP_TRY(cp_der_end(&info, "EncryptedPrivateKeyInfo", err));
    CP_TRY(cp_der_end(&reader, "EncryptedPrivateKeyInfo", err));
    struct cp_der_reader scheme = cp_der_inside(&reader, algorithm);
    struct cp_scheme ignored;
    return cp_key_scheme_check(&ignored, &scheme, legacy, err);
}

enum cp_status cp_key_decrypt_pkcs8(struct cp_secret *out, struct cp_span der,
                                    struct cp_span passphrase, struct cp_error *err) {
    struct cp_der algorithm, data;
    struct cp_legacy legacy = {NULL, NULL, NULL};
    *out = (struct cp_secret){0};
    ERR_set_mark();
    enum cp_status status = read_encrypted(der, &algorithm, &data, &legacy, err);
    if (status == CP_OK)
        status = check_passphrase(passphrase, err);
    if (status == CP_OK)
        status = cp_key_scheme_decrypt(out, algorithm.whole, data.content, passphrase,
                                       legacy.library, err);
    if (status == CP_OK)
        status = need_sequence(out, err);
    cp_legacy_close(&legacy);
    ERR_pop_to_mark();
    return status;
}

/* ---- traditional PEM ------------------------------------------------------------------------- */

static bool is_space(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct cp_span trimmed(struct cp_span text) {
    while (text.len > 0 && is_space(text.data[0])) {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && is_space(text.data[text.len - 1]))
        text.len--;
    return text;
}

/* Value of a header line "name: value"; empty if there is none. */
static struct cp_span header_value(struct cp_span headers, const char *name) {
    size_t name_len = strlen(name);
    for (size_t i = 0; i < headers.len;) {
        size_t end = i;
        while (end < headers.len && headers.data[end] != '\n' && headers.data[end] != '\r')
            end++;
        struct cp_span line = trimmed((struct cp_span){headers.data + i, end - i});
        if (line.len > name_len && memcmp(line.data, name, name_len) == 0 &&
            line.data[name_len] == ':')
            return trimmed((struct cp_span){line.data + name_len + 1, line.len - name_len - 1});
        i = end + 1;
    }
    return (struct cp_span){NULL, 0};
}

static int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

struct dek {
    EVP_CIPHER *cipher; /* owned */
    struct cp_legacy legacy;
    uint8_t iv[EVP_MAX_IV_LENGTH];
};

/* "DEK-Info: AES-256-CBC,<IV in hex>", RFC 1421 4.6.1.3. */
static enum cp_status read_dek(struct dek *dek, struct cp_span value, struct cp_error *err) {
    char name[CP_ALGORITHM_NAME_MAX];
    const uint8_t *comma = value.len == 0 ? NULL : memchr(value.data, ',', value.len);
    if (comma == NULL)
        return cp_fail(err, CP_ERR_PARSE, "RFC 1421 4.6.1.3: DEK-Info: want 'CIPHER,IV'");
    cp_escape(name, sizeof(name),
              trimmed((struct cp_span){value.data, (size_t)(comma - value.data)}));
    struct cp_span iv =
        trimmed((struct cp_span){comma + 1, (size_t)(value.data + value.len - comma) - 1});
    dek->cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    if (dek->cipher == NULL) {
        CP_TRY(cp_legacy_open(&dek->legacy, err));
        dek->cipher = EVP_CIPHER_fetch(dek->legacy.library, name, NULL);
    }
    if (dek->cipher == NULL)
        return cp_not_provided(name, err);
    if (EVP_CIPHER_get_mode(dek->cipher) != EVP_CIPH_CBC_MODE ||
        (EVP_CIPHER_get_flags(dek->cipher) & (EVP_CIPH_FLAG_AEAD_CIPHER | EVP_CIPH_FLAG_CTS)) != 0)
        return cp_fail(err, CP_ERR_UNSUPPORTED, "encrypted key: DEK-Info: %s is not supported",
                       name);
    size_t iv_len = (size_t)EVP_CIPHER_get_iv_length(dek->cipher);
    if (iv_len < 8 || iv_len > sizeof(dek->iv) || iv.len != 2 * iv_len)
        return cp_fail(err, CP_ERR_PARSE, "DEK-Info: want an IV of %zu hex digits for %s, got %zu",
                       2 * iv_len, name, iv.len);
    for (size_t i = 0; i < iv_len; i++) {
        int high = hex_digit(iv.data[2 * i]), low = hex_digit(iv.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return cp_fail(err, CP_ERR_PARSE, "DEK-Info: the IV is not hexadecimal");
        dek->iv[i] = (uint8_t)(high << 4 | low);
    }
    return CP_OK;
}

/* The key is derived as OpenSSL always did here: EVP_BytesToKey, MD5, one round, IV as salt. */
static enum cp_status decrypt_dek(struct cp_secret *out, const struct dek *dek,
                                  struct cp_span ciphertext, struct cp_span passphrase,
                                  struct cp_error *err) {
    enum cp_status status = CP_ERR_CRYPTO;
    uint8_t key[EVP_MAX_KEY_LENGTH];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL)
        status = cp_fail(err, CP_ERR_MEMORY, "encrypted key: out of memory");
    else if (EVP_BytesToKey(dek->cipher, EVP_md5(), dek->iv, passphrase.data, (int)passphrase.len,
                            1, key, NULL) <= 0 ||
             EVP_DecryptInit_ex2(ctx, dek->cipher, key, dek->iv, NULL) != 1)
        status = cp_fail(err, CP_ERR_CRYPTO, "encrypted key: setting up the cipher failed");
    else
        status = run_cipher(out, ctx, ciphertext, err);
    if (status == CP_OK)
        status = need_sequence(out, err);
    EVP_CIPHER_CTX_free(ctx);
    OPENSSL_cleanse(key, sizeof(key));
    return status;
}

static enum cp_status decrypt_block(struct cp_secret *out, const struct cp_pem_block *block,
                                    struct cp_span passphrase, struct cp_error *err) {
    enum cp_status status;
    struct dek dek = {.cipher = NULL};
    uint8_t *data = NULL;
    size_t data_len = 0, bad = 0;
    const char *reason = NULL;
    struct cp_span type = header_value(block->headers, "Proc-Type");
    if (!cp_span_equal(type, cp_span_of("4,ENCRYPTED")))
        return cp_fail(err, CP_ERR_PARSE, "RFC 1421 4.6.1.1: Proc-Type: want '4,ENCRYPTED'");
    status = read_dek(&dek, header_value(block->headers, "DEK-Info"), err);
    if (status == CP_OK)
        status = check_passphrase(passphrase, err);
    if (status != CP_OK)
        goto out;
    data = OPENSSL_malloc(cp_base64_max(block->body.len));
    if (data == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "encrypted key: out of memory");
        goto out;
    }
    status = cp_base64_decode(data, &data_len, block->body, &bad, &reason);
    if (status != CP_OK)
        status = cp_fail(err, status, "encrypted key: base64: %s", reason);
    else
        status = decrypt_dek(out, &dek, (struct cp_span){data, data_len}, passphrase, err);
out:
    OPENSSL_free(data);
    EVP_CIPHER_free(dek.cipher);
    cp_legacy_close(&dek.legacy);
    return status;
}

enum cp_status cp_key_decrypt_traditional(struct cp_secret *out, struct cp_span text,
                                          struct cp_span passphrase, struct cp_error *err) {
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    bool found = false;
    *out = (struct cp_secret){0};
    if (text.len > CP_MAX_FILE_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "encrypted key: over the maximum of %zu bytes",
                       CP_MAX_FILE_LEN);
    cp_pem_reader_init(&reader, text);
    CP_TRY(cp_pem_next(&reader, &block, &found, err));
    if (!found)
        return cp_fail(err, CP_ERR_PARSE, "encrypted key: no PEM block");
    ERR_set_mark();
    enum cp_status status = decrypt_block(out, &block, passphrase, err);
    ERR_pop_to_mark();
    return status;
}
