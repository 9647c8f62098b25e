/* PKCS#7: SignedData of certificates alone (RFC 2315 9.1, "degenerate"), as PEM. The certificates
 * stand leaf first: a SET OF has no order in BER, and every writer keeps its own. */
#include "der_write.h"
#include "key_parts.h"
#include "output.h"
#include "pem.h"

/* version 1, no digest algorithms, contentInfo of type data: 1.2.840.113549.1.7.1 */
static const uint8_t before[] = {0x02, 0x01, 0x01, 0x31, 0x00, 0x30, 0x0b, 0x06, 0x09,
                                 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01};
static const uint8_t no_signers[] = {0x31, 0x00};
/* 1.2.840.113549.1.7.2 */
static const uint8_t signed_data[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                      0xf7, 0x0d, 0x01, 0x07, 0x02};

static enum cp_status write_der(struct cp_secret *out, const struct cp_prepared *prepared,
                                struct cp_error *err) {
    size_t certs_len = 0;
    for (size_t i = 0; i < prepared->num_certs; i++)
        certs_len += prepared->certs[i].len;
    size_t data_len = sizeof(before) + cp_der_element_len(certs_len) + sizeof(no_signers);
    size_t wrapped_len = cp_der_element_len(data_len); /* the SEQUENCE inside [0] */
    size_t content_len = sizeof(signed_data) + cp_der_element_len(wrapped_len);
    struct cp_der_writer w = {.out = out, .err = err};
    w.status = cp_secret_init(out, cp_der_element_len(content_len), err);
    cp_der_put_header(&w, CP_DER_SEQUENCE, content_len);
    cp_der_put(&w, signed_data, sizeof(signed_data));
    cp_der_put_header(&w, CP_DER_CONTEXT_CONSTRUCTED(0), wrapped_len);
    cp_der_put_header(&w, CP_DER_SEQUENCE, data_len);
    cp_der_put(&w, before, sizeof(before));
    cp_der_put_header(&w, CP_DER_CONTEXT_CONSTRUCTED(0), certs_len);
    for (size_t i = 0; i < prepared->num_certs; i++)
        cp_der_put(&w, prepared->certs[i].data, prepared->certs[i].len);
    cp_der_put(&w, no_signers, sizeof(no_signers));
    return w.status;
}

enum cp_status cp_output_pkcs7(struct cp_secret *out, const struct cp_prepared *prepared,
                               const struct cp_output_options *options, struct cp_error *err) {
    struct cp_secret der = {0};
    (void)options;
    enum cp_status status = write_der(&der, prepared, err);
    if (status == CP_OK)
        status = cp_secret_init(out, cp_pem_encoded_len("PKCS7", der.len), err);
    if (status == CP_OK)
        status = cp_pem_append(out, "PKCS7", (struct cp_span){der.data, der.len}, err);
    cp_secret_cleanup(&der);
    return status;
}
