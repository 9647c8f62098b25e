/* CP00: what could not be read. The readers have found it; here it becomes findings. */
#include "checks.h"

enum cp_status cp_check_input(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_bundle *bundle = report->bundle;
    (void)err;
    bool text_only = true;
    for (size_t i = 0; i < bundle->num_defects; i++) {
        const struct cp_input_defect *defect = &bundle->defects[i];
        if (report->tree != NULL && cp_policy_is_key(defect))
            continue; /* a matter of policy there */
        struct cp_finding *finding = cp_report_add(report, defect->check, "%s", defect->message);
        cp_report_at(report, finding, &defect->place);
        finding->column = defect->column;
        if (defect->help != NULL)
            cp_report_help(report, finding, "%s", defect->help);
    }
    for (size_t i = 0; i < bundle->num_sources; i++)
        text_only &= bundle->sources[i].format == CP_FORMAT_TEXT;
    /* A certificate that is there but unreadable has its own finding. */
    if (report->tree == NULL && bundle->num_certs == 0 &&
        (cp_bundle_unread(bundle) & CP_UNREAD_CERT) == 0) {
        struct cp_finding *finding =
            text_only
                ? cp_report_add(report, CP_CHECK_NO_CERTIFICATE,
                                "no certificate among %zu PEM blocks", bundle->num_blocks)
                : cp_report_add(report, CP_CHECK_NO_CERTIFICATE, "no certificate in the input");
        if (bundle->num_sources == 1)
            cp_report_at(report, finding,
                         &(struct cp_place){.source = 0, .line = text_only ? 1 : 0});
    }
    return CP_OK;
}
