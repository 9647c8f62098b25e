/* Encrypted private keys: what is decrypted, what is refused, and that nothing is spent before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cp_limits.h"
#include "key.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SPAN(text)                                                                                 \
    { (const uint8_t *)(text), sizeof(text) - 1 }

static const struct cp_span right = SPAN("correct horse"), wrong = SPAN("wrong horse"),
                            empty = SPAN(""), none = {NULL, 0};

static EVP_PKEY *rsa, *ec;
static PKCS8_PRIV_KEY_INFO *info;
static uint8_t *plain;
static struct cp_span plain_der;

static int setup(void **state) {
    (void)state;
    rsa = EVP_RSA_gen(1024);
    ec = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    assert_true(rsa != NULL && ec != NULL);
    info = EVP_PKEY2PKCS8(ec);
    int len = i2d_PKCS8_PRIV_KEY_INFO(info, &plain);
    plain_der = (struct cp_span){plain, (size_t)len};
    return len <= 0;
}

static int teardown(void **state) {
    (void)state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    PKCS8_PRIV_KEY_INFO_free(info);
    OPENSSL_free(plain);
    return 0;
}

/* DER of an EncryptedPrivateKeyInfo; freed with OPENSSL_free. */
static struct cp_span sealed_der(X509_SIG *sealed) {
    uint8_t *out = NULL;
    assert_non_null(sealed);
    int len = i2d_X509_SIG(sealed, &out);
    assert_true(len > 0);
    X509_SIG_free(sealed);
    return (struct cp_span){out, (size_t)len};
}

static void release(struct cp_span der) {
    OPENSSL_free((void *)der.data);
}

/* PKCS8_set0_pbe takes the algorithm. */
static struct cp_span sealed_with(X509_ALGOR *algorithm, struct cp_span pass) {
    assert_non_null(algorithm);
    return sealed_der(PKCS8_set0_pbe((const char *)pass.data, (int)pass.len, info, algorithm));
}

static void expect_plain(struct cp_span der, struct cp_span pass, const char *reason) {
    struct cp_secret out;
    struct cp_error err = {0};
    if (cp_key_decrypt_pkcs8(&out, der, pass, &err) != CP_OK)
        fail_msg("%s: %s", reason, err.message);
    assert_int_equal(out.len, plain_der.len);
    assert_memory_equal(out.data, plain_der.data, plain_der.len);
    cp_secret_cleanup(&out);
}

static void expect_refusal(struct cp_span der, struct cp_span pass, enum cp_status want,
                           const char *said, const char *reason) {
    struct cp_secret out;
    struct cp_error err = {0};
    enum cp_status status = cp_key_decrypt_pkcs8(&out, der, pass, &err);
    if (status != want)
        fail_msg("%s: status %d, '%s'", reason, (int)status, err.message);
    if (strstr(err.message, said) == NULL)
        fail_msg("%s: the message is '%s'", reason, err.message);
    assert_null(strstr(err.message, "horse")); /* never the pass phrase */
    assert_null(out.data);
    assert_int_equal(ERR_peek_error(), 0); /* OpenSSL's queue is left as it was */
    assert_int_equal(cp_key_decrypt_pkcs8(&out, der, pass, NULL), want);
}

/* ---- PKCS#8: what is decrypted --------------------------------------------------------------- */

static const struct {
    const char *cipher; /* PBES2, unless nid says PBES1 */
    int prf, nid;
    bool scrypt;
    const char *reason;
} schemes[] = {
    {"aes-256-cbc", NID_hmacWithSHA256, 0, false, "what openssl writes by default"},
    {"aes-128-cbc", NID_hmacWithSHA1, 0, false, "the default PRF, left out of the DER"},
    {"aes-192-cbc", NID_hmacWithSHA512, 0, false, "another PRF"},
    {"des-ede3-cbc", NID_hmacWithSHA256, 0, false, "3DES under PBES2"},
    {"camellia-256-cbc", NID_hmacWithSHA256, 0, false, "Camellia"},
    {"aes-256-cbc", 0, 0, true, "scrypt"},
    {NULL, 0, NID_pbe_WithSHA1And3_Key_TripleDES_CBC, false, "PKCS#12 scheme with 3DES"},
};

