/* wire: what a signed HTTPS request is put together from. */
#include "wire.h"

#include <string.h>

enum cp_status esa_wire_authorization(char out[ESA_MAX_AUTHORIZATION],
                                      const struct esa_credential *credential, const char *method,
                                      const struct cp_secret *query, const struct esa_pair *headers,
                                      size_t num_headers, const char *body_sha256,
                                      struct cp_error *err) {
    char signed_headers[ESA_MAX_SIGNED_HEADERS];
    char string_to_sign[ESA_STRING_TO_SIGN_LEN + 1];
    char signature[ESA_HEX_LEN + 1];
    struct cp_secret canonical = {0};
    enum cp_status status = esa_canon_request(&canonical, signed_headers, method, query, headers,
                                              num_headers, body_sha256, err);
    if (status == CP_OK)
        status = esa_sign_string_to_sign(string_to_sign, &canonical, err);
    if (status == CP_OK)
        status = esa_sign_signature(signature, &credential->secret, string_to_sign, err);
    if (status == CP_OK)
        status = esa_sign_authorization(out, credential->key_id, signed_headers, signature, err);
    cp_secret_cleanup(&canonical);
    return status;
}

enum cp_status esa_wire_lines(struct cp_secret *text, const char **lines,
                              const struct esa_pair *headers, size_t num_headers,
                              struct cp_error *err) {
    size_t cap = 0;
    for (size_t i = 0; i < num_headers; i++)
        cap += strlen(headers[i].name) + headers[i].value_len + sizeof(": ");
    enum cp_status status = cp_secret_init(text, cap, err);
    for (size_t i = 0; i < num_headers && status == CP_OK; i++) {
        lines[i] = (const char *)text->data + text->len;
        status = esa_secret_puts(text, headers[i].name, err);
        if (status == CP_OK)
            status = esa_secret_puts(text, ": ", err);
        if (status == CP_OK)
            status = cp_secret_append(text, headers[i].value, headers[i].value_len, err);
        if (status == CP_OK)
            status = cp_secret_append(text, "", 1, err);
    }
    return status;
}

enum cp_status esa_wire_url(struct cp_secret *out, const char *host, const struct cp_secret *query,
                            struct cp_error *err) {
    size_t cap = strlen("https:///?") + strlen(host) + query->len + 1;
    enum cp_status status = cp_secret_init(out, cap, err);
    if (status == CP_OK)
        status = esa_secret_puts(out, "https://", err);
    if (status == CP_OK)
        status = esa_secret_puts(out, host, err);
    if (status == CP_OK)
        status = esa_secret_puts(out, query->len == 0 ? "/" : "/?", err);
    if (status == CP_OK)
        status = cp_secret_append(out, query->data, query->len, err);
    if (status == CP_OK)
        status = esa_secret_end(out, err);
    return status;
}
