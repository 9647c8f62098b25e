/* path: which path is preferred, and hostile graphs, which must end within the bounds. Certificates
 * that testcerts has not are made here: TEST ONLY. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "checks.h"
#include "pem.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define CLOCK_S 1780272000 /* 2026-06-01 */
#define YEAR_S ((int64_t)31556952)
#define YEAR(n) (((n)-1970) * YEAR_S)
#define MAX_CERTS 1200
#define MAX_KEYS 1200

/* CPU time of a search in the worst case. Without optimisation and with sanitizers it is more. */
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
#define MAX_SECONDS 2.0
#else
#define MAX_SECONDS 20.0
#endif

/* ---- making certificates ---- */

struct graph {
    EVP_PKEY *keys[MAX_KEYS];
    uint8_t *der[MAX_CERTS];
    struct cp_cert certs[MAX_CERTS];
    const struct cp_cert *list[MAX_CERTS];
    size_t num_certs;
};

static struct graph *graph_new(void) {
    struct graph *graph = calloc(1, sizeof(*graph));
    assert_non_null(graph);
    return graph;
}

static void graph_free(struct graph *graph) {
    for (size_t i = 0; i < graph->num_certs; i++)
        OPENSSL_free(graph->der[i]);
    for (size_t i = 0; i < MAX_KEYS; i++)
        EVP_PKEY_free(graph->keys[i]);
    free(graph);
}

struct recipe {
    const char *subject, *issuer;
    size_t key, issuer_key; /* numbers of keys, made when they are first used */
    int64_t not_before_s, not_after_s;
    bool is_leaf;
    bool has_key_ids;
};

static EVP_PKEY *key_of(struct graph *graph, size_t number) {
    assert_true(number < MAX_KEYS);
    if (graph->keys[number] == NULL)
        graph->keys[number] = EVP_EC_gen("P-256");
    assert_non_null(graph->keys[number]);
    return graph->keys[number];
}

static void set_name(X509_NAME *name, const char *text) {
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)text, -1, -1, 0),
                     1);
}

static void extend(X509 *cert, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void add_octets(X509 *cert, int nid, const uint8_t *data, int len) {
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    assert_non_null(octets);
    assert_int_equal(ASN1_OCTET_STRING_set(octets, data, len), 1);
    X509_EXTENSION *extension = X509_EXTENSION_create_by_NID(NULL, nid, 0, octets);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(octets);
}

/* The number of a key is its identifier. */
static void add_key_ids(X509 *cert, size_t key, size_t issuer_key) {
    const uint8_t own[] = {0x04, 2, (uint8_t)(key >> 8), (uint8_t)key};
    const uint8_t issuers[] = {0x30, 4, 0x80, 2, (uint8_t)(issuer_key >> 8), (uint8_t)issuer_key};
    add_octets(cert, NID_subject_key_identifier, own, sizeof(own));
    add_octets(cert, NID_authority_key_identifier, issuers, sizeof(issuers));
}

static const struct cp_cert *make(struct graph *graph, struct recipe recipe) {
    struct cp_error err;
    size_t at = graph->num_certs;
    X509 *cert = X509_new();
    assert_true(at < MAX_CERTS && cert != NULL);
    assert_int_equal(X509_set_version(cert, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), (long)at + 1), 1);
    set_name(X509_get_subject_name(cert), recipe.subject);
    set_name(X509_get_issuer_name(cert), recipe.issuer);
    time_t from = (time_t)(recipe.not_before_s != 0 ? recipe.not_before_s : YEAR(2020));
    time_t to = (time_t)(recipe.not_after_s != 0 ? recipe.not_after_s : YEAR(2040));
    assert_non_null(ASN1_TIME_adj(X509_getm_notBefore(cert), from, 0, 0));
    assert_non_null(ASN1_TIME_adj(X509_getm_notAfter(cert), to, 0, 0));
    assert_int_equal(X509_set_pubkey(cert, key_of(graph, recipe.key)), 1);
    extend(cert, NID_basic_constraints, recipe.is_leaf ? "critical,CA:FALSE" : "critical,CA:TRUE");
    if (recipe.is_leaf)
        extend(cert, NID_subject_alt_name, "DNS:shop.acme.example");
    if (recipe.has_key_ids)
        add_key_ids(cert, recipe.key, recipe.issuer_key);
    assert_true(X509_sign(cert, key_of(graph, recipe.issuer_key), EVP_sha256()) > 0);
    int len = i2d_X509(cert, &graph->der[at]);
    X509_free(cert);
    assert_true(len > 0);
    assert_int_equal(
        cp_cert_parse(&graph->certs[at], (struct cp_span){graph->der[at], (size_t)len}, &err),
        CP_OK);
    graph->list[at] = &graph->certs[at];
    graph->num_certs++;
    return &graph->certs[at];
}

