/* describe: what would be sent, masked, for --dry-run. Driven by the operation's rows: a parameter
 * is shown by its type, so a new secret is masked without a line of code here. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "message.h"
#include "sign.h"
#include "text.h"

#define DESCRIBE_MAX ((size_t)64 * 1024)
#define SHOWN_MAX ((size_t)512)

/* Everything that is shown, public by now. */
struct description {
    const struct esa_client *client;
    const struct esa_request *request;
    struct esa_message_headers headers;
    char authorization[ESA_MAX_AUTHORIZATION]; /* "" if none is sent */
};

static bool is_secret_header(const char *name) {
    return strcmp(name, "x-acs-security-token") == 0 || strcmp(name, "x-acs-bearer-token") == 0;
}

static void show_header(char out[SHOWN_MAX], const struct esa_pair *header) {
    if (is_secret_header(header->name))
        (void)snprintf(out, SHOWN_MAX, "[masked, %zu bytes]", header->value_len);
    else
        (void)esa_escape(out, SHOWN_MAX, header->value, header->value_len);
}

static void show_value(char out[SHOWN_MAX], const struct esa_request *request, size_t index) {
    const struct esa_value *value = &request->values[index];
    switch (request->operation->parameters[index].type) {
    case ESA_TYPE_STRING:
    case ESA_TYPE_INT64:
    case ESA_TYPE_WORD:
        (void)esa_escape(out, SHOWN_MAX, value->text, value->len);
        return;
    case ESA_TYPE_PEM:
        (void)snprintf(out, SHOWN_MAX, "[%zu certificate%s, %zu bytes, leaf sha256 %s]",
                       request->num_certs, request->num_certs == 1 ? "" : "s", value->len,
                       request->leaf_sha256);
        return;
    case ESA_TYPE_SECRET:
    case ESA_TYPE_BOOL:
    case ESA_TYPE_OBJECT:
    case ESA_TYPE_ARRAY:
        break;
    }
    (void)snprintf(out, SHOWN_MAX, "[masked, %zu bytes]", value->len);
}

static const char *place_name(const struct esa_request *request) {
    return esa_request_is_form(request) ? "form" : "query";
}

/* Makes the same headers and the same list of signed names as a real message does. The nonce is
 * shown as a word: it is new for each attempt, and so is the signature. */
static enum cp_status gather(struct description *out, struct cp_error *err) {
    char signed_headers[ESA_MAX_SIGNED_HEADERS];
    struct cp_secret query = {0};
    struct cp_secret body = {0};
    struct cp_secret canonical = {0};
    const struct esa_client *client = out->client;
    const struct esa_credential *credential = client->credential;
    struct esa_message_input input = {.request = out->request,
                                      .credential = credential,
                                      .host = client->host,
                                      .nonce = "[new for each attempt]"};
    enum cp_status status = client->clock(client->clock_context, &input.now_s, err);
    if (status == CP_OK)
        status = esa_message_parameters(&query, &body, &input, err);
    if (status == CP_OK)
        status = esa_message_headers(&out->headers, &input, &body, err);
    if (status == CP_OK)
        status =
            esa_canon_request(&canonical, signed_headers, out->request->operation->method, &query,
                              out->headers.pairs, out->headers.num, out->headers.body_sha256, err);
    bool is_signed = credential == NULL || credential->kind != ESA_CREDENTIAL_BEARER;
    out->authorization[0] = '\0';
    if (status == CP_OK && is_signed)
        status = esa_sign_authorization(out->authorization,
                                        credential == NULL ? "[no credential]" : credential->key_id,
                                        signed_headers, "[masked]", err);
    cp_secret_cleanup(&canonical);
    cp_secret_cleanup(&body);
    cp_secret_cleanup(&query);
    return status;
}

