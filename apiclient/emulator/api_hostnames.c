/* The operations that change custom hostnames. */
#include "api.h"

#include <string.h>

/* What CertType demands, and what it means. False: refused. */
static bool read_cert(struct esa_emu_cert *cert, struct esa_emu_call *call,
                      const struct esa_emu_values *values) {
    static const struct {
        const char *value;
        enum esa_emu_cert_type type;
        enum esa_emu_param_id needs[2];
        const char *reasons[2];
    } types[] = {
        {"free", ESA_EMU_CERT_FREE, {ESA_EMU_CERT_TYPE, ESA_EMU_CERT_TYPE}, {"", ""}},
        {"upload",
         ESA_EMU_CERT_UPLOAD,
         {ESA_EMU_CERTIFICATE, ESA_EMU_PRIVATE_KEY},
         {"CertType=upload needs Certificate", "CertType=upload needs PrivateKey"}},
        {"cas",
         ESA_EMU_CERT_CAS,
         {ESA_EMU_CAS_ID, ESA_EMU_CAS_REGION},
         {"CertType=cas needs CasId", "CertType=cas needs CasRegion"}},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (!esa_emu_span_is(values->of[ESA_EMU_CERT_TYPE], types[i].value))
            continue;
        cert->type = types[i].type;
        for (size_t j = 0; j < 2; j++) {
            if (!esa_emu_values_has(values, types[i].needs[j]))
                return esa_emu_refuse(call, ESA_EMU_INVALID_PARAMETER, types[i].reasons[j]);
        }
    }
    if (cert->type == ESA_EMU_CERT_CAS) {
        struct esa_emu_span region = values->of[ESA_EMU_CAS_REGION];
        cert->cas_id = esa_emu_values_number(values, ESA_EMU_CAS_ID);
        memcpy(cert->cas_region, region.data, region.len); /* one of a list of short words */
    }
    if (cert->type == ESA_EMU_CERT_UPLOAD) {
        cert->certificate = values->of[ESA_EMU_CERTIFICATE];
        cert->private_key = values->of[ESA_EMU_PRIVATE_KEY];
        const char *reason = esa_emu_material_check(cert->sha256, &cert->not_after_s,
                                                    cert->certificate, cert->private_key);
        if (reason != NULL)
            return esa_emu_refuse(call, ESA_EMU_INVALID_PARAMETER, reason);
        memcpy(call->cert_sha256, cert->sha256, sizeof call->cert_sha256);
    }
    return true;
}

/* Without --strict any id is as good as another. site_id 0: any site. */
static bool check_ids(struct esa_emu_call *call, const struct esa_emu_service *service,
                      int64_t site_id, int64_t record_id) {
    if (!service->options->strict)
        return true;
    const struct esa_emu_record *record = esa_emu_fixture_record(&service->fixture, record_id);
    if (site_id != 0 && esa_emu_fixture_site(&service->fixture, site_id) == NULL)
        return esa_emu_refuse(call, ESA_EMU_INVALID_PARAMETER, "--strict: no such SiteId");
    if (record == NULL)
        return esa_emu_refuse(call, ESA_EMU_INVALID_PARAMETER, "--strict: no such RecordId");
    if (site_id != 0 && service->fixture.sites[record->site].id != site_id)
        return esa_emu_refuse(call, ESA_EMU_INVALID_PARAMETER,
                              "--strict: the record belongs to another site");
    return true;
}

static void conclude(struct esa_emu_call *call, enum esa_emu_code code) {
    static const struct {
        enum esa_emu_code code;
        const char *reason;
    } reasons[] = {
        {ESA_EMU_CONFLICT, "the hostname exists already, or is told to conflict"},
        {ESA_EMU_QUOTA_EXCEEDED, "--quota is used up"},
        {ESA_EMU_THROTTLING_USER, "--rate is used up"},
        {ESA_EMU_HOSTNAME_NOT_FOUND, "no such HostnameId"},
        {ESA_EMU_VERIFY_UNPASSED, "--verify says no"},
        {ESA_EMU_OFFLINE, "the hostname is told to be offline"},
        {ESA_EMU_INVALID_PARAMETER, "does not fit the hostname's certificate"},
        {ESA_EMU_INTERNAL_EXCEPTION, "no memory, or the ledger can't be written"},
    };
    call->code = code;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].code == code)
            call->reason = reasons[i].reason;
    }
}

