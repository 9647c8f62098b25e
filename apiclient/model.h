/* model: one object of a reply (esa_models.h), read by rows: JSON name, kind, place. */
#ifndef ESA_MODEL_H
#define ESA_MODEL_H

#include "json.h"
#include "redact.h"
#include "request.h"

#define ESA_MAX_KNOWN ((size_t)6)

/* What the reading of a reply's texts needs; one for a whole reply. */
struct esa_reading {
    const struct esa_request *request;     /* ids in the reply must be those that were asked for */
    struct esa_known known[ESA_MAX_KNOWN]; /* never to be shown */
    size_t num_known;
    size_t num_sent_known; /* the first of known: what this side sent; the rest came in a reply */
    struct cp_secret scratch;  /* for escapes: what is resolved may be key material too */
    struct cp_secret withheld; /* of the object that was read last; known points into it */
    bool is_out_of_memory;     /* a text could not be looked at: nothing may count as not said */
    const char *member;        /* where it failed */
    const char *what;          /* and why; a clause behind the member's name */
};

/* The text of a STRING with its escapes resolved, or the digits of a NUMBER; borrowed until the
 * next call. False: neither, or no memory. */
bool esa_reading_text(struct esa_reading *reading, const char **text, size_t *len,
                      const struct esa_member *member);
void esa_reading_cleanup(struct esa_reading *reading);

size_t esa_model_size(enum esa_model model);

/* What the object withholds stays among what is known until the next one is read.
 *
 * Fills *out, which has esa_model_size bytes, from the raw bytes of an object. False if it is not
 * one, lacks what is required, has a member twice, an id that is not exact or one that was not
 * asked for; reading says where. What else is not of its type counts as not said. */
bool esa_model_read(void *out, enum esa_model model, const struct esa_member *object,
                    struct esa_reading *reading);

#endif
