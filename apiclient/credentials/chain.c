/* chain: the table of providers, the walk along it, and the refresh. */
#include "chain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apiclient/text.h"

#define REFRESH_BEFORE_S 900 /* as the official libraries */
#define REFRESH_PAUSE_S 60

/* In the order in which they are asked: the vendor's, with the service manager's directory behind
 * the environment, since both were set for this very process. has_profiles: --profile chooses in
 * it. */
static const struct {
    const char *name;
    esa_provider_fn *provide;
    bool has_profiles;
} providers[] = {
    {"environment", esa_provider_environment, false},
    {"credentials-directory", esa_provider_directory, false},
    {"oidc", esa_provider_oidc, false},
    {"profile", esa_provider_config, true},
    {"credentials-file", esa_provider_ini, true},
    {"ecs-metadata", esa_provider_ecs, false},
    {"credentials-uri", esa_provider_uri, false},
};

#define NUM_PROVIDERS (sizeof(providers) / sizeof(providers[0]))

static const char *lookup_process_environment(void *context, const char *name) {
    (void)context;
    return getenv(name);
}

const char *esa_chain_get(const struct esa_chain *chain, const char *name) {
    const char *text = chain->lookup(chain->lookup_context, name);
    return text == NULL ? "" : text;
}

bool esa_chain_is_true(const struct esa_chain *chain, const char *name) {
    return strcasecmp(esa_chain_get(chain, name), "true") == 0;
}

bool esa_chain_is_cancelled(const struct esa_chain *chain) {
    return chain->cancel != NULL && chain->cancel(chain->cancel_context);
}

enum cp_status esa_chain_may_ask(const struct esa_chain *chain, const char *what,
                                 struct cp_error *err) {
    if (!chain->local_only)
        return CP_OK;
    return cp_fail(err, CP_ERR_USAGE, "%s would have to be asked, and nobody is to be asked", what);
}

void esa_answer(struct esa_provider_answer *answer, enum esa_provider_end end, const char *format,
                ...) {
    char text[ESA_REASON_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    answer->end = end;
    /* Paths and names of profiles may hold anything. */
    if (end == ESA_PROVIDER_ANSWERED)
        (void)esa_escape(answer->how, sizeof(answer->how), text, strlen(text));
    else
        (void)esa_escape(answer->why, sizeof(answer->why), text, strlen(text));
}

const char *esa_provider_end_name(enum esa_provider_end end) {
    switch (end) {
    case ESA_PROVIDER_ANSWERED:
        return "answered";
    case ESA_PROVIDER_ABSENT:
        return "absent";
    case ESA_PROVIDER_SKIPPED:
        return "skipped";
    case ESA_PROVIDER_FAILED:
        return "failed";
    }
    return "unknown";
}

static char *copy(const char *text, bool *ok) {
    char *copied = text == NULL ? NULL : strdup(text);
    *ok = *ok && (text == NULL || copied != NULL);
    return copied;
}

/* NULL: out of memory. */
static struct esa_chain *chain_new(const struct esa_credential_options *o) {
    static const struct esa_credential_options standard = {0};
    bool ok = true;
    struct esa_chain *chain = calloc(1, sizeof(*chain));
    if (chain == NULL)
        return NULL;
    if (o == NULL)
        o = &standard;
    chain->lookup = o->lookup != NULL ? o->lookup : lookup_process_environment;
    chain->lookup_context = o->lookup_context;
    chain->profile = copy(o->profile, &ok);
    chain->sts_endpoint = copy(o->sts_endpoint, &ok);
    chain->metadata_endpoint = copy(o->metadata_endpoint, &ok);
    chain->ca_file = copy(o->ca_file, &ok);
    chain->proxy = copy(o->proxy, &ok);
    chain->local_only = o->local_only;
    chain->clock = o->clock != NULL ? o->clock : esa_clock_system;
    chain->clock_context = o->clock_context;
    chain->cancel = o->cancel;
    chain->cancel_context = o->cancel_context;
    chain->watch = o->watch;
    chain->watch_context = o->watch_context;
    if (!ok) {
        esa_chain_free(chain);
        return NULL;
    }
    return chain;
}

void esa_chain_free(struct esa_chain *chain) {
    if (chain == NULL)
        return;
    free(chain->profile);
    free(chain->sts_endpoint);
    free(chain->metadata_endpoint);
    free(chain->ca_file);
    free(chain->proxy);
    free(chain);
}

/* Asks one provider. What it says is kept within bounds here, once for all. */
static enum cp_status ask(struct esa_credential *out, struct esa_provider_answer *answer,
                          const struct esa_chain *chain, size_t provider, struct cp_error *err) {
    int64_t now_s = 0;
    *answer = (struct esa_provider_answer){.end = ESA_PROVIDER_ABSENT};
    enum cp_status status = providers[provider].provide(out, answer, chain, err);
    if (status == CP_OK && answer->end == ESA_PROVIDER_ANSWERED && out->expires_s != 0) {
        status = chain->clock(chain->clock_context, &now_s, err);
        if (status == CP_OK && out->expires_s <= now_s)
            status = cp_fail(err, CP_ERR_NETWORK,
                             "the key it gave had expired when it came; is this machine's clock "
                             "right?");
    }
    if (status != CP_OK) {
        esa_credential_wipe(out);
        return status;
    }
    if (answer->end == ESA_PROVIDER_ANSWERED)
        (void)snprintf(out->source, sizeof(out->source), "%s%s%s", providers[provider].name,
                       answer->how[0] != '\0' ? ": " : "", answer->how);
    return CP_OK;
}

static void tell(const struct esa_chain *chain, size_t provider, enum esa_provider_end end,
                 const char *why) {
    if (chain->watch != NULL)
        chain->watch(chain->watch_context, providers[provider].name, end, why);
}

/* Asks one after another. The first that answers or fails ends it; the rest are told as skipped. */
static enum cp_status walk(struct esa_credential *out, struct esa_chain *chain,
                           struct cp_error *err) {
    struct esa_provider_answer answer = {.end = ESA_PROVIDER_ABSENT};
    enum cp_status status = CP_OK;
    bool is_over = false;
    for (size_t i = 0; i < NUM_PROVIDERS; i++) {
        struct cp_error why = {CP_OK, 0, 0, ""};
        if (is_over) {
            tell(chain, i, ESA_PROVIDER_SKIPPED,
                 status == CP_OK ? "one before it answered" : "one before it failed");
            continue;
        }
        if (chain->profile != NULL && !providers[i].has_profiles) {
            tell(chain, i, ESA_PROVIDER_SKIPPED, "a profile was asked for; it has none");
            continue;
        }
        status = ask(out, &answer, chain, i, &why);
        if (status != CP_OK) {
            is_over = true;
            tell(chain, i, ESA_PROVIDER_FAILED, why.message);
            (void)cp_fail(err, status, "credential: %s: %.400s", providers[i].name, why.message);
            continue;
        }
        is_over = answer.end == ESA_PROVIDER_ANSWERED;
        if (is_over)
            chain->provider = i;
        tell(chain, i, answer.end, is_over ? answer.how : answer.why);
    }
    if (status == CP_OK && !is_over)
        status = cp_fail(err, CP_ERR_USAGE,
                         "no credential: set " ESA_ENV_KEY_ID " and " ESA_ENV_KEY_SECRET
                         " (and " ESA_ENV_TOKEN " for a temporary key), or a profile; 'certprep "
                         "whoami --explain' shows every place that was looked at");
    return status;
}

enum cp_status esa_credential_new(struct esa_credential **out,
                                  const struct esa_credential_options *options,
                                  struct cp_error *err) {
    struct esa_credential *credential = calloc(1, sizeof(*credential));
    struct esa_chain *chain = chain_new(options);
    enum cp_status status;
    *out = NULL;
    if (credential == NULL || chain == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "credential: out of memory");
        goto out;
    }
    status = walk(credential, chain, err);
    if (status != CP_OK)
        goto out;
    chain->watch = NULL; /* of no use any more, and its context may go */
    credential->chain = chain;
    chain = NULL;
    *out = credential;
    credential = NULL;
out:
    esa_chain_free(chain);
    esa_credential_free(credential);
    return status;
}

