/* wire: what a signed HTTPS request is put together from, to ESA (message.c) as to STS
 * (credentials/sts_message.c). Pure. What is written here may hold the private key or a token. */
#ifndef ESA_WIRE_H
#define ESA_WIRE_H

#include "apiclient.h"
#include "canon.h"
#include "credentials/credential.h"
#include "sign.h"

/* The value of the authorization header. */
CP_MUST_USE enum cp_status esa_wire_authorization(char out[ESA_MAX_AUTHORIZATION],
                                                  const struct esa_credential *credential,
                                                  const char *method, const struct cp_secret *query,
                                                  const struct esa_pair *headers,
                                                  size_t num_headers, const char *body_sha256,
                                                  struct cp_error *err);

/* "name: value" and a NUL for each header. *text must be empty; lines, which has room for them,
 * points into it. */
CP_MUST_USE enum cp_status esa_wire_lines(struct cp_secret *text, const char **lines,
                                          const struct esa_pair *headers, size_t num_headers,
                                          struct cp_error *err);

/* https, the host and the query; a NUL follows, not counted. *out must be empty. */
CP_MUST_USE enum cp_status esa_wire_url(struct cp_secret *out, const char *host,
                                        const struct cp_secret *query, struct cp_error *err);

#endif
