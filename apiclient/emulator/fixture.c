/* Sites and records: the built-in ones, or those of a JSON file:
 *   {"sites": [{"SiteId": "1", "SiteName": "a.example", "Records": [{"RecordId": "2", ...}]}]}
 * The names are the service's. Ids are strings; numbers only where a double is exact. */
#include "model.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static const char built_in[] =
    "{\"sites\":[{\"SiteId\":\"1234567890123\",\"SiteName\":\"acme.example\",\"Records\":["
    "{\"RecordId\":\"4042843419650112\",\"RecordName\":\"origin.acme.example\","
    "\"Value\":\"backend.acme.example\"},"
    "{\"RecordId\":\"4042843419650113\",\"RecordName\":\"origin2.acme.example\","
    "\"Value\":\"bucket.storage.example\",\"RecordSourceType\":\"S3\",\"AuthConf\":{"
    "\"AuthType\":\"private\",\"AccessKey\":\"canary-authconf-key\","
    "\"SecretKey\":\"canary-authconf-secret\"}}]},"
    "{\"SiteId\":\"1234567890125\",\"SiteName\":\"shop.example\",\"Records\":["
    "{\"RecordId\":\"9007199254740993\",\"RecordName\":\"origin.shop.example\","
    "\"Value\":\"backend.shop.example\"}]}]}";

/* A text member, or the value that stands for a missing one. False: another type, or too long. */
static bool read_text(char *out, size_t size, const cJSON *object, const char *name,
                      const char *missing) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (item != NULL && !cJSON_IsString(item))
        return false;
    const char *text = item != NULL ? item->valuestring : missing;
    size_t len = strlen(text);
    if (len >= size)
        return false;
    memcpy(out, text, len + 1);
    return true;
}

static bool read_name(char *out, size_t size, const cJSON *object, const char *name) {
    return read_text(out, size, object, name, "") && out[0] != '\0' &&
           esa_emu_lower(out, size, (struct esa_emu_span){out, strlen(out)});
}

static bool read_id(int64_t *out, const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (cJSON_IsString(item))
        return esa_emu_number(out,
                              (struct esa_emu_span){item->valuestring, strlen(item->valuestring)},
                              INT64_MAX) &&
               *out > 0;
    if (!cJSON_IsNumber(item) || item->valuedouble < 1 || item->valuedouble > 9007199254740991.0)
        return false;
    *out = (int64_t)item->valuedouble;
    return (double)*out >= item->valuedouble; /* no fraction */
}

static bool read_site(struct esa_emu_site *site, const cJSON *object) {
    return cJSON_IsObject(object) && read_id(&site->id, object, "SiteId") &&
           read_name(site->name, sizeof site->name, object, "SiteName") &&
           read_text(site->status, sizeof site->status, object, "Status", "active") &&
           read_text(site->access_type, sizeof site->access_type, object, "AccessType", "CNAME") &&
           read_text(site->coverage, sizeof site->coverage, object, "Coverage", "overseas") &&
           read_text(site->cname_zone, sizeof site->cname_zone, object, "CnameZone",
                     "example-cname.net") &&
           read_text(site->plan_name, sizeof site->plan_name, object, "PlanName", "plan-emulator");
}

static bool read_auth(struct esa_emu_record *record, const cJSON *object) {
    const cJSON *auth = cJSON_GetObjectItemCaseSensitive(object, "AuthConf");
    if (auth == NULL)
        return true;
    return cJSON_IsObject(auth) &&
           read_text(record->auth_type, sizeof record->auth_type, auth, "AuthType", "private") &&
           read_text(record->auth_key, sizeof record->auth_key, auth, "AccessKey", "") &&
           read_text(record->auth_secret, sizeof record->auth_secret, auth, "SecretKey", "");
}

/* The CNAME that a site of AccessType CNAME gives a record: its name under the site's zone. */
static bool default_cname(char *out, size_t size, const struct esa_emu_record *record,
                          const struct esa_emu_site *site) {
    size_t name_len = strlen(record->name), zone_len = strlen(site->cname_zone);
    if (name_len + zone_len + 2 > size)
        return false;
    memcpy(out, record->name, name_len);
    out[name_len] = '.';
    memcpy(out + name_len + 1, site->cname_zone, zone_len + 1);
    return true;
}