enum cp_status esa_credential_refresh(struct esa_credential *credential, struct cp_error *err) {
    const struct esa_chain *chain = credential->chain;
    struct esa_credential fresh = {0};
    struct esa_provider_answer answer;
    struct cp_error why = {CP_OK, 0, 0, ""};
    int64_t now_s = 0;
    if (credential->expires_s == 0 || chain == NULL)
        return CP_OK;
    enum cp_status status = chain->clock(chain->clock_context, &now_s, err);
    if (status != CP_OK)
        return status;
    if (credential->expires_s - now_s >= REFRESH_BEFORE_S)
        return CP_OK;
    bool is_over = credential->expires_s <= now_s;
    if (!is_over && now_s < credential->next_refresh_s)
        return CP_OK;
    status = ask(&fresh, &answer, chain, chain->provider, &why);
    if (status == CP_OK && answer.end != ESA_PROVIDER_ANSWERED)
        status = cp_fail(&why, CP_ERR_USAGE, "it has nothing any more: %s", answer.why);
    /* Somebody may have switched the current profile meanwhile. */
    if (status == CP_OK && strcmp(fresh.source, credential->source) != 0)
        status = cp_fail(&why, CP_ERR_USAGE, "it is %s now, another one than before", fresh.source);
    credential->next_refresh_s = now_s + REFRESH_PAUSE_S;
    if (status == CP_OK) {
        esa_credential_wipe(credential);
        credential->kind = fresh.kind;
        memcpy(credential->key_id, fresh.key_id, sizeof(credential->key_id));
        memcpy(credential->source, fresh.source, sizeof(credential->source));
        credential->secret = fresh.secret;
        credential->token = fresh.token;
        credential->expires_s = fresh.expires_s;
        return CP_OK;
    }
    esa_credential_cleanup(&fresh);
    if (!is_over)
        return CP_OK;
    return cp_fail(err, status, "credential: expired, and no new one came: %s: %.380s",
                   providers[chain->provider].name, why.message);
}
