/* apiclient.h: the public interface of libesaclient.
 *
 * The way of the data:
 *
 *   hostname, ids, cp_prepared -> esa_request -> (signed, sent once) -> esa_outcome
 *
 * Three things are never mixed:
 *   status   enum cp_status: nothing was sent, for a reason on this side. CP_OK is 0.
 *   outcome  struct esa_outcome: something reached the service, or may have. Judged here.
 *   finding  what is wrong with a certificate; it lives in certprep.h.
 *
 * Conventions are those of certprep.h: opaque types, `_new` hands over only on CP_OK, `_free` takes
 * NULL, accessors borrow, context and outputs come first, `err` comes last and may be NULL, times
 * are int64_t seconds since 1970-01-01T00:00:00Z, time-outs are milliseconds (`_ms`), `_len` counts
 * bytes.
 *
 * The API is Alibaba Cloud ESA, version 2024-09-10. It takes the private key in the URL's query, so
 * a URL never appears in an error, in a description or in an outcome.
 *
 * Nothing here prints or exits. Only a credential with a NULL lookup reads the environment and only
 * esa_clock_system the clock. What calls the service touches the network; so may esa_credential_new
 * and _refresh, which may run a command too, where a profile names one, and _identity. The proxy
 * variables (https_proxy and the like), .netrc and .curlrc are not followed: what carries a private
 * key goes to the endpoint and nowhere else.
 */
#ifndef ESA_APICLIENT_H
#define ESA_APICLIENT_H

#include "certprep.h"
#include "esa_models.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ESA_EXPORT CP_EXPORT
#define ESA_MUST_USE CP_MUST_USE

/* ---- operations: one table, operations.def --------------------------------------------------- */

enum esa_type {
    ESA_TYPE_STRING, /* not empty */
    ESA_TYPE_INT64,  /* decimal, 1 to the row's maximum */
    ESA_TYPE_WORD,   /* one of words */
    ESA_TYPE_PEM,    /* PEM text; not secret, but shown only by count, length and digest */
    ESA_TYPE_SECRET, /* key material; shown only by its length */
    ESA_TYPE_BOOL,   /* of replies only, as are the two that follow */
    ESA_TYPE_OBJECT,
    ESA_TYPE_ARRAY,
};

enum esa_needed {
    ESA_NEEDED_ALWAYS,
    ESA_NEEDED_NEVER, /* may be left out */
    ESA_NEEDED_WHEN,  /* required if the parameter when_name has when_value, else refused */
};

struct esa_parameter {
    const char *name; /* "CertType" */
    enum esa_type type;
    const char *words; /* "free|upload|cas"; NULL unless the type is WORD */
    int64_t maximum;   /* of an INT64 */
    enum esa_needed needed;
    const char *when_name; /* both NULL unless needed is WHEN */
    const char *when_value;
    const char *meaning; /* one clause */
};

/* What an object of a reply is, or each element of an array (esa_models.h). */
enum esa_model {
    ESA_MODEL_NONE,
    ESA_MODEL_HOSTNAME,
    ESA_MODEL_SITE,
    ESA_MODEL_RECORD,
    ESA_NUM_MODELS
};

struct esa_field {
    const char *name; /* "HostnameId" */
    enum esa_type type;
    enum esa_model model; /* NONE unless the type is OBJECT or ARRAY */
    bool required;        /* a reply without it confirms nothing */
};

/* What a repetition does. */
enum esa_effect {
    ESA_EFFECT_NONE, /* it only reads */
    ESA_EFFECT_SAME, /* twice is as good as once: update, verify, delete */
    ESA_EFFECT_ONCE, /* create, apply: never repeated before what exists was looked at */
};

struct esa_operation {
    const char *name;    /* "CreateCustomHostname" */
    const char *version; /* "2024-09-10" */
    const char *method;  /* "POST" */
    const char *source;  /* document and date */
    enum esa_effect effect;
    const struct esa_parameter *parameters;
    size_t num_parameters;
    const struct esa_field *fields;
    size_t num_fields;
};

