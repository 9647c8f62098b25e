/* What a reply to any operation is taken for. The first two bytes are operation and status, the
 * rest the body. Another reader must see whatever is called ACCEPTED. */
#include <cjson/cJSON.h>

#include "apiclient/outcome.h"
#include "apiclient/redact.h"
#include "fuzz.h"

#define AT_S ((int64_t)1780272000)
#define SITE_ID 1
#define RECORD_ID 2
#define HOSTNAME_ID 3

static struct esa_request *requests[ESA_NUM_OPERATIONS];

static void set_up(void) {
    const struct esa_list list = {.site_id = SITE_ID};
    struct cp_hostname *hostname = NULL;
    if (requests[0] != NULL)
        return;
    FUZZ_ASSERT(cp_hostname_new(&hostname, "shop.acme.example", NULL) == CP_OK);
    FUZZ_ASSERT(esa_request_new_free(&requests[ESA_OP_CREATE], hostname, SITE_ID, RECORD_ID,
                                     NULL) == CP_OK);
    FUZZ_ASSERT(esa_request_new_update_free(&requests[ESA_OP_UPDATE], hostname, HOSTNAME_ID, 0,
                                            NULL) == CP_OK);
    FUZZ_ASSERT(esa_request_new_get(&requests[ESA_OP_GET], HOSTNAME_ID, NULL) == CP_OK);
    FUZZ_ASSERT(esa_request_new_list(&requests[ESA_OP_LIST], &list, NULL) == CP_OK);
    FUZZ_ASSERT(esa_request_new_verify(&requests[ESA_OP_VERIFY], HOSTNAME_ID, NULL) == CP_OK);
    FUZZ_ASSERT(esa_request_new_delete(&requests[ESA_OP_DELETE], HOSTNAME_ID, NULL) == CP_OK);
    FUZZ_ASSERT(esa_request_new_apply(&requests[ESA_OP_APPLY], HOSTNAME_ID, NULL) == CP_OK);
    FUZZ_ASSERT(esa_request_new_list_sites(&requests[ESA_OP_LIST_SITES], NULL, NULL, 1, 500,
                                           NULL) == CP_OK);
    FUZZ_ASSERT(esa_request_new_list_records(&requests[ESA_OP_LIST_RECORDS], SITE_ID, NULL, NULL,
                                             NULL, 1, 500, NULL) == CP_OK);
    FUZZ_ASSERT(esa_request_new_get_site(&requests[ESA_OP_GET_SITE], SITE_ID, NULL) == CP_OK);
    FUZZ_ASSERT(esa_request_new_get_record(&requests[ESA_OP_GET_RECORD], RECORD_ID, NULL) == CP_OK);
    cp_hostname_free(hostname);
    for (size_t i = 0; i < ESA_NUM_OPERATIONS; i++)
        FUZZ_ASSERT(requests[i] != NULL);
}

static void check_text(const char *text, size_t room) {
    FUZZ_ASSERT(memchr(text, '\0', room) != NULL);
    fuzz_is_shown_safely(text, strlen(text), false);
}

#define CHECK(text) check_text((text), sizeof(text))

/* No part of the private key that came in the same object. */
static void check_key(const struct esa_hostname *h, const char *key) {
    const char *const texts[] = {h->hostname,           h->site_name,     h->record_name,
                                 h->verify_host,        h->verify_code,   h->cert_txt_key,
                                 h->cert_txt_value,     h->cert_http_key, h->cert_http_value,
                                 h->cert_apply_message, h->cert_id,       h->status_text};
    char window[ESA_KNOWN_WINDOW + 1];
    for (const char *p = key; key != NULL && strlen(p) >= ESA_KNOWN_WINDOW; p++) {
        memcpy(window, p, ESA_KNOWN_WINDOW);
        window[ESA_KNOWN_WINDOW] = '\0';
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
            FUZZ_ASSERT(strstr(texts[i], window) == NULL ||
                        strcmp(texts[i], "[not shown: it holds a part of a secret]") == 0 ||
                        strstr(texts[i], "[rest not shown: it may hold secrets]") != NULL);
    }
}

static void check_hostname(const struct esa_hostname *h, const cJSON *row) {
    const char *key = NULL;
    CHECK(h->hostname);
    CHECK(h->site_name);
    CHECK(h->record_name);
    CHECK(h->status_text);
    CHECK(h->cert_status_text);
    CHECK(h->ssl_flag);
    CHECK(h->cert_type);
    CHECK(h->verify_host);
    CHECK(h->verify_code);
    CHECK(h->cert_txt_key);
    CHECK(h->cert_txt_value);
    CHECK(h->cert_http_key);
    CHECK(h->cert_http_value);
    CHECK(h->cert_apply_code);
    CHECK(h->cert_apply_message);
    CHECK(h->offline_reason);
    CHECK(h->conflict_with);
    CHECK(h->cert_not_after);
    CHECK(h->create_time);
    CHECK(h->update_time);
    CHECK(h->cert_id);
    CHECK(h->cert_sha256);
    FUZZ_ASSERT(h->hostname_id > 0 && h->site_id > 0 && h->hostname[0] != '\0');
    FUZZ_ASSERT(h->record_id >= 0 && h->cas_id >= 0);
    FUZZ_ASSERT(h->cert_sha256[0] == '\0' || strlen(h->cert_sha256) == 64);
    if (row == NULL)
        return;
    FUZZ_ASSERT(cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(row, "HostnameId")));
    FUZZ_ASSERT(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(row, "Hostname")));
    FUZZ_ASSERT(cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(row, "SiteId")));
    key = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "PrivateKey"));
    check_key(h, key);
}

