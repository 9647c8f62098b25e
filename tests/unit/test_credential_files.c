/* credentials that stand in files: $CREDENTIALS_DIRECTORY, config.json, the ini file; and which
 * files are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "credential_env.h"

static char directory[64];

static const char *in_directory(char out[160], const char *name) {
    (void)snprintf(out, 160, "%s/%s", directory, name);
    return out;
}

static void put_file(const char *name, const char *text, size_t len, mode_t mode) {
    char path[160];
    (void)unlink(in_directory(path, name));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static int set_up(void **state) {
    (void)state;
    (void)strcpy(directory, "test_credential_files_XXXXXX");
    return mkdtemp(directory) == NULL ? -1 : 0;
}

static const char *const names[] = {"config.json",
                                    "credentials",
                                    "alibaba-cloud-access-key-id",
                                    "alibaba-cloud-access-key-secret",
                                    "alibaba-cloud-security-token",
                                    "link"};

static void remove_files(void) {
    char path[160];
    for (size_t i = 0; i < NUM_OF(names); i++)
        (void)unlink(in_directory(path, names[i]));
}

static int tear_down(void **state) {
    (void)state;
    remove_files();
    return rmdir(directory);
}

/* Asks the chain; nobody is asked over the network. */
static enum cp_status ask(struct esa_credential **out, struct cp_error *err,
                          struct watched *watched, const char *variable, const char *name,
                          const char *profile) {
    char path[160];
    struct variable variables[] = {
        {variable, name[0] == '\0' ? directory : in_directory(path, name)}, {NULL, NULL}};
    const struct esa_credential_options options = {.lookup = look_up,
                                                   .lookup_context = variables,
                                                   .profile = profile,
                                                   .local_only = true,
                                                   .watch = on_watch,
                                                   .watch_context = watched};
    *err = (struct cp_error){CP_OK, 0, 0, ""};
    *watched = (struct watched){.text = ""};
    enum cp_status status = esa_credential_new(out, &options, err);
    assert_null(strstr(err->message, "canarySK")); /* no value is quoted */
    assert_null(strstr(watched->text, "canarySK"));
    return status;
}

/* ---- $CREDENTIALS_DIRECTORY ---- */

static const struct {
    const char *key_id, *secret, *token; /* NULL: no such file */
    mode_t mode;
    enum cp_status status;
    const char *says, *reason;
} directories[] = {
    {"AK\n", "canarySK\n", NULL, 0400, CP_OK, "", "line ends are taken off"},
    {"AK", "canarySK", "T", 0400, CP_OK, "", "a temporary key"},
    {"AK", "canarySK", NULL, 0440, CP_OK, "", "systemd gives access by a list: its mask shows"},
    {NULL, NULL, NULL, 0, CP_ERR_USAGE, "no credential", "others' credentials only"},
    {"AK", NULL, NULL, 0400, CP_ERR_USAGE, "access-key-secret", "half"},
    {NULL, "canarySK", NULL, 0400, CP_ERR_USAGE, "access-key-id", "half"},
    {NULL, NULL, "T", 0400, CP_ERR_USAGE, "access-key-id", "half"},
    {"AK", "canarySK", NULL, 0444, CP_ERR_USAGE, "chmod 0600", "readable for all"},
    {"AK", "canarySK", NULL, 0460, CP_ERR_USAGE, "chmod 0600", "writable for the group"},
    {"AK", "canary SK", NULL, 0400, CP_ERR_USAGE, "space", "a space"},
    {"AK", "", NULL, 0400, CP_ERR_USAGE, "is empty", "an empty file"},
    {"AK\r\nX: y", "canarySK", NULL, 0400, CP_ERR_USAGE, "line end", "injection"},
};

static void put_optional(const char *name, const char *text, mode_t mode) {
    if (text != NULL)
        put_file(name, text, strlen(text), mode);
}