ESA_EXPORT size_t esa_num_operations(void);
ESA_EXPORT const struct esa_operation *esa_operation_get(size_t index);
ESA_EXPORT const char *esa_type_name(enum esa_type type);

/* ---- error codes: one table, codes.def ------------------------------------------------------- */

enum esa_class {
    ESA_CLASS_RETRY,     /* nothing was done; the same request may be sent again after a wait */
    ESA_CLASS_RECONCILE, /* look at what exists before anything else is sent */
    ESA_CLASS_FIX,       /* the request, the credential or this machine must be put right first */
    ESA_CLASS_ASK,     /* only the account's owner or the vendor can change it: plan, quota, bill */
    ESA_CLASS_UNKNOWN, /* not in the table */
    ESA_NUM_CLASSES
};

enum esa_result {
    ESA_ACCEPTED, /* the reply confirms it, id and hostname included */
    ESA_REFUSED,  /* the service, or a gateway before it, said that it was not done */
    ESA_UNKNOWN,  /* it may have been done: look before sending it again */
    ESA_NUM_RESULTS
};

struct esa_code {
    const char *code; /* "Site.ServiceBusy"; for a prefix row what the code begins with */
    bool is_prefix;
    enum esa_class class_of;
    enum esa_result result; /* REFUSED or UNKNOWN */
    bool is_slow;           /* it will not be over within seconds: wait long */
    unsigned max_retries;   /* of its own; 0: as many as struct esa_retry allows */
    int http_status;        /* as documented; 0: varies, or is not documented */
    const char *meaning;
    const char *advice;
    const char *source;
};

ESA_EXPORT size_t esa_num_codes(void);
ESA_EXPORT const struct esa_code *esa_code_get(size_t index);
/* The exact row, else the longest prefix row, else NULL. Case counts. */
ESA_EXPORT const struct esa_code *esa_code_find(const char *code);
ESA_EXPORT const char *esa_class_name(enum esa_class class_of);
ESA_EXPORT const char *esa_result_name(enum esa_result result);

/* ---- credentials ----------------------------------------------------------------------------- */

struct esa_credential;

typedef enum cp_status esa_clock_fn(void *context, int64_t *now_s, struct cp_error *err);
/* Asked about once a second during an exchange: true ends it. What was sent by then stays sent, so
 * the outcome is UNKNOWN unless nothing was. A signal handler's flag, for one. */
typedef bool esa_cancel_fn(void *context);

/* Looks a variable up; NULL or "" means that it is not set. The text must live until the call that
 * was given the function returns. */
typedef const char *esa_lookup_fn(void *context, const char *name);

enum esa_provider_end {
    ESA_PROVIDER_ANSWERED,
    ESA_PROVIDER_ABSENT,  /* nothing is set up for it */
    ESA_PROVIDER_SKIPPED, /* switched off, or a provider before it answered */
    ESA_PROVIDER_FAILED,  /* set up, but what it has is not whole or could not be fetched */
};
ESA_EXPORT const char *esa_provider_end_name(enum esa_provider_end end);

/* Told of every provider in the chain's order. why: one clause, no secret in it. */
typedef void esa_provider_watch_fn(void *context, const char *provider, enum esa_provider_end end,
                                   const char *why);

/* All zero is a valid set. Strings are copied; functions and their contexts must outlive the
 * credential. */
struct esa_credential_options {
    esa_lookup_fn *lookup; /* NULL: the process environment */
    void *lookup_context;
    const char *profile;           /* NULL: ALIBABA_CLOUD_PROFILE, then the file's "current" */
    const char *sts_endpoint;      /* HOST[:PORT]; NULL: sts.aliyuncs.com, or that of the region */
    const char *metadata_endpoint; /* HOST[:PORT], plain HTTP; NULL: 100.100.100.200 */
    const char *ca_file;           /* for STS and an https credentials URI */
    const char *proxy;             /* for STS only; NULL: none */
    bool local_only;               /* no network, no process: a provider that needs one fails */
    esa_clock_fn *clock;           /* NULL: esa_clock_system */
    void *clock_context;
    esa_cancel_fn *cancel; /* NULL: never */
    void *cancel_context;
    esa_provider_watch_fn *watch; /* NULL: nobody is told */
    void *watch_context;
};

