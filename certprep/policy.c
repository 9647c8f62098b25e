#include "policy.h"

#include <stdlib.h>

#include "cp_limits.h"

/* Sorted once it is complete. */
struct policy_set {
    struct cp_span ids[CP_MAX_POLICIES];
    size_t num;
    bool any; /* anyPolicy is in it; it is not among ids */
};

struct mapping {
    struct cp_span from, to; /* issuerDomainPolicy, subjectDomainPolicy */
};

/* What one certificate says. */
struct statement {
    struct policy_set policies;
    struct mapping mappings[CP_MAX_POLICIES]; /* sorted by from */
    size_t num_mappings;
    size_t require_explicit, inhibit_mapping, inhibit_any; /* SkipCerts; SIZE_MAX: absent */
};

struct state {
    struct policy_set expected, valid;
    struct statement here;
    size_t explicit_policy, policy_mapping, inhibit_any; /* 6.1.2 (d), (e), (f) */
};

static int compare_ids(const void *a, const void *b) {
    return cp_span_compare(*(const struct cp_span *)a, *(const struct cp_span *)b);
}

static int compare_mappings(const void *a, const void *b) {
    return cp_span_compare(((const struct mapping *)a)->from, ((const struct mapping *)b)->from);
}

static void set_sort(struct policy_set *set) {
    qsort(set->ids, set->num, sizeof(set->ids[0]), compare_ids);
}

static bool set_has(const struct policy_set *set, struct cp_span id) {
    return bsearch(&id, set->ids, set->num, sizeof(set->ids[0]), compare_ids) != NULL;
}

static bool set_add(struct policy_set *set, struct cp_span id) {
    if (set->num == CP_MAX_POLICIES)
        return false;
    set->ids[set->num++] = id;
    return true;
}

/* Of a sorted set. */
static void set_drop_copies(struct policy_set *set) {
    size_t num = 0;
    for (size_t i = 0; i < set->num; i++)
        if (i == 0 || !cp_span_equal(set->ids[i], set->ids[num - 1]))
            set->ids[num++] = set->ids[i];
    set->num = num;
}

static bool is_any(struct cp_span id) {
    static const uint8_t any[] = {0x55, 0x1d, 0x20, 0}; /* 2.5.29.32.0 */
    return cp_span_equal(id, (struct cp_span){any, sizeof(any)});
}

/* ---- reading ---- */

/* SEQUENCE SIZE (1..MAX) that is the whole of an extension. */
static bool open_list(struct cp_der_reader *list, struct cp_span value) {
    struct cp_der_reader in;
    cp_der_reader_init(&in, value);
    return cp_der_enter(&in, list, CP_DER_SEQUENCE, "policies", NULL) == CP_OK &&
           cp_der_at_end(&in) && !cp_der_at_end(list);
}

/* PolicyQualifiers ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE { id, ANY }; what they say is for people.
 */
static bool read_qualifiers(struct cp_der_reader *in) {
    struct cp_der_reader list, qualifier;
    struct cp_span id;
    struct cp_der value;
    if (cp_der_enter(in, &list, CP_DER_SEQUENCE, "policyQualifiers", NULL) != CP_OK ||
        cp_der_at_end(&list))
        return false;
    while (!cp_der_at_end(&list))
        if (cp_der_enter(&list, &qualifier, CP_DER_SEQUENCE, "qualifier", NULL) != CP_OK ||
            cp_der_oid(&qualifier, &id, "policyQualifierId", NULL) != CP_OK ||
            cp_der_any(&qualifier, &value, "qualifier", NULL) != CP_OK ||
            !cp_der_at_end(&qualifier))
            return false;
    return true;
}

/* 4.2.1.4: no policy twice. */
static enum cp_policy_result read_policies(struct policy_set *set, struct cp_span value) {
    struct cp_der_reader list, info;
    struct cp_span id;
    if (!open_list(&list, value))
        return CP_POLICY_MALFORMED;
    while (!cp_der_at_end(&list)) {
        if (cp_der_enter(&list, &info, CP_DER_SEQUENCE, "PolicyInformation", NULL) != CP_OK ||
            cp_der_oid(&info, &id, "policyIdentifier", NULL) != CP_OK ||
            (!cp_der_at_end(&info) && !read_qualifiers(&info)) || !cp_der_at_end(&info) ||
            (is_any(id) && set->any))
            return CP_POLICY_MALFORMED;
        if (is_any(id))
            set->any = true;
        else if (!set_add(set, id))
            return CP_POLICY_TOO_MANY;
    }
    set_sort(set);
    size_t num = set->num;
    set_drop_copies(set);
    return num == set->num ? CP_POLICY_OK : CP_POLICY_MALFORMED;
}

