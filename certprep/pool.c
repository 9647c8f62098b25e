/* pool: what a folder or a server gave, taken for what it is by its content.
 *
 * Lenient inputs that are accepted: the labels of RFC 7468 5.1 for a certificate and those of
 * OpenSSL for PKCS#7. All else that is no certificate is passed over: a folder of intermediates
 * holds other files, too. */
#include "pool.h"

#include <stdlib.h>
#include <string.h>

#include "container/container.h"
#include "cp_limits.h"
#include "pem.h"

enum cp_status cp_pool_new(struct cp_pool **out, struct cp_error *err) {
    struct cp_pool *pool = calloc(1, sizeof(*pool));
    if (pool == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "pool: out of memory");
    *out = pool;
    return CP_OK;
}

static void cert_free(struct cp_pool_cert *item) {
    if (item == NULL)
        return;
    free(item->der);
    free(item);
}

void cp_pool_free(struct cp_pool *pool) {
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->num_certs; i++)
        cert_free(pool->certs[i]);
    for (size_t i = 0; i < pool->num_labels; i++)
        free(pool->labels[i]);
    free(pool->certs);
    free(pool->labels);
    free(pool);
}

const char *cp_pool_label(const struct cp_pool *pool, const struct cp_cert *cert) {
    for (size_t i = 0; pool != NULL && i < pool->num_certs; i++)
        if (&pool->certs[i]->cert == cert)
            return pool->certs[i]->label;
    return NULL;
}

/* What one call of cp_pool_add works with. */
struct adding {
    struct cp_pool *pool;
    const char *label; /* owned by the pool */
    size_t num_added;
};

static bool is_there(const struct cp_pool *pool, struct cp_span der) {
    for (size_t i = 0; i < pool->num_certs; i++)
        if (cp_span_equal(pool->certs[i]->cert.der, der))
            return true;
    return false;
}

static enum cp_status make_room(struct cp_pool *pool, const char *label, struct cp_error *err) {
    if (pool->num_certs == CP_MAX_POOL_CERTS)
        return cp_fail(err, CP_ERR_LIMIT, "%s: more than %d certificates to complete chains from",
                       label, CP_MAX_POOL_CERTS);
    if (pool->num_certs < pool->cap_certs)
        return CP_OK;
    size_t cap = pool->cap_certs == 0 ? 16 : pool->cap_certs * 2;
    struct cp_pool_cert **grown = realloc(pool->certs, cap * sizeof(*grown));
    if (grown == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "pool: out of memory");
    pool->certs = grown;
    pool->cap_certs = cap;
    return CP_OK;
}

static enum cp_status add_certificate(struct adding *adding, struct cp_span der,
                                      struct cp_error *err) {
    struct cp_pool *pool = adding->pool;
    struct cp_cert seen;
    if (cp_cert_parse(&seen, der, NULL) != CP_OK || is_there(pool, der))
        return CP_OK;
    enum cp_status status = make_room(pool, adding->label, err);
    if (status != CP_OK)
        return status;
    struct cp_pool_cert *item = calloc(1, sizeof(*item));
    if (item != NULL)
        item->der = malloc(der.len);
    if (item == NULL || item->der == NULL) {
        cert_free(item);
        return cp_fail(err, CP_ERR_MEMORY, "pool: out of memory");
    }
    memcpy(item->der, der.data, der.len);
    item->label = adding->label;
    status = cp_cert_parse(&item->cert, (struct cp_span){item->der, der.len}, err);
    if (status != CP_OK) {
        cert_free(item);
        return status;
    }
    pool->certs[pool->num_certs++] = item;
    adding->num_added++;
    return CP_OK;
}

static enum cp_status on_item(void *context, enum cp_item_kind kind, struct cp_span der,
                              size_t offset, struct cp_error *err) {
    (void)offset;
    return kind == CP_ITEM_CERTIFICATE ? add_certificate(context, der, err) : CP_OK;
}

/* Only what ends every reading is an error here; bad bytes are passed over. */
static enum cp_status add_der(struct adding *adding, struct cp_span der, struct cp_error *err) {
    struct cp_error why = {CP_OK, 0, 0, ""};
    struct cp_cert seen;
    size_t num_items = 0;
    if (cp_cert_parse(&seen, der, NULL) == CP_OK)
        return add_certificate(adding, der, err);
    enum cp_status status = cp_pkcs7_walk(der, on_item, adding, &num_items, &why);
    if (status == CP_ERR_MEMORY || status == CP_ERR_LIMIT)
        return cp_fail(err, status, "%s", why.message);
    return CP_OK;
}

static bool is_wanted(const struct cp_pem_block *block) {
    static const char *const labels[] = {"X509 CERTIFICATE", "X.509 CERTIFICATE", "PKCS7",
                                         "PKCS #7 SIGNED DATA", "CMS"};
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (cp_span_equal(block->label, cp_span_of(labels[i])))
            return true;
    return block->kind == CP_PEM_CERTIFICATE;
}

static enum cp_status add_text(struct adding *adding, struct cp_span text, struct cp_error *err) {
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    enum cp_status status = CP_OK;
    bool found = true;
    uint8_t *der = malloc(cp_base64_max(text.len) + 1);
    if (der == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "pool: out of memory");
    cp_pem_reader_init(&reader, text);
    reader.line = 0;
    while (status == CP_OK && reader.offset < text.len) {
        size_t len = 0, bad = 0;
        const char *reason = NULL;
        if (cp_pem_next(&reader, &block, &found, NULL) != CP_OK || !found || !is_wanted(&block) ||
            cp_base64_decode(der, &len, block.body, &bad, &reason) != CP_OK)
            continue;
        status = add_der(adding, (struct cp_span){der, len}, err);
    }
    free(der);
    return status;
}

/* The pool owns the copy from here on, whether or not a certificate comes to bear it. */
static enum cp_status keep_label(struct cp_pool *pool, const char *label, const char **kept,
                                 struct cp_error *err) {
    char **grown = realloc(pool->labels, (pool->num_labels + 1) * sizeof(*grown));
    if (grown == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "pool: out of memory");
    pool->labels = grown;
    grown[pool->num_labels] = cp_strdup_escaped(label);
    if (grown[pool->num_labels] == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "pool: out of memory");
    *kept = grown[pool->num_labels++];
    return CP_OK;
}

enum cp_status cp_pool_add(struct cp_pool *pool, const uint8_t *data, size_t data_len,
                           const char *label, size_t *num_added, struct cp_error *err) {
    struct adding adding = {.pool = pool};
    if (num_added != NULL)
        *num_added = 0;
    if (data_len > CP_MAX_FILE_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "%s: larger than the maximum of %zu bytes", label,
                       CP_MAX_FILE_LEN);
    if (data_len == 0)
        return CP_OK;
    enum cp_status status = keep_label(pool, label, &adding.label, err);
    if (status != CP_OK)
        return status;
    if (data[0] == CP_DER_SEQUENCE) /* or the digit 0, with which text may begin, too */
        status = add_der(&adding, (struct cp_span){data, data_len}, err);
    if (status == CP_OK && adding.num_added == 0)
        status = add_text(&adding, (struct cp_span){data, data_len}, err);
    if (adding.num_added == 0) {
        pool->num_labels--;
        free(pool->labels[pool->num_labels]);
    }
    if (num_added != NULL)
        *num_added = adding.num_added;
    return status;
}
