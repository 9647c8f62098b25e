/* pool: certificates that may complete a chain but were not handed in: from a folder, from AIA. */
#ifndef CP_POOL_H
#define CP_POOL_H

#include "cert.h"

struct cp_pool_cert {
    struct cp_cert cert;
    uint8_t *der;      /* owned; what cert borrows from */
    const char *label; /* borrowed from labels: file name or URL */
};

struct cp_pool {
    struct cp_pool_cert **certs; /* stable addresses: paths point into it */
    size_t num_certs, cap_certs;
    char **labels;
    size_t num_labels;
};

/* Label of a certificate that belongs to the pool; NULL for any other. */
const char *cp_pool_label(const struct cp_pool *pool, const struct cp_cert *cert);

#endif
