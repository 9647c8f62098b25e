/* certprep.h: the public interface of libcertprep.
 *
 * The way of the data:
 *
 *   bytes -> cp_bundle -> cp_report (findings, verdict) -> cp_prepared -> cp_artifact
 *
 * Three things are never mixed:
 *   status   enum cp_status: something could not be evaluated. CP_OK is 0.
 *   finding  struct cp_finding: it was evaluated, and the material is bad.
 *   outcome  what the remote service said; it lives in apiclient.h.
 *
 * Conventions
 *   - Types named struct cp_x that are not defined here are opaque. `_new` makes one on the heap
 * and hands it over only on CP_OK; `_free` takes NULL.
 *   - Strings returned by accessors are borrowed from the object and live as long as it does.
 *   - Times are int64_t seconds since 1970-01-01T00:00:00Z and are always given by the caller.
 *   - `_len` counts bytes, `num_` counts objects, `_index` counts from 0 unless it says otherwise.
 *   - Parameter order: context, outputs, inputs, error. `err` may be NULL.
 *   - Nothing here prints, exits, reads the clock, touches the network or keeps global state. Only
 *     functions whose name has `_file` open files.
 *   - Objects may be used by one thread at a time; a cp_trust may be shared once it is complete.
 */
#ifndef CERTPREP_H
#define CERTPREP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CP_EXPORT __attribute__((visibility("default")))
#define CP_MUST_USE __attribute__((warn_unused_result))
#define CP_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define CP_EXPORT
#define CP_MUST_USE
#define CP_PRINTF(fmt, args)
#endif

/* ---- status and error ------------------------------------------------------------------------ */

enum cp_status {
#define STATUS(name, text, next) CP_##name,
#include "status.def"
#undef STATUS
    CP_NUM_STATUS
};

#define CP_ERROR_MAX 512

/* Owned by the caller. The message leads with the place, then the clause; it never quotes key
 * bytes, and text taken from the input is escaped. line and offset are 0 where they do not apply.
 */
struct cp_error {
    enum cp_status status;
    size_t line;   /* counts from 1 */
    size_t offset; /* bytes from the start of the file or of the DER element named in message */
    char message[CP_ERROR_MAX];
};

CP_EXPORT const char *cp_status_text(enum cp_status status);
CP_EXPORT const char *cp_status_next_step(enum cp_status status);
CP_EXPORT const char *cp_version(void);

/* Fills err (which may be NULL) and returns status, so that failing is one statement. The message
 * is cut at CP_ERROR_MAX; bytes that are not printable UTF-8 are shown as \xNN. */
CP_EXPORT enum cp_status cp_fail(struct cp_error *err, enum cp_status status, const char *format,
                                 ...) CP_PRINTF(3, 4);

/* ---- secrets --------------------------------------------------------------------------------- */

/* A fixed-capacity buffer for key material: its own pages, locked where possible, left out of core
 * dumps, wiped on cleanup. All zero is a valid empty state. It never grows: a secret is not copied
 * about by realloc. */
struct cp_secret {
    uint8_t *data;
    size_t len;
    size_t cap;
};

CP_EXPORT CP_MUST_USE enum cp_status cp_secret_init(struct cp_secret *secret, size_t cap,
                                                    struct cp_error *err);
/* Appends len bytes; CP_ERR_LIMIT if they do not fit. */
CP_EXPORT CP_MUST_USE enum cp_status cp_secret_append(struct cp_secret *secret, const void *data,
                                                      size_t len, struct cp_error *err);
CP_EXPORT void cp_secret_cleanup(struct cp_secret *secret);

/* Reads a whole regular file (or a pipe; "-" is standard input) of at most max_len bytes into
 * *secret, which must be empty and is initialised here. A directory, an unreadable file and one
 * over the maximum are an error that names the path. A NUL byte is put after the contents, not
 * counted in len. */
CP_EXPORT CP_MUST_USE enum cp_status cp_secret_read_file(struct cp_secret *secret, const char *path,
                                                         size_t max_len, struct cp_error *err);

/* ---- hostnames ------------------------------------------------------------------------------- */

