/* What test_credential*.c share: an environment of their own, and a watch. */
#ifndef CREDENTIAL_ENV_H
#define CREDENTIAL_ENV_H

#include <stdio.h>
#include <string.h>

#include "apiclient/credentials/chain.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_VARIABLES 16

struct variable {
    const char *name, *value;
};

/* A NULL name ends it. */
static inline const char *look_up(void *context, const char *name) {
    for (const struct variable *v = context; v->name != NULL; v++)
        if (strcmp(v->name, name) == 0)
            return v->value;
    return NULL;
}

/* All that the watch was told: "environment=absent oidc=failed ...". */
struct watched {
    char text[4096], ends[512];
};

static inline void on_watch(void *context, const char *provider, enum esa_provider_end end,
                            const char *why) {
    struct watched *watched = context;
    size_t len = strlen(watched->text), ends_len = strlen(watched->ends);
    (void)snprintf(watched->text + len, sizeof(watched->text) - len, "%s: %s: %s\n", provider,
                   esa_provider_end_name(end), why);
    (void)snprintf(watched->ends + ends_len, sizeof(watched->ends) - ends_len, "%c",
                   esa_provider_end_name(end)[0]);
}

static inline enum cp_status fixed_clock(void *context, int64_t *now_s, struct cp_error *err) {
    (void)err;
    *now_s = *(const int64_t *)context;
    return CP_OK;
}

/* ---- keys that servers hand out ---- */

#define NOW_S INT64_C(1774000000) /* 2026-03-20T09:46:40Z */
#define LATER "2026-03-20T10:46:40Z"
#define KEYS                                                                                       \
    "\"AccessKeyId\": \"STS.AK\", \"AccessKeySecret\": \"canarySK\", \"SecurityToken\": "          \
    "\"canaryT\", \"Expiration\": \"" LATER "\""

static inline void expect(enum cp_status status, const struct cp_error *err, enum cp_status wanted,
                          const char *says) {
    if (status != wanted || (wanted != CP_OK && strstr(err->message, says) == NULL))
        fail_msg("status %d '%s', want %d '%s'", (int)status, err->message, (int)wanted, says);
    assert_null(strstr(err->message, "canary"));
}

#endif
