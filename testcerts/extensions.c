/* The extensions of a row, RFC 5280 4.2, in the order of their usual appearance. */
#include "certs.h"
#include "keys.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

static void put_extension(struct tc_bytes *out, const char *oid, int critical,
                          struct tc_bytes *value) {
    size_t seq = tc_der_open(out, 0x30);
    tc_der_oid(out, oid);
    if (critical) {
        tc_der_put(out, 0x01, "\xff", 1);
    }
    tc_der_put(out, 0x04, value->data, value->len);
    tc_der_close(out, seq);
    tc_clear(value);
}

static int has_name(const char *list, const char *name) {
    size_t len = strlen(name);
    for (const char *at = list; (at = strstr(at, name)) != NULL; at += len) {
        if ((at == list || at[-1] == ',') && (at[len] == '\0' || at[len] == ',')) {
            return 1;
        }
    }
    return 0;
}

/* RFC 7093 2 method 1: the left-most 160 bits of SHA-256 of the public key bits. */
static void key_id(uint8_t out[32], const char *key_name) {
    struct tc_bytes public = {0};
    tc_key_public(&public, key_name);
    tc_sha256(out, public.data, public.len);
    tc_clear(&public);
}

static void put_key_ids(struct tc_bytes *out, const struct tc_cert_row *row) {
    struct tc_bytes value = {0};
    uint8_t id[32];
    const char *issuer_key = row->issuer == NULL ? row->key : tc_cert_row_get(row->issuer)->key;
    key_id(id, row->key);
    tc_der_put(&value, 0x04, id, 20);
    put_extension(out, "2.5.29.14", 0, &value);
    key_id(id, issuer_key);
    if ((row->flags & TC_WRONG_AKI) != 0) {
        id[0] ^= 1;
    }
    size_t seq = tc_der_open(&value, 0x30);
    tc_der_put(&value, 0x80, id, 20);
    tc_der_close(&value, seq);
    put_extension(out, "2.5.29.35", 0, &value);
}

static void put_basic_constraints(struct tc_bytes *out, const struct tc_cert_row *row) {
    struct tc_bytes value = {0};
    int ca = row->profile != TC_LEAF || (row->flags & TC_CA) != 0;
    if ((row->flags & TC_NOT_CA) != 0) {
        ca = 0;
    }
    size_t seq = tc_der_open(&value, 0x30);
    if (ca) {
        tc_der_put(&value, 0x01, "\xff", 1);
        if (row->profile == TC_INTERMEDIATE) {
            tc_der_small(&value, (uint8_t)row->path_len);
        }
    } else if ((row->flags & TC_EXPLICIT_FALSE) != 0) {
        tc_der_put(&value, 0x01, "\x00", 1);
    }
    tc_der_close(&value, seq);
    put_extension(out, "2.5.29.19", 1, &value);
}

static const char *default_key_usage(const struct tc_cert_row *row) {
    if (row->profile != TC_LEAF) {
        return "keyCertSign,cRLSign";
    }
    if ((row->flags & TC_CA) != 0) {
        return "digitalSignature,keyCertSign,cRLSign";
    }
    return EVP_PKEY_is_a(tc_key_get0(row->key), "RSA") ? "digitalSignature,keyEncipherment"
                                                       : "digitalSignature";
}

static void put_key_usage(struct tc_bytes *out, const struct tc_cert_row *row) {
    static const char *const bits[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                       "dataEncipherment", "keyAgreement",   "keyCertSign",
                                       "cRLSign"};
    const char *names = row->key_usage != NULL ? row->key_usage : default_key_usage(row);
    uint8_t octets[2] = {0, 0}; /* unused bits, bits */
    for (unsigned i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        if (has_name(names, bits[i])) {
            octets[0] = (uint8_t)(7 - i); /* a named bit list ends with its last 1, X.690 11.2.2 */
            octets[1] = (uint8_t)(octets[1] | 0x80u >> i);
        }
    }
    struct tc_bytes value = {0};
    tc_der_put(&value, 0x03, octets, 2);
    put_extension(out, "2.5.29.15", 1, &value);
}

static void put_extended_key_usage(struct tc_bytes *out, const struct tc_cert_row *row) {
    const char *names = row->extended_key_usage != NULL ? row->extended_key_usage : "serverAuth";
    struct tc_bytes value = {0};
    size_t seq = tc_der_open(&value, 0x30);
    if (has_name(names, "serverAuth")) {
        tc_der_oid(&value, "1.3.6.1.5.5.7.3.1");
    }
    if (has_name(names, "clientAuth")) {
        tc_der_oid(&value, "1.3.6.1.5.5.7.3.2");
    }
    tc_der_close(&value, seq);
    put_extension(out, "2.5.29.37", 0, &value);
}