static X509_ALGOR *scheme_algorithm(size_t i, int iterations) {
    uint8_t salt[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    if (schemes[i].nid != 0)
        return PKCS5_pbe_set(schemes[i].nid, iterations, salt, sizeof(salt));
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, schemes[i].cipher, NULL);
    assert_non_null(cipher);
    X509_ALGOR *algorithm =
        schemes[i].scrypt
            ? PKCS5_pbe2_set_scrypt(cipher, salt, sizeof(salt), NULL, 1024, 8, 1)
            : PKCS5_pbe2_set_iv(cipher, iterations, salt, sizeof(salt), NULL, schemes[i].prf);
    EVP_CIPHER_free(cipher);
    return algorithm;
}

static void test_schemes(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct cp_span der = sealed_with(scheme_algorithm(i, 10), right);
        expect_plain(der, right, schemes[i].reason);
        expect_refusal(der, wrong, CP_ERR_PASSPHRASE, "wrong", schemes[i].reason);
        expect_refusal(der, empty, CP_ERR_PASSPHRASE, "wrong", schemes[i].reason);
        expect_refusal(der, none, CP_ERR_PASSPHRASE, "needs a pass phrase", schemes[i].reason);
        release(der);
    }
}

/* The padding of a wrong key is right once in 256 times: none of these may pass for a key. */
static void test_many_wrong(void **state) {
    (void)state;
    struct cp_span der = sealed_with(scheme_algorithm(0, 1), right);
    for (unsigned i = 0; i < 2000; i++) {
        char pass[16];
        struct cp_secret out;
        int len = snprintf(pass, sizeof(pass), "guess %u", i);
        assert_int_equal(cp_key_decrypt_pkcs8(
                             &out, der, (struct cp_span){(const uint8_t *)pass, (size_t)len}, NULL),
                         CP_ERR_PASSPHRASE);
        assert_null(out.data);
    }
    release(der);
}

