/* credentials: the chain and the environment provider. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "credential_env.h"

struct environment {
    const char *key_id, *secret, *token;
};

/* The environment alone: no HOME, and nobody is asked. */
static enum cp_status make(struct esa_credential **out, const struct environment *environment,
                           struct cp_error *err) {
    struct variable variables[] = {{ESA_ENV_KEY_ID, environment->key_id},
                                   {ESA_ENV_KEY_SECRET, environment->secret},
                                   {ESA_ENV_TOKEN, environment->token},
                                   {NULL, NULL}};
    const struct esa_credential_options options = {
        .lookup = look_up, .lookup_context = variables, .local_only = true};
    return esa_credential_new(out, &options, err);
}

static const struct {
    struct environment environment;
    enum cp_status status;
    enum esa_credential_kind kind; /* if status is CP_OK */
    const char *says[3];           /* parts of the message */
    const char *reason;
} cases[] = {
    {{"AK", "SK", NULL}, CP_OK, ESA_CREDENTIAL_KEY, {0}, "a plain key"},
    {{"AK", "SK", ""}, CP_OK, ESA_CREDENTIAL_KEY, {0}, "set to nothing is not set"},
    {{"STS.AK", "SK", "to+ken/=="}, CP_OK, ESA_CREDENTIAL_STS, {0}, "a temporary key"},
    {{NULL, NULL, NULL},
     CP_ERR_USAGE,
     0,
     {ESA_ENV_KEY_ID, ESA_ENV_KEY_SECRET, ESA_ENV_TOKEN},
     "nothing: the message says what to set"},
    {{"", "", ""}, CP_ERR_USAGE, 0, {"no credential", ESA_ENV_KEY_ID}, "all set to nothing"},
    {{"AK", NULL, NULL}, CP_ERR_USAGE, 0, {ESA_ENV_KEY_SECRET " is not"}, "half: no secret"},
    {{NULL, "SK", NULL}, CP_ERR_USAGE, 0, {ESA_ENV_KEY_ID " is not"}, "half: no id"},
    {{"AK", "", "T"}, CP_ERR_USAGE, 0, {ESA_ENV_KEY_SECRET " is not"}, "half: an empty secret"},
    {{NULL, NULL, "T"},
     CP_ERR_USAGE,
     0,
     {ESA_ENV_TOKEN, ESA_ENV_KEY_ID, ESA_ENV_KEY_SECRET},
     "a token alone"},
    {{"AK\r\nx-evil: 1", "SK", NULL}, CP_ERR_USAGE, 0, {ESA_ENV_KEY_ID, "line end"}, "injection"},
    {{"AK,SignedHeaders=", "SK", NULL}, CP_ERR_USAGE, 0, {ESA_ENV_KEY_ID, "comma"}, "injection"},
    {{"A K", "SK", NULL}, CP_ERR_USAGE, 0, {ESA_ENV_KEY_ID, "space"}, "space"},
    {{"AK", "SK\n", NULL},
     CP_ERR_USAGE,
     0,
     {ESA_ENV_KEY_SECRET, "line end"},
     "pasted with its line"},
    {{"AK", " SK", NULL}, CP_ERR_USAGE, 0, {ESA_ENV_KEY_SECRET, "space"}, "pasted with a space"},
    {{"AK", "SK", "T\nx-acs-action: DeleteSite"},
     CP_ERR_USAGE,
     0,
     {ESA_ENV_TOKEN, "line end"},
     "injection by the token"},
    {{"AK", "SK", "T\x01"}, CP_ERR_USAGE, 0, {ESA_ENV_TOKEN}, "a control character"},
    {{"\xc3\xa4", "SK", NULL}, CP_ERR_USAGE, 0, {ESA_ENV_KEY_ID}, "not ASCII"},
};

static void test_environment(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(cases); i++) {
        struct environment environment = cases[i].environment;
        struct esa_credential *credential = NULL;
        struct cp_error err = {0};
        print_message("%s\n", cases[i].reason);
        assert_int_equal(make(&credential, &environment, &err), cases[i].status);
        for (size_t k = 0; k < NUM_OF(cases[i].says) && cases[i].says[k] != NULL; k++)
            assert_non_null(strstr(err.message, cases[i].says[k]));
        if (cases[i].status != CP_OK) {
            assert_null(credential);
            assert_null(strstr(err.message, "SK")); /* no value is quoted */
            assert_null(strstr(err.message, "DeleteSite"));
            continue;
        }
        assert_int_equal(credential->kind, cases[i].kind);
        assert_string_equal(esa_credential_key_id(credential), environment.key_id);
        assert_string_equal(esa_credential_source(credential), "environment");
        assert_int_equal(credential->secret.len, 2);
        assert_memory_equal(credential->secret.data, "SK", 3);
        assert_int_equal(credential->token.len,
                         environment.token == NULL ? 0 : strlen(environment.token));
        esa_credential_free(credential);
    }
    esa_credential_free(NULL);
}

