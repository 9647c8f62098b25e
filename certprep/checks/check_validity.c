/* CP02: is every certificate that is needed valid at the moment that is judged, and for how long?
 */
#include <inttypes.h>

#include "checks.h"

#define DAY_S 86400

/* Of the leaf, which its owner renews, a share of its time may be asked for. */
static bool is_soon(const struct cp_report *report, const struct cp_cert *cert) {
    if (cert->not_after_s == INT64_MAX)
        return false;
    if (cert == report->leaf && report->min_left_percent != 0)
        return (cert->not_after_s - report->at_s) * 100 <
               (cert->not_after_s - cert->not_before_s) * (int64_t)report->min_left_percent;
    return (cert->not_after_s - report->at_s) / DAY_S < report->min_days;
}

static void check_needed(struct cp_report *report, const struct cp_cert *cert) {
    char time[CP_TIME_TEXT], label[CP_CERT_LABEL];
    struct cp_finding *finding;
    if (cp_path_is_in_time(cert, report->at_s) && !is_soon(report, cert))
        return;
    cp_report_cert_label(label, report, cert);
    if (report->at_s > cert->not_after_s) {
        cp_time_format(time, cert->not_after_s);
        finding = cp_report_add(report, CP_CHECK_EXPIRED, "%s expired on %s", label, time);
    } else if (report->at_s < cert->not_before_s) {
        cp_time_format(time, cert->not_before_s);
        finding =
            cp_report_add(report, CP_CHECK_NOT_YET_VALID, "%s is not valid before %s", label, time);
    } else {
        cp_time_format(time, cert->not_after_s);
        int64_t days = (cert->not_after_s - report->at_s) / DAY_S;
        finding =
            cp_report_add(report, CP_CHECK_EXPIRES_SOON, "%s expires in %" PRId64 " day%s, on %s",
                          label, days, days == 1 ? "" : "s", time);
        if (cert == report->leaf && report->min_left_percent != 0)
            cp_report_note(report, finding, "the minimum is %u%% of its %" PRId64 " days",
                           report->min_left_percent,
                           (cert->not_after_s - cert->not_before_s) / DAY_S);
        else
            cp_report_note(report, finding, "the minimum is %" PRId64 " days", report->min_days);
    }
    cp_report_at_cert(report, finding, cert);
}

enum cp_status cp_check_validity(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_bundle *bundle = report->bundle;
    (void)err;
    for (size_t i = 0; i < report->path.path.num_certs; i++)
        check_needed(report, report->path.path.certs[i]);
    for (size_t i = 0; i < bundle->num_certs; i++) {
        const struct cp_cert *cert = &bundle->certs[i].cert;
        char time[CP_TIME_TEXT], label[CP_CERT_LABEL];
        if (report->at_s <= cert->not_after_s || cp_report_is_on_path(report, cert))
            continue;
        cp_time_format(time, cert->not_after_s);
        cp_report_cert_label(label, report, cert);
        cp_report_at_cert(report,
                          cp_report_add(report, CP_CHECK_EXTRA_EXPIRED,
                                        "%s, which the chain does not need, expired on %s", label,
                                        time),
                          cert);
    }
    return CP_OK;
}
