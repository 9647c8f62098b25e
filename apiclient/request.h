/* request: an operation with its parameters' values. Inside the library the values can be read; the
 * way in is by the typed constructors of apiclient.h only (request_hostname.c: those that change
 * something, with the gates; request_read.c: the rest). */
#ifndef ESA_REQUEST_H
#define ESA_REQUEST_H

#include "apiclient.h"
#include "canon.h"
#include "operations.h"

#define ESA_MAX_NOTES ((size_t)4)
#define ESA_NOTE_MAX ((size_t)256)

struct esa_request {
    const struct esa_operation *operation;
    enum esa_params_in params_in;                /* of no effect with GET */
    struct cp_secret store;                      /* the values, each with a NUL */
    struct esa_value values[ESA_MAX_PARAMETERS]; /* into store; text NULL: absent */
    char hostname[ESA_HOSTNAME_MAX]; /* create: as it is sent; update: what it was made for */
    char *hostname_unicode;          /* as a service may answer; owned; may be NULL */
    bool is_wildcard;
    size_t num_certs;         /* upload only */
    char leaf_sha256[64 + 1]; /* upload only, else "" */
    char notes[ESA_MAX_NOTES][ESA_NOTE_MAX];
    size_t num_notes;
};

/* The one way in: checks the values by the operation's rows and copies them. The rest of the
 * request is empty. */
CP_MUST_USE enum cp_status esa_request_build(struct esa_request **out, enum esa_operation_id id,
                                             const struct esa_value *values, struct cp_error *err);
/* Notes follow from the request alone; to be made again when it has changed. */
void esa_request_make_notes(struct esa_request *request);

/* text NULL: absent. */
struct esa_value esa_value_of(const char *text);

/* Where the parameters really go: into the query with GET, whatever was asked for. */
bool esa_request_is_form(const struct esa_request *request);

/* The parameters that are there, in the table's order. Returns how many. */
size_t esa_request_pairs(struct esa_pair pairs[ESA_MAX_PARAMETERS],
                         const struct esa_request *request);

/* The longest reply that can make sense, and for which memory is put by before sending. */
size_t esa_request_max_reply_len(const struct esa_request *request);

/* ---- what it says, by name: for comparing it with what exists ---- */

enum esa_operation_id esa_request_operation_id(const struct esa_request *request);
/* 0 and NULL: not a parameter of this operation, or absent. The text ends with a NUL. */
int64_t esa_request_id(const struct esa_request *request, const char *name);       /* "RecordId" */
const char *esa_request_text(const struct esa_request *request, const char *name); /* "SslFlag" */

#endif