/* A hostname or IP address that passed the rules of RFC 1123 2.1, RFC 5890 2.3 (IDNA2008, UTS 46
 * non-transitional mapping) and RFC 9525 6.3 (a wildcard is the whole left-most label). */
struct cp_hostname;

CP_EXPORT CP_MUST_USE enum cp_status cp_hostname_new(struct cp_hostname **out, const char *text,
                                                     struct cp_error *err);
CP_EXPORT void cp_hostname_free(struct cp_hostname *hostname);
/* Lower-case A-label form, no trailing dot: "xn--bcher-kva.example", "*.a.example", "192.0.2.1",
 * "2001:db8::1" (RFC 5952). */
CP_EXPORT const char *cp_hostname_ascii(const struct cp_hostname *hostname);
/* U-label form in UTF-8; equal to the ascii form where there is none. */
CP_EXPORT const char *cp_hostname_unicode(const struct cp_hostname *hostname);
CP_EXPORT bool cp_hostname_is_ip(const struct cp_hostname *hostname);
CP_EXPORT bool cp_hostname_is_wildcard(const struct cp_hostname *hostname);
/* True if the name (for a wildcard: the part right of "*.") is itself a public suffix by the list
 * built into libpsl; always false for an IP address. */
CP_EXPORT bool cp_hostname_is_public_suffix(const struct cp_hostname *hostname);

/* ---- bundle: what a customer handed in ------------------------------------------------------- */

enum cp_role {
    CP_ROLE_ANY,   /* certificates, chain and key in any mixture and order */
    CP_ROLE_CERT,  /* the leaf first; more certificates may follow */
    CP_ROLE_KEY,   /* a private key */
    CP_ROLE_CHAIN, /* intermediates, maybe a root */
};

struct cp_bundle;

CP_EXPORT CP_MUST_USE enum cp_status cp_bundle_new(struct cp_bundle **out, struct cp_error *err);
/* The pass phrase for encrypted keys that are added after this call; copied, wiped on free. */
CP_EXPORT CP_MUST_USE enum cp_status cp_bundle_set_passphrase(struct cp_bundle *bundle,
                                                              const uint8_t *pass, size_t pass_len,
                                                              struct cp_error *err);
/* Reads PEM text. name is used in places ("name:line") and copied, as is data. What is malformed in
 * it becomes a finding of the report; CP_ERR_INPUT only where there is nothing to evaluate (empty,
 * no PEM at all), CP_ERR_LIMIT over a limit, CP_ERR_PASSPHRASE for a wrong pass phrase. */
CP_EXPORT CP_MUST_USE enum cp_status cp_bundle_add(struct cp_bundle *bundle, const char *name,
                                                   enum cp_role role, const uint8_t *data,
                                                   size_t data_len, struct cp_error *err);
/* Empties it, pass phrase included, for the next material. In a stream this is quicker than a new
 * one: it keeps wiped, locked pages and what computing with keys needs. Reports on it and what they
 * lent must be gone. */
CP_EXPORT void cp_bundle_clear(struct cp_bundle *bundle);
CP_EXPORT size_t cp_bundle_num_certs(const struct cp_bundle *bundle);
CP_EXPORT size_t cp_bundle_num_keys(const struct cp_bundle *bundle);
CP_EXPORT void cp_bundle_free(struct cp_bundle *bundle);

/* ---- trust anchors --------------------------------------------------------------------------- */

struct cp_trust;

/* Reads PEM certificates as trust anchors; blocks that can't be read are counted, not fatal, but at
 * least one anchor must come out. */
CP_EXPORT CP_MUST_USE enum cp_status cp_trust_new(struct cp_trust **out, const uint8_t *pem,
                                                  size_t pem_len, const char *label,
                                                  struct cp_error *err);
/* The system's store: the first that exists of the places that the common distributions use. */
CP_EXPORT CP_MUST_USE enum cp_status cp_trust_new_system_file(struct cp_trust **out,
                                                              struct cp_error *err);
CP_EXPORT size_t cp_trust_num_anchors(const struct cp_trust *trust);
CP_EXPORT const char *cp_trust_label(const struct cp_trust *trust);
CP_EXPORT void cp_trust_free(struct cp_trust *trust);

/* ---- pool: certificates that may complete a chain -------------------------------------------- */

