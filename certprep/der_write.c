#include "der_write.h"

#include "key_parts.h"

size_t cp_der_element_len(size_t content_len) {
    uint8_t header[CP_DER_HEADER_MAX];
    return cp_der_header(header, 0, content_len) + content_len;
}

void cp_der_put(struct cp_der_writer *writer, const void *data, size_t len) {
    if (writer->status == CP_OK)
        writer->status = cp_secret_append(writer->out, data, len, writer->err);
}

void cp_der_put_header(struct cp_der_writer *writer, uint8_t tag, size_t content_len) {
    uint8_t header[CP_DER_HEADER_MAX];
    cp_der_put(writer, header, cp_der_header(header, tag, content_len));
}

void cp_der_put_element(struct cp_der_writer *writer, uint8_t tag, struct cp_span content) {
    cp_der_put_header(writer, tag, content.len);
    cp_der_put(writer, content.data, content.len);
}
