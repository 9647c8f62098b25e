/* The first provider of the vendor's chain: three environment variables. A variable that is set to
 * nothing counts as not set. */
#include <string.h>

#include "credential.h"

static const char *get(esa_lookup_fn *lookup, void *context, const char *name) {
    const char *text = lookup(context, name);
    return text == NULL ? "" : text;
}

enum cp_status esa_provider_environment(struct esa_credential *out, bool *found,
                                        esa_lookup_fn *lookup, void *context,
                                        struct cp_error *err) {
    static const struct esa_credential_names names = {ESA_ENV_KEY_ID, ESA_ENV_KEY_SECRET,
                                                      ESA_ENV_TOKEN};
    const char *key_id = get(lookup, context, ESA_ENV_KEY_ID);
    const char *secret = get(lookup, context, ESA_ENV_KEY_SECRET);
    const char *token = get(lookup, context, ESA_ENV_TOKEN);
    *found = false;
    if (key_id[0] == '\0' && secret[0] == '\0' && token[0] == '\0')
        return CP_OK;
    if (key_id[0] == '\0' && secret[0] == '\0')
        return cp_fail(err, CP_ERR_USAGE,
                       "half a credential: %s is set; %s and %s, which belong to it, are not",
                       ESA_ENV_TOKEN, ESA_ENV_KEY_ID, ESA_ENV_KEY_SECRET);
    if (key_id[0] == '\0' || secret[0] == '\0')
        return cp_fail(err, CP_ERR_USAGE, "half a credential: %s is set, %s is not",
                       key_id[0] != '\0' ? ESA_ENV_KEY_ID : ESA_ENV_KEY_SECRET,
                       key_id[0] != '\0' ? ESA_ENV_KEY_SECRET : ESA_ENV_KEY_ID);
    enum cp_status status = esa_credential_init(out, key_id, secret, token, &names, err);
    *found = status == CP_OK;
    return status;
}
