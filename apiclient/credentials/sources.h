/* sources: where a key can be fetched from, for providers of the chain and for profiles. */
#ifndef ESA_SOURCES_H
#define ESA_SOURCES_H

#include "chain.h"

/* The role of this ECS instance, from its metadata: version 2 (a token first), version 1 where that
 * is not spoken and not forbidden. role "": ALIBABA_CLOUD_ECS_METADATA, else asked for.
 * *is_ecs false: nobody answers there, or the
 * instance has no role; the status is CP_ERR_NETWORK then, too. */
CP_MUST_USE enum cp_status esa_ecs_fetch(struct esa_credential *out, bool *is_ecs, const char *role,
                                         const struct esa_chain *chain, struct cp_error *err);

/* GET: https anywhere, http to near addresses only (inquiry.h). The URI is never shown: it may
 * hold a token. */
CP_MUST_USE enum cp_status esa_uri_fetch(struct esa_credential *out, const char *uri,
                                         const struct esa_chain *chain, struct cp_error *err);

/* Runs a command without a shell and reads what it prints: {"mode", "access_key_id",
 * "access_key_secret", "sts_token", "expiration"}. */
CP_MUST_USE enum cp_status esa_external_fetch(struct esa_credential *out, const char *command,
                                              const struct esa_chain *chain, struct cp_error *err);

#define ESA_EXTERNAL_MAX_ARGS ((size_t)64)
#define ESA_EXTERNAL_MAX_COMMAND ((size_t)4096)
#define ESA_EXTERNAL_MAX_OUTPUT ((size_t)64 * 1024)
#define ESA_EXTERNAL_TIMEOUT_MS 60000

/* Splits a command into words as a POSIX shell does, without any expansion: blanks part words;
 * '...' is literal; in "..." a backslash escapes " \ $ ` and a line end; outside of both it escapes
 * any character. words points into store, which has room for the command and its NUL. Returns the
 * number of words; 0 and *why for an open quote, a backslash at the end, too many words, none. */
size_t esa_command_split(char *words[ESA_EXTERNAL_MAX_ARGS + 1],
                         char store[ESA_EXTERNAL_MAX_COMMAND + 1], const char *command,
                         const char **why);

/* Runs words[0] (looked up in PATH) in a process group of its own, which is killed at the end; with
 * standard input and error at /dev/null, and without this program's own keys in its environment. */
CP_MUST_USE enum cp_status esa_external_run(struct cp_secret *output, char *const *words,
                                            int64_t timeout_ms, const struct esa_chain *chain,
                                            struct cp_error *err);

#endif
