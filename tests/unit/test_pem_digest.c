/* pem_digest: the SHA-256 of what a PEM text begins with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "certprep.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

/* SHA-256 of "abc", FIPS 180-2 B.1 */
#define OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END "-----END CERTIFICATE-----\n"

static const struct {
    const char *text;
    enum cp_status status;
    const char *digest, *reason;
} cases[] = {
    {BEGIN "YWJj\n" END, CP_OK, OF_ABC, "one certificate"},
    {BEGIN "YW\r\nJj\r\n" END, CP_OK, OF_ABC, "lines of any length, CRLF"},
    {BEGIN "YWJj\n" END BEGIN "AAAA\n" END, CP_OK, OF_ABC, "the first of two"},
    {"text\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" BEGIN "YWJj\n" END,
     CP_OK, OF_ABC, "behind something else"},
    {BEGIN "YWJj\n" END "-----BEGIN CERT", CP_OK, OF_ABC, "what follows does not matter"},
    {"", CP_ERR_PARSE, "", "nothing"},
    {"YWJj", CP_ERR_PARSE, "", "no PEM"},
    {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", CP_ERR_PARSE, "",
     "no certificate"},
    {BEGIN "YWJj\n", CP_ERR_PARSE, "", "no END"},
    {BEGIN "YWJ\n" END, CP_ERR_PARSE, "", "padding is missing"},
    {BEGIN "YW*j\n" END, CP_ERR_PARSE, "", "not base64"},
};

static void test_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(cases); i++) {
        size_t len = strlen(cases[i].text);
        char out[65] = "before";
        struct cp_error err = {0};
        char *copy = malloc(len + (len == 0)); /* without a byte to spare */
        assert_non_null(copy);
        memcpy(copy, cases[i].text, len);
        print_message("%s\n", cases[i].reason);
        assert_int_equal(cp_pem_first_sha256(out, copy, len, &err), cases[i].status);
        assert_string_equal(out, cases[i].digest);
        assert_int_equal(err.message[0] == '\0', cases[i].status == CP_OK);
        free(copy);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
    };
    return cmocka_run_group_tests_name("pem_digest", tests, NULL, NULL);
}
