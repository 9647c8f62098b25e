/* request: those that change a custom hostname, and their gates. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

enum cp_status esa_create_kind_of(enum esa_create_kind *out, const struct esa_create_choice *choice,
                                  struct cp_error *err) {
    /* What is not the matter of a choice is there, whatever its value; so is the material. */
    struct esa_value values[ESA_MAX_PARAMETERS] = {
        [ESA_CREATE_HOSTNAME] = {"-", 1},
        [ESA_CREATE_SITE_ID] = {"1", 1},
        [ESA_CREATE_RECORD_ID] = {"1", 1},
        [ESA_CREATE_SSL_FLAG] = esa_value_of(choice->ssl_flag),
        [ESA_CREATE_CERT_TYPE] = esa_value_of(choice->cert_type),
        [ESA_CREATE_CERTIFICATE] = esa_value_of(choice->has_certificate ? "-" : NULL),
        [ESA_CREATE_PRIVATE_KEY] = esa_value_of(choice->has_private_key ? "-" : NULL),
        [ESA_CREATE_CAS_ID] = esa_value_of(choice->cas_id),
        [ESA_CREATE_CAS_REGION] = esa_value_of(choice->cas_region),
    };
    *out = ESA_CREATE_OFF;
    enum cp_status status = esa_operation_check(esa_operation_get(ESA_OP_CREATE), values, err);
    if (status != CP_OK || choice->cert_type == NULL)
        return status;
    if (strcmp(choice->cert_type, "upload") == 0)
        *out = ESA_CREATE_UPLOAD;
    else if (strcmp(choice->cert_type, "cas") == 0)
        *out = ESA_CREATE_CAS;
    else
        *out = ESA_CREATE_FREE;
    return CP_OK;
}

static enum cp_status check_hostname(const struct cp_hostname *hostname, struct cp_error *err) {
    const char *ascii = cp_hostname_ascii(hostname);
    if (cp_hostname_is_ip(hostname))
        return cp_fail(err, CP_ERR_USAGE,
                       "Hostname: %s is an IP address; a custom hostname is a domain name", ascii);
    if (cp_hostname_is_public_suffix(hostname))
        return cp_fail(err, CP_ERR_USAGE,
                       "Hostname: %s is a public suffix; nobody can have it as a custom hostname",
                       ascii);
    if (strlen(ascii) >= ESA_HOSTNAME_MAX)
        return cp_fail(err, CP_ERR_LIMIT, "Hostname: over %zu bytes", ESA_HOSTNAME_MAX - 1);
    return CP_OK;
}

/* What TLS there shall be: the four words and numbers, and the material of an upload. */
struct wish {
    const char *ssl_flag, *cert_type, *cas_region;
    int64_t cas_id;                     /* 0: none */
    const struct cp_prepared *prepared; /* NULL: none */
};

static const struct wish wish_off = {.ssl_flag = "off"};
static const struct wish wish_free = {.ssl_flag = "on", .cert_type = "free"};

static struct wish wish_cas(int64_t cas_id, const char *cas_region) {
    return (struct wish){
        .ssl_flag = "on", .cert_type = "cas", .cas_id = cas_id, .cas_region = cas_region};
}

static struct wish wish_upload(const struct cp_prepared *prepared) {
    return (struct wish){.ssl_flag = "on", .cert_type = "upload", .prepared = prepared};
}

#define ID_TEXT_MAX 24

static const char *id_text(char out[ID_TEXT_MAX], int64_t id) {
    (void)snprintf(out, ID_TEXT_MAX, "%" PRId64, id);
    return out;
}

static void set(struct esa_value *values, const struct esa_operation *operation, const char *name,
                struct esa_value value) {
    values[esa_operation_index(operation, name)] = value;
}