static bool read_record(struct esa_emu_record *record, const cJSON *object,
                        const struct esa_emu_site *site) {
    const cJSON *proxied = cJSON_GetObjectItemCaseSensitive(object, "Proxied");
    char cname[ESA_EMU_NAME_MAX + 1];
    if (!cJSON_IsObject(object) || !read_id(&record->id, object, "RecordId") ||
        !read_name(record->name, sizeof record->name, object, "RecordName") ||
        !default_cname(cname, sizeof cname, record, site) ||
        (proxied != NULL && !cJSON_IsBool(proxied)))
        return false;
    record->proxied = proxied == NULL || cJSON_IsTrue(proxied);
    return read_text(record->type, sizeof record->type, object, "RecordType", "CNAME") &&
           read_text(record->cname, sizeof record->cname, object, "RecordCname", cname) &&
           read_text(record->value, sizeof record->value, object, "Value", "backend.example") &&
           read_text(record->source_type, sizeof record->source_type, object, "RecordSourceType",
                     "Domain") &&
           read_auth(record, object);
}

static const char *read_records(struct esa_emu_fixture *fixture, const cJSON *object, size_t site) {
    const cJSON *records = cJSON_GetObjectItemCaseSensitive(object, "Records"), *item = NULL;
    if (records == NULL)
        return NULL;
    if (!cJSON_IsArray(records))
        return "Records: want an array";
    cJSON_ArrayForEach(item, records) {
        struct esa_emu_record *record = &fixture->records[fixture->num_records];
        if (!read_record(record, item, &fixture->sites[site]))
            return "a record is malformed";
        if (esa_emu_fixture_record(fixture, record->id) != NULL)
            return "a RecordId occurs twice";
        record->site = site;
        fixture->num_records++;
    }
    return NULL;
}

/* Room for all, so that nothing moves while it is read. */
static const char *make_room(struct esa_emu_fixture *fixture, const cJSON *sites) {
    size_t num_sites = 0, num_records = 0;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, sites) {
        const cJSON *records = cJSON_GetObjectItemCaseSensitive(item, "Records"), *record = NULL;
        num_sites++;
        cJSON_ArrayForEach(record, records) num_records++;
    }
    if (num_sites > ESA_EMU_MAX_SITES || num_records > ESA_EMU_MAX_RECORDS)
        return "too many sites or records";
    fixture->sites = calloc(num_sites + 1, sizeof *fixture->sites);
    fixture->records = calloc(num_records + 1, sizeof *fixture->records);
    return fixture->sites != NULL && fixture->records != NULL ? NULL : "out of memory";
}

static const char *read_all(struct esa_emu_fixture *fixture, const char *text, size_t len) {
    const char *end = NULL, *reason = "want {\"sites\": [...]}";
    cJSON *root = cJSON_ParseWithLengthOpts(text, len, &end, 0);
    const cJSON *sites = cJSON_GetObjectItemCaseSensitive(root, "sites"), *item = NULL;
    while (root != NULL && end < text + len && *end != '\0' && strchr(" \t\r\n", *end) != NULL)
        end++;
    if (!cJSON_IsArray(sites) || end != text + len)
        goto out;
    reason = make_room(fixture, sites);
    if (reason != NULL)
        goto out;
    cJSON_ArrayForEach(item, sites) {
        struct esa_emu_site *site = &fixture->sites[fixture->num_sites];
        reason = read_site(site, item) ? NULL : "a site is malformed";
        if (reason == NULL && esa_emu_fixture_site(fixture, site->id) != NULL)
            reason = "a SiteId occurs twice";
        if (reason == NULL)
            reason = read_records(fixture, item, fixture->num_sites++);
        if (reason != NULL)
            goto out;
    }
out:
    cJSON_Delete(root);
    return reason;
}

const char *esa_emu_fixture_init(struct esa_emu_fixture *fixture, const char *path) {
    struct esa_emu_buf text = {.max = ESA_EMU_MAX_FILE};
    const char *reason = "can't read it";
    *fixture = (struct esa_emu_fixture){0};
    if (path == NULL)
        reason = read_all(fixture, built_in, sizeof built_in - 1);
    else if (esa_emu_read_file(&text, path) && text.len != 0)
        reason = read_all(fixture, text.data, text.len);
    esa_emu_buf_cleanup(&text);
    return reason;
}

const struct esa_emu_site *esa_emu_fixture_site(const struct esa_emu_fixture *fixture, int64_t id) {
    for (size_t i = 0; i < fixture->num_sites; i++) {
        if (fixture->sites[i].id == id)
            return &fixture->sites[i];
    }
    return NULL;
}

const struct esa_emu_record *esa_emu_fixture_record(const struct esa_emu_fixture *fixture,
                                                    int64_t id) {
    for (size_t i = 0; i < fixture->num_records; i++) {
        if (fixture->records[i].id == id)
            return &fixture->records[i];
    }
    return NULL;
}

void esa_emu_fixture_cleanup(struct esa_emu_fixture *fixture) {
    free(fixture->sites);
    free(fixture->records);
    *fixture = (struct esa_emu_fixture){0};
}
