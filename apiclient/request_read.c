/* request: those that only name what they are about. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "request.h"

#define ID_TEXT_MAX 24

/* A number to be sent as text. 0: not asked for. */
struct number {
    char text[ID_TEXT_MAX];
};

static struct esa_value number(struct number *store, int64_t value) {
    if (value == 0)
        return (struct esa_value){0};
    (void)snprintf(store->text, sizeof(store->text), "%" PRId64, value);
    return esa_value_of(store->text);
}

/* The one parameter of most operations: an id, which is required. */
static enum cp_status by_id(struct esa_request **out, enum esa_operation_id id, int64_t value,
                            struct cp_error *err) {
    struct number store;
    struct esa_value values[ESA_MAX_PARAMETERS] = {0};
    (void)snprintf(store.text, sizeof(store.text), "%" PRId64, value);
    values[0] = esa_value_of(store.text);
    return esa_request_build(out, id, values, err);
}

enum cp_status esa_request_new_get(struct esa_request **out, int64_t hostname_id,
                                   struct cp_error *err) {
    return by_id(out, ESA_OP_GET, hostname_id, err);
}

enum cp_status esa_request_new_verify(struct esa_request **out, int64_t hostname_id,
                                      struct cp_error *err) {
    return by_id(out, ESA_OP_VERIFY, hostname_id, err);
}

enum cp_status esa_request_new_delete(struct esa_request **out, int64_t hostname_id,
                                      struct cp_error *err) {
    return by_id(out, ESA_OP_DELETE, hostname_id, err);
}

enum cp_status esa_request_new_apply(struct esa_request **out, int64_t hostname_id,
                                     struct cp_error *err) {
    return by_id(out, ESA_OP_APPLY, hostname_id, err);
}

enum cp_status esa_request_new_get_site(struct esa_request **out, int64_t site_id,
                                        struct cp_error *err) {
    return by_id(out, ESA_OP_GET_SITE, site_id, err);
}

enum cp_status esa_request_new_get_record(struct esa_request **out, int64_t record_id,
                                          struct cp_error *err) {
    return by_id(out, ESA_OP_GET_RECORD, record_id, err);
}

/* A name that is looked for is no longer than one that there can be. */
static enum cp_status check_name(const char *name, const char *what, struct cp_error *err) {
    if (name != NULL && strlen(name) >= ESA_NAME_MAX)
        return cp_fail(err, CP_ERR_LIMIT, "%s: over %zu bytes", what, ESA_NAME_MAX - 1);
    return CP_OK;
}

enum cp_status esa_request_new_list(struct esa_request **out, const struct esa_list *list,
                                    struct cp_error *err) {
    struct number site_id, record_id, page_number, page_size;
    const struct esa_value values[ESA_MAX_PARAMETERS] = {
        [ESA_LIST_SITE_ID] = number(&site_id, list->site_id),
        [ESA_LIST_RECORD_ID] = number(&record_id, list->record_id),
        [ESA_LIST_HOSTNAME] = esa_value_of(list->hostname),
        [ESA_LIST_NAME_MATCH_TYPE] = esa_value_of(list->name_match_type),
        [ESA_LIST_STATUS] = esa_value_of(list->status),
        [ESA_LIST_PAGE_NUMBER] = number(&page_number, list->page_number),
        [ESA_LIST_PAGE_SIZE] = number(&page_size, list->page_size),
    };
    *out = NULL;
    enum cp_status status = check_name(list->hostname, "Hostname", err);
    return status == CP_OK ? esa_request_build(out, ESA_OP_LIST, values, err) : status;
}

enum cp_status esa_request_new_list_sites(struct esa_request **out, const char *site_name,
                                          const char *match_type, int64_t page_number,
                                          int64_t page_size, struct cp_error *err) {
    struct number page_number_text, page_size_text;
    const struct esa_value values[ESA_MAX_PARAMETERS] = {
        [ESA_LIST_SITES_SITE_NAME] = esa_value_of(site_name),
        [ESA_LIST_SITES_SEARCH_TYPE] = esa_value_of(match_type),
        [ESA_LIST_SITES_PAGE_NUMBER] = number(&page_number_text, page_number),
        [ESA_LIST_SITES_PAGE_SIZE] = number(&page_size_text, page_size),
    };
    *out = NULL;
    enum cp_status status = check_name(site_name, "SiteName", err);
    return status == CP_OK ? esa_request_build(out, ESA_OP_LIST_SITES, values, err) : status;
}

enum cp_status esa_request_new_list_records(struct esa_request **out, int64_t site_id,
                                            const char *record_name, const char *match_type,
                                            const char *type, int64_t page_number,
                                            int64_t page_size, struct cp_error *err) {
    struct number site_id_text, page_number_text, page_size_text;
    const struct esa_value values[ESA_MAX_PARAMETERS] = {
        [ESA_LIST_RECORDS_SITE_ID] = number(&site_id_text, site_id),
        [ESA_LIST_RECORDS_RECORD_NAME] = esa_value_of(record_name),
        [ESA_LIST_RECORDS_MATCH_TYPE] = esa_value_of(match_type),
        [ESA_LIST_RECORDS_TYPE] = esa_value_of(type),
        [ESA_LIST_RECORDS_PAGE_NUMBER] = number(&page_number_text, page_number),
        [ESA_LIST_RECORDS_PAGE_SIZE] = number(&page_size_text, page_size),
    };
    *out = NULL;
    enum cp_status status = check_name(record_name, "RecordName", err);
    if (status == CP_OK)
        status = check_name(type, "Type", err);
    return status == CP_OK ? esa_request_build(out, ESA_OP_LIST_RECORDS, values, err) : status;
}
