/* prometheus: the text format, for the textfile collector. Moments are absolute, so that an alert
 * rule counts the days. */
#include <inttypes.h>
#include <stdio.h>

#include "report/escape.h"
#include "report/facts.h"
#include "report/render.h"

static void put_family(struct cp_buf *out, const char *name, const char *help) {
    cp_buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void put_label(struct cp_buf *out, const char *name, const char *text, bool first) {
    cp_buf_printf(out, "%s%s=\"", first ? "" : ",", name);
    for (; *text != '\0'; text++) {
        if (*text == '\\' || *text == '"')
            cp_buf_printf(out, "\\%c", *text);
        else if (*text == '\n')
            cp_buf_puts(out, "\\n");
        else
            cp_buf_append(out, text, 1);
    }
    cp_buf_puts(out, "\"");
}

/* A series may be there once: a file that was given twice is told apart by nothing. */
static bool is_first(struct cp_buf *out, struct cp_seen *seen, const struct cp_buf *labels) {
    size_t count =
        cp_seen_count(seen, (struct cp_span){(const uint8_t *)labels->data, labels->len});
    if (count == 0)
        out->failed = CP_ERR_MEMORY;
    return count == 1;
}

static void put_series(struct cp_buf *out, struct cp_seen *seen, struct cp_buf *labels,
                       const char *value) {
    if (cp_buf_finish(labels, NULL) != CP_OK)
        out->failed = labels->failed;
    else if (is_first(out, seen, labels))
        cp_buf_printf(out, "%s} %s\n", labels->data, value);
    cp_buf_cleanup(labels);
}

static void open_labels(struct cp_buf *labels, const char *name) {
    cp_buf_init(labels, (size_t)64 * 1024);
    cp_buf_printf(labels, "%s{", name);
}

static void put_certificate(struct cp_buf *out, struct cp_seen *seen,
                            const struct cp_run_item *item, size_t index,
                            const struct cp_render_options *options) {
    const struct cp_bundle *bundle = item->report->bundle;
    const struct cp_bundle_cert *cert = &bundle->certs[index];
    struct cp_buf labels;
    char subject[CP_CERT_LABEL], digest[65] = "", number[24], value[32] = "+Inf";
    cp_cert_subject_text(subject, sizeof(subject), &cert->cert);
    if (cp_sha256_hex(digest, cert->cert.der, NULL) != CP_OK)
        out->failed = CP_ERR_MEMORY;
    if (cert->cert.not_after_s != INT64_MAX)
        snprintf(value, sizeof(value), "%" PRId64, cert->cert.not_after_s);
    snprintf(number, sizeof(number), "%zu", index + 1);
    open_labels(&labels, "certprep_certificate_not_after_timestamp_seconds");
    put_label(&labels, "input", cp_render_relative(item->label, options->base), true);
    put_label(&labels, "file",
              cp_render_relative(bundle->sources[cert->place.source].name, options->base), false);
    put_label(&labels, "certificate", number, false);
    put_label(&labels, "subject", subject, false);
    put_label(&labels, "sha256", digest, false);
    put_label(&labels, "ca", cert->cert.is_ca ? "true" : "false", false);
    put_series(out, seen, &labels, value);
}

static void put_certificates(struct cp_buf *out, struct cp_seen *seen, const struct cp_run *run,
                             const struct cp_render_options *options) {
    put_family(out, "certprep_certificate_not_after_timestamp_seconds",
               "End of validity of a certificate of an input.");
    for (size_t i = 0; i < run->num_items; i++)
        for (size_t j = 0;
             run->items[i].report != NULL && j < run->items[i].report->bundle->num_certs; j++)
            put_certificate(out, seen, &run->items[i], j, options);
}

static void put_inputs(struct cp_buf *out, struct cp_seen *seen, const struct cp_run *run,
                       const struct cp_render_options *options) {
    put_family(out, "certprep_input_ready",
               "1 if an input has no errors, 0 if it has, or could not be read.");
    for (size_t i = 0; i < run->num_items; i++) {
        const struct cp_run_item *item = &run->items[i];
        struct cp_buf labels;
        bool ready = item->report != NULL && cp_report_verdict(item->report) != CP_BLOCKED;
        open_labels(&labels, "certprep_input_ready");
        put_label(&labels, "input", cp_render_relative(item->label, options->base), true);
        put_series(out, seen, &labels, ready ? "1" : "0");
    }
    put_family(out, "certprep_inputs", "Inputs of the run.");
    cp_buf_printf(out, "certprep_inputs{state=\"read\"} %zu\n", run->num_items - run->num_unread);
    cp_buf_printf(out, "certprep_inputs{state=\"unreadable\"} %zu\n", run->num_unread);
}

static void put_findings(struct cp_buf *out, const struct cp_run *run) {
    size_t counts[CP_NUM_CHECKS][CP_NUM_SEVERITY] = {{0}};
    put_family(out, "certprep_findings", "Findings by severity.");
    for (int i = 0; i < CP_NUM_SEVERITY; i++)
        cp_buf_printf(out, "certprep_findings{severity=\"%s\"} %zu\n",
                      cp_severity_name((enum cp_severity)i),
                      cp_run_count(run, (enum cp_severity)i));
    for (size_t i = 0; i < run->num_items; i++) {
        const struct cp_report *report = run->items[i].report;
        for (size_t j = 0; report != NULL && j < report->num_findings; j++) {
            const struct cp_finding *finding = &report->findings[j];
            counts[finding->rule - cp_rule_get(0)][finding->severity]++;
        }
    }
    put_family(out, "certprep_rule_findings",
               "Findings by rule; of one input no more than are kept.");
    for (size_t i = 0; i < CP_NUM_CHECKS; i++)
        for (int j = 0; j < CP_NUM_SEVERITY; j++)
            if (counts[i][j] != 0)
                cp_buf_printf(
                    out, "certprep_rule_findings{rule=\"%s\",name=\"%s\",severity=\"%s\"} %zu\n",
                    cp_rule_get(i)->id, cp_rule_get(i)->name, cp_severity_name((enum cp_severity)j),
                    counts[i][j]);
}

void cp_render_prometheus(struct cp_buf *out, const struct cp_run *run,
                          const struct cp_render_options *options) {
    struct cp_seen *seen = cp_seen_new();
    size_t from = out->len;
    if (seen == NULL) {
        out->failed = CP_ERR_MEMORY;
        return;
    }
    put_certificates(out, seen, run, options);
    put_inputs(out, seen, run, options);
    put_findings(out, run);
    put_family(out, "certprep_last_run_timestamp_seconds", "The moment that was judged.");
    cp_buf_printf(out, "certprep_last_run_timestamp_seconds %" PRId64 "\n", run->at_s);
    put_family(out, "certprep_last_run_success", "1 if every input could be evaluated.");
    cp_buf_printf(out, "certprep_last_run_success %d\n", run->num_unread == 0 ? 1 : 0);
    cp_render_defuse(out, from, "\\\\x23", NULL);
    cp_seen_free(seen);
}