static void test_directory(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(directories); i++) {
        struct esa_credential *credential = NULL;
        struct watched watched;
        struct cp_error err;
        print_message("%s\n", directories[i].reason);
        remove_files();
        put_optional(names[2], directories[i].key_id, directories[i].mode);
        put_optional(names[3], directories[i].secret, directories[i].mode);
        put_optional(names[4], directories[i].token, directories[i].mode);
        assert_int_equal(ask(&credential, &err, &watched, "CREDENTIALS_DIRECTORY", "", NULL),
                         directories[i].status);
        assert_non_null(strstr(err.message, directories[i].says));
        if (directories[i].status == CP_OK) {
            assert_string_equal(credential->key_id, "AK");
            assert_string_equal((const char *)credential->secret.data, "canarySK");
            assert_string_equal(esa_credential_source(credential), "credentials-directory");
            assert_int_equal(esa_credential_is_temporary(credential), directories[i].token != NULL);
        }
        esa_credential_free(credential);
    }
    remove_files();
    put_file(names[2], "A\0K", 3, 0400);
    put_file(names[3], "canarySK", 8, 0400);
    struct esa_credential *credential = NULL;
    struct watched watched;
    struct cp_error err;
    assert_int_equal(ask(&credential, &err, &watched, "CREDENTIALS_DIRECTORY", "", NULL),
                     CP_ERR_USAGE);
    assert_non_null(strstr(err.message, "NUL"));
}

/* ---- config.json ---- */

#define AK "\"access_key_id\": \"AK\", \"access_key_secret\": \"canarySK\""
#define ONE(profile) "{\"current\": \"p\", \"profiles\": [{\"name\": \"p\", " profile "}]}"

