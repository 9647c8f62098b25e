/* request: the typed constructors and the gates. */
#include "request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum cp_status esa_id_parse(int64_t *out, const char *text, const char *what,
                            struct cp_error *err) {
    *out = 0;
    if (text == NULL || !esa_decimal_parse(out, text, strlen(text), 1))
        return cp_fail(err, CP_ERR_USAGE,
                       "%s: want decimal digits from 1 to 9223372036854775807, got \"%.64s\"", what,
                       text == NULL ? "" : text);
    return CP_OK;
}

static struct esa_value value_of(const char *text) {
    return (struct esa_value){text, text == NULL ? 0 : strlen(text)};
}

enum cp_status esa_create_kind_of(enum esa_create_kind *out, const struct esa_create_choice *choice,
                                  struct cp_error *err) {
    /* What is not the matter of a choice is there, whatever its value; so is the material. */
    struct esa_value values[ESA_MAX_PARAMETERS] = {
        [ESA_CREATE_HOSTNAME] = {"-", 1},
        [ESA_CREATE_SITE_ID] = {"1", 1},
        [ESA_CREATE_RECORD_ID] = {"1", 1},
        [ESA_CREATE_SSL_FLAG] = value_of(choice->ssl_flag),
        [ESA_CREATE_CERT_TYPE] = value_of(choice->cert_type),
        [ESA_CREATE_CERTIFICATE] = value_of(choice->has_certificate ? "-" : NULL),
        [ESA_CREATE_PRIVATE_KEY] = value_of(choice->has_private_key ? "-" : NULL),
        [ESA_CREATE_CAS_ID] = value_of(choice->cas_id),
        [ESA_CREATE_CAS_REGION] = value_of(choice->cas_region),
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

/* Copies the values into one wiped buffer, whose size is known before the first byte is copied. */
static enum cp_status store_values(struct esa_request *request, const struct esa_value *values,
                                   struct cp_error *err) {
    size_t cap = 0;
    for (size_t i = 0; i < request->operation->num_parameters; i++) {
        if (values[i].text == NULL)
            continue;
        if (values[i].len > ESA_MAX_QUERY_LEN)
            return cp_fail(err, CP_ERR_LIMIT, "%s: over %zu bytes",
                           request->operation->parameters[i].name, ESA_MAX_QUERY_LEN);
        cap += values[i].len + 1;
    }
    enum cp_status status = cp_secret_init(&request->store, cap, err);
    for (size_t i = 0; i < request->operation->num_parameters && status == CP_OK; i++) {
        if (values[i].text == NULL)
            continue;
        request->values[i].text = (const char *)request->store.data + request->store.len;
        request->values[i].len = values[i].len;
        status = cp_secret_append(&request->store, values[i].text, values[i].len, err);
        if (status == CP_OK)
            status = cp_secret_append(&request->store, "", 1, err);
    }
    return status;
}

/* Notes follow from the request alone and are made again when its place changes. */
static void make_notes(struct esa_request *request) {
    request->num_notes = 0;
    if (request->is_wildcard)
        (void)snprintf(request->notes[request->num_notes++], ESA_NOTE_MAX,
                       "a wildcard custom hostname needs an Enterprise plan");
    size_t target_len = esa_request_target_len(request);
    if (target_len > ESA_TARGET_WARN_LEN)
        (void)snprintf(request->notes[request->num_notes++], ESA_NOTE_MAX,
                       "the request target has %zu bytes, over the %zu that common servers take; "
                       "--params-in=form sends the same parameters in the body",
                       target_len, ESA_TARGET_WARN_LEN);
}

/* The one way in: every constructor ends here, so every gate holds for all of them. */
static enum cp_status request_new(struct esa_request **out, const struct cp_hostname *hostname,
                                  int64_t site_id, int64_t record_id,
                                  const struct esa_value *kind_values,
                                  const struct cp_prepared *prepared, struct cp_error *err) {
    char site_text[24];
    char record_text[24];
    struct esa_value values[ESA_MAX_PARAMETERS];
    struct esa_request *request = NULL;
    enum cp_status status = check_hostname(hostname, err);
    *out = NULL;
    if (status != CP_OK)
        return status;
    memcpy(values, kind_values, sizeof(values));
    (void)snprintf(site_text, sizeof(site_text), "%" PRId64, site_id);
    (void)snprintf(record_text, sizeof(record_text), "%" PRId64, record_id);
    values[ESA_CREATE_HOSTNAME] = value_of(cp_hostname_ascii(hostname));
    values[ESA_CREATE_SITE_ID] = value_of(site_text);
    values[ESA_CREATE_RECORD_ID] = value_of(record_text);
    status = esa_operation_check(esa_operation_get(ESA_OP_CREATE), values, err);
    if (status != CP_OK)
        return status;

    request = calloc(1, sizeof(*request));
    if (request == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "request: out of memory");
    request->operation = esa_operation_get(ESA_OP_CREATE);
    request->is_wildcard = cp_hostname_is_wildcard(hostname);
    (void)snprintf(request->hostname, sizeof(request->hostname), "%s", cp_hostname_ascii(hostname));
    request->hostname_unicode = strdup(cp_hostname_unicode(hostname));
    if (request->hostname_unicode == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "request: out of memory");
        goto out;
    }
    status = store_values(request, values, err);
    if (status != CP_OK)
        goto out;
    if (prepared != NULL) {
        request->num_certs = cp_prepared_num_certs(prepared);
        (void)snprintf(request->leaf_sha256, sizeof(request->leaf_sha256), "%s",
                       cp_prepared_leaf_sha256(prepared));
    }
    make_notes(request);
    *out = request;
    request = NULL;
out:
    esa_request_free(request);
    return status;
}

enum cp_status esa_request_new_off(struct esa_request **out, const struct cp_hostname *hostname,
                                   int64_t site_id, int64_t record_id, struct cp_error *err) {
    struct esa_value values[ESA_MAX_PARAMETERS] = {
        [ESA_CREATE_SSL_FLAG] = value_of("off"),
    };
    return request_new(out, hostname, site_id, record_id, values, NULL, err);
}

enum cp_status esa_request_new_free(struct esa_request **out, const struct cp_hostname *hostname,
                                    int64_t site_id, int64_t record_id, struct cp_error *err) {
    struct esa_value values[ESA_MAX_PARAMETERS] = {
        [ESA_CREATE_SSL_FLAG] = value_of("on"),
        [ESA_CREATE_CERT_TYPE] = value_of("free"),
    };
    return request_new(out, hostname, site_id, record_id, values, NULL, err);
}

enum cp_status esa_request_new_cas(struct esa_request **out, const struct cp_hostname *hostname,
                                   int64_t site_id, int64_t record_id, int64_t cas_id,
                                   const char *cas_region, struct cp_error *err) {
    char cas_text[24];
    (void)snprintf(cas_text, sizeof(cas_text), "%" PRId64, cas_id);
    struct esa_value values[ESA_MAX_PARAMETERS] = {
        [ESA_CREATE_SSL_FLAG] = value_of("on"),
        [ESA_CREATE_CERT_TYPE] = value_of("cas"),
        [ESA_CREATE_CAS_ID] = value_of(cas_text),
        [ESA_CREATE_CAS_REGION] = value_of(cas_region),
    };
    return request_new(out, hostname, site_id, record_id, values, NULL, err);
}

enum cp_status esa_request_new_upload(struct esa_request **out, const struct cp_hostname *hostname,
                                      int64_t site_id, int64_t record_id,
                                      const struct cp_prepared *prepared, struct cp_error *err) {
    size_t chain_len = 0;
    size_t key_len = 0;
    *out = NULL;
    if (prepared == NULL || !cp_prepared_covers(prepared, hostname))
        return cp_fail(err, CP_ERR_BLOCKED,
                       "%s: the prepared material was not checked for this hostname, or does not "
                       "cover it",
                       cp_hostname_ascii(hostname));
    const char *chain = cp_prepared_chain_pem(prepared, &chain_len);
    const char *key = cp_prepared_key_pem(prepared, &key_len);
    struct esa_value values[ESA_MAX_PARAMETERS] = {
        [ESA_CREATE_SSL_FLAG] = value_of("on"),
        [ESA_CREATE_CERT_TYPE] = value_of("upload"),
        [ESA_CREATE_CERTIFICATE] = {chain, chain_len},
        [ESA_CREATE_PRIVATE_KEY] = {key, key_len},
    };
    return request_new(out, hostname, site_id, record_id, values, prepared, err);
}

void esa_request_free(struct esa_request *request) {
    if (request == NULL)
        return;
    cp_secret_cleanup(&request->store);
    free(request->hostname_unicode);
    free(request);
}

void esa_request_set_params_in(struct esa_request *request, enum esa_params_in params_in) {
    request->params_in = params_in;
    make_notes(request);
}

size_t esa_request_pairs(struct esa_pair pairs[ESA_MAX_PARAMETERS],
                         const struct esa_request *request) {
    size_t num = 0;
    for (size_t i = 0; i < request->operation->num_parameters; i++)
        if (request->values[i].text != NULL)
            pairs[num++] = (struct esa_pair){request->operation->parameters[i].name,
                                             request->values[i].text, request->values[i].len};
    return num;
}

size_t esa_request_target_len(const struct esa_request *request) {
    struct esa_pair pairs[ESA_MAX_PARAMETERS];
    size_t num = esa_request_pairs(pairs, request);
    if (request->params_in == ESA_PARAMS_FORM)
        return strlen("/");
    return strlen("/?") + esa_canon_query_len(pairs, num);
}

size_t esa_request_num_notes(const struct esa_request *request) {
    return request->num_notes;
}

const char *esa_request_note(const struct esa_request *request, size_t index) {
    return index < request->num_notes ? request->notes[index] : NULL;
}
