/* Key identifiers, keys and signature algorithms:
 * BR 6.1.5, 7.1.2.1.3, 7.1.2.1.4, 7.1.2.11.1, 7.1.3.2. */
#include "webpki.h"

#include <stdio.h>

bool cp_webpki_aki_root_no_id(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return cp_cert_has(w->cert, CP_EXT_AUTHORITY_KEY_ID) && w->cert->authority_key_id.len == 0;
}

bool cp_webpki_aki_root_mismatch(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return w->cert->authority_key_id.len != 0 &&
           !cp_span_equal(w->cert->authority_key_id, w->cert->subject_key_id);
}

static bool aki_has(const struct cp_webpki *w, uint8_t tag) {
    struct cp_der_reader in, fields;
    struct cp_der field;
    cp_der_reader_init(&in, w->cert->values[CP_EXT_AUTHORITY_KEY_ID]);
    if (!cp_cert_has(w->cert, CP_EXT_AUTHORITY_KEY_ID) ||
        cp_der_enter(&in, &fields, CP_DER_SEQUENCE, "authorityKeyIdentifier", NULL) != CP_OK)
        return false;
    while (!cp_der_at_end(&fields)) {
        if (cp_der_any(&fields, &field, "authorityKeyIdentifier", NULL) != CP_OK)
            return false;
        if (field.tag == tag)
            return true;
    }
    return false;
}

bool cp_webpki_aki_issuer(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return aki_has(w, CP_DER_CONTEXT_CONSTRUCTED(1));
}

bool cp_webpki_aki_serial(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return aki_has(w, CP_DER_CONTEXT(2));
}

bool cp_webpki_root_path_length(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    if (w->cert->path_len < 0)
        return false;
    snprintf(detail, CP_WEBPKI_DETAIL, "%d", w->cert->path_len);
    return true;
}

bool cp_webpki_rsa_bits(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    if (w->cert->key_type != CP_KEY_RSA || w->cert->key_bits % 8 == 0)
        return false;
    snprintf(detail, CP_WEBPKI_DETAIL, "%u bits", w->cert->key_bits);
    return true;
}

/* MD5 and SHA-1 are CP0602's, one that is not verified CP0417's, the parameters CP0514's to
 * CP0519's. */
bool cp_webpki_signature_algorithm(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    const struct cp_signature_algorithm *row = cp_signature_algorithm_get(w->cert->signature_type);
    switch (w->cert->signature_type) {
    case CP_SIGNATURE_RSA_SHA256:
    case CP_SIGNATURE_RSA_SHA384:
    case CP_SIGNATURE_RSA_SHA512:
    case CP_SIGNATURE_RSA_PSS:
    case CP_SIGNATURE_ECDSA_SHA256:
    case CP_SIGNATURE_ECDSA_SHA384:
    case CP_SIGNATURE_ECDSA_SHA512:
    case CP_SIGNATURE_UNKNOWN:
        return false;
    default:
        snprintf(detail, CP_WEBPKI_DETAIL, "%s", row->text);
        return !row->weak;
    }
}

bool cp_webpki_ecdsa_digest(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    static const struct {
        enum cp_key_type key;
        enum cp_signature_type signature;
    } rows[] = {
        {CP_KEY_EC_P256, CP_SIGNATURE_ECDSA_SHA256},
        {CP_KEY_EC_P384, CP_SIGNATURE_ECDSA_SHA384},
        {CP_KEY_EC_P521, CP_SIGNATURE_ECDSA_SHA512},
    };
    const struct cp_signature_algorithm *used = cp_signature_algorithm_get(w->cert->signature_type);
    if (w->issuer == NULL || used->weak)
        return false;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].key != w->issuer->key_type || rows[i].signature == w->cert->signature_type)
            continue;
        snprintf(detail, CP_WEBPKI_DETAIL, "%s with a key on %s", used->text,
                 cp_key_algorithm_get(rows[i].key)->text);
        return true;
    }
    return false;
}
