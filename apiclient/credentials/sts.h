/* sts: Security Token Service, version 2015-04-01: AssumeRole and GetCallerIdentity signed as any
 * other request (ACS3-HMAC-SHA256), AssumeRoleWithOIDC unsigned. */
#ifndef ESA_STS_H
#define ESA_STS_H

#include "chain.h"

/* "" and 0: not given. */
struct esa_sts_role {
    const char *role_arn;
    const char *session_name; /* "": certprep-SECONDS */
    const char *policy, *external_id;
    const char *region; /* "": ALIBABA_CLOUD_STS_REGION, else the central endpoint */
    int64_t duration_s; /* 0: 3,600 */
    bool vpc;
};

CP_MUST_USE enum cp_status esa_sts_assume_role(struct esa_credential *out,
                                               const struct esa_credential *base,
                                               const struct esa_sts_role *role,
                                               const struct esa_chain *chain, struct cp_error *err);

/* token_file: see esa_file_read; up to 20,000 bytes, as the operation takes. */
CP_MUST_USE enum cp_status
esa_sts_assume_role_with_oidc(struct esa_credential *out, const char *provider_arn,
                              const char *token_file, const struct esa_sts_role *role,
                              const struct esa_chain *chain, struct cp_error *err);

/* ---- sts_message.c: what is sent ---- */

#define ESA_STS_MAX_PARAMETERS ((size_t)8)
struct esa_pair;

struct esa_sts_call {
    const char *action;
    const struct esa_credential *credential; /* NULL: unsigned */
    const struct esa_pair *query, *form;
    size_t num_query, num_form;
    const char *region; /* "": see esa_sts_role */
    bool vpc;
};
struct esa_inquiry_reply;
CP_MUST_USE enum cp_status esa_sts_call(struct esa_inquiry_reply *told,
                                        const struct esa_sts_call *call,
                                        const struct esa_chain *chain, struct cp_error *err);

#endif