/* The certificates from first on, as PEM; the caller frees it. */
static struct cp_secret pem_of(const struct graph *graph, size_t first, size_t num) {
    struct cp_secret pem = {0};
    size_t len = 0;
    for (size_t i = first; i < first + num; i++)
        len += cp_pem_encoded_len("CERTIFICATE", graph->certs[i].der.len);
    assert_int_equal(cp_secret_init(&pem, len, NULL), CP_OK);
    for (size_t i = first; i < first + num; i++)
        assert_int_equal(cp_pem_append(&pem, "CERTIFICATE", graph->certs[i].der, NULL), CP_OK);
    return pem;
}

static struct cp_trust *trust_of(const struct graph *graph, size_t first, size_t num) {
    struct cp_secret pem = pem_of(graph, first, num);
    struct cp_trust *trust = NULL;
    assert_int_equal(cp_trust_new(&trust, pem.data, pem.len, "test", NULL), CP_OK);
    cp_secret_cleanup(&pem);
    return trust;
}

static struct cp_path_result find(const struct cp_path_query *query) {
    struct cp_verifier *verifier = NULL;
    struct cp_path_result result;
    struct cp_error err = {CP_OK, 0, 0, ""};
    assert_int_equal(cp_verifier_new(&verifier, &err), CP_OK);
    clock_t start = clock();
    assert_int_equal(cp_path_find(verifier, &result, query, &err), CP_OK);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    if (seconds > 0.05)
        print_message("    %zu candidates, %zu signatures, %.3f s\n", result.num_steps,
                      result.num_signatures, seconds);
    assert_true(seconds < MAX_SECONDS);
    assert_true(result.num_steps <= CP_MAX_PATH_STEPS + 1);
    assert_true(result.num_signatures <= CP_MAX_PATH_SIGNATURES + 1);
    cp_verifier_free(verifier);
    return result;
}

/* ---- preference ---- */

enum { LEAF, I_R1, I_R2, I_M, M_R0, R0, R1, R2, NUM_CHOICE };

/* A leaf below an intermediate that three issuers certified: two roots, and a CA below an old root.
 * leaf -> I_R1 -> R1   3 certificates, first expiry 2031, root of 2015
 * leaf -> I_R2 -> R2   3 certificates, first expiry 2034, root of 2012
 * leaf -> I_M -> M_R0 -> R0   4 certificates, first expiry 2036, root of 2005 */
static struct graph *make_choice(void) {
    struct graph *graph = graph_new();
    enum { K_LEAF, K_I, K_M, K_R0, K_R1, K_R2 };
    make(graph, (struct recipe){"leaf", "I", K_LEAF, K_I, 0, YEAR(2039), true, false});
    make(graph, (struct recipe){"I", "R1", K_I, K_R1, 0, YEAR(2031), false, false});
    make(graph, (struct recipe){"I", "R2", K_I, K_R2, 0, YEAR(2034), false, false});
    make(graph, (struct recipe){"I", "M", K_I, K_M, 0, YEAR(2036), false, false});
    make(graph, (struct recipe){"M", "R0", K_M, K_R0, 0, YEAR(2037), false, false});
    make(graph, (struct recipe){"R0", "R0", K_R0, K_R0, YEAR(2005), YEAR(2041), false, false});
    make(graph, (struct recipe){"R1", "R1", K_R1, K_R1, YEAR(2015), YEAR(2042), false, false});
    make(graph, (struct recipe){"R2", "R2", K_R2, K_R2, YEAR(2012), YEAR(2043), false, false});
    assert_int_equal(graph->num_certs, NUM_CHOICE);
    return graph;
}

