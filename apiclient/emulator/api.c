/* The operations, and the documented rules of their parameters. */
#include "emulator.h"

#include <string.h>

static const char api_version[] = "2024-09-10";

enum param {
    HOSTNAME,
    SITE_ID,
    RECORD_ID,
    SSL_FLAG,
    CERT_TYPE,
    CERTIFICATE,
    PRIVATE_KEY,
    CAS_ID,
    CAS_REGION,
    NUM_PARAMS
};

enum kind { IS_HOSTNAME, IS_ID, IS_TEXT, IS_ONE_OF };

struct param_row {
    const char *name;
    const char *values[4]; /* of IS_ONE_OF */
    const char *wanted;
    /* Needed if this other parameter has that value. */
    const char *because_value;
    const char *because_reason;
    enum param because;
    enum kind kind;
    enum esa_emu_code missing; /* the answer if one that is always needed is missing */
};

#define NEEDED_ALWAYS(code) .because = NUM_PARAMS, .missing = (code)
#define NEEDED_IF(param, value, reason)                                                            \
    .because = (param), .because_value = (value), .because_reason = (reason)

static const struct param_row create_params[NUM_PARAMS] = {
    [HOSTNAME] = {"Hostname", .kind = IS_HOSTNAME,
                  .wanted = "Hostname: want a domain name of two labels or more",
                  NEEDED_ALWAYS(ESA_EMU_MISSING_HOSTNAME)},
    [SITE_ID] = {"SiteId", .kind = IS_ID, .wanted = "SiteId: want a positive 64-bit integer",
                 NEEDED_ALWAYS(ESA_EMU_MISSING_SITE_ID)},
    [RECORD_ID] = {"RecordId", .kind = IS_ID, .wanted = "RecordId: want a positive 64-bit integer",
                   NEEDED_ALWAYS(ESA_EMU_MISSING_RECORD_ID)},
    [SSL_FLAG] = {"SslFlag",
                  {"on", "off"},
                  .kind = IS_ONE_OF,
                  .wanted = "SslFlag: want on or off",
                  NEEDED_ALWAYS(ESA_EMU_MISSING_SSL_FLAG)},
    [CERT_TYPE] = {"CertType",
                   {"free", "upload", "cas"},
                   .kind = IS_ONE_OF,
                   .wanted = "CertType: want free, upload or cas",
                   NEEDED_IF(SSL_FLAG, "on", "SslFlag=on needs CertType")},
    [CERTIFICATE] = {"Certificate", .kind = IS_TEXT,
                     NEEDED_IF(CERT_TYPE, "upload", "CertType=upload needs Certificate")},
    [PRIVATE_KEY] = {"PrivateKey", .kind = IS_TEXT,
                     NEEDED_IF(CERT_TYPE, "upload", "CertType=upload needs PrivateKey")},
    [CAS_ID] = {"CasId", .kind = IS_ID, .wanted = "CasId: want a positive 64-bit integer",
                NEEDED_IF(CERT_TYPE, "cas", "CertType=cas needs CasId")},
    [CAS_REGION] = {"CasRegion",
                    {"cn-hangzhou", "ap-southeast-1"},
                    .kind = IS_ONE_OF,
                    .wanted = "CasRegion: want cn-hangzhou or ap-southeast-1",
                    NEEDED_IF(CERT_TYPE, "cas", "CertType=cas needs CasRegion")},
};

static bool refuse(struct esa_emu_call *call, enum esa_emu_code code, const char *reason) {
    call->code = code;
    call->reason = reason;
    return false;
}

static bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* RFC 1123 2.1: two labels or more, the last not all digits (so no IPv4 address); "*" may be the
 * whole first label if two more follow. */
static bool is_hostname(struct esa_emu_span text) {
    size_t labels = 0, start = 0;
    bool wildcard = text.len >= 2 && text.data[0] == '*' && text.data[1] == '.';
    bool digits = true;
    if (text.len == 0 || text.len > ESA_EMU_HOSTNAME_MAX)
        return false;
    if (wildcard)
        start = 2;
    for (size_t i = start; i <= text.len; i++) {
        if (i < text.len && text.data[i] != '.') {
            char c = text.data[i];
            if (!is_alnum(c) && c != '-')
                return false;
            continue;
        }
        size_t len = i - start;
        if (len == 0 || len > 63 || text.data[start] == '-' || text.data[i - 1] == '-')
            return false;
        digits = true;
        for (size_t j = start; j < i; j++)
            digits = digits && text.data[j] >= '0' && text.data[j] <= '9';
        labels++;
        start = i + 1;
    }
    return labels >= 2 && !digits;
}

