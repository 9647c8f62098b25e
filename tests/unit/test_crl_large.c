/* A revocation list of 50 MB, as the largest public ones are: read from its file with flat memory.
 * It is made here, and signed with a test key. And files that change after they were read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "pool.h"
#include "revocation/judge.h"

#define CLOCK_S 1780272000 /* 2026-06-01 */
#define NUM_ENTRIES 1500000
#define ENTRY_LEN 35
#define DATA_MARGIN ((rlim_t)8 * 1024 * 1024) /* what reading it may cost: far below 50 MB */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

struct list {
    char path[64];
    FILE *file;
    EVP_MD_CTX *signing;
    uint32_t num_entries;
    bool has_leaf;           /* the last entry is the leaf's */
    const char *next_update; /* UTCTime */
    long next_update_at;     /* where that stands */
};

static void put(struct list *list, bool is_signed, const void *data, size_t len) {
    assert_int_equal(fwrite(data, 1, len, list->file), len);
    if (is_signed)
        assert_int_equal(EVP_DigestSignUpdate(list->signing, data, len), 1);
}

/* Tag and length in four octets, which is minimal for what is this long. */
static void put_head(struct list *list, bool is_signed, uint8_t tag, size_t len) {
    const uint8_t head[] = {
        tag, 0x84, (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    assert_true(len > 0xffffff && len < UINT32_MAX);
    put(list, is_signed, head, sizeof(head));
}

static EVP_PKEY *load_key(void) {
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/keys/ec-intermediate.pem", CP_TESTCERTS_DIR);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    assert_non_null(key);
    (void)fclose(file);
    return key;
}

/* The entry of number index. */
static void put_entry(struct list *list, uint32_t index, struct cp_span serial) {
    uint8_t entry[ENTRY_LEN] = {0x30, ENTRY_LEN - 2, 0x02, 16, 0x40};
    for (unsigned i = 0; i < 4; i++)
        entry[16 + i] = (uint8_t)(index >> (24 - 8 * i));
    if (list->has_leaf && index + 1 == list->num_entries) {
        assert_int_equal(serial.len, 16);
        memcpy(entry + 4, serial.data, serial.len);
    }
    memcpy(entry + 20,
           "\x17\x0d"
           "260520120000Z",
           15);
    put(list, true, entry, sizeof(entry));
}

static void make_list(struct list *list, const struct cp_cert *leaf, struct cp_span issuer) {
    static const uint8_t version[] = {0x02, 0x01, 0x01};
    static const uint8_t algorithm[] = {0x30, 10, 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2};
    static const char times[] = "\x17\x0d"
                                "260520120000Z"
                                "\x17\x0d";
    uint8_t signature[80] = {0x03, 0, 0};
    size_t entries_len = (size_t)list->num_entries * ENTRY_LEN,
           signature_len = sizeof(signature) - 3;
    size_t tbs_len =
        sizeof(version) + sizeof(algorithm) + issuer.len + sizeof(times) - 1 + 13 + 6 + entries_len;
    EVP_PKEY *key = load_key();
    list->signing = EVP_MD_CTX_new();
    assert_non_null(list->signing);
    assert_int_equal(EVP_DigestSignInit(list->signing, NULL, EVP_sha256(), NULL, key), 1);
    put_head(list, false, 0x30, 0x1000000); /* written again, once it is known */
    put_head(list, true, 0x30, tbs_len);
    put(list, true, version, sizeof(version));
    put(list, true, algorithm, sizeof(algorithm));
    put(list, true, issuer.data, issuer.len);
    put(list, true, times, sizeof(times) - 1);
    list->next_update_at = ftell(list->file);
    put(list, true, list->next_update, 13);
    put_head(list, true, 0x30, entries_len);
    for (uint32_t i = 0; i < list->num_entries; i++)
        put_entry(list, i, leaf->serial);
    assert_int_equal(EVP_DigestSignFinal(list->signing, signature + 3, &signature_len), 1);
    signature[1] = (uint8_t)(signature_len + 1);
    put(list, false, algorithm, sizeof(algorithm));
    put(list, false, signature, signature_len + 3);
    assert_int_equal(fseek(list->file, 0, SEEK_SET), 0);
    put_head(list, false, 0x30, 6 + tbs_len + sizeof(algorithm) + signature_len + 3);
    assert_int_equal(fclose(list->file), 0);
    EVP_MD_CTX_free(list->signing);
    EVP_PKEY_free(key);
}

static struct cp_pool *load_chain(void) {
    char path[512];
    struct cp_secret bytes = {0};
    struct cp_pool *pool = NULL;
    (void)snprintf(path, sizeof(path), "%s/good/ec-fullchain.pem", CP_TESTCERTS_DIR);
    assert_int_equal(cp_secret_read_file(&bytes, path, CP_MAX_FILE_LEN, NULL), CP_OK);
    assert_int_equal(cp_pool_new(&pool, NULL), CP_OK);
    assert_int_equal(cp_pool_add(pool, bytes.data, bytes.len, "x", NULL, NULL), CP_OK);
    cp_secret_cleanup(&bytes);
    return pool;
}

static void open_list(struct list *list) {
    const char *folder = getenv("TMPDIR");
    (void)snprintf(list->path, sizeof(list->path), "%.40s/crl-XXXXXX",
                   folder == NULL ? "/tmp" : folder);
    int fd = mkstemp(list->path);
    assert_true(fd >= 0);
    list->file = fdopen(fd, "w");
    assert_non_null(list->file);
}

/* Private, writable memory of this process: what RLIMIT_DATA bounds. */
static rlim_t data_size(void) {
    char line[256];
    unsigned long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "VmData: %lu", &kib) == 1)
            break;
    if (file != NULL)
        (void)fclose(file);
    return (rlim_t)kib * 1024;
}

