/* CP05, CP06: encodings, keys and signature algorithms of the certificates that are needed. */
#include "checks.h"

/* RFC 5280 4.1.2.2: positive, at most 20 octets. */
static const char *serial_defect(struct cp_span serial) {
    if (serial.data[0] >= 0x80)
        return "negative";
    if (serial.len == 1 && serial.data[0] == 0)
        return "zero";
    return serial.len > 20 ? "longer than 20 octets" : NULL;
}

/* RFC 8017 3.1: n and e are odd, e is 3 or more. An even one, or e = 1, is no key at all. */
static bool is_sound_rsa(const struct cp_cert *cert) {
    struct cp_span n = cert->rsa_n, e = cert->rsa_e;
    return n.len != 0 && e.len != 0 && (n.data[n.len - 1] & 1) != 0 &&
           (e.data[e.len - 1] & 1) != 0 && !(e.len == 1 && e.data[0] < 3) &&
           cert->key_bits <= CP_MAX_RSA_BITS;
}

/* The key as such, for a type that is computed with. */
static enum cp_status judge_key(struct cp_check_context *context, bool *valid,
                                const struct cp_cert *cert, struct cp_error *err) {
    enum cp_key_kind kind = cp_key_algorithm_get(cert->key_type)->kind;
    *valid = kind != CP_KIND_RSA || is_sound_rsa(cert);
    if (kind == CP_KIND_RSA || kind == CP_KIND_OTHER)
        return CP_OK;
    return cp_check_key_loads(context, valid, cert, err);
}

/* Composed where it is said: most certificates need none. Returns out. */
static const char *label_of(char out[CP_CERT_LABEL], const struct cp_report *report,
                            const struct cp_cert *cert) {
    cp_report_cert_label(out, report, cert);
    return out;
}

static enum cp_status check_key(struct cp_check_context *context, const struct cp_cert *cert,
                                struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_key_algorithm *row = cp_key_algorithm_get(cert->key_type);
    char oid[64], label[CP_CERT_LABEL];
    bool valid = true;
    enum cp_status status = judge_key(context, &valid, cert, err);
    if (status != CP_OK)
        return status;
    if (!valid) {
        cp_report_at_cert(report,
                          cp_report_add(report, CP_CHECK_KEY_INVALID,
                                        "%s has a public key that is not valid (%s)",
                                        label_of(label, report, cert), row->text),
                          cert);
    } else if (cert == report->leaf && row->kind == CP_KIND_EDWARDS) {
        cp_report_at_cert(report,
                          cp_report_add(report, CP_CHECK_KEY_UNUSUAL,
                                        "%s has a key of %s, which browsers do not take",
                                        label_of(label, report, cert), row->text),
                          cert);
    } else if (cp_cert_has_weak_key(cert)) {
        cp_report_at_cert(report,
                          cp_report_add(report, CP_CHECK_WEAK_KEY, "%s has an RSA key of %u bits",
                                        label_of(label, report, cert), cert->key_bits),
                          cert);
    } else if (row->kind == CP_KIND_OTHER || cert->key_type == CP_KEY_RSA_PSS) {
        cp_oid_format(oid, sizeof(oid), cert->key_algorithm_oid);
        cp_report_at_cert(report,
                          cp_report_add(report, CP_CHECK_KEY_TYPE, "%s has a key of %s (%s)",
                                        label_of(label, report, cert), row->text, oid),
                          cert);
    }
    return CP_OK;
}

enum cp_status cp_check_algorithm(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_path *path = &report->path.path;
    for (size_t i = 0; i < path->num_certs; i++) {
        const struct cp_cert *cert = path->certs[i];
        char label[CP_CERT_LABEL];
        enum cp_status status = check_key(context, cert, err);
        if (status != CP_OK)
            return status;
        /* What follows is the issuer's work; an anchor is trusted whoever made it and however. */
        if (cp_path_is_root(path, i))
            continue;
        const struct cp_signature_algorithm *row = cp_signature_algorithm_get(cert->signature_type);
        if (row->weak)
            cp_report_at_cert(report,
                              cp_report_add(report, CP_CHECK_WEAK_SIGNATURE, "%s is signed with %s",
                                            label_of(label, report, cert), row->text),
                              cert);
        const char *defect = serial_defect(cert->serial);
        if (defect != NULL)
            cp_report_at_cert(report,
                              cp_report_add(report, CP_CHECK_SERIAL_INVALID,
                                            "%s has a serial number that is %s",
                                            label_of(label, report, cert), defect),
                              cert);
        if (cert->num_lenient != 0)
            cp_report_at_cert(report,
                              cp_report_add(report, CP_CHECK_NOT_DER, "%s: offset %zu: %s",
                                            label_of(label, report, cert),
                                            cert->first_lenient_offset, cert->first_lenient),
                              cert);
    }
    return CP_OK;
}
