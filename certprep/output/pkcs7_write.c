/* PKCS#7: SignedData of certificates alone (RFC 2315 9.1, "degenerate"), as PEM. The certificates
 * stand leaf first: a SET OF has no order in BER, and every writer keeps its own. */
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

static size_t whole_len(size_t content_len) {
    uint8_t header[CP_DER_HEADER_MAX];
    return cp_der_header(header, 0, content_len) + content_len;
}

struct writer {
    struct cp_secret *out;
    enum cp_status status;
    struct cp_error *err;
};

static void put(struct writer *w, const void *data, size_t len) {
    if (w->status == CP_OK)
        w->status = cp_secret_append(w->out, data, len, w->err);
}

static void put_header(struct writer *w, uint8_t tag, size_t content_len) {
    uint8_t header[CP_DER_HEADER_MAX];
    put(w, header, cp_der_header(header, tag, content_len));
}

static enum cp_status write_der(struct cp_secret *out, const struct cp_prepared *prepared,
                                struct cp_error *err) {
    size_t certs_len = 0;
    for (size_t i = 0; i < prepared->num_certs; i++)
        certs_len += prepared->certs[i].len;
    size_t data_len = sizeof(before) + whole_len(certs_len) + sizeof(no_signers);
    size_t wrapped_len = whole_len(data_len); /* the SEQUENCE inside [0] */
    size_t content_len = sizeof(signed_data) + whole_len(wrapped_len);
    struct writer w = {.out = out, .err = err};
    w.status = cp_secret_init(out, whole_len(content_len), err);
    put_header(&w, CP_DER_SEQUENCE, content_len);
    put(&w, signed_data, sizeof(signed_data));
    put_header(&w, CP_DER_CONTEXT_CONSTRUCTED(0), wrapped_len);
    put_header(&w, CP_DER_SEQUENCE, data_len);
    put(&w, before, sizeof(before));
    put_header(&w, CP_DER_CONTEXT_CONSTRUCTED(0), certs_len);
    for (size_t i = 0; i < prepared->num_certs; i++)
        put(&w, prepared->certs[i].data, prepared->certs[i].len);
    put(&w, no_signers, sizeof(no_signers));
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
