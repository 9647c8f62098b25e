/* A certification authority for one run: made at start, its key forgotten at once. */
#define _XOPEN_SOURCE 700 /* P_tmpdir */
#include "emulator.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VALID_BEFORE_S = 3600, VALID_AFTER_S = 30 * 86400, SERIAL_LEN = 16 };

struct extension {
    int nid;
    const char *value;
};

/* The constraints make a leaked root worthless for any other host. */
static const struct extension root_extensions[] = {
    {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
    {NID_key_usage, "critical,keyCertSign,cRLSign"},
    {NID_subject_key_identifier, "hash"},
    {NID_name_constraints,
     "critical,permitted;DNS:localhost,permitted;IP:127.0.0.1/255.255.255.255,"
     "permitted;IP:::1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF"},
};

static const struct extension server_extensions[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature"},
    {NID_ext_key_usage, "serverAuth"},
    {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid:always"},
    {NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1"},
};

static bool set_random_serial(X509 *cert) {
    unsigned char bytes[SERIAL_LEN];
    BIGNUM *number = NULL;
    bool ok = false;
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        goto out;
    bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40); /* positive, of full length */
    number = BN_bin2bn(bytes, sizeof bytes, NULL);
    ok = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
out:
    BN_free(number);
    return ok;
}

static bool add_extensions(X509 *cert, X509 *issuer, const struct extension *rows, size_t num) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    for (size_t i = 0; i < num; i++) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, rows[i].nid, rows[i].value);
        int added = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
        X509_EXTENSION_free(extension);
        if (!added)
            return false;
    }
    return true;
}

/* issuer NULL: self-signed. */
static X509 *make_cert(EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key, const char *name,
                       const struct extension *rows, size_t num_rows) {
    X509 *cert = X509_new();
    bool ok = false;
    if (cert == NULL || X509_set_version(cert, X509_VERSION_3) != 1 || !set_random_serial(cert))
        goto out;
    if (X509_gmtime_adj(X509_getm_notBefore(cert), -VALID_BEFORE_S) == NULL ||
        X509_gmtime_adj(X509_getm_notAfter(cert), VALID_AFTER_S) == NULL)
        goto out;
    if (X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                                   (const unsigned char *)name, -1, -1, 0) != 1)
        goto out;
    if (X509_set_issuer_name(cert, X509_get_subject_name(issuer != NULL ? issuer : cert)) != 1 ||
        X509_set_pubkey(cert, key) != 1)
        goto out;
    if (!add_extensions(cert, issuer != NULL ? issuer : cert, rows, num_rows))
        goto out;
    ok = X509_sign(cert, issuer_key, EVP_sha256()) > 0;
out:
    if (!ok) {
        X509_free(cert);
        cert = NULL;
    }
    return cert;
}

bool esa_emu_write_file(const char *path, const void *data, size_t len) {
    char temporary[ESA_EMU_PATH_MAX];
    int written = snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid());
    if (written < 0 || (size_t)written >= sizeof temporary)
        return false;
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return false;
    bool ok = write(fd, data, len) == (ssize_t)len;
    ok = close(fd) == 0 && ok;
    ok = ok && rename(temporary, path) == 0;
    if (!ok)
        (void)unlink(temporary);
    return ok;
}

static bool choose_path(struct esa_emu_ca *ca, const char *ca_out) {
    if (ca_out != NULL) {
        if (strlen(ca_out) >= sizeof ca->path)
            return false;
        memcpy(ca->path, ca_out, strlen(ca_out) + 1);
        return true;
    }
    const char *base = getenv("TMPDIR");
    if (base == NULL || base[0] == '\0')
        base = P_tmpdir;
    char folder[ESA_EMU_PATH_MAX - 16];
    int len = snprintf(folder, sizeof folder, "%s/certprep-esa-emulator.XXXXXX", base);
    if (len < 0 || (size_t)len >= sizeof folder || mkdtemp(folder) == NULL)
        return false;
    memcpy(ca->folder, folder, (size_t)len + 1);
    (void)snprintf(ca->path, sizeof ca->path, "%s/ca.pem", folder);
    return true;
}

static bool write_root(const struct esa_emu_ca *ca) {
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    bool ok = bio != NULL && PEM_write_bio_X509(bio, ca->root) == 1;
    if (ok) {
        long len = BIO_get_mem_data(bio, &text);
        ok = len > 0 && esa_emu_write_file(ca->path, text, (size_t)len);
    }
    BIO_free(bio);
    return ok;
}

const char *esa_emu_ca_init(struct esa_emu_ca *ca, const char *ca_out) {
    EVP_PKEY *root_key = EVP_EC_gen("P-256");
    const char *reason = "can't make the throw-away CA";
    ca->server_key = EVP_EC_gen("P-256");
    if (root_key == NULL || ca->server_key == NULL)
        goto out;
    ca->root = make_cert(root_key, NULL, root_key, "certprep-esa-emulator throw-away CA",
                         root_extensions, sizeof root_extensions / sizeof root_extensions[0]);
    if (ca->root == NULL)
        goto out;
    ca->server =
        make_cert(ca->server_key, ca->root, root_key, "certprep-esa-emulator", server_extensions,
                  sizeof server_extensions / sizeof server_extensions[0]);
    if (ca->server == NULL)
        goto out;
    reason = "can't write the CA file";
    if (choose_path(ca, ca_out) && write_root(ca))
        reason = NULL;
out:
    EVP_PKEY_free(root_key);
    ERR_clear_error();
    return reason;
}

void esa_emu_ca_cleanup(struct esa_emu_ca *ca) {
    EVP_PKEY_free(ca->server_key);
    X509_free(ca->server);
    X509_free(ca->root);
    if (ca->folder[0] != '\0') {
        (void)unlink(ca->path);
        (void)rmdir(ca->folder);
    }
    *ca = (struct esa_emu_ca){0};
}
