/* Certificate policies, mappings and constraints: RFC 5280 4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14. */
#include <string.h>

#include "profile.h"

static const uint8_t any_policy[] = {0x55, 0x1d, 0x20, 0};
static const uint8_t qualifier_cps[] = {0x2b, 6, 1, 5, 5, 7, 2, 1};
static const uint8_t qualifier_notice[] = {0x2b, 6, 1, 5, 5, 7, 2, 2};
#define OID(octets) ((struct cp_span){octets, sizeof(octets)})

/* More are not compared: a certificate names a handful. */
#define MAX_POLICIES 64

/* One round of the walk: a policy, or a qualifier of it (then type is not empty). */
struct policy_item {
    struct cp_span policy, type;
    struct cp_der value;
};

struct policy_walk {
    struct cp_der_reader policies, qualifiers;
    struct cp_span policy;
    bool in_qualifiers, malformed;
};

static bool walk_begin(struct policy_walk *w, const struct cp_cert *cert) {
    *w = (struct policy_walk){.malformed = false};
    w->malformed = !cp_profile_sequence(&w->policies, cert->values[CP_EXT_POLICIES]);
    return !w->malformed;
}

static bool walk_qualifier(struct policy_walk *w, struct policy_item *out) {
    struct cp_der_reader info;
    *out = (struct policy_item){.policy = w->policy};
    w->malformed =
        cp_der_enter(&w->qualifiers, &info, CP_DER_SEQUENCE, "policyQualifier", NULL) != CP_OK ||
        cp_der_oid(&info, &out->type, "policyQualifierId", NULL) != CP_OK ||
        cp_der_any(&info, &out->value, "qualifier", NULL) != CP_OK || !cp_der_at_end(&info);
    w->in_qualifiers = !cp_der_at_end(&w->qualifiers);
    return !w->malformed;
}

/* False at the end, or where it is malformed. */
static bool walk_next(struct policy_walk *w, struct policy_item *out) {
    struct cp_der_reader info;
    if (w->in_qualifiers)
        return walk_qualifier(w, out);
    if (cp_der_at_end(&w->policies))
        return false;
    w->malformed =
        cp_der_enter(&w->policies, &info, CP_DER_SEQUENCE, "policyInformation", NULL) != CP_OK ||
        cp_der_oid(&info, &w->policy, "policyIdentifier", NULL) != CP_OK;
    if (!w->malformed && !cp_der_at_end(&info)) {
        w->malformed = cp_der_enter(&info, &w->qualifiers, CP_DER_SEQUENCE, "policyQualifiers",
                                    NULL) != CP_OK ||
                       cp_der_at_end(&w->qualifiers) || !cp_der_at_end(&info);
        w->in_qualifiers = !w->malformed;
    }
    *out = (struct policy_item){.policy = w->policy};
    return !w->malformed;
}

/* UserNotice: noticeRef SEQUENCE OPTIONAL, explicitText OPTIONAL; the text, or tag 0. */
static struct cp_der notice_text(struct cp_span qualifier) {
    struct cp_der_reader in, fields;
    struct cp_der field = {0};
    cp_der_reader_init(&in, qualifier);
    if (cp_der_enter(&in, &fields, CP_DER_SEQUENCE, "UserNotice", NULL) != CP_OK)
        return field;
    while (!cp_der_at_end(&fields) && cp_der_any(&fields, &field, "UserNotice", NULL) == CP_OK)
        if (field.tag != CP_DER_SEQUENCE)
            return field;
    field.tag = 0;
    return field;
}

/* RFC 6818 3: IA5String, UTF8String; MUST NOT be VisibleString or BMPString. 1 to 200 characters.
 */
static void judge_notice(struct cp_policy_facts *out, const struct cp_der *text) {
    size_t num = 0, step = text->tag == CP_DER_BMP_STRING ? 2 : 1;
    if (text->tag == 0)
        return;
    if (text->tag != CP_DER_UTF8_STRING && text->tag != CP_DER_IA5_STRING)
        out->notice_tag = text->tag;
    for (size_t i = 0; i < text->content.len; i += step)
        num += text->tag != CP_DER_UTF8_STRING || (text->content.data[i] & 0xc0) != 0x80;
    if (num == 0 || num > 200) {
        out->notice_has_bad_length = true;
        out->notice_len = num;
    }
}