struct cp_pool;

CP_EXPORT CP_MUST_USE enum cp_status cp_pool_new(struct cp_pool **out, struct cp_error *err);
/* Takes certificates from PEM, DER or PKCS#7; keys and other blocks are passed over, as are
 * certificates that can't be read or are there already. label is copied. *num_added may be NULL. */
CP_EXPORT CP_MUST_USE enum cp_status cp_pool_add(struct cp_pool *pool, const uint8_t *data,
                                                 size_t data_len, const char *label,
                                                 size_t *num_added, struct cp_error *err);
CP_EXPORT void cp_pool_free(struct cp_pool *pool);

/* ---- evidence: what issuers say about revocation ----------------------------------------------
 */

/* Revocation lists and OCSP responses. Read here, verified by cp_checker_run with the key of the
 * path's issuer, at the moment that is judged: what is not signed so counts for nothing. Borrowed
 * by cp_check_options and the report. */
struct cp_evidence;

CP_EXPORT CP_MUST_USE enum cp_status cp_evidence_new(struct cp_evidence **out,
                                                     struct cp_error *err);
/* Takes every CRL of PEM text ("X509 CRL"), or one in DER (RFC 5280 5); data and label are copied.
 * CP_ERR_INPUT if there is none, CP_ERR_PARSE if one is malformed. */
CP_EXPORT CP_MUST_USE enum cp_status cp_evidence_add_crl(struct cp_evidence *evidence,
                                                         const uint8_t *data, size_t data_len,
                                                         const char *label, struct cp_error *err);
/* The same from a file, which may be of 96 MiB. Of a large one a copy is made on disk, without a
 * name, and mapped: memory stays flat, and what happens to the file afterwards does not matter. */
CP_EXPORT CP_MUST_USE enum cp_status
cp_evidence_add_crl_file(struct cp_evidence *evidence, const char *path, struct cp_error *err);
/* Takes one OCSPResponse in DER (RFC 6960 4.2); one that is no answer ("tryLater") is taken, too.
 */
CP_EXPORT CP_MUST_USE enum cp_status cp_evidence_add_ocsp(struct cp_evidence *evidence,
                                                          const uint8_t *data, size_t data_len,
                                                          const char *label, struct cp_error *err);
CP_EXPORT void cp_evidence_free(struct cp_evidence *evidence);

/* ---- transparency: the logs that are known ----------------------------------------------------
 */

struct cp_ct_logs;

/* Reads the published list of logs, version 3 of its JSON form. CP_ERR_PARSE where it is not that,
 * or a log's identifier is not the digest of its key. */
CP_EXPORT CP_MUST_USE enum cp_status cp_ct_logs_new(struct cp_ct_logs **out, const uint8_t *json,
                                                    size_t json_len, const char *label,
                                                    struct cp_error *err);
CP_EXPORT size_t cp_ct_logs_num(const struct cp_ct_logs *logs);
CP_EXPORT void cp_ct_logs_free(struct cp_ct_logs *logs);

/* ---- checks, findings, verdict --------------------------------------------------------------- */

enum cp_severity { CP_NOTE, CP_WARNING, CP_ERROR, CP_NUM_SEVERITY };

/* One row of checks.def. */
struct cp_rule {
    const char *id;    /* "CP0201": stable */
    const char *name;  /* "EXPIRED" */
    const char *group; /* "validity" */
    enum cp_severity severity;
    const char *source;  /* "RFC 5280 4.1.2.5" */
    const char *meaning; /* one clause */
    const char *help;    /* what to do */
};

CP_EXPORT size_t cp_num_rules(void);
CP_EXPORT const struct cp_rule *cp_rule_get(size_t index);
CP_EXPORT const struct cp_rule *cp_rule_find(const char *id);
CP_EXPORT const char *cp_severity_name(enum cp_severity severity);
/* Where both are found of one certificate, only the rule that supersedes the other is reported. The
 * index-th of a rule's; NULL behind the last. */
CP_EXPORT const struct cp_rule *cp_rule_superseded_by(const struct cp_rule *rule, size_t index);
CP_EXPORT const struct cp_rule *cp_rule_supersedes(const struct cp_rule *rule, size_t index);

