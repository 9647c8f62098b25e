#include "status.h"
#include "certs.h"
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

/* ---- parts ---- */

static void put_hex(struct tc_bytes *out, const char *hex) {
    tc_unhex(out, hex, strlen(hex));
}

/* A child of a certificate's TBSCertificate: 1 serial, 3 issuer, 5 subject, 6 SPKI. */
static void put_field(struct tc_bytes *out, const char *cert_name, unsigned index) {
    struct tc_bytes cert = {0}, tbs = {0};
    tc_cert_issue(&cert, tc_cert_row_get(cert_name));
    struct tc_element at = tc_der_child(&cert, 0);
    tc_put(&tbs, cert.data + at.offset, at.header_len + at.len);
    struct tc_element field = tc_der_child(&tbs, index);
    tc_put(out, tbs.data + field.offset, field.header_len + field.len);
    tc_clear(&cert);
    tc_clear(&tbs);
}

/* Every issuer and responder here has an EC key. */
static void put_ecdsa_sha256(struct tc_bytes *out) {
    size_t seq = tc_der_open(out, 0x30);
    tc_der_oid(out, "1.2.840.10045.4.3.2");
    tc_der_close(out, seq);
}

static void put_signature(struct tc_bytes *out, const char *key, const struct tc_bytes *tbs,
                          int spoil) {
    struct tc_bytes signature = {0};
    tc_sign(&signature, key, "SHA256", 0, tbs);
    if (spoil) { /* the end of s */
        signature.data[signature.len - 1] ^= 1;
    }
    size_t bits = tc_der_open(out, 0x03);
    tc_put_byte(out, 0);
    tc_put(out, signature.data, signature.len);
    tc_der_close(out, bits);
    tc_clear(&signature);
}

static void put_extension(struct tc_bytes *out, const char *oid, int critical, const char *hex) {
    struct tc_bytes value = {0};
    put_hex(&value, hex);
    size_t seq = tc_der_open(out, 0x30);
    tc_der_oid(out, oid);
    if (critical) {
        tc_der_put(out, 0x01, "\xff", 1);
    }
    tc_der_put(out, 0x04, value.data, value.len);
    tc_der_close(out, seq);
    tc_clear(&value);
}

/* ---- revocation lists ---- */

#define NO_REASON (-1)
#define BEFORE "260525000000Z"
#define AFTER "260701000000Z"
#define NUMBER "2.5.29.20"
#define POINT "2.5.29.28"
#define DELTA "2.5.29.27"
/* IssuingDistributionPoint: fullName of one URI, "http://crl.example/....crl" */
#define AT_EC_INTERMEDIATE                                                                         \
    "302ca02aa0288626687474703a2f2f63726c2e6578616d706c652f65632d696e7465726d6564696174652e63726c"
#define AT_ELSEWHERE "3022a020a01e861c687474703a2f2f63726c2e6578616d706c652f6f746865722e63726c"

struct crl_row {
    const char *name;
    const char *issuer; /* whose name stands in it; NULL: ec-intermediate */
    const char *key;    /* NULL: the issuer's */
    const char *revoked;
    int reason;
    const char *next;      /* NULL: AFTER */
    const char *this;      /* NULL: BEFORE */
    int number;            /* 0: as it should be; 1: missing; 2: critical */
    const char *extension; /* one more, critical; NULL: none */
    const char *hex;
    int spoil;
};

