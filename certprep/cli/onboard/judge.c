#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checks.h"

#define STALE_S 3600 /* files are read again after an hour: a run may last for days */
#define SHOWN_NAMES 8

enum cp_status onboard_judge_load(struct onboard_judge *j, struct cp_error *err) {
    j->names = calloc(ONBOARD_JUDGE_MAX, sizeof(*j->names));
    j->wanted = calloc(ONBOARD_JUDGE_MAX, sizeof(*j->wanted));
    j->ids = calloc(ONBOARD_JUDGE_MAX, sizeof(*j->ids));
    j->covered = calloc(ONBOARD_JUDGE_MAX, sizeof(*j->covered));
    if (j->names == NULL || j->wanted == NULL || j->ids == NULL || j->covered == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "onboard: out of memory");
    j->options = (struct cp_check_options){.require_key = true, .target = "esa"};
    enum cp_status status = cli_material_times(&j->material, &j->options, err);
    if (status == CP_OK)
        status = cli_complete_load(&j->material, &j->complete, &j->options, err);
    return status;
}

static void forget(struct onboard_judge *j) {
    cp_prepared_free(j->prepared);
    j->prepared = NULL;
    j->current = 0;
    j->num = 0;
    j->reason[0] = '\0';
}

void onboard_judge_cleanup(struct onboard_judge *j) {
    forget(j);
    cli_material_cleanup(&j->material);
    free(j->names);
    free(j->wanted);
    free(j->ids);
    free(j->covered);
}

/* ---- a set of files ---- */

/* The first error that is not of a hostname. */
static void say_blocked(char *out, size_t out_size, const struct cp_report *report) {
    for (size_t i = 0; i < cp_report_num_findings(report); i++) {
        const struct cp_finding *f = cp_report_finding(report, i);
        if (f->severity != CP_ERROR || f->hostname != NULL)
            continue;
        size_t more = cp_report_count(report, CP_ERROR) - 1;
        char place[300] = "";
        if (f->file != NULL)
            (void)snprintf(place, sizeof(place), f->line != 0 ? "%s:%zu: " : "%s: ", f->file,
                           f->line);
        (void)snprintf(out, out_size, "%s %s%s", f->rule->id, place, f->message);
        size_t len = strlen(out);
        if (more != 0)
            (void)snprintf(out + len, out_size - len, " (and %zu more error%s)", more,
                           more == 1 ? "" : "s");
        return;
    }
    (void)snprintf(out, out_size, "the verdict is BLOCKED");
}

/* "*.shop.example, www.a.example and 3 more" */
static void list_missing(char *out, size_t out_size, const struct cp_report *report) {
    const struct cp_coverage *coverage = &report->coverage;
    size_t used = 0, shown = 0;
    out[0] = '\0';
    for (; shown < coverage->num_missing && shown < SHOWN_NAMES; shown++) {
        char name[CP_HOSTNAME_MAX + 3];
        cp_missing_name_text(name, coverage, &coverage->missing[shown], report->hosts);
        int len = snprintf(out + used, out_size - used, "%s%s", used == 0 ? "" : ", ", name);
        if (len < 0 || (size_t)len >= out_size - used)
            break;
        used += (size_t)len;
    }
    if (shown < coverage->num_missing)
        (void)snprintf(out + used, out_size - used, " and %zu more", coverage->num_missing - shown);
}

/* Judges the hostnames of j->wanted. */
static enum cp_status judge(struct onboard_judge *j, size_t num, bool first, struct cp_error *err) {
    j->options.hostnames = j->wanted;
    j->options.num_hostnames = num;
    return first ? cli_complete_judge(&j->material, &j->complete, &j->options, err)
                 : cli_material_judge(&j->material, &j->options, err);
}

/* Which are covered; then the verdict for those. */
static enum cp_status judge_covered(struct onboard_judge *j, size_t *num_covered, char *missing,
                                    size_t missing_size, struct cp_error *err) {
    const struct cp_report *report = NULL;
    for (size_t i = 0; i < j->num; i++)
        j->wanted[i] = j->names[i];
    enum cp_status status = judge(j, j->num, true, err);
    if (status != CP_OK)
        return status;
    report = j->material.report;
    list_missing(missing, missing_size, report);
    *num_covered = 0;
    for (size_t i = 0; i < j->num; i++) {
        j->covered[i] = i < report->num_hosts && report->hosts[i].covered;
        if (j->covered[i])
            j->wanted[(*num_covered)++] = j->names[i];
    }
    if (*num_covered < j->num)
        status = judge(j, *num_covered, false, err);
    if (status != CP_OK)
        return status;
    if (cp_report_verdict(j->material.report) == CP_BLOCKED)
        say_blocked(j->reason, sizeof(j->reason), j->material.report);
    else if (*num_covered != 0)
        status = cp_prepare(&j->prepared, j->material.report, err);
    return status;
}

/* The files that the row names, for it and up to ONBOARD_JUDGE_MAX - 1 rows that follow it. What
 * can't be read blocks them. */
