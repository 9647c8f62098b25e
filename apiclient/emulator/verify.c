/* ACS3-HMAC-SHA256, the server's side: written from the description of the signature, not from the
 * client. */
#include "emulator.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

enum { WINDOW_S = 15 * 60, NONCE_MAX = 128, CANONICAL_MAX = 524288 };

static const char algorithm[] = "ACS3-HMAC-SHA256";

struct authorization {
    struct esa_emu_span credential;
    struct esa_emu_span signed_headers;
    struct esa_emu_span signature;
};

static bool refuse(struct esa_emu_call *call, enum esa_emu_code code, const char *reason) {
    call->code = code;
    call->reason = reason;
    return false;
}

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
            return refuse(call, ESA_EMU_SIGNATURE_INCOMPLETE, "a needed x-acs- header is missing");
    }
    for (size_t i = 0; i < call->request->num_headers; i++) {
        struct esa_emu_span name = call->request->headers[i].name;
        bool must = esa_emu_span_is(name, "host") || esa_emu_span_is(name, "content-type") ||
                    (name.len >= 6 && memcmp(name.data, "x-acs-", 6) == 0);
        if (must && !is_signed(list, name))
            return refuse(call, ESA_EMU_SIGNATURE_INCOMPLETE,
                          "host, content-type or an x-acs- header was sent, but not signed");
    }
    struct esa_emu_span rest = list, name, before = {NULL, 0};
    while (next_signed(&name, &rest)) {
        size_t common = name.len < before.len ? name.len : before.len;
        int order = common == 0 ? 0 : memcmp(before.data, name.data, common);
        if (order > 0 || (order == 0 && before.len >= name.len))
            return refuse(call, ESA_EMU_SIGNATURE_INCOMPLETE,
                          "SignedHeaders: want sorted names, each once");
        if (header_of(call->request, name) == NULL)
            return refuse(call, ESA_EMU_SIGNATURE_INCOMPLETE,
                          "SignedHeaders names a header that was not sent");
        before = name;
    }
    return true;
}

static bool read_digits(int64_t *out, const char *text, size_t len) {
    *out = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *out = *out * 10 + (text[i] - '0');
    }
    return true;
}

/* "2026-03-19T08:00:00Z", nothing else. */
static bool parse_date(int64_t *out_s, struct esa_emu_span text) {
    static const char form[] = "0000-00-00T00:00:00Z";
    static const int days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    if (text.len != sizeof form - 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (form[i] != '0' && text.data[i] != form[i])
            return false;
    }
    const char *t = text.data;
    if (!read_digits(&year, t, 4) || !read_digits(&month, t + 5, 2) ||
        !read_digits(&day, t + 8, 2) || !read_digits(&hour, t + 11, 2) ||
        !read_digits(&minute, t + 14, 2) || !read_digits(&second, t + 17, 2))
        return false;
    if (year < 1970 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int month_days = days_before[month] - days_before[month - 1] + (leap && month == 2);
    if (day < 1 || day > month_days)
        return false;
    int64_t last = year - 1;
    int64_t leap_days = last / 4 - last / 100 + last / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
    int64_t days =
        (year - 1970) * 365 + leap_days + days_before[month - 1] + (leap && month > 2) + day - 1;
    *out_s = days * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

static bool check_date(struct esa_emu_call *call, int64_t now_s) {
    int64_t date_s = 0;
    if (!parse_date(&date_s, *esa_emu_http_header(call->request, "x-acs-date")))
        return refuse(call, ESA_EMU_TIME_FORMAT, "x-acs-date: want YYYY-MM-DDThh:mm:ssZ");
    int64_t skew = now_s > date_s ? now_s - date_s : date_s - now_s;
    if (skew > WINDOW_S)
        return refuse(call, ESA_EMU_TIME_EXPIRED, "x-acs-date is over 15 minutes off");
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
        return refuse(call, ESA_EMU_INTERNAL_ERROR, "out of memory");
    for (size_t i = 0; i < mac_len; i++) {
        hex[2 * i] = digits[mac[i] >> 4];
        hex[2 * i + 1] = digits[mac[i] & 15];
    }
    call->echo = true;
    if (!esa_emu_span_is(*esa_emu_http_header(request, "x-acs-content-sha256"), body_hash))
        return refuse(call, ESA_EMU_SIGNATURE_MISMATCH,
                      "x-acs-content-sha256 is not the body's hash");
    if (authorization->signature.len != 2 * (size_t)mac_len ||
        CRYPTO_memcmp(authorization->signature.data, hex, 2 * (size_t)mac_len) != 0)
        return refuse(call, ESA_EMU_SIGNATURE_MISMATCH, "the signature is another one");
    call->echo = false;
    return true;
}

static bool check_token(struct esa_emu_call *call, const char *token) {
    const struct esa_emu_span *sent = esa_emu_http_header(call->request, "x-acs-security-token");
    if (token[0] == '\0')
        return true;
    if (sent == NULL)
        return refuse(call, ESA_EMU_TOKEN_MISSING, "x-acs-security-token is missing");
    if (sent->len != strlen(token) || CRYPTO_memcmp(sent->data, token, sent->len) != 0)
        return refuse(call, ESA_EMU_TOKEN_MALFORMED, "x-acs-security-token is another one");
    return true;
}

void esa_emu_verify(struct esa_emu_call *call, const struct esa_emu_options *options,
                    struct esa_emu_nonces *nonces) {
    const struct esa_emu_request *request = call->request;
    const struct esa_emu_span *header = esa_emu_http_header(request, "authorization");
    const struct esa_emu_span *id = esa_emu_http_header(request, "x-acs-accesskey-id");
    struct authorization authorization;
    int64_t now_s = esa_emu_options_now(options);
    bool full = false;
    call->code = ESA_EMU_ACCEPTED;
    if (header == NULL) {
        (void)refuse(call, ESA_EMU_MISSING_KEY_ID, "Authorization is missing");
    } else if (!parse_authorization(&authorization, *header)) {
        (void)refuse(call, ESA_EMU_SIGNATURE_INCOMPLETE, "Authorization is malformed");
    } else if (!esa_emu_span_is(authorization.credential, options->key_id) ||
               (id != NULL && !esa_emu_span_is(*id, options->key_id))) {
        (void)refuse(call, ESA_EMU_KEY_NOT_FOUND, "unknown access key id");
    } else if (check_signed_headers(call, authorization.signed_headers) &&
               check_date(call, now_s) && check_signature(call, &authorization, options->secret) &&
               check_token(call, options->security_token)) {
        struct esa_emu_span nonce = *esa_emu_http_header(request, "x-acs-signature-nonce");
        if (nonce.len > NONCE_MAX)
            (void)refuse(call, ESA_EMU_SIGNATURE_INCOMPLETE, "the nonce is over 128 bytes");
        else if (!esa_emu_nonces_use(nonces, &full, nonce, now_s))
            (void)refuse(call, full ? ESA_EMU_UNAVAILABLE : ESA_EMU_NONCE_USED,
                         full ? "too many nonces within half an hour" : "the nonce was used");
    }
}
