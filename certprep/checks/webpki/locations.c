/* Where issuer, OCSP responder and CRL are: BR 7.1.2.7.7, 7.1.2.10.3, 7.1.2.11.2. What can't be
 * read is CP0575's and CP0579's. */
#include "locations.h"

#include <string.h>
#include <strings.h>

#include "webpki.h"

bool cp_uri_has_scheme(struct cp_span uri, const char *scheme) {
    size_t len = strlen(scheme);
    return uri.len > len + 3 && strncasecmp((const char *)uri.data, scheme, len) == 0 &&
           memcmp(uri.data + len, "://", 3) == 0;
}

/* Position of the first of three characters; text.len if there is none. */
static size_t find_any(struct cp_span text, const char characters[4]) {
    size_t i = 0;
    while (i < text.len && memchr(characters, text.data[i], 3) == NULL)
        i++;
    return i;
}

static struct cp_span from(struct cp_span text, size_t start) {
    return (struct cp_span){text.data + start, text.len - start};
}

struct cp_span cp_uri_host(struct cp_span uri) {
    size_t colon = find_any(uri, ":::");
    if (uri.len - colon < 3 || memcmp(uri.data + colon, "://", 3) != 0)
        return (struct cp_span){0};
    struct cp_span rest = from(uri, colon + 3);
    rest.len = find_any(rest, "/?#");
    size_t at = find_any(rest, "@@@");
    if (at != rest.len)
        rest = from(rest, at + 1);
    if (rest.len != 0 && rest.data[0] == '[') {
        rest = from(rest, 1);
        rest.len = find_any(rest, "]]]");
    } else {
        rest.len = find_any(rest, ":::");
    }
    return rest;
}

static void take_uri(struct cp_webpki_locations *out, struct cp_span uri) {
    if (out->scheme.data == NULL && !cp_uri_has_scheme(uri, "http"))
        out->scheme = uri;
    if (out->internal.data == NULL && cp_webpki_host_is_internal(cp_uri_host(uri)))
        out->internal = uri;
}

#define TAG_URI CP_DER_CONTEXT(6)

static bool read_aia(struct cp_webpki_locations *out, struct cp_span value) {
    struct cp_der_reader list;
    struct cp_access access;
    if (!cp_access_open(&list, value))
        return false;
    while (!cp_der_at_end(&list)) {
        if (!cp_access_next(&list, &access) || (access.location.tag & 0xc0) != 0x80 ||
            (access.location.tag & 0x1f) > 8)
            return false;
        out->num_ocsp += access.method == CP_ACCESS_OCSP;
        out->num_issuers += access.method == CP_ACCESS_CA_ISSUERS;
        out->num_other += access.method == CP_ACCESS_OTHER;
        if (access.location.tag == TAG_URI)
            take_uri(out, access.location.content);
        else
            out->not_uri = true;
    }
    return true;
}

/* DistributionPoint ::= SEQUENCE { [0] { [0] fullName | [1] relative }, [1] reasons, [2] cRLIssuer
 * }
 */
static enum cp_status read_point(struct cp_webpki_locations *out, struct cp_der_reader *point) {
    struct cp_der_reader name, full;
    struct cp_der one;
    if (!cp_der_peek(point, CP_DER_CONTEXT_CONSTRUCTED(0))) {
        out->foreign_fields = true; /* RFC 5280: then it consists of cRLIssuer */
        return CP_OK;
    }
    CP_TRY(cp_der_enter(point, &name, CP_DER_CONTEXT_CONSTRUCTED(0), "distributionPoint", NULL));
    out->foreign_fields |= !cp_der_at_end(point);
    if (!cp_der_peek(&name, CP_DER_CONTEXT_CONSTRUCTED(0))) {
        out->foreign_fields = true;
        return cp_der_any(&name, &one, "nameRelativeToCRLIssuer", NULL);
    }
    CP_TRY(cp_der_enter(&name, &full, CP_DER_CONTEXT_CONSTRUCTED(0), "fullName", NULL));
    while (!cp_der_at_end(&full)) {
        CP_TRY(cp_der_any(&full, &one, "fullName", NULL));
        if (one.tag == TAG_URI) {
            out->num_other++;
            take_uri(out, one.content);
        } else {
            out->foreign_fields = true;
        }
    }
    return cp_der_end(&name, "distributionPoint", NULL);
}

static enum cp_status read_crl(struct cp_webpki_locations *out, struct cp_span value) {
    struct cp_der_reader in, list, point;
    cp_der_reader_init(&in, value);
    CP_TRY(cp_der_enter(&in, &list, CP_DER_SEQUENCE, "cRLDistributionPoints", NULL));
    if (cp_der_at_end(&list))
        return CP_ERR_PARSE;
    while (!cp_der_at_end(&list)) {
        CP_TRY(cp_der_enter(&list, &point, CP_DER_SEQUENCE, "distributionPoint", NULL));
        CP_TRY(read_point(out, &point));
    }
    return cp_der_end(&in, "cRLDistributionPoints", NULL);
}

void cp_webpki_read_aia(struct cp_webpki_locations *out, struct cp_span value) {
    *out = (struct cp_webpki_locations){0};
    out->readable = read_aia(out, value);
}

void cp_webpki_read_crl(struct cp_webpki_locations *out, struct cp_span value) {
    *out = (struct cp_webpki_locations){0};
    out->readable = read_crl(out, value) == CP_OK;
}

/* ---- the rules ---- */

static bool has_aia(const struct cp_webpki *w) {
    return cp_cert_has(w->cert, CP_EXT_AUTHORITY_INFO);
}

static bool has_crl(const struct cp_webpki *w) {
    return cp_cert_has(w->cert, CP_EXT_CRL_DISTRIBUTION);
}

static bool found(char detail[CP_WEBPKI_DETAIL], struct cp_span uri) {
    if (uri.data == NULL)
        return false;
    (void)cp_escape(detail, CP_WEBPKI_DETAIL, uri);
    return true;
}

bool cp_webpki_aia_missing(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return !has_aia(w);
}

bool cp_webpki_aia_issuer(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return w->aia.readable && w->aia.num_issuers == 0;
}

bool cp_webpki_aia_method(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return w->aia.readable && w->aia.num_other != 0;
}

bool cp_webpki_aia_not_uri(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return w->aia.readable && w->aia.not_uri;
}

bool cp_webpki_aia_scheme(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    return found(detail, w->aia.scheme);
}

bool cp_webpki_aia_internal(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    return found(detail, w->aia.internal);
}

/* BR 1.6.1: 10 days, from 2026-03-15 on 7, need no revocation. */
static bool is_short_lived(const struct cp_cert *cert) {
    int64_t days = cert->not_before_s >= CP_BR_2026_03_15 ? 7 : 10;
    return cert->not_after_s != INT64_MAX &&
           cert->not_after_s - cert->not_before_s + 1 <= days * 86400;
}

bool cp_webpki_crl_missing(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return !has_crl(w) && w->aia.num_ocsp == 0 && !is_short_lived(w->cert);
}

bool cp_webpki_ca_crl_missing(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return !has_crl(w);
}

bool cp_webpki_crl_scheme(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    return found(detail, w->crl.scheme);
}

bool cp_webpki_crl_internal(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    return found(detail, w->crl.internal);
}

bool cp_webpki_crl_form(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return w->crl.readable && w->crl.foreign_fields;
}

bool cp_webpki_crl_critical(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return cp_cert_is_critical(w->cert, CP_EXT_CRL_DISTRIBUTION);
}
