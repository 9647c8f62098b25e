/* reply: what a whole JSON object says, typed by the operation's rows. Pure. */
#ifndef ESA_REPLY_H
#define ESA_REPLY_H

#include "model.h"

#define ESA_MAX_ROWS ((size_t)500) /* of a list: the service's maximum */

struct esa_reply {
    struct esa_hostname *hostnames;
    struct esa_site *sites;
    struct esa_record *records;
    size_t num_hostnames, num_sites, num_records;
    struct esa_page page;
    bool passed;
};

CP_MUST_USE enum cp_status esa_reply_new(struct esa_reply **out, struct cp_error *err);

/* Fills *out, which must be as esa_reply_new left it. The names of the outer object are read in
 * PascalCase and lowerCamelCase. False: a required field is not there or not of its type, or a
 * model is not whole (esa_model_read); why says where, as in "Hostnames[3].HostnameId: ...". */
bool esa_reply_read(struct esa_reply *out, char why[ESA_REASON_MAX], const char *text, size_t len,
                    struct esa_reading *reading);

#endif
