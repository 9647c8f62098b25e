/* $CREDENTIALS_DIRECTORY: what a service manager gave to this very service (systemd.exec(5),
 * LoadCredential= and SetCredential=). Ours, not the vendor's: three files. */
#include <stdio.h>
#include <string.h>

#include "files.h"

#define KEY_ID "alibaba-cloud-access-key-id"
#define SECRET "alibaba-cloud-access-key-secret"
#define TOKEN "alibaba-cloud-security-token"

static enum cp_status read_one(struct cp_secret *out, bool *found, const char *directory,
                               const char *name, struct cp_error *err) {
    char path[ESA_PATH_MAX];
    int len = snprintf(path, sizeof(path), "%s/%s", directory, name);
    if (len < 0 || (size_t)len >= sizeof(path))
        return cp_fail(err, CP_ERR_LIMIT, "$CREDENTIALS_DIRECTORY: the path is too long");
    enum cp_status status = esa_file_read(out, found, path, ESA_FILE_MANAGED, ESA_TOKEN_MAX, err);
    if (status != CP_OK || !*found)
        return status;
    esa_secret_trim(out);
    if (memchr(out->data, '\0', out->len) != NULL)
        return cp_fail(err, CP_ERR_USAGE, "$CREDENTIALS_DIRECTORY/%s: has a NUL byte in it", name);
    return CP_OK;
}

enum cp_status esa_provider_directory(struct esa_credential *out,
                                      struct esa_provider_answer *answer,
                                      const struct esa_chain *chain, struct cp_error *err) {
    static const struct esa_credential_names names = {"$CREDENTIALS_DIRECTORY/" KEY_ID,
                                                      "$CREDENTIALS_DIRECTORY/" SECRET,
                                                      "$CREDENTIALS_DIRECTORY/" TOKEN};
    const char *directory = esa_chain_get(chain, "CREDENTIALS_DIRECTORY");
    struct cp_secret key_id = {0}, secret = {0}, token = {0};
    bool has_key_id = false, has_secret = false, has_token = false;
    if (directory[0] == '\0') {
        esa_answer(answer, ESA_PROVIDER_ABSENT, "$CREDENTIALS_DIRECTORY is not set");
        return CP_OK;
    }
    enum cp_status status = read_one(&key_id, &has_key_id, directory, KEY_ID, err);
    if (status == CP_OK)
        status = read_one(&secret, &has_secret, directory, SECRET, err);
    if (status == CP_OK)
        status = read_one(&token, &has_token, directory, TOKEN, err);
    if (status != CP_OK)
        goto out;
    if (!has_key_id && !has_secret && !has_token) {
        /* The service may have been given other credentials than ours. */
        esa_answer(answer, ESA_PROVIDER_ABSENT,
                   "$CREDENTIALS_DIRECTORY has no " KEY_ID " and no " SECRET);
    } else if (!has_key_id || !has_secret) {
        status = cp_fail(err, CP_ERR_USAGE,
                         "half a credential: $CREDENTIALS_DIRECTORY has no %s, which belongs to %s",
                         !has_key_id ? KEY_ID : SECRET,
                         has_key_id   ? KEY_ID
                         : has_secret ? SECRET
                                      : TOKEN);
    } else {
        esa_answer(answer, ESA_PROVIDER_ANSWERED, "%s", "");
        status = esa_credential_init(out, (const char *)key_id.data, (const char *)secret.data,
                                     has_token ? (const char *)token.data : NULL, &names, err);
    }
out:
    cp_secret_cleanup(&key_id);
    cp_secret_cleanup(&secret);
    cp_secret_cleanup(&token);
    return status;
}
