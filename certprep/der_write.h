/* der_write: DER into a secret of known size, for what is written by us: keys and containers. */
#ifndef CP_DER_WRITE_H
#define CP_DER_WRITE_H

#include "der.h"

/* The first failure sticks, so that a caller writes everything and looks at status once. */
struct cp_der_writer {
    struct cp_secret *out; /* has room: its size was worked out with cp_der_element_len */
    enum cp_status status;
    struct cp_error *err;
};

/* Tag, length and content. */
size_t cp_der_element_len(size_t content_len);
void cp_der_put(struct cp_der_writer *writer, const void *data, size_t len);
void cp_der_put_header(struct cp_der_writer *writer, uint8_t tag, size_t content_len);
void cp_der_put_element(struct cp_der_writer *writer, uint8_t tag, struct cp_span content);

#endif
