/* The facts of every certificate of testcerts/good, testcerts/trust and the system's trust store
 * against OpenSSL's, and certificates that are cut or altered at every place. */
#define _DEFAULT_SOURCE /* timegm */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <dirent.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "cert.h"
#include "cp_limits.h"
#include "pem.h"

/* ---- against OpenSSL ------------------------------------------------------------------------- */

typedef void each_fn(struct cp_span der, const char *file);

static size_t each_block(const char *path, each_fn *take) {
    struct cp_secret text = {0};
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    bool found = true;
    size_t num = 0;
    if (cp_secret_read_file(&text, path, CP_MAX_TRUST_LEN, NULL) != CP_OK)
        return 0;
    cp_pem_reader_init(&reader, (struct cp_span){text.data, text.len});
    while (reader.offset < text.len) {
        size_t len = 0, bad = 0;
        const char *reason = NULL;
        assert_int_equal(cp_pem_next(&reader, &block, &found, NULL), CP_OK);
        if (!found)
            break;
        if (block.kind != CP_PEM_CERTIFICATE)
            continue;
        uint8_t *out = malloc(cp_base64_max(block.body.len));
        assert_non_null(out);
        assert_int_equal(cp_base64_decode(out, &len, block.body, &bad, &reason), CP_OK);
        take((struct cp_span){out, len}, path);
        free(out);
        num++;
    }
    cp_secret_cleanup(&text);
    return num;
}

static void same_bytes(struct cp_span ours, const void *theirs, long len, const char *what,
                       const char *file) {
    if (len < 0 || !cp_span_equal(ours, (struct cp_span){theirs, (size_t)len}))
        fail_msg("%s: %s differs", file, what);
}

static int64_t time_of(const ASN1_TIME *time) {
    struct tm tm;
    assert_int_equal(ASN1_TIME_to_tm(time, &tm), 1);
    return (int64_t)timegm(&tm);
}

static void same_names_and_dates(const struct cp_cert *cert, X509 *x, const char *file) {
    const unsigned char *der = NULL;
    size_t len = 0;
    assert_int_equal(X509_NAME_get0_der(X509_get_subject_name(x), &der, &len), 1);
    same_bytes(cert->subject, der, (long)len, "subject", file);
    assert_int_equal(X509_NAME_get0_der(X509_get_issuer_name(x), &der, &len), 1);
    same_bytes(cert->issuer, der, (long)len, "issuer", file);
    /* X509_NAME_cmp folds as RFC 5280 7.1 says. */
    assert_int_equal(cp_cert_is_self_issued(cert),
                     X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0);
    int cn = -1, last = -1;
    while ((cn = X509_NAME_get_index_by_NID(X509_get_subject_name(x), NID_commonName, cn)) >= 0)
        last = cn;
    if (last >= 0) {
        const ASN1_STRING *value =
            X509_NAME_ENTRY_get_data(X509_NAME_get_entry(X509_get_subject_name(x), last));
        same_bytes(cert->common_name, ASN1_STRING_get0_data(value), ASN1_STRING_length(value),
                   "common name", file);
    } else {
        assert_int_equal(cert->common_name.len, 0);
    }
    assert_true(cert->not_before_s == time_of(X509_get0_notBefore(x)));
    int64_t end = time_of(X509_get0_notAfter(x));
    assert_true(cert->not_after_s == (end == 253402300799 ? INT64_MAX : end));
    unsigned char *serial = NULL;
    int serial_len = i2d_ASN1_INTEGER(X509_get0_serialNumber(x), &serial);
    assert_true(serial_len > 2);
    same_bytes(cert->serial, serial + 2, serial_len - 2, "serial number", file);
    OPENSSL_free(serial);
    assert_int_equal(cert->version, X509_get_version(x) + 1);
}

static void same_key_and_signature(const struct cp_cert *cert, X509 *x, const char *file) {
    const ASN1_BIT_STRING *signature = NULL;
    const X509_ALGOR *algorithm = NULL;
    unsigned char *der = NULL;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
    same_bytes(cert->spki, der, len, "SubjectPublicKeyInfo", file);
    OPENSSL_free(der);
    der = NULL;
    len = i2d_re_X509_tbs(x, &der);
    same_bytes(cert->tbs, der, len, "tbsCertificate", file);
    OPENSSL_free(der);
    der = NULL;
    X509_get0_signature(&signature, &algorithm, x);
    same_bytes(cert->signature, signature->data, signature->length, "signature", file);
    len = i2d_X509_ALGOR(algorithm, &der);
    same_bytes(cert->signature_algorithm, der, len, "signatureAlgorithm", file);
    OPENSSL_free(der);
    int nid = X509_get_signature_nid(x);
    if (cert->signature_type != CP_SIGNATURE_UNKNOWN) {
        const char *text = cp_signature_algorithm_get(cert->signature_type)->text;
        if (strcasecmp(text, OBJ_nid2ln(nid)) != 0 && strcasecmp(text, OBJ_nid2sn(nid)) != 0)
            fail_msg("%s: signature algorithm %s, not %s", file, text, OBJ_nid2ln(nid));
    }
    EVP_PKEY *key = X509_get0_pubkey(x);
    if (cert->key_type == CP_KEY_UNKNOWN) /* the tests' own odd one */
        return;
    assert_non_null(key);
    assert_int_equal(cert->key_bits, EVP_PKEY_get_bits(key));
    const char *want = cp_key_algorithm_get(cert->key_type)->kind == CP_KIND_RSA  ? "RSA"
                       : cp_key_algorithm_get(cert->key_type)->kind == CP_KIND_EC ? "EC"
                                                                                  : "ED25519";
    assert_true(EVP_PKEY_is_a(key, want));
}

