#include "suite.h"

#include <stdio.h>
#include <string.h>

static enum cp_status add(struct cp_bundle *bundle, const char *name, enum cp_role role,
                          const char *pem, struct cp_error *err) {
    if (pem == NULL || pem[0] == '\0')
        return CP_OK;
    return cp_bundle_add(bundle, name, role, (const uint8_t *)pem, strlen(pem), err);
}

bool suite_accepts(const struct suite_case *test, char why[SUITE_WHY]) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_bundle *bundle = NULL;
    struct cp_trust *trust = NULL;
    struct cp_checker *checker = NULL;
    struct cp_report *report = NULL;
    const struct cp_check_options options = {
        .at_s = test->at_s, .hostnames = &test->hostname, .num_hostnames = test->hostname != NULL};
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
    if (status == CP_OK)
        status = cp_checker_new(&checker, trust, &err);
    if (status == CP_OK)
        status = cp_checker_run(checker, &report, bundle, &options, &err);
    if (status != CP_OK) {
        snprintf(why, SUITE_WHY, "status: %.250s", err.message);
    } else {
        accepted = cp_report_verdict(report) != CP_BLOCKED;
        for (size_t i = 0; i < cp_report_num_findings(report) && why[0] == '\0'; i++) {
            const struct cp_finding *finding = cp_report_finding(report, i);
            if (finding->severity == CP_ERROR)
                snprintf(why, SUITE_WHY, "%s: %.250s", finding->rule->id, finding->message);
        }
    }
    cp_report_free(report);
    cp_checker_free(checker);
    cp_trust_free(trust);
    cp_bundle_free(bundle);
    return accepted;
}
