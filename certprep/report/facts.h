/* facts: what several formats say of a finding. */
#ifndef CP_REPORT_FACTS_H
#define CP_REPORT_FACTS_H

#include "report/run.h"

/* Where a finding stands in its file. Lines and columns count from 1, the end column is the one
 * behind the last character; columns are characters. In a binary file lines and columns are 1. */
struct cp_region {
    const char *file; /* escaped; the input's label where the finding names no file */
    size_t start_line, start_column, end_line, end_column;
    size_t offset, len; /* bytes */
    bool has_bytes;     /* offset and len are known */
};

/* A finding at a PEM block takes the whole block, any other the rest of its line. */
void cp_region_of(struct cp_region *out, const struct cp_run_item *item,
                  const struct cp_finding *finding);

/* The certificate that the finding is about; NULL for none, or one that is not of the input. */
const struct cp_bundle_cert *cp_finding_cert(const struct cp_report *report,
                                             const struct cp_finding *finding);

/* How often a fingerprint was seen before. */
struct cp_seen;

CP_MUST_USE struct cp_seen *cp_seen_new(void);
void cp_seen_free(struct cp_seen *seen);
/* Counts text and returns how often it has been counted; 0 if out of memory. */
size_t cp_seen_count(struct cp_seen *seen, struct cp_span text);

#define CP_FINGERPRINT_TEXT 96
/* The same for the same defect of the same certificate, wherever in the file it has moved: rule,
 * hostname, public key (or else the file's name), and the message without its digits; then ":n"
 * for the n-th of the kind in a run. False if out of memory. */
CP_MUST_USE bool cp_fingerprint(char out[CP_FINGERPRINT_TEXT], struct cp_seen *seen,
                                const struct cp_run_item *item, const struct cp_finding *finding,
                                const struct cp_render_options *options);

#endif