#define CP_MAX_NOTES 4

/* Why a finding is not counted. Texts are escaped. */
struct cp_waiver {
    const char *reason;
    const char *file;  /* where it stands */
    size_t line;       /* counts from 1; 0 in a baseline */
    int64_t expires_s; /* from then on it does not hold; INT64_MAX: a baseline has no end */
    bool is_baseline;  /* known from an earlier report */
};

/* Everything is escaped text, safe for a terminal; never a byte of a key. */
struct cp_finding {
    const struct cp_rule *rule;
    enum cp_severity severity;
    const char *file;     /* NULL where no one file is meant */
    size_t line;          /* counts from 1; 0 where it does not apply */
    size_t column;        /* counts from 1, in bytes; 0 where it does not apply */
    size_t offset;        /* bytes from the start of the file */
    size_t certificate;   /* counts from 1 in the order of reading; 0 where it does not apply */
    const char *subject;  /* of that certificate, short form; NULL */
    const char *hostname; /* the one that was asked for; NULL */
    const char *message;  /* one line, this case's own values in it */
    const char *notes[CP_MAX_NOTES];
    size_t num_notes;
    const char *help;               /* this case's own, else the rule's */
    const struct cp_waiver *waiver; /* NULL but for cp_report_waived; the policy's */
};

enum cp_verdict { CP_READY, CP_READY_WITH_WARNINGS, CP_BLOCKED };

CP_EXPORT const char *cp_verdict_name(enum cp_verdict verdict);

enum cp_preference {
    CP_PREFER_FIRST, /* the first that holds: quickest */
    CP_PREFER_SHORTEST,
    CP_PREFER_LONGEST_LIVED,   /* whose first expiry comes last */
    CP_PREFER_MOST_COMPATIBLE, /* whose root is oldest, so that most clients have it */
};

/* How strictly the profile of certificates is judged: RFC 5280 (group "profile") and the CA/Browser
 * Forum's Baseline Requirements (group "webpki"). */
enum cp_profile {
    CP_PROFILE_AUTO, /* breaches are warnings; the Baseline Requirements count where the path ends
                      * in the system's store, whose CAs are bound to them */
    CP_PROFILE_RFC5280, /* breaches of RFC 5280 are errors, whether a client minds or not; the
                         * Baseline Requirements do not count; roots are judged, too */
    CP_PROFILE_WEBPKI,  /* breaches of both are errors; roots are judged, too */
    CP_NUM_PROFILES
};

/* "auto", "rfc5280", "webpki". */
CP_EXPORT const char *cp_profile_name(enum cp_profile profile);
/* What findings of the rule are under a profile: rule->severity, or an error. */
CP_EXPORT enum cp_severity cp_rule_severity(const struct cp_rule *rule, enum cp_profile profile);

/* What the certificate is used for. */
enum cp_purpose {
    CP_PURPOSE_SERVER, /* a TLS server's: serverAuth, and names of hosts */
    CP_PURPOSE_CLIENT, /* a TLS client's: clientAuth; names of hosts are not asked for */
};

/* Keys that are known to be compromised: a file in badkeys' form, mapped (see docs/blocklist.md).
 */
struct cp_blocklist;

CP_EXPORT CP_MUST_USE enum cp_status cp_blocklist_open(struct cp_blocklist **out, const char *path,
                                                       struct cp_error *err);
CP_EXPORT void cp_blocklist_free(struct cp_blocklist *list);

/* Material out of a tree of files, such as a repository: pairs were found by key, so that what is
 * missing is no error; but a private key is one (group "policy"). Borrowed by the run. */
struct cp_tree_policy {
    const char *const *allowed_keys; /* a file's name, or "sha256:" and the hex of a public key's
                                      * SubjectPublicKeyInfo */
    size_t num_allowed_keys;
    const char *const *copies; /* other places of the leaf */
    size_t num_copies;
    bool keys_are_named; /* another report has named this material's keys */
    bool keys_are_owned; /* a certificate of another report has these keys */
};

/* What the operator says of findings: which rules count and how much, waivers, a baseline. Borrowed
 * by reports. A report that was judged by one is never prepared: cp_prepare refuses it. */
