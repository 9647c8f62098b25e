/* secret: pages that are used again are wiped, and no two buffers share them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "certprep.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Below, at and over each size at which another kind of mapping begins. */
static const size_t caps[] = {0,     1,     4095,   4096,   4097,   8191,    8192,  65535,
                              65536, 65537, 262143, 262144, 262145, 1048575, 300001};

static bool is_zero(const uint8_t *data, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (data[i] != 0)
            return false;
    return true;
}

static void test_wiped(void **state) {
    (void)state;
    for (size_t round = 0; round < 3; round++)
        for (size_t i = 0; i < NUM_OF(caps); i++)
            for (size_t j = 0; j < NUM_OF(caps); j++) {
                struct cp_secret first = {0};
                struct cp_secret second = {0};
                assert_int_equal(cp_secret_init(&first, caps[i], NULL), CP_OK);
                memset(first.data, 0xA5, caps[i] + 1); /* with the place for a NUL */
                cp_secret_cleanup(&first);
                assert_null(first.data);
                assert_int_equal(cp_secret_init(&second, caps[j], NULL), CP_OK);
                assert_true(is_zero(second.data, caps[j] + 1));
                assert_int_equal(second.len, 0);
                assert_int_equal(second.cap, caps[j]);
                cp_secret_cleanup(&second);
            }
}

static void test_apart(void **state) {
    struct cp_secret secrets[100];
    (void)state;
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < NUM_OF(secrets); i++) {
            assert_int_equal(cp_secret_init(&secrets[i], caps[i % NUM_OF(caps)], NULL), CP_OK);
            memset(secrets[i].data, (int)i + 1, secrets[i].cap + 1);
        }
        for (size_t i = 0; i < NUM_OF(secrets); i++)
            for (size_t at = 0; at <= secrets[i].cap; at += 997)
                assert_int_equal(secrets[i].data[at], i + 1);
        for (size_t i = 0; i < NUM_OF(secrets); i++)
            cp_secret_cleanup(&secrets[i]);
    }
}

static void *use_many(void *argument) {
    uint8_t mark = *(uint8_t *)argument;
    for (size_t i = 0; i < 2000; i++) {
        struct cp_secret secret = {0};
        size_t cap = caps[i % 8];
        if (cp_secret_init(&secret, cap, NULL) != CP_OK || !is_zero(secret.data, cap + 1))
            return argument;
        memset(secret.data, mark, cap + 1);
        for (size_t at = 0; at <= cap; at += 61)
            if (secret.data[at] != mark)
                return argument;
        cp_secret_cleanup(&secret);
    }
    return NULL;
}

static void test_threads(void **state) {
    pthread_t threads[4];
    static uint8_t marks[4] = {1, 2, 3, 4};
    (void)state;
    for (size_t i = 0; i < NUM_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_many, &marks[i]), 0);
    for (size_t i = 0; i < NUM_OF(threads); i++) {
        void *failed = &marks[0];
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wiped),
        cmocka_unit_test(test_apart),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
