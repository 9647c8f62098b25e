/* Taking evidence in: PEM or DER, copied, read, kept. */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pem.h"

enum cp_status cp_evidence_new(struct cp_evidence **out, struct cp_error *err) {
    *out = calloc(1, sizeof(**out));
    return *out == NULL ? cp_fail(err, CP_ERR_MEMORY, "evidence: out of memory") : CP_OK;
}

/* A list may be as large as a disk image: a mapping costs no memory that the kernel could not take
 * back. */
static void release(struct cp_evidence_item *item) {
    if (item->mapped_len != 0)
        (void)munmap(item->der, item->mapped_len);
    else
        free(item->der);
}

void cp_evidence_free(struct cp_evidence *evidence) {
    if (evidence == NULL)
        return;
    for (size_t i = 0; i < evidence->num_items; i++)
        release(&evidence->items[i]);
    for (size_t i = 0; i < evidence->num_gaps; i++) {
        free(evidence->gaps[i].message);
        free(evidence->gaps[i].cert);
    }
    for (size_t i = 0; i < evidence->num_labels; i++)
        free(evidence->labels[i]);
    free(evidence->items);
    free(evidence->gaps);
    free(evidence->labels);
    free(evidence);
}

/* The evidence owns the copy. */
static enum cp_status keep_label(struct cp_evidence *evidence, const char *label, const char **kept,
                                 struct cp_error *err) {
    char **grown = realloc(evidence->labels, (evidence->num_labels + 1) * sizeof(*grown));
    if (grown == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "evidence: out of memory");
    evidence->labels = grown;
    grown[evidence->num_labels] = cp_strdup_escaped(label);
    if (grown[evidence->num_labels] == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "evidence: out of memory");
    *kept = grown[evidence->num_labels++];
    return CP_OK;
}

static enum cp_status make_room(struct cp_evidence *evidence, const char *label,
                                struct cp_error *err) {
    if (evidence->num_items == CP_MAX_EVIDENCE)
        return cp_fail(err, CP_ERR_LIMIT, "%s: more than %d revocation lists and OCSP responses",
                       label, CP_MAX_EVIDENCE);
    if (evidence->num_items < evidence->cap_items)
        return CP_OK;
    size_t cap = evidence->cap_items == 0 ? 4 : evidence->cap_items * 2;
    struct cp_evidence_item *grown = realloc(evidence->items, cap * sizeof(*grown));
    if (grown == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "evidence: out of memory");
    evidence->items = grown;
    evidence->cap_items = cap;
    return CP_OK;
}

/* Takes over item.der in any case. */
static enum cp_status keep(struct cp_evidence *evidence, struct cp_evidence_item item,
                           size_t der_len, struct cp_error *err) {
    struct cp_error why = {CP_OK, 0, 0, ""};
    struct cp_span span = {item.der, der_len};
    enum cp_status status = make_room(evidence, item.label, err);
    if (status == CP_OK) {
        status = item.is_crl ? cp_crl_parse(&item.crl, span, &why)
                             : cp_ocsp_parse(&item.ocsp, span, &why);
        if (status != CP_OK)
            cp_fail(err, status, "%s: %s: %s", item.label,
                    item.is_crl ? "revocation list" : "OCSP response", why.message);
    }
    if (status == CP_OK)
        evidence->items[evidence->num_items++] = item;
    else
        release(&item);
    return status;
}

static enum cp_status keep_copy(struct cp_evidence *evidence, struct cp_evidence_item item,
                                struct cp_span der, struct cp_error *err) {
    item.der = malloc(der.len + 1);
    if (item.der == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "evidence: out of memory");
    memcpy(item.der, der.data, der.len);
    return keep(evidence, item, der.len, err);
}

static enum cp_status keep_block(struct cp_evidence *evidence, struct cp_evidence_item item,
                                 const struct cp_pem_block *block, struct cp_error *err) {
    size_t len = 0, bad = 0;
    const char *reason = NULL;
    item.der = malloc(cp_base64_max(block->body.len) + 1);
    if (item.der == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "evidence: out of memory");
    if (cp_base64_decode(item.der, &len, block->body, &bad, &reason) == CP_OK)
        return keep(evidence, item, len, err);
    free(item.der);
    return cp_fail(err, CP_ERR_PARSE, "%s:%zu: %s", item.label, block->begin_line, reason);
}

