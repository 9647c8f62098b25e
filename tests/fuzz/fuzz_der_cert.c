/* cp_cert_parse: spans, walks and texts of whatever it accepts. */
#include "cert.h"
#include "cp_limits.h"
#include "fuzz.h"

/* Every element of a constructed one can be walked to the end, down to depth. */
static void walk(struct cp_der_reader in, unsigned depth) {
    struct cp_der element;
    while (!cp_der_at_end(&in)) {
        const uint8_t *before = in.next;
        FUZZ_ASSERT(cp_der_any(&in, &element, "element", NULL) == CP_OK);
        FUZZ_ASSERT(in.next > before && element.whole.data == before);
        FUZZ_ASSERT(fuzz_is_inside(element.content, element.whole));
        FUZZ_ASSERT(element.offset == (size_t)(before - in.origin));
        if ((element.tag & 0x20) != 0 && depth != 0)
            walk(cp_der_inside(&in, &element), depth - 1);
    }
}

static void walk_span(struct cp_span der, unsigned depth) {
    struct cp_der_reader in;
    cp_der_reader_init(&in, der);
    walk(in, depth);
}

static void check_spans(const struct cp_cert *cert) {
    const struct cp_span spans[] = {
        cert->tbs,
        cert->serial,
        cert->tbs_signature_algorithm,
        cert->issuer,
        cert->subject,
        cert->signature_algorithm,
        cert->signature,
        cert->common_name,
        cert->spki,
        cert->public_key,
        cert->rsa_n,
        cert->rsa_e,
        cert->key_algorithm_oid,
        cert->first_unknown_critical,
        cert->subject_alt_names,
        cert->subject_key_id,
        cert->authority_key_id,
    };
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
        FUZZ_ASSERT(fuzz_is_inside(spans[i], cert->der));
    for (unsigned i = 0; i < CP_NUM_EXTENSIONS; i++) {
        FUZZ_ASSERT(fuzz_is_inside(cert->values[i], cert->der));
        FUZZ_ASSERT(cp_cert_has(cert, i) ||
                    (cert->values[i].len == 0 && !cp_cert_is_critical(cert, i)));
    }
    FUZZ_ASSERT(cert->extensions >> CP_NUM_EXTENSIONS == 0);
}

static void check_values(const struct cp_cert *cert) {
    FUZZ_ASSERT(cert->version >= 1 && cert->version <= 3 && cert->serial.len != 0);
    FUZZ_ASSERT(cert->version == 3 || cert->num_extensions == 0);
    FUZZ_ASSERT(cert->num_extensions <= CP_MAX_EXTENSIONS);
    FUZZ_ASSERT(cert->path_len >= -1 && cert->key_usage < 1U << 9);
    FUZZ_ASSERT((cert->num_lenient == 0) == (cert->first_lenient == NULL));
    FUZZ_ASSERT(cert->first_lenient_offset <= cert->der.len);
    FUZZ_ASSERT(cp_cert_has(cert, CP_EXT_KEY_USAGE) || cert->key_usage == 0);
    FUZZ_ASSERT(cp_cert_has(cert, CP_EXT_EXTENDED_KEY_USAGE) == (cert->extended_key_usage != 0));
    FUZZ_ASSERT(cp_cert_has(cert, CP_EXT_BASIC_CONSTRAINTS) ||
                (!cert->is_ca && cert->path_len == -1));
    FUZZ_ASSERT((cp_key_algorithm_get(cert->key_type)->kind == CP_KIND_RSA) ==
                (cert->rsa_n.len != 0));
}

static void check_names(const struct cp_cert *cert) {
    struct cp_span names = cert->subject_alt_names;
    struct cp_general_name name;
    size_t num = 0;
    char text[160], small[8];
    while (cp_general_name_next(&names, &name)) {
        FUZZ_ASSERT(fuzz_is_inside(name.value, cert->der));
        FUZZ_ASSERT(name.kind <= CP_GN_REGISTERED_ID);
        FUZZ_ASSERT(name.kind != CP_GN_IP || name.value.len == 4 || name.value.len == 16);
        num++;
    }
    FUZZ_ASSERT(names.len == 0);
    FUZZ_ASSERT(num == cert->num_dns_names + cert->num_ip_names + cert->num_other_names);
    FUZZ_ASSERT(cp_name_equal(cert->subject, cert->subject));
    FUZZ_ASSERT(cp_name_is_within(cert->issuer, cert->issuer));
    FUZZ_ASSERT(cp_name_equal(cert->subject, cert->issuer) ==
                cp_name_equal(cert->issuer, cert->subject));
    if (cp_cert_is_self_issued(cert))
        FUZZ_ASSERT(cert->subject_hash == cert->issuer_hash);
    FUZZ_ASSERT(cert->subject_hash == cp_name_hash(cert->subject));
    memset(text, 'x', sizeof(text));
    cp_cert_subject_text(text, sizeof(text), cert);
    FUZZ_ASSERT(memchr(text, '\0', sizeof(text)) != NULL);
    fuzz_is_shown_safely(text, strlen(text), false);
    cp_cert_subject_text(small, sizeof(small), cert);
    FUZZ_ASSERT(memchr(small, '\0', sizeof(small)) != NULL);
    fuzz_is_shown_safely(small, strlen(small), false);
    cp_oid_format(text, sizeof(text), cert->key_algorithm_oid);
    FUZZ_ASSERT(strspn(text, "0123456789.") == strlen(text));
}

static void check(struct cp_span der) {
    struct cp_cert cert, again;
    struct cp_error err = {CP_OK, 0, 0, ""};
    enum cp_status status = cp_cert_parse(&cert, der, &err);
    FUZZ_ASSERT(cp_cert_parse(&again, der, NULL) == status);
    if (status != CP_OK) {
        FUZZ_ASSERT(status == CP_ERR_PARSE || status == CP_ERR_LIMIT);
        FUZZ_ASSERT(err.status == status && err.offset <= der.len && err.message[0] != '\0');
        fuzz_is_shown_safely(err.message, strlen(err.message), false);
        return;
    }
    walk_span(der, 1);
    walk_span(cert.tbs, 1);
    walk_span(cert.issuer, 3);
    walk_span(cert.subject, 3);
    walk_span(cert.subject_alt_names, 0);
    check_spans(&cert);
    check_values(&cert);
    check_names(&cert);
    /* Any octet less or more makes another thing of it. */
    FUZZ_ASSERT(cp_cert_parse(&again, (struct cp_span){der.data, der.len - 1}, NULL) != CP_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_each_der(data, size, check);
    return 0;
}
