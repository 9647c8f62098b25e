#include "run.h"

#include <stdlib.h>

enum cp_status cp_run_new(struct cp_run **out, int64_t at_s, struct cp_error *err) {
    struct cp_run *run = calloc(1, sizeof(*run));
    if (run == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "run: out of memory");
    run->at_s = at_s;
    *out = run;
    return CP_OK;
}

void cp_run_free(struct cp_run *run) {
    if (run == NULL)
        return;
    for (size_t i = 0; i < run->num_items; i++) {
        free(run->items[i].label);
        free(run->items[i].message);
    }
    free(run->items);
    free(run);
}

static bool make_room(struct cp_run *run) {
    if (run->num_items < run->cap_items)
        return true;
    size_t cap = run->cap_items == 0 ? 4 : run->cap_items * 2;
    struct cp_run_item *grown = realloc(run->items, cap * sizeof(*grown));
    if (grown == NULL)
        return false;
    run->items = grown;
    run->cap_items = cap;
    return true;
}

static enum cp_status add(struct cp_run *run, const struct cp_report *report, const char *label,
                          const char *message, struct cp_error *err) {
    if (run->num_items == CP_MAX_RUN_ITEMS)
        return cp_fail(err, CP_ERR_LIMIT, "run: more than %d inputs", CP_MAX_RUN_ITEMS);
    struct cp_run_item item = {.report = report, .label = cp_strdup_escaped(label)};
    if (message != NULL)
        item.message = cp_strdup_escaped(message);
    if (item.label == NULL || (message != NULL && item.message == NULL) || !make_room(run)) {
        free(item.label);
        free(item.message);
        return cp_fail(err, CP_ERR_MEMORY, "run: out of memory");
    }
    run->items[run->num_items++] = item;
    run->num_unread += report == NULL;
    return CP_OK;
}

enum cp_status cp_run_add(struct cp_run *run, const struct cp_report *report, const char *label,
                          struct cp_error *err) {
    return add(run, report, label, NULL, err);
}

enum cp_status cp_run_add_unread(struct cp_run *run, const char *file, const char *message,
                                 struct cp_error *err) {
    return add(run, NULL, file, message, err);
}

size_t cp_run_count(const struct cp_run *run, enum cp_severity severity) {
    size_t count = 0;
    for (size_t i = 0; i < run->num_items; i++)
        if (run->items[i].report != NULL)
            count += run->items[i].report->counts[severity];
    return count;
}

enum cp_verdict cp_run_verdict(const struct cp_run *run) {
    enum cp_verdict worst = run->num_unread != 0 ? CP_BLOCKED : CP_READY;
    for (size_t i = 0; i < run->num_items; i++) {
        if (run->items[i].report == NULL)
            continue;
        enum cp_verdict verdict = cp_report_verdict(run->items[i].report);
        worst = verdict > worst ? verdict : worst;
    }
    return worst;
}

size_t cp_report_num_cut(const struct cp_report *report) {
    size_t total = report->counts[CP_ERROR] + report->counts[CP_WARNING] + report->counts[CP_NOTE];
    return total > report->num_findings ? total - report->num_findings : 0;
}

bool cp_fails_on(enum cp_fail_on fail_on, enum cp_severity severity) {
    return severity == CP_ERROR     ? fail_on != CP_FAIL_ON_NEVER
           : severity == CP_WARNING ? fail_on == CP_FAIL_ON_WARNING || fail_on == CP_FAIL_ON_NOTE
                                    : fail_on == CP_FAIL_ON_NOTE;
}
