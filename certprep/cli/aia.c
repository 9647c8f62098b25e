/* What to fetch, and what of it to keep: only a certificate whose key signed the one that named it,
 * or one that came along and signed that. Where it came from counts for nothing. */
#include "aia.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "apiclient/fetch.h"
#include "checks.h"

#define MAX_LOCATIONS 8 /* of one certificate */
#define MAX_VERIFIED 64 /* signatures of one reply */

/* caIssuers URIs, in their order. False where the list is malformed; what stands before the defect
 * counts. */
static bool ca_issuers(struct cp_span urls[MAX_LOCATIONS], size_t *num_urls,
                       const struct cp_cert *cert) {
    struct cp_der_reader list;
    struct cp_access access;
    *num_urls = 0;
    if (!cp_cert_has(cert, CP_EXT_AUTHORITY_INFO))
        return true;
    if (!cp_access_open(&list, cert->values[CP_EXT_AUTHORITY_INFO]))
        return false;
    while (!cp_der_at_end(&list) && *num_urls < MAX_LOCATIONS) {
        if (!cp_access_next(&list, &access))
            return false;
        if (access.method == CP_ACCESS_CA_ISSUERS &&
            access.location.tag == CP_DER_CONTEXT(CP_GN_URI))
            urls[(*num_urls)++] = access.location.content;
    }
    return true;
}

static void note(struct cp_span url, const char *message) {
    char shown[200];
    bool whole = cp_escape(shown, sizeof(shown), url);
    fprintf(stderr, "certprep: note: %s%s: %s\n", shown, whole ? "" : "...", message);
}

/* Marks the URL as seen. *is_new false: it was, or there is no room for more. */
static enum cp_status see(struct cli_aia *aia, bool *is_new, const char *url,
                          struct cp_error *err) {
    *is_new = false;
    for (size_t i = 0; i < aia->num_seen; i++)
        if (strcmp(aia->seen[i], url) == 0)
            return CP_OK;
    if (aia->num_seen == CLI_MAX_AIA_URLS)
        return CP_OK;
    aia->seen[aia->num_seen] = strdup(url);
    if (aia->seen[aia->num_seen] == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "out of memory");
    aia->num_seen++;
    *is_new = true;
    return CP_OK;
}

/* ---- what came ---- */

/* Did issuer sign one of the certificates that are kept? The first of them is child. */
static enum cp_status issued_one(bool *out, const struct cp_cert *issuer,
                                 const struct cp_cert *const *kept, size_t num_kept,
                                 struct cp_verifier *verifier, size_t *num_verified,
                                 struct cp_error *err) {
    *out = false;
    for (size_t i = 0; i < num_kept && !*out && *num_verified < MAX_VERIFIED; i++) {
        enum cp_signature_result result = CP_SIGNATURE_BAD;
        if (!cp_name_equal(kept[i]->issuer, issuer->subject))
            continue;
        (*num_verified)++;
        enum cp_status status = cp_verifier_check(verifier, &result, kept[i], issuer, err);
        if (status != CP_OK)
            return status;
        *out = result == CP_SIGNATURE_GOOD;
    }
    return CP_OK;
}

/* Moves into pool what issued child, and what issued that, and so on. */
static enum cp_status keep_issuers(size_t *num_kept, struct cp_pool *pool,
                                   const struct cp_pool *arrived, const struct cp_cert *child,
                                   const char *url, struct cp_error *err) {
    const struct cp_cert **kept = calloc(arrived->num_certs + 1, sizeof(const struct cp_cert *));
    struct cp_verifier *verifier = NULL;
    size_t num = 1, num_verified = 0;
    bool again = true;
    enum cp_status status = CP_OK;
    *num_kept = 0;
    if (kept == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "out of memory");
        goto out;
    }
    kept[0] = child;
    status = cp_verifier_new(&verifier, err);
    while (status == CP_OK && again) {
        again = false;
        for (size_t i = 0; status == CP_OK && i < arrived->num_certs; i++) {
            const struct cp_cert *cert = &arrived->certs[i]->cert;
            bool is_kept = false, fits = false;
            for (size_t j = 1; j < num && !is_kept; j++)
                is_kept = kept[j] == cert;
            if (is_kept)
                continue;
            status = issued_one(&fits, cert, kept, num, verifier, &num_verified, err);
            if (status != CP_OK || !fits)
                continue;
            kept[num++] = cert;
            again = true;
            status = cp_pool_add(pool, cert->der.data, cert->der.len, url, NULL, err);
        }
    }
    *num_kept = num - 1;
out:
    cp_verifier_free(verifier);
    free(kept);
    return status;
}

