/* Signature version 1.0: HMAC-SHA1 over all parameters. Older than ACS3, and what the credentials
 * packages of the official SDKs still send to STS. */
#include "api.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 4 * 1024 * 1024 };

/* One list of what query and form have, without the signature itself; it owns nothing. */
static bool merge(struct esa_emu_params *all, const struct esa_emu_call *call) {
    const struct esa_emu_params *parts[] = {&call->query, &call->form};
    all->num = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        for (size_t j = 0; j < parts[i]->num; j++) {
            if (esa_emu_span_is(parts[i]->items[j].name, "Signature"))
                continue;
            if (all->num == ESA_EMU_MAX_PARAMS)
                return false;
            all->items[all->num++] = parts[i]->items[j];
        }
    }
    return true;
}

/* The one value of a parameter; empty if it is missing or sent twice. */
static struct esa_emu_span one(const struct esa_emu_params *all, const char *name) {
    struct esa_emu_span value = {"", 0};
    return esa_emu_params_find(all, name, &value) == 1 ? value : (struct esa_emu_span){"", 0};
}

static bool check_signature(struct esa_emu_call *call, struct esa_emu_params *all,
                            const char *secret, struct esa_emu_span signature) {
    struct esa_emu_buf canonical = {.max = TEXT_MAX}, to_sign = {.max = TEXT_MAX};
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;
    char key[ESA_EMU_SECRET_MAX + 2], want[2 * EVP_MAX_MD_SIZE];
    bool ok = false;
    esa_emu_params_canonical(&canonical, all);
    esa_emu_buf_add(&to_sign, call->request->method.data, call->request->method.len);
    esa_emu_buf_text(&to_sign, "&%2F&");
    if (!canonical.failed)
        esa_emu_params_encode(&to_sign, (struct esa_emu_span){canonical.data, canonical.len});
    int key_len = snprintf(key, sizeof key, "%s&", secret);
    if (canonical.failed || to_sign.failed || key_len < 0 ||
        HMAC(EVP_sha1(), key, key_len, (const unsigned char *)to_sign.data, to_sign.len, mac,
             &mac_len) == NULL) {
        ok = esa_emu_refuse(call, ESA_EMU_INTERNAL_ERROR, "out of memory");
    } else {
        int len = EVP_EncodeBlock((unsigned char *)want, mac, (int)mac_len);
        ok = len > 0 && signature.len == (size_t)len &&
             CRYPTO_memcmp(signature.data, want, signature.len) == 0;
        if (!ok)
            (void)esa_emu_refuse(call, ESA_EMU_SIGNATURE_MISMATCH, "the signature is another one");
    }
    OPENSSL_cleanse(key, sizeof key);
    esa_emu_buf_cleanup(&canonical);
    esa_emu_buf_cleanup(&to_sign);
    return ok;
}

void esa_emu_verify_rpc(struct esa_emu_call *call, struct esa_emu_service *service) {
    struct esa_emu_params all = {0};
    struct esa_emu_credential own;
    struct esa_emu_span signature = {"", 0};
    int64_t now_s = esa_emu_options_now(service->options);
    if (esa_emu_params_find(&call->query, "Signature", &signature) +
                esa_emu_params_find(&call->form, "Signature", &signature) !=
            1 ||
        !merge(&all, call) || !esa_emu_span_is(one(&all, "SignatureMethod"), "HMAC-SHA1") ||
        !esa_emu_span_is(one(&all, "SignatureVersion"), "1.0") ||
        one(&all, "SignatureNonce").len == 0) {
        (void)esa_emu_refuse(call, ESA_EMU_SIGNATURE_INCOMPLETE,
                             "want one Signature, HMAC-SHA1, version 1.0, with a nonce");
        return;
    }
    struct esa_emu_span key_id = one(&all, "AccessKeyId"), token = one(&all, "SecurityToken");
    struct esa_emu_span date = one(&all, "Timestamp"), nonce = one(&all, "SignatureNonce");
    if (call->operation != NULL && strcmp(call->operation->version, "2015-04-01") != 0) {
        (void)esa_emu_refuse(call, ESA_EMU_MISSING_KEY_ID, "only STS takes this signature");
        return;
    }
    if (!esa_emu_credential_find(&own, service, key_id)) {
        (void)esa_emu_refuse(call, ESA_EMU_KEY_NOT_FOUND, "unknown access key id");
        return;
    }
    if (esa_emu_check_date(call, date, now_s) &&
        check_signature(call, &all, own.secret, signature) &&
        esa_emu_credential_check_token(call, &own, &token, now_s) &&
        esa_emu_check_nonce(call, service, nonce, now_s))
        memcpy(call->key_id, key_id.data, key_id.len);
    OPENSSL_cleanse(&own, sizeof own);
}
