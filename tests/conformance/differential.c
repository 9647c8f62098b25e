/* Compares certprep with X509_verify_cert on chains made at random.
 *
 *   differential [NUMBER [SEED]]
 *
 * Both judge the same certificates, anchors and moment, for a TLS server, without a hostname; an
 * anchor need not be a root, and policies are processed. Where they differ:
 *   - the side that rejects is asked about the other's path alone. If OpenSSL accepts that, the
 *     reason is that it goes back from no choice;
 *   - else a row of explained.def must have the two verdicts on that path, and a feature of the
 * set. Anything else fails. Exit: 0, 1 for a difference that nothing explains. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "chains.h"
#include "checks.h"
#include "pem.h"

#define DEFAULT_NUMBER 3000
#define DEFAULT_SEED 20260601

static const struct {
    int error;
    const char *rule;
    unsigned features;
    const char *reason;
} rows[] = {
#define EXPLAINED(error, rule, features, reason) {error, rule, features, reason},
#include "explained.def"
#undef EXPLAINED
};
#define NUM_ROWS (sizeof(rows) / sizeof(rows[0]))

struct score {
    size_t both_accept, both_reject, no_way_back, rows[NUM_ROWS], unexplained;
    size_t cases_of_rule[CP_NUM_CHECKS];
};

/* ---- OpenSSL ---- */

static STACK_OF(X509) * stack_of(X509 *const *certs, size_t num) {
    STACK_OF(X509) *stack = sk_X509_new_null();
    for (size_t i = 0; stack != NULL && i < num; i++)
        if (sk_X509_push(stack, certs[i]) <= 0)
            abort();
    return stack;
}

/* X509_V_OK, or why not. certs: the leaf first. chain, which may be NULL, gets what was accepted.
 */
static int ask_openssl(X509 *const *certs, size_t num_certs, X509 *const *anchors,
                       size_t num_anchors, STACK_OF(X509) * *chain) {
    STACK_OF(X509) *untrusted = stack_of(certs, num_certs);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    if (untrusted == NULL || store == NULL || ctx == NULL)
        abort();
    for (size_t i = 0; i < num_anchors; i++)
        if (X509_STORE_add_cert(store, anchors[i]) != 1)
            abort();
    if (X509_STORE_CTX_init(ctx, store, certs[0], untrusted) != 1 ||
        X509_STORE_CTX_set_default(ctx, "ssl_server") != 1)
        abort();
    X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_POLICY_CHECK);
    /* Without one in its set OpenSSL takes no policy for valid. */
    if (X509_VERIFY_PARAM_add0_policy(X509_STORE_CTX_get0_param(ctx),
                                      OBJ_nid2obj(NID_any_policy)) != 1)
        abort();
    X509_STORE_CTX_set_time(ctx, 0, CHAINS_CLOCK_S);
    int accepted = X509_verify_cert(ctx);
    int error = X509_STORE_CTX_get_error(ctx);
    if (chain != NULL && accepted == 1)
        *chain = X509_STORE_CTX_get1_chain(ctx);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    sk_X509_free(untrusted);
    if (accepted != 1 && error == X509_V_OK)
        error = X509_V_ERR_UNSPECIFIED;
    return accepted == 1 ? X509_V_OK : error;
}

/* ---- certprep ---- */

struct judged {
    struct cp_bundle *bundle;
    struct cp_trust *trust;
    struct cp_checker *checker;
    struct cp_report *report;
    const char *rule; /* of the first error; "": accepted */
    const char *message;
};

static struct cp_secret pem_of(X509 *const *certs, size_t num) {
    struct cp_secret pem = {0};
    if (cp_secret_init(&pem, num * 8192 + 1, NULL) != CP_OK)
        abort();
    for (size_t i = 0; i < num; i++) {
        uint8_t *der = NULL;
        int len = i2d_X509(certs[i], &der);
        if (len <= 0 ||
            cp_pem_append(&pem, "CERTIFICATE", (struct cp_span){der, (size_t)len}, NULL) != CP_OK)
            abort();
        OPENSSL_free(der);
    }
    return pem;
}

