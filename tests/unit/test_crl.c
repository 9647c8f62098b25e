/* crl: the reader against OpenSSL's, what each list says, and a list of a million entries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "pool.h"
#include "revocation/judge.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define CLOCK_S 1780272000 /* 2026-06-01 */

static struct cp_secret load(const char *name) {
    struct cp_secret bytes = {0};
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", CP_TESTCERTS_DIR, name);
    assert_int_equal(cp_secret_read_file(&bytes, path, CP_MAX_FILE_LEN, NULL), CP_OK);
    return bytes;
}

static struct cp_evidence *evidence_of(const char *name, bool is_crl) {
    struct cp_evidence *evidence = NULL;
    struct cp_secret bytes = load(name);
    struct cp_error err = {CP_OK, 0, 0, ""};
    assert_int_equal(cp_evidence_new(&evidence, NULL), CP_OK);
    enum cp_status status = is_crl
                                ? cp_evidence_add_crl(evidence, bytes.data, bytes.len, name, &err)
                                : cp_evidence_add_ocsp(evidence, bytes.data, bytes.len, name, &err);
    if (status != CP_OK)
        fail_msg("%s", err.message);
    cp_secret_cleanup(&bytes);
    return evidence;
}

/* Certificates 1 and 2 of a bundle, which must outlive them. */
static struct cp_pool *chain_of(const char *name) {
    struct cp_pool *pool = NULL;
    struct cp_secret bytes = load(name);
    size_t num = 0;
    assert_int_equal(cp_pool_new(&pool, NULL), CP_OK);
    assert_int_equal(cp_pool_add(pool, bytes.data, bytes.len, name, &num, NULL), CP_OK);
    cp_secret_cleanup(&bytes);
    return pool;
}

static const struct {
    const char *file;
    enum cp_standing standing;
    enum cp_crl_reason reason;
    const char *why; /* part of it */
    const char *note;
} lists[] = {
    {"crl-clean.pem", CP_STANDING_GOOD, CP_REASON_NONE, "", "PEM"},
    {"crl-clean.der", CP_STANDING_GOOD, CP_REASON_NONE, "", "DER"},
    {"crl-revoked.pem", CP_STANDING_REVOKED, CP_REASON_KEY_COMPROMISE, "", "with a reason"},
    {"crl-revoked-no-reason.pem", CP_STANDING_REVOKED, CP_REASON_NONE, "", "without"},
    {"crl-hold.pem", CP_STANDING_REVOKED, CP_REASON_CERTIFICATE_HOLD, "", "on hold"},
    {"crl-removed.pem", CP_STANDING_GOOD, CP_REASON_NONE, "", "removeFromCRL takes it back"},
    {"crl-revoked-stale.pem", CP_STANDING_REVOKED, CP_REASON_KEY_COMPROMISE, "",
     "revoked stays revoked"},
    {"crl-stale.pem", CP_STANDING_UNUSABLE, CP_REASON_NONE, "stale", "a second too old"},
    {"crl-last-second.pem", CP_STANDING_GOOD, CP_REASON_NONE, "", "in its last second"},
    {"crl-later.pem", CP_STANDING_UNUSABLE, CP_REASON_NONE, "made only on", "a second too new"},
    {"crl-bad-signature.pem", CP_STANDING_UNUSABLE, CP_REASON_NONE, "signature", "spoiled"},
    {"crl-other-key.pem", CP_STANDING_UNUSABLE, CP_REASON_NONE, "signature", "another key"},
    {"crl-delta.pem", CP_STANDING_UNUSABLE, CP_REASON_NONE, "delta", "a delta is no list"},
    {"crl-indirect.pem", CP_STANDING_UNUSABLE, CP_REASON_NONE, "indirect", "not processed"},
    {"crl-some-reasons.pem", CP_STANDING_UNUSABLE, CP_REASON_NONE, "some reasons",
     "can't say that it is good"},
    {"crl-unknown-critical.pem", CP_STANDING_UNUSABLE, CP_REASON_NONE, "2.999.7",
     "5.2: must not be used"},
    {"crl-only-ca.pem", CP_STANDING_SILENT, CP_REASON_NONE, "", "not about leaves"},
    {"crl-only-user.pem", CP_STANDING_GOOD, CP_REASON_NONE, "", "about leaves"},
    {"crl-same-point.pem", CP_STANDING_GOOD, CP_REASON_NONE, "", "the leaf's own point"},
    {"crl-other-point.pem", CP_STANDING_SILENT, CP_REASON_NONE, "", "another point"},
    {"crl-root.pem", CP_STANDING_SILENT, CP_REASON_NONE, "", "another issuer"},
    {"crl-no-number.pem", CP_STANDING_GOOD, CP_REASON_NONE, "", "a matter of profile"},
};

