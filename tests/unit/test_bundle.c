/* A bundle that is cleared and filled again is as good as a new one, and keeps nothing secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bundle.h"

static const struct {
    const char *file, *pass;
    size_t num_certs, num_keys;
    const char *reason;
} inputs[] = {
    {"good/ec-bundle.pem", NULL, 2, 1, "the usual bundle"},
    {"good/rsa-4096-bundle.pem", NULL, 2, 1, "larger: the kept pages are too small"},
    {"good/ec-fullchain.pem", NULL, 2, 0, "smaller, and no key: nothing is left of the last one"},
    {"bad/text-only.txt", NULL, 0, 0, "nothing in it"},
    {"good/ec-bundle-key-pbkdf2.pem", "correct", 2, 0, "a wrong pass phrase is no status here"},
    {"good/p384-bundle.pem", NULL, 2, 1, "another curve than before"},
    {"good/ed25519-bundle.pem", NULL, 2, 1, "no curve at all"},
    {"good/ec-bundle.pem", NULL, 2, 1, "the first one again"},
};

static enum cp_status add(struct cp_bundle *bundle, const char *file, const char *pass) {
    char path[512];
    struct cp_secret text = {0};
    snprintf(path, sizeof(path), "%s/%s", CP_TESTCERTS_DIR, file);
    assert_int_equal(cp_secret_read_file(&text, path, 1 << 20, NULL), CP_OK);
    if (pass != NULL)
        assert_int_equal(
            cp_bundle_set_passphrase(bundle, (const uint8_t *)pass, strlen(pass), NULL), CP_OK);
    enum cp_status status = cp_bundle_add(bundle, file, CP_ROLE_ANY, text.data, text.len, NULL);
    cp_secret_cleanup(&text);
    return status;
}

static void expect_same(const struct cp_bundle *a, const struct cp_bundle *b, const char *reason) {
    if (a->num_certs != b->num_certs || a->num_keys != b->num_keys ||
        a->num_defects != b->num_defects || a->num_sources != b->num_sources)
        fail_msg("%s: other counts", reason);
    for (size_t i = 0; i < a->num_certs; i++)
        assert_true(cp_span_equal(a->certs[i].cert.der, b->certs[i].cert.der));
    for (size_t i = 0; i < a->num_keys; i++) {
        assert_true(a->keys[i].key.has_public && b->keys[i].key.has_public);
        assert_memory_equal(a->keys[i].key.spki_sha256, b->keys[i].key.spki_sha256, 32);
    }
    for (size_t i = 0; i < a->num_defects; i++)
        assert_int_equal(a->defects[i].check, b->defects[i].check);
}

static void test_clear(void **state) {
    (void)state;
    struct cp_bundle *reused = NULL;
    assert_int_equal(cp_bundle_new(&reused, NULL), CP_OK);
    cp_bundle_clear(reused); /* of nothing */
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        struct cp_bundle *fresh = NULL;
        assert_int_equal(cp_bundle_new(&fresh, NULL), CP_OK);
        assert_int_equal(add(reused, inputs[i].file, inputs[i].pass),
                         add(fresh, inputs[i].file, inputs[i].pass));
        expect_same(reused, fresh, inputs[i].reason);
        if (inputs[i].pass == NULL && (cp_bundle_num_certs(reused) != inputs[i].num_certs ||
                                       cp_bundle_num_keys(reused) != inputs[i].num_keys))
            fail_msg("%s: %zu certificates, %zu keys", inputs[i].reason,
                     cp_bundle_num_certs(reused), cp_bundle_num_keys(reused));
        cp_bundle_free(fresh);
        cp_bundle_clear(reused);
        assert_int_equal(reused->num_certs + reused->num_keys + reused->num_defects, 0);
        assert_null(reused->passphrase.data);
        assert_non_null(reused->spare.data);
        for (size_t j = 0; j < reused->spare.cap; j++)
            assert_int_equal(reused->spare.data[j], 0);
    }
    cp_bundle_free(reused);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_clear)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