static void add(struct cp_bundle *bundle, enum cp_role role, X509 *const *certs, size_t num) {
    struct cp_error err;
    struct cp_secret pem = pem_of(certs, num);
    if (num != 0 && cp_bundle_add(bundle, "set", role, pem.data, pem.len, &err) != CP_OK) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    cp_secret_cleanup(&pem);
}

static void ask_certprep(struct judged *out, const struct chains *set) {
    const struct cp_check_options options = {.at_s = CHAINS_CLOCK_S};
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_secret anchors = pem_of(set->anchors, set->num_anchors);
    *out = (struct judged){.rule = ""};
    if (cp_bundle_new(&out->bundle, &err) != CP_OK)
        abort();
    add(out->bundle, CP_ROLE_CERT, set->certs, 1);
    add(out->bundle, CP_ROLE_CHAIN, set->certs + 1, set->num_certs - 1);
    if (cp_trust_new(&out->trust, anchors.data, anchors.len, "set", &err) != CP_OK ||
        cp_checker_new(&out->checker, out->trust, &err) != CP_OK ||
        cp_checker_run(out->checker, &out->report, out->bundle, &options, &err) != CP_OK) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    cp_secret_cleanup(&anchors);
    for (size_t i = 0; i < cp_report_num_findings(out->report); i++) {
        const struct cp_finding *finding = cp_report_finding(out->report, i);
        if (finding->severity == CP_ERROR && out->rule[0] == '\0') {
            out->rule = finding->rule->id;
            out->message = finding->message;
        }
    }
}

static void judged_free(struct judged *judged) {
    cp_report_free(judged->report);
    cp_checker_free(judged->checker);
    cp_trust_free(judged->trust);
    cp_bundle_free(judged->bundle);
}

/* OpenSSL's verdict on the one path that certprep found. */
static int ask_about_path(const struct cp_path *path) {
    X509 *certs[CP_MAX_PATH_CERTS] = {NULL};
    for (size_t i = 0; i < path->num_certs; i++) {
        const uint8_t *der = path->certs[i]->der.data;
        certs[i] = d2i_X509(NULL, &der, (long)path->certs[i]->der.len);
        if (certs[i] == NULL)
            abort();
    }
    int error = ask_openssl(certs, path->num_certs, &certs[path->num_certs - 1], 1, NULL);
    for (size_t i = 0; i < path->num_certs; i++)
        X509_free(certs[i]);
    return error;
}

/* certprep's verdict on the one chain that OpenSSL found; stays as it is if there is none. */
static void ask_about_chain(struct judged *judged, const STACK_OF(X509) * chain) {
    struct chains one = {.num_certs = 0};
    int num = sk_X509_num(chain);
    if (num <= 0 || num > CHAINS_MAX_CERTS)
        return;
    for (int i = 0; i < num; i++)
        one.certs[one.num_certs++] = sk_X509_value(chain, i);
    one.anchors[one.num_anchors++] = sk_X509_value(chain, num - 1);
    judged_free(judged);
    ask_certprep(judged, &one);
}

/* ---- the comparison ---- */

static bool is_explained(struct score *score, int error, const char *rule, unsigned features) {
    for (size_t i = 0; i < NUM_ROWS; i++) {
        if (rows[i].error == error && strcmp(rows[i].rule, rule) == 0 &&
            (rows[i].features & features) != 0) {
            score->rows[i]++;
            return true;
        }
    }
    return false;
}

/* For a set that is looked at alone. */
static void dump(const struct chains *set) {
    for (size_t i = 0; i < set->num_certs + set->num_anchors; i++) {
        bool is_anchor = i >= set->num_certs;
        printf("---- %s\n", is_anchor ? "anchor" : "served");
        X509_print_fp(stdout, is_anchor ? set->anchors[i - set->num_certs] : set->certs[i]);
    }
}

