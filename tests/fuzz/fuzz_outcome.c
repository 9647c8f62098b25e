/* What a service's reply is taken for. The first two bytes are reach and status, the rest the body.
 */
#include <cjson/cJSON.h>

#include "apiclient/apiclient.h"
#include "apiclient/json.h"
#include "apiclient/outcome.h"
#include "apiclient/redact.h"
#include "apiclient/xml.h"
#include "fuzz.h"

#define AT_S ((int64_t)1780272000)

static struct esa_request *request;
static const char *key_text; /* of the request; never to be seen in an outcome */
static struct cp_prepared *prepared;

static void set_up(void) {
    static const char *const hostnames[] = {"shop.acme.example"};
    const struct cp_check_options options = {
        .at_s = AT_S, .hostnames = hostnames, .num_hostnames = 1, .require_key = true};
    struct cp_secret text = {0};
    struct cp_bundle *bundle = NULL;
    struct cp_checker *checker = NULL;
    struct cp_report *report = NULL;
    struct cp_hostname *hostname = NULL;
    size_t key_len = 0;
    if (request != NULL)
        return;
    FUZZ_ASSERT(cp_secret_read_file(&text, CP_TESTCERTS_DIR "/good/ec-bundle.pem", 1 << 20, NULL) ==
                CP_OK);
    FUZZ_ASSERT(cp_bundle_new(&bundle, NULL) == CP_OK);
    FUZZ_ASSERT(cp_bundle_add(bundle, "x", CP_ROLE_ANY, text.data, text.len, NULL) == CP_OK);
    FUZZ_ASSERT(cp_checker_new(&checker, NULL, NULL) == CP_OK);
    FUZZ_ASSERT(cp_checker_run(checker, &report, bundle, &options, NULL) == CP_OK);
    FUZZ_ASSERT(cp_prepare(&prepared, report, NULL) == CP_OK);
    FUZZ_ASSERT(cp_hostname_new(&hostname, hostnames[0], NULL) == CP_OK);
    FUZZ_ASSERT(esa_request_new_upload(&request, hostname, 1, 2, prepared, NULL) == CP_OK);
    key_text = cp_prepared_key_pem(prepared, &key_len);
    cp_hostname_free(hostname);
    cp_report_free(report);
    cp_checker_free(checker);
    cp_bundle_free(bundle);
    cp_secret_cleanup(&text);
}

/* No ESA_KNOWN_WINDOW bytes of a base64 line of the key. */
static void has_no_key(const char *text) {
    const char *body = strchr(key_text, '\n') + 1;
    const char *end = strstr(body, "-----END");
    char window[ESA_KNOWN_WINDOW + 1];
    for (const char *p = body; p + ESA_KNOWN_WINDOW <= end; p++) {
        memcpy(window, p, ESA_KNOWN_WINDOW);
        window[ESA_KNOWN_WINDOW] = '\0';
        FUZZ_ASSERT(strstr(text, window) == NULL);
    }
}

static void check_text(const char *text, size_t room) {
    FUZZ_ASSERT(memchr(text, '\0', room) != NULL);
    fuzz_is_shown_safely(text, strlen(text), false);
    has_no_key(text);
}

static bool has_surrogate(const char *text, size_t len) {
    for (size_t i = 0; i + 4 <= len; i++)
        if (memcmp(text + i, "\\u", 2) == 0 && (text[i + 2] == 'd' || text[i + 2] == 'D') &&
            strchr("89abcdefABCDEF", text[i + 3]) != NULL)
            return true;
    return false;
}

