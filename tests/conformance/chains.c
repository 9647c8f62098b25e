/* A set is planned as specs, bottom up; then defects fall on them; then they are issued. */
#include "chains.h"
#include "issue.h"

#include <stdio.h>
#include <string.h>

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

/* xorshift64*: the same everywhere, so that a seed is a case. */
uint64_t chains_random(uint64_t *seed) {
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 0x2545f4914f6cdd1dULL >> 16;
}

static size_t below(uint64_t *seed, size_t limit) {
    return (size_t)(chains_random(seed) % limit);
}

static bool percent(uint64_t *seed, size_t chance) {
    return below(seed, 100) < chance;
}

#define PICK(seed, list) ((list)[below(seed, NUM_OF(list))])

static const char *const sans[] = {
    "DNS:leaf.a.example",
    "DNS:leaf.a.example",
    "DNS:*.a.example,DNS:a.example",
    "DNS:leaf.a.example,email:x@a.example",
    "DNS:leaf.a.example,URI:http://www.a.example/x",
    "DNS:leaf.a.example,IP:192.0.2.1,email:u@b.example,URI:https://c.a.example:8443/",
    "IP:192.0.2.1",
    "IP:2001:db8::1,IP:192.0.2.1",
};

static const struct subtree subtrees[] = {
    {false, GEN_DNS, "a.example"},
    {false, GEN_DNS, "a.example"},
    {false, GEN_DNS, "b.example"},
    {false, GEN_DNS, ".a.example"},
    {false, GEN_DNS, "example"},
    {true, GEN_DNS, "leaf.a.example"},
    {true, GEN_DNS, "x.a.example"},
    {true, GEN_DNS, "z.example"},
    {false, GEN_IPADD, "192.0.2.0/255.255.255.0"},
    {false, GEN_IPADD, "198.51.100.0/255.255.255.0"},
    {true, GEN_IPADD, "192.0.2.1/255.255.255.255"},
    {true, GEN_IPADD, "192.0.0.0/255.255.0.0"},
    {true, GEN_IPADD, "0.0.0.0/0.0.0.0"},
    {false, GEN_EMAIL, "a.example"},
    {false, GEN_EMAIL, ".example"},
    {true, GEN_EMAIL, "x@a.example"},
    {false, GEN_URI, ".a.example"},
    {false, GEN_URI, "www.a.example"},
    {true, GEN_URI, "c.a.example"},
    {false, GEN_DIRNAME, "certprep"},
    {true, GEN_DIRNAME, "certprep"},
    {false, GEN_DIRNAME, "other"},
    {true, GEN_DIRNAME, "other"},
};

/* Weighted, so that explicit policies, mappings and their inhibition meet. */
static const char *const policies[] = {
    NULL,      "2.999.1",         "2.999.1",         "2.999.1",     "2.999.1",
    "2.999.2", "2.999.1,2.999.2", "2.999.1,2.999.2", "2.5.29.32.0", "2.5.29.32.0,2.999.1",
};
static const char *const mappings[] = {
    NULL,
    NULL,
    NULL,
    NULL,
    "a:2.999.1,b:2.999.2",
    "a:2.999.2,b:2.999.1",
    "a:2.999.1,b:2.999.1",
    "a:2.999.1,b:2.5.29.32.0",
};
static const char *const constraints[] = {
    NULL,
    NULL,
    "requireExplicitPolicy:0",
    "requireExplicitPolicy:1",
    "inhibitPolicyMapping:0",
    "requireExplicitPolicy:0,inhibitPolicyMapping:0",
    "requireExplicitPolicy:0,inhibitPolicyMapping:0",
};
static const char *const inhibitions[] = {NULL, NULL, NULL, "0", "1"};

/* ---- defects ---- */

enum { ON_LEAF = 1, ON_CA = 2, ON_ROOT = 4, ON_ALL = 7 };

