/* Replies for tests: requests of every operation, and the judging of a body. Include it in one file
 * of a test, behind fake_prepared.h; with REPLIES_JUDGE defined, the judging is there, too. */
#ifndef TEST_REPLIES_H
#define TEST_REPLIES_H

#include <stdio.h>
#include <stdlib.h>

#include "apiclient/outcome.h"

#define SITE_ID 890601022130656
#define RECORD_ID 4042843419650112
#define HOSTNAME_ID 9007199254740993 /* 2^53 + 1: a double would lose it */
#define SENT_AT_S 1773907200         /* Thu, 19 Mar 2026 08:00:00 GMT */

/* One of each operation, of the table's order. */
static struct esa_request *make_request(enum esa_operation_id id) {
    const struct esa_list list = {.site_id = SITE_ID, .page_number = 1, .page_size = 500};
    struct cp_prepared prepared = {FAKE_CHAIN, FAKE_KEY, "custom.site.com", FAKE_SHA256, 1};
    struct esa_request *request = NULL;
    struct cp_hostname *hostname = NULL;
    enum cp_status status = cp_hostname_new(&hostname, "custom.site.com", NULL);
    assert_int_equal(status, CP_OK);
    switch (id) {
    case ESA_OP_CREATE:
        status = esa_request_new_upload(&request, hostname, SITE_ID, RECORD_ID, &prepared, NULL);
        break;
    case ESA_OP_UPDATE:
        status = esa_request_new_update_upload(&request, hostname, HOSTNAME_ID, RECORD_ID,
                                               &prepared, NULL);
        break;
    case ESA_OP_GET:
        status = esa_request_new_get(&request, HOSTNAME_ID, NULL);
        break;
    case ESA_OP_LIST:
        status = esa_request_new_list(&request, &list, NULL);
        break;
    case ESA_OP_VERIFY:
        status = esa_request_new_verify(&request, HOSTNAME_ID, NULL);
        break;
    case ESA_OP_DELETE:
        status = esa_request_new_delete(&request, HOSTNAME_ID, NULL);
        break;
    case ESA_OP_APPLY:
        status = esa_request_new_apply(&request, HOSTNAME_ID, NULL);
        break;
    case ESA_OP_LIST_SITES:
        status = esa_request_new_list_sites(&request, NULL, NULL, 1, 500, NULL);
        break;
    case ESA_OP_LIST_RECORDS:
        status = esa_request_new_list_records(&request, SITE_ID, NULL, NULL, NULL, 1, 500, NULL);
        break;
    case ESA_OP_GET_SITE:
        status = esa_request_new_get_site(&request, SITE_ID, NULL);
        break;
    case ESA_OP_GET_RECORD:
        status = esa_request_new_get_record(&request, RECORD_ID, NULL);
        break;
    case ESA_NUM_OPERATIONS:
        break;
    }
    assert_int_equal(status, CP_OK);
    assert_non_null(request);
    cp_hostname_free(hostname);
    return request;
}

#ifdef REPLIES_JUDGE
/* Judges a body; the caller frees the reply. */
static struct esa_reply *judge_body(struct esa_outcome *outcome, const struct esa_request *request,
                                    int http_status, const void *body, size_t len,
                                    const struct esa_credential *credential) {
    struct esa_http_reply reply = {
        .reach = ESA_REACH_REPLY, .status = http_status, .has_length = true};
    struct esa_reply *typed = NULL;
    assert_int_equal(esa_reply_new(&typed, NULL), CP_OK);
    assert_int_equal(cp_secret_init(&reply.body, len, NULL), CP_OK);
    assert_int_equal(cp_secret_append(&reply.body, body, len, NULL), CP_OK);
    esa_outcome_judge(outcome, typed, &reply, request, credential, SENT_AT_S);
    esa_http_reply_cleanup(&reply);
    return typed;
}
#endif

#endif