static enum cp_status add_pem(struct cp_evidence *evidence, struct cp_evidence_item item,
                              struct cp_span text, struct cp_error *err) {
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    struct cp_error why = {CP_OK, 0, 0, ""};
    enum cp_status status = CP_OK;
    size_t num = 0;
    bool found = true;
    cp_pem_reader_init(&reader, text);
    while (status == CP_OK && found) {
        status = cp_pem_next(&reader, &block, &found, &why);
        if (status != CP_OK) {
            status = cp_fail(err, status, "%s: %s", item.label, why.message);
            break;
        }
        if (!found || !cp_span_equal(block.label, cp_span_of("X509 CRL")))
            continue;
        status = keep_block(evidence, item, &block, err);
        num++;
    }
    if (status == CP_OK && num == 0)
        status = cp_fail(err, CP_ERR_INPUT, "%s: no revocation list: neither DER nor X509 CRL",
                         item.label);
    return status;
}

static enum cp_status add(struct cp_evidence *evidence, struct cp_evidence_item item,
                          const uint8_t *data, size_t data_len, const char *label,
                          struct cp_error *err) {
    size_t max = item.is_crl ? CP_MAX_CRL_LEN : CP_MAX_OCSP_LEN;
    enum cp_status status = keep_label(evidence, label, &item.label, err);
    if (status != CP_OK)
        return status;
    if (data_len > max)
        return cp_fail(err, CP_ERR_LIMIT, "%s: larger than the maximum of %zu bytes", item.label,
                       max);
    if (data_len == 0)
        return cp_fail(err, CP_ERR_INPUT, "%s: empty", item.label);
    if (item.is_crl && data[0] != CP_DER_SEQUENCE)
        return add_pem(evidence, item, (struct cp_span){data, data_len}, err);
    return keep_copy(evidence, item, (struct cp_span){data, data_len}, err);
}

enum cp_status cp_evidence_add_mapped_crl(struct cp_evidence *evidence, void *map, size_t map_len,
                                          const char *label, struct cp_error *err) {
    struct cp_evidence_item item = {.is_crl = true, .der = map, .mapped_len = map_len};
    enum cp_status status = keep_label(evidence, label, &item.label, err);
    if (status == CP_OK && item.der[0] == CP_DER_SEQUENCE)
        return keep(evidence, item, map_len, err);
    if (status == CP_OK)
        status = add_pem(evidence, (struct cp_evidence_item){.is_crl = true, .label = item.label},
                         (struct cp_span){map, map_len}, err);
    release(&item);
    return status;
}

enum cp_status cp_evidence_add_crl(struct cp_evidence *evidence, const uint8_t *data,
                                   size_t data_len, const char *label, struct cp_error *err) {
    return add(evidence, (struct cp_evidence_item){.is_crl = true}, data, data_len, label, err);
}

enum cp_status cp_evidence_add_ocsp(struct cp_evidence *evidence, const uint8_t *data,
                                    size_t data_len, const char *label, struct cp_error *err) {
    return add(evidence, (struct cp_evidence_item){.is_crl = false}, data, data_len, label, err);
}

enum cp_status cp_evidence_add_fetched(struct cp_evidence *evidence, bool is_crl,
                                       const uint8_t *data, size_t data_len, const char *label,
                                       struct cp_error *err) {
    struct cp_evidence_item item = {.is_crl = is_crl, .fetched = true};
    return add(evidence, item, data, data_len, label, err);
}

enum cp_status cp_evidence_add_gap(struct cp_evidence *evidence, const struct cp_cert *cert,
                                   const char *message, struct cp_error *err) {
    struct cp_evidence_gap gap = {.message = NULL};
    if (evidence->num_gaps == CP_MAX_EVIDENCE)
        return CP_OK;
    if (evidence->num_gaps == evidence->cap_gaps) {
        size_t cap = evidence->cap_gaps == 0 ? 4 : evidence->cap_gaps * 2;
        struct cp_evidence_gap *grown = realloc(evidence->gaps, cap * sizeof(*grown));
        if (grown == NULL)
            return cp_fail(err, CP_ERR_MEMORY, "evidence: out of memory");
        evidence->gaps = grown;
        evidence->cap_gaps = cap;
    }
    gap.message = cp_strdup_escaped(message);
    gap.cert = malloc(cert->der.len + 1);
    if (gap.message == NULL || gap.cert == NULL) {
        free(gap.message);
        free(gap.cert);
        return cp_fail(err, CP_ERR_MEMORY, "evidence: out of memory");
    }
    memcpy(gap.cert, cert->der.data, cert->der.len);
    gap.cert_len = cert->der.len;
    evidence->gaps[evidence->num_gaps++] = gap;
    return CP_OK;
}