static void judge_qualifier(struct cp_policy_facts *out, const struct policy_item *item) {
    if (cp_span_equal(item->type, OID(qualifier_cps))) {
        bool is_ia5 =
            item->value.tag == CP_DER_IA5_STRING && cp_profile_is_ia5(item->value.content);
        const char *why =
            is_ia5 ? cp_profile_uri_defect(item->value.content) : "it is not an IA5String";
        if (why != NULL) {
            out->bad_cps = item->value.content;
            out->bad_cps_why = why;
        }
    } else if (cp_span_equal(item->type, OID(qualifier_notice))) {
        struct cp_der text = notice_text(item->value.whole);
        judge_notice(out, &text);
    } else if (cp_span_equal(item->policy, OID(any_policy))) {
        out->any_qualifier = item->type;
    }
}

void cp_profile_scan_policies(struct cp_policy_facts *out, const struct cp_cert *cert) {
    struct cp_span seen[MAX_POLICIES];
    struct policy_walk w;
    struct policy_item item;
    size_t num = 0;
    *out = (struct cp_policy_facts){.notice_tag = 0};
    if (!cp_cert_has(cert, CP_EXT_POLICIES) || !walk_begin(&w, cert))
        return;
    while (walk_next(&w, &item)) {
        if (item.type.len != 0) {
            judge_qualifier(out, &item);
            continue;
        }
        for (size_t i = 0; i < num; i++)
            if (cp_span_equal(seen[i], item.policy))
                out->twice = item.policy;
        if (num < MAX_POLICIES)
            seen[num++] = item.policy;
    }
}

bool cp_profile_policy_twice(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    char oid[64];
    if (p->policies.twice.len == 0)
        return false;
    cp_oid_format(oid, sizeof(oid), p->policies.twice);
    return cp_profile_say(why, "its certificatePolicies have %s twice", oid);
}

bool cp_profile_policy_cps(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    char text[CP_PROFILE_TEXT];
    if (p->policies.bad_cps_why == NULL)
        return false;
    cp_profile_text(text, p->policies.bad_cps);
    return cp_profile_say(why, "its CPS qualifier '%s' is no URI: %s", text,
                          p->policies.bad_cps_why);
}

bool cp_profile_notice_type(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    uint8_t tag = p->policies.notice_tag;
    return tag != 0 && cp_profile_say(why, "its userNotice text is a %s",
                                      tag == 0x1a                ? "VisibleString"
                                      : tag == CP_DER_BMP_STRING ? "BMPString"
                                                                 : "string of another type");
}

bool cp_profile_notice_length(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->policies.notice_has_bad_length &&
           cp_profile_say(why, "its userNotice text has %zu characters, want 1 to 200",
                          p->policies.notice_len);
}

bool cp_profile_any_policy_qualifier(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    char oid[64];
    if (p->policies.any_qualifier.len == 0)
        return false;
    cp_oid_format(oid, sizeof(oid), p->policies.any_qualifier);
    return cp_profile_say(why, "its anyPolicy has the qualifier %s", oid);
}

/* ---- mappings ---- */

bool cp_profile_mappings_not_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return !cp_cert_is_critical(p->cert, CP_EXT_POLICY_MAPPINGS) &&
           cp_profile_say(why, "its policyMappings are not critical");
}

/* ---- constraints ---- */

bool cp_profile_pc_not_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return !cp_cert_is_critical(p->cert, CP_EXT_POLICY_CONSTRAINTS) &&
           cp_profile_say(why, "its policyConstraints are not critical");
}

bool cp_profile_inhibit_not_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return !cp_cert_is_critical(p->cert, CP_EXT_INHIBIT_ANY_POLICY) &&
           cp_profile_say(why, "its inhibitAnyPolicy is not critical");
}

/* What governs paths is for CAs: 4.2.1.5, 4.2.1.11, 4.2.1.14. */
bool cp_profile_policy_in_leaf(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    static const struct {
        enum cp_extension extension;
        const char *name;
    } rows[] = {{CP_EXT_POLICY_MAPPINGS, "policyMappings"},
                {CP_EXT_POLICY_CONSTRAINTS, "policyConstraints"},
                {CP_EXT_INHIBIT_ANY_POLICY, "inhibitAnyPolicy"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (!p->cert->is_ca && cp_cert_has(p->cert, rows[i].extension))
            return cp_profile_say(why, "it is no CA and has %s", rows[i].name);
    return false;
}
