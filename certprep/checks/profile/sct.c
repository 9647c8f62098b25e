/* Signed certificate timestamps, their form only: RFC 6962 3.1, 3.2, 3.3. */
#include "profile.h"

/* A TLS vector with a length of two octets. */
static bool read_vector(struct cp_span *in, struct cp_span *out) {
    if (in->len < 2)
        return false;
    size_t len = (size_t)in->data[0] << 8 | in->data[1];
    if (in->len - 2 < len)
        return false;
    *out = (struct cp_span){in->data + 2, len};
    *in = (struct cp_span){in->data + 2 + len, in->len - 2 - len};
    return true;
}

/* SerializedSCT: version, log id, timestamp, extensions, hash and signature algorithm, signature.
 * Of another version than v1 (0) only the version is known. */
static bool is_sct(struct cp_span sct) {
    struct cp_span part;
    if (sct.len == 0)
        return false;
    if (sct.data[0] != 0)
        return true;
    if (sct.len < 1 + 32 + 8)
        return false;
    sct = (struct cp_span){sct.data + 41, sct.len - 41};
    if (!read_vector(&sct, &part) || sct.len < 2)
        return false;
    sct = (struct cp_span){sct.data + 2, sct.len - 2};
    return read_vector(&sct, &part) && part.len != 0 && sct.len == 0;
}

static bool is_list(const struct cp_cert *cert) {
    struct cp_der_reader in;
    struct cp_der octets;
    struct cp_span list, rest, sct;
    cp_der_reader_init(&in, cert->values[CP_EXT_SCT_LIST]);
    if (cp_der_expect(&in, &octets, CP_DER_OCTET_STRING, "SCT list", NULL) != CP_OK ||
        !cp_der_at_end(&in))
        return false;
    rest = octets.content;
    if (!read_vector(&rest, &list) || rest.len != 0 || list.len == 0)
        return false;
    while (list.len != 0) {
        if (!read_vector(&list, &sct) || !is_sct(sct))
            return false;
    }
    return true;
}

bool cp_profile_sct_malformed(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return !is_list(p->cert) && cp_profile_say(why, "its list of SCTs is empty or malformed");
}

bool cp_profile_poison(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    (void)p; /* that the extension is there is all: the runner asks for it */
    return cp_profile_say(why, "it is a precertificate: it has the CT poison extension");
}
