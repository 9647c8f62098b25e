/* Private keys in their three forms: structure, public half, consistency, conversion. */
#include "cp_limits.h"
#include "fuzz.h"
#include "key.h"

static void check_spans(const struct cp_key *key) {
    const struct cp_span spans[] = {
        key->algorithm, key->inner,  key->rsa.n,  key->rsa.e,    key->rsa.d,           key->rsa.p,
        key->rsa.q,     key->rsa.dp, key->rsa.dq, key->rsa.qinv, key->embedded_public, key->scalar,
    };
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
        FUZZ_ASSERT(fuzz_is_inside(spans[i], key->der));
    for (size_t i = 2; i < 10; i++) /* magnitudes */
        FUZZ_ASSERT(spans[i].len < 2 || spans[i].data[0] != 0);
    FUZZ_ASSERT((unsigned)key->type < CP_NUM_KEY_TYPES);
    FUZZ_ASSERT((cp_key_algorithm_get(key->type)->kind == CP_KIND_RSA) == (key->rsa.n.len != 0));
}

/* Scalars count without leading zeros: PKCS#8 pads them. */
static struct cp_span trimmed(struct cp_span scalar) {
    while (scalar.len != 0 && scalar.data[0] == 0) {
        scalar.data++;
        scalar.len--;
    }
    return scalar;
}

/* The PKCS#8 form is the same key, and its PKCS#8 form is itself. */
static void check_conversion(const struct cp_key *key) {
    struct cp_secret first = {0}, second = {0};
    struct cp_key again;
    struct cp_error err = {CP_OK, 0, 0, ""};
    enum cp_status status = cp_key_to_pkcs8(&first, key, &err);
    if (status == CP_OK) {
        FUZZ_ASSERT(cp_key_parse(&again, (struct cp_span){first.data, first.len}, CP_KEY_PKCS8,
                                 NULL) == CP_OK);
        FUZZ_ASSERT(again.type == key->type && again.bits == key->bits);
        FUZZ_ASSERT(cp_span_equal(again.rsa.n, key->rsa.n) &&
                    cp_span_equal(again.rsa.d, key->rsa.d) &&
                    cp_span_equal(trimmed(again.scalar), trimmed(key->scalar)));
        FUZZ_ASSERT(cp_key_to_pkcs8(&second, &again, NULL) == CP_OK);
        FUZZ_ASSERT(second.len == first.len && memcmp(second.data, first.data, first.len) == 0);
        if (key->has_public) {
            FUZZ_ASSERT(cp_key_derive_public(&again, NULL) == CP_OK && again.has_public);
            FUZZ_ASSERT(memcmp(again.spki_sha256, key->spki_sha256, 32) == 0);
        }
    } else {
        FUZZ_ASSERT(first.data == NULL && err.status == status);
    }
    cp_secret_cleanup(&first);
    cp_secret_cleanup(&second);
}

static void check_format(struct cp_span der, enum cp_key_format format) {
    struct cp_key key, copy;
    struct cp_error err = {CP_OK, 0, 0, ""};
    enum cp_key_defect defect = CP_KEY_CONSISTENT;
    enum cp_status status = cp_key_parse(&key, der, format, &err);
    if (status != CP_OK) {
        FUZZ_ASSERT(status == CP_ERR_PARSE || status == CP_ERR_UNSUPPORTED ||
                    status == CP_ERR_LIMIT);
        FUZZ_ASSERT(err.status == status && err.offset <= der.len);
        fuzz_is_shown_safely(err.message, strlen(err.message), false);
        return;
    }
    check_spans(&key);
    FUZZ_ASSERT(!key.has_public);
    /* Arithmetic on large numbers would slow the search down and finds nothing more. */
    if (key.rsa.n.len > 300 || key.rsa.d.len > 300 || key.rsa.p.len > 300 || key.rsa.q.len > 300 ||
        key.rsa.e.len > 300)
        return;
    copy = key;
    status = cp_key_derive_public(&copy, &err);
    FUZZ_ASSERT(status == CP_OK || status == CP_ERR_UNSUPPORTED || status == CP_ERR_LIMIT ||
                status == CP_ERR_PARSE);
    FUZZ_ASSERT(copy.public_point_len <= sizeof(copy.public_point));
    FUZZ_ASSERT(status == CP_OK || !copy.has_public);
    status = cp_key_check_consistency(&copy, &defect, &err);
    FUZZ_ASSERT(status != CP_ERR_MEMORY && status != CP_ERR_CRYPTO);
    FUZZ_ASSERT(cp_key_defect_text(defect) != NULL);
    /* With and without the public half at hand the answer is the same. */
    enum cp_key_defect bare = CP_KEY_CONSISTENT;
    FUZZ_ASSERT(cp_key_check_consistency(&key, &bare, NULL) == status && bare == defect);
    FUZZ_ASSERT(status != CP_OK || defect != CP_KEY_CONSISTENT || copy.has_public);
    check_conversion(&copy);
}

static void check(struct cp_span der) {
    check_format(der, CP_KEY_PKCS8);
    check_format(der, CP_KEY_PKCS1);
    check_format(der, CP_KEY_SEC1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_each_der(data, size, check);
    return 0;
}
