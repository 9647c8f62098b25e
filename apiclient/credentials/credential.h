/* credential: who signs. One file per provider, one row per provider in the chain's table. */
#ifndef ESA_CREDENTIAL_H
#define ESA_CREDENTIAL_H

#include "apiclient/apiclient.h"

enum esa_credential_kind {
    ESA_CREDENTIAL_KEY,    /* access key, signs */
    ESA_CREDENTIAL_STS,    /* temporary access key with its token, signs */
    ESA_CREDENTIAL_BEARER, /* a token that is sent instead of a signature */
};

#define ESA_KEY_ID_MAX ((size_t)128)
#define ESA_KEY_SECRET_MAX ((size_t)256)
#define ESA_TOKEN_MAX ((size_t)8192)

/* All zero is a valid empty state. */
struct esa_credential {
    enum esa_credential_kind kind;
    char key_id[ESA_KEY_ID_MAX + 1]; /* "" for BEARER */
    struct cp_secret secret;         /* empty for BEARER */
    struct cp_secret token;          /* STS and BEARER */
    const char *source;              /* static: the provider's name */
};

/* Copies the parts into *out, which must be empty: token NULL or "" makes a KEY, else an STS. what
 * names the places that the parts came from, for messages; values are never quoted. White space,
 * control characters (a line end would start another header) and bytes that are not ASCII are
 * CP_ERR_USAGE. */
struct esa_credential_names {
    const char *key_id, *secret, *token;
};
CP_MUST_USE enum cp_status esa_credential_init(struct esa_credential *out, const char *key_id,
                                               const char *secret, const char *token,
                                               const struct esa_credential_names *what,
                                               struct cp_error *err);
CP_MUST_USE enum cp_status esa_credential_init_bearer(struct esa_credential *out, const char *token,
                                                      const char *what, struct cp_error *err);
void esa_credential_cleanup(struct esa_credential *credential);

/* A provider leaves *found false if it has nothing to say, and fails if what it has is not whole.
 */
typedef enum cp_status esa_provider_fn(struct esa_credential *out, bool *found,
                                       esa_lookup_fn *lookup, void *context, struct cp_error *err);
esa_provider_fn esa_provider_environment;

#define ESA_ENV_KEY_ID "ALIBABA_CLOUD_ACCESS_KEY_ID"
#define ESA_ENV_KEY_SECRET "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
#define ESA_ENV_TOKEN "ALIBABA_CLOUD_SECURITY_TOKEN"

#endif
