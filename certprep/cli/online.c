/* Asking whether certificates are revoked. What comes is evidence like a file's: the library
 * verifies it, so that where it came from counts for nothing. */
#include "online.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "apiclient/fetch.h"
#include "checks.h"
#include "revocation/judge.h"

#define MAX_URIS 4 /* of one kind of one certificate */
#define MAX_MESSAGE 400
#define MAX_GET_URL 255 /* RFC 5019 5: a longer one would not be cached, and some refuse it */
#define MAX_ROUNDS 4    /* paths that are asked about, one after the other */
#define MAX_ASKED 48    /* certificates in them */
#define MAX_FETCHED ((size_t)192 * 1024 * 1024) /* of one run, all together */

struct budget {
    size_t num_fetches, num_bytes;
};

struct asking {
    struct cp_evidence *evidence;
    struct cp_verifier *verifier;
    const struct cp_cert *cert, *issuer;
    int64_t at_s;
    bool allow_private;
    struct budget *budget;
};

/* Is there an answer that counts? */
static enum cp_status is_settled(bool *out, const struct asking *asking, struct cp_error *err) {
    struct cp_standing_result result;
    enum cp_status status = cp_standing_of(asking->verifier, &result, asking->evidence,
                                           asking->cert, asking->issuer, asking->at_s, err);
    *out = status == CP_OK && result.standing >= CP_STANDING_UNKNOWN;
    return status;
}

static enum cp_status add_gap(const struct asking *asking, struct cp_span url, const char *why,
                              struct cp_error *err) {
    char shown[160], message[MAX_MESSAGE];
    bool whole = cp_escape(shown, sizeof(shown), url);
    (void)snprintf(message, sizeof(message), "%s%s: %.200s", shown, whole ? "" : "...", why);
    return cp_evidence_add_gap(asking->evidence, asking->cert, message, err);
}

/* What a list or a response would be, so that a login page is told from it. */
static const char *defect_of(bool is_crl, struct cp_span body, char why[CP_ERROR_MAX]) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_ocsp ocsp;
    struct cp_crl crl;
    if (is_crl && body.data[0] != CP_DER_SEQUENCE)
        return "the reply is no revocation list in DER";
    enum cp_status status =
        is_crl ? cp_crl_parse(&crl, body, &err) : cp_ocsp_parse(&ocsp, body, &err);
    if (status != CP_OK) {
        (void)snprintf(why, CP_ERROR_MAX, "the reply is no %s: %.400s",
                       is_crl ? "revocation list" : "OCSP response", err.message);
        return why;
    }
    if (!is_crl && ocsp.status != CP_OCSP_SUCCESSFUL) {
        (void)snprintf(why, CP_ERROR_MAX, "the responder answered %s",
                       cp_ocsp_status_name(ocsp.status));
        return why;
    }
    return NULL;
}

/* Why url is not asked; NULL: it may be. */
static const char *refusal_of(const struct asking *asking, const char *url,
                              char text[CP_ERROR_MAX]) {
    const char *refusal = esa_fetch_refusal(url, asking->allow_private);
    if (refusal != NULL)
        (void)snprintf(text, CP_ERROR_MAX, "not fetched: %s", refusal);
    else if (asking->budget->num_fetches == CLI_MAX_ONLINE_FETCHES)
        (void)snprintf(text, CP_ERROR_MAX, "not fetched: %d fetches are the maximum of one run",
                       CLI_MAX_ONLINE_FETCHES);
    else if (asking->budget->num_bytes == MAX_FETCHED)
        (void)snprintf(text, CP_ERROR_MAX, "not fetched: %zu MiB are the maximum of one run",
                       MAX_FETCHED >> 20);
    else
        return NULL;
    return text;
}