static const struct crl_row crls[] = {
    {.name = "clean"},
    {.name = "root", .issuer = "root-ec", .extension = POINT, .hex = "30038201ff"},
    {.name = "revoked", .revoked = "ec-leaf", .reason = 1},
    {.name = "revoked-no-reason", .revoked = "ec-leaf", .reason = NO_REASON},
    {.name = "hold", .revoked = "ec-leaf", .reason = 6},
    {.name = "removed", .revoked = "ec-leaf", .reason = 8},
    {.name = "revoked-stale", .revoked = "ec-leaf", .reason = 1, .next = "260531235959Z"},
    {.name = "root-revoked", .issuer = "root-ec", .revoked = "ec-intermediate", .reason = 2},
    {.name = "stale", .next = "260531235959Z"},
    {.name = "last-second", .next = "260601000000Z"},
    {.name = "later", .this = "260601000001Z"},
    {.name = "no-number", .number = 1},
    {.name = "number-critical", .number = 2},
    {.name = "bad-signature", .spoil = 1},
    {.name = "other-key", .key = "ec-intermediate-other"},
    {.name = "delta", .extension = DELTA, .hex = "020101"},
    {.name = "indirect", .extension = POINT, .hex = "30038401ff"},
    {.name = "some-reasons", .extension = POINT, .hex = "300483020640"},
    {.name = "unknown-critical", .extension = "2.999.7", .hex = "0500"},
    {.name = "only-ca", .extension = POINT, .hex = "30038201ff"},
    {.name = "only-user", .extension = POINT, .hex = "30038101ff"},
    {.name = "same-point", .extension = POINT, .hex = AT_EC_INTERMEDIATE},
    {.name = "other-point", .extension = POINT, .hex = AT_ELSEWHERE},
    {.name = "responder-revoked", .revoked = "status-responder-checked", .reason = 1},
};

static void put_entry(struct tc_bytes *out, const char *cert, int reason) {
    size_t entry = tc_der_open(out, 0x30);
    if (cert != NULL) {
        put_field(out, cert, 1);
    } else {
        tc_der_small(out, 77); /* somebody else's */
    }
    tc_der_put(out, 0x17, "260520120000Z", 13);
    if (reason != NO_REASON) {
        char hex[8] = "0a0100";
        hex[5] = (char)('0' + reason);
        size_t list = tc_der_open(out, 0x30);
        put_extension(out, "2.5.29.21", 0, hex);
        tc_der_close(out, list);
    }
    tc_der_close(out, entry);
}

void tc_make_status_crl(struct tc_bytes *out, const char *name) {
    const struct crl_row *row = NULL;
    struct tc_bytes tbs = {0};
    for (size_t i = 0; i < sizeof crls / sizeof crls[0]; i++) {
        row = strcmp(crls[i].name, name) == 0 ? &crls[i] : row;
    }
    if (row == NULL) {
        tc_die("no such revocation list: %s", name);
    }
    const char *issuer = row->issuer == NULL ? "ec-intermediate" : row->issuer;
    size_t seq = tc_der_open(&tbs, 0x30);
    tc_der_small(&tbs, 1); /* v2 */
    put_ecdsa_sha256(&tbs);
    put_field(&tbs, issuer, 5);
    tc_der_put(&tbs, 0x17, row->this == NULL ? BEFORE : row->this, 13);
    tc_der_put(&tbs, 0x17, row->next == NULL ? AFTER : row->next, 13);
    size_t list = tc_der_open(&tbs, 0x30);
    put_entry(&tbs, NULL, 4);
    if (row->revoked != NULL) {
        put_entry(&tbs, row->revoked, row->reason);
    }
    tc_der_close(&tbs, list);
    if (row->number != 1 || row->extension != NULL) {
        size_t tagged = tc_der_open(&tbs, 0xa0);
        list = tc_der_open(&tbs, 0x30);
        if (row->number != 1) {
            put_extension(&tbs, NUMBER, row->number == 2, "020117");
        }
        if (row->extension != NULL) {
            put_extension(&tbs, row->extension, 1, row->hex);
        }
        tc_der_close(&tbs, list);
        tc_der_close(&tbs, tagged);
    }
    tc_der_close(&tbs, seq);
    size_t whole = tc_der_open(out, 0x30);
    tc_put(out, tbs.data, tbs.len);
    put_ecdsa_sha256(out);
    put_signature(out, row->key != NULL ? row->key : issuer, &tbs, row->spoil);
    tc_der_close(out, whole);
    tc_clear(&tbs);
}

/* ---- OCSP responses ---- */

#define THIS "20260531000000Z"
#define NEXT "20260607000000Z"

