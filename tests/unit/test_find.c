/* find: names to ids, over a service in memory that is asked page by page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apiclient/esa_task.h"
#include "apiclient/transport.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

enum way {
    EXACT,       /* answers as asked */
    IGNORES,     /* answers every row, whatever name was asked for */
    FIRST_FAILS, /* the first reply is lost */
    SHIFTS,      /* a row of the first page comes again on the second */
    HOLLOW,      /* says that there are more rows than it gives */
    REFUSES,
    ENDLESS,     /* every page is full */
    FOREIGN_SITE /* the rows are of another site */
};

struct service {
    enum way way;
    const char *const *names;
    size_t num_names;
    unsigned num_calls;
};

/* The value of a query's parameter; names here need no decoding. "" if absent. */
static void query(char *out, size_t size, const char *url, const char *name) {
    size_t name_len = strlen(name);
    out[0] = '\0';
    for (const char *at = strchr(url, '?'); at != NULL; at = strchr(at, '&')) {
        at++;
        if (strncmp(at, name, name_len) == 0 && at[name_len] == '=')
            (void)snprintf(out, size, "%.*s", (int)strcspn(at + name_len + 1, "&"),
                           at + name_len + 1);
    }
}

static void add_row(struct cp_secret *body, const char *action, const char *name, size_t id,
                    bool is_foreign) {
    char row[512];
    const char *comma = body->data[body->len - 1] == '[' ? "" : ",";
    int len;
    if (strcmp(action, "ListSites") == 0)
        len = snprintf(row, sizeof(row), "%s{\"SiteId\":%zu,\"SiteName\":\"%s\"}", comma, id, name);
    else if (strcmp(action, "ListRecords") == 0)
        len = snprintf(row, sizeof(row), "%s{\"RecordId\":%zu,\"RecordName\":\"%s\",\"SiteId\":1}",
                       comma, id, name);
    else
        len = snprintf(row, sizeof(row),
                       "%s{\"HostnameId\":%zu,\"Hostname\":\"%s\",\"SiteId\":%d,\"RecordId\":2,"
                       "\"Status\":\"active\",\"SslFlag\":\"off\"}",
                       comma, id, name, is_foreign ? 2 : 1);
    assert_true(len > 0 && (size_t)len < sizeof(row));
    assert_int_equal(cp_secret_append(body, row, (size_t)len, NULL), CP_OK);
}

static void text(struct cp_secret *body, const char *value) {
    assert_int_equal(cp_secret_append(body, value, strlen(value), NULL), CP_OK);
}

static const char *list_of(const char *action) {
    return strcmp(action, "ListSites") == 0     ? "Sites"
           : strcmp(action, "ListRecords") == 0 ? "Records"
                                                : "Hostnames";
}

/* Pages of two rows, though 500 were asked for: TotalCount is what tells the end. */
static void answer(struct service *service, struct cp_secret *body, const char *action,
                   const char *name, size_t page) {
    char line[128];
    size_t fits[16];
    size_t num = 0;
    bool is_all = name[0] == '\0' || service->way == IGNORES || service->way == SHIFTS;
    for (size_t i = 0; i < service->num_names; i++)
        if (is_all || strcmp(name, service->names[i]) == 0)
            fits[num++] = i;
    (void)snprintf(line, sizeof(line), "{\"RequestId\":\"R\",\"%s\":[", list_of(action));
    text(body, line);
    size_t first = 2 * (page - 1);
    if (service->way == SHIFTS && page > 1)
        first--;
    for (size_t i = first; i < first + 2 && i < num; i++)
        add_row(body, action, service->names[fits[i]], 100 + fits[i], service->way == FOREIGN_SITE);
    if (service->way == ENDLESS)
        for (size_t i = 0; i < 2; i++)
            add_row(body, action, "x.example", 1000 + 2 * page + i, false);
    if (service->way == SHIFTS)
        num++;
    if (service->way == HOLLOW || service->way == ENDLESS)
        num = service->way == HOLLOW ? num + 3 : 1000000;
    (void)snprintf(line, sizeof(line), "],\"PageNumber\":%zu,\"PageSize\":500,\"TotalCount\":%zu}",
                   page, num);
    text(body, line);
}

