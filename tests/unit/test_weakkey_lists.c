/* weakkey: lists of keys, and what moduli have in common. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <dirent.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "weakkey/batch_gcd.h"
#include "weakkey/blocklist.h"
#include "weakkey/known_keys.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- known keys ------------------------------------------------------------------------------ */

static void digest_file(uint8_t out[32], const char *path) {
    unsigned char *der = NULL;
    BIO *bio = BIO_new_file(path, "rb");
    assert_non_null(bio);
    EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    int len = i2d_PUBKEY(key, &der);
    assert_true(len > 0);
    assert_int_equal(EVP_Digest(der, (size_t)len, out, NULL, EVP_sha256(), NULL), 1);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    BIO_free(bio);
}

/* Each row has its key in testcerts/known/, and each key there its row. */
static void knows_each_published_key(void **state) {
    (void)state;
    static bool seen[64];
    char path[4096];
    size_t num_files = 0;
    DIR *folder = opendir(CP_TESTCERTS_DIR "/known");
    assert_non_null(folder);
    assert_true(cp_num_known_keys() < COUNT(seen));
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        uint8_t digest[32];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), CP_TESTCERTS_DIR "/known/%s", entry->d_name);
        digest_file(digest, path);
        const struct cp_known_key *known = cp_known_key_find(digest);
        if (known == NULL)
            fail_msg("%s is not listed", entry->d_name);
        for (size_t i = 0; i < cp_num_known_keys(); i++)
            seen[i] |= cp_known_key_get(i) == known;
        num_files++;
        digest[31] ^= 1;
        assert_null(cp_known_key_find(digest));
    }
    closedir(folder);
    for (size_t i = 0; i < cp_num_known_keys(); i++)
        if (!seen[i])
            fail_msg("%s has no key in testcerts/known", cp_known_key_get(i)->text);
    assert_int_equal(num_files, cp_num_known_keys());
}

/* ---- blocklist ------------------------------------------------------------------------------- */

static char folder[] = "/tmp/certprep-blocklist-XXXXXX";
static char list_path[64], names_path[64];

