/* The report: findings, their strings, the verdict. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"

static const struct cp_rule rules[CP_NUM_CHECKS] = {
#define CHECK(name, id, group, severity, source, meaning, help)                                    \
    [CP_CHECK_##name] = {id, #name, #group, CP_##severity, source, meaning, help},
#include "checks.def"
#undef CHECK
};

size_t cp_num_rules(void) {
    return CP_NUM_CHECKS;
}

const struct cp_rule *cp_rule_get(size_t index) {
    return index < CP_NUM_CHECKS ? &rules[index] : NULL;
}

const struct cp_rule *cp_rule_find(const char *id) {
    for (size_t i = 0; i < CP_NUM_CHECKS; i++)
        if (strcmp(rules[i].id, id) == 0)
            return &rules[i];
    return NULL;
}

const char *cp_severity_name(enum cp_severity severity) {
    static const char *const names[CP_NUM_SEVERITY] = {"note", "warning", "error"};
    return (unsigned)severity < CP_NUM_SEVERITY ? names[severity] : "?";
}

const char *cp_verdict_name(enum cp_verdict verdict) {
    static const char *const names[] = {"READY", "READY_WITH_WARNINGS", "BLOCKED"};
    return (unsigned)verdict < 3 ? names[verdict] : "?";
}

enum cp_verdict cp_report_verdict(const struct cp_report *report) {
    return report->counts[CP_ERROR] != 0     ? CP_BLOCKED
           : report->counts[CP_WARNING] != 0 ? CP_READY_WITH_WARNINGS
                                             : CP_READY;
}

size_t cp_report_num_findings(const struct cp_report *report) {
    return report->num_findings;
}

const struct cp_finding *cp_report_finding(const struct cp_report *report, size_t index) {
    return index < report->num_findings ? &report->findings[index] : NULL;
}

size_t cp_report_count(const struct cp_report *report, enum cp_severity severity) {
    return (unsigned)severity < CP_NUM_SEVERITY ? report->counts[severity] : 0;
}

/* ---- strings ---- */

struct cp_arena_block {
    struct cp_arena_block *next;
    size_t used, cap;
    char data[];
};

#define ARENA_BLOCK ((size_t)4096)
#define MAX_TEXT 1024

static char *arena_alloc(struct cp_report *report, size_t len) {
    struct cp_arena_block *block = report->arena;
    if (block == NULL || block->cap - block->used < len) {
        size_t cap = len > ARENA_BLOCK ? len : ARENA_BLOCK;
        block = malloc(sizeof(*block) + cap);
        if (block == NULL) {
            report->failed = CP_ERR_MEMORY;
            return NULL;
        }
        block->next = report->arena;
        block->used = 0;
        block->cap = cap;
        report->arena = block;
    }
    char *data = block->data + block->used;
    block->used += len;
    return data;
}

/* Formats, escapes and keeps. */
static const char *keep(struct cp_report *report, const char *format, va_list args) {
    char raw[MAX_TEXT], text[MAX_TEXT];
    int len = vsnprintf(raw, sizeof(raw), format, args);
    size_t raw_len = len < 0 ? 0 : (size_t)len < sizeof(raw) ? (size_t)len : sizeof(raw) - 1;
    cp_escape(text, sizeof(text), (struct cp_span){(const uint8_t *)raw, raw_len});
    size_t size = strlen(text) + 1;
    char *kept = arena_alloc(report, size);
    if (kept == NULL)
        return "";
    memcpy(kept, text, size);
    return kept;
}

const char *cp_report_text(struct cp_report *report, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *text = keep(report, format, args);
    va_end(args);
    return text;
}

/* ---- findings ---- */

/* Where writes go when there is no room, so that callers need no test. Thread-local: a report
 * belongs to one thread. */
static _Thread_local struct cp_finding nowhere;

static bool make_room(struct cp_report *report) {
    if (report->num_findings < report->cap_findings)
        return true;
    size_t cap = report->cap_findings == 0 ? 16 : report->cap_findings * 2;
    struct cp_finding *grown = realloc(report->findings, cap * sizeof(*grown));
    if (grown == NULL) {
        report->failed = CP_ERR_MEMORY;
        return false;
    }
    report->findings = grown;
    report->cap_findings = cap;
    return true;
}

const char *cp_profile_name(enum cp_profile profile) {
    static const char *const names[CP_NUM_PROFILES] = {"auto", "rfc5280", "webpki"};
    return (unsigned)profile < CP_NUM_PROFILES ? names[profile] : "";
}

/* What a TLS server's certificate must be and RFC 5280 does not ask for. */
static bool is_beyond_rfc5280(const struct cp_report *report, enum cp_check check) {
    return check == CP_CHECK_LEAF_IS_CA ||
           (check == CP_CHECK_SAN_MISSING && report->num_hosts == 0);
}

