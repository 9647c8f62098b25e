/* Between report.c and summary.c. */
#ifndef CP_ONBOARD_REPORT_H
#define CP_ONBOARD_REPORT_H

#include <stdio.h>

#include "onboard.h"

/* A string in quotes, or null for "". */
void onboard_json_text(FILE *out, const char *text);
/* What follows the rows: "summary" and the end of the object. */
void onboard_json_summary(const struct onboard *onboard, FILE *out,
                          const size_t counts[ONBOARD_NUM_STATES]);
/* All rows. Write errors are the caller's to look for (ferror). */
CP_MUST_USE enum cp_status onboard_write(struct onboard *onboard, FILE *out, bool json,
                                         struct cp_error *err);

#endif