static int make_folder(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(list_path, sizeof(list_path), "%s/blocklist.dat", folder);
    snprintf(names_path, sizeof(names_path), "%s/badkeysdata.json", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(list_path);
    unlink(names_path);
    return rmdir(folder);
}

static void write_file(const char *path, const void *data, size_t len) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void make_entry(uint8_t out[CP_BLOCKLIST_ENTRY_LEN], unsigned number) {
    memset(out, 0, CP_BLOCKLIST_ENTRY_LEN);
    out[0] = (uint8_t)(number >> 8);
    out[CP_BLOCKLIST_HASH_LEN - 1] = (uint8_t)number;
    out[CP_BLOCKLIST_HASH_LEN] = (uint8_t)(number % 251);
}

static void finds_what_is_listed(void **state) {
    (void)state;
    static uint8_t entries[1000][CP_BLOCKLIST_ENTRY_LEN];
    static const size_t sizes[] = {1, 2, 3, 4, 7, 8, 9, 1000};
    for (size_t s = 0; s < COUNT(sizes); s++) {
        struct cp_blocklist *list = NULL;
        for (unsigned i = 0; i < sizes[s]; i++)
            make_entry(entries[i], 2 * i + 1);
        write_file(list_path, entries, sizes[s] * CP_BLOCKLIST_ENTRY_LEN);
        assert_int_equal(cp_blocklist_open(&list, list_path, NULL), CP_OK);
        for (unsigned i = 0; i <= 2 * sizes[s]; i++) { /* the odd ones are there */
            uint8_t entry[CP_BLOCKLIST_ENTRY_LEN], id = 255;
            bool found = false;
            make_entry(entry, i);
            assert_int_equal(cp_blocklist_find(list, &found, &id, entry, NULL), CP_OK);
            assert_int_equal(found, i % 2 == 1);
            if (found)
                assert_int_equal(id, i % 251);
        }
        assert_null(cp_blocklist_name(list, 0));
        cp_blocklist_free(list);
    }
}

static void refuses_what_is_no_list(void **state) {
    (void)state;
    static const struct {
        const char *data;
        size_t len;
        enum cp_status status;
        const char *reason;
    } rows[] = {
        {"", 0, CP_ERR_PARSE, "empty"},
        {"123456789012345", 15, CP_ERR_PARSE, "less than an entry"},
        {"12345678901234567", 17, CP_ERR_PARSE, "more than an entry"},
        {"2345678901234567"
         "1234567890123456",
         32, CP_ERR_PARSE, "out of order"},
        {"1234567890123456"
         "1234567890123450",
         32, CP_OK, "the list's number does not count"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp_blocklist *list = NULL;
        struct cp_error err = {CP_OK, 0, 0, ""};
        write_file(list_path, rows[i].data, rows[i].len);
        print_message("  %s\n", rows[i].reason);
        assert_int_equal(cp_blocklist_open(&list, list_path, &err), rows[i].status);
        assert_int_equal(list != NULL, rows[i].status == CP_OK);
        cp_blocklist_free(list);
    }
    struct cp_blocklist *list = NULL;
    assert_int_equal(cp_blocklist_open(&list, folder, NULL), CP_ERR_IO);
    unlink(list_path);
    assert_int_equal(cp_blocklist_open(&list, list_path, NULL), CP_ERR_IO);
    assert_null(list);
}

/* The sample of a long list passes over it; the search does not. */
static void notices_disorder_in_the_search(void **state) {
    (void)state;
    enum { NUM = 200000 };
    uint8_t(*entries)[CP_BLOCKLIST_ENTRY_LEN] = calloc(NUM, sizeof(*entries));
    struct cp_blocklist *list = NULL;
    bool found = false;
    uint8_t id = 0, wanted[CP_BLOCKLIST_ENTRY_LEN] = {0};
    assert_non_null(entries);
    for (uint32_t i = 0; i < NUM; i++) {
        entries[i][0] = (uint8_t)(i >> 16);
        entries[i][1] = (uint8_t)(i >> 8);
        entries[i][2] = (uint8_t)i;
    }
    /* The entry that the search looks at second, no multiple of the sample's step (4). */
    size_t second = NUM / 2 / 2;
    assert_true(second % 4 == 0);
    memcpy(wanted, entries[second + 1], sizeof(wanted));
    memset(entries[second + 1], 0xff, CP_BLOCKLIST_HASH_LEN);
    write_file(list_path, entries, NUM * sizeof(*entries));
    free(entries);
    assert_int_equal(cp_blocklist_open(&list, list_path, NULL), CP_OK);
    assert_int_equal(cp_blocklist_find(list, &found, &id, wanted, NULL), CP_ERR_PARSE);
    cp_blocklist_free(list);
}

static void reads_the_names(void **state) {
    (void)state;
    static const struct {
        const char *json;
        enum cp_status status;
        const char *name; /* of list 3 */
        const char *reason;
    } rows[] = {
        {"{\"bkformat\": 0, \"blocklists\": [{\"id\": 3, \"name\": \"debianssl\"}]}\n", CP_OK,
         "debianssl", "as badkeys writes it"},
        {"{\"blocklists\": [{\"id\": 3, \"name\": \"a\"}, {\"id\": 3, \"name\": \"b\"}]}", CP_OK,
         "b", "the last one counts"},
        {"{\"blocklists\": []}", CP_OK, NULL, "none"},
        {"{\"bkformat\": 1, \"blocklists\": []}", CP_ERR_PARSE, NULL, "a later form"},
        {"{\"bkformat\": \"0\", \"blocklists\": []}", CP_ERR_PARSE, NULL, "no number"},
        {"{}", CP_ERR_PARSE, NULL, "no lists"},
        {"[]", CP_ERR_PARSE, NULL, "no object"},
        {"", CP_ERR_PARSE, NULL, "empty"},
        {"{\"blocklists\": []} x", CP_ERR_PARSE, NULL, "something behind"},
        {"{\"blocklists\": [{\"id\": 256, \"name\": \"a\"}]}", CP_ERR_PARSE, NULL, "id too large"},
        {"{\"blocklists\": [{\"id\": -1, \"name\": \"a\"}]}", CP_ERR_PARSE, NULL, "id negative"},
        {"{\"blocklists\": [{\"id\": 1e400, \"name\": \"a\"}]}", CP_ERR_PARSE, NULL, "infinite"},
        {"{\"blocklists\": [{\"id\": 3}]}", CP_ERR_PARSE, NULL, "no name"},
        {"{\"blocklists\": [{\"ID\": 3, \"NAME\": \"a\"}]}", CP_ERR_PARSE, NULL, "other case"},
        {"{\"blocklists\": [3]}", CP_ERR_PARSE, NULL, "no object in it"},
    };
    write_file(list_path, "1234567890123456", 16);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cp_blocklist *list = NULL;
        print_message("  %s\n", rows[i].reason);
        write_file(names_path, rows[i].json, strlen(rows[i].json));
        assert_int_equal(cp_blocklist_open(&list, list_path, NULL), rows[i].status);
        if (rows[i].name != NULL)
            assert_string_equal(cp_blocklist_name(list, 3), rows[i].name);
        else if (list != NULL)
            assert_null(cp_blocklist_name(list, 3));
        cp_blocklist_free(list);
    }
    unlink(names_path);
}

/* ---- shared primes --------------------------------------------------------------------------- */

static void finds_shared_primes(void **state) {
    (void)state;
    static const struct {
        uint32_t moduli[8];
        size_t num;
        bool shared[8];
        const char *reason;
    } rows[] = {
        {{101 * 103}, 1, {false}, "one alone"},
        {{101 * 103, 107 * 109}, 2, {false, false}, "nothing in common"},
        {{101 * 103, 101 * 109}, 2, {true, true}, "a prime in common"},
        {{101 * 103, 107 * 109, 101 * 113}, 3, {true, false, true}, "a third one is not meant"},
        {{101 * 103, 103 * 107, 107 * 101}, 3, {true, true, true}, "both primes, of two others"},
        {{101 * 103, 107 * 109, 113 * 127, 131 * 137, 139 * 149},
         5,
         {false, false, false, false, false},
         "five without"},
        {{101 * 103, 107 * 109, 113 * 127, 131 * 137, 139 * 101},
         5,
         {true, false, false, false, true},
         "first and last of five"},
        {{101, 101 * 103, 107 * 109}, 3, {true, true, false}, "one divides the other"},
    };
    BN_CTX *ctx = BN_CTX_new();
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t octets[8][4];
        struct cp_span moduli[8];
        size_t partners[8];
        for (size_t j = 0; j < rows[i].num; j++) {
            for (int k = 0; k < 4; k++)
                octets[j][k] = (uint8_t)(rows[i].moduli[j] >> (24 - 8 * k));
            moduli[j] = (struct cp_span){octets[j], 4};
        }
        print_message("  %s\n", rows[i].reason);
        assert_int_equal(cp_batch_gcd(partners, moduli, rows[i].num, ctx, NULL), CP_OK);
        for (size_t j = 0; j < rows[i].num; j++) {
            assert_int_equal(partners[j] != SIZE_MAX, rows[i].shared[j]);
            if (partners[j] == SIZE_MAX)
                continue;
            uint32_t a = rows[i].moduli[j], b = rows[i].moduli[partners[j]];
            assert_true(partners[j] != j);
            while (b != 0) {
                uint32_t rest = a % b;
                a = b;
                b = rest;
            }
            assert_true(a > 1);
        }
    }
    BN_CTX_free(ctx);
}

