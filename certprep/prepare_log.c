/* The change log of prepared material: what of the input is not in it as it stood. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "prepare.h"

static void change(struct cp_prepared *prepared, const char *format, ...) CP_PRINTF(2, 3);

static void change(struct cp_prepared *prepared, const char *format, ...) {
    if (prepared->num_changes == CP_MAX_CHANGES)
        return;
    char *line = prepared->changes[prepared->num_changes++];
    if (prepared->num_changes == CP_MAX_CHANGES) {
        snprintf(line, CP_CHANGE_LEN, "and more: the log ends at %d changes", CP_MAX_CHANGES);
        return;
    }
    va_list args;
    va_start(args, format);
    int want = vsnprintf(line, CP_CHANGE_LEN, format, args);
    va_end(args);
    if (want < CP_CHANGE_LEN)
        return;
    size_t len = strlen(line); /* it was cut: not in the middle of a character */
    while (len != 0 && !cp_utf8_is_valid((struct cp_span){(const uint8_t *)line, len}))
        line[--len] = '\0';
}

/* How a change begins that follows from a finding on the input itself; NULL: nothing was done. Most
 * of these findings say it themselves. */
static const char *beginning_of(const char *id) {
    static const struct {
        const char *first, *last, *beginning;
    } ranges[] = {
        {"CP0006", "CP0006", ""},            /* a block that is not read */
        {"CP0010", "CP0048", ""},            /* forensics */
        {"CP0060", "CP0062", "converted: "}, /* formats */
        {"CP0067", "CP0067", "left out: "},  /* a file of something else */
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (strcmp(id, ranges[i].first) >= 0 && strcmp(id, ranges[i].last) <= 0)
            return ranges[i].beginning;
    return NULL;
}

static void log_input(struct cp_prepared *prepared, const struct cp_report *report) {
    for (size_t i = 0; i < report->num_findings; i++) {
        const struct cp_finding *finding = &report->findings[i];
        const char *beginning = beginning_of(finding->rule->id);
        const char *file = finding->file != NULL ? finding->file : "input";
        if (beginning != NULL && finding->line != 0)
            change(prepared, "%s%s:%zu: %s", beginning, file, finding->line, finding->message);
        else if (beginning != NULL)
            change(prepared, "%s%s: %s", beginning, file, finding->message);
    }
}

/* Position in the served part of the path; SIZE_MAX: not sent. */
static size_t served_index(const struct cp_report *report, const struct cp_cert *cert) {
    for (size_t i = 0; i < cp_num_served(report); i++)
        if (cp_span_equal(report->path.path.certs[i]->der, cert->der))
            return i;
    return SIZE_MAX;
}

static bool is_in_bundle(const struct cp_bundle *bundle, const struct cp_cert *cert) {
    for (size_t i = 0; i < bundle->num_certs; i++)
        if (cp_span_equal(bundle->certs[i].cert.der, cert->der))
            return true;
    return false;
}

static void log_dropped(struct cp_prepared *prepared, const struct cp_report *report) {
    const struct cp_bundle *bundle = report->bundle;
    char label[CP_CERT_LABEL];
    size_t next = 0;
    bool reordered = false;
    for (size_t i = 0; i < bundle->num_certs; i++) {
        const struct cp_cert *cert = &bundle->certs[i].cert;
        size_t at = served_index(report, cert);
        bool copy = false;
        for (size_t j = 0; j < i && !copy; j++)
            copy = cp_span_equal(bundle->certs[j].cert.der, cert->der);
        cp_report_cert_label(label, report, cert);
        if (copy)
            change(prepared, "duplicate dropped: %s", label);
        else if (at != SIZE_MAX)
            reordered |= at < next;
        else if (cp_report_is_on_path(report, cert) || cp_cert_is_self_issued(cert))
            change(prepared, "root dropped: %s", label);
        else
            change(prepared, "certificate outside the chain dropped: %s", label);
        if (!copy && at != SIZE_MAX)
            next = at;
    }
    if (reordered)
        change(prepared, "certificates put in order: leaf first, each followed by its issuer");
}

/* Certificates of the chain that were not handed in. */
static void log_added(struct cp_prepared *prepared, const struct cp_report *report) {
    char label[CP_CERT_LABEL], origin[CP_CHANGE_LEN / 2];
    for (size_t i = 0; i < prepared->num_certs; i++) {
        const struct cp_cert *cert = report->path.path.certs[i];
        if (is_in_bundle(report->bundle, cert))
            continue;
        const char *from = cp_pool_label(report->pool, cert);
        cp_cert_subject_text(label, sizeof(label), cert);
        cp_escape(origin, sizeof(origin), cp_span_of(from != NULL ? from : "the trust store"));
        change(prepared, "%s added: %s, from %s", from == NULL ? "root" : "missing certificate",
               label, origin);
    }
}

static void log_key(struct cp_prepared *prepared, const struct cp_bundle_key *key) {
    struct cp_span der = {prepared->key_der.data, prepared->key_der.len};
    const char *form = cp_key_form_name(prepared->target->key_form);
    const char *was = cp_key_format_name(key->key.format);
    if (key->was_encrypted)
        change(prepared, "private key decrypted");
    if (key->key.has_explicit_curve)
        change(prepared, "private key names its curve, %s, in the place of its parameters",
               cp_key_algorithm_get(key->key.type)->text);
    if (strcmp(form, was) != 0)
        change(prepared, "private key converted from %s to %s", was, form);
    else if (!cp_span_equal(key->key.der, der))
        change(prepared, "private key rewritten as plain %s", form);
}

void cp_prepare_log(struct cp_prepared *prepared, const struct cp_report *report,
                    const struct cp_bundle_key *key) {
    log_input(prepared, report);
    log_dropped(prepared, report);
    log_added(prepared, report);
    log_key(prepared, key);
}
