/* CP061 to CP063: keys that are valid and yet no secret, by what their numbers give away. */
#include <stdio.h>
#include <stdlib.h>

#include "checks.h"
#include "weakkey/batch_gcd.h"
#include "weakkey/blocklist.h"
#include "weakkey/weakkey.h"

/* Whose key is looked at: one of both is set. */
struct owner {
    const struct cp_cert *cert;
    const struct cp_bundle_key *key;
};

#define LABEL_MAX (CP_CERT_LABEL + 8)

static void describe(char out[LABEL_MAX], const struct cp_report *report, struct owner owner) {
    char label[CP_CERT_LABEL];
    if (owner.cert == NULL) {
        snprintf(out, LABEL_MAX, "private key");
        return;
    }
    cp_report_cert_label(label, report, owner.cert);
    snprintf(out, LABEL_MAX, "%s", label);
}

static void place(struct cp_report *report, struct cp_finding *finding, struct owner owner) {
    if (owner.cert != NULL)
        cp_report_at_cert(report, finding, owner.cert);
    else
        cp_report_at(report, finding, &owner.key->place);
}

/* ---- public values --------------------------------------------------------------------------- */

/* How a message begins: "CN=... (certificate 1) has", "private key is". */
static void introduce(char out[LABEL_MAX], const struct cp_report *report, struct owner owner) {
    char label[LABEL_MAX];
    describe(label, report, owner);
    snprintf(out, LABEL_MAX, "%.*s %s", CP_CERT_LABEL, label, owner.cert != NULL ? "has" : "is");
}

#define USUAL_EXPONENT 65537

/* The exponent as a number; UINT64_MAX for a longer one. */
static uint64_t exponent(struct cp_span e) {
    uint64_t value = 0;
    for (size_t i = 0; i < e.len; i++) {
        if (value >> 56 != 0)
            return UINT64_MAX;
        value = value << 8 | e.data[i];
    }
    return value;
}

/* Even ones and 1 are CP0604's. Programs that keep it in 31 bits refuse a larger one. */
static void report_exponent(struct cp_report *report, struct owner owner, const char *label,
                            const struct cp_weak_key *key) {
    uint64_t e = exponent(key->e);
    if (key->e.len == 0 || (key->e.data[key->e.len - 1] & 1) == 0 || e < 3)
        return;
    if (e < USUAL_EXPONENT)
        place(report,
              cp_report_add(report, CP_CHECK_EXPONENT_SMALL, "%s an RSA key with the exponent %u",
                            label, (unsigned)e),
              owner);
    else if (e > INT32_MAX)
        place(report,
              cp_report_add(report, CP_CHECK_EXPONENT_LARGE,
                            "%s an RSA key with an exponent over 2^31 - 1, of %zu octets", label,
                            key->e.len),
              owner);
}

static void report_rsa(struct cp_report *report, struct owner owner, const char *label,
                       const struct cp_weak_facts *facts) {
    static const struct {
        unsigned defect;
        enum cp_check check;
        const char *text;
    } rows[] = {
        {CP_WEAK_CLOSE_PRIMES, CP_CHECK_CLOSE_PRIMES, "whose primes are next to each other"},
        {CP_WEAK_PATTERN, CP_CHECK_MODULUS_PATTERN, "whose modulus repeats an octet 16 times"},
        {CP_WEAK_ROCA, CP_CHECK_ROCA, "with the mark of the ROCA defect"},
        {CP_WEAK_SMALL_D, CP_CHECK_WIENER, "whose private exponent follows from the public one"},
        {CP_WEAK_PRIME_MODULUS, CP_CHECK_MODULUS_PRIME, "whose modulus is a prime"},
        {CP_WEAK_NOT_TRIED, CP_CHECK_KEY_TEST_BOUND,
         "of over 8192 bits: whether its modulus is a prime was not tried"},
    };
    if ((facts->defects & CP_WEAK_SMALL_FACTOR) != 0)
        place(report,
              cp_report_add(report, CP_CHECK_SMALL_FACTOR,
                            "%s an RSA key whose modulus is divisible by %u", label,
                            (unsigned)facts->small_factor),
              owner);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if ((facts->defects & rows[i].defect) != 0)
            place(report,
                  cp_report_add(report, rows[i].check, "%s an RSA key %s", label, rows[i].text),
                  owner);
}

