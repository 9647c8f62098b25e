/* Out of memory at every place of the chain: it ends with that status, never with the identity of a
 * provider further down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "credential_env.h"

static size_t count, fail_at; /* counted from 1; 0: none fails */

void *__real_malloc(size_t size);
void *__real_calloc(size_t num, size_t size);
char *__real_strdup(const char *text);
void *__real_mmap(void *place, size_t len, int protection, int flags, int fd, off_t offset);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t num, size_t size);
char *__wrap_strdup(const char *text);
void *__wrap_mmap(void *place, size_t len, int protection, int flags, int fd, off_t offset);

void *__wrap_malloc(size_t size) {
    return ++count == fail_at ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t num, size_t size) {
    return ++count == fail_at ? NULL : __real_calloc(num, size);
}

char *__wrap_strdup(const char *text) {
    return ++count == fail_at ? NULL : __real_strdup(text);
}

void *__wrap_mmap(void *place, size_t len, int protection, int flags, int fd, off_t offset) {
    return ++count == fail_at ? MAP_FAILED : __real_mmap(place, len, protection, flags, fd, offset);
}

static const struct {
    const char *variable, *text, *source;
} files[] = {
    {"ALIBABA_CLOUD_CONFIG_FILE",
     "{\"current\": \"p\", \"profiles\": [{\"name\": \"o\"}, {\"name\": \"p\", \"mode\": "
     "\"StsToken\", \"access_key_id\": \"AK\", \"access_key_secret\": \"s\", \"sts_token\": "
     "\"T\"}]}",
     "profile: p (StsToken)"},
    {"ALIBABA_CLOUD_CREDENTIALS_FILE",
     "[p]\ntype = access_key\naccess_key_id = AK\naccess_key_secret = s\n",
     "credentials-file: p (access_key)"},
};

static void test_files(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(files); i++) {
        char path[64] = "test_credential_XXXXXX";
        int fd = mkstemp(path);
        size_t len = strlen(files[i].text);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, files[i].text, len), len);
        assert_int_equal(close(fd), 0);
        struct variable variables[] = {
            {files[i].variable, path}, {"ALIBABA_CLOUD_PROFILE", "p"}, {NULL, NULL}};
        const struct esa_credential_options options = {.lookup = look_up,
                                                       .lookup_context = variables,
                                                       .sts_endpoint = "a",
                                                       .proxy = "b",
                                                       .local_only = true};
        enum cp_status status = CP_ERR_MEMORY;
        for (fail_at = 1; status != CP_OK; fail_at++) {
            struct esa_credential *credential = NULL;
            struct cp_error err = {CP_OK, 0, 0, ""};
            assert_true(fail_at < 100);
            count = 0;
            status = esa_credential_new(&credential, &options, &err);
            assert_true(status == CP_OK || status == CP_ERR_MEMORY);
            assert_int_equal(credential != NULL, status == CP_OK);
            if (status == CP_OK)
                assert_string_equal(esa_credential_source(credential), files[i].source);
            esa_credential_free(credential);
        }
        print_message("%s: %zu places\n", files[i].source, fail_at - 2);
        assert_true(fail_at > 5);
        fail_at = 0;
        (void)unlink(path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_files)};
    return cmocka_run_group_tests_name("credential_alloc", tests, NULL, NULL);
}
