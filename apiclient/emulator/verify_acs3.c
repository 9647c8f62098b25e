/* ACS3-HMAC-SHA256, the server's side: written from the description of the signature, not from the
 * client. */
#include "api.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

enum { CANONICAL_MAX = 524288 };

static const char algorithm[] = "ACS3-HMAC-SHA256";

struct authorization {
    struct esa_emu_span credential;
    struct esa_emu_span signed_headers;
    struct esa_emu_span signature;
};

/* Cuts "NAME=value" off the front of *rest, up to a comma or the end. */
static bool take_part(struct esa_emu_span *value, struct esa_emu_span *rest, const char *name) {
    size_t name_len = strlen(name);
    if (rest->len < name_len || memcmp(rest->data, name, name_len) != 0)
        return false;
    const char *start = rest->data + name_len, *end = rest->data + rest->len;
    const char *comma = memchr(start, ',', (size_t)(end - start));
    *value = (struct esa_emu_span){start, (size_t)((comma != NULL ? comma : end) - start)};
    *rest = comma != NULL ? (struct esa_emu_span){comma + 1, (size_t)(end - comma - 1)}
                          : (struct esa_emu_span){end, 0};
    return value->len != 0;
}

static bool parse_authorization(struct authorization *out, struct esa_emu_span text) {
    size_t prefix = sizeof algorithm - 1;
    if (text.len <= prefix || memcmp(text.data, algorithm, prefix) != 0 || text.data[prefix] != ' ')
        return false;
    struct esa_emu_span rest = {text.data + prefix + 1, text.len - prefix - 1};
    return take_part(&out->credential, &rest, "Credential=") &&
           take_part(&out->signed_headers, &rest, "SignedHeaders=") &&
           take_part(&out->signature, &rest, "Signature=") && rest.len == 0;
}

/* Cuts the next name off a list with semicolons. False at the end. */
static bool next_signed(struct esa_emu_span *name, struct esa_emu_span *rest) {
    if (rest->data == NULL)
        return false;
    const char *end = rest->data + rest->len;
    const char *stop = memchr(rest->data, ';', rest->len);
    *name = (struct esa_emu_span){rest->data, (size_t)((stop != NULL ? stop : end) - rest->data)};
    *rest = stop != NULL ? (struct esa_emu_span){stop + 1, (size_t)(end - stop - 1)}
                         : (struct esa_emu_span){NULL, 0};
    return true;
}

static bool is_signed(struct esa_emu_span list, struct esa_emu_span wanted) {
    struct esa_emu_span name;
    while (next_signed(&name, &list)) {
        if (name.len == wanted.len && memcmp(name.data, wanted.data, name.len) == 0)
            return true;
    }
    return false;
}

static const struct esa_emu_span *header_of(const struct esa_emu_request *request,
                                            struct esa_emu_span name) {
    for (size_t i = 0; i < request->num_headers; i++) {
        const struct esa_emu_header *header = &request->headers[i];
        if (header->name.len == name.len && memcmp(header->name.data, name.data, name.len) == 0)
            return &header->value;
    }
    return NULL;
}

/* What must be signed is, and what is said to be signed was sent, in order. */
static bool check_signed_headers(struct esa_emu_call *call, struct esa_emu_span list) {
    static const char *const needed[] = {"x-acs-action", "x-acs-content-sha256", "x-acs-date",
                                         "x-acs-signature-nonce", "x-acs-version"};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        const struct esa_emu_span *value = esa_emu_http_header(call->request, needed[i]);
        if (value == NULL || value->len == 0)
            return esa_emu_refuse(call, ESA_EMU_SIGNATURE_INCOMPLETE,
                                  "a needed x-acs- header is missing");
    }
    for (size_t i = 0; i < call->request->num_headers; i++) {
        struct esa_emu_span name = call->request->headers[i].name;
        bool must = esa_emu_span_is(name, "host") || esa_emu_span_is(name, "content-type") ||
                    (name.len >= 6 && memcmp(name.data, "x-acs-", 6) == 0);
        if (must && !is_signed(list, name))
            return esa_emu_refuse(
                call, ESA_EMU_SIGNATURE_INCOMPLETE,
                "host, content-type or an x-acs- header was sent, but not signed");
    }
    struct esa_emu_span rest = list, name, before = {NULL, 0};
    while (next_signed(&name, &rest)) {
        size_t common = name.len < before.len ? name.len : before.len;
        int order = common == 0 ? 0 : memcmp(before.data, name.data, common);
        if (order > 0 || (order == 0 && before.len >= name.len))
            return esa_emu_refuse(call, ESA_EMU_SIGNATURE_INCOMPLETE,
                                  "SignedHeaders: want sorted names, each once");
        if (header_of(call->request, name) == NULL)
            return esa_emu_refuse(call, ESA_EMU_SIGNATURE_INCOMPLETE,
                                  "SignedHeaders names a header that was not sent");
        before = name;
    }
    return true;
}