static void test_flat_memory(void **state) {
    (void)state;
    struct list list = {
        .num_entries = NUM_ENTRIES, .has_leaf = true, .next_update = "260620120000Z"};
    struct rlimit old, bound;
    struct cp_evidence *evidence = NULL;
    struct cp_verifier *verifier = NULL;
    struct cp_standing_result result;
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_pool *pool = load_chain();
    const struct cp_cert *leaf = &pool->certs[0]->cert, *issuer = &pool->certs[1]->cert;
    open_list(&list);
    make_list(&list, leaf, issuer->subject);
    assert_int_equal(cp_evidence_new(&evidence, NULL), CP_OK);
    assert_int_equal(cp_verifier_new(&verifier, NULL), CP_OK);
    assert_int_equal(getrlimit(RLIMIT_DATA, &old), 0);
    bound = old;
    if (!SANITIZED && data_size() != 0) {
        bound.rlim_cur = data_size() + DATA_MARGIN;
        assert_int_equal(setrlimit(RLIMIT_DATA, &bound), 0);
        assert_null(malloc((size_t)DATA_MARGIN * 2)); /* the bound works */
    } else {
        print_message("no bound on memory here: the reading alone is tested\n");
    }
    enum cp_status status = cp_evidence_add_crl_file(evidence, list.path, &err);
    if (status == CP_OK)
        status = cp_standing_of(verifier, &result, evidence, leaf, issuer, CLOCK_S, &err);
    assert_int_equal(setrlimit(RLIMIT_DATA, &old), 0);
    (void)unlink(list.path);
    if (status != CP_OK)
        fail_msg("%s", err.message);
    assert_int_equal(evidence->items[0].crl.num_entries, NUM_ENTRIES);
    assert_int_equal(result.standing, CP_STANDING_REVOKED);
    assert_int_equal(result.revoked_s, 1779278400);
    cp_evidence_free(evidence);
    cp_verifier_free(verifier);
    cp_pool_free(pool);
}

/* What happens to the file between its reading and its use: what was read counts. */
static const struct {
    size_t num_entries;
    bool has_leaf;
    const char *next_update;
    const char *read_as; /* what stands in its place while the file is read; NULL: the same */
    off_t cut_to;        /* -1: it is not cut */
    bool is_cleared;     /* overwritten with NUL bytes */
    enum cp_standing standing;
    const char *note;
} changes[] = {
    {600000, true, "260620120000Z", NULL, -1, false, CP_STANDING_REVOKED, "nothing"},
    {600000, true, "260620120000Z", NULL, 0, false, CP_STANDING_REVOKED,
     "emptied, as by a program that is about to write it anew"},
    {600000, true, "260620120000Z", NULL, -1, true, CP_STANDING_REVOKED, "overwritten"},
    {600000, false, "260525120000Z", NULL, -1, false, CP_STANDING_UNUSABLE, "stale"},
    {600000, false, "260525120000Z", "260620120000Z", -1, false, CP_STANDING_UNUSABLE,
     "stale, with another time while it was read: the signature is not over that"},
};

