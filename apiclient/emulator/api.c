/* The operations, and which of them a request asks for. */
#include "api.h"

#include <string.h>

static const char esa_version[] = "2024-09-10";
static const char sts_version[] = "2015-04-01";

#define P(name) ESA_EMU_PARAM(name)
#define PAGES (P(PAGE_NUMBER) | P(PAGE_SIZE))
#define CERT                                                                                       \
    (P(CERT_TYPE) | P(CERTIFICATE) | P(PRIVATE_KEY) | P(CAS_ID) | P(CAS_REGION) | P(SSL_FLAG))

static const struct esa_emu_operation operations[] = {
    {.action = "CreateCustomHostname",
     .method = "POST",
     .version = esa_version,
     .act = esa_emu_create,
     .needed = P(HOSTNAME) | P(SITE_ID) | P(RECORD_ID) | P(SSL_FLAG),
     .allowed = CERT},
    {.action = "UpdateCustomHostname",
     .method = "POST",
     .version = esa_version,
     .act = esa_emu_update,
     .needed = P(HOSTNAME_ID),
     .allowed = P(RECORD_ID) | CERT},
    {.action = "GetCustomHostname",
     .method = "POST",
     .version = esa_version,
     .act = esa_emu_get,
     .needed = P(HOSTNAME_ID)},
    {.action = "ListCustomHostnames",
     .method = "POST",
     .version = esa_version,
     .act = esa_emu_list,
     .needed = P(SITE_ID),
     .allowed = P(RECORD_ID) | P(HOSTNAME_FILTER) | P(NAME_MATCH_TYPE) | P(STATUS) | PAGES},
    {.action = "VerifyCustomHostname",
     .method = "POST",
     .version = esa_version,
     .act = esa_emu_verify_host,
     .needed = P(HOSTNAME_ID)},
    {.action = "DeleteCustomHostname",
     .method = "POST",
     .version = esa_version,
     .act = esa_emu_delete,
     .needed = P(HOSTNAME_ID)},
    {.action = "ApplyCustomHostnameCertificate",
     .method = "POST",
     .version = esa_version,
     .act = esa_emu_apply,
     .needed = P(HOSTNAME_ID)},
    {.action = "ListSites",
     .method = "GET",
     .version = esa_version,
     .act = esa_emu_list_sites,
     .allowed = P(SITE_NAME) | P(SITE_SEARCH_TYPE) | P(STATUS) | PAGES},
    {.action = "GetSite",
     .method = "GET",
     .version = esa_version,
     .act = esa_emu_get_site,
     .needed = P(SITE_ID)},
    {.action = "ListRecords",
     .method = "GET",
     .version = esa_version,
     .act = esa_emu_list_records,
     .needed = P(SITE_ID),
     .allowed = P(RECORD_NAME) | P(RECORD_MATCH_TYPE) | P(TYPE) | PAGES},
    {.action = "GetRecord",
     .method = "GET",
     .version = esa_version,
     .act = esa_emu_get_record,
     .needed = P(RECORD_ID)},
    {.action = "AssumeRole",
     .version = sts_version,
     .act = esa_emu_assume_role,
     .needed = P(ROLE_ARN) | P(ROLE_SESSION_NAME),
     .allowed = P(DURATION_SECONDS) | P(POLICY) | P(EXTERNAL_ID)},
    {.action = "AssumeRoleWithOIDC",
     .method = "POST",
     .version = sts_version,
     .act = esa_emu_assume_role_oidc,
     .unsigned_call = true,
     .needed = P(ROLE_ARN) | P(ROLE_SESSION_NAME) | P(OIDC_PROVIDER_ARN) | P(OIDC_TOKEN),
     .allowed = P(DURATION_SECONDS) | P(POLICY)},
    {.action = "GetCallerIdentity", .version = sts_version, .act = esa_emu_caller_identity},
};

bool esa_emu_refuse(struct esa_emu_call *call, enum esa_emu_code code, const char *reason) {
    call->code = code;
    call->reason = reason;
    return false;
}

/* From the header, as ACS3 has it; else from the parameters, as STS is also asked. */
static struct esa_emu_span header_or_param(const struct esa_emu_call *call, const char *header,
                                           const char *name) {
    const struct esa_emu_span *sent = esa_emu_http_header(call->request, header);
    struct esa_emu_span value = {"", 0};
    if (sent != NULL)
        return *sent;
    if (esa_emu_params_find(&call->query, name, &value) == 0)
        (void)esa_emu_params_find(&call->form, name, &value);
    return value;
}

bool esa_emu_api_find(struct esa_emu_call *call) {
    struct esa_emu_span action = header_or_param(call, "x-acs-action", "Action");
    struct esa_emu_span version = header_or_param(call, "x-acs-version", "Version");
    if (!esa_emu_span_is(version, esa_version) && !esa_emu_span_is(version, sts_version))
        return esa_emu_refuse(call, ESA_EMU_INVALID_VERSION,
                              "version: want 2024-09-10, or 2015-04-01 for STS");
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        const struct esa_emu_operation *row = &operations[i];
        if (esa_emu_span_is(action, row->action) && esa_emu_span_is(version, row->version) &&
            (row->method == NULL || esa_emu_span_is(call->request->method, row->method)) &&
            esa_emu_span_is(call->request->path, "/")) {
            call->operation = row;
            return true;
        }
    }
    return esa_emu_refuse(call, ESA_EMU_API_NOT_FOUND, "no such operation, method or path");
}

void esa_emu_api_act(struct esa_emu_call *call, struct esa_emu_service *service) {
    const struct esa_emu_operation *operation = call->operation;
    struct esa_emu_values values;
    if (esa_emu_values_read(&values, call, operation->needed, operation->allowed))
        operation->act(call, &values, service);
}
