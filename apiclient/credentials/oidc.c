/* OIDC: a token that the platform puts into a file (Kubernetes: RRSA), for a role's key. */
#include "sts.h"

enum cp_status esa_provider_oidc(struct esa_credential *out, struct esa_provider_answer *answer,
                                 const struct esa_chain *chain, struct cp_error *err) {
    static const char *const needed[] = {"ALIBABA_CLOUD_ROLE_ARN",
                                         "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
                                         "ALIBABA_CLOUD_OIDC_TOKEN_FILE"};
    const char *role_arn = esa_chain_get(chain, needed[0]);
    const char *provider_arn = esa_chain_get(chain, needed[1]);
    const char *token_file = esa_chain_get(chain, needed[2]);
    const struct esa_sts_role role = {
        .role_arn = role_arn, .session_name = "", .policy = "", .external_id = "", .region = ""};
    /* The role alone belongs to other providers, too. */
    if (provider_arn[0] == '\0' && token_file[0] == '\0') {
        esa_answer(answer, ESA_PROVIDER_ABSENT, "%s and %s are not set", needed[1], needed[2]);
        return CP_OK;
    }
    if (role_arn[0] == '\0' || provider_arn[0] == '\0' || token_file[0] == '\0')
        return cp_fail(err, CP_ERR_USAGE, "half set: %s is not",
                       role_arn[0] == '\0'       ? needed[0]
                       : provider_arn[0] == '\0' ? needed[1]
                                                 : needed[2]);
    esa_answer(answer, ESA_PROVIDER_ANSWERED, "%s", "");
    return esa_sts_assume_role_with_oidc(out, provider_arn, token_file, &role, chain, err);
}
