/* pem_digest: the fingerprint of what a PEM text begins with, for comparing it with a leaf. */
#include <stdlib.h>

#include "cert.h"
#include "cp_limits.h"
#include "pem.h"

enum cp_status cp_pem_first_sha256(char out[65], const void *text, size_t len,
                                   struct cp_error *err) {
    struct cp_pem_reader reader;
    struct cp_pem_block block = {0};
    uint8_t *der = NULL;
    size_t der_len = 0, bad_offset = 0;
    const char *reason = "";
    bool found = false;
    out[0] = '\0';
    cp_pem_reader_init(&reader, (struct cp_span){text, len});
    do {
        enum cp_status status = cp_pem_next(&reader, &block, &found, err);
        if (status != CP_OK)
            return status;
        if (!found)
            return cp_fail(err, CP_ERR_PARSE, "no CERTIFICATE block");
    } while (block.kind != CP_PEM_CERTIFICATE);
    if (block.body.len > CP_MAX_FILE_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "certificate: over %zu bytes", CP_MAX_FILE_LEN);
    der = malloc(cp_base64_max(block.body.len));
    if (der == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "certificate: out of memory");
    enum cp_status status = cp_base64_decode(der, &der_len, block.body, &bad_offset, &reason);
    if (status != CP_OK)
        status = cp_fail(err, status, "certificate: %s", reason);
    else
        status = cp_sha256_hex(out, (struct cp_span){der, der_len}, err);
    free(der);
    return status;
}
