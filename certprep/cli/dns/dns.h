/* dns: what the DNS says of a hostname, and whether that will do for a custom hostname.
 *
 *   esa_dns_client_new   which servers
 *   esa_dns_gather       asks: facts of one hostname          (gather.c, client.c, parse.c)
 *   esa_dns_judge        facts + what is expected -> results   (judge.c, judge_caa.c: pure)
 *
 * Replies are parsed by c-ares. DNSSEC is left to the resolver that is asked: one that validates
 * answers SERVFAIL for what is bogus, which is a status here. */
#ifndef ESA_DNS_H
#define ESA_DNS_H

#include "certprep.h"

#define ESA_DNS_NAME_MAX ((size_t)256)
#define ESA_DNS_VALUE_MAX ((size_t)512) /* kept of one record's text */
#define ESA_DNS_TAG_MAX ((size_t)32)
#define ESA_DNS_WHY_MAX ((size_t)256)
#define ESA_DNS_MAX_CNAMES 8  /* in a row */
#define ESA_DNS_MAX_VALUES 32 /* records of one answer */
#define ESA_DNS_MAX_LEVELS 24 /* labels that CAA is climbed through */
#define ESA_DNS_MAX_SERVERS 8
#define ESA_DNS_UDP_SIZE 1232 /* EDNS: no fragment on any usual path */

/* ---- answers --------------------------------------------------------------------------------- */

enum esa_dns_type {
    ESA_DNS_A = 1,
    ESA_DNS_NS = 2,
    ESA_DNS_CNAME = 5,
    ESA_DNS_TXT = 16,
    ESA_DNS_AAAA = 28,
    ESA_DNS_CAA = 257
};

enum esa_dns_end {
    ESA_DNS_UNASKED,
    ESA_DNS_FOUND,   /* num_values is at least 1 */
    ESA_DNS_NO_DATA, /* the name exists, or may; no such record */
    ESA_DNS_NO_NAME, /* NXDOMAIN */
    ESA_DNS_ALIAS,   /* a CNAME, and the server did not say what is at its end */
    ESA_DNS_FAILED,  /* SERVFAIL, no reply, garbage ...: why has it */
};

struct esa_dns_value {
    char text[ESA_DNS_VALUE_MAX]; /* raw bytes, NUL-terminated: to be escaped before it is shown */
    size_t len;
    bool is_cut;               /* there was more */
    uint8_t flags;             /* CAA */
    char tag[ESA_DNS_TAG_MAX]; /* CAA; a longer one is cut, and is no known one either way */
};

struct esa_dns_answer {
    char name[ESA_DNS_NAME_MAX];
    enum esa_dns_type type;
    enum esa_dns_end end;
    char why[ESA_DNS_WHY_MAX];
    uint8_t code;      /* response code of the last reply */
    size_t num_values; /* more than ESA_DNS_MAX_VALUES is FAILED: nothing is judged by a part */
    struct esa_dns_value values[ESA_DNS_MAX_VALUES];
};

/* "shop.acme.example", "*.acme.example", "_acme-challenge.acme.example": letters, digits, hyphens,
 * underscores, labels of 1 to 63, 253 in all, no final dot. */
bool esa_dns_name_is_plain(const char *name);
/* By RFC 4343, with or without a final dot. */
bool esa_dns_name_equal(const char *a, const char *b);

/* Fills end, why and values from a reply to (name, type), which are set. c-ares must be loaded. */
void esa_dns_parse(struct esa_dns_answer *answer, const uint8_t *reply, size_t len);

/* ---- asking ---------------------------------------------------------------------------------- */

struct esa_dns_server {
    bool is_v6;
    uint8_t addr[16]; /* 4 of them, unless is_v6 */
    uint16_t port;
};

/* "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353". */
CP_MUST_USE enum cp_status esa_dns_server_parse(struct esa_dns_server *out, const char *text,
                                                struct cp_error *err);

struct esa_dns_options {
    struct esa_dns_server servers[ESA_DNS_MAX_SERVERS]; /* none: those of the system */
    size_t num_servers;
    int64_t timeout_ms;            /* for one server; 0: 5 s */
    bool (*cancel)(void *context); /* NULL: never */
    void *cancel_context;
};

struct esa_dns_client;
CP_MUST_USE enum cp_status esa_dns_client_new(struct esa_dns_client **out,
                                              const struct esa_dns_options *options,
                                              struct cp_error *err);