static void test_passphrases(void **state) {
    (void)state;
    static uint8_t longest[CP_MAX_PASSPHRASE_LEN + 1];
    memset(longest, 'x', sizeof(longest));
    const struct {
        struct cp_span pass;
        const char *reason;
    } rows[] = {
        {empty, "an empty one that was given"},
        {SPAN("a\0b"), "a NUL inside"},
        {SPAN("gr\xc3\xbc\xc3\x9f"), "UTF-8"},
        {{longest, CP_MAX_PASSPHRASE_LEN}, "the longest"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp_span der = sealed_with(scheme_algorithm(0, 10), rows[i].pass);
        expect_plain(der, rows[i].pass, rows[i].reason);
        release(der);
    }
    struct cp_span der = sealed_with(scheme_algorithm(0, 10), right);
    expect_refusal(der, (struct cp_span){longest, sizeof(longest)}, CP_ERR_LIMIT, "1024",
                   "over the maximum");
    release(der);
}

/* ---- PKCS#8: what is refused, before anything is derived --------------------------------------
 */

#define O_PBES2 "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d"
#define O_PBKDF2 "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c"
#define O_SCRYPT "\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x04\x0b"
#define O_MD5_DES "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x03"
#define O_RC2_40 "\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06"
#define O_3DES "\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03"
#define O_RSA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define O_OWN "\x06\x03\x2a\x03\x04" /* 1.2.3.4: nobody's */
#define AES "\x30\x1d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a\x04\x10" IV
#define GCM "\x30\x1d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2e\x04\x10" IV
#define RC2 "\x30\x1d\x06\x08\x2a\x86\x48\x86\xf7\x0d\x03\x02\x05\x00\x04\x0f" IV15
#define IV15 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define IV IV15 "\0"
#define DATA "\x04\x10" IV

static const struct {
    struct cp_span der;
    enum cp_status status;
    const char *said, *reason;
} refusals[] = {
    {SPAN("\x30\x00"), CP_ERR_PARSE, "encryptionAlgorithm", "an empty SEQUENCE"},
    {SPAN("\x30\x19\x30\x05" O_OWN DATA), CP_ERR_UNSUPPORTED, "1.2.3.4", "an unknown scheme"},
    {SPAN("\x30\x1f\x30\x0b" O_RSA DATA), CP_ERR_UNSUPPORTED, "rsaEncryption",
     "an algorithm that is no password-based encryption"},
    {SPAN("\x30\x1f\x30\x0b" O_PBKDF2 DATA), CP_ERR_UNSUPPORTED, "PBKDF2",
     "a key derivation where an encryption belongs"},
    {SPAN("\x30\x2c\x30\x18" O_MD5_DES "\x30\x0b\x04\x05salty\x02\x02\x08\x00" DATA),
     CP_ERR_PASSPHRASE, "wrong", "PBES1 with DES, by the legacy provider"},
    {SPAN("\x30\x2d\x30\x19" O_RC2_40 "\x30\x0b\x04\x05salty\x02\x02\x08\x00" DATA),
     CP_ERR_PASSPHRASE, "wrong", "PKCS#12 scheme with RC2, by the legacy provider"},
    {SPAN("\x30\x2e\x30\x1a" O_3DES "\x30\x0c\x04\x05salty\x02\x03\x98\x96\x81" DATA), CP_ERR_PARSE,
     "iterationCount", "a negative count"},
    {SPAN("\x30\x2f\x30\x1b" O_3DES "\x30\x0d\x04\x05salty\x02\x04\x00\x98\x96\x81" DATA),
     CP_ERR_LIMIT, "10000000", "PKCS#12: one iteration over the maximum"},
    {SPAN("\x30\x2c\x30\x18" O_3DES "\x30\x0a\x04\x05salty\x02\x01\x00" DATA), CP_ERR_PARSE,
     "at least 1", "PKCS#12: no iteration"},
    {SPAN("\x30\x35\x30\x21" O_3DES "\x30\x13\x04\x05salty\x02\x0a\x7f\0\0\0\0\0\0\0\0\0" DATA),
     CP_ERR_LIMIT, "10000000", "PKCS#12: a count over 64 bits"},
    {SPAN("\x30\x5d\x30\x49" O_PBES2 "\x30\x3c\x30\x1b" O_PBKDF2
          "\x30\x0e\x04\x06salty!\x02\x04\x00\x98\x96\x81" AES DATA),
     CP_ERR_LIMIT, "10000000", "PBKDF2: one iteration over the maximum"},
    {SPAN("\x30\x5a\x30\x46" O_PBES2 "\x30\x39\x30\x18" O_PBKDF2
          "\x30\x0b\x04\x06salty!\x02\x01\x00" AES DATA),
     CP_ERR_PARSE, "at least 1", "PBKDF2: no iteration"},
    {SPAN("\x30\x59\x30\x45" O_PBES2 "\x30\x38\x30\x17" O_PBKDF2 "\x30\x0a\x30\x05" O_OWN
          "\x02\x01\x01" AES DATA),
     CP_ERR_UNSUPPORTED, "source of salt", "PBKDF2: salt from elsewhere"},
    {SPAN("\x30\x61\x30\x4d" O_PBES2 "\x30\x40\x30\x1f" O_PBKDF2
          "\x30\x12\x04\x06salty!\x02\x01\x01\x30\x05" O_OWN AES DATA),
     CP_ERR_UNSUPPORTED, "1.2.3.4", "PBKDF2: an unknown PRF"},
    {SPAN("\x30\x60\x30\x4c" O_PBES2 "\x30\x3f\x30\x1e" O_PBKDF2
          "\x30\x11\x04\x06salty!\x02\x01\x01\x02\x04\x7f\0\0\0" AES DATA),
     CP_ERR_PARSE, "keyLength", "PBKDF2: an absurd length of key"},
    {SPAN("\x30\x47\x30\x33" O_PBES2 "\x30\x26\x30\x05" O_OWN AES DATA), CP_ERR_UNSUPPORTED,
     "1.2.3.4", "an unknown key derivation"},
    {SPAN("\x30\x5a\x30\x46" O_PBES2 "\x30\x39\x30\x18" O_PBKDF2
          "\x30\x0b\x04\x06salty!\x02\x01\x01" GCM DATA),
     CP_ERR_UNSUPPORTED, "aes-256-gcm", "a mode with a tag"},
    {SPAN("\x30\x5a\x30\x46" O_PBES2 "\x30\x39\x30\x18" O_PBKDF2
          "\x30\x0b\x04\x06salty!\x02\x01\x01" RC2 DATA),
     CP_ERR_UNSUPPORTED, "parameters",
     "RC2, by the legacy provider: the parameters are not its own"},
    {SPAN("\x30\x42\x30\x2e" O_PBES2 "\x30\x21\x30\x18" O_PBKDF2
          "\x30\x0b\x04\x06salty!\x02\x01\x01\x30\x05" O_OWN DATA),
     CP_ERR_UNSUPPORTED, "1.2.3.4", "an unknown cipher"},
    {SPAN("\x30\x59\x30\x46" O_PBES2 "\x30\x39\x30\x18" O_PBKDF2
          "\x30\x0b\x04\x06salty!\x02\x01\x01" AES "\x04\x10" IV15),
     CP_ERR_PARSE, "encryptedData", "data cut off"},
    {SPAN("\x30\x4a\x30\x46" O_PBES2 "\x30\x39\x30\x18" O_PBKDF2
          "\x30\x0b\x04\x06salty!\x02\x01\x01" AES "\x04\x00"),
     CP_ERR_PARSE, "0 bytes", "no data"},
    {SPAN("\x30\x5c\x30\x46" O_PBES2 "\x30\x39\x30\x18" O_PBKDF2
          "\x30\x0b\x04\x06salty!\x02\x01\x01" AES DATA "\x05\x00"),
     CP_ERR_PARSE, "left over", "something behind the data"},
    /* scrypt: N, r, p */
    {SPAN("\x30\x62\x30\x4e" O_PBES2 "\x30\x41\x30\x20" O_SCRYPT
          "\x30\x13\x04\x06salty!\x02\x03\x40\x00\x00\x02\x01\x08\x02\x01\x01" AES DATA),
     CP_ERR_LIMIT, "octets", "scrypt: 2^22 * 8 * 128 octets"},
    {SPAN("\x30\x69\x30\x55" O_PBES2 "\x30\x48\x30\x27" O_SCRYPT
          "\x30\x1a\x04\x06salty!\x02\x08\x40\0\0\0\0\0\0\0\x02\x03\x40\0\0\x02\x01\x01" AES DATA),
     CP_ERR_LIMIT, "octets", "scrypt: a product over 64 bits"},
    {SPAN("\x30\x64\x30\x50" O_PBES2 "\x30\x43\x30\x22" O_SCRYPT
          "\x30\x15\x04\x06salty!\x02\x02\x40\x00\x02\x01\x08\x02\x04\x01\x00\x00\x00" AES DATA),
     CP_ERR_LIMIT, "blocks", "scrypt: little memory, but 2^24 times"},
    {SPAN("\x30\x61\x30\x4d" O_PBES2 "\x30\x40\x30\x1f" O_SCRYPT
          "\x30\x12\x04\x06salty!\x02\x02\x40\x01\x02\x01\x08\x02\x01\x01" AES DATA),
     CP_ERR_LIMIT, "invalid", "scrypt: N is no power of 2 (RFC 7914 2)"},
    {SPAN("\x30\x62\x30\x4e" O_PBES2 "\x30\x41\x30\x20" O_SCRYPT
          "\x30\x13\x04\x06salty!\x02\x03\x04\x00\x00\x02\x01\x07\x02\x01\x01" AES DATA),
     CP_ERR_LIMIT, "OpenSSL's memory", "scrypt: 224 MiB, which OpenSSL does not grant"},
    {SPAN("\x30\x61\x30\x4d" O_PBES2 "\x30\x40\x30\x1f" O_SCRYPT
          "\x30\x12\x04\x06salty!\x02\x02\x40\x00\x02\x01\x00\x02\x01\x01" AES DATA),
     CP_ERR_PARSE, "blockSize", "scrypt: r is 0, which must not be divided by"},
};

static void test_refusals(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++)
        expect_refusal(refusals[i].der, right, refusals[i].status, refusals[i].said,
                       refusals[i].reason);
}