static const struct {
    const char *reason;
    enum cp_preference prefer;
    size_t first_root, num_roots;
    size_t want; /* the certificate above the leaf */
    size_t num_certs;
} choices[] = {
    {"two of three certificates: the one that lives longer", CP_PREFER_SHORTEST, R0, 3, I_R2, 3},
    {"first expiry 2036 beats 2034 and 2031", CP_PREFER_LONGEST_LIVED, R0, 3, I_M, 4},
    {"the root of 2005 beats 2012 and 2015", CP_PREFER_MOST_COMPATIBLE, R0, 3, I_M, 4},
    {"without R0: 2034 beats 2031", CP_PREFER_LONGEST_LIVED, R1, 2, I_R2, 3},
    {"without R0: the root of 2012 beats 2015", CP_PREFER_MOST_COMPATIBLE, R1, 2, I_R2, 3},
    {"R1 alone is trusted: there is no choice", CP_PREFER_MOST_COMPATIBLE, R1, 1, I_R1, 3},
    {"R0 alone is trusted: a long path is better than none", CP_PREFER_SHORTEST, R0, 1, I_M, 4},
    {"FIRST takes the first that holds, in the order of the input", CP_PREFER_FIRST, R0, 3, I_R1,
     3},
};

static void test_preference(void **state) {
    (void)state;
    struct graph *graph = make_choice();
    for (size_t i = 0; i < NUM_OF(choices); i++) {
        struct cp_trust *trust = trust_of(graph, choices[i].first_root, choices[i].num_roots);
        const struct cp_path_query query = {.leaf = graph->list[LEAF],
                                            .pool = graph->list,
                                            .num_pool = R0,
                                            .trust = trust,
                                            .at_s = CLOCK_S,
                                            .prefer = choices[i].prefer};
        struct cp_path_result result = find(&query);
        print_message("  %s\n", choices[i].reason);
        assert_true(result.valid && !result.bound_met && result.path.anchored);
        assert_ptr_equal(result.path.certs[1], graph->list[choices[i].want]);
        assert_int_equal(result.path.num_certs, choices[i].num_certs);
        cp_trust_free(trust);
    }
    graph_free(graph);
}

/* With a preference, the order of the input must not matter where the paths differ. */
static void test_preference_in_any_order(void **state) {
    (void)state;
    struct graph *graph = make_choice();
    struct cp_trust *trust = trust_of(graph, R0, 3);
    for (size_t i = 0; i < NUM_OF(choices); i++) {
        if (choices[i].num_roots != 3 || choices[i].prefer == CP_PREFER_FIRST)
            continue;
        for (size_t turn = 0; turn < 120; turn++) { /* 5! orders of five certificates */
            const struct cp_cert *order[R0];
            size_t rest[R0], num = R0, code = turn;
            for (size_t j = 0; j < R0; j++)
                rest[j] = j;
            for (; num > 0; num--) {
                size_t pick = code % num;
                code /= num;
                order[num - 1] = graph->list[rest[pick]];
                rest[pick] = rest[num - 1];
            }
            const struct cp_path_query query = {.leaf = graph->list[LEAF],
                                                .pool = order,
                                                .num_pool = R0,
                                                .trust = trust,
                                                .at_s = CLOCK_S,
                                                .prefer = choices[i].prefer};
            struct cp_path_result result = find(&query);
            assert_true(result.valid);
            assert_ptr_equal(result.path.certs[1], graph->list[choices[i].want]);
        }
    }
    cp_trust_free(trust);
    graph_free(graph);
}

/* Equal in all that counts: the earlier in the pool wins, which makes the input win over what may
 * complete it. */