static void expire(struct spec *s, uint64_t *seed) {
    s->to_s = CHAINS_CLOCK_S - 1 - (int64_t)below(seed, 3) * 86400;
}
static void not_yet(struct spec *s, uint64_t *seed) {
    s->from_s = CHAINS_CLOCK_S + 1 + (int64_t)below(seed, 3) * 86400;
}
/* The last and the first second are good. */
static void to_the_second(struct spec *s, uint64_t *seed) {
    *(percent(seed, 50) ? &s->to_s : &s->from_s) = CHAINS_CLOCK_S;
}
static void flip_ca(struct spec *s, uint64_t *seed) {
    (void)seed;
    s->ca = s->ca == 1 ? 0 : 1;
}
static void drop_basic_constraints(struct spec *s, uint64_t *seed) {
    (void)seed;
    s->ca = -1;
}
static void limit_path(struct spec *s, uint64_t *seed) {
    s->path_len = (int)below(seed, 3);
}
static void change_usage(struct spec *s, uint64_t *seed) {
    static const char *const usages[] = {NULL,
                                         "digitalSignature",
                                         "keyEncipherment",
                                         "nonRepudiation",
                                         "keyCertSign",
                                         "cRLSign",
                                         "digitalSignature,keyCertSign"};
    s->key_usage = PICK(seed, usages);
}
static void change_purpose(struct spec *s, uint64_t *seed) {
    static const char *const purposes[] = {"serverAuth",          "clientAuth",
                                           "anyExtendedKeyUsage", "serverAuth,clientAuth",
                                           "codeSigning",         "OCSPSigning"};
    s->purpose = PICK(seed, purposes);
}
static void constrain(struct spec *s, uint64_t *seed) {
    s->num_subtrees = 1 + below(seed, 3);
    for (size_t i = 0; i < s->num_subtrees; i++)
        s->subtrees[i] = PICK(seed, subtrees);
}
static void add_critical(struct spec *s, uint64_t *seed) {
    (void)seed;
    s->unknown_critical = true;
}
static void mismatch_key_id(struct spec *s, uint64_t *seed) {
    (void)seed;
    s->aki = AKI_WRONG;
}
static void break_signature(struct spec *s, uint64_t *seed) {
    s->bad_signature = percent(seed, 50) ? SIGNATURE_ALTERED : SIGNATURE_OTHER_KEY;
}
static void be_old(struct spec *s, uint64_t *seed) {
    (void)seed;
    s->version = X509_VERSION_1;
}
static void break_policies(struct spec *s, uint64_t *seed) {
    s->bad_policies = 1 + below(seed, 5);
    if (s->bad_policies <= 2)
        s->constraints = NULL;
}

static const struct {
    const char *name;
    unsigned where;
    void (*apply)(struct spec *spec, uint64_t *seed);
} defects[] = {
    {"expired", ON_ALL, expire},
    {"not yet valid", ON_ALL, not_yet},
    {"valid to the second", ON_ALL, to_the_second},
    {"cA flipped", ON_ALL, flip_ca},
    {"no basicConstraints", ON_ALL, drop_basic_constraints},
    {"path length", ON_CA | ON_ROOT, limit_path},
    {"key usage", ON_ALL, change_usage},
    {"purpose", ON_ALL, change_purpose},
    {"name constraints", ON_CA | ON_ROOT, constrain},
    {"name constraints", ON_CA | ON_ROOT, constrain},
    {"name constraints", ON_CA | ON_ROOT, constrain},
    {"name constraints", ON_CA | ON_ROOT, constrain},
    {"unknown critical", ON_ALL, add_critical},
    {"other key identifier", ON_LEAF | ON_CA, mismatch_key_id},
    {"signature", ON_LEAF | ON_CA, break_signature},
    {"version 1", ON_CA | ON_ROOT, be_old},
    {"malformed policies", ON_ALL, break_policies},
};

/* ---- the plan ---- */

enum { ROOT_1, ROOT_2, FIRST_CA, LEAF_NAME = 9 };

struct plan {
    struct spec specs[CHAINS_MAX_CERTS]; /* the leaf first */
    size_t num;
    bool trusted[CHAINS_MAX_CERTS];
};

