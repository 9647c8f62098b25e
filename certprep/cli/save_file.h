/* save_file: one file of public text, written whole or not at all. */
#ifndef CP_CLI_SAVE_FILE_H
#define CP_CLI_SAVE_FILE_H

#include <limits.h>
#include <stdio.h>
#include <sys/types.h>

#include "certprep.h"

/* Can a file be put there? Asked before anything is sent, so that what comes back has a place.
 * Leaves nothing behind. */
CP_MUST_USE enum cp_status cli_save_probe(const char *path, struct cp_error *err);
/* Writes a temporary file beside it, syncs it and renames it. A regular file that stands there is
 * replaced and its permissions are kept; a link or anything else is refused. */
CP_MUST_USE enum cp_status cli_save(const char *path, const char *data, size_t len,
                                    struct cp_error *err);

/* The same, streamed. */
struct cli_saving {
    FILE *out;
    const char *path; /* borrowed */
    char temp[PATH_MAX];
    mode_t mode;
};
/* is_private: mode 0600, whatever stands there. */
CP_MUST_USE enum cp_status cli_save_begin(struct cli_saving *saving, const char *path,
                                          bool is_private, struct cp_error *err);
/* Puts it in its place if status is CP_OK and all was written, else removes it. Returns status, or
 * what went wrong here. */
CP_MUST_USE enum cp_status cli_save_end(struct cli_saving *saving, enum cp_status status,
                                        struct cp_error *err);

#endif