/* Undoes %XX. */
static void put_octets(struct tc_bytes *out, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%' && len - i >= 3) {
            tc_unhex(out, text + i + 1, 2);
            i += 2;
        } else {
            tc_put_byte(out, (uint8_t)text[i]);
        }
    }
}

static void put_ip(struct tc_bytes *out, const char *text, size_t len) {
    char buffer[64];
    uint8_t octets[16];
    if (len >= sizeof buffer) {
        tc_die("IP address too long");
    }
    memcpy(buffer, text, len);
    buffer[len] = '\0';
    if (inet_pton(AF_INET, buffer, octets) == 1) {
        tc_der_put(out, 0x87, octets, 4);
    } else if (inet_pton(AF_INET6, buffer, octets) == 1) {
        tc_der_put(out, 0x87, octets, 16);
    } else {
        tc_die("not an IP address: %s", buffer);
    }
}

static void put_general_name(struct tc_bytes *out, const char *text, size_t len) {
    struct tc_bytes octets = {0};
    if (len > 4 && memcmp(text, "DNS:", 4) == 0) {
        put_octets(&octets, text + 4, len - 4);
        tc_der_put(out, 0x82, octets.data, octets.len);
    } else if (len > 6 && memcmp(text, "IPHEX:", 6) == 0) {
        tc_unhex(&octets, text + 6, len - 6);
        tc_der_put(out, 0x87, octets.data, octets.len);
    } else if (len > 3 && memcmp(text, "IP:", 3) == 0) {
        put_ip(out, text + 3, len - 3);
    } else {
        tc_die("SAN entry not understood");
    }
    tc_clear(&octets);
}

/* RFC 5280 4.2.1.6: critical if and only if the subject is empty. */
static void put_san(struct tc_bytes *out, const struct tc_cert_row *row) {
    struct tc_bytes value = {0};
    size_t seq = tc_der_open(&value, 0x30);
    for (const char *at = row->san; *at != '\0';) {
        size_t len = strcspn(at, ",");
        put_general_name(&value, at, len);
        at += len + (at[len] == ',');
    }
    tc_der_close(&value, seq);
    put_extension(out, "2.5.29.17", row->subject[0] == '\0', &value);
}

static void put_policies(struct tc_bytes *out) {
    struct tc_bytes value = {0};
    size_t list = tc_der_open(&value, 0x30);
    size_t info = tc_der_open(&value, 0x30);
    tc_der_oid(&value, "2.23.140.1.2.1"); /* domain validated, CA/Browser Forum */
    tc_der_close(&value, info);
    tc_der_close(&value, list);
    put_extension(out, "2.5.29.32", 0, &value);
}

static void put_url(struct tc_bytes *out, const char *prefix, const char *name,
                    const char *suffix) {
    struct tc_bytes url = {0};
    tc_printf(&url, "%s%s%s", prefix, name, suffix);
    tc_der_put(out, 0x86, url.data, url.len);
    tc_clear(&url);
}

static void put_pointers(struct tc_bytes *out, const char *issuer) {
    struct tc_bytes value = {0};
    size_t list = tc_der_open(&value, 0x30);
    size_t access = tc_der_open(&value, 0x30);
    tc_der_oid(&value, "1.3.6.1.5.5.7.48.1"); /* OCSP */
    put_url(&value, "http://ocsp.example", "", "/");
    tc_der_close(&value, access);
    access = tc_der_open(&value, 0x30);
    tc_der_oid(&value, "1.3.6.1.5.5.7.48.2"); /* caIssuers */
    put_url(&value, "http://aia.example/", issuer, ".crt");
    tc_der_close(&value, access);
    tc_der_close(&value, list);
    put_extension(out, "1.3.6.1.5.5.7.1.1", 0, &value);

    list = tc_der_open(&value, 0x30);
    size_t point = tc_der_open(&value, 0x30);
    size_t point_name = tc_der_open(&value, 0xa0);
    size_t full_name = tc_der_open(&value, 0xa0);
    put_url(&value, "http://crl.example/", issuer, ".crl");
    tc_der_close(&value, full_name);
    tc_der_close(&value, point_name);
    tc_der_close(&value, point);
    tc_der_close(&value, list);
    put_extension(out, "2.5.29.31", 0, &value);
}

static void put_subtree(struct tc_bytes *out, uint8_t tag, const char *dns_name) {
    if (dns_name == NULL) {
        return;
    }
    size_t trees = tc_der_open(out, tag);
    size_t tree = tc_der_open(out, 0x30);
    tc_der_put(out, 0x82, dns_name, strlen(dns_name));
    tc_der_close(out, tree);
    tc_der_close(out, trees);
}

