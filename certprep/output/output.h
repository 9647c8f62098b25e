/* output: prepared material in every form that it can be written in. Internal to output/. */
#ifndef CP_OUTPUT_H
#define CP_OUTPUT_H

#include "prepare.h"

/* Fills *out, which is empty. */
typedef enum cp_status cp_output_fn(struct cp_secret *out, const struct cp_prepared *prepared,
                                    const struct cp_output_options *options, struct cp_error *err);

cp_output_fn cp_output_pkcs7, cp_output_pkcs12;

/* Stated so that a reader's cost is known; both are below what any reader bounds. */
#define CP_PKCS12_ITERATIONS 100000
#define CP_PKCS12_LEGACY_ITERATIONS 10000
/* A PKCS#12 is at most this, or it is not ours to read again. */
#define CP_MAX_PKCS12_LEN ((size_t)4 * 1024 * 1024)

/* For cp_artifact_matches: do both PKCS#12 hold the same, protected alike? */
bool cp_pkcs12_same(struct cp_span a, struct cp_span b, const struct cp_output_options *options);

#endif
