/* The extensions of one certificate, RFC 5280 4.2. Those whose form cp_cert_parse does not prove
 * are read here as far as they go; what is malformed in them is said in a member "<key>_unread". */
#include <stdio.h>
#include <string.h>

#include "inspect.h"
#include "oids.h"

#define MAX_TEXT ((size_t)8 * 1024 * 1024) /* one name: as long as a file, each octet as \xNN */

/* Reads one extension into the open list. */
typedef enum cp_status read_fn(struct cp_sink *sink, struct cp_der_reader *in,
                               struct cp_error *err);

static void put_list(struct cp_sink *sink, const struct cp_cert *cert, enum cp_extension ext,
                     const char *key, read_fn *read) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_der_reader in;
    char unread[40];
    enum cp_status status = CP_OK;
    cp_sink_list(sink, key);
    cp_der_reader_init(&in, cert->values[ext]);
    if (cp_cert_has(cert, ext)) {
        status = read(sink, &in, &err);
        if (status == CP_OK)
            status = cp_der_end(&in, "extnValue", &err);
    }
    cp_sink_list_end(sink);
    if (status == CP_OK)
        return;
    snprintf(unread, sizeof(unread), "%s_unread", key);
    cp_sink_text(sink, unread, err.message);
}

/* An item {"oid": ..., "name": ...}, or "name (1.2.3)". */
static void put_oid(struct cp_sink *sink, struct cp_span oid) {
    char dotted[CP_OID_TEXT], text[CP_OID_TEXT + 80];
    cp_oid_dotted(dotted, oid);
    const struct cp_oid_row *row = cp_oid_find(dotted);
    if (sink->json) {
        cp_sink_open_flat(sink, NULL);
        cp_sink_text(sink, "oid", dotted);
        cp_sink_text(sink, "name", row != NULL ? row->name : NULL);
        cp_sink_close(sink, '}');
        return;
    }
    if (row != NULL)
        snprintf(text, sizeof(text), "%s (%s)", row->name, dotted);
    cp_sink_item(sink, cp_span_of(row != NULL ? text : dotted));
}

static void put_general_name(struct cp_sink *sink, const struct cp_general_name *name) {
    struct cp_buf text;
    cp_buf_init(&text, MAX_TEXT);
    cp_inspect_general_name(&text, name);
    if (text.failed != CP_OK && sink->out->failed == CP_OK)
        sink->out->failed = text.failed;
    cp_sink_item_typed(sink, cp_inspect_general_name_type(name->kind),
                       (struct cp_span){(const uint8_t *)text.data, text.len});
    cp_buf_cleanup(&text);
}

static struct cp_general_name general_name_of(const struct cp_der *element) {
    return (struct cp_general_name){.kind = (enum cp_general_name_kind)(element->tag & 0x1f),
                                    .value = element->content};
}

/* URIs as they are, other names with their type: what stands there is nearly always a URI. */
static void put_location(struct cp_sink *sink, const struct cp_der *element) {
    struct cp_general_name name = general_name_of(element);
    struct cp_buf text;
    cp_buf_init(&text, MAX_TEXT);
    if (name.kind != CP_GN_URI)
        cp_buf_printf(&text, "%s:", cp_inspect_general_name_type(name.kind));
    cp_inspect_general_name(&text, &name);
    if (text.failed != CP_OK && sink->out->failed == CP_OK)
        sink->out->failed = text.failed;
    cp_sink_item(sink, (struct cp_span){(const uint8_t *)text.data, text.len});
    cp_buf_cleanup(&text);
}

/* ---- what cp_cert_parse has read --------------------------------------------------------------
 */

static void put_subject_alt_names(struct cp_sink *sink, const struct cp_cert *cert) {
    struct cp_span names = cert->subject_alt_names;
    struct cp_general_name name;
    cp_sink_list(sink, "subject_alt_names");
    while (cp_general_name_next(&names, &name))
        put_general_name(sink, &name);
    cp_sink_list_end(sink);
}

static void put_key_usage(struct cp_sink *sink, const struct cp_cert *cert) {
    static const char *const names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                        "dataEncipherment", "keyAgreement",   "keyCertSign",
                                        "cRLSign",          "encipherOnly",   "decipherOnly"};
    cp_sink_list(sink, "key_usage");
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if ((cert->key_usage >> i & 1) != 0)
            cp_sink_item(sink, cp_span_of(names[i]));
    cp_sink_list_end(sink);
}

