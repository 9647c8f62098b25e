#include "cert_extensions.h"

#include "cp_limits.h"

typedef enum cp_status (*read_fn)(struct cp_cert *out, struct cp_der_reader *in,
                                  struct cp_error *err);

void cp_cert_note_lenient(struct cp_cert *out, const struct cp_der_reader *at, const char *text) {
    if (out->num_lenient++ != 0)
        return;
    out->first_lenient = text;
    out->first_lenient_offset = (size_t)(at->next - at->origin);
}

static enum cp_status read_subject_key_id(struct cp_cert *out, struct cp_der_reader *in,
                                          struct cp_error *err) {
    struct cp_der id;
    CP_TRY(cp_der_expect(in, &id, CP_DER_OCTET_STRING, "subjectKeyIdentifier", err));
    out->subject_key_id = id.content;
    return CP_OK;
}

static enum cp_status read_authority_key_id(struct cp_cert *out, struct cp_der_reader *in,
                                            struct cp_error *err) {
    static const char what[] = "authorityKeyIdentifier";
    struct cp_der_reader sequence;
    struct cp_der field;
    CP_TRY(cp_der_enter(in, &sequence, CP_DER_SEQUENCE, what, err));
    if (cp_der_peek(&sequence, CP_DER_CONTEXT(0))) {
        CP_TRY(cp_der_any(&sequence, &field, what, err));
        out->authority_key_id = field.content;
    }
    if (cp_der_peek(&sequence, CP_DER_CONTEXT_CONSTRUCTED(1)))
        CP_TRY(cp_der_any(&sequence, &field, what, err));
    if (cp_der_peek(&sequence, CP_DER_CONTEXT(2)))
        CP_TRY(cp_der_any(&sequence, &field, what, err));
    return cp_der_end(&sequence, what, err);
}

static enum cp_status read_key_usage(struct cp_cert *out, struct cp_der_reader *in,
                                     struct cp_error *err) {
    struct cp_span bits;
    unsigned unused;
    CP_TRY(cp_der_bits(in, CP_DER_BIT_STRING, &bits, &unused, "keyUsage", err));
    for (size_t i = 0; i < 9 && i / 8 < bits.len; i++)
        if ((bits.data[i / 8] & (0x80U >> (i % 8))) != 0)
            out->key_usage |= 1U << i;
    return CP_OK;
}

static enum cp_status read_extended_key_usage(struct cp_cert *out, struct cp_der_reader *in,
                                              struct cp_error *err) {
    static const char what[] = "extKeyUsage";
    static const uint8_t any[] = {0x55, 0x1d, 0x25, 0};
    static const uint8_t kp[] = {0x2b, 6, 1, 5, 5, 7, 3}; /* id-kp */
    struct cp_der_reader sequence;
    struct cp_span id;
    CP_TRY(cp_der_enter(in, &sequence, CP_DER_SEQUENCE, what, err));
    if (cp_der_at_end(&sequence))
        return cp_der_fail(&sequence, err, what, "an empty sequence");
    while (!cp_der_at_end(&sequence)) {
        CP_TRY(cp_der_oid(&sequence, &id, what, err));
        struct cp_span prefix = {id.data, id.len - (id.len != 0)};
        uint32_t flag = CP_EKU_OTHER;
        if (cp_span_equal(id, (struct cp_span){any, sizeof(any)}))
            flag = CP_EKU_ANY;
        else if (cp_span_equal(prefix, (struct cp_span){kp, sizeof(kp)}) && id.data[7] <= 2)
            flag = id.data[7] == 1   ? CP_EKU_SERVER_AUTH
                   : id.data[7] == 2 ? CP_EKU_CLIENT_AUTH
                                     : CP_EKU_OTHER;
        out->extended_key_usage |= flag;
    }
    return CP_OK;
}

static enum cp_status read_basic_constraints(struct cp_cert *out, struct cp_der_reader *in,
                                             struct cp_error *err) {
    static const char what[] = "basicConstraints";
    struct cp_der_reader sequence;
    uint32_t path_len;
    CP_TRY(cp_der_enter(in, &sequence, CP_DER_SEQUENCE, what, err));
    if (cp_der_peek(&sequence, CP_DER_BOOLEAN)) {
        CP_TRY(cp_der_boolean(&sequence, &out->is_ca, what, err));
        if (!out->is_ca)
            cp_cert_note_lenient(out, &sequence,
                                 "basicConstraints: the default cA FALSE is written out");
    }
    if (cp_der_peek(&sequence, CP_DER_INTEGER)) {
        CP_TRY(cp_der_small(&sequence, &path_len, 1000000, "pathLenConstraint", err));
        out->path_len = (int)path_len;
    }
    return cp_der_end(&sequence, what, err);
}

