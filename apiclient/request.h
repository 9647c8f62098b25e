/* request: an operation with its parameters' values. Inside the library the values can be read; the
 * way in is by the typed constructors of apiclient.h only. */
#ifndef ESA_REQUEST_H
#define ESA_REQUEST_H

#include "apiclient.h"
#include "canon.h"
#include "operations.h"

#define ESA_MAX_NOTES ((size_t)4)
#define ESA_NOTE_MAX ((size_t)256)

struct esa_request {
    const struct esa_operation *operation;
    enum esa_params_in params_in;
    struct cp_secret store;                      /* the values, each with a NUL */
    struct esa_value values[ESA_MAX_PARAMETERS]; /* into store; text NULL: absent */
    char hostname[ESA_HOSTNAME_MAX];             /* as it is sent */
    char *hostname_unicode;                      /* as a service may answer; owned */
    bool is_wildcard;
    size_t num_certs;         /* upload only */
    char leaf_sha256[64 + 1]; /* upload only */
    char notes[ESA_MAX_NOTES][ESA_NOTE_MAX];
    size_t num_notes;
};

/* The parameters that are there, in the table's order. Returns how many. */
size_t esa_request_pairs(struct esa_pair pairs[ESA_MAX_PARAMETERS],
                         const struct esa_request *request);

#endif