static void put_key_ids(struct cp_sink *sink, const struct cp_cert *cert) {
    const char *const keys[] = {"subject_key_id", "authority_key_id"};
    const struct cp_span ids[] = {cert->subject_key_id, cert->authority_key_id};
    for (int i = 0; i < 2; i++) {
        if (ids[i].len == 0)
            cp_sink_null(sink, keys[i]);
        else
            cp_sink_hex(sink, keys[i], ids[i]);
    }
}

static void put_basic_constraints(struct cp_sink *sink, const struct cp_cert *cert) {
    cp_sink_bool(sink, "ca", cert->is_ca);
    if (cert->path_len < 0)
        cp_sink_null(sink, "path_length");
    else
        cp_sink_number(sink, "path_length", cert->path_len);
}

/* ---- what it has not --------------------------------------------------------------------------
 */

static enum cp_status read_purposes(struct cp_sink *sink, struct cp_der_reader *in,
                                    struct cp_error *err) {
    struct cp_der_reader sequence;
    struct cp_span oid;
    CP_TRY(cp_der_enter(in, &sequence, CP_DER_SEQUENCE, "extKeyUsage", err));
    while (!cp_der_at_end(&sequence)) {
        CP_TRY(cp_der_oid(&sequence, &oid, "extKeyUsage", err));
        put_oid(sink, oid);
    }
    return CP_OK;
}

/* AccessDescriptions of one method, RFC 5280 4.2.2.1. */
static enum cp_status read_access(struct cp_sink *sink, struct cp_der_reader *in,
                                  const char *method, struct cp_error *err) {
    static const char what[] = "authorityInfoAccess";
    struct cp_der_reader sequence, description;
    struct cp_der location;
    struct cp_span oid;
    char dotted[CP_OID_TEXT];
    CP_TRY(cp_der_enter(in, &sequence, CP_DER_SEQUENCE, what, err));
    while (!cp_der_at_end(&sequence)) {
        CP_TRY(cp_der_enter(&sequence, &description, CP_DER_SEQUENCE, what, err));
        CP_TRY(cp_der_oid(&description, &oid, what, err));
        CP_TRY(cp_der_any(&description, &location, what, err));
        CP_TRY(cp_der_end(&description, what, err));
        cp_oid_dotted(dotted, oid);
        if (strcmp(dotted, method) == 0)
            put_location(sink, &location);
    }
    return CP_OK;
}

static enum cp_status read_ocsp(struct cp_sink *sink, struct cp_der_reader *in,
                                struct cp_error *err) {
    return read_access(sink, in, "1.3.6.1.5.5.7.48.1", err);
}

static enum cp_status read_ca_issuers(struct cp_sink *sink, struct cp_der_reader *in,
                                      struct cp_error *err) {
    return read_access(sink, in, "1.3.6.1.5.5.7.48.2", err);
}

/* CRLDistributionPoints, RFC 5280 4.2.1.13: the full names. */
static enum cp_status read_crl(struct cp_sink *sink, struct cp_der_reader *in,
                               struct cp_error *err) {
    static const char what[] = "cRLDistributionPoints";
    struct cp_der_reader sequence, point, name, names;
    struct cp_der location;
    CP_TRY(cp_der_enter(in, &sequence, CP_DER_SEQUENCE, what, err));
    while (!cp_der_at_end(&sequence)) {
        CP_TRY(cp_der_enter(&sequence, &point, CP_DER_SEQUENCE, what, err));
        if (!cp_der_peek(&point, CP_DER_CONTEXT_CONSTRUCTED(0)))
            continue;
        CP_TRY(cp_der_enter(&point, &name, CP_DER_CONTEXT_CONSTRUCTED(0), what, err));
        if (!cp_der_peek(&name, CP_DER_CONTEXT_CONSTRUCTED(0)))
            continue; /* nameRelativeToCRLIssuer */
        CP_TRY(cp_der_enter(&name, &names, CP_DER_CONTEXT_CONSTRUCTED(0), what, err));
        while (!cp_der_at_end(&names)) {
            CP_TRY(cp_der_any(&names, &location, what, err));
            put_location(sink, &location);
        }
    }
    return CP_OK;
}