void esa_dns_client_free(struct esa_dns_client *client);

#define ESA_DNS_MAX_BATCH 40
/* Asks all of them at once, of the first server; what it could not answer, of the next. Ends with
 * each of them answered or FAILED. */
void esa_dns_ask(struct esa_dns_client *client, struct esa_dns_answer **answers, size_t num);

/* ---- facts of one hostname ------------------------------------------------------------------- */

/* names[0] is where it starts. */
struct esa_dns_chain {
    char names[ESA_DNS_MAX_CNAMES + 1][ESA_DNS_NAME_MAX];
    size_t num_names;
    enum esa_dns_end end; /* of the last name: NO_DATA (no further CNAME), NO_NAME, FAILED */
    char why[ESA_DNS_WHY_MAX];
};

struct esa_dns_facts {
    char hostname[ESA_DNS_NAME_MAX], base[ESA_DNS_NAME_MAX]; /* base: without "*." */
    struct esa_dns_chain chain;                              /* of the hostname */
    struct esa_dns_answer a, aaaa, ns;                       /* at its end; NS at the hostname */
    struct esa_dns_answer owner;                             /* TXT */
    struct esa_dns_chain acme_chain;
    struct esa_dns_answer acme; /* TXT */
    /* caa[0] at base, caa[1] one label up ...; the first num_own are not a public suffix. */
    struct esa_dns_answer caa[ESA_DNS_MAX_LEVELS];
    size_t num_levels, num_own;
};

/* What is known beforehand; NULL or "": not known. */
struct esa_dns_expect {
    const char *caa_issuer;                /* NULL: no certificate is applied for */
    const char *verify_host, *verify_code; /* host unknown: _esa_custom_hostname.<base> */
    const char *cname;                     /* the record's RecordCname */
    const char *cert_txt_key, *cert_txt_value;
};

/* Only what keeps it from asking at all is an error; what the DNS does not answer is in the facts.
 * The hostname is no IP address. */
CP_MUST_USE enum cp_status esa_dns_gather(struct esa_dns_client *client,
                                          struct esa_dns_facts *facts,
                                          const struct cp_hostname *hostname,
                                          const struct esa_dns_expect *expect,
                                          struct cp_error *err);

/* ---- judging --------------------------------------------------------------------------------- */

enum esa_dns_code {
#define RESULT(name, word, check, class, severity) ESA_DNS_##name,
#include "results.def"
#undef RESULT
    ESA_DNS_NUM_CODES
};

enum esa_dns_class { ESA_DNS_CLASS_FINDING, ESA_DNS_CLASS_STATUS };
enum esa_dns_severity { ESA_DNS_SEVERITY_OK, ESA_DNS_SEVERITY_WARNING, ESA_DNS_SEVERITY_ERROR };

const char *esa_dns_code_word(enum esa_dns_code code);
const char *esa_dns_code_check(enum esa_dns_code code); /* "caa", "ownership" ... */
enum esa_dns_class esa_dns_code_class(enum esa_dns_code code);
enum esa_dns_severity esa_dns_code_severity(enum esa_dns_code code);

#define ESA_DNS_TEXT_MAX ((size_t)1024)
#define ESA_DNS_MAX_RESULTS 12

struct esa_dns_result {
    enum esa_dns_code code;
    char detail[ESA_DNS_TEXT_MAX]; /* one line, escaped */
    char next[ESA_DNS_TEXT_MAX];   /* what to do; "": nothing */
};

struct esa_dns_report {
    char hostname[ESA_DNS_NAME_MAX];
    struct esa_dns_result results[ESA_DNS_MAX_RESULTS];
    size_t num_results;
};

void esa_dns_judge(struct esa_dns_report *report, const struct esa_dns_facts *facts,
                   const struct esa_dns_expect *expect);
/* The part that judges CAA (RFC 8659). */
void esa_dns_judge_caa(struct esa_dns_report *report, const struct esa_dns_facts *facts,
                       const char *issuer);
/* Adds a result; both texts are escaped. next may be NULL. */
void esa_dns_report_add(struct esa_dns_report *report, enum esa_dns_code code, const char *next,
                        const char *format, ...) CP_PRINTF(4, 5);

bool esa_dns_report_has_error(const struct esa_dns_report *report);
bool esa_dns_report_has_warning(const struct esa_dns_report *report);
bool esa_dns_report_has_status(const struct esa_dns_report *report);

#endif
