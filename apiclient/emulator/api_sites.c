/* Sites and records, which only are looked at. */
#include "api.h"

#include <string.h>

enum { PAGE_SIZE = 500 };

struct page {
    int64_t number, size, total;
};

static struct page page_of(const struct esa_emu_values *values) {
    struct page page = {.number = 1, .size = PAGE_SIZE};
    if (esa_emu_values_has(values, ESA_EMU_PAGE_NUMBER))
        page.number = esa_emu_values_number(values, ESA_EMU_PAGE_NUMBER);
    if (esa_emu_values_has(values, ESA_EMU_PAGE_SIZE))
        page.size = esa_emu_values_number(values, ESA_EMU_PAGE_SIZE);
    return page;
}

/* Counts one more; true if it is on the page. */
static bool on_page(struct page *page) {
    int64_t at = page->total++ - (page->number - 1) * page->size;
    return at >= 0 && at < page->size;
}

static void end_page(struct esa_emu_buf *out, const struct page *page) {
    esa_emu_buf_text(out, "]");
    esa_emu_json_int(out, "PageNumber", page->number);
    esa_emu_json_int(out, "PageSize", page->size);
    esa_emu_json_int(out, "TotalCount", page->total);
}

static void add_site(struct esa_emu_buf *out, const char *name, const struct esa_emu_site *site) {
    esa_emu_json_open(out, name, "{");
    esa_emu_json_int(out, "SiteId", site->id);
    esa_emu_json_text(out, "SiteName", site->name);
    esa_emu_json_text(out, "Status", site->status);
    esa_emu_json_text(out, "AccessType", site->access_type);
    esa_emu_json_text(out, "Coverage", site->coverage);
    esa_emu_json_text(out, "CnameZone", site->cname_zone);
    esa_emu_json_text(out, "PlanName", site->plan_name);
    esa_emu_json_text(out, "PlanSpecName", "enterprise");
    esa_emu_json_text(out, "InstanceId", "esa-site-emulator");
    esa_emu_json_text(out, "ResourceGroupId", "rg-emulator");
    esa_emu_json_text(out, "NameServerList", "");
    esa_emu_json_text(out, "CreateTime", "2026-01-01T00:00:00Z");
    esa_emu_json_text(out, "UpdateTime", "2026-01-01T00:00:00Z");
    esa_emu_buf_text(out, "}");
}

static void add_record(struct esa_emu_buf *out, const char *name,
                       const struct esa_emu_record *record, const struct esa_emu_site *site) {
    esa_emu_json_open(out, name, "{");
    esa_emu_json_int(out, "RecordId", record->id);
    esa_emu_json_text(out, "RecordName", record->name);
    esa_emu_json_text(out, "RecordType", record->type);
    esa_emu_json_text(out, "RecordCname", record->cname);
    esa_emu_json_text(out, "RecordSourceType", record->source_type);
    esa_emu_json_bool(out, "Proxied", record->proxied);
    esa_emu_json_text(out, "BizName", record->proxied ? "web" : "");
    esa_emu_json_int(out, "Ttl", 30);
    esa_emu_json_int(out, "SiteId", site->id);
    esa_emu_json_text(out, "SiteName", site->name);
    esa_emu_json_open(out, "Data", "{");
    esa_emu_json_text(out, "Value", record->value);
    esa_emu_buf_text(out, "}");
    if (record->auth_type[0] != '\0') {
        esa_emu_json_open(out, "AuthConf", "{");
        esa_emu_json_text(out, "AuthType", record->auth_type);
        esa_emu_json_text(out, "AccessKey", record->auth_key);
        esa_emu_json_text(out, "SecretKey", record->auth_secret);
        esa_emu_json_text(out, "Region", "us-east-1");
        esa_emu_json_text(out, "Version", "v4");
        esa_emu_buf_text(out, "}");
    }
    esa_emu_json_text(out, "CreateTime", "2026-01-01T00:00:00Z");
    esa_emu_json_text(out, "UpdateTime", "2026-01-01T00:00:00Z");
    esa_emu_buf_text(out, "}");
}