static enum cp_status read_policies(struct cp_sink *sink, struct cp_der_reader *in,
                                    struct cp_error *err) {
    static const char what[] = "certificatePolicies";
    struct cp_der_reader sequence, information;
    struct cp_span oid;
    CP_TRY(cp_der_enter(in, &sequence, CP_DER_SEQUENCE, what, err));
    while (!cp_der_at_end(&sequence)) {
        CP_TRY(cp_der_enter(&sequence, &information, CP_DER_SEQUENCE, what, err));
        CP_TRY(cp_der_oid(&information, &oid, what, err));
        put_oid(sink, oid);
    }
    return CP_OK;
}

/* GeneralSubtrees of one kind, RFC 5280 4.2.1.10. */
static enum cp_status read_subtrees(struct cp_sink *sink, struct cp_der_reader *in, uint8_t wanted,
                                    struct cp_error *err) {
    static const char what[] = "nameConstraints";
    struct cp_der_reader sequence, subtrees, subtree;
    struct cp_der base, kind;
    CP_TRY(cp_der_enter(in, &sequence, CP_DER_SEQUENCE, what, err));
    while (!cp_der_at_end(&sequence)) {
        struct cp_der_reader at = sequence;
        CP_TRY(cp_der_any(&sequence, &kind, what, err));
        subtrees = cp_der_inside(&at, &kind);
        while (kind.tag == wanted && !cp_der_at_end(&subtrees)) {
            CP_TRY(cp_der_enter(&subtrees, &subtree, CP_DER_SEQUENCE, what, err));
            CP_TRY(cp_der_any(&subtree, &base, what, err));
            struct cp_general_name name = general_name_of(&base);
            put_general_name(sink, &name);
        }
    }
    return CP_OK;
}

static enum cp_status read_permitted(struct cp_sink *sink, struct cp_der_reader *in,
                                     struct cp_error *err) {
    return read_subtrees(sink, in, CP_DER_CONTEXT_CONSTRUCTED(0), err);
}

static enum cp_status read_excluded(struct cp_sink *sink, struct cp_der_reader *in,
                                    struct cp_error *err) {
    return read_subtrees(sink, in, CP_DER_CONTEXT_CONSTRUCTED(1), err);
}

/* TLS Feature, RFC 7633 4.1: numbers of TLS extensions. */
static enum cp_status read_tls_features(struct cp_sink *sink, struct cp_der_reader *in,
                                        struct cp_error *err) {
    struct cp_der_reader sequence;
    uint32_t feature;
    char text[48];
    CP_TRY(cp_der_enter(in, &sequence, CP_DER_SEQUENCE, "tlsfeature", err));
    while (!cp_der_at_end(&sequence)) {
        CP_TRY(cp_der_small(&sequence, &feature, 65535, "tlsfeature", err));
        snprintf(text, sizeof(text), "%s%u%s", feature == 5 ? "status_request (" : "",
                 (unsigned)feature, feature == 5 ? ")" : "");
        cp_sink_item(sink, cp_span_of(text));
    }
    return CP_OK;
}

/* SignedCertificateTimestampList, RFC 6962 3.3: TLS vectors in an OCTET STRING. */
static void put_scts(struct cp_sink *sink, const struct cp_cert *cert) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_der_reader in;
    struct cp_der list;
    int64_t num = 0;
    if (!cp_cert_has(cert, CP_EXT_SCT_LIST)) {
        cp_sink_null(sink, "sct_count");
        return;
    }
    cp_der_reader_init(&in, cert->values[CP_EXT_SCT_LIST]);
    enum cp_status status = cp_der_expect(&in, &list, CP_DER_OCTET_STRING, "sctList", &err);
    struct cp_span rest = list.content;
    if (status == CP_OK &&
        (rest.len < 2 || (size_t)(rest.data[0] << 8 | rest.data[1]) != rest.len - 2))
        status = cp_fail(&err, CP_ERR_PARSE, "sctList: its length is not that of what it holds");
    for (size_t at = 2; status == CP_OK && at < rest.len; num++) {
        size_t left = rest.len - at;
        size_t len = left < 2 ? 0 : (size_t)(rest.data[at] << 8 | rest.data[at + 1]);
        if (left < 2 || len > left - 2)
            status = cp_fail(&err, CP_ERR_PARSE, "sctList: a timestamp is cut off");
        else
            at += 2 + len;
    }
    if (status == CP_OK) {
        cp_sink_number(sink, "sct_count", num);
        return;
    }
    cp_sink_null(sink, "sct_count");
    cp_sink_text(sink, "sct_unread", err.message);
}

