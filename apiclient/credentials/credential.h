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
#define ESA_SOURCE_MAX ((size_t)160)

struct esa_chain; /* chain.h */

/* All zero is a valid empty state. */
struct esa_credential {
    enum esa_credential_kind kind;
    char key_id[ESA_KEY_ID_MAX + 1]; /* "" for BEARER */
    struct cp_secret secret;         /* empty for BEARER */
    struct cp_secret token;          /* STS and BEARER */
    int64_t expires_s;               /* 0: not known to expire */
    char source[ESA_SOURCE_MAX];     /* the provider's name, and how */
    /* for a refresh; NULL: it is not made by the chain */
    struct esa_chain *chain; /* owned */
    int64_t next_refresh_s;  /* none is tried before: one that failed costs its time-outs */
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
/* The keys go; what a refresh needs stays. */
void esa_credential_wipe(struct esa_credential *credential);
void esa_credential_cleanup(struct esa_credential *credential);

#define ESA_ENV_KEY_ID "ALIBABA_CLOUD_ACCESS_KEY_ID"
#define ESA_ENV_KEY_SECRET "ALIBABA_CLOUD_ACCESS_KEY_SECRET"
#define ESA_ENV_TOKEN "ALIBABA_CLOUD_SECURITY_TOKEN"

#endif