static enum cp_status load_files(struct onboard_judge *j, const struct onboard_row *row,
                                 struct onboard_rows *rows, struct cp_error *err) {
    struct cp_error why = {CP_OK, 0, 0, ""};
    size_t num_covered = 0;
    char missing[700] = "";
    forget(j);
    enum cp_status status = onboard_rows_files(rows, &j->files, row->material, err);
    if (status == CP_OK)
        status = onboard_rows_hostnames(rows, j->names, j->ids, &j->num, ONBOARD_JUDGE_MAX,
                                        row->material, row->id - 1, err);
    if (status != CP_OK)
        return status;
    struct cli_material *m = &j->material;
    m->cert = j->files.cert;
    m->key = j->files.key[0] == '\0' ? NULL : j->files.key;
    m->chain = j->files.chain[0] == '\0' ? NULL : j->files.chain;
    j->judged_s = (int64_t)time(NULL);
    if (m->at == NULL)
        j->options.at_s = j->judged_s;
    status = judge_covered(j, &num_covered, missing, sizeof(missing), &why);
    if (status == CP_ERR_MEMORY)
        return cp_fail(err, status, "%s", why.message);
    if (status != CP_OK)
        (void)snprintf(j->reason, sizeof(j->reason), "%s", why.message);
    j->current = row->material;
    if (j->matrix != NULL) {
        const struct onboard_matrix matrix = {.files = &j->files,
                                              .report = status == CP_OK ? m->report : NULL,
                                              .num_hosts = j->num,
                                              .num_covered = num_covered,
                                              .missing = missing,
                                              .reason = j->reason};
        j->matrix(j->matrix_context, &matrix);
    }
    return CP_OK;
}

static int compare_ids(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static const int64_t *find_id(const struct onboard_judge *j, int64_t id) {
    return j->num == 0 ? NULL : bsearch(&id, j->ids, j->num, sizeof(*j->ids), compare_ids);
}

static enum cp_status judge_upload(struct onboard_judge *j, bool *ready, struct onboard_row *row,
                                   struct onboard_rows *rows, struct cp_error *err) {
    const int64_t *found = j->current == row->material ? find_id(j, row->id) : NULL;
    int64_t age_s = (int64_t)time(NULL) - j->judged_s;
    *ready = false;
    if (found == NULL || ((age_s > STALE_S || age_s < 0) && j->material.at == NULL)) {
        enum cp_status status = load_files(j, row, rows, err);
        if (status != CP_OK)
            return status;
        found = find_id(j, row->id);
    }
    if (j->reason[0] != '\0') {
        (void)snprintf(row->reason, sizeof(row->reason), "%s", j->reason);
    } else if (found == NULL || !j->covered[found - j->ids] || j->prepared == NULL) {
        onboard_row_reason(row, "%.300s does not cover %s", j->files.cert, row->hostname);
    } else {
        (void)snprintf(row->leaf_sha256, sizeof(row->leaf_sha256), "%s",
                       cp_prepared_leaf_sha256(j->prepared));
        *ready = true;
    }
    return CP_OK;
}

enum cp_status onboard_judge_row(struct onboard_judge *j, bool *ready, struct onboard_row *row,
                                 struct onboard_rows *rows, struct cp_error *err) {
    *ready = true;
    enum cp_status status = CP_OK;
    if (row->kind == ESA_CREATE_UPLOAD)
        status = judge_upload(j, ready, row, rows, err);
    return status == CP_OK ? onboard_digest(row, err) : status;
}

/* ---- a request ---- */

static enum cp_status make(struct onboard_judge *j, struct esa_request **out,
                           const struct onboard_row *row, const struct cp_hostname *hostname,
                           struct cp_error *err) {
    switch (row->kind) {
    case ESA_CREATE_OFF:
        return esa_request_new_off(out, hostname, row->site_id, row->record_id, err);
    case ESA_CREATE_FREE:
        return esa_request_new_free(out, hostname, row->site_id, row->record_id, err);
    case ESA_CREATE_CAS:
        return esa_request_new_cas(out, hostname, row->site_id, row->record_id, row->cas_id,
                                   row->cas_region, err);
    case ESA_CREATE_UPLOAD:
        break;
    }
    return esa_request_new_upload(out, hostname, row->site_id, row->record_id, j->prepared, err);
}

enum cp_status onboard_judge_request(struct onboard_judge *j, struct esa_request **out,
                                     struct onboard_row *row, struct onboard_rows *rows,
                                     struct cp_error *err) {
    struct cp_hostname *hostname = NULL;
    struct cp_error why = {CP_OK, 0, 0, ""};
    bool ready = false;
    *out = NULL;
    enum cp_status status = onboard_judge_row(j, &ready, row, rows, err);
    if (status != CP_OK || !ready)
        return status;
    status = cp_hostname_new(&hostname, row->hostname, &why);
    if (status == CP_OK)
        status = make(j, out, row, hostname, &why);
    cp_hostname_free(hostname);
    if (status == CP_ERR_MEMORY)
        return cp_fail(err, status, "%s", why.message);
    if (status != CP_OK)
        (void)snprintf(row->reason, sizeof(row->reason), "%s", why.message);
    else
        esa_request_set_params_in(*out, j->params);
    return CP_OK;
}