static void test_tie(void **state) {
    (void)state;
    struct graph *graph = graph_new();
    make(graph, (struct recipe){"leaf", "I", 0, 1, 0, 0, true, false});
    make(graph, (struct recipe){"I", "R", 1, 2, 0, 0, false, false});
    make(graph, (struct recipe){"I", "R", 1, 2, 0, 0, false, false});
    make(graph, (struct recipe){"R", "R", 2, 2, 0, 0, false, false});
    struct cp_trust *trust = trust_of(graph, 3, 1);
    for (int prefer = CP_PREFER_FIRST; prefer <= CP_PREFER_MOST_COMPATIBLE; prefer++) {
        for (size_t first = 1; first <= 2; first++) {
            const struct cp_cert *pool[] = {graph->list[first], graph->list[3 - first]};
            const struct cp_path_query query = {.leaf = graph->list[0],
                                                .pool = pool,
                                                .num_pool = 2,
                                                .trust = trust,
                                                .at_s = CLOCK_S,
                                                .prefer = (enum cp_preference)prefer};
            struct cp_path_result result = find(&query);
            assert_true(result.valid);
            assert_ptr_equal(result.path.certs[1], graph->list[first]);
        }
    }
    cp_trust_free(trust);
    graph_free(graph);
}

/* ---- testcerts ---- */

static struct cp_secret read_testcert(const char *name) {
    char path[512];
    struct cp_secret text = {0};
    struct cp_error err;
    assert_true(snprintf(path, sizeof(path), CP_TESTCERTS_DIR "/%s", name) < (int)sizeof(path));
    assert_int_equal(cp_secret_read_file(&text, path, CP_MAX_FILE_LEN, &err), CP_OK);
    return text;
}

struct checked {
    struct cp_bundle *bundle;
    struct cp_trust *trust;
    struct cp_checker *checker;
    struct cp_report *report;
};

static void check(struct checked *out, const char *name, const char *trust_name,
                  const struct cp_pool *pool, enum cp_preference prefer) {
    struct cp_secret text = read_testcert(name), anchors = read_testcert(trust_name);
    const struct cp_check_options options = {.at_s = CLOCK_S, .pool = pool, .prefer = prefer};
    struct cp_error err = {CP_OK, 0, 0, ""};
    *out = (struct checked){0};
    assert_int_equal(cp_bundle_new(&out->bundle, &err), CP_OK);
    assert_int_equal(cp_bundle_add(out->bundle, name, CP_ROLE_ANY, text.data, text.len, &err),
                     CP_OK);
    assert_int_equal(cp_trust_new(&out->trust, anchors.data, anchors.len, trust_name, &err), CP_OK);
    assert_int_equal(cp_checker_new(&out->checker, out->trust, &err), CP_OK);
    assert_int_equal(cp_checker_run(out->checker, &out->report, out->bundle, &options, &err),
                     CP_OK);
    cp_secret_cleanup(&text);
    cp_secret_cleanup(&anchors);
}

static void checked_free(struct checked *checked) {
    cp_report_free(checked->report);
    cp_checker_free(checked->checker);
    cp_trust_free(checked->trust);
    cp_bundle_free(checked->bundle);
}

static size_t count_rule(const struct cp_report *report, const char *id) {
    size_t count = 0;
    for (size_t i = 0; i < cp_report_num_findings(report); i++)
        count += strcmp(cp_report_finding(report, i)->rule->id, id) == 0;
    return count;
}

