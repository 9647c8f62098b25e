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

struct asking {
    struct cp_evidence *evidence;
    struct cp_verifier *verifier;
    const struct cp_cert *cert, *issuer;
    int64_t at_s;
    bool allow_private;
    size_t *num_fetches;
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

/* Fetches url; named is what the certificate says, for messages. */
static enum cp_status fetch(const struct asking *asking, bool is_crl, const char *url,
                            struct cp_span named, struct cp_error *err) {
    struct cp_secret body = {0};
    struct cp_error why = {CP_OK, 0, 0, ""};
    char text[CP_ERROR_MAX], label[160];
    const char *refusal = esa_fetch_refusal(url, asking->allow_private);
    if (refusal != NULL) {
        (void)snprintf(text, sizeof(text), "not fetched: %s", refusal);
        return add_gap(asking, named, text, err);
    }
    if (*asking->num_fetches == CLI_MAX_ONLINE_FETCHES) {
        (void)snprintf(text, sizeof(text), "not fetched: %d fetches are the maximum of one run",
                       CLI_MAX_ONLINE_FETCHES);
        return add_gap(asking, named, text, err);
    }
    (void)cp_escape(label, sizeof(label), named);
    if (isatty(STDERR_FILENO) == 1)
        fprintf(stderr, "fetching %s ...\n", label);
    (*asking->num_fetches)++;
    enum cp_status status = esa_fetch_up_to(&body, is_crl ? CP_MAX_CRL_LEN : CP_MAX_OCSP_LEN, url,
                                            asking->allow_private, &why);
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

/* RFC 6960 A.1: GET {url}/{url-encoding of base64 of the request}. Short enough for it (RFC 5019
 * 5), and a cache on the way may answer. False: not for a URL. */
static bool put_request(char out[ESA_MAX_FETCH_URL + 1], struct cp_span url,
                        const struct asking *asking) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    uint8_t request[CP_OCSP_REQUEST_MAX];
    size_t request_len = 0, len = 0;
    /* Each 3 octets become 4 digits, each of at most 3 characters. */
    if (!cp_ocsp_request(request, &request_len, asking->cert, asking->issuer) || url.len == 0 ||
        url.len + 1 + (CP_OCSP_REQUEST_MAX + 2) / 3 * 12 > ESA_MAX_FETCH_URL ||
        memchr(url.data, '\0', url.len) != NULL)
        return false;
    memcpy(out, url.data, url.len);
    len = url.len;
    if (out[len - 1] != '/')
        out[len++] = '/';
    for (size_t i = 0; i < request_len; i += 3) {
        uint32_t group = 0;
        size_t octets = request_len - i < 3 ? request_len - i : 3;
        for (size_t j = 0; j < 3; j++)
            group = group << 8 | (j < octets ? request[i + j] : 0U);
        for (size_t j = 0; j < 4; j++) {
            uint32_t digit = group >> (18 - 6 * j) & 63;
            const char *escaped = j > octets ? "%3D" : digit == 62 ? "%2B" : "%2F";
            if (j <= octets && digit < 62) {
                out[len++] = digits[digit];
            } else {
                memcpy(out + len, escaped, 3);
                len += 3;
            }
        }
    }
    out[len] = '\0';
    return true;
}

static enum cp_status ask_ocsp(const struct asking *asking, bool *settled, struct cp_error *err) {
    struct cp_span uris[MAX_URIS];
    char url[ESA_MAX_FETCH_URL + 1];
    size_t num = cp_access_uris(uris, MAX_URIS, asking->cert, CP_ACCESS_OCSP);
    enum cp_status status = CP_OK;
    for (size_t i = 0; status == CP_OK && i < num && !*settled; i++) {
        if (!put_request(url, uris[i], asking))
            status = add_gap(asking, uris[i], "not asked: it is no URL, or a very long one", err);
        else
            status = fetch(asking, false, url, uris[i], err);
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
        if (uris[i].len > ESA_MAX_FETCH_URL || memchr(uris[i].data, '\0', uris[i].len) != NULL) {
            status = add_gap(asking, uris[i], "not fetched: it is no URL, or a very long one", err);
            continue;
        }
        memcpy(url, uris[i].data, uris[i].len);
        url[uris[i].len] = '\0';
        status = fetch(asking, true, url, uris[i], err);
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

enum cp_status cli_online_check(struct cli_material *material,
                                const struct cp_check_options *options, struct cp_error *err) {
    const struct cp_path *path = &material->report->path.path;
    struct cp_verifier *verifier = NULL;
    size_t num_fetches = 0;
    if (material->report->leaf == NULL)
        return CP_OK;
    enum cp_status status = cp_verifier_new(&verifier, err);
    for (size_t i = 0; status == CP_OK && i + 1 < path->num_certs; i++) {
        struct asking asking = {.evidence = material->criteria.evidence,
                                .verifier = verifier,
                                .cert = path->certs[i],
                                .issuer = path->certs[i + 1],
                                .at_s = options->at_s,
                                .allow_private = material->criteria.online_allow_private,
                                .num_fetches = &num_fetches};
        status = ask(&asking, err);
    }
    cp_verifier_free(verifier);
    return status == CP_OK ? cli_material_judge(material, options, err) : status;
}
