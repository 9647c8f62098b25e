/* What hands out keys: the two configuration files, replies, commands. The first byte chooses; the
 * rest is the text. Files are given as memory files, so that the real readers read them. */
#define _GNU_SOURCE /* memfd_create */
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apiclient/credentials/chain.h"
#include "apiclient/credentials/keys.h"
#include "apiclient/credentials/sources.h"
#include "fuzz.h"

struct variables {
    const char *file_variable, *path;
};

static const char *look_up(void *context, const char *name) {
    const struct variables *v = context;
    return strcmp(name, v->file_variable) == 0 ? v->path : NULL;
}

static void on_watch(void *context, const char *provider, enum esa_provider_end end,
                     const char *why) {
    (void)context;
    (void)provider;
    (void)end;
    fuzz_is_shown_safely(why, strlen(why), false);
}

/* Nothing that could end a header or begin another is in a key. */
static void check(const struct esa_credential *credential) {
    FUZZ_ASSERT(credential->key_id[0] != '\0' && strchr(credential->key_id, ',') == NULL);
    for (const char *p = credential->key_id; *p != '\0'; p++)
        FUZZ_ASSERT(*p > ' ' && *p <= '~');
    FUZZ_ASSERT(credential->secret.len > 0 && credential->secret.len <= ESA_KEY_SECRET_MAX);
    for (size_t i = 0; i < credential->secret.len; i++)
        FUZZ_ASSERT(credential->secret.data[i] > ' ' && credential->secret.data[i] <= '~');
    for (size_t i = 0; i < credential->token.len; i++)
        FUZZ_ASSERT(credential->token.data[i] > ' ' && credential->token.data[i] <= '~');
}

static void read_file(const char *variable, const uint8_t *data, size_t size) {
    char path[64];
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct esa_credential *credential = NULL;
    int fd = memfd_create("credentials", 0);
    FUZZ_ASSERT(fd >= 0 && fchmod(fd, 0600) == 0);
    FUZZ_ASSERT(write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    struct variables variables = {variable, path};
    const struct esa_credential_options options = {
        .lookup = look_up, .lookup_context = &variables, .local_only = true, .watch = on_watch};
    if (esa_credential_new(&credential, &options, &err) == CP_OK) {
        check(credential);
        fuzz_is_shown_safely(credential->source, strlen(credential->source), false);
        FUZZ_ASSERT(esa_credential_refresh(credential, NULL) == CP_OK);
    } else {
        FUZZ_ASSERT(credential == NULL && err.message[0] != '\0');
        fuzz_is_shown_safely(err.message, strlen(err.message), false);
    }
    esa_credential_free(credential);
    (void)close(fd);
}

static void read_reply(const uint8_t *data, size_t size) {
    char text[ESA_SERVER_TEXT_MAX];
    struct esa_keys_form form = esa_keys_service;
    struct esa_credential credential = {0};
    struct cp_secret body = {0};
    struct cp_error err = {CP_OK, 0, 0, ""};
    form.who = "service";
    FUZZ_ASSERT(cp_secret_init(&body, size + 1, NULL) == CP_OK);
    FUZZ_ASSERT(cp_secret_append(&body, data, size, NULL) == CP_OK);
    if (esa_keys_read(&credential, &form, (const char *)body.data, size, &err) == CP_OK) {
        check(&credential);
        FUZZ_ASSERT(credential.token.len != 0 && credential.expires_s >= 0);
    }
    fuzz_is_shown_safely(err.message, strlen(err.message), false);
    esa_refusal_text(text, 400, &body, &credential.secret, 1);
    fuzz_is_shown_safely(text, strlen(text), false);
    esa_credential_cleanup(&credential);
    cp_secret_cleanup(&body);
}

static void split(const char *command) {
    char store[ESA_EXTERNAL_MAX_COMMAND + 1], *words[ESA_EXTERNAL_MAX_ARGS + 1];
    const char *why = NULL;
    size_t total = 0, num = esa_command_split(words, store, command, &why);
    FUZZ_ASSERT(num <= ESA_EXTERNAL_MAX_ARGS && (num == 0) == (why != NULL));
    for (size_t i = 0; i < num; i++) {
        FUZZ_ASSERT(words[i] == store + total);
        total += strlen(words[i]) + 1;
    }
    FUZZ_ASSERT(total <= strlen(command) + 1);
    FUZZ_ASSERT(num == 0 || words[num] == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    if (data[0] == 'c')
        read_file("ALIBABA_CLOUD_CONFIG_FILE", data + 1, size - 1);
    else if (data[0] == 'i')
        read_file("ALIBABA_CLOUD_CREDENTIALS_FILE", data + 1, size - 1);
    else if (data[0] == 'r')
        read_reply(data + 1, size - 1);
    char *command = malloc(size);
    FUZZ_ASSERT(command != NULL);
    memcpy(command, data + 1, size - 1);
    command[size - 1] = '\0';
    if (data[0] == 'x')
        split(command);
    free(command);
    return 0;
}