/* Fetches url, or posts to it; named is what the certificate says, for messages. */
static enum cp_status fetch(const struct asking *asking, bool is_crl, const char *url,
                            const struct esa_post *post, struct cp_span named,
                            struct cp_error *err) {
    struct cp_secret body = {0};
    struct cp_error why = {CP_OK, 0, 0, ""};
    char text[CP_ERROR_MAX], shown[160], label[sizeof(shown) + 3];
    const char *refusal = refusal_of(asking, url, text);
    struct budget *budget = asking->budget;
    size_t max_len = is_crl ? CP_MAX_CRL_LEN : CP_MAX_OCSP_LEN, left;
    if (refusal != NULL)
        return add_gap(asking, named, refusal, err);
    left = MAX_FETCHED - budget->num_bytes;
    max_len = max_len < left ? max_len : left;
    bool whole = cp_escape(shown, sizeof(shown), named);
    (void)snprintf(label, sizeof(label), "%s%s", shown, whole ? "" : "...");
    if (isatty(STDERR_FILENO) == 1)
        fprintf(stderr, "fetching %s ...\n", label);
    budget->num_fetches++;
    enum cp_status status =
        post == NULL ? esa_fetch_up_to(&body, max_len, url, asking->allow_private, &why)
                     : esa_fetch_by_post(&body, max_len, url, post, asking->allow_private, &why);
    budget->num_bytes += body.len;
    if (status == CP_OK) {
        const char *defect = defect_of(is_crl, (struct cp_span){body.data, body.len}, text);
        status = defect != NULL ? add_gap(asking, named, defect, err)
                                : cp_evidence_add_fetched(asking->evidence, is_crl, body.data,
                                                          body.len, label, err);
    } else if (status == CP_ERR_MEMORY) {
        status = cp_fail(err, status, "%s", why.message);
    } else {
        status = add_gap(asking, named, why.message, err);
    }
    cp_secret_cleanup(&body);
    return status;
}

/* What a URL of a certificate is as a string; false: none, or a very long one. */
static bool take_url(char out[ESA_MAX_FETCH_URL + 1], struct cp_span url) {
    if (url.len == 0 || url.len > ESA_MAX_FETCH_URL || memchr(url.data, '\0', url.len) != NULL)
        return false;
    memcpy(out, url.data, url.len);
    out[url.len] = '\0';
    return true;
}

/* RFC 6960 A.1: GET {url}/{url-encoding of base64 of the request}, so that a cache on the way may
 * answer. False: longer than MAX_GET_URL; then out is as it was. */
static bool append_request(char out[ESA_MAX_FETCH_URL + 1], struct cp_span request) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    /* Each 3 octets become 4 digits, each of at most 3 characters. */
    char tail[1 + (CP_OCSP_REQUEST_MAX + 2) / 3 * 12 + 1];
    size_t url_len = strlen(out), len = 0;
    if (url_len == 0 || request.len > CP_OCSP_REQUEST_MAX)
        return false;
    if (out[url_len - 1] != '/')
        tail[len++] = '/';
    for (size_t i = 0; i < request.len; i += 3) {
        uint32_t group = 0;
        size_t octets = request.len - i < 3 ? request.len - i : 3;
        for (size_t j = 0; j < 3; j++)
            group = group << 8 | (j < octets ? request.data[i + j] : 0U);
        for (size_t j = 0; j < 4; j++) {
            uint32_t digit = group >> (18 - 6 * j) & 63;
            const char *escaped = j > octets ? "%3D" : digit == 62 ? "%2B" : "%2F";
            if (j <= octets && digit < 62) {
                tail[len++] = digits[digit];
            } else {
                memcpy(tail + len, escaped, 3);
                len += 3;
            }
        }
    }
    if (url_len + len > MAX_GET_URL)
        return false;
    memcpy(out + url_len, tail, len);
    out[url_len + len] = '\0';
    return true;
}

static enum cp_status ask_responder(const struct asking *asking, struct cp_span uri,
                                    struct cp_error *err) {
    uint8_t request[CP_OCSP_REQUEST_MAX];
    char url[ESA_MAX_FETCH_URL + 1];
    size_t request_len = 0;
    if (!cp_ocsp_request(request, &request_len, asking->cert, asking->issuer) ||
        !take_url(url, uri))
        return add_gap(asking, uri, "not asked: it is no URL, or a very long one", err);
    if (append_request(url, (struct cp_span){request, request_len}))
        return fetch(asking, false, url, NULL, uri, err);
    const struct esa_post post = {"application/ocsp-request", request, request_len};
    return fetch(asking, false, url, &post, uri, err);
}

