/* credential: building, wiping, reading. */
#include "credential.h"

#include <stdlib.h>
#include <string.h>

#include "chain.h"

/* Printable ASCII without space; comma ends the key id inside the Authorization header. */
static enum cp_status check_part(const char *text, size_t max, bool is_key_id, const char *what,
                                 struct cp_error *err) {
    size_t len = strnlen(text, max + 1);
    if (len > max)
        return cp_fail(err, CP_ERR_USAGE, "%s: over %zu bytes", what, max);
    if (len == 0)
        return cp_fail(err, CP_ERR_USAGE, "%s: is empty", what);
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~' || (is_key_id && text[i] == ','))
            return cp_fail(err, CP_ERR_USAGE,
                           "%s: byte %zu is %s; only printable ASCII may be in it", what, i + 1,
                           text[i] == '\n' || text[i] == '\r' ? "a line end"
                           : text[i] == ' '                   ? "a space"
                           : text[i] == ','                   ? "a comma"
                                                              : "not printable ASCII");
    return CP_OK;
}

static enum cp_status copy_secret(struct cp_secret *out, const char *text, struct cp_error *err) {
    size_t len = strlen(text);
    enum cp_status status = cp_secret_init(out, len + 1, err);
    if (status == CP_OK)
        status = cp_secret_append(out, text, len + 1, err);
    if (status == CP_OK)
        out->len = len;
    return status;
}

enum cp_status esa_credential_init(struct esa_credential *out, const char *key_id,
                                   const char *secret, const char *token,
                                   const struct esa_credential_names *what, struct cp_error *err) {
    bool has_token = token != NULL && token[0] != '\0';
    *out = (struct esa_credential){.kind = has_token ? ESA_CREDENTIAL_STS : ESA_CREDENTIAL_KEY};
    enum cp_status status = check_part(key_id, ESA_KEY_ID_MAX, true, what->key_id, err);
    if (status == CP_OK)
        status = check_part(secret, ESA_KEY_SECRET_MAX, false, what->secret, err);
    if (status == CP_OK && has_token)
        status = check_part(token, ESA_TOKEN_MAX, false, what->token, err);
    if (status == CP_OK)
        memcpy(out->key_id, key_id, strlen(key_id) + 1);
    if (status == CP_OK)
        status = copy_secret(&out->secret, secret, err);
    if (status == CP_OK && has_token)
        status = copy_secret(&out->token, token, err);
    if (status != CP_OK)
        esa_credential_cleanup(out);
    return status;
}

enum cp_status esa_credential_init_bearer(struct esa_credential *out, const char *token,
                                          const char *what, struct cp_error *err) {
    *out = (struct esa_credential){.kind = ESA_CREDENTIAL_BEARER};
    enum cp_status status = check_part(token, ESA_TOKEN_MAX, false, what, err);
    if (status == CP_OK)
        status = copy_secret(&out->token, token, err);
    if (status != CP_OK)
        esa_credential_cleanup(out);
    return status;
}

void esa_credential_wipe(struct esa_credential *credential) {
    cp_secret_cleanup(&credential->secret);
    cp_secret_cleanup(&credential->token);
    credential->key_id[0] = '\0';
    credential->expires_s = 0;
}

void esa_credential_cleanup(struct esa_credential *credential) {
    esa_credential_wipe(credential);
    esa_chain_free(credential->chain);
    *credential = (struct esa_credential){0};
}

void esa_credential_free(struct esa_credential *credential) {
    if (credential == NULL)
        return;
    esa_credential_cleanup(credential);
    free(credential);
}

const char *esa_credential_source(const struct esa_credential *credential) {
    return credential->source;
}

const char *esa_credential_key_id(const struct esa_credential *credential) {
    return credential->key_id;
}

int64_t esa_credential_expires_s(const struct esa_credential *credential) {
    return credential->expires_s;
}

bool esa_credential_is_temporary(const struct esa_credential *credential) {
    return credential->kind == ESA_CREDENTIAL_STS;
}
