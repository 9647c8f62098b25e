/* model: the rows of hostname, site and record, and their reader. */
#include "model.h"

#include <stddef.h>
#include <string.h>

#include "text.h"

enum kind {
    ID,    /* exact; null and 0 count as not said */
    TEXT,  /* redacted, cut, escaped; a number's digits */
    VALUE, /* whole or not at all: a part of a name or of a record to publish is worse than none */
    FLAG,  /* true, false */
    LEAF,  /* PEM, of which the first certificate's SHA-256 is kept */
    WITHHELD /* passed over, and no part of it is shown elsewhere */
};

struct row {
    const char *name;
    enum kind kind;
    bool required;
    size_t offset, size;
};

#define PLACE(model, member)                                                                       \
    offsetof(struct esa_##model, member), sizeof(((struct esa_##model *)NULL)->member)
#define NO_PLACE 0, 0

#define H(member) PLACE(hostname, member)
static const struct row hostname_rows[] = {
    {"HostnameId", ID, true, H(hostname_id)},
    {"Hostname", VALUE, true, H(hostname)},
    {"SiteId", ID, true, H(site_id)},
    {"SiteName", VALUE, false, H(site_name)},
    {"RecordId", ID, false, H(record_id)},
    {"RecordName", VALUE, false, H(record_name)},
    {"Status", TEXT, false, H(status_text)},
    {"VerifyHost", VALUE, false, H(verify_host)},
    {"VerifyCode", VALUE, false, H(verify_code)},
    {"SslFlag", TEXT, false, H(ssl_flag)},
    {"CertType", TEXT, false, H(cert_type)},
    {"CertStatus", TEXT, false, H(cert_status_text)},
    {"CertNotAfter", TEXT, false, H(cert_not_after)},
    {"CertTxtKey", VALUE, false, H(cert_txt_key)},
    {"CertTxtValue", VALUE, false, H(cert_txt_value)},
    {"CertHttpKey", VALUE, false, H(cert_http_key)},
    {"CertHttpValue", VALUE, false, H(cert_http_value)},
    {"CertApplyCode", TEXT, false, H(cert_apply_code)},
    {"CertApplyMessage", TEXT, false, H(cert_apply_message)},
    {"OfflineReason", TEXT, false, H(offline_reason)},
    {"ConflictWith", TEXT, false, H(conflict_with)},
    {"CreateTime", TEXT, false, H(create_time)},
    {"UpdateTime", TEXT, false, H(update_time)},
    {"CasId", ID, false, H(cas_id)},
    {"CertId", VALUE, false, H(cert_id)},
    {"Certificate", LEAF, false, H(cert_sha256)},
    {"PrivateKey", WITHHELD, false, NO_PLACE},
};

#define S(member) PLACE(site, member)
static const struct row site_rows[] = {
    {"SiteId", ID, true, S(site_id)},        {"SiteName", VALUE, true, S(site_name)},
    {"Status", TEXT, false, S(status)},      {"AccessType", TEXT, false, S(access_type)},
    {"Coverage", TEXT, false, S(coverage)},  {"CnameZone", VALUE, false, S(cname_zone)},
    {"PlanName", TEXT, false, S(plan_name)},
};

#define R(member) PLACE(record, member)
static const struct row record_rows[] = {
    {"RecordId", ID, true, R(record_id)},
    {"RecordName", VALUE, true, R(record_name)},
    {"SiteId", ID, false, R(site_id)},
    {"RecordType", TEXT, false, R(record_type)},
    {"RecordCname", VALUE, false, R(record_cname)},
    {"Proxied", FLAG, false, R(proxied)},
    {"AuthConf", WITHHELD, false, NO_PLACE},
};

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    size_t size;
    const struct row *rows;
    size_t num_rows;
} models[ESA_NUM_MODELS] = {
    [ESA_MODEL_HOSTNAME] = {sizeof(struct esa_hostname), hostname_rows, NUM_OF(hostname_rows)},
    [ESA_MODEL_SITE] = {sizeof(struct esa_site), site_rows, NUM_OF(site_rows)},
    [ESA_MODEL_RECORD] = {sizeof(struct esa_record), record_rows, NUM_OF(record_rows)},
};