static enum cp_status ask_ocsp(const struct asking *asking, bool *settled, struct cp_error *err) {
    struct cp_span uris[MAX_URIS];
    size_t num = cp_access_uris(uris, MAX_URIS, asking->cert, CP_ACCESS_OCSP);
    enum cp_status status = CP_OK;
    for (size_t i = 0; status == CP_OK && i < num && !*settled; i++) {
        status = ask_responder(asking, uris[i], err);
        if (status == CP_OK)
            status = is_settled(settled, asking, err);
    }
    return status;
}

static enum cp_status ask_crls(const struct asking *asking, bool *settled, struct cp_error *err) {
    struct cp_span uris[MAX_URIS];
    char url[ESA_MAX_FETCH_URL + 1];
    size_t num = cp_cert_crl_uris(uris, MAX_URIS, asking->cert);
    enum cp_status status = CP_OK;
    for (size_t i = 0; status == CP_OK && i < num && !*settled; i++) {
        if (!take_url(url, uris[i])) {
            status = add_gap(asking, uris[i], "not fetched: it is no URL, or a very long one", err);
            continue;
        }
        status = fetch(asking, true, url, NULL, uris[i], err);
        if (status == CP_OK)
            status = is_settled(settled, asking, err);
    }
    return status;
}

/* A certificate that names nobody to ask gets a gap that says so. */
static enum cp_status ask(const struct asking *asking, struct cp_error *err) {
    struct cp_span uri;
    bool settled = false;
    enum cp_status status = is_settled(&settled, asking, err);
    if (status != CP_OK || settled)
        return status;
    if (cp_access_uris(&uri, 1, asking->cert, CP_ACCESS_OCSP) == 0 &&
        cp_cert_crl_uris(&uri, 1, asking->cert) == 0)
        return cp_evidence_add_gap(asking->evidence, asking->cert,
                                   "it names neither a responder nor a revocation list", err);
    status = ask_ocsp(asking, &settled, err);
    return status == CP_OK && !settled ? ask_crls(asking, &settled, err) : status;
}

struct round {
    struct asking asking;
    /* The bundle, the pool and the trust store outlive every report. */
    const struct cp_cert *asked[MAX_ASKED];
    size_t num_asked, num_new;
};

static enum cp_status ask_once(struct round *round, const struct cp_cert *cert,
                               const struct cp_cert *issuer, struct cp_error *err) {
    for (size_t i = 0; i < round->num_asked; i++)
        if (round->asked[i] == cert)
            return CP_OK;
    if (round->num_asked == MAX_ASKED)
        return CP_OK;
    round->asked[round->num_asked++] = cert;
    round->num_new++;
    round->asking.cert = cert;
    round->asking.issuer = issuer;
    return ask(&round->asking, err);
}

/* What comes may show a CA of the path as revoked, and another path be taken: that is asked about,
 * too. */
enum cp_status cli_online_check(struct cli_material *material,
                                const struct cp_check_options *options, struct cp_error *err) {
    struct cp_verifier *verifier = NULL;
    struct budget budget = {0};
    enum cp_status status = cp_verifier_new(&verifier, err);
    struct round round = {.asking = {.evidence = material->criteria.evidence,
                                     .verifier = verifier,
                                     .at_s = options->at_s,
                                     .allow_private = material->criteria.online_allow_private,
                                     .budget = &budget}};
    for (int i = 0; status == CP_OK && i < MAX_ROUNDS; i++) {
        const struct cp_path *path = &material->report->path.path;
        round.num_new = 0;
        if (material->report->leaf == NULL)
            break;
        for (size_t j = 0; status == CP_OK && j + 1 < path->num_certs; j++)
            status = ask_once(&round, path->certs[j], path->certs[j + 1], err);
        if (status != CP_OK || round.num_new == 0)
            break;
        status = cli_material_judge(material, options, err);
    }
    cp_verifier_free(verifier);
    return status;
}
