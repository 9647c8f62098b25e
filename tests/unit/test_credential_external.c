/* external commands: how they are split, run, bounded and ended. The commands are real scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "apiclient/credentials/sources.h"
#include "credential_env.h"

/* ---- words ---- */

static const struct {
    const char *command;
    size_t num;
    const char *words; /* joined with "|"; or why */
    const char *reason;
} splits[] = {
    {"a", 1, "a", "one word"},
    {"  a \t b\nc  ", 3, "a|b|c", "blanks"},
    {"a 'b c' d", 3, "a|b c|d", "single quotes"},
    {"a \"b c\" d", 3, "a|b c|d", "double quotes"},
    {"a'b'\"c\"d", 1, "abcd", "quotes within a word"},
    {"a ''", 2, "a|", "an empty word is a word"},
    {"a\\ b", 1, "a b", "an escaped blank"},
    {"'a\\ b'", 1, "a\\ b", "no escape in single quotes"},
    {"\"a\\\"b\\\\c\\$d\\`e\\xf\"", 1, "a\"b\\c$d`e\\xf", "the escapes of double quotes"},
    {"a $HOME `b` $(c) ; d > e | f & *", 12, "a|$HOME|`b`|$(c)|;|d|>|e|||f|&|*",
     "nothing is expanded, redirected or piped"},
    {"", 0, "it is empty", "nothing"},
    {" \n ", 0, "it is empty", "blanks alone"},
    {"a 'b", 0, "a quote stays open", "open single quote"},
    {"a \"b", 0, "a quote stays open", "open double quote"},
    {"a \"b\\", 0, "a quote stays open", "a backslash at the end, within quotes"},
    {"a \\", 0, "a backslash stands at the end", "a backslash at the end"},
};

static void test_split(void **state) {
    char store[ESA_EXTERNAL_MAX_COMMAND + 1], joined[512], command[ESA_EXTERNAL_MAX_COMMAND + 2];
    char *words[ESA_EXTERNAL_MAX_ARGS + 1];
    const char *why;
    (void)state;
    for (size_t i = 0; i < NUM_OF(splits); i++) {
        print_message("%s\n", splits[i].reason);
        size_t num = esa_command_split(words, store, splits[i].command, &why);
        assert_int_equal(num, splits[i].num);
        joined[0] = '\0';
        for (size_t k = 0; k < num; k++)
            (void)snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), "%s%s",
                           k == 0 ? "" : "|", words[k]);
        assert_string_equal(num == 0 ? why : joined, splits[i].words);
        if (num != 0)
            assert_null(words[num]);
    }
    memset(command, 'a', sizeof(command));
    command[ESA_EXTERNAL_MAX_COMMAND + 1] = '\0';
    assert_int_equal(esa_command_split(words, store, command, &why), 0);
    command[ESA_EXTERNAL_MAX_COMMAND] = '\0';
    assert_int_equal(esa_command_split(words, store, command, &why), 1);
    for (size_t i = 0; i < 2 * ESA_EXTERNAL_MAX_ARGS; i++)
        command[i] = i % 2 == 0 ? 'a' : ' ';
    command[2 * ESA_EXTERNAL_MAX_ARGS] = '\0';
    assert_int_equal(esa_command_split(words, store, command, &why), ESA_EXTERNAL_MAX_ARGS);
    command[2 * ESA_EXTERNAL_MAX_ARGS] = 'a';
    command[2 * ESA_EXTERNAL_MAX_ARGS + 1] = '\0';
    assert_int_equal(esa_command_split(words, store, command, &why), 0);
    assert_non_null(strstr(why, "64 words"));
}

/* ---- running ---- */

static char script[64], mark[64];

static int set_up(void **state) {
    (void)state;
    (void)strcpy(script, "./test_credential_script_XXXXXX");
    (void)strcpy(mark, "./test_credential_mark_XXXXXX");
    int fd = mkstemp(script), mark_fd = mkstemp(mark);
    if (fd < 0 || mark_fd < 0)
        return -1;
    (void)close(fd);
    (void)close(mark_fd);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    (void)unlink(script);
    (void)unlink(mark);
    return 0;
}

