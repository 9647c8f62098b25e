#include "access.h"

/* id-ad-ocsp 1.3.6.1.5.5.7.48.1, id-ad-caIssuers .2 */
static enum cp_access_method method_of(struct cp_span oid) {
    static const uint8_t ad[] = {0x2b, 6, 1, 5, 5, 7, 0x30};
    if (oid.len != sizeof(ad) + 1 ||
        !cp_span_equal((struct cp_span){oid.data, sizeof(ad)}, (struct cp_span){ad, sizeof(ad)}))
        return CP_ACCESS_OTHER;
    return oid.data[sizeof(ad)] == 1   ? CP_ACCESS_OCSP
           : oid.data[sizeof(ad)] == 2 ? CP_ACCESS_CA_ISSUERS
                                       : CP_ACCESS_OTHER;
}

bool cp_access_open(struct cp_der_reader *list, struct cp_span value) {
    struct cp_der_reader in;
    cp_der_reader_init(&in, value);
    return cp_der_enter(&in, list, CP_DER_SEQUENCE, "authorityInfoAccess", NULL) == CP_OK &&
           cp_der_at_end(&in) && !cp_der_at_end(list);
}

bool cp_access_next(struct cp_der_reader *list, struct cp_access *out) {
    struct cp_der_reader description;
    if (cp_der_enter(list, &description, CP_DER_SEQUENCE, "accessDescription", NULL) != CP_OK ||
        cp_der_oid(&description, &out->oid, "accessMethod", NULL) != CP_OK ||
        cp_der_any(&description, &out->location, "accessLocation", NULL) != CP_OK ||
        !cp_der_at_end(&description))
        return false;
    out->method = method_of(out->oid);
    return true;
}

size_t cp_access_uris(struct cp_span *uris, size_t max, const struct cp_cert *cert,
                      enum cp_access_method method) {
    struct cp_der_reader list;
    struct cp_access access;
    size_t num = 0;
    if (!cp_access_open(&list, cert->values[CP_EXT_AUTHORITY_INFO]))
        return 0;
    while (num < max && !cp_der_at_end(&list) && cp_access_next(&list, &access))
        if (access.method == method && access.location.tag == CP_DER_CONTEXT(CP_GN_URI))
            uris[num++] = access.location.content;
    return num;
}