static const struct {
    const char *reason, *file, *trust;
    enum cp_preference prefer;
    size_t want[4]; /* certificates of the file, from 0, up from the leaf */
    size_t num_want;
    bool valid;
} real[] = {
    {"the direct one is as long and lives as long: first in the file",
     "good/cross-signed-bundle.pem",
     "trust/all.pem",
     CP_PREFER_SHORTEST,
     {0, 1},
     2,
     true},
    {"only the cross-sign leads to this root",
     "good/cross-signed-bundle.pem",
     "trust/root-rsa.pem",
     CP_PREFER_LONGEST_LIVED,
     {0, 2},
     2,
     true},
    {"the root is trusted by itself: shorter",
     "good/cross-signed-root-bundle.pem",
     "trust/all.pem",
     CP_PREFER_SHORTEST,
     {0, 1},
     2,
     true},
    {"roots of the same age: the shorter path",
     "good/cross-signed-root-bundle.pem",
     "trust/all.pem",
     CP_PREFER_MOST_COMPATIBLE,
     {0, 1},
     2,
     true},
    {"only by the cross-signed root",
     "good/cross-signed-root-bundle.pem",
     "trust/root-rsa.pem",
     CP_PREFER_SHORTEST,
     {0, 1, 2},
     3,
     true},
    {"an expired cross-sign is no choice, even if alone it leads there",
     "bad/expired-cross-sign.pem",
     "trust/all.pem",
     CP_PREFER_MOST_COMPATIBLE,
     {0, 2},
     2,
     true},
    {"two intermediates",
     "good/two-intermediates-bundle.pem",
     "trust/all.pem",
     CP_PREFER_LONGEST_LIVED,
     {0, 1, 2},
     3,
     true},
    {"nothing leads to this root",
     "good/two-intermediates-bundle.pem",
     "trust/root-private.pem",
     CP_PREFER_SHORTEST,
     {0, 1, 2},
     3,
     false},
};

static void test_testcerts(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(real); i++) {
        struct checked c;
        print_message("  %s: %s\n", real[i].file, real[i].reason);
        check(&c, real[i].file, real[i].trust, NULL, real[i].prefer);
        assert_int_equal(c.report->path.valid, real[i].valid);
        assert_true(c.report->path.path.num_certs >= real[i].num_want);
        for (size_t j = 0; j < real[i].num_want; j++)
            assert_ptr_equal(c.report->path.path.certs[j], &c.bundle->certs[real[i].want[j]].cert);
        checked_free(&c);
    }
}

/* ---- completing ---- */

static struct cp_pool *pool_of(const char *name, const char *label) {
    struct cp_secret text = read_testcert(name);
    struct cp_pool *pool = NULL;
    size_t num_added = 0;
    assert_int_equal(cp_pool_new(&pool, NULL), CP_OK);
    assert_int_equal(cp_pool_add(pool, text.data, text.len, label, &num_added, NULL), CP_OK);
    assert_true(num_added > 0);
    cp_secret_cleanup(&text);
    return pool;
}

static const struct {
    const char *reason, *file, *pool;
    enum cp_preference prefer;
    size_t num_completed; /* findings CP0418 */
    size_t num_missing;   /* findings CP0401 */
} completions[] = {
    {"the intermediate comes from the pool", "good/ec-leaf.pem", "good/ec-intermediate.pem",
     CP_PREFER_FIRST, 1, 0},
    {"another intermediate helps nothing", "good/ec-leaf.pem", "good/rsa-intermediate.pem",
     CP_PREFER_FIRST, 0, 1},
    {"the second of two", "bad/missing-second-intermediate.pem",
     "good/two-intermediates-bundle.pem", CP_PREFER_FIRST, 1, 0},
    {"the input is complete: nothing is added", "good/ec-bundle.pem",
     "good/cross-signed-bundle.pem", CP_PREFER_FIRST, 0, 0},
    {"nor with a preference, where nothing is better", "good/ec-bundle.pem",
     "good/cross-signed-bundle.pem", CP_PREFER_SHORTEST, 0, 0},
    {"an expired intermediate is replaced", "bad/intermediate-expired.pem",
     "good/ec-intermediate.pem", CP_PREFER_FIRST, 1, 0},
    {"a forged one too", "bad/issuer-other-key.pem", "good/ec-intermediate.pem", CP_PREFER_FIRST, 1,
     0},
    {"a root that is there is not added: clients have it", "good/ec-bundle.pem",
     "trust/root-ec.pem", CP_PREFER_LONGEST_LIVED, 0, 0},
};

static void test_completion(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(completions); i++) {
        struct cp_pool *pool = pool_of(completions[i].pool, "the pool");
        struct checked c;
        print_message("  %s\n", completions[i].reason);
        check(&c, completions[i].file, "trust/all.pem", pool, completions[i].prefer);
        assert_int_equal(count_rule(c.report, "CP0418"), completions[i].num_completed);
        assert_int_equal(count_rule(c.report, "CP0401"), completions[i].num_missing);
        assert_true(c.report->path.valid == (completions[i].num_missing == 0));
        checked_free(&c);
        cp_pool_free(pool);
    }
}