/* *num_new: certificates that the pool did not have. */
static enum cp_status take(size_t *num_new, struct cp_pool *pool, const struct cp_secret *body,
                           const struct cp_cert *child, const char *url, struct cp_error *err) {
    struct cp_span shown = cp_span_of(url);
    struct cp_pool *arrived = NULL;
    struct cp_error why = {CP_OK, 0, 0, ""};
    size_t num_kept = 0, before = pool->num_certs;
    char message[CP_CERT_LABEL + 100], subject[CP_CERT_LABEL];
    *num_new = 0;
    enum cp_status status = cp_pool_new(&arrived, err);
    if (status != CP_OK)
        return status;
    status = cp_pool_add(arrived, body->data, body->len, url, NULL, &why);
    if (status == CP_ERR_MEMORY) {
        status = cp_fail(err, status, "%s", why.message);
        goto out;
    }
    status = keep_issuers(&num_kept, pool, arrived, child, url, err);
    *num_new = pool->num_certs - before;
    if (arrived->num_certs == 0)
        note(shown, "the reply holds no certificate (DER, PEM or PKCS#7)");
    if (num_kept < arrived->num_certs) {
        cp_cert_subject_text(subject, sizeof(subject), child);
        (void)snprintf(message, sizeof(message), "%zu certificate%s dropped: not the issuer of %s",
                       arrived->num_certs - num_kept, arrived->num_certs - num_kept == 1 ? "" : "s",
                       subject);
        note(shown, message);
    }
out:
    cp_pool_free(arrived);
    return status;
}

/* ---- what to fetch ---- */

/* One URL that child names. *added: the pool has grown. */
static enum cp_status try_url(struct cli_aia *aia, bool *added, struct cp_pool *pool,
                              const struct cp_cert *child, struct cp_span location,
                              struct cp_error *err) {
    struct cp_secret body = {0};
    struct cp_error why = {CP_OK, 0, 0, ""};
    char url[ESA_MAX_FETCH_URL + 1];
    size_t num_new = 0;
    bool is_new = false;
    if (location.len > ESA_MAX_FETCH_URL || memchr(location.data, '\0', location.len) != NULL) {
        note(location, "not fetched: it is no URL, or a very long one");
        return CP_OK;
    }
    memcpy(url, location.data, location.len);
    url[location.len] = '\0';
    enum cp_status status = see(aia, &is_new, url, err);
    if (status != CP_OK || !is_new)
        return status;
    const char *refusal = esa_fetch_refusal(url, aia->allow_private);
    if (refusal == NULL && aia->num_fetches == CLI_MAX_FETCHES)
        refusal = "4 fetches are the maximum of one run";
    if (refusal != NULL) {
        char message[200];
        (void)snprintf(message, sizeof(message), "not fetched: %s", refusal);
        note(location, message);
        return CP_OK;
    }
    if (isatty(STDERR_FILENO) == 1)
        fprintf(stderr, "fetching %s ...\n", url);
    aia->num_fetches++;
    status = esa_fetch(&body, url, aia->allow_private, &why);
    if (status == CP_OK)
        status = take(&num_new, pool, &body, child, url, err);
    else if (status == CP_ERR_MEMORY)
        status = cp_fail(err, status, "%s", why.message);
    else {
        note(location, why.message);
        status = CP_OK;
    }
    *added = num_new != 0;
    cp_secret_cleanup(&body);
    return status;
}

/* Can another certificate help at all, and from where up in the path is it wanted? */
static bool is_wanted(size_t *top, const struct cp_report *report) {
    const struct cp_path_result *result = &report->path;
    *top = result->path.num_certs;
    if (report->leaf == NULL)
        return false;
    if (result->valid)
        return report->path_is_soft;
    for (size_t i = 0; i < result->path.num_certs; i++)
        if (result->path.certs[i] == result->culprit)
            *top = i + 1; /* what stands above has another key */
    return result->rule == CP_PATH_ISSUER_MISSING || result->rule == CP_PATH_ISSUER_OTHER_KEY ||
           result->rule == CP_PATH_SIGNATURE;
}

enum cp_status cli_aia_step(struct cli_aia *aia, bool *added, struct cp_pool *pool,
                            const struct cp_report *report, struct cp_error *err) {
    struct cp_span urls[MAX_LOCATIONS];
    size_t top = 0, num_urls = 0;
    enum cp_status status = CP_OK;
    *added = false;
    if (!is_wanted(&top, report))
        return CP_OK;
    for (size_t i = top; i > 0; i--) {
        const struct cp_cert *cert = report->path.path.certs[i - 1];
        if (cp_cert_is_self_issued(cert))
            continue;
        if (!ca_issuers(urls, &num_urls, cert)) {
            char subject[CP_CERT_LABEL];
            cp_cert_subject_text(subject, sizeof(subject), cert);
            fprintf(stderr, "certprep: note: %s: its authorityInfoAccess is malformed\n", subject);
        }
        for (size_t j = 0; j < num_urls; j++) {
            status = try_url(aia, added, pool, cert, urls[j], err);
            if (status != CP_OK || *added)
                return status;
        }
    }
    return CP_OK;
}

void cli_aia_cleanup(struct cli_aia *aia) {
    for (size_t i = 0; i < aia->num_seen; i++)
        free(aia->seen[i]);
    aia->num_seen = 0;
}