static enum cp_status transport(void *context, struct esa_http_reply *reply,
                                const struct esa_http_request *request, struct cp_error *err) {
    struct service *service = context;
    const char *url = (const char *)request->url.data;
    const char *action = "";
    char name[128];
    char page[16];
    for (size_t i = 0; i < request->num_headers; i++)
        if (strncmp(request->header[i], "x-acs-action: ", 14) == 0)
            action = request->header[i] + 14;
    query(name, sizeof(name), url, "SiteName");
    if (name[0] == '\0')
        query(name, sizeof(name), url, "RecordName");
    if (name[0] == '\0')
        query(name, sizeof(name), url, "Hostname");
    query(page, sizeof(page), url, "PageNumber");
    *reply = (struct esa_http_reply){.reach = ESA_REACH_REPLY, .status = 200, .has_length = true};
    service->num_calls++;
    if (service->way == FIRST_FAILS && service->num_calls == 1) {
        reply->reach = ESA_REACH_NO_REPLY;
        reply->status = 0;
        return CP_OK;
    }
    enum cp_status status = cp_secret_init(&reply->body, 65536, err);
    if (status != CP_OK)
        return status;
    if (service->way == REFUSES) {
        reply->status = 403;
        text(&reply->body, "{\"Code\":\"Forbidden.RAM\",\"Message\":\"no\"}");
        return CP_OK;
    }
    answer(service, &reply->body, action, name, page[0] == '\0' ? 1 : (size_t)atoi(page));
    return CP_OK;
}

static const char *const two[] = {"acme.example", "shop.example"};
static const char *const many[] = {"a.example", "b.example",    "c.example",
                                   "d.example", "acme.example", "e.example"};
static const char *const twice[] = {"acme.example", "b.example", "ACME.example"};
static const char *const near[] = {"acne.example", "www.acme.example", "zzz.example", "example",
                                   "acme.example.net"};
static const char *const none[] = {"other.example"};

#define NAMES(list) list, NUM_OF(list)

static const struct {
    enum way way;
    const char *const *names;
    size_t num_names;
    const char *asked;
    enum cp_status status;
    int64_t id;
    const char *says, *says_not; /* says_not NULL: nothing */
    const char *reason;
} cases[] = {
    {EXACT, NAMES(two), "acme.example", CP_OK, 100, "", NULL, "one row"},
    {EXACT, NAMES(two), "shop.example", CP_OK, 101, "", NULL, "the other"},
    {IGNORES, NAMES(two), "ACME.Example", CP_OK, 100, "", NULL, "names have no case"},
    {IGNORES, NAMES(many), "acme.example", CP_OK, 104, "", NULL,
     "on the third page, though exact was asked for"},
    {IGNORES, NAMES(many), "e.example", CP_OK, 105, "", NULL, "the last row of all"},
    {IGNORES, NAMES(twice), "acme.example", CP_ERR_USAGE, 0, "ids 100 and 102", NULL,
     "two of one name, on two pages"},
    {SHIFTS, NAMES(two), "shop.example", CP_OK, 101, "", NULL, "one row twice is one"},
    {FIRST_FAILS, NAMES(two), "acme.example", CP_OK, 100, "", NULL, "reads are repeated"},
    {HOLLOW, NAMES(two), "acme.example", CP_ERR_NETWORK, 0, "not whole", NULL,
     "rows that don't come may be of the same name"},
    {REFUSES, NAMES(two), "acme.example", CP_ERR_REFUSED, 0, "Forbidden.RAM", NULL, "no leave"},
    {EXACT, NAMES(none), "acme.example", CP_ERR_USAGE, 0, "none of this name", "near",
     "nothing, and nothing near"},
    {EXACT, NAMES(near), "acme.example", CP_ERR_USAGE, 0,
     "near it: acne.example, www.acme.example, example", "zzz", "what comes near is named"},
    {IGNORES, NAMES(near), "acme.example", CP_ERR_USAGE, 0, "near it: acne.example", "zzz",
     "never the first row for want of a better one"},
    {EXACT, NAMES(two), "", CP_ERR_USAGE, 0, "want a name", NULL, "no name"},
    {ENDLESS, NAMES(none), "acme.example", CP_ERR_LIMIT, 0, "over 1000 pages", NULL,
     "a list without end"},
};

static struct esa_client *new_client(struct service *service, struct esa_credential **credential) {
    struct esa_client *client = NULL;
    assert_int_equal(setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "testAK", 1), 0);
    assert_int_equal(setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testSK", 1), 0);
    assert_int_equal(esa_credential_new(credential, NULL, NULL), CP_OK);
    const struct esa_client_options options = {.endpoint = "127.0.0.1:1",
                                               .credential = *credential,
                                               .transport = transport,
                                               .transport_context = service};
    assert_int_equal(esa_client_new(&client, &options, NULL), CP_OK);
    return client;
}

static const struct esa_retry quick = {.base_ms = 1, .cap_ms = 1};

