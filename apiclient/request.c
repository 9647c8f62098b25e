/* request: what all of them have in common. */
#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "transport.h"

enum cp_status esa_id_parse(int64_t *out, const char *text, const char *what,
                            struct cp_error *err) {
    *out = 0;
    if (text == NULL || !esa_decimal_parse(out, text, strlen(text), 1))
        return cp_fail(err, CP_ERR_USAGE,
                       "%s: want decimal digits from 1 to 9223372036854775807, got \"%.64s\"", what,
                       text == NULL ? "" : text);
    return CP_OK;
}

struct esa_value esa_value_of(const char *text) {
    return (struct esa_value){text, text == NULL ? 0 : strlen(text)};
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

enum cp_status esa_request_build(struct esa_request **out, enum esa_operation_id id,
                                 const struct esa_value *values, struct cp_error *err) {
    const struct esa_operation *operation = esa_operation_get(id);
    *out = NULL;
    enum cp_status status = esa_operation_check(operation, values, err);
    if (status != CP_OK)
        return status;
    struct esa_request *request = calloc(1, sizeof(*request));
    if (request == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "request: out of memory");
    request->operation = operation;
    status = store_values(request, values, err);
    if (status != CP_OK) {
        esa_request_free(request);
        return status;
    }
    esa_request_make_notes(request);
    *out = request;
    return CP_OK;
}

void esa_request_make_notes(struct esa_request *request) {
    bool is_create = esa_request_operation_id(request) == ESA_OP_CREATE;
    request->num_notes = 0;
    if (request->is_wildcard && is_create)
        (void)snprintf(request->notes[request->num_notes++], ESA_NOTE_MAX,
                       "a wildcard custom hostname needs an Enterprise plan");
    size_t target_len = esa_request_target_len(request);
    if (target_len > ESA_TARGET_WARN_LEN)
        (void)snprintf(request->notes[request->num_notes++], ESA_NOTE_MAX,
                       "the request target has %zu bytes, over the %zu that common servers take; "
                       "--params-in=form sends the same parameters in the body",
                       target_len, ESA_TARGET_WARN_LEN);
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
    esa_request_make_notes(request);
}

const struct esa_operation *esa_request_operation(const struct esa_request *request) {
    return request->operation;
}

bool esa_request_is_form(const struct esa_request *request) {
    return request->params_in == ESA_PARAMS_FORM && strcmp(request->operation->method, "GET") != 0;
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
    if (esa_request_is_form(request))
        return strlen("/");
    return strlen("/?") + esa_canon_query_len(pairs, num);
}

size_t esa_request_num_notes(const struct esa_request *request) {
    return request->num_notes;
}

const char *esa_request_note(const struct esa_request *request, size_t index) {
    return index < request->num_notes ? request->notes[index] : NULL;
}

enum esa_operation_id esa_request_operation_id(const struct esa_request *request) {
    return esa_operation_id_of(request->operation);
}

const char *esa_request_text(const struct esa_request *request, const char *name) {
    size_t index = esa_operation_index(request->operation, name);
    return index < request->operation->num_parameters ? request->values[index].text : NULL;
}

int64_t esa_request_id(const struct esa_request *request, const char *name) {
    int64_t id = 0;
    const char *text = esa_request_text(request, name);
    if (text == NULL || !esa_decimal_parse(&id, text, strlen(text), 1))
        return 0;
    return id;
}

/* Of lists: what rows may have, for as many as were asked for; 500 is the service's maximum. Of a
 * custom hostname: its chain and key, too. Of what changes something: an error, which may echo the
 * request, each of its bytes as an escape of JSON. */
size_t esa_request_max_reply_len(const struct esa_request *request) {
    const struct esa_operation *operation = request->operation;
    bool is_list = false, has_files = false;
    for (size_t i = 0; i < operation->num_fields; i++) {
        is_list = is_list || operation->fields[i].type == ESA_TYPE_ARRAY;
        has_files = has_files || operation->fields[i].model == ESA_MODEL_HOSTNAME;
    }
    if (is_list) {
        int64_t num = esa_request_id(request, "PageSize");
        return ESA_REPLY_HEAD_LEN + (size_t)(num == 0 ? 500 : num) * ESA_REPLY_ROW_LEN;
    }
    if (operation->effect == ESA_EFFECT_NONE)
        return has_files ? 4 * ESA_REPLY_HEAD_LEN : ESA_REPLY_HEAD_LEN;
    struct esa_pair pairs[ESA_MAX_PARAMETERS];
    size_t num = esa_request_pairs(pairs, request);
    size_t echo_len = 6 * esa_canon_query_len(pairs, num); /* at most 4 MiB, so no overflow */
    return echo_len < ESA_MAX_REPLY_LEN - ESA_REPLY_HEAD_LEN ? ESA_REPLY_HEAD_LEN + echo_len
                                                             : ESA_MAX_REPLY_LEN;
}