static struct spec *add_spec(struct plan *plan, unsigned subject, unsigned issuer, unsigned key,
                             unsigned issuer_key) {
    struct spec *spec = &plan->specs[plan->num++];
    *spec = (struct spec){.subject = subject,
                          .issuer = issuer,
                          .key = key,
                          .issuer_key = issuer_key,
                          .version = X509_VERSION_3,
                          .from_s = CHAINS_CLOCK_S - 100 * 86400,
                          .to_s = CHAINS_CLOCK_S + 100 * 86400,
                          .ca = 1,
                          .path_len = -1};
    return spec;
}

static unsigned where_of(const struct spec *spec) {
    return spec->subject == LEAF_NAME ? ON_LEAF : spec->subject <= ROOT_2 ? ON_ROOT : ON_CA;
}

/* leaf, CAs, root; then further certificates for the same CAs, and the other root. */
static void plan_chain(struct plan *plan, uint64_t *seed) {
    unsigned num_cas = (unsigned)below(seed, 4);
    bool one_name = num_cas > 1 && percent(seed, 15); /* a CA that changed its key */
    unsigned name = num_cas == 0 ? ROOT_1 : FIRST_CA, key = name;
    struct spec *leaf = add_spec(plan, LEAF_NAME, name, LEAF_NAME, key);
    leaf->ca = percent(seed, 80) ? 0 : -1;
    leaf->san = PICK(seed, sans);
    leaf->no_common_name = percent(seed, 50);
    leaf->key_usage = percent(seed, 50) ? "digitalSignature" : NULL;
    leaf->purpose = percent(seed, 70) ? "serverAuth" : NULL;
    for (unsigned i = 0; i < num_cas; i++) {
        bool last = i + 1 == num_cas;
        unsigned above_name = last ? ROOT_1 : name + !(one_name && i == 0);
        unsigned above_key = last ? ROOT_1 : key + 1;
        add_spec(plan, name, above_name, key, above_key);
        name = above_name;
        key = above_key;
    }
    plan->trusted[plan->num] = percent(seed, 90);
    add_spec(plan, ROOT_1, ROOT_1, ROOT_1, ROOT_1);
    size_t num_cross = num_cas == 0 ? 0 : below(seed, 3);
    for (size_t i = 0; i < num_cross; i++) {
        const struct spec ca = plan->specs[1 + below(seed, num_cas)];
        bool twin = percent(seed, 40);
        add_spec(plan, ca.subject, twin ? ca.issuer : ROOT_2, ca.key,
                 twin ? ca.issuer_key : ROOT_2);
    }
    plan->trusted[plan->num] = percent(seed, 40);
    add_spec(plan, ROOT_2, ROOT_2, ROOT_2, ROOT_2);
    if (num_cas > 0 && percent(seed, 8)) /* an intermediate in the store */
        plan->trusted[1 + below(seed, num_cas)] = true;
}

static void plan_extensions(struct plan *plan, uint64_t *seed) {
    bool key_ids = percent(seed, 70), with_policies = percent(seed, 35);
    for (size_t i = 0; i < plan->num; i++) {
        struct spec *s = &plan->specs[i];
        s->ski = key_ids;
        s->aki = key_ids ? AKI_RIGHT : AKI_NONE;
        if (i > 0 && percent(seed, 60))
            s->key_usage = "keyCertSign,cRLSign";
        if (i > 0 && where_of(s) == ON_CA && percent(seed, 30))
            s->purpose = "serverAuth,clientAuth";
        if (!with_policies)
            continue;
        s->policies = PICK(seed, policies);
        if (i == 0)
            continue;
        s->mappings = PICK(seed, mappings);
        /* OpenSSL 3.0 leaks policyConstraints that stand without good certificatePolicies. */
        s->constraints = s->policies == NULL ? NULL : PICK(seed, constraints);
        s->inhibit_any = PICK(seed, inhibitions);
    }
}

