/* onboard --dns: the DNS of the rows that a plan would send, before anything is sent. */
#include "dns_onboard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns_options.h"

/* "caa-bound, cname-absent": what is not as it should be, the details are on standard error. */
static void list_codes(char out[ONBOARD_REASON_MAX / 2], const struct esa_dns_report *report) {
    size_t used = 0, size = ONBOARD_REASON_MAX / 2;
    out[0] = '\0';
    for (size_t i = 0; i < report->num_results && used + 1 < size; i++) {
        enum esa_dns_code code = report->results[i].code;
        if (esa_dns_code_class(code) == ESA_DNS_CLASS_FINDING &&
            esa_dns_code_severity(code) == ESA_DNS_SEVERITY_OK)
            continue;
        int len = snprintf(out + used, size - used, "%s%s", used == 0 ? "" : ", ",
                           esa_dns_code_word(code));
        used += len > 0 ? (size_t)len : 0;
    }
}

static const char *first_error(const struct esa_dns_report *report) {
    for (size_t i = 0; i < report->num_results; i++)
        if (esa_dns_code_severity(report->results[i].code) == ESA_DNS_SEVERITY_ERROR)
            return report->results[i].detail;
    return "";
}

/* A certificate that CAA forbids is not worth one of the hour's creations. What was sent already is
 * followed all the same, and what could not be evaluated decides nothing. */
static void apply(struct onboard_row *row, const struct esa_dns_report *report) {
    char codes[ONBOARD_REASON_MAX / 2], before[ONBOARD_REASON_MAX / 2];
    list_codes(codes, report);
    if (esa_dns_report_has_error(report) && row->state != ONBOARD_RESUME) {
        row->state = ONBOARD_BLOCKED;
        onboard_row_reason(row, "DNS: %.500s", first_error(report));
    } else if (codes[0] != '\0') {
        (void)snprintf(before, sizeof(before), "%.400s", row->reason);
        onboard_row_reason(row, "%s%sDNS: %s", before, before[0] != '\0' ? "; " : "", codes);
    }
}

static enum cp_status judge_row(struct onboard *o, struct onboard_row *row,
                                struct esa_dns_report *report, struct cp_error *err) {
    const struct cli_view view = {.quiet = true, .render = o->render};
    const struct esa_dns_expect known = {.verify_host = row->verify_host,
                                         .verify_code = row->verify_code,
                                         .cname = row->record_cname,
                                         .cert_txt_key = row->cert_txt_key,
                                         .cert_txt_value = row->cert_txt_value};
    struct esa_dns_expect expect = known;
    struct cp_hostname *hostname = NULL;
    enum cp_status status = cp_hostname_new(&hostname, row->hostname, err);
    if (status == CP_OK)
        status = cli_dns_preflight(&o->dns, report, hostname, &expect, row->kind == ESA_CREATE_FREE,
                                   err);
    cp_hostname_free(hostname);
    if (status != CP_OK)
        return status;
    if (!o->options.quiet && strcmp(cli_dns_verdict(report), "ready") != 0)
        cli_dns_note(&view, report);
    apply(row, report);
    return CP_OK;
}

enum cp_status cli_dns_onboard(struct onboard *o, struct cp_error *err) {
    static struct onboard_row row;
    struct esa_dns_report *report = calloc(1, sizeof(*report));
    struct onboard_cursor cursor = {.order = ONBOARD_BY_LINE};
    bool found = true;
    enum cp_status status = CP_OK;
    if (report == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "out of memory");
    while (status == CP_OK && found) {
        status = onboard_rows_next(o->rows, &cursor, &found, &row, err);
        if (status != CP_OK || !found || !onboard_state_is_open(row.state))
            continue;
        if (cli_interrupt_count() != 0)
            status = cp_fail(err, CP_ERR_NETWORK, "interrupted; nothing was sent");
        if (status == CP_OK)
            status = judge_row(o, &row, report, err);
        if (status == CP_OK)
            status = onboard_rows_save(o->rows, &row, err);
    }
    free(report);
    return status;
}