/* A warning of the profile's layers is the breach of a MUST: an error where the profile counts. */
enum cp_severity cp_rule_severity(const struct cp_rule *rule, enum cp_profile profile) {
    bool is_layer = strcmp(rule->group, "profile") == 0 || strcmp(rule->group, "webpki") == 0;
    return is_layer && profile != CP_PROFILE_AUTO && rule->severity == CP_WARNING ? CP_ERROR
                                                                                  : rule->severity;
}

struct cp_finding *cp_report_add(struct cp_report *report, enum cp_check check, const char *format,
                                 ...) {
    const struct cp_rule *rule = &rules[check];
    enum cp_severity severity =
        report->profile == CP_PROFILE_RFC5280 && is_beyond_rfc5280(report, check)
            ? CP_WARNING
            : cp_rule_severity(rule, report->profile);
    nowhere = (struct cp_finding){0};
    if (report->policy != NULL && !cp_policy_severity(report->policy, check, &severity))
        return &nowhere;
    report->counts[severity]++; /* counted even if it is one too many to keep */
    if (report->num_findings >= CP_MAX_FINDINGS || !make_room(report))
        return &nowhere;
    struct cp_finding *finding = &report->findings[report->num_findings];
    *finding = (struct cp_finding){.rule = rule, .severity = severity, .help = rule->help};
    va_list args;
    va_start(args, format);
    finding->message = keep(report, format, args);
    va_end(args);
    report->num_findings++;
    return finding;
}

void cp_report_note(struct cp_report *report, struct cp_finding *finding, const char *format, ...) {
    if (finding->num_notes >= CP_MAX_NOTES || finding == &nowhere)
        return;
    va_list args;
    va_start(args, format);
    finding->notes[finding->num_notes++] = keep(report, format, args);
    va_end(args);
}

void cp_report_help(struct cp_report *report, struct cp_finding *finding, const char *format, ...) {
    if (finding == &nowhere)
        return;
    va_list args;
    va_start(args, format);
    finding->help = keep(report, format, args);
    va_end(args);
}

void cp_report_at(struct cp_report *report, struct cp_finding *finding,
                  const struct cp_place *place) {
    if (finding == &nowhere)
        return;
    finding->file = cp_report_text(report, "%s", report->bundle->sources[place->source].name);
    finding->line = place->line;
    finding->offset = place->offset;
}

size_t cp_report_cert_index(const struct cp_report *report, const struct cp_cert *cert) {
    for (size_t i = 0; i < report->bundle->num_certs; i++)
        if (&report->bundle->certs[i].cert == cert)
            return i;
    return SIZE_MAX;
}

void cp_report_at_cert(struct cp_report *report, struct cp_finding *finding,
                       const struct cp_cert *cert) {
    if (finding == &nowhere)
        return;
    char subject[CP_CERT_LABEL];
    cp_cert_subject_text(subject, sizeof(subject), cert);
    finding->subject = cp_report_text(report, "%s", subject);
    size_t index = cp_report_cert_index(report, cert);
    if (index == SIZE_MAX)
        return;
    finding->certificate = index + 1;
    cp_report_at(report, finding, &report->bundle->certs[index].place);
}

bool cp_report_is_on_path(const struct cp_report *report, const struct cp_cert *cert) {
    for (size_t i = 0; i < report->path.path.num_certs; i++)
        if (cp_span_equal(report->path.path.certs[i]->der, cert->der))
            return true;
    return false;
}

void cp_report_cert_label(char out[CP_CERT_LABEL], const struct cp_report *report,
                          const struct cp_cert *cert) {
    char subject[CP_CERT_LABEL - 40];
    cp_cert_subject_text(subject, sizeof(subject), cert);
    size_t index = cp_report_cert_index(report, cert);
    if (index == SIZE_MAX)
        snprintf(out, CP_CERT_LABEL, "%s (%s)", subject,
                 cp_pool_label(report->pool, cert) != NULL ? "added" : "trust anchor");
    else
        snprintf(out, CP_CERT_LABEL, "%s (certificate %zu)", subject, index + 1);
}

void cp_report_free(struct cp_report *report) {
    if (report == NULL)
        return;
    for (size_t i = 0; i < report->num_hosts; i++)
        cp_hostname_cleanup(&report->hosts[i].hostname);
    while (report->arena != NULL) {
        struct cp_arena_block *next = report->arena->next;
        free(report->arena);
        report->arena = next;
    }
    cp_coverage_cleanup(&report->coverage);
    cp_explanation_free(report->explanation);
    free(report->hosts);
    free(report->findings);
    free(report->waived);
    free(report);
}