/* Against OpenSSL's BN_gcd, for lengths that differ and factors that are there. */
static void divisors_are_openssls(void **state) {
    (void)state;
    static const int sizes[][2] = {{64, 64},     {65, 64},    {128, 3},
                                   {2048, 2048}, {2048, 512}, {4096, 64}};
    static uint8_t octets[2][CP_MAX_RSA_BITS / 8];
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *a = BN_new(), *b = BN_new(), *common = BN_new(), *factor = BN_new();
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (int round = 0; round < 30; round++) {
            struct cp_modulus x, y;
            assert_int_equal(BN_rand(a, sizes[i][0], BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
            assert_int_equal(BN_rand(b, sizes[i][1], BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
            if (round % 3 == 0) {
                assert_int_equal(BN_rand(factor, 300, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
                assert_int_equal(BN_mul(a, a, factor, ctx), 1);
                assert_int_equal(BN_mul(b, b, factor, ctx), 1);
            }
            assert_int_equal(BN_gcd(common, a, b, ctx), 1);
            assert_true(
                cp_modulus_init(&x, (struct cp_span){octets[0], (size_t)BN_bn2bin(a, octets[0])}));
            assert_true(
                cp_modulus_init(&y, (struct cp_span){octets[1], (size_t)BN_bn2bin(b, octets[1])}));
            assert_int_equal(cp_number_coprime(&x, &y), BN_is_one(common));
            assert_int_equal(cp_number_coprime(&y, &x), BN_is_one(common));
            if (!BN_is_one(a))
                assert_false(cp_number_coprime(&x, &x));
        }
    BN_free(a);
    BN_free(b);
    BN_free(common);
    BN_free(factor);
    BN_CTX_free(ctx);
}

/* Many pairs that share: not all partners are named, but each is found. And what is over is over.
 */
static void keeps_its_bounds(void **state) {
    (void)state;
    enum { HALF = 150 };
    static uint8_t octets[2 * HALF][8];
    struct cp_span moduli[2 * HALF], long_moduli[65];
    size_t partners[2 * HALF];
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *p = BN_new(), *q = BN_new(), *n = BN_new();
    for (size_t i = 0; i < HALF; i++) { /* i and i + HALF share p, so that the search is long */
        assert_int_equal(BN_generate_prime_ex(p, 31, 0, NULL, NULL, NULL), 1);
        for (size_t j = 0; j < 2; j++) {
            assert_int_equal(BN_generate_prime_ex(q, 32, 0, NULL, NULL, NULL), 1);
            assert_int_equal(BN_mul(n, p, q, ctx), 1);
            assert_true(BN_bn2binpad(n, octets[i + j * HALF], 8) == 8);
            moduli[i + j * HALF] = (struct cp_span){octets[i + j * HALF], 8};
        }
    }
    assert_int_equal(cp_batch_gcd(partners, moduli, 2 * HALF, ctx, NULL), CP_OK);
    size_t num_named = 0;
    for (size_t i = 0; i < 2 * HALF; i++) {
        assert_true(partners[i] != SIZE_MAX);
        num_named += partners[i] != i;
    }
    assert_true(num_named > 20 && num_named < 2 * HALF);
    static uint8_t longest[CP_MAX_RSA_BITS / 8];
    memset(longest, 0xff, sizeof(longest));
    for (size_t i = 0; i < COUNT(long_moduli); i++)
        long_moduli[i] = (struct cp_span){longest, sizeof(longest)};
    assert_false(cp_batch_gcd_is_over(long_moduli, 64));
    assert_true(cp_batch_gcd_is_over(long_moduli, 65));
    assert_int_equal(cp_batch_gcd(partners, long_moduli, 65, ctx, NULL), CP_ERR_LIMIT);
    BN_free(p);
    BN_free(q);
    BN_free(n);
    BN_CTX_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_each_published_key),
        cmocka_unit_test(finds_what_is_listed),
        cmocka_unit_test(refuses_what_is_no_list),
        cmocka_unit_test(notices_disorder_in_the_search),
        cmocka_unit_test(reads_the_names),
        cmocka_unit_test(finds_shared_primes),
        cmocka_unit_test(divisors_are_openssls),
        cmocka_unit_test(keeps_its_bounds),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