static void same_constraints(const struct cp_cert *cert, X509 *x, const char *file) {
    int critical = -1;
    BASIC_CONSTRAINTS *basic = X509_get_ext_d2i(x, NID_basic_constraints, &critical, NULL);
    assert_int_equal(cp_cert_has(cert, CP_EXT_BASIC_CONSTRAINTS), basic != NULL);
    assert_int_equal(cp_cert_is_critical(cert, CP_EXT_BASIC_CONSTRAINTS), critical == 1);
    if (basic != NULL) {
        assert_int_equal(cert->is_ca, basic->ca != 0);
        assert_int_equal(cert->path_len,
                         basic->pathlen == NULL ? -1 : ASN1_INTEGER_get(basic->pathlen));
    }
    BASIC_CONSTRAINTS_free(basic);
    uint32_t usage = X509_get_key_usage(x);
    ASN1_BIT_STRING *bits = X509_get_ext_d2i(x, NID_key_usage, &critical, NULL);
    assert_int_equal(cp_cert_has(cert, CP_EXT_KEY_USAGE), bits != NULL);
    assert_true(bits != NULL || usage == UINT32_MAX);
    for (int i = 0; bits != NULL && i < 9; i++)
        if (ASN1_BIT_STRING_get_bit(bits, i) != (int)(cert->key_usage >> i & 1))
            fail_msg("%s: keyUsage bit %d differs", file, i);
    ASN1_BIT_STRING_free(bits);
    EXTENDED_KEY_USAGE *purposes = X509_get_ext_d2i(x, NID_ext_key_usage, &critical, NULL);
    uint32_t flags = 0;
    for (int i = 0; i < sk_ASN1_OBJECT_num(purposes); i++) {
        int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(purposes, i));
        flags |= nid == NID_server_auth           ? CP_EKU_SERVER_AUTH
                 : nid == NID_client_auth         ? CP_EKU_CLIENT_AUTH
                 : nid == NID_anyExtendedKeyUsage ? CP_EKU_ANY
                                                  : CP_EKU_OTHER;
    }
    EXTENDED_KEY_USAGE_free(purposes);
    if (cert->extended_key_usage != flags)
        fail_msg("%s: extKeyUsage %x, not %x", file, cert->extended_key_usage, flags);
}

static void same_alt_names_and_ids(const struct cp_cert *cert, X509 *x, const char *file) {
    GENERAL_NAMES *theirs = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    struct cp_span rest = cert->subject_alt_names;
    struct cp_general_name name;
    size_t dns = 0, ip = 0, other = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(theirs); i++) {
        int type = 0;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(theirs, i), &type);
        assert_true(cp_general_name_next(&rest, &name));
        assert_int_equal(name.kind, type);
        if (type == GEN_DNS || type == GEN_IPADD || type == GEN_URI || type == GEN_EMAIL)
            same_bytes(name.value, ASN1_STRING_get0_data(value), ASN1_STRING_length(value), "SAN",
                       file);
        dns += type == GEN_DNS;
        ip += type == GEN_IPADD;
        other += type != GEN_DNS && type != GEN_IPADD;
    }
    assert_false(cp_general_name_next(&rest, &name));
    GENERAL_NAMES_free(theirs);
    assert_int_equal(cert->num_dns_names, dns);
    assert_int_equal(cert->num_ip_names, ip);
    assert_int_equal(cert->num_other_names, other);
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(x);
    same_bytes(cert->subject_key_id, id == NULL ? NULL : id->data, id == NULL ? 0 : id->length,
               "subjectKeyIdentifier", file);
    id = X509_get0_authority_key_id(x);
    same_bytes(cert->authority_key_id, id == NULL ? NULL : id->data, id == NULL ? 0 : id->length,
               "authorityKeyIdentifier", file);
    int num = X509_get_ext_count(x);
    assert_int_equal(cert->num_extensions, num < 0 ? 0 : num);
}