static void test_standing(void **state) {
    struct cp_pool *chain = chain_of("good/ec-fullchain.pem");
    struct cp_verifier *verifier = NULL;
    (void)state;
    assert_int_equal(cp_verifier_new(&verifier, NULL), CP_OK);
    for (size_t i = 0; i < NUM_OF(lists); i++) {
        char path[128];
        struct cp_standing_result result;
        (void)snprintf(path, sizeof(path), "status/%s", lists[i].file);
        struct cp_evidence *evidence = evidence_of(path, true);
        assert_int_equal(cp_standing_of(verifier, &result, evidence, &chain->certs[0]->cert,
                                        &chain->certs[1]->cert, CLOCK_S, NULL),
                         CP_OK);
        if (result.standing != lists[i].standing || result.reason != lists[i].reason ||
            strstr(result.why, lists[i].why) == NULL)
            fail_msg("%s (%s): standing %d, reason %d, '%s'", lists[i].file, lists[i].note,
                     result.standing, result.reason, result.why);
        cp_evidence_free(evidence);
    }
    cp_verifier_free(verifier);
    cp_pool_free(chain);
}

/* Each octet of a list changed in two ways, and each length cut: what we read OpenSSL reads, too,
 * with as many entries. */
static void test_against_openssl(void **state) {
    struct cp_secret bytes = load("status/crl-clean.der");
    size_t num_read = 0;
    (void)state;
    for (size_t i = 0; i < 3 * bytes.len; i++) {
        size_t len = i < bytes.len ? i : bytes.len, at = i % bytes.len;
        uint8_t *copy = malloc(len + 1);
        struct cp_crl crl;
        assert_non_null(copy);
        memcpy(copy, bytes.data, len);
        if (i >= bytes.len)
            copy[at] ^= i < 2 * bytes.len ? 1 : 0x80;
        const unsigned char *next = copy;
        X509_CRL *other = d2i_X509_CRL(NULL, &next, (long)len);
        if (cp_crl_parse(&crl, (struct cp_span){copy, len}, NULL) == CP_OK) {
            assert_non_null(other);
            num_read++;
            /* OpenSSL does not say how many: it is a stack. */
            STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(other);
            assert_int_equal(crl.num_entries, revoked == NULL ? 0 : sk_X509_REVOKED_num(revoked));
        }
        X509_CRL_free(other);
        free(copy);
    }
    assert_true(num_read > bytes.len / 2); /* most of it is signature and names */
    cp_secret_cleanup(&bytes);
}

static const struct {
    const char *hex, *why, *note;
} malformed[] = {
    {"", "missing", "nothing"},
    {"3000", "missing", "an empty list"},
    {"30023000", "missing", "an empty tbsCertList"},
    {"0500", "want tag 0x30", "NULL"},
    {"30030201", "", "cut off"},
};

static void test_malformed(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(malformed); i++) {
        uint8_t der[64];
        size_t len = strlen(malformed[i].hex) / 2;
        struct cp_error err = {CP_OK, 0, 0, ""};
        struct cp_crl crl;
        for (size_t j = 0; j < len; j++) {
            unsigned octet = 0;
            assert_int_equal(sscanf(malformed[i].hex + 2 * j, "%2x", &octet), 1);
            der[j] = (uint8_t)octet;
        }
        assert_int_equal(cp_crl_parse(&crl, (struct cp_span){der, len}, &err), CP_ERR_PARSE);
        if (strstr(err.message, malformed[i].why) == NULL)
            fail_msg("%s: '%s'", malformed[i].note, err.message);
    }
}

static void test_files(void **state) {
    static const uint8_t text[] = "no list";
    struct cp_evidence *evidence = NULL;
    struct cp_error err = {CP_OK, 0, 0, ""};
    (void)state;
    assert_int_equal(cp_evidence_new(&evidence, NULL), CP_OK);
    assert_int_equal(cp_evidence_add_crl(evidence, text, sizeof(text) - 1, "a\033b", &err),
                     CP_ERR_INPUT);
    assert_null(strchr(err.message, '\033'));
    assert_int_equal(cp_evidence_add_crl(evidence, text, 0, "x", &err), CP_ERR_INPUT);
    assert_int_equal(cp_evidence_add_crl(evidence, text, CP_MAX_CRL_LEN + 1, "x", &err),
                     CP_ERR_LIMIT);
    struct cp_secret bytes = load("status/crl-clean.der");
    for (size_t i = 0; i < CP_MAX_EVIDENCE; i++)
        assert_int_equal(cp_evidence_add_crl(evidence, bytes.data, bytes.len, "x", &err), CP_OK);
    assert_int_equal(cp_evidence_add_crl(evidence, bytes.data, bytes.len, "x", &err), CP_ERR_LIMIT);
    cp_secret_cleanup(&bytes);
    cp_evidence_free(evidence);
    cp_evidence_free(NULL);
}