/* Serial numbers, which count the certificates of the plan; a star marks an anchor. */
static void print_path(const struct cp_path *path) {
    printf("    path:");
    for (size_t i = 0; i < path->num_certs; i++)
        printf(" %d", path->certs[i]->serial.data[path->certs[i]->serial.len - 1]);
    printf("%s\n", path->anchored ? "*" : "");
}

static void compare(struct score *score, const struct chains *set, uint64_t seed) {
    struct judged judged;
    STACK_OF(X509) *chain = NULL;
    int error = ask_openssl(set->certs, set->num_certs, set->anchors, set->num_anchors, &chain);
    int first_error = error;
    ask_certprep(&judged, set);
    bool ours = judged.rule[0] == '\0';
    if (!ours)
        score->cases_of_rule[cp_rule_find(judged.rule) - cp_rule_get(0)]++;
    if (ours && error == X509_V_OK) {
        score->both_accept++;
    } else if (!ours && error != X509_V_OK) {
        score->both_reject++;
    } else {
        if (ours)
            error = ask_about_path(&judged.report->path.path);
        else
            ask_about_chain(&judged, chain);
        if (ours && error == X509_V_OK) {
            score->no_way_back++;
        } else if (!is_explained(score, error, judged.rule, set->features)) {
            score->unexplained++;
            printf(
                "UNEXPLAINED set %llu: OpenSSL %d (%s), at first %d; certprep %s %s; defects %s\n",
                (unsigned long long)seed, error, X509_verify_cert_error_string(error), first_error,
                ours ? "accepts" : judged.rule, ours ? "" : judged.message, set->story);
            print_path(&judged.report->path.path);
        }
    }
    judged_free(&judged);
    sk_X509_pop_free(chain, X509_free);
}

static void print_score(const struct score *score, size_t number) {
    printf(
        "differential: %zu sets: both accept %zu, both reject %zu, OpenSSL does not go back %zu\n",
        number, score->both_accept, score->both_reject, score->no_way_back);
    printf("certprep's first errors:");
    for (size_t i = 0; i < CP_NUM_CHECKS; i++)
        if (score->cases_of_rule[i] != 0)
            printf(" %s %zu", cp_rule_get(i)->id, score->cases_of_rule[i]);
    printf("\n");
    for (size_t i = 0; i < NUM_ROWS; i++)
        printf("%6zu  OpenSSL %d, certprep %s: %s\n", score->rows[i], rows[i].error,
               rows[i].rule[0] == '\0' ? "accepts" : rows[i].rule, rows[i].reason);
    printf("%6zu  unexplained\n", score->unexplained);
}

int main(int argc, char **argv) {
    size_t number = argc > 1 ? strtoul(argv[1], NULL, 10) : DEFAULT_NUMBER;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : DEFAULT_SEED;
    struct score score = {0};
    printf("seed %llu\n", (unsigned long long)seed);
    if (number == 0 || !chains_open())
        return 2;
    for (size_t done = 0; done < number; done++) {
        struct chains set;
        uint64_t own = seed + done; /* of this set alone: differential 1 OWN makes it again */
        uint64_t state = own * 0x9e3779b97f4a7c15ULL | 1;
        do {
            if (!chains_make(&set, &state)) {
                fprintf(stderr, "OpenSSL could not make set %llu\n", (unsigned long long)own);
                ERR_print_errors_fp(stderr);
                return 2;
            }
            if (set.num_anchors == 0)
                chains_free(&set);
        } while (set.num_anchors == 0);
        if (number == 1)
            dump(&set);
        compare(&score, &set, own);
        chains_free(&set);
    }
    print_score(&score, number);
    chains_close();
    /* A run that sees only one kind proves nothing. */
    return score.unexplained != 0 ||
           (number >= DEFAULT_NUMBER &&
            (score.both_accept < number / 10 || score.both_reject < number / 10));
}
