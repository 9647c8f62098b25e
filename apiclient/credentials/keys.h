/* keys: the reply that hands out a key, and the reply that refuses one. */
#ifndef ESA_KEYS_H
#define ESA_KEYS_H

#include "apiclient/json.h"
#include "chain.h"

/* What the members are called: STS, metadata and credentials URI on one side, an external command
 * on the other. */
struct esa_keys_form {
    const char *who; /* leads messages: "STS" */
    const char *key_id, *secret, *token, *expiration;
    bool needs_token, needs_expiration;
    enum cp_status status; /* of what is wrong with it */
};
extern const struct esa_keys_form esa_keys_service; /* AccessKeyId ... ; who to be set by a copy */

/* Reads one JSON object. Values are never quoted. */
CP_MUST_USE enum cp_status esa_keys_read(struct esa_credential *out,
                                         const struct esa_keys_form *form, const char *text,
                                         size_t len, struct cp_error *err);

/* "2026-03-19T08:00:00Z" and no other form. */
bool esa_utc_parse(int64_t *time_s, const char *text, size_t len);

/* A string member without its escapes, with a NUL; an absent one or null is "". *out must be empty.
 * CP_ERR_PARSE: it has a NUL in it, or is there twice, or is no string. */
CP_MUST_USE enum cp_status esa_json_secret(struct cp_secret *out, const struct esa_member *member);

/* "NoPermission: You are not authorized (HTTP 403, request 3C87BF47-...)" from an error reply:
 * JSON, XML or neither; what to do follows where that is known. Nothing that looks like a key, and
 * no part of what is known, is in it. */
void esa_refusal_text(char out[ESA_SERVER_TEXT_MAX], int http_status, const struct cp_secret *body,
                      const struct cp_secret *known, size_t num_known);

#endif