#define MAX_ROWS ((size_t)32)
_Static_assert(NUM_OF(hostname_rows) <= MAX_ROWS, "raise MAX_ROWS");

size_t esa_model_size(enum esa_model model) {
    return models[model].size;
}

/* ---- texts ---- */

void esa_reading_cleanup(struct esa_reading *reading) {
    cp_secret_cleanup(&reading->scratch);
    cp_secret_cleanup(&reading->withheld);
}

bool esa_reading_text(struct esa_reading *reading, const char **text, size_t *len,
                      const struct esa_member *member) {
    struct cp_secret *scratch = &reading->scratch;
    if (member->kind == ESA_KIND_NUMBER) {
        *text = member->raw;
        *len = member->raw_len;
        return true;
    }
    if (member->kind != ESA_KIND_STRING)
        return false;
    if (scratch->cap < member->raw_len || scratch->data == NULL) {
        cp_secret_cleanup(scratch);
        if (cp_secret_init(scratch, member->raw_len + 1024, NULL) != CP_OK) {
            reading->is_out_of_memory = true;
            return false;
        }
    }
    scratch->len = esa_json_unescape((char *)scratch->data, member->raw, member->raw_len);
    *text = (const char *)scratch->data;
    *len = scratch->len;
    return true;
}

/* ---- one member ---- */

static bool fail(struct esa_reading *reading, const char *member, const char *what) {
    reading->member = member;
    reading->what = what;
    return false;
}

static bool read_id(int64_t *out, const struct row *row, const struct esa_member *member,
                    struct esa_reading *reading) {
    if (member->kind == ESA_KIND_NULL || member->kind == ESA_KIND_ABSENT)
        return !row->required || fail(reading, row->name, "is missing");
    if (member->kind != ESA_KIND_NUMBER ||
        !esa_decimal_parse(out, member->raw, member->raw_len, row->required ? 1 : 0))
        return fail(reading, row->name,
                    "is not a whole number from 1 to 9223372036854775807 in plain digits");
    int64_t asked = esa_request_id(reading->request, row->name);
    if (asked != 0 && *out != 0 && *out != asked)
        return fail(reading, row->name, "is another than was asked for");
    return true;
}

static void read_leaf(char *out, const struct esa_member *member, struct esa_reading *reading) {
    const char *text = NULL;
    size_t len = 0;
    if (member->kind != ESA_KIND_STRING || !esa_reading_text(reading, &text, &len, member))
        return;
    enum cp_status status = cp_pem_first_sha256(out, text, len, NULL);
    if (status != CP_OK)
        out[0] = '\0'; /* not known */
    if (status != CP_OK && status != CP_ERR_PARSE)
        reading->is_out_of_memory = true; /* or OpenSSL is */
}

static bool read_member(uint8_t *base, const struct row *row, const struct esa_member *member,
                        struct esa_reading *reading) {
    void *place = base + row->offset;
    const char *text = NULL;
    size_t len = 0;
    switch (row->kind) {
    case ID:
        return read_id(place, row, member, reading);
    case FLAG:
        *(bool *)place = member->kind == ESA_KIND_TRUE;
        return true;
    case LEAF:
        read_leaf(place, member, reading);
        return true;
    case TEXT:
        if (esa_reading_text(reading, &text, &len, member) && len != 0)
            esa_redact(place, row->size, text, len, reading->known, reading->num_known);
        return true;
    case VALUE:
        if (member->kind == ESA_KIND_STRING && esa_reading_text(reading, &text, &len, member))
            (void)esa_redact_value(place, row->size, text, len, reading->known, reading->num_known);
        if (row->required && *(const char *)place == '\0')
            return fail(reading, row->name, "is missing, too long or can't be shown");
        return true;
    case WITHHELD:
        break;
    }
    return true;
}

/* ---- enums ---- */