/* GeneralName, with the form of each kind proved. */
static enum cp_status read_general_name(struct cp_der_reader *in, struct cp_der *out,
                                        const char *what, struct cp_error *err) {
    struct cp_der_reader at = *in;
    CP_TRY(cp_der_any(in, out, what, err));
    unsigned kind = out->tag & 0x1f;
    bool constructed =
        kind == CP_GN_OTHER || kind == CP_GN_X400 || kind == CP_GN_DIRECTORY || kind == CP_GN_EDI;
    if ((out->tag & 0xc0) != 0x80 || kind > CP_GN_REGISTERED_ID ||
        ((out->tag & 0x20) != 0) != constructed)
        return cp_der_fail(&at, err, what, "not a GeneralName");
    if (kind == CP_GN_DIRECTORY) {
        struct cp_span name;
        bool empty;
        struct cp_der_reader inner = cp_der_inside(&at, out);
        CP_TRY(cp_cert_read_name(&inner, &name, &empty, NULL, NULL, what, err));
        CP_TRY(cp_der_end(&inner, what, err));
    }
    return CP_OK;
}

static enum cp_status read_subject_alt_name(struct cp_cert *out, struct cp_der_reader *in,
                                            struct cp_error *err) {
    static const char what[] = "subjectAltName";
    struct cp_der sequence, name;
    CP_TRY(cp_der_expect(in, &sequence, CP_DER_SEQUENCE, what, err));
    struct cp_der_reader names = cp_der_inside(in, &sequence);
    if (cp_der_at_end(&names))
        return cp_der_fail(&names, err, what, "an empty sequence");
    out->subject_alt_names = sequence.content;
    while (!cp_der_at_end(&names)) {
        struct cp_der_reader at = names;
        CP_TRY(read_general_name(&names, &name, what, err));
        unsigned kind = name.tag & 0x1f;
        if (kind == CP_GN_IP && name.content.len != 4 && name.content.len != 16)
            return cp_der_fail(&at, err, what, "an iPAddress is 4 or 16 octets");
        out->num_dns_names += kind == CP_GN_DNS;
        out->num_ip_names += kind == CP_GN_IP;
        out->num_other_names += kind != CP_GN_DNS && kind != CP_GN_IP;
        if (out->num_dns_names + out->num_ip_names + out->num_other_names > CP_MAX_NAMES)
            return cp_fail(err, CP_ERR_LIMIT, "subjectAltName: more than %d names", CP_MAX_NAMES);
    }
    return CP_OK;
}

bool cp_general_name_next(struct cp_span *names, struct cp_general_name *out) {
    struct cp_der_reader in;
    struct cp_der name;
    cp_der_reader_init(&in, *names);
    if (cp_der_at_end(&in) || cp_der_any(&in, &name, "GeneralName", NULL) != CP_OK)
        return false;
    out->kind = (enum cp_general_name_kind)(name.tag & 0x1f);
    out->value = name.content;
    names->data += name.whole.len;
    names->len -= name.whole.len;
    return true;
}

/* One row an extension: OID content octets, and the reader of its value where its facts are kept.
 */
