/* CP01: does the private key belong to the leaf, and is it whole? */
#include <stdio.h>

#include "checks.h"

static void describe(char out[CP_ERROR_MAX], const char *text, unsigned bits) {
    if (bits != 0 && text[0] == 'R')
        snprintf(out, CP_ERROR_MAX, "%s %u", text, bits);
    else
        snprintf(out, CP_ERROR_MAX, "%s", text);
}

static void short_digest(char out[16], const char *hex) {
    snprintf(out, 16, "%.8s..%s", hex, hex + 60);
}

/* Both public halves, shortened: enough to tell apart, and what `openssl pkey -pubout` would hash.
 */
static enum cp_status note_digests(struct cp_report *report, struct cp_finding *finding,
                                   const struct cp_bundle_key *key, struct cp_error *err) {
    char cert_hex[65], key_hex[65], a[16], b[16], cert_type[CP_ERROR_MAX], key_type[CP_ERROR_MAX];
    enum cp_status status = cp_sha256_hex(cert_hex, report->leaf->spki, err);
    if (status != CP_OK)
        return status;
    describe(cert_type, cp_key_algorithm_get(report->leaf->key_type)->text, report->leaf->key_bits);
    describe(key_type, cp_key_algorithm_get(key->key.type)->text, key->key.bits);
    short_digest(a, cert_hex);
    if (!key->key.has_public) {
        cp_report_note(report, finding, "public key SPKI sha256 %s (%s); the key is %s", a,
                       cert_type, key_type);
        return CP_OK;
    }
    cp_hex(key_hex, key->key.spki_sha256, 32);
    short_digest(b, key_hex);
    const char *name = report->bundle->sources[key->place.source].name;
    if (key->place.line != 0)
        cp_report_note(report, finding, "public key SPKI sha256 %s (%s); %s:%zu has %s (%s)", a,
                       cert_type, name, key->place.line, b, key_type);
    else
        cp_report_note(report, finding, "public key SPKI sha256 %s (%s); %s has %s (%s)", a,
                       cert_type, name, b, key_type);
    return CP_OK;
}

static enum cp_status check_match(struct cp_report *report, struct cp_error *err) {
    const struct cp_bundle *bundle = report->bundle;
    const struct cp_selection *selection = &report->selection;
    const struct cp_bundle_key *key = &bundle->keys[selection->key];
    char label[CP_CERT_LABEL];
    if (report->leaf == NULL || selection->key_matches)
        return CP_OK;
    if (cp_key_algorithm_get(key->key.type)->kind == CP_KIND_OTHER)
        return CP_OK; /* has its own finding */
    struct cp_finding *finding;
    if (selection->key_is_stale) {
        finding = cp_report_add(report, CP_CHECK_KEY_STALE,
                                "private key is stale: it belongs to certificate %zu, not to the "
                                "newer one for the same names",
                                selection->key_owner + 1);
    } else {
        finding = cp_report_add(report, CP_CHECK_KEY_MISMATCH,
                                "private key does not match the leaf certificate");
        if (selection->key_owner != SIZE_MAX) {
            const struct cp_cert *owner = &bundle->certs[selection->key_owner].cert;
            cp_report_cert_label(label, report, owner);
            cp_report_note(report, finding, "the key belongs to %s%s", label,
                           owner->is_ca ? ", a CA certificate" : "");
        }
    }
    cp_report_at_cert(report, finding, report->leaf);
    return note_digests(report, finding, key, err);
}

static enum cp_status check_one(struct cp_report *report, const struct cp_bundle_key *key,
                                struct cp_error *err) {
    enum cp_key_defect defect = CP_KEY_CONSISTENT;
    char oid[64];
    if (cp_key_algorithm_get(key->key.type)->kind == CP_KIND_OTHER) {
        cp_oid_format(oid, sizeof(oid), key->key.algorithm_oid);
        cp_report_at(report,
                     cp_report_add(report, CP_CHECK_KEY_UNSUPPORTED, "private key is of %s (%s)",
                                   cp_key_algorithm_get(key->key.type)->text, oid),
                     &key->place);
        return CP_OK;
    }
    if (key->key.has_explicit_curve)
        cp_report_at(report,
                     cp_report_add(report, CP_CHECK_EXPLICIT_CURVE,
                                   "private key writes out the parameters of its curve, which are "
                                   "those of %s",
                                   cp_key_algorithm_get(key->key.type)->text),
                     &key->place);
    enum cp_status status = cp_key_check_consistency(&key->key, &defect, err);
    if (status == CP_OK && defect != CP_KEY_CONSISTENT)
        cp_report_at(report,
                     cp_report_add(report, CP_CHECK_KEY_INCONSISTENT,
                                   "private key is inconsistent: %s", cp_key_defect_text(defect)),
                     &key->place);
    return status;
}

enum cp_status cp_check_key(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_bundle *bundle = report->bundle;
    if (report->require_key && bundle->num_keys == 0 &&
        (cp_bundle_unread(bundle) & CP_UNREAD_KEY) == 0)
        (void)cp_report_add(report, CP_CHECK_KEY_MISSING, "no private key in the input");
    for (size_t i = 0; i < bundle->num_keys; i++) {
        enum cp_status status = check_one(report, &bundle->keys[i], err);
        if (status != CP_OK)
            return status;
    }
    if (bundle->num_keys == 0)
        return CP_OK;
    enum cp_status status = check_match(report, err);
    for (size_t i = 0; i < bundle->num_keys; i++) {
        const struct cp_bundle_key *key = &bundle->keys[i];
        bool owned = i == report->selection.key;
        for (size_t j = 0; !owned && j < bundle->num_certs; j++)
            owned = cp_key_matches(&key->key, &bundle->certs[j].cert);
        if (!owned && report->leaf == NULL && report->tree != NULL)
            continue; /* a matter of policy there */
        if (!owned)
            cp_report_at(report,
                         cp_report_add(report, CP_CHECK_KEY_FOREIGN,
                                       "private key belongs to none of the certificates"),
                         &key->place);
    }
    return status;
}
