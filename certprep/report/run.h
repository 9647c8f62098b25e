/* run: what is reported at once: the reports of one or many inputs, and the inputs that could not
 * be read. */
#ifndef CP_REPORT_RUN_H
#define CP_REPORT_RUN_H

#include "checks.h"

struct cp_run_item {
    const struct cp_report *report; /* NULL: it could not be read, */
    char *message;                  /* for this reason; else NULL */
    char *label;                    /* escaped */
};

struct cp_run {
    int64_t at_s;
    struct cp_run_item *items;
    size_t num_items, cap_items;
    size_t num_unread;
};

#define CP_MAX_RUN_ITEMS 1000000

/* Of all reports, those that were not kept included. */
size_t cp_run_count(const struct cp_run *run, enum cp_severity severity);
/* The worst; BLOCKED if anything could not be read. */
enum cp_verdict cp_run_verdict(const struct cp_run *run);
/* Findings that a report counted, but did not keep. */
size_t cp_report_num_cut(const struct cp_report *report);

#endif
