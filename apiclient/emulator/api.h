/* api.h: one call, from who asks to what is answered. */
#ifndef ESA_EMULATOR_API_H
#define ESA_EMULATOR_API_H

#include "http.h"
#include "model.h"

struct esa_emu_operation;

/* ---- one call: what is known of it, and how it ended ----------------------------------------- */

struct esa_emu_call {
    const struct esa_emu_request *request;
    const struct esa_emu_operation *operation; /* NULL: none that we know */
    struct esa_emu_params query;
    struct esa_emu_params form;
    char request_id[37];
    char host[ESA_EMU_HOSTNAME_MAX + 8];
    char action[65];                                   /* escaped */
    char hostname_shown[4 * ESA_EMU_HOSTNAME_MAX + 1]; /* escaped */
    char key_id[ESA_EMU_KEY_ID_MAX + 1];               /* who asked, once verified */
    enum esa_emu_code code;                            /* ESA_EMU_ACCEPTED if all went well */
    const char *reason;                                /* for the log; NULL */
    struct esa_emu_buf canonical;                      /* the server's canonical request */
    char string_to_sign[96];
    bool echo; /* the reply quotes canonical and string_to_sign */
    bool created;
    enum esa_emu_fault_kind bend;            /* the fault that shows in the result */
    struct esa_emu_buf result;               /* JSON members of a success, after RequestId */
    int64_t retry_after_ms;                  /* 0: none */
    char hostname[ESA_EMU_HOSTNAME_MAX + 1]; /* lower case, as fault scripts see it */
    int64_t hostname_id;
    char cert_sha256[65]; /* of an uploaded leaf; else empty */
};

/* The refusal, as false. */
bool esa_emu_refuse(struct esa_emu_call *call, enum esa_emu_code code, const char *reason);

/* ---- parameters of the operations (api_params.c) --------------------------------------------- */

enum esa_emu_param_id {
    ESA_EMU_HOSTNAME,
    ESA_EMU_HOSTNAME_FILTER,
    ESA_EMU_HOSTNAME_ID,
    ESA_EMU_SITE_ID,
    ESA_EMU_RECORD_ID,
    ESA_EMU_SSL_FLAG,
    ESA_EMU_CERT_TYPE,
    ESA_EMU_CERTIFICATE,
    ESA_EMU_PRIVATE_KEY,
    ESA_EMU_CAS_ID,
    ESA_EMU_CAS_REGION,
    ESA_EMU_NAME_MATCH_TYPE,
    ESA_EMU_STATUS,
    ESA_EMU_PAGE_NUMBER,
    ESA_EMU_PAGE_SIZE,
    ESA_EMU_SITE_NAME,
    ESA_EMU_SITE_SEARCH_TYPE,
    ESA_EMU_RECORD_NAME,
    ESA_EMU_RECORD_MATCH_TYPE,
    ESA_EMU_TYPE,
    ESA_EMU_ROLE_ARN,
    ESA_EMU_ROLE_SESSION_NAME,
    ESA_EMU_DURATION_SECONDS,
    ESA_EMU_POLICY,
    ESA_EMU_EXTERNAL_ID,
    ESA_EMU_OIDC_PROVIDER_ARN,
    ESA_EMU_OIDC_TOKEN,
    ESA_EMU_NUM_PARAMS
};

#define ESA_EMU_PARAM(name) (UINT32_C(1) << ESA_EMU_##name)

/* By id; an empty value counts as not sent. */
struct esa_emu_values {
    struct esa_emu_span of[ESA_EMU_NUM_PARAMS];
};

/* Collects the values from query and form and checks them. needed and allowed are sets of
 * ESA_EMU_PARAM; parameters outside both are ignored. False: refused. */
bool esa_emu_values_read(struct esa_emu_values *values, struct esa_emu_call *call, uint32_t needed,
                         uint32_t allowed);
bool esa_emu_values_has(const struct esa_emu_values *values, enum esa_emu_param_id id);
/* 0 if it was not sent. */
int64_t esa_emu_values_number(const struct esa_emu_values *values, enum esa_emu_param_id id);
enum esa_emu_match esa_emu_values_match(const struct esa_emu_values *values,
                                        enum esa_emu_param_id id);

/* ---- operations (api.c; api_hostnames.c, api_looks.c, api_sites.c, api_sts.c) ---------------- */

struct esa_emu_sessions;

/* What the operations work on. */
struct esa_emu_service {
    struct esa_emu_options *options;
    struct esa_emu_fixture fixture;
    struct esa_emu_store *store;
    struct esa_emu_sessions *sessions;
    struct esa_emu_nonces *nonces;
};

typedef void esa_emu_act_fn(struct esa_emu_call *call, const struct esa_emu_values *values,
                            struct esa_emu_service *service);

