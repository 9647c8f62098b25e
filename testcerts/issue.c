/* Issuing: from a row to a signed certificate. */
#include "certs.h"
#include "keys.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

const struct tc_cert_row *tc_cert_row_get(const char *name) {
    for (size_t t = 0; t < tc_num_cert_tables; t++) {
        const struct tc_cert_table *table = &tc_cert_tables[t];
        for (size_t i = 0; i < *table->num_rows; i++) {
            if (strcmp(table->rows[i].name, name) == 0) {
                return &table->rows[i];
            }
        }
    }
    tc_die("no such certificate: %s", name);
}

static const char *digest_for(const char *key_name, const char *wanted) {
    EVP_PKEY *key = tc_key_get0(key_name);
    if (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448")) {
        return NULL;
    }
    return wanted != NULL ? wanted : "SHA256";
}

static void put_algorithm(struct tc_bytes *out, const char *key_name, const char *digest, int pss) {
    static const struct {
        const char *key, *digest, *oid;
        int null_parameter; /* RFC 3279 2.2.1; ECDSA and Edwards have none */
    } rows[] = {
        {"RSA", "MD5", "1.2.840.113549.1.1.4", 1},
        {"RSA", "SHA1", "1.2.840.113549.1.1.5", 1},
        {"RSA", "SHA256", "1.2.840.113549.1.1.11", 1},
        {"EC", "SHA1", "1.2.840.10045.4.1", 0},
        {"EC", "SHA256", "1.2.840.10045.4.3.2", 0},
        {"EC", "SHA384", "1.2.840.10045.4.3.3", 0},
        {"EC", "SHA3-256", "2.16.840.1.101.3.4.3.10", 0},
        {"ED25519", NULL, "1.3.101.112", 0},
        {"ED448", NULL, "1.3.101.113", 0},
    };
    /* SHA-256, MGF1 with SHA-256, salt 32; RFC 4055 3.1 */
    static const char pss_sha256[] =
        "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a"
        "864886f70d010108300d06096086480165030402010500a203020120";
    EVP_PKEY *key = tc_key_get0(key_name);
    if (pss) {
        tc_unhex(out, pss_sha256, sizeof pss_sha256 - 1);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int same_digest = digest == NULL || rows[i].digest == NULL
                              ? digest == rows[i].digest
                              : strcmp(digest, rows[i].digest) == 0;
        if (same_digest && EVP_PKEY_is_a(key, rows[i].key)) {
            size_t seq = tc_der_open(out, 0x30);
            tc_der_oid(out, rows[i].oid);
            if (rows[i].null_parameter) {
                tc_der_put(out, 0x05, "", 0);
            }
            tc_der_close(out, seq);
            return;
        }
    }
    tc_die("%s can't sign with %s", key_name, digest == NULL ? "no digest" : digest);
}

/* "C", "O", "CN", or a dotted OID. Returns the value's tag. */
static uint8_t put_attribute_type(struct tc_bytes *out, const char *type, size_t len) {
    char oid[64];
    snprintf(oid, sizeof oid, "%.*s", (int)(len < sizeof oid ? len : sizeof oid - 1), type);
    const char *known = strcmp(oid, "C") == 0            ? "2.5.4.6"
                        : strcmp(oid, "O") == 0          ? "2.5.4.10"
                        : oid[0] >= '0' && oid[0] <= '9' ? oid
                                                         : "2.5.4.3";
    int printable = strcmp(known, "2.5.4.6") == 0 || strcmp(known, "2.5.4.5") == 0 ||
                    strcmp(known, "1.3.6.1.4.1.311.60.2.1.3") == 0;
    int mail = strcmp(known, "1.2.840.113549.1.9.1") == 0;
    tc_der_oid(out, known);
    return printable ? 0x13 : mail ? 0x16 : 0x0c;
}

/* "/" starts an RDN, "/+" goes on in the same one. */
static void put_name(struct tc_bytes *out, const char *subject) {
    size_t name = tc_der_open(out, 0x30), set = 0;
    for (const char *at = subject; *at != '\0';) {
        const char *equals = strchr(at, '=');
        size_t len = strcspn(at, "/");
        if (equals == NULL || (size_t)(equals - at) >= len) {
            tc_die("subject not understood: %s", subject);
        }
        const char *value = equals + 1;
        size_t value_len = len - (size_t)(value - at);
        int joins = at[0] == '+';
        if (!joins) {
            set = tc_der_open(out, 0x31);
        }
        size_t seq = tc_der_open(out, 0x30);
        uint8_t tag = put_attribute_type(out, at + joins, (size_t)(equals - at) - (size_t)joins);
        tc_der_put(out, tag, value, value_len);
        tc_der_close(out, seq);
        at += len + (at[len] == '/');
        if (*at != '+') {
            tc_der_close(out, set);
        }
    }
    tc_der_close(out, name);
}

/* UTCTime to 2049, GeneralizedTime from 2050: RFC 5280 4.1.2.5. */
static void put_time(struct tc_bytes *out, const char *text) {
    if (strncmp(text, "17:", 3) == 0 || strncmp(text, "18:", 3) == 0) {
        tc_der_put(out, text[1] == '7' ? 0x17 : 0x18, text + 3, strlen(text + 3));
    } else if (strncmp(text, "2050", 4) < 0) {
        tc_der_put(out, 0x17, text + 2, strlen(text + 2));
    } else {
        tc_der_put(out, 0x18, text, strlen(text));
    }
}