static const struct {
    struct cp_span oid;
    read_fn read;
} rows[CP_NUM_EXTENSIONS] = {
#define CE(last)                                                                                   \
    { (const uint8_t *)"\x55\x1d" last, 3 }
#define PE(last)                                                                                   \
    { (const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x01" last, 8 }
#define CT(last)                                                                                   \
    { (const uint8_t *)"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04" last, 10 }
    [CP_EXT_SUBJECT_KEY_ID] = {CE("\x0e"), read_subject_key_id},
    [CP_EXT_KEY_USAGE] = {CE("\x0f"), read_key_usage},
    [CP_EXT_SUBJECT_ALT_NAME] = {CE("\x11"), read_subject_alt_name},
    [CP_EXT_ISSUER_ALT_NAME] = {CE("\x12"), NULL},
    [CP_EXT_BASIC_CONSTRAINTS] = {CE("\x13"), read_basic_constraints},
    [CP_EXT_NAME_CONSTRAINTS] = {CE("\x1e"), NULL},
    [CP_EXT_CRL_DISTRIBUTION] = {CE("\x1f"), NULL},
    [CP_EXT_POLICIES] = {CE("\x20"), NULL},
    [CP_EXT_POLICY_MAPPINGS] = {CE("\x21"), NULL},
    [CP_EXT_AUTHORITY_KEY_ID] = {CE("\x23"), read_authority_key_id},
    [CP_EXT_POLICY_CONSTRAINTS] = {CE("\x24"), NULL},
    [CP_EXT_EXTENDED_KEY_USAGE] = {CE("\x25"), read_extended_key_usage},
    [CP_EXT_INHIBIT_ANY_POLICY] = {CE("\x36"), NULL},
    [CP_EXT_AUTHORITY_INFO] = {PE("\x01"), NULL},
    [CP_EXT_TLS_FEATURE] = {PE("\x18"), NULL},
    [CP_EXT_SCT_LIST] = {CT("\x02"), NULL},
    [CP_EXT_CT_POISON] = {CT("\x03"), NULL},
#undef CE
#undef PE
#undef CT
};

/* RFC 5280 4.2: no extension twice, known or not. A certificate has at most CP_MAX_EXTENSIONS. */
static bool stands_before(struct cp_der_reader from, const struct cp_der_reader *here,
                          struct cp_span oid) {
    struct cp_der_reader extension;
    struct cp_span other;
    while (from.next < here->next &&
           cp_der_enter(&from, &extension, CP_DER_SEQUENCE, "extension", NULL) == CP_OK &&
           cp_der_oid(&extension, &other, "extnID", NULL) == CP_OK)
        if (from.next < here->next && cp_span_equal(oid, other))
            return true;
    return false;
}

static enum cp_status read_extension(struct cp_cert *out, struct cp_der_reader *in,
                                     const struct cp_der_reader *first, struct cp_error *err) {
    struct cp_der value;
    struct cp_span oid;
    struct cp_der_reader extension, inner;
    bool critical = false;
    CP_TRY(cp_der_enter(in, &extension, CP_DER_SEQUENCE, "extension", err));
    struct cp_der_reader at = extension;
    CP_TRY(cp_der_oid(&extension, &oid, "extnID", err));
    if (cp_der_peek(&extension, CP_DER_BOOLEAN)) {
        CP_TRY(cp_der_boolean(&extension, &critical, "critical", err));
        if (!critical)
            cp_cert_note_lenient(out, &extension,
                                 "extension: the default critical FALSE is written out");
    }
    CP_TRY(cp_der_expect(&extension, &value, CP_DER_OCTET_STRING, "extnValue", err));
    CP_TRY(cp_der_end(&extension, "extension", err));
    if (++out->num_extensions > CP_MAX_EXTENSIONS)
        return cp_fail(err, CP_ERR_LIMIT, "extensions: more than %d", CP_MAX_EXTENSIONS);

    unsigned i = 0;
    while (i < CP_NUM_EXTENSIONS && !cp_span_equal(rows[i].oid, oid))
        i++;
    if (i == CP_NUM_EXTENSIONS ? stands_before(*first, in, oid) : (out->extensions >> i & 1) != 0)
        return cp_der_fail(&at, err, "extnID", "the extension stands there twice");
    if (i == CP_NUM_EXTENSIONS) {
        if (critical && out->num_unknown_critical++ == 0)
            out->first_unknown_critical = oid;
        return CP_OK;
    }
    out->extensions |= 1U << i;
    out->critical |= (uint32_t)critical << i;
    out->values[i] = value.content;
    if (rows[i].read == NULL)
        return CP_OK;
    inner = cp_der_inside(&extension, &value);
    CP_TRY(rows[i].read(out, &inner, err));
    return cp_der_end(&inner, "extnValue", err);
}

enum cp_status cp_cert_read_extensions(struct cp_cert *out, struct cp_der_reader *in,
                                       struct cp_error *err) {
    struct cp_der_reader sequence;
    CP_TRY(cp_der_enter(in, &sequence, CP_DER_SEQUENCE, "extensions", err));
    CP_TRY(cp_der_end(in, "extensions", err));
    if (cp_der_at_end(&sequence))
        return cp_der_fail(&sequence, err, "extensions", "an empty sequence");
    const struct cp_der_reader first = sequence;
    while (!cp_der_at_end(&sequence))
        CP_TRY(read_extension(out, &sequence, &first, err));
    return CP_OK;
}
