/* Which certificates a list speaks of: its issuingDistributionPoint against the certificate's
 * cRLDistributionPoints, RFC 5280 6.3.3 (b). */
#include "crl.h"

/* Calls take with each name of each fullName, until it says false. Stops at a defect. */
static void each_point_name(const struct cp_cert *cert,
                            bool (*take)(void *context, const struct cp_der *name), void *context) {
    struct cp_der_reader outer, points, point, name, names;
    struct cp_der field;
    if (!cp_cert_has(cert, CP_EXT_CRL_DISTRIBUTION))
        return;
    cp_der_reader_init(&outer, cert->values[CP_EXT_CRL_DISTRIBUTION]);
    if (cp_der_enter(&outer, &points, CP_DER_SEQUENCE, "", NULL) != CP_OK)
        return;
    while (!cp_der_at_end(&points)) {
        if (cp_der_enter(&points, &point, CP_DER_SEQUENCE, "", NULL) != CP_OK)
            return;
        if (!cp_der_peek(&point, CP_DER_CONTEXT_CONSTRUCTED(0)))
            continue;
        if (cp_der_enter(&point, &name, CP_DER_CONTEXT_CONSTRUCTED(0), "", NULL) != CP_OK)
            return;
        if (!cp_der_peek(&name, CP_DER_CONTEXT_CONSTRUCTED(0)))
            continue;
        if (cp_der_enter(&name, &names, CP_DER_CONTEXT_CONSTRUCTED(0), "", NULL) != CP_OK)
            return;
        while (!cp_der_at_end(&names)) {
            if (cp_der_any(&names, &field, "", NULL) != CP_OK || !take(context, &field))
                return;
        }
    }
}

struct wanted {
    struct cp_span names; /* of the list */
    bool found;
};

/* Is the certificate's name among the list's? URIs are compared octet by octet. */
static bool take_match(void *context, const struct cp_der *name) {
    struct wanted *wanted = context;
    struct cp_der_reader in;
    struct cp_der field;
    cp_der_reader_init(&in, wanted->names);
    while (!cp_der_at_end(&in) && !wanted->found) {
        if (cp_der_any(&in, &field, "", NULL) != CP_OK)
            return false;
        wanted->found = cp_span_equal(field.whole, name->whole);
    }
    return !wanted->found;
}

bool cp_crl_covers(const struct cp_crl *crl, const struct cp_cert *cert) {
    struct wanted wanted = {.names = crl->point_names};
    if ((crl->only_user && cert->is_ca) || (crl->only_ca && !cert->is_ca) || crl->only_attribute)
        return false;
    if (crl->point_names.len == 0)
        return true;
    each_point_name(cert, take_match, &wanted);
    return wanted.found;
}

struct uris {
    struct cp_span *out;
    size_t num, max;
};

static bool take_uri(void *context, const struct cp_der *name) {
    struct uris *uris = context;
    if (name->tag == CP_DER_CONTEXT(CP_GN_URI) && uris->num < uris->max)
        uris->out[uris->num++] = name->content;
    return uris->num < uris->max;
}

size_t cp_cert_crl_uris(struct cp_span *uris, size_t max, const struct cp_cert *cert) {
    struct uris found = {.out = uris, .max = max};
    if (max != 0)
        each_point_name(cert, take_uri, &found);
    return found.num;
}