static void put_validity(struct tc_bytes *out, const struct tc_cert_row *row) {
    static const char *const defaults[][2] = {
        [TC_LEAF] = {"20260401000000Z", "20261001000000Z"},
        [TC_INTERMEDIATE] = {"20240101000000Z", "20340101000000Z"},
        [TC_ROOT] = {"20200101000000Z", "20400101000000Z"},
    };
    const char *const *fallback = defaults[row->profile];
    size_t seq = tc_der_open(out, 0x30);
    put_time(out, row->not_before != NULL ? row->not_before : fallback[0]);
    put_time(out, row->not_after != NULL ? row->not_after : fallback[1]);
    tc_der_close(out, seq);
}

/* 128 bits of SHA-256 of the name, the first two bits set to 01: positive, of fixed length. */
static void put_serial(struct tc_bytes *out, const struct tc_cert_row *row) {
    struct tc_bytes raw = {0};
    uint8_t hash[32];
    if (row->serial == NULL) {
        tc_sha256(hash, row->name, strlen(row->name));
        hash[0] = (uint8_t)((hash[0] & 0x3f) | 0x40);
        tc_put(&raw, hash, 16);
    } else if (strcmp(row->serial, "-") != 0) {
        tc_unhex(&raw, row->serial, strlen(row->serial));
    }
    tc_der_put(out, 0x02, raw.data, raw.len);
    tc_clear(&raw);
}

static void put_compressed_spki(struct tc_bytes *out, const char *key_name) {
    EVP_PKEY *copy = EVP_PKEY_dup(tc_key_get0(key_name));
    unsigned char *der = NULL;
    int len = -1;
    if (copy == NULL ||
        EVP_PKEY_set_utf8_string_param(copy, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                       OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_COMPRESSED) != 1 ||
        (len = i2d_PUBKEY(copy, &der)) <= 0) {
        tc_die("can't compress the point of %s", key_name);
    }
    tc_put(out, der, (size_t)len);
    OPENSSL_free(der);
    EVP_PKEY_free(copy);
}

void tc_put_spki(struct tc_bytes *out, const struct tc_cert_row *row) {
    if ((row->flags & TC_COMPRESSED_POINT) != 0) {
        put_compressed_spki(out, row->key);
    } else if ((row->flags & TC_UNKNOWN_KEY) != 0) {
        struct tc_bytes spki = {0}, algorithm = {0};
        tc_key_spki(&spki, row->key);
        size_t seq = tc_der_open(&algorithm, 0x30);
        tc_der_oid(&algorithm, "2.999.1");
        tc_der_close(&algorithm, seq);
        tc_der_replace_child(&spki, 0, algorithm.data, algorithm.len);
        tc_put(out, spki.data, spki.len);
        tc_clear(&algorithm);
        tc_clear(&spki);
    } else {
        tc_key_spki(out, row->key);
        if ((row->flags & TC_BAD_POINT) != 0) { /* its last octet is the end of y */
            out->data[out->len - 1] ^= 1;
        }
        if ((row->flags & TC_POINT_FORM) != 0) /* behind it x and y of 32 octets each */
            out->data[out->len - 65] = 0x05;
    }
}

static void put_signed(struct tc_bytes *out, const struct tc_bytes *body, const char *key_name,
                       const char *digest, int pss) {
    struct tc_bytes signature = {0};
    size_t seq = tc_der_open(out, 0x30);
    tc_put(out, body->data, body->len);
    put_algorithm(out, key_name, digest, pss);
    tc_put_byte(&signature, 0); /* no unused bits */
    tc_sign(&signature, key_name, digest, pss, body);
    tc_der_put(out, 0x03, signature.data, signature.len);
    tc_der_close(out, seq);
    tc_clear(&signature);
}

void tc_cert_issue(struct tc_bytes *out, const struct tc_cert_row *row) {
    const struct tc_cert_row *issuer = row->issuer == NULL ? row : tc_cert_row_get(row->issuer);
    const char *digest = digest_for(issuer->key, row->digest);
    int pss = (row->flags & TC_PSS) != 0;
    struct tc_bytes tbs = {0};
    size_t seq = tc_der_open(&tbs, 0x30);
    if ((row->flags & TC_V1) == 0) {
        size_t version = tc_der_open(&tbs, 0xa0);
        tc_der_small(&tbs, 2);
        tc_der_close(&tbs, version);
    }
    put_serial(&tbs, row);
    put_algorithm(&tbs, issuer->key, digest, pss);
    put_name(&tbs, issuer->subject);
    put_validity(&tbs, row);
    put_name(&tbs, row->subject);
    tc_put_spki(&tbs, row);
    if ((row->flags & TC_V1) == 0) {
        tc_put_extensions(&tbs, row);
    }
    tc_der_close(&tbs, seq);
    if (row->set != NULL) {
        tc_set_extensions(&tbs, row->set);
    }
    if (row->patch_tbs != NULL) {
        row->patch_tbs(&tbs);
    }
    put_signed(out, &tbs, issuer->key, digest, pss);
    if (row->patch_cert != NULL) {
        row->patch_cert(out);
    }
    tc_clear(&tbs);
}

void tc_csr_make(struct tc_bytes *out, const struct tc_cert_row *row) {
    struct tc_bytes body = {0};
    size_t seq = tc_der_open(&body, 0x30);
    tc_der_small(&body, 0);
    put_name(&body, row->subject);
    tc_put_spki(&body, row);
    tc_der_put(&body, 0xa0, "", 0);
    tc_der_close(&body, seq);
    put_signed(out, &body, row->key, digest_for(row->key, NULL), 0);
    tc_clear(&body);
}