static const struct {
    const char *text, *profile;
    enum cp_status status;
    const char *says; /* of the message; if CP_OK the source */
    const char *reason;
} configs[] = {
    {ONE("\"mode\": \"AK\", " AK), NULL, CP_OK, "profile: p (AK)", "a plain key"},
    {ONE("\"mode\": \"ak\", " AK), NULL, CP_OK, "profile: p (ak)", "modes have no case"},
    {ONE("\"mode\": \"AK\", \"expired_seconds\": 900, \"verified\": {\"a\": [1]}, " AK), NULL,
     CP_OK, "profile: p (AK)", "members of others are passed over"},
    {ONE("\"mode\": \"AK\", \"access_key_id\": \"\\u0041K\", \"access_key_secret\": "
         "\"canary\\u0053K\""),
     NULL, CP_OK, "profile: p (AK)", "escapes are resolved"},
    {ONE("\"mode\": \"StsToken\", \"sts_token\": \"T\", " AK), NULL, CP_OK, "profile: p (StsToken)",
     "a temporary key"},
    {"{\"profiles\": [{\"name\": \"default\", \"mode\": \"AK\", " AK "}]}", NULL, CP_OK,
     "profile: default (AK)", "no current: default"},
    {"{\"current\": \"a\", \"profiles\": [{\"name\": \"a\"}, {\"name\": \"b\", \"mode\": "
     "\"AK\", " AK "}]}",
     "b", CP_OK, "profile: b (AK)", "the profile that was asked for"},
    {ONE("\"mode\": \"AK\", " AK), "q", CP_ERR_USAGE, "no file has the profile 'q'",
     "one that is not there"},
    {"{\"current\": \"x\", \"profiles\": [{\"name\": \"p\"}]}", NULL, CP_ERR_USAGE,
     "current names 'x'", "current leads nowhere"},
    {ONE("\"mode\": \"\""), NULL, CP_ERR_USAGE, "mode is not set", "not configured yet"},
    {ONE("\"access_key_id\": \"AK\""), NULL, CP_ERR_USAGE, "mode is not set", "no mode"},
    {ONE("\"mode\": \"AK\", \"access_key_id\": \"AK\""), NULL, CP_ERR_USAGE,
     "access_key_secret is not set", "half"},
    {ONE("\"mode\": \"StsToken\", " AK), NULL, CP_ERR_USAGE, "sts_token is not set", "no token"},
    {ONE("\"mode\": \"AK\", \"access_key_id\": \"A\\r\\nK\", \"access_key_secret\": \"canarySK\""),
     NULL, CP_ERR_USAGE, "line end", "injection"},
    {ONE("\"mode\": \"AK\", \"access_key_id\": \"A\\u0000K\", \"access_key_secret\": \"s\""), NULL,
     CP_ERR_USAGE, "access_key_id is not one word", "a NUL"},
    {ONE("\"mode\": \"AK\", \"access_key_id\": [\"AK\"], \"access_key_secret\": \"s\""), NULL,
     CP_ERR_USAGE, "access_key_id is not one word", "an array"},
    {ONE("\"mode\": \"AK\", \"access_key_id\": \"B\", " AK), NULL, CP_ERR_USAGE,
     "access_key_id is not one word", "a member twice"},
    {"{\"current\": \"p\", \"profiles\": [{\"name\": \"p\", \"mode\": \"AK\", " AK
     "}, {\"name\": \"p\", \"mode\": \"AK\"}]}",
     NULL, CP_ERR_USAGE, "2 profiles are named 'p'", "a name twice"},
    {ONE("\"mode\": \"CloudSSO\", " AK), NULL, CP_ERR_USAGE, "mode 'CloudSSO' is not supported",
     "named, and refused"},
    {ONE("\"mode\": \"RsaKeyPair\""), NULL, CP_ERR_USAGE, "mode 'RsaKeyPair' is not supported",
     "named, and refused"},
    {ONE("\"mode\": \"OAuth\""), NULL, CP_ERR_USAGE, "mode 'OAuth' is not supported",
     "named, and refused"},
    {ONE("\"mode\": \"RamRoleArn\", " AK), NULL, CP_ERR_USAGE, "ram_role_arn is not set",
     "no role"},
    {ONE("\"mode\": \"RamRoleArn\", \"ram_role_arn\": \"acs:ram::1:role/r\", " AK), NULL,
     CP_ERR_USAGE, "STS would have to be asked", "nobody is to be asked"},
    {ONE("\"mode\": \"RamRoleArn\", \"ram_role_arn\": \"a\", \"expired_seconds\": 60, " AK), NULL,
     CP_ERR_USAGE, "want 900 to 43200", "a short session"},
    {ONE("\"mode\": \"RamRoleArn\", \"ram_role_arn\": \"a\", \"expired_seconds\": 1e9, " AK), NULL,
     CP_ERR_USAGE, "no number of seconds", "a number of another kind"},
    {ONE("\"mode\": \"RamRoleArn\", \"ram_role_arn\": \"a\", \"ram_session_name\": \"a b\", " AK),
     NULL, CP_ERR_USAGE, "role session name", "a session's name with a space"},
    {ONE("\"mode\": \"ChainableRamRoleArn\", \"ram_role_arn\": \"a\""), NULL, CP_ERR_USAGE,
     "source_profile is not set", "no source"},
    {ONE("\"mode\": \"ChainableRamRoleArn\", \"ram_role_arn\": \"a\", \"source_profile\": \"p\""),
     NULL, CP_ERR_USAGE, "back to where it came from", "itself"},
    {ONE("\"mode\": \"ChainableRamRoleArn\", \"ram_role_arn\": \"a\", \"source_profile\": \"q\""),
     NULL, CP_ERR_USAGE, "names 'q', which is not there", "a source that is not there"},
    {"{\"current\": \"a\", \"profiles\": ["
     "{\"name\": \"a\", \"mode\": \"ChainableRamRoleArn\", \"ram_role_arn\": \"r\", "
     "\"source_profile\": \"b\"},"
     "{\"name\": \"b\", \"mode\": \"ChainableRamRoleArn\", \"ram_role_arn\": \"r\", "
     "\"source_profile\": \"a\"}]}",
     NULL, CP_ERR_USAGE, "back to where it came from", "two in a loop"},
    {ONE("\"mode\": \"EcsRamRole\", \"ram_role_name\": \"../x\""), NULL, CP_ERR_USAGE,
     "role's name", "a role that leads elsewhere"},
    {ONE("\"mode\": \"External\""), NULL, CP_ERR_USAGE, "process_command is not set", "no command"},
    {ONE("\"mode\": \"CredentialsURI\""), NULL, CP_ERR_USAGE, "credentials_uri is not set",
     "no URI"},
    {ONE("\"mode\": \"OIDC\", \"ram_role_arn\": \"a\""), NULL, CP_ERR_USAGE,
     "oidc_provider_arn is not set", "half of OIDC"},
    {"", NULL, CP_ERR_USAGE, "not one JSON object", "an empty file"},
    {"{", NULL, CP_ERR_USAGE, "not one JSON object", "cut"},
    {"{\"profiles\": []} canarySK", NULL, CP_ERR_USAGE, "not one JSON object", "text behind it"},
    {"{\"profiles\": {}}", NULL, CP_ERR_USAGE, "want {", "no array"},
    {"{\"current\": \"p\", \"profiles\": [\"canarySK\"]}", NULL, CP_ERR_USAGE, "want {",
     "no objects"},
    {"{\"current\": 1, \"profiles\": []}", NULL, CP_ERR_USAGE, "want {", "no name"},
};