struct ocsp_row {
    const char *name;
    const char *cert;      /* NULL: ec-leaf; its issuer is ec-intermediate */
    const char *responder; /* a certificate, put into the response; NULL: the issuer signs */
    int answer;            /* 0 good, 1 revoked, 2 unknown */
    int reason;
    const char *this, *next; /* NULL: THIS, NEXT; next "": absent */
    int sha256;              /* CertID by SHA-256 */
    int by_key;
    int status; /* of the response; not 0: nothing else is in it */
    int spoil;
};

static const struct ocsp_row responses[] = {
    {.name = "good"},
    {.name = "good-delegated", .responder = "status-responder", .sha256 = 1},
    {.name = "good-by-key", .responder = "status-responder-checked", .by_key = 1},
    {.name = "good-other-serial", .cert = "status-staple"},
    {.name = "revoked", .answer = 1, .reason = 1},
    {.name = "unknown", .answer = 2},
    {.name = "stale", .next = "20260531235959Z"},
    {.name = "last-second", .next = "20260601000000Z"},
    {.name = "no-next", .this = "20260523000000Z", .next = ""},
    {.name = "no-next-old", .this = "20260521000000Z", .next = ""},
    {.name = "bad-signature", .spoil = 1},
    {.name = "not-for-signing", .responder = "status-responder-no-purpose"},
    {.name = "foreign-responder", .responder = "status-responder-foreign"},
    {.name = "expired-responder", .responder = "status-responder-expired"},
    {.name = "try-later", .status = 3},
};

static void put_hash(struct tc_bytes *out, int sha256, const struct tc_bytes *data, size_t skip) {
    uint8_t digest[32];
    if (EVP_Q_digest(NULL, sha256 ? "SHA256" : "SHA1", NULL, data->data + skip, data->len - skip,
                     digest, NULL) != 1) {
        tc_die("digest failed");
    }
    tc_der_put(out, 0x04, digest, sha256 ? 32 : 20);
}

static void put_cert_id(struct tc_bytes *out, const char *cert, int sha256) {
    struct tc_bytes name = {0}, key = {0};
    put_field(&name, "ec-intermediate", 5);
    tc_key_public(&key, "ec-intermediate");
    size_t seq = tc_der_open(out, 0x30);
    size_t algorithm = tc_der_open(out, 0x30);
    tc_der_oid(out, sha256 ? "2.16.840.1.101.3.4.2.1" : "1.3.14.3.2.26");
    tc_der_close(out, algorithm);
    put_hash(out, sha256, &name, 0);
    put_hash(out, sha256, &key, 0);
    put_field(out, cert, 1);
    tc_der_close(out, seq);
    tc_clear(&name);
    tc_clear(&key);
}

static void put_single(struct tc_bytes *out, const struct ocsp_row *row) {
    size_t single = tc_der_open(out, 0x30);
    put_cert_id(out, row->cert == NULL ? "ec-leaf" : row->cert, row->sha256);
    if (row->answer == 1) {
        uint8_t reason[] = {0x0a, 0x01, (uint8_t)row->reason};
        size_t revoked = tc_der_open(out, 0xa1);
        tc_der_put(out, 0x18, "20260520120000Z", 15);
        tc_der_put(out, 0xa0, reason, sizeof reason);
        tc_der_close(out, revoked);
    } else {
        tc_der_put(out, row->answer == 0 ? 0x80 : 0x82, "", 0);
    }
    tc_der_put(out, 0x18, row->this == NULL ? THIS : row->this, 15);
    const char *next = row->next == NULL ? NEXT : row->next;
    if (next[0] != '\0') {
        size_t tagged = tc_der_open(out, 0xa0);
        tc_der_put(out, 0x18, next, 15);
        tc_der_close(out, tagged);
    }
    tc_der_close(out, single);
}