/* What is added is said, with its label, and it is what is prepared. */
static void test_completed_material(void **state) {
    (void)state;
    struct cp_secret leaf = read_testcert("good/ec-leaf.pem");
    struct cp_secret key = read_testcert("good/ec-key-pkcs8.pem");
    struct cp_secret anchors = read_testcert("trust/all.pem");
    struct cp_secret want = read_testcert("good/ec-fullchain.pem");
    struct cp_pool *pool = pool_of("good/ec-intermediate.pem", "folder/\x1b[31m.pem");
    const struct cp_check_options options = {.at_s = CLOCK_S, .pool = pool};
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct checked c = {0};
    struct cp_prepared *prepared = NULL;
    size_t len = 0;
    assert_int_equal(cp_bundle_new(&c.bundle, &err), CP_OK);
    assert_int_equal(cp_bundle_add(c.bundle, "a", CP_ROLE_CERT, leaf.data, leaf.len, &err), CP_OK);
    assert_int_equal(cp_bundle_add(c.bundle, "b", CP_ROLE_KEY, key.data, key.len, &err), CP_OK);
    assert_int_equal(cp_trust_new(&c.trust, anchors.data, anchors.len, "t", &err), CP_OK);
    assert_int_equal(cp_checker_new(&c.checker, c.trust, &err), CP_OK);
    assert_int_equal(cp_checker_run(c.checker, &c.report, c.bundle, &options, &err), CP_OK);
    assert_int_equal(count_rule(c.report, "CP0418"), 1);
    const struct cp_finding *finding = NULL;
    for (size_t i = 0; i < cp_report_num_findings(c.report); i++)
        if (strcmp(cp_report_finding(c.report, i)->rule->id, "CP0418") == 0)
            finding = cp_report_finding(c.report, i);
    assert_non_null(finding);
    assert_int_equal(finding->num_notes, 2); /* the second says who fails without it */
    assert_string_equal(finding->notes[0], "it comes from folder/\\x1B[31m.pem");
    assert_non_null(strstr(finding->message, "(added)"));
    assert_int_equal(cp_prepare(&prepared, c.report, &err), CP_OK);
    const char *chain = cp_prepared_chain_pem(prepared, &len);
    assert_int_equal(len, want.len);
    assert_memory_equal(chain, want.data, len);
    cp_prepared_free(prepared);
    checked_free(&c);
    cp_pool_free(pool);
    cp_secret_cleanup(&leaf);
    cp_secret_cleanup(&key);
    cp_secret_cleanup(&anchors);
    cp_secret_cleanup(&want);
}

/* ---- hostile graphs ---- */

/* By the public interface: the search ended, and the report says why. */
static void check_report(const struct graph *graph, const struct cp_trust *trust,
                         enum cp_preference prefer, const char *want_rule) {
    struct cp_secret pem = pem_of(graph, 0, graph->num_certs);
    const struct cp_check_options options = {.at_s = CLOCK_S, .prefer = prefer};
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct checked c = {0};
    assert_int_equal(cp_bundle_new(&c.bundle, &err), CP_OK);
    assert_int_equal(cp_bundle_add(c.bundle, "hostile", CP_ROLE_ANY, pem.data, pem.len, &err),
                     CP_OK);
    assert_int_equal(cp_checker_new(&c.checker, trust, &err), CP_OK);
    clock_t start = clock();
    assert_int_equal(cp_checker_run(c.checker, &c.report, c.bundle, &options, &err), CP_OK);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    print_message("    all checks of %zu certificates: %.3f s\n", graph->num_certs, seconds);
    assert_true(seconds < MAX_SECONDS);
    assert_true(count_rule(c.report, want_rule) > 0);
    checked_free(&c);
    cp_secret_cleanup(&pem);
}

