/* The first provider of the vendor's chain: three environment variables. A variable that is set to
 * nothing counts as not set. */
#include "chain.h"

enum cp_status esa_provider_environment(struct esa_credential *out,
                                        struct esa_provider_answer *answer,
                                        const struct esa_chain *chain, struct cp_error *err) {
    static const struct esa_credential_names names = {ESA_ENV_KEY_ID, ESA_ENV_KEY_SECRET,
                                                      ESA_ENV_TOKEN};
    const char *key_id = esa_chain_get(chain, ESA_ENV_KEY_ID);
    const char *secret = esa_chain_get(chain, ESA_ENV_KEY_SECRET);
    const char *token = esa_chain_get(chain, ESA_ENV_TOKEN);
    if (key_id[0] == '\0' && secret[0] == '\0' && token[0] == '\0') {
        esa_answer(answer, ESA_PROVIDER_ABSENT,
                   ESA_ENV_KEY_ID " and " ESA_ENV_KEY_SECRET " are not set");
        return CP_OK;
    }
    if (key_id[0] == '\0' && secret[0] == '\0')
        return cp_fail(err, CP_ERR_USAGE,
                       "half a credential: %s is set; %s and %s, which belong to it, are not",
                       ESA_ENV_TOKEN, ESA_ENV_KEY_ID, ESA_ENV_KEY_SECRET);
    if (key_id[0] == '\0' || secret[0] == '\0')
        return cp_fail(err, CP_ERR_USAGE, "half a credential: %s is set, %s is not",
                       key_id[0] != '\0' ? ESA_ENV_KEY_ID : ESA_ENV_KEY_SECRET,
                       key_id[0] != '\0' ? ESA_ENV_KEY_SECRET : ESA_ENV_KEY_ID);
    esa_answer(answer, ESA_PROVIDER_ANSWERED, "%s", "");
    return esa_credential_init(out, key_id, secret, token, &names, err);
}