static void test_truncation(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct cp_span der = sealed_with(scheme_algorithm(i, 1), right);
        for (size_t len = 0; len < der.len; len++) {
            struct cp_secret out;
            uint8_t *copy = malloc(len + (len == 0)); /* exact, for the sanitizer */
            assert_non_null(copy);
            memcpy(copy, der.data, len);
            assert_int_equal(cp_key_decrypt_pkcs8(&out, (struct cp_span){copy, len}, right, NULL),
                             CP_ERR_PARSE);
            assert_null(out.data);
            free(copy);
        }
        release(der);
    }
}

/* ---- traditional PEM ------------------------------------------------------------------------- */

static char *traditional(EVP_PKEY *pkey, const char *cipher_name, struct cp_span pass) {
    BIO *bio = BIO_new(BIO_s_mem());
    char *data = NULL;
    const EVP_CIPHER *cipher = EVP_get_cipherbyname(cipher_name);
    assert_true(bio != NULL && cipher != NULL);
    assert_int_equal(PEM_write_bio_PrivateKey_traditional(bio, pkey, cipher, pass.data,
                                                          (int)pass.len, NULL, NULL),
                     1);
    long len = BIO_get_mem_data(bio, &data);
    char *text = calloc(1, (size_t)len + 1);
    assert_non_null(text);
    memcpy(text, data, (size_t)len);
    BIO_free(bio);
    return text;
}