struct cp_policy;

typedef const char *cp_policy_nearest_fn(const char *word, const char *const *candidates,
                                         size_t num);

/* folder: the absolute path that names of inputs are relative to, for patterns; may be NULL. */
CP_EXPORT CP_MUST_USE enum cp_status cp_policy_new(struct cp_policy **out, const char *folder,
                                                   struct cp_error *err);
CP_EXPORT void cp_policy_free(struct cp_policy *policy);
/* By id or by how ids begin: "CP03". Once one is selected, only what is selected counts; the longer
 * prefix has it. CP0001 and CP0911 stay as they are in any case. */
CP_EXPORT CP_MUST_USE enum cp_status cp_policy_select(struct cp_policy *policy, const char *prefix,
                                                      struct cp_error *err);
CP_EXPORT CP_MUST_USE enum cp_status cp_policy_ignore(struct cp_policy *policy, const char *prefix,
                                                      struct cp_error *err);
/* level: "error", "warning", "note", "off". */
CP_EXPORT CP_MUST_USE enum cp_status cp_policy_set_severity(struct cp_policy *policy,
                                                            const char *id, const char *level,
                                                            struct cp_error *err);
/* See docs/policy.md for both forms. name is for messages; folder: the absolute path that patterns
 * are relative to; nearest, which may be NULL, finds what was meant. */
CP_EXPORT CP_MUST_USE enum cp_status cp_policy_read_waivers(struct cp_policy *policy,
                                                            const uint8_t *text, size_t text_len,
                                                            const char *name, const char *folder,
                                                            cp_policy_nearest_fn *nearest,
                                                            struct cp_error *err);
CP_EXPORT CP_MUST_USE enum cp_status cp_policy_read_baseline(struct cp_policy *policy,
                                                             const uint8_t *text, size_t text_len,
                                                             const char *name,
                                                             struct cp_error *err);

struct cp_check_options {
    int64_t at_s; /* the moment that is judged */
    enum cp_purpose purpose;
    const size_t *max_intermediates; /* of a path, self-issued ones not counted; NULL: no limit */
    enum cp_profile profile;
    int64_t min_days;             /* less than this left: a warning; 0 turns it off */
    unsigned min_left_percent;    /* of the leaf's whole time, in place of min_days; 0: none */
    const char *const *hostnames; /* each must be covered */
    size_t num_hostnames;
    bool require_key;           /* no private key: an error */
    const struct cp_pool *pool; /* may complete the chain; NULL: the input must be complete */
    enum cp_preference prefer;  /* which path, if there are several */
    bool explain;               /* keep every path that was looked at, and say the outlook */
    const char *target; /* a name of cp_target_name, whose rules are checked too; NULL: none */
    const struct cp_evidence *evidence;   /* of revocation; NULL: nothing is said about it */
    const struct cp_ct_logs *ct_logs;     /* to verify SCTs with; NULL: they are only read */
    const struct cp_blocklist *blocklist; /* compromised keys; NULL: none is looked up */
    bool deep; /* tests of keys that cost seconds, too: primality, CAs' keys for shared primes */
    const struct cp_tree_policy *tree; /* NULL: not from a tree; private keys are welcome */
    const struct cp_policy *policy;    /* NULL: none */
};

struct cp_report;

/* Keeps what one thread can reuse from bundle to bundle: prefetched digests, issuers' keys. trust
 * may be NULL: then no root is judged. It is borrowed and may be shared. */
struct cp_checker;

CP_EXPORT CP_MUST_USE enum cp_status
cp_checker_new(struct cp_checker **out, const struct cp_trust *trust, struct cp_error *err);
CP_EXPORT void cp_checker_free(struct cp_checker *checker);

/* Runs every check. The report borrows the bundle, the checker's trust and the hostnames' texts. */
CP_EXPORT CP_MUST_USE enum cp_status
cp_checker_run(struct cp_checker *checker, struct cp_report **out, const struct cp_bundle *bundle,
               const struct cp_check_options *options, struct cp_error *err);