static void test_sites_and_records(void **state) {
    (void)state;
    for (size_t i = 0; i < 2 * NUM_OF(cases); i++) {
        bool is_site = i % 2 == 0;
        struct service service = {.way = cases[i / 2].way,
                                  .names = cases[i / 2].names,
                                  .num_names = cases[i / 2].num_names};
        struct esa_credential *credential = NULL;
        struct esa_client *client = new_client(&service, &credential);
        struct esa_site site;
        struct esa_record record;
        struct cp_error err = {0};
        print_message("%s\n", cases[i / 2].reason);
        enum cp_status status =
            is_site ? esa_find_site(client, &site, cases[i / 2].asked, &quick, &err)
                    : esa_find_record(client, &record, 1, cases[i / 2].asked, &quick, &err);
        if (status != cases[i / 2].status)
            print_message("    %s\n", err.message);
        assert_int_equal(status, cases[i / 2].status);
        assert_int_equal(is_site ? site.site_id : record.record_id, cases[i / 2].id);
        assert_non_null(strstr(err.message, cases[i / 2].says));
        if (cases[i / 2].says_not != NULL)
            assert_null(strstr(err.message, cases[i / 2].says_not));
        assert_true(service.num_calls <= 1010);
        esa_client_free(client);
        esa_credential_free(credential);
    }
}

static const struct {
    enum way way;
    const char *asked;
    enum cp_status status;
    bool found;
    const char *reason;
} hostnames[] = {
    {EXACT, "shop.example", CP_OK, true, "there"},
    {IGNORES, "SHOP.example", CP_OK, true, "there, on a page of all"},
    {IGNORES, "none.example", CP_OK, false, "absent is an answer"},
    {HOLLOW, "none.example", CP_ERR_NETWORK, false, "absence is not stated by half a list"},
    {REFUSES, "shop.example", CP_ERR_REFUSED, false, "no leave"},
};

static void test_hostnames(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(hostnames); i++) {
        struct service service = {.way = hostnames[i].way, .names = two, .num_names = 2};
        struct esa_credential *credential = NULL;
        struct esa_client *client = new_client(&service, &credential);
        struct esa_hostname found;
        bool is_found = true;
        print_message("%s\n", hostnames[i].reason);
        assert_int_equal(
            esa_find_hostname(client, &found, &is_found, 1, hostnames[i].asked, &quick, NULL),
            hostnames[i].status);
        assert_int_equal(is_found, hostnames[i].found);
        assert_int_equal(found.hostname_id, hostnames[i].found ? 101 : 0);
        esa_client_free(client);
        esa_credential_free(credential);
    }
}

/* Rows of another site: whatever the reply's judge makes of them, nothing is found. */
static void test_foreign_site(void **state) {
    struct service service = {.way = FOREIGN_SITE, .names = two, .num_names = 2};
    struct esa_credential *credential = NULL;
    struct esa_client *client = new_client(&service, &credential);
    struct esa_hostname found;
    bool is_found = true;
    (void)state;
    (void)!esa_find_hostname(client, &found, &is_found, 1, "shop.example", &quick, NULL);
    assert_false(is_found);
    assert_int_equal(found.hostname_id, 0);
    esa_client_free(client);
    esa_credential_free(credential);
}

/* Only what changes nothing is repeated by esa_client_read. */
static void test_read(void **state) {
    struct service service = {.way = FIRST_FAILS, .names = two, .num_names = 2};
    struct esa_credential *credential = NULL;
    struct esa_client *client = new_client(&service, &credential);
    struct esa_request *request = NULL;
    struct esa_outcome outcome;
    struct esa_reply *reply = NULL;
    (void)state;
    assert_int_equal(esa_request_new_delete(&request, 5, NULL), CP_OK);
    assert_int_equal(esa_client_read(client, &outcome, &reply, request, &quick, NULL),
                     CP_ERR_USAGE);
    assert_int_equal(service.num_calls, 0);
    esa_request_free(request);
    assert_int_equal(esa_request_new_list_sites(&request, NULL, NULL, 1, 500, NULL), CP_OK);
    const struct esa_retry once = {.max_attempts = 1};
    assert_int_equal(esa_client_read(client, &outcome, &reply, request, &once, NULL), CP_OK);
    assert_int_equal(outcome.result, ESA_UNKNOWN);
    assert_null(reply);
    service.num_calls = 0;
    assert_int_equal(esa_client_read(client, &outcome, &reply, request, &quick, NULL), CP_OK);
    assert_int_equal(outcome.result, ESA_ACCEPTED);
    assert_int_equal(esa_reply_num_sites(reply), 2);
    assert_int_equal(service.num_calls, 2);
    esa_reply_free(reply);
    esa_request_free(request);
    esa_client_free(client);
    esa_credential_free(credential);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sites_and_records),
        cmocka_unit_test(test_hostnames),
        cmocka_unit_test(test_foreign_site),
        cmocka_unit_test(test_read),
    };
    return cmocka_run_group_tests_name("find", tests, NULL, NULL);
}