static void test_limits(void **state) {
    (void)state;
    char *text = test_malloc(ESA_TOKEN_MAX + 2);
    memset(text, 'a', ESA_TOKEN_MAX + 1);
    text[ESA_TOKEN_MAX + 1] = '\0';
    struct esa_credential *credential = NULL;
    struct cp_error err = {0};
    struct environment environment = {"AK", "SK", text};
    assert_int_equal(make(&credential, &environment, &err), CP_ERR_USAGE);
    assert_non_null(strstr(err.message, ESA_ENV_TOKEN));
    text[ESA_TOKEN_MAX] = '\0';
    assert_int_equal(make(&credential, &environment, &err), CP_OK);
    esa_credential_free(credential);
    text[ESA_TOKEN_MAX] = 'a';
    environment = (struct environment){text, "SK", NULL};
    assert_int_equal(make(&credential, &environment, &err), CP_ERR_USAGE);
    environment = (struct environment){"AK", text, NULL};
    assert_int_equal(make(&credential, &environment, &err), CP_ERR_USAGE);
    test_free(text);
}

static void test_process_environment(void **state) {
    (void)state;
    struct esa_credential *credential = NULL;
    assert_int_equal(setenv(ESA_ENV_KEY_ID, "processAK", 1), 0);
    assert_int_equal(setenv(ESA_ENV_KEY_SECRET, "processSK", 1), 0);
    assert_int_equal(unsetenv(ESA_ENV_TOKEN), 0);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_int_equal(setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true", 1), 0);
    assert_int_equal(esa_credential_new(&credential, NULL, NULL), CP_OK);
    assert_string_equal(esa_credential_key_id(credential), "processAK");
    esa_credential_free(credential);
    assert_int_equal(unsetenv(ESA_ENV_KEY_ID), 0);
    assert_int_equal(unsetenv(ESA_ENV_KEY_SECRET), 0);
    assert_int_equal(esa_credential_new(&credential, NULL, NULL), CP_ERR_USAGE);
}

/* Every provider is told of once, in the official order, and ours behind the environment. */
static void test_order(void **state) {
    static const char *const order[] = {
        "environment:",  "credentials-directory:", "oidc:", "profile:", "credentials-file:",
        "ecs-metadata:", "credentials-uri: "};
    struct variable nothing[] = {{NULL, NULL}};
    struct variable key[] = {{ESA_ENV_KEY_ID, "AK"}, {ESA_ENV_KEY_SECRET, "SK"}, {NULL, NULL}};
    struct variable half[] = {{ESA_ENV_KEY_ID, "AK"}, {NULL, NULL}};
    const struct {
        struct variable *variables;
        const char *ends; /* first letters: answered, absent, skipped, failed */
        const char *profile, *reason;
        enum cp_status status;
    } rows[] = {
        {nothing, "aaaaasa", NULL, "nothing is set; nobody is asked", CP_ERR_USAGE},
        {key, "assssss", NULL, "the first one answers", CP_OK},
        {half, "fssssss", NULL, "one that fails ends it", CP_ERR_USAGE},
        {key, "sssafss", "prod", "a profile was asked for, and there is none", CP_ERR_USAGE},
    };
    (void)state;
    for (size_t i = 0; i < NUM_OF(rows); i++) {
        struct esa_credential *credential = NULL;
        struct watched watched = {.text = ""};
        const struct esa_credential_options options = {.lookup = look_up,
                                                       .lookup_context = rows[i].variables,
                                                       .profile = rows[i].profile,
                                                       .local_only = true,
                                                       .watch = on_watch,
                                                       .watch_context = &watched};
        print_message("%s\n", rows[i].reason);
        assert_int_equal(esa_credential_new(&credential, &options, NULL), rows[i].status);
        assert_string_equal(watched.ends, rows[i].ends);
        const char *at = watched.text;
        for (size_t k = 0; k < NUM_OF(order); k++) {
            at = strstr(at, order[k]);
            assert_non_null(at);
        }
        esa_credential_free(credential);
    }
}

static void test_bearer(void **state) {
    (void)state;
    struct esa_credential credential;
    struct cp_error err = {0};
    assert_int_equal(esa_credential_init_bearer(&credential, "tok", "bearer", &err), CP_OK);
    assert_int_equal(credential.kind, ESA_CREDENTIAL_BEARER);
    assert_int_equal(credential.token.len, 3);
    esa_credential_cleanup(&credential);
    assert_int_equal(esa_credential_init_bearer(&credential, "a\nb", "bearer", &err), CP_ERR_USAGE);
    assert_int_equal(esa_credential_init_bearer(&credential, "", "bearer", &err), CP_ERR_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_process_environment),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_bearer),
    };
    return cmocka_run_group_tests_name("credential", tests, NULL, NULL);
}