static enum cp_status describe_text(char **text, size_t *len, const struct description *what,
                                    struct cp_error *err) {
    const struct esa_operation *operation = what->request->operation;
    char shown[SHOWN_MAX];
    struct esa_buf buf;
    esa_buf_init(&buf, DESCRIBE_MAX);
    esa_buf_printf(&buf, "%s https://%s/\n", operation->method, what->client->host);
    esa_buf_printf(&buf, "%s, API version %s, parameters in the %s\n", operation->name,
                   operation->version, place_name(what->request));
    esa_buf_puts(&buf, "headers\n");
    for (size_t i = 0; i < what->headers.num; i++) {
        show_header(shown, &what->headers.pairs[i]);
        esa_buf_printf(&buf, "  %s: %s\n", what->headers.pairs[i].name, shown);
    }
    if (what->authorization[0] != '\0')
        esa_buf_printf(&buf, "  authorization: %s\n", what->authorization);
    esa_buf_puts(&buf, "parameters\n");
    for (size_t i = 0; i < operation->num_parameters; i++) {
        if (what->request->values[i].text == NULL)
            continue;
        show_value(shown, what->request, i);
        esa_buf_printf(&buf, "  %s: %s\n", operation->parameters[i].name, shown);
    }
    for (size_t i = 0; i < what->request->num_notes; i++)
        esa_buf_printf(&buf, "note: %s\n", what->request->notes[i]);
    esa_buf_puts(&buf, "nothing was sent\n");
    enum cp_status status = esa_buf_finish(&buf, err);
    if (status == CP_OK) {
        *len = buf.len;
        *text = buf.data;
        buf.data = NULL;
    }
    esa_buf_cleanup(&buf);
    return status;
}

static bool add_headers(cJSON *root, const struct description *what) {
    char shown[SHOWN_MAX];
    cJSON *headers = cJSON_AddObjectToObject(root, "headers");
    bool ok = headers != NULL;
    for (size_t i = 0; i < what->headers.num && ok; i++) {
        show_header(shown, &what->headers.pairs[i]);
        ok = cJSON_AddStringToObject(headers, what->headers.pairs[i].name, shown) != NULL;
    }
    if (ok && what->authorization[0] != '\0')
        ok = cJSON_AddStringToObject(headers, "authorization", what->authorization) != NULL;
    return ok;
}

/* Integers are written as strings: a reader with doubles would lose digits. */
static bool add_parameters(cJSON *root, const struct description *what) {
    const struct esa_operation *operation = what->request->operation;
    char shown[SHOWN_MAX];
    cJSON *parameters = cJSON_AddObjectToObject(root, "parameters");
    bool ok = parameters != NULL;
    for (size_t i = 0; i < operation->num_parameters && ok; i++) {
        if (what->request->values[i].text == NULL)
            continue;
        show_value(shown, what->request, i);
        ok = cJSON_AddStringToObject(parameters, operation->parameters[i].name, shown) != NULL;
    }
    return ok;
}

static bool add_notes(cJSON *root, const struct description *what) {
    cJSON *notes = cJSON_AddArrayToObject(root, "notes");
    bool ok = notes != NULL;
    for (size_t i = 0; i < what->request->num_notes && ok; i++) {
        cJSON *note = cJSON_CreateString(what->request->notes[i]);
        ok = note != NULL && cJSON_AddItemToArray(notes, note);
        if (!ok)
            cJSON_Delete(note);
    }
    return ok;
}

static enum cp_status describe_json(char **text, size_t *len, const struct description *what,
                                    struct cp_error *err) {
    const struct esa_operation *operation = what->request->operation;
    char *printed = NULL;
    enum cp_status status = CP_OK;
    cJSON *root = cJSON_CreateObject();
    if (root == NULL || !cJSON_AddStringToObject(root, "method", operation->method) ||
        !cJSON_AddStringToObject(root, "scheme", "https") ||
        !cJSON_AddStringToObject(root, "host", what->client->host) ||
        !cJSON_AddStringToObject(root, "action", operation->name) ||
        !cJSON_AddStringToObject(root, "version", operation->version) ||
        !cJSON_AddStringToObject(root, "parameters_in", place_name(what->request)) ||
        !add_headers(root, what) || !add_parameters(root, what) || !add_notes(root, what) ||
        !cJSON_AddFalseToObject(root, "sent")) {
        status = cp_fail(err, CP_ERR_MEMORY, "description: out of memory");
        goto out;
    }
    printed = cJSON_Print(root);
    *text = printed == NULL ? NULL : strdup(printed); /* ours: freed with free, not cJSON's hook */
    if (*text == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "description: out of memory");
        goto out;
    }
    *len = strlen(*text);
out:
    cJSON_free(printed);
    cJSON_Delete(root);
    return status;
}

enum cp_status esa_request_describe(const struct esa_client *client, char **text, size_t *len,
                                    const struct esa_request *request,
                                    enum esa_describe_format format, struct cp_error *err) {
    struct description what = {.client = client, .request = request};
    size_t text_len = 0;
    *text = NULL;
    enum cp_status status = gather(&what, err);
    if (status == CP_OK && format == ESA_DESCRIBE_JSON)
        status = describe_json(text, &text_len, &what, err);
    else if (status == CP_OK)
        status = describe_text(text, &text_len, &what, err);
    if (len != NULL)
        *len = text_len;
    return status;
}