static void patch(const struct list *list, const char *next_update) {
    int fd = open(list->path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, next_update, 13, list->next_update_at), 13);
    assert_int_equal(close(fd), 0);
}

static void clear(const struct list *list) {
    char nothing[4096] = {0};
    struct stat info;
    int fd = open(list->path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &info), 0);
    for (off_t at = 0; at < info.st_size; at += (off_t)sizeof(nothing))
        assert_int_equal(pwrite(fd, nothing, sizeof(nothing), at), sizeof(nothing));
    assert_int_equal(close(fd), 0);
}

static void test_changing_file(void **state) {
    (void)state;
    struct cp_pool *pool = load_chain();
    const struct cp_cert *leaf = &pool->certs[0]->cert, *issuer = &pool->certs[1]->cert;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct list list = {.num_entries = (uint32_t)changes[i].num_entries,
                            .has_leaf = changes[i].has_leaf,
                            .next_update = changes[i].next_update};
        struct cp_evidence *evidence = NULL;
        struct cp_verifier *verifier = NULL;
        struct cp_standing_result result;
        open_list(&list);
        make_list(&list, leaf, issuer->subject);
        if (changes[i].read_as != NULL)
            patch(&list, changes[i].read_as);
        assert_int_equal(cp_evidence_new(&evidence, NULL), CP_OK);
        assert_int_equal(cp_verifier_new(&verifier, NULL), CP_OK);
        assert_int_equal(cp_evidence_add_crl_file(evidence, list.path, NULL), CP_OK);
        if (changes[i].read_as != NULL)
            patch(&list, changes[i].next_update);
        if (changes[i].cut_to >= 0)
            assert_int_equal(truncate(list.path, changes[i].cut_to), 0);
        if (changes[i].is_cleared)
            clear(&list);
        assert_int_equal(cp_standing_of(verifier, &result, evidence, leaf, issuer, CLOCK_S, NULL),
                         CP_OK);
        if (result.standing != changes[i].standing)
            fail_msg("%s: standing %d, %s", changes[i].note, (int)result.standing, result.why);
        cp_evidence_free(evidence);
        cp_verifier_free(verifier);
        (void)unlink(list.path);
    }
    cp_pool_free(pool);
}

/* Files that are refused, or taken without a mapping. */
static void test_odd_files(void **state) {
    (void)state;
    struct list list = {.file = NULL};
    struct cp_evidence *evidence = NULL;
    struct cp_error err = {CP_OK, 0, 0, ""};
    open_list(&list);
    assert_int_equal(cp_evidence_new(&evidence, NULL), CP_OK);
    assert_int_equal(cp_evidence_add_crl_file(evidence, list.path, &err), CP_ERR_INPUT);
    assert_non_null(strstr(err.message, "empty"));
    assert_int_equal(ftruncate(fileno(list.file), (off_t)CP_MAX_CRL_LEN + 1), 0);
    assert_int_equal(cp_evidence_add_crl_file(evidence, list.path, &err), CP_ERR_LIMIT);
    assert_non_null(strstr(err.message, "larger than the maximum"));
    assert_int_equal(ftruncate(fileno(list.file), 4096), 0); /* NUL bytes */
    assert_int_equal(cp_evidence_add_crl_file(evidence, list.path, &err), CP_ERR_INPUT);
    assert_true(fputs("\x30\x82\x0f\xfc", list.file) >= 0);
    assert_int_equal(fflush(list.file), 0);
    assert_int_equal(cp_evidence_add_crl_file(evidence, list.path, &err), CP_ERR_PARSE);
    assert_int_equal(evidence->num_items, 0);
    assert_int_equal(unlink(list.path), 0);
    assert_int_equal(cp_evidence_add_crl_file(evidence, list.path, &err), CP_ERR_IO);
    assert_int_equal(cp_evidence_add_crl_file(evidence, "/", &err), CP_ERR_IO);
    (void)fclose(list.file);
    cp_evidence_free(evidence);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_flat_memory),
                                       cmocka_unit_test(test_changing_file),
                                       cmocka_unit_test(test_odd_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