CP_EXPORT enum cp_verdict cp_report_verdict(const struct cp_report *report);
CP_EXPORT size_t cp_report_num_findings(const struct cp_report *report);
CP_EXPORT const struct cp_finding *cp_report_finding(const struct cp_report *report, size_t index);
CP_EXPORT size_t cp_report_count(const struct cp_report *report, enum cp_severity severity);
/* What the policy waives, or the baseline knows: not among the findings, and not counted. */
CP_EXPORT size_t cp_report_num_waived(const struct cp_report *report);
CP_EXPORT const struct cp_finding *cp_report_waived(const struct cp_report *report, size_t index);
/* Once all reports of a run are there: marks what of the policy each of them used, */
CP_EXPORT void cp_policy_mark(struct cp_policy *policy, const struct cp_report *report);
/* and adds to one report what is to be said of the policy: waivers that are over or were not used,
 * findings of the baseline that are gone. */
CP_EXPORT void cp_policy_close(const struct cp_policy *policy, struct cp_report *report);
/* The same as a report of its own. bundle, which it borrows, has nothing in it. */
CP_EXPORT CP_MUST_USE enum cp_status cp_policy_report(struct cp_report **out,
                                                      const struct cp_policy *policy,
                                                      const struct cp_bundle *bundle, int64_t at_s,
                                                      struct cp_error *err);
CP_EXPORT void cp_report_free(struct cp_report *report);

/* ---- paths: with cp_check_options.explain ---- */

enum cp_origin {
    CP_ORIGIN_INPUT,
    CP_ORIGIN_TRUST,
    CP_ORIGIN_ADDED, /* from cp_check_options.pool */
    CP_NUM_ORIGINS
};

CP_EXPORT const char *cp_origin_name(enum cp_origin origin); /* "input", "trust", "added" */

/* A certificate at its place in a branch. Texts are escaped. */
struct cp_branch_cert {
    const char *subject;
    enum cp_origin origin;
    const char *from;   /* the file's name, or the label of the trust store or the pool */
    size_t line;        /* in the file; 0 where it does not apply */
    size_t certificate; /* of the input, counts from 1; 0 for any other */
    int64_t not_before_s, not_after_s; /* INT64_MAX: no end */
    bool is_anchor;
};

#define CP_MAX_BRANCH_CERTS 13

/* From the leaf up to where the search ended: at a trust anchor, or at the certificate that could
 * not take its place (or above which there is none). */
struct cp_branch {
    bool is_valid;
    bool is_chosen;   /* the path that the report judges */
    bool is_anchored; /* the last certificate is a trust anchor */
    struct cp_branch_cert certs[CP_MAX_BRANCH_CERTS];
    size_t num_certs;
    const struct cp_rule *rule; /* why it failed; NULL if it is valid */
    size_t culprit;             /* which of certs the reason speaks of */
    const char *reason;         /* a clause that goes on from that certificate's name; or NULL */
    const void *keys[CP_MAX_BRANCH_CERTS]; /* equal in two branches for the same certificate */
};

/* In the order of the search, deep first: branches with certificates in common stand together. At
 * most 64 that are valid and 64 that failed; none without cp_check_options.explain. */
CP_EXPORT size_t cp_report_num_branches(const struct cp_report *report);
CP_EXPORT const struct cp_branch *cp_report_branch(const struct cp_report *report, size_t index);
/* Were there more, or did the search meet its bound? */
CP_EXPORT bool cp_report_branches_are_cut(const struct cp_report *report);

/* What time will change. Validity is that of leaf and path, whatever else is found. */
struct cp_outlook {
    bool valid_now;
    int64_t path_breaks_s; /* the chosen path no longer holds; INT64_MAX: it has no end */
    int64_t changes_s; /* first moment at which valid_now changes; INT64_MAX: never. When it is not
                        * valid now, this is looked for only with cp_check_options.explain */
    const char *text;  /* one sentence; NULL without cp_check_options.explain */
};

CP_EXPORT void cp_report_outlook(const struct cp_report *report, struct cp_outlook *out);

/* From which severity on a finding fails a run; what is zero is the default. */
enum cp_fail_on { CP_FAIL_ON_ERROR, CP_FAIL_ON_WARNING, CP_FAIL_ON_NOTE, CP_FAIL_ON_NEVER };

CP_EXPORT bool cp_fails_on(enum cp_fail_on fail_on, enum cp_severity severity);

