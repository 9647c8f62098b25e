/* GetCustomHostname and ListCustomHostnames: the model, member by member. */
#include "api.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

struct look {
    const struct esa_emu_call *call;
    const struct esa_emu_service *service;
    bool whole; /* with what only Get tells */
};

/* A text of base64url that follows from the entry, so that a restart does not change it. 43
 * characters and a NUL. */
static void make_token(char out[48], const char *purpose, const struct esa_emu_entry *entry) {
    char seed[ESA_EMU_HOSTNAME_MAX + 96];
    unsigned char hash[EVP_MAX_MD_SIZE] = {0};
    int len = snprintf(seed, sizeof seed, "%s %" PRId64 " %" PRId64 " %s", purpose, entry->id,
                       entry->num_applications, entry->hostname);
    (void)EVP_Digest(seed, len > 0 ? (size_t)len : 0, hash, NULL, EVP_sha256(), NULL);
    (void)EVP_EncodeBlock((unsigned char *)out, hash, 32);
    for (char *c = out; *c != '\0'; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    out[43] = '\0';
}

static void add_verification(struct esa_emu_buf *out, const struct esa_emu_entry *entry,
                             const struct esa_emu_view *view, const char *base) {
    char text[ESA_EMU_HOSTNAME_MAX + 128], hash[65], token[48], thumbprint[48];
    (void)snprintf(text, sizeof text, "verify %" PRId64 " %s", entry->id, entry->hostname);
    esa_emu_sha256_hex(hash, text, strlen(text));
    (void)snprintf(text, sizeof text, "_esa_custom_hostname.%s", base);
    esa_emu_json_text(out, "VerifyHost", text);
    (void)snprintf(text, sizeof text, "verify_%.32s", hash);
    esa_emu_json_text(out, "VerifyCode", text);
    if (!view->has_records) {
        static const char *const names[] = {"CertTxtKey", "CertTxtValue", "CertHttpKey",
                                            "CertHttpValue"};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            esa_emu_json_text(out, names[i], "");
        return;
    }
    (void)snprintf(text, sizeof text, "_acme-challenge.%s", base);
    esa_emu_json_text(out, "CertTxtKey", text);
    make_token(token, "txt", entry);
    esa_emu_json_text(out, "CertTxtValue", token);
    make_token(token, "http", entry);
    make_token(thumbprint, "account", entry);
    (void)snprintf(text, sizeof text, "http://%s/.well-known/acme-challenge/%s", base, token);
    esa_emu_json_text(out, "CertHttpKey", text);
    (void)snprintf(text, sizeof text, "%s.%s", token, thumbprint);
    esa_emu_json_text(out, "CertHttpValue", text);
}

static void add_identity(struct esa_emu_buf *out, const struct esa_emu_entry *entry,
                         const struct look *look) {
    const struct esa_emu_fixture *fixture = &look->service->fixture;
    const struct esa_emu_site *site = esa_emu_fixture_site(fixture, entry->site_id);
    const struct esa_emu_record *record = esa_emu_fixture_record(fixture, entry->record_id);
    enum esa_emu_fault_kind bend = look->call->bend;
    if (bend == ESA_EMU_FAULT_FLOAT_ID) {
        esa_emu_json_name(out, "HostnameId");
        esa_emu_buf_text(out, "1.5e3");
    } else if (bend != ESA_EMU_FAULT_NO_ID) {
        esa_emu_json_int(out, "HostnameId", entry->id);
    }
    esa_emu_json_text(out, "Hostname",
                      bend == ESA_EMU_FAULT_WRONG_HOSTNAME ? "unexpected.example"
                                                           : entry->hostname);
    esa_emu_json_int(out, "SiteId", entry->site_id);
    esa_emu_json_text(out, "SiteName", site != NULL ? site->name : "");
    esa_emu_json_int(out, "RecordId", entry->record_id);
    esa_emu_json_text(out, "RecordName", record != NULL ? record->name : "");
}

/* Members that have nothing to say are empty, as with a free certificate's records once it is
 * issued; numbers are left out then. */
static void show(struct esa_emu_buf *out, const struct esa_emu_entry *entry,
                 const struct esa_emu_view *view, void *context) {
    const struct look *look = context;
    const struct esa_emu_cert *cert = &entry->cert;
    bool wildcard = entry->hostname[0] == '*' && entry->hostname[1] == '.';
    esa_emu_json_open(out, look->whole ? "CustomHostnameModel" : NULL, "{");
    add_identity(out, entry, look);
    esa_emu_json_text(out, "Status", view->status);
    add_verification(out, entry, view, entry->hostname + (wildcard ? 2 : 0));
    esa_emu_json_text(out, "SslFlag", entry->ssl ? "on" : "off");
    esa_emu_json_text(out, "CertType", esa_emu_cert_type_name(cert->type));
    esa_emu_json_text(out, "CertStatus", view->cert_status);
    esa_emu_json_time(out, "CertNotAfter", view->not_after_s);
    if (view->apply_code != 0)
        esa_emu_json_int(out, "CertApplyCode", view->apply_code);
    esa_emu_json_text(out, "CertApplyMessage", view->apply_message);
    esa_emu_json_text(out, "OfflineReason", view->offline_reason);
    esa_emu_json_text(out, "ConflictWith", view->conflict_with);
    esa_emu_json_time(out, "CreateTime", entry->created_s);
    esa_emu_json_time(out, "UpdateTime", entry->updated_s);
    if (look->whole) {
        if (cert->type == ESA_EMU_CERT_CAS)
            esa_emu_json_int(out, "CasId", cert->cas_id);
        esa_emu_json_span(out, "CertId",
                          (struct esa_emu_span){cert->sha256, cert->sha256[0] != '\0' ? 32 : 0});
        esa_emu_json_span(out, "Certificate", cert->certificate);
        esa_emu_json_span(out, "PrivateKey", cert->private_key);
    }
    esa_emu_buf_text(out, "}");
}

void esa_emu_get(struct esa_emu_call *call, const struct esa_emu_values *values,
                 struct esa_emu_service *service) {
    struct look look = {.call = call, .service = service, .whole = true};
    (void)values;
    call->code = esa_emu_store_get(service->store, call->hostname_id, &call->result, show, &look);
    if (call->code == ESA_EMU_HOSTNAME_NOT_FOUND)
        call->reason = "no such HostnameId";
}

void esa_emu_list(struct esa_emu_call *call, const struct esa_emu_values *values,
                  struct esa_emu_service *service) {
    struct look look = {.call = call, .service = service};
    struct esa_emu_filter filter = {
        .site_id = esa_emu_values_number(values, ESA_EMU_SITE_ID),
        .record_id = esa_emu_values_number(values, ESA_EMU_RECORD_ID),
        .how = esa_emu_values_match(values, ESA_EMU_NAME_MATCH_TYPE),
        .page_number = 1,
        .page_size = 100,
    };
    struct esa_emu_span status = values->of[ESA_EMU_STATUS];
    int64_t total = 0;
    if (service->options->strict &&
        esa_emu_fixture_site(&service->fixture, filter.site_id) == NULL) {
        (void)esa_emu_refuse(call, ESA_EMU_INVALID_PARAMETER, "--strict: no such SiteId");
        return;
    }
    /* Both were measured when they were read; a NUL within matches nothing. */
    if (!esa_emu_lower(filter.hostname, sizeof filter.hostname,
                       values->of[ESA_EMU_HOSTNAME_FILTER]) ||
        !esa_emu_lower(filter.status, sizeof filter.status, status)) {
        (void)esa_emu_refuse(call, ESA_EMU_INVALID_PARAMETER, "a NUL in Hostname or Status");
        return;
    }
    if (esa_emu_values_has(values, ESA_EMU_PAGE_NUMBER))
        filter.page_number = esa_emu_values_number(values, ESA_EMU_PAGE_NUMBER);
    if (esa_emu_values_has(values, ESA_EMU_PAGE_SIZE))
        filter.page_size = esa_emu_values_number(values, ESA_EMU_PAGE_SIZE);
    esa_emu_json_open(&call->result, "Hostnames", "[");
    esa_emu_store_list(service->store, &total, &filter, &call->result, show, &look);
    esa_emu_buf_text(&call->result, "]");
    esa_emu_json_int(&call->result, "PageNumber", filter.page_number);
    esa_emu_json_int(&call->result, "PageSize", filter.page_size);
    esa_emu_json_int(&call->result, "TotalCount", total);
}