static void test_config(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(configs); i++) {
        struct esa_credential *credential = NULL;
        struct watched watched;
        struct cp_error err;
        print_message("%s\n", configs[i].reason);
        remove_files();
        put_file(names[0], configs[i].text, strlen(configs[i].text), 0600);
        enum cp_status status = ask(&credential, &err, &watched, "ALIBABA_CLOUD_CONFIG_FILE",
                                    names[0], configs[i].profile);
        if (status != configs[i].status)
            print_message("  %s\n", err.message);
        assert_int_equal(status, configs[i].status);
        if (status == CP_OK) {
            assert_string_equal(esa_credential_source(credential), configs[i].says);
            assert_string_equal(credential->key_id, "AK");
            assert_string_equal((const char *)credential->secret.data, "canarySK");
        } else if (strstr(err.message, configs[i].says) == NULL) {
            fail_msg("'%s' does not say '%s'", err.message, configs[i].says);
        }
        esa_credential_free(credential);
    }
}

/* ---- the ini file ---- */

#define INI_KEYS "access_key_id = AK\naccess_key_secret = canarySK\n"

static const struct {
    const char *text, *profile;
    enum cp_status status;
    const char *says, *reason;
} inis[] = {
    {"[default]\ntype = access_key\n" INI_KEYS, NULL, CP_OK,
     "credentials-file: default (access_key)", "a plain key"},
    {"\xEF\xBB\xBF# c\r\n; c\r\n\r\n [ default ] \r\n type=access_key ; c\r\naccess_key_id:AK # "
     "c\r\naccess_key_secret = \"canarySK\" # c",
     NULL, CP_OK, "credentials-file: default (access_key)", "every form, and no last line end"},
    {"[default]\nenable = x\n[q]\ntype = access_key\n" INI_KEYS, "q", CP_OK,
     "credentials-file: q (access_key)", "the profile that was asked for"},
    {"[default]\ntype = access_key\n" INI_KEYS, "q", CP_ERR_USAGE, "no file has the profile 'q'",
     "one that is not there"},
    {"[other]\ntype = access_key\n" INI_KEYS, NULL, CP_ERR_USAGE, "no credential", "no default"},
    {"[default]\n" INI_KEYS, NULL, CP_ERR_USAGE, "type is not set", "no type"},
    {"[default]\ntype = access_key\naccess_key_id = AK\n", NULL, CP_ERR_USAGE,
     "access_key_secret is not set", "half"},
    {"[default]\ntype = rsa_key_pair\n" INI_KEYS, NULL, CP_ERR_USAGE,
     "type 'rsa_key_pair' is not supported", "named, and refused"},
    {"[default]\ntype = AK\n" INI_KEYS, NULL, CP_ERR_USAGE, "type 'AK' is not supported",
     "the other file's word"},
    {"[default]\ntype = ram_role_arn\n" INI_KEYS, NULL, CP_ERR_USAGE, "role_arn is not set",
     "no role"},
    {"[default]\ntype = ram_role_arn\nrole_arn = a\n" INI_KEYS, NULL, CP_ERR_USAGE,
     "STS would have to be asked", "nobody is to be asked"},
    {"[default]\ntype = access_key\n" INI_KEYS "[default]\n", NULL, CP_ERR_USAGE,
     ":5: the section is there twice", "a section twice"},
    {"[default]\ntype = access_key\ntype = access_key\n" INI_KEYS, NULL, CP_ERR_USAGE,
     ":3: it is there twice", "a name twice"},
    {"[default\n", NULL, CP_ERR_USAGE, ":1: want [SECTION]", "no section"},
    {"[default]\ncanarySK\n", NULL, CP_ERR_USAGE, ":2: want NAME = VALUE", "no pair"},
    {"[default]\ntype = access_key\naccess_key_id = A K\naccess_key_secret = canarySK\n", NULL,
     CP_ERR_USAGE, "space", "a space"},
};

static void test_ini(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(inis); i++) {
        struct esa_credential *credential = NULL;
        struct watched watched;
        struct cp_error err;
        print_message("%s\n", inis[i].reason);
        remove_files();
        put_file(names[1], inis[i].text, strlen(inis[i].text), 0600);
        enum cp_status status = ask(&credential, &err, &watched, "ALIBABA_CLOUD_CREDENTIALS_FILE",
                                    names[1], inis[i].profile);
        if (status == CP_OK) {
            assert_string_equal(esa_credential_source(credential), inis[i].says);
            assert_string_equal(credential->key_id, "AK");
            assert_string_equal((const char *)credential->secret.data, "canarySK");
        } else if (strstr(err.message, inis[i].says) == NULL) {
            fail_msg("'%s' does not say '%s'", err.message, inis[i].says);
        }
        assert_int_equal(status, inis[i].status);
        esa_credential_free(credential);
    }
}