static void put_basic(struct tc_bytes *out, const struct ocsp_row *row) {
    struct tc_bytes tbs = {0};
    const char *signer = row->responder == NULL ? "ec-intermediate" : row->responder;
    const char *key = tc_cert_row_get(signer)->key;
    size_t seq = tc_der_open(&tbs, 0x30);
    size_t id = tc_der_open(&tbs, row->by_key ? 0xa2 : 0xa1);
    if (row->by_key) {
        struct tc_bytes public = {0};
        tc_key_public(&public, key);
        put_hash(&tbs, 0, &public, 0);
        tc_clear(&public);
    } else {
        put_field(&tbs, signer, 5);
    }
    tc_der_close(&tbs, id);
    tc_der_put(&tbs, 0x18, row->this == NULL ? THIS : row->this, 15);
    size_t list = tc_der_open(&tbs, 0x30);
    put_single(&tbs, row);
    tc_der_close(&tbs, list);
    tc_der_close(&tbs, seq);
    seq = tc_der_open(out, 0x30);
    tc_put(out, tbs.data, tbs.len);
    put_ecdsa_sha256(out);
    put_signature(out, key, &tbs, row->spoil);
    if (row->responder != NULL) {
        size_t tagged = tc_der_open(out, 0xa0);
        list = tc_der_open(out, 0x30);
        tc_cert_issue(out, tc_cert_row_get(row->responder));
        tc_der_close(out, list);
        tc_der_close(out, tagged);
    }
    tc_der_close(out, seq);
    tc_clear(&tbs);
}

void tc_make_ocsp(struct tc_bytes *out, const char *name) {
    const struct ocsp_row *row = NULL;
    for (size_t i = 0; i < sizeof responses / sizeof responses[0]; i++) {
        row = strcmp(responses[i].name, name) == 0 ? &responses[i] : row;
    }
    if (row == NULL) {
        tc_die("no such OCSP response: %s", name);
    }
    uint8_t status = (uint8_t)row->status;
    size_t seq = tc_der_open(out, 0x30);
    tc_der_put(out, 0x0a, &status, 1);
    if (status == 0) {
        size_t tagged = tc_der_open(out, 0xa0);
        size_t bytes = tc_der_open(out, 0x30);
        tc_der_oid(out, "1.3.6.1.5.5.7.48.1.1");
        size_t octets = tc_der_open(out, 0x04);
        put_basic(out, row);
        tc_der_close(out, octets);
        tc_der_close(out, bytes);
        tc_der_close(out, tagged);
    }
    tc_der_close(out, seq);
}

/* ---- logs and SCTs ---- */

static const struct log_row {
    const char *operator, * list, *key, *description, *state, *since;
} logs[] = {
    {"Alpha", "logs", "ct-log-a", "Alpha 2026", "usable", "2025-01-01T00:00:00Z"},
    {"Alpha", "tiled_logs", "ct-log-a2", "Alpha 2026 tiled", "qualified", "2026-01-01T00:00:00Z"},
    {"Beta", "logs", "ct-log-b", "Beta 2026", "usable", "2025-01-01T00:00:00Z"},
    {"Beta", "logs", "ct-log-retired", "Beta old", "retired", "2026-04-15T00:00:00Z"},
    {"Gamma", "logs", "ct-log-c", "Gamma 2026", "readonly", "2026-05-01T00:00:00Z"},
};

#define NUM_LOGS (sizeof logs / sizeof logs[0])

static void put_base64(struct tc_bytes *out, const uint8_t *data, size_t len) {
    unsigned char text[1024];
    if (len > 700) {
        tc_die("too long for a JSON string");
    }
    EVP_EncodeBlock(text, data, (int)len);
    tc_puts(out, (const char *)text);
}

static void put_log(struct tc_bytes *out, const struct log_row *log) {
    struct tc_bytes spki = {0};
    uint8_t id[32];
    tc_key_spki(&spki, log->key);
    tc_sha256(id, spki.data, spki.len);
    tc_printf(out, "        {\n          \"description\": \"%s\",\n          \"log_id\": \"",
              log->description);
    put_base64(out, id, sizeof id);
    tc_puts(out, "\",\n          \"key\": \"");
    put_base64(out, spki.data, spki.len);
    tc_printf(out,
              "\",\n          \"mmd\": 86400,\n          \"state\": {\"%s\": {\"timestamp\": "
              "\"%s\"}}\n        }",
              log->state, log->since);
    tc_clear(&spki);
}

