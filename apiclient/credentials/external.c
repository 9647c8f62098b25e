/* external: a command that prints a key. */
#define _GNU_SOURCE /* pipe2, environ */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "keys.h"
#include "sources.h"

#define SLICE_MS 100 /* how often a cancel and the end of the process are looked for */

static int64_t monotonic_ms(void) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A variable of the environment that holds a key of this program. */
static bool is_ours(const char *variable) {
    static const char *const prefixes[] = {"ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_", ""};
    static const char *const names[] = {"ACCESS_KEY_ID=", "ACCESS_KEY_SECRET=", "ACCESS_KEY=",
                                        "SECRET_KEY=",    "SECURITY_TOKEN=",    "BEARER_TOKEN="};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t len = strlen(prefixes[i]);
        if (strncmp(variable, prefixes[i], len) != 0)
            continue;
        for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
            if (strncmp(variable + len, names[k], strlen(names[k])) == 0)
                return true;
    }
    return false;
}

/* The environment less what is ours; the array is to be freed, the texts are borrowed. */
static char **make_environment(void) {
    size_t num = 0, kept = 0;
    while (environ != NULL && environ[num] != NULL)
        num++;
    char **out = calloc(num + 1, sizeof(*out));
    for (size_t i = 0; out != NULL && i < num; i++)
        if (!is_ours(environ[i]))
            out[kept++] = environ[i];
    return out;
}

/* 0 or an errno. A group of its own; signals as a program expects to find them. */
static int spawn(pid_t *child, int output, char *const *words, char **environment) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, standard;
    (void)sigemptyset(&none);
    (void)sigemptyset(&standard);
    (void)sigaddset(&standard, SIGPIPE);
    (void)sigaddset(&standard, SIGINT);
    (void)sigaddset(&standard, SIGTERM);
    (void)sigaddset(&standard, SIGCHLD);
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    int code = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (code == 0) /* it may print what it was told in secret */
        code = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (code == 0)
        code = posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (code == 0)
        code = posix_spawnattr_setpgroup(&attributes, 0);
    if (code == 0)
        code = posix_spawnattr_setsigmask(&attributes, &none);
    if (code == 0)
        code = posix_spawnattr_setsigdefault(&attributes, &standard);
    if (code == 0)
        code = posix_spawnp(child, words[0], &actions, &attributes, words, environment);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return code;
}

static enum cp_status check_time(const char *name, int64_t end_ms, const struct esa_chain *chain,
                                 struct cp_error *err) {
    if (esa_chain_is_cancelled(chain))
        return cp_fail(err, CP_ERR_NETWORK, "%.100s: cancelled", name);
    if (monotonic_ms() >= end_ms)
        return cp_fail(err, CP_ERR_NETWORK, "%.100s: did not end in time", name);
    return CP_OK;
}

/* Reads to the end of what it prints. */
static enum cp_status read_output(struct cp_secret *output, int fd, const char *name,
                                  int64_t end_ms, const struct esa_chain *chain,
                                  struct cp_error *err) {
    for (;;) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        enum cp_status status = check_time(name, end_ms, chain, err);
        if (status != CP_OK)
            return status;
        if (poll(&poll_fd, 1, SLICE_MS) <= 0)
            continue;
        ssize_t got = read(fd, output->data + output->len, output->cap - output->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cp_fail(err, CP_ERR_IO, "%.100s: %s", name, strerror(errno));
        if (got == 0)
            return CP_OK;
        output->len += (size_t)got;
        if (output->len == output->cap)
            return cp_fail(err, CP_ERR_NETWORK, "%.100s: prints over %zu bytes", name,
                           ESA_EXTERNAL_MAX_OUTPUT);
    }
}

/* Waits for the process without reaping it: its number must stay its own until its group was
 * killed. */