void esa_emu_create(struct esa_emu_call *call, const struct esa_emu_values *values,
                    struct esa_emu_service *service) {
    struct esa_emu_entry fresh = {
        .site_id = esa_emu_values_number(values, ESA_EMU_SITE_ID),
        .record_id = esa_emu_values_number(values, ESA_EMU_RECORD_ID),
        .ssl = esa_emu_span_is(values->of[ESA_EMU_SSL_FLAG], "on"),
    };
    struct esa_emu_span sent = values->of[ESA_EMU_HOSTNAME];
    if (fresh.ssl && !esa_emu_values_has(values, ESA_EMU_CERT_TYPE)) {
        (void)esa_emu_refuse(call, ESA_EMU_INVALID_PARAMETER, "SslFlag=on needs CertType");
        return;
    }
    if (!read_cert(&fresh.cert, call, values) ||
        !esa_emu_lower(fresh.hostname, sizeof fresh.hostname, sent) ||
        !check_ids(call, service, fresh.site_id, fresh.record_id))
        return;
    conclude(call, esa_emu_store_create(service->store, &call->hostname_id, &call->retry_after_ms,
                                        &fresh));
    if (call->code != ESA_EMU_ACCEPTED)
        return;
    call->created = true;
    if (call->bend == ESA_EMU_FAULT_FLOAT_ID) {
        esa_emu_json_name(&call->result, "HostnameId");
        esa_emu_buf_text(&call->result, "1.5e3");
    } else if (call->bend != ESA_EMU_FAULT_NO_ID) {
        esa_emu_json_int(&call->result, "HostnameId", call->hostname_id);
    }
    if (call->bend == ESA_EMU_FAULT_WRONG_HOSTNAME)
        esa_emu_json_text(&call->result, "Hostname", "unexpected.example");
    else
        esa_emu_json_span(&call->result, "Hostname", sent);
}

void esa_emu_update(struct esa_emu_call *call, const struct esa_emu_values *values,
                    struct esa_emu_service *service) {
    struct esa_emu_changes changes = {
        .record_id = esa_emu_values_number(values, ESA_EMU_RECORD_ID),
        .has_ssl = esa_emu_values_has(values, ESA_EMU_SSL_FLAG),
        .ssl = esa_emu_span_is(values->of[ESA_EMU_SSL_FLAG], "on"),
    };
    if (!read_cert(&changes.cert, call, values) ||
        (changes.record_id != 0 && !check_ids(call, service, 0, changes.record_id)))
        return;
    conclude(call, esa_emu_store_update(service->store, call->hostname_id, &changes));
}

void esa_emu_delete(struct esa_emu_call *call, const struct esa_emu_values *values,
                    struct esa_emu_service *service) {
    (void)values;
    conclude(call, esa_emu_store_delete(service->store, call->hostname_id));
}

void esa_emu_apply(struct esa_emu_call *call, const struct esa_emu_values *values,
                   struct esa_emu_service *service) {
    (void)values;
    conclude(call, esa_emu_store_apply(service->store, call->hostname_id));
}

void esa_emu_verify_host(struct esa_emu_call *call, const struct esa_emu_values *values,
                         struct esa_emu_service *service) {
    (void)values;
    conclude(call, esa_emu_store_verify(service->store, call->hostname_id));
    if (call->code == ESA_EMU_ACCEPTED)
        esa_emu_json_bool(&call->result, "Passed", true);
}