static void report_point(struct cp_report *report, struct owner owner, const char *label,
                         const struct cp_weak_facts *facts) {
    static const struct {
        enum cp_point_defect defect;
        enum cp_check check;
        const char *text;
    } rows[] = {
        {CP_POINT_SMALL_ORDER, CP_CHECK_POINT_SMALL_ORDER, "a point of order 8 or less"},
        {CP_POINT_INFINITY, CP_CHECK_POINT_INFINITY, "the point at infinity"},
        {CP_POINT_TWIST, CP_CHECK_POINT_TWIST, "a point of the curve's twist"},
        {CP_POINT_OTHER_CURVE, CP_CHECK_POINT_OTHER_CURVE, "a point of another curve"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (facts->point == rows[i].defect)
            place(report,
                  cp_report_add(report, rows[i].check, "%s a public key that is %s", label,
                                rows[i].text),
                  owner);
    if (facts->multiple != 0)
        place(
            report,
            cp_report_add(report, CP_CHECK_POINT_TRIVIAL,
                          "%s a public key that is %u times the generator, or the negative of that",
                          label, facts->multiple),
            owner);
}

static enum cp_status report_listed(struct cp_check_context *context, struct owner owner,
                                    const char *label, const struct cp_weak_key *key,
                                    struct cp_error *err) {
    struct cp_report *report = context->report;
    bool found = false;
    uint8_t id = 0;
    if (report->blocklist == NULL)
        return CP_OK;
    CP_TRY(cp_weakkey_look_up(context->weakkey, &found, &id, report->blocklist, key, err));
    if (!found)
        return CP_OK;
    const char *name = cp_blocklist_name(report->blocklist, id);
    struct cp_finding *finding =
        name != NULL ? cp_report_add(report, CP_CHECK_BLOCKLISTED, "%s a key of the blocklist (%s)",
                                     label, name)
                     : cp_report_add(report, CP_CHECK_BLOCKLISTED,
                                     "%s a key of the blocklist (list %u)", label, (unsigned)id);
    place(report, finding, owner);
    return CP_OK;
}

/* OpenSSL's reader says whether a point is one, but takes the one at infinity, whose encoding is an
 * octet; why it is none is computed. */
static enum cp_status needs_reason(struct cp_check_context *context, bool *judge_point,
                                   struct owner owner, const struct cp_weak_key *key,
                                   struct cp_error *err) {
    bool loads = true;
    *judge_point = false;
    if (owner.cert == NULL || cp_key_algorithm_get(key->type)->kind != CP_KIND_EC)
        return CP_OK;
    CP_TRY(cp_check_key_loads(context, &loads, owner.cert, err));
    *judge_point = !loads || key->point.len == 1;
    return CP_OK;
}

/* A label is composed only where there may be something to say. */
static bool may_report(const struct cp_report *report, const struct cp_weak_facts *facts,
                       const struct cp_weak_key *key) {
    bool is_rsa = cp_key_algorithm_get(key->type)->kind == CP_KIND_RSA;
    return facts->defects != 0 || facts->point != CP_POINT_GOOD || facts->multiple != 0 ||
           facts->known != NULL || report->blocklist != NULL ||
           (is_rsa && exponent(key->e) != USUAL_EXPONENT);
}

static enum cp_status judge_public(struct cp_check_context *context, struct cp_weak_facts *facts,
                                   struct owner owner, const struct cp_weak_key *key,
                                   struct cp_error *err) {
    struct cp_report *report = context->report;
    char label[LABEL_MAX];
    bool judge_point = false;
    CP_TRY(needs_reason(context, &judge_point, owner, key, err));
    CP_TRY(cp_weakkey_judge(context->weakkey, facts, key, judge_point, report->deep, err));
    if (!may_report(report, facts, key))
        return CP_OK;
    introduce(label, report, owner);
    if (cp_key_algorithm_get(key->type)->kind == CP_KIND_RSA) {
        report_exponent(report, owner, label, key);
        report_rsa(report, owner, label, facts);
    } else {
        report_point(report, owner, label, facts);
    }
    if (facts->known != NULL)
        place(report,
              cp_report_add(report, CP_CHECK_KNOWN_KEY, "%s a key that is published: %s", label,
                            facts->known->text),
              owner);
    return report_listed(context, owner, label, key, err);
}

static enum cp_status judge_path(struct cp_check_context *context, struct cp_error *err) {
    const struct cp_path *path = &context->report->path.path;
    for (size_t i = 0; i < path->num_certs; i++) {
        struct owner owner = {.cert = path->certs[i]};
        struct cp_weak_facts facts;
        struct cp_weak_key key;
        bool known = false;
        if (cp_path_is_root(path, i)) /* trusted, whatever its key */
            continue;
        CP_TRY(cp_weak_key_of_cert(context->weakkey, &key, &known, owner.cert, err));
        if (known)
            CP_TRY(judge_public(context, &facts, owner, &key, err));
    }
    return CP_OK;
}

/* ---- private keys ---------------------------------------------------------------------------- */

/* The same modulus with another exponent: the certificate's holder can't use this key. */
static void report_exponents_differ(struct cp_report *report, const struct cp_bundle_key *key) {
    const struct cp_cert *leaf = report->leaf;
    if (leaf != NULL && cp_key_algorithm_get(key->key.type)->kind == CP_KIND_RSA &&
        leaf->rsa_n.len != 0 && cp_span_equal(leaf->rsa_n, key->key.rsa.n) &&
        !cp_span_equal(leaf->rsa_e, key->key.rsa.e))
        cp_report_at(report,
                     cp_report_add(report, CP_CHECK_OTHER_EXPONENT,
                                   "private key has the leaf certificate's modulus, but another "
                                   "public exponent"),
                     &key->place);
}

static void report_private(struct cp_report *report, const struct cp_bundle_key *key,
                           unsigned defects) {
    static const struct {
        unsigned defect;
        enum cp_check check;
        const char *text;
    } rows[] = {
        {CP_PRIVATE_UNBALANCED, CP_CHECK_PRIMES_UNBALANCED,
         "has primes p and q of different lengths"},
        {CP_PRIVATE_CLOSE, CP_CHECK_PRIMES_NEAR,
         "has primes p and q whose first 100 bits are the same"},
        {CP_PRIVATE_SMALL_D, CP_CHECK_D_SMALL,
         "has a private exponent of half the modulus' length or less"},
        {CP_PRIVATE_SMALL_SCALAR, CP_CHECK_SCALAR_SMALL,
         "has a private value within 2^64 of 0 or the group's order"},
        {CP_PRIVATE_P_COMPOSITE, CP_CHECK_NOT_PRIME, "has a p that is no prime"},
        {CP_PRIVATE_Q_COMPOSITE, CP_CHECK_NOT_PRIME, "has a q that is no prime"},
        {CP_PRIVATE_NOT_TRIED, CP_CHECK_KEY_TEST_BOUND,
         "is of over 8192 bits: whether p and q are primes was not tried"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if ((defects & rows[i].defect) != 0)
            cp_report_at(report,
                         cp_report_add(report, rows[i].check, "private key %s", rows[i].text),
                         &key->place);
}

static bool is_on_judged_path(const struct cp_report *report, const struct cp_key *key) {
    const struct cp_path *path = &report->path.path;
    for (size_t i = 0; i < path->num_certs; i++)
        if (!cp_path_is_root(path, i) && cp_key_matches(key, path->certs[i]))
            return true;
    return false;
}

static enum cp_status judge_private(struct cp_check_context *context,
                                    const struct cp_bundle_key *key, struct cp_error *err) {
    struct cp_report *report = context->report;
    enum cp_key_defect inconsistent = CP_KEY_CONSISTENT;
    struct cp_weak_facts facts = {.defects = 0};
    struct cp_weak_key public_half;
    unsigned defects = 0;
    report_exponents_differ(report, key);
    if (!cp_weak_key_of_private(&public_half, &key->key))
        return CP_OK;
    if (is_on_judged_path(report, &key->key))
        CP_TRY(cp_weakkey_judge(context->weakkey, &facts, &public_half, false, report->deep, err));
    else
        CP_TRY(judge_public(context, &facts, (struct owner){.key = key}, &public_half, err));
    if (!report->deep) { /* quicker than whether the parts belong together */
        CP_TRY(cp_private_judge(&defects, &key->key, false, err));
        if (defects == 0)
            return CP_OK;
    }
    CP_TRY(cp_key_check_consistency(&key->key, &inconsistent, err));
    if (inconsistent != CP_KEY_CONSISTENT)
        return CP_OK; /* CP0105 has said so; what does not fit together says nothing more */
    if (report->deep)
        CP_TRY(cp_private_judge(&defects, &key->key, true, err));
    /* What anybody can see is said already. */
    if ((facts.defects & CP_WEAK_CLOSE_PRIMES) != 0)
        defects &= ~(unsigned)CP_PRIVATE_CLOSE;
    if ((facts.defects & CP_WEAK_SMALL_D) != 0)
        defects &= ~(unsigned)CP_PRIVATE_SMALL_D;
    if ((facts.defects & CP_WEAK_SMALL_FACTOR) != 0)
        defects &= ~(unsigned)CP_PRIVATE_UNBALANCED;
    if (facts.multiple != 0)
        defects &= ~(unsigned)CP_PRIVATE_SMALL_SCALAR;
    report_private(report, key, defects);
    return CP_OK;
}

/* ---- shared primes --------------------------------------------------------------------------- */

struct collection {
    struct owner *owners;
    struct cp_span *moduli;
    size_t num, cap;
    struct cp_modulus scratch;
};

/* A modulus that is there already shares both primes with itself, and is no finding. */
static void collect(struct collection *all, struct owner owner, enum cp_key_type type,
                    struct cp_span n) {
    if (cp_key_algorithm_get(type)->kind != CP_KIND_RSA || all->num == all->cap ||
        !cp_modulus_init(&all->scratch, n))
        return;
    for (size_t i = 0; i < all->num; i++)
        if (cp_span_equal(all->moduli[i], n))
            return;
    all->owners[all->num] = owner;
    all->moduli[all->num++] = n;
}

/* Without --deep not the CAs: their keys are not made together with the leaf's, and each leaf
 * would pay for them. */
static enum cp_status collect_all(struct collection *all, const struct cp_report *report,
                                  struct cp_error *err) {
    const struct cp_bundle *bundle = report->bundle;
    size_t num_pool = report->deep && report->pool != NULL ? report->pool->num_certs : 0;
    all->cap = bundle->num_certs + bundle->num_keys + num_pool;
    all->owners = calloc(all->cap + 1, sizeof(*all->owners));
    all->moduli = calloc(all->cap + 1, sizeof(*all->moduli));
    if (all->owners == NULL || all->moduli == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "shared primes: out of memory");
    for (size_t i = 0; i < bundle->num_certs; i++) {
        const struct cp_cert *cert = &bundle->certs[i].cert;
        if (report->deep || !cert->is_ca)
            collect(all, (struct owner){.cert = cert}, cert->key_type, cert->rsa_n);
    }
    for (size_t i = 0; i < bundle->num_keys; i++)
        collect(all, (struct owner){.key = &bundle->keys[i]}, bundle->keys[i].key.type,
                bundle->keys[i].key.rsa.n);
    for (size_t i = 0; i < num_pool; i++) {
        const struct cp_cert *cert = &report->pool->certs[i]->cert;
        collect(all, (struct owner){.cert = cert}, cert->key_type, cert->rsa_n);
    }
    return CP_OK;
}

static enum cp_status find_shared(struct cp_check_context *context, const struct collection *all,
                                  size_t *partners, struct cp_error *err) {
    struct cp_report *report = context->report;
    char label[LABEL_MAX], other[LABEL_MAX];
    CP_TRY(
        cp_batch_gcd(partners, all->moduli, all->num, cp_weakkey_numbers(context->weakkey), err));
    for (size_t i = 0; i < all->num; i++) {
        if (partners[i] == SIZE_MAX)
            continue;
        introduce(label, report, all->owners[i]);
        snprintf(other, sizeof(other), "another of the input");
        if (partners[i] != i)
            describe(other, report, all->owners[partners[i]]);
        place(report,
              cp_report_add(report, CP_CHECK_SHARED_PRIME,
                            "%s an RSA key that shares a prime with %s", label, other),
              all->owners[i]);
    }
    return CP_OK;
}

static enum cp_status judge_shared(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    struct collection all = {.num = 0};
    size_t *partners = NULL;
    enum cp_status status = collect_all(&all, report, err);
    if (status != CP_OK || all.num < 2)
        goto out;
    if (cp_batch_gcd_is_over(all.moduli, all.num)) {
        (void)cp_report_add(report, CP_CHECK_KEY_TEST_BOUND,
                            "there are too many RSA keys: shared primes were not looked for");
        goto out;
    }
    partners = calloc(all.num, sizeof(*partners));
    status = partners == NULL ? cp_fail(err, CP_ERR_MEMORY, "shared primes: out of memory")
                              : find_shared(context, &all, partners, err);
out:
    free(partners);
    free(all.owners);
    free(all.moduli);
    return status;
}

enum cp_status cp_check_weakkey(struct cp_check_context *context, struct cp_error *err) {
    const struct cp_bundle *bundle = context->report->bundle;
    CP_TRY(judge_path(context, err));
    for (size_t i = 0; i < bundle->num_keys; i++)
        CP_TRY(judge_private(context, &bundle->keys[i], err));
    return judge_shared(context, err);
}