static enum cp_status wait_for_end(pid_t child, const char *name, int64_t end_ms,
                                   const struct esa_chain *chain, struct cp_error *err) {
    const struct timespec slice = {.tv_nsec = SLICE_MS * 100000L};
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno != EINTR)
            return cp_fail(err, CP_ERR_IO,
                           "%.100s: its end can't be waited for; does this process ignore SIGCHLD?",
                           name);
        if (info.si_pid == child && info.si_code == CLD_EXITED && info.si_status == 0)
            return CP_OK;
        if (info.si_pid == child && info.si_code == CLD_EXITED)
            return cp_fail(err, CP_ERR_NETWORK, "%.100s: ended with exit code %d", name,
                           info.si_status);
        if (info.si_pid == child)
            return cp_fail(err, CP_ERR_NETWORK, "%.100s: was ended by signal %d", name,
                           info.si_status);
        enum cp_status status = check_time(name, end_ms, chain, err);
        if (status != CP_OK)
            return status;
        (void)nanosleep(&slice, NULL);
    }
}

/* False if it has been reaped already: its number may be that of another process by now. */
static bool is_ours_to_end(pid_t child) {
    siginfo_t info;
    return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno == EINTR;
}

enum cp_status esa_external_run(struct cp_secret *output, char *const *words, int64_t timeout_ms,
                                const struct esa_chain *chain, struct cp_error *err) {
    int64_t end_ms = monotonic_ms() + timeout_ms;
    int ends[2];
    pid_t child = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return cp_fail(err, CP_ERR_IO, "%.100s: %s", words[0], strerror(errno));
    char **environment = make_environment();
    enum cp_status status = environment == NULL
                                ? cp_fail(err, CP_ERR_MEMORY, "external command: out of memory")
                                : cp_secret_init(output, ESA_EXTERNAL_MAX_OUTPUT + 1, err);
    if (status == CP_OK) {
        int code = spawn(&child, ends[1], words, environment);
        if (code != 0)
            status =
                cp_fail(err, CP_ERR_USAGE, "%.100s: can't be run: %s", words[0], strerror(code));
    }
    (void)close(ends[1]);
    free(environment);
    if (status == CP_OK) {
        status = read_output(output, ends[0], words[0], end_ms, chain, err);
        if (status == CP_OK)
            status = wait_for_end(child, words[0], end_ms, chain, err);
        if (is_ours_to_end(child))
            (void)kill(-child, SIGKILL);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    (void)close(ends[0]);
    if (status != CP_OK)
        cp_secret_cleanup(output);
    return status;
}

enum cp_status esa_external_fetch(struct esa_credential *out, const char *command,
                                  const struct esa_chain *chain, struct cp_error *err) {
    static const struct esa_keys_form form = {.who = "external command",
                                              .key_id = "access_key_id",
                                              .secret = "access_key_secret",
                                              .token = "sts_token",
                                              .expiration = "expiration",
                                              .status = CP_ERR_USAGE};
    struct esa_member mode = {.name = "mode"};
    char store[ESA_EXTERNAL_MAX_COMMAND + 1];
    char *words[ESA_EXTERNAL_MAX_ARGS + 1];
    struct cp_secret output = {0};
    const char *why = NULL;
    enum cp_status status = esa_chain_may_ask(chain, "the external command", err);
    if (status != CP_OK)
        return status;
    if (esa_command_split(words, store, command, &why) == 0) {
        OPENSSL_cleanse(store, sizeof(store));
        return cp_fail(err, CP_ERR_USAGE, "process_command: %s", why);
    }
    status = esa_external_run(&output, words, ESA_EXTERNAL_TIMEOUT_MS, chain, err);
    if (status == CP_OK && !esa_json_members(&mode, 1, (const char *)output.data, output.len))
        status = cp_fail(err, CP_ERR_USAGE, "%.100s: what it prints is no JSON object", words[0]);
    bool is_sts =
        mode.kind == ESA_KIND_STRING && mode.raw_len == 8 && memcmp(mode.raw, "StsToken", 8) == 0;
    bool is_key =
        mode.kind == ESA_KIND_STRING && mode.raw_len == 2 && memcmp(mode.raw, "AK", 2) == 0;
    if (status == CP_OK && mode.count != 0 && (mode.count != 1 || (!is_sts && !is_key)))
        status = cp_fail(err, CP_ERR_USAGE, "%.100s: prints another mode than AK and StsToken",
                         words[0]);
    struct esa_keys_form wanted = form;
    wanted.needs_token = is_sts;
    if (status == CP_OK)
        status = esa_keys_read(out, &wanted, (const char *)output.data, output.len, err);
    cp_secret_cleanup(&output);
    OPENSSL_cleanse(store, sizeof(store)); /* a command may be given a secret */
    return status;
}