static void check_site(const struct esa_site *s) {
    CHECK(s->site_name);
    CHECK(s->status);
    CHECK(s->access_type);
    CHECK(s->coverage);
    CHECK(s->cname_zone);
    CHECK(s->plan_name);
    FUZZ_ASSERT(s->site_id > 0 && s->site_name[0] != '\0');
}

static void check_record(const struct esa_record *r) {
    CHECK(r->record_name);
    CHECK(r->record_type);
    CHECK(r->record_cname);
    FUZZ_ASSERT(r->record_id > 0 && r->record_name[0] != '\0' && r->site_id >= 0);
}

/* A member in either spelling. */
static const cJSON *find(const cJSON *root, const char *name) {
    char camel[64];
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(root, name);
    (void)snprintf(camel, sizeof(camel), "%s", name);
    camel[0] = (char)(camel[0] - 'A' + 'a');
    return found != NULL ? found : cJSON_GetObjectItemCaseSensitive(root, camel);
}

static void check_field(const struct esa_field *field, const cJSON *item, size_t num_rows) {
    if (item == NULL) {
        FUZZ_ASSERT(!field->required);
        return;
    }
    if (field->type == ESA_TYPE_ARRAY)
        FUZZ_ASSERT(cJSON_IsArray(item) && (size_t)cJSON_GetArraySize(item) == num_rows);
    if (field->type == ESA_TYPE_OBJECT)
        FUZZ_ASSERT(cJSON_IsObject(item) && num_rows == 1);
    if (field->type == ESA_TYPE_BOOL)
        FUZZ_ASSERT(cJSON_IsTrue(item));
    if (field->type == ESA_TYPE_STRING && field->required)
        FUZZ_ASSERT(cJSON_IsString(item));
}

static void check_accepted(const struct esa_outcome *outcome, const struct esa_reply *reply,
                           const struct esa_operation *operation, const char *text, size_t len) {
    /* cJSON refuses half of a surrogate pair, NUL in a string and deep nesting: then its view is
     * not to be had, and only what was read is looked at. */
    cJSON *root = cJSON_ParseWithLength(text, len);
    size_t num_rows = reply->num_hostnames + reply->num_sites + reply->num_records;
    FUZZ_ASSERT(outcome->http_status == 200 && outcome->code == NULL);
    FUZZ_ASSERT(num_rows <= ESA_MAX_ROWS && outcome->hostname_id >= 0);
    if (root != NULL) {
        FUZZ_ASSERT(cJSON_IsObject(root) && find(root, "Code") == NULL);
        for (size_t i = 0; i < operation->num_fields; i++)
            check_field(&operation->fields[i], find(root, operation->fields[i].name), num_rows);
    }
    const cJSON *hostnames = root == NULL ? NULL : find(root, "Hostnames");
    for (size_t i = 0; i < reply->num_hostnames; i++)
        check_hostname(esa_reply_hostname(reply, i),
                       hostnames != NULL ? cJSON_GetArrayItem(hostnames, (int)i)
                       : root != NULL    ? find(root, "CustomHostnameModel")
                                         : NULL);
    for (size_t i = 0; i < reply->num_sites; i++)
        check_site(esa_reply_site(reply, i));
    for (size_t i = 0; i < reply->num_records; i++)
        check_record(esa_reply_record(reply, i));
    cJSON_Delete(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const int statuses[] = {200, 200, 200, 400, 404, 429, 500, 502};
    struct esa_http_reply http = {.reach = ESA_REACH_REPLY, .has_length = true};
    struct esa_outcome outcome;
    struct esa_reply *reply = NULL;
    set_up();
    if (size < 2)
        return 0;
    const struct esa_request *request = requests[data[0] % ESA_NUM_OPERATIONS];
    http.status = statuses[data[1] % (sizeof(statuses) / sizeof(statuses[0]))];
    FUZZ_ASSERT(esa_reply_new(&reply, NULL) == CP_OK);
    FUZZ_ASSERT(cp_secret_init(&http.body, size - 2, NULL) == CP_OK);
    FUZZ_ASSERT(cp_secret_append(&http.body, data + 2, size - 2, NULL) == CP_OK);
    esa_outcome_judge(&outcome, reply, &http, request, NULL, AT_S);
    FUZZ_ASSERT((unsigned)outcome.result < ESA_NUM_RESULTS && outcome.advice != NULL);
    CHECK(outcome.code_text);
    CHECK(outcome.request_id);
    CHECK(outcome.hostname);
    CHECK(outcome.message);
    CHECK(outcome.recommend);
    CHECK(outcome.reason);
    if (outcome.result == ESA_ACCEPTED)
        check_accepted(&outcome, reply, request->operation, (const char *)http.body.data,
                       http.body.len);
    else
        FUZZ_ASSERT(outcome.hostname_id == 0);
    if (outcome.result == ESA_UNKNOWN && request->operation->effect == ESA_EFFECT_NONE)
        FUZZ_ASSERT(outcome.class_of == ESA_CLASS_RETRY);
    esa_reply_free(reply);
    esa_http_reply_cleanup(&http);
    return 0;
}
