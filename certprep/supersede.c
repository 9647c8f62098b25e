/* Takes out of a finished report what another finding says of the same certificate. */
#include <string.h>

#include "checks.h"

struct row {
    enum cp_check by, what;
    enum cp_path_rule path_rule;
};

static const struct row rows[] = {
#define SUPERSEDES(by, what, path_rule) {CP_CHECK_##by, CP_CHECK_##what, CP_PATH_##path_rule},
#include "supersedes.def"
#undef SUPERSEDES
};

#define NUM_ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct cp_rule *rule_of(enum cp_check check) {
    return cp_rule_get((size_t)check);
}

const struct cp_rule *cp_rule_superseded_by(const struct cp_rule *rule, size_t index) {
    for (size_t i = 0; i < NUM_ROWS; i++)
        if (rule_of(rows[i].what) == rule && index-- == 0)
            return rule_of(rows[i].by);
    return NULL;
}

const struct cp_rule *cp_rule_supersedes(const struct cp_rule *rule, size_t index) {
    for (size_t i = 0; i < NUM_ROWS; i++)
        if (rule_of(rows[i].by) == rule && index-- == 0)
            return rule_of(rows[i].what);
    return NULL;
}

/* How many certificates of the path that are not in the input are shown by this text? */
static size_t count_shown_as(const struct cp_report *report, const char *text) {
    size_t num = 0;
    for (size_t i = 0; i < report->path.path.num_certs; i++) {
        const struct cp_cert *cert = report->path.path.certs[i];
        char subject[CP_CERT_LABEL];
        if (cp_report_cert_index(report, cert) != SIZE_MAX)
            continue;
        cp_cert_subject_text(subject, sizeof(subject), cert);
        num += strcmp(subject, text) == 0;
    }
    return num;
}

/* An anchor, or what was added, has no number, but a subject, which another may have, too. */
static bool is_same_certificate(const struct cp_report *report, const struct cp_finding *a,
                                const struct cp_finding *b) {
    if (a->subject == NULL || b->subject == NULL || a->certificate != b->certificate)
        return false;
    return a->certificate != 0 ||
           (strcmp(a->subject, b->subject) == 0 && count_shown_as(report, a->subject) < 2);
}

/* The finding that says what `finding` says, and does not weigh less; NULL: none does. */
static struct cp_finding *find_better(struct cp_report *report, const struct cp_finding *finding) {
    for (size_t i = 0; i < NUM_ROWS; i++) {
        if (rule_of(rows[i].what) != finding->rule ||
            (rows[i].path_rule != CP_PATH_NONE && rows[i].path_rule != report->path.rule))
            continue;
        for (size_t j = 0; j < report->num_findings; j++) {
            struct cp_finding *other = &report->findings[j];
            if (other->rule == rule_of(rows[i].by) && other->severity >= finding->severity &&
                is_same_certificate(report, other, finding))
                return other;
        }
    }
    return NULL;
}

/* No rule of the table stands on both sides of it, so what takes a place keeps its own. */
void cp_report_supersede(struct cp_report *report) {
    size_t kept = 0;
    for (size_t i = 0; i < report->num_findings; i++) {
        struct cp_finding *finding = &report->findings[i];
        struct cp_finding *better = find_better(report, finding);
        if (better == NULL)
            continue;
        cp_report_note(report, better, "%s, too: %s", finding->rule->id, finding->rule->meaning);
        report->counts[finding->severity]--;
        finding->message = NULL; /* marks it */
    }
    for (size_t i = 0; i < report->num_findings; i++)
        if (report->findings[i].message != NULL)
            report->findings[kept++] = report->findings[i];
    report->num_findings = kept;
}
