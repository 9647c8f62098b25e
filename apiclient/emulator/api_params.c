/* The parameters of all operations, and the documented rules of each. */
#include "api.h"

#include <string.h>

enum kind { IS_HOSTNAME, IS_NUMBER, IS_TEXT, IS_ONE_OF };

struct row {
    const char *name;
    const char *values[6]; /* of IS_ONE_OF */
    const char *wanted;
    int64_t min, max; /* of a number, or of a text's length */
    enum kind kind;
    enum esa_emu_code missing; /* the answer if it is needed and was not sent */
    enum esa_emu_code invalid;
};

#define CODES(missing_code) .missing = (missing_code), .invalid = ESA_EMU_INVALID_PARAMETER
#define ID(text, missing_code)                                                                     \
    {                                                                                              \
        text, .kind = IS_NUMBER, .wanted = text ": want a positive 64-bit integer", .min = 1,      \
              .max = INT64_MAX, CODES(missing_code)                                                \
    }
#define OPTIONAL ESA_EMU_INVALID_PARAMETER
#define MATCH(text)                                                                                \
    {                                                                                              \
        text, {"prefix", "suffix", "exact", "fuzzy"},                                              \
            .kind = IS_ONE_OF, .wanted = text ": want prefix, suffix, exact or fuzzy",             \
            CODES(OPTIONAL)                                                                        \
    }
#define TEXT(text, most, missing_code)                                                             \
    {                                                                                              \
        text, .kind = IS_TEXT, .wanted = text ": too long", .min = 1, .max = (most),               \
              CODES(missing_code)                                                                  \
    }
#define STS_TEXT(text, least, most, missing_code, invalid_code)                                    \
    {                                                                                              \
        text, .kind = IS_TEXT, .wanted = text ": too short or too long", .min = (least),           \
              .max = (most), .missing = (missing_code), .invalid = (invalid_code)                  \
    }

static const struct row rows[ESA_EMU_NUM_PARAMS] = {
    [ESA_EMU_HOSTNAME] = {"Hostname", .kind = IS_HOSTNAME,
                          .wanted = "Hostname: want a domain name of two labels or more",
                          CODES(ESA_EMU_MISSING_HOSTNAME)},
    [ESA_EMU_HOSTNAME_FILTER] = TEXT("Hostname", ESA_EMU_HOSTNAME_MAX, OPTIONAL),
    [ESA_EMU_HOSTNAME_ID] = ID("HostnameId", ESA_EMU_MISSING_HOSTNAME_ID),
    [ESA_EMU_SITE_ID] = ID("SiteId", ESA_EMU_MISSING_SITE_ID),
    [ESA_EMU_RECORD_ID] = ID("RecordId", ESA_EMU_MISSING_RECORD_ID),
    [ESA_EMU_SSL_FLAG] = {"SslFlag",
                          {"on", "off"},
                          .kind = IS_ONE_OF,
                          .wanted = "SslFlag: want on or off",
                          CODES(ESA_EMU_MISSING_SSL_FLAG)},
    [ESA_EMU_CERT_TYPE] = {"CertType",
                           {"free", "upload", "cas"},
                           .kind = IS_ONE_OF,
                           .wanted = "CertType: want free, upload or cas",
                           CODES(OPTIONAL)},
    [ESA_EMU_CERTIFICATE] = TEXT("Certificate", ESA_EMU_MAX_BODY, OPTIONAL),
    [ESA_EMU_PRIVATE_KEY] = TEXT("PrivateKey", ESA_EMU_MAX_BODY, OPTIONAL),
    [ESA_EMU_CAS_ID] = ID("CasId", OPTIONAL),
    [ESA_EMU_CAS_REGION] = {"CasRegion",
                            {"cn-hangzhou", "ap-southeast-1"},
                            .kind = IS_ONE_OF,
                            .wanted = "CasRegion: want cn-hangzhou or ap-southeast-1",
                            CODES(OPTIONAL)},
    [ESA_EMU_NAME_MATCH_TYPE] = MATCH("NameMatchType"),
    [ESA_EMU_STATUS] = TEXT("Status", ESA_EMU_WORD_MAX, OPTIONAL),
    [ESA_EMU_PAGE_NUMBER] = {"PageNumber", .kind = IS_NUMBER,
                             .wanted = "PageNumber: want 1 to 1000000", .min = 1, .max = 1000000,
                             CODES(OPTIONAL)},
    [ESA_EMU_PAGE_SIZE] = {"PageSize", .kind = IS_NUMBER, .wanted = "PageSize: want 1 to 500",
                           .min = 1, .max = 500, CODES(OPTIONAL)},
    [ESA_EMU_SITE_NAME] = TEXT("SiteName", ESA_EMU_HOSTNAME_MAX, OPTIONAL),
    [ESA_EMU_SITE_SEARCH_TYPE] = MATCH("SiteSearchType"),
    [ESA_EMU_RECORD_NAME] = TEXT("RecordName", ESA_EMU_HOSTNAME_MAX, OPTIONAL),
    [ESA_EMU_RECORD_MATCH_TYPE] = MATCH("RecordMatchType"),
    [ESA_EMU_TYPE] = TEXT("Type", ESA_EMU_WORD_MAX, OPTIONAL),
    [ESA_EMU_ROLE_ARN] =
        STS_TEXT("RoleArn", 1, 512, ESA_EMU_MISSING_ROLE_ARN, ESA_EMU_INVALID_ROLE_ARN),
    [ESA_EMU_ROLE_SESSION_NAME] =
        STS_TEXT("RoleSessionName", 2, 64, ESA_EMU_MISSING_ROLE_SESSION_NAME,
                 ESA_EMU_INVALID_ROLE_SESSION_NAME),
    [ESA_EMU_DURATION_SECONDS] = {"DurationSeconds", .kind = IS_NUMBER,
                                  .wanted = "DurationSeconds: want 900 to 43200", .min = 900,
                                  .max = 43200, .missing = OPTIONAL,
                                  .invalid = ESA_EMU_INVALID_DURATION_SECONDS},
    [ESA_EMU_POLICY] = STS_TEXT("Policy", 1, 2048, OPTIONAL, ESA_EMU_INVALID_POLICY),
    [ESA_EMU_EXTERNAL_ID] = STS_TEXT("ExternalId", 2, 1224, OPTIONAL, ESA_EMU_INVALID_PARAMETER),
    [ESA_EMU_OIDC_PROVIDER_ARN] =
        STS_TEXT("OIDCProviderArn", 1, 512, ESA_EMU_MISSING_OIDC_PROVIDER_ARN,
                 ESA_EMU_INVALID_OIDC_PROVIDER_ARN),
    [ESA_EMU_OIDC_TOKEN] =
        STS_TEXT("OIDCToken", 4, 20000, ESA_EMU_MISSING_OIDC_TOKEN, ESA_EMU_INVALID_OIDC_TOKEN),
};

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

