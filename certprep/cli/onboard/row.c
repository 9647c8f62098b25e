/* One row: its states, its digest, and what the service says of it. */
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "rows.h"

static const struct {
    const char *word;
    int exit_code;
    bool is_failure;
    const char *meaning;
} states[ONBOARD_NUM_STATES] = {
#define STATE(name, word, exit_code, failure, meaning) {word, exit_code, failure, meaning},
#include "states.def"
#undef STATE
};

const char *onboard_state_word(enum onboard_state state) {
    return states[state].word;
}

const char *onboard_state_meaning(enum onboard_state state) {
    return states[state].meaning;
}

int onboard_state_exit(enum onboard_state state) {
    return states[state].exit_code;
}

bool onboard_state_is_failure(enum onboard_state state) {
    return states[state].is_failure;
}

bool onboard_state_is_open(enum onboard_state state) {
    return state == ONBOARD_CREATE || state == ONBOARD_UPDATE || state == ONBOARD_RESUME;
}

enum onboard_state onboard_state_find(const char *word) {
    for (int i = 0; i < ONBOARD_NUM_STATES; i++)
        if (strcmp(states[i].word, word) == 0)
            return (enum onboard_state)i;
    return ONBOARD_NUM_STATES;
}

static const char *const kinds[] = {"off", "free", "upload", "cas"};
_Static_assert(ESA_CREATE_CAS == 3, "the order of kinds");

enum cp_status onboard_digest(struct onboard_row *row, struct cp_error *err) {
    uint8_t digest[32];
    char text[ESA_NAME_MAX + ESA_SHA256_HEX_MAX + ESA_WORD_MAX + 120];
    /* No value has a line feed in it, so no two rows give the same text. */
    int len = snprintf(
        text, sizeof(text),
        "certprep onboard 1\n%s\n%" PRId64 "\n%" PRId64 "\n%s\n%s\n%" PRId64 "\n%s\n",
        row->hostname, row->site_id, row->record_id, kinds[row->kind],
        row->kind == ESA_CREATE_UPLOAD ? row->leaf_sha256 : "", row->cas_id, row->cas_region);
    if (len < 0 || (size_t)len >= sizeof(text) ||
        EVP_Digest(text, (size_t)len, digest, NULL, EVP_sha256(), NULL) != 1)
        return cp_fail(err, CP_ERR_CRYPTO, "onboard: SHA-256 failed");
    cp_hex(row->digest, digest, sizeof(digest));
    return CP_OK;
}

void onboard_row_reason(struct onboard_row *row, const char *format, ...) {
    struct cp_error escaped = {CP_OK, 0, 0, ""};
    char text[ONBOARD_REASON_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)cp_fail(&escaped, CP_ERR_INPUT, "%s", text);
    (void)snprintf(row->reason, sizeof(row->reason), "%s", escaped.message);
}

void onboard_row_see(struct onboard_row *row, const struct esa_hostname *listed) {
    (void)snprintf(row->seen, sizeof(row->seen), "%" PRId64 " %s %s", listed->record_id,
                   listed->ssl_flag, strcmp(listed->ssl_flag, "on") == 0 ? listed->cert_type : "");
}

void onboard_row_wanted(char out[ONBOARD_SEEN_MAX], const struct onboard_row *row) {
    bool is_on = row->kind != ESA_CREATE_OFF;
    (void)snprintf(out, ONBOARD_SEEN_MAX, "%" PRId64 " %s %s", row->record_id, is_on ? "on" : "off",
                   is_on ? kinds[row->kind] : "");
}

static void take(char *out, size_t out_size, const char *text) {
    if (text[0] != '\0') /* records vanish once they were validated: they are kept */
        (void)snprintf(out, out_size, "%s", text);
}

void onboard_row_take(struct onboard_row *row, const struct esa_hostname *found) {
    if (found->hostname_id != 0)
        row->hostname_id = found->hostname_id;
    take(row->status, sizeof(row->status), found->status_text);
    take(row->cert_status, sizeof(row->cert_status), found->cert_status_text);
    take(row->verify_host, sizeof(row->verify_host), found->verify_host);
    take(row->verify_code, sizeof(row->verify_code), found->verify_code);
    take(row->cert_txt_key, sizeof(row->cert_txt_key), found->cert_txt_key);
    take(row->cert_txt_value, sizeof(row->cert_txt_value), found->cert_txt_value);
    take(row->cert_http_key, sizeof(row->cert_http_key), found->cert_http_key);
    take(row->cert_http_value, sizeof(row->cert_http_value), found->cert_http_value);
}