/* Asks each provider of the chain in turn, in the vendor's order (credentials/chain.c has it), and
 * fetches temporary keys where one says so. A provider that is set up and fails ends the chain:
 * another identity than the one meant is worse than none. CP_ERR_USAGE names what is missing or
 * half set, CP_ERR_NETWORK who did not answer; no value is ever quoted. options NULL: all zero. */
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_credential_new(struct esa_credential **out, const struct esa_credential_options *options,
                   struct cp_error *err);
/* Fetches a new temporary key if less than 15 minutes of the present one remain; else does nothing.
 * If that fails, the present one stays in use until its end. esa_client_call and esa_multi_start do
 * it by themselves. */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_credential_refresh(struct esa_credential *credential,
                                                              struct cp_error *err);
/* Seconds since the epoch; 0: it does not expire. */
ESA_EXPORT int64_t esa_credential_expires_s(const struct esa_credential *credential);
ESA_EXPORT void esa_credential_free(struct esa_credential *credential);
/* Is it a temporary key, with a token beside it? */
ESA_EXPORT bool esa_credential_is_temporary(const struct esa_credential *credential);
/* The provider that had it and, after a colon, how: "environment", "profile: default (RamRoleArn)".
 */
ESA_EXPORT const char *esa_credential_source(const struct esa_credential *credential);
/* The key id is public: it travels in the Authorization header. */
ESA_EXPORT const char *esa_credential_key_id(const struct esa_credential *credential);

/* What STS says of the credential (GetCallerIdentity). Texts are escaped. */
struct esa_identity {
    char account_id[64], arn[512], type[64], principal_id[256], request_id[64];
    bool is_refused; /* STS said no: refusal says why, and nothing else is set */
    char refusal[512];
};
/* CP_OK if STS answered; one attempt. Only for a credential of esa_credential_new. */
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_credential_identity(const struct esa_credential *credential, struct esa_identity *out,
                        struct cp_error *err);

/* ---- requests -------------------------------------------------------------------------------- */

struct esa_request;

/* Decimal digits only, 1 to 9223372036854775807; no sign, no space. what names the value in the
 * message ("--site-id"). Status CP_ERR_USAGE. */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_id_parse(int64_t *out, const char *text,
                                                    const char *what, struct cp_error *err);

enum esa_create_kind { ESA_CREATE_OFF, ESA_CREATE_FREE, ESA_CREATE_UPLOAD, ESA_CREATE_CAS };

/* What a caller was asked for, as words; NULL and false: not given. */
struct esa_create_choice {
    const char *ssl_flag;   /* "on", "off" */
    const char *cert_type;  /* "free", "upload", "cas" */
    const char *cas_id;     /* decimal */
    const char *cas_region; /* "cn-hangzhou", "ap-southeast-1" */
    bool has_certificate;
    bool has_private_key;
};

/* The one kind of request that this choice means, by the conditions of operations.def: on needs a
 * CertType; certificate and key only with upload; CasId and CasRegion only with cas; none of them
 * with off. CP_ERR_USAGE says which rule is broken. */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_create_kind_of(enum esa_create_kind *out,
                                                          const struct esa_create_choice *choice,
                                                          struct cp_error *err);

/* CreateCustomHostname. Ids are 1 or more. The hostname is sent in A-label form; an IP address and
 * a public suffix are refused (CP_ERR_USAGE). Everything is copied. */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_request_new_off(struct esa_request **out,
                                                           const struct cp_hostname *hostname,
                                                           int64_t site_id, int64_t record_id,
                                                           struct cp_error *err);