/* A copy of text with every `from` made `to`. */
static char *replaced(const char *text, const char *from, const char *to) {
    char *out = calloc(1, strlen(text) * (strlen(to) + 1) + 1);
    assert_non_null(out);
    size_t used = 0;
    bool seen = false;
    while (*text != '\0') {
        if (strncmp(text, from, strlen(from)) == 0) {
            for (const char *p = to; *p != '\0'; p++)
                out[used++] = *p;
            text += strlen(from);
            seen = true;
        } else {
            out[used++] = *text++;
        }
    }
    assert_true(seen);
    return out;
}

static void expect_traditional(const char *text, struct cp_span pass, enum cp_status want,
                               const char *said, EVP_PKEY *pkey, const char *reason) {
    struct cp_secret out;
    struct cp_error err = {0};
    enum cp_status status = cp_key_decrypt_traditional(&out, cp_span_of(text), pass, &err);
    if (status != want)
        fail_msg("%s: status %d, '%s'", reason, (int)status, err.message);
    if (strstr(err.message, said) == NULL)
        fail_msg("%s: the message is '%s'", reason, err.message);
    assert_int_equal(ERR_peek_error(), 0);
    if (status == CP_OK) {
        uint8_t *der = NULL;
        int len = i2d_PrivateKey(pkey, &der);
        assert_int_equal(out.len, len);
        assert_memory_equal(out.data, der, out.len);
        OPENSSL_free(der);
    } else {
        assert_null(out.data);
    }
    cp_secret_cleanup(&out);
}