static const struct {
    const char *word;
    enum esa_status status;
} statuses[] = {
    {"pending", ESA_STATUS_PENDING},         {"active", ESA_STATUS_ACTIVE},
    {"conflicted", ESA_STATUS_CONFLICTED},   {"offline", ESA_STATUS_OFFLINE},
    {"configuring", ESA_STATUS_CONFIGURING},
};

static const struct {
    const char *word;
    enum esa_cert_status status;
} cert_statuses[] = {
    {"OK", ESA_CERT_OK},
    {"Applying", ESA_CERT_APPLYING},
    {"ApplyFailed", ESA_CERT_APPLY_FAILED},
    {"Expiring", ESA_CERT_EXPIRING},
    {"Expired", ESA_CERT_EXPIRED},
};

static void set_enums(struct esa_hostname *hostname) {
    for (size_t i = 0; i < NUM_OF(statuses); i++)
        if (strcmp(hostname->status_text, statuses[i].word) == 0)
            hostname->status = statuses[i].status;
    for (size_t i = 0; i < NUM_OF(cert_statuses); i++)
        if (strcmp(hostname->cert_status_text, cert_statuses[i].word) == 0)
            hostname->cert_status = cert_statuses[i].status;
}

/* ---- an object ---- */

static bool read_members(uint8_t *out, const struct row *rows, size_t num_rows,
                         const struct esa_member *members, struct esa_reading *reading) {
    for (size_t i = 0; i < num_rows; i++)
        if (members[i].count > 1)
            return fail(reading, rows[i].name, "is there twice");
    for (size_t i = 0; i < num_rows; i++)
        if (!read_member(out, &rows[i], &members[i], reading))
            return false;
        else if (reading->is_out_of_memory)
            return fail(reading, rows[i].name, "can't be read: out of memory on this side");
    return true;
}

static void note_secret(struct esa_reading *reading, const struct esa_member *member) {
    struct cp_secret *plain = &reading->withheld;
    if (member->kind != ESA_KIND_STRING || reading->num_known == ESA_MAX_KNOWN)
        return;
    char *place = (char *)plain->data + plain->len;
    size_t len = esa_json_unescape(place, member->raw, member->raw_len);
    plain->len += len;
    reading->known[reading->num_known++] = (struct esa_known){place, len};
}

/* What must not be shown anywhere is known before the first text is: the string itself, or the keys
 * of an object (AuthConf's region may well be a part of a name). Their escapes are resolved. */
static bool note_withheld(struct esa_reading *reading, const struct esa_member *member) {
    struct esa_member keys[] = {{.name = "SecretKey"}, {.name = "AccessKey"}};
    if (member->kind != ESA_KIND_STRING && member->kind != ESA_KIND_OBJECT)
        return true;
    if (cp_secret_init(&reading->withheld, member->raw_len, NULL) != CP_OK)
        return fail(reading, member->name, "can't be passed over: out of memory");
    note_secret(reading, member);
    if (member->kind == ESA_KIND_OBJECT &&
        esa_json_members(keys, NUM_OF(keys), member->raw, member->raw_len))
        for (size_t i = 0; i < NUM_OF(keys); i++)
            note_secret(reading, &keys[i]);
    return true;
}

bool esa_model_read(void *out, enum esa_model model, const struct esa_member *object,
                    struct esa_reading *reading) {
    const struct row *rows = models[model].rows;
    size_t num_rows = models[model].num_rows;
    struct esa_member members[MAX_ROWS];
    for (size_t i = 0; i < num_rows; i++)
        members[i].name = rows[i].name;
    if (object->kind != ESA_KIND_OBJECT ||
        !esa_json_members(members, num_rows, object->raw, object->raw_len))
        return fail(reading, "", "is not an object");
    memset(out, 0, models[model].size);
    cp_secret_cleanup(&reading->withheld); /* no model has two of WITHHELD */
    reading->num_known = reading->num_sent_known;
    bool ok = true;
    for (size_t i = 0; i < num_rows && ok; i++)
        if (rows[i].kind == WITHHELD)
            ok = note_withheld(reading, &members[i]);
    ok = ok && read_members(out, rows, num_rows, members, reading);
    if (ok && model == ESA_MODEL_HOSTNAME)
        set_enums(out);
    return ok;
}
