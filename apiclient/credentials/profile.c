/* profile: what its mode says is done. */
#include "profile.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "apiclient/text.h"
#include "sources.h"
#include "sts.h"

static const struct {
    const char *config, *ini;
} field_names[ESA_NUM_PROFILE_FIELDS] = {
#define PROFILE_FIELD(name, config, ini) {config, ini},
#include "profile.def"
#undef PROFILE_FIELD
};

void esa_profile_cleanup(struct esa_profile *profile) {
    cp_secret_cleanup(&profile->text);
    *profile = (struct esa_profile){.user = NULL};
}

const char *esa_profile_field_name(enum esa_profile_form form, enum esa_profile_field field) {
    return form == ESA_PROFILE_CONFIG ? field_names[field].config : field_names[field].ini;
}

const char *esa_profile_value(const struct esa_profile *profile, enum esa_profile_field field) {
    const char *value = profile->value[field];
    return value == NULL ? "" : value;
}

const char *esa_profile_asked_for(const struct esa_chain *chain) {
    const char *name = esa_chain_get(chain, "ALIBABA_CLOUD_PROFILE");
    if (chain->profile != NULL)
        return chain->profile;
    return name[0] != '\0' ? name : NULL;
}

/* ---- one function for each mode ---- */

typedef enum cp_status resolve_fn(struct esa_credential *out, const struct esa_profile_file *file,
                                  const struct esa_profile *profile, struct cp_error *err);

static enum cp_status need(const struct esa_profile_file *file, const struct esa_profile *profile,
                           enum esa_profile_field field, struct cp_error *err) {
    if (esa_profile_value(profile, field)[0] != '\0')
        return CP_OK;
    return cp_fail(err, CP_ERR_USAGE, "profile '%s': %s is not set", profile->name,
                   esa_profile_field_name(file->form, field));
}

static enum cp_status take_key(struct esa_credential *out, const struct esa_profile_file *file,
                               const struct esa_profile *profile, const char *token,
                               struct cp_error *err) {
    static const struct esa_credential_names names = {"access_key_id", "access_key_secret",
                                                      "sts_token"};
    struct cp_error why = {CP_OK, 0, 0, ""};
    enum cp_status status = need(file, profile, ESA_PROFILE_KEY_ID, err);
    if (status == CP_OK)
        status = need(file, profile, ESA_PROFILE_SECRET, err);
    if (status != CP_OK)
        return status;
    status =
        esa_credential_init(out, esa_profile_value(profile, ESA_PROFILE_KEY_ID),
                            esa_profile_value(profile, ESA_PROFILE_SECRET), token, &names, &why);
    return status == CP_OK
               ? CP_OK
               : cp_fail(err, status, "profile '%s': %.300s", profile->name, why.message);
}

static enum cp_status resolve_ak(struct esa_credential *out, const struct esa_profile_file *file,
                                 const struct esa_profile *profile, struct cp_error *err) {
    return take_key(out, file, profile, NULL, err);
}

static enum cp_status resolve_sts(struct esa_credential *out, const struct esa_profile_file *file,
                                  const struct esa_profile *profile, struct cp_error *err) {
    enum cp_status status = need(file, profile, ESA_PROFILE_TOKEN, err);
    return status != CP_OK
               ? status
               : take_key(out, file, profile, esa_profile_value(profile, ESA_PROFILE_TOKEN), err);
}

static enum cp_status read_role(struct esa_sts_role *role, const struct esa_profile_file *file,
                                const struct esa_profile *profile, struct cp_error *err) {
    const char *duration = esa_profile_value(profile, ESA_PROFILE_DURATION);
    *role = (struct esa_sts_role){
        .role_arn = esa_profile_value(profile, ESA_PROFILE_ROLE_ARN),
        .session_name = esa_profile_value(profile, ESA_PROFILE_SESSION_NAME),
        .policy = esa_profile_value(profile, ESA_PROFILE_POLICY),
        .external_id = esa_profile_value(profile, ESA_PROFILE_EXTERNAL_ID),
        .region = esa_profile_value(profile, ESA_PROFILE_STS_REGION),
        .vpc = strcmp(esa_profile_value(profile, ESA_PROFILE_VPC), "true") == 0};
    if (duration[0] != '\0' && !esa_decimal_parse(&role->duration_s, duration, strlen(duration), 0))
        return cp_fail(err, CP_ERR_USAGE, "profile '%s': %s is no number of seconds", profile->name,
                       esa_profile_field_name(file->form, ESA_PROFILE_DURATION));
    return need(file, profile, ESA_PROFILE_ROLE_ARN, err);
}

static enum cp_status resolve_role(struct esa_credential *out, const struct esa_profile_file *file,
                                   const struct esa_profile *profile, struct cp_error *err) {
    struct esa_credential base = {0};
    struct esa_sts_role role;
    enum cp_status status = read_role(&role, file, profile, err);
    if (status == CP_OK)
        status = take_key(&base, file, profile, esa_profile_value(profile, ESA_PROFILE_TOKEN), err);
    if (status == CP_OK)
        status = esa_sts_assume_role(out, &base, &role, file->chain, err);
    esa_credential_cleanup(&base);
    return status;
}

