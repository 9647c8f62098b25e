/* CP0702 to CP0707: the SCTs in the leaf certificate. Without a list of logs only their times are
 * judged, and a malformed list of SCTs is CP0586.
 *
 * The policy is the one that Chrome and Safari have in common: certificates of at most 180 days
 * need SCTs of 2 logs, longer ones of 3, of 2 operators at least, and one of a log that is in
 * service now.
 */
#include <stdio.h>

#include "checks.h"
#include "ct/log_list.h"

#define SHORT_LIFE_S ((int64_t)180 * 86400)
#define BACKDATED_S ((int64_t)48 * 3600)
#define MS_PER_S 1000

/* What counts for the policy. */
struct tally {
    const struct cp_log *logs[CP_MAX_SCTS]; /* each once */
    size_t operators[CP_MAX_SCTS];
    size_t num_logs;
    bool in_service; /* one of them */
};

static int64_t seconds_of(const struct cp_sct *sct) {
    return (int64_t)(sct->timestamp_ms / MS_PER_S);
}

/* Later than the moment that is judged. CAs set notBefore up to 48 hours back (BR 7.1.2.7): judged
 * as of then, a certificate's SCTs are still to come, and that is no defect. */
static bool is_future(const struct cp_report *report, const struct cp_sct *sct) {
    int64_t sct_s = seconds_of(sct);
    return sct_s > report->at_s && sct_s - report->leaf->not_before_s > BACKDATED_S;
}

static struct cp_finding *add(struct cp_report *report, enum cp_check check, size_t index,
                              const struct cp_log *log, const char *text) {
    char label[CP_CERT_LABEL];
    cp_report_cert_label(label, report, report->leaf);
    struct cp_finding *finding =
        log == NULL ? cp_report_add(report, check, "%s: SCT %zu: %s", label, index + 1, text)
                    : cp_report_add(report, check, "%s: SCT %zu (%s): %s", label, index + 1,
                                    log->description, text);
    cp_report_at_cert(report, finding, report->leaf);
    return finding;
}

/* Does an SCT of that moment count? Else says why not. */
static bool state_counts(struct cp_report *report, size_t index, const struct cp_log *log,
                         int64_t sct_s) {
    char text[120], since[CP_TIME_TEXT];
    cp_time_format(since, log->state_s);
    switch (log->state) {
    case CP_LOG_QUALIFIED:
    case CP_LOG_USABLE:
    case CP_LOG_READONLY:
        return true;
    case CP_LOG_RETIRED:
        if (sct_s < log->state_s)
            return true;
        break;
    case CP_LOG_UNSTATED:
    case CP_LOG_PENDING:
    case CP_LOG_REJECTED:
        break;
    }
    if (log->state == CP_LOG_UNSTATED)
        (void)snprintf(text, sizeof(text), "the log has no state in the list");
    else
        (void)snprintf(text, sizeof(text), "the log is %s since %s", cp_log_state_name(log->state),
                       since);
    add(report, CP_CHECK_SCT_LOG_STATE, index, log, text);
    return false;
}

static void count(struct tally *tally, const struct cp_log *log, int64_t sct_s) {
    for (size_t i = 0; i < tally->num_logs; i++)
        if (tally->logs[i] == log)
            return;
    tally->operators[tally->num_logs] = cp_log_operator(log, sct_s);
    tally->logs[tally->num_logs++] = log;
    tally->in_service |= log->state != CP_LOG_RETIRED;
}

static enum cp_status judge_sct(struct cp_check_context *context, struct tally *tally,
                                const struct cp_sct *sct, size_t index, struct cp_span tbs,
                                const struct cp_cert *issuer, struct cp_error *err) {
    struct cp_report *report = context->report;
    enum cp_signature_result result = CP_SIGNATURE_UNSUPPORTED;
    char id[2 * CP_LOG_ID_LEN + 1];
    const struct cp_log *log = cp_log_find(report->ct_logs, sct->log_id);
    if (log == NULL) {
        cp_hex(id, sct->log_id.data, sct->log_id.len);
        cp_report_note(
            report,
            add(report, CP_CHECK_SCT_UNKNOWN_LOG, index, NULL, "its log is not in the list"),
            "the log's identifier is %s", id);
        return CP_OK;
    }
    enum cp_status status =
        cp_sct_verify(context->verifier, &result, sct, &log->key, tbs, issuer, err);
    if (status != CP_OK)
        return status;
    if (result != CP_SIGNATURE_GOOD)
        add(report, CP_CHECK_SCT_SIGNATURE, index, log,
            result == CP_SIGNATURE_BAD
                ? "its signature is not the log's, or for another certificate"
                : "its signature algorithm is not one of RFC 6962");
    else if (!is_future(report, sct) && state_counts(report, index, log, seconds_of(sct)))
        count(tally, log, seconds_of(sct));
    return CP_OK;
}

