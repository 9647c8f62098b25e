/* files: reading the files that credentials stand in. */
#ifndef ESA_FILES_H
#define ESA_FILES_H

#include "chain.h"

enum esa_file_rule {
    ESA_FILE_PRIVATE, /* this user's or root's; nobody else may read or write it */
    /* A service manager's: it may be given to one user by an access list, whose mask shows as the
     * group's read bit (systemd does). Nobody else may read or write it. */
    ESA_FILE_MANAGED,
    ESA_FILE_TOKEN, /* a platform puts it there, often readable for all (Kubernetes) */
};

/* Reads a regular file, or a symbolic link to one, of at most max_len bytes into *out, which must
 * be empty; a NUL follows that is not counted. Never waits: a FIFO is refused. *found false and
 * CP_OK: there is no such file. */
CP_MUST_USE enum cp_status esa_file_read(struct cp_secret *out, bool *found, const char *path,
                                         enum esa_file_rule rule, size_t max_len,
                                         struct cp_error *err);

#define ESA_PATH_MAX ((size_t)4096)
/* "~" of the user, by $HOME, and what follows; false without one, or if it is too long. */
bool esa_file_at_home(char out[ESA_PATH_MAX], const struct esa_chain *chain, const char *path);

/* Takes white space off the end: files and metadata often end with a line end. */
void esa_secret_trim(struct cp_secret *text);

#endif
