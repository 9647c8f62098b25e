/* prepare: what cmd_prepare.c, manifest.c, diff.c and prepare_output.c share. */
#ifndef CP_CLI_PREPARE_H
#define CP_CLI_PREPARE_H

#include "bytes.h"
#include "cli.h"
#include "write_files.h"

#define CLI_MANIFEST "prepared.json"

/* What a run of prepare came to know; prepared is NULL if the verdict is BLOCKED. */
struct prepare_result {
    const struct cp_report *report;
    const struct cp_prepared *prepared;
    const char *directory;
    const char *at; /* --at, as it was given; NULL: the clock */
    struct cp_artifact artifacts[CLI_MAX_SET - 1];
    struct cli_file files[CLI_MAX_SET]; /* one for each artifact, then the manifest */
    size_t num_files;                   /* the manifest included */
    struct cp_buf manifest;
    bool dry_run, show_diff;
    bool written;
};

struct prepare_format {
    bool json;
    struct cp_render_options render;
};

/* The file's artifact; NULL for the manifest. */
const struct cp_artifact *prepare_artifact(const struct prepare_result *r, size_t index);
/* Files that are not there yet, or not as they are to be. */
size_t prepare_num_changed(const struct prepare_result *r);

/* Digests of inputs and outputs, the change log, versions: never key material. The same run gives
 * the same bytes, but for the digest of a new PKCS#12. */
CP_MUST_USE enum cp_status manifest_make(struct cp_buf *out, const struct prepare_result *r,
                                         struct cp_error *err);
/* Is old a manifest of certprep? */
bool manifest_is(struct cp_span old);
/* Is it one of the same outputs for the same target? Then it stays: it tells how they were made. */
bool manifest_describes(struct cp_span old, struct cp_span made);

/* Appends a unified diff of two texts. The lines that differ are one hunk, from the first to the
 * last one: certificates have no lines in common that would be worth a search. */
void diff_text(struct cp_buf *out, const char *name, struct cp_span old, struct cp_span now);
/* Nothing but certificates and white space: can be shown. */
bool diff_is_certificates(struct cp_span text);

/* Prints all of it on standard output; returns exit_code, or what a failed write means. */
int prepare_print(const struct prepare_result *result, const struct prepare_format *format,
                  int exit_code);

#endif