/* The source profile's key assumes the role. */
static enum cp_status resolve_chain(struct esa_credential *out, const struct esa_profile_file *file,
                                    const struct esa_profile *profile, struct cp_error *err) {
    const char *name = esa_profile_value(profile, ESA_PROFILE_SOURCE_PROFILE);
    struct esa_credential base = {0};
    struct esa_profile source = {.user = profile};
    struct esa_sts_role role;
    size_t depth = 1;
    bool found = false;
    enum cp_status status = read_role(&role, file, profile, err);
    if (status == CP_OK)
        status = need(file, profile, ESA_PROFILE_SOURCE_PROFILE, err);
    for (const struct esa_profile *p = profile; p != NULL && status == CP_OK; p = p->user, depth++)
        if (strcmp(p->name, name) == 0 || depth == ESA_PROFILE_MAX_DEPTH)
            status =
                cp_fail(err, CP_ERR_USAGE, "profile '%s': source_profile leads %s", profile->name,
                        depth == ESA_PROFILE_MAX_DEPTH ? "through more than 8 profiles"
                                                       : "back to where it came from");
    if (status == CP_OK)
        status = file->find(&source, &found, file->context, name, err);
    if (status == CP_OK && !found)
        status = cp_fail(err, CP_ERR_USAGE,
                         "profile '%s': source_profile names '%.64s', which is not there",
                         profile->name, name);
    source.user = profile;
    if (status == CP_OK)
        status = esa_profile_resolve(&base, file, &source, err);
    if (status == CP_OK)
        status = esa_sts_assume_role(out, &base, &role, file->chain, err);
    esa_profile_cleanup(&source);
    esa_credential_cleanup(&base);
    return status;
}

static enum cp_status resolve_ecs(struct esa_credential *out, const struct esa_profile_file *file,
                                  const struct esa_profile *profile, struct cp_error *err) {
    bool is_ecs = false;
    return esa_ecs_fetch(out, &is_ecs, esa_profile_value(profile, ESA_PROFILE_ROLE_NAME),
                         file->chain, err);
}

static enum cp_status resolve_oidc(struct esa_credential *out, const struct esa_profile_file *file,
                                   const struct esa_profile *profile, struct cp_error *err) {
    struct esa_sts_role role;
    enum cp_status status = read_role(&role, file, profile, err);
    if (status == CP_OK)
        status = need(file, profile, ESA_PROFILE_OIDC_PROVIDER_ARN, err);
    if (status == CP_OK)
        status = need(file, profile, ESA_PROFILE_OIDC_TOKEN_FILE, err);
    if (status != CP_OK)
        return status;
    return esa_sts_assume_role_with_oidc(
        out, esa_profile_value(profile, ESA_PROFILE_OIDC_PROVIDER_ARN),
        esa_profile_value(profile, ESA_PROFILE_OIDC_TOKEN_FILE), &role, file->chain, err);
}

static enum cp_status resolve_external(struct esa_credential *out,
                                       const struct esa_profile_file *file,
                                       const struct esa_profile *profile, struct cp_error *err) {
    enum cp_status status = need(file, profile, ESA_PROFILE_PROCESS_COMMAND, err);
    return status != CP_OK
               ? status
               : esa_external_fetch(out, esa_profile_value(profile, ESA_PROFILE_PROCESS_COMMAND),
                                    file->chain, err);
}

static enum cp_status resolve_uri(struct esa_credential *out, const struct esa_profile_file *file,
                                  const struct esa_profile *profile, struct cp_error *err) {
    enum cp_status status = need(file, profile, ESA_PROFILE_CREDENTIALS_URI, err);
    return status != CP_OK
               ? status
               : esa_uri_fetch(out, esa_profile_value(profile, ESA_PROFILE_CREDENTIALS_URI),
                               file->chain, err);
}

static const struct {
    const char *config, *ini; /* what the mode is called there; NULL: it is not */
    resolve_fn *resolve;
} modes[] = {
    {"AK", "access_key", resolve_ak},
    {"StsToken", NULL, resolve_sts},
    {"RamRoleArn", "ram_role_arn", resolve_role},
    {"EcsRamRole", "ecs_ram_role", resolve_ecs},
    {"OIDC", NULL, resolve_oidc},
    {"External", NULL, resolve_external},
    {"CredentialsURI", NULL, resolve_uri},
    {"ChainableRamRoleArn", NULL, resolve_chain},
};

enum cp_status esa_profile_resolve(struct esa_credential *out, const struct esa_profile_file *file,
                                   const struct esa_profile *profile, struct cp_error *err) {
    const char *mode = esa_profile_value(profile, ESA_PROFILE_MODE);
    enum cp_status status = need(file, profile, ESA_PROFILE_MODE, err);
    if (status != CP_OK)
        return status;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        const char *name = file->form == ESA_PROFILE_CONFIG ? modes[i].config : modes[i].ini;
        if (name != NULL && strcasecmp(name, mode) == 0) /* as the CLI compares them */
            return modes[i].resolve(out, file, profile, err);
    }
    return cp_fail(err, CP_ERR_USAGE, "profile '%s': %s '%.40s' is not supported; want %s",
                   profile->name, esa_profile_field_name(file->form, ESA_PROFILE_MODE), mode,
                   file->form == ESA_PROFILE_CONFIG
                       ? "AK, StsToken, RamRoleArn, ChainableRamRoleArn, EcsRamRole, OIDC, "
                         "External or CredentialsURI"
                       : "access_key, ram_role_arn or ecs_ram_role");
}

enum cp_status esa_profile_provide(struct esa_credential *out, struct esa_provider_answer *answer,
                                   bool *found, const struct esa_profile_file *file,
                                   const char *name, struct cp_error *err) {
    struct esa_profile profile = {.user = NULL};
    enum cp_status status = file->find(&profile, found, file->context, name, err);
    if (status == CP_OK && *found) {
        esa_answer(answer, ESA_PROVIDER_ANSWERED, "%s (%.40s)", profile.name,
                   esa_profile_value(&profile, ESA_PROFILE_MODE));
        status = esa_profile_resolve(out, file, &profile, err);
    }
    esa_profile_cleanup(&profile);
    return status;
}