/* One name for all, every key its own, each signed by the next: nothing tells them apart but the
 * signatures. The names of half of them differ in case, so that comparing costs more. */
static void test_thousand_of_one_name(void **state) {
    (void)state;
    struct graph *graph = graph_new(), *root = graph_new();
    char upper[65], lower[65];
    memset(upper, 'A', 64);
    memset(lower, 'a', 64);
    upper[64] = lower[64] = '\0';
    make(graph, (struct recipe){"leaf", lower, 0, 999, 0, 0, true, false});
    for (size_t i = 1; i < 1000; i++)
        make(graph, (struct recipe){i % 2 == 0 ? upper : lower, i % 2 == 0 ? lower : upper, i,
                                    i % 999 + 1, 0, 0, false, false});
    make(root, (struct recipe){"R", "R", 0, 0, 0, 0, false, false});
    struct cp_trust *trust = trust_of(root, 0, 1);
    struct cp_path_query query = {.leaf = graph->list[0],
                                  .pool = graph->list,
                                  .num_pool = graph->num_certs,
                                  .trust = trust,
                                  .at_s = CLOCK_S};
    struct cp_path_result result = find(&query);
    assert_true(!result.valid && result.bound_met);
    assert_int_equal(result.rule, CP_PATH_SEARCH_BOUND);
    check_report(graph, trust, CP_PREFER_FIRST, "CP0416");
    check_report(graph, trust, CP_PREFER_SHORTEST, "CP0416");
    cp_trust_free(trust);
    graph_free(graph);
    graph_free(root);
}

/* 31 keys that all certify each other under one name, with key identifiers: every first try fits,
 * so the search goes deep and looks at all 931 certificates each time. */
static void test_complete_graph(void **state) {
    (void)state;
    struct graph *graph = graph_new(), *root = graph_new();
    char upper[65], lower[65];
    memset(upper, 'A', 64);
    memset(lower, 'a', 64);
    upper[64] = lower[64] = '\0';
    make(graph, (struct recipe){"leaf", lower, 0, 1, 0, 0, true, true});
    for (size_t i = 1; i <= 31; i++)
        for (size_t j = 1; j <= 31; j++)
            if (i != j)
                make(graph,
                     (struct recipe){(i + j) % 2 == 0 ? upper : lower,
                                     (i + j) % 2 == 0 ? lower : upper, i, j, 0, 0, false, true});
    make(root, (struct recipe){"R", "R", 0, 0, 0, 0, false, false});
    struct cp_trust *trust = trust_of(root, 0, 1);
    struct cp_path_query query = {.leaf = graph->list[0],
                                  .pool = graph->list,
                                  .num_pool = graph->num_certs,
                                  .trust = trust,
                                  .at_s = CLOCK_S};
    struct cp_path_result result = find(&query);
    assert_true(!result.valid && result.bound_met);
    assert_int_equal(result.rule, CP_PATH_SEARCH_BOUND);
    check_report(graph, trust, CP_PREFER_FIRST, "CP0416");
    check_report(graph, trust, CP_PREFER_MOST_COMPATIBLE, "CP0416");
    cp_trust_free(trust);
    graph_free(graph);
    graph_free(root);
}

/* CAs that certify each other, and nobody trusts them. */
static void test_cycle(void **state) {
    (void)state;
    static const char *const names[] = {"A", "B", "C"};
    struct graph *graph = graph_new(), *root = graph_new();
    make(graph, (struct recipe){"leaf", "A", 0, 1, 0, 0, true, false});
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            if (i != j)
                make(graph, (struct recipe){names[i], names[j], i + 1, j + 1, 0, 0, false, false});
    make(root, (struct recipe){"R", "R", 0, 0, 0, 0, false, false});
    struct cp_trust *trust = trust_of(root, 0, 1);
    for (int prefer = CP_PREFER_FIRST; prefer <= CP_PREFER_MOST_COMPATIBLE; prefer++) {
        const struct cp_path_query query = {.leaf = graph->list[0],
                                            .pool = graph->list,
                                            .num_pool = graph->num_certs,
                                            .trust = trust,
                                            .at_s = CLOCK_S,
                                            .prefer = (enum cp_preference)prefer};
        struct cp_path_result result = find(&query);
        assert_true(!result.valid && !result.bound_met);
        assert_int_equal(result.rule, CP_PATH_ISSUER_MISSING);
        check_report(graph, trust, (enum cp_preference)prefer, "CP0401");
    }
    cp_trust_free(trust);
    graph_free(graph);
    graph_free(root);
}