/* ---- a million entries ---- */

#define NUM_ENTRIES 1000000
#define ENTRY_LEN 22

static size_t put_header(uint8_t *out, size_t len) {
    const uint8_t header[] = {
        0x30, 0x84, (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    memcpy(out, header, sizeof(header));
    if (len <= 0xffffff) { /* minimal */
        out[1] = 0x83;
        memmove(out + 2, out + 3, 3);
        return 5;
    }
    return 6;
}

/* The list status/crl-clean.der with other entries; its signature no longer fits. */
static uint8_t *million(size_t *len) {
    struct cp_secret small = load("status/crl-clean.der");
    struct cp_crl crl;
    assert_int_equal(cp_crl_parse(&crl, (struct cp_span){small.data, small.len}, NULL), CP_OK);
    const uint8_t *tbs = crl.signed_by.tbs.data, *tbs_end = tbs + crl.signed_by.tbs.len;
    /* All headers of it are of known length: 30 81/82 xx xx, entries 30 xx. */
    size_t tbs_header = tbs[1] == 0x81 ? 3 : tbs[1] == 0x82 ? 4 : 2;
    const uint8_t *head = tbs + tbs_header, *entries = crl.entries.data - 2;
    const uint8_t *behind = crl.entries.data + crl.entries.len, *end = small.data + small.len;
    size_t entries_len = (size_t)NUM_ENTRIES * ENTRY_LEN;
    uint8_t *out = malloc(entries_len + small.len + 64), header[6], *at = out;
    assert_non_null(out);
    size_t list_header = put_header(header, entries_len);
    size_t tbs_len =
        (size_t)(entries - head) + list_header + entries_len + (size_t)(tbs_end - behind);
    uint8_t tbs_head[6];
    size_t tbs_head_len = put_header(tbs_head, tbs_len);
    at += put_header(at, tbs_head_len + tbs_len + (size_t)(end - tbs_end));
    memcpy(at, tbs_head, tbs_head_len);
    at += tbs_head_len;
    memcpy(at, head, (size_t)(entries - head));
    at += entries - head;
    memcpy(at, header, list_header);
    at += list_header;
    for (uint32_t i = 0; i < NUM_ENTRIES; i++, at += ENTRY_LEN) {
        const uint8_t entry[] = {
            0x30,       20,   0x02, 0x03, (uint8_t)(0x10 + (i >> 16)), (uint8_t)(i >> 8),
            (uint8_t)i, 0x17, 13};
        memcpy(at, entry, sizeof(entry));
        memcpy(at + sizeof(entry), "260520120000Z", 13);
    }
    memcpy(at, behind, (size_t)(end - behind));
    *len = (size_t)(at - out) + (size_t)(end - behind);
    cp_secret_cleanup(&small);
    return out;
}

static void test_million(void **state) {
    const uint8_t last[] = {0x10 + (999999 >> 16), 999999 >> 8 & 0xff, 999999 & 0xff};
    const uint8_t absent[] = {0x77, 0x77, 0x77};
    struct cp_crl crl;
    struct cp_crl_entry entry;
    size_t len = 0;
    (void)state;
    uint8_t *der = million(&len);
    clock_t start = clock();
    assert_int_equal(cp_crl_parse(&crl, (struct cp_span){der, len}, NULL), CP_OK);
    clock_t parsed = clock();
    assert_int_equal(crl.num_entries, NUM_ENTRIES);
    assert_true(cp_crl_find(&crl, (struct cp_span){last, sizeof(last)}, &entry));
    assert_int_equal(entry.reason, CP_REASON_NONE);
    assert_false(cp_crl_find(&crl, (struct cp_span){absent, sizeof(absent)}, &entry));
    clock_t found = clock();
    print_message("%zu octets, %d entries: read in %.0f ms, two look-ups in %.0f ms\n", len,
                  NUM_ENTRIES, 1e3 * (double)(parsed - start) / CLOCKS_PER_SEC,
                  1e3 * (double)(found - parsed) / CLOCKS_PER_SEC);
    assert_true((double)(found - start) / CLOCKS_PER_SEC < 10); /* under a sanitizer */
    free(der);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standing),  cmocka_unit_test(test_against_openssl),
        cmocka_unit_test(test_malformed), cmocka_unit_test(test_files),
        cmocka_unit_test(test_million),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