/* The parameters that create and update have in common. */
static void set_wish(struct esa_value *values, const struct esa_operation *operation,
                     const struct wish *wish, char cas_text[ID_TEXT_MAX]) {
    set(values, operation, "SslFlag", esa_value_of(wish->ssl_flag));
    set(values, operation, "CertType", esa_value_of(wish->cert_type));
    set(values, operation, "CasRegion", esa_value_of(wish->cas_region));
    if (wish->cas_region != NULL || wish->cas_id != 0)
        set(values, operation, "CasId", esa_value_of(id_text(cas_text, wish->cas_id)));
    if (wish->prepared != NULL) {
        struct esa_value chain = {0}, key = {0};
        chain.text = cp_prepared_chain_pem(wish->prepared, &chain.len);
        key.text = cp_prepared_key_pem(wish->prepared, &key.len);
        set(values, operation, "Certificate", chain);
        set(values, operation, "PrivateKey", key);
    }
}

static enum cp_status copy_hostname(struct esa_request *request, const char *ascii,
                                    const char *unicode, bool is_wildcard, struct cp_error *err) {
    (void)snprintf(request->hostname, sizeof(request->hostname), "%s", ascii);
    request->is_wildcard = is_wildcard;
    request->hostname_unicode = strdup(unicode);
    if (request->hostname_unicode == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "request: out of memory");
    return CP_OK;
}

/* Every create and update that is made from parts ends here, so every gate holds for all. */
static enum cp_status request_new(struct esa_request **out, enum esa_operation_id id,
                                  struct esa_value *values, const struct cp_hostname *hostname,
                                  const struct wish *wish, struct cp_error *err) {
    char cas_text[ID_TEXT_MAX];
    struct esa_request *request = NULL;
    enum cp_status status = check_hostname(hostname, err);
    *out = NULL;
    if (status != CP_OK)
        return status;
    bool is_upload = wish->cert_type != NULL && strcmp(wish->cert_type, "upload") == 0;
    if (is_upload && (wish->prepared == NULL || !cp_prepared_covers(wish->prepared, hostname)))
        return cp_fail(err, CP_ERR_BLOCKED,
                       "%s: the prepared material was not checked for this hostname, or does not "
                       "cover it",
                       cp_hostname_ascii(hostname));
    set_wish(values, esa_operation_get(id), wish, cas_text);
    status = esa_request_build(&request, id, values, err);
    if (status == CP_OK)
        status = copy_hostname(request, cp_hostname_ascii(hostname), cp_hostname_unicode(hostname),
                               cp_hostname_is_wildcard(hostname), err);
    if (status != CP_OK) {
        esa_request_free(request);
        return status;
    }
    if (wish->prepared != NULL) {
        request->num_certs = cp_prepared_num_certs(wish->prepared);
        (void)snprintf(request->leaf_sha256, sizeof(request->leaf_sha256), "%s",
                       cp_prepared_leaf_sha256(wish->prepared));
    }
    esa_request_make_notes(request);
    *out = request;
    return CP_OK;
}

static enum cp_status create_new(struct esa_request **out, const struct cp_hostname *hostname,
                                 int64_t site_id, int64_t record_id, struct wish wish,
                                 struct cp_error *err) {
    char site_text[ID_TEXT_MAX], record_text[ID_TEXT_MAX];
    struct esa_value values[ESA_MAX_PARAMETERS] = {
        [ESA_CREATE_HOSTNAME] = esa_value_of(cp_hostname_ascii(hostname)),
        [ESA_CREATE_SITE_ID] = esa_value_of(id_text(site_text, site_id)),
        [ESA_CREATE_RECORD_ID] = esa_value_of(id_text(record_text, record_id)),
    };
    return request_new(out, ESA_OP_CREATE, values, hostname, &wish, err);
}

enum cp_status esa_request_new_off(struct esa_request **out, const struct cp_hostname *hostname,
                                   int64_t site_id, int64_t record_id, struct cp_error *err) {
    return create_new(out, hostname, site_id, record_id, wish_off, err);
}

enum cp_status esa_request_new_free(struct esa_request **out, const struct cp_hostname *hostname,
                                    int64_t site_id, int64_t record_id, struct cp_error *err) {
    return create_new(out, hostname, site_id, record_id, wish_free, err);
}