static enum cp_policy_result read_mappings(struct statement *out, struct cp_span value) {
    struct cp_der_reader list, pair;
    bool mapped_any = false;
    if (!open_list(&list, value))
        return CP_POLICY_MALFORMED;
    while (!cp_der_at_end(&list)) {
        struct mapping mapping;
        if (cp_der_enter(&list, &pair, CP_DER_SEQUENCE, "mapping", NULL) != CP_OK ||
            cp_der_oid(&pair, &mapping.from, "issuerDomainPolicy", NULL) != CP_OK ||
            cp_der_oid(&pair, &mapping.to, "subjectDomainPolicy", NULL) != CP_OK ||
            !cp_der_at_end(&pair))
            return CP_POLICY_MALFORMED;
        if (out->num_mappings == CP_MAX_POLICIES)
            return CP_POLICY_TOO_MANY;
        out->mappings[out->num_mappings++] = mapping;
        mapped_any |= is_any(mapping.from) || is_any(mapping.to);
    }
    qsort(out->mappings, out->num_mappings, sizeof(out->mappings[0]), compare_mappings);
    return mapped_any ? CP_POLICY_MAPPED_ANY : CP_POLICY_OK;
}

/* INTEGER (0..MAX): no path is so long that a second octet could matter. */
static bool read_skip(size_t *out, struct cp_span integer) {
    if (integer.len == 0 || (integer.data[0] & 0x80) != 0 ||
        (integer.len > 1 && integer.data[0] == 0 && (integer.data[1] & 0x80) == 0))
        return false;
    *out = integer.len == 1 ? integer.data[0] : 256;
    return true;
}

/* 4.2.1.11: [0] requireExplicitPolicy, [1] inhibitPolicyMapping, not both absent. */
static bool read_constraints(struct statement *out, struct cp_span value) {
    struct cp_der_reader list;
    struct cp_der field;
    if (!open_list(&list, value))
        return false;
    for (uint8_t i = 0; i < 2; i++)
        if (cp_der_peek(&list, CP_DER_CONTEXT(i)) &&
            (cp_der_any(&list, &field, "SkipCerts", NULL) != CP_OK ||
             !read_skip(i == 0 ? &out->require_explicit : &out->inhibit_mapping, field.content)))
            return false;
    return cp_der_at_end(&list);
}

static bool read_inhibit_any(struct statement *out, struct cp_span value) {
    struct cp_der_reader in;
    struct cp_span integer;
    cp_der_reader_init(&in, value);
    return cp_der_integer(&in, &integer, "inhibitAnyPolicy", NULL) == CP_OK && cp_der_at_end(&in) &&
           read_skip(&out->inhibit_any, integer);
}

static enum cp_policy_result read_statement(struct statement *out, const struct cp_cert *cert) {
    enum cp_policy_result result = CP_POLICY_OK;
    out->policies.num = out->num_mappings = 0;
    out->policies.any = false;
    out->require_explicit = out->inhibit_mapping = out->inhibit_any = SIZE_MAX;
    if (cp_cert_has(cert, CP_EXT_POLICY_CONSTRAINTS) &&
        !read_constraints(out, cert->values[CP_EXT_POLICY_CONSTRAINTS]))
        return CP_POLICY_MALFORMED;
    if (cp_cert_has(cert, CP_EXT_INHIBIT_ANY_POLICY) &&
        !read_inhibit_any(out, cert->values[CP_EXT_INHIBIT_ANY_POLICY]))
        return CP_POLICY_MALFORMED;
    if (cp_cert_has(cert, CP_EXT_POLICIES))
        result = read_policies(&out->policies, cert->values[CP_EXT_POLICIES]);
    if (result == CP_POLICY_OK && cp_cert_has(cert, CP_EXT_POLICY_MAPPINGS))
        result = read_mappings(out, cert->values[CP_EXT_POLICY_MAPPINGS]);
    return result;
}

/* ---- processing ---- */