static void test_traditional(void **state) {
    (void)state;
    static const char *const ciphers[] = {"AES-256-CBC", "AES-192-CBC", "AES-128-CBC",
                                          "DES-EDE3-CBC", "CAMELLIA-256-CBC"};
    for (size_t i = 0; i < COUNT(ciphers); i++) {
        for (int type = 0; type < 2; type++) {
            EVP_PKEY *pkey = type == 0 ? rsa : ec;
            char *text = traditional(pkey, ciphers[i], right);
            expect_traditional(text, right, CP_OK, "", pkey, ciphers[i]);
            expect_traditional(text, wrong, CP_ERR_PASSPHRASE, "wrong", pkey, ciphers[i]);
            expect_traditional(text, none, CP_ERR_PASSPHRASE, "needs a pass phrase", pkey,
                               ciphers[i]);
            free(text);
        }
    }
}

static const struct {
    const char *from, *to;
    enum cp_status status;
    const char *said, *reason;
} edits[] = {
    {"\n", "\r\n", CP_OK, "", "lenient: CRLF"},
    {"DEK-Info: ", "DEK-Info:", CP_OK, "", "lenient: no space behind the colon"},
    {"4,ENCRYPTED", "4,MIC-ONLY", CP_ERR_PARSE, "Proc-Type", "another process type"},
    {"Proc-Type", "Prok-Type", CP_ERR_PARSE, "Proc-Type", "no process type"},
    {"DEK-Info", "DEK-Inf0", CP_ERR_PARSE, "DEK-Info", "no cipher"},
    {"AES-256-CBC", "ROT-13", CP_ERR_UNSUPPORTED, "ROT-13", "a cipher that is not there"},
    {"AES-256-CBC", "DES-CBC", CP_ERR_PARSE, "16 hex digits", "known by the legacy provider"},
    {"AES-256-CBC", "AES-256-GCM", CP_ERR_UNSUPPORTED, "AES-256-GCM", "a mode with a tag"},
    {"AES-256-CBC", "AES-256-CTR", CP_ERR_UNSUPPORTED, "AES-256-CTR", "a stream mode"},
    {"AES-256-CBC", "AES-256-CBC-CTS", CP_ERR_UNSUPPORTED, "CTS", "ciphertext stealing"},
    {"AES-256-CBC", "\x1b[31m", CP_ERR_UNSUPPORTED, "\\x1B[31m", "a cipher's name with an escape"},
    {"AES-256-CBC,", "AES-256-CBC,00", CP_ERR_PARSE, "32 hex digits", "an IV too long"},
    {"AES-256-CBC,", "DES-EDE3-CBC,", CP_ERR_PARSE, "16 hex digits", "another cipher's IV"},
    {"AES-256-CBC,", "AES-256-CBC;", CP_ERR_PARSE, "CIPHER,IV", "no comma"},
    {"-----END", "=-----END", CP_ERR_PARSE, "base64", "base64 broken"},
    {"-----END RSA PRIVATE KEY-----", "", CP_ERR_PARSE, "END", "cut off"},
    {"-----BEGIN", "BEGIN", CP_ERR_PARSE, "no PEM block", "no block"},
};

static void test_traditional_edits(void **state) {
    (void)state;
    char *text = traditional(rsa, "AES-256-CBC", right);
    for (size_t i = 0; i < COUNT(edits); i++) {
        char *edited = replaced(text, edits[i].from, edits[i].to);
        expect_traditional(edited, right, edits[i].status, edits[i].said, rsa, edits[i].reason);
        free(edited);
    }
    /* A hex digit of the IV that is none. */
    char *iv = strstr(text, "CBC,");
    assert_non_null(iv);
    iv[6] = 'g';
    expect_traditional(text, right, CP_ERR_PARSE, "hexadecimal", rsa, "IV");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schemes),           cmocka_unit_test(test_many_wrong),
        cmocka_unit_test(test_passphrases),       cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_truncation),        cmocka_unit_test(test_traditional),
        cmocka_unit_test(test_traditional_edits),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