static void compare_facts(struct cp_span der, const char *file) {
    struct cp_cert cert;
    struct cp_error err = {CP_OK, 0, 0, ""};
    const unsigned char *next = der.data;
    X509 *x = d2i_X509(NULL, &next, (long)der.len);
    if (cp_cert_parse(&cert, der, &err) != CP_OK)
        fail_msg("%s: %s", file, err.message);
    assert_non_null(x);
    same_names_and_dates(&cert, x, file);
    same_key_and_signature(&cert, x, file);
    same_constraints(&cert, x, file);
    same_alt_names_and_ids(&cert, x, file);
    X509_free(x);
    ERR_clear_error();
}

static size_t each_file(const char *folder, each_fn *take) {
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t num = 0;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[1024];
        const char *dot = strrchr(entry->d_name, '.');
        if (dot == NULL || strcmp(dot, ".pem") != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        num += each_block(path, take);
    }
    closedir(dir);
    return num;
}

static void facts_agree_with_openssl(void **state) {
    (void)state;
    assert_true(each_file(CP_TESTCERTS_DIR "/good", compare_facts) > 50);
    assert_true(each_file(CP_TESTCERTS_DIR "/trust", compare_facts) >= 4);
}

static void facts_of_the_system_store(void **state) {
    (void)state;
    size_t num = each_block("/etc/ssl/certs/ca-certificates.crt", compare_facts);
    if (num == 0) {
        print_message("no system trust store here\n");
        skip();
    }
    print_message("%zu certificates of the system store\n", num);
}

/* ---- cut and altered ------------------------------------------------------------------------- */

/* Each shorter certificate, in an allocation of just its length: refused, and never read past. */
static void truncate_everywhere(struct cp_span der, const char *file) {
    struct cp_cert cert;
    for (size_t len = 0; len < der.len; len++) {
        uint8_t *part = malloc(len + 1);
        assert_non_null(part);
        memcpy(part + 1, der.data, len);
        if (cp_cert_parse(&cert, (struct cp_span){part + 1, len}, NULL) == CP_OK)
            fail_msg("%s: accepted when cut to %zu bytes", file, len);
        free(part);
    }
    uint8_t *more = malloc(der.len + 1);
    assert_non_null(more);
    memcpy(more, der.data, der.len);
    more[der.len] = 0;
    assert_int_equal(cp_cert_parse(&cert, (struct cp_span){more, der.len + 1}, NULL), CP_ERR_PARSE);
    free(more);
}

/* Each byte with each other value. What is still accepted is walked and shown. */
static void mutate_everywhere(struct cp_span der, const char *file) {
    uint8_t *copy = malloc(der.len);
    char text[160];
    size_t num_accepted = 0;
    assert_non_null(copy);
    memcpy(copy, der.data, der.len);
    for (size_t at = 0; at < der.len; at++) {
        for (int value = 0; value < 256; value++) {
            struct cp_cert cert;
            struct cp_error err = {CP_OK, 0, 0, ""};
            copy[at] = (uint8_t)value;
            if (cp_cert_parse(&cert, (struct cp_span){copy, der.len}, &err) != CP_OK) {
                assert_true(err.offset <= der.len && err.message[0] != '\0');
                continue;
            }
            struct cp_span rest = cert.subject_alt_names;
            struct cp_general_name name;
            size_t num = 0;
            while (cp_general_name_next(&rest, &name))
                num++;
            assert_int_equal(num, cert.num_dns_names + cert.num_ip_names + cert.num_other_names);
            cp_cert_subject_text(text, sizeof(text), &cert);
            (void)cp_cert_is_self_issued(&cert);
            num_accepted++;
        }
        copy[at] = der.data[at];
    }
    free(copy);
    if (num_accepted < der.len || num_accepted > der.len * 200) /* values are free, form is not */
        fail_msg("%s: %zu of %zu accepted", file, num_accepted, der.len * 256);
}

static void every_truncation(void **state) {
    (void)state;
    assert_true(each_file(CP_TESTCERTS_DIR "/trust", truncate_everywhere) >= 4);
    assert_int_equal(each_block(CP_TESTCERTS_DIR "/good/multi-san-bundle.pem", truncate_everywhere),
                     2);
}

static void every_mutation(void **state) {
    (void)state;
    assert_int_equal(each_block(CP_TESTCERTS_DIR "/good/ec-leaf.pem", mutate_everywhere), 1);
    assert_int_equal(each_block(CP_TESTCERTS_DIR "/good/rsa-intermediate.pem", mutate_everywhere),
                     1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_agree_with_openssl),
        cmocka_unit_test(facts_of_the_system_store),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(every_mutation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