/* 6.1.3 (d), (e): what of the certificate's policies is expected. */
static bool match_policies(struct state *s, bool any_counts) {
    const struct policy_set *policies = &s->here.policies;
    bool fits = true;
    s->valid.num = 0;
    s->valid.any = s->expected.any && policies->any && any_counts;
    for (size_t i = 0; i < policies->num; i++)
        if (s->expected.any || set_has(&s->expected, policies->ids[i]))
            fits &= set_add(&s->valid, policies->ids[i]);
    for (size_t i = 0; policies->any && any_counts && i < s->expected.num; i++)
        if (!set_has(policies, s->expected.ids[i]))
            fits &= set_add(&s->valid, s->expected.ids[i]);
    set_sort(&s->valid);
    return fits;
}

static bool is_mapped(const struct statement *here, struct cp_span id) {
    const struct mapping key = {.from = id};
    return bsearch(&key, here->mappings, here->num_mappings, sizeof(key), compare_mappings) != NULL;
}

/* 6.1.4 (b): what is expected of the next certificate. Where mapping is inhibited, a policy that is
 * mapped ends here. */
static bool map_policies(struct state *s) {
    const struct statement *here = &s->here;
    bool fits = true;
    s->expected.num = 0;
    s->expected.any = s->valid.any;
    for (size_t i = 0; i < s->valid.num; i++)
        if (!is_mapped(here, s->valid.ids[i]))
            fits &= set_add(&s->expected, s->valid.ids[i]);
    set_sort(&s->expected);
    if (s->policy_mapping == 0)
        return fits;
    for (size_t i = 0; i < here->num_mappings; i++)
        if (s->valid.any || set_has(&s->valid, here->mappings[i].from))
            fits &= set_add(&s->expected, here->mappings[i].to);
    set_sort(&s->expected);
    set_drop_copies(&s->expected);
    return fits;
}

static size_t count_down(size_t counter) {
    return counter - (counter != 0);
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* 6.1.4 (h), (i), (j) */
static void prepare_counters(struct state *s, bool self_issued) {
    if (!self_issued) {
        s->explicit_policy = count_down(s->explicit_policy);
        s->policy_mapping = count_down(s->policy_mapping);
        s->inhibit_any = count_down(s->inhibit_any);
    }
    s->explicit_policy = least(s->explicit_policy, s->here.require_explicit);
    s->policy_mapping = least(s->policy_mapping, s->here.inhibit_mapping);
    s->inhibit_any = least(s->inhibit_any, s->here.inhibit_any);
}

static bool lacks_policy(const struct state *s) {
    return s->explicit_policy == 0 && s->valid.num == 0 && !s->valid.any;
}

static enum cp_policy_result check_cert(struct state *s, const struct cp_cert *cert, bool is_leaf,
                                        size_t *work) {
    bool self_issued = cp_cert_is_self_issued(cert);
    enum cp_policy_result result = read_statement(&s->here, cert);
    size_t price = 1 + s->here.policies.num + s->here.num_mappings + s->expected.num +
                   cert->values[CP_EXT_POLICIES].len / 64; /* qualifiers are read, too */
    if (*work < price)
        return CP_POLICY_TOO_MUCH;
    *work -= price;
    if (result != CP_POLICY_OK)
        return result;
    if (!match_policies(s, s->inhibit_any > 0 || (!is_leaf && self_issued)))
        return CP_POLICY_TOO_MANY;
    if (lacks_policy(s))
        return CP_POLICY_REQUIRED;
    if (!is_leaf) {
        if (!map_policies(s))
            return CP_POLICY_TOO_MANY;
        prepare_counters(s, self_issued);
        return CP_POLICY_OK;
    }
    s->explicit_policy = count_down(s->explicit_policy); /* 6.1.5 (a), (b) */
    if (s->here.require_explicit == 0)
        s->explicit_policy = 0;
    return lacks_policy(s) ? CP_POLICY_REQUIRED : CP_POLICY_OK;
}

enum cp_policy_result cp_policies_check(const struct cp_cert *const *certs, size_t num_certs,
                                        size_t *work, const struct cp_cert **culprit) {
    struct state s; /* large: not cleared, each part is set before it is read */
    s.expected.num = 0;
    s.expected.any = true;
    s.explicit_policy = s.policy_mapping = s.inhibit_any = num_certs + 1;
    for (size_t i = num_certs; i > 0; i--) {
        enum cp_policy_result result = check_cert(&s, certs[i - 1], i == 1, work);
        if (result != CP_POLICY_OK) {
            *culprit = certs[i - 1];
            return result;
        }
    }
    return CP_POLICY_OK;
}