static void judge_policy(struct cp_report *report, const struct tally *tally) {
    const struct cp_cert *leaf = report->leaf;
    bool is_short = leaf->not_after_s - leaf->not_before_s <= SHORT_LIFE_S;
    size_t num_operators = 0, want = is_short ? 2 : 3;
    char label[CP_CERT_LABEL];
    for (size_t i = 0; i < tally->num_logs; i++) {
        bool seen = false;
        for (size_t j = 0; j < i; j++)
            seen |= tally->operators[j] == tally->operators[i];
        num_operators += !seen;
    }
    if (tally->num_logs >= want && num_operators >= 2 && tally->in_service)
        return;
    cp_report_cert_label(label, report, leaf);
    struct cp_finding *finding = cp_report_add(
        report, CP_CHECK_SCT_POLICY, "%s has SCTs of %zu logs and %zu operators that count", label,
        tally->num_logs, num_operators);
    cp_report_at_cert(report, finding, leaf);
    cp_report_note(report, finding,
                   "a certificate that is valid for %s 180 days needs %zu logs of 2 operators",
                   is_short ? "at most" : "more than", want);
    if (tally->num_logs >= want && num_operators >= 2)
        cp_report_note(report, finding, "all of the logs are retired: one in service is needed");
}

/* Those of a later version are passed over: a client does the same. */
static void judge_times(struct cp_report *report, const struct cp_sct *scts, size_t num_scts) {
    for (size_t i = 0; i < num_scts; i++) {
        char text[80], time[CP_TIME_TEXT];
        if (scts[i].version != 0 || !is_future(report, &scts[i]))
            continue;
        cp_time_format(time, seconds_of(&scts[i]));
        (void)snprintf(text, sizeof(text), "its timestamp %s is in the future", time);
        add(report, CP_CHECK_SCT_FUTURE, i, NULL, text);
    }
}

static enum cp_status judge_signatures(struct cp_check_context *context, const struct cp_sct *scts,
                                       size_t num_scts, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_path *path = &report->path.path;
    struct tally tally = {.num_logs = 0};
    struct cp_buf tbs;
    cp_buf_init(&tbs, report->leaf->tbs.len + 16);
    enum cp_status status = cp_precert_tbs(&tbs, report->leaf, err);
    for (size_t i = 0; status == CP_OK && i < num_scts; i++)
        if (scts[i].version == 0)
            status = judge_sct(context, &tally, &scts[i], i,
                               (struct cp_span){(const uint8_t *)tbs.data, tbs.len}, path->certs[1],
                               err);
    if (status == CP_OK)
        judge_policy(report, &tally);
    cp_buf_cleanup(&tbs);
    return status;
}

enum cp_status cp_check_transparency(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_cert *leaf = report->leaf;
    struct cp_sct scts[CP_MAX_SCTS];
    char label[CP_CERT_LABEL];
    size_t num_scts = 0;
    if (leaf == NULL)
        return CP_OK;
    cp_report_cert_label(label, report, leaf);
    if (!cp_cert_has(leaf, CP_EXT_SCT_LIST)) {
        if (report->ct_logs != NULL)
            cp_report_at_cert(
                report, cp_report_add(report, CP_CHECK_SCT_MISSING, "%s has no SCTs in it", label),
                leaf);
        return CP_OK;
    }
    if (cp_sct_list_read(scts, &num_scts, leaf->values[CP_EXT_SCT_LIST], NULL) != CP_OK) {
        if (report->ct_logs != NULL)
            judge_policy(report, &(struct tally){.num_logs = 0});
        return CP_OK;
    }
    judge_times(report, scts, num_scts);
    /* The issuer's key is part of what was signed. Where it is missing CP0401 says so. */
    if (report->ct_logs == NULL || report->path.path.num_certs < 2)
        return CP_OK;
    return judge_signatures(context, scts, num_scts, err);
}