/* ---- all of them by name ----------------------------------------------------------------------
 */

static void put_extension(struct cp_sink *sink, struct cp_span oid, bool critical, size_t len) {
    char dotted[CP_OID_TEXT], text[CP_OID_TEXT + 120];
    cp_oid_dotted(dotted, oid);
    const struct cp_oid_row *row = cp_oid_find(dotted);
    if (sink->json) {
        cp_sink_open_flat(sink, NULL);
        cp_sink_text(sink, "oid", dotted);
        cp_sink_text(sink, "name", row != NULL ? row->name : NULL);
        cp_sink_bool(sink, "critical", critical);
        cp_sink_number(sink, "length", (int64_t)len);
        cp_sink_close(sink, '}');
        return;
    }
    snprintf(text, sizeof(text), "%s%s%s, %zu bytes", row != NULL ? row->name : dotted,
             row != NULL ? "" : " (unknown)", critical ? ", critical" : "", len);
    cp_sink_item(sink, cp_span_of(text));
}

/* cp_cert_parse has proved the form of all this. */
static void put_extensions(struct cp_sink *sink, const struct cp_cert *cert) {
    struct cp_der_reader in, tbs, outer, extensions, extension;
    struct cp_der element, value;
    struct cp_span oid;
    cp_sink_list(sink, "extensions");
    cp_der_reader_init(&in, cert->tbs);
    if (cp_der_enter(&in, &tbs, CP_DER_SEQUENCE, "", NULL) != CP_OK)
        goto out;
    while (!cp_der_at_end(&tbs) && !cp_der_peek(&tbs, CP_DER_CONTEXT_CONSTRUCTED(3)))
        if (cp_der_any(&tbs, &element, "", NULL) != CP_OK)
            goto out;
    if (cp_der_at_end(&tbs) ||
        cp_der_enter(&tbs, &outer, CP_DER_CONTEXT_CONSTRUCTED(3), "", NULL) != CP_OK ||
        cp_der_enter(&outer, &extensions, CP_DER_SEQUENCE, "", NULL) != CP_OK)
        goto out;
    while (cp_der_enter(&extensions, &extension, CP_DER_SEQUENCE, "", NULL) == CP_OK) {
        bool critical = false;
        if (cp_der_oid(&extension, &oid, "", NULL) != CP_OK)
            break;
        if (cp_der_peek(&extension, CP_DER_BOOLEAN) &&
            cp_der_boolean(&extension, &critical, "", NULL) != CP_OK)
            break;
        if (cp_der_any(&extension, &value, "", NULL) != CP_OK)
            break;
        put_extension(sink, oid, critical, value.content.len);
    }
out:
    cp_sink_list_end(sink);
}

void cp_inspect_extensions(struct cp_sink *sink, const struct cp_cert *cert) {
    put_subject_alt_names(sink, cert);
    put_basic_constraints(sink, cert);
    put_key_usage(sink, cert);
    put_list(sink, cert, CP_EXT_EXTENDED_KEY_USAGE, "extended_key_usage", read_purposes);
    put_key_ids(sink, cert);
    put_list(sink, cert, CP_EXT_AUTHORITY_INFO, "ocsp_urls", read_ocsp);
    put_list(sink, cert, CP_EXT_AUTHORITY_INFO, "ca_issuer_urls", read_ca_issuers);
    put_list(sink, cert, CP_EXT_CRL_DISTRIBUTION, "crl_urls", read_crl);
    put_list(sink, cert, CP_EXT_POLICIES, "policies", read_policies);
    put_scts(sink, cert);
    if (sink->json || cp_cert_has(cert, CP_EXT_CT_POISON))
        cp_sink_bool(sink, "precertificate", cp_cert_has(cert, CP_EXT_CT_POISON));
    put_list(sink, cert, CP_EXT_TLS_FEATURE, "tls_features", read_tls_features);
    put_list(sink, cert, CP_EXT_NAME_CONSTRAINTS, "permitted_names", read_permitted);
    put_list(sink, cert, CP_EXT_NAME_CONSTRAINTS, "excluded_names", read_excluded);
    put_extensions(sink, cert);
}
