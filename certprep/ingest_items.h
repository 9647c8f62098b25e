/* ingest_items: what has been read into a bundle, item by item. Internal to ingest.c. */
#ifndef CP_INGEST_ITEMS_H
#define CP_INGEST_ITEMS_H

#include "bundle.h"

/* A finding in waiting. message and help are copied; help may be NULL: the rule's. */
CP_MUST_USE enum cp_status cp_ingest_defect(struct cp_bundle *bundle, enum cp_check check,
                                            const struct cp_place *place, size_t column,
                                            const char *message, const char *help,
                                            struct cp_error *err);

/* Counts one object more; CP_ERR_LIMIT over CP_MAX_BLOCKS. */
CP_MUST_USE enum cp_status cp_ingest_count(struct cp_bundle *bundle, const char *name,
                                           struct cp_error *err);

/* der must live as long as the bundle. What is malformed becomes a defect. */
CP_MUST_USE enum cp_status cp_ingest_cert(struct cp_bundle *bundle, struct cp_span der,
                                          const struct cp_place *place, struct cp_error *err);

/* As above; der may lie in *own, which may be empty and is taken over whatever happens. */
CP_MUST_USE enum cp_status cp_ingest_key(struct cp_bundle *bundle, struct cp_span der,
                                         enum cp_key_format format, struct cp_secret *own,
                                         const struct cp_place *place, struct cp_error *err);

/* An encrypted key: without a pass phrase a defect, with a wrong one a status. traditional is the
 * whole PEM block if that is the form of it, else empty: then der is an EncryptedPrivateKeyInfo. */
CP_MUST_USE enum cp_status cp_ingest_encrypted(struct cp_bundle *bundle, struct cp_span der,
                                               struct cp_span traditional,
                                               enum cp_key_format format,
                                               const struct cp_place *place, struct cp_error *err);

/* Containers; place is the container's. der must live as long as the bundle. */
CP_MUST_USE enum cp_status cp_ingest_pkcs7(struct cp_bundle *bundle, struct cp_span der,
                                           const struct cp_place *place, struct cp_error *err);
CP_MUST_USE enum cp_status cp_ingest_pkcs12(struct cp_bundle *bundle, struct cp_span der,
                                            const struct cp_place *place, struct cp_error *err);

#endif