struct cp_render_options {
    bool color;
    bool utf8;
    bool quiet;              /* findings and the last line only */
    bool show_waived;        /* the text report names each finding that is waived */
    enum cp_fail_on fail_on; /* what a test report calls a failure */
    const char *base;        /* absolute path of the working directory: names of files below it are
                              * written relative to it; NULL: as they are */
};

/* Renders into one NUL-terminated string that the caller frees with cp_string_free. format is a
 * name from cp_report_format_name. */
CP_EXPORT CP_MUST_USE enum cp_status cp_report_render(const struct cp_report *report, char **out,
                                                      size_t *out_len, const char *format,
                                                      const struct cp_render_options *options,
                                                      struct cp_error *err);
CP_EXPORT size_t cp_num_report_formats(void);
CP_EXPORT const char *cp_report_format_name(size_t index);
CP_EXPORT void cp_string_free(char *string);

/* ---- run: the reports of one or many inputs, as one document ----------------------------------
 */

struct cp_run;

/* at_s is the moment of the run. */
CP_EXPORT CP_MUST_USE enum cp_status cp_run_new(struct cp_run **out, int64_t at_s,
                                                struct cp_error *err);
CP_EXPORT void cp_run_free(struct cp_run *run);
/* Borrows the report; label, the input's name, is copied. */
CP_EXPORT CP_MUST_USE enum cp_status cp_run_add(struct cp_run *run, const struct cp_report *report,
                                                const char *label, struct cp_error *err);
/* An input that could not be evaluated, and why. */
CP_EXPORT CP_MUST_USE enum cp_status cp_run_add_unread(struct cp_run *run, const char *file,
                                                       const char *message, struct cp_error *err);
/* As cp_report_render, which is a run of one report. In the order of adding. */
CP_EXPORT CP_MUST_USE enum cp_status cp_run_render(const struct cp_run *run, char **out,
                                                   size_t *out_len, const char *format,
                                                   const struct cp_render_options *options,
                                                   struct cp_error *err);

/* ---- targets --------------------------------------------------------------------------------- */

/* Where material is to go: "esa", "nginx", ...; the first is meant where none is named. */
CP_EXPORT size_t cp_num_targets(void);
CP_EXPORT const char *cp_target_name(size_t index);
/* What is written for it if nothing else is asked for: names of cp_output_name with commas between;
 * NULL for a name that is no target. */
CP_EXPORT const char *cp_target_outputs(const char *name);

/* ---- inspection: what is in there, judged by nothing ----------------------------------------- */

/* A file that could not be read, or not to its end. */
struct cp_unread {
    const char *file;
    const char *message;
};

struct cp_inspect_options {
    int64_t at_s; /* days left count from here */
    bool offsets; /* the DER of each block that can hold no private key, element by element */
    const struct cp_unread *unread; /* shown as such */
    size_t num_unread;
    struct cp_render_options render;
};

/* Files, blocks in order with their facts, and how they belong together. format is "text" or
 * "json". *num_unread (may be NULL) counts the files above and the blocks that could not be read.
 * Never a byte of a private key. The caller frees *out with cp_string_free. */
CP_EXPORT CP_MUST_USE enum cp_status cp_bundle_inspect(const struct cp_bundle *bundle, char **out,
                                                       size_t *out_len, size_t *num_unread,
                                                       const char *format,
                                                       const struct cp_inspect_options *options,
                                                       struct cp_error *err);

/* ---- prepared material ----------------------------------------------------------------------- */

/* What a target may be sent: leaf, then each certificate that certifies the one before it, no root
 * (unless the target wants it); PEM in 64-column lines with LF; the private key unencrypted and in
 * the target's form, mostly PKCS#8 (RFC 5958). The target is the one that the report was checked
 * for (cp_check_options), so what was judged is what is made. Made only by cp_prepare, from a
 * report whose verdict is not BLOCKED: the one way to a CertType=upload request. It owns its bytes
 * and outlives report and bundle. */
struct cp_prepared;