/* A value that libinih would take apart at 200 bytes. */
static void test_long_line(void **state) {
    char text[8 * 1024];
    struct esa_credential *credential = NULL;
    struct watched watched;
    struct cp_error err;
    (void)state;
    int len =
        snprintf(text, sizeof(text),
                 "[default]\ntype = access_key\npolicy = %0600d\n" INI_KEYS "x = %03000d\n", 0, 0);
    remove_files();
    put_file(names[1], text, (size_t)len, 0600);
    assert_int_equal(
        ask(&credential, &err, &watched, "ALIBABA_CLOUD_CREDENTIALS_FILE", names[1], NULL), CP_OK);
    esa_credential_free(credential);
}

/* ---- which files ---- */

static const struct {
    mode_t mode;
    enum cp_status status;
    const char *reason;
} file_modes[] = {
    {0600, CP_OK, "its user's"},
    {0400, CP_OK, "its user's, not to be written"},
    {0640, CP_ERR_USAGE, "a group's"},
    {0604, CP_ERR_USAGE, "everybody's"},
    {0620, CP_ERR_USAGE, "a group could put a command there"},
    {0606, CP_ERR_USAGE, "everybody could put a command there"},
};

static void test_modes(void **state) {
    static const char config[] = ONE("\"mode\": \"AK\", " AK);
    static const char ini[] = "[default]\ntype = access_key\n" INI_KEYS;
    struct esa_credential *credential = NULL;
    struct watched watched;
    struct cp_error err;
    (void)state;
    for (size_t i = 0; i < NUM_OF(file_modes); i++) {
        print_message("%s\n", file_modes[i].reason);
        put_file(names[0], config, strlen(config), file_modes[i].mode);
        assert_int_equal(
            ask(&credential, &err, &watched, "ALIBABA_CLOUD_CONFIG_FILE", names[0], NULL),
            file_modes[i].status);
        assert_true(file_modes[i].status == CP_OK || strstr(err.message, "chmod 0600") != NULL);
        esa_credential_free(credential);
        credential = NULL;
        put_file(names[1], ini, strlen(ini), file_modes[i].mode);
        assert_int_equal(
            ask(&credential, &err, &watched, "ALIBABA_CLOUD_CREDENTIALS_FILE", names[1], NULL),
            file_modes[i].status);
        esa_credential_free(credential);
        credential = NULL;
    }
}

static void test_kinds(void **state) {
    static const char config[] = ONE("\"mode\": \"AK\", " AK);
    char path[160];
    static char large[300 * 1024];
    struct esa_credential *credential = NULL;
    struct watched watched;
    struct cp_error err;
    (void)state;
    remove_files();
    put_file(names[0], config, strlen(config), 0600);
    assert_int_equal(symlink(names[0], in_directory(path, "link")), 0);
    assert_int_equal(ask(&credential, &err, &watched, "ALIBABA_CLOUD_CONFIG_FILE", "link", NULL),
                     CP_OK); /* dotfiles are often links */
    esa_credential_free(credential);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0); /* to open it would wait for ever */
    assert_int_equal(ask(&credential, &err, &watched, "ALIBABA_CLOUD_CONFIG_FILE", "link", NULL),
                     CP_ERR_IO);
    assert_non_null(strstr(err.message, "no regular file"));
    assert_int_equal(ask(&credential, &err, &watched, "ALIBABA_CLOUD_CONFIG_FILE", "", NULL),
                     CP_ERR_IO); /* a directory */
    assert_int_equal(ask(&credential, &err, &watched, "ALIBABA_CLOUD_CONFIG_FILE", "no", NULL),
                     CP_ERR_USAGE);
    assert_non_null(strstr(watched.text, "profile: absent"));
    memset(large, ' ', sizeof(large));
    put_file(names[0], large, sizeof(large), 0600);
    assert_int_equal(ask(&credential, &err, &watched, "ALIBABA_CLOUD_CONFIG_FILE", names[0], NULL),
                     CP_ERR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_directory), cmocka_unit_test(test_config),
        cmocka_unit_test(test_ini),       cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_modes),     cmocka_unit_test(test_kinds),
    };
    return cmocka_run_group_tests_name("credential_files", tests, set_up, tear_down);
}