static void add_span(struct esa_emu_buf *out, struct esa_emu_span span) {
    esa_emu_buf_add(out, span.data, span.len);
}

static void build_canonical(struct esa_emu_call *call, struct esa_emu_span signed_headers,
                            const char *body_hash) {
    const struct esa_emu_request *request = call->request;
    struct esa_emu_buf *out = &call->canonical;
    struct esa_emu_span rest = signed_headers, name;
    char hash[65];
    out->max = CANONICAL_MAX;
    add_span(out, request->method);
    esa_emu_buf_text(out, "\n/\n");
    esa_emu_params_canonical(out, &call->query);
    esa_emu_buf_text(out, "\n");
    while (next_signed(&name, &rest)) {
        add_span(out, name);
        esa_emu_buf_text(out, ":");
        add_span(out, *header_of(request, name));
        esa_emu_buf_text(out, "\n");
    }
    esa_emu_buf_text(out, "\n");
    add_span(out, signed_headers);
    esa_emu_buf_text(out, "\n");
    esa_emu_buf_text(out, body_hash);
    esa_emu_sha256_hex(hash, out->data, out->len);
    (void)snprintf(call->string_to_sign, sizeof call->string_to_sign, "%s\n%s", algorithm, hash);
}

static bool check_signature(struct esa_emu_call *call, const struct authorization *authorization,
                            const char *secret) {
    static const char digits[] = "0123456789abcdef";
    const struct esa_emu_request *request = call->request;
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;
    char hex[2 * EVP_MAX_MD_SIZE], body_hash[65];
    esa_emu_sha256_hex(body_hash, request->body.data, request->body.len);
    build_canonical(call, authorization->signed_headers, body_hash);
    if (call->canonical.failed ||
        HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)call->string_to_sign,
             strlen(call->string_to_sign), mac, &mac_len) == NULL)
        return esa_emu_refuse(call, ESA_EMU_INTERNAL_ERROR, "out of memory");
    for (size_t i = 0; i < mac_len; i++) {
        hex[2 * i] = digits[mac[i] >> 4];
        hex[2 * i + 1] = digits[mac[i] & 15];
    }
    call->echo = true;
    if (!esa_emu_span_is(*esa_emu_http_header(request, "x-acs-content-sha256"), body_hash))
        return esa_emu_refuse(call, ESA_EMU_SIGNATURE_MISMATCH,
                              "x-acs-content-sha256 is not the body's hash");
    if (authorization->signature.len != 2 * (size_t)mac_len ||
        CRYPTO_memcmp(authorization->signature.data, hex, 2 * (size_t)mac_len) != 0)
        return esa_emu_refuse(call, ESA_EMU_SIGNATURE_MISMATCH, "the signature is another one");
    call->echo = false;
    return true;
}

void esa_emu_verify_acs3(struct esa_emu_call *call, struct esa_emu_service *service) {
    const struct esa_emu_request *request = call->request;
    const struct esa_emu_span *id = esa_emu_http_header(request, "x-acs-accesskey-id");
    const struct esa_emu_span *token = esa_emu_http_header(request, "x-acs-security-token");
    struct authorization authorization;
    struct esa_emu_credential own;
    int64_t now_s = esa_emu_options_now(service->options);
    if (!parse_authorization(&authorization, *esa_emu_http_header(request, "authorization"))) {
        (void)esa_emu_refuse(call, ESA_EMU_SIGNATURE_INCOMPLETE, "Authorization is malformed");
        return;
    }
    if ((id != NULL && (id->len != authorization.credential.len ||
                        memcmp(id->data, authorization.credential.data, id->len) != 0)) ||
        !esa_emu_credential_find(&own, service, authorization.credential)) {
        (void)esa_emu_refuse(call, ESA_EMU_KEY_NOT_FOUND, "unknown access key id");
        return;
    }
    if (check_signed_headers(call, authorization.signed_headers) &&
        esa_emu_check_date(call, *esa_emu_http_header(request, "x-acs-date"), now_s) &&
        check_signature(call, &authorization, own.secret) &&
        esa_emu_credential_check_token(call, &own, token, now_s) &&
        esa_emu_check_nonce(call, service, *esa_emu_http_header(request, "x-acs-signature-nonce"),
                            now_s))
        memcpy(call->key_id, authorization.credential.data, authorization.credential.len);
    OPENSSL_cleanse(&own, sizeof own);
}
