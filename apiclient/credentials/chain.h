/* chain: the providers in their order, and what each is given. Inside apiclient/credentials only.
 */
#ifndef ESA_CHAIN_H
#define ESA_CHAIN_H

#include "credential.h"

/* esa_credential_options, with its texts owned: a refresh asks again. */
struct esa_chain {
    esa_lookup_fn *lookup;
    void *lookup_context;
    char *profile, *sts_endpoint, *metadata_endpoint, *ca_file, *proxy; /* NULL: not given */
    bool local_only;
    esa_clock_fn *clock;
    void *clock_context;
    esa_cancel_fn *cancel;
    void *cancel_context;
    esa_provider_watch_fn *watch;
    void *watch_context;
    size_t provider; /* row of the one that answered */
};
void esa_chain_free(struct esa_chain *chain);

/* The variable's text; "" if it is not set. It stays valid while the provider is asked. */
const char *esa_chain_get(const struct esa_chain *chain, const char *name);
/* Is it "true", in any case? */
bool esa_chain_is_true(const struct esa_chain *chain, const char *name);
bool esa_chain_is_cancelled(const struct esa_chain *chain);
/* A provider must use the network or a process: CP_ERR_USAGE if local_only forbids it. */
CP_MUST_USE enum cp_status esa_chain_may_ask(const struct esa_chain *chain, const char *what,
                                             struct cp_error *err);

/* What a provider says beside its status. */
struct esa_provider_answer {
    enum esa_provider_end end;     /* ANSWERED, ABSENT or SKIPPED; FAILED is a status */
    char why[ESA_REASON_MAX];      /* ABSENT, SKIPPED: what is missing, and what to set */
    char how[ESA_SOURCE_MAX - 32]; /* ANSWERED: "default (RamRoleArn)"; "" */
};
void esa_answer(struct esa_provider_answer *answer, enum esa_provider_end end, const char *format,
                ...) CP_PRINTF(3, 4);

/* Fills *out, which is empty, if it answers. Fails if what is set up for it is not whole, or does
 * not answer. */
typedef enum cp_status esa_provider_fn(struct esa_credential *out,
                                       struct esa_provider_answer *answer,
                                       const struct esa_chain *chain, struct cp_error *err);
esa_provider_fn esa_provider_environment;
esa_provider_fn esa_provider_directory;
esa_provider_fn esa_provider_oidc;
esa_provider_fn esa_provider_config;
esa_provider_fn esa_provider_ini;
esa_provider_fn esa_provider_ecs;
esa_provider_fn esa_provider_uri;

#endif