/* In its one decimal form. */
static bool is_number(const struct row *row, struct esa_emu_span text) {
    int64_t value = 0;
    return text.data[0] != '0' && esa_emu_number(&value, text, row->max) && value >= row->min;
}

static bool is_valid(const struct row *row, struct esa_emu_span value) {
    switch (row->kind) {
    case IS_HOSTNAME:
        return is_hostname(value);
    case IS_NUMBER:
        return is_number(row, value);
    case IS_ONE_OF:
        for (size_t i = 0; row->values[i] != NULL; i++) {
            if (esa_emu_span_is(value, row->values[i]))
                return true;
        }
        return false;
    case IS_TEXT:
        break;
    }
    return value.len >= (size_t)row->min && value.len <= (size_t)row->max;
}

bool esa_emu_values_read(struct esa_emu_values *values, struct esa_emu_call *call, uint32_t needed,
                         uint32_t allowed) {
    *values = (struct esa_emu_values){0};
    for (int i = 0; i < ESA_EMU_NUM_PARAMS; i++) {
        struct esa_emu_span value = {"", 0};
        if (((needed | allowed) >> i & 1) != 0) {
            size_t found = esa_emu_params_find(&call->query, rows[i].name, &value);
            found += esa_emu_params_find(&call->form, rows[i].name, &value);
            if (found > 1)
                return esa_emu_refuse(call, ESA_EMU_INVALID_PARAMETER,
                                      "a parameter was sent more than once");
        }
        values->of[i] = value;
    }
    for (int i = 0; i < ESA_EMU_NUM_PARAMS; i++) {
        if ((needed >> i & 1) != 0 && values->of[i].len == 0)
            return esa_emu_refuse(call, rows[i].missing, "a mandatory parameter is missing");
    }
    for (int i = 0; i < ESA_EMU_NUM_PARAMS; i++) {
        if (values->of[i].len != 0 && !is_valid(&rows[i], values->of[i]))
            return esa_emu_refuse(call, rows[i].invalid, rows[i].wanted);
    }
    return true;
}

bool esa_emu_values_has(const struct esa_emu_values *values, enum esa_emu_param_id id) {
    return values->of[id].len != 0;
}

int64_t esa_emu_values_number(const struct esa_emu_values *values, enum esa_emu_param_id id) {
    int64_t value = 0;
    (void)esa_emu_number(&value, values->of[id], INT64_MAX);
    return value;
}

enum esa_emu_match esa_emu_values_match(const struct esa_emu_values *values,
                                        enum esa_emu_param_id id) {
    struct esa_emu_span value = values->of[id];
    return esa_emu_span_is(value, "prefix")   ? ESA_EMU_MATCH_PREFIX
           : esa_emu_span_is(value, "suffix") ? ESA_EMU_MATCH_SUFFIX
           : esa_emu_span_is(value, "fuzzy")  ? ESA_EMU_MATCH_FUZZY
                                              : ESA_EMU_MATCH_EXACT;
}