struct esa_emu_operation {
    const char *action;
    const char *method; /* NULL: any */
    const char *version;
    esa_emu_act_fn *act;
    uint32_t needed, allowed;
    bool unsigned_call;
};

/* Sets call->operation. False if the action, method, version or path is not served: then
 * call->code and reason say so, but only who may ask is to be told. */
bool esa_emu_api_find(struct esa_emu_call *call);
/* Carries the operation out. */
void esa_emu_api_act(struct esa_emu_call *call, struct esa_emu_service *service);

esa_emu_act_fn esa_emu_create, esa_emu_update, esa_emu_delete, esa_emu_apply, esa_emu_verify_host;
esa_emu_act_fn esa_emu_get, esa_emu_list;
esa_emu_act_fn esa_emu_list_sites, esa_emu_get_site, esa_emu_list_records, esa_emu_get_record;
esa_emu_act_fn esa_emu_assume_role, esa_emu_assume_role_oidc, esa_emu_caller_identity;

/* NULL, or the reason why the pair is refused (material.c). Keeps nothing. */
const char *esa_emu_material_check(char sha256[65], int64_t *not_after_s,
                                   struct esa_emu_span certificate,
                                   struct esa_emu_span private_key);

/* ---- temporary credentials (sessions.c) ------------------------------------------------------ */

struct esa_emu_session {
    char key_id[64];
    char secret[64];
    char token[128];
    char role[65];
    char name[65];
    int64_t expires_s;
};

struct esa_emu_sessions *esa_emu_sessions_new(void);
/* False without random numbers. */
bool esa_emu_sessions_issue(struct esa_emu_sessions *sessions, struct esa_emu_session *out,
                            const char *role, const char *name, int64_t expires_s);
/* Wipe *out after use. False if the id is not known. */
bool esa_emu_sessions_find(struct esa_emu_sessions *sessions, struct esa_emu_session *out,
                           struct esa_emu_span key_id);
/* The last one issued for this role and name, if it is good until after_s. */
bool esa_emu_sessions_last(struct esa_emu_sessions *sessions, struct esa_emu_session *out,
                           const char *role, const char *name, int64_t after_s);
void esa_emu_sessions_free(struct esa_emu_sessions *sessions);

/* ---- signatures (verify.c, verify_acs3.c, verify_rpc.c), nonces.c ---------------------------- */

struct esa_emu_nonces;

struct esa_emu_nonces *esa_emu_nonces_new(void);
/* False if it was seen within the window, or if there is no room (*full is set then). */
bool esa_emu_nonces_use(struct esa_emu_nonces *nonces, bool *full, struct esa_emu_span nonce,
                        int64_t now_s);
void esa_emu_nonces_free(struct esa_emu_nonces *nonces);

/* Who asks: sets call->code, reason, key_id, canonical, string_to_sign. */
void esa_emu_verify(struct esa_emu_call *call, struct esa_emu_service *service);

/* A credential that was found for a key id; wiped after the check. */
struct esa_emu_credential {
    char secret[ESA_EMU_SECRET_MAX + 1];
    char token[ESA_EMU_SECRET_MAX + 1]; /* empty: none is demanded */
    int64_t expires_s;                  /* 0: never */
};

bool esa_emu_credential_find(struct esa_emu_credential *out, struct esa_emu_service *service,
                             struct esa_emu_span key_id);
/* token NULL: none was sent. False: refused. */
bool esa_emu_credential_check_token(struct esa_emu_call *call, const struct esa_emu_credential *own,
                                    const struct esa_emu_span *token, int64_t now_s);
bool esa_emu_check_date(struct esa_emu_call *call, struct esa_emu_span date, int64_t now_s);
bool esa_emu_check_nonce(struct esa_emu_call *call, struct esa_emu_service *service,
                         struct esa_emu_span nonce, int64_t now_s);
void esa_emu_verify_acs3(struct esa_emu_call *call, struct esa_emu_service *service);
/* Signature version 1.0, HMAC-SHA1 over the parameters: what SDKs still send to STS. */
void esa_emu_verify_rpc(struct esa_emu_call *call, struct esa_emu_service *service);

/* ---- replies (reply.c, reply_body.c) --------------------------------------------------------- */

struct esa_emu_reply {
    int status;
    const char *content_type;
    struct esa_emu_buf headers; /* extra header lines, with CRLF */
    struct esa_emu_buf body;
    size_t claimed_len; /* Content-Length */
    const char *code;   /* the Code in the body; "-" if there is none */
    int64_t date_s;
    bool close;
};

/* The service's answer to call, changed as fault says. */
void esa_emu_reply_build(struct esa_emu_reply *reply, const struct esa_emu_call *call,
                         const struct esa_emu_fault *fault, int64_t now_s);
/* The status line and header lines. */
void esa_emu_reply_head(struct esa_emu_buf *out, const struct esa_emu_reply *reply);
void esa_emu_reply_cleanup(struct esa_emu_reply *reply);

#endif
