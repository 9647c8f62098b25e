/* keys: the reply that hands out a key, and the reply that refuses one. */
#include "keys.h"

#include <stdio.h>
#include <string.h>

#include "apiclient/redact.h"
#include "apiclient/text.h"
#include "apiclient/xml.h"

const struct esa_keys_form esa_keys_service = {.key_id = "AccessKeyId",
                                               .secret = "AccessKeySecret",
                                               .token = "SecurityToken",
                                               .expiration = "Expiration",
                                               .needs_token = true,
                                               .needs_expiration = true,
                                               .status = CP_ERR_NETWORK};

enum cp_status esa_json_secret(struct cp_secret *out, const struct esa_member *member) {
    if (member->count > 1 || (member->kind != ESA_KIND_STRING && member->kind != ESA_KIND_ABSENT &&
                              member->kind != ESA_KIND_NULL))
        return CP_ERR_PARSE;
    size_t raw_len = member->kind == ESA_KIND_STRING ? member->raw_len : 0;
    enum cp_status status = cp_secret_init(out, raw_len + 1, NULL);
    if (status != CP_OK)
        return status;
    if (raw_len != 0)
        out->len = esa_json_unescape((char *)out->data, member->raw, raw_len);
    out->data[out->len] = '\0';
    return memchr(out->data, '\0', out->len) == NULL ? CP_OK : CP_ERR_PARSE;
}

bool esa_utc_parse(int64_t *time_s, const char *text, size_t len) {
    static const char form[] = "0000-00-00T00:00:00Z";
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char http_date[40];
    int64_t month = 0;
    if (len != sizeof(form) - 1)
        return false;
    for (size_t i = 0; i < len; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    if (!esa_decimal_parse(&month, text + 5, 2, 1) || month > 12)
        return false;
    /* The calendar is in the reader of HTTP dates. */
    (void)snprintf(http_date, sizeof(http_date), "Mon, %.2s %s %.4s %.8s GMT", text + 8,
                   months[month - 1], text, text + 11);
    return esa_http_date_parse(time_s, http_date);
}

enum cp_status esa_keys_read(struct esa_credential *out, const struct esa_keys_form *form,
                             const char *text, size_t len, struct cp_error *err) {
    enum { KEY_ID, SECRET, TOKEN, EXPIRATION, NUM };
    struct esa_member members[NUM] = {{.name = form->key_id},
                                      {.name = form->secret},
                                      {.name = form->token},
                                      {.name = form->expiration}};
    struct cp_secret values[NUM] = {{0}};
    const struct esa_credential_names names = {form->key_id, form->secret, form->token};
    struct cp_error why = {CP_OK, 0, 0, ""};
    int64_t expires_s = 0;
    enum cp_status status = CP_OK;
    if (!esa_json_members(members, NUM, text, len))
        return cp_fail(err, form->status, "%s: the reply is not the JSON object that was expected",
                       form->who);
    for (size_t i = 0; i < NUM && status == CP_OK; i++) {
        bool is_needed = i == TOKEN        ? form->needs_token
                         : i == EXPIRATION ? form->needs_expiration
                                           : true;
        status = esa_json_secret(&values[i], &members[i]);
        if (status == CP_ERR_MEMORY)
            status = cp_fail(err, status, "%s: out of memory", form->who);
        else if (status != CP_OK)
            status = cp_fail(err, form->status, "%s: %s in the reply is not one string", form->who,
                             members[i].name);
        else if (is_needed && values[i].len == 0)
            status =
                cp_fail(err, form->status, "%s: the reply has no %s", form->who, members[i].name);
    }
    if (status == CP_OK && values[EXPIRATION].len != 0 &&
        !esa_utc_parse(&expires_s, (const char *)values[EXPIRATION].data, values[EXPIRATION].len))
        status =
            cp_fail(err, form->status, "%s: %s in the reply is no time like 2026-03-19T08:00:00Z",
                    form->who, form->expiration);
    if (status == CP_OK) {
        status = esa_credential_init(out, (const char *)values[KEY_ID].data,
                                     (const char *)values[SECRET].data,
                                     (const char *)values[TOKEN].data, &names, &why);
        if (status != CP_OK)
            status = cp_fail(err, status == CP_ERR_MEMORY ? status : form->status,
                             "%s: the reply's %.200s", form->who, why.message);
    }
    if (status == CP_OK)
        out->expires_s = expires_s;
    for (size_t i = 0; i < NUM; i++)
        cp_secret_cleanup(&values[i]);
    return status;
}

/* A member's text, redacted; "" if it is not there. */
static void show(char *out, size_t out_size, const struct esa_member *member, bool is_xml,
                 const struct esa_known *known, size_t num_known) {
    struct cp_secret text = {0};
    out[0] = '\0';
    if (member->kind != ESA_KIND_STRING ||
        cp_secret_init(&text, member->raw_len + 1, NULL) != CP_OK)
        return;
    text.len = is_xml ? esa_xml_unescape((char *)text.data, member->raw, member->raw_len)
                      : esa_json_unescape((char *)text.data, member->raw, member->raw_len);
    esa_redact(out, out_size, (const char *)text.data, text.len, known, num_known);
    cp_secret_cleanup(&text);
}

/* codes.def is about ESA; permissions are those of STS here. */
static const char *advice_of(const char *code) {
    const struct esa_code *row = esa_code_find(code);
    if (strncmp(code, "NoPermission", 12) == 0 || strncmp(code, "Forbidden", 9) == 0)
        return "allow it sts:AssumeRole, and name it in the role's trust policy; an account's own "
               "key can't assume a role";
    return row != NULL ? row->advice : "";
}

#define MAX_KNOWN 4

void esa_refusal_text(char out[ESA_SERVER_TEXT_MAX], int http_status, const struct cp_secret *body,
                      const struct cp_secret *secrets, size_t num_secrets) {
    struct esa_member members[] = {{.name = "Code"}, {.name = "Message"}, {.name = "RequestId"},
                                   {.name = "code"}, {.name = "message"}, {.name = "requestId"}};
    struct esa_known known[MAX_KNOWN];
    char code[ESA_CODE_MAX], message[160], request_id[ESA_ID_TEXT_MAX];
    size_t num_known = 0;
    for (size_t i = 0; i < num_secrets && num_known < MAX_KNOWN; i++)
        if (secrets[i].len != 0)
            known[num_known++] = (struct esa_known){secrets[i].data, secrets[i].len};
    bool is_xml = false;
    bool is_read = esa_json_members(members, 6, (const char *)body->data, body->len);
    if (!is_read)
        is_read = is_xml = esa_xml_error(members, 6, (const char *)body->data, body->len);
    if (!is_read) {
        (void)snprintf(out, ESA_SERVER_TEXT_MAX, "HTTP %d, and no error reply of the service",
                       http_status);
        return;
    }
    for (size_t i = 0; i < 3; i++)
        if (members[i].count == 0)
            members[i] = members[i + 3];
    show(code, sizeof(code), &members[0], is_xml, known, num_known);
    show(message, sizeof(message), &members[1], is_xml, known, num_known);
    show(request_id, sizeof(request_id), &members[2], is_xml, known, num_known);
    const char *advice = advice_of(code);
    (void)snprintf(out, ESA_SERVER_TEXT_MAX, "%s%s%s (HTTP %d%s%s)%s%.110s",
                   code[0] != '\0' ? code : "no code", message[0] != '\0' ? ": " : "", message,
                   http_status, request_id[0] != '\0' ? ", request " : "", request_id,
                   advice[0] != '\0' ? "; " : "", advice);
}