/* 1 to 2^63-1 in its one decimal form. */
static bool is_id(struct esa_emu_span text) {
    static const char largest[] = "9223372036854775807";
    size_t max_len = sizeof largest - 1;
    if (text.len == 0 || text.len > max_len || text.data[0] == '0')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    }
    return text.len < max_len || memcmp(text.data, largest, max_len) <= 0;
}

static bool is_valid(const struct param_row *row, struct esa_emu_span value) {
    switch (row->kind) {
    case IS_HOSTNAME:
        return is_hostname(value);
    case IS_ID:
        return is_id(value);
    case IS_ONE_OF:
        for (size_t i = 0; row->values[i] != NULL; i++) {
            if (esa_emu_span_is(value, row->values[i]))
                return true;
        }
        return false;
    case IS_TEXT:
        break;
    }
    return true;
}

/* Collects the values from query and form; an empty one counts as not sent. */
static bool collect(struct esa_emu_call *call, struct esa_emu_span *values) {
    for (int i = 0; i < NUM_PARAMS; i++) {
        struct esa_emu_span value = {"", 0};
        size_t found = esa_emu_params_find(&call->query, create_params[i].name, &value);
        found += esa_emu_params_find(&call->form, create_params[i].name, &value);
        if (found > 1)
            return refuse(call, ESA_EMU_INVALID_PARAMETER, "a parameter was sent more than once");
        values[i] = value;
    }
    return true;
}

static bool check_params(struct esa_emu_call *call, const struct esa_emu_span *values) {
    for (int i = 0; i < NUM_PARAMS; i++) {
        const struct param_row *row = &create_params[i];
        if (row->because == NUM_PARAMS && values[i].len == 0)
            return refuse(call, row->missing, "a mandatory parameter is missing");
    }
    for (int i = 0; i < NUM_PARAMS; i++) {
        const struct param_row *row = &create_params[i];
        if (values[i].len != 0 && !is_valid(row, values[i]))
            return refuse(call, ESA_EMU_INVALID_PARAMETER, row->wanted);
    }
    for (int i = 0; i < NUM_PARAMS; i++) {
        const struct param_row *row = &create_params[i];
        if (values[i].len == 0 && row->because != NUM_PARAMS &&
            esa_emu_span_is(values[row->because], row->because_value))
            return refuse(call, ESA_EMU_INVALID_PARAMETER, row->because_reason);
    }
    return true;
}

static void create_custom_hostname(struct esa_emu_call *call, struct esa_emu_store *store) {
    struct esa_emu_span values[NUM_PARAMS];
    if (!collect(call, values) || !check_params(call, values))
        return;
    if (esa_emu_span_is(values[CERT_TYPE], "upload")) {
        const char *reason =
            esa_emu_material_check(call->cert_sha256, values[CERTIFICATE], values[PRIVATE_KEY]);
        if (reason != NULL) {
            (void)refuse(call, ESA_EMU_INVALID_PARAMETER, reason);
            return;
        }
    }
    memcpy(call->hostname, values[HOSTNAME].data, values[HOSTNAME].len);
    call->hostname[values[HOSTNAME].len] = '\0';
    call->code = esa_emu_store_create(store, &call->hostname_id, call->hostname, call->cert_sha256);
    if (call->code == ESA_EMU_CONFLICT)
        call->reason = "the hostname exists already";
    else if (call->code == ESA_EMU_QUOTA_EXCEEDED)
        call->reason = "--quota is used up";
}

static const struct operation {
    const char *action;
    const char *method;
    void (*act)(struct esa_emu_call *call, struct esa_emu_store *store);
} operations[] = {
    {"CreateCustomHostname", "POST", create_custom_hostname},
};

static const struct operation *find_operation(const struct esa_emu_request *request) {
    const struct esa_emu_span *action = esa_emu_http_header(request, "x-acs-action");
    for (size_t i = 0; action != NULL && i < sizeof operations / sizeof operations[0]; i++) {
        if (esa_emu_span_is(*action, operations[i].action) &&
            esa_emu_span_is(request->method, operations[i].method))
            return &operations[i];
    }
    return NULL;
}

bool esa_emu_api_known(struct esa_emu_call *call) {
    const struct esa_emu_span *version = esa_emu_http_header(call->request, "x-acs-version");
    if (version == NULL || !esa_emu_span_is(*version, api_version))
        return refuse(call, ESA_EMU_INVALID_VERSION, "x-acs-version: want 2024-09-10");
    if (!esa_emu_span_is(call->request->path, "/") || find_operation(call->request) == NULL)
        return refuse(call, ESA_EMU_API_NOT_FOUND, "no such operation, method or path");
    return true;
}

void esa_emu_api_act(struct esa_emu_call *call, struct esa_emu_store *store) {
    const struct operation *operation = find_operation(call->request);
    if (operation != NULL)
        operation->act(call, store);
}