/* Another reader must see a confirmation too. */
static void check_accepted(const struct esa_outcome *outcome, const struct esa_http_reply *reply) {
    const char *text = (const char *)reply->body.data;
    FUZZ_ASSERT(reply->reach == ESA_REACH_REPLY && reply->status == 200);
    FUZZ_ASSERT(outcome->hostname_id > 0 && outcome->code == NULL && outcome->code_text[0] == '\0');
    FUZZ_ASSERT(strcmp(outcome->hostname, "shop.acme.example") == 0);
    cJSON *root = cJSON_ParseWithLength(text, reply->body.len);
    /* cJSON refuses half of a surrogate pair, which RFC 8259 8.2 leaves open. */
    if (root == NULL && has_surrogate(text, reply->body.len))
        return;
    FUZZ_ASSERT(cJSON_IsObject(root));
    const cJSON *id = cJSON_GetObjectItem(root, "HostnameId"); /* in any case of letters */
    FUZZ_ASSERT(cJSON_IsNumber(id) && id->valuedouble >= 1);
    FUZZ_ASSERT(cJSON_IsString(cJSON_GetObjectItem(root, "Hostname")));
    FUZZ_ASSERT(cJSON_GetObjectItemCaseSensitive(root, "Code") == NULL);
    cJSON_Delete(root);
}

static void check_readers(const char *text, size_t len) {
    struct esa_member members[2] = {{.name = "Code"}, {.name = "Message"}};
    char *out = malloc(len + 1);
    FUZZ_ASSERT(out != NULL);
    for (int form = 0; form < 2; form++) {
        bool whole = form == 0 ? esa_json_members(members, 2, text, len)
                               : esa_xml_error(members, 2, text, len);
        for (size_t i = 0; whole && i < 2; i++) {
            const struct esa_member *m = &members[i];
            FUZZ_ASSERT((m->kind == ESA_KIND_ABSENT) == (m->count == 0));
            if (m->kind == ESA_KIND_ABSENT)
                continue;
            FUZZ_ASSERT(fuzz_is_inside((struct cp_span){(const uint8_t *)m->raw, m->raw_len},
                                       (struct cp_span){(const uint8_t *)text, len}));
            if (m->kind == ESA_KIND_STRING)
                FUZZ_ASSERT((form == 0 ? esa_json_unescape(out, m->raw, m->raw_len)
                                       : esa_xml_unescape(out, m->raw, m->raw_len)) <= m->raw_len);
        }
    }
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const int statuses[] = {200, 400, 403, 404, 408, 429, 499, 500, 502, 503, 204, 301};
    struct esa_http_reply reply = {.reach = ESA_REACH_REPLY};
    struct esa_outcome outcome;
    set_up();
    if (size < 2)
        return 0;
    reply.reach = data[0] % 4 == 1   ? ESA_REACH_NO_REPLY
                  : data[0] % 4 == 2 ? ESA_REACH_REPLY_CUT
                                     : ESA_REACH_REPLY;
    reply.status = statuses[data[1] % (sizeof(statuses) / sizeof(statuses[0]))];
    data += 2;
    size -= 2;
    /* An exact copy for the readers, so that a read past the end is seen. */
    uint8_t *copy = fuzz_copy(data, size);
    check_readers((const char *)copy, size);
    FUZZ_ASSERT(cp_secret_init(&reply.body, size, NULL) == CP_OK);
    FUZZ_ASSERT(cp_secret_append(&reply.body, copy, size, NULL) == CP_OK);
    free(copy);
    esa_outcome_judge(&outcome, NULL, &reply, request, NULL, AT_S); /* typed: fuzz_reply.c */
    FUZZ_ASSERT((unsigned)outcome.result < ESA_NUM_RESULTS && outcome.advice != NULL);
    check_text(outcome.code_text, sizeof(outcome.code_text));
    check_text(outcome.request_id, sizeof(outcome.request_id));
    check_text(outcome.hostname, sizeof(outcome.hostname));
    check_text(outcome.message, sizeof(outcome.message));
    check_text(outcome.recommend, sizeof(outcome.recommend));
    check_text(outcome.reason, sizeof(outcome.reason));
    FUZZ_ASSERT(reply.reach == ESA_REACH_REPLY || outcome.result == ESA_UNKNOWN);
    if (outcome.result == ESA_ACCEPTED)
        check_accepted(&outcome, &reply);
    else
        FUZZ_ASSERT(outcome.hostname_id == 0);
    esa_http_reply_cleanup(&reply);
    return 0;
}