CP_EXPORT CP_MUST_USE enum cp_status
cp_prepare(struct cp_prepared **out, const struct cp_report *report, struct cp_error *err);
CP_EXPORT void cp_prepared_free(struct cp_prepared *prepared);
/* Leaf and intermediates. Borrowed, NUL-terminated; *len excludes the NUL. */
CP_EXPORT const char *cp_prepared_chain_pem(const struct cp_prepared *prepared, size_t *len);
/* SECRET. Borrowed, NUL-terminated; *len excludes the NUL. */
CP_EXPORT const char *cp_prepared_key_pem(const struct cp_prepared *prepared, size_t *len);
CP_EXPORT size_t cp_prepared_num_certs(const struct cp_prepared *prepared);
/* What was done to the input, one line each ("root dropped: CN=..."). */
CP_EXPORT size_t cp_prepared_num_changes(const struct cp_prepared *prepared);
CP_EXPORT const char *cp_prepared_change(const struct cp_prepared *prepared, size_t index);
/* True if the material was checked for this hostname and covers it. */
CP_EXPORT bool cp_prepared_covers(const struct cp_prepared *prepared,
                                  const struct cp_hostname *hostname);
/* Lower-case hex SHA-256 of the leaf's DER. Borrowed. */
CP_EXPORT const char *cp_prepared_leaf_sha256(const struct cp_prepared *prepared);
CP_EXPORT const char *cp_prepared_target(const struct cp_prepared *prepared);
CP_EXPORT enum cp_verdict cp_prepared_verdict(const struct cp_prepared *prepared);
/* Hostnames that it was checked for and covers, in A-label form. */
CP_EXPORT size_t cp_prepared_num_hostnames(const struct cp_prepared *prepared);
CP_EXPORT const char *cp_prepared_hostname(const struct cp_prepared *prepared, size_t index);
/* The inputs: escaped name, and lower-case hex SHA-256 of what was read. */
CP_EXPORT size_t cp_prepared_num_inputs(const struct cp_prepared *prepared);
CP_EXPORT const char *cp_prepared_input_name(const struct cp_prepared *prepared, size_t index);
CP_EXPORT const char *cp_prepared_input_sha256(const struct cp_prepared *prepared, size_t index);

/* Lower-case hex SHA-256 of the DER of the first CERTIFICATE block of a PEM text, for comparing a
 * served or stored certificate with cp_prepared_leaf_sha256. "" and CP_ERR_PARSE if there is none.
 */
CP_EXPORT CP_MUST_USE enum cp_status cp_pem_first_sha256(char out[65], const void *text, size_t len,
                                                         struct cp_error *err);

/* ---- outputs: prepared material as files, in memory -------------------------------------------
 */

/* "fullchain", "privkey", "leaf", "chain", "p12", "p7b", "der", "key-der", "haproxy". */
CP_EXPORT size_t cp_num_outputs(void);
CP_EXPORT const char *cp_output_name(size_t index);

struct cp_output_options {
    const uint8_t *passphrase; /* of PKCS#12; no NUL byte in it */
    size_t passphrase_len;
    bool legacy; /* PKCS#12 with 3DES and SHA-1, for readers that know nothing newer */
};

struct cp_artifact {
    const char *output; /* static: "p12" */
    const char *file;   /* static: "bundle.p12" */
    bool has_key;
    bool is_text;
    struct cp_secret bytes; /* empty: there is nothing to write (a chain of no intermediates) */
};

/* Deterministic, but for the salts of PKCS#12. CP_ERR_USAGE for an unknown name, or PKCS#12 without
 * a pass phrase. *out is valid to clean up in any case. */
CP_EXPORT CP_MUST_USE enum cp_status
cp_prepared_output(struct cp_artifact *out, const struct cp_prepared *prepared, const char *output,
                   const struct cp_output_options *options, struct cp_error *err);
CP_EXPORT void cp_artifact_cleanup(struct cp_artifact *artifact);
/* Does data hold what the artifact holds? The same bytes; for PKCS#12, whose salts differ: opened
 * by the same pass phrase, the same certificates and key in the same order, and protected alike. */
CP_EXPORT bool cp_artifact_matches(const struct cp_artifact *artifact, const uint8_t *data,
                                   size_t data_len, const struct cp_output_options *options);

#ifdef __cplusplus
}
#endif

#endif
