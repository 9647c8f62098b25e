#include "judge.h"
#include "certs.h"
#include "keyforms.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#define MAX_CERTS 16

struct content {
    X509 *certs[MAX_CERTS];
    int num_certs;
    int num_keys; /* blocks that say they are private keys */
    char trouble[128];
    char note[64];
};

static void add_cert(struct content *c, const unsigned char *der, long len) {
    const unsigned char *at = der;
    if (c->num_certs == MAX_CERTS) {
        tc_die("too many certificates in one file");
    }
    X509 *cert = d2i_X509(NULL, &at, len);
    if (cert == NULL) {
        snprintf(c->trouble, sizeof c->trouble, "can't parse certificate %d", c->num_certs + 1);
        return;
    }
    if (at != der + len) {
        snprintf(c->note, sizeof c->note, " (passes over %ld trailing bytes)",
                 (long)(der + len - at));
    }
    c->certs[c->num_certs++] = cert;
}

static int ends_with(const char *text, const char *end) {
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static void read_blocks(struct content *c, BIO *bio) {
    while (c->trouble[0] == '\0') {
        char *name = NULL, *header = NULL;
        unsigned char *der = NULL;
        long len = 0;
        ERR_clear_error();
        if (PEM_read_bio(bio, &name, &header, &der, &len) != 1) {
            unsigned long error = ERR_peek_last_error();
            if (ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
                const char *reason = ERR_reason_error_string(error);
                snprintf(c->trouble, sizeof c->trouble, "PEM: %s",
                         reason != NULL ? reason : "fails and gives no reason");
            }
            return;
        }
        if (ends_with(name, "PRIVATE KEY")) {
            c->num_keys++;
        } else if (ends_with(name, "CERTIFICATE")) {
            add_cert(c, der, len);
        }
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(der, (size_t)len);
    }
}

static X509 *anchor(const char *name) {
    struct tc_bytes der = {0};
    tc_cert_issue(&der, tc_cert_row_get(name));
    const unsigned char *at = der.data;
    X509 *cert = d2i_X509(NULL, &at, (long)der.len);
    tc_clear(&der);
    return cert;
}

static int verify(const struct content *c, const char *host) {
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509 *ec = anchor("root-ec"), *rsa = anchor("root-rsa");
    STACK_OF(X509) *others = sk_X509_new_null();
    if (store == NULL || ctx == NULL || ec == NULL || rsa == NULL || others == NULL ||
        X509_STORE_add_cert(store, ec) != 1 || X509_STORE_add_cert(store, rsa) != 1) {
        tc_die("can't set up a trust store");
    }
    for (int i = 1; i < c->num_certs; i++) {
        sk_X509_push(others, c->certs[i]);
    }
    if (X509_STORE_CTX_init(ctx, store, c->certs[0], others) != 1 ||
        X509_STORE_CTX_set_default(ctx, "ssl_server") != 1) {
        tc_die("can't set up a verification");
    }
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(param, TC_CLOCK_S);
    if (X509_VERIFY_PARAM_set1_ip_asc(param, host) != 1 &&
        X509_VERIFY_PARAM_set1_host(param, host, 0) != 1) {
        tc_die("can't ask for %s", host);
    }
    int error = X509_V_OK;
    if (X509_verify_cert(ctx) != 1) {
        error = X509_STORE_CTX_get_error(ctx);
        error = error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error;
    }
    sk_X509_free(others);
    X509_free(ec);
    X509_free(rsa);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return error;
}

static int give_passphrase(char *out, int size, int writing, void *arg) {
    (void)writing;
    (void)arg;
    return snprintf(out, (size_t)size, "%s", TC_PASSPHRASE);
}

/* The first private key of the file: readable, consistent, and whose. */
static void judge_key(char *out, size_t out_size, const struct content *c, BIO *bio) {
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, NULL);
    if (key == NULL) {
        snprintf(out, out_size, "can't read the key");
        return;
    }
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    int consistent = ctx != NULL && EVP_PKEY_check(ctx) == 1;
    int owner = 0;
    for (int i = c->num_certs; i > 0; i--) {
        EVP_PKEY *public = X509_get0_pubkey(c->certs[i - 1]);
        if (public != NULL && EVP_PKEY_eq(public, key) == 1) {
            owner = i;
        }
    }
    int n = snprintf(out, out_size, "%s", consistent ? "key" : "inconsistent key");
    if (c->num_certs > 0 && n > 0 && (size_t)n < out_size) {
        if (owner > 0) {
            snprintf(out + n, out_size - (size_t)n, " of certificate %d", owner);
        } else {
            snprintf(out + n, out_size - (size_t)n, " of no certificate here");
        }
    }
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
}

void tc_judge(struct tc_verdict *out, const struct tc_bytes *file, const char *host) {
    struct content c = {.num_certs = 0};
    char key_text[64] = "", cert_text[160] = "no certificate";
    /* BIO_new_mem_buf takes no NULL, which is what an empty buffer has. */
    BIO *bio = BIO_new_mem_buf(file->len == 0 ? (const void *)"" : file->data, (int)file->len);
    if (bio == NULL) {
        tc_die("out of memory");
    }
    read_blocks(&c, bio);
    if (c.trouble[0] == '\0' && c.num_certs > 0) {
        int error = verify(&c, host);
        if (error == X509_V_OK) {
            snprintf(cert_text, sizeof cert_text, "accepts%s", c.note);
        } else {
            snprintf(cert_text, sizeof cert_text, "error %d, %s%s", error,
                     X509_verify_cert_error_string(error), c.note);
        }
    }
    if (c.num_keys > 0) {
        BIO_reset(bio);
        judge_key(key_text, sizeof key_text, &c, bio);
    }
    snprintf(out->text, sizeof out->text, "%s%s%s", c.trouble[0] != '\0' ? c.trouble : cert_text,
             key_text[0] == '\0' ? "" : "; ", key_text);
    for (int i = 0; i < c.num_certs; i++) {
        X509_free(c.certs[i]);
    }
    BIO_free(bio);
    ERR_clear_error();
}