ESA_EXPORT ESA_MUST_USE enum cp_status esa_request_new_free(struct esa_request **out,
                                                            const struct cp_hostname *hostname,
                                                            int64_t site_id, int64_t record_id,
                                                            struct cp_error *err);
ESA_EXPORT ESA_MUST_USE enum cp_status esa_request_new_cas(struct esa_request **out,
                                                           const struct cp_hostname *hostname,
                                                           int64_t site_id, int64_t record_id,
                                                           int64_t cas_id, const char *cas_region,
                                                           struct cp_error *err);
/* The only way to a request that carries key material. CP_ERR_BLOCKED if the material was not
 * checked for this hostname or does not cover it. */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_request_new_upload(struct esa_request **out,
                                                              const struct cp_hostname *hostname,
                                                              int64_t site_id, int64_t record_id,
                                                              const struct cp_prepared *prepared,
                                                              struct cp_error *err);
/* UpdateCustomHostname: the same parts, for a custom hostname that exists. hostname is what it is
 * called there: the gates hold for it, and it is not sent. record_id 0: stays as it is. */
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_request_new_update_off(struct esa_request **out, const struct cp_hostname *hostname,
                           int64_t hostname_id, int64_t record_id, struct cp_error *err);
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_request_new_update_free(struct esa_request **out, const struct cp_hostname *hostname,
                            int64_t hostname_id, int64_t record_id, struct cp_error *err);
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_request_new_update_cas(struct esa_request **out, const struct cp_hostname *hostname,
                           int64_t hostname_id, int64_t record_id, int64_t cas_id,
                           const char *cas_region, struct cp_error *err);
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_request_new_update_upload(struct esa_request **out, const struct cp_hostname *hostname,
                              int64_t hostname_id, int64_t record_id,
                              const struct cp_prepared *prepared, struct cp_error *err);
/* The update that makes an existing hostname what this create request wants; its gates were passed
 * when the create request was made. */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_request_new_update_from(struct esa_request **out,
                                                                   const struct esa_request *create,
                                                                   int64_t hostname_id,
                                                                   struct cp_error *err);

/* GetCustomHostname, VerifyCustomHostname, DeleteCustomHostname, ApplyCustomHostnameCertificate. */
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_request_new_get(struct esa_request **out, int64_t hostname_id, struct cp_error *err);
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_request_new_verify(struct esa_request **out, int64_t hostname_id, struct cp_error *err);
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_request_new_delete(struct esa_request **out, int64_t hostname_id, struct cp_error *err);
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_request_new_apply(struct esa_request **out, int64_t hostname_id, struct cp_error *err);

/* ListCustomHostnames. NULL and 0: not asked for. Name match: prefix, suffix, exact, fuzzy. */
struct esa_list {
    int64_t site_id; /* needed */
    int64_t record_id;
    const char *hostname, *name_match_type, *status;
    int64_t page_number, page_size; /* 1 on; 1 to 500 */
};
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_request_new_list(struct esa_request **out, const struct esa_list *list, struct cp_error *err);
/* ListSites: site_name NULL: all; match_type: exact, prefix, suffix, fuzzy. */
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_request_new_list_sites(struct esa_request **out, const char *site_name, const char *match_type,
                           int64_t page_number, int64_t page_size, struct cp_error *err);
/* ListRecords; type "CNAME", "A/AAAA" ... or NULL. */
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_request_new_list_records(struct esa_request **out, int64_t site_id, const char *record_name,
                             const char *match_type, const char *type, int64_t page_number,
                             int64_t page_size, struct cp_error *err);
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_request_new_get_site(struct esa_request **out, int64_t site_id, struct cp_error *err);
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_request_new_get_record(struct esa_request **out, int64_t record_id, struct cp_error *err);

ESA_EXPORT void esa_request_free(struct esa_request *request);
/* The table's row: what it is called, and what a repetition does. */
ESA_EXPORT const struct esa_operation *esa_request_operation(const struct esa_request *request);