static void write_script(const char *body) {
    FILE *file = fopen(script, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", body);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(script, 0700), 0);
}

static void read_mark(char out[256]) {
    FILE *file = fopen(mark, "r");
    assert_non_null(file);
    size_t len = fread(out, 1, 255, file);
    (void)fclose(file);
    out[len] = '\0';
}

#define GOOD "\"access_key_id\": \"AK\", \"access_key_secret\": \"canarySK\""

static const struct {
    const char *body;
    enum cp_status status;
    const char *says, *reason;
} runs[] = {
    {"echo '{\"mode\": \"AK\", " GOOD "}'", CP_OK, "", "a plain key"},
    {"echo '{" GOOD "}'", CP_OK, "", "no mode, as the official library takes it"},
    {"echo '{\"mode\": \"StsToken\", " GOOD
     ", \"sts_token\": \"T\", \"expiration\": \"2100-01-01T00:00:00Z\"}'",
     CP_OK, "", "a temporary key"},
    {"echo '{\"mode\": \"AK\", " GOOD "}'; echo canarySK >&2", CP_OK, "",
     "what it says on standard error is dropped"},
    {"read x || echo '{\"mode\": \"AK\", " GOOD "}'", CP_OK, "", "nothing is on standard input"},
    {"echo '{\"mode\": \"StsToken\", " GOOD "}'", CP_ERR_USAGE, "has no sts_token", "no token"},
    {"echo '{\"mode\": \"RamRoleArn\", " GOOD "}'", CP_ERR_USAGE, "another mode", "another mode"},
    {"echo '{\"mode\": \"AK\", \"access_key_id\": \"AK\"}'", CP_ERR_USAGE, "no access_key_secret",
     "half"},
    {"printf %s '{\"mode\": \"AK\", \"access_key_id\": \"A\\nK\", \"access_key_secret\": \"s\"}'",
     CP_ERR_USAGE, "line end", "injection"},
    {"echo '{" GOOD ", \"expiration\": \"tomorrow\"}'", CP_ERR_USAGE, "no time like",
     "an end that can't be read"},
    {"echo canarySK", CP_ERR_USAGE, "no JSON object", "no JSON"},
    {"echo '{" GOOD "} canarySK'", CP_ERR_USAGE, "no JSON object", "text behind it"},
    {":", CP_ERR_USAGE, "no JSON object", "nothing"},
    {"echo canarySK; exit 7", CP_ERR_NETWORK, "exit code 7", "it fails"},
    {"kill -9 $$", CP_ERR_NETWORK, "signal 9", "it is killed"},
    {"head -c 70000 /dev/zero", CP_ERR_NETWORK, "over 65536 bytes", "too much"},
    {"yes canarySK", CP_ERR_NETWORK, "over 65536 bytes", "endless"},
};

static void test_run(void **state) {
    struct variable nothing[] = {{NULL, NULL}};
    const struct esa_chain chain = {.lookup = look_up, .lookup_context = nothing};
    (void)state;
    for (size_t i = 0; i < NUM_OF(runs); i++) {
        struct esa_credential credential = {0};
        struct cp_error err = {0};
        print_message("%s\n", runs[i].reason);
        write_script(runs[i].body);
        assert_int_equal(esa_external_fetch(&credential, script, &chain, &err), runs[i].status);
        if (strstr(err.message, runs[i].says) == NULL)
            fail_msg("'%s' does not say '%s'", err.message, runs[i].says);
        assert_null(strstr(err.message, "canarySK"));
        if (runs[i].status == CP_OK)
            assert_string_equal((const char *)credential.secret.data, "canarySK");
        esa_credential_cleanup(&credential);
    }
}

static void test_no_program(void **state) {
    const struct esa_chain chain = {.lookup = look_up};
    struct esa_credential credential = {0};
    struct cp_error err = {0};
    (void)state;
    assert_int_equal(esa_external_fetch(&credential, "./no-such-program canarySK", &chain, &err),
                     CP_ERR_USAGE);
    assert_non_null(strstr(err.message, "can't be run"));
    assert_null(strstr(err.message, "canarySK")); /* arguments may hold a secret */
    assert_int_equal(esa_external_fetch(&credential, "'a", &chain, &err), CP_ERR_USAGE);
    const struct esa_chain local = {.lookup = look_up, .local_only = true};
    assert_int_equal(esa_external_fetch(&credential, script, &local, &err), CP_ERR_USAGE);
}

/* Arguments come as they are, in no shell. */
static void test_arguments(void **state) {
    const struct esa_chain chain = {.lookup = look_up};
    struct esa_credential credential = {0};
    char command[256], told[256];
    (void)state;
    write_script("printf '%s|' \"$@\" >\"$1\"; echo '{" GOOD "}'");
    (void)snprintf(command, sizeof(command), "%s %s 'a b' '$HOME;id' ''", script, mark);
    assert_int_equal(esa_external_fetch(&credential, command, &chain, NULL), CP_OK);
    read_mark(told);
    assert_non_null(strstr(told, "|a b|$HOME;id||"));
    esa_credential_cleanup(&credential);
}

/* This program's own keys are not in the command's environment; what it needs is. */
static void test_environment(void **state) {
    const struct esa_chain chain = {.lookup = look_up};
    struct esa_credential credential = {0};
    char command[256], told[256];
    (void)state;
    assert_int_equal(setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "canarySK", 1), 0);
    assert_int_equal(setenv("ALIBABACLOUD_SECURITY_TOKEN", "canarySK", 1), 0);
    assert_int_equal(setenv("ALICLOUD_ACCESS_KEY", "canarySK", 1), 0);
    assert_int_equal(setenv("VAULT_TOKEN", "its-own", 1), 0);
    write_script("{ env | grep -c canary; echo \"$VAULT_TOKEN\"; } >\"$1\"; echo '{" GOOD "}'");
    (void)snprintf(command, sizeof(command), "%s %s", script, mark);
    assert_int_equal(esa_external_fetch(&credential, command, &chain, NULL), CP_OK);
    read_mark(told);
    assert_string_equal(told, "0\nits-own\n");
    esa_credential_cleanup(&credential);
    assert_int_equal(unsetenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET"), 0);
    assert_int_equal(unsetenv("ALIBABACLOUD_SECURITY_TOKEN"), 0);
    assert_int_equal(unsetenv("ALICLOUD_ACCESS_KEY"), 0);
}

static double seconds_since(const struct timespec *start) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

/* Gone, or a zombie that nobody has reaped yet: not running either way. */
static bool is_running(long pid) {
    char path[64], text[256] = "";
    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    text[len] = '\0';
    const char *end = strrchr(text, ')');
    return end != NULL && end[1] != '\0' && end[2] != 'Z';
}

static const struct {
    const char *body;
    enum cp_status status;
    const char *reason;
} hangs[] = {
    {"sleep 30", CP_ERR_NETWORK, "it hangs"},
    {"exec >&-; sleep 30", CP_ERR_NETWORK, "it closes its output and hangs"},
    {"trap '' TERM INT; sleep 30", CP_ERR_NETWORK, "it will not be ended"},
    {"sleep 30 & echo $! >\"$1\"", CP_ERR_NETWORK, "a child of its own holds the output"},
    {"sleep 30 >&- & echo $! >\"$1\"; echo '{}'", CP_OK, "it leaves a child behind"},
};

static void test_group(void **state) {
    const struct esa_chain chain = {.lookup = look_up};
    (void)state;
    for (size_t i = 0; i < NUM_OF(hangs); i++) {
        char told[256], *words[] = {script, mark, NULL};
        struct cp_secret output = {0};
        struct cp_error err = {0};
        struct timespec start;
        print_message("%s\n", hangs[i].reason);
        write_script(hangs[i].body);
        (void)clock_gettime(CLOCK_MONOTONIC, &start);
        assert_int_equal(esa_external_run(&output, words, 700, &chain, &err), hangs[i].status);
        assert_true(seconds_since(&start) < 10);
        if (hangs[i].status != CP_OK)
            assert_non_null(strstr(err.message, "in time"));
        read_mark(told);
        long pid = strtol(told, NULL, 10);
        for (int tries = 0; tries < 50 && pid > 0 && is_running(pid); tries++)
            (void)nanosleep(&(struct timespec){.tv_nsec = 20000000L}, NULL);
        assert_false(pid > 0 && is_running(pid)); /* the group was killed */
        cp_secret_cleanup(&output);
    }
}

/* Where nobody can see how it ended, what it printed does not count; and nobody else is killed. */
static void test_ignored_child(void **state) {
    const struct esa_chain chain = {.lookup = look_up};
    char *words[] = {script, NULL};
    struct cp_secret output = {0};
    struct cp_error err = {0};
    (void)state;
    write_script("echo '{" GOOD "}'");
    assert_true(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    enum cp_status status = esa_external_run(&output, words, 30000, &chain, &err);
    assert_true(signal(SIGCHLD, SIG_DFL) != SIG_ERR);
    assert_int_equal(status, CP_ERR_IO);
    assert_non_null(strstr(err.message, "SIGCHLD"));
    assert_null(output.data);
}

static int num_asked;

/* Late enough for a command to have closed its output. */
static bool after_a_while(void *context) {
    (void)context;
    return ++num_asked > 10;
}

static void test_cancel(void **state) {
    const struct esa_chain chain = {.lookup = look_up, .cancel = after_a_while};
    char *words[] = {script, NULL};
    static const char *const bodies[] = {"sleep 30", "exec >&-; sleep 30"};
    struct timespec start;
    (void)state;
    for (size_t i = 0; i < NUM_OF(bodies); i++) {
        struct cp_secret output = {0};
        struct cp_error err = {0};
        num_asked = 0;
        write_script(bodies[i]);
        (void)clock_gettime(CLOCK_MONOTONIC, &start);
        assert_int_equal(esa_external_run(&output, words, 30000, &chain, &err), CP_ERR_NETWORK);
        assert_non_null(strstr(err.message, "cancelled"));
        assert_true(seconds_since(&start) < 5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split),       cmocka_unit_test(test_run),
        cmocka_unit_test(test_no_program),  cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_environment), cmocka_unit_test(test_group),
        cmocka_unit_test(test_cancel),      cmocka_unit_test(test_ignored_child),
    };
    return cmocka_run_group_tests_name("credential_external", tests, set_up, tear_down);
}