enum cp_status esa_request_new_cas(struct esa_request **out, const struct cp_hostname *hostname,
                                   int64_t site_id, int64_t record_id, int64_t cas_id,
                                   const char *cas_region, struct cp_error *err) {
    return create_new(out, hostname, site_id, record_id, wish_cas(cas_id, cas_region), err);
}

enum cp_status esa_request_new_upload(struct esa_request **out, const struct cp_hostname *hostname,
                                      int64_t site_id, int64_t record_id,
                                      const struct cp_prepared *prepared, struct cp_error *err) {
    return create_new(out, hostname, site_id, record_id, wish_upload(prepared), err);
}

static enum cp_status update_new(struct esa_request **out, const struct cp_hostname *hostname,
                                 int64_t hostname_id, int64_t record_id, struct wish wish,
                                 struct cp_error *err) {
    char id_of_hostname[ID_TEXT_MAX], record_text[ID_TEXT_MAX];
    struct esa_value values[ESA_MAX_PARAMETERS] = {
        [ESA_UPDATE_HOSTNAME_ID] = esa_value_of(id_text(id_of_hostname, hostname_id)),
    };
    if (record_id != 0)
        values[ESA_UPDATE_RECORD_ID] = esa_value_of(id_text(record_text, record_id));
    return request_new(out, ESA_OP_UPDATE, values, hostname, &wish, err);
}

enum cp_status esa_request_new_update_off(struct esa_request **out,
                                          const struct cp_hostname *hostname, int64_t hostname_id,
                                          int64_t record_id, struct cp_error *err) {
    return update_new(out, hostname, hostname_id, record_id, wish_off, err);
}

enum cp_status esa_request_new_update_free(struct esa_request **out,
                                           const struct cp_hostname *hostname, int64_t hostname_id,
                                           int64_t record_id, struct cp_error *err) {
    return update_new(out, hostname, hostname_id, record_id, wish_free, err);
}

enum cp_status esa_request_new_update_cas(struct esa_request **out,
                                          const struct cp_hostname *hostname, int64_t hostname_id,
                                          int64_t record_id, int64_t cas_id, const char *cas_region,
                                          struct cp_error *err) {
    return update_new(out, hostname, hostname_id, record_id, wish_cas(cas_id, cas_region), err);
}

enum cp_status esa_request_new_update_upload(struct esa_request **out,
                                             const struct cp_hostname *hostname,
                                             int64_t hostname_id, int64_t record_id,
                                             const struct cp_prepared *prepared,
                                             struct cp_error *err) {
    return update_new(out, hostname, hostname_id, record_id, wish_upload(prepared), err);
}

enum cp_status esa_request_new_update_from(struct esa_request **out,
                                           const struct esa_request *create, int64_t hostname_id,
                                           struct cp_error *err) {
    const struct esa_operation *from = create->operation;
    const struct esa_operation *to = esa_operation_get(ESA_OP_UPDATE);
    struct esa_value values[ESA_MAX_PARAMETERS] = {0};
    char text[ID_TEXT_MAX];
    struct esa_request *request = NULL;
    *out = NULL;
    if (esa_request_operation_id(create) != ESA_OP_CREATE)
        return cp_fail(err, CP_ERR_USAGE, "update: %s is no creation to take it from", from->name);
    for (size_t i = 0; i < to->num_parameters; i++) {
        size_t index = esa_operation_index(from, to->parameters[i].name);
        if (index < from->num_parameters)
            values[i] = create->values[index];
    }
    values[ESA_UPDATE_HOSTNAME_ID] = esa_value_of(id_text(text, hostname_id));
    enum cp_status status = esa_request_build(&request, ESA_OP_UPDATE, values, err);
    if (status == CP_OK)
        status = copy_hostname(request, create->hostname, create->hostname_unicode,
                               create->is_wildcard, err);
    if (status != CP_OK) {
        esa_request_free(request);
        return status;
    }
    request->num_certs = create->num_certs;
    memcpy(request->leaf_sha256, create->leaf_sha256, sizeof(request->leaf_sha256));
    esa_request_set_params_in(request, create->params_in);
    *out = request;
    return CP_OK;
}
