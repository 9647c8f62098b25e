/* lines: an INI file's keys, one by one, with their lines; what certprep.ini and the waivers share.
 *
 * libinih splits the lines; Debian's build of it cuts what is over its limits without a word, so
 * that a longer line is refused here before it is read. An indented line goes on with the value
 * above it. ';' behind a space and '#' or ';' at the start of a line begin a comment.
 * Bounds: CP_MAX_INI_LEN for the file, 198 bytes for a line.
 */
#ifndef CP_POLICY_LINES_H
#define CP_POLICY_LINES_H

#include "bytes.h"

#define CP_MAX_INI_LEN ((size_t)1024 * 1024)
#define CP_MAX_INI_ARGUMENT 200

struct cp_ini_item {
    const char *section;   /* "path" of [path "sites/x.pem"]; "" above the first one */
    const char *argument;  /* "sites/x.pem"; NULL: there is none */
    size_t section_number; /* counts from 1; 0 above the first one */
    const char *key;       /* NULL: the section begins here */
    const char *value;     /* trimmed */
    size_t line;           /* counts from 1 */
    bool is_more;          /* it goes on with the value before */
};

typedef enum cp_status cp_ini_fn(void *context, const struct cp_ini_item *item,
                                 struct cp_error *err);

/* The candidate nearest to word; NULL if none is near. */
typedef cp_policy_nearest_fn cp_nearest_fn;

/* name: what messages call the file. A failure is CP_ERR_USAGE (wrong configuration) and leads with
 * name and line. */
CP_MUST_USE enum cp_status cp_ini_read(struct cp_span text, const char *name, cp_ini_fn *take,
                                       void *context, struct cp_error *err);

/* CP_ERR_USAGE: "NAME:LINE: WHAT 'word' is not known; did you mean 'near'?" nearest may be NULL. */
CP_MUST_USE enum cp_status cp_ini_unknown(const char *name, size_t line, const char *what,
                                          const char *word, const char *const *candidates,
                                          size_t num, cp_nearest_fn *nearest, struct cp_error *err);

#endif
