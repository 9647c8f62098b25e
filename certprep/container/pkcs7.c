/* PKCS#7 and CMS SignedData as a box of certificates (RFC 2315 9.1, RFC 5652 5.1).
 *
 * Taken: DER, and BER with indefinite lengths and with lengths that are not minimal, as Windows and
 * Java write it. Certificates are handed on as they stand: they must be DER themselves. Attribute
 * certificates and RFC 2315's extended ones are passed over. No signature is verified: the box
 * proves nothing that the certificates do not. */
#include "algorithm.h"
#include "ber.h"
#include "container.h"
#include "der.h"

static enum cp_status end(const struct cp_ber_reader *in, const char *what, struct cp_error *err) {
    return in->rest.len == 0 ? CP_OK : cp_ber_fail(in, what, "bytes left over", err);
}

static enum cp_status walk_certificates(struct cp_ber_reader *in, cp_item_fn *item, void *context,
                                        size_t *num_items, struct cp_error *err) {
    struct cp_ber element;
    while (in->rest.len != 0) {
        CP_TRY(cp_ber_next(in, &element, "SignedData.certificates", err));
        if (element.tag != CP_DER_SEQUENCE)
            continue;
        ++*num_items;
        CP_TRY(item(context, CP_ITEM_CERTIFICATE, element.whole,
                    (size_t)(element.whole.data - in->origin), err));
    }
    return CP_OK;
}

/* Everything is read before the first certificate is handed out, so that a broken box gives none.
 */
static enum cp_status walk_signed_data(struct cp_ber_reader *in, cp_item_fn *item, void *context,
                                       size_t *num_items, struct cp_error *err) {
    struct cp_ber element;
    struct cp_ber_reader certificates = {{NULL, 0}, in->origin}, check;
    CP_TRY(cp_ber_expect(in, &element, CP_DER_INTEGER, "SignedData.version", err));
    CP_TRY(cp_ber_expect(in, &element, CP_DER_SET, "SignedData.digestAlgorithms", err));
    CP_TRY(cp_ber_expect(in, &element, CP_DER_SEQUENCE, "SignedData.encapContentInfo", err));
    if (in->rest.len != 0 && in->rest.data[0] == CP_DER_CONTEXT_CONSTRUCTED(0))
        CP_TRY(cp_ber_enter(in, &certificates, CP_DER_CONTEXT_CONSTRUCTED(0),
                            "SignedData.certificates", err));
    if (in->rest.len != 0 && in->rest.data[0] == CP_DER_CONTEXT_CONSTRUCTED(1))
        CP_TRY(cp_ber_next(in, &element, "SignedData.crls", err));
    CP_TRY(cp_ber_expect(in, &element, CP_DER_SET, "SignedData.signerInfos", err));
    CP_TRY(end(in, "SignedData", err));
    check = certificates;
    while (check.rest.len != 0)
        CP_TRY(cp_ber_next(&check, &element, "SignedData.certificates", err));
    return walk_certificates(&certificates, item, context, num_items, err);
}

enum cp_status cp_pkcs7_walk(struct cp_span der, cp_item_fn *item, void *context, size_t *num_items,
                             struct cp_error *err) {
    static const uint8_t signed_data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02};
    struct cp_ber_reader in = {der, der.data}, info, explicit_content, content;
    struct cp_ber type;
    char oid[80];
    *num_items = 0;
    CP_TRY(cp_ber_enter(&in, &info, CP_DER_SEQUENCE, "ContentInfo", err));
    CP_TRY(end(&in, "ContentInfo", err));
    CP_TRY(cp_ber_expect(&info, &type, CP_DER_OID, "ContentInfo.contentType", err));
    if (!cp_span_equal(type.content, (struct cp_span){signed_data, sizeof(signed_data)})) {
        cp_oid_format(oid, sizeof(oid), type.content);
        return cp_fail(err, CP_ERR_UNSUPPORTED,
                       "RFC 5652 5.1: contentType: want signedData, got %s, which holds no "
                       "certificates to serve",
                       oid);
    }
    CP_TRY(cp_ber_enter(&info, &explicit_content, CP_DER_CONTEXT_CONSTRUCTED(0),
                        "ContentInfo.content", err));
    CP_TRY(end(&info, "ContentInfo", err));
    CP_TRY(cp_ber_enter(&explicit_content, &content, CP_DER_SEQUENCE, "SignedData", err));
    CP_TRY(end(&explicit_content, "ContentInfo.content", err));
    return walk_signed_data(&content, item, context, num_items, err);
}
