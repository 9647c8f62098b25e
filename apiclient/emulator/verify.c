/* Who asks: which credential, by which kind of signature, when, and for the first time. */
#include "api.h"

#include <openssl/crypto.h>
#include <string.h>

enum { WINDOW_S = 15 * 60, NONCE_MAX = 128 };

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

bool esa_emu_check_date(struct esa_emu_call *call, struct esa_emu_span date, int64_t now_s) {
    int64_t date_s = 0;
    if (!parse_date(&date_s, date))
        return esa_emu_refuse(call, ESA_EMU_TIME_FORMAT, "the date: want YYYY-MM-DDThh:mm:ssZ");
    int64_t skew = now_s > date_s ? now_s - date_s : date_s - now_s;
    if (skew > WINDOW_S)
        return esa_emu_refuse(call, ESA_EMU_TIME_EXPIRED, "the date is over 15 minutes off");
    return true;
}

bool esa_emu_check_nonce(struct esa_emu_call *call, struct esa_emu_service *service,
                         struct esa_emu_span nonce, int64_t now_s) {
    bool full = false;
    if (nonce.len > NONCE_MAX)
        return esa_emu_refuse(call, ESA_EMU_SIGNATURE_INCOMPLETE, "the nonce is over 128 bytes");
    if (!esa_emu_nonces_use(service->nonces, &full, nonce, now_s))
        return esa_emu_refuse(call, full ? ESA_EMU_UNAVAILABLE : ESA_EMU_NONCE_USED,
                              full ? "too many nonces within half an hour" : "the nonce was used");
    return true;
}

bool esa_emu_credential_find(struct esa_emu_credential *out, struct esa_emu_service *service,
                             struct esa_emu_span key_id) {
    const struct esa_emu_options *options = service->options;
    struct esa_emu_session session;
    *out = (struct esa_emu_credential){0};
    if (key_id.len > ESA_EMU_KEY_ID_MAX)
        return false;
    if (esa_emu_span_is(key_id, options->key_id)) {
        memcpy(out->secret, options->secret, sizeof out->secret);
        memcpy(out->token, options->security_token, sizeof out->token);
        return true;
    }
    if (!esa_emu_sessions_find(service->sessions, &session, key_id))
        return false;
    memcpy(out->secret, session.secret, sizeof session.secret);
    memcpy(out->token, session.token, sizeof session.token);
    out->expires_s = session.expires_s;
    OPENSSL_cleanse(&session, sizeof session);
    return true;
}

bool esa_emu_credential_check_token(struct esa_emu_call *call, const struct esa_emu_credential *own,
                                    const struct esa_emu_span *token, int64_t now_s) {
    if (own->token[0] == '\0')
        return true;
    if (token == NULL || token->len == 0)
        return esa_emu_refuse(call, ESA_EMU_TOKEN_MISSING, "the security token is missing");
    if (token->len != strlen(own->token) || CRYPTO_memcmp(token->data, own->token, token->len) != 0)
        return esa_emu_refuse(call, ESA_EMU_TOKEN_MALFORMED, "the security token is another one");
    if (own->expires_s != 0 && now_s >= own->expires_s)
        return esa_emu_refuse(call, ESA_EMU_TOKEN_EXPIRED, "the credential's time is over");
    return true;
}

/* What is asked without a signature must still be of now. */
static void verify_unsigned(struct esa_emu_call *call, struct esa_emu_service *service) {
    struct esa_emu_span date = {"", 0};
    if (esa_emu_params_find(&call->query, "Timestamp", &date) == 0)
        (void)esa_emu_params_find(&call->form, "Timestamp", &date);
    (void)esa_emu_check_date(call, date, esa_emu_options_now(service->options));
}

void esa_emu_verify(struct esa_emu_call *call, struct esa_emu_service *service) {
    struct esa_emu_span signature = {"", 0};
    call->code = ESA_EMU_ACCEPTED;
    call->reason = NULL;
    if (call->operation != NULL && call->operation->unsigned_call)
        verify_unsigned(call, service);
    else if (esa_emu_http_header(call->request, "authorization") != NULL)
        esa_emu_verify_acs3(call, service);
    else if (esa_emu_params_find(&call->query, "Signature", &signature) != 0 ||
             esa_emu_params_find(&call->form, "Signature", &signature) != 0)
        esa_emu_verify_rpc(call, service);
    else
        (void)esa_emu_refuse(call, ESA_EMU_MISSING_KEY_ID, "Authorization is missing");
}