#define RUNGS 9

/* Each rung has two keys, and both of the rung above certify both: 2^9 paths from the leaf up. */
static struct graph *make_ladder(void) {
    struct graph *graph = graph_new();
    char name[RUNGS + 1][8];
    for (size_t i = 0; i <= RUNGS; i++)
        assert_true(snprintf(name[i], sizeof(name[i]), "L%zu", i) > 0);
    make(graph, (struct recipe){"leaf", name[0], 0, 2, 0, 0, true, false});
    for (size_t i = 0; i < RUNGS; i++)
        for (size_t key = 0; key < 2; key++)
            for (size_t above = 0; above < 2; above++)
                make(graph, (struct recipe){name[i], name[i + 1], 2 * i + 2 + key,
                                            2 * i + 4 + above, 0, 0, false, false});
    return graph;
}

static void test_ladder(void **state) {
    (void)state;
    struct graph *graph = make_ladder(), *root = graph_new();
    make(root, (struct recipe){"R", "R", 0, 0, 0, 0, false, false});
    struct cp_trust *trust = trust_of(root, 0, 1);
    struct cp_path_query query = {.leaf = graph->list[0],
                                  .pool = graph->list,
                                  .num_pool = graph->num_certs,
                                  .trust = trust,
                                  .at_s = CLOCK_S};
    struct cp_path_result result = find(&query);
    assert_true(!result.valid && result.bound_met);
    assert_int_equal(result.rule, CP_PATH_SEARCH_BOUND);
    check_report(graph, trust, CP_PREFER_LONGEST_LIVED, "CP0416");
    cp_trust_free(trust);
    graph_free(graph);
    graph_free(root);
}

/* The ladder leads to an anchor: the first path is found at once, the best one can't be known. */
static void test_ladder_with_anchor(void **state) {
    (void)state;
    struct graph *graph = make_ladder(), *root = graph_new();
    char name[8];
    assert_true(snprintf(name, sizeof(name), "L%d", RUNGS) > 0);
    for (size_t i = 0; i < 2; i++) { /* the keys that the top rung is signed with */
        root->keys[i] = graph->keys[2 * RUNGS + 2 + i];
        assert_int_equal(EVP_PKEY_up_ref(root->keys[i]), 1);
        make(root, (struct recipe){name, name, i, i, 0, 0, false, false});
    }
    struct cp_trust *trust = trust_of(root, 0, 2);
    struct cp_path_query query = {.leaf = graph->list[0],
                                  .pool = graph->list,
                                  .num_pool = graph->num_certs,
                                  .trust = trust,
                                  .at_s = CLOCK_S};
    struct cp_path_result result = find(&query);
    assert_true(result.valid && !result.bound_met);
    check_report(graph, trust, CP_PREFER_FIRST, "CP0410"); /* and nothing worse: */
    query.prefer = CP_PREFER_MOST_COMPATIBLE;
    result = find(&query);
    assert_true(result.valid && result.bound_met);
    check_report(graph, trust, CP_PREFER_MOST_COMPATIBLE, "CP0419");
    cp_trust_free(trust);
    graph_free(graph);
    graph_free(root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_preference),
        cmocka_unit_test(test_preference_in_any_order),
        cmocka_unit_test(test_tie),
        cmocka_unit_test(test_testcerts),
        cmocka_unit_test(test_completion),
        cmocka_unit_test(test_completed_material),
        cmocka_unit_test(test_thousand_of_one_name),
        cmocka_unit_test(test_complete_graph),
        cmocka_unit_test(test_cycle),
        cmocka_unit_test(test_ladder),
        cmocka_unit_test(test_ladder_with_anchor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
