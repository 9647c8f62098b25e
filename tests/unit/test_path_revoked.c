/* path_revoked: each pair is judged once, and no more of them than the bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "path_revoked.h"
#include "pool.h"
#include "revocation/evidence.h"

#define CLOCK_S 1780272000 /* 2026-06-01 */

static struct cp_secret load(const char *name) {
    struct cp_secret bytes = {0};
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", CP_TESTCERTS_DIR, name);
    assert_int_equal(cp_secret_read_file(&bytes, path, CP_MAX_FILE_LEN, NULL), CP_OK);
    return bytes;
}

struct fixture {
    struct cp_pool *pool; /* leaf, intermediate; then the roots */
    struct cp_evidence *evidence;
    struct cp_verifier *verifier;
};

static struct fixture make(const char *list) {
    struct fixture f = {NULL, NULL, NULL};
    const char *const files[] = {"good/ec-fullchain.pem", "trust/root-ec.pem"};
    assert_int_equal(cp_pool_new(&f.pool, NULL), CP_OK);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct cp_secret bytes = load(files[i]);
        assert_int_equal(cp_pool_add(f.pool, bytes.data, bytes.len, files[i], NULL, NULL), CP_OK);
        cp_secret_cleanup(&bytes);
    }
    struct cp_secret bytes = load(list);
    assert_int_equal(cp_evidence_new(&f.evidence, NULL), CP_OK);
    assert_int_equal(cp_evidence_add_crl(f.evidence, bytes.data, bytes.len, list, NULL), CP_OK);
    cp_secret_cleanup(&bytes);
    assert_int_equal(cp_verifier_new(&f.verifier, NULL), CP_OK);
    return f;
}

static void drop(struct fixture *f) {
    cp_pool_free(f->pool);
    cp_evidence_free(f->evidence);
    cp_verifier_free(f->verifier);
}

static void ask(struct cp_path_standings *s, struct fixture *f, const struct cp_cert *cert,
                const struct cp_cert *issuer, bool *revoked, bool *bound_met) {
    assert_int_equal(cp_path_ask_revoked(s, revoked, bound_met, f->verifier, cert, issuer, NULL),
                     CP_OK);
}

static const struct {
    const char *list;
    int64_t at_s;
    bool revoked;
    const char *reason;
} rows[] = {
    {"status/crl-root-revoked.pem", CLOCK_S, true, "the intermediate is in the root's list"},
    {"status/crl-root-revoked.pem", CLOCK_S - 30 * INT64_C(86400), false,
     "before the list was made"},
    {"status/crl-root.pem", CLOCK_S, false, "it is not in the list"},
    {"status/crl-clean.pem", CLOCK_S, false, "a list of another issuer"},
};

static void test_verdicts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f = make(rows[i].list);
        struct cp_path_standings s = {.evidence = f.evidence, .at_s = rows[i].at_s};
        const struct cp_cert *ca = &f.pool->certs[1]->cert, *root = &f.pool->certs[2]->cert;
        bool revoked, bound_met;
        for (int round = 0; round < 2; round++) { /* the second from memory */
            ask(&s, &f, ca, root, &revoked, &bound_met);
            if (revoked != rows[i].revoked || bound_met)
                fail_msg("%s: %s", rows[i].list, rows[i].reason);
            assert_int_equal(s.num_judged, 1);
        }
        s = (struct cp_path_standings){.evidence = NULL};
        ask(&s, &f, ca, root, &revoked, &bound_met);
        assert_false(revoked);
        assert_int_equal(s.num_judged, 0);
        drop(&f);
    }
}

static void test_bound(void **state) {
    (void)state;
    struct fixture f = make("status/crl-root-revoked.pem");
    struct cp_path_standings s = {.evidence = f.evidence, .at_s = CLOCK_S};
    struct cp_cert copies[CP_MAX_PATH_STANDINGS + 1];
    bool revoked, bound_met;
    for (size_t i = 0; i <= CP_MAX_PATH_STANDINGS; i++) {
        copies[i] = f.pool->certs[1]->cert; /* another certificate for all that the search knows */
        ask(&s, &f, &copies[i], &f.pool->certs[2]->cert, &revoked, &bound_met);
        assert_int_equal(bound_met, i == CP_MAX_PATH_STANDINGS);
        assert_int_equal(revoked, i != CP_MAX_PATH_STANDINGS);
    }
    ask(&s, &f, &copies[0], &f.pool->certs[2]->cert, &revoked, &bound_met);
    assert_true(revoked && !bound_met); /* what is known costs nothing */
    drop(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_verdicts),
                                       cmocka_unit_test(test_bound)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