void tc_make_log_list(struct tc_bytes *out, const char *name) {
    static const char *const lists[] = {"logs", "tiled_logs"};
    (void)name;
    tc_puts(out, "{\n  \"version\": \"1.0\",\n  \"log_list_timestamp\": "
                 "\"2026-05-31T00:00:00Z\",\n  \"operators\": [\n");
    for (size_t i = 0; i < NUM_LOGS; i++) {
        if (i != 0 && strcmp(logs[i].operator, logs[i - 1].operator) == 0) {
            continue;
        }
        tc_printf(out, "%s    {\n      \"name\": \"%s\"", i == 0 ? "" : ",\n", logs[i].operator);
        for (size_t l = 0; l < 2; l++) {
            int first = 1;
            tc_printf(out, ",\n      \"%s\": [\n", lists[l]);
            for (size_t j = i; j < NUM_LOGS && strcmp(logs[j].operator, logs[i].operator) == 0;
                 j++) {
                if (strcmp(logs[j].list, lists[l]) == 0) {
                    tc_puts(out, first ? "" : ",\n");
                    put_log(out, &logs[j]);
                    first = 0;
                }
            }
            tc_puts(out, "\n      ]");
        }
        tc_puts(out, "\n    }");
    }
    tc_puts(out, "\n  ]\n}\n");
}

static void put_number(struct tc_bytes *out, uint64_t value, unsigned octets) {
    for (unsigned i = octets; i > 0; i--) {
        tc_put_byte(out, (uint8_t)(value >> 8 * (i - 1)));
    }
}

static void put_sct(struct tc_bytes *out, const struct tc_bytes *tbs, const char *key,
                    uint64_t timestamp, int spoil) {
    struct tc_bytes spki = {0}, message = {0}, signature = {0};
    uint8_t hash[32];
    put_number(&message, 0, 2); /* v1, certificate_timestamp */
    put_number(&message, timestamp, 8);
    put_number(&message, 1, 2); /* precert_entry */
    tc_key_spki(&spki, "ec-intermediate");
    tc_sha256(hash, spki.data, spki.len);
    tc_put(&message, hash, sizeof hash);
    put_number(&message, tbs->len, 3);
    tc_put(&message, tbs->data, tbs->len);
    put_number(&message, 0, 2); /* extensions */
    tc_sign(&signature, key, "SHA256", 0, &message);
    if (spoil) {
        signature.data[signature.len - 1] ^= 1;
    }
    tc_clear(&spki);
    tc_key_spki(&spki, key);
    tc_sha256(hash, spki.data, spki.len);
    put_number(out, 1 + sizeof hash + 8 + 2 + 4 + signature.len, 2);
    put_number(out, 0, 1);
    tc_put(out, hash, sizeof hash);
    put_number(out, timestamp, 8);
    put_number(out, 0, 2);
    put_number(out, 4, 1); /* SHA-256 */
    put_number(out, EVP_PKEY_is_a(tc_key_get0(key), "RSA") ? 1 : 3, 1);
    put_number(out, signature.len, 2);
    tc_put(out, signature.data, signature.len);
    tc_clear(&spki);
    tc_clear(&message);
    tc_clear(&signature);
}

void tc_put_scts(struct tc_bytes *tbs, const char *list) {
    struct tc_bytes scts = {0}, value = {0}, set = {0};
    for (const char *at = list; *at != '\0';) {
        char key[64], *end = NULL;
        const char *sign = strchr(at, '@');
        if (sign == NULL || (size_t)(sign - at) >= sizeof key) {
            tc_die("SCT not understood: %s", at);
        }
        memcpy(key, at, (size_t)(sign - at));
        key[sign - at] = '\0';
        uint64_t timestamp = strtoull(sign + 1, &end, 10);
        put_sct(&scts, tbs, key, timestamp, *end == '!');
        at = end + (*end == '!');
        at += *at == ' ';
    }
    size_t octets = tc_der_open(&value, 0x04);
    put_number(&value, scts.len, 2);
    tc_put(&value, scts.data, scts.len);
    tc_der_close(&value, octets);
    tc_puts(&set, "1.3.6.1.4.1.11129.2.4.2=");
    tc_hex(&set, value.data, value.len);
    tc_put_byte(&set, 0);
    tc_set_extensions(tbs, (const char *)set.data);
    tc_clear(&scts);
    tc_clear(&value);
    tc_clear(&set);
}