/* False: refused, for want of memory or for a NUL. */
static bool read_name(char out[ESA_EMU_NAME_MAX + 1], struct esa_emu_call *call,
                      struct esa_emu_span name) {
    return esa_emu_lower(out, ESA_EMU_NAME_MAX + 1, name) ||
           esa_emu_refuse(call, ESA_EMU_INVALID_PARAMETER, "a NUL in a name");
}

void esa_emu_list_sites(struct esa_emu_call *call, const struct esa_emu_values *values,
                        struct esa_emu_service *service) {
    struct page page = page_of(values);
    enum esa_emu_match how = esa_emu_values_match(values, ESA_EMU_SITE_SEARCH_TYPE);
    char name[ESA_EMU_NAME_MAX + 1];
    if (!read_name(name, call, values->of[ESA_EMU_SITE_NAME]))
        return;
    esa_emu_json_open(&call->result, "Sites", "[");
    for (size_t i = 0; i < service->fixture.num_sites; i++) {
        const struct esa_emu_site *site = &service->fixture.sites[i];
        bool fits = esa_emu_match(site->name, name, how) &&
                    (!esa_emu_values_has(values, ESA_EMU_STATUS) ||
                     esa_emu_span_is(values->of[ESA_EMU_STATUS], site->status));
        if (fits && on_page(&page))
            add_site(&call->result, NULL, site);
    }
    end_page(&call->result, &page);
}

void esa_emu_get_site(struct esa_emu_call *call, const struct esa_emu_values *values,
                      struct esa_emu_service *service) {
    const struct esa_emu_site *site =
        esa_emu_fixture_site(&service->fixture, esa_emu_values_number(values, ESA_EMU_SITE_ID));
    if (site == NULL)
        (void)esa_emu_refuse(call, ESA_EMU_SITE_NOT_FOUND, "no such SiteId");
    else
        add_site(&call->result, "SiteModel", site);
}

void esa_emu_list_records(struct esa_emu_call *call, const struct esa_emu_values *values,
                          struct esa_emu_service *service) {
    const struct esa_emu_fixture *fixture = &service->fixture;
    int64_t site_id = esa_emu_values_number(values, ESA_EMU_SITE_ID);
    enum esa_emu_match how = esa_emu_values_match(values, ESA_EMU_RECORD_MATCH_TYPE);
    struct page page = page_of(values);
    char name[ESA_EMU_NAME_MAX + 1];
    if (service->options->strict && esa_emu_fixture_site(fixture, site_id) == NULL) {
        (void)esa_emu_refuse(call, ESA_EMU_INVALID_PARAMETER, "--strict: no such SiteId");
        return;
    }
    if (!read_name(name, call, values->of[ESA_EMU_RECORD_NAME]))
        return;
    esa_emu_json_open(&call->result, "Records", "[");
    for (size_t i = 0; i < fixture->num_records; i++) {
        const struct esa_emu_record *record = &fixture->records[i];
        const struct esa_emu_site *site = &fixture->sites[record->site];
        bool fits = site->id == site_id && esa_emu_match(record->name, name, how) &&
                    (!esa_emu_values_has(values, ESA_EMU_TYPE) ||
                     esa_emu_span_is(values->of[ESA_EMU_TYPE], record->type));
        if (fits && on_page(&page))
            add_record(&call->result, NULL, record, site);
    }
    end_page(&call->result, &page);
}

void esa_emu_get_record(struct esa_emu_call *call, const struct esa_emu_values *values,
                        struct esa_emu_service *service) {
    const struct esa_emu_record *record =
        esa_emu_fixture_record(&service->fixture, esa_emu_values_number(values, ESA_EMU_RECORD_ID));
    if (record == NULL)
        (void)esa_emu_refuse(call, ESA_EMU_RECORD_NOT_FOUND, "no such RecordId");
    else
        add_record(&call->result, "RecordModel", record, &service->fixture.sites[record->site]);
}