static void plan_defects(struct chains *out, struct plan *plan, uint64_t *seed) {
    size_t num = below(seed, 100);
    num = num < 35 ? 0 : num < 75 ? 1 : num < 93 ? 2 : 3;
    while (num > 0) {
        size_t at = below(seed, plan->num), defect = below(seed, NUM_OF(defects));
        if ((where_of(&plan->specs[at]) & defects[defect].where) == 0)
            continue;
        defects[defect].apply(&plan->specs[at], seed);
        size_t used = strlen(out->story);
        snprintf(out->story + used, sizeof(out->story) - used, "%zu: %s; ", at + 1,
                 defects[defect].name);
        num--;
    }
}

/* ---- features ---- */

static bool has_word(const char *list, const char *word) {
    return list != NULL && strstr(list, word) != NULL;
}

static unsigned features_of(const struct plan *plan) {
    const struct spec *leaf = &plan->specs[0];
    unsigned features = 0;
    bool wildcard = has_word(leaf->san, "*"), constrains_dns = false;
    if (leaf->ca == 1)
        features |= CHAINS_LEAF_CA;
    if (leaf->ca != 1 && has_word(leaf->key_usage, "keyCertSign"))
        features |= CHAINS_LEAF_SIGNS;
    for (size_t i = 0; i < plan->num; i++) {
        const struct spec *s = &plan->specs[i];
        if (has_word(s->purpose, "anyExtended"))
            features |= CHAINS_ANY_EKU;
        if (s->aki == AKI_WRONG)
            features |= CHAINS_WRONG_AKI;
        if (i > 0 && s->ca == -1 && has_word(s->key_usage, "keyCertSign"))
            features |= CHAINS_NO_BC;
        if (s->policies == NULL && (s->bad_policies > 3 || has_word(s->mappings, "2.5.29.32.0")))
            features |= CHAINS_UNSEEN_POLICIES;
        if (s->bad_policies == 1)
            features |= CHAINS_NO_POLICY;
        if (s->to_s == CHAINS_CLOCK_S)
            features |= CHAINS_LAST_SECOND;
        if (s->version == X509_VERSION_1 && where_of(s) != ON_ROOT)
            features |= CHAINS_V1;
        if (s->subject == s->issuer && where_of(s) == ON_CA && s->aki != AKI_RIGHT)
            features |= CHAINS_NAME_TWICE;
        for (size_t j = 0; j < s->num_subtrees; j++) {
            const struct subtree *t = &s->subtrees[j];
            constrains_dns |= t->type == GEN_DNS;
            if (t->type == GEN_DNS && t->value[0] == '.')
                features |= CHAINS_DOT;
            if (t->type == GEN_DNS && t->excluded && wildcard)
                features |= CHAINS_WILDCARD;
        }
    }
    if (!has_word(leaf->san, "DNS:") && !leaf->no_common_name && constrains_dns)
        features |= CHAINS_NO_DNS;
    return features;
}

/* ---- the whole ---- */

bool chains_make(struct chains *out, uint64_t *seed) {
    struct plan plan = {.num = 0};
    *out = (struct chains){.num_certs = 0};
    plan_chain(&plan, seed);
    plan_extensions(&plan, seed);
    plan_defects(out, &plan, seed);
    out->features = features_of(&plan);
    for (size_t i = 0; i < plan.num; i++) {
        X509 *cert = issue(&plan.specs[i], (long)i + 1);
        if (cert == NULL)
            return false;
        bool is_root = where_of(&plan.specs[i]) == ON_ROOT;
        if (plan.trusted[i] && X509_up_ref(cert) == 1)
            out->anchors[out->num_anchors++] = cert;
        if (is_root && percent(seed, 80)) /* most servers leave it out */
            X509_free(cert);
        else
            out->certs[out->num_certs++] = cert;
    }
    for (size_t i = out->num_certs - 1; i > 1 && percent(seed, 97); i--) {
        size_t other = 1 + below(seed, i);
        X509 *cert = out->certs[i];
        out->certs[i] = out->certs[other];
        out->certs[other] = cert;
    }
    return true;
}

void chains_free(struct chains *chains) {
    for (size_t i = 0; i < chains->num_certs; i++)
        X509_free(chains->certs[i]);
    for (size_t i = 0; i < chains->num_anchors; i++)
        X509_free(chains->anchors[i]);
    *chains = (struct chains){.num_certs = 0};
}