static void put_name_constraints(struct tc_bytes *out, const struct tc_cert_row *row) {
    struct tc_bytes value = {0};
    size_t seq = tc_der_open(&value, 0x30);
    put_subtree(&value, 0xa0, row->permitted);
    put_subtree(&value, 0xa1, row->excluded);
    tc_der_close(&value, seq);
    put_extension(out, "2.5.29.30", 1, &value);
}

void tc_put_extensions(struct tc_bytes *tbs, const struct tc_cert_row *row) {
    size_t tagged = tc_der_open(tbs, 0xa3);
    size_t list = tc_der_open(tbs, 0x30);
    put_key_usage(tbs, row);
    if (row->profile != TC_ROOT) {
        put_extended_key_usage(tbs, row);
    }
    if ((row->flags & TC_NO_BASIC_CONSTRAINTS) == 0) {
        put_basic_constraints(tbs, row);
    }
    if ((row->flags & TC_NO_KEY_IDS) == 0) {
        put_key_ids(tbs, row);
    }
    if (row->profile != TC_ROOT) {
        put_pointers(tbs, row->issuer == NULL ? row->name : row->issuer);
        put_policies(tbs);
    }
    if (row->permitted != NULL || row->excluded != NULL) {
        put_name_constraints(tbs, row);
    }
    if (row->san != NULL && (row->flags & TC_NO_SAN) == 0) {
        put_san(tbs, row);
        if ((row->flags & TC_SAN_TWICE) != 0) {
            put_san(tbs, row);
        }
    }
    if ((row->flags & TC_UNKNOWN_CRITICAL) != 0) {
        struct tc_bytes value = {0};
        tc_der_put(&value, 0x05, "", 0);
        put_extension(tbs, "2.999.7", 1, &value);
    }
    tc_der_close(tbs, list);
    tc_der_close(tbs, tagged);
}

/* Index of the extension with this OID (whole element) in a list of them; -1: not there. */
static int find_extension(const struct tc_bytes *list, const struct tc_bytes *oid) {
    size_t header = tc_der_child(list, 0).offset;
    int index = 0;
    for (size_t at = header; at < list->len; index++) {
        struct tc_element e = tc_der_child(list, (unsigned)index);
        const uint8_t *content = list->data + e.offset + e.header_len;
        if (e.len >= oid->len && memcmp(content, oid->data, oid->len) == 0) {
            return index;
        }
        at = e.offset + e.header_len + e.len;
    }
    return -1;
}

static void set_extension(struct tc_bytes *list, const char *word, size_t len) {
    struct tc_bytes oid = {0}, value = {0}, extension = {0};
    char dotted[64];
    const char *equals = memchr(word, '=', len);
    if (equals == NULL || equals == word || (size_t)(equals - word) >= sizeof dotted) {
        tc_die("extension not understood: %s", word);
    }
    int critical = equals[-1] == '!';
    snprintf(dotted, sizeof dotted, "%.*s", (int)(equals - word) - critical, word);
    tc_der_oid(&oid, dotted);
    size_t hex_len = len - (size_t)(equals + 1 - word);
    if (hex_len != 1 || equals[1] != '-') {
        tc_unhex(&value, equals + 1, hex_len);
        put_extension(&extension, dotted, critical, &value);
    }
    int index = find_extension(list, &oid);
    if (index >= 0) {
        tc_der_replace_child(list, (unsigned)index, extension.data, extension.len);
    } else {
        struct tc_bytes out = {0};
        struct tc_element first = tc_der_child(list, 0);
        size_t seq = tc_der_open(&out, 0x30);
        tc_put(&out, list->data + first.offset, list->len - first.offset);
        tc_put(&out, extension.data, extension.len);
        tc_der_close(&out, seq);
        tc_clear(list);
        *list = out;
    }
    tc_clear(&oid);
    tc_clear(&extension);
}

void tc_set_extensions(struct tc_bytes *tbs, const char *set) {
    struct tc_bytes list = {0}, tagged = {0};
    struct tc_element last = tc_der_child(tbs, 7); /* [3], behind version to SPKI */
    tc_put(&list, tbs->data + last.offset + last.header_len, last.len);
    for (const char *at = set; *at != '\0';) {
        size_t len = strcspn(at, " ");
        set_extension(&list, at, len);
        at += len + (at[len] == ' ');
    }
    tc_der_put(&tagged, 0xa3, list.data, list.len);
    tc_der_replace_child(tbs, 7, tagged.data, tagged.len);
    tc_clear(&list);
    tc_clear(&tagged);
}