enum esa_params_in {
    ESA_PARAMS_QUERY, /* as the official SDKs do; the default */
    ESA_PARAMS_FORM, /* application/x-www-form-urlencoded body: no limit of request lines applies */
};
ESA_EXPORT void esa_request_set_params_in(struct esa_request *request,
                                          enum esa_params_in params_in);

/* Request lines over this many bytes are refused by common servers and proxies, with HTTP 414. */
#define ESA_TARGET_WARN_LEN ((size_t)8190)
/* Bytes of the encoded request target, "/?" included. */
ESA_EXPORT size_t esa_request_target_len(const struct esa_request *request);
/* Borrowed one-line notes: wildcard hostnames, a long target. NULL from index = number on. */
ESA_EXPORT size_t esa_request_num_notes(const struct esa_request *request);
ESA_EXPORT const char *esa_request_note(const struct esa_request *request, size_t index);

/* ---- client ---------------------------------------------------------------------------------- */

struct esa_client;
struct esa_http_request; /* transport.h */
struct esa_http_reply;

/* Sends once and never again. CP_OK if reply->reach says how far it got; an error only if nothing
 * was tried. */
typedef enum cp_status esa_transport_fn(void *context, struct esa_http_reply *reply,
                                        const struct esa_http_request *request,
                                        struct cp_error *err);

#define ESA_NONCE_LEN ((size_t)32)
/* Writes ESA_NONCE_LEN characters of [0-9A-Za-z-] and a NUL, never the same twice. */
typedef enum cp_status esa_nonce_fn(void *context, char out[ESA_NONCE_LEN + 1],
                                    struct cp_error *err);

ESA_EXPORT enum cp_status esa_clock_system(void *context, int64_t *now_s, struct cp_error *err);
/* 128 bits from OpenSSL's random generator, in hex. */
ESA_EXPORT enum cp_status esa_nonce_random(void *context, char out[ESA_NONCE_LEN + 1],
                                           struct cp_error *err);

/* All zero but for region or endpoint is a valid set. */
struct esa_client_options {
    const char *region;   /* "cn-hangzhou" or "ap-southeast-1"; unless endpoint is given */
    const char *endpoint; /* HOST[:PORT] or https://HOST[:PORT], "[IPV6]:PORT"; overrides region */
    struct esa_credential *credential; /* borrowed, refreshed; NULL: can describe, not call */
    const char *ca_file; /* PEM; only its certificates are trusted. NULL: the system's */
    const char *proxy;   /* http://HOST:PORT, a tunnel: TLS stays with the endpoint. NULL: none */
    int64_t connect_timeout_ms;  /* name look-up, connection, TLS; 0: 10,000 */
    int64_t total_timeout_ms;    /* the whole exchange; 0: 60,000 */
    esa_transport_fn *transport; /* NULL: libcurl, loaded at the first call */
    void *transport_context;
    esa_clock_fn *clock; /* NULL: esa_clock_system */
    void *clock_context;
    esa_nonce_fn *nonce; /* NULL: esa_nonce_random */
    void *nonce_context;
    esa_cancel_fn *cancel; /* NULL: an exchange ends by itself or by its time-out */
    void *cancel_context;
};

/* The strings are copied; the credential and the contexts must outlive the client. One thread at a
 * time may call with a client, since a call may refresh its credential. */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_client_new(struct esa_client **out,
                                                      const struct esa_client_options *options,
                                                      struct cp_error *err);
ESA_EXPORT void esa_client_free(struct esa_client *client);
/* "esa.cn-hangzhou.aliyuncs.com", "127.0.0.1:8443": what the host header says. */
ESA_EXPORT const char *esa_client_host(const struct esa_client *client);

enum esa_describe_format { ESA_DESCRIBE_TEXT, ESA_DESCRIBE_JSON };

/* What esa_client_call would send, for --dry-run: method, place, headers, each parameter by name.
 * The private key, tokens and the signature are masked, and there is no URL with a query. Sends
 * nothing and needs no credential. The caller frees *text with esa_string_free; *len may be NULL.
 */
