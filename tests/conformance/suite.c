#include "suite.h"

#include <stdio.h>
#include <string.h>

static enum cp_status add(struct cp_bundle *bundle, const char *name, enum cp_role role,
                          const char *pem, struct cp_error *err) {
    if (pem == NULL || pem[0] == '\0')
        return CP_OK;
    return cp_bundle_add(bundle, name, role, (const uint8_t *)pem, strlen(pem), err);
}

/* Who gives revocation lists does not take a certificate of which they say nothing. */
static bool is_refusal(const struct suite_case *test, const struct cp_finding *finding) {
    bool has_crls = test->crls != NULL && test->crls[0] != '\0';
    return finding->severity == CP_ERROR || (has_crls && finding->severity == CP_WARNING &&
                                             strcmp(finding->rule->group, "revocation") == 0);
}

bool suite_accepts(const struct suite_case *test, char why[SUITE_WHY]) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_bundle *bundle = NULL;
    struct cp_trust *trust = NULL;
    struct cp_checker *checker = NULL;
    struct cp_report *report = NULL;
    struct cp_evidence *evidence = NULL;
    struct cp_check_options options = {.at_s = test->at_s,
                                       .profile = test->profile,
                                       .purpose = test->purpose,
                                       .max_intermediates = test->max_intermediates,
                                       .hostnames = &test->hostname,
                                       .num_hostnames = test->hostname != NULL};
    bool accepted = false;
    why[0] = '\0';
    enum cp_status status = cp_bundle_new(&bundle, &err);
    if (status == CP_OK)
        status = add(bundle, "leaf", CP_ROLE_CERT, test->leaf, &err);
    if (status == CP_OK)
        status = add(bundle, "chain", CP_ROLE_CHAIN, test->chain, &err);
    if (status == CP_OK)
        status = cp_trust_new(&trust, (const uint8_t *)test->anchors, strlen(test->anchors),
                              "suite", &err);
    if (status == CP_OK && test->crls != NULL && test->crls[0] != '\0') {
        status = cp_evidence_new(&evidence, &err);
        if (status == CP_OK)
            status = cp_evidence_add_crl(evidence, (const uint8_t *)test->crls, strlen(test->crls),
                                         "crl", &err);
        options.evidence = evidence;
    }
    if (status == CP_OK)
        status = cp_checker_new(&checker, trust, &err);
    if (status == CP_OK)
        status = cp_checker_run(checker, &report, bundle, &options, &err);
    if (status != CP_OK) {
        snprintf(why, SUITE_WHY, "status: %.250s", err.message);
    } else {
        accepted = true;
        for (size_t i = 0; i < cp_report_num_findings(report) && accepted; i++) {
            const struct cp_finding *finding = cp_report_finding(report, i);
            accepted = !is_refusal(test, finding);
            if (!accepted)
                snprintf(why, SUITE_WHY, "%s: %.250s", finding->rule->id, finding->message);
        }
        accepted &= cp_report_verdict(report) != CP_BLOCKED;
    }
    cp_report_free(report);
    cp_evidence_free(evidence);
    cp_checker_free(checker);
    cp_trust_free(trust);
    cp_bundle_free(bundle);
    return accepted;
}