ESA_EXPORT ESA_MUST_USE enum cp_status esa_request_describe(const struct esa_client *client,
                                                            char **text, size_t *len,
                                                            const struct esa_request *request,
                                                            enum esa_describe_format format,
                                                            struct cp_error *err);
ESA_EXPORT void esa_string_free(char *string);

/* ---- outcome --------------------------------------------------------------------------------- */

#define ESA_CODE_MAX ((size_t)128)
#define ESA_ID_TEXT_MAX ((size_t)64)
#define ESA_SERVER_TEXT_MAX ((size_t)512)
#define ESA_REASON_MAX ((size_t)256)
#define ESA_HOSTNAME_MAX ((size_t)256)

/* Owns nothing; copy it as you like. Texts of the service are redacted (nothing that looks like key
 * material or an echo of the request), cut and escaped: safe for a terminal and for a log. */
struct esa_outcome {
    enum esa_result result;
    enum esa_class
        class_of;    /* of the code; RECONCILE for UNKNOWN without one; of no use if ACCEPTED */
    int http_status; /* 0: no reply */
    const struct esa_code *code;  /* row of the table; NULL: no code, or one that is not in it */
    char code_text[ESA_CODE_MAX]; /* as the service said it; "" */
    char request_id[ESA_ID_TEXT_MAX];
    int64_t hostname_id;             /* exact; 0 unless ACCEPTED */
    char hostname[ESA_HOSTNAME_MAX]; /* the one that the service confirmed or named; "" */
    char message[ESA_SERVER_TEXT_MAX];
    char recommend[ESA_SERVER_TEXT_MAX];
    char reason[ESA_REASON_MAX]; /* ours: why this result; one line */
    const char *advice;          /* ours: what to do; never NULL; "" if ACCEPTED */
    int64_t retry_after_ms;      /* as the service asked; -1: it did not */
    bool has_clock_skew;
    int64_t clock_skew_s; /* this machine's clock less the service's */
};

/* ---- replies --------------------------------------------------------------------------------- */

/* What an ACCEPTED reply holds, typed (esa_models.h). Borrowed until it is freed; NULL from index =
 * number on. A get has one hostname. */
struct esa_reply;

ESA_EXPORT void esa_reply_free(struct esa_reply *reply);
ESA_EXPORT size_t esa_reply_num_hostnames(const struct esa_reply *reply);
ESA_EXPORT const struct esa_hostname *esa_reply_hostname(const struct esa_reply *reply,
                                                         size_t index);
ESA_EXPORT size_t esa_reply_num_sites(const struct esa_reply *reply);
ESA_EXPORT const struct esa_site *esa_reply_site(const struct esa_reply *reply, size_t index);
ESA_EXPORT size_t esa_reply_num_records(const struct esa_reply *reply);
ESA_EXPORT const struct esa_record *esa_reply_record(const struct esa_reply *reply, size_t index);
ESA_EXPORT struct esa_page esa_reply_page(const struct esa_reply *reply);
/* VerifyCustomHostname's Passed. A refusal comes as HTTP 200 with the code
 * CustomHostname.VerifyUnpassed: REFUSED, of class RETRY after the record was set. */
ESA_EXPORT bool esa_reply_passed(const struct esa_reply *reply);

/* One attempt: refreshes the credential, signs, sends, judges. What only reads may go over a
 * connection kept from an earlier read; what changes something, or lists, has one of its own.
 * CP_OK: *outcome is filled and, if it is ACCEPTED and reply is not NULL, *reply (to be freed).
 * Otherwise nothing was sent: CP_ERR_NETWORK if there was no connection or no TLS with a verified
 * peer, CP_ERR_USAGE without a credential, CP_ERR_UNSUPPORTED without a usable libcurl. */
ESA_EXPORT ESA_MUST_USE enum cp_status
esa_client_call(const struct esa_client *client, struct esa_outcome *outcome,
                struct esa_reply **reply, const struct esa_request *request, struct cp_error *err);

#ifdef __cplusplus
}
#endif

#endif
